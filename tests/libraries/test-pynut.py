#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PyNUT: beside Debian's, at our server and Debian's; what newer versions have; and at servers that lie."""

import importlib.util
import os
import signal
import socket
import ssl
import sys
import threading
import unittest
import warnings
from unittest import mock

from bindingslib import BINDINGS, Liar, Servers, TestCase, wait_for

sys.path.insert(0, os.path.join(BINDINGS, "python"))
import PyNUT  # noqa: E402  pylint: disable=wrong-import-position

STOCK = "/usr/lib/python3/dist-packages/PyNUT.py"


def load_stock():
    spec = importlib.util.spec_from_file_location("stock_pynut", STOCK)
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec.loader.exec_module(module)
    return module


def outcome(module, function, *arguments):
    """What a call returns, or the server's word in the exception."""
    try:
        return function(*arguments)
    except module.PyNUTError as e:
        word = e.args[0]
        return "raised", (word.decode() if isinstance(word, bytes) else word).strip()


class TestBesideStock(Servers):
    CALLS = [
        ("GetUPSList",), ("GetUPSVars", "ups"), ("GetUPSVars", "bare"), ("GetUPSVars", "nobody"),
        ("GetRWVars", "ups"), ("GetRWVars", "nobody"), ("GetUPSCommands", "nobody"),
        ("RunUPSCommand", "ups", "no.such"), ("RunUPSCommand", "nobody", "load.off"),
        ("RunUPSCommand", "ups", "load.off"), ("SetRWVar", "ups", "ups.id", "new"),
        ("SetRWVar", "ups", "ups.id", '"new one"'), ("SetRWVar", "ups", "no.such", "1"),
        ("SetRWVar", "ups", "ups.status", "OL"), ("SetRWVar", "nobody", "ups.id", "x"),
        ("help",), ("ver",),
    ]

    def compare(self, server, **login):
        stock_module = load_stock()
        stock = stock_module.PyNUTClient("127.0.0.1", server.port, **login)
        with PyNUT.PyNUTClient("127.0.0.1", server.port, **login) as ours:
            for name, *arguments in self.CALLS:
                with self.subTest(call=name, arguments=arguments):
                    self.assertEqual(outcome(PyNUT, getattr(ours, name), *arguments),
                                     outcome(stock_module, getattr(stock, name), *arguments))
            self.assertEqual(set(ours.GetUPSCommands("ups")), set(stock.GetUPSCommands("ups")))

    def test_table(self):
        for server in (self.ours, self.stock):
            self.compare(server)
            self.compare(server, login="admin", password="secret")
            for module in (PyNUT, load_stock()):
                with self.subTest(module=module), self.assertRaises(module.PyNUTError) as caught:
                    client = module.PyNUTClient("127.0.0.1", server.port, login="admin", password="wrong")
                    client.FSD("ups")  # Debian's server says nothing before
                self.assertIsInstance(caught.exception, module.PyNUTError)


