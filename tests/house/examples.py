#!/usr/bin/env python3
"""examples.py - every scenario in examples/ runs as it is. TAP.

usage: examples.py SOURCE-ROOT MOAT [--once]

Comments in a scenario say what is to be expected, where it is not plain success of `moat plan`:
    # expect: 1         the exit code (1: the question has no answer)
    # command: sim      another command (also chosen when the file names one `accelerator:`)
A scenario that reads a trace gets it from $MOAT_DATA/traces, or is skipped.
Each runs as text; those that take less than FAST_S also as JSON with one thread and with two, which must give the same
document apart from `run`. --once is for slow builds: only as text, on the first requests, whatever the answer.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

TIMEOUT_S = 300
FAST_S = 4
SHORT = {'train': [], 'fleet': ['--no-verify', '--no-values'], 'breakeven': ['--no-moat']}    # --once; else the first requests only


def run(moat, *arguments):
    try:
        return subprocess.run([moat, *arguments], capture_output=True, encoding='utf-8', errors='replace', timeout=TIMEOUT_S,
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(arguments, 124, '', f'no answer in {TIMEOUT_S} s')


def noted(text, key):
    m = re.search(rf'^#\s*{key}:\s*(\S+)', text, re.M)
    return m.group(1) if m else None


class Skip(Exception):
    pass


def with_trace(text):
    """Arguments that say where the trace of a scenario is."""
    m = re.search(r'^\s+trace:\s*(\S+)', text, re.M)
    if not m or os.path.exists(os.path.join('examples', m.group(1))):
        return []
    there = os.path.join(os.environ.get('MOAT_DATA') or '../shared/data', 'traces', m.group(1))
    if not os.path.exists(there):
        raise Skip(f'{m.group(1)} is not in $MOAT_DATA/traces')
    return ['--set', f'traffic.trace={os.path.abspath(there)}']


def faults(moat, path, once):
    """What is wrong with this example, as lines."""
    with open(path, encoding='utf-8') as f:
        text = f.read()
    trace = with_trace(text)
    expect = int(noted(text, 'expect') or 0)
    command = noted(text, 'command') or ('sim' if re.search(r'^accelerator:', text, re.M) else 'plan')

    began = time.monotonic()
    r = run(moat, command, path, *trace, *(SHORT.get(command, ['--set', 'traffic.limit=500']) if once else []))
    if once and r.returncode in (0, 1):
        return
    if r.returncode != expect:
        yield f'{command}: exit {r.returncode}, expected {expect}'
        yield from r.stderr.splitlines()[-10:]
        return
    if not r.stdout.strip():
        yield f'{command}: nothing on stdout'
    if time.monotonic() - began > FAST_S:
        return
    documents = []
    for threads in ('1', '2'):
        r = run(moat, command, path, '--json', '--threads', threads, *trace)
        if r.returncode != expect:
            yield f'{command} --json --threads {threads}: exit {r.returncode}, expected {expect}'
            return
        try:
            doc = json.loads(r.stdout)
        except ValueError as e:
            yield f'{command} --json: {e}'
            return
        for key in ('schema', 'moat', 'command', 'seed', 'inputs', 'run'):
            if key not in doc:
                yield f'{command} --json: no key {key}'
        doc.pop('run', None)
        documents.append(json.dumps(doc))
    if documents[0] != documents[1]:
        at = next((i for i, (x, y) in enumerate(zip(*documents)) if x != y), min(map(len, documents)))
        yield f'1 and 2 threads differ: {documents[0][max(0, at - 60):at + 40]}'
        yield f'                 against {documents[1][max(0, at - 60):at + 40]}'


def main():
    root, moat, once = sys.argv[1], os.path.abspath(sys.argv[2]), '--once' in sys.argv
    os.chdir(root)
    os.environ['XDG_CACHE_HOME'] = tempfile.mkdtemp()       # rates of fleets: computed here, not taken from before
    names = sorted(os.path.relpath(os.path.join(d, n), 'examples') for d, _, files in os.walk('examples') for n in files
                   if n.endswith('.yaml') and os.path.basename(d) != 'chips')    # chips are what scenarios name
    print(f'1..{max(1, len(names))}')
    if not names:
        print('not ok 1 - examples/ holds scenarios')
    bad = not names
    for n, name in enumerate(names, 1):
        try:
            found = list(faults(moat, os.path.join('examples', name), once))
        except Skip as why:
            print(f'ok {n} - {name} # SKIP {why}', flush=True)
            continue
        bad |= bool(found)
        print(f'{"not " if found else ""}ok {n} - {name}', flush=True)
        for text in found:
            print('#', text)
    shutil.rmtree(os.environ["XDG_CACHE_HOME"])
    return int(bad)


sys.exit(main())
