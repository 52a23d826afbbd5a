#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""nut-scanner and busbarctl scan beside stock nut-scanner, in a network of our own: agents, servers, network
cards, serial ports and simulation files, and hosts that say nothing."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import tty
import unittest
from pathlib import Path

INSIDE = "BUSBAR_TEST_INSIDE"
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
for place in ("integration", "libraries", "snmp"):
    sys.path.insert(0, str(ROOT / "tests" / place))

from agentlib import Agent, Server  # noqa: E402
from ber import Message  # noqa: E402
from librarieslib import swap  # noqa: E402
from netsnmp import Snmpd  # noqa: E402
from testlib import StockServer, Testbed, TestCase, build_directory, run  # noqa: E402

STOCK = "/bin/nut-scanner"
WALK = ROOT / "tests" / "snmp" / "walks" / "ups.snmprec"
PROFILES = str(ROOT / "profiles")
UPS_CONF = {"ups.conf": "[office]\n\tdriver = dummy-ups\n\tport = a.dev\n"
                        "[rack]\n\tdriver = dummy-ups\n\tport = a.dev\n",
            "a.dev": "ups.status: OL\nups.model: A\n",
            "upsd.conf": "", "upsd.users": ""}


def enter_namespace():
    """Runs this script again in a network of its own, where port 161 is ours. Returns in there."""
    if INSIDE not in os.environ:
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", *user, "--net", sys.executable, *sys.argv])
    for words in ("link set lo up", "link add lan0 type veth peer name lan1", "link set lan1 up",
                  "address add 10.99.0.1/29 dev lan0", "address add 10.99.4.1/23 dev lan0",
                  "link set lan0 up", "link add lan2 type veth peer name lan3", "link set lan3 up",
                  "address add 10.99.8.1/29 dev lan2", "link set lan2 up"):
        subprocess.run(["ip", *words.split()], check=True, stdin=subprocess.DEVNULL)


def scan(*options, environment=None, limit=None, check=True):
    """Lines of ours, in its order, and what it said."""
    program = os.path.join(build_directory(), "src", "tools", "scanner", "nut-scanner")
    words = ["prlimit", f"--nofile={limit}"] if limit else []
    env = {**os.environ, "BUSBAR_PROFILES": PROFILES, **(environment or {})}
    done = run(*words, program, *options, check=check, timeout=120, env=env)
    return done.stdout.splitlines(), done.stderr


def scan_ctl(*words, environment=None, check=True):
    program = os.path.join(build_directory(), "src", "ctl", "busbarctl")
    return run(program, "scan", *words, check=check, timeout=120,
               env={**os.environ, "BUSBAR_PROFILES": PROFILES, **(environment or {})})


def stock(*options):
    """With its own library: meson names the directory of ours."""
    env = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    return run(STOCK, "-q", *options, timeout=120, env=env).stdout.splitlines()


def without_description(line):
    """What of a device is shown as such differs: the model, or the maker."""
    return re.sub(r'desc="[^"]*",', "", line)


class OnlyV2(Agent):
    def answer(self, data):
        return super().answer(data) if Message.parse(data).version == 1 else []


class Card:
    """A network card that answers <SCAN_REQUEST/>."""

    def __init__(self, address, answer):
        self.address, self.answer, self.requests = address, answer, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 4679))
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"", (self.address.replace("0.0.0.0", "127.0.0.1"), 4679))
        self.thread.join()
        self.socket.close()

    def serve(self):
        while True:
            data, peer = self.socket.recvfrom(100)
            if not data:
                return
            self.requests.append(data)
            self.socket.sendto(self.answer, peer)


