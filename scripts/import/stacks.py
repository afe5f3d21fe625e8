#!/usr/bin/env python3
"""Write data/stacks/{vllm,sglang,trtllm,generic}.yaml from fits of operator timings.

Usage: MOAT_DATA=<folder of the big data sets> scripts/import/stacks.py

Run by developers when the fits change; its output is committed. $MOAT_DATA/ops-fit.json
holds constants fitted to public operator timings (NVIDIA aiconfigurator, Apache-2.0): by
device, framework and number format. They become three tiers:

    devices   this device and framework
    families  medians over the devices of a family, this framework; for attention and links
              without any, medians over the frameworks
    pooled    medians over everything

The engines share their kernels: what one of them ships the others take over, and a slow kernel that was timed in one is
not the one it deploys. So on one device and format all frameworks get the fastest fixed time and bandwidth share of a
matrix multiplication and the fastest fixed time, compute share and balance of expert kernels (`fastest`).

Left out: fits marked unreliable, fits with a median error above 40 % or one in ten above 200 %, and decode attention
whose memory efficiency came out above 1.35 (a second bound hides in it, which the formula
does not have). Efficiencies above 1 (caches, the shape of the formula) are set to 1.
Where only the best matrix multiplication of a device is public (AMD, Intel Gaudi, GeForce), its share
of the peak, times the ratio of fitted to best on H100, gives `ec` of bf16.
"""
import json
import math
import os
import pathlib
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEVICE = {"a100_sxm": "a100-sxm-80", "l40s": "l40s", "h100_sxm": "h100-sxm-80", "h200_sxm": "h200-sxm-141",
          "b200_sxm": "b200-sxm", "gb200": "gb200", "b60": "arc-b60"}
FAMILY = {"a100_sxm": "ampere", "l40s": "ada", "h100_sxm": "hopper", "h200_sxm": "hopper", "b200_sxm": "blackwell",
          "gb200": "blackwell", "b60": "xe2"}
PCIE = {"l40s", "b60"}                        # no scale-up links: their collectives go through the host
FORMAT = {"bfloat16": "bf16", "fp8": "fp8", "fp8_block": "fp8_block", "nvfp4": "nvfp4", "int4_wo": "int4",
          "w4a8_mxfp4_mxfp8": "mxfp4"}
FORMATS = ["bf16", "fp8", "fp8_block", "nvfp4", "mxfp4", "int4"]
AIC = "fits to operator timings of ai-dynamo/aiconfigurator (Apache-2.0) @095f58a5, 2026-08-21"

# Best matrix multiplication as a share of the dense bf16 peak (stas00/ml-engineering, "maximum achievable", 2026-08-22).
MAMF = {"mi300x": 0.51, "mi325x": 0.60, "gaudi2": 0.97, "gaudi3": 0.74}
MAMF_FAMILY = {"cdna3": 0.51, "cdna4": 0.62, "gaudi2": 0.97, "gaudi3": 0.74}
MAMF_H100 = 0.80
# GeForce cards multiply 16-bit numbers with 32-bit sums at half of what their silicon does (NVIDIA's Ada and Ampere GA102 white papers), and
# that is their spec-sheet rate: neither power nor memory holds it back as it does on the full-rate cards of their families, and clocks run
# above the boost of the spec. Medians of torch.mm in bf16, 8 cards of rtx-4090, 3 of rtx-3090, 5 of rtx-5090 (github zzc0721/torch-performance-test-data,
# database.md and issues 78, 96, 124, 200, read 2026-11-24; the same table has 0.80 for H100 and 0.74 for L40S, whose fitted share is 0.71).
MAMF |= {"rtx-4090": 0.99, "rtx-3090": 1.08, "rtx-5090": 1.13}
MAMF_FAMILY |= {"ampere-consumer": 1.08, "blackwell-consumer": 1.13}

