#!/usr/bin/env python3
"""Write data/prices.csv: dated prices of cards by catalog id.

Usage: MOAT_DATA=<folder of the big data sets> scripts/import/prices.py

Run by developers when the tables change; its output is committed. Reads
$MOAT_DATA/prices.csv and the price columns of $MOAT_DATA/accelerators.csv.

What becomes of a row
- Names without a form factor go to the part that clouds sell most under them (SKUS).
  `a100` without a size is the 40 GB SXM board: the rows are Azure ND96asr and AWS p4d.
- on_demand, spot, reserved_1y, reserved_3y keep their kind; `rental_retail` (a survey of
  what renters pay, about half of list) is a kind of its own. `reserved_mixed` mixes terms and is left out, as are
  power, PUE, supply, TCO and the like; what the owner's formula needs of them stands, with its
  source, in data/economics.yaml.
- Rents of single consumer PCs in homes (SINGLE_PCS) are left out: no replica of several cards can stand there.
- Medians and midpoints over providers are kept with aggregate = 1 and count in no median.
- Purchases are per card. Sellers are named by the host of their page, so that each
  counts once. A DGX or a rack is a whole server: its price a card is divided by
  SERVER_MULT, the ratio of data/economics.yaml, and the note says so. Servers of other
  makers, components, manufacturing cost and rows without a source are left out.
- `cards` is the smallest size where a range is sold. `region` is as written; `area` is us, eu, asia, other, or blank (worldwide, not said).
"""
import collections
import csv
import os
import pathlib
import re
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER_MULT = 1.146                            # server_mult of data/economics.yaml
SKUS = {"h100": "h100-sxm-80", "h200": "h200-sxm-141", "b200": "b200-sxm", "a100": "a100-sxm-40",
        "a100-80": "a100-sxm-80", "a100-40": "a100-sxm-40", "v100": "v100-sxm2-16", "v100-16": "v100-sxm2-16",
        "v100-32": "v100-sxm2-32", "mi250": "mi250x", "a100 used": "a100-sxm-80", "h100 used": "h100-sxm-80",
        "m2-ultra used": "m2-ultra", "gaudi2 8x UBB": "gaudi2", "gaudi3 8x UBB": "gaudi3",
        "gb200 NVL72 rack": "gb200", "gb300 NVL72 rack": "gb300", "cerebras CS-3": "cerebras-wse3",
        "b300-sxm secondary": "b300-sxm", "h100 (paired with Gaudi 3 launch)": "h100-sxm-80"}
KINDS = {"on_demand": "on-demand", "spot": "spot", "reserved_1y": "reserved-1y", "reserved_3y": "reserved-3y",
         "rental_retail": "survey"}
PER_CARD = {"usd_per_unit": 1, "usd_per_8": 8, "usd_per_rack": 72, "usd_per_system": 1}
PROVIDERS = {"Amazon Web Services": "AWS", "Microsoft Azure": "Azure", "Google Cloud": "GCP", "Lambda Labs": "Lambda",
             "Oracle Cloud": "Oracle", "vast.ai": "Vast.ai"}
SINGLE_PCS = ("Salad",)                        # one consumer card a machine, spread over homes: no instance to put a service on
AGGREGATES = ("median(", "hyperscaler", "long-tail", "neocloud", "market", "secondary", "various")
US = ("us", "iowa", "oregon", "ohio", "virginia", "illinois", "texas", "california", "westus", "eastus", "northcentralus",
      "southcentralus", "east us", "west us", "central us")
EU = ("eu-", "europe", "belgium", "netherlands", "westeurope", "northeurope", "uksouth", "london", "frankfurt", "finland")
ASIA = ("asia", "ap-", "japan", "singapore", "korea", "tokyo", "india")
COLUMNS = "sku kind date provider region area cards usd recall aggregate source note".split()


def area(region):
    r = region.lower().strip()
    if not r or r == "global":
        return ""
    first = r.split(",")[0]
    for name, marks in (("eu", EU), ("asia", ASIA), ("us", US)):
        if any(first.startswith(m) or f"({m}" in first for m in marks):
            return name
    return "other"


def middle(text):
    """'15000-28000' -> (21500, '15000-28000'); '30000' -> (30000, '')."""
    parts = [float(p) for p in text.split("-")]
    return (sum(parts) / len(parts), text if len(parts) > 1 else "")


def number(v):
    return repr(round(v, 4)).removesuffix(".0")


def host(source):
    """Seller: host of the last address in the source, looked up inside web archives."""
    urls = re.findall(r"https?://\S+", source)
    if not urls:
        return ""
    inner = re.findall(r"https?://", urls[-1])
    url = urls[-1][urls[-1].rfind("http"):] if len(inner) > 1 else urls[-1]
    return urllib.parse.urlparse(url).netloc.removeprefix("www.")


def join(*notes):
    return "; ".join(n.strip(" .") for n in notes if n and n.strip())


def row(sku, kind, date, provider, usd, source, region="", cards="", note="", recall=False, aggregate=False):
    return {"sku": sku, "kind": kind, "date": date, "provider": provider, "region": region, "area": area(region),
            "cards": cards, "usd": number(usd), "recall": int(recall), "aggregate": int(aggregate), "source": source,
            "note": note}


def rent(x, sku):
    provider = PROVIDERS.get(x["provider"], x["provider"])
    value = x["value"] and f"published range {x['value']}" if x["unit"] == "range" else ""
    generic = f"listed as {x['sku']}" if x["sku"] != sku else ""
    tier = "survey of rents paid" if x["kind"] == "rental_retail" else ""
    return row(sku, KINDS[x["kind"]], x["date"], provider, float(x["usd_per_gpu_hour"]), x["source"], x["region"],
               x["gpus"].split("-")[0], join(x["note"], value, generic, tier), x["source"] == "recall",
               provider.lower().startswith(AGGREGATES))


