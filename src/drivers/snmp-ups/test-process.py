#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""snmp-ups as a process, on agents of this test and with a profile of its own.

    test-process.py SNMP-UPS
"""

import os
import re
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "src" / "kit"), str(ROOT / "tests" / "snmp")]

import ber  # noqa: E402
import walk  # noqa: E402
from agentlib import NO_ACCESS, Agent, Server  # noqa: E402
from driver_testlib import SocketClient, TestCase, free_port, wait_for  # noqa: E402

PROGRAM = sys.argv[1]
ENTERPRISE = "1.3.6.1.4.1.99999.2"

PROFILE = f"""\
[profile]
engine = snmp
title = "Example PDU"
version = 1.0
mib = example_pdu
type = pdu
vendor = Example
order = 500

[objects]
example = {ENTERPRISE}
identModel = example.1.1
load = example.1.2
name = example.1.3 string
transferLow = example.1.4
outletIndex = example.5.2.1.1
outletName = example.5.2.1.2 string
outletState = example.5.2.1.3
outletControl = example.5.2.1.4 integer
trapOutlet = example.0.7

[probe]
sysobjectid = {ENTERPRISE}
need = identModel.0

[table:outlets]
index = outletIndex

[variables]
ups.model = identModel.0 ask=once
ups.load = load.0 ask=quick
ups.id = name.0 rw length=20
input.transfer.low = transferLow.0
outlet.count = table:outlets
outlet.*.name = outletName.* table=outlets
outlet.*.status = outletState.* table=outlets lookup=switched ask=quick

[lookup:switched]
1 = on
2 = off

[status]
online = identModel.0 is-match="."

[commands]
outlet.*.load.off = set=outletControl.*:2 table=outlets

