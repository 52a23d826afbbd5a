#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every variable set of NUT's device dump library, all served at once by one driver process, read back with
upsc byte for byte. Without the library at hand, a few sets of our own with its peculiarities."""

import os
import re
import unittest

from testlib import NutConnection, Testbed, TestCase, run, shared_data

# Named after what they show. The values stand between the colon and blank, and a comment.
OWN = {
    "plain": "ups.status: OL CHRG\nups.mfr: Example\nbattery.charge: 100\n",
    "blanks": "ups.status:  OL   CHRG \nups.serial: AB12   \nups.model:  CP 1500C\nups.load:   0.0\n"
              "ups.id:      \n",
    "empty": "ups.status: \nups.mfr:\nups.serial: \n",
    "marks": "ups.status: OL OFF #BAD: not really off\nups.temperature: 25.0\t#BAD: constant\n"
             "ups.serial: ####\nups.model: Unknown #BC1200     (1.650)\n"
             "ups.delay.start: 60 #COMMENT: none\n",
    "alarm": "ups.status: ALARM OL RB\nups.alarm: Replace battery!\t#BAD: is new\n",
    "noalarm": "ups.status: OL\nups.alarm: Shutdown imminent! #BAD\n",
    "quotes": 'ups.status: OL\nups.mfr: "Example" Ltd\nups.model: 19" \\ rack\n',
    "driver": "driver.name: usbhid-ups\ndriver.version: 2.4.1\nups.status: OB LB\n",
    "commands": "# a comment\nups.status: OL\n#RW:ups.id: x\n#CMD: load.off\nups.mfr: Example\n",
    "latin": "ups.status: OL\nups.mfr: TRIPPLITE\xc2\xa0\n",
}


def parse(text):
    """{variable: value} as clients are to see it, from the library's habits, not from the driver's code."""
    variables = {}
    for line in text.split("\n"):
        match = re.fullmatch(r"([A-Za-z][\w.-]*):(?: (.*))?", line)
        if not match or match[1].startswith("driver."):
            continue
        name, value = match[1], match[2] or ""
        value = re.sub(r"(?:\t+| {2,})#.*|\s+#(?:BAD|COMMENT| ).*", "", value)
        if name == "ups.status":
            value = " ".join(value.split())
        # The protocol is ASCII: one sign for each character that is not.
        value = value.encode("latin-1").decode(errors="surrogateescape")
        variables[name] = re.sub(r"[^ -~]", "?", value)
    return variables


def device_name(path, taken):
    base = re.sub(r"[^A-Za-z0-9_.-]", "_", os.path.basename(path).rsplit(".", 1)[0])[:60]
    name, n = base, 1
    while name in taken:
        n += 1
        name = f"{base}-{n}"
    return name


def files():
    """{device name: (path, text)}"""
    directory = shared_data("ddl")
    if directory is None:
        return {name: (None, text) for name, text in OWN.items()}
    found = {}
    for parent, _, names in sorted(os.walk(directory)):
        for name in sorted(names):
            if name.endswith((".dev", ".seq")):
                path = os.path.join(parent, name)
                with open(path, encoding="latin-1") as f:
                    found[device_name(path, found)] = (path, f.read())
    return found


class TestDeviceFiles(TestCase):
    def setUp(self):
        self.files = files()
        config = {"ups.conf": "pollinterval = 2\n", "upsd.conf": "", "upsd.users": ""}
        for name, (path, text) in self.files.items():
            if path is None:
                path = f"{name}.dev"
                config[path] = text
            config["ups.conf"] += f'[{name}]\n\tdriver = dummy-ups\n\tport = "{path}"\n'
        self.bed = self.enter(Testbed(config))

    def test_all(self):
        if shared_data("ddl"):
            self.assertEqual(len(self.files), 535)
        self.assertEqual(run("upsc", "-l", f"localhost:{self.bed.port}").stdout.split(), list(self.files))
        compared = 0
        for name, (_, text) in self.files.items():
            # What stands before the first TIMER is what a sequence shows at first.
            expected = parse(text.split("\nTIMER", 1)[0])
            output = run("upsc", f"{name}@localhost:{self.bed.port}").stdout
            shown = dict(line.split(": ", 1) for line in output.split("\n")[:-1])
            with self.subTest(name):
                self.assertEqual({k: v for k, v in shown.items() if k in expected}, expected)
                others = [k for k in shown if k not in expected and not k.startswith("driver.")]
                # What every simulation has, and copies of ups.* for files from before there was device.*.
                known = re.compile(r"device\.\w+|ups\.(mfr|model|status)")
                self.assertEqual([k for k in others if not known.fullmatch(k)], [])
                self.assertEqual(shown["driver.name"], "dummy-ups")
            compared += len(expected)
        self.assertGreater(compared, 15000 if shared_data("ddl") else 15)

    def test_one_process(self):
        self.assertEqual(sorted(self.bed.launcher.supervisor.services), ["bus", "dummy-ups", "gateway"])
        with NutConnection(self.bed.port) as c:
            answers = c.ask_all([f"GET VAR {name} ups.status" for name in self.files])
        self.assertEqual([a for a in answers if not a.startswith("VAR ")], [])


if __name__ == "__main__":
    unittest.main()
