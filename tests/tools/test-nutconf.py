#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""nutconf: what it writes, what it leaves alone, and what it refuses."""

import fcntl
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

from testlib import TestCase, build_directory  # noqa: E402

NUTCONF = os.path.join(build_directory(), "src", "tools", "nutconf", "nutconf")

UPSMON = """# watch \xe4
MONITOR old@localhost 1 u "p w" primary  # this one

MINSUPPLIES 1
\tNOTIFYFLAG ONLINE SYSLOG\t# quiet
#NOTIFYFLAG ONBATT EXEC
"""


class Server(socketserver.StreamRequestHandler):
    """A NUT server with one UPS."""

    def handle(self):
        for line in self.rfile:
            if line == b"LIST UPS\n":
                self.wfile.write(b'BEGIN LIST UPS\nUPS box "A box"\nEND LIST UPS\n')
            else:
                self.wfile.write(b"ERR UNKNOWN-COMMAND\n")


class TestNutconf(TestCase):
    def setUp(self):
        self.directory = self.enter(tempfile.TemporaryDirectory())

    def put(self, name, text, mode=0o640):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(text)
        os.chmod(path, mode)

    def get(self, name):
        with open(os.path.join(self.directory, name), encoding="utf-8", newline="") as f:
            return f.read()

    def call(self, *arguments, status=0, err="", stdin=""):
        result = subprocess.run([NUTCONF, "--local", self.directory, *arguments], input=stdin, text=True,
                                capture_output=True, check=False, timeout=60)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        self.assertRegex(result.stderr, err if err else "^$")
        self.assertEqual([n for n in os.listdir(self.directory) if n.startswith(".")], [])
        return result.stdout

    def test_mode(self):
        self.assertEqual(self.call("--get-mode"), "unknown\n")
        self.assertEqual(self.call("--is-configured", status=1), "false\n")
        self.put("nut.conf", "# first\n\nMODE=none # say\nPOWEROFF_WAIT=10\n", 0o604)
        self.assertEqual(self.call("--get-mode"), "none\n")
        self.assertEqual(self.call("--set-mode", "netserver"), "")
        self.assertEqual(self.get("nut.conf"), "# first\n\nMODE=netserver # say\nPOWEROFF_WAIT=10\n")
        self.assertEqual(os.stat(os.path.join(self.directory, "nut.conf")).st_mode & 0o777, 0o604)
        self.assertEqual(self.call("--get-mode"), "netserver\n")
        self.assertEqual(self.call("--is-configured"), "true\n")
        self.call("--set-mode", "nonsense", status=1, err='Unknown NUT mode: "nonsense"')

    def test_monitors(self):
        self.put("upsmon.conf", UPSMON, 0o644)
        self.call("--add-monitor", "far", "nas.example:3494", "0", "me", "s#cret", "secondary")
        expected = UPSMON.replace("this one\n",
                                  'this one\nMONITOR far@nas.example:3494 0 me "s\\#cret" secondary\n')
        self.assertEqual(self.get("upsmon.conf"), expected)
        self.assertEqual(os.stat(os.path.join(self.directory, "upsmon.conf")).st_mode & 0o777, 0o640)

        self.call("--set-monitor", "a", "localhost", "1", "-", "-", "master",
                  "--set-monitor", "b", "[::1]:3493", "1", "-", "-", "slave")
        text = self.get("upsmon.conf")
        self.assertNotIn("old@", text)
        self.assertIn("# this one\n", text)
        self.assertIn("MONITOR a@localhost 1 - - master\nMONITOR \"b@[::1]:3493\" 1 - - slave\n", text)

    def test_monitor_twice(self):
        self.put("upsmon.conf", UPSMON)
        again = ["--add-monitor", "old", "localhost:3493", "1", "u", "p w"]
        self.assertEqual(self.call(*again, "master"), "")
        self.assertEqual(self.call(*again, "primary", "-v"), "MONITOR old@localhost:3493 is there already\n")
        self.call(*again, "secondary", status=1, err="would be refused: .*is there already")
        self.assertEqual(self.get("upsmon.conf"), UPSMON)

    def test_duplicates(self):
        """One line is left of what the reader takes for the same, and it is the new one."""
        self.put("upsmon.conf", "NOTIFYFLAG online EXEC\nMINSUPPLIES 1 # why\nMINSUPPLIES 1\n"
                                "NOTIFYFLAG ONLINE WALL\nminsupplies 5\n")
        self.call("--set-minsupplies", "0", "--set-notifyflags", "ONLINE", "SYSLOG")
        self.assertEqual(self.get("upsmon.conf"),
                         "# why\nMINSUPPLIES 0\nNOTIFYFLAG ONLINE SYSLOG\nminsupplies 5\n")

        self.put("upsd.users", "[Admin]\nPASSWORD = old\nActions = fsd set\n[admin]\nPassword=x\n[Admin]\n"
                               "\tpassword old2\nupsmon slave\nUPSMON = slave\n")
        self.call("--add-user", "Admin", "password=new", "actions=SET", "instcmds=ALL", "upsmon=primary")
        self.assertEqual(self.get("upsd.users"),
                         "[Admin]\nActions = fsd set\n[admin]\nPassword=x\n[Admin]\n\tpassword = new\n"
                         "upsmon primary\ninstcmds = ALL\n")

        # Of a device the first section counts, and the last line in it.
        self.put("ups.conf", "[a]\ndriver = x\nport = 1\nport = 2\nPort = 3\n[A]\ndriver = y\nport = 4\n"
                             "[a]\nport = 5\n")
        self.call("--add-device", "A", "dummy-ups", "a.dev", "mode=dummy-once")
        self.assertEqual(self.get("ups.conf"),
                         "[a]\ndriver = dummy-ups\nport = a.dev\nPort = 3\nmode = dummy-once\n"
                         "[A]\ndriver = y\nport = 4\n[a]\nport = 5\n")

    def test_monitor_refused(self):
        self.put("upsmon.conf", UPSMON)
        for words, err in ((("a", "h:x", "1", "u", "p", "primary"), "host specification"),
                           (("a", "h", "x", "u", "p", "primary"), 'power value "x"'),
                           (("a", "h", "1", "u", "p", "boss"), '"boss"'),
                           (("a", "h", "1", "u", "p\xe4", "primary"), "cannot be written"),
                           (("a", "h", "1", "u"), "requires exactly 6"),
                           (("a", "h", "1", "u", "p", "primary", "--set-monitor") + ("x",) * 6, "both")):
            self.call("--add-monitor", *words, status=1, err=err)
        self.assertEqual(self.get("upsmon.conf"), UPSMON)

    def test_notices(self):
        self.put("upsmon.conf", UPSMON)
        self.call("--add-notifyflags", "online", "EXEC", "--add-notifyflags", "ONBATT", "EXEC",
                  "--set-notifyflags", "SUSPEND_TIMEJUMP_UNEXPECTED", "IGNORE",
                  "--set-notifymsg", "SHUTDOWN_HOSTSYNC", 'wait "%s"', "--set-notifycmd", "/bin/tell all",
                  "--set-shutdowncmd", "/sbin/shutdown -h +0", "--set-minsupplies", "2",
                  "--set-powerdownflag", "/etc/killpower", err="Note: .*MINSUPPLIES is 2, but")
        self.assertEqual(self.get("upsmon.conf"), UPSMON.replace("MINSUPPLIES 1", "MINSUPPLIES 2").replace(
            "ONLINE SYSLOG\t# quiet\n",
            "ONLINE SYSLOG+EXEC\t# quiet\nNOTIFYFLAG ONBATT SYSLOG+WALL+EXEC\n"
            "NOTIFYFLAG SUSPEND_TIMEJUMP_UNEXPECTED IGNORE\n") +
            'NOTIFYMSG SHUTDOWN_HOSTSYNC "wait \\"%s\\""\nNOTIFYCMD "/bin/tell all"\n'
            'SHUTDOWNCMD "/sbin/shutdown -h +0"\nPOWERDOWNFLAG /etc/killpower\n')
        self.call("--set-notifyflags", "NOSUCH", "WALL", status=1, err="notification type.*NOSUCH")
        self.call("--set-notifyflags", "ONLINE", "LOUD", status=1, err='"LOUD"')
        self.call("--set-minsupplies", "many", status=1, err="power supplies")
        kinds = subprocess.run([NUTCONF, "--help"], capture_output=True, text=True, check=True).stdout
        for kind in ("SHUTDOWN_HOSTSYNC", "SUSPEND_TIMEJUMP_UNEXPECTED", "NOTECO"):
            self.assertIn(kind, kinds)

    def test_listen(self):
        self.put("upsd.conf", "# on\r\nLISTEN 127.0.0.1\r\nMAXAGE 20")
        self.call("--add-listen", "192.0.2.1", "3494")
        self.assertEqual(self.get("upsd.conf"),
                         "# on\r\nLISTEN 127.0.0.1\r\nLISTEN 192.0.2.1 3494\r\nMAXAGE 20")
        self.call("--set-listen", "::1")
        self.assertEqual(self.get("upsd.conf"), "# on\r\nMAXAGE 20\r\nLISTEN ::1\r\n")
        # What is there already is not there twice, however it is spelt.
        self.assertEqual(self.call("--add-listen", "0:0::1", "3493", "--add-listen", "[::1]", "-v"),
                         "LISTEN 0:0::1 is there already\nLISTEN [::1] is there already\n")
        self.call("--add-listen", "no such", status=1, err="would be refused")
        self.call("--add-listen", "::1", "99999", status=1, err="port")
        self.assertEqual(self.get("upsd.conf"), "# on\r\nMAXAGE 20\r\nLISTEN ::1\r\n")

    def test_devices(self):
        text = "maxretry = 3\n\n[a]\n    driver = usbhid-ups # hid\n    port = auto\n    # its serial\n"
        self.put("ups.conf", text)
        self.call("--add-device", "A", "nutdrv_qx", "/dev/ttyS0", "desc=My UPS", "nolock")
        self.assertEqual(self.get("ups.conf"), text.replace("usbhid-ups", "nutdrv_qx").replace(
            "auto\n", 'auto\n    desc = "My UPS"\n    nolock\n').replace("auto", "/dev/ttyS0"))
        self.call("--add-device", "b", "dummy-ups", "b.dev")
        self.assertTrue(self.get("ups.conf").endswith(
            "    # its serial\n\n[b]\n\tdriver = dummy-ups\n\tport = b.dev\n"))
        self.call("--set-device", "c", "dummy-ups", "c.dev")
        self.assertEqual(self.get("ups.conf"), "maxretry = 3\n\n    # hid\n    # its serial\n\n"
                                               "[c]\n\tdriver = dummy-ups\n\tport = c.dev\n")
        self.call("--add-device", "x y", "d", "p", status=1, err="name of a device")
        self.call("--add-device", "x", "d", status=1, err="at least 3")

    def test_users(self):
        self.call("--add-user", "admin", "password=pa ss", "actions=SET", "actions=FSD", "instcmds=ALL",
                  "--add-user", "upsmon=primary", "password=x")
        users = ('[admin]\n\tpassword = "pa ss"\n\tactions = SET\n\tactions = FSD\n\tinstcmds = ALL\n\n'
                 "[upsmon]\n\tpassword = x\n\tupsmon primary\n")
        self.assertEqual(self.get("upsd.users"), users)
        self.assertEqual(os.stat(os.path.join(self.directory, "upsd.users")).st_mode & 0o777, 0o640)
        self.call("--add-user", "admin", "password=-", "actions=SET", "--passwords", "-",
                  stdin="from=here\n")
        self.assertEqual(self.get("upsd.users"), users.replace('"pa ss"', '"from=here"'))
        self.call("--add-user", "admin", "password=-", "--passwords", "-", status=1, err="--passwords")
        self.call("--add-user", "upsmon", status=1, err="requires monitor mode")
        self.call("--add-user", "x", "secret", status=1, err="Illegal user attribute specification: it")
        self.call("--add-user", "x", "shoe=42", status=1, err='Unknown user attribute: "shoe"')

    def test_secrets(self):
        """Those of devices and of searches need not be on the command line either."""
        self.put("words", "c#1\na b\npw\n", 0o600)
        self.call("--add-device", "s", "snmp-ups", "192.0.2.1", "community=-", "authPassword=-",
                  "--add-user", "u", "password=-", "--passwords", os.path.join(self.directory, "words"))
        self.assertIn('\tcommunity = "c\\#1"\n\tauthPassword = "a b"\n', self.get("ups.conf"))
        self.assertIn("password = pw\n", self.get("upsd.users"))
        self.call("--set-device", "s", "snmp-ups", "192.0.2.1", "community=-")
        self.assertIn("\tcommunity = -\n", self.get("ups.conf"))

        scan = ["--scan-snmp", "127.0.0.1", "127.0.0.1", "timeout=-", "community=-", "auth-password=-",
                "priv-password=-", "--passwords", "-"]
        self.call(*scan, status=1, stdin="1\n2\n3\n", err="not as many lines")
        # All of them are read before one is looked at.
        self.call(*scan, status=1, stdin="soon\n2\n3\n4\n", err="timeout in microseconds: soon")

    def test_lock(self):
        """Who can but read the directory holds nobody up; one like us is waited for, and not for ever."""
        directory = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        self.addCleanup(os.close, directory)
        fcntl.flock(directory, fcntl.LOCK_EX)
        self.call("--set-mode", "none")

        path = os.path.join(self.directory, ".nutconf.lock")
        with open(path, "w", encoding="ascii") as f:
            fcntl.lockf(f, fcntl.LOCK_EX)
            done = subprocess.run([NUTCONF, "--local", self.directory, "--set-mode", "manual"], text=True,
                                  capture_output=True, check=False, timeout=300)
        self.assertEqual(done.returncode, 1)
        holder = rf"process {os.getpid()}, which has locked {path}\n"
        self.assertRegex(done.stderr, f"^Waiting for {holder}Error: Nothing was changed, .* for {holder}$")
        self.assertEqual(self.get("nut.conf"), "MODE=none\n")
        # What is left of one that was killed is in nobody's way.
        self.call("--set-mode", "manual")
        self.assertEqual(self.get("nut.conf"), "MODE=manual\n")

    def test_nothing_half_done(self):
        """A file that cannot be understood stays as it is, and so do the others."""
        self.put("upsmon.conf", 'MINSUPPLIES 1\nNOTIFYMSG ONLINE "open\n')
        self.put("ups.conf", "[a]\ndriver = dummy-ups\nport = a\n")
        self.call("--add-device", "b", "dummy-ups", "b", "--set-minsupplies", "2", status=1,
                  err=r"upsmon\.conf:2: .*\n.*Failed to parse")
        self.assertEqual(self.get("ups.conf"), "[a]\ndriver = dummy-ups\nport = a\n")
        self.assertEqual(self.get("upsmon.conf"), 'MINSUPPLIES 1\nNOTIFYMSG ONLINE "open\n')

    def test_scan(self):
        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            port = server.server_address[1]
            scan = ["--scan-nut", "127.0.0.1", "127.0.0.1", str(port), "30000000"]
            found = self.call(*scan)
            sections = self.call(*scan, "-v")
            server.shutdown()
            thread.join()
        self.assertEqual(found, f"NUT dummy-ups box@127.0.0.1:{port}\n")
        self.assertIn(f'[nutdev-nut1]\n\tdriver = "dummy-ups"\n\tport = "box@127.0.0.1:{port}"\n', sections)

    def test_drop_in(self):
        self.put("upsmon.conf.d/50-own.conf", "# more\nMINSUPPLIES 3\n")
        self.call("--set-minsupplies", "0", err=r"Note: .*50-own\.conf:2 has a say about MINSUPPLIES too")

    def test_link(self):
        """What a link points to changes, and the link stays."""
        self.put("real/ups.conf", "# here\n")
        os.symlink("real/ups.conf", os.path.join(self.directory, "ups.conf"))
        self.call("--add-device", "a", "dummy-ups", "a.dev")
        self.assertTrue(os.path.islink(os.path.join(self.directory, "ups.conf")))
        self.assertIn("[a]", self.get("real/ups.conf"))
        # Drop-ins are beside the link.
        self.put("ups.conf.d/1.conf", "[a]\nport = b.dev\n")
        self.call("--add-device", "a", "dummy-ups", "c.dev", err=r"Note: .*/ups\.conf\.d/1\.conf:2 has")

    def test_link_to_nothing(self):
        """A link to what is not there yet stays as well, and one that leads nowhere is refused."""
        os.mkdir(os.path.join(self.directory, "data"))
        link = os.path.join(self.directory, "nut.conf")
        os.symlink("data/further", link)
        os.symlink("../data/real", os.path.join(self.directory, "data", "further"))
        self.call("--set-mode", "manual")
        self.assertTrue(os.path.islink(link))
        self.assertTrue(os.path.islink(os.path.join(self.directory, "data", "further")))
        self.assertEqual(self.get("data/real"), "MODE=manual\n")

        for target in ("nut.conf", "none/nut.conf", "data/real/nut.conf"):
            os.unlink(link)
            os.symlink(target, link)
            self.call("--set-mode", "none", status=1, err=r"where .*/nut\.conf leads to: ")
            self.assertEqual(os.readlink(link), target)

    def test_command_line(self):
        for arguments, err in ((["--nonsense"], "Unknown option: --nonsense"),
                               (["-x"], "Unknown option: -x"),
                               (["-v", "word"], "Unexpected argument: word"),
                               (["--set-mode"], "requires an argument"),
                               (["--get-mode", "--get-mode"], "more than once"),
                               (["--scan-nut", "127.0.0.1", "127.0.0.1", "port"], "port"),
                               (["--scan-snmp", "127.0.0.1", "127.0.0.1", "what=x"], "attribute: what")):
            self.call(*arguments, status=1, err=err)
        self.assertEqual(os.listdir(self.directory), [])
        self.assertRegex(self.call("-V"), r"^Network UPS Tools nutconf \S+ \(Busbar ")
        result = subprocess.run([NUTCONF, "--local", self.directory + "/none", "--get-mode"], text=True,
                                capture_output=True, check=False, timeout=60)
        self.assertEqual(result.returncode, 1)
        self.assertIn("isn't available", result.stderr)


if __name__ == "__main__":
    unittest.main()
