#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The SHUT link against a simulated UPS, with all that goes wrong on a serial line."""

import os
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from recording import STALL, Device  # noqa: E402
from shutsim import NOTIFY, Simulator, frames  # noqa: E402

# UPS { Voltage (report 1), Test (2), a report of 12 bytes (3), Input of PresentStatus (4) }, made longer by
# items that add nothing.
DESCRIPTOR = bytes.fromhex('0584 0904 a101 7508 9501 8501 0930 b102 8502 0958 b102 8503 950c 0931 b102'
                           '8504 9501 0902 8102' + '8503 9500 b103' * 20 + 'c0')


def device():
    return Device(0x0463, 0x0001, 'Ellipse', DESCRIPTOR, vendor='MGE UPS SYSTEMS', serial='AB1',
                  strings={7: 'Li-ion'},
                  features={1: b'\x01\xe6', 2: STALL, 3: b'\x03abcdefghijkl'})


class Shut(unittest.TestCase):
    program = None

    def probe(self, simulator, *commands, level=1):
        r = subprocess.run([self.program, simulator.path, str(level), *commands], stdout=subprocess.PIPE,
                           timeout=60, check=True, text=True)
        return r.stdout.splitlines()

    def check_all(self, **how):
        with Simulator(device(), **how) as sim:
            lines = self.probe(sim, 'get:1', 'get:2', 'get:3', 'set:020a', 'set:0378797a7978787a797a787a79',
                               'get:2', 'get:3', 'string:7')
            self.assertEqual(lines, [
                f'open: 0463:0001 0100 MGE UPS SYSTEMS|Ellipse|AB1 {len(DESCRIPTOR)}',
                'get:1: 01 e6',
                'get:2: EPIPE',
                'get:3: 03 61 62 63 64 65 66 67 68 69 6a 6b 6c',
                'set:020a:', 'set:0378797a7978787a797a787a79:',
                'get:2: 02 0a',
                'get:3: 03 78 79 7a 79 78 78 7a 79 7a 78 7a 79',
                'string:7: Li-ion'])
            return sim

    def test_clean(self):
        sim = self.check_all()
        self.assertEqual(sim.level, 0x18)
        self.assertEqual(sim.written, [b'\x02\x0a', b'\x03xyzyxxzyzxzy'])

    def test_faults(self):
        for every in ({'damage': 5}, {'noise': 2}, {'truncate': 13}, {'nak': 2},
                      {'damage': 3, 'noise': 4, 'nak': 3}):
            with self.subTest(every=every):
                self.check_all(every=every)

    def test_lost(self):
        """Without its frame or acknowledgement, a request is made again."""
        for every in ({'lose': 31}, {'lose-ack': 9}):
            with self.subTest(every=every):
                self.check_all(every=every)

    def test_early_device(self):
        """It answers to one of the sync bytes only."""
        with Simulator(device(), echoes=(0x16,)) as sim:
            self.assertEqual(self.probe(sim, 'get:1')[1], 'get:1: 01 e6')
            self.assertEqual(sim.level, 0x16)

    def test_second_descriptor(self):
        with Simulator(device(), release=0x0202) as sim:
            self.assertEqual(self.probe(sim)[0].split()[2], '0202')

    def test_silent(self):
        with Simulator(device()) as sim:
            sim.hang = True
            start = time.monotonic()
            self.assertEqual(self.probe(sim), ['open: ETIMEDOUT'])
            self.assertLess(time.monotonic() - start, 10)

    def start_probe(self, sim, *commands, level):
        return subprocess.Popen([self.program, sim.path, str(level), *commands], stdout=subprocess.PIPE,
                                text=True)

    def test_hang(self):
        """A device that stops answering costs a limited time."""
        with Simulator(device()) as sim:
            sim.hang_on = 3
            with self.start_probe(sim, 'get:1', 'get:3', 'get:1', level=1) as probe:
                self.assertTrue(probe.stdout.readline().startswith('open'))
                self.assertEqual(probe.stdout.readline(), 'get:1: 01 e6\n')
                start = time.monotonic()
                self.assertEqual(probe.stdout.readline(), 'get:3: ETIMEDOUT\n')
                self.assertLess(time.monotonic() - start, 9)
                sim.hang = False
                self.assertEqual(probe.stdout.readline(), 'get:1: 01 e6\n')

    def test_reports(self):
        """Reports that come unasked, one of them longer than a frame, also between other things."""
        with Simulator(device()) as sim:
            with self.start_probe(sim, 'wait', 'wait', 'get:1', level=2) as probe:
                self.assertTrue(probe.stdout.readline().startswith('open'))
                self.assertEqual(sim.level, 0x17)
                sim.notify(b'\x04\x01')
                sim.notify(b'\x03mnopqrstuvwx')
                self.assertEqual(probe.stdout.readline(), 'wait: 04 01\n')
                self.assertEqual(probe.stdout.readline(), 'wait: 03 6d 6e 6f 70 71 72 73 74 75 76 77 78\n')
                self.assertEqual(probe.stdout.readline(), 'get:1: 01 e6\n')

    def notify_frame(self, sim, frame, pause=0.0):
        """One frame alone, as if the others had been lost, or our answer."""
        time.sleep(pause)
        with sim.lock:
            os.write(sim.master, frame)

    def check_notifications(self, *sent, expected):
        """Frames with pauses before them; then a report that must come through."""
        with Simulator(device()) as sim:
            with self.start_probe(sim, *['wait'] * (len(expected) + 1), level=3) as probe:
                self.assertTrue(probe.stdout.readline().startswith('open'))
                for pause, frame in sent:
                    self.notify_frame(sim, frame, pause)
                self.notify_frame(sim, frames(NOTIFY, b'\x04\x07')[0], 0.7)
                for report in (*expected, b'\x04\x07'):
                    self.assertEqual(probe.stdout.readline(), f'wait: {report.hex(" ")}\n')

    def test_broken_reports(self):
        """What was lost on the way never becomes part of another report."""
        long = b'\x03mnopqrstuvwx'
        first, last = frames(NOTIFY, long)
        other = frames(NOTIFY, b'\x04\x01')[0]
        damaged = last[:-1] + bytes([last[-1] ^ 0x55])
        cases = {
            'the rest is lost': ([(0, first), (0.7, other)], [b'\x04\x01']),
            'the rest is damaged': ([(0, first), (0, damaged), (0, other)], []),
            'damaged, and again': ([(0, first), (0, damaged), (0, last)], []),
            'the first comes twice': ([(0, first), (0.3, first), (0, last)], [long]),
            'the last comes twice': ([(0, first), (0, last), (0.3, last)], [long]),
            'the last alone': ([(0, last)], []),
            'two in one': ([(0, first), (0, first), (0, last)], []),
            'too long': ([(0, frames(NOTIFY, b'\x04\x01\x02')[0])], []),
            'no such report': ([(0, frames(NOTIFY, b'\x09\x01')[0])], []),
            'the same again': ([(0, other), (0.3, other)], [b'\x04\x01'] * 2),
        }
        for name, (sent, expected) in cases.items():
            with self.subTest(name):
                self.check_notifications(*sent, expected=expected)

    def test_unplugged(self):
        with Simulator(device()) as sim:
            with self.start_probe(sim, 'wait', 'get:1', level=3) as probe:
                self.assertTrue(probe.stdout.readline().startswith('open'))
                threading.Timer(0.1, sim.unplug).start()
                self.assertEqual(probe.stdout.readline(), 'wait: ENODEV\n')
                self.assertEqual(probe.stdout.readline(), 'get:1: ENODEV\n')


if __name__ == '__main__':
    Shut.program = sys.argv.pop(1)
    unittest.main()
