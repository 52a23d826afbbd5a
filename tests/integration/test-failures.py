#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Services that are killed, and configuration that is wrong: the rest goes on, and what broke comes back."""

import os
import re
import signal
import time
import unittest

from testlib import NutConnection, Testbed, TestCase, free_port, run, wait_for

CONFIG = {
    "ups.conf": "pollinterval = 1\n[ups]\ndriver = dummy-ups\nport = ups.dev\n"
                "[other]\ndriver = dummy-ups\nport = other.dev\n",
    "ups.dev": "ups.status: OL\nups.id: one\nbattery.charge: 100\n",
    "other.dev": "ups.status: OB\n",
    "upsd.conf": "",
    "upsd.users": "[admin]\npassword = secret\nactions = SET FSD\ninstcmds = ALL\nupsmon primary\n"
                  "[other]\npassword = other\nupsmon secondary\n",
}

GONE = "ERR (DATA-STALE|DRIVER-NOT-CONNECTED)"


class FailureTest(TestCase):
    def setUp(self):
        self.bed = self.enter(Testbed(CONFIG))
        self.connection = self.enter(NutConnection(self.bed.port, timeout=30))
        self.assertEqual(self.ask("VER x"), "ERR INVALID-ARGUMENT")  # so it is accepted

    def ask(self, request="GET VAR ups ups.status"):
        return self.connection.ask(request)

    def wait(self, pattern, request="GET VAR ups ups.status"):
        try:
            wait_for(lambda: re.fullmatch(pattern, self.ask(request)), f"{pattern} for {request}", 30)
        except AssertionError as e:
            raise AssertionError(f"{e}, but {self.ask(request)}\n{self.bed.log_text()}") from None

    def wait_restarted(self, name, starts=2):
        service = self.bed.service(name)
        wait_for(lambda: service.starts >= starts and service.ready, f"{name} is back")


