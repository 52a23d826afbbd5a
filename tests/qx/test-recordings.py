#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Our nutdrv_qx on a recording of each dialect: found by itself, with exactly the variables beside it.

    test-recordings.py DRIVER PROFILES [--update]
"""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from played import PlayedRecordings, dump  # noqa: E402


HERE = Path(__file__).resolve().parent


class Recordings(PlayedRecordings, unittest.TestCase):
    engine = 'qx'
    recordings = HERE / 'recordings'

    def options_of(self, name):
        """protocol=, where the automatic detection does not look for it."""
        text = (self.profiles / 'qx' / f'{name}.profile').read_text(encoding='utf-8')
        if re.search(r'^order =', text, re.M):
            return ()
        return [f"protocol={re.search(r'^protocol = (.*)$', text, re.M)[1]}"]


class Options(unittest.TestCase):
    """The options that leave something out."""

    def shown(self, recording, *options):
        lines = dump(Recordings.driver, Recordings.profiles, HERE / f'{recording}.recording', options)
        return dict(line.split(': ', 1) for line in lines)

    def test_ignoresab(self):
        self.assertEqual(self.shown('variants/q1@stopping')['ups.status'], 'ALARM OL FSD')
        shown = self.shown('variants/q1@stopping', 'ignoresab')
        self.assertEqual((shown['ups.status'], shown.get('ups.alarm')), ('OL', None))

    def test_norating_and_novendor(self):
        shown = self.shown('recordings/megatec', 'norating', 'protocol=megatec')
        self.assertNotIn('input.voltage.nominal', shown)
        self.assertIn('ups.model', shown)
        shown = self.shown('recordings/megatec', 'novendor', 'protocol=megatec')
        self.assertIn('input.voltage.nominal', shown)
        self.assertNotIn('ups.model', shown)

    def test_novendor_is_not_needed_then(self):
        """A device that does not say who it is is of this protocol, if nobody wants to know that."""
        self.assertIn('Megatec', self.shown('recordings/q1', 'novendor')['driver.version.data'])

    def test_nooutstats(self):
        shown = self.shown('recordings/q6', 'nooutstats')
        self.assertIn('Q6', shown['driver.version.data'])
        self.assertNotIn('ups.realpower', shown)
        self.assertEqual(shown['ups.load'], '3')

    def test_delays(self):
        shown = self.shown('recordings/q1', 'offdelay=75', 'ondelay=200')
        self.assertEqual((shown['ups.delay.shutdown'], shown['ups.delay.start']), ('60', '180'))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
