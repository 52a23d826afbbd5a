#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The launcher with stand-ins for the services: what it promises them, and what it promises its user."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "tools")
sys.path.insert(0, TOOLS)

import fdstore  # noqa: E402
import launcher  # noqa: E402
import nutconf  # noqa: E402


def wait_for(condition, what, timeout=15.0):
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not in time: {what}")
        time.sleep(0.01)
    return result


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class TestConfiguration(unittest.TestCase):
    def check(self, text, expected):
        self.assertEqual(list(nutconf.lines(text)), expected)

    def test_words(self):
        for text, expected in (
            ("", []),
            ("a b\n\n c", [["a", "b"], ["c"]]),
            ("a=b", [["a", "=", "b"]]),
            ('a = "b c" d', [["a", "=", "b c", "d"]]),
            ('a = ""', [["a", "=", ""]]),
            ("a#b", [["a"]]),
            ('a = "b \\# \\" c"', [["a", "=", 'b # " c']]),
            ("a \\\nb", [["a", "b"]]),
            ('"a\nb"', [["ab"]]),
            ('a"b"', [['a"b"']]),
            ("#only\n", []),
        ):
            with self.subTest(text):
                self.check(text, expected)

    def test_devices(self):
        with tempfile.TemporaryDirectory() as d:
            with open(os.path.join(d, "ups.conf"), "w", encoding="ascii") as f:
                f.write("pollinterval = 1\n[b]\ndriver = one\nport=x\n[a]\nport = y\n"
                        "[c]\n driver=\"two\" # x\n")
            os.mkdir(os.path.join(d, "ups.conf.d"))
            with open(os.path.join(d, "ups.conf.d", "z.conf"), "w", encoding="ascii") as f:
                f.write("[z]\ndriver = one\n")
            self.assertEqual(nutconf.devices(d), {"b": "one", "c": "two", "z": "one"})


class TestFdStore(unittest.TestCase):
    def setUp(self):
        self.store = fdstore.FdStore()
        self.addCleanup(self.store.close)
        self.ours, self.theirs = socket.socketpair()
        self.addCleanup(self.ours.close)
        self.addCleanup(self.theirs.close)

    def test_once_and_removed_by_name(self):
        for name in ("a", "a", "b"):
            self.store.add(name, os.dup(self.ours.fileno()))
        self.assertEqual([name for name, _ in self.store.items()], ["a"])
        self.store.add("a", os.dup(self.theirs.fileno()))
        self.store.remove("b")
        self.assertEqual(len(self.store), 2)
        self.store.remove("a")
        self.assertEqual(len(self.store), 0)

    def test_hangup(self):
        self.store.add("a", os.dup(self.ours.fileno()))
        self.store.add("kept", os.memfd_create("state"))
        self.theirs.send(b"readable is no reason to go")
        self.store.reap()
        self.assertEqual(len(self.store), 2)
        self.theirs.close()
        self.store.reap()
        self.assertEqual([name for name, _ in self.store.items()], ["kept"])

    def test_not_polled(self):
        self.store.add("a", os.dup(self.ours.fileno()), poll=False)
        self.theirs.close()
        self.store.reap()
        self.assertEqual(len(self.store), 1)


class FakeBuild(unittest.TestCase):
    """Gives each test a build directory in which fake.py is gateway and drivers."""

    def setUp(self):
        self.build = tempfile.mkdtemp(prefix="busbar-build-")
        self.addCleanup(shutil.rmtree, self.build)
        self.config = os.path.join(self.build, "config")
        os.mkdir(self.config)
        self.install("src/gateway/busbar-gateway")
        self.install("src/ctl/busbarctl")
        for driver in ("fake", "fake-fails", "fake-stubborn"):
            self.install(f"src/drivers/{driver}/{driver}")

    def install(self, path):
        path = os.path.join(self.build, path)
        os.makedirs(os.path.dirname(path))
        os.symlink(os.path.join(HERE, "fake.py"), path)

    def configure(self, **drivers):
        with open(os.path.join(self.config, "ups.conf"), "w", encoding="ascii") as f:
            for name, driver in drivers.items():
                f.write(f"[{name}]\n driver = {driver}\n port = x\n")

    def make_testbed(self, **options):
        return launcher.Testbed(self.config, build=self.build, **options)


