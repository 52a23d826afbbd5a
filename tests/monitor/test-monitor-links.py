#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two machines on one UPS, each with a monitor of its own: the primary goes down last."""

import json
import os
import subprocess
import time
import unittest

from monitorlib import LOW, MONITOR, ONLINE, UPSMON, USERS, FakeSystem, MonitorCase, run, wait_for
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

    def needs(self):
        """What those who are logged in need, in seconds."""
        out = self.busctl("call", "org.busbar.Gateway1", "/org/busbar/Gateway1", "org.busbar.Gateway1",
                          "ListLogins", "s", "ups").stdout
        return [seconds for _, _, seconds, _ in json.loads(out)["data"][0]]

    def restart_far_link(self):
        service = self.far.service(self.link)
        starts = service.starts
        self.far.kill(self.link)
        wait_for(lambda: service.starts > starts and service.ready, "the relay is back", 40.0)
        wait_for(lambda: self.far_supply().get("state") == "online", "it is heard again", 40)

    def far_steps(self):
        found = self.far_get("call", *MONITOR, "Rehearse")[0]
        return [(step["name"]["data"], step["ok"]["data"]) for step in found]

    def test_encrypted(self):
        """A link that is to be in cipher never comes about, and the rehearsal says so."""
        self.start()
        self.link = f"ups@127.0.0.1:{self.bed.port}"
        upsmon = UPSMON.replace("ups@localhost 1 main secret primary",
                                f"{self.link} 1 other secret secondary") + "FORCESSL 1\n"
        self.far = self.enter(Testbed({"ups.conf": "", "upsmon.conf": upsmon}, monitor=True))
        self.far_system = self.enter(FakeSystem(self.far.environment))
        self.assertIn(("link", False), self.far_steps())

    def test_secondary(self):
        """The far machine is logged in, told, goes down; the near one has waited for it."""
        self.start({"upsmon.conf": UPSMON.replace("HOSTSYNC 2", "HOSTSYNC 60")})
        self.start_far("secondary", "other")
        self.assertFalse(self.far_supply()["primary"])
        self.wait_logins(1)
        # It has said for how long it needs power: to stop, as long as is assumed, and FINALDELAY.
        wait_for(lambda: self.needs() == [121], f"the need is told, not {self.needs()}")
        self.restart_far_link()
        wait_for(lambda: self.needs() == [121], f"the need is told again, not {self.needs()}")
        self.assertIn(("link", True), self.far_steps())
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

    def test_primary_mains_back(self):
        """What a server was told it does not take back, so the machine that told it goes down, too."""
        self.start({"upsmon.conf": "MINSUPPLIES 0\n"})
        self.start_far("primary", "main")
        wait_for(lambda: self.far_supply()["primary"], "it is the primary")
        with open(os.path.join(self.far.config, "upsmon.conf"), encoding="ascii") as f:
            self.far.write("upsmon.conf", f.read().replace("FINALDELAY 1", "FINALDELAY 10"))
        self.far.reload()
        self.far.wait_log("Configuration reloaded", source="monitor")
        self.bed.write("ups.dev", LOW)
        wait_for(lambda: self.far_get("get-property", *MONITOR, "State") == "final-delay", "it is told", 40)
        self.assertEqual(self.far_get("get-property", *MONITOR, "Cancellation"), "administrator")
        self.bed.write("ups.dev", ONLINE)
        self.far_system.wait("PowerOff", 60)

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
