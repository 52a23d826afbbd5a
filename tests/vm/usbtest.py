# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of plugging in have in common."""

import argparse
import os
import shutil
import sys
import unittest
from pathlib import Path

from usbbed import UsbBed
from vm import wait_for

SERVICES = ("busbar-gateway", "busbar-monitor", "busbar-notify")


class UsbTest(unittest.TestCase):
    """One machine for all tests of a class. Each begins and ends with nothing plugged in, and then no device
    has a name."""

    bed = None
    full = False   # take the time

    @property
    def machine(self):
        return self.bed.machine

    @property
    def server(self):
        return self.bed.server

    def setUp(self):
        self.machine.run("rm -rf /var/lib/busbar-enroll/* /run/busbar-enroll/*")
        self.seen = len(self.machine.console())
        self.cursor = self.journal_cursor()

    def tearDown(self):
        self.keep_console()
        for port in self.server.ports:
            port.device.faults.clear()
            self.server.unplug(port.bus_id)
        self.wait_names([])

    def keep_console(self):
        """For whoever has to find out what went wrong."""
        directory = os.environ.get("BUSBAR_TEST_CONSOLE")
        if directory:
            shutil.copy(self.machine.console_path, Path(directory, self._testMethodName))

    # What is there

    def journal_cursor(self):
        return self.machine.run("journalctl -n 0 --show-cursor -q").rpartition("cursor: ")[2]

    def journal(self):
        """What was said since the test began."""
        return self.machine.run("journalctl --no-pager -q -o short-monotonic "
                                f"--after-cursor='{self.cursor}'")

    def names(self):
        """The UPSes that clients see and that are there: the names of others are kept for them."""
        return sorted(self.machine.run("for name in $(upsc -l 127.0.0.1 2>/dev/null); do "
                                       "case $(upsc $name@127.0.0.1 ups.status 2>&1) in "
                                       "*'not connected'*) ;; *) echo $name;; esac; done").split())

    def wait_names(self, names, timeout=60):
        wait_for(f"the devices are {names}", lambda: self.names() == names, timeout)

    def value(self, name, variable="ups.status"):
        """As a client sees it; of a failure, what upsc says."""
        return self.machine.run(f"upsc {name}@127.0.0.1 {variable} 2>&1; true").splitlines()[-1]

    def wait_value(self, name, variable, value, timeout=120):
        """value is a text, or what takes one."""
        is_it = value if callable(value) else lambda got: got == value
        last = []

        def condition():
            last[:] = [self.value(name, variable)]
            return is_it(last[0])

        try:
            return wait_for(variable, condition, timeout)
        except TimeoutError:
            self.fail(f"{name} {variable} is {last[0]!r} after {timeout} s, journal:\n"
                      f"{self.journal()[-6000:]}")

    def wait_status(self, name, token, timeout=120):
        self.wait_value(name, "ups.status", lambda status: token in status.split(), timeout)

    def assert_well(self):
        """Nothing failed, and nobody was alarmed."""
        self.assertEqual(self.machine.run("systemctl list-units --failed --no-legend --plain"), "")
        journal = self.journal()
        for word in ("dumped core", "segfault", "AddressSanitizer", "code=killed"):
            self.assertNotIn(word, journal + self.machine.console()[self.seen:])

    def kill(self, service, then="true"):
        """As a crash: the service manager starts it again by itself, whatever else is done at once."""
        self.machine.run(f"systemctl kill -s KILL {service}; {then}")
        self.wait_restarted(service)

    def wait_restarted(self, service, timeout=120):
        """It was, and just once since somebody started it."""
        def restarts():
            return self.machine.run(f"systemctl show -P NRestarts {service}")

        try:
            wait_for(f"{service} was restarted", lambda: restarts() == "1", timeout)
        except TimeoutError:
            self.fail(f"{service} was restarted {restarts()} times in {timeout} s, journal:\n"
                      f"{self.journal()[-6000:]}")

    def units(self):
        """Units of ours that are loaded on behalf of a device."""
        listed = self.machine.run("systemctl list-units --all --no-legend --plain 'busbar-usbhid-ups@*' "
                                  "'busbar-enroll@*'; true")
        return sorted(line.split()[0] for line in listed.splitlines())

    def footprint(self):
        """Of each service: file descriptors, and kilobytes of its own."""
        found = {}
        for service in SERVICES:
            pid = self.machine.run(f"systemctl show -P MainPID {service}")
            text = self.machine.run(f"ls /proc/{pid}/fd | wc -l; "
                                    f"sed -n 's/^RssAnon:[^0-9]*//p' /proc/{pid}/status")
            fds, memory = (int(line.split()[0]) for line in text.splitlines())
            found[service] = (fds, memory)
        return found


def main(case, devices, **options):
    """Runs the tests of a class: PROGRAM BUILD MESON USB-CABLE [--full] [TEST...]"""
    parser = argparse.ArgumentParser()
    for name in ("build", "meson", "cable"):
        parser.add_argument(name)
    parser.add_argument("--full", action="store_true", help="more of what happens by chance")
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()
    UsbTest.full = arguments.full
    UsbTest.bed = bed = UsbBed(Path(arguments.build), arguments.meson, arguments.cable, devices, **options)
    try:
        bed.start()
        names = [f"{case.__name__}.{name}" for name in arguments.tests]
        result = unittest.main(argv=[sys.argv[0], *names], verbosity=2, exit=False).result
    finally:
        bed.close()
    sys.exit(not result.wasSuccessful())
