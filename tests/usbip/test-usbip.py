#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The simulated devices, asked as a host does, without a kernel."""

import contextlib
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from scripted import R_CHARGE, R_SHUTDOWN, R_STATUS, Scripted
from units import Folder, Nonsense, Recording
from usbip_server import Server, receive

FEATURE, INPUT = 3, 1
GET_REPORT, SET_REPORT, GET_DESCRIPTOR = (0xa1, 1), (0x21, 9), (0x80, 6)
EPIPE, ECONNRESET = -32, -104

DESCRIPTOR = bytes.fromhex("05 84 09 04 a1 01 85 05 75 08 95 02 15 00 26 ff 00 09 30 b1 02 09 30 81 02"
                           "85 06 95 01 09 fe b1 02 c0")
FIELDS = """kind report_id offset size path flags
Feature 0x05 0 16 UPS.Voltage 0x02
Input 0x05 0 16 UPS.Voltage 0x02
Feature 0x06 0 8 UPS.iProduct 0x02
Feature 0x07 0 8 UPS.ConfigVoltage 0x02
""".replace(" ", "\t")
RECORDING = """busbar-recording 1 hid
vendor-id 0463
product-id ffff
vendor "Some \\"one\\""
descriptor 05 84 09 04
descriptor a1 01 c0
string 3 "Li-ion"
get feature 05 -> 05 01
+0.5 get feature 05 -> 05 02
get feature 06 -> stall
+1.0 input 16 0c
"""


class Host:
    """Takes a device and talks to it."""

    def __init__(self, server, bus_id="1-1"):
        self.line = socket.create_connection(("127.0.0.1", server.number), 10)
        self.line.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, bus_id.encode()))
        self.status = struct.unpack(">HHI", receive(self.line, 8))[2]
        if self.status == 0:
            self.record = receive(self.line, 312)
        self.seqnum = 0

    def close(self):
        self.line.close()

    def submit(self, direction, endpoint, setup=b"\0" * 8, data=b"", length=0):
        self.seqnum += 1
        self.line.sendall(struct.pack(">5IIiiii", 1, self.seqnum, 1, direction, endpoint, 0,
                                      length or len(data), 0, 0, 0) + setup + data)
        return self.seqnum

    def answer(self):
        """Number, status and data of the next answer."""
        command, seqnum, *_, status, length = struct.unpack(">5Iii20x", receive(self.line, 48))
        if command == 4:
            return seqnum, status, None
        data = receive(self.line, length) if length and seqnum not in self.outs else b""
        return seqnum, status, data

    outs = ()

    def control(self, request, value, data=None, index=0, size=255):
        setup = struct.pack("<BBHHH", *request, value, index, size if data is None else len(data))
        if data is None:
            self.submit(1, 0, setup, length=size)
        else:
            self.outs = (self.submit(0, 0, setup, data),)
        _, status, answer = self.answer()
        return status if status < 0 else answer

    def get(self, number, kind=FEATURE):
        return self.control(GET_REPORT, kind << 8 | number)

    def set(self, data, kind=FEATURE):
        return self.control(SET_REPORT, kind << 8 | data[0], data)


