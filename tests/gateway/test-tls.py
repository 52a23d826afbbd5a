#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Encrypted connections: by python's OpenSSL, and by stock clients with Debian's NSS."""

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from unittest import mock

from certificates import Authority
from gatewaylib import CONFIG, NutConnection, TestCase, Testbed, bus_call, exchange, wait_for
from testlib import run


class TlsConnection(NutConnection):
    """One whose bytes are encrypted from the handshake on."""

    def __init__(self, port, context=None, before=(), after=()):
        super().__init__(port)
        assert {"OK"}.issuperset(self.ask_all(before))
        assert self.ask("STARTTLS") == "OK STARTTLS"
        if context:
            self.handshake(context)
            assert {"OK"}.issuperset(self.ask_all(after))

    def handshake(self, context):
        self.reader.close()
        self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.reader = self.socket.makefile("rb")


LOGIN = ("USERNAME mon", "PASSWORD mp", "LOGIN ups")
# crypt(3)'s of "secret", of a kind that costs time.
HASHED = """
[hashed]
  password = "$y$j75$busbarbusbar$mUmXM7ULmoaJAivFqTC7E0eEhUWl7Oa1orclSFe5qc8"
  upsmon secondary
"""


class TlsTest(TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="busbar-tls-"))
        os.chmod(scratch, 0o755)
        cls.scratch = scratch
        cls.authority = Authority(os.path.join(scratch, "tls"))
        cls.server = cls.authority.make("server")
        cls.client = cls.authority.make("monitor-7")

    def setUp(self):
        self.settings = f"DEBUG_MIN 1\nMAXAGE 3\nCERTFILE {self.server}\n"
        users = CONFIG["upsd.users"] + HASHED
        self.bed = self.enter(Testbed({**CONFIG, "upsd.users": users, "upsd.conf": self.settings}))

    def connect(self, context=None, **options):
        return self.enter(TlsConnection(self.bed.port, context or self.authority.context(), **options))

    def start(self):
        """Up to STARTTLS and its answer."""
        return self.enter(TlsConnection(self.bed.port))

    def plain(self):
        return self.enter(NutConnection(self.bed.port))

    def reload(self, settings):
        seen = self.bed.log_text("gateway").count("reloaded")
        self.bed.write("upsd.conf", settings)
        self.bed.kill("gateway", signal.SIGHUP)
        wait_for(lambda: self.bed.log_text("gateway").count("reloaded") > seen, "the gateway read its files")


