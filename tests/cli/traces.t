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
