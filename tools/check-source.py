#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Checks the house rules of the source tree.

    check-source.py [--root DIRECTORY] [--max-long-functions N] [--max-long-files N]
    check-source.py --build DIRECTORY [--root DIRECTORY]

The first form reads the source; the second reads the objects of a build for variables that can change. Each
finding is a line "FILE:LINE: what is wrong, what to do". Exit status 1 if there is any.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

COLUMNS_MAX = 109
FUNCTION_SOFT, FUNCTION_HARD = 60, 100
FILE_SOFT, FILE_HARD = 600, 1000

SPDX = 'SPDX-License-Identifier: LGPL-2.1-or-later'

# Who may include whose headers, as docs/ARCHITECTURE.md says. Each may include its own.
LAYERS = {
    'basic': [],
    'shared': ['basic'],
    'tls': ['basic', 'shared'],
    'nutproto': ['basic', 'shared', 'tls'],
    'transport': ['basic', 'shared'],
    'profile': ['basic', 'shared', 'transport'],
    'hid': ['basic', 'shared', 'transport', 'profile'],
    'line': ['basic', 'shared', 'transport', 'profile'],
    'snmp': ['basic', 'shared', 'transport', 'profile'],
    'scan': ['basic', 'shared', 'tls', 'nutproto', 'transport', 'profile', 'snmp'],
    'kit': ['basic', 'shared', 'tls', 'nutproto'],
    'usb-driver': ['basic', 'shared', 'transport', 'kit'],
    'hid-driver': ['basic', 'shared', 'transport', 'profile', 'hid', 'kit'],
    'line-driver': ['basic', 'shared', 'transport', 'profile', 'line', 'kit'],
    'drivers': ['basic', 'shared', 'tls', 'nutproto', 'transport', 'profile', 'hid', 'hid-driver', 'line',
                'line-driver', 'usb-driver', 'snmp', 'kit'],
} | {service: ['basic', 'shared', 'tls', 'nutproto']
     for service in ('gateway', 'monitor', 'notify', 'upower', 'web', 'generator')
} | {'ctl': ['basic', 'shared', 'tls', 'nutproto', 'transport', 'profile', 'enroll', 'scan'],
     'tools': ['basic', 'shared', 'tls', 'nutproto', 'transport', 'profile', 'scan', 'notify', 'poweroff'],
     'upsclient': ['basic', 'shared', 'tls', 'nutproto'],
     'nutclient': ['upsclient'],
     'nutscan': ['basic', 'shared', 'tls', 'nutproto', 'transport', 'scan'],
     'libbusbar': ['basic', 'shared'],
     'enroll': ['basic', 'shared', 'transport', 'profile'],
     'poweroff': ['basic']}

# Headers in these directories are contracts between parts.
DOCUMENTED = ('src/basic/', 'src/shared/', 'src/tls/', 'src/nutproto/', 'src/transport/', 'src/profile/',
              'src/scan/', 'src/hid/', 'src/hid-driver/', 'src/line/', 'src/line-driver/', 'src/usb-driver/',
              'src/snmp/', 'src/kit/')

# All of these take NULL, return NULL, and have no more to say.
DESTRUCTORS = ('_free', '_unref', '_done')

CODE = ('c', 'python', 'shell', 'meson')
UNIT_SUFFIXES = ('.service', '.socket', '.target', '.slice', '.timer', '.path', '.in', '.rules', '.xml',
                 '.policy')
TEXT_SUFFIXES = UNIT_SUFFIXES + ('.md', '.rst', '.conf', '.catalog', '.users', '.txt')

# Interfaces of others that have no object to keep their state in.
GLOBAL_STATE = ('src/upsclient/upsclient-global.c', 'src/nutscan/nutscan-global.c')

ENDING_CALLS = r'\b(exit|_exit|_Exit|quick_exit|abort|err|errx|verr|verrx)\s*\('
# A function of this name runs in a forked child, which may end itself.
CHILD_FUNCTIONS = 'exec_'
# Spelt so that this file does not find itself.
UNFINISHED = r'\b(' + '|'.join(('TO' 'DO', 'FIX' 'ME', 'X' 'XX', 'HA' 'CK')) + r')\b'
PRIVATE_PLACE = r'(?<![\w.})])/home/\w+/|\b[Ii]ssues? #?\d'


class Findings(list):
    def add(self, path, line, message):
        self.append((str(path), line, message))

    def print(self):
        for path, line, message in sorted(set(self)):
            print(f'{path}:{line}: {message}')