class Snmp(unittest.TestCase):
    maxDiff = None

    def test_version_1(self):
        """Beside stock: the same lines, in the order of addresses."""
        with Server() as server:
            for i in (1, 9, 3):
                server.add(Agent.load(WALK), port=161, address=f"127.0.7.{i}")
            options = ("-S", "-s", "127.0.7.1", "-e", "127.0.7.12", "-t", "2")
            lines, said = scan("-P", *options)
            # Stock takes an agent that has several MIBs for several devices.
            theirs = {re.search(r'port="([^"]*)"', line)[1]: line for line in stock("-P", *options)}
            sections, _ = scan("-N", *options)
            found = json.loads(scan_ctl("--json", "snmp", "127.0.7.1-127.0.7.12", "timeout=2").stdout)
        self.assertEqual([re.search(r'port="([^"]*)"', line)[1] for line in lines],
                         ["127.0.7.1", "127.0.7.3", "127.0.7.9"])
        self.assertEqual(said, "")
        for line in lines:
            self.assertRegex(line, '^SNMP:driver="snmp-ups",port="[0-9.]*",desc="[^"]*",mibs="[^"]*",'
                                   'community="public"$')
            port = re.search(r'port="([^"]*)"', line)[1]
            self.assertEqual(without_description(line), without_description(theirs[port]))
        self.assertEqual([line for line in sections if line[0] == "["],
                         ["[nutdev-snmp1]", "[nutdev-snmp2]", "[nutdev-snmp3]"])
        self.assertEqual([(d["kind"], d["port"]) for d in found],
                         [("snmp", f"127.0.7.{i}") for i in (1, 3, 9)])

    def test_community_and_version_2(self):
        with Server() as server:
            server.add(Agent.load(WALK, community="secret"), port=161, address="127.0.7.2")
            server.add(OnlyV2.load(WALK), port=161, address="127.0.7.4")
            lines, _ = scan("-SP", "-c", "secret", "-m", "127.0.7.0/29", "-t", "2")
        self.assertEqual(len(lines), 2)
        self.assertTrue(lines[0].endswith(',community="secret"'))
        self.assertTrue(lines[1].endswith(',snmp_version="v2c",community="secret"'))

    def test_version_3(self):
        """A real agent with users; it is no power device, which is said."""
        with Snmpd(port=161, lines=[
                'createUser reader SHA "authenticates" AES "encrypts all"', "rouser reader priv"]):
            options = ("-S", "-s", "127.0.0.1", "-t", "4", "-l", "authPriv", "-u", "reader", "-w", "SHA",
                       "-x", "AES")
            lines, said = scan("-P", *options, "-W", "authenticates", "-X", "encrypts all")
            wrong = scan("-P", *options, "-W", "authenticated", "-X", "encrypts all")
        self.assertEqual(lines, [])
        self.assertIn("127.0.0.1 speaks SNMP, but the agent is none that is known", said)
        self.assertEqual(wrong[0], [])
        self.assertIn("127.0.0.1 refuses us", wrong[1])

    def test_silence(self):
        """Hosts that say nothing, with few descriptors: all are asked, and who is there is found."""
        with Server() as server:
            server.add(Agent.load(WALK), port=161, address="10.99.4.1")
            lines, said = scan("-SOP", "-m", "10.99.4.0/25", "-t", "1", limit=96)
        self.assertEqual(len(lines), 1, said)
        self.assertIn('port="10.99.4.1"', lines[0])

    def test_networks_of_this_machine(self):
        with Server() as server:
            server.add(Agent.load(WALK), port=161, address="10.99.0.1")
            server.add(Agent.load(WALK), port=161, address="10.99.4.1")
            small, _ = scan("-SP", "-m", "auto4", "-t", "1")
            wide, _ = scan("-SP", "-m", "auto4/9", "-t", "1")
        self.assertEqual(len(small), 1)
        self.assertIn('port="10.99.0.1"', small[0])
        self.assertEqual(len(wide), 2)


class Nut(unittest.TestCase):
    def compare(self, port, options=()):
        options = ("-O", "-s", "127.0.0.1", "-e", "127.0.0.4", "-p", str(port), "-t", "3", *options)
        lines, _ = scan("-P", *options)
        self.assertEqual(lines, [f'NUT:driver="dummy-ups",port="{name}@127.0.0.1:{port}"'
                                 for name in ("office", "rack")])
        # Debian's leaves out the port, and names a driver that there never was.
        theirs = [re.sub(r'"nutclient"(.*)"$', rf'"dummy-ups"\1:{port}"', line)
                  for line in stock("-P", *options)]
        self.assertEqual(sorted(theirs), lines)
        sections, _ = scan("-N", *options)
        self.assertEqual(sections[:4], ["[nutdev-nut1]", '\tdriver = "dummy-ups"',
                                        f'\tport = "office@127.0.0.1:{port}"', "[nutdev-nut2]"])

    def test_stock_server(self):
        with StockServer(UPS_CONF) as server:
            self.compare(server.port)

    def test_gateway(self):
        with Testbed(UPS_CONF) as bed:
            self.compare(bed.port)

    def test_other_service(self):
        """What greets like no NUT server is said, and holds nothing up."""
        with socket.create_server(("127.0.0.5", 0)) as s:
            def serve():
                connection, _ = s.accept()
                with connection:
                    connection.sendall(b"SSH-2.0-None\r\n")
                    connection.recv(100)
            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            lines, said = scan("-OP", "-s", "127.0.0.5", "-p", str(s.getsockname()[1]), "-t", "2")
            thread.join()
        self.assertEqual(lines, [])
        self.assertIn("no NUT server", said)


