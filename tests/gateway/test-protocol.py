#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The protocol over real sockets, with a real driver: bytes as unkind as they come."""

import os
import random
import re
import signal
import socket
import unittest

from gatewaylib import CONFIG, NutConnection, TestCase, Testbed, exchange, wait_for

# What a server of NUT 2.8.0 sends, and one of RFC 9271. Those that take a driver other than dummy-ups are
# left to the unit tests: TOO-LONG, INVALID-VALUE, SET-FAILED, INSTCMD-FAILED, FAILED.
TOKENS = {
    "ACCESS-DENIED", "UNKNOWN-UPS", "VAR-NOT-SUPPORTED", "CMD-NOT-SUPPORTED", "INVALID-ARGUMENT",
    "READONLY", "FEATURE-NOT-CONFIGURED", "DRIVER-NOT-CONNECTED", "DATA-STALE",
    "ALREADY-LOGGED-IN", "ALREADY-ATTACHED", "ALREADY-SET-PASSWORD", "ALREADY-SET-USERNAME",
    "USERNAME-REQUIRED", "PASSWORD-REQUIRED", "UNKNOWN-COMMAND", "UNKNOWN",
}

CONVERSATION = b"""\
VER\nNETVER\nPROTVER x\nHELP\nSTARTTLS\nUSERNAME mon\nPASSWORD mp\nUSERNAME x\nPASSWORD x
LOGIN ups\nLOGIN ups\nATTACH ups\nPRIMARY ups\nMASTER ups\nGET NUMLOGINS ups\nLIST CLIENT ups
LIST UPS\nLIST VAR ups\nLIST RW Second\nLIST CMD ups\nLIST ENUM ups ups.id\nLIST RANGE ups ups.id
GET VAR ups ups.status\nGET TYPE ups ups.id\nGET DESC ups ups.id\nGET CMDDESC ups load.off
GET UPSDESC gone\nGET VAR gone x\nGET VAR nosuch x\nGET VAR ups x\nGET TRACKING
SET VAR ups ups.id x\nINSTCMD ups no.such\n\n#\nnonsense\nGET VAR x server.info\nLOGOUT
"""

STALE = b"""\
GET VAR ups x\nGET TYPE ups x\nGET DESC ups x\nGET CMDDESC ups x\nGET NUMLOGINS ups
LIST VAR ups\nLIST RW ups\nLIST CMD ups\nLIST ENUM ups x\nLIST RANGE ups x
SET VAR ups ups.id x\nINSTCMD ups load.off
"""