def blank(text):
    return re.sub(r'[^\n]', ' ', text)


def strip_c(text):
    """C without comments and the contents of strings; every character stays at its place."""
    def replace(match):
        s = match.group()
        if s[0] == '/':
            return blank(s)
        return s[0] + blank(s[1:-1]) + s[-1]

    return re.sub(r'''/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*\'''', replace, text,
                  flags=re.S)


def strip_directives(code):
    return re.sub(r'^[ \t]*#(?:[^\\\n]|\\.)*(?:\\\n(?:[^\\\n]|\\.)*)*', lambda m: blank(m.group()), code,
                  flags=re.M)


class Source:
    """A file of the tree."""

    def __init__(self, root, path):
        self.path = path
        self.name = os.path.basename(path)
        self.text = (root / path).read_text(encoding='utf-8')
        self.lines = self.text.split('\n')
        self.kind = self.find_kind()
        self.parts = path.split('/')
        if self.kind == 'c':
            self.code = strip_c(self.text)
            self.bare = strip_directives(self.code)

    def find_kind(self):
        suffix = os.path.splitext(self.name)[1]
        first = self.lines[0]
        if suffix in ('.c', '.h', '.cpp'):
            return 'c'
        if suffix == '.py' or first.startswith('#!') and 'python' in first:
            return 'python'
        if suffix == '.sh' or first.startswith('#!') and first.endswith('sh'):
            return 'shell'
        if self.name in ('meson.build', 'meson_options.txt'):
            return 'meson'
        return 'text' if suffix in TEXT_SUFFIXES else 'data'

    def line_of(self, offset):
        return self.text.count('\n', 0, offset) + 1

    def is_test(self):
        return self.parts[0] == 'tests' or re.match(r'(test|fuzz)-', self.name) is not None

    def is_main(self):
        return re.search(r'^int main\(', self.bare, re.M) is not None

    def component(self):
        return self.parts[1] if self.parts[0] == 'src' and len(self.parts) > 2 else None


def find_sources(root):
    sources = []
    for directory, subdirectories, names in os.walk(root):
        here = Path(directory).relative_to(root)
        subdirectories[:] = sorted(
            d for d in subdirectories
            if d not in ('.git', '__pycache__', 'subprojects')
            and not (Path(directory) / d / 'meson-private').exists()
            and str(here / d) != 'tests/house/samples'
            and str(here) != 'tests/fuzz')
        for name in sorted(names):
            path = Path(directory) / name
            try:
                if path.is_file() and not path.is_symlink():
                    sources.append(Source(root, str(here / name)))
            except UnicodeDecodeError:
                pass # a recording or a picture
    return sources


def check_spdx(source, findings):
    suffix = os.path.splitext(source.name)[1]
    if source.kind not in CODE and suffix not in UNIT_SUFFIXES:
        return
    line = 1 if source.lines[0].startswith(('#!', '<?xml')) and len(source.lines) > 1 else 0
    expected = f'/* {SPDX} */' if source.kind == 'c' else SPDX
    if expected not in source.lines[line]:
        findings.add(source.path, line + 1, f'no licence, put this line here: "{expected}"')


def check_lines(source, findings):
    for number, line in enumerate(source.lines, 1):
        if source.kind != 'data':
            if '\t' in line:
                findings.add(source.path, number, 'tab, indent with spaces')
            if line != line.rstrip():
                findings.add(source.path, number, 'blanks at the end of the line, remove them')
        if source.kind in CODE and len(line) > COLUMNS_MAX:
            findings.add(source.path, number, f'{len(line)} columns, wrap the line at {COLUMNS_MAX}')
        if re.search(UNFINISHED, line):
            findings.add(source.path, number, 'mark of unfinished work, finish it or tell users of it')
        if re.search(PRIVATE_PLACE, line):
            findings.add(source.path, number, 'names a place that only its author has, say it without')


def check_length(source, findings, long_files):
    n = len(source.lines) - source.text.endswith('\n')
    if source.kind not in CODE or source.name.endswith('-table.c'):
        return
    if n > FILE_HARD:
        findings.add(source.path, n, f'{n} lines, split the file: {FILE_HARD} is the most')
    elif n > FILE_SOFT:
        long_files.append((source.path, n, f'{n} lines are more than {FILE_SOFT}'))


