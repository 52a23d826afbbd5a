#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the gateway asks of the kernel while it serves: it opens no file and starts nothing, whatever its
clients do. What it needs of files it has read before, so that nothing is to be had through it."""

import os
import re
import signal
import subprocess
import unittest

from gatewaylib import CONFIG, NutConnection, TestCase, Testbed, wait_for

# strace passes over those that this architecture does not have.
FORBIDDEN = ("?open", "openat", "openat2", "?creat", "open_by_handle_at", "execve", "execveat", "?fork",
             "?vfork", "clone", "clone3", "name_to_handle_at", "memfd_create", "ptrace", "setuid", "setgid",
             "setgroups", "capset", "unshare", "setns")
# A thread, in contrast to a process; the one that looks at hashed passwords is there from the start on.
THREAD = re.compile(r"clone3?\(.*CLONE_VM\|CLONE_FS\|CLONE_FILES\|CLONE_SIGHAND\|CLONE_THREAD")


class Trace:
    """The forbidden calls of a process and its threads, for the length of a block."""

    def __init__(self, pid, directory):
        self.path = os.path.join(directory, "trace")
        self.pid = pid
        self.calls = []
        self.threads = []
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["strace", "-f", "-qq", "-e", "signal=none", "-e", "trace=" + ",".join(FORBIDDEN),
             "-o", self.path, "-p", str(self.pid)], stdin=subprocess.DEVNULL)
        wait_for(self.is_attached, "strace is attached")
        return self

    def is_attached(self):
        assert self.process.poll() is None, "strace ended"
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return f"TracerPid:\t{self.process.pid}\n" in f.read()

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        with open(self.path, encoding="utf-8", errors="replace") as f:
            lines = [line for line in f.read().splitlines() if "(" in line]
        self.threads = [line for line in lines if THREAD.search(line)]
        self.calls = [line for line in lines if line not in self.threads]


class TestTraced(TestCase):
    def converse(self, bed, i):
        with NutConnection(bed.port) as c:
            for request in ("VER", "NETVER", "HELP", "LIST UPS", "LIST VAR ups", "LIST CMD ups",
                            "LIST RW ups", "GET VAR ups ups.status", "GET TYPE ups input.transfer.low",
                            "nonsense", "GET VAR nobody x", "LIST CLIENT ups"):
                self.assertTrue(c.ask(request))
            user, password, good = (("admin", "pw", True), ("hashed", "busbar", None),
                                    ("admin", "wrong", False), ("mon", "mp", True))[i % 4]
            c.login(user, password)
            if user == "mon":
                self.assertEqual(c.ask("LOGIN ups"), "OK")
                self.assertEqual(c.ask("PRIMARY ups"), "OK PRIMARY-GRANTED")
            else:
                c.ask("SET TRACKING ON")
                answer = c.ask(f"SET VAR ups input.transfer.low {100 + i}")
                if good is not None:
                    self.assertEqual(answer.startswith("OK TRACKING"), good, answer)
                if answer.startswith("OK TRACKING"):
                    identifier = answer.split()[2]
                    wait_for(lambda: c.ask(f"GET TRACKING {identifier}") != "PENDING", "it is done")
            if i % 10 == 0:
                c.send("GET VAR ups " + "x" * 5000 + "\n\0\xff\n")

    def test_serving(self):
        with Testbed(CONFIG | {"upsd.conf": "MAXAGE 3\nMAXLOGINFAILURES 0\n"}) as bed:
            pid = bed.service("gateway").pid
            with Trace(pid, bed.directory) as trace:
                for i in range(100):
                    self.converse(bed, i)
                # FSD stays; a device comes and goes.
                with NutConnection(bed.port) as c:
                    c.login("admin", "pw")
                    self.assertEqual(c.ask("FSD ups"), "OK FSD-SET")
                    bed.kill("dummy-ups")
                    wait_for(lambda: c.ask("GET VAR Second ups.status").startswith("ERR "), "it is gone")
                    wait_for(lambda: c.ask("GET VAR Second ups.status").startswith("VAR "), "it is back")
            self.assertEqual(trace.calls, [])
            self.assertEqual(trace.threads, [])
            # The trace would show what it is to show: a reload reads files.
            with Trace(pid, bed.directory) as trace:
                bed.reload()
                bed.wait_log("Configuration reloaded")
            names = re.findall(r'"(.*?)"', "".join(trace.calls))
            opened = {os.path.basename(name) for name in names}
            self.assertLessEqual({"upsd.conf", "upsd.users", "ups.conf"}, opened)
            self.assertNotIn("exec", "".join(trace.calls))


if __name__ == "__main__":
    unittest.main()
