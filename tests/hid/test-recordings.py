#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Our usbhid-ups on a recording of each family: exactly the variables beside it.

    test-recordings.py DRIVER PROFILES [--update]
"""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from played import PlayedRecordings  # noqa: E402


class Recordings(PlayedRecordings, unittest.TestCase):
    engine = 'hid'
    recordings = Path(__file__).resolve().parent / 'recordings'


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
