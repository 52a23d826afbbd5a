#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Relays and links over TLS: to stock servers, to ours, and to servers that mean no good."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from authority import Authority, nss_database
from testlib import NutConnection, StockServer, Testbed, TestCase, free_port, wait_for

SECRET = "Xyzzy-17"

FAR = {
    "ups.conf": "[ups]\ndriver = dummy-ups\nport = ups.dev\n",
    "ups.dev": "ups.status: OL\nbattery.charge: 90\n",
    "upsd.users": f"[sec]\n    password = {SECRET}\n    upsmon secondary\n",
}

DIRECTORY = tempfile.mkdtemp(prefix="busbar-relay-tls-")
PKI = {}


def setUpModule():  # pylint: disable=invalid-name
    good, bad = Authority(DIRECTORY, "good"), Authority(DIRECTORY, "bad")
    PKI.update(ca=good.certificate, other_ca=bad.certificate,
               server=good.issue("server", "IP:127.0.0.1", "DNS:nas.example"),
               other=good.issue("other", "DNS:other.example"),
               expired=good.issue("expired", "IP:127.0.0.1", ends="20210101000000Z"),
               foreign=bad.issue("foreign", "IP:127.0.0.1"),
               client=good.issue("client"), sealed=good.issue("sealed", password="opener"),
               nss=os.path.join(DIRECTORY, "nss"))
    nss_database(PKI["nss"], PKI["server"], [PKI["ca"]])


def tearDownModule():  # pylint: disable=invalid-name
    shutil.rmtree(DIRECTORY)


def relay(port, **options):
    lines = {"driver": "dummy-ups", "port": f"ups@127.0.0.1:{port}", "pollinterval": 1, "authconf": "none",
             "username": "sec", "password": SECRET, "ssl": "yes", **options}
    return {"ups.conf": "[far]\n" + "".join(f"{key} = \"{value}\"\n" for key, value in lines.items())}


def link(port, *lines):
    """upsmon.conf about a device of that server."""
    return {"upsmon.conf": "\n".join([f"MONITOR ups@127.0.0.1:{port} 1 sec {SECRET} secondary", *lines, ""]),
            "upsd.users": "", "ups.conf": ""}


def variables(bed, device="far"):
    """Of the device on the bus, {} while there is none."""
    path = "".join(c if c.isalnum() else f"_{ord(c):02x}" for c in device)
    driver = "org.busbar.Driver._all_dummy_2dups"
    if "@" in device:
        names = subprocess.run(["busctl", f"--address={bed.bus_address}", "--json=short", "list"],
                               capture_output=True, text=True, check=True, timeout=30).stdout
        links = re.findall(r'"(org\.busbar\.Driver\.(?!_all)[^"]*)"', names)
        if not links:
            return {}
        driver = links[0]
    result = subprocess.run(["busctl", f"--address={bed.bus_address}", "--json=short", "call", driver,
                             f"/org/busbar/device/{path}", "org.busbar.Variables1", "GetAll"],
                            capture_output=True, text=True, check=False, timeout=30)
    return json.loads(result.stdout)["data"][1] if result.stdout else {}


def encryption(bed, device="far"):
    return variables(bed, device).get("server.encryption")


