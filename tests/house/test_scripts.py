#!/usr/bin/env python3
"""test_scripts.py - scripts/docs and scripts/lib_count.py tell good from bad. TAP. usage: test_scripts.py SOURCE-ROOT"""
import json
import os
import subprocess
import sys
import tempfile

ROOT = sys.argv[1]
FAKE = '#!/bin/sh\ncase $1 in say) shift; echo "$@";; fail) echo "no answer"; exit 1;; wrong) echo "moat: wrong" >&2; exit 2;; esac\n'

PAGES = [   # what the page shows, whether scripts/docs may accept it
    ('```console\n$ moat say one 12 ms two\none 7.5 ms two\n```\n', True),      # numbers may differ
    ('```console\n$ moat say one 12 ms two\none 7 s two\n```\n', True),         # and units of time
    ('```console\n$ moat say one 12 ms two\none 12 ms three\n```\n', False),
    ('```console\n$ moat say one\n```\n', False),                               # output is not shown
    ('```console\n$ moat fail\nno answer\n```\n', False),
    ('```console exit=1\n$ moat fail\nno answer\n```\n', True),
    ('```console exit=2\n$ build/moat wrong\nmoat: wrong\n```\n', True),        # stderr where stdout is empty
    ('```console head=2\n$ printf "a\\nb\\nc\\n"\na\nb\n...\n```\n', True),
    ('```console\n$ printf "a\\nb\\nc\\n"\na\n...\nc\n```\n', True),
    ('```console\n$ ls examples/chat-70b.yaml\nexamples/chat-N.yaml\n```\n', False),
    ('```sh\nfor x in 1; do echo; done\n```\n', True),
    ('```sh\nfor x in 1; do echo\n```\n', False),
    ('```\n$ moat fail\n```\n', True),                                          # no console block: not run
]

LOGS = [    # testlog.json entries, and the counts they make
    ({'name': 'a', 'result': 'OK', 'stdout': '1..2\nok 1 - x\nok 2 - y # SKIP no data\n', 'returncode': 0}, '1 0 1'),
    ({'name': 'a', 'result': 'ERROR', 'stdout': '1..2\nok 1 - x\nnot ok 2 - y\n', 'returncode': 1}, '1 1 0'),
    ({'name': 'a', 'result': 'TIMEOUT', 'stdout': 'ok 1 - x\n', 'returncode': -15}, '1 1 0'),
    ({'name': 'a', 'result': 'OK', 'stdout': '', 'returncode': 0}, '1 0 0'),
    ({'name': 'a', 'result': 'FAIL', 'stdout': '', 'returncode': 1}, '0 1 0'),
    ({'name': 'a', 'result': 'SKIP', 'stdout': '1..0 # SKIP no tool\n', 'returncode': 0}, '0 0 1'),
    ({'name': 'a', 'result': 'SKIP', 'returncode': 77}, '0 0 1'),
    ({'name': 'a', 'result': 'FAIL', 'stdout': '.s!\n# Ran 3 tests, 1 skipped, 1 failed.\n', 'returncode': 1}, '1 1 1'),
]


def run(*command):
    return subprocess.run(command, capture_output=True, encoding='utf-8', stdin=subprocess.DEVNULL)


def main():
    n = bad = 0
    print(f'1..{len(PAGES) + len(LOGS)}')
    with tempfile.TemporaryDirectory() as folder:
        moat, page = os.path.join(folder, 'fake'), os.path.join(folder, 'page.md')
        with open(moat, 'w', encoding='utf-8') as f:
            f.write(FAKE)
        os.chmod(moat, 0o755)
        for text, good in PAGES:
            with open(page, 'w', encoding='utf-8') as f:
                f.write(text)
            r = run(os.path.join(ROOT, 'scripts', 'docs'), '--moat', moat, page)
            n += 1
            wrong = (r.returncode == 0) != good
            bad += wrong
            print(f'{"not " if wrong else ""}ok {n} - docs {"accepts" if good else "refuses"} {text.splitlines()[1]!r}')
            for line in (r.stdout + r.stderr).splitlines() if wrong else []:
                print('#', line)
        os.mkdir(os.path.join(folder, 'meson-logs'))
        for entry, counts in LOGS:
            with open(os.path.join(folder, 'meson-logs', 'testlog.json'), 'w', encoding='utf-8') as f:
                f.write(json.dumps(entry) + '\n')
            r = run(sys.executable, os.path.join(ROOT, 'scripts', 'lib_count.py'), folder)
            n += 1
            wrong = r.stdout.splitlines()[:1] != [counts]
            bad += wrong
            print(f'{"not " if wrong else ""}ok {n} - count of {entry["result"]} is {counts}')
            for line in (r.stdout + r.stderr).splitlines() if wrong else []:
                print('#', line)
    return int(bad > 0)


sys.exit(main())
