#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The verbs of busbarctl that ask devices, as text and as JSON; errors and exit statuses."""

import os
import re
import signal
import subprocess
import time
import unittest

from ctllib import CONFIG, CtlTest, FakeDevice, Testbed, TestCase, call


class TestList(CtlTest):
    def test_text(self):
        lines = self.run_ctl("list").lines
        self.assertEqual(lines, ["Fake\tfresh\tfake-device\tNot ?[31mreal, \"but\" ours é",
                                 "pdu\tfresh\tdummy-ups\t", "rack\tfresh\tdummy-ups\tIn the rack"])

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
            "name": "Fake", "freshness": "fresh", "status": ["OL", "CHRG"], "alarms": [],
            "charge_percent": 87, "runtime_seconds": 2605, "load_percent": 23, "input_voltage": 231.4})
        self.assertEqual(devices["rack"]["alarms"], ["Replace battery!"])
        self.assertIsNone(devices["pdu"]["charge_percent"])

    def test_stale_and_absent(self):
        """Old values are not shown as if they were present ones."""
        self.fake.tell("freshness stale")
        self.assertRegex(self.run_ctl().out, r"(?m)^Fake +\? +\? +\? +\? +STALE: ")
        self.fake.tell("freshness absent")
        self.assertRegex(self.run_ctl().out, r"(?m)^Fake +\? +\? +\? +\? +ABSENT: ")

    def test_not_served(self):
        lost = "[lost]\ndriver = usbhid-ups\nport = auto\n"
        self.bed.write("ups.conf", CONFIG["ups.conf"] + lost)
        self.addCleanup(self.bed.write, "ups.conf", CONFIG["ups.conf"])
        self.assertRegex(self.run_ctl().out, r"(?m)^lost +\? .*NO DRIVER: usbhid-ups does not run or ans")
        self.assertIn("its driver, usbhid-ups, does not run", self.fails("show", "lost"))


class TestHang(TestCase):
    def test_hanging_driver(self):
        """It is waited for, but not for long, and that is said. The other devices are shown."""
        with Testbed(CONFIG) as bed, FakeDevice(bed.environment):
            pid = bed.service("dummy-ups").pid
            os.kill(pid, signal.SIGSTOP)
            try:
                result = call("list", environment=bed.environment)
            finally:
                os.kill(pid, signal.SIGCONT)
        self.assertEqual(result.status, 0)
        self.assertEqual(len(result.lines), 1)
        self.assertIn("A driver on the bus does not answer", result.err)


class TestShow(CtlTest):
    def test_text(self):
        lines = self.run_ctl("show", "fake").lines
        self.assertIn("battery.charge: 87", lines)
        self.assertIn('ups.id: say "hello" \\ # ?[31m', lines)
        names = [line.split(":")[0] for line in lines]
        self.assertEqual(names, sorted(names))

    def test_as_upsc(self):
        """What a script that knows upsc sees is the same."""
        upsc = subprocess.run(["upsc", f"rack@127.0.0.1:{self.bed.port}"], capture_output=True, text=True,
                              check=True, timeout=30)
        self.assertEqual(self.run_ctl("show", "rack").out, upsc.stdout)

    def test_json(self):
        device = self.run_ctl("--json", "show", "FAKE").json
        self.assertEqual(device["name"], "Fake")
        self.assertEqual(device["variables"]["ups.id"], 'say "hello" \\ # ?[31m')
        self.assertEqual(device["commands"], ["load.off", "outlet.1.load.off", "test.battery.start.quick"])
        self.assertEqual(device["status"], ["OL", "CHRG"])

    def test_stale(self):
        self.fake.tell("freshness stale")
        result = call("show", "Fake", environment=self.environment)
        self.assertEqual(result.status, 0)
        self.assertIn("these values are old", result.err)
        self.assertIn("battery.charge: 87\n", result.out)


class TestGet(CtlTest):
    def test_value(self):
        self.assertEqual(self.run_ctl("get", "Fake", "Battery.Charge").out, "87\n")
        self.assertEqual(self.run_ctl("get", "Fake", "input.voltage", "-j").json,
                         {"device": "Fake", "variable": "input.voltage", "value": "231.4", "unit": "V"})

    def test_unknown(self):
        self.assertIn('has no variable "battery.color"', self.fails("get", "Fake", "battery.color"))

    def test_unknown_device(self):
        self.assertIn("Did you mean rack?", self.fails("get", "racc", "battery.charge"))
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
                         ["battery.charge: 87 %", "        Charge of the battery",
                          "        number, read-only"])
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
                ("ups.id", "unknown", "Fake lists ups.id as one to be set, but does not support that"),
                ("ups.id", "fail", "did not set ups.id: the relay is welded shut?[31m")):
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
        somebody = {"user": 65534, "group": 65534, "extra_groups": []}
        message = self.fails("set", "Fake", "ups.id", "x", **somebody)
        self.assertIn("Not allowed", message)
        self.assertIn("org.busbar.configure", message)
        self.assertIn("org.busbar.power-off", self.fails("run", "Fake", "load.off", **somebody))
        self.assertIn("org.busbar.switch-outlet", self.fails("run", "Fake", "outlet.1.load.off", **somebody))
        message = self.fails("run", "Fake", "test.battery.start.quick", "--no-ask-password", **somebody)
        self.assertIn("org.busbar.test", message)
        self.assertIn("without --no-ask-password", message)
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
                                  ("unknown", "Fake lists load.off, but does not support it")):
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


if __name__ == "__main__":
    unittest.main()