def purchase(x, sku):
    usd, spread = middle(x["value"])
    note, provider = x["note"], x["provider"]
    if "manufacturing" in note.lower() or "No source" in x["source"] or x["provider"] == "BOM":
        return None
    if "geometric mean" in note:
        note = "estimate: " + note
    usd /= PER_CARD[x["unit"]]
    whole = x["unit"] == "usd_per_rack" or note.startswith("DGX") or "DGX," in note or "nvidia-dgx" in x["source"]
    how = f"whole server at {usd:.2f} a card, divided by {SERVER_MULT} for the server" if whole else ""
    if whole:
        usd /= SERVER_MULT
    if provider == "reseller/press":
        provider = host(x["source"]) or provider
    spread = f"range {spread}, middle taken" if spread else ""
    return row(sku, "purchase", x["date"], provider, usd, x["source"], "", x["gpus"], join(note, spread, how),
               x["source"] == "recall")


def from_prices(path, ids, dropped):
    for x in csv.DictReader(open(path, newline="", encoding="utf-8")):
        sku = SKUS.get(x["sku"], x["sku"])
        if x["kind"] == "api_price":
            if x["source"].startswith("http"):
                dropped["api price of a model that the page's author named"] += 1
            else:
                kind = "api-in" if x["unit"].endswith("_in") else "api-out"
                yield row(sku, kind, x["date"], x["provider"], float(x["value"]), x["source"], "", "", x["note"], True)
        elif sku not in ids:
            dropped["not a catalog entry: " + x["sku"] if x["usd_per_gpu_hour"] else f"not a card: {x['kind']}"] += 1
        elif x["kind"] in KINDS and x["usd_per_gpu_hour"] and x["provider"] in SINGLE_PCS:
            dropped["a network of single PCs"] += 1
        elif x["kind"] in KINDS and x["usd_per_gpu_hour"]:
            yield rent(x, sku)
        elif x["kind"] == "purchase" and x["unit"] in PER_CARD:
            made = purchase(x, sku)
            if made:
                yield made
            else:
                dropped["purchase without a source, or a cost of making"] += 1
        elif x["kind"] == "resale" and x["unit"] == "usd_per_unit":
            usd, spread = middle(x["value"])
            yield row(sku, "resale", x["date"], host(x["source"]) or x["provider"], usd, x["source"], "", x["gpus"],
                      join(x["note"], f"range {spread}, middle taken" if spread else ""))
        else:
            dropped[f"no price of a card: {x['kind']} {x['unit']}".strip()] += 1


def from_spec_table(path, have):
    """List and street prices beside the spec sheets, where no dated row of that year exists."""
    pattern = re.compile(r"(\d[\d.]*)(?:-(\d[\d.]*))?\s*([^();]*)\((\d{4})([^)]*)\)")
    for x in csv.DictReader(open(path, newline="", encoding="utf-8")):
        for column, what in (("list_price_usd", "list price"), ("street_price_usd", "street price")):
            for lo, hi, _, year, more in pattern.findall(x[column]):
                more = more.strip(" ,:")
                used = "used" in more
                if (x["id"], year) in have or "PCIe" in more or (x["id"] == "mi250x" and "MI250" in more):
                    continue
                usd = (float(lo) + float(hi)) / 2 if hi else float(lo)
                whole = "rack" in more
                note = join(what, more, f"range {lo}-{hi}, middle taken" if hi else "",
                            f"whole server, divided by {SERVER_MULT}" if whole else "")
                yield row(x["id"], "resale" if used else "purchase", year, what, usd / (SERVER_MULT if whole else 1),
                          f"{what} beside the spec sheet, see sources of {x['id']} (read 2026-11)", "", "", note,
                          "recall" in more or x["sources"] == "recall")


def main():
    data = os.environ.get("MOAT_DATA")
    if not data:
        sys.exit("set MOAT_DATA to the folder that holds prices.csv and accelerators.csv")
    spec, dropped = os.path.join(data, "accelerators.csv"), collections.Counter()
    ids = {x["id"] for x in csv.DictReader(open(spec, newline="", encoding="utf-8"))}
    rows = list(from_prices(os.path.join(data, "prices.csv"), ids, dropped))
    have = {(r["sku"], r["date"][:4]) for r in rows if r["kind"] in ("purchase", "resale")}
    rows += from_spec_table(spec, have)
    sys.path.insert(0, os.path.dirname(__file__))
    import accelerators_known as known
    for line in known.EXTRA:
        x = dict(zip(known.EXTRA_COLUMNS, line.split("|"), strict=True))
        usd, year = re.match(r"(\d+) \((\d{4})\)", x["list_price_usd"]).groups()
        rows.append(row(x["id"], "purchase", year, "list price", float(usd), "recall", "", "", "list price at launch", True))
    kinds = ["on-demand", "spot", "reserved-1y", "reserved-3y", "survey", "purchase", "resale", "api-in", "api-out"]
    rows.sort(key=lambda r: [r["sku"], kinds.index(r["kind"]), (r["date"] + "-01-01")[:10], r["provider"], r["area"],
                             int(r["cards"] or 0), float(r["usd"]), r["note"]])
    out = ROOT / "data" / "prices.csv"
    with open(out, "w", newline="", encoding="utf-8") as f:
        w = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        w.writeheader()
        w.writerows(rows)
    print(f"wrote {len(rows)} rows to {out}; {sum(dropped.values())} left out:", file=sys.stderr)
    for what, n in sorted(dropped.items()):
        print(f"  {n:4}  {what}", file=sys.stderr)


if __name__ == "__main__":
    main()
