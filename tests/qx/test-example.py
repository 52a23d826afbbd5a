#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The example in docs/PROFILES-LINE.md does what the page says.

    test-example.py PAGE BUSBARCTL DRIVER TEST-ORDERS PROFILES
"""

import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from example import WorkedExample  # noqa: E402


class Example(WorkedExample, unittest.TestCase):
    heading = 'Adding a dialect'
    engine = 'qx'

    def test_it_stands_in_nobodys_way(self):
        everything = self.directory / 'all'
        everything.mkdir()
        for path in *(self.more[1] / 'qx').iterdir(), self.profile:
            shutil.copy(path, everything)
        done = self.run_program(self.busbarctl, 'profile', 'check', everything)
        self.assertEqual((done.returncode, done.stdout), (0, ''))

    def test_it_is_found_among_all(self):
        shown = self.dump(self.recording, 'protocol=example')
        for path in (self.more[1] / 'qx').iterdir():
            shutil.copy(path, self.profile.parent)
        found = self.dump(self.recording)
        self.assertEqual([line for line in found if 'driver.parameter' not in line],
                         [line for line in shown if 'driver.parameter' not in line])

    def test_orders(self):
        (self.directory / 'example.orders').write_text(self.find('answer '), encoding='utf-8')
        done = self.run_program(self.more[0], self.directory, self.profile.parent)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = self.find('answer ').replace('"SE=L', '"SE=M')
        (self.directory / 'example.orders').write_text(text, encoding='utf-8')
        done = self.run_program(self.more[0], self.directory, self.profile.parent)
        self.assertNotEqual(done.returncode, 0)

    def test_recorded_anew_it_is_the_same(self):
        copy = self.directory / 'copy.recording'
        self.dump(self.recording, f'record={copy}')
        self.assertIn('ask "ST\\r" -> "*2301;500;271;23;05\\r"', copy.read_text(encoding='utf-8'))
        self.assertEqual(self.without_own(self.dump(copy)), self.without_own(self.dump(self.recording)))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
