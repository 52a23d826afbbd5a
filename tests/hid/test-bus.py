#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recorded devices behind the whole of Busbar, as stock NUT clients see them.

    test-bus.py DRIVER
"""

import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

from testlib import Testbed, TestCase, run, wait_for  # noqa: E402

DRIVER = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
RECORDINGS = HERE / "recordings"
NAMES = ("apc", "belkin", "cps")
USERS = "[admin]\npassword = secret\nactions = SET\ninstcmds = ALL\n"
ADMIN = ("-w", "-u", "admin", "-p", "secret")


class Recorded(TestCase):
    def setUp(self):
        super().setUp()
        sections = "".join(f"[{name}]\ndriver = usbhid-ups\nport = {RECORDINGS / name}.recording\n"
                           for name in NAMES)
        self.bed = self.enter(Testbed({"ups.conf": sections, "upsd.users": USERS}))

    def ups(self, name):
        return f"{name}@127.0.0.1:{self.bed.port}"

    def variables(self, name):
        lines = run("upsc", self.ups(name)).stdout.splitlines()
        return dict(line.split(": ", 1) for line in lines)

    def test_upsc_shows_what_the_driver_dumps(self):
        for name in NAMES:
            with self.subTest(name):
                dumped = subprocess.run([DRIVER, "-s", name, "-x", f"port={RECORDINGS / name}.recording",
                                         "-d", "1"], capture_output=True, text=True, check=True, timeout=60,
                                        env=self.bed.environment)
                expected = dict(line.split(": ", 1) for line in dumped.stdout.splitlines())
                wait_for(lambda n=name, e=expected: self.variables(n) == e, f"the variables of {name}")
                self.assertIn("ups.status", expected)

    def test_upsrw_and_upscmd_reach_the_device(self):
        result = run("upsrw", *ADMIN, "-s", "ups.delay.shutdown=30", self.ups("apc"))
        self.assertIn("SUCCESS", result.stdout + result.stderr)
        wait_for(lambda: self.variables("apc")["ups.delay.shutdown"] == "30", "the new delay")

        listed = run("upscmd", "-l", self.ups("apc")).stdout
        self.assertIn("test.battery.start", listed)
        result = run("upscmd", *ADMIN, self.ups("apc"), "beeper.disable")
        self.assertIn("SUCCESS", result.stdout + result.stderr)
        wait_for(lambda: self.variables("apc")["ups.beeper.status"] == "disabled", "the beeper to be off")

    def test_event_reaches_clients(self):
        """What the device says by itself, while nobody polls it."""
        path = Path(self.bed.directory) / "event.recording"
        path.write_text((RECORDINGS / "apc.recording").read_text(encoding="utf-8") + "+2.0 input 0c 37\n",
                        encoding="utf-8")
        driver = subprocess.Popen([DRIVER, "-s", "event", "-x", f"port={path}", "-i", "3600"],
                                  env=self.bed.environment)
        try:
            wait_for(lambda: run("upsc", self.ups("event"), check=False).returncode == 0, "the device")
            self.assertEqual(self.variables("event")["battery.charge"], "100")
            wait_for(lambda: self.variables("event")["battery.charge"] == "55", "the event")
        finally:
            driver.terminate()
            self.assertEqual(driver.wait(20), 0)

    def test_what_cannot_be(self):
        for arguments in (("upsrw", *ADMIN, "-s", "ups.model=other", self.ups("apc")),
                          ("upscmd", *ADMIN, self.ups("apc"), "no.such")):
            with self.subTest(arguments):
                self.assertNotEqual(run(*arguments, check=False).returncode, 0)


if __name__ == "__main__":
    unittest.main()
