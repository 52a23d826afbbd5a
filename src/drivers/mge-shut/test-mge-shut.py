#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""mge-shut on simulated devices. Usage: test-mge-shut.py MGE-SHUT TEST-MGE-SHUT RECORDINGS"""

import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "src" / "kit"), str(ROOT / "tests" / "hid")]

from driver_testlib import SocketClient, TestCase  # noqa: E402
import recording  # noqa: E402
from shutsim import Simulator  # noqa: E402

CONTRACT, RECORDINGS = sys.argv[2], Path(sys.argv[3])

# What stock NUT 2.8 knows, with a value that it takes.
STOCK_OPTIONS = """\
lowbatt = 30
offdelay = 20
ondelay = 30
pollfreq = 30
interrupt_pipe_no_events_tolerance = 3
onlinedischarge
onlinedischarge_onbattery
onlinedischarge_calibration
onlinedischarge_log_throttle_sec = -5
onlinedischarge_log_throttle_hovercharge = 90
lbrb_log_delay_sec = 3
lbrb_log_delay_without_calibrating
disable_fix_report_desc
powercom_sdcmd_byte_order_fallback
powercom_sdcmd_discrete_delay
notification = 2
"""


def mge():
    return recording.load(RECORDINGS / "mge.recording")


# A device with one status byte: on line, discharging; and a charge.
SMALL = bytes.fromhex(
    "058409 04a101 05840924 a102 8501 0585 1500 2564 7508 9501 0966 b102"
    "0584 0902 a102 8502 0585 1500 2501 7501 9501 09d0 b102 09d0 8102 0945 b102 0945 8102"
    "7506 9501 b103 8103 c0 8503 0584 15ff 257f 7508 0957 b102 c0c0")


def small():
    return recording.Device(0x0463, 0x0001, "Small", SMALL, vendor="MGE UPS SYSTEMS",
                            features={1: b"\x01\x50", 2: b"\x02\x01", 3: b"\x03\xff"})


def parse_dump(text):
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


class ShutTest(TestCase):
    driver = sys.argv[1]

    def simulate(self, device, **how):
        return self.stack.enter_context(Simulator(device, **how))

    def dump(self, port, *options):
        words = [word for option in options for word in ("-x", option)]
        return self.run_driver("-s", "t", "-x", f"port={port}", *words, "-d", "1")

    def serve(self, sim, options=""):
        self.configure(f"[ups]\ndriver = mge-shut\nport = {sim.path}\n{options}\n")
        process = self.start("-FF", "-a", "ups")
        self.wait_notified("READY=1")
        return process, self.stack.enter_context(SocketClient(self.path("mge-shut-ups")))

    def wait_line(self, client, pattern):
        while True:
            line = client.line()
            self.assertTrue(line, f"no line {pattern}")
            if re.search(pattern, line):
                return line

    def test_contract(self):
        ports = [self.simulate(mge()).path for _ in range(2)]
        # Without caches, so that what is not given back shows exactly.
        environment = self.environment | {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
        done = subprocess.run([CONTRACT, *ports], env=environment, capture_output=True, text=True,
                              timeout=600, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_same_as_over_usb(self):
        """The variables are those that the recording shows with usbhid-ups."""
        done = self.dump(self.simulate(mge()).path)
        self.assertEqual(done.returncode, 0, done.stderr)
        shown = parse_dump(done.stdout)
        expected = parse_dump((RECORDINGS / "mge.expected").read_text(encoding="utf-8"))
        self.assertEqual({name: shown.get(name) for name in expected}, expected)
        self.assertEqual(shown["driver.name"], "mge-shut")

    def test_bad_line(self):
        done = self.dump(self.simulate(small(), every={"damage": 5, "noise": 3, "nak": 4}).path)
        self.assertEqual(parse_dump(done.stdout)["battery.charge"], "80", done.stderr)

    def test_news(self):
        """No poll is near: what the device says by itself is enough, if that is asked for."""
        sim = self.simulate(small())
        _, client = self.serve(sim, "pollinterval = 300\npollfreq = 300\nnotification = 3\n")
        self.assertEqual(sim.level, 0x16)
        client.say("DUMPALL")
        self.assertIn('SETINFO ups.status "OL"', client.until("DUMPDONE"))
        sim.notify(b"\x02\x02")
        self.wait_line(client, r'SETINFO ups\.status ".*\bOB\b')

    def test_hang(self):
        """A device that falls silent is stale, and fresh when it speaks again."""
        sim = self.simulate(small())
        process, client = self.serve(sim, "pollinterval = 1\nmaxretry = 1\n")
        sim.hang = True
        client.say("DUMPALL")
        client.until("DUMPDONE")
        client.socket.settimeout(60)
        self.wait_line(client, "^DATASTALE$")
        sim.hang = False
        self.wait_line(client, "^DATAOK$")
        self.assertIsNone(process.popen.poll())

    def test_commands(self):
        """What is written arrives as it is meant."""
        sim = self.simulate(small())
        _, client = self.serve(sim)
        client.say("DUMPALL")
        self.assertIn("ADDCMD load.off.delay", client.until("DUMPDONE"))
        client.say("INSTCMD load.off.delay 45 TRACKING 1")
        self.wait_line(client, "^TRACKING 1 0")
        self.assertEqual(sim.written, [b"\x03\x2d"])

    def test_power_off(self):
        """The load is cut by a device that has neither shutdown.return nor shutdown.stayoff."""
        sim = self.simulate(small())
        recorded = self.path("recorded")
        self.configure(f"[ups]\ndriver = mge-shut\nport = {sim.path}\nrecord = {recorded}\n")
        done = self.run_driver("-a", "ups", "-k")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sim.written, [b"\x03\x14"])
        self.assertFalse(Path(recorded).exists())

    def test_interrupt_only_without_news(self):
        """A device that is told to be silent has to be asked."""
        sim = self.simulate(small())
        process, client = self.serve(sim, "pollinterval = 1\ninterruptonly\n")
        client.say("DUMPALL")
        client.until("DUMPDONE")
        sim.device.features[2] = b"\x02\x02"
        self.wait_line(client, r'SETINFO ups\.status ".*\bOB\b')
        self.assertIn("interruptonly is without effect", process.output())

    def test_unplugged(self):
        sim = self.simulate(small())
        process, client = self.serve(sim)
        sim.unplug()
        process.wait_output("No device at")
        self.assertIsNone(process.popen.poll())

    def test_nobody_there(self):
        silent = self.simulate(small())
        silent.hang = True
        cases = ((silent.path, f"Nothing at {silent.path} answers"),
                 ("/dev/null", "/dev/null is no serial port"),
                 ("/nonexistent", "Cannot open the port: there is no /nonexistent"))
        for port, text in cases:
            with self.subTest(port):
                done = self.dump(port)
                self.assertEqual(done.returncode, 1)
                self.assertIn(text, done.stderr)

    def test_second_program(self):
        sim = self.simulate(small())
        self.serve(sim)
        self.assertRegex(self.dump(sim.path).stderr, rf"{sim.path} is in use by PID \d+ \(mge-shut")

    def test_stock_options(self):
        sim = self.simulate(small())
        self.configure(f"[ups]\ndriver = mge-shut\nport = {sim.path}\n{STOCK_OPTIONS}")
        done = self.run_driver("-a", "ups", "-d", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("ups.conf:", done.stderr)
        self.assertEqual(sim.level, 0x17)
        self.assertNotIn("ups.conf:", self.dump(sim.path, "pollonly").stderr)
        self.assertEqual(sim.level, 0x18)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