class TestUsbip(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def serve(self, *devices):
        return self.stack.enter_context(Server(devices))

    def host(self, *arguments):
        host = Host(*arguments)
        self.stack.callback(host.close)
        return host

    def folder(self):
        directory = Path(self.stack.enter_context(tempfile.TemporaryDirectory()), "0463-ffff-test")
        directory.mkdir()
        (directory / "report_descriptor.bin").write_bytes(DESCRIPTOR)
        (directory / "fields.tsv").write_text(FIELDS)
        (directory / "feature_reports.hex").write_text("# of the device\n05 e6 00\n06 09\n07 01\n")
        (directory / "missing_feature_ids.txt").write_text("07\n")
        (directory / "sequence.hex").write_text("# later\n05 e7 00\n")
        return Folder(directory)

    def test_descriptors(self):
        host = self.host(self.serve(self.folder()))
        device = host.control(GET_DESCRIPTOR, 0x0100)
        self.assertEqual(struct.unpack("<HHH", device[8:14]), (0x0463, 0xffff, 0x0100))
        config = host.control(GET_DESCRIPTOR, 0x0200)
        self.assertEqual(struct.unpack("<H", config[2:4])[0], len(config))
        self.assertEqual(config[-7:-3], bytes((7, 5, 0x81, 3)))
        self.assertEqual(host.control((0x81, 6), 0x2200), DESCRIPTOR)
        self.assertEqual(host.control(GET_DESCRIPTOR, 0x0200, size=9), config[:9])
        product = device[15]
        self.assertEqual(product, 9)
        text = host.control(GET_DESCRIPTOR, 0x0300 | product)
        self.assertEqual(text[2:].decode("utf-16-le"), "0463-ffff-test")
        self.assertEqual(host.control(GET_DESCRIPTOR, 0x0342), EPIPE)

    def test_folder(self):
        device = self.folder()
        host = self.host(self.serve(device))
        self.assertEqual(host.get(5), bytes.fromhex("05e600"))
        self.assertEqual(host.get(5, INPUT), bytes.fromhex("05e600"))
        self.assertEqual(host.get(7), EPIPE)
        self.assertEqual(host.get(8), EPIPE)
        self.assertEqual(host.set(bytes.fromhex("055500")), b"")
        self.assertEqual(host.get(5), bytes.fromhex("055500"))
        self.assertEqual(host.set(bytes.fromhex("ff00")), EPIPE)
        self.assertEqual(device.writes, [(FEATURE, bytes.fromhex("055500"))])

    def test_interrupt(self):
        server = self.serve(self.folder())
        host = self.host(server)
        first = host.submit(1, 1, length=3)
        self.assertEqual(server.command("next"), "05 e7 00")
        self.assertEqual(host.answer(), (first, 0, bytes.fromhex("05e700")))
        second = host.submit(1, 1, length=3)
        host.line.sendall(struct.pack(">6I24x", 2, second + 1, 1, 0, 1, second))
        self.assertEqual(host.answer(), (second + 1, ECONNRESET, None))

    def test_hang_and_unlink(self):
        device = self.folder()
        host = self.host(self.serve(device))
        device.faults.hang = True
        silent = host.submit(1, 0, struct.pack("<BBHHH", *GET_REPORT, 0x0305, 0, 3), length=3)
        host.line.sendall(struct.pack(">6I24x", 2, silent + 1, 1, 0, 0, silent))
        self.assertEqual(host.answer(), (silent + 1, ECONNRESET, None))
        device.faults.clear()
        host.seqnum += 1
        self.assertEqual(host.get(5), bytes.fromhex("05e600"))

    def test_faults(self):
        server = self.serve(self.folder())
        host = self.host(server)
        server.command("garbage")
        garbage = host.get(5)
        self.assertEqual((len(garbage), garbage[0]), (3, 5))
        self.assertNotEqual(garbage, bytes.fromhex("05e600"))
        server.command("garbage off")
        server.command("short")
        self.assertEqual(host.get(5), bytes.fromhex("05e6"))
        server.command("recover")
        self.assertEqual(host.get(5), bytes.fromhex("05e600"))
        server.command("delay 0.2")
        began = time.monotonic()
        host.get(5)
        self.assertGreaterEqual(time.monotonic() - began, 0.2)
        server.command("recover")
        server.command("drop 1")
        self.assertRaises(OSError, host.get, 5)

    def test_plugging(self):
        one, other = self.folder(), Nonsense()
        server = self.serve(one, other)
        host = self.host(server, "1-1")
        self.assertEqual(host.status, 0)
        self.assertEqual(self.host(server, "1-1").status, 1)
        self.assertEqual(self.host(server, "1-3").status, 1)
        self.assertEqual(server.command("list"), "1-1 0463:ffff in use\n1-2 051d:0002 free")
        server.unplug("1-1")
        self.assertRaises(OSError, host.get, 5)
        self.assertEqual(self.host(server, "1-1").status, 1)
        server.plug("1-1")
        self.assertEqual(self.host(server, "1-1").get(5), bytes.fromhex("05e600"))
        self.assertEqual(server.command("swap 1-1 1-2"), "ok")
        server.plug("1-1")
        self.assertEqual(self.host(server, "1-1").record[300:304].hex(), "051d0002")
        self.assertTrue(server.command("1-9 hang").startswith("error"))
        self.assertTrue(server.command("nothing").startswith("error"))

    def test_cable(self):
        server = self.serve(self.folder())
        line = socket.create_connection(("127.0.0.1", server.number), 10)
        self.stack.callback(line.close)
        line.sendall(b"cable 1\n")
        self.assertEqual(receive(line, 9), b"plug 1-1\n")
        host = self.host(server)
        self.assertEqual(host.status, 0)

    def test_recording(self):
        path = Path(self.stack.enter_context(tempfile.TemporaryDirectory()), "some.recording")
        path.write_text(RECORDING)
        server = self.serve(Recording(path))
        host = self.host(server)
        self.assertEqual(host.control((0x81, 6), 0x2200), bytes.fromhex("05840904a101c0"))
        self.assertEqual([host.get(5) for _ in range(3)], [b"\5\1", b"\5\2", b"\5\2"])
        self.assertEqual(host.get(6), EPIPE)
        self.assertEqual(host.get(9), EPIPE)
        self.assertEqual(host.control(GET_DESCRIPTOR, 0x0304)[2:].decode("utf-16-le"), 'Some "one"')
        number = host.submit(1, 1, length=8)
        server.command("next")
        self.assertEqual(host.answer(), (number, 0, bytes.fromhex("160c")))

    def wait(self, what, condition):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.01)

    def test_scripted(self):
        outlet = []
        ups = Scripted(on_outlet=outlet.append)
        server = self.serve(ups)
        host = self.host(server)
        self.assertEqual(host.get(R_STATUS), bytes((R_STATUS, 0x81)))
        number = host.submit(1, 1, length=8)
        server.command("mains off")
        self.assertEqual(host.answer(), (number, 0, bytes((R_STATUS, 0x84))))
        server.command("drain 1000")
        self.wait("it is empty, and off", lambda: outlet == [False])
        server.command("mains on")
        self.wait("charging", lambda: host.get(R_CHARGE)[1] > 0)
        ups.reset()
        outlet.clear()
        host.set(struct.pack("<Bh", R_SHUTDOWN, 600))
        self.assertIn(struct.unpack("<h", host.get(R_SHUTDOWN)[1:])[0], range(590, 601))
        host.set(struct.pack("<Bh", R_SHUTDOWN, -1))
        self.assertEqual(host.get(R_SHUTDOWN), struct.pack("<Bh", R_SHUTDOWN, -1))
        host.set(struct.pack("<Bh", R_SHUTDOWN, 0))
        self.wait("off", lambda: outlet == [False])
        self.assertEqual(ups.cuts, 1)
        host.set(struct.pack("<Bh", 5, 0))
        self.wait("on again", lambda: outlet == [False, True])

    def test_program(self):
        program = Path(__file__).with_name("usbip_server.py")
        with subprocess.Popen([program, "--port=0", "scripted:051d:0002,serial=X1", "nonsense"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            try:
                address = server.stdout.readline().split()[-1]
                self.assertEqual(server.stdout.readline(), "1-1 051d:0002\n")
                port = address.rpartition(":")[2]
                said = subprocess.run([program, f"--port={port}", "--send", "mains off"], check=True,
                                      capture_output=True, text=True, timeout=20).stdout
                self.assertEqual(said, "ok\n")
                server.stdout.readline()
                server.stdin.write("state\n")
                server.stdin.flush()
                self.assertIn("discharging", server.stdout.readline())
            finally:
                server.kill()


if __name__ == "__main__":
    sys.exit(unittest.main())
