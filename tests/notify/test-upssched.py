#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""upssched on its own, as NOTIFYCMD of another upsmon: what it does, and that Debian's does the same."""

import contextlib
import os
import signal
import subprocess
import time
import unittest

from notifylib import NotifyTest, program, run, wait_for

STOCK = "/sbin/upssched"


class LoneTest(NotifyTest):
    program = program("upssched")

    def setUp(self):
        super().setUp()
        self.addCleanup(self.end_daemon)

    def schedule(self, rules, pipe=None):
        self.write("upssched.conf", f'CMDSCRIPT {self.path("tell")}\nPIPEFN {pipe or self.path("pipe")}\n'
                   f'LOCKFN {self.path("lock")}\n{rules}')

    def call(self, kind, message="m", ups="ups@localhost", status=0):
        result = run(self.program, message, check=False,
                     env={**self.environment, "UPSNAME": ups, "NOTIFYTYPE": kind})
        self.assertEqual(result.returncode, status, result.stderr)
        return result

    def daemon_pid(self):
        """Who listens at the pipe, if it is one of our programs."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/environ", "rb") as f:
                    environment = f.read().split(b"\0")
                target = os.readlink(f"/proc/{pid}/exe")
                if f"NUT_CONFPATH={self.config}".encode() in environment and "upssched" in target:
                    return int(pid)
        return None

    def end_daemon(self):
        if pid := self.daemon_pid():
            os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not self.daemon_pid(), "the process with the timers ends")

    def said(self):
        return [line.split("|")[:3] for line in self.out()]

    def wait_said(self, *expected):
        wait_for(lambda: self.said() == [list(e) for e in expected], f"{expected} but {self.said()}")

    def test_actions(self):
        self.schedule("AT ONBATT * START-TIMER battery 2\nAT ONLINE * CANCEL-TIMER battery back\n"
                      "AT LOWBATT ups@localhost EXECUTE low\nAT LOWBATT other@localhost EXECUTE other\n")
        self.call("LOWBATT")
        self.assertEqual(self.said(), [["low", "ups@localhost", "LOWBATT"]])
        self.assertIsNone(self.daemon_pid())

        self.call("ONBATT")
        self.call("ONLINE")
        self.call("ONBATT")
        wait_for(lambda: len(self.said()) == 2, "the timer runs down")
        self.assertEqual(self.said()[1][0], "battery")
        self.call("ONLINE")
        wait_for(lambda: len(self.said()) == 3, "the command of CANCEL-TIMER")
        self.assertEqual(self.said()[2][0], "back")

    def test_cancel_of_nothing(self):
        self.schedule("AT ONLINE * CANCEL-TIMER battery\n")
        self.call("ONLINE")
        self.assertIsNone(self.daemon_pid())

    def test_nothing_matches(self):
        self.schedule("AT ONBATT far@host START-TIMER battery 2\n")
        self.call("ONBATT")
        self.call("COMMBAD")
        self.assertEqual((self.out(), self.daemon_pid()), ([], None))

    def test_environment_is_needed(self):
        environment = {k: v for k, v in self.environment.items() if k not in ("UPSNAME", "NOTIFYTYPE")}
        result = run(self.program, check=False, env=environment)
        self.assertEqual((result.returncode, result.stdout),
                         (1, "Error: UPSNAME and NOTIFYTYPE must be set.\n"
                             "This program should only be run from upsmon.\n"))

    def test_order_of_configuration(self):
        self.write("upssched.conf", "AT ONBATT * START-TIMER battery 2\n")
        self.assertIn("CMDSCRIPT must be set before any ATs in the config file!",
                      self.call("ONBATT", status=1).stdout)


class StockTest(LoneTest):
    """The tests are right if they hold for the original."""

    program = STOCK


class OwnTest(LoneTest):
    def list(self, status=0):
        result = run(self.program, "-l", check=False, env=self.environment)
        self.assertEqual(result.returncode, status, result.stderr)
        return result

    def test_list(self):
        self.schedule("AT ONBATT * START-TIMER battery 1000\nAT FSD * START-TIMER-SHARED x 900\n")
        self.assertIn("upssched timer is not running", self.list(status=1).stderr)
        self.call("ONBATT", 'with "quotes" # and \\')
        self.call("FSD", "one", "a")
        self.call("FSD", "two", "b")
        first, second = (line.split("\t") for line in self.list().stdout.splitlines())
        self.assertEqual((first[0], first[3:]),
                         ("battery", ["ONBATT", "ups@localhost", 'with "quotes" # and \\']))
        self.assertLess(abs(int(first[1]) - time.time() - 1000), 10)
        self.assertEqual(second[3:], ["FSD", "a,b", "one.", "two"])

    def test_many_at_once(self):
        """All of them want to start the process with the timers; one does."""
        self.schedule("AT ONBATT * START-TIMER battery 1\n")
        environment = {**self.environment, "UPSNAME": "ups", "NOTIFYTYPE": "ONBATT"}
        processes = [subprocess.Popen([self.program, str(i)], env=environment) for i in range(20)]
        self.assertEqual([p.wait(60) for p in processes], [0] * 20)
        wait_for(lambda: len(self.out()) == 20, "all run down")

    def test_crash(self):
        self.schedule("AT ONBATT * START-TIMER battery 1\n")
        self.call("ONBATT")
        os.kill(self.daemon_pid(), signal.SIGKILL)
        wait_for(lambda: not self.daemon_pid(), "it ends")
        self.assertTrue(os.path.exists(self.path("pipe")))
        self.call("ONBATT")
        wait_for(lambda: len(self.out()) == 1, "the timer of the second process")

    def test_ends_when_idle(self):
        self.schedule("AT ONBATT * START-TIMER battery 0\n")
        self.call("ONBATT")
        wait_for(lambda: len(self.out()) == 1, "the timer")
        wait_for(lambda: not self.daemon_pid(), "the end", 40)
        self.assertFalse(os.path.exists(self.path("pipe")))

    def test_places_of_others(self):
        """What is no socket or lock of ours is left alone."""
        self.schedule("AT ONBATT * START-TIMER battery 1\n")
        with open(self.path("precious"), "w", encoding="ascii") as f:
            f.write("keep")
        os.symlink(self.path("precious"), self.path("lock"))
        self.assertIn("Cannot take the lock", self.call("ONBATT", status=1).stderr)
        os.unlink(self.path("lock"))
        os.rename(self.path("precious"), self.path("pipe"))
        self.assertIn("Cannot start the process", self.call("ONBATT", status=1).stderr)
        with open(self.path("pipe"), encoding="ascii") as f:
            self.assertEqual(f.read(), "keep")

    def test_options(self):
        for option, status, text in (("-h", 0, "Usage: upssched"),
                                     ("-V", 0, "Network UPS Tools upssched 2."),
                                     ("-x", 1, "Usage: upssched")):
            result = run(self.program, option, check=False, env=self.environment)
            self.assertEqual(result.returncode, status)
            self.assertIn(text, result.stdout)


del LoneTest

if __name__ == "__main__":
    unittest.main(verbosity=2)
