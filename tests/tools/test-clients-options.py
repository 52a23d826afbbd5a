#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The client commands where Debian's are no measure: options newer than 2.8.0, credentials, TLS, prompts on
a terminal, waiting for results."""

import json
import os
import pty
import re
import socket
import sys
import tempfile
import threading
import unittest

from clientlib import OURS, PROGRAMS, STOCK, ScriptedServer, environment, program, run_client

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "gateway"))

from certificates import Authority  # noqa: E402
from testlib import StockServer, Testbed, TestCase  # noqa: E402

CONFIG = {
    "ups.conf": "[ups]\n\tdriver = dummy-ups\n\tport = ups.dev\n\tdesc = \"One\"\n",
    "ups.dev": "ups.status: OL\nups.id: old\nbattery.charge: 87\n",
    "upsd.conf": "MAXAGE 15\n",
    "upsd.users": """
[admin]
        password = "se cret"
        actions = SET
        instcmds = ALL
""",
}

ID = "12345678-1234-1234-1234-123456789012"
ADMIN = ("-u", "admin", "-p", "secret")
SCRIPT = [
    ("STARTTLS", "ERR FEATURE-NOT-CONFIGURED\n"),
    ("(USERNAME|PASSWORD) .*|SET TRACKING ON", "OK\n"),
    ("LIST UPS", 'BEGIN LIST UPS\nUPS a "A \\"b\\" \\\\ c"\nUPS b ""\nEND LIST UPS\n'),
    ("LIST VAR a", 'BEGIN LIST VAR a\nVAR a x.y "1 \\"2\\""\nVAR a x.z ""\nEND LIST VAR a\n'),
    ("LIST VAR empty", "BEGIN LIST VAR empty\nEND LIST VAR empty\n"),
    ("LIST VAR .*", "ERR UNKNOWN-UPS\n"),
    ("LIST CLIENT a", "BEGIN LIST CLIENT a\nCLIENT a 127.0.0.1\nEND LIST CLIENT a\n"),
    ("LIST CLIENT empty", "BEGIN LIST CLIENT empty\nEND LIST CLIENT empty\n"),
    ("GET VAR a x.y", 'VAR a x.y "1 \\"2\\""\n'),
    ("GET VAR .*", "ERR VAR-NOT-SUPPORTED\n"),
]
JSON = (
    (("-l",), '[\n  "a",\n  "b"\n]\n', None),
    (("-L",), '{\n  "a": "A \\"b\\" \\\\ c",\n  "b": ""\n}\n', None),
    (("a@{}",), '{\n  "x.y": "1 \\"2\\"",\n  "x.z": ""\n}\n', None),
    (("empty@{}",), "{\n\n}\n", None),
    (("a@{}", "x.y"), '"1 \\"2\\""\n', None),
    (("-c", "a@{}"), '[\n  "127.0.0.1"\n]\n', None),
    (("-c", "empty@{}"), "[\n\n]\n", None),
    (("nosuch@{}",), '{\n  "error": "Unknown UPS"\n}\n', "Unknown UPS"),
    (("a@{}", "no.such"), '{"error": "Variable not supported by UPS"}\n', "Variable not supported by UPS"),
    (("a@{}", "nodot"), '{"error": "old-style variable names are not supported"}\n',
     "old-style variable names are not supported"),
    (("a@127.0.0.1:1",), '{"error": "Connection failure: Connection refused"}\n',
     "Connection failure: Connection refused"),
    (("@",), '{"error": "invalid UPS definition.\\nRequired format: upsname[@hostname[:port]]"}\n',
     "invalid UPS definition.\nRequired format: upsname[@hostname[:port]]"),
)


class Scripted(TestCase):
    def serve(self, *script):
        return self.enter(ScriptedServer([*script, *SCRIPT]))

    def check(self, result, stdout, stderr, status):
        self.assertEqual(tuple(result), (stdout, stderr, status))

    def test_json(self):
        host = f"127.0.0.1:{self.serve().port}"
        for arguments, stdout, error in JSON:
            arguments = [a.replace("{}", host) for a in arguments]
            with self.subTest(arguments):
                result = run_client(OURS, "upsc", "-j", *arguments,
                                    *([host] if len(arguments[0]) == 2 else []))
                self.check(result, stdout, f"Error: {error}\n" if error else "", 1 if error else 0)
                json.loads(result.stdout)

    def test_tracking(self):
        server = self.serve(("(INSTCMD|SET VAR) .*", f"OK TRACKING {ID}\n"),
                            (f"GET TRACKING {ID}", ["PENDING\n", "PENDING\n", "SUCCESS\n", "ERR FAILED\n",
                                                    "PENDING\n"]))
        ups = f"a@127.0.0.1:{server.port}"
        self.check(run_client(OURS, "upscmd", *ADMIN, "-w", ups, "a.b"), "", "SUCCESS\n", 0)
        self.check(run_client(OURS, "upsrw", *ADMIN, "-w", "-s", "a.b=1", ups), "", "ERR FAILED\n", 1)
        self.check(run_client(OURS, "upscmd", *ADMIN, "-w", "-t", "1", ups, "a.b"), "",
                   "Can't receive status tracking information: timeout\n", 1)
        self.check(run_client(OURS, "upscmd", *ADMIN, ups, "a.b"), "", f"OK TRACKING {ID}\n", 0)
        self.assertNotIn("SET TRACKING ON", server.requests[-4:])
        self.assertEqual(server.requests[-1], "LOGOUT")

    def test_words_of_a_request(self):
        """Blanks and quotes arrive; what cannot is refused, and not sent in part."""
        server = self.serve(("(INSTCMD|SET VAR) .*", "OK\n"))
        ups = f"a@127.0.0.1:{server.port}"
        self.check(run_client(OURS, "upscmd", "-u", "x", "-p", 'a "b" \\', ups, "a.b", "1 2"), "", "OK\n", 0)
        self.assertEqual(server.requests[1:4], ["USERNAME x", 'PASSWORD "a \\"b\\" \\\\"',
                                                'INSTCMD a a.b "1 2"'])
        for value in ("x" * 513, "caf\u00e9", "two\nlines"):
            result = run_client(OURS, "upsrw", *ADMIN, "-s", f"a.b={value}", ups)
            self.assertRegex(result.stderr, "^Set variable failed: Invalid argument")
            self.assertEqual(result.status, 1)
        self.assertFalse([r for r in server.requests if r.startswith("SET VAR")])

    def test_login_outside_ascii(self):
        """Stock's server and ours drop such bytes on the wire and in upsd.users, so that these fit."""
        users = "[m\xfcller]\n\tpassword = \"caf\xc3\xa9\"\n\tactions = SET\n"
        login = ("-u", "m\udcfcller", "-p", "caf\u00e9")
        for serve in (Testbed, StockServer):
            with serve({**CONFIG, "upsd.users": users}) as server:
                ups = f"ups@127.0.0.1:{server.port}"
                for whose in (OURS, STOCK):
                    result = run_client(whose, "upsrw", *login, "-s", "ups.id=new", ups)
                    self.check(result, "", "OK\n", 0)
                    result = run_client(whose, "upsrw", *login[:3], "cafe", "-s", "ups.id=new", ups)
                    self.assertIn("ERR ACCESS-DENIED", result.stderr)

    def test_connect_timeout(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            waiting = [self.enter(socket.socket()) for _ in range(3)]
            for s in waiting:
                s.setblocking(False)
                s.connect_ex(listener.getsockname())
            ups = f"a@127.0.0.1:{listener.getsockname()[1]}"
            for arguments, more in ((("-W", "0.2", ups), {}), ((ups,),
                                                               {"NUT_DEFAULT_CONNECT_TIMEOUT": "0.2"})):
                self.check(run_client(OURS, "upsc", *arguments, **more), "",
                           "Error: Connection failure: Connection timed out\n", 1)
        for p in PROGRAMS:
            result = run_client(OURS, p, "-W", "soon", "a")
            self.assertEqual((result.stderr, result.status), ("Error: invalid network timeout: soon\n", 1))
        ups = f"a@127.0.0.1:{self.serve().port}"
        result = run_client(OURS, "upsc", ups, "x.y", NUT_DEFAULT_CONNECT_TIMEOUT="soon")
        self.assertEqual((result.stdout, result.status), ('1 "2"\n', 0))
        self.assertRegex(result.stderr, "^NUT_DEFAULT_CONNECT_TIMEOUT=soon is no time")

    def test_hung_server(self):
        """One that says nothing is given up, one that hangs up is told."""
        server = self.serve(("GET VAR a x.y", None), ("LIST RW a", None))
        ups = f"a@127.0.0.1:{server.port}"
        self.check(run_client(OURS, "upsc", ups, "x.y"), "", "Error: Server disconnected\n", 1)
        self.check(run_client(OURS, "upsrw", ups), "", "Error: Server disconnected\n", 1)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            result = run_client(OURS, "upsc", f"a@127.0.0.1:{silent.getsockname()[1]}")
            self.check(result, "", "Error: SSL error: the server did not answer STARTTLS\n", 1)

    def test_password_is_not_in_the_list_of_processes(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            seen = []

            def serve():
                connection, _ = server.accept()
                with connection, connection.makefile("rw") as f:
                    f.readline()
                    for entry in os.listdir("/proc"):
                        try:
                            with open(f"/proc/{entry}/cmdline", encoding="latin-1") as c:
                                command = c.read()
                        except OSError:
                            continue
                        if command.startswith("upscmd\0") and f":{server.getsockname()[1]}" in command:
                            seen.append(command)

            thread = threading.Thread(target=serve)
            thread.start()
            run_client(OURS, "upscmd", "-u", "admin", "-p", "TopSecret",
                       f"a@127.0.0.1:{server.getsockname()[1]}",
                       "a.b")
            thread.join()
            self.assertEqual(len(seen), 1)
            self.assertNotIn("TopSecret", seen[0])

    def test_help_and_version(self):
        for p in PROGRAMS:
            with self.subTest(p):
                help_text = run_client(OURS, p, "-h")
                self.assertEqual((help_text.stderr, help_text.status), ("", 0))
                for option in "WADVh":
                    self.assertIn(f"\n  -{option} ", help_text.stdout)
                version = run_client(OURS, p, "-V")
                self.assertRegex(version.stdout, rf"^Network UPS Tools {p} 2\.8\.0 \(Busbar [0-9.]+\)\n$")
                self.assertEqual(run_client(OURS, p, "-q").status, 1)


class Terminal(TestCase):
    """What stands on the terminal, which shows no password, is what stock puts there."""

    def converse(self, whose, answers, name, *arguments):
        """Text on the terminal, and exit status."""
        pid, fd = pty.fork()
        if pid == 0:
            try:
                os.execve(program(name, whose), [name, *arguments], environment())
            finally:
                os._exit(127)
        text = b""
        try:
            while chunk := os.read(fd, 4096):
                text += chunk
                if answers and re.search(answers[0][0], text.decode()):
                    os.write(fd, answers.pop(0)[1].encode() + b"\n")
        except OSError:
            pass
        os.close(fd)
        return text.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_prompts(self):
        server = self.enter(ScriptedServer([("(INSTCMD|SET VAR) .*", "OK\n"), *SCRIPT]))
        ups = f"a@127.0.0.1:{server.port}"
        user, password = (r"Username \(.*\): $", "admin"), ("Password: $", "se cret")
        for arguments, answers in (
            (("upscmd", ups, "a.b"), (user, password)),
            (("upscmd", ups, "a.b"), ((user[0], ""), password)),
            (("upscmd", "-u", "admin", ups, "a.b"), (password,)),
            (("upsrw", "-s", "a.b", ups), (user, password, ("a.b: $", "value"))),
            (("upsrw", "-s", "a.b=1", "-p", "x", ups), (user,)),
        ):
            with self.subTest(arguments):
                ours = self.converse(OURS, list(answers), *arguments)
                self.assertEqual(ours, self.converse(STOCK, list(answers), *arguments))
                self.assertNotIn("se cret", ours[0])
                self.assertEqual(ours[1], 0)
        self.assertIn('PASSWORD "se cret"', server.requests)


class Secured(TestCase):
    """Credentials and TLS, with our own server."""

    @classmethod
    def setUpClass(cls):
        cls.directory = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="busbar-tools-"))
        cls.authority = Authority(os.path.join(cls.directory, "pki"))
        certificate = cls.authority.make("server")
        cls.bed = cls.enterClassContext(Testbed({**CONFIG,
                                                 "upsd.conf": f"MAXAGE 15\nCERTFILE {certificate}\n"}))
        cls.host = f"127.0.0.1:{cls.bed.port}"
        cls.ups = f"ups@{cls.host}"

    def auth(self, text, name="nutauth.conf"):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, 0o600)
        return path

    def test_credentials(self):
        path = self.auth(f'[admin@{self.host}]\n\tPASS = "se cret"\n[guest@other]\n\tPASS = x\n')
        for options, more in (
            (("-A", path), {}), (("-A", "default"), {"NUT_CONFPATH": self.directory}),
            ((), {"NUT_CONFPATH": self.directory}), (("-u", "admin"), {"NUT_AUTHCONF_FILE": path}),
        ):
            with self.subTest(options):
                result = run_client(OURS, "upsrw", *options, "-w", "-s", "ups.id=new", self.ups, **more)
                self.assertEqual(tuple(result), ("", "SUCCESS\n", 0))
        # A password is that of the user it stands with.
        result = run_client(OURS, "upscmd", "-A", path, "-u", "other", self.ups, "load.off", stdin="wrong\n")
        self.assertEqual((result.stderr, result.status),
                         ("Password: Unexpected response from upsd: ERR ACCESS-DENIED\n", 1))
        result = run_client(OURS, "upscmd", "-A", "none", self.ups, "load.off", NUT_CONFPATH=self.directory)
        self.assertRegex(result.stdout, "^Username")

    def test_no_credentials_file(self):
        for p, arguments in (("upsc", ()), ("upscmd", ("load.off",)), ("upsrw", ())):
            result = run_client(OURS, p, "-A", "/nonexistent/auth", self.ups, *arguments)
            self.assertEqual((result.stderr, result.status), (
                "Error: cannot read the credentials in /nonexistent/auth: No such file or directory\n", 1))
        result = run_client(OURS, "upsc", "-A", "default", self.ups)
        self.assertRegex(result.stderr, "^Error: cannot read the credentials in nutauth.conf: ")
        bad = self.auth("NOSUCH = 1\n[admin@x]\nPASS = y\n", "bad.conf")
        result = run_client(OURS, "upsc", "-A", bad, self.ups, "ups.status")
        self.assertEqual((result.stdout, result.status), ("OL\n", 0))
        self.assertRegex(result.stderr, f"^{bad}:1: Unknown key NOSUCH")

    def test_tls(self):
        verify = f"CERTVERIFY = yes\nFORCESSL = yes\nCERTPATH = {self.authority.path}\n"
        other = Authority(os.path.join(self.directory, "other"))
        for text, expected in (
            ("", None), (verify, None), (verify + "CERTHOST = server.example\n", "SSL error: "),
            (f"CERTVERIFY = yes\nCERTPATH = {other.path}\n", "SSL error: "),
            ("CERTVERIFY = yes\nCERTPATH = /nonexistent\n", "SSL error: the certificates cannot be used"),
        ):
            with self.subTest(text):
                result = run_client(OURS, "upsc", "-D", "-A", self.auth(text, "tls.conf"), self.ups,
                                    "ups.status")
                if expected:
                    self.assertEqual((result.stdout, result.status), ("", 1))
                    self.assertIn(f"Error: {expected}", result.stderr)
                else:
                    self.assertEqual((result.stdout, result.status), ("OL\n", 0))
                    self.assertIn("TLS1.3", result.stderr)
        # All of them, also those with a password, which stock sends in clear.
        for p, arguments in (("upscmd", ("-l", self.ups)), ("upsrw", (self.ups,)), ("upsc", ("-l",
                                                                                             self.host))):
            result = run_client(OURS, p, "-D", *arguments)
            self.assertEqual(result.status, 0)
            self.assertIn("TLS1.3", result.stderr)

    def test_no_tls(self):
        server = self.enter(ScriptedServer(SCRIPT))
        for text in ("FORCESSL = yes\n", f"CERTVERIFY = yes\nCERTPATH = {self.authority.path}\n"):
            result = run_client(OURS, "upscmd", "-A", self.auth(text, "force.conf"), *ADMIN,
                                f"a@127.0.0.1:{server.port}", "a.b")
            self.assertEqual((result.stderr, result.status), (
                "Error: SSL is not available: the server does not offer it (ERR FEATURE-NOT-CONFIGURED)\n",
                1))
        self.assertEqual(set(server.requests), {"STARTTLS"})

    def test_certificates_nobody_wants(self):
        """They matter to a server that has TLS."""
        server = self.enter(ScriptedServer(SCRIPT))
        path = self.auth("CERTFILE = /nonexistent/own.pem\n", "unused.conf")
        result = run_client(OURS, "upsc", "-A", path, f"a@127.0.0.1:{server.port}", "x.y")
        self.assertEqual(tuple(result), ('1 "2"\n', "", 0))
        result = run_client(OURS, "upsc", "-A", path, self.ups, "ups.status")
        self.assertEqual((result.stdout, result.status), ("", 1))
        self.assertRegex(result.stderr, "^Error: SSL error: the certificates cannot be used: "
                                        "/nonexistent/own.pem: .*\n$")

    def test_json(self):
        result = run_client(OURS, "upsc", "-j", self.ups)
        self.assertEqual(json.loads(result.stdout)["battery.charge"], "87")


if __name__ == "__main__":
    unittest.main()
