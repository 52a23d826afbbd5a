#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""upslog beside stock's, and what is newer in it; recordings of nut-recorder, played by both dummy-ups."""

import contextlib
import os
import pwd
import re
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "gateway"))

from certificates import Authority  # noqa: E402
from clientlib import NOISE, OURS, STOCK, ScriptedServer, environment, program, run_client
from testlib import NutConnection, StockServer, Testbed, TestCase, free_port, wait_for

CONFIG = {
    "ups.conf": "".join(f"[{name}]\n\tdriver = dummy-ups\n\tport = ups.dev\n" for name in ("ups", "second")),
    "ups.dev": "ups.status: OL CHRG\nbattery.charge: 87\nups.load: 23\n",
    "upsd.conf": "MAXAGE 15\n",
    "upsd.users": "",
}

# The first line that each of these gives is the same. {} is the UPS.
FORMATS = (
    None, "%VAR ups.status%", "text %% %VAR ups.load% %VAR no.such%", "[%UPSHOST%] %HOST%",
    "%VAR% %VAR nodot%",
    "%NOSUCH x% %", "%TIME @@ fixed% %time text%", "%var ups.status%%VARIOUS battery.charge%",
    "%HOSTNAME% %UPSHOSTS%", "open %VAR ups.status", "", "tab\there",
)


def read(path):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read()
    except FileNotFoundError:
        return ""


