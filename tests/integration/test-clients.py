#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients that others wrote, unchanged, against Busbar. Each test runs against Debian's own server as well:
that tells whether the test itself is right."""

import os
import subprocess
import tempfile
import unittest

from testlib import NutConnection, StockServer, Testbed, TestCase, run, wait_for

CONFIG = {
    "ups.conf": """
[ups]
        driver = dummy-ups
        port = ups.dev
        desc = "The first one"
[second]
        driver = dummy-ups
        port = second.dev
""",
    "ups.dev": """
ups.status: OL CHRG
ups.mfr: Example
ups.model: Model 700
ups.serial: 0123456
ups.id: old
ups.load: 23
ups.temperature: 31.5
battery.charge: 87
battery.charge.low: 20
battery.runtime: 1830
battery.voltage: 27.1
input.voltage: 231.0
input.frequency: 50.0
input.transfer.low: 180
output.voltage: 230.0
""",
    "second.dev": "ups.status: OB LB\nups.mfr: Other\nbattery.charge: 3\n",
    "upsd.conf": "MAXAGE 15\n",
    "upsd.users": """
[admin]
        password = secret
        actions = SET FSD
        instcmds = ALL
[guest]
        password = guest
[main]
        password = mainpass
        upsmon primary
[other]
        password = otherpass
        upsmon secondary
