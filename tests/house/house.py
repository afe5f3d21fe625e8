#!/usr/bin/env python3
"""house.py - the rules of the house that a program can check, one line of TAP each.

usage: house.py SOURCE-ROOT [RULE...]
"""
import csv
import json
import os
import re
import sys

from source import FLOORS, bare, floor_of, read, statements, walk, without_directives

MAX_LINES = 550         # "about 500"; a longer file says "Long because" in its head comment

# Who may stop the program below cmd/, and why.
STOPPERS = {
    ('src/base/arena.c', 'abort'): 'no memory and nobody armed the arena: arena.h says so',
    ('src/sim/bug.c', 'abort'): 'sim_bug: a broken invariant, with event time and request id',
    ('src/sim/bug.c', 'fprintf'): 'sim_bug',
    ('src/sim/bug.c', 'stderr'): 'sim_bug',
}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
PRINTERS = re.compile(r'\b(v?f?printf|v?dprintf|f?puts|f?putc|putchar|putc_unlocked|perror|exit|_exit|_Exit|quick_exit|abort)\s*\('
                      r'|\b(stdout|stderr)\b')


def includes(root):
    """{file: [files of this tree it includes]} over src and include."""
    out = {}
    for path in walk(root, 'src', '.c', '.h') + walk(root, 'include', '.h'):
        found = []
        for name in INCLUDE.findall(read(root, path)):
            for base in ('src', os.path.dirname(path), 'include'):
                target = os.path.normpath(os.path.join(base, name))
                if os.path.exists(os.path.join(root, target)):
                    found.append(target)
                    break
        out[path] = found
    return out


def includes_point_down(root):
    for path, found in includes(root).items():
        mine = floor_of(path)
        if mine is None:
            continue
        for target in found:
            other = floor_of(target)
            if other is None or other == mine:
                continue
            if FLOORS[other] >= FLOORS[mine]:
                yield f'{path}: includes {target}, which stands {"beside" if FLOORS[other] == FLOORS[mine] else "above"} it'


def no_include_cycles(root):
    graph = includes(root)
    done, trail = set(), []

    def visit(path):
        if path in trail:
            yield ' -> '.join(trail[trail.index(path):] + [path])
            return
        if path in done:
            return
        trail.append(path)
        for target in graph.get(path, []):
            yield from visit(target)
        trail.pop()
        done.add(path)

    for path in graph:
        yield from visit(path)


def every_source_is_built(root):
    for top in ('src', 'tests', 'bench'):
        for path in walk(root, top, '.c'):
            name = os.path.basename(path)
            folder, built = os.path.dirname(path), False
            while folder and not built:
                meson = os.path.join(root, folder, 'meson.build')
                if os.path.exists(meson):
                    with open(meson, encoding='utf-8') as f:
                        text = f.read()
                    stem = re.sub(r'^(test|law|fuzz)_', '', name[:-2])
                    built = re.search(rf'''['"/]{re.escape(name)}['"]|['"]{re.escape(stem)}['"]''', text) is not None
                folder = os.path.dirname(folder)
            if not built:
                yield f'{path}: no meson.build names it'


def files_are_short(root):
    for path in walk(root, 'src', '.c', '.h') + walk(root, 'tests', '.c', '.h', '.py') + walk(root, 'bench', '.c'):
        text = read(root, path)
        lines = text.count('\n')
        if lines > MAX_LINES and 'long because' not in text[:text.find('*/')].lower():
            yield f'{path}: {lines} lines; split it, or say "Long because ..." in its head comment'


def files_say_what_they_are(root):
    for path in walk(root, 'src', '.c', '.h') + walk(root, 'include', '.h'):
        name = os.path.basename(path)
        if not read(root, path).startswith(f'/* {name} - '):
            yield f'{path}: must begin with "/* {name} - what it is"'
    for path in walk(root, 'tests', '.c', '.h') + walk(root, 'bench', '.c'):
        if not read(root, path).startswith('/* '):
            yield f'{path}: must begin with a comment that says what it tests'


def floors_are_silent(root):
    for path in walk(root, 'src', '.c', '.h'):
        if floor_of(path) in (None, 'cmd'):
            continue
        text = without_directives(bare(read(root, path)))
        for m in PRINTERS.finditer(text):
            word = m.group(1) or m.group(2)
            if (path, word) not in STOPPERS:
                yield f'{path}:{text.count(chr(10), 0, m.start()) + 1}: {word} below cmd'


def declares_mutable(piece):
    """Does this piece of C define an object that can change?"""
    piece = re.sub(r'__attribute__\s*\(\(.*?\)\)|\b_Alignas\s*\([^)]*\)|\b__extension__\b', ' ', piece).strip()
    head = piece.split('=')[0].strip(' {')
    if re.match(r'(typedef|extern|_Static_assert|struct\s+\w+$|union\s+\w+$|enum(\s+\w+)?$|return\b|\})', head) or not head:
        return False
    if '(' in re.sub(r'\[[^\]]*\]', '', head):          # a function, or a pointer to one
        pointer = re.search(r'\(\s*\*\s*(const)?\s*\w+', head)
        return bool(pointer and not pointer.group(1) and '=' in piece)
    if not re.match(r'(static\s+|const\s+|volatile\s+|_Thread_local\s+|unsigned\s+|signed\s+|struct\s+|union\s+|enum\s+)*\w+[\s*]+.*\w', head):
        return False
    if '*' in head:
        return re.search(r'\*\s*const\b[^*]*$', head) is None
    return re.search(r'\bconst\b', head) is None


