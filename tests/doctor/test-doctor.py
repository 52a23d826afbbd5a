#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbarctl doctor finds each planted fault that needs no service manager, and nothing else. What hardware
and other programs do is in the files of a root directory of its own, see fakeroot.py; servers, devices, the
bus and the monitor are real, or hang for real."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "ctl"))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

# pylint: disable=wrong-import-position
from authority import Authority
from ctllib import FakeMonitor, call
from fakeroot import FakeRoot
from testlib import Testbed, TestCase, build_directory, free_port, wait_for

RACK = {"ups.status": "OL CHRG", "battery.charge": 90, "battery.charge.low": 20, "battery.runtime": 3600,
        "ups.load": 20, "device.serial": "A1"}
DESK = {**RACK, "device.serial": "B2"}


def device(values, **changes):
    values = {**values, **{name.replace("_", "."): value for name, value in changes.items()}}
    return "".join(f"{name}: {value}\n" for name, value in values.items() if value is not None)


CONFIG = {
    "ups.conf": "pollinterval = 1\n[rack]\ndriver = dummy-ups\nport = rack.dev\n"
                "[desk]\ndriver = dummy-ups\nport = desk.dev\n",
    "rack.dev": device(RACK),
    "desk.dev": device(DESK),
    "upsd.conf": "",
    "upsd.users": "[admin]\npassword = secret\nupsmon primary\n",
}


class Bed(TestCase):
    """A healthy machine, which each test does something to."""

    monitor = True

    @classmethod
    def setUpClass(cls):
        cls.bed = cls.enterClassContext(Testbed(CONFIG, monitor=cls.monitor))
        cls.environment = {**cls.bed.environment, "NO_COLOR": "", "TERM": "xterm"}

    def setUp(self):
        self.root = self.enter(FakeRoot())
        self.directory = tempfile.mkdtemp(prefix="busbar-doctor-")
        self.addCleanup(shutil.rmtree, self.directory)
        os.chmod(self.directory, 0o755)
        for name, text in CONFIG.items():
            self.configure(name, text)

    def configure(self, name, text, mode=0o640):
        """The files that the doctor sees; the drivers and the gateway have those of before."""
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, mode)
        if os.geteuid() == 0:
            os.chown(path, -1, 1)  # that of root is given to no service
        return path

    def run_doctor(self, *arguments, status, **environment):
        variables = {**self.environment, "NUT_CONFPATH": self.directory,
                     "BUSBAR_DOCTOR_ROOT": str(self.root.path), **environment}
        result = call("doctor", *arguments, environment=variables)
        self.assertNotIn("Sanitizer", result.err)
        self.assertEqual(result.status, status, result.out + result.err)
        return result

    def look(self, **environment):
        """What it finds, by id."""
        result = call("--json", "doctor", environment={
            **self.environment, "NUT_CONFPATH": self.directory, "BUSBAR_DOCTOR_ROOT": str(self.root.path),
            **environment})
        self.assertNotIn("Sanitizer", result.err)
        self.assertIn(result.status, (0, 1), result.out + result.err)
        said = json.loads(result.out)
        self.assertEqual(result.status, 1 if said["findings"] else 0)
        self.assertEqual(said["healthy"], not said["findings"])
        return said

    def finds(self, wanted, *besides, device_name=None, **environment):
        """Asserts that this is found, and nothing else but what it brings along, and returns it."""
        findings = self.look(**environment)["findings"]
        ids = {finding["id"] for finding in findings}
        self.assertLessEqual({wanted}, ids, findings)
        self.assertLessEqual(ids, {wanted, *besides}, findings)
        found = next(finding for finding in findings if finding["id"] == wanted)
        self.assertTrue(found["problem"] and found["evidence"] and found["fix"], found)
        if device_name:
            self.assertEqual(found["device"], device_name)
        return found

    def eventually(self, wanted, *besides, **options):
        """The same when the drivers need a moment."""
        wait_for(lambda: any(f["id"] == wanted for f in self.look()["findings"]), wanted, 60)
        return self.finds(wanted, *besides, **options)


