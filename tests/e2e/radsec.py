# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates for RADIUS over TLS as an instance's own CA issues them, and
servers that are not as they should be."""

import os
import pathlib
import socket
import ssl
import threading

from sekisho import run

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
PLAIN = "[req]\ndistinguished_name = dn\n[dn]\n"


class Issuer:
    """A CA in a folder; deploy/instance --radsec has made one in its own."""

    def __init__(self, folder, new=False):
        self.dir = pathlib.Path(folder)
        self.ca = self.dir / "ca.pem"
        (self.dir / "req.conf").write_text(PLAIN)
        if new:
            self.openssl("-keyout", self.dir / "ca.key", "-out", self.ca, "-subj", "/CN=another CA",
                         "-addext", "basicConstraints=critical,CA:TRUE")

    def openssl(self, *args, faked=None):
        env = dict(os.environ, LD_PRELOAD=FAKETIME, FAKETIME=faked) if faked else None
        run("openssl", "req", "-config", self.dir / "req.conf", "-x509", "-days", "30",
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *args, env=env)

    def issue(self, where, names, usage="clientAuth", faked=None):
        """where.pem and where.key, for one or several DNS names."""
        pem, key = pathlib.Path(f"{where}.pem"), pathlib.Path(f"{where}.key")
        names = [names] if isinstance(names, str) else names
        self.openssl("-CA", self.ca, "-CAkey", self.dir / "ca.key", "-subj", "/CN=terminal",
                     "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
                     f"extendedKeyUsage={usage}", "-addext", "keyUsage=critical,digitalSignature", "-addext",
                     "subjectAltName=" + ",".join(f"DNS:{n}" for n in names),
                     "-keyout", key, "-out", pem, faked=faked)
        key.chmod(0o600)
        pem.chmod(0o644)
        return pem, key


class Listener:
    """Takes connections and does with each what it is told to."""

    def __init__(self, serve):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.serve, self.kept, self.seen = serve, [], []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.kept.append(connection)
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        try:
            self.serve(self, connection)
        except OSError as e:
            self.seen.append(str(e))

    def close(self):
        self.socket.close()
        for connection in self.kept:
            connection.close()


def tls_server(pem, key, ca, then):
    """A TLS server that wants a client certificate, and then does its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_REQUIRED

    def serve(listener, connection):
        tls = context.wrap_socket(connection, server_side=True)
        listener.kept.append(tls)
        then(listener, tls)

    return Listener(serve)
