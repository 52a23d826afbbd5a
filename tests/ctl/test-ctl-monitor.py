#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The verbs of busbarctl that ask the monitor, against one that says what the test wants."""

import json
import os
import signal
import subprocess
import unittest

from ctllib import ESCAPE, CtlTest, FakeMonitor, Watcher, at_terminal, call

INFINITY = 2 ** 64 - 1


class MonitorTest(CtlTest):
    def setUp(self):
        super().setUp()
        self.monitor = self.enter(FakeMonitor(self.environment))

    def add_supply(self, device="apc", runtime=1875, **members):
        self.monitor.add("supplies", **{
            "device": f"s:{device}", "system": f"s:{device}@localhost", "power_value": "u:1",
            "primary": "b:true", "counts": "b:true", "state": "s:online", "cause": "s:none",
            "deadline": f"t:{INFINITY}", "on_battery_since": "t:0", "status": "as:OL,CHRG",
            "charge": "d:87.4", "runtime": f"x:{runtime}", "load": "d:23", "age": "t:1000", **members})

    def add_rule(self, rule, fires_in, device="apc", **members):
        self.monitor.add("rules", device=f"s:{device}", rule=f"s:{rule}", fires_in=f"x:{fires_in}",
                         text="s:", **members)

    def add_stages(self, *seconds):
        names = ("waiting-for-secondaries", "final-delay", "stopping", "power-off-delay")
        for name, time in zip(names, seconds):
            self.monitor.add("stages", name=f"s:{name}", time=f"t:{time}000000", text="s:because")

    def add_usual(self, fires_in=1200):
        self.add_supply()
        self.add_rule("low-battery", -1)
        self.add_rule("charge", fires_in, limit="d:30", present="d:87.4")
        self.add_rule("runtime", 1500, limit="d:300", present="d:1875")
        self.add_stages(15, 5, 170, 20)


