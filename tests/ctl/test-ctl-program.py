#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbarctl as a program: command line, terminal, completion, and what needs no device."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from ctllib import BUSBARCTL, ESCAPE, CtlTest, Testbed, TestCase, at_terminal, call

HERE = os.path.dirname(os.path.abspath(__file__))


class TestCheck(TestCase):
    """It needs neither bus nor drivers."""

    def check(self, files, *arguments):
        with tempfile.TemporaryDirectory() as directory:
            for name, text in files.items():
                path = os.path.join(directory, name)
                with open(path, "w", encoding="latin-1") as f:
                    f.write(text)
                os.chmod(path, 0o640)
            # A directory of drivers in which there is none.
            environment = {"NUT_CONFPATH": directory, "BUSBAR_DRIVER_PATH": directory,
                           "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={directory}/bus"}
            result = call("check", *arguments, environment=environment)
            result.out = result.out.replace(directory + "/", "")
            return result

    def test_good(self):
        result = self.check({"upsd.conf": "MAXAGE 20\n"})
        self.assertEqual((result.status, result.out, result.err), (0, "", "0 devices, no problems\n"))
        result = self.check({}, "--json")
        self.assertEqual((result.status, result.json, result.err), (0, [], ""))

    def test_bad(self):
        files = {"ups.conf": "[a]\ndriver = no-such-driver\nport = x\n\n[b]\ndriver = y\n",
                 "upsd.conf": "LISTEN 127.0.0.1\nMAXAGES 15\n", "upsd.users": "[x]\npassword = \"a # b\"\n"}
        result = self.check(files)
        self.assertEqual(result.status, 1)
        self.assertRegex(result.out, r'(?m)^ups\.conf:1: warning: \[a\] wants the driver "no-such-driver"')
        self.assertRegex(result.out, r"(?m)^ups\.conf:5: error: .*no port")
        self.assertRegex(result.out, r"(?m)^upsd\.conf:2: error: .*MAXAGE")
        self.assertRegex(result.out, r"(?m)^upsd\.users:2: error: ")
        self.assertRegex(result.out, r"(?m)^upsd\.users:1: warning: Nobody can be user x: it has no pass")
        self.assertEqual(result.err, "1 device, 3 errors, 2 warnings\n")

        problems = self.check(files, "--json").json
        self.assertEqual([(p["file"], p["line"], p["level"]) for p in problems],
                         [("ups.conf", 5, "error"), ("ups.conf", 1, "warning"), ("upsd.conf", 2, "error"),
                          ("upsd.users", 2, "error"), ("upsd.users", 1, "warning")])

    def test_accounts(self):
        """Accounts that nobody can use are told of, whatever is the reason."""
        crypt = "$y$j75$busbarbusbar$mUmXM7ULmoaJAivFqTC7E0eEhUWl7Oa1orclSFe5qc8"
        settings = "LISTEN 127.0.0.1\nLISTEN ::1\n"
        for lines, message in (
            (f'password = "{crypt}"\nallowfrom = localhost', None),
            ("password = x\nallowfrom = 127.0.0.9", None),
            ("password = x\nups = A", None),
            ("actions = SET", "Nobody can be user u: it has no password"),
            ("password = $9$x$abc", "its password begins as a hash does, and is none"),
            (f'password = "{crypt[:-1]}"', "its password begins as a hash does, and is none"),
            ("password = x\nallowfrom = 192.0.2.0/24", "no client can reach a LISTEN address"),
            ("password = x\nups = b", 'the device "b", which is not there'),
        ):
            with self.subTest(lines):
                files = {"upsd.conf": settings, "upsd.users": f"[u]\n{lines}\n", "ups.conf":
                         "[a]\ndriver = x\nport = y\n"}
                out = [line for line in self.check(files).out.splitlines() if "driver" not in line]
                self.assertEqual(len(out), 1 if message else 0, out)
                if message:
                    self.assertRegex(out[0], f"^upsd\\.users:1: warning: .*{message}")
        files = {"upsd.users": "[u]\npassword = x\nallowfrom = lan\n", "upsd.conf":
                 "LISTEN 192.0.2.1\nAPPLIANCE qnap b 192.0.2.2\nAPPLIANCE qnap b any\n"}
        self.assertEqual([(p["file"], p["line"], p["level"]) for p in self.check(files, "--json").json],
                         [("upsd.conf", 3, "error"), ("upsd.users", 3, "error"), ("upsd.conf", 2, "warning"),
                          ("upsd.users", 1, "warning")])
        files = {"upsd.conf": "LISTEN 192.0.2.1\nAPPLIANCE synology rack 192.0.2.2\n", "upsd.users": "",
                 "ups.conf": "[ups]\ndriver = x\nport = y\n[rack]\ndriver = x\nport = y\n"}
        self.assertRegex(self.check(files).out,
                         r'(?m)^upsd\.conf:2: warning: APPLIANCE: .*a device "ups" as well')

    def test_monitor(self):
        files = {"ups.conf": "[here]\ndriver = x\nport = y\n", "nut.conf": "MODE=$X\n",
                 "upsmon.conf": "MONITOR here 1 u p primary\nMONITOR gone 1 u p primary\n"
                                "MONITOR far@nas.example 1 u Xyzzy secondary\nPOLLFRQ 5\n",
                 "upssched.conf": "AT ONBATT * START-TIMER x\n"}
        result = self.check(files)
        self.assertEqual(result.status, 1)
        self.assertRegex(result.out, r"(?m)^nut\.conf:1: error: ")
        self.assertRegex(result.out, r"(?m)^upsmon\.conf:4: error: .*POLLFREQ")
        self.assertRegex(result.out, r"(?m)^upssched\.conf:1: error: .*seconds")
        self.assertRegex(result.out, r"(?m)^upsmon\.conf:2: warning: gone .*no section \[gone\]")
        self.assertNotRegex(result.out, r"(?m)^upsmon\.conf:1:")
        self.assertNotIn("Xyzzy", result.out)
        # The device of ups.conf, and that of the other host.
        self.assertRegex(result.err, "^2 devices, 3 errors, [23] warnings\n$")

    def test_monitor_of_a_client(self):
        encrypted = "MONITOR ups@there 1 u p secondary\n"
        for more in ("", "FORCESSL 1\n", "CERTHOST there name 0 1\n"):
            self.assertEqual(self.check({"upsmon.conf": encrypted + more}).status, 0)

        result = self.check({"nut.conf": "MODE=netclient\n", "upsmon.conf": "MONITOR here 1 u p primary\n"})
        self.assertRegex(result.out, r"(?m)^upsmon\.conf:1: warning: here .*netclient")
        self.assertEqual(result.status, 0)

    def test_everybody_can_read(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "upsmon.conf")
            with open(path, "w", encoding="ascii") as f:
                f.write("MONITOR far@nas.example 1 u Xyzzy secondary\n")
            os.chmod(path, 0o644)
            result = call("check", environment={"NUT_CONFPATH": directory})
        self.assertIn("upsmon.conf: warning: Everybody can read", result.out)

    def test_no_directory(self):
        result = call("check", environment={"NUT_CONFPATH": "/nonexistent"})
        self.assertEqual((result.status, result.out), (1, ""))
        self.assertIn("directory /nonexistent", result.err)

    def test_directory_for_file(self):
        with tempfile.TemporaryDirectory() as directory:
            os.mkdir(os.path.join(directory, "ups.conf"))
            result = call("check", environment={"NUT_CONFPATH": directory})
        self.assertEqual(result.status, 1)
        self.assertIn("ups.conf", result.out)


