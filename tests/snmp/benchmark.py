#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hundreds of agents in one snmp-ups: memory, processor, lateness, start.

    benchmark.py DRIVER PROFILES SNMP-LOAD [WALKS] [--count N] [--dead PERCENT] [--interval S] [--rounds N]
                 [--stock] [--write]

Each agent has an address of its own on the loopback and plays one of a few walks; the driver serves all of
them on a private bus. Prints figures, says which are beyond the budget, and then fails. --stock: beside it,
what one process of the stock driver takes. --write: puts the table into docs/PERFORMANCE.md.
"""

import argparse
import contextlib
import datetime
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parents[1] / 'tools'))

import ber  # noqa: E402
import walk  # noqa: E402
from agentlib import Agent, Server  # noqa: E402
from driverlib import STOCK, Daemon, descriptors, processor_seconds, resident, wait_for  # noqa: E402
from netsnmp import free_udp_port  # noqa: E402
from privatebus import BUS_CONFIG  # noqa: E402

DOCUMENT = HERE.parents[1] / 'docs' / 'PERFORMANCE.md'
BEGIN, END = '<!-- snmp: begin -->\n', '<!-- snmp: end -->\n'
# UPSes and PDUs of some size, as they stand in racks.
AGENTS = ('librenms/cyberpower_pr2200rt2uc', 'librenms/generex-ups_cs141', 'librenms/apc_ap8959eu3',
          'librenms/apc_smx750', 'librenms/eaton-mgeups_9px')
FIRST = '127.40.0.1'
RSS_MAX, CPU_MAX, START_MAX, VERDICT_MAX = 60 << 20, 0.10, 5.0, 5.0


def address(i):
    return f'127.40.{(i + 1) >> 8}.{(i + 1) & 0xff}'


class Load:
    """The agents, in a process of their own."""

    def __init__(self, program, walks, count, dead, directory):
        paths = []
        for i, values in enumerate(walks):
            paths.append(Path(directory, f'walk{i}'))
            paths[-1].write_text(''.join(f'{ber.dotted(ids)} {tag} {content.hex()}\n'
                                         for ids, (tag, content) in values.items()), encoding='ascii')
        self.port = free_udp_port('0.0.0.0')
        self.process = subprocess.Popen([program, FIRST, str(self.port), str(count), str(dead), *paths],
                                        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != 'ready\n':
            raise RuntimeError('snmp-load does not start')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def figures(self):
        """Per agent: dead, requests, objects, beginnings of bursts in seconds."""
        self.process.stdin.write('figures\n')
        self.process.stdin.flush()
        found = []
        while (line := self.process.stdout.readline()) != 'end\n':
            _, dead, requests, objects, _, *bursts = line.split()
            found.append((dead == '1', int(requests), int(objects), [int(b) / 1000 for b in bursts]))
        return found


@contextlib.contextmanager
def private_bus(directory):
    config = Path(directory, 'bus.conf')
    config.write_text(BUS_CONFIG.format(socket=f'{directory}/bus', user=os.geteuid()), encoding='utf-8')
    with open(Path(directory, 'bus.log'), 'wb') as log:
        process = subprocess.Popen(['dbus-daemon', f'--config-file={config}', '--nofork', '--nopidfile',
                                    '--nosyslog'], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_for(lambda: Path(directory, 'bus').exists(), 'the bus')
        yield
    finally:
        process.terminate()
        process.wait()


class Notices:
    """What the driver tells the service manager: asking it would cost it time just then."""

    def __init__(self, path):
        self.path, self.fresh, self.changed = path, 0, threading.Condition()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        # Always read: a driver that has nobody to listen would wait.
        threading.Thread(target=self.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def read(self):
        while text := self.socket.recv(65536).decode():
            found = re.search(r'^STATUS=.*: (\d+) fresh', text, re.MULTILINE)
            with self.changed:
                self.fresh = int(found[1]) if found else self.fresh
                self.changed.notify()

    def forget(self):
        """What an earlier process has said."""
        with self.changed:
            self.fresh = 0

    def wait_fresh(self, count, timeout, log):
        """Until that many devices have data."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.fresh >= count, timeout):
                raise RuntimeError(f'not all devices have data: {log()[-3000:]}')


