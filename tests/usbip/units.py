# SPDX-License-Identifier: LGPL-2.1-or-later
"""UPSes to simulate: what was recorded of a real one, and one that is no UPS at all. The one that acts is in
scripted.py."""

import csv
import random
import re
import shlex
from pathlib import Path

from usbdevice import FEATURE, INPUT, KINDS, OUTPUT, Stall, UsbDevice

SERIAL = "SIM0001"
CHEMISTRY = "PbAc"


def hex_lines(path):
    """Bytes of each line, without comments."""
    if not path.exists():
        return []
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [bytes.fromhex(line) for line in lines if line]


class Layout:
    """Fields of a report descriptor, as fields.tsv lists them."""

    def __init__(self, path):
        with path.open(encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
        self.fields = [(row["kind"], int(row["report_id"], 16), int(row["offset"]), int(row["size"]),
                        row["path"]) for row in rows]

    def report(self, kind, number):
        return [field[2:] for field in self.fields if field[:2] == (kind, number)]

    def numbered(self):
        return any(number for _, number, *_ in self.fields)

    def input_is_feature(self, number):
        """The same fields in the same places: what is known of one is known of the other."""
        fields = self.report("Input", number)
        return bool(fields) and fields == self.report("Feature", number)

    def string_indexes(self, features):
        """Usage such as iProduct: index that the reports say the string has."""
        found = {}
        for kind, number, offset, size, path in self.fields:
            name = path.rsplit(".", 1)[-1]
            if kind == "Feature" and re.match("i[A-Z]", name) and number in features:
                data = int.from_bytes(features[number][1:], "little")
                index = data >> offset & ((1 << size) - 1)
                if 0 < index < 256 and index not in found.values():
                    found.setdefault(name, index)
        return found


class Folder(UsbDevice):
    """Plays what was recorded of a real device: descriptor and feature reports byte by byte. It refuses the
    reports that are not known, keeps what is written, and has strings where its reports say so."""

    def __init__(self, directory, serial=SERIAL):
        directory = Path(directory)
        self.layout = Layout(directory / "fields.tsv")
        self.features = {}
        for line in hex_lines(directory / "feature_reports.hex"):
            self.features[line[0]] = line
        for line in hex_lines(directory / "missing_feature_ids.txt"):
            for number in line:
                self.features.pop(number, None)
        self.inputs = {}
        self.sequence = hex_lines(directory / "sequence.hex")
        self.name = directory.name
        vendor_id, product_id = (int(word, 16) for word in self.name.split("-")[:2])
        vendor, product = self._names(directory)
        strings, indexes = self._strings(vendor, product, serial)
        super().__init__(vendor_id, product_id, (directory / "report_descriptor.bin").read_bytes(),
                         strings=strings, manufacturer=indexes["iManufacturer"], product=indexes["iProduct"],
                         serial=indexes["iSerialNumber"], low_speed=True)

    def _names(self, directory):
        source = directory.parent / "SOURCE.tsv"
        if source.exists():
            with source.open(encoding="utf-8", newline="") as f:
                for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
                    if row["dir"] == directory.name:
                        return row["vendor"].split(" (")[0], re.sub(r" \(.*|, with .*", "", row["model"])
        return "Simulated", self.name

    def _strings(self, vendor, product, serial):
        indexes = self.layout.string_indexes(self.features)
        texts = {"iManufacturer": vendor, "iProduct": product, "iSerialNumber": serial}
        free = (index for index in range(1, 256) if index not in indexes.values())
        for name in texts:
            if name not in indexes:
                indexes[name] = next(free)
        texts |= {"iDeviceChemistry": CHEMISTRY, "iName": product, "iOEMInformation": vendor}
        strings = {index: texts.get(name, name) for name, index in indexes.items()}
        return {index: text for index, text in strings.items() if text}, indexes

    def get(self, kind, number):
        if kind == INPUT and number in self.inputs:
            return self.inputs[number]
        if kind == INPUT and not self.layout.input_is_feature(number) or number not in self.features:
            raise Stall
        report = self.features[number]
        return report if self.layout.numbered() else report[1:]

    def set(self, kind, data):
        if kind == OUTPUT:
            return
        if not self.layout.report("Feature", data[0]):
            raise Stall
        self.features[data[0]] = data

    def change(self, report):
        """From now on the report is like this, and it is said."""
        if self.layout.report("Feature", report[0]):
            self.features[report[0]] = report
        if self.layout.report("Input", report[0]):
            self.inputs[report[0]] = report
            self.send(report if self.layout.numbered() else report[1:])

    def command(self, words):
        match words:
            case ["report", *data] if data:
                with self.lock:
                    self.change(bytes.fromhex("".join(data)))
                return "ok"
            case ["next"]:
                if not self.sequence:
                    return "error: no more lines in sequence.hex"
                with self.lock:
                    report = self.sequence.pop(0)
                    self.change(report)
                return report.hex(" ")
        return None


class Recording(UsbDevice):
    """Plays a recording: what the device answered, in that order, the last answer again and again. What it
    sent by itself comes with the command "next"."""

    def __init__(self, path):
        self.keys = {}
        self.answers = {}
        self.sequence = []
        descriptor = bytearray()
        strings = {}
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            match re.sub(r"^\+\S+ ", "", line).split(" ", 1):
                case ["descriptor", data]:
                    descriptor += bytes.fromhex(data)
                case ["string", rest]:
                    index, text = shlex.split(rest)
                    strings[int(index)] = text
                case ["get", rest]:
                    kind, number, _, *data = rest.split()
                    answer = bytes.fromhex("".join(data)) if data != ["stall"] else None
                    self.answers.setdefault((kind, int(number, 16)), []).append(answer)
                case ["input", data]:
                    self.sequence.append(bytes.fromhex(data))
                case [key, value]:
                    self.keys[key] = value
        indexes = {}
        for key in ("vendor", "product", "serial"):
            if key in self.keys:
                text = shlex.split(self.keys[key])[0]
                found = [index for index, other in strings.items() if other == text]
                indexes[key] = found[0] if found else max(strings, default=0) + 1
                strings[indexes[key]] = text
        super().__init__(int(self.keys["vendor-id"], 16), int(self.keys["product-id"], 16), descriptor,
                         strings=strings, manufacturer=indexes.get("vendor"), product=indexes.get("product"),
                         serial=indexes.get("serial"), low_speed=True)

    def get(self, kind, number):
        answers = self.answers.get((KINDS[kind], number)) if kind in KINDS else None
        answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else None
        if not answer:
            raise Stall
        return answer

    def set(self, kind, data):
        self.answers[KINDS[kind], data[0]] = [data]

    def command(self, words):
        if words != ["next"]:
            return None
        if not self.sequence:
            return "error: nothing more is recorded"
        self.send(self.sequence.pop(0))
        return "ok"


class Nonsense(UsbDevice):
    """Says that it is a HID device, of a UPS vendor, and has 4 KiB of noise for a report descriptor."""

    def __init__(self, serial=SERIAL, size=4096, seed=1):
        noise = bytes((0x05, 0x84, 0x09, 0x04, 0xa1, 0x01)) + random.Random(seed).randbytes(size - 6)
        super().__init__(0x051d, 0x0002, noise, strings={1: "Noise", 2: "Nonsense", 3: serial})

    def get(self, kind, number):
        if kind != FEATURE:
            raise Stall
        return bytes((number, 0xff, 0xff))


def make(text):
    """A device from what a person writes: KIND[:VENDOR:PRODUCT][,serial=TEXT] or a directory."""
    from scripted import Scripted   # which needs what is above
    text, _, more = text.partition(",")
    options = {}
    if more.startswith("serial="):
        options["serial"] = more.removeprefix("serial=")
    elif more:
        raise ValueError(f"cannot understand: {more}")
    kind, *ids = text.split(":")
    if kind == "scripted":
        if len(ids) == 2:
            options |= {"vendor_id": int(ids[0], 16), "product_id": int(ids[1], 16)}
        return Scripted(**options)
    if kind == "nonsense":
        return Nonsense(**options)
    if kind == "qx" and ids:
        from qxusb import make as make_qx
        return make_qx(ids[0], ":".join(ids[1:]) or None, **options)
    if Path(text).is_file():
        return Recording(text)
    return Folder(text, **options)
