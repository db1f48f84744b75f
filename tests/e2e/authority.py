# SPDX-License-Identifier: GPL-2.0-or-later
"""The card CA as tests use it: keys in software instead of on a card, orders
placed as card-admin places them, and what OpenSSL says to the outcome."""

import base64
import ctypes
import hashlib
import os
import struct
import subprocess
import uuid

from sekisho import wait_for

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
REALM = "hospital.example"
SID = "S-1-5-21-397955417-626881126-188441444-1010"


def openssl(*args, input=None, check=True):
    done = subprocess.run(["openssl", *[str(a) for a in args]], input=input,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if check and done.returncode != 0:
        raise AssertionError(f"openssl {args}: {done.stderr.decode()}")
    return done


class Key:
    """A key of a card, here in software: what openssl makes."""

    def __init__(self, folder, kind="P-256"):
        self.path = folder / f"{uuid.uuid4()}.pem"
        if kind.startswith("P-"):
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{kind}",
                    "-out", self.path)
        else:
            openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{kind}",
                    "-out", self.path)
        self.kind = kind
        self.spki = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER").stdout
        self.id = hashlib.sha256(self.spki).digest()

    def csr(self):
        return openssl("req", "-new", "-key", self.path, "-subj", "/CN=mallory", "-addext",
                       "basicConstraints=critical,CA:TRUE", "-outform", "DER").stdout

    def sign(self, octets):
        return openssl("dgst", "-sha256", "-sign", self.path, input=octets).stdout

    def proof(self, octets):
        signature = self.sign(octets)
        scheme = 0 if self.kind.startswith("P-") else 1
        return self.id + bytes([scheme]) + struct.pack("!H", len(signature)) + signature


class Card:
    """What card-admin records of a card, put there as the owner of the database."""

    def __init__(self, s, login, state="new", status="pending"):
        self.s, self.login, self.token = s, login, str(uuid.uuid4())
        s.sql(f"INSERT INTO sekisho.token (id, person_id, method, status) SELECT '{self.token}', id, "
              f"'card', '{status}' FROM sekisho.person WHERE login = '{login}'")
        s.sql(f"INSERT INTO sekisho.card (token_id, origin, state) VALUES "
              f"('{self.token}', 'issued', '{state}')")

    def challenge(self, seconds=300):
        challenge = os.urandom(32)
        self.s.sql(f"UPDATE sekisho.card SET challenge = '\\x{challenge.hex()}', challenge_until = "
                   f"clock_timestamp() + interval '{seconds} s' WHERE token_id = '{self.token}'")
        return challenge

    def octets(self, challenge, purpose="enrolment", server="sekisho"):
        out = b"SEKISHO-v1\0"
        for field in (purpose.encode(), server.encode(), self.token.encode(), self.login.encode(),
                      challenge):
            out += struct.pack("!I", len(field)) + field
        return out

    def order(self, kind, args):
        return order(self.s, kind, args, self.token)

    def certificate(self, key, slot="9a"):
        status, reason, answer = self.order("card_certificate", slot.ljust(4).encode() + key.csr())
        assert (status, reason) == ("done", ""), (status, reason)
        return answer

    def prove(self, *keys):
        octets = self.octets(self.challenge())
        return self.order("card_prove", b"".join(k.proof(octets) for k in keys))[:2]

    def row(self):
        return self.s.sql("SELECT k.status, c.state FROM sekisho.token k JOIN sekisho.card c ON "
                          f"c.token_id = k.id WHERE k.id = '{self.token}'")


def seal(s, order_id, args):
    """crypto_box_seal to the keyring, as card-admin does, by its own unit's words."""
    sodium = ctypes.CDLL("libsodium.so.23")
    sodium.sodium_init()
    version, key = s.sql("SELECT version, encode(public_key, 'hex') FROM sekisho.keyring_key "
                         "WHERE status = 'current'").split("|")
    plain = b"SEKISHO-BOX-v1\0"
    for field in (b"order", order_id.encode(), args):
        plain += struct.pack("!I", len(field)) + field
    box = ctypes.create_string_buffer(len(plain) + 48)
    assert sodium.crypto_box_seal(box, plain, ctypes.c_ulonglong(len(plain)), bytes.fromhex(key)) == 0
    return version, box.raw


def place(s, kind, args, token=None):
    order_id = str(uuid.uuid4())
    version, box = seal(s, order_id, args)
    person = f"(SELECT person_id FROM sekisho.token WHERE id = '{token}')" if token else "NULL"
    token = f"'{token}'" if token else "NULL"
    s.sql("INSERT INTO sekisho.order_ (id, kind, person_id, token_id, args, key_version) VALUES "
          f"('{order_id}', '{kind}', {person}, {token}, '\\x{box.hex()}', {version}); "
          "NOTIFY sekisho_order")
    return order_id


def ended(s, order_id):
    row = s.sql("SELECT status, reason, encode(answer, 'hex') FROM sekisho.order_ WHERE id = "
                f"'{order_id}' AND status <> 'new'")
    if not row:
        return None
    status, reason, answer = row.split("|")
    return status, reason, bytes.fromhex(answer)


def order(s, kind, args, token=None, seconds=20):
    order_id = place(s, kind, args, token)
    return wait_for(lambda: ended(s, order_id), seconds)


