# SPDX-License-Identifier: LGPL-2.1-or-later
"""Talks to a NUT server: what UPSes there are, what they say, what they can be told.

    import PyNUT

    with PyNUT.PyNUTClient(host="localhost", login="admin", password="secret") as client:
        for name in client.GetUPSNames():
            print(name, client.GetUPSVars(name)[b"ups.status"].decode())
        client.RunUPSCommand("rack", "beeper.disable")

Names, descriptions and values in dictionaries are bytes, as they have always been; arguments are text. What
the server refuses raises PyNUTError, whose text is what the server said, such as "ERR ACCESS-DENIED".
"""

import contextlib
import os
import re
import socket
import time

from PyNUT_authconf import AuthConf, PyNUTError, split_section

try:
    import ssl
except ImportError:
    ssl = None

__all__ = ["AuthConf", "PyNUTClient", "PyNUTClosed", "PyNUTError", "TrackingID", "ssl_available"]

ssl_available = ssl is not None

# No server sends a line that long; who does is none.
LINE_MAX = 65536


class PyNUTClosed(PyNUTError, EOFError):
    """The server hung up."""


class TrackingID:
    """Names a request that the server has taken and whose outcome can be asked for later."""

    def __init__(self, tracking_id):
        self.__id = tracking_id
        self.__created = time.time()

    def id(self):
        return self.__id

    def created(self):
        return self.__created

    def age(self):
        """Seconds since it was given."""
        return time.time() - self.__created

    def isValid(self):
        return bool(self.__id)

    def __str__(self):
        return self.__id


def _split_answer(line):
    """The words of a line of the server, as bytes, without quotes."""
    words = re.findall(rb'"((?:[^"\\]|\\.)*)"|([^\s"]+)', line)
    return [re.sub(rb"\\(.)", rb"\1", quoted) or plain for quoted, plain in words]


def _text(word):
    return word.decode("utf-8", "surrogateescape") if isinstance(word, bytes) else str(word)


def _said(line):
    return _text(line.rstrip(b"\r\n"))


def _quote(word):
    """A word for the server. One that is in quotes already is left alone, as callers have long done that."""
    word = _text(word)
    if "\n" in word or "\r" in word or "\0" in word:
        raise PyNUTError("ERR INVALID-ARGUMENT")
    if re.match(r'"(?:[^"\\]|\\.)*"$', word) or re.match(r"[^\s\"\\#=']+$", word):
        return word
    return '"' + re.sub(r'(["\\#])', r"\\\1", word) + '"'  # even there a # would begin a comment


def _certificate_names(path):
    """The common names in the subject of the first certificate in a file, or None where they cannot be
    had."""
    decode = getattr(getattr(ssl, "_ssl", None), "_test_decode_cert", None)
    if not decode:
        return None
    try:
        subject = decode(path)["subject"]
    except (OSError, KeyError, ValueError):
        return None
    return [value for row in subject for key, value in row if key == "commonName"]


