#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The monitor's neighbours, and the monitor itself, go away at the worst moment."""

import os
import signal
import unittest

from monitorlib import BATTERY, LOW, ONLINE, UPSMON, FakeSystem, MonitorCase, wait_for


class Killed(MonitorCase):
    """SIGKILL to the monitor: it comes back and goes on."""

    def test_on_battery(self):
        self.start()
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        since = self.supplies()["ups"]["on-battery-since"]
        self.restart("monitor")
        self.wait_state("on-battery")
        # The bus knows since when: the time on battery goes on counting.
        self.assertLess(abs(self.supplies()["ups"]["on-battery-since"] - since), 100000)
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff")

    def test_waiting(self):
        self.start({"upsmon.conf": UPSMON.replace("HOSTSYNC 2", "HOSTSYNC 8")})
        secondary = self.login()
        self.wait_logins(1)
        self.bed.write("ups.dev", LOW)
        self.wait_state("waiting-for-secondaries")
        self.restart("monitor")
        self.assertTrue(self.forced())
        self.wait_state("waiting-for-secondaries")
        secondary.ask("LOGOUT")
        self.system.wait("PowerOff", 60)

    def test_waiting_mains_back(self):
        """Machines were told: a monitor that starts sees FSD, and the mains, and goes on."""
        self.start({"upsmon.conf": UPSMON.replace("HOSTSYNC 2", "HOSTSYNC 5")})
        self.login()
        self.wait_logins(1)
        self.bed.write("ups.dev", LOW)
        self.wait_state("waiting-for-secondaries")
        self.bed.write("ups.dev", ONLINE)
        self.restart("monitor")
        self.system.wait("PowerOff", 60)

    def test_final_delay(self):
        self.start({"upsmon.conf": UPSMON.replace("FINALDELAY 1", "FINALDELAY 4")})
        self.bed.write("ups.dev", LOW)
        self.wait_state("final-delay")
        self.restart("monitor")
        self.system.wait("PowerOff", 60)

    def test_powering_off(self):
        self.start()
        self.system.tell("announce no")
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff")
        self.system.tell("announce yes")
        self.restart("monitor")
        self.system.wait("PowerOff", 60, n=2)

    def test_stale_flag(self):
        """What an earlier monitor armed is gone when there is no reason any more."""
        self.start()
        with open(self.runtime("armed"), "w", encoding="ascii") as f:
            f.write("busbar-armed 1\n")
        with open(self.runtime("poweroff-now"), "w", encoding="ascii"):
            pass
        self.restart("monitor")
        self.assertEqual(self.state(), "online")
        self.assertIsNone(self.file("armed"))
        self.assertIsNone(self.file("poweroff-now"))


class Neighbours(MonitorCase):
    def test_gateway(self):
        """The gateway dies while secondaries are waited for."""
        self.start({"upsmon.conf": UPSMON.replace("HOSTSYNC 2", "HOSTSYNC 10")})
        self.login()
        self.wait_logins(1)
        self.bed.write("ups.dev", LOW)
        self.wait_state("waiting-for-secondaries")
        self.restart("gateway")
        self.assertTrue(self.forced())
        self.assertEqual(self.state(), "waiting-for-secondaries")
        self.system.wait("PowerOff", 60)

    def test_no_gateway(self):
        """It is hung when FSD is to be set."""
        self.start()
        pid = self.bed.service("gateway").pid
        os.kill(pid, signal.SIGSTOP)
        try:
            self.bed.write("ups.dev", LOW)
            self.system.wait("PowerOff", 40)
            self.bed.wait_log("No answer in time|Cannot set the forced shutdown", source="monitor")
        finally:
            os.kill(pid, signal.SIGCONT)

    def test_driver(self):
        """A driver that ends while on battery: silence counts down from what was known."""
        self.start({"upsmon.conf": UPSMON.replace("DEADTIME 15", "DEADTIME 5")})
        self.bed.write("ups.dev", "ups.status: OB DISCHRG\nbattery.charge: 50\nbattery.runtime: 100\n")
        self.wait_state("on-battery")
        self.bed.write("ups.conf", "")
        self.bed.launcher.supervisor.call(
            lambda: self.bed.launcher.supervisor.remove(self.bed.service("dummy-ups")))
        self.wait_notice("COMMBAD")
        self.system.wait("PowerOff", 60)
        self.assertEqual(self.property("Cause"), "lost-on-battery")

    def test_hung_driver(self):
        """A driver that hangs is silent, but for a while only."""
        self.start()
        pid = self.bed.service("dummy-ups").pid
        os.kill(pid, signal.SIGSTOP)
        try:
            self.wait_notice("COMMBAD", timeout=40)
            self.assertEqual(self.supplies()["ups"]["state"], "lost")
        finally:
            os.kill(pid, signal.SIGCONT)
        self.wait_notice("COMMOK")
        self.assertEqual(self.state(), "online")

    def test_bus(self):
        """The bus is restarted: all is as before, and works."""
        self.start(system=False)
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        notices = self.notices()
        self.restart("bus")
        wait_for(lambda: self.state() == "on-battery", "the monitor is on the new bus", 40)
        wait_for(lambda: self.supplies()["ups"]["age"] < 3000000, "it hears its device", 40)
        self.assertEqual(self.notices(), notices)

    def test_bus_away(self):
        """The bus goes in the middle of a shutdown, for good: the file is what is left."""
        self.start({"upsmon.conf": UPSMON.replace("FINALDELAY 1", "FINALDELAY 4")}, system=False)
        self.bed.write("ups.dev", LOW)
        self.wait_state("final-delay")
        pid = self.bed.service("bus").pid
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_for(lambda: self.file("poweroff-now") is not None, "the file is there", 60)
        finally:
            os.kill(pid, signal.SIGCONT)

    def test_logind_restart(self):
        """A new logind gives a new lock."""
        self.start()
        self.system.close()
        self.system = self.enter(FakeSystem(self.bed.environment))
        self.system.wait("Inhibit shutdown delay")


if __name__ == "__main__":
    unittest.main(verbosity=2)
