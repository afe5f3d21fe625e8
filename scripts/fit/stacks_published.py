#!/usr/bin/env python3
"""Fit what a software makes of the operators (data/stacks/*.yaml with a `base`) to published points, and earn its intervals.

Usage: MOAT_DATA=<folder of the point files> scripts/fit/stacks_published.py [--moat build/moat] [--only NAME,...]

A profile below is a framework on the devices of some software, perhaps of a bygone era, with the few constants of
docs/model.md ("Software") that its points can tell apart. Groups are model x accelerator. Of the groups of each
device, from the one with most points to the one with fewest, every other one is fitted, beginning with most; the rest judge.
Nothing but published-dev.csv and splitwise-measured.csv is read, and the program itself predicts: each trial writes the profile
into an overlay catalog and runs `moat validate` on the profile's points.

    loss = mean |log(predicted / measured)|, each group weighted by the root of its size, + 0.01 for each e-fold away from
    no effect and for each 4 ms a step, 40 us a layer, 20 us a collective, 100 us a sequence, which decides where the points do not

Search is by coordinates, in steps of 2, 1.4, 1.15 and 1.05 (Hooke and Jeeves 1961), then 60 random steps of all together. `scale_without` repeats it without each
device, and each family, for `moat validate --without`: then nothing of the device held out is left in its prediction. Where it is the only
device of its software, the median of other vendors' constants stands in, as it does for software of which nothing is known.
Fitted groups are listed in `fitted_on`: `moat validate` counts them and never scores them.

Intervals: residuals measured / predicted of unfitted groups (tier device), of devices held out (family), and of whole profiles
predicted by the median of the others (pooled); 80 % of unseen groups inside, as in scripts/import/intervals.py. llama.cpp, TT-Metalium and
IPEX behave less regularly than the rest and have intervals of their own ("single").
"""
import argparse
import collections
import concurrent.futures
import csv
import importlib.util
import json
import math
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "data" / "stacks"
FACTORS = ["compute", "memory", "unpack", "attention", "link"]
TIMES = {"layer": ("us", 1e-6), "collective": ("us", 1e-6), "step": ("ms", 1e-3), "seq": ("us", 1e-6)}
START = {"layer": 10.0, "collective": 5.0, "step": 1.0, "seq": 10.0}
PRIOR = {"layer": 40.0, "collective": 20.0, "step": 4.0, "seq": 100.0}
MOST = {"compute": (0.02, 4.0), "memory": (0.02, 1.6), "unpack": (0.2, 1.8), "attention": (0.02, 1.6), "link": (0.05, 2.0)}
ERA = {"version": "0.7", "date": "2025-02"}

spec = importlib.util.spec_from_file_location("intervals", ROOT / "scripts" / "import" / "intervals.py")
intervals = importlib.util.module_from_spec(spec)
spec.loader.exec_module(intervals)


def old(row):
    """The point lies before the end of the era, as stack_pick() decides it."""
    m = re.search(r"vllm[ _v-]*(\d+)\.(\d+)", row["framework_version"].lower()) or re.match(r"v?(\d+)\.(\d+)", row["framework_version"])
    if m:
        return (int(m[1]), int(m[2])) < (0, 7)
    return row["date"] < ERA["date"]


def profile(name, framework, base, version, date, what, fit, **more):
    return {"name": name, "framework": framework, "base": base, "version": version, "date": date, "what": what, "fit": fit, **more}