class Healthy(Bed):
    def test_nothing_is_found(self):
        said = self.look()
        self.assertEqual(said["findings"], [])
        self.assertGreater(said["checks"], 40)
        self.assertIn("not-enabled", {check["id"] for check in said["not_checked"]})

    def test_text(self):
        out = self.run_doctor(status=0).out
        self.assertIn("Nothing found; looked for ", out)
        self.assertIn("Not looked at, as systemd is not on the bus: ", out)

    def test_of_one_device(self):
        self.root.process("upsd")
        self.configure("ups.conf", CONFIG["ups.conf"] + "override.battery.charge.low = 99\n")
        out = self.run_doctor("rack", status=1).out
        self.assertIn("NUT's server", out)
        self.assertNotIn("desk:", out)
        self.assertIn("warning: desk: ", self.run_doctor("DESK", status=1).out)
        err = self.run_doctor("nobody", status=2).err
        self.assertIn("There is no device \"nobody\"", err)


class Files(Bed):
    def test_unreadable(self):
        os.chmod(os.path.join(self.directory, "upsd.users"), 0o600)
        self.assertIn("upsd.users", self.finds("file-unreadable")["problem"])

    def test_secret(self):
        os.chmod(os.path.join(self.directory, "upsd.users"), 0o644)
        self.assertIn("chmod 0640", self.finds("secret-readable")["fix"])

    def test_words(self):
        path = self.configure("upsd.conf", "MAXAGE 15\nLISSEN 0.0.0.0\n")
        self.assertEqual(self.finds("configuration")["evidence"], f"{path}:2")

    def test_power_values(self):
        self.configure("upsmon.conf", "MONITOR rack@localhost 1 admin secret primary\nMINSUPPLIES 3\n")
        self.assertIn("MINSUPPLIES", self.finds("configuration")["problem"])

    def test_clock(self):
        then = time.time() + 86400
        os.utime(os.path.join(self.directory, "ups.conf"), (then, then))
        self.finds("clock-behind")

    def test_limits(self):
        self.configure("ups.conf", CONFIG["ups.conf"] + "override.battery.charge.low = 99\n")
        self.finds("low-battery-early", device_name="desk")

    def test_scripts(self):
        self.root.write("/opt/notify", "#!/bin/sh\n", 0o700)
        for name, line, wanted in (("upsmon.conf", "NOTIFYCMD /opt/notify", "notify-command"),
                                   ("upsmon.conf", "NOTIFYCMD /opt/nothing", "notify-command"),
                                   ("upsmon.conf", "SHUTDOWNCMD /opt/nothing", "shutdown-command"),
                                   ("upssched.conf", "CMDSCRIPT /opt/nothing", "timer-command")):
            with self.subTest(line):
                path = self.configure(name, line + "\n")
                self.finds(wanted)
                os.unlink(path)
        self.configure("upsmon.conf", "NOTIFYCMD /sbin/upssched\n")
        self.assertEqual(self.look()["findings"], [])


