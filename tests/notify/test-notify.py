#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbar-notify, with a stand-in for the monitor and for wall."""

import os
import re
import signal
import tempfile
import time
import unittest

from notifylib import NotifyTest, wait_for
from testlib import Testbed

MONITOR = "MONITOR ups@localhost 1 u p primary\nMONITOR far@10.0.0.1 1 u p secondary\n"
FLAGS = "NOTIFYFLAG ONBATT EXEC\nNOTIFYFLAG ONLINE WALL+EXEC\nNOTIFYFLAG LOWBATT WALL\n" \
        "NOTIFYFLAG SHUTDOWN EXEC\nNOTIFYFLAG COMMBAD IGNORE\nNOTIFYFLAG FSD EXEC\n"


class ServiceCase(NotifyTest):
    def setUp(self):
        super().setUp()
        self.monitor = None

    def configure(self, command, more=""):
        self.write("upsmon.conf", f'{MONITOR}{FLAGS}NOTIFYCMD "{command}"\n{more}')

    def start_all(self):
        self.monitor = self.peer("monitor")
        return self.start_notify()

    def start_notify(self):
        notify = self.start("busbar-notify", "-D", RUNTIME_DIRECTORY=self.runtime)
        notify.wait("Read the configuration")
        return notify

    def reload(self, notify):
        n = notify.text.count("Read the configuration")
        notify.process.send_signal(signal.SIGHUP)
        wait_for(lambda: notify.text.count("Read the configuration") > n, "the reload")

    def say(self, kind, device, text):
        self.monitor.tell(f"notice {kind}|{device}|{text}")

    def memory(self):
        if not os.path.exists(os.path.join(self.runtime, "memory")):
            return ""
        with open(os.path.join(self.runtime, "memory"), encoding="ascii") as f:
            return f.read()

    def wait_messages(self, *messages):
        wait_for(lambda: [line.split("|")[0] for line in self.out()] == list(messages),
                 f"{messages}, but {self.out()}")


