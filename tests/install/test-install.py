#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installs into an empty root: all must be where its reader looks, and uninstall must leave nothing."""

import sys
import tempfile
import unittest
from pathlib import Path

from build import Build, tree

BUILD = Build(sys.argv[1], sys.argv[2])
UNITS = sys.argv[3].lstrip("/")

EXPECTED = [
    f"{UNITS}/busbar.service",
    f"{UNITS}/busbar.target",
    f"{UNITS}/busbar-dummy-ups@.service",
    f"{UNITS}/busbar-enroll.service",
    f"{UNITS}/busbar-enroll.timer",
    f"{UNITS}/busbar-enroll@.service",
    f"{UNITS}/busbar-gateway.service",
    f"{UNITS}/busbar-gateway.socket",
    f"{UNITS}/busbar-guard.service",
    f"{UNITS}/busbar-hand-over@.service",
    f"{UNITS}/busbar-low-battery.target",
    f"{UNITS}/busbar-monitor.service",
    f"{UNITS}/busbar-notify.service",
    f"{UNITS}/busbar-on-battery.target",
    f"{UNITS}/busbar-poweroff-now.path",
    f"{UNITS}/busbar-poweroff-now.service",
    f"{UNITS}/busbar-shutdown.target",
    f"{UNITS}/busbar-snmp-ups-group@.service",
    f"{UNITS}/busbar-snmp-trap@.socket",
    f"{UNITS}/system-busbar.slice",
    "usr/bin/busbarctl",
    "usr/lib/busbar/busbar-desktop",
    "usr/lib/busbar/busbar-enroll",
    "usr/lib/busbar/busbar-gateway",
    "usr/lib/busbar/busbar-guard",
    "usr/lib/busbar/busbar-hid-id",
    "usr/lib/busbar/busbar-monitor",
    "usr/lib/busbar/busbar-notify",
    "usr/lib/busbar/busbar-reconfigure",
    "usr/lib/busbar/drivers/dummy-ups",
    "usr/lib/busbar/drivers/snmp-ups",
    "usr/lib/busbar/nut-commands/upsmon",
    "usr/lib/busbar/nut-commands/upssched",
    "usr/lib/systemd/catalog/busbar.catalog",
    "usr/lib/systemd/logind.conf.d/zz-busbar.conf",
    "usr/lib/systemd/system-generators/busbar-generator",
    "usr/lib/systemd/system-shutdown/busbar-poweroff",
    "usr/lib/systemd/user/busbar-desktop.service",
    "usr/lib/sysusers.d/busbar.conf",
    "usr/lib/tmpfiles.d/busbar.conf",
    "usr/lib/udev/rules.d/62-busbar.rules",
    "usr/share/busbar/examples/nut.conf",
    "usr/share/busbar/examples/sim.dev",
    "usr/share/busbar/examples/units/pause-batch.service",
    "usr/share/busbar/examples/ups.conf",
    "usr/share/busbar/examples/upsd.conf",
    "usr/share/busbar/examples/upsd.users",
    "usr/share/busbar/examples/upsmon.conf",
    "usr/share/busbar/examples/upssched.conf",
    "usr/share/dbus-1/system.d/org.busbar.conf",
    "usr/share/polkit-1/actions/org.busbar.policy",
    "usr/share/polkit-1/rules.d/50-busbar.rules",
]

PROGRAMS = ("usr/bin/", "usr/lib/busbar/", "usr/lib/systemd/system-generators/",
            "usr/lib/systemd/system-shutdown/")


class InstallTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="busbar-install-")
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        BUILD.install(self.root)

    def files(self):
        return sorted(name for name in tree(self.root) if not (self.root / name).is_dir())

    def test_places(self):
        files = self.files()
        self.assertEqual([name for name in EXPECTED if name not in files], [])
        # Configuration belongs to the administrator, and run time directories to tmpfiles.
        self.assertEqual([name for name in files if not name.startswith(("usr/", f"{UNITS}/"))], [])
        self.assertEqual([name for name in files if "test" in name.lower()], [])
        self.assertEqual([name for name in files if name.endswith((".a", ".h", ".in"))], [])

    def test_modes(self):
        for name in self.files():
            with self.subTest(name):
                mode = (self.root / name).stat().st_mode & 0o7777
                program = name.startswith(PROGRAMS) and not name.endswith(".py")
                self.assertEqual(oct(mode), oct(0o755 if program else 0o644))

    def test_nothing_stays(self):
        BUILD.uninstall(self.root)
        self.assertEqual(sorted(tree(self.root)), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
