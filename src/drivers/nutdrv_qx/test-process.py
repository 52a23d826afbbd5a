#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""nutdrv_qx and its other names as processes, on simulated devices.

    test-process.py DIRECTORY TEST-NUTDRV-QX RECORDINGS
"""

import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "src" / "kit"), str(ROOT / "tests" / "qx")]

from driver_testlib import SocketClient, TestCase, wait_for  # noqa: E402
from qxsim import FAULTS, Megatec, Simulator, Transcript  # noqa: E402

PROGRAMS, CONTRACT, RECORDINGS = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])

# What stock NUT knows, with a value that it takes.
STOCK_OPTIONS = """\
offdelay = 60
ondelay = 120
stayoff
pollfreq = 20
runtimecal = 240,100,720,50
chargetime = 40000
idleload = 15
battery_voltage_reports_one_pack
noscanlangid
cablepower = both
ignoresab
reset_to_default
bypass_alarm = enabled
battery_alarm = disabled
bypass_when_off = enabled
alarm_control = enabled
converter_mode = disabled
eco_mode = enabled
battery_open_status_check = enabled
bypass_forbidding = disabled
site_fault_detection = enabled
advanced_eco_mode = enabled
constant_phase_angle = enabled
limited_runtime_on_battery = enabled
max_bypass_volt = 264
min_bypass_volt = 170
max_bypass_freq = 53.0
min_bypass_freq = 47.0
work_range_type = UPS
output_phase_angle = 120
battery_number = 3
testing
norating
novendor
nooutstats
pins_shutdown_mode = 2
series = A
slave_address = 1
input_fault_voltage = 1
number_of_battery_cells = 12
nominal_cell_voltage = 2.0
runtime_half = 600
runtime_full = 300
recharge_time = 36000
output_voltages = 220 230 240
fault_1 = x
fault_2 = x
fault_3 = x
fault_4 = x
fault_5 = x
experimental.battery.ageing.factor = 1000
experimental.battery.calibration.factor = 100
allow_duplicates
usb_set_altinterface = 0
usb_config_index = 0
usb_hid_rep_index = 0
usb_hid_desc_index = 0
usb_hid_ep_in = 1
usb_hid_ep_out = 1
"""
DETECTION = re.compile(rb"(Q|M|D|I|F|WH|\^P|ID).*\r", re.DOTALL)


def variables(text):
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


class QxTest(TestCase):
    driver = str(PROGRAMS / "nutdrv_qx")

    def simulate(self, unit=None, **how):
        return self.stack.enter_context(Simulator(unit or Megatec(), **how))

    def dump(self, port, *options, program="nutdrv_qx", last=("-d", "1")):
        words = [word for option in options for word in ("-x", option)]
        return subprocess.run([PROGRAMS / program, "-s", "t", "-x", f"port={port}", *words, *last],
                              env=self.environment, capture_output=True, text=True, timeout=120, check=False)

    def serve(self, sim, options=""):
        self.configure(f"[ups]\ndriver = nutdrv_qx\nport = {sim.path}\n{options}\n")
        process = self.start("-FF", "-a", "ups")
        self.wait_notified("READY=1")
        client = self.stack.enter_context(SocketClient(self.path("nutdrv_qx-ups")))
        client.socket.settimeout(90)
        return process, client

    def wait_line(self, client, pattern):
        while True:
            line = client.line()
            self.assertTrue(line, f"no line {pattern}")
            if re.search(pattern, line):
                return line

    def orders(self, sim):
        """What was sent that is no question."""
        return [r for r in sim.requests if not DETECTION.fullmatch(r)]

    def test_contract(self):
        ports = [self.simulate().path for _ in range(2)]
        # Without caches, so that what is not given back shows exactly.
        environment = self.environment | {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
        done = subprocess.run([CONTRACT, *ports, RECORDINGS / "megatec.recording"], env=environment,
                              capture_output=True, text=True, timeout=500, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_detection(self):
        """One exchange for each question, and nothing that acts."""
        sim = self.simulate()
        done = self.dump(sim.path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("The device speaks the protocol megatec (Megatec)", done.stderr)
        shown = variables(done.stdout)
        self.assertEqual(shown["input.voltage"], "230.0")
        self.assertEqual(shown["driver.name"], "nutdrv_qx")
        self.assertEqual(self.orders(sim), [])

    def test_names(self):
        for program in ("blazer_ser", "nutdrv_qx"):
            shown = variables(self.dump(self.simulate().path, program=program).stdout)
            self.assertEqual((shown["driver.name"], shown["battery.voltage"]), (program, "27.40"))

    def test_wrong_protocol(self):
        """Nothing is shown of a device that does not speak what is demanded."""
        sim = self.simulate()
        done = self.dump(sim.path, "protocol=voltronic")
        self.assertEqual(done.returncode, 1)
        self.assertIn("it does not speak the protocol voltronic that is demanded", done.stderr)
        self.assertNotIn("voltage", done.stdout)
        done = self.dump(sim.path, "protocol=nothing")
        self.assertIn("there is no protocol nothing; these there are: ", done.stderr)
        self.assertEqual(self.orders(sim), [])

    def test_dead_line(self):
        sim = self.simulate(Transcript(), unknown="silence")
        done = self.dump(sim.path, "protocol=megatec")
        self.assertEqual(done.returncode, 1)
        self.assertIn("it does not answer (asked: Q1: nothing", done.stderr)
        self.assertEqual(sim.requests, [b"Q1\r"])

    def test_no_port(self):
        for port, text in (("/dev/null", "Cannot open the port: "),
                           ("/nonexistent", "Cannot open the port: "),
                           ("/nonexistent/x.recording", "Cannot read the recording")):
            done = self.dump(port)
            self.assertEqual(done.returncode, 1)
            self.assertIn(text, done.stderr)

    def test_power_off(self):
        cases = (("nutdrv_qx", (), [b"C\r", b"S.5R0003\r"]),
                 ("nutdrv_qx", ("stayoff",), [b"C\r", b"S.5R0000\r"]),
                 ("nutdrv_qx", ("offdelay=120", "ondelay=0"), [b"C\r", b"S02\r"]),
                 ("blazer_ser", ("ondelay=5",), [b"C\r", b"S.5R0005\r"]))
        for program, options, expected in cases:
            with self.subTest(program=program, options=options):
                sim = self.simulate()
                done = self.dump(sim.path, *options, program=program, last=("-k",))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.orders(sim), expected)

    def test_earlier_names_power_off(self):
        """bestups and masterguard send what their namesakes of NUT send."""
        masterguard = Transcript.load(RECORDINGS / "masterguard.recording")
        masterguard.add(b"S.2R0001\r", b"")
        sim = self.simulate(masterguard)
        done = self.dump(sim.path, program="masterguard", last=("-k",))
        self.assertIn(b"S.2R0001\r", sim.requests, done.stderr)
        self.assertNotIn(b"C\r", sim.requests)

        bestups = Transcript.load(RECORDINGS / "bestups.recording")
        bestups.add(b"S01R0001\r", b"")
        del bestups.answers[b"ID\r"]
        sim = self.simulate(bestups)
        done = self.dump(sim.path, "ID=610,1500,120,120,10.0,48.0", program="bestups", last=("-k",))
        self.assertIn(b"S01R0001\r", sim.requests, done.stderr)
        self.assertNotIn(b"ID\r", sim.requests)

    def test_outage(self):
        sim = self.simulate()
        _, client = self.serve(sim, "pollinterval = 1")
        client.say("DUMPALL")
        self.assertIn('SETINFO ups.status "OL"', client.until("DUMPDONE"))
        sim.unit.mains = False
        self.wait_line(client, r'SETINFO ups\.status "OB')
        sim.unit.mains = True
        self.wait_line(client, r'SETINFO ups\.status "OL')

    def test_faults(self):
        """Whatever comes over the line, no wrong value is shown, and it is over when that is over."""
        sim = self.simulate()
        process, client = self.serve(sim, "pollinterval = 1\nmaxretry = 100\nprotocol = megatec")
        client.say("DUMPALL")
        client.until("DUMPDONE")
        # A damaged digit is one that the device might have sent: nothing in the line tells.
        for fault in FAULTS:
            if fault != "damaged":
                sim.fault(fault)
        wait_for(lambda: not sim.ordered, "the end of all faults", timeout=240)
        sim.unit.mains = False
        for line in iter(client.line, None):
            match = re.fullmatch(r'SETINFO (input|output)\.voltage "(.*)"', line)
            if match:
                self.assertIn(match[2], ("230.0", "0.0"), line)
            self.assertNotRegex(line, r'SETINFO ups\.status ".*(LB|BYPASS|FSD)')
            if re.search(r'SETINFO ups\.status "OB', line):
                break
        self.assertIsNone(process.popen.poll())

    def test_silence(self):
        """Stale, then fresh by itself, with the protocol that it had, and one question to see."""
        sim = self.simulate()
        process, client = self.serve(sim, "pollinterval = 1\nmaxretry = 1")
        before = len(sim.requests)
        sim.fault("silence", times=6)
        self.wait_line(client, "^DATASTALE$")
        self.wait_line(client, "^DATAOK$")
        self.assertNotIn(b"M\r", sim.requests[before:])
        self.assertEqual(process.output().count("speaks the protocol"), 1)
        self.assertIsNone(process.popen.poll())

    def test_hang_up(self):
        sim = self.simulate()
        process, client = self.serve(sim, "pollinterval = 1")
        sim.hang_up()
        self.wait_line(client, "^DATASTALE$")
        sim.come_back()
        self.wait_line(client, "^DATAOK$")
        self.assertIsNone(process.popen.poll())

    def test_second_program(self):
        sim = self.simulate()
        process, _ = self.serve(sim)
        self.assertIn(f"in use by PID {process.popen.pid} ", self.dump(sim.path).stderr)

    def test_write_and_command(self):
        sim = self.simulate()
        _, client = self.serve(sim)
        client.say("SET ups.delay.shutdown 120 TRACKING 1")
        self.wait_line(client, "^TRACKING 1 0")
        client.say("INSTCMD shutdown.return TRACKING 2")
        self.wait_line(client, "^TRACKING 2 0")
        self.assertEqual(self.orders(sim), [b"S02R0003\r"])

    def test_record(self):
        """What was recorded plays as the device did."""
        sim, recorded = self.simulate(), self.path("a.recording")
        live = self.dump(sim.path, f"record={recorded}")
        self.assertEqual(live.returncode, 0, live.stderr)
        played = self.dump(recorded)
        self.assertEqual(played.returncode, 0, played.stderr)
        live, played = variables(live.stdout), variables(played.stdout)
        for name in ("input.voltage", "battery.voltage", "ups.status", "ups.firmware",
                     "driver.version.data"):
            self.assertEqual(played[name], live[name])

    def test_stock_options(self):
        sim = self.simulate()
        self.configure(f"[ups]\ndriver = nutdrv_qx\nport = {sim.path}\nprotocol = megatec\n"
                       f"{STOCK_OPTIONS}")
        done = self.run_driver("-a", "ups", "-d", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("ups.conf:", done.stderr)
        self.assertIn("ups.delay.shutdown: 60\nups.delay.start: 120\n", done.stdout)

    def test_bad_options(self):
        sim = self.simulate()
        self.configure(f"[ups]\ndriver = nutdrv_qx\nport = {sim.path}\nprotocol = megatec\n"
                       "runtimecal = 240,100\ncablepower = much\noffdelay = 5\n")
        done = self.run_driver("-a", "ups", "-d", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"ups\.conf:\d+: runtimecal=240,100 is left out")
        self.assertRegex(done.stderr, r"ups\.conf:\d+: .*cablepower.*normal, reverse, both or none")
        self.assertIn("ups.delay.shutdown cannot be 5; it is 30", done.stderr)
        self.assertIn("ups.delay.shutdown: 30\n", done.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