# Chosen by scripts/fit/serving.py, whole groups left out, on 2026-11-24: see docs/model.md.
ROUTING_SKEW = 0.12
REQUEST_FIXED_MS = {"trtllm": 60}

# Engines: what a release does when it is started without flags.
ENGINE = {
    "vllm": dict(
        version="0.19.0 (0.14.0 on A100 and L40S, 0.20.0 on Arc B60)", scheduler="vllm-v1", memory_frac=0.9, of_free=False,
        workspace="0.07GiB", block=16,
        workspace_source="memory outside torch (context excluded): 0.07 GiB printed by"
                         " a vLLM 0.10.2 log on H100; 0.03 to 0.26 GiB across public logs",
        defaults=[("0GiB", 256, 2048, None), ("70GiB", 1024, 8192, "[ampere]")],
        defaults_source="vllm-project/vllm vllm/engine/arg_utils.py get_batch_defaults, API server: 70 GiB and more, "
                        "A100 excepted, take the larger batch (read 2026-11; before 0.8.5 256 and 2048 everywhere)"),
    "sglang": dict(
        version="0.5.10", scheduler="sglang", memory_frac=0.86, of_free=False, workspace="0.3GB", block=16,
        workspace_source="the static fraction holds weights and KV cache only; sgl-project/sglang server_args.py keeps "
                         "chunked_prefill_size * 1.5 + cuda_graph_max_bs * 2 MB outside it (84 to 88 % on 80 GB); "
                         "page size 1 there, 16 here: no visible difference to a simulation",
        defaults=[("0GiB", 1024, 2048, None), ("33GiB", 1024, 4096, None), ("58GiB", 2048, 8192, None),
                  ("150GiB", 4096, 16384, None)],
        defaults_source="sgl-project/sglang server_args.py: chunked_prefill_size by device memory; running requests are "
                        "bounded by the KV cache (recall of the upper bound 4096)"),
    "trtllm": dict(
        version="1.3.0rc10 (1.0.0 on A100)", scheduler="trtllm-inflight", memory_frac=0.9, of_free=True, workspace="0.5GB", block=32,
        workspace_source="recall: attention and collective workspaces of the PyTorch backend, beside context and CUDA graphs",
        defaults=[("0GiB", 2048, 8192, None)],
        defaults_source="nvidia.github.io/TensorRT-LLM KvCacheConfig (free_gpu_memory_fraction 0.9, of the memory that "
                        "weights and activations leave; 32 tokens a block) and build flags (max_batch_size 2048, "
                        "max_num_tokens 8192; recall)"),
    "generic": dict(
        version="none", scheduler="vllm-v1", memory_frac=0.9, of_free=False, workspace="0.5GB", block=16,
        workspace_source="assumption", defaults=[("0GiB", 32, 32, None), ("4GiB", 256, 2048, None),
                                                 ("70GiB", 512, 8192, None)],
        defaults_source="assumption: like vLLM; chips with on-chip memory only take small batches"),
}


def clamp(v):
    return min(v, 1.0)


def short(v):
    return float(f"{v:.4g}")


def usable(fit):
    return not fit.get("unreliable") and fit["median_ape"] <= 40 and fit["p90_ape"] <= 200


class Block:
    """Constants of one device, one family or the pool: group -> operator -> {constant: value}."""

    def __init__(self, remark=""):
        self.remark, self.group = remark, {}
        self.evidence = None

    def put(self, group, op, **constants):
        self.group.setdefault(group, {}).setdefault(op, {}).update(constants)

    def lines(self, indent):
        pad = " " * indent
        if self.evidence:
            yield f"{pad}evidence: {self.evidence}"
        for group in ("gemm", "moe", "attention", "comm", "comm_pcie"):
            ops = self.group.get(group)
            if not ops:
                continue
            yield f"{pad}{group}:"
            for op, c in ops.items():
                yield f"{pad}  {op}: {{" + ", ".join(f"{k}: {value(k, v)}" for k, v in c.items()) + "}"


