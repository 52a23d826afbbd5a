#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Busbar on a machine with systemd: its units, what they may do, how they start, reload, fail and go."""

import os
import shutil
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "install"))

# pylint: disable=wrong-import-position
from build import Build, tree
from fixture import (GATEWAY, RACK, SIM, SOCKET, UPS_CONF, UPSD_USERS, Fixture, bus_call, device_file,
                     device_unit, prepare)
from machine import Machine, NutClient, run_inside, wait_for

# MESSAGE_VARIABLE_SET_STR
VARIABLE_SET = "5b1f0d2a6c8e4e0d9a3c1f7be2d40a04"


class SystemTest(Fixture):
    """Each test finds the two devices of UPS_CONF running, whatever the one before it did."""

    # What runs, and when.

    def test_devices_run_and_the_gateway_waits(self):
        self.machine.run("systemctl", "restart", "busbar")
        self.machine.run("systemctl", "stop", GATEWAY)
        self.machine.wait_active(SIM, RACK)
        self.assertFalse(self.machine.is_active(GATEWAY))
        self.assertEqual(self.upsc("sim@127.0.0.1", "ups.load"), "20")
        self.assertTrue(self.machine.is_active(GATEWAY))
        self.assertEqual(sorted(self.upsc("-l", "localhost").split()), ["rack-1.b", "sim"])
        self.assertEqual(self.upsc("rack-1.b@[::1]", "ups.status"), "OL CHRG")

    def test_units_are_in_the_slice_and_of_the_right_user(self):
        self.upsc("sim")
        for unit, user in ((SIM, "busbar-driver"), (RACK, "busbar-driver"), (GATEWAY, "busbar-gateway"),
                           ("busbar-monitor.service", "busbar-monitor"),
                           ("busbar-notify.service", "busbar-notify")):
            self.assertEqual(self.machine.show(unit, "Slice"), "system-busbar.slice")
            pid = self.machine.main_pid(unit)
            self.assertEqual(self.machine.output("ps", "-o", "user:32=", "-p", pid), user)

    def test_systemd_has_no_complaint(self):
        self.assertEqual(self.machine.journal("_PID=1", "--grep=Unknown key|, ignoring|ordering cycle"), "")

    def test_nut_stays_off(self):
        for unit in ("nut-monitor.service", "nut-driver.target"):
            self.machine.run("systemctl", "start", unit, check=False)
        for unit in ("nut-server.service", "nut-monitor.service", "nut-client.service"):
            self.assertEqual(self.machine.show(unit, "LoadState"), "masked")
        for unit in (SIM, RACK, SOCKET, "busbar.target"):
            self.assertTrue(self.machine.is_active(unit), unit)

    # The bus.

    def test_bus_shows_the_devices(self):
        listed = self.machine.output("busctl", "tree", "--list", "org.busbar.Driver.sim")
        self.assertIn("/org/busbar/device/sim", listed.split())
        listed = self.machine.output("busctl", "list", "--no-pager", "--no-legend")
        names = [line.split()[0] for line in listed.splitlines()]
        self.assertIn("org.busbar.Driver", names)
        self.assertIn("org.busbar.Driver.sim", names)
        self.assertEqual(len([name for name in names if name.startswith("org.busbar.Driver.")]), 2)

    def test_anybody_may_read(self):
        shown = self.machine.output("busctl", "get-property", "org.busbar.Driver.sim",
                                    "/org/busbar/device/sim", "org.busbar.Device1", "Status", user="nobody")
        self.assertEqual(shown, 'as 1 "OL"')
        values = self.machine.output(*bus_call("sim", "Variables1", "GetAll"), user="nobody")
        self.assertIn('"ups.load" "20"', values)

    def test_busbarctl_lists_devices(self):
        listed = self.machine.output("busbarctl", "list", user="nobody")
        self.assertIn("sim", listed)
        self.assertIn("rack-1.b", listed)

    def test_writes_of_others_are_denied(self):
        for interface, arguments in (("Variables1", ["Set", "ssa{sv}", "battery.charge.low", "30", "0"]),
                                     ("Commands1", ["Run", "ssa{sv}", "load.off", "", "0"])):
            done = self.machine.run(*bus_call("sim", interface, *arguments), user="nobody", check=False)
            self.assertNotEqual(done.returncode, 0, interface)
            self.assertRegex(done.stderr.lower(), "access denied|interactive authentication")
        self.assertTrue(self.machine.is_active("polkit.service"), "polkit was not asked")
        self.assertEqual(self.upsc("sim", "battery.charge.low"), "20")

    def test_root_may_write(self):
        self.machine.run(*bus_call("sim", "Variables1", "Set", "ssa{sv}", "battery.charge.low", "30", "0"))
        self.wait_value(self.client(), "sim", "battery.charge.low", "30")

    def test_polkit_knows_the_actions(self):
        for action in ("configure", "test", "switch-outlet", "power-off", "force-shutdown"):
            said = self.machine.output("pkaction", "--verbose", "--action-id", f"org.busbar.{action}")
            self.assertIn("unix-user:busbar-driver", said)
            self.assertNotIn("implicit any:      yes", said)

    def test_polkit_rule_opens_one_action(self):
        path = "/etc/polkit-1/rules.d/60-test.rules"
        self.machine.write(path, 'polkit.addRule(function(action, subject) {'
                                 ' if (action.id == "org.busbar.configure" && subject.user == "nobody")'
                                 ' return polkit.Result.YES; });\n')
        self.addCleanup((self.machine.root / path.lstrip("/")).unlink)
        self.machine.run("systemctl", "restart", "polkit.service")
        call = bus_call("sim", "Variables1", "Set", "ssa{sv}", "battery.charge.low", "31", "0")
        self.machine.run(*call, user="nobody")
        self.wait_value(self.client(), "sim", "battery.charge.low", "31")

    def test_names_of_the_bus_are_ours(self):
        for name in ("org.busbar.Driver.fake", "org.busbar.Driver", "org.busbar.Gateway1",
                     "org.busbar.Monitor1"):
            done = self.machine.run("busctl", "call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                                    "RequestName", "su", name, "4", user="nobody", check=False)
            self.assertNotEqual(done.returncode, 0, name)

    def test_restart_of_the_bus(self):
        client = self.client()
        self.wait_value(client, "sim", "ups.load", "20")
        before = [self.machine.main_pid(unit) for unit in (SIM, RACK, GATEWAY)]
        self.machine.run("systemctl", "restart", "dbus.service")
        self.machine.write("/etc/nut/sim.dev", device_file("OL", 44))
        self.wait_value(client, "sim", "ups.load", "44", 60)
        self.assertEqual([self.machine.main_pid(unit) for unit in (SIM, RACK, GATEWAY)], before)

    # The sandbox.

    def test_sandbox(self):
        self.upsc("sim")
        for unit in (SIM, GATEWAY):
            pid = self.machine.main_pid(unit)
            status = dict(line.split(":", 1) for line in
                          self.machine.output("cat", f"/proc/{pid}/status").splitlines() if ":" in line)
            self.assertEqual(status["NoNewPrivs"].strip(), "1")
            self.assertEqual(status["Seccomp"].strip(), "2")
            for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                self.assertEqual(int(status[name], 16), 0, f"{unit} {name}")
            within = ["nsenter", "-t", pid, "--mount", "--", "sh", "-c"]
            for path in ("/etc/nut/new", "/usr/new", "/var/new", "/home/new"):
                done = self.machine.run(*within, f"touch {path}", check=False)
                self.assertIn("Read-only file system", done.stderr, path)
            nodes = self.machine.output(*within, "ls /dev")
            self.assertNotIn("net", nodes.split())

    def test_files_of_nut_can_be_read(self):
        """They are root:nut 0640, which the generator has to make good for."""
        group = self.machine.nut_group
        self.assertEqual(self.machine.show(SIM, "SupplementaryGroups"), str(group))
        client = self.client()
        self.assertEqual(client.ask("USERNAME admin"), "OK")
        self.assertEqual(client.ask("PASSWORD secret"), "OK")
        self.assertEqual(client.ask("SET VAR sim battery.charge.low 35"), "OK")
        self.wait_value(client, "sim", "battery.charge.low", "35")

    # Reload.

    def test_reload_leaves_others_alone(self):
        client = self.client()
        self.wait_value(client, "sim", "ups.load", "20")
        sim, rack, gateway = (self.machine.main_pid(unit) for unit in (SIM, RACK, GATEWAY))

        self.configure(UPS_CONF.replace("[rack-1.b]", '[rack-1.b]\ndesc = "Second"')
                       + "[new]\ndriver = dummy-ups\nport = new.dev\n")
        self.machine.write("/etc/nut/new.dev", device_file("OB", 7))
        self.reload()
        wait_for("the new one is listed", lambda: "UPS new " in "\n".join(client.list("UPS")))
        self.wait_value(client, "new", "ups.status", "OB")
        wait_for("the description is there", lambda: 'UPS rack-1.b "Second"' in client.list("UPS"))
        self.wait_value(client, "rack-1.b", "ups.load", "33")

        self.configure(UPS_CONF)
        self.reload()
        wait_for("it is gone", lambda: client.get("new", "ups.status") == "ERR UNKNOWN-UPS")
        wait_for("its process too", lambda: self.machine.main_pid(device_unit("new")) == 0)

        self.wait_value(client, "sim", "ups.load", "20")
        self.assertEqual(self.machine.main_pid(SIM), sim)
        self.assertEqual(self.machine.main_pid(RACK), rack)
        self.assertEqual(self.machine.main_pid(GATEWAY), gateway)

    def test_reload_of_the_gateway_is_the_same(self):
        client = self.client()
        self.wait_value(client, "sim", "ups.load", "20")
        gateway = self.machine.main_pid(GATEWAY)
        self.configure(UPS_CONF + "[new]\ndriver = dummy-ups\nport = sim.dev\n")
        self.reload(GATEWAY)
        self.wait_value(client, "new", "ups.status", "OL")
        self.assertEqual(self.machine.main_pid(GATEWAY), gateway)

    def test_reload_with_an_error(self):
        """New devices start; the one whose section was broken is not taken away."""
        sim, rack = self.machine.main_pid(SIM), self.machine.main_pid(RACK)
        self.configure(UPS_CONF.replace("port = rack.dev\n", "")
                       + "[new]\ndriver = dummy-ups\nport = sim.dev\n"
                         "[odd]\ndriver = no-such-driver\nport = auto\n")
        self.reload()
        self.machine.wait_active(device_unit("new"))
        self.assertEqual(self.machine.main_pid(SIM), sim)
        self.assertEqual(self.machine.main_pid(RACK), rack)
        said = self.machine.journal("--identifier=busbar-generator")
        self.assertIn("no-such-driver", said)
        self.assertIn("ups.conf:6", said)

    def test_reload_moves_the_listener(self):
        client = self.client()
        self.wait_value(client, "sim", "ups.load", "20")
        self.configure("LISTEN 127.0.0.1\nLISTEN 127.0.0.2 3500\n", "upsd.conf")
        self.reload()
        other = wait_for("the new address answers", lambda: self.try_client(3500, "127.0.0.2"))
        self.wait_value(other, "sim", "ups.load", "20")
        self.wait_value(client, "sim", "ups.load", "20")

    def try_client(self, port, host):
        try:
            return self.client(port, host)
        except ConnectionRefusedError:
            return None

    # What goes wrong.

    def test_restart_of_the_gateway_keeps_clients(self):
        self.keep_clients(lambda: self.machine.run("systemctl", "restart", GATEWAY))

    def test_upgrade_of_the_gateway_keeps_clients(self):
        """A new program in the place of the old one, as packages put it there."""
        def upgrade():
            program = self.machine.root / "usr/lib/busbar/busbar-gateway"
            shutil.copy2(program, program.with_suffix(".new"))
            program.with_suffix(".new").rename(program)
            self.machine.run("systemctl", "daemon-reload")
            self.machine.run("systemctl", "restart", GATEWAY)
        self.keep_clients(upgrade)

    def test_restart_of_everything_keeps_clients(self):
        self.keep_clients(lambda: self.machine.run("systemctl", "restart", "busbar"))

    def test_crash_of_the_gateway_keeps_clients(self):
        def crash():
            before = self.machine.main_pid(GATEWAY)
            self.machine.run("kill", "-KILL", before)
            wait_for("another process", lambda: self.machine.main_pid(GATEWAY) not in (0, before))
        self.keep_clients(crash)

    def keep_clients(self, disturb):
        clients = [self.client() for _ in range(20)]
        self.assertEqual(clients[0].ask("USERNAME monitor"), "OK")
        self.assertEqual(clients[0].ask("PASSWORD secret"), "OK")
        self.assertEqual(clients[0].ask("LOGIN sim"), "OK")
        for client in clients:
            self.wait_value(client, "sim", "ups.load", "20")
        clients[1].socket.sendall(b"GET VAR si")
        disturb()
        clients[1].socket.sendall(b"m ups.load\n")
        self.assertIn(clients[1].line(), (
            'VAR sim ups.load "20"', "ERR DATA-STALE", "ERR DRIVER-NOT-CONNECTED"))
        for client in clients:
            self.wait_value(client, "sim", "ups.load", "20")
        self.assertEqual(clients[5].ask("GET NUMLOGINS sim"), "NUMLOGINS sim 1")

    def test_crash_of_a_driver(self):
        client = self.client()
        self.wait_value(client, "sim", "ups.load", "20")
        before, rack = self.machine.main_pid(SIM), self.machine.main_pid(RACK)
        self.machine.run("kill", "-KILL", before)
        wait_for("clients are told", lambda: client.get("sim", "ups.load").startswith("ERR "))
        self.wait_value(client, "rack-1.b", "ups.load", "33")
        self.wait_value(client, "sim", "ups.load", "20")
        self.assertNotIn(self.machine.main_pid(SIM), (0, before))
        self.assertEqual(self.machine.main_pid(RACK), rack)

    def test_driver_that_hangs(self):
        """The watchdog is for this; its time is shortened, or else this would take half a minute."""
        path = f"/etc/systemd/system/{SIM}.d/test.conf"
        self.machine.write(path, "[Service]\nWatchdogSec=2s\nRestartSec=100ms\n")
        self.addCleanup(self.machine.run, "systemctl", "daemon-reload")
        self.addCleanup((self.machine.root / path.lstrip("/")).unlink)
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", SIM)
        before = self.machine.main_pid(SIM)
        self.machine.run("kill", f"-{signal.SIGSTOP.value}", before)
        wait_for("another process", lambda: self.machine.main_pid(SIM) not in (0, before))
        self.wait_value(self.client(), "sim", "ups.load", "20")

    def test_relay(self):
        """A device of another host: here our own gateway, which the driver must be allowed to reach."""
        self.configure(UPS_CONF + "[far]\ndriver = dummy-ups\nport = sim@127.0.0.1\n")
        self.reload()
        self.wait_value(self.client(), "far", "ups.load", "20", 60)

    def test_link(self):
        """A MONITOR line about another host starts a relay, its removal stops it. The network waits."""
        link = r"busbar-dummy-ups@sim\x40192.0.2.77.service"
        self.addCleanup(self.reload)
        self.addCleanup((self.machine.root / "etc/nut/upsmon.conf").unlink)
        self.configure("MONITOR sim 1 - - primary\n"
                       "MONITOR sim@192.0.2.77 0 mon sp secondary\n", "upsmon.conf")
        self.reload()
        self.machine.wait_active(link)
        self.assertIn("network.target", self.machine.show(link, "Before").split())
        pid = self.machine.main_pid(link)
        self.assertEqual(self.machine.output("ps", "-o", "user:32=", "-p", pid), "busbar-driver")
        self.configure("MONITOR sim 1 - - primary\n", "upsmon.conf")
        self.reload()
        wait_for("no link", lambda: not self.machine.is_active(link))

    def test_shutdown_units(self):
        """They come and go with the directives, and the polkit rule lets the monitor start no others."""
        self.addCleanup(self.reload)
        self.addCleanup((self.machine.root / "etc/nut/upsmon.conf").unlink)
        self.configure('MONITOR sim 1 - - primary\nSHUTDOWNCMD "echo 100% $((1 + 1)) $USER > /run/said"\n'
                       "POWERDOWNFLAG /run/kill-power\n", "upsmon.conf")
        self.reload()

        def start(unit):
            return self.machine.run("runuser", "-u", "busbar-monitor", "--", "busctl", "call",
                                    "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                                    "org.freedesktop.systemd1.Manager", "StartUnit", "ss", unit, "replace",
                                    check=False).returncode

        self.assertEqual(start("busbar-shutdowncmd.service"), 0)
        wait_for("the command", lambda: self.machine.run("cat", "/run/said", check=False).stdout)
        self.assertEqual(self.machine.output("cat", "/run/said").split()[:2], ["100%", "2"])
        self.assertEqual(self.machine.output("cat", "/run/kill-power"), "upsmon-shutdown-file")
        for unit in ("busbar-on-battery.target", "busbar-shutdown.target"):
            self.assertEqual(start(unit), 0, unit)
            self.machine.run("systemctl", "stop", unit)
        for unit in ("reboot.target", "rescue.target", "busbar-poweroff-now.service", "nut-server.service"):
            self.assertNotEqual(start(unit), 0, unit)

    def test_scripts_cannot_read_passwords(self):
        """Whom NOTIFYCMD runs as has what concerns it of the files, and none of their passwords."""
        files = ["/etc/nut/upsmon.conf", "/etc/nut/upssched.conf", "/etc/nut/upsd.users"]
        script = "#!/bin/sh\nexec >>/run/busbar-notify/told 2>&1\nid\n" + "".join(
            f"cat {name} && echo READ {name}\n" for name in files) + "echo told $1\n"
        self.machine.write("/etc/nut/tell", script, 0o755)
        self.configure(UPSD_USERS, "upsd.users")
        self.configure("MONITOR sim 0 monitor secret primary\nMINSUPPLIES 0\nNOTIFYCMD /etc/nut/tell\n"
                       "NOTIFYFLAG ONBATT EXEC\n", "upsmon.conf")
        self.addCleanup(self.configure, "", "upsmon.conf")
        self.configure("", "upssched.conf")
        self.reload()
        self.machine.wait_active("busbar-notify.service")
        self.machine.write("/etc/nut/sim.dev", device_file("OB"))

        def said():
            return self.machine.run("cat", "/run/busbar-notify/told", check=False).stdout

        wait_for("the script has run", lambda: "told " in said())
        self.assertIn("busbar-notify", said())
        self.assertNotIn("READ", said())
        self.assertNotIn("secret", said())
        self.assertEqual(said().count("Permission denied"), 3, said())

    # The end.

    def test_stop_leaves_nothing(self):
        self.upsc("sim")
        self.machine.run("systemctl", "stop", "busbar")
        # The socket is the last, since it cannot be ordered behind the services.
        wait_for("no socket", lambda: not self.machine.is_active(SOCKET))
        units = self.machine.output("systemctl", "list-units", "--plain", "--no-legend",
                                    "--state=active,activating,failed", "busbar*")
        self.assertEqual(units, "")
        users = self.machine.run("pgrep", "-l", "-u",
                                 "busbar-driver,busbar-gateway,busbar-monitor,busbar-notify", check=False)
        self.assertEqual(users.stdout, "")
        self.assertEqual(self.machine.output("ls", "/run/busbar"), "")
        with self.assertRaises(ConnectionRefusedError):
            NutClient()
        names = self.machine.output("busctl", "list", "--no-pager")
        self.assertNotIn("org.busbar", names)

    def test_mode_netclient_serves_nothing(self):
        self.addCleanup((self.machine.root / "etc/nut/nut.conf").unlink)
        self.configure("MODE=netclient\n", "nut.conf")
        self.reload()
        wait_for("no device", lambda: self.machine.main_pid(SIM) == 0 and self.machine.main_pid(RACK) == 0)
        wait_for("no gateway", lambda: not self.machine.is_active(SOCKET))
        self.assertTrue(self.machine.is_active("busbar-monitor.service"))

    # What operators look at.

    def test_log_has_fields_and_explanations(self):
        self.machine.run("journalctl", "--update-catalog")
        self.machine.run(*bus_call("sim", "Variables1", "Set", "ssa{sv}", "battery.charge.low", "32", "0"))
        said = wait_for("the change is logged", lambda: self.machine.journal(
            "DEVICE=sim", "DRIVER=dummy-ups", f"MESSAGE_ID={VARIABLE_SET}", "--catalog", "--output=short"))
        self.assertIn("battery.charge.low", said)
        self.assertIn("Subject: A setting of power device sim was changed", said)


def check_boot(machine, bus):
    """What only the first moments can show."""
    machine.wait_active(SIM, RACK, SOCKET, "busbar.service", "busbar.target")
    assert not machine.is_active(GATEWAY), "the gateway runs before anybody asked"
    failed = machine.output("systemctl", "--failed", "--no-legend")
    assert failed == "", failed
    said = machine.journal("--identifier=busbar-generator")
    assert said == "", said
    running = machine.output("ps", "-o", "comm=", "-p", machine.main_pid("dbus.service"))
    assert ("broker" in running) == (bus == "dbus-broker"), f"the bus is {running}"


def check_uninstalled(machine, build):
    machine.run("systemctl", "disable", "--now", "busbar.service")
    build.uninstall(machine.root)
    machine.run("systemctl", "daemon-reload")
    left = [name for name in tree(machine.changes / "usr") if not os.path.lexists(f"/usr/{name}")]
    assert not left, f"left behind: {left}"
    generated = machine.output("find", "/run/systemd/generator", "/run/systemd/generator.early", check=False)
    assert "busbar" not in generated and "nut-" not in generated, f"still generated: {generated}"


def check_installed_live(machine, build):
    """Without a boot between the installation and the first use, and with users that are new."""
    for user in ("driver", "gateway", "monitor"):
        machine.run("userdel", f"busbar-{user}")
    build.install(machine.root)
    machine.run("systemd-sysusers")
    machine.run("systemd-tmpfiles", "--create")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "reload", "dbus.service")
    machine.run("systemctl", "enable", "--now", "busbar.target")
    assert machine.output("systemctl", "is-enabled", "busbar.service") == "enabled"
    machine.wait_active(SIM, RACK, SOCKET)
    machine.write("/etc/nut/sim.dev", device_file("OL", 51))
    with NutClient() as client:
        wait_for("the value", lambda: client.get("sim", "ups.load") == 'VAR sim ups.load "51"')


def main():
    build, bus = Build(sys.argv[1], sys.argv[2]), sys.argv[3]
    run_inside()

    machine = SystemTest.machine = Machine("busbar-test")
    SystemTest.bus = bus
    result = None
    try:
        prepare(machine, build, bus)
        machine.boot()
        check_boot(machine, bus)
        names = [f"SystemTest.{name}" for name in sys.argv[4:]] or ["SystemTest"]
        suite = unittest.defaultTestLoader.loadTestsFromNames(names, sys.modules["__main__"])
        result = unittest.TextTestRunner(verbosity=2).run(suite)
        check_uninstalled(machine, build)
        check_installed_live(machine, build)
        machine.power_off()
    finally:
        if result is None or not result.wasSuccessful():
            print(machine.journal("--output=short-monotonic") if machine.init else "", file=sys.stderr)
        machine.stop()

    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