VLLM_OLD = "vLLM 0.2 to 0.6 (engine V0): the scheduler and the sampler run in Python between two steps"
MMV = 'least_rows: 1, source: "llama.cpp: matrix-vector kernels for one to eight tokens (mmv, mmvq)"'
PROFILES = [
    profile("vllm-2024", "vllm", "vllm", "0.6.1", "2024-11", VLLM_OLD, ["compute", "memory", "attention", "layer", "collective", "step", "seq"],
            runs_on=["CUDA"], until=ERA, rows=old),
    profile("vllm-rocm-2024", "vllm", "vllm", "0.6.1", "2024-11", VLLM_OLD + ", on ROCm 6",
            ["compute", "memory", "attention", "link", "layer", "collective", "step", "seq"], runs_on=["ROCm"], until=ERA, rows=old),
    profile("vllm-rocm", "vllm", "vllm", "0.8 to 0.11", "2025-11", "vLLM on ROCm 6 and 7", ["compute", "memory", "step"],
            runs_on=["ROCm"], default_for=["ROCm"], rows=lambda r: not old(r)),
    profile("vllm-xe-hpc", "vllm", "vllm", "2024-11", "2024-11", "vLLM on Data Center GPU Max (IPEX)", ["compute", "memory", "attention", "step", "seq"],
            runs_on=["xe-hpc"], default_for=["oneAPI"], rows=old),
    profile("habana", "habana", "generic", "SynapseAI 1.18", "2024-10", "Optimum Habana on SynapseAI, HPU graphs",
            ["compute", "memory", "attention", "layer"], runs_on=["SynapseAI"], default_for=["SynapseAI"],
            borrow=("deepspeed-gaudi", ["collective", "link"])),
    profile("deepspeed-gaudi", "deepspeed", "generic", "2024 to 2026-01", "2026-01", "DeepSpeed and Optimum Habana on SynapseAI",
            ["compute", "memory", "attention", "link", "layer", "collective", "step"], runs_on=["SynapseAI"]),
    profile("deepspeed", "deepspeed", "generic", "2024", "2024-11", "DeepSpeed-MII on CUDA",
            ["layer", "step", "seq"], runs_on=["CUDA"]),
    profile("neuronx", "neuronx", "generic", "Neuron 2.18", "2024-04", "transformers-neuronx", ["compute", "memory", "attention", "link", "layer", "collective", "step"],
            default_for=["Neuron"]),
    profile("tt-metal", "tt-metal", "generic", "v0.56 to v0.64", "2025-11", "tt_transformers on TT-Metalium",
            ["compute", "memory", "attention", "link", "layer", "collective", "step"], default_for=["tt-metalium"],
            kernels='least_rows: 32, source: "Tensix tiles of 32 x 32, tt-metal documentation"',
            engine=["prompts_one_by_one: true         # the published TTFT of a batch is one user's"]),
    profile("llama.cpp", "llama.cpp", "generic", "2024-05", "2024-05", "llama.cpp, CUDA kernels", ["compute", "memory", "unpack", "attention", "layer"],
            default_for=["Metal/MLX", "x86", "oneAPI/x86"], on=["compute", "unpack"], cuda=True, kernels=MMV,
            engine=["defaults: [{from: 0GiB, max_seqs: 4, max_tokens: 512}]", 'defaults_source: "llama.cpp: n_ubatch 512; server slots 4"']),
    profile("llama.cpp-rocm", "llama.cpp", "generic", "2024-11", "2024-11", "llama.cpp on ROCm and SYCL", ["memory", "step"],
            runs_on=["ROCm", "oneAPI"], kernels=MMV),
    profile("unstated", "unstated", "generic", "2023", "2023-11", "points that state no framework: PyTorch and early vLLM of 2023",
            ["compute", "memory", "attention", "layer", "collective", "step", "seq"], file="splitwise-measured.csv"),
]
VENDOR = ["habana", "neuronx", "tt-metal", "vllm-rocm", "deepspeed-gaudi", "vllm-rocm-2024"]
SINGLE = ["llama.cpp", "llama.cpp-rocm", "tt-metal", "vllm-xe-hpc"]      # less regular: intervals of their own
OTHERS = ["XLA", "CANN", "Neuware", "PyTorch", "Triton", "SambaFlow", "GroqWare", "Cerebras SDK"]
SOURCE = {"published-dev.csv": "public results of many vendors, by row in published-dev.csv", "splitwise-measured.csv": "Splitwise (MIT), arXiv:2311.18677"}


def facts():
    """accelerator id -> (software, family)"""
    out = {}
    for path in (ROOT / "data" / "accelerators").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        out[path.stem] = tuple(re.search(rf"^{k}: *(.*?)(?: +#.*)?$", text, re.M)[1].strip('"') for k in ("software", "family"))
    return out


