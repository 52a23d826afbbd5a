#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sequence files in time, and chains of relays, as a client sees them."""

import os
import re
import time
import unittest

from testlib import NutConnection, StockServer, Testbed, TestCase, free_port, wait_for

USERS = "[admin]\npassword = secret\nactions = SET FSD\ninstcmds = ALL\n"


def configuration(files, options=""):
    """One simulated device per file, named after it."""
    config = {"ups.conf": "pollinterval = 1\n", "upsd.conf": "MAXAGE 15\n", "upsd.users": USERS, **files}
    for name in files:
        config["ups.conf"] += f"[{name.split('.')[0]}]\ndriver = dummy-ups\nport = {name}\n{options}\n"
    return config


class DeviceTest(TestCase):
    def start(self, config, **options):
        self.bed = self.enter(Testbed(config, **options))
        self.connection = self.enter(NutConnection(self.bed.port))

    def get(self, name, variable="ups.status"):
        """The value, or the ERR answer."""
        answer = self.connection.ask(f"GET VAR {name} {variable}")
        match = re.fullmatch(r'VAR \S+ \S+ "(.*)"', answer)
        return match[1] if match else answer

    def wait(self, name, value, variable="ups.status", timeout=20.0):
        wait_for(lambda: re.fullmatch(value, self.get(name, variable)), f"{name} {variable} {value}",
                 timeout)

    def stays(self, name, value, variable="ups.status", seconds=2.5):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.assertEqual(self.get(name, variable), value)
            time.sleep(0.1)


