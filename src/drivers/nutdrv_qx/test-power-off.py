#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The late power-off of devices that answer nothing to what they do not know, and on lines that lose things.

    test-power-off.py NUTDRV_QX RECORDINGS PROFILES
"""

import re
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "src" / "kit"), str(ROOT / "tests" / "qx")]

from driver_testlib import TestCase, wait_for  # noqa: E402
from qxsim import Megatec, Simulator, Transcript  # noqa: E402

PROGRAM, RECORDINGS, PROFILES = (Path(argument) for argument in sys.argv[1:4])

STOPS = (b"C\r", b"CS\r")
OFF = re.compile(rb"S[.0-9].*\r")


def profiles_that_cut():
    """Those of devices that can be told to, and that are found on a serial line."""
    found = []
    for path in sorted((PROFILES / "qx").glob("*.profile")):
        text = path.read_text(encoding="utf-8")
        probe = re.search(r"^\[probe\]\n((?:[^\[].*\n|\n)*)", text, re.M)
        orders = RECORDINGS / f"{path.stem}.orders"
        if re.search(r"^order =", text, re.M) and not re.search(r"^(usb|link) =", probe[1], re.M) and \
                orders.exists() and "\nshutdown.return" in orders.read_text(encoding="utf-8"):
            found.append(path.stem)
    return found


class Lossy:
    """Another one, to whose answers to what switches it off something else happens."""

    def __init__(self, unit, lost):
        self.unit, self.lost = unit, list(lost)

    def answer(self, request):
        if OFF.fullmatch(request) and self.lost:
            return self.lost.pop(0)
        return self.unit.answer(request)


def mecer():
    """It says whether it does what it is told."""
    unit = Transcript.load(RECORDINGS / "mecer.recording")
    unit.add(b"C\r", b"(ACK\r")
    return unit


class PowerOffTest(TestCase):
    driver = str(PROGRAM)

    def power_off(self, sim, *options, name="t"):
        words = [word for option in options for word in ("-x", option)]
        return subprocess.run([PROGRAM, "-s", name, "-x", f"port={sim.path}", *words, "-k"],
                              env=self.environment, capture_output=True, text=True, timeout=120, check=False)

    def quiet(self, profile):
        unit = Transcript.load(RECORDINGS / f"{profile}.recording")
        return self.stack.enter_context(Simulator(unit, unknown="silence"))

    def cut_quiet(self, profile, memo):
        """Returns what is wrong with how a device of this profile is told to cut the load."""
        if memo:
            Path(self.path(f"{profile}.memo")).write_text(f"{profile} serial 0", encoding="ascii")
        sim = self.quiet(profile)
        done = self.power_off(sim, name=profile)
        orders = [r for r in sim.requests if OFF.fullmatch(r)]
        # Some acknowledge what they do, which the recordings do not have.
        unsure = len(set(orders)) == 1 and "may have been done" in done.stderr
        if not orders or not (done.returncode == 0 or unsure):
            return f"{profile}: {done.returncode}: {sim.requests}\n{done.stderr}"
        # All that is asked of one that is known is whether it is that one.
        if memo and sim.requests.index(orders[0]) > 12:
            return f"{profile}: {sim.requests}"
        return None

    def cut_all(self, memo):
        names = profiles_that_cut()
        self.assertGreater(len(names), 12)
        with ThreadPoolExecutor(8) as pool:
            wrong = list(filter(None, pool.map(lambda name: self.cut_quiet(name, memo), names)))
        self.assertEqual(wrong, [], "\n".join(wrong))

    def test_quiet_with_memo(self):
        self.cut_all(memo=True)

    def test_quiet_without_memo(self):
        self.cut_all(memo=False)

    def test_bad_memo(self):
        for text in ("", "x", "none serial 0", "q1 serial x", "\n\n\n", "voltronic serial 0"):
            with self.subTest(text):
                Path(self.path("t.memo")).write_text(text, encoding="ascii")
                sim = self.stack.enter_context(Simulator(Megatec()))
                done = self.power_off(sim)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(sim.requests[-1], b"S.5R0003\r")

    def test_memo_of_service(self):
        """What the service has found out is asked first, and nothing else."""
        sim = self.stack.enter_context(Simulator(Megatec(), unknown="silence"))
        self.configure(f"[ups]\ndriver = nutdrv_qx\nport = {sim.path}\n")
        process = self.start("-FF", "-a", "ups")
        self.wait_notified("READY=1")
        wait_for(lambda: Path(self.path("ups.memo")).exists(), "the memo", timeout=60)
        process.stop()
        sim.clear()
        done = self.run_driver("-a", "ups", "-k")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sim.requests, [b"Q1\r", b"I\r", b"C\r", b"S.5R0003\r"])

    def test_lost_answer(self):
        """It is said again, and nothing that would leave the servers off."""
        for lost in ([b""], [b"", b""], [b"\xff#\r"], [b"\xff#\r", b""]):
            with self.subTest(lost):
                sim = self.stack.enter_context(Simulator(Lossy(mecer(), lost + [b"(ACK\r"])))
                done = self.power_off(sim, "protocol=mecer")
                orders = [r for r in sim.requests if OFF.fullmatch(r)]
                self.assertEqual(set(orders), {b"S.5R0003\r"}, done.stderr)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(len(orders), len(lost) + 1)

    def test_never_answered(self):
        sim = self.stack.enter_context(Simulator(Lossy(mecer(), [b""] * 1000)))
        done = self.power_off(sim, "protocol=mecer")
        orders = [r for r in sim.requests if OFF.fullmatch(r)]
        self.assertEqual(set(orders), {b"S.5R0003\r"})
        self.assertGreater(len(orders), 4)
        self.assertEqual(done.returncode == 0, False)
        self.assertIn("shutdown.return was sent, and may have been done, but the device has not said so",
                      done.stderr)

    def test_refused(self):
        """Then, and only then, the other one comes."""
        sim = self.stack.enter_context(Simulator(Lossy(Megatec(), [b"S.5R0003\r"])))
        done = self.power_off(sim, "protocol=megatec")
        orders = [r for r in sim.requests if OFF.fullmatch(r)]
        self.assertEqual((done.returncode, orders), (0, [b"S.5R0003\r", b"S.5R0000\r"]), done.stderr)

    def test_late_refusal(self):
        """A no that takes its time is none the less one."""
        class Slow(Lossy):
            def answer(self, request):
                if OFF.fullmatch(request):
                    time.sleep(0.8)
                return super().answer(request)

        sim = self.stack.enter_context(Simulator(Slow(Megatec(), [b"S.5R0003\r"])))
        done = self.power_off(sim, "protocol=megatec")
        orders = [r for r in sim.requests if OFF.fullmatch(r)]
        self.assertEqual(orders, [b"S.5R0003\r", b"S.5R0000\r"], done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
