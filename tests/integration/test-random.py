#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Conversations by chance with Busbar and with Debian's upsd, for the same devices: they get the same
answers, but for what docs/COMPATIBILITY.md explains.

    test-random.py [--seed S] [--full N]

The seed is printed; the same one makes the same conversations. N is how many requests there are in all; the
stock drivers do not live through many more than 40000, so more is had by more seeds. A difference is shown
with the shortest conversation that still has it."""

import argparse
import importlib.util
import os
import random
import re
import socket
import sys
import unittest

from testlib import HERE, ROOT, NutConnection, StockServer, Testbed, TestCase, wait_for

# Differences that are meant: those of the differential test, and these.
# (heading in docs/COMPATIBILITY.md, pattern of the request, of the stock answer, and of ours)
MEANT = (
    ("Who answers", r"GET VAR \S* server\.info.*", r"VAR \S* server\.info .*", r"VAR \S* server\.info .*"),
    ("Descriptions", r"GET (CMD)?DESC \S+ \S+ .*", r'(CMD)?DESC \S+ \S+ ".+"', r'(CMD)?DESC \S+ \S+ ".+"'),
    ("Numbers are numbers", r"SET VAR \S+ \S+ .*", "OK.*", "ERR INVALID-VALUE"),
    ("Rights come first", "SET TRACKING (ON|OFF).*", "OK", "ERR ACCESS-DENIED"),
    ("Rights come first", "GET TRACKING", "ON", "OFF"),
    ("Rights come first", "GET TRACKING .*", "ERR UNKNOWN", "ERR FEATURE-NOT-CONFIGURED"),
    ("No word is dropped", r"INSTCMD( \S*){4,}", ".*", "ERR (INVALID-ARGUMENT|.*-REQUIRED)"),
    ("Spellings of RFC 9271", "(ATTACH|DETACH).*|GET NUMATTACH.*", "ERR .*", ".*"),
    ("Two words more", "(WATCH|NEED).*", "ERR UNKNOWN-COMMAND", "(OK|ERR).*"),
)
# Differences that are told in other ways below.
ALSO_MEANT = ("Every line is answered", "Goodbye is the end", "Continued lines")

# Stock has no room for an answer with a longer word in it, and says nothing ("Every line is answered").
ECHO_MAX = 400

REQUESTS_USUAL = 3000
DEVICES = ("one", "Two.Dev", "r-3")
PEN = "pen"        # what is written goes here; its values are compared at the end
BLOT = "blot"      # as well, but of values which stock drivers do not take as they are
FORCED = "forced"  # gets a forced shutdown
VARIABLES = ("ups.status", "ups.id", "ups.mfr", "battery.charge", "ups.load", "input.voltage", "driver.name",
             "ups.delay.shutdown", "outlet.1.desc", "server.info", "server.version", "no.such", "device.mfr",
             "battery.charge.low", "Vendor.Mixed", "input.transfer.low", "driver.parameter.port", "ups")
TEXTS = ("ups.id", "Vendor.Mixed", "outlet.1.desc")
NUMBERS = ("ups.load", "battery.charge.low", "ups.delay.shutdown")
COMMANDS = ("load.off", "load.on", "test.battery.start", "no.such", "shutdown.return")
LOGINS = (("admin", "secret"), ("some", "some"), ("main", "main"), ("old", "old"), ("other", "other"),
          ("nobody", "x"), ("admin", "wrong"), ("nosuch", "secret"), ("Admin", "secret"), ("main", ""))
ODD = ("", "0", "-1", "2147483647", "4294967296", "99999999999999999999", "1e9", "nan", "1.5", "007",
       "x" * 511, "x" * 512, "x" * 513, "y" * 2000, "=", "a=b", "#", "a b", " ", "\\", '"', "ups.status",
       "one", "VAR", "%s%n", "../../etc", "\x7f", "'", "*", "ON", "on", "OFF")
# Stock drivers forget a variable whose value is empty or becomes it, with all before a special character.
ODD_VALUES = [word for word in ODD if re.match("[a-z0-9.*-]", word, re.IGNORECASE)]

DEVICE = """ups.status: {status}
ups.id: unit {n}
ups.mfr: Example
ups.load: 1{n}
ups.delay.shutdown: 20
battery.charge: 9{n}
battery.charge.low: 20
input.voltage: 230.{n}
input.transfer.low: 180
outlet.1.desc: Outlet
Vendor.Mixed: kept
"""


def differential():
    """The differential test, whose users and differences that are meant are ours too."""
    path = os.path.join(HERE, "test-differential.py")
    spec = importlib.util.spec_from_file_location("test_differential", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DIFFERENTIAL = differential()


def configuration():
    files = {"ups.conf": "maxretry = 3\npollinterval = 1\n", "upsd.users": DIFFERENTIAL.USERS,
             "upsd.conf": "MAXAGE 25\nFSDCLEARDELAY -1\nMAXLOGINFAILURES 0\n"}
    statuses = ("OL", "OB LB DISCHRG", "OL CHRG", "OL", "OL", "OL")
    for n, name in enumerate((*DEVICES, PEN, BLOT, FORCED)):
        files["ups.conf"] += f"[{name}]\ndriver = dummy-ups\nport = {name}.dev\n"
        files["ups.conf"] += 'desc = "An \\"odd\\" one"\n' if n % 2 else ""
        files[f"{name}.dev"] = DEVICE.format(n=n, status=statuses[n])
    return files


# Requests


class Author:
    """Makes up lines."""

    def __init__(self, rng):
        self.rng = rng

    def device(self):
        return self.rng.choices((*DEVICES, "nosuch", self.rng.choice(ODD)), (6, 3, 3, 1, 1))[0]

    def variable(self):
        return self.rng.choice(VARIABLES if self.rng.random() < 0.9 else ODD)

    def value(self):
        return "".join(self.rng.choices("abcXYZ019 .-_/", k=self.rng.randint(1, 20))).strip() or "v"

    def reading(self):
        pick = self.rng.choice
        return pick((
            lambda: ["GET", pick(("VAR", "TYPE", "DESC")), self.device(), self.variable()],
            lambda: ["GET", "VAR", self.device(), self.variable()],
            lambda: ["GET", "CMDDESC", self.device(), pick(COMMANDS)],
            lambda: ["GET", pick(("UPSDESC", "NUMLOGINS")), self.device()],
            lambda: ["GET", "TRACKING", *pick(([], ["x"], ["1bd31808-cb49-4aec-9d75-d056e6f018d2"]))],
            lambda: ["LIST", pick(("VAR", "RW", "CMD", "CLIENT")), self.device()],
            lambda: ["LIST", pick(("ENUM", "RANGE")), self.device(), self.variable()],
            lambda: ["LIST", "UPS"],
            lambda: [pick(("VER", "NETVER", "PROTVER", "HELP", "STARTTLS", "NOSUCH", "GET", "LIST"))],
        ))()

    def writing(self):
        pick = self.rng.choice
        return pick((
            lambda: ["SET", "VAR", PEN, pick(TEXTS), self.value()],
            lambda: ["SET", "VAR", PEN, pick(NUMBERS), str(self.rng.randint(-5, 120))],
            lambda: ["SET", "VAR", BLOT, pick(TEXTS + NUMBERS + ("ups.mfr",)), pick(ODD_VALUES)],
            lambda: ["SET", "VAR", self.device(), pick(("no.such", "driver.name", "server.info")),
                     self.value()],
            lambda: ["SET", "TRACKING", pick(("ON", "OFF", "on", "off", "maybe"))],
            lambda: ["INSTCMD", pick((*DEVICES, PEN)), pick(COMMANDS),
                     *pick(([], ["5"], ["a b"], ["1", "2"]))],
        ))()

    def session(self):
        pick = self.rng.choice
        return pick((
            lambda: [pick(("LOGIN", "PRIMARY", "MASTER", "ATTACH")), self.device()],
            lambda: ["FSD", pick((FORCED, "nosuch"))],
            lambda: ["GET", "NUMLOGINS", self.device()],
            lambda: ["LIST", "CLIENT", self.device()],
            lambda: [pick(("USERNAME", "PASSWORD")), pick(("admin", "x", ""))],
            lambda: ["GET", "VAR", FORCED, "ups.status"],
        ))()

    def words(self):
        words = self.rng.choices((self.reading, self.writing, self.session), (6, 3, 3))[0]()
        if self.rng.random() < 0.2 and BLOT not in words and PEN not in words:
            self.spoil(words)
        return words

    def spoil(self, words):
        at = self.rng.randrange(len(words))
        how = self.rng.randrange(5)
        if how == 0:
            words.insert(at, self.rng.choice(ODD))
        elif how == 1:
            words.append(self.rng.choice(ODD))
        elif how == 2:
            del words[at]
        elif how == 3 and words[0] != "SET":
            words[at] = self.rng.choice(ODD)
        else:
            words += ["x"] * self.rng.choice((1, 29, 40))

    def spelled(self, word):
        """One of the ways to write a word down."""
        rng = self.rng
        if rng.random() < 0.1:
            word = rng.choice((str.upper, str.lower, str.swapcase))(word)
        special = re.sub(r'(["\\#])', r"\\\1", word)
        if not word or re.search(r"[\s=]", word) or rng.random() < 0.2:
            return f'"{special}"'
        if rng.random() < 0.05:
            at = rng.randrange(len(word))
            return word[:at] + "\\" + word[at:] if word == special else special
        return special

    def line(self):
        rng = self.rng
        gaps = (" ",) * 30 + ("  ", "\t", " \t ", "\r", "\v", "\f", "\\\n ")
        text = ""
        for word in map(self.spelled, self.words()):
            gap = rng.choice(gaps)
            # Stock makes an empty word of one that is not behind a bare word, see test_continuation.
            text += word + (" " if word.endswith('"') and "\n" in gap else gap)
        if rng.random() < 0.8:
            text = text.rstrip(" ")
        if rng.random() < 0.1:
            text = rng.choice((" ", "\t", "\x01", "\xe9")) + text
        if rng.random() < 0.05:
            text += rng.choice((" # why", "#", ' "', " \\ ", "\x00", " =", "\xff"))
        return text + rng.choice(("\n",) * 9 + ("\r\n",))

    def conversation(self):
        """Lines of one client."""
        lines = []
        if self.rng.random() < 0.6:
            user, password = self.rng.choice(LOGINS)
            lines += [f"USERNAME {user}\n", f'PASSWORD "{password}"\n']
            if self.rng.random() < 0.1:
                lines.reverse()
        lines += [self.line() for _ in range(self.rng.randint(1, 10))]
        if self.rng.random() < 0.2:
            lines.append("LOGOUT\n")
        return lines


# How lines are read


def lexed(line):
    """The words of a line, or None where a # or the end of the line stands inside of quotes."""
    words, word, quoted, i = [], None, False, 0
    while i < len(line):
        c = line[i]
        i += 1
        if c == "\\" and i < len(line):
            if line[i] != "\n" or word is not None:
                word = (word or "") + line[i].replace("\n", "")
            i += 1
        elif quoted:
            if c in "#\n":
                return None
            if c == '"':
                words.append(word)
                word, quoted = None, False
            else:
                word += c
        elif c == '"' and word is None:
            word, quoted = "", True
        elif c.isspace() or c in "#=":
            words += [word] if word is not None else []
            word = None
            if c == "#":
                break
            words += ["="] if c == "=" else []
        else:
            word = (word or "") + (c if " " <= c <= "\x7f" else "")
    return words


