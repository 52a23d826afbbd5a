#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No function or variable of ours has a name that libnetsnmp has, too.

The linker would let the library use ours in place of its own, without a word.

    test-snmp-symbols.py PROGRAM
"""

import re
import subprocess
import sys


def symbols(*arguments):
    lines = subprocess.run(["nm", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
    return {m[1] for m in re.finditer(r"^[0-9a-f]+ [A-TV-Z] ([^@\s]+)", lines, re.M)}


def library(program):
    lines = subprocess.run(["ldd", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = re.search(r"libnetsnmp\.so\S* => (\S+)", lines)
    if not found:
        sys.exit(f"{program} is not linked with libnetsnmp")
    return found[1]


def main():
    program = sys.argv[1]
    ours = symbols("--defined-only", program)
    theirs = symbols("-D", "--defined-only", library(program))
    if len(theirs) < 100 or len(ours) < 100:
        sys.exit("there are too few symbols to be all of them")
    both = {name for name in ours & theirs if not name.startswith("_")}
    if both:
        sys.exit("names of libnetsnmp's: " + " ".join(sorted(both)))


main()
