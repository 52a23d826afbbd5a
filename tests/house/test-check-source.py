#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Runs tools/check-source.py over small trees that break its rules: test-check-source.py PROGRAM COMPILER...

Each directory in samples/ is a tree, and the file "expected" in it is what has to be found there.
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent / 'samples'
SPDX = '/* SPDX-License-Identifier: LGPL-2.1-or-later */\n'


def check(*arguments):
    """What the program finds."""
    result = subprocess.run([sys.executable, PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE,
                            text=True, check=False)
    if result.returncode != (1 if result.stdout else 0):
        raise AssertionError(f'exit status {result.returncode}, output: {result.stdout}')
    return result.stdout


class Samples(unittest.TestCase):
    def test_trees(self):
        trees = sorted(p for p in SAMPLES.iterdir() if p.name != 'objects')
        self.assertGreaterEqual(len(trees), 5)
        for tree in trees:
            with self.subTest(tree=tree.name):
                self.assertEqual(check('--root', tree), (tree / 'expected').read_text())

    def compile(self, build, flags):
        commands = []
        for source in sorted((SAMPLES / 'objects').rglob('*.c')):
            output = source.name + '.o'
            subprocess.run([*COMPILER, *flags, '-c', source, '-o', build / output], check=True)
            commands.append({'directory': str(build), 'file': str(source), 'output': output})
        (build / 'compile_commands.json').write_text(json.dumps(commands))

    def test_objects(self):
        for flags in (['-O0', '-fPIE'], ['-O2', '-fPIC'], ['-O0', '-fno-pie'],
                      ['-O1', '-fPIC', '-fsanitize=address,undefined']):
            with self.subTest(flags=flags), tempfile.TemporaryDirectory() as build:
                self.compile(Path(build), flags)
                found = check('--root', SAMPLES / 'objects', '--build', build)
                self.assertEqual(found, (SAMPLES / 'objects/expected').read_text())

    def test_no_objects(self):
        with tempfile.TemporaryDirectory() as build:
            (Path(build) / 'compile_commands.json').write_text('[]')
            result = subprocess.run([sys.executable, PROGRAM, '--build', build], stderr=subprocess.PIPE,
                                    text=True, check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn('no objects', result.stderr)


class Lengths(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        (self.root / 'src/shared').mkdir(parents=True)

    def write(self, name, text):
        (self.root / 'src/shared' / name).write_text(text)

    def function(self, name, n):
        """A function of n lines, that begins on the second line of its file."""
        body = ''.join(f'        a = {i};\n' for i in range(n - 3))
        self.write(name, f'{SPDX}static int f(int a,\n                int b) {{\n{body}}}\n')

    def file(self, name, n):
        self.write(name, SPDX + 'int a;\n' * (n - 1))

    def test_functions(self):
        self.function('a.c', 60)
        self.assertEqual(check('--root', self.root), '')

        self.function('a.c', 61)
        self.function('b.c', 100)
        self.assertEqual(check('--root', self.root, '--max-long-functions=2'), '')
        self.assertEqual(check('--root', self.root, '--max-long-functions=1'),
                         'src/shared/a.c:2: f() has 61 lines, more than 60: '
                         '2 functions are long, 1 may be, split one\n'
                         'src/shared/b.c:2: f() has 100 lines, more than 60: '
                         '2 functions are long, 1 may be, split one\n')
        self.assertEqual(check('--root', self.root, '--max-long-functions=5'),
                         'tests/house/meson.build:1: only 2 functions are long, '
                         'lower --max-long-functions from 5 to that\n')

        self.function('b.c', 101)
        self.assertEqual(check('--root', self.root, '--max-long-functions=1'),
                         'src/shared/b.c:2: f() has 101 lines, split it: 100 is the most\n')

    def test_python_functions(self):
        self.write('a.py', '# ' + SPDX[3:-4] + '\ndef f():\n' + '    pass\n' * 100)
        self.assertEqual(check('--root', self.root),
                         'src/shared/a.py:2: f() has 101 lines, split it: 100 is the most\n')

    def test_files(self):
        self.file('a.c', 600)
        self.file('names-table.c', 2000)
        self.assertEqual(check('--root', self.root), '')

        self.file('a.c', 601)
        self.assertEqual(check('--root', self.root, '--max-long-files=1'), '')
        self.assertEqual(check('--root', self.root),
                         'src/shared/a.c:601: 601 lines are more than 600: '
                         '1 files are long, 0 may be, split one\n')

        self.file('a.c', 1001)
        self.assertEqual(check('--root', self.root),
                         'src/shared/a.c:1001: 1001 lines, split the file: 1000 is the most\n')


if __name__ == '__main__':
    PROGRAM, COMPILER = sys.argv[1], sys.argv[2:]
    unittest.main(argv=sys.argv[:1])
