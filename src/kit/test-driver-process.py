#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A driver program from outside: command line, bus, driver socket, readiness, reload, and stock upsd as
its client. The driver is test-driver, whose device is a file. Usage: test-driver-process.py TEST-DRIVER"""

import grp
import os
import pwd
import signal
import socket
import sys
import tempfile
import time
import unittest

from driver_testlib import DEVICE, Process, SocketClient, TestCase, free_port, wait_for


class TestCommandLine(TestCase):
    def test_dump(self):
        port = "port=" + self.path("device")
        result = self.run_driver("-s", "t", "-x", port, "-x", "secret=hush", "-d", "1")
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = result.stdout.splitlines()
        self.assertEqual(lines, sorted(lines, key=lambda line: line.split(": ")[0]))
        self.assertIn('ups.mfr: A "quoted" \\ #1 maker', lines)
        self.assertIn('device.mfr: A "quoted" \\ #1 maker', lines)
        self.assertIn("driver.parameter.pollinterval: 2", lines)
        self.assertNotIn("hush", result.stdout)
        self.assertFalse(os.path.exists(self.path("test-driver-t")))

    def test_dump_from_file(self):
        result = self.run_driver("-a", "UPS", "-x", "mode=strict", "-i", "7", "-d", "1")
        self.assertIn("driver.parameter.mode: strict\n", result.stdout)
        self.assertIn("driver.parameter.pollinterval: 7\n", result.stdout)
        result = self.run_driver("-a", "ups", "-d", "2")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_dump_failure(self):
        result = self.run_driver("-s", "t", "-x", "port=" + self.path("nothing"), "-d", "1")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn(self.path("nothing"), result.stderr)
        self.assertIn("No such file", result.stderr)

    def test_mistakes(self):
        port = "port=" + self.path("device")
        for arguments, hint in (
            ((), "-a NAME"),
            (("-a", "other"), "[other]"),
            (("-s", "t"), "no port"),
            (("-s", "bad name", "-x", port), "cannot be the name"),
            (("-s", "t", "-x", port, "-x", "mdoe=plain"), "did you mean mode?"),
            (("-s", "t", "-x", port, "-x", "limit=100"), "a number from 1 to 99, not 100"),
            (("-a", "ups", "-r", "/"), "RootDirectory="),
            (("-a", "ups", "-u", "nobody-of-that-name", "-d", "1"), "nobody-of-that-name"),
            (("-c", "reload"), "-P PID"),
        ):
            with self.subTest(arguments):
                result = self.run_driver(*arguments)
                if arguments[:4:2] == ("-a", "-u") and os.geteuid() != 0:
                    continue
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertIn(hint, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)

    def test_other_driver(self):
        self.configure("[ups]\n\tdriver = usbhid-ups\n\tport = auto\n")
        result = self.run_driver("-a", "ups")
        self.assertEqual(result.returncode, 1)
        self.assertIn("wants the driver usbhid-ups", result.stderr)

    def test_mistakes_in_file(self):
        self.configure("[ups]\n\tdriver = test-driver\n\tport = %s\n\tmdoe = plain\n" % self.path("device"))
        result = self.run_driver("-a", "ups", "-d", "1")
        self.assertEqual(result.returncode, 0)
        self.assertIn("ups.conf:5", result.stderr)
        self.assertIn("did you mean mode?", result.stderr)

    def test_no_file(self):
        os.unlink(self.path("ups.conf"))
        result = self.run_driver("-a", "ups")
        self.assertEqual(result.returncode, 1)
        self.assertIn(self.path("ups.conf"), result.stderr)

    def test_help(self):
        for flag in ("-h", "--help"):
            result = self.run_driver(flag)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertEqual([line for line in result.stdout.splitlines() if len(line) > 80], [])
            self.assertIn("limit=VALUE", result.stdout)
        for flag in ("-V", "--version"):
            self.assertRegex(self.run_driver(flag).stdout,
                             r"^Busbar - Driver of a device that is a file 0\.7 \(\S+\)\n$")

    def test_options(self):
        lines = self.run_driver("-L").stdout.splitlines()
        self.assertEqual(lines[:3], ['VALUE mode "How the file is read"',
                                     'VALUE secret "A password that nobody is to see"',
                                     'FLAG shiny "Whether the device shines"'])

    def test_power_off(self):
        self.sections(late="sdorder = 2", never="sdorder = -1", early="sdorder = 1")
        result = self.run_driver("-k", "--all")
        self.assertEqual((result.returncode, result.stdout), (0, "cut early\ncut late\n"))
        self.assertEqual(self.run_driver("-k", "-a", "never").stdout, "cut never\n")
        os.unlink(self.path("device"))
        result = self.run_driver("-k", "-a", "late")
        self.assertEqual((result.returncode, result.stdout), (1, ""))

    def test_signal(self):
        driver = self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.assertEqual(self.run_driver("-c", "reload", "-P", str(driver.popen.pid)).returncode, 0)
        self.wait_notified("RELOADING=1")
        self.assertEqual(self.run_driver("-c", "exit", "-P", str(driver.popen.pid)).returncode, 0)
        self.assertEqual(driver.wait_exit(), 0)


class TestSocket(TestCase):
    def test_protocol(self):
        self.start("-a", "ups")
        self.wait_notified("READY=1")
        client = self.client()
        client.say("DUMPALL")
        lines = client.until("DUMPDONE")
        self.assertIn('SETINFO ups.mfr "A \\"quoted\\" \\\\ \\#1 maker"', lines)
        self.assertIn('SETINFO device.mfr "A \\"quoted\\" \\\\ \\#1 maker"', lines)
        self.assertIn("SETFLAGS ups.id RW STRING", lines)
        self.assertIn("ADDRANGE ups.delay.shutdown 0 600", lines)
        self.assertIn("ADDCMD load.off", lines)
        self.assertEqual(lines[-2], "DATAOK")

        for request, code in (
            ("SET ups.id new TRACKING a", 0),
            ("SET ups.id bad TRACKING b", 2),
            ("SET ups.id 12345678901234567 TRACKING c", 2),
            ("SET ups.delay.shutdown 700 TRACKING d", 2),
            ("SET ups.status OL TRACKING e", 3),
            ("SET no.such x TRACKING f", 1),
            ("INSTCMD test.panel.start TRACKING g", 0),
            ("INSTCMD load.off TRACKING h", 3),
            ("INSTCMD load.on TRACKING i", 1),
        ):
            client.say(request)
            self.assertEqual(client.until(f"TRACKING {request.split()[-1]} {code}")[-1][-1], str(code))

    def test_device_goes_and_comes(self):
        driver = self.start("-a", "ups")
        self.wait_notified("READY=1")
        client = self.client()
        client.say("PING")
        client.until("PONG")
        os.unlink(self.path("device"))
        lines = client.until("DATASTALE")
        self.assertIn("DELINFO ups.status", lines)
        self.wait_notified("absent")
        self.write("device", DEVICE.replace("OL", "OB"))
        lines = client.until("DATAOK")
        self.assertIn('SETINFO ups.status "OB"', lines)
        self.wait_notified("fresh")
        # One line each, however often it was tried.
        self.assertEqual(driver.output().count("No device at"), 1)
        self.assertEqual(driver.output().count("answers"), 2)

    def test_half_closed(self):
        """Who has nothing more to ask gets the answers nonetheless."""
        self.start("-a", "ups")
        self.wait_notified("READY=1")
        client = self.client()
        client.say("DUMPALL")
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.until("DUMPDONE")[-2], "DATAOK")
        self.assertEqual(client.line(), "")

    def test_user_and_group(self):
        os.chmod(self.directory, 0o777)
        os.chmod(self.path("notify"), 0o666)
        driver = self.start("-a", "ups", "-u", "nobody", "-g", "nogroup")
        self.wait_notified("READY=1")
        if os.geteuid() == 0:
            uid, gid = pwd.getpwnam("nobody").pw_uid, grp.getgrnam("nogroup").gr_gid
        else:
            uid, gid = os.getuid(), os.stat(self.path("test-driver-ups")).st_gid
        with open(f"/proc/{driver.popen.pid}/status", encoding="ascii") as f:
            self.assertIn(f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n", f.read())
        found = os.stat(self.path("test-driver-ups"))
        self.assertEqual((found.st_uid, found.st_gid, found.st_mode & 0o7777), (uid, gid, 0o660))

    def test_ready_in_time(self):
        """A device that hangs from the beginning holds up readiness for maxstartdelay only."""
        self.write("device", "hang\n")
        self.sections(ups="maxstartdelay = 1")
        self.start("-a", "ups")
        begin = time.monotonic()
        self.wait_notified("READY=1")
        self.assertGreater(time.monotonic() - begin, 0.5)

    def test_taken(self):
        self.start("-a", "ups")
        self.wait_notified("READY=1")
        second = self.start("-a", "ups")
        self.assertEqual(second.wait_exit(), 1)
        self.assertIn("Another process serves this device", second.output())
        self.client().say("PING")

    def test_left_behind(self):
        first = self.start("-a", "ups")
        self.wait_notified("READY=1")
        first.popen.kill()
        first.popen.wait()
        self.assertTrue(os.path.exists(self.path("test-driver-ups")))
        self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.client().say("PING")

    def test_activated(self):
        """The service manager's socket is used, and is still there when the driver has gone."""
        path = self.path("test-driver-ups")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path)
            listening.listen()
            fd = listening.fileno()

            def pass_socket():
                os.dup2(fd, 3, inheritable=True)

            client = self.stack.enter_context(SocketClient(path))
            client.say("PING")
            # The process id has to be in the environment, so a shell puts it there.
            script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" -a ups'
            driver = Process(["/bin/sh", "-c", script, self.driver], self.environment, self.directory,
                             pass_fds=(3,), preexec=pass_socket)
            self.stack.callback(driver.stop)
            self.assertEqual(client.until("PONG")[-1], "PONG")
            self.assertEqual(driver.stop(), 0)
            self.assertTrue(os.path.exists(path))

    def hang(self):
        """From the next poll on."""
        self.write("device", "hang\n")
        wait_for(lambda: os.path.exists(self.path("device.hanging")), "the hook to hang")

    def test_hanging_device(self):
        """A device that blocks its hook does not block the process, and not its end."""
        self.start("-a", "ups")
        self.wait_notified("READY=1")
        client = self.client()
        self.hang()
        client.say("PING")
        client.until("PONG")

    def test_end_with_hanging_device(self):
        driver = self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.hang()
        driver.popen.send_signal(signal.SIGTERM)
        self.assertEqual(driver.wait_exit(), 0)


