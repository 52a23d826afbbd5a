#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs Busbar on a private bus: the bus itself, the drivers that a NUT configuration names, and the gateway.

No system service is touched and no privilege needed. ./run is the way in for people, Testbed for tests.
"""

import signal

if __name__ == "__main__":
    # Python's own answer to an early Ctrl-C is a traceback. ./run blocks the signal until here.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import nutconf
from privatebus import BUS_CONFIG, HARMLESS
from supervisor import Service, Supervisor, raise_descriptor_limit

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEMO = os.path.join(ROOT, "tests", "demo")
NUT_PORT = 3493

# A driver that has not said READY=1 after so long is not waited for: its devices count as absent.
DRIVER_DEADLINE = 15.0
# What is not served so long after the drivers were ready counts as absent, whatever anybody says.
DEVICE_DEADLINE = 30.0

# What is no driver. All but the bus may be left out, and a device is served without the last two.
CONSUMERS = ("monitor", "notify")
CORE = ("bus", "gateway", *CONSUMERS)


class LauncherError(Exception):
    """Why nothing can be started, for people."""


def check_configuration(directory):
    """Raises LauncherError unless it is one whose devices can be read."""
    if not os.path.isdir(directory):
        raise LauncherError(f"{directory} is not a directory")
    main = os.path.join(directory, "ups.conf")
    if not os.path.exists(main) and not os.path.isdir(main + ".d"):
        raise LauncherError(f"{directory} has no ups.conf")
    try:
        nutconf.devices(directory)
    except OSError as e:
        raise LauncherError(f"cannot read {e.filename}: {e.strerror}") from e


def attributed(source, text):
    """A line with the name of who wrote it, which most lines of services begin with already."""
    named = text.startswith((f"{source}: ", f"busbar-{source}: "))
    return text if named else f"{source}: {text}"


def default_build():
    return os.environ.get("BUSBAR_BUILD") or os.path.join(ROOT, "build")


def nut_request(port, *requests, timeout=5.0):
    """Sends request lines to a NUT server on loopback and returns the answer lines up to OK Goodbye."""
    with socket.create_connection(("127.0.0.1", port), timeout) as s:
        s.sendall("".join(f"{r}\n" for r in (*requests, "LOGOUT")).encode())
        data = b""
        while not data.endswith(b"OK Goodbye\n"):
            chunk = s.recv(65536)
            if not chunk:
                break
            data += chunk
    return data.decode(errors="replace").splitlines()


class Launcher:
    """What runs for one configuration directory. Its methods belong to the supervisor's thread."""

    def __init__(self, build, config, ports, on_line=print, on_ready=lambda: None, consumers=CONSUMERS):
        """build: build directory. config: NUT configuration directory. ports: the first of them that is free
        is served on, 0 is any; without one, what upsd.conf says. on_line(source, text) gets what services
        write, and our messages. consumers: which of them there are to be."""
        raise_descriptor_limit()
        self.build = build
        self.config = os.path.abspath(config)
        self.ports = ports
        self.port = None
        self.on_line = on_line
        self.on_ready = on_ready
        self.with_consumers = consumers
        self.failure = None  # why all had to end
        self.is_ready = False
        self.directory = tempfile.mkdtemp(prefix="busbar-")
        os.chmod(self.directory, 0o755)
        self.state = os.path.join(self.directory, "state")
        os.mkdir(self.state, 0o755)
        for name in CONSUMERS:
            os.makedirs(os.path.join(self.directory, "run", name))
            os.makedirs(os.path.join(self.directory, "lib", name))
        self.bus_address = f"unix:path={self.directory}/bus"
        self.unavailable = set()  # drivers that are not installed, or do not start
        self.devices = {}
        self.supervisor = Supervisor(self.directory, self._on_output, self._on_change)
        self._listener = None
        self._drivers_ready_at = None

    @property
    def environment(self):
        return {"BUSBAR_PROFILES": os.path.join(ROOT, "profiles"), **os.environ,
                "DBUS_SYSTEM_BUS_ADDRESS": self.bus_address, "NUT_CONFPATH": self.config,
                "NUT_STATEPATH": self.state,
                # Of devices that a test plugs in; those of the machine are none of our business.
                "BUSBAR_ENROLLED_CONF": os.path.join(self.directory, "enrolled.conf")}

    def service(self, name):
        return self.supervisor.services.get(name)

    def run(self):
        """Starts all and returns when all has ended."""
        try:
            self._start()
            self.supervisor.run()
        finally:
            if self._listener:
                self._listener.close()
            shutil.rmtree(self.directory, ignore_errors=True)

    def stop(self, failure=None):
        self.failure = self.failure or failure
        self.supervisor.stop()

    def reload(self):
        """As systemctl reload of all: drivers that the configuration now names are started, others ended.
        Without a configuration that can be read all stays as it is."""
        if not self.service("gateway"):
            return  # nothing has read it yet
        try:
            check_configuration(self.config)
        except LauncherError as e:
            self.on_line("launcher", f"{e}; not reloaded, all goes on as before")
            return
        self._sync_drivers()
        for service in list(self.supervisor.services.values()):
            if service.name != "bus" and service.ready:
                self.supervisor.signal(service, signal.SIGHUP)

    def _start(self):
        self._gateway = self._program("src", "gateway", "busbar-gateway")
        programs = {n: os.path.join(self.build, "src", n, f"busbar-{n}") for n in self.with_consumers}
        self._consumers = {n: p for n, p in programs.items() if os.access(p, os.X_OK)}
        self._sockets = [("busbar-gateway.socket", self._listen())] if self.ports else []
        config = os.path.join(self.directory, "bus.conf")
        with open(config, "w", encoding="utf-8") as f:
            f.write(BUS_CONFIG.format(socket=f"{self.directory}/bus", user=os.geteuid()))
        self._add("bus", ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--nosyslog"])

    def _start_on_bus(self):
        self._add("gateway", [self._gateway], self._sockets)
        self.start_consumers()
        self._sync_drivers()
        self._look()

    def power_off(self):
        """Ends what a machine that is off forgets: whom it has told to shut down, and that it does."""
        for name in filter(self.service, ("monitor", "gateway")):
            self.supervisor.remove(self.service(name))

    def power_on(self):
        if not self.service("gateway"):
            self._add("gateway", [self._gateway], self._sockets)
        self.start_consumers()

    def start_consumers(self):
        for name in self._consumers.keys() - self.supervisor.services.keys():
            self._add(name, [self._consumers[name]])

    def _listen(self):
        """The gateway gets its socket passed, as from a socket unit: who connects meanwhile waits."""
        for port in self.ports:
            try:
                self._listener = socket.create_server(("127.0.0.1", port), backlog=4096)
                return self._listener.fileno()
            except OSError as e:
                reason = os.strerror(e.errno)
        raise LauncherError(f"cannot listen on port {port}: {reason}. With --port 0 it takes any free one")

    def _add(self, name, argv, sockets=()):
        # What a service manager above us has to say is not meant for these services.
        foreign = re.compile("NOTIFY_SOCKET|WATCHDOG_.*|LISTEN_.*")
        environment = {k: v for k, v in self.environment.items() if not foreign.fullmatch(k)}
        if name in CONSUMERS:
            environment["RUNTIME_DIRECTORY"] = os.path.join(self.directory, "run", name)
            environment["STATE_DIRECTORY"] = os.path.join(self.directory, "lib", name)
        self.supervisor.add(Service(name, argv, environment, sockets))

    def _program(self, *path):
        program = os.path.join(self.build, *path)
        if not os.access(program, os.X_OK):
            raise LauncherError(f"{program} is not there; build it first (./run does)")
        return program

    def _sync_drivers(self):
        """Makes the running drivers those that ups.conf names, and those of the devices of other hosts."""
        self.devices = nutconf.devices(self.config)
        wanted = {driver: (driver, "--all") for driver in self.devices.values()}
        if self._consumers:
            wanted |= {link: ("dummy-ups", "-a", link) for link in nutconf.links(self.config)}
        for service in list(self.supervisor.services.values()):
            if service.name not in CORE and service.name not in wanted:
                self.supervisor.remove(service)
        self.unavailable = set()
        for name, (driver, *arguments) in wanted.items():
            program = nutconf.driver_program(self.build, driver)
            if "/" in driver or not os.access(program, os.X_OK):
                names = ", ".join(d for d, v in self.devices.items() if v == driver)
                self.on_line("launcher", f"driver {driver} is not there; not served: {names}")
                self.unavailable.add(name)
            elif name not in self.supervisor.services:
                self._add(name, [program, *arguments])

    def _on_output(self, service, text):
        if not HARMLESS.fullmatch(text):
            self.on_line(service.name, text)

    def _on_change(self, service, what):
        if what == "ended":
            how = (f"exit status {service.exit_code}" if service.exit_code >= 0
                   else f"signal {signal.Signals(-service.exit_code).name}")
            self.on_line("launcher", f"{service.name} ended with {how}")
            if not self.is_ready:
                if service.name in CORE:
                    self.stop(f"{service.name} does not start: {how}")
                else:
                    self.unavailable.add(service.name)
        if service.name == "bus" and what == "ready" and not self.service("gateway"):
            self._start_on_bus()
        if service.name == "gateway" and "X_BUSBAR_PORT" in service.notified:
            self.port = int(service.notified["X_BUSBAR_PORT"])

    def _look(self):
        """Once all devices are served or known absent, says so; until then, looks again."""
        if self.is_ready or self.supervisor.stopping:
            return
        if self._all_settled():
            self.is_ready = True
            self.on_ready()
            return
        self.supervisor.after(0.05 + len(self.devices) / 500, self._look)  # a look keeps drivers busy

    def _all_settled(self):
        gateway = self.service("gateway")
        if not (gateway and gateway.ready and self.port):
            return False
        now = time.monotonic()
        if not all(self.service(name).ready for name in self._consumers):
            return False
        for service in self.supervisor.services.values():
            if service.name in CORE or service.name in self.unavailable or service.ready:
                continue
            if now - service.started_at < DRIVER_DEADLINE:
                return False
            self.unavailable.add(service.name)
        self._drivers_ready_at = self._drivers_ready_at or now
        pending = {name for name in self.not_served() if self.devices[name] not in self.unavailable}
        late = now - self._drivers_ready_at > DEVICE_DEADLINE
        return not pending or late or pending <= self._known_absent()

    def _known_absent(self):
        """Devices of which their driver says on the bus that it has no good data, or that it refused."""
        try:
            names = self._ask("busctl", f"--address={self.bus_address}", "--json=short", "list")
            listed = self._ask(self._program("src", "ctl", "busbarctl"), "--json", "list")
        except (OSError, subprocess.SubprocessError, json.JSONDecodeError, LauncherError):
            return set()
        on_bus = {name["pid"] for name in names if name["name"].startswith("org.busbar.Driver.")}
        freshness = {device["name"].lower(): device["freshness"] for device in listed}
        absent = set()
        for name, driver in self.devices.items():
            service = self.service(driver)
            unlisted = "refused" if service and service.pid in on_bus else "fresh"
            if freshness.get(name.lower(), unlisted) != "fresh":
                absent.add(name)
        return absent

    def _ask(self, *argv):
        """What a program says as JSON, if it has nothing else to say: that a driver does not answer."""
        result = subprocess.run(argv, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                                check=True, timeout=5)
        if result.stderr:
            raise subprocess.SubprocessError(result.stderr.decode(errors="replace"))
        return json.loads(result.stdout)

    def not_served(self):
        """Devices of the configuration that clients get no data of."""
        try:
            answers = nut_request(self.port, *(f"GET VAR {name} ups.status" for name in self.devices))
        except OSError:
            return set(self.devices)
        return {name for name, answer in zip(self.devices, answers) if answer.startswith("ERR D")}


class Testbed:
    """A running Busbar for a test, in a thread of the test's process.

        with Testbed({"ups.conf": ..., "x.dev": ...}) as bed:
            nut_request(bed.port, "LIST UPS")

    config is a directory, or the files of one by name. Leaving it asserts that no service died by itself,
    ended with an error, or upset a sanitizer."""

    def __init__(self, config, port=0, build=None, ready=True, timeout=60.0, monitor=False,
                 prepare=lambda _: None):
        """port: 0 is any free one, None is what upsd.conf says. ready: wait for it. monitor: have one, which
        sets FSD when a battery is low. prepare: called with the launcher before that begins."""
        self.log, self._own_config = [], None  # (time, source, text)
        if isinstance(config, dict):
            self._own_config = tempfile.mkdtemp(prefix="busbar-config-")
            for name, text in config.items():
                self.write(name, text, self._own_config)
            config = self._own_config
        self._ready = threading.Event()
        self._flaws = []
        self.launcher = Launcher(build or default_build(), config, () if port is None else (port,),
                                 self._on_line, self._ready.set, CONSUMERS if monitor else ())
        prepare(self.launcher)
        self._on_change = self.launcher.supervisor.on_change
        self.launcher.supervisor.on_change = self._watch
        self._error = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        if ready:
            self.wait_ready(timeout)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        self.close(check=kind is None)

    @property
    def port(self):
        return self.launcher.port

    @property
    def config(self):
        return self.launcher.config

    @property
    def directory(self):
        return self.launcher.directory

    @property
    def bus_address(self):
        return self.launcher.bus_address

    @property
    def environment(self):
        """For programs that are to find this bus and this configuration."""
        return self.launcher.environment

    def write(self, name, text, directory=None):
        """Writes a configuration file as an editor does: all of it or nothing is seen."""
        path = os.path.join(directory or self.config, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w", encoding="latin-1") as f:
            f.write(text)
        os.chmod(path + ".new", 0o640)
        os.rename(path + ".new", path)
        return path

    def service(self, name):
        """"bus", "gateway", "monitor", "notify" or the name of a driver."""
        return self.launcher.service(name)

    def kill(self, name, number=signal.SIGKILL):
        """Kills a service and returns the pid it had. It comes back after a second."""
        service = self.service(name)
        pid = service.pid
        self.launcher.supervisor.call(lambda: self.launcher.supervisor.signal(service, number))
        return pid

    def restart(self, name):
        """As systemctl restart."""
        self.launcher.supervisor.call(lambda: self.launcher.supervisor.restart(self.service(name)))

    def reload(self):
        self.launcher.supervisor.call(self.launcher.reload)

    def log_text(self, source=None):
        return "".join(attributed(s, text) + "\n" for _, s, text in list(self.log) if source in (None, s))

    def wait_log(self, pattern, timeout=20.0, source=None):
        """The match of a regular expression with what the services have written so far or write in time."""
        deadline = time.monotonic() + timeout
        while True:
            if match := re.search(pattern, self.log_text(source), re.MULTILINE):
                return match
            if time.monotonic() > deadline:
                raise AssertionError(f"not in the log: {pattern}\n{self.log_text(source)}")
            time.sleep(0.02)

    def wait_ready(self, timeout=60.0):
        deadline = time.monotonic() + timeout
        while not self._ready.wait(0.05):
            if not self._thread.is_alive() or time.monotonic() > deadline:
                reason = self._error or self.launcher.failure or "not ready in time"
                self.close(check=False)
                raise AssertionError(f"{reason}\n{self.log_text()}")

    def close(self, check=True):
        if self._thread.is_alive():
            with contextlib.suppress(OSError):
                self.launcher.supervisor.defer(self.launcher.stop)
            self._thread.join(30)
        if self._own_config:
            shutil.rmtree(self._own_config, ignore_errors=True)
        if not check:
            return
        sanitizer = r".*(?:AddressSanitizer|LeakSanitizer|runtime error:).*"
        flaws = self._flaws + re.findall(sanitizer, self.log_text())
        if self._thread.is_alive():
            flaws.append("did not end")
        if flaws:
            raise AssertionError("\n".join(["services misbehaved:", *flaws, "log:", self.log_text()]))

    def _run(self):
        try:
            self.launcher.run()
        except Exception as e:
            self._error = e

    def _on_line(self, source, text):
        self.log.append((time.monotonic(), source, text))

    def _watch(self, service, what):
        """A service may end with 0 when asked, or by the signal that a test sent. Nothing else is fine."""
        if what == "ended" or (what == "ended as asked" and service.exit_code not in (0, -signal.SIGKILL,
                                                                                        -signal.SIGTERM)):
            self._flaws.append(f"{service.name} ended with {service.exit_code}")
        if what == "ended as asked" and service.exit_code == -signal.SIGTERM and service.name != "bus":
            self._flaws.append(f"{service.name} does not handle SIGTERM")
        self._on_change(service, what)


# The program

BOOT_SECONDS = 20
INSTRUCTIONS = """
Try, in another terminal:
  upsc -l localhost:{port}
  upsc {device}@localhost:{port}
  export DBUS_SYSTEM_BUS_ADDRESS={bus}
  {busbarctl}
  {busbarctl} plan
  busctl --address={bus} tree
{demo}
Ctrl-C ends it all."""

DEMO_INSTRUCTIONS = """  upsrw -w -s outlet.3.desc="My machine" -u admin -p demo pdu@localhost:{port}
The configuration is in {config}: edit a device file there and look again.
"""


class Program:
    """./run after the build: a Launcher with a terminal."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.demo = None
        self.launcher = None
        self.terminal = next((fd for fd in (0, 1, 2) if os.isatty(fd)), None)

    def run(self):
        # A signal waits until there is a handler, as by itself it would leave the directories behind.
        signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        try:
            config = self.arguments.config or self._make_demo()
            check_configuration(config)
            ports = (NUT_PORT, 0) if self.arguments.port is None else (self.arguments.port,)
            self.launcher = Launcher(self.arguments.build, config, ports, self._on_line, self._on_ready,
                                     ["monitor"])  # and no wall(1) on the terminals of this machine
            self._handle_signals()
            self.launcher.supervisor.after(1.0, self._watch_power)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
            self.launcher.run()
            if self.launcher.failure:
                raise LauncherError(self.launcher.failure)
        finally:
            if self.demo:
                shutil.rmtree(self.demo, ignore_errors=True)

    def _make_demo(self):
        """A copy, as files from version control cannot have the permissions that passwords ask for."""
        self.demo = tempfile.mkdtemp(prefix="busbar-demo-")
        os.chmod(self.demo, 0o700)
        for entry in os.scandir(DEMO):
            shutil.copyfile(entry.path, os.path.join(self.demo, entry.name))
            os.chmod(os.path.join(self.demo, entry.name), 0o640)
        return self.demo

    def _handle_signals(self):
        supervisor = self.launcher.supervisor
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: supervisor.defer(self.launcher.stop))
        signal.signal(signal.SIGHUP, lambda *_: supervisor.defer(self._on_hangup))
        if self.terminal is not None:
            supervisor.after(1.0, self._check_terminal)

    def _terminal_is_gone(self):
        return self.terminal is not None and not os.isatty(self.terminal)

    def _on_hangup(self):
        """SIGHUP says either that the terminal is gone, or that somebody wants a reload."""
        if self._terminal_is_gone():
            self.launcher.stop()
        else:
            self._on_line("launcher", "reloading")
            self.launcher.reload()

    def _check_terminal(self):
        """A background job may hear of the end of its terminal by nothing else."""
        if self._terminal_is_gone():
            self.launcher.stop()
        else:
            self.launcher.supervisor.after(1.0, self._check_terminal)

    def _watch_power(self):
        """What the monitor wants off is not this machine. It finds itself after the next boot, instead."""
        request = os.path.join(self.launcher.directory, "run", "monitor", "poweroff-now")
        if os.path.exists(request):
            self._on_line("launcher", f"Here this machine would be off. In {BOOT_SECONDS} s it is up again.")
            self.launcher.power_off()
            for entry in os.scandir(os.path.dirname(request)):
                os.unlink(entry)
            self.launcher.supervisor.after(BOOT_SECONDS, self.launcher.power_on)
        self.launcher.supervisor.after(1.0, self._watch_power)

    def _on_line(self, source, text):
        self._print(attributed(source, text), sys.stderr)

    def _on_ready(self):
        launcher = self.launcher
        if self.demo and launcher.unavailable:
            launcher.stop(f"driver {', '.join(launcher.unavailable)} does not start")
            return
        absent = launcher.not_served()
        for name in sorted(absent):
            self._on_line("launcher", f"device {name} is absent")
        served = [name for name in launcher.devices if name not in absent]
        demo = DEMO_INSTRUCTIONS.format(port=launcher.port, config=launcher.config) if self.demo else ""
        busbarctl = os.path.join(self.arguments.build, "src", "ctl", "busbarctl")
        instructions = INSTRUCTIONS.format(port=launcher.port, device=(served or ["NAME"])[0], demo=demo,
                                           bus=launcher.bus_address, busbarctl=busbarctl)
        self._print(f"ready: 127.0.0.1:{launcher.port}\n{instructions}", sys.stdout)

    def _print(self, text, stream):
        try:
            print(text, file=stream, flush=True)
        except OSError:
            # The reader or the terminal is gone; no reason to fail, now or when Python flushes at its end.
            with open(os.devnull, "w", encoding="utf-8") as null:
                os.dup2(null.fileno(), stream.fileno())


def port_number(text):
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a number from 0 to 65535 is wanted, and \"{text}\" is none")
    return int(text)


def main():
    parser = argparse.ArgumentParser(
        prog=os.environ.get("BUSBAR_PROGRAM", "launcher.py"),
        description="Runs Busbar on a private bus, with a simulated UPS or with a configuration of yours.")
    parser.add_argument("--config", metavar="DIR",
                        help="NUT configuration directory (default: a demonstration)")
    parser.add_argument("--port", metavar="N", type=port_number,
                        help="port on 127.0.0.1; 0 is any free one (default: 3493 if it is free, else any)")
    parser.add_argument("--build", metavar="DIR", default=default_build(), help=argparse.SUPPRESS)
    try:
        Program(parser.parse_args()).run()
    except LauncherError as e:
        print(f"{parser.prog}: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
