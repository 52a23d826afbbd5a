# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where our snmp-ups differs from the stock one, and why.

Agent and what it is about (both with * and ?): a variable, a command, "rw:VARIABLE", or "mibs=NAME" where it
is not found by that; a function of what stock and ours show that says whether this is that difference (None:
any); and the reason. What is said of all agents stands first.
"""

# What a status of ours may have besides the words of the stock driver.
MORE = {'ALARM', 'CHRG', 'DISCHRG', 'RB'}
POWER = {'OL', 'OB', 'OFF'}

# No text that is cut off is shorter.
CUT = 100

NO_OBJECT = 'the agent does not have what this sets: the stock driver offers it all the same'


def missing(stock, ours):
    return ours is None


def is_empty(stock, ours):
    return stock.strip() == '' and ours is None


def is_nothing(stock, ours):
    """A 0 that means that the agent does not know."""
    return ours is None and float(stock) == 0


def is_cut(stock, ours):
    return ours is not None and len(stock) >= CUT and ours.startswith(stock)


def is_more_exact(stock, ours):
    """Cut off to a whole number there."""
    return ours is not None and '.' not in stock and '.' in ours and int(float(ours)) == int(stock)


def has_more_words(stock, ours):
    stock, ours = set(stock.split()), set((ours or '').split())
    return stock <= ours and ours - stock <= (MORE if stock & POWER else MORE | POWER)


def is_times(factor):
    return lambda stock, ours: (ours is not None and abs(float(stock) - float(ours) * factor)
                                <= max(0.011, 0.0051 * factor))


def is_near(stock, ours):
    """Two objects of one device that are not measured at the same moment."""
    return ours is not None and abs(float(stock) - float(ours)) < 0.11


def becomes(value):
    return lambda stock, ours: ours == value


DIFFERENCES = [
    ('*', 'device.uptime', lambda stock, ours: ours is not None, 'it runs on'),
    ('*', '*', is_empty, 'nothing is known: such a variable is not there'),
    ('*', 'device.description', is_cut, 'the stock driver cuts long texts off'),
    ('*', 'ups.status', has_more_words, 'what else the agent says, and OL where stock has none of mains'),
    ('*', 'battery.runtime', is_nothing, 'no time left is believed on battery only'),
    ('*', '*.frequency', is_nothing, '0 Hz while the output is on'),
    ('*', '*.nominal', is_nothing, 'a rating that the agent does not know'),
    ('*', 'input.transfer.*', is_nothing, 'a limit that the agent does not know'),
    ('*', '*.current', is_more_exact, 'a column with tenths'),
    ('*', 'ambient.*temperature', is_more_exact, 'the agent gives tenths'),
    ('*', 'ambient.*.temperature.unit', missing, 'temperatures are in degrees Celsius always'),
    ('*', 'rw:ups.timer.*', None, 'what cuts the load is a command, not a variable'),
    ('*', 'rw:*outlet.*.status', None, 'what switches an outlet is a command, not a variable'),
    ('*', 'rw:device.description', None, 'sysDescr cannot be set, by MIB-II'),
    ('*', 'rw:ambient.count', None, 'a number of sensors cannot be set'),
    ('*', 'rw:*outlet.desc', None, 'a constant of the driver'),

    # APC
    ('*/apc[_-]*', 'input.current', is_near, 'stock reads the older MIB of the same strip'),

    # Chains
    *[('*/chain', f'*device.1.{what}', missing, 'of the agent: at the root, where stock has it as well')
      for what in ('contact', 'description', 'location')],
    ('*/chain', 'device.model', missing, 'a text of the driver'),
    ('*/chain', 'device.?.outlet.current', is_times(10), 'ten times too high there'),
    ('*/chain', 'device.?.ups.alarm', becomes('L1: high current warning!'), 'said once'),

    # MGE, Eaton
    ('*/eaton-*', '*.mfr', becomes('EATON'), 'as the card spells it'),
    ('*/apc-mgeups_*', '*.mfr', becomes('MGE'), 'no Eaton'),
    ('*/eaton*', 'ambient.temperature', is_nothing, 'no probe is plugged in'),
    ('*/eaton*', 'ambient.humidity', is_nothing, 'no probe is plugged in'),
    ('*/apc-mgeups_*', '*.phases', becomes('3'), 'stock says 1 where there is no number'),
    ('*/eaton-mgeups_9px', '*.phases', missing, 'stock says 1 where there is neither number nor lines'),
    *[(agent, what, missing, NO_OBJECT)
      for agent in ('*/apc-mgeups_*', '*/eaton-9px-partial', '*/eaton-mgeups_5px', '*/eaton-mgeups_9px')
      for what in ('load.o*', 'shutdown.*', 'ups.delay.*', 'rw:ups.delay.*')],

    # Powerware
    *[(agent, what, missing, NO_OBJECT)
      for agent in ('*/eatonups_eaton-connectups', '*/eatonupsm2_9px')
      for what in ('load.o*', 'shutdown.*')],
    ('*/eatonups*', 'ups.power', missing, 'watts, which are ups.realpower'),
    ('*/eatonups_eaton-connectups', '*.serial', lambda stock, ours: ours == 'GG435A0270' and ours in stock,
     'the number alone, of a name that has more in it'),
    ('*/eatonupsm2_*', 'outlet.*.switchable', becomes('yes'), 'stock shows the number of the outlet'),

    # CyberPower
    ('*/cyberpower_*', 'battery.current', missing, 'stock reads the current of the output'),
    ('*/cyberpower_cp1000pfclcd', 'ups.delay.reboot', missing, NO_OBJECT),
    ('*/cyberpower_*', 'ups.delay.reboot', becomes('60'), 'for shutdown.reboot, which stock does not have'),

    # RFC 1628
    ('*/generex-ups_cs1?1', '*.phases', lambda stock, ours: stock == '1' and ours in ('3', None),
     'stock says 1 where the agent gives no number'),
    *[('*/generex-ups_cs1?1', what, missing, 'one of three lines, which are shown as such')
      for what in ('*put.current', '*put.realpower', 'input*.voltage', 'output.voltage', 'ups.load')],
    *[(agent, '*.phases', missing, 'stock says 1 where the agent gives neither number nor lines')
      for agent in ('*/poweralert_2', '*/powerwalker-vfi_500r1u', '*/snr-erd')],
    ('*/snr-erd', 'mibs=tripplite', None, 'no UPS: stock takes any agent at all for this'),
    ('*/istars', '*.mfr', becomes('Tripp Lite'), 'who says mibs=tripplite has said so'),
    ('*/snr-erd', 'device.type', becomes('meter'), 'no UPS'),
    *[(agent, 'beeper.*', missing, 'the agent says that it has none')
      for agent in ('*/eastpower-istars-swv053', '*/cetpower', '*/istars')],
    *[(agent, 'input.bypass.L?*', missing, 'the one line is input.bypass.voltage and so on')
      for agent in ('*/cetpower', 'walks/ups')],
    ('*/cetpower', 'input.realpower', becomes('3411'), 'from the MIB of the maker'),

    # Raritan, and Eaton with the MIB of Raritan
    ('*/raritan-pdu_px?', 'input.load', missing, 'a current, which is input.current'),
    ('*/raritan-pdu_px?', 'outlet.*.current', is_times(100), 'by the number of decimals'),
    ('*/raritan-pdu_px?', 'outlet.*.powerfactor', is_times(100), 'by the number of decimals'),
    ('*/raritan-pdu_px?', 'outlet.*.load.*', missing, NO_OBJECT),
    ('*/eatonpdu_dbq', 'outlet.0.id', missing, 'outlets are counted from 1'),
    ('*/eatonpdu_dbq', 'outlet.*.id', lambda stock, ours: int(ours) == int(stock) + 1,
     'outlets are counted from 1'),
]

# What has another name with ours: agent, expression, what makes our name, and the reason.
RENAMED = [
    # Of outlet 1 of px4: 0.123 A at 230 V with a power factor of 0.38 are 28 VA and 11 W.
    ('*/raritan-pdu_px?', r'(outlet\.\d+)\.(real)?power$',
     lambda match: match[1] + ('.power' if match[2] else '.realpower'),
     'stock has apparent and real power the wrong way round: by the MIB, sensors of type 5 are real power'),
    ('*/eatonpdu_dbq', r'outlet\.(-?\d+)\.', lambda match: f'outlet.{int(match[1]) + 1}.',
     'outlets are counted from 1'),
]
