One operating point.

  $ P="moat predict llama-3.1-70b on h100 --tp 4 --precision fp8"
  $ $P --batch 64 > out; head -2 out
  llama-3.1-70b at fp8 on 4 x h100-sxm-80 (tp 4, vllm): 64 requests at a time,
  1,000 tokens in, 200 out.
  $ grep -oE '^(TTFT|TPOT|throughput|power|cost|memory|KV|evidence) ' out | tr '\n' ' '
  TTFT  TPOT  throughput  power  cost  memory  KV  evidence  memory   (no-eol)
  $ grep -E '^TPOT +[0-9.]+ ms \[[0-9.]+-[0-9.]+\]$' out | wc -l
  1
  $ grep -c 'gemm.gate_up .* memory' out
  1
  $ awk 'length($0) > 80' out
  $ $P --json > p.json; python3 "$TESTDIR/contract.py" moat.predict/1 < p.json
  ok

The parts of the step add up, the interval holds the value, and the memory is that of the model.

  $ python3 - <<END
  > import json
  > d = json.load(open('p.json'))
  > assert abs(sum(x['time_us'] for x in d['breakdown']) / d['step_time_us'] - 1) < 1e-9
  > for k in ('ttft_ms', 'tpot_ms', 'output_tok_s'):
  >     assert d[k + '_lo'] < d[k] < d[k + '_hi'], k
  > print(d['fits'], d['memory']['kv_bytes_per_token'], round(d['memory']['weights_gb']))
  > END
  True 327680 7[0-9] (re)

Flags and --set are the same keys; the later one wins.

  $ $P --set tp=8 --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["deployment"]["tp"])'
  8
  $ moat predict llama-3.1-70b on h100 --set tp=8 --tp 4 --precision fp8 --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["deployment"]["tp"])'
  4
  $ $P --csv | wc -l
  2

What was asked can be asked again.

  $ python3 -c 'import json; print(json.dumps(json.load(open("p.json"))["inputs"]))'
  {"tp": 4, "precision": "fp8", "model": "llama-3.1-70b", "accelerator": "h100", "batch": 32, "isl": 1000, "osl": 200}

It does not fit: the document is printed, and the exit code is 1.

  $ moat predict llama-3.1-70b on l4 --precision fp8 | sed -n 3p
  It does not fit: * short on each card. (glob)
  $ moat predict llama-3.1-70b on l4 --precision fp8 --json > no.json
  [1]
  $ python3 "$TESTDIR/contract.py" moat.predict/1 < no.json
  ok
  $ python3 -c 'import json; d = json.load(open("no.json")); print(d["fits"], d["tpot_ms"], d["memory"]["short_by_gb_per_accelerator"] > 40)'
  False None True

A card without the arithmetic runs the weights only, and says so.

  $ moat predict llama-3.1-8b on t4 --precision fp8 | grep -o 'fp8 weight-only, fp16 arithmetic'
  fp8 weight-only, fp16 arithmetic
  $ moat predict llama-3.1-8b on t4 --set precision.exact=fp8
  moat: * (glob)
  [2]
