#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A unit on a serial line behind the whole of Busbar, seen and told by stock clients of NUT.

    test-bus.py
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

from qxsim import Megatec, Simulator  # noqa: E402
from testlib import NutConnection, Testbed, TestCase, run, wait_for  # noqa: E402

QUERIES = {b"Q1\r", b"F\r", b"I\r"}
RATING = b"#230.0 005 24.00 50.0\r"
IDENTITY = b"#MegaTec         BusTest    V1.0      \r"
USERS = """\
[admin]
        password = secret
        actions = SET FSD
        instcmds = ALL
[main]
        password = mainpass
        upsmon primary
"""
MOVING = re.compile(r"driver\.|ups\.status|.*timer|battery\.(charge|runtime|voltage)|input\.|output\.")


class Unit(Megatec):
    """It can be told to refuse."""

    refuses = ()

    def answer(self, request):
        return b"(NAK\r" if request in self.refuses else super().answer(request)


class Bus(TestCase):
    def setUp(self):
        self.unit = Unit(rating=RATING, identity=IDENTITY)
        self.sim = self.enter(Simulator(self.unit))
        section = (f"[ups]\ndriver = nutdrv_qx\nport = {self.sim.path}\npollinterval = 1\n"
                   "protocol = megatec\n")
        self.bed = self.enter(Testbed({"ups.conf": section, "upsd.users": USERS}))
        self.ups = f"ups@localhost:{self.bed.port}"
        self.scratch = self.enter(tempfile.TemporaryDirectory(prefix="busbar-qx-"))

    def upsc(self):
        """What stock upsc shows; nothing while there is nothing."""
        done = run("upsc", self.ups, check=False)
        return dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)

    def status(self):
        return self.upsc().get("ups.status")

    def wait_status(self, pattern):
        wait_for(lambda: re.search(pattern, self.status() or ""), f"the status {pattern}", 60)

    def mains(self, on):
        with self.sim.changed:
            self.unit.advance()
            self.unit.mains = on

    def command(self, *words):
        """Stock upscmd, that waits for what came of it."""
        return run("upscmd", "-w", "-u", "admin", "-p", "secret", self.ups, *words, check=False)

    def assert_sent(self, expected, *words):
        """A command is accepted, with exactly these bytes on the wire."""
        self.sim.clear()
        done = self.command(*words)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, "SUCCESS\n"), words)
        self.assertEqual([r for r in self.sim.requests if r not in QUERIES], expected)

    def upsmon(self):
        """Stock upsmon, which notes what it is told in a file."""
        scratch = Path(self.scratch)
        (scratch / "upsmon.conf").write_text(
            f"MONITOR {self.ups} 1 main mainpass primary\nMINSUPPLIES 1\nPOLLFREQ 1\nPOLLFREQALERT 1\n"
            f"DEADTIME 30\nFINALDELAY 0\nSHUTDOWNCMD \"touch {scratch}/shutdown\"\n"
            f"POWERDOWNFLAG {scratch}/killpower\nNOTIFYCMD {scratch}/notify\nRUN_AS_USER root\n"
            "NOTIFYFLAG ONLINE EXEC\nNOTIFYFLAG ONBATT EXEC\nNOTIFYFLAG LOWBATT EXEC\n", encoding="ascii")
        (scratch / "upsmon.conf").chmod(0o640)
        (scratch / "notify").write_text(f'#!/bin/sh\necho "$NOTIFYTYPE" >>{scratch}/notified\n',
                                        encoding="ascii")
        (scratch / "notify").chmod(0o755)
        name = f"busbar-upsmon-qx-{os.getpid()}"    # its PID file is named by that
        os.makedirs("/run/nut", exist_ok=True)
        self.addCleanup(lambda: Path(f"/run/nut/{name}.pid").unlink(missing_ok=True))
        process = subprocess.Popen([name, "-F", "-p"], executable="/lib/nut/upsmon",
                                   env={**os.environ, "NUT_CONFPATH": self.scratch},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

    def notified(self):
        with contextlib.suppress(FileNotFoundError):
            return Path(self.scratch, "notified").read_text(encoding="ascii").split()
        return []

    def test_outage_and_return(self):
        self.wait_status("OL")
        self.upsmon()

        def logged_in():
            with NutConnection(self.bed.port) as c:
                return c.ask("GET NUMLOGINS ups") == "NUMLOGINS ups 1"
        wait_for(logged_in, "upsmon to be logged in")
        self.mains(False)
        wait_for(lambda: "ONBATT" in self.notified(), "ONBATT")
        self.wait_status("OB")
        shown = self.upsc()
        self.assertEqual((shown["input.voltage"], shown["output.voltage"]), ("0.0", "230.0"))
        self.mains(True)
        wait_for(lambda: "ONLINE" in self.notified(), "ONLINE")
        self.wait_status("OL")
        self.assertEqual(self.upsc()["input.voltage"], "230.0")
        self.assertEqual(self.notified(), ["ONBATT", "ONLINE"])
        self.assertFalse(Path(self.scratch, "shutdown").exists())

    def test_commands(self):
        self.wait_status("OL")
        self.assert_sent([b"Q\r"], "beeper.toggle")
        wait_for(lambda: self.upsc()["ups.beeper.status"] == "disabled", "the beeper to be shown as off")
        self.assert_sent([b"T02\r"], "test.battery.start", "120")
        self.wait_status("CAL")
        self.assert_sent([b"CT\r"], "test.battery.stop")
        self.assert_sent([b"S.5R0003\r"], "shutdown.return")
        self.wait_status("FSD")
        self.assert_sent([b"C\r"], "shutdown.stop")
        self.wait_status("^OL( CHRG)?$")

    def test_refused(self):
        """Who refuses is not said to have done it; nor is anything sent that makes no sense."""
        self.wait_status("OL")
        self.unit.refuses = (b"Q\r", b"C\r")
        for command in ("beeper.toggle", "shutdown.stop"):
            done = self.command(command)
            self.assertNotIn("SUCCESS", done.stdout + done.stderr, command)
            self.assertRegex(done.stdout + done.stderr, "(?i)failed|err|invalid", command)
        self.sim.clear()
        for words in (["test.battery.start", "59"], ["test.battery.start", "x"], ["load.dance"]):
            done = self.command(*words)
            self.assertNotIn("SUCCESS", done.stdout + done.stderr, words)
        self.assertEqual([r for r in self.sim.requests if r not in QUERIES], [])
        self.unit.refuses = ()
        self.assert_sent([b"Q\r"], "beeper.toggle")

    def test_settings(self):
        self.wait_status("OL")

        def write(value):
            return run("upsrw", "-w", "-s", f"ups.delay.shutdown={value}", "-u", "admin", "-p", "secret",
                       self.ups, check=False)
        self.assertIn("ups.delay.shutdown", run("upsrw", self.ups).stdout)
        self.sim.clear()
        done = write(120)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, "SUCCESS\n"))
        self.assertEqual(self.upsc()["ups.delay.shutdown"], "120")
        self.assert_sent([b"S02R0003\r"], "shutdown.return")
        self.assert_sent([b"C\r"], "shutdown.stop")
        done = write(5)
        self.assertNotIn("SUCCESS", done.stdout + done.stderr)
        self.assertEqual(self.upsc()["ups.delay.shutdown"], "120")

    def test_killed(self):
        """As if nothing had been: the same values, none of them from before."""
        self.wait_status("OL")
        before = self.upsc()
        self.mains(False)
        self.wait_status("OB")
        pid = self.service().pid
        self.bed.kill(self.service().name, signal.SIGSTOP)     # it cannot see that mains come back
        self.mains(True)
        self.bed.kill(self.service().name)
        wait_for(lambda: self.service().pid not in (None, pid), "another process")
        wait_for(lambda: "OL" in (self.status() or ""), "the status of now", 60)
        after = self.upsc()
        self.assertEqual(after["input.voltage"], "230.0")
        self.assertEqual({n: v for n, v in after.items() if not MOVING.match(n)},
                         {n: v for n, v in before.items() if not MOVING.match(n)})
        self.assertEqual(set(after), set(before))
        # And it is told things as before.
        self.assert_sent([b"Q\r"], "beeper.toggle")

    def test_silence(self):
        """What is not known any more is not shown, until it is known again."""
        self.wait_status("OL")
        self.sim.fault("silence", times=5)   # three until it counts
        wait_for(lambda: self.status() is None, "no stale values", 60)
        self.wait_status("OL")

    def service(self):
        services = self.bed.launcher.supervisor.services.values()
        return next(service for service in services if service.name.startswith("nutdrv_qx"))


if __name__ == "__main__":
    unittest.main()
