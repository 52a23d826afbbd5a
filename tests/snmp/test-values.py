#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What our profiles make of real agents, beside what LibreNMS makes of them.

    test-values.py SNMP-TRACE PROFILES WALKS [--only AGENT]... [--missing]

WALKS holds walks of agents in folders, with NAME.expected.tsv beside some: object, kind and value as
LibreNMS shows it. Which of our variables hang on an object is found out by changing it. One of them has to
have the same value, in our unit, but for the EXCEPTIONS. --missing lists objects from which we make nothing.

agents.tsv says whose agent each walk is: the profile that has to be found for it. Each exception has to
be one.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import os
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from exceptions_librenms import EXCEPTIONS  # noqa: E402

# What one of theirs is of ours, by kind: the same, or another unit.
FACTORS = {
    'runtime': (60,),                   # minutes
    'power': (1, 1000, 0.001),
    'power_consumed': (1, 1000, 0.001),
    'power_factor': (1, 100, 0.01),
    'load': (1,),
}
# Kinds whose values are words with us, or of which they say how many.
WORDS = ('state',)


class Row:
    """A line of what is expected."""

    def __init__(self, line):
        self.kind, self.object, self.what, self.value, *_ = line.rstrip('\n').split('\t')
        self.object = self.object.lstrip('.')

    def agrees(self, ours):
        """Whether a value of ours says the same."""
        try:
            theirs, mine = float(self.value), float(ours)
        except ValueError:
            return self.value.strip() == ours.strip()
        digits = len(ours.partition('.')[2])
        for factor in FACTORS.get(self.kind, (1,)):
            wanted = theirs * factor
            if abs(mine - wanted) <= 0.5 * 10 ** -digits + 1e-6 + abs(wanted) * 1e-3:
                return True
        return False


def rows_of(path):
    file = path.with_name(path.stem + '.expected.tsv')
    if not file.exists():
        return []
    with open(file, encoding='utf-8') as f:
        lines = [line for line in f if not line.startswith(('#', 'class\t'))]
    return [row for row in map(Row, lines) if row.object.replace('.', '').isdigit()]


class Traced:
    """An agent, with the variables of objects."""

    def __init__(self, path):
        self.name = f'{path.parent.name}/{path.stem}'
        self.rows, self.used = rows_of(path), set()
        objects = dict.fromkeys(row.object for row in self.rows)
        done = subprocess.run([Values.trace, path], input=''.join(f'{o}\n' for o in objects), text=True,
                              capture_output=True, check=False, timeout=100, errors='replace',
                              env=os.environ | {'BUSBAR_PROFILES': str(Values.profiles), 'TZ': 'UTC'})
        self.exit, self.log = done.returncode, done.stderr
        self.profile, self.variables, self.objects = None, {}, collections.defaultdict(list)
        for line in done.stdout.splitlines():
            what, _, rest = line.partition(' ')
            name, _, value = rest.partition(' ')
            if what == 'profile':
                self.profile = name
            elif what == 'variable':
                self.variables[name] = value
            elif what == 'object':
                self.objects[name].append(value)

    def judged(self):
        """Of each row: "same", "words", "missing" or what is different."""
        for row in self.rows:
            ours = [(name, self.variables[name]) for name in self.objects.get(row.object, ())
                    if name in self.variables]
            if not ours:
                yield row, 'missing'
            elif row.kind in WORDS:
                yield row, 'words'
            elif any(row.agrees(value) for _, value in ours):
                yield row, 'same'
            elif known := {exception for exception in EXCEPTIONS
                           if fnmatch.fnmatchcase(self.name, exception[0])
                           and fnmatch.fnmatchcase(row.object, exception[1])}:
                self.used |= known
                yield row, 'known'
            else:
                shown = ', '.join(f'{name} = {value}' for name, value in ours[:4])
                yield row, f'{row.kind} "{row.what}" ({row.object}) is {row.value}, ours: {shown}'


def known_agents():
    with open(HERE / 'agents.tsv', encoding='utf-8') as f:
        return dict(line.rstrip('\n').split('\t')[:2] for line in f if line.strip() and line[0] != '#')


class Values(unittest.TestCase):
    maxDiff = None
    trace = profiles = walks = only = None
    missing = False

    @classmethod
    def setUpClass(cls):
        paths = [path for path in sorted(cls.walks.glob('*/*.snmp*'))
                 if not cls.only or any(fnmatch.fnmatch(f'{path.parent.name}/{path.stem}', pattern)
                                        for pattern in cls.only)]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            cls.agents = list(pool.map(Traced, paths))

    def test_whose_agents_they_are(self):
        known = known_agents()
        for agent in self.agents:
            with self.subTest(agent.name):
                self.assertIn(agent.name, known)
                wanted, found = known[agent.name], agent.profile or 'none'
                self.assertEqual(found, wanted, f'agents.tsv says {wanted}; found is {found}\n{agent.log}')
                self.assertEqual(agent.exit == 0, found != 'none', agent.log)
                self.assertNotRegex(agent.log, 'Sanitizer|runtime error')
        if not self.only:
            self.assertEqual(set(known) - {agent.name for agent in self.agents}, set(), 'no such walk')

    def test_values(self):
        counts = collections.defaultdict(collections.Counter)
        for agent in self.agents:
            wrong = []
            for row, verdict in agent.judged():
                is_fine = verdict in ('same', 'words', 'missing', 'known')
                counts[row.kind][verdict if is_fine else 'wrong'] += 1
                if verdict == 'missing' and self.missing:
                    print(f'{agent.name} ({agent.profile}): {row.kind} "{row.what}"', row.object, row.value)
                if not is_fine:
                    wrong.append(verdict)
            with self.subTest(agent.name, profile=agent.profile):
                if wrong:
                    self.fail(f'{len(wrong)} of {len(agent.rows)} are different:\n' + '\n'.join(wrong))
        used = set().union(*(agent.used for agent in self.agents))
        self.assertTrue(self.only or used == set(EXCEPTIONS), set(EXCEPTIONS) - used)
        total = sum(counts.values(), collections.Counter())
        print(file=sys.stderr)
        for kind, count in [*sorted(counts.items()), ('all', total)]:
            print(f'{kind}: {count["same"]} the same, {count["words"]} as words, {count["known"]} otherwise '
                  f'for a reason, {count["wrong"]} wrong, {count["missing"]} not ours', file=sys.stderr)
        seen = total['same'] + total['words'] + total['known']
        self.assertTrue(self.only or seen >= MINIMUM * sum(total.values()), 'too little of what others show')


# How much of what LibreNMS shows we make something of.
MINIMUM = 0.5


def main():
    parser = argparse.ArgumentParser()
    for name in ('trace', 'profiles', 'walks'):
        parser.add_argument(name, type=lambda text: Path(text).resolve())
    parser.add_argument('--only', action='append')
    parser.add_argument('--missing', action='store_true')
    for name, value in vars(parser.parse_args()).items():
        setattr(Values, name, value)
    unittest.main(argv=sys.argv[:1])


if __name__ == '__main__':
    main()
