A grid over keys of a scenario: one row a cell, the last key fastest.

  $ cat > s.yaml <<END
  > model: llama-3.1-8b
  > accelerator: l40s
  > traffic: {preset: azure-2023-conv, rate: 6/s, limit: 400}
  > slo: {ttft: {p99: 2s}, tpot: {p99: 60ms}}
  > sweep:
  >   replicas: 1..2
  >   scheduler.max_tokens: [1024, 8192]
  >   accelerator: l40s, t4
  > END
  $ moat sweep s.yaml --quiet > out.txt; head -3 out.txt
  8 cells of replicas x scheduler.max_tokens x accelerator, each simulated. The
  cheapest that keeps every promise: replicas *, scheduler.max_tokens *, (glob)
  accelerator l40s; * (glob)
  $ sed -n '/^replicas/,/^$/p' out.txt | awk 'NR > 1 && NF { print $1, $2, $3, $NF }'
  1 1024 l40s (yes|no|grows) (re)
  1 1024 t4 [1]
  1 8192 l40s (yes|no|grows) (re)
  1 8192 t4 [1]
  2 1024 l40s yes
  2 1024 t4 [1]
  2 8192 l40s yes
  2 8192 t4 [1]
  $ grep -A1 '^\[1\]' out.txt
  [1] 4 cells: llama-3.1-8b does not fit on 1 x t4: * (glob)
      * (glob)
  $ awk 'length($0) > 80' out.txt

The document, and each cell of it as moat sim says it.

  $ moat sweep s.yaml --json --quiet --threads 1 > a.json; python3 "$TESTDIR/contract.py" moat.sweep/1 < a.json
  ok
  $ moat sweep s.yaml --json --quiet --threads 2 | python3 "$TESTDIR/contract.py" --same a.json
  same
  $ sed '/^sweep/,$d' s.yaml > one.yaml; moat sim one.yaml --replicas 2 --max-tokens 8192 --json --quiet > one.json; python3 - <<END
  > import json
  > d, one = json.load(open('a.json')), json.load(open('one.json'))
  > assert [list(c['inputs'].values()) for c in d['cells']] == [[r, m, a] for r in (1, 2) for m in (1024, 8192) for a in ('l40s', 't4')]
  > c = d['cells'][6]
  > for m in ('ttft', 'tpot', 'itl', 'e2e'):
  >     for q in ('mean', 'p50', 'p90', 'p99'):
  >         assert c[f'{m}_{q}_ms'] == one[f'{m}_ms'][q], (m, q)
  > assert c['usd_per_mtok'] == one['usd_per_mtok'] and c['utilisation_frac'] == one['utilisation_frac'] and c['slo_held'] is True
  > assert c['output_tok_s'] == one['throughput']['output_tok_s'] and c['goodput_req_s'] == one['goodput_req_s']
  > bad = d['cells'][7]
  > assert not bad['answered'] and 'does not fit' in bad['reason'] and bad['ttft_p99_ms'] is None and bad['slo_held'] is None
  > assert d['answered'] == 4 and d['cells'][d['best']]['slo_held'], d['best']
  > print(list(d['inputs']['sweep']), d['inputs']['sweep']['replicas'])
  > END
  ['replicas', 'scheduler.max_tokens', 'accelerator'] [1, 2]

What the document says was asked can be asked again; flags take the place of the file's axes.

  $ python3 -c 'import json; json.dump(json.load(open("a.json"))["inputs"], open("again.json", "w"))'
  $ moat sweep again.json --json --quiet | python3 -c 'import json, sys; a, b = json.load(open("a.json")), json.load(sys.stdin); print(a["cells"] == b["cells"])'
  True
  $ moat sweep s.yaml --over replicas=3 --over 'accelerator=[l40s]' --csv --quiet | cut -d, -f1-5
  replicas,scheduler.max_tokens,accelerator,answered,chosen_accelerator
  3,1024,l40s,true,l40s
  3,8192,l40s,true,l40s

Intervals of the prediction, and over seeds.

  $ R="moat sweep one.yaml --over replicas=1..2 --csv --quiet"
  $ python3 - "$($R)" "$($R --intervals)" "$($R --seeds 4)" <<END
  > import csv, sys
  > plain, wide, seeds = (list(csv.DictReader(x.splitlines())) for x in sys.argv[1:])
  > assert 'ttft_p99_ms_lo' not in plain[0] and plain[1]['ttft_p99_ms'] == wide[1]['ttft_p99_ms']
  > for rows in (wide, seeds):
  >     for r in rows:
  >         assert float(r['ttft_p99_ms_lo']) <= float(r['ttft_p99_ms']) <= float(r['ttft_p99_ms_hi'])
  > assert [r['seeds'] for r in seeds] == ['4', '4'] and seeds[1]['seeds_held'] == '4'
  > END

