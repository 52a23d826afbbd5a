#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that a file that is kept in the tree is what a program prints.

  check-generated.py fresh FILE TARGET PROGRAM...    fails, and names the meson target that helps, if not
  check-generated.py update FILE PROGRAM...          writes FILE
"""

import difflib
import subprocess
import sys
from pathlib import Path


def run(argv):
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=60,
                          check=True).stdout


def main():
    action, path = sys.argv[1], Path(sys.argv[2])
    if action == 'update':
        path.write_text(run(sys.argv[3:]), encoding='utf-8')
        return 0

    old, new = path.read_text(encoding='utf-8'), run(sys.argv[4:])
    if old == new:
        return 0
    sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), str(path), 'new',
                                               n=0))
    print(f'{path} is out of date: run "meson compile -C BUILD {sys.argv[3]}"')
    return 1


if __name__ == '__main__':
    sys.exit(main())
