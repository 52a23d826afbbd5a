#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine that hangs on a UPS on USB that answers lines, on which nobody has set anything up: the battery
runs low, the machine goes down in order, and when all is stopped and the root file system cannot be written,
the UPS is told to cut the power, once. With the mains back, the machine comes up.

Usage: test-qx-poweroff.py BUILD MESON USB-CABLE [TEST...]"""

import re
import sys
import threading
from pathlib import Path

from usbtest import UsbTest, main
from vm import wait_for

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "usbip"))

# pylint: disable=wrong-import-position,import-error
import qxusb  # noqa: E402
from qxusb import Megatec  # noqa: E402

COMMANDED = "busbar: ups is about to cut the power."
ACTS = re.compile(rb"(S[.\d].*|T(L|\d+)?|CT?|Q)\r")
# What an earlier shutdown left is taken back, then the order is given.
ORDERS = [b"C\r", b"S.5R0003\r"]
# Half a minute until the cut, three until the return.
PACE = 20


class Outlet:
    """Follows what the UPS gives."""

    def __init__(self, device, on_change):
        self.device, self.on_change = device, on_change
        self.on, self.cuts = True, 0
        self.ended = threading.Event()
        self.clock = threading.Thread(target=self._run, daemon=True)
        self.clock.start()

    def _run(self):
        while not self.ended.wait(0.05):
            with self.device.lock:
                self.device.unit.advance()
                on = self.device.unit.output
            if on != self.on:
                self.on = on
                self.cuts += not on
                self.on_change(on)

    def close(self):
        self.ended.set()
        self.clock.join()


class TestQxPowerOff(UsbTest):
    def setUp(self):
        """The machine is up, and the UPS is guarded."""
        self.device = self.server.port("1-1").device
        self.device.unit.mains, self.device.unit.charge = True, 1.0
        self.server.plug("1-1")
        self.seen = len(self.machine.console())
        self.cursor = self.journal_cursor()
        self.wait_status("ups", "OL")
        self.machine.run("until systemctl -q is-active busbar-monitor.service; do sleep 0.1; done")
        self.device.lines.clear()
        self.outlet = Outlet(self.device, self.machine.outlet)

    def tearDown(self):
        self.outlet.close()
        self.keep_console()

    def said(self):
        return self.machine.console()[self.seen:]

    def acted(self):
        return [line for line in list(self.device.lines) if ACTS.fullmatch(line)]

    def wait_cut(self):
        try:
            wait_for("the outlet is off", lambda: self.outlet.cuts > 0, 180)
        except TimeoutError:
            self.fail(f"the power was not cut, {self.acted()}; the console:\n{self.said()[-4000:]}")

    def test_low_battery(self):
        with self.device.lock:
            self.device.unit.mains, self.device.unit.charge = False, 0.1
        self.wait_cut()
        said = self.said()
        self.assertEqual(self.acted(), ORDERS)
        self.assertEqual(self.outlet.cuts, 1)
        self.assertIn("All filesystems unmounted", said)
        self.assertLess(said.index("All filesystems unmounted"), said.index(COMMANDED))
        self.assertNotIn("busbar: ups: uid 0", said)
        with self.device.lock:
            self.device.unit.mains, self.device.unit.charge = True, 0.5
        wait_for("the outlet is on", lambda: self.outlet.on, 60)
        self.machine.wait_up()
        self.wait_status("ups", "OL")
        self.assertEqual(self.machine.run("systemctl list-units --failed --no-legend --plain"), "")
        self.assertEqual(self.acted(), ORDERS)


if __name__ == "__main__":
    main(TestQxPowerOff, [qxusb.Cypress(Megatec(speed=PACE, runtime=1e6))])
