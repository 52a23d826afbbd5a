# SPDX-License-Identifier: LGPL-2.1-or-later
"""UPSes that answer lines, as they hide on USB: one class for each way, with the descriptors that such
devices have. What they answer is a unit of tests/qx/qxsim.py.

A device is strict: a report of another size or number than such devices take is refused, and what it was
told is in device.lines, as whole lines. device.skew(packets) may change what is sent for an answer."""

import struct
import sys
from pathlib import Path

from usbdevice import NoAnswer, Stall, UsbDevice

sys.path.append(str(Path(__file__).resolve().parent.parent / "qx"))

# pylint: disable=wrong-import-position
from qxsim import Megatec, Transcript  # noqa: E402

# What most of them say they are: a vendor's page, and reports of eight bytes in and out.
BRIDGE = bytes.fromhex("0600ff 0901 a101 0901 1500 26ff00 7508 9508 8102 0902 9508 9102 c0".replace(" ", ""))
KEYBOARD = bytes.fromhex("0501 0906 a101 0507 19e0 29e7 1500 2501 7501 9508 8102 9505 0508 1901 2905 9102"
                         "9501 7503 9103 c0".replace(" ", ""))
INTERRUPT_IN, INTERRUPT_OUT = 0x81, 0x02
CR = b"\r"


def pieces(data, size, pad=True):
    """data in pieces of that size, the last one filled up with zeros."""
    found = [data[at:at + size] for at in range(0, len(data), size)]
    return [piece.ljust(size, b"\0") if pad else piece for piece in found]


class QxDevice(UsbDevice):
    """unit answers lines; to be derived from. way is what the driver calls it."""

    way = None
    ids = (0x0665, 0x5161)
    names = ("INNO TECH", "USB to Serial")
    hid = True
    report = 0x0200
    frame = 8
    packet = 8
    endpoints = (INTERRUPT_IN,)

    def __init__(self, unit, *, ids=None, names=None, descriptor=BRIDGE, serial=None):
        strings = dict(enumerate(names or self.names, 1))
        if serial:
            strings[3] = serial
        super().__init__(*(ids or self.ids), descriptor, strings=strings, low_speed=self.packet <= 8)
        self.unit = unit
        self.lines = []
        self.asked = []     # indexes of strings that were asked for
        self.partial = b""
        self.skew = None
        self.deaf_after = None  # takes so many frames and no more
        self.languages = set()

    # Lines

    def take(self, data):
        """Bytes of the host; each line that is complete is answered."""
        self.partial += data
        while CR in self.partial:
            line, _, rest = self.partial.partition(CR)
            # Zeros fill the frame up.
            self.partial = rest.lstrip(b"\0")
            self.answer_packets(self.ask(line + CR))

    def ask(self, line):
        self.lines.append(line)
        answer = self.unit.answer(line)
        # As they do that do not know it.
        return line if answer is None else answer

    def answer_packets(self, answer):
        packets = self.packets(answer) if answer else []
        for packet in self.skew(packets) if self.skew else packets:
            self.send(packet)

    def packets(self, answer):
        return pieces(answer, self.packet)

    # USB

    def connected(self):
        super().connected()
        self.partial = b""

    def config_descriptor(self):
        kind = 3 if self.hid else 0xff
        rest = struct.pack("<BBBBBBBBB", 9, 4, 0, 0, len(self.endpoints), kind, 0, 0, 0)
        if self.hid:
            rest += self._hid_descriptor()
        for address in self.endpoints:
            rest += struct.pack("<BBBBHB", 7, 5, address, 3, self.packet, 10)
        return struct.pack("<BBHBBBBB", 9, 2, 9 + len(rest), 1, 1, 0, 0x80, 50) + rest

    def answer(self, setup, data):
        with self.lock:
            if setup[0] & 0x60 == 0x20 and setup[1] == 0x09:
                self.requests += 1
                if self.faults.hang:
                    raise NoAnswer
                return self.set_report(struct.unpack("<H", setup[2:4])[0], data)
            if setup[:2] == b"\x80\6" and setup[3] == 3:
                self.asked.append(setup[2])
                self.languages.add(struct.unpack("<H", setup[4:6])[0])
            return super().answer(setup, data)

    def set_report(self, number, data):
        if number != self.report or len(data) != self.frame:
            raise Stall
        if self.deaf_after is not None and len(self.writes) >= self.deaf_after:
            raise NoAnswer
        self.writes.append((number, bytes(data)))
        self.take(self.unframe(bytes(data)))
        return b""

    def unframe(self, data):
        return data if CR not in data else data[:data.index(CR) + 1]

    def command(self, words):
        with self.lock:
            match words:
                case ["lines"]:
                    return " ".join(str(line)[1:] for line in self.lines) or "none"
                case ["mains", "on" | "off" as value] if hasattr(self.unit, "mains"):
                    self.unit.mains = value == "on"
                case ["load" | "charge" as name, value] if hasattr(self.unit, name):
                    setattr(self.unit, name, float(value) / (1 if name == "load" else 100))
                case _:
                    return None
        return "ok"