# A library that keeps its settings for the whole process must be used by one thread at a time: its lock is the process's too.
LOCKS = {('src/plan/milp_cbc.c', 'one_at_a_time')}


def no_mutable_globals(root):
    for path in walk(root, 'src', '.c', '.h'):
        text = without_directives(bare(read(root, path)))
        for line, depth, piece in statements(text):
            file_scope = depth == 0 and declares_mutable(piece)
            kept = depth > 0 and re.match(r'(static|_Thread_local)\b(?!\s+(inline|_Noreturn))', piece) and declares_mutable(piece)
            lock = re.match(r'static pthread_mutex_t (\w+) = PTHREAD_MUTEX_INITIALIZER$', piece.strip().rstrip(';'))
            if (file_scope or kept) and not (lock and (path, lock.group(1)) in LOCKS):
                yield f'{path}:{line}: can change: {piece[:80]}'


def yaml_faults(text):
    """Source and date stand at the top of a YAML file, or in each of its maps."""
    top = set(re.findall(r'^([A-Za-z_][\w-]*)\s*:', text, re.M))
    maps = re.findall(r'^([A-Za-z_][\w-]*):[ \t]*(?:#.*)?\n((?:[ \t]+.*\n|#.*\n)+)', text, re.M)
    for word in ('source', 'date'):
        if top & {word, word + 's'}:
            continue
        if not maps:
            yield f'no {word}'
        for key, body in maps:
            if not re.search(rf'^[ \t]+{word}s?\s*:', body, re.M):
                yield f'{key} has no {word}'


def data_has_sources(root):
    for path in walk(root, 'data', '.yaml', '.yml'):
        yield from (f'{path}: {fault}' for fault in yaml_faults(read(root, path)))
    for path in walk(root, 'data', '.csv'):
        rows = csv.DictReader(line for line in read(root, path).splitlines() if not line.startswith('#'))
        columns = rows.fieldnames or []
        for column in ('source', 'date'):
            if column not in columns:
                yield f'{path}: no column {column}'
        for row in rows:
            for column in ('source', 'date'):
                if column in columns and not (row[column] or '').strip():
                    yield f'{path}:{rows.line_num}: empty {column}'
    for path in walk(root, 'data', '.json'):
        try:
            doc = json.loads(read(root, path))
        except ValueError as e:
            yield f'{path}: {e}'
            continue
        about = doc.get('moat', doc) if isinstance(doc, dict) else {}
        for key in ('source', 'date'):
            if not about.get(key) and not about.get('_' + key):
                yield f'{path}: no {key}'


def anchors(text):
    """Names that # links may point at, as GitHub makes them from headings."""
    out = set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    for title in re.findall(r'^#{1,6}\s+(.+?)\s*#*$', re.sub(r'^```.*?^```', '', text, flags=re.M | re.S), re.M):
        slug = re.sub(r'[^\w\- ]', '', title.lower()).replace(' ', '-')
        out.add(slug)
    return out


def links_lead_somewhere(root):
    pages = [p for p in os.listdir(root) if p.endswith('.md')] + walk(root, 'docs', '.md') + walk(root, 'bench', '.md')
    for path in sorted(pages):
        text = read(root, path)
        prose = re.sub(r'^```.*?^```|`[^`\n]*`', '', text, flags=re.M | re.S)
        for target in re.findall(r'\]\(([^)\s]+)(?:\s+"[^"]*")?\)', prose):
            if re.match(r'[a-z]+:', target):
                if not re.match(r'https://[^\s/]+\.[^\s]+$', target):
                    yield f'{path}: {target} is not an https address'
                continue
            file, _, anchor = target.partition('#')
            there = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
            if not os.path.exists(os.path.join(root, there)):
                yield f'{path}: {target} is not there'
            elif anchor and there.endswith('.md') and anchor not in anchors(read(root, there)):
                yield f'{path}: {target}: no such heading'


def nothing_is_left_open(root):
    mark = re.compile(r'\b(TO' r'DO|FIX' r'ME|X' r'XX)\b')
    for top in ('src', 'include', 'tests', 'scripts', 'docs', 'data', 'examples', 'bench'):
        for path in walk(root, top, '.c', '.h', '.py', '.sh', '.md', '.build', '.yaml', '.t', '.scd'):
            for n, line in enumerate(read(root, path).splitlines(), 1):
                if mark.search(line):
                    yield f'{path}:{n}: {line.strip()[:80]}'


RULES = [
    ('includes point downward', includes_point_down),
    ('no two files include each other', no_include_cycles),
    ('every C file is named by a meson.build', every_source_is_built),
    (f'no file is longer than {MAX_LINES} lines without a reason', files_are_short),
    ('every C file says at its head what it is', files_say_what_they_are),
    ('nothing below cmd prints or exits', floors_are_silent),
    ('no global or static object can change', no_mutable_globals),
    ('every data file has its source and date', data_has_sources),
    ('links in the docs lead somewhere', links_lead_somewhere),
    ('nothing is left open in a comment', nothing_is_left_open),
]


def main():
    root = sys.argv[1]
    rules = [r for r in RULES if len(sys.argv) < 3 or r[1].__name__ in sys.argv[2:]]
    print(f'1..{len(rules)}')
    bad = 0
    for n, (name, rule) in enumerate(rules, 1):
        found = list(dict.fromkeys(rule(root)))
        bad += bool(found)
        print(f'{"not " if found else ""}ok {n} - {name}')
        for text in found[:40]:
            print(f'# {text}')
        if len(found) > 40:
            print(f'# and {len(found) - 40} more')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
