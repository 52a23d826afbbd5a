#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ordered shutdown from end to end: the monitor, the gateway, busbarctl, and a stock upsmon as secondary.

There is no logind on the private bus, so the last way of the monitor to power the machine off is taken: a
file that a unit of systemd would act on."""

import json
import os
import signal
import subprocess
import tempfile
import unittest

from testlib import NutConnection, Testbed, TestCase, build_directory, run, wait_for

BUSBARCTL = os.path.join(build_directory(), "src", "ctl", "busbarctl")
STOCK_UPSMON = "/lib/nut/upsmon"

ON_LINE = "ups.status: OL CHRG\nbattery.charge: 100\nbattery.runtime: 1800\nbattery.charge.low: 20\n"
ON_BATTERY = "ups.status: OB DISCHRG\nbattery.charge: 39\nbattery.runtime: 700\nbattery.charge.low: 20\n"
LOW = "ups.status: OB DISCHRG LB\nbattery.charge: 19\nbattery.runtime: 300\nbattery.charge.low: 20\n"

# A secondary that does not leave would be waited for much longer than the test takes.
HOSTSYNC = 120

CONFIG = {
    "ups.conf": "pollinterval = 1\n[ups]\ndriver = dummy-ups\nport = ups.dev\n",
    "ups.dev": ON_LINE,
    "upsd.conf": "",
    "upsd.users": "[other]\npassword = otherpass\nupsmon secondary\n[main]\npassword = mainpass\n"
                  "upsmon primary\n",
    "upsmon.conf": "MONITOR ups@localhost 1 main mainpass primary\nMINSUPPLIES 1\nFINALDELAY 1\nPOLLFREQ 1\n"
                   f"POLLFREQALERT 1\nOBLBDURATION 0\nHOSTSYNC {HOSTSYNC}\n",
}


class ShutdownTest(TestCase):
    def setUp(self):
        self.bed = self.enter(Testbed(CONFIG, monitor=True))
        self.scratch = self.enter(tempfile.TemporaryDirectory())

    def ctl(self, *arguments):
        return run(BUSBARCTL, *arguments, env=self.bed.environment).stdout

    def state(self):
        return self.json("plan")["state"]

    def json(self, *arguments):
        return json.loads(self.ctl("--json", *arguments))

    def runtime_file(self, name):
        return os.path.join(self.bed.launcher.directory, "run", "monitor", name)

    def wait_power_off(self):
        wait_for(lambda: os.path.exists(self.runtime_file("poweroff-now")), "the power-off", 60)
        self.assertEqual(self.state(), "powering-off")

    def status(self):
        with NutConnection(self.bed.port) as connection:
            return connection.ask("GET VAR ups ups.status")

    def logins(self):
        with NutConnection(self.bed.port) as connection:
            return connection.ask("GET NUMLOGINS ups")

    def start_secondary(self):
        """A stock upsmon. Its PID file is named by argv[0], by which several can run."""
        config = os.path.join(self.scratch, "upsmon.conf")
        with open(config, "w", encoding="ascii") as f:
            f.write(f"MONITOR ups@127.0.0.1:{self.bed.port} 1 other otherpass secondary\nMINSUPPLIES 1\n"
                    f"SHUTDOWNCMD \"touch {self.scratch}/shutdown\"\nPOLLFREQ 1\nPOLLFREQALERT 1\n"
                    "FINALDELAY 0\nRUN_AS_USER root\n")
        os.chmod(config, 0o640)
        os.makedirs("/run/nut", exist_ok=True)
        name = f"busbar-upsmon-{os.getpid()}"
        self.addCleanup(lambda: os.path.exists(f"/run/nut/{name}.pid") and os.unlink(f"/run/nut/{name}.pid"))
        process = subprocess.Popen([name, "-F", "-p"], executable=STOCK_UPSMON,
                                   env={**os.environ, "NUT_CONFPATH": self.scratch},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for(lambda: self.logins() == "NUMLOGINS ups 1", "the secondary is logged in")
        return process

    def check_secondary_left(self, process):
        self.assertEqual(process.wait(60), 0)
        wait_for(lambda: os.path.exists(os.path.join(self.scratch, "shutdown")), "its SHUTDOWNCMD")
        wait_for(lambda: self.logins() == "NUMLOGINS ups 0", "it has left")


class TestPowerFailure(ShutdownTest):
    def setUp(self):
        super().setUp()
        self.watched = open(os.path.join(self.scratch, "watched"), "w+b")
        self.addCleanup(self.watched.close)

    def start_watch(self):
        watch = subprocess.Popen([BUSBARCTL, "watch", "--json"], env=self.bed.environment,
                                 stdin=subprocess.DEVNULL, stdout=self.watched)
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        wait_for(self.events, "the watch tells what is there")

    def events(self):
        self.watched.seek(0)
        return [json.loads(line) for line in self.watched.read().splitlines(True) if line.endswith(b"\n")]

    def notices(self):
        return [e["type"] for e in self.events() if e["event"] == "notice"]

    def test_low_battery(self):
        """Mains fail, the battery runs low, the secondary is told and leaves, and this machine follows."""
        self.start_watch()
        secondary = self.start_secondary()
        plan = self.json("plan")
        self.assertEqual((plan["state"], plan["verdict"]), ("online", "fits"))
        self.assertEqual(plan["stages"][0]["time_usec"], HOSTSYNC * 1000000)
        self.assertFalse(os.path.exists(self.runtime_file("armed")))

        self.bed.write("ups.dev", ON_BATTERY)
        wait_for(lambda: self.state() == "on-battery", "the monitor sees it")
        self.assertIn("Monitor: ON BATTERY", self.ctl("status"))
        self.bed.write("ups.dev", LOW)
        self.check_secondary_left(secondary)
        self.wait_power_off()
        self.assertIn("FSD", self.status())
        with open(self.runtime_file("armed"), encoding="ascii") as f:
            self.assertRegex(f.read(), r"^busbar-armed 1\n(.*\n)*device 0 dummy-ups ups\n$")

        wait_for(lambda: "SHUTDOWN" in self.notices(), "the last notice")
        expected = ["ONBATT", "LOWBATT", "FSD", "SHUTDOWN"]
        self.assertEqual([t for t in self.notices() if t in expected], expected)
        self.check_record()

    def shutdowns(self):
        """None while the monitor is not there."""
        result = run(BUSBARCTL, "--json", "why", env=self.bed.environment, check=False)
        return json.loads(result.stdout) if result.returncode == 0 else None

    def check_record(self):
        """What it was is known after the next boot: that is one with another boot id."""
        self.assertEqual(self.shutdowns(), [])
        self.bed.kill("monitor", signal.SIGSTOP)
        path = os.path.join(self.bed.launcher.directory, "lib", "monitor", "history")
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
            boot_id = f.read().strip().replace("-", "")
        with open(path, encoding="ascii") as f:
            text = f.read()
        self.assertIn(boot_id, text)
        with open(path, "w", encoding="ascii") as f:
            f.write(text.replace(boot_id, "1" * 32))
        self.bed.kill("monitor")
        shutdown = wait_for(self.shutdowns, "the record")[0]
        self.assertEqual((shutdown["outcome"], shutdown["boot_id"]), ("powered-off", "1" * 32))
        self.assertEqual((shutdown["cause"], shutdown["device"]), ("low-battery", "ups"))
        self.assertEqual(shutdown["values"]["battery.charge"], "19")
        self.assertIn("powered off: low-battery, ups\n", self.ctl("why"))

    def test_policy(self):
        """A rule that was set while all ran fires, though the UPS does not say that its battery is low."""
        self.ctl("policy", "charge=40%", "on-battery-delay=0")
        self.assertIn("charge\t40 %\tall\tpolicy\n", self.ctl("policy"))
        secondary = self.start_secondary()
        self.bed.write("ups.dev", ON_BATTERY)
        self.check_secondary_left(secondary)
        self.wait_power_off()
        self.assertEqual(self.json("plan")["cause"], "charge")


class TestAdministrator(ShutdownTest):
    def test_rehearsal(self):
        """Without effect, and true: there is no logind here."""
        before = os.listdir(os.path.dirname(self.runtime_file("armed")))
        result = run(BUSBARCTL, "shutdown", "--dry-run", env=self.bed.environment, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"(?m)^configuration\tok\t")
        self.assertRegex(result.stdout, r"(?m)^logind\tFAILED\t")
        self.assertRegex(result.stderr, r"^busbarctl: \d+ of \d+ steps would fail\.\n$")
        self.assertEqual(self.state(), "online")
        self.assertEqual(os.listdir(os.path.dirname(self.runtime_file("armed"))), before)
        self.assertEqual(self.json("why"), [])

    def test_shutdown(self):
        secondary = self.start_secondary()
        self.ctl("shutdown", "--yes", "--reason", "moving house")
        self.check_secondary_left(secondary)
        self.wait_power_off()
        self.assertIn("moving house", self.json("plan")["reason"])
        self.assertIn("Nothing can call it off any more.", self.ctl("status"))

    def test_cancel(self):
        """While a secondary that does not leave is waited for."""
        with NutConnection(self.bed.port) as secondary:
            secondary.login("other", "otherpass")
            self.assertEqual(secondary.ask("LOGIN ups"), "OK")
            wait_for(lambda: self.json("plan")["stages"][0]["time_usec"] > 0, "the monitor knows of it")
            self.ctl("shutdown", "--yes")
            wait_for(lambda: "FSD" in self.status(), "all are told")
            self.assertEqual(self.state(), "waiting-for-secondaries")
            self.ctl("shutdown", "--cancel", "--reason", "wrong machine")
            wait_for(lambda: self.state() == "online", "it is over")
            wait_for(lambda: "FSD" not in self.status(), "the all-clear")
        self.assertFalse(os.path.exists(self.runtime_file("poweroff-now")))
        self.assertEqual(self.json("why")[0]["outcome"], "cancelled")


if __name__ == "__main__":
    unittest.main()
