#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names of devices that are plugged in, and what becomes of their units, whatever is done to these.

Usage: test-enroll.py BUILD MESON USB-CABLE [--full] [TEST...]"""

import json
import random

from usbbed import Scripted
from usbtest import UsbTest, main
from vm import wait_for

ENROLL = "/usr/lib/busbar/busbar-enroll"
SERVICE = "busbar-usbhid-ups@{}.service"
SOCKET = "busbar-usbhid-ups@{}.socket"
LOCAL_RULES = "/etc/udev/rules.d/60-local.rules"
CONF = "/etc/nut/ups.conf"
TIMER = "busbar-enroll.timer"
THEIR_PID = "/run/nut/usbhid-ups-theirs.pid"
STATE = "/var/lib/busbar-enroll/devices"


class TestEnroll(UsbTest):
    def setUp(self):
        super().setUp()
        self.server.port("1-1").device.charge = 91.0
        self.server.port("1-2").device.charge = 92.0
        for port in self.server.ports:
            port.device.mains = True

    def tearDown(self):
        for port in self.server.ports:
            self.server.unplug(port.bus_id)
        self.wait_present([])
        self.machine.run(f"rm -f {LOCAL_RULES}; udevadm control --reload; : >{CONF}; rm -rf /run/nut/*")
        self.keep_console()

    # What is there

    def present(self):
        """Names of the devices that a driver has."""
        return sorted(self.machine.run(
            f"systemctl list-units --no-legend --plain '{SERVICE.format('*')}' | sed -n "
            "'s/^busbar-usbhid-ups@\\(.*\\)\\.service .* active .*running.*/\\1/p'").split())

    def wait_present(self, names, timeout=90):
        wait_for(f"drivers for {names}", lambda: self.present() == sorted(names), timeout)

    def state(self, unit):
        return self.machine.run(f"systemctl is-active {unit}; true").strip()

    def listed(self):
        return {device["name"]: device for device in
                json.loads(self.machine.run(f"{ENROLL} --all --dry-run --json"))}

    def serials(self):
        """Which device each name is, as clients see it."""
        names = self.present()
        return {name: self.value(name, "ups.serial") for name in names}

    def plug(self, *bus_ids):
        for bus_id in bus_ids:
            self.server.plug(bus_id)
            self.server.wait_in_use(bus_id)

    def assert_served(self, name="ups"):
        self.wait_present([name])
        self.wait_status(name, "OL")
        self.assertEqual(self.state(SOCKET.format(name)), "active")

    # Whatever is done to the units

    def test_units(self):
        self.plug("1-1")
        self.assert_served()
        service = SERVICE.format("ups")
        with self.subTest("restart"):
            before = self.machine.run(f"systemctl show -P MainPID {service}")
            self.machine.run(f"systemctl restart {service}")
            self.assertNotEqual(self.machine.run(f"systemctl show -P MainPID {service}"), before)
            self.assert_served()
        with self.subTest("kill"):
            self.kill(service)
            self.assert_served()
        # The timer would start what is stopped.
        self.machine.run(f"systemctl stop {TIMER} busbar-enroll.service")
        try:
            with self.subTest("stop"):
                self.machine.run(f"systemctl stop {service} 2>/dev/null")
                self.assertEqual(self.state(service), "inactive")
                wait_for("the socket is closed", lambda: self.state(SOCKET.format("ups")) == "inactive")
                self.assertEqual(self.value("ups"), "Error: Driver not connected")
        finally:
            self.machine.run(f"systemctl start {TIMER}")
        with self.subTest("start"):
            self.machine.run(f"systemctl start {service}")
            self.assert_served()
        with self.subTest("the socket is stopped"):
            self.machine.run(f"systemctl stop {SOCKET.format('ups')}")
            wait_for("the driver ends with it", lambda: self.state(service) == "inactive")
            self.machine.run("systemctl start busbar-enroll.service")
            self.assert_served()
        with self.subTest("reload"):
            before = self.machine.run(f"systemctl show -P MainPID {service}")
            self.machine.run("systemctl reload busbar", 120)
            self.assertEqual(self.machine.run(f"systemctl show -P MainPID {service}"), before)
            self.assert_served()
        with self.subTest("unplug"):
            self.server.unplug("1-1")
            self.wait_present([])
            wait_for("nothing is left", lambda: "ups@ups" not in " ".join(self.units()))
            self.assertEqual(self.machine.run("ls /run/systemd/transient"), "")
            self.assertEqual(self.value("ups"), "Error: Driver not connected")
        with self.subTest("start without a device"):
            self.machine.run(f"! systemctl start {service}")
            self.assertIn("No device that is called ups is plugged in", self.journal())
            self.machine.run("systemctl reset-failed")
        self.plug("1-1")
        self.assert_served()

    def test_failed_hand_over(self):
        """What goes wrong at a restart is made good as soon as it can be, and by nobody's hand."""
        self.plug("1-1")
        self.assert_served()
        self.machine.run(f"chmod 0 {CONF}")
        try:
            self.machine.run(f"systemctl kill -s KILL {SERVICE.format('ups')}")
            wait_for("the start fails", lambda: f"Cannot read {CONF}" in self.journal())
            self.wait_present([])
        finally:
            self.machine.run(f"chmod 644 {CONF}")
        self.assert_served()

    def test_timer(self):
        """Whatever is plugged in and not served is taken up, and to look for it says nothing."""
        self.plug("1-1")
        self.assert_served()
        self.assertEqual(self.state(TIMER), "active")
        service = SERVICE.format("ups")
        self.machine.run(f"systemctl stop {service} 2>/dev/null")
        self.wait_present([])
        # As the timer does it.
        before = self.journal_cursor()
        look = f"systemctl start $(systemctl show -P Triggers {TIMER})"
        self.machine.run(f"{look} --no-block")
        self.assert_served()
        # What has crashed is started again after its pause, and counted.
        self.kill(service, look)
        self.assert_served()
        self.wait_restarted(service)
        self.assertNotIn("Devices that Are Plugged In", self.machine.run(
            f"journalctl --no-pager -q -u busbar-enroll.service --after-cursor='{before}'"))

    def test_only_root_is_a_rival(self):
        """Nobody can have a device unserved by the name of a program."""
        port = self.server.ports[0]
        device = port.device
        self.machine.run("cp /bin/sleep /run/apcupsd; systemd-run -q --uid=65534 --unit=impostor "
                         "/run/apcupsd 1000")
        try:
            self.bed.plug("1-1", Scripted(0x051d, 0x0002, serial="SIM0004"))
            self.wait_present(["ups"])
        finally:
            self.machine.run("systemctl stop impostor; rm /run/apcupsd")
            self.server.unplug(port.bus_id)
            port.device.close()
            port.device = device

    def test_busbar_is_stopped(self):
        """A machine that does not want it is not served, and a driver of NUT could have the device."""
        self.machine.run("systemctl stop busbar.service", 120)
        try:
            self.plug("1-1")
            wait_for("it was looked at", lambda: "when busbar.target is started" in self.journal())
            self.assertEqual(self.present(), [])
        finally:
            self.machine.run("systemctl start busbar.service", 120)
        self.assert_served()

    # Names

    def test_order(self):
        """Any order, any number of times; the second time at each other's port."""
        both = {"ups": "SIM0001", "ups2": "SIM0002"}
        self.plug("1-1", "1-2")
        self.wait_present(both)
        names = self.serials()
        self.assertEqual(sorted(names.values()), sorted(both.values()))
        for _ in range(20 if self.full else 2):
            for port in self.server.ports:
                self.server.unplug(port.bus_id)
            self.wait_present([])
            self.machine.run("rm -rf /run/busbar-enroll/*")
            self.server.swap("1-1", "1-2")
            self.plug(*random.sample(["1-1", "1-2"], 2))
            self.wait_present(both)
            for name in both:
                self.wait_status(name, "OL")
            self.assertEqual(self.serials(), names)

    def test_renamed(self):
        self.plug("1-1")
        self.assert_served()
        serial = self.value("ups", "ups.serial")
        self.machine.write(CONF, f"[rack]\ndriver = usbhid-ups\nport = auto\nserial = {serial}\n", "644")
        self.machine.run("systemctl reload busbar", 120)
        self.assert_served("rack")
        self.assertEqual(self.state(SERVICE.format("ups")), "inactive")
        self.assertNotIn("[ups]", self.machine.run("cat /run/busbar-enroll/ups.conf"))

    def test_damaged(self):
        self.plug("1-1", "1-2")
        self.wait_present(["ups", "ups2"])
        names = self.serials()
        for port in self.server.ports:
            self.server.unplug(port.bus_id)
        self.wait_present([])
        self.machine.run(f"printf 'rubbish \\377\\n' >{STATE}")
        self.plug("1-2", "1-1")
        self.wait_present(["ups", "ups2"])
        for name in names:
            self.wait_status(name, "OL")
        self.assertEqual(self.serials(), names)
        self.assertIn(f"{STATE}:1: ", self.journal())

    # Left alone

    def test_ignored(self):
        self.machine.run("mkdir -p /etc/udev/rules.d")
        self.machine.write(LOCAL_RULES, 'SUBSYSTEMS=="usb", ATTRS{serial}=="SIM0001", '
                                        'ENV{BUSBAR_IGNORE}="1"\n')
        self.machine.run("udevadm control --reload")
        self.plug("1-1", "1-2")
        self.wait_present(["ups"])
        self.machine.run("udevadm settle; systemctl start busbar-enroll.service")
        self.assertEqual(list(self.listed()), ["ups"])
        self.wait_value("ups", "ups.serial", "SIM0002")

    def test_other_driver(self):
        """One of NUT has it: nobody disturbs it, and afterwards it is taken over."""
        self.machine.run("systemctl stop busbar.service", 120)
        ours = self.server.port("1-1").device
        try:
            self.bed.plug("1-1", Scripted(0x0463, 0xffff, serial="SIM0003"))
            self.machine.run("NUT_STATEPATH=/run/nut /lib/nut/usbhid-ups -s theirs -u root -x port=auto "
                             "-x vendorid=0463", 120)
            self.machine.run("systemctl start busbar.service", 120)
            self.machine.run("systemctl start busbar-enroll.service")
            self.assertIn("ups (Busbar Simulated UPS) is left to usbhid-ups (process ", self.journal())
            self.assertEqual(self.present(), [])
            self.machine.run(f"kill -0 $(cat {THEIR_PID})")
        finally:
            self.machine.run(f"kill $(cat {THEIR_PID}); systemctl start busbar.service", 120)
        # It gives the device back to the kernel, which is like a plug.
        self.wait_present(["ups"])
        self.server.unplug("1-1")
        self.server.port("1-1").device = ours


if __name__ == "__main__":
    main(TestEnroll, [Scripted(serial="SIM0001"), Scripted(serial="SIM0002")], plugged=False)
