#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the gateway listens, how many it lets in, and what it does when it cannot."""

import os
import socket
import subprocess
import tempfile
import unittest

from gatewaylib import CONFIG, NutConnection, TestCase, Testbed, free_port, wait_for

GATEWAY = os.environ["BUSBAR_GATEWAY"]


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def version(address, port):
    with socket.create_connection((address, port), 10) as s:
        s.sendall(b"NETVER\n")
        return s.recv(100)


class TestListen(TestCase):
    def test_lines_and_reload(self):
        """LISTEN lines count without --port, and follow a reload; connections do not notice."""
        first, second = free_port(), free_port()
        config = CONFIG | {"upsd.conf": f"LISTEN 127.0.0.1 {first}\n"}
        with Testbed(config, port=None) as bed, NutConnection(first) as c:
            self.assertEqual(bed.port, first)
            bed.write("upsd.conf", f"LISTEN 127.0.0.1 {second}\nLISTEN 127.0.0.2 {second}\n")
            bed.reload()
            bed.wait_log(rf"Listening on 127\.0\.0\.2:{second}")
            self.assertEqual(version("127.0.0.1", second), b"1.3\n")
            self.assertEqual(version("127.0.0.2", second), b"1.3\n")
            with self.assertRaises(ConnectionRefusedError):
                version("127.0.0.1", first)
            self.assertEqual(c.ask("NETVER"), "1.3")

    def test_every_address(self):
        port = free_port()
        with Testbed(CONFIG | {"upsd.conf": f"LISTEN * {port}\n"}, port=None):
            self.assertEqual(version("127.0.0.3", port), b"1.3\n")
            if has_ipv6():
                self.assertEqual(version("::1", port), b"1.3\n")

    def test_names(self):
        """localhost is both its addresses; other names are not looked up, and a file with one is refused."""
        port = free_port()
        with Testbed(CONFIG | {"upsd.conf": f"LISTEN localhost {port}\n"}, port=None) as bed:
            self.assertEqual(version("127.0.0.1", port), b"1.3\n")
            if has_ipv6():
                self.assertEqual(version("::1", port), b"1.3\n")
            bed.write("upsd.conf", f"\nLISTEN power.example.org {port}\n")
            bed.reload()
            bed.wait_log(r"upsd\.conf:2: .*\"power\.example\.org\" is none\. .*use the address")
            self.assertEqual(version("127.0.0.1", port), b"1.3\n")

    def test_socket_outlives_a_crash(self):
        """Who connects while the gateway is down is served by the next one, on the same port."""
        with Testbed(CONFIG) as bed:
            port = bed.port
            bed.kill("gateway")
            self.assertEqual(version("127.0.0.1", port), b"1.3\n")
            self.assertEqual(bed.port, port)
            wait_for(lambda: bed.service("gateway").ready, "the gateway is back")
            self.assertEqual(bed.port, port)

    def test_too_many(self):
        with Testbed(CONFIG | {"upsd.conf": "MAXCONN 3\n"}) as bed:
            connections = [self.enter(NutConnection(bed.port)) for _ in range(3)]
            for c in connections:
                self.assertEqual(c.ask("NETVER"), "1.3")
            with NutConnection(bed.port) as refused:
                self.assertEqual(refused.ask("STARTTLS"), "ERR ACCESS-DENIED")
                self.assertEqual(refused.line(), "")
            bed.wait_log("Refusing a connection from 127.0.0.1")
            connections.pop().close()

            def admitted():
                with NutConnection(bed.port) as c:
                    return c.ask("NETVER") == "1.3"
            wait_for(admitted, "there is room again")


class TestProgram(TestCase):
    def run_gateway(self, upsd_conf, *arguments, **options):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "upsd.conf"), "w", encoding="utf-8") as f:
                f.write(upsd_conf)
            environment = {"NUT_CONFPATH": directory, "PATH": os.environ["PATH"], **options,
                           "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={directory}/no-bus"}
            return subprocess.run([GATEWAY, *arguments], env=environment, capture_output=True, text=True,
                                  check=False, timeout=30)

    def test_cannot_listen(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            r = self.run_gateway(f"\nLISTEN 127.0.0.1 {port}\n")
            self.assertEqual(r.returncode, 1)
            self.assertRegex(r.stderr, rf"upsd.conf:2: .*Cannot listen on 127.0.0.1 port {port}: Address")

    def test_command_line(self):
        for arguments in (("--help",), ("-h",)):
            r = self.run_gateway("", *arguments)
            self.assertEqual(r.returncode, 0)
            self.assertTrue(r.stdout.startswith("Usage: busbar-gateway"))
            self.assertLessEqual(max(map(len, r.stdout.split("\n"))), 80)
        self.assertRegex(self.run_gateway("", "--version").stdout, r"^busbar-gateway \d+\.\d+")
        for arguments in (("--port", "x"), ("--port", "65536"), ("--nonsense",), ("argument",)):
            r = self.run_gateway("", *arguments)
            self.assertEqual(r.returncode, 1)
            self.assertTrue(r.stderr)

    def test_without_bus(self):
        """Clients are answered, though there is nothing to be had."""
        with tempfile.TemporaryDirectory() as directory:
            for name, text in CONFIG.items():
                with open(os.path.join(directory, name), "w", encoding="utf-8") as f:
                    f.write(text)
            notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            notify.bind(os.path.join(directory, "notify"))
            notify.settimeout(20)
            environment = {"NUT_CONFPATH": directory, "NOTIFY_SOCKET": os.path.join(directory, "notify"),
                           "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={directory}/no-bus"}
            with subprocess.Popen([GATEWAY, "--port", "0"], env=environment,
                                  stderr=subprocess.DEVNULL) as process:
                try:
                    while b"READY=1" not in (message := notify.recv(4096)):
                        pass
                    port = int(message.split(b"X_BUSBAR_PORT=")[1].split(b"\n")[0])
                    with NutConnection(port) as c:
                        self.assertEqual(c.ask("GET VAR ups ups.status"), "ERR DRIVER-NOT-CONNECTED")
                finally:
                    process.terminate()
                    self.assertEqual(process.wait(10), 0)
                    notify.close()


if __name__ == "__main__":
    unittest.main()
