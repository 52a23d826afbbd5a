# SPDX-License-Identifier: LGPL-2.1-or-later
"""As much of BER as SNMP versions 1 and 2c need (RFC 1157, RFC 3416)."""

INTEGER, STRING, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
ADDRESS, COUNTER, GAUGE, TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_OBJECT, NO_INSTANCE, END = 0x80, 0x81, 0x82
GET, GET_NEXT, RESPONSE, SET, TRAP1, GET_BULK, INFORM, TRAP = 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7

NUMBERS = (INTEGER, COUNTER, GAUGE, TICKS, COUNTER64)


def tlv(tag, content):
    n = len(content)
    if n < 0x80:
        return bytes((tag, n)) + content
    length = n.to_bytes((n.bit_length() + 7) // 8, 'big')
    return bytes((tag, 0x80 | len(length))) + length + content


def read(data, at=0):
    """Tag, content and what is behind it. ValueError when it is cut or of indefinite length."""
    if at + 2 > len(data):
        raise ValueError('cut')
    tag, n = data[at], data[at + 1]
    at += 2
    if n & 0x80:
        count = n & 0x7f
        if not 1 <= count <= 4 or at + count > len(data):
            raise ValueError('length')
        n = int.from_bytes(data[at:at + count], 'big')
        at += count
    if at + n > len(data):
        raise ValueError('cut')
    return tag, data[at:at + n], at + n


def integer_content(value):
    return value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, 'big', signed=True)


def oid_content(ids):
    out = bytearray()
    head = ids[0] * 40 + ids[1] if len(ids) > 1 else ids[0] * 40
    for number in (head, *ids[2:]):
        part = [number & 0x7f]
        while number > 0x7f:
            number >>= 7
            part.append(number & 0x7f | 0x80)
        out += bytes(reversed(part))
    return bytes(out)


def oid_ids(content):
    ids, number = [], 0
    for byte in content:
        number = number << 7 | byte & 0x7f
        if not byte & 0x80:
            ids.append(number)
            number = 0
    if not ids:
        return (0, 0)
    head = min(ids[0] // 40, 2)
    return (head, ids[0] - head * 40, *ids[1:])


def to_int(content):
    return int.from_bytes(content, 'big', signed=True)


def oid(text):
    """"1.3.6" as a tuple."""
    return tuple(int(part) for part in text.strip().strip('.').split('.'))


def dotted(ids):
    return '.'.join(map(str, ids))


class Message:
    """A message of version 1 (0) or 2c (1). For a bulk, status and index are non-repeaters and
    repetitions."""

    def __init__(self, version, community, kind, request_id, status, index, bindings):
        self.version, self.community, self.kind = version, community, kind
        self.request_id, self.status, self.index = request_id, status, index
        self.bindings = bindings    # (ids, tag, content)

    @classmethod
    def parse(cls, data):
        tag, body, _ = read(data)
        if tag != SEQUENCE:
            raise ValueError('no sequence')
        _, version, at = read(body)
        _, community, at = read(body, at)
        kind, pdu, _ = read(body, at)
        if to_int(version) not in (0, 1) or kind == TRAP1:
            raise ValueError('version or kind')
        numbers, at = [], 0
        for _ in range(3):
            _, content, at = read(pdu, at)
            numbers.append(to_int(content))
        _, listed, _ = read(pdu, at)
        bindings, at = [], 0
        while at < len(listed):
            _, binding, at = read(listed, at)
            _, name, behind = read(binding)
            value_tag, content, _ = read(binding, behind)
            bindings.append((oid_ids(name), value_tag, content))
        return cls(to_int(version), community, kind, *numbers, bindings)

    def encode(self):
        listed = b''.join(tlv(SEQUENCE, tlv(OID, oid_content(ids)) + tlv(tag, content))
                          for ids, tag, content in self.bindings)
        numbers = b''.join(tlv(INTEGER, integer_content(n))
                           for n in (self.request_id, self.status, self.index))
        return tlv(SEQUENCE, tlv(INTEGER, integer_content(self.version)) + tlv(STRING, self.community)
                   + tlv(self.kind, numbers + tlv(SEQUENCE, listed)))