class Machine(Bed):
    """What others do, and what is plugged in."""

    def test_nut(self):
        for unit, fix in (("nut-driver@apc.service", "systemctl disable --now nut-driver@apc.service"),
                          (None, "kill ")):
            with self.subTest(unit):
                self.root.process("usbhid-ups", unit)
                self.assertIn(fix, self.finds("nut-running")["fix"])

    def test_other_program(self):
        self.root.process("apcupsd", "apcupsd.service")
        self.assertIn("apcupsd.service", self.finds("other-program")["evidence"])

    def test_port_taken(self):
        self.root.listen(3493, 4711)
        self.root.process("python3", sockets=[4711])
        self.assertIn("python3 on 0.0.0.0", self.finds("port-taken")["evidence"])

    def test_usb(self):
        self.root.plug()
        self.finds("usb-not-served", "udev-rule-missing")
        self.finds("udev-rule-missing", "usb-not-served")
        self.root.udev()
        self.finds("usb-not-served")

    def test_usb_sleeps(self):
        self.root.udev()
        self.root.plug(control="auto")
        self.assertIn("power/control: auto", self.finds("usb-autosuspend", "usb-not-served")["evidence"])

    def test_usb_held(self):
        self.root.udev()
        self.root.plug(driver="usbfs", ids="0463:ffff")
        self.root.process("eaton-agent")
        self.assertIn("a program that has", self.finds("usb-held")["evidence"])

    def test_serial(self):
        self.configure("ups.conf", CONFIG["ups.conf"] +
                       "[old]\ndriver = nutdrv_qx\nport = /dev/ttyUSB0\n")
        found = self.finds("port-node", "driver-missing", device_name="old")
        self.assertIn("/dev/ttyUSB0", found["problem"])
        self.root.write("/dev/ttyUSB0", "", 0o600)
        self.assertIn("chgrp dialout", self.finds("port-node", "driver-missing")["fix"])
        (self.root.path / "dev/ttyUSB0").chmod(0o666)
        self.finds("driver-missing", device_name="old")
        for name in ("ModemManager", "brltty"):
            self.root.process(name)
        self.finds("port-probed", "driver-missing")

    def test_serial_locked(self):
        self.configure("ups.conf", CONFIG["ups.conf"] + "[old]\ndriver = nutdrv_qx\nport = /dev/ttyS7\n")
        self.root.write("/dev/ttyS7", "", 0o666)
        self.root.write("/var/lock/LCK..ttyS7", f"{1:10d}\n")
        self.assertIn("process 1", self.finds("port-locked", "driver-missing")["evidence"])

    def test_left_over(self):
        self.configure("upsmon.conf", "POWERDOWNFLAG /etc/killpower\n")
        self.root.write("/etc/killpower", "")
        self.assertEqual(self.finds("power-down-flag")["fix"], "rm /etc/killpower")
        (self.root.path / "etc/killpower").unlink()
        self.root.write("/run/nut/upsmon.pid", "4242\n")
        self.assertEqual(self.finds("pid-file")["fix"], "rm /run/nut/upsmon.pid")
        (self.root.path / "run/nut/upsmon.pid").unlink()
        self.root.write("/run/busbar-monitor/armed", "")
        self.finds("armed")

    def test_ufw(self):
        self.configure("upsd.conf", "LISTEN *\n")
        self.root.write("/etc/ufw/ufw.conf", "ENABLED=yes\n")
        self.root.write("/etc/ufw/user.rules", "-A ufw-user-input -p tcp --dport 22 -j ACCEPT\n")
        self.finds("firewall-ufw", "listen-not-active")

    def test_upower(self):
        program = os.path.join(build_directory(), "tests", "doctor", "fake-upower")
        for action, wanted in (("HybridSleep", ["upower-acts"]), ("Ignore", [])):
            with self.subTest(action), subprocess.Popen(
                    [program, action], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    env=self.environment) as upower:
                upower.stdout.readline()
                self.assertEqual([f["id"] for f in self.look()["findings"]], wanted)
                upower.stdin.close()
                self.assertEqual(upower.wait(30), 0)

    def test_bus_policy(self):
        shutil.rmtree(self.root.path / "usr/share/dbus-1")
        self.assertEqual(self.look()["findings"], [])


class Network(Bed):
    def test_loopback(self):
        self.configure("upsd.users", CONFIG["upsd.users"] + "[sec]\npassword = x\nupsmon secondary\n"
                       "allowfrom = 192.0.2.0/24\n")
        self.assertIn("sec", self.finds("listen-loopback", "configuration")["problem"])

    def test_netserver(self):
        self.configure("nut.conf", "MODE=netserver\n")
        self.finds("listen-loopback")

    def test_address(self):
        self.configure("upsd.conf", f"LISTEN 192.0.2.77 {self.bed.port}\n")
        self.assertIn("192.0.2.77", self.finds("listen-address")["problem"])

    def test_not_listened(self):
        self.configure("upsd.conf", f"LISTEN 127.0.0.1 {free_port()}\n")
        self.finds("listen-not-active")

    def test_account(self):
        self.configure("upsd.conf", f"LISTEN * {self.bed.port}\n")
        self.configure("upsd.users", "[admin]\npassword = x\nactions = SET\n")
        self.finds("no-account")

    def test_name(self):
        self.configure("ups.conf", CONFIG["ups.conf"] +
                       "[far]\ndriver = dummy-ups\nport = ups@nowhere.invalid\n")
        self.finds("host-unknown", "driver-missing", device_name="far")


