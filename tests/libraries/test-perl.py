#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""UPS::Nut: beside Debian's, at our server and Debian's; what newer versions have; at servers that lie."""

import json
import os
import signal
import subprocess
import unittest

from bindingslib import BINDINGS, Liar, Servers, TestCase, wait_for

LIBRARY = os.path.join(BINDINGS, "perl")
STOCK = "/usr/share/perl5"

# Prints each result as JSON, followed by what Error() says. A call of "tie" works on the tied hash.
DRIVER = r"""
use strict; use warnings; use JSON::PP; use UPS::Nut;
my ($new, $calls) = @{ decode_json(shift) };
my @warnings; local $SIG{__WARN__} = sub { push @warnings, $_[0] };
my $ups = UPS::Nut->new(@$new);
my $json = JSON::PP->new->canonical->allow_nonref->allow_blessed;
print $json->encode([defined $ups ? 'open' : 'failed', map { s/ at \S+ line.*//sr } @warnings]), "\n";
for my $call (defined $ups ? @$calls : ()) {
    my ($method, @arguments) = @$call;
    $ups->{err} = undef;
    my @result = eval { ($ups->$method(@arguments))[0] };
    push @result, "died: $@" =~ s/ at \S+ line.*//sr if $@;
    print $json->encode([@result, defined $result[0] ? undef : $ups->{err}]), "\n";
}
"""


def perl(script, *arguments, library=LIBRARY):
    result = subprocess.run(["perl", "-I", library, "-e", script, *map(str, arguments)],
                            capture_output=True, text=True, timeout=120, check=False)
    if result.returncode != 0 or result.stderr:
        raise AssertionError(f"{result.returncode}: {result.stdout}{result.stderr}")
    return result.stdout


def results(server, calls, library=LIBRARY, **new):
    new = {"NAME": "ups", "HOST": "127.0.0.1", "PORT": server.port, **new}
    arguments = json.dumps([[word for pair in new.items() for word in pair], calls])
    return [json.loads(line) for line in perl(DRIVER, arguments, library=library).splitlines()]


ADMIN = {"USERNAME": "admin", "PASSWORD": "secret"}


class TestBesideStock(Servers):
    CALLS = [
        ["Status"], ["BattPercent"], ["LoadPercent", 1], ["LoadPercent", "L1"], ["LineVoltage"],
        ["Temperature"], ["GetVar", "ups.load"], ["GetVar", "no.such"], ["Request", "ups.mfr"], ["ListUPS"],
        ["ListVar"], ["ListVar", "ups.load", "no.such"], ["ListRW"], ["ListCmd"], ["ListEnum", "ups.id"],
        ["ListEnum", "no.such"], ["GetDesc", "ups.load"], ["VarDesc", "ups.load"], ["GetType", "ups.id"],
        ["VarType", "ups.load"], ["GetType", "no.such"], ["Set", "ups.id", "new"],
        ["Set", "no.such", "1"], ["Set", "ups.status", "OL"], ["InstCmd", "no.such"],
        ["InstCmd", "load.off\n"], ["load.off"], ["no.such"], ["DELETE"], ["CLEAR"],
        ["FETCH", "ups.load"], ["STORE", "ups.id", "stored"],
    ]
    # Without USERNAME these are for who has not said it.
    ANONYMOUS = [["Authenticate"], ["Login", "admin", "wrong"], ["FSD"], ["Error"]]

    def compare(self, server, calls, **new):
        lists = []
        # Once before, so that both find what was written, which takes its way to the driver and back.
        for library in (STOCK, LIBRARY, STOCK):
            lists.append(results(server, calls, library=library, **new))
            if calls is self.CALLS and new:
                wait_for(lambda: results(server, [["GetVar", "ups.id"]])[1][0] == "stored", "the value")
        _, ours, stock = lists
        for call, a, b in zip([["new"], *calls], ours, stock):
            with self.subTest(call=call):
                self.assertEqual(self.plain(a), self.plain(b))

    def plain(self, result):
        """Without words that differ and tell the same."""
        text = json.dumps(result, sort_keys=True)
        return text if "Authentication failed" not in text and "Network error" not in text else "failed"

    def test_table(self):
        for server in (self.ours, self.stock):
            self.compare(server, self.CALLS)
            self.compare(server, self.CALLS, **ADMIN)
            self.compare(server, self.ANONYMOUS)
            self.compare(server, [["Login", "admin", "secret"], ["Status"]])
            self.compare(server, [["Status"]], LOGIN=1, **ADMIN)


