#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may do what, and what comes of it: logins, writes, forced shutdown, reload, the bus."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from gatewaylib import (CONFIG, NutConnection, TestCase, Testbed, bus_call, exchange, free_port,
                        start_gateway, wait_for)


def exchange_or_nothing(port, data):
    try:
        return exchange(port, data)
    except ConnectionRefusedError:
        return b""


class ControlTest(TestCase):
    def setUp(self):
        self.bed = self.enter(Testbed(CONFIG))
        self.reader = self.connect()

    def connect(self, user=None, password=None):
        c = self.enter(NutConnection(self.bed.port))
        if user:
            c.login(user, password)
        return c

    def status(self):
        return self.reader.ask("GET VAR ups ups.status").removeprefix("VAR ups ups.status ")

    def wait_id(self, value):
        wait_for(lambda: self.reader.ask("GET VAR ups ups.id") == f"VAR ups ups.id {value}", "the value")

    def logins(self):
        return self.reader.ask("GET NUMLOGINS ups")


class TestSessions(ControlTest):
    def test_logins_counted(self):
        one, two = self.connect("mon", "mp"), self.connect("sec", "sp")
        self.assertEqual(one.ask("LOGIN ups"), "OK")
        self.assertEqual(two.ask("LOGIN UPS"), "OK")
        self.assertEqual(self.logins(), "NUMLOGINS ups 2")
        two.close()  # as upsmon does: without LOGOUT
        wait_for(lambda: self.logins() == "NUMLOGINS ups 1", "the login ends with the connection")
        self.assertEqual(one.ask("LOGOUT"), "OK Goodbye")
        wait_for(lambda: self.logins() == "NUMLOGINS ups 0", "the login ends with LOGOUT")
        self.bed.wait_log(r"User mon@127\.0\.0\.1 logged into UPS \[ups\]")

    def test_refusals(self):
        for user, password in (("admin", "wrong"), ("nobody", "pw"), ("nopw", '""'), ("hashed", "wrong")):
            with self.subTest(user):
                c = self.connect(user, password)
                self.assertEqual(c.ask("LOGIN ups"), "ERR ACCESS-DENIED")
                self.bed.wait_log(rf"Credentials of client {user}@127\.0\.0\.1 match no user")
        c = self.connect("sec", "sp")
        self.assertEqual(c.ask("FSD ups"), "ERR ACCESS-DENIED")
        self.bed.wait_log(r"Client sec@127\.0\.0\.1 is not allowed to set FSD")
        c = self.connect("admin", "wrong")
        for request in ("PRIMARY ups", "FSD ups", "SET VAR ups ups.id x", "SET TRACKING ON"):
            self.assertEqual(c.ask(request), "ERR ACCESS-DENIED")
        self.assertEqual(self.status(), '"OL"')

    def test_hash(self):
        c = self.connect("hashed", "secret")
        self.assertEqual(c.ask("SET VAR ups ups.id hashed"), "OK")
        self.wait_id('"hashed"')


class TestWrites(ControlTest):
    def follow(self, connection, request):
        answer = connection.ask(request)
        self.assertRegex(answer, r"^OK TRACKING [0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$")
        query = "GET " + answer.removeprefix("OK ")
        return wait_for(lambda: (r := connection.ask(query)) != "PENDING" and r, "a verdict")

    def test_set(self):
        c = self.connect("admin", "pw")
        self.assertEqual(c.ask('SET VAR UPS ups.ID "a \\"b\\" \\\\ \\#"'), "OK")
        self.wait_id('"a \\"b\\" \\\\ \\#"')
        self.bed.wait_log(r"Set variable: admin@127.0.0.1 set ups.id on ups to .* \(tracking ID: disabled\)")
        self.assertEqual(c.ask("SET VAR ups driver.name x"), "ERR READONLY")

    def test_tracking(self):
        c = self.connect("admin", "pw")
        self.assertEqual(c.ask("SET TRACKING ON"), "OK")
        self.assertEqual(self.follow(c, "SET VAR ups ups.id other"), "SUCCESS")
        self.assertEqual(c.ask("GET VAR ups ups.id"), 'VAR ups ups.id "other"')
        self.assertEqual(self.reader.ask("GET TRACKING x"), "ERR FEATURE-NOT-CONFIGURED")

    def test_command(self):
        commands = self.reader.ask("LIST CMD ups").split("\n")[1:-1]
        self.assertTrue(commands)
        name = commands[0].split()[-1]
        c = self.connect("admin", "pw")
        self.assertEqual(c.ask("SET TRACKING ON"), "OK")
        self.assertIn(self.follow(c, f"INSTCMD ups {name}"), ("SUCCESS", "ERR UNKNOWN", "ERR FAILED"))
        self.bed.wait_log(rf"Instant command: admin@127.0.0.1 did {name} on ups \(tracking ID: [0-9A-F-]+\)")
        self.assertEqual(c.ask(f"INSTCMD ups {name} 1 2"), "ERR INVALID-ARGUMENT")


