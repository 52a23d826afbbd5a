#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tarball of a release: the same bytes from wherever and whenever it is made, with all that it takes to
build from it."""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
MESON = "meson"
# The tarball has the owner of the files.
AS_ROOT = [] if os.geteuid() == 0 else ["fakeroot"]


def run(*command):
    command = [str(word) for word in command]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def dist(origin, directory):
    clone = directory / "clone"
    run("git", "clone", "--quiet", "--no-local", origin, clone)
    build = directory / "build"
    run(MESON, "setup", build, clone)
    run(*AS_ROOT, MESON, "dist", "-C", build, "--no-tests", "--formats", "xztar")
    return next((build / "meson-dist").glob("*.tar.xz"))


class DistTest(unittest.TestCase):
    def test_same_bytes(self):
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            archives = [dist(SOURCE, Path(first))]
            # Nothing of who makes it, nor when: files come out with other times and permissions.
            os.umask(0o077)
            archives.append(dist(Path(first, "clone"), Path(second)))
            digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in archives}
            self.assertEqual(len(digests), 1)
            with tarfile.open(archives[0]) as tar:
                names = {name.partition("/")[2] for name in tar.getnames()}
                self.assertEqual({(member.uid, member.gid) for member in tar}, {(0, 0)})
            self.assertIn("packaging/debian/control", names)
            self.assertIn("packaging/rpm/busbar.spec", names)
            self.assertEqual([name for name in names if name.startswith(("build", ".git/"))], [])


if __name__ == "__main__":
    unittest.main()
