The first example of every command in its help runs as it is, in the folder of the checkout.

  $ cd "$MOAT_SOURCE"
  $ for c in predict sim catalog trace; do
  >   moat help $c | sed -n '/^Examples/,/^$/p' | sed -e ':a' -e '/\\$/N; s/ \\\n */ /; ta' | sed -n 's/^  \(moat .*\)/\1/p' | grep -v 'yaml$\|csv$' > "$CRAMTMP/lines"
  >   while read -r line; do sh -c "$line" > "$CRAMTMP/out" 2> "$CRAMTMP/err" || { echo "$line: exit $?"; cat "$CRAMTMP/err"; }; done < "$CRAMTMP/lines"
  > done

Every document is strict JSON with the common keys.

  $ moat predict llama-3.1-8b on l4 --json --quiet | python3 "$TESTDIR/contract.py" moat.predict/1
  ok
  $ moat sim examples/sim-70b-h100.yaml --set traffic.limit=500 --json --quiet | python3 "$TESTDIR/contract.py" moat.sim/1
  ok
  $ moat plan examples/chat-8b.yaml --accelerators l4,l40s --set traffic.limit=2000 --json --quiet | python3 "$TESTDIR/contract.py" moat.plan/1
  ok
  $ for what in 'predict llama-3.1-8b on l4' 'trace stat azure-2023-conv' 'catalog list'; do moat $what --json --quiet | python3 -m json.tool > /dev/null && echo ok; done
  ok
  ok
  ok