Operating points and plans as cells.

  $ moat sweep --run predict --model llama-3.1-8b --accelerator l40s --over 'batch=1..16*4' --csv --quiet | cut -d, -f1,2,11
  batch,answered,rejected_frac
  1,true,
  4,true,
  16,true,
  $ moat sweep --run predict --model llama-3.1-8b --accelerator l40s --over 'batch=1..16*4' --quiet | sed -n '3,$p' | awk '{ print $1, NF }'
  TTFT 4
  batch 8
  1 9
  4 9
  16 9
  $ moat sweep --run plan --model llama-3.1-8b --preset azure-2023-conv --set traffic.limit=400 --set 'accelerators=[l4, l40s]' --over 'slo.tpot.p99=[10us, 80ms]' --csv --quiet | cut -d, -f1,2,3
  slo.tpot.p99,answered,chosen_accelerator
  10us,false,
  80ms,true,l4* (glob)

A journal: stopped in the middle and resumed, the same bytes; a last line that was cut short is computed again.

  $ moat sweep s.yaml --quiet --csv > whole.csv; moat sweep s.yaml --quiet --csv --journal j > first.csv; cmp whole.csv first.csv; wc -l < j
  9
  $ sort j > all; for n in 0 10 40 200 1200 2500; do
  >   head -c $n j > cut
  >   moat sweep s.yaml --quiet --csv --journal cut > resumed.csv; cmp whole.csv resumed.csv; sort cut | cmp - all
  > done
  $ moat sweep s.yaml --quiet --json --journal j | python3 -c 'import json, sys; a, b = json.load(open("a.json")), json.load(sys.stdin); print(b["run"]["cells_from_journal"]); a.pop("run"); b.pop("run"); print(a == b)'
  8
  True
  $ moat sweep s.yaml --quiet --csv --journal j --over replicas=1..3 > more.csv; head -9 more.csv | cmp - whole.csv; wc -l < j
  13
  $ moat sweep s.yaml --journal s.yaml
  moat: s.yaml: this is no journal of moat sweep; name a file that is not there yet, or one that --journal wrote
  [2]
  $ moat sweep s.yaml --journal nowhere/j
  moat: nowhere/j: cannot write: No such file or directory
  [3]
  $ moat sweep s.yaml --quiet --journal /dev/null
  moat: /dev/null: expected a plain file: a journal is read and written
  [2]
  $ flock j moat sweep s.yaml --quiet --journal j
  moat: j: another sweep is writing it
  [3]

No cell with an answer: exit 1, with the rows.

  $ moat sweep one.yaml --quiet --over accelerator=t4 --over tp=1,3 > none.txt
  [1]
  $ grep -c '\[[12]\]' none.txt
  4

What cannot be asked.

  $ moat sweep one.yaml
  moat: sweep: nothing to vary; write --over 'replicas=1..8', or a sweep: section in the file
  [2]
  $ moat sweep one.yaml --over replcias=1..8
  moat: --over replcias: unknown key "replcias"; did you mean "replicas"?
  [2]
  $ moat sweep one.yaml --over 'replicas=[]'
  moat: --over replicas: no values: there is nothing to vary; write a list or a range, as [1, 2, 4] or 1..8
  [2]
  $ moat sweep one.yaml --over replicas=1..1000 --over tp=1..1000
  moat: sweep: the grid has 1000000 cells, 10000 are allowed; vary less, or allow more with --max-cells
  [2]
  $ moat sweep one.yaml --over replicas=1..8 --max-cells 4
  moat: sweep: the grid has 8 cells, 4 are allowed; vary less, or allow more with --max-cells
  [2]
  $ moat sweep one.yaml --over replicas=1,nan
  moat: --over replicas: expected a whole number, got "nan"
  [2]
  $ moat sweep one.yaml --over traffic.rate=2/s,nan --quiet
  moat: --over traffic.rate: expected a rate such as 20/s or 1200/min, got "nan"
  [2]
  $ moat sweep one.yaml --over accelerator=h100,h2000
  moat: --over accelerator: unknown accelerator "h2000"; did you mean "h200"?
  [2]
  $ moat sweep one.yaml --over scheduler=vlm
  moat: --over scheduler: unknown scheduler "vlm"
  [2]
  $ moat sweep one.yaml --over batch=1,2
  moat: --over batch: moat sim does not take this key; the traffic decides the batch; it belongs to predict
  [2]
  $ moat sweep one.yaml --over seed=1..4 --seed 7
  moat: --over seed: --seed and a sweep over seeds exclude each other
  [2]
  $ moat sweep one.yaml --over tp=1,2 --run plna
  moat: unknown command "plna"; did you mean "plan"?
  [2]
  $ sed 's/1..2/[1, two]/' s.yaml > two.yaml; moat sweep two.yaml
  moat: two.yaml:6: sweep.replicas.1: expected a whole number, got "two"
  [2]
  $ sed 's/replicas: 1..2/replcas: 1..2/' s.yaml > typo.yaml; moat sweep typo.yaml
  moat: typo.yaml:6: sweep.replcas: unknown key "replcas"; did you mean "replicas"?
  [2]
  $ moat sim s.yaml
  moat: s.yaml:6: sweep: moat sim does not take this key; it belongs to sweep, or take it out
  [2]
  $ moat sweep one.yaml --over traffic.trace=nowhere.csv --set 'traffic={}' --quiet
  moat: --over traffic.trace: no such file: nowhere.csv; give a path from the scenario's folder or the working directory
  [3]