class TestCalls(Servers):
    def connect(self, server=None, **arguments):
        arguments = {"login": "admin", "password": "secret", **arguments}
        return self.enter(PyNUT.PyNUTClient("127.0.0.1", (server or self.ours).port, **arguments))

    def raises(self, text, function, *arguments, **options):
        with self.assertRaises(PyNUT.PyNUTError) as caught:
            function(*arguments, **options)
        self.assertEqual(str(caught.exception), text)

    def test_reading(self):
        for server in (self.ours, self.stock):
            c = self.connect(server)
            self.assertEqual(c.GetUPSNames(), ["ups", "bare"])
            self.assertEqual(c.GetUPSVars(b"bare")[b"ups.load"], b"5")
            self.assertTrue(c.CheckUPSAvailable("ups"))
            self.assertFalse(c.CheckUPSAvailable("nobody"))
            self.assertRegex(c.GetVariableType("ups", "ups.id"), r"^RW STRING:\d+$")
            self.assertTrue(c.GetVariableDescription("ups", "ups.id"))
            self.assertNotIn(c.GetUPSCommands("ups")[b"load.off"], (b"load.off", b""))
            self.assertEqual(c.GetEnumList("ups", "ups.id"), [])
            self.assertEqual(c.GetRangeList("ups", "ups.id"), [])
            self.assertEqual(c.GetDeviceNumLogins("ups"), 0)
            self.raises("ERR UNKNOWN-UPS", c.GetDeviceNumLogins, "nobody")
            self.assertTrue(c.isValidProtocolVersion())
            self.assertFalse(c.isValidProtocolVersion("2"))
            self.raises("ERR VAR-NOT-SUPPORTED", c.GetVariableType, "ups", "no.such")
            for name in ("ups\nFSD ups", "ups\r", "ups\0"):
                self.raises("ERR INVALID-ARGUMENT", c.GetUPSVars, name)

    def test_lists(self):
        answer = 'BEGIN LIST {0} u v\n{1}END LIST {0} u v\n'
        with Liar(answer.format("ENUM", 'ENUM u v "a \\"b\\""\nENUM u v "c"\n'),
                  answer.format("RANGE", 'RANGE u v "1" "5"\n')) as liar:
            c = PyNUT.PyNUTClient("127.0.0.1", liar.port)
            self.assertEqual(c.GetEnumList("u", "v"), ['a "b"', "c"])
            self.assertEqual(c.GetRangeList("u", "v"), [{"min": "1", "max": "5"}])

    def test_sessions(self):
        for server in (self.ours, self.stock):
            c = self.connect(server)
            self.assertEqual(c.ListClients(), {})
            self.assertEqual(c.DeviceLogin("ups"), "OK")
            self.assertEqual(c.ListClients(), {b"ups": [b"127.0.0.1"]})
            self.assertEqual(c.ListClients("bare"), {})
            self.assertEqual(c.GetDeviceNumLogins("ups"), 1)
            self.raises("ERR UNKNOWN-UPS", c.ListClients, "nobody")
            self.raises("ERR UNKNOWN-UPS", c.DeviceLogin, "nobody")
            c.disconnect()
            with self.assertRaises(PyNUT.PyNUTClosed):
                c.ver()
            other = self.connect(server)
            wait_for(lambda c=other: c.GetDeviceNumLogins("ups") == 0, "the login is over")

    def test_writing(self):
        for server in (self.ours, self.stock):
            c = self.connect(server, login="spaced", password='two "words"')
            # Between Debian's upsd and its driver, such a value is cut or lost.
            hard = ('say "hi" \\', "#1", "") if server is self.ours else ()
            for value in ("two words", "a = b", *hard):
                self.assertEqual(c.SetRWVar("ups", "ups.mfr", value), "OK")
                wait_for(lambda c=c, v=value: c.GetUPSVars("ups").get(b"ups.mfr", b"") == v.encode(),
                         f"{value} is there")
            self.raises("ERR ACCESS-DENIED", c.FSD, "ups")

    def test_tracking(self):
        c = self.connect(tracking=True)
        tracked = c.SetRWVar("ups", "ups.id", "tracked")
        self.assertRegex(str(tracked), r"^[0-9A-Fa-f-]{36}$")
        self.assertTrue(tracked.isValid() and tracked.age() >= 0 and tracked.id() == str(tracked))
        self.assertIs(c.WaitTrackingResult(tracked, 1, 20), True)
        self.assertEqual(c.SetRWVar("ups", "ups.id", "waited", 1, 20), "OK")
        self.raises("ERR UNKNOWN", c.RunUPSCommand, "ups", "load.off", 1, 20)
        self.raises("ERR UNKNOWN", c.GetTrackingResult, "0" * 36)
        self.assertEqual(c.SetTrackingMode(False), "OFF")
        self.assertIsNone(c.SetTrackingMode("MAYBE"))
        self.assertEqual(c.SetRWVar("ups", "ups.id", "untracked"), "OK")
        self.assertTrue(c.EnableTrackingModeOnce())
        self.assertIsNone(c.WaitTrackingResult("", 1, 1))

    def test_forced_shutdown(self):
        c = self.connect()
        self.assertEqual(c.becomePrimary("bare"), "OK")
        self.assertEqual(c.FSD("bare", False), "OK")
        self.assertIn(b"FSD", c.GetUPSVars("bare")[b"ups.status"])
        self.raises("ERR UNKNOWN-UPS", c.FSD, "nobody")

    def test_tls(self):
        for arguments in ({"ca_file": self.ca}, {"cert_verify": False, "cert_file": self.certificate},
                          {"ca_file": self.ca, "certhost": {"127.0.0.1": ["ups.example", 1, 1]}},
                          {"ca_file": self.ca, "certhost": [["127.0.0.1", "ups.example", 1, 1]]},
                          {"ca_file": self.ca, "cert_file": self.certificate, "cert_ident": "web1"},
                          {"ssl_context": ssl.create_default_context(cafile=self.ca)}):
            with self.subTest(arguments=arguments):
                c = self.connect(force_ssl=True, **arguments)
                self.assertEqual(c.GetUPSNames(), ["ups", "bare"])
        for arguments in ({}, {"ca_file": self.ca, "certhost": {"127.0.0.1": ["other.example", 1, 1]}}):
            with self.subTest(arguments=arguments), self.assertRaises(ssl.SSLCertVerificationError):
                self.connect(use_ssl=True, **arguments)
        self.raises(f"CERTIDENT mismatch: expected web2, found web1 in {self.certificate}",
                    self.connect, use_ssl=True, cert_file=self.certificate, cert_ident="web2")
        self.assertEqual(self.connect(self.stock, use_ssl=True).GetUPSNames(), ["ups", "bare"])
        self.raises("ERR FEATURE-NOT-CONFIGURED", self.connect, self.stock, force_ssl=True)