class TestPlan(MonitorTest):
    def test_text(self):
        self.add_usual()
        self.assertEqual(self.run_ctl("plan").lines, [
            "Monitor: on mains",
            "Power value: 1, needed: 1",
            "",
            "SUPPLY         POWER  ROLE     CHARGE  RUNTIME      LOAD  STATE",
            "apc@localhost  1      primary  87 %    31 min 15 s  23 %  online",
            "",
            "If the mains failed now, a supply would be at its end when one of these rules fires:",
            "",
            "SUPPLY  RULE         LIMIT  NOW          FIRES AFTER     ",
            "apc     low-battery  -      -            cannot be told  ",
            "apc     charge       30 %   87.4 %       20 min          ",
            "apc     runtime      5 min  31 min 15 s  25 min          ",
            "",
            "The shutdown:",
            "",
            "STAGE                    AT MOST     ",
            "waiting-for-secondaries  15 s        because",
            "final-delay              5 s         because",
            "stopping                 2 min 50 s  because",
            "power-off-delay          20 s        because",
            "",
            "The battery lasts 31 min 15 s, the shutdown needs 3 min 10 s: it begins after 20 min, with "
            "11 min 15 s left."])

    def test_measured(self):
        self.monitor.add("shutdowns", outcome="s:cancelled", stop_time="t:0")
        self.assertFalse(self.run_ctl("plan", "--json").json["shutdown_time_measured"])
        self.monitor.add("shutdowns", outcome="s:powered-off", stop_time="t:1")
        self.assertTrue(self.run_ctl("plan", "--json").json["shutdown_time_measured"])

    def test_too_late(self):
        self.add_usual(fires_in=1800)
        self.monitor.tell("property MinSupplies 1")
        text = self.run_ctl("plan").out
        self.assertIn("with 6 min 15 s left", text)  # the runtime rule is the first
        self.add_supply("weak", runtime=600)
        self.add_rule("low-battery", 480, device="weak")
        self.monitor.tell("property MinSupplies 2")
        text = self.run_ctl("plan").out
        self.assertIn("Too late: the battery lasts 10 min, the shutdown needs 3 min 10 s, but begins "
                      "after 8 min, with 2 min left.\n"
                      "  Let it begin earlier: busbarctl policy runtime=4min\n", text)
        self.assertIn("  Supplies of power value 1 are good, 2 is needed.\n", text)

    def test_other_verdicts(self):
        """Each says what to do."""
        self.add_stages(15, 5, 170, 20)
        self.add_supply(runtime=189)
        self.assertRegex(self.run_ctl("plan").out, "Too short: .* at once.\n  Reduce the load")
        self.monitor.tell("property MinSupplies 0")
        self.assertIn("does not go down itself.", self.run_ctl("plan").out)

    def test_begin_unknown(self):
        self.add_stages(15, 5, 170, 20)
        self.add_supply()
        self.add_rule("low-battery", -1)
        self.assertRegex(self.run_ctl("plan").out, "cannot be told.*\n.*busbarctl policy runtime=4min\n")

    def test_runtime_unknown(self):
        self.add_stages(15, 5, 170, 20)
        self.monitor.add("supplies", device="s:bare", power_value="u:1", state="s:unknown")
        text = self.run_ctl("plan").out
        self.assertRegex(text, r"(?m)^bare +1 +secondary  - +- +- +unknown, does not count as good$")
        self.assertRegex(text, "How long the battery lasts cannot be told.*\n.*policy charge=50% or ")

    def test_nothing(self):
        text = self.run_ctl("plan").out
        self.assertIn("Nothing is watched, so nothing shuts this machine down", text)

    def test_delay_too_short(self):
        self.add_usual()
        self.monitor.tell("property DelayTooShort true")
        self.assertRegex(self.run_ctl("plan").out, r"secondaries may lose(.|\n)*InhibitDelayMaxSec=35 "
                                                   r"(.|\n)*restart systemd-logind\n$")

    def test_json(self):
        self.add_usual()
        plan = self.run_ctl("--json", "plan").json
        self.assertEqual({k: plan[k] for k in ("state", "cause", "deadline_usec", "verdict", "lasts_seconds",
                                               "begins_after_seconds", "needs_seconds", "delay_too_short")},
                         {"state": "online", "cause": "none", "deadline_usec": None, "verdict": "fits",
                          "lasts_seconds": 1875, "begins_after_seconds": 1200, "needs_seconds": 190,
                          "delay_too_short": False})
        self.assertEqual(plan["supplies"], [{
            "device": "apc", "system": "apc@localhost", "power_value": 1, "primary": True, "counts": True,
            "state": "online", "cause": "none", "deadline_usec": None, "on_battery_since_usec": 0,
            "status": ["OL", "CHRG"], "charge_percent": 87.4, "runtime_seconds": 1875, "load_percent": 23,
            "age_usec": 1000,
            "remark": None}])
        self.assertEqual(plan["rules"][0], {"device": "apc", "rule": "low-battery", "limit": None,
                                            "present": None, "fires_in_seconds": None, "text": ""})
        self.assertEqual(plan["stages"][1], {"name": "final-delay", "time_usec": 5000000, "text": "because"})

    def test_huge_times(self):
        """Times that do not fit are never, and sums do not wrap."""
        self.add_supply(runtime=2 ** 63 - 1)
        self.add_rule("charge", 2 ** 63 - 1, limit="d:1e300", present="d:-inf")
        self.monitor.add("stages", name="s:a", time=f"t:{INFINITY}")
        self.monitor.add("stages", name="s:b", time=f"t:{INFINITY}")
        self.assertIn("The shutdown needs never.", self.run_ctl("plan").out)
        self.assertIsNone(self.run_ctl("plan", "-j").json["needs_seconds"])


