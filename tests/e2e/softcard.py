# SPDX-License-Identifier: GPL-2.0-or-later
"""A card's key in the test's own memory, and the rounds of a login with it,
octet by octet: for what a real card would never send."""

import hashlib
import struct
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

CAPABILITY, CHALLENGE, SERVER_ID, CLIENT_ID, PURPOSE, LOGIN = 2, 3, 4, 5, 6, 7
KEY_ID, SIGNATURE, SCHEME = 8, 9, 10
VENDOR_SPECIFIC = 26


def vsa(number, value):
    return VENDOR_SPECIFIC, struct.pack("!IBB", 32473, number, len(value) + 2) + value


def vendor(reply, number):
    for value in reply.get(VENDOR_SPECIFIC):
        if struct.unpack("!I", value[:4])[0] == 32473 and value[4] == number:
            return value[6:]
    return None


def pieces(value, size=245):
    parts = [value[i:i + size] for i in range(0, len(value), size)]
    return [bytes([i + 1, len(parts)]) + part for i, part in enumerate(parts)]


def to_sign(purpose, server, client, login, challenge):
    out = b"SEKISHO-v1\0"
    for field in (purpose, server, client, login, challenge):
        out += struct.pack("!I", len(field)) + field
    return hashlib.sha256(out).digest()


class SoftCard:
    def __init__(self, kind="p256"):
        self.kind = kind
        self.key = {"p256": lambda: ec.generate_private_key(ec.SECP256R1()),
                    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
                    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
                    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
                    }[kind]()
        self.scheme = b"rsa-pkcs1-sha256" if kind.startswith("rsa") else b"ecdsa-sha256"
        self.spki = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.key_id = hashlib.sha256(self.spki).digest()
        self.token = str(uuid.uuid4())

    def enrol(self, s, login, pin="enforced", slot="9a", status="active", **key):
        """The rows that issuing a card leaves behind."""
        valid_from = key.get("valid_from", "now() - interval '1 day'")
        valid_until = key.get("valid_until", "now() + interval '1 year'")
        s.sql(f"""
            INSERT INTO sekisho.token (id, person_id, method, label, status)
            SELECT '{self.token}', id, 'card', 'card 0042', '{status}'
              FROM sekisho.person WHERE login = '{login}';
            INSERT INTO sekisho.card (token_id, origin, state)
            VALUES ('{self.token}', 'issued', 'active');
            INSERT INTO sekisho.card_key (token_id, slot, key_id, spki, pin, valid_from,
                valid_until, proven_at)
            VALUES ('{self.token}', '{slot}', '\\x{self.key_id.hex()}', '\\x{self.spki.hex()}',
                '{pin}', {valid_from}, {valid_until}, now());""")
        return self

    def sign(self, digest, pss=False):
        ready = utils.Prehashed(hashes.SHA256())
        if self.kind.startswith("rsa"):
            pad = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if pss else padding.PKCS1v15()
            return self.key.sign(digest, pad, ready)
        return self.key.sign(digest, ec.ECDSA(ready))

    def answer(self, reply, **other):
        """The signature over a challenge; other replaces what is signed."""
        fields = {n: other.get(n, vendor(reply, v)) for n, v in (
            ("purpose", PURPOSE), ("server", SERVER_ID), ("client", CLIENT_ID),
            ("login", LOGIN), ("challenge", CHALLENGE))}
        return self.sign(to_sign(**fields), pss=other.get("pss", False))

    def attributes(self, signature, key_id=None, scheme=None):
        return [vsa(KEY_ID, key_id or self.key_id), vsa(SCHEME, scheme or self.scheme)] + [
            vsa(SIGNATURE, piece) for piece in pieces(signature)]


CAN = vsa(CAPABILITY, b"card")


def begin(client, login):
    return client.login(login, None, extra=[CAN])


def finish(at, name, card, reply, **other):
    return at.login(name, None, reply.state,
                    extra=[CAN] + card.attributes(card.answer(reply, **other)))


def login(at, name, card, **other):
    reply = begin(at, name)
    assert reply.name == "challenge"
    return finish(at, name, card, reply, **other)