class Cypress(QxDevice):
    way = "cypress"


class Phoenix(QxDevice):
    """Gives what nobody fetched to the next one."""

    way = "phoenix"
    ids, names = (0x06da, 0x0601), ("Phoenixtec Power", "USB Cable")

    def connected(self):
        super().connected()
        for packet in pieces(b"(123.4 stale\r", 8):
            self.send(packet)


class Ippon(QxDevice):
    way = "ippon"
    ids, names = (0x06da, 0x0003), ("Phoenixtec Power", "Ippon")
    report, packet = 0x0002, 64


class Gtec(QxDevice):
    way = "gtec"
    ids, names = (0x0665, 0x5161), ("Gtec", "ZP120N")
    report, packet = 0x0002, 64


class Omron(QxDevice):
    way = "omron"
    ids, names = (0x0590, 0x00b7), ("OMRON", "BN150T")
    report, frame, packet = 0x0002, 16, 64


class Sgs(QxDevice):
    """The first byte says how many follow, and the end of a line is left out."""

    way = "sgs"
    ids, names = (0x0483, 0x0035), ("TS Shara", "UPS")

    def unframe(self, data):
        if not 1 <= data[0] <= 7:
            raise Stall
        return data[1:1 + data[0]]

    def packets(self, answer):
        return [bytes((len(piece),)) + piece.ljust(7, b"\xaa")
                for piece in pieces(answer.removesuffix(CR), 7, pad=False)]


class Fuji(QxDevice):
    way = "fuji"
    ids, names = (0x0001, 0x0000), ("ATCL FOR UPS", "ATCL FOR UPS")
    endpoints = (INTERRUPT_IN, INTERRUPT_OUT)

    def set_report(self, number, data):
        raise Stall

    def output(self, endpoint, data):
        if self.faults.hang:
            raise NoAnswer
        size = data[2] - 1 if len(data) == 8 else 0
        if endpoint != 2 or data[:2] != b"\x80\x06" or data[3] != 3 or not 1 <= size <= 3:
            raise Stall
        if data[4 + size:7].strip(b"\0"):
            raise Stall
        self.writes.append((endpoint, bytes(data)))
        answer = self.ask(data[4:4 + size] + CR)
        # It says as much as it was asked for.
        self.answer_packets(answer[:data[7]] if answer else None)


class Phoenixtec(QxDevice):
    way = "phoenixtec"
    ids, names = (0x06da, 0x0002), ("Phoenixtec Power", "USB Cable (V2.00)")
    hid = False

    def set_report(self, number, data):
        raise Stall

    def answer(self, setup, data):
        if setup[:6] == bytes((0x42, 0x0d, 0, 0, 0, 0)):
            with self.lock:
                if self.faults.hang:
                    raise NoAnswer
                self.writes.append((0x0d, bytes(data)))
                self.take(bytes(data))
            return b""
        return super().answer(setup, data)

    def packets(self, answer):
        return pieces(answer, self.packet, pad=False)


class Ablerex(QxDevice):
    """The answer is a report that stays what it is until the next line."""

    way = "ablerex"
    ids, names = (0xffff, 0x0000), ("Ablerex", "625L")
    report, frame = 0x0305, 47

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.held = b""

    def unframe(self, data):
        if data[0] != 5 or data[1] != 0 or data[2 + data[2]] != 0x0d:
            raise Stall
        return data[3:3 + data[2]]

    def answer_packets(self, answer):
        self.held = b"".join(self.skew([answer]) if self.skew else [answer or b""])

    def get(self, kind, number):
        if (kind, number) != (3, 5):
            raise Stall
        return self.held[:47].ljust(47, b"\0")


class Armac(QxDevice):
    """Three characters a frame; what is behind them in an answer is left over from before."""

    way = "armac"
    ids, names = (0x0925, 0x1234), ("RICHCOMM", "UPS USB Mon V2.0")
    frame = 4
    per_packet = 3

    def unframe(self, data):
        if not 1 <= data[0] - 0xa0 <= 3:
            raise Stall
        return data[1:1 + data[0] - 0xa0]

    def packets(self, answer):
        found, left = [], bytearray(5)
        for at, piece in enumerate(pieces(answer, self.per_packet, pad=False)):
            left[:len(piece)] = piece
            found.append(bytes(((0x80, 0xc0)[at % 2] | len(piece),)) + bytes(left))
        return found


