#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Users of SNMP version 3, many at once in one snmp-ups, with real agents.

    test-users.py DRIVER PROFILES [--users N]

Each device has a user of its own, with all that net-snmp has to authenticate and to encrypt; several agents
have the same user names with other passwords.
"""

import argparse
import re
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import ber  # noqa: E402
import walk  # noqa: E402
from driverlib import Daemon, descriptors, wait_for  # noqa: E402
from netsnmp import Snmpd  # noqa: E402

AUTH = ('MD5', 'SHA', 'SHA256', 'SHA512')
SNMPD_AUTH = {'SHA256': 'SHA-256', 'SHA512': 'SHA-512'}
PRIV = ('DES', 'AES')
AGENTS = 2
# upsEstimatedChargeRemaining, and what the walk has there.
CHARGE, FULL = (1, 3, 6, 1, 2, 1, 33, 1, 2, 4, 0), '87'


class User:
    """One of an agent, with what ups.conf says of it."""

    def __init__(self, agent, number):
        self.name, self.agent = f'user{number}', agent
        self.auth, self.priv = AUTH[number % len(AUTH)], PRIV[number // len(AUTH) % len(PRIV)]
        self.level = ('noAuthNoPriv', 'authNoPriv', 'authPriv', 'authPriv', 'authPriv')[number % 5]
        self.auth_password, self.priv_password = f'authentic{agent}{number}', f'private{agent}{number}'

    def lines(self):
        level = {'noAuthNoPriv': 'noauth', 'authNoPriv': 'auth', 'authPriv': 'priv'}[self.level]
        if self.level == 'noAuthNoPriv':
            return [f'createUser {self.name}', f'rwuser {self.name} {level}']
        return [f'createUser {self.name} {SNMPD_AUTH.get(self.auth, self.auth)} {self.auth_password} '
                f'{self.priv} {self.priv_password}', f'rwuser {self.name} {level}']

    def options(self, port):
        options = {'port': f'127.0.0.1:{port}', 'snmp_version': 'v3', 'secName': self.name,
                   'secLevel': self.level, 'snmp_timeout': 1}
        if self.level != 'noAuthNoPriv':
            options |= {'authProtocol': self.auth, 'authPassword': self.auth_password}
        if self.level == 'authPriv':
            options |= {'privProtocol': self.priv, 'privPassword': self.priv_password}
        return options


class Users(unittest.TestCase):
    driver = profiles = None
    count = 50

    def setUp(self):
        self.values = {ids: value for ids, value in walk.load(HERE / 'walks' / 'ups.snmprec').items()
                       if ids[:9] != (1, 3, 6, 1, 2, 1, 1, 3, 0)}
        self.users = [[User(agent, number) for number in range(self.count // AGENTS)]
                      for agent in range(AGENTS)]

    def snmpd(self, agent, **how):
        lines = [line for user in self.users[agent] for line in user.lines()]
        return Snmpd(self.values, 'all', lines, **how)

    def daemon(self, devices):
        daemon = Daemon(self.driver, devices, 'pollinterval = 1\npollfreq = 2\nmaxstartdelay = 60\n',
                        BUSBAR_PROFILES=str(self.profiles))
        daemon.__enter__()
        self.addCleanup(daemon.__exit__, None, None, None)
        return daemon

    def assert_shown(self, daemon, names, wanted):
        """What is read with each full poll says from which agent it is."""
        for name in names:
            daemon.wait_variables(name, lambda variables: variables.get('battery.charge') == wanted,
                                  f'battery.charge {wanted}', 60)

    def test_many(self):
        """All at once; then an agent comes back with another engine id, and its time begins anew."""
        agents = [self.snmpd(agent, engine_id=f'first{agent}').__enter__() for agent in range(AGENTS)]
        devices = {f'a{agent}-{user.name}': user.options(agents[agent].port)
                   for agent in range(AGENTS) for user in self.users[agent]}
        try:
            daemon = self.daemon(devices)
            self.assert_shown(daemon, devices, FULL)
            fds = descriptors(daemon.process.pid)
            port = agents[0].port
            agents[0].__exit__()
            self.values[CHARGE] = ber.INTEGER, bytes([51])
            agents[0] = self.snmpd(0, engine_id='second', port=port).__enter__()
            first = [name for name in devices if name.startswith('a0-')]
            self.assert_shown(daemon, first, '51')
            # And with the same one, its time at the beginning.
            agents[0].__exit__()
            self.values[CHARGE] = ber.INTEGER, bytes([52])
            agents[0] = self.snmpd(0, engine_id='second', port=port).__enter__()
            self.assert_shown(daemon, first, '52')
            self.assert_shown(daemon, [name for name in devices if name not in first], FULL)
            self.assertEqual(descriptors(daemon.process.pid), fds)
        finally:
            for agent in agents:
                agent.__exit__()

    def test_who_is_not_let_in(self):
        """Told apart, and in words; nothing is shown, and the others are not held up."""
        with self.snmpd(0) as agent:
            right = self.users[0][2]
            options = right.options(agent.port)
            self.assertEqual(right.level, 'authPriv')
            devices = {'right': options, 'unknown': options | {'secName': 'nobody'},
                       'wrongauth': options | {'authPassword': 'something else'},
                       'wrongpriv': options | {'privPassword': 'something else'}}
            daemon = self.daemon(devices)
            self.assert_shown(daemon, ['right'], FULL)
            for name, words in {'unknown': 'user', 'wrongauth': 'password', 'wrongpriv': 'password'}.items():
                pattern = rf'(?mi)\b{name}\b.*{words}'
                wait_for(lambda pattern=pattern: re.search(pattern, daemon.log()),
                         f'{words} in the log about {name}', daemon.log, 20)
                self.assertIsNone(daemon.variables(name))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('driver', type=lambda text: Path(text).resolve())
    parser.add_argument('profiles', type=lambda text: Path(text).resolve())
    parser.add_argument('--users', type=int, default=Users.count, dest='count')
    for name, value in vars(parser.parse_args()).items():
        setattr(Users, name, value)
    unittest.main(argv=sys.argv[:1])


if __name__ == '__main__':
    main()
