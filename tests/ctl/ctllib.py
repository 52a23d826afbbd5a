# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of busbarctl have in common."""

import contextlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

from testlib import Testbed, TestCase, build_directory, wait_for  # noqa: E402

__all__ = ["BUSBARCTL", "CONFIG", "ESCAPE", "CtlTest", "FakeDevice", "FakeMonitor", "Testbed", "TestCase",
           "Watcher", "at_terminal", "call"]

BUSBARCTL = os.path.join(build_directory(), "src", "ctl", "busbarctl")
FAKE_MONITOR = os.path.join(build_directory(), "tests", "ctl", "fake-monitor")
FAKE_DEVICE = os.path.join(build_directory(), "tests", "ctl", "fake-device")

CONFIG = {
    "ups.conf": "pollinterval = 1\n[rack]\ndriver = dummy-ups\nport = rack.dev\ndesc = \"In the rack\"\n"
                "[pdu]\ndriver = dummy-ups\nport = pdu.dev\n",
    "rack.dev": "ups.status: OB DISCHRG\nbattery.charge: 42\nbattery.runtime: 754\nups.load: 17\n"
                "ALARM Replace battery!\n",
    "pdu.dev": "ups.status: OL\ndevice.type: pdu\ninput.voltage: 229.6\n",
    "upsd.conf": "",
    "upsd.users": "",
}

ESCAPE = "\x1b"


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def json(self):
        return json.loads(self.out)


def call(*arguments, environment=None, **options):
    """Runs busbarctl to its end, in a pipe."""
    result = subprocess.run([BUSBARCTL, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                            check=False, timeout=60, env={**os.environ, **(environment or {})}, **options)
    return Result(result.returncode, result.stdout.decode(), result.stderr.decode())


def at_terminal(*arguments, environment, answer=""):
    """Runs busbarctl at a pty, types the answer, and returns its exit status and what there is to see."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([BUSBARCTL, *arguments], stdin=follower, stdout=follower, stderr=follower,
                               env=environment)
    os.close(follower)
    os.write(leader, answer.encode())
    data = b""
    with contextlib.suppress(OSError):  # the end of a pty
        while chunk := os.read(leader, 65536):
            data += chunk
    os.close(leader)
    return process.wait(30), data.decode().replace("\r\n", "\n")


class Fake:
    """A program on the bus that obeys lines, each of which it answers with "ok"."""

    def __init__(self, program, environment):
        self.name = os.path.basename(program)
        self.said = []
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment)
        self._wait("ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.stdin.closed:
            return
        self.process.stdin.close()
        status = self.process.wait(10)
        self.process.stdout.close()
        assert status == 0, f"{self.name} ended with {status}"

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        self._wait("ok")

    def _wait(self, word):
        while (line := self.process.stdout.readline().rstrip("\n")) != word:
            assert line.startswith("call "), f"{self.name} said {line!r} instead of {word}"
            self.said.append(line[len("call "):])


class FakeDevice(Fake):
    """See fake-device.c."""

    def __init__(self, environment):
        super().__init__(FAKE_DEVICE, environment)


class FakeMonitor(Fake):
    """See fake-monitor.c."""

    def __init__(self, environment):
        super().__init__(FAKE_MONITOR, environment)

    def add(self, what, **members):
        """Members are named as on the bus, with _ for -; the type comes before the value."""
        entry = "|".join(f"{name.replace('_', '-')}:{value}" for name, value in members.items())
        self.tell(f"add {what} {entry}")

    def calls(self):
        """What was called since the last time."""
        self.tell("nothing")
        said, self.said = self.said, []
        return said


class Watcher:
    """busbarctl watch, line by line."""

    def __init__(self, environment, *arguments):
        self.process = subprocess.Popen([BUSBARCTL, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        self.data = {self.process.stdout: b"", self.process.stderr: b""}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def text(self, stream=None):
        stream = stream or self.process.stdout
        while select.select([stream], [], [], 0)[0] and (chunk := os.read(stream.fileno(), 65536)):
            self.data[stream] += chunk
        return self.data[stream].decode()

    def wait(self, pattern, stream=None):
        return wait_for(lambda: re.search(pattern, self.text(stream), re.MULTILINE),
                        f"{pattern} in {self.text(stream)!r}")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)


class CtlTest(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bed = cls.enterClassContext(Testbed(CONFIG))
        cls.environment = {**cls.bed.environment, "NO_COLOR": "", "TERM": "xterm"}

    def setUp(self):
        self.fake = self.enter(FakeDevice(self.environment))

    def run_ctl(self, *arguments, status=0, **options):
        result = call(*arguments, environment=self.environment, **options)
        self.assertEqual(result.status, status, f"{arguments}: {result.out}{result.err}")
        self.assertNotIn(ESCAPE, result.out + result.err)
        self.assertNotIn("Sanitizer", result.err)
        if status == 0:
            self.assertEqual(result.err, "")
        else:
            self.assertRegex(result.err, "^busbarctl: ")
        return result

    def fails(self, *arguments, status=1, **options):
        """The message of a call that has to fail, and writes nothing else."""
        result = self.run_ctl(*arguments, status=status, **options)
        self.assertEqual(result.out, "")
        return result.err
