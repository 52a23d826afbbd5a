#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Our usbhid-ups beside the stock one, on the same bytes.

    test-stock.py DRIVER LIBRARY PROFILES RECORDINGS [FOLDER]

RECORDINGS holds recordings. FOLDER holds folders of devices, each played once as it is and several times
with made-up answers, so that every field of every descriptor is read. What the stock driver shows, ours
shows with the same value, but for DIFFERENCES, each with its reason.
"""

import fnmatch
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / 'stock')]
# pylint: disable=wrong-import-position
import oracle  # noqa: E402
import recording  # noqa: E402
import synthetic  # noqa: E402
from differences import DIFFERENCES  # noqa: E402

SEEDS = range(1, 4)

# Of a device that mostly sends by itself, and here does not, the stock driver says something else from run
# to run, or nothing for a minute.
NOT_STEADY = ('arduino',)

DRIVER, LIBRARY, PROFILES, RECORDINGS = (Path(argument).resolve() for argument in sys.argv[1:5])
FOLDER = Path(sys.argv[5]) if len(sys.argv) > 5 else None


def folder_from_recording(file, directory):
    """A folder with the descriptor and the answers of a recording, named as such folders are."""
    text = file.read_text()
    ids = [re.search(rf'^{key}-id ([0-9a-f]{{4}})$', text, re.M)[1] for key in ('vendor', 'product')]
    folder = Path(directory) / '-'.join(ids + [file.stem])
    folder.mkdir()
    (folder / 'report_descriptor.bin').write_bytes(
        b''.join(bytes.fromhex(line) for line in re.findall(r'^descriptor ([0-9a-f ]+)$', text, re.M)))
    (folder / 'feature_reports.hex').write_text(
        '\n'.join(re.findall(r'^get feature [0-9a-f]{2} -> ([0-9a-f ]+)$', text, re.M)) + '\n')
    return folder


def devices():
    return [f for f in sorted(FOLDER.iterdir()) if (f / 'report_descriptor.bin').is_file()] if FOLDER else []


def our_dump(folder, ids, directory):
    """The variables that our driver shows for a folder, or None when it does not take the device."""
    file = Path(directory) / 'device.recording'
    device = recording.folder_load(folder)
    device.vendor_id, device.product_id = ids
    device.strings = dict(enumerate(oracle.STRINGS, 1))
    device.vendor, device.name, device.serial = oracle.STRINGS
    file.write_text(device.text(), encoding='utf-8')
    done = subprocess.run(
        [DRIVER, '-s', 't', '-x', f'port={file}', '-d', '1'],
        env=os.environ | {'BUSBAR_PROFILES': str(PROFILES), 'NUT_CONFPATH': str(directory)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if done.returncode < 0:
        raise AssertionError(f'the driver was killed by signal {-done.returncode}: {done.stderr.decode()}')
    return oracle.parse_dump(done.stdout.decode()) if done.returncode == 0 else None


def is_expected(name, variable, stock, ours):
    return any(fnmatch.fnmatchcase(name, device) and fnmatch.fnmatchcase(variable, pattern)
               and (wanted is None or wanted(stock, ours))
               for device, pattern, wanted, _ in DIFFERENCES)


def is_same(stock, ours):
    if stock == ours:
        return True
    try:
        return abs(float(stock) - float(ours)) < 1e-9
    except (TypeError, ValueError):
        return False


def status_tokens(status):
    """In one order, and without ALARM, which the stock driver leaves out of its first reading."""
    return ' '.join(sorted(set(status.split()) - {'ALARM'}))


def differences(name, stock, ours):
    found = []
    for variable, value in sorted(stock.items()):
        mine = ours.get(variable)
        if variable == 'ups.status' and mine is not None:
            value, mine = status_tokens(value), status_tokens(mine)
        if not is_same(value, mine) and not is_expected(name, variable, value, mine):
            found.append(f'{variable}: stock "{value}", ours {mine!r}')
    return found


class Stock(unittest.TestCase):
    def compare(self, folder, name, ids):
        with tempfile.TemporaryDirectory() as directory:
            stock = oracle.stock_dump(LIBRARY, folder, ids)
            ours = our_dump(folder, ids, directory)
        if stock is None:
            return None
        self.assertIsNotNone(ours, f'{name}: only the stock driver takes it')
        found = differences(name, oracle.of_device(stock), ours)
        self.assertEqual(found, [], f'{name}: ' + '; '.join(found))
        return len(stock)

    def test_recordings(self):
        compared = 0
        for file in sorted(RECORDINGS.glob('*.recording')):
            if file.stem in NOT_STEADY:
                continue
            with self.subTest(file.name), tempfile.TemporaryDirectory() as directory:
                folder = folder_from_recording(file, directory)
                compared += self.compare(folder, folder.name, oracle.folder_id(folder)) is not None
        self.assertGreater(compared, 8)

    def test_as_it_is(self):
        compared = 0
        for folder in devices():
            with self.subTest(folder.name):
                compared += self.compare(folder, folder.name, oracle.folder_id(folder)) is not None
        self.assertTrue(compared > 0 or not FOLDER)

    def test_every_field(self):
        compared = 0
        for folder in devices():
            for seed in SEEDS:
                with self.subTest(folder.name, seed=seed), tempfile.TemporaryDirectory() as directory:
                    made = synthetic.make_folder(folder, Path(directory) / folder.name, seed)
                    compared += self.compare(made, folder.name, oracle.folder_id(folder)) is not None
        self.assertTrue(compared > 0 or not FOLDER)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