class TestSequences(DeviceTest):
    STORY = "ups.status: OL\nbattery.charge: 100\nTIMER 2\nups.status: OB\nTIMER 2\nups.status: OB LB\n" \
            "battery.charge: 5\nTIMER 2\n"

    def watch(self, name, seconds):
        """[(time, status)] of each change, from the second one seen on."""
        seen = [(time.monotonic(), self.get(name))]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = self.get(name)
            if status != seen[-1][1]:
                seen.append((time.monotonic(), status))
            time.sleep(0.02)
        return seen[1:]

    def test_loop(self):
        self.start(configuration({"story.seq": self.STORY}))
        seen = self.watch("story", 11)
        self.assertGreaterEqual(len(seen), 4)
        after = {"OL": "OB", "OB": "OB LB", "OB LB": "OL"}
        for (earlier, a), (later, b) in zip(seen, seen[1:]):
            self.assertEqual(b, after[a])
            self.assertTrue(1.5 < later - earlier < 3.5, f"{a} for {later - earlier} s")
        self.wait("story", "OL")
        self.assertEqual(self.get("story", "battery.charge"), "100")
        self.wait("story", "OB LB")
        self.assertEqual(self.get("story", "battery.charge"), "5")

    def test_modes(self):
        """What .dev and .seq mean, and that mode= has the last word."""
        config = configuration({"once.dev": self.STORY, "loop.seq": self.STORY, "other.txt": self.STORY})
        config["ups.conf"] += "[onceseq]\ndriver=dummy-ups\nport=loop.seq\nmode=dummy-once\n" \
                              "[loopdev]\ndriver=dummy-ups\nport=once.dev\nmode=dummy-loop\n" \
                              "[dummy]\ndriver=dummy-ups\nport=once.dev\nmode=dummy\n"
        self.start(config)
        for name, mode in (("once", "dummy-once"), ("loop", "dummy-loop"), ("other", "dummy"),
                           ("onceseq", "dummy-once"), ("loopdev", "dummy-loop"), ("dummy", "dummy-loop")):
            with self.subTest(name):
                self.assertEqual(self.get(name, "driver.parameter.mode"), mode)
        for name in ("once", "onceseq"):
            self.wait(name, "OB LB")
        for name in ("loop", "loopdev", "dummy", "other"):
            self.wait(name, "OL")
        for name in ("once", "onceseq"):
            self.stays(name, "OB LB", seconds=2.0)

    def test_alarms(self):
        self.start(configuration({"a.seq": "ups.status: OL\nTIMER 2\nALARM Fan failure!\nups.status: OB LB\n"
                                           "TIMER 2\nALARM\nups.status: OL CHRG\nTIMER 2\n"}))
        for _ in range(2):
            self.wait("a", "ALARM OB LB")
            self.assertEqual(self.get("a", "ups.alarm"), "Fan failure!")
            self.wait("a", "OL CHRG")
            self.assertEqual(self.get("a", "ups.alarm"), "ERR VAR-NOT-SUPPORTED")

    def test_rewritten(self):
        self.start(configuration({"a.dev": "ups.status: OL\nbattery.charge: 100\nups.mfr: Example\n",
                                  "b.dev": "ups.status: OL\n"}))
        self.bed.write("a.dev", "ups.status: OB\nbattery.voltage: 12.1\nups.mfr: Example\n")
        self.wait("a", "OB")
        self.assertEqual(self.get("a", "battery.voltage"), "12.1")
        self.wait("a", "ERR VAR-NOT-SUPPORTED", "battery.charge")
        # In place, without a new file, and quickly twice, within the resolution of many a file system.
        for charge in range(10):
            with open(os.path.join(self.bed.config, "a.dev"), "w", encoding="ascii") as f:
                f.write(f"ups.status: OL\nbattery.charge: {charge}\n")
        self.wait("a", "9", "battery.charge")
        self.assertEqual(self.get("b"), "OL")

    def test_mistakes(self):
        """A line that cannot be taken is named, and the others count."""
        text = "ups.status: OL\nno variable at all\n: nothing\nTIMER soon\nbad name: x\nups.mfr: Example\n"
        self.start(configuration({"a.dev": text + "x" * 10000 + "\nups.model: Last\n"}))
        self.assertEqual((self.get("a"), self.get("a", "ups.mfr"), self.get("a", "ups.model")),
                         ("OL", "Example", "Last"))
        for line in (3, 4, 7):
            self.bed.wait_log(rf"a\.dev:{line}: ")

    def test_unreadable(self):
        self.start(configuration({"a.dev": "ups.status: OL\n", "b.dev": "ups.status: OL\n",
                                  "c.seq": "ups.status: OB\n"}))
        for name in ("a.dev", "c.seq"):
            path = os.path.join(self.bed.config, name)
            device = name.split(".")[0]
            with self.subTest(name):
                before = self.get(device)
                os.rename(path, path + ".away")
                self.wait(device, "ERR (DATA-STALE|DRIVER-NOT-CONNECTED)", timeout=30)
                self.bed.wait_log(rf"\[{device}\] .*{re.escape(name)}")
                self.assertEqual(self.get("b"), "OL")
                os.rename(path + ".away", path)
                self.wait(device, before, timeout=30)
        # A directory in its place, which opens and does not read.
        path = os.path.join(self.bed.config, "a.dev")
        os.unlink(path)
        os.mkdir(path)
        self.wait("a", "ERR (DATA-STALE|DRIVER-NOT-CONNECTED)", timeout=30)
        os.rmdir(path)
        self.bed.write("a.dev", "ups.status: OB\n")
        self.wait("a", "OB", timeout=30)

    def test_absent_at_start(self):
        config = configuration({"a.dev": "ups.status: OL\n"})
        config["ups.conf"] += "[late]\ndriver=dummy-ups\nport=late.dev\n"
        self.start(config)
        self.assertEqual(self.get("a"), "OL")
        self.assertRegex(self.get("late"), "ERR (DATA-STALE|DRIVER-NOT-CONNECTED)")
        self.assertIn("UPS late ", self.connection.ask("LIST UPS"))
        self.bed.write("late.dev", "ups.status: OB\n")
        self.wait("late", "OB", timeout=40)


class RelayTest(DeviceTest):
    UPSTREAM = {"ups.dev": "ups.status: OL CHRG\nups.mfr: Example \"Ltd\"\nups.id: one\n"
                           "battery.charge: 55\n"}

    def relay_config(self, port, name="ups", options=""):
        return {"ups.conf": f"pollinterval = 1\n[far]\ndriver = dummy-ups\n"
                            f"port = {name}@127.0.0.1:{port}\n{options}\n",
                "upsd.conf": "", "upsd.users": USERS}

    def values(self, connection, name):
        lines = connection.ask(f"LIST VAR {name}").split("\n")[1:-1]
        pairs = (re.fullmatch(r'VAR \S+ (\S+) "(.*)"', line).groups() for line in lines)
        return {k: v for k, v in pairs if not k.startswith("driver.")}