class TestProtocol(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bed = cls.enterClassContext(Testbed(CONFIG))

    def exchange(self, data, **options):
        return exchange(self.bed.port, data, **options)

    def test_cuts_and_line_ends(self):
        """However the bytes come, and whatever ends the lines, the answers are the same."""
        expected = self.exchange(CONVERSATION)
        self.assertEqual(expected.count(b"OK Goodbye\n"), 1)
        self.assertEqual(self.exchange(CONVERSATION, step=1), expected)
        self.assertEqual(self.exchange(CONVERSATION, step=7, pause=0.001), expected)
        for end in (b"\r\n", b"\r\r\n"):
            self.assertEqual(self.exchange(CONVERSATION.replace(b"\n", end)), expected)

    def stale_answers(self):
        with Testbed(CONFIG) as bed:
            os.kill(bed.service("dummy-ups").pid, signal.SIGSTOP)
            try:
                wait_for(lambda: b"STALE" in exchange(bed.port, b"GET VAR ups ups.status\n"), "stale data")
                answers = exchange(bed.port, b"USERNAME admin\nPASSWORD pw\n" + STALE)
                self.assertEqual(answers, b"OK\nOK\n" + 12 * b"ERR DATA-STALE\n")
                alive = exchange(bed.port, b"GET UPSDESC ups\nLIST CLIENT ups\nGET VAR ups server.version\n")
                self.assertNotIn(b"ERR", alive)
            finally:
                os.kill(bed.service("dummy-ups").pid, signal.SIGCONT)
            wait_for(lambda: b'"OL"' in exchange(bed.port, b"GET VAR ups ups.status\n"), "fresh data")
        return answers

    def test_all_tokens(self):
        answers = self.exchange(CONVERSATION) + self.stale_answers()
        answers += self.exchange(b"LOGIN ups\nUSERNAME admin\nLOGIN ups\nPASSWORD pw\nLOGIN ups\n"
                                 b"SET TRACKING ON\nGET TRACKING x\nSET VAR ups driver.name x\n")
        found = {t.decode() for t in re.findall(rb"^ERR ([A-Z-]+)$", answers, re.M)}
        self.assertEqual(found, TOKENS)

    def test_one_answer_each(self):
        """Lines made of anything get one line each; the connection is good afterwards."""
        rng = random.Random(3493)
        words = [b"GET", b"VAR", b"ups", b"ups.id", b'"', b'"a b"', b"\\", b"=", b"\x00", b"\xff", b"\t",
                 b"SET", b"LOGIN", b"USERNAME", b"VER", b"'", b"x" * 600, b"\x7f"]
        with NutConnection(self.bed.port) as c:
            for _ in range(300):
                line = b" ".join(rng.choices(words, k=rng.randint(0, 40)))
                line = line.rstrip(b"\\")
                c.send(line + b"\nNETVER\n")
                first = c.answer()
                self.assertTrue(first, line)
                self.assertEqual(c.answer(), "1.3", line)
                self.assertTrue(first.isascii())

    def test_long_line(self):
        megabyte = b"x" * 1_000_000
        self.assertEqual(self.exchange(b"VER " + megabyte + b"\nNETVER\n"), b"ERR INVALID-ARGUMENT\n1.3\n")
        self.assertEqual(self.exchange(megabyte + b"\nNETVER\n"), b"ERR UNKNOWN-COMMAND\n1.3\n")
        quoted = b'NETVER "' + megabyte + b"\nNETVER\n"
        self.assertEqual(self.exchange(quoted), b"ERR INVALID-ARGUMENT\n1.3\n")
        self.assertEqual(self.exchange(b" " * 1_000_000 + b"NETVER\n"), b"1.3\n")
        self.assertEqual(self.exchange(b"#" + megabyte + b"\nNETVER\n"), b"ERR UNKNOWN-COMMAND\n1.3\n")

    def test_unfinished(self):
        self.assertEqual(self.exchange(b"NETVER\nNETVER"), b"1.3\n")
        self.assertEqual(self.exchange(b""), b"")

    def test_goodbye_is_the_end(self):
        self.assertEqual(self.exchange(b"LOGOUT\nNETVER\n" + b"x" * 100000, end=False), b"OK Goodbye\n")

    def test_same_moment(self):
        """What a client asks for last, it gets before the connection ends."""
        with socket.create_connection(("127.0.0.1", self.bed.port), 10) as s:
            s.sendall(b"GET VAR ups ups.id\nLOGOUT\n")
            answer = b""
            while chunk := s.recv(65536):
                answer += chunk
        self.assertEqual(answer, b'VAR ups ups.id "one"\nOK Goodbye\n')

    def test_thousand_clients(self):
        connections = [self.enter(NutConnection(self.bed.port)) for _ in range(1000)]
        for c in connections:
            c.send("GET VAR ups ups.id\nNETVER\n")
        for c in connections:
            self.assertEqual(c.answer(), 'VAR ups ups.id "one"')
            self.assertEqual(c.answer(), "1.3")

    def test_reader_that_does_not(self):
        """One that asks and does not read hinders nobody."""
        with socket.create_connection(("127.0.0.1", self.bed.port), 10) as greedy:
            greedy.setblocking(False)
            with self.assertRaises(BlockingIOError):
                while True:
                    greedy.send(b"LIST VAR ups\n" * 1000)
            with NutConnection(self.bed.port) as c:
                self.assertEqual(c.ask("NETVER"), "1.3")


if __name__ == "__main__":
    unittest.main()
