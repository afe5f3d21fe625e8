#!/usr/bin/env python3
"""Earn the 80 % intervals of data/stacks from held-out residuals, and check their coverage honestly.

Usage: MOAT_DATA=<folder of the point files> scripts/import/intervals.py [--moat build/moat] [--repeats 200]

Runs `moat validate` plain, without each measured device and without each measured family, and takes the residuals
measured / predicted by the tier of the constants that were used:

    device  rows predicted with their own device's constants; those are fitted to operator timings, never to these rows
    family  rows of a device that was held out, predicted from the others of its family
    pooled  rows of a family that was held out, of devices nobody fitted, and disaggregated serving

`step` takes step times (TPOT, static TTFT and E2E) and the inverse of rates; `ttft` takes TTFT under load. An interval is the
10 % and the 90 % quantile of the residuals. Half of the model x accelerator groups, drawn at random, set the interval and the other
half tests it, many times over: the coverage printed is that of groups the interval has not seen. The values for
data/stacks/*.yaml then come from all groups.
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
TIERS = ["device", "family", "pooled"]
STEP = {"tpot_mean_ms", "tpot_p50_ms", "tpot_ms", "e2e_latency_s", "e2e_ms"}
RATE = {"output_tok_s", "total_tok_s", "input_tok_s", "tok_s_per_accelerator", "tok_s_per_user", "samples_per_s"}
TTFT = {"ttft_mean_ms", "ttft_p50_ms", "ttft_ms"}
FEW_POINTS, FEW_GROUPS = 40, 4                # below, a stack takes the residuals of all stacks


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


def collect(moat, data):
    """{(stack, tier, of): {group: [residuals]}}"""
    out = collections.defaultdict(lambda: collections.defaultdict(list))
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
                if found:
                    stack = p["framework"] if p["framework"] in STACKS else "generic"
                    out[stack, p["tier"], found[0]][p["model"], p["accelerator"]].append(found[1])
    return out


def quantile(values, q):
    v = sorted(values)
    at = q * (len(v) - 1)
    i = int(at)
    return v[i] if i + 1 == len(v) else v[i] + (at - i) * (v[i + 1] - v[i])


def interval(groups):
    every = [r for g in groups for r in g]
    return quantile(every, 0.1), quantile(every, 0.9)


def held_out_coverage(groups, repeats, rng):
    """Mean share inside, over random halves of the groups."""
    groups, shares = list(groups), []
    for _ in range(repeats):
        rng.shuffle(groups)
        half = len(groups) // 2
        lo, hi = interval(groups[:half])
        test = [r for g in groups[half:] for r in g]
        shares.append(sum(lo <= r <= hi for r in test) / len(test))
    return sum(shares) / len(shares)


def bounds(groups):
    lo, hi = interval(groups)
    return max(0.02, 1 - lo), max(0.02, hi - 1)   # the prediction itself stays inside


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--moat", default="build/moat")
    ap.add_argument("--repeats", type=int, default=200)
    args = ap.parse_args()
    data = pathlib.Path(os.environ.get("MOAT_DATA", "../shared/data"))
    found, rng = collect(args.moat, data), random.Random(1)
    # Residuals of all stacks, for those with few of their own.
    pooled = collections.defaultdict(lambda: collections.defaultdict(list))
    for (stack, tier, of), groups in found.items():
        for g, r in groups.items():
            pooled[tier, of][stack, *g] += r
    print(f"{'stack':8} {'tier':7} {'of':5} {'points':>6} {'groups':>6} {'q10':>6} {'q90':>6} {'coverage on unseen groups':>26}")
    for stack in STACKS:
        for tier in TIERS:
            for of in ("step", "ttft"):
                groups = found.get((stack, tier, of), {})
                if len(groups) >= 2:
                    n = sum(map(len, groups.values()))
                    lo, hi = interval(groups.values())
                    share = held_out_coverage(groups.values(), args.repeats, rng)
                    print(f"{stack:8} {tier:7} {of:5} {n:6} {len(groups):6} {lo:6.2f} {hi:6.2f} {share:26.0%}")
    for (tier, of), groups in sorted(pooled.items()):
        n = sum(map(len, groups.values()))
        lo, hi = interval(groups.values())
        print(f"{'all':8} {tier:7} {of:5} {n:6} {len(groups):6} {lo:6.2f} {hi:6.2f} "
              f"{held_out_coverage(groups.values(), args.repeats, rng):26.0%}")
    for stack in STACKS:
        print(f"\n# data/stacks/{stack}.yaml")
        print("interval:")
        print(f'  source: "held-out residuals of moat validate, 10 % and 90 % quantiles by tier (scripts/import/intervals.py), '
              f'{datetime.date.today()}"')
        for tier in TIERS:
            line = []
            for of in ("step", "ttft"):
                groups = found.get((stack, tier, of), {})
                few = len(groups) < FEW_GROUPS or sum(map(len, groups.values())) < FEW_POINTS
                lo, hi = bounds((pooled[tier, of] if few else groups).values())
                line += [f"{of}_lo: {lo:.3f}", f"{of}_hi: {hi:.3f}"]
            print(f"  {tier}: {{{', '.join(line)}}}")


if __name__ == "__main__":
    main()