class Fitter:
    def __init__(self, moat, data):
        self.moat, self.data, self.acc = moat, data, facts()
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="moat-stacks-"))

    def close(self):
        shutil.rmtree(self.dir)

    def points(self, p):
        """The rows of a profile, in a file of their own."""
        name = p.get("file", "published-dev.csv")
        with open(self.data / name, encoding="utf-8", newline="") as f:
            reader = csv.DictReader(f)
            rows = [r for r in reader if self.belongs(p, r)]
        path = self.dir / f"{p['name']}.csv"
        with open(path, "w", encoding="utf-8", newline="") as f:
            w = csv.DictWriter(f, reader.fieldnames, lineterminator="\n")
            w.writeheader()
            w.writerows(rows)
        p["csv"] = path

    def belongs(self, p, row):
        if "file" in p:
            return True
        software = self.acc.get(row["accelerator"], ("", ""))
        only = p.get("runs_on") or (["CUDA"] if p.get("cuda") else None)
        return (row["framework"] == p["framework"] and row["kind"] != "training" and row["accelerator"] in self.acc
                and (not only or software[0] in only or software[1] in only) and p.get("rows", lambda r: True)(row))

    def predict(self, p, scale, on=None):
        overlay = self.dir / p["name"]
        (overlay / "stacks").mkdir(parents=True, exist_ok=True)
        (overlay / "stacks" / "trial.yaml").write_text(document(p, scale, on or {}, {}, []), encoding="utf-8")
        run = subprocess.run([self.moat, "validate", p["csv"], "--catalog", overlay, "--json", "--quiet"], capture_output=True, text=True, check=False)
        if run.returncode > 1:
            sys.exit(run.stderr)
        return [q for q in json.loads(run.stdout)["points"] if "power" not in q["metric"]]

    def loss(self, p, scale, groups, on=None):
        by = collections.defaultdict(list)
        for q in self.predict(p, scale, on):
            if group(q) in groups:
                by[group(q)].append(abs(math.log(q["predicted"] / q["measured"])))
        weight = sum(math.sqrt(len(v)) for v in by.values())
        fit = sum(statistics.fmean(v) * math.sqrt(len(v)) for v in by.values()) / weight
        return fit + 0.01 * sum(abs(math.log(v)) if k in FACTORS else v / PRIOR[k] for k, v in scale.items())

    def search(self, p, keys, start, groups, on=None, device=None):
        """Best values of keys; the others stay. With a device the values are its own."""
        best, at = dict(start), None

        def tried(values):
            if device:
                return self.loss(p, start, groups, {**(on or {}), device: {k: values[k] for k in keys}})
            return self.loss(p, values, groups, on)

        at = tried(best)
        for factor in (2.0, 1.4, 1.15, 1.05):
            for _ in range(4):
                before = at
                for k in keys:
                    for by in (factor, 1 / factor):
                        value = best[k] * by if best[k] > 0 else START[k] * by
                        if k in FACTORS:
                            value = min(max(value, MOST[k][0]), MOST[k][1])
                        options = [value] + ([0.0] if k in TIMES and best[k] > 0 and by < 1 else [])
                        moved = False
                        for v in options:
                            trial = {**best, k: v}
                            new = tried(trial)
                            if new < at - 1e-5:
                                best, at, moved = trial, new, True
                        if moved:
                            break
                if before - at < 1e-4:
                    break
        rng = random.Random(1)
        for _ in range(60):
            trial = dict(best)
            for k in keys:
                trial[k] *= math.exp(rng.gauss(0, 0.15))
                if k in FACTORS:
                    trial[k] = min(max(trial[k], MOST[k][0]), MOST[k][1])
            new = tried(trial)
            if new < at:
                best, at = trial, new
        return {k: rounded(v) for k, v in best.items()}


def rounded(v):
    return float(f"{v:.3g}")


def group(q):
    return f"{q['model']} {q['accelerator']}"


def chosen(points):
    """Of each device every other group, by the number of points."""
    count = collections.Counter(map(group, points))
    by = collections.defaultdict(set)
    for q in points:
        by[q["accelerator"]].add(group(q))
    out = []
    for groups in by.values():
        out += sorted(groups, key=lambda g: (-count[g], g))[::2]
    return sorted(out)


def flow(values):
    return "{" + ", ".join(f"{k}: {v:g}" + (TIMES[k][0] if k in TIMES else "") for k, v in values.items()) + "}"


def listing(key, words):
    return [f"{key}: [{', '.join(words)}]"] if words else []


