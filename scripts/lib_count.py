#!/usr/bin/env python3
"""Count the single tests behind a run of `meson test`.

usage: lib_count.py BUILD-DIR      prints "passed failed skipped", then one line for each failure and each skip

meson counts programs; this counts what they say: lines of TAP, cram's "# Ran 5 tests, 0 skipped, 1 failed.", or
else the program as one. A program that ended badly without naming a failed test counts as one failure.
"""
import glob
import json
import os
import re
import sys

TAP = re.compile(r'^(not )?ok\b\s*\d*\s*-?\s*(.*)$')
CRAM = re.compile(r'^# Ran (\d+) tests?, (\d+) skipped, (\d+) failed\.')


def count(entry):
    """(passed, [failed], [skipped]) of one line of testlog.json."""
    passed, failed, skipped = 0, [], []
    name = entry['name']
    for line in (entry.get('stdout') or '').splitlines():
        tap, cram = TAP.match(line), CRAM.match(line)
        if tap:
            what = tap.group(2)
            if re.search(r'#\s*skip', what, re.I):
                skipped.append(f'{name}: {what}')
            elif tap.group(1):
                failed.append(f'{name}: {what}')
            else:
                passed += 1
        elif re.match(r'^1\.\.0\s*#\s*skip', line, re.I):
            skipped.append(f'{name}: {line[4:].strip()}')
        elif cram:
            ran, left_out, bad = map(int, cram.groups())
            passed += ran - left_out - bad
            failed += [f'{name}: a transcript'] * bad
            skipped += [f'{name}: a transcript'] * left_out
    result = entry['result']
    if result in ('FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS'):
        if not failed:
            failed.append(f'{name}: {result.lower()}, exit {entry.get("returncode")}')
    elif passed + len(failed) + len(skipped) == 0:
        if result == 'SKIP':
            skipped.append(name)
        else:
            passed = 1
    return passed, failed, skipped


def main():
    logs = glob.glob(os.path.join(sys.argv[1], 'meson-logs', 'testlog*.json'))
    passed, failed, skipped = 0, [], []
    if logs:
        with open(max(logs, key=os.path.getmtime), encoding='utf-8') as f:
            for line in f:
                p, bad, left_out = count(json.loads(line))
                passed += p
                failed += bad
                skipped += left_out
    if passed + len(failed) + len(skipped) == 0:
        failed.append('no test ran')
    print(passed, len(failed), len(skipped))
    for text in failed:
        print('failed:', text)
    for text in skipped:
        print('skipped:', text)


main()
