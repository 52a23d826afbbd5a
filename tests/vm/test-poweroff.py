#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shutdowns to the very end, in a virtual machine that hangs on a simulated UPS: is it told to cut the power
when all is stopped, only then, once, and does the machine never stay off while there are mains.

Usage: test-poweroff.py BUILD MESON SERIAL-UPS [--full]"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from image import Image
from upssim import Ups
from vm import Machine, wait_for

FLAG = "/run/busbar-monitor/armed"
HOOK = "/usr/lib/systemd/system-shutdown/busbar-poweroff"
UPS_CONF = "[ups]\n\tdriver = serial-ups\n\tport = /dev/ttyS1\n"
UPSMON_CONF = "FINALDELAY 1\nPOLLFREQ 1\nPOLLFREQALERT 1\n"
# The unit of the driver is that of another one, which has no line to open.
DRIVER_DROP_IN = """[Service]
PrivateDevices=no
DeviceAllow=char-ttyS rw
SupplementaryGroups=dialout
"""
OTHER_BOOT = "0123456789abcdef0123456789abcdef"
ROOT_IS_RO = "busbar: ups: root is ro"
COMMANDED = "busbar: ups is about to cut the power."
FAILED = "busbar: ups could not be told to cut the power"


class Bed:
    """The machine, and what all tests of this file do to it."""

    def __init__(self, build, meson, driver):
        missing = [name for name in ("qemu-system-x86_64", "mkfs.ext4", "kexec") if not shutil.which(name)]
        if missing or os.geteuid() != 0:
            sys.exit(f"This test makes a virtual machine, as root. Missing: {' '.join(missing) or 'root'} "
                     "(Debian: qemu-system-x86 e2fsprogs kexec-tools linux-image-cloud-amd64)")
        self.stack = contextlib.ExitStack()
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="busbar-vm-"))
        try:
            self._make(build, meson, driver)
        except BaseException:
            self.stack.close()
            raise

    def _make(self, build, meson, driver):
        self.image = Image(self.directory)
        self.image.root.mkdir()
        self.image.prepare()
        subprocess.run([meson, "install", "-C", build, "--quiet", "--no-rebuild", "--destdir",
                        self.image.root], check=True)
        shutil.copy2(driver, self.image.root / "usr/lib/busbar/drivers/serial-ups")
        self.image.finish()
        self._configure(self.image.root)
        self._add_unit(self.image.root / "usr/lib/systemd/system")
        self.image.make()
        self.ups = Ups(self._on_outlet)
        self.stack.callback(self.ups.close)
        self.machine = Machine(self.directory, self.image, self.ups)
        self.stack.callback(self.machine.close)

    def _configure(self, root):
        for more in (["--inline", "g nut - -"], []):
            subprocess.run(["systemd-sysusers", f"--root={root}", *more], check=True,
                           stderr=subprocess.DEVNULL)
        groups = dict(line.split(":")[0:3:2] for line in (root / "etc/group").read_text().splitlines())
        conf = root / "etc/nut"
        conf.mkdir(exist_ok=True)
        (conf / "ups.conf").write_text(UPS_CONF)
        (conf / "upsmon.conf").write_text(UPSMON_CONF)
        for path, mode in ((conf, 0o750), (conf / "ups.conf", 0o640), (conf / "upsmon.conf", 0o640)):
            path.chmod(mode)
            os.chown(path, 0, int(groups["nut"]))

    def _add_unit(self, system):
        text = (system / "busbar-dummy-ups@.service").read_text()
        (system / "busbar-serial-ups@.service").write_text(text.replace("dummy-ups", "serial-ups"))
        drop_in = system / "busbar-serial-ups@.service.d/line.conf"
        drop_in.parent.mkdir()
        drop_in.write_text(DRIVER_DROP_IN)

    def _on_outlet(self, on):
        self.machine.outlet(on)

    def close(self):
        self.stack.close()


