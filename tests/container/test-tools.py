#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The commands of NUT that control its services, on a machine with systemd: what the old words do to units,
what they print, and with which status they end."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "install"))

# pylint: disable=wrong-import-position
from build import Build
from fixture import GATEWAY, RACK, SIM, SOCKET, UPS_CONF, Fixture, device_file, prepare
from machine import Machine, NutClient, run_inside, wait_for

COMMANDS = "/usr/lib/busbar/nut-commands"
MONITOR = "busbar-monitor.service"
COLUMNS = ["UPSNAME", "UPSDRV", "RUNNING", "PF_PID", "S_RESPONSIVE", "S_PID", "S_STATUS"]
# Nobody may shut this machine down: it is the test's.
UPSMON_CONF = "MONITOR sim@localhost 0 monitor secret secondary\nMINSUPPLIES 0\nSHUTDOWNCMD /bin/true\n"


class ToolsTest(Fixture):
    def tool(self, *arguments, status=0, **options):
        done = self.machine.run(f"{COMMANDS}/{arguments[0]}", *arguments[1:], check=False, timeout=300,
                                **options)
        self.assertEqual(done.returncode, status, (arguments, done.stdout, done.stderr))
        return done

    def shell(self, script, status=0):
        done = self.machine.run("sh", "-c", f"PATH={COMMANDS}:$PATH; {script}", check=False, timeout=300)
        self.assertEqual(done.returncode, status, (script, done.stdout, done.stderr))
        return done

    def rows(self, *arguments, tool="upsdrvctl", skip=0):
        """The table, as a list for each device by its name."""
        lines = [line.split("\t") for line in self.tool(tool, "status", *arguments).stdout.splitlines()]
        lines = [[word.strip() for word in line] for line in lines if len(line) > 1]
        self.assertEqual(lines[0][skip:], COLUMNS)
        return {line[skip]: line[:skip] + line[skip + 1:] for line in lines[1:]}

    # Drivers.

    def test_stop_and_start_all(self):
        self.tool("upsdrvctl", "stop")
        self.assertEqual([self.machine.is_active(unit) for unit in (SIM, RACK)], [False, False])
        self.assertEqual({row[1] for row in self.rows().values()}, {"N/A"})
        self.assertIn("does not run", self.tool("upsdrvctl", "stop", status=1).stderr)
        # It waits: what it started is there.
        self.tool("upsdrvctl", "start")
        self.assertEqual([self.machine.is_active(unit) for unit in (SIM, RACK)], [True, True])
        pid = self.machine.main_pid(SIM)
        wait_for("it has data", lambda: self.rows()["sim"][5] == '"OL"')
        self.assertEqual(self.rows("sim")["sim"],
                         ["dummy-ups", "RUNNING", str(pid), "RESPONSIVE", str(pid), '"OL"'])
        self.tool("upsdrvctl", "start")
        self.assertEqual(self.machine.main_pid(SIM), pid)

    def test_one_of_two(self):
        self.tool("upsdrvctl", "stop", "rack-1.b")
        self.assertTrue(self.machine.is_active(SIM))
        rows = self.rows()
        self.assertEqual([rows["sim"][1], rows["rack-1.b"][1]], ["RUNNING", "N/A"])
        self.tool("upsdrvctl", "start", "rack-1.b")
        self.assertTrue(self.machine.is_active(RACK))

    def test_a_section_that_is_new(self):
        """No reload is needed for it."""
        self.machine.write("/etc/nut/new.dev", device_file("OL", 7))
        self.configure(UPS_CONF + "[new]\ndriver = dummy-ups\nport = new.dev\n"
                                  "[bad]\ndriver = dumy-ups\nport = x\n")
        self.tool("upsdrvctl", "start", "new")
        wait_for("it has data", lambda: self.rows()["new"][5] == '"OL"')
        said = self.tool("upsdrvctl", "start", status=1).stderr
        self.assertRegex(said, r"ups.conf:\d+: \[bad\]: there is no driver dumy-ups, did you mean dummy-ups")
        self.assertIn("Did you mean new?", self.tool("upsdrvctl", "start", "nev", status=1).stderr)

    def test_orders(self):
        pid = self.machine.main_pid(SIM)
        self.configure(UPS_CONF.replace("[rack", "override.ups.load = 88\n[rack"))
        self.tool("upsdrvctl", "-c", "reload-or-error", "sim")
        wait_for("the reload", lambda: "ups.load: 88" in
                 self.tool("upsdrvctl", "-c", "data-dump", "sim").stdout)
        self.assertEqual(self.machine.main_pid(SIM), pid)
        self.tool("upsdrvctl", "-c", "exit", "sim")
        self.assertTrue(self.machine.is_active(SIM))
        self.assertNotEqual(self.machine.main_pid(SIM), pid)
        self.tool("upsdrvctl", "stop", "sim")
        self.tool("upsdrvctl", "-c", "reload", "sim", status=1)

    def test_testing_mode_does_nothing(self):
        pid = self.machine.main_pid(SIM)
        self.assertIn(f"systemctl stop {SIM} (sim)", self.tool("upsdrvctl", "-t", "stop", "sim").stderr)
        said = self.tool("upsdrvctl", "-t", "shutdown").stderr
        self.assertIn("exec:  /usr/lib/busbar/drivers/dummy-ups -a sim -k\n", said)
        self.tool("upsdrvsvcctl", "-t", "shutdown")
        self.assertEqual(self.machine.main_pid(SIM), pid)

    def test_others_are_refused(self):
        """They have no agent to ask for a password, either."""
        for arguments in (("upsdrvctl", "stop"), ("upsdrvsvcctl", "stop", "sim"), ("upsd", "-c", "stop"),
                          ("upsmon", "-c", "stop")):
            with self.subTest(arguments):
                self.machine.run("systemctl", "start", GATEWAY)
                self.machine.write("/etc/nut/ups.conf", UPS_CONF)
                said = self.tool(*arguments, status=1, user="nobody").stderr
                self.assertRegex(said, "root")
        for unit in (SIM, RACK, GATEWAY, MONITOR):
            self.assertTrue(self.machine.is_active(unit), unit)

    def test_shutdown(self):
        """The driver that runs is stopped; the device is told by one of its own, as the user of drivers."""
        said = self.tool("upsdrvctl", "shutdown", "sim", status=1).stderr
        self.assertIn("sim could not be told to cut the power, and has mains.", said)
        self.assertFalse(self.machine.is_active(SIM))
        self.assertTrue(self.machine.is_active(RACK))

        script = '#!/bin/sh\necho "$(id -un) $*" >>/run/busbar/told\n'
        self.shell(f"mkdir -p /run/drivers; printf %s '{script}' >/run/drivers/dummy-ups; "
                   "chmod 755 /run/drivers/dummy-ups")
        for command in ("upsdrvctl", "upsdrvsvcctl"):
            self.shell(f"BUSBAR_DRIVER_PATH=/run/drivers {command} shutdown sim")
        told = self.machine.output("cat", "/run/busbar/told")
        self.assertEqual(told.splitlines(), ["busbar-driver -a sim -k"] * 2)
        self.assertTrue(self.machine.is_active(SIM))

    def test_a_group(self):
        """One process serves several: one of them alone is not stopped."""
        self.configure(UPS_CONF + "".join(f"[{name}]\ndriver = snmp-ups\nport = 127.0.0.1:9\n"
                                          for name in ("card", "cart")))
        unit = "busbar-snmp-ups-group@default.service"
        self.assertIn(f"{unit} serves cart as well", self.tool("upsdrvctl", "start", "card").stderr)
        rows = self.rows()
        self.assertEqual(rows["card"][4], str(self.machine.main_pid(unit)))
        self.assertEqual(rows["card"][1:5], rows["cart"][1:5])
        self.assertIn("[card] is not stopped alone", self.tool("upsdrvctl", "stop", "card", status=1).stderr)
        self.assertTrue(self.machine.is_active(unit))
        self.tool("upsdrvctl", "stop")
        self.assertFalse(self.machine.is_active(unit))

    def test_a_device_that_is_not_plugged_in(self):
        self.configure(UPS_CONF + "[usb]\ndriver = usbhid-ups\nport = auto\nvendorid = 0001\n")
        self.assertIn("[usb] is not plugged in", self.tool("upsdrvctl", "start", "usb", status=1).stderr)
        self.assertEqual(self.rows("usb")["usb"][1], "N/A")

    # Units.

    def test_services(self):
        self.assertEqual(self.tool("upsdrvsvcctl", "list").stdout, f"{SIM}\tsim\n{RACK}\track-1.b\n")
        self.assertEqual(self.tool("upsdrvsvcctl", "list", "rack-1.b").stdout, f"{RACK}\n")
        row = self.rows(tool="upsdrvsvcctl", skip=2)["sim"]
        self.assertEqual(row[0], SIM)
        self.assertRegex(row[1], "^[a-z-]+,active$")
        self.tool("upsdrvsvcctl", "stop", "sim")
        self.tool("upsdrvsvcctl", "stop", "sim")
        self.assertRegex(self.rows("sim", tool="upsdrvsvcctl", skip=2)["sim"][1], ",inactive$")
        self.tool("upsdrvsvcctl", "start", "sim")
        self.assertTrue(self.machine.is_active(SIM))
        self.configure(UPS_CONF.replace("[rack-1.b]", "[rack-2]"))
        self.tool("upsdrvsvcctl", "resync")
        wait_for("it is resynced", lambda: not self.machine.is_active(RACK))
        self.machine.wait_active(r"busbar-dummy-ups@rack\x2d2.service")

    # The server and the monitor.

    def test_server(self):
        self.tool("upsd", "-c", "stop")
        self.assertEqual([self.machine.is_active(unit) for unit in (GATEWAY, SOCKET)], [False, False])
        self.assertEqual(self.machine.run("upsc", "-l", check=False).returncode, 1)
        self.tool("upsd", "-c", "stop", status=1)
        self.tool("upsd", "-c", "reload", status=1)
        self.tool("upsd")
        self.assertEqual([self.machine.is_active(unit) for unit in (GATEWAY, SOCKET)], [True, True])
        self.assertIn("already running", self.tool("upsd", status=1).stdout)
        pid = self.machine.main_pid(GATEWAY)
        self.tool("upsd", "-c", "reload", "-P", str(pid))
        self.tool("upsd", "-c", "reload", "-P", "1", status=1)
        self.assertEqual(self.machine.main_pid(GATEWAY), pid)

    def test_reload_of_the_server(self):
        """New devices are there after it, whether the server runs or only its socket."""
        for number, stop in enumerate((False, True)):
            if stop:
                self.machine.run("systemctl", "stop", GATEWAY)
            name = f"more{number}"
            self.configure(UPS_CONF + f"[{name}]\ndriver = dummy-ups\nport = sim.dev\n")
            self.tool("upsd", "-c", "reload")
            wait_for("it is served", lambda n=name: n in
                     self.machine.run("upsc", "-l", "localhost", check=False).stdout.split())

    def test_monitor(self):
        self.configure(UPSMON_CONF, "upsmon.conf")
        self.tool("upsmon", "-c", "stop")
        self.assertFalse(self.machine.is_active(MONITOR))
        self.assertIn("Cannot find busbar-monitor", self.tool("upsmon", "-c", "fsd", status=1).stderr)
        self.tool("upsmon")
        self.assertTrue(self.machine.is_active(MONITOR))
        self.assertIn("already running", self.tool("upsmon", status=1).stdout)
        self.tool("upsmon", "-c", "reload")
        self.assertIn("not set", self.tool("upsmon", "-K", status=1).stderr)

    # What scripts have said for twenty years.

    def test_init_script(self):
        self.shell("upsmon -c stop; upsd -c stop; upsdrvctl stop")
        for unit in (SIM, RACK, GATEWAY, SOCKET, MONITOR):
            self.assertFalse(self.machine.is_active(unit), unit)
        self.shell("upsdrvctl start && upsd && upsmon")
        for unit in (SIM, RACK, GATEWAY, SOCKET, MONITOR):
            self.assertTrue(self.machine.is_active(unit), unit)
        with NutClient() as client:
            self.wait_value(client, "sim", "ups.status", "OL")

    def test_halt_script(self):
        """Without the flag nothing is told anything."""
        pid = self.machine.main_pid(SIM)
        self.shell("if upsmon -K; then upsdrvctl shutdown; fi")
        self.shell("upsmon -K && upsdrvctl shutdown", status=1)
        self.assertEqual(self.machine.main_pid(SIM), pid)

    def test_foreground(self):
        """The service makes room, and is there again afterwards."""
        self.shell(f"upsdrvctl -D -d start sim & pid=$!; "
                   f"until upsdrvctl status sim | grep -q \"\tRESPONSIVE\t$pid\t\"; do sleep 0.1; done; "
                   f"if systemctl is-active '{SIM}'; then exit 1; fi; "
                   f"kill $pid; wait $pid; upsdrvctl start sim")
        self.assertTrue(self.machine.is_active(SIM))

    def test_console(self):
        said = self.shell("printf 'PING\\nGETPID\\n' | sockdebug sim").stdout
        self.assertIn("PONG\n", said)
        self.assertEqual(re.search(r"PID (\d+)", said)[1], str(self.machine.main_pid(SIM)))


