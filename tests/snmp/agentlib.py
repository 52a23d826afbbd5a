# SPDX-License-Identifier: LGPL-2.1-or-later
"""Agents that play walks from memory, over UDP for versions 1 and 2c, and go wrong as they are told.

    with Server() as server:
        agent = Agent(walk.load(path))
        port = server.add(agent)
        agent.fault = 'dead'
"""

import bisect
import heapq
import random
import selectors
import socket
import threading
import time

import ber
import walk
from ber import Message

NO_ERROR, TOO_BIG, NO_SUCH_NAME, BAD_VALUE, READ_ONLY, GENERAL = range(6)
NO_ACCESS, WRONG_TYPE, WRONG_LENGTH, WRONG_ENCODING, WRONG_VALUE = range(6, 11)
RESOURCE_UNAVAILABLE, COMMIT_FAILED, NOT_WRITABLE = 13, 14, 17

UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)

# Those of whole answers.
FAULTS = ('dead', 'slow', 'late', 'twice', 'garbage', 'cut', 'noise', 'wrong-id', 'wrong-community',
          'wrong-version', 'wrong-kind', 'wrong-order', 'other-objects', 'too-few', 'too-many', 'too-big',
          'general', 'bad-index', 'odd-status', 'nothing')
# Those of values.
VALUE_FAULTS = ('text-for-numbers', 'numbers-for-text', 'empty', 'null', 'no-object', 'long-number',
                'no-content')