class TestPowerOff(unittest.TestCase):
    bed = None
    up = False   # the machine is up, and nothing was done to it
    loops = 3

    def setUp(self):
        self.ups, self.machine = self.bed.ups, self.bed.machine
        if not TestPowerOff.up:
            self.machine.cut()
            self.ups.reset()
            self.machine.switch_on()
            self.boot = self.machine.wait_up()
        else:
            self.ups.reset()
            self.boot = self.boot_id()
        TestPowerOff.up = False
        self.seen = len(self.machine.console())

    def tearDown(self):
        if not TestPowerOff.up:
            self.keep_console()

    def keep_console(self):
        """For whoever has to find out what went wrong."""
        directory = os.environ.get("BUSBAR_TEST_CONSOLE")
        if directory:
            shutil.copy(self.machine.console_path, Path(directory, self._testMethodName))

    def boot_id(self):
        return self.machine.run("cat /proc/sys/kernel/random/boot_id").replace("-", "")

    def said(self):
        return self.machine.console()[self.seen:]

    def arm(self, wait=0, boot=None, usec=None, devices="device 0 serial-ups ups\nnode /dev/ttyS1\n"):
        if usec is None:
            usec = int(float(self.machine.run("cat /proc/uptime").split()[0]) * 1e6)
        self.machine.run(f"mkdir -p {os.path.dirname(FLAG)}")
        self.machine.write(FLAG, f"busbar-armed 1\nboot {boot or self.boot}\n"
                                 f"time {usec}\nwait {wait}\n{devices}")

    def configure(self, text):
        self.machine.run(f"cat >/etc/nut/ups.conf <<'END'\n{text}END\nsync")

    def wait_off(self):
        wait_for("the machine is off", lambda: not self.machine.is_on(), 120)

    def wait_answer(self, command, answer):
        wait_for(f"{command}: {answer}", lambda: self.machine.run(f"{command} || true") == answer)

    def assert_stays_off(self):
        """It has ended by itself, and nothing of it was heard by the UPS."""
        self.wait_off()
        self.assertIn("reboot: Power down", self.said())
        self.assertEqual(self.ups.off_commands, 0)
        self.assertNotIn("uid ", self.said())

    def assert_up_again(self, commands):
        boot = self.machine.wait_up()
        self.assertNotEqual(boot, self.boot)
        self.assertEqual(self.ups.off_commands, commands, self.said()[-3000:])
        self.assertEqual(self.machine.run("systemctl list-units --failed --no-legend"), "")
        TestPowerOff.up = True

    def fail_mains(self, low=True):
        self.ups.mains, self.ups.battery_low = False, low

    # The way it is meant to go

    def test_1_power_is_cut(self):
        """Mains fail, the machine goes down, the UPS cuts the power, mains return, the machine comes up."""
        for n in range(self.loops):
            with self.subTest(n):
                self.fail_mains()
                self.arm()
                self.machine.send("systemctl poweroff")
                wait_for("the outlet is off", lambda: not self.ups.outlet, 120)
                said = self.said()
                self.assertEqual(self.ups.off_commands, 1)
                self.assertIn(ROOT_IS_RO, said)
                self.assertNotIn("busbar: ups: uid 0", said)
                self.assertLess(said.index("All filesystems unmounted"), said.index(ROOT_IS_RO))
                self.assertLess(said.index(COMMANDED), said.index("Power down"))
                self.ups.mains = True
                self.assert_up_again(1)
                self.boot, self.seen = self.boot_id(), len(self.machine.console())
                self.ups.reset()

    def test_halt(self):
        self.fail_mains()
        self.arm()
        self.machine.send("systemctl halt")
        wait_for("the outlet is off", lambda: not self.ups.outlet, 120)
        self.machine.wait_console(COMMANDED, self.seen)
        self.assertIn(ROOT_IS_RO, self.said())
        self.ups.mains = True
        self.assert_up_again(1)

    def test_2_all_of_it(self):
        """As before, but nobody does anything by hand: the driver reads the UPS, and the monitor decides."""
        self.machine.run("systemctl enable --now busbar.service")
        self.wait_answer("busbarctl get ups ups.status", "OL")
        self.wait_answer("systemctl is-active busbar-monitor.service", "active")
        self.fail_mains()
        wait_for("the outlet is off", lambda: not self.ups.outlet, 180)
        said = self.said()
        self.assertEqual(self.ups.off_commands, 1)
        self.assertIn(ROOT_IS_RO, said)
        self.assertNotIn("busbar: ups: uid 0", said)
        self.assertIn(COMMANDED, said)
        self.ups.mains, self.ups.battery_low = True, False
        self.machine.wait_up()
        self.wait_answer("busbarctl get ups ups.status", "OL")
        self.machine.run(f"test ! -e {FLAG}")
        self.machine.run("systemctl disable --now busbar.service && systemctl stop 'busbar*'; sync")

    # Nothing is to be told

    def test_reboot(self):
        self.arm()
        self.machine.send("systemctl reboot")
        self.assert_up_again(0)

    def test_kexec(self):
        self.arm()
        self.machine.run("kexec -l /boot/vmlinuz --reuse-cmdline")
        self.machine.send("systemctl kexec")
        self.assert_up_again(0)
        self.assertIn("kexec_core: Starting new kernel", self.said())

    def test_no_flag(self):
        self.machine.send("systemctl poweroff")
        self.assert_stays_off()

    def test_flag_of_another_boot(self):
        self.arm(boot=OTHER_BOOT)
        self.machine.send("systemctl poweroff")
        self.assert_stays_off()
        self.assertIn("is not of this shutdown, ignored", self.said())

    def test_flag_of_another_time(self):
        self.arm(usec=10**15)
        self.machine.send("systemctl poweroff")
        self.assert_stays_off()
        self.assertIn("is not of this shutdown, ignored", self.said())

    def test_garbage(self):
        self.arm(devices="device 0 serial-ups ups\ndevice 0 ../../../bin/sh ups\n")
        self.machine.send("systemctl poweroff")
        self.assert_stays_off()
        self.assertIn(f"busbar: Cannot understand {FLAG}", self.said())

    def test_removed_package(self):
        self.arm()
        self.machine.run(f"mv {HOOK} /root/hook; sync")
        self.machine.send("systemctl poweroff")
        self.assert_stays_off()
        self.machine.switch_on()
        self.machine.wait_up()
        self.machine.run(f"mv /root/hook {HOOK}; sync")
        TestPowerOff.up = True

    # Mains return at an awkward moment, or all else goes wrong: never off with mains there

    def test_mains_back_before_the_command(self):
        self.fail_mains()
        self.arm(wait=30)
        self.ups.mains = True
        self.machine.send("systemctl poweroff")
        self.assert_up_again(1)

    def test_mains_back_between_command_and_cut(self):
        self.fail_mains()
        self.arm(wait=30)
        self.machine.send("systemctl poweroff")
        wait_for("the command", lambda: self.ups.off_commands == 1, 120)
        self.ups.mains = True
        self.assert_up_again(1)

    def test_ups_changes_its_mind(self):
        """With the mains back this UPS does not cut the power any more."""
        self.ups.heeds_mains = True
        self.fail_mains()
        self.arm(wait=8)
        self.machine.send("systemctl poweroff")
        wait_for("the command", lambda: self.ups.off_commands == 1, 120)
        self.machine.wait_console(COMMANDED, self.seen)
        self.ups.mains = True
        self.assert_up_again(1)
        self.assertIn("busbar: The power has not gone, restarting.", self.said())

    def test_ups_does_not_heed_and_has_mains(self):
        self.ups.deaf_to_off = True
        self.arm()
        self.machine.send("systemctl poweroff")
        self.assert_up_again(1)
        self.assertIn("busbar: Mains are back, restarting.", self.said())

    def test_ups_does_not_heed_on_battery(self):
        self.ups.deaf_to_off = True
        self.fail_mains()
        self.arm(wait=4)
        self.machine.send("systemctl poweroff")
        self.machine.wait_console(FAILED, self.seen)
        self.machine.wait_console("busbar: Waiting 4 s for the power to go.", self.seen)
        self.ups.mains = True
        self.assert_up_again(1)

    def test_driver_hangs(self):
        self.configure(UPS_CONF + "\thang\n")
        self.fail_mains()
        self.arm(wait=3)
        self.machine.send("systemctl poweroff")
        self.machine.wait_console("busbar: ups: serial-ups takes too long.", self.seen)
        self.ups.mains = True
        self.assert_up_again(0)
        self.configure(UPS_CONF)


def main():
    build, meson, driver, *more = sys.argv[1:]
    if "--full" in more:
        TestPowerOff.loops = 20
        more.remove("--full")
    TestPowerOff.bed = Bed(Path(build), meson, driver)
    try:
        result = unittest.main(argv=[sys.argv[0], *more], verbosity=2, exit=False).result
    finally:
        TestPowerOff.bed.close()
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
