# SPDX-License-Identifier: LGPL-2.1-or-later
"""A driver of SNMP agents as a process, ours or the stock one."""

import os
import re
import resource
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import netsnmp

STOCK = '/lib/nut/snmp-ups'
TIMEOUT = 60

# Of the program, not of the device.
OWN = re.compile(r'driver\.')
WORDS = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


def environment(directory, **more):
    return (netsnmp.environment(directory)
            | dict.fromkeys(('NUT_CONFPATH', 'NUT_STATEPATH', 'NUT_ALTPIDPATH'), str(directory))
            | {'BUSBAR_ENROLLED_CONF': f'{directory}/enrolled.conf', 'TZ': 'UTC',
               'DBUS_SYSTEM_BUS_ADDRESS': f'unix:path={directory}/bus'} | more)


def words_of(options):
    return [word for name, value in options.items()
            for word in ('-x', name if value is True else f'{name}={value}')]


class Dump:
    """What a driver prints of an agent when it is told to do so once."""

    def __init__(self, program, options, timeout=TIMEOUT, **more):
        begun = time.monotonic()
        user = ['-u', 'root'] if str(program) == STOCK else []
        with tempfile.TemporaryDirectory(prefix='busbar-snmp-') as directory:
            try:
                done = subprocess.run([program, '-s', 't', *user, *words_of(options), '-d', '1'],
                                      stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout,
                                      check=False, env=environment(directory, **more))
                self.exit, out, err = done.returncode, done.stdout, done.stderr
            except subprocess.TimeoutExpired as e:
                self.exit, out, err = None, e.stdout or b'', e.stderr or b''
        self.seconds = time.monotonic() - begun
        self.text, self.log = out.decode(errors='replace'), err.decode(errors='replace')
        pairs = (line.split(': ', 1) for line in self.text.splitlines() if ': ' in line)
        self.variables = {name: value for name, value in pairs if re.fullmatch(r'[A-Za-z0-9._-]+', name)}


class Daemon:
    """A running driver of devices, as ups.conf has them: {name: options}. Use as a context."""

    def __init__(self, program, devices, head='', **more):
        self.program, self.devices = str(program), devices
        self.directory = tempfile.TemporaryDirectory(prefix='busbar-snmp-')
        self.environment = environment(self.directory.name, **more)
        self.sockets, self.buffers, self.process = {}, {}, None
        self.count = 0
        self.configure(head, devices)

    def configure(self, head, devices):
        text = head
        for name, options in devices.items():
            text += f'[{name}]\ndriver = snmp-ups\n'
            text += ''.join(f'{key}\n' if value is True else f'{key} = "{value}"\n'
                            for key, value in options.items())
        Path(self.directory.name, 'ups.conf').write_text(text, encoding='utf-8')

    def path(self, name=''):
        return Path(self.directory.name, name)

    def start(self):
        # As the units have it: a descriptor or two for each device, and those of clients.
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
        is_stock = self.program == STOCK
        arguments = ['-u', 'root', '-F', '-a', next(iter(self.devices))] if is_stock else ['-F', '--all']
        with open(self.path('log'), 'ab') as log:
            self.process = subprocess.Popen([self.program, *arguments], env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self):
        for opened in self.sockets.values():
            opened.close()
        self.sockets = {}
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        alive = self.process.poll() is None
        code = self.stop()
        log = self.log()
        self.directory.cleanup()
        if kind is None and self.program != STOCK:
            if not alive or code is None:
                raise AssertionError(f'the driver has {"hung" if alive else "died"} ({code}): {log[-3000:]}')
            if re.search('Sanitizer|runtime error', log):
                raise AssertionError(log[-6000:])

    def log(self):
        return self.path('log').read_text(encoding='utf-8', errors='replace')

    def connect(self, name):
        """False: nobody listens there yet."""
        opened = socket.socket(socket.AF_UNIX)
        opened.settimeout(TIMEOUT)
        try:
            opened.connect(str(self.path(f'snmp-ups-{name}')))
        except OSError:
            opened.close()
            if self.process.poll() is not None:
                raise AssertionError(f'ended with {self.process.returncode}: {self.log()[-3000:]}') from None
            return False
        self.sockets[name], self.buffers[name] = opened, b''
        return True

    def ask(self, name, question, last):
        """The lines of an answer up to the one that begins with last."""
        if name not in self.sockets:
            wait_for(lambda: self.connect(name), f'the socket of {name}', self.log)
        self.sockets[name].sendall(question.encode() + b'\n')
        lines = []
        while not (lines and lines[-1].startswith(last)):
            while b'\n' not in self.buffers[name]:
                data = self.sockets[name].recv(65536)
                if not data:
                    raise AssertionError(f'the driver has closed the connection: {self.log()[-3000:]}')
                self.buffers[name] += data
            line, _, self.buffers[name] = self.buffers[name].partition(b'\n')
            lines.append(line.decode(errors='replace'))
        return lines

    def lines(self, name):
        return self.ask(name, 'DUMPALL', 'DUMPDONE')

    def variables(self, name):
        """None while the data are not good."""
        lines = self.lines(name)
        return variables_of(lines) if 'DATAOK' in lines else None

    def wait_variables(self, name, wanted=lambda variables: True, what='good data', timeout=TIMEOUT):
        return wait_for(lambda: self.wanted(name, wanted), f'{what} of {name}', self.log, timeout)

    def wanted(self, name, wanted):
        variables = self.variables(name)
        return variables if variables is not None and wanted(variables) else None

    def dump(self, name):
        """Variables, commands, and of what is writable its enumeration and ranges."""
        commands, writable = set(), {}
        lines = self.lines(name)
        limits = {}
        for words in map(split, lines):
            if words[0] == 'ADDCMD':
                commands.add(words[1])
            elif words[0] == 'SETFLAGS' and 'RW' in words[2:]:
                writable[words[1]] = {'enum': [], 'range': []} | limits.get(words[1], {})
            elif words[0] in ('ADDENUM', 'ADDRANGE'):    # which come first
                kind = words[0][3:].lower()
                mine = limits.setdefault(words[1], {'enum': [], 'range': []})
                mine[kind].append(words[2] if kind == 'enum' else tuple(words[2:4]))
        return variables_of(lines), commands, writable

    def order(self, name, words):
        """The status of INSTCMD or SET, as a number; 0 is success."""
        self.count += 1
        tracking = f'TRACKING t{self.count}'
        return int(self.ask(name, f'{words} {tracking}', tracking)[-1].split()[-1])

    def command(self, name, command, *argument):
        return self.order(name, ' '.join(['INSTCMD', command, *argument]))

    def set(self, name, variable, value):
        return self.order(name, f'SET {variable} "{value}"')


def split(line):
    return [a.replace('\\"', '"').replace('\\\\', '\\') or b for a, b in WORDS.findall(line)]


def variables_of(lines):
    words = (split(line) for line in lines if line.startswith('SETINFO '))
    return {w[1]: w[2] if len(w) > 2 else '' for w in words}


def wait_for(condition, what, log=lambda: '', timeout=TIMEOUT):
    """The first true value of condition()."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f'waited in vain for {what}\n{log()[-3000:]}')


def resident(pid, field='VmRSS'):
    """In bytes."""
    status = Path(f'/proc/{pid}/status').read_text(encoding='ascii')
    return int(re.search(rf'{field}:\s+(\d+) kB', status)[1]) * 1024


def descriptors(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


def processor_seconds(pid):
    fields = Path(f'/proc/{pid}/stat').read_text(encoding='ascii').rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
