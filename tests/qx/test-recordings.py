#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Our nutdrv_qx on a recording of each dialect: found by itself, with exactly the variables beside it.

    test-recordings.py DRIVER PROFILES [--update]
"""

import concurrent.futures
import re
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from played import PlayedRecordings, dump  # noqa: E402
from qxsim import complete, escape  # noqa: E402


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

    def test_bits_are_no_readings(self):
        """A device that has measured nothing yet has the bits of its type and beeper nonetheless."""
        with tempfile.NamedTemporaryFile('w', suffix='.recording') as recording:
            recording.write('busbar-recording 1 line\nunknown echo\n'
                            'ask "Q1\\r" -> "(000.0 000.0 000.0 000 00.0 00.0 00.0 00001001\\r"\n')
            recording.flush()
            with self.assertRaisesRegex(AssertionError, 'is not ready yet'):
                dump(Recordings.driver, Recordings.profiles, Path(recording.name))

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


# On battery: the unit itself, its mode, its warnings; and what it says while all is zero but flags.
INVERTERS = {
    'voltronic-axpert': (
        ('QPI', '(PI30'),
        ('QPIGS', '(000.0 00.0 230.1 50.0 0551 0499 006 398 50.30 000 061 0039 01.0 214.4 00.00 00004'
                  ' 00010000'),
        ('QMOD', '(B'), ('QPIWS', '(00000100000010000000000000000000'),
        '(000.0 00.0 000.0 00.0 0000 0000 000 000 00.00 000 000 0000 0000 000.0 00.00 00000 00010111 00 01'),
    'voltronic-pi16': (
        ('QPI', '(PI16'),
        ('QPIGS', '(000.0 000000 00.0 0000.0 230.4 00594 50.0 002.6 011 415.0 415.0 051.9 ---.- 060 00000'
                  ' 00000 ----- 000.0 000.0 ---.- 035.0 D---110001'),
        ('QMOD', '(B'), ('QPIWS', '(--0000001000--01000---00000'),
        '(000.0 000000 00.0 0000.0 000.0 00000 00.0 000.0 000 000.0 000.0 000.0 ---.- 000 00000 00000'
        ' ----- 000.0 000.0 ---.- 000.0 A---110001'),
    'voltronic-pi17': (
        ('^P003PI', '^D00517'),
        ('^P003GS', '^D1100000,0000,0000,0000,0394,000,+00000,0000,0000,0000,0000,0000,0000,0000,2378,2434,'
                    '2455,5001,,,,029,029,000,0'),
        ('^P004MOD', '^D00503'), ('^P003WS', '^D0470,0,0,0,0,1,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,'),
        '^D1100000,0000,0000,0000,0000,000,+00000,0000,,,0000,0000,,,0000,,,0000,,,,000,000,000,1'),
    'voltronic-pi18': (
        ('^P005PI', '^D00518'),
        ('^P005GS', '^D1060000,000,2300,500,2100,1995,038,451,000,000,045,000,009,051,048,000,0000,0000,'
                    '0000,0000,0,0,0,1,2,2,0,0'),
        ('^P006MOD', '^D00503'), ('^P005FWS', '^D03900,1,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0'),
        '^D1060000,000,0000,000,0000,0000,000,000,000,000,000,000,000,000,000,000,0000,0000,0000,0000,2,1,0,'
        '1,1,2,1,1'),
}

# All zeros, but for a type, a beeper, an address, a factor.
STARTING = {
    'voltronic': [
        ('QGS', '(000.0 00.0 000.0 00.0 000.0 000 000.0 000.0 000.0 ---.- 000.0 100000000001'),
        ('QPI', '(PI01'), ('QMOD', '(S')],
    'voltronic-qs': [
        ('M', 'H'), ('QS', '(000.0 000.0 000.0 000 00.0 00.0 --.- 00001001 00000001')],
    'voltronic-qs-hex': [
        ('M', 'P'), ('QS', '#\0\0 l \0\0 l \0 \x5f\xd7 \x12\xc0\x01 \0 \x1e \x09')],
    'masterguard': [
        ('WH', '(07 10.06 03.09 E100    + 1 Bat Pack           1 230 50.00 192 02.00 006.00 012.00 018 10 40'
               ' 160 276 47.00 53.00'),
        ('MSO', '(220 230 240'),
        ('Q3', '(07 000.0 000.0 000.0 000 00.0 00.00 00.0 000.00 000 00001000 00000000')],
    'omron': [
        ('Q1', '(000.0 000.0 000.0 000 00.0 00.0 00.0 00001001')],
}


class Made(unittest.TestCase):
    """What a device must never be shown as."""

    def shown(self, protocol, pairs, readings=1):
        """Of a device that answers so, one after the other, None for silence; the error if nothing is."""
        check = 'crc16-xmodem' if protocol in INVERTERS else 'none'
        text = 'busbar-recording 1 line\nclock order\n'
        for request, *answers in pairs:
            asked = escape(complete(request.encode(), 'none' if request.startswith('^P00') and
                                    protocol == 'voltronic-pi17' else check))
            for answer in answers:
                told = 'silence' if answer is None else escape(complete(answer.encode('latin-1'), check))
                text += f'ask {asked} -> {told}\n'
        with tempfile.NamedTemporaryFile('w', suffix='.recording', encoding='utf-8') as file:
            file.write(text)
            file.flush()
            try:
                lines = dump(Recordings.driver, Recordings.profiles, Path(file.name),
                             (f'protocol={protocol}',), readings)
            except AssertionError as error:
                return str(error)
        return dict(line.split(': ', 1) for line in lines)

    def test_mains_that_are_not_told_any_more(self):
        """On battery the mode, or the warnings, fall silent: then there are no readings at all."""
        cases = [(name, [who, state, *others], lost)
                 for name, (who, state, mode, warnings, _) in INVERTERS.items()
                 for lost, others in ((mode, [warnings]), (warnings, [mode]), (mode, []), (warnings, []))]
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            whole, less = ([pool.submit(self.shown, name, [*pairs, [*lost, *then]], 2)
                            for name, pairs, lost in cases] for then in ([], [None]))
            for (name, pairs, lost), good, bad in zip(cases, whole, less):
                with self.subTest(name, lost=lost[0], beside=pairs[-1][0]):
                    self.assertIn('OB', good.result()['ups.status'].split())
                    self.assertIn('stale', bad.result())

    def test_modes_and_warnings_that_were_never_told(self):
        for name, (who, state, mode, warnings, _) in INVERTERS.items():
            for more in ([], [mode], [warnings]):
                with self.subTest(name, more=more):
                    shown = self.shown(name, [who, state, *more])
                    self.assertEqual(set(shown['ups.status'].split()) & {'OL', 'OB'}, {'OB'})

    def test_flags_are_no_readings(self):
        units = STARTING | {name: [who, (state[0], zeros)]
                            for name, (who, state, _, _, zeros) in INVERTERS.items()}
        for name, pairs in units.items():
            with self.subTest(name):
                self.assertIn('not ready', self.shown(name, pairs))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
