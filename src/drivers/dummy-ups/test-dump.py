#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads definition files with the driver (-d 1) and compares what it prints, byte by byte, with what this
script, which has a parser of its own, finds in them.

usage: test-dump.py DRIVER PATH...      each PATH is a definition file or a directory of such
"""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

DEFAULTS = {"ups.mfr": "Dummy Manufacturer", "ups.model": "Dummy UPS", "ups.status": "OL"}
# What the kit adds to each device that does not say it itself.
ADDED = {"device.type", "device.mfr", "device.model", "device.serial"}

COMMENT = re.compile(r"(?<=\t)#|(?<=[ \t][ \t])#|(?<=[ \t])#(?=[ \t]|BAD|COMMENT)")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def parse_value(raw):
    quoted = QUOTED.match(raw.lstrip(" \t"))
    begin = len(raw) - len(raw.lstrip(" \t")) + quoted.end() if quoted else 0
    comment = COMMENT.search(raw, begin)
    if comment:
        raw = raw[:comment.start()].rstrip(" \t")
    if raw[:1] in (" ", "\t"):
        raw = raw[1:]
    if QUOTED.fullmatch(raw):
        return re.sub(r"\\(.)", r"\1", raw[1:-1])
    return raw.replace("\\#", "#")


def parse(path):
    """The variables a device has after the file was read up to its first TIMER."""
    variables = dict(DEFAULTS)
    with open(path, encoding="utf-8", newline="\n") as f:
        for line in f.read().split("\n"):
            line = line.lstrip(" \t")
            if not line or line.startswith("#"):
                continue
            if line.startswith("TIMER "):
                break
            name, value = re.fullmatch(r"([^: \t]+):?(.*)", line).groups()
            if name.startswith("driver."):
                continue
            value = re.sub(r"[^ -~]", "?", parse_value(value))
            variables[name] = " ".join(value.split()) if name == "ups.status" else value
    return variables


def dump(driver, path, confdir, *options):
    command = [driver, "-s", "x", "-x", "port=" + path, *options, "-d", "1"]
    result = subprocess.run(command, capture_output=True, timeout=60, check=True,
                            env={**os.environ, "NUT_CONFPATH": confdir})
    lines = result.stdout.decode("ascii").split("\n")
    assert lines.pop() == "", "the output ends in the middle of a line"
    return dict(line.split(": ", 1) for line in lines)


def compare(driver, path, confdir):
    """The differences as lines of text."""
    expected, actual = parse(path), dump(driver, path, confdir)
    problems = []
    for name, value in expected.items():
        if actual.get(name) != value:
            problems.append(f"{path}: {name} is {actual.get(name)!r}, expected {value!r}")
    for name in actual.keys() - expected.keys():
        if not name.startswith("driver.") and name not in ADDED:
            problems.append(f"{path}: {name} is not in the file")
    for name in ("mfr", "model", "serial"):
        if "device." + name not in expected and actual.get("device." + name) != expected.get("ups." + name):
            problems.append(f"{path}: device.{name} is not a copy of ups.{name}")
    if "device.type" not in expected and actual.get("device.type") != "ups":
        problems.append(f"{path}: device.type is {actual.get('device.type')!r}")

    mode = {".dev": "dummy-once", ".seq": "dummy-loop"}[os.path.splitext(path)[1]]
    if actual.get("driver.parameter.mode") != mode:
        problems.append(f"{path}: driver.parameter.mode is {actual.get('driver.parameter.mode')!r}")
    return problems


def check_modes(driver, confdir):
    """The mode that is shown, by the end of the file's name and by the option."""
    shown = {
        (".dev", None): "dummy-once", (".seq", None): "dummy-loop", (".conf", None): "dummy",
        (".dev", "dummy"): "dummy-loop", (".dev", "dummy-loop"): "dummy-loop",
        (".seq", "dummy-once"): "dummy-once", (".conf", "dummy"): "dummy-loop",
    }
    for (ending, mode), expected in shown.items():
        with open(os.path.join(confdir, "x" + ending), "w", encoding="ascii") as f:
            f.write("ups.id: x\n")
        # A name without a directory is one in the configuration directory.
        variables = dump(driver, "x" + ending, confdir, *(["-x", "mode=" + mode] if mode else []))
        if (actual := variables["driver.parameter.mode"]) != expected or variables["ups.id"] != "x":
            yield f"x{ending} with mode={mode} is {actual!r}, expected {expected!r}"


def find_files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for directory, _, names in os.walk(path):
            for name in sorted(names):
                if name.endswith((".dev", ".seq")):
                    yield os.path.join(directory, name)


def main():
    driver, files = sys.argv[1], list(find_files(map(os.path.abspath, sys.argv[2:])))
    assert files, "no definition files to read"

    with tempfile.TemporaryDirectory() as confdir, ThreadPoolExecutor(2) as pool:
        problems = sum(pool.map(lambda path: compare(driver, path, confdir), files), [])
        problems += check_modes(driver, confdir)
    print("\n".join(problems))
    print(f"{len(files)} files, {len(problems)} differences")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
