#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Asks the network for a name by multicast DNS and prints what is said about it, as JSON: a list of
[name, type, value]. Usage: mdns.py ADDRESS NAME SECONDS"""

import json
import socket
import struct
import sys
import time

GROUP, PORT = "224.0.0.251", 5353
TYPES = {1: "A", 12: "PTR", 16: "TXT", 28: "AAAA", 33: "SRV"}


def encode_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def decode_name(packet, at):
    """Returns the name and where it ends."""
    labels, end = [], None
    while packet[at]:
        if packet[at] >= 0xc0:
            end = end or at + 2
            at = struct.unpack_from("!H", packet, at)[0] & 0x3fff
            continue
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels), end or at + 1


def decode_value(packet, kind, at, size):
    if kind == 12:
        return decode_name(packet, at)[0]
    if kind == 33:
        return [struct.unpack_from("!H", packet, at + 4)[0], decode_name(packet, at + 6)[0]]
    if kind == 16:
        strings, end = [], at + size
        while at < end:
            strings.append(packet[at + 1:at + 1 + packet[at]].decode())
            at += 1 + packet[at]
        return sorted(strings)
    return packet[at:at + size].hex()


def records(packet):
    """Those of an answer that is not about to be taken back."""
    _, flags, n_questions, *counts = struct.unpack_from("!6H", packet)
    at = 12
    if not flags & 0x8000:
        return
    for _ in range(n_questions):
        at = decode_name(packet, at)[1] + 4
    for _ in range(sum(counts)):
        name, at = decode_name(packet, at)
        kind, _, ttl, size = struct.unpack_from("!HHIH", packet, at)
        at += 10
        if ttl > 0 and kind in TYPES:
            yield [name, TYPES[kind], decode_value(packet, kind, at, size)]
        at += size


def main(address, name, seconds):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", PORT))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 socket.inet_aton(GROUP) + socket.inet_aton(address))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    found, asked = [], set()
    deadline = time.monotonic() + float(seconds)
    todo = [(name, 12)]
    while (left := deadline - time.monotonic()) > 0:
        for question in todo:
            s.sendto(struct.pack("!6H", 0, 0, 1, 0, 0, 0) + encode_name(question[0])
                     + struct.pack("!HH", question[1], 1), (GROUP, PORT))
            asked.add(question)
        s.settimeout(min(left, 0.5))
        todo = []
        try:
            found += [r for r in records(s.recv(9000)) if r not in found]
        except TimeoutError:
            pass
        for _, kind, value in found:
            if kind == "PTR":
                todo += [(value, number) for number in (16, 33) if (value, number) not in asked]
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
