# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the monitor share: a bed with a monitor, and a stand-in for logind and systemd."""

import json
import os
import re
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "integration"))

from testlib import NutConnection, Testbed, TestCase, build_directory, run, wait_for  # noqa: E402

__all__ = ["MONITOR", "FakeSystem", "MonitorCase", "NutConnection", "build_directory", "run", "wait_for"]

MONITOR = ("org.busbar.Monitor1", "/org/busbar/Monitor1", "org.busbar.Monitor1")

ONLINE = "ups.status: OL CHRG\nbattery.charge: 100\nbattery.runtime: 1800\n"
BATTERY = "ups.status: OB DISCHRG\nbattery.charge: 90\nbattery.runtime: 1500\n"
LOW = "ups.status: OB DISCHRG LB\nbattery.charge: 9\nbattery.runtime: 100\n"

UPS_CONF = "[ups]\ndriver = dummy-ups\nport = ups.dev\n"
USERS = ("[other]\npassword = secret\nupsmon secondary\n"
         "[main]\npassword = secret\nupsmon primary\nactions = SET FSD\n")
UPSMON = ("MONITOR ups@localhost 1 main secret primary\nMINSUPPLIES 1\nFINALDELAY 1\nHOSTSYNC 2\n"
          "POLLFREQ 1\nPOLLFREQALERT 1\nDEADTIME 15\n")


class FakeSystem:
    """The program fake-system; what it was asked is in calls, in order."""

    def __init__(self, environment):
        self.calls = []
        self._done = threading.Semaphore(0)
        self.process = subprocess.Popen(
            [os.path.join(build_directory(), "tests", "monitor", "fake-system")], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        for line in self.process.stdout:
            line = line.strip()
            if line == "done":
                self._done.release()
            else:
                self.calls.append(line)

    def tell(self, order):
        """Has it obey, and waits until it has."""
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        if not self._done.acquire(timeout=10):
            raise AssertionError(f"not obeyed: {order}; {self.calls}")

    def count(self, pattern):
        return sum(1 for call in list(self.calls) if re.fullmatch(pattern, call))

    def wait(self, pattern, timeout=30.0, n=1):
        """Waits until a call was seen n times."""
        deadline = time.monotonic() + timeout
        while self.count(pattern) < n:
            if time.monotonic() > deadline:
                raise AssertionError(f"not called: {pattern}; but {self.calls}")
            time.sleep(0.02)

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._thread.join(5)
        self.process.stdout.close()
        if self.process.returncode != 0:
            raise AssertionError(f"fake-system ended with {self.process.returncode}")


class MonitorCase(TestCase):
    """A test with a bed that has a monitor, self.bed, and self.system."""

    bed = None
    system = None

    def start(self, files=None, system=True, **more):
        """files are added to a configuration of one simulated UPS, of which we are the primary."""
        config = {"ups.conf": UPS_CONF, "ups.dev": ONLINE, "upsd.users": USERS, "upsmon.conf": UPSMON}
        config.update(files or {})
        config = {name: text for name, text in config.items() if text is not None}
        self.bed = self.enter(Testbed(config, monitor=True, **more))
        if system:
            self.system = self.enter(FakeSystem(self.bed.environment))
            self.system.wait("Inhibit shutdown delay")

    def busctl(self, *arguments, check=True):
        return run("busctl", f"--address={self.bed.bus_address}", "--json=short", *arguments, check=check)

    def call(self, member, signature="", *arguments, check=True):
        """What a method of the monitor returns, without the types; or the result of a call that may fail."""
        result = self.busctl("call", *MONITOR, member, signature, *arguments, check=check)
        if not check:
            return result
        return plain(json.loads(result.stdout)["data"]) if result.stdout.strip() else None

    def property(self, name):
        return json.loads(self.busctl("get-property", *MONITOR, name).stdout)["data"]

    def state(self):
        result = self.busctl("get-property", *MONITOR, "State", check=False)
        return json.loads(result.stdout)["data"] if result.returncode == 0 else None

    def wait_state(self, state, timeout=30.0):
        wait_for(lambda: self.state() == state, f"state {state}, not {self.state()}", timeout)

    def supplies(self):
        return {s["device"]: s for s in self.call("ListSupplies")[0]}

    def notices(self):
        """(type, device) of all notices since the monitor started."""
        return [(n[1], n[2]) for n in self.call("Notices", "t", "0")[0]]

    def wait_notice(self, kind, device="ups", timeout=30.0):
        wait_for(lambda: (kind, device) in self.notices(), f"notice {kind}", timeout)

    def runtime(self, name):
        return os.path.join(self.bed.directory, "run", "monitor", name)

    def file(self, name):
        """Content of a file in the monitor's runtime directory, or None."""
        try:
            with open(self.runtime(name), encoding="ascii") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def forced(self):
        """What the gateway shows to NUT clients is in FSD."""
        with NutConnection(self.bed.port) as c:
            return "FSD" in c.ask("GET VAR ups ups.status").split('"')[1].split()

    def login(self):
        """A secondary that is logged in."""
        c = NutConnection(self.bed.port)
        self.addCleanup(c.close)
        c.login("other", "secret")
        self.assertEqual(c.ask("LOGIN ups"), "OK")
        return c

    def wait_logins(self, n):
        def count():
            text = [s["text"] for s in self.call("Rehearse")[0] if s["name"] == "gateway"]
            return text == [f"{n} machines are logged in"]
        wait_for(count, f"the monitor knows of {n} logins")

    def restart(self, name, way="kill"):
        """Kills or restarts a service and waits until it is back."""
        service = self.bed.service(name)
        starts = service.starts
        getattr(self.bed, way)(name)
        wait_for(lambda: service.starts > starts and service.ready, f"{name} is back", 40.0)

    def assert_order(self, *patterns):
        """Calls of these kinds were made, in this order."""
        at = -1
        for pattern in patterns:
            found = [i for i, call in enumerate(self.system.calls) if i > at and re.fullmatch(pattern, call)]
            self.assertTrue(found, f"{pattern} is not behind the others in {self.system.calls}")
            at = found[0]


def plain(value):
    """busctl's JSON without the types of variants."""
    if isinstance(value, dict) and set(value) == {"type", "data"}:
        return plain(value["data"])
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value