class TestErrors(MonitorTest):
    VERBS = (["plan"], ["why"], ["policy"], ["policy", "charge=30"], ["shutdown", "--yes"],
             ["shutdown", "--dry-run"], ["shutdown", "--cancel"], ["--json", "plan"])

    def test_no_monitor(self):
        self.monitor.close()
        for arguments in self.VERBS:
            self.assertIn("not running. Start it with \"systemctl start busbar-monitor\".",
                          self.fails(*arguments))

    def test_failures(self):
        for method, arguments in (("ListSupplies", ["plan"]), ("Plan", ["plan"]), ("History", ["why"]),
                                  ("GetPolicy", ["policy"]), ("SetPolicy", ["policy", "charge=30"]),
                                  ("ForceShutdown", ["shutdown", "--yes"]),
                                  ("CancelShutdown", ["shutdown", "--cancel"]),
                                  ("Rehearse", ["shutdown", "--dry-run"])):
            with self.subTest(method=method):
                self.monitor.tell(f"fail {method} org.busbar.Error.Failed Out of\x1b[31m order")
                self.assertEqual(self.fails(*arguments),
                                 "busbarctl: The monitor did not do it: Out of?[31m order.\n")
                self.monitor.tell(f"fail {method} org.freedesktop.DBus.Error.UnknownMethod No")
                self.assertIn("of another version", self.fails(*arguments))

    def test_denied(self):
        for method, arguments, action in (
                ("SetPolicy", ["policy", "charge=30"], "org.busbar.configure"),
                ("ForceShutdown", ["shutdown", "-y"], "org.busbar.force-shutdown"),
                ("CancelShutdown", ["shutdown", "--cancel"], "org.busbar.cancel-shutdown")):
            for error in ("AccessDenied", "InteractiveAuthorizationRequired"):
                self.monitor.tell(f"fail {method} org.freedesktop.DBus.Error.{error} No")
                message = self.fails(*arguments)
                self.assertIn("Not allowed.", message)
                self.assertIn(f"polkit action {action}.", message)

    def test_wrong_types(self):
        """A monitor that talks nonsense is not believed, and upsets nothing."""
        self.monitor.add("supplies", device="s:a", charge="s:much")
        self.assertIn("Cannot read the answer of the monitor", self.fails("plan"))
        self.monitor.add("shutdowns", reason="s:x", values="a{ss}:a=1,b=2", events="as:a,b")
        self.assertIn("Cannot read the answer of the monitor", self.fails("why"))
        self.monitor.add("policy", rule="as:charge")
        self.assertIn("Cannot read the answer of the monitor", self.fails("policy", "--json"))

    def test_unknown_keys(self):
        self.monitor.add("steps", name="s:one", ok="b:true", color="as:red,blue", time="t:5")
        self.assertEqual(self.run_ctl("shutdown", "--dry-run", "-j").json,
                         {"ok": True, "steps": [{"name": "one", "ok": True, "time_usec": 5, "text": None}]})


class TestWhy(MonitorTest):
    def setUp(self):
        super().setUp()
        self.environment["TZ"] = "UTC"

    def test_nothing(self):
        self.assertEqual(self.run_ctl("why").out, "No shutdown for want of power is on record.\n")
        self.assertEqual(self.run_ctl("why", "--json").json, [])

    def add_shutdowns(self):
        self.monitor.add("shutdowns", time="t:1700000065000000", boot_id="s:" + "1" * 32,
                         outcome="s:powered-off", cause="s:charge", device="s:apc", stop_time="t:41000000",
                         reason="s:apc is at 30 %\x1b[31m, the limit is 30 %",
                         values="a{ss}:battery.charge=30,ups.status=OB DISCHRG",
                         events="a(ts):1700000000000000=on battery,1700000065000000=forced shutdown,"
                                "1700000065250000=power-off asked for")
        self.monitor.add("shutdowns", time="t:1600000000000000", outcome="s:cancelled",
                         cause="s:low-battery", device="s:", reason="s:")
        self.monitor.add("shutdowns", time="t:1500000000000000", outcome="s:powered-off", cause="s:forced")

    def test_text(self):
        self.add_shutdowns()
        self.assertEqual(self.run_ctl("why").lines, [
            "2023-11-14 22:14:25  powered off: charge, apc",
            "  apc is at 30 %?[31m, the limit is 30 %",
            "  battery.charge  30",
            "  ups.status      OB DISCHRG",
            "  22:13:20              on battery",
            "  22:14:25  +1 min 5 s  forced shutdown",
            "  22:14:25  +1 min 5 s  power-off asked for",
            "  The machine took 41 s to stop.",
            "",
            "2020-09-13 12:26:40  called off: low-battery",
            "",
            "2017-07-14 02:40:00  powered off: forced",
            "  How long the machine took to stop is not known."])
        self.assertEqual(len(self.run_ctl("why", "-n", "1").lines), 8)
        self.assertEqual(len(self.run_ctl("why", "--lines=2").lines), 10)
        self.assertEqual(self.monitor.calls(), ["History 3", "History 1", "History 2"])

    def test_json(self):
        self.add_shutdowns()
        first, second, _ = self.run_ctl("-j", "why").json
        self.assertEqual(first["values"], {"battery.charge": "30", "ups.status": "OB DISCHRG"})
        self.assertEqual(first["events"][2], {"time_usec": 1700000065250000, "text": "power-off asked for"})
        self.assertEqual((first["outcome"], first["cause"], first["stop_time_usec"], first["boot_id"]),
                         ("powered-off", "charge", 41000000, "1" * 32))
        self.assertEqual((second["values"], second["events"]), ({}, []))

    def test_usage(self):
        for arguments in (["why", "-n", "0"], ["why", "-n", "1001"], ["why", "-n", "x"], ["why", "-n"],
                          ["plan", "-n", "3"]):
            result = call(*arguments, environment=self.environment)
            self.assertEqual((result.status, result.out), (2, ""))
            self.assertNotEqual(result.err, "")


