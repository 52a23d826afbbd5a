#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A relay for a MONITOR line, without the host that it is about. Usage: test-link.py DUMMY-UPS"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

DUMMY_UPS = sys.argv[1]
TIMEOUT = 30


class LinkTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="busbar-link-")
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notify.close)
        self.notify.bind(str(self.directory / "notify"))
        self.notify.settimeout(TIMEOUT)
        self.environment = {**os.environ, "NUT_CONFPATH": str(self.directory),
                            "NUT_STATEPATH": str(self.directory),
                            "NOTIFY_SOCKET": str(self.directory / "notify"),
                            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.directory}/bus"}
        # Nobody listens at a port that is bound and no more.
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        self.link = f"ups@127.0.0.1:{taken.getsockname()[1]}"

    def write(self, name, text):
        (self.directory / name).write_text(text, encoding="ascii")

    def start(self):
        output = open(self.directory / "output", "w+", encoding="utf-8")
        self.addCleanup(output.close)
        process = subprocess.Popen([DUMMY_UPS, "-a", self.link], env=self.environment, stderr=output)
        self.addCleanup(process.wait, TIMEOUT)
        self.addCleanup(process.terminate)
        return process

    def wait_notified(self, text):
        while text not in self.notify.recv(4096).decode():
            pass

    def output(self):
        return (self.directory / "output").read_text(encoding="utf-8")

    def test_ready_at_once(self):
        """The network waits for it at boot, so that it must not wait for the network; and there need not be
        any ups.conf."""
        self.write("upsmon.conf", f"MONITOR {self.link} 1 me Xyzzy secondary\n")
        begin = time.monotonic()
        process = self.start()
        self.wait_notified("READY=1")
        self.assertLess(time.monotonic() - begin, 10)

        self.assertNotIn(b"Xyzzy", Path(f"/proc/{process.pid}/cmdline").read_bytes())
        process.terminate()
        self.assertEqual(process.wait(TIMEOUT), 0)
        self.assertNotIn("Xyzzy", self.output())
        self.assertNotIn("Sanitizer", self.output())

    def test_reload(self):
        """A slip of the pen in the file costs no link; one that is really gone ends by its unit."""
        self.write("upsmon.conf", f"MONITOR {self.link} 1 me Xyzzy secondary\n")
        process = self.start()
        self.wait_notified("READY=1")
        self.write("upsmon.conf", f"MONITOR {self.link} 1 me\n")
        process.send_signal(1)
        self.wait_notified("RELOADING=1")
        self.wait_notified("READY=1")
        self.assertIsNone(process.poll())

    def test_no_such_line(self):
        self.write("upsmon.conf", "MONITOR other@192.0.2.1 1 me Xyzzy secondary\n")
        process = self.start()
        self.assertEqual(process.wait(TIMEOUT), 1)
        self.assertIn(f"no MONITOR line about {self.link} in upsmon.conf", self.output())

    def test_no_file(self):
        process = self.start()
        self.assertEqual(process.wait(TIMEOUT), 1)
        self.assertIn("upsmon.conf", self.output())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
