#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""node-nut, the client of ioBroker and others, against Busbar and against Debian's own server. It is no
package of Debian; npm fetches it into the build directory at the first time."""

import os
import unittest

from testlib import NutConnection, StockServer, Testbed, TestCase, build_directory, run, wait_for

PACKAGE = "node-nut@1.0.3"

CONFIG = {
    "ups.conf": "[ups]\ndriver = dummy-ups\nport = ups.dev\n[second]\ndriver = dummy-ups\nport = ups.dev\n",
    "ups.dev": "ups.status: OL\nups.id: old\nbattery.charge: 87\n",
    "upsd.conf": "",
    "upsd.users": "[admin]\npassword = secret\nactions = SET\n",
}

SCRIPT = """
const Nut = require(process.argv[1]);
const nut = new Nut(Number(process.argv[2]), "127.0.0.1");
const check = (e) => { if (e) { console.log("failed: " + e); process.exit(1); } };
nut.on("error", check);
nut.on("close", () => console.log("closed"));
nut.on("ready", () => nut.GetUPSList((list, e) => { check(e); console.log(Object.keys(list).join(" "));
  nut.GetUPSVars("ups", (vars, e) => { check(e); console.log(vars["battery.charge"]);
  nut.GetUPSCommands("ups", (commands, e) => { check(e); console.log(commands.join(" "));
  nut.GetVarType("ups", "ups.id", (type, e) => { check(e);
  nut.SetUsername("admin", (e) => { check(e); nut.SetPassword("secret", (e) => { check(e);
  nut.SetRWVar("ups", "ups.id", "node", (e) => { check(e);
  nut.GetUPSVars("nosuch", (vars, e) => { console.log(e); nut.close(); });
  }); }); }); }); }); }); }));
nut.start();
"""


class TestNode(TestCase):
    @classmethod
    def setUpClass(cls):
        # Not by the name of the package: npm would take the directory for what is to be installed.
        cls.directory = os.path.join(build_directory(), "node-modules-for-tests")
        cls.module = os.path.join(cls.directory, "node_modules", "node-nut")
        if not os.path.isdir(cls.module):
            os.makedirs(cls.directory, exist_ok=True)
            run("npm", "install", "--prefix", cls.directory, "--no-audit", "--no-fund", "--ignore-scripts",
                PACKAGE, timeout=120)

    def check(self, server):
        lines = run("node", "-e", SCRIPT, self.module, str(server.port)).stdout.splitlines()
        self.assertEqual(lines[:3], ["ups second", "87", "load.off"])
        self.assertRegex(lines[3], "UNKNOWN-UPS")
        self.assertEqual(lines[4:], ["closed"])
        with NutConnection(server.port) as c:
            wait_for(lambda: c.ask("GET VAR ups ups.id") == 'VAR ups ups.id "node"', "the new value")

    def test_busbar(self):
        with Testbed(CONFIG) as server:
            self.check(server)

    def test_stock(self):
        with StockServer(CONFIG) as server:
            self.check(server)


if __name__ == "__main__":
    unittest.main()
