#!/usr/bin/env python3
"""Earn the 80 % intervals of data/stacks from held-out residuals, and check their coverage honestly.

Usage: MOAT_DATA=<folder of the point files> scripts/import/intervals.py [--moat build/moat] [--repeats 200]

Runs `moat validate` plain, without each measured device and without each measured family, and takes the residuals
measured / predicted by the tier of the constants that were used:

    device  rows predicted with their own device's constants; those are fitted to operator timings, never to these rows
    family  rows of a device that was held out, predicted from the others of its family
    pooled  rows of a family that was held out, of devices nobody fitted, and disaggregated serving
    vendor  of the pooled rows those of devices whose software is not that of any fitted device (not CUDA)

Rows of the stacks of other vendors and years are left out: scripts/fit/stacks_published.py earns theirs.

`step` takes step times (TPOT, static TTFT and E2E) and the inverse of rates; `ttft` takes TTFT under load. An interval runs from
the quantile q to 1 - q of the residuals. Half of the model x accelerator groups, drawn at random, set the interval and the other
half tests it, many times over: the coverage printed is that of groups the interval has not seen. q starts at 10 % and goes
down until that coverage is 80 %; few groups need more than their own 10 % and 90 %. The values for data/stacks/*.yaml then are the
quantiles q and 1 - q of all groups.
"""
import argparse
import collections
import datetime
import json
import os
import pathlib
import random
import subprocess
import sys

FILES = ["serving-dev.csv", "published-dev.csv", "splitwise-measured.csv"]
DEVICES = ["a100-sxm-80", "l40s", "h100-sxm-80", "h200-sxm-141", "b200-sxm", "gb200", "mi300x", "mi325x", "gaudi2", "gaudi3"]
FAMILIES = ["ampere", "ada", "hopper", "blackwell", "cdna3", "gaudi2", "gaudi3"]
STACKS = ["vllm", "sglang", "trtllm", "generic"]
TIERS = ["device", "family", "pooled", "vendor"]
STEP = {"tpot_mean_ms", "tpot_p50_ms", "tpot_ms", "e2e_latency_s", "e2e_ms"}
RATE = {"output_tok_s", "total_tok_s", "input_tok_s", "tok_s_per_accelerator", "tok_s_per_user", "samples_per_s"}
TTFT = {"ttft_mean_ms", "ttft_p50_ms", "ttft_ms"}
FEW_POINTS, FEW_GROUPS = 40, 10              # below, a stack takes the residuals of all stacks


def validate(moat, path, *args):
    run = subprocess.run([moat, "validate", path, "--json", "--quiet", *args], capture_output=True, text=True, check=False)
    if run.returncode > 1:
        sys.exit(run.stderr)
    return json.loads(run.stdout)["points"]


def residual(p):
    """(what the interval is of, time measured / time predicted), or None for power."""
    r = p["measured"] / p["predicted"]
    if p["metric"] in RATE:
        return "step", 1 / r
    if p["metric"] in STEP or (p["metric"] in TTFT and p["how"] == "static"):
        return "step", r
    return ("ttft", r) if p["metric"] in TTFT else None