def answers(data):
    """What a server sent, as answers: lines, and whole lists."""
    found = []
    lines = iter(data.decode("latin-1").split("\n")[:-1])
    for line in lines:
        answer = [line]
        while line.startswith("BEGIN LIST") and not answer[-1].startswith("END LIST"):
            answer.append(next(lines, "END LIST, which did not come"))
        found.append(re.sub(r"^OK TRACKING [0-9A-Fa-f-]{36}$", "OK TRACKING id", "\n".join(answer)))
    return found


def allowed(words, stock, ours):
    text = " ".join(words)
    return any(re.fullmatch(request, text, re.IGNORECASE | re.DOTALL) and re.fullmatch(theirs, stock) and
               re.fullmatch(own, ours) for _, request, theirs, own in MEANT)


class Comparison:
    """The answers to one conversation, side by side. Differences that are meant have consequences, such as
    that a user is logged in at one server only: then the rest is not compared."""

    def __init__(self, lines, stock, ours):
        self.difference = None
        stock, ours = answers(stock), answers(ours)
        for line in lines:
            words = lexed(line)
            if words is None:  # the last one of a conversation: no answer from stock
                self.expect(line, ours[:1] == ["ERR INVALID-ARGUMENT"] and not stock, stock, ours)
                return
            if ours and not stock and max(map(len, words), default=0) > ECHO_MAX:
                return
            if not stock or not ours:
                self.expect(line, False, stock, ours)
                return
            a, b = stock.pop(0), ours.pop(0)
            if a == b == "OK Goodbye" or (words and words[0].upper() in ("LOGOUT", "DETACH") and
                                          b == "OK Goodbye"):
                self.expect(line, not ours, stock, ours)
                return
            if a == b:
                continue
            if max(map(len, words), default=0) > ECHO_MAX:
                return  # what stock answers is to a later line
            if allowed(words, a, b):
                if not b.startswith("ERR") or words[0].upper() in ("ATTACH", "SET"):
                    return
                continue
            found = DIFFERENTIAL.differences(" ".join(words), a, b)
            self.expect(line, not found, *(found[0][1:] if found else (a, b)))
            if self.difference:
                return
        self.expect("(the end)", not stock and not ours, stock, ours)

    def expect(self, line, good, stock, ours):
        if not good:
            self.difference = f"{line!r}\n  stock: {stock!r:.400}\n  ours:  {ours!r:.400}"


