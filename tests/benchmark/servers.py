# SPDX-License-Identifier: LGPL-2.1-or-later
"""The servers that are compared, and the load generator."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

from testlib import NutConnection, StockServer, Testbed, build_directory, free_port  # noqa: E402, F401
from launcher import raise_descriptor_limit  # noqa: E402, F401

N_VARIABLES = 60

GET = "GET VAR ups ups.status"
LIST = "LIST VAR ups"
UPS = "LIST UPS"
LOADS = {
    "GET VAR": (GET,),
    "LIST VAR": (LIST,),
    "LIST UPS": (UPS,),
    "mixed": (GET, GET, LIST, GET, UPS, GET, GET, GET),
}

USERS = "[admin]\npassword = pw\nactions = SET\n"
DEVICE = "ups.status: OL\nbattery.charge: 100\n" + "".join(
    f"outlet.{n}.desc: The outlet number {n}\n" for n in range(1, N_VARIABLES))
CONFIG = {
    "ups.conf": "[ups]\ndriver = dummy-ups\nport = ups.dev\n",
    "ups.dev": DEVICE,
    "upsd.conf": "MAXCONN 20000\nMAXCONNPERHOST 20000\n",
    "upsd.users": USERS,
}
STOCK_CONFIG = {**CONFIG, "upsd.conf": "MAXCONN 20000\n"}


def program(name):
    return os.path.join(build_directory(), "tests", "benchmark", name)


class Bare:
    """bare-server with the answers of another server."""

    def __init__(self, port):
        self.directory = tempfile.TemporaryDirectory(prefix="busbar-benchmark-")
        paths = []
        with NutConnection(port) as c:
            for name, request in (("get", GET), ("list", LIST), ("ups", UPS)):
                paths.append(os.path.join(self.directory.name, name))
                with open(paths[-1], "w", encoding="latin-1") as f:
                    f.write(c.ask(request) + "\n")
        self.process = subprocess.Popen([program("bare-server"), *paths], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.directory.cleanup()


def processor_nsec(pid):
    """Processor time that a process has had so far, with all its threads."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as f:
            total += int(f.read().split()[0])
    return total


def anonymous_memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("RssAnon:"))


@dataclass
class Result:
    """What one run of the load generator says; times of rounds in microseconds."""

    answered: int
    connect_seconds: float
    rate: float = 0
    median: float = 0
    p99: float = 0
    p999: float = 0
    worst: float = 0
    server_nsec: float = 0  # processor time per request
    own_nsec: float = 0


def load_command(port, pid, requests, connections=1, depth=1, seconds=1.0, pause_usec=0, target=None):
    """target: "SERVER,SOURCE,PORT" where that is not port on loopback."""
    arguments = [program("load"), target or str(port), str(pid), str(connections), str(depth), str(seconds),
                 str(pause_usec)]
    with NutConnection(port) as c:
        for request in requests:
            arguments += [request, str(len(c.ask(request)) + 1)]
    return arguments


def parse(output):
    words = [float(word) for word in output.split()]
    return Result(int(words[0]), *words[1:])


def load(port, pid, requests, **options):
    return parse(subprocess.run(load_command(port, pid, requests, **options), check=True,
                                capture_output=True, text=True).stdout)


class Idle:
    """Clients that were answered once and stay connected without a word, with how that went in result."""

    def __init__(self, port, pid, connections):
        command = load_command(port, pid, (GET,), connections=connections, seconds=0)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.result = parse(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate("")