class ArmacNewer(QxDevice):
    """The whole line at once, to an endpoint."""

    way = "armac"
    ids, names = (0x0925, 0x1234), ("RICHCOMM", "UPS USB Mon V3.0")
    packet = 64
    endpoints = (0x82, INTERRUPT_OUT)

    def set_report(self, number, data):
        raise Stall

    def output(self, endpoint, data):
        if self.faults.hang:
            raise NoAnswer
        if endpoint != 2 or len(data) != data[0] - 0xa0 + 1:
            raise Stall
        self.writes.append((endpoint, bytes(data)))
        self.take(bytes(data[1:]))

    def packets(self, answer):
        return [bytes((0x80 | len(piece),)) + piece for piece in pieces(answer, 40, pad=False)]


class Strings(QxDevice):
    """Answers lines as strings; to be derived from. lines_of are indexes of lines."""

    ids, names = (0x0001, 0x0000), ("MEC", "MEC0003")
    lines_of = {0x03: b"Q1\r", 0x0d: b"F\r", 0x0c: b"I\r"}
    most = 4096
    silent = (b"T\r", b"TL\r", b"Q\r", b"C\r", b"CT\r")
    scramble = False

    def set_report(self, number, data):
        raise Stall

    def line_of(self, index):
        return self.lines_of.get(index)

    def answer(self, setup, data):
        size = struct.unpack("<H", setup[6:8])[0]
        if setup[:2] == b"\x80\6" and setup[3] == 3 and setup[2] > 2:
            with self.lock:
                self.requests += 1
                self.asked.append(setup[2])
                self.languages.add(struct.unpack("<H", setup[4:6])[0])
                if self.faults.hang or size > self.most:
                    raise NoAnswer
                return self.string(setup[2])[:size]
        return super().answer(setup, data)

    def string(self, index):
        line = self.line_of(index)
        if line is None:
            raise Stall
        answer = self.ask(line)
        if not answer or answer == line or line in self.silent or line.startswith(b"S"):
            answer = b"UPS No Ack"
        elif self.scramble:
            answer = b"\x40" + answer[1:]
        if self.skew:
            answer = b"".join(self.skew([answer]))
        text = answer.decode("latin-1").encode("utf-16-le")
        return struct.pack("<BB", len(text) + 2, 3) + text


class Krauler(Strings):
    """Begins its answers with something else."""

    way = "krauler"
    ids, names = (0x0001, 0x0000), ("Krauler", "UP-M500VA")
    lines_of = Strings.lines_of | {0x04: b"T\r", 0x05: b"TL\r", 0x07: b"Q\r", 0x0b: b"C\r"}
    scramble = True


class Fabula(Strings):
    way = "fabula"

    def line_of(self, index):
        known = Strings.lines_of | {0x07: b"Q\r", 0x0a: b"C\r"}
        if index in known or index < 0x10 or index & 7:
            return known.get(index)
        step = index >> 4
        delay = f".{step + 4}" if step < 6 else f"{step - 5:02}"
        return f"S{delay}{'R0001' if index & 8 else 'R0000'}\r".encode()


class Hunnox(Fabula):
    """Hangs when it is asked out of order, or for much."""

    way = "hunnox"
    names = ("", "MEC0003")
    most = 102

    def connected(self):
        super().connected()
        self.asked.clear()

    def string(self, index):
        if self.asked[-4:-1] != [0, 0, 1] and self.asked.count(0) < 2:
            raise NoAnswer
        return super().string(index)

    def line_of(self, index):
        return b"BL\r" if index == 0xf3 else super().line_of(index)


class Snr(Strings):
    """Answers zeros until its endpoint was read."""

    way = "snr"
    most = 102
    scramble = True

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.awake = False

    def connected(self):
        super().connected()
        self.awake = False

    def input_wanted(self):
        self.awake = True

    def string(self, index):
        if not self.awake:
            return struct.pack("<BB", 94, 3) + bytes(92)
        return super().string(index)


KINDS = (Cypress, Krauler, Phoenix, Phoenixtec, Ippon, Fabula, Fuji, Sgs, Snr, Ablerex, Armac, ArmacNewer,
         Gtec, Hunnox, Omron)


def make(way, path=None, **options):
    """The first of that way, with a UPS that lives, or with what a file has for answers."""
    kind = next((kind for kind in KINDS if kind.way == way.lower()), None)
    if not kind:
        raise ValueError(f"no such way: {way}")
    return kind(Transcript.load(path) if path else Megatec(), **options)