class Logging(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Testbed(CONFIG))
        cls.host = f"127.0.0.1:{cls.server.port}"
        cls.ups = f"ups@{cls.host}"

    def setUp(self):
        self.directory = self.enter(tempfile.TemporaryDirectory(prefix="busbar-upslog-"))
        os.chmod(self.directory, 0o777)
        self.log = os.path.join(self.directory, "log")
        self.pid_file = os.path.join(self.directory, "upslog.pid")

    @contextlib.contextmanager
    def upslog(self, *arguments, whose=OURS):
        """A process that has its PID file, and is ended; its outputs are kept in files."""
        out, err = (open(os.path.join(self.directory, n), "w+", encoding="utf-8") for n in ("out", "err"))
        with out, err, subprocess.Popen(
                ["upslog", *arguments], executable=program("upslog", whose), stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err, env=environment(NUT_ALTPIDPATH=self.directory)) as p:
            try:
                yield p
            finally:
                with contextlib.suppress(ProcessLookupError):
                    p.terminate()
                p.wait()
            out.seek(0)
            err.seek(0)
            self.stdout, self.stderr = out.read(), err.read().replace(NOISE, "")

    def lines(self, n, path=None):
        """Waits until there are at least so many."""
        return wait_for(lambda: len(t := read(path or self.log).splitlines()) >= n and t, f"{n} lines")

    def first_line(self, whose, *arguments):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.log)
        with self.upslog("-F", "-s", self.ups, "-l", self.log, "-i", "1", "-p", self.pid_file, *arguments,
                         whose=whose) as p:
            line = self.lines(1)[0]
            pid = wait_for(lambda: read(self.pid_file).strip(), "a PID file")
            self.assertEqual(int(pid), p.pid)
        return line.replace(pid, "PID"), self.stdout, self.stderr, p.returncode

    def test_as_stock(self):
        for text in FORMATS:
            with self.subTest(text):
                options = () if text is None else ("-f", text)
                ours, stock = self.first_line(OURS, *options), self.first_line(STOCK, *options)
                # The time of the default format.
                ours, stock = ((re.sub(r"^\d{8} \d{6} ", "", r[0]), *r[1:]) for r in (ours, stock))
                self.assertEqual(ours, stock)
                self.assertEqual(ours[3], 0)

    def test_usage_as_stock(self):
        for arguments in (("-s", self.ups), ("-l", self.log), (), ("-l", self.log, "-s", "ups@127.0.0.1:x")):
            ours, stock = (run_client(w, "upslog", *arguments) for w in (OURS, STOCK))
            self.assertEqual(ours.status, stock.status)
            self.assertEqual(ours.stdout.split("logging")[0], stock.stdout.split("logging")[0])
            self.assertEqual(ours.stderr, re.sub("(?m)^upscli.*\n", "", stock.stderr))
        bad = ("-s", "ups@127.0.0.1:1", "-l", os.path.join(self.directory, "no", "log"))
        ours, stock = (run_client(w, "upslog", *bad) for w in (OURS, STOCK))
        self.assertEqual(ours, stock)
        for arguments in (("-i", "0"), ("-i", "x"), ("-d", "0"), ("-m", "ups"), ("-m", "a,b,c"), ("ups",
                                                                                                  "file")):
            self.assertEqual(run_client(OURS, "upslog", *arguments, "-f", "x").status, 1, arguments)

    def test_count_and_old_arguments(self):
        result = run_client(OURS, "upslog", "-s", self.ups, "-l", "-", "-i", "1", "-d", "2", "-f",
                            "%VAR ups.load%",
                            NUT_ALTPIDPATH=self.directory)
        self.assertEqual(tuple(result), (
            f"Network UPS Tools upslog 2.8.0\nlogging status of {self.ups} to - (1s intervals)\n23\n23\n",
            "", 0))
        result = run_client(OURS, "upslog", "-d", "1", self.ups, "-", "1", "a", "%VAR ups.load%",
                            NUT_ALTPIDPATH=self.directory)
        self.assertRegex(result.stdout, "\na 23\n$")
        self.assertFalse(os.path.exists(self.pid_file))

    def test_many(self):
        """Several, and all of a host, each in its file, with the UPS in front."""
        other = os.path.join(self.directory, "other")
        result = run_client(OURS, "upslog", "-m", f"*@{self.host},{self.log}", "-m",
                            f"second@{self.host},{other}",
                            "-m", f"ups@{self.host},{other}", "-N", "-f", "%VAR ups.load%%t%ETIME%", "-d",
                            "1", "-F",
                            NUT_ALTPIDPATH=self.directory)
        self.assertEqual(result.status, 0)
        self.assertRegex(read(self.log), rf"^ups@{self.host}\t23\t\d+\nsecond@{self.host}\t23\t\d+\n$")
        self.assertRegex(read(other), rf"^second@{self.host}\t23\t\d+\nups@{self.host}\t23\t\d+\n$")
        result = run_client(OURS, "upslog", "-s", "*@127.0.0.1:1", "-l", "-")
        self.assertRegex(result.stderr, "Error: Connection failure: Connection refused\n$")
        self.assertEqual(result.status, 1)

    def test_server_of_odd_names(self):
        """A server whose UPS is called * does not make us ask for ever."""
        with ScriptedServer([("STARTTLS", "ERR X\n"), ("LIST UPS",
                                                       'BEGIN LIST UPS\nUPS * "x"\nEND LIST UPS\n'),
                             ("GET VAR .*", "ERR UNKNOWN-UPS\n")]) as server:
            result = run_client(OURS, "upslog", "-m", f"*@127.0.0.1:{server.port},-", "-d", "1", "-f",
                                "%UPSHOST% %VAR a.b%", NUT_ALTPIDPATH=self.directory)
            self.assertRegex(result.stdout, rf"\n\*@127\.0\.0\.1:{server.port} NA\n$")

    def test_signals(self):
        with self.upslog("-F", "-s", self.ups, "-l", self.log, "-i", "3600", "-f", "%VAR ups.load%") as p:
            self.lines(1)
            for n in (2, 3):
                p.send_signal(signal.SIGUSR1)
                self.lines(n)
            moved = self.log + ".1"
            os.rename(self.log, moved)
            p.send_signal(signal.SIGHUP)
            wait_for(lambda: os.path.exists(self.log), "a new log file")
            p.send_signal(signal.SIGUSR1)
            self.lines(1)
        self.assertEqual(read(moved), "23\n23\n23\n")
        self.assertEqual(self.stderr, "Signal 1: reopening log file\nSignal 15: exiting\n")
        self.assertEqual(p.returncode, 0)

    def test_background(self):
        """The PID file stands when the log has its first line; at the end it is gone."""
        result = run_client(OURS, "upslog", "-s", self.ups, "-l", self.log, "-i", "3600",
                            NUT_ALTPIDPATH=self.directory)
        self.assertEqual((result.stderr, result.status), ("", 0))
        self.lines(1)
        pid = int(read(self.pid_file))
        if os.geteuid() == 0:
            self.assertNotEqual(os.stat(f"/proc/{pid}").st_uid, 0)
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"), "the end")
        self.assertFalse(os.path.exists(self.pid_file) and os.access(self.directory, os.W_OK) and
                         os.geteuid() != 0)

    def test_pid_file_is_no_file(self):
        """Whatever is there stays, and nobody waits for it."""
        os.mkfifo(self.pid_file)
        link, device = (os.path.join(self.directory, n) for n in ("link", "null"))
        os.symlink("/nonexistent", link)
        os.symlink("/dev/null", device)
        for path in (self.pid_file, link, device, "/dev/null", self.directory):
            with self.subTest(path):
                before = os.lstat(path)
                result = run_client(OURS, "upslog", "-F", "-s", self.ups, "-l", "-", "-d", "1", "-f", "x",
                                    "-p", path)
                self.assertEqual((result.stdout.splitlines()[-1], result.status), ("x", 0))
                self.assertEqual(result.stderr, f"Cannot write the PID file {path}: There is something that "
                                                "is no regular file\n")
                self.assertEqual((os.lstat(path).st_ino, os.lstat(path).st_mode),
                                 (before.st_ino, before.st_mode))

    def test_pid_file_of_another(self):
        """The first one's end leaves the second one's file, whose start is warned of it."""
        arguments = ("-F", "-s", self.ups, "-l", self.log, "-i", "3600", "-p", self.pid_file)
        with self.upslog(*arguments) as first:
            wait_for(lambda: read(self.pid_file) == f"{first.pid}\n", "a PID file")
            with self.upslog(*arguments) as second:
                wait_for(lambda: read(self.pid_file) == f"{second.pid}\n", "another PID file")
                self.assertRegex(read(os.path.join(self.directory, "err")),
                                 rf"^Warning: the PID file {self.pid_file} is that of process {first.pid}, ")
                first.terminate()
                self.assertEqual(first.wait(), 0)
                self.assertEqual(read(self.pid_file), f"{second.pid}\n")
        # A file that was left behind is nobody's.
        with open(self.pid_file, "w", encoding="ascii") as f:
            f.write(f"{os.getpid()}\n")
        with self.upslog(*arguments) as p:
            wait_for(lambda: read(self.pid_file) == f"{p.pid}\n", "a PID file")
        self.assertNotIn("Warning", self.stderr)

    def test_full_disk(self):
        """Is said once, and is a failure when lines are counted; a file that works again is mentioned."""
        log = os.path.join(self.directory, "full")
        os.symlink("/dev/full", log)
        result = run_client(OURS, "upslog", "-F", "-s", self.ups, "-l", log, "-i", "1", "-d", "2", "-p",
                            self.pid_file)
        failure = f"could not write to logfile {log}: No space left on device; trying on\n"
        self.assertEqual((result.stderr, result.status), (failure, 1))
        with self.upslog("-F", "-s", self.ups, "-l", log, "-i", "3600", "-f", "%PID%") as p:
            wait_for(lambda: failure in read(os.path.join(self.directory, "err")), "the message")
            os.unlink(log)
            p.send_signal(signal.SIGHUP)
            wait_for(lambda: os.path.exists(log), "a new log file")
            p.send_signal(signal.SIGUSR1)
            self.assertEqual(self.lines(1, log), [f"{p.pid}"])
            wait_for(lambda: "again" in read(os.path.join(self.directory, "err")), "the message")
        self.assertEqual(self.stderr, f"{failure}Signal 1: reopening log file\n"
                                      f"logfile {log} can be written to again\nSignal 15: exiting\n")

    def auth(self, text):
        path = os.path.join(self.directory, "nutauth.conf")
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, 0o600)
        return path

    def test_account_is_no_user_of_the_server(self):
        """-u does not choose the section of nutauth.conf."""
        with ScriptedServer([("STARTTLS", "ERR X\n"), ("GET .*", 'VAR a a.b "in clear"\n')]) as server:
            path = self.auth(f"[alice@127.0.0.1:{server.port}]\n\tFORCESSL = yes\n")
            account = pwd.getpwuid(os.geteuid()).pw_name
            result = run_client(OURS, "upslog", "-u", account, "-A", path, "-F", "-s",
                                f"a@127.0.0.1:{server.port}", "-l", "-", "-d", "1", "-f", "%VAR a.b%", "-p",
                                self.pid_file)
        self.assertIn("SSL is not available", result.stderr)
        self.assertEqual(result.stdout.splitlines()[-1], "NA")
        self.assertEqual(set(server.requests), {"STARTTLS"})

    def test_certificates_for_root_only(self):
        """They are read before root is given up, and serve all connections after that."""
        authority = Authority(os.path.join(self.directory, "pki"))
        server = authority.make("server")
        own = authority.make("client")
        config = {**CONFIG, "upsd.conf": f"MAXAGE 15\nCERTFILE {server}\nCERTPATH {authority.path}\n"
                                         "CERTREQUEST 2\n"}
        path = self.auth(f"CERTVERIFY = yes\nCERTPATH = {authority.path}\nCERTFILE = {own}\n")
        with Testbed(config) as bed:
            for secret in (own, authority.path):
                os.chmod(secret, 0o600)
            # A connection for each line.
            with self.upslog("-F", "-A", path, "-s", f"ups@127.0.0.1:{bed.port}", "-l", self.log, "-i",
                             "3600", "-f", "%VAR ups.load%") as p:
                for n in (1, 2, 3):
                    self.assertEqual(set(self.lines(n)), {"23"})
                    if os.geteuid() == 0:
                        self.assertNotEqual(os.stat(f"/proc/{p.pid}").st_uid, 0)
                    else:
                        os.chmod(own, 0)
                    p.send_signal(signal.SIGUSR1)

    def test_server_comes_later(self):
        """What cannot be had is NA, until it can."""
        port = free_port()
        with self.upslog("-F", "-s", f"ups@127.0.0.1:{port}", "-l", self.log, "-i", "1", "-f",
                         "%VAR ups.load%"):
            self.lines(1)
            script = [("STARTTLS", "ERR X\n"), ("GET VAR ups ups.load", [*2 * ['VAR ups ups.load "5"\n'],
                                                                         None])]
            with ScriptedServer(script, port=port):
                wait_for(lambda: "5\n5\nNA\n" in read(self.log), "values, and NA when it hangs up")
        self.assertRegex(read(self.log), "^NA\n")
        self.assertRegex(self.stderr,
                         "^Warning: initial connect failed: Connection failure: Connection refused\n")

    def test_ends_while_a_server_is_silent(self):
        with ScriptedServer([("STARTTLS", "ERR X\n"), ("GET .*", "")]) as server:
            with self.upslog("-F", "-s", f"a@127.0.0.1:{server.port}", "-l", self.log, "-f",
                             "%VAR a.b%") as p:
                wait_for(lambda: "GET VAR a a.b" in server.requests, "a question")
                p.terminate()
                p.wait()
                self.assertEqual(p.returncode, 0)
            self.assertEqual(read(self.log), "")


