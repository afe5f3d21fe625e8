#!/usr/bin/env python3
"""Write a C file that holds every data file, so that the program needs none beside it.

Usage: embed.py DATA_DIR OUT.c DEPFILE

Meson runs it. The files are those the program reads (accelerators/*.yaml, models/*.json,
stacks/*.yaml, work/*.yaml, prices.csv, dynamics.yaml, economics.yaml, fleet.yaml, power.yaml, training.yaml, work_shares.yaml), in the order of
their paths, so that the output depends on nothing else. DEPFILE names each of them and the folders, so
that an edit, a new file or a removed one makes ninja run this again.
"""
import pathlib
import sys

KINDS = [("accelerators", "*.yaml"), ("models", "*.json"), ("stacks", "*.yaml"), ("work", "*.yaml"), (".", "prices.csv"),
         (".", "dynamics.yaml"), (".", "economics.yaml"), (".", "fleet.yaml"), (".", "power.yaml"), (".", "training.yaml"),
         (".", "work_shares.yaml")]


def literal(data):
    """C string literals, one a line of the file. An octal escape is always three digits, so none can run on."""
    out = []
    for line in data.splitlines(keepends=True):
        text = []
        for byte in line:
            c = chr(byte)
            if c in '"\\':
                text.append("\\" + c)
            elif c == "?":
                text.append("\\?")  # no trigraphs
            elif 32 <= byte < 127:
                text.append(c)
            else:
                text.append(f"\\{byte:03o}")
        out.append('    "' + "".join(text) + '"')
    return "\n".join(out) if out else '    ""'


def main():
    root, out, depfile = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    files = {}
    for folder, pattern in KINDS:
        for path in (root / folder).glob(pattern):
            files[path.relative_to(root).as_posix()] = path
    rows, depends = [], [root] + [root / folder for folder, _ in KINDS if folder != "." and (root / folder).is_dir()]
    for name in sorted(files):
        data = files[name].read_bytes()
        depends.append(files[name])
        rows.append(f'    {{"{name}",\n{literal(data)},\n    {len(data)}}},')
    text = ['/* Made by scripts/embed.py from data/: do not edit. */', '#include "facts/catalog.h"', "",
            "const struct embedded embedded_files[] = {", *rows, "    {0, 0, 0}", "};",
            f"const size_t embedded_count = {len(rows)};", ""]
    pathlib.Path(out).write_text("\n".join(text), encoding="ascii")
    escaped = [str(p.resolve()).replace(" ", "\\ ") for p in depends]
    pathlib.Path(depfile).write_text(f"{out}: " + " ".join(escaped) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
