#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients that mean harm: each is refused or bounded, hears why, and is in the log without filling it; and
one that means no harm gets right answers all the time."""

import contextlib
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from certificates import Authority
from gatewaylib import CONFIG, NutConnection, TestCase, Testbed, wait_for
from testlib import own_memory, sanitized

# A slow machine with sanitizers is no attack.
PATIENCE = 10.0
# Sanitizers have a use for memory of their own.
MEGABYTE = (5 if sanitized() else 1) << 20
SELF = os.path.abspath(__file__)
# Of an address that is not of this machine's own, see TestNamespace.
ADDRESS = "192.0.2.1"


class Probe:
    """One client on a connection that it keeps, and one that connects anew each time."""

    QUESTIONS = (("GET VAR ups ups.id", 'VAR ups ups.id "one"'), ("NETVER", "1.3"),
                 ("GET VAR nosuch x", "ERR UNKNOWN-UPS"), ("LIST RW ups", None))

    def __init__(self, port):
        self.port = port
        self.n = 0
        self.flaw = None
        self.slowest = 0.0
        self._end = threading.Event()
        self._kept = NutConnection(port, timeout=PATIENCE)
        self._list = self._kept.ask("LIST RW ups")
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        # A few rounds more, after the attack.
        if not kind:
            n = self.n
            wait_for(lambda: self.flaw or self.n > n + 3, "answers to the probe", 5 * PATIENCE)
        self._end.set()
        self._thread.join(3 * PATIENCE)
        self._kept.close()
        if not kind:
            assert not self._thread.is_alive(), "the probe hangs"
            assert not self.flaw, self.flaw
            assert self.slowest < PATIENCE, self.slowest

    def _ask_all(self, connection):
        for request, expected in self.QUESTIONS:
            begin = time.monotonic()
            answer = connection.ask(request)
            self.slowest = max(self.slowest, time.monotonic() - begin)
            assert answer == (expected or self._list), f"{request}: {answer!r}"

    def _run(self):
        try:
            while not self._end.wait(0.01):
                self._ask_all(self._kept)
                with NutConnection(self.port, timeout=PATIENCE) as c:
                    self._ask_all(c)
                self.n += 1
        except (OSError, AssertionError) as e:
            self.flaw = repr(e)


class AttackCase(TestCase):
    SETTINGS = "MAXAGE 5\n"

    def setUp(self):
        self.begin(self.SETTINGS)

    def begin(self, settings, **files):
        self.bed = self.enter(Testbed({**CONFIG, **files, "upsd.conf": settings}))
        self.gateway = self.bed.service("gateway")
        self.pid = self.gateway.pid

    def tearDown(self):
        self.assertEqual(self.gateway.pid, self.pid, "the gateway was started again")

    def probe(self):
        return Probe(self.bed.port)

    def connect(self, data=b"", blocking=True):
        s = self.enter(socket.create_connection(("127.0.0.1", self.bed.port), PATIENCE))
        s.setblocking(blocking)
        if blocking:
            s.settimeout(3 * PATIENCE)
        if data:
            s.sendall(data)
        return s

    def log_lines(self, pattern):
        return len(re.findall(pattern, self.bed.log_text("gateway"), re.MULTILINE))


def everything(s):
    """What still comes on a socket, up to its end."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := s.recv(65536):
            data += chunk
    return data