class TestReload(TestCase):
    def reload(self, driver):
        driver.popen.send_signal(signal.SIGHUP)
        self.wait_notified("RELOADING=1")
        self.wait_notified("READY=1")

    def test_sections(self):
        self.sections(a="limit = 1", b="limit = 1", c="limit = 1")
        driver = self.start("--all")
        self.wait_notified("READY=1")
        self.wait_notified("3 devices: 3 fresh")
        a, c = self.client("a"), self.client("c")
        self.wait_value(a, 'SETINFO driver.parameter.limit "1"')

        self.sections(a="limit = 1", c="limit = 2", d="limit = 1")
        self.reload(driver)
        self.wait_notified("3 devices: 3 fresh")
        self.assertFalse(os.path.exists(self.path("test-driver-b")))
        # a was not touched, c was started anew.
        a.say("PING")
        a.until("PONG")
        self.assertEqual(c.file.read().count("DATASTALE"), 0)
        self.wait_value(self.client("c"), 'SETINFO driver.parameter.limit "2"')
        self.client("d").say("PING")
        for text in ("[b] Not in ups.conf any more", "[c] Changed in ups.conf", "[d] New in ups.conf"):
            self.assertIn(text, driver.output())
        self.assertNotIn("[a] Changed", driver.output())

    def test_bad_file(self):
        self.sections(a="limit = 1", b="limit = 1")
        driver = self.start("--all")
        self.wait_notified("2 devices: 2 fresh")
        a, b = self.client("a"), self.client("b")
        self.sections(a="limit = 1\n[b]\n\tdriver")
        self.reload(driver)
        os.unlink(self.path("ups.conf"))
        self.reload(driver)
        for client in (a, b):
            client.say("PING")
            client.until("PONG")

    def test_own_section_goes(self):
        driver = self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.sections(other="limit = 1")
        driver.popen.send_signal(signal.SIGHUP)
        self.assertEqual(driver.wait_exit(), 0)
        self.assertFalse(os.path.exists(self.path("test-driver-ups")))


