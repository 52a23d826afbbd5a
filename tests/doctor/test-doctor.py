#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbarctl doctor finds each planted fault that needs no service manager, and nothing else. What hardware
and other programs do is in the files of a root directory of its own, see fakeroot.py; servers, devices, the
bus and the monitor are real, or hang for real."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "ctl"))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

# pylint: disable=wrong-import-position
from authority import Authority
from bed import CONFIG, DESK, RACK, Bed, device
from ctllib import FakeMonitor, call
from testlib import Testbed, build_directory, free_port, wait_for


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

    def test_mode(self):
        self.configure("nut.conf", "MODE=bogus\n")
        self.assertIn("controlled or manual", self.finds("configuration")["problem"])

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


    def test_no_such_directory(self):
        self.configure("upsmon.conf", "SHUTDOWNCMD /nonexistent/x -h\n")
        found = self.finds("shutdown-command")
        self.assertIn("does not exist: /nonexistent/x.", found["problem"])
        self.assertIn("no directory /nonexistent", found["evidence"])

    def test_missing(self):
        for name, said in (("ups.conf", "nothing serves the UPS rack"), ("upsd.users", "no account")):
            with self.subTest(name):
                self.configure("upsmon.conf", "MONITOR rack@localhost 1 admin secret primary\n")
                os.unlink(os.path.join(self.directory, name))
                self.assertIn(said, self.finds("file-missing")["problem"])
                self.configure(name, CONFIG[name])

    def test_driver_of_nut_only(self):
        """One fault, and no advice that is of no use."""
        os.mkdir(os.path.join(self.directory, "drivers"))
        os.symlink("/bin/true", os.path.join(self.directory, "drivers/dummy-ups"))
        self.configure("ups.conf", CONFIG["ups.conf"] + "[old]\ndriver = apcsmart\nport = auto\n")
        findings = self.look(BUSBAR_DRIVER_PATH=os.path.join(self.directory, "drivers"))["findings"]
        self.assertEqual([f["id"] for f in findings], ["driver-missing"])
        self.assertIn("has no driver apcsmart", findings[0]["problem"])
        self.assertIn("keep NUT", findings[0]["fix"])


