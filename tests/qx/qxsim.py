#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A UPS that answers lines with lines, on a pseudo terminal.

    qxsim.py FILE                    prints the name of the terminal and plays what is in FILE until killed
    qxsim.py --unit megatec          a UPS that lives: mains, battery, load, shutdown and return
    qxsim.py --recording FILE        prints the file as a recording
    qxsim.py --help                  all options; on stdin it takes orders, "help" lists them

As a module, in tests:

    with Simulator(Transcript.load(path)) as sim:
        ... a driver with port = sim.path ...
        sim.wait_request(b'S.5R0003\\r')         # a request, byte-exact; fails after a while
        self.assertEqual(sim.requests, [...])    # all that came in, in order

A unit is an object with answer(request), both bytes with all that belongs to a line. None means that it does
not know the request: then unknown= decides, 'silence', 'echo', 'nak' (NAK), '(nak' or bytes. b'' is silence.
Units here: Transcript plays what was recorded, a request asked again gets the next reply, the last one for
ever (transcript.answers is the dict of it all, to be changed as needed); Megatec lives. They know nothing of
terminals, so that simulators of USB devices can have them, too.

A file is one of shared_data/qx (request TAB reply; kind TAB request TAB reply TAB length; >>> and <<< with
bytes in hexadecimal), or a recording (docs/RECORDINGS.md). check='crc16-xmodem' adds to requests and replies
what the file leaves out: check and end.