class TestBus(TestCase):
    def test_without_bus(self):
        driver = self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.assertIn("bus", driver.output())
        self.start_bus()
        self.wait_name("ups")

    def test_names(self):
        self.start_bus()
        self.configure("[a-b.c]\n\tdriver = test-driver\n\tport = %s\n" % self.path("device"))
        self.start("-a", "a-b.c")
        self.wait_name("a_2db_2ec")
        self.start("--all", "-x", "shiny").wait_exit()  # the socket is taken
        self.assertIn("org.busbar.Driver", self.bus_names())

    def test_all(self):
        self.start_bus()
        self.sections(**{f"u{i}": "shiny" for i in range(20)})
        self.start("--all")
        self.wait_notified("20 devices: 20 fresh")
        self.wait_name("_all_test_2ddriver")
        tree = self.busctl("tree", "--list", "org.busbar.Driver._all_test_2ddriver").stdout.split()
        self.assertEqual(len([path for path in tree if path.startswith("/org/busbar/device/")]), 20)

    def test_name_taken(self):
        self.start_bus()
        first = self.start("-a", "ups")
        self.wait_name("ups")
        with tempfile.TemporaryDirectory() as elsewhere:
            self.environment["NUT_STATEPATH"] = elsewhere
            second = self.start("-a", "ups")
            self.assertEqual(second.wait_exit(), 1)
        self.assertIn(f"Process {first.popen.pid} has the bus name org.busbar.Driver.ups", second.output())

    def test_write(self):
        self.start_bus()
        self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.wait_name("ups")

        self.assertIn('"ups.id" "old"', self.call("Variables1", "GetAll").stdout)
        for interface, method, name, value, code in (
            ("Variables1", "Set", "ups.delay.shutdown", "30", 0),
            ("Variables1", "Set", "ups.id", "bad", 1),
            ("Commands1", "Run", "test.panel.start", "", 0),
            ("Commands1", "Run", "load.off", "", 1),
        ):
            with self.subTest(name):
                result = self.call(interface, method, "ssa{sv}", name, value, "0")
                self.assertEqual(result.returncode, code, result.stderr)

    def test_heard(self):
        """A device that has nothing new to say was heard nonetheless."""
        self.start_bus()
        self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.wait_name("ups")

        def update_usec():
            return self.busctl("get-property", "org.busbar.Driver.ups", "/org/busbar/device/ups",
                               "org.busbar.Device1", "UpdateUSec").stdout.split()

        def state():
            return self.call("Variables1", "GetAll").stdout

        before, heard = state(), update_usec()
        self.assertEqual(heard[0], "t")
        wait_for(lambda: update_usec() != heard, "the next poll")
        self.assertGreater(int(update_usec()[1]), int(heard[1]))
        self.assertEqual(state(), before)

    def test_bus_returns(self):
        bus = self.start_bus()
        self.start("-a", "ups")
        self.wait_name("ups")
        bus.popen.kill()
        bus.popen.wait()
        os.unlink(self.path("bus"))
        self.write("device", DEVICE.replace("OL", "OB"))
        client = self.client()
        self.wait_value(client, 'SETINFO ups.status "OB"')  # it is polled without the bus, too
        self.start_bus()
        self.wait_name("ups")
        result = self.call("Variables1", "GetAll")
        self.assertIn('"ups.status" "OB"', result.stdout)