def value(key, v):
    return f"{short(v)}us" if key in ("t0", "a0", "a1") else f"{short(v)}"


def median_blocks(blocks, remark=""):
    """Median of each constant over the blocks that have it."""
    out = Block(remark)
    for group in ("gemm", "moe", "attention", "comm", "comm_pcie"):
        ops = []
        for b in blocks:
            ops += [op for op in b.group.get(group, {}) if op not in ops]
        for op in ops:
            have = [b.group[group][op] for b in blocks if op in b.group.get(group, {})]
            names = list(dict.fromkeys(k for h in have for k in h))
            out.put(group, op, **{k: statistics.median(h[k] for h in have if k in h) for k in names})
    return out


def fastest(fits, kind, best):
    """Fits of a kind with constants 0: ec, 1: em, 2: t0, 3, 4 replaced by the best of all frameworks on that device and
    format."""
    groups = {}
    for f in fits[kind]["fits"]:
        if usable(f):
            groups.setdefault((f["device"], f["dtype"]), []).append(f["p"])
    for f in fits[kind]["fits"]:
        group = groups.get((f["device"], f["dtype"])) if usable(f) else None
        p = [best[i](clamp(g[i]) if i < 2 else g[i] for g in group) if i in best else v for i, v in enumerate(f["p"])] if group else f["p"]
        yield {**f, "p": p}


def device_blocks(fits, framework):
    """device -> Block of the fits of one framework; collectives of NCCL serve all frameworks."""
    out = {d: Block() for d in DEVICE}
    for f in fastest(fits, "gemm", {1: max, 2: min}):
        if f["framework"] == framework and usable(f):
            ec, em, t0, w, q = f["p"]
            out[f["device"]].put("gemm", FORMAT[f["dtype"]], ec=clamp(ec), em=clamp(em), t0=t0, waves=w, quant=q)
    for f in fastest(fits, "moe", {0: max, 2: min, 4: min}):
        name = FORMAT.get(f["dtype"])
        if f["dtype"] == "w4a16_mxfp4":       # weight-only: the format itself where fp4 is not native
            name = "int4" if FAMILY[f["device"]] == "blackwell" or framework == "trtllm" else "mxfp4"
        if f["framework"] == framework and usable(f) and name:
            ec, em, t0, pad, im = f["p"]
            out[f["device"]].put("moe", name, ec=clamp(ec), em=clamp(em), t0=t0, waves=pad, quant=im)
    for f in fits["attention"]["fits"]:
        if f["framework"] != framework or not usable(f):
            continue
        ec, em, t0, w = f["p"]
        block, op, kv8 = out[f["device"]], f["op"], f["dtype"] == "fp8"
        if op in ("decode", "mla_decode") and em > 1.35:
            continue
        if op == "mla_decode" and t0 >= 100:  # the fit ran into its bound
            continue
        if op in ("prefill", "mla_prefill"):
            if not kv8 and t0 < 100:
                block.put("attention", op, ec=clamp(ec), em=clamp(em), t0=t0, waves=w)
        elif kv8:
            block.put("attention", op, em8=clamp(em))
        else:
            block.put("attention", op, ec=clamp(ec), em=clamp(em), t0=t0)
    nccl = {"all_gather": "all_gather", "alltoall": "all_to_all", "reduce_scatter": "reduce_scatter"}
    for f in fits["comm"]["fits"]:
        op = nccl.get(f["op"])
        if f["op"] == "ar" and f["lib"] == framework:
            op = "all_reduce"
        if op and usable(f):
            group = "comm_pcie" if f["device"] in PCIE else "comm"
            a0, a1, e = f["p"]
            out[f["device"]].put(group, op, a0=a0, a1=a1, e=clamp(e))
    for d, b in out.items():                  # an em8 whose own 16-bit fit was dropped says nothing
        for op in ("decode", "mla_decode"):
            c = b.group.get("attention", {}).get(op, {})
            if "em8" in c and "em" not in c:
                del b.group["attention"][op]
    return {d: b for d, b in out.items() if set(b.group) - {"comm", "comm_pcie"}}


