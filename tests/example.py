# SPDX-License-Identifier: LGPL-2.1-or-later

"""The worked example of a page: it is done here as the page says.

    PAGE BUSBARCTL DRIVER ...
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


class WorkedExample:
    """The steps, for a unittest.TestCase that says of which section."""

    maxDiff = None
    heading = None      # of the section
    engine = None       # the directory of profiles
    device = 'busbar-recording ', 'example.recording'   # how what is played begins, and its file
    page, busbarctl, driver, *more = (Path(argument).resolve() for argument in sys.argv[1:])
    own = re.compile(r'driver\.parameter\.port|device\.path')

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        text = self.page.read_text(encoding='utf-8').split(f'\n## {self.heading}\n')[1]
        self.blocks = re.findall(r'^```\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
        self.profile = self.directory / self.engine / 'example.profile'
        self.profile.parent.mkdir()
        self.profile.write_text(self.find('[profile]'), encoding='utf-8')
        self.recording = self.directory / self.device[1]
        self.recording.write_text(self.find(self.device[0]), encoding='utf-8')
        self.shown = self.find('driver.version.data: ').splitlines()

    def find(self, text):
        """The one block that has a line which begins so."""
        found = [block for block in self.blocks if f'\n{text}' in f'\n{block}']
        self.assertEqual(len(found), 1, text)
        return found[0]

    def run_program(self, *arguments):
        return subprocess.run([str(a) for a in arguments], check=False, capture_output=True, text=True,
                              timeout=60, env=os.environ | {'BUSBAR_PROFILES': str(self.directory)})

    def dump(self, recording, *options):
        done = self.run_program(self.driver, '-s', 'example', '-x', f'port={recording}',
                                *(word for option in options for word in ('-x', option)), '-d', '1')
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def without_own(self, lines):
        return [line for line in lines if not self.own.match(line)]

    def test_profile_has_no_problems(self):
        for arguments in (self.profile,), ():
            done = self.run_program(self.busbarctl, 'profile', 'check', *arguments)
            self.assertEqual((done.returncode, done.stdout), (0, ''))

    def test_driver_shows_what_the_page_says(self):
        lines = self.dump(self.recording)
        self.assertEqual([line for line in lines if line in self.shown], self.shown)
        self.assertEqual(Path(self.find('/usr/lib/busbar/drivers/').split()[0]).name, self.driver.name)