class FarServer:
    """A server by a table of answers, with TLS; it notes what it heard, and whether in clear."""

    ANSWERS = {
        "LIST VAR ups": 'BEGIN LIST VAR ups\nVAR ups ups.status "OL"\nEND LIST VAR ups\n',
        "LIST CMD ups": "BEGIN LIST CMD ups\nEND LIST CMD ups\n",
        "LIST RW ups": "BEGIN LIST RW ups\nEND LIST RW ups\n",
        "STARTTLS": "OK STARTTLS\n", "LOGIN ups": "OK\n", "USERNAME sec": "OK\n",
        f"PASSWORD {SECRET}": "OK\n",
    }

    def __init__(self, certificate="server", port=0, versions=(), requires=False, **changed):
        self.answers = {**self.ANSWERS, **{k.replace("_", " "): v for k, v in changed.items()}}
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(PKI[certificate])
            if versions:
                self.context.minimum_version, self.context.maximum_version = versions
            if requires:
                self.context.verify_mode = ssl.CERT_REQUIRED
                self.context.load_verify_locations(PKI["ca"])
        self.clear, self.sealed, self.subjects = [], [], []
        self.connections = []
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Also wakes the thread that accepts, which would keep the port.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections.append(connection)
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        # Unbuffered: what follows STARTTLS is TLS's.
        with contextlib.suppress(OSError, ValueError), connection:
            if not self._converse(connection, self.clear):
                return
            with self.context.wrap_socket(connection, server_side=True) as sealed:
                self.connections.append(sealed)
                self.subjects.append(sealed.getpeercert())
                self._converse(sealed, self.sealed)

    def _converse(self, connection, requests):
        """True when TLS is to begin."""
        line = b""
        while c := connection.recv(1):
            line += c
            if c != b"\n":
                continue
            request, line = line.decode().strip(), b""
            requests.append(request)
            self.answer(connection, request)
            if request == "STARTTLS" and self.context and self.answers[request].startswith("OK"):
                return True
        return False

    def answer(self, connection, request):
        answer = self.answers.get(request, "ERR UNKNOWN-COMMAND\n")
        if callable(answer):
            answer(connection)
        else:
            connection.sendall(answer.encode("latin-1"))


class RelayTest(TestCase):
    def start(self, config, monitor=False):
        self.bed = self.enter(Testbed(config, ready=monitor, monitor=monitor))
        # Who is told to end before it is ready cannot know yet how.
        wait_for(lambda: (s := self.bed.service("gateway")) and s.ready, "the gateway is ready")
        return self.bed

    def wait_encrypted(self, device="far"):
        return wait_for(lambda: (encryption(self.bed, device) or "none") != "none" and
                        encryption(self.bed, device), "it is encrypted")

    def check_unheard(self, far):
        """No password went to the server in clear, nor into the log."""
        self.assertNotIn(SECRET, " ".join(far.clear))
        self.assertNotIn(SECRET, self.bed.log_text())