def pooled_block(fits):
    r, b = fits["recommended"], Block()
    for dtype in ("bfloat16", "fp8", "fp8_block", "nvfp4", "int4_wo"):
        ec, em, t0, w, q = r["gemm"][dtype]
        b.put("gemm", FORMAT[dtype], ec=ec, em=em, t0=t0, waves=w, quant=q)
    for dtype in ("bfloat16", "fp8", "fp8_block", "nvfp4"):
        ec, em, t0, pad, im = r["moe"][dtype]
        b.put("moe", FORMAT[dtype], ec=ec, em=em, t0=t0, waves=pad, quant=im)
    int4 = [f["p"] for f in fits["moe"]["fits"] if f["dtype"] == "int4_wo" and usable(f)]
    ec, em, t0, pad, im = (statistics.median(col) for col in zip(*int4, strict=True))
    b.put("moe", "int4", ec=clamp(ec), em=clamp(em), t0=t0, waves=pad, quant=im)
    attention(b, r["attention"]["unknown_device"])
    b.put("attention", "linear", ec=0.5, em=0.78, t0=10.0)
    a0, a1, e = r["allreduce"]["unknown_device"]
    b.put("comm", "all_reduce", a0=a0, a1=a1, e=e)
    a0, a1, e = r["allreduce"]["pcie"]
    b.put("comm_pcie", "all_reduce", a0=a0, a1=a1, e=e)
    for op, name in (("all_gather", "all_gather"), ("reduce_scatter", "reduce_scatter"), ("alltoall", "all_to_all")):
        for group, on_pcie in (("comm", False), ("comm_pcie", True)):
            p = [f["p"] for f in fits["comm"]["fits"] if f["op"] == op and (f["device"] in PCIE) == on_pcie]
            a0, a1, e = (statistics.median(col) for col in zip(*p, strict=True))
            b.put(group, name, a0=a0, a1=a1, e=e)
    b.put("comm", "p2p", a0=6.8, a1=0.0, e=0.7)
    b.put("comm_pcie", "p2p", a0=8.0, a1=0.0, e=0.6)
    b.put("comm", "net", a0=14.0, a1=5.0, e=0.8)
    b.put("comm_pcie", "net", a0=14.0, a1=5.0, e=0.8)
    return b


def attention(b, rec):
    ec, em, t0, w = rec["prefill"]
    b.put("attention", "prefill", ec=ec, em=em, t0=t0, waves=w)
    em, em8, t0, min_kv = rec["decode"]
    b.put("attention", "decode", em=em, em8=em8, t0=t0, min_kv=min_kv)
    ec, em, t0, w = rec["mla_prefill"]
    b.put("attention", "mla_prefill", ec=ec, em=em, t0=t0, waves=w)
    em, ec, t0 = rec["mla_decode"]
    b.put("attention", "mla_decode", ec=ec, em=em, em8=em, t0=t0)


