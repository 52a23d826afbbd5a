#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""UPSes that answer lines, over USB: one of each way, plugged into a machine one after the other, with
nutdrv_qx, ours and the stock one; and devices with their ids that are something else.

Usage: test-qx.py BUILD MESON USB-CABLE DRIVER [--full] [TEST...]"""

import argparse
import re
import sys
import time
import unittest
from pathlib import Path

from usbbed import UsbBed
from vm import wait_for

for more in ("usbip", "hid/stock"):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / more))

# pylint: disable=wrong-import-position,import-error
import oracle  # noqa: E402
import qxusb  # noqa: E402
from qxusb import Megatec  # noqa: E402
from usbdevice import Stall  # noqa: E402

STOCK_DRIVER = "/lib/nut/nutdrv_qx"
WANTED = {"input.voltage": "230.0", "output.voltage": "230.0", "ups.load": "30", "input.frequency": "50.0",
          "battery.voltage": "27.40", "ups.temperature": "30.0", "ups.status": "OL",
          "input.voltage.nominal": "220", "battery.voltage.nominal": "24.0", "input.frequency.nominal": "50"}
# What a command sends, and what otherwise, None for nothing, where the way has no room for it.
COMMANDS = (("beeper.toggle", b"Q\r", {"snr": None}),
            ("test.battery.start.quick", b"T\r", {"snr": None, "fabula": None, "hunnox": None}),
            ("shutdown.return", b"S.5R0003\r", {"snr": None, "krauler": None, "fuji": b"S.5\r",
                                                "fabula": b"S.5R0001\r", "hunnox": b"S.5R0001\r"}))
ACTS = re.compile(rb"(S[.\d].*|T(L|\d+)?|CT?|Q)\r")
# What the protocol does not have that such devices are taken to speak.
NOMINAL = ("input.voltage.nominal", "input.frequency.nominal")
UNKNOWN = {"ablerex": NOMINAL, "omron": (*NOMINAL, "battery.voltage.nominal")}
OWN_PROTOCOL = ("ablerex",)
# Ways that the stock driver of this machine does not have, or in which it does not fit the simulation.
NOT_STOCK = ("gtec", "omron")


# Those that are unplugged in between, as it takes a while: with the kernel's driver, and without. And one of
# each mechanism. With --full, all.
REPLUGGED = (qxusb.Cypress, qxusb.Phoenixtec)
EACH_KIND = (qxusb.Cypress, qxusb.Sgs, qxusb.Krauler, qxusb.Fuji, qxusb.Phoenixtec, qxusb.ArmacNewer)


class Keyboard(qxusb.QxDevice):
    """Has the ids of a UPS."""

    ids, names = (0x0001, 0x0000), ("Keys", "Keyboard")

    def __init__(self):
        super().__init__(Megatec(), descriptor=qxusb.KEYBOARD)

    def set_report(self, number, data):
        self.writes.append((number, bytes(data)))
        raise Stall


def same(stock, ours):
    try:
        return stock == ours or abs(float(stock) - float(ours)) < 1e-9
    except (TypeError, ValueError):
        return False


class TestQx(unittest.TestCase):
    bed = None
    driver = None
    full = False

    @property
    def machine(self):
        return self.bed.machine

    def devices(self):
        """Ids of what the kernel has, as text."""
        return self.machine.run("cd /sys/bus/usb/devices; for d in *; do [ -e $d/idVendor ] && "
                                "echo $(cat $d/idVendor):$(cat $d/idProduct); done; true").split()

    def plug(self, device):
        self.bed.server.plug("1-1", device)
        wait_for("it is there", lambda: self.ids(device) in self.devices(), 60)

    def unplug(self, device):
        self.bed.server.unplug("1-1")
        wait_for("it is gone", lambda: self.ids(device) not in self.devices(), 60)

    @staticmethod
    def ids(device):
        return f"{device.vendor_id:04x}:{device.product_id:04x}"

    @staticmethod
    def match(device):
        named = f"-x vendorid={device.vendor_id:04x} -x productid={device.product_id:04x}"
        # Its ids are those of another way.
        return f"{named} -x subdriver={device.way}" if isinstance(device, qxusb.Gtec) else named

    def dump(self, program, options, timeout=120):
        """Exit status, variables, and all that was said."""
        output = self.machine.run(f"timeout -s KILL {timeout} {program} -s t -x port=auto {options} -d 1 "
                                  "-u root && code=0 || code=$?; echo; echo $code", timeout + 30)
        text, _, status = output.rpartition("\n")
        return int(status), oracle.parse_dump(text), text

    def with_device(self, device, run):
        began = time.monotonic()
        self.plug(device)
        try:
            run(device)
        finally:
            self.unplug(device)
            print(f"{type(device).__name__}: {time.monotonic() - began:.0f} s", flush=True)

    def check_values(self, device):
        status, ours, text = self.dump(self.driver, self.match(device))
        self.assertEqual(status, 0, text)
        wanted = {name: value for name, value in WANTED.items() if name not in UNKNOWN.get(device.way, ())}
        self.assertEqual({name: ours.get(name) for name in wanted}, wanted, text)
        for line in device.lines:
            self.assertIsNone(ACTS.fullmatch(line), "a probe that acts")
        self.check_stock(device, ours)

    def check_stock(self, device, ours):
        """What the stock driver shows, ours shows."""
        if device.way in NOT_STOCK:
            return
        if device.way in OWN_PROTOCOL:
            _, ours, _ = self.dump(self.driver, f"{self.match(device)} -x protocol=megatec")
        status, stock, text = self.dump(STOCK_DRIVER, f"{self.match(device)} -x subdriver={device.way} "
                                        "-x protocol=megatec -x langid_fix=0x409")
        if status != 0 or "input.voltage" not in stock:
            print(f"{device.way}: the stock driver does not take it: {text.splitlines()[-1:]}")
            return
        wrong = [f"{name}: stock {value!r}, ours {ours.get(name)!r}"
                 for name, value in oracle.of_device(stock).items()
                 if name.startswith(("input.", "output.", "battery.voltage", "ups.load", "ups.temp",
                                     "ups.status", "ups.beeper", "ups.type"))
                 and not same(value, ours.get(name))]
        self.assertEqual(wrong, [], device.way)

    def check_commands(self, device):
        """Byte-exact, and the device comes back when it was unplugged in between."""
        name = "qx"
        options = f"-s {name} -u root -x port=auto {self.match(device)} -x protocol=megatec"
        started = self.machine.run(f"{self.driver} {options} -x pollinterval=1 </dev/null >/run/qx.log 2>&1 "
                                   "& echo $!")
        pid = started.splitlines()[-1]
        try:
            get = f"busbarctl get {name} ups.status 2>&1; true"
            wait_for("it is served", lambda: self.machine.run(get) == "OL", 120)
            for command, line, others in COMMANDS:
                line = others.get(device.way, line)
                device.lines.clear()
                said = self.machine.run(f"busbarctl run {name} {command} 2>&1; true")
                self.assertEqual([told for told in device.lines if ACTS.fullmatch(told)],
                                 [line] if line else [], f"{device.way} {command}: {said}")
            device.unit.cancel()
            if self.full or isinstance(device, REPLUGGED):
                self.unplug(device)
                wait_for("that is known", lambda: self.machine.run(get) != "OL", 120)
                self.plug(device)
                wait_for("it is served again", lambda: self.machine.run(get) == "OL", 180)
        finally:
            self.machine.run(f"kill {pid}; true")
            wait_for("it has ended", lambda: self.machine.run(f"kill -0 {pid} 2>&1; true") != "", 30)

    def test_ways(self):
        for kind in qxusb.KINDS:
            with self.subTest(kind.__name__):
                self.with_device(kind(Megatec()), self.check_values)

    def test_commands(self):
        for kind in qxusb.KINDS if self.full else EACH_KIND:
            with self.subTest(kind.__name__):
                self.with_device(kind(Megatec()), self.check_commands)

    def test_unnamed(self):
        """With port=auto alone, whatever is a UPS by its ids, and what nothing speaks against."""
        for kind in (qxusb.Ippon, qxusb.Cypress, qxusb.Fabula, qxusb.Phoenixtec):
            with self.subTest(kind.__name__):
                def check(device):
                    status, ours, text = self.dump(self.driver, "")
                    self.assertEqual((status, ours.get("input.voltage")), (0, "230.0"), text)
                    del device
                self.with_device(kind(Megatec()), check)

    def leave_alone(self, device):
        before = len(device.lines)
        status, _, text = self.dump(self.driver, "")
        self.assertNotEqual(status, 0, text)
        self.assertEqual((device.writes, device.lines[before:]), ([], []))

    def test_keyboard(self):
        self.with_device(Keyboard(), self.leave_alone)

    def test_power_device(self):
        descriptor = bytes.fromhex("05840904a1010924a100058509667508950115002564b102c0c0")
        self.with_device(qxusb.Krauler(Megatec(), descriptor=descriptor), self.leave_alone)


def mask_services(image):
    """Nobody but the test is to take the devices, or to heed that one is about to switch off."""
    for unit in ("busbar.service", "busbar.target", "busbar-enroll.service", "busbar-enroll@.service"):
        path = image.root / "etc/systemd/system" / unit
        path.unlink(missing_ok=True)
        path.symlink_to("/dev/null")


def main():
    parser = argparse.ArgumentParser()
    for name in ("build", "meson", "cable", "driver"):
        parser.add_argument(name)
    parser.add_argument("--full", action="store_true", help="commands over each way")
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    TestQx.driver = options.driver
    TestQx.full = options.full
    TestQx.bed = UsbBed(options.build, options.meson, options.cable, [qxusb.Cypress(Megatec())],
                        edit=mask_services, plugged=False)
    try:
        TestQx.bed.start()
        names = [f"TestQx.{name}" for name in options.tests]
        result = unittest.main(argv=[sys.argv[0], *names], verbosity=2, exit=False).result
    finally:
        TestQx.bed.close()
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
