# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of busbar-notify and its companions have in common."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

from testlib import build_directory, run, wait_for  # noqa: E402

__all__ = ["Bus", "NotifyTest", "Peer", "Process", "program", "run", "wait_for"]

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
        "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="signal"/>
    <allow receive_requested_reply="true" receive_type="method_return"/>
    <allow receive_requested_reply="true" receive_type="error"/>
  </policy>
</busconfig>
"""


def program(name):
    return os.path.join(build_directory(), "src", "notify", name)


class Process:
    """A program of which every line is kept; stdout and stderr are one."""

    def __init__(self, *argv, environment, **options):
        self.lines = []
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace",
                                        env=environment, **options)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def text(self):
        return "\n".join(self.lines)

    def wait(self, pattern, start=0):
        """The first match in the lines from start on."""
        return wait_for(lambda: re.search(pattern, "\n".join(self.lines[start:]), re.MULTILINE),
                        f"{pattern} in {self.lines}")

    def end(self, number=signal.SIGTERM, timeout=30):
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout)
        self._reader.join(10)
        self.process.stdin.close()
        self.process.stdout.close()
        return status


class Peer(Process):
    """See fake-peer.c."""

    def __init__(self, role, environment):
        super().__init__(os.path.join(build_directory(), "tests", "notify", "fake-peer"), role,
                         environment=environment)
        self.wait("^ready$")

    def tell(self, line):
        before = self.lines.count("ok")
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        wait_for(lambda: self.lines.count("ok") > before, f"ok to {line}")


class Bus:
    """A bus of the test's own, which can go and come back at its address."""

    def __init__(self, directory, name):
        self.path = os.path.join(directory, name)
        self.address = f"unix:path={self.path}"
        self._config = os.path.join(directory, name + ".conf")
        with open(self._config, "w", encoding="ascii") as f:
            f.write(BUS_CONFIG.format(path=self.path))
        self.process = None
        self.start()

    def start(self):
        environment = {k: v for k, v in os.environ.items() if k != "NOTIFY_SOCKET"}
        self.process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={self._config}", "--nofork", "--nopidfile", "--nosyslog"],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        wait_for(self._listens, "the bus listens")

    def _listens(self):
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(self.path) == 0

    def stop(self):
        self.process.kill()
        self.process.wait(10)
        if os.path.exists(self.path):
            os.unlink(self.path)


class NotifyTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="busbar-notify-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.config = self.path("config")
        self.runtime = self.path("runtime")
        os.mkdir(self.config)
        os.mkdir(self.runtime)
        self.bus = Bus(self.directory, "bus")
        self.addCleanup(lambda: self.bus.stop())
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in ("NOTIFY_SOCKET", "JOURNAL_STREAM")},
            "DBUS_SYSTEM_BUS_ADDRESS": self.bus.address,
            "NUT_CONFPATH": self.config,
            "BUSBAR_NOTIFY_SOCKET": os.path.join(self.runtime, "upssched"),
            "BUSBAR_ARMED_FLAG": self.path("armed"),
            "PATH": self.path("bin") + ":" + os.environ["PATH"],
            "OUT": self.path("out"),
        }
        os.mkdir(self.path("bin"))
        # Stands in for wall(1), which writes to the terminals of the machine.
        self.script("bin/wall", 'while read -r line; do echo "wall $line" >> "$OUT"; done')
        self.script("tell", 'echo "$1|$UPSNAME|$NOTIFYTYPE|$NOTIFYMSG" >> "$OUT"')

    def path(self, name):
        return os.path.join(self.directory, name)

    def script(self, name, text, head="#!/bin/sh\n"):
        path = self.path(name)
        with open(path + ".new", "w", encoding="ascii") as f:
            f.write(head + text + "\n")
        os.chmod(path + ".new", 0o755)
        os.rename(path + ".new", path)
        return path

    def write(self, name, text):
        path = os.path.join(self.config, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, 0o640)

    def out(self):
        """What the scripts wrote."""
        try:
            with open(self.path("out"), encoding="ascii") as f:
                return f.read().splitlines()
        except FileNotFoundError:
            return []

    def wait_out(self, *lines):
        wait_for(lambda: self.out() == list(lines), f"{lines} but {self.out()}")

    def start(self, name, *arguments, **environment):
        process = Process(program(name), *arguments, environment={**self.environment, **environment})
        self.addCleanup(self.end, process)
        return process

    def end(self, process, number=signal.SIGTERM):
        if process.process.stdin.closed:
            return
        status = process.end(number)
        self.assertNotRegex(process.text, "AddressSanitizer|LeakSanitizer|runtime error:")
        self.assertEqual(status, 0 if number == signal.SIGTERM else -number, process.text)

    def peer(self, role, **environment):
        peer = Peer(role, {**self.environment, **environment})
        self.addCleanup(self.end, peer)
        return peer

    def run_program(self, name, *arguments, **environment):
        return run(program(name), *arguments, check=False, env={**self.environment, **environment})