class PyNUTClient:
    """A connection to a NUT server. It can be used in a with statement."""

    try:
        NUT_DEFAULT_CONNECT_TIMEOUT = float(os.environ.get("NUT_DEFAULT_CONNECT_TIMEOUT", "5"))
    except ValueError:
        NUT_DEFAULT_CONNECT_TIMEOUT = 5.0

    __socket = None

    def __init__(self, host="127.0.0.1", port=3493, login=None, password=None, debug=False,
                 connect_now=True, timeout=None, tracking=None, use_ssl=False, ssl_context=None,
                 cert_verify=None, ca_file=None, ca_path=None, cert_file=None, key_file=None,
                 key_pass=None, force_ssl=False, cert_ident=None, certhost=None):
        """Connects, unless connect_now is false, and says who we are if there is a login.

        timeout      seconds to wait for the connection, and for each answer
        tracking     "ON" or "OFF" (or True, False): whether requests are given a TrackingID
        use_ssl      ask for TLS, but go on without where the server has none; force_ssl: fail then
        ssl_context  an ssl.SSLContext in place of all that follows
        cert_verify  whether the server's certificate has to be right, which is so unless False
        ca_file, ca_path  whom to trust, in place of whom the system trusts
        cert_file, key_file, key_pass  certificate of this client
        cert_ident   the name that has to be in it
        certhost     {host: [name in the server's certificate, cert_verify, force_ssl]}, or a list of
                     [host, name, cert_verify, force_ssl]
        """
        self.__debug = debug
        self.__host = host
        self.__port = port
        self.__login = login
        self.__password = password
        good = isinstance(timeout, (int, float)) and timeout >= 0
        self.__timeout = timeout if good else self.NUT_DEFAULT_CONNECT_TIMEOUT
        self.__buffer = b""
        self.__tracking = None
        self.__tracking_wanted = tracking
        self.__tls = None
        self.__log(f"Server {host}, port {port}, user {login}")

        name, verify, force = self.__find_certhost(certhost)
        self.__server_name = name or host
        self.__force_ssl = force_ssl or force
        if use_ssl or self.__force_ssl:
            if not ssl_available and self.__force_ssl:
                raise PyNUTError("SSL required but 'ssl' module not available")
            if ssl_available:
                self.__tls = ssl_context or self.__make_context(
                    verify if cert_verify is None else cert_verify, ca_file, ca_path, cert_file, key_file,
                    key_pass)
                self.__check_identity(cert_ident, cert_file)
        if connect_now:
            self.connect()

    @classmethod
    def from_authconf(cls, authconf, **kwargs):
        """A connection with what an AuthConf says; other arguments are those of the constructor."""
        _, host, port = split_section(authconf.section or "localhost")
        host = host or "localhost"
        path = authconf.certpath
        arguments = {
            "host": host, "port": int(port) if port and port.isdigit() else 3493, "login": authconf.user,
            "password": authconf.password, "ca_path": path if path and os.path.isdir(path) else None,
            "ca_file": path if path and not os.path.isdir(path) else None, "cert_file": authconf.certfile,
            "cert_ident": authconf.certident, "key_pass": authconf.certpasswd,
            "cert_verify": None if authconf.certverify == -1 else authconf.certverify == 1,
            "use_ssl": authconf.forcessl == 1, "force_ssl": authconf.forcessl == 1,
        }
        if authconf.certhost:
            arguments["certhost"] = {host: [authconf.certhost, arguments["cert_verify"], 0]}
        arguments.update(kwargs)
        return cls(**arguments)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.disconnect()

    def __del__(self):
        self.disconnect()

    def __log(self, text):
        if self.__debug:
            print(f"[DEBUG] {text}")

    def __find_certhost(self, certhost):
        """Name in the certificate, whether to verify it (None: not said), and to insist on TLS."""
        entries = certhost if isinstance(certhost, (list, tuple)) else [certhost] if certhost else []
        for entry in entries:
            rows = entry.items() if isinstance(entry, dict) else [(entry[0], entry[1:])] if entry else []
            for host, (name, verify, force) in rows:
                if host == self.__host:
                    return name, None if verify is None else bool(int(verify)), bool(int(force))
        return None, None, False

    @staticmethod
    def __make_context(verify, ca_file, ca_path, cert_file, key_file, key_pass):
        if ca_file and os.path.isdir(ca_file):
            ca_file, ca_path = None, ca_path or ca_file
        context = ssl.create_default_context(cafile=ca_file, capath=ca_path)
        if verify is not None and not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if cert_file:
            context.load_cert_chain(cert_file, key_file, key_pass)
        return context

    def __check_identity(self, wanted, path):
        if not wanted or not path:
            return
        names = _certificate_names(path)
        if names is None and not self.__force_ssl:
            self.__log(f"Cannot tell whose certificate is in {path}")
        elif wanted not in (names or []):
            found = ", ".join(names or ["nothing readable"])
            raise PyNUTError(f"CERTIDENT mismatch: expected {wanted}, found {found} in {path}")

    def connect(self):
        """Connects, which the constructor does unless it was told not to."""
        self.disconnect()
        self.__buffer = b""
        self.__socket = socket.create_connection((self.__host, self.__port), self.__timeout)
        try:
            if self.__tls:
                self.__start_tls()
            for word, value in (("USERNAME", self.__login), ("PASSWORD", self.__password)):
                if value is not None:
                    self.__expect_ok(word, value)
            self.__tracking = self.SetTrackingMode(self.__tracking_wanted)
        except BaseException:
            self.disconnect()
            raise

    def disconnect(self):
        """Says goodbye."""
        connection, self.__socket = self.__socket, None
        if connection is None:
            return
        try:
            with contextlib.suppress(OSError, ValueError):
                connection.settimeout(min(self.__timeout, 1.0))
                connection.sendall(b"LOGOUT\n")
        finally:
            with contextlib.suppress(OSError):
                connection.close()

    def __start_tls(self):
        answer = self.__ask("STARTTLS")
        if not answer.startswith(b"OK STARTTLS"):
            if self.__force_ssl:
                raise PyNUTError(_said(answer))
            self.__log(f"No TLS: {_said(answer)}")
            return
        # What came in clear behind the agreement is nobody's answer.
        if self.__buffer:
            raise PyNUTError("The server sent clear text behind its agreement to use TLS")
        self.__socket = self.__tls.wrap_socket(self.__socket, server_hostname=self.__server_name)
        if not self.isValidProtocolVersion():
            raise PyNUTError("The server agreed to use TLS, and then does not speak the protocol")

    @contextlib.contextmanager
    def __whole_answer(self):
        """For a request and all of its answer. Whatever comes in between, be it the user's Ctrl+C, leaves
        behind a rest that would be taken for the answer to the next request, so the connection ends."""
        try:
            yield
        except BaseException:
            self.disconnect()
            raise

    def __line(self, *words):
        """A request; the first word is sent as it is."""
        if self.__socket is None:
            raise PyNUTClosed("Not connected")
        line = words[0] + "".join(" " + _quote(word) for word in words[1:])
        if not words[0].startswith(("USERNAME", "PASSWORD")):
            self.__log(f"> {line}")
        return line.encode("utf-8", "surrogateescape") + b"\n"

    def __exchange(self, line):
        """The first line of the answer."""
        self.__socket.settimeout(self.__timeout)
        self.__socket.sendall(line)
        answer = self.__read_line()
        self.__log(f"< {_said(answer)}")
        return answer

    def __read_line(self):
        """The next line, with its end. The time that is allowed is for the whole of it."""
        deadline = time.monotonic() + self.__timeout
        while b"\n" not in self.__buffer:
            left = deadline - time.monotonic()
            if left <= 0:
                raise socket.timeout("timed out")
            self.__socket.settimeout(left)
            chunk = self.__socket.recv(16384)
            if not chunk:
                raise PyNUTClosed("Connection closed by server")
            self.__buffer += chunk
            if len(self.__buffer) > LINE_MAX and b"\n" not in self.__buffer:
                raise PyNUTError("The server sent a line without an end")
        line, _, self.__buffer = self.__buffer.partition(b"\n")
        return line + b"\n"

    def __ask(self, *words):
        """The answer in one line."""
        line = self.__line(*words)
        with self.__whole_answer():
            return self.__exchange(line)

    def __expect_ok(self, *words):
        """Returns the answer, which begins with OK."""
        answer = self.__ask(*words)
        if answer.split()[:1] != [b"OK"]:
            raise PyNUTError(_said(answer))
        return answer

    def __get(self, kind, *names):
        """What the server gives for GET, as a list of words behind the names."""
        answer = self.__ask(f"GET {kind}", *names)
        words = _split_answer(answer)
        if words[:1] != [kind.encode()]:
            raise PyNUTError(_said(answer))
        return words[1 + len(names):]

    def __list(self, kind, *names):
        """What the server gives for LIST: for each line the words behind the names."""
        line = self.__line(f"LIST {kind}", *names)
        rows = []
        with self.__whole_answer():
            answer = self.__exchange(line)
            if answer.startswith(b"BEGIN LIST "):
                while not (line := self.__read_line()).startswith(b"END LIST "):
                    rows.append(_split_answer(line)[1 + len(names):])
                return rows
        raise PyNUTError(_said(answer))

    def GetUPSList(self):
        """{name: description} of all UPSes, as bytes."""
        return {row[0]: row[1] if len(row) > 1 else b"" for row in self.__list("UPS") if row}

    def GetUPSNames(self):
        """The names of all UPSes, as text."""
        return [name.decode("utf-8", "surrogateescape") for name in self.GetUPSList()]

    def GetUPSVars(self, ups=""):
        """{name: value} of all variables, as bytes."""
        return {row[0]: row[1] for row in self.__list("VAR", ups) if len(row) > 1}

    def GetRWVars(self, ups=""):
        """{name: value} of the variables that can be set, as bytes."""
        return {row[0]: row[1] for row in self.__list("RW", ups) if len(row) > 1}

    def GetUPSCommands(self, ups=""):
        """{name: description} of all commands, as bytes. One without a description has its name there."""
        commands = {}
        for name in [row[0] for row in self.__list("CMD", ups) if row]:
            try:
                commands[name] = self.__get("CMDDESC", ups, name)[0]
            except (PyNUTClosed, OSError):
                raise
            except (PyNUTError, IndexError):
                commands[name] = name
        return commands

    def CheckUPSAvailable(self, ups=""):
        """Whether the server has this UPS and hears it."""
        try:
            self.__list("CMD", ups)
        except PyNUTClosed:
            raise
        except PyNUTError:
            return False
        return True

    def GetVariableType(self, ups="", var=""):
        """Such as "RW STRING:16", as text."""
        return b" ".join(self.__get("TYPE", ups, var)).decode()

    def GetVariableDescription(self, ups="", var=""):
        """As text."""
        return b" ".join(self.__get("DESC", ups, var)).decode("utf-8", "replace")

    def GetEnumList(self, ups="", var=""):
        """The values that a variable can be set to, as text; none if it is free."""
        return [row[0].decode("utf-8", "replace") for row in self.__list("ENUM", ups, var) if row]

    def GetRangeList(self, ups="", var=""):
        """[{"min": text, "max": text}] of the ranges that a variable can be set within."""
        return [{"min": row[0].decode(), "max": row[1].decode()}
                for row in self.__list("RANGE", ups, var) if len(row) > 1]

    def GetDeviceNumLogins(self, ups=""):
        """How many clients are logged in at the UPS."""
        words = self.__get("NUMLOGINS", ups)
        if len(words) != 1 or not words[0].isdigit():
            raise PyNUTError("ERR INVALID-ARGUMENT")
        return int(words[0])

    def ListClients(self, ups=None):
        """{name: [address]} of who is logged in at the UPS, or at each of them, as bytes."""
        names = self.GetUPSNames()
        if ups and _text(ups) not in names:
            raise PyNUTError("ERR UNKNOWN-UPS")
        clients = {}
        for name in [_text(ups)] if ups else names:
            addresses = [row[0] for row in self.__list("CLIENT", name) if row]
            if addresses:
                clients[name.encode("utf-8", "surrogateescape")] = addresses
        return clients

    def SetTrackingMode(self, value=""):
        """Switches tracking "ON" or "OFF" (or True, False). Returns that, or None if it could not be
        done."""
        value = {"True": "ON", "False": "OFF"}.get(str(value), value)
        if value not in ("ON", "OFF"):
            return None
        self.__tracking = value if self.__ask("SET TRACKING", value) == b"OK\n" else None
        return self.__tracking

    def EnableTrackingModeOnce(self):
        """Whether requests are tracked, which is switched on unless it is."""
        return self.__tracking == "ON" or self.SetTrackingMode("ON") == "ON"

    def GetTrackingResult(self, tracking_id=""):
        """"PENDING" or "SUCCESS"; a failure raises PyNUTError."""
        answer = _said(self.__ask("GET TRACKING", str(tracking_id)))
        if answer not in ("PENDING", "SUCCESS"):
            raise PyNUTError(answer)
        return answer

    def WaitTrackingResult(self, tracking_id="", wait_interval_sec=1, wait_max_count=10):
        """True when the request has succeeded, False if it is still under way after wait_max_count looks,
        None for an id or times that cannot be. A failure raises PyNUTError."""
        if not tracking_id or not str(tracking_id).strip():
            return None
        if not self.__waits(wait_interval_sec, wait_max_count):
            return None
        for _ in range(wait_max_count):
            if self.GetTrackingResult(tracking_id) == "SUCCESS":
                return True
            time.sleep(wait_interval_sec)
        return False

    @staticmethod
    def __waits(interval, count):
        return interval is not None and interval >= 1 and count is not None and count >= 1

    def __order(self, words, interval, count):
        if self.__waits(interval, count):
            self.EnableTrackingModeOnce()
        answer = self.__expect_ok(*words).split()
        if len(answer) < 3 or answer[1] != b"TRACKING":
            return "OK"
        tracking_id = TrackingID(answer[2].decode("ascii", "replace"))
        if self.__waits(interval, count) and self.WaitTrackingResult(tracking_id, interval, count):
            return "OK"
        return tracking_id

    def SetRWVar(self, ups="", var="", value="", wait_interval_sec=None, wait_max_count=None):
        """Sets a variable. "OK" says that the UPS has it, or, without tracking, that it was told; a
        TrackingID that the outcome is not known yet. With both times the outcome is waited for."""
        return self.__order(("SET VAR", ups, var, value), wait_interval_sec, wait_max_count)

    def RunUPSCommand(self, ups="", command="", wait_interval_sec=None, wait_max_count=None):
        """Runs a command; the result is as of SetRWVar. The command may have its argument behind it."""
        words = ("INSTCMD", ups, *_text(command).split(None, 1))
        return self.__order(words, wait_interval_sec, wait_max_count)

    def DeviceLogin(self, ups=""):
        """Says that this machine is fed by the UPS, until the connection ends."""
        if ups is None or _text(ups) not in self.GetUPSNames():
            raise PyNUTError("ERR UNKNOWN-UPS")
        self.__expect_ok("LOGIN", ups)
        return "OK"

    def becomePrimary(self, ups=""):
        """Says that this machine is the one that shuts the UPS down."""
        answer = self.__ask("PRIMARY", ups)
        if answer.startswith(b"ERR UNKNOWN-COMMAND"):  # of servers before 2.8.0
            answer = self.__ask("MASTER", ups)
        if not answer.startswith(b"OK"):
            raise PyNUTError(_said(answer))
        return "OK"

    def FSD(self, ups="", becomePrimaryFirst=True):
        """Tells all machines that the UPS feeds to shut down."""
        if becomePrimaryFirst:
            self.becomePrimary(ups)
        self.__expect_ok("FSD", ups)
        return "OK"

    def isValidProtocolVersion(self, version_re=None):
        """Whether the server says a version of the protocol that looks like one, or matches version_re."""
        answer = _said(self.__ask("PROTVER"))
        if answer.startswith("ERR"):
            answer = _said(self.__ask("NETVER"))
        return re.match(version_re or r"\d+(\.\d+)?$", answer) is not None

    def help(self):
        """The commands of the server, as a line of bytes."""
        return self.__ask("HELP")

    def ver(self):
        """The version of the server, as a line of bytes."""
        return self.__ask("VER")
