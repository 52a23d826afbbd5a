#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""SNMP devices on a machine with systemd: groups in their sandbox, reloads, credentials, traps, and a
machine that is fed by one of them."""

import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "install"), str(HERE.parent / "snmp")]

# pylint: disable=wrong-import-position
import ber
import walk
from agentlib import Agent, Server
from build import Build
from fixture import GATEWAY, SIM, Fixture, device_file, prepare
from machine import Machine, run_inside, wait_for
from netsnmp import Snmpd

DEFAULT = "busbar-snmp-ups-group@default.service"
SITE = "busbar-snmp-ups-group@site.service"
WALKS = HERE.parent / "snmp/walks"

UPS = "1.3.6.1.2.1.33.1"
BATTERY_STATUS, CHARGE, SOURCE = f"{UPS}.2.1.0", f"{UPS}.2.4.0", f"{UPS}.4.1.0"
OUTLET = "1.3.6.1.4.1.318.1.1.4.4.2.1.3.1"

USER = "createUser monitor SHA authentic-9 AES private-99", "rouser monitor priv"
CREDENTIALS = {"far.auth": "authentic-9\n", "far.priv": "private-99"}

RECORDING = "/var/lib/busbar-driver/chain.recording"
HEAD = "pollinterval = 1\npollfreq = 2\n"
UPSMON = """MONITOR ups-1 1 monitor secret primary
MINSUPPLIES 1
FINALDELAY 1
HOSTSYNC 1
POLLFREQ 1
POLLFREQALERT 1
"""


def trap(oid):
    """A notification of version 2c."""
    def binding(name, tag, content):
        return ber.tlv(0x30, ber.tlv(ber.OID, ber.oid_content(ber.oid(name))) + ber.tlv(tag, content))

    bindings = (binding("1.3.6.1.2.1.1.3.0", ber.TICKS, b"\1")
                + binding("1.3.6.1.6.3.1.1.4.1.0", ber.OID, ber.oid_content(ber.oid(oid))))
    number, zero = ber.tlv(ber.INTEGER, b"\1"), ber.tlv(ber.INTEGER, b"\0")
    pdu = ber.tlv(0xa7, number + zero + zero + ber.tlv(0x30, bindings))
    return ber.tlv(0x30, number + ber.tlv(ber.STRING, b"public") + pdu)


class Agents:
    """The devices of a data room, on the loopback that the machine shares with us."""

    def __init__(self):
        self.server = Server()
        self.snmpd = Snmpd({ids: value for ids, value in walk.load(WALKS / "ups.snmprec").items()
                            if ids != ber.oid("1.3.6.1.2.1.1.3.0")}, lines=USER)
        self.agents = {}
        self.ports = {"far": self.snmpd.port}

    def __enter__(self):
        self.server.__enter__()
        self.snmpd.__enter__()
        for name, kind in (("ups-1", "ups"), ("ups-2", "ups"), ("pdu", "pdu"), ("chain", "chain")):
            self.agents[name] = Agent.load(WALKS / f"{kind}.snmprec", writable="all")
            self.ports[name] = self.server.add(self.agents[name])
        return self

    def __exit__(self, *what):
        self.snmpd.__exit__(*what)
        self.server.__exit__(*what)

    def __getitem__(self, name):
        return self.agents[name]

    def section(self, name, *lines):
        access = ["snmp_version = v2c"]
        if name == "far":
            access = ["snmp_version = v3", "secLevel = authPriv", "secName = monitor", "authProtocol = SHA",
                      "authPassword = credential:far.auth", "privProtocol = AES",
                      "privPassword = credential:far.priv"]
        if name == "chain":
            access.append(f"record = {RECORDING}")
        return "\n".join([f"[{name}]", "driver = snmp-ups", f"port = 127.0.0.1:{self.ports[name]}", *access,
                          *lines, ""])

    def configuration(self, default=("ups-1", "pdu", "far"), site=("ups-2", "chain"), head=HEAD):
        return "".join([head, *(self.section(name) for name in default),
                        *(self.section(name, "group = site") for name in site),
                        "[sim]\ndriver = dummy-ups\nport = sim.dev\n"])


class SnmpTest(Fixture):
    """Each test finds the groups of Agents.configuration() running, whatever the one before it did."""

    agents: Agents

    def setUp(self):
        self.configure(self.agents.configuration())
        self.reload()
        self.machine.wait_active(DEFAULT, SITE, SIM)
        client = self.client()
        for name in ("ups-1", "ups-2", "far"):
            self.wait_value(client, name, "ups.model", "Model", 60)
        self.wait_value(client, "pdu", "outlet.1.desc", "web", 60)
        self.wait_value(client, "chain", "device.count", "2", 60)
        self.wait_value(client, "sim", "ups.load", "20")

    def pids(self, *units):
        return [self.machine.main_pid(unit) for unit in units]

    def opened(self, *names):
        """How often each was: by the sockets, as each session has its own."""
        return [len(self.agents[name].peers) for name in names]

    def test_one_process_for_each_group(self):
        """In its sandbox, with nothing for a single device beside it."""
        listed = self.machine.output("systemctl", "list-units", "--all", "--plain", "--no-legend",
                                     "busbar-snmp-ups*")
        self.assertEqual(sorted(line.split()[0] for line in listed.splitlines()), [DEFAULT, SITE])
        for pid in self.pids(DEFAULT, SITE):
            self.assertEqual(self.machine.output("ps", "-o", "user:32=", "-p", pid), "busbar-driver")
            status = dict(line.split(":", 1) for line in
                          self.machine.output("cat", f"/proc/{pid}/status").splitlines() if ":" in line)
            self.assertEqual(status["NoNewPrivs"].strip(), "1")
            self.assertEqual(status["Seccomp"].strip(), "2")
            self.assertEqual(int(status["CapBnd"], 16), 0)
        owners = self.machine.output("busctl", "list", "--no-pager", "--no-legend")
        for group in ("default", "site"):
            self.assertIn(f"org.busbar.Driver._group_snmp_2dups__{group}", owners)
        self.assertEqual(self.machine.output("systemctl", "--failed", "--no-legend"), "")
        self.assertEqual(self.machine.journal("--unit", DEFAULT, "--priority=err"), "")

    def test_clients(self):
        self.assertEqual(sorted(self.upsc("-l").split()), ["chain", "far", "pdu", "sim", "ups-1", "ups-2"])
        for name in ("ups-1", "far"):
            self.assertEqual(self.upsc(name, "ups.status"), "OL")
            self.assertEqual(self.upsc(name, "battery.charge"), "87")
            self.assertEqual(self.upsc(name, "device.type"), "ups")
        self.assertNotIn("authentic", self.upsc("far"))
        listed = self.machine.output("busbarctl", "list", user="nobody")
        for name in self.agents.ports:
            self.assertIn(name, listed)
            self.assertIn("snmp-ups", self.machine.output("busbarctl", "show", name, user="nobody"))
        self.machine.run("busbarctl", "check")
        self.assertIn("busbar-recording 1 snmp", self.machine.output("head", "-1", RECORDING))
        said = self.machine.run("busbarctl", "report", "chain", "/root/report", check=False)
        self.assertIn("record, see snmp-ups(8)", said.stderr)

    def test_orders(self):
        """With the rights of the bus, down to the agent."""
        agent, client = self.agents["pdu"], self.client()
        self.addCleanup(agent.__setitem__, OUTLET, agent[OUTLET])
        self.wait_value(client, "pdu", "outlet.1.status", "on")
        done = self.machine.run("busbarctl", "run", "pdu", "outlet.1.load.off", user="nobody", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(agent.sets, [])
        self.machine.run("busbarctl", "run", "pdu", "outlet.1.load.off")
        self.assertEqual(agent[OUTLET], 2)
        self.wait_value(client, "pdu", "outlet.1.status", "off")
        agent.sets.clear()

    # Reload.

    def test_reload_touches_what_changed(self):
        client = self.client()
        before = self.pids(DEFAULT, SITE, SIM, GATEWAY)
        opened = self.opened("ups-1", "ups-2", "chain")

        self.configure(self.agents.configuration(default=("ups-1", "far")))
        self.reload()
        wait_for("it is gone", lambda: client.get("pdu", "ups.status") == "ERR UNKNOWN-UPS")
        self.wait_value(client, "ups-1", "ups.status", "OL")

        self.configure(self.agents.configuration())
        self.reload()
        self.wait_value(client, "pdu", "outlet.1.desc", "web")

        # Into the other group, and back: it is served by one of them, whoever is told first.
        for default, site in ((("ups-1", "far"), ("ups-2", "chain", "pdu")),
                              (("ups-1", "far", "pdu"), ("ups-2", "chain"))):
            group = "default" if "pdu" in default else "site"
            n_opened = self.opened("pdu")
            self.configure(self.agents.configuration(default, site))
            self.reload()
            wait_for(f"group {group} has it", lambda g=group: self.groups_with("pdu") == [g])
            wait_for("it was opened anew", lambda n=n_opened: self.opened("pdu") > n)
            self.wait_value(client, "pdu", "outlet.1.desc", "web")

        self.assertEqual(self.pids(DEFAULT, SITE, SIM, GATEWAY), before)
        self.assertEqual(self.opened("ups-1", "ups-2", "chain"), opened)

    def groups_with(self, device):
        """Which groups have the device on the bus."""
        return [group for group in ("default", "site")
                if f"/org/busbar/device/{device}" in self.machine.output(
                    "busctl", "tree", "--list", f"org.busbar.Driver._group_snmp_2dups__{group}",
                    check=False).split()]

    def test_reload_ends_and_begins_groups(self):
        client = self.client()
        before, opened = self.pids(DEFAULT, SIM), self.opened("ups-1")
        self.configure(self.agents.configuration(site=()))
        self.reload()
        wait_for("no group", lambda: self.machine.main_pid(SITE) == 0)
        self.assertEqual(self.machine.show(SITE, "ActiveState"), "inactive")
        wait_for("no device", lambda: client.get("ups-2", "ups.status") == "ERR UNKNOWN-UPS")
        # The last of one moves into one that does not run.
        self.configure(self.agents.configuration(site=("chain",)))
        self.reload()
        self.machine.wait_active(SITE)
        self.wait_value(client, "chain", "device.count", "2")
        self.assertEqual(self.pids(DEFAULT, SIM), before)
        self.assertEqual(self.opened("ups-1"), opened)

    def test_reload_with_an_error(self):
        """A section whose driver got lost is kept as it is, and so is its group."""
        before = self.pids(DEFAULT, SITE)
        flawed = self.agents.configuration().replace("group = site", "group = site\ndriver = snmp-upz")
        self.configure(flawed)
        self.reload()
        self.configure(self.agents.configuration())
        self.reload()
        self.assertEqual(self.pids(DEFAULT, SITE), before)

    # What goes wrong.

    def test_crash_of_a_group(self):
        client = self.client()
        default, site = self.pids(DEFAULT, SITE)
        self.machine.run("kill", "-KILL", default)
        wait_for("clients are told", lambda: client.get("ups-1", "ups.status").startswith("ERR "))
        self.assertEqual(client.get("ups-2", "ups.status"), 'VAR ups-2 ups.status "OL"')
        for name in ("ups-1", "far"):
            self.wait_value(client, name, "battery.charge", "87")
        self.wait_value(client, "pdu", "outlet.1.desc", "web")
        self.assertNotIn(self.machine.main_pid(DEFAULT), (0, default))
        self.assertEqual(self.machine.main_pid(SITE), site)

    def test_stop_and_start(self):
        self.machine.run("systemctl", "restart", "busbar")
        self.machine.wait_active(DEFAULT, SITE)
        self.wait_value(self.client(), "far", "ups.status", "OL")

    # Traps.

    def test_trap_has_the_device_read(self):
        """Port 162 is opened by the manager, for a process that could not."""
        name = "busbar-snmp-trap@default.socket"
        self.addCleanup(self.machine.run, "systemctl", "disable", "--now", name)
        self.machine.run("systemctl", "stop", DEFAULT)
        self.machine.run("systemctl", "enable", "--now", name)
        self.configure(self.agents.configuration(head="pollinterval = 3600\npollfreq = 3600\n"))
        self.machine.run("systemctl", "start", DEFAULT)
        self.reload()
        client, agent = self.client(), self.agents["ups-1"]
        # As long as it is not opened anew, its last values are from before.
        wait_for("nobody asks any more", lambda: self.is_quiet(agent))
        self.wait_value(client, "ups-1", "ups.status", "OL")
        self.addCleanup(agent.__setitem__, SOURCE, 3)
        agent[SOURCE] = 5
        before = self.machine.main_pid(DEFAULT)
        self.send_trap()
        self.wait_value(client, "ups-1", "ups.status", "OB DISCHRG")
        self.assertEqual(self.machine.main_pid(DEFAULT), before)
        # Both start together, as at boot.
        self.machine.run("systemctl", "restart", "busbar")
        self.machine.wait_active(DEFAULT, name)
        wait_for("nobody asks any more", lambda: self.is_quiet(agent))
        agent[SOURCE] = 3
        self.send_trap()
        self.wait_value(client, "ups-1", "ups.status", "OL")
        # It is no device that comes and goes with its socket.
        self.configure(self.agents.configuration())
        self.reload()
        self.machine.wait_active(DEFAULT, name)
        # Without any device, a trap starts a process that has nothing to do, until there is one again.
        self.configure(self.agents.configuration(default=()))
        self.reload()
        wait_for("no group", lambda: self.machine.main_pid(DEFAULT) == 0)
        self.send_trap()
        self.machine.wait_active(DEFAULT)
        before = self.machine.main_pid(DEFAULT)
        self.configure(self.agents.configuration())
        self.reload()
        self.wait_value(client, "ups-1", "ups.status", "OL")
        self.assertEqual(self.machine.main_pid(DEFAULT), before)

    @staticmethod
    def send_trap():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            s.sendto(trap("1.3.6.1.2.1.33.2.1"), ("127.0.0.1", 162))

    @staticmethod
    def is_quiet(agent):
        before = agent.requests
        time.sleep(3)
        return agent.requests == before

    # The machine that is fed by one of them.

    def test_monitor_sees_the_mains_fail(self):
        agent = self.agents["ups-1"]

        wait_for("all is well", lambda: self.state() == "online")
        agent[SOURCE] = 5
        self.addCleanup(agent.__setitem__, SOURCE, 3)
        wait_for("it is on battery", lambda: self.state() == "on-battery")
        agent[SOURCE] = 3
        wait_for("all is well again", lambda: self.state() == "online")

    def state(self):
        said = self.machine.output("busctl", "get-property", "org.busbar.Monitor1", "/org/busbar/Monitor1",
                                   "org.busbar.Monitor1", "State", check=False)
        return said.removeprefix("s ").strip('"')


def check_shutdown(machine, agents):
    """The battery is empty: the machine goes off. It is a container, so its UPS is left to its host: that
    one is told while there is a network is for tests/vm/test-snmp-poweroff.py."""
    agent = agents["ups-1"]
    agent[CHARGE], agent[BATTERY_STATUS], agent[SOURCE] = 5, 3, 5
    machine.nspawn.wait(90)
    for name in agents.agents:
        assert not agents[name].sets, f"{name} was told {agents[name].sets}"


def configure(machine, build, agents):
    prepare(machine, build, "dbus-daemon")
    machine.write("/etc/nut/ups.conf", agents.configuration(), 0o640, machine.nut_group)
    machine.write("/etc/systemd/journald.conf.d/test.conf",
                  "[Journal]\nStorage=persistent\nSyncIntervalSec=1s\n")
    machine.write("/etc/nut/upsmon.conf", UPSMON, 0o640, machine.nut_group)
    store = machine.root / "etc/busbar-credentials"
    store.mkdir(mode=0o700)
    lines = ["[Service]"]
    for name, text in CREDENTIALS.items():
        machine.write(f"/etc/busbar-credentials/{name}", text, 0o600)
        lines.append(f"LoadCredential={name}:/etc/busbar-credentials/{name}")
    machine.write("/etc/systemd/system/busbar-snmp-ups-group@.service.d/credentials.conf",
                  "\n".join([*lines, ""]))


def explain(machine):
    """The log, also when the machine is off."""
    directory = machine.root / "var/log/journal"
    done = subprocess.run(["journalctl", f"--directory={directory}", "--merge", "--no-pager",
                           "--output=short-monotonic"], capture_output=True, text=True, check=False)
    print(f"{done.stdout}{done.stderr}", file=sys.stderr)


def main():
    build = Build(sys.argv[1], sys.argv[2])
    run_inside()

    machine = SnmpTest.machine = Machine("busbar-test")
    is_well = False
    try:
        with Agents() as agents:
            SnmpTest.agents = agents
            configure(machine, build, agents)
            machine.boot()
            names = [f"SnmpTest.{name}" for name in sys.argv[3:]] or ["SnmpTest"]
            suite = unittest.defaultTestLoader.loadTestsFromNames(names, sys.modules["__main__"])
            result = unittest.TextTestRunner(verbosity=2).run(suite)
            if result.wasSuccessful():
                check_shutdown(machine, agents)
            is_well = result.wasSuccessful()
    finally:
        if not is_well:
            explain(machine)
        machine.stop()

    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
