#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian's upsc, upscmd and upsrw and ours side by side, on our gateway, on Debian's upsd and on a server
that says anything: output and exit status are the same, but for what is listed here with its reason."""

import os
import re
import signal
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

from clientlib import OURS, STOCK, ScriptedServer, run_client
from testlib import NutConnection, StockServer, Testbed, TestCase, wait_for

CONFIG = {
    "ups.conf": """
[ups]
        driver = dummy-ups
        port = ups.dev
        desc = "The \\"first\\" one"
[plain]
        driver = dummy-ups
        port = plain.dev
[odd-name_1.x]
        driver = dummy-ups
        port = plain.dev
        desc = ""
[gone]
        driver = dummy-ups
        port = no-such-file.dev
""",
    "ups.dev": """
ups.status: OL CHRG
ups.mfr: Example
ups.model: Model 700
ups.serial: 0123456
ups.id: old
ups.load: 23
ups.delay.shutdown: 20
battery.charge: 87
battery.charge.low: 20
battery.runtime: 1830
input.transfer.low: 180
input.transfer.high: 270
""",
    "plain.dev": "ups.status: OB LB\nups.mfr: With \\\"quotes\\\" and \\\\ and #\nbattery.charge: 3\n",
    "upsd.conf": "MAXAGE 3\n",
    "upsd.users": """
[admin]
        password = secret
        actions = SET FSD
        instcmds = ALL
[setter]
        password = setpass
        actions = SET
[guest]
        password = guest
[other]
        password = otherpass
        upsmon secondary
