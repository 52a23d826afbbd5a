# SPDX-License-Identifier: LGPL-2.1-or-later
"""Certificates for tests, made by openssl; and the database of them that stock servers want."""

import os
import subprocess

__all__ = ["Authority", "nss_database"]

CONFIG = """
[ca]
default_ca = authority
[authority]
dir = {directory}
database = $dir/index.txt
new_certs_dir = $dir
serial = $dir/serial
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = sha256
policy = policy
unique_subject = no
[policy]
commonName = supplied
[req]
distinguished_name = name
prompt = no
[name]
CN = none
"""


def run(*argv):
    result = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                            check=False)
    if result.returncode != 0:
        raise AssertionError(f"{argv}: {result.stdout}{result.stderr}")


def openssl(*arguments):
    run("openssl", *arguments)


class Authority:
    """A certificate authority in a directory of its own, which must exist."""

    def __init__(self, directory, name):
        self.directory = os.path.join(directory, name)
        os.mkdir(self.directory)
        self.certificate = self.path("ca.pem")
        with open(self.path("ca.conf"), "w", encoding="ascii") as f:
            f.write(CONFIG.format(directory=self.directory))
        with open(self.path("index.txt"), "w", encoding="ascii"):
            pass
        with open(self.path("serial"), "w", encoding="ascii") as f:
            f.write("01\n")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                "-keyout", self.path("ca.key"), "-out", self.certificate, "-days", "30",
                "-config", self.path("ca.conf"), "-subj", f"/CN={name} authority",
                "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def path(self, name):
        return os.path.join(self.directory, name)

    def issue(self, name, *subjects, begins="20200101000000Z", ends="20400101000000Z", password=None):
        """A certificate with its key behind it, for these subjects ("DNS:x", "IP:y"); the path of the
        file."""
        key, request, certificate = (self.path(f"{name}.{kind}") for kind in ("key", "csr", "crt"))
        protection = ["-passout", f"pass:{password}"] if password else ["-noenc"]
        extensions = self.path(f"{name}.ext")
        with open(extensions, "w", encoding="ascii") as f:
            f.write("basicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth, clientAuth\n")
            if subjects:
                f.write(f"subjectAltName = {', '.join(subjects)}\n")
        openssl("req", "-new", "-newkey", "rsa:2048", *protection, "-keyout", key, "-out", request,
                "-config", self.path("ca.conf"), "-subj", f"/CN={name}")
        openssl("ca", "-batch", "-notext", "-config", self.path("ca.conf"), "-in", request,
                "-out", certificate, "-startdate", begins, "-enddate", ends, "-extfile", extensions)
        bundle = self.path(f"{name}.pem")
        with open(bundle, "w", encoding="ascii") as f:
            for part in (certificate, key):
                with open(part, encoding="ascii") as g:
                    f.write(g.read())
        os.chmod(bundle, 0o600)
        return bundle


def nss_database(directory, bundle, authorities, name="server", password="db pass"):
    """Makes the database that CERTPATH of a stock server names, with a certificate called so."""
    os.mkdir(directory)
    secret = os.path.join(directory, "password")
    with open(secret, "w", encoding="ascii") as f:
        f.write(password + "\n")
    package = os.path.join(directory, "package.p12")
    openssl("pkcs12", "-export", "-in", bundle, "-out", package, "-name", name, "-passout", "pass:x")
    database = f"sql:{directory}"
    for argv in (["certutil", "-N", "-d", database, "-f", secret],
                 ["pk12util", "-i", package, "-d", database, "-k", secret, "-W", "x"],
                 *(["certutil", "-A", "-d", database, "-f", secret, "-n", f"authority {i}", "-t", "CT,,",
                    "-i", path] for i, path in enumerate(authorities))):
        run(*argv)
