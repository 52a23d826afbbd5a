#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the stock driver makes of a device: a folder with report_descriptor.bin and feature_reports.hex.

    oracle.py [--library FILE] [--driver FILE] [--id VID:PID] [-x OPTION]... FOLDER
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

STOCK_DRIVER = '/lib/nut/usbhid-ups'
# Vendor, product, serial: what the device answers for strings 1, 2 and 3.
STRINGS = ('Maker', 'Product', 'SER123')

# Of the program, not of the device.
OWN = re.compile(r'driver\.(?!state)|device\.type$')


def folder_id(folder):
    """(vendor id, product id) from the name of a folder of real device data."""
    vendor, product = Path(folder).name.split('-')[:2]
    return int(vendor, 16), int(product, 16)


def parse_dump(text):
    """The variables of a driver's -d 1."""
    return dict(re.findall(r'^([a-z]+\.[\w.]+): (.*)$', text, re.M))


def stock_dump(library, folder, ids=None, strings=STRINGS, driver=STOCK_DRIVER, options=(), log=None):
    """Runs the stock driver on the folder: its variables, or None when it does not take the device."""
    vendor, product = ids or folder_id(folder)
    with tempfile.TemporaryDirectory() as state:
        (Path(state) / 'ups.conf').write_text('')
        environment = os.environ | {
            'LD_PRELOAD': str(library),
            'FAKE_USB_FOLDER': str(folder),
            'FAKE_USB_ID': f'{vendor:04x}:{product:04x}',
            'FAKE_USB_STRINGS': '|'.join(strings),
            'NUT_CONFPATH': state,
            'NUT_STATEPATH': state,
        }
        if log:
            environment['FAKE_USB_LOG'] = str(log)
        extra = [word for option in options for word in ('-x', option)]
        done = subprocess.run([driver, '-s', 't', '-x', 'port=auto', *extra, '-u', 'root', '-d', '1'],
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    variables = parse_dump(done.stdout.decode(errors='replace'))
    return variables if done.returncode == 0 and 'ups.status' in variables else None


def of_device(variables):
    """Without what the program says of itself."""
    return {name: value for name, value in variables.items() if not OWN.match(name)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('--library', default='fake-libusb.so')
    parser.add_argument('--driver', default=STOCK_DRIVER)
    parser.add_argument('--id', type=lambda s: tuple(int(x, 16) for x in s.split(':')))
    parser.add_argument('-x', dest='options', action='append', default=[])
    parser.add_argument('folder')
    args = parser.parse_args()
    variables = stock_dump(args.library, args.folder, args.id, driver=args.driver, options=args.options)
    if variables is None:
        sys.exit('the stock driver does not take this device')
    for name, value in sorted(of_device(variables).items()):
        print(f'{name}: {value}')


if __name__ == '__main__':
    main()
