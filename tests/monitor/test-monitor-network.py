#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""UPSes that are reached over a network, and what cuts their power: a stand-in for a NUT server has them."""

import os
import re
import socket
import sys
import threading
import time
import unittest

from monitorlib import LOW, ONLINE, UPS_CONF, MonitorCase, NutConnection, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ctl"))

from ctllib import FakeDevice  # noqa: E402

ON_LINE = {"ups.status": "OL", "battery.charge": "100", "battery.runtime": "1800"}
TIMERS = "FINALDELAY 1\nHOSTSYNC 2\nPOLLFREQ 1\nPOLLFREQALERT 1\n"

# What the machine is taken to need, the margin, and how long locks of others may hold the shutdown.
NEEDED = 120 + 60 + 120


class Server:
    """Serves devices; .got has what was written to them."""

    def __init__(self, *devices, delay="20", writable=True, refuse=False, hold=0.0, commands=()):
        self.devices = {d: dict(ON_LINE, **({"ups.delay.shutdown": delay} if delay else {}))
                        for d in devices}
        self.writable = writable
        self.refuse = refuse
        self.hold = hold
        self.commands = ["shutdown.return", *commands]
        self.got = []
        self._connections = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        for c in self._connections:
            c.close()

    def _accept(self):
        while True:
            try:
                c, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(c)
            threading.Thread(target=self._serve, args=(c,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection.makefile("r") as lines:
                for line in lines:
                    connection.sendall(self._answer(line.strip()).encode())
        except OSError:
            pass

    def _list(self, words):
        what, device = words[1], words[2] if len(words) > 2 else None
        if what == "UPS":
            return [f'UPS {d} "x"' for d in self.devices]
        if what == "VAR":
            return [f'VAR {device} {k} "{v}"' for k, v in self.devices[device].items()]
        if what == "RW" and self.writable and "ups.delay.shutdown" in self.devices[device]:
            return [f'RW {device} ups.delay.shutdown "{self.devices[device]["ups.delay.shutdown"]}"']
        if what == "CMD":
            return [f"CMD {device} {c}" for c in self.commands]
        return []

    def _write(self, line, words):
        self.got.append(line)
        if words[0] == "SET":
            time.sleep(self.hold)
            if self.refuse:
                return "ERR SET-FAILED\n"
            self.devices[words[2]][words[3]] = words[4].strip('"')
        return "OK\n"

    def _answer(self, line):
        words = line.split()
        if words[0] in ("USERNAME", "PASSWORD", "LOGIN", "LOGOUT"):
            return "OK\n"
        if words[0] in ("VER", "NETVER"):
            return "1.3\n"
        if words[0] == "LIST":
            key = " ".join(words[1:])
            return "".join(f"{item}\n" for item in
                           [f"BEGIN LIST {key}", *self._list(words), f"END LIST {key}"])
        if words[:2] == ["GET", "VAR"]:
            value = self.devices[words[2]].get(words[3])
            return f'VAR {words[2]} {words[3]} "{value}"\n' if value else "ERR VAR-NOT-SUPPORTED\n"
        if words[:2] == ["GET", "TYPE"]:
            return f"TYPE {words[2]} {words[3]} RW STRING:10\n"
        if words[0] == "INSTCMD" or words[:2] == ["SET", "VAR"]:
            return self._write(line, words)
        return "ERR UNKNOWN-COMMAND\n"

    def offs(self):
        """Devices that were told to go off, in that order."""
        return [g.split()[1] for g in self.got if g.split()[2:3] == ["shutdown.return"]]


class Network(MonitorCase):
    def start_network(self, min_supplies=1, files=None, **options):
        """A device net-NAME for each of the server's."""
        server = self.enter(Server(*options.pop("devices", ["a"]), **options))
        ups = "".join(f"[net{d}]\ndriver = dummy-ups\nport = {d}@127.0.0.1:{server.port}\n"
                      "mode = repeater\n"
                      "username = u\npassword = p\n" for d in server.devices)
        lines = "".join(f"MONITOR net{d}@localhost 1 main secret primary\n" for d in server.devices)
        config = {"ups.conf": UPS_CONF + ups,
                  "upsmon.conf": f"{lines}MINSUPPLIES {min_supplies}\n{TIMERS}"}
        self.start(dict(config, **(files or {})))
        self.system.tell("delay-max 120")
        self.bed.reload()
        self.wait_supplies(server, "online")
        return server

    def wait_supplies(self, server, state):
        wait_for(lambda: all(self.supplies()[f"net{d}"]["state"] == state for d in server.devices),
                 state, 30)

    def rehearsed(self):
        return {s["text"]: s["ok"] for s in self.call("Rehearse")[0] if s["name"] == "power-off"}

    def wait_event(self, pattern):
        """Something is in the history on the disk."""
        def seen():
            with open(os.path.join(self.bed.directory, "lib", "monitor", "history"), encoding="utf-8") as f:
                return re.search(pattern, f.read())
        wait_for(seen, pattern)

    def test_staying(self):
        """The machine stays up: only the UPS that has come to its end goes off, and no flag is written."""
        server = self.start_network(0, devices=["a", "b"])
        server.devices["a"]["ups.status"] = "OB LB"
        wait_for(server.offs, "it goes off", 30)
        self.wait_state("low-battery")
        server.devices["b"]["ups.status"] = "OB"
        wait_for(lambda: self.supplies()["netb"]["state"] == "on-battery", "the other one is on battery")
        self.assertEqual(server.offs(), ["a"])
        self.assertIsNone(self.file("armed"))
        self.assertEqual(self.system.count("PowerOff.*"), 0)

        # The other one's end: the first is not told again.
        server.devices["b"]["ups.status"] = "OB LB"
        wait_for(lambda: len(server.offs()) > 1, "it goes off too", 30)
        self.assertEqual(server.offs(), ["a", "b"])

    def test_delay_fixed(self):
        """A delay that is too short and cannot be set: the UPS is left alone, and everybody hears of it."""
        server = self.start_network(writable=False)
        self.assertEqual(list(self.rehearsed().values()), [False])
        self.assertRegex(list(self.rehearsed())[0], f"neta.* 20 s.* {NEEDED} s")
        server.devices["a"]["ups.status"] = "OB LB"
        self.system.wait("PowerOff")
        self.assertEqual(server.got, [])
        self.assertRegex(self.bed.log_text("monitor"), r"neta.*would cut the power of a machine that runs")
        self.wait_event("event .*neta: not switched off")

    def test_delay_unknown(self):
        server = self.start_network(delay=None)
        self.assertEqual(list(self.rehearsed().values()), [False])
        server.devices["a"]["ups.status"] = "OB LB"
        self.system.wait("PowerOff")
        self.assertEqual(server.got, [])

    def test_delay_refused(self):
        server = self.start_network(refuse=True)
        server.devices["a"]["ups.status"] = "OB LB"
        self.system.wait("PowerOff")
        self.assertEqual(len(server.got), 1)
        self.assertEqual(server.offs(), [])
        self.wait_event("event .*neta: not switched off")

    def test_delay_set(self):
        """The write is waited for, and only then the command follows."""
        server = self.start_network(hold=1.0)
        self.assertEqual(list(self.rehearsed().values()), [True])
        server.devices["a"]["ups.status"] = "OB LB"
        self.system.wait("PowerOff")
        self.assertEqual([re.sub('"', "", g) for g in server.got],
                         [f"SET VAR a ups.delay.shutdown {NEEDED}", "INSTCMD a shutdown.return"])

    def test_delay_long(self):
        server = self.start_network(delay=str(NEEDED), writable=False)
        self.assertEqual(list(self.rehearsed().values()), [True])
        server.devices["a"]["ups.status"] = "OB LB"
        self.system.wait("PowerOff")
        self.assertEqual(server.got, ["INSTCMD a shutdown.return"])

    def test_hibernation(self):
        for delay, expected in (("20", []), ("900", ["a"])):
            with self.subTest(delay=delay):
                server = self.start_network(delay=delay, writable=False,
                                            files={"upsmon.conf": "MONITOR neta@localhost 0 main secret "
                                                   "primary\nMONITOR ups@localhost 1 main secret primary\n"
                                                   f"MINSUPPLIES 1\n{TIMERS}SLEEPONBATTERY yes\n"})
                server.devices["a"]["ups.status"] = "OB LB"
                self.wait_state("low-battery")
                self.system.tell("sleep hibernate")
                self.system.wait("released sleep delay")
                self.assertEqual(server.offs(), expected)

    def cancel(self, server):
        """Has the power-off fail, and calls the shutdown off. Returns what the answer names."""
        for method in ("PowerOff", "PowerOffWithFlags"):
            self.system.tell(f"answer {method} org.freedesktop.DBus.Error.Failed")
        self.system.tell("answer StartUnit org.freedesktop.DBus.Error.Failed")
        server.devices["a"]["ups.status"] = "OB LB"
        self.system.wait("PowerOff")
        wait_for(lambda: self.state() == "powering-off", "it is tried")
        self.system.tell("abort")
        wait_for(lambda: self.property("Cancellation") == "administrator", "it can be called off", 60)
        answer = self.call("CancelShutdown", "s", "no")
        self.wait_state("on-battery")
        return answer[0]

    def test_cancel(self):
        """What was told to go off is told to stay on."""
        server = self.start_network(delay="900", commands=["shutdown.stop"])
        self.assertEqual(self.cancel(server), [])
        wait_for(lambda: server.got[-1] == "INSTCMD a shutdown.stop", f"it stays on: {server.got}")

    def test_cancel_impossible(self):
        server = self.start_network(delay="900")
        self.assertEqual(self.cancel(server), ["neta"])
        self.assertNotIn("shutdown.stop", " ".join(server.got))
        self.assertRegex(self.bed.log_text("monitor"), "neta.*no command shutdown.stop.*goes off")


class Flag(MonitorCase):
    def test_staying(self):
        """MINSUPPLIES 0: no flag at the end of a supply, so that none is left for a poweroff later on."""
        self.start({"upsmon.conf": f"MONITOR ups@localhost 1 main secret primary\nMINSUPPLIES 0\n{TIMERS}"})
        self.bed.write("ups.dev", LOW)
        wait_for(self.forced, "FSD", 30)
        self.wait_state("low-battery")
        self.assertIsNone(self.file("armed"))
        self.bed.write("ups.dev", ONLINE)
        self.wait_state("online")
        self.system.tell("begin power-off")
        self.system.wait("released shutdown delay")
        self.assertIsNone(self.file("armed"))

    def test_staying_local(self):
        """MINSUPPLIES 0: what hangs on this machine is told over the bus."""
        self.start({"upsmon.conf": f"MONITOR Fake@localhost 0 main secret primary\nMINSUPPLIES 0\n{TIMERS}"})
        device = self.enter(FakeDevice(self.bed.environment))
        device.tell("command shutdown.return")
        wait_for(lambda: self.supplies()["Fake"]["state"] == "online", "it is heard")
        device.tell("status OB LB")

        def last():
            with NutConnection(self.bed.port) as c:
                return c.ask("GET VAR Fake experimental.last"), c.ask("GET VAR Fake ups.delay.shutdown")
        wait_for(lambda: last() == ('VAR Fake experimental.last "shutdown.return"',
                                    f'VAR Fake ups.delay.shutdown "{NEEDED}"'), "it is told", 30)
        self.assertIsNone(self.file("armed"))

    def test_external(self):
        """A poweroff while there is mains finds no flag, wherever it came from."""
        self.start()
        self.leave_flag()
        self.system.tell("begin power-off")
        self.system.wait("released shutdown delay")
        self.assertIsNone(self.file("armed"))

    def leave_flag(self):
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
            boot = f.read().strip().replace("-", "")
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000
        with open(self.runtime("armed"), "w", encoding="ascii") as f:
            f.write(f"busbar-armed 1\nboot {boot}\ntime {now}\nwait 0\ndevice 0 dummy-ups ups\n")

    def test_restart(self):
        """The flag of a shutdown that goes on stays over a restart; that of none does not."""
        self.start()
        self.leave_flag()
        self.restart("monitor")
        wait_for(lambda: self.file("armed") is None, "the flag is gone")

        self.leave_flag()
        self.system.tell("job poweroff.target")
        self.restart("monitor")
        self.bed.wait_log("The late power-off stays armed", source="monitor")
        self.assertIsNotNone(self.file("armed"))

        self.system.tell("job")
        self.system.tell("begin power-off")
        wait_for(lambda: self.file("armed") is None, "armed no more")
        self.leave_flag()
        self.restart("monitor")
        wait_for(lambda: self.bed.log_text("monitor").count("stays armed") == 2, "it stays armed again")
        self.system.tell("abort")
        wait_for(lambda: self.file("armed") is None, "the flag is gone with the shutdown")

    def test_target(self):
        """A target that could not be started is tried again."""
        self.start()
        self.system.tell("answer StartUnit org.freedesktop.DBus.Error.Failed")
        self.bed.write("ups.dev", LOW.replace(" LB", ""))
        self.system.wait("StartUnit busbar-on-battery.target fail", n=2)
        self.system.tell("answer StartUnit ok")
        self.system.wait("StartUnit busbar-on-battery.target fail", n=3)
        self.bed.write("ups.dev", ONLINE)
        self.system.wait("StopUnit busbar-on-battery.target replace")
        self.assertLessEqual(self.system.count("StartUnit busbar-on-battery.*"), 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