class TestBytes(AttackCase):
    def test_garbage(self):
        """All lines are answered, by errors mostly; whatever they hold."""
        rng = random.Random(3493)
        with self.probe():
            for _ in range(30):
                data = rng.randbytes(20000) + b"\n"
                s = self.connect()
                thread = threading.Thread(target=s.sendall, args=(data + b"\n\nLOGOUT\n",))
                thread.start()
                answer = everything(s)
                thread.join()
                self.assertTrue(answer.endswith(b"OK Goodbye\n"))
                lines = answer.split(b"\n")
                self.assertLessEqual({line.split(b" ")[0] for line in lines}, {b"ERR", b"OK", b""})
                self.assertLessEqual(len(lines), data.count(b"\n") + 5)

    def test_tls_and_http(self):
        """Who speaks another protocol hears an error, and is not waited for."""
        hello = bytes.fromhex("16030100a5010000a10303") + bytes(range(150)) + b"\n"
        with self.probe():
            for data in (hello, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00" * 1000 + b"\n",
                         b"\x05\x01\x00\n", b"SSH-2.0-x\r\n"):
                s = self.connect(data)
                s.shutdown(socket.SHUT_WR)
                answer = everything(s)
                self.assertRegex(answer, b"^(ERR [A-Z-]+\n)+$", data)

    def test_endless_lines(self):
        """A line of megabytes costs no memory, and is answered."""
        base = own_memory(self.pid)
        with self.probe():
            sockets = [self.connect(b"GET VAR ups ") for _ in range(20)]
            for _ in range(4):
                for s in sockets:
                    s.sendall(b"x" * 1_000_000)
            self.assertLess(own_memory(self.pid) - base, 8 * MEGABYTE)
            for s in sockets:
                s.sendall(b"\nLOGOUT\n")
                self.assertEqual(everything(s), b"ERR VAR-NOT-SUPPORTED\nOK Goodbye\n")


class TestPatience(AttackCase):
    SETTINGS = "MAXAGE 5\nLINETIMEOUT 3\n"

    def test_half_lines(self):
        """Slowloris: many that never come to the end of a line, each a byte now and then."""
        with self.probe():
            begin = time.monotonic()
            sockets = [self.connect(b"GET VAR ups ups.i") for _ in range(1500)]
            gone = set()

            def feed():
                for i, s in enumerate(sockets):
                    if i not in gone:
                        try:
                            s.sendall(b"x")
                        except OSError:
                            gone.add(i)
                return len(gone) == len(sockets)
            wait_for(feed, "they are all let go", 6 * PATIENCE)
            self.assertGreater(time.monotonic() - begin, 2.0)

    def test_readers_that_do_not(self):
        """They ask for much and read nothing: what is kept for them is bounded, and read by nobody else."""
        base = own_memory(self.pid)
        with self.probe():
            sockets = []
            for _ in range(300):
                s = self.connect(blocking=False)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                sockets.append(s)
                with contextlib.suppress(BlockingIOError, OSError):
                    for _ in range(40):
                        s.send(b"LIST VAR ups\n" * 5000)
            self.assertLess(own_memory(self.pid) - base, 150 * MEGABYTE)
            for s in sockets:
                s.close()

            def is_back():
                return own_memory(self.pid) - base < 16 * MEGABYTE
            wait_for(is_back, "the memory is given back", 3 * PATIENCE)


class TestFlood(AttackCase):
    SETTINGS = "MAXAGE 5\nMAXCONN 100\n"

    def test_too_many(self):
        """Beyond MAXCONN each hears so at once; the log gets a few lines, and how many it did not get."""
        admitted = [self.connect() for _ in range(99)]
        for s in admitted:
            s.sendall(b"NETVER\n")
            self.assertEqual(s.recv(100), b"1.3\n")
        kept = self.enter(NutConnection(self.bed.port))
        for _ in range(5):
            refused = [self.connect() for _ in range(200)]
            for s in refused:
                self.assertEqual(everything(s), b"ERR ACCESS-DENIED\n")
                s.close()
            self.assertEqual(kept.ask("NETVER"), "1.3")
        self.assertIn(self.log_lines("Refusing a connection"), range(1, 61))
        for s in admitted:
            s.sendall(b"NETVER\n")
            self.assertEqual(s.recv(100), b"1.3\n")
            s.close()
        with self.probe():
            pass

    def test_storm(self):
        """Thousands that connect and go, with and without a word."""
        rng = random.Random(1)
        with NutConnection(self.bed.port) as kept:
            for _ in range(3000):
                with socket.create_connection(("127.0.0.1", self.bed.port), PATIENCE) as s, \
                        contextlib.suppress(OSError):
                    s.sendall(rng.choice((b"N", b"NETVER\n", b"USERNAME x\nPASSWORD",
                                          b"LIST VAR ups\n" * 50)))
            self.assertEqual(kept.ask("NETVER"), "1.3")

            def admitted():
                with NutConnection(self.bed.port) as c:
                    return c.ask("NETVER") == "1.3"
            wait_for(admitted, "they are all forgotten")
        with self.probe():
            pass