class TestRelay(RelayTest):
    def test_chain(self):
        first = self.enter(Testbed(configuration(self.UPSTREAM)))
        second = self.enter(Testbed(self.relay_config(first.port)))
        self.start(self.relay_config(second.port, "far"))
        upstream = self.enter(NutConnection(first.port))
        self.assertEqual(self.values(self.connection, "far"), self.values(upstream, "ups"))
        self.assertEqual(self.get("far", "ups.mfr"), 'Example \\"Ltd\\"')
        first.write("ups.dev", "ups.status: OB LB\nbattery.charge: 5\n")
        self.wait("far", "OB LB")
        self.wait("far", "5", "battery.charge")

    def test_stock_upstream(self):
        stock = self.enter(StockServer(configuration(self.UPSTREAM)))
        self.start(self.relay_config(stock.port, options="username = admin\npassword = secret"))
        upstream = self.enter(NutConnection(stock.port))
        self.assertEqual(self.values(self.connection, "far"), self.values(upstream, "ups"))
        for what in ("LIST RW", "LIST CMD"):
            ours, theirs = self.connection.ask(f"{what} far"), upstream.ask(f"{what} ups")
            self.assertEqual([line.split(" ", 2)[2:] for line in ours.split("\n")[1:-1]],
                             [line.split(" ", 2)[2:] for line in theirs.split("\n")[1:-1]])
        self.assertEqual(self.connection.ask("GET TYPE far ups.id"), "TYPE far ups.id RW STRING:16")

    def test_stock_downstream(self):
        """A stock server with a stock relay of ours."""
        first = self.enter(Testbed(configuration(self.UPSTREAM)))
        stock = self.enter(StockServer(self.relay_config(first.port)))
        with NutConnection(stock.port) as c:
            self.assertEqual(self.values(c, "far")["battery.charge"], "55")

    def test_writes(self):
        first = self.enter(Testbed(configuration(self.UPSTREAM)))
        self.start(self.relay_config(first.port, options="username = admin\npassword = secret"))
        self.connection.login("admin", "secret")
        self.assertEqual(self.connection.ask("SET TRACKING ON"), "OK")

        def outcome(request):
            answer = self.connection.ask(request)
            self.assertTrue(answer.startswith("OK TRACKING "), answer)
            question = f"GET TRACKING {answer.split()[2]}"
            return wait_for(lambda: (a := self.connection.ask(question)) != "PENDING" and a, "a result")

        self.assertEqual(outcome('SET VAR far ups.id "a \\"b\\""'), "SUCCESS")
        self.wait("far", re.escape('a \\"b\\"'), "ups.id")
        with NutConnection(first.port) as c:
            self.assertEqual(c.ask("GET VAR ups ups.id"), 'VAR ups ups.id "a \\"b\\""')
        self.assertEqual(outcome("INSTCMD far load.off"), "ERR UNKNOWN")
        self.assertEqual(self.connection.ask("SET VAR far ups.id " + "x" * 17), "ERR TOO-LONG")

    def test_writes_without_rights(self):
        first = self.enter(Testbed(configuration(self.UPSTREAM)))
        self.start(self.relay_config(first.port, options="username = admin\npassword = wrong"))
        self.connection.login("admin", "secret")
        self.assertEqual(self.connection.ask("SET TRACKING ON"), "OK")
        answer = self.connection.ask("SET VAR far ups.id x")
        if answer.startswith("OK"):
            question = f"GET TRACKING {answer.split()[2]}"
            answer = wait_for(lambda: (a := self.connection.ask(question)) != "PENDING" and a, "a result")
        self.assertRegex(answer, "^ERR ")
        with NutConnection(first.port) as c:
            self.assertEqual(c.ask("GET VAR ups ups.id"), 'VAR ups ups.id "one"')
        self.assertEqual(self.get("far", "battery.charge"), "55")

    def test_upstream_goes(self):
        port = free_port()
        with Testbed(configuration(self.UPSTREAM), port=port):
            self.start(self.relay_config(port))
            self.assertEqual(self.get("far"), "OL CHRG")
        self.wait("far", "ERR (DATA-STALE|DRIVER-NOT-CONNECTED)", timeout=30)
        with Testbed(configuration(self.UPSTREAM), port=port):
            self.wait("far", "OL CHRG", timeout=40)

    def test_upstream_device_goes(self):
        """The server is there, its device is not."""
        first = self.enter(Testbed(configuration(self.UPSTREAM)))
        self.start(self.relay_config(first.port))
        os.rename(os.path.join(first.config, "ups.dev"), os.path.join(first.config, "away"))
        self.wait("far", "ERR (DATA-STALE|DRIVER-NOT-CONNECTED)", timeout=40)
        os.rename(os.path.join(first.config, "away"), os.path.join(first.config, "ups.dev"))
        self.wait("far", "OL CHRG", timeout=40)

    def test_no_upstream(self):
        self.start(self.relay_config(free_port()))
        self.assertRegex(self.get("far"), "ERR (DATA-STALE|DRIVER-NOT-CONNECTED)")


if __name__ == "__main__":
    unittest.main()
