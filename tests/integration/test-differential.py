#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same requests to Busbar and to Debian's upsd, for the same configuration with 200 devices: the same
bytes come back, but for the differences listed here, each of which docs/COMPATIBILITY.md explains."""

import os
import re
import socket
import unittest

from testlib import ROOT, NutConnection, StockServer, Testbed, TestCase, wait_for

N_DEVICES = 200

# Differences that are meant: (heading in docs/COMPATIBILITY.md, pattern of the request, of the stock answer,
# and of ours). They apply to whole answers, and to lines of a list, where "" is a line that is not there.
# What is not named here has to be equal to the byte.
OWN_VERSIONS = r"driver\.version(\.internal)?|driver\.state"
FIXES = (
    ("Who answers", r"VER|GET VAR \S+ server\.info",
     r'(VAR \S+ server\.info ")?Network UPS Tools upsd \S+ - \S+',
     r'(VAR \S+ server\.info ")?Network UPS Tools upsd \S+ - \S+ \(Busbar .*'),
    ("Who answers", r"(LIST VAR|GET (VAR|TYPE)) .*",
     rf"(VAR|TYPE) \S+ ({OWN_VERSIONS}) .*|ERR VAR-NOT-SUPPORTED|",
     rf"(VAR|TYPE) \S+ ({OWN_VERSIONS}) .*"),
    ("Descriptions", r"GET (CMD)?DESC \S+ \S+", r'(CMD)?DESC \S+ \S+ ".+"', r'(CMD)?DESC \S+ \S+ "[ -~]+"'),
    ("Copies follow their originals", "LIST VAR ups13",
     r"VAR ups13 device\.mfr .*", r"VAR ups13 device\.mfr .*"),
)

USERS = """
[admin]
        password = secret
        actions = SET FSD
        instcmds = ALL
[some]
        password = some
        actions = SET
        instcmds = load.on
        instcmds = test.battery.start
[main]
        password = main
        upsmon primary
[old]
        password = old
        upsmon = master
[other]
        password = other
        upsmon secondary
[nobody]
        actions = SET FSD
        instcmds = ALL
[main]
        password = second definition
        actions = FSD
