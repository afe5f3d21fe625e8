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
  1,500 requests, 8.5 a second.
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

More than 262,144 requests go through a temporary file: the rows and the document are there, the memory stays small, and nothing is left behind.

  $ mkdir tmp
  $ cat > long.yaml <<END
  > model: llama-3.1-8b
  > precision: fp8
  > accelerator: h100
  > traffic: {arrivals: {process: poisson, rate: 40/s}, prompt_tokens: 60, output_tokens: 3, requests: 300000}
  > END
  $ TMPDIR=$PWD/tmp moat sim long.yaml --json --quiet --requests rows.csv > long.json
  $ ls tmp
  $ python3 - <<END
  > import json, os
  > d = json.load(open('long.json'))
  > assert d['requests']['offered'] == d['requests']['completed'] == 300000, d['requests']
  > before, n = -1, 0
  > for i, line in enumerate(open('rows.csv')):
  >     cell = line.split(',')
  >     if i:
  >         assert int(cell[0]) == i - 1 and float(cell[1]) >= before and float(cell[2]) > 0, line
  >         before, n = float(cell[1]), n + 1
  > assert n == 300000, n
  > assert d['run']['peak_rss_mb'] < 100 or 'ASAN_OPTIONS' in os.environ, d['run']['peak_rss_mb']
  > END
  $ TMPDIR=$PWD/none moat sim long.yaml --quiet
  moat: */none: no temporary file can be made here: No such file or directory; set TMPDIR to a folder with 32 bytes of room for each request (glob)
  [3]
  $ rm rows.csv

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
  0 2 0 2 0 2
  $ $one --set scheduler.policy=sarathi | grep -c 'prefix cache'
  0
  [1]
  $ $one --set scheduler.policy=sarathi --set prefix_cache=true | grep -c 'prefix cache'
  1
  $ moat sim s.yaml --set prefix_cache=true 2>&1 > /dev/null | grep prefix_cache
  moat: note: prefix_cache: this traffic does not say which prompts begin alike (hash_ids): nothing is found in the cache
  $ moat sim s.yaml --set prefix_cache=sometimes --quiet
  moat: --set: prefix_cache: expected true or false, got "sometimes"
  [2]
  $ moat sim s.yaml --set 'prefix_cache={disk: 4TB}' --quiet
  moat: --set: prefix_cache: disk and disk_bw go together: how much a replica has, and how fast it is read; write prefix_cache: {host: 500GB, disk: 4TB, disk_bw: 7GB/s}
  [2]
  $ moat sim s.yaml --set 'prefix_cache={hots: 4TB}' --quiet
  moat: --set:1: prefix_cache.hots: unknown key "hots"; did you mean "host"?
  [2]

A small cache with host memory below it finds what the device has forgotten, and says what it loaded; step by step the same.

  $ for i in $(seq 0 29); do echo "{\"timestamp\": $((i * 3000)), \"input_length\": 5120, \"output_length\": 40, \"hash_ids\": [$(seq -s, $((i % 10 * 100)) $((i % 10 * 100 + 9)))]}"; done > cycle.jsonl
  $ small="moat sim --model llama-3.1-8b --accelerator l4 --set memory_fraction=0.86 --trace cycle.jsonl --quiet"
  $ hits() { python3 -c 'import json, sys; d = json.load(sys.stdin); print(round(d["prefix_hit_frac"], 2), round(d["prefix_loaded_frac"], 2))'; }
  $ $small --json | hits
  0 0
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
  moat: --set: prefix_cache: moat predict does not take this key; it speaks of many prompts; it belongs to sim and plan
  [2]

A prompt that it cannot hold is rejected, the others are served, and no promise is kept with a third of them lost.

  $ printf 'arrival_s,input_tokens,output_tokens\n0,1000000,10\n1,100,10\n2,100,10\n' > million.csv
  $ moat sim --model llama-3.1-8b --accelerator l4 --trace million.csv --slo-ttft-p99 9s > million.txt
  moat: note: requests reach 1000010 tokens, the configuration of llama-3.1-8b says 131072 at most: its answers there are not trusted
  moat: note: 1 of 3 requests are longer than the 29184 tokens that one sequence may have here: they are rejected
  $ grep -o '3 offered, 2 completed, 1 rejected' million.txt
  3 offered, 2 completed, 1 rejected
  $ grep -o 'missed: rejected requests alone' million.txt
  missed: rejected requests alone

