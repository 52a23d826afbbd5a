#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long it takes from FSD at a server until a client of another gateway is told, which has the device by
a relay: through the server, the relay, the bus of the other machine and its gateway.

Prints, and does not judge."""

import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

from testlib import NutConnection, Testbed, wait_for  # noqa: E402

ROUNDS = int(os.environ.get("BUSBAR_BENCHMARK_ROUNDS", "30"))
USERS = "[admin]\npassword = pw\nactions = FSD\n"
FAR = {
    "ups.conf": "[ups]\ndriver = dummy-ups\nport = ups.dev\n",
    "ups.dev": "ups.status: OL\n" + "".join(f"outlet.{n}.desc: number {n}\n" for n in range(1, 60)),
    "upsd.users": USERS,
}


def clear(far):
    subprocess.run(["busctl", f"--address={far.bus_address}", "call", "org.busbar.Gateway1",
                    "/org/busbar/Gateway1", "org.busbar.Gateway1", "ClearForcedShutdown", "s", "ups"],
                   check=True, stdout=subprocess.DEVNULL)


def wait_changed(client, status):
    """News may come in front of the answer, which then knows of them."""
    while True:
        client.send("GET VAR far ups.status\n")
        while (line := client.line()) == "CHANGED far":
            pass
        if line == f'VAR far ups.status "{status}"':
            return
        assert client.line() == "CHANGED far"


def main():
    with Testbed(FAR) as far:
        near = {"ups.conf": "[far]\ndriver = dummy-ups\npollinterval = 60\n"
                            f"port = ups@127.0.0.1:{far.port}\n"}
        with Testbed(near) as bed, NutConnection(far.port) as primary, NutConnection(bed.port, 30) as client:
            primary.login("admin", "pw")
            wait_for(lambda: client.ask("GET VAR far ups.status") == 'VAR far ups.status "OL"', "the device")
            assert client.ask("WATCH far") == "OK WATCH"
            times = []
            for _ in range(ROUNDS):
                begin = time.monotonic()
                assert primary.ask("FSD ups") == "OK FSD-SET"
                wait_changed(client, "FSD OL")
                times.append(1000 * (time.monotonic() - begin))
                clear(far)
                wait_changed(client, "OL")
                time.sleep(0.1)
    print(f"FSD there to status here, {ROUNDS} times: median {statistics.median(times):.1f} ms, "
          f"worst {max(times):.1f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