def pem(der, label):
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n"


def text_of(der):
    return openssl("x509", "-inform", "DER", "-noout", "-text", input=der).stdout.decode()


def verify(root, der, folder, *more, check=True):
    path = folder / f"{uuid.uuid4()}.pem"
    path.write_text(pem(der, "CERTIFICATE"))
    return openssl("verify", "-x509_strict", "-CAfile", root, *more, path, check=check)


def crl_number(s):
    return int(s.sql("SELECT crl_number FROM sekisho.issuer WHERE kind = 'own' AND status = 'active'"))


def revoke(s, card, why="lost"):
    s.sql("UPDATE sekisho.card_key SET revoked_at = clock_timestamp(), "
          f"revoked_why = '{why}' WHERE token_id = '{card.token}' AND revoked_at IS NULL")


def box(s, kind, owner, payload):
    sodium = ctypes.CDLL("libsodium.so.23")
    version, key = s.sql("SELECT version, encode(public_key, 'hex') FROM sekisho.keyring_key "
                         "WHERE status = 'current'").split("|")
    plain = b"SEKISHO-BOX-v1\0"
    for field in (kind.encode(), owner.encode(), payload):
        plain += struct.pack("!I", len(field)) + field
    out = ctypes.create_string_buffer(len(plain) + 48)
    sodium.crypto_box_seal(out, plain, ctypes.c_ulonglong(len(plain)), bytes.fromhex(key))
    return version, out.raw.hex()


def release(card, kind):
    sodium = ctypes.CDLL("libsodium.so.23")
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    sodium.crypto_box_keypair(public, secret)
    status, reason, answer = card.order(kind, public.raw)
    if status != "done":
        return reason
    plain = ctypes.create_string_buffer(len(answer) - 48)
    assert sodium.crypto_box_seal_open(plain, answer, ctypes.c_ulonglong(len(answer)), public, secret) == 0
    return plain.raw


def escrow(s, card, kind, owner, payload):
    version, octets = box(s, kind, owner, payload)
    s.sql(f"UPDATE sekisho.card SET {kind} = '\\x{octets}', {kind}_version = {version} "
          f"WHERE token_id = '{card.token}'")


class OtherCA:
    def __init__(self, folder, name="Other CA"):
        self.folder, self.name = folder / f"other-{uuid.uuid4()}", name
        self.folder.mkdir()
        (self.folder / "index.txt").write_text("")
        (self.folder / "crlnumber").write_text("05\n")
        (self.folder / "ca.cnf").write_text(f"""[ca]
default_ca = c
[c]
database = {self.folder}/index.txt
crlnumber = {self.folder}/crlnumber
default_md = sha256
crl_extensions = x
[x]
authorityKeyIdentifier = keyid
""")
        self.key = Key(self.folder)
        self.path = self.folder / "ca.pem"
        openssl("req", "-x509", "-new", "-key", self.key.path, "-subj", f"/CN={name}", "-days", "300",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", self.path)

    def revoke(self, serial, reason=""):
        with open(self.folder / "index.txt", "a") as f:
            f.write(f"R\t301231235959Z\t261101000000Z{reason and ',' + reason}\t{serial}\tunknown\t/CN=x{serial}\n")

    def release(self, serial):
        index = self.folder / "index.txt"
        index.write_text("".join(l for l in index.read_text().splitlines(True)
                                 if f"\t{serial}\t" not in l))

    def crl(self, *more):
        path = self.folder / f"{uuid.uuid4()}.crl"
        openssl("ca", "-config", self.folder / "ca.cnf", "-gencrl", "-keyfile", self.key.path, "-cert",
                self.path, "-out", path, *(more or ("-crldays", "7")))
        return path

    @property
    def der(self):
        return openssl("x509", "-in", self.path, "-outform", "DER").stdout

    def under(self, name, faked=None):
        """An intermediate CA; faked: as faketime moves the clock when it is made."""
        ca = OtherCA(self.folder, name)
        csr = openssl("req", "-new", "-key", ca.key.path, "-subj", f"/CN={name}").stdout
        extensions = ca.folder / "ca-ext.cnf"
        extensions.write_text("basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\n")
        moved = dict(os.environ, LD_PRELOAD=FAKETIME, FAKETIME=faked) if faked else None
        done = subprocess.run(["openssl", "x509", "-req", "-CA", self.path, "-CAkey", self.key.path, "-days",
                               "200", "-extfile", extensions, "-set_serial", f"0x{os.urandom(8).hex()}"],
                              input=csr, capture_output=True, check=True, env=moved)
        ca.path.write_bytes(done.stdout)
        return ca

    def issue(self, key, name, serial=None, san=None):
        csr = openssl("req", "-new", "-key", key.path, "-subj", f"/CN={name}").stdout
        extensions = self.folder / "client.cnf"
        extensions.write_text("basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\n"
                              "extendedKeyUsage = clientAuth\n"
                              + (f"subjectAltName = DER:{san.hex()}\n" if san else ""))
        return openssl("x509", "-req", "-CA", self.path, "-CAkey", self.key.path, "-days", "90", "-extfile",
                       extensions, "-set_serial", f"0x{serial or os.urandom(8).hex()}", "-outform", "DER",
                       input=csr).stdout