class TestAuthConf(Servers):
    def setUp(self):
        self.addCleanup(PyNUT.AuthConf.freeAuthConfList)
        PyNUT.AuthConf.freeAuthConfList()

    def test_sections(self):
        path = self.authority(f"""# what is for all
CERTVERIFY = 0
[@127.0.0.1:{self.ours.port}]  # our server
        USER = admin
        PASSWORD = "sec\\ret"
        CERTPATH = {self.ca}
        FORCESSL = yes
[guest@127.0.0.1:{self.ours.port}]
        pass = 'guest' # not the other one
[*]
        CERTVERIFY = 1
""")
        self.assertEqual(len(PyNUT.AuthConf.readAuthConfFile(path, True)), 3)
        found = PyNUT.AuthConf.getAuthConf(host="127.0.0.1", port=self.ours.port)
        self.assertEqual((found.user, found.password, found.certverify, found.forcessl),
                         ("admin", "secret", 1, 1))
        self.assertNotIn("secret", repr(found))
        with PyNUT.PyNUTClient.from_authconf(found) as client:
            client.SetRWVar("ups", "ups.id", "authorized")
        found = PyNUT.AuthConf.getAuthConf("guest", "127.0.0.1", self.ours.port)
        self.assertEqual((found.password, found.certpath, found.certverify), ("guest", self.ca, 1))
        self.assertEqual(PyNUT.AuthConf.findAuthConf(host="elsewhere").section, "")
        self.assertEqual(vars(found.clone()), vars(found))
        with mock.patch.dict(os.environ, {"NUT_AUTHCONF_FILE": path}):
            PyNUT.AuthConf.freeAuthConfList()
            self.assertEqual(PyNUT.AuthConf.getAuthConf("x", "y").certverify, 1)

    def test_mistakes(self):
        for text, message in (("[broken\n", ":1: Invalid section header: '[broken'"),
                              ("\nPASSWORD = \"open\n", ":2: nothing ends the \""),
                              ("COLOUR = red\n",
                               ":1: Neither a section nor a setting that is known: 'COLOUR'"),
                              ("[a]b]\n", ":1: Invalid authconf section: 'a]b'")):
            path = self.authority(text)
            with self.subTest(text=text), self.assertRaises(PyNUT.PyNUTError) as caught:
                PyNUT.AuthConf.readAuthConfFile(path, fatal_errors=True)
            self.assertEqual(str(caught.exception), path + message)
        with self.assertRaises(PyNUT.PyNUTError):
            PyNUT.AuthConf.readAuthConfFile("/nonexistent/nutauth.conf", True)
        self.assertEqual(PyNUT.AuthConf.readAuthConfFile("/nonexistent/nutauth.conf"),
                         PyNUT.AuthConf.getAuthConfList())

    def test_names(self):
        for section, host, port in (("localhost", "localhost", 3493),
                                    ("localhost:12345", "localhost", 12345),
                                    ("[::1]", "::1", 3493), ("[::1]:12345", "::1", 12345),
                                    ("me@[fe80::1]:1", "fe80::1", 1), ("@:77", "localhost", 77)):
            client = PyNUT.PyNUTClient.from_authconf(PyNUT.AuthConf(section), connect_now=False)
            # Programs look at these.
            self.assertEqual((client._PyNUTClient__host, client._PyNUTClient__port), (host, port))


