#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""snmp-ups as a process, on agents of this test and with a profile of its own.

    test-process.py SNMP-UPS
"""

import os
import re
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from snmp_testlib import ENTERPRISE, PROFILE, PROGRAM, VALUES, SnmpTestCase, trap  # noqa: E402, I001
import ber  # noqa: E402
import walk  # noqa: E402
from agentlib import NO_ACCESS  # noqa: E402
from driver_testlib import free_port, wait_for  # noqa: E402


class SnmpTest(SnmpTestCase):
    # What it shows.

    def test_walk_in_file(self):
        self.write("card.snmprec", VALUES)
        done, values = self.dump(f"port={self.path('card.snmprec')}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_values(values)
        self.assertIn("input.transfer.low", values)
        # By its name alone, beside the configuration.
        done, values = self.dump("port=card.snmprec", "notransferoids")
        self.check_values(values)
        self.assertNotIn("input.transfer.low", values)
        done, _ = self.dump("port=none.snmprec")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.snmprec", done.stderr)
        for path, why in (self.directory, "directory"), ("/dev/null", "no file"):
            done, _ = self.dump(f"port={path}")
            self.assertEqual(done.returncode, 1)
            self.assertIn(why, done.stderr)

    def test_agent(self):
        agent, port = self.agent(community="geheim")
        for version in ("v1", "v2c"):
            done, values = self.dump(f"port=127.0.0.1:{port}", "community=geheim", f"snmp_version={version}")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.check_values(values)
            self.assertNotIn("geheim", done.stdout + done.stderr)
        self.assertEqual(agent.sets, [])

    def test_credential(self):
        _, port = self.agent(community="geheim")
        Path(self.directory, "community").write_text("geheim\n")
        done, _ = self.dump(f"port=127.0.0.1:{port}", "community=credential:community")
        self.assertEqual(done.returncode, 1)
        self.assertIn("LoadCredential=community", done.stderr)
        self.environment["CREDENTIALS_DIRECTORY"] = self.directory
        done, values = self.dump(f"port=127.0.0.1:{port}", "community=credential:community")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_values(values)
        for name in ("none", "../x", ".x", ""):
            done, _ = self.dump(f"port=127.0.0.1:{port}", f"community=credential:{name}")
            self.assertEqual(done.returncode, 1)
            self.assertIn("credential", done.stderr)

    def test_record(self):
        """A recording is a walk that plays the device, without what nobody is to see."""
        agent, port = self.agent()
        agent["1.3.6.1.2.1.1.4.0"] = "somebody@example.net"
        path = self.path("made.walk")
        process = self.serve(self.section("ups", port, f"record = {path}"))
        self.wait_value(self.connect("ups"), "ups.load", "17")
        wait_for(lambda: os.path.exists(path) and "PDU 2" in Path(path).read_text(), path)
        self.assertEqual(process.stop(), 0)
        done, values = self.dump(f"port={path}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_values(values)

    def test_record_secrets(self):
        """A serial number does not stay, wherever else it stands, and however short the recording is."""
        for known in range(2):
            agent, port = self.agent()
            agent["1.3.6.1.2.1.1.1.0"] = "Example card SN:QX1234567"
            agent[f"{ENTERPRISE}.1.5.0"] = b"QX1234567"
            path = self.path(f"made-{known}.walk")
            done, values = self.dump(f"port=127.0.0.1:{port}", f"record={path}")
            self.assertEqual(values.get("ups.serial"), "QX1234567", done.stderr)
            text = Path(path).read_text()
            self.assertIn("Example card SN:XXXXXXXXX", text)
            self.assertNotIn("QX1234567", text)

    def test_list(self):
        done = subprocess.run([PROGRAM, "-a", "any", "-x", "mibs=--list"], env=self.environment, check=True,
                              capture_output=True, text=True, timeout=30)
        self.assertRegex(done.stdout, r"(?m)^example_pdu +Example PDU 1.0 \(example\)$")

    # What is wrong with options.

    def test_bad_options(self):
        """They are told with their line, and nobody is asked."""
        agent, port = self.agent()
        good = ["secName = me", "authPassword = long enough", "privPassword = long enough"]
        cases = [
            (["snmp_version = v4"], "snmp_version"), (["snmp_version = v3"], "secName"),
            (["community = " + 256 * "x"], "community"),
            (["snmp_version = v3", *good, "secLevel = high"], "secLevel"),
            (["snmp_version = v3", *good, "secLevel = authPriv", "authProtocol = ROT13"], "authProtocol"),
            (["snmp_version = v3", *good, "secLevel = authPriv", "privProtocol = ROT13"], "privProtocol"),
            (["snmp_version = v3", "secName = me", "secLevel = authNoPriv"], "authPassword"),
            (["snmp_version = v3", *good[:2], "secLevel = authPriv"], "privPassword"),
            (["snmp_version = v3", "secName = me", "secLevel = authNoPriv", "authPassword = short"],
             "authPassword"),
            (["mibs = nonsense"], "nonsense"),
            (["snmp_version = v3", *good], "secLevel=authPriv"),
            (["snmp_version = v3", *good[:2]], "secLevel=authNoPriv"),
            *((["snmp_version = v1", line], line.split()[0])
              for line in (*good, "secLevel = authPriv", "authProtocol = SHA", "privProtocol = AES")),
        ]
        sections, expected = [], []
        for i, (lines, word) in enumerate(cases):
            text = f"[d{i}]\ndriver = snmp-ups\nport = 127.0.0.1:{port}\n" + "\n".join(lines) + "\n"
            sections.append(text)
            expected.append((i, word))
        process = self.serve(*sections, self.section("low", port, "trapport = 80"))
        wait_for(lambda: "trapport must be a number from 1024" in process.output(), "trapport")
        for i, word in expected:
            wait_for(lambda i=i, word=word: re.search(rf"\[d{i}\] .*{word}", process.output()),
                     f"d{i} {word}")
        self.assertRegex(process.output(), r"\[d7\] .*ups\.conf:\d+: ")
        self.assertNotIn("long enough", process.output())
        self.assertEqual(agent.sets, [])

    # Agents that are away.

    def test_dead_agent(self):
        """A verdict, and no harm to others."""
        dead, dead_port = self.agent(fault="dead")
        _, port = self.agent()
        process = self.serve(self.section("well", port), self.section("dead", dead_port))
        self.wait_value(self.connect("well"), "ups.load", "17")
        wait_for(lambda: "[dead] No answer from" in process.output(), "the verdict")
        wait_for(lambda: "Serving 2 devices" in process.output(), "readiness")
        self.assertTrue(self.variables(self.connect("well"))["fresh"])

        dead.fault = None
        self.wait_value(self.connect("dead"), "ups.load", "17")
        dead.fault = "dead"
        client = self.connect("dead")
        wait_for(lambda: not self.variables(client)["fresh"], "stale data", timeout=40)
        dead.fault = None
        wait_for(lambda: self.variables(client)["fresh"], "fresh data", timeout=40)

    def test_nobody_there(self):
        process = self.serve(self.section("ups", free_port()))
        wait_for(lambda: "nothing listens on its SNMP port" in process.output(), "the verdict")

    # What is kept.

    def test_memory(self):
        agent, port = self.agent()
        process = self.serve(self.section("ups", port))
        self.wait_value(self.connect("ups"), "ups.load", "17")
        saved = Path(self.directory, "state", "ups.saved")
        wait_for(saved.exists, saved)
        self.assertIn("profile=example\n", saved.read_text())
        first = agent.requests
        self.assertEqual(process.stop(), 0)
        self.assertIn("served by the profile example", process.output())

        agent.requests = 0
        process = self.start("-F", "--group", "default")
        self.wait_value(self.connect("ups"), "outlet.2.status", "off")
        self.assertLess(agent.requests, max(first, 2))
        process.stop()
        self.assertNotIn("served by the profile", process.output())

        for text in ("", "garbage\n", saved.read_text().replace("example", "other"), saved.read_text()[:-10],
                     saved.read_text() + "\0\xff garbage"):
            saved.write_text(text)
            process = self.start("-F", "--group", "default")
            self.wait_value(self.connect("ups"), "outlet.2.status", "off")
            process.stop()

    def test_memory_of_mibs(self):
        """What was found with one mibs= says nothing about another."""
        directory = Path(self.directory, "profiles", "snmp")
        (directory / "plain.profile").write_text(
            PROFILE.replace("mib = example_pdu", "mib = plain").replace("order = 500\n", "")
            .replace("Example PDU", "Plain PDU"))
        _, port = self.agent()
        for lines, title in ((["mibs = plain"], "Plain PDU"), ([], "Example PDU"),
                             (["mibs = auto"], "Example PDU")):
            process = self.serve(self.section("ups", port, *lines))
            self.wait_value(self.connect("ups"), "driver.version.data", f"{title} 1.0")
            self.assertEqual(process.stop(), 0)

    # Another device at the address.

    def test_replaced(self):
        """Another kind, then another one of that kind, at once: nothing of the old one stays."""
        directory = Path(self.directory, "profiles", "snmp")
        (directory / "other.profile").write_text(
            PROFILE.replace(ENTERPRISE, "1.3.6.1.4.1.99998.3").replace("example", "other")
            .replace("Example PDU", "Other PDU").replace("order = 500", "order = 501"))
        agent, port = self.agent()
        process = self.serve(self.section("ups", port))
        client = self.connect("ups")
        self.wait_value(client, "ups.model", "PDU 2")

        other = VALUES.replace(ENTERPRISE, "1.3.6.1.4.1.99998.3").replace("PDU 2", "Rack 7")
        agent.replace(walk.parse(other.encode()))
        self.wait_value(client, "ups.model", "Rack 7")
        self.wait_value(client, "driver.version.data", "Other PDU 1.0")
        self.assertIn("not what it was the last time", process.output())
        self.assertIn("served by the profile other", process.output())

        later = other.replace("Rack 7", "Rack 8").replace("|67|100", "|67|90000").replace("|2|196", "|2|200")
        agent.replace(walk.parse(later.encode()))
        self.wait_value(client, "input.transfer.low", "200")
        agent.replace(walk.parse(later.replace("Rack 8", "Rack 9").replace("|67|90000", "|67|200").encode()))
        self.wait_value(client, "ups.model", "Rack 9")
        self.assertEqual(self.variables(client).get("ups.status"), "OL")

    # Agents that answer nothing of use.

    def test_refuses_all(self):
        _, port = self.agent(fault="general")
        done, _ = self.dump(f"port=127.0.0.1:{port}", "snmp_version=v2c")
        self.assertEqual(done.returncode, 1)
        self.assertIn("genErr", done.stderr)
        self.assertIn("community", done.stderr)

    def test_garbled(self):
        """That is told, and what it is."""
        _, port = self.agent(fault="garbage")
        done, _ = self.dump(f"port=127.0.0.1:{port}", "snmp_version=v2c")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no message of SNMP", done.stderr)

    def restart(self, process):
        self.assertEqual(process.stop(), 0)
        return self.start("-F", "--group", "default")

    def test_other_profile(self):
        """With other rows an outlet may be another one, whatever the version says: nothing is recalled."""
        agent, port = self.agent(writable="all")
        profiles = Path(self.directory, "profiles", "snmp")
        table = "[table:outlets]\nindex = outletIndex\n"
        (profiles / "example.profile").write_text(
            PROFILE.replace(table, "").replace("[objects]", "include = family\n\n[objects]"))
        rows = profiles / "family.rows"
        rows.write_text(table)
        process = self.serve(self.section("ups", port))
        self.wait_value(self.connect("ups"), "outlet.1.name", "router")
        wait_for(Path(self.directory, "state", "ups.saved").exists, "the memory")

        rows.write_text(table + "select = outletIndex.* is=2\nnumber = position\n")
        process = self.restart(process)
        client = self.connect("ups")
        self.wait_value(client, "outlet.1.name", "switch")
        client.say("INSTCMD outlet.1.load.off TRACKING 1")
        client.until("TRACKING 1 0")
        self.assertEqual([ids[-1] for ids, _, _ in agent.sets], [2])
        self.assertIn("served by the profile example", process.output())

    def test_new_outlet(self):
        """One that came while nobody looked is there soon, however seldom tables are read."""
        agent, port = self.agent()
        process = self.serve(self.section("ups", port, "semistaticfreq = 100000"))
        self.wait_value(self.connect("ups"), "outlet.count", "2")
        wait_for(Path(self.directory, "state", "ups.saved").exists, "the memory")
        for column, value in ((1, 3), (2, "printer"), (3, 1), (4, 1)):
            agent[f"{ENTERPRISE}.5.2.1.{column}.3"] = value
        process = self.restart(process)
        self.wait_value(self.connect("ups"), "outlet.3.name", "printer")
        process.stop()
        self.assertNotIn("served by the profile", process.output())

    # What is changed.

    def test_slow_relay(self):
        """A command that a device may take its time for is waited for, longer than for one that hangs."""
        agent, port = self.agent(writable="all")
        path = Path(self.directory, "profiles", "snmp", "example.profile")
        row = "outlet.*.load.off = set=outletControl.*:2 table=outlets"
        path.write_text(PROFILE.replace(row, row + " verify=outletState.* is=2 within=30"))

        def on_set(agent, ids, _tag, _content):
            state = ".".join(map(str, (*ids[:-2], 3, ids[-1])))
            timer = threading.Timer(11.5, agent.__setitem__, (state, 2))
            self.stack.callback(timer.join)
            self.stack.callback(timer.cancel)
            timer.start()
        agent.on_set = on_set
        process = self.serve(self.section("ups", port))
        client = self.connect("ups")
        self.wait_value(client, "outlet.1.status", "on")
        client.socket.settimeout(60)
        begin = time.monotonic()
        client.say("INSTCMD outlet.1.load.off TRACKING 1")
        client.until("TRACKING 1 0")
        self.assertGreater(time.monotonic() - begin, 10)
        self.assertEqual(self.variables(client)["outlet.1.status"], "off")
        self.assertNotIn("does not answer", process.output())

    def test_reload(self):
        _, port = self.agent()
        _, other = self.agent()
        process = self.serve(self.section("a", port), self.section("b", other, "group = far"))
        far = self.start("-F", "--group", "far")
        self.wait_value(self.connect("a"), "ups.load", "17")
        client = self.connect("b")
        self.wait_value(client, "ups.load", "17")

        # b moves, c is new, a is untouched.
        kept = self.connect("a")
        self.configure(self.section("a", port) + self.section("b", other)
                       + self.section("c", other, "group = far"), "pollinterval = 1\npollfreq = 1\n")
        process.popen.send_signal(1)
        wait_for(lambda: "waiting until it lets go" in process.output(), "the wait for b")
        far.popen.send_signal(1)
        wait_for(lambda: "[b] Not in ups.conf any more" in far.output(), "b to be let go")
        self.wait_value(self.connect("c"), "ups.load", "17")

        def is_there():
            try:
                return self.variables(self.connect("b")).get("ups.load") == "17"
            except OSError:
                return False
        wait_for(is_there, "b in its new group")
        self.assertTrue(self.variables(kept)["fresh"])
        self.assertNotIn("[a] Changed", process.output())
        self.assertEqual(far.stop(), 0)
        self.assertEqual(process.stop(), 0)

    def test_waits(self):
        """As long as it takes for another process to let go of a device; what else is written into ups.conf
        meanwhile is nobody's wish yet."""
        _, port = self.agent()
        sections = self.section("a", port)
        self.configure(sections, "")
        holder = self.start("-F", "-a", "a")
        self.wait_value(self.connect("a"), "ups.load", "17")
        waiting = self.start("-F", "--group", "default")
        wait_for(lambda: "waiting until it lets go" in waiting.output(), "the wait for a")
        self.configure(sections + self.section("c", port), "")
        # It has tried several times by then.
        time.sleep(2)
        self.assertEqual(holder.stop(), 0)

        def is_there():
            try:
                return self.variables(self.connect("a")).get("ups.load") == "17"
            except OSError:
                return False
        wait_for(is_there, "a in its group")
        self.assertFalse(os.path.exists(self.path("snmp-ups-c")))
        waiting.popen.send_signal(1)
        self.wait_value(self.connect("c"), "ups.load", "17")
        self.assertEqual(waiting.stop(), 0)

    def test_writes(self):
        agent, port = self.agent(writable="all")
        self.serve(self.section("ups", port))
        client = self.connect("ups")
        self.wait_value(client, "ups.id", "rack")
        client.say('SET ups.id "new" TRACKING 1')
        client.until("TRACKING 1 0")
        self.assertEqual(agent[f"{ENTERPRISE}.1.3.0"], b"new")
        client.say("INSTCMD outlet.1.load.off TRACKING 2")
        client.until("TRACKING 2 0")
        self.assertEqual(agent[f"{ENTERPRISE}.5.2.1.4.1"], 2)
        agent.refusals = {ber.oid(f"{ENTERPRISE}.1.3.0"): NO_ACCESS}
        client.say('SET ups.id "other" TRACKING 3')
        while not (line := client.line()).startswith("TRACKING 3"):
            self.assertTrue(line)
        self.assertNotEqual(line, "TRACKING 3 0")
        self.assertEqual(agent[f"{ENTERPRISE}.1.3.0"], b"new")

    def test_refused_before(self):
        """What does not fit is not sent."""
        agent, port = self.agent(writable="all")
        process = self.serve(self.section("ups", port, "offdelay = 30", "ondelay = 40"))
        client = self.connect("ups")
        self.wait_value(client, "ups.load", "17")
        wait_for(lambda: agent[f"{ENTERPRISE}.1.6.0"] == 30, "offdelay")
        self.assertRegex(process.output(), r"\[ups\] ondelay has no effect")
        self.assertNotRegex(process.output(), r"\[ups\] offdelay has no effect")
        n = len(agent.sets)
        for i, line in enumerate(("SET ups.delay.shutdown 7.5", "INSTCMD outlet.1.load.off 7")):
            client.say(f"{line} TRACKING {i}")
            while not (said := client.line()).startswith(f"TRACKING {i}"):
                self.assertTrue(said)
            self.assertNotEqual(said, f"TRACKING {i} 0")
        self.assertEqual(len(agent.sets), n)

    def test_power_off(self):
        """By hand, and only as the section says: what is behind the network is not cut unasked."""
        agent, port = self.agent(writable="all")
        self.configure(self.section("ups", port))
        self.run_driver("-k", "-a", "ups")
        self.assertEqual(agent.sets, [])
        self.configure(self.section("ups", port, "sdcommands = outlet.1.load.off"))
        done = self.run_driver("-k", "-a", "ups")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(agent[f"{ENTERPRISE}.5.2.1.4.1"], 2)

    def test_trap(self):
        """It has the device read at once."""
        agent, port = self.agent()
        listen = free_port()
        process = self.serve(self.section("ups", port, f"trapport = {listen}"), head="pollinterval = 3600\n"
                             "pollfreq = 3600\n")
        client = self.connect("ups")
        self.wait_value(client, "ups.load", "17")
        agent[f"{ENTERPRISE}.1.2.0"] = 44
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            for data in (b"", b"\x30", b"\x30\x82\xff\xff" + bytes(40), trap(f"{ENTERPRISE}.0.7")):
                s.sendto(data, ("127.0.0.1", listen))
        self.wait_value(client, "ups.load", "44")
        wait_for(lambda: "[ups] Trap: An outlet was switched" in process.output(), "its text")

    def test_trap_socket(self):
        """The service manager can open it."""
        agent, port = self.agent()
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as passed:
            passed.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            passed.bind(("::", 0))
            self.configure(self.section("ups", port), "pollinterval = 3600\npollfreq = 3600\n")
            self.environment |= {"LISTEN_FDS": "1"}

            def pass_on():
                os.dup2(passed.fileno(), 3)
                os.environ["LISTEN_PID"] = str(os.getpid())
            script = ('import os, sys; os.environ["LISTEN_PID"] = str(os.getpid()); '
                      'os.execv(sys.argv[1], sys.argv[1:])')
            self.driver, program = sys.executable, self.driver
            self.stack.callback(setattr, self, "driver", program)
            process = self.start("-c", script, program, "-F", "--group", "default", preexec=pass_on,
                                 pass_fds=(3,))
            client = self.connect("ups")
            self.wait_value(client, "ups.load", "17")
            agent[f"{ENTERPRISE}.1.2.0"] = 45
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.bind(("127.0.0.1", 0))
                s.sendto(trap("1.3.6.1.6.3.1.1.5.1"), ("127.0.0.1", passed.getsockname()[1]))
            self.wait_value(client, "ups.load", "45")
            self.assertIsNone(process.popen.poll())

    def test_bus(self):
        """It is on the bus, under one name for all."""
        _, port = self.agent()
        self.start_bus()
        self.serve(self.section("a", port), self.section("b", port))
        names = wait_for(lambda: [name for name in self.bus_names() if "_group_" in name], "the name")
        self.assertEqual(names, ["org.busbar.Driver._group_snmp_2dups__default"])
        for name in ("a", "b"):
            got = self.busctl("get-property", names[0], f"/org/busbar/device/{name}", "org.busbar.Device1",
                              "Transport")
            self.assertEqual(got.stdout.strip(), 's "network"')


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
