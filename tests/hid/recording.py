#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Makes a recording (docs/RECORDINGS.md) from a folder with the data of a real device.

    recording.py FOLDER > FILE

The folder is named VENDOR-PRODUCT-name, in hexadecimal, and holds report_descriptor.bin and, where known,
feature_reports.hex (what the device answered), missing_feature_ids.txt (what it refuses) and sequence.hex
(later reports). As a module: load() gives a Device of a folder or a recording; its text() is a recording.
"""

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

MAGIC = 'busbar-recording 1 hid'
STALL = 'stall'
KINDS = {'input': 0x80, 'output': 0x90, 'feature': 0xb0}   # main items of a descriptor


@dataclass
class Device:
    """What is known of a device: enough for a simulator of any kind."""
    vendor_id: int
    product_id: int
    name: str
    descriptor: bytes
    features: dict = field(default_factory=dict)   # id: bytes with the id, or STALL
    sequence: list = field(default_factory=list)   # later reports, in order
    strings: dict = field(default_factory=dict)    # index: text
    vendor: str = None
    serial: str = None

    def reports(self, kind):
        """The ids of the reports of a kind (KINDS) that the descriptor declares."""
        return report_ids(self.descriptor, KINDS[kind])

    def later_lines(self, first=1.0, step=1.0):
        """Lines for the later reports, one each step: input where the device has such, else answers."""
        inputs = self.reports('input')
        return [f'+{first + i * step:.3f} ' + (f'input {hexadecimal(report)}' if report[0] in inputs
                                               else get_line(report[0], report))
                for i, report in enumerate(self.sequence)]

    def text(self, events=()):
        """The recording. events are more lines for its end."""
        lines = [MAGIC, f'vendor-id {self.vendor_id:04x}', f'product-id {self.product_id:04x}']
        lines += [f'{key} {quote(value)}' for key, value in
                  (('vendor', self.vendor), ('product', self.name), ('serial', self.serial)) if value]
        lines += ['descriptor ' + hexadecimal(self.descriptor[i:i + 24])
                  for i in range(0, len(self.descriptor), 24)]
        lines += [f'string {index} {quote(text)}' for index, text in sorted(self.strings.items())]
        lines += [get_line(report_id, answer) for report_id, answer in sorted(self.features.items())]
        return '\n'.join(lines + list(events)) + '\n'


def hexadecimal(data):
    return ' '.join(f'{byte:02x}' for byte in data)


def quote(text):
    def escape(match):
        c = match.group()
        return '\\' + c if c in '"\\' else f'\\x{ord(c):02x}'
    return '"' + re.sub(r'["\\\x01-\x1f\x7f]', escape, text) + '"'


def get_line(report_id, answer, kind='feature'):
    """The line of a request and its answer: bytes with the id in front, or how it failed."""
    return f'get {kind} {report_id:02x} -> {answer if isinstance(answer, str) else hexadecimal(answer)}'


def report_ids(descriptor, main_item):
    """The report ids under which main items of one kind stand in a descriptor."""
    ids, report_id, i = set(), 0, 0
    while i < len(descriptor):
        prefix, size = descriptor[i], (0, 1, 2, 4)[descriptor[i] & 3]
        if prefix & 0xfc == 0x84:
            report_id = int.from_bytes(descriptor[i + 1:i + 1 + size], 'little')
        elif prefix & 0xfc == main_item:
            ids.add(report_id)
        i += 1 + size
    return ids


def hex_lines(path):
    """The lines of bytes in a file, without its comments; none if there is no file."""
    if not path.exists():
        return []
    lines = (line.partition('#')[0] for line in path.read_text().splitlines())
    return [bytes.fromhex(line) for line in lines if line.strip()]


def folder_load(folder):
    """Reads a folder of device data."""
    folder = Path(folder)
    match = re.fullmatch(r'([0-9a-f]{4})-([0-9a-f]{4})-(.+)', folder.resolve().name)
    if not match:
        raise ValueError(f'{folder}: the name does not begin with vendor and product id')

    device = Device(int(match[1], 16), int(match[2], 16), match[3].replace('-', ' '),
                    (folder / 'report_descriptor.bin').read_bytes())
    for missing in hex_lines(folder / 'missing_feature_ids.txt'):
        device.features.update({report_id: STALL for report_id in missing})
    for report in hex_lines(folder / 'feature_reports.hex'):
        device.features[report[0]] = report
    device.sequence = hex_lines(folder / 'sequence.hex')
    return device


def unquote(text):
    """The text between the quotation marks."""
    body = re.match(r'"((?:[^"\\]|\\.)*)"', text)[1]
    return re.sub(r'\\(x[0-9a-f]{2}|.)', lambda m: chr(int(m[1][1:], 16)) if len(m[1]) > 1 else m[1], body)


def recording_load(path):
    """Reads a recording: who the device is, its strings, and its first answers."""
    device = Device(0, 0, '', b'')
    for line in Path(path).read_text(encoding='utf-8').splitlines()[1:]:
        key, _, rest = re.sub(r'^\+\S+ +', '', line).partition(' ')
        if key in ('vendor-id', 'product-id'):
            setattr(device, key.replace('-', '_'), int(rest.split()[0], 16))
        elif key in ('vendor', 'serial', 'product'):
            setattr(device, 'name' if key == 'product' else key, unquote(rest))
        elif key == 'descriptor':
            device.descriptor += bytes.fromhex(rest.partition('#')[0])
        elif key == 'string' and '"' in rest:
            index, _, text = rest.partition(' ')
            device.strings[int(index)] = unquote(text)
        elif key == 'get' and rest.startswith('feature '):
            question, _, answer = rest.partition('#')[0].partition('->')
            report_id = int(question.split()[1], 16)
            answer = bytes.fromhex(answer) if re.fullmatch(r'[0-9a-f ]+', answer) else answer.strip()
            device.features.setdefault(report_id, answer)
    return device


def load(path):
    """Reads a folder or a recording."""
    return folder_load(path) if Path(path).is_dir() else recording_load(path)


def folder_to_recording(folder):
    """The text of a recording in which the later reports come one each second."""
    device = folder_load(folder)
    return device.text(device.later_lines())


def main():
    parser = argparse.ArgumentParser(description='Makes a recording from the data of a device.')
    parser.add_argument('folder', type=Path)
    sys.stdout.write(folder_to_recording(parser.parse_args().folder))


if __name__ == '__main__':
    main()
