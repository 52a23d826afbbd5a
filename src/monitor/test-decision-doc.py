#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Compares the tables of docs/SHUTDOWN.md with those in the code.

    test-decision-doc.py PRINT-DECISION SHUTDOWN.md
"""

import re
import subprocess
import sys


def read_tables(text):
    """Rows of each table by the first cell of its head; a row is a list of cells."""
    tables, head = {}, None
    for line in text.split('\n'):
        if not line.startswith('|'):
            head = None
            continue
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        if head is None:
            head = cells[0]
            tables[head] = []
        elif not set(cells[0]) <= set('-'):
            tables[head].append(cells)
    return tables


def words(cell):
    return re.findall(r'`([^`]+)`', cell)


def documented_transitions(rows):
    for states, event, following, actions in rows:
        for state in words(states):
            target = state if following == 'the same' else words(following)[0]
            yield ' '.join([state, words(event)[0], target] + words(actions))


def compare(what, documented, actual, ordered=False):
    if not ordered:
        documented, actual = sorted(documented), sorted(actual)
    if documented == actual:
        return 0
    for line in sorted(set(actual) - set(documented)):
        print(f'{what}: the code has, the document has not: {line}', file=sys.stderr)
    for line in sorted(set(documented) - set(actual)):
        print(f'{what}: the document has, the code has not: {line}', file=sys.stderr)
    if set(documented) == set(actual):
        print(f'{what}: order or number differs', file=sys.stderr)
    return 1


def main():
    printed = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout.splitlines()
    with open(sys.argv[2], encoding='utf-8') as f:
        tables = read_tables(f.read())

    code = {'cause': [], 'supply': [], 'host': []}
    for line in printed:
        kind, rest = line.split(' ', 1)
        code[kind].append(rest)
    first = {name: [words(row[0])[0] for row in tables[name]]
             for name in ('cause', 'supply', 'event', 'action')}
    used = [line.split() for line in code['host']]

    failures = compare('transitions', list(documented_transitions(tables['state'])), code['host'])
    failures += compare('causes', first['cause'], code['cause'], ordered=True)
    failures += compare('states of a supply', first['supply'], code['supply'], ordered=True)
    failures += compare('events', first['event'], list({row[1] for row in used}))
    failures += compare('actions', first['action'], list({a for row in used for a in row[3:]}))
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
