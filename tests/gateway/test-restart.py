#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many clients go on over restarts of the gateway as if nothing were: each byte of each answer is what it
would have been, wherever a restart cuts through requests and answers."""

import os
import random
import selectors
import signal
import socket
import time
import unittest

from gatewaylib import CONFIG, NutConnection, TestCase, Testbed, wait_for

N_CLIENTS = 200
N_RESTARTS = 5
# Bytes of requests that a client has under way at most.
AHEAD_MAX = 2000


class Client:
    """Sends pieces of requests of any size, and knows each byte that is to come."""

    def __init__(self, port, answers, rng, greeting=()):
        self.answers, self.rng = answers, rng
        self.requests = list(answers)
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.unsent, self.expected = b"", b""
        self.n_answers = 0
        self.failure = None
        for request, answer in greeting:
            self.unsent += request + b"\n"
            self.expected += answer
        self.socket.setblocking(False)

    def more(self):
        if len(self.unsent) < AHEAD_MAX and len(self.expected) < 20 * AHEAD_MAX:
            request = self.rng.choice(self.requests)
            self.unsent += request + b"\n"
            self.expected += self.answers[request]

    def write(self):
        try:
            n = self.socket.send(self.unsent[:self.rng.choice((1, 2, 3, 7, 20, 100))])
        except BlockingIOError:
            n = 0
        except OSError as e:
            self.failure = repr(e)
            return
        self.unsent = self.unsent[n:]

    def read(self):
        try:
            data = self.socket.recv(65536)
        except OSError as e:
            self.failure = repr(e)
            return
        if not data:
            self.failure = "closed"
        elif not self.expected.startswith(data):
            same = os.path.commonprefix([data, self.expected])
            at = same.rfind(b"\n") + 1
            self.failure = f"{data[at:at + 100]!r} instead of {self.expected[at:at + 100]!r}"
        else:
            self.n_answers += data.count(b"\n")
            self.expected = self.expected[len(data):]


class Crowd:
    """All clients, driven by one loop."""

    def __init__(self, clients):
        self.clients = clients
        self.selector = selectors.DefaultSelector()
        for c in clients:
            self.selector.register(c.socket, selectors.EVENT_READ, c)

    def work(self, seconds, finish=False):
        """For a time; or, to the end of what was begun, no longer than that."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for c in self.clients:
                if not c.failure and not finish:
                    c.more()
                if not c.failure and c.unsent:
                    c.write()
            for key, _ in self.selector.select(0.01):
                key.data.read()
                if key.data.failure:
                    self.selector.unregister(key.fileobj)
            if finish and not any(c.unsent or c.expected for c in self.clients if not c.failure):
                return

    def begin_requests(self):
        """Each sends a piece of one, without the end."""
        for c in self.clients:
            c.more()
            n = c.rng.randrange(c.unsent.index(b"\n") + 1)
            c.socket.sendall(c.unsent[:n])
            c.unsent = c.unsent[n:]

    def failures(self):
        """A few of them."""
        return [c.failure for c in self.clients if c.failure][:5]

    def waiting(self):
        return [c for c in self.clients if not c.failure and (c.unsent or c.expected)]

    def close(self):
        self.selector.close()
        for c in self.clients:
            c.socket.close()


def known_answers(port):
    """What is always the same."""
    requests = (b"NETVER", b"VER", b"LIST UPS", b"LIST RW ups", b"LIST CMD ups", b"GET UPSDESC ups",
                b"GET VAR ups battery.charge", b"GET TYPE ups input.transfer.low", b"LIST ENUM ups ups.id",
                b"GET VAR ups no.such", b"GET VAR nobody x", b"nonsense", b"", b"GET VAR \"ups\" 'x",
                b"HELP", b"GET VAR Second ups.status", b"x" * 300)
    with NutConnection(port) as c:
        return {r: c.ask(r.decode()).encode() + b"\n" for r in requests}