def check_forced_shutdown(machine):
    """Its last act: upsmon -c fsd takes the machine down."""
    conf = "MONITOR sim@localhost 1 monitor secret primary\nFINALDELAY 0\nHOSTSYNC 1\nMINSUPPLIES 1\n"
    machine.write("/etc/nut/upsmon.conf", conf, 0o640, machine.nut_group)
    machine.run(f"{COMMANDS}/upsmon", "-c", "reload")
    machine.wait_active(SIM, MONITOR)
    machine.run(f"{COMMANDS}/upsmon", "-c", "fsd")
    assert machine.nspawn.wait(300) == 0, "it is not off"


def main():
    build = Build(sys.argv[1], sys.argv[2])
    run_inside()

    machine = ToolsTest.machine = Machine("busbar-test")
    ToolsTest.bus = "dbus-daemon"
    result = None
    try:
        prepare(machine, build, ToolsTest.bus)
        machine.write("/etc/nut/upsmon.conf", UPSMON_CONF, 0o640, machine.nut_group)
        machine.boot()
        machine.wait_active(SIM, RACK, SOCKET, MONITOR)
        names = [f"ToolsTest.{name}" for name in sys.argv[3:]] or ["ToolsTest"]
        suite = unittest.defaultTestLoader.loadTestsFromNames(names, sys.modules["__main__"])
        result = unittest.TextTestRunner(verbosity=2).run(suite)
        check_forced_shutdown(machine)
    finally:
        if result is None or not result.wasSuccessful():
            print(machine.journal("--output=short-monotonic") if machine.init else "", file=sys.stderr)
        machine.stop()

    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