""",
}


def read(path):
    """"" for a file that is not there yet."""
    try:
        with open(path, encoding="ascii") as f:
            return f.read()
    except FileNotFoundError:
        return ""


class ServerTest:
    """What all tests of a server have; serve() starts it."""

    def connect(self, server):
        self.server = server
        self.ups = f"ups@localhost:{server.port}"
        self.scratch = self.enter(tempfile.TemporaryDirectory(prefix="busbar-clients-"))

    def ask(self, *requests):
        with NutConnection(self.server.port) as c:
            return [c.ask(request) for request in requests]

    def is_stock(self):
        return isinstance(self.server, StockServer)


class Clients(ServerTest):
    """These share a server; what they write is ups.id, of which they know nothing beforehand."""

    @classmethod
    def setUpClass(cls):
        cls.shared = cls.enterClassContext(cls.serve(CONFIG))

    def setUp(self):
        self.connect(self.shared)

    # The command line tools of NUT

    def test_upsc(self):
        host = f"localhost:{self.server.port}"
        self.assertEqual(run("upsc", "-l", host).stdout, "ups\nsecond\n")
        self.assertEqual(run("upsc", "-L", host).stdout,
                         "ups: The first one\nsecond: Description unavailable\n")
        self.assertEqual(run("upsc", self.ups, "battery.charge").stdout, "87\n")
        shown = dict(line.split(": ", 1) for line in run("upsc", self.ups).stdout.splitlines())
        expected = dict(line.split(": ", 1) for line in CONFIG["ups.dev"].strip().splitlines())
        del expected["ups.id"]
        self.assertEqual({k: v for k, v in shown.items() if k in expected}, expected)
        self.assertEqual(shown["device.model"], "Model 700")
        self.assertEqual(list(shown), sorted(shown))
        for arguments, message in (
            ((f"nosuch@{host}",), "Error: Unknown UPS\n"),
            ((self.ups, "no.such"), "Error: Variable not supported by UPS\n"),
        ):
            result = run("upsc", *arguments, check=False)
            self.assertEqual(result.returncode, 1)
            self.assertTrue(result.stderr.endswith(message), result.stderr)

    def test_upsc_clients(self):
        self.assertEqual(run("upsc", "-c", self.ups).stdout, "")
        with NutConnection(self.server.port) as c:
            c.login("other", "otherpass")
            self.assertEqual(c.ask("LOGIN ups"), "OK")
            self.assertEqual(run("upsc", "-c", self.ups).stdout, "127.0.0.1\n")

    def test_upscmd(self):
        listed = run("upscmd", "-l", self.ups).stdout
        self.assertRegex(listed, r"^Instant commands supported on UPS \[ups\]:\n\nload\.off - .+\n$")
        # A simulated device refuses what it offers.
        result = run("upscmd", "-w", "-u", "admin", "-p", "secret", self.ups, "load.off", check=False)
        self.assertEqual(result.stderr, "ERR UNKNOWN\n")
        result = run("upscmd", "-u", "guest", "-p", "guest", self.ups, "load.off", check=False)
        self.assertEqual((result.stderr, result.returncode),
                         ("Unexpected response from upsd: ERR ACCESS-DENIED\n", 1))
        result = run("upscmd", "-u", "admin", "-p", "secret", self.ups, "no.such", check=False)
        self.assertEqual(result.stderr, "Unexpected response from upsd: ERR CMD-NOT-SUPPORTED\n")

    def test_upsrw(self):
        listed = run("upsrw", self.ups).stdout
        self.assertRegex(listed, r"\[ups\.id\]\n.+\nType: STRING\nMaximum length: 16\nValue: .*\n\n")
        self.assertRegex(listed, r"\[ups\.mfr\]\n.+\nType: STRING\nMaximum length: 32\nValue: Example\n\n")
        self.assertRegex(listed, r"\[battery\.charge\.low\]\n.+\nType: NUMBER\nValue: 20\n\n")
        values = ["new", "with blanks"]
        if not self.is_stock():
            # It loses what stands behind a quote, and takes an empty value for a request to forget the
            # variable.
            values += ['a "b" \\ # c', ""]
        for value in values:
            with self.subTest(value):
                result = run("upsrw", "-w", "-s", f"ups.id={value}", "-u", "admin", "-p", "secret", self.ups)
                self.assertEqual(result.stderr, "SUCCESS\n")
                wait_for(lambda: run("upsc", self.ups, "ups.id").stdout == f"{value}\n", "the new value")
        for user, setting, message in (
            ("guest", "ups.id=x", "ERR ACCESS-DENIED"),
            ("admin", "ups.id=" + "x" * 17, "ERR TOO-LONG"),
            ("admin", "device.model=x", "ERR READONLY"),
            ("admin", "no.such=x", "ERR VAR-NOT-SUPPORTED"),
        ):
            password = {"guest": "guest", "admin": "secret"}[user]
            result = run("upsrw", "-s", setting, "-u", user, "-p", password, self.ups, check=False)
            self.assertEqual(result.stderr, f"Unexpected response from upsd: {message}\n")

    def test_upslog(self):
        log = os.path.join(self.scratch, "log")
        process = subprocess.Popen(
            ["upslog", "-F", "-s", self.ups, "-l", log, "-i", "1", "-u", "root",
             "-p", f"busbar-upslog-{os.getpid()}",
             "-f", "%VAR ups.status%|%VAR battery.charge%|%VAR no.such%|%UPSHOST%"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            text = wait_for(lambda: read(log), "a line")
        finally:
            process.terminate()
            process.wait()
        self.assertEqual(text.splitlines()[0], f"OL CHRG|87|NA|{self.ups}")

    def test_nut_scanner(self):
        result = run("nut-scanner", "-O", "-q", "-P", "-s", "127.0.0.1", "-e", "127.0.0.1",
                     "-p", str(self.server.port))
        for name in ("ups", "second"):
            self.assertIn(f'NUT:driver="nutclient",port="{name}@127.0.0.1"\n', result.stdout)

    # Libraries and monitoring systems

    def test_pynut(self):
        script = f"""
import sys, warnings
warnings.simplefilter("ignore")
import PyNUT
c = PyNUT.PyNUTClient("127.0.0.1", {self.server.port}, "admin", "secret")
assert c.GetUPSList() == {{b"ups": b"The first one", b"second": b"Description unavailable"}}, c.GetUPSList()
v = c.GetUPSVars("ups")
assert v[b"battery.charge"] == b"87" and v[b"ups.model"] == b"Model 700", v
assert c.GetRWVars("ups")[b"ups.mfr"] == b"Example"
assert list(c.GetUPSCommands("ups")) == [b"load.off"], c.GetUPSCommands("ups")
c.SetRWVar("ups", "ups.id", "python")
try:
    c.RunUPSCommand("ups", "no.such")
    assert False
except PyNUT.PyNUTError as e:
    assert "CMD-NOT-SUPPORTED" in str(e), e
assert b"HELP" in c.help() and b"Network UPS Tools upsd" in c.ver()
try:
    c.GetUPSVars("nosuch")
    assert False
except PyNUT.PyNUTError as e:
    assert "UNKNOWN-UPS" in str(e), e