class TestCalls(Servers):
    def check(self, server, expected, **new):
        """Pairs of a call and its result, which may be a pattern of what Error() says."""
        got = results(server, [call for call, _ in expected], **new)
        self.assertEqual(got[0], ["open"])
        for (call, wanted), result in zip(expected, got[1:]):
            with self.subTest(call=call):
                if isinstance(wanted, str) and wanted.startswith("!"):
                    self.assertIsNone(result[0])
                    self.assertRegex(result[1], wanted[1:])
                else:
                    self.assertEqual(result[0], wanted)

    def test_reading(self):
        for server in (self.ours, self.stock):
            self.check(server, [
                (["LoadPercent"], "23"), (["GetVar", "ups.load", "bare"], "5"),
                (["ListVar", "bare", "ups.load"], {"ups.load": "5"}), (["ListClient"], {}),
                (["ListClient", "nobody"], "!UNKNOWN-UPS"), (["GetUPSDesc"], "The first one"),
                (["EXISTS", "ups.load"], True), (["EXISTS", "no.such"], ""),
                (["GetType", "ups.id", "nobody"], "!UNKNOWN-UPS"), (["isValidProtocolVersion"], 1),
                (["isValidProtocolVersion", "^2"], ""), (["ListRange", "ups.id"], []),
                (["GetVar", "ups.id\nFSD ups"], "!Network error: Invalid argument")])
            self.check(server, [(["Temperature"], "29"), (["LoadPercent"], "5")], NAME="bare")
            self.assertNotEqual(results(server, [["GetCmdDesc", "load.off"]])[1][0], None)
        self.assertEqual(results(self.ours, [], NAME="nobody")[0],
                         ["failed", "Can't initialize: Error: ERR UNKNOWN-UPS"])

    def test_writing(self):
        for server in (self.ours, self.stock):
            for value, quoted in (("two words", '"two words"'), ('"quoted"', '"quoted"'),
                                  ("#1", '"\\#1"'), ('say "hi"', '"say \\"hi\\""')):
                if server is self.stock and value in ("#1", 'say "hi"'):
                    continue  # between Debian's upsd and its driver, such a value is cut or lost
                self.check(server, [(["Set", "ups.mfr", value], quoted)], USERNAME="spaced",
                           PASSWORD='two "words"')
                wanted = value.strip('"') if value[0] == '"' else value
                wait_for(lambda s=server, w=wanted: results(s, [["GetVar", "ups.mfr"]])[1][0] == w, wanted)

    def test_sessions(self):
        for server in (self.ours, self.stock):
            self.check(server, [
                (["Login", "admin", "secret"], 1), (["ListClient"], {"127.0.0.1": "127.0.0.1"}),
                (["Master"], 1), (["becomePrimary", "bare"], 1), (["Primary", "nobody"], "!UNKNOWN-UPS"),
                (["FSD", "bare"], 1), (["Logout"], None), (["Status"], "!Network error")])
            self.check(server, [(["Master"], "!PRIMARY/MASTER level access denied.*ACCESS-DENIED")],
                       USERNAME="guest", PASSWORD="guest")

    def test_tracking(self):
        self.check(self.ours, [
            (["Set", "ups.id", "waited", 1, 20], '"waited"'), (["InstCmd", "load.off", 1, 20], "!UNKNOWN"),
            (["GetTrackingResult", "0" * 36], "ERR UNKNOWN"), (["WaitTrackingResult", "0" * 36, 1, 2], -1),
            (["SetTrackingMode", "MAYBE"], "!Invalid setting"), (["SetTrackingMode", "OFF"], "OFF"),
            (["EnableTrackingModeOnce"], 1)], TRACKING="ON", **ADMIN)
        script = 'use UPS::Nut; my $u = UPS::Nut->new(NAME => "ups", HOST => "127.0.0.1", PORT => shift,' \
                 'USERNAME => "admin", PASSWORD => "secret", TRACKING => "ON");' \
                 'my ($v, $id) = $u->Set("ups.id", "x"); print length $id->id, $id->isValid, ref $id'
        self.assertEqual(perl(script, self.ours.port), "361UPS::Nut::TrackingID")

    def test_tie(self):
        script = 'use UPS::Nut; my $o = tie my %u, "UPS::Nut", NAME => "ups", HOST => "127.0.0.1",' \
                 'PORT => shift, USERNAME => "admin", PASSWORD => "secret"; $u{"ups.id"} = "tied";' \
                 'print exists $u{"ups.load"}, exists $u{x} ? 1 : 0, $u{"ups.load"},' \
                 'scalar(grep { /^ups.load$/ } keys %u), ref $o; undef $o; untie %u'
        self.assertEqual(perl(script, self.stock.port), "10231UPS::Nut")

    def test_tls(self):
        good = {"FORCESSL": 1, "CAFILE": self.ca}
        for new in (good, {"FORCESSL": 1, "CERTVERIFY": 0},
                    {**good, "CERTHOST": {"127.0.0.1": ["ups.example", 1, 1]}},
                    {**good, "CERTHOST": [["127.0.0.1", "ups.example", 1, 1]]},
                    {**good, "CERTFILE": self.certificate, "CERTIDENT": "web1"}):
            self.check(self.ours, [(["GetVar", "ups.load"], "23"), (["isValidProtocolVersion"], 1)], **new)
        for new, why in (({"USESSL": 1}, "certificate verify failed"),
                         ({**good, "CERTHOST": {"127.0.0.1": ["other.example", 1, 1]}}, "hostname"),
                         ({**good, "CERTFILE": self.certificate, "CERTIDENT": "web2"},
                          "CERTIDENT mismatch")):
            with self.subTest(new=new):
                failed = results(self.ours, [], **new)[0]
                self.assertEqual(failed[0], "failed")
                self.assertIn(why, failed[1])
        self.check(self.stock, [(["GetVar", "ups.load"], "23")], USESSL=1)
        self.assertIn("FEATURE-NOT-CONFIGURED", results(self.stock, [], FORCESSL=1)[0][1])

    def test_file(self):
        path = self.authority(f"CERTVERIFY = 0\n[@127.0.0.1:{self.ours.port}]\nUSER = admin # that is us\n"
                              f"PASSWORD = \"sec\\ret\"\nCERTPATH = {self.ca}\nFORCESSL = yes\n[*]\n"
                              f"CERTVERIFY = 1\n")
        script = 'use UPS::Nut; $ENV{NUT_AUTHCONF_FILE} = shift; my $a = ' \
                 'UPS::Nut::AuthConf->getAuthConf(undef, "127.0.0.1", shift); my %a = $a->to_nut_args;' \
                 'my $u = UPS::Nut->new(NAME => "ups", %a); print $u->Set("ups.id", "file"), $a{CERTVERIFY}'
        self.assertEqual(perl(script, path, self.ours.port), '"file"1')
        script = 'use UPS::Nut; eval { UPS::Nut::AuthConf->readAuthConfFile(shift, 1) }; print $@'
        for text, message in (("\nCOLOUR = red\n",
                               ":2: Neither a section nor a setting that is known: 'COLOUR'\n"),
                              ("PASS = \"open\n", ":1: nothing ends the \"\n"),
                              ("[a]b]\n", ":1: Invalid authconf section: 'a]b'\n")):
            path = self.authority(text)
            self.assertEqual(perl(script, path), path + message)