def c_functions(source):
    """Name, first and last line of each function."""
    depth, start, begin, name = 0, 0, 0, None
    code = source.bare
    for match in re.finditer(r'[{};]', code):
        c, at = match.group(), match.start()
        if c == '{':
            if depth == 0:
                name = function_name(code[start:at])
                begin = start + len(code[start:at]) - len(code[start:at].lstrip())
            depth += 1
        elif c == '}':
            depth = max(depth - 1, 0)
            if depth == 0 and name:
                yield name, source.line_of(begin), source.line_of(at)
                name = None
        if depth == 0:
            start = at + 1


def function_name(head):
    """Name in the text before a {, or None if that is no function."""
    head = head.rstrip()
    if not head.endswith(')') or re.search(r'=\s*$|^\s*(struct|union|enum)\b[^()]*$', head):
        return None
    depth = 0
    for i in range(len(head) - 1, -1, -1):
        depth += (head[i] == ')') - (head[i] == '(')
        if depth == 0:
            match = re.search(r'(\w+)\s*$', head[:i])
            return match and match.group(1)
    return None


def python_functions(source):
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno


def check_functions(source, findings, long_functions):
    functions = {'c': c_functions, 'python': python_functions}.get(source.kind)
    for name, first, last in functions(source) if functions else []:
        n = last - first + 1
        if n > FUNCTION_HARD:
            findings.add(source.path, first,
                         f'{name}() has {n} lines, split it: {FUNCTION_HARD} is the most')
        elif n > FUNCTION_SOFT:
            long_functions.append((source.path, first, f'{name}() has {n} lines, more than {FUNCTION_SOFT}'))


def check_ceiling(found, ceiling, what, option, findings):
    """The number of long things may only go down, and the ceiling with it."""
    if len(found) > ceiling:
        for path, line, message in found:
            findings.add(path, line, f'{message}: {len(found)} {what} are long, {ceiling} may be, split one')
    elif len(found) < ceiling:
        findings.add('tests/house/meson.build', 1,
                     f'only {len(found)} {what} are long, lower {option} from {ceiling} to that')


def check_c_code(source, findings):
    for match in re.finditer(r'\bgoto\b', source.bare):
        findings.add(source.path, source.line_of(match.start()), 'goto, use _cleanup_ or a function')

    if source.is_test() or source.is_main():
        return
    children = [(first, last) for name, first, last in c_functions(source)
                if name.startswith(CHILD_FUNCTIONS)]
    for match in re.finditer(ENDING_CALLS, source.code):
        line = source.line_of(match.start())
        if match.group(1) != '_exit' or not any(first <= line <= last for first, last in children):
            findings.add(source.path, line, f'{match.group(1)}() below main, return an error')


def find_header(source, name, headers):
    """Path in the tree of what an #include "name" means, or None."""
    path = os.path.normpath(os.path.join(os.path.dirname(source.path), name))
    if path in headers:
        return path
    return next((header for header in headers if os.path.basename(header) == os.path.basename(name)), None)


def check_include(source, line, header, findings):
    component, other = source.component(), header.split('/')[1]
    if component not in LAYERS:
        findings.add(source.path, 1, f'src/{component} has no place in the layers, add it to LAYERS and to '
                     'docs/ARCHITECTURE.md')
    elif component == other == 'drivers':
        if source.parts[2] != header.split('/')[2]:
            findings.add(source.path, line,
                         f'includes {header} of another driver, move what they share to src/kit')
    elif component != other and other not in LAYERS[component]:
        findings.add(source.path, line, f'includes {header}: src/{component} may not know src/{other}, '
                     'turn the dependency round or move the function down')


def check_includes(source, headers, findings):
    if not source.component():
        return
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', source.text, re.M):
        line = source.line_of(match.start())
        if match.group(1) == '<':
            if source.component() == 'basic' and match.group(2).startswith('systemd/'):
                findings.add(source.path, line,
                             'src/basic does without libsystemd, move the function to src/shared')
            continue
        header = find_header(source, match.group(2), headers)
        if header and header.startswith('src/'):
            check_include(source, line, header, findings)


def declarations(source):
    """Name and first line of each function that a header declares; one that it defines speaks for itself."""
    depth, start = 0, 0
    for match in re.finditer(r'[{};]', source.bare):
        c, at = match.group(), match.start()
        if depth == 0 and c == ';':
            head = source.bare[start:at]
            bare = re.sub(r'__attribute__\s*\(\(.*?\)\)|\b_\w+_\(.*?\)', '', head, flags=re.S)
            called = re.search(r'(\w+)\s*\(', bare)
            if called and not re.match(r'\s*(typedef\b|_Static_assert\b|[A-Z_]+\()', bare):
                yield called.group(1), source.line_of(start + len(head) - len(head.lstrip()))
        depth = max(depth + (c == '{') - (c == '}'), 0)
        if depth == 0:
            start = at + 1


