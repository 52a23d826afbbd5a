#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The drivers of one serial protocol each, on serial/PROFILE.recording.

    test-serial.py DRIVER PROFILES [--update]
"""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from played import PlayedRecordings  # noqa: E402


class Serial(PlayedRecordings, unittest.TestCase):
    engine = 'serial'
    recordings = Path(__file__).resolve().parent / 'serial'


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
