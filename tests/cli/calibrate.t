A few constants of one deployment from a few measured points. These are made by moat itself as examples/calibrate-70b.csv was,
with times of memory, multiplications, fixed times and requests stretched by known factors; they come back.

  $ "$MOAT_SOURCE/scripts/calibrate-example" moat > points.csv
  $ moat calibrate points.csv --out mine.yaml > out; head -1 out
  llama-3.1-70b at fp8 on h100-sxm-80, vllm: 8 points
  $ awk 'length($0) > 80' out
  $ moat calibrate points.csv --json > c.json; python3 "$TESTDIR/contract.py" moat.calibrate/1 < c.json; python3 - <<END
  > import json, math
  > d = json.load(open('c.json'))
  > truth = {'compute': 1.25, 'memory': 1.15, 'fixed': 1.5, 'link': 1, 'request': 2}
  > for c in d['constants']:
  >     if c['state'] == 'identified':
  >         assert abs(math.log(c['factor'] / truth[c['name']])) < 2.5 * c['width_after'], c
  >         assert c['factor_lo'] < c['factor'] < c['factor_hi']
  > s = d['left_out']['step']
  > assert s['n'] == 8 and s['median_ape_pct'] < 6 < 15 < s['median_ape_pct_before'], s
  > assert d['left_out']['better'] and d['interval']['step_hi'] < d['interval_before']['step_hi'] / 2
  > END
  ok
  $ moat calibrate points.csv --json --threads 1 | python3 "$TESTDIR/contract.py" --same c.json
  same

The file is small, and every command takes it; alone, or in a folder. It speaks for this model in this format only.

  $ grep -c . mine.yaml
  2[0-9] (re)
  $ ask() { moat predict $1 on h100 --tp 4 --precision $2 --json --quiet $3 $4 | python3 -c 'import json,sys; d = json.load(sys.stdin); print(d["evidence"], round(d["tpot_ms"], 3), round(d["tpot_ms_hi"] / d["tpot_ms"], 2))'; }
  $ ask llama-3.1-70b fp8 > without
  $ ask llama-3.1-70b fp8 --catalog mine.yaml > with; mkdir -p own/calibrations; cp mine.yaml own/calibrations/
  $ ask llama-3.1-70b fp8 --catalog own | cmp - with && cut -d' ' -f1 with
  measured
  $ paste -d' ' with without | awk '$2 > 1.1 * $5 && $3 < $6 { print "slower, as it was measured, and surer" }'
  slower, as it was measured, and surer
  $ ask llama-3.1-8b fp8 > a; ask llama-3.1-8b fp8 --catalog mine.yaml | cmp - a
  $ ask llama-3.1-70b bf16 > a; ask llama-3.1-70b bf16 --catalog mine.yaml | cmp - a
  $ for c in "sim $MOAT_SOURCE/examples/sim-70b-h100.yaml --set traffic.limit=500" "plan $MOAT_SOURCE/examples/chat-70b.yaml --accelerators h100 --set traffic.limit=500"; do
  >   moat $c --quiet > without; moat $c --quiet --catalog mine.yaml | cmp -s - without || echo changed
  > done
  changed
  changed
  $ moat validate points.csv --catalog mine.yaml > /dev/null
  moat: note: points.csv: a calibration in use was fitted to this file, and errors here are of points it has seen; --calibrate-points scores the others
  $ moat validate points.csv --calibrate-points 2 | head -2
  points.csv: 8 rows, 6 scored, 2 refused
  Calibrated by 2 points of each deployment, which are not scored