class TestRestart(TestCase):
    def setUp(self):
        seed = int.from_bytes(os.urandom(4))
        self.rng = random.Random(seed)
        self.addCleanup(lambda: print(f"seed {seed}"))
        self.bed = self.enter(Testbed({**CONFIG, "upsd.conf": "MAXAGE 60\n"}))
        wait_for(lambda: "OL" in self.ask("GET VAR ups ups.status") and
                 "OB" in self.ask("GET VAR Second ups.status"), "devices are there")
        self.answers = known_answers(self.bed.port)
        monitor = ((b"USERNAME mon", b"OK\n"), (b"PASSWORD mp", b"OK\n"), (b"LOGIN ups", b"OK\n"),
                   (b"PRIMARY ups", b"OK PRIMARY-GRANTED\n"))
        logged_in = {**self.answers, b"LOGIN ups": b"ERR ALREADY-LOGGED-IN\n",
                     b"USERNAME mon": b"ERR ALREADY-SET-USERNAME\n"}
        self.crowd = Crowd(
            [Client(self.bed.port, logged_in, self.rng, monitor) for _ in range(20)] +
            [Client(self.bed.port, self.answers, self.rng) for _ in range(N_CLIENTS - 20)])
        self.addCleanup(self.crowd.close)
        self.crowd.work(0.5)

    def ask(self, request):
        with NutConnection(self.bed.port) as c:
            return c.ask(request)

    def disturb(self, what):
        service = self.bed.service("gateway")
        starts = service.starts
        what()
        while not (service.starts > starts and service.ready):
            self.crowd.work(0.02)
        self.crowd.work(self.rng.uniform(0.02, 0.3))

    def crash(self):
        """And the next one starts at once, as under systemd."""
        self.bed.service("gateway").restart_delay = 0.0
        self.bed.kill("gateway", signal.SIGKILL)

    def check_end(self):
        self.crowd.work(30, finish=True)
        waiting = self.crowd.waiting()
        self.assertEqual([(c.unsent[:50], c.expected[:50]) for c in waiting], [])
        self.assertGreater(min(c.n_answers for c in self.crowd.clients), 10)

    def test_restarts(self):
        with NutConnection(self.bed.port) as c:
            c.login("admin", "pw")
            self.assertEqual(c.ask("SET TRACKING ON"), "OK")
            identifier = c.ask("SET VAR ups ups.id one").split()[2]
            wait_for(lambda: c.ask(f"GET TRACKING {identifier}") == "SUCCESS", "it is written")
            for _ in range(N_RESTARTS):
                self.disturb(lambda: self.bed.restart("gateway"))
                self.assertEqual(self.crowd.failures(), [])
            self.check_end()
            self.assertEqual(self.crowd.failures(), [])
            self.assertEqual(c.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 20")
            self.assertEqual(c.ask("SET TRACKING"), "ERR INVALID-ARGUMENT")

    def test_crashes(self):
        """In the middle of requests, any number of which may be whole and wait to be read."""
        for _ in range(N_RESTARTS):
            self.crowd.work(10, finish=True)
            self.crowd.begin_requests()
            self.assertEqual(self.ask("NETVER"), "1.3")
            self.disturb(self.crash)
        self.check_end()
        self.assertEqual(self.crowd.failures(), [])

    def test_crashes_at_any_time(self):
        """What was read and not answered is gone with the process: that one client is hung up on, and nobody
        waits for an answer that cannot come."""
        for _ in range(2 * N_RESTARTS):
            self.disturb(self.crash)
        self.crowd.work(30, finish=True)
        self.assertEqual([(c.unsent[:50], c.expected[:50]) for c in self.crowd.waiting()], [])
        failed = [c.failure for c in self.crowd.clients if c.failure]
        self.assertEqual([f for f in failed if f != "closed" and "Error" not in f], [])
        self.assertLessEqual(len(failed), 4 * N_RESTARTS)


if __name__ == "__main__":
    unittest.main()
