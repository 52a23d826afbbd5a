# SPDX-License-Identifier: LGPL-2.1-or-later
"""A UPS at the other end of a serial line: mains, battery, and what its outlet gives. It knows two requests
of the Megatec protocol: Q1 asks for the state, S.nR... switches the outlet off after n tenths of a minute,
and on again when there are mains."""

import socket
import threading
import time

# A minute of the protocol, in seconds of the test.
MINUTE = 12.0
OFF_AT_LEAST = 2.0


class Ups:
    def __init__(self, on_outlet):
        """on_outlet is called with False or True, on our thread, when the outlet goes off or on."""
        self.on_outlet = on_outlet
        self.lock = threading.RLock()
        self.mains = True
        self.battery_low = False
        self.deaf_to_off = False      # takes S and does nothing
        self.heeds_mains = False      # forgets about S when there are mains
        self.off_commands = 0
        self.outlet = True
        self.off_at = None
        self.on_at = None
        self.line = None
        self.ended = threading.Event()
        self.clock = threading.Thread(target=self._run_clock, daemon=True)
        self.clock.start()

    def attach(self, line):
        """Plugs the line in: a socket, which becomes ours."""
        self.detach()
        with self.lock:
            self.line = line
        threading.Thread(target=self._run_line, args=(line,), daemon=True).start()

    def detach(self):
        with self.lock:
            line, self.line = self.line, None
        if line:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            line.close()

    def reset(self):
        """As it is when all is well. The outlet is not touched."""
        with self.lock:
            self.mains, self.battery_low = True, False
            self.deaf_to_off = self.heeds_mains = False
            self.off_commands = 0
            self.off_at = self.on_at = None
            self.outlet = True

    def close(self):
        self.ended.set()
        self.clock.join()
        self.detach()

    def _run_line(self, line):
        rest = b""
        while True:
            try:
                data = line.recv(256)
            except OSError:
                return
            if not data:
                return
            *requests, rest = (rest + data).split(b"\r")
            for request in requests:
                answer = self._answer(request.decode("latin-1").strip())
                if answer:
                    try:
                        line.sendall(answer.encode("latin-1"))
                    except OSError:
                        return

    def _answer(self, request):
        with self.lock:
            if request == "Q1":
                bits = f"{not self.mains:d}{self.battery_low:d}0010{self.off_at is not None:d}0"
                return f"({230.0 if self.mains else 0.0:05.1f} 230.0 230.0 012 50.0 13.5 25.0 {bits}\r"
            if request.startswith("S") and "R" in request:
                self.off_commands += 1
                if not self.deaf_to_off:
                    self.off_at = time.monotonic() + float("0" + request[1:request.index("R")]) * MINUTE
            return None

    def _run_clock(self):
        while not self.ended.wait(0.02):
            with self.lock:
                self._tick(time.monotonic())

    def _tick(self, now):
        if self.off_at is not None and self.mains and self.heeds_mains:
            self.off_at = None
        if self.off_at is not None and now >= self.off_at:
            self.off_at = None
            self.outlet = False
            self.on_at = now + OFF_AT_LEAST
            self.on_outlet(False)
        if not self.outlet and self.mains and now >= self.on_at:
            self.outlet = True
            self.on_outlet(True)
