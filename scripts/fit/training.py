#!/usr/bin/env python3
"""Fit the constants of training and write data/training.yaml.

usage: scripts/fit/training.py MOAT POINTS.csv [--check]

MOAT is the built program, POINTS.csv the public points (published-dev.csv). Rows of kind training are divided into whole
model x accelerator groups; a group belongs to the fit when the first byte of SHA-256 of "model on accelerator" is even.
The rest is scored and never seen here. Loss: mean over fitted groups of the mean |ln(predicted / measured)| of a group,
beyond 1 counted as 1 + its logarithm, plus a small pull towards the start. Coordinate descent; no random numbers.

Intervals: residuals of groups that were left out of the fit in turn (3 folds of groups; then every family), 80 % inside,
both ends beyond a tenth; the wider of the two serves every tier. --check only prints the held-out errors of the constants in the program.
"""
import copy
import csv
import hashlib
import io
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.join(HERE, '..', '..', 'data', 'training.yaml')
METRICS = ('step_time_s', 'tok_s_per_accelerator', 'samples_per_s', 'tflop_s_per_accelerator', 'mfu_pct')
FAMILIES = {}           # accelerator -> family, read from data/accelerators

# name, start, lowest, highest, step of the first pass (a factor)
START = {
    ('pooled', 'compute'): (0.9, 0.5, 1.4),
    ('pooled', 'attention'): (0.85, 0.3, 1.4),
    ('pooled', 'scan'): (0.3, 0.03, 1.2),
    ('pooled', 'experts'): (0.8, 0.2, 1.2),
    ('pooled', 'passes'): (12, 4, 40),
    ('pooled', 'links'): (1.3, 0.9, 3),
    ('pooled', 'layer_fixed'): (20, 2, 200),            # us
    ('pooled', 'moe_host'): (1.0, 0.05, 4),             # ms
    ('pooled', 'step_fixed'): (10, 0.5, 100),           # ms
    ('pooled', 'overlap_tp'): (0.4, 0.05, 0.95),
    ('pooled', 'overlap_dp'): (0.8, 0.05, 0.98),
    ('pooled', 'overlap_ep'): (0.3, 0.02, 0.95),
    ('pooled', 'straggler'): (0.01, 0.001, 0.05),
    ('fsdp', 'compute'): (0.85, 0.5, 1.4),
    ('fsdp', 'attention'): (0.7, 0.2, 1.4),
    ('fsdp', 'passes'): (24, 4, 80),             # eager kernels
    ('fsdp', 'overlap_dp'): (0.6, 0.02, 0.98),
    ('maxtext', 'compute'): (0.95, 0.5, 1.4),
}
# Families that no training row is fitted on: the best matmul as a share of dense bf16 peak (stas00/ml-engineering, "maximum
# achievable matmul", as quoted in the design's physics.md) over the pooled 0.74 that the operators reach.
PRIOR = {'cdna3': 0.69, 'cdna4': 0.88, 'gaudi2': 1.28, 'gaudi3': 1.0}
PRIOR_SOURCE = 'stas00/ml-engineering, maximum achievable matmul over 0.74 (MI300X 51 %, MI355X 65 %, Gaudi 2 97 %, Gaudi 3 74 %), 2026-08'
UNITS = {'layer_fixed': 'us', 'moe_host': 'ms', 'step_fixed': 'ms'}
PULL = 0.01

COMMENT = {
    'compute': 'share of the benchmarked GEMM speed that a step sustains',
    'attention': 'the same of attention',
    'scan': 'the same of the scan of linear attention',
    'experts': 'of compute, what grouped GEMMs of experts reach',
    'passes': 'memory passes over the hidden state, a layer, forward',
    'links': 'times the share of a link that the benchmarked collectives reach: messages are large',
    'layer_fixed': 'small kernels of a layer, forward',
    'moe_host': 'a layer with routed experts lasts at least this, forward: its launches',
    'step_fixed': 'data loader, norm of gradients, launch',
    'overlap_tp': 'share of a collective that hides behind compute: tensor parallel, stage to stage',
    'overlap_dp': 'gradients and gathered weights',
    'overlap_ep': 'dispatch and combine of experts',
    'straggler': 'longer by so much each time the number of nodes doubles',
}


def number(v):
    return f'{v:.3g}'


def line(key, v):
    return f'{key}: {number(v)}{UNITS.get(key, "")}'


def row(c, who):
    return ', '.join(line(k, v) for (w, k), v in c.items() if w == who)


