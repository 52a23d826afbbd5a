#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""UPSes that answer lines, in a booted system: on USB they are named, served, and found again, whatever is
done to their units; one on a serial line is served as its section says, by the same units.

Usage: test-enroll-lines.py BUILD MESON USB-CABLE [TEST...]"""

import sys
from pathlib import Path

from upssim import Ups
from usbtest import UsbTest, main
from vm import wait_for

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "usbip"))

# pylint: disable=wrong-import-position,import-error
import qxusb  # noqa: E402
from qxusb import Megatec  # noqa: E402

SERVICE = "busbar-nutdrv_qx@{}.service"
SOCKET = "busbar-nutdrv_qx@{}.socket"
CONF = "/etc/nut/ups.conf"
SERIAL_CONF = "[rack]\ndriver = nutdrv_qx\nport = /dev/ttyS1\npollinterval = 1\n"
GONE = "Error: Driver not connected"
HID, VENDOR = "1-1", "1-2"


class SerialUps(Ups):
    """One that lives, at the serial line of the machine."""

    def __init__(self):
        super().__init__(lambda on: None)
        self.unit = Megatec(load=44)

    def _answer(self, request):
        line = request.encode("latin-1") + b"\r"
        answer = self.unit.answer(line)
        # As they do that do not know it.
        return (line if answer is None else answer).decode("latin-1")


class TestEnrollLines(UsbTest):
    serial_ups = None

    def setUp(self):
        super().setUp()
        for port, load in zip(self.server.ports, (11, 22)):
            port.device.unit.mains, port.device.unit.load = True, load
        if self._testMethodName != "test_at_boot":
            self.forget_sections()

    def tearDown(self):
        for port in self.server.ports:
            self.server.unplug(port.bus_id)
        self.forget_sections()
        self.keep_console()

    def forget_sections(self):
        # To read it anew takes a while.
        self.machine.run(f"! [ -s {CONF} ] || {{ : >{CONF}; systemctl reload busbar; }}", 120)
        self.wait_present([])

    # What is there

    def present(self):
        """Names of the devices that a driver has."""
        return sorted(self.machine.run(
            f"systemctl list-units --no-legend --plain '{SERVICE.format('*')}' | sed -n "
            "'s/^busbar-nutdrv_qx@\\(.*\\)\\.service .* active .*running.*/\\1/p'").split())

    def wait_present(self, names, timeout=120):
        try:
            wait_for(f"drivers for {names}", lambda: self.present() == sorted(names), timeout)
        except TimeoutError:
            self.fail(f"there is {self.present()}, not {names}; journal:\n{self.journal()[-6000:]}")

    def plug(self, bus_id):
        self.server.plug(bus_id)
        self.server.wait_in_use(bus_id)

    def assert_served(self, name, load):
        """By the device that has this load."""
        wait_for(f"a driver for {name}", lambda: name in self.present(), 120)
        self.wait_status(name, "OL")
        self.assertEqual(self.value(name, "ups.load"), str(load))
        self.assertEqual(self.value(name, "input.voltage"), "230.0")
        # The simulated battery may still be charging after the outage of another case.
        self.assertRegex(self.value(name, "battery.voltage"), r"^2[0-8]\.[0-9]{2}$")

    # On USB

    def check_life(self, bus_id, load):
        """From the first plug on; the other one comes, and neither takes the other's name."""
        self.plug(bus_id)
        self.assert_served("ups", load)
        self.assertEqual(self.value("ups", "driver.name"), "nutdrv_qx")
        self.assertEqual(self.machine.run(f"systemctl is-active {SOCKET.format('ups')}"), "active")
        with self.subTest("mains"):
            self.server.port(bus_id).device.unit.mains = False
            self.wait_status("ups", "OB")
            self.server.port(bus_id).device.unit.mains = True
            self.wait_status("ups", "OL")
        with self.subTest("kill"):
            self.kill(SERVICE.format("ups"))
            self.assert_served("ups", load)
        with self.subTest("unplug"):
            self.server.unplug(bus_id)
            self.wait_value("ups", "ups.status", GONE)
            self.wait_present([])
            wait_for("nothing is left", lambda: self.machine.run("ls /run/systemd/transient") == "")
        other = VENDOR if bus_id == HID else HID
        with self.subTest("another one"):
            self.plug(other)
            self.assert_served("ups2", 33 - load)
        with self.subTest("plugged in again"):
            self.plug(bus_id)
            self.assert_served("ups", load)
            self.assert_served("ups2", 33 - load)
        self.assertNotIn("dumped core", self.journal())

    def test_hid(self):
        """Its interface is HID with usages of its maker's own."""
        self.check_life(HID, 11)

    def test_vendor_class(self):
        """It has no node of the kernel's but that of the bus."""
        self.check_life(VENDOR, 22)

    def test_command(self):
        """As a client has it done, through the node that was handed over."""
        self.plug(HID)
        self.assert_served("ups", 11)
        device = self.server.port(HID).device
        device.lines.clear()
        self.machine.run("busbarctl run ups test.battery.start.quick")
        self.assertEqual(device.lines.count(b"T\r"), 1, device.lines)
        device.unit.cancel()

    def test_section(self):
        self.machine.write(CONF, "[tower]\ndriver = nutdrv_qx\nport = auto\nvendorid = 0665\n", "644")
        self.machine.run("systemctl reload busbar", 120)
        self.plug(VENDOR)
        self.plug(HID)
        self.assert_served("tower", 11)
        self.assert_served("ups", 22)
        self.assertEqual(self.present(), ["tower", "ups"])

    def test_renamed(self):
        """While it is served."""
        self.plug(HID)
        self.assert_served("ups", 11)
        self.machine.write(CONF, "[tower]\ndriver = nutdrv_qx\nport = auto\nproductid = 5161\n", "644")
        self.machine.run("systemctl reload busbar", 120)
        self.wait_present(["tower"])
        self.assert_served("tower", 11)

    # On a serial line

    def test_at_boot(self):
        """The first test of all: it was started with the machine, as the generator has it."""
        self.assert_served("rack", 44)
        self.assertEqual(self.present(), ["rack"])

    def test_serial(self):
        """Nothing is handed over, and nothing stands in its way; a device on USB is another one's."""
        self.machine.write(CONF, SERIAL_CONF, "644")
        self.machine.run("systemctl reload busbar", 120)
        self.assert_served("rack", 44)
        self.assertEqual(self.machine.run("systemctl is-failed busbar-hand-over@rack.service; true"),
                         "inactive")
        with self.subTest("kill"):
            self.kill(SERVICE.format("rack"))
            self.assert_served("rack", 44)
        with self.subTest("stop and start"):
            self.machine.run(f"systemctl stop {SERVICE.format('rack')} 2>/dev/null")
            self.wait_value("rack", "ups.status", GONE)
            self.machine.run(f"systemctl start {SERVICE.format('rack')}")
            self.assert_served("rack", 44)
        with self.subTest("one on USB"):
            self.plug(HID)
            self.assert_served("ups", 11)
            self.assert_served("rack", 44)
            self.server.unplug(HID)
            self.wait_present(["rack"])
        with self.subTest("mains"):
            self.serial_ups.unit.mains = False
            self.wait_status("rack", "OB")
            self.serial_ups.unit.mains = True
            self.wait_status("rack", "OL")
        with self.subTest("the section is gone"):
            self.machine.run(f": >{CONF}; systemctl reload busbar", 120)
            self.wait_present([])


def add_section(image):
    image.configure("ups.conf", SERIAL_CONF)


def make_devices():
    return [qxusb.Cypress(Megatec(load=11)), qxusb.Phoenixtec(Megatec(load=22))]


if __name__ == "__main__":
    TestEnrollLines.serial_ups = SerialUps()
    main(TestEnrollLines, make_devices(), plugged=False, ups=TestEnrollLines.serial_ups,
         edit=add_section)
