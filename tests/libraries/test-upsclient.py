#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program that calls each function of libupsclient runs with Debian's library and with ours against a
server that answers as each test says: the same is printed, but for what docs/COMPATIBILITY.md has."""

import contextlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

from librarieslib import HERE, LIBRARY, OURS, STOCK, program, stock_library, swap
from certificates import Authority
from testlib import ROOT, Testbed, TestCase, free_port, run

PROBE = program("upsclient-probe")

# What upsclient.h says, in numbers.
TRY_TLS, FORCE_TLS, INET, INET6, VERIFY = 1, 2, 4, 8, 16

HANG_UP = b"\0"


class Server:
    """Answers requests as a table says; behind HANG_UP it closes, and b"" is no answer at all."""

    def __init__(self, answers, greeting=b""):
        self.answers, self.greeting = answers, greeting
        self.requests = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # One after the other: at the end of this one all that was said before has been read.
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.shutdown(socket.SHUT_WR)
            while last.recv(4096):
                pass
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                with connection, contextlib.suppress(ConnectionError):
                    self.converse(connection)

    def converse(self, connection):
        connection.sendall(self.greeting)
        for line in connection.makefile("rb"):
            request = line.decode("latin-1").removesuffix("\n")
            self.requests.append(request)
            answer = self.answers.get(request, b"ERR UNKNOWN-COMMAND\n")
            connection.sendall(answer.removesuffix(HANG_UP))
            if answer.endswith(HANG_UP):
                return


def probe(library, calls, path=PROBE):
    """What the program prints, and what the library said on stderr."""
    environment = {"LD_LIBRARY_PATH": STOCK}
    if library == OURS:
        environment = swap(OURS, LIBRARY, ours=path == PROBE)
    result = subprocess.run([path], input="".join(f"{call}\n" for call in calls), capture_output=True,
                            env={**os.environ, **environment}, text=True, timeout=60, check=True)
    return result.stdout, result.stderr


class Probe(TestCase):
    def talk(self, library, calls, answers, greeting=b"", flags=0):
        """Connects, makes the calls, and returns the lines behind the connection's, and the requests."""
        with Server(answers, greeting) as server:
            out, _ = probe(library, [f"connect|127.0.0.1|{server.port}|{flags}", *calls])
        out = out.replace(str(server.port), "PORT").splitlines()
        self.assertEqual(out[:2], ["connect: 0 connected=1 ssl=0 upserror=0 Unknown error",
                                   "kept: 127.0.0.1 PORT"])
        return out[2:], server.requests

    def assert_same(self, calls, answers, **options):
        """Returns what was printed and asked."""
        stock, ours = (self.talk(library, calls, answers, **options) for library in (STOCK, OURS))
        self.assertEqual(ours, stock)
        return ours

    def assert_fixed(self, calls, answers, expected, **options):
        """Stock prints something else."""
        stock, ours = (self.talk(library, calls, answers, **options)[0] for library in (STOCK, OURS))
        self.assertEqual(ours, expected)
        self.assertNotEqual(stock, expected)


class TestLibrary(Probe):
    def test_which(self):
        for library in (STOCK, OURS):
            path = probe(library, ["where"])[0].split()[1]
            self.assertEqual(os.path.dirname(path), library)

    def test_symbols(self):
        """No more and no fewer than Debian's, whose names have no versions."""
        listed = [run("nm", "-D", "--defined-only", path).stdout
                  for path in (stock_library("libupsclient.so.6"), LIBRARY)]
        stock, ours = (sorted(line.split()[2] for line in lines.splitlines()) for lines in listed)
        self.assertEqual(ours, stock)
        self.assertIn("SONAME               libupsclient.so.6\n", run("objdump", "-p", LIBRARY).stdout)


