#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbar-desktop between stand-ins for the monitor and for a desktop's notification service."""

import unittest

from notifylib import Bus, NotifyTest


class DesktopTest(NotifyTest):
    def setUp(self):
        super().setUp()
        self.session = Bus(self.directory, "session")
        self.addCleanup(lambda: self.session.stop())
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.session.address
        self.monitor = self.screen = None

    def start_all(self):
        self.monitor = self.peer("monitor")
        self.screen = self.peer("notifications")
        return self.start("busbar-desktop", "-D")

    def set(self, **properties):
        for name, value in properties.items():
            self.monitor.tell(f"property {name} {value}")

    def test_countdown(self):
        self.start_all()
        self.set(DeadlineUSec=300, State="on-battery")
        self.screen.wait(r"^notify 1 replaces 0 urgency 1 timeout 0 actions \[\] "
                         r"On battery power\|The mains power failed./This computer shuts down in 5 min\.$")
        self.set(Reason="UPS <rack> & co are on battery.", DeadlineUSec=4)
        self.screen.wait(r"^notify 1 replaces 1 urgency 2 .*On battery power\|UPS &lt;rack&gt; &amp; co "
                         r"are on battery./This computer shuts down in 4 s\.$")
        for left in (3, 2, 1):
            self.screen.wait(rf"^notify 1 replaces 1 .*shuts down in {left} s\.$")
        self.set(DeadlineUSec=30, State="final-delay")
        self.screen.wait(r"^notify 1 replaces 1 urgency 2 timeout 0 actions \[cancel,Call it off\] "
                         r"Shutting down\|")
        self.set(DeadlineUSec="never", Reason="", State="online")
        self.screen.wait("^close 1$")
        # Each second a text of its own, and no more.
        self.assertLess(self.screen.text.count("notify 1 "), 14)
        self.set(DeadlineUSec=300, State="on-battery")
        self.screen.wait("^notify 2 replaces 0 ")

    def test_cancel(self):
        desktop = self.start_all()
        self.set(DeadlineUSec=50, State="final-delay")
        self.screen.wait("^notify 1 .*cancel")
        self.screen.tell("press 7")
        self.screen.tell("press 1")
        self.monitor.wait(r"^call CancelShutdown called off on the desktop \(interactive\)$")
        self.monitor.tell("refuse not any more")
        self.screen.tell("press 1")
        self.screen.wait(r"^notify 2 replaces 0 urgency 2 timeout -1 actions \[\] "
                         r"The shutdown goes on\|not any more$")
        desktop.wait("The shutdown goes on: not any more")
        self.assertEqual(self.monitor.text.count("call CancelShutdown"), 2)
        n = len(self.screen.lines)
        self.set(Cancellation="none")
        self.screen.wait(r"actions \[\] Shutting down", n)
        self.screen.tell("press 1")
        self.set(State="powering-off")
        self.screen.wait("Shutting down now")
        self.assertEqual(self.monitor.text.count("call CancelShutdown"), 2)

    def test_dismissed(self):
        desktop = self.start_all()
        self.set(DeadlineUSec=30, State="on-battery")
        self.screen.wait("^notify 1 ")
        self.screen.tell("dismiss 1")
        desktop.wait("The user closed the message")
        self.set(Reason="Something else")
        self.set(Reason="")
        self.set(DeadlineUSec=20, State="final-delay")
        self.screen.wait("^notify 2 replaces 0 .*Shutting down")
        self.assertNotIn("Something else", self.screen.text)

    def test_notices(self):
        self.start_all()
        self.set(State="on-battery")
        self.screen.wait("^notify 1 ")
        self.monitor.tell("notice ONBATT|ups|UPS ups on battery")
        self.monitor.tell("notice REPLBATT|ups|UPS ups battery needs to be replaced")
        self.screen.wait(r"^notify 2 replaces 0 urgency 2 timeout -1 actions \[\] "
                         r"Replace the UPS battery\|UPS ups battery needs to be replaced$")
        self.assertNotIn("UPS ups on battery", self.screen.text)

    def test_comings_and_goings(self):
        # Nothing is there at first.
        self.session.stop()
        self.bus.stop()
        desktop = self.start("busbar-desktop", "-D")
        desktop.wait("Cannot connect to the bus of the session")
        self.bus.start()
        self.session.start()
        self.monitor = self.peer("monitor")
        self.set(State="on-battery")
        # A notification service that comes late, goes, and comes again.
        self.screen = self.peer("notifications")
        self.screen.wait("^notify 1 replaces 0 .*On battery power")
        self.end(self.screen)
        self.screen = self.peer("notifications")
        self.screen.wait("^notify 1 replaces 0 .*On battery power")
        # The monitor goes: nobody knows anything any more.
        self.end(self.monitor)
        self.screen.wait("^close 1$")
        self.monitor = self.peer("monitor")
        self.set(State="on-battery")
        self.screen.wait("^notify 2 replaces 0 .*On battery power")
        # The system bus goes, and comes with another state.
        self.bus.stop()
        self.screen.wait("^close 2$")
        self.monitor.tell("property State low-battery")
        self.bus.start()
        self.screen.wait("^notify 3 replaces 0 .*Battery is low")
        # So does the bus of the session, with all that is on it.
        self.session.stop()
        self.screen.end()
        self.session.start()
        self.screen = self.peer("notifications")
        self.screen.wait("^notify 1 replaces 0 .*Battery is low")


if __name__ == "__main__":
    unittest.main(verbosity=2)