class TestDriver(FailureTest):
    def test_killed(self):
        self.connection.login("other", "other")
        self.assertEqual(self.ask("LOGIN ups"), "OK")
        for number in (signal.SIGKILL, signal.SIGTERM):
            starts = self.bed.service("dummy-ups").starts
            self.bed.kill("dummy-ups", number)
            self.wait(GONE)
            self.assertIn("UPS ups ", self.ask("LIST UPS"))
            self.assertEqual(self.ask("GET UPSDESC ups"), 'UPSDESC ups "Unavailable"')
            self.wait_restarted("dummy-ups", starts + 1)
            self.wait('VAR ups ups.status "OL"')
            self.wait('VAR other ups.status "OB"', "GET VAR other ups.status")
        self.assertEqual(self.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 1")

    def test_stopped(self):
        """A driver that hangs gives no fresh values for ever, and hinders nobody."""
        self.bed.launcher.supervisor.call(
            lambda: os.kill(self.bed.service("dummy-ups").pid, signal.SIGSTOP))
        self.wait(GONE)
        began = time.monotonic()
        self.assertIn("UPS ups ", self.ask("LIST UPS"))
        self.assertLess(time.monotonic() - began, 1.0)
        os.kill(self.bed.service("dummy-ups").pid, signal.SIGCONT)
        self.wait('VAR ups ups.status "OL"')


class TestGateway(FailureTest):
    def end_gateway(self, how):
        if how == "restart":
            self.bed.restart("gateway")
        else:
            self.bed.kill("gateway", how)

    def test_connections_survive(self):
        """With all that belongs to them: who it is, what it has logged in to, half of a line."""
        idle = self.enter(NutConnection(self.bed.port))
        self.connection.login("other", "other")
        self.assertEqual(self.ask("LOGIN ups"), "OK")
        admin = self.enter(NutConnection(self.bed.port, timeout=30))
        admin.login("admin", "secret")
        self.assertEqual(admin.ask("SET TRACKING ON"), "OK")
        for starts, how in enumerate((signal.SIGKILL, "restart", signal.SIGSEGV, signal.SIGKILL), 2):
            if how == signal.SIGSEGV:
                continue
            with self.subTest(how):
                starts = self.bed.service("gateway").starts + 1
                admin.send("GET VAR ups ")
                time.sleep(0.2)
                self.end_gateway(how)
                self.wait_restarted("gateway", starts)
                admin.send("ups.id\n")
                self.assertIn(admin.answer(), ('VAR ups ups.id "one"', "ERR UNKNOWN-COMMAND"))
                self.wait('VAR ups ups.status "OL"')
                self.assertEqual(self.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 1")
                self.assertEqual(self.ask("LOGIN ups"), "ERR ALREADY-LOGGED-IN")
                self.assertEqual(self.ask("LIST CLIENT ups"),
                                 "BEGIN LIST CLIENT ups\nCLIENT ups 127.0.0.1\nEND LIST CLIENT ups")
                self.assertEqual(admin.ask("GET TRACKING"), "ON")
                self.assertEqual(admin.ask("PRIMARY ups"), "OK PRIMARY-GRANTED")
                self.assertEqual(idle.ask("GET TRACKING"), "OFF")
        self.connection.close()
        wait_for(lambda: idle.ask("GET NUMLOGINS ups") == "NUMLOGINS ups 0", "the connection is gone")

    def test_requests_under_way(self):
        """What was asked while nobody listens is answered later, once."""
        self.bed.kill("gateway")
        self.connection.send("GET VAR ups ups.id\n" * 100)
        answers = [self.connection.answer() for _ in range(100)]
        allowed = {'VAR ups ups.id "one"', "ERR DRIVER-NOT-CONNECTED", "ERR DATA-STALE"}
        self.assertLessEqual(set(answers), allowed)
        self.wait('VAR ups ups.status "OL"')
        self.assertEqual(self.ask("VER x"), "ERR INVALID-ARGUMENT")

    def test_many_leave(self):
        """The manager of services holds their sockets too; nothing of them may be left over."""
        for _ in range(3):
            connections = [self.enter(NutConnection(self.bed.port, timeout=30)) for _ in range(500)]
            for c in connections:
                c.send("VER x\n")
            self.assertEqual({c.answer() for c in connections}, {"ERR INVALID-ARGUMENT"})
            for c in connections:
                c.close()
        stored = self.bed.service("gateway").stored
        wait_for(lambda: [name for name, _ in stored.items()].count("client") == 1,
                 "there is the connection of this test alone")
        self.assertEqual(self.bed.service("gateway").starts, 1)

    def test_connecting_meanwhile(self):
        """Who comes while there is no gateway waits for the next one."""
        self.bed.kill("gateway")
        connections = [self.enter(NutConnection(self.bed.port, timeout=30)) for _ in range(20)]
        for c in connections:
            c.send("GET UPSDESC ups\n")
        self.assertEqual({c.answer() for c in connections}, {'UPSDESC ups "Unavailable"'})

    def test_own_socket(self):
        """The same when the gateway listens where upsd.conf says."""
        port = free_port()
        config = {**CONFIG, "upsd.conf": f"LISTEN 127.0.0.1 {port}\n"}
        with Testbed(config, port=None) as bed, NutConnection(port, timeout=30) as c:
            self.assertEqual(bed.port, port)
            self.assertEqual(c.ask("VER x"), "ERR INVALID-ARGUMENT")
            bed.kill("gateway")
            with NutConnection(port, timeout=30) as late:
                self.assertEqual(late.ask("GET UPSDESC ups"), 'UPSDESC ups "Unavailable"')
            self.assertEqual(c.ask("VER x"), "ERR INVALID-ARGUMENT")

    def test_goodbye_after_restart(self):
        """A connection that came back out of the store still ends."""
        self.bed.kill("gateway")
        self.wait_restarted("gateway")
        self.assertEqual(self.ask("LOGOUT"), "OK Goodbye")
        self.connection.socket.settimeout(10)
        self.assertEqual(self.connection.line(), "")

    def test_forced_shutdown_survives(self):
        self.connection.login("admin", "secret")
        self.assertEqual(self.ask("FSD ups"), "OK FSD-SET")
        for how in (signal.SIGKILL, "restart"):
            starts = self.bed.service("gateway").starts + 1
            self.end_gateway(how)
            self.wait_restarted("gateway", starts)
            self.wait('VAR ups ups.status "FSD OL"')
            self.assertEqual(self.ask("GET VAR other ups.status"), 'VAR other ups.status "OB"')

    def test_many_connections(self):
        connections = [self.enter(NutConnection(self.bed.port, timeout=30)) for _ in range(500)]
        for c in connections:
            c.send("VER x\n")
        self.assertEqual({c.answer() for c in connections}, {"ERR INVALID-ARGUMENT"})
        self.bed.kill("gateway")
        self.wait_restarted("gateway")
        self.wait('VAR ups ups.status "OL"')
        for c in connections:
            c.send("GET VAR ups ups.id\n")
        self.assertEqual({c.answer() for c in connections}, {'VAR ups ups.id "one"'})


class TestBus(FailureTest):
    def test_killed(self):
        for starts in (2, 3):
            self.bed.kill("bus")
            self.assertIn("UPS ups ", self.ask("LIST UPS"))
            self.wait_restarted("bus", starts)
            # A change made after the bus came back gets through: everybody is connected again.
            self.bed.write("ups.dev", f"ups.status: OL\nups.id: round {starts}\n")
            self.wait(f'VAR ups ups.id "round {starts}"', "GET VAR ups ups.id")
            self.wait('VAR other ups.status "OB"', "GET VAR other ups.status")
        self.assertEqual(self.bed.service("dummy-ups").starts, 1)
        self.assertEqual(self.bed.service("gateway").starts, 1)
        self.connection.login("admin", "secret")
        self.assertEqual(self.ask("SET VAR ups ups.id written"), "OK")
        self.wait('VAR ups ups.id "written"', "GET VAR ups ups.id")

    def test_all_killed(self):
        self.connection.login("other", "other")
        self.assertEqual(self.ask("LOGIN ups"), "OK")
        for name in ("bus", "gateway", "dummy-ups"):
            self.bed.kill(name)
        for name in ("bus", "gateway", "dummy-ups"):
            self.wait_restarted(name)
        self.wait('VAR ups ups.status "OL"')
        self.assertEqual(self.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 1")


class TestReload(FailureTest):
    def test_devices(self):
        """One added, one changed, one taken away; clients of the others notice nothing."""
        self.connection.login("other", "other")
        self.assertEqual(self.ask("LOGIN ups"), "OK")
        leaving = self.enter(NutConnection(self.bed.port))
        leaving.login("other", "other")
        self.assertEqual(leaving.ask("LOGIN other"), "OK")
        self.bed.write("ups.conf", "pollinterval = 1\n"
                                   "[ups]\ndriver = dummy-ups\nport = ups.dev\ndesc = \"Changed\"\n"
                                   "[new]\ndriver = dummy-ups\nport = other.dev\n")
        self.bed.reload()
        self.wait('VAR new ups.status "OB"', "GET VAR new ups.status")
        self.wait("ERR UNKNOWN-UPS", "GET VAR other ups.status")
        self.wait('UPSDESC ups "Changed"', "GET UPSDESC ups")
        self.assertNotIn("UPS other", self.ask("LIST UPS"))
        self.wait('VAR ups ups.status "OL"')
        self.assertEqual(self.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 1")
        self.assertEqual(self.ask("LOGIN ups"), "ERR ALREADY-LOGGED-IN")
        self.assertEqual(leaving.line(), "", "whoever is logged in to a device that went is let go")
        self.assertEqual(self.bed.service("dummy-ups").starts, 1)

    def test_users(self):
        self.connection.login("new", "word")
        self.assertEqual(self.ask("LOGIN ups"), "ERR ACCESS-DENIED")
        self.bed.write("upsd.users", "[new]\npassword = word\nupsmon secondary\n")
        self.bed.reload()
        self.wait("OK", "LOGIN ups")

    def test_mistakes_keep_what_runs(self):
        self.bed.write("ups.conf", "[ups]\ndriver = dummy-ups\nport = ups.dev\n[broken]\nport = x\n[x y\n")
        self.bed.reload()
        self.bed.wait_log(r"ups\.conf:4: .*broken")
        self.wait('VAR ups ups.status "OL"')


class TestMistakes(TestCase):
    """Configuration with every kind of mistake. Each is reported with its place, the rest is served."""

    MISTAKES = {
        "ups.conf": (
            ("port = before any section", None),
            ("nosuchglobal = 1", None),
            ("pollinterval = soon", None),
            ("[nodriver]", "nodriver"),
            ("port = x", None),
            ("[noport]", "noport"),
            ("driver = dummy-ups", None),
            ("[default]", "default"),
            ("driver = dummy-ups", None),
            ("port = good.dev", None),
            ("[good]", None),
            ("driver = dummy-ups", None),
            ("port = good.dev", None),
            ("[option]", None),
            ("driver = dummy-ups", None),
            ("port = good.dev", None),
            ("mod = dummy-once", "mod.*mode"),
            ("[value]", None),
            ("driver = dummy-ups", None),
            ("port = good.dev", None),
            ("mode = sometimes", "mode"),
            ("pollinterval = -5", "pollinterval"),
            ("[flag]", None),
            ("driver = dummy-ups", None),
            ("port = good.dev", None),
            ("ignorelb = yes please", None),
            ("desc =", "desc"),
            ("[GOOD]", "GOOD"),
            ("driver = dummy-ups", None),
            ("port = other.dev", None),
            ("[name with:colon]", None),
            ("driver = dummy-ups", None),
            ("port = good.dev", None),
            ("[hash]", None),
            ("driver = dummy-ups", None),
            ("port = good.dev", None),
            ('desc = "Crash #1"', ""),
            ("[foreign]", None),
            ("driver = no-such-driver", None),
            ("port = auto", None),
            ("[path]", None),
            ("driver = ../../../bin/sh", None),
            ("port = auto", None),
            ("[last]", None),
            ("driver = dummy-ups", None),
            ("port = good.dev", None),
        ),
        "upsd.conf": (
            ("MAXAGE never", "MAXAGE"),
            ("MAXAGE", "MAXAGE"),
            ("MAXAGE -1", "MAXAGE"),
            ("MAXAG 15", "MAXAG.*MAXAGE"),
            ("MAXCONN 0", "MAXCONN"),
            ("TRACKINGDELAY x", "TRACKINGDELAY"),
            ("LISTEN", "LISTEN"),
            ("LISTEN 127.0.0.1 70000", "LISTEN"),
            ("LISTEN 127.0.0.1 http", "LISTEN"),
            ("ALLOW_NO_DEVICE perhaps", "ALLOW_NO_DEVICE"),
            ("STATEPATH relative", "STATEPATH"),
            ("ACL all 0.0.0.0/0", "ACL"),
            ("[section]", None),
            ("MAXAGE 15", ""),
        ),
        "upsd.users": (
            ("password = early", ""),
            ("[admin]", None),
            ("password = secret", None),
            ("actions = SET NOSUCH", "NOSUCH"),
            ("instcmds = ALL", None),
            ("pasword = x", "pasword.*password"),
            ("upsmon tertiary", "upsmon"),
            ("password =", "password"),
            ("[nobody]", None),
            ("allowfrom = nonsense", "allowfrom"),
        ),
    }

    def test_all(self):
        config = {name: "".join(line + "\n" for line, _ in lines) for name, lines in self.MISTAKES.items()}
        config["good.dev"] = "ups.status: OL\n"
        config["other.dev"] = "ups.status: OB\n"
        with Testbed(config) as bed, NutConnection(bed.port) as c:
            self.assertEqual(c.ask("GET VAR good ups.status"), 'VAR good ups.status "OL"')
            self.assertEqual(c.ask("GET VAR last ups.status"), 'VAR last ups.status "OL"')
            for name, lines in self.MISTAKES.items():
                for number, (line, pattern) in enumerate(lines, 1):
                    if pattern is not None:
                        with self.subTest(f"{name}:{number}: {line}"):
                            bed.wait_log(rf"{re.escape(name)}:{number}: .*(?:{pattern})", 2)
            bed.wait_log("driver no-such-driver is not there")
            listed = c.ask("LIST UPS")
            for name in ("nodriver", "noport", "default"):
                self.assertNotIn(f"UPS {name} ", listed)
            c.login("admin", "secret")
            self.assertEqual(c.ask("SET VAR good ups.mfr x"), "OK")

    def test_nothing_to_read(self):
        """Without upsd.conf and upsd.users nobody may write; with an empty ups.conf there is no device."""
        config = {"ups.conf": "", "upsd.conf": "ALLOW_NO_DEVICE true\n"}
        with Testbed(config) as bed, NutConnection(bed.port) as c:
            self.assertEqual(c.ask("LIST UPS"), "BEGIN LIST UPS\nEND LIST UPS")
            c.login("admin", "secret")
            self.assertEqual(c.ask("LOGIN ups"), "ERR UNKNOWN-UPS")

    def test_binary(self):
        """Anything but text: no crash, no hang, and the other device is served."""
        noise = "".join(chr(n) for n in range(256)) * 40
        config = {"ups.conf": "[good]\ndriver = dummy-ups\nport = good.dev\n"
                              "[bad]\ndriver = dummy-ups\nport = bad.dev\n",
                  "good.dev": "ups.status: OL\n", "bad.dev": noise, "upsd.conf": noise, "upsd.users": noise}
        with Testbed(config) as bed, NutConnection(bed.port) as c:
            self.assertEqual(c.ask("GET VAR good ups.status"), 'VAR good ups.status "OL"')
            self.assertRegex(c.ask("GET VAR bad ups.status"), "VAR bad|ERR D")
        with Testbed({"ups.conf": noise + "\n[good]\ndriver = dummy-ups\nport = good.dev\n",
                      "good.dev": "ups.status: OL\n", "upsd.conf": "ALLOW_NO_DEVICE true\n"}) as bed:
            self.assertLessEqual(set(run("upsc", "-l", f"localhost:{bed.port}").stdout.split()), {"good"})


if __name__ == "__main__":
    unittest.main()