class TestAtScripted(RelayTest):
    """Everything at a server that does as it is told."""

    def test_good(self):
        for versions, name in (((ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2), "TLS1.2"),
                               ((ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3), "TLS1.3")):
            with self.subTest(name), FarServer(versions=versions) as far:
                bed = self.start(relay(far.port, forcessl="yes", certverify="yes", certpath=PKI["ca"],
                                       login="secondary"))
                self.assertRegex(self.wait_encrypted(), name)
                wait_for(lambda: "LOGIN ups" in far.sealed, "it is logged in")  # noqa: B023
                self.check_unheard(far)
                self.assertEqual(set(far.clear), {"STARTTLS"})
                # On the way out it says so, encrypted as all else.
                bed.kill("dummy-ups", signal.SIGTERM)
                wait_for(lambda: "LOGOUT" in far.sealed, "it says goodbye")  # noqa: B023

    def test_refused(self):
        """What is wrong is said once, in words; nothing secret goes out, and it is tried again."""
        trusting = {"certverify": "yes", "certpath": PKI["ca"]}
        for certificate, options, text in (
                ("foreign", trusting, r"No TLS with 127\.0\.0\.1, port \d+: .*(authority|trust)"),
                ("other", trusting, r"No TLS with .*other\.example"),
                ("server", {**trusting, "certhost": "wrong.example"}, r"No TLS with .*(wrong|nas)\.example"),
                ("expired", trusting, r"No TLS with .*expired"),
                (None, {"forcessl": "yes"}, r"No TLS with .*does not offer it \(ERR FEATURE-NOT")):
            with self.subTest(text):
                changed = {} if certificate else {"STARTTLS": "ERR FEATURE-NOT-CONFIGURED\n"}
                with FarServer(certificate, **changed) as far:
                    bed = self.start(relay(far.port, **options))
                    bed.wait_log(text)
                    wait_for(lambda: len(far.clear) > 1, "it tries again")  # noqa: B023
                    self.check_unheard(far)
                    self.assertEqual(set(far.clear), {"STARTTLS"})
                    self.assertEqual(far.sealed, [])
                    self.assertEqual(len(re.findall("No TLS with", bed.log_text())), 1, bed.log_text())
                    bed.close()

    def test_reasons(self):
        """Each new reason is said once, without numbers of errors beside it."""
        with FarServer("expired") as far:
            bed = self.start(relay(far.port, certverify="yes", certpath=PKI["ca"], forcessl="yes"))
            bed.wait_log(r"No TLS with .*expired")
            for certificate, text in (("foreign", r"No TLS with .*(authority|trust)"),
                                      ("other", r"No TLS with .*other\.example"),
                                      (None, r"No TLS with .*does not offer it")):
                if certificate:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(PKI[certificate])
                    far.context = context
                else:
                    far.answers["STARTTLS"] = "ERR FEATURE-NOT-CONFIGURED\n"
                bed.wait_log(text)
            before = len(far.clear)
            wait_for(lambda: len(far.clear) > before + 1, "it tries again")
            self.assertEqual(len(re.findall("No TLS with", bed.log_text())), 4, bed.log_text())
            bed.wait_log(rf"No device at ups@127\.0\.0\.1:{far.port}\.$")
            self.assertNotRegex(bed.log_text(), "Key was rejected|Protocol not supported")

    def test_no_authorities(self):
        with FarServer() as far:
            bed = self.start(relay(far.port, certverify="yes", certpath="/nothing.pem"))
            bed.wait_log(r"/nothing\.pem: There is no such file")
            bed.wait_log(rf"Not connecting to 127\.0\.0\.1, port {far.port}, without the means to verify")
            bed.wait_log(rf"No device at ups@127\.0\.0\.1:{far.port}\.$")
            self.assertNotIn("Required key", bed.log_text())

    def test_turned_away(self):
        """A server that has too many connections says nothing of TLS."""
        with FarServer(None, STARTTLS="ERR ACCESS-DENIED\n") as far:
            for options in ({}, {"certverify": "yes", "certpath": PKI["ca"]}):
                bed = self.start(relay(far.port, **options))
                bed.wait_log(rf"No connection to 127\.0\.0\.1, port {far.port}: the server refuses the "
                             r"connection \(ERR ACCESS-DENIED\)")
                self.check_unheard(far)
                self.assertNotIn("No TLS", bed.log_text())
                bed.close()

    def test_server_requires(self):
        """REQUIRETLS of a server: what it says, and what to do."""
        with FarServer(None, LIST_VAR_ups="ERR TLS-NOT-ENABLED\n") as far:
            bed = self.start(relay(far.port, ssl="no"))
            bed.wait_log(r"not tell about ups \(ERR TLS-NOT-ENABLED\): it wants encryption; set ssl = yes\.")
            self.assertNotIn("Remote I/O", bed.log_text())

    def test_certhost(self):
        with FarServer("other") as far:
            self.start(relay(far.port, certverify="yes", certpath=PKI["ca"], certhost="other.example"))
            self.wait_encrypted()

    def test_unverified(self):
        """As upsmon: without certverify any certificate will do."""
        with FarServer("foreign") as far:
            self.start(relay(far.port, forcessl="yes"))
            self.wait_encrypted()

    def test_in_clear(self):
        with FarServer(None, STARTTLS="ERR FEATURE-NOT-CONFIGURED\n") as far:
            self.start(relay(far.port, certverify="yes", certpath=PKI["ca"]))
            wait_for(lambda: encryption(self.bed) == "none", "it goes on in clear")
            self.bed.wait_log("offers no TLS, so its certificate is not verified")
            self.assertIn(f"PASSWORD {SECRET}", far.clear)

    def test_named_is_on(self):
        """What protects is on when it is named, however badly; in ups.conf also before all sections."""
        for line in ("forcessl", "forcessl =", 'forcessl = ""', "forcessl = perhaps", "forcessl yes"):
            for before in (True, False):
                with self.subTest(line, before=before), \
                        FarServer(None, STARTTLS="ERR FEATURE-NOT-CONFIGURED\n") as far:
                    text = relay(far.port)["ups.conf"]
                    text = f"{line}\n{text}" if before else f"{text}{line}\n"
                    bed = self.start({"ups.conf": text})
                    bed.wait_log("No TLS with .*does not offer it")
                    self.check_unheard(far)
                    bed.close()

    def test_local(self):
        """This host is not asked for TLS, unless there is a reason."""
        with FarServer() as far:
            self.start(relay(far.port, ssl="auto"))
            wait_for(lambda: "ups.status" in variables(self.bed), "it is there")
            self.assertNotIn("STARTTLS", far.clear)
            self.assertIsNone(encryption(self.bed))

    def test_no_way_back(self):
        """Who was verified once is not believed to have lost TLS, also after the device was started anew;
        nor when it had no device to show, be it from the first on."""
        gone, failing = "ERR DRIVER-NOT-CONNECTED\n", "ERR ACCESS-DENIED\n"
        for name, first, then in (("well", None, None), ("gone", None, gone),
                                  ("unknown", None, "ERR UNKNOWN-UPS\n"), ("never", gone, gone),
                                  ("failing", failing, failing)):
            with self.subTest(name):
                self.check_no_way_back(first, then)

    def check_no_way_back(self, first, then):
        port = free_port()
        with FarServer(port=port) as far:
            if first:
                far.answers["LIST VAR ups"] = first
            bed = self.start({"ups.conf": "maxretry = 1\n" + relay(port, certverify="yes",
                                                                  certpath=PKI["ca"])["ups.conf"]})
            if not first:
                self.wait_encrypted()
            if then:
                far.answers["LIST VAR ups"] = then
                wait_for(lambda: not encryption(self.bed), "the device is gone", 60)
            wait_for(lambda: "LIST VAR ups" in far.sealed, "it was verified", 60)
            if then:
                # What else is asked of it changes nothing about that.
                text = relay(port, certverify="yes", certpath=PKI["ca"], need=5)["ups.conf"]
                bed.write("ups.conf", "maxretry = 1\n" + text)
                bed.kill("dummy-ups", signal.SIGHUP)
                bed.wait_log("Changed in ups.conf, starting the device anew")
        with FarServer(None, port=port, STARTTLS="ERR FEATURE-NOT-CONFIGURED\n") as far:
            # One that has no device says nothing more of it.
            if not then:
                bed.wait_log("but did before, and is not spoken to in clear again")
            wait_for(lambda: len(far.clear) > (1 if then else 4), "it tries again", 60)
            self.assertEqual(set(far.clear), {"STARTTLS"})
            self.check_unheard(far)
        with FarServer(port=port) as far:
            wait_for(lambda: far.sealed, "it is back", 60)
        bed.close()

    def test_client_certificate(self):
        for options in ({"certfile": PKI["client"]},
                        {"certpath": os.path.dirname(PKI["client"]), "certident_name": "client",
                         "certident_pass": ""},
                        {"certfile": PKI["sealed"], "certident_name": "sealed", "certident_pass": "opener"}):
            with self.subTest(str(options)), FarServer(requires=True) as far:
                bed = self.start(relay(far.port, **options))
                self.wait_encrypted()
                self.assertIn(far.subjects[-1]["subject"][0][0][1], ("client", "sealed"))
                shown = " ".join(f"{k}={v}" for k, v in variables(bed).items())
                self.assertNotIn("opener", shown)
                self.assertNotIn("opener", bed.log_text())

    def test_no_client_certificate(self):
        """One that cannot be read is reported with its place; what the server thinks of that too."""
        missing = os.path.join(DIRECTORY, "missing.pem")
        with FarServer(requires=True) as far:
            bed = self.start(relay(far.port, certfile=missing))
            bed.wait_log(r"ups\.conf:\d+: " + re.escape(missing))
            bed.wait_log("Connecting without a certificate of our own")
            bed.wait_log("No TLS with .*certificate")
            wait_for(lambda: len(far.clear) > 2, "it tries again")
        text = bed.log_text()
        self.assertEqual(len(re.findall(re.escape(missing), text)), 1, text)
        self.assertEqual(len(re.findall("No TLS with", text)), 1, text)

        with FarServer() as far:
            self.start(relay(far.port, certfile=missing))
            self.wait_encrypted()

    def test_no_authority(self):
        missing = os.path.join(DIRECTORY, "missing.pem")
        with FarServer() as far:
            bed = self.start(relay(far.port, certverify="yes", certpath=missing))
            bed.wait_log(r"ups\.conf:\d+: " + re.escape(missing))
            self.assertEqual(far.clear, [])
            # It is looked for each time.
            shutil.copy(PKI["ca"], missing)
            self.addCleanup(os.unlink, missing)
            wait_for(lambda: far.sealed, "the file is there", 60)
            self.assertEqual(len(re.findall(re.escape(missing), bed.log_text())), 1)

    def test_injected(self):
        """What somebody put in clear behind the agreement is nobody's answer."""
        forged = 'OK STARTTLS\nBEGIN LIST VAR ups\nVAR ups ups.status "OB LB"\nEND LIST VAR ups\n'
        with FarServer(STARTTLS=forged) as far:
            bed = self.start(relay(far.port))
            bed.wait_log("No TLS with .*more in clear")
            self.assertNotIn("OB LB", str(variables(bed)))
            self.check_unheard(far)

    def test_misbehaving(self):
        """Whatever comes in place of an answer or of TLS, it ends in time and nothing secret was said."""
        def trickle(connection):
            for _ in range(200):
                connection.sendall(b"O")
                time.sleep(0.1)

        def flood(connection):
            for _ in range(1000):
                connection.sendall(b"x" * 65536)

        def rubbish(connection):
            connection.sendall(b"OK STARTTLS\n")
            connection.recv(4096)
            connection.sendall(b"\x16\x03\x03\xff\xff" + os.urandom(500))

        def alert(connection):
            connection.sendall(b"OK STARTTLS\n")
            connection.recv(4096)
            connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")

        def half(connection):
            connection.sendall(b"OK STARTTLS\n")
            connection.recv(4096)
            connection.sendall(b"\x16\x03\x03\x00\x7a\x02\x00")

        for behaviour in (trickle, flood, rubbish, alert, half):
            with self.subTest(behaviour.__name__), FarServer(None, STARTTLS=behaviour) as far:
                bed = self.start(relay(far.port, forcessl="yes"))
                bed.wait_log("No TLS with")
                self.check_unheard(far)
                bed.close()

    def test_endless(self):
        """A list without end, after TLS: memory stays bounded, and the device is stale."""
        def endless(connection):
            with contextlib.suppress(OSError):
                connection.sendall(b"BEGIN LIST VAR ups\n")
                for i in range(200000):
                    connection.sendall(b'VAR ups x.%d "1"\n' % i * 10)

        with FarServer(LIST_VAR_ups=endless) as far:
            bed = self.start(relay(far.port))
            wait_for(lambda: len(far.clear) > 1, "it hangs up and tries again", 60)
            with open(f"/proc/{bed.service('dummy-ups').pid}/status", encoding="ascii") as f:
                resident = int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])
            # In KiB, and with room for a sanitizer.
            self.assertLess(resident, 300 * 1024)

    def test_many(self):
        """More variables than a device has: those that are too many are left out."""
        items = "".join(f'VAR ups x.n{i} "1"\n' for i in range(5000))
        listing = f'BEGIN LIST VAR ups\nVAR ups ups.status "OL"\n{items}END LIST VAR ups\n'
        with FarServer(LIST_VAR_ups=listing) as far:
            bed = self.start(relay(far.port))
            bed.wait_log("more than 4096 variables")
            wait_for(lambda: 4000 < len(variables(bed)) < 4200, "most are there")
            bed.wait_log("more than 4096 variables")
            self.assertEqual(len(re.findall("more than 4096", bed.log_text())), 1)