def software():
    """accelerator id -> its software family."""
    out = {}
    for path in (pathlib.Path(__file__).resolve().parents[2] / "data" / "accelerators").glob("*.yaml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("software:"):
                out[path.stem] = line.split(":", 1)[1].split("#")[0].strip().strip('"')
    return out


def collect(moat, data):
    """{(stack, tier, of): {group: [residuals]}}"""
    out = collections.defaultdict(lambda: collections.defaultdict(list))
    family = software()
    runs = [()] + [("--without", d) for d in DEVICES] + [("--without-arch", f) for f in FAMILIES]
    for name in FILES:
        plain = {}
        for args in runs:
            for p in validate(moat, str(data / name), *args):
                key, found = (p["id"], p["metric"]), residual(p)
                if not args:
                    plain[key] = p["predicted"]
                elif plain.get(key) == p["predicted"]:
                    continue                  # not held out by this run
                if found and p["stack"] in STACKS:       # the others earn their own: scripts/fit/stacks_published.py
                    stack = p["stack"]
                    foreign = p["tier"] == "pooled" and family.get(p["accelerator"]) != "CUDA"
                    out[stack, "vendor" if foreign else p["tier"], found[0]][p["model"], p["accelerator"]].append(found[1])
    return out


def quantile(values, q):
    v = sorted(values)
    at = q * (len(v) - 1)
    i = int(at)
    return v[i] if i + 1 == len(v) else v[i] + (at - i) * (v[i + 1] - v[i])


def interval(groups, q):
    every = [r for g in groups for r in g]
    return quantile(every, q), quantile(every, 1 - q)


def unseen_coverage(groups, q, repeats):
    """Mean share inside, over random halves of the groups."""
    rng, groups, inside, n = random.Random(1), list(groups), 0, 0
    for _ in range(repeats):
        rng.shuffle(groups)
        half = len(groups) // 2
        lo, hi = interval(groups[:half], q)
        inside += sum(lo <= r <= hi for g in groups[half:] for r in g)
        n += sum(map(len, groups[half:]))
    return inside / n


def earn(groups, repeats):
    """(lo, hi, q, coverage of unseen groups) for the first q that reaches 80 %."""
    groups = list(groups)
    for q in (0.10, 0.09, 0.08, 0.07, 0.06, 0.05, 0.04, 0.03):
        share = unseen_coverage(groups, q, repeats)
        if share >= 0.8:
            break
    lo, hi = interval(groups, q)
    return lo, hi, q, share


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--moat", default="build/moat")
    ap.add_argument("--repeats", type=int, default=200)
    args = ap.parse_args()
    data = pathlib.Path(os.environ.get("MOAT_DATA", "../shared/data"))
    found = collect(args.moat, data)
    every = collections.defaultdict(lambda: collections.defaultdict(list))
    for (stack, tier, of), groups in found.items():
        for g, r in groups.items():
            every[tier, of][stack, *g] += r
    print(f"{'stack':8} {'tier':7} {'of':5} {'points':>6} {'groups':>6} {'lo':>6} {'hi':>6} {'q':>5} {'unseen':>7}")
    earned = {}
    for key in [("all", t, o) for t in TIERS for o in ("step", "ttft")] + \
               [(s, t, o) for s in STACKS for t in TIERS for o in ("step", "ttft")]:
        groups = every[key[1:]] if key[0] == "all" else found.get(key, {})
        n = sum(map(len, groups.values()))
        if n < FEW_POINTS or len(groups) < FEW_GROUPS:
            earned[key] = earned.get(("all", *key[1:]))
            continue
        lo, hi, q, share = earned[key] = earn(groups.values(), args.repeats)
        print(f"{key[0]:8} {key[1]:7} {key[2]:5} {n:6} {len(groups):6} {lo:6.2f} {hi:6.2f} {q:5.0%} {share:7.0%}")
    for stack in STACKS:
        print(f"\n# data/stacks/{stack}.yaml")
        print("interval:")
        print(f'  source: "held-out residuals of moat validate by tier, coverage of unseen groups 80 % '
              f'(scripts/import/intervals.py), {datetime.date.today()}"')
        widest = collections.defaultdict(lambda: 0.02)      # a farther tier is never surer than a nearer one
        for tier in TIERS:
            line = []
            for of in ("step", "ttft"):
                if earned[stack, tier, of]:
                    lo, hi = earned[stack, tier, of][:2]
                    widest[of, "lo"] = max(widest[of, "lo"], 1 - lo)
                    widest[of, "hi"] = max(widest[of, "hi"], hi - 1)
                line += [f"{of}_lo: {widest[of, 'lo']:.3f}", f"{of}_hi: {widest[of, 'hi']:.3f}"]
            print(f"  {tier}: {{{', '.join(line)}}}")


if __name__ == "__main__":
    main()
