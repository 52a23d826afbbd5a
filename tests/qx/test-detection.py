#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Each device is taken by its profile, and by none before it, whatever it says to what it does not know.

    test-detection.py PROGRAM PROFILES [SHARED_DATA]

Of our own recordings, and of the transcripts and tables in SHARED_DATA.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from qxsim import Transcript, escape

HERE = Path(__file__).resolve().parent
PROGRAM, PROFILES = (Path(argument).resolve() for argument in sys.argv[1:3])
SHARED = Path(sys.argv[3]) if len(sys.argv) > 3 else None

UNKNOWN = {'silence': 'silence', 'echo': 'echo', 'nak': r'"NAK\r"', '(nak': r'"(NAK\r"'}

# What is not the profile of its name. The transcripts of real devices do not hold all that these answer.
TABLES = {
    'ablerex': 'megatec',       # on a serial line nothing tells it
    'innovatae': 'megatec',
    'omron': 'q1',              # not behind its USB
}
EARLIER = {'voltronic', 'bestups'}   # than mecer
CHECKS = {'voltronic-axpert': 'crc16-xmodem'}
REAL = {
    'armac-riello-like-1978': 'q1',
    'digitech-650va-frys': 'q1',
    'ippon-innova-rt-3-1-20k': 'none',      # without a status
    'mec0003-not-ready': 'megatec',
    'santak-castle-c1k': 'q1',
    'visench-c1k': 'q1',
    'salicru-sps-one-qs-h': 'voltronic-qs',
    'vultech-ups1400va-lfp': 'q1',
    'powerwalker-powercom-emulated': 'q1',
}


def profiles_in_order():
    texts = {path.stem: path.read_text(encoding='utf-8') for path in (PROFILES / 'qx').glob('*.profile')}
    return {name for name, text in texts.items() if re.search(r'^order =', text, re.M)}


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix='qx-detection-')
        self.addCleanup(self.directory.cleanup)
        self.lines = []

    def add(self, profile, name, transcript, unknown):
        """A device that answers like this."""
        asked = transcript.answers.keys()
        if unknown == '(nak' and b'Q1\r' in asked and b'QPI\r' not in asked and profile not in EARLIER:
            profile = 'mecer'   # it is what tells these
        path = Path(self.directory.name, f'{name} with {unknown}.recording')
        text = 'busbar-recording 1 line\n' + f'unknown {UNKNOWN[unknown]}\n'
        for request, replies in transcript.answers.items():
            for reply in replies:
                text += f'ask {escape(request)} -> {escape(reply) if reply else "silence"}\n'
        path.write_text(text, encoding='utf-8')
        self.lines.append(f'{profile} {path}')

    def check(self):
        done = subprocess.run([PROGRAM], input='\n'.join(self.lines).encode(), stderr=subprocess.PIPE,
                              env=os.environ | {'BUSBAR_PROFILES': str(PROFILES)}, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr.decode())


class Detection(Case):
    def test_own_recordings(self):
        for profile in profiles_in_order():
            self.lines.append(f'{profile} {HERE}/recordings/{profile}.recording')
        self.check()

    def test_own_recordings_whatever_they_do_not_know(self):
        for profile in profiles_in_order():
            path = HERE / 'recordings' / f'{profile}.recording'
            if re.search(r'^(link|vendor-id) ', path.read_text(encoding='utf-8'), re.M):
                continue
            for unknown in UNKNOWN:
                self.add(profile, profile, Transcript.load(path), unknown)
        self.check()


class SharedDetection(Case):
    def test_tables(self):
        for path in sorted((SHARED / 'nut-testing-tables').glob('*.tsv')):
            transcript = Transcript.load(path, CHECKS.get(path.stem))
            for unknown in UNKNOWN if transcript.answers else ():
                self.add(TABLES.get(path.stem, path.stem), path.stem, transcript, unknown)
        self.check()

    def test_real_devices(self):
        for name, profile in REAL.items():
            transcript = Transcript.load(SHARED / 'real' / f'{name}.tsv')
            for unknown in UNKNOWN:
                self.add(profile, name, transcript, unknown)
        self.check()


if not SHARED:
    del SharedDetection


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
