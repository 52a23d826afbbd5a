# SPDX-License-Identifier: LGPL-2.1-or-later
"""NUT's own programs, and a client of its protocol, for the tests of this directory."""

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import time

STOCK = "/lib/nut"
DEADLINE = 60


def wait_for(what, condition):
    """Waits until condition() is true; what says what is waited for."""
    end = time.monotonic() + DEADLINE
    while not (result := condition()):
        assert time.monotonic() < end, f"no {what} after {DEADLINE} s"
        time.sleep(0.02)
    return result


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class NutError(Exception):
    """An ERR answer; str() of it is the token."""


class Client:
    """One connection to a server."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        self.file = self.socket.makefile("rw", encoding="ascii", newline="\n")

    def close(self):
        self.file.close()
        self.socket.close()

    def ask(self, request):
        """The words of the answer to a request of one line."""
        self.file.write(request + "\n")
        self.file.flush()
        words = self.read()
        if words[0] == "ERR":
            raise NutError(words[1])
        return words

    def read(self):
        line = self.file.readline()
        if not line:
            raise ConnectionError("the server hung up")
        return shlex.split(line)

    def list(self, request):
        """The items of a LIST, without the words that they all begin with."""
        self.ask("LIST " + request)
        items, n = [], len(request.split())
        while (words := self.read())[0] != "END":
            items.append(words[n:])
        return items

    def variables(self, ups):
        return {name: value for name, value in self.list("VAR " + ups)}

    def get(self, ups, name):
        return self.ask(f"GET VAR {ups} {name}")[3]

    def type(self, ups, name):
        return self.ask(f"GET TYPE {ups} {name}")[3:]


class Place:
    """A configuration and state directory with the processes that run in it."""

    def __init__(self, stack, sections, users=""):
        self.stack = stack
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="busbar-test-"))
        self.port = free_port()
        self.environment = {
            **os.environ,
            "NUT_CONFPATH": self.directory,
            "NUT_STATEPATH": self.directory,
            "NUT_ALTPIDPATH": self.directory,
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.directory}/no-bus",
        }
        self.names = re.findall(r"^\[(.*)\]", sections, re.M)
        self.write("ups.conf", sections)
        self.write("upsd.conf", f"LISTEN 127.0.0.1 {self.port}\nMAXCONN 1024\n")
        self.write("upsd.users", users)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name) + ".new", "w", encoding="ascii") as f:
            os.chmod(f.fileno(), 0o600)
            f.write(text)
        os.rename(self.path(name) + ".new", self.path(name))

    def run(self, *command):
        """Starts a process that ends with the test."""
        with open(self.path("log"), "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment,
                                       cwd=self.directory)
        self.stack.callback(stop, process)
        return process

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def has_sockets(self):
        return all(os.path.exists(self.path("dummy-ups-" + name)) for name in self.names)

    def run_stock_drivers(self):
        processes = [self.run(STOCK + "/dummy-ups", "-u", "root", "-F", "-a", name) for name in self.names]
        wait_for("driver of NUT", self.has_sockets)
        return processes

    def run_driver(self, driver):
        """Our driver for all devices."""
        process = self.run(driver, "-u", "root", "-D", *sum((["-a", name] for name in self.names), []))
        wait_for("driver", self.has_sockets)
        return process

    def run_upsd(self):
        process = self.run(STOCK + "/upsd", "-u", "root", "-F")
        wait_for("upsd", lambda: self.is_served(process))
        return process

    def is_served(self, process):
        assert process.poll() is None, "upsd ended:\n" + self.log()
        with contextlib.suppress(OSError):
            with contextlib.closing(self.client()) as client:
                return all(answers(client, name) for name in self.names)
        return False

    def client(self):
        return Client(self.port)


def answers(client, ups):
    """Whether a device is there: answered for, be it with an error of its own, by a driver. Until the first
    dump of a driver is in, upsd has nothing but the status WAIT."""
    try:
        return client.variables(ups).get("ups.status") != "WAIT"
    except NutError as e:
        return str(e) == "DATA-STALE"


def stop(process):
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    assert process.returncode in (0, -signal.SIGTERM), f"{process.args} ended with {process.returncode}"
