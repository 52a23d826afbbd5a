#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The example in docs/PROFILES-SNMP.md does what the page says.

    test-example.py PAGE BUSBARCTL DRIVER PROFILES
"""

import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from example import WorkedExample  # noqa: E402


class Example(WorkedExample, unittest.TestCase):
    heading = 'Adding a device'
    engine = 'snmp'
    device = '.1.3.6.1.2.1.1.1.0 = ', 'example.walk'

    def test_it_is_found_among_all(self):
        for path in (self.more[0] / 'snmp').iterdir():
            shutil.copy(path, self.profile.parent)
        done = self.run_program(self.busbarctl, 'profile', 'check')
        self.assertEqual((done.returncode, done.stdout), (0, ''))
        lines = self.dump(self.recording)
        self.assertEqual([line for line in lines if line in self.shown], self.shown)

    def test_draft(self):
        mib = self.directory / 'EXAMPLE-MIB'
        mib.write_text(self.find('EXAMPLE-MIB '), encoding='utf-8')
        done = self.run_program(self.busbarctl, 'profile', 'import', self.recording, '--mib', mib,
                                '--name', 'example')
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertIn(self.find('# ? = '), done.stdout)

        # All of the draft but what it cannot know is in the profile.
        profile = self.profile.read_text(encoding='utf-8')
        rows = [line.split('    #')[0] for line in done.stdout.splitlines()
                if ' = ' in line and not line.startswith('#')]
        wanted = [row for row in rows if not row.startswith(('title', 'version', 'online', '1 ', '2 '))]
        self.assertGreater(len(wanted), 15)
        for row in wanted:
            self.assertIn(f'\n{row}', profile)

        self.profile.write_text(done.stdout, encoding='utf-8')
        done = self.run_program(self.busbarctl, 'profile', 'check', self.profile)
        self.assertEqual((done.returncode, done.stdout), (0, ''))
        lines = self.dump(self.recording)
        for line in ('battery.voltage: 54.7', 'battery.runtime: 2520', 'outlet.2.status: off',
                     'ups.status: OL'):
            self.assertIn(line, lines)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
