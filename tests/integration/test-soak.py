#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients and devices that come and go, without end: memory, descriptors, stored sockets and logins are
afterwards what they were.

    test-soak.py [--seconds N] [--seed S]

Prints what it measured each time that all was quiet."""

import argparse
import contextlib
import json
import os
import random
import socket
import ssl
import struct
import sys
import tempfile
import time
import unittest

from testlib import HERE, NutConnection, Testbed, TestCase, own_memory, run, sanitized, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "gateway"))

from certificates import Authority  # noqa: E402

SECONDS_USUAL = 20
PERIOD = 4.0
CLIENTS_MAX = 80
MEGABYTE = 1 << 20
DEVICES = [f"ups{n}" for n in range(12)]
USERS = """[admin]
password = pw
actions = SET FSD
instcmds = ALL
[mon]
password = mp
upsmon secondary
"""
VALUES = "ups.status: {status}\nups.id: unit\nbattery.charge: {charge}\nups.load: 5\noutlet.1.desc: x\n"


class Crowd:
    """Clients of all kinds. None of them is waited for."""

    def __init__(self, rng, port, context):
        self.rng, self.port, self.context = rng, port, context
        self.sockets = []
        self.n = 0

    def step(self):
        """One of them does something."""
        self.n += 1
        if len(self.sockets) < CLIENTS_MAX and self.rng.random() < 0.3:
            self.connect()
        elif self.sockets:
            s = self.rng.choice(self.sockets)
            try:
                actions = (self.ask, self.log_in, self.begin, self.write, self.flood, self.encrypt,
                           self.leave)
                self.rng.choices(actions, (8, 3, 3, 2, 1, 1, 4))[0](s)
            except OSError:
                self.drop(s)

    def connect(self):
        with contextlib.suppress(OSError):
            s = socket.create_connection(("127.0.0.1", self.port), 10)
            s.setblocking(False)
            self.sockets.append(s)

    def drop(self, s):
        if s in self.sockets:
            self.sockets.remove(s)
        s.close()

    def read(self, s):
        with contextlib.suppress(BlockingIOError, ssl.SSLError):
            if s.recv(65536) == b"":
                self.drop(s)

    def device(self):
        return self.rng.choice(DEVICES)

    def ask(self, s):
        self.read(s)
        s.send(self.rng.choice((f"GET VAR {self.device()} ups.status\n", f"LIST VAR {self.device()}\n",
                                "LIST UPS\n", f"LIST CLIENT {self.device()}\n", f"WATCH {self.device()}\n",
                                "nonsense\n", "GET TRACKING x\n")).encode())

    def log_in(self, s):
        password = self.rng.choice(("mp", "wrong"))
        s.send(f"USERNAME mon\nPASSWORD {password}\nLOGIN {self.device()}\n".encode())

    def begin(self, s):
        s.send(b"GET VAR " + b"x" * self.rng.randrange(600))

    def write(self, s):
        s.send(f"USERNAME admin\nPASSWORD pw\nSET TRACKING ON\nSET VAR {self.device()} ups.id {self.n}\n"
               f"INSTCMD {self.device()} load.off\n".encode())

    def flood(self, s):
        for _ in range(20):
            s.send(b"LIST VAR ups0\n" * 1000)

    def encrypt(self, s):
        """All of a handshake, half of it, or only the word."""
        self.sockets.remove(s)
        s.close()
        s = socket.create_connection(("127.0.0.1", self.port), 10)
        self.sockets.append(s)
        s.sendall(b"STARTTLS\n")
        if self.rng.random() < 0.3 or not s.recv(100).startswith(b"OK"):
            s.setblocking(False)
            return
        if self.rng.random() < 0.3:
            s.sendall(bytes.fromhex("16030102000100") + bytes(20))
            s.setblocking(False)
            return
        self.sockets.remove(s)
        try:
            t = self.context.wrap_socket(s, server_hostname="127.0.0.1")
        except OSError:
            s.close()
            raise
        t.setblocking(False)
        self.sockets.append(t)

    def leave(self, s):
        """With a goodbye, without, or as a machine does that loses its power."""
        how = self.rng.randrange(3)
        if how == 0:
            s.send(b"LOGOUT\n")
        elif how == 1:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.drop(s)

    def close(self):
        for s in list(self.sockets):
            self.drop(s)


class TestSoak(TestCase):
    seconds = SECONDS_USUAL
    seed = None

    def setUp(self):
        self.memory_bound = (60 if sanitized() else 6) * MEGABYTE
        seed = random.SystemRandom().randrange(1 << 32) if self.seed is None else self.seed
        print(f"seed {seed}", flush=True)
        self.rng = random.Random(seed)
        scratch = self.enter(tempfile.TemporaryDirectory(prefix="busbar-soak-"))
        os.chmod(scratch, 0o755)
        authority = Authority(os.path.join(scratch, "tls"))
        files = {f"{name}.dev": VALUES.format(status="OL", charge=90) for name in DEVICES}
        self.bed = self.enter(Testbed({
            **files, "ups.conf": self.sections(DEVICES), "upsd.users": USERS,
            "upsd.conf": "MAXAGE 10\nLINETIMEOUT 5\nMAXLOGINFAILURES 0\n"
                         f"CERTFILE {authority.make('server')}\n"}))
        self.crowd = Crowd(self.rng, self.bed.port, authority.context())
        self.addCleanup(self.crowd.close)
        self.lives = {}  # (service, pid) -> [(memory, descriptors)]

    def sections(self, names):
        return "".join(f"[{name}]\ndriver = dummy-ups\nport = {name}.dev\n" for name in names)

    def disturb(self):
        """Something happens to the devices."""
        what = self.rng.randrange(4)
        if what == 0:
            names = self.rng.sample(DEVICES, self.rng.randint(1, len(DEVICES)))
            self.bed.write("ups.conf", self.sections(names))
            self.bed.reload()
        elif what == 1 and self.bed.service("dummy-ups").ready:
            self.bed.restart("dummy-ups")
        else:
            self.bed.write(f"{self.rng.choice(DEVICES)}.dev",
                           VALUES.format(status=self.rng.choice(("OL", "OB", "OB LB", "OL CHRG")),
                                         charge=self.rng.randint(1, 100)))

    def restart(self):
        """The gateway goes, in the midst of it all."""
        service = self.bed.service("gateway")
        starts = service.starts
        if self.rng.random() < 0.5:
            self.bed.restart("gateway")
        else:
            self.bed.kill("gateway")
        wait_for(lambda: service.starts > starts and service.ready, "the gateway is back", 60)

    def churn(self):
        end = time.monotonic() + PERIOD
        next_disturbance = time.monotonic() + 0.5
        while time.monotonic() < end:
            self.crowd.step()
            if time.monotonic() > next_disturbance:
                self.disturb()
                next_disturbance = time.monotonic() + 0.7

    def client_count(self):
        r = run("busctl", f"--address={self.bed.bus_address}", "--json=short", "get-property",
                "org.busbar.Gateway1", "/org/busbar/Gateway1", "org.busbar.Gateway1", "ClientCount",
                check=False)
        return json.loads(r.stdout)["data"] if r.returncode == 0 else None

    def rest(self):
        """Everybody goes, and all devices are there again; then nothing is left of what was."""
        self.crowd.close()
        self.bed.write("ups.conf", self.sections(DEVICES))
        self.bed.reload()
        wait_for(lambda: self.client_count() == 0, "all clients are forgotten", 60)
        with NutConnection(self.bed.port) as c:
            for name in DEVICES:
                wait_for(lambda n=name: c.ask(f"GET VAR {n} ups.status").startswith("VAR"),
                         f"{name} is there", 60)
                self.assertEqual(c.ask(f"GET NUMLOGINS {name}"), f"NUMLOGINS {name} 0")
        gateway = self.bed.service("gateway")
        wait_for(lambda: len([n for n, _ in gateway.stored.items() if n == "client"]) == 0, "an empty store")
        for service in (gateway, self.bed.service("dummy-ups")):
            self.measure(service)

    def measure(self, service):
        memory = own_memory(service.pid)
        n_descriptors = len(os.listdir(f"/proc/{service.pid}/fd"))
        self.lives.setdefault((service.name, service.pid), []).append((memory, n_descriptors))
        print(f"{time.monotonic() - self.began:6.0f} s  {service.name:10} pid {service.pid}: "
              f"{memory >> 10} KiB, {n_descriptors} descriptors, {len(service.stored)} stored, "
              f"{self.crowd.n} steps", flush=True)

    def test_churn(self):
        """Each life of a service is measured on its own; the first measure is what it is compared with."""
        self.began = time.monotonic()
        n = 0
        while time.monotonic() - self.began < self.seconds:
            self.churn()
            n += 1
            if n % 8 == 2:
                self.restart()
                self.churn()
            self.rest()
        for life, measures in self.lives.items():
            first, last = measures[0], measures[-1]
            self.assertLess(last[0] - first[0], self.memory_bound, f"{life}: {measures}")
            self.assertLessEqual(last[1], first[1] + 3, f"{life}: {measures}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--seconds", type=float, default=SECONDS_USUAL)
    parser.add_argument("--seed", type=int)
    options, rest = parser.parse_known_args()
    TestSoak.seconds, TestSoak.seed = options.seconds, options.seed
    unittest.main(argv=[sys.argv[0], *rest])
