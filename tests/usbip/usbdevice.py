# SPDX-License-Identifier: LGPL-2.1-or-later
"""A USB device with one HID interface, seen from the wire: descriptors, control requests, reports."""

import collections
import struct
import threading

EPIPE = 32
FEATURE, INPUT, OUTPUT = 3, 1, 2
KINDS = {FEATURE: "feature", INPUT: "input", OUTPUT: "output"}
LOW_SPEED, FULL_SPEED = 1, 2

DESCRIPTOR_DEVICE, DESCRIPTOR_CONFIG, DESCRIPTOR_STRING = 1, 2, 3
DESCRIPTOR_HID, DESCRIPTOR_REPORT = 0x21, 0x22


class Stall(Exception):
    """The device does not know such a request."""


class NoAnswer(Exception):
    """The device does not react at all."""


class UsbDevice:
    """To be derived from: get() and set() are its reports.

    strings are texts by index; manufacturer, product and serial the indexes in the device descriptor, 0 for
    none."""

    def __init__(self, vendor_id, product_id, descriptor, *, strings=None, manufacturer=1, product=2,
                 serial=3, release=0x0100, low_speed=False):
        self.vendor_id, self.product_id, self.release = vendor_id, product_id, release
        self.descriptor = bytes(descriptor)
        self.strings = dict(strings or {})
        self.indexes = [index if index in self.strings else 0 for index in (manufacturer, product, serial)]
        self.speed = LOW_SPEED if low_speed else FULL_SPEED
        self.lock = threading.RLock()
        self.reports = collections.deque()   # sent by itself, that nobody took yet
        self.on_report = None                # of the connection
        self.writes = []                     # (kind, bytes) of each SET_REPORT that was taken
        self.requests = 0                    # control requests so far
        self.faults = Faults()

    # What a kind of device does

    def get(self, kind, number):
        """The report with this id, which is its first byte if it has one, or Stall."""
        raise Stall

    def set(self, kind, data):
        """A report that was written, or Stall."""
        raise Stall

    def output(self, endpoint, data):
        """What was sent to an endpoint, or Stall."""
        del endpoint, data
        raise Stall

    def input_wanted(self):
        """Somebody waits for a report."""

    def command(self, words):
        """A line of the control channel; the answer, or None if it is none of ours."""
        del words
        return None

    def connected(self):
        """The host has taken it: nothing of the past is left."""
        with self.lock:
            self.reports.clear()

    def close(self):
        """Ends what runs for it."""

    # Reports that it sends

    def send(self, report):
        with self.lock:
            self.reports.append(bytes(report))
            wake = self.on_report
        if wake:
            wake()

    def take_report(self):
        with self.lock:
            if self.faults.hang or not self.reports:
                return None
            return self.reports.popleft()

    # Control requests: answer() is called by the server

    def answer(self, setup, data):
        """The bytes that answer a request. Raises Stall or NoAnswer."""
        with self.lock:
            self.requests += 1
            request_type, request, value, index, length = struct.unpack("<BBHHH", setup)
            if self.faults.hang:
                raise NoAnswer
            if request_type & 0x60 == 0x20:
                return self._answer_class(request, value, data)[:length]
            return self._answer_standard(request_type, request, value, index)[:length]

    def _answer_class(self, request, value, data):
        kind, number = value >> 8, value & 0xff
        if request == 0x01:
            return self.faults.distort(self.get(kind, number))
        if request == 0x09:
            if not data or kind not in KINDS:
                raise Stall
            self.set(kind, bytes(data))
            self.writes.append((kind, bytes(data)))
            return b""
        if request == 0x0a:   # SET_IDLE
            return b""
        raise Stall

    def _answer_standard(self, request_type, request, value, index):
        if request == 0x06:
            return self._get_descriptor(value >> 8, value & 0xff, index)
        if request == 0x00:
            return b"\1\0" if request_type & 0x1f == 0 else b"\0\0"
        if request in (0x01, 0x03, 0x09, 0x0b):   # features, configuration, interface
            return b""
        if request == 0x08:
            return b"\1"
        if request == 0x0a:
            return b"\0"
        raise Stall

    def _get_descriptor(self, kind, number, index):
        if kind == DESCRIPTOR_DEVICE:
            return self.device_descriptor()
        if kind == DESCRIPTOR_CONFIG and number == 0:
            return self.config_descriptor()
        if kind == DESCRIPTOR_HID and index == 0:
            return self._hid_descriptor()
        if kind == DESCRIPTOR_REPORT and index == 0:
            return self.descriptor
        if kind == DESCRIPTOR_STRING:
            if number == 0:
                return struct.pack("<BBH", 4, DESCRIPTOR_STRING, 0x0409)
            if number in self.strings:
                text = self.strings[number].encode("utf-16-le")[:252]
                return struct.pack("<BB", len(text) + 2, DESCRIPTOR_STRING) + text
        raise Stall

    def device_descriptor(self):
        return struct.pack("<BBHBBBBHHHBBBB", 18, DESCRIPTOR_DEVICE, 0x0110, 0, 0, 0, 8, self.vendor_id,
                           self.product_id, self.release, *self.indexes, 1)

    def config_descriptor(self):
        rest = (struct.pack("<BBBBBBBBB", 9, 4, 0, 0, 1, 3, 0, 0, 0) + self._hid_descriptor() +
                struct.pack("<BBBBHB", 7, 5, 0x81, 3, 8, 10))
        return struct.pack("<BBHBBBBB", 9, DESCRIPTOR_CONFIG, 9 + len(rest), 1, 1, 0, 0xa0, 10) + rest

    def _hid_descriptor(self):
        return struct.pack("<BBHBBBH", 9, DESCRIPTOR_HID, 0x0110, 0, 1, DESCRIPTOR_REPORT,
                           len(self.descriptor))


class Faults:
    """What is wrong with a device, for a while."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.hang = False        # answers nothing
        self.delay = 0.0         # seconds before each answer
        self.garbage = False     # reports of the right length with other bytes
        self.short = False       # reports without their last byte
        self.drop_after = None   # the connection ends in the middle of the nth answer from now

    def distort(self, report):
        if self.garbage:
            report = report[:1] + bytes((byte * 7 + 0xa5) & 0xff for byte in report[1:])
        return report[:-1] if self.short else report

    def command(self, words):
        """A line of the control channel; the answer, or None."""
        name, *more = words
        if name in ("hang", "garbage", "short"):
            setattr(self, name, not more or more[0] != "off")
        elif name == "delay" and len(more) == 1:
            self.delay = float(more[0])
        elif name == "drop" and len(more) <= 1:
            self.drop_after = int(more[0]) if more else 1
        elif name == "recover" and not more:
            self.clear()
        else:
            return None
        return "ok"