Faults are ordered by sim.fault(NAME, times=1), or come with every n-th answer by every={NAME: n}:

    noise      bytes in front             garbage    bytes in place of the answer, with an end
    damaged    one byte is another        doubled    the answer twice
    cut        half of it, then silence   silence    nothing at all
    slow       with pauses in it          late       behind the time-out, so that it meets the next request
    echo       the request in its place   wrong-echo something like the request in front of it
    nak        NAK                        (nak       (NAK
    previous   what was answered before   empty      the end alone

sim.hang_up() takes the terminal away, as when an adapter is unplugged; sim.come_back() gives another one.
sim.path is a link that always leads to the present one; sim.tty is its own name.
"""

import argparse
import os
import pty
import re
import select
import sys
import tempfile
import threading
import time
import tty
from pathlib import Path

ESCAPES = {'r': b'\r', 'n': b'\n', 't': b'\t', '0': b'\0', '\\': b'\\', '"': b'"'}
FAULTS = ('noise', 'garbage', 'damaged', 'doubled', 'cut', 'silence', 'slow', 'late', 'echo', 'wrong-echo',
          'nak', '(nak', 'previous', 'empty')


def unescape(text):
    r"""The bytes of a text with \r, \xNN and the like."""
    def one(match):
        return bytes([int(match[1][1:], 16)]) if match[1].startswith(b'x') else ESCAPES[match[1].decode()]
    return re.sub(rb'\\(x[0-9a-fA-F]{2}|[rnt0\\"])', one, text.encode('latin-1', 'surrogateescape'))


def escape(data):
    """Bytes as a text in quotation marks, as in a recording."""
    names = {13: '\\r', 10: '\\n', 34: '\\x22', 92: '\\x5c'}
    return '"' + ''.join(names.get(c) or (chr(c) if 32 <= c < 127 else f'\\x{c:02x}') for c in data) + '"'


def crc16_xmodem(data):
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xffff
    return crc.to_bytes(2, 'big')


def crc16_careful(data):
    """Without bytes that mean something in a line."""
    return bytes(c + 1 if c in b'(\r\n' else c for c in crc16_xmodem(data))


CHECKS = {
    'none': lambda data: b'',
    'crc16-xmodem': crc16_careful,
    'crc16-xmodem-plain': crc16_xmodem,
    'sum8': lambda data: bytes([sum(data) & 0xff]),
    'sum8-hex': lambda data: b'%02X' % (sum(data) & 0xff),
}


def complete(line, check='none', end=b'\r'):
    """A line with its check and its end, whichever of them it has already."""
    text = line[:-len(end)] if line.endswith(end) else line
    size = len(CHECKS[check](b''))
    if size and not (len(text) > size and text[-size:] == CHECKS[check](text[:-size])):
        text += CHECKS[check](text)
    return text + end


class Transcript:
    """Plays replies to requests."""

    def __init__(self, pairs=()):
        self.answers = {}   # request: replies, in order
        self.asked = {}     # request: how often
        for request, reply in pairs:
            self.add(request, reply)

    def add(self, request, reply):
        self.answers.setdefault(request, []).append(reply)

    def answer(self, request):
        replies = self.answers.get(request)
        if not replies:
            return None
        n = self.asked.get(request, 0)
        self.asked[request] = n + 1
        return replies[min(n, len(replies) - 1)]

    def recording(self):
        """The text of a recording that has all this."""
        lines = [f'ask {escape(request)} -> {escape(reply) if reply else "silence"}'
                 for request, replies in self.answers.items() for reply in replies]
        return '\n'.join(['busbar-recording 1 line', *lines]) + '\n'

    @classmethod
    def load(cls, path, check=None, end=b'\r', comments=False):
        """Reads a file of any of the kinds above. comments: also the replies that a table has as examples in
        comments, which may be placeholders, for requests without another."""
        text = Path(path).read_text(encoding='latin-1')
        pairs = parse_recording(text) if text.startswith('busbar-recording') else \
            parse_hexadecimal(text) if re.search(r'^(>>>|<<<)', text, re.M) else parse_table(text, comments)
        if check:
            pairs = [(complete(request, check, end), complete(reply, check, end) if reply else reply)
                     for request, reply in pairs]
        return cls(pairs)


def parse_table(text, comments):
    rows = [line.split('\t') for line in text.splitlines() if '\t' in line and not line.startswith('# ')]
    if rows and rows[0][:3] == ['kind', 'request', 'reply']:
        wanted = [row[1:3] for row in rows if row[0] == 'table']
        if comments:
            known = {row[0] for row in wanted}
            wanted += [row[1:3] for row in rows if row[0] == 'comment' and row[1] not in known]
        rows = wanted
    return [(unescape(row[0]), unescape(row[1])) for row in rows]


def parse_hexadecimal(text):
    pairs, request = [], None
    for mark, data in re.findall(r'^(>>>|<<<) *([0-9A-Fa-f: ]+)$', text, re.M):
        line = bytes.fromhex(data.replace(':', ' '))
        if mark == '>>>':
            request = line
        elif request is not None:
            pairs.append((request, line))
            request = None
    return pairs


def parse_recording(text):
    string = r'"((?:[^"\\]|\\.)*)"'
    rows = re.findall(rf'^(?:\+\S+ +)?ask +{string} *-> *(?:{string}|(\w+))', text, re.M)
    return [(unescape(request), b'' if word else unescape(reply)) for request, reply, word in rows]


class Megatec:
    """A UPS that lives. Its time is that of the clock, times speed. Orders: mains, load (percent), charge (0
    to 1); what happened to it, as pairs of time and word, is in events."""

    LOW = 0.2

    def __init__(self, load=30, runtime=600, recharge=1800, speed=1, rating=b'#220.0 004 024.0 50.0\r',
                 identity=b'#TEST            ONE        V1.0      \r'):
        self.load, self.runtime, self.recharge, self.speed = load, runtime, recharge, speed
        self.rating, self.identity = rating, identity
        self.mains, self.beeper, self.charge, self.output = True, True, 1.0, True
        self.test_until = 0     # in its own time; infinite: until the battery is low
        self.off_at = self.on_at = None
        self.returns = True     # when mains comes back
        self.dead = False       # the battery was empty
        self.events = []
        self.outages = []       # (from, to) to come, in its own time
        self.start = self.last = time.monotonic()

    def now(self):
        return (self.last - self.start) * self.speed

    def outage(self, after, duration):
        """Orders an outage, in seconds of its own time from now."""
        self.outages.append((self.now() + after, self.now() + after + duration))

    def event(self, word):
        self.events.append((round(self.now(), 3), word))

    def switch(self, on):
        if self.output != on:
            self.output = on
            self.event('on' if on else 'off')

    @property
    def on_battery(self):
        return self.output and (not self.mains or self.test_until > self.now())

    def advance(self):
        """Lives until now."""
        now = time.monotonic()
        step, self.last = (now - self.last) * self.speed, now
        for begin, end in self.outages:
            if begin <= self.now():
                self.mains = self.now() >= end
        self.outages = [outage for outage in self.outages if outage[1] > self.now()]

        if self.on_battery:
            # Its capacity is that for full load; some is lost to itself.
            self.charge = max(0, self.charge - step / self.runtime * (self.load + 5) / 105)
        elif self.mains:
            self.charge = min(1, self.charge + step / self.recharge)
        if self.charge <= self.LOW:
            self.test_until = 0
        if self.charge == 0 and not self.mains:
            self.switch(False)
            self.dead = True
        self.follow_orders()

    def follow_orders(self):
        if self.off_at is not None and self.now() >= self.off_at:
            self.off_at = None
            self.switch(False)
        if not self.mains:
            return
        if self.dead:
            self.dead = False
            self.switch(True)
        elif not self.output and self.off_at is None and self.returns and \
                (self.on_at is None or self.now() >= self.on_at):
            self.on_at = None
            self.switch(True)

    def order_off(self, minutes, back):
        self.advance()
        self.off_at = self.now() + float(minutes) * 60
        self.returns = back is None or int(back) > 0
        self.on_at = self.off_at + int(back or 0) * 60
        self.event('shutdown')

    def cancel(self):
        self.event('cancel')
        self.off_at, self.on_at, self.returns = None, None, True
        if self.mains:
            self.switch(True)

    def status(self):
        """Its eight bits, the first one first."""
        bits = (not self.mains, self.charge <= self.LOW, False, False, True, self.test_until > self.now(),
                self.off_at is not None or not self.output, self.beeper)
        return ''.join('1' if bit else '0' for bit in bits)

    def q1(self):
        volts = 230 if self.mains else 0
        battery = 21 + 4.5 * self.charge + (1.9 if not self.on_battery else 0)
        return (f'({volts:05.1f} 000.0 {230 if self.output else 0:05.1f} '
                f'{self.load if self.output else 0:03.0f} {50 if volts else 0:04.1f} {battery:04.1f} 30.0 '
                f'{self.status()}\r').encode()

    def answer(self, request):
        self.advance()
        if self.dead:
            return b''
        text = request.rstrip(b'\r').decode('latin-1')
        queries = {'Q1': self.q1, 'F': lambda: self.rating, 'I': lambda: self.identity}
        if text in queries:
            return queries[text]()
        if match := re.fullmatch(r'S(\.\d|\d\d)(?:R(\d{4}))?', text):
            self.order_off(match[1], match[2])
        elif text == 'C':
            self.cancel()
        elif text == 'Q':
            self.beeper = not self.beeper
        elif match := re.fullmatch(r'T(L|\d\d)?', text):
            minutes = {'': 1 / 6, 'L': float('inf')}.get(match[1] or '') or int(match[1])
            self.test_until = self.now() + minutes * 60
            self.event('test')
        elif text == 'CT':
            self.test_until = 0
        else:
            return None
        return b''


class Simulator:
    def __init__(self, unit, unknown='echo', every=None, end=b'\r', delay=0.0, late=2.0, pause=0.05,
                 link=None, log=None):
        """unknown: what is answered to what the unit does not know. delay: seconds before each answer; late:
        before one that is late; pause: between the bytes of a slow one. link: where the link to the terminal
        is to be. log: a function that gets each line in words."""
        self.unit, self.unknown, self.every, self.end = unit, unknown, every or {}, end
        self.delay, self.late, self.pause, self.log = delay, late, pause, log
        self.counts = dict.fromkeys(self.every, 0)
        self.ordered = []       # faults for the next answers
        self.requests = []
        self.previous = b''
        self.changed = threading.Condition(threading.RLock())
        self.directory = None if link else tempfile.TemporaryDirectory(prefix='qxsim-')
        self.path = str(link or Path(self.directory.name, 'tty'))
        self.tty = self.master = self.slave = self.thread = None
        for name in self.every:
            assert name in FAULTS, name

    def __enter__(self):
        self.come_back()
        return self

    def __exit__(self, *exc):
        self.hang_up()
        if self.directory:
            self.directory.cleanup()

    def come_back(self):
        """Gives a terminal, unless there is one."""
        if self.thread:
            return
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.tty = os.ttyname(self.slave)
        self.stop_read, self.stop_write = os.pipe()
        Path(self.path + '.new').symlink_to(self.tty)
        os.rename(self.path + '.new', self.path)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def hang_up(self):
        """Takes the terminal away. May be called again."""
        if not self.thread:
            return
        Path(self.path).unlink(missing_ok=True)
        os.close(self.stop_write)
        self.thread.join()
        self.thread = None
        for fd in (self.slave, self.master, self.stop_read):
            os.close(fd)

    def fault(self, name, times=1):
        """Orders a fault for the next answers."""
        assert name in FAULTS, name
        with self.changed:
            self.ordered += [name] * times

    def clear(self):
        """Forgets the requests so far, and the faults that are ordered."""
        with self.changed:
            self.requests.clear()
            self.ordered.clear()

    def wait_request(self, request, timeout=30, count=1):
        """Waits until a request has come so often: bytes, or a function that is true for it."""
        fits = request if callable(request) else lambda other: other == request
        with self.changed:
            if not self.changed.wait_for(lambda: sum(map(fits, self.requests)) >= count, timeout):
                raise AssertionError(f'{request} has not come, but {self.requests[-20:]}')

    def wait_idle(self, requests=1, timeout=30):
        """Waits until so many more requests have come, whatever they are."""
        with self.changed:
            wanted = len(self.requests) + requests
            if not self.changed.wait_for(lambda: len(self.requests) >= wanted, timeout):
                raise AssertionError(f'only {wanted - len(self.requests)} fewer requests have come')

    def run(self):
        buffer = b''
        while True:
            ready, _, _ = select.select([self.master, self.stop_read], [], [])
            if self.stop_read in ready:
                return
            buffer += os.read(self.master, 4096)
            while self.end in buffer:
                line, _, buffer = buffer.partition(self.end)
                if not self.take(line + self.end):
                    return

    def take(self, request):
        """One request. False: it is over."""
        if self.log:
            self.log(f'< {escape(request)}')
        with self.changed:
            answer = self.unit.answer(request)
            if answer is None:
                answer = self.refusal(request)
            pieces = self.spoil(request, answer, self.next_fault())
            if answer:
                self.previous = answer
            self.requests.append(request)
            self.changed.notify_all()
        return all(self.send(seconds, data) for seconds, data in pieces)

    def refusal(self, request):
        if isinstance(self.unknown, bytes):
            return self.unknown
        return {'silence': b'', 'echo': request, 'nak': b'NAK' + self.end,
                '(nak': b'(NAK' + self.end}[self.unknown]

    def next_fault(self):
        if self.ordered:
            return self.ordered.pop(0)
        for name, n in self.every.items():
            self.counts[name] += 1
            if self.counts[name] % n == 0:
                return name
        return None

    def spoil(self, request, answer, fault):
        """What is really sent: pairs of a pause in front and bytes."""
        half = max(1, len(answer) // 2)
        if not answer and fault not in ('noise', 'garbage', 'echo', 'nak', '(nak'):
            return []
        return {
            None: [(self.delay, answer)],
            'noise': [(self.delay, b'\x00\xff~#' + answer)],
            'garbage': [(self.delay, bytes((i * 37 + 128) % 256 for i in range(40)).replace(b'\r', b'') +
                         self.end)],
            'damaged': [(self.delay, answer[:half] + bytes([answer[half:half + 1][0] ^ 0x15 if
                         len(answer) > half else 0x15]) + answer[half + 1:])],
            'doubled': [(self.delay, answer + answer)],
            'cut': [(self.delay, answer[:half])],
            'silence': [],
            'slow': [(self.pause, answer[i:i + 1]) for i in range(len(answer))],
            'late': [(self.late, answer)],
            'echo': [(self.delay, request)],
            'wrong-echo': [(self.delay, b'#' + request[1:] + answer)],
            'nak': [(self.delay, b'NAK' + self.end)],
            '(nak': [(self.delay, b'(NAK' + self.end)],
            'previous': [(self.delay, self.previous)],
            'empty': [(self.delay, self.end)],
        }[fault]

    def send(self, seconds, data):
        """False: it is over."""
        if seconds > 0 and select.select([self.stop_read], [], [], seconds)[0]:
            return False
        if self.log and data:
            self.log(f'> {escape(data)}')
        os.write(self.master, data)
        return True


HELP = """mains on|off, load PERCENT, charge 0..1, outage AFTER DURATION   of a unit that lives
state                                          what it is like now
fault NAME [TIMES]                             NAME is one of """ + ', '.join(FAULTS) + """
hang-up, return                                the terminal goes, and another one comes
quit"""


def order(sim, words):
    """Does what a line on stdin says; returns what to print."""
    word, unit = words[0], sim.unit
    if word == 'help':
        return HELP
    if word == 'fault':
        sim.fault(words[1], int(words[2]) if len(words) > 2 else 1)
    elif word in ('hang-up', 'return'):
        (sim.hang_up if word == 'hang-up' else sim.come_back)()
    elif word == 'mains':
        unit.advance()
        unit.mains = words[1] == 'on'
    elif word in ('load', 'charge'):
        unit.advance()
        setattr(unit, word, float(words[1]))
    elif word == 'outage':
        unit.outage(float(words[1]), float(words[2]))
    elif word == 'state':
        unit.advance()
        return f'mains={unit.mains} output={unit.output} charge={unit.charge:.3f} events={unit.events}'
    else:
        raise ValueError(f'{word} is not known')
    return None


def listen(sim):
    """Takes orders until there are no more."""
    for line in sys.stdin:
        words = line.split()
        if words == ['quit']:
            return
        try:
            with sim.changed:
                text = order(sim, words) if words and words[0] not in ('hang-up', 'return') else None
            if words and words[0] in ('hang-up', 'return'):
                order(sim, words)
        except (ValueError, IndexError, AttributeError, AssertionError) as e:
            text = f'error: {e}'
        if text:
            print(text, flush=True)
    threading.Event().wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('file', nargs='?', help='a transcript or recording')
    parser.add_argument('--recording', action='store_true', help='print the file as a recording')
    parser.add_argument('--unit', choices=['megatec'], help='a unit that lives, in place of a file')
    parser.add_argument('--speed', type=float, default=1, help='how fast its time goes')
    parser.add_argument('--link', help='a link to the terminal is made here')
    parser.add_argument('--check', choices=sorted(CHECKS), help='lines of the file have no check yet')
    parser.add_argument('--comments', action='store_true', help='also examples in comments of a table')
    parser.add_argument('--unknown', choices=['silence', 'echo', 'nak', '(nak'], default='echo',
                        help='what is answered to requests that are not known')
    parser.add_argument('--every', action='append', default=[], metavar='FAULT=N', help='faults')
    parser.add_argument('--delay', type=float, default=0.0, help='seconds before each answer')
    parser.add_argument('--log', action='store_true', help='print what goes over the line')
    args = parser.parse_args()
    if bool(args.file) == bool(args.unit):
        parser.error('a file or --unit is needed')

    unit = Megatec(speed=args.speed) if args.unit else \
        Transcript.load(args.file, check=args.check, comments=args.comments)
    if args.recording:
        if args.unit:
            parser.error('a unit that lives is no recording')
        print(unit.recording(), end='')
        return
    every = {name: int(n) for name, _, n in (fault.partition('=') for fault in args.every)}
    with Simulator(unit, unknown=args.unknown, every=every, delay=args.delay, link=args.link,
                   log=(lambda line: print(line, flush=True)) if args.log else None) as sim:
        print(sim.path if args.link else sim.tty, flush=True)
        listen(sim)


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        pass
