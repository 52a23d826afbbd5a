#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agents of these tests, seen by net-snmp's own programs: what they say is what other tests rely on.

    test-agent.py SNMP-LOAD
"""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import ber  # noqa: E402
import walk  # noqa: E402
from agentlib import FAULTS, VALUE_FAULTS, Agent, Server  # noqa: E402
from netsnmp import free_udp_port, tool  # noqa: E402

RECORDS = b"""\
1.3.6.1.2.1.1.1.0|4|An agent
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.300.70000
1.3.6.1.2.1.1.3.0|67|4711
1.3.6.1.4.1.99999.1.127.0|2|-5
1.3.6.1.4.1.99999.1.128.0|66|4000000000
1.3.6.1.4.1.99999.1.16383.0|65|17
1.3.6.1.4.1.99999.1.16384.0|70|18446744073709551615
1.3.6.1.4.1.99999.2.1|4x|00ff80
1.3.6.1.4.1.99999.2.2|4|
1.3.6.1.4.1.99999.2.3|64x|c0000201
1.3.6.1.4.1.99999.2.4|2:writecache|value=3
"""
PRINTED = b"""\
.1.3.6.1.2.1.1.1.0 = STRING: "An agent"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.99999.300.70000
.1.3.6.1.2.1.1.3.0 = Timeticks: (4711) 0:00:47.11
.1.3.6.1.4.1.99999.1.127.0 = INTEGER: -5
.1.3.6.1.4.1.99999.1.128.0 = Gauge32: 4000000000
.1.3.6.1.4.1.99999.1.16383.0 = Counter32: 17
.1.3.6.1.4.1.99999.1.16384.0 = Counter64: 18446744073709551615
.1.3.6.1.4.1.99999.2.1 = Hex-STRING: 00 FF 80
.1.3.6.1.4.1.99999.2.2 = ""
.1.3.6.1.4.1.99999.2.3 = IpAddress: 192.0.2.1
.1.3.6.1.4.1.99999.2.4 = INTEGER: up(3)
"""


class Agents(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.server = self.entered(Server())
        self.agent = Agent(walk.parse(RECORDS))
        self.host = f'127.0.0.1:{self.server.add(self.agent)}'

    def entered(self, context):
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def test_formats(self):
        self.assertEqual(walk.parse(RECORDS), walk.parse(PRINTED))
        self.assertEqual(walk.parse(walk.text_of(walk.parse(RECORDS)).encode()), walk.parse(RECORDS))
        self.assertEqual(len(walk.parse(RECORDS)), RECORDS.count(b'\n'))

    def test_numbers(self):
        for number in (0, 1, -1, 127, 128, -128, -129, 255, 256, 2 ** 31, 2 ** 64 - 1, -2 ** 31):
            self.assertEqual(ber.to_int(ber.integer_content(number)), number)
        for ids in ((0, 0), (1, 3, 6, 1, 127, 128, 16383, 16384, 2 ** 32 - 1), (2, 999, 3)):
            self.assertEqual(ber.oid_ids(ber.oid_content(ids)), ids)

    def walked(self, host, *how):
        return walk.parse(tool(*how, '-On', '-Cc', '-cx', host, '.1')[1].encode())

    def test_walks(self):
        every = walk.parse(RECORDS)
        self.assertEqual(self.walked(self.host, 'snmpwalk', '-v2c'), every)
        self.assertEqual(self.walked(self.host, 'snmpbulkwalk', '-v2c'), every)
        self.assertEqual(self.walked(self.host, 'snmpwalk', '-v1'),
                         {ids: value for ids, value in every.items() if value[0] != ber.COUNTER64})

    def test_set(self):
        name = '.1.3.6.1.4.1.99999.2.4'
        words = ('-v2c', '-cx', '-On', self.host, name)
        self.assertIn('notWritable', tool('snmpset', *words, 'i', '7')[1])
        self.agent.writable = 'all'
        self.assertIn('wrongType', tool('snmpset', *words, 's', '7')[1])
        self.assertEqual(tool('snmpset', *words, 'i', '7'), (True, f'{name} = INTEGER: 7\n'))
        self.agent.refusals[ber.oid(name)] = 13
        self.assertIn('resourceUnavailable', tool('snmpset', *words, 'i', '8')[1])
        self.assertEqual(tool('snmpget', *words), (True, f'{name} = INTEGER: 7\n'))
        self.assertEqual([(ber.dotted(ids), ber.to_int(content)) for ids, _, content in self.agent.sets],
                         [(name[1:], 7)])

    def test_each_fault_spoils(self):
        asked = [ber.dotted(ids) for ids in self.agent.values if self.agent.values[ids][0] != ber.OID][:3]
        words = ('snmpget', '-v2c', '-cx', '-On', self.host, *asked)
        right = tool(*words)
        self.assertTrue(right[0])
        harmless = ('slow', 'twice', 'wrong-community')    # net-snmp does not look at it
        for fault in (*FAULTS, *VALUE_FAULTS):
            with self.subTest(fault):
                if fault == 'noise':    # may hit what does not count
                    continue
                self.agent.fault = fault
                said = tool(*words)
                (self.assertEqual if fault in harmless else self.assertNotEqual)(said, right)
        self.agent.fault = None
        self.assertEqual(tool(*words), right)

    def test_limits(self):
        words = ('snmpget', '-v2c', '-cx', '-On', self.host, '1.3.6.1.2.1.1.1.0', '1.3.6.1.2.1.1.3.0')
        self.agent.max_objects = 1
        self.assertIn('tooBig', tool(*words)[1])
        self.agent.max_objects, self.agent.general = 9, {ber.oid('1.3.6.1.2.1.1.3.0')}
        self.assertRegex(tool(*words)[1], r'genError[^$]*Failed object: \.1\.3\.6\.1\.2\.1\.1\.3\.0')
        self.agent.general, self.agent.only_v1 = set(), True
        self.assertIn('No Response', tool(*words)[1])

    def test_load(self):
        """The agents of measurements say the same; numbers move by one at the most."""
        with tempfile.TemporaryDirectory(prefix='busbar-snmp-') as directory:
            path = Path(directory, 'walk')
            lines = [f'{ber.dotted(ids)} {tag} {content.hex()}\n'
                     for ids, (tag, content) in walk.parse(RECORDS).items()]
            path.write_text(''.join(lines), encoding='ascii')
            port = free_udp_port('0.0.0.0')
            with subprocess.Popen([sys.argv[1], '127.77.0.1', str(port), '3', '1', path], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE) as load:
                self.assertEqual(load.stdout.readline(), 'ready\n')
                for how in (('snmpwalk', '-v2c'), ('snmpbulkwalk', '-v2c')):
                    found = self.walked(f'127.77.0.2:{port}', *how)
                    self.assertEqual(list(found), list(walk.parse(RECORDS)))
                    for ids, (tag, content) in found.items():
                        wanted = walk.parse(RECORDS)[ids]
                        self.assertEqual((tag, content[:-1]), (wanted[0], wanted[1][:-1]))
                dead = tool('snmpget', '-v1', '-cx', f'127.77.0.1:{port}', '1.3.6.1.2.1.1.1.0')
                self.assertIn('No Response', dead[1])
                missing = tool('snmpget', '-v1', '-cx', '-On', f'127.77.0.3:{port}', '1.3.6.1.2.1.1.9.0')
                self.assertIn('noSuchName', missing[1])
                load.stdin.write('figures\n')
                load.stdin.flush()
                lines = [load.stdout.readline() for _ in range(4)]
                load.stdin.close()
                self.assertEqual(load.wait(10), 0)
        self.assertRegex(lines[0], r'^127\.77\.0\.1 1 1 1 1 \d+$')
        self.assertTrue(re.match(r'127\.77\.0\.3 0 ', lines[2]), lines[2])
        self.assertEqual(lines[3], 'end\n')


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
