"""source.py - the tree as the house tests see it: files, floors, and C with its comments and strings blanked."""
import os
import re

# Each floor may include itself and the floors of lower number. fit and live stand beside plan.
FLOORS = {'base': 0, 'facts': 1, 'speed': 2, 'sim': 3, 'plan': 4, 'fit': 5, 'live': 5, 'show': 6, 'cmd': 7}

SKIPPED_DIRS = {'.git', 'build', 'node_modules', '__pycache__'}


def walk(root, top, *endings):
    """Paths relative to root of the files below top whose names end so, in order."""
    out = []
    for here, dirs, names in os.walk(os.path.join(root, top)):
        dirs[:] = sorted(d for d in dirs if d not in SKIPPED_DIRS and not d.startswith('build-'))
        out += [os.path.relpath(os.path.join(here, n), root) for n in sorted(names) if n.endswith(endings)]
    return out


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8') as f:
        return f.read()


def floor_of(path):
    """'speed' for src/speed/op.c; None outside the floors."""
    parts = path.split(os.sep)
    return parts[1] if len(parts) > 2 and parts[0] == 'src' and parts[1] in FLOORS else None


TOKENS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def bare(text):
    """C without comments, and with empty strings; every line keeps its number."""
    def blank(m):
        token = m.group(0)
        if token[0] == '"':
            return '""'
        if token[0] == "'":
            return "' '"
        return ' ' + '\n' * token.count('\n')
    return TOKENS.sub(blank, text)


def without_directives(text):
    """bare C without preprocessor lines, continuation lines included."""
    return re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', lambda m: '\n' * m.group(0).count('\n'), text, flags=re.M)


def statements(text):
    """(line, depth, text) of each piece of bare C between ; { and }, where depth counts open braces.

    A piece that ends in { has it as its last character, so that `x = {` tells itself from `x;`.
    """
    depth, start, line, first = 0, 0, 1, None
    for i, c in enumerate(text):
        if first is None and not c.isspace():
            first = line
        if c in ';{}':
            piece = text[start:i + (c == '{')].strip()
            if piece:
                yield first or line, depth, re.sub(r'\s+', ' ', piece)
            depth += (c == '{') - (c == '}')
            start, first = i + 1, None
        if c == '\n':
            line += 1