class TestErrors(Probe):
    def test_texts(self):
        """All numbers; those of TLS have words of their own."""
        self.assert_same([f"error|{n}|2" for n in range(44) if n not in (37, 41)], {})
        self.assert_same(["nothing"], {})

    def test_answers(self):
        tokens = ("VAR-NOT-SUPPORTED", "UNKNOWN-UPS", "ACCESS-DENIED", "PASSWORD-REQUIRED",
                  "PASSWORD-INCORRECT", "MISSING-ARGUMENT", "DATA-STALE", "VAR-UNKNOWN", "ALREADY-LOGGED-IN",
                  "ALREADY-SET-PASSWORD", "UNKNOWN-TYPE", "UNKNOWN-VAR", "READONLY", "TOO-LONG",
                  "INVALID-VALUE", "SET-FAILED", "UNKNOWN-INSTCMD", "INSTCMD-FAILED", "CMD-NOT-SUPPORTED",
                  "INVALID-USERNAME", "ALREADY-SET-USERNAME", "UNKNOWN-COMMAND", "INVALID-PASSWORD",
                  "USERNAME-REQUIRED", "DRIVER-NOT-CONNECTED", "FEATURE-NOT-CONFIGURED", "NO-SUCH-TOKEN",
                  "DATA-STALE and more", "DATA-STALENESS", "")
        calls, answers = [], {}
        for n, token in enumerate(tokens):
            answers |= {f"{verb} VAR u {n}": f"ERR {token}\n".encode() for verb in ("GET", "LIST")}
            calls += [f"get|VAR|u|{n}", f"list|VAR|u|{n}"]
        out, _ = self.assert_same(calls, answers)
        self.assertIn("get: -1 connected=1 ssl=0 upserror=10 Data stale", out)
        self.assert_fixed(["get|VAR|u|v"], {"GET VAR u v": b"ERR INVALID-ARGUMENT\n"},
                          ["get: -1 connected=1 ssl=0 upserror=26 Invalid argument"])


class TestAnswers(Probe):
    def test_get(self):
        answers = {
            "GET VAR u a": b'VAR u a "some \\"quoted\\" \\\\ text"\n',
            "GET VAR u empty": b'VAR u empty ""\n',
            "GET VAR u short": b"VAR u\n",
            "GET VAR u other": b'VAR u another "x"\n',
            "GET VAR u case": b'var U CASE "x"\n',
            "GET NUMLOGINS u": b"NUMLOGINS u 3\n",
            "GET TYPE u v": b"TYPE u v RW ENUM STRING:5\n",
            "GET VAR u tabs": b'VAR\tu   tabs "a\tb"\n',
            "GET VAR u hash": b'VAR u hash "a \\# b" # a comment\n',
            "GET VAR u end": b'VAR u end "x"\r\n',
        }
        out, _ = self.assert_same(["get|" + request[4:].replace(" ", "|") for request in answers], answers)
        self.assertEqual(out[0], 'get: <VAR> <u> <a> <some "quoted" \\ text> 0 connected=1 ssl=0 upserror=0 '
                         "Unknown error")

    def test_requests(self):
        """Words arrive as they were given."""
        calls = ['get|VAR|with blank|x', 'get|VAR|back\\slash|"quote"', "get|VAR|=|x", "get", "list"]
        stock, ours = (self.talk(library, calls, {}) for library in (STOCK, OURS))
        self.assertEqual(ours[0], stock[0])
        self.assertEqual(*([shlex.split(request) for request in asked] for _, asked in (stock, ours)))
        # An empty word is sent as one, and what would be two requests is not sent.
        _, requests = self.talk(OURS, ["get|VAR|-|x", "get|VAR|" + "x" * 600], {})
        self.assertEqual(requests, ['GET VAR "" x', "LOGOUT"])

    def test_lists(self):
        items = b"".join(b'VAR u v%d "value %d"\n' % (i, i) for i in range(200))
        bodies = {
            "u": b"BEGIN LIST VAR u\n" + items + b"END LIST VAR u\n",
            "empty": b"BEGIN LIST VAR empty\nEND LIST VAR empty\n",
            "none": b"VAR none x y\n",
            "other": b"BEGIN LIST VAR another\n",
            "short": b"BEGIN\n",
            "wrong": b"BEGIN LIST VAR wrong\nVAR right x y\n",
            "error": b"BEGIN LIST VAR error\nERR DATA-STALE\n",
        }
        for name, body in bodies.items():
            with self.subTest(name):
                self.assert_same([f"list|VAR|{name}"], {f"LIST VAR {name}": body})

    def test_long_values(self):
        """Where Debian's loses the end of a line, and the order of all that follows."""
        value = "x" * 505
        long, short = f'VAR u v "{value}"\n', 'VAR u w "y"\n'
        self.assert_fixed(["get|VAR|u|v", "get|VAR|u|w"],
                          {"GET VAR u v": long.encode(), "GET VAR u w": short.encode()},
                          [f"get: <VAR> <u> <v> <{value}> 0 connected=1 ssl=0 upserror=0 Unknown error",
                           "get: <VAR> <u> <w> <y> 0 connected=1 ssl=0 upserror=0 Unknown error"])


