#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the generator on directories of configuration files and looks at what it makes of them."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

GENERATOR = Path(sys.argv[1]).resolve()
UNIT_DIRECTORY = sys.argv[2]
DROP_IN = "50-busbar.conf"

# What is there in each mode.
ALWAYS = ["busbar-guard.service", "busbar-monitor.service", "busbar-notify.service",
          "busbar-poweroff-now.path"]


class Fixture(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="busbar-generator-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.root.chmod(0o755)
        self.units = self.root / UNIT_DIRECTORY.lstrip("/")
        self.units.mkdir(parents=True)
        (self.units / "busbar-dummy-ups@.service").touch()
        for name in ("conf", "output", "etc"):
            (self.root / name).mkdir(mode=0o755)
        self.write_passwd()

    def write_passwd(self, more=""):
        own = f"busbar-notify:x:{os.getuid()}:{os.getgid()}::/:/bin/false\n"
        (self.root / "etc/passwd").write_text(own + more)

    def write(self, name, text, mode=0o644, group=None):
        path = self.root / "conf" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        if group is not None:
            os.chown(path, -1, group)

    def generate(self, *arguments):
        env = dict(os.environ, NUT_CONFPATH=str(self.root / "conf"), BUSBAR_GENERATOR_ROOT=str(self.root))
        env.pop("SYSTEMD_EXEC_PID", None)
        done = subprocess.run([GENERATOR, self.root / "output", *arguments], env=env, timeout=10,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def wants(self):
        """What is wanted beside that which always is."""
        names = sorted(path.name for path in (self.root / "output/busbar.target.wants").iterdir())
        self.assertEqual([name for name in names if name in ALWAYS], ALWAYS)
        return [name for name in names if name not in ALWAYS]

    def unit(self, name):
        path = self.root / "output" / name
        return path.read_text() if path.exists() else None

    def flawed(self):
        return (self.root / "output/busbar.flawed").exists()

    def drop_in(self, unit):
        path = self.root / "output" / (unit + ".d") / DROP_IN
        return path.read_text().splitlines()[1:] if path.exists() else None


class GeneratorTest(Fixture):
    def test_nothing_configured(self):
        self.assertEqual(self.generate(), "")
        self.assertEqual(self.wants(), ["busbar-gateway.socket"])
        self.assertIsNone(self.drop_in("busbar-gateway.socket"))
        self.assertIsNone(self.drop_in("busbar-gateway.service"))

    def test_no_directory_at_all(self):
        (self.root / "conf").rmdir()
        self.assertEqual(self.generate(), "")
        self.assertEqual(self.wants(), ["busbar-gateway.socket"])

    def test_devices(self):
        self.write("ups.conf", "pollinterval = 1\n"
                   "[sim]\ndriver = dummy-ups\nport = sim.dev\n"
                   "[rack-1.b]\ndriver = dummy-ups\nport = far@192.0.2.1\n"
                   "[$HOME%n]\ndriver = dummy-ups\nport = sim.dev\n")
        self.write("ups.conf.d/more.conf", "[more]\ndriver = dummy-ups\nport = sim.dev\n")
        self.assertEqual(self.generate(), "")
        self.assertEqual(self.wants(), [
            r"busbar-dummy-ups@\x24HOME\x25n.service", "busbar-dummy-ups@more.service",
            r"busbar-dummy-ups@rack\x2d1.b.service", "busbar-dummy-ups@sim.service",
            "busbar-gateway.socket"])
        link = self.root / "output/busbar.target.wants/busbar-dummy-ups@sim.service"
        self.assertFalse(self.flawed())
        self.assertEqual(os.readlink(link), f"{UNIT_DIRECTORY}/busbar-dummy-ups@.service")
        self.assertIsNone(self.drop_in("busbar-dummy-ups@.service"))

    def test_names_are_those_of_systemd_escape(self):
        names = ["a-b", "x.y", ".x", "a'b", "a&b;c", "~!*", "_"]
        self.write("ups.conf", "".join(f"[{name}]\ndriver = dummy-ups\nport = sim.dev\n" for name in names))
        self.assertEqual(self.generate(), "")
        escaped = subprocess.run(["systemd-escape", "--template=busbar-dummy-ups@.service", "--", *names],
                                 capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(self.wants(), sorted([*escaped, "busbar-gateway.socket"]))

    def test_groups(self):
        """One unit for the devices of a group. Groups of the system are for the sockets, as with NUT."""
        (self.units / "busbar-snmp-ups-group@.service").touch()
        (self.root / "etc/group").write_text("root:x:0:\nnut:x:117:\n")
        self.write("ups.conf", "[a]\ndriver = snmp-ups\nport = 192.0.2.1\n"
                   "[b]\ndriver = snmp-ups\nport = 192.0.2.2\n"
                   "[c]\ndriver = snmp-ups\nport = 192.0.2.3\ngroup = room-2\n"
                   "[d]\ndriver = snmp-ups\nport = 192.0.2.4\ngroup = nut\n"
                   "[e]\ndriver = dummy-ups\nport = sim.dev\ngroup = room-2\n", 0o640,
                   os.getgid() or 4711)
        self.assertEqual(self.generate(), "")
        self.assertFalse(self.flawed())
        units = ["busbar-dummy-ups@e.service", "busbar-gateway.socket",
                 "busbar-snmp-ups-group@default.service", r"busbar-snmp-ups-group@room\x2d2.service"]
        self.assertEqual(self.wants(), units)
        link = self.root / "output/busbar.target.wants" / units[-1]
        self.assertEqual(os.readlink(link), f"{UNIT_DIRECTORY}/busbar-snmp-ups-group@.service")
        # NUT's own units for these devices cannot run beside ours.
        conflicts = self.root / "output/busbar-snmp-ups-group@default.service.d/60-nut.conf"
        self.assertEqual(conflicts.read_text().splitlines(),
                         ["[Unit]", *(f"Conflicts=nut-driver@{name}.service" for name in "abd")])
        if os.getuid() == 0:
            self.assertEqual(self.drop_in("busbar-snmp-ups-group@.service"),
                             ["[Service]", "SupplementaryGroups=4711"])

        # One for all devices, and one that can be no part of a unit's name.
        self.write("ups.conf", f"group = {'-' * 63}\n[a]\ndriver = snmp-ups\nport = 192.0.2.1\n"
                   "[b]\ndriver = snmp-ups\nport = 192.0.2.1\ngroup = room\n")
        shutil.rmtree(self.root / "output/busbar.target.wants")
        self.assertIn("[a]", self.generate())
        self.assertTrue(self.flawed())
        self.assertEqual(self.wants(), ["busbar-gateway.socket", "busbar-snmp-ups-group@room.service"])

    def test_unknown_driver(self):
        self.write("ups.conf", "[good]\ndriver = dummy-ups\nport = sim.dev\n"
                   "[odd]\ndriver = no-such-ups\nport = auto\n"
                   "[evil]\ndriver = ../../evil\nport = auto\n")
        said = self.generate()
        self.assertIn("ups.conf:4", said)
        self.assertIn("no-such-ups", said)
        self.assertIn("../../evil", said)
        self.assertTrue(self.flawed())
        self.assertEqual(self.wants(), ["busbar-dummy-ups@good.service", "busbar-gateway.socket"])

    def test_name_too_long_for_a_unit(self):
        self.write("ups.conf", f"[{'-' * 63}]\ndriver = dummy-ups\nport = sim.dev\n")
        self.assertIn("too long", self.generate())
        self.assertEqual(self.wants(), ["busbar-gateway.socket"])

    def test_plugged_devices_come_by_themselves(self):
        """Their driver may read the files all the same, whether a section is there yet or not."""
        (self.units / "busbar-usbhid-ups@.service").touch()
        group = os.getgid() or 4711
        for text, wanted in (("", []),
                             ("[ups]\ndriver = usbhid-ups\nport = auto\n", []),
                             ("[old]\ndriver = usbhid-ups\nport = /tmp/old.hid\n",
                              ["busbar-usbhid-ups@old.service"])):
            with self.subTest(text):
                shutil.rmtree(self.root / "output")
                (self.root / "output").mkdir()
                self.write("ups.conf", text, 0o640, group if os.getuid() == 0 else None)
                self.assertEqual(self.generate(), "")
                self.assertFalse(self.flawed())
                self.assertEqual(self.wants(), ["busbar-gateway.socket", *wanted])
                for unit in ("busbar-usbhid-ups@.service", "busbar-enroll.service", "busbar-enroll@.service",
                             "busbar-hand-over@.service"):
                    self.assertEqual(self.drop_in(unit), ["[Service]", f"SupplementaryGroups={group}"])

    def test_broken_section_leaves_others(self):
        self.write("ups.conf", "[half]\ndriver = dummy-ups\n[good]\ndriver = dummy-ups\nport = sim.dev\n")
        self.assertIn("ups.conf:1", self.generate())
        self.assertTrue(self.flawed())
        self.assertEqual(self.wants(), ["busbar-dummy-ups@good.service", "busbar-gateway.socket"])

    def test_listen(self):
        self.write("upsd.conf", "LISTEN 192.0.2.7\nLISTEN 2001:db8::7 3500\n")
        self.generate()
        self.assertEqual(self.drop_in("busbar-gateway.socket"), [
            "[Socket]", "ListenStream=", "ListenStream=192.0.2.7:3493", "ListenStream=[2001:db8::7]:3500"])

    def test_listen_without_usable_address_keeps_loopback(self):
        self.write("upsd.conf", "LISTEN power.example.org\n")
        self.assertIn("upsd.conf:1", self.generate())
        self.assertFalse(self.flawed())
        self.assertTrue((self.root / "output/busbar-gateway.flawed").exists())
        self.assertIsNone(self.drop_in("busbar-gateway.socket"))

    def test_listen_on_an_interface(self):
        """For the gateway to bind, which thus must run; the socket has the rest, or nothing to do."""
        self.write("upsd.conf", "LISTEN fe80::1%eth0\nLISTEN 192.0.2.7\n")
        self.assertEqual(self.generate(), "")
        self.assertEqual(self.wants(), ["busbar-gateway.service", "busbar-gateway.socket"])
        self.assertEqual(self.drop_in("busbar-gateway.socket"), [
            "[Socket]", "ListenStream=", "ListenStream=192.0.2.7:3493"])
        self.write("upsd.conf", "LISTEN fe80::1%eth0\n")
        self.generate()
        self.assertEqual(self.drop_in("busbar-gateway.socket"), ["[Unit]", "ConditionPathExists=!/"])

    def test_announce(self):
        """Nobody can connect to have it started before it has said where it is."""
        self.write("upsd.conf", "ANNOUNCE yes\n")
        self.generate()
        self.assertEqual(self.wants(), ["busbar-gateway.service", "busbar-gateway.socket"])
        self.assertIsNone(self.drop_in("busbar-gateway.socket"))

    def test_mode(self):
        self.write("ups.conf", "[sim]\ndriver = dummy-ups\nport = sim.dev\n")
        both = ["busbar-dummy-ups@sim.service", "busbar-gateway.socket"]
        for text, expected in (("MODE=netclient\n", []),
                               ("MODE='netclient'\n", []),
                               ('MODE="netclient" # x\n', []),
                               ("MODE=none\n", both),
                               ("MODE=netserver\n", both),
                               ("#MODE=netclient\n", both),
                               ("MODE=netclient\nMODE=standalone\n", both),
                               ("if [ -f x ]; then y=`z`; fi\n", both)):
            with self.subTest(text):
                shutil.rmtree(self.root / "output")
                (self.root / "output").mkdir()
                self.write("nut.conf", text)
                self.assertEqual(self.generate(), "")
                self.assertEqual(self.wants(), expected)

    def test_nut_is_masked_only_while_enabled(self):
        early, late = self.root / "early", self.root / "late"
        early.mkdir()
        late.mkdir()
        self.generate(early, late)
        self.assertEqual([*early.iterdir(), *late.iterdir()], [])

        enabled = self.root / "etc/systemd/system/multi-user.target.wants/busbar.service"
        enabled.parent.mkdir(parents=True)
        enabled.touch()
        self.generate(early, late)
        self.assertEqual(sorted(path.name for path in early.iterdir()), [
            "nut-client.service", "nut-driver-enumerator.path", "nut-driver-enumerator.service",
            "nut-driver.target", "nut-monitor.service", "nut-server.service"])
        self.assertEqual({os.readlink(path) for path in early.iterdir()}, {"/dev/null"})
        self.assertEqual([*late.iterdir()], [])

        shutil.rmtree(early)
        early.mkdir()
        self.write("nut.conf", "MODE=netclient\n")
        self.generate(early, late)
        self.assertEqual(sorted(path.name for path in early.iterdir()),
                         ["nut-client.service", "nut-monitor.service"])

    def test_wrong_arguments(self):
        self.assertNotEqual(subprocess.run([GENERATOR], capture_output=True, check=False).returncode, 0)

    def test_output_that_cannot_be_written(self):
        env = dict(os.environ, NUT_CONFPATH=str(self.root / "conf"))
        done = subprocess.run([GENERATOR, self.root / "conf/none"], env=env, capture_output=True, text=True,
                              check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("conf/none", done.stderr)


class MonitorTest(Fixture):
    LINK = r"busbar-dummy-ups@ups\x40nas.example.service"

    def verify(self, *names):
        """What systemd says of units that were made."""
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                               *(self.root / "output" / name for name in names)],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_links(self):
        self.write("upsmon.conf", "MONITOR ups@nas.example 1 u p secondary\n"
                   "MONITOR local@localhost 1 u p primary\n"
                   "MONITOR six@[2001:db8::1]:3500 1 u p slave\n")
        for mode in ("", "MODE=netclient\n"):
            with self.subTest(mode):
                shutil.rmtree(self.root / "output")
                (self.root / "output").mkdir()
                self.write("nut.conf", mode)
                self.assertEqual(self.generate(), "")
                six = r"busbar-dummy-ups@six\x40\x5b2001:db8::1\x5d:3500.service"
                self.assertEqual([name for name in self.wants() if "@" in name], [six, self.LINK])
                self.assertEqual("busbar-gateway.socket" in self.wants(), not mode)
                lines = self.drop_in(self.LINK)
                self.assertIn("Before=network.target", lines)
                self.assertIn("Wants=network.target", lines)
                self.assertTrue(any("NetworkManager.service" in line for line in lines))
                self.assertNotIn("[Service]", lines)
                self.assertFalse(self.flawed())

    def test_link_names_are_those_of_systemd_escape(self):
        systems = ["ups@nas.example", "a-b@h-1:1", "x@[fe80::1%eth0]"]
        self.write("upsmon.conf", "".join(f"MONITOR {name} 1 u p slave\n" for name in systems))
        self.assertEqual(self.generate(), "")
        escaped = subprocess.run(["systemd-escape", "--template=busbar-dummy-ups@.service", "--", *systems],
                                 capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(self.wants(), sorted([*escaped, "busbar-gateway.socket"]))

    def test_mistakes_are_for_the_monitor_to_tell_but_stop_nothing(self):
        self.write("upsmon.conf", "MONITOR ups@nas.example 1 u p secondary\nMONITOR ups@ 1 u p slave\n")
        self.assertEqual(self.generate(), "")
        self.assertIn(self.LINK, self.wants())
        self.assertTrue(self.flawed())

    def test_long_host(self):
        self.write("upsmon.conf", f"MONITOR ups@{'a-' * 100}b 1 u p secondary\n")
        self.assertIn("too long", self.generate())
        self.assertTrue(self.flawed())

    def test_unreadable_file(self):
        (self.root / "conf/upsmon.conf").mkdir()
        self.generate()
        self.assertEqual(self.wants(), ["busbar-gateway.socket"])
        self.assertTrue(self.flawed())

    def test_plain_shutdown_is_no_unit(self):
        self.write("upsmon.conf", 'SHUTDOWNCMD "/sbin/shutdown -h +0"\n')
        self.generate()
        self.assertIsNone(self.unit("busbar-shutdowncmd.service"))
        self.assertIsNone(self.unit("busbar-powerdownflag.service"))

    def test_shutdown_command(self):
        """The command that the service manager runs is the one that was written, whatever is in it."""
        said = self.root / "said"
        command = f"""printf '%s|' "100% \\$HOME" $((1 + 1)) 'a;b' %n '{{}}' "${{X:-y}}" \\\\ > {said}"""
        quoted = command.replace("\\", "\\\\").replace('"', '\\"')
        self.write("upsmon.conf", f'SHUTDOWNCMD "{quoted}"\n')
        self.generate()
        self.verify("busbar-shutdowncmd.service")
        line, = [line for line in self.unit("busbar-shutdowncmd.service").splitlines()
                 if line.startswith("ExecStart=")]
        script = line.removeprefix('ExecStart=:/bin/sh -c "').removesuffix('"')
        script = script.replace("%%", "%").replace('\\"', '"').replace("\\\\", "\\")
        self.assertEqual(script, command)

    def flag_script(self, unit, key, number=0):
        """A script of a unit and its argument, as the shell gets them."""
        lines = [line for line in self.unit(unit).splitlines() if line.startswith(key)]
        words = shlex.split(lines[number].split(":", 1)[1].replace("%%", "%"))
        self.assertEqual(words[:2], ["/bin/sh", "-c"])
        return words

    def test_power_down_flag(self):
        flag = self.root / "kill power"
        self.write("upsmon.conf", f'POWERDOWNFLAG "{flag}"\n')
        self.generate()
        self.verify("busbar-shutdowncmd.service", "busbar-powerdownflag.service")
        self.assertNotIn("poweroff", self.unit("busbar-shutdowncmd.service"))
        self.assertIn("busbar-powerdownflag.service", self.wants())

        victim = self.root / "victim"
        victim.write_text("mine")
        flag.symlink_to(victim)
        subprocess.run(self.flag_script("busbar-shutdowncmd.service", "ExecStart=-:"), check=True)
        self.assertFalse(flag.is_symlink())
        self.assertEqual(flag.read_bytes(), b"upsmon-shutdown-file")
        self.assertEqual(victim.read_text(), "mine")

        condition = self.flag_script("busbar-powerdownflag.service", "ExecCondition=:")
        self.assertEqual(subprocess.run(condition, check=False).returncode, 0)
        subprocess.run(self.flag_script("busbar-powerdownflag.service", "ExecStart=:"), check=True)
        self.assertFalse(flag.exists())
        self.assertEqual(subprocess.run(condition, check=False).returncode, 1)
        flag.write_text("something else")
        self.assertEqual(subprocess.run(condition, check=False).returncode, 1)

    def test_run_as_user(self):
        group = os.getgid()
        self.write_passwd(f"root:x:0:0::/:/bin/sh\nnut:x:117:{group}::/:/bin/false\n")
        files = ["[Service]", f"Environment=NUT_CONFPATH={self.root}/output/busbar-notify"]
        nut = ["User=117", f"Group={group}"]
        for user, expected in (("nut", nut), ("117", nut), ("root", []),
                               ("0", []), ("nobody-here", []), ("nut:x", [])):
            with self.subTest(user):
                shutil.rmtree(self.root / "output")
                (self.root / "output").mkdir()
                self.write("upsmon.conf", f"RUN_AS_USER {user}\n")
                said = self.generate()
                self.assertEqual(self.drop_in("busbar-notify.service"), files + expected)
                self.assertEqual("RUN_AS_USER" in said, not expected and ":" not in user, said)

    def test_scripts_get_no_secrets(self):
        """What runs scripts has copies of what concerns it, and nothing of the files themselves."""
        secret = "hush-hush"
        self.write("upsmon.conf", f'MONITOR ups@nas 2 adm {secret} secondary\n'
                   f'MONITRO x 1 adm {secret} primary\n'
                   f'MONITOR local 1 {secret} {secret} master\nCERTIDENT me {secret}\nDEADTIME 20\n'
                   'NOTIFYCMD "/bin/tell \\"x y\\" \\#1" two\nNOTIFYMSG ONBATT "on battery: %s"\n', 0o640)
        self.write("upsmon.conf.d/more.conf", "NOTIFYFLAG ONBATT EXEC\n", 0o640)
        self.write("upssched.conf", "# first\nCMDSCRIPT /bin/true\n", 0o640)
        self.write("upssched.conf.d/more.conf", "AT ONBATT * EXECUTE it\n", 0o640)
        self.generate()
        self.assertEqual(self.drop_in("busbar-notify.service"), [
            "[Service]", f"Environment=NUT_CONFPATH={self.root}/output/busbar-notify"])
        copies = self.root / "output/busbar-notify"
        files = [path for path in copies.rglob("*") if path.is_file()]
        self.assertEqual(sorted(str(path.relative_to(copies)) for path in files),
                         ["upsmon.conf", "upssched.conf", "upssched.conf.d/more.conf"])
        for path in files:
            self.assertNotIn(secret, path.read_text())
            self.assertEqual((path.stat().st_mode & 0o777, path.stat().st_gid), (0o640, os.getgid()))
        self.assertEqual((copies / "upsmon.conf").read_text().splitlines(), [
            'MONITOR "ups@nas" 2 - - secondary', 'MONITOR "local" 1 - - primary', "MINSUPPLIES 0",
            'NOTIFYCMD "/bin/tell \\"x y\\" \\#1" "two"', 'NOTIFYMSG "ONBATT" "on battery: %s"',
            'NOTIFYFLAG "ONBATT" "EXEC"'])
        self.assertEqual((copies / "upssched.conf").read_text(), "# first\nCMDSCRIPT /bin/true\n")

    def test_no_user_for_scripts(self):
        (self.root / "etc/passwd").unlink()
        self.write("upsmon.conf", "NOTIFYCMD /bin/true\n", 0o640)
        self.assertIn("busbar-notify", self.generate())
        path = self.root / "output/busbar-notify/upsmon.conf"
        self.assertEqual(path.stat().st_mode & 0o007, 0)


class ReadersTest(Fixture):
    """Groups of the files: the own one of who runs the test, who need not be root."""

    def setUp(self):
        super().setUp()
        groups = [group for group in [os.getgid(), *os.getgroups()] if group != 0]
        self.group = groups[0] if groups else 12345

    def test_group_of_files(self):
        self.write("ups.conf", "[sim]\ndriver = dummy-ups\nport = sim.dev\n", 0o640, self.group)
        self.write("upsd.users", "", 0o640, self.group)
        self.assertEqual(self.generate(), "")
        expected = ["[Service]", f"SupplementaryGroups={self.group}"]
        self.assertEqual(self.drop_in("busbar-dummy-ups@.service"), expected)
        self.assertEqual(self.drop_in("busbar-gateway.service"), expected)

    def test_certificates(self):
        """Who relays may read the certificates for it, in ups.conf and in upsmon.conf."""
        for name in ("me.pem", "own.p12"):
            self.write(name, "", 0o640, self.group)
        expected = ["[Service]", f"SupplementaryGroups={self.group}"]
        self.write("ups.conf", "[far]\ndriver = dummy-ups\nport = ups@nas\ncertfile = me.pem\n")
        self.write("upsmon.conf",
                   f"MONITOR ups@nas 1 u p slave\nCERTPATH {self.root}/conf\nCERTIDENT own x\n")
        self.assertEqual(self.generate(), "")
        self.assertEqual(self.drop_in("busbar-dummy-ups@.service"), expected)
        self.assertEqual(self.drop_in(r"busbar-dummy-ups@ups\x40nas.service")[-2:], expected)
        self.assertIsNone(self.drop_in("busbar-monitor.service"))

    def test_certificates_of_the_gateway(self):
        """It may read its own, and is told of those that it cannot."""
        expected = ["[Service]", f"SupplementaryGroups={self.group}"]
        for name in ("me.pem", "own.p12"):
            self.write(name, "", 0o640, self.group)
        for lines in ("CERTFILE me.pem\n", f"CERTPATH {self.root}/conf\nCERTIDENT own x\n"):
            self.write("upsd.conf", lines)
            self.assertEqual(self.generate(), "")
            self.assertEqual(self.drop_in("busbar-gateway.service"), expected)

        self.write("secret.pem", "", 0o600)
        for lines in ("CERTFILE secret.pem\n", f"CERTPATH {self.root}/conf/secret.pem\n",
                      f"CERTPATH {self.root}/conf\nCERTIDENT secret x\n"):
            self.write("upsd.conf", lines)
            self.assertIn("secret.pem can only be read by root", self.generate())

    def test_drivers_need_no_users(self):
        self.write("ups.conf", "[sim]\ndriver = dummy-ups\nport = sim.dev\n")
        self.write("upsd.users", "", 0o640, self.group)
        self.assertEqual(self.generate(), "")
        self.assertIsNone(self.drop_in("busbar-dummy-ups@.service"))
        self.assertIsNotNone(self.drop_in("busbar-gateway.service"))

    def test_drop_in_directory(self):
        self.write("upsd.conf.d/site.conf", "MAXAGE 20\n", 0o640, self.group)
        self.assertEqual(self.generate(), "")
        self.assertEqual(self.drop_in("busbar-gateway.service"),
                         ["[Service]", f"SupplementaryGroups={self.group}"])

    def test_files_of_the_monitor(self):
        self.write("upsmon.conf", "MONITOR ups@nas 1 u p slave\n", 0o640, self.group)
        self.assertEqual(self.generate(), "")
        expected = ["[Service]", f"SupplementaryGroups={self.group}"]
        self.assertEqual(self.drop_in("busbar-monitor.service"), expected)
        self.assertNotIn("Supp", "".join(self.drop_in("busbar-notify.service")))
        self.assertEqual(self.drop_in(r"busbar-dummy-ups@ups\x40nas.service")[-2:], expected)
        self.assertIsNone(self.drop_in("busbar-gateway.service"))

    def test_private_file(self):
        self.write("upsd.users", "", 0o600)
        said = self.generate()
        self.assertIn("upsd.users", said)
        self.assertIn("root", said)
        self.assertIsNone(self.drop_in("busbar-gateway.service"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
