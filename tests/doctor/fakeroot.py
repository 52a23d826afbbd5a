# SPDX-License-Identifier: LGPL-2.1-or-later
"""A root directory with what the kernel and others say of a machine, for busbarctl doctor: hardware that no
test machine has, and programs that none should run."""

import os
import tempfile
from pathlib import Path

UPS = bytes.fromhex("05840904a1010924a100058509661500256475089501b102c0c0")


class FakeRoot:
    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="busbar-doctor-")
        self.path = Path(self._directory.name)
        self.numbers = 0
        for name in ("proc/net", "sys/bus/usb/devices", "run", "dev", "var/lock"):
            (self.path / name).mkdir(parents=True)
        self.write("/usr/share/dbus-1/system.d/org.busbar.conf", "")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._directory.cleanup()

    def write(self, path, text, mode=0o644):
        target = self.path / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def process(self, name, unit=None, sockets=(), program="/lib/nut/{}"):
        """A process of root; its number. None is a program that only others may see."""
        self.numbers += 1
        pid = 100 + self.numbers
        group = f"/system.slice/{unit}" if unit else "/user.slice/session-1.scope"
        self.write(f"/proc/{pid}/comm", f"{name}\n")
        self.write(f"/proc/{pid}/cgroup", f"1:name=systemd:{group}\n0::/\n")
        self.write(f"/proc/{pid}/status", f"Name:\t{name}\nUid:\t0\t0\t0\t0\n")
        (self.path / f"proc/{pid}/fd").mkdir()
        if program:
            (self.path / f"proc/{pid}/exe").symlink_to(program.format(name))
        for i, inode in enumerate(sockets):
            (self.path / f"proc/{pid}/fd/{i + 3}").symlink_to(f"socket:[{inode}]")
        return pid

    def listen(self, port, inode):
        self.write("/proc/net/tcp", "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
                   "retrnsmt   uid  timeout inode\n"
                   f"   0: 00000000:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000"
                   f"     0        0 {inode} 1 0000000000000000 100 0 0 10 0\n")

    def plug(self, place="1-2", ids="051d:0002", driver="usbhid", control="on"):
        """A UPS on USB."""
        self.numbers += 1
        vendor, product = ids.split(":")
        devices = self.path / "sys/bus/usb/devices"
        real = self.path / "sys/devices/pci0000:00/0000:00:14.0/usb1" / place
        interface = real / f"{place}:1.0"
        for name, path in ((place, real), (f"{place}:1.0", interface)):
            path.mkdir(parents=True)
            (devices / name).symlink_to(os.path.relpath(path, devices))
        for name, value in {"idVendor": vendor, "idProduct": product, "busnum": "1",
                            "devnum": str(self.numbers), "dev": f"189:{self.numbers}", "bcdDevice": "0100",
                            "manufacturer": "Maker", "product": "Model"}.items():
            (real / name).write_text(value + "\n")
        (real / "power").mkdir()
        (real / "power/control").write_text(control + "\n")
        for name, value in (("Class", "03"), ("Protocol", "00"), ("Number", "00")):
            (interface / f"bInterface{name}").write_text(value + "\n")
        drivers = self.path / "sys/bus/usb/drivers" / driver
        drivers.mkdir(parents=True, exist_ok=True)
        (interface / "driver").symlink_to(os.path.relpath(drivers, interface))
        if driver == "usbhid":
            hid = interface / f"0003:{vendor}:{product}.{self.numbers:04X}"
            node = hid / f"hidraw/hidraw{self.numbers}"
            node.mkdir(parents=True)
            (node / "dev").write_text(f"241:{self.numbers}\n")
            (hid / "report_descriptor").write_bytes(UPS)

    def udev(self):
        self.write("/usr/lib/udev/rules.d/62-busbar.rules", "")
        self.write("/usr/lib/udev/hwdb.d/61-busbar.hwdb", "")