class Server(Bed):
    """What it says at the other end."""

    def relay(self, port, ups="rack", **options):
        lines = {"driver": "dummy-ups", "port": f"{ups}@127.0.0.1:{port}", **options}
        self.configure("ups.conf", CONFIG["ups.conf"] + "[far]\n" +
                       "".join(f"{key} = {value}\n" for key, value in lines.items()))

    def finds_far(self, wanted, **options):
        return self.finds(wanted, "driver-missing", device_name="far", **options)

    def test_well(self):
        self.relay(self.bed.port, username="admin", password="secret", login="primary")
        self.finds("driver-missing")

    def test_refused(self):
        self.relay(free_port())
        self.finds_far("server-refused")

    def test_silent(self):
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.relay(s.getsockname()[1])
            self.finds_far("server-tls")

    def test_unknown_ups(self):
        self.relay(self.bed.port, ups="none")
        self.finds_far("server-unknown-ups")

    def test_wrong_password(self):
        self.relay(self.bed.port, username="admin", password="wrong", login="primary")
        self.finds_far("server-role")

    def test_monitor_line(self):
        self.configure("upsmon.conf", f"MONITOR rack@127.0.0.1:{self.bed.port} 1 admin wrong primary\n"
                       "MINSUPPLIES 1\n")
        found = self.finds("server-role", "driver-missing")
        self.assertIn("upsmon.conf:1", found["evidence"])

    def test_no_tls(self):
        self.relay(self.bed.port, forcessl="1")
        self.finds_far("server-tls")

    def test_not_logged_in(self):
        """Only our relay can know; whether it is there the server tells."""
        users = "[sec]\npassword = right\nupsmon secondary\n"
        with Testbed({"ups.conf": "[rack]\ndriver = dummy-ups\nport = rack.dev\n", "rack.dev": device(RACK),
                      "upsd.conf": "", "upsd.users": users}) as far:
            section = ("[far]\ndriver = dummy-ups\npollinterval = 1\nusername = sec\nlogin = secondary\n"
                       f"port = rack@127.0.0.1:{far.port}\npassword = ")
            # Nobody watches a relay that no MONITOR line names.
            for password, wanted in (("wrong", ["server-login", "nothing-watched"]),
                                     ("right", ["nothing-watched"])):
                with self.subTest(password), Testbed({"ups.conf": section + password + "\n", "upsd.conf": "",
                                                      "upsd.users": ""}, monitor=True) as near:
                    self.configure("ups.conf", section + password + "\n")
                    there = {"DBUS_SYSTEM_BUS_ADDRESS": near.bus_address}
                    wait_for(lambda: [f["id"] for f in self.look(**there)["findings"]] == wanted,
                             wanted, 60)


class Certificates(Bed):
    def test_clock_and_end(self):
        authority = Authority(self.directory, "test")
        self.configure("upsmon.conf", f"CERTPATH {authority.certificate}\n")
        self.finds("clock-unsynchronised")
        self.root.write("/run/systemd/timesync/synchronized", "")
        self.assertEqual(self.look()["findings"], [])

    def test_ends_soon(self):
        self.root.write("/run/systemd/timesync/synchronized", "")
        self.assertEqual(call("tls", "init", "--directory", self.directory + "/tls", "--days", "5",
                              environment=self.environment).status, 0)
        pem = os.path.join(self.directory, "tls/server.pem")
        self.configure("upsd.conf", f"CERTFILE {pem}\n")
        self.finds("certificate-ends")


