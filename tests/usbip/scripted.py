# SPDX-License-Identifier: LGPL-2.1-or-later
"""A UPS that acts: mains, battery, load, delayed commands, and an outlet. What it has is in the standard of
power devices, nothing is of a vendor's own."""

import struct
import threading
import time

from usbdevice import FEATURE, INPUT, Stall, UsbDevice

POWER, BATTERY = 0x84, 0x85
SECONDS, VOLTS, HERTZ = 0x1001, 0x00f0d121, 0xf001
IN, FEAT = 0x81, 0xb1
OFF_AT_LEAST = 2.0
NEVER = -1

# Bits of the status report, in their order.
STATUS = (("ac_present", BATTERY, 0xd0), ("charging", BATTERY, 0x44), ("discharging", BATTERY, 0x45),
          ("low", BATTERY, 0x42), ("replace", BATTERY, 0x4b), ("overload", POWER, 0x65),
          ("imminent", POWER, 0x69), ("battery_present", BATTERY, 0xd1))
R_STRINGS, R_STATUS, R_CHARGE, R_SHUTDOWN, R_STARTUP, R_BEEPER, R_TEST = 1, 2, 3, 4, 5, 6, 7
R_INPUT, R_OUTPUT, R_BATTERY, R_LIMITS, R_REBOOT = 8, 9, 10, 11, 12


class Descriptor:
    """Writes a report descriptor, item by item."""

    def __init__(self):
        self.data = bytearray()

    def item(self, prefix, value, size=None):
        if size is None:
            signed = prefix in (0x14, 0x24)
            size = next(n for n in (1, 2, 4) if -(1 << 8 * n - 1) <= value < 1 << 8 * n - signed)
        self.data.append(prefix | {1: 1, 2: 2, 4: 3}[size])
        self.data += (value & (1 << 8 * size) - 1).to_bytes(size, "little")
        return self

    def usage(self, page, usage):
        return self.item(0x04, page, 1).item(0x08, usage, 1)

    def collection(self, page, usage, kind=0):
        return self.usage(page, usage).item(0xa0, kind, 1)

    def end(self, count=1):
        self.data += b"\xc0" * count
        return self

    def report(self, number, bits, low, high, unit=0, exponent=0):
        return (self.item(0x84, number, 1).item(0x74, bits, 1).item(0x94, 1, 1)
                .item(0x14, low).item(0x24, high).item(0x64, unit).item(0x54, exponent & 0x0f, 1))

    def field(self, page, usage, flags=2, kinds=(FEAT,)):
        for kind in kinds:
            self.usage(page, usage).item(kind & 0xfc, flags, 1)
        return self


def descriptor():
    """Feature and Input have the same layout, or only Feature is there."""
    d = Descriptor().collection(POWER, 0x04, 1).collection(POWER, 0x24)
    d.report(R_STRINGS, 8, 0, 255)
    for page, usage in ((POWER, 0xfd), (POWER, 0xfe), (POWER, 0xff), (BATTERY, 0x89)):
        d.field(page, usage, 3)
    d.collection(POWER, 0x02, 2).report(R_STATUS, 1, 0, 1)
    for _, page, usage in STATUS:
        d.field(page, usage, kinds=(FEAT, IN))
    d.end()
    d.report(R_CHARGE, 8, 0, 100).field(BATTERY, 0x66, kinds=(FEAT, IN))
    d.report(R_CHARGE, 16, 0, 0x7fff, SECONDS).field(BATTERY, 0x68, kinds=(FEAT, IN))
    d.report(R_SHUTDOWN, 16, -1, 0x7fff, SECONDS).field(POWER, 0x57)
    d.report(R_STARTUP, 16, -1, 0x7fff, SECONDS).field(POWER, 0x56)
    d.report(R_REBOOT, 16, -1, 0x7fff, SECONDS).field(POWER, 0x55)
    d.report(R_BEEPER, 8, 1, 3).field(POWER, 0x5a)
    d.report(R_TEST, 8, 0, 6).field(POWER, 0x58)
    d.report(R_LIMITS, 8, 0, 100).field(BATTERY, 0x29)
    d.report(R_LIMITS, 16, 0, 0x7fff, SECONDS).field(BATTERY, 0x2a)
    d.report(R_BATTERY, 16, 0, 0x7fff, VOLTS, 5).field(POWER, 0x30)
    d.end()
    d.collection(POWER, 0x1a).report(R_INPUT, 16, 0, 0x7fff, VOLTS, 6).field(POWER, 0x30)
    d.report(R_INPUT, 16, 0, 0x7fff, HERTZ, -1).field(POWER, 0x32).end()
    d.collection(POWER, 0x1c).report(R_OUTPUT, 16, 0, 0x7fff, VOLTS, 6).field(POWER, 0x30)
    d.report(R_OUTPUT, 8, 0, 255).field(POWER, 0x35).end()
    return bytes(d.end().data)