def document(p, scale, on, without, fitted, earned=None, remark=""):
    out = [f"# {p['name']}: {p['what']}.", "# Lies over the operators of its base. Made by scripts/fit/stacks_published.py; docs/model.md, \"Software\".",
           f"framework: {p['framework']}", f"base: {p['base']}", f'version: "{p["version"]}"', f"date: {p['date']}",
           f'source: "{p.get("source") or SOURCE[p.get("file", "published-dev.csv")]}{remark}"']
    out += listing("runs_on", p.get("runs_on")) + listing("default_for", p.get("default_for"))
    if "until" in p:
        out.append(f'until: {{version: "{p["until"]["version"]}", date: {p["until"]["date"]}}}')
    if p.get("kernels"):
        out += ["", f"kernels: {{{p['kernels']}}}"]
    if p.get("engine"):
        out += ["", "engine:"] + [f"  {line}" for line in p["engine"]]
    out += ["", f"scale: {flow(scale)}"]
    for key, named in (("scale_on", on), ("scale_without", without)):
        if named:
            out += [f"{key}:"] + [f"  {d}: {flow(v)}" for d, v in sorted(named.items())]
    if fitted:
        out += ["fitted_on:"] + [f"  - {g}" for g in fitted]
    if earned:
        out += ["", "interval:                           # 80 %: truth lies within [p*(1 - lo), p*(1 + hi)]", f'  source: "{earned["source"]}"']
        out += [f"  {t}: {{step_lo: {v[0]:.3f}, step_hi: {v[1]:.3f}, ttft_lo: {v[2]:.3f}, ttft_hi: {v[3]:.3f}}}" for t, v in earned["tiers"].items()]
    return "\n".join(out) + "\n"


def ape(points):
    v = sorted(abs(q["predicted"] / q["measured"] - 1) * 100 for q in points)
    return f"{statistics.median(v):5.1f} % ({len(v)})" if v else "    -"


def neutral(keys):
    return {k: 1.0 if k in FACTORS else 0.0 for k in keys}


def fit(f, p, done):
    f.points(p)
    keys, plain = p["fit"], neutral(p["fit"])
    fixed = {}
    if "borrow" in p:
        fixed = {k: done[p["borrow"][0]]["scale"].get(k, 1.0 if k in FACTORS else 0.0) for k in p["borrow"][1]}
    before = f.predict(p, {**plain, **fixed})
    groups = chosen(before)
    devices = sorted({g.rsplit(" ", 1)[1] for g in groups})
    scale = f.search(p, keys, {**plain, **fixed}, groups)
    on = {}
    for d in devices if p.get("on") else []:
        mine = [g for g in groups if g.endswith(" " + d)]
        on[d] = {k: v for k, v in f.search(p, p["on"], scale, mine, on, d).items() if k in p["on"]}
    without = {}
    for d in devices + sorted({f.acc[d][1] for d in devices}):
        left = [g for g in groups if d not in (g.rsplit(" ", 1)[1], f.acc[g.rsplit(" ", 1)[1]][1])]
        if left and len(left) < len(groups):
            same = next((without[x] for x in without if [g for g in groups if not g.endswith(" " + x)] == left), None)
            without[d] = same or f.search(p, keys, scale, left)
    after = f.predict(p, scale, on)
    rest = [q for q in after if group(q) not in groups]
    print(f"{p['name']:16} fitted {len(groups)} groups: {ape([q for q in before if group(q) in groups])} -> {ape([q for q in after if group(q) in groups])};"
          f" others {ape([q for q in before if group(q) not in groups])} -> {ape(rest)}\n{'':16} {flow(scale)} {on}", flush=True)
    return {"p": p, "scale": scale, "on": on, "without": without, "groups": groups, "after": after, "before": before}


def prior(done, names):
    """Median of each constant over profiles that have it."""
    out = {}
    for k in ["compute", "memory", "attention", "layer", "collective", "step"]:
        v = [done[n]["scale"][k] for n in names if k in done[n]["scale"]]
        if v:
            out[k] = rounded(statistics.median(v))
    return out


def far_from(done, n):
    """Profiles of other vendors that share no device with n."""
    mine = {q["accelerator"] for q in done[n]["after"]}
    return [x for x in VENDOR if x in done and x != n and not mine & {q["accelerator"] for q in done[x]["after"]}]


