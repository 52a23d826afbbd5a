#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Our nutdrv_qx beside the stock one, on the same simulated unit.

    test-stock.py DRIVER PROFILES RECORDINGS [FOLDER] [--only NAME]... [--verbose] [--stock FILE]

RECORDINGS holds recordings of a unit per protocol, FOLDER transcripts. What the stock driver shows, ours
shows with the same value; what can be run and written with it can be with ours, and sends the same bytes;
but for DIFFERENCES, each with its reason. --stock names a newer stock driver, for a look by hand: it speaks
more, and differs elsewhere.
"""

import concurrent.futures
import contextlib
import fnmatch
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / 'stock'), str(HERE.parents[1] / 'src' / 'kit')]
# pylint: disable=wrong-import-position
import driver_testlib  # noqa: E402
import oracle  # noqa: E402
import qxsim  # noqa: E402
from differences import DIFFERENCES  # noqa: E402

ACK = b'(ACK\r'
# What is answered to what a unit does not know, and to what it accepts, if that is not what it did not know
# itself, and nothing.
ANSWERS = {
    'innovart31': (b'NAK\r', b'ACK\r'),
    'innovart33': (b'NAK\r', b'ACK\r'),
    'innovatae': (b'NAK\r', b'ACK\r'),
    'masterguard': (b'NAK\r', b''),
    'mecer': (b'(NAK\r', ACK),
    'q6': (b'NAK\r', b'ACK\r'),
    'voltronic': (b'(NAK\r', ACK),
    'voltronic-axpert': (b'(NAKss\r', b'(ACK9 \r'),
}
# The protocols of stock nutdrv_qx 2.8.0, but masterguard, which it cannot be told to speak.
PROTOCOLS = ('ablerex', 'bestups', 'hunnox', 'mecer', 'megatec', 'megatec-old', 'mustek', 'q1', 'voltronic',
             'voltronic-qs', 'voltronic-qs-hex', 'zinto')

# What a unit is to answer otherwise, so that the stock driver takes it: it does not know newer ones.
PATCHES = {'voltronic-qs': {b'M\r': [b'V\r']}}

ORDERS = ['test.battery.start 60', 'test.battery.start 600', 'test.battery.start 5940']
DELAYS = [(12, 60), (54, 180), (60, 60), (120, 240), (600, 3600)]
SHUTDOWNS = ['shutdown.return', 'shutdown.stayoff', 'shutdown.reboot']
WRITES_MAX = 4


def transcripts(recordings, folder):
    """Name, protocol and file of each unit."""
    for file in sorted(recordings.glob('*.recording')):
        yield file.stem, file.stem, file
    for file in sorted(folder.glob('nut-testing-tables/*.tsv')) if folder else ():
        yield f'table-{file.stem}', file.stem, file


def is_expected(name, what, stock, ours):
    return any(fnmatch.fnmatchcase(name, unit) and fnmatch.fnmatchcase(what, pattern)
               and (wanted is None or wanted(stock, ours)) for unit, pattern, wanted, _ in DIFFERENCES)


def is_same(stock, ours):
    if stock == ours:
        return True
    try:
        return abs(float(stock) - float(ours)) < 1e-9
    except (TypeError, ValueError):
        return False


def tokens(status):
    return ' '.join(sorted(set(status.split()) - {'ALARM'}))


def wanted_writes(variables, writable):
    """Values to write: those of enumerations, the ends of ranges; not what it is, as the stock driver does
    not send that."""
    for variable, description in sorted(writable.items()):
        values = description['enum'][:WRITES_MAX] or [v for r in description['range'][:2] for v in r]
        for value in values:
            if not is_same(value, variables[variable]):
                yield f'SET {variable} "{value}"', f'{variable} = {value}'


def wanted_orders(commands):
    """Orders for the driver's socket, and in words. Some are of no device, but of all drivers."""
    for command in sorted(commands):
        if not command.startswith('driver.') and command != 'shutdown.default':
            yield f'INSTCMD {command}', command
    for order in ORDERS:
        if order.split()[0] in commands:
            yield f'INSTCMD {order}', order
    for off, on in DELAYS:
        for delay, value in (('ups.delay.shutdown', off), ('ups.delay.start', on)):
            yield f'SET {delay} "{value}"', f'{delay} = {value}'
        for command in SHUTDOWNS:
            if command in commands:
                yield f'INSTCMD {command}', f'{command} after {off} for {on}'


