#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Agents behind the whole of Busbar, seen and told by stock clients of NUT: a UPS, a PDU, a chain of PDUs.

    test-bus.py
"""

import re
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

import ber  # noqa: E402
import walk  # noqa: E402
from agentlib import NOT_WRITABLE, Agent, Server  # noqa: E402
from netsnmp import Snmpd  # noqa: E402
from testlib import Testbed, TestCase, run, wait_for  # noqa: E402

USERS = """\
[admin]
        password = secret
        actions = SET FSD
        instcmds = ALL
"""
MOVING = re.compile(r"driver\.|device\.uptime")
EPDU = "1.3.6.1.4.1.534.6.6.7"
SPDU = "1.3.6.1.4.1.318.1.1.4"
UPS = "1.3.6.1.2.1.33.1"


def on_set(agent, ids, _, content):
    """A PDU that switches: what is told to an outlet of the chain becomes its state."""
    name, value = ber.dotted(ids), ber.to_int(content)
    found = re.fullmatch(rf"{re.escape(EPDU)}\.6\.6\.1\.([345])\.(\d+\.\d+)", name)
    if found and value == 0:
        agent[f"{EPDU}.6.6.1.2.{found[2]}"] = {"3": 0, "4": 1, "5": 1}[found[1]]
        agent[name] = -1


class Bus(TestCase):
    def setUp(self):
        self.server = self.enter(Server())
        self.agents = {name: Agent.load(HERE / "walks" / f"{name}.snmprec", writable="all", on_set=on_set)
                       for name in ("ups", "pdu", "chain")}
        text = "pollinterval = 1\npollfreq = 2\n"
        for name, agent in self.agents.items():
            text += (f"[{name}]\ndriver = snmp-ups\nport = 127.0.0.1:{self.server.add(agent)}\n"
                     "snmp_version = v2c\nsnmp_timeout = 1\nsnmp_retries = 1\n")
        self.bed = self.enter(Testbed({"ups.conf": text, "upsd.users": USERS}))
        for name in self.agents:
            wait_for(lambda name=name: self.upsc(name).get("ups.status") is not None, f"{name}", 60)

    def at(self, name):
        return f"{name}@localhost:{self.bed.port}"

    def upsc(self, name):
        """What stock upsc shows; nothing while there is nothing."""
        done = run("upsc", self.at(name), check=False)
        return dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)

    def command(self, name, *words):
        """Stock upscmd, that waits for what came of it."""
        done = run("upscmd", "-w", "-u", "admin", "-p", "secret", self.at(name), *words, check=False)
        return done.stdout + done.stderr

    def write(self, name, variable, value):
        done = run("upsrw", "-w", "-s", f"{variable}={value}", "-u", "admin", "-p", "secret", self.at(name),
                   check=False)
        return done.stdout + done.stderr

    def test_chain(self):
        shown = self.upsc("chain")
        self.assertEqual(shown["device.count"], "2")
        for unit in "12":
            self.assertEqual(shown[f"device.{unit}.serial"], f"SERIAL{int(unit) - 1}")
            self.assertEqual(shown[f"device.{unit}.outlet.count"], "2")
            self.assertEqual(shown[f"device.{unit}.outlet.1.status"], "on")
        self.assertEqual(shown["device.2.outlet.2.status"], "off")
        self.assertIn("device.2.outlet.2.load.on", run("upscmd", "-l", self.at("chain")).stdout)
        self.assertEqual(self.command("chain", "device.2.outlet.2.load.on"), "SUCCESS\n")
        self.assertEqual(self.agents["chain"][f"{EPDU}.6.6.1.2.1.2"], 1)
        wait_for(lambda: self.upsc("chain")["device.2.outlet.2.status"] == "on", "it to be on")
        self.assertEqual(self.command("chain", "device.1.outlet.1.load.off"), "SUCCESS\n")
        wait_for(lambda: self.upsc("chain")["device.1.outlet.1.status"] == "off", "it to be off")
        self.assertEqual(self.upsc("chain")["device.2.outlet.1.status"], "on")

    def test_chain_loses_a_member(self):
        agent = self.agents["chain"]
        whole = dict(agent.values)
        agent.replace({ids: value for ids, value in whole.items()
                       if not ber.dotted(ids).startswith(f"{EPDU}.") or ids[12:13] != (1,) or len(ids) < 13})
        wait_for(lambda: "device.2.serial" not in self.upsc("chain"), "the member to be gone", 90)
        agent.replace(whole)
        wait_for(lambda: self.upsc("chain").get("device.2.serial") == "SERIAL1", "it to be back", 90)

    def test_chain_on_the_bus(self):
        """Its members are objects of their own."""
        done = run("busctl", "--no-pager", f"--address={self.bed.environment['DBUS_SYSTEM_BUS_ADDRESS']}",
                   "--list", "tree", self.service(), check=False)
        self.assertRegex(done.stdout, r"(?m)/chain/1$", done.stderr)
        self.assertRegex(done.stdout, r"(?m)/chain/2$")

    def service(self):
        done = run("busctl", "--no-pager", f"--address={self.bed.environment['DBUS_SYSTEM_BUS_ADDRESS']}",
                   "--no-legend", "--acquired", "list", check=False)
        return next(line.split()[0] for line in done.stdout.splitlines()
                    if line.startswith("org.busbar.Driver."))

    def test_outlets(self):
        self.assertEqual(self.upsc("pdu")["outlet.3.status"], "off")
        self.assertEqual(self.command("pdu", "outlet.3.load.on"), "SUCCESS\n")
        self.assertEqual(self.agents["pdu"][f"{SPDU}.4.2.1.3.3"], 1)
        wait_for(lambda: self.upsc("pdu")["outlet.3.status"] == "on", "it to be on")
        self.assertEqual(self.write("pdu", "outlet.3.desc", "not spare"), "SUCCESS\n")
        self.assertEqual(self.agents["pdu"][f"{SPDU}.5.2.1.3.3"], b"not spare")

    def test_ups(self):
        self.assertEqual(self.upsc("ups")["ups.status"].split()[0], "OL")
        self.agents["ups"][f"{UPS}.4.1.0"] = 5
        self.agents["ups"][f"{UPS}.2.1.0"] = 3
        wait_for(lambda: {"OB", "LB"} <= set(self.upsc("ups").get("ups.status", "").split()), "OB LB")
        self.agents["ups"][f"{UPS}.4.1.0"] = 3
        self.agents["ups"][f"{UPS}.2.1.0"] = 2
        wait_for(lambda: "OL" in self.upsc("ups").get("ups.status", ""), "OL")
        self.assertEqual(self.command("ups", "beeper.disable"), "SUCCESS\n")
        self.assertEqual(self.agents["ups"][f"{UPS}.9.8.0"], 1)
        wait_for(lambda: self.upsc("ups")["ups.beeper.status"] == "disabled", "the beeper to be off")

    def test_refused(self):
        """The device says no, and clients are told that."""
        pdu = self.agents["pdu"]
        pdu.refusals = dict.fromkeys(pdu.values, NOT_WRITABLE)
        said = self.command("pdu", "outlet.1.load.off")
        self.assertNotIn("SUCCESS", said)
        self.assertRegex(said, "(?i)fail|err|refus|denied|invalid")
        self.assertNotRegex(self.write("pdu", "outlet.1.desc", "other"), "OK|SUCCESS")
        self.assertEqual(self.upsc("pdu")["outlet.1.desc"], "web")
        self.bed.wait_log("notWritable")
        pdu.refusals = {}
        self.assertEqual(self.command("pdu", "outlet.1.load.off"), "SUCCESS\n")

    def test_silence(self):
        """What is not known any more is not shown, until it is known again; the others stay."""
        before = self.upsc("ups")
        self.agents["ups"].fault = "dead"
        wait_for(lambda: not self.upsc("ups"), "no stale values", 60)
        self.assertTrue(self.upsc("pdu"))
        self.assertTrue(self.upsc("chain"))
        self.agents["ups"].fault = None
        wait_for(lambda: self.upsc("ups"), "values again", 60)
        self.assertEqual({n: v for n, v in self.upsc("ups").items() if not MOVING.match(n)},
                         {n: v for n, v in before.items() if not MOVING.match(n)})


class RealAgent(TestCase):
    def test_refused_and_obeyed(self):
        """A real snmpd that has outlets: one can be set, another not."""
        values = {ids: value for ids, value in walk.load(HERE / "walks" / "pdu.snmprec").items()
                  if ids != (1, 3, 6, 1, 2, 1, 1, 3, 0)}
        outlet = f"{SPDU}.4.2.1.3"
        snmpd = self.enter(Snmpd(values, {ber.oid(f"{outlet}.1")}))
        text = ("pollinterval = 1\n[pdu]\ndriver = snmp-ups\ncommunity = private\n"
                f"port = 127.0.0.1:{snmpd.port}\n")
        bed = self.enter(Testbed({"ups.conf": text, "upsd.users": USERS}))
        at = f"pdu@localhost:{bed.port}"

        def command(name):
            done = run("upscmd", "-w", "-u", "admin", "-p", "secret", at, name, check=False)
            return done.stdout + done.stderr
        wait_for(lambda: "outlet.1.status" in run("upsc", at, check=False).stdout, "outlets")
        self.assertEqual(command("outlet.1.load.off"), "SUCCESS\n")
        self.assertEqual(snmpd.get(f"{outlet}.1"), "INTEGER: 2")
        self.assertNotIn("SUCCESS", command("outlet.2.load.off"))
        self.assertEqual(snmpd.get(f"{outlet}.2"), "INTEGER: 1")
        wait_for(lambda: "outlet.1.status: off" in run("upsc", at, check=False).stdout, "it to be shown")


if __name__ == "__main__":
    unittest.main()