""",
}

VARIABLES = ("ups.status", "ups.mfr", "ups.model", "ups.id", "battery.charge", "ups.load", "no.such",
             "nodot", "",
             "a.b c", "UPS.STATUS", 'quo."ted', "back.\\slash", "driver.name")
ADMIN = ("-u", "admin", "-p", "secret")
ID = "12345678-1234-1234-1234-123456789012"


# Words of ERR, for each of which the scripted server has a UPS that answers everything with it.
TOKENS = ("DATA-STALE", "DRIVER-NOT-CONNECTED", "UNKNOWN-UPS", "ACCESS-DENIED", "UNKNOWN-COMMAND",
          "INVALID-ARGUMENT",
          "USERNAME-REQUIRED", "PASSWORD-REQUIRED", "VAR-NOT-SUPPORTED", "VAR-UNKNOWN", "READONLY",
          "TOO-LONG",
          "INVALID-VALUE", "SET-FAILED", "INSTCMD-FAILED", "CMD-NOT-SUPPORTED", "UNKNOWN-TYPE",
          "MISSING-ARGUMENT",
          "INVALID-PASSWORD", "INVALID-USERNAME", "ALREADY-LOGGED-IN", "FEATURE-NOT-CONFIGURED",
          "NEVER-HEARD-OF", "DATA-STALE-AND-MORE")


def lists(kind, ups, *items):
    lines = "".join(f"{kind} {ups} {item}\n" for item in items)
    return f"LIST {kind} {ups}", f"BEGIN LIST {kind} {ups}\n{lines}END LIST {kind} {ups}\n"


def typed(name, kind, value, *more):
    """A setting of the scripted server."""
    return [(f"GET TYPE types {name}", f"TYPE types {name} {kind}\n"),
            (f"GET DESC types {name}", f'DESC types {name} "About {name}"\n'),
            (f"GET VAR types {name}", f'VAR types {name} "{value}"\n'), *more]


SCRIPT = [
    ("STARTTLS", "ERR FEATURE-NOT-CONFIGURED\n"),
    ("LIST UPS", 'BEGIN LIST UPS\nUPS a "A \\"b\\" \\\\ c"\nUPS b ""\nEND LIST UPS\n'),
    ("(USERNAME|PASSWORD) .*", "OK\n"),
    ("SET TRACKING ON", "OK\n"),
    ("LIST (?P<k>VAR|RW|CMD|CLIENT) hang", None),
    ("(GET|SET|INSTCMD) .*hang.*", None),
    *[(f"(LIST (VAR|RW|CMD|CLIENT) {t}|GET VAR {t} .*|INSTCMD {t} .*|SET VAR {t} .*)",
       f"ERR {t}\n") for t in TOKENS],
    ("(LIST|GET|INSTCMD|SET) .*bare.*", "ERR\n"),
    ("LIST (VAR|RW|CMD|CLIENT) part", "BEGIN LIST $1 part\n$1 part a.b x\n"),
    lists("VAR", "esc", 'x.y "a \\"b\\" \\\\ \\# c"', 'x.z ""', "x.w bare"),
    lists("VAR", "none"), lists("CMD", "none"), lists("RW", "none"), lists("CLIENT", "none"),
    lists("CLIENT", "two", "127.0.0.1", "::1"),
    lists("CMD", "two", "load.off", "test.start", "odd.cmd"),
    ("GET CMDDESC two load.off", 'CMDDESC two load.off "Turn \\"it\\" off"\n'),
    ("GET CMDDESC two test.start", 'CMDDESC two test.start "Description unavailable"\n'),
    ("GET CMDDESC two .*", "ERR CMD-NOT-SUPPORTED\n"),
    lists("RW", "types", 's.s "x"', 'n.n "5"', 'e.s "b"', 'e.n "2"', 'r.r "265"', 'o.o "1"', 'u.u "1"',
          'x.x "1"'),
    *typed("s.s", "RW STRING:16", "the value"),
    *typed("n.n", "RW NUMBER", "5"),
    *typed("e.s", "RW ENUM STRING:8", "b", ("LIST ENUM types e.s",
                                            'BEGIN LIST ENUM types e.s\nENUM types e.s "a"\n'
           'ENUM types e.s "b"\nEND LIST ENUM types e.s\n')),
    *typed("e.n", "RW ENUM NUMBER", "2", ("LIST ENUM types e.n",
                                          'BEGIN LIST ENUM types e.n\nENUM types e.n "2"\n'
           'END LIST ENUM types e.n\n')),
    *typed("r.r", "RW RANGE NUMBER", "265", ("LIST RANGE types r.r", 'BEGIN LIST RANGE types r.r\n'
           'RANGE types r.r "260" "270"\nRANGE types r.r "280" "290"\nEND LIST RANGE types r.r\n')),
    *typed("o.o", "RW ENUM", "1", ("LIST ENUM types o.o", 'BEGIN LIST ENUM types o.o\nENUM types o.o "1"\n'
           'END LIST ENUM types o.o\n')),
    *typed("u.u", "RW MARVELLOUS", "1"),
    ("GET TYPE types x.x", "ERR VAR-NOT-SUPPORTED\n"), ("GET DESC types x.x", "ERR VAR-NOT-SUPPORTED\n"),
    ("INSTCMD slow .*", f"OK TRACKING {ID}\n"), ("SET VAR slow .*", f"OK TRACKING {ID}\n"),
    ("INSTCMD short .*", "OK TRACKING 123\n"), ("INSTCMD bad .*", "NO\n"), ("INSTCMD plain .*", "OK\n"),
    ("SET VAR plain .*", "OK\n"),
    (f"GET TRACKING {ID}", "ERR INVALID-ARGUMENT\n"),
]


# Reasons for which ours may be different. Each takes a case and what stock makes of it, and gives what ours
# must be like, or None when it is no reason here.

def own_words(case, _):
    """Help and version are in our own words, and the version has the right name, on standard output."""
    if "-h" in case.arguments or "-V" in case.arguments:
        return lambda ours: ours.status == 0 and ours.stderr == "" and case.program in ours.stdout
    return None


def crash(_, stock):
    """Stock crashes."""
    if stock.status < 0:
        return lambda ours: ours.status == 1 and ours.stderr.startswith("Error: ")
    return None


def failed_order(case, stock):
    """A command or setting that the device refused is a failure: exit status 1."""
    refused = re.search(r"(^|\n|: )ERR( [A-Z-]+)?\n$", stock.stderr)
    if case.program != "upsc" and stock.status == 0 and refused:
        return lambda ours: ours == stock._replace(status=1)
    return None


def wrong_usage(case, stock):
    """Who calls a command wrongly is told so on standard error, with exit status 1; stock prints its help
    and exits with 0."""
    if stock.status == 0 and "usage: " in stock.stdout:
        return lambda ours: ((ours.stdout, ours.status) == ("", 1) and
                             ours.stderr.startswith(stock.stderr) and
                             ours.stderr.endswith(f"Try '{case.program} -h' for help.\n"))
    return None


def internals(_, stock):
    """Messages do not have the names of functions of stock's library."""
    text = re.sub(r"(?m)^upscli_split\w+: .*\n", "", stock.stderr)
    if text != stock.stderr:
        return lambda ours: ours == stock._replace(stderr=text)
    return None


