#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the monitor shows, says and can be told, apart from shutting down."""

import os
import re
import signal
import subprocess
import unittest

from monitorlib import (BATTERY, LOW, MONITOR, ONLINE, UPS_CONF, UPSMON, MonitorCase, build_directory, run,
                        wait_for)

TWO = UPS_CONF + "[second]\ndriver = dummy-ups\nport = second.dev\n"


class Shown(MonitorCase):
    def test_supplies(self):
        self.start({"ups.dev": ONLINE + "ups.load: 20\n"})
        s = self.supplies()["ups"]
        self.assertEqual(s["system"], "ups@localhost")
        self.assertEqual((s["power-value"], s["primary"], s["counts"]), (1, True, True))
        self.assertEqual((s["state"], s["cause"], s["status"]), ("online", "none", ["OL", "CHRG"]))
        self.assertEqual((s["charge"], s["runtime"], s["load"]), (100, 1800, 20))
        self.assertEqual(self.property("PowerValue"), 1)
        self.assertEqual(self.property("State"), "online")
        self.assertEqual(self.property("DeadlineUSec"), 2**64 - 1)
        self.bed.write("ups.dev", BATTERY)
        wait_for(lambda: self.supplies()["ups"]["state"] == "on-battery", "it is on battery")
        self.assertGreater(self.supplies()["ups"]["on-battery-since"], 0)
        wait_for(lambda: re.match("On battery", self.bed.service("monitor").status), "the status says so")

    def test_lost(self):
        """A device that is not heard any more, and is again."""
        self.start({"upsmon.conf": UPSMON + "NOCOMMWARNTIME 1\n"})
        os.unlink(os.path.join(self.bed.config, "ups.dev"))
        self.bed.kill("dummy-ups", signal.SIGTERM)
        self.wait_notice("COMMBAD")
        wait_for(lambda: self.supplies()["ups"]["state"] == "lost", "it is lost")
        self.wait_notice("NOCOMM")
        self.bed.write("ups.dev", ONLINE)
        self.wait_notice("COMMOK", timeout=60)
        self.assertEqual(self.supplies()["ups"]["state"], "online")

    def test_notices(self):
        """Each state has its notice, once."""
        self.start()
        self.assertEqual(self.notices(), [])
        for tokens, kinds in (("OL BYPASS OVER TRIM", ("BYPASS", "OVER", "TRIM")),
                              ("OL OVER", ("NOTBYPASS", "NOTTRIM")), ("OL BOOST", ("NOTOVER", "BOOST")),
                              ("OL CAL OFF", ("CAL", "OFF")), ("OL ECO", ("NOTCAL", "NOTOFF", "ECO")),
                              ("OL RB OVERHEAT", ("NOTECO", "REPLBATT", "OTHER")),
                              ("OB", ("NOTOTHER", "ONBATT")), ("OL", ("ONLINE",))):
            self.bed.write("ups.dev", f"ups.status: {tokens}\n")
            for kind in kinds:
                self.wait_notice(kind)
        self.bed.write("ups.dev", "ups.status: ALARM OL\nups.alarm: Fan stuck\n")
        self.wait_notice("ALARM")
        said = [n[3] for n in self.call("Notices", "t", "0")[0]]
        self.assertIn("UPS ups@localhost: one or more active alarms: [Fan stuck]", said)
        self.assertIn("UPS ups@localhost: has at least one unclassified status token: [OVERHEAT]", said)
        self.assertIn("UPS ups@localhost on battery", said)
        self.assertEqual(sum(1 for k, _ in self.notices() if k == "OVER"), 1)
        self.assertEqual(len(self.call("Notices", "t", "3")[0]), len(said) - 3)
        self.bed.wait_log("UPS ups@localhost on battery", source="monitor")

    def test_flapping(self):
        """What comes and goes is not said for ever, and what it comes to is."""
        self.start()
        for i in range(20):
            self.bed.write("ups.dev", f"ups.status: {'OL OVER' if i % 2 == 0 else 'OL'}\n")
            wanted = ["OL", "OVER"] if i % 2 == 0 else ["OL"]
            wait_for(lambda w=wanted: self.supplies()["ups"]["status"] == w, "it was seen")
        self.assertLessEqual(sum(1 for k, _ in self.notices() if k == "OVER"), 5)

    def test_messages(self):
        """The texts of the configuration, and no log where there is to be none."""
        more = 'NOTIFYMSG ONBATT "Power of %s is out"\nNOTIFYFLAG ONBATT EXEC\n'
        self.start({"upsmon.conf": UPSMON + more})
        self.bed.write("ups.dev", BATTERY)
        self.wait_notice("ONBATT")
        self.assertEqual(self.call("Notices", "t", "0")[0][0][3], "Power of ups@localhost is out")
        self.assertNotIn("is out", self.bed.log_text("monitor"))

    def test_plan(self):
        rules = "CHARGELIMIT 50\nRUNTIMELIMIT 600\nONBATTLIMIT 900\nONBATTDELAY 1\n"
        self.start({"upsmon.conf": UPSMON + rules, "ups.dev": ONLINE + "battery.runtime.low: 300\n"
                                                                       "ups.delay.shutdown: 20\n"})
        found, stages = self.call("Plan")
        by_rule = {r["rule"]: r for r in found}
        self.assertEqual(sorted(by_rule), ["charge", "low-battery", "on-battery", "runtime"])
        self.assertEqual((by_rule["charge"]["limit"], by_rule["charge"]["present"]), (50, 100))
        self.assertEqual(by_rule["charge"]["fires-in"], 900)
        self.assertEqual(by_rule["runtime"]["fires-in"], 1200)
        self.assertEqual(by_rule["on-battery"]["fires-in"], 900)
        self.assertEqual(by_rule["low-battery"]["fires-in"], 1500)
        self.assertNotIn("limit", by_rule["low-battery"])
        self.assertEqual([(s["name"], s["time"]) for s in stages],
                         [("waiting-for-secondaries", 0), ("final-delay", 1000000), ("stopping", 120000000),
                          ("power-off-delay", 20000000)])

    def test_rehearse(self):
        self.start()
        steps = self.call("Rehearse")[0]
        self.assertEqual([s["text"] for s in steps if not s["ok"]], [])
        self.assertLessEqual({"configuration", "device", "power-off", "gateway", "logind", "delay",
                              "inhibitors", "unit", "notify"}, {s["name"] for s in steps})
        self.assertIn("apt blocks a shutdown (installing); it will be overridden",
                      [s["text"] for s in steps])
        self.assertEqual([c for c in self.system.calls if not c.startswith("Inhibit")], [])
        self.assertFalse(self.forced())
        self.system.tell("answer CanPowerOff org.freedesktop.DBus.Error.AccessDenied")
        self.assertEqual([s["name"] for s in self.call("Rehearse")[0] if not s["ok"]], ["logind"])

    def test_sleep(self):
        self.start()
        self.system.wait("Inhibit sleep delay")
        self.system.tell("sleep suspend")
        self.system.wait("released sleep delay")
        self.wait_notice("SUSPEND_STARTING", "")
        self.system.tell("wake")
        self.system.wait("Inhibit sleep delay", n=2)
        self.wait_notice("SUSPEND_FINISHED", "")
        self.assertEqual(self.system.count("Inhibit shutdown delay"), 1)
        self.assertEqual(self.state(), "online")

    def test_sleep_on_battery(self):
        self.start()
        self.bed.write("ups.dev", BATTERY)
        self.system.wait("Inhibit sleep block")
        self.bed.write("ups.dev", ONLINE)
        self.system.wait("released sleep block")

    def test_delay_too_short(self):
        """Seen when logind comes, whose limit is shorter than HOSTSYNC."""
        self.start({"upsmon.conf": UPSMON.replace("HOSTSYNC 2", "HOSTSYNC 300")})
        wait_for(lambda: self.property("DelayTooShort"), "it is too short")
        self.bed.wait_log("InhibitDelayMaxSec=.*zz-busbar.conf", source="monitor")


