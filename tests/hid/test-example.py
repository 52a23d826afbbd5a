#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The example in docs/PROFILES.md does what the page says.

    test-example.py PAGE BUSBARCTL DRIVER
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PAGE, BUSBARCTL, DRIVER = (Path(argument).resolve() for argument in sys.argv[1:4])


class Example(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        text = PAGE.read_text(encoding='utf-8').split('\n## Adding a model\n')[1]
        blocks = re.findall(r'^```\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
        recording, _, profile, shown = blocks
        (self.directory / 'hid').mkdir()
        self.recording = self.directory / 'example.recording'
        self.recording.write_text(recording, encoding='utf-8')
        self.profile = self.directory / 'hid' / 'example.profile'
        self.profile.write_text(profile, encoding='utf-8')
        self.shown = shown.splitlines()

    def run_program(self, *arguments):
        return subprocess.run([str(a) for a in arguments], check=False, capture_output=True, text=True,
                              timeout=60, env=os.environ | {'BUSBAR_PROFILES': str(self.directory)})

    def dump(self, recording, *options):
        done = self.run_program(DRIVER, '-s', 'example', '-x', f'port={recording}',
                                *(word for option in options for word in ('-x', option)), '-d', '1')
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_profile_has_no_problems(self):
        for arguments in (self.profile,), ():
            done = self.run_program(BUSBARCTL, 'profile', 'check', *arguments)
            self.assertEqual((done.returncode, done.stdout), (0, ''))

    def test_driver_shows_what_the_page_says(self):
        lines = self.dump(self.recording)
        self.assertEqual([line for line in lines if line in self.shown], self.shown)
        self.assertIn('ups.delay.shutdown: 20', lines)

    def test_exploring_shows_all_fields(self):
        unmapped = [line for line in self.dump(self.recording, 'explore') if line.startswith('unmapped.')]
        self.assertTrue(any('ff000012' in line.lower() for line in unmapped), unmapped)

    def test_report_replays_the_same(self):
        copy = self.directory / 'copy.recording'
        done = self.run_program(BUSBARCTL, 'report', self.recording, copy)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('# Profile example: Example HID 1.0\n', copy.read_text(encoding='utf-8'))
        own = re.compile(r'driver\.parameter\.port|device\.path')
        self.assertEqual([line for line in self.dump(copy) if not own.match(line)],
                         [line for line in self.dump(self.recording) if not own.match(line)])


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
