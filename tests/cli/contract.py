#!/usr/bin/env python3
"""contract.py - check a JSON document on stdin. usage: contract.py SCHEMA | --same FILE

SCHEMA: the document must be strict JSON (no NaN) of this schema, with the keys that scripts rely on.
--same FILE: the document and the one in FILE must be equal but for `run`.
"""
import json
import sys

COMMON = ['schema', 'moat', 'command', 'seed', 'inputs', 'notes', 'run.wall_s']
QUANTILES = ['mean', 'p50', 'p90', 'p99']
CANDIDATE = ['rank', 'accelerator', 'feasible', 'devices', 'replicas', 'tp', 'pp', 'dp', 'ep', 'mode', 'scheduler', 'max_seqs', 'max_tokens',
             'ttft_ms.p50', 'ttft_ms.p99', 'ttft_ms.p99_lo', 'ttft_ms.p99_hi', 'tpot_ms.p50', 'tpot_ms.p99', 'tpot_ms.p99_lo',
             'tpot_ms.p99_hi', 'usd_per_hour', 'usd_per_mtok', 'power_kw', 'evidence']
SWEEP_CELL = ['inputs', 'answered', 'reason', 'accelerator', 'config', 'slo_held', 'saturated', 'seeds', 'seeds_held', 'devices', 'replicas',
              'req_s', 'output_tok_s', 'goodput_req_s', 'utilisation_frac', 'power_w', 'usd_per_hour', 'usd_per_mtok', 'evidence'] + \
             [f'{m}_{q}_ms' for m in ('ttft', 'tpot', 'itl', 'e2e') for q in QUANTILES]
KEYS = {
    'moat.predict/1': ['fits', 'ttft_ms', 'tpot_ms', 'output_tok_s', 'tok_s_per_accelerator', 'memory.weights_gb', 'memory.kv_bytes_per_token',
                       'memory.kv_blocks', 'memory.kv_tokens', 'power_w', 'usd_per_mtok', 'breakdown', 'evidence'],
    'moat.sim/1': ['requests.offered', 'requests.completed', 'requests.rejected', 'requests.failed', 'throughput.req_s',
                   'throughput.output_tok_s', 'throughput.total_tok_s', 'goodput_req_s', 'saturated', 'utilisation_frac', 'kv.blocks',
                   'kv.peak_frac', 'prefix_hit_frac', 'preemptions', 'misses_by_cause', 'energy_kwh', 'usd_per_hour', 'usd_per_mtok',
                   'usd_per_mtok_total', 'run.events', 'run.requests_per_s', 'run.peak_rss_mb', 'evidence'] +
                  [f'{m}.{q}' for m in ('ttft_ms', 'tpot_ms', 'itl_ms', 'e2e_ms') for q in QUANTILES],
    'moat.plan/1': ['best', 'candidates', 'answered', 'answer'],
    'moat.train/1': ['step_time_s', 'step_time_s_lo', 'step_time_s_hi', 'mfu_frac', 'tokens_per_s_per_accelerator', 'days', 'days_lo', 'days_hi',
                     'accelerator_hours', 'failures', 'effective_frac', 'usd', 'energy_mwh', 'parallelism.tp', 'parallelism.pp', 'parallelism.dp',
                     'memory.total_gb', 'breakdown', 'fits', 'binding', 'short_by', 'evidence'],
    'moat.fleet/1': ['npv_usd', 'bound_usd', 'gap_frac', 'status', 'fleet', 'assign', 'costs', 'shadow_prices', 'values.elasticity_usd',
                     'values.unify_usd', 'values.generality_usd', 'values.vss_usd', 'values.evpi_usd', 'reproducible', 'run.solve_s', 'nodes',
                     'workloads', 'card_hour', 'rates', 'verified', 'relax'],
    'moat.breakeven/1': ['challenger', 'incumbent', 'enters', 'entry_price_usd', 'majority_price_usd', 'speed_x_at_incumbent_price',
                         'software_budget_usd', 'first_purchase', 'waiting_premium_usd', 'decomposition', 'total_usd', 'solves', 'by_speed',
                         'by_maturity', 'by_memory', 'by_supply', 'skus'],
    'moat.compare/1': ['kind', 'a', 'b', 'differences', 'changes'],
    'moat.explain/1': ['accelerator', 'answer', 'won', 'candidate', 'winner', 'flips', 'breakdown', 'evidence'],
    'moat.calibrate/1': ['answered', 'deployment', 'accelerator', 'model', 'points', 'refused', 'constants', 'left_out.step.n',
                         'left_out.step.median_ape_pct', 'left_out.points', 'interval.step_lo', 'evidence'],
    'moat.sweep/1': ['kind', 'interval', 'axes', 'answered', 'best', 'cells', 'run.cells_from_journal'],
    'moat.emit/1': ['target', 'plan', 'model', 'loads', 'engine', 'image', 'accelerator', 'replicas', 'devices_per_replica', 'nodes_per_replica', 'folder', 'files'],
    'moat.probe/1': ['date', 'host.cores', 'host.mem_gb', 'host.extensions', 'threads', 'memory.read_bytes_s', 'memory.copy_bytes_s',
                     'memory.triad_bytes_s', 'gemm', 'wake_s', 'accelerator', 'file'],
    'moat.bench/1': ['duration', 'completed', 'failed', 'total_input_tokens', 'total_output_tokens', 'request_throughput', 'output_throughput',
                     'total_token_throughput', 'max_concurrency', 'request_rate', 'num_prompts', 'model_id', 'errors_by_kind', 'interrupted'] +
                    [f'{stat}_{m}_ms' for stat in ('mean', 'median', 'std', 'p50', 'p90', 'p95', 'p99')
                     for m in ('ttft', 'tpot', 'itl', 'e2el', 'schedule_delay', 'connect')],
    'moat.catalog/1': [], 'moat.catalog_check/1': ['accelerators', 'models', 'prices', 'stacks'],
    'moat.trace/1': ['name', 'format', 'requests', 'req_s', 'ledger.read', 'ledger.emitted', 'windows', 'own_or_rent', 'prefix'],
    'moat.trace_written/1': ['file', 'format', 'requests', 'span_s', 'ledger.read', 'ledger.emitted'],
    'moat.trace_formats/1': ['formats', 'writes', 'presets'],
}


