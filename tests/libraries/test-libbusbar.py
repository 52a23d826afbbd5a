#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libbusbar from the outside: its calls, its example, what it exports, and the same in Python."""

import os
import re
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "ctl"))

# pylint: disable=wrong-import-position
from ctllib import CONFIG, FakeDevice, Testbed, TestCase, build_directory, wait_for  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
LIBRARY = os.path.join(build_directory(), "src", "libbusbar", "libbusbar.so.0")
EXAMPLES = {
    "C": [os.path.join(build_directory(), "src", "libbusbar", "libbusbar-example")],
    "Python": ["/usr/bin/python3", os.path.join(ROOT, "src", "bindings", "examples", "busbar-devices.py")],
}


class TestLibrary(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bed = cls.enterClassContext(Testbed(CONFIG))

    def run_program(self, *argv, status=0):
        result = subprocess.run(argv, env=self.bed.environment, capture_output=True, text=True, timeout=120,
                                check=False)
        self.assertEqual(result.returncode, status, f"{argv}: {result.stdout}{result.stderr}")
        return result

    def check(self, part):
        program = os.path.join(build_directory(), "tests", "libraries", "libbusbar-check")
        self.assertEqual(self.run_program(program, part).stderr, "")

    def test_calls(self):
        with FakeDevice(self.bed.environment):
            self.check("calls")

    def test_closed_by_handler(self):
        with FakeDevice(self.bed.environment):
            self.check("closing")
            self.check("event")

    def test_examples(self):
        for language, argv in EXAMPLES.items():
            with self.subTest(language=language), FakeDevice(self.bed.environment):
                lines = self.run_program(*argv).stdout.splitlines()
                self.assertEqual([line.split(":")[0] for line in lines], ["Fake", "pdu", "rack"])
                self.assertIn("OB DISCHRG", lines[2])
                self.assertIn("42 %", lines[2])
                self.run_program(*argv, "set", "fake", "ups.id", "new")
                self.run_program(*argv, "run", "Fake", "test.battery.start.quick")
                said = self.run_program(*argv, "set", "Fake", "ups.id", "fail", status=1).stderr
                self.assertIn("the relay is welded shut", said)
                self.assertIn("no device nobody",
                              self.run_program(*argv, "run", "nobody", "load.off", status=1).stderr)

    def watch(self, argv, bed):
        """What the example says while devices change, go, and the bus restarts."""
        with open(os.path.join(bed.directory, "said"), "w+", encoding="utf-8") as said, \
                subprocess.Popen([*argv, "watch"], env=bed.environment, stdout=said, stderr=said) as process:
            def wait(pattern):
                def look():
                    with open(said.name, encoding="utf-8") as f:
                        return re.search(pattern, f.read(), re.MULTILINE)
                wait_for(look, f"{argv}: {pattern}", timeout=60)

            try:
                yield wait
            finally:
                process.kill()

    def test_watch(self):
        for language, argv in EXAMPLES.items():
            with self.subTest(language=language), Testbed(CONFIG) as bed:
                for wait in self.watch(argv, bed):
                    wait("rack.*OB DISCHRG")
                    bed.write("rack.dev", "ups.status: OL\nups.load: 18\n")
                    wait("rack: ups.load = 18$")
                    wait("rack: battery.runtime is gone$")
                    with FakeDevice(bed.environment) as fake:
                        wait("Fake")
                        fake.tell("set ups.load 77")
                        wait("Fake: ups.load = 77$")
                    wait("^- Fake$|^Fake is gone$")

    def test_bus_returns(self):
        with Testbed(CONFIG) as bed:
            for wait in self.watch(EXAMPLES["C"], bed):
                wait("rack: fresh")
                bed.kill("bus")
                wait("^\\* rack: fresh")
                bed.write("rack.dev", "ups.status: OL\nups.load: 19\n")
                wait("rack: ups.load = 19$")


class TestFile(TestCase):
    def test_no_bus(self):
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
        for argv, status in (([os.path.join(build_directory(), "tests", "libraries", "libbusbar-check"),
                               "no-bus"], 0), ([*EXAMPLES["Python"]], 1)):
            result = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60,
                                    check=False)
            self.assertEqual(result.returncode, status, result.stderr)
            self.assertNotIn("Traceback", result.stderr)

    def test_symbols(self):
        """Programs see what the header declares, and nothing else."""
        with open(os.path.join(ROOT, "src", "libbusbar", "busbar.h"), encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.DOTALL)
        declared = set(re.findall(r"\b(busbar_\w+)\(", text))
        listed = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], capture_output=True, text=True,
                                check=True).stdout
        symbols = {line.split()[-1] for line in listed.splitlines()} - {"LIBBUSBAR_0"}
        self.assertEqual(symbols, {f"{name}@@LIBBUSBAR_0" for name in declared})

    def test_page(self):
        """The page has each call."""
        with open(os.path.join(ROOT, "src", "libbusbar", "busbar.h"), encoding="utf-8") as f:
            declared = set(re.findall(r"\b(busbar_\w+)\(", f.read()))
        with open(os.path.join(ROOT, "man", "libbusbar.3.rst"), encoding="utf-8") as f:
            page = set(re.findall(r"\b(busbar_\w+)\(\)", f.read()))
        self.assertEqual(page, declared)


if __name__ == "__main__":
    unittest.main()
