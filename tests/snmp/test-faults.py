#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our snmp-ups with agents that go wrong, many at once in one process.

    test-faults.py DRIVER PROFILES [WALKS] [--seconds N]

Nothing is shown but what the agent says without faults; when it is well again, all is as it was; and no
agent's fault is noticed by another.
"""

import argparse
import re
import socket
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import ber  # noqa: E402
import walk  # noqa: E402
from agentlib import FAULTS, VALUE_FAULTS, Agent, Server  # noqa: E402
from driverlib import Daemon, Dump, descriptors, variables_of, wait_for  # noqa: E402

# A plain UPS and one with three phases, a PDU with outlets, one with a chain.
AGENTS = ('librenms/cyberpower_pr2200rt2uc', 'librenms/generex-ups_cs141', 'librenms/apc_ap8959eu3',
          'librenms/eatonpdu_2')
# What these say cannot be told from the truth.
CREDIBLE = {'noise': None, 'empty': re.compile(''),
            'numbers-for-text': re.compile('42'), 'no-content': re.compile(r'-?0(\.0+)?|')}
# What is not for the host itself ends at its loopback; and there is no way to elsewhere.
HOLE = """#!/bin/sh
exec unshare -rn sh -ec '
ip link set lo up; ip route add 192.0.2.0/24 dev lo; exec "{driver}" "$@"' driver "$@"
"""
# What runs by itself.
MOVING = re.compile(r'driver\.(?!version\.data)|device\.uptime')


def options_of(port, **more):
    return {'port': f'127.0.0.1:{port}', 'snmp_version': 'v2c', 'snmp_timeout': 1, 'snmp_retries': 1, **more}


def values(lines):
    """What device.type is before there are data is what all drivers begin with."""
    return {(name, value) for name, value in variables_of(lines).items()
            if not MOVING.match(name) and (name != 'device.type' or 'DATAOK' in lines)}


class Faults(unittest.TestCase):
    maxDiff = None
    driver = profiles = walks = None
    seconds = 8

    def setUp(self):
        self.server = Server().__enter__()
        self.addCleanup(self.server.__exit__)
        self.data = self.load()

    def load(self):
        if self.walks:
            return {Path(name).name: walk.load(self.walks / f'{name}.snmprec') for name in AGENTS}
        return {path.stem: walk.load(path) for path in sorted((HERE / 'walks').glob('*.snmprec'))}

    def daemon(self, devices, **how):
        head = 'pollinterval = 1\npollfreq = 2\nmaxstartdelay = 60\n'
        daemon = Daemon(self.driver, devices, head, BUSBAR_PROFILES=str(self.profiles), **how)
        daemon.__enter__()
        self.addCleanup(daemon.directory.cleanup)
        self.daemons = [*getattr(self, 'daemons', ()), daemon]
        self.addCleanup(lambda: daemon.process.poll() is None and daemon.stop())
        return daemon

    def finish(self, daemon):
        """It ends as it is told to, and has upset nobody."""
        self.assertIsNone(daemon.process.poll(), daemon.log()[-3000:])
        self.assertEqual(daemon.stop(), 0, daemon.log()[-3000:])
        self.assertNotRegex(daemon.log(), 'Sanitizer|runtime error')

    def clean(self, name, data):
        """What is shown without faults, of the device's own."""
        port = self.server.add(Agent(data))
        dump = Dump(self.driver, options_of(port), BUSBAR_PROFILES=str(self.profiles))
        self.assertEqual(dump.exit, 0, f'{name}: {dump.log}')
        return {(n, v) for n, v in dump.variables.items() if not MOVING.match(n)}

    def crowd(self):
        """An agent for each fault and walk: {name: (agent, fault, what it says)}."""
        crowd = {}
        for walk_name, data in self.data.items():
            clean = self.clean(walk_name, data)
            for fault in (*FAULTS, *VALUE_FAULTS, 'none'):
                agent = Agent(data)
                crowd[f'{walk_name}-{fault}'.replace('_', '-')] = agent, fault, clean
        return crowd

    def watch(self, daemon, crowd, seconds):
        """All that is shown meanwhile, by name."""
        seen = {name: set() for name in crowd}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for name in crowd:
                seen[name] |= values(daemon.lines(name))
        return seen

    def assert_honest(self, crowd, seen):
        for name, (_, fault, clean) in crowd.items():
            strange = seen[name] - clean
            if fault in CREDIBLE:
                strange = {(n, v) for n, v in strange
                           if CREDIBLE[fault] and not CREDIBLE[fault].fullmatch(v) and n != 'ups.status'}
            with self.subTest(name):
                # Less may be known of the status, not more.
                known = dict(clean)
                strange = {(n, v) for n, v in strange if not n.endswith('ups.status')
                           or not set(v.split()) <= set(known.get(n, '').split())}
                self.assertEqual(sorted(strange), [])

    def assert_settles(self, daemon, crowd, what, timeout=60):
        end = time.monotonic() + timeout
        for name, (_, _, clean) in crowd.items():
            with self.subTest(name, what=what):
                lines = []

                def settled(name=name, clean=clean, lines=lines):
                    lines[:] = daemon.lines(name)
                    return 'DATAOK' in lines and values(lines) == clean
                try:
                    wait_for(settled, what, timeout=max(end - time.monotonic(), 1))
                except AssertionError:
                    shown = values(lines)
                    self.fail(f'{what}: fresh {"DATAOK" in lines}, more {sorted(shown - clean)[:20]}, '
                              f'missing {sorted(clean - shown)[:20]}')

    def test_when_all_was_well(self):
        crowd = self.crowd()
        devices = {name: options_of(self.server.add(agent)) for name, (agent, _, _) in crowd.items()}
        daemon = self.daemon(devices)
        self.assert_settles(daemon, crowd, 'all shown')
        fds = descriptors(daemon.process.pid)
        for agent, fault, _ in crowd.values():
            agent.fault = None if fault == 'none' else fault
        self.assert_honest(crowd, self.watch(daemon, crowd, self.seconds))
        for agent, fault, _ in crowd.values():
            self.assertTrue(agent.faulty or fault == 'none', fault)
            agent.fault = None
        self.assert_settles(daemon, crowd, 'all as before')
        self.assertEqual(descriptors(daemon.process.pid), fds)
        self.finish(daemon)

    def test_from_the_start(self):
        crowd = self.crowd()
        for agent, fault, _ in crowd.values():
            agent.fault = None if fault == 'none' else fault
        devices = {name: options_of(self.server.add(agent)) for name, (agent, _, _) in crowd.items()}
        daemon = self.daemon(devices)
        healthy = {name: one for name, one in crowd.items() if one[1] == 'none'}
        self.assert_settles(daemon, healthy, 'the healthy ones shown beside the others')
        self.assert_honest(crowd, self.watch(daemon, crowd, self.seconds))
        for agent, _, _ in crowd.values():
            agent.fault = None
        # Who was dead is asked again after a while that grows. What an agent seemed to be, by what it said
        # in earnest when it was looked at, it stays.
        told = {name: one for name, one in crowd.items() if one[1] not in (*VALUE_FAULTS, 'noise')}
        self.assert_settles(daemon, told, 'all shown in the end', 120)
        for name in crowd:
            daemon.wait_variables(name)
        self.finish(daemon)

    def test_slow_lossy_and_small(self):
        """All of it, from agents that take their time, lose a third, or bear one object at a time."""
        crowd = {}
        for walk_name, data in self.data.items():
            clean = self.clean(walk_name, data)
            for kind, how in {'slow': {'fault': 'slow', 'delay': 0.4}, 'lossy': {'loss': 0.3},
                              'small': {'max_objects': 1}, 'short': {'max_size': 484}}.items():
                crowd[f'{walk_name}-{kind}'.replace('_', '-')] = Agent(data, **how), kind, clean
        daemon = self.daemon({name: options_of(self.server.add(agent), snmp_retries=5)
                              for name, (agent, _, _) in crowd.items()})
        self.assert_settles(daemon, crowd, 'all shown', 120)
        self.finish(daemon)

    def test_version_1(self):
        crowd = {}
        for walk_name, data in self.data.items():
            clean = self.clean(walk_name, data)
            crowd[walk_name.replace('_', '-')] = Agent(data, only_v1=True), 'v1', clean
        daemon = self.daemon({name: options_of(self.server.add(agent), snmp_version='v1')
                              for name, (agent, _, _) in crowd.items()})
        self.assert_settles(daemon, crowd, 'all shown')
        self.finish(daemon)

    def test_walks_that_do_not_end(self):
        """Agents whose GETNEXT goes round in circles, or jumps: it starts nevertheless."""
        crowd = {}
        for walk_name, data in self.data.items():
            clean = self.clean(walk_name, data)
            order = sorted(data)
            for i, at in enumerate(order[len(order) // 5::len(order) // 5][:4]):
                crowd[f'{walk_name}-loop{i}'.replace('_', '-')] = Agent(data, loop=at), 'loop', clean
            unsorted = Agent(data, is_unsorted=True)
            crowd[f'{walk_name}-unsorted'.replace('_', '-')] = unsorted, 'unsorted', clean
        daemon = self.daemon({name: options_of(self.server.add(agent))
                              for name, (agent, _, _) in crowd.items()})
        for name in crowd:
            daemon.wait_variables(name)
        before = {name: agent.requests for name, (agent, _, _) in crowd.items()}
        self.watch(daemon, crowd, 4)
        for name, (agent, _, _) in crowd.items():
            with self.subTest(name):
                self.assertLess(agent.requests - before[name], 400)
        self.finish(daemon)

    def test_unreadable_object(self):
        """genErr for a few objects: the others are shown."""
        crowd = {}
        for walk_name, data in self.data.items():
            clean = self.clean(walk_name, data)
            # But not the first ones, by which it is known.
            columns = sorted(ids for ids, (tag, _) in data.items()
                             if tag in ber.NUMBERS and ids[:7] == (1, 3, 6, 1, 4, 1, ids[6]))
            crowd[walk_name.replace('_', '-')] = Agent(data, general=set(columns[25::40])), 'general', clean
        daemon = self.daemon({name: options_of(self.server.add(agent))
                              for name, (agent, _, _) in crowd.items()})
        for name, (agent, _, clean) in crowd.items():
            def is_shown(name=name, clean=clean):
                shown = {(n, v) for n, v in daemon.wait_variables(name).items() if not MOVING.match(n)}
                return len(shown & clean) > len(clean) // 2
            # A table that cannot be walked to its end is walked again before what there is of it counts.
            with self.subTest(name):
                wait_for(is_shown, f'most of {name}', daemon.log)
        self.finish(daemon)

    def test_reboot(self):
        """Gone for a while, and back with another count."""
        crowd = {name.replace('_', '-'): (Agent(data), 'reboot', self.clean(name, data))
                 for name, data in self.data.items()}
        daemon = self.daemon({name: options_of(self.server.add(agent))
                              for name, (agent, _, _) in crowd.items()})
        self.assert_settles(daemon, crowd, 'all shown')
        for agent, _, _ in crowd.values():
            agent.fault = 'dead'
        for name in crowd:
            wait_for(lambda name=name: 'DATASTALE' in daemon.lines(name), f'{name} to be stale', daemon.log)
        for agent, _, _ in crowd.values():
            agent.reboot()
            agent.fault = None
        self.assert_settles(daemon, crowd, 'all as before', 90)
        self.finish(daemon)

    def test_another_device_at_the_address(self):
        names = list(self.data)
        agent = Agent(self.data[names[0]])
        daemon = self.daemon({'x': options_of(self.server.add(agent))})
        self.assert_settles(daemon, {'x': (agent, '', self.clean('x', self.data[names[0]]))}, 'the first')
        agent.fault = 'dead'
        wait_for(lambda: 'DATASTALE' in daemon.lines('x'), 'no data', daemon.log)
        agent.replace(self.data[names[1]])
        agent.fault = None
        other = self.clean('y', self.data[names[1]])
        self.assert_settles(daemon, {'x': (agent, '', other)}, 'the other', 120)
        self.finish(daemon)

    def test_verdict(self):
        """Nobody there: said with default options, refused or silent. The benchmark says how soon."""
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silent.close)
        silent.bind(('127.0.0.1', 0))
        refused = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        refused.bind(('127.0.0.1', 0))
        refused_port = refused.getsockname()[1]
        refused.close()
        devices = {'silent': {'port': f'127.0.0.1:{silent.getsockname()[1]}'},
                   'refused': {'port': f'127.0.0.1:{refused_port}'}}
        daemon = self.daemon(devices)
        for name in devices:
            said = rf'(?m)\b{name}\b.*(No answer|No device|refuse|reach)'
            wait_for(lambda said=said: re.search(said, daemon.log()),
                     f'a verdict about {name}', daemon.log)
        for name in devices:
            self.assertIn('DATASTALE', daemon.lines(name))
        self.finish(daemon)

    def test_verdict_about_a_hole(self):
        """Packets that go out and end nowhere, in a network of its own."""
        directory = tempfile.TemporaryDirectory(prefix='busbar-snmp-')
        self.addCleanup(directory.cleanup)
        program = Path(directory.name, 'driver')
        program.write_text(HOLE.format(driver=self.driver), encoding='utf-8')
        program.chmod(0o755)
        daemon = Daemon(program, {'hole': {'port': '192.0.2.9'}, 'nowhere': {'port': '198.51.100.9'}},
                        BUSBAR_PROFILES=str(self.profiles))
        daemon.__enter__()
        self.addCleanup(daemon.__exit__, None, None, None)
        wait_for(lambda: re.search(r'(?m)\bhole\b.*No answer', daemon.log()), 'a verdict', daemon.log)
        wait_for(lambda: re.search(r'(?m)\bnowhere\b.*no way', daemon.log()), 'another', daemon.log)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('driver', type=Path)
    parser.add_argument('profiles', type=Path)
    parser.add_argument('walks', type=Path, nargs='?')
    parser.add_argument('--seconds', type=float, default=Faults.seconds)
    parser.add_argument('-k', action='append', default=[])
    for name, value in vars(parser.parse_args()).items():
        setattr(Faults, name, value.resolve() if isinstance(value, Path) else value)
    unittest.main(argv=[sys.argv[0], *(f'-k{name}' for name in Faults.k)])


if __name__ == '__main__':
    main()