def strict(text):
    def refuse(word):
        raise ValueError(f'{word} is not JSON')
    return json.loads(text, parse_constant=refuse)


def missing(doc, keys):
    for key in keys:
        at = doc
        for part in key.split('.'):
            if not isinstance(at, dict) or part not in at:
                yield key
                break
            at = at[part]


def check(doc, schema):
    yield from missing(doc, COMMON + KEYS[schema])
    if doc.get('schema') != schema:
        yield f'schema is {doc.get("schema")}'
    if schema == 'moat.predict/1':
        for row in doc['breakdown']:
            yield from missing(row, ['op', 'time_us', 'bound'])
    if schema == 'moat.sweep/1':
        for c in doc['cells']:
            yield from missing(c, SWEEP_CELL)
            if list(c['inputs']) != [a['key'] for a in doc['axes']]:
                yield f'{c["inputs"]} are not the axes'
            if c['answered'] != (c['reason'] is None):
                yield f'{c["inputs"]}: answered and reason disagree'
    if schema == 'moat.fleet/1':
        for row in doc['fleet']:
            yield from missing(row, ['period', 'node', 'sku', 'owned', 'bought', 'sold', 'reserved', 'on_demand', 'leased_out'])
        for row in doc['assign']:
            yield from missing(row, ['period', 'sku', 'workload', 'cards'])
        if doc.get('status') not in ('optimal', 'feasible', 'infeasible'):
            yield f'status {doc.get("status")}'
    if schema == 'moat.breakeven/1':
        for row in doc['decomposition']:
            yield from missing(row, ['reason', 'alone_usd', 'last_off_usd', 'shapley_usd'])
    if schema == 'moat.plan/1':
        for c in doc['candidates']:
            yield from missing(c, CANDIDATE)
            if not c['feasible']:
                yield from missing(c, ['reason', 'binding', 'short_by'])
                if c.get('binding') not in ('memory', 'ttft', 'tpot', 'e2e', 'itl', 'supply', 'capability', 'power', 'budget', 'export'):
                    yield f'{c["accelerator"]}: binding {c.get("binding")}'
        if doc['answered'] and doc['candidates'] and doc['best']['accelerator'] != doc['candidates'][0]['accelerator']:
            yield 'best is not the first candidate'


def main():
    doc = strict(sys.stdin.read())
    if sys.argv[1] == '--same':
        with open(sys.argv[2], encoding='utf-8') as f:
            other = strict(f.read())
        doc.pop('run', None)
        other.pop('run', None)
        if json.dumps(doc) != json.dumps(other):
            sys.exit('the documents differ')
        print('same')
        return
    wrong = sorted(set(check(doc, sys.argv[1])))
    if wrong:
        sys.exit(f'{sys.argv[1]}: ' + ', '.join(wrong))
    print('ok')


main()
