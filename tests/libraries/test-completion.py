#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What bash, zsh and fish offer behind our commands, asked of the shells themselves."""

import contextlib
import os
import re
import subprocess
import sys
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), name) for name in ("ctl", "tools")]

# pylint: disable=wrong-import-position
from clientlib import ScriptedServer  # noqa: E402
from ctllib import BUSBARCTL, CONFIG, FakeDevice, Testbed, TestCase, build_directory, call  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
OURS = os.path.join(ROOT, "src", "bindings", "completion")
CTL = os.path.join(ROOT, "src", "ctl", "completion")
TOOLS = os.path.join(build_directory(), "src", "tools")

BASH = r"""
source "$1"; COMP_LINE=$2; COMP_POINT=${#2}; COMP_WORDBREAKS=$3; shift 3
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); %s "$1"; printf '%%s\n' "${COMPREPLY[@]}"
"""

# A shell in a pty of zsh's own. What is offered is written to a file by a hook around compadd; ^X has the
# shell say that a line is done, for which is waited.
ZSH = r"""
log=$3; places=($1 $2); shift 3
zmodload zsh/zpty
await() { local junk; zpty -r shell junk "*$1*" || print -u2 "zsh ended before $1" }
zpty shell "zsh -f -i"
zpty -w shell "PS1=; unsetopt autolist; fpath=($places \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell 'compadd() { local -a offered_; builtin compadd -O offered_ "$@"
        print -rl -- "${offered_[@]}" >>'"$log"'; builtin compadd "$@" }'
zpty -w shell 'it-is-done() { print -r -- "<done>" >>'"$log"'; print -rn -- "<do""ne>" }; zle -N it-is-done'
zpty -w shell 'bindkey "^X" it-is-done; bindkey "^I" complete-word; bindkey "^U" kill-whole-line'
zpty -w shell 'print -r -- "<ready>" >>'"$log"'; print -r -- "<rea""dy>"'
await "<ready>"
for line; do
        zpty -w -n shell "$line"$'\t\x18'
        await "<done>"
        zpty -w -n shell $'\x15'
done
zpty -d shell
"""

# What no server should call anything, of which nothing may be run or offered.
HOSTILE = ["$(touch${IFS}MADE)", "`touch${IFS}MADE`", "good;touch${IFS}MADE;", "*", "?ood", "[a-z]*",
           "{a,b}", "~", "'", "-l", "--help", "$HOME", "$'x'", "<(touch${IFS}MADE)", "good&", "(good)", "!!"]
HARMLESS = ["good", "bare"]


def make_commands(directory, port):
    """Commands for which who names no server means the one at this port."""
    os.mkdir(directory)
    for name in ("upsc", "upscmd", "upsrw"):
        with open(os.path.join(directory, name), "w", encoding="ascii") as f:
            f.write(f"#!/bin/bash\nlast=${{!#}}\n"
                    f"[[ $last != -l ]] || exec {TOOLS}/client/{name} -l localhost:{port}\n"
                    f"[[ $* == *@* ]] || set -- \"$@@localhost:{port}\"\n"
                    f"exec {TOOLS}/client/{name} \"$@\"\n")
        os.chmod(f.name, 0o755)


def hostile_server():
    # To the server, $ and a number is one of the groups of the pattern, or of three digits a character.
    names = [name.replace("$", "$044") for name in [*HOSTILE, *HARMLESS]]

    def make_list(what, row):
        return f"BEGIN LIST {what}\n" + "".join(row % name for name in names) + f"END LIST {what}\n"

    return ScriptedServer([
        ("LIST UPS", make_list("UPS", 'UPS "%s" "x"\n')),
        ("LIST (VAR|RW) good", make_list("$1 good", '$1 good "%s" "1"\n')),
        ("LIST CMD good", make_list("CMD good", 'CMD good "%s"\n')),
        ("GET CMDDESC good bare", "ERR CMD-NOT-SUPPORTED\n"),
        ("GET CMDDESC good (.*)", 'CMDDESC good $1 "Does - it"\n'),
        ("GET TYPE good (.*)", "TYPE good $1 RW ENUM\n"),
        ("LIST ENUM good (.*)", make_list("ENUM good $1", 'ENUM good $1 "%s"\n')),
        ("GET (DESC|VAR) good (.*)", '$1 good $2 "It"\n')])


class TestCompletion(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bed = cls.enterClassContext(Testbed(CONFIG))
        directory = os.path.join(cls.bed.directory, "commands")
        make_commands(directory, cls.bed.port)
        cls.spec = f"rack@localhost:{cls.bed.port}"
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
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
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

    # Lines behind which names come that are not ours.
    FOREIGN = ["upsc ", "upsc good ", "upscmd good ", "upsrw -s ", "upslog -s ", "upsdrvctl stop ",
               "busbarctl show ", "busbarctl get good ", "busbarctl set good ", "busbarctl fsd clear ",
               "busbarctl profile show "]

    def test_hostile(self):
        """Nothing that a server or a device calls something is run, nor offered if it could be later."""
        directory = os.path.join(self.bed.directory, "hostile")
        with hostile_server() as server:
            make_commands(directory, server.port)
            with open(os.path.join(directory, "names"), "w", encoding="ascii") as f:
                f.writelines(f"{name}\n" for name in [*HOSTILE, *HARMLESS])
            for name in ("busbarctl", "upsdrvctl"):
                with open(os.path.join(directory, name), "w", encoding="ascii") as f:
                    f.write(f"#!/bin/sh\nend='\\tx - y'\n[ \"$2\" != show ] || end=': 1'\n"
                            f"exec sed \"s/$/$end/\" {directory}/names\n")
                os.chmod(f.name, 0o755)
            environment = {**self.environment, "PATH": f"{directory}:{self.environment['PATH']}"}
            with mock.patch.object(self, "environment", environment, create=True):
                offered = {"bash": map(self.bash, self.FOREIGN), "fish": map(self.fish, self.FOREIGN),
                           "zsh": self.zsh(*self.FOREIGN)}
                for shell, lists in offered.items():
                    for line, names in zip(self.FOREIGN, lists, strict=True):
                        with self.subTest(shell=shell, line=line):
                            self.assertEqual({name.removesuffix("=") for name in names}, set(HARMLESS))
                # Behind the = no dash makes an option.
                self.assertEqual(self.bash("upsrw -s good="), sorted(["-l", "--help", *HARMLESS]))
        self.assertFalse(os.path.exists(os.path.join(self.bed.directory, "MADE")))

    def test_scan(self):
        """All kinds of devices that can be scanned for are offered, and no others."""
        with open(os.path.join(ROOT, "src", "scan", "scan-device.c"), encoding="utf-8") as f:
            kinds = set(re.findall(r'\[SCAN_\w+\] *= \{ *"(\w+)"', f.read()))
        self.assertIn("usb", kinds)
        self.assertEqual(set(self.bash("busbarctl scan ")), kinds)
        self.assertEqual(set(self.fish("busbarctl scan ")), kinds)
        self.assertEqual(self.zsh("busbarctl scan "), [kinds])

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
