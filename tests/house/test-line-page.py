#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Each word that the reader of line profiles knows is on its page and in its tests.

    test-line-page.py SOURCE-DIRECTORY
"""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv[1]).resolve()
PROFILE = ROOT / 'src' / 'profile'


def known_words():
    """Words in tables of the reader: what a key, an attribute or a choice can be."""
    words = {}
    for path in sorted(PROFILE.glob('line-*.c')):
        if path.name == 'value-function.c':
            continue
        text = path.read_text(encoding='utf-8')
        kind = r'(?:struct \{.*?\}|char \*const|\w+Info|LoaderSection)'
        tables = re.findall(r'static const ' + kind + r' \w+\[.*?\] = \{\n?(.*?)\};', text, re.DOTALL)
        for table in tables:
            for word in re.findall(r'"([a-z0-9:-]{2,})"', table):
                words.setdefault(word, path.name)
    return words


class Page(unittest.TestCase):
    def test_words(self):
        words = known_words()
        self.assertGreater(len(words), 80)
        page = (ROOT / 'docs' / 'PROFILES-LINE.md').read_text(encoding='utf-8')
        tests = ''.join((PROFILE / name).read_text(encoding='utf-8')
                        for name in ('test-line-profile.c', 'test-line-mistakes.h', 'test-line-profiles.c'))
        tests = tests.replace('\\n', '\n')
        for word, where in words.items():
            pattern = r'(?<![\w-])' + re.escape(word) + ('' if word.endswith(':') else r'(?![\w-])')
            with self.subTest(word, where=where):
                self.assertTrue(re.search(pattern, page), 'not on the page')
                self.assertTrue(re.search(pattern, tests), 'not in a test')


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
