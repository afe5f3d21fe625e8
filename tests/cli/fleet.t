A fleet over time: the answer in a sentence, tables within 80 columns, the same as JSON and CSV.

  $ export XDG_CACHE_HOME=$PWD/cache
  $ cat > f.yaml <<END
  > horizon: {start: 2025-Q1, periods: 4, period: quarter}
  > skus: [h100-sxm-80, l40s]
  > workloads:
  >   - {id: chat, kind: serving, model: llama-3.1-8b, precision: fp8, traffic: {preset: azure-2023-conv, limit: 4000},
  >      slo: {ttft: {p99: 2s}, tpot: {p99: 60ms}}, demand: {2025-Q1: 200/s, 2025-Q4: 600/s}}
  >   - {id: tune, kind: training, model: llama-3.1-8b, tokens: 200B, window: 2025-Q3}
  > scenarios: [{name: boom, probability: 0.4, from: 2025-Q3, demand: {chat: 2x}}]
  > stock: {a10: 40}
  > prices: {l40s: {purchase: 7500 USD}}
  > END
  $ moat fleet f.yaml --quiet > out; head -1 out | grep -cE '^(Order .* x|By )'
  1
  $ awk 'length($0) > 80' out
  $ grep -cE '^(A card-hour|A card does|Fleet|What does|Futures|Where the money|Worth)' out
  7
  $ grep -oE '^(next order|idle|simulated|proof|prices)' out
  next order
  idle
  simulated
  proof
  prices
  $ moat fleet f.yaml --quiet --json > f.json; python3 "$TESTDIR/contract.py" moat.fleet/1 < f.json
  ok

Rates are kept: a second run computes none, and says the same; so do other numbers of threads.

  $ moat fleet f.yaml 2>&1 >again | grep -o '0 rates computed'
  0 rates computed
  $ cmp out again
  $ moat fleet f.yaml --quiet --json --no-cache --threads 1 | python3 "$TESTDIR/contract.py" --same f.json
  same
  $ ls cache/moat/rates | wc -l
  6

What the rows say: demand is served or counted, cards balance, costs add up.

  $ python3 - <<END
  > import json
  > d = json.load(open('f.json'))
  > assert d['status'] in ('optimal', 'feasible') and d['bound_usd'] <= d['npv_usd'] * (1 + 1e-9)
  > assert abs(sum(d['costs'].values()) / d['expected_usd'] - 1) < 1e-6
  > assert abs(sum(s['probability'] * s['usd'] for s in d['scenarios']) / d['expected_usd'] - 1) < 1e-6
  > assert {s['name'] for s in d['scenarios']} == {'base', 'boom'}
  > rate = {(r['workload'], r['sku']): r for r in d['rates']}
  > assert rate['chat', 'h100-sxm-80']['per_card'] > 3 * rate['chat', 'a10']['per_card'] > 0
  > assert rate['tune', 'h100-sxm-80']['cards'] >= 8
  > owned = {(f['node'], f['sku']): f for f in d['fleet']}
  > assert all(f['owned'] >= 0 and f['on_demand'] >= -1e-9 for f in d['fleet'])
  > assert d['stock_usd'] > 0 and len(d['nodes']) == 6
  > assert any(x['workload'] == 'tune' for x in d['assign'])
  > END
  $ moat fleet f.yaml --quiet --csv | head -1
  period,node,scenario,probability,sku,owned,bought,sold,reserved,on_demand,on_demand_mean,leased_out,workload,cards

Dearer cards are bought no more often, and a plan costs no less.

  $ cost() { moat fleet f.yaml --quiet --json --no-values --no-verify --gap 0.01% "$@" | python3 -c 'import json, sys; print(json.load(sys.stdin)["npv_usd"])'; }
  $ python3 -c "assert $(cost --set prices.l40s.purchase='30000 USD') >= $(cost) * 0.999"
  $ moat fleet f.yaml --quiet --write-mps f.mps --no-values --no-verify > /dev/null; head -1 f.mps | cut -c1-4
  NAME

Too little power, and everything must be served: exit 1, what binds, and how much more it takes.

  $ sed -e 's/demand: {2025-Q1/unmet: never, demand: {2025-Q1/' -e 's/^stock.*/limits: {power: 1kW}/' f.yaml > tight.yaml
  $ echo 'supply: {all: {rent: 1}}' >> tight.yaml
  $ moat fleet tight.yaml --quiet > out; echo $?; head -1 out; grep -c '^way out' out
  1
  No fleet fits within the limits.
  1
  $ moat fleet tight.yaml --quiet --json > no.json
  [1]
  $ python3 "$TESTDIR/contract.py" moat.fleet/1 < no.json
  ok

Bad input: one line with its place.

  $ moat fleet f.yaml --quiet --set horizon.period=quater
  moat: --set: horizon.period: expected month, quarter, half or year, got "quater"; did you mean "quarter"?
  [2]
  $ moat fleet f.yaml --quiet --set supply.h100.lead=2
  moat: --set: supply.h100.lead: expected a time such as 2q, 6mo, 8w or 1y, got "2"; write the unit behind the number
  [2]
  $ moat fleet f.yaml --quiet --set prices.l40s.purchase=-1
  moat: --set: prices.l40s.purchase: expected an amount such as $2.5, 300 USD or 8M USD, got "-1"; it cannot be negative
  [2]
  $ moat fleet f.yaml --quiet --set resale.l40s.value='20000 USD'
  moat: f.yaml:2: skus.1: l40s: a card bought in period 0 for * sells used in period 1 of * for $20000; resale must stay below price, or a fleet without bounds earns money (glob)
  [2]
  $ moat fleet f.yaml --quiet --set limits.budgt=1
  moat: --set: limits.budgt: unknown key "budgt"; did you mean "budget"? (glob)
  [2]
  $ moat fleet none.yaml --quiet
  moat: none.yaml: * (glob)
  [3]
  $ moat fleet
  moat: fleet: what to work on is missing; usage: moat fleet SCENARIO.yaml
  [2]
