# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads as much of NUT's configuration as one needs to know which drivers to start."""

import glob
import os
import re


def lines(text):
    """The words of each line, by NUT's rules: quotes, backslashes, comments, and = as a word of its own."""
    words, word, quoted, escaped, comment = [], None, False, False, False
    for c in text + "\n":
        if escaped:
            escaped = False
            if c != "\n":
                word = (word or "") + c
        elif c == "\n":
            comment = False
            if not quoted:
                if word is not None:
                    words.append(word)
                if words:
                    yield words
                words, word = [], None
        elif comment:
            pass
        elif c == "\\":
            escaped = True
        elif quoted and c == '"':
            words.append(word)
            word, quoted = None, False
        elif quoted:
            word += c
        elif c == '"' and word is None:
            word, quoted = "", True
        elif c.isspace() or c in "#=":
            if word is not None:
                words.append(word)
                word = None
            comment = c == "#"
            if c == "=":
                words.append("=")
        else:
            word = (word or "") + c


def files(directory, name):
    """The file and its drop-ins, as far as they exist."""
    main = os.path.join(directory, name)
    return [f for f in [main, *sorted(glob.glob(glob.escape(main) + ".d/*.conf"))] if os.path.exists(f)]


def devices(directory):
    """{device name: driver name} of ups.conf in that directory, in file order. Sections without a driver are
    left out; to say so is the business of the services that read the file themselves."""
    found = {}
    section = None
    for path in files(directory, "ups.conf"):
        with open(path, encoding="latin-1") as f:
            for words in lines(f.read()):
                if len(words) == 1 and words[0].startswith("[") and words[0].endswith("]"):
                    section = words[0][1:-1]
                elif section and len(words) >= 3 and words[0] == "driver" and words[1] == "=":
                    found[section] = words[2]
    return found


def links(directory):
    """Names of the devices of other hosts that upsmon.conf of that directory watches, in file order:
    ups@host, and :port unless it is the usual one."""
    found = []
    for path in files(directory, "upsmon.conf"):
        with open(path, encoding="latin-1") as f:
            systems = [w[1] for w in lines(f.read()) if len(w) >= 5 and w[0].upper() == "MONITOR"]
        for system in systems:
            ups, _, server = system.partition("@")
            host, port = re.fullmatch(r"(\[[^]]*\]|[^:]*):?(.*)", server).groups()
            port = port or "3493"
            local = host in ("", "localhost", "[::1]") or host.startswith("127.")
            if not local or port != "3493":
                found.append(f"{ups}@{host or 'localhost'}" + (f":{port}" if port != "3493" else ""))
    return list(dict.fromkeys(found))


def driver_program(build, driver):
    """Some are one program under several names, and stand where that does."""
    found = glob.glob(os.path.join(build, "src", "drivers", "*", glob.escape(driver)))
    return found[0] if found else os.path.join(build, "src", "drivers", driver, driver)
