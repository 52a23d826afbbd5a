#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The gateway beside Debian's upsd and a server that does nothing: what a request, a connection, an idle
client, a start and a change cost.

Prints tables, and with --write puts them into docs/PERFORMANCE.md, in some minutes. Numbers
of different machines do not compare, those of one run do; so nothing passes or fails by time. The servers
take turns, and each cell is made of several short runs."""

import argparse
import os
import platform
import statistics
import sys
import time

import attack
import devices
from servers import (Bare, CONFIG, Idle, LOADS, STOCK_CONFIG, StockServer, Testbed, anonymous_memory, load)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DOCUMENT = os.path.join(ROOT, "docs", "PERFORMANCE.md")
BEGIN, END = "<!-- benchmark: begin -->\n", "<!-- benchmark: end -->\n"
PARTS = ("requests", "connections", "start", "changes", "attack")
FEW = [(c, d) for c in (1, 50, 500) for d in (1, 16)]
# Connections and requests sent ahead. Thousands of connections are expensive to measure.
CELLS = {
    "GET VAR": [*FEW, (4000, 1), (4000, 16)],
    "LIST VAR": [*FEW, (4000, 1)],
    "LIST UPS": [(1, 1), (50, 16)],
    "mixed": [*FEW, (4000, 1)],
}


def table(head, rows):
    def line(words):
        return "| " + " | ".join(words) + " |\n"
    return line(head) + line(["---"] + ["---:"] * (len(head) - 1)) + "".join(map(line, rows))


def median(results, what):
    return statistics.median(getattr(r, what) for r in results)


def best(results):
    return max(r.rate for r in results)


def cheapest(results):
    """What others take from the machine counts as ours: the least is the nearest to the truth."""
    return min(r.server_nsec for r in results)


def cell_lines(name, runs):
    for server, results in runs.items():
        rates = [r.rate for r in results]
        yield [name, server, f"{best(results):,.0f}", f"{best(results) / best(runs['bare']):.0%}",
               f"{min(rates):,.0f} to {max(rates):,.0f}" if len(rates) > 1 else "one run",
               *(f"{median(results, what):,.0f}" for what in ("median", "p99", "p999")),
               f"{cheapest(results):,.0f}", f"{cheapest(results) / cheapest(runs['bare']):.2f}"]
        name = ""


def measure_cell(options, servers, name, connections, depth):
    """The servers take turns; a round of thousands takes its time, and so does letting them in."""
    runs = {server: [] for server, *_ in servers}
    seconds = options.seconds * max(1, connections // 800)
    for i in range(options.repeat):
        for server, port, pid in servers:
            if server == "upsd" and connections >= 4000 and i > 0:
                continue
            runs[server].append(load(port, pid, LOADS[name], connections=connections, depth=depth,
                                     seconds=seconds))
    return runs


def wanted_cells(options):
    for name in options.loads:
        for connections, depth in CELLS[name]:
            if options.connections and connections not in options.connections:
                continue
            if not options.depths or depth in options.depths:
                yield name, connections, depth


def measure_requests(options, servers):
    rows = []
    for cell in wanted_cells(options):
        runs = measure_cell(options, servers, *cell)
        rows += cell_lines("{}, {} × {}".format(*cell), runs)
        print(*rows[-3:], sep="\n", file=sys.stderr)
    yield "### Requests\n\n"
    yield (f"Connections × requests sent ahead on each, {options.repeat} runs of each. Requests per second "
           "are those of the best run, and its share of the bare server's best; then the slowest and the "
           "fastest run. Times of a round in microseconds, medians. Processor time of the server per "
           "request in nanoseconds, of the cheapest run. upsd has one run with 4,000 connections, as it "
           "takes long to let them in, and not all.\n\n")
    yield table(("", "server", "per second", "of bare", "spread", "median", "99 %", "99.9 %",
                 "ns/request", "× bare"), rows)


def measure_connections(options, servers):
    rows, base = [], {}
    for n, what in ((options.storm, "connect"), (options.clients, "idle")):
        for server, port, pid in servers:
            seconds, sizes, answered = [], [], n
            # upsd is slow here, whichever run it is.
            for _ in range(options.repeat if what == "connect" and server != "upsd" else 1):
                before = anonymous_memory(pid)
                with Idle(port, pid, n) as idle:
                    sizes.append((anonymous_memory(pid) - before) / n)
                    seconds.append(idle.result.connect_seconds)
                    answered = min(answered, idle.result.answered)
                time.sleep(0.5)
            taken = statistics.median(seconds)
            base.setdefault(what, taken)
            rows.append([f"{n:,} clients", server, f"{taken:.2f}", f"{taken / base[what]:.1f}",
                         f"{sizes[0]:,.0f}", "all" if answered == n else f"{answered:,}"])
    yield "\n### Connections\n\n"
    yield ("All connect at once and ask one thing each. Memory is what the server's own pages grew by.\n\n")
    yield table(("", "server", "seconds", "× bare", "bytes per client", "answered"), rows)


def describe_machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), "?")
    return (f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} processors ({model}), Linux "
            f"{platform.release()}, load {os.getloadavg()[0]:.1f} when it began.\n\n")


def measure(options):
    yield describe_machine()
    if {"requests", "connections"} & set(options.part):
        with Testbed(CONFIG) as ours, StockServer(STOCK_CONFIG) as stock, Bare(ours.port) as bare:
            servers = (("bare", bare.port, bare.pid), ("busbar", ours.port, ours.service("gateway").pid),
                       ("upsd", stock.port, stock.server.pid))
            if "requests" in options.part:
                yield from measure_requests(options, servers)
            if "connections" in options.part:
                yield from measure_connections(options, servers)
    if "start" in options.part:
        yield from devices.measure_start(options.devices, table)
    if "changes" in options.part:
        yield from devices.measure_changes(options.many, table)
    if "attack" in options.part:
        yield from attack.measure(options.attack_seconds, table)


def write(text):
    with open(DOCUMENT, encoding="utf-8") as f:
        before, rest = f.read().split(BEGIN)
    with open(DOCUMENT + ".new", "w", encoding="utf-8") as f:
        f.write(before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1])
    os.rename(DOCUMENT + ".new", DOCUMENT)


def numbers(text):
    return [int(word) for word in text.split(",")]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--part", action="append", choices=PARTS, help="only this; may be repeated")
    p.add_argument("--seconds", type=float, default=0.3, help="of each run (%(default)s)")
    p.add_argument("--repeat", type=int, default=3, help="runs of each cell (%(default)s)")
    p.add_argument("--loads", type=lambda s: s.split(","), default=list(LOADS),
                   help="of " + ", ".join(LOADS))
    p.add_argument("--connections", type=numbers, help="only cells with so many")
    p.add_argument("--depths", type=numbers, help="only cells with so many requests ahead")
    p.add_argument("--storm", type=int, default=8000, help="connections at once (%(default)s)")
    p.add_argument("--clients", type=int, default=10000, help="idle ones (%(default)s)")
    p.add_argument("--devices", type=numbers, default=[1, 10, 200, 1000], help="to start with")
    p.add_argument("--many", type=int, default=1000, help="devices that change (%(default)s)")
    p.add_argument("--attack-seconds", type=float, default=2.0, help="of each attack (%(default)s)")
    p.add_argument("--write", action="store_true", help="put the tables into docs/PERFORMANCE.md")
    options = p.parse_args()
    options.part = options.part or PARTS
    text = ""
    for piece in measure(options):
        print(piece, end="", flush=True)
        text += piece
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
