#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""upsd, upsdrvctl, upsdrvsvcctl and sockdebug where systemd is not there, beside Debian's own."""

import os
import re
import shutil
import signal
import socket
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
NOBODY = 65534
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
        # Drivers that root starts run as the owner of this directory.
        if os.geteuid() == 0:
            os.chown(self.path("state"), NOBODY, NOBODY)
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
            f.write(f"#!/bin/sh\necho it is broken >&2\necho x >> {self.path('state/tries')}\nexit 1\n")
        os.chmod(self.path("drivers/dummy-ups"), 0o755)
        self.write("ups.conf", "maxretry = 3\nretrydelay = 0\n" + UPS_CONF)
        said = self.ctl("start", "sim", status=1).stderr
        self.assertIn("it is broken", said)
        self.assertIn("failed to start", said)
        with open(self.path("state/tries"), encoding="ascii") as f:
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

    @staticmethod
    def process_field(pid, name):
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            return re.search(rf"(?m)^{name}:\s*(\S+)", f.read()).group(1)

    def wait_idle(self, pid, *numbers):
        """Until the process has taken these signals, and waits for more."""
        def is_idle():
            pending = int(self.process_field(pid, "ShdPnd"), 16)
            return self.process_field(pid, "State") == "S" and not any(pending >> (n - 1) & 1
                                                                       for n in numbers)
        wait_for(is_idle, "it waits")

    def foreground(self):
        program = os.path.join(build_directory(), "src", "tools", "control", "upsdrvctl")
        # Until they run, the parent must live.
        process = subprocess.Popen([program, "-FF", "start"], env=self.environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.terminate)
        return process

    def test_stopped_child(self):
        """That one is stopped and goes on is no end; that one is killed is, and a failure."""
        parent = self.foreground()
        wait_for(lambda: {row[3] for row in self.rows().values()} == {"RESPONSIVE"}, "all answer")
        before = self.rows()
        child = int(before["sim"][4])
        for number, state in ((signal.SIGSTOP, "T"), (signal.SIGCONT, "S")):
            os.kill(child, number)
            wait_for(lambda s=state: self.process_field(child, "State") == s, f"it is {state}")
            self.wait_idle(parent.pid, signal.SIGCHLD)
        self.assertEqual(self.rows(), before)
        os.kill(child, signal.SIGKILL)
        self.assertEqual(parent.wait(60), 1)
        self.assertEqual({row[1] for row in self.rows().values()}, {"N/A"})

    def test_child_that_does_not_end(self):
        self.fake_driver("trap '' TERM; echo >&2; while :; do sleep 0.1; done")
        parent = self.foreground()
        wait_for(lambda: len(self.calls()) == 3, "all run")
        children = wait_for(lambda: self.children(parent.pid), "children")
        # Those that ignore it do so from the start of their loop.
        wait_for(lambda: all(int(self.process_field(pid, "SigIgn"), 16) >> 14 & 1 for pid in children),
                 "they ignore it")
        parent.terminate()
        self.wait_idle(parent.pid, signal.SIGTERM)
        self.assertIsNone(parent.poll())
        parent.terminate()
        self.assertEqual(parent.wait(60), 1)
        self.assertFalse([pid for pid in children if os.path.exists(f"/proc/{pid}")])

    @staticmethod
    def children(pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(word) for word in f.read().split()]

    def test_driver_that_hangs(self):
        self.start("late")
        self.ctl("start", "sim")
        pid = int(self.rows("sim")["sim"][4])
        os.kill(pid, signal.SIGSTOP)
        row = self.rows("sim")["sim"]
        self.assertEqual((row[1], row[3]), ("RUNNING", "NOT_RESPONSIVE"))
        said = self.ctl("start", "sim", status=1).stderr
        self.assertIn(f"runs already, as process {pid}", said)
        self.assertIn("upsdrvctl stop sim", said)

        # The power goes whatever hangs.
        self.fake_driver("exit 0")
        self.assertIn("was killed", self.ctl("shutdown", "sim").stderr)
        self.assertEqual(self.calls(), ["-a sim -k"])
        self.assertFalse(os.path.exists(f"/proc/{pid}/exe"))
        self.assertEqual(self.rows("late")["late"][3], "RESPONSIVE")

    def test_socket_of_somebody_else(self):
        """Whose number is on the socket, or what a process is called, is no reason to end it."""
        fake = self.path("dummy-ups")  # the name of the driver
        os.symlink(sys.executable, fake)
        serve = ("import os, socket, sys\n"
                 "if os.geteuid() == 0: os.setgid(1), os.setuid(1)\n"
                 "s = socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\nos.chmod(sys.argv[1], 0o777)\n"
                 "s.listen()\nprint('ready', flush=True)\n"
                 "while True:\n c = s.accept()[0]\n"
                 " try:\n  c.recv(100)\n  c.sendall(b'PONG\\nPID %d\\n' % os.getppid())\n"
                 " except OSError: pass\n")
        os.chmod(self.path("state"), 0o777)
        elsewhere = self.path("state/elsewhere")
        with subprocess.Popen([fake, "-c", serve, elsewhere], stdout=subprocess.PIPE) as process:
            self.addCleanup(process.kill)
            self.assertEqual(process.stdout.readline(), b"ready\n")
            # A link leads to others' sockets.
            os.symlink(elsewhere, self.path("state/dummy-ups-sim"))
            self.ctl("stop", "sim", status=1)
            self.assertIsNone(process.poll())
            os.rename(elsewhere, self.path("state/dummy-ups-sim"))
            if os.geteuid() == 0:
                for arguments in (("stop",), ("-c", "exit"), ("start",)):
                    said = self.ctl(*arguments, "sim", status=1).stderr
                    self.assertIn(f"process {process.pid} of user 1 serves it, and is left alone", said)
                    self.assertIsNone(process.poll())
            else:
                # Ours, and so for us to end; but not us, whose number it says.
                self.ctl("stop", "sim")
                process.wait(60)
            process.kill()

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

    def test_shutdown_with_a_bad_section(self):
        """It is told of, and the others are told to cut the power."""
        self.fake_driver("exit 0")
        for bad in ("driver = foo/bar", "driver = ../dummy-ups", "driver = dummy-ups\nuser = no-such-user"):
            self.write("ups.conf", f"[bad]\n{bad}\nport = x\n{UPS_CONF}")
            before = len(self.calls())
            is_user = "user" in bad
            said = self.ctl("shutdown", status=0 if is_user and os.geteuid() != 0 else 1).stderr
            if not is_user or os.geteuid() == 0:
                self.assertIn("[bad]", said)
                self.assertEqual(self.calls()[before:], ["-a sim -k", "-a late -k"])

    def test_as_whom(self):
        """-u, then user=, then the owner of the directory; root only when asked for."""
        if os.geteuid() != 0:
            # Who is not root runs all as himself.
            self.start("sim")
            self.assertEqual(os.stat(f"/proc/{self.rows()['sim'][4]}").st_uid, os.geteuid())
            return
        os.chmod(self.path("state"), 0o777)
        self.fake_driver(f"id -u >> {self.path('ids')}; exit 1")
        self.write("ups.conf", UPS_CONF.replace("[late]", "user = root\n[late]\nuser = daemon"))
        with open(self.path("ids"), "w", encoding="ascii"):
            os.chmod(self.path("ids"), 0o666)
        for name, ids in (("never", NOBODY), ("late", 1), ("sim", 0)):
            for arguments in (("start", name), ("-F", "start", name), ("shutdown", name)):
                self.ctl(*arguments, status=1)
                self.ctl("-u", "daemon", *arguments, status=1)
                with open(self.path("ids"), "r+", encoding="ascii") as f:
                    self.assertEqual(f.read().split(), [str(ids), "1"], arguments)
                    f.truncate(0)
        os.chown(self.path("state"), 0, 0)
        for arguments in (("start", "never"), ("-F", "start", "never"), ("shutdown", "never")):
            self.ctl(*arguments, status=1)
            with open(self.path("ids"), "r+", encoding="ascii") as f:
                self.assertNotIn("0", f.read().split())  # the account of drivers, if it exists here
                f.truncate(0)
        said = self.ctl("-u", "no-such-user", "shutdown", "never", status=1).stderr
        self.assertIn("There is no user no-such-user", said)

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
                else:
                    said = self.tool(tool, "-c", "reload", environment=environment).stderr
                    self.assertRegex(said, r"upsmon\.conf: No such file")
                    self.write("upsmon.conf", "MONTOR x\n")
                said = self.tool(tool, "-c", "reload", status=1, environment=environment).stderr
                self.assertRegex(said, r"upsd\.conf:2: .*did you mean MAXAGE" if service == "gateway"
                                 else r"upsmon\.conf:1: .*did you mean MONITOR")
                self.assertRegex(said, r"\.conf is not taken: what was read before")
                self.assertIn("already running", self.tool(tool, status=1, environment=environment).stdout)
                self.tool(tool, "-c", "stop", environment=environment)
                wait_for(lambda t=tool, e=environment: "Cannot find" in self.attempt(t, e), "it ends")

    def attempt(self, tool, environment):
        program = os.path.join(build_directory(), "src", TOOLS.get(tool, "tools/control"), tool)
        return run(program, "-c", "reload", check=False, env={**self.environment, **environment}).stderr

    def test_output_that_cannot_be_written(self):
        """A table that nobody gets is a failure, and whose fault it is is said."""
        self.start("sim")
        for name, *arguments in (("upsdrvctl", "list"), ("upsdrvctl", "status"),
                                 ("upsdrvctl", "-c", "data-dump"),
                                 ("upsdrvsvcctl", "list"), ("upsd", "-V"), ("sockdebug", "sim")):
            for redirection, why in ((">/dev/full", "No space left on device"),
                                     (">&-", "Bad file descriptor")):
                program = os.path.join(build_directory(), "src", TOOLS.get(name, "tools/control"), name)
                result = run("sh", "-c", f'echo PING | "$0" "$@" {redirection}', program, *arguments,
                             check=False, env=self.environment)
                with self.subTest(name, arguments=arguments, redirection=redirection):
                    self.assertEqual((result.returncode, result.stderr.splitlines()[-1]),
                                     (1, f"{name}: cannot write to standard output: {why}"))

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
