Which accelerators? The answer in a sentence first.

  $ cat > chat.yaml <<END
  > model: llama-3.1-8b
  > traffic: {preset: azure-2023-conv, rate: 10/s, limit: 2500}
  > slo: {ttft: {p99: 2s}, tpot: {p99: 50ms}}
  > accelerators: [h100, l40s, a10, t4]
  > as_of: 2026-10
  > END
  $ moat plan chat.yaml --quiet > out; tr '\n' ' ' < out | cut -c1-400 | grep -cE '^(Rent|Own) [0-9]+ x [a-z0-9-]+ \([^)]*replicas?, tp [0-9]+\) at \$[0-9.]+/h: p99 TTFT .*, p99 TPOT .*, \$[0-9.]+ per million output tokens \((measured|inferred|assumed)\)\.'
  1
  $ awk 'length($0) > 80' out
  $ grep -E '^accelerator ' out
  accelerator +replicas +cards .*\$/h .* ev (re)
  $ grep -oE '^(asked|prices|simulated)' out
  asked
  prices
  simulated

The document, and the same bytes for one thread and two.

  $ moat plan chat.yaml --json --quiet --threads 1 > a.json; python3 "$TESTDIR/contract.py" moat.plan/1 < a.json
  ok
  $ moat plan chat.yaml --json --quiet --threads 2 | python3 "$TESTDIR/contract.py" --same a.json
  same
  $ python3 - <<END
  > import json
  > d = json.load(open('a.json'))
  > c = d['candidates']
  > assert sorted(x['accelerator'] for x in c) == ['a10', 'h100-sxm-80', 'l40s', 't4'], c
  > assert [x['rank'] for x in c] == [1, 2, 3, 4]
  > assert all(x['devices'] == x['replicas'] * x['tp'] * x['pp'] * x['dp'] for x in c if x['feasible'])
  > cost = [x['usd_per_mtok'] for x in c if x['feasible'] and x['price_as_asked']]
  > assert cost == sorted(cost), cost
  > assert all(x['tpot_ms']['p99'] <= 50 and x['ttft_ms']['p99'] <= 2000 for x in c if x['feasible'])
  > END
  $ moat plan chat.yaml --csv --quiet | wc -l
  5

What was asked can be asked again, and flags win over the file.

  $ python3 -c 'import json; json.dump(json.load(open("a.json"))["inputs"], open("again.json", "w"))'
  $ moat plan again.json --json --quiet | python3 -c 'import json, sys; a = json.load(open("a.json")); b = json.load(sys.stdin); print(a["candidates"] == b["candidates"])'
  True
  $ moat plan chat.yaml --json --quiet --accelerators l40s --slo-tpot-p99 60ms --rate 5/s | python3 -c 'import json, sys; d = json.load(sys.stdin)["inputs"]; print(d["accelerators"], d["slo"]["tpot"]["p99"], d["traffic"]["rate"])'
  l40s 60ms 5/s
  $ moat plan --model llama-3.1-8b --preset azure-2023-conv --rate 5/s --set traffic.limit=2000 --slo-ttft-p99 1s --accelerators l40s,h100 --csv --quiet | cut -d, -f1 | sort
  accelerator
  h100-sxm-80
  l40s
  $ cat chat.yaml | moat plan - --csv --quiet | wc -l
  5

Promises nobody keeps: exit 1, the document all the same, with what binds and by how much.

  $ moat plan chat.yaml --quiet --slo-tpot-p99 100us > out
  [1]
  $ head -3 out | tr '\n' ' '
  No accelerator keeps every promise. The closest, h100-sxm-80 (tp 8), misses TPOT: *, limit 100 us (over by a factor of *). * (no-eol) (glob)
  $ moat plan chat.yaml --quiet --slo-tpot-p99 100us --json > no.json
  [1]
  $ python3 "$TESTDIR/contract.py" moat.plan/1 < no.json
  ok
  $ python3 -c 'import json; d = json.load(open("no.json")); print(d["answered"], d["best"], {c["binding"] for c in d["candidates"]}, all(c["short_by"] > 1 for c in d["candidates"]))'
  False None {'tpot'} True

A prompt that no device holds, and a model that does not fit.

  $ printf 'arrival_s,input_tokens,output_tokens\n0,100000000,10\n1,100,10\n2,100,10\n' > million.csv
  $ moat plan chat.yaml --trace million.csv --accelerators t4,a10 --quiet --json > m.json
  [1]
  $ python3 -c 'import json; d = json.load(open("m.json")); print(d["answered"], {c["binding"] for c in d["candidates"]})'
  False {'memory'}
  $ moat plan chat.yaml --model deepseek-v3 --accelerators groq-lpu1 --quiet | head -3 | tr '\n' ' '
  No accelerator keeps every promise. The closest, groq-lpu1 (*), does not fit: needs * (over by a factor of *). * (no-eol) (glob)

