#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our snmp-ups beside the stock one, on the same agent.

    test-stock.py DRIVER PROFILES WALKS [--only AGENT]... [--mibs] [--orders] [--list]

WALKS holds walks of agents in folders. What the stock driver shows, ours shows with the same value; what can
be run and written with it can be with ours; but for differences.py, which has the reasons. --mibs: with each
mibs= of the stock driver, too; --list prints the differences that there are, also those that are known.
"""

import argparse
import concurrent.futures
import fnmatch
import re
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from agentlib import Agent, Server  # noqa: E402
from differences import DIFFERENCES  # noqa: E402
from driverlib import OWN, STOCK, Daemon, Dump  # noqa: E402

WORKERS = 3


def agents(folder):
    """Name and path of each."""
    for path in sorted(folder.glob('*/*.snmp*')):
        yield f'{path.parent.name}/{path.stem}', path


def is_expected(name, what, stock, ours):
    return any(fnmatch.fnmatchcase(name, agent) and fnmatch.fnmatchcase(what, pattern)
               and (wanted is None or wanted(stock, ours)) for agent, pattern, wanted, _ in DIFFERENCES)


def is_same(stock, ours):
    """Numbers by what they say: the stock driver has two digits behind the point for each."""
    if ours is None:
        return False
    if stock.strip() == ours.strip():
        return True
    try:
        a, b = float(stock), float(ours)
    except ValueError:
        return False
    digits = min(len(text.partition('.')[2]) for text in (stock, ours))
    return abs(a - b) < 10 ** -digits * 0.5000001 + abs(b) * 1e-6


def compare_variables(name, stock, ours):
    """Lines about what is different, and how many variables are the same."""
    found, same = [], 0
    for variable, value in sorted(stock.items()):
        if OWN.match(variable):
            continue
        mine = ours.get(variable)
        if variable.endswith('ups.status') and mine is not None:
            value, mine = ' '.join(sorted(value.split())), ' '.join(sorted(mine.split()))
        if is_same(value, mine):
            same += 1
        elif Stock.everything or not is_expected(name, variable, value, mine):
            found.append(f'{variable}: stock "{value}", ours {mine!r}')
    return found, same


def compare_orders(name, stock, ours):
    found = [f'{command}: a command of the stock driver only' for command in sorted(stock[1] - ours[1])
             if Stock.everything or not is_expected(name, command, True, None)]
    found += [f'rw:{variable}: writable with the stock driver only' for variable in sorted(stock[2])
              if variable not in ours[2] and
              (Stock.everything or not is_expected(name, f'rw:{variable}', True, None))]
    return found


class Stock(unittest.TestCase):
    maxDiff = None
    driver = profiles = walks = only = None
    mibs = orders = everything = False

    def options(self, agent, server):
        return {'port': f'127.0.0.1:{server.add(agent)}', 'community': 'public', 'snmp_retries': 1}

    def compare(self, server, name, path, mib=None):
        """What is different, and how many values are equal; None when the stock driver does not take it."""
        options = self.options(Agent.load(path), server)
        if mib:
            options['mibs'] = mib
        stock = Dump(STOCK, options)
        if stock.exit != 0:
            return None
        ours = Dump(self.driver, options, BUSBAR_PROFILES=str(self.profiles))
        if ours.exit != 0:
            return [f'only the stock driver takes it: {ours.log.strip()[-300:]}'], 0
        return compare_variables(name, stock.variables, ours.variables)

    def compare_daemons(self, server, name, path):
        devices = {'t': self.options(Agent.load(path, writable='all'), server)}
        with Daemon(STOCK, devices) as stock, \
                Daemon(self.driver, devices, BUSBAR_PROFILES=str(self.profiles)) as ours:
            stock.wait_variables('t')
            ours.wait_variables('t')
            return compare_orders(name, stock.dump('t'), ours.dump('t'))

    def units(self):
        found = [unit for unit in agents(self.walks) if not self.only
                 or any(fnmatch.fnmatch(unit[0], pattern) for pattern in self.only)]
        self.assertTrue(found)
        return found

    def each(self, jobs, what):
        """Runs jobs ((title, function, arguments)...); the names of those that were compared."""
        taken, same = [], 0
        with Server() as server, concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            futures = [(title, pool.submit(function, server, *arguments))
                       for title, function, arguments in jobs]
            for title, future in futures:
                with self.subTest(title):
                    result = future.result()
                    if result is None:
                        continue
                    taken.append(title)
                    found, n = result if isinstance(result, tuple) else (result, 0)
                    same += n
                    self.assertEqual(found, [], '\n' + '\n'.join(found))
        print(f'{what}: {len(taken)} agents, {same} equal values', file=sys.stderr)
        return taken

    def test_what_is_shown(self):
        taken = self.each([(name, self.compare, (name, path)) for name, path in self.units()], 'shown')
        self.assertTrue(self.only or len(taken) >= 2)

    def test_orders(self):
        if not self.orders:
            return
        jobs = [(name, self.compare_taken, (name, path)) for name, path in self.units()]
        self.each(jobs, 'commands and settings')

    def compare_taken(self, server, name, path):
        stock = Dump(STOCK, self.options(Agent.load(path), server))
        return self.compare_daemons(server, name, path) if stock.exit == 0 else None

    def test_mibs(self):
        if not self.mibs:
            return
        listed = subprocess.run([STOCK, '-s', 't', '-u', 'root', '-x', 'port=x', '-x', 'mibs=--list'],
                                capture_output=True, text=True, check=False).stdout
        mibs = sorted(set(re.findall(r'^ +\d+ +\t?(\S+)', listed, re.M)))
        self.assertIn('ietf', mibs)
        jobs = [(f'{name} mibs={mib}', self.compare, (name, path, mib))
                for name, path in self.units() for mib in mibs]
        self.each(jobs, 'with mibs=')


def main():
    parser = argparse.ArgumentParser()
    for name in ('driver', 'profiles', 'walks'):
        parser.add_argument(name, type=lambda text: Path(text).resolve())
    parser.add_argument('--only', action='append')
    parser.add_argument('--mibs', action='store_true')
    parser.add_argument('--orders', action='store_true')
    parser.add_argument('--list', action='store_true', dest='everything')
    for name, value in vars(parser.parse_args()).items():
        setattr(Stock, name, value)
    unittest.main(argv=sys.argv[:1])


if __name__ == '__main__':
    main()
