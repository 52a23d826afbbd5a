#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two machines on one UPS, each with a monitor of its own: the primary goes down last."""

import json
import subprocess
import time
import unittest

from monitorlib import LOW, MONITOR, UPSMON, USERS, FakeSystem, MonitorCase, run, wait_for
from testlib import Testbed


class Links(MonitorCase):
    """self.bed is the machine that has the UPS, self.far the other one."""

    far = None
    far_system = None
    link = None

    def start_far(self, role, user):
        self.link = f"ups@127.0.0.1:{self.bed.port}"
        upsmon = UPSMON.replace("MONITOR ups@localhost 1 main secret primary",
                                f"MONITOR {self.link} 1 {user} secret {role}")
        files = {"ups.conf": "", "upsd.users": USERS, "upsmon.conf": upsmon}
        self.far = self.enter(Testbed(files, monitor=True))
        self.far_system = self.enter(FakeSystem(self.far.environment))
        self.far_system.wait("Inhibit shutdown delay")
        wait_for(lambda: self.far_supply().get("state") == "online", "the far one hears of the UPS", 40)

    def far_get(self, *arguments):
        out = run("busctl", f"--address={self.far.bus_address}", "--json=short", *arguments).stdout
        return json.loads(out)["data"]

    def far_supply(self):
        found = self.far_get("call", *MONITOR, "ListSupplies")[0]
        return {k: v["data"] for k, v in found[0].items()} if found else {}

    def test_secondary(self):
        """The far machine is logged in, told, goes down; the near one has waited for it."""
        self.start({"upsmon.conf": UPSMON.replace("HOSTSYNC 2", "HOSTSYNC 60")})
        self.start_far("secondary", "other")
        self.assertFalse(self.far_supply()["primary"])
        self.wait_logins(1)
        self.bed.write("ups.dev", LOW)
        self.wait_state("waiting-for-secondaries")
        begin = time.monotonic()
        self.far_system.wait("PowerOff")
        self.assertLess(time.monotonic() - begin, 10)
        self.assertEqual(self.far_get("get-property", *MONITOR, "Cause"), "forced")
        self.assertEqual(self.system.count("PowerOff"), 0)

        # As when the machine stops: its link ends, and with it its login.
        self.far.launcher.supervisor.call(
            lambda: self.far.launcher.supervisor.remove(self.far.service(self.link)))
        self.system.wait("PowerOff")
        self.assertIsNone(self.far_flag())

    def far_flag(self):
        result = subprocess.run(["cat", f"{self.far.directory}/run/monitor/armed"], capture_output=True,
                                check=False)
        return result.stdout if result.returncode == 0 else None

    def test_primary_of_link(self):
        """A machine that is the primary of another's UPS tells that server."""
        self.start({"upsmon.conf": "MINSUPPLIES 0\n"})
        self.start_far("primary", "main")
        wait_for(lambda: self.far_supply()["primary"], "it is the primary")
        self.bed.write("ups.dev", LOW)
        self.far_system.wait("PowerOff", 60)
        wait_for(self.forced, "the server has FSD")
        # It is not for the far machine to have a UPS switch off that is connected to another.
        self.assertIsNone(self.far_flag())


if __name__ == "__main__":
    unittest.main(verbosity=2)