class TestLines(Probe):
    def test_lines(self):
        answers = {"VER": b"Version 1\n", "NETVER": b"1.3\nand a second line\n", "HELP": b"\n"}
        self.assert_same(["send|VER", "read|100", "send|NETVER|1", "read|100|1", "read|100", "send|HELP",
                          "read|100"], answers)
        # The rest of a line that does not fit is no line of its own.
        self.assert_fixed(["send|VER", "read|5", "send|VER", "read|100"], answers,
                          ["send: 0 connected=1 ssl=0 upserror=0 Unknown error",
                           "read: <Vers> 0 connected=1 ssl=0 upserror=0 Unknown error",
                           "send: 0 connected=1 ssl=0 upserror=0 Unknown error",
                           "read: <Version 1> 0 connected=1 ssl=0 upserror=0 Unknown error"])

    def test_end(self):
        """The connection is closed by all that fails, and more calls say so."""
        more = ["get|VAR|u|v", "send|VER", "read|10", "disconnect", "disconnect"]
        out, _ = self.assert_same(["get|VAR|u|v", *more], {"GET VAR u v": HANG_UP})
        self.assertEqual(out[0], "get: -1 connected=0 ssl=0 upserror=38 Server disconnected")
        self.assert_same(["list|VAR|u", *more], {"LIST VAR u": HANG_UP})
        self.assert_same(["send|VER", "read|10|1", *more], {"VER": b""})
        # 0 does not wait, neither for a line nor for its end, and takes what is there.
        self.assert_same(["send|VER|0", "read|10|0", *more], {"VER": b""})
        out, _ = self.assert_same(["send|VER", "read|10", "read|10|0", *more], {"VER": b"a\nb\n"})
        self.assertEqual(out[2], "read: <b> 0 connected=1 ssl=0 upserror=0 Unknown error")
        self.assert_same(["disconnect", *more], {})

    def test_hang_up_in_a_list(self):
        with Server({"LIST VAR u": b'BEGIN LIST VAR u\nVAR u a "1"\nVAR u' + HANG_UP}) as server:
            for library in (STOCK, OURS):
                with self.subTest(library):
                    out, _ = probe(library, [f"connect|127.0.0.1|{server.port}|0", "list|VAR|u"])
                    self.assertIn("<VAR> <u> <a> <1> 1\n -1 connected=0 ssl=0 upserror=38", out)

    def test_goodbye(self):
        _, requests = self.assert_same(["send|VER", "disconnect"], {})
        self.assertEqual(requests, ["VER", "LOGOUT"])


class TestConnecting(Probe):
    def test_failures(self):
        port = free_port()
        calls = [f"connect|127.0.0.1|{port}|0", f"connect|127.0.0.1|{port}|0|5", f"connect|NULL|{port}|0",
                 f"connect|no such host|{port}|0", f"connect|127.0.0.1|{port}|{INET}"]
        stock, ours = (probe(library, calls)[0] for library in (STOCK, OURS))
        self.assertEqual(ours, stock)
        self.assertIn("upserror=31 Connection failure: Connection refused", ours)
        self.assertIn("upserror=2 No such host", ours)

    def test_families(self):
        with Server({}) as server:
            for host, flags, result in (("localhost", 0, 0), ("localhost", INET, 0),
                                        ("127.0.0.1", INET6, -1)):
                for library in (STOCK, OURS):
                    with self.subTest(host=host, flags=flags, library=library):
                        out, _ = probe(library, [f"connect|{host}|{server.port}|{flags}", "disconnect"])
                        self.assertTrue(out.startswith(f"connect: {result} "), out)

    def test_without_tls(self):
        """The server has none: that is an error to those alone who insist."""
        answers = {"STARTTLS": b"ERR FEATURE-NOT-CONFIGURED\n", "VER": b"1\n"}
        self.assert_same(["send|VER", "read|10"], answers, flags=TRY_TLS)
        with Server(answers) as server:
            calls = [f"connect|127.0.0.1|{server.port}|{flags}" for flags in
                     (FORCE_TLS, TRY_TLS | VERIFY, FORCE_TLS | VERIFY, TRY_TLS | FORCE_TLS)]
            calls += ["hostcert|127.0.0.1|name|0|1", calls[0]]
            out, _ = probe(OURS, calls)
            stock, _ = probe(STOCK, calls)
        self.assertEqual(re.findall("^connect: (.*)", out, re.M),
                         ["-1 connected=0 ssl=0 upserror=36 SSL is not available"] * 5)
        self.assertEqual(len(re.findall("^connect: -1 ", stock, re.M)), 5)


