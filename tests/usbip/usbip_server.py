#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A USB/IP server whose devices are simulated UPSes.

Two more kinds of client than those of USB/IP may connect to its port. One that begins with the line "cable"
is told "plug 1-1" or "unplug 1-1" from then on: usb-cable in a guest does what a cable does. One that begins
with "control" sends lines of commands and gets an answer for each."""

import argparse
import contextlib
import socket
import struct
import sys
import threading
import time

from usbdevice import EPIPE, NoAnswer, Stall

VERSION = 0x0111
OP_REQ_DEVLIST, OP_REP_DEVLIST = 0x8005, 0x0005
OP_REQ_IMPORT, OP_REP_IMPORT = 0x8003, 0x0003
CMD_SUBMIT, CMD_UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
ECONNRESET = 104
DATA_MAX = 1 << 16

HELP = """Commands, each for the device 1-1 unless another one comes first ("1-2 mains off"):
  list                  devices, and which are in use
  unplug, plug          the cable
  swap 1-1 1-2          puts each into the place of the other, both unplugged
  hang [off]            answers nothing
  garbage [off]         reports of the right length with other bytes
  short [off]           reports without their last byte
  delay SECONDS         before each answer
  drop [N]              the connection ends in the middle of the Nth answer from now
  recover               ends all of hang, garbage, short, delay
  send HEX...           a report on the interrupt endpoint
  report ID HEX...      from now on the Feature report has these bytes after its id, and is sent as Input
  writes                reports that the host has written
  requests              number of control requests so far
  next                  (of a folder) the next line of sequence.hex
  mains on|off, charge N, drain N, load N, low on|off, replace on|off, overload on|off, state
                        (of a scripted one) drain: percent of the charge per second on battery"""


def receive(line, size):
    data = b""
    while len(data) < size:
        more = line.recv(size - len(data))
        if not more:
            raise ConnectionError("the peer is gone")
        data += more
    return data


def shut(line):
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


class Port:
    """A place in the hub, with the device in it."""

    def __init__(self, number, device):
        self.number = number
        self.bus_id = f"1-{number}"
        self.device = device
        self.plugged = True
        self.user = None   # the connection of the host

    def record(self):
        device = self.device
        return struct.pack(">256s32sIIIHHHBBBBBB", f"/sys/devices/simulated/{self.bus_id}".encode(),
                           self.bus_id.encode(), 1, self.number, device.speed, device.vendor_id,
                           device.product_id, device.release, 0, 0, 0, 1, 1, 1)


class Import:
    """The connection of a host that has taken a device."""

    def __init__(self, line, port):
        self.line = line
        self.port = port
        self.device = port.device
        self.lock = threading.RLock()
        self.waiting = {}    # seqnum of interrupt requests that wait for a report: how much they take
        self.silent = set()  # seqnum of other requests that have no answer yet
        self.device.connected()
        self.device.on_report = self.feed

    def run(self):
        try:
            while True:
                self._one(receive(self.line, 48))
        except OSError:
            pass
        finally:
            self.device.on_report = None

    def _one(self, header):
        command, seqnum, _, direction, endpoint = struct.unpack(">5I", header[:20])
        if command == CMD_UNLINK:
            self._unlink(seqnum, struct.unpack(">I", header[20:24])[0])
            return
        if command != CMD_SUBMIT:
            raise ConnectionError(f"command {command}")
        length = struct.unpack(">i", header[24:28])[0]
        if not 0 <= length <= DATA_MAX:
            raise ConnectionError(f"length {length}")
        data = receive(self.line, length) if direction == 0 else b""
        if endpoint == 0:
            self._control(seqnum, header[40:48], data, direction)
        elif direction == 1:
            with self.lock:
                self.waiting[seqnum] = length
            self.device.input_wanted()
            self.feed()
        else:
            self._output(seqnum, endpoint, data)

    def _output(self, seqnum, endpoint, data):
        with self.lock:
            self.silent.add(seqnum)
        try:
            self.device.output(endpoint, data)
            self._done(seqnum, 0, b"", len(data))
        except NoAnswer:
            pass
        except Stall:
            self._done(seqnum, -EPIPE, b"", 0)

    def _control(self, seqnum, setup, data, direction):
        with self.lock:
            self.silent.add(seqnum)
        try:
            answer, status = self.device.answer(setup, data), 0
        except Stall:
            answer, status = b"", -EPIPE
        except NoAnswer:
            return
        length = len(answer) if direction == 1 else len(data)
        if self.device.faults.delay > 0:
            timer = threading.Timer(self.device.faults.delay, self._done,
                                    (seqnum, status, answer, length))
            timer.daemon = True
            timer.start()
        else:
            self._done(seqnum, status, answer, length)

    def _done(self, seqnum, status, answer, length):
        with self.lock:
            if seqnum in self.silent:
                self.silent.discard(seqnum)
                self._reply(seqnum, status, answer, length if status == 0 else 0)

    def _unlink(self, seqnum, which):
        with self.lock:
            found = self.waiting.pop(which, None) is not None or which in self.silent
            self.silent.discard(which)
            status = -ECONNRESET if found else 0
            self._send(struct.pack(">5Ii24x", RET_UNLINK, seqnum, 0, 0, 0, status))

    def _reply(self, seqnum, status, data=b"", length=0):
        self._send(struct.pack(">5Iii3i8x", RET_SUBMIT, seqnum, 0, 0, 0, status, length or len(data),
                               0, 0, 0) + data)

    def _send(self, packet):
        faults = self.device.faults
        if faults.drop_after is not None:
            faults.drop_after -= 1
            if faults.drop_after <= 0:
                faults.drop_after = None
                self.port.plugged = False
                packet = packet[:len(packet) // 2]
                with contextlib.suppress(OSError):
                    self.line.sendall(packet)
                shut(self.line)
                return
        with contextlib.suppress(OSError):
            self.line.sendall(packet)

    def feed(self):
        """Hands reports over to the requests that wait for them."""
        with self.lock:
            while self.waiting:
                report = self.device.take_report()
                if report is None:
                    return
                seqnum = next(iter(self.waiting))
                size = self.waiting.pop(seqnum)
                self._reply(seqnum, 0, report[:size])

    def close(self):
        shut(self.line)


class Server:
    """The hub: devices by place, plugged in or not. It serves from the moment it is made until close()."""

    def __init__(self, devices, port=0, host="127.0.0.1", plugged=True):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.ports = [Port(number, device) for number, device in enumerate(devices, 1)]
        for place in self.ports:
            place.plugged = plugged
        self.lines = set()
        self.closed = False
        self.listener = socket.create_server((host, port))
        self.number = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with self.changed:
            self.closed = True
            lines = list(self.lines)
            self.changed.notify_all()
        shut(self.listener)
        for line in lines:
            shut(line)
        for port in self.ports:
            port.device.close()

    # What a person does

    def port(self, bus_id="1-1"):
        for port in self.ports:
            if port.bus_id == bus_id:
                return port
        raise KeyError(f"no such place: {bus_id}")

    def unplug(self, bus_id="1-1", timeout=10):
        """Returns when nothing of the connection is left."""
        with self.changed:
            port = self.port(bus_id)
            port.plugged = False
            if port.user:
                port.user.close()
            self.changed.notify_all()
            if not self.changed.wait_for(lambda: port.user is None, timeout):
                raise TimeoutError(f"{bus_id} is still in use")

    def plug(self, bus_id="1-1", device=None):
        """Plugs it in, or another one in its place."""
        with self.changed:
            port = self.port(bus_id)
            if device:
                port.device.close()
                port.device = device
            port.plugged = True
            self.changed.notify_all()

    def swap(self, one, other):
        self.unplug(one)
        self.unplug(other)
        with self.lock:
            a, b = self.port(one), self.port(other)
            a.device, b.device = b.device, a.device

    def in_use(self, bus_id="1-1"):
        with self.lock:
            return self.port(bus_id).user is not None

    def wait_in_use(self, bus_id="1-1", timeout=60):
        with self.changed:
            if not self.changed.wait_for(lambda: self.port(bus_id).user is not None, timeout):
                raise TimeoutError(f"nobody takes {bus_id}")

    # Connections

    def _accept(self):
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                if self.closed:
                    line.close()
                    return
                self.lines.add(line)
            threading.Thread(target=self._run_line, args=(line,), daemon=True).start()

    def _run_line(self, line):
        try:
            self._serve(line)
        except (OSError, ValueError, struct.error):
            pass
        finally:
            with self.lock:
                self.lines.discard(line)
            shut(line)

    def _serve(self, line):
        first = receive(line, 8)
        if first.startswith(b"cable"):
            self._serve_cable(line)
        elif first.startswith(b"control"):
            self._serve_control(line)
        else:
            self._serve_usbip(line, *struct.unpack(">HHI", first))

    def _serve_usbip(self, line, version, code, _):
        if code == OP_REQ_DEVLIST:
            with self.lock:
                ports = [port for port in self.ports if port.plugged and not port.user]
                line.sendall(struct.pack(">HHII", VERSION, OP_REP_DEVLIST, 0, len(ports)) +
                             b"".join(port.record() + bytes((3, 0, 0, 0)) for port in ports))
            return
        if code != OP_REQ_IMPORT or version != VERSION:
            return
        bus_id = receive(line, 32).rstrip(b"\0").decode("ascii", "replace")
        with self.changed:
            free = [port for port in self.ports if port.bus_id == bus_id and port.plugged and not port.user]
            if not free:
                line.sendall(struct.pack(">HHI", VERSION, OP_REP_IMPORT, 1))
                return
            port = free[0]
            port.user = user = Import(line, port)
            line.sendall(struct.pack(">HHI", VERSION, OP_REP_IMPORT, 0) + port.record())
            self.changed.notify_all()
        try:
            user.run()
        finally:
            with self.changed:
                port.user = None
                self.changed.notify_all()

    def _serve_cable(self, line):
        """Says again and again which devices are plugged in and not taken, as long as they are not."""
        while True:
            with self.changed:
                if self.closed:
                    return
                free = [port.bus_id for port in self.ports if port.plugged and not port.user]
                if not free:
                    # Now and then, to notice that the peer is gone.
                    self.changed.wait(1.0)
            line.sendall("".join(f"plug {bus_id}\n" for bus_id in free).encode() or b"\n")
            if free:
                time.sleep(0.2)

    def _serve_control(self, line):
        with line.makefile("rw", encoding="utf-8", errors="replace", newline="\n") as stream:
            for text in stream:
                if text.strip():
                    stream.write(self.command(text) + "\n")
                    stream.flush()

    # The control channel

    def command(self, text):
        words = text.split()
        bus_id = words.pop(0) if words[0].startswith("1-") else "1-1"
        try:
            answer = self._command(bus_id, words) if words else None
        except (KeyError, ValueError, TimeoutError, Stall) as e:
            return f"error: {e or 'refused'}"
        return answer if answer is not None else "error: unknown command, see help"

    def _command(self, bus_id, words):
        match words:
            case ["help"]:
                return HELP
            case ["list"]:
                return "\n".join(f"{port.bus_id} {port.device.vendor_id:04x}:{port.device.product_id:04x} "
                                 f"{'in use' if port.user else 'free' if port.plugged else 'unplugged'}"
                                 for port in self.ports)
            case ["unplug"]:
                self.unplug(bus_id)
                return "ok"
            case ["plug"]:
                self.plug(bus_id)
                return "ok"
            case ["swap", one, other]:
                self.swap(one, other)
                return "ok"
        device = self.port(bus_id).device
        match words:
            case ["send", *data]:
                device.send(bytes.fromhex("".join(data)))
                return "ok"
            case ["writes"]:
                return "\n".join(f"{kind} {data.hex(' ')}" for kind, data in device.writes) or "none"
            case ["requests"]:
                return str(device.requests)
        return device.faults.command(words) or device.command(words)


def send(address, text):
    """Has a server that runs do one command."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host or "127.0.0.1", int(port)), 20) as line:
        line.sendall(b"control\n" + text.encode() + b"\n")
        line.shutdown(socket.SHUT_WR)
        while data := line.recv(4096):
            sys.stdout.write(data.decode())


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__, epilog=HELP,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("device", nargs="*", metavar="DEVICE",
                        help="a directory of recorded data, a recording; 'scripted', 'scripted:VVVV:PPPP', "
                        "'nonsense', each perhaps with ',serial=TEXT'; the first becomes 1-1")
    parser.add_argument("--port", type=int, default=3240, help="where to listen (default: 3240; 0: any)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: the loopback)")
    parser.add_argument("--send", metavar="COMMAND", help="have a server at --host and --port do that")
    return parser.parse_args(argv)


def main():
    from units import make   # it takes this module's devices apart from the wire
    options = parse(sys.argv[1:])
    if options.send:
        send(f"{options.host}:{options.port}", options.send)
        return
    devices = [make(text) for text in options.device or ["scripted"]]
    with Server(devices, options.port, options.host) as server:
        print(f"listening on {options.host}:{server.number}", flush=True)
        for port in server.ports:
            print(f"{port.bus_id} {port.device.vendor_id:04x}:{port.device.product_id:04x}", flush=True)
        for text in sys.stdin:
            if text.strip():
                print(server.command(text), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