def check_documented(source, findings):
    if not source.path.startswith(DOCUMENTED) or not source.name.endswith('.h') or source.is_test():
        return
    for name, line in declarations(source):
        above = line - 1
        while above > 0 and source.lines[above - 1].strip() and not source.lines[above - 1].endswith('*/'):
            above -= 1
        commented = above > 0 and source.lines[above - 1].strip()
        if not commented and not name.endswith(DESTRUCTORS):
            findings.add(source.path, line,
                         f'{name}() has no comment, say above it what it does, with units, ranges, errors '
                         'and who owns what')
    if '#pragma once' not in source.lines:
        findings.add(source.path, 1, 'no guard, add "#pragma once"')


def check_tree(root, max_long_functions, max_long_files):
    findings, long_functions, long_files = Findings(), [], []
    sources = find_sources(root)
    headers = [s.path for s in sources if s.name.endswith('.h')]

    for source in sources:
        check_spdx(source, findings)
        check_lines(source, findings)
        check_length(source, findings, long_files)
        check_functions(source, findings, long_functions)
        if source.kind == 'c':
            check_c_code(source, findings)
            check_includes(source, headers, findings)
            check_documented(source, findings)

    check_ceiling(long_functions, max_long_functions, 'functions', '--max-long-functions', findings)
    check_ceiling(long_files, max_long_files, 'files', '--max-long-files', findings)
    return findings


def is_mutable(section, name):
    """Whether a symbol in this section is a variable of the source, not of the compiler, and can change."""
    if re.match(r'\.data\.rel\.ro', section) or re.match(r'[.*]?L(ubsan|ASAN|C)|__|\.', name):
        return False
    return section in ('*COM*', 'COMMON') or re.match(r'\.(t?bss|t?data|lbss|ldata)\b', section) is not None


def mutable_variables(object_file):
    """Names of the variables in an object that can change, other than by the dynamic linker."""
    output = subprocess.run(['nm', '--format=sysv', object_file], check=True, capture_output=True,
                            text=True).stdout
    for line in output.splitlines():
        fields = [field.strip() for field in line.split('|')]
        if len(fields) == 7 and fields[3] in ('OBJECT', 'TLS') and is_mutable(fields[6], fields[0]):
            # A static one inside a function is name.0 or function.name.
            yield re.sub(r'\.\d+$', '', fields[0]).split('.')[-1]


def check_object(source, object_file, findings):
    for name in mutable_variables(object_file):
        match = re.search(rf'\b{re.escape(name)}\b', source.code)
        findings.add(source.path, source.line_of(match.start()) if match else 1,
                     f'variable {name} can change and lives as long as the program, keep it in an object or '
                     'make it const')


def check_build(root, build):
    findings = Findings()
    n = 0
    for entry in json.loads((build / 'compile_commands.json').read_text()):
        directory = Path(entry['directory'])
        path = os.path.relpath(os.path.realpath(directory / entry['file']), os.path.realpath(root))
        object_file = directory / entry['output']
        if not path.startswith('src/') or not path.endswith('.c') or not object_file.exists():
            continue
        source = Source(root, path)
        if source.is_test() or source.is_main() or path in GLOBAL_STATE:
            continue
        check_object(source, object_file, findings)
        n += 1

    if n == 0:
        sys.exit(f'{build}: no objects of src/ there, build first')
    return findings


def main():
    parser = argparse.ArgumentParser(description='Checks the house rules of the source tree.')
    parser.add_argument('--root', type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument('--build', type=Path, help='check the objects of this build instead of the source')
    parser.add_argument('--max-long-functions', type=int, default=0, metavar='N',
                        help=f'functions of more than {FUNCTION_SOFT} lines that may be')
    parser.add_argument('--max-long-files', type=int, default=0, metavar='N',
                        help=f'files of more than {FILE_SOFT} lines that may be')
    arguments = parser.parse_args()

    if arguments.build:
        findings = check_build(arguments.root, arguments.build)
    else:
        findings = check_tree(arguments.root, arguments.max_long_functions, arguments.max_long_files)

    findings.print()
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main())
