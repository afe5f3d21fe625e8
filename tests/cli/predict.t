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

Power and energy add up; a cap slows what draws more, and is refused where it cannot be kept.

  $ python3 - <<END
  > import json
  > d = json.load(open('p.json'))
  > for k in ('power_w', 'prefill_power_w', 'decode_power_w', 'j_per_output_tok', 'j_per_prompt_tok'):
  >     assert d[k + '_lo'] < d[k] <= d[k + '_hi'], k
  > assert d['decode_power_w'] <= d['power_w'] <= d['prefill_power_w'] <= 2800
  > x = d['output_tok_s'] / 200
  > assert abs(x * (1000 * d['j_per_prompt_tok'] + 200 * d['j_per_output_tok']) / d['power_w'] - 1) < 1e-9
  > END
  $ $P --power-cap 400W --json > cap.json; python3 - <<END
  > import json
  > a, b = (json.load(open(f)) for f in ('p.json', 'cap.json'))
  > assert b['power_w'] <= 1600 and b['ttft_ms'] > a['ttft_ms'] and a['tpot_ms'] <= b['tpot_ms'] < 1.3 * a['tpot_ms']
  > print(b['deployment']['power_cap_w'], a['deployment']['power_cap_w'])
  > END
  400 None
  $ $P --power-cap 700W --csv > same; $P --csv | cmp - same
  $ $P --power-cap 150W
  moat: power_cap: h100-sxm-80 draws about 140 W while it waits, and 150 W are allowed; allow 169 W or more
  [2]
  $ $P --power-cap 0W
  moat: --power-cap: expected the power that a card may draw, such as 400W
  [2]
  $ $P --power-cap much
  moat: --power-cap: * (glob)
  [2]

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

A framework that the device does not run is not suggested to it; a batch beyond what fits is held as far as it fits.

  $ moat predict llama-3.1-8b on h100 --framework habana
  moat: framework: habana does not run on h100-sxm-80; its own is vllm
  [2]
  $ moat predict llama-3.1-70b on h100 --tp 4 --batch 1024 --json --quiet > a.json; moat predict llama-3.1-70b on h100 --tp 4 --batch 100000 --json --quiet > b.json
  $ python3 -c 'import json; a, b = (json.load(open(f)) for f in ("a.json", "b.json")); print(b["batch"] >= a["batch"] > 100)'
  True
