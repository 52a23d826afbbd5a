#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""nutdrv_hashx as a process, on a serial line.

    test-hashx.py DRIVER
"""

import re
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "src" / "kit")]

from driver_testlib import SocketClient, TestCase, wait_for  # noqa: E402
from qxsim import FAULTS, Simulator, Transcript  # noqa: E402

DRIVER = sys.argv[1]
RECORDING = HERE / "serial" / "hashx.recording"
QUERIES = re.compile(rb"(B|X[0-9]+|K19:.*)\r")
ORDERS = {
    "beeper.enable": b"K60:1\r", "beeper.disable": b"K60:0\r", "experimental.test.beeper.start": b"AU\r",
    "experimental.test.beeper.stop": b"KA\r", "test.battery.start.deep": b"AH\r",
    "test.battery.start.quick": b"A\r", "test.battery.stop": b"KA\r", "calibrate.start": b"AH\r",
    "calibrate.stop": b"KA\r",
}


def expected():
    text = RECORDING.with_suffix(".expected").read_text(encoding="utf-8")
    return dict(line.split(": ", 1) for line in text.splitlines())


class Hashx(TestCase):
    driver = DRIVER

    def setUp(self):
        super().setUp()
        self.unit = Transcript.load(RECORDING)
        self.sim = self.stack.enter_context(Simulator(self.unit, unknown=b"#-1\r"))

    def serve(self):
        self.configure(f"[ups]\ndriver = nutdrv_hashx\nport = {self.sim.path}\nmaxretry = 100\n")
        process = self.start("-FF", "-a", "ups")
        self.wait_notified("READY=1")
        client = self.stack.enter_context(SocketClient(self.path("nutdrv_hashx-ups")))
        client.socket.settimeout(60)
        return process, client

    def shown(self, client):
        client.say("DUMPALL")
        lines = client.until("DUMPDONE")
        found = [re.fullmatch(r'SETINFO (\S+) "(.*)"', line) for line in lines]
        return {m[1]: m[2] for m in found if m}

    def orders(self):
        return [r for r in self.sim.requests if not QUERIES.fullmatch(r)]

    def tell(self, client, command, number):
        client.say(f"INSTCMD {command} TRACKING {number}")
        for line in iter(client.line, ""):
            if line.startswith(f"TRACKING {number} "):
                return line.split()[2]
        return None

    def test_variables(self):
        _, client = self.serve()
        shown = self.shown(client)
        for name, value in expected().items():
            if not name.startswith("device."):
                self.assertEqual(shown.get(name), value, name)
        self.assertEqual(self.orders(), [])

    def test_commands(self):
        _, client = self.serve()
        for order in ORDERS.values():
            self.unit.answers[order] = [b"#0\r"]
        for number, (command, order) in enumerate(ORDERS.items()):
            self.sim.clear()
            self.assertEqual(self.tell(client, command, number), "0", command)
            self.assertEqual(self.orders(), [order], command)

    def test_refused(self):
        """And a command that gets no answer was not done."""
        _, client = self.serve()
        for answer in (b"#-1\r", b"#-13\r", b""):
            self.unit.answers[b"A\r"] = [answer]
            self.sim.clear()
            self.assertNotEqual(self.tell(client, "test.battery.start.quick", len(answer)), "0", answer)
            self.assertEqual(set(self.orders()), {b"A\r"})
        self.assertEqual(self.shown(client)["ups.status"], "OL")

    def test_noise(self):
        """Whatever comes over the line, nothing else is shown than what the unit says."""
        process, client = self.serve()
        clean = self.shown(client)
        for fault in FAULTS:
            # A damaged digit is one that the device might have sent: nothing in the line tells.
            if fault != "damaged":
                self.sim.fault(fault)
        wait_for(lambda: not self.sim.ordered, "the end of all faults", timeout=120)
        self.unit.answers[b"B\r"] = [reply.replace(b"I239.0", b"I238.0") for reply in
                                     self.unit.answers[b"B\r"]]
        for line in iter(client.line, None):
            match = re.fullmatch(r'SETINFO (\S+) "(.*)"', line)
            if match and match.groups() == ("input.voltage", "238.0"):
                break
            if match and not match[1].startswith("driver."):
                self.assertEqual(clean.get(match[1]), match[2], line)
        self.assertIsNone(process.popen.poll())

    def test_another_device(self):
        """One that greets in another way is none."""
        for request in (b"X19\r", b"K19:OoNUTisAMAZINGoO\r"):
            self.unit.answers[request] = [b"#12\r"]
            done = self.run_driver("-s", "t", "-x", f"port={self.sim.path}", "-d", "1")
            self.assertEqual(done.returncode, 1)
            self.assertIn("it does not speak the protocol hashx", done.stderr)
            self.assertNotIn("voltage", done.stdout)
        self.assertEqual(self.orders(), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