print("done")
"""
        self.assertEqual(run("/usr/bin/python3", "-c", script).stdout, "done\n")
        wait_for(lambda: self.ask("GET VAR ups ups.id") == ['VAR ups ups.id "python"'], "the new value")

    def test_perl(self):
        script = """
use strict; use UPS::Nut;
my $u = UPS::Nut->new(NAME => "ups", HOST => "127.0.0.1", PORT => $ARGV[0], USERNAME => "admin",
                      PASSWORD => "secret", TIMEOUT => 10) or die;
print join("|", $u->Status, $u->BattPercent, $u->GetVar("ups.model"), $u->GetType("ups.id")), "\\n";
print join("|", sort grep { /battery.c/ } keys %{$u->ListVar}), "\\n";
print defined $u->Set("ups.id", "perl") ? "set" : $u->Error, "\\n";
print defined $u->Set("device.model", "x") ? "set" : $u->Error, "\\n";
print defined $u->InstCmd("no.such") ? "run" : $u->Error, "\\n";
"""
        self.assertEqual(run("perl", "-e", script, str(self.server.port)).stdout.splitlines(), [
            "OL CHRG|87|Model 700|RW STRING:16",
            "battery.charge|battery.charge.low",
            "set",
            "Error: ERR READONLY",
            "Can't send instant command no.such. Reason: ERR CMD-NOT-SUPPORTED",
        ])

    def test_check_ups(self):
        plugin = "/usr/lib/nagios/plugins/check_ups"
        arguments = ("-H", "127.0.0.1", "-p", str(self.server.port))
        result = run(plugin, *arguments, "-u", "ups")
        self.assertRegex(result.stdout, r"^UPS OK - Status=Online.* Utility=231\.0V Batt=87\.0% Load=23\.0%")
        result = run(plugin, *arguments, "-u", "second", check=False)
        self.assertRegex(result.stdout, r"^UPS \w+ - Status=On Battery, Low Battery")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(run(plugin, *arguments, "-u", "nosuch", check=False).returncode, 2)

    def test_collectd(self):
        config = os.path.join(self.scratch, "collectd.conf")
        with open(config, "w", encoding="ascii") as f:
            f.write(f"""
Hostname "here"
FQDNLookup false
BaseDir "{self.scratch}"
PIDFile "{self.scratch}/pid"
Interval 1
TypesDB "/usr/share/collectd/types.db"
LoadPlugin csv
LoadPlugin nut
<Plugin csv>
        DataDir "{self.scratch}/csv"
        StoreRates false
</Plugin>
<Plugin nut>
        UPS "{self.ups}"
