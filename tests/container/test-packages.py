#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Debian packages on a machine that has NUT: in its place, with everything that used it, and back again.

The tests are one story, told in the order of their names."""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from machine import Machine, NutClient, run_inside, wait_for

SOURCE = Path(__file__).resolve().parent.parent.parent
NUT_CACHE = Path("/var/cache/busbar-test")
NUT_PACKAGES = ("nut-server", "nut-client", "nut-snmp", "libupsclient6", "libnutscan2")
NEW_VERSION = "+new1"

UPS_CONF = """# Ours since 2009.
maxretry = 3

[rack]   # the big one
    driver = dummy-ups
    port = rack.dev
    desc = "Rack \\"left\\""
[desk]
    driver = dummy-ups
    port = desk.dev
"""
FILES = {
    "nut.conf": "MODE=netserver\n",
    "ups.conf": UPS_CONF,
    "upsd.conf": "LISTEN 127.0.0.1 3493\nLISTEN ::1 3493\n",
    "upsd.users": "[admin]\npassword = secret\nactions = SET\ninstcmds = ALL\n"
                  "[local]\npassword = secret\nupsmon primary\n"
                  "[far]\npassword = secret\nupsmon secondary\n",
    "upsmon.conf": "MONITOR rack@localhost 1 local secret primary\nMINSUPPLIES 1\n"
                   "SHUTDOWNCMD \"/bin/touch /run/shutdown-by-upsmon\"\nPOWERDOWNFLAG /etc/killpower\n",
    "upssched.conf": "CMDSCRIPT /bin/upssched-cmd\n",
    "rack.dev": "ups.status: OL\nups.load: 20\nbattery.charge: 90\nbattery.charge.low: 20\nups.mfr: ACME\n",
    "desk.dev": "ups.status: OL CHRG\nups.load: 33\nbattery.charge: 50\nups.mfr: ACME\n",
}

# What people have in cron, a status line and a screen.
SCRIPT = """#!/bin/sh
for ups in $(upsc -l 2>/dev/null); do
        echo "$ups: $(upsc $ups ups.status 2>/dev/null)"
        charge=$(upsc $ups@localhost:3493 battery.charge 2>/dev/null) && echo "at $charge %"
        upsc $ups@127.0.0.1 2>/dev/null | grep '^ups\\.\\(load\\|mfr\\|status\\)' |
                awk -F': ' '{print $1 "=" $2}'
done
upsc -L localhost 2>/dev/null | sed 's/"//g'
{ upsc rack@localhost no.such.thing || echo "status $?"; } 2>&1 | grep -v '^Init SSL'
{ upsc nobody || echo "status $?"; } 2>&1 | grep -v '^Init SSL'
upsrw -l rack 2>/dev/null | grep battery.charge.low
upscmd -l rack 2>/dev/null | grep -o '^load.off'
"""

# upsmon of another host, as Debian built it: its own files, its own library, nothing of what is installed.
FAR = """[Service]
Environment=NUT_CONFPATH=/srv/far LD_LIBRARY_PATH=/srv/far
TemporaryFileSystem=/run/nut
ExecStart=/srv/far/upsmon -D
"""
FAR_CONF = """MONITOR rack@[::1] 1 far secret secondary
SHUTDOWNCMD "/bin/touch /run/shutdown-far"
POLLFREQ 1
POLLFREQALERT 1
"""

COLLECTD_SERVICE = """[Service]
ExecStart=/usr/sbin/collectd -f -C /srv/collectd.conf
"""
COLLECTD = """Hostname "box"
Interval 1
BaseDir "/run/collectd"
PIDFile "/run/collectd.pid"
LoadPlugin nut
LoadPlugin csv
<Plugin nut>
        UPS "rack@localhost:3493"
</Plugin>
<Plugin csv>
        DataDir "/run/collectd"
