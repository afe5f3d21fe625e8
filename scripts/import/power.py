#!/usr/bin/env python3
"""Fit the constants of the power model (data/power.yaml), and score them on what the fit has not seen.

Usage: MOAT_DATA=<folder of the point files> scripts/import/power.py [--moat build/moat] [--times both|measured|predicted]

    P / TDP = min(1, busy + compute * u_c + memory * u_m)

splitwise-measured.csv has the only open points: peak and mean power of static batches on A100 (no power stands in the rows of
any other device, so no device can be held out; groups of model x tp are). FLOP and bytes are those that `moat predict`
counts, u = FLOP or bytes / (time * peak). Power is a matter of work and time: with the measured times alone the mean is met within
2 %, but then errors in the predicted times (software of 2023 took up to 2.7 times as long) go into the power in full. The
constants must serve where times are predicted, so half of the loss is with measured, half with predicted times; --times asks for one.
Peak: the larger of the prompt's power and decoding's; mean: over the run. Least sum of |log(predicted / measured)|, a measure that a
single odd row (sw044, mean below any decoding) does not move.

Printed: the constants, the errors with each group held out, with measured and with predicted times; the interval (10 % and 90 % of
the held-out measured / predicted, the wider end of the two: the one has the errors of the times in it, the other has not); and what the cap's formula says of Splitwise's power-capped H100 rows,
which is not fitted: they ran at half the TDP (arXiv:2311.18677, section on power capping; the rows do not say it).
"""
import argparse
import csv
import json
import math
import os
import pathlib
import statistics
import subprocess

CAP_FRAC = 0.5


def moat_json(args, *words):
    return json.loads(subprocess.run([args.moat, *words, "--json", "--quiet"], capture_output=True, text=True, check=True).stdout)


def work(args, row, precision):
    """FLOP and bytes of one device: all prompts, and a decode step in the middle of the output; times as predicted."""
    p = moat_json(args, "predict", row["model"], "on", row["accelerator"], "--tp", row["tp"], "--batch", row["batch"], "--isl", row["isl"],
                  "--osl", row["osl"], "--precision", precision, "--framework", "generic", "--set",
                  f"scheduler.max_tokens={max(2048, int(row['isl']))}")

    def total(parts):
        return [sum(x["flop"] for x in parts), sum(x["bytes"] for x in parts if x["bound"] != "link")]
    prompt, step = total(p["prefill_breakdown"]), total(p["breakdown"])
    batch, steps = int(row["batch"]), max(1, math.ceil(int(row["batch"]) * int(row["isl"]) / 2048))
    return [prompt[0] * batch, prompt[1] * steps], step


def observations(args, rows):
    predicted = {}
    for p in moat_json(args, "validate", str(args.data / "splitwise-measured.csv"), "--without", "each")["points"]:
        predicted.setdefault(p["id"], {})[p["metric"]] = p["predicted"]
    out = []
    for r in rows:
        if not r["peak_power_frac_tdp"]:
            continue
        device = moat_json(args, "catalog", "show", r["accelerator"])["accelerator"]
        peak, bw = device["peak_flop_s"]["fp16"], device["mem_bw_bytes_s"]
        prompt, step = work(args, r, r["precision"])
        times = {"measured": (float(r["ttft_ms"]), float(r["tpot_ms"])),
                 "predicted": (predicted[r["id"]]["ttft_ms"], predicted[r["id"]]["tpot_ms"])}
        use = {}
        for how, (ttft_ms, tpot_ms) in times.items():
            use[how] = (prompt[0] / (ttft_ms / 1e3) / peak, prompt[1] / (ttft_ms / 1e3) / bw, step[0] / (tpot_ms / 1e3) / peak,
                        step[1] / (tpot_ms / 1e3) / bw, ttft_ms, tpot_ms * (int(r["osl"]) - 1))
        out.append({"id": r["id"], "group": f'{r["model"]} tp {r["tp"]}', "use": use,
                    "measured": (float(r["peak_power_frac_tdp"]), float(r["mean_power_frac_tdp"]))})
    return out


def power(x, use):
    up, mp, ud, md, prompt_s, decode_s = use
    prompt, decode = min(1, x[0] + x[1] * min(1, up) + x[2] * min(1, mp)), min(1, x[0] + x[1] * min(1, ud) + x[2] * min(1, md))
    return max(prompt, decode), (prompt * prompt_s + decode * decode_s) / (prompt_s + decode_s)


def loss(x, obs, times):
    return sum(abs(math.log(p / m)) for o in obs for how in times for p, m in zip(power(x, o["use"][how]), o["measured"]))