class TestServices(FakeBuild):
    def test_serves(self):
        self.configure(a="fake", absent="fake", b="not-there")
        with self.make_testbed() as bed:
            answers = launcher.nut_request(bed.port, "GET VAR a ups.status")
            self.assertEqual(answers, ['VAR x ups.status "OL"', "OK Goodbye"])
            bed.wait_log(r"fake: state in .*/state, \['--all'\]")
            bed.wait_log("launcher: driver not-there is not there; not served: b")
            self.assertEqual(os.stat(bed.directory).st_mode & 0o777, 0o755)
            pids = [s.pid for s in bed.launcher.supervisor.services.values()]
            self.assertEqual(len(pids), 3)
        self.assertFalse(any(is_running(pid) for pid in pids))
        self.assertFalse(os.path.exists(bed.directory))

    def test_clients_survive(self):
        self.configure(a="fake")
        with self.make_testbed() as bed, socket.create_connection(("127.0.0.1", bed.port)) as s:
            answers = s.makefile()

            def ask():
                s.sendall(b"PID\n")
                return int(answers.readline())

            pid = ask()
            self.assertEqual(pid, bed.service("gateway").pid)
            bed.kill("gateway")
            second = ask()
            self.assertNotEqual(second, pid)
            bed.restart("gateway")
            wait_for(lambda: bed.service("gateway").starts == 3, "the restart")
            self.assertNotIn(ask(), (pid, second))
            # Whoever is told to go is gone from the store, so that the other side sees the end.
            s.sendall(b"PART\n")
            s.settimeout(10)
            self.assertEqual(answers.readline(), "")
            wait_for(lambda: len(bed.service("gateway").stored) == 0, "nothing is stored")

    def test_many_clients(self):
        self.configure(a="fake")
        with self.make_testbed() as bed:
            clients = [socket.create_connection(("127.0.0.1", bed.port)) for _ in range(300)]
            wait_for(lambda: len(bed.service("gateway").stored) == 300, "all are stored")
            bed.kill("gateway")
            for s in clients:
                s.settimeout(15)
                s.sendall(b"PID\n")
            self.assertEqual({s.recv(100) for s in clients}, {f"{bed.service('gateway').pid}\n".encode()})
            for s in clients:
                s.close()
            wait_for(lambda: len(bed.service("gateway").stored) == 0, "all have left")

    def test_connecting_while_it_restarts(self):
        self.configure(a="fake")
        with self.make_testbed() as bed:
            bed.kill("gateway")
            wait_for(lambda: bed.service("gateway").pid is None, "it is dead")
            self.assertEqual(launcher.nut_request(bed.port, "PID")[1], "OK Goodbye")

    def test_restarts(self):
        self.configure(a="fake")
        with self.make_testbed() as bed:
            for name in ("fake", "bus"):
                pid = bed.kill(name)
                wait_for(lambda: bed.service(name).ready and bed.service(name).pid != pid, f"{name} is back")
                self.assertEqual(bed.service(name).starts, 2)
            self.assertTrue(os.path.exists(os.path.join(bed.directory, "bus")))

    def test_restart_delay_grows(self):
        self.configure(a="fake-fails", b="fake")
        bed = self.make_testbed()
        self.addCleanup(bed.close, check=False)
        bed.wait_log("fake-fails: cannot do it")
        bed.wait_log("launcher: fake-fails ended with exit status 1")
        service = bed.service("fake-fails")
        wait_for(lambda: service.starts == 3 and service.pid is None, "two restarts")
        self.assertGreater(service.restart_delay, 2.0)
        with self.assertRaisesRegex(AssertionError, "fake-fails ended with 1"):
            bed.close()

    def test_stubborn(self):
        self.configure(a="fake-stubborn")
        bed = self.make_testbed()
        pid = bed.service("fake-stubborn").pid
        began = time.monotonic()
        bed.close()
        self.assertLess(time.monotonic() - began, 2.0)
        self.assertFalse(is_running(pid))

    def test_reload(self):
        self.configure(a="fake", b="fake-stubborn")
        with self.make_testbed() as bed:
            bed.wait_log("fake: state in")
            bed.reload()
            bed.wait_log("fake: reloaded")
            bed.wait_log("gateway: reloaded")
            self.configure(a="fake")
            bed.reload()
            wait_for(lambda: bed.service("fake-stubborn") is None, "the driver that nobody names is gone")
            self.configure(a="fake", c="fake-stubborn")
            bed.reload()
            wait_for(lambda: bed.service("fake-stubborn").ready, "a driver is added")
            self.assertEqual(bed.service("fake").starts, 1)
            os.rename(self.config, self.config + ".away")
            bed.reload()
            bed.wait_log("launcher: .* is not a directory; not reloaded")
            os.rename(self.config + ".away", self.config)
            self.assertEqual({s.starts for s in bed.launcher.supervisor.services.values()}, {1})


