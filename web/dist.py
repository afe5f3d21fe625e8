#!/usr/bin/env python3
"""Put the built page into a release tarball as web/dist/page.html. Run by `meson dist`. usage: dist.py NPM NODE"""
import os
import pathlib
import sys
import tempfile

from build import bundle


def main():
    web = pathlib.Path(os.environ["MESON_DIST_ROOT"]) / "web"
    with tempfile.TemporaryDirectory() as work:
        html = bundle(web, pathlib.Path(work), sys.argv[1], sys.argv[2])
    (web / "dist").mkdir(exist_ok=True)
    (web / "dist" / "page.html").write_bytes(html)


if __name__ == "__main__":
    main()
