#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is made of agents, as somebody has looked at it line by line.

    test-expected.py SNMP-PROBE PROFILES [WALKS] [--update]

expected/NAME.txt is what snmp-probe prints of the walk NAME: of walks/ here, or with "--" between folder and
name of one in WALKS. --update writes it anew: look at each difference before it is committed.
"""

import os
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROBE, PROFILES, *MORE = (argument for argument in sys.argv[1:] if argument != '--update')
UPDATE = '--update' in sys.argv


def walk_of(name):
    """None for one that is in a collection that is not there."""
    found = [*(HERE / 'walks').glob(f'{name}.snmp*')]
    for folder in MORE:
        found += Path(folder).glob(f'{name.replace("--", "/")}.snmp*')
        found += Path(folder).glob(f'*/{name}.snmp*')
    return found[0] if found else None


class Expected(unittest.TestCase):
    maxDiff = None

    def test_each(self):
        files = sorted((HERE / 'expected').glob('*.txt'))
        self.assertTrue(files)
        for file in files:
            path = walk_of(file.stem)
            if path is None and not MORE:
                continue
            with self.subTest(file.stem):
                self.assertIsNotNone(path)
                done = subprocess.run([PROBE, path], capture_output=True, text=True, errors='replace',
                                      env=os.environ | {'BUSBAR_PROFILES': PROFILES, 'TZ': 'UTC'},
                                      timeout=60, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                if UPDATE:
                    file.write_text(done.stdout, encoding='utf-8')
                self.assertEqual(done.stdout, file.read_text(encoding='utf-8'))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
