# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the libraries have in common: programs run with our libraries in place of Debian's."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "gateway"))

from testlib import build_directory, run, sanitized  # noqa: E402

__all__ = ["HERE", "LIBRARY", "OURS", "STOCK", "build_file", "program", "stock_library", "swap"]


def build_file(path):
    return os.path.join(build_directory(), path)


LIBRARY = build_file("src/upsclient/libupsclient.so.6")
OURS = os.path.dirname(LIBRARY)


def program(name):
    return build_file(f"tests/libraries/{name}")


def stock_library(soname):
    """The path of Debian's library of that name."""
    listed = run("/sbin/ldconfig", "-p").stdout
    return re.search(rf"\b{re.escape(soname)} .*=> (\S+)", listed)[1]


STOCK = os.path.dirname(stock_library("libupsclient.so.6"))


def runtimes(library):
    """What a library that was built with sanitizers wants to be loaded before all else: gcc names it in the
    library, clang leaves that to the program."""
    needed = re.findall(r"(lib[au]\w*san\.\S+) => (\S+)", run("ldd", library).stdout)
    if needed:
        return [path for _, path in sorted(needed)]
    name = f"libclang_rt.asan-{os.uname().machine}.so"
    return [run("clang", f"-print-file-name={name}").stdout.strip()]


def swap(directory, library, ours=False):
    """The environment in which programs find the library of that path in that directory first; ours are
    programs of this build."""
    environment = {"LD_LIBRARY_PATH": directory}
    if sanitized() and not ours:
        options = os.environ.get("ASAN_OPTIONS", "")
        environment["LD_PRELOAD"] = ":".join(runtimes(library))
        # Leaks would be those of the others' programs.
        environment["ASAN_OPTIONS"] = f"{options}:detect_leaks=0".lstrip(":")
    return environment
