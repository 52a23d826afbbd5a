# SPDX-License-Identifier: LGPL-2.1-or-later

"""A driver of lines as a process, ours or the stock one, on a simulated unit: what it shows, what can be run
and written, and which bytes that sends."""

import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import qxsim

STOCK_DRIVER = '/lib/nut/nutdrv_qx'
TIMEOUT = 90

# Of the program, not of the device.
OWN = re.compile(r'driver\.|device\.type$')


class Unit:
    """Plays a transcript. What it does not know gets what refuses it, or once obedient what accepts it."""

    def __init__(self, transcript, refused=None, accepted=b''):
        self.transcript, self.refused, self.accepted = transcript, refused, accepted
        self.obedient = False

    def answer(self, request):
        reply = self.transcript.answer(request)
        if reply is None and self.obedient:
            return self.accepted
        return self.refused if reply is None else reply


class Driver:
    """A running driver. Use as a context."""

    def __init__(self, program, unit, name='t', options=(), environment=None):
        self.name = name
        self.program, self.unit, self.options = str(program), unit, options
        self.environment = environment or {}
        self.directory = tempfile.TemporaryDirectory(prefix='qx-stock-')
        self.sim = qxsim.Simulator(unit)
        self.process = self.socket = self.queries = None
        self.buffer = b''

    def __enter__(self):
        self.sim.__enter__()
        directory = self.directory.name
        Path(directory, 'ups.conf').write_text('maxstartdelay = 120\n', encoding='utf-8')
        extra = [word for option in self.options for word in ('-x', option)]
        # Polls are of no interest while commands are compared.
        command = [self.program, '-s', self.name, '-F', '-x', f'port={self.sim.path}', '-i', '2', *extra]
        if not self.environment:
            command += ['-u', 'root']
        with open(Path(directory, 'log'), 'w', encoding='utf-8') as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=os.environ | {'NUT_CONFPATH': directory, 'NUT_STATEPATH': directory,
                                  'NUT_ALTPIDPATH': directory} | self.environment)
        try:
            self.connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.socket:
            self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.sim.__exit__()
        self.directory.cleanup()

    def log(self):
        return Path(self.directory.name, 'log').read_text(encoding='utf-8', errors='replace')

    def connect(self):
        """Waits until the driver has data. LookupError: it does not take the unit."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            paths = [path for path in Path(self.directory.name).iterdir() if path.is_socket()]
            if paths and not self.socket:
                self.socket = self.open_socket(paths[0])
            if self.socket and 'DATAOK' in self.ask('DUMPALL', 'DUMPDONE'):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise LookupError(self.log())

    @staticmethod
    def open_socket(path):
        """None: nobody listens there yet."""
        opened = socket.socket(socket.AF_UNIX)
        opened.settimeout(TIMEOUT)
        try:
            opened.connect(str(path))
        except ConnectionRefusedError:
            opened.close()
            return None
        return opened

    def ask(self, question, last):
        """The lines of an answer up to the one that begins with last."""
        self.socket.sendall(question.encode() + b'\n')
        lines = []
        while not (lines and lines[-1].startswith(last)):
            while b'\n' not in self.buffer:
                data = self.socket.recv(65536)
                if not data:
                    raise AssertionError(f'the driver has closed the connection: {self.log()[-2000:]}')
                self.buffer += data
            line, _, self.buffer = self.buffer.partition(b'\n')
            lines.append(line.decode())
        return lines

    def dump(self):
        """Variables, commands, and of what is writable its enumeration and ranges."""
        variables, commands, writable = {}, set(), {}
        for line in self.ask('DUMPALL', 'DUMPDONE'):
            words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)
            words = [a.replace('\\"', '"').replace('\\\\', '\\') or b for a, b in words]
            if words[0] == 'SETINFO':
                variables[words[1]] = words[2] if len(words) > 2 else ''
            elif words[0] == 'ADDCMD':
                commands.add(words[1])
            elif words[0] == 'SETFLAGS' and 'RW' in words[2:]:
                writable.setdefault(words[1], {'enum': [], 'range': []})
            elif words[0] in ('ADDENUM', 'ADDRANGE') and words[1] in writable:
                kind = words[0][3:].lower()
                writable[words[1]][kind].append(words[2] if kind == 'enum' else tuple(words[2:4]))
        return variables, commands, writable

    def obey(self):
        """From now on the unit accepts what it does not know; what was asked until now is a query."""
        with self.sim.changed:
            self.queries = set(self.sim.requests)
            self.unit.obedient = True

    def order(self, words):
        """What an order sends, apart from queries, and whether it worked."""
        with self.sim.changed:
            first = len(self.sim.requests)
        status = self.ask(f'{words} TRACKING t{first}', 'TRACKING')[-1].split()[-1]
        with self.sim.changed:
            return [r for r in self.sim.requests[first:] if r not in self.queries], status == '0'


def both(run, *drivers):
    """The results of run() for each driver, at the same time; exceptions are results."""
    results = [None] * len(drivers)

    def work(i):
        try:
            results[i] = run(drivers[i])
        except Exception as error:  # pylint: disable=broad-exception-caught
            results[i] = error
    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(drivers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