class Agent:
    """What one agent has, and how it answers.

    writable: a set of ids that may be set, or "all"; refusals: {ids: error-status}. on_set(agent, ids, tag,
    content) is called for what was set, and may change other values. max_objects: tooBig above; max_size:
    of an answer. Faults: fault is one of FAULTS or VALUE_FAULTS, for the next fault_times answers (None:
    all); loss is how much of the requests it does not get; general: ids that it cannot read; loop: GETNEXT
    from this one on comes back to where it began; is_unsorted: the order of a walk is not kept. All may be
    changed while it serves."""

    def __init__(self, values, community=None, **how):
        self.community = community and community.encode()
        self.writable, self.refusals, self.on_set = set(), {}, None
        self.max_objects, self.max_size = 128, 1472
        self.fault, self.fault_times, self.delay, self.loss = None, None, 0.3, 0.0
        self.general, self.loop, self.only_v1, self.is_unsorted = set(), None, False, False
        self.random = random.Random(1)
        self.requests, self.objects, self.faulty, self.sets = 0, 0, 0, []
        self.peers = set()     # addresses that have asked
        self.started, self.uptime = time.monotonic(), None
        self.replace(values)
        for name, value in how.items():
            if not hasattr(self, name):
                raise AttributeError(name)
            setattr(self, name, value)

    @classmethod
    def load(cls, path, **how):
        return cls(walk.load(path), **how)

    def replace(self, values):
        self.values = dict(values)
        self.order = sorted(self.values)

    def __getitem__(self, name):
        """The number or bytes behind "1.3.6"."""
        tag, content = self.values[ber.oid(name)]
        return ber.to_int(content) if tag in ber.NUMBERS else content

    def __setitem__(self, name, value):
        """As the type that is there, or that the value is of: int, bytes, str; None takes it away."""
        ids = ber.oid(name)
        if value is None:
            self.values.pop(ids, None)
        elif isinstance(value, tuple):
            self.values[ids] = value
        else:
            raw = value.encode() if isinstance(value, str) else value
            tag = ber.INTEGER if isinstance(raw, int) else ber.STRING
            if ids in self.values:
                tag = self.values[ids][0]
            text = str(raw).encode() if isinstance(raw, int) else raw
            self.values[ids] = tag, walk.content_of(tag, text)
        self.order = sorted(self.values)

    def reboot(self):
        self.started, self.uptime = time.monotonic(), 0

    def value(self, ids):
        if ids == UPTIME and self.uptime is not None:
            return ber.TICKS, ber.integer_content(int((time.monotonic() - self.started) * 100))
        return self.values[ids]

    def next(self, ids, is_v1):
        """The next that this version can show."""
        if self.loop and ids >= self.loop:
            ids = self.loop[:-1]
        at = bisect.bisect_right(self.order, ids)
        while is_v1 and at < len(self.order) and self.values[self.order[at]][0] == ber.COUNTER64:
            at += 1
        if at == len(self.order):
            return None
        if self.is_unsorted and at + 1 < len(self.order) and at % 7 == 3:
            at += self.random.choice((-1, 1))
        return self.order[at]

    def get(self, message):
        out = []
        for i, (ids, _, _) in enumerate(message.bindings, 1):
            if ids in self.general:
                return GENERAL, i, message.bindings
            there = ids in self.values
            if message.version == 0 and (not there or self.values[ids][0] == ber.COUNTER64):
                return NO_SUCH_NAME, i, message.bindings
            if there:
                out.append((ids, *self.value(ids)))
                continue
            at = bisect.bisect_right(self.order, ids[:-1])
            column = at < len(self.order) and self.order[at][:len(ids) - 1] == ids[:-1]
            out.append((ids, ber.NO_INSTANCE if column else ber.NO_OBJECT, b''))
        return NO_ERROR, 0, out

    def get_next(self, message):
        out = []
        for i, (ids, _, _) in enumerate(message.bindings, 1):
            found = self.next(ids, message.version == 0)
            if found is None and message.version == 0:
                return NO_SUCH_NAME, i, message.bindings
            if found in self.general:
                return GENERAL, i, message.bindings
            out.append((ids, ber.END, b'') if found is None else (found, *self.value(found)))
        return NO_ERROR, 0, out

    def get_bulk(self, message):
        """status and index are non-repeaters and repetitions; it ends where the answer is full."""
        single = max(message.status, 0)
        plain = Message(1, b'', ber.GET_NEXT, 0, 0, 0, message.bindings[:single])
        status, index, out = self.get_next(plain)
        if status:
            return status, index, message.bindings
        at = [ids for ids, _, _ in message.bindings[single:]]
        size = 60 + sum(self.size_of(binding) for binding in out)
        for _ in range(max(message.index, 0) if at else 0):
            plain.bindings = [(ids, 0, b'') for ids in at]
            status, index, row = self.get_next(plain)
            if status:
                return (status, single + index, message.bindings) if not out else (NO_ERROR, 0, out)
            for binding in row:
                size += self.size_of(binding)
                if size > self.max_size and out:
                    return NO_ERROR, 0, out
                out.append(binding)
            at = [ids for ids, _, _ in row]
            if all(tag == ber.END for _, tag, _ in row):
                break
        return NO_ERROR, 0, out

    @staticmethod
    def size_of(binding):
        return len(binding[0]) * 2 + len(binding[2]) + 10

    def refusal(self, ids, tag, is_v1):
        if ids in self.refusals:
            return self.refusals[ids]
        if self.writable != 'all' and ids not in self.writable:
            return NO_SUCH_NAME if is_v1 else NOT_WRITABLE
        if ids in self.values and self.values[ids][0] != tag:
            return BAD_VALUE if is_v1 else WRONG_TYPE
        return NO_ERROR

    def set(self, message):
        """All or nothing."""
        for i, (ids, tag, _) in enumerate(message.bindings, 1):
            status = self.refusal(ids, tag, message.version == 0)
            if status:
                return status, i, message.bindings
        for ids, tag, content in message.bindings:
            is_new = ids not in self.values
            self.values[ids] = tag, content
            if is_new:
                bisect.insort(self.order, ids)
            self.sets.append((ids, tag, content))
            if self.on_set:
                self.on_set(self, ids, tag, content)
        return NO_ERROR, 0, message.bindings

    def answer(self, data):
        """The datagrams of the answer: (seconds from now, bytes)."""
        try:
            message = Message.parse(data)
        except (ValueError, IndexError):
            return []
        self.requests += 1
        self.objects += len(message.bindings)
        if self.only_v1 and message.version != 0 or self.loss and self.random.random() < self.loss:
            return []
        method = {ber.GET: self.get, ber.GET_NEXT: self.get_next, ber.GET_BULK: self.get_bulk,
                  ber.SET: self.set}.get(message.kind)
        fault = self.next_fault()
        if not method or fault == 'dead' or message.version == 0 and message.kind == ber.GET_BULK:
            return []
        reply = Message(message.version, message.community, ber.RESPONSE, message.request_id, TOO_BIG, 0,
                        message.bindings)
        if len(message.bindings) <= self.max_objects and fault != 'too-big':
            reply.status, reply.index, reply.bindings = method(message)
        if fault in VALUE_FAULTS:
            reply.bindings = [self.spoiled_value(binding, fault) for binding in reply.bindings]
        elif fault:
            self.spoil(reply, fault)
        encoded = reply.encode()
        if len(encoded) > self.max_size:
            reply.status, reply.index = TOO_BIG, 0
            reply.bindings = message.bindings if message.version == 0 else []
            encoded = reply.encode()
        return self.spoiled_bytes(encoded, fault)

    def next_fault(self):
        fault = self.fault(self) if callable(self.fault) else self.fault
        if fault and self.fault_times is not None:
            if self.fault_times == 0:
                return None
            self.fault_times -= 1
        self.faulty += fault is not None
        return fault

    def spoil(self, reply, fault):
        if fault == 'wrong-id':
            reply.request_id ^= 0x55
        elif fault == 'wrong-community':
            reply.community = b'other'
        elif fault == 'wrong-version':
            reply.version ^= 1
        elif fault == 'wrong-kind':
            reply.kind = ber.GET
        elif fault == 'wrong-order':
            reply.bindings = reply.bindings[1:] + reply.bindings[:1]
        elif fault == 'other-objects':
            reply.bindings = [((*ids[:-1], ids[-1] + 1), tag, content)
                              for ids, tag, content in reply.bindings]
        elif fault == 'too-few':
            reply.bindings = reply.bindings[:-1]
        elif fault == 'too-many':
            reply.bindings = reply.bindings + reply.bindings[:1]
        elif fault == 'nothing':
            reply.bindings = []
        elif fault in ('general', 'bad-index', 'odd-status'):
            reply.status = 77 if fault == 'odd-status' else GENERAL
            reply.index = 99 if fault == 'bad-index' else 0

    def spoiled_value(self, binding, fault):
        ids, tag, content = binding
        if fault == 'text-for-numbers' and tag in ber.NUMBERS:
            tag, content = ber.STRING, b'n/a'
        elif fault == 'numbers-for-text' and tag == ber.STRING:
            tag, content = ber.INTEGER, b'\x2a'
        elif fault == 'empty' and tag == ber.STRING:
            content = b''
        elif fault == 'null':
            tag, content = ber.NULL, b''
        elif fault == 'no-object':
            tag, content = ber.NO_OBJECT, b''
        elif fault == 'long-number' and tag in ber.NUMBERS:
            content = b'\x7f' * 12
        elif fault == 'no-content':
            content = b''
        return ids, tag, content

    def spoiled_bytes(self, data, fault):
        pick = self.random.randrange
        if fault == 'slow':
            return [(self.delay, data)]
        if fault == 'late':
            return [(3.0, data)]
        if fault == 'twice':
            return [(0, data), (0, data)]
        if fault == 'garbage':
            return [(0, bytes(pick(256) for _ in range(pick(1, 200))))]
        if fault == 'cut':
            return [(0, data[:pick(1, len(data))])]
        if fault == 'noise':
            at = pick(len(data))
            return [(0, data[:at] + bytes([pick(256)]) + data[at + 1:])]
        return [(0, data)]


