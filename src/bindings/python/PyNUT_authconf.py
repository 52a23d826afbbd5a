# SPDX-License-Identifier: LGPL-2.1-or-later
"""nutauth.conf, for PyNUT: who we are at which server, and how TLS is done there. Programs import PyNUT."""

import contextlib
import os
import re
import socket
import sys

CONFPATH = "/etc/nut"


class PyNUTError(Exception):
    """The server refused, or said what nobody understands. The text is the server's."""

    __module__ = "PyNUT"


def split_section(section):
    """User, host and port, each None where "[user@]host[:port]" has none; an IPv6 address is in brackets."""
    user, at, address = section.rpartition("@")
    match = re.match(r"(?:\[([^][]*)\]|([^][:]*))(?::(.*))?$", address)
    if not match:
        raise PyNUTError(f"Invalid authconf section: '{section}'")
    host = match.group(1) or match.group(2)
    return (user or None) if at else None, host or None, match.group(3) or None


def _parse_words(line):
    """The words of a line of a configuration file: blanks divide, quotes and backslashes protect, a # ends
    it. "=" is a word of its own."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|(=)|((?:[^\s"\'=#\\]|\\.)+)|(#.*)|(\S)', line)
    result = []
    for quoted, single, equals, plain, comment, other in words:
        if comment:
            break
        if other:
            raise ValueError(f"nothing ends the {other}")
        result.append(single or equals or re.sub(r"\\(.)", r"\1", quoted or plain))
    return result


class AuthConf:
    """What nutauth.conf says of one server, user, or all of them: credentials and how TLS is done."""

    __list = []
    __defaults = None
    __debug = False

    # Key in the file, in capitals: attribute, and whether it is a switch.
    KEYS = {"USER": ("user", False), "USERNAME": ("user", False), "PASS": ("password", False),
            "PASSWORD": ("password", False), "CERTPATH": ("certpath", False),
            "CERTFILE": ("certfile", False), "CERTIDENT_NAME": ("certident", False),
            "CERTIDENT_PASS": ("certpasswd", False), "SSLBACKEND": ("ssl_backend", False),
            "CERTHOST": ("certhost", False), "CERTVERIFY": ("certverify", True),
            "FORCESSL": ("forcessl", True)}

    def __init__(self, section=""):
        self.section = AuthConf.normalizeSection(section) if section else section
        self.user = split_section(self.section)[0] if self.section else None
        self.password = None
        self.certpath = None  # certificates of authorities: a file or a directory
        self.certfile = None  # certificate and key of this client
        self.certident = None  # the name in it
        self.certpasswd = None  # of its key
        self.ssl_backend = None  # for programs that have a choice
        self.certhost = None  # the name that the server's certificate has to bear
        self.certverify = -1  # -1: not said, 0: no, 1: yes
        self.forcessl = -1

    def __repr__(self):
        hidden = ("password", "certpasswd")
        values = (f"{key}={'***' if key in hidden and value else repr(value)}"
                  for key, value in vars(self).items() if key != "section")
        return f"PyNUT.AuthConf[{self.section}]: {', '.join(values)}"

    @staticmethod
    def setDebug(val):
        AuthConf.__debug = val

    @staticmethod
    def printDebug(msg):
        if AuthConf.__debug:
            sys.stderr.write(f"[DEBUG] {msg}\n")

    @staticmethod
    def getAuthConfList():
        """All sections that were read, the defaults among them."""
        return AuthConf.__list

    @staticmethod
    def freeAuthConfList():
        """Forgets them."""
        AuthConf.__list = []
        AuthConf.__defaults = None

    @staticmethod
    def normalizeSection(section):
        """The one spelling of a section's name, "user@host:port"."""
        inner = section[1:-1]
        if section == f"[{inner}]" and ("@" in inner or ":" not in inner or inner[:1] == "["):
            section = inner
        user, host, port = split_section(section)
        host = host or "localhost"
        port = port or "3493"
        if not port.isdigit():
            with contextlib.suppress(OSError):
                port = str(socket.getservbyname(port, "tcp"))
        return f"{user or ''}@{f'[{host}]' if ':' in host else host}:{port}"

    @staticmethod
    def _default_file():
        """The first nutauth.conf that there is, where NUT's programs look for it."""
        home = os.environ.get("HOME")
        directory = os.environ.get("NUT_AUTHCONF_PATH")
        places = [os.environ.get("NUT_AUTHCONF_FILE"),
                  directory and os.path.join(directory, "nutauth.conf"),
                  home and os.path.join(home, ".config", "nut", "nutauth.conf"),
                  home and os.path.join(home, ".nutauth.conf"),
                  os.path.join(os.environ.get("NUT_CONFPATH", CONFPATH), "nutauth.conf")]
        return next((place for place in places if place and os.path.isfile(place)), places[-1])

    @staticmethod
    def readAuthConfFile(filename=None, fatal_errors=False, verbose_missing_hinted=False,
                         verbose_missing_default=None, global_scope=True):
        """Reads a nutauth.conf, by default the first one that there is, and returns all sections read so
        far. Mistakes are told on stderr and left out; with fatal_errors they raise PyNUTError."""
        filename = filename or AuthConf._default_file()
        loud = verbose_missing_hinted if verbose_missing_default is None else verbose_missing_default
        try:
            with open(filename, encoding="utf-8", errors="surrogateescape") as f:
                lines = f.read().splitlines()
        except OSError as e:
            if fatal_errors:
                raise PyNUTError(f"Could not open {filename}: {e.strerror}") from e
            if loud or not isinstance(e, FileNotFoundError):
                sys.stderr.write(f"Could not open {filename}: {e.strerror}\n")
            return AuthConf.__list

        current = AuthConf.__defaults if global_scope else None
        for number, line in enumerate(lines, 1):
            try:
                current = AuthConf._take_line(line.strip(), current, global_scope)
            except (PyNUTError, ValueError) as e:
                message = f"{filename}:{number}: {e}"
                if fatal_errors:
                    raise PyNUTError(message) from e
                sys.stderr.write(message + "\n")
        return AuthConf.__list

    @staticmethod
    def _take_line(line, current, global_scope):
        """What one line says; returns the section that the next one belongs to."""
        if line[:1] == "[":
            name = re.match(r"\[(.*)\]\s*(?:#.*)?$", line)
            if not name:
                raise ValueError(f"Invalid section header: '{line}'")
            return AuthConf._find_or_add(name.group(1))
        words = _parse_words(line)
        if not words:
            return current
        if words[0].upper() in ("INCLUDE", "INCLUDE_REQUIRED") and len(words) == 2:
            AuthConf.readAuthConfFile(words[1], words[0].upper() == "INCLUDE_REQUIRED",
                                      global_scope=current is None or current is AuthConf.__defaults)
            return current
        key, switch = AuthConf.KEYS.get(words[0].upper(), (None, False))
        if not key or len(words) != 3 or words[1] != "=":
            raise ValueError(f"Neither a section nor a setting that is known: '{words[0]}'")
        if current is None:
            if not global_scope:
                return None
            current = AuthConf._find_or_add("")
        value = int(words[2].lower() in ("on", "yes", "1", "true")) if switch else words[2]
        if key != "user" or not current.user:
            setattr(current, key, value)
        return current

    @staticmethod
    def _find_or_add(name):
        if name in ("", "*", "_global_defaults"):
            if not AuthConf.__defaults:
                AuthConf.__defaults = AuthConf("")
                AuthConf.__list.append(AuthConf.__defaults)
            return AuthConf.__defaults
        name = AuthConf.normalizeSection(name)
        for known in AuthConf.__list:
            if known.section == name:
                return known
        AuthConf.__list.append(AuthConf(name))
        return AuthConf.__list[-1]

    def clone(self):
        copy = AuthConf(self.section)
        copy.merge(self)
        return copy

    def merge(self, source):
        """Takes what is not said here from another one."""
        for key, value in vars(source).items() if source else ():
            if key != "section" and getattr(self, key) in (None, -1):
                setattr(self, key, value)

    @staticmethod
    def _spell(user, host, port):
        host = host or "localhost"
        if ":" in host and host[:1] != "[":
            host = f"[{host}]"
        return AuthConf.normalizeSection(f"{user or ''}@{host}" + (f":{port}" if port else ""))

    @staticmethod
    def _known(auth_configs):
        return auth_configs if auth_configs is not None else AuthConf.__list or AuthConf.readAuthConfFile()

    @staticmethod
    def getAuthConf(user=None, host=None, port=None, auth_configs=None):
        """All that applies to this user at this server: the user's section first, then the server's, then
        the defaults."""
        known = {ac.section: ac for ac in AuthConf._known(auth_configs)}
        result = AuthConf(AuthConf._spell(user, host, port))
        for section in (result.section, AuthConf._spell(None, host, port)):
            result.merge(known.get(section))
        result.merge(known.get("", AuthConf.__defaults))
        result.user = user or result.user
        return result

    @staticmethod
    def findAuthConf(user=None, host=None, port=None, auth_configs=None):
        """The section for this user at this server, else the defaults, which may be None."""
        known = {ac.section: ac for ac in AuthConf._known(auth_configs)}
        return known.get(AuthConf._spell(user, host, port), AuthConf.__defaults)
