#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A shutdown from the outage to the power-off, and all that can call it off or stand in its way. logind and
systemd are stand-ins; the real ones are met in the container."""

import os
import subprocess
import time
import unittest

from monitorlib import (BATTERY, LOW, ONLINE, UPSMON, MonitorCase, NutConnection, build_directory, run,
                        wait_for)

TARGET = "StartUnit poweroff.target replace-irreversibly"
CONTAINER = os.path.exists("/run/systemd/container") or os.path.exists("/run/host/container-manager")


class Sequence(MonitorCase):
    def assert_armed(self):
        if CONTAINER:
            self.bed.wait_log("This is a container", source="monitor")
            return
        wait_for(lambda: self.file("armed"), "the flag is there")
        lines = self.file("armed").splitlines()
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
            self.assertEqual(lines[1], "boot " + f.read().strip().replace("-", ""))
        self.assertEqual(lines[0], "busbar-armed 1")
        self.assertEqual(lines[-1], "device 0 dummy-ups ups")

    def test_whole(self):
        """Everything in its order, with a secondary that leaves when it is told."""
        self.start()
        secondary = self.login()
        self.wait_logins(1)
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        self.system.wait("StartUnit busbar-on-battery.target fail")
        self.system.wait("Inhibit sleep block")
        self.wait_notice("ONBATT")
        self.assertFalse(self.forced())

        self.bed.write("ups.dev", LOW)
        self.wait_state("waiting-for-secondaries")
        self.assertIn("FSD", secondary.ask("GET VAR ups ups.status"))
        self.assertEqual(self.property("Cause"), "low-battery")
        self.assertIn("battery is low", self.property("Reason"))
        self.assertEqual(self.property("Cancellation"), "administrator")
        self.system.wait("StartUnit busbar-shutdown.target replace")
        self.assertEqual(self.system.count("PowerOff.*"), 0)
        self.assertIsNone(self.file("armed"))
        self.assertEqual(secondary.ask("LOGOUT"), "OK Goodbye")

        self.system.wait("PowerOff")
        self.assert_armed()
        self.assertEqual(self.property("Cancellation"), "none")
        self.system.wait("released shutdown delay")
        self.assert_order("Inhibit shutdown delay", "StartUnit busbar-on-battery.target fail",
                          "StartUnit busbar-shutdown.target replace", "PowerOff",
                          "released shutdown delay")
        self.assertEqual(self.system.count("PowerOff.*"), 1)
        kinds = [kind for kind, _ in self.notices()]
        self.assertEqual([k for k in kinds if k != "LOWBATT"],
                         ["ONBATT", "FSD", "SHUTDOWN_HOSTSYNC", "SHUTDOWN"])
        self.assertTrue(self.forced())
        self.assertIn("shutdown ", self.history_text())

    def history_text(self):
        with open(os.path.join(self.bed.directory, "lib", "monitor", "history"), encoding="ascii") as f:
            return f.read()

    def plug(self, *nodes, status="OL"):
        """A device whose driver knows by which nodes it is reached."""
        path = os.path.join(self.bed.directory, "plugged")
        with open(path + ".new", "w", encoding="ascii") as f:
            f.write(f"nodes {' '.join(nodes)}\nups.status {status}\n")
        os.rename(path + ".new", path)
        driver = os.path.join(build_directory(), "src", "kit", "test-driver")
        process = subprocess.Popen([driver, "-s", "plugged", "-x", f"port={path}", "-i", "1"],
                                   env=self.bed.environment, stderr=subprocess.DEVNULL)
        self.addCleanup(self.unplug, process)
        return process

    def unplug(self, process):
        process.kill()
        process.wait()

    @unittest.skipIf(CONTAINER, "its UPS is left to its host")
    def test_nodes_of_the_flag(self):
        """The flag says by which nodes the device is reached, also when it is plugged in anew meanwhile."""
        self.start({"upsmon.conf": UPSMON.replace("ups@", "plugged@")})
        first = self.plug("/dev/hidraw3", "/dev/bus/usb/001/004")
        wait_for(lambda: self.supplies().get("plugged", {}).get("state") == "online", "the device")
        with open(os.path.join(self.bed.directory, "plugged"), "a", encoding="ascii") as f:
            f.write("ups.status OB LB\n")
        self.system.wait("PowerOff")
        tail = ["device 0 test-driver plugged", "node /dev/hidraw3", "node /dev/bus/usb/001/004"]
        self.assertEqual(self.file("armed").splitlines()[-3:], tail)

        self.unplug(first)
        self.plug("/dev/hidraw5", "/dev/bus/usb/001/007", status="OB LB")
        tail = [tail[0], "node /dev/hidraw5", "node /dev/bus/usb/001/007"]
        wait_for(lambda: self.file("armed").splitlines()[-3:] == tail, "the new nodes in the flag")

    def test_alone(self):
        """With nobody to wait for, nobody is waited for."""
        self.start({"upsmon.conf": UPSMON.replace("HOSTSYNC 2", "HOSTSYNC 600")})
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff")
        self.assertNotIn(("SHUTDOWN_HOSTSYNC", ""), self.notices())

    def test_hung_secondary(self):
        """One that does not leave is waited for during HOSTSYNC."""
        self.start()
        secondary = self.login()
        self.wait_logins(1)
        self.bed.write("ups.dev", LOW)
        self.wait_state("waiting-for-secondaries")
        begin = time.monotonic()
        self.system.wait("PowerOff")
        self.assertGreater(time.monotonic() - begin, 1.5)
        self.assertIn("FSD", secondary.ask("GET VAR ups ups.status"))

    def test_lease(self):
        """One that says how long it needs gets that, even beyond HOSTSYNC."""
        self.start({"upsmon.conf": UPSMON.replace("HOSTSYNC 2", "HOSTSYNC 0")})
        secondary = self.login()
        self.assertEqual(secondary.ask("NEED ups 4"), "OK")
        self.wait_logins(1)
        # Without the runtime that is needed for it there is no time to give.
        self.bed.write("ups.dev", LOW.replace("runtime: 100", "runtime: 1000"))
        self.wait_state("waiting-for-secondaries")
        begin = time.monotonic()
        self.system.wait("PowerOff")
        self.assertGreater(time.monotonic() - begin, 3.0)

    def test_mains_return(self):
        """When nobody was told, the return of the mains calls it off."""
        self.start({"upsmon.conf": UPSMON.replace("FINALDELAY 1", "FINALDELAY 600")})
        self.bed.write("ups.dev", LOW)
        self.wait_state("final-delay")
        self.assertTrue(self.forced())
        self.assertEqual(self.property("Cancellation"), "mains")
        self.bed.write("ups.dev", ONLINE)
        self.wait_state("online")
        wait_for(lambda: not self.forced(), "FSD is taken back")
        self.system.wait("StopUnit busbar-shutdown.target replace")
        self.assertEqual(self.system.count("PowerOff.*"), 0)
        self.assertIsNone(self.file("armed"))
        wait_for(lambda: self.call("History", "u", "5")[0], "it is in the history")
        self.assertEqual(self.call("History", "u", "5")[0][0]["outcome"], "cancelled")

    def test_cancel(self):
        """An administrator calls it off, and it does not begin anew at once."""
        self.start({"upsmon.conf": UPSMON.replace("FINALDELAY 1", "FINALDELAY 600")})
        self.assertIn("No shutdown is under way", self.call("CancelShutdown", "s", "", check=False).stderr)
        self.bed.write("ups.dev", LOW)
        self.wait_state("final-delay")
        self.call("CancelShutdown", "s", "I know better")
        wait_for(lambda: self.state() in ("on-battery", "low-battery"), "it is called off")
        wait_for(lambda: not self.forced(), "FSD is taken back")
        self.bed.wait_log("called off: I know better", source="monitor")
        self.assertEqual(self.system.count("PowerOff.*"), 0)

    def test_force(self):
        self.start()
        self.call("ForceShutdown", "s", "maintenance")
        self.system.wait("PowerOff")
        self.assertEqual(self.property("Cause"), "administrator")
        self.assertIn("maintenance", self.property("Reason"))
        self.assertIn("It is too late", self.call("CancelShutdown", "s", "", check=False).stderr)
        self.assert_armed()

    def test_forced_by_client(self):
        """FSD that a NUT client sets is a reason too."""
        self.start()
        with NutConnection(self.bed.port) as c:
            c.login("main", "secret")
            self.assertEqual(c.ask("LOGIN ups"), "OK")
            self.assertIn("OK", c.ask("PRIMARY ups"))
            self.assertIn("OK", c.ask("FSD ups"))
        self.system.wait("PowerOff")
        self.assertEqual(self.property("Cause"), "forced")


class PowerOff(MonitorCase):
    """What stands in the way of the power-off itself."""

    def test_blocked(self):
        """Somebody blocks: the next ways are tried, up to the file."""
        self.start()
        for method in ("PowerOff", "PowerOffWithFlags"):
            self.system.tell(f"answer {method} org.freedesktop.DBus.Error.AccessDenied")
        self.bed.write("ups.dev", LOW)
        self.system.wait(TARGET)
        self.assert_order("PowerOff", "PowerOffWithFlags 16", TARGET)
        self.assertIsNone(self.file("poweroff-now"))

    def test_nothing_works(self):
        self.start()
        for method in ("PowerOff", "PowerOffWithFlags", "StartUnit"):
            self.system.tell(f"answer {method} org.freedesktop.DBus.Error.AccessDenied")
        self.bed.write("ups.dev", LOW)
        wait_for(lambda: self.file("poweroff-now") is not None, "the file is there")
        self.assert_order("PowerOff", "PowerOffWithFlags 16", TARGET)

    def test_hung(self):
        """logind takes the call and does not answer."""
        self.start()
        self.system.tell("answer PowerOff hang")
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOffWithFlags 16")
        self.assert_order("PowerOff", "PowerOffWithFlags 16")

    def test_not_announced(self):
        """logind says yes, and nothing happens."""
        self.start()
        self.system.tell("announce no")
        self.bed.write("ups.dev", LOW)
        self.system.wait(TARGET, 60)
        self.assert_order("PowerOff", "PowerOffWithFlags 16", TARGET)

    def test_aborted(self):
        """The shutdown that began is given up by logind: it is tried again."""
        self.start()
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff")
        self.system.wait("released shutdown delay")
        self.system.tell("abort")
        self.system.wait("PowerOff", n=2)

    def test_command(self):
        self.start({"upsmon.conf": UPSMON + "SHUTDOWNCMD \"/usr/local/bin/down now\"\n"})
        self.bed.write("ups.dev", LOW)
        self.system.wait("StartUnit busbar-shutdowncmd.service replace")
        self.assertEqual(self.system.count("PowerOff.*"), 0)
        self.system.tell("job-removed busbar-shutdowncmd.service done")
        self.system.tell("job-removed other.service failed")
        self.assertEqual(self.state(), "powering-off")
        self.assertEqual(self.system.count("PowerOff.*"), 0)

    def test_flag(self):
        """POWERDOWNFLAG alone is written beside the ordinary ways, and takes none of them away."""
        self.start({"upsmon.conf": UPSMON + "POWERDOWNFLAG /etc/killpower\n"})
        self.system.tell("answer PowerOff org.freedesktop.DBus.Error.AccessDenied")
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOffWithFlags 16")
        self.assert_order("StartUnit busbar-shutdowncmd.service replace", "PowerOff.*",
                          "PowerOffWithFlags .*")

    def test_command_without_effect(self):
        """A command that ends well and leaves the machine up is followed by the other ways."""
        self.start({"upsmon.conf": UPSMON + "SHUTDOWNCMD \"/usr/local/bin/down now\"\n"})
        self.bed.write("ups.dev", LOW)
        self.system.wait("StartUnit busbar-shutdowncmd.service replace")
        self.system.tell("state stopping")
        self.system.tell("job-removed busbar-shutdowncmd.service done")
        # At first it looks as if it had one.
        self.system.wait("SystemState", 40)
        self.assertEqual(self.system.count("PowerOff.*"), 0)
        self.system.tell("state running")
        self.system.wait("PowerOff", 40)
        self.bed.wait_log("had no effect", source="monitor")

    def test_target_without_effect(self):
        """A job of poweroff.target that somebody cancels."""
        self.start()
        for method in ("PowerOff", "PowerOffWithFlags"):
            self.system.tell(f"answer {method} org.freedesktop.DBus.Error.AccessDenied")
        self.bed.write("ups.dev", LOW)
        self.system.wait(TARGET)
        wait_for(lambda: self.file("poweroff-now") is not None, "the file is there", 60)

    def test_command_fails(self):
        """A command that fails must not keep the machine up."""
        self.start({"upsmon.conf": UPSMON + "SHUTDOWNCMD \"/usr/local/bin/down now\"\n"})
        self.bed.write("ups.dev", LOW)
        self.system.wait("StartUnit busbar-shutdowncmd.service replace")
        self.bed.wait_log("The system shuts down", source="monitor")
        self.system.tell("job-removed busbar-shutdowncmd.service failed")
        self.system.wait("PowerOff")

    def test_command_missing(self):
        """A unit that cannot be started must not keep the machine up."""
        self.start({"upsmon.conf": UPSMON + "SHUTDOWNCMD \"/usr/local/bin/down now\"\n"})
        self.system.tell("answer StartUnit org.freedesktop.systemd1.NoSuchUnit")
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff")

    def test_no_system(self):
        """Neither logind nor systemd is there."""
        self.start(system=False)
        self.bed.write("ups.dev", LOW)
        wait_for(lambda: self.file("poweroff-now") is not None, "the file is there")


class External(MonitorCase):
    """Somebody else begins a shutdown."""

    def test_online(self):
        """With mains there is nothing to do for us."""
        self.start()
        self.system.tell("begin power-off")
        self.system.wait("released shutdown delay")
        self.assertFalse(self.forced())
        self.assertIsNone(self.file("armed"))
        self.system.tell("abort")
        self.system.wait("Inhibit shutdown delay", n=2)

    def test_on_battery(self):
        """On battery it is ours: the others are told first."""
        self.start()
        secondary = self.login()
        self.wait_logins(1)
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        self.system.tell("begin power-off")
        self.wait_state("waiting-for-secondaries")
        self.assertEqual(self.system.count("released shutdown delay"), 0)
        self.assertIn("FSD", secondary.ask("GET VAR ups ups.status"))
        secondary.ask("LOGOUT")
        self.system.wait("released shutdown delay")
        self.assertEqual(self.property("Cause"), "external")
        if not CONTAINER:
            self.assertIsNotNone(self.file("armed"))
        self.assertEqual(self.system.count("PowerOff.*"), 0)

    def test_reboot(self):
        """A reboot is let go on, and nothing is armed."""
        self.start()
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        self.system.tell("begin reboot")
        self.system.wait("released shutdown delay")
        self.assertFalse(self.forced())
        self.assertIsNone(self.file("armed"))

    def test_scheduled(self):
        """An old logind does not say of which type it is, but what was scheduled."""
        self.start()
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        self.system.tell("scheduled poweroff")
        self.system.tell("begin")
        self.system.wait("released shutdown delay")
        self.assertEqual(self.property("Cause"), "external")
        self.assertTrue(self.forced())

    def test_guard(self):
        """The guard unit has us finish, and only for a power-off."""
        self.start()
        guard = os.path.join(build_directory(), "src", "monitor", "busbar-guard")
        run(guard, env=self.bed.environment)
        self.assertFalse(self.forced())
        self.system.tell("job reboot.target")
        run(guard, env=self.bed.environment)
        self.assertFalse(self.forced())

        secondary = self.login()
        self.wait_logins(1)
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        self.system.tell("begin")  # of a type that is not known: let go on
        self.system.wait("released shutdown delay")
        self.system.tell("job poweroff.target")
        with subprocess.Popen([guard], env=self.bed.environment) as process:
            self.wait_state("waiting-for-secondaries")
            self.assertIsNone(process.poll())
            secondary.ask("LOGOUT")
            self.assertEqual(process.wait(20), 0)
        self.assertTrue(self.forced())
        if not CONTAINER:
            self.assertIsNotNone(self.file("armed"))
        run(guard, env=self.bed.environment)

    def guarded_on_battery(self, files=None):
        """Somebody's power-off with no logind in it: the guard has us finish."""
        self.start(files)
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        self.system.tell("job poweroff.target")
        run(os.path.join(build_directory(), "src", "monitor", "busbar-guard"), env=self.bed.environment)
        self.wait_state("powering-off")
        self.assertTrue(self.forced())

    def test_job_cancelled(self):
        """Nobody says when a job is cancelled: all is as before, and the next outage counts."""
        self.guarded_on_battery()
        time.sleep(8)
        self.assertEqual(self.state(), "powering-off")
        self.system.tell("job")
        self.bed.write("ups.dev", ONLINE)
        self.wait_state("online")
        wait_for(lambda: not self.forced(), "FSD is taken back")
        self.assertIsNone(self.file("armed"))
        self.system.wait("Inhibit shutdown delay", n=2)
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff")

    def test_forced_on(self):
        """Who is not sure of somebody's power-off can have ours."""
        self.guarded_on_battery()
        self.call("ForceShutdown", "s", "now")
        self.system.wait("PowerOff")
        self.assertEqual(self.property("Cause"), "administrator")

    def test_aborted_while_waiting(self):
        """It is given up while the secondaries are waited for: what is still needed is ours."""
        self.start({"upsmon.conf": UPSMON.replace("HOSTSYNC 2", "HOSTSYNC 6")})
        self.login()
        self.wait_logins(1)
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        self.system.tell("begin power-off")
        self.wait_state("waiting-for-secondaries")
        self.system.tell("abort")
        self.system.wait("PowerOff")

    def test_guard_online(self):
        self.start()
        self.system.tell("job poweroff.target")
        begin = time.monotonic()
        run(os.path.join(build_directory(), "src", "monitor", "busbar-guard"), env=self.bed.environment)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertFalse(self.forced())

    def test_guard_without_bus(self):
        run(os.path.join(build_directory(), "src", "monitor", "busbar-guard"),
            env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