def document(c, interval, fitted, tail, source):
    out = ['# Constants of training: what a step sustains of the benchmarked operators (data/stacks/generic.yaml). Formulas:',
           '# docs/model.md, "Training". Rows of `stacks` are laid over `pooled`; `families` multiply. Made by scripts/fit/training.py.',
           'date: 2026-11-24', f'source: "{source}"', '', 'pooled:']
    out += [f'  {line(k, v):<31} # {COMMENT[k]}' for (w, k), v in c.items() if w == 'pooled']
    out += [f'  {"grad_bytes: 4":<31} # of a gradient as it is reduced', f'  {"shard: zero1":<31} # none, zero1 (distributed optimizer), zero2, fsdp',
            '', 'stacks:',
            '  megatron: {names: [nemo, megatron-lm, megatron-bridge, megatron-deepspeed], grad_bytes: 2}',
            '  fsdp: {names: [torchtitan, llm-foundry], shard: fsdp, grad_bytes: 2, ' + row(c, 'fsdp') + '}',
            '  maxtext: {names: [pathways], shard: fsdp, grad_bytes: 2, ' + row(c, 'maxtext') + '}',
            '', 'families:                         # of devices, on top: known from elsewhere. Factors fitted to NVIDIA\'s families came out as 1']
    out += [f'  {f}: {{compute: {v}, source: "{PRIOR_SOURCE}"}}' for f, v in PRIOR.items()]
    out += ['', 'interval:                         # 80 %: the truth lies within [t*(1 - lo), t*(1 + hi)]',
            f'  source: "{interval["source"]}"']
    out += [f'  {k}: {{lo: {interval[k][0]:.3f}, hi: {interval[k][1]:.3f}}}' for k in ('device', 'family', 'pooled')]
    out += ['', '# Whole groups, with their rows of published-dev.csv; all others are held out.', 'fitted_on:' if fitted else 'fitted_on: {}']
    for g, ids in fitted.items():
        out += [f'  {g}: [' + textwrap.fill(', '.join(ids), 116, subsequent_indent='    ') + ']']
    return '\n'.join(out) + '\n\n' + tail


class Program:
    """moat, asked what it predicts of some rows with some constants."""

    def __init__(self, moat, tail):
        self.moat, self.tail = moat, tail
        self.dir = tempfile.TemporaryDirectory()

    def points(self, name, rows):
        path = os.path.join(self.dir.name, name)
        with open(path, 'w', newline='', encoding='utf-8') as f:
            w = csv.DictWriter(f, rows[0].keys())
            w.writeheader()
            w.writerows(rows)
        return path

    def errors(self, path, c=None):
        """[(group, family, ln(predicted time / measured time), inside)]"""
        overlay = []
        if c:
            none = {'source': 'fitting', 'device': (0.2, 0.2), 'family': (0.2, 0.2), 'pooled': (0.2, 0.2)}
            with open(os.path.join(self.dir.name, 'training.yaml'), 'w', encoding='utf-8') as f:
                f.write(document(c, none, {}, self.tail, 'fitting'))
            overlay = ['--catalog', self.dir.name]
        run = subprocess.run([self.moat, 'validate', path, '--csv', '--quiet', *overlay], capture_output=True, text=True)
        if run.returncode > 1:
            sys.exit(run.stderr)
        out = []
        for p in csv.DictReader(io.StringIO(run.stdout)):
            if p['metric'] not in METRICS:
                continue
            ln = math.log(float(p['predicted']) / float(p['measured']))
            inside = float(p['lo']) <= float(p['measured']) <= float(p['hi'])
            out.append((p['model'] + ' on ' + p['accelerator'], p['accelerator'], -ln if p['metric'] != 'step_time_s' else ln, inside,
                        p['framework'], p['metric'], p['id'], p['how'], p['fitted'] == 'true'))
        return out


def loss(errors, c, start):
    group = {}
    for g, _, ln, *_ in errors:
        group.setdefault(g, []).append(abs(ln) if abs(ln) < 1 else 1 + math.log(abs(ln)))
    pull = sum((math.log(c[k] / start[k])) ** 2 for k in c) * PULL
    return statistics.mean(statistics.mean(v) for v in group.values()) + pull


def descend(program, path, c, keys, start, rounds, step):
    best = loss(program.errors(path, c), c, start)
    for _ in range(rounds):
        before = best
        for k in keys:
            _, lo, hi = START[k]
            for f in (step, 1 / step):
                moved = False
                while True:
                    t = dict(c)
                    t[k] = min(hi, max(lo, c[k] * f))
                    if t[k] == c[k]:
                        break
                    v = loss(program.errors(path, t), t, start)
                    if v >= best - 1e-5:
                        break
                    c, best, moved = t, v, True
                if moved:
                    break
        print(f'  step {step:.2f}: loss {best:.4f}', file=sys.stderr)
        if before - best < 1e-3:
            step = 1 + (step - 1) / 2
    return c


def is_fitted(group):
    return hashlib.sha256(group.encode()).digest()[0] % 2 == 0


def summary(errors, title):
    if not errors:
        return
    ape = [abs(math.expm1(e[2])) for e in errors]
    groups = {}
    for e in errors:
        groups.setdefault(e[0], []).append(e[2])
    med = sorted(abs(math.expm1(statistics.median(v))) for v in groups.values())
    print(f'{title}: {len(errors)} values of {len(groups)} groups, median error {100 * statistics.median(ape):.1f} %, 90th '
          f'{100 * sorted(ape)[int(0.9 * (len(ape) - 1))]:.1f} %, bias {100 * math.expm1(statistics.median(e[2] for e in errors)):+.1f} %, '
          f'inside {100 * statistics.mean(e[3] for e in errors):.0f} %, median of groups {100 * statistics.median(med):.1f} %')


