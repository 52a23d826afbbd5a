#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The gateway on a machine with systemd: where it listens, how the network hears of it, and that neither a
reload nor a restart nor a crash is anything to its clients."""

import json
import socket
import ssl
import subprocess
import sys
import threading
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "install"))

# pylint: disable=wrong-import-position
from build import Build
from fixture import GATEWAY, SOCKET, Fixture, device_file, prepare
from machine import Machine, NutClient, run_inside, wait_for

OURS, PEER = "10.94.0.1", "10.94.0.2"


class Newcomers(threading.Thread):
    """Connects again and again for the length of a block, each time with one question."""

    def __init__(self):
        super().__init__()
        self.lost = []
        self.n_served = 0
        self.is_over = False

    def run(self):
        while not self.is_over:
            try:
                with NutClient() as client:
                    answer = client.ask("NETVER")
                if answer != "1.3":
                    self.lost.append(answer)
            except OSError as e:
                self.lost.append(repr(e))
            self.n_served += 1

    def wait_for_more(self, n):
        target = self.n_served + n
        wait_for(f"{n} more connections", lambda: self.n_served >= target)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.join()


class GatewayTest(Fixture):
    def listens_on(self):
        """What the gateway says itself, whoever has bound it."""
        said = self.machine.output("busctl", "--json=short", "get-property", "org.busbar.Gateway1",
                                   "/org/busbar/Gateway1", "org.busbar.Gateway1", "Listening", check=False)
        return sorted(json.loads(said)["data"]) if said else []

    def wait_listening(self, *addresses):
        wait_for(f"listening on {addresses}", lambda: self.listens_on() == sorted(addresses))

    def test_reload_of_listen_loses_nobody(self):
        """Neither who is connected, nor who connects at any moment of a change, be it to an address that
        has the old one in it, nor who waits unanswered."""
        client = self.client()
        for request in ("USERNAME monitor", "PASSWORD secret", "LOGIN sim"):
            self.assertEqual(client.ask(request), "OK")
        with Newcomers() as newcomers:
            for text, *addresses in (
                    ("LISTEN *\n", "0.0.0.0:3493", "[::]:3493"),
                    ("LISTEN 127.0.0.1\nLISTEN 192.0.2.44 500\n", "127.0.0.1:3493", "192.0.2.44:500"),
                    ("LISTEN 0.0.0.0\nLISTEN ::1\n", "0.0.0.0:3493", "[::1]:3493"),
                    ("", "127.0.0.1:3493", "[::1]:3493")):
                self.configure(text, "upsd.conf")
                self.reload()
                self.wait_listening(*addresses)
                newcomers.wait_for_more(50)
        self.assertEqual(newcomers.lost, [])
        self.assertEqual(client.ask("GET NUMLOGINS sim"), "NUMLOGINS sim 1")
        self.assertEqual(self.machine.show(SOCKET, "ActiveState"), "active")

    def test_reload_of_listen_with_a_port_that_is_taken(self):
        """The socket unit fails then, as a whole. The gateway has what it had, until the next reload."""
        client = self.client()
        self.wait_value(client, "sim", "ups.load", "20")
        with socket.create_server(("127.0.0.1", 3600)):
            self.configure("LISTEN 127.0.0.1\nLISTEN 127.0.0.1 3600\n", "upsd.conf")
            self.reload()
            wait_for("it says so", lambda: "busbar-gateway.socket does not listen"
                     in self.machine.journal("--unit", GATEWAY))
            self.wait_value(client, "sim", "ups.load", "20")
            self.wait_value(self.client(), "sim", "ups.load", "20")
            self.machine.run("systemctl", "restart", GATEWAY)
            self.wait_value(client, "sim", "ups.load", "20")
            self.wait_value(self.client(host="::1"), "sim", "ups.load", "20")
        self.reload()
        wait_for("the socket is back", lambda: self.machine.is_active(SOCKET))
        self.wait_listening("127.0.0.1:3493", "127.0.0.1:3600")
        self.wait_value(client, "sim", "ups.load", "20")

    def test_reload_of_listen_with_a_mistake(self):
        """What can be read of a file with a mistake is not what is to be listened on."""
        self.configure("LISTEN *\n", "upsd.conf")
        self.reload()
        self.client()
        self.wait_listening("0.0.0.0:3493", "[::]:3493")
        self.configure("LISTEN power.example.org\n", "upsd.conf")
        self.reload()
        self.wait_value(self.client(host="127.0.0.3"), "sim", "ups.load", "20")
        self.configure("", "upsd.conf")
        self.reload()
        self.wait_listening("127.0.0.1:3493", "[::1]:3493")

    def test_interface_that_comes_later(self):
        """An address of an interface, which the service manager could not name at boot."""
        def ip(*words):
            self.machine.run_outside("ip", *words)

        self.configure("LISTEN 127.0.0.1\nLISTEN fe80::77%later0\n", "upsd.conf")
        self.reload()
        self.wait_listening("127.0.0.1:3493")
        for _ in range(2):
            ip("link", "add", "later0", "type", "veth", "peer", "name", "later1")
            ip("address", "add", "fe80::77/64", "dev", "later0", "nodad")
            ip("link", "set", "later0", "up")
            self.wait_listening("127.0.0.1:3493", "[fe80::77%later0]:3493")
            wait_for("it answers",
                     lambda: self.upsc("sim@[fe80::77%later0]", "ups.load", check=False) == "20")
            # It comes again as another one, of the same name.
            ip("link", "delete", "later0")
        self.configure("LISTEN fe80::77%later0\n", "upsd.conf")
        self.reload()
        self.wait_listening()
        # It is not in the way of all addresses.
        ip("link", "add", "later0", "type", "veth", "peer", "name", "later1")
        ip("address", "add", "fe80::77/64", "dev", "later0", "nodad")
        ip("link", "set", "later0", "up")
        self.wait_listening("[fe80::77%later0]:3493")
        self.configure("LISTEN *\n", "upsd.conf")
        self.reload()
        self.wait_listening("0.0.0.0:3493", "[::]:3493")
        ip("link", "delete", "later0")

    # How the network hears of it.

    def ask_network(self, kind):
        """What another machine on the wire hears when it looks for a kind of server."""
        done = subprocess.run(["ip", "netns", "exec", "peer", sys.executable, HERE / "mdns.py", PEER,
                               f"{kind}.local", "2"], capture_output=True, text=True, check=True)
        return {f"{what} {name}": value for name, what, value in json.loads(done.stdout)
                if name.endswith(f"{kind}.local")}

    def wire(self):
        """A network with one other machine in it."""
        for words in (["netns", "add", "peer"],
                      ["link", "add", "wire0", "type", "veth", "peer", "name", "eth0", "netns", "peer"],
                      ["address", "add", f"{OURS}/24", "dev", "wire0"], ["link", "set", "wire0", "up"],
                      ["-n", "peer", "link", "set", "lo", "up"],
                      ["-n", "peer", "address", "add", f"{PEER}/24", "dev", "eth0"],
                      ["-n", "peer", "link", "set", "eth0", "up"]):
            self.machine.run_outside("ip", *words)
        self.addCleanup(self.machine.run_outside, "ip", "netns", "delete", "peer")

    def test_announcement(self):
        self.wire()
        self.machine.write("/etc/systemd/resolved.conf.d/mdns.conf", "[Resolve]\nMulticastDNS=yes\n")
        self.machine.run("systemctl", "restart", "systemd-resolved")
        self.machine.run("resolvectl", "mdns", "wire0", "yes")

        self.configure("LISTEN 127.0.0.1\nANNOUNCE yes \"Room 7, 100%\"\n", "upsd.conf")
        self.reload()
        self.machine.wait_active(GATEWAY)
        self.assertEqual(self.ask_network("_nut._tcp"), {})

        self.configure("LISTEN 127.0.0.1\nLISTEN 0.0.0.0 3600\nANNOUNCE yes \"Room 7, 100%\"\n", "upsd.conf")
        self.reload()
        for kind in ("_nut._tcp", "_upsd._tcp"):
            name = f"Room 7, 100%.{kind}.local"
            heard = wait_for(f"it is announced as {kind}", lambda k=kind: self.ask_network(k))
            self.assertEqual(heard[f"PTR {kind}.local"], name)
            self.assertEqual(heard[f"SRV {name}"][0], 3600)
            self.assertEqual(heard[f"TXT {name}"],
                             ["protovers=1.3", "tls=no", "txtvers=1", "ups=sim,rack-1.b"])

        # Again after a crash of ours, which could take nothing back, and one of resolved, which forgets.
        for unit in (GATEWAY, "systemd-resolved.service"):
            before = self.machine.main_pid(unit)
            self.machine.run("systemctl", "kill", "--signal=KILL", unit)
            wait_for(f"{unit} is back", lambda u=unit, b=before: self.machine.main_pid(u) not in (0, b))
            self.machine.wait_active(unit)
            self.machine.run("resolvectl", "mdns", "wire0", "yes")
            wait_for("it is announced again", lambda: self.ask_network("_nut._tcp"))

        self.configure("LISTEN 127.0.0.1\nLISTEN 0.0.0.0 3600\nANNOUNCE no\n", "upsd.conf")
        self.reload()
        wait_for("it is not announced", lambda: self.ask_network("_nut._tcp") == {})

        self.configure("LISTEN *\nREQUIRELOGIN yes\nANNOUNCE yes\n", "upsd.conf")
        self.reload()
        heard = wait_for("it is announced", lambda: self.ask_network("_upsd._tcp"))
        name = heard["PTR _upsd._tcp.local"]
        self.assertEqual(heard[f"TXT {name}"], ["protovers=1.3", "tls=no", "txtvers=1"])
        self.machine.run("systemctl", "stop", "busbar")
        wait_for("it is gone with us", lambda: self.ask_network("_upsd._tcp") == {})
        said = self.machine.journal("--unit", GATEWAY, "--grep=Cannot announce")
        self.assertEqual(said, "Cannot announce this server to the network: systemd-resolved does not run")

    def test_credentials(self):
        """A certificate that the service manager has for the gateway, which cannot read it where it is."""
        with self.client() as c:
            self.assertEqual(c.ask("STARTTLS"), "ERR FEATURE-NOT-CONFIGURED")
        store = "/etc/credstore/busbar-gateway.tls.pem"
        self.machine.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                         "-nodes", "-subj", "/CN=gateway", "-keyout", "/root/key.pem",
                         "-out", "/root/crt.pem")
        self.machine.run("install", "-d", "-m", "700", "/etc/credstore")
        self.machine.run("sh", "-c", f"umask 077; cat /root/crt.pem /root/key.pem >{store}")
        waiting = self.client()
        self.assertEqual(waiting.ask("NETVER"), "1.3")
        self.machine.run("systemctl", "restart", GATEWAY)
        self.machine.wait_active(GATEWAY)
        self.assertEqual(waiting.ask("NETVER"), "1.3")
        self.assertEqual(self.upsc("sim@localhost", "ups.status"), "OL")
        with self.client() as c:
            self.assertEqual(c.ask("STARTTLS"), "OK STARTTLS")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(c.socket) as secure:
                secure.sendall(b"NETVER\n")
                self.assertEqual(secure.recv(10), b"1.3\n")
        self.machine.run("rm", store)
        self.machine.run("systemctl", "restart", GATEWAY)
        self.machine.wait_active(GATEWAY)
        with self.client() as c:
            self.assertEqual(c.ask("STARTTLS"), "ERR FEATURE-NOT-CONFIGURED")


def main():
    build, bus = Build(sys.argv[1], sys.argv[2]), sys.argv[3]
    run_inside()

    machine = GatewayTest.machine = Machine("busbar-test")
    result = None
    try:
        prepare(machine, build, bus)
        machine.unpack("systemd-resolved")
        machine.boot()
        names = [f"GatewayTest.{name}" for name in sys.argv[4:]] or ["GatewayTest"]
        suite = unittest.defaultTestLoader.loadTestsFromNames(names, sys.modules["__main__"])
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    finally:
        if result is None or not result.wasSuccessful():
            print(machine.journal("--output=short-monotonic") if machine.init else "", file=sys.stderr)
        machine.stop()

    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
