# SPDX-License-Identifier: LGPL-2.1-or-later
"""A virtual machine with Busbar, stock NUT and UPower in it, whose USB devices are simulated."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from image import Image
from vm import Machine, wait_for

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "usbip"))

# pylint: disable=wrong-import-position,import-error
from scripted import R_SHUTDOWN, Scripted  # noqa: E402
from units import Folder, Nonsense, make  # noqa: E402
from usbip_server import Server  # noqa: E402

__all__ = ["MONITOR_CONF", "R_SHUTDOWN", "Folder", "Nonsense", "Scripted", "UsbBed", "make"]

STOCK = ("/lib/nut/usbhid-ups", "/lib/nut/nutdrv_qx", "/usr/bin/upower", "/usr/libexec/upowerd",
         "/usr/bin/upsc", "/usr/bin/upscmd")
PROGRAMS = ("awk find grep ip ls lsmod ps pgrep sort stty tail timeout uniq wc usbip seq tee dd od cmp diff "
            "md5sum dmesg")
UPOWER_FILES = ("/lib/systemd/system/upower.service", "/lib/udev/rules.d/95-upower-hid.rules",
                "/lib/udev/hwdb.d/95-upower-hid.hwdb",
                "/usr/share/dbus-1/system-services/org.freedesktop.UPower.service",
                "/usr/share/dbus-1/system.d/org.freedesktop.UPower.conf")
CABLE_UNIT = """[Unit]
Description=Cable to simulated USB devices
DefaultDependencies=no
# It is there as long as the machine is, as a cable is.
IgnoreOnIsolate=yes
[Service]
ExecStart=/bin/bash -c 'for word in $(cat /proc/cmdline); do case $word in usb_server=*) \\
        exec /usr/bin/usb-cable 10.0.2.2 $${word#usb_server=};; esac; done'
Restart=on-failure
"""
# As a person has it who set nothing up.
MONITOR_CONF = "FINALDELAY 1\nPOLLFREQ 1\nPOLLFREQALERT 1\n"


class UsbImage(Image):
    """build is None for a machine without Busbar; cable is the program that is built of usb-cable.c."""

    def __init__(self, directory, build, meson, cable):
        super().__init__(directory, usb=True)
        self.root.mkdir()
        self.prepare()
        if build:
            subprocess.run([meson, "install", "-C", build, "--quiet", "--no-rebuild", "--destdir",
                            self.root], check=True)
        self._add(cable)
        self.finish()
        for more in (["--inline", "g nut - -"], ["--inline", "u nut - - /run/nut"], []):
            subprocess.run(["systemd-sysusers", f"--root={self.root}", *more], check=True,
                           stderr=subprocess.DEVNULL)
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n")
        unit = "usr/lib/systemd/system/busbar.service"
        if (self.root / unit).exists():
            wants = self.root / "etc/systemd/system/multi-user.target.wants"
            (wants / "busbar.service").symlink_to(f"/{unit}")
        self.configure("ups.conf", "")
        self.configure("upsmon.conf", MONITOR_CONF)

    def _add(self, cable):
        for path in (*STOCK, *UPOWER_FILES):
            # /lib is a link to usr/lib.
            target = self.root / ("usr" + path if path.startswith("/lib/") else path[1:])
            target.parent.mkdir(parents=True, exist_ok=True)
            if os.path.exists(path):
                shutil.copy2(os.path.realpath(path), target)
        for name in PROGRAMS.split():
            found = shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin")
            if found:
                self.copy(found)
        shutil.copy2(cable, self.root / "usr/bin/usb-cable")
        system = self.root / "etc/systemd/system"
        (system / "usb-cable.service").write_text(CABLE_UNIT)
        wants = system / "sysinit.target.wants"
        wants.mkdir(exist_ok=True)
        (wants / "usb-cable.service").symlink_to("../usb-cable.service")
        subprocess.run(["systemd-hwdb", f"--root={self.root}", "update"], check=False,
                       stderr=subprocess.DEVNULL)
        (self.root / "usr/lib/tmpfiles.d/test-nut.conf").write_text("d /run/nut 0770 root nut -\n")

    def configure(self, name, text, mode=0o640):
        """A file of /etc/nut."""
        groups = dict(line.split(":")[0:3:2] for line in (self.root / "etc/group").read_text().splitlines())
        conf = self.root / "etc/nut"
        conf.mkdir(exist_ok=True, mode=0o750)
        (conf / name).write_text(text)
        for path, bits in ((conf, 0o750), (conf / name, mode)):
            path.chmod(bits)
            os.chown(path, 0, int(groups["nut"]))


class UsbBed:
    """The machine and the devices: devices are what is in the places 1-1, 1-2 and so on. edit is called with
    the image before it is made. ups is what is at its serial line, if anything."""

    def __init__(self, build, meson, cable, devices, *, edit=lambda image: None, plugged=True, ups=None):
        missing = [name for name in ("qemu-system-x86_64", "mkfs.ext4") if not shutil.which(name)]
        if missing or os.geteuid() != 0:
            sys.exit(f"This makes a virtual machine, as root. Missing: {' '.join(missing) or 'root'} "
                     "(Debian: qemu-system-x86 e2fsprogs linux-image-amd64 busybox-static)")
        self.stack = contextlib.ExitStack()
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="busbar-vm-"))
        try:
            self.image = UsbImage(self.directory, build, meson, cable)
            edit(self.image)
            self.image.make()
            self.server = self.stack.enter_context(Server(devices, plugged=plugged))
            self.machine = Machine(self.directory, self.image, ups=ups, usb=self.server.number)
            self.stack.callback(self.machine.close)
        except BaseException:
            self.stack.close()
            raise

    def start(self):
        self.machine.switch_on()
        return self.machine.wait_up()

    def close(self):
        self.stack.close()

    def has_device(self, vendor_id, product_id):
        """The hidraw node of the first such device, or None."""
        found = self.machine.run("for d in /sys/class/hidraw/*; do [ -e $d ] && echo ${d##*/} "
                                 "$(sed -n 's/^HID_ID=//p' $d/device/uevent); done; true")
        wanted = f"0003:{vendor_id:08X}:{product_id:08X}"
        nodes = [line.split()[0] for line in found.splitlines() if line.endswith(wanted)]
        return f"/dev/{nodes[0]}" if nodes else None

    def plug(self, bus_id="1-1", device=None, timeout=60):
        """Plugs it in, waits until the kernel has it, and returns its hidraw node."""
        self.server.plug(bus_id, device)
        device = self.server.port(bus_id).device
        return wait_for(f"{device.vendor_id:04x}:{device.product_id:04x} is there",
                        lambda: self.has_device(device.vendor_id, device.product_id), timeout)

    def unplug(self, bus_id="1-1", timeout=60):
        device = self.server.port(bus_id).device
        self.server.unplug(bus_id)
        wait_for(f"{bus_id} is gone",
                 lambda: not self.has_device(device.vendor_id, device.product_id), timeout)
