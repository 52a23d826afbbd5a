#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine that hangs on a UPS on USB, on which nobody has set anything up: the battery runs low, the
machine goes down in order, and when all is stopped and the root file system cannot be written, the UPS is
told to cut the power, once. With the mains back, the machine comes up.

Usage: test-usb-poweroff.py BUILD MESON USB-CABLE [--full] [TEST...]"""

from usbbed import R_SHUTDOWN, Scripted
from usbtest import UsbTest, main
from vm import wait_for

FLAG = "/run/busbar-monitor/armed"
COMMANDED = "busbar: ups is about to cut the power."
# The delay before the cut, 20 s as they are by default, takes a fraction of that.
PACE = 4.0


class TestUsbPowerOff(UsbTest):
    def setUp(self):
        self.ups = self.server.port("1-1").device
        self.ups.on_outlet = self.machine.outlet
        self.start()

    def tearDown(self):
        self.keep_console()

    def start(self):
        """The machine is up, and the UPS is guarded."""
        self.ups.reset()
        self.server.plug("1-1")
        if not self.machine.is_on():
            self.machine.switch_on()
            self.machine.wait_up()
        self.seen = len(self.machine.console())
        self.cursor = self.journal_cursor()
        self.wait_status("ups", "OL")
        self.machine.run("until systemctl -q is-active busbar-monitor.service; do sleep 0.1; done")
        self.ups.writes.clear()

    def shutdown_commands(self):
        """What it was told about the power, but for the delay of the return, which is no command."""
        return [data for _, data in list(self.ups.writes) if data[0] == R_SHUTDOWN]

    def fail_mains(self):
        self.ups.mains, self.ups.low = False, True

    def wait_cut(self):
        try:
            wait_for("the outlet is off", lambda: not self.ups.outlet, 180)
        except TimeoutError:
            self.fail(f"the power was not cut; the console:\n{self.said()[-4000:]}")

    def said(self):
        return self.machine.console()[self.seen:]

    def assert_in_order(self):
        said = self.said()
        self.assertEqual([data[1:] for data in self.shutdown_commands()], [(20).to_bytes(2, "little")])
        self.assertEqual(self.ups.cuts, 1)
        self.assertIn("All filesystems unmounted", said)
        self.assertLess(said.index("All filesystems unmounted"), said.index(COMMANDED))
        self.assertNotIn("busbar: ups: uid 0", said)

    def assert_up_again(self):
        self.machine.wait_up()
        self.wait_status("ups", "OL")
        self.machine.run(f"test ! -e {FLAG}")
        self.assertEqual(self.machine.run("systemctl list-units --failed --no-legend --plain"), "")

    def test_1_low_battery(self):
        for cycle in range(20 if self.full else 3):
            with self.subTest(cycle):
                self.start()
                self.fail_mains()
                self.wait_cut()
                self.assert_in_order()
                self.ups.mains, self.ups.low = True, None
                self.assert_up_again()

    def test_drained(self):
        """Nobody says how low it is: charge and what is left of the time do."""
        self.ups.charge, self.ups.drain = 22.0, 0.2
        self.ups.mains = False
        self.wait_cut()
        self.assertGreater(self.ups.charge, 0)
        self.assert_in_order()
        self.ups.mains = True
        self.assert_up_again()

    def test_mains_back_before_the_cut(self):
        """They return while the machine goes down: it comes up again all the same."""
        self.fail_mains()
        self.machine.wait_console("Stopping busbar-monitor.service", self.seen, 180)
        self.ups.mains, self.ups.low = True, None
        self.wait_cut()
        self.assert_up_again()

    def test_unplugged_at_low_battery(self):
        """The cable is out while the machine goes down: no command, and the machine does not stay off."""
        self.fail_mains()
        self.machine.wait_console("Shutting down.", self.seen, 180)
        self.server.unplug("1-1")
        self.server.port("1-1").plugged = False
        self.ups.mains, self.ups.low = True, None
        self.machine.wait_console("reboot: ", self.seen, 120)
        self.assertEqual(self.ups.cuts, 0)


if __name__ == "__main__":
    main(TestUsbPowerOff, [Scripted(pace=PACE)])