def strict_specs(case, stock):
    """A name or port with something behind or in front that does not belong there is an error."""
    if any(re.search(r"\][^:]|:\d+\D|^@|@.*[\s@]", a) for a in case.arguments):
        return lambda ours: ours.status == 1 and re.match("Error: invalid (UPS definition|hostname)",
                                                          ours.stderr)
    return None


def whole_list(case, stock):
    """A list that breaks off is a failure, not a short list."""
    if case.breaks_off:
        return lambda ours: (ours.stdout, ours.stderr, ours.status) == ("", "Error: Server disconnected\n",
                                                                        1)
    return None


def unknown_words(_, stock):
    """An ERR with a word that NUT's clients do not know is shown, or said in ours."""
    if stock.stderr == "Error: Unknown error\n":
        return lambda ours: re.fullmatch(
            r"Error: (Unknown error \(ERR [A-Z-]+\)|Invalid argument)\n", ours.stderr)
    return None


def quoted(case, stock):
    """Words go to the server as they were given; stock sends a blank in them as the end of a word."""
    if any(re.search(r"[\s\"\\#=]", a) for a in case.arguments):
        return lambda ours: ours.status == 1 and re.match("Error: |Unexpected response", ours.stderr)
    return None


def no_input(case, stock):
    """The end of the input is no answer to a question: nothing is sent."""
    if case.program == "upsrw" and case.stdin.count("\n") < case.questions:
        message = r"(Password: )?Error( reading from stdin!|: no value was given)\n"
        return lambda ours: ours.status == 1 and re.fullmatch(message, ours.stderr)
    return None


FIXES = (own_words, crash, failed_order, wrong_usage, internals, strict_specs, whole_list, unknown_words,
         quoted,
         no_input)


class Case:
    def __init__(self, program, *arguments, stdin="", questions=0, breaks_off=False):
        self.program, self.arguments, self.stdin = program, arguments, stdin
        self.questions = questions
        self.breaks_off = breaks_off

    def run(self, whose):
        return run_client(whose, self.program, *self.arguments, stdin=self.stdin)

    def __str__(self):
        return f"{self.program} {' '.join(map(repr, self.arguments))} < {self.stdin!r}"


def bad_specs(port):
    """Of none of them there is an answer."""
    return (f"@127.0.0.1:{port}", "ups@", "ups@-", "ups@127.0.0.1:", "ups@127.0.0.1:0",
            "ups@127.0.0.1:65536",
            "ups@127.0.0.1:x", "ups@127.0.0.1:-1", f"ups@127.0.0.1:{port}x", "ups@[::1",
            f"ups@[127.0.0.1]x:{port}",
            "ups@::1", "ups@[::1]:1", "ups@127.0.0.1:1", "ups@localhost:1", "", "@", "ups@:",
            f"ups@ 127.0.0.1:{port}",
            "ups@@", "ups@[]")


