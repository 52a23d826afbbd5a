#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the generator on directories of configuration files and looks at what it makes of them."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

GENERATOR = Path(sys.argv[1]).resolve()
UNIT_DIRECTORY = sys.argv[2]
DROP_IN = "50-busbar.conf"


class Fixture(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="busbar-generator-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.root.chmod(0o755)
        self.units = self.root / UNIT_DIRECTORY.lstrip("/")
        self.units.mkdir(parents=True)
        (self.units / "busbar-dummy-ups@.service").touch()
        for name in ("conf", "output"):
            (self.root / name).mkdir(mode=0o755)

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
        directory = self.root / "output/busbar.target.wants"
        return sorted(path.name for path in directory.iterdir()) if directory.exists() else []

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
            "nut-driver-enumerator.path", "nut-driver-enumerator.service", "nut-driver.target",
            "nut-server.service"])
        self.assertEqual({os.readlink(path) for path in early.iterdir()}, {"/dev/null"})
        self.assertEqual([*late.iterdir()], [])

    def test_wrong_arguments(self):
        self.assertNotEqual(subprocess.run([GENERATOR], capture_output=True, check=False).returncode, 0)

    def test_output_that_cannot_be_written(self):
        env = dict(os.environ, NUT_CONFPATH=str(self.root / "conf"))
        done = subprocess.run([GENERATOR, self.root / "conf/none"], env=env, capture_output=True, text=True,
                              check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("conf/none", done.stderr)


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

    def test_private_file(self):
        self.write("upsd.users", "", 0o600)
        said = self.generate()
        self.assertIn("upsd.users", said)
        self.assertIn("root", said)
        self.assertIsNone(self.drop_in("busbar-gateway.service"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
