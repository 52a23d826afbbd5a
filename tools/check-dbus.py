#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that what we say of our bus interfaces is what the programs do.

  check-dbus.py fresh FILE PROGRAM...    FILE describes the interfaces as PROGRAM prints them
  check-dbus.py update FILE PROGRAM...   writes FILE
  check-dbus.py document PAGE NAMES FILE...
                                         PAGE has each member in the files, with its arguments and types,
                                         and no other; and the errors and polkit actions of the header NAMES
"""

import argparse
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

SPDX = "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->\n"
EMITS = "org.freedesktop.DBus.Property.EmitsChangedSignal"
CHANGES = {"true": "signal", "const": "constant", "false": "silent", "invalidates": "invalidates"}


class Failure(Exception):
    """What is wrong, for people."""


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def run(argv):
    result = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                            check=False)
    if result.returncode != 0:
        raise Failure(f"{' '.join(argv)} ended with {result.returncode}: {result.stderr}")
    return result.stdout


def interfaces(text):
    """Interfaces by name, each with its members as PAGE has to show them. The order in the file, and how it
    is written, are the affair of the library that wrote it."""
    return {i.get("name"): members(i) for i in ET.fromstring(text).iter("interface")
            if not i.get("name").startswith("org.freedesktop.")}


def arguments(member, direction):
    args = [a for a in member.iter("arg") if a.get("direction", "in") == direction]
    return ", ".join(f"{a.get('type')} {a.get('name', '')}".strip() for a in args)


def changes(prop):
    for annotation in prop.iter("annotation"):
        if annotation.get("name") == EMITS:
            return CHANGES[annotation.get("value")]
    return CHANGES["true"]


def members(interface):
    found = []
    for member in interface:
        name = member.get("name")
        if member.tag == "method":
            result = arguments(member, "out")
            found.append(f"{name}({arguments(member, 'in')})" + (f" → ({result})" if result else ""))
        elif member.tag == "signal":
            found.append(f"signal {name}({arguments(member, 'in')})")
        elif member.tag == "property":
            if member.get("access") != "read":
                raise Failure(f"{name} can be written, for which the page has no form.")
            found.append(f"property {name} {member.get('type')} {changes(member)}")
    return sorted(found)


def documented(page):
    """The same from a page: sections are interfaces, headings methods and signals, rows properties."""
    found = {}
    current = None
    for line in page.splitlines():
        if m := re.fullmatch(r"## `(\S+)`", line):
            current = found.setdefault(m[1], [])
        elif re.match(r"## ", line):
            current = None
        elif m := re.fullmatch(r"### (signal )?`(.*)`", line):
            if current is None:
                raise Failure(f"\"{line}\" stands in no section of an interface.")
            current.append((m[1] or "") + m[2])
        elif current is not None and (m := re.match(r"\| `(\w+)` \| `(\S+)` \| (\w+) \|", line)):
            current.append(f"property {m[1]} {m[2]} {m[3]}")
    return {name: sorted(l) for name, l in found.items()}


def fresh(args):
    if interfaces(read(args.file)) != interfaces(run(args.program)):
        raise Failure(f"{args.file} is not what the program says. Look at the difference, and if it is "
                      "meant, run: meson compile -C BUILD update-dbus-xml")


def update(args):
    text = SPDX + run(args.program)
    ET.fromstring(text)
    with open(args.file, "w", encoding="utf-8") as f:
        f.write(text)


def document(args):
    page = read(args.page)
    wanted = {}
    for file in args.files:
        wanted.update(interfaces(read(file)))
    found = documented(page)

    problems = [f"{name}: no section" for name in wanted.keys() - found.keys()]
    problems += [f"{name}: there is no such interface" for name in found.keys() - wanted.keys()]
    for name in sorted(wanted.keys() & found.keys()):
        problems += [f"{name}: missing: {m}" for m in wanted[name] if m not in found[name]]
        problems += [f"{name}: there is no: {m}" for m in found[name] if m not in wanted[name]]

    names = re.findall(r'#define (?:BUS_ERROR|POLKIT)_\w+ "(.*)"', read(args.names))
    if len(names) < 10:
        raise Failure(f"{args.names} has too few names: is it the right file?")
    problems += [f"{name}: not in a table" for name in names if f"\n| `{name}` |" not in page]
    if problems:
        raise Failure(f"{args.page}:\n" + "\n".join(problems))


def main():
    parser = argparse.ArgumentParser(description="Checks what we say of our bus interfaces.")
    verbs = parser.add_subparsers(required=True)
    for name, function in (("fresh", fresh), ("update", update)):
        verb = verbs.add_parser(name)
        verb.add_argument("file")
        verb.add_argument("program", nargs=argparse.REMAINDER)
        verb.set_defaults(function=function)
    verb = verbs.add_parser("document")
    verb.add_argument("page")
    verb.add_argument("names")
    verb.add_argument("files", nargs="+")
    verb.set_defaults(function=document)

    args = parser.parse_args()
    try:
        args.function(args)
    except Failure as e:
        print(e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
