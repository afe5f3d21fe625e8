#!/usr/bin/env python3
"""Choose the few serving constants that no operator timing shows, and say what they are worth on groups left out.

Usage: MOAT_DATA=<folder of the big data sets> scripts/fit/serving.py [--moat build/moat]

    routing_skew     one for all engines     on TPOT of mixture-of-experts rows
    request_fixed    one an engine           on mean TTFT

Each constant is tried on a grid. Every measured row is predicted as if its device had never been measured (`validate
--without`). The error of a group (model x accelerator x engine) is the mean of |log(predicted / measured)|, capped at
0.7; groups weigh the square root of their rows. A group that is left out is scored with the constant that the other
groups choose: that is the error to quote. What is chosen on all groups stands in scripts/import/stacks.py.
"""
import argparse
import collections
import concurrent.futures
import csv
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINES = ("vllm", "sglang", "trtllm")
SKEW = (0.0, 0.04, 0.08, 0.12, 0.16, 0.2, 0.25)
FIXED_MS = (20, 30, 40, 60, 80, 110, 160, 210)
CAP = 0.7


class Program:
    def __init__(self, moat, data):
        self.moat, self.points = moat, os.path.join(data, "serving-dev.csv")
        with open(self.points, encoding="utf-8") as f:
            self.rows = {r["id"]: r for r in csv.DictReader(f) if r["mode"] == "aggregated"}

    def without(self, catalog, accelerator):
        out = subprocess.run([self.moat, "validate", self.points, "--json", "--quiet", "--catalog", catalog, "--without", accelerator],
                             capture_output=True, text=True, check=False)
        if not out.stdout:
            sys.exit(out.stderr)
        return [p for p in json.loads(out.stdout)["points"] if self.rows.get(p["id"], {}).get("accelerator") == accelerator]

    def errors(self, metric, engines, key, value):
        """group -> errors, with one constant of the engines set to a value."""
        with tempfile.TemporaryDirectory() as catalog:
            os.mkdir(os.path.join(catalog, "stacks"))
            for engine in engines:
                text = (ROOT / "data" / "stacks" / f"{engine}.yaml").read_text(encoding="utf-8")
                text, n = re.subn(rf"^(  {key}: )\S+", rf"\g<1>{value}", text, count=1, flags=re.M)
                if n != 1:
                    sys.exit(f"{engine}.yaml has no {key}")
                pathlib.Path(catalog, "stacks", f"{engine}.yaml").write_text(text, encoding="utf-8")
            names = sorted({r["accelerator"] for r in self.rows.values()})
            with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
                points = [p for ps in pool.map(lambda a: self.without(catalog, a), names) for p in ps]
        out = collections.defaultdict(list)
        for p in points:
            r = self.rows[p["id"]]
            if p["metric"] == metric and r["backend"] in engines:
                out[r["model"], r["accelerator"], r["backend"]].append(abs(math.log(p["predicted"] / p["measured"])))
        return out


def cost(groups, left_out=None):
    kept = {g: v for g, v in groups.items() if g != left_out}
    weight = {g: math.sqrt(len(v)) for g, v in kept.items()}
    return sum(weight[g] * statistics.mean(min(e, CAP) for e in v) for g, v in kept.items()) / sum(weight.values())


def choose(program, metric, engines, key, grid, unit, only=lambda group: True):
    tried = {v: {g: e for g, e in program.errors(metric, engines, key, f"{v}{unit}").items() if only(g)} for v in grid}
    best = min(grid, key=lambda v: cost(tried[v]))
    held = {}
    for group in tried[best]:
        value = min(grid, key=lambda v, g=group: cost(tried[v], g))
        held[group] = (value, tried[value][group])
    every = [e for _, errors in held.values() for e in errors]
    print(f"{key} of {', '.join(engines)}: {best}{unit}; groups left out: median {100 * (math.exp(statistics.median(every)) - 1):.1f} %, "
          f"choices {', '.join(f'{v}{unit} {n} times' for v, n in sorted(collections.Counter(v for v, _ in held.values()).items()))}")
    for v in grid:
        print(f"    {v:>5}{unit}  {cost(tried[v]):.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moat", default=str(ROOT / "build" / "moat"))
    args = parser.parse_args()
    data = os.environ.get("MOAT_DATA")
    if not data:
        sys.exit("set MOAT_DATA to the folder that holds serving-dev.csv")
    program = Program(args.moat, data)
    dense = ("llama", "qwen3-32b")
    choose(program, "tpot_mean_ms", ENGINES, "routing_skew", SKEW, "", lambda g: not g[0].startswith(dense))
    for engine in ENGINES:
        choose(program, "ttft_mean_ms", (engine,), "request_fixed", FIXED_MS, "ms")


if __name__ == "__main__":
    main()
