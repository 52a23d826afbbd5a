#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lines over USB: each way against a simulated device of its kind, without a kernel.

Usage: test-line-usb.py PROBE [TEST...]"""

import contextlib
import subprocess
import sys
import unittest

import qxusb
from qxusb import Transcript
from units import make
from usbip_server import Server

Q1 = b"(230.1 000.0 229.8 016 50.0 27.0 25.0 00001001\r"
F = b"#230.0 004 024.0 50.0\r"
VENDOR = b"#Busbar          Simulated V1.0      \r"
PAIRS = ((b"Q1\r", Q1), (b"F\r", F), (b"I\r", VENDOR))
# What the devices of these ways cannot be told.
NO_TESTS = ("fabula", "hunnox", "snr")
# Frames as they were logged of a device, USB 0925:1234; the end of the second answer is of our own.
ARMAC_FRAMES = [bytes.fromhex(frame) for frame in (
    "81 28 30 31 30 30|c1 32 30 31 30 30|82 33 33 31 30 30|c3 2e 30 20 30 30|82 30 30 20 30 30|"
    "c1 30 30 20 30 30|82 2e 30 20 30 30|c3 20 32 33 30 30|83 32 2e 30 30 30|c1 20 2e 30 30 30|"
    "81 30 2e 30 30 30|c2 31 35 30 30 30|83 20 35 30 30 30|c2 2e 30 30 30 30|81 20 30 30 30 30|"
    "c2 32 37 30 30 30|83 2e 30 20 30 30|c3 32 30 2e 30 30|81 38 30 2e 30 30|c1 20 30 2e 30 30|"
    "82 30 30 2e 30 30|c3 30 30 31 30 30|83 30 30 31 30 30|c1 0d 30 31 30 30"
).split("|")]


class Probe:
    """The program that asks."""

    def __init__(self, server, way, *options):
        self.process = subprocess.Popen([sys.argv[1], str(server.number), way, *options], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, line):
        """Bytes, None for no answer, or the name of an error."""
        self.process.stdin.write(line.hex() + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer == "none":
            return None
        return answer if answer.startswith("E") else bytes.fromhex(answer)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(20)


class TestLineUsb(unittest.TestCase):
    def start(self, kind, *options, pairs=PAIRS, **more):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        device = kind(Transcript(pairs), **more)
        server = stack.enter_context(Server([device]))
        probe = Probe(server, kind.way, *options)
        stack.callback(probe.close)
        return device, probe, server

    def test_queries(self):
        for kind in qxusb.KINDS:
            with self.subTest(kind.__name__):
                device, probe, _ = self.start(kind)
                for line, answer in (*PAIRS, PAIRS[0]):
                    self.assertEqual(probe.ask(line), answer)
                if kind is not qxusb.Hunnox:
                    self.assertEqual(device.lines, [b"Q1\r", b"F\r", b"I\r", b"Q1\r"])

    def test_commands(self):
        for kind in qxusb.KINDS:
            with self.subTest(kind.__name__):
                device, probe, _ = self.start(kind, "timeout=120",
                                              pairs=(*PAIRS, (b"Q\r", b""), (b"T\r", b"")))
                known = kind.way != "snr"
                self.assertEqual(probe.ask(b"Q\r"), None if known else "EPIPE")
                self.assertEqual(device.lines[-1:], [b"Q\r"] if known else [])
                device.lines.clear()
                known = kind.way not in NO_TESTS
                self.assertEqual(probe.ask(b"T\r"), None if known else "EPIPE")
                self.assertEqual(device.lines, [b"T\r"] if known else [])
                self.assertEqual(probe.ask(b"Q1\r"), Q1)

    def test_delays(self):
        lines = (b"S.5R0001\r", b"S.9R0001\r", b"S01R0001\r", b"S10R0001\r", b"S02R0000\r")
        for kind in (qxusb.Fabula, qxusb.Hunnox):
            device, probe, _ = self.start(kind)
            for line in lines:
                self.assertIsNone(probe.ask(line))
                self.assertEqual(device.lines[-1], line)
            for line, same in ((b"S.2\r", b"S.5R0001\r"), (b"S03\r", b"S03R0001\r"),
                               (b"S20R0003\r", b"S10R0001\r"), (b"S05R000\r", b"S05R0000\r")):
                self.assertIsNone(probe.ask(line))
                self.assertEqual(device.lines[-1], same)
            device.lines.clear()
            for line in (b"S\r", b"SR1\r", b"S.\r"[:2] + b"x\r", b"S1R\r", b"S1Rx\r", b"X\r", b"Q11\r"):
                self.assertEqual(probe.ask(line), "EPIPE", line)
            self.assertEqual(device.lines, [])

    def test_fuji_lines(self):
        device, probe, _ = self.start(qxusb.Fuji)
        for line, sent in ((b"S.5R0003\r", b"S.5\r"), (b"S02\r", b"S02\r"), (b"C\r", b"C\r")):
            self.assertIsNone(probe.ask(line))
            self.assertEqual(device.lines[-1], sent)
        device.lines.clear()
        self.assertEqual(probe.ask(b"S02R0000\r"), "EPIPE")
        self.assertEqual(probe.ask(b"QPI0\r"), "EPIPE")
        self.assertEqual(device.lines, [])
        probe.ask(b"Q1\r")
        self.assertEqual(device.writes[-1][1], b"\x80\x06\x03\x03Q1\0\x2f")

    def test_frames_on_the_wire(self):
        shutdown = b"S.5R0001\r"
        wanted = {
            qxusb.Cypress: [b"S.5R0001", b"\r\0\0\0\0\0\0\0"],
            qxusb.Omron: [b"S.5R0001\r\0\0\0\0\0\0\0"],
            qxusb.Sgs: [b"\7S.5R000", b"\x021\r\0\0\0\0\0"],
            qxusb.Armac: [b"\xa3S.5", b"\xa3R00", b"\xa301\r"],
            qxusb.ArmacNewer: [b"\xa9S.5R0001\r"],
            qxusb.Phoenixtec: [shutdown],
            qxusb.Ablerex: [b"\5\0\x09S.5R0001\r" + bytes(35)],
        }
        for kind, frames in wanted.items():
            with self.subTest(kind.__name__):
                device, probe, _ = self.start(kind, "timeout=300", pairs=((shutdown, b""),))
                self.assertIsNone(probe.ask(shutdown))
                self.assertEqual([data for _, data in device.writes], frames)

    def test_refused_without_a_word(self):
        device, probe, _ = self.start(qxusb.Armac)
        self.assertEqual(probe.ask(b"QGS\r"), "EPIPE")
        self.assertEqual(device.lines, [])

    def trouble(self, kind):
        """Cut, doubled, late and garbled answers, silence, and each time the next one is right."""
        device, probe, _ = self.start(kind, "timeout=200")
        self.assertEqual(probe.ask(b"Q1\r"), Q1)
        device.skew = lambda packets: packets[:-2]
        self.assertEqual(probe.ask(b"Q1\r"), "EBADMSG")
        device.skew = lambda packets: packets + packets
        self.assertEqual(probe.ask(b"Q1\r"), Q1)
        device.skew = lambda packets: []
        self.assertIsNone(probe.ask(b"F\r"))
        device.skew = None
        for packet in device.packets(Q1):
            device.send(packet)
        self.assertEqual(probe.ask(b"I\r"), VENDOR)
        device.faults.hang = True
        self.assertEqual(probe.ask(b"Q1\r"), "EIO")
        device.faults.clear()
        self.assertEqual(probe.ask(b"F\r"), F)

    def test_trouble(self):
        for kind in (qxusb.Cypress, qxusb.Phoenix, qxusb.Fuji, qxusb.Phoenixtec, qxusb.Armac):
            with self.subTest(kind.__name__):
                self.trouble(kind)

    def test_not_written(self):
        """What the device did not take is no silence, which may mean that a command was obeyed."""
        for kind, line in ((qxusb.Cypress, b"S.5R0001\r"), (qxusb.Ablerex, b"C\r"), (qxusb.Fuji, b"C\r"),
                           (qxusb.Phoenixtec, b"C\r"), (qxusb.Armac, b"C\r"), (qxusb.ArmacNewer, b"C\r"),
                           (qxusb.Fabula, b"C\r"), (qxusb.Krauler, b"C\r"), (qxusb.Hunnox, b"S.5R0001\r")):
            with self.subTest(kind.__name__):
                device, probe, _ = self.start(kind, "timeout=200")
                self.assertEqual(probe.ask(b"Q1\r"), Q1)
                device.faults.hang = True
                self.assertEqual(probe.ask(line), "EIO")
                if kind is qxusb.Krauler:
                    self.assertIsNone(probe.ask(b"Q1\r"))

    def test_torn(self):
        """Part of a request that failed is made nonsense of, and does not get into the next one."""
        for kind, frames, torn in ((qxusb.Cypress, 1, b"S.5R0003?\r"), (qxusb.Armac, 1, b"S.5?\r"),
                                   (qxusb.Sgs, 1, b"S.5R000?\r"), (qxusb.Cypress, 0, b"?\r")):
            with self.subTest(kind.__name__):
                device, probe, _ = self.start(kind, "timeout=300")
                device.deaf_after = frames
                self.assertEqual(probe.ask(b"S.5R0003\r"), "EIO")
                self.assertEqual(probe.ask(b"Q1\r"), "EIO")
                device.deaf_after = None
                for line, answer in PAIRS:
                    self.assertEqual(probe.ask(line), answer)
                self.assertEqual(device.lines, [torn, b"Q1\r", b"F\r", b"I\r"])

    def test_end_optional(self):
        pairs = (*PAIRS, (b"T\r", b"ACK"))
        for kind in (qxusb.Ablerex, qxusb.Cypress, qxusb.Phoenixtec, qxusb.Omron):
            with self.subTest(kind.__name__):
                _, probe, _ = self.start(kind, "optional", "timeout=200", pairs=pairs)
                self.assertEqual(probe.ask(b"T\r"), b"ACK\r")
                self.assertEqual(probe.ask(b"Q1\r"), Q1)
        _, probe, _ = self.start(qxusb.Ablerex, pairs=pairs)
        self.assertEqual(probe.ask(b"T\r"), "EBADMSG")

    def test_no_end(self):
        """Where an answer may lack its end, a cut one looks whole but for its length."""
        for kind in (qxusb.Ippon, qxusb.Omron, qxusb.Sgs, qxusb.Fabula, qxusb.Krauler):
            with self.subTest(kind.__name__):
                device, probe, _ = self.start(kind)
                device.skew = lambda packets: [packet.replace(b"\r", b"\0") for packet in packets]
                self.assertEqual(probe.ask(b"Q1\r"), Q1)
                self.assertEqual(probe.ask(b"F\r"), F)

    def test_nothing_to_say(self):
        device, probe, _ = self.start(qxusb.Ippon)
        device.skew = lambda packets: [b"\0\r" + bytes(62)]
        self.assertIsNone(probe.ask(b"Q1\r"))

    def test_bytes_that_look_like_an_end(self):
        answer = b"#\x0d\x00\x0d \x01\r"
        _, probe, _ = self.start(qxusb.Cypress, "binary=6", pairs=((b"QS\r", answer),))
        self.assertEqual(probe.ask(b"QS\r"), answer)

    def test_armac_frames(self):
        device, probe, _ = self.start(qxusb.Armac)
        device.skew = lambda packets: ARMAC_FRAMES
        self.assertEqual(probe.ask(b"Q1\r"), b"(233.0 000.0 232.0 015 50.0 27.0 20.8 00001001\r")
        device, probe, _ = self.start(qxusb.ArmacNewer, "timeout=300")
        # Zero bytes: among the bits of the state, at the end, and in front of everything.
        for packets, wanted in (
                ([b"\xaf" + Q1[:38] + b"\0" + Q1[39:]], Q1),
                ([b"\xaf" + Q1[:46] + b"\0"], Q1),
                ([b"\x9e" + Q1[:20] + b"\0" + Q1[21:30]], Q1[:20] + b"\r"),
                ([b"\x80" + bytes(5), b"\x83" + bytes(5), b"\xaf" + Q1], Q1),
                ([b"\x83" + bytes(5)], None)):
            device.skew = lambda _, packets=packets: packets
            self.assertEqual(probe.ask(b"Q1\r"), wanted)

    def test_language(self):
        device, probe, _ = self.start(qxusb.Krauler, "language=0x4095")
        self.assertEqual(probe.ask(b"Q1\r"), Q1)
        self.assertEqual(device.languages, {0x4095})
        self.assertEqual(device.asked, [3])
        device, probe, _ = self.start(qxusb.Krauler)
        self.assertEqual((probe.ask(b"Q1\r"), probe.ask(b"Q1\r")), (Q1, Q1))
        self.assertEqual(device.asked, [0, 3, 3])

    def test_no_ack(self):
        """A query is asked again, a command is not."""
        device, probe, _ = self.start(qxusb.Krauler)
        answers = [b"ups no ack\r", b"UPS No Ack", Q1]
        device.skew = lambda packets: [answers.pop(0)]
        self.assertEqual(probe.ask(b"Q1\r"), Q1)
        device.lines.clear()
        device.skew = None
        self.assertIsNone(probe.ask(b"Q\r"))
        self.assertEqual(device.lines, [b"Q\r"])

    def test_order(self):
        device, probe, _ = self.start(qxusb.Hunnox, pairs=(*PAIRS, (b"BL\r", b"BL088\r")))
        for line, wanted in ((b"Q1\r", Q1), (b"BL\r", b"BL088\r"), (b"Q1\r", Q1), (b"Q1\r", Q1)):
            self.assertEqual(probe.ask(line), wanted)
        self.assertEqual([index for index in device.asked if index > 2], [3, 13, 0xf3, 3, 12, 3])
        device, probe, _ = self.start(qxusb.Hunnox, "novendor")
        for _ in range(7):
            self.assertEqual(probe.ask(b"Q1\r"), Q1)
        self.assertNotIn(12, device.asked)

    def test_made_by_name(self):
        device = make("qx:sgs,serial=A1")
        self.addCleanup(device.close)
        self.assertEqual((device.way, device.strings[3]), ("sgs", "A1"))
        self.assertEqual(device.command(["mains", "off"]), "ok")
        self.assertTrue(device.unit.answer(b"Q1\r").startswith(b"(000.0"))
        self.assertRaises(ValueError, make, "qx:serial")

    def test_unplugged(self):
        for kind in (qxusb.Cypress, qxusb.Krauler, qxusb.Ablerex, qxusb.Fuji):
            _, probe, server = self.start(kind)
            self.assertEqual(probe.ask(b"Q1\r"), Q1)
            server.unplug()
            self.assertEqual(probe.ask(b"Q1\r"), "ENODEV")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
