#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Our nutdrv_qx on every transcript of a folder (shared_data/qx), over a pseudo terminal.

    test-transcripts.py DRIVER PROFILES [FOLDER] [--update] [--only NAME]...

What it shows has to be what lies in expected/, line by line, and what a transcript itself says in its lines
"# expected:", but for DEVIATIONS. --update writes the files in expected/ anew: look at each difference
before it is committed.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import qxsim  # noqa: E402  # pylint: disable=wrong-import-position

OWN = re.compile(r'driver\.(?!version\.data)')

# Protocol (None: it is found by itself), what is answered to what a unit does not know, and how lines are
# completed that a transcript has without their check.
AXPERT = ('voltronic-axpert', b'(NAKss\r', 'crc16-xmodem')
UNITS = {
    'real/axpert-3kw-2021': (None, b'(NAKss\r', 'crc16-xmodem'),
    'real/ippon-innova-rt-3-1-20k': ('innovart31', b'NAK\r', None),
    'real/santak-castle-c1k': (None, b'NAK\r', None),
    'real/visench-c1k': (None, b'NAK\r', None),
    'nut-testing-tables/masterguard': ('masterguard', b'NAK\r', None),
    'nut-testing-tables/voltronic-axpert': AXPERT,
}
# These are not spoken, or have no state in them: with the nearest protocol forced they are not taken.
FOREIGN = ('mpp-solar-pi16', 'mpp-solar-pi17', 'mpp-solar-pi18', 'mpp-solar-pi18sv', 'mpp-solar-pi30m044',
           'mpp-solar-pi30m045', 'pipsolar-lv5048')

NOT_TAKEN = {
    'nut-testing-tables/masterguard': 'placeholders',
    'real/mec0003-not-ready': 'it has not measured anything yet',
}

# What a transcript leaves out, or has as a placeholder only.
ADDED = {
    'real/ippon-innova-rt-3-1-20k': {b'Q1\r': [b'(215.0 195.0 230.0 014 49.0 22.7 30.0 00000000\r']},
}

# Units and variables that are not as the transcript says, and why.
DEVIATIONS = {
    ('real/armac-riello-like-1978', 'output.voltage'): 'of the first of two answers; the second is shown',
    ('real/armac-riello-like-1978', 'ups.load'): 'likewise',
    ('real/visench-c1k', None): 'of another moment, and of requests that are not in it',
}


def settings(name):
    directory, stem = name.split('/')
    if directory == 'inverters':
        return AXPERT
    if directory == 'real':
        return UNITS.get(name, (None, None, None))
    if name not in UNITS:
        return stem.replace('-old', '/old'), (b'(NAK\r' if stem == 'voltronic' else None), None
    return UNITS[name]


def load(path, check):
    transcript = qxsim.Transcript.load(path, check=check)
    if not transcript.answers:
        transcript = qxsim.Transcript.load(path, check=check, comments=True)
    return transcript


def promised(path):
    """What a transcript says that is to be shown."""
    found = {}
    for line in path.read_text(encoding='latin-1').splitlines():
        if line.startswith('# expected'):
            for name, value in re.findall(r'([a-z][\w-]*(?:\.[\w-]+)+)=("[^"]*"|\S+)', line):
                found[name] = value.strip('"')
    return found


def is_same(a, b):
    try:
        return float(a) == float(b)
    except (TypeError, ValueError):
        return a == b


class Transcripts(unittest.TestCase):
    maxDiff = None
    driver, profiles = (Path(argument).resolve() for argument in sys.argv[1:3])
    folder = Path(sys.argv[3]) if sys.argv[3:] and not sys.argv[3].startswith('-') else None
    update = '--update' in sys.argv
    only = [word for before, word in zip(sys.argv, sys.argv[1:]) if before == '--only']

    def play(self, path, protocol, refused, check):
        """What is shown; how the driver ended, when it shows nothing."""
        options = ['-x', f'protocol={protocol}'] if protocol else []
        transcript = load(path, check)
        transcript.answers.update(ADDED.get(f'{path.parent.name}/{path.stem}', {}))
        with qxsim.Simulator(transcript, unknown='echo' if refused is None else refused) as sim, \
                tempfile.TemporaryDirectory() as directory:
            done = subprocess.run(
                [self.driver, '-s', 'test', '-x', f'port={sim.path}', *options, '-d', '1'],
                env=os.environ | {'BUSBAR_PROFILES': str(self.profiles), 'NUT_CONFPATH': directory,
                                  'NUT_STATEPATH': directory, 'TZ': 'UTC'},
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240)
            path_of_line = sim.path
        self.assertGreaterEqual(done.returncode, 0, f'killed by a signal: {done.stderr.decode()}')
        self.assertNotIn('Sanitizer', done.stderr.decode())
        if done.returncode != 0:
            # Of the last lines, without names that are made up anew each time.
            reasons = re.findall(r'^nutdrv_qx: \[test\] (?!.*\.profile:)(.*)$', done.stderr.decode(), re.M)
            return [f"not taken: {reason.replace(path_of_line, 'LINE')}" for reason in reasons[:1]]
        return [line for line in done.stdout.decode().splitlines() if ': ' in line and not OWN.match(line)]

    def judge(self, name, shown):
        expected = HERE / 'expected' / (name.replace('/', '-') + '.expected')
        if self.update:
            expected.parent.mkdir(exist_ok=True)
            expected.write_text('\n'.join(shown) + '\n', encoding='utf-8')
        self.assertEqual(expected.read_text(encoding='utf-8').splitlines(), shown)

        self.assertEqual(shown[0].startswith('not taken'), name.endswith(FOREIGN) or name in NOT_TAKEN)
        values = dict(line.split(': ', 1) for line in shown)
        wrong = [f'{variable}: promised "{value}", shown {values.get(variable)!r}'
                 for variable, value in promised(self.folder / f'{name}.tsv').items()
                 if not is_same(value, values.get(variable))
                 and not DEVIATIONS.keys() & {(name, variable), (name, None)}] \
            if name.startswith('real/') else []
        self.assertEqual(wrong, [], '\n' + '\n'.join(wrong))

    def names(self):
        for path in sorted(self.folder.glob('*/*')):
            name = f'{path.parent.name}/{path.stem}'
            if path.suffix in ('.tsv', '.txt') and (not self.only or name in self.only):
                yield name, path

    def test_all(self):
        if not self.folder:
            return
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            played = {name: pool.submit(self.play, path, *settings(name)) for name, path in self.names()
                      if load(path, None).answers}
            for name, future in played.items():
                with self.subTest(name):
                    self.judge(name, future.result())

    def test_recordings(self):
        """What is played from a file comes the same over a line."""
        for path in sorted((HERE / 'recordings').glob('*.recording')):
            if (self.profiles / 'qx' / f'{path.stem}.profile').exists() and not self.only:
                with self.subTest(path.stem):
                    shown = self.play(path, path.stem.replace('-old', '/old'), b'', None)
                    expected = path.with_suffix('.expected').read_text(encoding='utf-8').splitlines()
                    # Without what USB alone tells.
                    self.assertEqual([line for line in expected
                                      if not line.startswith(('ups.vendorid', 'ups.productid'))], shown)

    def test_nothing_is_left_out(self):
        """Each transcript has requests, but for those that say that they have none."""
        if not self.folder or self.only:
            return
        empty = [name for name, path in self.names() if not load(path, None).answers]
        self.assertEqual(empty, ['real/powershield-pscrt2000'])


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
