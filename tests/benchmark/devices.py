# SPDX-License-Identifier: LGPL-2.1-or-later
"""What many devices cost: until all are served, while all of them change, until a client sees a change."""

import os
import statistics
import subprocess
import time

from servers import (CONFIG, DEVICE, NutConnection, STOCK_CONFIG, StockServer, Testbed, build_directory,
                     free_port, processor_nsec)

STOCK_UPSD = "/lib/nut/upsd"
WINDOW = 10.0
ROUNDS = 200


def names(n):
    return [f"ups{i}" for i in range(n)]


def many(config, n, text=DEVICE, suffix="dev"):
    """The same configuration with n devices of one definition."""
    sections = "".join(f"[{name}]\ndriver = dummy-ups\nport = many.{suffix}\npollinterval = 2\n"
                       for name in names(n))
    return {**config, "ups.conf": sections, f"many.{suffix}": text}


def wait_served(port, wanted, timeout=120.0):
    """Asks for one device after the other until all have answered."""
    deadline = time.monotonic() + timeout
    pending = list(reversed(wanted))
    while pending:
        assert time.monotonic() < deadline, f"{len(pending)} devices are not served"
        try:
            with NutConnection(port) as c:
                while pending and c.ask(f"GET VAR {pending[-1]} ups.status").startswith("VAR "):
                    pending.pop()
        except OSError:
            pass
        if pending:
            time.sleep(0.002)


def start_ours(n):
    """Seconds from nothing, and of one more gateway beside drivers that run already."""
    began = time.monotonic()
    with Testbed(many(CONFIG, n), ready=False) as bed:
        while not bed.port:
            time.sleep(0.002)
        wait_served(bed.port, names(n))
        whole = time.monotonic() - began
        bed.wait_ready(60)
        gateway = os.path.join(build_directory(), "src", "gateway", "busbar-gateway")
        again = []
        for _ in range(3):
            port = free_port()
            began = time.monotonic()
            process = subprocess.Popen([gateway, "--port", str(port)], env=bed.environment,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                wait_served(port, names(n))
                again.append(time.monotonic() - began)
            finally:
                process.kill()
                process.wait()
    return whole, statistics.median(again)


def start_stock(n):
    began = time.monotonic()
    with StockServer(many(STOCK_CONFIG, n), timeout=300) as stock:
        whole = time.monotonic() - began
        again = []
        for _ in range(3):
            stock.server.terminate()
            stock.server.wait()
            began = time.monotonic()
            stock.server = stock._start(STOCK_UPSD, "-F", "-u", "root")  # pylint: disable=protected-access
            wait_served(stock.port, names(n))
            again.append(time.monotonic() - began)
    return whole, statistics.median(again)


def measure_start(counts, table):
    rows = []
    for n in counts:
        ours, stock = start_ours(n), start_stock(n)
        row = [f"{n:,}"]
        for mine, theirs in zip(ours, stock):
            row += [f"{1000 * mine:,.0f}", f"{1000 * theirs:,.0f}", f"{theirs / mine:.1f}"]
        rows.append(row)
    yield "\n### Start\n\n"
    yield ("Milliseconds until a client has had an answer about each device. All: from nothing, with bus "
           "and drivers (upsd: a process for each device). Server: with drivers that run already.\n\n")
    yield table(("devices", "all: busbar", "upsd", "×", "server: busbar", "upsd", "×"), rows)


def changing():
    text = "ups.status: OL\n" + "".join(f"outlet.{i}.desc: The outlet number {i}\n" for i in range(1, 60))
    return text + "".join(f"battery.charge: {50 + i}\nTIMER 2\n" for i in range(20))


def share(pids, seconds):
    """Share of a processor that each of some groups of processes has in that time."""
    before = [sum(map(processor_nsec, group)) for group in pids]
    time.sleep(seconds)
    return [(sum(map(processor_nsec, group)) - b) / 1e9 / seconds for group, b in zip(pids, before)]


def propagation(port, rounds=ROUNDS):
    """Milliseconds from SET VAR of one client until another one sees the value, which asks without pause."""
    times = []
    with NutConnection(port) as writer, NutConnection(port) as reader:
        device = reader.ask("LIST UPS").splitlines()[1].split()[1]
        writer.login("admin", "pw")
        for i in range(rounds):
            status = ("OL", "OL CHRG")[i % 2]
            began = time.monotonic()
            writer.send(f"SET VAR {device} ups.status \"{status}\"\n")
            while reader.ask(f"GET VAR {device} ups.status") != f'VAR {device} ups.status "{status}"':
                assert time.monotonic() - began < 10, writer.line()
            times.append(1000 * (time.monotonic() - began))
            assert writer.line() == "OK"
            time.sleep(0.005)
    times.sort()
    return [f"{statistics.median(times):.1f}", f"{times[len(times) * 99 // 100]:.1f}", f"{times[-1]:.1f}"]


def measure_changes(n, table):
    idle = []
    with Testbed(many(CONFIG, n, changing(), "seq")) as bed:
        time.sleep(4)
        parts = [[bed.service(name).pid] for name in ("gateway", "dummy-ups", "bus")]
        for name, value in zip(("gateway", "drivers (one process)", "dbus-daemon"), share(parts, WINDOW)):
            idle.append(["busbar", name, f"{value:.1%}"])
    with StockServer(many(STOCK_CONFIG, n, changing(), "seq"), timeout=300) as stock:
        time.sleep(4)
        parts = [[stock.server.pid], [p.pid for p in stock.drivers.values()]]
        for name, value in zip(("upsd", f"drivers ({n:,} processes)"), share(parts, WINDOW)):
            idle.append(["NUT", name, f"{value:.1%}"])
    news = []
    with Testbed(CONFIG) as bed:
        news.append(["busbar", *propagation(bed.port)])
    with StockServer(STOCK_CONFIG) as stock:
        news.append(["upsd", *propagation(stock.port)])
    yield "\n### Changes\n\n"
    yield (f"{n:,} devices of 60 variables, a change in each every 2 seconds, and no client asking: share "
           f"of one processor over {WINDOW:.0f} s.\n\n")
    yield table(("", "process", "of a processor"), idle)
    yield ("\nA client sets a variable, another one asks without pause until it sees the new value: through "
           "server, driver and back, in milliseconds.\n\n")
    yield table(("", "median", "99 %", "max"), news)
