#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Our usbhid-ups on a recording of each family: exactly the variables beside it.

    test-recordings.py DRIVER PROFILES [--update]

recordings/NAME.recording is played with the profile NAME, and shows what NAME.expected says. --update writes
that anew: look at each difference before it is committed.
"""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

RECORDINGS = Path(__file__).resolve().parent / 'recordings'
DRIVER, PROFILES = (Path(argument).resolve() for argument in sys.argv[1:3])
UPDATE = '--update' in sys.argv[3:]

# Of the program, and of where the recording lies.
OWN = re.compile(r'driver\.(?!version\.data)')


def dump(recording):
    """The lines that the driver shows for a recording, without its own."""
    done = subprocess.run([DRIVER, '-s', 'test', '-x', f'port={recording}', '-d', '1'],
                          env=os.environ | {'BUSBAR_PROFILES': str(PROFILES), 'TZ': 'UTC'},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f'{recording.name}: exit {done.returncode}\n{done.stderr.decode()}')
    return [line for line in done.stdout.decode().splitlines() if ': ' in line and not OWN.match(line)]


class Recordings(unittest.TestCase):
    maxDiff = None

    def test_each_shows_what_is_expected(self):
        for recording in sorted(RECORDINGS.glob('*.recording')):
            expected = recording.with_suffix('.expected')
            with self.subTest(recording.stem):
                shown = dump(recording)
                if UPDATE:
                    expected.write_text('\n'.join(shown) + '\n', encoding='utf-8')
                self.assertEqual(expected.read_text(encoding='utf-8').splitlines(), shown)

    def test_each_profile_has_one(self):
        profiles = {path.stem for path in (PROFILES / 'hid').glob('*.profile')}
        self.assertEqual(profiles, {path.stem for path in RECORDINGS.glob('*.recording')})
        self.assertEqual(profiles, {path.stem for path in RECORDINGS.glob('*.expected')})

    def test_each_is_played_with_its_profile(self):
        for profile in sorted((PROFILES / 'hid').glob('*.profile')):
            title = re.search(r'^title = "?([^"\n]+)', profile.read_text(encoding='utf-8'), re.MULTILINE)[1]
            with self.subTest(profile.stem):
                expected = (RECORDINGS / f'{profile.stem}.expected').read_text(encoding='utf-8')
                self.assertRegex(expected, rf'(?m)^driver\.version\.data: {re.escape(title)} ')


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
