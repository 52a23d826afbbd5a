#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What nutdrv_qx works out of a battery, beside the stock driver, and what it learns, over restarts.

    test-battery.py DRIVER PROFILES
"""

import re
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / 'stock'), str(HERE.parents[1] / 'src' / 'kit')]
# pylint: disable=wrong-import-position
import driver_testlib  # noqa: E402
import oracle  # noqa: E402
import qxsim  # noqa: E402

LEARNED = 'experimental.battery.'
# After a day on mains, with one discharge of three minutes at full load that went until low battery.
SAVED = """busbar-battery 1
state {now} 0 100 27.4 20.8 1 0 86400 0 0 nan 5 1
discharge {before} 1 1 0.8
load 20 180 18000
"""


def with_check(text):
    check = 2166136261
    for byte in text.encode():
        check = (check ^ byte) * 16777619 & 0xffffffff
    return f'{text}end {check:08x}\n'


class Unit:
    """Says what it is told."""

    def __init__(self):
        self.voltage, self.load, self.on_battery, self.low = 27.0, 50, False, False

    def answer(self, request):
        if request == b'Q1\r':
            bits = f'{int(self.on_battery)}{int(self.low)}001001'
            return (f'({0 if self.on_battery else 230:05.1f} 000.0 230.0 {self.load:03} 50.0 '
                    f'{self.voltage:04.1f} 25.0 {bits}\r').encode()
        return {b'F\r': b'#230.0 004 024.0 50.0\r',
                b'I\r': b'#EXAMPLE         ONE        V1        \r'}.get(request)


class Battery(driver_testlib.TestCase):
    driver, profiles = (Path(argument).resolve() for argument in sys.argv[1:3])

    def setUp(self):
        super().setUp()
        self.start_bus()
        self.ours = {'DBUS_SYSTEM_BUS_ADDRESS': self.environment['DBUS_SYSTEM_BUS_ADDRESS'],
                     'BUSBAR_ENROLLED_CONF': self.path('enrolled.conf'),
                     'BUSBAR_PROFILES': str(self.profiles)}

    def run_driver_on(self, unit, *options, stock=False):
        return oracle.Driver(oracle.STOCK_DRIVER if stock else self.driver, unit, 'battery',
                             ['protocol=megatec', 'pollfreq=1', *options], None if stock else self.ours)

    @staticmethod
    def values(driver):
        return driver.dump()[0]

    def test_guess_is_that_of_stock(self):
        """A discharge and what follows: both count the same, but for when they asked."""
        options = ('runtimecal=20,100,60,50', 'chargetime=60')
        steps = [(27.0, 50, False, 1), (27.0, 50, True, 8), (24.7, 50, True, 3), (24.7, 100, True, 4),
                 (26.9, 0, False, 6)]
        units = Unit(), Unit()
        with self.run_driver_on(units[0], *options, stock=True) as stock, \
                self.run_driver_on(units[1], *options) as ours:
            for voltage, load, on_battery, seconds in steps:
                for unit in units:
                    unit.voltage, unit.load, unit.on_battery = voltage, load, on_battery
                time.sleep(seconds)
                for driver in (stock, ours):
                    driver_testlib.wait_for(lambda driver=driver: 'battery.runtime' in self.values(driver),
                                            'a runtime')
                charge, runtime = [], []
                for driver in (stock, ours):
                    values = self.values(driver)
                    self.assertEqual(values['battery.voltage.low'], '20.80')
                    self.assertEqual(values['battery.voltage.high'], '26.00')
                    charge.append(float(values['battery.charge']))
                    runtime.append(float(values['battery.runtime']))
                # They poll each two seconds or more, and not at the same time.
                self.assertAlmostEqual(*charge, delta=18)
                self.assertAlmostEqual(*runtime, delta=max(6, 0.3 * max(runtime)))
            self.assertEqual(self.values(ours)['experimental.battery.guessed'],
                             'voltage.low voltage.high charge runtime')

    def test_learns(self):
        unit = Unit()
        unit.load = 100
        driver = self.run_driver_on(unit)
        saved = Path(driver.directory.name, 'battery.saved')
        now = int(time.time())
        saved.write_text(with_check(SAVED.format(now=now - 5, before=now - 9999999)), encoding='utf-8')
        with driver:
            values = self.values(driver)
            self.assertEqual(values[LEARNED + 'discharges'], '1')
            low, middle, high = (float(values[f'{LEARNED}runtime{end}']) for end in ('.low', '', '.high'))
            self.assertTrue(90 < low < middle < high < 400, values)
            self.assertTrue(150 < middle < 210, values)

            unit.on_battery = True
            unit.voltage = 25.0
            driver_testlib.wait_for(lambda: float(self.values(driver)[f'{LEARNED}runtime']) < middle - 10,
                                    'a shorter runtime', 60)
            # It is a new battery, or at least a much worse one.
            time.sleep(20)
            unit.low = True
            driver_testlib.wait_for(lambda: str(now - 9999999) not in saved.read_text('utf-8'),
                                    'the end', 60)
            self.assertEqual(len(re.findall('^discharge', saved.read_text('utf-8'), re.M)), 1)
            driver_testlib.wait_for(lambda: LEARNED + 'runtime' not in self.values(driver), 'no runtime')
            self.assertEqual(self.values(driver)[LEARNED + 'discharges'], '1')

    def test_damaged(self):
        driver = self.run_driver_on(Unit())
        Path(driver.directory.name, 'battery.saved').write_text(
            with_check(SAVED.format(now=int(time.time()), before=1)).replace('180', '181'), encoding='utf-8')
        with driver:
            self.assertNotIn(LEARNED + 'runtime', self.values(driver))
            self.assertIn('cannot be read', driver.log())


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