class ServiceTest(ServiceCase):
    def test_flags_and_environment(self):
        self.configure(self.path("tell"))
        self.start_all()
        self.say("ONBATT", "ups", "UPS ups@localhost on battery")
        self.wait_out("UPS ups@localhost on battery|ups@localhost|ONBATT|UPS ups@localhost on battery")
        self.say("LOWBATT", "far@10.0.0.1", 'odd $(text) "quoted" `id`')
        self.say("COMMBAD", "ups", "not to be told")
        self.say("NEWTYPE", "ups", "not known")
        self.say("SHUTDOWN", "", "Auto logout")
        wait_for(lambda: len(self.out()) == 3, "three lines")
        self.assertEqual(sorted(self.out()[1:]),
                         ["Auto logout||SHUTDOWN|Auto logout", 'wall odd $(text) "quoted" `id`'])

    def test_command_lines(self):
        os.rename(self.path("tell"), self.path("tell me"))
        cases = [
            (f'NOTIFYCMD "{self.path("tell me")}"', "m|ups@localhost|ONBATT|m"),
            (f'NOTIFYCMD "/bin/sh {self.path("plain")} -x"', "-x m"),
            (f'NOTIFYCMD /bin/sh {self.path("plain")} "a b"', "a b m"),
            ('NOTIFYCMD "echo $NOTIFYTYPE >> $OUT; true"', "ONBATT"),
            (f'NOTIFYCMD "{self.path("naked")}"', "naked m"),
        ]
        self.script("plain", 'echo "$@" >> "$OUT"')
        self.script("naked", 'echo naked "$@" >> "$OUT"', head="")
        self.configure("true")
        notify = self.start_all()
        for line, expected in cases:
            with self.subTest(line):
                self.write("upsmon.conf", MONITOR + FLAGS + line + "\n")
                self.reload(notify)
                self.say("ONBATT", "ups", "m")
                self.wait_out(expected)
                os.unlink(self.path("out"))

    def test_order_and_bound(self):
        self.script("slow", 'echo "begin $1" >> "$OUT"; sleep 0.2; echo "end $1" >> "$OUT"')
        self.configure(self.path("slow"))
        self.start_all()
        for i in range(4):
            self.say("ONBATT", "ups", str(i))
        self.wait_out(*[f"{word} {i}" for i in range(4) for word in ("begin", "end")])

    def test_urgent_does_not_wait(self):
        self.script("hang", 'echo "$NOTIFYTYPE" >> "$OUT"; if [ "$NOTIFYTYPE" = ONBATT ]; then '
                            'trap "" TERM; while :; do sleep 1; done; fi')
        self.configure(self.path("hang"))
        notify = self.start_all()
        self.say("ONBATT", "ups", "m")
        self.wait_out("ONBATT")
        self.say("ONLINE", "ups", "m")
        begin = time.monotonic()
        self.say("SHUTDOWN", "", "m")
        wait_for(lambda: "SHUTDOWN" in self.out(), "SHUTDOWN is told")
        self.assertGreater(time.monotonic() - begin, 4)
        self.assertNotIn("ONLINE", self.out())
        notify.wait("does not wait any longer")
        # The end does not wait for ever either.
        self.end(notify)
        self.assertIn("Ending although programs still run", notify.text)

    def test_status_and_missing(self):
        self.script("fails", 'echo some output; exit 3')
        self.configure(self.path("fails"))
        notify = self.start_all()
        self.say("ONBATT", "ups", "m")
        notify.wait("fails m ended with status 3")
        notify.wait("^some output$")
        self.configure("/nonexistent/program")
        self.reload(notify)
        self.say("ONBATT", "ups", "m")
        notify.wait("Cannot run /nonexistent/program m: No such file or directory")

    def test_end_finishes(self):
        self.script("slow", 'sleep 0.5; echo "$1" >> "$OUT"')
        self.configure(self.path("slow"))
        notify = self.start_all()
        self.say("ONBATT", "ups", "1")
        self.say("ONBATT", "ups", "2")
        notify.wait("Running .*slow 1")
        self.end(notify)
        self.assertEqual(self.out(), ["1", "2"])

    def test_restart_of_either(self):
        self.configure(self.path("tell"))
        notify = self.start_all()
        self.say("ONBATT", "ups", "1")
        wait_for(lambda: len(self.out()) == 1, "the first")
        self.end(notify)
        self.say("ONBATT", "ups", "2")
        self.say("ONBATT", "ups", "3")
        notify = self.start_notify()
        self.wait_messages("1", "2", "3")

        # Killed without warning.
        wait_for(lambda: " 3 " in self.memory(), "it remembers")
        self.end(notify, signal.SIGKILL)
        self.say("ONBATT", "ups", "4")
        notify = self.start_notify()
        self.wait_messages("1", "2", "3", "4")

        # The monitor begins again, with numbers from 1, and says things before it is found.
        self.end(self.monitor)
        self.monitor = self.peer("monitor")
        for text in ("5", "6"):
            self.say("ONBATT", "ups", text)
        self.wait_messages("1", "2", "3", "4", "5", "6")

        # The bus goes, and the monitor says something meanwhile.
        self.bus.stop()
        notify.wait("Lost the connection|going on without it")
        self.say("ONBATT", "ups", "7")
        self.bus.start()
        self.monitor.wait("^back$")
        self.wait_messages("1", "2", "3", "4", "5", "6", "7")
        self.say("ONBATT", "ups", "8")
        self.wait_messages("1", "2", "3", "4", "5", "6", "7", "8")

    def test_history_is_not_news(self):
        self.configure(self.path("tell"))
        self.monitor = self.peer("monitor")
        self.monitor.tell("keep ONBATT|ups|old|3600")
        self.monitor.tell("keep ONBATT|ups|recent|60")
        self.start_notify()
        self.wait_messages("recent")

    def test_missed_signal(self):
        self.configure(self.path("tell"))
        self.start_all()
        self.say("ONBATT", "ups", "1")
        self.wait_messages("1")
        self.monitor.tell("keep ONBATT|ups|2|0")
        self.say("ONBATT", "ups", "3")
        self.wait_messages("1", "2", "3")

    def test_flood(self):
        self.script("count", 'echo "$1" >> "$OUT"')
        self.configure(self.path("count"))
        self.start_all()
        for i in range(300):
            self.say("ONBATT", "ups", str(i))
        wait_for(lambda: self.out() == [str(i) for i in range(300)], "all of them, in order", 60)

    def test_no_configuration(self):
        self.start_all()
        self.say("ONBATT", "ups", "by default on the wall")
        self.wait_out("wall by default on the wall")

    def test_broken_configuration(self):
        self.configure(self.path("tell"), 'NOTIFYFLAG ONBATT NONSENSE\nNONSENSE\n')
        notify = self.start_all()
        notify.wait(r"upsmon.conf:\d+: ")
        self.say("ONBATT", "ups", "m")
        wait_for(lambda: len(self.out()) == 1, "told nonetheless")


