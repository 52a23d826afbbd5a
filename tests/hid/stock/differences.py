# SPDX-License-Identifier: LGPL-2.1-or-later

"""Where our usbhid-ups shows something else than the stock one, and why.

Device and variable (both with * and ?), a function of both values that says whether this is that difference
(or None for any), and the reason.
"""

EXPONENT = 'tenths that the exponent does not tell'


def is_left_out(_, ours):
    return ours is None


def is_tenth(stock, ours):
    return abs(float(stock) / 10 - float(ours)) < 1


def is_rounded(stock, ours):
    return ours is not None and abs(float(stock) - float(ours)) <= 0.55


def differs_by(*tokens):
    """Status lists that are the same but for these tokens."""
    return lambda stock, ours: set((stock or '').split()) ^ set((ours or '').split()) <= set(tokens)


DIFFERENCES = [
    ('*', '*', lambda stock, ours: stock == '' and ours is None,
     'a string that the device does not have is no value'),
    ('*', 'battery.capacity', is_left_out, 'in percent, where the variable is in ampere hours'),
    ('2e51-*', 'battery.type', is_left_out, 'the number of a string, not the string'),
    ('2e51-*', 'experimental.*', is_left_out, 'in the status and among the alarms'),
    ('2e51-*', '*put.*', is_rounded, 'with one decimal'),
    ('2e51-*', 'battery.voltage', is_rounded, 'with one decimal'),
    ('2e51-*', 'outlet.?.status', lambda stock, ours: (stock, ours) in (('1', 'on'), ('0', 'off')),
     'in the words that all devices use'),
    ('050d-*', 'ups.status', differs_by('CHRG'), 'it says that it charges'),

    ('0764-*', 'ups.delay.*', lambda stock, ours: (stock, ours) in (('20', '60'), ('30', '120')),
     'these count delays in minutes, so that the defaults are whole ones'),
    ('0764-*', 'battery.mfr.date', lambda stock, ours: not stock[:1].isdigit() and ours is None,
     'a text that is no date'),
    ('0764-*', 'battery.voltage', is_left_out, 'far from the nominal voltage'),
    ('0764-0601-*', 'battery.voltage*', lambda stock, ours: ours is None or is_tenth(stock, ours), EXPONENT),
    ('0764-*', '*.frequency', lambda stock, ours: ours is None or is_tenth(stock, ours), EXPONENT),
    ('0764-0601-*', 'output.voltage', None, 'the stock driver cuts off what is above the wrong range'),
    ('0d9f-*', 'battery.date', is_left_out, 'it is when the battery was made: battery.mfr.date'),
    ('0d9f-*', 'ups.timer.shutdown', None, 'minutes are in the higher byte, as newer stock drivers know'),
    ('1cb0-0032-*', '*put.voltage', None, 'tenths of a volt; the stock driver takes the lower byte'),
    ('1cb0-0032-*', 'input.transfer.high', None, 'in volts or in tens of them'),
    ('1cb0-0032-*', 'ups.realpower.nominal', is_left_out, 'it is in VA: ups.power.nominal'),
    ('1cb0-0032-*', 'ups.status', None, 'the stock driver looks at half of the bits only'),
    ('1cb0-0038-*', '*put.voltage', None, 'with one decimal, and nothing cut off'),
    ('1cb0-0038-*', 'output.frequency', lambda stock, ours: abs(float(stock) - float(ours)) <= 0.5,
     'with one decimal'),
    ('1cb0-0038-*', 'battery.voltage*', is_left_out, 'no voltage of such a battery'),
    ('*', 'ups.status', lambda stock, ours: stock == 'OB' and not ours, 'nothing is known about the mains'),
    ('0463-*', 'ups.status', differs_by('CHRG', 'DISCHRG', 'RB'),
     'without ABM the plain bits count, and no battery is one to be replaced, as in newer stock drivers'),
    ('04b3-*', 'ups.status', differs_by('CHRG', 'DISCHRG', 'RB'), 'the same'),
    ('*', 'ups.status', differs_by('RB'), 'no battery is one to be replaced, as in newer stock drivers'),
]
