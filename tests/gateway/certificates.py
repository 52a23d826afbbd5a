# SPDX-License-Identifier: LGPL-2.1-or-later
"""Certificates for tests, made by openssl and certutil, in a directory of their own."""

import os
import ssl
import subprocess

__all__ = ["Authority"]

EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def quietly(*argv):
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def openssl(*arguments):
    quietly("openssl", *arguments)


class Authority:
    """One that vouches for the certificates of a directory: NAME.pem has certificate and key."""

    def __init__(self, directory, name="authority"):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self.path = os.path.join(directory, f"{name}.pem")
        self.key = os.path.join(directory, f"{name}.key")
        openssl("req", "-x509", *EC_KEY, "-days", "90", "-subj", f"/CN={name}", "-keyout", self.key,
                "-out", self.path)

    def make(self, name, days=90, extension="subjectAltName=IP:127.0.0.1,DNS:localhost"):
        """Returns the path of NAME.pem."""
        path = os.path.join(self.directory, f"{name}.pem")
        request, key, extensions = (f"{path}.{end}" for end in ("csr", "key", "ext"))
        openssl("req", *EC_KEY, "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        with open(extensions, "w", encoding="ascii") as f:
            f.write(extension + "\n")
        openssl("x509", "-req", "-in", request, "-CA", self.path, "-CAkey", self.key, "-CAcreateserial",
                "-days", str(days), "-extfile", extensions, "-out", path)
        with open(path, "ab") as f, open(key, "rb") as k:
            f.write(k.read())
        return path

    def context(self, version=None, certificate=None):
        """For python's ssl: trusts this authority and no other."""
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        c.load_verify_locations(self.path)
        if version:
            c.minimum_version = c.maximum_version = version
        if certificate:
            c.load_cert_chain(certificate)
        return c

    def nss_database(self, directory, certificate=None):
        """For stock clients of Debian: a database that trusts this authority, with an own certificate."""
        os.makedirs(directory)
        empty = os.path.join(directory, "password")
        with open(empty, "w", encoding="ascii") as f:
            f.write("\n")

        quietly("certutil", "-N", "-d", directory, "-f", empty)
        quietly("certutil", "-A", "-d", directory, "-f", empty, "-n", "authority", "-t", "CT,,", "-a",
                "-i", self.path)
        if certificate:
            bundle = os.path.join(directory, "own.p12")
            name = os.path.basename(certificate).removesuffix(".pem")
            openssl("pkcs12", "-export", "-in", certificate, "-name", name, "-passout", "pass:",
                    "-out", bundle)
            quietly("pk12util", "-i", bundle, "-d", directory, "-k", empty, "-W", "")
        return directory