class ScheduleTest(ServiceCase):
    """With upssched inside."""

    RULES = """
AT ONBATT * START-TIMER onbatt 1
AT ONLINE * CANCEL-TIMER onbatt back
AT LOWBATT ups@localhost EXECUTE low
AT FSD * START-TIMER-SHARED shared 1
AT COMMBAD UPS START-TIMER long 1000
AT COMMOK * CANCEL-TIMER-MATCHED long
"""

    def schedule(self, rules=RULES):
        self.write("upsmon.conf", MONITOR + 'NOTIFYCMD /sbin/upssched\n'
                   + "".join(f"NOTIFYFLAG {kind} EXEC\n" for kind in
                             ("ONBATT", "ONLINE", "LOWBATT", "FSD", "COMMBAD", "COMMOK")))
        self.write("upssched.conf", f'CMDSCRIPT {self.path("tell")}\nPIPEFN {self.path("pipe")}\n'
                   f'LOCKFN {self.path("lock")}\n{rules}')

    def list(self):
        result = self.run_program("upssched", "-l")
        self.assertEqual(result.returncode, 0, result.stderr)
        return [line.split("\t") for line in result.stdout.splitlines()]

    def test_rules(self):
        self.schedule()
        self.start_all()
        self.say("LOWBATT", "ups", "low it is")
        self.wait_out("low|ups@localhost|LOWBATT|low it is")
        self.say("LOWBATT", "far@10.0.0.1", "not this one")
        self.say("ONBATT", "ups", "battery")
        wait_for(lambda: len(self.out()) == 2, "the timer runs down")
        self.assertEqual(self.out()[1], "onbatt|ups@localhost|ONBATT|battery")
        # None runs, so the command is run.
        self.say("ONLINE", "far@10.0.0.1", "line")
        wait_for(lambda: len(self.out()) == 3, "the command of CANCEL-TIMER")
        self.assertEqual(self.out()[2], "back|far@10.0.0.1|ONLINE|line")
        self.say("FSD", "ups", "a")
        self.say("FSD", "far@10.0.0.1", "b")
        wait_for(lambda: len(self.out()) == 4, "the shared timer")
        self.assertEqual(self.out()[3], "shared|ups@localhost,far@10.0.0.1|FSD|a.\tb")

    def test_list_reload_restart(self):
        self.schedule()
        notify = self.start_all()
        self.assertEqual(self.list(), [])
        self.say("COMMBAD", "ups", "lost")
        wait_for(self.list, "a timer")
        name, absolute, left, kind, system, message = self.list()[0]
        self.assertEqual((name, kind, system, message), ("long", "COMMBAD", "ups@localhost", "lost"))
        self.assertLess(abs(int(absolute) - int(left) - time.time()), 5)
        self.assertLess(980, int(left))

        self.reload(notify)
        self.assertEqual(self.list()[0][0], "long")
        wait_for(lambda: "timer" in self.memory(), "it remembers")
        self.end(notify, signal.SIGKILL)
        notify = self.start_notify()
        wait_for(lambda: os.path.exists(os.path.join(self.runtime, "upssched")), "the socket")
        wait_for(lambda: self.run_program("upssched", "-l").stdout.startswith("long\t"), "the timer again")
        self.say("COMMOK", "far@10.0.0.1", "of another")
        self.say("COMMOK", "ups", "back")
        wait_for(lambda: self.list() == [], "cancelled")
        self.end(notify)
        self.assertFalse(os.path.exists(os.path.join(self.runtime, "upssched")))

    def test_cancelled_meanwhile(self):
        """What runs down while nobody is here is cancelled by what was said while nobody was here."""
        self.schedule()
        notify = self.start_all()
        self.say("ONBATT", "ups", "battery")
        wait_for(lambda: "onbatt" in self.memory(), "it remembers")
        self.end(notify)
        self.say("ONLINE", "ups", "line")
        with open(os.path.join(self.runtime, "memory"), encoding="ascii") as f:
            due = int(f.read().split('timer "onbatt" ')[1].split()[0])
        wait_for(lambda: time.clock_gettime(time.CLOCK_BOOTTIME) * 1e6 > due, "it is due")
        notify = self.start_notify()
        notify.wait("Timer onbatt cancelled")
        self.assertEqual(self.list(), [])
        self.assertEqual(self.out(), [])

    def test_long_overdue(self):
        """It is run all the same, as nothing that was said meanwhile cancels it."""
        self.schedule()
        with open(os.path.join(self.runtime, "memory"), "w", encoding="ascii") as f:
            f.write('timer "onbatt" 1\ntype "ONBATT"\nnonsense\ntimer\n')
        notify = self.start_all()
        notify.wait("Timer onbatt ran down while nobody was here")
        notify.wait("memory:3: Passing over what makes no sense")
        self.wait_out("onbatt||ONBATT|")
        self.say("LOWBATT", "ups", "m")
        self.wait_out("onbatt||ONBATT|", "low|ups@localhost|LOWBATT|m")
        self.assertEqual(self.list(), [])

    def test_long_overdue_cancelled(self):
        self.schedule(self.RULES.replace("onbatt 1", "onbatt 1000"))
        notify = self.start_all()
        self.say("ONBATT", "ups", "battery")
        wait_for(lambda: "onbatt" in self.memory(), "it remembers")
        self.end(notify)
        memory = re.sub('timer "onbatt" [0-9]+', 'timer "onbatt" 1', self.memory())
        with open(os.path.join(self.runtime, "memory"), "w", encoding="ascii") as f:
            f.write(memory)
        self.say("ONLINE", "ups", "line")
        notify = self.start_notify()
        notify.wait("Timer onbatt ran down while nobody was here")
        notify.wait("Timer onbatt cancelled")
        self.say("LOWBATT", "ups", "m")
        self.wait_out("low|ups@localhost|LOWBATT|m")
        self.assertEqual(self.list(), [])

    def test_program_hands_over(self):
        self.schedule()
        self.start_all()
        wait_for(lambda: os.path.exists(os.path.join(self.runtime, "upssched")), "the socket")
        result = self.run_program("upssched", "by hand", UPSNAME="ups", NOTIFYTYPE="LOWBATT")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.wait_out("low|ups|LOWBATT|by hand")
        self.assertFalse(os.path.exists(self.path("pipe")))

    def test_without_script(self):
        self.schedule()
        self.write("upssched.conf", "AT LOWBATT * EXECUTE low\n")
        notify = self.start_all()
        self.say("LOWBATT", "ups", "m")
        notify.wait("names no CMDSCRIPT")


