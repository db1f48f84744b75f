# SPDX-License-Identifier: GPL-2.0-or-later
"""Another authority's web server on loopback: CRLs by GET, an OCSP responder
by POST whose answers openssl(1) signs. A test may spoil each answer."""

import http.server
import pathlib
import subprocess
import tempfile
import threading
import uuid


def openssl(*args, input=None):
    done = subprocess.run(["openssl", *[str(a) for a in args]], input=input, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, f"openssl {args}: {done.stderr.decode()}"
    return done.stdout


class Authority:
    """A CA of openssl's with what it has issued and revoked."""

    def __init__(self, name="Other CA"):
        self.folder = tempfile.TemporaryDirectory(prefix="authority-", dir="/tmp")
        self.dir = pathlib.Path(self.folder.name)
        self.key, self.certificate = self.key_file(), self.dir / "ca.pem"
        openssl("req", "-x509", "-new", "-key", self.key, "-subj", f"/CN={name}", "-days", "300",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", self.certificate)
        self.index = self.dir / "index.txt"
        self.index.write_text("")
        (self.dir / "index.txt.attr").write_text("unique_subject = no\n")
        (self.dir / "crlnumber").write_text("05\n")
        (self.dir / "ca.cnf").write_text(f"""[ca]
default_ca = c
[c]
database = {self.index}
crlnumber = {self.dir}/crlnumber
default_md = sha256
crl_extensions = x
[x]
authorityKeyIdentifier = keyid
""")
        self.signer = (self.certificate, self.key)

    def key_file(self):
        path = self.dir / f"{uuid.uuid4()}.key"
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
        return path

    def issue(self, spki, serial, extensions=""):
        """A certificate for a public key, which becomes known to the responder."""
        name = uuid.uuid4()
        pub, out, more = (self.dir / f"{name}.{x}" for x in ("pub", "der", "ext"))
        pub.write_bytes(spki)
        more.write_text(extensions or "keyUsage = digitalSignature\n")
        openssl("x509", "-new", "-force_pubkey", pub, "-subj", f"/CN=x{serial}", "-CA",
                self.certificate, "-CAkey", self.key, "-set_serial", f"0x{serial}", "-days", "100",
                "-extfile", more, "-outform", "DER", "-out", out)
        with open(self.index, "a") as f:
            f.write(f"V\t301231235959Z\t\t{serial.upper()}\tunknown\t/CN=x{serial}\n")
        return out.read_bytes()

    def delegate(self, serial, extensions="extendedKeyUsage = OCSPSigning\n"
                 "keyUsage = digitalSignature\n"):
        """A responder's certificate of its own; the pair that signs."""
        key = self.key_file()
        spki = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
        certificate = self.dir / f"responder-{serial}.pem"
        certificate.write_bytes(openssl("x509", "-inform", "DER", input=self.issue(
            spki, serial, extensions)))
        return certificate, key

    def forget(self, serial):
        lines = self.index.read_text().splitlines(True)
        self.index.write_text("".join(x for x in lines if x.split("\t")[3] != serial.upper()))

    def revoke(self, serial):
        self.forget(serial)
        with open(self.index, "a") as f:
            f.write(f"R\t301231235959Z\t261101000000Z,keyCompromise\t{serial.upper()}\tunknown\t"
                    f"/CN=x{serial}\n")

    def crl(self):
        return openssl("ca", "-config", self.dir / "ca.cnf", "-gencrl", "-keyfile", self.key,
                       "-cert", self.certificate, "-crldays", "7")

    def answer(self, request, *more, signer=None, index=None):
        """What `openssl ocsp` answers to a request in DER."""
        req, out = self.dir / f"{uuid.uuid4()}.req", self.dir / f"{uuid.uuid4()}.resp"
        req.write_bytes(request)
        certificate, key = signer or self.signer
        openssl("ocsp", "-index", index or self.index, "-CA", self.certificate, "-rsigner",
                certificate, "-rkey", key, "-reqin", req, "-respout", out, *more)
        return out.read_bytes()


class Server:
    """get and post are functions of the path or the body; they return octets,
    a number (the status), ("to", address) for a redirection, or a bytearray that
    is sent over and over and never announced."""

    def __init__(self):
        me = self
        self.get = self.post = lambda _: 404
        self.asked = []
        self.free = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def reply(self, what, arg):
                me.asked.append(arg)
                result = what(arg)
                try:
                    if isinstance(result, bytearray):
                        self.send_response(200)
                        self.end_headers()
                        while not me.free.is_set():
                            self.wfile.write(result)
                    if isinstance(result, bytes):
                        self.send_response(200)
                        self.send_header("Content-Length", str(len(result)))
                        self.end_headers()
                        self.wfile.write(result)
                        return
                    self.send_response(result if isinstance(result, int) else 302)
                    if not isinstance(result, int):
                        self.send_header("Location", result[1])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # who asked has gone

            def do_GET(self):
                self.reply(me.get, self.path)

            def do_POST(self):
                assert self.headers["Content-Type"] == "application/ocsp-request"
                self.reply(me.post, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def silence(self, _):
        self.free.wait(60)
        return 500

    def close(self):
        self.free.set()
        self.http.shutdown()
        self.http.server_close()
