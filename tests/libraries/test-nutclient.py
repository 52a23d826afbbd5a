#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program in C++ that does all that libnutclient can, built with Debian's headers and with ours, runs with
Debian's libraries and with ours: the same is printed."""

import os
import re
import subprocess
import tempfile
import unittest

from librarieslib import HERE, build_file, program, stock_library, swap
from testlib import StockServer, Testbed, TestCase, run, sanitized

OURS = os.path.dirname(build_file("src/nutclient/libnutclient.so.2"))
NAMES = ("libnutclient.so.2", "libnutclientstub.so.1")
STOCK = os.path.dirname(stock_library(NAMES[0]))
PROBE = program("nutclient-probe")

PUBLIC = re.compile(r"nut(client_|::(?!internal|SystemException::err))|str(arr|ing\w+to)_|.* for ")
OURS_ALL = re.compile(r".*\bnut(::|client_)|str(arr|ing\w+to)_")

CONFIG = {
    "ups.conf": '[ups]\ndriver = dummy-ups\nport = ups.dev\ndesc = "The \\"first\\" one"\n'
                "[second]\ndriver = dummy-ups\nport = second.dev\n",
    "ups.dev": "ups.status: OL CHRG\nups.mfr: Example\nups.model: Model 700\nups.id: old\n"
               "battery.charge: 87\n",
    "second.dev": "ups.status: OB LB\nups.mfr: Other\n",
    "upsd.conf": "MAXAGE 15\n",
    "upsd.users": "[admin]\npassword = secret\nactions = SET FSD\ninstcmds = ALL\nupsmon primary\n",
}


def environment(probe, directory):
    libraries = {"LD_LIBRARY_PATH": STOCK}
    if directory == OURS:
        libraries = swap(OURS, os.path.join(OURS, NAMES[0]), ours=probe == PROBE)
    return {**os.environ, **libraries}


class TestSymbols(TestCase):
    """What a program can have bound to is there."""

    def exported(self, path):
        lines = run("nm", "-DC", "--defined-only", path).stdout.splitlines()
        return {line[17:].split(" ", 1)[1] for line in lines if line[17] in "TVBDR"}

    def test_superset(self):
        for name in NAMES:
            with self.subTest(name):
                stock, ours = (self.exported(os.path.join(d, name)) for d in (STOCK, OURS))
                # Debian's has private things of its own, and much of NUT that is no part of the interface.
                public = {s for s in stock if PUBLIC.match(s)}
                self.assertGreater(len(public), 5)
                self.assertEqual(public - ours, set())
                self.assertEqual({s for s in ours if not OURS_ALL.match(s)}, set())


class TestProbe(TestCase):
    def said(self, probe, directory, serve):
        """Each time of a server that nobody has used before."""
        with serve(CONFIG) as server:
            out = run(probe, "127.0.0.1", str(server.port), env=environment(probe, directory)).stdout
            return out.replace(str(server.port), "PORT")

    def built_by_debian(self):
        scratch = self.enter(tempfile.TemporaryDirectory(prefix="busbar-nutclient-"))
        path = os.path.join(scratch, "probe")
        # Sanitizers enlarge tables of classes, which a program without -fPIC has copied into itself.
        how = ["-fPIC"] if sanitized() else []
        subprocess.run(["c++", "-O1", *how, "-o", path, os.path.join(HERE, "nutclient-probe.cpp"),
                        "-lnutclient", "-lnutclientstub"], check=True, timeout=120)
        return path

    def test_which(self):
        for directory in (STOCK, OURS):
            listed = run("ldd", PROBE, env=environment(PROBE, directory)).stdout
            for name in NAMES:
                self.assertIn(f"{name} => {directory}/", listed)

    def test_same(self):
        theirs = self.built_by_debian()
        stock = self.said(theirs, STOCK, StockServer)
        self.assertIn("\ndevice: ups 1 1 1 1\n", stock)
        for probe, directory in ((PROBE, STOCK), (PROBE, OURS), (theirs, OURS)):
            with self.subTest(probe=probe, directory=directory):
                self.assertEqual(self.said(probe, directory, StockServer), stock)

    def test_against_busbar(self):
        self.assertEqual(self.said(PROBE, OURS, Testbed), self.said(PROBE, STOCK, Testbed))


if __name__ == "__main__":
    unittest.main()