</Plugin>
""")
        process = subprocess.Popen(["collectd", "-f", "-C", config], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

        def values(prefix):
            directory = os.path.join(self.scratch, "csv", "here", "nut-ups")
            if not os.path.isdir(directory):
                return None
            for name in os.listdir(directory):
                if name.startswith(prefix):
                    with open(os.path.join(directory, name), encoding="ascii") as f:
                        return [float(line.split(",")[1]) for line in f.read().splitlines()[1:]]
            return None

        self.assertEqual(wait_for(lambda: values("percent-charge"), "a value")[0], 87.0)
        self.assertEqual(wait_for(lambda: values("voltage-input"), "a value")[0], 231.0)


class Monitor(ServerTest):
    """upsmon. It leaves its mark on a server, so each test has its own."""

    def setUp(self):
        self.connect(self.enter(self.serve(CONFIG)))

    def upsmon_config(self, name, user, password, role, **settings):
        directory = os.path.join(self.scratch, name)
        os.mkdir(directory)
        lines = {"SHUTDOWNCMD": f'"touch {directory}/shutdown"', "NOTIFYCMD": f"{directory}/notify",
                 "MINSUPPLIES": 1, "POLLFREQ": 1, "POLLFREQALERT": 1, "HOSTSYNC": 10, "DEADTIME": 5,
                 "FINALDELAY": 0,
                 "POWERDOWNFLAG": f"{directory}/killpower", "RUN_AS_USER": "root", **settings}
        with open(os.path.join(directory, "upsmon.conf"), "w", encoding="ascii") as f:
            f.write(f"MONITOR {self.ups} 1 {user} {password} {role}\n")
            f.writelines(f"{key} {value}\n" for key, value in lines.items())
            f.writelines(f"NOTIFYFLAG {kind} EXEC\n" for kind in (
                "ONLINE", "ONBATT", "LOWBATT", "FSD", "COMMOK", "COMMBAD", "SHUTDOWN", "REPLBATT", "NOCOMM"))
        os.chmod(os.path.join(directory, "upsmon.conf"), 0o640)
        with open(os.path.join(directory, "notify"), "w", encoding="ascii") as f:
            f.write(f'#!/bin/sh\necho "$NOTIFYTYPE $UPSNAME" >>{directory}/notified\n')
        os.chmod(os.path.join(directory, "notify"), 0o755)
        return directory

    def upsmon(self, directory, *arguments):
        """Its PID file is named by argv[0], by which several can run."""
        name = f"busbar-upsmon-{os.getpid()}-{os.path.basename(directory)}"
        self.addCleanup(lambda: os.path.exists(f"/run/nut/{name}.pid") and os.unlink(f"/run/nut/{name}.pid"))
        os.makedirs("/run/nut", exist_ok=True)
        with open(os.path.join(directory, "output"), "ab") as output:
            process = subprocess.Popen([name, *arguments], executable="/lib/nut/upsmon",
                                       env={**os.environ, "NUT_CONFPATH": directory},
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def notified(self, directory):
        return read(os.path.join(directory, "notified")).splitlines()

    def test_upsmon_forced_shutdown(self):
        """The whole conversation of a primary and a secondary, from LOGIN to the forced shutdown."""
        primary = self.upsmon_config("primary", "main", "mainpass", "primary")
        secondary = self.upsmon_config("secondary", "other", "otherpass", "secondary")
        first, second = self.upsmon(primary, "-F", "-p"), self.upsmon(secondary, "-F", "-p")
        wait_for(lambda: self.ask("GET NUMLOGINS ups") == ["NUMLOGINS ups 2"], "both are logged in")
        self.assertEqual(self.upsmon(primary, "-c", "fsd", "-P", str(first.pid)).wait(10), 0)
        for directory, process in ((secondary, second), (primary, first)):
            self.assertEqual(process.wait(30), 0)
            self.assertTrue(os.path.exists(os.path.join(directory, "shutdown")))
            # upsmon does not wait for the programs that it starts, nor do they wait for each other.
            wait_for(lambda: "SHUTDOWN " in self.notified(directory), "the notification")
        wait_for(lambda: f"FSD {self.ups}" in self.notified(secondary), "the secondary's notification")
        self.assertTrue(os.path.exists(os.path.join(primary, "killpower")))
        self.assertEqual(self.ask("GET VAR ups ups.status"), ['VAR ups ups.status "FSD OL CHRG"'])
        # The server hears of the end of a client in its own time.
        wait_for(lambda: self.ask("GET NUMLOGINS ups") == ["NUMLOGINS ups 0"], "the end of both logins")

    def test_upsmon_power_failure(self):
        directory = self.upsmon_config("primary", "main", "mainpass", "primary")
        process = self.upsmon(directory, "-F", "-p")
        wait_for(lambda: self.ask("GET NUMLOGINS ups") == ["NUMLOGINS ups 1"], "it is logged in")
        for status, kind in (("OB DISCHRG", "ONBATT"), ("OL CHRG", "ONLINE"), ("OB LB", "LOWBATT")):
            run("upsrw", "-w", "-s", f"ups.status={status}", "-u", "admin", "-p", "secret", self.ups)
            wait_for(lambda: f"{kind} {self.ups}" in self.notified(directory), f"{kind} after {status}")
        self.assertEqual(process.wait(30), 0)
        self.assertTrue(os.path.exists(os.path.join(directory, "shutdown")))
        self.assertEqual(self.ask("GET VAR ups ups.status"), ['VAR ups ups.status "FSD OB LB"'])


class TestClientsOfBusbar(Clients, TestCase):
    serve = Testbed


class TestClientsOfStock(Clients, TestCase):
    serve = StockServer


class TestMonitorOfBusbar(Monitor, TestCase):
    serve = Testbed


class TestMonitorOfStock(Monitor, TestCase):
    serve = StockServer


if __name__ == "__main__":
    unittest.main()
