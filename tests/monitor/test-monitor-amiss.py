#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What goes amiss around a monitor that works: it is restarted, somebody takes a FSD back, a device says for
ever that it tests itself, a file cannot be read."""

import os
import signal
import time
import unittest

from monitorlib import LOW, ONLINE, UPS_CONF, UPSMON, MonitorCase, build_directory, run, wait_for

LEFT_OVER = "ups.status: OL FSD\n"


class Memory(MonitorCase):
    """What outlives a restart."""

    def wait_ignored(self):
        wait_for(lambda: "left over" in self.supplies()["ups"].get("remark", ""), "it is ignored")
        self.assertEqual(self.state(), "online")

    def test_left_over_forced(self):
        """A FSD that is ignored stays so, whatever becomes of the monitor, until it was gone once."""
        self.start({"ups.dev": LEFT_OVER})
        self.wait_ignored()
        self.assertIn("left over", self.property("Remarks")[0])
        self.bed.wait_log("left over", source="monitor")
        for way in (signal.SIGKILL, signal.SIGTERM):
            service = self.bed.service("monitor")
            starts = service.starts
            self.bed.kill("monitor", way)
            wait_for(lambda s=service, n=starts: s.starts > n and s.ready, "it is back", 40)
            self.wait_ignored()

        self.bed.write("upsmon.conf", "MINSUPPLIES 1\nMONITOR other@localhost 1 main secret primary\n")
        self.bed.reload()
        wait_for(lambda: list(self.supplies()) == ["other"], "it is not watched")
        self.bed.write("upsmon.conf", UPSMON)
        self.bed.reload()
        wait_for(lambda: list(self.supplies()) == ["ups"], "it is watched again")
        self.wait_ignored()
        self.assertEqual(self.system.count("PowerOff.*"), 0)

        self.bed.write("ups.dev", ONLINE)
        wait_for(lambda: self.supplies()["ups"].get("remark", "") == "", "it is gone")
        self.assertEqual(self.property("Remarks"), [])
        self.bed.write("ups.dev", LEFT_OVER)
        self.system.wait("PowerOff")
        self.assertEqual(self.property("Cause"), "forced")

    def test_gone_while_not_watched(self):
        self.start({"ups.dev": LEFT_OVER})
        self.wait_ignored()
        self.bed.write("upsmon.conf", "MONITOR other@localhost 1 main secret primary\n")
        self.bed.reload()
        wait_for(lambda: list(self.supplies()) == ["other"], "it is not watched")
        self.assertIn("ignored", self.file("memory"))
        self.bed.write("ups.dev", ONLINE)
        wait_for(lambda: "ignored" not in self.file("memory"), "it was seen to be gone")

    def test_nothing_twice(self):
        """What was said is not said again, and what ended in the meantime is."""
        self.start({"ups.dev": "ups.status: OB DISCHRG RB OVERHEAT\nups.alarm: Fan \\\"stuck\\\"\n"})
        for kind in ("ONBATT", "REPLBATT", "OTHER"):
            self.wait_notice(kind)
        self.restart("monitor")
        wait_for(lambda: self.supplies()["ups"]["state"] == "on-battery", "it is on battery")
        self.assertEqual(self.notices(), [])
        self.bed.write("ups.dev", ONLINE)
        self.wait_notice("ONLINE")
        self.wait_notice("NOTOTHER")


class Forced(MonitorCase):
    """FSD at the gateway that somebody changes, or that nobody watches any more."""

    GATEWAY = ("org.busbar.Gateway1", "/org/busbar/Gateway1", "org.busbar.Gateway1")

    def clear(self):
        self.busctl("call", *self.GATEWAY, "ClearForcedShutdown", "s", "ups")

    def test_cleared_while_waiting(self):
        """Who comes late is told as well."""
        self.start({"upsmon.conf": UPSMON.replace("HOSTSYNC 2", "HOSTSYNC 600")})
        secondary = self.login()
        self.wait_logins(1)
        self.bed.write("ups.dev", LOW)
        self.wait_state("waiting-for-secondaries")
        wait_for(self.forced, "it is set")
        for n in (1, 2):
            self.clear()
            wait_for(lambda k=n: self.bed.log_text("monitor").count("took the forced shutdown back") == k,
                     "it is noticed")
            wait_for(self.forced, "it is set again")
        self.assertIn("FSD", secondary.ask("GET VAR ups ups.status"))
        self.call("CancelShutdown", "s", "")
        wait_for(lambda: not self.forced(), "it is taken back")
        self.assertEqual(self.bed.log_text("monitor").count("took the forced shutdown back"), 2)

    def test_not_watched_any_more(self):
        """What we set on a device is not left there when its line is gone."""
        self.start({"upsmon.conf": UPSMON.replace("FINALDELAY 1", "FINALDELAY 600")})
        self.bed.write("ups.dev", LOW)
        self.wait_state("final-delay")
        wait_for(self.forced, "it is set")
        self.bed.write("upsmon.conf", "MONITOR other@localhost 1 main secret primary\n")
        self.bed.reload()
        wait_for(lambda: not self.forced(), "it is taken back")
        self.bed.wait_log("not watched any more", source="monitor")

    def test_not_watched_after_restart(self):
        self.start({"upsmon.conf": UPSMON.replace("FINALDELAY 1", "FINALDELAY 600")})
        self.bed.write("ups.dev", LOW)
        self.wait_state("final-delay")
        wait_for(self.forced, "it is set")
        self.bed.write("upsmon.conf", "MONITOR other@localhost 1 main secret primary\n")
        self.restart("monitor")
        wait_for(lambda: not self.forced(), "it is taken back")


class Protection(MonitorCase):
    """What looks like protection and is none."""

    def test_stuck_test(self):
        """A test that is said to run holds LB up, but not until the battery is empty, and it is told."""
        self.start()
        text = "ups.status: OB DISCHRG LB\nups.test.result: In progress\nbattery.charge: "
        self.bed.write("ups.dev", text + "50\n")
        wait_for(lambda: "because of a test" in self.supplies()["ups"].get("remark", ""), "it is told")
        self.assertIn("UPS ups@localhost: on battery because of a test", self.property("Remarks")[0])
        self.bed.wait_log("on battery because of a test", source="monitor")
        self.assertEqual(self.state(), "on-battery")
        self.bed.write("ups.dev", text + "9\n")
        self.system.wait("PowerOff")
        self.bed.wait_log("not believed any more", source="monitor")

    def test_unreadable(self):
        """A configuration that cannot be read is not the same as none."""
        self.start({"upsmon.conf": None})
        wait_for(lambda: list(self.supplies()) == ["ups"], "it protects itself")
        self.assertEqual(self.property("Remarks"), [])
        path = os.path.join(self.bed.config, "upsmon.conf")
        os.mkdir(path)
        self.restart("monitor")
        wait_for(lambda: list(self.supplies()) == ["ups"], "it protects itself")
        self.assertRegex(self.property("Remarks")[0],
                         "^upsmon.conf could not be read: Is a directory; every UPS ")
        self.assertIn("upsmon.conf could not be read", self.bed.service("monitor").status)
        for verb in ("status", "plan"):
            shown = run(os.path.join(build_directory(), "src", "ctl", "busbarctl"), verb,
                        env=self.bed.environment).stdout
            self.assertIn("upsmon.conf could not be read", shown)
        os.rmdir(path)
        self.bed.write("upsmon.conf", UPSMON)
        self.bed.reload()
        wait_for(lambda: self.property("Remarks") == [], "it is well again")

    def test_refused_lines(self):
        self.start({"upsmon.conf": "MONITOR ups@localhost one main secret primary\n"})
        wait_for(lambda: list(self.supplies()) == ["ups"], "it protects itself")
        self.assertIn("mistakes in its MONITOR lines", self.property("Remarks")[0])

    def test_settings_without_lines(self):
        """What is written holds without MONITOR lines too: one of two will do, and the limit of one."""
        two = UPS_CONF + "[second]\ndriver = dummy-ups\nport = second.dev\n"
        self.start({"upsmon.conf": "MINSUPPLIES 1\nCHARGELIMIT 95 ups\nONBATTDELAY 0\nFINALDELAY 1\n",
                    "ups.conf": two, "second.dev": ONLINE})
        wait_for(lambda: len(self.supplies()) == 2, "both are watched")
        self.assertEqual((self.property("MinSupplies"), self.property("PowerValue")), (1, 2))
        self.bed.write("ups.dev", "ups.status: OB\nbattery.charge: 90\n")
        self.bed.write("second.dev", "ups.status: OB\nbattery.charge: 90\n")
        self.wait_state("low-battery")
        self.assertEqual({d: s["state"] for d, s in self.supplies().items()},
                         {"ups": "critical", "second": "on-battery"})
        self.bed.write("second.dev", LOW)
        self.system.wait("PowerOff")

    def test_stays_up_without_lines(self):
        self.start({"upsmon.conf": "MINSUPPLIES 0\n"})
        wait_for(lambda: list(self.supplies()) == ["ups"], "it is watched")
        self.assertEqual(self.property("MinSupplies"), 0)

    def test_hung_driver(self):
        """A driver that hangs is silent after DEADTIME, not after some time of ours."""
        self.start({"upsmon.conf": UPSMON.replace("DEADTIME 15", "DEADTIME 5"),
                    "ups.dev": "ups.status: OL\n"})
        self.bed.write("ups.dev", "ups.status: OB\n")
        self.wait_state("on-battery")
        self.bed.kill("dummy-ups", signal.SIGSTOP)
        begin = time.monotonic()
        self.addCleanup(self.bed.kill, "dummy-ups", signal.SIGCONT)
        wait_for(lambda: self.state() not in ("online", "on-battery"), "it is critical")
        self.assertEqual(self.property("Cause"), "lost-on-battery")
        self.assertLess(time.monotonic() - begin, 9)
        self.assertGreater(time.monotonic() - begin, 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
