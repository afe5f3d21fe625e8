#!/usr/bin/env python3
"""Write data/accelerators/<id>.yaml from a table of spec sheets.

Usage: MOAT_DATA=<folder of the big data sets> scripts/import/accelerators.py

Run by developers when the table changes; its output is committed and is what the
program is built from. The table is $MOAT_DATA/accelerators.csv: one row a SKU, dense
rates, one-direction links, decimal mem_gb beside binary mem_gib, and for each row the
fields that two sources, one source or only memory (recall) vouch for. What the table
does not say (aliases, families, wiring, cores, corrections) is in accelerators_known.py.
Hand corrections belong there, not in the YAML.

No figure is invented: an empty cell stays away from the YAML. Two rules derive one:
PCIe bandwidth from its generation at 16 lanes, and the export flag, where the table
does not decide, from the United States' Total Processing Performance rule of 2023-10
(3A090.a: dense TOPS x bits >= 4800); both are graded recall.
"""
import csv
import os
import pathlib
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
import accelerators_known as known  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
READ = "2026-11"
PCIE_GBS = {3: 16, 4: 32, 5: 64, 6: 128}
# Column of the table -> key of the YAML, for the grade of each figure.
KEYS = {
    "mem": "mem", "mem_bw_gbs": "mem_bw", "fp64_tflops": "fp64", "fp32_tflops": "fp32", "bf16_dense_tflops": "bf16",
    "fp16_dense": "fp16", "fp8_dense": "fp8", "int8_dense_tops": "int8", "fp4_dense": "fp4", "onchip_sram_mb": "sram",
    "scaleup_bw_gbs": "scaleup.total", "scaleup_domain": "scaleup.domain", "scaleout_bw_gbs": "scaleout",
    "pcie_gen": "pcie", "tdp_w": "tdp", "rt_cores": "rt_cores", "mig_slices": "mig_slices",
    "confidential": "confidential", "export_restricted_to_cn": "export_restricted_cn", "launch_date": "launch",
    "mem_gib": "mem", "mem_gb": "mem",
}
ORDER = ["mem", "mem_usable", "mem_bw", "sram", "fp64", "fp32", "bf16", "fp16", "fp8", "int8", "fp4", "cores",
         "scaleup.per_peer", "scaleup.total", "scaleup.domain", "pcie", "scaleout", "tdp", "idle", "rt_cores", "mig_slices",
         "confidential", "export_restricted_cn", "launch"]
RATES = [("fp64", "fp64_tflops", "TFLOP/s"), ("fp32", "fp32_tflops", "TFLOP/s"), ("bf16", "bf16_dense_tflops", "TFLOP/s"),
         ("fp16", "fp16_dense", "TFLOP/s"), ("fp8", "fp8_dense", "TFLOP/s"), ("int8", "int8_dense_tops", "TOP/s"),
         ("fp4", "fp4_dense", "TFLOP/s")]
SRAM_ONLY = {"groq-lpu1", "groqrack", "cerebras-wse3"}


def num(text):
    """The number as short as it reads: '80.0' -> '80'."""
    v = float(text)
    return str(int(v)) if v == int(v) else repr(v)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def plain(text):
    return text if re.fullmatch(r"[A-Za-z][A-Za-z0-9 ._/+-]*", text) else quoted(text)


def aligned(line):
    """Comments behind a value start in one column."""
    head, mark, remark = line.partition("  # ")
    return f"{head.rstrip():<34}# {remark.strip()}" if mark and head.strip() else line


def invert(groups):
    return {sku: family for family, skus in groups.items() for sku in skus.split()}


class Seen:
    """The grade of each figure: 2src, 1src or recall."""

    def __init__(self, row):
        self.of = {}
        for grade, column in (("recall", "fields_recall"), ("1src", "fields_1src"), ("2src", "fields_2src")):
            for field in row[column].split():
                if field in KEYS:
                    self.of[KEYS[field]] = grade
        if not row["bf16_dense_tflops"] and "bf16" in self.of:  # the check behind the table took either 16-bit rate
            grade = self.of.pop("bf16")
            rank = ["recall", "1src", "2src"]
            self.of["fp16"] = max(grade, self.of.get("fp16", "recall"), key=rank.index)

    def lists(self, present):
        for title, grade in (("two_sources", "2src"), ("one_source", "1src"), ("recall", "recall")):
            fields = [k for k in ORDER if k in present and self.of.get(k, "recall") == grade]
            if fields:
                yield title, fields