def family_blocks(fits, by_framework, framework):
    """Medians over a family's devices; what this framework lacks comes from the fits over all frameworks."""
    out = {}
    for family in dict.fromkeys(FAMILY.values()):
        members = [d for d in DEVICE if FAMILY[d] == family]
        own = [by_framework[framework][d] for d in members if d in by_framework.get(framework, {})]
        every = [b[d] for b in by_framework.values() for d in members if d in b]
        block, spare = median_blocks(own), median_blocks(every)
        if family in ("hopper", "blackwell"):
            rec = Block()
            attention(rec, fits["recommended"]["attention"][family])
            spare.group["attention"] = {**spare.group.get("attention", {}), **rec.group["attention"]}
        for group in ("gemm", "moe", "attention", "comm", "comm_pcie"):
            for op, c in spare.group.get(group, {}).items():
                if op not in block.group.get(group, {}):
                    block.put(group, op, **c)
        if family == "ampere":                # decode of A100 by TensorRT-LLM was dropped; no MLA fit stands
            block.group.get("attention", {}).pop("mla_decode", None)
        out[family] = block
    ultra = median_blocks([out["blackwell"]])
    for group in ("gemm", "moe"):             # the FP4 peak of B300 and GB300 is 1.5 times as high and not reached
        if "nvfp4" in ultra.group.get(group, {}):
            ultra.group[group]["nvfp4"]["ec"] *= 2 / 3
        if "mxfp4" in ultra.group.get(group, {}):
            ultra.group[group]["mxfp4"]["ec"] *= 2 / 3
    ultra.remark = "B300, GB300: as Blackwell in bf16 and fp8; fp4 reaches 2/3 of the share, its spec peak is 1.5 times as high"
    out["blackwell-ultra"] = ultra
    if framework != "trtllm":
        scale = statistics.median(f["p"][0] for f in fits["gemm"]["fits"]
                                  if f["device"] == "h100_sxm" and f["dtype"] == "bfloat16") / MAMF_H100
        for family, share in MAMF_FAMILY.items():
            b = Block(f"best public matmul {share:.0%} of bf16 peak, times {scale:.2f} (fitted over best on H100)")
            b.put("gemm", "bf16", ec=min(1, share * scale))
            out[family] = b
    return out


# What scripts/import/intervals.py printed for all stacks together on 2026-11-24: quantiles of held-out residuals of `moat
# validate`, chosen so that 80 % of unseen model x accelerator groups lie inside.
INTERVALS = {"device": (0.182, 0.355, 0.426, 1.581), "family": (0.190, 0.393, 0.426, 1.581),
             "pooled": (0.245, 0.393, 0.426, 1.581), "vendor": (0.317, 4.085, 0.530, 1.581)}


def intervals():
    for tier, bounds in INTERVALS.items():
        yield f"  {tier}: {{step_lo: {bounds[0]:.3f}, step_hi: {bounds[1]:.3f}, ttft_lo: {bounds[2]:.3f}, ttft_hi: {bounds[3]:.3f}}}"


def serving(fits, framework):
    s = fits["recommended"]["serving"]
    if framework in s:
        s[framework]["ttft_const_ms"] = REQUEST_FIXED_MS.get(framework, s[framework]["ttft_const_ms"])
        return s[framework], "grid fit on measured serving points, mean TTFT, with these operator constants"
    mid = {k: statistics.median(s[f][k] for f in ("vllm", "trtllm", "sglang")) for k in s["vllm"]}
    mid["recv_interval_steps"] = 1
    return mid, "median of vLLM, SGLang and TensorRT-LLM"


