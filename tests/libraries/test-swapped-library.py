#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that others linked against Debian's libupsclient, unchanged, with ours in its place: upsc,
upscmd, upsrw, upslog, upsmon, nut-scanner, collectd and the pages of nut-cgi."""

import importlib.util
import os
import signal
import subprocess
import tempfile
import unittest

from librarieslib import LIBRARY, OURS, STOCK, swap
from certificates import Authority
from testlib import ROOT, NutConnection, StockServer, Testbed, TestCase, run, wait_for

SWAPPED = swap(OURS, LIBRARY)


def load(path):
    spec = importlib.util.spec_from_file_location(os.path.basename(path), os.path.join(ROOT, path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


clients = load("tests/integration/test-clients.py")


class Swapped:
    """All that is started by the tests, but no server, finds our library."""

    def setUp(self):
        before = dict(os.environ)
        super().setUp()
        os.environ.update(SWAPPED)
        self.addCleanup(os.environ.update, {name: before.get(name, "") for name in SWAPPED})


# What needs no libupsclient proves nothing here.
class Clients(Swapped, clients.Clients):
    test_pynut = test_perl = test_check_ups = None


class TestWithBusbar(Clients, TestCase):
    serve = Testbed


class TestWithStock(Clients, TestCase):
    serve = StockServer


class TestMonitorWithBusbar(Swapped, clients.Monitor, TestCase):
    serve = Testbed


class TestMonitorWithStock(Swapped, clients.Monitor, TestCase):
    serve = StockServer


class TestSameOutput(TestCase):
    """Whatever is asked, the same is said."""

    def setUp(self):
        self.server = self.enter(StockServer(clients.CONFIG))
        self.host = f"127.0.0.1:{self.server.port}"

    def said(self, environment, argv):
        result = run(*argv, check=False, env={**os.environ, **environment})
        # An NSS build says this of itself each time.
        return result.returncode, result.stdout, result.stderr.replace(
            "Init SSL without certificate database\n", "")

    def assert_same(self, *argv):
        argv = [word.replace("HOST", self.host) for word in argv]
        with self.subTest(argv):
            ours = self.said(SWAPPED, argv)
            self.assertEqual(ours, self.said({"LD_LIBRARY_PATH": STOCK}, argv))
        return ours

    def test_ours_is_used(self):
        listed = run("ldd", "/bin/upsc", env={**os.environ, **SWAPPED}).stdout
        self.assertIn(f"libupsclient.so.6 => {OURS}/", listed)

    def test_upsc(self):
        for arguments in (("-l", "HOST"), ("-L", "HOST"), ("-c", "ups@HOST"), ("ups@HOST",),
                          ("second@HOST",), ("ups@HOST", "ups.status"), ("ups@HOST", "no.such"),
                          ("nosuch@HOST",),
                          ("-c", "nosuch@HOST"), ("ups@HOST", "nodot"), ("ups@127.0.0.1:1",), ("ups@[::1",),
                          ("ups@no.such.invalid.",), ("ups@host:port",), ("-l", "[::1"), ()):
            self.assert_same("upsc", *arguments)

    def test_upscmd_and_upsrw(self):
        admin = ("-u", "admin", "-p", "secret")
        for argv in (("upscmd", "-l", "ups@HOST"), ("upscmd", "-l", "nosuch@HOST"),
                     ("upscmd", *admin, "ups@HOST", "load.off"), ("upscmd", *admin, "ups@HOST", "no.such"),
                     ("upscmd", "-u", "admin", "-p", "wrong", "ups@HOST", "load.off"),
                     ("upsrw", "ups@HOST"), ("upsrw", "second@HOST"), ("upsrw", "nosuch@HOST"),
                     ("upsrw", "-s", "ups.id=some words", *admin, "ups@HOST"),
                     ("upsrw", "-s", "ups.mfr=x", "-u", "guest", "-p", "guest", "ups@HOST")):
            self.assert_same(*argv)

    def test_stale(self):
        driver = self.server.drivers["second"]
        driver.send_signal(signal.SIGSTOP)
        self.addCleanup(driver.send_signal, signal.SIGCONT)
        with NutConnection(self.server.port) as c:
            wait_for(lambda: c.ask("GET VAR second ups.status") == "ERR DATA-STALE", "the data are stale")
        self.assertEqual(self.assert_same("upsc", "second@HOST", "ups.status"),
                         (1, "", "Error: Data stale\n"))

    def test_cgi(self):
        self.server.write("hosts.conf", f'MONITOR ups@{self.host} "The first one"\n')
        self.server.write("upsstats.html", "@FOREACHUPS@@VAR ups.model@ @STATUS@ @VAR battery.charge@\n"
                          "@VAR no.such@\n@ENDFOR@")
        # It knows no directory but this one.
        status, out, _ = self.assert_same(
            "unshare", "-rm", "sh", "-c", 'mount --bind "$0" /etc/nut && exec "$@"', self.server.config,
            "/usr/lib/cgi-bin/nut/upsstats.cgi")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"Model 700 .*87")


class TestTls(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="busbar-swapped-"))
        cls.authority = Authority(os.path.join(cls.scratch, "tls"))
        server = cls.authority.make("server")
        settings = f"DEBUG_MIN 1\nCERTFILE {server}\n"
        cls.bed = cls.enterClassContext(Testbed({**clients.CONFIG, "upsd.conf": settings}))

    def upsmon(self, *settings):
        """Stock upsmon with our library as a secondary; and what it says."""
        directory = tempfile.mkdtemp(dir=self.scratch)
        path = os.path.join(directory, "upsmon.conf")
        with open(path, "w", encoding="ascii") as f:
            f.write(f"MONITOR ups@127.0.0.1:{self.bed.port} 1 other otherpass secondary\n"
                    f"SHUTDOWNCMD true\nRUN_AS_USER root\nPOLLFREQ 1\nNOTIFYFLAG COMMBAD SYSLOG+WALL\n"
                    + "".join(f"{line}\n" for line in settings))
        os.chmod(path, 0o640)
        output = os.path.join(directory, "output")
        with open(output, "wb") as f:
            process = subprocess.Popen(
                [f"busbar-swapped-{os.getpid()}", "-F", "-p"], executable="/lib/nut/upsmon",
                env={**os.environ, **SWAPPED, "NUT_CONFPATH": directory}, stdin=subprocess.DEVNULL,
                stdout=f, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def said():
            with open(output, encoding="utf-8") as f:
                return f.read()

        return process, said

    def logins(self):
        with NutConnection(self.bed.port) as c:
            return c.ask("GET NUMLOGINS ups")

    def test_upsc(self):
        """It takes TLS where it is."""
        result = run("upsc", f"ups@127.0.0.1:{self.bed.port}", "ups.status",
                     env={**os.environ, **SWAPPED})
        self.assertEqual((result.stdout, result.stderr), ("OL CHRG\n", ""))
        self.bed.wait_log("TLS1.3")

    def test_verified(self):
        process, said = self.upsmon(f"CERTPATH {self.authority.path}", "CERTVERIFY 1", "FORCESSL 1")
        wait_for(lambda: self.logins() == "NUMLOGINS ups 1" or process.poll(), "it is logged in")
        self.assertIsNone(process.poll(), said())
        process.terminate()
        process.wait()
        wait_for(lambda: self.logins() == "NUMLOGINS ups 0", "it is gone")

    def test_stranger(self):
        other = Authority(os.path.join(self.scratch, "other"), "stranger")
        _, said = self.upsmon(f"CERTPATH {other.path}", "CERTVERIFY 1", "FORCESSL 1")
        wait_for(lambda: "[ups@" in said() and "connect failed: SSL error: " in said(), "it says why")
        self.assertEqual(self.logins(), "NUMLOGINS ups 0")

    def test_nss_database(self):
        """Cannot be read; where it is needed, upsmon says so and does not start."""
        database = self.authority.nss_database(os.path.join(self.scratch, "nss"))
        process, said = self.upsmon(f"CERTPATH {database}", "CERTVERIFY 1", "FORCESSL 1")
        self.assertNotEqual(process.wait(30), 0)
        self.assertIn("It is a database of NSS, which is not read here. Export", said())


if __name__ == "__main__":
    unittest.main()
