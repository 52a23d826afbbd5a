#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""busbarctl profile and report: the profiles of the tree, profiles with mistakes, and recordings."""

import os
import re
import stat
import tempfile
import unittest

from ctllib import Testbed, TestCase, call

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROFILES = {"BUSBAR_PROFILES": os.path.join(ROOT, "profiles")}

RECORDING = """busbar-recording 1 hid
vendor-id 1234
product-id 5678
product "Tower S12345678"
serial "S12345678"
descriptor 05 84 09 04 a1 01 09 24 a1 00 05 85 09 66 85 01 75 08 95 01 15 00 25 64 b1 82
descriptor 05 84 09 ff 85 02 26 ff 00 b1 82 05 85 09 d0 85 03 25 01 b1 82 c0 c0
get feature 01 -> 01 5f
get feature 02 -> 02 07
get feature 03 -> 03 01
string 7 "S12345678"
"""


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


class TestProfiles(TestCase):
    """They need no bus."""

    def test_shipped_profiles_are_good(self):
        result = call("profile", "check", environment=PROFILES)
        self.assertEqual((result.status, result.out), (0, ""))
        self.assertRegex(result.err, r"^\d+ profiles, no problems\n$")

    def test_list(self):
        profiles = call("--json", "profile", "list", environment=PROFILES).json
        hid = [p for p in profiles if p["engine"] == "hid"]
        generic = [p["id"] for p in hid if p["generic"]]
        self.assertEqual(generic, ["generic"])
        for p in hid:
            self.assertEqual(bool(p["matches"]), not p["generic"], p["id"])
        lines = {p["id"]: p for p in profiles if p["engine"] == "line"}
        self.assertEqual(lines["megatec-old"]["protocols"], ["megatec/old"])
        snmp = {p["id"]: p for p in profiles if p["engine"] == "snmp"}
        self.assertIn("ietf", snmp["ietf"]["mibs"])
        for oid in (oid for p in snmp.values() for oid in p["sysobjectids"]):
            self.assertRegex(oid, r"^1(\.\d+)+$")
        self.assertEqual(len(hid) + len(lines) + len(snmp), len(profiles))
        lines = call("profile", environment=PROFILES).lines
        self.assertEqual([line.split("\t")[0] for line in lines], [p["id"] for p in profiles])

    def test_show(self):
        result = call("profile", "show", "generic", environment=PROFILES)
        path = os.path.join(ROOT, "profiles", "hid", "generic.profile")
        self.assertEqual(result.out, f"# {path}\n{read(path)}")
        shown = call("--json", "profile", "show", "generic", environment=PROFILES).json
        self.assertEqual(shown["file"], path)
        result = call("profile", "show", "nothing", environment=PROFILES)
        self.assertEqual(result.status, 1)
        self.assertIn('no profile "nothing"', result.err)

    def test_show_line(self):
        for name in "q1", "qx/q1":
            result = call("profile", "show", name, environment=PROFILES)
            path = os.path.join(ROOT, "profiles", "qx", "q1.profile")
            self.assertEqual(result.out, f"# {path}\n{read(path)}")
        shown = call("--json", "profile", "show", "qx/q1", environment=PROFILES).json
        self.assertEqual((shown["engine"], shown["protocols"]), ("line", ["q1"]))
        self.assertEqual(call("profile", "show", "hid/q1", environment=PROFILES).status, 1)

    def test_import(self):
        walk = ('1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.7\n1.3.6.1.4.1.99999.1.1.0|4|Example\n'
                '1.3.6.1.4.1.99999.1.2.0|2|42\n1.3.6.1.4.1.99998.1.0|2|1\n')
        mib = ('unitModel OBJECT-TYPE SYNTAX DisplayString ::= { enterprises 99999 1 1 }\n'
               'lost OBJECT-TYPE ::= { no 1 }\n')
        with tempfile.TemporaryDirectory() as directory:
            path = write(directory, "example.snmprec", walk)
            drafted = call("profile", "import", path, "--name", "example")
            self.assertEqual((drafted.status, drafted.err), (0, ""))
            self.assertIn("mib = example\n", drafted.out)
            self.assertIn('# ? = object-1-1.0    # "Example"\n', drafted.out)
            draft = write(directory, "example.profile", drafted.out)
            result = call("profile", "check", draft)
            self.assertEqual((result.status, result.out, result.err), (0, "", "1 profile, no problems\n"))

            named = call("profile", "import", path, "--mib", write(directory, "MIB", mib))
            self.assertIn('ups.model = unitModel.0    # "Example"\n', named.out)
            self.assertIn("1 names of the MIBs are not used", named.err)
            self.assertIn("(no)", named.err)
            other = call("profile", "import", path, "--enterprise", "1.3.6.1.4.1.99998")
            self.assertIn("enterprise = 1.3.6.1.4.1.99998\n", other.out)

            for arguments, status, text in (
                    ((), 1, "Of which walk?"),
                    ((path, "--enterprise", "1.3.6.1.4.1.9"), 1, "has nothing of 1.3.6.1.4.1.9"),
                    ((path, "--enterprise", "x"), 1, "is no identifier"),
                    ((path, "--name", "No Name"), 1, "made of a-z"),
                    ((path, "--name", "a", "--name", "b"), 1, "has one name"),
                    ((path, "--mib", "/nonexistent"), 1, "Cannot read /nonexistent"),
                    (("/nonexistent",), 1, "Cannot read /nonexistent"),
                    ((write(directory, "none", "x\n"),), 1, "is no walk")):
                result = call("profile", "import", *arguments)
                self.assertEqual((result.status, result.out), (status, ""), arguments)
                self.assertIn(text, result.err)
            self.assertEqual(call("profile", "list", "--mib", "x").status, 2)

    def test_mistakes_of_snmp(self):
        head = "[profile]\nengine = snmp\ntitle = x\nversion = 1\nmib = x\n"
        with tempfile.TemporaryDirectory() as directory:
            bad = write(directory, "bad.profile", head + "[variables]\nups.load = laod.0\n")
            result = call("profile", "check", bad)
            self.assertEqual(result.status, 1)
            self.assertIn(f'{bad}:7: error: Unknown object "laod"', result.out)
            os.unlink(bad)
            probe = "[probe]\nsysobjectid = 1.3.6.1.4.1.99999\n"
            write(directory, "a.profile", head + probe)
            other = write(directory, "b.profile", head + probe)
            result = call("--json", "profile", "check", directory)
            self.assertEqual(result.status, 1)
            self.assertEqual([(p["file"], p["line"]) for p in result.json], [(other, 0)])

    def test_hwdb(self):
        out = call("profile", "hwdb", environment=PROFILES).out
        self.assertIn("\n\nbusbar:usb:v051Dp0002*\n BUSBAR_DRIVER=usbhid-ups\n", out)
        aliases = re.findall(r"^busbar:.*", out, re.MULTILINE)
        self.assertEqual(aliases, sorted(set(aliases)))

    def test_mistakes(self):
        with tempfile.TemporaryDirectory() as directory:
            os.mkdir(os.path.join(directory, "hid"))
            head = "[profile]\ntitle = x\nversion = 1\n[match]\nusb = 1234:5678\n"
            bad = write(directory, "hid/bad.profile",
                        head + "[variables]\nups.load = UPS.PercentLaod formt=%d\n")
            result = call("profile", "check", bad)
            self.assertEqual(result.status, 1)
            self.assertIn(f'{bad}:7: error: Unknown usage "PercentLaod"', result.out)
            self.assertEqual(result.err, "1 profile, 1 error, 0 warnings\n")

            write(directory, "hid/a.profile", head)
            other = write(directory, "hid/b.profile", head)
            result = call("--json", "profile", "check", environment={"BUSBAR_PROFILES": directory})
            self.assertEqual(result.status, 1)
            self.assertEqual([(p["file"], p["line"]) for p in result.json], [(bad, 7), (other, 5)])

    def test_included(self):
        head = "[profile]\nengine = line\ntitle = x\nversion = 1\nprotocol = x\n"
        with tempfile.TemporaryDirectory() as directory:
            rows = write(directory, "family.rows", "[variables]\nups.load = STATUS:4\n")
            result = call("profile", "check", rows)
            self.assertEqual(result.status, 1)
            self.assertIn('No profile beside it has "include = family"', result.out)

            own = write(directory, "own.profile", head + "include = family\n")
            for path in rows, own, directory:
                result = call("profile", "check", path)
                self.assertEqual(result.status, 1)
                self.assertIn(f'{rows}:2: error: Unknown query "STATUS"', result.out)
                self.assertRegex(result.err, "^[01] profiles?, 1 error, 0 warnings\n$")

            write(directory, "own.profile", head + "include = family\n[query:STATUS]\nsend = Q1\n")
            for path in rows, own, directory:
                result = call("profile", "check", path)
                self.assertEqual((result.status, result.out), (0, ""))
                self.assertEqual(result.err, "1 profile, no problems\n")

    def test_mistakes_of_lines(self):
        head = "[profile]\nengine = line\ntitle = x\nversion = 1\nprotocol = x\n"
        query = "[query:Q]\nsend = Q1\n"
        with tempfile.TemporaryDirectory() as directory:
            bad = write(directory, "bad.profile", head + query + "[variables]\nups.load = Q:x\n")
            result = call("profile", "check", bad)
            self.assertEqual(result.status, 1)
            self.assertIn(f'{bad}:9: error: "Q:x": a word is written', result.out)
            self.assertEqual(result.err, "1 profile, 1 error, 0 warnings\n")

            good = write(directory, "good.profile", head + query + "[variables]\nups.load = Q:1\n")
            result = call("profile", "check", good)
            self.assertEqual((result.status, result.out, result.err), (0, "", "1 profile, no problems\n"))

            # A directory may have profiles for several engines, and one may be an order to another.
            os.unlink(bad)
            write(directory, "usb.profile",
                  "[profile]\nengine = hid\ntitle = x\nversion = 1\ngeneric = yes\n")
            result = call("profile", "check", directory)
            self.assertEqual((result.status, result.out, result.err), (0, "", "2 profiles, no problems\n"))
            other = write(directory, "other.profile", head.replace("= x\n", "= y\n")
                          + "[commands]\nload.off = Q1\n")
            result = call("--json", "profile", "check", directory)
            self.assertEqual(result.status, 1)
            self.assertEqual([(p["file"], p["line"]) for p in result.json], [(good, 6)])
            self.assertIn(f"{other}:7", result.json[0]["message"])

            # The same as an installation.
            os.mkdir(os.path.join(directory, "qx"))
            for path in good, other:
                os.rename(path, os.path.join(directory, "qx", os.path.basename(path)))
            result = call("profile", "check", environment={"BUSBAR_PROFILES": directory})
            self.assertEqual(result.status, 1)
            self.assertIn("2 profiles, 1 error", result.err)
        self.assertEqual(call("profile", "check", directory).status, 1)

    def test_beside_installed(self):
        """One file alone is compared with what is installed, and stands for the one of its name there."""
        with tempfile.TemporaryDirectory() as directory:
            own = write(directory, "own.profile", "[profile]\nengine = line\ntitle = x\nversion = 1\n"
                        "protocol = x\n[query:Q]\nsend = S01\n[variables]\nups.load = Q:1\n")
            result = call("profile", "check", own, environment=PROFILES)
            self.assertEqual(result.status, 1)
            self.assertRegex(result.out, f"{own}:6: error: .query:Q. sends what .* which makes a device act")
        for name in "q1", "voltronic":
            result = call("profile", "check", os.path.join(ROOT, "profiles/qx", name + ".profile"),
                          environment=PROFILES)
            self.assertEqual((result.status, result.out), (0, ""))

    def test_usage(self):
        for arguments in ("lst",), ("list", "x"), ("hwdb", "x"):
            result = call("profile", *arguments)
            self.assertEqual(result.status, 2)
            self.assertIn("check [FILE|DIRECTORY]", result.err)
        self.assertEqual(call("profile", "check", "/nonexistent").status, 1)


