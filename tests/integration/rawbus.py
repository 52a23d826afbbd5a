# SPDX-License-Identifier: LGPL-2.1-or-later
"""A D-Bus connection that says what it is told, right or wrong: signatures, values and bytes."""

import os
import select
import socket
import struct
import subprocess
import sys
import time

__all__ = ["BusConnection", "Reply", "types_of"]

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE = range(1, 9)
FIXED = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "h": "I"}
MESSAGE_MAX = 128 << 20


def type_end(signature, at):
    """Behind the complete type that begins there."""
    if signature[at] == "a":
        return type_end(signature, at + 1)
    if signature[at] in "({":
        depth = 0
        while True:
            depth += (signature[at] in "({") - (signature[at] in ")}")
            at += 1
            if depth == 0:
                return at
    return at + 1


def types_of(signature):
    """The complete types that a signature is made of."""
    types, at = [], 0
    while at < len(signature):
        end = type_end(signature, at)
        types.append(signature[at:end])
        at = end
    return types


def alignment(kind):
    if kind[0] in FIXED:
        return struct.calcsize(FIXED[kind[0]])
    return 8 if kind[0] in "({" else 1 if kind[0] in "gv" else 4


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


class Writer:
    def __init__(self):
        self.data = bytearray()

    def align(self, n):
        self.data += bytes(-len(self.data) % n)

    def fixed(self, kind, value):
        self.align(struct.calcsize(FIXED[kind]))
        self.data += struct.pack("<" + FIXED[kind], value)

    def put(self, kind, value):
        """A variant is (signature, value), a structure or a dictionary's entry a sequence."""
        if kind in FIXED:
            self.fixed(kind, value)
        elif kind in "so":
            text = as_bytes(value)
            self.fixed("u", len(text))
            self.data += text + b"\0"
        elif kind == "g":
            text = as_bytes(value)
            self.data += bytes((len(text),)) + text + b"\0"
        elif kind == "v":
            self.put("g", value[0])
            self.put(value[0], value[1])
        elif kind[0] == "a":
            self.fixed("u", 0)
            at = len(self.data)
            self.align(alignment(kind[1:]))
            begin = len(self.data)
            for item in value.items() if isinstance(value, dict) else value:
                self.put(kind[1:], item)
            struct.pack_into("<I", self.data, at - 4, len(self.data) - begin)
        else:
            self.align(8)
            for part, item in zip(types_of(kind[1:-1]), value):
                self.put(part, item)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def align(self, n):
        self.at += -self.at % n

    def fixed(self, kind):
        self.align(struct.calcsize(FIXED[kind]))
        value = struct.unpack_from("<" + FIXED[kind], self.data, self.at)[0]
        self.at += struct.calcsize(FIXED[kind])
        return value

    def text(self, n):
        value = self.data[self.at:self.at + n].decode("utf-8", "surrogateescape")
        self.at += n + 1
        return value

    def get(self, kind):
        if kind in FIXED:
            return self.fixed(kind)
        if kind in "so":
            return self.text(self.fixed("u"))
        if kind == "g":
            return self.text(self.fixed("y"))
        if kind == "v":
            return self.get(self.get("g"))
        if kind[0] == "a":
            n = self.fixed("u")
            self.align(alignment(kind[1:]))
            end, items = self.at + n, []
            while self.at < end:
                items.append(self.get(kind[1:]))
            return items
        self.align(8)
        return tuple(self.get(part) for part in types_of(kind[1:-1]))


class Reply:
    """error is the name of one, or None; values are what came, for an error its message."""

    def __init__(self, error, values):
        self.error, self.values = error, values


def connect(path, user):
    """A connected socket; the bus takes it for one of that user, which may be None for ours."""
    if user is None:
        s = socket.socket(socket.AF_UNIX)
        s.connect(path)
        return s
    ours, theirs = socket.socketpair()
    program = ("import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); "
               "socket.send_fds(socket.socket(fileno=int(sys.argv[2])), [b'x'], [s.fileno()])")
    with ours, theirs:
        subprocess.run([sys.executable, "-c", program, path, str(theirs.fileno())], user=user, group=user,
                       extra_groups=[], pass_fds=[theirs.fileno()], check=True, timeout=30)
        return socket.socket(fileno=socket.recv_fds(ours, 1, 1)[1][0])


class BusConnection:
    def __init__(self, address, user=None):
        """address: unix:path=... user: number of the user whose connection it is, which takes root."""
        self.socket = connect(address.removeprefix("unix:path="), user)
        uid = os.geteuid() if user is None else user
        self.socket.sendall(b"\0AUTH EXTERNAL " + str(uid).encode().hex().encode() + b"\r\nBEGIN\r\n")
        self.serial = 0
        self.buffer = b""
        while b"\r\n" not in self.buffer:
            chunk = self.socket.recv(4096)
            if not chunk:
                raise ConnectionError("the bus hung up")
            self.buffer += chunk
        answer, self.buffer = self.buffer.split(b"\r\n", 1)
        assert answer.startswith(b"OK "), answer
        self.name = self.bus("Hello").values[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def bus(self, member, signature="", *values):
        name = "org.freedesktop.DBus"
        return self.call(name, "/org/freedesktop/DBus", name, member, signature, *values)

    def send(self, destination, path, interface, member, signature="", *values, body=None):
        """Returns the serial. body: bytes in place of the values, whatever the signature says."""
        w = Writer()
        for kind, value in zip(types_of(signature), values):
            w.put(kind, value)
        body = bytes(w.data) if body is None else body
        self.serial += 1
        fields = [(PATH, ("o", path)), (MEMBER, ("s", member)), (DESTINATION, ("s", destination))]
        fields += [(INTERFACE, ("s", interface))] if interface else []
        fields += [(SIGNATURE, ("g", signature))] if signature else []
        header = Writer()
        for kind, value in zip("yyyyuu", (ord("l"), CALL, 0, 1, len(body), self.serial)):
            header.put(kind, value)
        header.put("a(yv)", fields)
        header.align(8)
        self.socket.settimeout(60)
        self.socket.sendall(header.data + body)
        return self.serial

    def _message(self, timeout):
        """(type, fields, values) of the next message, or None in time."""
        deadline = time.monotonic() + timeout
        while True:
            if len(self.buffer) >= 16:
                n_body, _, n_fields = struct.unpack_from("<III", self.buffer, 4)
                begin = 16 + n_fields + -n_fields % 8
                assert n_body + begin < MESSAGE_MAX
                if len(self.buffer) >= begin + n_body:
                    data, self.buffer = self.buffer[:begin + n_body], self.buffer[begin + n_body:]
                    break
            wait = max(0.0, deadline - time.monotonic())
            if not select.select([self.socket], [], [], wait)[0]:
                return None
            chunk = self.socket.recv(1 << 20)
            if not chunk:
                raise ConnectionError("the bus hung up")
            self.buffer += chunk
        reader = Reader(data)
        reader.at = 12
        fields = dict(reader.get("a(yv)"))
        body = Reader(data[begin:])
        return data[1], fields, [body.get(t) for t in types_of(fields.get(SIGNATURE, ""))]

    def reply(self, serial, timeout=30.0):
        """The answer to a call; None when there is none in time."""
        deadline = time.monotonic() + timeout
        while message := self._message(max(0.0, deadline - time.monotonic())):
            kind, fields, values = message
            if kind in (RETURN, ERROR) and fields.get(REPLY_SERIAL) == serial:
                return Reply(fields[ERROR_NAME] if kind == ERROR else None, values)
        return None

    def call(self, *arguments, timeout=30.0, **options):
        return self.reply(self.send(*arguments, **options), timeout)