class TestLiars(TestCase):
    def fails(self, error, *answers, call="GetUPSList", hangs=False, **arguments):
        with Liar(*answers, hangs=hangs) as liar:
            with self.assertRaises(error):
                getattr(PyNUT.PyNUTClient("127.0.0.1", liar.port, **arguments), call)()

    def test_answers(self):
        self.fails(PyNUT.PyNUTClosed, "")
        self.fails(EOFError, "BEGIN LIST UPS\nUPS a \"b\"\n")
        self.fails(PyNUT.PyNUTError, "nonsense\n")
        self.fails(PyNUT.PyNUTError, b"x" * 200000, hangs=True)
        self.fails(socket.timeout, "BEGIN LIST UPS\nUPS", hangs=True, timeout=0.3)
        self.fails(PyNUT.PyNUTError, "OK STARTTLS\nOK\n", use_ssl=True, hangs=True)
        self.fails(OSError, "OK STARTTLS\n", use_ssl=True)
        with self.assertRaises(ConnectionRefusedError), socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
            s.close()
            PyNUT.PyNUTClient("127.0.0.1", port)

    def test_rest(self):
        """What is left of an answer that was not read to its end is not the next one's."""
        def interrupt(*_):
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGUSR1, interrupt)
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        main = threading.main_thread().ident
        rest = 'VAR ups ups.status "stale"\n'
        endless = b"x" * 200000
        for error, answer, call in (
                (PyNUT.PyNUTError, endless, ("GetUPSList",)),
                (PyNUT.PyNUTError, b"BEGIN LIST UPS\n" + endless, ("GetUPSList",)),
                (KeyboardInterrupt, rest[:9], ("GetVariableType", "ups", "a")),
                (KeyboardInterrupt, "BEGIN LIST VAR ups\n" + rest, ("GetUPSVars", "ups"))):
            then = error is KeyboardInterrupt and (lambda _: signal.pthread_kill(main, signal.SIGUSR1))
            with self.subTest(answer=answer[:20]), Liar(answer, hangs=True, then=then) as liar:
                client = PyNUT.PyNUTClient("127.0.0.1", liar.port)
                with self.assertRaises(error):
                    getattr(client, call[0])(*call[1:])
                with self.assertRaises(PyNUT.PyNUTClosed):
                    client.GetUPSVars("ups")

    def test_refusal(self):
        """What the server refuses, or cannot be said, does not end the connection."""
        with Liar("ERR UNKNOWN-UPS\n", "BEGIN LIST UPS\nEND LIST UPS\n", hangs=True) as liar:
            client = PyNUT.PyNUTClient("127.0.0.1", liar.port)
            with self.assertRaises(PyNUT.PyNUTError):
                client.GetUPSVars("nobody")
            with self.assertRaises(PyNUT.PyNUTError):
                client.GetUPSVars("two\nlines")
            self.assertEqual(client.GetUPSList(), {})


if __name__ == "__main__":
    unittest.main()
