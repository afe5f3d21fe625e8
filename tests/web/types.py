#!/usr/bin/env python3
"""types.py - the TypeScript of the page holds together, and NOTICE names what is in it. TAP.

usage: types.py SOURCE-ROOT FOLDER NPM|- NODE|-     (FOLDER: where web/build.py worked)
"""
import pathlib
import subprocess
import sys


def main():
    root, folder, _npm, node = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    compiler = folder / 'node_modules' / 'typescript' / 'bin' / 'tsc'
    if node == '-' or not compiler.exists():
        print('1..0 # SKIP the page was not built here')
        return 0
    r = subprocess.run([node, compiler, '-p', folder], capture_output=True, text=True, check=False)
    print(f'1..2\n{"not " if r.returncode else ""}ok 1 - types of the page')
    for line in r.stdout.splitlines()[:40]:
        print(f'# {line}')
    same = (folder / 'NOTICE').read_bytes() == (root / 'NOTICE').read_bytes()
    print(f'{"" if same else "not "}ok 2 - NOTICE is that of the page')
    if not same:
        print(f'# cp {folder / "NOTICE"} {root / "NOTICE"}')
    return 1 if r.returncode or not same else 0


if __name__ == '__main__':
    sys.exit(main())
