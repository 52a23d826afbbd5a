#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Accounts: from where, for which devices, and how often a password may be guessed. All of it runs in a
network of its own, where there are addresses besides the loopback's, which are treated otherwise."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from gatewaylib import CONFIG, NutConnection, TestCase, Testbed, bus_call, wait_for

SELF = os.path.abspath(__file__)
PORT = 3493
HERE4, HERE6 = "192.0.2.1", "2001:db8:0:1::1"
NAS, OTHER = "192.0.2.7", "192.0.2.8"
SETTINGS = "LISTEN *\nMAXAGE 3\nFSDCLEARDELAY 1\n"
NETWORK = f"""
ip link set lo up
ip route add local 192.0.2.0/24 dev lo
ip addr add {HERE4}/32 dev lo
for a in {HERE6} 2001:db8:0:2::1 2001:db8:0:2::2 2001:db8:0:2::3 2001:db8:0:3::1; do
  ip addr add $a/128 dev lo nodad
done
exec "$@"
"""

USERS = CONFIG["upsd.users"] + f"""
[local]
  password = lp
  upsmon primary
  actions = SET FSD
  instcmds = ALL
  allowfrom = {NAS} 2001:db8:0:2::/64
[one]
  password = op
  upsmon primary
  actions = SET FSD
  instcmds = ALL
  ups = UPS gone
[board]
  password = bp
  upsmon secondary
  counts = no
[picky]
  password = pp
  stale = hide
[pickyhash]
  password = "$y$j75$busbarbusbar$mUmXM7ULmoaJAivFqTC7E0eEhUWl7Oa1orclSFe5qc8"
  stale = hide
"""


class Connection(NutConnection):
    """A client at an address."""

    def __init__(self, source=NAS, server=None, timeout=20.0):
        server = server or (HERE6 if ":" in source else HERE4)
        self.socket = socket.create_connection((server, PORT), timeout, (source, 0))
        self.reader = self.socket.makefile("rb")


class AccountsTest(TestCase):
    def start(self, settings="", users=USERS, **files):
        self.bed = self.enter(Testbed({**CONFIG, "upsd.conf": SETTINGS + settings, "upsd.users": users,
                                       **files}, port=None))

    def connect(self, source=NAS, user=None, password=None):
        c = self.enter(Connection(source))
        if user:
            c.login(user, password)
        return c

    def try_login(self, source, user, password, device="ups"):
        """The answer to LOGIN on a connection of its own."""
        with Connection(source) as c:
            c.login(user, password)
            return c.ask(f"LOGIN {device}")

    def names(self, c):
        return [line.split()[1] for line in c.ask("LIST UPS").splitlines()[1:-1]]

    def stock(self, *argv):
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30,
                              stdin=subprocess.DEVNULL)

    def upsmon(self, system, user, password, role):
        """Debian's own, until the test ends; what it runs at a shutdown leaves a mark."""
        directory = self.enter(tempfile.TemporaryDirectory(prefix="busbar-accounts-"))
        mark = os.path.join(directory, "down")
        with open(os.path.join(directory, "upsmon.conf"), "w", encoding="ascii") as f:
            f.write(f"MONITOR {system} 1 {user} {password} {role}\nSHUTDOWNCMD \"touch {mark}\"\n"
                    f"POWERDOWNFLAG {directory}/flag\nPOLLFREQ 1\nPOLLFREQALERT 1\nFINALDELAY 0\n"
                    "HOSTSYNC 5\nMINSUPPLIES 1\nRUN_AS_USER root\n")
        os.chmod(f.name, 0o640)
        log = self.enter(open(os.path.join(directory, "log"), "w", encoding="ascii"))
        name = f"busbar-upsmon-{os.getpid()}-{os.path.basename(directory)}"
        self.addCleanup(lambda: os.path.exists(f"/run/nut/{name}.pid") and os.unlink(f"/run/nut/{name}.pid"))
        os.makedirs("/run/nut", exist_ok=True)
        process = subprocess.Popen([name, "-F", "-p"], executable="/lib/nut/upsmon", stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL,
                                   env={**os.environ, "NUT_CONFPATH": directory})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return mark


