#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbarctl migrate over configurations as people have them."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

from testlib import TestCase, build_directory  # noqa: E402

BUSBARCTL = os.path.join(build_directory(), "src", "ctl", "busbarctl")
DRIVERS = ("dummy-ups", "usbhid-ups", "nutdrv_qx", "snmp-ups")

USB = "[ups]\n\tdriver = usbhid-ups\n\tport = auto\n"
PRIMARY = "MONITOR ups@localhost 1 upsmon pass primary\nMINSUPPLIES 1\n"
USERS = "[upsmon]\n\tpassword = pass\n\tupsmon primary\n"
STANDALONE = {"nut.conf": "MODE=standalone\n", "ups.conf": USB, "upsd.conf": "", "upsd.users": USERS,
              "upsmon.conf": PRIMARY}


class TestMigrate(TestCase):
    def setUp(self):
        self.root = self.enter(tempfile.TemporaryDirectory())
        self.directory = os.path.join(self.root, "etc", "nut")
        os.makedirs(self.directory)
        drivers = os.path.join(self.root, "drivers")
        os.mkdir(drivers)
        for name in DRIVERS:
            os.symlink(os.path.join(build_directory(), "src", "drivers", name, name),
                       os.path.join(drivers, name))
        self.environment = {**os.environ, "BUSBAR_DRIVER_PATH": drivers}

    def put(self, path, text, mode=0o640):
        """A file of the configuration or, with a leading /, of the machine."""
        whole = self.root + path if path.startswith("/") else os.path.join(self.directory, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="latin-1", newline="") as f:
            f.write(text)
        os.chmod(whole, mode)
        if os.getuid() == 0:
            os.chown(whole, 0, 42)

    def snapshot(self):
        return {path: os.stat(path, follow_symlinks=False).st_mtime_ns
                for directory, _, names in os.walk(self.root)
                for path in (os.path.join(directory, name) for name in names)}

    def migrate(self, files, verdict, *expected):
        """The findings. Each is expected as "KIND FILE:LINE PATTERN", but for those that are the same."""
        for name, text in files.items():
            self.put(name, text)
        before = self.snapshot()
        result = subprocess.run([BUSBARCTL, "migrate", "--json", self.directory], env=self.environment,
                                capture_output=True, check=False, timeout=120)
        self.assertEqual(result.stderr, b"")
        self.assertEqual(self.snapshot(), before)
        answer = json.loads(result.stdout)
        self.assertEqual(answer["verdict"], verdict, answer)
        self.assertEqual(result.returncode, int(verdict in ("keep", "unknown")))

        findings = [f"{f['kind']} {os.path.relpath(f['file'], self.directory)}:{f['line']} {f['message']}"
                    for f in answer["findings"]]
        for pattern in expected:
            self.assertTrue(any(re.match(pattern, f) for f in findings), (pattern, findings))
        for f in findings:
            if not f.startswith("same "):
                self.assertTrue(any(re.match(pattern, f) for pattern in expected), f)
        return answer, findings

    def test_standalone(self):
        _, findings = self.migrate(STANDALONE, "ready")
        self.assertIn("same ups.conf:0 1 device", findings)
        self.assertIn("same nut.conf:0 MODE=standalone", findings)

    def test_fresh_debian(self):
        """Debian's files as they come: nothing but comments, and MODE=none."""
        self.migrate({"nut.conf": "MODE=none\n", "ups.conf": "maxretry = 3\n", "upsd.conf": "# x\n",
                      "upsd.users": "# x\n",
                      "upsmon.conf": 'MINSUPPLIES 1\nSHUTDOWNCMD "/sbin/shutdown -h +0"\nPOLLFREQ 5\n'
                                     "DEADTIME 15\nPOWERDOWNFLAG /etc/killpower\n",
                      "upssched.conf": "CMDSCRIPT /bin/upssched-cmd\n", "/bin/upssched-cmd": "#!/bin/sh\n"},
                     "changes", r"other nut\.conf:0 MODE=none keeps NUT",
                     r"other upsmon\.conf:0 There is no MONITOR",
                     r"other upsmon\.conf:4 COMMBAD",
                     r"other upsmon\.conf:5 ", r"change upssched\.conf:1 /bin/upssched-cmd is not exec")

    def test_proxmox(self):
        """Guests are stopped by a command of one's own, and NUT's units are enabled."""
        os.makedirs(self.root + "/etc/systemd/system/multi-user.target.wants")
        os.symlink("/lib/systemd/system/nut-monitor.service",
                   self.root + "/etc/systemd/system/multi-user.target.wants/nut-monitor.service")
        self.put("/usr/local/bin/stop-all", "#!/bin/sh\nqm shutdown 100\n# upsdrvctl shutdown\n", 0o755)
        self.migrate({**STANDALONE, "upsmon.conf": PRIMARY + "SHUTDOWNCMD /usr/local/bin/stop-all\n",
                      "nut.conf": "MODE=netserver\n", "upsd.conf": "LISTEN 0.0.0.0 3493\n"},
                     "ready", r"other \.\./systemd/.*nut-monitor\.service:0 Busbar takes the place")

    def test_server_of_storages(self):
        """The account that a Synology has; it goes on as a client."""
        _, findings = self.migrate(
            {**STANDALONE, "upsd.conf": "LISTEN *\n",
             "upsd.users": USERS + "[monuser]\n\tpassword = secret\n\tupsmon slave\n"}, "ready")
        self.assertTrue(any("go on as monuser" in f for f in findings), findings)

    def test_two_supplies(self):
        self.migrate({**STANDALONE,
                      "ups.conf": "[a]\ndriver = usbhid-ups\nport = auto\nserial = 1\n"
                                  "[b]\ndriver = usbhid-ups\nport = auto\nserial = 2\n",
                      "upsmon.conf": "MONITOR a@localhost 1 upsmon pass master\n"
                                     "MONITOR b@localhost 1 upsmon pass master\nMINSUPPLIES 1\n"}, "ready")

    def test_client(self):
        self.migrate({"nut.conf": "MODE=netclient\n",
                      "upsmon.conf": "MONITOR ups@192.0.2.5 1 monuser secret slave\nRUN_AS_USER nut\n"},
                     "ready", r"other upsmon\.conf:2 Of no effect")
        self.migrate({"nut.conf": "MODE=netclient\nUPSD_OPTIONS=\nUPSMON_OPTIONS=\"-p\"\n",
                      "upsmon.conf": PRIMARY}, "changes", r"change nut\.conf:3 Of no effect",
                     r"change upsmon\.conf:1 .*MODE=netclient")

    def test_scripts(self):
        """Timers, a script that shuts down, one that may not be run, and sudo."""
        self.put("/usr/local/bin/cmd", "#!/bin/sh\ncase $1 in\n  low) /sbin/upsmon -c fsd ;;\n"
                                       "  *) upsc ups@localhost | mail root ;;\nesac\n", 0o755)
        self.put("/usr/local/bin/tell", "#!/bin/sh\n", 0o750)
        self.migrate({**STANDALONE,
                      "upsmon.conf": PRIMARY + "NOTIFYCMD /usr/local/bin/tell\nNOTIFYCMD /sbin/upssched\n",
                      "upssched.conf": "CMDSCRIPT \"sudo /usr/local/bin/cmd\"\nPIPEFN /run/nut/p\n"
                                       "AT ONBATT * START-TIMER low 60\n"},
                     "changes", r"change upsmon\.conf:3 /usr/local/bin/tell runs as busbar-notify",
                     r"change upsmon\.conf:4 NOTIFYCMD stands in line 3 already",
                     r"change \.\./\.\./usr/local/bin/cmd:3 Scripts may not shut down all",
                     r"change upssched\.conf:1 sudo gives nothing", r"other upssched\.conf:2 Of no effect")

    def test_shell(self):
        """What a shell makes of a command: only what it would run is looked for."""
        self.put("/usr/local/bin/a", "#!/bin/sh\n", 0o755)
        command = "/usr/local/bin/a; poweroff && '/usr/local/bin/b'|/usr/local/bin/a > /var/log/x /no/file"
        self.migrate({**STANDALONE, "upsmon.conf": PRIMARY + f'SHUTDOWNCMD "{command}"\n'}, "changes",
                     r"change upsmon\.conf:3 /usr/local/bin/b cannot be found")

    def test_as_check_does(self):
        """What busbarctl check finds is found here too."""
        self.migrate({**STANDALONE, "upsd.users": "[ghost]\n\tupsmon primary\n",
                      "upsmon.conf": PRIMARY + "POLLFREQ 60\nDEADTIME 5\n"}, "changes",
                     r"change upsd\.users:1 .*ghost",
                     r"change upsmon\.conf:0 DEADTIME is shorter than POLLFREQ",
                     r"other upsmon\.conf:4 COMMBAD")

    def test_no_drivers(self):
        """Without any, nothing is said of a section, and without the relay it is not recommended."""
        self.environment["BUSBAR_DRIVER_PATH"] = os.path.join(self.root, "none")
        self.migrate(STANDALONE, "unknown", r"change ups\.conf:0 There is no directory .*/none: ")
        os.mkdir(self.environment["BUSBAR_DRIVER_PATH"])
        _, findings = self.migrate(STANDALONE, "keep",
                                   r"keep ups\.conf:1 There is no driver usbhid-ups in .*/none")
        self.assertFalse(any("dummy-ups" in f for f in findings), findings)

    def test_no_configuration(self):
        result = subprocess.run([BUSBARCTL, "migrate", self.directory], env=self.environment, text=True,
                                capture_output=True, check=False, timeout=120)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn(f"There is no NUT configuration in {self.directory}", result.stderr)

    def test_full_disk(self):
        for name, text in STANDALONE.items():
            self.put(name, text)
        with open("/dev/full", "w", encoding="ascii") as full:
            result = subprocess.run([BUSBARCTL, "migrate", "--json", self.directory], env=self.environment,
                                    stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
        self.assertEqual((result.returncode, result.stderr),
                         (1, "busbarctl: cannot write to standard output: No space left on device\n"))

    def test_jobs(self):
        """What calls NUT elsewhere on the machine."""
        self.put("/etc/cron.d/power", "0 * * * * root systemctl restart nut-server\n"
                                      "1 * * * * root upsc ups battery.charge\n")
        self.put("/lib/systemd/system-shutdown/mine", "#!/bin/sh\n/sbin/upsdrvctl shutdown\n", 0o755)
        self.put("/etc/udev/rules.d/90-nut-ups.rules", "# mine\n")
        self.put("/etc/systemd/system/nut-server.service.d/late.conf", "[Unit]\n")
        self.put("/etc/hosts.allow", "# upsd : me\nsshd : ALL\nupsd : monuser@192.0.2.7\n")
        _, findings = self.migrate(
            STANDALONE, "changes", r"change .*cron\.d/power:1 The unit is busbar-gateway",
            r"change .*system-shutdown/mine:2 The UPS is told late", r"change .*90-nut-ups\.rules:0 ",
            r"change .*late\.conf:0 A change to a unit", r"change .*hosts\.allow:3 ")
        self.assertTrue(any(re.match(r"same .*cron\.d/power:2 It calls upsc,", f) for f in findings))

    def test_certificates(self):
        """Debian's NUT has a database of NSS, with its password in the file."""
        self.put("/etc/nut/cert/cert9.db", "")
        self.migrate({**STANDALONE, "upsd.conf": 'CERTPATH /etc/nut/cert\nCERTIDENT "host" "password"\n'},
                     "changes", r"change upsd\.conf:1 .*NSS.*pk12util -d /etc/nut/cert ")

    def test_missing_drivers(self):
        answer, _ = self.migrate(
            {**STANDALONE, "ups.conf": USB + "[smart]\ndriver = apcsmart\nport = /dev/ttyS0\n"
                                             "[tl]\ndriver = tripplite_usb\nport = auto\n"},
            "keep", r"keep ups\.conf:4 There is no driver apcsmart", r"keep ups\.conf:7 .*tripplite_usb")
        self.assertEqual(answer["keep"], ["smart", "tl"])

    def test_many_agents(self):
        """A hundred cards; the driver itself says what it does not know."""
        text = "".join(f"[card{i}]\ndriver = snmp-ups\nport = 192.0.2.{i}\ncommunity = public\n"
                       for i in range(1, 101))
        _, findings = self.migrate({**STANDALONE, "ups.conf": USB + text + "comunity = x\n"}, "changes",
                                   r"change ups\.conf:404 .*comunity.*community")
        self.assertIn("same ups.conf:0 101 devices", findings)

    def test_check(self):
        """busbarctl check asks the drivers too, and tells once what is about all of them."""
        self.put("ups.conf", "nonsense = 1\n" + USB + "pollfreq = often\n"
                             "[sim]\ndriver = dummy-ups\nport = sim.dev\nvendorid = 0463\n")
        result = subprocess.run([BUSBARCTL, "check", "--json"], capture_output=True, check=False,
                      timeout=120,
                                env={**self.environment, "NUT_CONFPATH": self.directory})
        found = [(p["line"], p["message"].split()[0]) for p in json.loads(result.stdout)]
        self.assertEqual(len([f for f in found if f[0] == 1]), 1, found)
        self.assertIn((5, "pollfreq"), found)
        self.assertIn((9, "dummy-ups"), found)
        self.assertEqual(result.returncode, 1)

    def test_odd_text(self):
        """Windows line ends, tabs, quotes, a byte order mark, and no end of the last line."""
        self.migrate({**STANDALONE,
                      "ups.conf": "\xef\xbb\xbf[ups]\r\n\tdriver\t=\t\"usbhid-ups\"\r\n\tport=auto",
                      "upsmon.conf": "MONITOR\tups@localhost 1 upsmon \"pa\\\"ss\" primary"}, "ready")
        self.migrate({"upsmon.conf": PRIMARY + 'NOTIFYMSG ONLINE "UPS #1"\n'}, "changes",
                     r"change upsmon\.conf:3 A # inside quotes")

    def test_permissions(self):
        self.migrate(STANDALONE, "ready")
        os.chmod(os.path.join(self.directory, "upsmon.conf"), 0o600)
        os.chmod(os.path.join(self.directory, "upsd.users"), 0o644)
        os.chmod(os.path.join(self.directory, "ups.conf"), 0o644)
        self.migrate({}, "changes", r"change upsmon\.conf:0 Only root", r"change upsd\.users:0 Everybody",
                     r"change ups\.conf:0 Everybody can read")

    def test_back(self):
        """What is Busbar's own is what has to go before NUT comes back."""
        self.migrate({**STANDALONE, "upsd.conf": "REQUIRELOGIN yes\n",
                      "upsmon.conf.d/more.conf": "RUNTIMELIMIT 5min\n",
                      "upsd.users": "[upsmon]\n\tpassword = $6$saltsalt$"
                                    "qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/"
                                    "jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/\n\tupsmon primary\n"},
                     "ready", r"back upsd\.conf:1 REQUIRELOGIN",
                     r"back upsmon\.conf\.d/more\.conf:0 NUT reads no",
                     r"back upsmon\.conf\.d/more\.conf:1 RUNTIMELIMIT", r"back upsd\.users:2 A password")

    def test_text(self):
        """For people: lines with their places, and what to do."""
        for name, text in STANDALONE.items():
            self.put(name, text)
        result = subprocess.run([BUSBARCTL, "migrate", self.directory], env=self.environment, text=True,
                                capture_output=True, check=False, timeout=120)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn(f"{self.directory}/ups.conf: as it is: 1 device\n", result.stdout)
        self.assertRegex(result.stdout, r"\nReady: .*\nTo switch: .*enable --now busbar\nTo go back: ")
        result = subprocess.run([BUSBARCTL, "migrate", self.root + "/none"], text=True, capture_output=True,
                                check=False, timeout=120)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, "^busbarctl: Cannot read the configuration directory ")


if __name__ == "__main__":
    unittest.main()