class Xml(unittest.TestCase):
    CARD = b'<?xml version="1.0"?><SCAN_ANSWER class="DEV.UPS/Eaton" type="Network &amp; Co" mac="00"/>'
    PDU = b'<SCAN_ANSWER class="DEV.PDU" type="ePDU"/>'

    def test_harmless(self):
        """What comes from the network commands no terminal: C1 controls, and what is no UTF-8."""
        with Card("127.0.8.5", '<SCAN_ANSWER class="DEV.UPS" type="a\x9b2J\u00e9"/>'.encode()), \
                Card("127.0.8.6", b'<SCAN_ANSWER class="DEV.UPS" type="b\x9b2J"/>'), \
                Card("127.0.8.7", '<SCAN_ANSWER class="DEV.PDU" type="c\x9b2J"/>'.encode()):
            lines, said = scan("-MP", "-s", "127.0.8.5", "-e", "127.0.8.7", "-t", "1")
        self.assertEqual([line.partition("desc=")[2] for line in lines], ['"a 2J\u00e9"', '"b 2J"'])
        self.assertIn("(c?2J)", said)

    def test_addresses(self):
        with Card("127.0.8.1", self.CARD), Card("127.0.8.2", self.PDU), Card("127.0.8.3", b"\0<<"), \
                Card("127.0.8.9", self.CARD):
            lines, said = scan("-MP", "-s", "127.0.8.1", "-e", "127.0.8.4", "-t", "1")
        self.assertEqual(lines, ['XML:driver="netxml-ups",port="http://127.0.8.1",desc="Network & Co"'])
        self.assertIn("127.0.8.2 (ePDU) is a PDU", said)
        self.assertIn("127.0.8.3 answers, but", said)

    def test_broadcast(self):
        """Without addresses: from each address of ours, though there is no default route. Nothing else is
        asked without them."""
        with Card("0.0.0.0", self.CARD) as card, Server() as server:
            agent = Agent.load(WALK)
            server.add(agent, port=161, address="10.99.0.1")
            lines, _ = scan("-CP", "-t", "1")
        self.assertIn(b"<SCAN_REQUEST/>", card.requests)
        self.assertEqual([line for line in lines if line.startswith("XML:")],
                         [f'XML:driver="netxml-ups",port="http://10.99.{i}.1",desc="Network & Co"'
                          for i in (0, 4, 8)])
        self.assertEqual(agent.requests, 0)


class Unit:
    """A serial unit that answers one question and nothing else."""

    def __init__(self, question, answer):
        self.question, self.answer = question, answer
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.slave)
        self.thread.join()
        os.close(self.master)

    def serve(self):
        seen = b""
        while True:
            try:
                seen = (seen + os.read(self.master, 1))[-len(self.question):]
            except OSError:
                return
            if seen == self.question:
                os.write(self.master, self.answer)


class Serial(unittest.TestCase):
    def test_ports(self):
        with Unit(b"Q1\r", b"(226.0 195.0 226.0 014 49.0 27.5 30.0 00001000\r") as q1, \
                Unit(b"\x16", b"\x16") as shut, Unit(b"\xab\x01\xa0\xb4", b"\xab\x01\x20") as xcp, \
                Unit(b"\xff", b"") as silent:
            ports = f"{q1.path},{shut.path},{xcp.path},{silent.path},/dev/no-such-port"
            lines, said = scan("-P", "-E", ports)
        self.assertEqual(lines, [f'EATON_SERIAL:driver="{driver}",port="{unit.path}"'
                                 for driver, unit in (("blazer_ser", q1), ("mge-shut", shut),
                                                      ("bcmxcp", xcp))])
        self.assertIn("/dev/no-such-port is left out", said)

    def test_no_port(self):
        """What cannot be set up is let go: it is neither read nor written, whatever lies in it."""
        with tempfile.TemporaryDirectory() as directory, Unit(b"\xff", b"") as silent:
            path = os.path.join(directory, "fifo")
            os.mkfifo(path)
            fifo = os.open(path, os.O_RDWR | os.O_NONBLOCK)
            try:
                os.write(fifo, b"\x16")
                lines, said = scan("-P", "-E", f"{path},{silent.path}")
                left = os.read(fifo, 100)
            finally:
                os.close(fifo)
        self.assertEqual(lines, [])
        self.assertIn(f"{path} is left out", said)
        self.assertEqual(left, b"\x16")


