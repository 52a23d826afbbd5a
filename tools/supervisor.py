# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small service manager: keeps processes running and treats them as systemd would.

Each service has a notification socket of its own (READY=1, STATUS=, X_...=) and a store for file descriptors
that outlives it (FDSTORE=1), so that what is started here meets what it meets in production: a service that
crashes gets its clients back from the store.
"""

import array
import collections
import fcntl
import heapq
import itertools
import os
import resource
import selectors
import signal
import socket
import threading
import time

from fdstore import FdStore

RESTART_DELAY_FIRST = 1.0
RESTART_DELAY_LAST = 10.0
RUN_COUNTS_AS_GOOD = 10.0  # after so many seconds of running, the delay starts from the first again
STOP_DEADLINE = 1.2  # between SIGTERM and SIGKILL
NOTIFY_FDS_MAX = 253  # SCM_MAX_FD of the kernel
LISTEN_FDS_START = 3


def raise_descriptor_limit():
    """Each client of the gateway costs us a descriptor too. Not without limit: some programs try to close
    as many as there may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Service:
    """A process that is wanted. Attributes are to be read by anybody and written by its Supervisor only."""

    def __init__(self, name, argv, environment, sockets=()):
        """sockets: [(name, fd)] that each run of it gets, as from socket units; they stay the caller's."""
        self.name = name
        self.argv = argv
        self.environment = environment
        self.sockets = list(sockets)
        self.pid = None
        self.ready = False
        self.status = ""
        self.notified = {}  # what it said about itself: the last value of each X_... assignment
        self.stored = FdStore()
        self.starts = 0
        self.exit_code = None  # of the last run that ended; negative for a signal
        self.restart_delay = RESTART_DELAY_FIRST
        self.wanted = True
        self.started_at = 0.0
        self.expected_death = None  # pid whose death was asked for, be it by SIGTERM or by a test's kill
        self.notify = None
        self.output = None
        self.output_rest = b""
        self.pidfd = None

    def __repr__(self):
        return f"<Service {self.name} pid={self.pid} ready={self.ready}>"


