# SPDX-License-Identifier: LGPL-2.1-or-later

"""Where our nutdrv_qx differs from the stock one, and why.

Unit and what it is about (both with * and ?): a variable, "COMMAND", or "VARIABLE = VALUE" that is written;
a function of what stock and ours show or send that says whether this is that difference (or None for any);
and the reason.
"""


DIFFERENCES = [
    ('bestups', 'output.voltage.nominal', lambda stock, ours: (stock, ours) == ('240', '230'),
     'the setting of the unit counts, as it does for the input, and as in newer stock drivers'),
    ('*ablerex', 'battery.charge', None,
     'newer stock drivers have another curve; it is worked out as for all others, and said to be a guess'),
    ('ablerex', 'battery.voltage', lambda stock, ours: abs(float(stock) * 12 - float(ours)) < 0.01,
     'that of the battery, not of a cell, as in newer stock drivers'),
    ('ablerex', 'battery.runtime', lambda stock, ours: (stock, ours) == ('3328', '3338'),
     'the lowest byte counts as well, as in newer stock drivers'),
    ('hunnox', 'battery.charge', lambda stock, ours: (stock, ours) == ('100', '87'),
     'the unit says it, and newer stock drivers ask for it'),
    ('voltronic-qs', 'battery.charge', lambda stock, ours: (stock, ours) == ('100', '99'), 'the same'),
    ('*voltronic-qs-hex', '*put.voltage', lambda stock, ours: abs(float(stock) - float(ours)) < 0.11,
     'rounded, not cut off'),
]