def reading_cases(names, port):
    host = f"127.0.0.1:{port}"
    for name in names:
        ups = f"{name}@{host}"
        yield from (Case("upsc", ups, *v) for v in [(), *((v,) for v in VARIABLES)])
        yield Case("upsc", "-c", ups)
        yield Case("upscmd", "-l", ups)
        yield Case("upsrw", ups)
        yield Case("upsrw", "-l", ups)
    for option in ("-l", "-L", "-lL", "-Lc", "-cl"):
        yield from (Case("upsc", option, h) for h in (host, f"localhost:{port}"))
    yield Case("upsrw", "-s", "a.b=1", "-l", f"{names[0]}@{host}")
    yield Case("upsc", f"{names[0]}@{host}", "ups.status", "superfluous")


def bad_cases(port):
    for spec in bad_specs(port):
        yield from (Case("upsc", *a) for a in ((spec,), ("-c", spec), (spec, "ups.status")))
        yield from (Case("upscmd", "-l", spec), Case("upscmd", *ADMIN, spec, "load.off"))
        yield from (Case("upsrw", spec), Case("upsrw", *ADMIN, "-s", "ups.id=1", spec))
        yield Case("upsc", "-l", spec.removeprefix("ups@"))
    for program in ("upsc", "upscmd", "upsrw"):
        yield from (Case(program, *a) for a in ((), ("-x",), ("-h",), ("-V",), ("--help",)))
    yield from (Case("upsc", o) for o in ("-c", "-u"))
    yield from (Case("upscmd", o) for o in ("-l", "-u", "-t"))
    yield from (Case("upscmd", "-t", t, "x") for t in ("nonsense", "-1", "99999999999999"))
    yield from (Case("upsrw", o) for o in ("-l", "-s", "-t"))
    yield from (Case("upscmd", a) for a in (f"ups@127.0.0.1:{port}",))


def order_cases(names, port):
    host = f"127.0.0.1:{port}"
    users = (ADMIN, ("-u", "setter", "-p", "setpass"), ("-u", "guest", "-p", "guest"), ("-u", "admin", "-p",
                                                                                        "bad"),
             ("-u", "nobody", "-p", "x"), ("-u", "admin", "-p", ""), ("-u", "", "-p", "secret"))
    for name in names:
        ups = f"{name}@{host}"
        for user in users:
            for order in (("load.off",), ("no.such",), ("nodot",), ("load.off", "30")):
                yield Case("upscmd", *user, ups, *order)
            for setting in ("ups.id=new", "ups.status=OL", "no.such=1", "nodot=1", "ups.id="):
                yield Case("upsrw", *user, "-s", setting, ups)
        for value in ("x" * 40, 'a "b" c', "back\\slash", "# hash", "=", " blank "):
            yield Case("upsrw", *ADMIN, "-s", f"ups.id={value}", ups)


def waiting_cases(names, port):
    for ups in (f"{name}@127.0.0.1:{port}" for name in names):
        yield Case("upscmd", *ADMIN, "-w", ups, "load.off")
        yield Case("upscmd", *ADMIN, "-w", "-t", "0", ups, "load.off")
        yield Case("upscmd", "-u", "admin", "-p", "bad", "-w", ups, "load.off")
        yield Case("upsrw", *ADMIN, "-w", "-s", "ups.id=new", ups)
        yield Case("upsrw", *ADMIN, "-w", "-s", "no.such=1", ups)


def asking_cases(name, port):
    """Who is asked and answers from a pipe; the password as well, where there is no terminal."""
    ups = f"{name}@127.0.0.1:{port}"
    for stdin in ("admin\nsecret\n", "admin\nbad\n", "\nsecret\n", "admin\n", ""):
        yield Case("upscmd", ups, "no.such", stdin=stdin, questions=2)
    yield Case("upscmd", "-u", "admin", ups, "no.such", stdin="secret\n", questions=1)
    yield Case("upscmd", "-p", "secret", ups, "no.such", stdin="admin\n", questions=1)
    for stdin in ("admin\nsecret\nnew\n", "admin\nbad\nnew\n", "\nsecret\nnew\n", "admin\nsecret\n", ""):
        yield Case("upsrw", "-s", "ups.id", ups, stdin=stdin, questions=3)
    yield Case("upsrw", *ADMIN, "-s", "ups.id", ups, stdin="\n", questions=1)
    yield Case("upsrw", *ADMIN, "-s", "nodot", ups, stdin="x\n", questions=1)


