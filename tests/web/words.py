#!/usr/bin/env python3
"""words.py - every phrase of the page has its Chinese, and no Chinese is left without a phrase. TAP. usage: words.py SOURCE-ROOT"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1]) / 'web' / 'src'
TEXT = r"'((?:[^'\\]|\\.)*)'"
# Where phrases stand that reach t() as values: field labels, column titles, names of rows.
VALUES = rf"\b(?:(?:label|name): {TEXT}|title: {TEXT}, fields)"
OF_DOCUMENTS = {'decode too slow'}                      # words that stand in a document, as the causes of misses


def main():
    # A key of the table: a quoted phrase or a word, before a colon and at the beginning of a line or behind a comma.
    table = (ROOT / 'parts' / 'zh.ts').read_text(encoding='utf-8')
    known = {m.group(1) or m.group(2) for m in re.finditer(rf"(?:^|,|\{{)\s*(?:{TEXT}|([A-Za-z]\w*)):", table, re.M)}
    used, everything = set(), ''
    for path in sorted(ROOT.rglob('*.ts*')):
        if path.name == 'zh.ts':
            continue
        text = path.read_text(encoding='utf-8')
        everything += text
        for call in re.finditer(rf"\bt\((?:[^()'`]*\? )?{TEXT}(?: : {TEXT})?", text):
            used |= {g for g in call.groups() if g}
        if path.name in ('questions.ts',):
            used |= {g for m in re.finditer(VALUES, text) for g in m.groups() if g}
    same = {'', 'p99 TTFT', 'p99 TPOT'}                # the same in both languages
    missing = sorted(used - known - same)
    left = sorted(k for k in known if k not in used | OF_DOCUMENTS and f"'{k}'" not in everything and f'{k}:' not in everything and len(k.split()) > 2)
    print('1..2')
    print(f'{"not " if missing else ""}ok 1 - {len(used)} phrases have their Chinese')
    for phrase in missing:
        print(f'# no Chinese: {phrase}')
    print(f'{"not " if left else ""}ok 2 - no Chinese without its phrase')
    for phrase in left:
        print(f'# nobody says: {phrase}')
    return 1 if missing or left else 0


if __name__ == '__main__':
    sys.exit(main())