class TestForcedShutdown(ControlTest):
    def test_until_mains_are_stable(self):
        mon = self.connect("mon", "mp")
        self.assertEqual(mon.ask("LOGIN ups"), "OK")
        self.assertEqual(mon.ask("FSD ups"), "OK FSD-SET")
        self.assertEqual(self.status(), '"FSD OL"')
        self.assertIn('\nVAR ups ups.status "FSD OL"\n', self.reader.ask("LIST VAR ups"))
        time.sleep(5)  # twice FSDCLEARDELAY: it stays while somebody is logged in
        self.assertEqual(self.status(), '"FSD OL"')
        mon.close()
        wait_for(lambda: self.status() == '"OL"', "the forced shutdown ends")
        self.bed.wait_log(r"Forced shutdown of UPS \[ups\], set by mon@127\.0\.0\.1, is over")

    def test_in_time(self):
        """However long drivers may be silent."""
        config = {**CONFIG, "upsd.conf": "MAXAGE 86400\nFSDCLEARDELAY 1\n"}
        with Testbed(config) as bed, NutConnection(bed.port) as c:
            c.login("admin", "pw")
            self.assertEqual(c.ask("FSD ups"), "OK FSD-SET")
            wait_for(lambda: c.ask("GET VAR ups ups.status") == 'VAR ups ups.status "OL"',
                     "the forced shutdown ends", 20)

    def test_on_the_bus(self):
        r = bus_call(self.bed, ["call"], "SetForcedShutdown", "ss", "Second", "generator is out of fuel")
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertEqual(self.reader.ask("GET VAR Second ups.status"), 'VAR Second ups.status "FSD OB LB"')
        r = bus_call(self.bed, ["get-property"], "ForcedShutdowns")
        self.assertIn('a(ssst) 1 "Second" "uid 0@bus" "generator is out of fuel"', r.stdout)
        r = bus_call(self.bed, ["call"], "ClearForcedShutdown", "s", "second")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(self.reader.ask("GET VAR Second ups.status"), 'VAR Second ups.status "OB LB"')
        r = bus_call(self.bed, ["call"], "ClearForcedShutdown", "s", "nosuch")
        self.assertIn("There is no device", r.stderr)

    def test_on_the_bus_denied(self):
        if os.geteuid() != 0:
            self.fail("only root can try to be somebody else")
        for arguments in (("SetForcedShutdown", "ss", "ups", "x"), ("ClearForcedShutdown", "s", "ups")):
            r = bus_call(self.bed, ["call"], *arguments, user=65534)
            self.assertNotEqual(r.returncode, 0)
            self.assertRegex(r.stderr, "(?i)denied|authoriz|not permitted")
        self.assertEqual(self.status(), '"OL"')


