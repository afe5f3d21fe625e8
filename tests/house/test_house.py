#!/usr/bin/env python3
"""test_house.py - each house rule catches what it is for, and lets good code pass. TAP."""
import os
import sys
import tempfile

import house

GOOD = {
    'src/base/err.h': '/* err.h - errors. */\n#include <stdbool.h>\nextern const int limits[];\nbool f(void (*job)(void *));\n',
    'src/base/err.c': '/* err.c - errors: printf("x") is only words here. */\n#include "base/err.h"\n'
                      'struct row { const char *name; int n; };\n'
                      'static const char *const names[] = {"exit(1)", "//"};\nconst int limits[] = {1};\n'
                      'static const struct row table[] = {{"a", 1}, {"b", 2}};\n'
                      '#define CALL(x) \\\n    printf(x)\n'
                      'bool f(void (*job)(void *))\n{\n    static const int once = 1;\n    for (int i = 0; i < once; i++)\n'
                      '        job(0);\n    return snprintf(0, 0, "stdout");\n}\n',
    'src/base/meson.build': "sources = ['err.c']\n",
    'src/cmd/main.c': '/* main.c - starts. */\n#include "base/err.h"\nint main(void) { printf("x"); exit(0); }\n',
    'src/cmd/meson.build': "'main.c'\n",
    'data/a.yaml': 'id: a\nsources: [x]\ndate: 2026-01\n',
    'data/b.yaml': 'source: many\nlife:   # years\n  value: 4y\n  date: 2026\n',
    'data/p.csv': 'sku,source,date\na,b,2026\n',
    'README.md': '# A Title, with: marks\n[self](#a-title-with-marks) [up](docs/x.md) [web](https://example.org/x)\n'
                 '```\n[no](nowhere.md)\n```\n',
    'docs/x.md': '# X\n[back](../README.md)\n',
}

BAD = [     # rule, file, text that breaks it
    ('includes_point_down', 'src/base/err.h', '/* err.h - e. */\n#include "cmd/main.h"\n'),
    ('includes_point_down', 'src/plan/p.c', '/* p.c - p. */\n#include "show/s.h"\n'),
    ('includes_point_down', 'src/fit/p.c', '/* p.c - p. */\n#include "live/l.h"\n'),
    ('no_include_cycles', 'src/base/a.h', '/* a.h - a. */\n#include "base/b.h"\n'),
    ('every_source_is_built', 'src/base/lost.c', '/* lost.c - l. */\n'),
    ('files_are_short', 'src/base/err.c', '/* err.c - e. */\n' + 'int x(void);\n' * 600),
    ('files_say_what_they_are', 'src/base/err.c', '/* error.c - another name */\n'),
    ('floors_are_silent', 'src/base/err.c', '/* err.c - e. */\nvoid f(void) { fprintf(g, "x"); }\n'),
    ('floors_are_silent', 'src/base/err.c', '/* err.c - e. */\nvoid f(void) { exit(1); }\n'),
    ('floors_are_silent', 'src/base/err.c', '/* err.c - e. */\nvoid f(void) { h(stderr); }\n'),
    ('no_mutable_globals', 'src/base/err.c', '/* err.c - e. */\nstatic int count;\n'),
    ('no_mutable_globals', 'src/base/err.c', '/* err.c - e. */\nstatic const char *names[] = {"a"};\n'),
    ('no_mutable_globals', 'src/base/err.c', '/* err.c - e. */\nint count = 0;\n'),
    ('no_mutable_globals', 'src/base/err.c', '/* err.c - e. */\nstruct err *last;\n'),
    ('no_mutable_globals', 'src/base/err.c', '/* err.c - e. */\nint f(void)\n{\n    static int calls = 0;\n    return calls++;\n}\n'),
    ('no_mutable_globals', 'src/base/err.c', '/* err.c - e. */\nstatic _Thread_local int x;\n'),
    ('data_has_sources', 'data/a.yaml', 'id: a\nsource: x\n'),
    ('data_has_sources', 'data/b.yaml', 'source: many\nlife:\n  value: 4y\n  date: 2026\npue:\n  value: 1.2\n'),
    ('data_has_sources', 'data/p.csv', 'sku,source,date\na,,2026\n'),
    ('links_lead_somewhere', 'docs/x.md', '[a](gone.md)\n'),
    ('links_lead_somewhere', 'docs/x.md', '[a](../README.md#no-such)\n'),
    ('nothing_is_left_open', 'docs/x.md', 'TO' 'DO: more\n'),
]


def tree(changes):
    folder = tempfile.TemporaryDirectory()
    files = dict(GOOD, **changes)
    for path, text in files.items():
        os.makedirs(os.path.join(folder.name, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(folder.name, path), 'w', encoding='utf-8') as f:
            f.write(text)
    return folder


SUPPORT = {     # what the bad files point at
    'src/cmd/main.h': '/* main.h - m. */\n', 'src/show/s.h': '/* s.h - s. */\n', 'src/live/l.h': '/* l.h - l. */\n',
    'src/base/b.h': '/* b.h - b. */\n#include "base/a.h"\n', 'src/base/a.h': '/* a.h - a. */\n',
}


def main():
    print(f'1..{len(BAD) + 1}')
    bad = 0
    with tree({}) as root:
        found = [text for _, rule in house.RULES for text in rule(root)]
        bad += bool(found)
        print(f'{"not " if found else ""}ok 1 - a good tree passes')
        for text in found:
            print('#', text)
    for n, (name, path, text) in enumerate(BAD, 2):
        with tree(dict(SUPPORT, **{path: text})) as root:
            found = [t for t in getattr(house, name)(root) if path.split('/')[-1].split('.')[0] in t]
        bad += not found
        print(f'{"" if found else "not "}ok {n} - {name} sees {text.splitlines()[-1][:50]!r}')
    return 1 if bad else 0


sys.exit(main())
