#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Option -k of a driver: which of the ways to cut the load it takes, and what it says about mains.
Usage: test-power-off.py TEST-DRIVER WITHOUT-HOOK ON-THREAD WITHOUT-LINE, all of them test drivers"""

import contextlib
import os
import pty
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

    def run_driver(self, driver, *options, arguments=(), limit=None, wrapper=(),
                   stdin=subprocess.DEVNULL):
        pairs = [word for option in options for word in ("-x", option)]
        environment = {**os.environ, "NUT_STATEPATH": self.directory, "NUT_CONFPATH": self.directory}
        for variable in ("NOTIFY_SOCKET", "JOURNAL_STREAM", "WATCHDOG_USEC"):
            environment.pop(variable, None)
        if limit:
            environment["BUSBAR_POWER_OFF_MSEC"] = str(int(limit * 1000))
        if not arguments:
            arguments = ("-s", "u", "-x", "port=" + self.path("device"))
        return subprocess.run([*wrapper, self.drivers[driver], *arguments, "-k", *pairs], env=environment,
                              capture_output=True, text=True, timeout=60, stdin=stdin, check=False)

    def assert_run(self, driver, options, status, output, **kwargs):
        result = self.run_driver(driver, *options, **kwargs)
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

    def test_slow_failure(self):
        """The first command takes longer than a poll interval and fails: the next one is sent."""
        self.device(DEVICE + "slow shutdown.return\n")
        for driver in ("plain", "thread"):
            with self.subTest(driver):
                log = self.assert_run(driver, ["pollinterval=1"], COMMANDED, "cut u by shutdown.stayoff\n")
                self.assertIn("shutdown.return did not work", log)

    def test_stuck_command(self):
        """What comes after a command that never returns is tried on a device that is opened anew."""
        self.device(DEVICE + "stuck shutdown.return\n")
        for driver in ("plain", "thread"):
            with self.subTest(driver):
                log = self.assert_run(driver, [], COMMANDED, "cut u by shutdown.stayoff\n", limit=9)
                self.assertEqual(log.count("did not work"), 1, log)
        self.device(DEVICE + "stuck shutdown.return\nstuck load.off\n")
        self.assert_run("thread", ["sdcommands=load.off,shutdown.return,shutdown.stayoff"], COMMANDED,
                        "cut u by shutdown.stayoff\n", limit=9)

    def test_limit(self):
        """All of it together takes no longer than the caller waits, and there is time left for the look."""
        self.device("ups.status OL\ncommand load.off\ncommand load.on\nstuck load.off\nstuck load.on\n"
                    "stuck hook\n")
        for limit in (1.5, 3):
            for driver in self.drivers:
                with self.subTest(driver, limit=limit):
                    began = time.monotonic()
                    self.assert_run(driver, ["sdcommands=load.off,shutdown.default,load.on"], ON_LINE, "",
                                    limit=limit)
                    self.assertLess(time.monotonic() - began, limit + 1)

    def test_limit_is_nonsense(self):
        os.environ["BUSBAR_POWER_OFF_MSEC"] = "soon"
        self.addCleanup(os.environ.pop, "BUSBAR_POWER_OFF_MSEC")
        log = self.assert_run("hook", [], COMMANDED, "cut u\n")
        self.assertIn("BUSBAR_POWER_OFF_MSEC=soon is no number", log)

    def test_mains_looked_at_last(self):
        """What counts is what the device says after all attempts."""
        for before, after, code in (("OL", "OB LB", FAILED), ("OB", "OL", ON_LINE), ("OL", None, FAILED)):
            with self.subTest(before=before, after=after):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.path("device.hanging"))
                self.device(f"ups.status {before}\ncommand load.off\nslow load.off\n")
                command = [self.drivers["thread"], "-s", "u", "-k", "-x", "sdcommands=load.off,no.such",
                           "-x", "port=" + self.path("device"), "-x", "pollinterval=86400"]
                with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True) as process:
                    self.wait_for(self.path("device.hanging"))
                    self.device(f"ups.status {after}\n" if after else "fail\n")
                    output, log = process.communicate(timeout=30)
                self.assertEqual((process.returncode, output), (code, ""), log)

    def test_no_way_to_cut(self):
        """A driver that knows no way looks at the mains all the same."""
        for status, code in (("OB LB", FAILED), ("OL", ON_LINE)):
            with self.subTest(status):
                self.device(f"ups.status {status}\n")
                self.assertIn("cuts no load by itself", self.assert_run("file", [], code, ""))

    def test_order(self):
        """A device that is never to be told is left out, unless it is named."""
        with open(self.path("ups.conf"), "w", encoding="ascii") as f:
            for name, order in (("a", 1), ("b", -1), ("c", 0)):
                f.write(f"[{name}]\ndriver = test-driver\nport = {self.path('device')}\nsdorder = {order}\n")
        self.assert_run("hook", [], COMMANDED, "cut c\ncut a\n", arguments=["--all"])
        self.assert_run("hook", [], COMMANDED, "cut b\n", arguments=["-a", "b"])
        self.assert_run("hook", [], COMMANDED, "cut b\ncut a\n", arguments=["-a", "a", "-a", "b"])
        with open(self.path("ups.conf"), "w", encoding="ascii") as f:
            f.write(f"[b]\ndriver = test-driver\nport = {self.path('device')}\nsdorder = -1\n")
        self.assert_run("hook", [], COMMANDED, "", arguments=["--all"])

    def test_user(self):
        """Without privileges from the start, so a device of root's own is out of reach."""
        os.chmod(self.directory, 0o755)
        os.chmod(self.path("device"), 0o600)
        status = FAILED if os.geteuid() == 0 else COMMANDED
        for option in (["-u", "nobody"], ["-x", "user=nobody"]):
            result = self.run_driver("hook", arguments=["-s", "u", "-x", "port=" + self.path("device"),
                                                        *option])
            self.assertEqual(result.returncode, status, result.stderr)
        self.assert_run("hook", [], COMMANDED, "cut u\n")

    def test_node_passed(self):
        """A node that nobody else may open is taken from among the descriptors passed on."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        path = os.ttyname(slave)
        os.chmod(path, 0)
        arguments = ["-s", "u", "-u", "nobody", "-x", "port=" + path]
        result = self.run_driver("hook", arguments=arguments)
        self.assertEqual(result.returncode, FAILED, result.stderr)
        self.assertIn("Permission denied", result.stderr)

        command = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&0 </dev/null'
        result = self.run_driver("hook", arguments=arguments, stdin=slave,
                                 wrapper=["/bin/sh", "-c", command, "sh"])
        self.assertEqual(result.returncode, COMMANDED, result.stderr)
        self.assertEqual(os.read(master, 100), b"off\r\n")

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
        command = [self.drivers["plain"], "-s", "u", "-k", "-x", "port=" + self.path("device"),
                   "-x", "pollinterval=1"]
        self.wait_for_error(command)

    def test_one_reading_disturbed_of_a_slow_pace(self):
        """However seldom the device is read in everyday life, now it is read again at once."""
        for option in ("pollinterval=600", "retrydelay=600"):
            with self.subTest(option):
                self.wait_for_error([self.drivers["plain"], "-s", "u", "-k", "-x", option,
                                     "-x", "port=" + self.path("device")])

    def wait_for(self, path):
        deadline = time.monotonic() + 15
        while not os.path.exists(path):
            self.assertLess(time.monotonic(), deadline, path)
            time.sleep(0.02)

    def wait_for_error(self, command):
        self.device("fail\n" + DEVICE)
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            self.assertIn("Input/output error", process.stderr.readline())
            self.device(DEVICE)
            output, log = process.communicate(timeout=30)
        self.assertEqual((process.returncode, output), (COMMANDED, "cut u by shutdown.return\n"), log)


if __name__ == "__main__":
    TestPowerOff.drivers = dict(zip(("hook", "plain", "thread", "file"), sys.argv[1:]))
    unittest.main(argv=sys.argv[:1], verbosity=2)
