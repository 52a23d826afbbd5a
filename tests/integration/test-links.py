#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine on the UPS of another: relays that log in at stock servers and at ours, as secondary and as
primary, and how soon they hear of a forced shutdown."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

from testlib import NutConnection, StockServer, Testbed, TestCase, build_directory, free_port, wait_for

FAR_USERS = """
[prim]
    password = "p p"
    upsmon primary
[sec]
    password = sp
    upsmon secondary
[admin]
    password = pw
    actions = SET FSD
    instcmds = ALL
"""

FAR = {
    "ups.conf": "[ups]\ndriver = dummy-ups\nport = ups.dev\n",
    "ups.dev": "ups.status: OL\nbattery.charge: 90\n",
    "upsd.conf": "MAXAGE 15\n",
    "upsd.users": FAR_USERS,
}


def relay(port, name="far", pollinterval=1, **options):
    lines = {"driver": "dummy-ups", "port": f"ups@127.0.0.1:{port}", "pollinterval": pollinterval, **options}
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


PRIMARY = {"username": "prim", "password": '"p p"', "login": "primary"}
SECONDARY = {"username": "sec", "password": "sp", "login": "secondary"}


def near(*sections):
    return {"ups.conf": "".join(sections), "upsd.users": FAR_USERS}


def ask(bed, *requests, user=None):
    with NutConnection(bed.port) as c:
        if user:
            c.login(*user)
        return [c.ask(request) for request in requests][-1]


def value(bed, ups, name):
    """A variable as LIST VAR has it; None without."""
    found = re.search(rf'^VAR {ups} {re.escape(name)} "(.*)"$', ask(bed, f"LIST VAR {ups}"), re.M)
    return found and found[1]


def link(ups, member, *arguments):
    """A method of a relay's device on the bus."""
    path = "".join(c if c.isalnum() else f"_{ord(c):02x}" for c in ups)
    return ("call", "org.busbar.Driver._all_dummy_2dups", f"/org/busbar/device/{path}",
            *member.rsplit(".", 1), *arguments)


def others(bed, ups):
    """server.numlogins, which clients do not see; None without."""
    variables = busctl(bed, *link(ups, "org.busbar.Variables1.GetAll"))[1]
    return variables.get("server.numlogins")


def commands(bed, ups):
    return busctl(bed, *link(ups, "org.busbar.Commands1.List"))[0]


def run(bed, ups, command, argument=""):
    return busctl(bed, *link(ups, "org.busbar.Commands1.Run"), "ssa{sv}", command, argument, "0")


def logins(bed, ups="ups"):
    return ask(bed, f"GET NUMLOGINS {ups}").removeprefix(f"NUMLOGINS {ups} ")


def busctl(bed, *arguments):
    argv = ["busctl", f"--address={bed.bus_address}", "--json=short", "--timeout=20", *arguments]
    result = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
    if result.returncode != 0:
        raise AssertionError(result.stderr)
    return json.loads(result.stdout)["data"] if result.stdout.strip() else None


GATEWAY = ("org.busbar.Gateway1", "/org/busbar/Gateway1", "org.busbar.Gateway1")


def list_logins(bed, device="ups"):
    found = busctl(bed, "call", *GATEWAY, "ListLogins", "s", device)[0]
    assert all(counts for *_, counts in found), found
    return [login[:3] for login in found]


class FakeServer:
    """A server by a table of answers; it notes what it was asked."""

    ANSWERS = {
        "LIST VAR ups": 'BEGIN LIST VAR ups\nVAR ups ups.status "{status}"\nVAR ups server.numlogins "7"\n'
                        "END LIST VAR ups\n",
        "LIST CMD ups": "BEGIN LIST CMD ups\nCMD ups server.fsd\nCMD ups load.on\nEND LIST CMD ups\n",
        "LIST RW ups": "BEGIN LIST RW ups\nEND LIST RW ups\n",
        "GET VAR ups ups.status": 'VAR ups ups.status "{status}"\n',
        "GET NUMLOGINS ups": "NUMLOGINS ups {logins}\n",
        "USERNAME prim": "OK\n", 'PASSWORD "p p"': "OK\n", "LOGIN ups": "OK\n", "MASTER ups": "OK\n",
        "FSD ups": "OK FSD-SET\n", "LOGOUT": "OK Goodbye\n",
    }

    def __init__(self, **changed):
        self.answers = {**self.ANSWERS, **changed}
        self.status, self.logins = "OL", 3
        self.requests = []
        self.connections = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        for connection in self.connections:
            connection.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections.append(connection)
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError, ValueError), connection.makefile(encoding="ascii") as lines:
            for line in lines:
                request = line.strip()
                self.requests.append(request)
                answer = self.answers.get(request, "ERR UNKNOWN-COMMAND\n")
                connection.sendall(answer.format(status=self.status, logins=self.logins).encode())

    def tell(self, text):
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.sendall(text.encode())


