What a challenger must deliver: the answer in a sentence, tables within 80 columns, the same as JSON and CSV.

  $ export XDG_CACHE_HOME=$PWD/cache
  $ cat > b.yaml <<END
  > horizon: {start: 2025-Q1, periods: 3, period: quarter}
  > skus: [h100-sxm-80, l40s]
  > challenger: {id: gaudi3, incumbent: h100-sxm-80}
  > workloads:
  >   - {id: images, kind: diffusion, demand: {2025-Q1: 400/s, 2025-Q3: 600/s}}
  > prices: {gaudi3: {purchase: 15600 USD}, l40s: {purchase: 7500 USD}}
  > supply: {all: {lead: 0q, rent: 0}}
  > software: {synapseai: {port_cost: 1M USD, lag: 1q, maturity: 0.7}}
  > END
  $ moat breakeven b.yaml --quiet > out; head -1 out | grep -cE '^gaudi3 '
  1
  $ awk 'length($0) > 80' out
  $ grep -cE '^(What it must|The answer flips|The moat|Why not|Price by|Entry price by)' out
  8
  $ moat breakeven b.yaml --quiet --json > b.json; python3 "$TESTDIR/contract.py" moat.breakeven/1 < b.json
  ok
  $ moat breakeven b.yaml --quiet --json --threads 1 | python3 "$TESTDIR/contract.py" --same b.json
  same
  $ python3 - <<END
  > import json
  > d = json.load(open('b.json'))
  > assert abs(sum(r['shapley_usd'] for r in d['decomposition']) - d['total_usd']) <= 1e-6 * max(1, d['free_usd'])
  > assert d['enters'] == (d['price_usd'] < d['entry_price_usd']) == (d['npv_with_usd'] < d['npv_without_usd'])
  > assert d['total_usd'] >= 0 and {r['sku'] for r in d['skus']} == {'h100-sxm-80', 'l40s', 'gaudi3'}
  > by = [r['entry_price_usd'] for r in d['by_speed']]
  > assert all(x <= y * 1.001 for x, y in zip(by, by[1:]))
  > END
  $ moat breakeven b.yaml --quiet --no-moat --csv | head -1
  quantity,of,value,lo,hi

What is refused: one line, exit 2.

  $ sed 's/^challenger.*//' b.yaml > none.yaml; moat breakeven none.yaml --quiet
  moat: none.yaml: challenger: is missing; write challenger: mi300x, or challenger: {id: chip.yaml, incumbent: h100-sxm-80}
  [2]
  $ sed 's/incumbent: h100-sxm-80/incumbent: gaudi3/' b.yaml > self.yaml; moat breakeven self.yaml --quiet
  moat: self.yaml:3: challenger.incumbent: the challenger is its own incumbent; name another SKU
  [2]
  $ sed 's/gaudi3: {purchase: 15600 USD}, //; s/gaudi3/groq-lpu1/' b.yaml > unpriced.yaml; moat breakeven unpriced.yaml --quiet 2>&1 | grep -c 'price'
  1
  $ printf 'id: x\nname: x\nvendor: x\nbf16: 100TFLOP/s\n' > chip.yaml; sed 's/gaudi3/chip.yaml/' b.yaml > bare.yaml; moat breakeven bare.yaml --quiet 2>&1 | grep -c 'mem'
  1
