#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real agents, served by snmpsimd: shown over the network as they are shown of the walk itself.

    test-snmpsim.py DRIVER PROFILES WALKS [--all] [--only AGENT]...

agents.tsv says which profile is to be found, as the driver has it in driver.version.data.
"""

import argparse
import concurrent.futures
import fnmatch
import re
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from driverlib import OWN, Dump  # noqa: E402
from netsnmp import Snmpsim  # noqa: E402

AGENTS = ('etingof/apc-8641', 'etingof/tripplite-poweralert', 'librenms/apc_symmetralx',
          'librenms/cyberpower_pr2200rt2uc', 'librenms/eaton-mgeups_9px', 'librenms/eatonpdu_2',
          'librenms/eatonupsm2_9px', 'librenms/generex-ups_cs141', 'librenms/hpe-mapdu_pdu2',
          'librenms/huawei-smu_11b', 'librenms/liebert_mph2rg', 'librenms/raritan-pdu_px3',
          'librenms/sentry4_switched8i', 'librenms/netmanplus_204')
# The records of these change by themselves in snmpsimd.
MOVING = re.compile(r'device\.uptime|ups\.(time|date)$')


class Simulated(unittest.TestCase):
    maxDiff = None
    driver = profiles = walks = only = None
    all = False

    def shown(self, **options):
        dump = Dump(self.driver, options, timeout=120, BUSBAR_PROFILES=str(self.profiles))
        self.assertEqual(dump.exit, 0, dump.log[-2000:])
        return {name: value for name, value in dump.variables.items()
                if (not OWN.match(name) or name == 'driver.version.data') and not MOVING.match(name)}

    def compare(self, simulator, name, community):
        path = self.walks / f'{name}.snmprec'
        options = {'port': f'127.0.0.1:{simulator.port}', 'community': community, 'snmp_version': 'v2c'}
        if re.search(r'\|\d+:(numeric|writecache)\|', path.read_text(encoding='latin-1')):
            return self.shown(**options), None
        return self.shown(**options), self.shown(port=path)

    def test_agents(self):
        names = AGENTS
        if self.all or self.only:
            names = [f'{path.parent.name}/{path.stem}' for path in sorted(self.walks.glob('*/*.snmprec'))]
        if self.only:
            names = [name for name in names if any(fnmatch.fnmatch(name, only) for only in self.only)]
        communities = {f'agent{i}': name for i, name in enumerate(names)}
        begun = time.monotonic()
        with Snmpsim({c: self.walks / f'{name}.snmprec' for c, name in communities.items()}) as simulator, \
                concurrent.futures.ThreadPoolExecutor(2) as pool:
            seconds = time.monotonic() - begun
            print(f'snmpsimd has {len(names)} agents after {seconds:.1f} s', file=sys.stderr)
            jobs = {name: pool.submit(self.compare, simulator, name, c) for c, name in communities.items()}
            for name, job in jobs.items():
                with self.subTest(name):
                    network, played = job.result()
                    self.assertGreater(len(network), 3)
                    if played is not None:
                        self.assertEqual(network, played)


def main():
    parser = argparse.ArgumentParser()
    for name in ('driver', 'profiles', 'walks'):
        parser.add_argument(name, type=lambda text: Path(text).resolve())
    parser.add_argument('--only', action='append')
    parser.add_argument('--all', action='store_true')
    for name, value in vars(parser.parse_args()).items():
        setattr(Simulated, name, value)
    unittest.main(argv=sys.argv[:1])


if __name__ == '__main__':
    main()