class Stock(driver_testlib.TestCase):
    driver, profiles, recordings = (Path(argument).resolve() for argument in sys.argv[1:4])
    folder = Path(sys.argv[4]) if sys.argv[4:] and not sys.argv[4].startswith('-') else None
    verbose = '--verbose' in sys.argv
    newer = [word for before, word in zip(sys.argv, sys.argv[1:]) if before == '--stock']
    only = [word for before, word in zip(sys.argv, sys.argv[1:]) if before == '--only']

    def setUp(self):
        super().setUp()
        self.start_bus()
        self.ours = {'DBUS_SYSTEM_BUS_ADDRESS': self.environment['DBUS_SYSTEM_BUS_ADDRESS'],
                     'BUSBAR_ENROLLED_CONF': self.path('enrolled.conf'),
                     'BUSBAR_PROFILES': str(self.profiles)}

    def drivers(self, name, protocol, file):
        options = [f"protocol={protocol.replace('-old', '/old')}"]
        refused, accepted = ANSWERS.get(protocol, (None, b''))
        drivers = []
        stock = (self.newer or [oracle.STOCK_DRIVER])[0]
        for program, environment in ((stock, None), (self.driver, self.ours)):
            transcript = qxsim.Transcript.load(file)
            transcript.answers.update(PATCHES.get(name, {}))
            unit = oracle.Unit(transcript, refused, accepted)
            drivers.append(oracle.Driver(program, unit, name, options, environment))
        return drivers

    def compare(self, name, protocol, file):
        """What is different for a unit; None when the stock driver does not take it."""
        with contextlib.ExitStack() as stack:
            stock, ours = self.drivers(name, protocol, file)
            entered = oracle.both(stack.enter_context, stock, ours)
            if isinstance(entered[0], LookupError):
                return None
            if isinstance(entered[1], LookupError):
                return [f'only the stock driver takes it: {entered[1]}']
            for result in entered:
                if isinstance(result, Exception):
                    raise result
            found, orders = self.compare_dumps(name, stock.dump(), ours.dump())
            for driver in (stock, ours):
                driver.obey()
            for words, what in orders:
                sent = oracle.both(lambda driver, words=words: driver.order(words), stock, ours)
                for result in sent:
                    if isinstance(result, Exception):
                        raise result
                if self.verbose:
                    print(f'{name}: {what}: {sent}', file=sys.stderr)
                if sent[0] != sent[1] and not is_expected(name, what, *sent):
                    found.append(f'{what}: stock sends {sent[0]}, ours {sent[1]}')
            return found

    def compare_dumps(self, name, stock, ours):
        found = []
        for variable, value in sorted(stock[0].items()):
            if oracle.OWN.match(variable):
                continue
            mine = ours[0].get(variable)
            if variable == 'ups.status' and mine is not None:
                value, mine = tokens(value), tokens(mine)
            if not is_same(value, mine) and not is_expected(name, variable, value, mine):
                found.append(f'{variable}: stock "{value}", ours {mine!r}')
        orders = []
        for words, what in [*wanted_orders(stock[1]), *wanted_writes(stock[0], stock[2])]:
            subject = words.split()[1]
            if subject in ours[1] or subject in ours[2]:
                orders.append((words, what))
            elif not is_expected(name, subject, True, None) and subject in stock[1] | set(stock[2]):
                found.append(f'{subject}: it can be run or written with the stock driver only')
        return sorted(set(found), key=found.index), orders

    def test_units(self):
        units = [unit for unit in transcripts(self.recordings, self.folder)
                 if (self.newer or unit[1] in PROTOCOLS) and (not self.only or unit[0] in self.only)]
        taken = []
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            futures = [(unit[0], pool.submit(self.compare, *unit)) for unit in units]
            for name, future in futures:
                with self.subTest(name):
                    found = future.result()
                    if found is not None:
                        taken.append(name)
                        self.assertEqual(found, [], '\n' + '\n'.join(found))
        print('compared:', *taken, file=sys.stderr)
        protocols = {protocol for name, protocol, _ in units if name in taken}
        self.assertTrue(self.newer or self.only or set(PROTOCOLS) <= protocols)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
