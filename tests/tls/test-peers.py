#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our TLS against OpenSSL's, in both roles, with certificates of "busbarctl tls" and of openssl."""

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

from testlib import TestCase, build_directory, run  # noqa: E402

PEER = os.path.join(build_directory(), "tests", "tls", "tls-peer")
BUSBARCTL = os.path.join(build_directory(), "src", "ctl", "busbarctl")
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
BULK = bytes(range(256)) * 4000


class Peer:
    """Our end."""

    def __init__(self, role, first="-", file="-", path="-", ident="-", password="-"):
        ours, self.socket = socket.socketpair()
        self.socket.settimeout(20)
        self.process = subprocess.Popen([PEER, role, first, file, path, ident, password], stdin=ours,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        ours.close()
        self.first = self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def rest(self):
        """What it says until its end."""
        self.socket.close()
        text = self.process.stdout.read()
        assert "Sanitizer" not in text, text
        return text


class TestPeers(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="busbar-peers-"))
        cls.made = os.path.join(cls.scratch, "made")
        run(BUSBARCTL, "tls", "init", f"--directory={cls.made}", "--name=ups.example", "web1")
        cls.ca, cls.server = f"{cls.made}/ca.pem", f"{cls.made}/server.pem"
        cls.client = f"{cls.made}/clients/web1.pem"
        cls.stranger_directory = os.path.join(cls.scratch, "other")
        run(BUSBARCTL, "tls", "init", f"--directory={cls.stranger_directory}", "stranger")
        cls.stranger = f"{cls.stranger_directory}/clients/stranger.pem"

    def context(self, version=None, certificate=None, role=ssl.PROTOCOL_TLS_CLIENT):
        context = ssl.SSLContext(role)
        context.load_verify_locations(self.ca)
        if version:
            context.minimum_version = context.maximum_version = version
        if certificate:
            context.load_cert_chain(certificate)
        return context

    def openssl(self, *arguments):
        return run("openssl", *arguments, cwd=self.scratch)

    def path(self, name):
        return os.path.join(self.scratch, name)

    def talk(self, peer, context, data=b"VER\n"):
        """As a client of our server. Returns what the server says in the end."""
        with context.wrap_socket(peer.socket, server_hostname="ups.example") as client:
            client.sendall(data)
            got = b""
            while len(got) < len(data):
                got += client.recv(65536)
            self.assertEqual(got, data)
            client.unwrap()
        return peer.rest()

    def test_server(self):
        for version in VERSIONS:
            with self.subTest(version), self.enter(Peer("server", "0", self.server)) as peer:
                said = self.talk(peer, self.context(version), BULK[:60000])
                self.assertRegex(said, f"^session TLS1.{version - 769}, [A-Z0-9-]+, peer -\nend 0 \n$")

    def test_large_answers(self):
        with self.enter(Peer("server", "0", self.server)) as peer:
            context = self.context()
            client = self.enter(context.wrap_socket(peer.socket, server_hostname="ups.example"))
            for i in range(0, len(BULK), 50000):
                part, got = BULK[i:i + 50000], b""
                client.sendall(part)
                while len(got) < len(part):
                    got += client.recv(65536)
                self.assertEqual(got, part)

    def test_client_certificates(self):
        for version in VERSIONS:
            for request, certificate, peer_name in (
                    ("0", self.client, "-"), ("1", None, "-"), ("1", self.client, "web1"),
                    ("2", self.client, "web1")):
                with self.subTest((version, request, certificate)):
                    peer = self.enter(Peer("server", request, self.server, self.ca))
                    said = self.talk(peer, self.context(version, certificate))
                    self.assertIn(f", peer {peer_name}\nend 0 \n", said)

    def refused(self, context, request, words):
        peer = self.enter(Peer("server", request, self.server, self.ca))
        with self.assertRaises((ssl.SSLError, OSError)):
            with context.wrap_socket(peer.socket, server_hostname="ups.example") as client:
                client.sendall(b"VER\n")
                self.assertTrue(client.recv(1))
        said = peer.rest()
        self.assertIn(words, said)
        self.assertNotIn("session", said)

    def test_clients_without_authority(self):
        for version in VERSIONS:
            with self.subTest(version):
                stranger = self.context(version, self.stranger)
                self.refused(stranger, "1", "vouched for by \"Busbar CA ")
                self.refused(stranger, "2", "which is not known or not trusted here")
                self.refused(self.context(version, self.server), "1", "not made for this purpose")
                self.refused(self.context(version), "2", "shown no certificate")

    def test_old_versions(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        self.refused(context, "0", "no version in common")

    def test_resumption(self):
        for version in VERSIONS:
            with self.subTest(version):
                peer = self.enter(Peer("server", "0", self.server))
                context = self.context(version)
                client = self.enter(context.wrap_socket(peer.socket, server_hostname="ups.example"))
                client.sendall(b"x")
                client.recv(1)
                self.assertTrue(client.session.has_ticket)

    def serve(self, peer, context):
        """As the server of our client. Returns what the client says in the end."""
        try:
            with context.wrap_socket(peer.socket, server_side=True) as server:
                while data := server.recv(100):
                    server.sendall(data.upper())
        except (ssl.SSLError, OSError):
            pass
        return peer.rest()

    def test_client(self):
        for version in VERSIONS:
            for host in ("ups.example", "127.0.0.1", "::1", "localhost"):
                with self.subTest((version, host)), self.enter(Peer("client", host, path=self.ca)) as peer:
                    said = self.serve(peer, self.context(version, self.server, ssl.PROTOCOL_TLS_SERVER))
                    self.assertRegex(said, "^session TLS1.*, peer ups.example\nanswer HELLO\nend 6 \n$")

    def test_client_shows_its_certificate(self):
        for version in VERSIONS:
            with self.subTest(version):
                context = self.context(version, self.server, ssl.PROTOCOL_TLS_SERVER)
                context.verify_mode = ssl.CERT_REQUIRED
                peer = self.enter(Peer("client", "localhost", self.client, self.client))
                self.assertIn("answer HELLO", self.serve(peer, context))
                peer = self.enter(Peer("client", "localhost", path=self.ca))
                self.assertRegex(self.serve(peer, context),
                                 "end -129 the other end wants a certificate of us" if version == VERSIONS[1]
                                 else "end -71 the other end refused: Handshake failed")

    def test_client_refuses(self):
        server = self.context(None, self.server, ssl.PROTOCOL_TLS_SERVER)
        peer = self.enter(Peer("client", "other.example", path=self.ca))
        self.assertRegex(self.serve(peer, server),
                         r"^end -129 the certificate of \"ups.example\" is for ups.example, .*"
                         r"localhost, .*, not for other.example\n$")
        peer = self.enter(Peer("client", "ups.example", path=f"{self.stranger_directory}/ca.pem"))
        self.assertIn("which is not known or not trusted here", self.serve(peer, server))
        peer = self.enter(Peer("client", path=self.ca))
        self.assertIn("answer HELLO", self.serve(peer, server))

    def test_certificates_of_openssl(self):
        """As people make them by hand: RSA, encrypted keys in all forms, hashed directories."""
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-passout", "pass:geheim", "-keyout", "rsa.key",
                     "-out", "rsa.crt", "-days", "9", "-subj", "/O=Home/CN=ups.example",
                     "-addext", "subjectAltName=DNS:ups.example")
        self.openssl("rsa", "-in", "rsa.key", "-passin", "pass:geheim", "-traditional", "-aes128",
                     "-passout", "pass:geheim", "-out", "old.key")
        self.openssl("rsa", "-in", "rsa.key", "-passin", "pass:geheim", "-traditional", "-out", "clear.key")
        directory = self.path("hashed")
        os.mkdir(directory)
        for name, options in (("new.p12", ()), ("old.p12", ("-legacy",))):
            self.openssl("pkcs12", "-export", "-in", "rsa.crt", "-inkey", "clear.key",
                         "-passout", "pass:geheim", "-out", f"hashed/{name}", *options)
        for name, parts in (("rsa.pem", ("rsa.crt", "rsa.key")), ("old.pem", ("old.key", "rsa.crt")),
                            ("clear.pem", ("clear.key", "rsa.crt"))):
            with open(self.path(name), "wb") as f:
                for part in parts:
                    with open(self.path(part), "rb") as source:
                        f.write(source.read())
            os.chmod(self.path(name), 0o600)
        for name in ("hashed/new.p12", "hashed/old.p12"):
            os.chmod(self.path(name), 0o600)

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.path("rsa.crt"))
        for arguments in ({"file": self.path("rsa.pem")}, {"file": self.path("old.pem")},
                          {"path": directory, "ident": "new"}, {"path": directory, "ident": "old"},
                          {"file": self.path("clear.pem")}):
            with self.subTest(arguments):
                peer = self.enter(Peer("server", "0", password="geheim", **arguments))
                self.assertEqual(peer.first, "ready\n")
                self.assertIn("end 0", self.talk(peer, context))

        # Our client finds the authority in a directory as c_rehash makes it.
        with open(self.path("hashed/home"), "wb") as f, open(self.path("rsa.crt"), "rb") as source:
            f.write(source.read())
        number = self.openssl("x509", "-in", "rsa.crt", "-noout", "-hash").stdout.strip()
        os.symlink("home", self.path(f"hashed/{number}.0"))
        server = self.context(None, self.path("clear.pem"), ssl.PROTOCOL_TLS_SERVER)
        peer = self.enter(Peer("client", "ups.example", path=directory))
        self.assertIn("answer HELLO", self.serve(peer, server))

    def test_der(self):
        self.openssl("x509", "-in", self.server, "-outform", "der", "-out", "der.crt")
        der = self.path("der.crt")
        for kind, arguments in (("server", {"file": der}), ("client", {"path": der})):
            peer = self.enter(Peer(kind, "0" if kind == "server" else "localhost", **arguments))
            self.assertRegex(peer.first, "^report .*: It is in DER form")

    def test_s_client(self):
        """A program that renews its keys in both directions, and ends without a goodbye."""
        listener = self.enter(socket.create_server(("127.0.0.1", 0)))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        client = subprocess.Popen(["openssl", "s_client", "-connect", address, "-CAfile", self.ca,
                                   "-verify_return_error"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        self.addCleanup(client.stdout.close)
        with listener.accept()[0] as accepted:
            ours = subprocess.Popen([PEER, "server", "0", self.server, "-", "-", "-"], stdin=accepted,
                                    stdout=subprocess.PIPE, text=True)
        self.addCleanup(ours.kill)

        text = b""
        # It takes one line at a time; those with a letter alone are commands.
        for line, wanted in ((b"one\n", b"\none\n"), (b"K\n", b"KEYUPDATE"), (b"two\n", b"\ntwo\n"),
                             (b"k\n", b"KEYUPDATE"), (b"three\n", b"\nthree\n")):
            already = text.count(wanted)
            client.stdin.write(line)
            client.stdin.flush()
            while text.count(wanted) == already:
                chunk = client.stdout.read1(65536)
                self.assertTrue(chunk, text)
                text += chunk
        self.assertIn(b"Verify return code: 0", text)
        client.stdin.close()
        client.kill()
        self.assertRegex(ours.communicate(timeout=20)[0], r"session TLS1.3, .*\nend 0 \n$")


if __name__ == "__main__":
    unittest.main()