class TestLinks(RelayTest):
    """The same by MONITOR lines."""

    def test_verified(self):
        with FarServer(requires=True) as far:
            self.start(link(far.port, f"CERTPATH {PKI['ca']}", f"CERTFILE {PKI['client']}",
                            f"CERTHOST 127.0.0.1:{far.port} nas.example 1 1"), monitor=True)
            wait_for(lambda: "LOGIN ups" in far.sealed, "it is logged in")
            self.check_unheard(far)
            wait_for(lambda: re.search(r"^server\.encryption: TLS1\.", self.shown(far), re.M),
                     "it is shown to be encrypted")

    def shown(self, far):
        program = os.path.join(self.bed.launcher.build, "src", "ctl", "busbarctl")
        return subprocess.run([program, "show", f"ups@127.0.0.1:{far.port}"], env=self.bed.environment,
                              capture_output=True, text=True, check=False, timeout=30).stdout

    def test_wrong_name(self):
        with FarServer() as far:
            bed = self.start(link(far.port, f"CERTPATH {PKI['ca']}", "CERTHOST 127.0.0.1 wrong.example 1 0"),
                             monitor=True)
            bed.wait_log(r"No TLS with .*(wrong|nas)\.example")
            self.check_unheard(far)

    def test_forced(self):
        with FarServer(None, STARTTLS="ERR FEATURE-NOT-CONFIGURED\n") as far:
            bed = self.start(link(far.port, "FORCESSL 1"), monitor=True)
            bed.wait_log("No TLS with .*does not offer it")
            self.check_unheard(far)
            self.assertEqual(set(far.clear), {"STARTTLS"})

    def test_overridden(self):
        """What CERTHOST says of a host goes before what holds for all."""
        with FarServer(None, STARTTLS="ERR FEATURE-NOT-CONFIGURED\n") as far:
            self.start(link(far.port, "FORCESSL 1", "CERTVERIFY 1", "CERTHOST 127.0.0.1 x 0 0"),
                       monitor=True)
            wait_for(lambda: "LOGIN ups" in far.clear, "it is logged in")

    def test_broken(self):
        """A certificate that is not there: said with the line, tried again, and never in clear."""
        missing = os.path.join(DIRECTORY, "no-authority.pem")
        with FarServer() as far:
            bed = self.start(link(far.port, f"CERTPATH {missing}", "CERTVERIFY 1", "FORCESSL 1"),
                             monitor=True)
            bed.wait_log(r"upsmon\.conf:2: " + re.escape(missing))
            self.assertEqual(far.clear, [])
            shutil.copy(PKI["ca"], missing)
            self.addCleanup(os.unlink, missing)
            wait_for(lambda: "LOGIN ups" in far.sealed, "it is logged in", 60)
            self.check_unheard(far)


