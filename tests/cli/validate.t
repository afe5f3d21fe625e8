Predicted against measured.

  $ head='id,model,accelerator,accelerators,backend,precision,isl,osl,length_ratio_min,concurrency,tp,pp,dp,ep,ttft_mean_ms,tpot_mean_ms'
  $ cat > points.csv <<END
  > $head
  > a,llama-3.1-8b,h100-sxm-80,1,vllm,bf16,512,128,0.8,8,1,1,1,1,60,8
  > b,llama-3.1-8b,h200-sxm-141,1,vllm,bf16,512,128,0.8,8,1,1,1,1,60,6
  > c,llama-3.1-70b,h100-sxm-80,1,vllm,bf16,512,128,0.8,8,1,1,1,1,60,6
  > d,no-such-model,h100-sxm-80,1,vllm,bf16,512,128,0.8,8,1,1,1,1,60,6
  > END
  $ moat validate points.csv > out; head -1 out
  points.csv: 4 rows, 2 scored, 2 refused
  $ grep -c '^ *tpot_mean_ms  *2 ' out
  1
  $ awk 'length($0) > 96' out
  $ moat validate points.csv --json > p.json; python3 - <<END
  > import json
  > d = json.load(open('p.json'))
  > assert d['schema'] == 'moat.validate/1' and d['rows'] == 4 and d['scored'] == 2
  > assert [r['id'] for r in d['refused']] == ['c', 'd'], d['refused']
  > m = d['metrics']['tpot_mean_ms']
  > assert m['n'] == 2 and 0 < m['median_ape_pct'] <= m['p90_ape_pct'] and 0 <= m['coverage80_pct'] <= 100
  > assert {'by', 'key', 'metric', 'n', 'median_ape_pct'} <= set(d['groups'][0])
  > for p in d['points']:
  >     assert p['lo'] < p['predicted'] < p['hi'] and p['evidence'] == 'measured', p
  > print(d['refused'][1]['why'])
  > END
  unknown model "no-such-model"

The same bytes for any number of threads; a held-out device is predicted by others.

  $ moat validate points.csv --csv --threads 1 > one; moat validate points.csv --csv --threads 4 | cmp - one
  $ moat validate points.csv --csv --without h200 > held; diff one held | sed -n 's/^> //p' | cut -d, -f1,2,7,8
  b,ttft_mean_ms,inferred,family
  b,tpot_mean_ms,inferred,family

What cannot be read says so in one line.

  $ moat validate
  moat: validate: what to work on is missing; usage: moat validate POINTS.csv
  [2]
  $ moat validate none.csv
  moat: none.csv: * (glob)
  [3]
  $ echo 'model,tp' > bad.csv; moat validate bad.csv
  moat: bad.csv: no column named "accelerator"; a point file has model, accelerator, tp, isl, osl, a load and metrics such as tpot_mean_ms
  [2]
  $ moat validate points.csv --without h2000
  moat: --without: unknown accelerator "h2000"; did you mean "h200"?
  [2]
  $ grep -v '^[ab],' points.csv > rest.csv; moat validate rest.csv | head -1; moat validate rest.csv > /dev/null
  rest.csv: 2 rows, 0 scored, 2 refused
  [1]