class TestPolicy(MonitorTest):
    def test_list(self):
        for device, rule, value, source in (("", "charge", 30, "configuration"),
                                            ("apc", "runtime", 300, "policy"),
                                            ("apc", "on-battery", -1, "policy"),
                                            ("", "on-battery-delay", 15, "configuration")):
            self.monitor.add("policy", device=f"s:{device}", rule=f"s:{rule}", value=f"d:{value}",
                             source=f"s:{source}")
        self.assertEqual(self.run_ctl("policy").lines, [
            "charge\t30 %\tall\tconfiguration", "runtime\t5 min\tapc\tpolicy",
            "on-battery\toff\tapc\tpolicy",
            "on-battery-delay\t15 s\tall\tconfiguration"])
        self.assertEqual(self.run_ctl("policy", "-j").json[2],
                         {"device": "apc", "rule": "on-battery", "value": -1, "source": "policy"})

    def test_empty_list(self):
        status, text = at_terminal("policy", environment={**self.environment, "NO_COLOR": "1"})
        self.assertEqual(status, 0)
        self.assertIn("No rule is set: this machine goes down when the UPS says", text)
        self.assertEqual(self.run_ctl("policy", "--json").json, [])

    def test_set(self):
        self.assertEqual(self.run_ctl("policy", "charge=30%").out, "")
        self.run_ctl("policy", "runtime=5min", "on-battery=off", "charge=default", "apc")
        self.run_ctl("policy", "on-battery-delay=0", "runtime=1.5h")
        self.assertEqual(self.monitor.calls(), [
            "SetPolicy - charge 30", "SetPolicy apc runtime 300", "SetPolicy apc on-battery -1",
            "SetPolicy apc charge nan", "SetPolicy - on-battery-delay 0", "SetPolicy - runtime 5400"])
        self.assertEqual(self.run_ctl("-j", "policy", "charge=25", "runtime=default", "apc").json,
                         {"device": "apc", "charge": 25, "runtime": None, "result": "ok"})

    def test_usage(self):
        """Nothing is set when one of several is wrong."""
        for arguments, message in ((["charge=30", "runtime=5%"], 'Cannot use "runtime=5%": it wants a time'),
                                   (["charge=300"], "it wants percent"),
                                   (["load=3"], "the rules are charge, runtime, on-battery and on-battery-"),
                                   (["charge=0"], "say off"),
                                   (["charge=\x1b[31m"], '"charge=?[31m"'),
                                   (["charge=1", "charge=2"], "charge is there twice"),
                                   (["apc"], "What is to be set? Such as: busbarctl policy charge=30% "),
                                   (["apc", "charge=3"], 'Cannot use "apc"'),
                                   (["on-battery-delay=3", "apc"], "is one for the machine and not for apc"),
                                   (["charge=1", "runtime=1", "on-battery=1", "charge=2", "a", "b"],
                                    "Usage: busbarctl policy [RULE=VALUE...] [DEVICE]")):
            with self.subTest(arguments=arguments):
                self.assertIn(message, self.fails("policy", *arguments, status=2))
        self.assertEqual(self.monitor.calls(), [])

    def test_half_way(self):
        self.monitor.tell("fail SetPolicy org.busbar.Error.Absent There is no supply \"x\"")
        self.assertEqual(self.fails("policy", "charge=3", "runtime=3", "x"),
                         'busbarctl: The monitor did not do it: There is no supply "x".\n')
        self.assertEqual(self.monitor.calls(), ["SetPolicy x charge 3"])


