#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The monitor's neighbours, and the monitor itself, go away at the worst moment."""

import json
import os
import signal
import socket
import struct
import subprocess
import unittest

from monitorlib import (BATTERY, LOW, MONITOR, ONLINE, UPSMON, FakeSystem, MonitorCase, build_directory, run,
                        wait_for)


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

    def test_logind_restart_powering_off(self):
        """A new logind knows nothing of the shutdown that the one before it announced."""
        self.start()
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff")
        self.system.wait("released shutdown delay")
        self.system.close()
        self.system = self.enter(FakeSystem(self.bed.environment))
        self.system.wait("PowerOff")

    def test_bus_away_powering_off(self):
        """The bus hangs after logind announced the shutdown, which does not come about."""
        self.start()
        stop = f"shutdown 1 {'0' * 32} powered-off 1 2000000 low-battery ups because\n"
        self.bed.write("history", 5 * stop, os.path.join(self.bed.directory, "lib", "monitor"))
        self.system.tell("delay-max 1")
        self.restart("monitor")
        self.assertEqual(self.property("ShutdownTimeUSec"), 2500000)
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff")
        self.bed.wait_log("The system shuts down", source="monitor")
        pid = self.bed.service("bus").pid
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_for(lambda: self.file("poweroff-now") is not None, "the file is there", 90)
        finally:
            os.kill(pid, signal.SIGCONT)

    def test_disk(self):
        """A disk that hangs keeps nobody up; what is written there waits."""
        self.start()
        # Opening a pipe without a reader does not return.
        os.mkfifo(os.path.join(self.bed.directory, "lib", "monitor", "history.new"))
        starts = self.bed.service("monitor").starts
        self.bed.write("ups.dev", LOW)
        self.system.wait("PowerOff", 20)
        self.bed.wait_log("Cannot write .*history", source="monitor")
        self.assertEqual(self.call("SetPolicy", "ssd", "", "charge", "50", check=False).returncode, 0)
        self.assertEqual(self.bed.service("monitor").starts, starts)

    def test_logind_restart(self):
        """A new logind gives a new lock."""
        self.start()
        self.system.close()
        self.system = self.enter(FakeSystem(self.bed.environment))
        self.system.wait("Inhibit shutdown delay")


class Crowd(MonitorCase):
    """What everybody may call is not in the way of those who shut down."""

    def test_rehearsals(self):
        self.start()
        self.system.tell("answer CanPowerOff hang")
        call = ["busctl", f"--address={self.bed.bus_address}", "call", *MONITOR, "Rehearse"]
        crowd = [subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                 for _ in range(9)]
        errors = [process.communicate(timeout=60)[1] for process in crowd]
        self.assertEqual(sum("Too many calls" in e for e in errors), 5, errors)
        self.assertEqual(sum(process.returncode == 0 for process in crowd), 4)

    def test_flood(self):
        """One who asks and does not wait for answers."""
        self.start()
        self.system.tell("answer CanPowerOff hang")
        with RawBus(self.bed.bus_address) as raw:
            raw.call(300, *MONITOR, "Rehearse")
            self.bed.write("ups.dev", BATTERY)
            self.wait_state("on-battery")
            refusal = self.call("CancelShutdown", "s", "", check=False).stderr
            self.assertIn("No shutdown is under way", refusal)
            self.system.tell("job poweroff.target")
            run(os.path.join(build_directory(), "src", "monitor", "busbar-guard"), env=self.bed.environment)
            self.assertEqual(self.property("Cause"), "external")
            # One of them is carried out, all others are refused.
            self.assertEqual(raw.refused(299), 299)


