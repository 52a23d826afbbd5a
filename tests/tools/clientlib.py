# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the client commands share: running stock's and ours, and a server that says anything."""

import contextlib
import os
import re
import socketserver
import subprocess
import sys
import threading
from collections import namedtuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "integration"))

from testlib import build_directory  # noqa: E402

__all__ = ["NOISE", "OURS", "STOCK", "PROGRAMS", "Result", "ScriptedServer", "environment", "program",
           "run_client"]

STOCK, OURS = "stock", "ours"
PROGRAMS = ("upsc", "upscmd", "upsrw", "upslog", "nut-recorder")

# NSS says so each time; ours has nothing to say.
NOISE = "Init SSL without certificate database\n"

Result = namedtuple("Result", "stdout stderr status")


def program(name, whose=OURS):
    directory = "/bin" if whose == STOCK else os.path.join(build_directory(), "src", "tools", "client")
    return os.path.join(directory, name)


def environment(**more):
    """No credentials of whoever runs the test, and no terminal's language."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent", "NUT_CONFPATH": "/nonexistent",
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}, **more}


def run_client(whose, name, *arguments, stdin="", timeout=60, **more):
    """Without a terminal, as from cron."""
    result = subprocess.run([name, *arguments], executable=program(name, whose), input=stdin, text=True,
                            errors="surrogateescape", capture_output=True, timeout=timeout, check=False,
                            start_new_session=True, env=environment(**more))
    return Result(result.stdout, result.stderr.replace(NOISE, ""), result.returncode)


class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            for line in self.rfile:
                request = line.decode("latin-1").rstrip("\n")
                self.server.requests.append(request)
                answer = self.server.answer(request)
                if answer is None:
                    return
                self.wfile.write(answer.encode("latin-1"))


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Answers requests by the first of the pairs (pattern, answer) that fits; None hangs up. An answer may
    be a list, of which each request gets the next one, and may use the groups of the pattern: $1."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, script, host="127.0.0.1", port=0):
        self.script = [(re.compile(pattern), list(a) if isinstance(a, list) else a) for pattern, a in script]
        self.lock = threading.Lock()
        self.requests = []
        super().__init__((host, port), Connection)
        self.port = self.server_address[1]
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def answer(self, request):
        for pattern, answer in self.script:
            match = pattern.fullmatch(request)
            if not match:
                continue
            if isinstance(answer, list):
                with self.lock:
                    answer = answer.pop(0) if len(answer) > 1 else answer[0]
            return answer and match.expand(answer.replace("\\", "\\\\").replace("$", "\\"))
        return "ERR UNKNOWN-COMMAND\n"

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()
