Work that is no language model, in the model's place.

  $ moat predict dlrm-v2 on h100 --devices 8 > out; head -2 out
  dlrm-v2 (recommender) in int8 on 8 x h100-sxm-80, 256 a card at a time.
  
  $ grep -oE '^(rate|a batch|memory|power|cost|evidence) ' out | tr '\n' ' '
  rate  a batch  memory  power  cost  evidence   (no-eol)
  $ grep -cE '^rate +[0-9,]+ queries/s \[[0-9,]+-[0-9,]+\] a card, [0-9,]+' out
  1
  $ awk 'length($0) > 80' out
  $ moat predict dlrm-v2 on h100 --devices 8 --json > p.json; python3 "$TESTDIR/contract.py" moat.predict/1 < p.json
  ok
  $ python3 - <<END
  > import json
  > d = json.load(open('p.json'))
  > assert d['rate_lo'] < d['rate'] < d['rate_hi'] and abs(d['rate_total'] - 8 * d['rate']) < 1e-6 * d['rate_total']
  > assert abs(sum(x['share_frac'] for x in d['breakdown']) - 1) < 1e-9
  > assert abs(d['batch'] / d['latency_ms'] * 1e3 / d['rate'] - 1) < 1e-9
  > print(d['fits'], d['unit'], d['reason'], d['ttft_ms'], d['inputs'])
  > END
  True queries/s None None {'devices': 8, 'model': 'dlrm-v2', 'accelerator': 'h100'}
  $ moat predict dlrm-v2 on h100 --csv | cut -d, -f1-6
  work,class,accelerator,devices,batch,fits
  dlrm-v2,recommender,h100-sxm-80,1,256,true

A capability that lacks is rate 0, with the reason, and exit 1; so is memory.

  $ moat predict cloud-gaming-1080p60 on h100
  cloud-gaming-1080p60 (graphics) on 1 x h100-sxm-80.
  The rate is 0: h100-sxm-80 draws no graphics.
  
  binding      capability
  evidence     inferred
  [1]
  $ for on in 'hpl on groq-lpu1' 'lbm on tpu-v5e' 'game-1080p-rt on a100' 'dlrm-v2 on t4' 'cloud-gaming-4k60 on t4'; do
  >   moat predict $on --csv | tail -1 | cut -d, -f1,3,6,7,14,15; done
  hpl,groq-lpu1,false,0,capability,groq-lpu1 has no fp64 arithmetic
  lbm-d3q19,tpu-v5e,false,0,capability,tpu-v5e has no fp32 rate
  game-1080p-rt,a100-sxm-80,false,0,capability,a100-sxm-80 draws no graphics
  dlrm-v2,t4,false,0,memory,"* GB are needed on each card (glob)
  cloud-gaming-4k60,t4,false,0,latency,"one session gets * frames/s (glob)
  $ moat predict cloud-gaming-1080p60 on h100 --json > no.json
  [1]
  $ python3 "$TESTDIR/contract.py" moat.predict/1 < no.json
  ok
  $ python3 -c 'import json; d = json.load(open("no.json")); print(d["fits"], d["rate"], d["rate_hi"], d["reason"], d["binding"])'
  False 0 0 h100-sxm-80 draws no graphics capability

Several at once, fastest first; what cannot stands below with its reason. Exit 1 when none can.

  $ moat predict hpl on h100,mi300x,gaudi3,a10 | cut -c1-12
  hpl (hpc): T
  
  accelerator 
  mi300x      
  h100-sxm-80 
  a10         
  
  Rate 0: 1
  capability  
  $ moat predict cloud-gaming-1080p60 on all --json > all.json; python3 - <<END
  > import json
  > d = json.load(open('all.json'))
  > c = d['candidates']
  > assert d['schema'] == 'moat.predict_work/1' and len(c) > 80 and [x['rate'] for x in c] == sorted((x['rate'] for x in c), reverse=True)
  > assert all((x['rate'] > 0) == (x['reason'] is None) for x in c)
  > by = {x['accelerator']: x for x in c}
  > print(by['h100-sxm-80']['binding'], by['l40']['rate'] > by['l4']['rate'] >= by['t4']['rate'] > 0)
  > END
  capability True
  $ moat predict cloud-gaming-1080p60 on all --csv | awk 'length($0) < 40' 
  $ moat predict vdi on h100,a100 > none
  [1]
  $ moat predict vdi on l4,h1000
  moat: accelerator: unknown accelerator "h1000"; did you mean "h100"?
  [2]
  $ moat predict vdi on ,
  moat: accelerator: names no accelerator; write accelerator: h100
  [2]

