#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A UPS that speaks SHUT, on a pseudo terminal.

    shutsim.py FOLDER|RECORDING      prints the terminal's name and plays the device until killed

As a module: Simulator plays a Device of recording.py, with faults:

    with Simulator(device, every={'damage': 5}) as sim:
        open(sim.path) ...

Faults, each at every n-th opportunity: 'damage' (a wrong checksum), 'noise' (bytes before a frame),
'truncate' (the end of a frame is missing), 'lose' (no frame at all), 'nak' (a request is not understood),
'lose-ack'. With hang = True it says nothing at all; echoes limits the sync bytes that it answers to.
"""

import argparse
import os
import pty
import select
import sys
import threading
import tty
from functools import reduce
from operator import xor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import recording  # noqa: E402

ACK, NAK = 0x06, 0x15
SYNCS = (0x16, 0x17, 0x18)
RESPONSE, NOTIFY, LAST = 0x04, 0x05, 0x80


def checksum(data):
    return reduce(xor, data, 0)


def frames(kind, data):
    """The frames that carry some bytes; at least one, if an empty one."""
    pieces = [data[i:i + 8] for i in range(0, len(data), 8)] or [b'']
    return [bytes([kind | (LAST if i == len(pieces) - 1 else 0), len(piece) * 17]) + piece
            + bytes([checksum(piece)]) for i, piece in enumerate(pieces)]


class Simulator:
    def __init__(self, device, every=None, echoes=SYNCS, release=0x0100):
        self.device, self.every, self.echoes = device, every or {}, echoes
        self.counts = dict.fromkeys(self.every, 0)
        self.strings = dict(device.strings)
        self.identity = [self.add_string(text) for text in (device.vendor, device.name, device.serial)]
        self.release = release
        self.hang = False
        self.hang_on = None     # the number of a report: hangs when it is asked for
        self.written = []       # reports that were set
        self.level = None       # the sync byte that was last answered
        self.outgoing = []      # frames that are not acknowledged yet
        self.incoming = b''     # a report that is being set
        self.setting = 0
        self.buffer = b''
        self.lock = threading.RLock()
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self.wake_read, self.wake_write = os.pipe()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def add_string(self, text):
        """The number of a string; 0 for none."""
        if not text:
            return 0
        known = [index for index, string in self.strings.items() if string == text]
        index = known[0] if known else next(i for i in range(200, 255) if i not in self.strings)
        self.strings[index] = text
        return index

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.unplug()

    def unplug(self):
        """Hangs up. May be called again."""
        if self.thread.is_alive():
            os.write(self.wake_write, b'x')
            self.thread.join()
        for name in ('master', 'slave', 'wake_read', 'wake_write'):
            if getattr(self, name) is not None:
                os.close(getattr(self, name))
                setattr(self, name, None)

    def run(self):
        while True:
            ready, _, _ = select.select([self.master, self.wake_read], [], [])
            if self.wake_read in ready:
                return
            data = os.read(self.master, 4096)
            with self.lock:
                if not self.hang:
                    self.buffer += data
                    self.consume()

    def fault(self, kind):
        """Whether it is time for one."""
        if kind not in self.every:
            return False
        self.counts[kind] += 1
        return self.counts[kind] % self.every[kind] == 0

    def send_frame(self):
        frame = self.outgoing[0]
        if self.fault('noise'):
            os.write(self.master, b'\x00\x84\x2f\xff')
        if self.fault('damage'):
            frame = frame[:-1] + bytes([frame[-1] ^ 0x55])
        if self.fault('truncate'):
            frame = frame[:len(frame) // 2]
        if not self.fault('lose'):
            os.write(self.master, frame)

    def notify(self, report):
        """Sends a report unasked, if the level is one at which that is done."""
        with self.lock:
            if self.level in (0x16, 0x17) and not self.hang:
                idle = not self.outgoing
                self.outgoing += frames(NOTIFY, report)
                if idle:
                    self.send_frame()

    def consume(self):
        while self.buffer:
            first = self.buffer[0]
            if first in SYNCS:
                self.buffer, self.outgoing, self.setting = self.buffer[1:], [], 0
                if first in self.echoes:
                    self.level = first
                    os.write(self.master, bytes([first]))
            elif first in (ACK, NAK):
                self.buffer = self.buffer[1:]
                if self.outgoing and first == ACK:
                    self.outgoing.pop(0)
                if self.outgoing:
                    self.send_frame()
            elif first & 0x7f == 0x01:
                if len(self.buffer) < 2 or len(self.buffer) < (self.buffer[1] & 15) + 3:
                    return
                size = (self.buffer[1] & 15) + 3
                frame, self.buffer = self.buffer[:size], self.buffer[size:]
                self.request(frame)
            else:
                self.buffer = self.buffer[1:]

    def request(self, frame):
        payload = frame[2:-1]
        if payload[0] == 0xa1 and payload[2] == self.hang_on:
            self.hang = True
            return
        if self.fault('nak') or checksum(payload) != frame[-1]:
            os.write(self.master, bytes([NAK]))
            return
        if self.setting == 0 and payload[0] & 0x80:
            answer = self.answer(payload)
            if answer is None:
                os.write(self.master, bytes([NAK]))
                return
            self.acknowledge()
            self.outgoing = frames(RESPONSE, answer[:int.from_bytes(payload[6:8], 'little')])
            self.send_frame()
            return

        self.acknowledge()
        if self.setting == 0:
            self.setting, self.incoming = int.from_bytes(payload[6:8], 'little'), b''
            return
        self.incoming += payload
        if frame[0] & LAST:
            self.setting = 0
            self.written.append(self.incoming)
            self.device.features[self.incoming[0]] = self.incoming

    def acknowledge(self):
        if not self.fault('lose-ack'):
            os.write(self.master, bytes([ACK]))

    def answer(self, setup):
        """What a request gets: bytes, or None when it is refused."""
        index, kind = setup[2], setup[3]
        if setup[0] == 0xa1 and setup[1] == 0x01:
            report = self.device.features.get(index) if kind == 3 else None
            return report if isinstance(report, bytes) else None
        if setup[1] != 0x06:
            return None
        if kind == 0x01:
            return (bytes([18, 1, 0x10, 0x01, 0, 0, 0, 8]) + self.device.vendor_id.to_bytes(2, 'little')
                    + self.device.product_id.to_bytes(2, 'little') + self.release.to_bytes(2, 'little')
                    + bytes(self.identity) + bytes([1]))
        if kind == 0x03 and index in self.strings:
            text = self.strings[index].encode('utf-16-le')
            return bytes([len(text) + 2, 3]) + text
        if kind == 0x21:
            size = len(self.device.descriptor).to_bytes(2, 'little')
            return bytes([9, 0x21, 0x10, 0x01, 0x21, 1, 0x22]) + size
        return self.device.descriptor if kind == 0x22 else None


def main():
    parser = argparse.ArgumentParser(description='Plays a device over SHUT on a pseudo terminal.')
    parser.add_argument('device', type=Path)
    with Simulator(recording.load(parser.parse_args().device)) as simulator:
        print(simulator.path, flush=True)
        simulator.thread.join()


if __name__ == '__main__':
    main()