class Policy(MonitorCase):
    def policy(self):
        return {(p["device"], p["rule"]): (p["value"], p["source"]) for p in self.call("GetPolicy")[0]}

    def test_live(self):
        """A rule that is set holds at once, and after a restart."""
        self.start({"upsmon.conf": UPSMON + "ONBATTDELAY 0\nCHARGELIMIT 20\n"})
        self.assertEqual(self.policy()["", "charge"], (20, "configuration"))
        self.call("SetPolicy", "ssd", "ups", "charge", "40")
        self.call("SetPolicy", "ssd", "", "on-battery-delay", "1")
        self.assertEqual(self.policy()["ups", "charge"], (40, "policy"))
        self.restart("monitor")
        self.assertEqual(self.policy()["ups", "charge"], (40, "policy"))
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        self.call("SetPolicy", "ssd", "ups", "charge", "95")
        self.system.wait("PowerOff", 60)
        self.assertEqual(self.property("Cause"), "charge")

    def test_off(self):
        """Switched off, and taken back."""
        self.start({"upsmon.conf": UPSMON + "CHARGELIMIT 20\n"})
        self.set_off()
        self.assertEqual(self.policy()["ups", "charge"], (-1, "policy"))
        self.assertNotIn("charge", {r["rule"] for r in self.call("Plan")[0]})
        self.call("SetPolicy", "ssd", "ups", "charge", "nan")
        self.assertNotIn(("ups", "charge"), self.policy())
        self.assertIn("charge", {r["rule"] for r in self.call("Plan")[0]})

    def set_off(self):
        self.busctl("call", "--", *MONITOR, "SetPolicy", "ssd", "ups", "charge", "-1")

    def test_refused(self):
        self.start()
        for arguments, error in ((("nosuch", "charge", "10"), "is not watched"),
                                 (("ups", "nosuch", "10"), "Not possible"),
                                 (("ups", "charge", "101"), "Not possible"),
                                 (("ups", "on-battery-delay", "5"), "Not possible")):
            self.assertIn(error, self.call("SetPolicy", "ssd", *arguments, check=False).stderr)
        os.rmdir(os.path.join(self.bed.directory, "lib", "monitor"))
        refused = self.call("SetPolicy", "ssd", "ups", "charge", "10", check=False)
        self.assertIn("cannot be kept", refused.stderr)
        self.assertNotIn(("ups", "charge"), self.policy())
        os.mkdir(os.path.join(self.bed.directory, "lib", "monitor"))

    def test_denied(self):
        """Another user needs polkit, which is not there; and FinishShutdown is for root only."""
        if os.geteuid() != 0:
            self.assertNotEqual(os.geteuid(), 0)
            return
        self.start()
        for method, arguments in (("ForceShutdown", ("s", "")), ("CancelShutdown", ("s", "")),
                                  ("SetPolicy", ("ssd", "ups", "charge", "10")), ("FinishShutdown", ())):
            result = subprocess.run(
                ["busctl", f"--address={self.bed.bus_address}", "call", *MONITOR, method, *arguments],
                user=65534, capture_output=True, text=True, check=False)
            self.assertNotEqual(result.returncode, 0, method)
            self.assertRegex(result.stderr, "(?i)denied|authorization|for root only|permi", method)
        self.assertEqual(self.state(), "online")
        self.assertEqual(self.policy().get(("ups", "charge")), None)


