#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What bash, zsh and fish offer behind our commands, asked of the shells themselves."""

import os
import re
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "ctl"))

# pylint: disable=wrong-import-position
from ctllib import BUSBARCTL, CONFIG, FakeDevice, Testbed, TestCase, build_directory, call  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
OURS = os.path.join(ROOT, "src", "bindings", "completion")
CTL = os.path.join(ROOT, "src", "ctl", "completion")
TOOLS = os.path.join(build_directory(), "src", "tools")

BASH = r"""
source "$1"; COMP_LINE=$2; COMP_POINT=${#2}; COMP_WORDBREAKS=$3; shift 3
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); %s "$1"; printf '%%s\n' "${COMPREPLY[@]}"
"""

# A shell in a pty of zsh's own. What is offered is written to a file by a hook around compadd; ^X says
# that a line is done.
ZSH = r"""
log=$3; places=($1 $2); shift 3
zmodload zsh/zpty
await() {
        local i
        for (( i = 0; i < 1200; i++ )); do
                [[ $(grep -c "$1" $log 2>/dev/null) -ge $2 ]] && return
                sleep 0.05
                zpty -r -t shell junk
        done
        print -u2 "no $1 from zsh"
}
zpty shell "zsh -f -i"
zpty -w shell "PS1=; fpath=($places \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell 'compadd() { local -a offered_; builtin compadd -O offered_ "$@"
        print -rl -- "${offered_[@]}" >>'"$log"'; builtin compadd "$@" }'
zpty -w shell 'it-is-done() { print -r -- "<done>" >>'"$log"' }; zle -N it-is-done'
zpty -w shell 'bindkey "^X" it-is-done; bindkey "^I" complete-word; bindkey "^U" kill-whole-line'
zpty -w shell 'print -r -- "<ready>" >>'"$log"
await "<ready>" 1
for (( n = 1; n <= $#; n++ )); do
        zpty -w -n shell "${argv[n]}"$'\t\x18'
        await "<done>" $n
        zpty -w -n shell $'\x15'
done
zpty -d shell
"""