class TestBus(ControlTest):
    def test_clients(self):
        c = self.connect("mon", "mp")
        self.assertEqual(c.ask("LOGIN ups"), "OK")
        r = bus_call(self.bed, ["call"], "ListClients")
        self.assertEqual(r.stdout.strip(), 'a(sssb) 2 "127.0.0.1" "" "" false "127.0.0.1" "mon" "ups" false')
        r = bus_call(self.bed, ["call"], "ListClients", user=65534)
        self.assertEqual(r.stdout.strip(), 'a(sssb) 2 "127.0.0.1" "" "" false "127.0.0.1" "" "ups" false')
        self.assertEqual(bus_call(self.bed, ["get-property"], "ClientCount").stdout, "u 2\n")
        self.assertEqual(bus_call(self.bed, ["get-property"], "Listening").stdout,
                         f'as 1 "127.0.0.1:{self.bed.port}"\n')

    def test_logins(self):
        c, other = self.connect("mon", "mp"), self.connect("sec", "sp")
        self.assertEqual(c.ask("LOGIN ups"), "OK")
        self.assertEqual(other.ask("LOGIN Second"), "OK")
        self.assertEqual(other.ask("NEED Second 45"), "OK")
        for device, user, expected in (("ups", None, '1 "127.0.0.1" "mon" -1 true'),
                                       ("SECOND", None, '1 "127.0.0.1" "sec" 45 true'),
                                       ("Second", 65534, '1 "127.0.0.1" "" 45 true'), ("gone", None, "0")):
            with self.subTest(device, user=user):
                r = bus_call(self.bed, ["call"], "ListLogins", "s", device, user=user)
                self.assertEqual(r.stdout.strip(), f"a(ssxb) {expected}")
        r = bus_call(self.bed, ["call"], "ListLogins", "s", "nosuch")
        self.assertIn('There is no device "nosuch"', r.stderr)

    def wait_news(self, c, answer):
        """Asks for the status when there is news, and only then, until it is that. News may come in front of
        an answer, too, which then knows of it."""
        while True:
            self.assertEqual(c.line(), "CHANGED ups")
            c.send("GET VAR ups ups.status\n")
            while (line := c.line()) == "CHANGED ups":
                pass
            if line == answer:
                return

    def test_watch(self):
        """Who watches hears of status, alarms, a forced shutdown, and a driver that goes."""
        c = self.connect()
        self.assertEqual(c.ask("WATCH ups"), "OK WATCH")
        self.bed.write("ups.dev", "ups.status: OB\nups.load: 5\n")
        self.wait_news(c, 'VAR ups ups.status "OB"')
        self.bed.write("ups.dev", "ups.status: OB\nups.load: 6\n")
        wait_for(lambda: c.ask("GET VAR ups ups.load") == 'VAR ups ups.load "6"', "no line for other values")
        for arguments, answer in ((("SetForcedShutdown", "ss", "ups", "x"), '"FSD OB"'),
                                  (("ClearForcedShutdown", "s", "ups"), '"OB"')):
            self.assertEqual(bus_call(self.bed, ["call"], *arguments).returncode, 0)
            self.wait_news(c, f"VAR ups ups.status {answer}")
        self.bed.write("ups.dev", "ups.status: OB\nALARM hot\n")
        self.wait_news(c, 'VAR ups ups.status "ALARM OB"')
        self.bed.kill("dummy-ups")
        self.wait_news(c, "ERR DRIVER-NOT-CONNECTED")
        self.wait_news(c, 'VAR ups ups.status "ALARM OB"')

    def test_two_gateways(self):
        """The second serves what is on the bus, and says who has the name."""
        port = free_port()
        log = self.enter(tempfile.TemporaryFile("w+"))
        with start_gateway(self.bed, port, log):
            wait_for(lambda: b'"OL"' in exchange_or_nothing(port, b"GET VAR ups ups.status\n"), "it serves")

            def text():
                log.seek(0)
                return log.read()
            wait_for(lambda: "org.busbar.Gateway1" in text(), "it speaks of the name")
            self.assertIn(f"Process {self.bed.service('gateway').pid} has the bus name org.busbar.Gateway1",
                          text())
            self.assertNotIn("Lost the connection", text())
        self.assertEqual(self.status(), '"OL"')

    def test_bus_that_hangs_up(self):
        """One that closes each connection is not asked again without a pause."""
        directory = self.enter(tempfile.TemporaryDirectory())
        path = os.path.join(directory, "bus")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen(10)
            server.settimeout(20)
            with start_gateway(self.bed, free_port(), subprocess.DEVNULL,
                               DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={path}"):
                times = []
                for _ in range(6):
                    server.accept()[0].close()
                    times.append(time.monotonic())
        self.assertGreater(times[5] - times[0], 2.0)  # 0.1 + 0.2 + 0.4 + 0.8 + 1.6 s

    def test_bus_restarts(self):
        """Clients see devices go stale at worst, and come back."""
        self.bed.kill("bus")
        self.assertEqual(self.reader.ask("NETVER"), "1.3")
        wait_for(lambda: bus_call(self.bed, ["get-property"], "ClientCount").returncode == 0,
                 "back on the bus", 30)
        wait_for(lambda: self.status() == '"OL"', "the device is served", 30)


class TestRestart(ControlTest):
    def restart(self):
        service = self.bed.service("gateway")
        starts = service.starts
        self.bed.restart("gateway")
        wait_for(lambda: service.starts > starts and service.ready, "the gateway is back")

    def test_long_line(self):
        """More of an unfinished line than is kept: that line is refused, and no other, ever."""
        c = self.connect()
        c.send("VER " + "x" * 600)
        wait_for(lambda: self.reader.ask("NETVER") == "1.3", "the line was read before")
        self.restart()
        self.assertEqual(c.ask(""), "ERR INVALID-ARGUMENT")
        self.restart()
        self.assertEqual(c.ask("NETVER"), "1.3")

    def test_unknown_state(self):
        """What is kept cannot be read: nobody goes on believing to be logged in."""
        inside, outside = self.connect("mon", "mp"), self.connect()
        self.assertEqual(inside.ask("LOGIN ups"), "OK")
        state = [fd for name, fd in self.bed.service("gateway").stored.items() if name == "state"]
        self.assertEqual(len(state), 1)
        os.pwrite(state[0], b"busbar-gateway 9", 0)
        self.restart()
        self.assertEqual(inside.line(), "")
        self.assertEqual(outside.line(), "")
        self.bed.wait_log(r"Closing \d+ connections: what was agreed on them cannot be read")
        again = self.connect("mon", "mp")
        self.assertEqual(again.ask("LOGIN ups"), "OK")
        self.restart()
        self.assertEqual(again.ask("LOGIN ups"), "ERR ALREADY-LOGGED-IN")


class TestReload(ControlTest):
    def reload(self, **files):
        seen = self.bed.log_text("gateway").count("reloaded")
        for name, text in files.items():
            self.bed.write(name.replace("_", "."), text)
        self.bed.kill("gateway", signal.SIGHUP)  # only it: the launcher looks at the files itself
        wait_for(lambda: self.bed.log_text("gateway").count("reloaded") > seen, "the gateway read its files")

    def test_devices(self):
        inside, outside = self.connect("mon", "mp"), self.connect("mon", "mp")
        self.assertEqual(inside.ask("LOGIN gone"), "OK")
        self.assertEqual(outside.ask("LOGIN ups"), "OK")
        changed = CONFIG["ups.conf"].replace("[gone]", "[added]").replace("never there", "new here")
        self.reload(ups_conf=changed)
        self.assertEqual(inside.line(), "")
        self.assertEqual(outside.ask("GET UPSDESC added"), 'UPSDESC added "new here"')
        self.assertEqual(outside.ask("GET UPSDESC gone"), "ERR UNKNOWN-UPS")
        self.assertEqual(self.logins(), "NUMLOGINS ups 1")

    def test_users(self):
        c = self.connect("admin", "pw")
        self.assertEqual(c.ask("SET VAR ups ups.id x"), "OK")
        self.reload(upsd_users=CONFIG["upsd.users"].replace("password = pw", "password = new"))
        self.assertEqual(c.ask("SET VAR ups ups.id y"), "ERR ACCESS-DENIED")
        self.assertEqual(self.connect("admin", "new").ask("SET VAR ups ups.id z"), "OK")

    def test_missing_files_change_nothing(self):
        c = self.connect("mon", "mp")
        self.assertEqual(c.ask("LOGIN gone"), "OK")
        self.assertEqual(c.ask("FSD gone"), "OK FSD-SET")
        names = ("ups.conf", "upsd.users", "upsd.conf")
        for name in names:
            os.rename(os.path.join(self.bed.config, name), os.path.join(self.bed.config, name + ".away"))
        self.reload()
        for name in names:
            path = os.path.join(self.bed.config, name)
            self.bed.wait_log(rf"{path} is gone, keeping what was read before; put it back")
        self.assertIn("UPS gone ", c.ask("LIST UPS"))
        self.assertEqual(c.ask("PRIMARY ups"), "OK PRIMARY-GRANTED")
        self.assertIn('"gone"', bus_call(self.bed, ["get-property"], "ForcedShutdowns").stdout)

        self.reload(ups_conf="", upsd_users="", upsd_conf="")
        self.assertEqual(c.line(), "")
        self.assertEqual(self.connect("mon", "mp").ask("SET TRACKING ON"), "ERR ACCESS-DENIED")
        self.assertEqual(bus_call(self.bed, ["get-property"], "ForcedShutdowns").stdout, "a(ssst) 0\n")

    def test_mistakes_change_nothing(self):
        self.reload(ups_conf="[ups]\ndriver = dummy-ups\n", upsd_users="[admin]\npasword = x\n",
                    upsd_conf="MAXAGE never\n")
        self.bed.wait_log(r"ups\.conf has errors, keeping")
        self.bed.wait_log(r"upsd\.users has errors, keeping")
        self.bed.wait_log(r"upsd\.conf has errors, keeping")
        self.assertIn("UPS gone ", self.reader.ask("LIST UPS"))
        self.assertEqual(self.connect("mon", "mp").ask("PRIMARY ups"), "OK PRIMARY-GRANTED")


if __name__ == "__main__":
    unittest.main()