class Differential(TestCase):
    used = set()

    def differences(self, case):
        """Text, or None when all is well."""
        stock, ours = case.run(STOCK), case.run(OURS)
        if ours == stock and ours.status >= 0:
            return None
        for fix in FIXES:
            check = fix(case, stock)
            if check and check(ours):
                self.used.add(fix)
                return None
        return f"{case}\n  stock: {tuple(stock)}\n  ours:  {tuple(ours)}"

    def compare(self, cases):
        with ThreadPoolExecutor(6) as pool:
            different = [d for d in pool.map(self.differences, cases) if d]
        self.assertEqual(different, [], "\n".join([f"{len(different)} different:", *different]))

    def compare_server(self, server):
        names = ("ups", "plain", "odd-name_1.x", "gone", "nosuch", "UPS")
        with NutConnection(server.port) as c:
            c.login("other", "otherpass")
            self.assertEqual(c.ask("LOGIN ups"), "OK")
            self.compare(reading_cases(names, server.port))
        self.compare([*order_cases(("ups", "gone", "nosuch"), server.port),
                      *waiting_cases(("ups", "gone"), server.port), *asking_cases("ups", server.port)])

    def compare_stale(self, server, pids):
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            with NutConnection(server.port) as c:
                wait_for(lambda: c.ask("GET VAR ups ups.status") == "ERR DATA-STALE", "stale data", 60)
            port = server.port
            self.compare([*reading_cases(("ups", "plain"), port),
                          Case("upscmd", *ADMIN, f"ups@127.0.0.1:{port}", "load.off"),
                          Case("upsrw", *ADMIN, "-s", "ups.id=1", f"ups@127.0.0.1:{port}")])
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def test_stock_server(self):
        with StockServer(CONFIG) as server:
            self.compare_server(server)
            self.compare_stale(server, [d.pid for d in server.drivers.values() if d.poll() is None])

    def test_our_server(self):
        with Testbed(CONFIG) as bed:
            self.compare_server(bed)
            self.compare_stale(bed, [bed.service("dummy-ups").pid])

    def test_scripted_server(self):
        with ScriptedServer(SCRIPT) as server:
            names = ("esc", "none", "two", "types", "hang", "bare", *TOKENS)
            host = f"127.0.0.1:{server.port}"
            cases = [*reading_cases(names, server.port), *asking_cases("plain", server.port)]
            for name in ("slow", "short", "bad", "plain", "hang", "bare", *TOKENS):
                for flags in ((), ("-w",)):
                    cases += [Case("upscmd", *ADMIN, *flags, f"{name}@{host}", "a.b"),
                              Case("upsrw", *ADMIN, *flags, "-s", "a.b=c", f"{name}@{host}")]
            cases += [Case(*c, f"part@{host}", breaks_off=True) for c in (("upsc",), ("upsc", "-c"),
                                                                          ("upscmd", "-l"),
                                                                       ("upsrw",))]
            self.compare(cases)

    def test_no_server(self):
        with ScriptedServer(SCRIPT) as server:
            self.compare(bad_cases(server.port))

    @classmethod
    def tearDownClass(cls):
        """Reasons that nobody has any more are to be deleted."""
        unused = [f.__name__ for f in FIXES if f not in cls.used]
        if unused and len(sys.argv) == 1:
            raise AssertionError(f"no difference for these reasons: {unused}")


if __name__ == "__main__":
    unittest.main()
