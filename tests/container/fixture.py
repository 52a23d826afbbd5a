# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the booted system have in common: two devices, their users, and the words for both."""

import unittest

from machine import Machine, NutClient, wait_for

UPS_CONF = """pollinterval = 1
[sim]
driver = dummy-ups
port = sim.dev
desc = "Simulated UPS"
[rack-1.b]
driver = dummy-ups
port = rack.dev
"""

UPSD_USERS = """[admin]
password = secret
actions = SET
actions = FSD
instcmds = ALL
[monitor]
password = secret
upsmon = secondary
"""

SIM = "busbar-dummy-ups@sim.service"
RACK = r"busbar-dummy-ups@rack\x2d1.b.service"
GATEWAY = "busbar-gateway.service"
SOCKET = "busbar-gateway.socket"


def device_file(status, load=20):
    return f"ups.status: {status}\nups.load: {load}\nbattery.charge: 100\nbattery.charge.low: 20\n"


def device_unit(name):
    return f"busbar-dummy-ups@{name}.service"


def bus_call(device, interface, *arguments):
    """The words for busctl that call a method of a device."""
    return ["busctl", "call", f"org.busbar.Driver.{device}", f"/org/busbar/device/{device}",
            f"org.busbar.{interface}", *arguments]


class Fixture(unittest.TestCase):
    """Each test finds the two devices of UPS_CONF running, whatever the one before it did."""

    machine: Machine
    bus: str

    def setUp(self):
        self.configure(UPS_CONF)
        self.configure("", "upsd.conf")
        self.machine.write("/etc/nut/sim.dev", device_file("OL"))
        self.machine.write("/etc/nut/rack.dev", device_file("OL CHRG", 33))
        self.machine.run("systemctl", "start", "busbar")
        self.reload()
        self.machine.wait_active(SIM, RACK, SOCKET)

    def configure(self, text, name="ups.conf"):
        """With the permissions that NUT's packages give to their files."""
        self.machine.write(f"/etc/nut/{name}", text, 0o640, self.machine.nut_group)

    def reload(self, unit="busbar"):
        self.machine.run("systemctl", "reload", unit)

    def client(self, *arguments, **options):
        client = NutClient(*arguments, **options)
        self.addCleanup(client.close)
        return client

    def upsc(self, *arguments, check=True):
        done = self.machine.run("upsc", *arguments, check=check)
        return done.stdout.strip()

    def wait_value(self, client, device, variable, value, timeout=30):
        expected = f'VAR {device} {variable} "{value}"'
        wait_for(expected, lambda: client.get(device, variable) == expected, timeout)


def prepare(machine, build, bus):
    """What a package does, and a configuration to begin with."""
    machine.install(build)
    machine.write("/etc/nut/ups.conf", UPS_CONF, 0o640, machine.nut_group)
    machine.write("/etc/nut/upsd.users", UPSD_USERS, 0o640, machine.nut_group)
    machine.write("/etc/nut/sim.dev", device_file("OL"))
    machine.write("/etc/nut/rack.dev", device_file("OL CHRG", 33))

    alias = machine.root / "etc/systemd/system/dbus.service"
    alias.unlink(missing_ok=True)
    if bus == "dbus-broker":
        alias.symlink_to("/lib/systemd/system/dbus-broker.service")