class Bus(TestCase):
    """A bus that would start UPower, Avahi and systemd-resolved for whoever calls them."""
    SERVICES = ("org.freedesktop.UPower", "org.freedesktop.Avahi", "org.freedesktop.resolve1")

    def setUp(self):
        self.directory = Path(self.enter(tempfile.TemporaryDirectory()))
        for name in self.SERVICES:
            self.write(f"{name}.service", f"[D-BUS Service]\nName={name}\n"
                                          f"Exec=/bin/sh {self.directory}/start {name}\n")
        self.write("start", f'touch {self.directory}/"$1".started\nexit 1\n')
        self.write("bus.conf", f"<busconfig><listen>unix:path={self.directory}/bus</listen>"
                               f"<auth>EXTERNAL</auth><servicedir>{self.directory}</servicedir>"
                               '<policy context="default"><allow user="*"/><allow send_destination="*"/>'
                               '<allow receive_sender="*"/></policy></busconfig>')
        daemon = self.enter(subprocess.Popen(
            ["dbus-daemon", f"--config-file={self.directory}/bus.conf", "--nofork", "--nopidfile",
             "--nosyslog", "--print-address"], stdout=subprocess.PIPE, text=True))
        self.addCleanup(daemon.terminate)
        self.address = daemon.stdout.readline().strip()

    def write(self, name, text):
        (self.directory / name).write_text(text, encoding="ascii")

    def started(self):
        return sorted(path.name for path in self.directory.glob("*.started"))

    def test_starts_nothing(self):
        environment = {"DBUS_SYSTEM_BUS_ADDRESS": self.address}
        _, said = scan("-JAP", "-t", "1", environment=environment)
        scan("-CP", "-t", "1", environment=environment)
        scan_ctl("timeout=1", environment=environment)
        self.assertEqual(self.started(), [])
        self.assertIn("UPower does not run", said)
        for name in self.SERVICES:  # and it would have
            run("busctl", f"--address={self.address}", "call", name, "/", "a.b", "C", check=False)
        self.assertEqual(self.started(), sorted(f"{name}.started" for name in self.SERVICES))


class Files(unittest.TestCase):
    def test_simulation(self):
        with tempfile.TemporaryDirectory() as directory:
            for name in ("b.seq", "a.dev", ".dev", "c.txt"):
                Path(directory, name).write_text("", encoding="ascii")
            Path(directory, "ups.conf").write_text('[mine]\n driver = dummy-ups\n port = a.dev\n'
                                                   '[nutdev-simulation2]\n driver = dummy-ups\n port = x\n',
                                                   encoding="ascii")
            environment = {"NUT_CONFPATH": directory}
            lines, _ = scan("-nP", environment=environment)
            sections, _ = scan("-n", environment=environment)
        self.assertEqual(lines, ['NUT_SIMULATION:driver="dummy-ups",port="a.dev"',
                                 'NUT_SIMULATION:driver="dummy-ups",port="b.seq"'])
        self.assertEqual(sections[:3],
                         ["[nutdev-simulation1]", '\tdriver = "dummy-ups"', '\tport = "a.dev"'])
        remarks = [line for line in sections if line.startswith("# WARNING")]
        self.assertEqual(len(remarks), 2)
        self.assertIn("nutdev-simulation1 is configured already: [mine]", remarks[0])
        self.assertIn("there is a [nutdev-simulation2]", remarks[1])