class TestConversation(TlsTest):
    def test_versions(self):
        for version, text in ((ssl.TLSVersion.TLSv1_2, "TLS1.2"), (ssl.TLSVersion.TLSv1_3, "TLS1.3")):
            with self.subTest(text):
                c = self.connect(self.authority.context(version))
                self.assertEqual(c.ask("STARTTLS"), "ERR ALREADY-SSL-MODE")
                self.assertEqual(c.ask("GET VAR ups ups.id"), 'VAR ups ups.id "one"')
                self.assertEqual(c.ask("LOGOUT"), "OK Goodbye")
                self.assertEqual(c.line(), "")
                self.bed.wait_log(text)

    def test_same_answers(self):
        """In one piece, byte by byte, and as many at once as there may be."""
        requests = ["LIST VAR ups", "GET VAR ups ups.id", "nonsense", "LIST UPS", "VER"] * 400
        with self.plain() as p, self.connect() as c:
            expected = p.ask_all(requests)
            self.assertEqual(c.ask_all(requests), expected)
            for byte in b"GET VAR ups ups.id\n":
                c.send(bytes([byte]))
            self.assertEqual(c.answer(), 'VAR ups ups.id "one"')
            c.send("".join(f"{r}\n" for r in requests))
            self.assertEqual([c.answer() for _ in requests], expected)

    def test_who_does_not_read(self):
        """Its answers wait, and it gets them whole."""
        c = self.connect()
        request, n = "LIST VAR ups\n", 40000
        expected = self.plain().ask(request.strip()) + "\n"
        c.socket.settimeout(2)
        sent = 0
        with contextlib.suppress(TimeoutError, ssl.SSLWantWriteError):
            while sent < n:
                c.socket.sendall(request.encode() * 100)
                sent += 100
        self.assertEqual(self.plain().ask("NETVER"), "1.3")
        c.socket.settimeout(20)
        for _ in range(sent):
            self.assertEqual(c.answer() + "\n", expected)

    def test_what_was_said_before(self):
        """It may be another's, and is forgotten."""
        with self.connect(before=LOGIN) as c:
            self.assertEqual(self.plain().ask("GET NUMLOGINS ups"), "NUMLOGINS ups 0")
            self.assertEqual(c.ask("PRIMARY ups"), "ERR USERNAME-REQUIRED")
            self.assertEqual(c.ask_all(("USERNAME admin", "PASSWORD pw")), ["OK", "OK"])
            self.assertEqual(c.ask("PRIMARY ups"), "ERR ACCESS-DENIED")

    def test_login(self):
        c = self.connect(after=LOGIN)
        self.assertEqual(self.plain().ask("GET NUMLOGINS ups"), "NUMLOGINS ups 1")
        self.assertEqual(c.ask("PRIMARY ups"), "OK PRIMARY-GRANTED")
        listed = bus_call(self.bed, ["call"], "ListClients").stdout
        self.assertIn('"127.0.0.1" "mon" "ups" true', listed)
        self.assertIn('"127.0.0.1" "" "" false', listed)
        c.close()
        wait_for(lambda: self.plain().ask("GET NUMLOGINS ups") == "NUMLOGINS ups 0", "it is logged out")

    def test_full_records(self):
        """More in a record than is looked at in one go, with a pause in the midst of it."""
        requests = ["GET VAR ups ups.id"] * 800 + ["LIST VAR ups"] * 2000
        expected = self.plain().ask_all(requests)
        for login in (LOGIN, ("USERNAME hashed", "PASSWORD secret", "LOGIN ups")):
            with self.subTest(login[0]):
                c = self.connect()
                c.send("".join(f"{r}\n" for r in (*login, *requests)))
                self.assertEqual([c.answer() for _ in login], ["OK"] * len(login))
                self.assertEqual([c.answer() for _ in requests], expected)

    def test_watch(self):
        c = self.connect()
        self.assertEqual(c.ask("WATCH ups"), "OK WATCH")
        self.bed.write("ups.dev", "ups.status: OB\n")
        self.assertEqual(c.line(), "CHANGED ups")
        self.assertEqual(c.ask("GET VAR ups ups.status"), 'VAR ups ups.status "OB"')

    def test_injection(self):
        """Nothing is executed inside that was said outside."""
        for tail in (b"USERNAME evil\n", b"U", b"\x16\x03\x01", b"USERNAME evil\n" * 1000):
            answer = exchange(self.bed.port, b"NETVER\nSTARTTLS\n" + tail, end=False)
            self.assertEqual(answer, b"1.3\nERR ACCESS-DENIED\n")
        self.bed.wait_log("No TLS with 127.0.0.1: more bytes came in clear behind STARTTLS")
        s = self.start()
        s.send("USERNAME evil\n")
        with contextlib.suppress(ConnectionError):
            self.assertNotIn(b"OK", s.socket.recv(100))
        self.bed.wait_log("No TLS with 127.0.0.1: (?!more)")

    def test_many(self):
        for _ in range(3):
            connections = [self.connect() for _ in range(60)]
            for c in connections:
                c.send("GET VAR ups ups.id\n")
            for c in connections:
                self.assertEqual(c.answer(), 'VAR ups ups.id "one"')
                c.close()

    def test_stalled(self):
        """Handshakes that do not go on take nothing from others, and end."""
        self.reload(self.settings + "TLSTIMEOUT 2\n")
        stalled = [self.start() for _ in range(300)]
        for i, s in enumerate(stalled):
            s.send(b"\x16\x03\x01\x02\x00\x01\x00"[:i % 8])
        times = []
        probe = self.plain()
        for _ in range(200):
            start = time.monotonic()
            self.assertEqual(probe.ask("NETVER"), "1.3")
            times.append(time.monotonic() - start)
        self.assertEqual(self.connect().ask("NETVER"), "1.3")
        self.assertLess(sorted(times)[100], 0.1)
        for s in stalled:
            with contextlib.suppress(ConnectionError):
                self.assertLess(len(s.socket.recv(100)), 100)
        self.bed.wait_log(r"No TLS with 127\.0\.0\.1: it did not finish the handshake within 2 s \(TLST")
        self.bed.wait_log(r"[0-9]+ more failed handshakes were not logged")
        self.assertEqual(probe.ask("NETVER"), "1.3")