One written by hand may speak for every model, by any name of the device; without an interval the grade stays.

  $ printf 'framework: vllm\naccelerator: h100\nsource: by hand\nfactors: {memory: 2}\n' > hand.yaml
  $ ask llama-3.1-8b bf16 > without; ask llama-3.1-8b bf16 --catalog hand.yaml | paste -d' ' - without | awk '$1 == $4 && $2 > 1.3 * $5 { print "slower" }'
  slower
  $ sed 's/h100/h1000/' hand.yaml > other.yaml; ask llama-3.1-8b bf16 --catalog other.yaml | cmp - without; moat predict llama-3.1-8b on h100 --catalog other.yaml 2>&1 > /dev/null
  moat: note: a calibration is for h1000, which is not in the catalog
  $ sed 's/vllm/vlm/' hand.yaml > other.yaml; moat predict llama-3.1-8b on h100 --catalog other.yaml
  moat: other.yaml: unknown framework "vlm"; did you mean "vllm"?
  [2]
  $ sed 's/memory: 2/memory: 0/' hand.yaml > other.yaml; moat predict llama-3.1-8b on h100 --catalog other.yaml
  moat: other.yaml:4: factors.memory: expected a factor from 0.05 to 20, got 0
  [2]
  $ echo 'source: nothing' > other.yaml; moat predict llama-3.1-8b on h100 --catalog other.yaml
  moat: other.yaml: is no calibration: it has no factors; moat calibrate POINTS.csv --out FILE.yaml writes one
  [2]

What the points cannot tell is refused when it is insisted on, and nothing is written then.

  $ (head -1 points.csv; grep '^p[12],' points.csv) > two.csv
  $ moat calibrate two.csv --constants compute,memory,fixed --only tpot --out no.yaml > out; echo $?; grep '^No calibration' out; ls no.yaml
  1
  No calibration: * (glob)
  ls: * (glob)
  [2]
  $ moat calibrate two.csv --constants compute,memory,fixed --only tpot --json | python3 -c 'import json,sys; d = json.load(sys.stdin); print(d["answered"], [c["name"] for c in d["constants"] if c["point_needed"]] != [])'
  False True

Bad points get their reason, and are not fitted; the others are.

  $ head='id,model,accelerator,framework,precision,tp,isl,osl,concurrency,ttft_mean_ms,tpot_mean_ms'
  $ sed 's/,synthetic.*//; s/,source$//' points.csv > bad.csv; cat >> bad.csv <<END
  > p1,llama-3.1-70b,h100-sxm-80,vllm,fp8,4,1000,500,2,150,14
  > nan,llama-3.1-70b,h100-sxm-80,vllm,fp8,4,1000,500,2,150,nan
  > minus,llama-3.1-70b,h100-sxm-80,vllm,fp8,4,1000,500,2,-150,14
  > fast,llama-3.1-70b,h100-sxm-80,vllm,fp8,4,1000,500,2,150,0.9
  > seconds,llama-3.1-70b,h100-sxm-80,vllm,fp8,4,1000,500,2,0.15,14
  > micro,llama-3.1-70b,h100-sxm-80,vllm,fp8,4,1000,500,2,150,14000
  > device,llama-3.1-70b,h1000,vllm,fp8,4,1000,500,2,150,14
  > notp,llama-3.1-70b,h100-sxm-80,vllm,fp8,0,1000,500,2,150,14
  > short,llama-3.1-70b
  > END
  $ moat calibrate bad.csv > out; head -1 out; moat calibrate bad.csv --json | python3 -c '
  > import json, sys
  > for r in json.load(sys.stdin)["refused"]: print(r["id"] + ":", r["why"])'
  llama-3.1-70b at fp8 on h100-sxm-80, vllm: 8 points, 9 cannot be used
  p1: duplicate id, first on line 2
  nan: tpot_mean_ms: "nan" is not a number
  minus: ttft_mean_ms: -150 cannot have been measured
  device: unknown accelerator "h1000"
  notp: tp: 0 is out of range
  short: the row has another number of cells than the header
  fast: faster than the weights can be read
  seconds: * is the unit right? (glob)
  micro: * is the unit right? (glob)
  $ moat validate bad.csv --json --quiet | python3 -c '
  > import json, sys
  > d = json.load(sys.stdin)
  > print(d["scored"])
  > for r in d["refused"]: print(r["id"] + ":", r["why"])'
  8
  p1: duplicate id, first on line 2
  nan: tpot_mean_ms: "nan" is not a number
  minus: ttft_mean_ms: -150 cannot have been measured
  fast: faster than the weights can be read
  seconds: * is the unit right? (glob)
  micro: * is the unit right? (glob)
  device: unknown accelerator "h1000"
  notp: tp: 0 is out of range
  short: the row has another number of cells than the header
  $ cut -d, -f1-2,4- points.csv > no.csv; moat calibrate no.csv
  moat: no.csv: no column named "accelerator"; a point file has model, accelerator, tp, isl, osl, a load and metrics such as tpot_mean_ms
  [2]
  $ moat calibrate none.csv
  moat: none.csv: * (glob)
  [3]
  $ (cat points.csv; sed -n 's/^p\(.\),llama-3.1-70b,h100-sxm-80,/q\1,llama-3.1-8b,h200-sxm-141,/p' points.csv) > both.csv
  $ moat calibrate both.csv
  moat: both.csv: 2 deployments: llama-3.1-70b at fp8 on h100-sxm-80, vllm (8); llama-3.1-8b at fp8 on h200-sxm-141, vllm (8); choose one by --model, --precision, --accelerator and --framework
  [2]
  $ moat calibrate both.csv --accelerator h100 | cmp - <(moat calibrate points.csv)
  $ moat calibrate both.csv --model llama-3.1-405b
  moat: both.csv: none of 16 rows is of the deployment asked for
  [2]
  $ moat calibrate points.csv --constants memry
  moat: unknown constants "memry"; did you mean "memory"?
  [2]
  $ moat predict llama-3.1-8b on l4 --catalog points.csv
  moat: points.csv: is not a folder; --catalog takes a folder laid out like data/ (accelerators, models, stacks, work, prices.csv), or a calibration file that ends in .yaml
  [3]

