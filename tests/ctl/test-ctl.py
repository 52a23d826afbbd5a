#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbarctl: each verb, as text and as JSON, in a pipe and at a terminal; errors and exit statuses."""

import contextlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

from testlib import Testbed, TestCase, build_directory, wait_for  # noqa: E402

BUSBARCTL = os.path.join(build_directory(), "src", "ctl", "busbarctl")
FAKE_DEVICE = os.path.join(build_directory(), "tests", "ctl", "fake-device")

CONFIG = {
    "ups.conf": "pollinterval = 1\n[rack]\ndriver = dummy-ups\nport = rack.dev\ndesc = \"In the rack\"\n"
                "[pdu]\ndriver = dummy-ups\nport = pdu.dev\n",
    "rack.dev": "ups.status: OB DISCHRG\nbattery.charge: 42\nbattery.runtime: 754\nups.load: 17\n"
                "ALARM Replace battery!\n",
    "pdu.dev": "ups.status: OL\ndevice.type: pdu\ninput.voltage: 229.6\n",
    "upsd.conf": "",
    "upsd.users": "",
}

ESCAPE = "\x1b"
NOBODY = 65534


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def json(self):
        return json.loads(self.out)


class FakeDevice:
    """See fake-device.c."""

    def __init__(self, environment):
        self.process = subprocess.Popen([FAKE_DEVICE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)
        self._expect("ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.stdin.closed:
            return
        self.process.stdin.close()
        status = self.process.wait(10)
        self.process.stdout.close()
        assert status == 0, f"fake-device ended with {status}"

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        self._expect("ok")

    def _expect(self, word):
        line = self.process.stdout.readline().strip()
        assert line == word, f"fake-device said {line!r} instead of {word}"


class Watcher:
    """busbarctl watch, line by line."""

    def __init__(self, environment, *arguments):
        self.process = subprocess.Popen([BUSBARCTL, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment)
        self.data = {self.process.stdout: b"", self.process.stderr: b""}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def text(self, stream=None):
        stream = stream or self.process.stdout
        while select.select([stream], [], [], 0)[0] and (chunk := os.read(stream.fileno(), 65536)):
            self.data[stream] += chunk
        return self.data[stream].decode()

    def wait(self, pattern, stream=None):
        return wait_for(lambda: re.search(pattern, self.text(stream), re.MULTILINE),
                        f"{pattern} in {self.text(stream)!r}")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)


class CtlTest(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bed = cls.enterClassContext(Testbed(CONFIG))
        cls.environment = {k: v for k, v in cls.bed.environment.items() if k not in ("NO_COLOR", "TERM")}
        cls.environment["TERM"] = "xterm"

    def setUp(self):
        self.fake = self.enter(FakeDevice(self.environment))

    def run_ctl(self, *arguments, status=0, environment=None, **options):
        result = subprocess.run([BUSBARCTL, *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False,
                                timeout=60, env={**self.environment, **(environment or {})}, **options)
        out, err = result.stdout.decode(), result.stderr.decode()
        self.assertEqual(result.returncode, status, f"{arguments}: {out}{err}")
        self.assertNotIn(ESCAPE, out + err)
        self.assertNotIn("Sanitizer", err)
        if status == 0:
            self.assertEqual(err, "")
        else:
            self.assertRegex(err, "^busbarctl: ")
        return Result(result.returncode, out, err)

    def fails(self, *arguments, status=1, **options):
        """The message of a call that has to fail, and writes nothing else."""
        result = self.run_ctl(*arguments, status=status, **options)
        self.assertEqual(result.out, "")
        return result.err


class TestList(CtlTest):
    def test_text(self):
        lines = self.run_ctl("list").lines
        self.assertEqual(lines, ["Fake\tfresh\tfake-device\tNot ?[31mreal, \"but\" ours é", "pdu\tfresh\tdummy-ups\t",
                                 "rack\tfresh\tdummy-ups\tIn the rack"])

    def test_json(self):
        devices = self.run_ctl("list", "--json").json
        self.assertEqual([d["name"] for d in devices], ["Fake", "pdu", "rack"])
        self.assertEqual(devices[0], {"name": "Fake", "freshness": "fresh", "driver": "fake-device",
                                      "description": "Not \x1b[31mreal, \"but\" ours é"})


class TestStatus(CtlTest):
    def test_text(self):
        """The same with and without the verb, and without a terminal."""
        text = self.run_ctl("status").out
        self.assertEqual(self.run_ctl().out, text)
        self.assertRegex(text, r"(?m)^DEVICE +CHARGE +RUNTIME +LOAD +INPUT +STATUS$")
        self.assertRegex(text, r"(?m)^Fake +#{10}-- +87 % +0:43 +23 % +231 V +on line, charging$")
        self.assertRegex(text, r"(?m)^rack +#{5}-{7} +42 % +0:12 +17 % +- +alarm, ON BATTERY, discharging\n"
                               r"  alarm: Replace battery!$")
        self.assertRegex(text, r"(?m)^pdu +- +- +- +230 V +on line$")

    def test_json(self):
        devices = {d["name"]: d for d in self.run_ctl("--json").json}
        self.assertEqual(devices["Fake"], {
            "name": "Fake", "freshness": "fresh", "status": ["OL", "CHRG"], "alarms": [], "charge_percent": 87,
            "runtime_seconds": 2605, "load_percent": 23, "input_voltage": 231.4})
        self.assertEqual(devices["rack"]["alarms"], ["Replace battery!"])
        self.assertIsNone(devices["pdu"]["charge_percent"])

    def test_stale_and_absent(self):
        """Old values are not shown as if they were present ones."""
        self.fake.tell("freshness stale")
        self.assertRegex(self.run_ctl().out, r"(?m)^Fake +\? +\? +\? +\? +STALE: ")
        self.fake.tell("freshness absent")
        self.assertRegex(self.run_ctl().out, r"(?m)^Fake +\? +\? +\? +\? +ABSENT: ")

    def test_not_served(self):
        self.bed.write("ups.conf", CONFIG["ups.conf"] + "[lost]\ndriver = usbhid-ups\nport = auto\n")
        self.addCleanup(self.bed.write, "ups.conf", CONFIG["ups.conf"])
        self.assertRegex(self.run_ctl().out, r"(?m)^lost +\? .*NOT SERVED: the driver usbhid-ups is not running$")
        self.assertIn("its driver, usbhid-ups, is not running", self.fails("show", "lost"))


class TestShow(CtlTest):
    def test_text(self):
        lines = self.run_ctl("show", "fake").lines
        self.assertIn("battery.charge: 87", lines)
        self.assertIn('ups.id: say "hello" \\ # ?[31m', lines)
        self.assertEqual(lines, sorted(lines))

    def test_as_upsc(self):
        """What a script that knows upsc sees is the same."""
        upsc = subprocess.run(["upsc", f"rack@127.0.0.1:{self.bed.port}"], capture_output=True, text=True, check=True,
                              timeout=30)
        self.assertEqual(self.run_ctl("show", "rack").out, upsc.stdout)

    def test_json(self):
        device = self.run_ctl("--json", "show", "FAKE").json
        self.assertEqual(device["name"], "Fake")
        self.assertEqual(device["variables"]["ups.id"], 'say "hello" \\ # ?[31m')
        self.assertEqual(device["commands"], ["load.off", "outlet.1.load.off", "test.battery.start.quick"])
        self.assertEqual(device["status"], ["OL", "CHRG"])

    def test_stale(self):
        self.fake.tell("freshness stale")
        result = subprocess.run([BUSBARCTL, "show", "Fake"], capture_output=True, text=True, check=True,
                                env=self.environment, timeout=30)
        self.assertIn("these values are old", result.stderr)
        self.assertIn("battery.charge: 87\n", result.stdout)


class TestGet(CtlTest):
    def test_value(self):
        self.assertEqual(self.run_ctl("get", "Fake", "Battery.Charge").out, "87\n")
        self.assertEqual(self.run_ctl("get", "Fake", "input.voltage", "-j").json,
                         {"device": "Fake", "variable": "input.voltage", "value": "231.4", "unit": "V"})

    def test_unknown(self):
        self.assertIn('has no variable "battery.color"', self.fails("get", "Fake", "battery.color"))

    def test_unknown_device(self):
        self.assertIn("Did you mean rack?", self.fails("get", "rakc", "battery.charge"))
        self.assertIn("Did you mean Fake?", self.fails("get", "fa", "battery.charge"))
        self.assertIn("There is Fake, pdu, rack.", self.fails("get", "something", "battery.charge"))
        self.assertIn("leave out the @", self.fails("get", "rack@localhost", "battery.charge"))
        self.assertIn('"?[31m"', self.fails("get", "\x1b[31m", "battery.charge"))

    def test_not_fresh(self):
        self.fake.tell("freshness stale")
        self.assertIn("does not answer", self.fails("get", "Fake", "battery.charge"))
        self.fake.tell("freshness absent")
        self.assertIn("not connected", self.fails("get", "Fake", "battery.charge"))


class TestDescribe(CtlTest):
    def test_one(self):
        self.assertEqual(self.run_ctl("describe", "Fake", "battery.charge").lines,
                         ["battery.charge: 87 %", "        Charge of the battery", "        number, read-only"])
        self.assertEqual(self.run_ctl("describe", "Fake", "ups.delay.shutdown").lines[2],
                         "        range, can be set: a number from 0 to 60 or 120 to 600")
        self.assertEqual(self.run_ctl("describe", "Fake", "ups.beeper.status").lines[2],
                         "        enum, can be set: one of enabled, disabled")
        self.assertEqual(self.run_ctl("describe", "Fake", "ups.id").lines[2],
                         "        string, can be set: up to 12 characters")
        self.assertIn("not in the vocabulary", self.run_ctl("describe", "Fake", "vendor.secret").out)
        self.assertIn("has no variable", self.fails("describe", "Fake", "nothing"))

    def test_json(self):
        variables = {v["variable"]: v for v in self.run_ctl("describe", "Fake", "--json").json}
        self.assertEqual(variables["ups.delay.shutdown"], {
            "variable": "ups.delay.shutdown", "value": "20", "type": "range", "unit": "s",
            "description": "Wait before the outlets are switched off", "writable": True,
            "ranges": [{"min": 0, "max": 60}, {"min": 120, "max": 600}]})
        self.assertEqual(variables["ups.beeper.status"]["enum"], ["enabled", "disabled"])
        self.assertEqual(variables["ups.temperature"]["unit"], "°C")
        self.assertIsNone(variables["vendor.secret"]["description"])
        self.assertEqual(self.run_ctl("describe", "Fake", "ups.id", "--json").json["length_max"], 12)

    def test_text_of_all(self):
        text = self.run_ctl("describe", "Fake").out
        self.assertEqual(len(re.findall(r"(?m)^\S+: ", text)), len(self.run_ctl("show", "Fake").lines))


class TestSet(CtlTest):
    def test_list(self):
        lines = self.run_ctl("set", "Fake").lines
        self.assertIn("ups.beeper.status\tenabled\tone of enabled, disabled", lines)
        self.assertEqual(len(lines), 3)
        self.assertEqual(set(self.run_ctl("set", "Fake", "--json").json),
                         {"ups.beeper.status", "ups.delay.shutdown", "ups.id"})

    def test_set(self):
        self.assertEqual(self.run_ctl("set", "Fake", "ups.id", "new").out, "")
        self.assertEqual(self.run_ctl("get", "Fake", "ups.id").out, "new\n")
        self.assertEqual(self.run_ctl("-j", "set", "Fake", "ups.id", "two \"").json,
                         {"device": "Fake", "variable": "ups.id", "value": "two \"", "result": "ok"})
        self.run_ctl("set", "--", "Fake", "ups.id", "-5")
        self.assertEqual(self.run_ctl("get", "Fake", "ups.id").out, "-5\n")

    def test_verdicts(self):
        for variable, value, message in (
                ("ups.delay.shutdown", "100", "it wants a number from 0 to 60 or 120 to 600"),
                ("ups.delay.shutdown", "soon", "it wants a number"),
                ("ups.beeper.status", "loud", "it wants one of enabled, disabled"),
                ("ups.id", "much too long for it", "it wants up to 12 characters"),
                ("battery.charge", "100", "can only be read"),
                ("no.such", "1", 'has no variable "no.such"'),
                ("ups.id", "busy", "is busy"),
                ("ups.id", "stale", "does not answer"),
                ("ups.id", "absent", "is not connected"),
                ("ups.id", "fail", "the relay is welded shut?[31m"),
                ("ups.id", "late", "did not set ups.id")):
            with self.subTest(variable=variable, value=value):
                self.assertIn(message, self.fails("set", "Fake", variable, value))

    def test_json_failure(self):
        """An error is not half a document."""
        self.assertIn("is busy", self.fails("--json", "set", "Fake", "ups.id", "busy"))

    def test_usage(self):
        self.assertIn("value for ups.id is missing", self.fails("set", "Fake", "ups.id", status=2))

    @unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
    def test_denied(self):
        """Who is not root is told which action it takes; reading is for everybody."""
        somebody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        message = self.fails("set", "Fake", "ups.id", "x", **somebody)
        self.assertIn("Not allowed", message)
        self.assertIn("org.busbar.configure", message)
        self.assertIn("org.busbar.power-off", self.fails("run", "Fake", "load.off", **somebody))
        self.assertIn("org.busbar.switch-outlet", self.fails("run", "Fake", "outlet.1.load.off", **somebody))
        self.assertIn("org.busbar.test", self.fails("run", "Fake", "test.battery.start.quick", "--no-ask-password",
                                                    **somebody))
        self.assertIn("org.busbar.force-shutdown", self.fails("fsd", "set", "rack", **somebody))
        self.assertIn("org.busbar.force-shutdown", self.fails("fsd", "clear", "rack", **somebody))
        self.assertIn("say", self.run_ctl("get", "Fake", "ups.id", **somebody).out)


class TestRun(CtlTest):
    def test_list(self):
        self.assertIn("load.off\tSwitch the outlets off at once", self.run_ctl("run", "Fake").lines)
        self.assertIn("load.off", self.run_ctl("run", "Fake", "--json").json)

    def test_run(self):
        self.assertEqual(self.run_ctl("run", "Fake", "Load.Off").out, "")
        self.assertEqual(self.run_ctl("run", "Fake", "load.off", "-j").json,
                         {"device": "Fake", "command": "load.off", "argument": None, "result": "ok"})

    def test_waits(self):
        before = time.monotonic()
        self.run_ctl("run", "Fake", "load.off", "slow")
        self.assertGreater(time.monotonic() - before, 0.25)

    def test_verdicts(self):
        for argument, message in (("busy", "is busy"), ("refuse", "does not take that argument"),
                                  ("fail", "did not do load.off: the relay is welded shut?[31m"),
                                  ("unknown", "has no command")):
            with self.subTest(argument=argument):
                self.assertIn(message, self.fails("run", "Fake", "load.off", argument))
        self.assertIn('has no command "load.of"', self.fails("run", "Fake", "load.of"))


class TestFsd(CtlTest):
    def test_set_list_clear(self):
        self.assertEqual(self.run_ctl("fsd", "--json").json, [])
        self.run_ctl("fsd", "set", "rack", "for a \"test\"")
        self.addCleanup(self.run_ctl, "fsd", "clear", "rack")
        entry, = self.run_ctl("fsd", "list", "--json").json
        self.assertEqual((entry["device"], entry["reason"]), ("rack", "for a \"test\""))
        self.assertLess(abs(entry["since_usec"] / 1e6 - time.time()), 60)
        device, since, owner, reason = self.run_ctl("fsd").lines[0].split("\t")
        self.assertEqual((device, owner, reason), ("rack", entry["owner"], "for a \"test\""))
        self.assertRegex(since, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertEqual(self.run_ctl("fsd", "clear", "rack", "--json").json,
                         {"device": "rack", "forced_shutdown": False, "result": "ok"})
        self.assertEqual(self.run_ctl("fsd", "list", "--json").json, [])

    def test_errors(self):
        self.assertIn('no device "nothing"', self.fails("fsd", "set", "nothing"))
        self.assertIn('no device "nothing"', self.fails("fsd", "clear", "nothing"))
        for arguments in (["end"], ["clear"], ["set"], ["list", "rack"], ["clear", "rack", "now"]):
            self.fails("fsd", *arguments, status=2)


class TestWatch(CtlTest):
    def test_text(self):
        with Watcher(self.environment, "watch") as w:
            w.wait(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Fake is present, fresh: on line, charging$")
            w.wait("rack is present, fresh: alarm, ON BATTERY, discharging$")
            self.fake.tell("set battery.charge 86")
            w.wait(r"Fake battery\.charge: 86 \(was 87\)$")
            self.fake.tell("unset ups.temperature")
            w.wait(r"Fake ups\.temperature: no longer there$")
            self.fake.tell("set ups.efficiency 97")
            w.wait(r"Fake ups\.efficiency: 97$")
            self.fake.tell("status OB")
            w.wait(r"Fake ups\.status: OB \(was OL CHRG\)$")
            self.fake.tell("freshness stale")
            w.wait("Fake is stale$")
            self.fake.close()
            w.wait("Fake is gone: its driver ended$")
            self.assertEqual(w.end(), 0)
            self.assertEqual(w.text(w.process.stderr), "")
            self.assertNotIn(ESCAPE, w.text())

    def test_json(self):
        with Watcher(self.environment, "watch", "--json", "fake") as w:
            w.wait('"present"')
            self.fake.tell("set battery.charge 12")
            w.wait('"changed"')
            self.fake.tell("freshness absent")
            w.wait('"freshness":"absent"')
            self.fake.close()
            w.wait('"gone"')
            self.assertEqual(w.end(), 0)
            events = [json.loads(line) for line in w.text().splitlines()]
        self.assertEqual({e["device"] for e in events}, {"Fake"})
        self.assertEqual([e["event"] for e in events], ["present", "changed", "freshness", "gone"])
        self.assertEqual(events[0]["status"], ["OL", "CHRG"])
        self.assertEqual(events[1]["variables"], {"battery.charge": "12"})
        self.assertEqual(events[1]["removed"], [])

    def test_waits_for_device(self):
        self.fake.close()
        with Watcher(self.environment, "watch", "Fake") as w:
            w.wait("waiting for it", w.process.stderr)
            self.fake = self.enter(FakeDevice(self.environment))
            w.wait("Fake is present")
            self.assertEqual(w.end(), 0)

    def test_reader_goes(self):
        """As in busbarctl watch | head -1: no error, and no process left."""
        with Watcher(self.environment, "watch", "Fake") as w:
            w.wait("Fake is present")
            w.process.stdout.close()
            w.data[w.process.stdout] = b""
            self.fake.tell("set battery.charge 5")
            self.assertEqual(w.process.wait(10), 0)


class TestCheck(TestCase):
    """It needs neither bus nor drivers."""

    def check(self, files, *arguments):
        with tempfile.TemporaryDirectory() as directory:
            for name, text in files.items():
                path = os.path.join(directory, name)
                with open(path, "w", encoding="latin-1") as f:
                    f.write(text)
                os.chmod(path, 0o640)
            environment = {**os.environ, "NUT_CONFPATH": directory,
                           "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={directory}/bus"}
            result = subprocess.run([BUSBARCTL, "check", *arguments], capture_output=True, text=True, check=False,
                                    env=environment, timeout=30)
            return Result(result.returncode, result.stdout.replace(directory + "/", ""), result.stderr)

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
        self.assertRegex(result.out, r'(?m)^ups\.conf:1: warning: \[a\] wants the driver "no-such-driver", which is not ')
        self.assertRegex(result.out, r"(?m)^ups\.conf:5: error: .*no port")
        self.assertRegex(result.out, r"(?m)^upsd\.conf:2: error: .*MAXAGE")
        self.assertRegex(result.out, r"(?m)^upsd\.users:2: error: ")
        self.assertEqual(result.err, "1 device, 3 errors, 1 warning\n")

        problems = self.check(files, "--json").json
        self.assertEqual([(p["file"], p["line"], p["level"]) for p in problems],
                         [("ups.conf", 5, "error"), ("ups.conf", 1, "warning"), ("upsd.conf", 2, "error"),
                          ("upsd.users", 2, "error")])

    def test_directory_for_file(self):
        with tempfile.TemporaryDirectory() as directory:
            os.mkdir(os.path.join(directory, "ups.conf"))
            result = subprocess.run([BUSBARCTL, "check"], capture_output=True, text=True, check=False, timeout=30,
                                    env={**os.environ, "NUT_CONFPATH": directory})
        self.assertEqual(result.returncode, 1)
        self.assertIn("ups.conf", result.stdout)


class TestCommandLine(TestCase):
    def call(self, *arguments, status, environment=None):
        result = subprocess.run([BUSBARCTL, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                check=False, timeout=30, env={**os.environ, **(environment or {})})
        self.assertEqual(result.returncode, status, result.stderr)
        return Result(result.returncode, result.stdout, result.stderr)

    def test_help(self):
        text = self.call("--help", status=0).out
        self.assertTrue(all(len(line) <= 80 for line in text.splitlines()), text)
        self.assertEqual(self.call("-h", status=0).out, text)
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
            address = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={directory}/bus"}
            for arguments in ([], ["list"], ["show", "x"], ["fsd"], ["--json"]):
                result = self.call(*arguments, status=1, environment=address)
                self.assertEqual(result.out, "")
                self.assertIn("systemctl start dbus", result.err)

    def test_full_disk(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            result = subprocess.run([BUSBARCTL, "--help"], stdout=full, stderr=subprocess.PIPE, check=False, timeout=30)
        self.assertEqual(result.returncode, 1)


class TestNothing(TestCase):
    """No device, and the restart of all there is."""

    def call(self, bed, *arguments):
        return subprocess.run([BUSBARCTL, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, timeout=30, env=bed.environment)

    def test_no_device(self):
        with Testbed({"ups.conf": "", "upsd.conf": "", "upsd.users": ""}) as bed:
            result = self.call(bed)
            self.assertEqual((result.returncode, result.stdout), (0, ""))
            self.assertIn("There is no device.", result.stderr)
            self.assertEqual(self.call(bed, "--json").stdout, "[]\n")
            self.assertIn("There is no device.", self.call(bed, "show", "x").stderr)
            bed.write("ups.conf", "[a]\ndriver = x\nport = y\n")
            self.assertIn("ups.conf names 1 device.", self.call(bed, "list").stderr)

    def test_bus_restart(self):
        with Testbed(CONFIG) as bed, Watcher(bed.environment, "watch", "--json") as w:
            w.wait('"rack","event":"present"')
            w.wait('"pdu","event":"present"')
            bed.restart("bus")
            w.wait("Connected to the bus", w.process.stderr)
            bed.write("pdu.dev", CONFIG["pdu.dev"].replace("229.6", "180.1"))
            w.wait(r'"changed","variables":\{"input.voltage":"180.1"\}')
            self.assertEqual(w.end(), 0)
            events = [json.loads(line) for line in w.text().splitlines()]
            self.assertEqual(len([e for e in events if e["event"] == "present"]), 2, events)


class TestTerminal(CtlTest):
    """Output at a terminal, through a pty."""

    def at_terminal(self, *arguments, **environment):
        leader, follower = pty.openpty()
        process = subprocess.Popen([BUSBARCTL, *arguments], stdin=follower, stdout=follower, stderr=follower,
                                   env={**self.environment, **environment})
        os.close(follower)
        data = b""
        with contextlib.suppress(OSError):  # the end of a pty
            while chunk := os.read(leader, 65536):
                data += chunk
        os.close(leader)
        self.assertEqual(process.wait(30), 0)
        return data.decode().replace("\r\n", "\n")

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
        self.assertRegex(text, r"(?m)^battery\.charge:      87 +%$")
        self.assertRegex(text, r"(?m)^ups\.temperature:     31\.5 +°C$")
        columns = {line.index(unit) for line in text.splitlines() for unit in (" V", " %", " °C") if line.endswith(unit)}
        self.assertEqual(len(columns), 1, text)

    def test_list_titles(self):
        self.assertRegex(self.at_terminal("list", NO_COLOR="1"), r"^NAME +DATA +DRIVER +DESCRIPTION\nFake +fresh +fake")

    def test_json_has_no_colors(self):
        json.loads(self.at_terminal("status", "--json"))


class TestCompletion(CtlTest):
    SCRIPT = os.path.join(os.path.dirname(os.path.dirname(HERE)), "src", "ctl", "completion", "busbarctl")

    def complete(self, *words):
        script = f'source {self.SCRIPT}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _busbarctl; ' \
                 'printf "%s\\n" "${COMPREPLY[@]}"'
        path = os.path.dirname(BUSBARCTL) + ":" + os.environ["PATH"]
        result = subprocess.run(["bash", "-c", script, "bash", "busbarctl", *words], capture_output=True, text=True,
                                check=True, env={**self.environment, "PATH": path}, timeout=30)
        self.assertEqual(result.stderr, "")
        return result.stdout.split()

    def test_words(self):
        for words, expected in (
                (["s"], ["status", "show", "set"]),
                (["--js"], ["--json"]),
                (["show", ""], ["Fake", "pdu", "rack"]),
                (["--json", "show", "r"], ["rack"]),
                (["get", "Fake", "battery.charge"], ["battery.charge", "battery.charge.low"]),
                (["set", "Fake", ""], ["ups.beeper.status", "ups.delay.shutdown", "ups.id"]),
                (["run", "Fake", "load"], ["load.off"]),
                (["fsd", ""], ["list", "clear", "set"]),
                (["fsd", "set", "p"], ["pdu"]),
                (["fsd", "clear", ""], []),
                (["check", ""], [])):
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
