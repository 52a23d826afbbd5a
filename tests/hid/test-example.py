#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The example in docs/PROFILES.md does what the page says.

    test-example.py PAGE BUSBARCTL DRIVER
"""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from example import WorkedExample  # noqa: E402


class Example(WorkedExample, unittest.TestCase):
    heading = 'Adding a model'
    engine = 'hid'

    def test_delay_is_held(self):
        self.assertIn('ups.delay.shutdown: 20', self.dump(self.recording))

    def test_exploring_shows_all_fields(self):
        unmapped = [line for line in self.dump(self.recording, 'explore') if line.startswith('unmapped.')]
        self.assertTrue(any('ff000012' in line.lower() for line in unmapped), unmapped)

    def test_report_replays_the_same(self):
        copy = self.directory / 'copy.recording'
        done = self.run_program(self.busbarctl, 'report', self.recording, copy)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('# Profile example: Example HID 1.0\n', copy.read_text(encoding='utf-8'))
        self.assertEqual(self.without_own(self.dump(copy)), self.without_own(self.dump(self.recording)))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