class Run:
    """One start of the driver, with all devices."""

    def __init__(self, options, load, daemon, notices):
        self.options, self.load, self.daemon, self.notices = options, load, daemon, notices

    def start(self):
        """Seconds until every living device has data, and those that the processor was needed."""
        living = sum(i % 100 >= self.options.dead for i in range(self.options.count))
        self.notices.forget()
        begun = time.monotonic()
        self.daemon.start()
        self.notices.wait_fresh(living, 60, self.daemon.log)
        return time.monotonic() - begun, processor_seconds(self.daemon.process.pid)

    def watch(self):
        """Share of a processor, then how late polls of living agents were, in seconds."""
        seconds = self.options.interval * self.options.rounds
        time.sleep(self.options.interval)    # what comes with a start is over
        pid, before = self.daemon.process.pid, self.load.figures()
        cpu, begun = processor_seconds(pid), time.monotonic()
        time.sleep(seconds)
        cpu = (processor_seconds(pid) - cpu) / (time.monotonic() - begun)
        late, requests = [], 0
        for then, now in zip(before, self.load.figures()):
            if then[0]:
                continue
            requests += now[1] - then[1]
            bursts = now[3][max(len(then[3]) - 1, 0):]
            late += [b - a - self.options.interval for a, b in zip(bursts, bursts[1:])]
        return cpu, late, requests / (time.monotonic() - begun)


def ups_conf(options, port):
    head = f'pollinterval = {options.interval}\nmaxstartdelay = 60\n'
    return head, {f'd{i}': {'port': f'{address(i)}:{port}', 'snmp_version': 'v2c'}
                  for i in range(options.count)}


def measure_stock(options, walks):
    """Of one device: private memory, and seconds of processor time per poll."""
    rows = []
    with Server() as server:
        for values in walks:
            devices = {'t': {'port': f'127.0.0.1:{server.add(Agent(values))}'}}
            with Daemon(STOCK, devices, 'pollinterval = 1\npollfreq = 3\n') as daemon:
                try:
                    daemon.wait_variables('t', timeout=15)
                except AssertionError:
                    continue    # it does not know this one
                pid = daemon.process.pid
                cpu = processor_seconds(pid)
                time.sleep(10)
                rows.append((resident(pid, 'RssAnon'), (processor_seconds(pid) - cpu) / 10))
    return rows


