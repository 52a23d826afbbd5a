#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The relay of a real upsd. Upstream is NUT's upsd with a driver that this script plays, so that there are
enumerations, ranges and failures on demand; what the relay makes of it is read through a second upsd.

usage: test-relay.py DRIVER
"""

import contextlib
import os
import shlex
import socket
import sys
import threading
import time
import unittest

from stock import NutError, Place, stop, wait_for

DRIVER = os.path.abspath(sys.argv.pop(1))

USERS = """
[relay]
    password = "right \\"one\\""
    actions = SET FSD
    instcmds = ALL
[weak]
    password = weak
"""

UPSTREAM = """
[ups]
    driver = dummy-ups
    port = none
[sim]
    driver = dummy-ups
    port = sim.dev
"""

DEVICE = """\
SETINFO battery.charge "90"
SETINFO battery.charge.low "30"
SETFLAGS battery.charge.low RW
ADDRANGE battery.charge.low 10 50
SETINFO input.sensitivity "normal"
SETFLAGS input.sensitivity RW STRING
SETAUX input.sensitivity 10
ADDENUM input.sensitivity "low"
ADDENUM input.sensitivity "normal"
SETINFO ups.id "a \\"b\\"  \\#1"
SETFLAGS ups.id RW STRING
SETAUX ups.id 20
SETINFO ups.mfr ""
SETINFO ups.delay.start "5"
SETFLAGS ups.delay.start RW
SETINFO driver.name "played"
SETINFO driver.parameter.x "1"
SETINFO ups.status "OL"
ADDCMD load.off
ADDCMD test.battery.start
DATAOK
DUMPDONE
"""

RELAYS = """
[full]
    driver = dummy-ups
    port = ups@127.0.0.1:{port}
    username = relay
    password = "right \\"one\\""
[file]
    driver = dummy-ups
    port = ups@localhost:{port}
    authconf = nutauth.conf
[plain]
    driver = dummy-ups
    port = ups@127.0.0.1:{port}
[weak]
    driver = dummy-ups
    port = ups@127.0.0.1:{port}
    username = weak
    password = weak
[sim]
    driver = dummy-ups
    port = sim@127.0.0.1:{port}
"""

# Of NUT's tracking: what the driver says, and what a client hears.
SUCCESS, UNKNOWN, INVALID, FAILED = 0, 1, 2, 3


class PlayedDriver:
    """Speaks the driver's side of NUT's socket protocol to one upsd."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.verdict = SUCCESS
        self.requests = []
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections.append(connection)
                threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError), connection.makefile(encoding="ascii") as lines:
            for line in lines:
                self.answer(connection, shlex.split(line))

    def answer(self, connection, words):
        if words[0] == "DUMPALL":
            connection.sendall(DEVICE.encode())
        elif words[0] == "PING":
            connection.sendall(b"PONG\n")
        elif words[0] in ("SET", "INSTCMD"):
            tracking = words.index("TRACKING") if "TRACKING" in words else len(words)
            self.requests.append(words[:tracking])
            if self.verdict == SUCCESS and words[0] == "SET":
                self.tell(f'SETINFO {words[1]} "{words[2]}"')
            if tracking < len(words):
                connection.sendall(f"TRACKING {words[tracking + 1]} {self.verdict}\n".encode())

    def tell(self, line):
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.sendall(line.encode() + b"\n")

    def close(self):
        self.listener.close()
        for connection in self.connections:
            connection.close()


def own(variables):
    """Without what a driver says about itself."""
    return {name: value for name, value in variables.items() if not name.startswith("driver.")}


