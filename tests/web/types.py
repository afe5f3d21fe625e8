#!/usr/bin/env python3
"""types.py - the TypeScript of the page holds together. TAP. usage: types.py FOLDER NPM|- NODE|-   (FOLDER: where web/build.py worked)"""
import pathlib
import subprocess
import sys


def main():
    folder, _npm, node = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    compiler = folder / 'node_modules' / 'typescript' / 'bin' / 'tsc'
    if node == '-' or not compiler.exists():
        print('1..0 # SKIP the page was not built here')
        return 0
    r = subprocess.run([node, compiler, '-p', folder], capture_output=True, text=True, check=False)
    print(f'1..1\n{"not " if r.returncode else ""}ok 1 - types of the page')
    for line in r.stdout.splitlines()[:40]:
        print(f'# {line}')
    return 1 if r.returncode else 0


if __name__ == '__main__':
    sys.exit(main())
