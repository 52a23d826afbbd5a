#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the identities of messages with the entries of the catalog, and looks at the form of these."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def main(header, catalog):
    ids = re.findall(r'^#define (MESSAGE_\w+_STR) "([0-9a-f]{32})"$', header.read_text(), re.MULTILINE)
    defines = header.read_text().count("#define MESSAGE_")
    text = catalog.read_text()
    entries = re.findall(r"^-- ([0-9a-f]{32})$", text, re.MULTILINE)
    problems = []

    if not ids or len(ids) != defines:
        problems.append(f"{header}: {defines} definitions, of which {len(ids)} can be read")
    if len({value for _, value in ids}) != len(ids):
        problems.append(f"{header}: an identity is there twice")
    if len(set(entries)) != len(entries):
        problems.append(f"{catalog}: an entry is there twice")
    problems += [f"{catalog}: no entry for {name}" for name, value in ids if value not in entries]
    problems += [f"{catalog}: {entry} is not in {header.name}"
                 for entry in entries if entry not in {value for _, value in ids}]

    for entry in text.split("\n-- ")[1:]:
        head, _, body = entry.partition("\n\n")
        for field in ("Subject: ", "Defined-By: Busbar"):
            if field not in head:
                problems.append(f"{catalog}: {head[:32]} has no {field.strip()}")
        if not body.strip():
            problems.append(f"{catalog}: {head[:32]} has no text")

    # The consumer's own opinion of the file.
    with tempfile.TemporaryDirectory() as root:
        target = Path(root, "usr/lib/systemd/catalog")
        target.mkdir(parents=True)
        Path(root, "var/lib/systemd/catalog").mkdir(parents=True)
        shutil.copy(catalog, target)
        done = subprocess.run(["journalctl", "--update-catalog", f"--root={root}"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0 or done.stderr:
            problems.append(f"journalctl: {done.stderr.strip()}")

    print("\n".join(problems) or f"{len(ids)} identities have their entries")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