class TestRandom(TestCase):
    seed = None
    n_requests = REQUESTS_USUAL

    def setUp(self):
        seed = random.SystemRandom().randrange(1 << 32) if self.seed is None else self.seed
        self.rng = random.Random(seed)
        print(f"seed {seed}", flush=True)
        config = configuration()
        self.ours = self.enter(Testbed(config))
        self.stock = self.enter(StockServer(config))

    def exchange(self, port, data, cuts):
        with socket.create_connection(("127.0.0.1", port), 20) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for begin, end in zip([0, *cuts], [*cuts, len(data)]):
                s.sendall(data[begin:end])
            s.shutdown(socket.SHUT_WR)
            received = []
            while True:
                # Stock leaves Nagle's algorithm on, and would wait for our kernel.
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                chunk = s.recv(65536)
                if not chunk:
                    return b"".join(received)
                received.append(chunk)

    def difference(self, lines, cuts=()):
        data = "".join(lines).encode("latin-1")
        cuts = [cut for cut in cuts if cut < len(data)]
        stock, ours = (self.exchange(s.port, data, cuts) for s in (self.stock, self.ours))
        return Comparison(lines, stock, ours).difference

    def shrunk(self, lines):
        """Without each line that is not needed for a difference, and each character at the end of one."""
        if not self.difference(lines):
            return lines
        at = 0
        while at < len(lines):
            shorter = lines[:at] + lines[at + 1:]
            if shorter and self.difference(shorter):
                lines = shorter
            else:
                at += 1
        return lines

    def check(self, lines, cuts=()):
        found = self.difference(lines, cuts)
        if not found:
            return
        lines = self.shrunk(lines)
        again = self.difference(lines)
        self.fail(f"{again or found}\nin the conversation{'' if again else ' (only when cut so)'}:\n" +
                  "\n".join(repr(line) for line in lines))

    def test_conversations(self):
        """One client at a time; what it says arrives in pieces."""
        author, n = Author(self.rng), 0
        while n < self.n_requests * 3 // 4:
            lines = author.conversation()
            for i, line in enumerate(lines):
                if lexed(line) is None:
                    del lines[i + 1:]  # what comes behind such a line is lost at stock
                    break
            length = sum(len(line) for line in lines)
            cuts = sorted(self.rng.sample(range(1, length), min(self.rng.randint(0, 4), length - 1)))
            with self.subTest(n):
                self.check(lines, cuts)
            n += len(lines)
        self.compare_written()

    def compare_written(self):
        """What was written is there, at both."""
        def values(server):
            with NutConnection(server.port) as c:
                return c.ask(f"LIST VAR {PEN}")
        def difference():
            return DIFFERENTIAL.differences(f"LIST VAR {PEN}", values(self.stock), values(self.ours))
        try:
            wait_for(lambda: not difference(), "the same values")
        except AssertionError:
            self.assertEqual(difference(), [])

    def test_crowd(self):
        """Some clients take turns, and see each other's logins."""
        author = Author(self.rng)
        for n in range(self.n_requests // 4 // 30):
            pairs = [[self.enter(NutConnection(s.port)) for s in (self.stock, self.ours)] for _ in range(3)]
            said = [[] for _ in pairs]
            for i, pair in enumerate(pairs):
                user, password = self.rng.choice(LOGINS[:5])
                said[i] = [f"USERNAME {user}", f"PASSWORD {password}"]
                for c in pair:
                    c.login(user, password)
            for _ in range(30):
                i = self.rng.randrange(len(pairs))
                words = author.session()
                if words[0] in ("ATTACH", "USERNAME", "PASSWORD"):
                    continue
                request = " ".join(words)
                if lexed(request + "\n") is None or "\\" in request or not request.strip():
                    continue
                said[i].append(request)
                stock, ours = (c.ask(request) for c in pairs[i])
                self.assertEqual(ours, stock, f"round {n}: {said}")
            for pair in pairs:
                for c in pair:
                    c.ask("LOGOUT")
                    self.assertEqual(c.line(), "")
                    c.close()

    def test_continuation(self):
        for line in ("GET VAR \\\n one ups.status\n", 'GET "VAR"\\\n one ups.status\n'):
            stock, ours = (self.exchange(s.port, line.encode(), ()) for s in (self.stock, self.ours))
            self.assertEqual(stock, b"ERR UNKNOWN-UPS\n")
            self.assertEqual(ours, b'VAR one ups.status "OL"\n')

    def test_headings(self):
        """What is different on purpose is documented."""
        with open(os.path.join(ROOT, "docs", "COMPATIBILITY.md"), encoding="utf-8") as f:
            headings = re.findall(r"^### (.*)", f.read(), re.MULTILINE)
        self.assertEqual({*ALSO_MEANT, *(m[0] for m in MEANT)} - set(headings), set())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--full", type=int, metavar="N", default=REQUESTS_USUAL)
    options, rest = parser.parse_known_args()
    TestRandom.seed, TestRandom.n_requests = options.seed, options.full
    unittest.main(argv=[sys.argv[0], *rest])
