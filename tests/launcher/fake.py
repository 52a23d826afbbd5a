#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stands in for a driver and for the gateway in the launcher's own test: says READY=1 and answers a few NUT
requests.

Called as busbarctl it says which devices there are. Called as busbar-gateway it takes connections, keeps
each in the file descriptor store, and answers lines: PID with its pid, PART by taking the connection out of
the store and closing it."""

import os
import selectors
import signal
import socket
import sys


def notify(text, fds=()):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(os.environ["NOTIFY_SOCKET"])
        socket.send_fds(s, [text.encode()], fds) if fds else s.send(text.encode())


def stored():
    """{name: fd} that the service manager has kept."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return {}
    names = os.environ["LISTEN_FDNAMES"].split(":")
    assert len(names) == int(os.environ["LISTEN_FDS"])
    return {name: 3 + i for i, name in enumerate(names)}


class Gateway:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        kept = stored()
        self.listener = socket.socket(fileno=kept.pop("busbar-gateway.socket"))
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        for name, fd in kept.items():
            self.add(name, socket.socket(fileno=fd))
        notify(f"READY=1\nX_BUSBAR_PORT={self.listener.getsockname()[1]}\nSTATUS=kept {len(kept)}")
        while True:
            for key, _ in self.selector.select():
                key.data()

    def accept(self):
        s, peer = self.listener.accept()
        name = f"client-{peer[1]}"
        notify(f"FDSTORE=1\nFDNAME={name}", [s.fileno()])
        self.add(name, s)

    def add(self, name, s):
        self.selector.register(s, selectors.EVENT_READ, lambda: self.answer(name, s))

    def answer(self, name, s):
        data = s.recv(65536)
        for line in data.decode().splitlines():
            if line == "PID":
                s.sendall(f"{os.getpid()}\n".encode())
            elif line == "LOGOUT":
                s.sendall(b"OK Goodbye\n")
            elif line.startswith("GET VAR absent"):
                s.sendall(b"ERR DRIVER-NOT-CONNECTED\n")
            elif line.startswith("GET VAR"):
                s.sendall(b'VAR x ups.status "OL"\n')
        if not data or b"PART" in data:
            notify(f"FDSTOREREMOVE=1\nFDNAME={name}")
            self.selector.unregister(s)
            s.close()


def main():
    signal.signal(signal.SIGHUP, lambda *_: print("reloaded", flush=True))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    program = os.path.basename(sys.argv[0])
    if program == "busbarctl":
        print('[{"name":"a","freshness":"fresh"},{"name":"absent","freshness":"absent"}]')
        return
    if program == "busbar-gateway":
        Gateway()
    if program == "fake-fails":
        sys.exit("cannot do it")
    if program == "fake-stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(f"state in {os.environ['NUT_STATEPATH']}, {sys.argv[1:]}", flush=True)
    notify("READY=1")
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