class TestAuthconf(RelayTest):
    def test_sections(self):
        """What nutauth.conf says of one server, and what the section of the device says against it."""
        auth = (f"CERTPATH = {PKI['other_ca']}\n[@127.0.0.1:PORT]\nUSER = sec\nPASS = {SECRET}\n"
                f"CERTPATH = {PKI['ca']}\nCERTVERIFY = 1\nFORCESSL = on\nCERTHOST = NAME\n")
        for name, options in (("nas.example", {}), ("wrong.example", {"certhost": "nas.example"})):
            with self.subTest(name), FarServer() as far:
                lines = {"driver": "dummy-ups", "port": f"ups@127.0.0.1:{far.port}", "pollinterval": 1,
                         "authconf": "nutauth.conf", "login": "secondary", **options}
                section = "[far]\n" + "".join(f"{k} = {v}\n" for k, v in lines.items())
                self.start({"ups.conf": section,
                            "nutauth.conf": auth.replace("PORT", str(far.port)).replace("NAME", name)})
                wait_for(lambda: "LOGIN ups" in far.sealed, "it is logged in")  # noqa: B023
                self.check_unheard(far)

    def test_wrong(self):
        with FarServer() as far:
            lines = {"driver": "dummy-ups", "port": f"ups@127.0.0.1:{far.port}", "authconf": "nutauth.conf"}
            bed = self.start({"ups.conf": "[far]\n" + "".join(f"{k} = {v}\n" for k, v in lines.items()),
                              "nutauth.conf": f"CERTPATH = {DIRECTORY}/none.pem\nCERTVERIFY = perhaps\n"})
            bed.wait_log(r"nutauth\.conf:2: CERTVERIFY wants yes or no, taking yes")
            bed.wait_log(r"nutauth\.conf:1: .*none\.pem")
            self.assertEqual(far.clear, [])