class Server:
    """Serves agents on ports of the loopback, in a thread. Those on one port are told apart by community."""

    def __init__(self, address='127.0.0.1'):
        self.address, self.selector, self.agents = address, selectors.DefaultSelector(), {}
        self.later, self.count, self.lock, self.ended = [], 0, threading.RLock(), False
        self.wake, self.waken = socket.socketpair()
        self.selector.register(self.waken, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.wake.send(b'x')
        self.thread.join()
        for sock in [*self.agents, self.wake, self.waken]:
            sock.close()
        self.selector.close()

    def add(self, *agents, port=0, address=None):
        """Returns the port."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.bind((address or self.address, port))
        sock.setblocking(False)
        with self.lock:
            self.agents[sock] = {agent.community: agent for agent in agents}
            self.selector.register(sock, selectors.EVENT_READ)
        self.wake.send(b'x')
        return sock.getsockname()[1]

    def remove(self, port):
        """Nobody listens there any more."""
        with self.lock:
            for sock in [s for s in self.agents if s.getsockname()[1] == port]:
                self.selector.unregister(sock)
                del self.agents[sock]
                sock.close()

    def run(self):
        while not self.ended:
            wait = max(self.later[0][0] - time.monotonic(), 0) if self.later else None
            for key, _ in self.selector.select(wait):
                if key.fileobj is self.waken:
                    self.waken.recv(100)
                else:
                    with self.lock:
                        self.serve(key.fileobj)
            now = time.monotonic()
            while self.later and self.later[0][0] <= now:
                _, _, sock, data, peer = heapq.heappop(self.later)
                self.send(sock, data, peer)

    def serve(self, sock):
        if sock not in self.agents:
            return
        for _ in range(100):
            try:
                data, peer = sock.recvfrom(65536)
            except OSError:
                return
            agents = self.agents[sock]
            agent = agents.get(None)
            if agent is None:
                try:
                    agent = agents.get(Message.parse(data).community)
                except (ValueError, IndexError):
                    return
            if agent:
                agent.peers.add(peer)
            for delay, answer in agent.answer(data) if agent else []:
                if delay:
                    self.count += 1
                    heapq.heappush(self.later, (time.monotonic() + delay, self.count, sock, answer, peer))
                else:
                    self.send(sock, answer, peer)

    @staticmethod
    def send(sock, data, peer):
        try:
            sock.sendto(data, peer)
        except OSError:
            pass    # it does not listen any more, or we do not
