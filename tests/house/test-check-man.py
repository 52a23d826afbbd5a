#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Runs tools/check-man.py over pages that differ from their programs: test-check-man.py PROGRAM"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PAGE = """
DESCRIPTION
===========

OPTIONS
=======

**-a** *NAME*
    One.

-b, --both
    Two.

VERBS
=====

**go** [*WHERE*]
    Goes.

KEYS
====

**one** = *VALUE*
    One.

two *VALUE*, three
    Two. The key *old* is obsolete.

SEE ALSO
========

::

    example

.. BEGIN NAMES: here

name

.. END NAMES
"""

HELP = """
Usage
Verbs:
  go [WHERE]  Goes, unlike -z
Options:
  -a NAME     One
  -b, --both  Two
"""

TABLE = """
static const Key keys[] = {
        { "one", 1 },
        { .name = "two" },
        { "three", 1 },
        { "old", 1 },
};
"""


class CheckMan(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, name, text, mode=0o644):
        path = self.directory / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return str(path)

    def program(self, text):
        return self.write("program", f"#!/bin/sh\ncat <<'END'\n{text.strip()}\nEND\n", 0o755)

    def check(self, *arguments):
        """What is found; nothing when all is well."""
        result = subprocess.run([sys.executable, PROGRAM, *arguments], capture_output=True, text=True,
                                check=False)
        self.assertEqual(result.returncode, 1 if result.stderr else 0, result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        return result.stderr.strip()

    def test_help(self):
        page = self.write("x.1.rst", PAGE)
        self.assertEqual(self.check("help", page, self.program(HELP)), "")
        self.assertEqual(self.check("help", page, self.program(HELP + "  -n  New\n")),
                         "option -n is not in the page")
        self.assertEqual(self.check("help", page, self.program(HELP.replace(", --both", ""))),
                         "option --both of the page does not exist")
        self.assertIn("no option at all", self.check("help", page, self.program("nothing")))
        self.assertIn("wider than 80", self.check("help", page, self.program(HELP + "x" * 81)))
        bad = self.write("bad", "#!/bin/sh\nexit 3\n", 0o755)
        self.assertIn("ended with 3", self.check("help", page, bad))

    def test_verbs(self):
        page = self.write("x.1.rst", PAGE)
        self.assertEqual(self.check("verbs", page, self.program(HELP)), "")
        self.assertEqual(self.check("verbs", page, self.program(HELP.replace("go", "come"))),
                         "verb come is not in the page\nverb go of the page does not exist")

    def test_keys(self):
        page = self.write("x.5.rst", PAGE)
        self.assertEqual(self.check("keys", page, self.write("x.c", TABLE) + ":keys"), "")
        more = self.write("x.c", TABLE.replace("{ \"old\"", "{ \"new\", 1 },\n        { \"old\""))
        self.assertEqual(self.check("keys", page, more + ":keys"), "key new is not in the page")
        self.assertEqual(self.check("keys", page, more + ":keys", "--also=four"),
                         "key four is not in the page\nkey new is not in the page")
        less = self.write("x.c", TABLE.replace("{ \"three\", 1 },", ""))
        self.assertEqual(self.check("keys", page, less + ":keys"), "key three of the page does not exist")
        self.assertIn("no table other", self.check("keys", page, less + ":other"))

    def test_driver(self):
        page = self.write("x.8.rst", PAGE.replace("**one** = *VALUE*", "**port** = *VALUE*"))
        listed = 'VALUE two "x"\nFLAG three "y"\n'
        self.assertEqual(self.check("driver", page, self.program(listed)), "")
        self.assertEqual(self.check("driver", page, self.program(listed + 'FLAG four "z"\n')),
                         "key four is not in the page")

    def test_names(self):
        page = self.write("x.7.rst", PAGE)
        program = self.write("program", "#!/bin/sh\nprintf 'name\\n\\n'\n", 0o755)
        self.assertEqual(self.check("names", page, program), "")
        program = self.write("program", "#!/bin/sh\nprintf 'other\\n\\n'\n", 0o755)
        self.assertIn("--update", self.check("names", page, program))
        self.assertEqual(self.check("names", page, program, "--update"), "")
        self.assertEqual(self.check("names", page, program), "")
        self.assertIn("\nother\n", Path(page).read_text(encoding="utf-8"))

    def test_render(self):
        title = "=\nx\n=\n\n-----------\nsays things\n-----------\n\n:Manual section: 1\n"
        for page, found in (
                (PAGE, ""),
                (PAGE + "\n**x\n", "Inline strong start-string"),
                (PAGE.replace("::", "for"), "no example"),
                (PAGE.replace("SEE ALSO", "NOT ALSO"), "no section SEE ALSO")):
            with self.subTest(found=found):
                result = self.check("render", self.write("x.1.rst", title + page))
                self.assertIn(found, result)
                self.assertEqual(found == "", result == "")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
