# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the gateway have in common: a configuration, and raw sockets."""

import contextlib
import os
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

from testlib import NutConnection, Testbed, TestCase, free_port, wait_for  # noqa: E402

__all__ = ["CONFIG", "NutConnection", "TestCase", "Testbed", "bus_call", "exchange", "free_port",
           "start_gateway", "wait_for"]

UPS_CONF = """
[ups]
  driver = dummy-ups
  port = ups.dev
  desc = "The first"
[Second]
  driver = dummy-ups
  port = second.dev
[gone]
  driver = no-such-driver
  port = auto
  desc = "never there"
"""

UPSD_USERS = """
[admin]
  password = pw
  actions = SET
  actions = FSD
  instcmds = ALL
[mon]
  password = mp
  upsmon primary
[sec]
  password = sp
  upsmon secondary
[hashed]
  password = "$y$j75$busbarbusbar$mUmXM7ULmoaJAivFqTC7E0eEhUWl7Oa1orclSFe5qc8"
  actions = SET
[nopw]
  actions = SET
"""

DEVICE = """
ups.status: OL
ups.id: one
battery.charge: 90
input.transfer.low: 100
"""

CONFIG = {
    "ups.conf": UPS_CONF,
    "upsd.users": UPSD_USERS,
    "upsd.conf": "MAXAGE 3\nFSDCLEARDELAY 2\n",
    "ups.dev": DEVICE,
    "second.dev": "ups.status: OB LB\n",
}


def exchange(port, data, end=True, pause=0.0, step=None):
    """Everything the server says to the bytes; end closes our side first, so that it is all there is."""
    with socket.create_connection(("127.0.0.1", port), 20) as s:
        step = step or len(data) or 1
        for i in range(0, len(data), step):
            s.sendall(data[i:i + step])
            if pause:
                time.sleep(pause)
        if end:
            s.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := s.recv(65536):
            answer += chunk
        return answer


def bus_call(bed, method, *arguments, user=None):
    """busctl on the gateway's object; returns the finished process."""
    argv = ["busctl", f"--address={bed.bus_address}", "--timeout=10"]
    if user:
        argv = ["setpriv", f"--reuid={user}", "--clear-groups", *argv]
    argv += [*method, "org.busbar.Gateway1", "/org/busbar/Gateway1", "org.busbar.Gateway1", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)


@contextlib.contextmanager
def start_gateway(bed, port, log, **environment):
    """One more gateway for the length of a block, which it must survive."""
    argv = [os.environ["BUSBAR_GATEWAY"], f"--port={port}"]
    with subprocess.Popen(argv, env={**bed.environment, **environment}, stdin=subprocess.DEVNULL,
                          stdout=log, stderr=log) as p:
        try:
            yield p
            assert p.poll() is None, f"it ended with {p.returncode}"
        finally:
            p.terminate()