def stand_in(f, done):
    """A vendor's only device held out: its software is as unknown as that of others, so their median speaks for it."""
    for n in [*VENDOR, "vllm-xe-hpc"]:
        for d in {g.rsplit(" ", 1)[1] for g in done[n]["groups"]} if n in done else ():
            for name in (d, f.acc[d][1]):
                done[n]["without"].setdefault(name, prior(done, far_from(done, n)))


def residual(q):
    found = intervals.residual({**q, "how": "static"})
    return found[1] if found else None


def residuals(f, done):
    """{class: {tier: {group: [measured time / predicted time]}}}; tier pooled is of all classes together."""
    out = {c: {t: collections.defaultdict(list) for t in ("device", "family", "pooled")} for c in ("served", "single")}
    for n, r in done.items():
        p, its = r["p"], out["single" if n in SINGLE else "served"]
        for q in r["after"]:
            if group(q) not in r["groups"] and residual(q):
                its["device"][n, group(q)].append(residual(q))
        for d in {q["accelerator"] for q in r["after"]}:
            if d in r["without"] and len({g.rsplit(" ", 1)[1] for g in r["groups"]}) > 1:
                for q in f.predict(p, r["without"][d]):
                    if q["accelerator"] == d and residual(q):
                        its["family"][n, group(q)].append(residual(q))
        if n in VENDOR:
            for q in f.predict(p, prior(done, far_from(done, n))):
                if residual(q):
                    for c in out.values():
                        c["pooled"][n, group(q)].append(residual(q))
    return out


def earn(found, name, today):
    tiers, widest = {}, [0.02, 0.02]
    base = (0.477, 1.292)                     # TTFT under load of the engines: nothing here is under load
    for tier, groups in found.items():
        lo, hi, q, share = intervals.earn(groups.values(), 200)
        widest = [max(widest[0], 1 - lo), max(widest[1], hi - 1)]      # a farther tier is never surer than a nearer one
        tiers[tier] = (*widest, max(widest[0], base[0]), max(widest[1], base[1]))
        print(f"{name} {tier:8} {sum(map(len, groups.values())):4} points, {len(groups):3} groups: [{lo:.2f}, {hi:.2f}], q {q:.0%}, unseen groups inside {share:.0%}")
    return {"tiers": tiers, "source": f"residuals of groups not fitted, of devices held out and of whole profiles held out, {name} profiles together, "
                                      f"80 % of unseen groups inside (scripts/fit/stacks_published.py), {today}"}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--moat", default=str(ROOT / "build" / "moat"))
    ap.add_argument("--only")
    ap.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    ap.add_argument("--date", required=False, default="2026-11-24")
    args = ap.parse_args()
    data = pathlib.Path(os.environ.get("MOAT_DATA", ROOT.parent / "shared" / "data"))
    f, done = Fitter(args.moat, data), {}
    for borrows in (False, True):             # those that take constants of another come after it
        todo = [p for p in PROFILES if ("borrow" in p) == borrows and (not args.only or p["name"] in args.only.split(","))]
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            for p, r in zip(todo, pool.map(lambda p: fit(f, p, done), todo)):
                done[p["name"]] = r
    if args.only:
        f.close()
        return
    stand_in(f, done)
    found = residuals(f, done)
    each = {c: earn(found[c], c, args.date) for c in found}
    earned = each["served"]
    for n, r in done.items():
        text = document(r["p"], r["scale"], r["on"], r["without"], r["groups"], each["single" if n in SINGLE else "served"])
        (OUT / f"{n}.yaml").write_text(text, encoding="utf-8")
    like = profile("sglang-rocm", "sglang", "sglang", "none", args.date, "SGLang on ROCm, of which no point is published here", [], runs_on=["ROCm"],
                   source="constants of vllm-rocm.yaml: the same devices and kernels")
    (OUT / "sglang-rocm.yaml").write_text(document(like, done["vllm-rocm"]["scale"], {}, {}, [], earned), encoding="utf-8")
    rest = profile("generic-vendor", "generic", "generic", "none", args.date, "the software of a vendor of whom nothing is known", [],
                   runs_on=OTHERS, source=f"median of the constants of {', '.join(n for n in VENDOR if n in done)}")
    (OUT / "generic-vendor.yaml").write_text(document(rest, prior(done, [n for n in VENDOR if n in done]), {}, {}, [], earned), encoding="utf-8")
    f.close()


if __name__ == "__main__":
    main()
