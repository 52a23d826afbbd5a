#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What snmp-ups sets: commands and settings, with a real snmpd, and with agents that look at types.

    test-writes.py DRIVER PROFILES [WALKS] [--only AGENT]... [-k TEST] [--full] [--verbose]

--full: with every walk that there is.
"""

import argparse
import fnmatch
import re
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import ber  # noqa: E402
import walk  # noqa: E402
from agentlib import Agent, Server  # noqa: E402
from driverlib import Daemon, wait_for  # noqa: E402
from netsnmp import Snmpd  # noqa: E402

SUCCESS, INVALID = 0, 2
# Of each family one.
AGENTS = (
    'walks/ups', 'walks/pdu', 'walks/chain', 'etingof/apc-8641', 'librenms/apc_smart1500',
    'librenms/apc_symmetralx', 'librenms/atenpdu', 'librenms/cyberpower_pr2200rt2uc',
    'librenms/eaton-mgeups_9px', 'librenms/eatonpdu_2', 'librenms/eatonpdu_dbq',
    'librenms/eatonupsm2_9px+empg2', 'librenms/generex-ups_cs141', 'librenms/hpe-mapdu_pdu2',
    'librenms/netmanplus_204', 'librenms/raritan-pdu_px3', 'librenms/sentry4_switched8i',
    'librenms/deltaups_mini-snmp')
# Asked of a real snmpd: the agent, what is told, the object and what snmpget says of it then.
SPDU, PX2, UPS = '1.3.6.1.4.1.318.1.1.4', '1.3.6.1.4.1.13742.6', '1.3.6.1.2.1.33.1'
SMART = '1.3.6.1.4.1.318.1.1.1'
CONTROL = f'{SPDU}.4.2.1.3'
ORDERS = [
    ('walks/pdu', 'INSTCMD outlet.1.load.off', f'{CONTROL}.1', 'INTEGER: 2'),
    ('walks/pdu', 'INSTCMD outlet.1.load.on', f'{CONTROL}.1', 'INTEGER: 1'),
    ('walks/pdu', 'INSTCMD outlet.3.load.cycle', f'{CONTROL}.3', 'INTEGER: 3'),
    ('walks/pdu', 'INSTCMD outlet.2.load.off.delay 17', f'{CONTROL}.2', 'INTEGER: 6'),
    ('walks/pdu', 'INSTCMD outlet.2.load.off.delay 17', f'{SPDU}.5.2.1.4.2', 'INTEGER: 17'),
    ('walks/pdu', 'INSTCMD outlet.3.load.on.delay 18', f'{CONTROL}.3', 'INTEGER: 5'),
    ('librenms/raritan-pdu_px3', 'INSTCMD outlet.1.load.off', f'{PX2}.4.1.2.1.2.1.1', 'INTEGER: 0'),
    ('librenms/raritan-pdu_px3', 'INSTCMD outlet.2.load.on', f'{PX2}.4.1.2.1.2.1.2', 'INTEGER: 1'),
    ('librenms/raritan-pdu_px3', 'INSTCMD outlet.3.load.cycle', f'{PX2}.4.1.2.1.2.1.3', 'INTEGER: 2'),
    ('walks/ups', 'INSTCMD test.battery.start.quick', f'{UPS}.7.1.0',
     'OID: .1.3.6.1.2.1.33.1.7.7.4'),
    ('walks/ups', 'INSTCMD test.battery.stop', f'{UPS}.7.1.0',
     'OID: .1.3.6.1.2.1.33.1.7.7.2'),
    ('walks/ups', 'INSTCMD load.off.delay 30', f'{UPS}.8.2.0', 'INTEGER: 30'),
    ('walks/ups', 'INSTCMD shutdown.return', f'{UPS}.8.2.0', 'INTEGER: 20'),
    ('walks/ups', 'INSTCMD shutdown.return', f'{UPS}.8.3.0', 'INTEGER: 50'),
    ('walks/ups', 'INSTCMD beeper.mute', f'{UPS}.9.8.0', 'INTEGER: 3'),
    ('walks/ups', 'INSTCMD beeper.enable', f'{UPS}.9.8.0', 'INTEGER: 2'),
    ('librenms/apc_smart1500', 'INSTCMD test.battery.start', f'{SMART}.7.2.2.0', 'INTEGER: 2'),
    ('librenms/apc_smart1500', 'INSTCMD shutdown.return', f'{SMART}.6.2.2.0', 'INTEGER: 3'),
    ('librenms/apc_smart1500', 'INSTCMD load.off', f'{SMART}.6.2.1.0', 'INTEGER: 2'),
]


def tree(values, *prefixes):
    """That part of a walk, and what says whose it is: a real snmpd has much of its own."""
    wanted = [(1, 3, 6, 1, 2, 1, 1), *map(ber.oid, prefixes)]
    return {ids: value for ids, value in values.items()
            if any(ids[:len(prefix)] == prefix for prefix in wanted) and ids != (1, 3, 6, 1, 2, 1, 1, 3, 0)}


def samples(name, value, limits):
    """Values to write to a variable, the last of them the one that it had."""
    if limits['enum']:
        return [*limits['enum'][:6], *([value] if value in limits['enum'] else [])]
    if limits['range']:
        low, high = (int(float(limits['range'][0][i])) for i in (0, 1))
        return [str(low), str(high), str((low + high) // 2)]
    is_text = re.search(r'\.(name|desc|id|location|contact)$', name)
    if re.fullmatch(r'-?\d+([-./:]\d+)*', value) and not is_text:
        return [value]
    return ['busbar', value] if value else ['busbar']


def is_written(wanted, shown):
    """What is set to seconds in minutes, or in tenths, is rounded."""
    try:
        difference = abs(float(wanted) - float(shown or 'nan'))
        return difference <= max(60.0, abs(float(wanted)) * 0.01)
    except ValueError:
        return wanted == shown


class Writes(unittest.TestCase):
    maxDiff = None
    driver = profiles = walks = only = None
    full = verbose = False

    @staticmethod
    def section(port, **options):
        return {'port': f'127.0.0.1:{port}', 'snmp_version': 'v2c', 'community': 'private',
                'snmp_timeout': 1, **options}

    def daemon(self, port, **options):
        return self.daemon_of({'x': self.section(port, **options)})

    def daemon_of(self, devices):
        daemon = Daemon(self.driver, devices, 'pollinterval = 1\npollfreq = 3\n',
                        BUSBAR_PROFILES=str(self.profiles))
        daemon.__enter__()
        self.addCleanup(daemon.__exit__, None, None, None)
        for name in devices:
            daemon.wait_variables(name)
        return daemon

    def names(self):
        every = [f'{path.parent.name}/{path.stem}' for folder in (HERE, self.walks) if folder
                 for path in sorted(folder.glob('*/*.snmprec'))]
        self.assertTrue(every)
        return [name for name in every if self.full or self.only or name in AGENTS
                if not self.only or any(fnmatch.fnmatch(name, pattern) for pattern in self.only)]

    def path(self, name):
        folder = HERE if name.startswith('walks/') else self.walks
        return folder / f'{name}.snmprec'

    def try_commands(self, daemon, device, agent, commands):
        """What did not work, or did nothing."""
        wrong = []
        for command in sorted(commands):
            if re.search(r'\.(\d+)\.', command) and not re.search(r'\.(1|2)\.', command):
                continue    # the others are as the first ones
            agent.sets.clear()
            status = daemon.command(device, command)
            if status == INVALID and re.search(r'\.delay$', command):    # it wants to be told how long
                self.assertEqual(agent.sets, [])
                status = daemon.command(device, command, '30')
            if self.verbose:
                sets = [(ber.dotted(ids), tag, content) for ids, tag, content in agent.sets]
                print(f'{command}: {status} {sets}', file=sys.stderr)
            if status != SUCCESS:
                wrong.append(f'{command}: {status}, after {len(agent.sets)} sets')
            elif not agent.sets:
                wrong.append(f'{command}: nothing was set')
        return wrong

    def try_settings(self, daemon, device, agent, variables, writable):
        wrong = []
        for name, limits in sorted(writable.items()):
            if re.search(r'\.(\d+)\.', name) and not re.search(r'\.(1|2)\.', name):
                continue
            for value in samples(name, variables.get(name, ''), limits):
                agent.sets.clear()
                status = daemon.set(device, name, value)
                shown = (daemon.variables(device) or {}).get(name)
                if self.verbose:
                    print(f'{name} = {value}: {status} {agent.sets}, then {shown}', file=sys.stderr)
                # A name that is shown by one object and set by another stays, as nobody copies it here.
                is_taken = agent.sets and agent.sets[-1][2] == value.encode()
                if status != SUCCESS or not (is_written(value, shown) or is_taken):
                    wrong.append(f'{name} = "{value}": {status}, shown then: {shown!r}; {agent.sets}')
        return wrong

    def test_all_that_is_offered(self):
        """Accepted by an agent that looks at types; settings are what was written."""
        names = {f'd{i}': name for i, name in enumerate(self.names())}
        with Server() as server:
            agents = {device: Agent.load(self.path(name), writable='all') for device, name in names.items()}
            daemon = self.daemon_of({device: self.section(server.add(agent))
                                     for device, agent in agents.items()})
            for device, agent in agents.items():
                with self.subTest(names[device]):
                    variables, commands, writable = daemon.dump(device)
                    wrong = self.try_settings(daemon, device, agent, variables, writable)
                    # What was set to try that is of no consequence for commands.
                    agent.replace(walk.load(self.path(names[device])))
                    wrong += self.try_commands(daemon, device, agent, commands)
                    wrong = [line for line in wrong if not self.is_excused(names[device], line)]
                    self.assertEqual(wrong, [], '\n' + '\n'.join(wrong) + daemon.log()[-1500:])
                    self.assertIsNone(daemon.process.poll())

    @staticmethod
    def is_excused(name, line):
        """A command that has to see its effect, which a walk does not show."""
        return any(fnmatch.fnmatch(name, agent) and re.match(pattern, line) for agent, pattern in EXCUSED)

    def test_real_agent(self):
        """Told to a real snmpd, and seen by snmpget."""
        for name in dict.fromkeys(agent for agent, *_ in ORDERS):
            if name not in self.names() and not name.startswith('walks/'):
                continue
            values = tree(walk.load(self.path(name)), '1.3.6.1.4.1', '1.3.6.1.2.1.33')
            for agent, _, target, shown in ORDERS:    # a walk may lack what is only written
                kind = ber.OID if shown.startswith('OID') else ber.INTEGER
                if agent == name:
                    values.setdefault(ber.oid(target), (kind, b'\x2b\x06' if kind == ber.OID else b'\x09'))
            with Snmpd(values, 'all') as snmpd:
                daemon = self.daemon(snmpd.port)
                for _, order, target, shown in (order for order in ORDERS if order[0] == name):
                    with self.subTest(name, order=order):
                        self.assertEqual(daemon.order('x', order), SUCCESS, daemon.log()[-1500:])
                        self.assertEqual(snmpd.get(target), shown)

    def test_real_settings(self):
        """Names, thresholds, delays: written, shown, and seen by snmpget."""
        name = 'walks/pdu'
        values = tree(walk.load(self.path(name)), '1.3.6.1.4.1')
        with Snmpd(values, 'all') as snmpd:
            daemon = self.daemon(snmpd.port)
            for variable, value, target, shown in SETTINGS:
                with self.subTest(variable):
                    self.assertEqual(daemon.set('x', variable, value), SUCCESS, daemon.log()[-1500:])
                    self.assertEqual(snmpd.get(target), shown)
                    # sPDUOutletCtlName is what is shown, sPDUOutletName what is set.
                    shown_now = daemon.variables('x')[variable]
                    self.assertIn(shown_now, (value, 'web') if variable == 'outlet.1.desc' else (value,))

    def test_refused_by_a_real_agent(self):
        """It says no: the driver says that, and whose word it is; nothing changes, all goes on."""
        name, order, target, _ = ORDERS[0]
        values = tree(walk.load(self.path(name)), '1.3.6.1.4.1')
        for community, reason in (('private', 'notWritable'), ('public', 'noAccess')):
            with self.subTest(community), Snmpd(values) as snmpd:
                before = snmpd.get(target)
                daemon = self.daemon(snmpd.port, community=community)
                self.assertNotEqual(daemon.order('x', order), SUCCESS)
                wait_for(lambda reason=reason, daemon=daemon: re.search(reason, daemon.log()),
                         f'{reason} in the log', daemon.log, 5)
                self.assertEqual(snmpd.get(target), before)
                variables = daemon.variables('x')
                writable = next(v for v, *_ in SETTINGS if v in variables)
                self.assertNotEqual(daemon.set('x', writable, 'other'), SUCCESS)
                self.assertEqual(daemon.variables('x')[writable], variables[writable])
                self.assertIsNone(daemon.process.poll())

    def test_each_refusal(self):
        """Whatever reason an agent gives."""
        values = walk.load(self.path(ORDERS[0][0]))
        with Server() as server:
            agent = Agent(values, writable='all')
            daemon = self.daemon(server.add(agent))
            for status in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 16, 17, 18, 77):
                agent.refusals = dict.fromkeys(values, status)
                with self.subTest(status):
                    self.assertNotEqual(daemon.order('x', ORDERS[0][1]), SUCCESS)
            agent.refusals, agent.sets = {}, []
            self.assertEqual(daemon.order('x', ORDERS[0][1]), SUCCESS)
            self.assertEqual([(ber.dotted(ids), ber.to_int(content)) for ids, _, content in agent.sets],
                             [(ORDERS[0][2], 2)])

    def test_no_answer_to_a_set(self):
        """Neither a success, nor sent again and again."""
        values = walk.load(self.path(ORDERS[0][0]))
        with Server() as server:
            agent = Agent(values, writable='all')
            daemon = self.daemon(server.add(agent), snmp_retries=1)
            agent.fault = 'dead'
            self.assertNotEqual(daemon.order('x', ORDERS[0][1]), SUCCESS)
            agent.fault = None
            daemon.wait_variables('x')
            self.assertEqual(daemon.order('x', ORDERS[0][1]), SUCCESS)


SETTINGS = [
    ('outlet.1.desc', 'web one', f'{SPDU}.5.2.1.3.1', 'STRING: "web one"'),
    ('outlet.2.delay.shutdown', '45', f'{SPDU}.5.2.1.4.2', 'INTEGER: 45'),
    ('outlet.2.delay.start', '46', f'{SPDU}.5.2.1.2.2', 'INTEGER: 46'),
    ('outlet.2.delay.reboot', '47', f'{SPDU}.5.2.1.5.2', 'INTEGER: 47'),
]
EXCUSED = []


def main():
    parser = argparse.ArgumentParser()
    for name in ('driver', 'profiles'):
        parser.add_argument(name, type=lambda text: Path(text).resolve())
    parser.add_argument('walks', nargs='?', type=lambda text: Path(text).resolve())
    parser.add_argument('--only', action='append')
    parser.add_argument('--full', action='store_true')
    parser.add_argument('--verbose', action='store_true')
    parser.add_argument('-k', action='append', default=[])
    for name, value in vars(parser.parse_args()).items():
        setattr(Writes, name, value)
    unittest.main(argv=[sys.argv[0], *(f'-k{name}' for name in Writes.k)])


if __name__ == '__main__':
    main()
