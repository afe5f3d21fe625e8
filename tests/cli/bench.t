A live endpoint: a server of our own with known times and faults on demand (tests/live/sse_server.c).

  $ "$SSE_SERVER" 100 > port & server=$!
  $ while ! test -s port; do sleep 0.05; done; url=http://127.0.0.1:$(cat port)
  $ bench() { moat bench $url --random-input-len 51 --random-output-len 20 --quiet "$@"; }

Every token is seen, none too early, and the server's own count of a prompt's tokens is met (three for a start, two a word).

  $ bench --model ttft=50ms,itl=10ms --num-prompts 40 --max-concurrency 8 --json --requests rows.csv > run.json
  $ python3 "$TESTDIR/contract.py" moat.bench/1 < run.json
  ok
  $ python3 - <<END
  > import csv, json
  > d = json.load(open('run.json'))
  > assert d['completed'] == 40 and d['failed'] == 0 and not d['errors_by_kind'], d
  > assert d['total_output_tokens'] == 800 and d['total_input_tokens'] == 40 * 51, (d['total_output_tokens'], d['total_input_tokens'])
  > assert 50 <= d['mean_ttft_ms'] < 150 and 9.9 <= d['median_itl_ms'] < 20 and 9.9 <= d['mean_tpot_ms'] < 20, d
  > assert abs(d['tokens_per_word'] - 2) < 1e-9 and d['max_concurrency'] == 8 and d['mean_concurrency'] <= 8.01
  > rows = list(csv.DictReader(open('rows.csv')))
  > assert len(rows) == 40 and all(r['error'] == 'ok' and r['chunks'] == '20' and r['in_tok'] == '51' and r['status'] == '200' for r in rows)
  > assert all(float(r['ttft_ms']) >= 49.9 - float(r['connect_ms']) for r in rows)
  > END
  $ bench --model ttft=1ms,itl=1ms --num-prompts 7 --token-ids 100-900 --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["total_input_tokens"])'
  357
  $ bench --model ttft=1ms,itl=1ms --num-prompts 7 --endpoint /v1/chat/completions --csv | cut -d, -f1,2
  metric,n
  ttft,7
  tpot,7
  itl,133
  e2el,7

Without --model the server's first; a URL may end in /v1; warm-up does not count; goodput is within all limits.

  $ moat bench $url/v1/ --num-prompts 6 --warmup 2 --max-concurrency 2 --random-input-len 21 --random-output-len 4 --goodput ttft:10s,tpot:10s,e2el:10s,itl:10s --quiet | grep -oE 'goodput.*' | sed 's/[0-9.]* requests.s; //' | tr -s ' '
  goodput 4 of 4 within every limit
  $ bench --model ttft=20ms,itl=1ms --num-prompts 4 --goodput ttft:5ms --quiet | grep -oE '[0-9]+ of [0-9]+ within'
  0 of 4 within

An open loop sends at its times, and says how late it was itself; sessions wait for their answers.

  $ bench --model ttft=1ms,itl=1ms --num-prompts 30 --request-rate 100 --requests rows.csv --json > run.json; python3 - <<END
  > import csv, json
  > due = [float(r['due_s']) for r in csv.DictReader(open('rows.csv'))]
  > d = json.load(open('run.json'))
  > assert due == sorted(due) and 0.1 < due[-1] < 1 and d['duration'] >= due[-1], (due[-1], d['duration'])
  > assert d['max_concurrency'] is None and d['median_schedule_delay_ms'] < 100 and abs(d['request_rate'] - 100) < 40
  > END
  $ bench --model ttft=1ms,itl=1ms --request-rate 200 --num-prompts 10 --max-concurrency 1 --json | python3 -c 'import json, sys; d = json.load(sys.stdin); assert d["max_schedule_delay_ms"] > 50 and d["mean_concurrency"] <= 1.01, d'
  $ cat > agents.yaml <<END
  > traffic: {arrivals: {rate: 50/s}, sessions: {turns: 3, think_time: 50ms}, prompt_tokens: 30, output_tokens: 4, requests: 9}
  > END
  $ moat bench $url --model ttft=1ms,itl=1ms --set traffic="$(sed 's/^traffic: //' agents.yaml)" --requests rows.csv --quiet > out; python3 - <<END
  > import csv
  > rows = list(csv.DictReader(open('rows.csv')))
  > assert len(rows) == 9 and all(r['error'] == 'ok' for r in rows), rows
  > begin = sorted(float(r['due_s']) for r in rows)
  > assert begin[-1] > 0.1, begin
  > END

