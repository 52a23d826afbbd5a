# SPDX-License-Identifier: LGPL-2.1-or-later
"""An initial file system for kernels that have their drivers as modules: it loads them, gives the machine an
address, and goes over to the disk."""

import os
import re
import stat
import subprocess
from pathlib import Path

BUSYBOX = "/bin/busybox"
MODULES = ("nvme", "ext4", "virtio_pci", "virtio_net", "vhci-hcd", "usbhid", "hid-generic")
# Looked up by name by others, not by their symbols.
EARLY = ("crct10dif_generic", "crc32c_generic")
ADDRESS = "10.0.2.15/24"
INIT = """#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t proc proc /proc
while read path; do /bin/busybox insmod $path; done </modules
/bin/busybox ip addr add {address} dev eth0
/bin/busybox ip link set eth0 up
n=0
until /bin/busybox mount -t ext4 -o rw /dev/nvme0n1 /new; do
        n=$((n + 1)); [ $n -lt 100 ] || exec /bin/busybox reboot -f
        /bin/busybox usleep 100000
done
/bin/busybox umount /proc
/bin/busybox mount --move /dev /new/dev
exec /bin/busybox switch_root /new /usr/lib/systemd/systemd
"""


def find_kernel():
    """The newest kernel that has USB, and devices on it that are elsewhere."""
    for config in sorted(Path("/boot").glob("config-*"), reverse=True):
        text = config.read_text(encoding="ascii", errors="replace")
        kernel = config.with_name(config.name.replace("config-", "vmlinuz-"))
        needed = ("CONFIG_USBIP_VHCI_HCD=", "CONFIG_USB_HID=", "CONFIG_HIDRAW=y", "CONFIG_VIRTIO_NET=")
        if kernel.exists() and all(option in text for option in needed):
            return kernel
    raise FileNotFoundError("no kernel with USB to boot in /boot: Debian's is linux-image-amd64")


def module_files(version):
    """The files of MODULES and of what they need, in the order in which they can be loaded."""
    command = ["modprobe", "-S", version, "--show-depends", "--all", *EARLY, *MODULES]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return list(dict.fromkeys(re.findall(r"^insmod (\S+)", output, re.M)))


class Archive:
    """A cpio archive as the kernel reads it."""

    def __init__(self):
        self.data = bytearray()
        self.count = 0

    def add(self, name, mode, content=b""):
        self.count += 1
        fields = (self.count, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        self.data += b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        self.data += b"\0" * (-len(self.data) % 4) + content
        self.data += b"\0" * (-len(self.data) % 4)

    def directory(self, name):
        self.add(name, stat.S_IFDIR | 0o755)

    def file(self, name, content, mode=0o755):
        self.add(name, stat.S_IFREG | mode, content)

    def finish(self):
        self.add("TRAILER!!!", 0)
        return bytes(self.data)


def make_initrd(kernel, path):
    if not os.path.exists(BUSYBOX):
        raise FileNotFoundError(f"no {BUSYBOX}: Debian's is in busybox-static")
    archive = Archive()
    for name in ("bin", "dev", "proc", "new", "lib"):
        archive.directory(name)
    archive.file("bin/busybox", Path(BUSYBOX).read_bytes())
    names = []
    for module in module_files(kernel.name.removeprefix("vmlinuz-")):
        names.append(f"/lib/{os.path.basename(module)}")
        archive.file(names[-1][1:], Path(module).read_bytes(), 0o644)
    archive.file("modules", ("\n".join(names) + "\n").encode(), 0o644)
    archive.file("init", INIT.format(address=ADDRESS).encode())
    Path(path).write_bytes(archive.finish())
