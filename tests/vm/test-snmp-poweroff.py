#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine that is fed by a UPS on the network: when the battery runs low, it is told to switch off while
there is a network, with a delay that the machine is off before; to come back with the mains.

Usage: test-snmp-poweroff.py BUILD MESON USB-CABLE [TEST...]"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "snmp"))

# pylint: disable=wrong-import-position
import ber  # noqa: E402
from agentlib import Agent, Server  # noqa: E402
from usbbed import MONITOR_CONF  # noqa: E402
from usbtest import UsbTest, main  # noqa: E402
from vm import wait_for  # noqa: E402

# As the guest sees this host.
HOST = "10.0.2.2"
UPS = "1.3.6.1.2.1.33.1"
BATTERY_STATUS, CHARGE, SOURCE = f"{UPS}.2.1.0", f"{UPS}.2.4.0", f"{UPS}.4.1.0"
SHUTDOWN_DELAY, AUTO_RESTART = f"{UPS}.8.2.0", f"{UPS}.8.5.0"


class TestSnmpPowerOff(UsbTest):
    agent: Agent

    def setUp(self):
        self.seen = len(self.machine.console())
        self.cursor = self.journal_cursor()

    def tearDown(self):
        self.keep_console()

    def test_low_battery(self):
        self.wait_status("rack", "OL")
        self.machine.run("until systemctl -q is-active busbar-monitor.service; do sleep 0.1; done")
        self.assert_well()
        self.assertEqual(self.agent.sets, [])
        self.agent[CHARGE], self.agent[BATTERY_STATUS], self.agent[SOURCE] = 5, 3, 5
        wait_for("the machine is off", lambda: not self.machine.is_on(), 180)
        said = self.machine.console()[self.seen:]
        told = {ber.dotted(ids): ber.to_int(content) for ids, _, content in self.agent.sets}
        # The time to stop was never measured.
        self.assertEqual(told.get(SHUTDOWN_DELAY), 300, said[-4000:])
        self.assertEqual(told.get(AUTO_RESTART), 1)
        self.assertIn("All filesystems unmounted", said)
        self.assertNotIn("could not be told", said)


if __name__ == "__main__":
    with Server() as server:
        agent = TestSnmpPowerOff.agent = Agent.load(HERE.parent / "snmp/walks/ups.snmprec", writable="all")
        # By itself it would stay off.
        agent[AUTO_RESTART] = 2
        port = server.add(agent)

        def edit(image):
            image.configure("ups.conf", "pollinterval = 1\n[rack]\ndriver = snmp-ups\n"
                                        f"port = {HOST}:{port}\nsnmp_version = v2c\n")
            image.configure("upsmon.conf", f"MONITOR rack 1 - - primary\n{MONITOR_CONF}")

        main(TestSnmpPowerOff, [], edit=edit)
