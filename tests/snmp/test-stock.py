#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our snmp-ups beside the stock one, on the same agent.

    test-stock.py DRIVER PROFILES WALKS [--only AGENT]... [--list]

WALKS holds walks of agents in folders; those that the stock driver takes are compared. What it shows, ours
shows with the same value, what can be run and written with it can be with ours, and what it calls an agent
finds the same with mibs=; but for differences.py, which has the reasons. --list prints all differences that
there are, also those that are known.
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
from differences import DIFFERENCES, RENAMED, missing  # noqa: E402
from driverlib import OWN, STOCK, Daemon, Dump  # noqa: E402

WORKERS = 3


def agents(folder):
    """Name and path of each."""
    for path in sorted(folder.glob('*/*.snmp*')):
        yield f'{path.parent.name}/{path.stem}', path


def is_lack_expected(name, what):
    """That something cannot be done."""
    return any(fnmatch.fnmatchcase(name, agent) and fnmatch.fnmatchcase(what, pattern)
               and wanted in (None, missing) for agent, pattern, wanted, _ in DIFFERENCES)


def is_expected(name, what, stock, ours):
    return any(fnmatch.fnmatchcase(name, agent) and fnmatch.fnmatchcase(what, pattern)
               and (wanted is None or wanted(stock, ours)) for agent, pattern, wanted, _ in DIFFERENCES)


def our_name(agent, name):
    for pattern, expression, rename, _ in RENAMED:
        if fnmatch.fnmatchcase(agent, pattern):
            name = re.sub(expression, rename, name)
    return name


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
        variable = our_name(name, variable)
        mine = ours.get(variable)
        if variable.endswith('ups.status') and mine is not None:
            value, mine = ' '.join(sorted(value.split())), ' '.join(sorted(mine.split()))
        if is_same(value, mine):
            same += 1
        elif Stock.everything or not is_expected(name, variable, value, mine):
            found.append(f'{variable}: stock "{value}", ours {mine!r}')
    return found, same


def compare_orders(name, stock, ours):
    """The same about what can be done."""
    def only_there(there, here, kind):
        return [f'{kind}{order}: with the stock driver only'
                for order in sorted({our_name(name, order) for order in there} - set(here))
                if Stock.everything or not is_lack_expected(name, kind + order)]

    found = only_there(stock[1], ours[1], '') + only_there(stock[2], ours[2], 'rw:')
    return found, len(stock[1]) + len(stock[2]) - len(found)


class Stock(unittest.TestCase):
    maxDiff = None
    driver = profiles = walks = only = None
    everything = False
    taken = {}

    @classmethod
    def setUpClass(cls):
        """What the stock driver shows of each agent that it takes."""
        units = [unit for unit in agents(cls.walks) if not cls.only
                 or any(fnmatch.fnmatch(unit[0], pattern) for pattern in cls.only)]
        with Server() as server, concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            dumps = list(pool.map(lambda unit: Dump(STOCK, cls.options(unit[1], server)), units))
        cls.taken = {name: (path, dump) for (name, path), dump in zip(units, dumps) if dump.exit == 0}

    @staticmethod
    def options(path, server, **more):
        agent = Agent.load(path, **more)
        return {'port': f'127.0.0.1:{server.add(agent)}', 'community': 'public', 'snmp_retries': 1}

    def dump(self, options):
        return Dump(self.driver, options, BUSBAR_PROFILES=str(self.profiles))

    def each(self, compare, what):
        """Compares all; compare() makes lines about what is different, and how many are the same."""
        same = 0
        with Server() as server, concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            futures = [(name, pool.submit(compare, server, name, *unit))
                       for name, unit in self.taken.items()]
            for name, future in futures:
                with self.subTest(name):
                    found, n = future.result()
                    same += n
                    if found:
                        self.fail('\n'.join(['', *found]))
        print(f'{what}: {len(self.taken)} agents, {same} the same', file=sys.stderr)
        self.assertTrue(self.only or (len(self.taken) >= 2 and same > 0))

    def test_what_is_shown(self):
        self.each(self.compare, 'variables')

    def compare(self, server, name, path, stock):
        ours = self.dump(self.options(path, server))
        if ours.exit != 0:
            return [f'only the stock driver takes it: {ours.log.strip()[-300:]}'], 0
        return compare_variables(name, stock.variables, ours.variables)

    def test_orders(self):
        self.each(self.compare_daemons, 'commands and settings')

    def compare_daemons(self, server, name, path, _):
        devices = {'t': self.options(path, server, writable='all')}
        # Else it hangs up on who does not read as fast as it writes.
        with Daemon(STOCK, devices, 'synchronous = yes\n') as stock, \
                Daemon(self.driver, devices, BUSBAR_PROFILES=str(self.profiles)) as ours:
            stock.wait_variables('t')
            ours.wait_variables('t')
            return compare_orders(name, stock.dump('t'), ours.dump('t'))

    def test_names(self):
        """mibs= with the name that stock has for what it found."""
        self.each(self.compare_names, 'mibs=')

    def compare_names(self, server, name, path, stock):
        options = self.options(path, server)
        mib = stock.variables['driver.version.data'].split()[0]
        ours = self.dump(options | {'mibs': mib})
        if ours.exit != 0 and is_lack_expected(name, f'mibs={mib}') and not self.everything:
            return [], 0
        if ours.exit != 0:
            return [f'not with mibs={mib}: {ours.log.strip()[-300:]}'], 0
        return compare_variables(name, stock.variables, ours.variables)

    def test_all_names(self):
        """Each that can be given to the stock driver is that of a profile."""
        listed = subprocess.run([STOCK, '-s', 't', '-u', 'root', '-x', 'port=x', '-x', 'mibs=--list'],
                                capture_output=True, text=True, check=False).stdout
        mibs = set(re.findall(r'^ +\d+ +\t?(\S+)', listed, re.M))
        self.assertIn('ietf', mibs)
        ours = {name for path in Path(self.profiles, 'snmp').glob('*.profile')
                for name in re.findall(r'^mib = (\S+)', path.read_text(encoding='utf-8'), re.M)}
        self.assertEqual(sorted(mibs - ours), [])


def main():
    parser = argparse.ArgumentParser()
    for name in ('driver', 'profiles', 'walks'):
        parser.add_argument(name, type=lambda text: Path(text).resolve())
    parser.add_argument('--only', action='append')
    parser.add_argument('--list', action='store_true', dest='everything')
    for name, value in vars(parser.parse_args()).items():
        setattr(Stock, name, value)
    unittest.main(argv=sys.argv[:1])


if __name__ == '__main__':
    main()
