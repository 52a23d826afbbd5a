# SPDX-License-Identifier: LGPL-2.1-or-later

"""Devices that answer everything: the descriptor of a real one, and feature reports made up by a seed."""

import csv
import random
import shutil
from pathlib import Path

# Reports are not numbered in some; the id byte is then 0.
REPORT_BITS_MAX = 4096 * 8


def read_fields(folder):
    with open(Path(folder) / 'fields.tsv', encoding='ascii') as f:
        return [row for row in csv.DictReader(f, delimiter='\t') if row['kind'] == 'Feature']


# What is yes or no; some declare a byte for it.
TRUTHS = ('ACPresent', 'BelowRemainingCapacityLimit', 'Charging', 'Discharging', 'NeedReplacement',
          'Overload', 'ShutdownImminent', 'Used')


def made_up_truth(field, seed):
    """The same for one name all over the device: where it says one thing here and another there, drivers
    differ in whom they believe."""
    name = field['path'].rsplit('.', 1)[-1]
    return random.Random(f'{name} {seed}').randint(0, 1)


def made_up_value(field, seed, rng):
    """A raw value within the logical range, small where that is wide, as readings are."""
    low, high = int(field['logmin']), int(field['logmax'])
    bits = int(field['size'])
    if high < low:
        high += 1 << bits
    low, high = max(low, 0), min(high, (1 << bits) - 1)
    name = field['path'].rsplit('.', 1)[-1]
    if name in TRUTHS or '.PresentStatus.' in field['path']:
        return made_up_truth(field, seed)
    if name.startswith('i') and name[1:2].isupper():
        return rng.randint(1, 3)
    value = rng.randint(low, max(low, high))
    if high - low > 1000:
        value = rng.choice((value, low + rng.randint(0, 1000)))
    return value


def put_bits(report, offset, size, value):
    for i in range(size):
        byte, bit = divmod(offset + i, 8)
        if value >> i & 1:
            report[byte] |= 1 << bit


def feature_reports(folder, seed):
    """{report id: bytes with the id in front} with every field of the descriptor filled."""
    rng = random.Random(f'{Path(folder).name} {seed}')
    fields = read_fields(folder)
    reports = {}
    for field in fields:
        number = int(field['report_id'], 16)
        end = int(field['offset']) + int(field['size'])
        if end > REPORT_BITS_MAX:
            continue
        report = reports.setdefault(number, bytearray())
        if len(report) * 8 < end:
            report.extend(bytes((end + 7) // 8 - len(report)))
        put_bits(report, int(field['offset']), int(field['size']), made_up_value(field, seed, rng))
    return {number: bytes([number]) + bytes(report) for number, report in reports.items()}


def make_folder(source, target, seed):
    """A folder like that of a real device."""
    target = Path(target)
    target.mkdir()
    shutil.copy(Path(source) / 'report_descriptor.bin', target)
    shutil.copy(Path(source) / 'fields.tsv', target)
    lines = [report.hex(' ') for _, report in sorted(feature_reports(source, seed).items())]
    (target / 'feature_reports.hex').write_text('\n'.join(lines) + '\n', encoding='ascii')
    return target
