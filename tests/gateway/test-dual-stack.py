#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Both families of addresses, in a network namespace of our own: addresses of interfaces, those that come
later, and changes of what is listened on while connections are made."""

import os
import socket
import subprocess
import sys
import threading
import unittest

from gatewaylib import CONFIG, NutConnection, TestCase, Testbed, wait_for
from testlib import run

INSIDE = "BUSBAR_TEST_INSIDE"
PORT = 3493


def enter_namespace():
    """Runs this script again in a network of its own, where it may do as it likes. Returns in there."""
    if INSIDE not in os.environ:
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", *user, "--net", sys.executable, *sys.argv])
    ip("link", "set", "lo", "up")
    ip("link", "add", "wire0", "type", "veth", "peer", "name", "wire1")
    for name, address in (("wire0", "fe80::10"), ("wire1", "fe80::11")):
        ip("link", "set", name, "addrgenmode", "none")
        ip("address", "add", f"{address}/64", "dev", name, "nodad")
        ip("link", "set", name, "up")


def ip(*words):
    subprocess.run(["ip", *words], check=True, stdin=subprocess.DEVNULL)


def answers(address, port=PORT):
    """Whether a gateway does; a refusal is a no."""
    try:
        place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]
        with socket.socket(place[0], socket.SOCK_STREAM) as s:
            s.settimeout(10)
            s.connect(place[4])
            s.sendall(b"NETVER\n")
            return s.recv(100) == b"1.3\n"
    except OSError:
        return False


class Newcomers(threading.Thread):
    """Connects again and again for the length of a block, each time with one question."""

    def __init__(self, *addresses):
        super().__init__()
        self.addresses = addresses
        self.lost, self.n_served, self.is_over = [], 0, False

    def run(self):
        while not self.is_over:
            for address in self.addresses:
                if not answers(address):
                    self.lost.append(address)
                self.n_served += 1

    def wait_for_more(self, n):
        target = self.n_served + n
        wait_for(lambda: self.n_served >= target, f"{n} more connections")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.join()


class TestDualStack(TestCase):
    def start(self, listen, **more):
        return self.enter(Testbed({**CONFIG, "upsd.conf": listen, **more}, port=None))

    def reload(self, bed, listen):
        seen = bed.log_text("gateway").count("Configuration reloaded")
        bed.write("upsd.conf", listen)
        bed.reload()
        wait_for(lambda: bed.log_text("gateway").count("Configuration reloaded") > seen, "it was read")

    def test_every_address(self):
        self.start("LISTEN *\n")
        for address in ("127.0.0.1", "127.9.9.9", "::1", "fe80::10%wire0", "fe80::11%wire1"):
            self.assertTrue(answers(address), address)
        self.assertEqual(run("upsc", f"ups@[::1]:{PORT}", "ups.id").stdout, "one\n")

    def test_families_are_two(self):
        """Each line is about one of them."""
        self.start(f"LISTEN :: {PORT}\n")
        self.assertTrue(answers("::1"))
        self.assertFalse(answers("127.0.0.1"))

    def test_same_port_for_each(self):
        self.start(f"LISTEN 0.0.0.0\nLISTEN ::\nLISTEN [::] {PORT + 1}\n")
        for address, port in (("127.0.0.1", PORT), ("::1", PORT), ("::1", PORT + 1)):
            self.assertTrue(answers(address, port))
        self.assertFalse(answers("127.0.0.1", PORT + 1))

    def test_one_interface(self):
        self.start("LISTEN fe80::10%wire0\nLISTEN 127.0.0.1\n")
        self.assertTrue(answers("fe80::10%wire0"))
        self.assertFalse(answers("fe80::11%wire1"))

    def test_address_that_comes_later(self):
        bed = self.start("LISTEN 192.0.2.9\nLISTEN 2001:db8::9\nLISTEN 127.0.0.1\n")
        bed.wait_log(r"Listening on 192\.0\.2\.9:3493, which no interface has yet")
        self.assertFalse(answers("192.0.2.9"))
        for address in ("192.0.2.9/32", "2001:db8::9/128"):
            ip("address", "add", address, "dev", "lo")
            self.addCleanup(ip, "address", "delete", address, "dev", "lo")
        self.assertTrue(answers("192.0.2.9"))
        wait_for(lambda: answers("2001:db8::9"), "that of IPv6")

    def test_interface_that_comes_later(self):
        bed = self.start("LISTEN fe80::20%later0\nLISTEN 127.0.0.1\n")
        bed.wait_log(r"upsd\.conf:1: .*fe80::20%later0 .*waiting for the interface")
        for _ in range(2):
            ip("link", "add", "later0", "type", "veth", "peer", "name", "later1")
            ip("address", "add", "fe80::20/64", "dev", "later0", "nodad")
            ip("link", "set", "later0", "up")
            wait_for(lambda: answers("fe80::20%later0"), "it answers there")
            ip("link", "delete", "later0")

    def test_changes_lose_nobody(self):
        """Also where the old addresses have a part of the new ones, and the reverse."""
        bed = self.start("LISTEN 127.0.0.1\nLISTEN ::1\n")
        with NutConnection(PORT) as c, Newcomers("127.0.0.1", "::1") as newcomers:
            for listen in ("LISTEN *\n", "LISTEN localhost\n",
                           "LISTEN 0.0.0.0\nLISTEN ::1\nLISTEN ::1 3500\n", "LISTEN ::\nLISTEN 127.0.0.1\n"):
                self.reload(bed, listen)
                newcomers.wait_for_more(40)
            self.assertEqual(c.ask("NETVER"), "1.3")
        self.assertEqual(newcomers.lost, [])

    def test_port_that_is_taken(self):
        """It goes on where it was, and has the new one when that is free."""
        with socket.create_server(("127.0.0.1", 3600)):
            bed = self.start("LISTEN 127.0.0.1 3500\n")
            self.reload(bed, "LISTEN 127.0.0.1 3600\nLISTEN 127.0.0.2 3601\n")
            bed.wait_log(r'upsd\.conf:1: .*3600: Address already in use; "ss -ltnp"')
            self.assertTrue(answers("127.0.0.1", 3500))
            self.assertTrue(answers("127.0.0.2", 3601))
        wait_for(lambda: answers("127.0.0.1", 3600), "the port is ours")
        wait_for(lambda: not answers("127.0.0.1", 3500), "the old one goes then")

    def test_relay(self):
        """Servers by their address, with an interface and a port."""
        far = "".join(f"[{name}]\ndriver = dummy-ups\nport = ups@{place}\n" for name, place in (
            ("local", f"[::1]:{PORT}"), ("linked", f"[fe80::10%wire0]:{PORT}"), ("short", "[::1]")))
        config = {"ups.conf": CONFIG["ups.conf"] + far,
                  "upsmon.conf": f"MONITOR ups@[fe80::11%wire1]:{PORT} 0 mon mp secondary\nMINSUPPLIES 0\n"}
        self.enter(Testbed({**CONFIG, "upsd.conf": "LISTEN *\n", **config}, port=None, monitor=True))
        with NutConnection(PORT) as c:
            for name in ("local", "linked", "short"):
                wait_for(lambda n=name: c.ask(f"GET VAR {n} ups.id") == f'VAR {n} ups.id "one"', name)
        # A link is for the monitor alone; it connects from the address that it connects to.
        wait_for(lambda: "[fe80::11]%wire1:" in self.established(), "the link of the monitor")

    @staticmethod
    def established():
        return run("ss", "--tcp", "--numeric", "--no-header", "state", "established", "sport", "=",
                   f":{PORT}").stdout


if __name__ == "__main__":
    enter_namespace()
    unittest.main()
