#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our drivers on a bad line, with faults at random: each profile with its recording for a unit.

    test-faults.py DRIVER PROFILES RECORDINGS [--seed N] [--seconds N] [--only PROFILE]

Nothing is shown but what the unit says without faults, or would say if a damaged answer had been its own: no
dialect without a check can tell one digit from another. When the line is good again, all is as it was.
"""

import argparse
import concurrent.futures
import contextlib
import itertools
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / 'src' / 'kit')]

from driver_testlib import wait_for  # noqa: E402
from qxsim import FAULTS, Simulator, Transcript, escape  # noqa: E402

# How often each comes, in a thousand answers. A late one takes long, and the others are to be seen as well.
WEIGHTS = dict.fromkeys(FAULTS, 30) | {'late': 6, 'silence': 12, 'slow': 6}
# What changes by itself, or is the program's own.
OWN = re.compile(r'driver\.(?!version\.data)|device\.|battery\.(charge|runtime)$'
                 r'|experimental\.battery\.guessed$')
RETURN_SECONDS = 90


class BadLine(Simulator):
    """Where a fault hits is left to chance, too."""

    def __init__(self, unit, seed, **how):
        super().__init__(unit, late=1.3, pause=0.02, **how)
        self.random, self.bad = random.Random(seed), False
        self.faults, self.damages = 0, []

    def next_fault(self):
        if not self.bad:
            return None
        faults = [*WEIGHTS, None]
        fault = self.random.choices(faults, [*WEIGHTS.values(), 1000 - sum(WEIGHTS.values())])[0]
        self.faults += fault is not None
        return fault

    def spoil(self, request, answer, fault):
        if not answer or fault not in ('damaged', 'cut', 'noise'):
            return super().spoil(request, answer, fault)
        at = self.random.randrange(len(answer))
        if fault == 'cut':
            return [(self.delay, answer[:at])]
        if fault == 'noise':
            noise = bytes(self.random.choice(b'\x00\x80\xff~#%*') for _ in range(self.random.randint(1, 8)))
            return [(self.delay, noise + answer)]
        damaged = answer[:at] + bytes([answer[at] ^ 1 << self.random.randrange(8)]) + answer[at + 1:]
        self.damages.append((request, damaged))
        return [(self.delay, damaged)]


def unit_of(recording):
    """It says the same each time."""
    unit = Transcript.load(recording)
    unit.answers = {request: replies[-1:] for request, replies in unit.answers.items()}
    return unit


def values(lines):
    found = (re.fullmatch(r'SETINFO (\S+) "(.*)"', line) for line in lines)
    return {(m[1], m[2]) for m in found if m and not OWN.match(m[1])}


def says_less(pair, clean):
    """Whether it is a status without some of what is not known; whether there are mains always is."""
    tokens, complete = set(pair[1].split()), set(dict(clean).get('ups.status', '').split())
    mains = {'OL', 'OB'}
    return pair[0] == 'ups.status' and tokens < complete and tokens & mains == complete & mains != set()


class Trial:
    """One profile."""

    def __init__(self, recording, seed, seconds):
        self.recording, self.seconds = recording, seconds
        self.seed = f'{seed}:{recording.stem}'
        profile = Faults.profiles / 'qx' / f'{recording.stem}.profile'
        self.protocol = re.search(r'^protocol = (\S+)$', profile.read_text(encoding='utf-8'), re.M)[1]

    def dump(self, unit):
        with Simulator(unit) as sim:
            done = subprocess.run([Faults.driver, '-s', 't', '-x', f'port={sim.path}', '-x',
                                   f'protocol={self.protocol}', '-d', '1'], env=Faults.environment,
                                  capture_output=True, text=True, timeout=120, check=False)
        pairs = (line.split(': ', 1) for line in done.stdout.splitlines() if ': ' in line)
        return {(name, value) for name, value in pairs if not OWN.match(name)}

    def unexplained(self, pairs, damages):
        """Without those that the device would have if it had said one of these itself, or nothing at all to
        one or two of the questions: there may be another that tells the same less well."""
        questions = list(unit_of(self.recording).answers)
        explanations = [{request: answer} for request, answer in dict.fromkeys(damages)
                        if answer.endswith(b'\r')]
        explanations += [{request: b''} for request in questions]
        explanations += [dict.fromkeys(pair, b'') for pair in itertools.combinations(questions, 2)]
        for answers in explanations:
            if not pairs:
                break
            unit = unit_of(self.recording)
            unit.answers.update({request: [answer] for request, answer in answers.items()})
            pairs = pairs - self.dump(unit)
        return sorted(pairs)

    def run(self):
        """What is wrong, as text; "" if nothing is."""
        with contextlib.ExitStack() as stack:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix='busbar-qx-'))
            sim = stack.enter_context(BadLine(unit_of(self.recording), self.seed))
            Path(directory, 'ups.conf').write_text(
                f'[ups]\ndriver = nutdrv_qx\nport = {sim.path}\nprotocol = {self.protocol}\n'
                'pollinterval = 1\npollfreq = 3\n', encoding='ascii')
            output = stack.enter_context(open(Path(directory, 'output'), 'w+', encoding='utf-8'))
            environment = Faults.environment | {'NUT_CONFPATH': directory, 'NUT_STATEPATH': directory}
            process = subprocess.Popen([Faults.driver, '-FF', '-a', 'ups'], env=environment,
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            stack.callback(process.wait)
            stack.callback(process.kill)
            path = Path(directory, 'nutdrv_qx-ups')
            sim.bad = sim.random.random() < 0.5     # from the start, or when all was well before
            try:
                client = stack.enter_context(wait_for(lambda: Client.connected(path, process), path, 60))
                wrong = self.watch(sim, client)
            except (AssertionError, OSError) as e:
                wrong = f'{type(e).__name__}: {e}'
            log = Path(directory, 'output').read_text(encoding='utf-8', errors='replace')
            if process.poll() is not None:
                wrong += f' ended with {process.returncode}'
            if re.search('Sanitizer|runtime error', log):
                wrong += ' upset a sanitizer'
            return f'{self.seed}: {wrong}\n{log[-2000:]}' if wrong else ''

    def watch(self, sim, client):
        clean = self.dump(unit_of(self.recording))
        if not sim.bad:
            self.settle(client, clean)
        sim.bad = True
        client.say('DUMPALL')
        seen, end = set(), time.monotonic() + self.seconds
        while time.monotonic() < end:
            seen |= values(client.lines(end - time.monotonic()))
        sim.bad = False
        if not sim.faults or not seen:
            return f'only {sim.faults} faults, {len(seen)} values'
        doubtful = {pair for pair in seen - clean if not says_less(pair, clean)}
        strange = self.unexplained(doubtful, sim.damages)
        if strange:
            return f'{strange}, after {[escape(answer) for _, answer in sim.damages][-10:]}'
        # What is asked only once may stay as it was heard.
        self.settle(client, clean | seen)
        return ''

    def settle(self, client, clean):
        """Waits until all is well."""
        end, shown, fresh = time.monotonic() + RETURN_SECONDS, set(), False
        while not shown or not fresh or not shown <= clean:
            if time.monotonic() > end:
                raise AssertionError(f'does not come to itself: fresh {fresh}, {sorted(shown - clean)}')
            client.say('DUMPALL')
            lines = client.until('DUMPDONE', end - time.monotonic())
            shown, fresh = values(lines), 'DATAOK' in lines
            time.sleep(0.1)


class Client:
    """A connection to the driver, that can be read for a while."""

    def __init__(self, connection):
        self.socket, self.buffer = connection, b''

    @classmethod
    def connected(cls, path, process):
        """None as long as nobody listens."""
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(path))
            return cls(connection)
        except OSError:
            connection.close()
            if process.poll() is not None:
                raise
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, line):
        self.socket.sendall(line.encode() + b'\n')

    def lines(self, timeout):
        """What comes next, whole lines; nothing if nothing comes in time."""
        self.socket.settimeout(max(0.01, timeout))
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            return []
        if not data:
            raise AssertionError('the driver has hung up')
        *lines, self.buffer = (self.buffer + data).split(b'\n')
        return [line.decode() for line in lines]

    def until(self, last, timeout):
        end, lines = time.monotonic() + timeout, []
        while last not in lines:
            if time.monotonic() > end:
                raise AssertionError(f'no {last}')
            lines += self.lines(end - time.monotonic())
        return lines


class Faults(unittest.TestCase):
    maxDiff = None
    driver = profiles = recordings = environment = only = None
    seed, seconds = 0, 0

    def test_nothing_wrong_is_shown(self):
        recordings = [r for r in sorted(self.recordings.glob('*.recording')) if self.only in (None, r.stem)]
        self.assertTrue(recordings)
        with concurrent.futures.ThreadPoolExecutor(len(recordings)) as pool:
            trials = {r.stem: pool.submit(Trial(r, self.seed, self.seconds).run) for r in recordings}
            for name, trial in trials.items():
                with self.subTest(name, again=f'--seed {self.seed} --only {name}'):
                    self.assertEqual(trial.result(), '')


def main():
    parser = argparse.ArgumentParser()
    for name in ('driver', 'profiles', 'recordings'):
        parser.add_argument(name, type=lambda text: Path(text).resolve())
    # The same each time: what passes is not to be a matter of luck. Others are for looking further.
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--seconds', type=float, default=20)
    parser.add_argument('--only')
    for name, value in vars(parser.parse_args()).items():
        setattr(Faults, name, value)
    Faults.environment = os.environ | {'BUSBAR_PROFILES': str(Faults.profiles), 'TZ': 'UTC'}
    print(f'--seed {Faults.seed}', flush=True)
    unittest.main(argv=sys.argv[:1])


if __name__ == '__main__':
    main()
