#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Becomes a dbus-broker that listens in a directory: broker.py DIRECTORY, for with-bus, which see.

It is made to be started by systemd on a machine with a journal. Here is neither, so it gets the socket to
listen on in systemd's way, and in place of the journal a socket that nobody reads, in a mount namespace.
"""

import os
import socket
import subprocess
import sys


def main():
    directory = sys.argv[1]

    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    os.makedirs("/run/systemd/journal")
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind("/run/systemd/journal/socket")

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