class TestProgram(FakeBuild):
    def start(self, *arguments, **options):
        process = subprocess.Popen([os.path.join(TOOLS, "launcher.py"), "--build", self.build, *arguments],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, **options)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.terminate()
        process.communicate()

    def ready(self, process):
        match = re.fullmatch(r"ready: 127\.0\.0\.1:(\d+)\n", process.stdout.readline())
        self.assertTrue(match)
        lines = iter(process.stdout.readline, "Ctrl-C ends it all.\n")
        export = "export DBUS_SYSTEM_BUS_ADDRESS="
        bus = next(line.strip().removeprefix(export) for line in lines if export in line)
        return int(match[1]), bus.removeprefix("unix:path=")

    def children(self, process):
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as f:
            return [int(pid) for pid in f.read().split()]

    def check_gone(self, process, children, bus):
        wait_for(lambda: not any(is_running(pid) for pid in children), "no process is left")
        self.assertFalse(os.path.exists(os.path.dirname(bus)))

    def test_signals(self):
        self.configure(a="fake")
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                process = self.start("--config", self.config)
                _, bus = self.ready(process)
                children = self.children(process)
                self.assertEqual(len(children), 3)
                began = time.monotonic()
                process.send_signal(number)
                self.assertEqual(process.wait(10), 0)
                self.assertLess(time.monotonic() - began, 2.0)
                self.check_gone(process, children, bus)

    def test_killed(self):
        """What cannot be caught leaves a directory, but no process."""
        self.configure(a="fake")
        process = self.start("--config", self.config)
        _, bus = self.ready(process)
        self.addCleanup(shutil.rmtree, os.path.dirname(bus))
        children = self.children(process)
        process.kill()
        wait_for(lambda: not any(is_running(pid) for pid in children), "no process is left")

    def test_port(self):
        self.configure(a="fake")
        with socket.create_server(("127.0.0.1", 0)) as s:
            taken = s.getsockname()[1]
            process = self.start("--config", self.config, "--port", str(taken))
            self.assertEqual(process.wait(20), 1)
            self.assertIn(f"cannot listen on port {taken}: Address already in use. With --port 0",
                          process.stderr.read())
        process = self.start("--config", self.config, "--port", str(taken))
        self.assertEqual(self.ready(process)[0], taken)

    def test_default_port(self):
        """NUT's if it is free; which it is not for the second one, whoever has it."""
        self.configure(a="fake")
        first, _ = self.ready(self.start("--config", self.config))
        second, _ = self.ready(self.start("--config", self.config))
        self.assertNotEqual(first, second)

    def test_ports(self):
        """The first one that is free."""
        def port_of(*ports):
            tested = launcher.Launcher(self.build, self.config, ports)
            self.addCleanup(shutil.rmtree, tested.directory)
            tested._listen()
            with tested._listener as s:
                return s.getsockname()[1]

        with socket.create_server(("127.0.0.1", 0)) as s:
            taken = s.getsockname()[1]
            self.assertNotEqual(port_of(taken, 0), taken)
            with self.assertRaisesRegex(launcher.LauncherError, f"cannot listen on port {taken}: Address"):
                port_of(taken)
        self.assertEqual(port_of(taken, 0), taken)

    def test_mistakes(self):
        for arguments, message in (
            (["--config", "/nonexistent"], "/nonexistent is not a directory"),
            (["--config", self.config], "has no ups.conf"),
        ):
            process = self.start(*arguments)
            self.assertEqual(process.wait(10), 1)
            self.assertIn(message, process.stderr.read())
        os.unlink(os.path.join(self.build, "src/gateway/busbar-gateway"))
        self.configure(a="fake")
        process = self.start("--config", self.config)
        self.assertEqual(process.wait(10), 1)
        self.assertIn("build it first", process.stderr.read())

    def test_sighup_reloads(self):
        self.configure(a="fake")
        process = self.start("--config", self.config)
        self.ready(process)
        process.send_signal(signal.SIGHUP)
        lines = iter(process.stderr.readline, "")
        self.assertIn("launcher: reloading\n", lines)
        self.assertTrue(any("reloaded" in line for line in lines))
        self.assertIsNone(process.poll())

    def test_terminal_goes(self):
        self.configure(a="fake")
        master, slave = os.openpty()
        pid = os.fork()
        if pid == 0:
            self.become_terminal(slave)
            os.execv(os.path.join(TOOLS, "launcher.py"),
                     ["launcher.py", "--build", self.build, "--config", self.config])
        os.close(slave)
        output = b""
        while b"Ctrl-C" not in output:
            output += os.read(master, 4096)
        bus = re.search(rb"unix:path=(\S+)", output)[1].decode()
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            children = [int(p) for p in f.read().split()]
        os.close(master)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        wait_for(lambda: not any(is_running(p) for p in children), "no process is left")
        self.assertFalse(os.path.exists(os.path.dirname(bus)))

    @staticmethod
    def become_terminal(slave):
        import fcntl
        import termios
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)


if __name__ == "__main__":
    unittest.main()