class Configuration(MonitorCase):
    def test_none(self):
        """Without upsmon.conf each UPS of this machine is watched, those too that come later."""
        self.start({"upsmon.conf": None})
        s = self.supplies()["ups"]
        self.assertEqual((s["power-value"], s["primary"]), (1, True))
        self.bed.wait_log("To have it otherwise, write MONITOR lines", source="monitor")
        self.bed.write("second.dev", ONLINE)
        self.bed.write("ups.conf", TWO)
        self.bed.reload()
        wait_for(lambda: len(self.supplies()) == 2, "the second one is watched")
        self.assertEqual(self.property("MinSupplies"), 2)
        self.bed.write("ups.conf", UPS_CONF)
        self.bed.reload()
        wait_for(lambda: self.bed.reload() or len(self.supplies()) == 1, "the second one is watched no more")

    def test_none_low(self):
        """All of them are needed: one that comes to its end is enough."""
        self.start({"upsmon.conf": None, "ups.conf": TWO, "second.dev": ONLINE})
        wait_for(lambda: len(self.supplies()) == 2, "both are watched")
        self.bed.write("second.dev", LOW)
        self.system.wait("PowerOff", 60)

    def test_two(self):
        """One of two is enough."""
        two = "MONITOR second@localhost 1 main secret primary\n"
        self.start({"upsmon.conf": UPSMON + two, "ups.conf": TWO, "second.dev": ONLINE})
        self.bed.write("ups.dev", LOW)
        self.wait_state("low-battery")
        self.system.wait("StartUnit busbar-low-battery.target fail")
        self.assertEqual(self.property("PowerValue"), 1)
        self.assertEqual(self.system.count("PowerOff"), 0)
        self.bed.write("second.dev", LOW)
        self.system.wait("PowerOff")

    def test_reload(self):
        """What is new holds, and what was known is kept."""
        self.start()
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        since = self.supplies()["ups"]["on-battery-since"]
        self.bed.write("second.dev", ONLINE)
        self.bed.write("ups.conf", TWO)
        self.bed.write("upsmon.conf", UPSMON + "MONITOR second@localhost 1 main secret primary\n")
        self.bed.reload()
        wait_for(lambda: len(self.supplies()) == 2, "the second one is watched")
        self.assertEqual(self.supplies()["ups"]["on-battery-since"], since)
        self.assertEqual([k for k, _ in self.notices()].count("ONBATT"), 1)

    def test_malformed(self):
        """A file with errors is not half applied; at the start what is right of it is taken."""
        self.start()
        self.bed.write("upsmon.conf", "MONITOR ups@localhost\nMINSUPPLIES 7\nFINALDLAY 3\n")
        self.bed.reload()
        self.bed.wait_log(r"upsmon\.conf has errors, keeping what was read before", source="monitor")
        self.bed.wait_log(r"upsmon\.conf:1: ", source="monitor")
        self.assertEqual(self.property("MinSupplies"), 1)
        os.unlink(os.path.join(self.bed.config, "upsmon.conf"))
        self.bed.reload()
        self.bed.wait_log(r"upsmon\.conf is gone, keeping what was read before", source="monitor")
        self.assertEqual(list(self.supplies()), ["ups"])

    def test_malformed_at_start(self):
        self.start({"upsmon.conf": UPSMON + "MINSUPLIES 2\nMONITOR x\n"})
        self.assertEqual(list(self.supplies()), ["ups"])
        self.bed.wait_log(r"MINSUPLIES", source="monitor")
        self.assertNotIn("secret", self.bed.log_text("monitor"))

    def test_mistaken_line(self):
        """A slip of the pen does not take the protection away: the UPS of this machine is watched."""
        self.start({"upsmon.conf": "MONITOR ups one main secret primary\n"
                                   "MONITOR second 0 main secret primary\nFINALDELAY 1\nHOSTSYNC 2\n",
                    "ups.conf": TWO, "second.dev": ONLINE})
        wait_for(lambda: sorted(self.supplies()) == ["second", "ups"], "both are watched")
        self.assertEqual([self.supplies()[name]["power-value"] for name in ("second", "ups")], [0, 1])
        self.assertEqual(self.property("MinSupplies"), 1)
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff", 60)

    def test_mistaken_line_beside_others(self):
        """The one that nobody asked for is needed, whatever the others have."""
        self.start({"upsmon.conf": UPSMON.replace("@localhost 1", "@localhost 2") + "MONITOR second one\n",
                    "ups.conf": TWO, "second.dev": ONLINE})
        wait_for(lambda: len(self.supplies()) == 2, "both are watched")
        self.assertEqual(self.property("MinSupplies"), 3)
        self.bed.write("second.dev", LOW)
        self.system.wait("PowerOff", 60)