class TestAtStock(RelayTest):
    """Debian's upsd, whose TLS is that of NSS. It does not know CERTREQUEST."""

    def serve(self):
        lines = ["MAXAGE 15", f"CERTPATH {PKI['nss']}", 'CERTIDENT server "db pass"', ""]
        return StockServer({**FAR, "upsd.conf": "\n".join(lines)})

    def test_plain(self):
        with StockServer({**FAR, "upsd.conf": "MAXAGE 15\n"}) as far:
            self.start(relay(far.port))
            wait_for(lambda: encryption(self.bed) == "none", "it goes on in clear")

    def test_verified(self):
        with self.serve() as far:
            self.start(relay(far.port, forcessl="yes", certverify="yes", certpath=PKI["ca"],
                             certfile=PKI["client"], login="secondary"))
            self.assertRegex(self.wait_encrypted(), r"TLS1\.[23]")
            with NutConnection(far.port) as c:
                wait_for(lambda: c.ask("GET NUMLOGINS ups") == "NUMLOGINS ups 1", "it is logged in")
            # As upsd says it.
            self.assertIn("SSL handshake done successfully", far.log_text())

    def test_wrong_name(self):
        with self.serve() as far:
            bed = self.start(relay(far.port, certverify="yes", certpath=PKI["ca"], certhost="wrong.example"))
            bed.wait_log(r"No TLS with .*(wrong|nas)\.example")


