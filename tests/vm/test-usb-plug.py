#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plug it in and it is protected: UPSes plugged in and out of a machine on which nobody has set anything up.

Usage: test-usb-plug.py BUILD MESON USB-CABLE [--full] [TEST...]"""

import random
import time

from usbbed import MONITOR_CONF, Nonsense, Scripted
from usbtest import UsbTest, main
from vm import wait_for

# Emulated. A real machine takes a fraction of a second.
PLUG_TIMEOUT = 60
NOTICE_TIMEOUT = 60
RULES = "/usr/lib/udev/rules.d"
BATTERY_SERVICE = ("busctl get-property org.busbar.Driver.ups /org/busbar/device/ups org.busbar.Device1")


class TestPlug(UsbTest):
    def setUp(self):
        super().setUp()
        self.ups, self.other = (port.device for port in self.server.ports[:2])
        self.ups.reset()
        self.other.reset()

    def plug(self, bus_id="1-1", device=None):
        self.server.plug(bus_id, device)

    def test_plug_in(self):
        """Within a moment clients have its values. Nothing was configured."""
        began = time.monotonic()
        self.plug()
        self.machine.run("until upsc ups@127.0.0.1 ups.status >/dev/null 2>&1; do sleep 0.1; done",
                         PLUG_TIMEOUT)
        print(f"from the plug to a client's answer: {time.monotonic() - began:.1f} s (emulated)")
        self.assertEqual(self.value("ups"), "OL")
        self.assertEqual(self.value("ups", "battery.charge"), "100")
        self.assertEqual(self.value("ups", "ups.serial"), "SIM0001")
        self.assertEqual(self.machine.run(f"{BATTERY_SERVICE} Transport"), 's "usb"')
        self.assertIn("/dev/hidraw", self.machine.run(f"{BATTERY_SERVICE} Nodes"))
        self.assertEqual(self.value("ups", "driver.name"), "usbhid-ups")
        owner = self.machine.run("ps -o user:20= -C usbhid-ups")
        self.assertEqual(owner.split(), ["busbar-driver"])
        self.assert_well()

    def test_events(self):
        """A failure of the mains is known long before the next poll would have told."""
        self.plug()
        self.wait_status("ups", "OL")
        self.ups.mains = False
        began = time.monotonic()
        self.machine.run("until upsc ups@127.0.0.1 ups.status 2>/dev/null | grep -q OB; do :; done", 30)
        print(f"from the failure to a client's answer: {time.monotonic() - began:.1f} s (emulated)")
        self.ups.mains = True
        self.wait_status("ups", "OL")
        self.assert_well()

    def test_commands(self):
        self.plug()
        self.wait_status("ups", "OL")
        self.machine.run("busbarctl run ups beeper.disable")
        wait_for("the beeper is off", lambda: self.ups.beeper == 1)
        self.machine.run("busbarctl run ups beeper.enable")
        wait_for("the beeper is on", lambda: self.ups.beeper == 2)

    def test_upower(self):
        """The desktop's own service keeps the device."""
        self.server.plug("1-2", Scripted(0x051d, 0x0002, serial="UPOWER"))
        self.server.port("1-2").device.charge = 64.0
        self.server.port("1-2").device.drain = 0.0
        self.server.port("1-2").device.mains = False
        self.wait_status("ups", "OB")
        said = self.machine.run("upower -d")
        self.assertIn("ups_hiddev0", said)
        self.assertIn("model:                Simulated UPS", said)
        percentage = f"{float(self.value('ups', 'battery.charge')):.0f}%"
        self.assertIn(f"percentage:          {percentage}", said)
        self.machine.run("systemctl stop upower")
        self.assert_well()
        self.server.unplug("1-2")
        self.server.port("1-2").plugged = False
        self.server.port("1-2").device.close()
        self.server.port("1-2").device = self.other

    def test_installed_while_plugged_in(self):
        self.machine.run(f"mkdir -p /root/rules && mv {RULES}/*busbar*.rules /root/rules/ && "
                         "udevadm control --reload")
        try:
            self.bed.plug("1-1")
            self.machine.run("udevadm settle")
            self.assertEqual(self.units(), [])
        finally:
            self.machine.run(f"mv /root/rules/* {RULES}/ && udevadm control --reload")
        self.machine.run("udevadm trigger --subsystem-match=usb --subsystem-match=hidraw --action=change")
        self.wait_status("ups", "OL")
        self.assert_well()

    # Things come and go

    def replug(self, mid_transfer):
        if mid_transfer:
            self.ups.faults.drop_after = random.randint(1, 40)
            wait_for("it is gone", lambda: not self.server.in_use("1-1"), 60)
        else:
            self.server.unplug("1-1")
        # A pause of any length, as hands make it: long enough for the kernel to notice, or not.
        time.sleep(random.choice((0, 0.1, 0.7, 2.0)))
        self.server.plug("1-1")

    def test_replug(self):
        """It is back each time, and nobody is told of outages shorter than DEADTIME."""
        self.plug()
        self.wait_status("ups", "OL")
        cycles = 100 if self.full else 10
        before = None
        for cycle in range(cycles):
            with self.subTest(cycle):
                self.ups.mains = cycle % 3 != 2
                self.wait_status("ups", "OL" if self.ups.mains else "OB")
                self.replug(mid_transfer=cycle % 2 == 1)
                self.server.wait_in_use("1-1")
                requests = self.ups.requests
                wait_for("it is asked again", lambda n=requests: self.ups.requests > n + 20, 60)
                self.wait_status("ups", "OL" if self.ups.mains else "OB")
            if cycle == 3:
                before = self.footprint(), self.units()
        self.ups.mains = True
        self.wait_status("ups", "OL")
        after = self.footprint()
        for service, (fds, memory) in before[0].items():
            self.assertLessEqual(after[service][0], fds, f"descriptors of {service}")
            self.assertLessEqual(after[service][1], memory + 512, f"kilobytes of {service}")
        self.assertEqual(self.units(), before[1])
        self.assertEqual(self.names(), ["ups"])
        self.assert_well()
        journal = self.journal()
        for word in ("UPS ups lost", "UPS ups established", "NOCOMM", "FSD", "hutdown in progress"):
            self.assertNotIn(word, journal)

    def test_unplugged_for_good(self):
        self.plug()
        self.wait_status("ups", "OL")
        self.server.unplug("1-1")
        self.wait_value("ups", "ups.status", "Error: Driver not connected")
        wait_for("no unit is left", lambda: not self.units())
        self.assert_well()

    # What is wrong with devices

    def test_hang(self):
        self.plug()
        self.wait_status("ups", "OL")
        self.ups.faults.hang = True
        began = time.monotonic()
        self.wait_value("ups", "ups.status", "Error: Data stale", NOTICE_TIMEOUT)
        print(f"a hang is noticed after {time.monotonic() - began:.1f} s")
        self.ups.faults.clear()
        self.wait_status("ups", "OL")
        self.assert_well()

    def test_garbage(self):
        """Nothing breaks over it. What it says is not to be acted on here: it may read as a low battery."""
        self.machine.run("systemctl stop busbar-monitor.service")
        self.plug()
        self.wait_status("ups", "OL")
        for fault in ("garbage", "short"):
            setattr(self.ups.faults, fault, True)
            requests = self.ups.requests
            wait_for("it was asked", lambda n=requests: self.ups.requests > n + 20, 60)
            self.ups.faults.clear()
            self.wait_value("ups", "battery.charge", "100")
            self.wait_value("ups", "ups.status", "OL")
        self.machine.run("systemctl start busbar-monitor.service")
        self.assert_well()

    def test_slow(self):
        """20 ms for each answer, as old ones take."""
        self.ups.faults.delay = 0.02
        self.plug()
        self.wait_status("ups", "OL")
        self.assert_well()

    def test_nonsense(self):
        """Never enrolled, and nobody minds."""
        self.server.plug("1-2", Nonsense())
        self.server.wait_in_use("1-2")
        self.plug()
        self.wait_status("ups", "OL")
        self.machine.run("udevadm settle")
        self.assertEqual(self.names(), ["ups"])
        self.server.unplug("1-2")
        self.server.port("1-2").device = self.other
        self.assert_well()

    # Two of them

    def charges(self):
        return {name: self.value(name, "battery.charge") for name in self.names()}

    def plug_both(self):
        for bus_id in random.sample(["1-1", "1-2"], 2):
            self.server.plug(bus_id)
            self.server.wait_in_use(bus_id)
        self.wait_names(["ups", "ups2"])

    def set_charges(self):
        for device, charge in ((self.ups, 51.0), (self.other, 52.0)):
            device.mains, device.charge = False, charge

    def unplug_both(self):
        self.server.unplug("1-1")
        self.server.unplug("1-2")
        self.wait_names([])

    def test_two(self):
        """A name belongs to a device, wherever it is plugged in."""
        self.set_charges()
        self.plug("1-1")
        self.wait_names(["ups"])
        self.plug("1-2")
        self.wait_names(["ups", "ups2"])
        wait_for("both tell their charge", lambda: self.charges() == {"ups": "51", "ups2": "52"})
        self.unplug_both()
        self.server.swap("1-1", "1-2")
        try:
            self.plug_both()
            wait_for("the names are as before", lambda: self.charges() == {"ups": "51", "ups2": "52"})
        finally:
            self.unplug_both()
            self.server.swap("1-1", "1-2")

    def test_two_of_one_serial(self):
        """Without a difference between them, a name belongs to a place."""
        twins = [Scripted(product_id=0xa002, serial="000000") for _ in range(2)]
        originals = [port.device for port in self.server.ports]
        for port, twin, charge in zip(self.server.ports, twins, (51.0, 52.0)):
            port.device = twin
            twin.mains, twin.charge = False, charge
        try:
            self.plug("1-1")
            wait_for("one is there", lambda: len(self.names()) == 1)
            self.plug("1-2")
            wait_for("two are there", lambda: len(self.names()) == 2)
            wait_for("both tell their charge", lambda: sorted(self.charges().values()) == ["51", "52"])
            before = self.charges()
            self.unplug_both()
            for bus_id in ("1-2", "1-1"):
                self.plug(bus_id)
                self.server.wait_in_use(bus_id)
            wait_for("two are there", lambda: len(self.names()) == 2)
            wait_for("the names are as before", lambda: self.charges() == before, 30)
        finally:
            self.unplug_both()
            for port, device in zip(self.server.ports, originals):
                port.device = device
            for twin in twins:
                twin.close()


def be_patient(image):
    """On a busy host a plug takes longer here than the time after which silence on battery is the end."""
    image.configure("upsmon.conf", MONITOR_CONF + "DEADTIME 120\n")


if __name__ == "__main__":
    main(TestPlug, [Scripted(serial="SIM0001"), Scripted(serial="SIM0002")], plugged=False, edit=be_patient)