def quantile(v, q):
    v = sorted(v)
    x = q * (len(v) - 1)
    i = int(x)
    return v[i] + (x - i) * (v[min(i + 1, len(v) - 1)] - v[i])


def ends(errors):
    """80 % interval from residuals of left-out groups; each group counts alike."""
    group = {}
    for e in errors:
        group.setdefault(e[0], []).append(-e[2])        # ln(measured / predicted)
    v = []
    for r in group.values():
        v += [quantile(r, q) for q in (0.1, 0.3, 0.5, 0.7, 0.9)]
    tail = 0.1 - 0.5 / len(group)                       # few groups: a rank further out (conformal prediction)
    return max(0.05, -math.expm1(quantile(v, tail))), max(0.05, math.expm1(quantile(v, 1 - tail)))


def main():
    moat, points = sys.argv[1], sys.argv[2]
    for name in os.listdir(os.path.join(HERE, '..', '..', 'data', 'accelerators')):
        with open(os.path.join(HERE, '..', '..', 'data', 'accelerators', name), encoding='utf-8') as f:
            FAMILIES[name[:-5]] = re.search(r'^family: (\S+)', f.read(), re.M).group(1)
    with open(TARGET, encoding='utf-8') as f:
        tail = f.read()
    tail = tail[tail.index('reliability:'):]
    with open(points, encoding='utf-8', newline='') as f:
        rows = [r for r in csv.DictReader(f) if r['kind'] == 'training']
    program = Program(moat, tail)
    whole = program.points('all.csv', rows)
    scored = program.errors(whole)
    groups = sorted({e[0] for e in scored})
    fitted = [g for g in groups if is_fitted(g)]
    group_of = {r['id']: r['model'] + ' on ' + r['accelerator'] for r in rows}
    mine = [r for r in rows if group_of[r['id']] in fitted]
    if '--check' in sys.argv:
        report(program, whole)
        return
    assumed = {e[6] for e in scored if 'assumed' in e[7]}       # their precision is a guess: not fitted on
    path = program.points('fit.csv', [r for r in mine if r['id'] not in assumed])
    start = {k: v[0] for k, v in START.items()}
    keys = list(START)
    c = descend(program, path, dict(start), keys, start, 8, 1.25)
    print(c, file=sys.stderr)
    few = [k for k in keys if k[1] == 'compute']

    left = []
    for i in range(3):
        out = {g for n, g in enumerate(fitted) if n % 3 == i}
        inn = program.points('in.csv', [r for r in mine if group_of[r['id']] not in out and r['id'] not in assumed])
        rest = program.points('out.csv', [r for r in mine if group_of[r['id']] in out])
        left += program.errors(rest, descend(program, inn, dict(c), few, start, 1, 1.06))
    interval = {'device': ends(left)}
    summary(left, 'left out: groups')
    left = []
    for family in sorted({FAMILIES[e[1]] for e in scored if is_fitted(e[0])}):
        inn = [r for r in mine if FAMILIES[r['accelerator']] != family and r['id'] not in assumed]
        rest = program.points('out.csv', [r for r in mine if FAMILIES[r['accelerator']] == family])
        t = descend(program, program.points('in.csv', inn), dict(c), few, start, 1, 1.06)
        left += program.errors(rest, t)
    summary(left, 'left out: families')
    interval['pooled'] = ends(left)
    # So few groups do not tell the tiers apart: the widest end serves all of them.
    widest = tuple(max(v[i] for v in interval.values()) for i in (0, 1))
    interval = {k: widest for k in ('device', 'family', 'pooled')}
    interval['source'] = 'residuals of groups and families left out of the fit in turn (scripts/fit/training.py), 2026-11-24'
    source = f'fitted to {len(mine)} training rows of published-dev.csv in {len(fitted)} of {len(groups)} model x accelerator groups (scripts/fit/training.py); the rest held out'
    with open(TARGET, 'w', encoding='utf-8') as f:
        f.write(document(c, interval, {g: [r['id'] for r in mine if group_of[r['id']] == g] for g in fitted}, tail, source))
    print('data/training.yaml is written: build, then --check')


def report(program, whole):
    errors = program.errors(whole)
    held = [e for e in errors if not e[8]]
    summary([e for e in errors if e[8]], 'fitted')
    summary(held, 'held out')
    for m in METRICS:
        summary([e for e in held if e[5] == m], f'  {m}')
    for f in sorted({e[4] for e in held}):
        summary([e for e in held if e[4] == f], f'  {f}')
    for g in sorted({e[0] for e in errors}):
        v = [e for e in errors if e[0] == g]
        print(f'    {"fit " if v[0][8] else "held"} {g:40s} {len(v):3d}  time {100 * math.expm1(statistics.median(e[2] for e in v)):+6.1f} %')


if __name__ == '__main__':
    main()
