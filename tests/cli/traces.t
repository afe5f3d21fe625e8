Traces that are not as they should be: used as far as they can be, with a note; refused in one line when they cannot.

  $ head='arrival_s,input_tokens,output_tokens'
  $ rows() { grep '^rows'; }

Equal and backward timestamps, no final newline.

  $ printf "$head\n0,100,10\n0,100,10\n5,100,10\n3,50,20" > equal.csv; moat trace stat equal.csv --quiet | rows
  rows         4 read, 4 used; 1 put in order of time
  $ moat trace stat equal.csv > /dev/null
  moat: note: equal.csv: * (glob)

NaN, infinity and words for numbers.

  $ printf "$head\n0,100,10\nNaN,100,10\n5,nan,10\n6,50,20\n7,50,20\n8,1,1\n9,1e999,4\n10,5,6\n11,5,6\n" > nan.csv; moat trace stat nan.csv --quiet | rows
  rows         9 read, 6 used, * with a bad number, * with a bad time (glob)

Outputs of no tokens are dropped; when they are most of the trace it is refused.

  $ printf "$head\n0,100,0\n1,100,0\n2,100,10\n3,50,20\n4,9,9\n" > zero.csv; moat trace stat zero.csv --quiet | rows
  rows         5 read, 3 used, 2 with no output
  $ printf "$head\n0,100,0\n1,100,0\n2,100,10\n" > mostly.csv; moat trace stat mostly.csv
  moat: mostly.csv: more than half of the rows cannot be used: 3 read = 1 kept + 2 dropped (zero output)
  [2]
  $ : > nothing.csv; moat trace stat nothing.csv
  moat: nothing.csv: the file is empty
  [2]
  $ printf "$head\n" > header.csv; moat trace stat header.csv
  moat: header.csv: no requests: there is a header but no rows
  [2]
  $ printf 'a,b\n1,2\n' > other.csv; moat trace stat other.csv
  moat: other.csv: no trace format has these columns: a,b; * (glob)
  [2]
  $ head -c 5000 /dev/urandom > noise.csv; moat trace stat noise.csv 2> err; echo $?; wc -l < err
  2
  1

A million-token prompt.

  $ printf "$head\n0,1000000,10\n1,100,10\n2,100,10\n" > million.csv; moat trace stat million.csv --quiet | head -1
  million.csv (plain): 3 requests in 2.0 s, 1.5 a second

Presets and formats.

  $ moat trace stat azure-2023-conv --quiet --json | python3 "$TESTDIR/contract.py" moat.trace/1
  ok
  $ moat trace stat azure-2023-con
  moat: * (glob)
  [3]
  $ moat trace formats | grep -cE '^  (azure|mooncake|plain|burstgpt) '
  8
  $ moat trace formats | awk 'length($0) > 80'
  $ moat trace formats --json | python3 "$TESTDIR/contract.py" moat.trace_formats/1
  ok

Generated and converted: what a format cannot hold is said.

  $ moat trace generate --preset azure-2023-conv --limit 3 --quiet > three.csv; head -2 three.csv; wc -l < three.csv
  arrival_s,input_tokens,output_tokens
  0,[0-9]+,[0-9]+ (re)
  4
  $ moat trace convert three.csv --to mooncake --out three.jsonl
  moat: note: mooncake: 2 of 3 times rounded to whole milliseconds
  moat: note: mooncake: the source knows no prefix blocks: every block has an id of its own, nothing is shared
  three.jsonl (mooncake): 3 requests in * ms, from three.csv (plain) (glob)
  rows         3 read, 3 used
  $ moat trace convert three.jsonl --to mooncake --quiet | cmp - three.jsonl && echo same
  same
  $ moat trace convert three.jsonl --to azure
  moat: note: three.jsonl: read as Mooncake: * (glob)
  moat: note: azure: has no prefix blocks; they are left out (mooncake keeps them)
  TIMESTAMP,ContextTokens,GeneratedTokens
  2000-01-01 00:00:00.0000000,* (glob)
  2000-01-01 00:00:* (glob)
  2000-01-01 00:00:* (glob)
  $ for f in azure burstgpt vidur plain mooncake; do moat trace convert nan.csv --to $f --out again --quiet | grep -v ^again; moat trace stat again --quiet | rows; done | sort | uniq -c | sed 's/^ *//'
  5 rows         6 read, 6 used
  5 rows         9 read, 6 used, 2 with a bad number, 1 with a bad time
  $ moat trace generate --preset azure-2023-conv --limit 3 --format mooncake --out x.jsonl --quiet --json | python3 "$TESTDIR/contract.py" moat.trace_written/1
  ok
  $ printf 'traffic:\n  arrivals: {process: weibull, rate: 5/s, cv: 2}\n  prompt_tokens: 100\n  output_tokens: 10\n  requests: 50\n' > s.yaml
  $ moat trace generate s.yaml --quiet | grep -c ',100,10$'
  50