[traps]
trapOutlet = "An outlet was switched" level=notice
"""

VALUES = f"""\
1.3.6.1.2.1.1.1.0|4|Example card
1.3.6.1.2.1.1.2.0|6|{ENTERPRISE}.1
1.3.6.1.2.1.1.3.0|67|100
{ENTERPRISE}.1.1.0|4|PDU 2
{ENTERPRISE}.1.2.0|2|17
{ENTERPRISE}.1.3.0|4|rack
{ENTERPRISE}.1.4.0|2|196
{ENTERPRISE}.5.2.1.1.1|2|1
{ENTERPRISE}.5.2.1.1.2|2|2
{ENTERPRISE}.5.2.1.2.1|4|router
{ENTERPRISE}.5.2.1.2.2|4|switch
{ENTERPRISE}.5.2.1.3.1|2|1
{ENTERPRISE}.5.2.1.3.2|2|2
{ENTERPRISE}.5.2.1.4.1|2|1
{ENTERPRISE}.5.2.1.4.2|2|2
"""


def trap(oid):
    """A notification of version 2c."""
    def binding(name, tag, content):
        return ber.tlv(0x30, ber.tlv(ber.OID, ber.oid_content(ber.oid(name))) + ber.tlv(tag, content))

    bindings = (binding("1.3.6.1.2.1.1.3.0", ber.TICKS, b"\1")
                + binding("1.3.6.1.6.3.1.1.4.1.0", ber.OID, ber.oid_content(ber.oid(oid))))
    number = ber.tlv(ber.INTEGER, b"\1")
    zero = ber.tlv(ber.INTEGER, b"\0")
    pdu = ber.tlv(0xa7, number + zero + zero + ber.tlv(0x30, bindings))
    return ber.tlv(0x30, number + ber.tlv(ber.STRING, b"public") + pdu)


class SnmpTest(TestCase):
    driver = PROGRAM

    def setUp(self):
        super().setUp()
        profiles = Path(self.directory, "profiles", "snmp")
        profiles.mkdir(parents=True)
        (profiles / "example.profile").write_text(PROFILE)
        Path(self.directory, "state").mkdir()
        self.environment |= {"BUSBAR_PROFILES": self.path("profiles"), "STATE_DIRECTORY": self.path("state")}
        # Nobody reads it.
        del self.environment["NOTIFY_SOCKET"]
        self.server = self.stack.enter_context(Server())

    def agent(self, **how):
        agent = Agent(walk.parse(VALUES.encode()), **how)
        return agent, self.server.add(agent)

    def section(self, name, port, *lines):
        words = "".join(f"{line}\n" for line in lines)
        where = port if isinstance(port, str) else f"127.0.0.1:{port}"
        return f"[{name}]\ndriver = snmp-ups\nport = {where}\nsnmp_version = v2c\n{words}"

    def serve(self, *sections, head="pollinterval = 1\npollfreq = 1\n", group="default"):
        self.configure("".join(sections), head)
        return self.start("-F", "--group", group)

    def connect(self, name):
        path = self.path(f"snmp-ups-{name}")
        wait_for(lambda: os.path.exists(path), path)
        return self.stack.enter_context(SocketClient(path))

    def variables(self, client):
        client.say("DUMPALL")
        lines = client.until("DUMPDONE")
        found = dict(match.groups() for line in lines if (match := re.match(r'SETINFO (\S+) "(.*)"', line)))
        return found | {"fresh": "DATAOK" in lines}

    def wait_value(self, client, name, value):
        wait_for(lambda: self.variables(client).get(name) == value, f"{name} {value}")

    def dump(self, *options):
        words = [word for option in options for word in ("-x", option)]
        done = subprocess.run([PROGRAM, "-s", "t", *words, "-d", "1"], env=self.environment, check=False,
                              capture_output=True, text=True, timeout=30)
        return done, dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)

    def check_values(self, values):
        expected = {"device.type": "pdu", "ups.model": "PDU 2", "ups.load": "17", "ups.status": "OL",
                    "outlet.count": "2", "outlet.1.name": "router", "outlet.1.status": "on",
                    "outlet.2.status": "off"}
        self.assertEqual({name: values.get(name) for name in expected}, expected)

    # What it shows.

    def test_walk_in_file(self):
        self.write("card.snmprec", VALUES)
        done, values = self.dump(f"port={self.path('card.snmprec')}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_values(values)
        self.assertIn("input.transfer.low", values)
        # By its name alone, beside the configuration.
        done, values = self.dump("port=card.snmprec", "notransferoids")
        self.check_values(values)
        self.assertNotIn("input.transfer.low", values)
        done, _ = self.dump("port=none.snmprec")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.snmprec", done.stderr)

    def test_agent(self):
        agent, port = self.agent(community="geheim")
        for version in ("v1", "v2c"):
            done, values = self.dump(f"port=127.0.0.1:{port}", "community=geheim", f"snmp_version={version}")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.check_values(values)
            self.assertNotIn("geheim", done.stdout + done.stderr)
        self.assertEqual(agent.sets, [])

    def test_credential(self):
        _, port = self.agent(community="geheim")
        Path(self.directory, "community").write_text("geheim\n")
        done, _ = self.dump(f"port=127.0.0.1:{port}", "community=credential:community")
        self.assertEqual(done.returncode, 1)
        self.assertIn("LoadCredential=community", done.stderr)
        self.environment["CREDENTIALS_DIRECTORY"] = self.directory
        done, values = self.dump(f"port=127.0.0.1:{port}", "community=credential:community")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_values(values)
        for name in ("none", "../x", ".x", ""):
            done, _ = self.dump(f"port=127.0.0.1:{port}", f"community=credential:{name}")
            self.assertEqual(done.returncode, 1)
            self.assertIn("credential", done.stderr)

    def test_record(self):
        """A recording is a walk that plays the device, without what nobody is to see."""
        agent, port = self.agent()
        agent["1.3.6.1.2.1.1.4.0"] = "somebody@example.net"
        path = self.path("made.walk")
        process = self.serve(self.section("ups", port, f"record = {path}"))
        self.wait_value(self.connect("ups"), "ups.load", "17")
        wait_for(lambda: os.path.exists(path) and "PDU 2" in Path(path).read_text(), path)
        self.assertEqual(process.stop(), 0)
        done, values = self.dump(f"port={path}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_values(values)

    def test_list(self):
        done = subprocess.run([PROGRAM, "-a", "any", "-x", "mibs=--list"], env=self.environment, check=True,
                              capture_output=True, text=True, timeout=30)
        self.assertRegex(done.stdout, r"(?m)^example_pdu +Example PDU 1.0 \(example\)$")

    # What is wrong with options.

    def test_bad_options(self):
        """They are told with their line, and nobody is asked."""
        agent, port = self.agent()
        good = ["secName = me", "authPassword = long enough", "privPassword = long enough"]
        cases = [
            (["snmp_version = v4"], "snmp_version"), (["snmp_version = v3"], "secName"),
            (["community = " + 256 * "x"], "community"),
            (["snmp_version = v3", *good, "secLevel = high"], "secLevel"),
            (["snmp_version = v3", *good, "secLevel = authPriv", "authProtocol = ROT13"], "authProtocol"),
            (["snmp_version = v3", *good, "secLevel = authPriv", "privProtocol = ROT13"], "privProtocol"),
            (["snmp_version = v3", "secName = me", "secLevel = authNoPriv"], "authPassword"),
            (["snmp_version = v3", *good[:2], "secLevel = authPriv"], "privPassword"),
            (["snmp_version = v3", "secName = me", "secLevel = authNoPriv", "authPassword = short"],
             "authPassword"),
            (["mibs = nonsense"], "nonsense"),
        ]
        sections, expected = [], []
        for i, (lines, word) in enumerate(cases):
            text = f"[d{i}]\ndriver = snmp-ups\nport = 127.0.0.1:{port}\n" + "\n".join(lines) + "\n"
            sections.append(text)
            expected.append((i, word))
        process = self.serve(*sections)
        for i, word in expected:
            wait_for(lambda i=i, word=word: re.search(rf"\[d{i}\] .*{word}", process.output()),
                     f"d{i} {word}")
        self.assertRegex(process.output(), r"\[d7\] .*ups\.conf:\d+: ")
        self.assertNotIn("long enough", process.output())
        self.assertEqual(agent.sets, [])

    # Agents that are away.

    def test_dead_agent(self):
        """A verdict within five seconds, and no harm to others."""
        dead, dead_port = self.agent(fault="dead")
        _, port = self.agent()
        begin = time.monotonic()
        process = self.serve(self.section("well", port), self.section("dead", dead_port))
        self.wait_value(self.connect("well"), "ups.load", "17")
        wait_for(lambda: "[dead] No answer from" in process.output(), "the verdict")
        self.assertLess(time.monotonic() - begin, 6)
        wait_for(lambda: "Serving 2 devices" in process.output(), "readiness")
        self.assertTrue(self.variables(self.connect("well"))["fresh"])

        dead.fault = None
        self.wait_value(self.connect("dead"), "ups.load", "17")
        dead.fault = "dead"
        client = self.connect("dead")
        wait_for(lambda: not self.variables(client)["fresh"], "stale data", timeout=40)
        dead.fault = None
        wait_for(lambda: self.variables(client)["fresh"], "fresh data", timeout=40)

    def test_nobody_there(self):
        process = self.serve(self.section("ups", free_port()))
        wait_for(lambda: "nothing listens on its SNMP port" in process.output(), "the verdict")

    # What is kept.

    def test_memory(self):
        agent, port = self.agent()
        process = self.serve(self.section("ups", port))
        self.wait_value(self.connect("ups"), "ups.load", "17")
        saved = Path(self.directory, "state", "ups.saved")
        wait_for(saved.exists, saved)
        self.assertIn("profile=example\n", saved.read_text())
        first = agent.requests
        self.assertEqual(process.stop(), 0)
        self.assertIn("served by the profile example", process.output())

        agent.requests = 0
        process = self.start("-F", "--group", "default")
        self.wait_value(self.connect("ups"), "outlet.2.status", "off")
        self.assertLess(agent.requests, max(first, 2))
        process.stop()
        self.assertNotIn("served by the profile", process.output())

        for text in ("", "garbage\n", saved.read_text().replace("example", "other"), saved.read_text()[:-10],
                     saved.read_text() + "\0\xff garbage"):
            saved.write_text(text)
            process = self.start("-F", "--group", "default")
            self.wait_value(self.connect("ups"), "outlet.2.status", "off")
            process.stop()

    # What is changed.

    def test_reload(self):
        _, port = self.agent()
        _, other = self.agent()
        process = self.serve(self.section("a", port), self.section("b", other, "group = far"))
        far = self.start("-F", "--group", "far")
        self.wait_value(self.connect("a"), "ups.load", "17")
        client = self.connect("b")
        self.wait_value(client, "ups.load", "17")

        # b moves, c is new, a is untouched.
        kept = self.connect("a")
        self.configure(self.section("a", port) + self.section("b", other)
                       + self.section("c", other, "group = far"), "pollinterval = 1\npollfreq = 1\n")
        process.popen.send_signal(1)
        wait_for(lambda: "waiting until it lets go" in process.output(), "the wait for b")
        far.popen.send_signal(1)
        wait_for(lambda: "[b] Not in ups.conf any more" in far.output(), "b to be let go")
        self.wait_value(self.connect("c"), "ups.load", "17")

        def is_there():
            try:
                return self.variables(self.connect("b")).get("ups.load") == "17"
            except OSError:
                return False
        wait_for(is_there, "b in its new group")
        self.assertTrue(self.variables(kept)["fresh"])
        self.assertNotIn("[a] Changed", process.output())
        self.assertEqual(far.stop(), 0)
        self.assertEqual(process.stop(), 0)

    def test_waits(self):
        """As long as it takes for another process to let go of a device; what else is written into ups.conf
        meanwhile is nobody's wish yet."""
        _, port = self.agent()
        sections = self.section("a", port)
        self.configure(sections, "")
        holder = self.start("-F", "-a", "a")
        self.wait_value(self.connect("a"), "ups.load", "17")
        waiting = self.start("-F", "--group", "default")
        wait_for(lambda: "waiting until it lets go" in waiting.output(), "the wait for a")
        self.configure(sections + self.section("c", port), "")
        # It has tried several times by then.
        time.sleep(2)
        self.assertEqual(holder.stop(), 0)

        def is_there():
            try:
                return self.variables(self.connect("a")).get("ups.load") == "17"
            except OSError:
                return False
        wait_for(is_there, "a in its group")
        self.assertFalse(os.path.exists(self.path("snmp-ups-c")))
        waiting.popen.send_signal(1)
        self.wait_value(self.connect("c"), "ups.load", "17")
        self.assertEqual(waiting.stop(), 0)

    def test_writes(self):
        agent, port = self.agent(writable="all")
        self.serve(self.section("ups", port))
        client = self.connect("ups")
        self.wait_value(client, "ups.id", "rack")
        client.say('SET ups.id "new" TRACKING 1')
        client.until("TRACKING 1 0")
        self.assertEqual(agent[f"{ENTERPRISE}.1.3.0"], b"new")
        client.say("INSTCMD outlet.1.load.off TRACKING 2")
        client.until("TRACKING 2 0")
        self.assertEqual(agent[f"{ENTERPRISE}.5.2.1.4.1"], 2)
        agent.refusals = {ber.oid(f"{ENTERPRISE}.1.3.0"): NO_ACCESS}
        client.say('SET ups.id "other" TRACKING 3')
        while not (line := client.line()).startswith("TRACKING 3"):
            self.assertTrue(line)
        self.assertNotEqual(line, "TRACKING 3 0")
        self.assertEqual(agent[f"{ENTERPRISE}.1.3.0"], b"new")

    def test_power_off(self):
        """By hand, and only as the section says: what is behind the network is not cut unasked."""
        agent, port = self.agent(writable="all")
        self.configure(self.section("ups", port))
        self.run_driver("-k", "-a", "ups")
        self.assertEqual(agent.sets, [])
        self.configure(self.section("ups", port, "sdcommands = outlet.1.load.off"))
        done = self.run_driver("-k", "-a", "ups")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(agent[f"{ENTERPRISE}.5.2.1.4.1"], 2)

    def test_trap(self):
        """It has the device read at once."""
        agent, port = self.agent()
        listen = free_port()
        process = self.serve(self.section("ups", port, f"trapport = {listen}"), head="pollinterval = 3600\n"
                             "pollfreq = 3600\n")
        client = self.connect("ups")
        self.wait_value(client, "ups.load", "17")
        agent[f"{ENTERPRISE}.1.2.0"] = 44
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            for data in (b"", b"\x30", b"\x30\x82\xff\xff" + bytes(40), trap(f"{ENTERPRISE}.0.7")):
                s.sendto(data, ("127.0.0.1", listen))
        self.wait_value(client, "ups.load", "44")
        wait_for(lambda: "[ups] Trap: An outlet was switched" in process.output(), "its text")

    def test_trap_socket(self):
        """The service manager can open it."""
        agent, port = self.agent()
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as passed:
            passed.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            passed.bind(("::", 0))
            self.configure(self.section("ups", port), "pollinterval = 3600\npollfreq = 3600\n")
            self.environment |= {"LISTEN_FDS": "1"}

            def pass_on():
                os.dup2(passed.fileno(), 3)
                os.environ["LISTEN_PID"] = str(os.getpid())
            script = ('import os, sys; os.environ["LISTEN_PID"] = str(os.getpid()); '
                      'os.execv(sys.argv[1], sys.argv[1:])')
            self.driver, program = sys.executable, self.driver
            self.stack.callback(setattr, self, "driver", program)
            process = self.start("-c", script, program, "-F", "--group", "default", preexec=pass_on,
                                 pass_fds=(3,))
            client = self.connect("ups")
            self.wait_value(client, "ups.load", "17")
            agent[f"{ENTERPRISE}.1.2.0"] = 45
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.bind(("127.0.0.1", 0))
                s.sendto(trap("1.3.6.1.6.3.1.1.5.1"), ("127.0.0.1", passed.getsockname()[1]))
            self.wait_value(client, "ups.load", "45")
            self.assertIsNone(process.popen.poll())

    def test_bus(self):
        """It is on the bus, under one name for all."""
        _, port = self.agent()
        self.start_bus()
        self.serve(self.section("a", port), self.section("b", port))
        names = wait_for(lambda: [name for name in self.bus_names() if "_group_" in name], "the name")
        self.assertEqual(names, ["org.busbar.Driver._group_snmp_2dups__default"])
        for name in ("a", "b"):
            got = self.busctl("get-property", names[0], f"/org/busbar/device/{name}", "org.busbar.Device1",
                              "Transport")
            self.assertEqual(got.stdout.strip(), 's "network"')


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
