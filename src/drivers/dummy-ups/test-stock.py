#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Simulations side by side: NUT's dummy-ups and ours behind NUT's upsd, with the same definition files.
Names, types and commands must be the same, and values but for what README.md names as a difference.

usage: test-stock.py DRIVER COUNT PATH...      of each PATH, a file or a directory, COUNT files are taken
"""

import contextlib
import os
import sys

from stock import NutError, Place


COPIES = ("device.mfr", "device.model", "device.serial")


def find_files(path, count):
    if os.path.isfile(path):
        return [path]
    files = sorted(os.path.join(directory, name) for directory, _, names in os.walk(path)
                   for name in names if name.endswith((".dev", ".seq")))
    return files[::max(1, len(files) // count)]


def raw_values(path):
    """What stands behind the names in the file."""
    with open(path, encoding="utf-8", errors="replace") as f:
        lines = [line.rstrip("\n").split(":", 1) for line in f if ":" in line and not line.startswith("#")]
    return {words[0]: words[1] for words in lines}


def is_mangled(raw):
    """Whether NUT goes on with the next line at a backslash or a quote that is left open."""
    return any(value.endswith("\\") or value.strip().startswith('"') and value.count('"') % 2
               for value in raw.values())


def is_explained(name, raw):
    """Whether NUT is known to make something else of this text."""
    if name in COPIES and name not in raw:
        name = "ups" + name[len("device"):]
    text = raw.get(name, "")
    # It drops what is empty or not ASCII, takes words apart at = and cuts at 127 characters.
    return text.strip() == "" or any(c in text for c in '"\\#=') or not text.isascii() or len(text) > 127


def is_copied(name, raw):
    """Whether NUT puts the value of ups.* in the place of that in the file."""
    return name in COPIES and "ups" + name[len("device"):] not in raw


def compare(path, name, ours, theirs):
    raw = raw_values(path)
    a, b = ours.variables(name), theirs.variables(name)
    for variable in sorted(a.keys() | b.keys()):
        where = f"{path}: {variable}"
        if variable.startswith("driver."):
            if variable in ("driver.name", "driver.parameter.mode", "driver.parameter.port") and \
                    a.get(variable) != b.get(variable):
                yield f"{where} is {a.get(variable)!r}, NUT says {b.get(variable)!r}"
            continue

        x, y = a.get(variable), b.get(variable)
        same = x is not None and y is not None and x.split() == y.split()
        if not (same or is_mangled(raw) or is_explained(variable, raw) or is_copied(variable, raw)):
            yield f"{where} is {x!r}, NUT says {y!r}"
        if x is not None and y is not None and ours.type(name, variable) != theirs.type(name, variable):
            yield f"{where} is {ours.type(name, variable)}, NUT says {theirs.type(name, variable)}"

    both = a.keys() & b.keys()
    writable = [{item[0] for item in client.list("RW " + name)} & both for client in (ours, theirs)]
    for variable in writable[0] ^ writable[1]:
        yield f"{path}: only {'we' if variable in writable[0] else 'NUT'} can write {variable}"
    if ours.list("CMD " + name) != theirs.list("CMD " + name):
        yield f"{path}: commands are {ours.list('CMD ' + name)}, NUT says {theirs.list('CMD ' + name)}"


def main():
    driver, count = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    files = sum((find_files(os.path.abspath(path), count) for path in sys.argv[3:]), [])
    assert files, "no definition files to read"
    sections = "".join(f"[d{i}]\n\tdriver = dummy-ups\n\tport = {path}\n" for i, path in enumerate(files))

    with contextlib.ExitStack() as stack:
        ours, theirs = Place(stack, sections), Place(stack, sections)
        ours.run_driver(driver)
        theirs.run_stock_drivers()
        ours.run_upsd()
        theirs.run_upsd()
        with contextlib.closing(ours.client()) as a, contextlib.closing(theirs.client()) as b:
            problems = []
            for i, path in enumerate(files):
                try:
                    problems += compare(path, f"d{i}", a, b)
                except NutError as e:
                    problems.append(f"{path}: {e}")
    print("\n".join(problems))
    print(f"{len(files)} files, {len(problems)} differences")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
