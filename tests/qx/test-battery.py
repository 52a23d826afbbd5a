#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What nutdrv_qx works out of a battery, beside the stock driver, and what it learns, over restarts.

    test-battery.py DRIVER PROFILES
"""

import math
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
        # bestups of NUT begins each request with one.
        return {b'\r': b'', b'F\r': b'#230.0 004 024.0 50.0\r',
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

    def wait_for_values(self, drivers, wanted):
        """What each driver shows, once it shows that."""
        for driver in drivers:
            driver_testlib.wait_for(lambda driver=driver: wanted.items() <= self.values(driver).items(),
                                    f'{wanted} of {driver.program}')
        return [self.values(driver) for driver in drivers]

    def test_runtime_is_that_of_stock(self):
        """At each load, exactly, as it does not depend on the time with a full battery on mains."""
        unit = Unit()
        options = ('runtimecal=6000,100,20000,50', 'idleload=15')
        with self.run_driver_on(unit, *options, stock=True) as stock, \
                self.run_driver_on(unit, *options) as ours:
            for load in (100, 75, 50, 40, 5):
                unit.load = load
                both = {'battery.charge': '100', 'battery.voltage.low': '20.80',
                        'battery.voltage.high': '26.00'}
                values = self.wait_for_values([stock], both | {'ups.load': str(load)}) + \
                    self.wait_for_values([ours], both | {'ups.load': str(load)})
                drawn = max((load / 100) ** math.log2(20 / 6), 0.15)
                # Stock tells the load before what follows from it.
                for driver in (stock, ours):
                    driver_testlib.wait_for(
                        lambda driver=driver, drawn=drawn: self.values(driver)['battery.runtime'] ==
                        f'{6000 / drawn:.0f}', f'{6000 / drawn:.0f} s of {driver.program}')
                self.assertEqual(values[1]['experimental.battery.guessed'],
                                 'voltage.low voltage.high charge runtime')

    def test_counting_is_that_of_stock(self):
        """A discharge and what follows: both count as the formula has it."""
        units = Unit(), Unit()
        options = ('runtimecal=200,100,600,50', 'chargetime=200', 'idleload=50')
        # Load and status for so long, and which part of the full battery that takes per second.
        steps = [(100, True, 24, -1 / 200), (0, True, 24, -0.5 / 200), (0, False, 24, 1 / 200)]
        expected = 100
        with self.run_driver_on(units[0], *options, stock=True) as stock, \
                self.run_driver_on(units[1], *options) as ours:
            self.wait_for_values((stock, ours), {'battery.charge': '100'})
            for load, on_battery, seconds, rate in steps:
                for unit in units:
                    unit.load, unit.on_battery = load, on_battery
                time.sleep(seconds)
                expected += 100 * seconds * rate
                for driver in (stock, ours):
                    values = self.values(driver)
                    charge, runtime = (float(values[f'battery.{x}']) for x in ('charge', 'runtime'))
                    # They poll each two seconds, which is two of the charge with each change at most.
                    self.assertAlmostEqual(charge, expected, delta=3.1, msg=f'{driver.program} {load}')
                    left = 200 / max((load / 100) ** math.log2(3), 0.5) * charge / 100
                    self.assertAlmostEqual(runtime, left, delta=3)

    def run_bestups_on(self, unit, *options, stock=False):
        program = '/lib/nut/bestups' if stock else self.driver.with_name('bestups')
        return oracle.Driver(program, unit, 'battery', ['ID=FOR,750,120,120,20.0,27.6', *options],
                             None if stock else self.ours)

    def test_options_of_bestups(self):
        """The old options give the charge that they gave."""
        unit = Unit()
        unit.voltage = 26.4
        cases = {(): ('84', '26.4'), ('nombattvolt=26.0',): ('100', '26.4'),
                 ('battvoltmult=2',): ('84', '52.8'),
                 ('battvoltmult=2', 'nombattvolt=26.8'): ('94', '52.8'),
                 ('nombattvolt=zwei',): ('84', '26.4')}
        for options, expected in cases.items():
            for stock in (True, False):
                if stock and 'nombattvolt=zwei' in options:
                    continue  # it takes that for 0
                with self.subTest(options, stock=stock), \
                        self.run_bestups_on(unit, *options, stock=stock) as driver:
                    values = self.values(driver)
                    self.assertEqual((f"{float(values['battery.charge']):.0f}",
                                      f"{float(values['battery.voltage']):.1f}"), expected)
                    if stock:
                        continue
                    parts = 2 if 'battvoltmult=2' in options else 1
                    high = {'nombattvolt=26.8': 26.8, 'nombattvolt=26.0': 26}.get(
                        (*options, '')[parts - 1], 27.6)
                    self.assertEqual(float(values['battery.voltage.low']), parts * 20)
                    self.assertEqual(float(values['battery.voltage.high']), parts * high)
                    self.assertEqual('nombattvolt=zwei is left out' in driver.log(),
                                     'nombattvolt=zwei' in options)

    def test_says_what_has_no_effect(self):
        for options, text in {('override.battery.packs=0',): 'battery.packs of the configuration is left',
                              ('chargetime=5',): 'no effect without runtimecal',
                              ('default.battery.voltage.high=20', 'default.battery.voltage.low=27'):
                              'less than battery.voltage.high'}.items():
            with self.subTest(options), self.run_driver_on(Unit(), *options) as driver:
                driver_testlib.wait_for(lambda driver=driver, text=text: text in driver.log(), text)
                time.sleep(3)
                self.assertEqual(driver.log().count(text), 1)

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
            # Either it is a new battery, and much worse, or this is a mistake: both are kept.
            time.sleep(20)
            unit.low = True
            driver_testlib.wait_for(
                lambda: len(re.findall('^discharge', saved.read_text('utf-8'), re.M)) == 2, 'the end', 60)
            self.assertIn(str(now - 9999999), saved.read_text('utf-8'))
            driver_testlib.wait_for(lambda: LEARNED + 'runtime' not in self.values(driver), 'no runtime')
            self.assertEqual(self.values(driver)[LEARNED + 'discharges'], '2')

    def test_damaged(self):
        driver = self.run_driver_on(Unit())
        Path(driver.directory.name, 'battery.saved').write_text(
            with_check(SAVED.format(now=int(time.time()), before=1)).replace('180', '181'), encoding='utf-8')
        with driver:
            self.assertNotIn(LEARNED + 'runtime', self.values(driver))
            self.assertIn('cannot be read', driver.log())


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
