Two scenarios side by side.

  $ cat > a.yaml <<END
  > model: llama-3.1-8b
  > traffic: {preset: azure-2023-conv, rate: 10/s, limit: 2500}
  > slo: {ttft: {p99: 2s}, tpot: {p99: 50ms}}
  > accelerators: [h100, l40s]
  > END
  $ sed -e 's/10\/s/20\/s/' -e 's/50ms/40ms/' a.yaml > b.yaml
  $ moat compare a.yaml b.yaml --quiet > out; sed -n '/what differs/,/^$/p' out
    what differs  a.yaml  b.yaml
    traffic.rate  "10/s"  "20/s"
    slo.tpot.p99  "50ms"  "40ms"
  
  $ sed -n '/^Why they differ/,/^$/p' out | awk '{ print $1 }'
  Why
  one
  traffic
  slo
  
  $ moat compare a.yaml b.yaml --json --quiet > c.json; python3 "$TESTDIR/contract.py" moat.compare/1 < c.json
  ok
  $ python3 -c 'import json; d = json.load(open("c.json")); print([x["key"] for x in d["differences"]], [x["key"] for x in d["one_key_alone"]])'
  ['traffic.rate', 'slo.tpot.p99'] ['traffic', 'slo']
  $ moat compare a.yaml a.yaml --quiet | grep 'The two'
  The two ask the same.

Two deployments are simulated; one of each is refused.

  $ cat > s.yaml <<END
  > model: llama-3.1-8b
  > accelerator: l40s
  > traffic: {preset: azure-2023-conv, rate: 2/s, limit: 500}
  > END
  $ sed 's/2\/s/4\/s/' s.yaml > t.yaml
  $ moat compare s.yaml t.yaml --quiet | grep -E '^(s|t).yaml|^  traffic'
  s.yaml: 1 x l40s (1 x tp 1)
  t.yaml: 1 x l40s (1 x tp 1)
    traffic.rate  "2/s"   "4/s"
  $ moat compare s.yaml a.yaml
  moat: s.yaml: names one accelerator, so it is a deployment; the other is a question for plan; compare two of a kind
  [2]
  $ moat compare s.yaml nowhere.yaml
  moat: nowhere.yaml: cannot be opened: No such file or directory
  [3]

Why did it lose?

  $ moat explain l40s in a.yaml --quiet > out; grep -cE '^(l40s is number|l40s wins)' out
  1
  $ grep -c '^What would flip it' out
  [01] (re)
  $ grep -c 'gemm.gate_up' out
  1
  $ moat explain a10 in a.yaml --quiet | head -1 | cut -d' ' -f1
  a10
  $ moat explain l40s in a.yaml --json --quiet | python3 "$TESTDIR/contract.py" moat.explain/1
  ok
  $ moat explain l40 s in a.yaml
  moat: explain: one argument too many: "a.yaml"; usage: moat explain ACCELERATOR in SCENARIO.yaml
  [2]
  $ moat explain l400 in a.yaml
  moat: accelerator: *"l400"; did you mean "l40"? (glob)
  [2]
