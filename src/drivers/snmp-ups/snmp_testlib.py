# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of snmp-ups as a process share: a profile, an agent for it, and how the program is run."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "src" / "kit"), str(ROOT / "tests" / "snmp")]

import ber  # noqa: E402
import walk  # noqa: E402
from agentlib import Agent, Server  # noqa: E402
from driver_testlib import SocketClient, TestCase, wait_for  # noqa: E402

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
serial = example.1.5
delay = example.1.6
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
ups.serial = serial.0 ask=once
ups.delay.shutdown = delay.0 rw range=0..600 option=offdelay
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
{ENTERPRISE}.1.6.0|2|20
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


class SnmpTestCase(TestCase):
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
