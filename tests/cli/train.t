A training campaign.

  $ T="moat train llama-3.1-70b on h100 --devices 256 --tokens 1T --global-batch 512"
  $ $T > out; head -2 out
  llama-3.1-70b in bf16 on 256 x h100-sxm-80 (megatron): 1T tokens, 512 sequences
  of 8,192 a step.
  $ grep -oE '^(days|step|throughput|MFU|failures|effective|cost|energy|split|memory|evidence) ' out | tr '\n' ' '
  days  step  throughput  MFU  failures  effective  cost  energy  split  memory  evidence   (no-eol)
  $ awk 'length($0) > 80' out
  $ $T --json > t.json; python3 "$TESTDIR/contract.py" moat.train/1 < t.json
  ok

The parts add up, the interval holds the value, the devices are all used, and the hours are those of the days.

  $ python3 - <<END
  > import json
  > d = json.load(open('t.json'))
  > assert abs(sum(x['time_s'] for x in d['breakdown']) / d['step_time_s'] - 1) < 1e-9
  > for k in ('step_time_s', 'mfu_frac', 'days', 'usd', 'energy_mwh', 'tokens_per_s_per_accelerator'):
  >     assert d[k + '_lo'] < d[k] < d[k + '_hi'], k
  > p = d['parallelism']
  > assert p['tp'] * p['pp'] * p['cp'] * p['dp'] == 256, p
  > assert abs(d['days'] * 24 * 256 / d['accelerator_hours'] - 1) < 1e-12
  > assert d['answered'] and d['fits'] and d['memory']['total_gb'] <= d['memory']['usable_gb']
  > assert 0.3 < d['mfu_frac'] < 0.6 and 0.9 < d['effective_frac'] < 1
  > print(json.dumps(d['inputs']))
  > END
  {"devices": 256, "tokens": "1T", "global_batch": 512, "model": "llama-3.1-70b", "accelerator": "h100"}

What is given of the split is kept; flags and --set are the same keys.

  $ $T --tp 8 --set pp=4 --recompute full --shard fsdp --json | python3 -c 'import json, sys; p = json.load(sys.stdin)["parallelism"]; print(p["tp"], p["pp"], p["recompute"], p["shard"])'
  8 4 full fsdp
  $ $T --csv | wc -l
  2
  $ $T --threads 1 --json | python3 "$TESTDIR/contract.py" --same t.json
  same

More failures, fewer tokens a day.

  $ python3 - <<END
  > import json, subprocess
  > def train(*more):
  >     return json.loads(subprocess.run('$T --json'.split() + list(more), capture_output=True, text=True).stdout)
  > good, bad = train('--mtbf', '82000h'), train('--mtbf', '13000h')
  > assert good['step_time_s'] == bad['step_time_s']
  > assert good['days'] < bad['days'] and good['failures'] < bad['failures'] and good['effective_frac'] > bad['effective_frac']
  > lora = train('--lora-rank', '16')
  > assert lora['step_time_s'] < good['step_time_s'] and lora['memory']['optimizer_gb'] == 0
  > END

Nothing fits, a limit is passed: the document is printed, and the exit code is 1.

  $ moat train llama-3.1-405b on h100 --devices 8 --tokens 1T --global-batch 64 > no; echo $?; sed -n 3,4p no
  1
  Nothing fits: the closest of * splits lacks * GB a card, it needs * (glob)
  * (glob)
  $ moat train llama-3.1-405b on h100 --devices 8 --tokens 1T --global-batch 64 --json > no.json
  [1]
  $ python3 "$TESTDIR/contract.py" moat.train/1 < no.json
  ok
  $ python3 -c 'import json; d = json.load(open("no.json")); print(d["fits"], d["binding"], d["short_by"] > 2, d["days"])'
  False memory True None
  $ $T --set limits.days=1 --json > late.json
  [1]
  $ python3 -c 'import json; d = json.load(open("late.json")); print(d["fits"], d["answered"], d["binding"], d["short_by"] == d["days"])'
  True False days True
  $ $T --tp 3 > out
  [1]
  $ sed -n 3p out
  Nothing fits: no split divides it; * (glob)