class TestCompletion(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bed = cls.enterClassContext(Testbed(CONFIG))
        directory = os.path.join(cls.bed.directory, "commands")
        os.mkdir(directory)
        cls.spec = f"rack@localhost:{cls.bed.port}"
        for name in ("upsc", "upscmd", "upsrw"):
            # Who names no server means ours.
            with open(os.path.join(directory, name), "w", encoding="ascii") as f:
                f.write("#!/bin/bash\nlast=${!#}\n"
                        f"[[ $last != -l ]] || exec {TOOLS}/client/{name} -l localhost:{cls.bed.port}\n"
                        f"[[ $* == *@* ]] || set -- \"$@@localhost:{cls.bed.port}\"\n"
                        f"exec {TOOLS}/client/{name} \"$@\"\n")
            os.chmod(f.name, 0o755)
        with open(os.path.join(directory, "upsdrvctl"), "w", encoding="ascii") as f:
            f.write("#!/bin/sh\nprintf 'rack\\npdu\\n'\n")
        os.chmod(f.name, 0o755)
        cls.environment = {**cls.bed.environment, "TERM": "xterm", "HOME": cls.bed.directory,
                           "PATH": f"{directory}:{os.path.dirname(BUSBARCTL)}:/usr/bin:/bin"}

    def setUp(self):
        self.enter(FakeDevice(self.environment))

    def run_shell(self, *argv):
        result = subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=240,
                                check=False, cwd=self.bed.directory)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        return result.stdout

    def bash(self, line, breaks=" \t\n\"'><=;|&(:@"):
        words = line.split(" ")
        ours = words[0] != "busbarctl"
        script = BASH % ("_busbar_nut" if ours else "_busbarctl")
        path = f"{OURS}/nut.bash" if ours else f"{CTL}/busbarctl"
        return self.run_shell("bash", "-c", script, "bash", path, line, breaks, *words).split()

    def fish(self, line):
        script = "source $argv[1]; source $argv[2]; complete -C $argv[3]"
        out = self.run_shell("fish", "--no-config", "-c", script, f"{OURS}/nut.fish",
                             f"{CTL}/busbarctl.fish", line)
        return [row.split("\t")[0] for row in out.splitlines()]

    def zsh(self, *lines):
        """What is offered for each line."""
        path = os.path.join(self.bed.directory, "offered")
        self.run_shell("zsh", "-f", "-c", ZSH, "zsh", OURS, CTL, path, *lines)
        with open(path, encoding="utf-8") as f:
            parts = f.read().split("<ready>\n")[1].split("<done>\n")
        return [set(part.split("\n")) - {""} for part in parts[:-1]]

    # A line, and what is offered at its end: in all shells.
    LINES = [
        ("upsc ", {"rack", "pdu", "Fake"}), ("upsc ra", {"rack"}), ("upscmd Fake load", {"load.off"}),
        ("upsc rack battery.charge", {"battery.charge"}), ("upsmon -c ", {"fsd", "reload", "stop"}),
        ("upsdrvctl ", {"start", "stop", "shutdown", "status", "list"}), ("upsdrvctl stop p", {"pdu"}),
        ("upsdrvsvcctl re", {"resync", "reconfigure"}), ("upscmd -u admin pd", {"pdu"}),
        ("nut-scanner --disp_n", {"--disp_nut_conf", "--disp_nut_conf_with_sanity_check"}),
        ("nut-scanner --secLevel a", {"authNoPriv", "authPriv"}), ("nut-recorder ra", {"rack"}),
        ("nutconf --set-mode net", {"netserver", "netclient"}), ("upslog -s ra", {"rack"}),
        ("busbarctl show ra", {"rack"}), ("busbarctl do", {"doctor"}), ("busbarctl doctor p", {"pdu"}),
        ("busbarctl get Fake battery.charge.", {"battery.charge.low"}), ("busbarctl scan us", {"usb"}),
        ("busbarctl set Fake ups.b", {"ups.beeper.status"}), ("busbarctl fsd ", {"list", "clear", "set"}),
    ]

    def test_bash(self):
        for line, expected in self.LINES:
            with self.subTest(line=line):
                self.assertEqual(set(self.bash(line)), expected)
        self.assertEqual(self.bash(f"upsc {self.spec} battery.charge"), ["battery.charge"])
        self.assertEqual(self.bash("upsc ups@local"), ["localhost"])
        self.assertEqual(self.bash("upsc ups@local", breaks=" \t\n"), ["ups@localhost"])
        self.assertEqual(self.bash("upsrw -s ups.be"), ["ups.beeper.status="])
        self.assertEqual(self.bash("upsrw -s ups.beeper.status=d"), ["disabled"])
        self.assertEqual(self.bash("upsc nobody@127.0.0.1:1 "), [])

    def test_fish(self):
        for line, expected in self.LINES:
            with self.subTest(line=line):
                self.assertEqual(set(self.fish(line)), expected)
        self.assertEqual(self.fish(f"upsc {self.spec} battery.charge"), ["battery.charge"])
        self.assertIn("ups.beeper.status=", self.fish("upsrw -s ups.be"))

    def test_zsh(self):
        lines = [*self.LINES, (f"upsc {self.spec} battery.charge", {"battery.charge"})]
        for (line, expected), offered in zip(lines, self.zsh(*(line for line, _ in lines)), strict=True):
            with self.subTest(line=line):
                self.assertLessEqual(expected, offered)

    def test_options(self):
        """Each option that a program tells of is known."""
        programs = {name: os.path.join(TOOLS, "client", name)
                    for name in ("upsc", "upscmd", "upsrw", "upslog", "nut-recorder")}
        programs |= {name: os.path.join(TOOLS, "control", name)
                     for name in ("upsd", "upsdrvctl", "sockdebug")}
        programs["nutconf"] = os.path.join(TOOLS, "nutconf", "nutconf")
        programs["nut-scanner"] = os.path.join(TOOLS, "scanner", "nut-scanner")
        for name, program in programs.items():
            help_text = subprocess.run([program, "-h"], capture_output=True, text=True, check=False).stdout
            long = name in ("nutconf", "nut-scanner")
            pattern = r"(?m)^ +(?:-\w, +)?(--[\w-]+)" if long else r"(?m)^ +(-\w)\b"
            known = set(re.findall(pattern, help_text))
            self.assertTrue(known, help_text)
            with self.subTest(name=name):
                offered = set(self.bash(f"{name} -"))
                self.assertLessEqual(known, offered)
                self.assertLessEqual(known, set(self.fish(f"{name} --" if long else f"{name} -")))

    def test_verbs(self):
        verbs = set(re.findall(r"(?m)^  ([a-z]+)", call("--help").out.split("Options:")[0]))
        self.assertEqual(set(self.fish("busbarctl ")), verbs)


if __name__ == "__main__":
    unittest.main()
