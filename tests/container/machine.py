# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine to try things on: systemd as PID 1 over an overlay of this host's root.

All of it lives in namespaces of its own, so that nothing stays when this process ends, however it ends: the
overlay is on a tmpfs that only we see, so is the loopback that is its network, and the first process of the
PID namespace takes all others along."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

INSIDE = "BUSBAR_TEST_INSIDE"
BOOT_TIMEOUT = 120
POWER_OFF_TIMEOUT = 12
PR_SET_PDEATHSIG = 1
PREFIX = "busbar-test-"
NEEDED = ("systemd-nspawn", "nsenter", "unshare", "runuser", "ip", "pgrep", "busctl", "upsc", "pkaction",
          "dbus-daemon", "dbus-broker")


def wait_for(what, condition, timeout=30):
    """Returns the first true value of condition()."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"not in {timeout} s: {what}")
        time.sleep(0.05)


class Cgroups:
    """A cgroup of our own in each hierarchy that systemd-nspawn makes use of: it leaves its own behind."""

    def __init__(self):
        self.paths = []
        self.stale = []
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            fields, _, rest = line.partition(" - ")
            kind, _, options = rest.split(" ", 2)
            if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options):
                parent = Path(fields.split()[4])
                self.stale += [path for path in parent.glob(f"{PREFIX}*") if not self._is_used(path)]
                path = parent / f"{PREFIX}{os.getpid()}"
                path.mkdir()
                self.paths.append(path)

    @staticmethod
    def _is_used(path):
        return Path("/proc", path.name.removeprefix(PREFIX)).exists()

    def enter(self):
        for path in self.paths:
            (path / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        """Also what a test left that was killed."""
        for path in self.paths + self.stale:
            for directory, _, _ in os.walk(path, topdown=False):
                wait_for(f"{directory} is free", lambda d=directory: self._remove_one(d), 10)

    @staticmethod
    def _remove_one(directory):
        try:
            os.rmdir(directory)
        except FileNotFoundError:
            pass
        except OSError:
            return False
        return True


def run_inside():
    """Runs the calling script again in namespaces of its own, and ends with its status. Returns in there."""
    if INSIDE in os.environ:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"], check=True)
        return

    if os.geteuid() != 0:
        sys.exit("This test boots a container: it needs to be run as root.")
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        sys.exit(f"This test needs {', '.join(missing)} (Debian: systemd-container util-linux iproute2 "
                 "procps nut-client polkitd dbus-daemon dbus-broker).")

    def prepare():
        cgroups.enter()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    cgroups = Cgroups()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    # pylint: disable-next=subprocess-popen-preexec-fn
    child = subprocess.Popen(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
                              "--mount-proc", sys.executable, *sys.argv],
                             env=dict(os.environ, **{INSIDE: "1"}), preexec_fn=prepare)
    try:
        status = child.wait()
    finally:
        child.kill()
        child.wait()
        cgroups.remove()
    sys.exit(status)


class Machine:
    """A system over another root. It may be changed while it does not run, when it is a plain directory."""

    def __init__(self, name, lower="/", prepared=False):
        """lower: the root that it begins with. prepared: that is the one of another Machine."""
        self.lower = lower
        self.directory = Path("/run", name)
        self.root = self.directory / "root"
        self.changes = self.directory / "upper"
        self.console = self.directory / "console"
        self.nspawn = None
        self.init = None
        self.nut_group = 0
        self._mount()
        if not prepared:
            self._strip()

    def _mount(self):
        work = self.directory / "work"
        for path in (self.changes, work, self.root):
            path.mkdir(parents=True)
        options = f"lowerdir={self.lower},upperdir={self.changes},workdir={work}"
        subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", self.root], check=True)

    def _strip(self):
        """What the host happens to have running, and its identity, is not what we test."""
        system = self.root / "etc/systemd/system"
        for wants in list(system.glob("*.wants")):
            if wants.name != "sysinit.target.wants":
                shutil.rmtree(wants)
        (self.root / "etc/machine-id").write_text("")
        (self.root / "etc/fstab").write_text("")
        (system / "default.target").unlink(missing_ok=True)
        (system / "default.target").symlink_to("/lib/systemd/system/multi-user.target")

    def install(self, build):
        """What a package does: puts its files there, makes its users, enables the service."""
        build.install(self.root)
        root = f"--root={self.root}"
        self.run_outside("systemd-sysusers", root, "--inline", "g nut - -")
        self.run_outside("systemd-sysusers", root, self.root / "usr/lib/sysusers.d/busbar.conf")
        self.run_outside("systemctl", root, "enable", "busbar.service")
        self.find_nut_group()
        shutil.rmtree(self.root / "etc/nut", ignore_errors=True)

    def unpack(self, package):
        """Files of a Debian package that the host must not have, since it would change how that works."""
        cache = Path("/var/cache/busbar-test")
        archives = sorted(cache.glob(f"{package}_*.deb"))
        if not archives:
            raise FileNotFoundError(f"{cache}/{package}_*.deb: tools/install-deps test puts it there")
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archives[-1]], stdout=subprocess.PIPE) as tar:
            subprocess.run(["tar", "--extract", f"--directory={self.root}", "--keep-directory-symlink"],
                           stdin=tar.stdout, check=True)
        for users in (self.root / "usr/lib/sysusers.d").glob(f"{package.removesuffix('d')}.conf"):
            self.run_outside("systemd-sysusers", f"--root={self.root}", users)

    def find_nut_group(self):
        lines = (self.root / "etc/group").read_text().splitlines()
        self.nut_group = int(dict(line.split(":")[0:3:2] for line in lines)["nut"])

    def boot(self, network=None):
        """network: name of a network namespace to live in, else ours."""
        # The console is a file: a pipe that nobody reads would stop the machine at some time.
        place = [f"--network-namespace-path=/run/netns/{network}"] if network else []
        with self.console.open("ab") as console:
            self.nspawn = subprocess.Popen(
                ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--boot", "--register=no",
                 "--keep-unit", "--link-journal=no", "--console=pipe", *place],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                env=dict(os.environ, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY="1"))
        try:
            self.init = wait_for("the container has a PID 1", self._find_init)
            wait_for("systemd is up", self._is_up, BOOT_TIMEOUT)
        except (TimeoutError, ChildProcessError):
            sys.stderr.write(self.console.read_text(errors="replace"))
            self.stop()
            raise

    def _is_up(self):
        return self.output("systemctl", "is-system-running", check=False) in ("running", "degraded")

    def _find_init(self):
        if self.nspawn.poll() is not None:
            raise ChildProcessError(f"systemd-nspawn ended: {self.nspawn.returncode}")
        todo = [self.nspawn.pid]
        while todo:
            pid = todo.pop()
            try:
                status = Path(f"/proc/{pid}/status").read_text()
                numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
                todo += [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
            except OSError:
                continue
            # Before it has executed systemd, it is still inside our mounts.
            if len(numbers) > 1 and numbers[-1] == "1" and "systemd" in os.readlink(f"/proc/{pid}/exe"):
                return pid if "nspawn" not in os.readlink(f"/proc/{pid}/exe") else None
        return None

    @staticmethod
    def run_outside(*command):
        """Runs a command of the host, which knows of other roots."""
        subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL)

    def run(self, *command, user=None, check=True, timeout=60):
        """Runs a command in the machine."""
        command = [str(word) for word in command]
        if user:
            command = ["runuser", "-u", user, "--", *command]
        done = subprocess.run(["nsenter", "-t", str(self.init), "--all", "--root", "--wd", *command],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
                              check=False)
        if check and done.returncode != 0:
            said = done.stdout + done.stderr
            raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n{said}")
        return done

    def output(self, *command, **options):
        return self.run(*command, **options).stdout.strip()

    def show(self, unit, name):
        return self.output("systemctl", "show", "-P", name, "--", unit)

    def is_active(self, unit):
        return self.show(unit, "ActiveState") == "active"

    def main_pid(self, unit):
        return int(self.show(unit, "MainPID"))

    def wait_active(self, *units, timeout=60):
        for unit in units:
            wait_for(f"{unit} is active", lambda u=unit: self.is_active(u), timeout)

    def write(self, path, text, mode=0o644, group=0):
        """Writes a file of the machine, also while it runs: its readers see the old or the new one."""
        target = self.root / str(path).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(target.name + ".new")
        temporary.write_text(text)
        temporary.chmod(mode)
        os.chown(temporary, 0, group)
        temporary.rename(target)

    def journal(self, *arguments):
        return self.output("journalctl", "--boot", "--no-pager", "--output=cat", *arguments, check=False)

    def power_off(self):
        """Nothing of ours may hold this up: TimeoutStopSec= of our units is longer than the time given."""
        self.run("systemctl", "poweroff", "--no-block")
        self.nspawn.wait(POWER_OFF_TIMEOUT)

    def stop(self):
        if self.nspawn and self.nspawn.poll() is None:
            # The second one is what makes it stop at once.
            self.nspawn.terminate()
            time.sleep(0.05)
            self.nspawn.kill()
            self.nspawn.wait()
        subprocess.run(["umount", "--recursive", "--lazy", self.root], check=False)
        shutil.rmtree(self.directory, ignore_errors=True)


class NutClient:
    """A client on a connection of its own, which never comes back by itself when it is lost."""

    def __init__(self, port=3493, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=20)
        self.file = self.socket.makefile("r", encoding="ascii", newline="\n")

    def ask(self, request):
        self.socket.sendall(request.encode("ascii") + b"\n")
        return self.line()

    def line(self):
        line = self.file.readline()
        if not line.endswith("\n"):
            raise ConnectionError("the connection was closed")
        return line.rstrip("\n")

    def list(self, what):
        """The lines between BEGIN and END."""
        first = self.ask(f"LIST {what}")
        if first != f"BEGIN LIST {what}":
            raise AssertionError(f"LIST {what}: {first}")
        lines = []
        while (line := self.line()) != f"END LIST {what}":
            lines.append(line)
        return lines

    def get(self, device, variable):
        return self.ask(f"GET VAR {device} {variable}")

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