class TestShutdown(MonitorTest):
    def test_yes(self):
        self.assertEqual(self.run_ctl("shutdown", "--yes", "--reason", "moving \"it\"").out, "")
        self.assertEqual(self.run_ctl("shutdown", "-y", "--json").json,
                         {"shutdown": "begun", "result": "ok"})
        self.assertEqual(self.monitor.calls(), ['ForceShutdown moving "it"', "ForceShutdown "])

    def test_asks(self):
        self.add_supply()
        self.add_supply("far\x1b[31m@host", primary="b:false")
        self.add_supply("rack")
        for answer, status in (("n\n", 1), ("\n", 1), ("\x04", 1), ("yess\n", 1), ("y\n", 0), ("YES\n", 0)):
            with self.subTest(answer=answer):
                self.monitor.tell("property State waiting-for-secondaries")
                self.monitor.tell("property DeadlineUSec +15")
                result, text = at_terminal("shutdown", answer=answer,
                                           environment={**self.environment, "NO_COLOR": "1"})
                self.assertEqual(result, status, text)
                self.assertRegex(text, r"This shuts down \S+, and before it all machines on apc, rack\.\n"
                                       r"Go on\? \[y/N\] ")
                self.assertEqual(self.monitor.calls(), ["ForceShutdown "] if status == 0 else [])
                if status == 0:
                    self.assertRegex(text, "Monitor: SHUTTING DOWN, waits for the others; "
                                           "next stage in 1[345] s\n")
                else:
                    self.assertIn("Nothing was done.", text)

    def test_nobody_to_ask(self):
        self.assertIn("say --yes", self.fails("shutdown", status=2))
        self.assertEqual(self.monitor.calls(), [])

    def test_cancel(self):
        self.run_ctl("shutdown", "--cancel", "--reason=wrong cable")
        self.assertEqual(self.run_ctl("shutdown", "--cancel", "-j").json,
                         {"shutdown": "cancelled", "result": "ok"})
        self.assertEqual(self.monitor.calls(), ["CancelShutdown wrong cable", "CancelShutdown "])
        self.monitor.tell("fail CancelShutdown org.busbar.Error.Failed There is nothing to call off.")
        self.assertEqual(self.fails("shutdown", "--cancel"),
                         "busbarctl: The monitor did not do it: There is nothing to call off.\n")

    def test_rehearsal(self):
        self.monitor.add("steps", name="s:configuration", ok="b:true", time="t:2500", text="s:2 supplies")
        self.monitor.add("steps", name="s:stopping", ok="b:true", time="t:120000000", text="s:assumed")
        self.assertEqual(self.run_ctl("shutdown", "--dry-run").lines,
                         ["configuration\tok\t2 ms\t2 supplies", "stopping\tok\t2 min\tassumed"])
        status, text = at_terminal("shutdown", "--dry-run",
                                   environment={**self.environment, "NO_COLOR": "1"})
        self.assertEqual(status, 0)
        self.assertRegex(text, r"^STEP +RESULT +TIME +\n.*\n.*\n\nAll is ready\.\n$")
        self.monitor.add("steps", name="s:flag", ok="b:false", text="s:cannot\x1b[31m write")
        result = self.run_ctl("shutdown", "--dry-run", status=1)
        self.assertEqual(result.lines[2], "flag\tFAILED\t0 s\tcannot?[31m write")
        self.assertEqual(result.err, "busbarctl: 1 of 3 steps would fail.\n")
        self.assertEqual(self.monitor.calls(), [])

    def test_rehearsal_json(self):
        self.monitor.add("steps", name="s:flag", ok="b:false", time="t:7", text="s:no")
        result = self.run_ctl("shutdown", "--dry-run", "--json", status=1)
        self.assertEqual(result.json, {"ok": False, "steps": [{"name": "flag", "ok": False, "time_usec": 7,
                                                               "text": "no"}]})

    def test_usage(self):
        for arguments in (["--dry-run", "--cancel"], ["--dry-run", "--reason", "x"], ["now"], ["--reason"],
                          ["-n", "3"]):
            result = call("shutdown", *arguments, environment=self.environment)
            self.assertEqual((result.status, result.out), (2, ""))
            self.assertNotEqual(result.err, "")
        for option in ("--yes", "--dry-run", "--cancel", "--reason=x"):
            self.assertIn("The verb list does not take --", self.fails("list", option, status=2))
        self.assertEqual(self.monitor.calls(), [])