class RawBus:
    """A connection that sends calls without waiting."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(address.split("path=")[1].split(",")[0])
        uid = str(os.getuid()).encode().hex().encode()
        self.socket.sendall(b"\0AUTH EXTERNAL " + uid + b"\r\n")
        self.socket.recv(200)
        self.socket.sendall(b"BEGIN\r\n")
        bus = "org.freedesktop.DBus"
        self.call(1, bus, "/org/freedesktop/DBus", bus, "Hello")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def call(self, n, destination, path, interface, member):
        fields = b""
        for code, kind, value in ((1, b"o", path), (6, b"s", destination), (2, b"s", interface),
                                  (3, b"s", member)):
            fields += bytes(-len(fields) % 8) + bytes([code, 1]) + kind + b"\0"
            fields += struct.pack("<I", len(value)) + value.encode() + b"\0"
        for serial in range(1, n + 1):
            head = struct.pack("<BBBBIII", ord("l"), 1, 0, 1, 0, serial, len(fields)) + fields
            self.socket.sendall(head + bytes(-len(head) % 8))

    def refused(self, n):
        """Reads until so many refusals have come, from the monitor or, when it is not quick enough, from the
        bus daemon, which bounds the open calls of a connection; how many there were."""
        def count():
            return sum(data.count(error) for error in (
                b"org.busbar.Error.Busy", b"org.freedesktop.DBus.Error.LimitsExceeded"))

        data = b""
        while count() < n:
            data += self.socket.recv(65536)
        return count()


class Forged(MonitorCase):
    """Signals that somebody else than logind and systemd sends to the monitor."""

    LOGIN = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager")

    def forge(self, *words):
        owner = json.loads(self.busctl("call", "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "GetNameOwner", "s", MONITOR[0]).stdout)
        self.busctl("emit", f"--destination={owner['data'][0]}", *words)

    def test_shutdown(self):
        """The mains are away, so a shutdown by somebody would be taken part in."""
        self.start()
        self.bed.write("ups.dev", BATTERY)
        self.wait_state("on-battery")
        self.forge(*self.LOGIN, "PrepareForShutdownWithMetadata", "ba{sv}", "true", "1", "type", "s",
                   "power-off")
        self.forge(*self.LOGIN, "PrepareForShutdown", "b", "true")
        self.forge("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged", "sss",
                   "org.freedesktop.login1", ":1.1", ":1.2")
        self.assertEqual(self.state(), "on-battery")
        self.assertEqual(self.system.count("released shutdown.*"), 0)
        self.assertEqual(self.property("Cause"), "none")
        # The signal that it is follows the same way.
        self.system.tell("begin power-off")
        self.system.wait("released shutdown.*")
        self.assertEqual(self.property("Cause"), "external")

    def test_sleep(self):
        self.start()
        self.forge(*self.LOGIN, "PrepareForSleep", "b", "true")
        self.assertEqual(self.state(), "online")
        self.assertNotIn("SUSPEND_STARTING", [kind for kind, _ in self.notices()])
        self.system.tell("sleep suspend")
        self.wait_notice("SUSPEND_STARTING", "")

    def test_wake(self):
        """The end of a sleep that was none, even by logind, does not make young what is known."""
        self.start({"upsmon.conf": UPSMON.replace("FINALDELAY 1", "FINALDELAY 5")})
        self.bed.write("ups.dev", LOW)
        self.wait_state("final-delay")
        deadline = self.property("DeadlineUSec")
        for _ in range(5):
            self.system.tell("wake")
            self.assertEqual(self.property("DeadlineUSec"), deadline)
        self.assertNotIn("SUSPEND_FINISHED", [kind for kind, _ in self.notices()])
        self.system.wait("PowerOff")

    def test_command(self):
        """A shutdown command that is said to have failed would be followed by the next way."""
        self.start({"upsmon.conf": UPSMON + 'SHUTDOWNCMD "true"\n'})
        self.bed.write("ups.dev", LOW)
        self.system.wait("StartUnit busbar-shutdowncmd.service.*")
        self.wait_state("powering-off")
        removed = ("/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "JobRemoved", "uoss")
        self.forge(*removed, "1", "/org/freedesktop/systemd1/job/1", "busbar-shutdowncmd.service", "failed")
        self.assertEqual(self.state(), "powering-off")
        self.assertEqual(self.system.count("PowerOff.*"), 0)
        self.system.tell("job-removed busbar-shutdowncmd.service failed")
        self.system.wait("PowerOff")


if __name__ == "__main__":
    unittest.main(verbosity=2)
