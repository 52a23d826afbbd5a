#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Agents that say something else where numbers should be: nothing is made up of it.

    test-types.py SNMP-PROBE PROFILES [WALKS]

Each agent of agents.tsv, and of walks/ here, is played with all its numbers replaced by a text. It may
not be known any more; if it is, its status tells of no trouble but that which it had before, and the
text is no value of a number.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROBE, PROFILES, *MORE = sys.argv[1:]
OWN = {'ups': 'ietf', 'pdu': 'apc-rpdu', 'chain': 'eaton-epdu'}

RECORD = re.compile(r'^([0-9.]+)\|(2|65|66|67|70|4|4x)(?::[a-z]+)?\|(.*)$')
PRINTED = re.compile(r'^([0-9.]+) = (?:INTEGER|Gauge32|Counter32|Counter64|Timeticks|STRING): (.*)$')
NUMBER = re.compile(r'-?[0-9.]+')
# What an agent is alone says whose it is.
SYSTEM = re.compile(r'\.?1\.3\.6\.1\.2\.1\.1\.')
TROUBLE = {'OB', 'LB', 'RB', 'OVER', 'OFF', 'BYPASS', 'FSD', 'CAL', 'TRIM', 'BOOST', 'DISCHRG'}
NUMBERS = re.compile(r'.*\.(voltage|current|realpower|power|powerfactor|frequency|load|charge|runtime|'
                     r'temperature|humidity|energy|count|phases|timer\.[a-z]+|delay\.[a-z]+|'
                     r'nominal|low|high)')


def spoiled(text, by):
    """The walk, with this in place of each number, also of those that are texts."""
    for line in text.splitlines():
        found = RECORD.match(line)
        if found and not SYSTEM.match(line):
            content = found[3]
            if found[2] == '4x':
                content = bytes.fromhex(content).decode('latin-1')
            if not found[2].startswith('4') or NUMBER.fullmatch(content.strip()):
                line = f'{found[1]}|4|{by}'
        else:
            found = PRINTED.match(line)
            if found and not SYSTEM.match(line) and NUMBER.search(found[2]):
                line = f'{found[1]} = STRING: "{by}"'
        yield line + '\n'


def agents():
    """Walk and profile of each."""
    for name, profile in OWN.items():
        yield HERE / 'walks' / f'{name}.snmprec', profile
    if MORE:
        for line in (HERE / 'agents.tsv').read_text(encoding='utf-8').splitlines():
            name, _, profile = line.partition('\t')
            if line[0] != '#' and profile != 'none':
                yield next(Path(MORE[0]).glob(f'{name}.snmp*')), profile


def probe(path, profile):
    """Variables, and the process."""
    done = subprocess.run([PROBE, path, f'{PROFILES}/snmp/{profile}.profile'], capture_output=True,
                          text=True, errors='replace', env=os.environ | {'BUSBAR_PROFILES': PROFILES},
                          timeout=60, check=False)
    pairs = (line.partition(': ') for line in done.stdout.splitlines() if line and line[0] not in '#@')
    return {name: value.partition('   [')[0] for name, _, value in pairs}, done


def trouble(variables):
    return TROUBLE & set(variables.get('ups.status', '').split())


def shown(path, profile, by):
    """Variables of the spoiled walk, the process, and the trouble of the walk as it is."""
    with tempfile.NamedTemporaryFile('w', suffix=path.suffix, encoding='utf-8') as walk:
        walk.writelines(spoiled(path.read_text(encoding='utf-8', errors='replace'), by))
        walk.flush()
        return *probe(walk.name, profile), trouble(probe(path, profile)[0])


class Types(unittest.TestCase):
    def check(self, by):
        known = 0
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            jobs = [(path, profile, pool.submit(shown, path, profile, by)) for path, profile in agents()]
            for path, profile, job in jobs:
                variables, done, before = job.result()
                with self.subTest(path.stem, profile=profile, by=by):
                    self.assertNotRegex(done.stderr, 'Sanitizer|runtime error')
                    self.assertGreaterEqual(done.returncode, 0)
                    self.assertLessEqual(trouble(variables), before)
                    self.assertEqual([name for name, value in variables.items()
                                      if value == by and NUMBERS.fullmatch(name)], [])
                known += bool(variables)
        self.assertGreater(known, len(jobs) / 3, 'too few are known without numbers')

    def test_words(self):
        self.check('n/a')

    def test_dashes(self):
        self.check('-')


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