One that nothing but such a prompt asks for.

  $ printf 'arrival_s,input_tokens,output_tokens\n0,1000000,10\n' > only.csv
  $ moat sim --model llama-3.1-8b --accelerator l4 --trace only.csv --quiet
  moat: command line: llama-3.1-8b does not fit on 1 x l4: needs 149 GB a device for weights, activations and one request of 1000010 tokens, 19.8 GiB usable; tp 8 is the smallest that does
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
  moat: s.yaml: unknown scheduler "vlm-v1"
  [2]
  $ moat sim s.yaml --router leest
  moat: s.yaml: unknown router "leest"
  [2]
  $ moat sim --model llama-3.1-8b --preset azure-2023-conv
  moat: command line: accelerator: is missing; write accelerator: h100-sxm-80
  [2]

The null engine: steps last what the scenario says, to the nanosecond, and nothing else is asked of the device.

  $ printf 'model: llama-3.2-1b\naccelerator: h100\nnull_engine: {step: 1ms, token: 10us, sequence: 5us}\n' > null.yaml
  $ printf 'traffic: {arrivals: {process: fixed, rate: 1/s}, prompt_tokens: 300, output_tokens: 11, requests: 20}\n' >> null.yaml
  $ moat sim null.yaml --json --quiet | python3 -c "import json, sys
  > d = json.load(sys.stdin)
  > t, e = d['ttft_ms'], d['e2e_ms']
  > print(t['p50'], t['p99_lo'], t['p99_hi'], d['tpot_ms']['mean'], d['deployment']['framework'], d['evidence'])
  > assert t['p50'] == 1 + 3 + 0.005 and abs(e['p50'] - (4.005 + 10 * 1.015)) < 1e-9"
  4.005 4.005 4.005 1.015 null engine assumed
  $ moat sim null.yaml --set null_engine.step=0s --set null_engine.token=0s --set null_engine.sequence=0s
  moat: null.yaml:3: null_engine: a step must last some time, 1 ns at least; write null_engine: {step: 10ms}, and token: or sequence: for more of each
  [2]
  $ moat plan null.yaml
  moat: null.yaml:3: null_engine: moat plan does not take this key; it tests the simulator: it belongs to sim
  [2]

A quarter of a card by turns: less memory, longer steps, a quarter of the price. And a MIG instance, which works alone.

  $ printf 'model: llama-3.1-8b\nprecision: fp8\naccelerator: h100\ntraffic: {preset: azure-2023-conv, rate: 1/s, limit: 500}\nshare: {models: 4, active: 2}\n' > share.yaml
  $ moat sim share.yaml --json --quiet > quarter.json; moat sim share.yaml --set share=null --json --quiet > card.json
  $ python3 -c "import json
  > q, c = json.load(open('quarter.json')), json.load(open('card.json'))
  > print(q['usd_per_hour'] / c['usd_per_hour'], 1.8 < q['tpot_ms']['p50'] / c['tpot_ms']['p50'] < 2.2, q['kv']['blocks'] < c['kv']['blocks'] / 4, q['notes'][-1]['text'])"
  0.25 True True share: one of 4 models that take turns on each card, 2 of them at a time: memory, cost and power are its part
  $ moat sim share.yaml --set share.active=5
  moat: --set: share.active: expected 1 to 4, this model counted, got 5
  [2]
  $ moat sim share.yaml --set share=null --accelerator h100/3g.40gb --json --quiet | python3 -c "import json, sys
  > h, c = json.load(sys.stdin), json.load(open('card.json'))
  > print(h['deployment']['accelerator'], h['evidence'], 1.5 < h['tpot_ms']['p50'] / c['tpot_ms']['p50'] < 2.1, h['usd_per_hour'] / c['usd_per_hour'])"
  h100-sxm-80/3g.40gb inferred True 1.0
  $ moat sim share.yaml --accelerator h100/9g.90gb
  moat: --accelerator: h100-sxm-80 has no MIG profile "9g.90gb"; it has 1g.10gb, 1g.20gb, 2g.20gb, 3g.40gb, 4g.40gb, 7g.80gb
  [2]
  $ moat sim share.yaml --accelerator h100/3g.40gb --tp 2
  moat: share.yaml: llama-3.1-8b on h100-sxm-80/3g.40gb: a MIG instance reaches no other: h100-sxm-80/3g.40gb works alone
  [2]