def listing(ups, values):
    lines = "".join(f'VAR {ups} {k} "{v}"\n' for k, v in values.items())
    return f"BEGIN LIST VAR {ups}\n{lines}END LIST VAR {ups}\n"


class Recording(TestCase):
    STATES = [
        {"battery.charge": "100", "ups.status": "OL", "ups.temperature": "25"},
        {"battery.charge": "100", "ups.status": "OL", "ups.temperature": "25"},
        {"battery.charge": "93", "battery.runtime": "600", "ups.status": "OB DISCHRG"},
        {"battery.charge": "95", "battery.runtime": "600", "ups.status": "OL CHRG"},
    ]
    RECORDED = re.compile(
        r"# A sequence [^\n]*\n\nbattery\.charge: 100\nups\.status: OL\nups\.temperature: 25\n"
        r"TIMER \d+\nups\.temperature:\nbattery\.charge: 93\n"
        r"battery\.runtime: 600\nups\.status: OB DISCHRG\n"
        r"TIMER \d+\nbattery\.charge: 95\nups\.status: OL CHRG\n")

    def record(self):
        directory = self.enter(tempfile.TemporaryDirectory(prefix="busbar-recorder-"))
        path = os.path.join(directory, "rec.seq")
        # In between the server fails, which is no change.
        answers = [listing("u", s) for s in self.STATES]
        answers[2:2] = [None, "ERR DATA-STALE\n"]
        script = [("STARTTLS", "ERR X\n"), ("LIST VAR u", answers)]
        with ScriptedServer(script) as server, subprocess.Popen(
                ["nut-recorder", f"u@127.0.0.1:{server.port}", path, "1"],
                executable=program("nut-recorder"),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()) as p:
            wait_for(lambda: self.RECORDED.fullmatch(read(path)), "the recording", 60)
            p.send_signal(signal.SIGINT)
            stdout, stderr = p.communicate()
        self.assertEqual(stdout, read(path))
        self.assertEqual(stderr, "u: Server disconnected; trying again\n")
        self.assertEqual(p.returncode, 0)
        return read(path)

    def test_recording(self):
        """It is played by ours and by stock's."""
        text = self.record()
        config = {"ups.conf": "[u]\n\tdriver = dummy-ups\n\tport = rec.seq\n\tmode = dummy-once\n",
                  "rec.seq": text,
                  "upsd.conf": "", "upsd.users": ""}
        for serve in (Testbed, StockServer):
            with self.subTest(serve.__name__), serve(config) as server, NutConnection(server.port) as c:
                wait_for(lambda: c.ask("GET VAR u ups.status") == 'VAR u ups.status "OL CHRG"',
                         "the last state", 60)
                self.assertEqual(c.ask("GET VAR u battery.charge"), 'VAR u battery.charge "95"')
                self.assertIn(c.ask("GET VAR u ups.temperature"),
                              ("ERR VAR-NOT-SUPPORTED", 'VAR u ups.temperature ""'))

    def test_failures(self):
        result = run_client(OURS, "nut-recorder", "u@127.0.0.1:1", "/nonexistent/file")
        self.assertEqual(tuple(result), ("", "Error: Connection failure: Connection refused\n", 1))
        with ScriptedServer([("STARTTLS", "ERR X\n"), ("LIST VAR u", listing("u", {"a.b": 1}))]) as server:
            result = run_client(OURS, "nut-recorder", f"u@127.0.0.1:{server.port}", "/nonexistent/file")
            self.assertEqual((result.stderr, result.status), (
                "Error: cannot write /nonexistent/file: No such file or directory\n", 1))
        for arguments in ((), ("a", "b", "0"), ("a", "b", "1", "c")):
            self.assertEqual(run_client(OURS, "nut-recorder", *arguments).status, 1)


if __name__ == "__main__":
    unittest.main()
