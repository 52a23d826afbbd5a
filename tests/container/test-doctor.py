#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbarctl doctor on a machine with systemd: it finds nothing on a healthy one, and each planted fault of
units, processes, files, logind, polkit, the firewall and the disk."""

import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "install"))

# pylint: disable=wrong-import-position
from build import Build
from fixture import GATEWAY, SIM, SOCKET, UPS_CONF, Fixture, device_file, prepare
from machine import Machine, run_inside, wait_for

MONITOR = "busbar-monitor.service"
RUNTIME = "battery.runtime: 7200\n"


class DoctorTest(Fixture):
    """A fault may bring others along; they are named."""

    def setUp(self):
        super().setUp()
        for name in ("sim.dev", "rack.dev"):
            self.machine.write(f"/etc/nut/{name}", device_file("OL") + RUNTIME)
        self.is_well()

    def is_well(self):
        """In the end: what was started needs its time."""
        try:
            wait_for("all is well", lambda: not self.look(), 60)
        except TimeoutError as e:
            raise AssertionError(json.dumps(self.said["findings"], indent=1)) from e

    def look(self):
        done = self.machine.run("busbarctl", "--json", "doctor", check=False)
        said = json.loads(done.stdout)
        self.assertEqual(done.returncode, 1 if said["findings"] else 0, done.stderr)
        self.said = said
        return said["findings"]

    def finds(self, wanted, *besides):
        """Once the machine is as it is going to be."""
        allowed = {wanted, *besides}

        def found():
            self.findings = self.look()
            ids = {finding["id"] for finding in self.findings}
            return wanted in ids and ids <= allowed

        try:
            wait_for(wanted, found, 60)
        except TimeoutError as e:
            raise AssertionError(f"{wanted}: {json.dumps(self.findings, indent=1)}") from e
        return next(finding for finding in self.findings if finding["id"] == wanted)

    def undo(self, *command):
        self.addCleanup(self.machine.run, *command, check=False)

    # The healthy machine is in setUp().

    def test_what_is_looked_at(self):
        self.upsc("sim")  # which starts the gateway
        self.assertEqual(self.look(), [])
        self.assertGreater(self.said["checks"], 55)
        self.assertEqual({check["reason"] for check in self.said["not_checked"]}, {"as this is a container"})

    def test_nobody(self):
        done = self.machine.run("busbarctl", "doctor", user="nobody", check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("Not looked at, not being root: ", done.stdout)

    # Units.

    def test_masked(self):
        self.machine.run("systemctl", "mask", "--now", MONITOR)
        self.undo("systemctl", "start", MONITOR)
        self.undo("systemctl", "unmask", MONITOR)
        self.assertIn("systemctl unmask", self.finds("unit-masked", "monitor-not-running")["fix"])

    def test_not_enabled(self):
        self.machine.run("systemctl", "disable", "busbar.service")
        self.undo("systemctl", "enable", "busbar.service")
        self.assertEqual(self.finds("not-enabled")["fix"], "systemctl enable --now busbar")

    def test_not_started(self):
        self.machine.run("systemctl", "stop", "busbar")
        self.finds("not-started", "monitor-not-running", "gateway-not-running", "driver-missing")

    def drop_in(self, unit, *lines):
        path = f"/etc/systemd/system/{unit}.d/fault.conf"
        self.machine.write(path, "[Service]\n" + "".join(line + "\n" for line in lines))
        self.machine.run("systemctl", "daemon-reload")
        self.undo("systemctl", "reset-failed")
        self.addCleanup(self.machine.run, "systemctl", "daemon-reload")
        self.addCleanup((self.machine.root / path.lstrip("/")).unlink)

    def test_failed_and_crash_loop(self):
        self.undo("systemctl", "start", SOCKET, GATEWAY)
        self.drop_in(GATEWAY, "ExecStart=", "ExecStart=/bin/false", "RestartSec=100ms")
        self.machine.run("systemctl", "restart", "--no-block", GATEWAY)
        self.assertIn("restarts", self.finds("crash-loop", "gateway-not-running", "unit-failed")["evidence"])

    def test_unit_failed(self):
        """What it said is told, but not what it said when it ran before."""
        for command, said in (("echo '<3>first words'; journalctl --sync; exit 1", True), ("exit 1", False)):
            self.machine.run("systemd-run", "--unit=busbar-notify-test.service", "/bin/sh", "-c", command)
            self.undo("systemctl", "reset-failed")
            evidence = self.finds("unit-failed")["evidence"]
            self.assertEqual("it said last: first words" in evidence, said, evidence)
            self.machine.run("systemctl", "reset-failed")

    def test_not_on_the_bus(self):
        """It runs, and never gets its name."""
        self.undo("systemctl", "restart", MONITOR)
        self.drop_in(MONITOR, "ExecStart=", "ExecStart=/bin/sleep 1000")
        self.machine.run("systemctl", "restart", "--no-block", MONITOR)
        self.assertIn("systemctl reload dbus",
                      self.finds("bus-policy-not-loaded", "monitor-not-running")["fix"])

    def test_unit_missing(self):
        path = self.machine.root / "usr/lib/systemd/system/busbar.service"
        away = path.with_suffix(".away")
        wants = self.machine.root / "etc/systemd/system/multi-user.target.wants/busbar.service"
        self.addCleanup(wants.symlink_to, os.readlink(wants))
        wants.unlink()
        self.addCleanup(self.machine.run, "systemctl", "daemon-reload")
        path.rename(away)
        self.addCleanup(away.rename, path)
        self.machine.run("systemctl", "daemon-reload")
        self.finds("unit-missing")

    def test_monitor_stopped(self):
        self.machine.run("systemctl", "stop", MONITOR)
        self.undo("systemctl", "start", MONITOR)
        self.finds("monitor-not-running")

    def test_driver_masked(self):
        self.machine.run("systemctl", "mask", "--runtime", "--now", SIM)
        self.undo("systemctl", "start", SIM)
        self.undo("systemctl", "unmask", "--runtime", SIM)
        self.assertIn("systemctl unmask", self.finds("driver-missing")["fix"])

    # Files.

    def test_not_reloaded(self):
        self.configure(UPS_CONF + "# changed\n")
        self.assertEqual(self.finds("file-not-reloaded")["fix"], "systemctl reload busbar")
        self.reload()
        self.is_well()

    def test_unreadable(self):
        self.machine.run("chmod", "0600", "/etc/nut/upsd.conf")
        self.finds("file-unreadable")

    def test_unknown_driver(self):
        self.configure(UPS_CONF + "[odd]\ndriver = nothing-ups\nport = auto\n")
        self.reload()
        self.assertIn("keep NUT", self.finds("driver-missing")["fix"])

    def test_disk_full(self):
        place = "/var/lib/busbar-monitor"
        self.machine.run("mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", place)
        self.undo("umount", place)
        self.assertIn(place, self.finds("disk-full")["problem"])

    # What else runs.

    def start_instead(self, unit, command):
        """A service of that name that only runs."""
        path = f"/etc/systemd/system/{unit}"
        self.machine.write(path, f"[Service]\nExecStart={command}\nKillSignal=SIGKILL\n")
        self.addCleanup(self.machine.run, "systemctl", "daemon-reload")
        self.addCleanup((self.machine.root / path.lstrip("/")).unlink)
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "start", unit)
        self.undo("systemctl", "stop", unit)

    def test_nut(self):
        self.start_instead("nut-driver@other.service",
                           "/bin/sh -c 'cp /bin/sleep /run/usbhid-ups; exec /run/usbhid-ups 1000'")
        self.assertIn("nut-driver@other.service", self.finds("nut-running", "nut-unit-active")["evidence"])
        self.finds("nut-unit-active", "nut-running")

    def test_like_nut(self):
        """By the beginning of its name, and in a container within this one."""
        self.start_instead("nutcracker.service", "/bin/sh -c 'cp /bin/sleep /run/apcsmart; "
                           "exec unshare --pid --fork /run/apcsmart 1000'")
        wait_for("it runs", lambda: self.machine.run(
            "sh", "-c", "grep -lx apcsmart /proc/[0-9]*/comm", check=False).stdout, 60)
        self.assertEqual(self.look(), [])

    def test_port_taken(self):
        self.machine.run("systemctl", "stop", SOCKET, GATEWAY)
        self.undo("systemctl", "start", SOCKET)
        code = ("import socket, time; "
                "s = socket.create_server(('127.0.0.1', 3493)); time.sleep(1000)")
        self.machine.run("systemd-run", "--unit=taker.service", "python3", "-c", code)
        self.undo("systemctl", "stop", "taker.service")
        self.assertIn("taker.service", self.finds("port-taken", "gateway-not-running")["fix"])

    def test_getty(self):
        self.configure(UPS_CONF + "[old]\ndriver = nutdrv_qx\nport = /dev/ttyS9\n")
        self.reload()
        self.start_instead("serial-getty@ttyS9.service", "/bin/sleep 1000")
        self.finds("port-getty", "port-node", "driver-missing", "device-silent")

    # The system.

    def test_sleep(self):
        self.logind("IdleAction=suspend\nIdleActionSec=20h\n")
        self.finds("machine-sleeps", "inhibit-delay")

    def test_delay(self):
        """What Busbar brings is for the plan of most; this one waits for others for long."""
        self.logind("InhibitDelayMaxSec=1\n")
        self.assertIn("InhibitDelayMaxSec=", self.finds("inhibit-delay")["fix"])

    def logind(self, lines):
        path = "/etc/systemd/logind.conf.d/zzz-test.conf"
        self.machine.write(path, "[Login]\n" + lines)
        self.machine.run("systemctl", "restart", "systemd-logind")
        self.addCleanup(self.machine.run, "systemctl", "restart", "systemd-logind")
        self.addCleanup((self.machine.root / path.lstrip("/")).unlink)

    def test_polkit(self):
        path = self.machine.root / "usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service"
        away = path.with_suffix(".away")
        path.rename(away)
        self.undo("systemctl", "reload", "dbus")
        self.addCleanup(away.rename, path)
        self.machine.run("systemctl", "stop", "polkit")
        self.machine.run("systemctl", "reload", "dbus")
        self.finds("polkit-missing")

    def test_firewall(self):
        self.configure("LISTEN * 3493\n", "upsd.conf")
        self.reload()
        self.is_well()
        rules = ("add table inet filter; "
                 "add chain inet filter input { type filter hook input priority 0; policy drop; }; "
                 "add rule inet filter input iifname lo accept; "
                 "add rule inet filter input tcp dport 22 accept")
        self.machine.run("nft", rules)
        self.undo("nft", "flush", "ruleset")
        self.assertIn("policy drop", self.finds("firewall")["evidence"])
        self.machine.run("nft", "add rule inet filter input tcp dport 3493 accept")
        self.is_well()


def main():
    run_inside()
    build, meson = sys.argv[1:3]
    machine = Machine(f"busbar-doctor-{os.getpid()}")
    try:
        prepare(machine, Build(build, meson), "dbus-daemon")
        machine.boot()
        DoctorTest.machine = machine
        unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
    finally:
        machine.stop()


if __name__ == "__main__":
    main()