class TestTls(TestCase):
    """What upscli_init() and upscli_add_host_cert() say, against a gateway that wants certificates."""

    @classmethod
    def setUpClass(cls):
        scratch = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="busbar-upsclient-"))
        cls.authority = Authority(os.path.join(scratch, "tls"))
        cls.stranger = Authority(os.path.join(scratch, "other"), "stranger")
        cls.server = cls.authority.make("server")
        cls.own = cls.authority.make("client")
        cls.config = {"ups.conf": "[ups]\ndriver = dummy-ups\nport = ups.dev\n",
                      "ups.dev": "ups.status: OL\n", "upsd.users": "",
                      "upsd.conf": f"CERTFILE {cls.server}\n"}
        cls.bed = cls.enterClassContext(Testbed(cls.config))

    def connect(self, *calls, flags=TRY_TLS, port=None):
        """The result of connecting after these calls, and what was said on stderr."""
        out, err = probe(OURS, [*calls, f"connect|127.0.0.1|{port or self.bed.port}|{flags}",
                                "get|VAR|ups|ups.status", "disconnect", "cleanup"])
        result = re.search("^connect: (.*)$", out, re.M)[1]
        if result.startswith("0 "):
            self.assertIn("<OL> 0 connected=1", out)
        return result, err

    GOOD = "0 connected=1 ssl=1 upserror=0 Unknown error"

    def test_good(self):
        verify = f"init|1|{self.authority.path}|NULL|NULL"
        for calls in ([], ["init|0|NULL|NULL|NULL"], [verify],
                      ["cleanup", verify, "cleanup", "init|0|NULL|NULL|NULL"],
                      [verify, "hostcert|127.0.0.1|localhost|1|1"], ["hostcert|127.0.0.1|nobody|0|1"]):
            for flags in (TRY_TLS, FORCE_TLS, TRY_TLS | FORCE_TLS):
                with self.subTest(calls, flags=flags):
                    self.assertEqual(self.connect(*calls, flags=flags), (self.GOOD, ""))
        self.assertEqual(self.connect(verify, flags=FORCE_TLS | VERIFY), (self.GOOD, ""))
        self.assertIn("0 connected=1 ssl=0", self.connect(verify, flags=0)[0])

    def test_bad_certificate(self):
        """It is verified when any of the ways asks for it, and a host's rule goes before others."""
        stranger = f"init|1|{self.stranger.path}|NULL|NULL"
        lax = f"init|0|{self.stranger.path}|NULL|NULL"
        good = f"init|1|{self.authority.path}|NULL|NULL"
        for calls, flags in (([stranger], TRY_TLS), ([], TRY_TLS | VERIFY), ([lax], FORCE_TLS | VERIFY),
                             ([lax, "hostcert|127.0.0.1|NULL|1|0"], TRY_TLS),
                             ([good, "hostcert|127.0.0.1|nobody|1|1"], TRY_TLS)):
            with self.subTest(calls, flags=flags):
                self.assertRegex(self.connect(*calls, flags=flags)[0],
                                 "^-1 connected=0 ssl=0 upserror=37 SSL error: .*certificate")
        self.assertEqual(self.connect(stranger, "hostcert|127.0.0.1|NULL|0|1"), (self.GOOD, ""))

    def test_own_certificate(self):
        config = {**self.config, "upsd.conf": f"CERTFILE {self.server}\nCERTPATH {self.authority.path}\n"
                                              "CERTREQUEST 2\n"}
        directory = os.path.dirname(self.own)
        with Testbed(config) as bed:
            good = self.connect(f"init|1|{directory}|client|NULL", port=bed.port)
            # In TLS 1.3 the refusal comes behind the handshake.
            out, _ = probe(OURS, [f"connect|127.0.0.1|{bed.port}|{TRY_TLS}", "get|VAR|ups|ups.status"])
        self.assertEqual(good[0], self.GOOD)
        self.assertIn("connected=0 ssl=0 upserror=37 SSL error: the other end wants a certificate of us\n",
                      out)

    def test_bad_files(self):
        for path, message in (("/no/such/file", "/no/such/file: "), (__file__, "PEM")):
            out, err = probe(OURS, [f"init|1|{path}|NULL|NULL", "init|0|NULL|NULL|NULL"])
            self.assertEqual(out, "init: -1\ninit: 1\n")
            self.assertIn(message, err)
        out, err = probe(OURS, ["init|0|NULL|NULL|NULL", "init|0|NULL|NULL|NULL"])
        self.assertEqual((out, err), ("init: 1\ninit: -1\n", "upscli already initialized\n"))


