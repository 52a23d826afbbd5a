# SPDX-License-Identifier: LGPL-2.1-or-later

"""What a driver shows of recordings, against what is written beside them.

    DRIVER PROFILES [--update]

directory/NAME.recording is played with the profile NAME, and shows what NAME.expected says. --update writes
that anew: look at each difference before it is committed.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

# Of the program, and of where the recording lies.
OWN = re.compile(r'driver\.(?!version\.data)')


def dump(driver, profiles, recording, options=(), readings=1):
    """The lines that the driver shows for a recording after so many readings, without its own."""
    arguments = [word for option in options for word in ('-x', option)]
    done = subprocess.run([driver, '-s', 'test', '-x', f'port={recording}', *arguments, '-d', str(readings)],
                          env=os.environ | {'BUSBAR_PROFILES': str(profiles), 'TZ': 'UTC'},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f'{recording.name}: exit {done.returncode}\n{done.stderr.decode()}')
    return [line for line in done.stdout.decode().splitlines() if ': ' in line and not OWN.match(line)]


class PlayedRecordings:
    """The tests, for a unittest.TestCase that says what of."""

    maxDiff = None
    engine = None       # the directory of profiles
    recordings = None   # the directory of recordings
    driver, profiles = (Path(argument).resolve() for argument in sys.argv[1:3])
    update = '--update' in sys.argv[3:]

    def options_of(self, name):
        return ()

    def profile_files(self):
        return sorted((self.profiles / self.engine).glob('*.profile'))

    def test_each_shows_what_is_expected(self):
        for recording in sorted(self.recordings.glob('*.recording')):
            expected = recording.with_suffix('.expected')
            with self.subTest(recording.stem):
                shown = dump(self.driver, self.profiles, recording, self.options_of(recording.stem))
                if self.update:
                    expected.write_text('\n'.join(shown) + '\n', encoding='utf-8')
                self.assertEqual(expected.read_text(encoding='utf-8').splitlines(), shown)

    def test_each_profile_has_one(self):
        profiles = {path.stem for path in self.profile_files()}
        self.assertEqual(profiles, {path.stem for path in self.recordings.glob('*.recording')})
        self.assertEqual(profiles, {path.stem for path in self.recordings.glob('*.expected')})

    def test_each_is_played_with_its_profile(self):
        for profile in self.profile_files():
            title = re.search(r'^title = "?([^"\n]+)', profile.read_text(encoding='utf-8'), re.MULTILINE)[1]
            with self.subTest(profile.stem):
                expected = (self.recordings / f'{profile.stem}.expected').read_text(encoding='utf-8')
                self.assertRegex(expected, rf'(?m)^driver\.version\.data: {re.escape(title)} ')