What cannot be read says so in one line.

  $ moat train
  moat: train: name a scenario file, or MODEL on ACCELERATOR; usage: moat train SCENARIO.yaml | MODEL on ACCELERATOR
  [2]
  $ moat train llama-3.1-8b at h100
  moat: train: expected SCENARIO.yaml, or MODEL on ACCELERATOR; usage: moat train SCENARIO.yaml | MODEL on ACCELERATOR
  [2]
  $ moat train llama-3.1-8b on h100 --devices 8 --tokens 1T
  moat: command line: global_batch: is missing; write global_batch: 2048 (sequences a step)
  [2]
  $ $T --precision nvfp4
  moat: precision: h100-sxm-80 cannot train in nvfp4: it has no such arithmetic
  [2]
  $ $T --framework megatorn
  moat: --framework: no training stack "megatorn"; did you mean "megatron"?
  [2]
  $ echo '{model: llama-3.1-8b, accelerator: h100, devices: many, tokens: 1T, global_batch: 8}' > bad.yaml; moat train bad.yaml
  moat: bad.yaml:1: devices: expected a count such as 70B, 128k or 2e6, got "many"
  [2]
  $ moat train none.yaml
  moat: none.yaml: * (glob)
  [3]

Training points.

  $ cat > points.csv <<END
  > id,kind,model,accelerator,accelerators,framework,precision,isl,global_batch,micro_batch,tp,pp,dp,notes,tok_s_per_accelerator,step_time_s
  > a,training,llama-3.1-8b,h100-sxm-80,8,megatron,bf16,8192,128,1,1,1,8,CP=1,9000,
  > b,training,llama-3.1-8b,h100-sxm-80,8,fsdp,bf16,8192,,,,,,,9000,
  > c,training,llama-3.1-8b,h100-sxm-80,8,fsdp,bf16,,,,,,,,9000,
  > END
  $ moat validate points.csv --csv | cut -d, -f1,2,9
  id,metric,how
  a,tok_s_per_accelerator,"training
  b,tok_s_per_accelerator,"training
  $ moat validate points.csv --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print([p["how"] for p in d["points"]], d["refused"][0]["why"])'
  ['training, split as stated', 'training, best split, batch that fits'] the sequence length is not stated

A row that constants were fitted on is marked, and is in no score but that of its own kind.

  $ sed -e 's/^a,training,llama-3.1-8b,h100-sxm-80,8,/nemo2412-0011,training,llama-2-13b,h100-sxm-80,8,/' points.csv > fitted.csv
  $ moat validate fitted.csv --json > f.json; python3 - <<END
  > import json
  > d = json.load(open('f.json'))
  > print([p['fitted'] for p in d['points']], d['fitted'], d['metrics']['tok_s_per_accelerator']['n'])
  > print(sorted((g['key'], g['n']) for g in d['groups'] if g['by'] == 'kind'))
  > END
  [True, False] 1 1
  [('training', 1), ('training, fitted on', 1)]

Nothing that is answered without an answer: no link so far, no progress between failures.

  $ moat train llama-3.1-70b on tpu-v5p --devices 16384 --tokens 1T --global-batch 16384 --sequence 4096
  moat: devices: no link among 16384 of tpu-v5p is known; take as many as its scale-up domain has, or a chip file with scaleout
  [2]
  $ moat train llama-3.1-70b on h100 --devices 1024 --tokens 2T --global-batch 1024 --mtbf 1h --quiet | tail -2
  Failures leave no progress: one every 3.5 s, and checkpoints every 3.5 s take
  7.9 s to write and 15 min to restart from.
  $ moat train llama-3.1-70b on h100 --devices 1024 --tokens 2T --global-batch 1024 --mtbf 1h --json > none.json; echo $?
  1
  $ python3 -c 'import json; d = json.load(open("none.json")); print(d["answered"], d["binding"], d["days"])'
  False failures None

Whole campaigns.

  $ printf 'campaign,year,params_total_b,params_active_b,tokens_t,accelerator,accel_count,days,accel_hours\nLlama 3.1 405B,2024,405,405,15.6,H100-80GB,16384,78,30840000\nUnknown,2024,,,1,H100-80GB,8,1,\n' > runs.csv
  $ moat validate runs.csv --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(sorted(p["metric"] for p in d["points"]), d["refused"][0]["why"])'
  ['accelerator_hours', 'days'] neither a model of the catalog nor a parameter count
