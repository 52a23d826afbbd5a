#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbarctl tls: what it makes, what it says about it, and that stock NUT can follow its instructions."""

import concurrent.futures
import grp
import os
import re
import shlex
import shutil
import socket
import stat
import subprocess
import tempfile
import time
import unittest

from ctllib import Testbed, TestCase, call, wait_for
from testlib import NutConnection, run

CONFIG = {
    "ups.conf": "[ups]\ndriver = dummy-ups\nport = ups.dev\n",
    "ups.dev": "ups.status: OL\n",
    "upsd.users": "[mon]\npassword = mp\nupsmon primary\n",
}


def read(path):
    with open(path, "rb") as f:
        return f.read()


class TlsTest(TestCase):
    def setUp(self):
        self.scratch = self.enter(tempfile.TemporaryDirectory(prefix="busbar-ctl-tls-"))
        os.chmod(self.scratch, 0o755)
        self.directory = os.path.join(self.scratch, "tls")

    def path(self, name):
        return os.path.join(self.directory, name)

    def call(self, *arguments, status=0, environment=None):
        result = call("tls", *arguments, f"--directory={self.directory}", environment=environment)
        self.assertEqual(result.status, status, result.out + result.err)
        self.assertNotIn("Sanitizer", result.err)
        return result

    def init(self, *arguments, **options):
        return self.call("init", *arguments, **options)

    def files(self):
        return sorted(os.path.relpath(os.path.join(directory, name), self.directory)
                      for directory, _, names in os.walk(self.directory) for name in names)

    def show(self, status=0):
        result = call("--json", "tls", "show", f"--directory={self.directory}")
        self.assertEqual(result.status, status, result.err)
        return {os.path.relpath(entry["file"], self.directory): entry for entry in result.json}


