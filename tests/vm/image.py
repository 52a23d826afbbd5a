# SPDX-License-Identifier: LGPL-2.1-or-later
"""The disk of a virtual machine: a small system with systemd, made from the files of this host."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import initrd

PROGRAMS = """
bash sh cat chmod chown cp cut date env grep head id ln ls mkdir mount mv printf rm rmdir sed sleep
stat sync systemctl touch tr true umount uname busctl dbus-daemon journalctl systemd-sysusers
systemd-tmpfiles stty udevadm kexec systemd-detect-virt sulogin nologin modprobe
""".split()
# All files of these packages, but what is only of use to people and to hardware.
PACKAGES = ("systemd", "udev", "dbus", "dbus-daemon", "dbus-system-bus-common", "polkitd")
LEFT_OUT = re.compile(r"/usr/share/(doc|man|locale|lintian|bash-completion|zsh|bug|info|gettext|pkgconfig)/"
                      r"|/udev/(?!rules\.d/(50-udev-default|99-systemd)\.rules)"
                      r"|/var/|/boot/|/etc/systemd/system/")
FILES = ("/etc/os-release", "/usr/lib/os-release", "/etc/nsswitch.conf")
# Units that only take time in a machine without a screen, a network or a user.
MASKED = """
apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service
fstrim.timer getty@tty1.service serial-getty@ttyS0.service man-db.timer systemd-timesyncd.service
systemd-networkd.service systemd-resolved.service systemd-hwdb-update.service
systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-binfmt.service
systemd-machine-id-commit.service systemd-update-done.service ldconfig.service
systemd-journal-catalog-update.service systemd-random-seed.service systemd-boot-update.service
systemd-pcrphase.service systemd-pcrphase-sysinit.service dev-hugepages.mount dev-mqueue.mount
sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount
sys-fs-fuse-connections.mount modprobe@.service systemd-modules-load.service
kmod-static-nodes.service keyboard-setup.service console-setup.service systemd-tmpfiles-clean.timer
systemd-rfkill.socket systemd-fsck-root.service systemd-fsckd.socket systemd-pstore.service
systemd-ask-password-console.path systemd-ask-password-wall.path systemd-sysusers.service
systemd-journal-flush.service systemd-sysctl.service
""".split()
SHELL_UNIT = """[Unit]
Description=Shell of the test
After=basic.target dbus.service
[Service]
Type=simple
ExecStart=/bin/bash -c 'stty -echo -onlcr; echo SHELL-READY; cat | bash -s'
StandardInput=tty
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS2
Environment=PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0 SYSTEMD_PAGER=cat
SendSIGHUP=yes
"""


def find_kernel():
    """The newest kernel that has all built in that it takes to boot without an initial file system."""
    for config in sorted(Path("/boot").glob("config-*"), reverse=True):
        text = config.read_text(encoding="ascii", errors="replace")
        kernel = config.with_name(config.name.replace("config-", "vmlinuz-"))
        needed = ("CONFIG_BLK_DEV_NVME=y", "CONFIG_EXT4_FS=y", "CONFIG_SERIAL_8250=y")
        if kernel.exists() and all(option in text for option in needed):
            return kernel
    raise FileNotFoundError("no kernel to boot in /boot: Debian's is linux-image-cloud-amd64")


def libraries(paths):
    """Shared libraries that programs are linked to, as the loader finds them."""
    output = subprocess.run(["ldd", *paths], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"(?:=> |^\t)(/\S+) \(0x", output, re.M))


def package_files():
    """Paths below /usr and /etc, /lib being a link."""
    result = subprocess.run(["dpkg-query", "-L", *PACKAGES], capture_output=True, text=True, check=False)
    for line in sorted(set(result.stdout.splitlines())):
        path = Path("/usr" + line if line.startswith(("/lib/", "/bin/", "/sbin/")) else line)
        if not LEFT_OUT.search(str(path)) and (path.is_symlink() or path.is_file()):
            yield path


class Image:
    """A root directory to be filled, and then the file system made of it."""

    def __init__(self, directory, usb=False):
        self.root = Path(directory, "root")
        self.path = Path(directory, "disk")
        self.initrd = Path(directory, "initrd") if usb else None
        self.kernel = initrd.find_kernel() if usb else find_kernel()
        if usb:
            initrd.make_initrd(self.kernel, self.initrd)

    def copy(self, path, follow=True):
        path = Path(path)
        target = self.root / path.relative_to("/")
        if target.exists() or target.is_symlink():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target, follow_symlinks=follow)

    def prepare(self):
        """What is there before anything else is put in."""
        for name in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc", "var/lib", "var/log", "dev",
                     "proc", "sys", "run", "tmp", "root", "boot"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (self.root / name).symlink_to(f"usr/{name}")
        (self.root / "var/run").symlink_to("/run")
        (self.root / "tmp").chmod(0o1777)

        for path in package_files():
            self.copy(path, follow=False)
        for path in FILES:
            self.copy(path)
        for name in PROGRAMS:
            found = shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin")
            if found:
                self.copy(found)
        self._configure()

    def finish(self):
        """Brings the libraries of all programs in."""
        self._copy_libraries()

    def _copy_libraries(self):
        programs = [path for directory in ("usr/bin", "usr/sbin", "usr/lib/systemd", "usr/lib/udev",
                                           "usr/lib/busbar", "usr/lib/polkit-1", "usr/lib/nut",
                                           "usr/libexec")
                    for path in (self.root / directory).rglob("*")
                    if path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF"]
        for library in libraries([str(path) for path in programs]):
            real = Path("/usr", *Path(library).parts[1:]) if library.startswith("/lib") else Path(library)
            if not str(library).startswith(str(self.root)):
                self.copy(real)
        # Loaded by name.
        for pattern in ("libnss_*.so.2", "libkmod.so.2", "libcryptsetup.so.12"):
            for path in Path("/usr/lib/x86_64-linux-gnu").glob(pattern):
                self.copy(path)
        subprocess.run(["/sbin/ldconfig", "-r", self.root], check=True)

    def _configure(self):
        etc = self.root / "etc"
        system = etc / "systemd/system"
        shutil.rmtree(system, ignore_errors=True)
        system.mkdir(parents=True)
        (etc / "passwd").write_text("root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n")
        groups = ("root:0", "tty:5", "disk:6", "kmem:15", "dialout:20", "input:101", "nogroup:65534")
        (etc / "group").write_text("".join(f"{g.split(':')[0]}:x:{g.split(':')[1]}:\n" for g in groups))
        (etc / "machine-id").write_text("0123456789abcdef0123456789abcdef\n")
        (etc / "fstab").write_text("")
        (etc / "hostname").write_text("vm\n")
        for unit in MASKED:
            (system / unit).symlink_to("/dev/null")
        (system / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")
        (system / "test-shell.service").write_text(SHELL_UNIT)
        wants = system / "multi-user.target.wants"
        wants.mkdir()
        (wants / "test-shell.service").symlink_to("../test-shell.service")
        shutil.copy2(self.kernel, self.root / "boot/vmlinuz")

    def make(self):
        with self.path.open("wb") as f:
            f.truncate(1 << 30)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1", "-d", self.root, self.path],
                       check=True)
        os.sync()