What is owned is used first.

  $ moat plan chat.yaml --set 'have={a10: 8}' --rate 3/s --quiet | head -1
  What you own is enough: [0-9]+ x a10 carry all of this traffic, at \$[0-9.]+/h for power (re)
  $ moat plan chat.yaml --set 'have={h100: 1}' --rate 40/s --quiet | tr '\n' ' ' | grep -oE '^Use the 1 x h100-sxm-80 you own for [0-9]+% of the traffic. For the rest: (Rent|Own) [0-9]+'
  Use the 1 x h100-sxm-80 you own for [0-9]+% of the traffic. For the rest: (Rent|Own) [0-9]+ (re)
  $ moat plan chat.yaml --set 'have={l4: 1}' --quiet | grep -o '^What you own cannot keep the promises'
  What you own cannot keep the promises

Cards under a power cap draw less, and no fewer of them serve.

  $ C="moat plan chat.yaml --accelerators h100,l40s --rate 10/s --json --quiet"
  $ $C > free.json; $C --power-cap 250W > capped.json; python3 - <<END
  > import json
  > a, b = ({c['accelerator']: c for c in json.load(open(f))['candidates']} for f in ('free.json', 'capped.json'))
  > for k in a:
  >     assert b[k]['devices'] >= a[k]['devices'] and b[k]['power_kw'] / b[k]['devices'] < a[k]['power_kw'] / a[k]['devices'], k
  > print(sorted(a))
  > END
  ['h100-sxm-80', 'l40s']
  $ moat plan chat.yaml --accelerators h100 --power-cap 100W --quiet > no.txt
  [1]
  $ grep -o 'draws about 140 W while it waits' no.txt | head -1
  draws about 140 W while it waits

A note, unless --quiet.

  $ moat plan chat.yaml --accelerators l40s 2>&1 > /dev/null | grep -c '^moat: note: '
  [1-9] (re)
  $ moat plan chat.yaml --accelerators l40s --quiet 2>&1 > /dev/null

Prompts that begin alike need fewer cards where they are sent to one replica; the notes say when nothing can be shared.

  $ python3 - > chats.jsonl <<END
  > import json
  > for turn in range(8):
  >     for chat in range(60):
  >         ids = [0] + [1000 * (chat + 1) + k for k in range(5 + 3 * turn)]
  >         print(json.dumps({'timestamp': 40 * (60 * turn + chat), 'input_length': 512 * len(ids), 'output_length': 60, 'hash_ids': ids}))
  > END
  $ cards() { moat plan --model llama-3.1-8b --accelerators h100 --trace chats.jsonl --slo-ttft-p99 1s --slo-tpot-p99 60ms --quiet --json "$@" | python3 -c 'import json, sys; print(json.load(sys.stdin)["best"]["devices"])'; }
  $ echo $(($(cards --set router=prefix-aware) * 2 < $(cards --set prefix_cache=false)))
  1
  $ moat plan --model gpt-oss-20b --accelerators h100 --trace chats.jsonl --slo-ttft-p99 9s 2>&1 > /dev/null | grep prefix_cache
  moat: note: prefix_cache: the layers of gpt-oss-20b differ in what they keep, and such blocks are not shared here: every prompt is computed whole

MIG instances stand among the cards when asked for, and whole cards are paid for.

  $ moat plan chat.yaml --accelerators h100,l4 --mig --quiet --json | python3 -c 'import json, sys
  > c = json.load(sys.stdin)["candidates"]
  > mig = {x["accelerator"]: x for x in c if "/" in x["accelerator"]}
  > print(sorted(mig), len(c))
  > half = mig["h100-sxm-80/3g.40gb"]
  > card = next(x for x in c if x["accelerator"] == "h100-sxm-80")
  > cards = -(-half["devices"] // 2)
  > print(half["feasible"], abs(half["usd_per_hour"] / card["usd_per_hour"] * card["devices"] - cards) < 1e-9, half["tp"], half["evidence"])'
  ['h100-sxm-80/1g.10gb', 'h100-sxm-80/1g.20gb', 'h100-sxm-80/2g.20gb', 'h100-sxm-80/3g.40gb', 'h100-sxm-80/4g.40gb'] 7
  True True 1 inferred

Prefill and decode apart, beside the ranking when asked for.

  $ moat plan --model llama-3.1-8b --accelerators h100,l40s --preset azure-2023-conv --rate 40/s --set traffic.limit=2000 --slo-ttft-p99 1s --slo-tpot-p99 30ms --disaggregated --json --quiet > apart.json; python3 "$TESTDIR/contract.py" moat.plan/1 < apart.json
  ok
  $ python3 -c 'import json; d = json.load(open("apart.json"))["disaggregated"]; print(d["mode"], d["feasible"], d["devices"] == d["prefill"]["devices"] + d["decode"]["devices"], d["ttft_ms"]["p99"] <= 1000, d["tpot_ms"]["p99"] <= 30)'
  disaggregated True True True True

Traffic that is over in seconds says little of a steady load, and a plan says so.

  $ moat plan chat.yaml --accelerators h100 --rate 500/s 2>&1 > /dev/null | grep -o 'this traffic lasts only [0-9.]* s'
  this traffic lasts only [0-9.]+ s (re)