class TestHeaders(TestCase):
    """They compile by themselves, in all dialects, without a warning; programs of Debian's header fit."""

    def test_dialects(self):
        directory = os.path.join(ROOT, "src", "upsclient")
        for compiler, language, dialects in (("cc", "c", ("c89", "c99", "c11", "gnu17", "c2x")),
                                             ("c++", "c++", ("c++98", "c++11", "c++17", "c++20"))):
            for dialect in dialects:
                with self.subTest(dialect):
                    subprocess.run([compiler, f"-std={dialect}", "-pedantic", "-Wall", "-Wextra", "-Werror",
                                    "-fsyntax-only", f"-I{directory}", "-x", language, "-"], check=True,
                                   input=b"#include <upsclient.h>\nint main(void) { return 0; }\n",
                                   timeout=60)

    def test_built_with_debian(self):
        scratch = self.enter(tempfile.TemporaryDirectory(prefix="busbar-upsclient-"))
        path = os.path.join(scratch, "probe")
        source = os.path.join(scratch, "probe.c")
        shutil.copy(os.path.join(HERE, "upsclient-probe.c"), source)
        run("cc", "-D_GNU_SOURCE", "-o", path, source, "-lupsclient")
        calls = ["where", "nothing", "splitname|ups@host", "error|31|2"]
        outputs = []
        for library in (STOCK, OURS):
            out = probe(library, calls, path)[0].splitlines()
            self.assertEqual(os.path.dirname(out[0].split()[1]), library)
            outputs.append(out[1:])
        self.assertEqual(*outputs)


class TestSpecs(Probe):
    def test_good(self):
        names = ("ups", "ups@host", "ups@host:1234", "ups@[::1]", "ups@[fe80::1%eth0]:99", "ups@host:65535")
        calls = [f"splitname|{name}" for name in names]
        calls += [f"splitaddr|{name.removeprefix('ups@')}" for name in names]
        self.assertEqual(probe(OURS, calls), probe(STOCK, calls))

    def test_bad(self):
        calls = ["splitname|NULL", "splitname|-", "splitaddr|-", "splitaddr|NULL", "splitname|ups@[::1",
                 "splitname|ups@host:", "splitname|ups@host:0", "splitname|ups@host:65536",
                 "splitname|ups@host:x", "splitaddr|host:", "splitaddr|[::1]:"]
        self.assertEqual(probe(OURS, calls), probe(STOCK, calls))

    def test_what_debian_takes_or_dies_of(self):
        calls = ["splitname|@", "splitname|@host", "splitname|ups@", "splitaddr|:", "splitaddr|:1",
                 "splitaddr|host:12x", "splitaddr|[]", "splitaddr|[::1]x", "splitaddr|::1"]
        out, err = probe(OURS, calls)
        self.assertEqual(out.count(" -1\n"), len(calls))
        self.assertEqual(err.count("\n"), len(calls))


if __name__ == "__main__":
    unittest.main()
