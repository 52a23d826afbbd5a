#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that manual pages say what the programs do, no more and no less.

  check-man.py render PAGE...           pages are well formed, have the usual sections, and give no warning
  check-man.py help PAGE PROGRAM        the options of PROGRAM --help are those of the page
  check-man.py verbs PAGE PROGRAM       so are its verbs
  check-man.py keys PAGE FILE:TABLE...  the names in tables of C sources are the keys of the page
  check-man.py driver PAGE PROGRAM      the keys that a driver lists with -L are those of its page
  check-man.py names PAGE PRINT_NAMES   the vocabulary in the page is that of the table; --update writes it
"""

import argparse
import re
import subprocess
import sys

import docutils.core
import docutils.nodes
import docutils.utils

OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*|-[A-Za-z])(?![\w])")
BEGIN = ".. BEGIN NAMES"
END = ".. END NAMES"


class Failure(Exception):
    """What is wrong, for people."""


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def run(*argv):
    result = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                            check=False)
    if result.returncode != 0:
        raise Failure(f"{' '.join(argv)} ended with {result.returncode}: {result.stderr}")
    return result.stdout


def parse(path):
    settings = {"report_level": 1, "halt_level": 5, "warning_stream": False}
    return docutils.core.publish_doctree(read(path), source_path=path, settings_overrides=settings)


def title(section):
    return section[0].astext()


def terms(document, wanted=lambda title: True):
    """The terms of definition lists in sections of a title that is wanted."""
    for section in document.findall(docutils.nodes.section):
        if wanted(title(section)):
            yield from section.findall(docutils.nodes.term)


def strong_words(term):
    return [node.astext() for node in term.findall(docutils.nodes.strong)]


def term_keys(term):
    """The keys that a term is about: "a = *VALUE*" is about a, "b *X*, c *Y*" about b and c."""
    text = "".join(node.astext() for node in term.children if not isinstance(node, docutils.nodes.emphasis))
    text = re.sub(r"\[[^]]*\]", "", text)
    return {match[0] for part in text.split(",") if (match := re.match(r"[^\s=]+", part.strip()))}


def compare(what, programs, pages):
    """Both are sets of names."""
    lines = [f"{what} {name} is not in the page" for name in sorted(programs - pages)]
    lines += [f"{what} {name} of the page does not exist" for name in sorted(pages - programs)]
    if not programs:
        lines.append(f"the program has no {what} at all: is it found in the right way?")
    if lines:
        raise Failure("\n".join(lines))


def check_render(arguments):
    flaws = []
    for page in arguments.pages:
        document = parse(page)
        flaws += [m.astext() for m in document.findall(docutils.nodes.system_message)]

        titles = [title(s) for s in document.findall(docutils.nodes.section)]
        flaws += [f"{page}: no section {t}" for t in ("DESCRIPTION", "SEE ALSO") if t not in titles]

        if re.search(r"\.[15]\.rst$", page) and not any(document.findall(docutils.nodes.literal_block)):
            flaws.append(f"{page}: no example")
        flaws += render(page)
    if flaws:
        raise Failure("\n".join(flaws))


def render(page):
    """What the formatter has to complain of. Its page is wide and long: neither a line that is one long word
    nor a table that fits on no page is a flaw."""
    settings = {"report_level": 1, "halt_level": 5, "warning_stream": False}
    roff = docutils.core.publish_string(read(page), writer_name="manpage", settings_overrides=settings)
    result = subprocess.run(["groff", "-k", "-t", "-man", "-Tutf8", "-ww", "-z", "-rLL=200n"],
                            input=b".pl 10000\n" + roff, capture_output=True, check=False, timeout=60)
    complaints = result.stderr.decode().strip()
    return [f"{page}: {complaints or 'cannot be formatted'}"] if result.returncode != 0 or complaints else []


def check_help(arguments):
    text = run(arguments.program, "--help")
    # An option stands at the beginning of its line; other ones in the text are only spoken of.
    listed = {o for line in text.splitlines() if re.match(r"\s+-", line)
              for o in OPTION.findall(re.split(r"\s{2,}(?!-)", line.strip())[0])}
    too_long = [line for line in text.splitlines() if len(line) > 80]
    if too_long:
        raise Failure("\n".join(f"wider than 80 columns: {line}" for line in too_long))

    document = parse(arguments.page)
    texts = [s for t in terms(document, lambda t: t == "OPTIONS") for s in strong_words(t)]
    texts += [node.astext() for node in document.findall(docutils.nodes.option_string)]
    compare("option", listed, {o for text in texts for o in OPTION.findall(text)})


def check_verbs(arguments):
    text = run(arguments.program, "--help")
    verbs = set(re.findall(r"^  ([a-z]+)", text.split("Verbs:")[1].split("Options:")[0], re.MULTILINE))
    document = parse(arguments.page)
    compare("verb", verbs, {strong_words(t)[0] for t in terms(document, lambda t: t == "VERBS")})


def table_names(spec):
    """The first string of each row of a C table."""
    path, table = spec.rsplit(":", 1)
    match = re.search(rf"\b{table}\[\] = \{{(.*?)^\s*\}};", read(path), re.DOTALL | re.MULTILINE)
    if not match:
        raise Failure(f"{path}: no table {table}")
    return set(re.findall(r"^\s*\{ (?:\.name = )?\"([^\"]+)\"", match[1], re.MULTILINE))


def is_about_keys(section_title):
    return re.search(r"\b(KEYS|DIRECTIVES|OPTIONS IN UPS.CONF)\b", section_title) is not None


def compare_keys(known, page):
    """Each key of a term must exist; one that exists must at least be spoken of, as obsolete ones are."""
    document = parse(page)
    documented = set().union(*(term_keys(t) for t in terms(document, is_about_keys)))
    text = " ".join(s.astext() for s in document.findall(docutils.nodes.section) if is_about_keys(title(s)))
    spoken_of = {k for k in known if re.search(rf"(?<![\w.]){re.escape(k)}(?![\w])", text)}
    compare("key", known, documented | spoken_of)


def check_keys(arguments):
    known = set(arguments.also).union(*(table_names(spec) for spec in arguments.tables))
    compare_keys(known, arguments.page)


def check_driver(arguments):
    keys = set(re.findall(r"^(?:VALUE|FLAG) (\S+) ", run(arguments.program, "-L"), re.MULTILINE))
    compare_keys(keys | {"port"}, arguments.page)


def check_names(arguments):
    page = read(arguments.page)
    before, rest = page.split(BEGIN, 1)
    marker, rest = rest.split("\n", 1)
    after = rest.split(END, 1)[1]
    fresh = f"{before}{BEGIN}{marker}\n\n{run(arguments.program)}{END}{after}"
    if fresh == page:
        return
    if not arguments.update:
        raise Failure(f"{arguments.page} is out of date. Run:\n"
                      f"  tools/check-man.py names {arguments.page} {arguments.program} --update")
    with open(arguments.page, "w", encoding="utf-8") as f:
        f.write(fresh)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    checks = parser.add_subparsers(required=True)

    check = checks.add_parser("render")
    check.add_argument("pages", nargs="+")
    check.set_defaults(check=check_render)

    for name, function in (("help", check_help), ("verbs", check_verbs), ("driver", check_driver),
                           ("names", check_names)):
        check = checks.add_parser(name)
        check.add_argument("page")
        check.add_argument("program")
        check.set_defaults(check=function)
    check.add_argument("--update", action="store_true")

    check = checks.add_parser("keys")
    check.add_argument("page")
    check.add_argument("tables", nargs="+")
    check.add_argument("--also", action="append", default=[], metavar="KEY")
    check.set_defaults(check=check_keys)

    arguments = parser.parse_args()
    try:
        arguments.check(arguments)
    except Failure as e:
        sys.exit(str(e))


if __name__ == "__main__":
    main()