class Machine(Bed):
    """What others do, and what is plugged in."""

    def test_nut(self):
        for unit, fix in (("nut-driver@apc.service", "systemctl disable --now nut-driver@apc.service"),
                          (None, "kill ")):
            with self.subTest(unit):
                self.root.process("usbhid-ups", unit)
                self.assertIn(fix, self.finds("nut-running")["fix"])

    def test_many_of_nut(self):
        pids = [self.root.process("usbhid-ups") for _ in range(7)]
        found = self.finds("nut-running")
        self.assertEqual(sorted(found["fix"].split()), sorted(["kill", *map(str, pids)]))
        self.assertIn("7 programs", found["problem"])

    def test_ours_is_not_nut(self):
        """Run from a build or by hand, in a slice of nobody; and what nobody may look at."""
        for name in ("dummy-ups", "upsmon", "upsd"):
            self.root.process(name, program=build_directory() + "/src/{0}/{0}")
        self.root.process("clone")
        self.root.process("genmon")
        self.root.process("mc2", program="/opt/games/mc2")
        self.assertEqual(self.look()["findings"], [])
        self.root.process("upsmon", program=None)
        found = self.finds("nut-running")
        self.assertEqual(found["severity"], "warning")
        self.assertNotIn("kill", found["fix"])
        self.root.process("mc2", program="/opt/Eaton/IPP/mc2")
        self.finds("other-program", "nut-running")

    def test_ours_run_by_hand(self):
        """With the processes of this machine."""
        self.configure("upsd.conf", f"LISTEN 127.0.0.1 {self.bed.port}\n")
        said = self.look(BUSBAR_DOCTOR_ROOT="", BUSBAR_DRIVER_PATH="")
        evidence = " ".join(f["evidence"] for f in said["findings"]
                            if f["id"] in ("nut-running", "other-program", "port-taken"))
        for name in ("dummy-ups", "gateway", "monitor"):
            self.assertNotRegex(evidence, rf"process {self.bed.service(name).pid}\b")
        self.assertNotRegex(evidence, rf"process {os.getpid()}\b")  # has the gateway's socket as well

    def test_other_program(self):
        self.root.process("apcupsd", "apcupsd.service")
        self.assertIn("apcupsd.service", self.finds("other-program")["evidence"])

    def test_port_taken(self):
        self.root.listen(3493, 4711)
        self.root.process("python3", sockets=[4711])
        self.assertIn("python3 on 0.0.0.0", self.finds("port-taken")["evidence"])
        # One that passes it on.
        self.root.process("busbar-gateway", sockets=[4711], program=build_directory() + "/src/gateway/{}")
        self.assertEqual(self.look()["findings"], [])

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
        self.assertIn(f"upsc -l 127.0.0.1:{self.bed.port} ", self.finds_far("server-unknown-ups")["fix"])

    def test_wrong_password(self):
        self.relay(self.bed.port, username="admin", password="wrong", login="primary")
        fix = self.finds_far("server-role")["fix"]
        self.assertIn("the password here is not that of the user admin at ", fix)
        self.assertNotIn("secret", fix)

    def test_monitor_line(self):
        self.configure("upsmon.conf", f"MONITOR rack@127.0.0.1:{self.bed.port} 1 admin wrong primary\n"
                       "MINSUPPLIES 1\n")
        found = self.finds("server-role", "driver-missing")
        self.assertIn("upsmon.conf:1", found["evidence"])
        self.configure("upsd.users", "[other]\npassword = secret\n")
        self.assertIn("has no user admin", self.finds("server-role", "driver-missing")["fix"])
        self.configure("upsd.users", "[admin]\npassword = wrong\nupsmon secondary\n")
        self.assertIn("upsmon primary", self.finds("server-role", "driver-missing")["fix"])

    def answer(self, wanted, status, tls=b"ERR FEATURE-NOT-CONFIGURED\n", **options):
        """From a server that is one for this only; one connection after another."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            def serve():
                try:
                    while True:
                        with server.accept()[0] as s, s.makefile("rb") as lines:
                            for line in lines:
                                s.sendall(tls if line == b"STARTTLS\n" else status)
                except OSError:
                    pass  # closed
            thread = threading.Thread(target=serve)
            thread.start()
            try:
                self.relay(server.getsockname()[1], **options)
                return self.finds_far(wanted)
            finally:
                server.shutdown(socket.SHUT_RDWR)
                thread.join()

    def test_stale(self):
        for token in (b"DATA-STALE", b"DRIVER-NOT-CONNECTED"):
            found = self.answer("server-stale", b"ERR %s\n" % token)
            self.assertEqual(found["fix"], "busbarctl doctor rack")

    def test_odd(self):
        self.assertIn("upsc rack@127.0.0.1:", self.answer("server-odd", b"ERR WHAT\n")["fix"])

    def test_certificate(self):
        """It is not of the authority that is trusted here."""
        authority = Authority(self.directory, "other")
        config = {name: text for name, text in CONFIG.items() if name != "upsd.conf"}
        there = os.path.join(self.directory, "tls")
        self.assertEqual(call("tls", "init", "--directory", there, environment=self.environment).status, 0)
        self.root.write("/run/systemd/timesync/synchronized", "")
        with Testbed({**config, "upsd.conf": f"CERTFILE {there}/server.pem\n"}) as far:
            self.relay(far.port, certpath=authority.certificate, certverify="1")
            self.finds_far("server-certificate")

    def test_no_tls(self):
        self.relay(self.bed.port, forcessl="1")
        self.finds_far("server-tls")

    def test_one_cause(self):
        """That a relay has no values is not said besides why."""
        section = f"[far]\ndriver = dummy-ups\nport = rack@127.0.0.1:{free_port()}\n"
        self.configure("ups.conf", section)
        with Testbed({"ups.conf": section, "upsd.conf": "", "upsd.users": ""}) as near:
            there = {"DBUS_SYSTEM_BUS_ADDRESS": near.bus_address}
            wait_for(lambda: "driver-missing" not in [f["id"] for f in self.look(**there)["findings"]],
                     "the relay is there", 60)
            ids = [f["id"] for f in self.look(**there)["findings"] if f["device"] == "far"]
            self.assertEqual(ids, ["server-refused"])

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

    def test_more_than_shown(self):
        """What is cut is counted, spoils nothing, and can be asked for."""
        self.configure("ups.conf", CONFIG["ups.conf"] + "".join(
            f"[u{i}]\ndriver = dummy-ups\nport = u{i}.dev\n" for i in range(1100)))
        said = self.look()
        missing = [f["device"] for f in said["findings"] if f["id"] == "driver-missing"]
        self.assertEqual(missing, [f"u{i}" for i in range(len(missing))])
        self.assertEqual((len(said["findings"]), said["not_shown"]), (1000, 100))
        self.assertIn("100 more are not shown", self.run_doctor(status=1).out)
        self.assertIn("u1099: ", self.run_doctor("u1099", status=1).out)

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
            self.assertIn("simulation", self.eventually("device-silent", device_name="desk")["fix"])
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
        self.finds("driver-hangs", "device-silent")

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


    def test_remark(self):
        self.plan(300, 60)
        self.fake.tell("property Remarks Something is odd.")
        self.assertIn("Something is odd.", self.finds("monitor-remark")["problem"])


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