class Devices(Bed):
    """These change what the devices say."""

    def test_missing(self):
        self.configure("ups.conf", CONFIG["ups.conf"] + "[new]\ndriver = dummy-ups\nport = new.dev\n")
        self.finds("driver-missing", device_name="new")

    def test_unplugged(self):
        self.configure("ups.conf", CONFIG["ups.conf"] + "[new]\ndriver = usbhid-ups\nport = auto\n")
        self.finds("device-unplugged", device_name="new")

    def test_values(self):
        for wanted, besides, changes in (
                ("battery-replace", (), {"ups_status": "OL RB"}),
                ("battery-replace", (), {"ups_test_result": "Test failed"}),
                ("overload", ("alarm",), {"ups_load": 130}),
                ("alarm", (), {"ups_status": "OL BYPASS"}),
                ("low-battery-late", (), {"battery_charge_low": 0}),
                ("no-runtime", (), {"battery_charge": None, "battery_runtime": None,
                                    "battery_charge_low": None}),
                ("duplicate-serial", (), {"device_serial": "A1"})):
            with self.subTest(wanted):
                self.bed.write("desk.dev", device(DESK, **changes))
                self.eventually(wanted, *besides)
                self.bed.write("desk.dev", device(DESK))
                wait_for(lambda: not self.look()["findings"], "it is well again", 60)

    def test_silent(self):
        path = os.path.join(self.bed.config, "desk.dev")
        os.rename(path, path + ".away")
        try:
            self.eventually("device-silent", device_name="desk")
        finally:
            os.rename(path + ".away", path)
            wait_for(lambda: not self.look()["findings"], "it is well again", 60)

    def test_never_low(self):
        self.configure("ups.conf", CONFIG["ups.conf"] + "ignorelb\n")
        self.assertEqual(self.look()["findings"], [])
        self.bed.write("desk.dev", device(DESK, battery_charge_low=None))
        self.eventually("low-battery-never", device_name="desk")
        self.bed.write("desk.dev", device(DESK))
        wait_for(lambda: not self.look()["findings"], "it is well again", 60)


class Hangs(Bed):
    def test_driver(self):
        self.bed.kill("dummy-ups", signal.SIGSTOP)
        self.addCleanup(self.bed.kill, "dummy-ups", signal.SIGCONT)
        self.finds("driver-hangs", "driver-missing", "device-silent")

    def test_monitor(self):
        self.bed.kill("monitor", signal.SIGSTOP)
        self.addCleanup(self.bed.kill, "monitor", signal.SIGCONT)
        self.assertIn("hangs", self.finds("monitor-not-running")["problem"])

    def test_gateway(self):
        self.bed.kill("gateway", signal.SIGSTOP)
        self.addCleanup(self.bed.kill, "gateway", signal.SIGCONT)
        self.finds("gateway-not-running")

    def test_bus(self):
        self.finds("bus", DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={self.directory}/none")
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(f"{self.directory}/bus")
            s.listen()
            self.finds("bus", DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={self.directory}/bus")


class Plan(Bed):
    """The monitor says what no short test can make it say."""

    monitor = False

    def setUp(self):
        super().setUp()
        self.fake = self.enter(FakeMonitor(self.environment))
        self.fake.add("supplies", device="s:rack", system="s:rack@localhost", power_value="u:1",
                      primary="b:true", counts="b:true", state="s:online", runtime="x:600", status="as:OL")

    def plan(self, fires_in, needs):
        self.fake.add("rules", device="s:rack", rule="s:low-battery", fires_in=f"x:{fires_in}", text="s:LB")
        self.fake.add("stages", name="s:stopping", time=f"t:{needs * 1000000}", text="s:")

    def test_well(self):
        self.plan(300, 60)
        self.assertEqual(self.look()["findings"], [])

    def test_too_late(self):
        self.plan(580, 120)
        self.assertIn("busbarctl policy runtime=", self.finds("time-to-shut-down")["fix"])

    def test_too_short(self):
        self.plan(300, 900)
        self.finds("time-to-shut-down")

    def test_delay(self):
        self.plan(300, 60)
        self.fake.tell("property DelayTooShort true")
        self.assertIn("InhibitDelayMaxSec=", self.finds("inhibit-delay")["fix"])


class NoMonitor(Bed):
    monitor = False

    def test_not_running(self):
        self.assertIn("does not run", self.finds("monitor-not-running")["problem"])

    def test_forced_shutdown(self):
        self.assertEqual(call("fsd", "set", "desk", environment=self.environment).status, 0)
        self.finds("fsd-left", "monitor-not-running", device_name="desk")
        self.assertEqual(call("fsd", "clear", "desk", environment=self.environment).status, 0)
        self.finds("monitor-not-running")

    def test_forced_shutdown_of_a_server(self):
        self.bed.write("desk.dev", device(DESK, ups_status="OL FSD"))
        self.eventually("fsd-left-at-server", "monitor-not-running", device_name="desk")
        self.bed.write("desk.dev", device(DESK))
        wait_for(lambda: len(self.look()["findings"]) == 1, "it is well again", 60)

    def test_nothing_watched(self):
        with FakeMonitor(self.environment):
            self.finds("nothing-watched")


if __name__ == "__main__":
    unittest.main()