def export_flag(row):
    """(restricted, remark) for sales to China."""
    text = row["export_restricted_to_cn"].strip()
    if text.startswith(("yes", "licence")):
        return True, text
    if text.startswith(("no;", "no (", "n/a")) or text == "no":
        return False, text
    tpp = max([float(row[c] or 0) * bits for c, bits in
               (("bf16_dense_tflops", 16), ("fp16_dense", 16), ("fp8_dense", 8), ("int8_dense_tops", 8))])
    what = f"total processing performance {tpp:.0f}, limit 4800 (3A090.a, 2023-10); computed, recall"
    return tpp >= 4800, (text + "; " if text else "") + what


def links(row, seen):
    """Lines of the scale-up map, and which figures stand in it."""
    sku, total = row["id"], row["scaleup_bw_gbs"]
    kind, domain = row["scaleup_link"], row["scaleup_domain"]
    topology, peer, dom, remark = known.LINKS.get(sku, (None, None, None, None))
    if topology is None:
        bridge = "bridge" in kind.lower() or (kind == "ConnectX-7" and domain == "2")
        topology = "none" if not total else "bridge" if bridge else "switch"
    if topology == "none" or not total:
        return ["scaleup: {topology: none}          # through the host only" if not kind else
                f"scaleup: {{topology: none}}          # {kind}: no published bandwidth between devices"], []
    peer = num(peer if peer is not None else total)
    domain = dom or domain
    if topology in ("mesh", "torus"):
        seen.of["scaleup.per_peer"] = "recall" if seen.of.get("scaleup.total") == "recall" else "1src"
    else:
        seen.of["scaleup.per_peer"] = seen.of.get("scaleup.total", "recall")
    out = ["scaleup:", f"  kind: {kind}", f"  topology: {topology}" + (f"            # {remark}" if remark else ""),
           f"  per_peer: {peer}GB/s          # one direction, between two devices",
           f"  total: {num(total)}GB/s             # one direction, all links of a device",
           f"  domain: {domain}                 # devices that reach each other this way"]
    return out, ["scaleup.per_peer", "scaleup.total", "scaleup.domain"]