class History(MonitorCase):
    def path(self, name):
        return os.path.join(self.bed.directory, "lib", "monitor", name)

    def test_restart(self):
        """A shutdown of an earlier boot has an outcome."""
        self.start()
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff")
        self.assertEqual(self.call("History", "u", "5")[0], [])
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
            boot = f.read().strip().replace("-", "")
        with open(self.path("history"), encoding="ascii") as f:
            text = f.read()
        self.bed.write("history", text.replace(boot, "0" * 32), os.path.dirname(self.path("history")))
        os.unlink(self.runtime("started"))
        self.bed.write("ups.dev", ONLINE)
        self.restart("monitor")
        entry = self.call("History", "u", "5")[0][0]
        self.assertEqual((entry["outcome"], entry["cause"], entry["device"]),
                         ("powered-off", "low-battery", "ups"))
        self.assertEqual(entry["boot-id"], "0" * 32)
        self.assertEqual(entry["values"]["battery.charge"], "9")
        self.assertEqual(entry["values"]["ups.status"], "OB DISCHRG LB")
        self.assertIn("This machine shuts down", [e[1] for e in entry["events"]])
        self.assertIn("battery is low", entry["reason"])

    def test_measured(self):
        """The second longest of the last stops counts; nonsense does not."""
        lines = ["nonsense", 'event 5 "too early"']
        for seconds in (400, 10, 20, 30, 40, 50):
            lines.append(f'shutdown 1 {"0" * 32} powered-off 1 {seconds}000000 low-battery ups because')
        self.start()
        self.bed.write("history", "\n".join(lines) + "\n", os.path.dirname(self.path("history")))
        self.restart("monitor")
        self.assertEqual(self.property("ShutdownTimeUSec"), 50000000)
        self.assertEqual(len(self.call("History", "u", "3")[0]), 3)
        self.bed.wait_log(r"history:1: ", source="monitor")


class Program(MonitorCase):
    def test_program(self):
        for name in ("busbar-monitor", "busbar-guard"):
            program = os.path.join(build_directory(), "src", "monitor", name)
            self.assertIn("Usage:", run(program, "--help").stdout)
            self.assertRegex(run(program, "--version").stdout, rf"^{name} \d")
            self.assertEqual(run(program, "--nonsense", check=False).returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