class TestStockServer(TestCase):
    """Debian's upsd takes our driver for one of its own."""

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.write("upsd.conf", f"LISTEN 127.0.0.1 {self.port}\nMAXAGE 5\n")
        self.write("upsd.users", "[admin]\n\tpassword = secret\n\tactions = SET\n\tinstcmds = ALL\n")
        os.chmod(self.path("upsd.conf"), 0o640)
        os.chmod(self.path("upsd.users"), 0o640)
        self.process = self.start("-a", "ups")
        self.wait_notified("READY=1")
        upsd = Process(["/lib/nut/upsd", "-D", "-u", "root"], self.environment, self.directory)
        self.stack.callback(upsd.stop)
        wait_for(lambda: self.upsc().returncode == 0, "stock upsd to serve the device")

    def ups(self):
        return f"ups@127.0.0.1:{self.port}"

    def upsc(self, *variable):
        return self.run_program("upsc", self.ups(), *variable)

    def write_as_admin(self, program, *arguments):
        """What the program says of the device's verdict."""
        result = self.run_program(program, "-w", "-u", "admin", "-p", "secret", *arguments)
        return result.stdout + result.stderr

    def test_served(self):
        lines = self.upsc().stdout.splitlines()
        self.assertIn('ups.mfr: A "quoted" \\ #1 maker', lines)
        self.assertIn('device.mfr: A "quoted" \\ #1 maker', lines)
        self.assertIn("ups.status: OL", lines)
        dumped = self.run_driver("-s", "ups", "-x", "port=" + self.path("device"), "-i", "1", "-d", "1")
        self.assertEqual(lines, dumped.stdout.splitlines())

    def test_live_change(self):
        self.write("device", DEVICE.replace("OL", "OB").replace("#1 maker", '#2 "maker"'))
        wait_for(lambda: self.upsc("ups.status").stdout == "OB\n", "the new status")
        self.assertEqual(self.upsc("ups.mfr").stdout, 'A "quoted" \\ #2 "maker"\n')

    def test_write(self):
        for value, result in (("new", "SUCCESS"), ("bad", "ERR INVALID-ARGUMENT")):
            self.assertIn(result, self.write_as_admin("upsrw", "-s", f"ups.id={value}", self.ups()))
        self.assertIn("SUCCESS", self.write_as_admin("upscmd", self.ups(), "test.panel.start"))
        self.assertIn("FAILED", self.write_as_admin("upscmd", self.ups(), "load.off"))

    def test_listed(self):
        listed = self.run_program("upscmd", "-l", self.ups()).stdout.splitlines()[2:]
        self.assertEqual([line.split()[0] for line in listed], ["load.off", "test.panel.start"])
        writable = self.run_program("upsrw", self.ups()).stdout
        self.assertIn("[ups.id]\nUPS system identifier\nType: STRING\nMaximum length: 16\nValue: old\n",
                      writable)
        self.assertIn('Type: RANGE NUMBER\nOption: "0-600" SELECTED\n', writable)

    def test_stale_and_back(self):
        self.write("device", "fail\n")
        wait_for(lambda: "Data stale" in self.upsc().stderr, "stale data")
        self.write("device", DEVICE)
        wait_for(lambda: self.upsc("ups.status").stdout == "OL\n", "fresh data")

    def test_driver_restarts(self):
        self.process.stop()
        wait_for(lambda: "Driver not connected" in self.upsc().stderr, "the loss of the driver")
        self.start("-a", "ups")
        wait_for(lambda: self.upsc("ups.status").stdout == "OL\n", "the new driver")


if __name__ == "__main__":
    TestCase.driver = os.path.abspath(sys.argv.pop(1))
    unittest.main()
