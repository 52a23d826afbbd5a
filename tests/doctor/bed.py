# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine that is well, for the tests of busbarctl doctor."""

import json
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "ctl"))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

# pylint: disable=wrong-import-position
from ctllib import call
from fakeroot import FakeRoot
from testlib import Testbed, TestCase, wait_for

__all__ = ["CONFIG", "DESK", "RACK", "Bed", "device"]

RACK = {"ups.status": "OL CHRG", "battery.charge": 90, "battery.charge.low": 20, "battery.runtime": 3600,
        "ups.load": 20, "device.serial": "A1"}
DESK = {**RACK, "device.serial": "B2"}


def device(values, **changes):
    values = {**values, **{name.replace("_", "."): value for name, value in changes.items()}}
    return "".join(f"{name}: {value}\n" for name, value in values.items() if value is not None)


CONFIG = {
    "ups.conf": "pollinterval = 1\n[rack]\ndriver = dummy-ups\nport = rack.dev\n"
                "[desk]\ndriver = dummy-ups\nport = desk.dev\n",
    "rack.dev": device(RACK),
    "desk.dev": device(DESK),
    "upsd.conf": "",
    "upsd.users": "[admin]\npassword = secret\nupsmon primary\n",
}


class Bed(TestCase):
    """A healthy machine, which each test does something to."""

    monitor = True

    @classmethod
    def setUpClass(cls):
        cls.bed = cls.enterClassContext(Testbed(CONFIG, monitor=cls.monitor))
        cls.environment = {**cls.bed.environment, "NO_COLOR": "", "TERM": "xterm"}

    def setUp(self):
        self.root = self.enter(FakeRoot())
        self.directory = tempfile.mkdtemp(prefix="busbar-doctor-")
        self.addCleanup(shutil.rmtree, self.directory)
        os.chmod(self.directory, 0o755)
        for name, text in CONFIG.items():
            self.configure(name, text)

    def configure(self, name, text, mode=0o640):
        """The files that the doctor sees; the drivers and the gateway have those of before."""
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, mode)
        if os.geteuid() == 0:
            os.chown(path, -1, 1)  # that of root is given to no service
        return path

    def run_doctor(self, *arguments, status, **environment):
        variables = {**self.environment, "NUT_CONFPATH": self.directory,
                     "BUSBAR_DOCTOR_ROOT": str(self.root.path), **environment}
        result = call("doctor", *arguments, environment=variables)
        self.assertNotIn("Sanitizer", result.err)
        self.assertEqual(result.status, status, result.out + result.err)
        return result

    def look(self, **environment):
        """What it finds, by id."""
        result = call("--json", "doctor", environment={
            **self.environment, "NUT_CONFPATH": self.directory, "BUSBAR_DOCTOR_ROOT": str(self.root.path),
            **environment})
        self.assertNotIn("Sanitizer", result.err)
        self.assertIn(result.status, (0, 1), result.out + result.err)
        said = json.loads(result.out)
        self.assertEqual(result.status, 1 if said["findings"] else 0)
        self.assertEqual(said["healthy"], not said["findings"])
        return said

    def finds(self, wanted, *besides, device_name=None, **environment):
        """Asserts that this is found, and nothing else but what it brings along, and returns it."""
        findings = self.look(**environment)["findings"]
        ids = {finding["id"] for finding in findings}
        self.assertLessEqual({wanted}, ids, findings)
        self.assertLessEqual(ids, {wanted, *besides}, findings)
        found = next(finding for finding in findings if finding["id"] == wanted)
        self.assertTrue(found["problem"] and found["evidence"] and found["fix"], found)
        if device_name:
            self.assertEqual(found["device"], device_name)
        return found

    def eventually(self, wanted, *besides, **options):
        """The same when the drivers need a moment."""
        wait_for(lambda: any(f["id"] == wanted for f in self.look()["findings"]), wanted, 60)
        return self.finds(wanted, *besides, **options)
