#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The simulator of line protocols and the serial link, each against the other.

    test-qxsim.py LINE-PROBE [SHARED-DATA]
"""

import os
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from qxsim import FAULTS, Megatec, Simulator, Transcript, complete, escape, unescape  # noqa: E402

Q1 = b'(230.1 000.0 230.1 016 50.0 27.0 25.0 00001001\r'
TABLE = '\n'.join([
    '# device: one', '# dialect: megatec',
    r'Q1\r|(230.1 000.0 230.1 016 50.0 27.0 25.0 00001001\r',
    r'Q1\r|(231.0 000.0 230.1 016 50.0 27.0 25.0 00001001\r',
    r'C\r|', r'QS\r|#\x6C\x01\xff\r',
    '# expected: nothing', '']).replace('|', '\t')
KINDS = '\n'.join(['kind|request|reply|len', r'table|F\r|#220\r|-1', r'comment|F\r|#230\r|-1',
                   r'comment|M\r|O\r|-1', '']).replace('|', '\t')
HEXADECIMAL = '# one\n>>> 51:4D:4F:44:49:C1:0D\n<<< 28:42:E7:C9:0D\n>>> 51:0D\n'


class Lines(unittest.TestCase):
    def load(self, text, **how):
        with tempfile.NamedTemporaryFile('w', encoding='latin-1') as f:
            f.write(text)
            f.flush()
            return Transcript.load(f.name, **how)

    def test_escapes(self):
        self.assertEqual(unescape(r'#\x6c\x01 \x35\r\n\\'), b'#l\x01 5\r\n\\')
        every = bytes(range(256))
        self.assertEqual(unescape(escape(every)[1:-1]), every)

    def test_files(self):
        self.assertEqual(self.load(TABLE).answers, {
            b'Q1\r': [Q1, Q1.replace(b'230.1', b'231.0', 1)], b'C\r': [b''], b'QS\r': [b'#l\x01\xff\r']})
        self.assertEqual(self.load(KINDS).answers, {b'F\r': [b'#220\r']})
        self.assertEqual(self.load(KINDS, comments=True).answers, {b'F\r': [b'#220\r'], b'M\r': [b'O\r']})
        self.assertEqual(self.load(HEXADECIMAL).answers, {b'QMODI\xc1\r': [b'(B\xe7\xc9\r']})

    def test_recording(self):
        transcript = self.load(TABLE)
        self.assertEqual(self.load(transcript.recording()).answers, transcript.answers)

    def test_check(self):
        self.assertEqual(complete(b'QMOD', 'crc16-xmodem'), b'QMODI\xc1\r')
        self.assertEqual(complete(b'QMODI\xc1\r', 'crc16-xmodem'), b'QMODI\xc1\r')
        self.assertEqual(complete(b'Q1\r'), b'Q1\r')
        self.assertEqual(complete(b'AB', 'sum8-hex'), b'AB83\r')
        self.assertEqual(self.load('QMOD\t(B\nF\t\n', check='crc16-xmodem').answers,
                         {b'QMODI\xc1\r': [b'(B\xe7\xc9\r'], complete(b'F', 'crc16-xmodem'): [b'']})

    def test_order(self):
        transcript = Transcript([(b'Q\r', b'1\r'), (b'Q\r', b'2\r')])
        self.assertEqual([transcript.answer(b'Q\r') for _ in range(3)], [b'1\r', b'2\r', b'2\r'])
        self.assertIsNone(transcript.answer(b'X\r'))


class Link(unittest.TestCase):
    probe = None

    def ask(self, path, *requests, timeout=250):
        r = subprocess.run([self.probe, path, str(timeout), *(request.hex() for request in requests)],
                           stdout=subprocess.PIPE, timeout=60, check=True, text=True)
        return [line.partition(' -> ')[2] for line in r.stdout.splitlines()]

    def test_answers(self):
        unit = Transcript([(b'Q1\r', Q1), (b'C\r', b'')])
        with Simulator(unit, unknown='echo') as sim:
            self.assertEqual(self.ask(sim.path, b'Q1\r', b'C\r', b'X\r'), [escape(Q1), 'silence', '"X\\r"'])
            self.assertEqual(sim.requests, [b'Q1\r', b'C\r', b'X\r'])
            sim.wait_request(b'C\r')
            with self.assertRaises(AssertionError):
                sim.wait_request(b'Y\r', timeout=0.01)

    def test_unknown(self):
        for unknown, expected in (('silence', 'silence'), ('echo', '"X\\r"'), ('nak', '"NAK\\r"'),
                                  ('(nak', '"(NAK\\r"'), (b'?\r', '"?\\r"')):
            with Simulator(Transcript(), unknown=unknown) as sim:
                self.assertEqual(self.ask(sim.path, b'X\r'), [expected], unknown)

    def test_faults(self):
        """Whatever went wrong, the next answer is the right one."""
        right, other = escape(Q1), escape(b'#220\r')
        expected = {
            'noise': escape(b'\x00\xff~#' + Q1), 'damaged': None, 'garbage': None, 'doubled': right,
            'cut': 'damaged', 'silence': 'silence', 'slow': right, 'late': 'silence', 'echo': '"Q1\\r"',
            'wrong-echo': '"#1\\r"', 'nak': '"NAK\\r"', '(nak': '"(NAK\\r"', 'previous': other,
            'empty': '"\\r"'}
        self.assertEqual(set(expected), set(FAULTS))
        for fault, answer in expected.items():
            with self.subTest(fault), Simulator(Transcript([(b'Q1\r', Q1), (b'F\r', b'#220\r')]),
                                                late=0.3, pause=0.001) as sim:
                self.assertEqual(self.ask(sim.path, b'F\r'), [other])
                sim.fault(fault)
                first, *rest = self.ask(sim.path, b'Q1\r', b'Q1\r', b'F\r')
                if answer:
                    self.assertEqual(first, answer)
                else:
                    self.assertNotEqual(first, right)
                self.assertEqual(rest, [right, other])

    def test_every(self):
        with Simulator(Transcript([(b'Q1\r', Q1)]), every={'nak': 3}) as sim:
            self.assertEqual(self.ask(sim.path, *[b'Q1\r'] * 6), [escape(Q1), escape(Q1), '"NAK\\r"'] * 2)

    def test_hang_up(self):
        with Simulator(Transcript([(b'Q1\r', Q1)])) as sim:
            first = sim.tty
            silent = threading.Thread(target=lambda: (sim.wait_request(b'X\r'), sim.hang_up()))
            silent.start()
            sim.fault('silence')
            self.assertEqual(self.ask(sim.path, b'X\r', b'Q1\r', timeout=10000), ['gone', 'gone'])
            silent.join()
            self.assertFalse(os.path.exists(sim.path))
            sim.hang_up()
            other = os.openpty()    # the next one is to have another name
            sim.come_back()
            self.assertNotEqual(sim.tty, first)
            self.assertEqual(self.ask(sim.path, b'Q1\r'), [escape(Q1)])
            for fd in other:
                os.close(fd)


class Program(unittest.TestCase):
    def test_orders(self):
        program = str(Path(__file__).resolve().parent / 'qxsim.py')
        with subprocess.Popen([sys.executable, program, '--unit', 'megatec', '--log'], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
            self.addCleanup(p.kill)
            watchdog = threading.Timer(60, p.kill)
            watchdog.start()
            self.addCleanup(watchdog.cancel)
            path = p.stdout.readline().strip()
            p.stdin.write('mains off\nstate\nnonsense\nfault echo\n')
            p.stdin.flush()
            self.assertIn('mains=False output=True', p.stdout.readline())
            self.assertEqual(p.stdout.readline(), 'error: nonsense is not known\n')
            p.stdin.write('state\n')
            p.stdin.flush()
            p.stdout.readline()
            r = subprocess.run([Link.probe, path, '5000', b'F\r'.hex()], stdout=subprocess.PIPE, timeout=60,
                               check=True, text=True)
            self.assertEqual(r.stdout, '"F\\r" -> "F\\r"\n')
            self.assertEqual([p.stdout.readline(), p.stdout.readline()], ['< "F\\r"\n', '> "F\\r"\n'])
            p.stdin.write('quit\n')
            p.stdin.close()
            self.assertEqual(p.wait(30), 0)


class Unit(unittest.TestCase):
    def setUp(self):
        self.unit = Megatec(load=50, runtime=600)
        self.unit.speed = 0

    def after(self, seconds):
        """Lets time pass, by all of it."""
        for _ in range(int(seconds)):
            self.unit.start -= 1
            self.unit.last -= 1
            self.unit.speed = 1
            self.unit.advance()
        return self.unit.answer(b'Q1\r').decode().split()

    def test_outage(self):
        self.assertEqual(self.after(1)[-1], '00001001')
        self.unit.outage(10, 60)
        words = self.after(30)
        self.assertEqual((words[0], words[2], words[-1]), ('(000.0', '230.0', '10001001'))
        self.assertLess(float(words[5]), 26)
        self.assertEqual(self.after(60)[-1], '00001001')

    def test_empty_and_back(self):
        self.unit.mains = False
        while self.unit.charge > self.unit.LOW:
            self.after(10)
        self.assertEqual(self.after(1)[-1], '11001001')
        while not self.unit.dead:
            self.unit.start -= 10
            self.unit.last -= 10
            self.unit.advance()
        self.assertEqual(self.unit.answer(b'Q1\r'), b'')
        self.unit.mains = True
        self.assertEqual(self.unit.answer(b'Q1\r')[:1], b'(')
        self.assertEqual([word for _, word in self.unit.events], ['off', 'on'])

    def test_shutdown(self):
        self.assertEqual(self.unit.answer(b'S.2R0001\r'), b'')
        self.assertEqual(self.after(6)[-1], '00001011')
        self.assertEqual(self.after(8)[2], '000.0')
        self.assertEqual(self.after(62)[2], '230.0')
        self.assertEqual([word for _, word in self.unit.events], ['shutdown', 'off', 'on'])

    def test_stay_off(self):
        self.unit.answer(b'S.1R0000\r')
        self.assertEqual(self.after(100)[2], '000.0')
        self.unit.answer(b'C\r')
        self.assertEqual(self.after(1)[2], '230.0')

    def test_others(self):
        self.unit.answer(b'Q\r')
        self.assertEqual(self.after(1)[-1], '00001000')
        self.unit.answer(b'T\r')
        self.assertEqual(self.after(1)[-1], '00001100')
        self.unit.answer(b'CT\r')
        self.assertEqual(self.after(1)[-1], '00001000')
        self.unit.answer(b'T02\r')
        self.assertEqual(self.after(100)[-1], '00001100')
        self.assertEqual(self.after(30)[-1], '00001000')
        self.assertIsNone(self.unit.answer(b'QGS\r'))


class Data(unittest.TestCase):
    """All transcripts, over a terminal and as recordings."""
    folder = None

    def test_all(self):
        for path in sorted(Path(self.folder, 'qx').glob('*/*')) if self.folder else []:
            transcript = Transcript.load(path, comments=True)
            requests = [request for request, replies in transcript.answers.items() for _ in replies]
            if not requests:
                continue
            with self.subTest(path.name), tempfile.NamedTemporaryFile('w') as f:
                f.write(transcript.recording())
                f.flush()
                self.assertEqual(Transcript.load(f.name).answers, transcript.answers)
                self.check(f.name, transcript, requests)

    def check(self, recording, transcript, requests):
        expected = [self.expected(transcript.answer(request)) for request in requests]
        played = subprocess.run([Link.probe, recording, '0', *(request.hex() for request in requests)],
                                stdout=subprocess.PIPE, timeout=60, check=True, text=True)
        self.assertEqual([line.partition(' -> ')[2] for line in played.stdout.splitlines()], expected)

    @staticmethod
    def expected(reply):
        return 'silence' if not reply else escape(reply.partition(b'\r')[0] + b'\r') if b'\r' in reply else \
            'damaged'


if __name__ == '__main__':
    Link.probe = sys.argv.pop(1)
    if len(sys.argv) > 1 and not sys.argv[1].startswith('-'):
        Data.folder = sys.argv.pop(1) or None
    unittest.main()
