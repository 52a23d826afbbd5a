#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ordered shutdown on machines with systemd, each to the end: the machine is off, or the test has failed.

Usage: test-shutdown.py BUILD MESON host|RELEASE [TEST]...

The machines run over the host's root, or over that of another Debian release, with its systemd.
Secondaries are stock upsmon in a network namespace, and machines of ours in another one."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "install"))

# pylint: disable=wrong-import-position
from build import Build
from machine import INSIDE, Machine, NutClient, run_inside, wait_for

ADDRESS = "10.93.0.1"
MONITOR = "busbar-monitor.service"
GATEWAY = "busbar-gateway.service"
ON_BATTERY = "busbar-on-battery.target"
STOCK_UPSMON = "/lib/nut/upsmon"
STOCK_UPSD = "/lib/nut/upsd"
STOCK_DRIVER = "/lib/nut/dummy-ups"
PASSWORD = "s3cretOfTheTest"

UPS_CONF = """pollinterval = 1
[ups]
driver = dummy-ups
port = ups.dev
"""

UPSD_CONF = f"LISTEN 127.0.0.1 3493\nLISTEN {ADDRESS} 3493\n"

UPSD_USERS = f"""[primary]
password = {PASSWORD}
upsmon = primary
[secondary]
password = {PASSWORD}
upsmon = secondary
"""

# What is short here is short so that the tests are.
QUICK = "FINALDELAY 1\nHOSTSYNC 20\nDEADTIME 5\nPOLLFREQ 1\nPOLLFREQALERT 1\n"
PROTECT = f"MONITOR ups 1 primary {PASSWORD} primary\n"


def device_file(status, **variables):
    lines = {"ups.status": status, "battery.charge": "80", "battery.runtime": "1200", **variables}
    return "".join(f"{name.replace('_', '.')}: {value}\n" for name, value in lines.items())