class TestLiars(TestCase):
    def fails(self, pattern, *answers, hangs=False, **new):
        with Liar(*answers, hangs=hangs) as liar:
            result = results(liar, [], **new)[0]
        self.assertEqual(result[0], "failed")
        self.assertRegex(result[1], pattern)

    def test_answers(self):
        begin = "BEGIN LIST VAR ups\n"
        self.fails("Network error", "")
        self.fails("Network error", begin + 'VAR ups a.b "1"\n')
        self.fails("Unrecognized response", "nonsense\n")
        self.fails("Network error", b"x" * 200000, hangs=True)
        self.fails("Network error: Connection timed out", begin, hangs=True, TIMEOUT=0.3)
        self.fails("clear text", "OK STARTTLS\nOK\n", FORCESSL=1, hangs=True)
        self.fails("SSL upgrade failed", "OK STARTTLS\n", USESSL=1)

    def test_rest(self):
        """What is left of an answer in the middle of which a handler died is not the next one's."""
        script = 'use UPS::Nut; my $u = UPS::Nut->new(NAME => "ups", HOST => "127.0.0.1", PORT => shift);' \
                 '$SIG{USR1} = sub { die "interrupted\\n" }; my $call = shift; eval { $u->$call($$) };' \
                 'print $@, defined $u->Status ? "answer" : $u->Error'
        rest = 'VAR ups ups.status "stale"\n'
        for call, answer in (("GetVar", rest[:9]), ("ListRW", "BEGIN LIST RW ups\n" + rest)):
            with self.subTest(call=call), Liar(
                    "BEGIN LIST VAR ups\nEND LIST VAR ups\n", answer, hangs=True,
                    then=lambda line: os.kill(int(line.split()[-1]), signal.SIGUSR1)) as liar:
                self.assertEqual(perl(script, liar.port, call),
                                 "interrupted\nNetwork error: Transport endpoint is not connected")


if __name__ == "__main__":
    unittest.main()