class TestRestart(TlsTest):
    def restarted(self, restart):
        service = self.bed.service("gateway")
        starts = service.starts
        restart()
        wait_for(lambda: service.starts > starts and service.ready, "the gateway is back")

    def survive(self, restart):
        plain = self.plain()
        self.assertEqual(set(plain.ask_all(LOGIN)), {"OK"})
        encrypted, half, anonymous = self.connect(after=LOGIN), self.start(), self.connect()
        self.restarted(restart)
        for c in (encrypted, anonymous, half):
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                self.assertEqual(c.socket.recv(100), b"")
        self.assertEqual(plain.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 1")
        self.assertEqual(self.connect(after=LOGIN).ask("GET NUMLOGINS ups"), "NUMLOGINS ups 2")

    def test_restart(self):
        self.survive(lambda: self.bed.restart("gateway"))

    def test_kill(self):
        self.survive(lambda: self.bed.kill("gateway"))


class TestCertificates(TlsTest):
    def serial(self, c):
        return c.socket.getpeercert()["serialNumber"]

    def test_reload(self):
        """Another certificate for those who come; those who are there go on."""
        old = self.connect()
        other = self.authority.make("other")
        self.reload(self.settings.replace(self.server, other))
        new = self.connect()
        self.assertNotEqual(self.serial(new), self.serial(old))
        self.assertEqual(old.ask("NETVER"), "1.3")
        self.assertEqual(new.ask("NETVER"), "1.3")

        for bad in ("/no/such/file.pem", self.authority.path, self.client + ".csr", "/"):
            self.reload(self.settings.replace(self.server, bad))
            self.bed.wait_log(f"{bad}: (There is no such file|It )")
            self.bed.wait_log("TLS goes on with the certificate that was read before")
            self.bed.wait_log("Configuration reloaded, but without certificates: ")
            self.assertEqual(self.serial(self.connect()), self.serial(new))

        self.reload("DEBUG_MIN 1\n")
        self.assertEqual(exchange(self.bed.port, b"STARTTLS\n"), b"ERR FEATURE-NOT-CONFIGURED\n")
        for c in (old, new):
            self.assertEqual(c.ask("NETVER"), "1.3")

    def test_beside_upsd_conf(self):
        with open(self.server, encoding="ascii") as f:
            self.bed.write("gateway.pem", f.read())
        self.reload("CERTFILE gateway.pem\n")
        self.assertEqual(self.connect().ask("NETVER"), "1.3")

    def test_ident(self):
        os.chmod(self.authority.directory, 0o755)
        self.reload(f'DEBUG_MIN 1\nCERTPATH {self.authority.directory}\nCERTIDENT server ""\n')
        self.assertEqual(self.connect().ask("NETVER"), "1.3")

    def test_expiry(self):
        soon = self.authority.make("soon", days=10)
        self.reload(self.settings.replace(self.server, soon))
        self.bed.wait_log(r"The certificate expires in (9|10) days; after renewing it, reload\n")

    def test_expiry_of_credential(self):
        """A reload would find the same one again."""
        credentials = self.enter(tempfile.TemporaryDirectory(prefix="busbar-credentials-"))
        os.chmod(credentials, 0o755)
        soon = self.authority.make("soon-too", days=10)
        with open(soon, "rb") as f, open(os.path.join(credentials, "gateway.pem"), "wb") as copy:
            copy.write(f.read())
        with mock.patch.dict(os.environ, CREDENTIALS_DIRECTORY=credentials):
            bed = self.enter(Testbed({**CONFIG, "upsd.conf": "MAXAGE 3\nCERTFILE gateway.pem\n"}))
        bed.wait_log("expires in (9|10) days; after renewing it, restart: it is a credential")

    def test_clients_with_certificates(self):
        stranger = Authority(os.path.join(self.scratch, f"stranger-{id(self)}")).make("stranger")

        def login_with(certificate, version=None):
            c = self.connect(self.authority.context(version, certificate))
            return c.ask_all(LOGIN)

        def refused(certificate, version):
            try:
                return set(login_with(certificate, version)) != {"OK"}
            except (OSError, ssl.SSLError):
                return True

        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.reload(self.settings + f"CERTREQUEST 1\nCERTPATH {self.authority.path}\n")
            self.assertEqual(set(login_with(None, version)), {"OK"})
            self.assertEqual(set(login_with(self.client, version)), {"OK"})
            self.bed.wait_log(r"User mon@127.0.0.1 logged into UPS .*, with the certificate of monitor-7")
            self.assertTrue(refused(stranger, version))
            self.reload(self.settings + f"CERTREQUEST 2\nCERTPATH {self.authority.path}\n")
            self.assertTrue(refused(None, version))
            self.assertTrue(refused(stranger, version))
            self.assertEqual(set(login_with(self.client, version)), {"OK"})


class TestStockClients(TlsTest):
    """Debian's, which are made with NSS."""

    def encrypted(self):
        return self.bed.log_text("gateway").count("Client 127.0.0.1: TLS1.")

    def test_tools(self):
        """upsc tries, and does not look at whose certificate it is; upsrw and upscmd of 2.8.0 do not try."""
        ups = f"ups@localhost:{self.bed.port}"
        self.assertEqual(run("upsc", ups, "ups.id").stdout, "one\n")
        self.assertIn("OK", run("upsrw", "-s", "ups.id=two", "-u", "admin", "-p", "pw", ups).stderr)
        wait_for(lambda: run("upsc", ups, "ups.id").stdout == "two\n", "the new value")
        self.assertIn("load.off", run("upscmd", "-l", ups).stdout)
        self.assertIn("OK", run("upscmd", "-u", "admin", "-p", "pw", ups, "load.off").stderr)
        self.assertGreaterEqual(self.encrypted(), 2)

    def upsmon(self, name, **settings):
        directory = os.path.join(self.scratch, f"{name}-{id(self)}")
        os.mkdir(directory)
        lines = {"SHUTDOWNCMD": "true", "MINSUPPLIES": 1, "POLLFREQ": 1, "POLLFREQALERT": 1, "DEADTIME": 5,
                 "RUN_AS_USER": "root", **settings}
        with open(os.path.join(directory, "upsmon.conf"), "w", encoding="ascii") as f:
            f.write(f"MONITOR ups@localhost:{self.bed.port} 1 mon mp primary\n")
            f.writelines(f"{key} {value}\n" for key, value in lines.items())
        os.chmod(os.path.join(directory, "upsmon.conf"), 0o640)
        os.makedirs("/run/nut", exist_ok=True)
        pid_name = f"busbar-upsmon-{os.getpid()}-{name}"
        self.addCleanup(lambda: os.path.exists(f"/run/nut/{pid_name}.pid") and
                        os.unlink(f"/run/nut/{pid_name}.pid"))
        with open(os.path.join(directory, "output"), "ab") as output:
            process = subprocess.Popen([pid_name, "-DD", "-F", "-p"], executable="/lib/nut/upsmon",
                                       env={**os.environ, "NUT_CONFPATH": directory},
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return directory

    def output(self, directory):
        with open(os.path.join(directory, "output"), encoding="latin-1") as f:
            return f.read()

    def test_upsmon(self):
        """With everything verified on both sides."""
        self.reload(self.settings + f"CERTREQUEST 2\nCERTPATH {self.authority.path}\n")
        database = self.authority.nss_database(os.path.join(self.scratch, "nss"), self.client)
        directory = self.upsmon("verified", CERTPATH=database, CERTVERIFY=1, FORCESSL=1,
                                CERTIDENT='monitor-7 ""')
        try:
            wait_for(lambda: self.plain().ask("GET NUMLOGINS ups") == "NUMLOGINS ups 1", "it is logged in")
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.output(directory)}\n{self.bed.log_text('gateway')}") from e
        self.bed.wait_log("logged into UPS .ups., with the certificate of monitor-7")
        self.bed.kill("gateway")
        wait_for(lambda: self.bed.log_text("gateway").count("with the certificate of monitor-7") > 1,
                 "it comes back by itself", 40)

    def test_upsmon_knows_better(self):
        """One that wants a certificate that it can trust does not log in anywhere else."""
        other = Authority(os.path.join(self.scratch, "other-authority"))
        database = other.nss_database(os.path.join(self.scratch, "nss-other"))
        self.upsmon("distrusts", CERTPATH=database, CERTVERIFY=1, FORCESSL=1)
        self.bed.wait_log("No TLS with 127.0.0.1")
        self.assertEqual(self.plain().ask("GET NUMLOGINS ups"), "NUMLOGINS ups 0")


if __name__ == "__main__":
    unittest.main()
