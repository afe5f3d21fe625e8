#!/usr/bin/env python3
"""Build the page, one self-contained HTML file, and write it as C.

Usage: build.py WEB_DIR WORK_DIR OUT.c DEPFILE auto|enabled|disabled NPM|- NODE|-

Meson runs it. WEB_DIR/dist/page.html, which a release tarball carries, is taken as it is. Else npm installs what
package-lock.json names into WORK_DIR, and esbuild bundles src/ there, so that the source tree stays as it is. Where there is
no npm, or no network for it, `auto` leaves the page out: --html and ui then say how to get it.
"""
import hashlib
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE / "scripts"))
from embed import literal  # noqa: E402  (the same C as data/)


def sources(web):
    """Every file the page is made of, in the order of their paths."""
    named = [web / n for n in ("package.json", "package-lock.json", "build.mjs", "tsconfig.json")]
    return named + sorted(p for p in (web / "src").rglob("*") if p.is_file())


def bundle(web, work, npm, node):
    work.mkdir(parents=True, exist_ok=True)
    for path in sources(web):
        to = work / path.relative_to(web)
        to.parent.mkdir(parents=True, exist_ok=True)
        if not to.exists() or to.read_bytes() != path.read_bytes():
            shutil.copyfile(path, to)
    keep = {work / p.relative_to(web) for p in sources(web)}
    for old in [p for p in (work / "src").rglob("*") if p.is_file() and p not in keep]:
        old.unlink()
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    stamp = work / "installed"
    if not stamp.exists() or stamp.read_text() != lock:
        subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=work, check=True)
        stamp.write_text(lock)
    subprocess.run([node, "build.mjs"], cwd=work, check=True)
    return (work / "page.html").read_bytes()


def page(web, work, want, npm, node):
    ready = web / "dist" / "page.html"
    if want == "disabled":
        return b""
    if ready.exists():
        return ready.read_bytes()
    if "-" in (npm, node):
        if want == "enabled":
            sys.exit("page: there is no npm and node; scripts/setup page installs them")
        return b""
    try:
        return bundle(web, work, npm, node)
    except subprocess.CalledProcessError as e:
        if want == "enabled":
            sys.exit(f"page: {e}")
        print(f"page: left out: {e}")
        return b""


def main():
    web, work, out, depfile, want, npm, node = sys.argv[1:8]
    web = pathlib.Path(web)
    html = page(web, pathlib.Path(work), want, npm, node)
    text = ["/* Made by web/build.py from web/: do not edit. */", '#include "show/page.h"', "",
            f"const char page_bytes[] =\n{literal(html)};", f"const size_t page_bytes_n = {len(html)};", ""]
    pathlib.Path(out).write_text("\n".join(text), encoding="ascii")
    folders = [p for p in (web / "src").rglob("*") if p.is_dir()]
    escaped = [str(p.resolve()).replace(" ", "\\ ") for p in [*sources(web), web / "src", *folders]]
    pathlib.Path(depfile).write_text(f"{out}: " + " ".join(escaped) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
