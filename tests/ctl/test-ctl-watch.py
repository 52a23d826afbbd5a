#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbarctl watch: what is told when devices change, come and go."""

import json
import unittest

from ctllib import CONFIG, ESCAPE, CtlTest, FakeDevice, Testbed, TestCase, Watcher


class TestWatch(CtlTest):
    def test_text(self):
        with Watcher(self.environment, "watch") as w:
            w.wait(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Fake is present, fresh: on line, charging$")
            w.wait("rack is present, fresh: alarm, ON BATTERY, discharging$")
            self.fake.tell("set battery.charge 86")
            w.wait(r"Fake battery\.charge: 86 \(was 87\)$")
            self.fake.tell("unset ups.temperature")
            w.wait(r"Fake ups\.temperature: no longer there$")
            self.fake.tell("set ups.efficiency 97")
            w.wait(r"Fake ups\.efficiency: 97$")
            self.fake.tell("status OB")
            w.wait(r"Fake ups\.status: OB \(was OL CHRG\)$")
            self.fake.tell("freshness stale")
            w.wait("Fake is stale$")
            self.fake.close()
            w.wait("Fake is gone: its driver ended$")
            self.assertEqual(w.end(), 0)
            self.assertEqual(w.text(w.process.stderr), "")
            self.assertNotIn(ESCAPE, w.text())

    def test_json(self):
        with Watcher(self.environment, "watch", "--json", "fake") as w:
            w.wait('"present"')
            self.fake.tell("set battery.charge 12")
            w.wait('"changed"')
            self.fake.tell("freshness absent")
            w.wait('"freshness":"absent"')
            self.fake.close()
            w.wait('"gone"')
            self.assertEqual(w.end(), 0)
            events = [json.loads(line) for line in w.text().splitlines()]
        self.assertEqual({e["device"] for e in events}, {"Fake"})
        self.assertEqual([e["event"] for e in events], ["present", "changed", "freshness", "gone"])
        self.assertEqual(events[0]["status"], ["OL", "CHRG"])
        self.assertEqual(events[1]["variables"], {"battery.charge": "12"})
        self.assertEqual(events[1]["removed"], [])

    def test_waits_for_device(self):
        self.fake.close()
        with Watcher(self.environment, "watch", "Fake") as w:
            w.wait("waiting for it", w.process.stderr)
            self.fake = self.enter(FakeDevice(self.environment))
            w.wait("Fake is present")
            self.assertEqual(w.end(), 0)

    def test_reader_goes(self):
        """As in busbarctl watch | head -1: no error, and no process left."""
        with Watcher(self.environment, "watch", "Fake") as w:
            w.wait("Fake is present")
            w.process.stdout.close()
            w.data[w.process.stdout] = b""
            self.fake.tell("set battery.charge 5")
            self.assertEqual(w.process.wait(10), 0)


class TestRestart(TestCase):
    def test_bus_restart(self):
        with Testbed(CONFIG) as bed, Watcher(bed.environment, "watch", "--json") as w:
            w.wait('"rack","event":"present"')
            w.wait('"pdu","event":"present"')
            bed.restart("bus")
            w.wait("Connected to the bus", w.process.stderr)
            bed.write("pdu.dev", CONFIG["pdu.dev"].replace("229.6", "180.1"))
            w.wait(r'"input.voltage":"180.1"')
            self.assertEqual(w.end(), 0)
            events = [json.loads(line) for line in w.text().splitlines()]
        state = {}
        for event in events:
            if event["event"] == "gone":
                del state[event["device"]]
            elif event["event"] in ("present", "changed"):
                state.setdefault(event["device"], {}).update(event["variables"])
        self.assertEqual(set(state), {"pdu", "rack"})
        self.assertEqual(state["pdu"]["input.voltage"], "180.1")
        self.assertEqual(state["rack"]["battery.charge"], "42")


if __name__ == "__main__":
    unittest.main()
