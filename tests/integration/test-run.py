#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""./run as its user meets it: the ready line, what it suggests to try, and a clean end."""

import os
import re
import select
import signal
import subprocess
import tempfile
import time
import unittest

from testlib import ROOT, TestCase, build_directory, free_port, run, wait_for


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class RunTest(TestCase):
    def start(self, *arguments, **options):
        self.temporary = self.enter(tempfile.TemporaryDirectory(prefix="busbar-run-"))
        self.process = subprocess.Popen(
            [os.path.join(ROOT, "run"), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
            env={**os.environ, "BUSBAR_BUILD": build_directory(), "TMPDIR": self.temporary}, **options)
        self.addCleanup(self.end, self.process)

    @staticmethod
    def end(process):
        """Returns what was written to stderr."""
        process.terminate()
        return process.communicate(timeout=20)[1]

    def wait_ready(self):
        """The port and the rest of the text."""
        self.assertTrue(select.select([self.process.stdout], [], [], 120)[0], "nothing is printed")
        match = re.fullmatch(r"ready: 127\.0\.0\.1:(\d+)\n", self.process.stdout.readline())
        if not match:
            self.fail(self.end(self.process))
        return int(match[1]), list(iter(self.process.stdout.readline, "Ctrl-C ends it all.\n"))

    def descendants(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as f:
            return [int(pid) for pid in f.read().split()]

    def check_end(self, number=signal.SIGTERM):
        children = self.descendants()
        self.assertGreaterEqual(len(children), 3)
        began = time.monotonic()
        self.process.send_signal(number)
        self.assertEqual(self.process.wait(10), 0)
        self.assertLess(time.monotonic() - began, 2.0)
        self.assertEqual([pid for pid in children if is_running(pid)], [])
        self.assertEqual(os.listdir(self.temporary), [])


class TestDemonstration(RunTest):
    def test_what_to_try(self):
        self.start()
        port, lines = self.wait_ready()
        commands = [line.strip() for line in lines if line.startswith("  ")]
        self.assertEqual([c.split()[0].rsplit("/")[-1] for c in commands],
                         ["upsc", "upsc", "export", "busbarctl", "busbarctl", "busctl", "upsrw"])
        result = run("sh", "-ec", "set -x\n" + "\n".join(commands))
        self.assertIn("ups\npdu\n", result.stdout)
        self.assertIn("device.model: Demo 1500\n", result.stdout)
        self.assertIn("If the mains failed now", result.stdout)
        self.assertIn("/org/busbar/device/pdu", result.stdout)
        self.assertIn("SUCCESS", result.stderr)
        self.assertEqual(run("upsc", f"pdu@localhost:{port}", "outlet.3.desc").stdout, "My machine\n")
        self.check_end()

    def test_files_can_be_edited(self):
        self.start()
        port, lines = self.wait_ready()
        directory = re.search(r"The configuration is in (\S+):", "".join(lines))[1]
        self.assertEqual(os.stat(os.path.join(directory, "upsd.users")).st_mode & 0o007, 0)
        with open(os.path.join(directory, "pdu.dev"), "a", encoding="ascii") as f:
            f.write("outlet.4.desc: New\n")
        command = ("upsc", f"pdu@localhost:{port}", "outlet.4.desc")
        wait_for(lambda: run(*command, check=False).stdout == "New\n", "the new variable")
        self.check_end(signal.SIGINT)


class TestEarlySignal(RunTest):
    def test_process_group(self):
        """As Ctrl-C does it, at any moment of the start: no step of it goes on, and nothing is left."""
        for delay in (.02, .05, .06, .07, .08, .1, .13, .16, .2, .3, .5):
            with self.subTest(delay):
                self.start("--port", "0", start_new_session=True,
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
                time.sleep(delay)
                os.killpg(self.process.pid, signal.SIGINT)
                self.assertIn(self.process.wait(2), (0, 130, -signal.SIGINT))
                self.assertNotIn("Traceback", self.process.stderr.read())
                self.assertEqual(os.listdir(self.temporary), [])


class TestConfiguration(RunTest):
    def configuration(self):
        directory = self.enter(tempfile.TemporaryDirectory(prefix="busbar-config-"))
        with open(os.path.join(directory, "ups.conf"), "w", encoding="ascii") as f:
            f.write("[mine]\ndriver = dummy-ups\nport = mine.dev\n"
                    "[not-there]\ndriver = no-such-driver\nport = auto\n"
                    "[no-file]\ndriver = dummy-ups\nport = none.dev\n")
        with open(os.path.join(directory, "mine.dev"), "w", encoding="ascii") as f:
            f.write("ups.status: OB DISCHRG\n")
        return directory

    def test_directory_and_port(self):
        wanted = free_port()
        self.start("--config", self.configuration(), "--port", str(wanted))
        port, _ = self.wait_ready()
        self.assertEqual(port, wanted)
        self.assertEqual(run("upsc", f"mine@localhost:{port}", "ups.status").stdout, "OB DISCHRG\n")
        for name in ("not-there", "no-file"):
            self.assertEqual(run("upsc", f"{name}@localhost:{port}", check=False).returncode, 1)
        self.assertEqual(run("upsc", "-l", f"localhost:{port}").stdout, "mine\nnot-there\nno-file\n")
        self.check_end()
        errors = self.process.stderr.read()
        self.assertIn("driver no-such-driver is not there; not served: not-there", errors)
        self.assertIn("device no-file is absent", errors)

    def test_mistakes(self):
        for arguments, status, message in (
            (("--nosuch",), 2, "what is --nosuch?"),
            (("--port",), 2, "--port wants a value"),
            (("--port", "70000"), 2, "a number from 0 to 65535"),
            (("--port", "abc"), 2, "a number from 0 to 65535"),
            (("--config", "/nonexistent"), 2, "/nonexistent is not a directory"),
        ):
            with self.subTest(arguments):
                self.start(*arguments)
                self.assertEqual(self.process.wait(60), status)
                errors = self.process.stderr.read()
                self.assertIn(message, errors)
                self.assertNotIn("building", errors)
                self.assertEqual(os.listdir(self.temporary), [])

    def test_help(self):
        self.start("--help")
        self.assertEqual(self.process.wait(10), 0)
        self.assertIn("--config DIR", self.process.stdout.read())


if __name__ == "__main__":
    unittest.main()