class Supervisor:
    """The event loop and its services. All methods but call() and defer() are for the loop's thread."""

    def __init__(self, directory, on_line, on_change):
        """directory: where the notification sockets go. on_line(service, text): a line that it wrote.
        on_change(service, what): "started", "ready", "ended" or "notified"."""
        self.directory = directory
        self.on_line = on_line
        self.on_change = on_change
        self.services = {}
        self.stopping = False
        self.finished = False
        self._selector = selectors.DefaultSelector()
        self._timers = []
        self._counter = itertools.count()
        self._calls = collections.deque()
        self._wake_r, self._wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._null = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        self._selector.register(self._wake_r, selectors.EVENT_READ, self._on_wake)

    # The loop

    def run(self):
        """Dispatches until stop() has done its work."""
        while not self.finished:
            timeout = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None
            for key, _ in self._selector.select(timeout):
                key.data()
            while self._timers and self._timers[0][0] <= time.monotonic():
                heapq.heappop(self._timers)[2]()
        self._close()

    def after(self, delay, function):
        heapq.heappush(self._timers, (time.monotonic() + delay, next(self._counter), function))

    def wake_fd(self):
        """For signal.set_wakeup_fd(): bytes that arrive here make the loop turn."""
        return self._wake_w

    def call(self, function):
        """Runs function on the loop's thread; returns what it returns. From any other thread."""
        done = threading.Event()
        result = []

        def run():
            try:
                result.append((function(), None))
            except Exception as e:
                result.append((None, e))
            done.set()

        self._calls.append(run)
        os.write(self._wake_w, b"\0")
        if not done.wait(30):
            raise TimeoutError("the supervisor does not answer")
        value, error = result[0]
        if error:
            raise error
        return value

    def defer(self, function):
        """Runs function on the next turn of the loop, if there is one; from signal handlers too."""
        if self.finished:
            return
        self._calls.append(function)
        try:
            os.write(self._wake_w, b"\0")
        except BlockingIOError:
            pass  # it is awake already

    def _on_wake(self):
        try:
            os.read(self._wake_r, 4096)
        except BlockingIOError:
            pass
        while self._calls:
            self._calls.popleft()()

    # Services

    def add(self, service):
        """Starts a service and keeps it running."""
        self.services[service.name] = service
        path = os.path.join(self.directory, f"notify-{service.name}")
        service.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        service.notify.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
        service.notify.bind(path)
        self._selector.register(service.notify, selectors.EVENT_READ, lambda: self._on_notify(service))
        self._selector.register(service.stored, selectors.EVENT_READ, service.stored.reap)
        self._start(service)

    def remove(self, service):
        """Ends a service for good; it leaves the list when it has ended."""
        service.wanted = False
        if service.pid is None:
            self._forget(service)
        else:
            self._terminate(service)

    def restart(self, service):
        """As systemctl restart: the store is kept, and there is no delay."""
        service.restart_delay = 0.0
        if service.pid is not None:
            self._terminate(service)

    def signal(self, service, number):
        if service.pid is not None:
            if number in (signal.SIGKILL, signal.SIGTERM):
                service.expected_death = service.pid
            os.kill(service.pid, number)

    def stop(self):
        """Ends all: the first service, on which the others lean, as the last one."""
        if self.stopping:
            return
        self.stopping = True
        for service in list(self.services.values()):
            service.wanted = False
            if service.pid is None:
                self._forget(service)
        self._stop_next()

    def _stop_next(self):
        remaining = list(self.services.values())
        if not remaining:
            self.finished = True
            return
        for service in remaining[1:] or remaining:
            if service.expected_death != service.pid:
                self._terminate(service)

    def _terminate(self, service):
        pid = service.pid
        service.expected_death = pid
        os.kill(pid, signal.SIGTERM)

        def insist():
            if service.pid == pid:
                self.on_line(service, "did not end in time, killing it")
                os.kill(pid, signal.SIGKILL)

        self.after(STOP_DEADLINE, insist)

    def _start(self, service):
        if not service.wanted or self.stopping or service.pid is not None:
            return
        out_r, out_w = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(out_r, False)
        environment = dict(service.environment)
        environment["NOTIFY_SOCKET"] = service.notify.getsockname()
        service.ready = False
        service.starts += 1
        try:
            service.pid = self._spawn(service, environment, out_w)
        finally:
            os.close(out_w)
        service.started_at = time.monotonic()
        service.output, service.output_rest = out_r, b""
        service.pidfd = os.pidfd_open(service.pid)
        self._selector.register(out_r, selectors.EVENT_READ, lambda: self._on_output(service))
        self._selector.register(service.pidfd, selectors.EVENT_READ, lambda: self._on_exit(service))
        self.on_change(service, "started")

    def _spawn(self, service, environment, out):
        """Sockets and what is stored become 3, 4, ... in the child. They are moved out of the way of these
        numbers first, as each dup2 would else close another one's source."""
        script = 'exec "$@"'
        passed = service.sockets + service.stored.items()
        top = LISTEN_FDS_START + len(passed) + 3
        sources = []
        try:
            for fd in [self._null, out] + [fd for _, fd in passed]:
                sources.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, top))
            actions = [(os.POSIX_SPAWN_DUP2, sources[0], 0), (os.POSIX_SPAWN_DUP2, sources[1], 1),
                       (os.POSIX_SPAWN_DUP2, sources[1], 2)]
            actions += [(os.POSIX_SPAWN_DUP2, fd, LISTEN_FDS_START + i) for i, fd in enumerate(sources[2:])]
            if passed:
                environment["LISTEN_FDS"] = str(len(passed))
                environment["LISTEN_FDNAMES"] = ":".join(name for name, _ in passed)
                script = "export LISTEN_PID=$$; " + script
            # A process group of its own, so that a Ctrl-C is the launcher's alone; gone when that is gone.
            argv = ["setpriv", "--pdeathsig", "KILL", "sh", "-c", script, "sh", *service.argv]
            return os.posix_spawnp(argv[0], argv, environment, file_actions=actions, setpgroup=0,
                                   setsigmask=[], setsigdef=[signal.SIGPIPE, signal.SIGINT, signal.SIGHUP])
        finally:
            for fd in sources:
                os.close(fd)

    def _on_output(self, service):
        """Passes on the lines that are there; at the end of the stream lets go of it. Returns whether there
        may be more at once."""
        try:
            data = os.read(service.output, 65536)
        except BlockingIOError:
            return False
        *lines, service.output_rest = (service.output_rest + data).split(b"\n")
        for line in lines:
            self.on_line(service, line.decode(errors="replace"))
        if not data:
            self._close_output(service)
        return bool(data)

    def _close_output(self, service):
        if service.output is None:
            return
        if service.output_rest:
            self.on_line(service, service.output_rest.decode(errors="replace"))
        self._selector.unregister(service.output)
        os.close(service.output)
        service.output = None

    def _on_exit(self, service):
        pid, status = os.waitpid(service.pid, os.WNOHANG)
        if pid == 0:
            return
        self._on_notify(service)
        while service.output is not None and self._on_output(service):
            pass  # what it said last may be why it ended
        self._close_output(service)  # also if a child of it lives on and holds the other end
        self._selector.unregister(service.pidfd)
        os.close(service.pidfd)
        service.pidfd = None
        service.exit_code = os.waitstatus_to_exitcode(status)
        service.ready = False
        service.pid = None
        expected = service.expected_death == pid
        service.expected_death = None
        if time.monotonic() - service.started_at >= RUN_COUNTS_AS_GOOD:
            service.restart_delay = RESTART_DELAY_FIRST
        self.on_change(service, "ended as asked" if expected else "ended")
        if not service.wanted:
            self._forget(service)
        else:
            self.after(service.restart_delay, lambda: self._start(service))
            service.restart_delay = min(max(service.restart_delay * 1.6, RESTART_DELAY_FIRST),
                                        RESTART_DELAY_LAST)
        if self.stopping:
            self._stop_next()

    def _forget(self, service):
        if service.notify is not None:
            path = service.notify.getsockname()
            self._selector.unregister(service.notify)
            service.notify.close()
            service.notify = None
            os.unlink(path)
            self._selector.unregister(service.stored)
            service.stored.close()
        if self.services.get(service.name) is service:
            del self.services[service.name]

    def _close(self):
        self._selector.close()
        os.close(self._wake_r)
        os.close(self._wake_w)
        os.close(self._null)

    # Notifications and the file descriptor store

    def _on_notify(self, service):
        while service.notify is not None:
            try:
                data, ancillary, _, _ = service.notify.recvmsg(65536, socket.CMSG_SPACE(NOTIFY_FDS_MAX * 4),
                                                               socket.MSG_CMSG_CLOEXEC)
            except BlockingIOError:
                return
            fds = array.array("i")
            for level, kind, payload in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    fds.frombytes(payload[: len(payload) - len(payload) % fds.itemsize])
            self._on_assignments(service, data.decode(errors="replace").splitlines(), list(fds))

    def _on_assignments(self, service, lines, fds):
        assignments = dict(line.split("=", 1) for line in lines if "=" in line)
        name = assignments.get("FDNAME", "stored")
        if assignments.get("FDSTOREREMOVE") == "1":
            service.stored.remove(name)
        if assignments.get("FDSTORE") == "1":
            for fd in fds:
                service.stored.add(name, fd, assignments.get("FDPOLL") != "0")
        else:
            for fd in fds:  # BARRIER=1 comes with one, and waits until it is closed
                os.close(fd)
        for key, value in assignments.items():
            if key.startswith("X_"):
                service.notified[key] = value
        if "STATUS" in assignments:
            service.status = assignments["STATUS"]
        if assignments.get("READY") == "1" and not service.ready:
            service.ready = True
            self.on_change(service, "ready")
        else:
            self.on_change(service, "notified")
