# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of PyNUT and UPS::Nut share: servers, ours with TLS, Debian's, and one that lies."""

import contextlib
import os
import socket
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

# pylint: disable=wrong-import-position
from testlib import StockServer, Testbed, TestCase, build_directory, run, wait_for  # noqa: E402

__all__ = ["BINDINGS", "Liar", "StockServer", "Testbed", "TestCase", "Servers", "run", "wait_for"]

BINDINGS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "src", "bindings")
BUSBARCTL = os.path.join(build_directory(), "src", "ctl", "busbarctl")

CONFIG = {
    "ups.conf": """
pollinterval = 1
[ups]
        driver = dummy-ups
        port = ups.dev
        desc = "The first one"
[bare]
        driver = dummy-ups
        port = bare.dev
""",
    "ups.dev": "ups.status: OL CHRG\nups.mfr: Example\nups.id: old\nups.load: 23\nbattery.charge: 87\n"
               "battery.temperature: 30.5\ninput.voltage: 231.0\noutput.L1.power.percent: 17\n"
               "ups.beeper.status: enabled\n",
    "bare.dev": "ups.status: OB LB\nups.load: 5\nups.temperature: 29\n",
    "upsd.users": """
[admin]
        password = secret
        actions = SET FSD
        instcmds = ALL
        upsmon primary
[spaced]
        password = "two \\"words\\""
        actions = SET
[guest]
        password = guest
""",
}


class Servers(TestCase):
    """cls.ours and cls.stock serve the same; cls.directory has certificates of ours."""

    @classmethod
    def setUpClass(cls):
        cls.directory = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="busbar-bindings-"))
        run(BUSBARCTL, "tls", "init", f"--directory={cls.directory}/tls", "--name=127.0.0.1",
            "--name=ups.example", "web1")
        cls.ca = f"{cls.directory}/tls/ca.pem"
        cls.certificate = f"{cls.directory}/tls/clients/web1.pem"
        cls.ours = cls.enterClassContext(Testbed(
            {**CONFIG, "upsd.conf": f"CERTFILE {cls.directory}/tls/server.pem\n"}))
        cls.stock = cls.enterClassContext(StockServer({**CONFIG, "upsd.conf": "MAXAGE 15\n"}))

    def authority(self, text):
        """The path of a nutauth.conf."""
        path = os.path.join(self.directory, "nutauth.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o600)
        return path


class Liar:
    """A server that says the same to each client, once it has heard a line, and hangs up, or not.
    Behind the last answer, it calls then with the last line it heard."""

    def __init__(self, *answers, hangs=False, then=None):
        self.answers = [a if isinstance(a, bytes) else a.encode() for a in answers]
        self.hangs, self.then = hangs, then
        self.heard = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.clients = []
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        for client in self.clients:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        self.thread.join(30)
        self.socket.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.socket.accept()[0]
                self.clients.append(client)
                with contextlib.suppress(OSError), client, client.makefile("rb") as reader:
                    for answer in self.answers:
                        self.heard.append(reader.readline())
                        client.sendall(answer)
                    if self.then:
                        self.then(self.heard[-1])
                    if self.hangs:
                        reader.read()