Unlike pools in one service: figures by pool add up to those of the whole; the same step by step.

  $ cat > pools.yaml <<END
  > model: llama-3.1-8b
  > accelerator: h100
  > pools: {big: {}, small: {accelerator: l40s, replicas: 2}}
  > router: shortest-delay
  > traffic: {preset: azure-2023-conv, rate: 20/s, limit: 1000}
  > slo: {ttft: {p99: 2s}, tpot: {p99: 50ms}}
  > END
  $ moat sim pools.yaml --quiet | grep -E '^(llama|  (pool|big|small) )' | sed -E 's/ +[0-9].*//'
  llama-3.1-8b at bf16 on
    pool  replicas                 requests busy batch peak    energy    cost
    big
    small
  $ cat > sums.py <<END
  > import json, sys
  > d = json.load(open(sys.argv[1]))
  > p = d['pools']
  > near = lambda x, y: abs(x - y) <= 1e-9 * abs(y)
  > assert near(sum(q['usd_per_hour'] for q in p), d['usd_per_hour'])
  > assert near(sum(q['energy_kwh'] for q in p), d['energy_kwh'])
  > assert sum(q['devices'] for q in p) == d['deployment']['devices']
  > ends = [q for q in p if q['role'] != 'prefill']
  > assert sum(q['requests'] for q in ends) == d['requests']['completed'] or 'transfer' in d
  > assert sum(q['output_tokens'] for q in p) == round(d['throughput']['output_tok_s'] * d['makespan_s'])
  > print(*(q['name'] + ' ' + q['role'] for q in p), *([d['transfer']['n'] == ends[0]['requests']] if 'transfer' in d else []))
  > END
  $ moat sim pools.yaml --json --quiet > p.json; python3 "$TESTDIR/contract.py" moat.sim/1 < p.json; python3 sums.py p.json
  ok
  big both small both
  $ moat sim pools.yaml --csv --quiet > a.csv; moat sim pools.yaml --csv --quiet --step > b.csv; cmp a.csv b.csv; head -1 a.csv | tr , '\n' | grep -c '^small_'
  10

Prefill and decode apart: a slow link makes the first token late, and says so.

  $ cat > apart.yaml <<END
  > model: llama-3.1-8b
  > accelerator: h100
  > pools: {prefill: {}, decode: {accelerator: l40s, replicas: 2, link: 25GB/s}}
  > traffic: {preset: azure-2023-conv, rate: 10/s, limit: 1000}
  > slo: {ttft: {p99: 500ms}, tpot: {p99: 50ms}}
  > END
  $ moat sim apart.yaml --json --quiet > d.json; python3 "$TESTDIR/contract.py" moat.sim/1 < d.json; python3 sums.py d.json
  ok
  prefill prefill decode decode True
  $ moat sim apart.yaml --csv --quiet > a.csv; moat sim apart.yaml --csv --quiet --step > b.csv; cmp a.csv b.csv
  $ moat sim apart.yaml --quiet | grep -oE '^transfers +[0-9,]+ from prefill to decode'
  transfers * from prefill to decode (glob)
  $ moat sim apart.yaml --set link=2GB/s --set pools.decode.link=2GB/s --json --quiet | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["misses_by_cause"]["transfer"] > 50, d["slo"][0]["met"])'
  True False
  $ moat sim apart.yaml --set pools.decode.kv_cache=fp8 --quiet
  moat: apart.yaml: pools.decode: its KV has 65536 bytes a token, that of prefill 131072: one cannot read the other's; give them the same kv_cache
  [2]
  $ moat sim apart.yaml --set pools.decode.role=both --quiet
  moat: apart.yaml:3: pools: prefill and decode go together: there is no pool that does decode; write pools: {prefill: {accelerator: ..}, decode: {accelerator: ..}}, or role: prefill in a pool of another name
  [2]
  $ moat compare pools.yaml apart.yaml --quiet | head -2
  pools.yaml: 1 x h100-sxm-80 and 2 x l40s
  apart.yaml: 1 x h100-sxm-80 and 2 x l40s

Several models in one run: each as it is alone, and the sums.

  $ cat > two.yaml <<END
  > accelerator: h100
  > services:
  >   - {name: chat, model: llama-3.1-8b, traffic: {preset: azure-2023-conv, rate: 10/s, limit: 500}}
  >   - {name: draft, model: llama-3.2-1b, accelerator: l4, traffic: {preset: azure-2023-conv, rate: 2/s, limit: 300}}
  > END
  $ moat sim two.yaml --json --quiet | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["schema"], d["requests"]["completed"], [(s["name"], s["requests"]["completed"]) for s in d["services"]])'
  moat.sim_services/1 800 [('chat', 500), ('draft', 300)]
  $ moat sim --model llama-3.1-8b --accelerator h100 --preset azure-2023-conv --rate 10/s --set traffic.limit=500 --csv --quiet | tail -1 > alone; moat sim two.yaml --csv --quiet | sed -n 's/^chat,//p' | cmp - alone
  $ moat sim two.yaml --seeds 3 --quiet
  moat: two.yaml: services have no --seeds; ask for one service by itself
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
