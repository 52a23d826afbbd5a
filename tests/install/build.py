# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installs a build directory below another root, and takes it away again."""

import contextlib
import fcntl
import os
import stat
import subprocess
from pathlib import Path


class Build:
    def __init__(self, directory, meson):
        self.directory = Path(directory)
        self.meson = meson
        self.installed = b""

    @contextlib.contextmanager
    def _log(self):
        """There is one log of the last installation, and it is that of who built this, to uninstall by. It
        is ours for the length of a block, one of us at a time."""
        log = self.directory / "meson-logs/install-log.txt"
        lock = os.open(self.directory / "meson-private", os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = log.read_bytes() if log.exists() else None
            try:
                yield log
            finally:
                if before is None:
                    log.unlink(missing_ok=True)
                else:
                    log.write_bytes(before)
        finally:
            os.close(lock)

    def install(self, root):
        with self._log() as log:
            self._run(self.meson, "install", "--no-rebuild", "--quiet", "-C", self.directory,
                      "--destdir", root)
            self.installed = log.read_bytes()

    def uninstall(self, root):
        """Takes away what the last install() of this object put below root."""
        with self._log() as log:
            log.write_bytes(self.installed)
            self._run(self.meson, "--internal", "uninstall", cwd=self.directory,
                      env=dict(os.environ, DESTDIR=str(root)))

    @staticmethod
    def _run(*command, **options):
        command = [str(word) for word in command]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")


def tree(root):
    """All files below root, links as they are, with what a change of them would change."""
    found = {}
    for directory, names, files in os.walk(root):
        for name in names + files:
            path = Path(directory, name)
            status = path.lstat()
            size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
            found[str(path.relative_to(root))] = (status.st_mode, status.st_uid, status.st_gid, size)
    return found
