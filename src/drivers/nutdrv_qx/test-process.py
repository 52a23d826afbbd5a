#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""nutdrv_qx and its other names as processes, on simulated devices.

    test-process.py DIRECTORY TEST-NUTDRV-QX RECORDINGS
"""

import concurrent.futures
import re
import subprocess
import sys
import time
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


class SlowLine(Simulator):
    """Each byte of a question and of an answer takes as long as on a real line."""

    BYTE = 10 / 2400

    def take(self, request):
        time.sleep(len(request) * self.BYTE)
        return super().take(request)

    def send(self, seconds, data):
        time.sleep(seconds)
        return all(Simulator.send(self, self.BYTE, data[i:i + 1]) for i in range(len(data)))


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

    def check_contract(self):
        ports = [self.simulate().path for _ in range(2)]
        # Without caches, so that what is not given back shows exactly.
        environment = self.environment | {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
        return subprocess.run([CONTRACT, *ports, RECORDINGS / "megatec.recording"], env=environment,
                              capture_output=True, text=True, timeout=1000, check=False)

    def test_contract_and_waits(self):
        """What mostly waits, all at once."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            contract = pool.submit(self.check_contract)
            waits = [pool.submit(case) for case in (self.check_no_device, self.check_first_reading,
                                                    self.check_silent_to_most)]
            waits += [pool.submit(self.check_late_device, delay) for delay in (0.3, 0.6, 0.9)]
            done = contract.result()
            self.assertEqual(done.returncode, 0, done.stderr)
            for case in waits:
                case.result()

    def check_no_device(self):
        """A first start on a line with nobody at its end is soon over: no wait is paid twice."""
        sim = self.simulate(Transcript(), unknown="silence")
        done = self.dump(sim.path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("it does not answer (asked: ", done.stderr)
        # Each question once, and once more the one that most protocols begin with.
        self.assertEqual(sorted(sim.requests), sorted([*set(sim.requests), b"Q1\r"]))

    def check_late_device(self, delay):
        """A device that takes its time for everything is found all the same, and as what it is."""
        done = self.dump(self.simulate(delay=delay).path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("The device speaks the protocol megatec (Megatec)", done.stderr)
        self.assertEqual(variables(done.stdout)["input.voltage"], "230.0")

    def check_silent_to_most(self):
        """Silence to what it does not know does not hide what it knows."""
        done = self.dump(self.simulate(unknown="silence").path)
        self.assertIn("The device speaks the protocol megatec (Megatec)", done.stderr)

    def check_first_reading(self):
        """At the pace of 2400 bits per second."""
        sim = self.stack.enter_context(SlowLine(Megatec()))
        done = self.dump(sim.path)
        self.assertIn("The device speaks the protocol megatec (Megatec)", done.stderr)

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

    def test_refusal(self):
        """What was sent and what came is told to whoever has the load cut."""
        class Stubborn(Megatec):
            def answer(self, request):
                return b"NAK\r" if request.startswith(b"S") else super().answer(request)

        sim = self.simulate(Stubborn())
        done = self.dump(sim.path, "protocol=megatec", last=("-k",))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('the device refused it (sent "S.5R0003", answered "NAK")', done.stderr)
        self.assertNotIn("Broken pipe", done.stderr)
        # By a command of a served device: what anybody is told who asks for one.
        done = self.dump(sim.path, "protocol=megatec", "sdcommands=shutdown.return", last=("-k",))
        self.assertIn('shutdown.return did not work: the device refused it (sent "S.5R0003"', done.stderr)
        self.assertNotIn("Broken pipe", done.stderr)

    def test_dangerous_profile(self):
        """A profile of the user's that asks what makes a device act is not used, and the rest is."""
        own = Path(self.path("own"), "qx")
        own.mkdir(parents=True)
        (own / "mine.profile").write_text(
            "[profile]\nengine = line\ntitle = x\nversion = 1\nprotocol = mine\norder = 1\n"
            "[probe]\nneed = S:1\n[query:S]\nsend = S01\n[variables]\nups.load = S:1\n")
        self.environment["BUSBAR_PROFILES"] = f"{own.parent}:{ROOT / 'profiles'}"
        sim = self.simulate()
        done = self.dump(sim.path)
        self.assertRegex(done.stderr, r"mine\.profile:\d+: \[query:S\] sends what .* makes a device act")
        self.assertIn("The device speaks the protocol megatec", done.stderr)
        self.assertEqual(self.orders(sim), [])

    def test_reasons(self):
        """One clear line, and none behind it that means something else."""
        sim = self.simulate()
        cases = (("/nonexistent", ("protocol=megatek",), "there is no protocol megatek"),
                 (sim.path, ("protocol=megatek",), "there is no protocol megatek"),
                 ("/dev/null", (), "Cannot open the port: "))
        for port, options, text in cases:
            done = self.dump(port, *options)
            self.assertIn(text, done.stderr)
            self.assertNotRegex(done.stderr, "No device at .*: |Invalid argument|Inappropriate ioctl")
        done = self.dump(sim.path, f"record={self.path('.')}")
        self.assertRegex(done.stderr, "Cannot record in .*: Is a directory")

    def test_slave_address(self):
        sim = self.simulate(Transcript.load(RECORDINGS / "masterguard.recording"))
        for options in (), ("protocol=masterguard",):
            done = self.dump(sim.path, "slave_address=77", *options)
            self.assertIn("another address than slave_address= says", done.stderr)
        done = self.dump(sim.path, "slave_address=abc", "protocol=masterguard")
        self.assertIn("slave_address", done.stderr)

    def test_missing_setting(self):
        voltronic = Transcript.load(RECORDINGS / "voltronic.recording")
        sim = self.simulate(voltronic, unknown="silence")
        done = self.dump(sim.path, "protocol=voltronic", "battery_number=3", "output_phase_angle=120",
                         "max_bypass_volt=5")
        self.assertRegex(done.stderr, "(cannot set|is not set: the device does not have it)")

    def test_page(self):
        """The page names all protocols, and none that there is not."""
        page = (ROOT / "man/nutdrv_qx.8.rst").read_text()
        listed = re.search(r"\*\*protocol\*\* = \*NAME\*\n +The protocol: (.*?), or that of", page,
                           re.DOTALL)[1]
        known = [line.split(" = ")[1] for path in (ROOT / "profiles/qx").glob("*.profile")
                 for line in path.read_text().splitlines() if line.startswith("protocol = ")]
        self.assertEqual(sorted(re.findall(r"\*\*(.*?)\*\*", listed)), sorted(known))

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
