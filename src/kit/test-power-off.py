#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Option -k of a driver: which of the ways to cut the load it takes, and what it says about mains.
Usage: test-power-off.py TEST-DRIVER TEST-DRIVER-WITHOUT-HOOK"""

import os
import subprocess
import sys
import tempfile
import time
import unittest

COMMANDED, FAILED, ON_LINE = 0, 1, 2
DEVICE = "ups.status OB LB\ncommand shutdown.return\ncommand shutdown.stayoff\ncommand load.off\n"


class TestPowerOff(unittest.TestCase):
    drivers = {}

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="busbar-kit-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.device(DEVICE)

    def path(self, name):
        return os.path.join(self.directory, name)

    def device(self, text):
        with open(self.path("device"), "w", encoding="ascii") as f:
            f.write(text)

    def run_driver(self, driver, *options):
        pairs = [word for option in options for word in ("-x", option)]
        environment = {**os.environ, "NUT_STATEPATH": self.directory, "NUT_CONFPATH": self.directory}
        for variable in ("NOTIFY_SOCKET", "JOURNAL_STREAM", "WATCHDOG_USEC"):
            environment.pop(variable, None)
        return subprocess.run([self.drivers[driver], "-s", "u", "-k", "-x", "port=" + self.path("device"),
                               *pairs], env=environment, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)

    def assert_run(self, driver, options, status, output):
        result = self.run_driver(driver, *options)
        self.assertEqual((result.returncode, result.stdout), (status, output), result.stderr)
        return result.stderr

    def test_defaults(self):
        self.assert_run("hook", [], COMMANDED, "cut u\n")
        self.assert_run("plain", [], COMMANDED, "cut u by shutdown.return\n")
        self.device("ups.status OB\ncommand shutdown.stayoff\n")
        self.assert_run("plain", [], COMMANDED, "cut u by shutdown.stayoff\n")

    def test_sdcommands(self):
        for driver in self.drivers:
            with self.subTest(driver):
                self.assert_run(driver, ["sdcommands=shutdown.stayoff"], COMMANDED,
                                "cut u by shutdown.stayoff\n")
                log = self.assert_run(driver, ["sdcommands=no.such, load.off ,shutdown.return,load.on"],
                                      COMMANDED, "cut u by shutdown.return\n")
                self.assertLess(log.index("no.such did not work"), log.index("load.off did not work"))
                self.assertIn("shutdown.return was accepted", log)
                self.assertNotIn("load.on", log)

    def test_hook_among_sdcommands(self):
        self.assert_run("hook", ["sdcommands=load.off,shutdown.default,shutdown.return"], COMMANDED,
                        "cut u\n")
        self.assert_run("hook", ["shiny", "sdcommands=shutdown.default,shutdown.return"], COMMANDED,
                        "cut u by shutdown.return\n")
        self.assert_run("plain", ["sdcommands=shutdown.default"], FAILED, "")

    def test_failure_and_mains(self):
        for status, code in (("OB LB", FAILED), ("OL", ON_LINE), ("OL CHRG", ON_LINE), ("OL OB", FAILED),
                             ("FSD", FAILED)):
            with self.subTest(status):
                self.device(f"ups.status {status}\ncommand load.off\n")
                self.assertIn("The load is not cut", self.assert_run("hook", ["shiny"], code, ""))
                self.assert_run("hook", ["sdcommands=load.off"], code, "")
                self.assert_run("plain", [], code, "")

    def test_no_device(self):
        os.unlink(self.path("device"))
        self.assert_run("hook", [], FAILED, "")
        self.assert_run("plain", [], FAILED, "")

    def test_broken_device(self):
        self.device("fail\n")
        self.assert_run("plain", [], FAILED, "")

    def test_hung_device(self):
        self.device("hang\n")
        began = time.monotonic()
        self.assert_run("hook", ["shiny"], FAILED, "")
        self.assertLess(time.monotonic() - began, 20)

    def test_one_line_disturbed(self):
        """The first reading fails, the next one does not."""
        self.device("fail\n" + DEVICE)
        command = [self.drivers["plain"], "-s", "u", "-k", "-x", "port=" + self.path("device"),
                   "-x", "pollinterval=1"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            self.assertIn("Input/output error", process.stderr.readline())
            self.device(DEVICE)
            output, log = process.communicate(timeout=30)
        self.assertEqual((process.returncode, output), (COMMANDED, "cut u by shutdown.return\n"), log)


if __name__ == "__main__":
    TestPowerOff.drivers = {"hook": sys.argv[1], "plain": sys.argv[2]}
    unittest.main(argv=sys.argv[:1], verbosity=2)
