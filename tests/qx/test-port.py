#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A serial port behind the whole of Busbar: it stays open over restarts, hangs up and comes back.

    test-port.py DRIVER
"""

import fcntl
import os
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

from qxsim import Megatec, Simulator  # noqa: E402
from testlib import Testbed, TestCase, nut_request, wait_for  # noqa: E402

SECTION = "[ups]\ndriver = nutdrv_qx\nport = {}\npollinterval = 1\n"
SPARE = "[spare]\ndriver = dummy-ups\nport = spare.dev\n"


class Port(TestCase):
    def setUp(self):
        super().setUp()
        self.sim = self.enter(Simulator(Megatec()))
        self.bed = self.enter(Testbed({"ups.conf": SECTION.format(self.sim.path) + SPARE,
                                       "spare.dev": "ups.status: OL\n"}))
        self.wait_status("OL")

    def status(self):
        return nut_request(self.bed.port, "GET VAR ups ups.status")[0]

    def wait_status(self, status):
        wait_for(lambda: self.status() == f'VAR ups ups.status "{status}"', f"the status {status}", 60)

    def wait_answer(self, answer):
        wait_for(lambda: self.status() == answer, answer, 60)

    def service(self):
        services = self.bed.launcher.supervisor.services.values()
        return next(service for service in services if service.name.startswith("nutdrv_qx"))

    def stored(self):
        return [(name, os.readlink(f"/proc/self/fd/{fd}")) for name, fd in self.service().stored.items()]

    def kept(self):
        return [("node.ups", self.sim.tty)]

    def test_restart(self):
        wait_for(lambda: self.stored() == self.kept(), "the port to be kept")
        fd = self.service().stored.items()[0][1]
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_APPEND)    # a mark
        for how in (self.bed.kill, self.bed.restart):
            pid = self.service().pid
            how(self.service().name)
            wait_for(lambda old=pid: self.service().pid not in (None, old), "another process")
            self.sim.clear()
            self.sim.wait_request(b"Q1\r")
            self.wait_status("OL")
            self.assertEqual(self.stored(), self.kept())
            self.assertTrue(fcntl.fcntl(self.service().stored.items()[0][1], fcntl.F_GETFL) & os.O_APPEND)

    def test_hang_up(self):
        self.sim.hang_up()
        self.wait_answer("ERR DRIVER-NOT-CONNECTED")
        wait_for(lambda: self.stored() == [], "the port to be let go")
        other = os.openpty()    # takes the number that the port had
        self.sim.come_back()
        self.wait_status("OL")
        wait_for(lambda: self.stored() == self.kept(), "the port to be kept")
        for fd in other:
            os.close(fd)

    def test_held_by_another(self):
        other = self.enter(Simulator(Megatec()))
        with open(os.open(other.path, os.O_RDWR | os.O_NOCTTY), "rb", buffering=0) as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            self.bed.write("ups.conf", SECTION.format(other.path) + SPARE)
            self.bed.reload()
            self.bed.wait_log(rf"{other.path} is in use by PID {os.getpid()} \(")
            self.assertEqual(other.requests, [])
        other.wait_request(b"Q1\r", timeout=60)
        self.wait_status("OL")

    def test_taken_out(self):
        wait_for(lambda: self.stored() == self.kept(), "the port to be kept")
        service = self.service()
        self.bed.write("ups.conf", SECTION.format(self.sim.path) + "offdelay = 60\n" + SPARE)
        self.bed.reload()
        self.bed.wait_log("Changed in ups.conf")
        self.wait_status("OL")
        self.assertEqual(self.stored(), self.kept())
        self.bed.write("ups.conf", SPARE)
        self.bed.reload()
        self.wait_answer("ERR UNKNOWN-UPS")
        wait_for(lambda: len(service.stored) == 0, "the port to be let go")


if __name__ == "__main__":
    sys.argv[1:2] = []
    unittest.main()
