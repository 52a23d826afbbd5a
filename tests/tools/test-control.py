#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""upsd, upsdrvctl, upsdrvsvcctl and sockdebug where systemd is not there, beside Debian's own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", name) for name in ("integration", "notify")]

# pylint: disable=wrong-import-position
from notifylib import Bus
from testlib import NutConnection, Testbed, build_directory, free_port, run, wait_for

STOCK = "/usr/sbin/upsdrvctl"
STOCK_UPSD = "/lib/nut/upsd"
UPS_CONF = """[sim]
driver = dummy-ups
port = sim.dev
desc = "A device"
[late]
driver = dummy-ups
port = sim.dev
sdorder = 1
[never]
driver = dummy-ups
port = sim.dev
sdorder = -1
"""
# Where it is, if not where the others are.
TOOLS = {"upsmon": "notify"}
COLUMNS = ["UPSNAME", "UPSDRV", "RUNNING", "PF_PID", "S_RESPONSIVE", "S_PID", "S_STATUS"]


class ControlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bed = Testbed({"ups.conf": "[other]\ndriver = dummy-ups\nport = other.dev\n",
                           "other.dev": "ups.status: OL\n"})
        cls.bed.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.bed.__exit__(None, None, None)

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="busbar-control-")
        self.addCleanup(shutil.rmtree, self.directory)
        os.chmod(self.directory, 0o755)
        for name in ("config", "state", "drivers"):
            os.mkdir(self.path(name))
        self.write("ups.conf", UPS_CONF)
        self.write("sim.dev", "ups.status: OL CHRG\nbattery.charge: 77\n")
        os.symlink(os.path.join(build_directory(), "src", "drivers", "dummy-ups", "dummy-ups"),
                   self.path("drivers/dummy-ups"))
        self.environment = {**self.bed.environment, "NUT_CONFPATH": self.path("config"),
                            "NUT_STATEPATH": self.path("state"), "NUT_ALTPIDPATH": self.path("state"),
                            "BUSBAR_DRIVER_PATH": self.path("drivers"),
                            "BUSBAR_ARMED_FLAG": self.path("armed")}

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(f"config/{name}"), "w", encoding="ascii") as f:
            f.write(text)

    def tool(self, name, *arguments, status=0, environment=(), text=None):
        program = os.path.join(build_directory(), "src", TOOLS.get(name, "tools/control"), name)
        result = subprocess.run([program, *arguments],
                                env={**self.environment, **dict(environment)}, input=text or "", text=True,
                                capture_output=True, timeout=300, check=False)
        self.assertEqual(result.returncode, status, (name, arguments, result.stdout, result.stderr))
        self.assertNotRegex(result.stderr, "Sanitizer|runtime error:")
        return result

    def ctl(self, *arguments, **options):
        return self.tool("upsdrvctl", *arguments, **options)

    def start(self, name):
        self.ctl("start", name)
        self.addCleanup(self.ctl, "stop", name)

    def rows(self, *arguments):
        """The table, as a list for each device by its name."""
        lines = self.ctl("status", *arguments).stdout.splitlines()[1:]
        self.assertEqual([word.strip() for word in lines[0].split("\t")], COLUMNS)
        self.assertEqual(lines[0].split("\t")[:2], ["UPSNAME    ", "     UPSDRV"])
        table = [[word.strip() for word in line.split("\t")] for line in lines[1:]]
        return {row[0]: row[1:] for row in table}

    # Beside stock.

    def test_same_as_stock(self):
        """Exit status, and what is said first, of what starts nothing."""
        for arguments in ((), ("-h",), ("-V",), ("foo",), ("-x",), ("start", "nobody"), ("stop", "sim"),
                          ("-t", "start"), ("-t", "shutdown"), ("-t", "shutdown", "sim"),
                          ("-t", "start", "nobody")):
            with self.subTest(arguments):
                theirs = run(STOCK, *arguments, check=False, env=self.environment)
                ours = self.ctl(*arguments, status=theirs.returncode)
                self.assertEqual(ours.stdout.splitlines()[0], theirs.stdout.splitlines()[0])
                # The same programs, with the same options, in the same order.
                self.assertEqual(re.findall(r"exec: .*/([\w-]+) +(-a .*)", ours.stderr),
                                 re.findall(r"exec: .*/([\w-]+) +(-a .*)", theirs.stderr))
                if "Error" in theirs.stderr or "not found" in theirs.stderr:
                    self.assertIn(theirs.stderr.splitlines()[-1].split("\t")[-1], ours.stderr)

    def test_empty_configuration(self):
        for text in ("", "maxretry = 3\n"):
            self.write("ups.conf", text)
            theirs = run(STOCK, "start", check=False, env=self.environment)
            ours = self.ctl("start", status=1)
            self.assertEqual(theirs.returncode, 1)
            self.assertIn("no UPS definitions found in ups.conf", ours.stderr)

    def test_upsd_same_as_stock(self):
        for arguments in (("-h",), ("-V",), ("-c",), ("-c", "foo"), ("-x",), ("-P", "abc", "-c", "stop"),
                          ("-P", "4194304", "-c", "reload")):
            with self.subTest(arguments):
                theirs = run(STOCK_UPSD, *arguments, check=False, env=self.environment)
                ours = self.tool("upsd", *arguments, status=theirs.returncode)
                self.assertEqual(ours.stdout.splitlines()[0], theirs.stdout.splitlines()[0])
                for option in re.findall(r"^  (-\w)", theirs.stdout, re.MULTILINE):
                    self.assertRegex(ours.stdout, rf"(?m)^  .*{option}\b")

    # Drivers as processes.

    def test_life_of_a_driver(self):
        self.assertEqual(self.rows("sim"), {"sim": ["dummy-ups", "N/A", "-3", "NOT_RESPONSIVE", "N/A", ""]})
        self.start("sim")
        row = self.rows()["sim"]
        pid = int(row[4])
        self.assertEqual(row, ["dummy-ups", "RUNNING", "-3", "RESPONSIVE", str(pid), '"OL CHRG"'])
        self.assertEqual(self.rows()["late"][1], "N/A")
        self.assertIn(f"runs already, as process {pid}", self.ctl("start", "sim").stderr)
        self.assertIn("battery.charge: 77\n", self.ctl("-c", "data-dump", "sim").stdout)

        self.write("ups.conf", UPS_CONF.replace("[late]", "override.battery.charge = 55\n[late]"))
        self.ctl("-c", "reload", "sim")
        wait_for(lambda: "battery.charge: 55\n" in self.ctl("-c", "dump", "sim").stdout, "the reload")
        self.assertIn("[late] does not run", self.ctl("-c", "reload", status=1).stderr)

        self.ctl("stop", "sim")
        self.assertFalse(os.path.exists(f"/proc/{pid}/exe"))
        self.assertIn("does not run", self.ctl("stop", "sim", status=1).stderr)
        self.ctl("start", "sim")  # for the one that is to come

    def test_all_at_once(self):
        self.ctl("start")
        self.assertEqual({row[1] for row in self.rows().values()}, {"RUNNING"})
        self.ctl("stop")
        self.assertEqual({row[1] for row in self.rows().values()}, {"N/A"})

    def test_mistakes(self):
        self.write("ups.conf", UPS_CONF + "[bad]\ndriver = dumy-ups\nport = x\n")
        said = self.ctl("start", "bad", status=1).stderr
        self.assertRegex(said, r"ups\.conf:\d+: \[bad\]: there is no driver dumy-ups, did you mean dummy")
        self.assertIn("Did you mean late?", self.ctl("status", "laet", status=1).stderr)
        self.assertIn("extra arguments", self.ctl("start", "sim", "late", status=1).stderr)
        self.assertIn("-c", self.ctl("-c", "nonsense", status=1).stderr)
        self.assertIn("RootDirectory=", self.ctl("-r", "/x", "start", status=1).stderr)

    def test_a_driver_that_ends_at_once(self):
        os.unlink(self.path("drivers/dummy-ups"))
        with open(self.path("drivers/dummy-ups"), "w", encoding="ascii") as f:
            f.write(f"#!/bin/sh\necho it is broken >&2\necho x >> {self.path('tries')}\nexit 1\n")
        os.chmod(self.path("drivers/dummy-ups"), 0o755)
        self.write("ups.conf", "maxretry = 3\nretrydelay = 0\n" + UPS_CONF)
        said = self.ctl("start", "sim", status=1).stderr
        self.assertIn("it is broken", said)
        self.assertIn("failed to start", said)
        with open(self.path("tries"), encoding="ascii") as f:
            self.assertEqual(f.read(), "x\n" * 3)

    def test_foreground(self):
        for arguments in (("-F", "start", "sim"), ("-D", "-d", "start")):
            with self.subTest(arguments):
                program = os.path.join(build_directory(), "src", "tools", "control", "upsdrvctl")
                process = subprocess.Popen([program, *arguments], env=self.environment,
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                wait_for(lambda: self.rows()["sim"][3] == "RESPONSIVE", "it answers")
                if len(arguments) == 3 and arguments[0] == "-F":
                    self.assertEqual(int(self.rows()["sim"][4]), process.pid)
                else:
                    wait_for(lambda: self.rows()["late"][3] == "RESPONSIVE", "so does the other")
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(60), 0)
                self.assertEqual(self.rows()["late"][3], "NOT_RESPONSIVE")

    def test_a_process_of_several(self):
        """None of these is stopped because of another; a process that is no driver never is."""
        self.write("ups.conf", UPS_CONF.replace("sdorder = -1", ""))
        several = ("-a", "sim", "-a", "late", "-a", "never")
        # Its name on the bus of the others is taken: they have such a process, too.
        bus = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.path('no-bus')}"}
        driver = subprocess.Popen([self.path("drivers/dummy-ups"), *several],
                                  env={**self.environment, **bus}, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(driver.kill)
        wait_for(lambda: all(row[3] == "RESPONSIVE" for row in self.rows().values()), "all answer")
        self.assertIn("serves late as well", self.ctl("stop", "sim", status=1).stderr)
        self.assertIsNone(driver.poll())
        self.ctl("-c", "reload", "sim")
        self.ctl("-c", "exit")
        self.assertEqual(driver.wait(60), 0)

    # The late power-off.

    def fake_driver(self, script):
        os.unlink(self.path("drivers/dummy-ups"))
        with open(self.path("drivers/dummy-ups"), "w", encoding="ascii") as f:
            f.write(f'#!/bin/sh\necho "$*" >> {self.path("calls")}\n{script}\n')
        os.chmod(self.path("drivers/dummy-ups"), 0o755)
        with open(self.path("calls"), "w", encoding="ascii"):
            os.chmod(self.path("calls"), 0o666)

    def calls(self):
        with open(self.path("calls"), encoding="ascii") as f:
            return f.read().splitlines()

    def test_shutdown(self):
        user = ("-u", "nobody") if os.geteuid() == 0 else ()
        os.chmod(self.path("state"), 0o777)
        self.ctl("start", "sim")
        self.fake_driver("exit 0")
        said = self.ctl(*user, "shutdown").stderr
        # In the order of sdorder, and not where that is -1; the driver that ran does not any more.
        self.assertEqual(self.calls(), ["-a sim -k", "-a late -k"])
        self.assertIn("sim is about to cut the power.", said)
        self.assertEqual(self.rows()["sim"][1], "N/A")
        self.ctl(*user, "shutdown", "never")
        self.assertEqual(self.calls()[2:], ["-a never -k"])

        self.ctl("-t", "shutdown")
        self.assertEqual(len(self.calls()), 3)
        self.fake_driver("exit 2")
        self.assertIn("has mains", self.ctl(*user, "shutdown", "sim", status=1).stderr)
        self.assertIn("not found", self.ctl(*user, "shutdown", "nobody", status=1).stderr)

    @unittest.skipIf(os.geteuid() != 0, "root alone is asked to be somebody else")
    def test_no_driver_is_root_unasked(self):
        self.assertIn("does not run as root unasked", self.ctl("shutdown", status=1).stderr)
        self.assertIn("There is no user", self.ctl("-u", "no-such-user", "shutdown", status=1).stderr)

    # Lists.

    def test_list(self):
        quiet = {"NUT_QUIET_INIT_BANNER": "true"}
        self.assertEqual(self.ctl("list", environment=quiet).stdout, "sim\nlate\nnever\n")
        self.assertEqual(self.ctl("-l", "late", environment={"NUT_QUIET_INIT_BANNER": ""}).stdout, "late\n")
        self.ctl("list", "nobody", status=1)

    def test_services(self):
        svc = lambda *arguments, **options: self.tool("upsdrvsvcctl", *arguments, **options)
        self.assertEqual(svc("list", "sim").stdout, "busbar-dummy-ups@sim.service\n")
        self.assertIn("busbar-dummy-ups@late.service\tlate\n", svc("list").stdout)
        self.assertEqual(svc("show-config", "late").stdout,
                         "[late]\ndriver=dummy-ups\nport=sim.dev\nsdorder=1\n")
        self.assertIn("systemctl stop busbar-dummy-ups@sim.service (sim)", svc("-t", "stop", "sim").stderr)
        self.assertIn("upsdrvctl does without", svc("start", status=1).stderr)
        self.assertIn("No action", svc(status=1).stderr)
        self.assertIn("Unrecognized argument: x", svc("x", status=1).stderr)
        self.assertIn("show-config", svc("-h").stdout)

    # The server.

    def test_server_by_signal(self):
        self.bed.write("ups.conf", "[other]\ndriver = dummy-ups\nport = other.dev\ndesc = new\n")
        self.tool("upsd", "-c", "reload")
        with NutConnection(self.bed.port) as client:
            wait_for(lambda: '"new"' in client.ask("GET UPSDESC other"), "the reload")
        self.assertIn("Process 1 is not busbar-gateway",
                      self.tool("upsd", "-c", "stop", "-P", "1", status=1).stderr)
        for arguments in ((), ("-D",), ("-FF", "-u", "root")):
            said = self.tool("upsd", *arguments, status=1).stdout
            self.assertIn("Fatal error: A previous upsd instance is already running!", said)
        self.assertIn("RootDirectory=", self.tool("upsd", "-r", "/x", status=1).stderr)
        nobody = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.path('no-bus')}"}
        self.assertIn("Cannot connect", self.tool("upsd", "-c", "stop", status=1, environment=nobody).stderr)

    def test_server_in_the_background(self):
        bus = Bus(self.directory, "bus")
        self.addCleanup(bus.stop)
        port = free_port()
        self.write("upsd.conf", f"LISTEN 127.0.0.1 {port}\n")
        for service, tool in (("gateway", "upsd"), ("monitor", "upsmon")):
            directory = os.path.join(build_directory(), "src", service)
            os.mkdir(self.path(service))
            environment = {"DBUS_SYSTEM_BUS_ADDRESS": bus.address, "BUSBAR_SERVICE_PATH": directory,
                           "RUNTIME_DIRECTORY": self.path(service), "STATE_DIRECTORY": self.path(service)}
            with self.subTest(tool):
                self.assertIn("Cannot find", self.attempt(tool, environment))
                self.tool(tool, "-u", "root", environment=environment)
                if service == "gateway":
                    with NutConnection(port) as client:
                        self.assertIn("UPS sim", client.ask("LIST UPS"))
                    self.write("upsd.conf", f"LISTEN 127.0.0.1 {port}\nMAXAG 5\n")
                said = self.tool(tool, "-c", "reload", environment=environment).stderr
                if service == "gateway":
                    self.assertRegex(said, r"upsd\.conf:2: .*did you mean MAXAGE")
                self.assertIn("already running", self.tool(tool, status=1, environment=environment).stdout)
                self.tool(tool, "-c", "stop", environment=environment)
                wait_for(lambda t=tool, e=environment: "Cannot find" in self.attempt(t, e), "it ends")

    def attempt(self, tool, environment):
        program = os.path.join(build_directory(), "src", TOOLS.get(tool, "tools/control"), tool)
        return run(program, "-c", "reload", check=False, env={**self.environment, **environment}).stderr

    # The socket.

    def test_console(self):
        self.start("sim")
        asked = "PING\nDUMPVALUE battery.charge\n"
        for name in ("sim", "dummy-ups-sim", self.path("state/dummy-ups-sim")):
            said = self.tool("sockdebug", name, text=asked).stdout
            self.assertIn("PONG\n", said)
            self.assertIn('SETINFO battery.charge "77"\n', said)
            self.assertIn("DUMPDONE\n", said)
        self.assertIn("not found", self.tool("sockdebug", "nobody", status=1).stderr)
        self.assertIn("No such file", self.tool("sockdebug", self.path("none"), status=1).stderr)
        self.tool("sockdebug", status=1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
