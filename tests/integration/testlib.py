# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the integration tests have in common: a NUT connection, a stock server to compare with, waiting."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools"))

import nutconf  # noqa: E402
from launcher import Testbed, nut_request, raise_descriptor_limit  # noqa: E402

__all__ = ["ROOT", "NutConnection", "StockServer", "Testbed", "TestCase", "build_directory", "free_port",
           "nut_request", "nutconf", "own_memory", "run", "sanitized", "shared_data", "wait_for"]

raise_descriptor_limit()

STOCK_UPSD = "/lib/nut/upsd"
STOCK_DRIVER = "/lib/nut/dummy-ups"


def build_directory():
    return os.environ.get("BUSBAR_BUILD") or os.path.join(ROOT, "build")


def sanitized():
    """Whether what we test was built with sanitizers. These hold back what was freed, usually so much that
    growth would not be seen, hence little from now on."""
    path = os.path.join(build_directory(), "meson-info", "intro-buildoptions.json")
    with open(path, encoding="utf-8") as f:
        if not any(o["name"] == "b_sanitize" and o["value"] != "none" for o in json.load(f)):
            return False
    options = os.environ.get("ASAN_OPTIONS", "")
    if "quarantine_size_mb" not in options:
        os.environ["ASAN_OPTIONS"] = f"{options}:quarantine_size_mb=4".lstrip(":")
    return True


def own_memory(pid):
    """Bytes that a process shares with nobody."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"RssAnon:\s+(\d+)", f.read())[1]) * 1024


def shared_data(kind):
    """Directory of real device data of that kind, or None where there is none."""
    directory = os.environ.get("BUSBAR_SHARED_DATA")
    path = os.path.join(directory, kind) if directory else ""
    return path if os.path.isdir(path) else None


def wait_for(condition, what, timeout=60.0):
    """Calls condition until it gives something true, and returns that."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not in time: {what}")
        time.sleep(0.02)
    return result


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def run(*argv, check=True, timeout=30, **options):
    """Runs a program to its end; its output is text, and bytes that are none are kept by surrogates."""
    result = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            errors="surrogateescape", timeout=timeout, check=False, **options)
    if check and result.returncode != 0:
        raise AssertionError(f"{argv} ended with {result.returncode}\n{result.stdout}{result.stderr}")
    return result


class NutConnection:
    """One client connection; a request gives its whole answer as text."""

    def __init__(self, port, timeout=10.0):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.reader = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.reader.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))

    def line(self):
        """The next line without its end; "" at the end of the stream."""
        return self.reader.readline().decode("latin-1").removesuffix("\n")

    def answer(self):
        lines = [self.line()]
        if lines[0].startswith("BEGIN LIST"):
            while lines[-1] and not lines[-1].startswith("END LIST"):
                lines.append(self.line())
        return "\n".join(lines)

    def ask(self, request):
        self.send(request + "\n")
        return self.answer()

    def ask_all(self, requests):
        """The answers to many requests, which are sent ahead."""
        answers = []
        for start in range(0, len(requests), 50):
            chunk = requests[start:start + 50]
            self.send("".join(r + "\n" for r in chunk))
            answers += [self.answer() for _ in chunk]
        return answers

    def login(self, user, password):
        assert self.ask(f"USERNAME {user}") == "OK"
        assert self.ask(f"PASSWORD {password}") == "OK"


class StockServer:
    """Debian's upsd with a dummy-ups per device, for the same configuration files as a Testbed."""

    def __init__(self, config, timeout=60.0):
        self.directory = tempfile.mkdtemp(prefix="busbar-stock-")
        self.config = os.path.join(self.directory, "config")
        if isinstance(config, dict):
            os.mkdir(self.config)
            for name, text in config.items():
                self.write(name, text)
        else:
            shutil.copytree(config, self.config)
        self.port = free_port()
        upsd_conf = os.path.join(self.config, "upsd.conf")
        with open(upsd_conf, "a", encoding="latin-1") as f:
            f.write(f"\nLISTEN 127.0.0.1 {self.port}\n")
        self.state = os.path.join(self.directory, "state")
        os.mkdir(self.state)
        self.log = open(os.path.join(self.directory, "log"), "w+b")  # pylint: disable=consider-using-with
        self.environment = {**os.environ, "NUT_CONFPATH": self.config, "NUT_STATEPATH": self.state,
                            "NUT_ALTPIDPATH": self.state}
        self.drivers = {}
        self.server = None
        try:
            for name in nutconf.devices(self.config):
                self.start_driver(name)
            self.server = self._start(STOCK_UPSD, "-F", "-u", "root")
            wait_for(self._is_ready, "stock upsd serves all", timeout)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def write(self, name, text):
        path = os.path.join(self.config, name)
        with open(path, "w", encoding="latin-1") as f:
            f.write(text)
        os.chmod(path, 0o640)

    def log_text(self):
        self.log.flush()
        with open(self.log.name, encoding="latin-1") as f:
            return f.read()

    def start_driver(self, name):
        self.drivers[name] = self._start(STOCK_DRIVER, "-F", "-u", "root", "-a", name)

    def _start(self, *argv):
        return subprocess.Popen(argv, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log,
                                stderr=self.log)

    def _is_ready(self):
        if self.server.poll() is not None:
            raise AssertionError(f"stock upsd ended: {self.log_text()}")
        # A driver that has ended is absent for good; the test may want that.
        names = [name for name, driver in self.drivers.items() if driver.poll() is None]
        try:
            answers = nut_request(self.port, *(f"GET VAR {name} ups.status" for name in names))
        except OSError:
            return False
        return not any(re.match("ERR D|.*WAIT", answer) for answer in answers)

    def close(self):
        processes = [p for p in (self.server, *self.drivers.values()) if p]
        for p in processes:
            with contextlib.suppress(ProcessLookupError):
                p.terminate()
        deadline = time.monotonic() + 5
        for p in processes:
            try:
                p.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                p.send_signal(signal.SIGKILL)
                p.wait()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class TestCase(unittest.TestCase):
    maxDiff = 4000

    def enter(self, manager):
        """Enters a context for the length of the test; its own complaints at the end count."""
        return self.enterContext(manager)