What cannot be written is one line.

  $ moat trace convert three.csv
  moat: trace: to which format? write --to mooncake; usage: * (glob)
  [2]
  $ moat trace convert three.csv --to mooncak
  moat: unknown format "mooncak"; did you mean "mooncake"?
  [2]
  $ moat trace convert three.csv --to azure --json
  moat: --out: is missing: * (glob)
  [2]
  $ moat trace convert nowhere.csv --to azure
  moat: * no such file: nowhere.csv; * (glob)
  [3]
  $ moat trace convert three.csv --to azure --out nowhere/x.csv
  moat: nowhere/x.csv: cannot write: No such file or directory
  [3]
  $ moat trace convert three.csv --to azure --out /dev/full
  moat: /dev/full: cannot write: No space left on device
  [3]
  $ moat trace generate
  moat: trace: no traffic: nothing says what to generate; * (glob)
  [2]

Rates that change, sums of clients, sessions.

  $ printf 't_s,rpm\n0,60\n3600,120\n' > curve.csv
  $ lengths='prompt_tokens: 100, output_tokens: 10'
  $ echo "traffic: {rate_curve: curve.csv, $lengths}" > s.yaml; moat trace generate s.yaml --out out.csv
  moat: note: traffic.rate_curve: curve.csv: a mean of 1.5/s over 0.08333 days
  out.csv (plain): 10,* requests in 2.0 h, from generated (generated) (glob)
  rows         10,* read, 10,* used (glob)
  $ moat trace generate s.yaml --rate 3/s --duration 1h --out out.csv
  moat: note: traffic.rate_curve: curve.csv: a mean of 3/s over 0.08333 days
  moat: note: traffic.rate_curve: the 1 hours played have a mean of 2/s
  out.csv (plain): 7,* requests in 60 min, from generated (generated) (glob)
  rows         7,* read, 7,* used (glob)
  $ echo "traffic: {rate_curve: weekli, $lengths}" > s.yaml; moat trace generate s.yaml
  moat: s.yaml:1: traffic.rate_curve: no shape "weekli"; did you mean "weekly"?
  [2]
  $ echo "traffic: {rate_curve: weekly, $lengths}" > s.yaml; moat trace generate s.yaml
  moat: s.yaml:1: traffic.rate_curve: the rate is missing: write rate: 20/s
  [2]
  $ printf 'client,t_s,rate_rps,cv,pattern,arg1,arg2\na,0,5,1,Gamma,1,0.2\nb,600,2,2,Weibull,0.6,0.3' > clients.csv
  $ echo "traffic: {clients: clients.csv, $lengths}" > s.yaml; moat trace generate s.yaml --out out.csv
  moat: note: traffic.clients: clients.csv: 2 clients, 3.5/s over 0.3333 h; 0.3333 h of it played at 1x: 4200 requests expected, * drawn (glob)
  out.csv (plain): 4,* requests in 20 min, from generated (generated) (glob)
  rows         4,* read, 4,* used (glob)
  $ echo "traffic: {arrivals: {rate: 1/s}, sessions: {turns: 3, system_tokens: 640, think_time: 10s}, $lengths, duration: 100s}" > s.yaml
  $ moat trace generate s.yaml --format mooncake --out out.jsonl 2> notes; grep sessions notes
  out.jsonl (mooncake): 3* requests in * s, from generated (generated) (glob)
  rows         3* read, 3* used (glob)
  moat: note: mooncake: has no sessions: calls arrive as if every answer before them took no time
  $ moat trace stat out.jsonl --quiet --json | python3 "$TESTDIR/contract.py" moat.trace/1
  ok
  $ echo "traffic: {sessions: {turns: 3}, $lengths}" > s.yaml; moat trace generate s.yaml
  moat: s.yaml:1: traffic.sessions: how often does a session begin?; write arrivals: {rate: 2/s} beside it, or concurrency: 64 for so many at a time
  [2]
  $ for bad in 't_s,rpm\n0,nan\n1,2\n' 't_s,rpm\n0,1\n0,2\n' 't_s,rpm\n0,1' 'a,b\n'; do printf "$bad" > curve.csv; echo "traffic: {rate_curve: curve.csv, $lengths}" > s.yaml; moat trace generate s.yaml; done
  moat: curve.csv:2: expected a rate of at least 0, got "nan"
  moat: curve.csv:3: t_s goes from 0 to 0: a curve has one row for each time, in order
  moat: curve.csv: a curve needs two rows at least
  moat: curve.csv: no column t_s: a rate curve needs the time of each row in seconds; * (glob)
  [2]

Formats that are mixed in one file.

  $ moon='{"timestamp": 1000, "input_length": 20, "output_length": 3}' qwen='{"chat_id": 1, "timestamp": 61, "input_length": 20, "output_length": 3}'
  $ printf "$moon\n$qwen\n" > mixed.jsonl; moat trace stat mixed.jsonl
  moat: mixed.jsonl:2: chat_id in a Mooncake trace: is timestamp in milliseconds, or in seconds as in Bailian's?; * (glob)
  [2]
  $ printf "$qwen\n$moon\n" > mixed.jsonl; moat trace stat mixed.jsonl
  moat: mixed.jsonl:2: no chat_id in a Bailian trace: is timestamp in seconds, or in milliseconds as in Mooncake's?; * (glob)
  [2]
  $ printf "$moon\n$moon\n0,100,10\n" > mixed.jsonl; moat trace stat mixed.jsonl
  moat: mixed.jsonl:3:1: expected "{", got "0"; a trace in JSONL has one whole JSON object a line
  [2]
  $ printf "$head\n0,100,10\n$moon\n$head\n2,100,10\n3,1,1" > mixed.csv; moat trace stat mixed.csv --quiet | rows
  rows         5 read, 3 used, 2 with a bad time
