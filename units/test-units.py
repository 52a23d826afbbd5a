#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Asks systemd-analyze about our units: whether they are right, and how much is open to each service."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Ten times what systemd-analyze calls the exposure.
EXPOSURE_MAX = 11

# Where more is open, with the reason. None: it is not measured.
EXCEPTIONS = {
    # Terminals, for wall(1), beside the network, for scripts.
    "busbar-notify.service": 13,
    # The last way to power off: each setting is one more thing that could fail.
    "busbar-poweroff-now.service": None,
}


def stage(units, directory):
    """Copies units to where they can be looked at: templates as an instance, programs as a known one."""
    staged = []
    for unit in units:
        text = re.sub(r"^(Exec\w+=)([:+@!-]*)/\S+", r"\g<1>\g<2>/bin/true", unit.read_text(),
                      flags=re.MULTILINE)
        if "@." in unit.name:
            (directory / unit.name).write_text(text)
        path = directory / unit.name.replace("@.", r"@a\x2db.")
        path.write_text(text)
        staged.append(path)
    return staged


def verify(path, directory):
    return subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", path],
                          env={"SYSTEMD_UNIT_PATH": f"{directory}:", "PATH": "/usr/bin:/bin"},
                          capture_output=True, text=True, check=False)


def exposure(path, _directory):
    threshold = EXCEPTIONS.get(path.name, EXPOSURE_MAX)
    return subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager",
                           f"--threshold={threshold}", path], capture_output=True, text=True, check=False)


def main(check, *names):
    if not shutil.which("systemd-analyze"):
        print("systemd-analyze is needed, of the package systemd")
        return 1

    failures = 0
    with tempfile.TemporaryDirectory() as temporary:
        staged = stage([Path(name) for name in names], Path(temporary))
        if check == "exposure":
            staged = [path for path in staged if path.suffix == ".service"
                      and EXCEPTIONS.get(path.name, EXPOSURE_MAX)]
        for path in staged:
            done = (verify if check == "verify" else exposure)(path, Path(temporary))
            bad = done.returncode != 0 or (check == "verify" and done.stderr != "")
            # Not part of the exposure, but passwords are in the memory of some.
            bad = bad or (check == "exposure" and "\nLimitCORE=0\n" not in path.read_text())
            failures += bad
            if bad:
                # Of the review, what is open.
                said = [line for line in done.stdout.splitlines() if not line.startswith("\u2713")]
                print(f"{path.name}: exit status {done.returncode}", *said, done.stderr, sep="\n")
            else:
                print(path.name, *re.findall(r"Overall exposure level.*", done.stdout), "is fine")

    assert staged, "no unit to look at"
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
