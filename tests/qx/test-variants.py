#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Our nutdrv_qx on variants/PROFILE@WHAT.recording: other devices of a profile than that in recordings/.

    test-variants.py DRIVER PROFILES [--update]
"""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from played import PlayedRecordings  # noqa: E402


class Variants(PlayedRecordings, unittest.TestCase):
    engine = 'qx'
    recordings = Path(__file__).resolve().parent / 'variants'

    def test_each_profile_has_one(self):
        profiles = {path.stem for path in self.profile_files()}
        variants = {path.stem for path in self.recordings.glob('*.recording')}
        self.assertEqual(variants, {path.stem for path in self.recordings.glob('*.expected')})
        self.assertLessEqual({name.split('@')[0] for name in variants}, profiles)
        self.assertTrue(all('@' in name for name in variants))

    def test_each_is_played_with_its_profile(self):
        for expected in self.recordings.glob('*.expected'):
            with self.subTest(expected.stem):
                profile = self.profiles / 'qx' / f"{expected.stem.split('@')[0]}.profile"
                title = next(line for line in profile.read_text(encoding='utf-8').splitlines()
                             if line.startswith('title ='))[len('title ='):].strip().strip('"')
                self.assertIn(f'driver.version.data: {title} 1.', expected.read_text(encoding='utf-8'))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
