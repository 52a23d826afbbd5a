#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boots a virtual machine with a build of Busbar in it, USB devices that are simulated, and a root shell.

Usage: tests/vm/shell.py BUILD [DEVICE...] [--command COMMAND]

DEVICE is what tests/usbip/usbip_server.py takes: a directory of recorded data, "scripted" (the default), ...
The shell is that of the machine; a line that begins with ! is for the simulator ("!mains off", "!unplug",
"!help"), and the end of the input ends it. With --command, nothing else is read: the commands (it can be
given more than once) are run in turn, and what they print is printed."""

import argparse
import sys
import time
from pathlib import Path

from usbbed import UsbBed, make


def run(bed, line):
    """Like a person's shell: an error is shown, and is no reason to stop."""
    if line.startswith("!"):
        print(bed.server.command(line[1:]), flush=True)
        return
    try:
        print(bed.machine.run(line, timeout=600), flush=True)
    except RuntimeError as e:
        print(e, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", help="a build directory, or 'none'")
    parser.add_argument("device", nargs="*", default=[])
    parser.add_argument("--command", action="append", default=[])
    parser.add_argument("--meson", default="meson")
    parser.add_argument("--cable", help="the built usb-cable, if not that of the build")
    options = parser.parse_args()
    build = None if options.build == "none" else Path(options.build)
    cable = options.cable or build / "tests/vm/usb-cable"
    began = time.monotonic()
    bed = UsbBed(build, options.meson, cable, [make(text) for text in options.device or ["scripted"]])
    try:
        bed.start()
        print(f"up after {time.monotonic() - began:.0f} s; console: {bed.machine.console_path}",
              file=sys.stderr, flush=True)
        for line in options.command or sys.stdin:
            if line.strip():
                run(bed, line.strip())
    finally:
        bed.close()


if __name__ == "__main__":
    main()