class TestAccounts(AccountsTest):
    def test_allowfrom(self):
        self.start()
        for source in (NAS, "2001:db8:0:2::1", "2001:db8:0:2::2"):
            self.assertEqual(self.try_login(source, "local", "lp"), "OK", source)
        for source in (OTHER, HERE4, "2001:db8:0:3::1"):
            self.assertEqual(self.try_login(source, "local", "lp"), "ERR ACCESS-DENIED", source)
            self.bed.wait_log(rf"Client local@{source} is at no address of its allowfrom, refusing to log")
        self.assertEqual(self.try_login(NAS, "local", "wrong"), "ERR ACCESS-DENIED")
        self.assertEqual(self.try_login(OTHER, "mon", "mp"), "OK")

        # A reload takes the account away from who has it, and gives it to others.
        c = self.connect(NAS, "local", "lp")
        self.assertEqual(c.ask("PRIMARY ups"), "OK PRIMARY-GRANTED")
        self.bed.write("upsd.users", USERS.replace(f"allowfrom = {NAS}", f"allowfrom = {OTHER}"))
        self.bed.reload()
        self.bed.wait_log("Configuration reloaded")
        self.assertEqual(c.ask("PRIMARY ups"), "ERR ACCESS-DENIED")
        self.assertEqual(self.try_login(OTHER, "local", "lp"), "OK")

    def test_scope(self):
        """An account for some devices has no right on others. Reading is free without REQUIRELOGIN."""
        self.start()
        c = self.connect(NAS, "one", "op")
        for request in ("LOGIN Second", "PRIMARY Second", "MASTER Second", "FSD Second",
                        "INSTCMD Second load.off", "SET VAR Second ups.status OL", "NEED Second 5"):
            self.assertEqual(c.ask(request), "ERR ACCESS-DENIED", request)
        self.assertEqual(c.ask("GET VAR Second ups.status"), 'VAR Second ups.status "OB LB"')
        self.assertEqual(self.names(c), ["ups", "Second", "gone"])
        self.assertEqual(c.ask("LOGIN ups"), "OK")
        self.assertEqual(c.ask("PRIMARY ups"), "OK PRIMARY-GRANTED")
        self.assertEqual(c.ask("SET VAR ups ups.id two"), "OK")
        self.bed.wait_log(r"Client one@192\.0\.2\.7 is not allowed to set FSD")

        r = self.stock("upsrw", "-s", "ups.id=x", "-u", "one", "-p", "op", f"ups@{HERE4}")
        self.assertEqual((r.stderr, r.returncode), ("OK\n", 0))
        r = self.stock("upsrw", "-s", "ups.status=x", "-u", "one", "-p", "op", f"Second@{HERE4}")
        self.assertIn("ERR ACCESS-DENIED", r.stderr)
        r = self.stock("upscmd", "-u", "one", "-p", "op", f"Second@{HERE4}", "load.off")
        self.assertIn("ERR", r.stderr)

    def test_unknown_devices(self):
        self.start("APPLIANCE synology nowhere 192.0.2.7\n", USERS.replace("UPS gone", "upz gone"))
        self.bed.wait_log(r'upsd\.users:\d+.*User one is to have the device "upz", which is not there')
        self.bed.wait_log(r'upsd\.conf:4.*APPLIANCE: the device "nowhere" is not there')

    def test_refused_reload(self):
        """The last word names what was not taken, and what stays in force is not complained of again."""
        self.start("APPLIANCE synology nowhere 192.0.2.7\n")
        self.bed.wait_log('APPLIANCE: the device "nowhere" is not there')
        said = self.bed.log_text("gateway").count("nowhere")
        self.bed.write("upsd.conf", "MAXAGE x\n")
        self.bed.reload()
        self.bed.wait_log("Configuration reloaded, but without upsd.conf: see above; there all stays")
        self.assertEqual(self.bed.log_text("gateway").count("nowhere"), said)

    def test_dashboard(self):
        """A login that does not count: not in NUMLOGINS, not for a forced shutdown, not after a restart."""
        self.start()
        board, reader = self.connect(NAS, "board", "bp"), self.connect(OTHER)
        self.assertEqual(board.ask("LOGIN ups"), "OK")
        self.assertEqual(board.ask("LOGIN ups"), "ERR ALREADY-LOGGED-IN")
        self.assertEqual(reader.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 0")
        mon = self.connect(OTHER, "mon", "mp")
        self.assertEqual(mon.ask("LOGIN ups"), "OK")
        self.assertEqual(reader.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 1")
        r = bus_call(self.bed, ["call"], "ListLogins", "s", "ups")
        self.assertEqual(r.stdout.strip(),
                         f'a(ssxb) 2 "{OTHER}" "mon" -1 true "{NAS}" "board" -1 false')

        self.assertEqual(mon.ask("FSD ups"), "OK FSD-SET")
        mon.close()
        self.bed.wait_log(r"Forced shutdown of UPS \[ups\], set by mon@.*, is over: mains are stable")
        self.assertEqual(board.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 0")
        board.close()
        wait_for(lambda: bus_call(self.bed, ["call"], "ListLogins", "s", "ups").stdout.strip()
                 == "a(ssxb) 0", "the login ends")
        self.assertEqual(reader.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 0")

    def test_dashboard_restart(self):
        self.start()
        board, mon = self.connect(NAS, "board", "bp"), self.connect(OTHER, "mon", "mp")
        self.assertEqual([c.ask("LOGIN ups") for c in (board, mon)], ["OK", "OK"])
        pid = self.bed.kill("gateway")
        wait_for(lambda: self.bed.service("gateway").pid not in (pid, None), "another gateway")
        self.assertEqual(mon.ask("GET NUMLOGINS ups"), "NUMLOGINS ups 1")
        self.assertEqual(board.ask("LOGIN ups"), "ERR ALREADY-LOGGED-IN")

    def test_upsmon_does_not_wait_for_dashboards(self):
        """A stock primary shuts down without waiting for HOSTSYNC."""
        self.start()
        board = self.connect(NAS, "board", "bp")
        self.assertEqual(board.ask("LOGIN ups"), "OK")
        mark = self.upsmon(f"ups@{HERE4}", "mon", "mp", "primary")
        self.bed.wait_log(rf"User mon@{HERE4} logged into UPS \[ups\]")
        begin = time.monotonic()
        self.assertEqual(self.connect(NAS, "admin", "pw").ask("FSD ups"), "OK FSD-SET")
        wait_for(lambda: os.path.exists(mark), "the shutdown")
        self.assertLess(time.monotonic() - begin, 4.5)

    def test_hidden(self):
        """LIST UPS without what has no data, as soon as the credentials are right."""
        self.start()
        everything = ["ups", "Second", "gone"]
        c = self.connect(NAS)
        self.assertEqual(self.names(c), everything)
        c.ask("USERNAME picky")
        self.assertEqual(self.names(c), everything)
        c.ask("PASSWORD pp")
        self.assertEqual(self.names(c), ["ups", "Second"])
        self.assertEqual(c.ask("GET VAR gone ups.status"), "ERR DRIVER-NOT-CONNECTED")
        self.assertEqual(self.names(self.connect(NAS, "pickyhash", "secret")), ["ups", "Second"])
        self.assertEqual(self.names(self.connect(NAS, "pickyhash", "wrong")), everything)
        self.assertEqual(self.names(self.connect(NAS, "picky", "wrong")), everything)
        self.assertEqual(self.names(self.connect(NAS, "mon", "mp")), everything)


class TestRequiredLogin(AccountsTest):
    def test_tokens(self):
        self.start("REQUIRELOGIN yes\n")
        reading = ("LIST UPS", "LIST VAR ups", "LIST CLIENT ups", "GET VAR ups ups.status",
                   "GET UPSDESC ups", "GET NUMLOGINS ups", "GET VAR x server.version", "WATCH ups",
                   "GET TRACKING")
        c = self.connect(NAS)
        for request in reading:
            self.assertEqual(c.ask(request), "ERR USERNAME-REQUIRED", request)
        self.assertEqual(c.ask("USERNAME hashed"), "OK")
        for request in reading:
            self.assertEqual(c.ask(request), "ERR PASSWORD-REQUIRED", request)
        self.assertEqual(c.ask("NETVER"), "1.3")
        self.assertTrue(c.ask("VER").startswith("Network UPS Tools upsd"))
        self.assertTrue(c.ask("HELP").startswith("Commands:"))
        self.assertTrue(c.ask("STARTTLS").startswith("ERR FEATURE-NOT-CONFIGURED"))
        self.assertEqual(c.ask("PASSWORD secret"), "OK")
        for request in reading:
            self.assertNotRegex(c.ask(request), "^ERR", request)
        self.assertEqual(c.ask("LOGIN ups"), "ERR ACCESS-DENIED")

        wrong = self.connect(OTHER, "hashed", "wrong")
        for request in reading:
            self.assertEqual(wrong.ask(request), "ERR ACCESS-DENIED", request)
        self.bed.wait_log(rf"Credentials of client hashed@{OTHER} match no user, refusing to read")

    def test_nothing_shared(self):
        """What one client was answered no other gets who may not have it."""
        self.start("REQUIRELOGIN yes\n")
        mon, one, nobody = self.connect(NAS, "mon", "mp"), self.connect(NAS, "one", "op"), self.connect(NAS)
        for _ in range(3):
            self.assertEqual(self.names(mon), ["ups", "Second", "gone"])
            self.assertEqual(self.names(one), ["ups", "gone"])
            self.assertEqual(nobody.ask("LIST UPS"), "ERR USERNAME-REQUIRED")
            self.assertEqual(mon.ask("GET VAR Second ups.status"), 'VAR Second ups.status "OB LB"')
            self.assertEqual(one.ask("GET VAR Second ups.status"), "ERR ACCESS-DENIED")
            self.assertEqual(one.ask("LIST VAR Second"), "ERR ACCESS-DENIED")
            self.assertEqual(one.ask("WATCH Second"), "ERR ACCESS-DENIED")
            self.assertEqual(one.ask("GET VAR ups battery.charge"), 'VAR ups battery.charge "90"')
            self.assertEqual(nobody.ask("GET VAR ups battery.charge"), "ERR USERNAME-REQUIRED")

    def test_switched_on(self):
        """A reload counts for those who are connected, at once."""
        self.start()
        c, mon = self.connect(NAS), self.connect(NAS, "mon", "mp")
        for _ in range(3):
            self.assertEqual(c.ask("GET VAR ups battery.charge"), 'VAR ups battery.charge "90"')
        self.bed.write("upsd.conf", SETTINGS + "REQUIRELOGIN yes\n")
        self.bed.reload()
        self.bed.wait_log("Configuration reloaded")
        self.assertEqual(c.ask("GET VAR ups battery.charge"), "ERR USERNAME-REQUIRED")
        self.assertEqual(mon.ask("GET VAR ups battery.charge"), 'VAR ups battery.charge "90"')

    def test_stock(self):
        self.start("REQUIRELOGIN yes\n")
        r = self.stock("upsc", f"ups@{HERE4}")
        self.assertIn("Error: Username required", r.stderr)
        self.assertEqual(r.returncode, 1)
        r = self.stock("upsc", "-l", HERE4)
        self.assertIn("Error: Username required", r.stderr)
        r = self.stock("upsrw", "-s", "ups.id=x", "-u", "admin", "-p", "pw", f"ups@{HERE4}")
        self.assertEqual((r.stderr, r.returncode), ("OK\n", 0))
        mark = self.upsmon(f"ups@{HERE4}", "sec", "sp", "secondary")
        self.bed.wait_log(rf"User sec@{HERE4} logged into UPS \[ups\]")
        self.assertEqual(self.connect(NAS, "admin", "pw").ask("FSD ups"), "OK FSD-SET")
        wait_for(lambda: os.path.exists(mark), "upsmon reads the status")

    def test_relay(self):
        """A relay of ours gives its credentials before it asks for anything."""
        self.start("REQUIRELOGIN yes\n")
        link = f"[far]\ndriver = dummy-ups\nport = ups@{HERE4}\nusername = sec\npassword = sp\n"
        with Testbed({"ups.conf": link, "upsd.conf": "", "upsd.users": ""}) as near:
            with NutConnection(near.port) as c:
                wait_for(lambda: c.ask("GET VAR far ups.status") == 'VAR far ups.status "OL"', "its data")


class TestAppliances(AccountsTest):
    def test_synology(self):
        """Stock upsmon, as such a storage has it: the UPS is ups, whatever it is called here."""
        self.start(f"APPLIANCE synology Second {HERE4} {NAS} 2001:db8:0:2::/64\n")
        self.bed.wait_log(r'upsd\.conf:4.*APPLIANCE: there is a device "ups" as well')
        self.upsmon(f"ups@{HERE4}", "monuser", "secret", "slave")
        self.bed.wait_log(rf"User monuser@{HERE4} \(appliance synology\) logged into UPS \[Second\]")
        self.assertEqual(self.connect(OTHER).ask("LIST CLIENT Second"),
                         f"BEGIN LIST CLIENT Second\nCLIENT Second {HERE4}\nEND LIST CLIENT Second")

        for source in (NAS, "2001:db8:0:2::2"):
            c = self.connect(source, "monuser", "secret")
            self.assertEqual(self.names(c), ["ups", "gone"])
            self.assertEqual(c.ask("GET VAR ups ups.status"), 'VAR ups ups.status "OB LB"')
            self.assertEqual(c.ask("GET VAR second ups.status"), 'VAR second ups.status "OB LB"')
            self.assertIn("VAR UPS ups.status \"OB LB\"\n", c.ask("LIST VAR UPS"))
            for request in ("PRIMARY ups", "FSD ups", "SET VAR ups ups.status OL", "SET VAR ups ups.id x",
                            "LOGIN gone", "MASTER ups"):
                self.assertRegex(c.ask(request), "^ERR (ACCESS-DENIED|VAR-NOT-SUPPORTED|READONLY)$", request)
            self.assertEqual(c.ask("LOGIN ups"), "OK")

    def test_real_device(self):
        """Who is at the address of an appliance and is none means the device that it says, above all with a
        forced shutdown."""
        self.start(f"APPLIANCE synology Second {NAS}\n")
        for credentials in ((), ("mon", "mp"), ("sec", "sp")):
            c = self.connect(NAS, *credentials)
            self.assertEqual(c.ask("GET VAR ups ups.status"), 'VAR ups ups.status "OL"', credentials)
            self.assertEqual(self.names(c), ["ups", "Second", "gone"])
        self.assertEqual(self.connect(NAS, "mon", "mp").ask("FSD ups"), "OK FSD-SET")
        reader = self.connect(OTHER)
        self.assertEqual(reader.ask("GET VAR ups ups.status"), 'VAR ups ups.status "FSD OL"')
        self.assertEqual(reader.ask("GET VAR Second ups.status"), 'VAR Second ups.status "OB LB"')
        self.assertEqual(self.connect(NAS, "monuser", "secret").ask("GET VAR ups ups.status"),
                         'VAR ups ups.status "OB LB"')

    def test_elsewhere(self):
        """At other addresses there is neither the account nor the name."""
        self.start(f"APPLIANCE synology Second {NAS}\nAPPLIANCE qnap ups {HERE4} {OTHER}\n")
        for source in (OTHER, HERE4, "2001:db8:0:2::1"):
            with self.subTest(source):
                self.assertEqual(self.try_login(source, "monuser", "secret"), "ERR ACCESS-DENIED")
                c, nas = self.connect(source), self.connect(NAS, "monuser", "secret")
                for _ in range(2):
                    self.assertEqual(c.ask("GET VAR ups ups.status"), 'VAR ups ups.status "OL"')
                    self.assertEqual(nas.ask("GET VAR ups ups.status"), 'VAR ups ups.status "OB LB"')
        self.assertEqual(self.connect(NAS).ask("GET VAR qnapups ups.status"), "ERR UNKNOWN-UPS")
        c = self.connect(OTHER, "admin", "123456")
        self.assertEqual(c.ask("LOGIN qnapups"), "OK")
        self.assertEqual(c.ask("SET VAR qnapups ups.id x"), "ERR ACCESS-DENIED")
        self.assertEqual(self.names(c), ["qnapups", "Second", "gone"])

        # To read, the name is there for all from there who give no credentials.
        self.assertEqual(self.names(self.connect(OTHER)), ["qnapups", "Second", "gone"])
        r = self.stock("upsc", f"qnapups@{HERE4}", "ups.status")
        self.assertEqual(r.stdout, "OL\n")

        # The user of that name who stands in upsd.users is there, too, and has the real names.
        c = self.connect(OTHER, "admin", "pw")
        self.assertEqual(self.names(c), ["ups", "Second", "gone"])
        self.assertEqual(c.ask("SET VAR qnapups ups.id y"), "ERR UNKNOWN-UPS")
        self.assertEqual(c.ask("SET VAR ups ups.id y"), "OK")
        wait_for(lambda: c.ask("GET VAR ups ups.id") == 'VAR ups ups.id "y"', "the value")
        self.assertEqual(self.try_login(NAS, "admin", "123456"), "ERR ACCESS-DENIED")

    def test_reload(self):
        self.start(f"APPLIANCE synology Second {NAS}\n")
        c = self.connect(NAS, "monuser", "secret")
        self.assertEqual(c.ask("LOGIN ups"), "OK")
        other = self.connect(NAS, "monuser", "secret")
        self.bed.write("upsd.conf", SETTINGS)
        self.bed.reload()
        self.bed.wait_log("Configuration reloaded")
        self.assertEqual(other.ask("LOGIN ups"), "ERR ACCESS-DENIED")
        self.assertEqual(other.ask("GET VAR ups ups.status"), 'VAR ups ups.status "OL"')

    def test_everybody(self):
        self.start("APPLIANCE synology Second 0.0.0.0/0\n")
        self.bed.wait_log(r'upsd\.conf:4.*everybody knows the password of such .*"0\.0\.0\.0/0" lets')
        self.assertEqual(self.try_login(NAS, "monuser", "secret"), "ERR ACCESS-DENIED")


class TestGuessing(AccountsTest):
    def guess(self, source, user, n, password="wrong"):
        for i in range(n):
            self.assertEqual(self.try_login(source, user, f"{password}{i}"), "ERR ACCESS-DENIED")

    def test_locked_out(self):
        self.start("MAXLOGINFAILURES 4\nLOCKOUTTIME 2\n")
        before = self.connect(NAS, "mon", "mp")
        self.assertEqual(before.ask("LOGIN ups"), "OK")
        self.guess(NAS, "mon", 3)
        self.assertEqual(self.try_login(NAS, "mon", "mp"), "OK")  # it begins anew
        self.guess(NAS, "mon", 4)
        self.bed.wait_log(rf"Locking out user mon@{NAS} after 4 wrong passwords, for 2 seconds")
        self.assertEqual(self.try_login(NAS, "mon", "mp"), "ERR ACCESS-DENIED")
        # Nobody else notices.
        self.assertEqual(self.try_login(NAS, "sec", "sp"), "OK")
        self.assertEqual(self.try_login(OTHER, "mon", "mp"), "OK")
        self.assertEqual(before.ask("PRIMARY ups"), "OK PRIMARY-GRANTED")
        # One that waited for the end on its connection goes on there.
        c = self.connect(NAS, "mon", "mp")
        wait_for(lambda: c.ask("LOGIN ups") == "OK", "the end of the lock-out", 10)
        self.bed.wait_log(rf"The lock-out of user mon@{NAS} is over, in which \d+ attempts were refused")

    def test_reload_ends_it(self):
        self.start("MAXLOGINFAILURES 2\nLOCKOUTTIME 3600\n")
        self.guess(NAS, "hashed", 2)
        self.bed.wait_log(rf"Locking out user hashed@{NAS} after 2 wrong passwords, for 5 seconds")
        c = self.connect(NAS, "hashed", "secret")
        self.assertEqual(c.ask("SET TRACKING ON"), "ERR ACCESS-DENIED")
        self.bed.reload()
        self.bed.wait_log("Configuration reloaded")
        self.assertEqual(c.ask("SET TRACKING ON"), "OK")

    def test_names(self):
        self.start("MAXLOGINFAILURES 2\nLOCKOUTTIME 60\n")
        self.assertEqual(self.try_login(NAS, "mon", "mp"), "OK")
        for i in range(10):
            self.guess(NAS, f"user{i}", 1)
        self.bed.wait_log(rf"Locking out all new users at {NAS}, after 10 wrong passwords, for 5 seconds")
        self.assertEqual(self.try_login(NAS, "sec", "sp"), "ERR ACCESS-DENIED")
        self.assertEqual(self.try_login(NAS, "mon", "mp"), "OK")  # it was here before
        self.assertEqual(self.try_login(OTHER, "sec", "sp"), "OK")

    def test_networks(self):
        """Of IPv6 a network counts as one host; but nobody beside it locks out who was right before."""
        self.start("MAXLOGINFAILURES 4\nLOCKOUTTIME 60\n")
        self.assertEqual(self.try_login("2001:db8:0:2::3", "mon", "mp"), "OK")
        self.guess("2001:db8:0:2::1", "mon", 2)
        self.guess("2001:db8:0:2::2", "mon", 2)
        self.bed.wait_log(r"Locking out user mon@2001:db8:0:2::/64 after 4 wrong passwords")
        for source in ("2001:db8:0:2::1", "2001:db8:0:2::2"):
            self.assertEqual(self.try_login(source, "mon", "mp"), "ERR ACCESS-DENIED")
        self.assertEqual(self.try_login("2001:db8:0:3::1", "mon", "mp"), "OK")
        self.assertEqual(self.try_login("2001:db8:0:2::3", "mon", "mp"), "OK")
        self.bed.reload()
        self.bed.wait_log("Configuration reloaded")
        self.guess("2001:db8:0:2::1", "mon", 5)
        self.assertEqual(self.try_login("2001:db8:0:2::2", "mon", "mp"), "ERR ACCESS-DENIED")
        self.assertEqual(self.try_login("2001:db8:0:2::3", "mon", "mp"), "OK")

    def test_restart(self):
        """Who is logged in stays one who was right before, for a successor too."""
        self.start("MAXLOGINFAILURES 3\nLOCKOUTTIME 60\n")
        c = self.connect("2001:db8:0:2::3", "mon", "mp")
        self.assertEqual(c.ask("LOGIN ups"), "OK")
        self.bed.restart("gateway")
        self.guess("2001:db8:0:2::1", "mon", 4)
        self.assertEqual(self.try_login("2001:db8:0:2::2", "mon", "mp"), "ERR ACCESS-DENIED")
        self.assertEqual(self.try_login("2001:db8:0:2::3", "mon", "mp"), "OK")

    def test_loopback(self):
        """Who can log in to this machine cannot lock out its services."""
        self.start("MAXLOGINFAILURES 2\nLOCKOUTTIME 3600\n")
        with Connection("127.0.0.1", "127.0.0.1") as c:
            c.login("mon", "mp")
            self.assertEqual(c.ask("LOGIN ups"), "OK")
        answers = []
        for i in range(30):
            with Connection("127.0.0.1", "127.0.0.1") as c:
                c.login("mon" if i % 2 else f"user{i}", "wrong")
                answers.append(c.ask("LOGIN ups"))
        self.assertEqual(set(answers), {"ERR ACCESS-DENIED"})
        for user, password in (("mon", "mp"), ("sec", "sp")):
            with Connection("127.0.0.1", "127.0.0.1") as c:
                c.login(user, password)
                self.assertEqual(c.ask("LOGIN ups"), "OK")

    def test_flood(self):
        """Of many guesses of a hash at once no more are looked at than it takes to see what they are; the
        others are told so then, and nobody waits for them."""
        self.start("MAXLOGINFAILURES 3\nLOCKOUTTIME 60\n")
        flood = [self.connect(NAS) for _ in range(300)]
        for i, c in enumerate(flood):
            c.send(f"USERNAME hashed\nPASSWORD wrong{i}\nSET TRACKING ON\n")
        with Connection(OTHER) as c:
            c.login("hashed", "secret")
            self.assertEqual(c.ask("SET TRACKING ON"), "OK")
        for c in flood:
            self.assertEqual([c.line() for _ in range(3)], ["OK", "OK", "ERR ACCESS-DENIED"])
        self.bed.wait_log(rf"Locking out user hashed@{NAS} after 3 wrong passwords")
        self.assertEqual(self.bed.log_text().count("Locking out"), 1)
        with Connection(NAS) as c:
            c.login("hashed", "secret")
            self.assertEqual(c.ask("SET TRACKING ON"), "ERR ACCESS-DENIED")

    def test_never(self):
        self.start("MAXLOGINFAILURES 0\n")
        self.guess(NAS, "mon", 50)
        self.assertEqual(self.try_login(NAS, "mon", "mp"), "OK")


def in_own_network():
    own = ["--map-root-user", "--user"] if os.geteuid() != 0 else []
    os.execvpe("unshare", ["unshare", *own, "--net", "sh", "-ec", NETWORK, "sh", sys.executable, SELF,
                           *sys.argv[1:]], {**os.environ, "BUSBAR_TEST_NAMESPACE": "1"})


if __name__ == "__main__":
    if not os.environ.get("BUSBAR_TEST_NAMESPACE"):
        in_own_network()
    unittest.main()
