#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbar-enroll and busbar-hid-id with devices that exist only as files.

Usage: test-enroll.py BUSBAR-ENROLL BUSBAR-HID-ID"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ENROLL, HID_ID = sys.argv[1:3]
UPS = bytes.fromhex("05840904a1010924a1000585096615002564750895 01b102c0c0".replace(" ", ""))
VENDOR = bytes.fromhex("0600ff0901a10109021500256475089501b102c0")
# A page of its maker's own, with nothing to ask for.
PRIVATE = bytes.fromhex("0600ff0901a10109021500256475089508 8102c0".replace(" ", ""))
KEYBOARD = bytes.fromhex("05010906a101050719e029e71500250175019508 8102c0".replace(" ", ""))
PROFILE = """[profile]
title = Test
version = 1.0
[match]
usb = 1234:5678
[variables]
battery.charge = UPS.PowerSummary.RemainingCapacity
"""
IDS = """[cypress]
usb = 0665:5161
usb = 06da:0002
[krauler]
usb = 0001:0000 shared
[sgs]
usb = 0483:0035 shared
"""


class Bed(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="busbar-enroll-")
        self.addCleanup(directory.cleanup)
        self.top = Path(directory.name)
        self.root = self.top / "root"
        self.devices = self.root / "sys/bus/usb/devices"
        self.devices.mkdir(parents=True)
        (self.root / "proc").mkdir()
        (self.top / "conf").mkdir()
        self.numbers = 0
        self.environment = dict(os.environ, BUSBAR_ENROLL_ROOT=str(self.root),
                                NUT_CONFPATH=str(self.top / "conf"),
                                BUSBAR_PROFILES=str(self.top / "profiles"),
                                STATE_DIRECTORY=str(self.top / "state"),
                                RUNTIME_DIRECTORY=str(self.top / "run"),
                                DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={self.top}/none")

    def conf(self, text):
        (self.top / "conf/ups.conf").write_text(text)

    def plug(self, place, ids="051d:0002", serial=None, descriptor=UPS, driver="usbhid", usb_class="03"):
        """Makes what the kernel says of a device."""
        self.numbers += 1
        real = self.root / "sys/devices/pci0000:00/0000:00:14.0/usb1" / place
        interface = real / f"{place}:1.0"
        interface.mkdir(parents=True)
        for name, path in ((place, real), (f"{place}:1.0", interface)):
            (self.devices / name).symlink_to(os.path.relpath(path, self.devices))
        vendor, product = ids.split(":")
        for name, value in {"idVendor": vendor, "idProduct": product, "busnum": "1",
                            "devnum": str(self.numbers), "dev": f"189:{self.numbers}", "bcdDevice": "0100",
                            "manufacturer": "Maker", "product": "Model", "serial": serial}.items():
            if value is not None:
                (real / name).write_text(value + "\n")
        (interface / "bInterfaceClass").write_text(usb_class + "\n")
        (interface / "bInterfaceProtocol").write_text("00\n")
        (interface / "bInterfaceNumber").write_text("00\n")
        if driver:
            drivers = self.root / "sys/bus/usb/drivers" / driver
            drivers.mkdir(parents=True, exist_ok=True)
            (interface / "driver").symlink_to(os.path.relpath(drivers, interface))
        if driver == "usbhid":
            hid = interface / f"0003:{vendor}:{product}.{self.numbers:04X}"
            node = hid / f"hidraw/hidraw{self.numbers}"
            node.mkdir(parents=True)
            (node / "dev").write_text(f"241:{self.numbers}\n")
            (hid / "report_descriptor").write_bytes(descriptor)
        return f"hidraw{self.numbers}"

    def unplug(self, place):
        for name in (place, f"{place}:1.0"):
            (self.devices / name).unlink()

    def run_enroll(self, *arguments):
        return subprocess.run([ENROLL, *arguments], env=self.environment, capture_output=True, text=True,
                              check=False)

    def look(self):
        """What would be, by place."""
        done = self.run_enroll("--all", "--dry-run", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return {device["port"]: device for device in json.loads(done.stdout)}

    def names(self):
        return {place: device["name"] for place, device in self.look().items()}

    def write(self):
        """There is no service manager here, but that is asked last."""
        done = self.run_enroll("--all")
        self.assertIn("Cannot ask the service manager", done.stderr)
        self.assertEqual(done.returncode, 1)
        return done.stderr


class TestEnroll(Bed):
    def test_nothing(self):
        self.assertEqual(self.look(), {})
        self.assertEqual(self.run_enroll("--all").returncode, 0)
        self.assertIn("No power device", self.run_enroll("--all", "--dry-run").stdout)

    def test_one(self):
        node = self.plug("1-2.3", serial="AS123")
        self.plug("1-4", "046d:c31c", descriptor=KEYBOARD)
        self.assertEqual(self.look(), {"0000:00:14.0-2.3": {
            "name": "ups", "vendorid": "051d", "productid": "0002", "serial": "AS123",
            "port": "0000:00:14.0-2.3", "description": "Maker Model", "hidraw": f"/dev/{node}",
            "usbfs": "/dev/bus/usb/001/001", "driver": "usbhid-ups", "state": "found",
            "configured": False}})
        self.assertFalse((self.top / "state").exists())
        self.write()
        section = (self.top / "run/ups.conf").read_text()
        self.assertIn("[ups]\n\tdriver = usbhid-ups\n\tport = auto\n", section)
        self.assertIn('device ups 051d:0002 serial "AS123"', (self.top / "state/devices").read_text())
        self.assertEqual(self.run_enroll(node, "--dry-run").returncode, 0)

    def test_stays(self):
        self.plug("1-1", serial="A1")
        self.plug("1-2", serial="B1")
        self.write()
        self.unplug("1-1")
        self.assertEqual(self.names(), {"0000:00:14.0-2": "ups2"})
        self.write()
        self.assertIn("[ups]", (self.top / "run/ups.conf").read_text())
        self.plug("1-7", serial="A1")
        self.assertEqual(self.names(), {"0000:00:14.0-2": "ups2", "0000:00:14.0-7": "ups"})

    def test_too_many(self):
        """Those that are on record stay, wherever they are in the order."""
        self.plug("1-99", serial="Z1")
        self.write()
        for i in range(1, 99):
            self.plug(f"1-1.{i}", serial=f"A{i}")
            if i <= 40:
                self.plug(f"1-2.{i}", serial=f"B{i}")
        done = self.run_enroll("--all", "--dry-run", "--json")
        names = {device["port"]: device["name"] for device in json.loads(done.stdout)}
        self.assertEqual(len(names), 128)
        self.assertEqual(names["0000:00:14.0-99"], "ups")
        self.assertIn("139 power devices are plugged in: 11 of them are left out", done.stderr)

    def test_another_serial_each_time(self):
        self.plug("1-1", serial="GOOD")
        self.write()
        self.unplug("1-1")
        for i in range(20):
            self.plug("1-2", serial=f"X{i}")
            said = self.write()
            self.unplug("1-2")
            shutil.rmtree(self.root / "sys/devices")
        self.assertIn("More and more devices are plugged in at 0000:00:14.0-2", said)
        records = (self.top / "state/devices").read_text()
        self.assertIn('serial "GOOD"', records)
        self.assertIn('serial "X19"', records)
        self.assertNotIn('serial "X5"', records)
        self.assertLessEqual((self.top / "run/ups.conf").read_text().count("driver ="), 10)

    def test_twins(self):
        self.plug("1-1", serial="A1")
        self.write()
        self.plug("1-2", serial="A1")
        self.assertIn("same serial number", self.write())
        self.assertEqual(self.names(), {"0000:00:14.0-1": "ups", "0000:00:14.0-2": "ups2"})
        self.assertNotIn("same serial number", self.write())
        self.assertIn('busport = "2"', (self.top / "run/ups.conf").read_text())

    def test_sections(self):
        self.conf("[rack]\ndriver = usbhid-ups\nport = auto\nserial = B.*\n"
                  "[file]\ndriver = usbhid-ups\nport = /tmp/some.recording\n"
                  "[ups]\ndriver = dummy-ups\nport = sim.dev\n")
        self.plug("1-1", serial="A1")
        self.plug("1-2", serial="B1")
        self.assertEqual(self.names(), {"0000:00:14.0-1": "ups2", "0000:00:14.0-2": "rack"})
        self.assertTrue(self.look()["0000:00:14.0-2"]["configured"])
        self.write()
        self.assertNotIn("rack", (self.top / "run/ups.conf").read_text())

    def test_bad_expression(self):
        self.conf("[rack]\ndriver = usbhid-ups\nport = auto\nserial = B(\n")
        self.plug("1-1", serial="B1")
        done = self.run_enroll("--all", "--dry-run")
        self.assertIn(f"{self.top}/conf/ups.conf:4: [rack]: serial is not a regular expression", done.stderr)
        self.assertIn("ups: Maker Model", done.stdout)

    def test_unreadable_conf(self):
        """Without its sections, names would be wrong."""
        (self.top / "conf/ups.conf").mkdir()
        self.plug("1-1", serial="B1")
        done = self.run_enroll("--all")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ups.conf", done.stderr)
        self.assertFalse((self.top / "run/ups.conf").exists())

    def test_known_by_ids(self):
        """What does not say itself that it is one: by a profile, or by ups.conf."""
        self.plug("1-1", "1234:5678", descriptor=VENDOR)
        self.plug("1-2", "1234:5679", descriptor=VENDOR)
        self.plug("1-3", "1234:5678", descriptor=KEYBOARD)
        self.assertEqual(self.names(), {})
        (self.top / "profiles/hid").mkdir(parents=True)
        (self.top / "profiles/hid/test.profile").write_text(PROFILE)
        self.assertEqual(self.names(), {"0000:00:14.0-1": "ups"})
        self.conf("[rack]\ndriver = usbhid-ups\nport = auto\nproductid = 5679\n")
        self.assertEqual(self.names(), {"0000:00:14.0-1": "ups", "0000:00:14.0-2": "rack"})

    def lines(self):
        (self.top / "profiles/qx").mkdir(parents=True)
        (self.top / "profiles/qx/usb.ids").write_text(IDS)

    def drivers(self):
        return {place[-1]: device["driver"] for place, device in self.look().items()}

    def test_lines(self):
        """What speaks in lines is known by its ids, unless it says that it is something else."""
        self.lines()
        self.plug("1-1", "0665:5161", descriptor=PRIVATE)
        self.plug("1-2", "0665:5161", descriptor=KEYBOARD)
        self.plug("1-3", "06da:0002", descriptor=UPS)
        self.plug("1-4", "06da:0002", driver=None, usb_class="ff")
        self.plug("1-5", "06da:0002", driver="usb-storage", usb_class="08")
        self.plug("1-6", "1234:5678", driver=None, usb_class="ff")
        self.assertEqual(self.drivers(), {"1": "nutdrv_qx", "3": "usbhid-ups", "4": "nutdrv_qx"})
        self.write()
        sections = (self.top / "run/ups.conf").read_text()
        self.assertEqual(sections.count("driver = nutdrv_qx"), 2, sections)
        self.assertIn("[ups3]\n\tdriver = nutdrv_qx\n\tport = auto\n\tvendorid = 06da", sections)
        # Interfaces have no node of their own.
        self.assertEqual(self.run_enroll("--dry-run", "1-4:1.0").stderr, "")
        self.assertIn("is no power device", self.run_enroll("--dry-run", "1-6:1.0").stderr)

    def test_shared_ids(self):
        """Ids that others have as well are enough only where nothing else can be there."""
        self.lines()
        self.plug("1-1", "0001:0000", descriptor=PRIVATE)
        self.plug("1-2", "0483:0035", driver=None, usb_class="ff")
        self.assertEqual(self.drivers(), {"1": "nutdrv_qx"})
        self.conf("[tower]\ndriver = nutdrv_qx\nport = auto\nvendorid = 0483\n")
        self.assertEqual(self.names(), {"0000:00:14.0-1": "ups", "0000:00:14.0-2": "tower"})

    def test_lines_taken_from_the_kernel(self):
        """By our driver, which is killed then: the device says no more what it is."""
        self.lines()
        self.plug("1-1", "0001:0000", descriptor=PRIVATE, serial="A1")
        self.write()
        self.unplug("1-1")
        shutil.rmtree(self.root / "sys/devices")
        self.plug("1-1", "0001:0000", driver=None, serial="A1")
        self.assertEqual(self.drivers(), {"1": "nutdrv_qx"})

    def test_sections_of_drivers(self):
        """A section without keys is for what its driver is for, one with keys decides on the driver."""
        self.lines()
        self.conf("[hid]\ndriver = usbhid-ups\nport = auto\n[line]\ndriver = blazer_usb\nport = auto\n"
                  "[serial]\ndriver = nutdrv_qx\nport = /dev/ttyS0\n"
                  "[mine]\ndriver = usbhid-ups\nport = auto\nproductid = 0002\nserial = X\n")
        self.plug("1-1", "0665:5161", descriptor=PRIVATE)
        self.plug("1-2", "051d:0003")
        self.plug("1-3", "06da:0002", descriptor=PRIVATE, serial="X")
        self.assertEqual(self.names(), {"0000:00:14.0-1": "line", "0000:00:14.0-2": "hid",
                                        "0000:00:14.0-3": "mine"})
        self.assertEqual(self.drivers(), {"1": "blazer_usb", "2": "usbhid-ups", "3": "usbhid-ups"})
        # Which is opened by itself.
        self.assertEqual(self.run_enroll("--hand-over=serial").returncode, 0)

    def test_other_things(self):
        """Ids of a vendor are on printers and hubs as well: no section takes those."""
        self.lines()
        self.plug("1-1", "03f0:1111", driver="usblp", usb_class="07")
        self.plug("1-2", "03f0:1fe0")
        self.plug("1-3", "03f0:2222", driver="hub", usb_class="09")
        self.plug("1-4", "03f0:3333", driver=None, usb_class="ff")
        for driver, taken in (("usbhid-ups", "2"), ("nutdrv_qx", "4")):
            self.conf(f"[mine]\ndriver = {driver}\nport = auto\nvendorid = 03f0\n")
            found = {place[-1]: device["name"] for place, device in self.look().items()}
            self.assertEqual(found.pop(taken), "mine", driver)
            self.assertNotIn("mine", found.values())
            self.assertLessEqual(set(found), {"2"})
        self.conf("[mine]\ndriver = usbhid-ups\nport = auto\nvendorid = 03f0\nproductid = 3333\n")
        self.assertEqual(self.names(), {"0000:00:14.0-2": "ups"})
        for ids in (1111, 2222):
            self.conf(f"[mine]\ndriver = nutdrv_qx\nport = auto\nvendorid = 03f0\nproductid = {ids}\n")
            self.assertEqual(self.names(), {"0000:00:14.0-2": "ups"})
        self.conf("[mine]\ndriver = nutdrv_qx\nport = auto\nvendorid = 03f0\nproductid = 1fe0\n")
        self.assertEqual(self.names(), {"0000:00:14.0-2": "mine"})

    def test_ignored(self):
        node = self.plug("1-1", serial="A1")
        data = self.root / "run/udev/data"
        data.mkdir(parents=True)
        (data / "c241:1").write_text("I:123\nE:ID_X=1\nE:BUSBAR_IGNORE=1\nG:systemd\n")
        self.assertEqual(self.look(), {})
        done = self.run_enroll(node)
        self.assertEqual(done.returncode, 0)
        self.assertIn("is no power device that is plugged in, or it is to be left alone", done.stderr)

    # Others

    def process(self, pid, name, unit, uid=0):
        path = self.root / "proc" / str(pid)
        path.mkdir()
        (path / "comm").write_text(name + "\n")
        (path / "status").write_text(f"Name:\t{name}\nUid:\t" + "\t".join([str(uid)] * 4) + "\nGid:\t0\n")
        (path / "cgroup").write_text(f"12:cpu,cpuacct:/\n1:name=systemd:/system.slice/{unit}\n0::/\n")

    def left(self, place):
        return self.look()[place].get("left")

    def test_claimed(self):
        self.conf("[rack]\ndriver = usbhid-ups\nport = auto\nvendorid = 051d\n")
        self.plug("1-1", serial="A1", driver="usbfs")
        self.assertEqual(self.left("0000:00:14.0-1"), "a program that has /dev/bus/usb/001/001 open")
        self.process(70, "usbhid-ups", "system-nut\\x2ddriver.slice/nut-driver@rack.service")
        self.process(71, "bash", "session.scope")
        self.assertEqual(self.left("0000:00:14.0-1"), "usbhid-ups (process 70 of nut-driver@rack.service)")

    def test_claimed_later(self):
        """Its descriptor cannot be seen any more then."""
        self.plug("1-1", "1234:5678", serial="A1")
        self.write()
        self.unplug("1-1")
        self.plug("1-3", "1234:5678", serial="A1", driver="usbfs")
        self.plug("1-4", "1234:5678", serial="B1", driver="usbfs")
        self.assertEqual(self.names(), {"0000:00:14.0-3": "ups"})
        # Who had it was killed.
        self.unplug("1-3")
        self.unplug("1-4")
        self.plug("1-5", "1234:5678", serial="A1", driver=None)
        self.plug("1-6", "1234:5678", serial="B1", driver=None)
        self.assertEqual(self.names(), {"0000:00:14.0-5": "ups"})

    def test_shared(self):
        self.plug("1-1", serial="A1")
        self.plug("1-2", "0764:0501", serial="B1")
        self.process(70, "apcupsd", "apcupsd.service")
        # It takes a device from the kernel, but none of these.
        self.process(71, "usbhid-ups", "nut-driver@other.service")
        self.assertEqual(self.left("0000:00:14.0-1"), "apcupsd (process 70 of apcupsd.service)")
        self.assertIsNone(self.left("0000:00:14.0-2"))

    def test_shared_with_anybody(self):
        """A name is no proof: who is not root cannot keep a device from being served."""
        self.plug("1-1", serial="A1")
        self.process(70, "apcupsd", "cron.service", uid=1000)
        self.assertIsNone(self.left("0000:00:14.0-1"))

    # The command line

    def test_forget(self):
        self.plug("1-1", serial="A1")
        self.write()
        self.assertIn("is plugged in", self.run_enroll("--forget=ups").stderr)
        self.unplug("1-1")
        self.assertEqual(self.run_enroll("--forget=ups").returncode, 0)
        self.assertNotIn("device ups", (self.top / "state/devices").read_text())
        self.assertEqual(self.run_enroll("--forget=ups").returncode, 1)

    def test_hand_over(self):
        done = self.run_enroll("--hand-over=ups")
        self.assertEqual(done.returncode, 2)
        self.assertIn("No device that is called ups is plugged in", done.stderr)

    def test_usage(self):
        for arguments in ([], ["--all", "hidraw0"], ["a", "b"], ["--nonsense"], ["--forget=a", "--all"]):
            self.assertEqual(self.run_enroll(*arguments).returncode, 1, arguments)
        self.assertEqual(self.run_enroll("--help").returncode, 0)


class TestHidId(Bed):
    def ask(self, descriptor, driver=None, line=False):
        (self.top / "device").mkdir(exist_ok=True)
        (self.top / "device/report_descriptor").write_bytes(descriptor)
        environment = dict(os.environ) | ({"BUSBAR_DRIVER": driver} if driver else {}) \
            | ({"BUSBAR_LINE": "1"} if line else {})
        done = subprocess.run([HID_ID, f"/..{self.top}"], env=environment, capture_output=True, text=True,
                              check=True)
        return done.stdout

    def test_kinds(self):
        yes = "BUSBAR_HID=1\nBUSBAR_DRIVER=usbhid-ups\n"
        self.assertEqual(self.ask(UPS), yes)
        self.assertEqual(self.ask(VENDOR), "")
        self.assertEqual(self.ask(VENDOR, "usbhid-ups"), yes)
        self.assertEqual(self.ask(VENDOR, "nutdrv_qx"), "")
        self.assertEqual(self.ask(KEYBOARD, "usbhid-ups"), "")
        self.assertEqual(self.ask(PRIVATE), "")
        self.assertEqual(self.ask(PRIVATE, line=True), "BUSBAR_HID=1\n")
        self.assertEqual(self.ask(VENDOR, line=True), "BUSBAR_HID=1\n")
        self.assertEqual(self.ask(UPS, line=True), yes)
        self.assertEqual(self.ask(KEYBOARD, line=True), "")
        self.assertEqual(self.ask(b"", line=True), "")
        self.assertEqual(self.ask(b""), "")
        self.assertEqual(self.ask(bytes(range(256)) * 16), "")

    def test_missing(self):
        done = subprocess.run([HID_ID, "/devices/none"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/sys/devices/none/device/report_descriptor", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