def yaml(row):
    sku, seen, present = row["id"], Seen(row), set()
    for column, (value, grade, _why) in known.FIX.get(sku, {}).items():
        row[column] = value
        seen.of[KEYS[column]] = grade
    form = row["form"]
    restricted, export_remark = export_flag(row)
    node = known.NODE_CARDS.get(sku, 8 if form in ("SXM", "OAM") else 1)
    host = known.HOST_CARDS.get(sku, max(node, 8 if form == "PCIe" else node))
    aliases = known.ALIASES.get(sku, "").split()
    out = [f"# {row['vendor']} {row['name']}",
           "# Rates are dense and per device, links are one direction. `figures` says how well each figure is known.",
           f"id: {sku}", f"name: {plain(row['name'])}", f"vendor: {row['vendor']}", f"class: {row['class']}",
           f"arch: {plain(row['arch'] or row['vendor'])}",
           f"family: {invert(known.FAMILY)[sku]}          # devices of a family share fitted constants",
           f"form: {form or 'PCIe'}", f"software: {row['software']}"]
    if aliases:
        out.append("aliases: [" + ", ".join(f'"{a}"' if re.fullmatch(r"[\d.]+|\d.*", a) else a for a in aliases) + "]")
    if row["launch_date"]:
        out.append(f"launch: {row['launch_date']}")
        present.add("launch")
    out.append(f"available: {'false   # announced, not shipping when this was read' if sku in known.NOT_SHIPPING else 'true'}")

    out.append("")
    present.add("mem")
    if row["mem_gib"]:
        out.append(f"mem: {num(row['mem_gib'])}GiB")
    elif sku in SRAM_ONLY:
        out.append(f"mem: {num(float(row['onchip_sram_mb']))}MB          # no DRAM: the SRAM is the memory")
    else:
        out.append(f"mem: {num(row['mem_gb'])}GB")
    if sku in known.USABLE:
        usable, source = known.USABLE[sku]
        out += [f"mem_usable: {usable}", f"mem_usable_source: {quoted(source)}"]
        present.add("mem_usable")
        seen.of["mem_usable"] = "recall" if "recall" in source else "1src"
    out.append(f"mem_bw: {num(row['mem_bw_gbs'])}GB/s")
    present.add("mem_bw")
    if row["mem_type"]:
        out.append(f"mem_type: {plain(row['mem_type'])}")
    if row["onchip_sram_mb"]:
        out.append(f"sram: {num(row['onchip_sram_mb'])}MB                # L2, last-level cache or scratch")
        present.add("sram")

    out.append("")
    for key, column, unit in RATES:
        if row[column]:
            out.append(f"{key}: {num(row[column])}{unit}")
            present.add(key)
    cores = known.CORES_PUBLIC.get(sku) or known.CORES_RECALL.get(sku)
    if cores:
        out.append(f"cores: {cores}")
        present.add("cores")
        seen.of["cores"] = "1src" if sku in known.CORES_PUBLIC else "recall"

    out.append("")
    lines, figures = links(row, seen)
    out += lines
    present |= set(figures)
    if row["pcie_gen"]:
        lanes = 0.5 if sku == "arc-b60" else 1
        out.append(f"pcie: {num(PCIE_GBS[int(row['pcie_gen'])] * lanes)}GB/s")
        present.add("pcie")
    if row["scaleout_bw_gbs"]:
        out.append(f"scaleout: {num(row['scaleout_bw_gbs'])}GB/s            # one direction, per device")
        present.add("scaleout")
    out.append(f"node_cards: {node}             # cards on one board or server as it is sold")
    if host != node:
        out.append(f"host_cards: {host}             # most cards behind one host")
    if row["tdp_w"]:
        out.append(f"tdp: {num(row['tdp_w'])}W")
        present.add("tdp")
    if sku in known.IDLE:
        out.append(f"idle: {known.IDLE[sku][0]}                    # while it waits")
        present.add("idle")
        seen.of["idle"] = "1src"

    out += ["", f"graphics: {'true' if row['graphics'] == 'yes' else 'false'}",
            f"rt_cores: {row['rt_cores'] or 0}", f"mig_slices: {row['mig_slices'] or 1}",
            f"confidential: {'true' if row['confidential'] == 'yes' else 'false'}",
            f"export_restricted_cn: {'true' if restricted else 'false'}      # {export_remark}"]
    present |= {"rt_cores", "mig_slices", "export_restricted_cn"}
    if row["confidential"]:
        present.add("confidential")

    out += ["", "figures:"]
    for title, fields in seen.lists(present):
        out.append(f"  {title}: [{', '.join(fields)}]")
    out.append("sources:")
    out += [f"  - {quoted(s.strip())}" for s in row["sources"].split("; ") if s.strip()]
    if sku in known.IDLE:
        out.append(f"  - {quoted(known.IDLE[sku][1])}")
    out.append(f"date: {READ}")
    notes = row["notes"].strip()
    notes += "".join(f" {KEYS[c]}: {why}." for c, (_, _, why) in known.FIX.get(sku, {}).items())
    if notes.strip():
        out.append(f"notes: {quoted(notes.strip())}")
    return "\n".join(aligned(line) for line in out) + "\n"


def rows(path):
    with open(path, newline="", encoding="utf-8") as f:
        table = list(csv.DictReader(f))
    blank = {k: "" for k in table[0]}
    for line in known.EXTRA:
        row = dict(blank, **dict(zip(known.EXTRA_COLUMNS, line.split("|"), strict=True)))
        row.update(software="CUDA", sources="recall", graphics="yes", confidential="no", mig_slices="1",
                   export_restricted_to_cn="no", scaleup_domain="1", fields_recall=" ".join(KEYS),
                   notes="Not in the table that this catalog was read from: every figure is recall. Rates accumulate in FP32.")
        table.append(row)
    return table


def main():
    data = os.environ.get("MOAT_DATA")
    if not data:
        sys.exit("set MOAT_DATA to the folder that holds accelerators.csv")
    out = ROOT / "data" / "accelerators"
    out.mkdir(parents=True, exist_ok=True)
    table = rows(os.path.join(data, "accelerators.csv"))
    for row in table:
        (out / f"{row['id']}.yaml").write_text(yaml(row), encoding="utf-8")
    print(f"wrote {len(table)} files to {out}", file=sys.stderr)


if __name__ == "__main__":
    main()
