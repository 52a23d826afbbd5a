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
LIBRARIES = sys.argv[4].lstrip("/")

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
    f"{LIBRARIES}/libbusbar.so",
    f"{LIBRARIES}/libbusbar.so.0",
    f"{LIBRARIES}/pkgconfig/libbusbar.pc",
    "usr/bin/busbarctl",
    "usr/include/busbar.h",
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
    "usr/lib/busbar/nut-commands/completion/_nut",
    "usr/lib/busbar/nut-commands/completion/nutconf",
    "usr/lib/busbar/nut-commands/completion/nutconf.fish",
    "usr/lib/busbar/nut-commands/completion/upsc",
    "usr/lib/busbar/nut-commands/completion/upsc.fish",
    "usr/lib/busbar/nut-commands/nut-recorder",
    "usr/lib/busbar/nut-commands/nut-scanner",
    "usr/lib/busbar/nut-commands/nutconf",
    "usr/lib/busbar/nut-commands/perl/UPS/Nut.pm",
    "usr/lib/busbar/nut-commands/perl/UPS/Nut/AuthConf.pm",
    "usr/lib/busbar/nut-commands/python/PyNUT.py",
    "usr/lib/busbar/nut-commands/python/PyNUT_authconf.py",
    "usr/lib/busbar/nut-commands/sockdebug",
    "usr/lib/busbar/nut-commands/upsc",
    "usr/lib/busbar/nut-commands/upscmd",
    "usr/lib/busbar/nut-commands/upsd",
    "usr/lib/busbar/nut-commands/upsdrvctl",
    "usr/lib/busbar/nut-commands/upsdrvsvcctl",
    "usr/lib/busbar/nut-commands/upslog",
    "usr/lib/busbar/nut-commands/upsmon",
    "usr/lib/busbar/nut-commands/upsrw",
    "usr/lib/busbar/nut-commands/upssched",
    "usr/lib/busbar/nut-libraries/include/nut-scan.h",
    "usr/lib/busbar/nut-libraries/include/parseconf.h",
    "usr/lib/busbar/nut-libraries/include/upsclient.h",
    "usr/lib/busbar/nut-libraries/libnutscan.so.2",
    "usr/lib/busbar/nut-libraries/libupsclient.so.6",
    "usr/lib/busbar/nut-libraries/pkgconfig/libnutscan.pc",
    "usr/lib/busbar/nut-libraries/pkgconfig/libupsclient.pc",
    "usr/lib/systemd/catalog/busbar.catalog",
    "usr/lib/systemd/logind.conf.d/zz-busbar.conf",
    "usr/lib/systemd/system-generators/busbar-generator",
    "usr/lib/systemd/system-shutdown/busbar-poweroff",
    "usr/lib/systemd/user/busbar-desktop.service",
    "usr/lib/sysusers.d/busbar.conf",
    "usr/lib/tmpfiles.d/busbar.conf",
    "usr/lib/udev/hwdb.d/61-busbar.hwdb",
    "usr/lib/udev/rules.d/62-busbar.rules",
    "usr/share/bash-completion/completions/busbarctl",
    "usr/share/busbar/examples/avahi/busbar.service",
    "usr/share/busbar/examples/logrotate/upslog",
    "usr/share/busbar/examples/nut.conf",
    "usr/share/busbar/examples/nutauth.conf",
    "usr/share/busbar/examples/sim.dev",
    "usr/share/busbar/examples/ufw/busbar-server",
    "usr/share/busbar/examples/units/pause-batch.service",
    "usr/share/busbar/examples/ups.conf",
    "usr/share/busbar/examples/upsd.conf",
    "usr/share/busbar/examples/upsd.users",
    "usr/share/busbar/examples/upsmon.conf",
    "usr/share/busbar/examples/upssched.conf",
    "usr/share/dbus-1/system.d/org.busbar.conf",
    "usr/share/doc/busbar/examples/busbar-devices.py",
    "usr/share/doc/busbar/examples/libbusbar.c",
    "usr/share/fish/vendor_completions.d/busbarctl.fish",
    "usr/share/man/man1/busbarctl.1",
    "usr/share/man/man3/libbusbar.3",
    "usr/share/man/man3/upscli_connect.3",
    "usr/share/man/man3/upscli_disconnect.3",
    "usr/share/man/man5/ups.conf.5",
    "usr/share/man/man7/busbar.7",
    "usr/share/man/man8/nutconf.8",
    "usr/share/man/man8/upsc.8",
    "usr/share/polkit-1/actions/org.busbar.policy",
    "usr/share/polkit-1/rules.d/50-busbar.rules",
]

PROGRAMS = ("usr/bin/", "usr/lib/busbar/", "usr/lib/systemd/system-generators/",
            "usr/lib/systemd/system-shutdown/", "usr/share/doc/busbar/examples/busbar-devices.py")
# What is below them and is none.
READ = tuple(f"usr/lib/busbar/{name}/" for name in (
    "nut-commands/completion", "nut-commands/perl", "nut-commands/python",
    "nut-libraries/include", "nut-libraries/pkgconfig"))
HEADERS = ("usr/include/", "usr/lib/busbar/nut-libraries/include/")


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
        self.assertEqual([name for name in files if name.endswith((".a", ".in"))], [])
        headers = [name for name in files if name.endswith(".h")]
        self.assertEqual([name for name in headers if not name.startswith(HEADERS)], [])

    def test_modes(self):
        for name in self.files():
            with self.subTest(name):
                mode = (self.root / name).stat().st_mode & 0o7777
                program = name.startswith(PROGRAMS) and not name.startswith(READ) or ".so." in f"{name}."
                self.assertEqual(oct(mode), oct(0o755 if program else 0o644))

    def test_nothing_stays(self):
        BUILD.uninstall(self.root)
        self.assertEqual(sorted(tree(self.root)), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