class Network:
    """A bridge in our namespace, and a namespace for each peer that is wired to it."""

    def __init__(self):
        self.names = []
        self._ip("link", "add", "br0", "type", "bridge")
        self._ip("address", "add", f"{ADDRESS}/24", "dev", "br0")
        self._ip("link", "set", "br0", "up")

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True, stdin=subprocess.DEVNULL)

    def add(self, name):
        """Returns the address of the new peer."""
        self.names.append(name)
        address = f"10.93.0.{len(self.names) + 1}"
        self._ip("netns", "add", name)
        self._ip("link", "add", f"v-{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
        self._ip("link", "set", f"v-{name}", "master", "br0", "up")
        for words in (["link", "set", "lo", "up"], ["address", "add", f"{address}/24", "dev", "eth0"],
                      ["link", "set", "eth0", "up"]):
            self._ip("-n", name, *words)
        return address

    def remove(self):
        for name in self.names:
            self._ip("netns", "delete", name)
        self._ip("link", "delete", "br0")


class Stock:
    """Programs of NUT in a network namespace."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.directory = Path(tempfile.mkdtemp(prefix="busbar-stock-"))
        self.directory.chmod(0o755)
        self.processes = []

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o640)

    def start(self, *argv):
        paths = ("NUT_CONFPATH", "NUT_STATEPATH", "NUT_PIDPATH", "NUT_ALTPIDPATH")
        environment = {**os.environ, **dict.fromkeys(paths, str(self.directory))}
        with open(self.directory / "log", "ab") as log:
            process = subprocess.Popen(["ip", "netns", "exec", self.namespace, *argv], env=environment,
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def start_secondary(self, system):
        """upsmon, which makes a file when it would shut its machine down."""
        self.write("upsmon.conf", f"MONITOR {system} 1 secondary {PASSWORD} secondary\n"
                   f"SHUTDOWNCMD \"touch {self.down_file}\"\nFINALDELAY 0\nPOLLFREQ 1\nPOLLFREQALERT 1\n"
                   "DEADTIME 5\nRUN_AS_USER root\n")
        self.start(STOCK_UPSMON, "-D", "-p")

    def start_server(self, status):
        self.write("ups.conf", UPS_CONF.replace("ups.dev", f"{self.directory}/ups.dev"))
        self.write("ups.dev", device_file(status))
        self.write("upsd.conf", "LISTEN 0.0.0.0 3493\n")
        self.write("upsd.users", UPSD_USERS)
        self.start(STOCK_DRIVER, "-D", "-u", "root", "-a", "ups")
        wait_for("stock dummy-ups is up", lambda: (self.directory / "dummy-ups-ups").exists())
        self.start(STOCK_UPSD, "-D", "-u", "root")

    @property
    def down_file(self):
        return self.directory / "down"

    def log(self):
        return (self.directory / "log").read_text(errors="replace")

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Watcher(threading.Thread):
    """When a machine was off, in time.monotonic()."""

    def __init__(self, machine):
        super().__init__(daemon=True)
        self.machine = machine
        self.off = None
        self.start()

    def run(self):
        self.machine.nspawn.wait()
        self.off = time.monotonic()

    def wait_off(self, timeout=90):
        self.join(timeout)
        if self.off is None:
            raise AssertionError(f"the machine is not off in {timeout} s\n" + self.machine.journal())
        return self.off


class Logins(threading.Thread):
    """Who is logged in to our UPS, as time.monotonic() of FSD and of when each address was there last."""

    def __init__(self):
        super().__init__(daemon=True)
        self.forced = None
        self.last = {}
        self.start()

    def run(self):
        with contextlib.suppress(OSError), NutClient() as client:
            while True:
                now = time.monotonic()
                for line in client.list("CLIENT ups"):
                    self.last[line.split()[2]] = now
                if self.forced is None and "FSD" in client.get("ups", "ups.status"):
                    self.forced = now
                time.sleep(0.05)

    def stayed(self, address):
        """For how long an address was logged in after FSD."""
        return self.last[address] - self.forced


class ShutdownTest(unittest.TestCase):
    base: Machine

    def setUp(self):
        self.started = []

    def make(self, name="busbar-primary", upsmon="", **files):
        """A machine with Busbar, which is not booted yet. files: NAME_EXTENSION=text in /etc/nut."""
        machine = Machine(name, self.base.root, prepared=True)
        self.addCleanup(machine.stop)
        machine.find_nut_group()
        files = {"ups_conf": UPS_CONF, "upsd_conf": UPSD_CONF, "upsd_users": UPSD_USERS,
                 "ups_dev": device_file("OL"), **files}
        if upsmon:
            files["upsmon_conf"] = upsmon
        for file, text in files.items():
            machine.write(f"/etc/nut/{file.replace('_', '.')}", text, 0o640, machine.nut_group)
        return machine

    def boot(self, machine, network=None):
        self.addCleanup(self.explain, machine)
        machine.boot(network)
        wait_for("the monitor is ready", lambda: machine.show(MONITOR, "ActiveState") == "active", 30)
        return Watcher(machine)

    def explain(self, machine):
        """The log of a machine whose test failed."""
        outcome = self._outcome
        problems = list(outcome.result.errors) + list(outcome.result.failures)
        if outcome.success and not any(test is self for test, _ in problems):
            return
        directory = machine.root / "var/log/journal"
        done = subprocess.run(["journalctl", f"--directory={next(directory.iterdir(), directory)}",
                               "--no-pager", "--output=short-monotonic", "-n", "150"],
                              capture_output=True, text=True, check=False)
        print(f"--- {machine.directory.name}\n{done.stdout}{done.stderr}", file=sys.stderr)

    def set_ups(self, machine, status, **variables):
        machine.write("/etc/nut/ups.dev", device_file(status, **variables), 0o640, machine.nut_group)

    def monitor(self, machine, name):
        said = machine.output("busctl", "--json=short", "get-property", "org.busbar.Monitor1",
                              "/org/busbar/Monitor1", "org.busbar.Monitor1", name, check=False)
        return json.loads(said)["data"] if said else None

    def wait_state(self, machine, state, timeout=30):
        wait_for(f"the monitor is {state}", lambda: self.monitor(machine, "State") == state, timeout)

    def login(self, host="127.0.0.1"):
        client = NutClient(host=host)
        self.addCleanup(client.close)
        for request in ("USERNAME secondary", f"PASSWORD {PASSWORD}", "LOGIN ups"):
            self.assertEqual(client.ask(request), "OK")
        return client

    def wait_forced(self, client, timeout=30):
        """Until the client is told that it has to go down."""
        wait_for("FSD is seen", lambda: "FSD" in client.get("ups", "ups.status"), timeout)

    def history(self, machine):
        return json.loads(machine.output("busbarctl", "why", "--json"))

    # One machine.

    def test_alone_and_without_configuration(self):
        machine = self.make()
        watcher = self.boot(machine)
        self.wait_state(machine, "online")
        self.set_ups(machine, "OB DISCHRG")
        self.wait_state(machine, "on-battery")
        wait_for("the target is there", lambda: machine.is_active(ON_BATTERY))
        self.set_ups(machine, "OB DISCHRG LB", battery_charge="9")
        watcher.wait_off()
        history = (machine.root / "var/lib/busbar-monitor/history").read_text()
        self.assertIn("low-battery", history)

        # And what it says of it when the power is back.
        self.set_ups(machine, "OL CHRG", battery_charge="12")
        self.boot(machine)
        self.wait_state(machine, "online")
        shutdowns = self.history(machine)
        self.assertEqual(len(shutdowns), 1, history)
        text = json.dumps(shutdowns[0])
        self.assertIn("low-battery", text)
        self.assertIn("powered-off", text)
        self.assertFalse((machine.root / "run/busbar-monitor/armed").exists())

    def test_mains_return(self):
        machine = self.make(upsmon=PROTECT + QUICK + "FINALDELAY 60\n")
        self.boot(machine)
        self.wait_state(machine, "online")
        self.set_ups(machine, "OB LB")
        self.wait_state(machine, "final-delay")
        self.set_ups(machine, "OL")
        self.wait_state(machine, "online")
        wait_for("the target is gone", lambda: not machine.is_active(ON_BATTERY))
        self.assertNotIn("FSD", machine.output("upsc", "ups@127.0.0.1", "ups.status"))

    def test_cancel(self):
        machine = self.make(upsmon=PROTECT + QUICK + "FINALDELAY 60\n")
        self.boot(machine)
        self.wait_state(machine, "online")
        machine.run("busbarctl", "shutdown", "--yes", "--reason", "a test")
        self.wait_state(machine, "final-delay")
        machine.run("busbarctl", "shutdown", "--cancel")
        self.wait_state(machine, "online")

    def test_rule(self):
        machine = self.make(upsmon=PROTECT + QUICK + "ONBATTDELAY 1\n")
        watcher = self.boot(machine)
        self.wait_state(machine, "online")
        machine.run("busbarctl", "policy", "charge=50")
        self.set_ups(machine, "OB DISCHRG", battery_charge="60")
        self.wait_state(machine, "on-battery")
        self.set_ups(machine, "OB DISCHRG", battery_charge="49")
        watcher.wait_off()

    def test_shutdown_command_and_flag(self):
        command = "SHUTDOWNCMD \"echo 100% $((1 + 1)) > /var/said; systemctl poweroff\"\n"
        machine = self.make(upsmon=PROTECT + QUICK + command + "POWERDOWNFLAG /etc/killpower\n")
        watcher = self.boot(machine)
        self.wait_state(machine, "online")
        self.assertEqual(machine.run("upsmon", "-K", check=False).returncode, 1)
        self.set_ups(machine, "OB LB")
        watcher.wait_off()
        self.assertEqual((machine.root / "var/said").read_text(), "100% 2\n")
        self.assertEqual((machine.root / "etc/killpower").read_bytes(), b"upsmon-shutdown-file")
        # The next boot is none that is to end so.
        self.set_ups(machine, "OL")
        self.boot(machine)
        self.assertFalse((machine.root / "etc/killpower").exists())

    def test_secrets(self):
        machine = self.make(upsmon=PROTECT + QUICK)
        self.boot(machine)
        self.wait_state(machine, "online")
        self.assertNotIn(PASSWORD, machine.output("ps", "axww", "-o", "args"))
        self.assertNotIn(PASSWORD, machine.journal())
        for directory in ("run", "var/lib", "tmp"):
            found = machine.output("grep", "-rIl", "--devices=skip", PASSWORD, f"/{directory}",
                                   user="nobody", check=False)
            self.assertEqual(found, "")

    # What gets in the way.

    def test_block_inhibitor(self):
        machine = self.make(upsmon=PROTECT + QUICK)
        watcher = self.boot(machine)
        self.wait_state(machine, "online")
        machine.run("systemd-run", "--unit=blocker", "systemd-inhibit", "--what=shutdown", "--mode=block",
                    "sleep", "infinity")
        wait_for("it is held", lambda: "sleep infinity" in machine.output("systemd-inhibit", "--list"))
        self.set_ups(machine, "OB LB")
        watcher.wait_off()

    def test_without_polkit(self):
        machine = self.make(upsmon=PROTECT + QUICK)
        (machine.root / "etc/systemd/system/polkit.service").symlink_to("/dev/null")
        watcher = self.boot(machine)
        self.wait_state(machine, "online")
        self.set_ups(machine, "OB LB")
        watcher.wait_off()

    def test_service_that_hangs(self):
        machine = self.make(upsmon=PROTECT + QUICK)
        machine.write("/etc/systemd/system/hang.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\n"
                      "ExecStart=true\nExecStop=sleep infinity\nTimeoutStopSec=3\n")
        watcher = self.boot(machine)
        machine.run("systemctl", "start", "hang.service")
        self.set_ups(machine, "OB LB")
        watcher.wait_off()

    def test_bus_restarts_midway(self):
        machine = self.make(upsmon=PROTECT + QUICK)
        watcher = self.boot(machine)
        self.login()
        self.set_ups(machine, "OB LB")
        self.wait_state(machine, "waiting-for-secondaries")
        machine.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "dbus.service")
        machine.run("systemctl", "start", "dbus.service", check=False)
        watcher.wait_off()

    def kill_at(self, state, unit, upsmon):
        machine = self.make(upsmon=upsmon)
        watcher = self.boot(machine)
        client = self.login()
        self.set_ups(machine, "OB LB" if state != "on-battery" else "OB")
        self.wait_state(machine, state)
        machine.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", unit)
        self.set_ups(machine, "OB LB")
        if state != "final-delay":
            wait_for(f"{unit} is back", lambda: machine.is_active(unit))
            # The one that the gateway kept for us over its own death too.
            self.wait_forced(client)
        with contextlib.suppress(OSError):
            client.ask("LOGOUT")
        watcher.wait_off()

    def test_monitor_is_killed_on_battery(self):
        self.kill_at("on-battery", MONITOR, PROTECT + QUICK)

    def test_monitor_is_killed_while_waiting(self):
        self.kill_at("waiting-for-secondaries", MONITOR, PROTECT + QUICK)

    def test_monitor_is_killed_in_the_final_delay(self):
        self.kill_at("final-delay", MONITOR, PROTECT + QUICK + "HOSTSYNC 1\nFINALDELAY 5\n")

    def test_gateway_is_killed_while_waiting(self):
        self.kill_at("waiting-for-secondaries", GATEWAY, PROTECT + QUICK)

    def test_gateway_is_killed_in_the_final_delay(self):
        self.kill_at("final-delay", GATEWAY, PROTECT + QUICK + "HOSTSYNC 1\nFINALDELAY 5\n")

    # Who else shuts down.

    def external(self, *command, limit=None):
        """Somebody powers off on battery; a secondary is told, and waited for."""
        machine = self.make(upsmon=PROTECT + QUICK)
        if limit:
            machine.write("/etc/systemd/logind.conf.d/zz-zz.conf", f"[Login]\nInhibitDelayMaxSec={limit}\n")
        watcher = self.boot(machine)
        client = self.login()
        self.set_ups(machine, "OB")
        self.wait_state(machine, "on-battery")
        machine.run(*command)
        self.wait_forced(client)
        # Longer than logind would wait for anybody.
        time.sleep((limit or 5) + 2)
        self.assertIsNone(watcher.off)
        self.assertIn("FSD", client.get("ups", "ups.status"))
        left = time.monotonic()
        with contextlib.suppress(OSError):
            client.ask("LOGOUT")
        self.assertGreater(watcher.wait_off(), left)

    def test_power_off_by_others(self):
        self.external("systemctl", "poweroff", "--no-block", limit=5)

    def test_power_off_past_logind(self):
        self.external("systemctl", "start", "--no-block", "poweroff.target")

    def test_power_off_by_force(self):
        machine = self.make(upsmon=PROTECT + QUICK)
        watcher = self.boot(machine)
        self.login()
        self.set_ups(machine, "OB")
        self.wait_state(machine, "on-battery")
        began = time.monotonic()
        machine.run("systemctl", "poweroff", "--force", "--no-block", check=False)
        # Who asks for it gets it: nothing of ours stays in the way.
        self.assertLess(watcher.wait_off() - began, 20)

    def test_power_off_on_line(self):
        machine = self.make(upsmon=PROTECT + QUICK)
        watcher = self.boot(machine)
        client = self.login()
        self.wait_state(machine, "online")
        began = time.monotonic()
        machine.run("systemctl", "poweroff", "--no-block")
        with contextlib.suppress(OSError):
            while watcher.off is None:
                self.assertNotIn("FSD", client.get("ups", "ups.status"))
                time.sleep(0.05)
        self.assertLess(watcher.wait_off() - began, 15)

    def test_forged_signals(self):
        """Any user can send a signal; only logind's is believed."""
        machine = self.make(upsmon=PROTECT + QUICK)
        watcher = self.boot(machine)
        client = self.login()
        self.set_ups(machine, "OB")
        self.wait_state(machine, "on-battery")
        forged = ("busctl", "emit", "--destination=org.busbar.Monitor1", "/org/freedesktop/login1",
                  "org.freedesktop.login1.Manager")
        machine.output(*forged, "PrepareForShutdownWithMetadata", "ba{sv}", "true", "1", "type", "s",
                       "power-off", user="nobody")
        machine.output(*forged, "PrepareForShutdown", "b", "true", user="nobody")
        self.assertEqual(self.monitor(machine, "State"), "on-battery")
        self.assertNotIn("FSD", client.get("ups", "ups.status"))
        machine.run("systemctl", "poweroff", "--no-block")
        self.wait_forced(client)
        with contextlib.suppress(OSError):
            client.ask("LOGOUT")
        watcher.wait_off()

    # Several machines.

    def test_secondaries(self):
        """Stock upsmon and a machine of ours are down before the primary, which waits for both."""
        stock = Stock("stock")
        self.addCleanup(stock.stop)
        primary = self.make(upsmon=PROTECT + QUICK)
        watcher = self.boot(primary)
        stock.start_secondary(f"ups@{ADDRESS}")
        ours = self.make("busbar-secondary", ups_conf="", nut_conf="MODE=netclient\n",
                         upsmon=f"MONITOR ups@{ADDRESS} 1 secondary {PASSWORD} secondary\n{QUICK}")
        # It needs its time to stop, and says that it is there for all of it.
        ours.write("/etc/systemd/system/slow.service", "[Unit]\nAfter=network.target\n"
                   "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=true\nExecStop=sleep 4\n"
                   "[Install]\nWantedBy=multi-user.target\n")
        ours.run_outside("systemctl", f"--root={ours.root}", "enable", "slow.service")
        ours_watcher = self.boot(ours, "ours")

        with NutClient() as client:
            wait_for("both are logged in", lambda: client.ask("GET NUMLOGINS ups") == "NUMLOGINS ups 2", 60)
        logins = Logins()
        self.set_ups(primary, "OB LB")
        off = watcher.wait_off()
        logins.join(10)
        # Not gone before its own service was: FINALDELAY, and the four seconds.
        self.assertGreater(logins.stayed(self.network.addresses["ours"]), 4)
        self.assertTrue(stock.down_file.exists(), stock.log())
        ours_off = ours_watcher.wait_off(30)
        # Its network goes when its services have stopped; what comes then takes a moment.
        self.assertLess(ours_off, off + 3)
        self.assertIn("forced", (ours.root / "var/lib/busbar-monitor/history").read_text())

    def test_secondary_that_hangs(self):
        machine = self.make(upsmon=PROTECT + QUICK + "HOSTSYNC 4\n")
        watcher = self.boot(machine)
        self.login()
        self.set_ups(machine, "OB LB")
        self.wait_state(machine, "waiting-for-secondaries")
        began = time.monotonic()
        self.assertGreater(watcher.wait_off() - began, 3)

    def test_secondary_of_a_stock_server(self):
        stock = Stock("stock")
        self.addCleanup(stock.stop)
        stock.start_server("OL")
        host = self.network.addresses["stock"]
        wait_for("stock upsd answers", lambda: self.stock_status(host) == 'VAR ups ups.status "OL"')
        machine = self.make(ups_conf="", nut_conf="MODE=netclient\n",
                            upsmon=f"MONITOR ups@{host} 1 secondary {PASSWORD} secondary\n{QUICK}")
        watcher = self.boot(machine)
        with NutClient(host=host) as client:
            wait_for("we are logged in", lambda: client.ask("GET NUMLOGINS ups") == "NUMLOGINS ups 1", 60)
            self.wait_state(machine, "online")
            stock.write("ups.dev", device_file("OB LB"))
            # A secondary waits for the word of its primary.
            self.wait_state(machine, "on-battery")
            for request in ("USERNAME primary", f"PASSWORD {PASSWORD}", "LOGIN ups", "PRIMARY ups"):
                self.assertTrue(client.ask(request).startswith("OK"), request)
            self.assertTrue(client.ask("FSD ups").startswith("OK"))
            watcher.wait_off()
            wait_for("it has left", lambda: client.ask("GET NUMLOGINS ups") == "NUMLOGINS ups 1")

    @staticmethod
    def stock_status(host):
        with contextlib.suppress(OSError), NutClient(host=host) as client:
            return client.get("ups", "ups.status")
        return None


def prepare(machine, build):
    machine.install(build)
    machine.write("/etc/systemd/journald.conf.d/test.conf",
                  "[Journal]\nStorage=persistent\nSyncIntervalSec=1s\n")
    alias = machine.root / "etc/systemd/system/dbus.service"
    alias.unlink(missing_ok=True)


def main():
    build, release = Build(sys.argv[1], sys.argv[2]), sys.argv[3]
    lower = Path("/") if release == "host" else build.directory / release
    if release != "host" and INSIDE not in os.environ:
        subprocess.run([Path(__file__).with_name("other-root"), release, lower], check=True)
    run_inside()

    network = Network()
    network.addresses = {name: network.add(name) for name in ("stock", "ours")}
    ShutdownTest.network = network
    base = ShutdownTest.base = Machine("busbar-base", lower)
    try:
        prepare(base, build)
        names = [f"ShutdownTest.{name}" for name in sys.argv[4:]] or ["ShutdownTest"]
        suite = unittest.defaultTestLoader.loadTestsFromNames(names, sys.modules["__main__"])
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    finally:
        base.stop()
        network.remove()

    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
