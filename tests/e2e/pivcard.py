# SPDX-License-Identifier: GPL-2.0-or-later
"""Staff cards in the virtual readers, with a certificate of a test's own CA;
and the server's side of the card rounds, in Python, for tests of terminals."""

import datetime
import hashlib
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID, ObjectIdentifier

from fakeradius import (CAPABILITY, CHALLENGE, CLIENT_ID, KEY_ID, LOGIN, PURPOSE, SCHEME,
                        SERVER_ID, ours)
from radius import ACCEPT, PROMPT, REJECT, REPLY_MESSAGE, STATE, USER_NAME
from radius import CHALLENGE as ACCESS_CHALLENGE
from sekisho import BUILD, PROJECT, run

RIG = PROJECT / "tests/rigs/card-rig"
UPN = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
CA = ec.generate_private_key(ec.SECP256R1())
PIN, PUK = "123456", "12345678"


class Readers:
    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="rig-", dir="/tmp"))
        self.dir.chmod(0o755)
        self.rig("start", "--build", BUILD)
        self.socket = self.dir / "run/pcscd.comm"
        self.env = dict(os.environ, PCSCLITE_CSOCK_NAME=str(self.socket))

    def close(self):
        self.rig("stop")
        shutil.rmtree(self.dir, ignore_errors=True)

    def rig(self, verb, *args):
        # a leak checker finds no /proc in the rig's namespaces
        env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
        return run(RIG, verb, self.dir, *args, env=env).stdout

    def insert(self, name, reader=0):
        self.rig("insert", name, str(reader))

    def remove(self, *name):
        self.rig("remove", *name)

    def tell(self, name, *words):
        return self.rig("tell", name, *words)

    def tool(self, *args, input=None, check=True):
        return run("yubico-piv-tool", "-r", "Virtual", *args, env=self.env, input=input,
                   check=check).stdout

    def make(self, name, algorithm="ECCP256", upn=None, cn="A Person", slot="9a"):
        """A card with a key and a certificate; stays in reader 0."""
        self.insert(name)
        public = serialization.load_pem_public_key(
            self.tool("-a", "generate", "-s", slot, "-A", algorithm).encode())
        pem = certificate(public, upn, cn).public_bytes(serialization.Encoding.PEM)
        self.tool("-a", "import-certificate", "-s", slot, input=pem.decode())
        self.tool("-a", "set-chuid")
        self.tool("-a", "set-ccc")
        return public

    def make_other(self, name, login):
        """A card beside the one in reader 0, which is in there again after it."""
        self.remove()
        try:
            return self.make(name, upn=login + "@hospital.example")
        finally:
            self.remove()
            self.insert("sato")

    def pkcs11(self, *args):
        return subprocess.run(["pkcs11-tool", *args], env=self.env, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True)


def der(public):
    return public.public_bytes(serialization.Encoding.DER,
                               serialization.PublicFormat.SubjectPublicKeyInfo)


def certificate(public, upn=None, cn="A Person"):
    now = datetime.datetime(2026, 1, 1)
    builder = (x509.CertificateBuilder()
               .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)]))
               .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Card CA")]))
               .public_key(public).serial_number(x509.random_serial_number())
               .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=3650)))
    if upn:
        text = upn.encode()
        builder = builder.add_extension(x509.SubjectAlternativeName(
            [x509.OtherName(UPN, struct.pack("BB", 12, len(text)) + text)]), False)
    return builder.sign(CA, hashes.SHA256())


def octets(purpose, server, client, login, challenge):
    """docs/protocol.md, apart from the code under test."""
    out = b"SEKISHO-v1\0"
    for part in (purpose, server, client, login, challenge):
        part = part.encode() if isinstance(part, str) else part
        out += struct.pack("!I", len(part)) + part
    return out


def verify(public, scheme, signature, signed):
    digest = hashlib.sha256(signed).digest()
    hashed = utils.Prehashed(hashes.SHA256())
    try:
        if isinstance(public, rsa.RSAPublicKey):
            how = {"rsa-pkcs1-sha256": padding.PKCS1v15(),
                   "rsa-pss-sha256": padding.PSS(padding.MGF1(hashes.SHA256()), 32)}[scheme]
            public.verify(signature, digest, how, hashed)
        else:
            assert scheme == "ecdsa-sha256", scheme
            public.verify(signature, digest, ec.ECDSA(hashed))
    except InvalidSignature:
        return False
    return True


class CardRounds:
    """The handler of a FakeServer: keys by login; says what it saw."""

    def __init__(self, client_id, keys, server_id="sekisho.example"):
        self.client_id, self.keys, self.server_id = client_id, keys, server_id
        self.told_client_id = client_id
        self.purpose, self.challenges, self.events = "login", {}, []
        self.text = "職員証で署名してください"
        self.possession_only, self.asked = False, set()  # the password comes last
        self.ask = "Enter your password"
        self.schemes = []

    def __call__(self, r):
        if r.state and r.state in self.challenges:
            return [self.second(r)]
        if r.state and r.state in self.asked:
            return [self.last(r)]
        if b"card" in r.ours(CAPABILITY):
            assert r.password is None
            return [self.first(r)]
        self.events.append("password")
        return [r.answer(ACCEPT if r.password == "right" else REJECT, [(USER_NAME, r.user)])]

    def first(self, r):
        state, challenge = os.urandom(12).hex().encode(), os.urandom(32)
        self.challenges[state] = challenge
        self.events.append("challenge")
        return r.answer(ACCESS_CHALLENGE, [
            (STATE, state), ours(CHALLENGE, challenge), ours(SERVER_ID, self.server_id),
            ours(CLIENT_ID, self.told_client_id), ours(PURPOSE, self.purpose),
            ours(LOGIN, r.user.lower()), (REPLY_MESSAGE, self.text)])

    def second(self, r):
        challenge, login = self.challenges.pop(r.state), r.user.lower()
        public = self.keys.get(login)
        good = public is not None and r.signature is not None and \
            r.ours(KEY_ID) == [hashlib.sha256(der(public)).digest()] and \
            verify(public, r.ours(SCHEME)[0].decode(), r.signature, octets(
                "login", self.server_id, self.client_id, login, challenge))
        self.events.append("good" if good else "bad")
        self.schemes += [scheme.decode() for scheme in r.ours(SCHEME)]
        if good and self.possession_only:
            state = os.urandom(12).hex().encode()
            self.asked.add(state)
            return r.answer(ACCESS_CHALLENGE, [(STATE, state), (PROMPT, bytes(4))] + (
                [(REPLY_MESSAGE, self.ask)] if self.ask else []))
        if good:
            return r.answer(ACCEPT, [(USER_NAME, login)])
        return r.answer(REJECT, [(REPLY_MESSAGE, "Authentication failed (reference K7-4821).")])

    def last(self, r):
        self.asked.remove(r.state)
        assert not r.signature and not r.ours(CAPABILITY)
        self.events.append("password")
        if r.password == "right":
            return r.answer(ACCEPT, [(USER_NAME, r.user.lower())])
        return r.answer(REJECT, [(REPLY_MESSAGE, "Authentication failed (reference K7-4822).")])