class CommandLine(unittest.TestCase):
    def test_available(self):
        ours, theirs = scan("-a")[0], stock("-a")
        self.assertEqual([word for word in ours if word in theirs], theirs)

    def test_mistakes(self):
        for options, status, words in (
                (["-Y"], 255, "-h says"), (["extra"], 255, "extra"), (["-m", "10.0.0.0/8"], 1, "too much"),
                (["-m", "10.0.0.0/40"], 1, "mask"), (["-s", "no.such.invalid"], 1, "no name that is known"),
                (["-s", "127.0.0.1", "-e", "::1"], 1, "no range"), (["-p", "0"], 1, "no port"),
                (["-S", "-l", "authPriv", "-u", "x", "-W", "longenough"], 1, "-X"),
                (["-S", "-l", "high", "-u", "x"], 1, "no level"), (["-S", "-l", "noAuthNoPriv"], 1, "-u"),
                (["-S", "-l", "authNoPriv", "-u", "x", "-W", "longenough", "-w", "ROT13", "-s", "127.0.0.1"],
                 1, "ROT13"),
                (["-E", "0-"], 1, "no serial ports")):
            with self.subTest(options):
                program = os.path.join(build_directory(), "src", "tools", "scanner", "nut-scanner")
                done = run(program, *options, check=False, env={**os.environ, "BUSBAR_PROFILES": PROFILES})
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_busbarctl(self):
        for words in (["snmp"], ["usb", "10.0.0.0/30"], ["10.0.0.0/8"], ["color=red"], ["secLevel=authPriv",
                      "127.0.0.1"], ["community=@/no/such/file", "127.0.0.1"]):
            with self.subTest(words):
                done = scan_ctl(*words, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("busbarctl: ", done.stderr)
        with tempfile.TemporaryDirectory() as directory:
            secret = Path(directory, "secret")
            for content, word in ((b"a" * 1025, "1024"), (b"public\0x\n", "NUL")):
                with self.subTest(word):
                    secret.write_bytes(content)
                    done = scan_ctl("127.0.0.1", f"community=@{secret}", check=False)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn(word, done.stderr)
        with StockServer(UPS_CONF) as server:
            table = scan_ctl("nut", "127.0.0.1", f"port={server.port}").stdout
            found = json.loads(scan_ctl("--json", "nut", "127.0.0.1", f"port={server.port}").stdout)
        self.assertEqual(table.splitlines()[0].split("\t")[:3],
                         ["nut", "dummy-ups", f"office@127.0.0.1:{server.port}"])
        self.assertEqual([d["driver"] for d in found], ["dummy-ups", "dummy-ups"])


class Library(unittest.TestCase):
    """libnutscan: Debian's own nut-scanner with ours swapped in, and a program built against its headers."""

    def swapped(self, *options):
        directory = os.path.join(build_directory(), "src", "nutscan")
        done = run(STOCK, "-q", *options, timeout=120,
                   env={**os.environ, "BUSBAR_PROFILES": PROFILES,
                        **swap(directory, os.path.join(directory, "libnutscan.so.2.0.0"))})
        return done.stdout.splitlines()

    def test_swapped(self):
        with StockServer(UPS_CONF) as server, Server() as agents:
            agents.add(Agent.load(WALK), port=161, address="127.0.0.1")
            options = ("-s", "127.0.0.1", "-e", "127.0.0.3", "-t", "2", "-p", str(server.port), "-P")
            ours, _ = scan("-OS", *options)
            swapped = self.swapped("-OS", *options)
            sections = self.swapped("-O", *options[:-1])
        self.assertEqual(len(ours), 3)
        self.assertEqual(swapped, ours)
        self.assertEqual([line for line in sections if line[0] == "["], ["[nutdev-nut1]", "[nutdev-nut2]"])
        self.assertEqual(self.swapped("-U", "-P"), scan("-U", "-P")[0])

    def test_functions(self):
        program = os.path.join(build_directory(), "tests", "scan", "nutscan-probe")
        done = run(program)
        self.assertEqual(done.stdout.splitlines(), [
            "[nutdev-usb1]", '\tdriver = "one"', '\tport = "auto"', '\tserial = "1"', "\tflag",
            "[nutdev-nut2]", '\tdriver = "two"', '\tport = "b@c"',
            'USB:driver="one",port="auto",serial="1",flag', 'NUT:driver="two",port="b@c"',
            "1 192.0.2.0 192.0.2.3", "1 10.0.0.0 10.255.255.255", "1 0.0.0.0 255.255.255.255",
            "1 fe80:: fe80::ffff:ffff:ffff:ffff", "1 2001:db8:: 2001:db8::ffff:ffff", "0 - -", "0 - -",
            "192.0.2.255 192.0.3.0 192.0.3.1", "2001:db8::ffff 2001:db8::1:0", "10.0.0.0 10.0.0.1",
            "2001:db8:: 2001:db8::1", "- -", "/dev/ttyA /dev/ttyB"])


if __name__ == "__main__":
    enter_namespace()
    unittest.main()
