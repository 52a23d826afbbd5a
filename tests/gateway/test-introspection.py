#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""dbus/org.busbar.Gateway1.xml must be what the gateway says about itself."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATH = os.path.join(ROOT, "dbus", "org.busbar.Gateway1.xml")

program = os.environ["BUSBAR_GATEWAY"]
said = subprocess.run([program, "--introspect"], capture_output=True, text=True, check=True, timeout=30).stdout
assert '<interface name="org.busbar.Gateway1">' in said, said
with open(PATH, encoding="utf-8") as f:
    kept = f.read()
if said != kept:
    sys.exit(f"{PATH} is out of date; write it anew with\n  {program} --introspect > {PATH}")
