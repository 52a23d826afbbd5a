#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All methods and properties that our services have on the bus, with values of all kinds, right and wrong,
as one who may do anything and as one who may not. The services live, answer properly, and do nothing for the
latter.

    test-bus-fuzz.py [--seed S] [--rounds N] [--broker]

With --broker the bus is dbus-broker."""

import argparse
import contextlib
import math
import os
import random
import re
import sys
import unittest
from xml.etree import ElementTree

from rawbus import BusConnection, types_of
from testlib import HERE, ROOT, NutConnection, Testbed, TestCase, own_memory, sanitized, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "monitor"))

from monitorlib import FakeSystem  # noqa: E402

NOBODY = 65534
ROUNDS_USUAL = 2
MEGABYTE = 1 << 20
ERROR_NAME = r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+"
# What the bus says when a service went away, or when nobody answered.
NO_ANSWER = ("org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.ServiceUnknown",
             "org.freedesktop.DBus.Error.NameHasNoOwner")
# With right arguments these do what they are for, so one who may gives them only wrong ones.
EFFECTIVE = {"ForceShutdown", "FinishShutdown", "CancelShutdown", "SetForcedShutdown", "SetPolicy",
             "Run", "Set", "Switch"}

CONFIG = {
    "ups.conf": "[ups]\ndriver = dummy-ups\nport = ups.dev\n[other]\ndriver = dummy-ups\nport = other.dev\n",
    "ups.dev": "ups.status: OL CHRG\nbattery.charge: 100\nbattery.runtime: 1800\nups.id: one\n",
    "other.dev": "ups.status: OL\nups.id: two\noutlet.1.status: on\ndevice.1.outlet.2.name: x\n",
    "upsd.users": "[main]\npassword = secret\nupsmon primary\nactions = SET FSD\n",
    "upsmon.conf": "MONITOR ups@localhost 1 main secret primary\nMINSUPPLIES 1\nFINALDELAY 1\n",
}
REAL = ("ups", "other", "ups.id", "ups.status", "load.off", "shutdown.return", "charge", "battery.charge",
        "outlet.2.name", "off")
TEXTS = ("", " ", "nosuch", "x" * 255, "x" * 65536, "x" * MEGABYTE, "\x01\x7f", "\u00fc\U0001f50c",
         "../../etc/passwd",
         "%s%n%s", "a\nb", '"', "\\", "-1", "org.busbar.Gateway1", "/", "server.fsd", ".", "a" * 16 + ".b")
NUMBERS = {"y": (0, 255), "b": (0, 1), "n": (-32768, 0, 32767), "q": (0, 65535),
           "i": (-2 ** 31, -1, 0, 2 ** 31 - 1), "u": (0, 1, 2 ** 31, 2 ** 32 - 1),
           "x": (-2 ** 63, -1, 0, 2 ** 63 - 1), "t": (0, 1, 2 ** 63, 2 ** 64 - 1),
           "d": (0.0, -0.0, 1e308, -1e308, 5e-324, math.nan, math.inf, -math.inf, 100.0, 1e-9)}
SIGNATURES = ("", "s", "ss", "sss", "ssd", "ssss", "u", "t", "d", "as", "a{sv}", "v", "(ss)", "aaaaas",
              "sv", "ssv", "ay", "o", "g", "a(sssb)", "ssssssssssssssssssss", "av", "b", "aa{sv}")


class Values:
    """Makes up values of a type."""

    def __init__(self, rng):
        self.rng = rng

    def text(self, harmless):
        return self.rng.choice(TEXTS if harmless or self.rng.random() < 0.5 else REAL)

    def value(self, kind, harmless, depth=0):
        pick = self.rng.choice
        if kind in NUMBERS:
            return pick(NUMBERS[kind])
        if kind == "s":
            return self.text(harmless or depth > 2)
        if kind == "o":
            return pick(("/", "/org/busbar/Gateway1", "/a" * 2000, "/_"))
        if kind == "g":
            return pick(("", "s", "a" * 32 + "s", "(" * 31 + "s" + ")" * 31))
        if kind == "v":
            inner = pick(("s", "u", "d", "as", "v") if depth < 20 else ("u",))
            return (inner, self.value(inner, harmless, depth + 1))
        if kind[0] == "a":
            n = pick((0, 1, 3)) if depth or kind[1] not in "yu" else pick((0, 1, 100000))
            return [self.value(kind[1:], harmless, depth + 1) for _ in range(n)]
        return [self.value(part, harmless, depth + 1) for part in types_of(kind[1:-1])]


class Target:
    """A method or property of an object."""

    def __init__(self, name, path, interface, member, signature):
        self.name, self.path, self.interface, self.member = name, path, interface, member
        self.signature = signature

    def __str__(self):
        return f"{self.name} {self.path} {self.interface}.{self.member}({self.signature})"


class Survey:
    """What there is on the bus, by introspection."""

    def __init__(self, connection):
        self.connection = connection
        self.methods, self.properties, self.names = [], [], []
        for name in connection.bus("ListNames").values[0]:
            if name.startswith("org.busbar.") and name != "org.busbar.Driver":
                self.names.append(name)
                self._visit(name, "/")

    def _visit(self, name, path):
        reply = self.connection.call(name, path, "org.freedesktop.DBus.Introspectable", "Introspect")
        root = ElementTree.fromstring(re.sub("<!DOCTYPE[^>]*>", "", reply.values[0]))
        for interface in root.iter("interface"):
            for method in interface.iter("method"):
                arguments = [a for a in method.iter("arg") if a.get("direction", "in") == "in"]
                signature = "".join(a.get("type") for a in arguments)
                self.methods.append(Target(name, path, interface.get("name"), method.get("name"), signature))
            for p in interface.iter("property"):
                target = Target(name, path, interface.get("name"), p.get("name"), p.get("type"))
                self.properties.append(target)
        for node in root.findall("node"):
            self._visit(name, path.rstrip("/") + "/" + node.get("name"))


# Puts the bus that it is run with where the launcher's bus is looked for.
PLACE_BUS = """
import os, socket, sys
os.symlink(os.environ["DBUS_SYSTEM_BUS_ADDRESS"].removeprefix("unix:path="), sys.argv[1])
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(sys.argv[2])
s.send(b"READY=1")
sys.stdin.read()
"""
# Its end is that of the bus, and asked for it ends well, as a service should.
UNTIL_ASKED = """
import signal, subprocess, sys
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
signal.signal(signal.SIGTERM, lambda *_: p.stdin.close())
sys.exit(p.wait())
"""


def on_broker(launcher):
    """Has the launcher start a dbus-broker in place of dbus-daemon."""
    add = launcher._add

    def add_or_replace(name, argv, sockets=()):
        if name == "bus":
            argv = [sys.executable, "-c", UNTIL_ASKED, os.path.join(ROOT, "tests", "with-bus"),
                    "--broker", sys.executable, "-c", PLACE_BUS,
                    os.path.join(launcher.directory, "bus"),
                    os.path.join(launcher.directory, "notify-bus")]
        add(name, argv, sockets)
    launcher._add = add_or_replace


class TestBusFuzz(TestCase):
    seed = None
    rounds = ROUNDS_USUAL
    broker = False

    def setUp(self):
        seed = random.SystemRandom().randrange(1 << 32) if self.seed is None else self.seed
        print(f"seed {seed}", flush=True)
        self.rng = random.Random(seed)
        self.values = Values(self.rng)
        self.memory_bound = (100 if sanitized() else 16) * MEGABYTE
        prepare = on_broker if self.broker else lambda _: None
        self.bed = self.enter(Testbed(CONFIG, monitor=True, prepare=prepare))
        self.system = self.enter(FakeSystem(self.bed.environment))
        self.system.wait("Inhibit shutdown delay")
        self.trusted = self.connect()
        self.survey = Survey(self.trusted)
        self.services = [self.bed.service(n) for n in ("gateway", "monitor", "notify", "dummy-ups")]
        self.pids = [s.pid for s in self.services]

    def connect(self, user=None):
        return self.enter(BusConnection(self.bed.bus_address, user))

    def again(self, connection, user):
        """In place of a connection that is no good any more."""
        connection.close()
        return self.connect(user)

    def test_survey(self):
        """Nothing is overlooked: all that is documented was found."""
        documented = set()
        directory = os.path.join(ROOT, "dbus")
        for name in os.listdir(directory):
            if name.endswith(".xml"):
                for interface in ElementTree.parse(os.path.join(directory, name)).iter("interface"):
                    documented |= {(interface.get("name"), m.get("name")) for m in interface.iter("method")}
        found = {(t.interface, t.member) for t in self.survey.methods}
        self.assertEqual(documented - found, set())

    # What is sent

    def calls(self, target, trusted):
        """(signature, values) for one method."""
        harmless = trusted and target.member in EFFECTIVE
        right = types_of(target.signature)
        if not (harmless and target.member in ("ForceShutdown", "FinishShutdown", "CancelShutdown")):
            for _ in range(6):
                yield target.signature, [self.values.value(t, harmless) for t in right]
        for signature in self.rng.sample(SIGNATURES, 4):
            if signature != target.signature:
                yield signature, [self.values.value(t, True) for t in types_of(signature)]

    def send(self, connection, user, what, *arguments):
        """The error that came, or None; and a connection that is still good."""
        try:
            reply = connection.call(*arguments)
        except (ConnectionError, BrokenPipeError):
            return "the bus refused it", self.again(connection, user)
        self.assertIsNotNone(reply, f"no answer: {what}")
        if reply.error:
            self.assertRegex(reply.error, f"^{ERROR_NAME}$", what)
            self.assertNotIn(reply.error, NO_ANSWER, f"{what}: {reply.values}")
        return reply.error, connection

    def fuzz(self, user):
        connection = self.connect(user)
        for t in self.survey.methods:
            for signature, values in self.calls(t, user is None):
                what = f"{t} with {signature} {values!r:.200}"
                error, connection = self.send(connection, user, what, t.name, t.path, t.interface, t.member,
                                              signature, *values)
                if signature != t.signature and t.interface.startswith("org.busbar."):
                    self.assertIsNotNone(error, what)
        for t in self.survey.properties:
            for kind in (t.signature, "s", "u"):
                value = (kind, self.values.value(kind, True))
                error, connection = self.send(connection, user, f"set {t}", t.name, t.path,
                                              "org.freedesktop.DBus.Properties", "Set", "ssv", t.interface,
                                              t.member, value)
                self.assertIsNotNone(error, f"{t} was set")
        for name in self.survey.names:
            connection = self.fuzz_strange(connection, user, name)

    def fuzz_strange(self, connection, user, name):
        """Objects, interfaces and methods that are not there, and a flood that nobody waits for."""
        for path, interface, member in (("/", None, "Nosuch"), ("/nosuch", "org.busbar.Nosuch", "Set"),
                                        ("/" + "a" * 60000, "a.b", "C"), ("/org/busbar", None, "Set")):
            error, connection = self.send(connection, user, f"{name} {path:.40}", name, path, interface,
                                          member)
            self.assertIsNotNone(error, path)
        for _ in range(200):
            connection.send(name, "/", "org.freedesktop.DBus.Peer", "GetMachineId")
        # Not what the signature says: dbus-daemon does not let it pass, dbus-broker does, and nobody
        # answers.
        with contextlib.suppress(ConnectionError):
            connection.call(name, "/", "org.freedesktop.DBus.Peer", "Ping", "ss", body=b"\xff\xff\xff\x7fab",
                            timeout=0.2)
        return self.again(connection, user)

    # What holds afterwards

    def check(self, what):
        self.assertEqual([s.pid for s in self.services], self.pids, what)
        with self.connect() as c:
            for name in self.survey.names:
                reply = c.call(name, "/", "org.freedesktop.DBus.Peer", "Ping", timeout=10)
                self.assertIsNotNone(reply, f"{name} does not answer after {what}")
                self.assertIsNone(reply.error)
        with NutConnection(self.bed.port) as c:
            self.assertEqual(c.ask("GET VAR ups ups.status"), 'VAR ups ups.status "OL CHRG"')
            self.assertEqual(c.ask("GET VAR ups ups.id"), 'VAR ups ups.id "one"')
            self.assertEqual(c.ask("GET VAR other ups.id"), 'VAR other ups.id "two"')
        unwanted = [c for c in self.system.calls if not c.startswith("Inhibit")]
        self.assertEqual(unwanted, [], what)

    def property_of(self, name, member):
        return self.trusted.call(f"org.busbar.{name}", f"/org/busbar/{name}",
                                 "org.freedesktop.DBus.Properties", "Get", "ss", f"org.busbar.{name}",
                                 member).values[0]

    def policy(self):
        return self.trusted.call("org.busbar.Monitor1", "/org/busbar/Monitor1", "org.busbar.Monitor1",
                                 "GetPolicy").values

    def check_untouched(self):
        self.assertEqual(self.property_of("Gateway1", "ForcedShutdowns"), [])
        self.assertEqual(self.property_of("Monitor1", "State"), "online")
        self.assertEqual(self.policy(), self.rules)

    def test_all(self):
        users = [None] + ([NOBODY] if os.geteuid() == 0 else [])
        self.rules = self.policy()
        self.assertGreater(len(self.survey.methods), 20)
        self.assertGreater(len(self.survey.properties), 20)
        before = None
        for n in range(self.rounds):
            for user in users:
                self.fuzz(user)
                self.check(f"round {n} as {user}")
                self.check_untouched()
            before = before or [own_memory(pid) for pid in self.pids]
        for service, was in zip(self.services, before):
            wait_for(lambda s=service, w=was: own_memory(s.pid) - w < self.memory_bound,
                     f"{service.name} does not grow")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--rounds", type=int, default=ROUNDS_USUAL)
    parser.add_argument("--broker", action="store_true")
    options, rest = parser.parse_known_args()
    TestBusFuzz.seed, TestBusFuzz.rounds, TestBusFuzz.broker = options.seed, options.rounds, options.broker
    unittest.main(argv=[sys.argv[0], *rest])