class TestCommandLine(TestCase):
    def call(self, *arguments, status, environment=None):
        result = call(*arguments, environment=environment)
        self.assertEqual(result.status, status, result.err)
        return result

    def test_help(self):
        text = self.call("--help", status=0).out
        self.assertTrue(all(len(line) <= 80 for line in text.splitlines()), text)
        self.assertEqual(self.call("-h", status=0).out, text)
        self.assertEqual(re.findall("^  fsd (.*?) {2}|^  check", text, re.MULTILINE),
                         ["", "[list]", "clear DEVICE", "set DEVICE [REASON]"])
        self.assertRegex(self.call("--version", status=0).out, r"^busbarctl \d+\.\d+\.\d+\n$")

    def test_usage(self):
        self.assertIn('Did you mean "show"?', self.call("shwo", "x", status=2).err)
        self.assertIn("--help", self.call("abracadabra", status=2).err)
        for arguments in (["--nonsense"], ["show"], ["show", "a", "b"], ["get", "a"], ["list", "x"],
                          ["set", "a", "b", "c", "d"], ["watch", "a", "b"], ["check", "x"]):
            result = self.call(*arguments, status=2)
            self.assertEqual(result.out, "")
            self.assertNotEqual(result.err, "")

    def test_no_bus(self):
        with tempfile.TemporaryDirectory() as directory:
            for address in (f"unix:path={directory}/bus", "garbage"):
                for arguments in ([], ["list"], ["show", "x"], ["fsd"], ["--json"]):
                    environment = {"DBUS_SYSTEM_BUS_ADDRESS": address}
                    result = self.call(*arguments, status=1, environment=environment)
                    self.assertEqual(result.out, "")
                    self.assertIn("unset DBUS_SYSTEM_BUS_ADDRESS", result.err)

    def test_full_disk(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            result = subprocess.run([BUSBARCTL, "--help"], stdout=full, stderr=subprocess.PIPE, check=False,
                                    timeout=30)
        self.assertEqual(result.returncode, 1)


class TestNothing(TestCase):
    """No device at all."""

    def test_no_device(self):
        with Testbed({"ups.conf": "", "upsd.conf": "", "upsd.users": ""}) as bed:
            result = call(environment=bed.environment)
            self.assertEqual((result.status, result.out), (0, ""))
            self.assertIn("There is no device.", result.err)
            self.assertEqual(call("--json", environment=bed.environment).out, "[]\n")
            self.assertIn("There is no device.", call("show", "x", environment=bed.environment).err)
            bed.write("ups.conf", "[a]\ndriver = x\nport = y\n")
            self.assertIn("ups.conf names 1 device.", call("list", environment=bed.environment).err)


class TestTerminal(CtlTest):
    """Output at a terminal, through a pty."""

    def at_terminal(self, *arguments, **environment):
        status, text = at_terminal(*arguments, environment={**self.environment, **environment})
        self.assertEqual(status, 0)
        return text

    def test_colors(self):
        text = self.at_terminal("status")
        self.assertIn("\x1b[32mon line, charging\x1b[0m", text)
        self.assertIn("\x1b[1;31malarm: Replace battery!\x1b[0m", text)
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            plain = self.at_terminal("status", **environment)
            self.assertNotIn(ESCAPE, plain)
            self.assertEqual(re.sub(r"\x1b\[[0-9;]*m", "", text), plain)
        self.assertIn("\x1b[32m", self.at_terminal("status", NO_COLOR=""))

    def test_device_gives_no_escapes(self):
        for arguments in (["list"], ["show", "Fake"], ["describe", "Fake"], ["set", "Fake"]):
            text = self.at_terminal(*arguments)
            self.assertNotIn("\x1b[31mreal", text)
            self.assertNotIn("# \x1b[31m", text)
            self.assertIn("?[31m", text)

    def test_show_aligned(self):
        text = self.at_terminal("show", "Fake", NO_COLOR="1")
        self.assertRegex(text, r"(?m)^battery\.charge:     87    %$")
        self.assertRegex(text, r"(?m)^ups\.temperature:    31\.5  °C$")
        self.assertRegex(text, r'(?m)^ups\.id:             say "hello" ')

    def test_list_titles(self):
        text = self.at_terminal("list", NO_COLOR="1")
        self.assertRegex(text, r"^NAME +DATA +DRIVER +DESCRIPTION\nFake +fresh +fake-device ")

    def test_json_has_no_colors(self):
        json.loads(self.at_terminal("status", "--json"))


class TestCompletion(CtlTest):
    SCRIPT = os.path.join(os.path.dirname(os.path.dirname(HERE)), "src", "ctl", "completion", "busbarctl")

    def complete(self, *words):
        script = f'source {self.SCRIPT}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _busbarctl; ' \
                 'printf "%s\\n" "${COMPREPLY[@]}"'
        path = os.path.dirname(BUSBARCTL) + ":" + os.environ["PATH"]
        result = subprocess.run(["bash", "-c", script, "bash", "busbarctl", *words], capture_output=True,
                                text=True, check=True, env={**self.environment, "PATH": path}, timeout=30)
        self.assertEqual(result.stderr, "")
        return result.stdout.split()

    def test_words(self):
        for words, expected in (
                (["s"], ["status", "show", "set", "shutdown", "scan"]),
                (["--js"], ["--json"]),
                (["show", ""], ["Fake", "pdu", "rack"]),
                (["--json", "show", "r"], ["rack"]),
                (["get", "Fake", "battery.charge"], ["battery.charge", "battery.charge.low"]),
                (["set", "Fake", ""], ["ups.beeper.status", "ups.delay.shutdown", "ups.id"]),
                (["run", "Fake", "load"], ["load.off"]),
                (["fsd", ""], ["list", "clear", "set"]),
                (["fsd", "set", "p"], ["pdu"]),
                (["fsd", "clear", ""], []),
                (["check", ""], []),
                (["why", "--l"], ["--lines"]),
                (["list", "--l"], []),
                (["shutdown", "--dr"], ["--dry-run"]),
                (["shutdown", ""], []),
                (["policy", "on"], ["on-battery=", "on-battery-delay="]),
                (["policy", "charge=30", "ra"], ["rack"])):
            with self.subTest(words=words):
                self.assertEqual(self.complete(*words), expected)

    def test_all_verbs(self):
        """Both completions know the verbs of --help, in any order."""
        text = self.run_ctl("--help").out.split("Options:")[0]
        verbs = set(re.findall(r"(?m)^  ([a-z]+)", text))
        self.assertEqual(set(self.complete("")), verbs)
        with open(os.path.join(os.path.dirname(self.SCRIPT), "_busbarctl"), encoding="utf-8") as f:
            self.assertEqual(set(re.findall(r"(?m)^ +'([a-z]+):", f.read())), verbs)


if __name__ == "__main__":
    unittest.main()