class RealTest(unittest.TestCase):
    """With the monitor itself."""

    def test_all_the_way(self):
        with tempfile.TemporaryDirectory(prefix="busbar-notify-") as directory:
            out, script = os.path.join(directory, "out"), os.path.join(directory, "tell")
            with open(script, "w", encoding="ascii") as f:
                f.write(f'#!/bin/sh\necho "$1|$UPSNAME|$NOTIFYTYPE" >> {out}\n')
            os.chmod(script, 0o755)
            config = {
                "ups.conf": "pollinterval = 1\n[ups]\ndriver = dummy-ups\nport = ups.dev\n",
                "ups.dev": "ups.status: OL\n",
                "upsmon.conf": "MONITOR ups@localhost 1 u p primary\nPOLLFREQ 1\nPOLLFREQALERT 1\n"
                               "NOTIFYFLAG ONBATT EXEC\nNOTIFYFLAG ONLINE EXEC\n"
                               "NOTIFYFLAG COMMBAD IGNORE\nNOTIFYFLAG NOCOMM IGNORE\n"
                               f"NOTIFYCMD {script}\n",
            }

            def told():
                if not os.path.exists(out):
                    return []
                with open(out, encoding="ascii") as f:
                    return f.read().splitlines()

            with Testbed(config, monitor=True) as bed:
                bed.write("ups.dev", "ups.status: OB DISCHRG\n")
                wait_for(lambda: told() == ["UPS ups@localhost on battery|ups@localhost|ONBATT"], "ONBATT")
                bed.write("ups.dev", "ups.status: OL\n")
                wait_for(lambda: told()[1:] == ["UPS ups@localhost on line power|ups@localhost|ONLINE"],
                         "ONLINE")


if __name__ == "__main__":
    unittest.main(verbosity=2)