def document(fits, by_framework, framework):
    e, layer = ENGINE[framework], fits["recommended"]["layer"]
    s, s_source = serving(fits, framework)
    out = [f"# {framework}: constants of the performance model. Formulas: docs/model.md. Made by scripts/import/stacks.py.",
           "# ec, em: share of peak FLOP/s and of memory bandwidth that is reached; t0: fixed time of a kernel.",
           "# gemm: waves = least share of a wave, quant = activation passes. moe: waves = pad tokens an active expert,",
           "# quant = imbalance per log2(ep). comm: a0 + a1*log2(n) + f*bytes*(n-1)/n/(link*e); comm_pcie where cards have",
           "# no scale-up links. bf16 serves fp16 and fp32; fp8 serves int8 and bfp8; nvfp4 serves mxfp4 where it has none of",
           "# its own; int4 serves q4_k_m and every format that a device can only unpack to 16 bits.",
           f"framework: {framework}", f'version: "{e["version"]}"', f"scheduler: {e['scheduler']}", "date: 2026-08-21",
           f'source: "{AIC}; efficiencies above 1 set to 1; unreliable fits left out"', "",
           "serving:", f"  step_fixed: {s['step_fixed_ms']}ms                # host time a step that the device waits for",
           f"  step_per_seq: {s['step_per_seq_us']}us", f"  request_fixed: {s['ttft_const_ms']}ms            # before the first token",
           f"  prefill_floor_per_layer: {s['prefill_step_floor_ms_per_layer']}ms", f"  recv_interval_steps: {s['recv_interval_steps']}",
           f'  source: "{s_source}"', "", "kernels:                            # guessed a priori, not fitted",
           f"  small_dense: {layer['small_kernels_us_dense']}us                # a layer",
           f"  small_moe: {layer['small_kernels_us_moe']}us", f"  elementwise_passes: {layer['elementwise_passes']}",
           f"  routing_skew: {ROUTING_SKEW}              # scripts/fit/serving.py", "",
           "engine:", f"  memory_frac: {e['memory_frac']}" + ("              # of what weights and workspace leave free" if e["of_free"] else ""),
           f"  memory_frac_of_free: {'true' if e['of_free'] else 'false'}", f"  workspace: {e['workspace']}",
           f'  workspace_source: "{e["workspace_source"]}"', f"  block_tok: {e['block']}",
           "  defaults:                         # by device memory, the last row that fits"]
    for start, seqs, tokens, without in e["defaults"]:
        out.append(f"    - {{from: {start}, max_seqs: {seqs}, max_tokens: {tokens}" + (f", except: {without}" if without else "") + "}")
    out += [f'  defaults_source: "{e["defaults_source"]}"', "",
            "interval:                           # 80 %: truth lies within [p*(1 - lo), p*(1 + hi)]",
            '  source: "held-out residuals of moat validate, all stacks, 80 % of unseen groups inside (scripts/import/intervals.py), '
            '2026-11-24; vendor: software that has no stack of its own, from vLLM 0.6 of 2024 with the constants of CUDA, 2026-11-23"', *intervals(), "",
            "pooled:                             # medians over devices and frameworks; p2p, net and linear are recall", *pooled_block(fits).lines(2),
            "", "families:"]
    for name, b in family_blocks(fits, by_framework, framework).items():
        out += [f"  {name}:" + (f"   # {b.remark}" if b.remark else ""), *b.lines(4)]
    out += ["", "devices:"]
    devices = {DEVICE[d]: b for d, b in by_framework.get(framework, {}).items()}
    if framework != "trtllm":
        scale = statistics.median(f["p"][0] for f in fits["gemm"]["fits"]
                                  if f["device"] == "h100_sxm" and f["dtype"] == "bfloat16") / MAMF_H100
        for name, share in MAMF.items():
            b = Block(f"best public matmul {share:.0%} of bf16 peak")
            b.evidence = "inferred"
            b.put("gemm", "bf16", ec=min(1, share * scale))
            devices[name] = b
    for name, b in devices.items():
        out += [f"  {name}:" + (f"   # {b.remark}" if b.remark else ""), *b.lines(4)]
    return "\n".join(aligned(line) for line in out) + "\n"


def aligned(line):
    """Comments behind a value start in one column."""
    head, mark, remark = line.partition("  # ")
    return f"{head.rstrip():<34}# {remark.strip()}" if mark and head.strip() else line


def main():
    data = os.environ.get("MOAT_DATA")
    if not data:
        sys.exit("set MOAT_DATA to the folder that holds ops-fit.json")
    with open(os.path.join(data, "ops-fit.json"), encoding="utf-8") as f:
        fits = json.load(f)
    by_framework = {fw: device_blocks(fits, fw) for fw in ("vllm", "sglang", "trtllm")}
    out = ROOT / "data" / "stacks"
    out.mkdir(parents=True, exist_ok=True)
    for framework in ENGINE:
        (out / f"{framework}.yaml").write_text(document(fits, by_framework, framework), encoding="utf-8")
    print(f"wrote {len(ENGINE)} files to {out}", file=sys.stderr)


if __name__ == "__main__":
    main()