"""

# Variables of all kinds that a simulation tells apart: numbers, texts, short ones, unknown names.
VARIABLES = """ups.status: {status}
ups.mfr: Example {n}
ups.model: Model {n}
ups.serial: {n:08d}
ups.id: unit {n}
ups.load: {load}
ups.temperature: 25.{n}
ups.delay.shutdown: 20
ups.test.interval: 1209600
ups.test.result: Done and passed
ups.beeper.status: enabled
ups.date: 2024-02-29
battery.charge: {charge}
battery.charge.low: 20
battery.runtime: {runtime}
battery.voltage: 13.{n}
input.voltage: 230.{n}
input.voltage.nominal: 230
input.sensitivity: H
input.transfer.reason: S
input.transfer.low: 180
input.transfer.high: 260
output.voltage: 229.{n}
output.frequency: 50.0
outlet.1.id: 1
outlet.1.switchable: yes
outlet.{n}.desc: Outlet {n}
ambient.temperature: 21.5
Vendor.Mixed.Case: kept
"""

STATUSES = ("OL", "OL CHRG", "OB DISCHRG", "OB LB DISCHRG", "OL BYPASS", "OFF", "ALARM OL RB", "OL TRIM")


def configuration():
    files = {"ups.conf": "maxretry = 3\npollinterval = 1\n", "upsd.conf": "MAXAGE 20\n", "upsd.users": USERS}
    for n in range(N_DEVICES):
        name = f"ups{n}" if n % 3 else f"Rack-{n}.Unit"
        files["ups.conf"] += f"[{name}]\ndriver = dummy-ups\nport = {name}.dev\n"
        if n % 2:
            files["ups.conf"] += f'desc = "Device number \\#{n}, \\"quoted\\""\n'
        files[f"{name}.dev"] = VARIABLES.format(n=n, status=STATUSES[n % len(STATUSES)], load=n % 100,
                                                charge=100 - n % 90, runtime=3600 - n)
    return files


def allowed(request, stock, ours):
    def match(pattern, text):
        return re.fullmatch(pattern, text, re.IGNORECASE)
    return any(match(request_pattern, request) and match(stock_pattern, stock) and match(our_pattern, ours)
               for _, request_pattern, stock_pattern, our_pattern in FIXES)


def differences(request, stock, ours):
    """Pairs of lines, one of each server, that differ without leave."""
    if stock == ours or allowed(request, stock, ours):
        return []
    if not (stock.startswith("BEGIN") and ours.startswith("BEGIN")):
        return [(request, stock, ours)]
    def key(line):
        return " ".join(line.split(" ")[:3])
    a, b = ({key(line): line for line in answer.split("\n")} for answer in (stock, ours))
    found = [(request, a.get(k, ""), b.get(k, "")) for k in {**a, **b}
             if a.get(k) != b.get(k) and not allowed(request, a.get(k, ""), b.get(k, ""))]
    common = [[k for k in side if k in a and k in b] for side in (a, b)]
    return found or ([(request, "another order", ours)] if common[0] != common[1] else [])


class TestDifferential(TestCase):
    @classmethod
    def setUpClass(cls):
        config = configuration()
        cls.ours = cls.enterClassContext(Testbed(config))
        cls.stock = cls.enterClassContext(StockServer(config))
        cls.names = list(cls.ours.launcher.devices)

    def connect(self):
        return [self.enter(NutConnection(server.port)) for server in (self.stock, self.ours)]

    def compare(self, requests, login=None):
        """One connection to each, the same requests in the same order."""
        stock, ours = self.connect()
        if login:
            requests = [f"USERNAME {login[0]}", f"PASSWORD {login[1]}", *requests]
        found = []
        for request, a, b in zip(requests, stock.ask_all(requests), ours.ask_all(requests)):
            found += differences(request, a, b)
        if found:
            text = "\n".join(f"{request}\n  stock: {a}\n  ours:  {b}" for request, a, b in found[:40])
            self.fail(f"{len(found)} differences:\n{text}")

    # Reading

    def test_all_values(self):
        requests = ["LIST UPS"]
        for name in self.names:
            requests += [f"LIST {kind} {name}" for kind in ("VAR", "RW", "CMD", "CLIENT")]
            requests += [f"GET UPSDESC {name}", f"GET NUMLOGINS {name}"]
        self.compare(requests)

    def test_each_variable(self):
        requests = []
        for name in self.names[::20]:
            listed = NutConnection(self.stock.port)
            with listed:
                variables = [line.split(" ")[2] for line in listed.ask(f"LIST VAR {name}").split("\n")[1:-1]]
            self.assertGreater(len(variables), 30)
            for variable in (*variables, "no.such", "server.info", "server.version", "server.x"):
                requests += [f"GET {kind} {name} {variable}" for kind in ("VAR", "TYPE", "DESC")]
                requests += [f"LIST {kind} {name} {variable}" for kind in ("ENUM", "RANGE")]
            requests += [f"GET CMDDESC {name} {command}" for command in ("load.off", "no.such")]
        self.compare(requests)

    def test_spelling(self):
        """Names are found whatever their case; the answer echoes the question."""
        self.compare([
            "list ups", "List Var UPS1", "get var Ups1 UPS.Status", "GET TYPE UPS1 UPS.ID",
            "GET UPSDESC uPs1", "GET VAR rack-0.unit vendor.mixed.case", "GET DESC UPS1 Ups.Mfr",
            "LIST RW RACK-3.UNIT", "LIST CMD UPS1", "GET CMDDESC UPS1 LOAD.OFF", "GET NUMLOGINS UPS1",
            "LIST ENUM UPS1 UPS.ID", "LIST CLIENT UPS1", "GET VAR NoSuch SERVER.INFO",
            "LIST ENUM ups1 Ups.Id",
        ])

    def test_errors(self):
        self.compare([
            "", " ", "# a comment", "NOSUCH", "ERR", "VER x", "PROTVER x", "NETVER x", "HELP x",
            "LOGOUT now", "GET", "GET NOSUCH", "GET VAR", "GET VAR ups1", "GET VAR nosuch ups.status",
            "GET VAR ups1 no.such", "GET VAR ups1 ups.status more", "GET TYPE", "GET TYPE ups1",
            "GET TYPE ups1 no.such", "GET TYPE nosuch x", "GET DESC", "GET DESC ups1", "GET DESC nosuch x",
            "GET CMDDESC", "GET CMDDESC ups1", "GET CMDDESC nosuch x", "GET UPSDESC", "GET UPSDESC nosuch",
            "GET UPSDESC ups1 more", "GET NUMLOGINS", "GET NUMLOGINS nosuch", "GET TRACKING",
            "GET TRACKING x", "GET VAR nosuch server.info", "GET VAR nosuch server.nosuch", "LIST",
            "LIST NOSUCH", "LIST UPS more", "LIST VAR", "LIST VAR nosuch", "LIST VAR ups1 more", "LIST RW",
            "LIST RW nosuch", "LIST CMD", "LIST CMD nosuch", "LIST ENUM", "LIST ENUM ups1",
            "LIST ENUM nosuch x", "LIST ENUM ups1 no.such", "LIST RANGE", "LIST RANGE ups1",
            "LIST RANGE nosuch x", "LIST RANGE ups1 no.such", "LIST CLIENT", "LIST CLIENT nosuch",
            "STARTTLS", "STARTTLS x", "SET", "SET VAR", "SET NOSUCH", "SET VAR ups1 ups.id x",
            "SET TRACKING", "SET TRACKING ON", "INSTCMD", "INSTCMD ups1", "INSTCMD ups1 load.off", "LOGIN",
            "LOGIN ups1", "PRIMARY", "PRIMARY ups1", "MASTER", "MASTER ups1", "FSD", "FSD ups1", "REQ x",
            "VARTYPE x", "LISTVARS", "LISTRW", "INSTCMDDESC x y", "ATTACH2",
        ])

    def test_lexer(self):
        self.compare([
            'GET VAR "ups1" "ups.status"', 'GET "VAR" ups1 ups.status', '"GET" "VAR" "ups1" "ups.status"',
            "GET VAR ups1 ups\\.status", "G\\ET VAR ups1 ups.status", "GET\tVAR\tups1\tups.status",
            "  GET   VAR   ups1   ups.status  ", "GET VAR ups1 ups.status # why",
            "GET VAR ups1 ups.status#why", 'GET VAR ups"1" ups.status', "GET VAR ups1=x",
            "GET VAR = ups.status", "=", '""', '"" ""', 'GET VAR ups1 ""', "GET VAR \\\"ups1\\\" x",
            "PROT\\VER", "PROTVER=1", '"PROT""VER"', 'PROT"VER"', "\xffPROT\xe9VER", "PROTVER\r",
            "PROTVER\r\r", "GET VAR ups1 " + "x" * 600, "x" * 600,
            " ".join(["GET", "VAR", "ups1", "ups.status"] + ["x"] * 100),
            "GET VAR " + "y" * 300 + " ups.status", "USERNAME " + "u" * 600, "\x01\x02", "PROTVER\x00",
            'LIST VAR "ups1"', 'LIST VAR "UPS1" more',
        ])

    # With and without rights

    def test_session(self):
        self.compare([
            "USERNAME", "PASSWORD", "USERNAME a b", "PASSWORD a b", "LOGIN ups1", "USERNAME x", "USERNAME y",
            "LOGIN ups1", "SET TRACKING ON", "PASSWORD x", "PASSWORD y", "LOGIN", "LOGIN nosuch",
            "LOGIN ups1", "PRIMARY ups1", "MASTER ups1", "FSD ups1", "SET VAR ups1 ups.id x",
            "INSTCMD ups1 load.off", "PRIMARY nosuch", "FSD nosuch", "GET NUMLOGINS ups1",
        ])

    def test_rights(self):
        requests = [
            "LOGIN ups4", "LOGIN ups5", "PRIMARY ups4", "MASTER ups4", "LIST CLIENT ups4",
            "GET NUMLOGINS ups4", "INSTCMD ups4 no.such", "INSTCMD ups4 load.off", "INSTCMD nosuch load.off",
            "SET VAR nosuch ups.id x", "SET VAR ups4 no.such x", "SET VAR ups4 device.model x",
            "SET VAR ups4 driver.name x", "SET VAR ups4 ups.id", "SET VAR ups4 ups.id " + "x" * 17,
            "SET VAR ups4 ups.id \"same\"", "SET VAR ups4 ups.id same more", "SET VAR ups4 server.info x",
        ]
        for login in (("admin", "secret"), ("some", "some"), ("main", "main"), ("old", "old"),
                      ("other", "other"),
                      ("nobody", ""), ("nobody", "x"), ("admin", "wrong"), ("nosuch", "secret"),
                      ("Admin", "secret"),
                      ("admin", "Secret"), ("main", "second definition"), ("admin", '"secret"')):
            with self.subTest(login):
                self.compare(requests, login)

    def test_login_counts(self):
        pairs = [self.connect() for _ in range(3)]
        for i, pair in enumerate(pairs):
            for c in pair:
                c.login("other", "other")
                self.assertEqual(c.ask("LOGIN ups7"), "OK")
            self.compare(["GET NUMLOGINS ups7", "GET NUMLOGINS UPS7", "LIST CLIENT ups7"])
            answers = {c.ask("LOGIN ups7") for c in pair}
            self.assertEqual(len(answers), 1, f"{i}: {answers}")
        for c in pairs.pop():
            self.assertEqual(c.ask("LOGOUT"), "OK Goodbye")
            self.assertEqual(c.line(), "")
        for c in pairs.pop():
            c.socket.shutdown(socket.SHUT_RDWR)
        # Both servers see the end of a connection on their own time.
        for server in (self.stock, self.ours):
            with NutConnection(server.port) as c:
                self.wait_for_answer(c, "GET NUMLOGINS ups7", "NUMLOGINS ups7 1")

    def test_forced_shutdown(self):
        """Last in the order of names it is not; so it has devices of its own."""
        self.compare(["PRIMARY ups8", "FSD ups8", "GET VAR ups8 ups.status", "LIST VAR ups8", "LIST RW ups8",
                      "FSD ups8", "GET VAR ups8 ups.status", "GET TYPE ups8 ups.status"], ("main", "main"))
        self.compare(["FSD ups10", "GET VAR ups10 ups.status"], ("admin", "secret"))
        self.compare(["FSD ups11", "GET VAR ups11 ups.status"], ("other", "other"))

    def test_set(self):
        login = ("admin", "secret")
        for setting, value in (("ups.id", "one"), ("ups.id", "with blank"), ("ups.load", "7"),
                               ("ups.load", "12.5"), ("ups.status", "OB LB"), ("ups.mfr", "x" * 32),
                               ("Vendor.Mixed.Case", "y"), ("UPS.ID", "upper")):
            with self.subTest(setting):
                self.compare([f'SET VAR ups13 {setting} "{value}"'], login)
                for server in (self.stock, self.ours):
                    with NutConnection(server.port) as c:
                        self.wait_for_answer(c, f"GET VAR ups13 {setting}", f'VAR ups13 {setting} "{value}"')
        self.compare(["GET VAR ups13 ups.status", "LIST RW ups13", "LIST VAR ups13"])

    def test_tracking(self):
        """The identities are random, the rest is equal."""
        for server in (self.stock, self.ours):
            with self.subTest(type(server).__name__), NutConnection(server.port) as c:
                self.assertEqual(c.ask("GET TRACKING"), "OFF")
                c.login("admin", "secret")
                self.assertEqual(c.ask("GET TRACKING x"), "ERR FEATURE-NOT-CONFIGURED")
                self.assertEqual(c.ask("SET TRACKING maybe"), "ERR INVALID-ARGUMENT")
                self.assertEqual(c.ask("SET TRACKING ON"), "OK")
                self.assertEqual(c.ask("GET TRACKING"), "ON")
                self.assertEqual(c.ask("GET TRACKING x"), "ERR UNKNOWN")
                for request, result in (("SET VAR ups14 ups.id tracked", "SUCCESS"),
                                        ("INSTCMD ups14 load.off", "ERR UNKNOWN"),
                                        ("INSTCMD ups14 load.off 5", "ERR UNKNOWN")):
                    answer = c.ask(request)
                    self.assertRegex(answer, r"^OK TRACKING [0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$")
                    self.wait_for_answer(c, f"GET TRACKING {answer.split()[2]}", result)
                for request in ("SET VAR ups14 no.such x", "INSTCMD ups14 no.such", "SET VAR nosuch a b"):
                    self.assertRegex(c.ask(request), "^ERR [A-Z-]+$")
                self.assertEqual(c.ask("SET TRACKING OFF"), "OK")
                self.assertEqual(c.ask("SET VAR ups14 ups.id untracked"), "OK")

    def wait_for_answer(self, connection, request, expected):
        wait_for(lambda: connection.ask(request) == expected, f"{expected} for {request}")

    # The stream

    def raw(self, *pieces):
        """What each server sends in answer to these bytes and the end of the stream."""
        answers = []
        for server in (self.stock, self.ours):
            with socket.create_connection(("127.0.0.1", server.port), 10) as s:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for piece in pieces:
                    s.sendall(piece)
                s.shutdown(socket.SHUT_WR)
                received = b""
                while chunk := s.recv(65536):
                    received += chunk
            answers.append(received)
        return answers

    def test_stream(self):
        for data in (
            b"VER x\nGET VAR ups1 ups.status\nLOGOUT\n",
            b"VER x\r\nGET VAR ups1 ups.status\r\nLOGOUT\r\n",
            b"VER x\r\r\nGET VAR ups1 ups.status\r\r\nLOGOUT\r\r\n",
            b"GET VAR ups1 \\\nups.status\nLOGOUT\n",
            b"LIST RW ups1\nLIST CMD ups1\nGET TYPE ups1 ups.id\nLOGOUT\n",
            b"\n\n\nLOGOUT\n",
            b"x" * 100000 + b"\nVER x\nLOGOUT\n",
            b"GET VAR ups1 ups.status\n" * 500 + b"LOGOUT\n",
        ):
            with self.subTest(data[:40]):
                stock, ours = self.raw(data)
                self.assertEqual(ours, stock)
                self.assertTrue(ours.endswith(b"OK Goodbye\n"))
                # Without a goodbye all is answered as well, before the connection ends.
                _, ours = self.raw(data.removesuffix(b"\n").removesuffix(b"\r").removesuffix(b"LOGOUT"))
                self.assertEqual(ours, stock.removesuffix(b"OK Goodbye\n"))

    def test_bytes_one_by_one(self):
        data = b"GET VAR ups1 ups.status\r\nLIST RW ups1\nLOGOUT\n"
        stock, ours = self.raw(*(bytes([b]) for b in data))
        self.assertEqual(ours, stock)

    # What is meant to be different, on both sides

    ADMIN = b"USERNAME admin\nPASSWORD secret\n"
    WRONG = b"USERNAME admin\nPASSWORD wrong\n"
    OK = b"OK\nOK\n"
    DIFFERENT = (  # heading in docs/COMPATIBILITY.md, what is sent, what stock answers, what we answer
        ("Every line is answered", b'GET VAR ups2 "ups#status\nPROTVER\n', b"",
         b"ERR INVALID-ARGUMENT\n1.3\n"),
        ("Every line is answered", b'GET VAR ups2 "ups.status\nPROTVER\n', b"",
         b"ERR INVALID-ARGUMENT\n1.3\n"),
        ("Two words more", b"WATCH ups2\n", b"ERR UNKNOWN-COMMAND\n", b"OK WATCH\n"),
        ("Two words more", ADMIN + b"NEED ups2 5\n", OK + b"ERR UNKNOWN-COMMAND\n",
         OK + b"ERR ACCESS-DENIED\n"),
        ("Goodbye is the end", b"LOGOUT\nPROTVER\n", b"OK Goodbye\n1.3\n", b"OK Goodbye\n"),
        ("Numbers are numbers", ADMIN + b"SET VAR ups2 ups.load 26abc\n", OK + b"OK\n",
         OK + b"ERR INVALID-VALUE\n"),
        ("Numbers are numbers", ADMIN + b'SET VAR ups2 ups.load ""\n', OK + b"OK\n",
         OK + b"ERR INVALID-VALUE\n"),
        ("Rights come first", WRONG + b"SET TRACKING ON\nGET TRACKING\n", OK + b"OK\nON\n",
         OK + b"ERR ACCESS-DENIED\nOFF\n"),
        ("No word is dropped", ADMIN + b"INSTCMD ups2 load.off 1 2\n", OK + b"OK\n",
         OK + b"ERR INVALID-ARGUMENT\n"),
        ("Spellings of RFC 9271", b"GET NUMATTACH ups2\n", b"ERR INVALID-ARGUMENT\n", b"NUMATTACH ups2 0\n"),
        ("Spellings of RFC 9271", b"DETACH\n", b"ERR UNKNOWN-COMMAND\n", b"OK Goodbye\n"),
        ("Spellings of RFC 9271", b"USERNAME other\nPASSWORD other\nATTACH ups2\nATTACH ups2\n",
         OK + b"ERR UNKNOWN-COMMAND\nERR UNKNOWN-COMMAND\n", OK + b"OK\nERR ALREADY-ATTACHED\n"),
    )

    def test_meant(self):
        for heading, data, expected_stock, expected_ours in self.DIFFERENT:
            with self.subTest(data):
                stock, ours = self.raw(data)
                self.assertEqual(stock, expected_stock)
                self.assertEqual(ours, expected_ours)

    def test_values_arrive_whole(self):
        value = r'a \"b\" \\ \# c'
        for server, expected in ((self.stock, "a "), (self.ours, value)):
            with NutConnection(server.port) as c:
                c.login("admin", "secret")
                self.assertEqual(c.ask(f'SET VAR ups16 ups.mfr "{value}"'), "OK")
                self.wait_for_answer(c, "GET VAR ups16 ups.mfr", f'VAR ups16 ups.mfr "{expected}"')

    def test_empty_is_a_value(self):
        for server, expected in ((self.stock, "ERR VAR-NOT-SUPPORTED"), (self.ours, 'VAR ups17 ups.id ""')):
            with NutConnection(server.port) as c:
                c.login("admin", "secret")
                self.assertEqual(c.ask('SET VAR ups17 ups.id ""'), "OK")
                self.wait_for_answer(c, "GET VAR ups17 ups.id", expected)

    def test_tracking_cannot_be_guessed(self):
        """The first identity of each stock server is the same."""
        identities = set()
        for _ in range(20):
            with NutConnection(self.ours.port) as c:
                c.login("admin", "secret")
                self.assertEqual(c.ask("SET TRACKING ON"), "OK")
                identities.add(c.ask("SET VAR ups19 ups.id x"))
        self.assertEqual(len(identities), 20)

    def test_documented(self):
        """Each difference has its heading."""
        with open(os.path.join(ROOT, "docs", "COMPATIBILITY.md"), encoding="utf-8") as f:
            headings = set(re.findall(r"^### (.*)$", f.read(), re.MULTILINE))
        self.assertLessEqual({fix[0] for fix in (*FIXES, *self.DIFFERENT)}, headings)


if __name__ == "__main__":
    unittest.main()