def percentile(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else 0.0


def measure_verdict(options):
    """Seconds until it is said that nobody answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(('127.0.0.1', 0))
        begin = time.monotonic()
        with Daemon(options.driver, {'silent': {'port': f'127.0.0.1:{silent.getsockname()[1]}'}},
                    BUSBAR_PROFILES=str(options.profiles)) as daemon:
            wait_for(lambda: '[silent] No answer' in daemon.log(), 'a verdict', daemon.log)
            return time.monotonic() - begin


def measure(options, walks, directory):
    """(what, value, text, budget) of each figure."""
    figures = []

    def note(what, value, text, budget=None):
        figures.append((what, value, text, budget))
        print(f'{what}: {text}', flush=True)
    with (private_bus(directory), Notices(f'{directory}/notices') as notices,
          Load(options.load, walks, options.count, options.dead, directory) as load):
        head, devices = ups_conf(options, load.port)
        daemon = Daemon(options.driver, devices, head, BUSBAR_PROFILES=str(options.profiles),
                        DBUS_SYSTEM_BUS_ADDRESS=f'unix:path={directory}/bus', NOTIFY_SOCKET=notices.path)
        run = Run(options, load, daemon, notices)
        seconds, cpu = run.start()
        note('first start, until each has data', seconds, f'{seconds:.1f} s')
        note('... processor', 0, f'{cpu:.1f} s')
        time.sleep(2)    # what is remembered gets written
        if daemon.stop() != 0:
            raise RuntimeError(daemon.log()[-3000:])
        seconds, cpu = run.start()
        note('second start, until each has data', seconds, f'{seconds:.1f} s', START_MAX)
        note('... processor', 0, f'{cpu:.1f} s')
        pid = daemon.process.pid
        living = range(options.dead, min(100, options.count))
        variables = [len(daemon.variables(f'd{i}') or ()) for i in living]
        note('variables per device', 0, f'{statistics.mean(variables):.0f}')
        cpu, late, rate = run.watch()
        rss = resident(pid)
        note('memory (RSS)', rss, f'{rss / (1 << 20):.1f} MiB', RSS_MAX)
        note('of that its own', 0, f'{resident(pid, "RssAnon") / (1 << 20):.1f} MiB')
        note('processor', cpu, f'{cpu:.1%} of a core', CPU_MAX)
        note('requests', 0, f'{rate:.0f} per second')
        note('polls later than they should be, median', 0, f'{percentile(late, 0.5) * 1000:.0f} ms')
        note('... 99 %', 0, f'{percentile(late, 0.99) * 1000:.0f} ms')
        note('... at the most', max(late), f'{max(late) * 1000:.0f} ms', options.interval / 5)
        note('descriptors', 0, f'{descriptors(pid)}')
        if daemon.stop() != 0:
            raise RuntimeError(daemon.log()[-3000:])
        daemon.directory.cleanup()
    seconds = measure_verdict(options)
    note('silent agent, until that is said', seconds, f'{seconds:.1f} s', VERDICT_MAX)
    if options.stock:
        rows = measure_stock(options, walks)
        if rows:
            memory, cpu = (statistics.mean(column) for column in zip(*rows))
            note('stock, memory of its own per device', 0, f'{memory / (1 << 20):.1f} MiB')
            note('stock, processor per device at one poll a second', 0, f'{cpu:.2%} of a core')
    return figures


def write(options, figures):
    text = DOCUMENT.read_text(encoding='utf-8')
    table = (f'{datetime.date.today()}, {os.cpu_count()} processors, '
             f'load {options.load_average:.1f} when it began: {options.count} agents, '
             f'a poll each {options.interval} s, {options.dead} % of them dead.\n\n')
    table += '| what | | at the most |\n| --- | ---: | ---: |\n'
    for what, _, shown, budget in figures:
        limit = {None: '', RSS_MAX: '60 MiB', CPU_MAX: '10 %', START_MAX: '5 s'}.get(budget, f'{budget} s')
        table += f'| {what} | {shown} | {limit} |\n'
    before, begin, rest = text.partition(BEGIN)
    if not begin:
        raise RuntimeError(f'{DOCUMENT} has no place for it')
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f'{before}{BEGIN}\n{table}\n{END}{after}', encoding='utf-8')


def main():
    parser = argparse.ArgumentParser()
    for name in ('driver', 'profiles', 'load'):
        parser.add_argument(name, type=lambda text: Path(text).resolve())
    parser.add_argument('walks', type=Path, nargs='?')
    parser.add_argument('--count', type=int, default=500)
    parser.add_argument('--dead', type=int, default=20)
    parser.add_argument('--interval', type=int, default=10)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--stock', action='store_true')
    parser.add_argument('--write', action='store_true')
    options = parser.parse_args()
    options.load_average = os.getloadavg()[0]
    if options.walks:
        walks = [walk.load(options.walks / f'{name}.snmprec') for name in AGENTS]
    else:
        walks = [walk.load(path) for path in sorted((HERE / 'walks').glob('*.snmprec'))]
    with tempfile.TemporaryDirectory(prefix='busbar-benchmark-') as directory:
        figures = measure(options, walks, directory)
    if options.write:
        write(options, figures)
    beyond = [what for what, value, _, budget in figures if budget is not None and value > budget]
    if beyond:
        sys.exit('beyond the budget: ' + ', '.join(beyond))


if __name__ == '__main__':
    main()