class RelayTest(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)

        self.upstream = Place(stack, UPSTREAM, USERS)
        self.upstream.write("sim.dev", "ups.status: OB\nups.alarm: [x]\noutlet.1.desc: o\n")
        self.played = PlayedDriver(self.upstream.path("dummy-ups-ups"))
        stack.callback(self.played.close)
        self.upstream.names = ["sim"]
        self.upstream.run_stock_drivers()
        self.upstream.names = ["ups", "sim"]
        self.upsd = self.upstream.run_upsd()

        self.place = Place(stack, RELAYS.format(port=self.upstream.port), USERS)
        self.place.write("nutauth.conf", "PASS = wrong\n"
                         f'[relay@localhost:{self.upstream.port}]\nPASS = "right \\"one\\""\n')
        self.place.run_driver(DRIVER)
        self.place.run_upsd()
        self.there = stack.enter_context(contextlib.closing(self.upstream.client()))
        self.here = stack.enter_context(contextlib.closing(self.place.client()))
        for name in self.place.names:
            wait_for(f"data of {name}", lambda name=name: self.status(name))
        self.login(self.here, "relay", '"right \\"one\\""')
        self.here.ask("SET TRACKING ON")

    def login(self, client, user, password):
        client.ask("USERNAME " + user)
        client.ask("PASSWORD " + password)

    def status(self, name):
        """ups.status, or "" while there is none (for which upsd at first says WAIT)."""
        try:
            return self.here.get(name, "ups.status").removeprefix("WAIT")
        except NutError as e:
            self.assertIn(str(e), ("DATA-STALE", "DRIVER-NOT-CONNECTED", "VAR-NOT-SUPPORTED"))
            return ""

    def track(self, request):
        """The verdict on a request."""
        answer = self.here.ask(request)
        self.assertEqual(answer[:2], ["OK", "TRACKING"])

        def verdict():
            try:
                word, = self.here.ask("GET TRACKING " + answer[2])
            except NutError as e:
                return str(e)
            return "" if word == "PENDING" else word

        return wait_for("verdict on " + request, verdict)

    def test_values(self):
        for name in ("full", "file", "plain", "weak"):
            with self.subTest(name):
                self.assertEqual(own(self.here.variables(name)) | {"ups.mfr": "", "device.mfr": ""},
                                 own(self.there.variables("ups")) | {
                                     "ups.mfr": "", "device.mfr": "", "device.type": "ups"})
                variables = self.here.variables(name)
                self.assertEqual(variables["driver.name"], "dummy-ups")
                self.assertEqual(variables["driver.parameter.mode"], "repeater")
                self.assertNotIn("driver.parameter.password", variables)
                self.assertNotIn("driver.parameter.x", variables)
        self.assertEqual(self.here.get("sim", "ups.status"), "OB")
        self.assertEqual(self.here.get("sim", "ups.alarm"), "[x]")

        self.played.tell('SETINFO ups.status "ALARM OB"')
        self.played.tell('SETINFO ups.alarm "hot"')
        self.played.tell("DELINFO battery.charge")
        wait_for("change", lambda: self.status("full") == "ALARM OB")
        self.assertEqual(self.here.get("full", "ups.alarm"), "hot")
        self.assertNotIn("battery.charge", self.here.variables("full"))

    def test_descriptions(self):
        for name in ("full", "file"):
            with self.subTest(name):
                writable = self.here.list("RW " + name)
                self.assertEqual(writable, self.there.list("RW ups"))
                self.assertEqual(len(writable), 4)
                for variable, _ in writable:
                    self.assertEqual(self.here.type(name, variable), self.there.type("ups", variable))
                    for kind in ("ENUM", "RANGE"):
                        self.assertEqual(self.here.list(f"{kind} {name} {variable}"),
                                         self.there.list(f"{kind} ups {variable}"))
                self.assertEqual(self.here.list("ENUM full input.sensitivity"), [["low"], ["normal"]])
        for name in ("full", "plain"):
            self.assertEqual(self.here.list("CMD " + name), self.there.list("CMD ups"))

        # Who has no credentials has nothing to write.
        self.assertEqual(self.here.list("RW plain"), [])

    def test_set(self):
        self.assertEqual(self.track("SET VAR full battery.charge.low 25"), "SUCCESS")
        self.assertEqual(self.there.get("ups", "battery.charge.low"), "25")
        self.assertEqual(self.here.get("full", "battery.charge.low"), "25")
        self.assertEqual(self.track('SET VAR file ups.id "c  d"'), "SUCCESS")
        self.assertEqual(self.there.get("ups", "ups.id"), "c  d")
        self.assertEqual(self.played.requests,
                         [["SET", "battery.charge.low", "25"], ["SET", "ups.id", "c  d"]])

        # The device refuses, or the server does.
        for verdict, token in ((FAILED, "FAILED"), (INVALID, "INVALID-ARGUMENT"), (UNKNOWN, "UNKNOWN")):
            self.played.verdict = verdict
            self.assertEqual(self.track("SET VAR full battery.charge.low 26"), token)
        self.assertEqual(self.track("SET VAR weak battery.charge.low 26"), "FAILED")
        self.assertEqual(self.here.get("full", "battery.charge.low"), "25")

    def test_command(self):
        self.assertEqual(self.track("INSTCMD full test.battery.start"), "SUCCESS")
        self.assertEqual(self.track("INSTCMD full test.battery.start 10"), "SUCCESS")
        self.assertEqual(self.played.requests,
                         [["INSTCMD", "test.battery.start"], ["INSTCMD", "test.battery.start", "10"]])
        self.played.verdict = FAILED
        self.assertEqual(self.track("INSTCMD full load.off"), "FAILED")

        before = len(self.played.requests)
        self.assertEqual(self.track("INSTCMD plain load.off"), "FAILED")
        self.assertEqual(self.track("INSTCMD weak load.off"), "FAILED")
        self.assertEqual(len(self.played.requests), before)

    def test_forced_shutdown(self):
        self.login(self.there, "relay", '"right \\"one\\""')
        self.there.ask("FSD ups")
        wait_for("FSD", lambda: self.status("full") == "FSD OL")

    def test_stale_upstream(self):
        self.played.tell("DATASTALE")
        wait_for("loss", lambda: not self.status("full"))
        self.assertEqual(self.status("sim"), "OB")
        self.played.tell("DATAOK")
        wait_for("return", lambda: self.status("full"))

    def test_upstream_comes_back(self):
        stop(self.upsd)
        for name in self.place.names:
            wait_for(f"loss of {name}", lambda name=name: not self.status(name))
        # Long enough for delays to have grown.
        time.sleep(12)
        self.upsd = self.upstream.run_upsd()
        begin = time.monotonic()
        for name in self.place.names:
            wait_for(f"return of {name}", lambda name=name: self.status(name))
        self.assertLess(time.monotonic() - begin, 4)
        self.assertEqual(self.track("SET VAR full battery.charge.low 27"), "SUCCESS")


