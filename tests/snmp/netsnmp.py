# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs of net-snmp, for tests: what they see counts."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import ber


def environment(directory):
    """They read no configuration and leave nothing behind."""
    return os.environ | {'SNMP_PERSISTENT_DIR': str(directory), 'SNMPCONFPATH': str(directory), 'MIBS': ''}


def tool(name, *arguments):
    """Whether one of net-snmp's programs is content, and its output."""
    with tempfile.TemporaryDirectory(prefix='busbar-snmp-') as directory:
        done = subprocess.run([name, '-r0', '-t1', *arguments], capture_output=True, text=True, check=False,
                              env=environment(directory), timeout=60)
    return done.returncode == 0, re.sub('Created directory: .*\n', '', done.stdout + done.stderr)


# What snmpd calls the types of values that "override" gives.
OVERRIDES = {ber.INTEGER: 'integer', ber.STRING: 'octet_str', ber.OID: 'object_id', ber.COUNTER: 'counter',
             ber.GAUGE: 'uinteger', ber.NULL: 'null'}
SYSTEM = (1, 3, 6, 1, 2, 1, 1)


def override(ids, tag, content, is_writable):
    """A line of snmpd.conf that gives an agent this value, or None."""
    if tag not in OVERRIDES:
        return None
    value = content
    if tag == ber.STRING:
        text = content.decode('latin-1')
        value = f'"{text}"' if text.isprintable() and '"' not in text else None
        if not text.isascii() or value is None:
            value = '0x' + content.hex()
    elif tag == ber.OID:
        value = '.' + ber.dotted(ber.oid_ids(content))
    elif tag != ber.NULL:
        value = ber.to_int(content)
    rw = '-rw ' if is_writable else ''
    return f'override {rw}.{ber.dotted(ids)} {OVERRIDES[tag]} {value if tag != ber.NULL else ""}'


class Snmpd:
    """A real snmpd on a port of the loopback that has these values. writable: ids that can be set, or "all";
    lines: more of its configuration; port: a given one, to come back at."""

    def __init__(self, values=None, writable=(), lines=(), port=None, engine_id=None):
        self.directory = tempfile.TemporaryDirectory(prefix='busbar-snmpd-')
        self.port = port or free_udp_port()
        config = ['rwcommunity private', 'rocommunity public', *lines]
        if engine_id:
            config.append(f'engineID {engine_id}')
        for ids, (tag, content) in (values or {}).items():
            line = override(ids, tag, content, writable == 'all' or ids in writable)
            if line:
                config.append(line)
        Path(self.directory.name, 'snmpd.conf').write_text('\n'.join(config) + '\n', encoding='latin-1')
        self.process = None

    def __enter__(self):
        with open(Path(self.directory.name, 'log'), 'wb') as log:
            self.process = subprocess.Popen(
                ['/usr/sbin/snmpd', '-f', '-Lo', '-C', '-c', f'{self.directory.name}/snmpd.conf', '-I',
                 '-smux,mteTrigger,mteTriggerConf,hr_system,hr_device,hr_other,hr_proc,hr_network,hr_print,'
                 'hr_disk,hr_partition,hr_filesys,hr_swrun,hr_swinst,memory,vmstat,cpu,disk,load,proc,'
                 'ifTable,ifXTable,interface,ip,ipAddressTable,tcpTable,udpTable,tcp,udp,icmp,at',
                 f'udp:127.0.0.1:{self.port}'],
                env=environment(self.directory.name), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 90
        while not self.answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError('snmpd does not start:\n' + self.log())
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.directory.cleanup()

    def log(self):
        return Path(self.directory.name, 'log').read_text(encoding='utf-8', errors='replace')

    def answers(self):
        return tool('snmpget', '-v2c', '-cpublic', '-On', f'127.0.0.1:{self.port}', '1.3.6.1.2.1.1.3.0')[0]

    def get(self, name):
        """As snmpget prints it: "INTEGER: 1"."""
        is_there, said = tool('snmpget', '-v2c', '-cpublic', '-On', f'127.0.0.1:{self.port}', name)
        if not is_there:
            raise AssertionError(said)
        return said.split(' = ', 1)[1].rstrip('\n')


def free_udp_port(address='127.0.0.1'):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((address, 0))
        return s.getsockname()[1]


class Snmpsim:
    """Debian's snmpsimd, with these walks: {community: path of a snmprec}."""

    def __init__(self, walks):
        self.directory = tempfile.TemporaryDirectory(prefix='busbar-snmpsim-')
        self.port, self.communities = free_udp_port(), list(walks)
        data = Path(self.directory.name, 'data')
        data.mkdir()
        for community, path in walks.items():
            (data / f'{community}.snmprec').write_bytes(Path(path).read_bytes())
        Path(self.directory.name, 'cache').mkdir()
        if os.geteuid() == 0:    # it drops its privileges
            for path in (self.directory.name, *Path(self.directory.name).rglob('*')):
                os.chmod(path, 0o777 if Path(path).is_dir() else 0o644)
        self.process = None

    def __enter__(self):
        user = ['--process-user=nobody', '--process-group=nogroup'] if os.geteuid() == 0 else []
        directory = self.directory.name
        with open(Path(directory, 'log'), 'wb') as log:
            self.process = subprocess.Popen(
                ['/usr/bin/python3', shutil.which('snmpsimd') or shutil.which('snmpsimd.py'), *user,
                 f'--data-dir={directory}/data', f'--cache-dir={directory}/cache',
                 f'--agent-udpv4-endpoint=127.0.0.1:{self.port}'],
                env=environment(directory), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 120
        while not self.answers(self.communities[-1]):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError('snmpsimd does not start:\n'
                                     + Path(directory, 'log').read_text(encoding='utf-8')[-3000:])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.directory.cleanup()

    def answers(self, community):
        return tool('snmpgetnext', '-v2c', f'-c{community}', '-On', f'127.0.0.1:{self.port}', '1.3.6')[0]
