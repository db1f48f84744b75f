# SPDX-License-Identifier: GPL-2.0-or-later
"""The card CA: its key in a PKCS#11 token (SoftHSM), certificates and CRLs
that OpenSSL takes, and what happens when it goes away."""

import base64
import hashlib
import json
import os
import pathlib
import signal
import struct
import subprocess
import time
import uuid

import pytest
from sekisho import Sekisho, run, wait_for

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
    import ctypes
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


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    s = Sekisho("ca", ca=True)
    s.keys = tmp_path_factory.mktemp("keys")
    s.admin("ca", "init", "--name", "Test Card CA")
    s.admin("setting", "set", "card.realm", REALM)
    s.admin("setting", "set", "card.crl_url", "http://pki.hospital.example/card.crl")
    yield s
    s.close()


@pytest.fixture
def root(ca):
    path = ca.keys / "root.pem"
    path.write_text(pem(base64.b64decode(ca.admin("ca", "show")["certificate"]), "CERTIFICATE"))
    return path


def pem(der, label):
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n"


def text_of(der):
    return openssl("x509", "-inform", "DER", "-noout", "-text", input=der).stdout.decode()


def verify(root, der, folder, *more, check=True):
    path = folder / f"{uuid.uuid4()}.pem"
    path.write_text(pem(der, "CERTIFICATE"))
    return openssl("verify", "-x509_strict", "-CAfile", root, *more, path, check=check)


def test_the_whole_way(ca, root):
    p = ca.person(token=False)
    ca.admin("person", "set-sid", p.login, SID)
    card, key, auth = Card(ca, p.login), Key(ca.keys), Key(ca.keys, "2048")
    der = card.certificate(key, "9a")
    verify(root, der, ca.keys, "-purpose", "sslclient")
    text = text_of(der)
    assert f"CN = 試験 太郎" in text or "CN = \\E8" in text
    assert f"serialNumber = {p.login}" in text
    assert "mallory" not in text and "CA:TRUE" not in text
    assert "TLS Web Client Authentication, Microsoft Smartcard Login" in text
    assert "http://pki.hospital.example/card.crl" in text
    assert f"{p.login}@{REALM}".encode() in der and SID.encode() in der
    cak = card.certificate(auth, "9e")
    verify(root, cak, ca.keys)
    assert SID.encode() not in cak and REALM.encode() not in cak.replace(b"pki." + REALM.encode(), b"")
    assert card.row() == "pending|new"
    assert ca.sql(f"SELECT count(*) FROM sekisho.card_key WHERE token_id = '{card.token}' "
                  "AND proven_at IS NULL") == "2"
    assert card.prove(key, auth) == ("done", "")
    assert card.row() == "active|active"
    assert ca.sql(f"SELECT string_agg(slot || pin, ' ' ORDER BY slot) FROM sekisho.card_key WHERE "
                  f"token_id = '{card.token}' AND proven_at IS NOT NULL") == "9aenforced 9enone"