What cannot be says so in one line.

  $ moat predict sdlx on h100
  moat: model: unknown model or workload "sdlx"; did you mean "sdxl"?
  [2]
  $ moat predict llama-3.1-8 on h100
  moat: model: unknown model or workload "llama-3.1-8"; did you mean "llama-3.1-8b"?
  [2]
  $ moat predict sdxl on h1000
  moat: accelerator: unknown accelerator "h1000"; did you mean "h100"?
  [2]
  $ moat predict sdxl on h100 --isl 5
  moat: --isl: unknown key "isl"; a workload takes accelerator, devices, batch, framework and prices
  [2]
  $ moat predict sdxl on h100 --devices 0
  moat: --devices: * (glob)
  [2]
  $ moat predict sdxl on h100 --batch 0
  moat: --batch: must be at least 1; write batch: 1
  [2]
  $ moat predict llama-3.1-8b on h100 --devices 2
  moat: --devices: unknown key "devices"* (glob)
  [2]

  $ moat plan --model sdxl --preset azure-2023-conv --rate 1/s
  moat: --model: "sdxl" is a workload, not a language model; `moat predict sdxl on h100` asks its rate
  [2]

The catalog lists and shows them; a file of one's own serves as well, and an overlay adds it.

  $ moat catalog list work | head -3
  id * (glob)
  bevformer-base * (glob)
  bevformer-train * (glob)
  $ moat catalog list work --csv | cut -d, -f1 | grep -cE '^(dlrm|sdxl|hpl|cloud|vdi|resnet|cogvideo)'
  18
  $ moat catalog show hpl | head -1
  hpl: HPL, FP64 matrix product (hpc), in TFLOP/s
  $ moat catalog list work --json > w.json; python3 "$TESTDIR/contract.py" moat.catalog/1 < w.json
  ok
  $ moat catalog show sdxl --yaml > mine.yaml; sed -i -e 's/^id: .*/id: mine/' -e '/^aliases:/d' -e 's/times: 40/times: 80/' mine.yaml
  $ moat predict ./mine.yaml on h100 --csv | tail -1 | cut -d, -f1-4
  mine,diffusion,h100-sxm-80,1
  $ moat catalog add mine.yaml --catalog over
  mine: workload, now in over/work/mine.yaml
  $ moat predict mine on h100 --catalog over --csv | tail -1 | cut -d, -f1
  mine
  $ sed -i 's/^class: .*/class: difusion/' mine.yaml; moat predict ./mine.yaml on h100
  moat: ./mine.yaml:*: class: expected recommender, diffusion, driving, hpc or graphics, got "difusion"; did you mean "diffusion"? (glob)
  [2]
  $ moat predict ./nowhere.yaml on h100
  moat: ./nowhere.yaml: * (glob)
  [3]

Points that anybody published; those that set a constant are scored apart.

  $ moat validate "$MOAT_SOURCE/data/work/points.csv" > v; sed -n 's/^.*points.csv: //p' v
  109 rows, 109 scored, 0 refused
  $ grep -cE '^ +(class|held out|fitted) ' v
  4
  $ moat validate "$MOAT_SOURCE/data/work/points.csv" --json > v.json; python3 - <<END
  > import json
  > d = json.load(open('v.json'))
  > assert d['schema'] == 'moat.validate/1' and d['rows'] == d['scored'] == 109
  > assert d['metrics']['rate']['n'] + d['metrics']['rate_fitted']['n'] == 109
  > print(len(d['points']), sorted({g['key'] for g in d['groups'] if g['by'] == 'class'}))
  > END
  109 ['diffusion', 'driving', 'graphics', 'hpc', 'recommender']
  $ moat validate "$MOAT_SOURCE/data/work/points.csv" --without h100
  moat: validate: workloads have no constants of a device to hold out: rows say themselves what was fitted; usage: * (glob)
  [2]
  $ printf 'work,accelerator\nhpl,h100\n' > bad.csv; moat validate bad.csv
  moat: bad.csv: no column measured; * (glob)
  [2]