class TestReport(TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = temporary.name
        self.recording = write(self.directory, "old.recording", RECORDING)
        self.new = os.path.join(self.directory, "new.txt")

    def test_recording(self):
        result = call("report", self.recording, self.new, environment=PROFILES)
        self.assertEqual(result.status, 0, result.err)
        self.assertIn("3 reports", result.err)
        text = read(self.new)
        self.assertTrue(text.startswith("busbar-recording 1 hid\n# "))
        self.assertIn("# Profile generic: ", text)
        self.assertNotIn("S12345678", text)
        self.assertRegex(text, r'string 7 "XXXXXXXXX"')
        self.assertIn(" get feature 01 -> 01 5f\n", text)
        self.assertEqual(os.listdir(self.directory).count("new.txt.part"), 0)

    def test_not_redacted(self):
        result = call("report", "--no-redact", self.recording, self.new, environment=PROFILES)
        self.assertEqual(result.status, 0, result.err)
        self.assertIn('serial "S12345678"', read(self.new))
        self.assertEqual(stat.S_IMODE(os.stat(self.new).st_mode), 0o600)

    def test_file_is_not_overwritten(self):
        write(self.directory, "new.txt", "mine")
        result = call("report", self.recording, self.new, environment=PROFILES)
        self.assertEqual(result.status, 1)
        self.assertIn("is there already", result.err)
        self.assertEqual(read(self.new), "mine")
        path = os.path.join(self.directory, "no", "x")
        result = call("report", self.recording, path, environment=PROFILES)
        self.assertEqual(result.status, 1)
        self.assertIn("Cannot write", result.err)

    def test_bad_recording(self):
        path = write(self.directory, "bad", RECORDING + "nonsense\n")
        result = call("report", path, self.new, environment=PROFILES)
        self.assertEqual(result.status, 1)
        self.assertIn(f"{path}:12:", result.err)
        result = call("report", "/dev/null", self.new)
        self.assertEqual(result.status, 1)
        self.assertIn("/dev/null", result.err)
        self.assertFalse(os.path.exists(self.new))

    def test_device_that_answers_nothing(self):
        path = write(self.directory, "mute", re.sub(r"(?m)^(get|string).*\n", "", RECORDING))
        result = call("report", path, self.new, environment=PROFILES)
        self.assertEqual(result.status, 1)
        self.assertIn("answered nothing", result.err)
        self.assertFalse(os.path.exists(self.new))

    def test_devices_on_the_bus(self):
        files = {"ups.conf": f"[tower]\ndriver = usbhid-ups\nport = {self.recording}\n"
                             "[dummy]\ndriver = dummy-ups\nport = dummy.dev\n",
                 "dummy.dev": "ups.status: OL\n"}
        os.environ.update(PROFILES)
        with Testbed(files) as bed:
            result = call("report", "tower", self.new, environment=bed.environment)
            self.assertEqual(result.status, 0, result.err)
            text = read(self.new)
            self.assertIn("# Driver usbhid-ups\n", text)
            self.assertIn("# battery.charge: 95\n", text)
            self.assertIn("# ups.serial: XXXXXXXXX\n", text)
            self.assertNotIn("S12345678", text)

            result = call("report", "dummy", self.new + "2", environment=bed.environment)
            self.assertEqual(result.status, 1)
            self.assertIn("does not speak HID", result.err)
            self.assertIn("record, see dummy-ups(8)", result.err)
            self.assertEqual(call("report", "nobody", environment=bed.environment).status, 1)


if __name__ == "__main__":
    unittest.main()