class TestInit(TlsTest):
    def test_defaults(self):
        self.assertIn("CERTREQUEST 1", self.init().out)
        self.assertEqual(self.files(), ["ca-key.pem", "ca.pem", "clients/client.p12", "clients/client.pem",
                                        "server.pem"])
        modes = {name: stat.S_IMODE(os.stat(self.path(name)).st_mode) for name in self.files() + ["clients"]}
        try:
            group = grp.getgrnam("busbar-gateway").gr_gid if os.geteuid() == 0 else None
        except KeyError:
            group = None
        self.assertEqual(modes, {"ca-key.pem": 0o600, "ca.pem": 0o644, "clients": 0o700,
                                 "clients/client.p12": 0o600, "clients/client.pem": 0o600,
                                 "server.pem": 0o600 if group is None else 0o640})
        if group is not None:
            self.assertEqual(os.stat(self.path("server.pem")).st_gid, group)

        certificates = self.show()
        self.assertEqual([entry["kind"] for entry in certificates.values()],
                         ["authority", "server", "client"])
        names = certificates["server.pem"]["names"]
        for name in ("localhost", "127.0.0.1", "::1", socket.gethostname()):
            self.assertIn(name, names)
        self.assertIn(certificates["server.pem"]["days_left"], (3649, 3650))
        self.assertEqual(certificates["clients/client.pem"]["issuer"], certificates["ca.pem"]["name"])

    def test_again_adds(self):
        self.init("one")
        before = {name: read(self.path(name)) for name in self.files()}
        result = call("--json", "tls", "init", "two", "one", f"--directory={self.directory}").json
        self.assertEqual(result, {"directory": self.directory,
                                  "made": ["clients/two.p12", "clients/two.pem"],
                                  "kept": ["ca.pem", "server.pem", "clients/one.pem"]})
        for name, data in before.items():
            self.assertEqual(read(self.path(name)), data, name)
        self.init()
        self.assertEqual(len(self.files()), len(before) + 2)
        self.assertIn("stays as it is", self.init("--name=new.example").err)

    def test_renew(self):
        self.init("--name", "ups.example", "--name", "192.0.2.77", "--days=5", "one", "two")
        before = {name: read(self.path(name)) for name in self.files()}
        self.assertIn(self.show(1)["server.pem"]["days_left"], (4, 5))
        self.assertEqual(self.show(1)["server.pem"]["names"][:2], ["ups.example", "192.0.2.77"])
        self.assertIn("is new, its key is not", self.init("--renew").out)
        for name, data in before.items():
            self.assertEqual(read(self.path(name)) == data, name == "ca-key.pem", name)
        self.assertEqual(self.show()["server.pem"]["names"][:2], ["ups.example", "192.0.2.77"])

        # Those who have the old certificate of the authority can go on with it.
        old = os.path.join(self.scratch, "old.pem")
        with open(old, "wb") as f:
            f.write(before["ca.pem"])
        run("openssl", "verify", "-CAfile", old, self.path("server.pem"))

    def make_authority(self, subject, days, *options):
        """One that was made elsewhere, as on a host with another name."""
        os.makedirs(self.directory, exist_ok=True)
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", subject, "-days", str(days), "-keyout", self.path("ca-key.pem"),
            "-out", self.path("ca.pem"), *options)

    def test_renamed(self):
        """The name of an authority stays, and the id of its key, whatever the host is called now."""
        for subject, *options in (("/CN=Busbar CA elsewhere",),
                                  ("/C=DE/O=One/OU=First/OU=Second/CN=Müller", "-utf8"),
                                  ("/CN=Odd", "-addext", "subjectKeyIdentifier=0102030405",
                                   "-addext", "authorityKeyIdentifier=none"),
                                  ("/CN=None", "-addext", "subjectKeyIdentifier=none",
                                   "-addext", "authorityKeyIdentifier=none")):
            with self.subTest(subject):
                self.make_authority(subject, 30, *options)
                self.init("--days=20", "one")
                old = os.path.join(self.scratch, "old.pem")
                shutil.copy(self.path("server.pem"), old)
                authority = read(self.path("ca.pem"))

                # Renewed, since it ends before what it is to vouch for.
                self.assertIn("is new, its key is not", self.init("--days=100", "two").out)
                self.check_old(old, authority)
                # Lost, but for its key.
                os.unlink(self.path("ca.pem"))
                self.init("--days=100", "three")
                self.check_old(old, authority)
                shutil.rmtree(self.directory)

        # The key of another one has nothing to go on with.
        self.make_authority("/CN=One", 30)
        self.init("--days=20")
        self.make_authority("/CN=Two", 30)
        os.unlink(self.path("ca.pem"))
        self.init("--days=20", "--renew")
        run("openssl", "verify", "-CAfile", self.path("ca.pem"), self.path("server.pem"))
        self.assertRegex(self.show(1)["ca.pem"]["name"], "^Busbar CA ")

    def check_old(self, old, authority):
        """New certificates are good for who has the old authority, and old ones by the new one."""
        before = os.path.join(self.scratch, "authority.pem")
        with open(before, "wb") as f:
            f.write(authority)
        run("openssl", "verify", "-CAfile", self.path("ca.pem"), old)
        for name in ("one", "two", "three"):
            if os.path.exists(self.path(f"clients/{name}.pem")):
                run("openssl", "verify", "-CAfile", self.path("ca.pem"), self.path(f"clients/{name}.pem"))
                run("openssl", "verify", "-CAfile", before, self.path(f"clients/{name}.pem"))

    def test_interrupted_client(self):
        """The two files of a client agree again, whenever the renewal was stopped."""
        self.init("one")
        pem, p12 = self.path("clients/one.pem"), self.path("clients/one.p12")
        old_pem, old_p12 = read(pem), read(p12)
        self.init("one", "--renew")
        new_pem, new_p12 = read(pem), read(p12)
        for wanted, other in ((old_pem, new_p12), (new_pem, old_p12), (old_pem, b"rubbish"),
                              (old_pem, None)):
            with open(pem, "wb") as f:
                f.write(wanted)
            if other is None:
                os.unlink(p12)
            else:
                with open(p12, "wb") as f:
                    f.write(other)
            self.assertIn("made " + p12, self.init("one").out)
            self.assertEqual(read(pem), wanted)
            inside = run("openssl", "pkcs12", "-in", p12, "-passin", "pass:", "-nokeys", "-clcerts").stdout
            self.assertIn(inside[inside.index("-----BEGIN"):].strip(), wanted.decode())
            self.assertNotIn("made ", self.init("one").out.split("On this machine")[0])

    def test_interrupted(self):
        """Whatever was there when it was stopped, the next one completes it."""
        self.init("one")
        for missing in (["ca.pem"], ["clients/one.pem"], ["server.pem"], ["ca.pem", "server.pem"],
                        ["clients/one.pem", "clients/one.p12", "server.pem", "ca.pem", "ca-key.pem"]):
            with self.subTest(missing):
                for name in missing:
                    os.unlink(self.path(name))
                with open(self.path("server.pem.new"), "w", encoding="ascii") as f:
                    f.write("half")
                self.init("one", "--renew" if "ca.pem" in missing else "--days=3650")
                self.assertEqual(set(self.files()) - {"server.pem.new"},
                                 {"ca-key.pem", "ca.pem", "clients/one.p12", "clients/one.pem",
                                  "server.pem"})
                for name in ("server.pem", "clients/one.pem"):
                    run("openssl", "verify", "-CAfile", self.path("ca.pem"), self.path(name))

    def test_at_once(self):
        """Several at a time wait for each other."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for future in [pool.submit(self.init, f"client{i}") for i in range(8)]:
                future.result()
        self.assertEqual(len(self.show()), 10)
        for i in range(8):
            run("openssl", "verify", "-CAfile", self.path("ca.pem"), self.path(f"clients/client{i}.pem"))
        run("openssl", "verify", "-CAfile", self.path("ca.pem"), self.path("server.pem"))

    def test_refusals(self):
        for arguments, words in ((("a/b",), "The name of a client"), (("",), "The name of a client"),
                                 ((".x",), "The name of a client"), (("x" * 65,), "has up to 64"),
                                 (("--name=a b",), "the name or the address of a host"),
                                 (("--name=foo..bar",), 'of a host, not "foo..bar"'),
                                 (("--name=foo.",), "of a host"), (("--name=foo-.bar",), "of a host"),
                                 (("--name=192.0.2.300",), "of a host"),
                                 (("--name=",), "the name or the address of a host")):
            self.assertRegex(self.init(*arguments, status=1).err, words)
            self.assertFalse(os.path.exists(self.directory))
        for arguments in (("init", "--days=0"), ("init", "--days=40000"), ("show", "--renew"), ("other",)):
            self.call(*arguments, status=2)
        self.assertEqual(call("status", "--renew").status, 2)

        self.init()
        key = read(self.path("ca-key.pem"))
        os.unlink(self.path("ca-key.pem"))
        self.assertIn("Run this where the key is", self.init("new", status=1).err)
        with open(self.path("ca-key.pem"), "wb") as f:
            f.write(read(self.path("server.pem")))
        self.assertIn("do not belong together", self.init("new", status=1).err)
        with open(self.path("ca-key.pem"), "wb") as f:
            f.write(b"rubbish")
        self.assertIn("damaged", self.init("new", status=1).err)
        os.unlink(self.path("ca.pem"))
        self.assertIn("holds no private key", self.init("new", status=1).err)
        self.assertEqual(len(self.files()), 4)
        self.assertNotIn(key, read(self.path("server.pem")))

    def test_show(self):
        self.assertIn("\"busbarctl tls init\" makes certificates", self.call("show", status=1).err)
        self.init("--days=20")
        result = self.call(status=1)
        self.assertEqual([line.split("\t")[1] for line in result.lines], ["authority", "server", "client"])
        self.assertEqual(len(re.findall("expires in (?:19|20) days", result.err)), 2)
        advice = f'"busbarctl tls init --renew --directory={self.directory}" makes'
        self.assertEqual(result.err.count(advice), 2)
        elsewhere = os.path.join(self.scratch, "elsewhere.pem")
        with open(elsewhere, "wb") as f:
            f.write(read(self.path("server.pem")))
        self.assertNotIn("--renew", self.call("show", elsewhere, status=1).err)
        result = self.call("show", self.path("ca.pem"))
        self.assertEqual(len(result.lines), 1)
        result = self.call("show", self.path("ca-key.pem"), status=1)
        self.assertIn("no certificate", result.err)


class TestCheck(TlsTest):
    """What busbarctl check says of the certificates in upsd.conf."""

    def check(self, text, words=None, level="error"):
        with open(os.path.join(self.scratch, "upsd.conf"), "w", encoding="ascii") as f:
            f.write(text)
        result = call("--json", "check", environment={"NUT_CONFPATH": self.scratch})
        problems = [p for p in result.json if "upsd.users" not in p["file"] and "upsmon" not in p["file"]]
        if words is None:
            self.assertEqual(problems, [])
        else:
            self.assertEqual([p["level"] for p in problems], [level], problems)
            self.assertRegex(f"{problems[0]['file']}: {problems[0]['message']}", words)

    def test_check(self):
        self.init()
        other = os.path.join(self.scratch, "other.pem")
        self.check(f"CERTFILE {self.path('server.pem')}\nCERTPATH {self.path('ca.pem')}\nCERTREQUEST 2\n")
        self.check("CERTFILE tls/server.pem\n")
        self.check("CERTFILE /nothing.pem\n", "nothing.pem: There is no such file")
        self.check("CERTFILE tls/nothing.pem\n", "nothing.pem: There is no such file")
        # The service manager may have what is not here.
        self.check("CERTFILE nothing.pem\n", "nothing.pem is not a file here; if it is", "warning")
        self.check(f"CERTFILE {self.path('ca.pem')}\n", "ca.pem: It holds a certificate, but no private key")
        self.check("CERTFILE tls/server.pem\nCERTREQUEST 1\n", "CERTPATH")
        # What is of no use is told.
        self.check("CERTFILE tls/server.pem\nCERTPATH /nothing.pem\n", "nothing.pem: There is no such",
                   "warning")
        self.check("CERTFILE tls/clients/client.pem\n", "not made for a server", "warning")
        self.check("REQUIRETLS yes\n", "upsd.conf: REQUIRETLS is set, but there is no cert", "warning")
        self.check("CERTREQUEST 2\n", "upsd.conf: CERTREQUEST is set, but there is no cert", "warning")
        self.check("CERTPATH sql:/etc/nut/db\n", "is a database of NSS", "warning")
        with open(other, "wb") as f:
            f.write(read(self.path("ca.pem")) + read(self.path("ca-key.pem")))
        os.chmod(other, 0o644)
        self.check(f"CERTFILE {other}\n", "Everybody can read", "warning")
        with open(other, "wb") as f:
            f.write(read(self.path("server.pem")).split(b"-----END")[0] + b"-----END CERTIFICATE-----\n" +
                    read(self.path("ca-key.pem")))
        os.chmod(other, 0o600)
        self.check(f"CERTFILE {other}\n", "belongs to another certificate")


    def write(self, name, text):
        with open(os.path.join(self.scratch, name), "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(os.path.join(self.scratch, name), 0o640)

    def problems(self):
        result = call("--json", "check", environment={"NUT_CONFPATH": self.scratch})
        return [(p["level"], f"{os.path.basename(p['file'])}:{p.get('line', 0)}: {p['message']}")
                for p in result.json if "upsd.users" not in p["file"] and "driver" not in p["message"]]

    def check_problems(self, *expected):
        problems = self.problems()
        self.assertEqual(len(problems), len(expected), problems)
        for (level, text), (wanted, words) in zip(problems, expected):
            self.assertEqual(level, wanted, text)
            self.assertRegex(text, words)

    def test_links(self):
        """What upsmon.conf names is read as by the links."""
        self.init("one")
        one = self.path("clients/one.pem")
        monitor = "MONITOR ups@nas.example 1 u p secondary\nMONITOR ups@other.example 1 u p secondary\n"
        self.write("upsmon.conf", f"{monitor}CERTPATH {one}\nCERTFILE tls/clients/one.pem\n"
                                  "CERTHOST nas.example x 1 1\n")
        self.check_problems()
        self.write("upsmon.conf", f"{monitor}CERTPATH /nothing.pem\nCERTVERIFY 1\n")
        self.check_problems(("error", "nothing.pem.*There is no such file"))
        self.write("upsmon.conf", f"{monitor}CERTPATH {one}\nCERTFILE {self.path('ca.pem')}\n")
        self.check_problems(("error", "ca.pem.*no private key"))
        self.write("upsmon.conf", f"{monitor}CERTPATH {one}\nCERTFILE mine.pem\n")
        self.check_problems(("warning", "upsmon.conf:4: mine.pem is not a file here"))
        self.write("upsmon.conf", f"{monitor}CERTPATH {one}\nCERTHOST nsa.example x 1 1\n")
        self.check_problems(("error", "upsmon.conf:4: CERTHOST: no MONITOR line is about nsa.example"))

    def test_relays(self):
        self.init("one")
        section = "[far]\ndriver = dummy-ups\nport = ups@nas.example\n"
        self.write("ups.conf", f"{section}certpath = /nothing.pem\ncertverify\n")
        self.check_problems(("error", "nothing.pem.*There is no such file"))
        self.write("ups.conf", f"{section}certpath = {self.path('ca.pem')}\ncertverify\n"
                               "certfile = tls/clients/one.pem\n")
        self.check_problems()


class TestStock(TlsTest):
    """Debian's upsmon, which is built with NSS, set up as it is printed, against our gateway."""

    def setUp(self):
        super().setUp()
        self.etc = os.path.join(self.scratch, "etc")
        os.mkdir(self.etc)
        text = self.init("--name=localhost", "machine1").out
        self.server, text = text.split("\nFor a client with Busbar")
        self.busbar, text = text.split("\nFor a client with NUT built with OpenSSL")
        self.openssl, self.nss = text.split("\nFor a client with NUT built with NSS")

    @staticmethod
    def settings(text):
        return "".join(f"{line.strip()}\n" for line in text.splitlines() if re.match(r" +[A-Z]+ ", line))

    def follow(self):
        """Runs the commands that are meant for the client."""
        source = os.path.join(self.directory, "clients", "machine1.p12")
        for line in self.nss.splitlines():
            if re.match(" +(mkdir|pk12util|certutil|chgrp)", line):
                for command in line.replace("/etc/nut", self.etc).split("&&"):
                    words = [source if word == "machine1.p12" else word for word in shlex.split(command)]
                    run(*(["mkdir", "-p", words[2].replace("sql:", "")] if words[0] == "mkdir" else words))

    def upsmon(self, port, settings):
        with open(os.path.join(self.etc, "upsmon.conf"), "w", encoding="ascii") as f:
            f.write(f"MONITOR ups@localhost:{port} 1 mon mp primary\nSHUTDOWNCMD true\nMINSUPPLIES 1\n"
                    f"POLLFREQ 1\nDEADTIME 5\nRUN_AS_USER root\n{settings}".replace("/etc/nut", self.etc))
        os.chmod(f"{self.etc}/upsmon.conf", 0o640)
        os.makedirs("/run/nut", exist_ok=True)
        name = f"busbar-upsmon-{os.getpid()}-{time.monotonic_ns()}"
        self.addCleanup(lambda: os.path.exists(f"/run/nut/{name}.pid") and os.unlink(f"/run/nut/{name}.pid"))
        with open(os.path.join(self.etc, "output"), "wb") as output:
            process = subprocess.Popen([name, "-DD", "-F", "-p"], executable="/lib/nut/upsmon",
                                       env={**os.environ, "NUT_CONFPATH": self.etc},
                                       stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

    def output(self):
        return read(os.path.join(self.etc, "output")).decode("latin-1")

    def test_instructions(self):
        self.follow()
        settings = self.settings(self.server).replace("CERTREQUEST 1", "CERTREQUEST 2")
        with Testbed({**CONFIG, "upsd.conf": settings}) as bed:
            self.upsmon(bed.port, self.settings(self.nss))
            with NutConnection(bed.port) as plain:
                try:
                    wait_for(lambda: plain.ask("GET NUMLOGINS ups") == "NUMLOGINS ups 1", "it is logged in")
                except AssertionError as e:
                    raise AssertionError(f"{e}\n{self.output()}\n{bed.log_text('gateway')}") from e
            self.assertRegex(self.output(), "(?i)ssl")

    def test_printed_settings(self):
        self.assertIn("CERTFILE ", self.settings(self.openssl))
        self.assertIn("CERTHOST localhost localhost 1 1", self.settings(self.busbar))
        # One file is authority, certificate and key at once.
        pem = read(os.path.join(self.directory, "clients", "machine1.pem"))
        self.assertEqual([line for line in pem.decode().splitlines() if "BEGIN" in line],
                         ["-----BEGIN CERTIFICATE-----"] * 2 + ["-----BEGIN PRIVATE KEY-----"])


if __name__ == "__main__":
    unittest.main()
