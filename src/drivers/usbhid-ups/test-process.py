#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""usbhid-ups as a program, on recordings and without any device.
Usage: test-process.py USBHID-UPS RECORDINGS"""

import os
import re
import stat
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "src" / "kit"))

from driver_testlib import SocketClient, TestCase, wait_for  # noqa: E402

RECORDINGS = Path(sys.argv[2])

# What stock NUT 2.8 knows, with a value that it takes.
STOCK_OPTIONS = """\
lowbatt = 30
offdelay = 20
ondelay = 30
pollfreq = 30
pollonly
interrupt_pipe_no_events_tolerance = 3
onlinedischarge
onlinedischarge_onbattery
onlinedischarge_calibration
onlinedischarge_log_throttle_sec = -5
onlinedischarge_log_throttle_hovercharge = 90
lbrb_log_delay_sec = 3
lbrb_log_delay_without_calibrating
disable_fix_report_desc
powercom_sdcmd_byte_order_fallback
powercom_sdcmd_discrete_delay
subdriver = "APC HID.*"
winhid
vendor = "American.*"
product = ".*(Smart|Back)-?UPS.*"
serial = ".*"
vendorid = 051d
productid = "000[23]"
bus = "00[1-9]"
device = 014
busport = 004
allow_duplicates
usb_set_altinterface = 0
usb_config_index = 0
usb_hid_rep_index = 0
usb_hid_desc_index = 1f
usb_hid_ep_in = 81
usb_hid_ep_out = 1
explore
maxreport
interruptonly
interruptsize = 8
waitbeforereconnect = 5
"""

# A device with one status byte: on line, discharging, battery low; and a charge.
DESCRIPTOR = """\
05 84 09 04 a1 01 05 84 09 24 a1 02
85 01 05 85 15 00 25 64 75 08 95 01 09 66 b1 02
85 02 15 00 25 01 75 01 95 01 09 d0 b1 02 09 d0 81 02 09 45 b1 02 09 45 81 02
05 84 09 69 b1 02 09 69 81 02 75 05 95 01 b1 03 81 03
c0 c0
"""

HEAD = "".join(["busbar-recording 1 hid\n", "vendor-id f055\n", "product-id 0001\n", 'vendor "Maker"\n',
                'product "Thing"\n', 'serial "S123456"\n'] +
               [f"descriptor {line}\n" for line in DESCRIPTOR.splitlines()])
ANSWERS = "get feature 01 -> 01 50\nget feature 02 -> 02 01\n"


def parse_dump(text):
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


class UsbTestCase(TestCase):
    driver = sys.argv[1]

    def configure_device(self, options="", port="auto", name="ups"):
        self.configure(f"[{name}]\ndriver = usbhid-ups\nport = {port}\n{options}\n")

    def dump(self, *options):
        words = [word for option in options for word in ("-x", option)]
        return self.run_driver("-s", "t", *words, "-d", "1")

    def make_recording(self, events="", name="thing.recording"):
        self.write(name, HEAD + ANSWERS + events)
        return self.path(name)

    def client(self, name="ups"):
        path = self.path(f"usbhid-ups-{name}")
        wait_for(lambda: os.path.exists(path), path)
        return self.stack.enter_context(SocketClient(path))


class DumpTest(UsbTestCase):
    def test_each_recording(self):
        recordings = sorted(RECORDINGS.glob("*.recording"))
        self.assertTrue(recordings)
        for recording in recordings:
            with self.subTest(recording.name):
                done = self.dump(f"port={recording}")
                self.assertEqual(done.returncode, 0, done.stderr)
                variables = parse_dump(done.stdout)
                self.assertEqual(variables["driver.name"], "usbhid-ups")
                self.assertIn("ups.vendorid", variables)
                self.assertTrue(variables.get("ups.status"), done.stdout)

    def test_own(self):
        variables = parse_dump(self.dump(f"port={self.make_recording()}").stdout)
        expected = {"battery.charge": "80", "ups.status": "OL", "ups.vendorid": "f055",
                    "ups.productid": "0001", "ups.mfr": "Maker", "ups.model": "Thing",
                    "ups.serial": "S123456", "device.serial": "S123456"}
        self.assertEqual({name: variables.get(name) for name in expected}, expected)

    def test_bare_name_in_configuration_directory(self):
        self.make_recording()
        self.assertEqual(parse_dump(self.dump("port=thing.recording").stdout)["ups.status"], "OL")

    def test_record(self):
        recorded = self.path("recorded")
        first = self.dump(f"port={self.make_recording()}", f"record={recorded}")
        self.assertEqual(first.returncode, 0, first.stderr)
        text = Path(recorded).read_text(encoding="utf-8")
        self.assertNotIn("S123456", text)
        self.assertEqual(stat.S_IMODE(os.stat(recorded).st_mode) & 0o077, 0)

        second = parse_dump(self.dump(f"port={recorded}").stdout)
        self.assertEqual(second["battery.charge"], "80")
        self.assertEqual(second["ups.serial"], "XXXXXXX")

    def test_record_where_it_cannot(self):
        """The device is served nevertheless."""
        done = self.dump(f"port={self.make_recording()}", "record=/nonexistent/file")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Cannot record in /nonexistent/file: No such file or directory", done.stderr)
        self.assertEqual(parse_dump(done.stdout)["ups.status"], "OL")


class PowerOffTest(UsbTestCase):
    def test_by_commands(self):
        """What is sent, in the order in which it is sent."""
        recorded = self.path("recorded")
        self.configure_device(f"offdelay = 33\nondelay = 66\nrecord = {recorded}\n",
                              RECORDINGS / "tripplite.recording")
        self.start("-FF", "-a", "ups")
        self.wait_notified("READY=1")
        client = self.client()
        client.say("INSTCMD shutdown.return TRACKING 1")
        self.assertEqual(client.until("TRACKING 1 0")[-1:], ["TRACKING 1 0"])
        written = re.findall(r"set feature (.*)", Path(recorded).read_text(encoding="utf-8"))
        self.assertEqual(written, ["16 42 00", "15 21 00"])

    def test_without_record(self):
        """When the load is cut, what was recorded before stays, and nothing has to be written."""
        for record in ("recorded", "/nonexistent/file"):
            with self.subTest(record):
                recorded = self.path(record)
                if record == "recorded":
                    self.write(record, "valuable\n")
                self.configure_device(f"sdcommands = shutdown.return\nrecord = {recorded}\n",
                                      RECORDINGS / "tripplite.recording")
                done = self.run_driver("-a", "ups", "-k")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("shutdown.return was accepted", done.stderr)
                self.assertNotIn("Cannot record", done.stderr)
        self.assertEqual(Path(self.path("recorded")).read_text(encoding="utf-8"), "valuable\n")


class RefusalTest(UsbTestCase):
    def assert_refused(self, done, *texts):
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(done.stdout, "")
        for text in texts:
            self.assertIn(text, done.stderr)

    def test_no_device(self):
        done = self.dump("port=auto", "vendorid=ffff", "productid=ffff")
        self.assert_refused(done, "No device at auto: No such device")
        self.assertRegex(done.stderr, "There is no USB device that could be a UPS|"
                         "No device can be used. There are: ")

    def test_no_such_recording(self):
        done = self.dump("port=/nonexistent/x")
        self.assert_refused(done, "/nonexistent/x", "No such file or directory")

    def test_bad_recording(self):
        path = self.make_recording("get what\n")
        line = HEAD.count("\n") + ANSWERS.count("\n") + 1
        self.assert_refused(self.dump(f"port={path}"), f"{path}:{line}: ")

    def test_no_power_device(self):
        self.write("mouse", "busbar-recording 1 hid\nvendor-id f055\nproduct-id 0002\n"
                   "descriptor 05 01 09 02 a1 01 85 01 09 30 15 00 25 7f 75 08 95 01 81 02 c0\n")
        done = self.dump(f"port={self.path('mouse')}")
        self.assert_refused(done, "is of no power device that a profile knows")

    def test_unknown_subdriver(self):
        done = self.dump(f"port={self.make_recording()}", "subdriver=Acme")
        self.assert_refused(done, "subdriver=Acme fits none of the profiles; these there are: ", "APC HID",
                            "MGE HID")

    def test_no_profiles(self):
        self.environment["BUSBAR_PROFILES"] = self.directory
        self.assert_refused(self.dump(f"port={self.make_recording()}"), "There are no profiles")

    def test_bad_expression(self):
        """Without the key any device would do, so there is none."""
        for key in ("vendorid", "productid", "vendor", "product", "serial", "bus", "device", "busport",
                    "subdriver"):
            problem = f"{key} must be an extended regular expression, not [a."
            with self.subTest(key):
                port = self.make_recording() if key == "subdriver" else "auto"
                self.configure_device(f"{key} = \"[a\"", port)
                done = self.run_driver("-a", "ups", "-d", "1")
                self.assert_refused(done, f"{self.path('ups.conf')}:5: {problem} The device is not served.")
                done = self.dump("port=auto", f"{key}=[a")
                self.assert_refused(done, f"-x {key}=[a: {problem}")

    def test_bad_values(self):
        for key, value, problem in (("link", "serial", "hidraw or libusb"),
                                    ("lowbatt", "101", "from 0 to 100"),
                                    ("ondelay", "-2", "from -1 to"), ("interruptsize", "0", "from 1 to"),
                                    ("pollonly", "often", "yes or no")):
            with self.subTest(key):
                self.configure_device(f"{key} = {value}", port=self.make_recording())
                done = self.run_driver("-a", "ups", "-d", "1")
                self.assertEqual(done.returncode, 0)
                self.assertRegex(done.stderr, f"ups.conf:5: {key} must be .*{problem}.*, not {value}")

    def test_bad_override(self):
        for key, value in (("usb_hid_ep_in", "8x"), ("usb_hid_desc_index", "100"),
                           ("usb_set_altinterface", "a"), ("usb_config_index", "-1")):
            with self.subTest(key):
                done = self.dump("port=auto", f"{key}={value}")
                self.assert_refused(done, f"{key}={value} is no ")

    def test_misspelt(self):
        done = self.dump("port=auto", "vendorID=051d", "serail=1")
        self.assert_refused(done, "does not know the option serail, did you mean serial?")

    def test_stock_options(self):
        recording = str(RECORDINGS / "apc.recording")
        self.configure_device(STOCK_OPTIONS, port=recording)
        done = self.run_driver("-a", "ups", "-d", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = [line for line in done.stderr.splitlines() if "answers" not in line]
        self.assertEqual(len(told), 2, told)
        self.assertIn("winhid has no meaning", told[0])
        self.assertIn("interruptonly is without effect, as pollonly is given too", told[1])
        variables = parse_dump(done.stdout)
        self.assertEqual(variables["driver.parameter.productid"], "000[23]")
        self.assertEqual(variables["ups.delay.shutdown"], "20")


class ServiceTest(UsbTestCase):
    def test_news_from_the_device(self):
        """No poll is near: what the device says by itself is enough."""
        self.configure_device("pollinterval = 300\npollfreq = 300\n",
                              self.make_recording("+0.8 input 02 06\n"))
        self.start("-FF", "-a", "ups")
        client = self.client()
        client.say("DUMPALL")
        client.until("DUMPDONE")
        self.wait_status(client, "OB")

    def wait_status(self, client, token):
        while True:
            line = client.line()
            if not line:
                raise AssertionError("connection ended")
            if re.match(rf'SETINFO ups\.status ".*\b{token}\b', line):
                return line

    def test_poll_only(self):
        """What the device says by itself counts for nothing, while a poll later on does."""
        events = "+0.5 input 02 06\nclock time\n+1.5 get feature 01 -> 01 46\n"
        for options, expected in (("", "OB"), ("pollonly\n", "OL")):
            with self.subTest(options):
                self.configure_device(f"pollinterval = 1\n{options}", self.make_recording(events))
                process = self.start("-FF", "-a", "ups")
                client = self.client()
                lines = []
                # The poll in which the charge has changed is behind the event.
                while not lines or not lines[-1].startswith('SETINFO battery.charge "70"'):
                    line = client.line()
                    self.assertTrue(line, "connection ended")
                    lines.append(line)
                seen = [line for line in lines if re.match(r'SETINFO ups\.status ".*\bOB\b', line)]
                self.assertEqual(bool(seen), expected == "OB", lines)
                self.end(process)

    def test_unplugged(self):
        self.configure_device("", self.make_recording("+1.0 gone\n"))
        process = self.start("-FF", "-a", "ups")
        client = self.client()
        self.wait_value(client, 'SETINFO ups.status "OL"')
        process.wait_output("No device at")
        # It stays, and has the device again: the recording begins anew.
        wait_for(lambda: process.output().count("answers.") >= 2, "the device again")
        self.assertIsNone(process.popen.poll())

    def test_handed_over_and_gone(self):
        """The next process comes with the device, so this one is to end, and in order."""
        self.configure_device()
        # A node that hangs up.
        master, node = os.openpty()
        os.close(master)
        self.addCleanup(os.close, node)
        command = 'exec 3<&0; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" -FF -a ups'
        process = self.start_program("sh", "-c", command, self.driver, stdin=node)
        self.assertEqual(process.wait(15), 0)

    def start_program(self, *arguments, stdin):
        process = subprocess.Popen(arguments, env=self.environment, stdin=stdin)
        self.addCleanup(process.kill)
        return process


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
