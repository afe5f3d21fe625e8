Replicas that start, drain, fail and are lent.

  $ cat > s.yaml <<END
  > model: llama-3.1-8b
  > accelerator: h100
  > scheduler: {max_seqs: 24}
  > traffic: {preset: azure-2023-conv, arrivals: {rate: 30/s}, duration: 20min}
  > slo: {ttft: {p99: 2s}, tpot: {p99: 50ms}}
  > cold_start: {boot: 30s, load_bw: 2GB/s, warm_up: 10s}
  > autoscale: {policy: hpa-batch, min: 1, max: 6, target: 16}
  > failures: {mtbf: 30min, repair: 2min, spot: {reclaim_per_hour: 2, notice: 5s}, stragglers: {frac: 20%, slowdown: 1.4x}}
  > spares: 1
  > END
  $ moat sim s.yaml --quiet --requests rows.csv > out; sed -n 1,2p out
  llama-3.1-8b at bf16 on 7 x h100-sxm-80 (1 to 6 replicas and 1 spare of tp 1,
  vllm vllm-v1): * requests, * a second. (glob)
  $ grep -E '^(replicas|available|failures) ' out | cut -c1-12
  replicas    
  available   
  failures    
  $ moat sim s.yaml --json --quiet > a.json; python3 "$TESTDIR/contract.py" moat.sim/1 < a.json
  ok
  $ python3 - <<END
  > import csv, json
  > d = json.load(open('a.json'))
  > r, t, f, c = d['requests'], d['replicas_over_time'], d['failures'], d['misses_by_cause']
  > assert r['offered'] == r['completed'] and r['rejected'] == r['failed'] == 0, r
  > held = t['up_h'] + t['standby_h'] + t['starting_h'] + t['draining_h']
  > assert abs(held / t['held_h'] - 1) < 1e-9, t
  > assert 1 <= t['held_mean'] <= 7 and t['up_least'] <= t['up_most'] <= 7 and t['cold_starts'] > 3, t
  > assert abs(t['cold_start_s'] - 48) < 1, t                 # 30 s, 16 GB at 2 GB/s, 10 s
  > assert f['replicas'] > 0 and f['reclaims'] > 0 and f['given_up'] == 0, f
  > assert 0 < d['availability_frac'] < 1
  > assert c['cold start'] > 0 and c['failure'] > 0, c
  > # cards are billed while they are held, in whole instances
  > per_card = d['usd_per_hour'] / t['held_mean']
  > assert abs(per_card / d['price']['usd_per_card_hour'] - 1) < 1e-9, (per_card, d['price'])
  > rows = list(csv.DictReader(open('rows.csv')))
  > assert sum(int(x['retries']) for x in rows) == f['retries'] == f['requests_lost'] > 0, f
  > assert all(x['ttft_ms'] for x in rows)
  > END

The same bytes step by step and for any number of threads.

  $ moat sim s.yaml --csv --quiet --threads 1 > a.csv; moat sim s.yaml --csv --quiet --step --threads 2 > b.csv; cmp a.csv b.csv

What is lost may fail.

  $ moat sim s.yaml --json --quiet --set failures.retry=false > b.json; python3 - <<END
  > import json
  > d = json.load(open('b.json'))
  > r, f = d['requests'], d['failures']
  > assert r['failed'] == f['given_up'] == f['requests_lost'] > 0 and f['retries'] == 0 and r['completed'] + r['failed'] == r['offered']
  > END

Cards lent at night: what training gets is what it has, less a restart and half an interval for each that is taken back.

  $ cat > lend.yaml <<END
  > model: llama-3.1-8b
  > accelerator: h100
  > replicas: 4
  > clock: "21:50"
  > traffic: {preset: azure-2023-conv, arrivals: {rate: 2/s}, duration: 2h}
  > cold_start: 1min
  > lend: {to: training, calendar: {from: "22:00", to: "23:30"}, keep: 1, restart: 5min, checkpoint_interval: 20min}
  > END
  $ moat sim lend.yaml --json --quiet > c.json; python3 - <<END
  > import json
  > d = json.load(open('c.json'))
  > x, t = d['lent'], d['replicas_over_time']
  > assert x['returns'] == 3 and abs(x['lost_card_h'] - 3 * 0.25) < 1e-9, x
  > assert abs(x['card_h'] - x['useful_card_h'] - x['lost_card_h']) < 1e-9, x
  > assert 4.4 < x['card_h'] <= 4.5, x                        # three cards for 90 minutes, less what draining took
  > assert t['up_least'] == 1 and t['cold_starts'] == 3 and abs(t['starting_h'] - 3 / 60) < 1e-9, t
  > END
  $ moat sim lend.yaml --quiet | grep '^lent' | sed -E 's/[0-9.]+/N/g'
  lent         N replica-hours to training, N replica-hours of them useful;

Wrong input.

  $ moat sim s.yaml --set autoscale.policy=kap
  moat: --set: autoscale.policy: no autoscaler "kap"; did you mean "kpa"?
  [2]
  $ moat sim s.yaml --set autoscale.target=null --set autoscale.min=9
  moat: --set: autoscale.target: expected a count such as 70B, 128k or 2e6, got nothing (null)
  [2]
  $ moat sim s.yaml --set autoscale.min=9
  moat: s.yaml:7: autoscale: min 9 is more than max 6
  [2]
  $ moat sim s.yaml --set autoscale.min=0
  moat: s.yaml:7: autoscale: hpa-batch cannot start from nothing: min must be at least 1
  [2]
  $ moat sim s.yaml --set autoscale.policy=schedule
  moat: s.yaml:7: autoscale: schedule goes by hours, and none are given; write {policy: schedule, min: 1, max: 8, hours: [{from: "08:00", to: "20:00", replicas: 8}]}
  [2]
  $ moat sim lend.yaml --set 'lend.calendar={from: 0:00, to: 24:00, keep: 0}'
  moat: lend.yaml: lend: no hour of the day has a replica: requests would wait for ever
  [2]
  $ moat plan s.yaml
  moat: s.yaml:6: cold_start: moat plan does not take this key; it belongs to sim
  [2]
  $ moat sim s.yaml --set failures.mtfb=3h
  moat: --set: failures.mtfb: unknown key "mtfb"; did you mean "mtbf"?
  [2]

What can never be up is refused, since whoever waits for it would wait for ever.

  $ never() { moat sim --model llama-3.1-8b --accelerator h100 --preset azure-2023-conv --rate 5/s --set traffic.limit=50 --quiet --set "$@"; }
  $ never 'failures={mtbf: 1s}'
  moat: command line: failures: a replica fails every 1 s and takes 424 s to start: it is never up; write a longer mtbf, of a device, or a shorter cold_start
  [2]
  $ never 'lend={to: training, calendar: {from: "00:00", to: "23:59"}, keep: 0}'
  moat: command line: lend: 60 s of the day are left to serve, and a replica takes 424 s to start; write keep: 1, or lend for less of the day
  [2]