class TestStatus(MonitorTest):
    def state(self):
        text = self.run_ctl("status").out
        return text[text.index("\n\n") + 2:]

    def test_online(self):
        self.assertEqual(self.state(), "Monitor: on mains\n")
        self.monitor.close()
        self.assertNotIn("Monitor", self.run_ctl("status").out)

    def test_countdown(self):
        self.monitor.tell("property State on-battery")
        self.monitor.tell("property DeadlineUSec +200")
        self.monitor.tell("property Reason apc will be \x1b[31mat 30 %")
        self.monitor.tell("property Cause charge")
        self.assertRegex(self.state(), r"^Monitor: ON BATTERY; shutdown in 3 min 1[6789] s\n"
                                       r"  apc will be \?\[31mat 30 %\n"
                                       r"  The return of the mains calls it off\.\n$")

    def test_stages(self):
        for state, cancellation, expected in (
                ("low-battery", "mains", "Monitor: LOW BATTERY, but this machine stays up\n"),
                ("waiting-for-secondaries", "administrator",
                 "SHUTTING DOWN, waits for the others\n  Others have been told"),
                ("final-delay", "mains", "Monitor: SHUTTING DOWN, final delay\n  The return of the mains"),
                ("powering-off", "none", "Monitor: POWERING OFF\n  Nothing can call it off any more.\n"),
                ("another-state", "another", "Monitor: another-state\n")):
            with self.subTest(state=state):
                self.monitor.tell(f"property State {state}")
                self.monitor.tell(f"property Cancellation {cancellation}")
                self.monitor.tell("property Cause low-battery")
                self.assertIn(expected, self.state())

    def test_json(self):
        """An array of devices, as without a monitor."""
        self.assertEqual([d["name"] for d in self.run_ctl("--json").json], ["Fake", "pdu", "rack"])


class TestHang(MonitorTest):
    def test_status(self):
        """Who wants to know the state of the devices does not wait for a monitor that hangs."""
        os.kill(self.monitor.process.pid, signal.SIGSTOP)
        try:
            result = call("status", environment=self.environment)
        finally:
            os.kill(self.monitor.process.pid, signal.SIGCONT)
        self.assertEqual(result.status, 0)
        self.assertIn("Fake", result.out)
        self.assertIn("The monitor does not answer.", result.err)


class TestWatch(MonitorTest):
    def test_notices(self):
        with Watcher(self.environment, "watch") as w:
            w.wait("Fake is present")
            self.monitor.tell("notice ONBATT|Fake|UPS Fake on \x1b[31mbattery")
            w.wait(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Fake ONBATT: UPS Fake on \?\[31mbattery$")
            self.monitor.tell("notice SHUTDOWN||Auto logout and shutdown proceeding")
            w.wait(r" monitor SHUTDOWN: Auto logout and shutdown proceeding$")
            self.assertEqual(w.end(), 0)
            self.assertNotIn(ESCAPE, w.text())

    def test_json_of_one_device(self):
        with Watcher(self.environment, "watch", "--json", "fake") as w:
            w.wait('"present"')
            self.monitor.tell("notice ONBATT|rack|no")
            self.monitor.tell("notice SHUTDOWN||no")
            self.monitor.tell("notice ONBATT|Fake|UPS Fake on battery")
            w.wait('"notice"')
            self.assertEqual(w.end(), 0)
            event = json.loads(w.text().splitlines()[1])
        del event["time"]
        self.assertEqual(event, {"device": "Fake", "event": "notice", "type": "ONBATT",
                                 "text": "UPS Fake on battery"})

    def test_restart(self):
        """A monitor that comes later is heard, and one that has no right to the name is not."""
        with Watcher(self.environment, "watch") as w:
            w.wait("Fake is present")
            self.monitor.close()
            self.monitor = self.enter(FakeMonitor(self.environment))
            self.monitor.tell("notice ONLINE|Fake|new")
            w.wait("Fake ONLINE: new$")
            self.spoof("spoofed")
            self.monitor.tell("notice ONBATT|Fake|true")
            w.wait("Fake ONBATT: true$")
            self.assertNotIn("spoofed", w.text())
            self.assertEqual(w.end(), 0)

    def spoof(self, text):
        subprocess.run(["busctl", f"--address={self.environment['DBUS_SYSTEM_BUS_ADDRESS']}", "emit",
                        "/org/busbar/Monitor1", "org.busbar.Monitor1", "Notice", "tssst", "1", "ONBATT",
                        "Fake", text, "0"], check=True, timeout=30)


if __name__ == "__main__":
    unittest.main()
