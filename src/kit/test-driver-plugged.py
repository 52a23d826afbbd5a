#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A device that speaks by itself, has nodes, and can be pulled out.
Usage: test-driver-plugged.py TEST-DRIVER"""

import os
import signal
import sys
import time
import unittest

from driver_testlib import DEVICE, TestCase, wait_for

SECTION = "[ups]\n\tdriver = test-driver\n\tport = %s\n"


class TestPlugged(TestCase):
    def setUp(self):
        super().setUp()
        os.mkfifo(self.path("input"))
        self.input = os.open(self.path("input"), os.O_RDWR)
        self.stack.callback(os.close, self.input)
        self.start_bus()

    def plug(self, *lines, sections=SECTION, head="pollinterval = 3600\n"):
        self.write("device", DEVICE + "\n".join(["input " + self.path("input"), *lines, ""]))
        if "%s" in sections:
            sections %= self.path("device")
        self.configure(sections, head)

    def say(self, line):
        os.write(self.input, line.encode() + b"\n")

    def property(self, name):
        return self.busctl("get-property", "org.busbar.Driver.ups", "/org/busbar/device/ups",
                           "org.busbar.Device1", name).stdout.strip()

    def is_on_bus(self):
        return "org.busbar.Driver.ups" in self.bus_names()

    def test_event_reaches_the_bus(self):
        self.plug()
        self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.wait_name("ups")
        client = self.client()
        for number in range(20):
            self.say(f"input.voltage {number}")
            begin = time.monotonic()
            wait_for(lambda n=number: f'"input.voltage" "{n}"' in self.call("Variables1", "GetAll").stdout,
                     "the event on the bus")
            self.wait_value(client, f'SETINFO input.voltage "{number}"')
            self.assertLess(time.monotonic() - begin, 5)

    def test_place(self):
        self.plug("nodes /dev/hidraw7 /dev/bus/usb/001/002")
        self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.wait_name("ups")
        self.assertEqual(self.property("Nodes"), 'as 2 "/dev/hidraw7" "/dev/bus/usb/001/002"')
        self.assertEqual(self.property("NativePath"), 's "/sys/devices/test"')

    def test_place_unsaid(self):
        self.plug()
        self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.wait_name("ups")
        self.assertEqual(self.property("Nodes"), "as 0")
        self.assertEqual(self.property("NativePath"), f's "{self.path("device")}"')

    def test_pulled_out(self):
        """The process ends in good order, and nobody has reason to start it again."""
        self.plug("handed over")
        driver = self.start("-a", "ups")
        self.wait_notified("READY=1")
        self.wait_name("ups")
        begin = time.monotonic()
        self.say("gone")
        self.assertEqual(driver.wait_exit(), 0)
        # 100 ms are the aim; a machine that is busy with other tests may take longer.
        self.assertLess(time.monotonic() - begin, 2)
        self.wait_notified("STOPPING=1")
        wait_for(lambda: not self.is_on_bus(), "the name to go")
        self.assertFalse(os.path.exists(self.path("test-driver-ups")))

    def test_gone_at_start(self):
        """Ready comes first all the same: without, the service manager would see a failure."""
        self.plug("handed over", "gone already")
        driver = self.start("-a", "ups")
        self.assertEqual(driver.wait_exit(), 0)
        self.wait_notified("READY=1")
        self.wait_notified("STOPPING=1")

    def test_pulled_out_of_several(self):
        self.write("other", DEVICE)
        self.plug("handed over", sections=SECTION % self.path("device") +
                  "[other]\n\tdriver = test-driver\n\tport = %s\n" % self.path("other"))
        driver = self.start("-a", "ups", "-a", "other")
        self.wait_notified("2 devices: 2 fresh")
        self.say("gone")
        self.wait_notified("other at")
        self.assertIsNone(driver.popen.poll())
        tree = self.busctl("tree", "--list", "org.busbar.Driver._all_test_2ddriver").stdout
        self.assertIn("/device/other", tree)
        self.assertNotIn("/device/ups", tree)

    def test_own_device_returns(self):
        """What was not handed over is opened again."""
        self.plug(head="pollinterval = 1\n")
        driver = self.start("-a", "ups")
        self.wait_notified("fresh")
        self.say("gone")
        self.wait_notified("absent")
        self.wait_notified("fresh")
        self.assertIsNone(driver.popen.poll())

    def test_enrolled(self):
        """A device that is in no ups.conf, not even in one that is not there."""
        self.plug()
        os.unlink(self.path("ups.conf"))
        self.write("enrolled.conf", SECTION % self.path("device"))
        driver = self.start("-a", "ups")
        self.wait_notified("READY=1")
        driver.popen.send_signal(signal.SIGHUP)
        self.wait_notified("RELOADING=1")
        self.wait_notified("READY=1")
        self.assertNotIn("Changed", driver.output())
        # The administrator's word counts.
        self.plug(sections=SECTION % self.path("device") + "\tdesc = Mine\n")
        driver.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: self.property("Description") == 's "Mine"', "the section of ups.conf")


if __name__ == "__main__":
    TestCase.driver = os.path.abspath(sys.argv.pop(1))
    unittest.main()
