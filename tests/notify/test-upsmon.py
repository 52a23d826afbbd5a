#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command upsmon, beside Debian's own; monitor and systemd are stand-ins."""

import os
import re
import shutil
import signal
import time
import unittest

from notifylib import NotifyTest, run, wait_for

STOCK = "/lib/nut/upsmon"
MAGIC = "upsmon-shutdown-file"


class UpsmonTest(NotifyTest):
    def upsmon(self, *arguments, status=0):
        result = self.run_program("upsmon", *arguments)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def stock(self, *arguments):
        """Debian's, by another name: it is the one of its pid file, and the machine may have an upsmon."""
        name = f"busbar-upsmon-{os.getpid()}"
        if not os.path.exists(self.path(name)):
            shutil.copy(STOCK, self.path(name))
        result = run(self.path(name), *arguments, check=False, env=self.environment)
        result.stdout = result.stdout.replace(self.path(name), "upsmon").replace(name, "upsmon")
        return result

    def test_same_as_stock(self):
        """Exit status and first line; none of these starts anything."""
        self.write("upsmon.conf", f'MONITOR a@localhost 1 u p primary\nSHUTDOWNCMD true\n'
                   f'POWERDOWNFLAG {self.path("flag")}\n')
        for arguments in (("-h",), ("-V",), ("-c",), ("-c", "foo"), ("-x",), ("-f",), ("-P",),
                          ("-P", "abc", "-c", "stop"), ("-c", "fsd"), ("-c", "rel"), ("-c", "stop"),
                          ("-P", "4194304", "-c", "reload")):
            with self.subTest(arguments):
                ours, theirs = self.run_program("upsmon", *arguments), self.stock(*arguments)
                self.assertEqual(ours.returncode, theirs.returncode, ours.stdout + ours.stderr)
                banner = [line for line in theirs.stdout.splitlines() if "Network UPS Tools" in line][0]
                self.assertEqual(ours.stdout.splitlines()[0], banner)
                if "usage" in theirs.stdout:
                    self.assertIn("usage: ", ours.stdout)
                    # Each option of theirs is one of ours.
                    options = set(re.findall(r"^  (-\w)", theirs.stdout, re.MULTILINE))
                    for option in options:
                        self.assertRegex(ours.stdout, rf"(?m)^  .*{option}\b")

    def check(self, status, text):
        ours = self.upsmon("-K", status=status)
        self.assertIn(text, ours.stderr)
        return ours.stderr

    def test_power_down_flag(self):
        self.check(1, "Power down flag is not set")
        self.write("upsmon.conf", f'MONITOR a@localhost 1 u secret primary\nSHUTDOWNCMD true\n'
                   f'POWERDOWNFLAG {self.path("flag")}\n')
        for contents, status in ((None, 1), (MAGIC, 0), (MAGIC + "\n", 0), ("", 1), ("x" + MAGIC, 1),
                                 (MAGIC[:-1], 1), ("\0" * 100, 1)):
            with self.subTest(contents):
                if contents is not None:
                    with open(self.path("flag"), "w", encoding="ascii") as f:
                        f.write(contents)
                text = self.check(status, self.path("flag"))
                theirs = self.stock("-K")
                self.assertEqual(theirs.returncode, status)
                last = [line for line in theirs.stderr.splitlines() if line.startswith("P")][-1]
                self.assertEqual(text.splitlines()[-1], last)
                self.assertNotIn("secret", text)
        with open(self.path("other.conf"), "w", encoding="ascii") as f:
            f.write(f'POWERDOWNFLAG {self.path("none")}\n')
        self.upsmon("-f", self.path("other.conf"), "-K", status=1)

    def arm(self, boot, age):
        usec = int((time.clock_gettime(time.CLOCK_BOOTTIME) - age) * 1e6)
        with open(self.path("armed"), "w", encoding="ascii") as f:
            f.write(f"busbar-armed 1\nboot {boot}\ntime {usec}\nwait 0\ndevice 0 dummy-ups ups\n")

    def test_armed(self):
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
            boot = f.read().strip().replace("-", "")
        self.arm(boot, 1)
        self.check(0, "Power down flag is set")
        self.arm(boot, -100)
        self.check(1, "Power down flag is not set")
        self.arm("0" * 32, 1)
        self.check(1, "Power down flag is not set")
        with open(self.path("armed"), "wb") as f:
            f.write(os.urandom(100000))
        self.check(1, "Power down flag is not set")

    def test_force_shutdown(self):
        monitor = self.peer("monitor")
        self.upsmon("-c", "fsd")
        monitor.wait(r"^call ForceShutdown upsmon -c fsd \(interactive\)$")
        self.upsmon("-P", str(monitor.process.pid), "-c", "fsd")
        result = self.upsmon("-P", "1", "-c", "fsd", status=1)
        self.assertIn("Process 1 is not busbar-monitor", result.stderr)
        self.assertEqual(monitor.text.count("call ForceShutdown"), 2)
        monitor.tell("refuse it is too late")
        self.assertIn("it is too late", self.upsmon("-c", "fsd", status=1).stderr)

    def test_nobody_there(self):
        for order in ("fsd", "reload", "stop"):
            self.assertIn("Cannot find busbar-monitor on the bus", self.upsmon("-c", order, status=1).stderr)
        self.bus.stop()
        self.assertIn("Cannot connect to the system bus", self.upsmon("-c", "fsd", status=1).stderr)
        self.bus.start()

    def test_by_systemd(self):
        self.peer("monitor")
        systemd = self.peer("systemd")
        self.upsmon("-c", "reload")
        systemd.wait("^call ReloadUnit busbar-notify.service replace\n"
                     "call ReloadUnit busbar-monitor.service replace$")
        self.upsmon("-c", "stop")
        systemd.wait("^call StopUnit busbar-monitor.service replace$")

    def test_by_signal(self):
        monitor = self.peer("monitor")
        self.upsmon("-c", "stop")
        wait_for(lambda: monitor.process.poll() is not None, "it ends")
        monitor = self.peer("monitor")
        self.upsmon("-c", "reload")
        # The stand-in does not know how to reload: the signal ends it.
        self.assertEqual(monitor.process.wait(20), -signal.SIGHUP)
        monitor.end()
        monitor.process.stdin.close()

    def test_run(self):
        self.peer("monitor")
        for arguments in ((), ("-D",), ("-F", "-p", "-u", "root", "-4")):
            result = self.upsmon(*arguments, status=1)
            self.assertIn("Fatal error: A previous upsmon instance is already running!\n", result.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
