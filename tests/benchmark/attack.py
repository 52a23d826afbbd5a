#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a well-behaved client notices while others misbehave: it asks every 5 ms, and its answers are timed.

    attack.py [--seconds N] [--only NAME]

All run in a network of their own, where client and attackers have different addresses: the loopback's are
exempt from limits, and one address has one share. Prints a table; nothing passes or fails by time. The
attackers share the machine with the server and the client, so the first lines are for comparison: nobody
attacks, and somebody merely keeps a processor busy."""

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from servers import (CONFIG, GET, LIST, STOCK_CONFIG, StockServer, Testbed, load_command, parse,
                     raise_descriptor_limit)

PAUSE_USEC = 5000
IP_BIND_ADDRESS_NO_PORT = 24
HASH = "$y$j9T$busbarbusbar$" + "x" * 43  # of nothing that anybody would guess, at the usual cost
SELF = os.path.abspath(__file__)
PORT = 3493
OURS, STOCK, PROBE = "192.0.2.1", "192.0.2.2", "192.0.2.7"
ATTACKERS = [f"192.0.2.{n}" for n in range(100, 116)]
LOOPBACK = "127.0.0.1"
NETWORK = """
ip link set lo up
ip route add local 192.0.2.0/24 dev lo
exec "$@"
"""


@dataclass
class Target:
    """A server, and where its attackers are, in turn."""

    address: str
    port: int
    sources: itertools.cycle


def connect(target, blocking=False):
    s = socket.socket()
    s.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.bind((next(target.sources), 0))
    s.setblocking(blocking)
    with contextlib.suppress(BlockingIOError):
        s.connect((target.address, target.port))
    return s


def send(s, data):
    """What the socket takes; an ended connection is no news here."""
    with contextlib.suppress(OSError):
        return s.send(data)
    return 0


class Crowd:
    """Many connections; those that the server ends are made anew."""

    def __init__(self, target, n, first=b""):
        self.target, self.first = target, first
        self.poll = select.epoll()
        self.sockets = {}
        for _ in range(n):
            self.add()

    def add(self):
        s = connect(self.target)
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


def nothing(_target):
    time.sleep(3600)


def busy(_target):
    while True:
        pass


def slow_lines(target):
    crowd = Crowd(target, 3000, b"GET V")
    while True:
        crowd.greet(0.5)
        for s in crowd.all():
            send(s, b"A")


def never_read(target):
    crowd = Crowd(target, 300, f"{LIST}\n".encode() * 2000)
    while True:
        crowd.greet(0.5)
        for s in crowd.all():
            send(s, f"{LIST}\n".encode() * 100)


def long_lines(target):
    crowd = Crowd(target, 50)
    line = b"x" * (1 << 20)
    while True:
        crowd.greet()
        for s in crowd.all():
            send(s, line)
        time.sleep(0.001)


def garbage(target):
    crowd = Crowd(target, 50)
    while True:
        crowd.greet()
        data = os.urandom(65536)
        for s in crowd.all():
            with contextlib.suppress(OSError):
                s.recv(1 << 20)
            send(s, data)
        time.sleep(0.001)


def starttls_stall(target):
    crowd = Crowd(target, 500, b"STARTTLS\n")
    while True:
        crowd.greet(0.5)


def half_hello(target):
    """The first half of a greeting of TLS, after STARTTLS and without waiting."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="x")
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    hello = outgoing.read()
    crowd = Crowd(target, 500, b"STARTTLS\n")
    while True:
        crowd.greet(0.2)
        for s in crowd.all():
            with contextlib.suppress(OSError):
                if s.recv(100).startswith(b"OK"):
                    send(s, hello[:len(hello) // 2])


def connections(target):
    while True:
        batch = [connect(target) for _ in range(200)]
        for s in batch:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            s.close()


def handshakes(target):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    while True:
        try:
            with connect(target, True) as s:
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


def passwords(target):
    crowd = Crowd(target, 100, b"USERNAME slow\nPASSWORD guess\nLOGIN ups\n")
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
    "password flood, all from loopback": passwords,
}


def attacker(attack, target):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise_descriptor_limit()
    attack(target)


def probe(address, port, pid, name, seconds):
    """What a client notices that is there already; None when it gets no answer. port is that on loopback."""
    target = Target(address, PORT, itertools.cycle(ATTACKERS))
    source = PROBE
    if "loopback" in name:
        target, source = Target(LOOPBACK, port, itertools.cycle([LOOPBACK])), LOOPBACK
    command = load_command(port, pid, (GET,), seconds=seconds, pause_usec=PAUSE_USEC,
                           target=f"{target.address},{source},{target.port}")
    process = multiprocessing.get_context("fork").Process(target=attacker, args=(ATTACKS[name], target))
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
    # Guessing is not to end with a lock-out, after which nothing is hashed.
    settings = f"LISTEN {LOOPBACK} {PORT}\nLISTEN {OURS} {PORT}\nCERTFILE {path}\nMAXLOGINFAILURES 0\n"
    return {**base, "upsd.conf": base["upsd.conf"] + settings,
            "upsd.users": f"{base['upsd.users']}[slow]\npassword = \"{HASH}\"\nupsmon secondary\n"}


def words(result):
    if result is None:
        return ["-"] * 3
    return [f"{v / 1000:.2f}" for v in (result.median, result.p99, result.worst)]


def run(seconds, names):
    """Yields a line of the table for each attack."""
    raise_descriptor_limit()
    stock_config = {**STOCK_CONFIG, "upsd.conf": STOCK_CONFIG["upsd.conf"] + f"LISTEN {STOCK} {PORT}\n"}
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="busbar-attack-"))
        ours = stack.enter_context(Testbed(configuration(CONFIG, directory), port=None))
        for name in names:
            result = probe(OURS, PORT, ours.service("gateway").pid, name, seconds)
            # Each gets a server of its own, as some do not recover.
            with StockServer(stock_config) as stock:
                other = probe(STOCK, stock.port, stock.server.pid, name, seconds)
            yield [name, *words(result), *words(other)]


def in_own_network(arguments):
    own = ["--map-root-user", "--user"] if os.geteuid() != 0 else []
    return ["unshare", *own, "--net", "sh", "-ec", NETWORK, "sh", sys.executable, SELF, "--here", *arguments]


def measure(seconds, table):
    output = subprocess.run(in_own_network(["--json", "--seconds", str(seconds)]), check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    rows = [json.loads(line) for line in output.splitlines()]
    yield "\n### Attacks\n\n"
    yield ("A client asks each 5 ms for one variable while others misbehave, who share its machine: "
           "milliseconds until it has its answer. The attackers have 16 addresses, the client another; in "
           "the last row all are on loopback. A dash: it got no answer for 10 s. upsd here has no "
           "certificate, so that STARTTLS is an error to it, and no hashed passwords.\n\n")
    yield table(("", "busbar: median", "99 %", "max", "upsd: median", "99 %", "max"), rows)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=float, default=3.0, help="of each attack (%(default)s)")
    p.add_argument("--only", action="append", choices=ATTACKS, metavar="NAME", help=", ".join(ATTACKS))
    p.add_argument("--json", action="store_true", help="print the rows for another program")
    p.add_argument("--here", action="store_true", help="in the network that this process is in")
    options = p.parse_args()
    if not options.here:
        command = in_own_network(sys.argv[1:])
        os.execvp(command[0], command)
    for row in run(options.seconds, options.only or ATTACKS):
        print(json.dumps(row) if options.json else
              f"{row[0]:34}" + "".join(f"{word:>10}" for word in row[1:]), flush=True)


if __name__ == "__main__":
    main()
