One deployment, request by request.

  $ cat > s.yaml <<END
  > model: llama-3.1-8b
  > accelerator: h100
  > replicas: 2
  > traffic: {preset: azure-2023-conv, rate: 10/s, limit: 1500}
  > slo: {ttft: {p99: 2s}, tpot: {p99: 50ms}}
  > END
  $ moat sim s.yaml --quiet > out; sed -n 1,2p out
  llama-3.1-8b at bf16 on 2 x h100-sxm-80 (2 replicas of tp 1, vllm vllm-v1):
  1,500 requests, * a second. (glob)
  $ grep -cE '^  (TTFT|TPOT|ITL|E2E latency) .*\[' out
  4
  $ grep '^  p99 T' out | sed -E 's/  +[0-9.]+ ms \[[^]]*\] +/ N ms /'
    p99 TTFT <= 2 s N ms kept
    p99 TPOT <= 50 ms N ms kept
  $ awk 'length($0) > 80' out

The document: every request is accounted for, and its key figures agree with each other.

  $ moat sim s.yaml --json --quiet --threads 1 > a.json; python3 "$TESTDIR/contract.py" moat.sim/1 < a.json
  ok
  $ python3 - <<END
  > import json
  > d = json.load(open('a.json'))
  > r = d['requests']
  > assert r['offered'] == r['completed'] + r['rejected'] + r['failed'] == 1500, r
  > for m in ('ttft_ms', 'tpot_ms', 'e2e_ms'):
  >     assert d[m]['p50'] <= d[m]['p90'] <= d[m]['p99'] <= d[m]['max'], m
  >     assert d[m]['p99_lo'] <= d[m]['p99'] <= d[m]['p99_hi'], m
  > assert d['goodput_req_s'] <= d['throughput']['req_s'] * 1.000001
  > mtok = d['usd_per_hour'] / d['throughput']['output_tok_s'] / 3600 * 1e6
  > assert abs(mtok / d['usd_per_mtok'] - 1) < 1e-9, (mtok, d['usd_per_mtok'])
  > END

The same bytes for any number of threads, step by step too; another seed gives other requests.

  $ moat sim s.yaml --json --quiet --threads 2 | python3 "$TESTDIR/contract.py" --same a.json
  same
  $ moat sim s.yaml --json --quiet --seed 7 | python3 "$TESTDIR/contract.py" --same a.json
  the documents differ
  [1]
  $ moat sim s.yaml --csv --quiet > a.csv; moat sim s.yaml --csv --quiet --step > b.csv; cmp a.csv b.csv && wc -l < a.csv
  2

Several seeds: intervals of the draw beside those of the prediction; the rest stays, and so for any number of threads.

  $ moat sim s.yaml --json --quiet --seeds 6 --threads 1 > seeds.json; python3 - <<END
  > import json
  > one, many = json.load(open('a.json')), json.load(open('seeds.json'))
  > s = many.pop('seeds')
  > assert (s['n'], s['first'], s['level_frac'], s['same']) == (6, 1, 0.8, False) and s['quantile_level_frac'] >= 0.8, s
  > for m in ('ttft_ms', 'tpot_ms', 'itl_ms', 'e2e_ms'):
  >     for q in ('mean', 'p50', 'p90', 'p99'):
  >         assert s[m][q + '_lo'] <= s[m][q] <= s[m][q + '_hi'], (m, q)
  > assert len(s['slo_kept']) == 2 and s['held'] <= min(s['slo_kept']) <= 6
  > for d in (one, many):
  >     d.pop('run'), d['inputs'].pop('seeds', None)
  > print(one == many)
  > END
  True
  $ moat sim s.yaml --json --quiet --seeds 6 --threads 2 | python3 "$TESTDIR/contract.py" --same seeds.json
  same
  $ moat sim s.yaml --quiet --seeds 6 | sed -n '/^Over/,/^requests/p' | grep -oE '^(Over 6 seeds \(1 to 6\)|  [A-Z0-9a-z ]+ (<= [0-9]+ m?s *kept in . of 6|[0-9.]+ m?s \[))' | cut -c1-14
  Over 6 seeds (
    TTFT        
    TPOT        
    ITL         
    E2E latency 
    p99 TTFT <= 
    p99 TPOT <= 
  $ moat sim s.yaml --csv --quiet --seeds 6 | head -1 | tr , '\n' | grep -c '^seeds_ttft_p99_ms'
  3
  $ moat sim s.yaml --seeds 0
  moat: --seeds: expected a whole number from 1 to 100000, got "0"
  [2]

One row a request.

  $ moat sim s.yaml --quiet --requests r.csv > /dev/null; head -1 r.csv | cut -d, -f1-7; wc -l < r.csv
  id,arrival_s,ttft_ms,tpot_ms,e2e_ms,replica,miss
  1501
  $ moat sim s.yaml --quiet --requests nowhere/r.csv
  moat: nowhere/r.csv: cannot write: No such file or directory
  [3]

Flags instead of a file; a trace, of which seeds change nothing.

  $ printf 'arrival_s,input_tokens,output_tokens\n0,100,10\n1,100,10\n2,100,10' > t.csv
  $ moat sim --model llama-3.1-8b --accelerator l40s --trace t.csv --json --quiet | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["requests"]["completed"], d["inputs"]["traffic"]["trace"])'
  3 t.csv
  $ moat sim --model llama-3.1-8b --accelerator l40s --trace t.csv --seeds 3 --quiet | grep seeds
  All 3 seeds give the same: nothing is drawn here.
  $ moat sim s.yaml --trace t.csv --quiet --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["requests"]["offered"], list(d["inputs"]["traffic"]))'
  3 ['rate', 'limit', 'trace']