</Plugin>
"""


class Packages:
    """Ours, in two versions, from one build."""

    def __init__(self, build):
        self.directory = Path(os.environ.get("BUSBAR_TEST_DEBS") or Path(build, "debs"))
        if "BUSBAR_TEST_DEBS" not in os.environ and not self._is_fresh():
            self._build()
        self.files = sorted(self.directory.glob("*.deb"))

    def _is_fresh(self):
        stamp = self.directory / "stamp"
        if not stamp.exists():
            return False
        listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z", "--cached", "--others",
                                 "--exclude-standard"], check=True, capture_output=True, text=True).stdout
        sources = [SOURCE / name for name in listed.split("\0") if name]
        return all(not path.exists() or path.stat().st_mtime < stamp.stat().st_mtime for path in sources)

    def _build(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        environment = dict(os.environ, DEB_BUILD_OPTIONS=f"nocheck noautodbgsym parallel={os.cpu_count()}")
        subprocess.run([SOURCE / "packaging/build-deb", self.directory], check=True, env=environment,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        (self.directory / "stamp").touch()

    def copy(self, target):
        for path in self.files:
            shutil.copy(path, target)

    def copy_newer(self, target, scratch):
        """The same, as if they were of a later version."""
        for path in self.files:
            tree = scratch / path.stem
            subprocess.run(["dpkg-deb", "--raw-extract", path, tree], check=True)
            control = tree / "DEBIAN/control"
            lines = []
            version = ""
            for line in control.read_text().splitlines(keepends=True):
                if line.startswith("Version: "):
                    version = line.removeprefix("Version: ").strip()
                lines.append(line)
            text = "".join(lines).replace(f"Version: {version}\n", f"Version: {version}{NEW_VERSION}\n")
            control.write_text(text.replace(f"(= {version})", f"(= {version}{NEW_VERSION})"))
            subprocess.run(["dpkg-deb", "-Znone", "--build", tree, target], check=True, capture_output=True)
            shutil.rmtree(tree)


class PackagesTest(unittest.TestCase):
    machine: Machine
    before: str
    files: dict
    pids: dict = {}

    # NUT.

    def test_1_nut_serves_all(self):
        self.wait_served()
        type(self).before = self.script()
        self.assertIn("rack: OL\nat 90 %\n", self.before)
        self.wait_far_upsmon()
        self.wait_collectd()

    def test_0_lintian(self):
        """It has read the packages only: what is installed does not count."""
        done = self.machine.run("sh", "-c", "lintian --allow-root --fail-on error,warning /srv/ours/*.deb",
                                check=False, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_2_one_beside_the_other_is_refused(self):
        done = self.machine.run("sh", "-c", "dpkg --install /srv/ours/busbar-client_*.deb", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("busbar-client conflicts with nut-client", done.stderr)
        self.assertEqual(self.status("nut-client"), "ii")
        self.assertNotIn("busbar", self.machine.output("dpkg-divert", "--list"))
        self.machine.wait_active("nut-server.service", "nut-monitor.service")

    # Ours.

    def test_3_ours_in_place_of_nut(self):
        self.apt("/srv/ours/*.deb")
        for package in ("busbar-server", "busbar-client", "collectd-core"):
            self.assertEqual(self.status(package), "ii", package)
        self.assertEqual(self.status("nut-server"), "rc")
        self.assert_ours_serves()
        # What runs has the library of before, what starts has ours.
        self.machine.run("systemctl", "restart", "collectd-here.service")
        self.pids.pop("collectd-here.service")
        self.wait_collectd()

    def test_4_nothing_of_nut_takes_the_files_along(self):
        self.machine.run("dpkg", "--purge", "nut-server")
        self.assert_files()

    def test_5_clients_stay_through_an_upgrade(self):
        pid = self.machine.main_pid("busbar-gateway.service")
        with NutClient() as client:
            self.assertEqual(client.get("rack", "ups.load"), 'VAR rack ups.load "20"')
            self.apt("/srv/newer/*.deb")
            self.machine.wait_active("busbar-gateway.service", "busbar-monitor.service")
            self.assertEqual(client.ask("GET NUMLOGINS rack").split()[:2], ["NUMLOGINS", "rack"])
            wait_for("a value", lambda: client.get("rack", "ups.load") == 'VAR rack ups.load "20"')
        self.assertNotEqual(self.machine.main_pid("busbar-gateway.service"), pid)
        version = self.machine.output("dpkg-query", "-W", "-f", "${Version}", "busbar-server")
        self.assertTrue(version.endswith(NEW_VERSION), version)
        self.assert_ours_serves()

    def test_6_removed_it_leaves_the_files(self):
        self.apt("busbar-server", "busbar-client", verb="remove")
        self.assertEqual(self.machine.output("systemctl", "list-units", "--no-legend", "busbar*"), "")
        self.assertEqual(self.machine.run("pgrep", "-f", "/usr/lib/busbar", check=False).stdout, "")
        self.assertNotIn("busbar", self.machine.output("dpkg-divert", "--list"))
        self.assert_files()

    # And back.

    def test_7_nut_again(self):
        self.apt("/srv/nut/*.deb")
        self.assertEqual(self.status("nut-server"), "ii")
        self.machine.wait_active("nut-server.service", "nut-monitor.service")
        self.wait_served()
        self.assertEqual(self.script(), self.before)
        self.assert_files()
        self.wait_far_upsmon()
        self.wait_collectd()

    def test_8_ours_for_good(self):
        self.apt("--purge", "/srv/newer/*.deb")
        self.assert_ours_serves()
        self.machine.run("dpkg", "--purge", "nut-client", "nut-server", check=False)
        self.assert_files()

    def test_9_purged_it_leaves_the_files(self):
        self.apt("busbar-server", "busbar-client", verb="purge")
        self.assert_files()
        self.assertEqual(list((self.machine.root / "var/lib").glob("busbar*")), [])

    # What they need.

    def apt(self, *packages, verb="install"):
        words = " ".join(packages)
        done = self.machine.run(
            "sh", "-c", "DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes --allow-downgrades "
            f"--no-install-recommends -o Dpkg::Options::=--force-confold {verb} {words}",
            check=False, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def status(self, package):
        return self.machine.output("dpkg-query", "-W", "-f", "${db:Status-Abbrev}", package, check=False)

    def script(self):
        return self.machine.output("/srv/script")

    def wait_served(self):
        expected = {("rack", "ups.load"): "20", ("desk", "ups.status"): "OL CHRG"}
        for words, value in expected.items():
            wait_for(f"{words} is {value}",
                     lambda w=words, v=value: self.machine.output("upsc", *w, check=False) == v, 60)

    def assert_files(self):
        found = {path.name: (path.read_text(), path.stat().st_mode, path.stat().st_gid)
                 for path in (self.machine.root / "etc/nut").iterdir()
                 # What NUT's package would have had, where it was purged and is new.
                 if path.suffix != ".dpkg-dist"}
        self.assertEqual(found, self.files)

    def assert_ours_serves(self):
        self.machine.wait_active("busbar.target", "busbar-monitor.service", "busbar-dummy-ups@rack.service")
        self.wait_served()
        self.machine.wait_active("busbar-gateway.service")
        self.assertEqual(self.script(), self.before)
        self.assertEqual(self.machine.run("pgrep", "-x", "upsd", check=False).stdout, "")
        said = self.machine.run("/usr/lib/nagios/plugins/check_ups", "-H", "localhost", "-u", "rack")
        self.assertIn("UPS OK", said.stdout)
        self.assert_files()
        self.wait_far_upsmon()
        self.wait_collectd()

    def wait_far_upsmon(self):
        """It is the one that was there from the beginning, and it has logged in."""
        def is_there():
            try:
                with NutClient() as client:
                    return "CLIENT rack ::1" in client.list("CLIENT rack")
            except (OSError, AssertionError):
                return False
        wait_for("upsmon of another host is logged in", is_there, 60)
        self.assert_same("far.service")

    def wait_collectd(self):
        """A value that was not there before."""
        self.machine.run("rm", "-rf", "/run/collectd/box")
        wait_for("collectd has a value", lambda: self.machine.output(
            "sh", "-c", "cat /run/collectd/box/nut-rack/percent-load*", check=False), 60)
        self.assert_same("collectd-here.service")

    def assert_same(self, unit):
        """A client that goes on is not one that systemd has started again."""
        pid = self.machine.main_pid(unit)
        self.assertEqual(self.pids.setdefault(unit, pid), pid, unit)


def prepare(machine, packages):
    machine.find_nut_group()
    shutil.rmtree(machine.root / "etc/nut")
    for name, text in FILES.items():
        machine.write(f"/etc/nut/{name}", text, 0o644 if name.endswith(".dev") else 0o640, machine.nut_group)
    PackagesTest.files = {path.name: (path.read_text(), path.stat().st_mode, path.stat().st_gid)
                          for path in (machine.root / "etc/nut").iterdir()}
    (machine.root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
    machine.write("/srv/script", SCRIPT, 0o755)
    machine.write("/srv/collectd.conf", COLLECTD)
    for name in ("ours", "newer", "nut", "far"):
        (machine.root / "srv" / name).mkdir()
    for path in ("lib/nut/upsmon", "lib/x86_64-linux-gnu/libupsclient.so.6"):
        shutil.copy(machine.root / path, machine.root / "srv/far")
    machine.write("/srv/far/upsmon.conf", FAR_CONF)
    for name, text in (("far", FAR), ("collectd-here", COLLECTD_SERVICE)):
        machine.write(f"/etc/systemd/system/{name}.service", text)
        (machine.root / "etc/systemd/system/multi-user.target.wants").mkdir(exist_ok=True)
        (machine.root / f"etc/systemd/system/multi-user.target.wants/{name}.service").symlink_to(
            f"/etc/systemd/system/{name}.service")
    packages.copy(machine.root / "srv/ours")
    packages.copy_newer(machine.root / "srv/newer", machine.root / "srv")
    for name in NUT_PACKAGES:
        archives = sorted(NUT_CACHE.glob(f"{name}_*.deb"))
        if not archives:
            raise FileNotFoundError(f"{NUT_CACHE}/{name}_*.deb: tools/install-deps test puts it there")
        shutil.copy(archives[-1], machine.root / "srv/nut")
    machine.run_outside("systemctl", f"--root={machine.root}", "enable", "nut-driver-enumerator.service",
                        "nut-driver-enumerator.path", "nut-driver.target", "nut-server", "nut-monitor",
                        "nut.target")


def main():
    build = Path(sys.argv[1])
    packages = Packages(build) if "BUSBAR_TEST_INSIDE" not in os.environ else None
    run_inside()
    packages = packages or Packages(build)
    machine = Machine("busbar-packages")
    try:
        prepare(machine, packages)
        machine.boot()
        PackagesTest.machine = machine
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(PackagesTest)
        is_well = unittest.TextTestRunner(verbosity=2, failfast=True).run(suite).wasSuccessful()
        if not is_well:
            sys.stderr.write(machine.journal("--lines=60"))
    finally:
        machine.stop()
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