class TestPasswords(AttackCase):
    def test_guessing(self):
        """Who tries many passwords gets in with none, and hinders nobody; the log stays short."""
        def guess(n):
            with NutConnection(self.bed.port, timeout=3 * PATIENCE) as c:
                with contextlib.suppress(OSError, AssertionError):
                    c.login("hashed", f"guess{n}")
                    return c.ask("SET VAR ups ups.id x")
        with self.probe():
            for n in range(200):
                self.assertNotEqual(guess(n), "OK")
        self.assertLess(len(self.bed.log_text("gateway").splitlines()), 200)


class TestHandshakes(AttackCase):
    def setUp(self):
        scratch = self.enter(tempfile.TemporaryDirectory(prefix="busbar-attack-"))
        os.chmod(scratch, 0o755)
        authority = Authority(os.path.join(scratch, "tls"))
        self.begin(f"MAXAGE 5\nTLSTIMEOUT 3\nCERTFILE {authority.make('server')}\n")

    def started(self, more=b""):
        s = self.connect(b"STARTTLS\n")
        self.assertEqual(s.recv(100), b"OK STARTTLS\n")
        if more:
            s.sendall(more)
        return s

    def test_stalls(self):
        """Who says STARTTLS and no more, or half a handshake, or rubbish, is let go; nobody waits for it."""
        hello = bytes.fromhex("160303020001000200") + bytes(200)
        with self.probe():
            sockets = [self.started(more) for more in (b"", hello, b"\x16", b"\xff" * 100, b"NETVER\n") * 60]
            for s in sockets:
                self.assertNotIn(b"1.3", everything(s))
        self.assertLess(self.log_lines("handshake|TLS"), 200)


class TestFromOneHost(AttackCase):
    """Run in a network namespace that has ADDRESS."""

    SETTINGS = f"MAXAGE 5\nMAXCONNPERHOST 20\nLISTEN {ADDRESS} 3493\nLISTEN 127.0.0.1 3493\n"

    def begin(self, settings, **files):
        self.bed = self.enter(Testbed({**CONFIG, **files, "upsd.conf": settings}, port=None))
        self.gateway = self.bed.service("gateway")
        self.pid = self.gateway.pid

    def test_one_host(self):
        """One address has its share, and others theirs."""
        connected = [self.enter(socket.create_connection((ADDRESS, 3493), PATIENCE)) for _ in range(100)]
        answers = []
        for s in connected:
            with contextlib.suppress(OSError):
                s.sendall(b"NETVER\nLOGOUT\n")
            answers.append(everything(s))
        self.assertGreaterEqual(answers.count(b"ERR ACCESS-DENIED\n"), 100 - 20)
        self.assertEqual(set(answers), {b"ERR ACCESS-DENIED\n", b"1.3\nOK Goodbye\n"})
        self.assertIn(self.log_lines("MAXCONNPERHOST"), range(1, 20))
        with self.probe():
            pass


class TestNamespace(TestCase):
    def test_one_host(self):
        """Connections from this machine do not count: in a network of its own it has another address."""
        own = ["--map-root-user", "--user"] if os.geteuid() != 0 else []
        script = f"ip link set lo up && ip addr add {ADDRESS}/32 dev lo && exec \"$@\""
        r = subprocess.run(["unshare", *own, "--net", "sh", "-c", script, "sh", sys.executable, SELF,
                            "TestFromOneHost"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           check=False, timeout=100, env={**os.environ, "BUSBAR_TEST_NAMESPACE": "1"})
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)


if not os.environ.get("BUSBAR_TEST_NAMESPACE"):
    del TestFromOneHost

if __name__ == "__main__":
    unittest.main()