class LinkTest(TestCase):
    def start_between(self, serve, sections):
        self.far = self.enter(serve(FAR))
        self.bed = self.enter(Testbed(near(*(s.replace("PORT", str(self.far.port)) for s in sections))))

    def far_ask(self, request):
        return ask(self.far, request, user=("admin", "pw"))

    def wait_status(self, status):
        wait_for(lambda: value(self.bed, "far", "ups.status") == status, f"the status {status}", 10)


class TestAtStock(LinkTest):
    """What upsmon does at a stock upsd, which knows none of our words."""

    def start(self, *sections):
        self.start_between(StockServer, sections)

    def test_secondary(self):
        self.start(relay("PORT", **SECONDARY))
        self.assertEqual(logins(self.far), "1")
        self.assertEqual(others(self.bed, "far"), "1")
        self.assertNotIn("server.fsd", commands(self.bed, "far"))
        self.bed.wait_log(r"Logged in to ups at 127\.0\.0\.1, port \d+, as secondary")
        # Without pushes it takes a poll.
        self.assertEqual(self.far_ask("FSD ups"), "OK FSD-SET")
        self.wait_status("FSD OL")

        self.bed.kill("dummy-ups", signal.SIGTERM)
        wait_for(lambda: logins(self.far) == "0", "it leaves")
        wait_for(lambda: "logged out from UPS [ups]" in self.far.log_text(), "it says goodbye")

    def test_primary(self):
        self.start(relay("PORT", **PRIMARY))
        for command in ("server.fsd", "server.need"):
            self.assertEqual(commands(self.bed, "far")[command]["action"]["data"],
                             "org.busbar.force-shutdown")
        # Who may run any command over there and here is not who may have everything shut down.
        self.assertNotIn("server.", ask(self.bed, "LIST CMD far") + ask(self.bed, "LIST VAR far"))
        self.assertEqual(ask(self.bed, "INSTCMD far server.fsd", user=("admin", "pw")),
                         "ERR CMD-NOT-SUPPORTED")
        # A stock server does not know what a need is, and nobody is to blame.
        run(self.bed, "far", "server.need", "120")

        with NutConnection(self.far.port) as other:
            other.login("sec", "sp")
            self.assertEqual(other.ask("LOGIN ups"), "OK")
            wait_for(lambda: others(self.bed, "far") == "2", "the other is counted")
            run(self.bed, "far", "server.fsd")
            self.assertEqual(ask(self.far, "GET VAR ups ups.status"), 'VAR ups ups.status "FSD OL"')
            self.wait_status("FSD OL")
        wait_for(lambda: others(self.bed, "far") == "1", "the other has left")

    def test_refused(self):
        wrong = {**SECONDARY, "password": "wrong"}
        self.start(relay("PORT", pollfreq=1, **wrong),
                   relay("PORT", "no-primary", pollfreq=1, **{**SECONDARY, "login": "primary"}))
        for text in ("for a secondary of ups (ACCESS-DENIED), so it does not wait for this machine",
                     "for the primary of ups (ACCESS-DENIED), so this machine cannot tell the others"):
            self.bed.wait_log(re.escape("does not take the user sec " + text))
        for name in ("far", "no-primary"):
            self.assertEqual(value(self.bed, name, "battery.charge"), "90")
            self.assertNotIn("server.fsd", commands(self.bed, name))
        self.assertIsNone(others(self.bed, "far"))
        self.assertEqual(others(self.bed, "no-primary"), "1")
        # More polls, in each of which it tries again, say nothing.
        for charge in ("80", "70", "60"):
            self.assertEqual(self.far_ask(f"SET VAR ups battery.charge {charge}"), "OK")
            for name in ("far", "no-primary"):
                wait_for(lambda name=name, charge=charge: value(self.bed, name, "battery.charge") == charge,
                         f"{charge} at {name}")
        self.assertEqual(self.bed.log_text().count("does not take"), 2)

    def test_server_returns(self):
        self.start(relay("PORT", **SECONDARY))
        self.far.server.kill()
        self.far.server.wait()
        wait_for(lambda: ask(self.bed, "GET VAR far ups.status").startswith("ERR"), "it is stale")
        self.far.server = self.far._start("/lib/nut/upsd", "-F", "-u", "root")
        wait_for(lambda: value(self.bed, "far", "ups.status") == "OL", "it is heard again")
        self.assertEqual(others(self.bed, "far"), "1")
        self.assertEqual(logins(self.far), "1")