Prompts that begin alike share blocks where the trace says so, unless told otherwise; step by step the same.

  $ for i in 0 1 2 3 4 5; do echo "{\"timestamp\": $((i * 700)), \"input_length\": 1536, \"output_length\": 40, \"hash_ids\": [0, $((i % 2 + 1)), $((i + 3))]}"; done > m.jsonl
  $ one="moat sim --model llama-3.1-8b --accelerator h100 --trace m.jsonl --quiet"
  $ $one --requests m.csv | grep -o 'prefix cache.*'; tail -n +2 m.csv | cut -d, -f12 | paste -sd' '
  prefix cache 50% of the prompt tokens found
  0 512 1024 1024 1024 1024
  $ $one --csv > a.csv; $one --csv --step > b.csv; cmp a.csv b.csv; head -1 a.csv | grep -o prefix_hit_frac
  prefix_hit_frac
  $ $one --set prefix_cache=false --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["prefix_hit_frac"], d["inputs"]["prefix_cache"])'
  0 False
  $ for router in prefix-aware session-affine; do $one --replicas 3 --router $router --requests r.csv > out; tail -n +2 r.csv | cut -d, -f6 | paste -sd' '; done
  0 0 0 0 0 0
  * (glob)
  $ $one --set scheduler.policy=sarathi | grep -c 'prefix cache'
  0
  [1]
  $ $one --set scheduler.policy=sarathi --set prefix_cache=true | grep -c 'prefix cache'
  1
  $ moat sim s.yaml --set prefix_cache=true 2>&1 > /dev/null | grep prefix_cache
  moat: note: prefix_cache: this traffic does not say which prompts begin alike (hash_ids): nothing is found in the cache
  $ moat sim s.yaml --set prefix_cache=sometimes --quiet
  moat: *prefix_cache* (glob)
  [2]
  $ moat sim s.yaml --set 'prefix_cache={disk: 4TB}' --quiet
  moat: *prefix_cache: disk and disk_bw go together: how much a replica has, and how fast it is read; write prefix_cache: {host: 500GB, disk: 4TB, disk_bw: 7GB/s} (glob)
  [2]
  $ moat sim s.yaml --set 'prefix_cache={hots: 4TB}' --quiet
  moat: *hots* (glob)
  [2]

A small cache with host memory below it finds what the device has forgotten, and says what it loaded; step by step the same.

  $ for i in $(seq 0 29); do echo "{\"timestamp\": $((i * 3000)), \"input_length\": 5120, \"output_length\": 40, \"hash_ids\": [$(seq -s, $((i % 10 * 100)) $((i % 10 * 100 + 9)))]}"; done > cycle.jsonl
  $ small="moat sim --model llama-3.1-8b --accelerator l4 --set memory_fraction=0.86 --trace cycle.jsonl --quiet"
  $ hits() { python3 -c 'import json, sys; d = json.load(sys.stdin); print(round(d["prefix_hit_frac"], 2), round(d["prefix_loaded_frac"], 2))'; }
  $ $small --json | hits
  0* 0* (glob)
  $ $small --set 'prefix_cache={host: 100GB}' --json > host.json; hits < host.json
  0.66 0.66
  $ $small --set 'prefix_cache={disk: 1TB, disk_bw: 2GB/s}' --json > disk.json; hits < disk.json
  0.66 0.66
  $ python3 -c 'import json; a, b = (json.load(open(f))["ttft_ms"]["mean"] for f in ("host.json", "disk.json")); print(a < b)'
  True
  $ $small --set 'prefix_cache={host: 2GB, disk: 1TB, disk_bw: 2GB/s}' --csv > a.csv
  $ $small --set 'prefix_cache={host: 2GB, disk: 1TB, disk_bw: 2GB/s}' --csv --step | cmp a.csv
  $ $small --set 'prefix_cache={host: 100GB}' | grep -c 'loaded from host memory or disk'
  1
  $ moat predict llama-3.1-8b on h100 --set prefix_cache=true --quiet
  moat: *prefix_cache: moat predict does not take this key; it speaks of many prompts; it belongs to sim and plan (glob)
  [2]