class Scripted(UsbDevice):
    """on_outlet is called with False or True, on our thread, when the outlet goes off or on. The delays
    that it is told pass pace times as fast as they say."""

    def __init__(self, vendor_id=0x1209, product_id=0xa001, serial="SIM0001", on_outlet=None,
                 pace=1.0):
        super().__init__(vendor_id, product_id, descriptor(),
                         strings={1: "Busbar", 2: "Simulated UPS", 3: serial, 4: "PbAc"})
        self.on_outlet = on_outlet
        self.pace = pace
        self.cuts = 0
        self.reset()
        self.reported = {}
        self.ended = threading.Event()
        self.clock = threading.Thread(target=self._run_clock, daemon=True)
        self.clock.start()

    def reset(self):
        """As it is when all is well."""
        with self.lock:
            self.mains = self.outlet = True
            self.charge, self.load, self.drain, self.limit = 100.0, 20, 0.0, 20
            self.low = None               # as the charge says
            self.replace = self.overload = False
            self.deaf = False             # takes a shutdown command and does nothing
            self.off_at = self.on_at = None
            self.startup, self.reboot = NEVER, NEVER
            self.beeper, self.test = 2, 6
            self.writes.clear()
            self.cuts = 0
            self.faults.clear()

    def close(self):
        self.ended.set()
        self.clock.join()

    # Reports

    def runtime(self):
        return int(self.charge * 2400 / max(self.load, 1) / 2)

    def is_low(self):
        return self.charge <= self.limit if self.low is None else self.low

    def status(self):
        return {"ac_present": self.mains, "charging": self.mains and self.charge < 100,
                "discharging": not self.mains, "low": self.is_low(), "replace": self.replace,
                "overload": self.overload, "imminent": self.off_at is not None, "battery_present": True}

    def left(self, at):
        return NEVER if at is None else max(0, round((at - time.monotonic()) * self.pace))

    def report(self, number):
        """The bytes of a report after its id, or None."""
        if number == R_STATUS:
            bits = self.status()
            return bytes((sum(bits[name] << n for n, (name, *_) in enumerate(STATUS)),))
        millivolts = 12000 + int(self.charge * 15) - 600 * (not self.mains)
        values = {R_STRINGS: ("<4B", self.indexes[0], self.indexes[1], self.indexes[2], 4),
                  R_CHARGE: ("<BH", int(self.charge), min(self.runtime(), 0x7fff)),
                  R_SHUTDOWN: ("<h", self.left(self.off_at)),
                  R_STARTUP: ("<h", self.startup), R_REBOOT: ("<h", self.reboot),
                  R_BEEPER: ("<B", self.beeper), R_TEST: ("<B", self.test),
                  R_LIMITS: ("<BH", self.limit, 120), R_BATTERY: ("<H", millivolts // 10),
                  R_INPUT: ("<HH", 2301 if self.mains else 0, 500 if self.mains else 0),
                  R_OUTPUT: ("<HB", 2298 if self.outlet else 0, self.load)}.get(number)
        return struct.pack(*values) if values else None

    def get(self, kind, number):
        data = self.report(number)
        if data is None or kind != FEATURE and (kind, number) not in ((INPUT, R_STATUS), (INPUT, R_CHARGE)):
            raise Stall
        return bytes((number,)) + data

    def set(self, kind, data):
        number, value = data[0], int.from_bytes(data[1:3], "little", signed=True)
        if kind != FEATURE:
            raise Stall
        if number == R_SHUTDOWN:
            if not self.deaf:
                self.off_at = None if value < 0 else time.monotonic() + value / self.pace
        elif number == R_STARTUP:
            self.startup = value
        elif number == R_REBOOT:
            self.reboot = value
            if value >= 0 and not self.deaf:
                self.off_at, self.startup = time.monotonic() + value / self.pace, 0
        elif number == R_BEEPER and 1 <= data[1] <= 3:
            self.beeper = data[1]
        elif number == R_TEST:
            self.test = 5 if data[1] in (1, 2) else 3
        elif number == R_LIMITS:
            self.limit = data[1]
        else:
            raise Stall

    # What happens in time

    def _run_clock(self):
        last = time.monotonic()
        while not self.ended.wait(0.05):
            now = time.monotonic()
            with self.lock:
                actions = self._tick(now, now - last)
                self._tell_changes()
            last = now
            for on in actions:
                if self.on_outlet:
                    self.on_outlet(on)

    def _tick(self, now, passed):
        rate = self.drain if not self.mains else -1.0
        self.charge = min(100.0, max(0.0, self.charge - rate * passed))
        empty = not self.mains and self.charge <= 0
        if self.outlet and (empty or self.off_at is not None and now >= self.off_at):
            if empty:
                self.startup = 0
            self.off_at, self.outlet = None, False
            self.on_at = now + max(OFF_AT_LEAST, self.startup / self.pace)
            self.cuts += 1
            return [False]
        if not self.outlet and self.mains and self.startup >= 0 and now >= self.on_at:
            self.outlet, self.startup = True, NEVER
            return [True]
        return []

    def _tell_changes(self):
        for number in (R_STATUS, R_CHARGE):
            data = self.report(number)
            if self.reported.get(number) != data:
                self.reported[number] = data
                if self.on_report:
                    self.send(bytes((number,)) + data)

    # What a person or a test has happen

    def command(self, words):
        with self.lock:
            match words:
                case ["mains" | "replace" | "overload" | "deaf" as name, "on" | "off" as value]:
                    setattr(self, name, value == "on")
                case ["low", "on" | "off" as value]:
                    self.low = value == "on"
                case ["charge" | "drain" as name, value]:
                    setattr(self, name, float(value))
                case ["load", value]:
                    self.load = max(0, min(255, int(value)))
                case ["state"]:
                    on = [name for name, value in self.status().items() if value]
                    outlet = "on" if self.outlet else "off"
                    return (f"charge {self.charge:.0f} load {self.load} outlet {outlet} "
                            f"off in {self.left(self.off_at)} cuts {self.cuts}: {' '.join(on)}")
                case _:
                    return None
            return "ok"