class PlayedServer:
    """A server that is not NUT's: answers() gives the answer to a request, or None to hang up."""

    def __init__(self, answers):
        self.answers = answers
        self.requests = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError), connection.makefile(encoding="ascii") as lines:
            for line in lines:
                self.requests.append(line.strip())
                answer = self.answers(line.strip())
                if answer is None:
                    break
                connection.sendall(answer.encode())

    def close(self):
        self.listener.close()


class StrangeServerTest(unittest.TestCase):
    """Servers of other ages and makes."""

    GOOD = {
        "LIST VAR ups": 'BEGIN LIST VAR ups\nVAR ups ups.id "x"\nVAR ups ups.status "OL"\n'
                        'END LIST VAR ups\n',
        "LIST CMD ups": "BEGIN LIST CMD ups\nCMD ups load.on\nEND LIST CMD ups\n",
        "LIST RW ups": 'BEGIN LIST RW ups\nRW ups ups.id "x"\nEND LIST RW ups\n',
        "GET TYPE ups ups.id": "TYPE ups ups.id RW STRING:5\n",
        "SET VAR ups ups.id y": "OK\n",
        "INSTCMD ups load.on": "OK\n",
        "USERNAME u": "OK\n",
        "PASSWORD p": "OK\n",
    }

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.changed = {}
        server = PlayedServer(lambda request:
                              {**self.GOOD, **self.changed}.get(request, "ERR INVALID-ARGUMENT\n"))
        self.requests = server.requests
        self.stack.callback(server.close)

        section = (f"[far]\ndriver=dummy-ups\nport=ups@127.0.0.1:{server.port}\nusername=u\npassword=p\n"
                   "pollinterval=1\n")
        self.place = Place(self.stack, section, USERS)
        self.place.run_driver(DRIVER)
        self.place.run_upsd()
        self.here = self.stack.enter_context(contextlib.closing(self.place.client()))
        self.wait("OL")

    def wait(self, expected):
        """Until ups.status is that; None for data that are not fresh."""
        def is_so():
            try:
                return self.here.get("far", "ups.status") == expected
            except NutError as e:
                return expected is None and str(e) in ("DATA-STALE", "DRIVER-NOT-CONNECTED")
        wait_for(f"status {expected}", is_so)

    def request(self, request):
        for line in ("USERNAME relay", 'PASSWORD "right \\"one\\""', "SET TRACKING ON"):
            with contextlib.suppress(NutError):
                self.here.ask(line)
        tracking = self.here.ask(request)[2]

        def verdict():
            try:
                answer, = self.here.ask("GET TRACKING " + tracking)
                return answer != "PENDING" and answer
            except NutError as e:
                return str(e)
        return wait_for("verdict", verdict)

    def test_no_tracking(self):
        self.assertEqual(self.request("SET VAR far ups.id y"), "SUCCESS")
        self.assertIn("SET VAR ups ups.id y", self.requests)
        self.assertEqual(self.request("INSTCMD far load.on"), "SUCCESS")
        self.changed["INSTCMD ups load.on"] = "ERR ACCESS-DENIED\n"
        self.assertEqual(self.request("INSTCMD far load.on"), "FAILED")

    def test_tracked_for_ever(self):
        self.changed["INSTCMD ups load.on"] = "OK TRACKING 1-2\n"
        self.changed["GET TRACKING 1-2"] = "PENDING\n"
        begin = time.monotonic()
        self.assertEqual(self.request("INSTCMD far load.on"), "FAILED")
        self.assertTrue(7 < time.monotonic() - begin < 11)
        self.wait("OL")

    def test_hangs_up_on_write(self):
        self.changed["INSTCMD ups load.on"] = None
        self.assertEqual(self.request("INSTCMD far load.on"), "FAILED")
        self.wait("OL")

    def test_bad_answers(self):
        for answer in (None, "", "OK\n", "ERR DATA-STALE\n", "ERR UNKNOWN-UPS\n", "BEGIN LIST VAR ups\n",
                       'BEGIN LIST VAR ups\nVAR ups x\nEND LIST VAR ups\n', "x" * 100000):
            with self.subTest(answer=answer and answer[:30]):
                self.changed["LIST VAR ups"] = answer
                self.wait(None)
                del self.changed["LIST VAR ups"]
                self.wait("OL")

    def test_bad_descriptions(self):
        self.changed["GET TYPE ups ups.id"] = "TYPE ups ups.id RW ENUM RANGE STRING:many\n"
        self.changed["LIST ENUM ups ups.id"] = "ERR VAR-NOT-SUPPORTED\n"
        self.changed["LIST RANGE ups ups.id"] = \
            'BEGIN LIST RANGE ups ups.id\nRANGE ups ups.id "a" "b"\nEND LIST RANGE ups ups.id\n'
        self.changed["LIST VAR ups"] = None
        self.wait(None)
        self.changed["LIST VAR ups"] = 'BEGIN LIST VAR ups\nVAR ups ups.status "OB"\nEND LIST VAR ups\n'
        self.wait("OB")
        self.assertEqual(self.here.variables("far")["ups.status"], "OB")


if __name__ == "__main__":
    unittest.main()
