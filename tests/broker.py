#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Becomes a dbus-broker that listens in a directory: broker.py DIRECTORY, for with-bus, which see.

It is made to be started by systemd on a machine with a journal. Here is neither, so it gets the socket to
listen on in systemd's way, and in place of the journal a socket in a mount namespace, whose messages are
thrown away: a broker whose log is full would wait.
"""

import contextlib
import os
import socket
import subprocess
import sys


def discard(messages):
    """A process that reads them for as long as there is its parent, which becomes the broker."""
    parent = os.getpid()
    if os.fork() == 0:
        null = os.open("/dev/null", os.O_RDWR)
        for fd in range(4):
            os.dup2(null, fd)
        messages.settimeout(0.5)
        while os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                messages.recv(65536)
        os._exit(0)


def main():
    directory = sys.argv[1]

    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    os.makedirs("/run/systemd/journal")
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind("/run/systemd/journal/socket")
    discard(journal)

    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(f"{directory}/broker")
    listener.listen()
    os.chmod(f"{directory}/broker", 0o666)

    os.write(3, f"unix:path={directory}/broker\n".encode())
    os.dup2(listener.fileno(), 3)
    journal.set_inheritable(True)
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    os.execvp("dbus-broker-launch", ["dbus-broker-launch", "--scope", "user", "--config-file",
                                     f"{directory}/bus.conf"])


if __name__ == "__main__":
    main()
