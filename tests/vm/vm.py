# SPDX-License-Identifier: LGPL-2.1-or-later
"""A virtual machine whose power comes from a simulated UPS, on a serial line or on USB."""

import ctypes
import signal
import socket
import subprocess
import threading
import time
import uuid
from pathlib import Path

# Emulated, on a busy machine, and with a disk check.
BOOT_TIMEOUT = 180
PR_SET_PDEATHSIG = 1


def wait_for(what, condition, timeout=60):
    deadline = time.monotonic() + timeout
    while True:
        began = time.monotonic()
        value = condition()
        if value:
            return value
        now = time.monotonic()
        if now > deadline:
            raise TimeoutError(f"not in {timeout} s: {what}")
        # To look costs a machine its one processor, which it has other work for: that gets as much.
        time.sleep(max(0.05, now - began))


def open_line(path):
    """Connects to a serial line of the machine."""
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        raise
    return line


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Machine:
    """Its three serial lines are the console, which is a file; the UPS; and a shell for the test. The
    firmware is set to start when power comes: a machine that went off by itself stays off until its power
    was away.

    ups is what is at the serial line, if anything; usb is the port of a USB/IP server on this host, which a
    machine of an image with USB gets its devices from."""

    def __init__(self, directory, image, ups=None, usb=None):
        self.directory = Path(directory)
        self.image = image
        self.ups = ups
        self.usb = usb
        self.console_path = self.directory / "console"
        self.console_path.touch()
        self.qemu = None
        self.shell = None
        self.lock = threading.RLock()
        self.boots = 0
        self.closed = False

    # Power

    def outlet(self, on):
        """The UPS's outlet."""
        with self.lock:
            if self.closed:
                return
            if on:
                self.switch_on()
            else:
                self.cut()

    def switch_on(self):
        with self.lock:
            if self.qemu and self.qemu.poll() is None:
                return
            self._forget_lines()
            with (self.directory / "qemu.log").open("ab") as log:
                # pylint: disable-next=subprocess-popen-preexec-fn
                self.qemu = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log, preexec_fn=die_with_parent)
            self.shell = self._connect("shell")
            if self.ups:
                self.ups.attach(self._connect("ups"))

    def _command(self):
        arguments = ("root=/dev/nvme0n1 rw init=/usr/lib/systemd/systemd console=ttyS0 ignore_loglevel "
                     "printk.devkmsg=on panic=-1 "
                     "systemd.show_status=0 systemd.log_target=kmsg systemd.log_level=info "
                     "mitigations=off random.trust_cpu=on no_timer_check audit=0 fsck.mode=skip")
        more = []
        if self.image.initrd:
            arguments += " net.ifnames=0"
            more += ["-initrd", self.image.initrd, "-netdev", "user,id=net",
                     "-device", "virtio-net-pci,netdev=net,romfile="]
        if self.usb:
            arguments += f" usb_server={self.usb}"
        return ["qemu-system-x86_64", "-accel", "tcg", "-machine", "q35", "-cpu", "max", "-m", "512",
                "-display", "none", "-nodefaults", "-no-user-config",
                "-kernel", self.image.kernel, "-append", arguments,
                "-drive", f"file={self.image.path},format=raw,if=none,id=disk,cache=unsafe",
                "-device", "nvme,drive=disk,serial=disk",
                "-chardev", f"file,id=console,path={self.console_path},append=on",
                "-chardev", f"socket,id=ups,path={self.directory}/ups,server=on,wait=off",
                "-chardev", f"socket,id=shell,path={self.directory}/shell,server=on,wait=off",
                "-serial", "chardev:console", "-serial", "chardev:ups", "-serial", "chardev:shell", *more]

    def _connect(self, name):
        def attempt():
            if self.qemu.poll() is not None:
                raise RuntimeError("qemu: " + (self.directory / "qemu.log").read_text())
            try:
                return open_line(self.directory / name)
            except OSError:
                return None

        return wait_for(f"the {name} line", attempt)

    def _forget_lines(self):
        if self.ups:
            self.ups.detach()
        if self.shell:
            self.shell.close()
            self.shell = None
        for name in ("ups", "shell"):
            (self.directory / name).unlink(missing_ok=True)

    def cut(self):
        with self.lock:
            if self.qemu:
                self.qemu.kill()
                self.qemu.wait()

    def is_on(self):
        with self.lock:
            return self.qemu is not None and self.qemu.poll() is None

    def close(self):
        with self.lock:
            self.closed = True
            self.cut()
            self._forget_lines()

    # What it says

    def console(self):
        return self.console_path.read_text(encoding="utf-8", errors="replace")

    def wait_console(self, text, start=0, timeout=120):
        return wait_for(f"{text!r} on the console", lambda: text in self.console()[start:], timeout)

    def wait_up(self):
        """Waits for the shell of a boot that no command was run in, and returns its boot id."""
        deadline = time.monotonic() + BOOT_TIMEOUT
        buffer = b""
        line = None
        while b"SHELL-READY" not in buffer:
            if time.monotonic() > deadline:
                raise TimeoutError("the machine does not come up")
            if line is not self.shell:
                line, buffer = self.shell, b""
            if not line:
                time.sleep(0.1)
                continue
            try:
                line.settimeout(0.5)
                data = line.recv(4096)
                buffer += data
                if not data:
                    time.sleep(0.1)
            except OSError:
                time.sleep(0.05)
        return self.run("cat /proc/sys/kernel/random/boot_id").replace("-", "")

    def send(self, command):
        self.shell.sendall(command.encode() + b"\n")

    def run(self, command, timeout=60):
        """The output of a command, which must succeed."""
        word = uuid.uuid4().hex
        self.send(f"{{ {command}\n}} </dev/null 2>&1; echo {word} $?")
        output = b""
        deadline = time.monotonic() + timeout
        while True:
            head, found, tail = output.partition(word.encode())
            if found and b"\n" in tail:
                break
            if time.monotonic() > deadline:
                raise TimeoutError(f"{command}: {output.decode('utf-8', 'replace')}")
            self.shell.settimeout(1)
            try:
                output += self.shell.recv(4096)
            except TimeoutError:
                pass
        text = head.decode("utf-8", "replace")
        if tail.split()[0] != b"0":
            raise RuntimeError(f"{command}: {text}")
        return text.strip()

    def write(self, path, text, mode="644"):
        self.run(f"cat >{path}.new <<'END-OF-FILE'\n{text}END-OF-FILE\nchmod {mode} {path}.new && "
                 f"mv {path}.new {path}")