Results of vLLM's benchmark, several at once, with what they leave out.

  $ for n in 1 8 32; do cat > run$n.json <<END
  > {"date": "20260801-120000", "endpoint_type": "vllm", "backend": "vllm", "model_id": "meta-llama/Llama-3.1-8B-Instruct", "tokenizer_id": "meta-llama/Llama-3.1-8B-Instruct",
  >  "num_prompts": $((10 * n)), "request_rate": "inf", "burstiness": 1.0, "max_concurrency": $n, "duration": 20.5, "completed": $((10 * n)), "total_input_tokens": $((10000 * n)),
  >  "total_output_tokens": $((2000 * n)), "request_throughput": 1.5, "output_throughput": null, "mean_ttft_ms": $((70 + n)).5, "median_ttft_ms": $((68 + n)), "mean_tpot_ms": $((8 + n / 8)).25,
  >  "median_tpot_ms": $((8 + n / 8)).2, "itls": [[0.01, 0.02], [0.01]], "errors": ["", ""]}
  > END
  > done
  $ moat calibrate run*.json
  moat: run1.json: a benchmark result does not say accelerator, precision, tp; give --accelerator ID --precision FORMAT --tp N
  [2]
  $ moat calibrate run*.json --accelerator h100 --precision bf16 --tp 1 --out run.yaml | head -1; grep -E '^(model|source|points)' run.yaml
  llama-3.1-8b at bf16 on h100-sxm-80, vllm: 3 points
  model: 'llama-3.1-8b'
  points: 3
  source: 'run1.json, run32.json, run8.json'
  $ head -c 300 run8.json > cut.json; moat calibrate cut.json --accelerator h100 --precision bf16 --tp 1
  moat: cut.json:* (glob)
  [2]
  $ echo '{"mean_ttft_ms": 5}' > other.json; moat calibrate other.json --accelerator h100 --precision bf16 --tp 1
  moat: other.json: is no benchmark result: it lacks completed or total_input_tokens; vllm bench serve --save-result writes one
  [2]
