# SPDX-License-Identifier: GPL-2.0-or-later
"""A FIDO2 key in the test's own memory, octet by octet: for what a real one, or
the key in software, would never send."""

import hashlib
import os
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from softcard import (CAPABILITY, CHALLENGE, CLIENT_ID, KEY_ID, LOGIN, PURPOSE, SCHEME,
                      SERVER_ID, SIGNATURE, pieces, to_sign, vendor, vsa)

RP_ID, CREDENTIALS, VERIFICATION, AUTH_DATA = 16, 17, 18, 19
UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
RP = "sekisho.example"
CAN = vsa(CAPABILITY, b"fido2")


class SoftFido:
    def __init__(self, kind="es256", counter=1, backup=False, rp=RP, length=64, verifies="pin"):
        self.kind, self.counter, self.rp, self.verifies = kind, counter, rp, verifies
        self.backup = backup
        self.id = os.urandom(length)
        self.key_id = hashlib.sha256(self.id).digest()
        if kind == "eddsa":
            self.key = ed25519.Ed25519PrivateKey.generate()
            self.algorithm = -8
            self.public = self.key.public_key().public_bytes(
                serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        else:
            self.key = ec.generate_private_key(ec.SECP384R1() if kind == "es384" else ec.SECP256R1())
            self.algorithm = -35 if kind == "es384" else -7
            self.public = self.key.public_key().public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)[1:]

    def enrol(self, s, login, label="key"):
        """As the office's functions record it."""
        s.sql(f"""
            SELECT sekisho.fido2_enrol(decode(sekisho.fido2_begin('{login}', 10) ->> 'challenge', 'hex'),
                '{login}', '{label}', '\\x{self.id.hex()}', {self.algorithm}, '\\x{self.public.hex()}',
                {self.counter}, '00000000-0000-0000-0000-000000000000', '{self.verifies}',
                {self.backup}, false, 'none', 'none', 'usb')""")
        self.token = s.sql(f"SELECT token_id FROM sekisho.fido2_key WHERE key_id = '\\x{self.key_id.hex()}'")
        return self

    def data(self, flags=UP | UV, counter=None, rp=None, tail=b""):
        if counter is None:
            self.counter += 1
            counter = self.counter
        return hashlib.sha256((rp or self.rp).encode()).digest() + struct.pack(
            "!BI", flags | (BE if self.backup else 0), counter) + tail

    def sign(self, data, digest):
        if self.kind == "eddsa":
            return self.key.sign(data + digest)
        return self.key.sign(data + digest, ec.ECDSA(
            hashes.SHA384() if self.kind == "es384" else hashes.SHA256()))

    def answer(self, reply, data=None, change=None, **more):
        """Attributes that answer a challenge. more: of data(), or what is signed."""
        fields = {n: more.pop(n, vendor(reply, v)) for n, v in (
            ("purpose", PURPOSE), ("server", SERVER_ID), ("client", CLIENT_ID),
            ("login", LOGIN), ("challenge", CHALLENGE))}
        data = self.data(**more) if data is None else data
        signature = self.sign(data, to_sign(**fields))
        if change:
            data, signature = change(data, signature)
        return ([vsa(KEY_ID, self.key_id), vsa(SCHEME, b"fido2")] +
                [vsa(SIGNATURE, piece) for piece in pieces(signature)] +
                [vsa(AUTH_DATA, piece) for piece in pieces(data)])


def joined(reply, number):
    """A value in pieces, out of a reply."""
    out, expected = b"", None
    for value in reply.get(26):
        if struct.unpack("!I", value[:4])[0] == 32473 and value[4] == number:
            index, total, piece = value[6], value[7], value[8:]
            assert expected in (None, (index, total)), "pieces follow each other"
            expected = (index + 1, total)
            out += piece
    assert expected is None or expected[0] == expected[1] + 1, "none is missing"
    return out


def credentials(reply):
    value, out = joined(reply, CREDENTIALS), []
    while value:
        size = struct.unpack("!H", value[:2])[0]
        out.append(value[2:2 + size])
        value = value[2 + size:]
    return out


def begin(client, login, extra=()):
    return client.login(login, None, extra=[CAN, *extra])


def finish(at, name, key, reply, **more):
    return at.login(name, None, reply.state, extra=[CAN] + key.answer(reply, **more))


def login(at, name, key, **more):
    reply = begin(at, name)
    assert reply.name == "challenge", reply
    return finish(at, name, key, reply, **more)
