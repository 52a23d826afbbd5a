#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a well-behaved client notices while others misbehave: it asks every 5 ms, and its answers are timed.

    attack.py [--seconds N] [--only NAME]

Prints a table; nothing passes or fails by time. The attackers share the machine with the server and the
client, so the first lines are for comparison: nobody attacks, and somebody merely keeps a processor busy."""

import argparse
import contextlib
import multiprocessing
import os
import select
import signal
import socket
import ssl
import subprocess
import tempfile
import time

from servers import (CONFIG, GET, LIST, STOCK_CONFIG, StockServer, Testbed, load_command, parse,
                     raise_descriptor_limit)

PAUSE_USEC = 5000
HASH = "$y$j9T$busbarbusbar$" + "x" * 43  # of nothing that anybody would guess, at the usual cost


def connect(port, blocking=False):
    s = socket.socket()
    s.setblocking(blocking)
    with contextlib.suppress(BlockingIOError):
        s.connect(("127.0.0.1", port))
    return s


def send(s, data):
    """What the socket takes; an ended connection is no news here."""
    with contextlib.suppress(OSError):
        return s.send(data)
    return 0


class Crowd:
    """Many connections; those that the server ends are made anew."""

    def __init__(self, port, n, first=b""):
        self.port, self.first = port, first
        self.poll = select.epoll()
        self.sockets = {}
        for _ in range(n):
            self.add()

    def add(self):
        s = connect(self.port)
        self.sockets[s.fileno()] = s
        self.poll.register(s, select.EPOLLOUT | select.EPOLLRDHUP)
        return s

    def greet(self, timeout=0.0):
        """Sends the first words on what has been connected, and replaces what has ended."""
        for fd, event in self.poll.poll(timeout, 500):
            s = self.sockets[fd]
            if event & ~select.EPOLLOUT:
                self.poll.unregister(fd)
                del self.sockets[fd]
                s.close()
                self.add()
            else:
                send(s, self.first)
                self.poll.modify(fd, select.EPOLLRDHUP)

    def all(self):
        return list(self.sockets.values())


def nothing(_port):
    time.sleep(3600)


def busy(_port):
    while True:
        pass


def slow_lines(port):
    crowd = Crowd(port, 3000, b"GET V")
    while True:
        crowd.greet(0.5)
        for s in crowd.all():
            send(s, b"A")


def never_read(port):
    crowd = Crowd(port, 300, f"{LIST}\n".encode() * 2000)
    while True:
        crowd.greet(0.5)
        for s in crowd.all():
            send(s, f"{LIST}\n".encode() * 100)


def long_lines(port):
    crowd = Crowd(port, 50)
    line = b"x" * (1 << 20)
    while True:
        crowd.greet()
        for s in crowd.all():
            send(s, line)
        time.sleep(0.001)


def garbage(port):
    crowd = Crowd(port, 50)
    while True:
        crowd.greet()
        data = os.urandom(65536)
        for s in crowd.all():
            with contextlib.suppress(OSError):
                s.recv(1 << 20)
            send(s, data)
        time.sleep(0.001)


def starttls_stall(port):
    crowd = Crowd(port, 500, b"STARTTLS\n")
    while True:
        crowd.greet(0.5)


def half_hello(port):
    """The first half of a greeting of TLS, after STARTTLS and without waiting."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="x")
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    hello = outgoing.read()
    crowd = Crowd(port, 500, b"STARTTLS\n")
    while True:
        crowd.greet(0.2)
        for s in crowd.all():
            with contextlib.suppress(OSError):
                if s.recv(100).startswith(b"OK"):
                    send(s, hello[:len(hello) // 2])


def connections(port):
    while True:
        batch = [connect(port) for _ in range(200)]
        for s in batch:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            s.close()


def handshakes(port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    while True:
        try:
            with connect(port, True) as s:
                s.settimeout(2)
                s.sendall(b"STARTTLS\n")
                if not s.recv(100).startswith(b"OK"):
                    time.sleep(0.01)
                    continue
                with context.wrap_socket(s) as tls:
                    tls.sendall(b"VER\n")
                    tls.recv(100)
        except OSError:
            time.sleep(0.01)


def passwords(port):
    crowd = Crowd(port, 100, b"USERNAME slow\nPASSWORD guess\nLOGIN ups\n")
    n = 0
    while True:
        crowd.greet()
        for s in crowd.all():
            n += 1
            with contextlib.suppress(OSError):
                s.recv(1 << 16)
            send(s, f"USERNAME slow\nPASSWORD guess{n}\nLOGIN ups\nLOGOUT\n".encode())
        time.sleep(0.001)


ATTACKS = {
    "nobody attacks": nothing,
    "a busy process": busy,
    "3,000 half lines": slow_lines,
    "300 that never read LIST VAR": never_read,
    "lines of 1 MB": long_lines,
    "binary garbage": garbage,
    "500 STARTTLS and silence": starttls_stall,
    "500 half greetings of TLS": half_hello,
    "connection flood": connections,
    "handshake flood": handshakes,
    "password flood": passwords,
}


def attacker(attack, port):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise_descriptor_limit()
    attack(port)


def probe(port, pid, attack, seconds):
    """What a client notices that is there already; None when it gets no answer."""
    command = load_command(port, pid, (GET,), seconds=seconds, pause_usec=PAUSE_USEC)
    process = multiprocessing.get_context("fork").Process(target=attacker, args=(attack, port))
    process.start()
    try:
        time.sleep(0.5)
        return parse(subprocess.run(command, check=True, capture_output=True, text=True,
                                    timeout=seconds + 10).stdout)
    except subprocess.SubprocessError:
        return None
    finally:
        process.kill()
        process.join()


def certificate(directory):
    """Key and certificate in one file, as CERTFILE wants them."""
    key, cert = (os.path.join(directory, name) for name in ("key.pem", "cert.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-subj", "/CN=localhost", "-days", "2", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    text = ""
    for path in (cert, key):
        with open(path, encoding="ascii") as f:
            text += f.read()
        os.unlink(path)
    return text


def configuration(base, directory):
    path = os.path.join(directory, "gateway.pem")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as f:
        f.write(certificate(directory))
    return {**base, "upsd.conf": base["upsd.conf"] + f"CERTFILE {path}\n",
            "upsd.users": f"{base['upsd.users']}[slow]\npassword = \"{HASH}\"\nupsmon secondary\n"}


def words(result):
    if result is None:
        return ["-"] * 3
    return [f"{v / 1000:.2f}" for v in (result.median, result.p99, result.worst)]


def run(seconds, names):
    """Yields a line of the table for each attack."""
    raise_descriptor_limit()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="busbar-attack-"))
        ours = stack.enter_context(Testbed(configuration(CONFIG, directory)))
        for name in names:
            result = probe(ours.port, ours.service("gateway").pid, ATTACKS[name], seconds)
            # Each gets a server of its own, as some do not recover.
            with StockServer(STOCK_CONFIG) as stock:
                other = probe(stock.port, stock.server.pid, ATTACKS[name], seconds)
            yield [name, *words(result), *words(other)]


def measure(seconds, table):
    rows = list(run(seconds, ATTACKS))
    yield "\n### Attacks\n\n"
    yield ("A client asks each 5 ms for one variable while others misbehave, who share its machine: "
           "milliseconds until it has its answer. A dash: it got none for 10 s. upsd here has no "
           "certificate, so that STARTTLS is an error to it.\n\n")
    yield table(("", "busbar: median", "99 %", "max", "upsd: median", "99 %", "max"), rows)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=float, default=3.0, help="of each attack (%(default)s)")
    p.add_argument("--only", action="append", choices=ATTACKS, metavar="NAME", help=", ".join(ATTACKS))
    options = p.parse_args()
    for row in run(options.seconds, options.only or ATTACKS):
        print(f"{row[0]:32}" + "".join(f"{word:>10}" for word in row[1:]), flush=True)


if __name__ == "__main__":
    main()
