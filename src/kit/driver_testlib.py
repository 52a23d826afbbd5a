# SPDX-License-Identifier: LGPL-2.1-or-later
"""What it takes to run a driver as a process: a configuration, a bus, and those who talk to it."""

import contextlib
import errno
import os
import socket
import subprocess
import tempfile
import time
import unittest

# Only a test that fails waits so long.
TIMEOUT = 60

DEVICE = """\
ups.status OL
ups.mfr A "quoted" \\ #1 maker
ups.model Modell
ups.id old
ups.delay.shutdown 20
command test.panel.start
command load.off
"""


def wait_for(condition, what, timeout=TIMEOUT):
    """The first true value of condition()."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class SocketClient:
    """A connection to a driver socket, which can be seen a moment before it is listened on."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        wait_for(lambda: self.socket.connect_ex(path) != errno.ECONNREFUSED,
                 f"somebody who listens on {path}")
        self.socket.getpeername()
        self.file = self.socket.makefile("r", encoding="ascii")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def say(self, line):
        self.socket.sendall(line.encode() + b"\n")

    def line(self):
        return self.file.readline().rstrip("\n")

    def until(self, last):
        lines = []
        while True:
            lines.append(self.line())
            if lines[-1] == last:
                return lines
            if not lines[-1]:
                raise AssertionError(f"connection ended after {lines}")


class Process:
    """A program that runs until the test is over; what it says can be waited for."""

    def __init__(self, arguments, environment, directory, pass_fds=(), preexec=None):
        self.output_path = tempfile.mktemp(prefix="output-", dir=directory)
        self.output_file = open(self.output_path, "w+", encoding="utf-8", errors="replace")
        self.popen = subprocess.Popen(arguments, env=environment, stdin=subprocess.DEVNULL,
                                      stdout=self.output_file, stderr=self.output_file, pass_fds=pass_fds,
                                      preexec_fn=preexec)

    def output(self):
        with open(self.output_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait_output(self, text):
        wait_for(lambda: text in self.output() or self.popen.poll() is not None, text)
        if text not in self.output():
            raise AssertionError(f"ended without {text!r}: {self.output()}")

    def wait_exit(self):
        return self.popen.wait(TIMEOUT)

    def stop(self):
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        self.output_file.close()
        return self.popen.returncode


class TestCase(unittest.TestCase):
    driver = None  # path of test-driver

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.directory = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="busbar-kit-"))
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.stack.callback(self.notify.close)
        self.notify.bind(self.path("notify"))
        self.notify.settimeout(TIMEOUT)
        self.environment = {
            **os.environ,
            "NUT_CONFPATH": self.directory,
            "NUT_STATEPATH": self.directory,
            "NUT_ALTPIDPATH": self.directory,
            "BUSBAR_ENROLLED_CONF": self.path("enrolled.conf"),
            "NUT_QUIET_INIT_SSL": "true",
            "NOTIFY_SOCKET": self.path("notify"),
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + self.path("bus"),
        }
        self.write("device", DEVICE)
        self.configure("[ups]\n\tdriver = test-driver\n\tport = %s\n" % self.path("device"))

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        temporary = self.path(name + ".new")
        with open(temporary, "w", encoding="utf-8") as f:
            f.write(text)
        os.rename(temporary, self.path(name))

    def configure(self, sections, head="pollinterval = 1\n"):
        self.write("ups.conf", head + sections)

    def sections(self, **devices):
        text = ""
        for name, options in devices.items():
            text += f"[{name}]\n\tdriver = test-driver\n\tport = {self.path('device')}\n\t{options}\n"
        self.configure(text)

    def start(self, *arguments, **kwargs):
        process = Process([self.driver, *arguments], self.environment, self.directory, **kwargs)
        self.stack.callback(self.end, process)
        return process

    def end(self, process):
        process.stop()
        for report in ("Sanitizer", "runtime error"):
            self.assertNotIn(report, process.output())

    def run_driver(self, *arguments):
        return self.run_program(self.driver, *arguments)

    def run_program(self, *arguments):
        return subprocess.run(arguments, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=TIMEOUT, check=False)

    def start_bus(self):
        config = self.path("bus.conf")
        self.write("bus.conf", f"""<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={self.path("bus")}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
<allow send_type="*"/><allow receive_type="*"/></policy></busconfig>
""")
        # It would say READY=1 as well.
        environment = {k: v for k, v in self.environment.items() if k != "NOTIFY_SOCKET"}
        process = Process(["dbus-daemon", "--nofork", f"--config-file={config}"], environment,
                          self.directory)
        self.stack.callback(process.stop)
        wait_for(lambda: os.path.exists(self.path("bus")), "the bus")
        return process

    def busctl(self, *arguments):
        return self.run_program("busctl", "--no-pager",
                                "--address=" + self.environment["DBUS_SYSTEM_BUS_ADDRESS"], *arguments)

    def call(self, interface, method, *arguments):
        return self.busctl("call", "org.busbar.Driver.ups", "/org/busbar/device/ups",
                           "org.busbar." + interface, method, *arguments)

    def bus_names(self):
        listed = self.busctl("list", "--acquired", "--no-legend").stdout
        return [line.split()[0] for line in listed.splitlines()]

    def wait_name(self, instance):
        name = "org.busbar.Driver." + instance
        wait_for(lambda: name in self.bus_names(), name)

    def wait_notified(self, text):
        """The first notification that contains text."""
        seen = []
        while True:
            try:
                seen.append(self.notify.recv(4096).decode())
            except TimeoutError as e:
                raise AssertionError(f"not notified of {text!r}, only of {seen}") from e
            if text in seen[-1]:
                return seen[-1]

    def client(self, name="ups"):
        path = self.path(f"test-driver-{name}")
        wait_for(lambda: os.path.exists(path), path)
        return self.stack.enter_context(SocketClient(path))

    def wait_value(self, client, line):
        def found():
            client.say("DUMPALL")
            return line in client.until("DUMPDONE")
        wait_for(found, line)
