#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The gateway beside Debian's upsd and a server that does nothing: what a request, a connection and an idle
client cost.

Prints a table. Numbers of different machines do not compare, those of one run do; so nothing passes or fails
by time."""

import os
import resource
import select
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

from testlib import NutConnection, StockServer, Testbed  # noqa: E402

SECONDS = float(os.environ.get("BUSBAR_BENCHMARK_SECONDS", "2"))
CLIENTS = int(os.environ.get("BUSBAR_BENCHMARK_CLIENTS", "5000"))
N_VARIABLES = 60

CONFIG = {
    "ups.conf": "[ups]\ndriver = dummy-ups\nport = ups.dev\n",
    "ups.dev": "ups.status: OL\nbattery.charge: 100\n" +
               "".join(f"outlet.{n}.desc: The outlet number {n}\n" for n in range(1, N_VARIABLES)),
    "upsd.conf": "MAXCONN 20000\nMAXCONNPERHOST 20000\n",
    "upsd.users": "",
}
STOCK_CONFIG = {**CONFIG, "upsd.conf": "MAXCONN 20000\n"}

CASES = (  # name, request, depth
    ("GET VAR, one at a time", "GET VAR ups ups.status", 1),
    ("GET VAR, 16 ahead", "GET VAR ups ups.status", 16),
    ("LIST VAR, one at a time", "LIST VAR ups", 1),
)


class Bare:
    """bare-server with the answers of another server."""

    def __init__(self, port):
        self.directory = tempfile.TemporaryDirectory(prefix="busbar-benchmark-")
        paths = []
        with NutConnection(port) as c:
            for name, request in (("get", CASES[0][1]), ("list", CASES[2][1])):
                paths.append(os.path.join(self.directory.name, name))
                with open(paths[-1], "w", encoding="latin-1") as f:
                    f.write(c.ask(request) + "\n")
        self.process = subprocess.Popen([os.environ["BARE_SERVER"], *paths], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.directory.cleanup()


def load(port, request, depth):
    with NutConnection(port) as c:
        size = len(c.ask(request)) + 1
    arguments = [os.environ["LOAD"], str(port), request, str(size), str(depth), str(SECONDS)]
    output = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    return [float(word) for word in output.split()]


def anonymous_memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("RssAnon:"))


def connect_all(port, n):
    """Connects n clients at once, each asking one thing; returns them, how many were answered before nothing
    happened for a while, and the time that took."""
    poll = select.epoll()
    clients = {}
    began = time.monotonic()
    for _ in range(n):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", port))
        clients[s.fileno()] = s
        poll.register(s, select.EPOLLOUT)
    answered, ended = 0, began
    while answered < n and (events := poll.poll(10)):
        for fd, event in events:
            if event & select.EPOLLOUT:
                clients[fd].send(b"GET VAR ups ups.status\n")
                poll.modify(fd, select.EPOLLIN)
            else:
                assert clients[fd].recv(1000), "a client was refused"
                poll.unregister(fd)
                answered += 1
                ended = time.monotonic()
    return list(clients.values()), answered, ended - began


def main():
    # Each client is held by this process twice, once of them in the launcher's store.
    clients = min(CLIENTS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 200)
    with Testbed(CONFIG) as ours, StockServer(STOCK_CONFIG) as stock, Bare(ours.port) as bare:
        servers = (("bare", bare.port, bare.pid), ("busbar", ours.port, ours.service("gateway").pid),
                   ("upsd", stock.port, stock.server.pid))
        print(f"{'':26}{'server':8}{'per second':>12}{'of bare':>9}"
              f"{'median us':>11}{'99 % us':>10}{'max us':>10}")
        for name, request, depth in CASES:
            base = None
            for server, port, _ in servers:
                rate, median, p99, worst = load(port, request, depth)
                base = base or rate
                print(f"{name:26}{server:8}{rate:12.0f}{rate / base:9.1%}{median:11.1f}{p99:10.1f}"
                      f"{worst:10.0f}")
                name = ""
        title = f"{clients} clients"
        print(f"\n{title:26}{'server':8}{'connected s':>12}{'of bare':>9}{'bytes per client':>18}")
        base = None
        for server, port, pid in servers:
            before = anonymous_memory(pid)
            connections, answered, elapsed = connect_all(port, clients)
            size = (anonymous_memory(pid) - before) / max(answered, 1)
            base = base or elapsed
            note = "" if answered == clients else f"  only {answered} are answered"
            print(f"{'':26}{server:8}{elapsed:12.2f}{elapsed / base:9.1f}{size:18.0f}{note}")
            for s in connections:
                s.close()


if __name__ == "__main__":
    main()
