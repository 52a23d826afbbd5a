# SPDX-License-Identifier: LGPL-2.1-or-later
"""Walks of agents: the records of snmpsim, and what snmpwalk prints."""

import ast
import re

import ber

# Modules of snmpsim that give a value which changes: what it begins with.
BEGINS = re.compile(rb'(?:value|initial)=([^,]*)')
PRINTED = re.compile(rb'^\.?([0-9][0-9.]*) = (.*)$', re.DOTALL)
KINDS = {b'INTEGER': ber.INTEGER, b'Gauge32': ber.GAUGE, b'Unsigned32': ber.GAUGE, b'UInteger32': ber.GAUGE,
         b'Counter32': ber.COUNTER, b'Counter64': ber.COUNTER64, b'Timeticks': ber.TICKS,
         b'STRING': ber.STRING, b'Hex-STRING': ber.STRING, b'OID': ber.OID, b'IpAddress': ber.ADDRESS,
         b'Network Address': ber.ADDRESS, b'BITS': ber.STRING}


def unescaped(text):
    """Python's own spelling of bytes, which tags with an "e" have."""
    return ast.literal_eval("'" + text.decode('latin-1').replace("'", "\\'") + "'").encode('latin-1')


def content_of(tag, raw):
    """raw is bytes of a string, or text of anything else."""
    if tag in (ber.STRING, ber.OPAQUE):
        return raw
    if tag == ber.OID:
        return ber.oid_content(ber.oid(raw.decode()) if raw.strip(b'. ') else (0, 0))
    if tag == ber.ADDRESS:
        return bytes(int(part) for part in raw.decode().split('.')) if b'.' in raw else raw[:4]
    if tag == ber.NULL:
        return b''
    number = int(raw or 0)
    if tag in (ber.COUNTER, ber.GAUGE, ber.TICKS):
        number &= 0xffffffff
    elif tag == ber.COUNTER64:
        number &= 0xffffffffffffffff
    return ber.integer_content(number)


def record(line):
    """A line of snmpsim's, or None."""
    parts = line.split(b'|', 2)
    if len(parts) != 3 or not re.fullmatch(rb'\.?[0-9][0-9.]*', parts[0]):
        return None
    name, kind, raw = parts
    kind, _, module = kind.partition(b':')
    if module:
        found = BEGINS.search(raw)
        raw = found[1] if found else b'0'
    number = re.match(rb'\d+', kind)
    if not number:
        return None
    tag = int(number[0])
    if kind.endswith(b'x'):
        raw = bytes.fromhex(raw.decode())
    elif kind.endswith(b'e'):
        raw = unescaped(raw)
    if tag == ber.ADDRESS and kind.endswith((b'x', b'e')):
        return ber.oid(name.decode()), tag, raw
    return ber.oid(name.decode()), tag, content_of(tag, raw)


def printed_value(text):
    if text in (b'""', b''):
        return ber.STRING, b''
    kind, colon, rest = text.partition(b':')
    if kind.startswith(b'Wrong Type'):
        return printed_value(rest.split(b':', 1)[1].strip() if b'):' in text else rest.strip())
    if colon and kind in KINDS:
        tag, rest = KINDS[kind], rest.strip()
        if kind == b'STRING':
            return tag, re.sub(rb'\\(.)', rb'\1', rest[1:-1]) if rest[:1] == b'"' else rest
        if kind in (b'Hex-STRING', b'BITS'):
            return tag, bytes.fromhex(''.join(re.findall(r'\b[0-9A-Fa-f]{2}\b', rest.decode('latin-1'))))
        if tag == ber.TICKS:
            rest = re.sub(rb'^\((\d+)\).*', rb'\1', rest)
        if tag in ber.NUMBERS:
            rest = re.sub(rb'^\D*\((-?\d+)\).*$', rb'\1', rest)
            rest = re.match(rb'-?\d+', rest)[0]
        return tag, content_of(tag, rest)
    if text == b'NULL':
        return ber.NULL, b''
    return (ber.INTEGER, content_of(ber.INTEGER, text)) if re.fullmatch(rb'-?\d+', text) else None


def printed(data):
    """What snmpwalk prints, also over several lines."""
    lines = []
    for line in data.split(b'\n'):
        if PRINTED.match(line) or not lines:
            lines.append(line.rstrip(b'\r'))
        elif line.strip():
            lines[-1] += b'\n' + line.rstrip(b'\r')
    for line in lines:
        found = PRINTED.match(line)
        value = found and printed_value(found[2].strip())
        if value:
            yield ber.oid(found[1].decode()), *value


def parse(data):
    """{ids: (tag, content)} in the order of a walk; of what is there twice, the first."""
    lines = [record(line.rstrip(b'\r')) for line in data.split(b'\n')]
    found = [line for line in lines if line] or list(printed(data))
    values = {}
    for ids, tag, content in found:
        values.setdefault(ids, (tag, content))
    return dict(sorted(values.items()))


def load(path):
    with open(path, 'rb') as f:
        return parse(f.read())


def text_of(values):
    """As snmpsim's records, for files."""
    lines = []
    for ids, (tag, content) in sorted(values.items()):
        if tag in (ber.STRING, ber.OPAQUE, ber.ADDRESS):
            lines.append(f'{ber.dotted(ids)}|{tag}x|{content.hex()}')
        elif tag == ber.OID:
            lines.append(f'{ber.dotted(ids)}|{tag}|{ber.dotted(ber.oid_ids(content))}')
        else:
            lines.append(f'{ber.dotted(ids)}|{tag}|{ber.to_int(content) if content else ""}')
    return '\n'.join(lines) + '\n'