class TestAtOurs(RelayTest):
    def serve(self, *lines):
        lines = ["MAXAGE 15", f"CERTFILE {PKI['server']}", *lines, ""]
        return Testbed({**FAR, "upsd.conf": "\n".join(lines)})

    def test_verified(self):
        with self.serve() as far:
            self.start(relay(far.port, forcessl="yes", certverify="yes", certpath=PKI["ca"],
                             login="secondary"))
            self.assertRegex(self.wait_encrypted(), r"TLS1\.3")
            with NutConnection(far.port) as c:
                wait_for(lambda: c.ask("GET NUMLOGINS ups") == "NUMLOGINS ups 1", "it is logged in")
            # It is told of changes as in clear.
            self.assertIn("ups.status", variables(self.bed))
            far.write("ups.dev", "ups.status: OB\n")
            wait_for(lambda: variables(self.bed).get("ups.status") == "OB", "the change is there")

            # A session ends with the server, and begins anew.
            far.kill("gateway")
            wait_for(lambda: self.logins(far) == "NUMLOGINS ups 1", "it is logged in again", 60)

    def logins(self, far):
        with contextlib.suppress(OSError), NutConnection(far.port) as c:
            return c.ask("GET NUMLOGINS ups")
        return None

    def test_client_certificate(self):
        with self.serve("CERTREQUEST 2", f"CERTPATH {PKI['ca']}") as far:
            self.start(relay(far.port, certfile=PKI["client"]))
            self.wait_encrypted()
            bed = self.start(relay(far.port))
            bed.wait_log("No TLS with .*")
            self.assertNotIn("ups.status", variables(bed))


if __name__ == "__main__":
    unittest.main()
