#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recorded devices, plugged into a machine one after the other: our usbhid-ups through hidraw and libusb,
beside the stock one. What that one shows, ours shows, but for the differences that tests/hid knows a reason
for.

Usage: test-usb-units.py BUILD MESON USB-CABLE DRIVER FOLDER..."""

import argparse
import fnmatch
import sys
import unittest
from pathlib import Path

from usbbed import Folder, UsbBed

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hid" / "stock"))

# pylint: disable=wrong-import-position,import-error
import oracle  # noqa: E402
from differences import DIFFERENCES  # noqa: E402

STOCK = "/lib/nut/usbhid-ups"
# What says how the device is reached.
OF_LINK = ("driver.parameter.link", "driver.state")
# HID by name alone: it carries a serial protocol, and no usage in it is one of a power device.
BRIDGES = ("0001-0000-mec0003",)


def is_same(variable, stock, ours):
    if variable == "ups.status" and ours is not None:
        return sorted(stock.split()) == sorted(ours.split())
    try:
        return stock == ours or abs(float(stock) - float(ours)) < 1e-9
    except (TypeError, ValueError):
        return False


def has_reason(name, variable, stock, ours):
    return any(fnmatch.fnmatchcase(name, device) and fnmatch.fnmatchcase(variable, pattern) and
               (wanted is None or wanted(stock, ours)) for device, pattern, wanted, _ in DIFFERENCES)


class TestUnits(unittest.TestCase):
    bed = None
    driver = None
    folders = ()

    def dump(self, program, *options):
        """Exit status and variables."""
        words = " ".join(f"-x {option}" for option in options)
        command = f"timeout -s KILL 60 {program} -s t {words} -d 1 -u root"
        output = self.bed.machine.run(f"{command} && code=0 || code=$?; echo; echo $code",
                                      90)
        text, _, status = output.rpartition("\n")
        return int(status), oracle.parse_dump(text), text

    def compare(self, device):
        ids = (f"vendorid={device.vendor_id:04x}", f"productid={device.product_id:04x}")
        status, ours, text = self.dump(self.driver, "port=auto", *ids)
        if device.name in BRIDGES:
            self.assertNotEqual(status, 0, text)
            self.assertIn("no power device that a profile knows", text)
            return False
        self.assertEqual(status, 0, text)
        self.assertIn("ups.status", ours)
        self.assertEqual(ours.get("ups.vendorid"), f"{device.vendor_id:04x}")
        status, direct, text = self.dump(self.driver, "port=auto", "link=libusb", *ids)
        self.assertEqual(status, 0, text)
        for variable in OF_LINK:
            ours.pop(variable, None)
            direct.pop(variable, None)
        self.assertEqual(direct, ours, "through libusb and through hidraw")
        self.assertTrue(self.bed.has_device(device.vendor_id, device.product_id), "the kernel has it back")

        # What it was told is of its own making.
        device.writes.clear()
        status, stock, text = self.dump(STOCK, "port=auto", *ids[:1])
        if status != 0:
            return False
        wrong = [f'{variable}: stock "{value}", ours {ours.get(variable)!r}'
                 for variable, value in sorted(oracle.of_device(stock).items())
                 if not is_same(variable, value, ours.get(variable)) and
                 not has_reason(device.name, variable, value, ours.get(variable))]
        self.assertEqual(wrong, [], device.name)
        return True

    def test_units(self):
        compared = 0
        for folder in self.folders:
            with self.subTest(folder.name):
                device = Folder(folder)
                self.bed.plug("1-1", device)
                try:
                    compared += self.compare(device)
                finally:
                    self.bed.unplug("1-1")
        self.assertGreater(compared, len(self.folders) // 2, "the stock driver knows most of them")
        self.assertNotIn("BUG:", self.bed.machine.console())
        self.assertNotIn("segfault", self.bed.machine.console())


def mask_enrollment(image):
    """Nobody but the test is to take the devices."""
    (image.root / "etc/systemd/system/busbar-enroll@.service").symlink_to("/dev/null")


def main():
    parser = argparse.ArgumentParser()
    for name in ("build", "meson", "cable", "driver"):
        parser.add_argument(name)
    parser.add_argument("folder", nargs="+", type=Path)
    options = parser.parse_args()
    TestUnits.driver = options.driver
    TestUnits.folders = sorted(folder for directory in options.folder
                               for folder in (directory, *directory.iterdir())
                               if (folder / "report_descriptor.bin").is_file())
    if not TestUnits.folders:
        sys.exit("no device in these folders")
    TestUnits.bed = UsbBed(options.build, options.meson, options.cable, [Folder(TestUnits.folders[0])],
                           edit=mask_enrollment, plugged=False)
    try:
        TestUnits.bed.start()
        result = unittest.main(argv=sys.argv[:1], verbosity=2, exit=False).result
    finally:
        TestUnits.bed.close()
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
