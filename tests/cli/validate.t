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
  $ moat validate points.csv --verbose | grep 'no-such-model' | tr -s ' '
   5 d unknown model "no-such-model"
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
  b,tok_s_per_accelerator_derived,inferred,family
  $ moat validate points.csv --csv --without each > each; diff one each | sed -n 's/^> //p' | cut -d, -f1,8 | sort -u
  a,family
  b,family
  $ diff held each | sed -n 's/^> //p' | cut -d, -f1 | sort -u
  a

Which of two is the faster, and what choosing by the predictions loses. H200 reads faster than H100, and 8 sequences at a time are
slower for each than 1.

  $ for c in 1 4 16 64; do for a in h100-sxm-80 h200-sxm-141; do
  >   echo "$a$c,llama-3.1-8b,$a,1,vllm,bf16,512,128,0.8,$c,1,1,1,1,$((40 + 4 * c)),$((7 + c / 4 - ${#a} / 12))"
  > done; done > rows; (echo $head; cat rows) > rank.csv
  $ moat validate rank.csv > out; grep -A3 '^The faster' out
  The faster of two that differ in one thing, by 5 % or more: is it predicted to be?
                              latency:               throughput:
                                 pairs  right   tau        pairs  right   tau
    accelerators                     3   100%  1.00            3   100%  1.00
  $ grep -A3 '^Choosing' out | tr '\n' ' ' | sed 's/[0-9.]*%/N%/g'
  Choosing a configuration under limits on TPOT and TTFT by the predictions loses N% of the best throughput * (glob)
  $ moat validate rank.csv --json | python3 -c '
  > import json, sys
  > d = json.load(sys.stdin)
  > r = [x for x in d["ranking"]["ratios"] if x["of"] == "h200-sxm-141/h100-sxm-80" and x["measure"] == "latency"][0]
  > assert r["pairs"] + r["ties"] == 4 and r["right"] == r["pairs"] and r["tau"] == 1, r
  > c = d["choice"]
  > assert c["groups"] == 2 and 0 <= c["violated"] + c["none"] <= c["questions"], c
  > print(d["ranking"]["tie_frac"], sorted(c))'
  0.05 ['groups', 'lost_all_pct', 'lost_p90_pct', 'lost_pct', 'none', 'none_frac', 'questions', 'violated', 'violated_frac']

A power cap that is not stated refuses the row; one that is slows the prompts.

  $ cat > cap.csv <<END
  > id,kind,model,accelerator,framework,isl,batch,osl,tp,ttft_ms,tpot_ms,note,precision,power_cap_w
  > a,static,llama-2-70b,h100-sxm-80,other,2048,1,128,4,179,29.8,,fp16,
  > b,static,llama-2-70b,h100-sxm-80,other,2048,1,128,4,260,29.8,power capped,fp16,350
  > c,static,llama-2-70b,h100-sxm-80,other,2048,1,128,4,260,29.8,power capped,fp16,
  > END
  $ moat validate cap.csv --json | python3 -c '
  > import json, sys
  > d = json.load(sys.stdin)
  > p = {(x["id"], x["metric"]): x["predicted"] for x in d["points"]}
  > print(d["refused"][0]["id"], d["refused"][0]["why"])
  > assert 1.15 < p["b", "ttft_ms"] / p["a", "ttft_ms"] < 1.5 and p["b", "tpot_ms"] < 1.1 * p["a", "tpot_ms"], p'
  c power capped, and the cap is not stated

A group that the constants of its software were fitted to is counted and not scored, unless its device is held out. An older
version is another software.

  $ cat > neuron.csv <<END
  > id,kind,model,accelerator,accelerators,framework,framework_version,precision,isl,osl,batch,tp,tpot_ms
  > a,static,llama-3-70b,trainium1,16,neuronx,2.18,bf16,128,128,1,32,25
  > b,static,llama-3-8b,trainium1,16,neuronx,2.18,int8,128,128,1,32,7
  > c,static,llama-3-8b,h100,1,vllm,0.6.1,bf16,128,128,16,1,9
  > d,static,llama-3-8b,h100,1,vllm,0.12.0,bf16,128,128,16,1,9
  > END
  $ moat validate neuron.csv | head -1
  neuron.csv: 4 rows, 3 scored, 1 fitted on and not scored, 0 refused
  $ moat validate neuron.csv --without trainium1 | head -1
  neuron.csv: 4 rows, 4 scored, 0 refused
  $ moat validate neuron.csv --json | python3 -c '
  > import json, sys
  > d = json.load(sys.stdin)
  > p = {x["id"]: x for x in d["points"]}
  > assert d["fitted"] == 1 and p["c"]["predicted"] > 1.1 * p["d"]["predicted"], p
  > print(p["b"]["stack"], "|", p["c"]["stack"], "|", p["d"]["stack"])'
  neuronx | vllm on CUDA before 0.7 | vllm

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