class TestAtOurs(LinkTest):
    """With the words that only our servers know: WATCH, CHANGED and NEED."""

    def start(self, *sections):
        self.start_between(Testbed, sections)

    def test_push(self):
        """Nothing but the push can be the reason here: a poll comes each minute."""
        self.start(relay("PORT", pollinterval=60, **SECONDARY))
        self.assertEqual(self.far_ask("FSD ups"), "OK FSD-SET")
        self.wait_status("FSD OL")
        busctl(self.far, "call", *GATEWAY, "ClearForcedShutdown", "s", "ups")
        self.wait_status("OL")
        self.far.write("ups.dev", "ups.status: OB LB\n")
        self.wait_status("OB LB")

        # The connection outlives the gateway over there, and so does what was agreed on it.
        for way in ("restart", "kill"):
            starts = self.far.service("gateway").starts
            getattr(self.far, way)("gateway")
            wait_for(lambda starts=starts: self.far.service("gateway").starts > starts and
                     self.far.service("gateway").ready, "the gateway is back")
            self.assertEqual(logins(self.far), "1")
            status = "OL" if way == "restart" else "OB"
            self.far.write("ups.dev", f"ups.status: {status}\n")
            self.wait_status(status)

    def test_lease(self):
        self.start(relay("PORT", need=300, **SECONDARY), relay("PORT", "plain", **PRIMARY))
        self.assertCountEqual(list_logins(self.far), [["127.0.0.1", "sec", 300], ["127.0.0.1", "prim", -1]])
        with self.assertRaisesRegex(AssertionError, 'There is no device "nosuch"'):
            list_logins(self.far, "nosuch")
        with subprocess.Popen(["busctl", f"--address={self.far.bus_address}", "--json=short", "monitor",
                               "--match=type='signal',member='LoginsChanged'"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as monitor:
            try:
                # The monitor says nothing at its start: until it is there, come and go.
                os.set_blocking(monitor.stdout.fileno(), False)
                def seen():
                    with NutConnection(self.far.port) as c:
                        c.login("sec", "sp")
                        self.assertEqual(c.ask("LOGIN ups"), "OK")
                    return monitor.stdout.readline()
                message = json.loads(wait_for(seen, "a signal"))
                self.assertEqual(message["payload"]["type"], "su")
                self.assertEqual(message["payload"]["data"][0], "ups")
                self.assertIn(message["payload"]["data"][1], (2, 3))
            finally:
                monitor.terminate()

    def test_need(self):
        """What this machine needs is told when it is known, and again with each login."""
        self.start(relay("PORT", **SECONDARY), relay("PORT", "plain"))
        self.assertNotIn("server.need", commands(self.bed, "plain"))
        self.assertEqual(list_logins(self.far), [["127.0.0.1", "sec", -1]])
        for seconds in (1, 86400, 90):
            run(self.bed, "far", "server.need", str(seconds))
            self.assertEqual(list_logins(self.far), [["127.0.0.1", "sec", seconds]])
        for wrong in ("", "0", "86401", "-1", "x", "5 5"):
            with self.assertRaises(AssertionError):
                run(self.bed, "far", "server.need", wrong)
        self.assertEqual(list_logins(self.far), [["127.0.0.1", "sec", 90]])
        self.far.wait_log(r"User sec@127\.0\.0\.1 says that it needs power from UPS \[ups\] for 86400 s")

    def test_server_killed(self):
        """Without its service manager: nothing of what was agreed is left over there."""
        port = free_port()
        far = Testbed(FAR, port=port)
        try:
            self.bed = self.enter(Testbed(near(relay(port, need=60, **PRIMARY))))
            self.assertEqual(list_logins(far), [["127.0.0.1", "prim", 60]])
        finally:
            far.close()
        wait_for(lambda: ask(self.bed, "GET VAR far ups.status").startswith("ERR"), "it is stale")
        self.far = self.enter(Testbed(FAR, port=port))
        wait_for(lambda: list_logins(self.far) == [["127.0.0.1", "prim", 60]], "it is logged in again")
        wait_for(lambda: others(self.bed, "far") == "1", "and knows it")

    def test_upsmon(self):
        """A stock secondary is waited for like ours, and goes when it is told."""
        self.far = self.enter(Testbed(FAR))
        directory = self.far.directory
        config = os.path.join(directory, "upsmon")
        os.mkdir(config)
        with open(os.path.join(config, "upsmon.conf"), "w", encoding="ascii") as f:
            f.write(f"MONITOR ups@127.0.0.1:{self.far.port} 1 sec sp secondary\nSHUTDOWNCMD true\n"
                    "RUN_AS_USER root\nPOLLFREQ 1\nPOLLFREQALERT 1\nFINALDELAY 0\n")
        os.chmod(os.path.join(config, "upsmon.conf"), 0o640)
        with subprocess.Popen([f"busbar-link-upsmon-{os.getpid()}", "-F", "-p", "-u", "root"],
                              executable="/lib/nut/upsmon", env={**os.environ, "NUT_CONFPATH": config},
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as upsmon:
            try:
                wait_for(lambda: list_logins(self.far) == [["127.0.0.1", "sec", -1]], "it is logged in")
                busctl(self.far, "call", *GATEWAY, "SetForcedShutdown", "ss", "ups", "test")
                self.assertEqual(upsmon.wait(30), 0)
            finally:
                if upsmon.poll() is None:
                    upsmon.kill()
        wait_for(lambda: list_logins(self.far) == [], "it has left")


class TestOnTheBus(TestCase):
    def test_link(self):
        """A MONITOR line for another host is a device with a name that no section can have. Here the other
        host is the same, but for its port; its gateway keeps the link to itself."""
        bed = self.enter(Testbed(FAR))
        name = f"ups@127.0.0.1:{bed.port}"
        bed.write("upsmon.conf", f"MONITOR {name} 1 sec sp secondary\nSHUTDOWNCMD true\n")
        argv = [os.path.join(build_directory(), "src/drivers/dummy-ups/dummy-ups"), "-F", "-a", name]
        with subprocess.Popen(argv, env=bed.environment, stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as driver:
            try:
                busbarctl = os.path.join(build_directory(), "src/ctl/busbarctl")
                def devices():
                    out = subprocess.run([busbarctl, "--json", "list"], env=bed.environment, check=True,
                                         capture_output=True, timeout=20).stdout
                    return {d["name"]: d for d in json.loads(out)}
                wait_for(lambda: devices().get(name, {}).get("freshness") == "fresh", "the link's data")
                self.assertEqual(ask(bed, "LIST UPS").split("\n")[1:-1],
                                 ['UPS ups "Description unavailable"'])
                self.assertEqual(ask(bed, f'GET VAR "{name}" ups.status'), "ERR UNKNOWN-UPS")
                owner = "org.busbar.Driver." + "".join(c if c.isalnum() else f"_{ord(c):02x}" for c in name)
                objects = busctl(bed, "call", owner, "/org/busbar", "org.freedesktop.DBus.ObjectManager",
                                 "GetManagedObjects")[0]
                properties = next(iter(objects.values()))["org.busbar.Device1"]
                self.assertEqual(properties["Transport"]["data"], "network")
                self.assertEqual(properties["Name"]["data"], name)
                self.assertEqual(list_logins(bed), [["127.0.0.1", "sec", -1]])
            finally:
                driver.terminate()
                self.assertEqual(driver.wait(20), 0)


class TestAtFake(TestCase):
    def start(self, far, **options):
        self.far = self.enter(far)
        self.bed = self.enter(Testbed(near(relay(far.port, **{**PRIMARY, **options}))))

    def test_old_server(self):
        """No PRIMARY, no WATCH, no NEED; and what it says of server.* is not about us."""
        self.start(FakeServer(), need=100)
        asked = self.far.requests
        order = ["USERNAME prim", 'PASSWORD "p p"', "LOGIN ups", "PRIMARY ups", "WATCH ups", "LIST VAR ups",
                 "GET NUMLOGINS ups", "MASTER ups"]
        self.assertEqual([r for r in asked if r in order][:len(order)], order)
        self.assertIn("NEED ups 100", asked)
        self.assertEqual(others(self.bed, "far"), "3")
        run(self.bed, "far", "server.need", "200")
        self.assertIn("NEED ups 200", asked)
        self.assertEqual(ask(self.bed, "INSTCMD far server.fsd", user=("admin", "pw")),
                         "ERR CMD-NOT-SUPPORTED")
        self.assertNotIn("FSD ups", asked)
        run(self.bed, "far", "server.fsd")
        self.assertIn("FSD ups", asked)

        # That it cannot tell for a while does not mean that the others have left.
        self.far.answers["GET NUMLOGINS ups"] = "ERR DATA-STALE\n"
        count = asked.count("GET NUMLOGINS ups")
        wait_for(lambda: asked.count("GET NUMLOGINS ups") > count + 2, "some polls")
        self.assertEqual(others(self.bed, "far"), "3")
        self.far.answers["GET NUMLOGINS ups"] = self.far.ANSWERS["GET NUMLOGINS ups"]

        # While it is forced down the number is asked for again and again.
        before, begin = asked.count("GET NUMLOGINS ups"), time.monotonic()
        self.far.status = "FSD OL"
        wait_for(lambda: asked.count("GET NUMLOGINS ups") > before + 8, "the number of logins is followed")
        self.assertLess(time.monotonic() - begin, 8)
        self.far.logins = 1
        wait_for(lambda: others(self.bed, "far") == "1", "they have left")
        self.assertEqual(asked.count("WATCH ups"), 1)

        self.bed.kill("dummy-ups", signal.SIGTERM)
        wait_for(lambda: "LOGOUT" in asked, "it says goodbye")

    def test_changed_while_writing(self):
        """The status does not wait for the end of a write, which may take its time."""
        answers = {"WATCH ups": "OK WATCH\n", "SET TRACKING ON": "OK\n", "GET TRACKING x": "PENDING\n",
                   "INSTCMD ups load.on": "OK TRACKING x\n"}
        self.start(FakeServer(**answers))
        asked = self.far.requests
        with NutConnection(self.bed.port) as c:
            c.login("admin", "pw")
            self.assertEqual(c.ask("SET TRACKING ON"), "OK")
            tracking = c.ask("INSTCMD far load.on").removeprefix("OK TRACKING ")
            wait_for(lambda: "GET TRACKING x" in asked, "the write is under way")
            count = len(asked)
            self.far.status = "FSD OB"
            self.far.tell("CHANGED ups\nCHANGED other\n")
            wait_for(lambda: value(self.bed, "far", "ups.status") == "FSD OB", "the status", 6)
            self.assertEqual(c.ask(f"GET TRACKING {tracking}"), "PENDING")
            self.assertNotIn("LIST VAR ups", asked[count:])
            self.far.answers["GET TRACKING x"] = "SUCCESS\n"
            wait_for(lambda: c.ask(f"GET TRACKING {tracking}") == "SUCCESS", "the write is done")

    def test_news_without_end(self):
        """A server that always has news is read at a bounded rate."""
        self.start(FakeServer(**{"WATCH ups": "OK WATCH\n"}))
        before, begin = self.far.requests.count("LIST VAR ups"), time.monotonic()
        while time.monotonic() < begin + 2:
            self.far.tell("CHANGED ups\n" * 10)
            time.sleep(0.002)
        polls = self.far.requests.count("LIST VAR ups") - before
        self.assertTrue(5 < polls < 60, polls)

    def test_tls_demanded(self):
        """Rather no connection than a password in clear."""
        far = self.enter(FakeServer())
        bed = self.enter(Testbed(near(relay(far.port, forcessl="yes", **PRIMARY), relay(far.port, "open"))))
        bed.wait_log(r"No TLS with 127\.0\.0\.1, port \d+: the server does not offer it")
        wait_for(lambda: far.requests.count("LIST VAR ups") > 5, "time for some attempts")
        self.assertFalse([r for r in far.requests if "prim" in r or "PASSWORD" in r])
        self.assertEqual(bed.log_text().count("No TLS with"), 1)
        self.assertTrue(ask(bed, "GET VAR far ups.status").startswith("ERR"))

    def test_no_credentials(self):
        far = self.enter(FakeServer())
        bed = self.enter(Testbed(near(relay(far.port, login="secondary"))))
        bed.wait_log(r"login = secondary needs a user name and a password")
        self.assertEqual(value(bed, "far", "ups.status"), "OL")
        self.assertNotIn("LOGIN ups", far.requests)


if __name__ == "__main__":
    unittest.main()