A prompt that it cannot hold is rejected, the others are served, and no promise is kept with a third of them lost.

  $ printf 'arrival_s,input_tokens,output_tokens\n0,1000000,10\n1,100,10\n2,100,10\n' > million.csv
  $ moat sim --model llama-3.1-8b --accelerator l4 --trace million.csv --slo-ttft-p99 9s > million.txt
  moat: note: requests reach 1000010 tokens, the configuration of llama-3.1-8b says 131072 at most: its answers there are not trusted
  moat: note: 1 of 3 requests are longer than the * tokens that one sequence may have here: they are rejected (glob)
  $ grep -o '3 offered, 2 completed, 1 rejected' million.txt
  3 offered, 2 completed, 1 rejected
  $ grep -o 'missed: rejected requests alone' million.txt
  missed: rejected requests alone

One that nothing but such a prompt asks for.

  $ printf 'arrival_s,input_tokens,output_tokens\n0,1000000,10\n' > only.csv
  $ moat sim --model llama-3.1-8b --accelerator l4 --trace only.csv --quiet
  moat: *does not fit on 1 x l4* (glob)
  [2]

Energy: what prompts, decoding and waiting take of it, and for a token; a power cap saves some and takes longer.

  $ E="moat sim --model llama-3.1-8b --accelerator l40s --trace t.csv --json --quiet"
  $ $E > free.json; $E --power-cap 200W > capped.json; python3 - <<END
  > import json
  > a, b = (json.load(open(f)) for f in ('free.json', 'capped.json'))
  > for d in (a, b):
  >     assert abs(sum(d['energy_frac'].values()) - 1) < 1e-9, d['energy_frac']
  >     assert abs(d['energy_kwh'] * 3.6e6 / 30 / d['j_per_output_tok'] - 1) < 1e-9     # 3 outputs of 10 tokens
  >     assert abs(d['j_per_output_tok'] / d['j_per_tok'] - 11) < 1e-9                  # and 3 prompts of 100
  >     assert d['energy_kwh_lo'] < d['energy_kwh'] < d['energy_kwh_hi']
  > assert b['power_w'] <= 200 and b['ttft_ms']['mean'] > a['ttft_ms']['mean']
  > print(b['deployment']['power_cap_w'])
  > END
  200

What cannot be run.

  $ moat sim s.yaml --scheduler vlm-v1
  moat: *"vlm-v1"* (glob)
  [2]
  $ moat sim s.yaml --router leest
  moat: *"leest"* (glob)
  [2]
  $ moat sim --model llama-3.1-8b --preset azure-2023-conv
  moat: command line: accelerator: is missing; write accelerator: h100-sxm-80
  [2]
  $ moat sim s.yaml --set scheduler.preemption=swp
  moat: --set: scheduler.preemption: expected recompute or swap, got "swp"; did you mean "swap"?
  [2]
  $ moat sim s.yaml --set scheduler.swap_space=64GB
  moat: --set: scheduler.swap_space: nothing is swapped; write scheduler: {preemption: swap, swap_space: 64GB}
  [2]
  $ moat sim s.yaml --set 'speculative={draft: eagle, tokens: 3}'
  moat: --set: speculative: acceptance is missing; write speculative: {draft: eagle, tokens: 3, acceptance: 0.7}; the draft is ngram, eagle, mtp or a model
  [2]
  $ moat sim s.yaml --set 'admission={shed: lowest}'
  moat: --set:1: admission.shed: whom a full queue turns away matters only where the queue has a limit; add max_queue: 100
  [2]
  $ moat sim s.yaml --set 'traffic.priorities={0: 30%, 1: 50%}'
  moat: --set: traffic.priorities: the shares add up to 80%, expected 100%
  [2]
  $ moat sim s.yaml --set 'cuda_graphs={sizes: [4, 2]}'
  moat: --set:1: cuda_graphs.sizes.1: expected sizes in ascending order, got 2 behind 4
  [2]

An engine told more: by class, by bound, and what it proposed.

  $ moat sim s.yaml --set 'speculative={draft: ngram, tokens: 3, acceptance: 1}' --set 'traffic.priorities={0: 50%, 2: 50%}' --set scheduler.order=priority --json --quiet > e.json
  $ python3 - << END
  > import json
  > d = json.load(open('e.json'))
  > assert abs(sum(d['by_bound_frac'].values()) - 1) < 1e-9, d['by_bound_frac']
  > s = d['speculation']
  > assert s['draft'] == 'ngram' and 1 < s['tokens_per_step'] <= 4, s
  > assert [c['priority'] for c in d['classes']] in ([0], [2], [0, 2])
  > assert sum(c['completed'] for c in d['classes']) == d['requests']['completed']
  > END