Whatever the server does is counted, told by kind, and nothing hangs.

  $ for fault in 429 500 404 reset close stall badjson toolong error empty slowhead; do
  >   bench --model ttft=2ms,itl=1ms,fault=$fault/3 --num-prompts 9 --max-concurrency 3 --stall 400ms --json > run.json || echo "$fault: exit $?"
  >   python3 -c "import json; d = json.load(open('run.json')); print('$fault', d['completed'], d['failed'], *d['errors_by_kind'].items())"
  > done
  429 6 3 ('http_429', 3)
  500 6 3 ('http_5xx', 3)
  404 6 3 ('http_4xx', 3)
  reset 6 3 ('reset', 3)
  close 6 3 ('truncated', 3)
  stall 6 3 ('stall', 3)
  badjson 6 3 ('protocol', 3)
  toolong 6 3 ('protocol', 3)
  error 6 3 ('http_5xx', 3)
  empty 6 3 ('empty', 3)
  slowhead 6 3 ('stall', 3)
  $ bench --model ttft=2ms,itl=1ms,fault=lie/3 --num-prompts 9 --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["completed"], d["false_usage"], d["total_output_tokens"])'
  9 3 180
  $ bench --model ttft=2ms,itl=1ms,fault=few/3 --num-prompts 9 --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["completed"], d["short_answers"], d["total_output_tokens"])'
  9 3 150
  $ for fault in nousage half; do bench --model ttft=2ms,itl=1ms,fault=$fault --num-prompts 3 --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["completed"], d["total_output_tokens"])'; done
  3 60
  3 60
  $ bench --model ttft=1ms,itl=1ms,fault=500/1 --num-prompts 3 > out; echo $?; tail -1 out
  1
  failed       3: failed (http_5xx): {"error":{"message":"out of memory"}}

The key goes to the server and nowhere else.

  $ printf 'sk-secret\n' > key; bench --model ttft=1ms --num-prompts 2 --api-key-file key --json --result-filename copy.json > run.json && grep -c secret run.json copy.json
  run.json:0
  copy.json:0
  [1]

Beside a prediction, and a point for validate.

  $ cat > mine.yaml <<END
  > model: llama-3.2-1b
  > precision: bf16
  > accelerator: l4
  > traffic: {arrivals: {process: poisson, rate: 20/s}, prompt_tokens: 51, output_tokens: 20, requests: 20}
  > END
  $ moat bench $url --model ttft=50ms,itl=10ms --predict mine.yaml --points points.csv --quiet > out; grep -oE 'measured +predicted|mean TTFT|output tok/s' out | sort | uniq -c | sed 's/  *//g'
  1meanTTFT
  1measuredpredicted
  2outputtok/s
  $ moat bench $url --model ttft=50ms,itl=10ms --predict mine.yaml --max-concurrency 2 --num-prompts 8 --random-input-len 51 --random-output-len 20 --points points.csv --quiet > out; wc -l < points.csv
  3
  $ moat validate points.csv --quiet --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["rows"], len(d["refused"]), sorted(d["metrics"])[:2])'
  2 0 ['output_tok_s', 'tok_s_per_accelerator_derived']

Wrong input.

  $ moat bench
  moat: bench: what to work on is missing; usage: moat bench URL
  [2]
  $ moat bench localhost:8000
  moat: bench: expected a URL such as http://localhost:8000, got "localhost:8000"
  [2]
  $ bench --model m --request-rate fast
  moat: --request-rate: expected a number above 0, got "fast"
  [2]
  $ bench --model m --goodput ttft
  moat: --goodput: expected ttft:500ms,tpot:50ms (ttft, tpot, itl, e2el), got "ttft"
  [2]
  $ bench --model m --extra-body '[1]'
  moat: --extra-body: expected a JSON object such as {"temperature": 0}
  [2]
  $ bench --model ttft=1ms --extra-body '{"temperature": 0}' --num-prompts 2 | grep -c served
  1
  $ bench --model m --token-ids 9-2
  moat: --token-ids: expected a range such as 1000-20000, got "9-2"
  [2]
  $ bench --model m --points p.csv
  moat: bench: --points needs --predict SCENARIO.yaml, which says what was measured; usage: moat bench URL
  [2]
  $ bench --model m --num-prompts 3 --warmup 3
  moat: bench: all 3 requests would be warm-up
  [2]
  $ moat bench http://127.0.0.1:1 --num-prompts 1 2>&1 | sed 's/reached:.*/reached/'
  moat: http://127.0.0.1:1/v1/models: cannot be reached
  $ moat bench $url/nowhere --model m --num-prompts 1 --quiet
  moat: http://127.0.0.1:*/nowhere/v1/completions: answers 404: {"error":{"message":"no such path"}} (glob)
  [3]
  $ kill $server