def fit(obs, times):
    """Pattern search from a few starts: three constants, no derivatives."""
    best = None
    for start in ((0.2, 1.0, 0.5), (0.3, 1.6, 0.8), (0.1, 2.0, 1.0)):
        x, step = list(start), [0.1, 0.4, 0.2]
        fx = loss(x, obs, times)
        while max(step) > 1e-4:
            moved = False
            for i in range(3):
                for sign in (1, -1):
                    y = x[:]
                    y[i] = max(0.01, y[i] + sign * step[i])
                    fy = loss(y, obs, times)
                    if fy < fx - 1e-12:
                        x, fx, moved = y, fy, True
            if not moved:
                step = [s / 2 for s in step]
        if best is None or fx < best[1]:
            best = (x, fx)
    return best[0]


def quantile(v, q):
    v = sorted(v)
    at = q * (len(v) - 1)
    i = int(at)
    return v[i] if i + 1 == len(v) else v[i] + (at - i) * (v[i + 1] - v[i])


def caps(args, rows):
    """Capped and free rows of one load: measured and predicted ratios of TTFT and TPOT."""
    free = {(r["model"], r["tp"], r["isl"], r["batch"]): r for r in rows if r["accelerator"] == "h100-sxm-80" and not r["note"]}
    found = []
    for r in rows:
        f = free.get((r["model"], r["tp"], r["isl"], r["batch"]))
        if r["note"] != "power capped" or not f:
            continue
        words = ["predict", r["model"], "on", r["accelerator"], "--tp", r["tp"], "--batch", r["batch"], "--isl", r["isl"], "--osl", "128",
                 "--precision", r["precision"], "--framework", "generic", "--set",
                 f"scheduler.max_tokens={max(2048, int(r['isl']))}"]
        a, b = moat_json(args, *words), moat_json(args, *words, "--power-cap", f"{CAP_FRAC * 700:g}W")

        def prompt_us(p):
            return sum(x["time_us"] for x in p["prefill_breakdown"])
        found.append((float(r["ttft_ms"]) / float(f["ttft_ms"]), float(r["tpot_ms"]) / float(f["tpot_ms"]), prompt_us(b) / prompt_us(a),
                      b["step_time_us"] / a["step_time_us"]))
    return found


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    ap = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    ap.add_argument("--moat", default=str(root / "build" / "moat"))
    ap.add_argument("--times", choices=("both", "measured", "predicted"), default="both")
    args = ap.parse_args()
    args.data = pathlib.Path(os.environ.get("MOAT_DATA") or root.parent / "shared" / "data")
    with open(args.data / "splitwise-measured.csv", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    obs = observations(args, rows)
    groups = sorted({o["group"] for o in obs})
    times = ["measured", "predicted"] if args.times == "both" else [args.times]
    x = fit(obs, times)
    print(f"{len(obs)} points in {len(groups)} groups: {', '.join(groups)}")
    print("busy %.3f  compute %.3f  memory %.3f" % tuple(x))
    error, ratio = {}, {}
    for held in groups:
        y = fit([o for o in obs if o["group"] != held], times)
        print("without %-20s busy %.3f  compute %.3f  memory %.3f" % (held, *y))
        for o in (o for o in obs if o["group"] == held):
            for how in ("measured", "predicted"):
                for name, p, m in zip(("peak", "mean"), power(y, o["use"][how]), o["measured"]):
                    error.setdefault((name, how), []).append(abs(p / m - 1) * 100)
                    ratio.setdefault(how, []).append(m / p)
    print("held out, median and 90 % error: " + ", ".join(f"{n} with {h} times {statistics.median(v):.1f} and {quantile(v, 0.9):.0f} %"
                                                        for (n, h), v in sorted(error.items())))
    for how, v in ratio.items():
        print(f"measured / predicted with {how} times: 10 % {quantile(v, 0.1):.2f}, 90 % {quantile(v, 0.9):.2f}")
    print(f"interval_lo {1 - min(quantile(v, 0.1) for v in ratio.values()):.2f}  interval_hi "
          f"{max(quantile(v, 0.9) for v in ratio.values()) - 1:.2f}")
    found = caps(args, rows)
    print(f"H100 at {100 * CAP_FRAC:.0f} % of its power, {len(found)} pairs, measured and predicted: prompts "
          f"{statistics.median(c[0] for c in found):.2f}x and {statistics.median(c[2] for c in found):.2f}x as long, decoding "
          f"{statistics.median(c[1] for c in found):.2f}x and {statistics.median(c[3] for c in found):.2f}x")


if __name__ == "__main__":
    main()
