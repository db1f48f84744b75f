# SPDX-License-Identifier: GPL-2.0-or-later
"""The server's side of a login with a FIDO2 key, in Python, for tests of
terminals: what it offers, and what it makes of what a key has signed."""

import hashlib
import os
import struct

from fakeradius import (CAPABILITY, CHALLENGE, CLIENT_ID, KEY_ID, LOGIN, PURPOSE, SCHEME,
                        SERVER_ID, ours)
from pivcard import octets
from radius import ACCEPT, PROMPT, REJECT, REPLY_MESSAGE, STATE, USER_NAME
from radius import CHALLENGE as ACCESS_CHALLENGE
from softkey import RP

RP_ID, CREDENTIALS, USER_VERIFICATION, AUTH_DATA = range(16, 20)
UP, UV, BE, BS, AT, ED = 1, 4, 8, 16, 64, 128
DECOY = bytes(range(64))


def pieces(number, value, size=245):
    parts = [value[i:i + size] for i in range(0, len(value), size)]
    return [ours(number, bytes([i + 1, len(parts)]) + part) for i, part in enumerate(parts)]


def listed(ids):
    return b"".join(struct.pack("!H", len(i)) + i for i in ids)


def joined(request, number):
    got = request.ours(number)
    assert [p[0] for p in got] == list(range(1, len(got) + 1))
    assert all(p[1] == len(got) for p in got)
    return b"".join(p[2:] for p in got)


class KeyRounds:
    """The handler of a FakeServer: credentials by login; says what it saw."""

    def __init__(self, client_id, keys, server_id="sekisho.example"):
        self.client_id, self.keys, self.server_id = client_id, keys, server_id
        self.told_client_id, self.purpose, self.rp = client_id, "login", RP
        self.verify = "preferred"
        self.after_password = "code"  # or "key": it takes a code or a key
        self.counters, self.challenges, self.events = {}, {}, []
        self.asked = {}  # State -> what is asked for with it
        self.flags = []
        self.says = "Enter your password"

    def __call__(self, r):
        if r.state and r.ours(SCHEME):
            return [self.signed(r)]
        if r.state:
            return [self.typed(r)]
        if r.password is not None:
            return [self.password(r)]
        assert b"fido2" in r.ours(CAPABILITY) or b"card" in r.ours(CAPABILITY)
        self.events.append("challenge")
        return [self.challenge(r, "")]

    def challenge(self, r, text, *more):
        state, challenge = os.urandom(12).hex().encode(), os.urandom(32)
        self.challenges[state] = challenge
        ids = [c.id for c in self.keys.get(r.user.lower(), [])] or [DECOY]
        offered = [ours(CHALLENGE, challenge), ours(SERVER_ID, self.server_id),
                   ours(CLIENT_ID, self.told_client_id), ours(PURPOSE, self.purpose),
                   ours(LOGIN, r.user.lower())]
        if b"fido2" in r.ours(CAPABILITY):
            offered += [ours(RP_ID, self.rp), ours(USER_VERIFICATION, self.verify)]
            offered += pieces(CREDENTIALS, listed(ids))
        return r.answer(ACCESS_CHALLENGE, [(STATE, state), *more, *offered] + (
            [(REPLY_MESSAGE, text)] if text else []))

    def password(self, r):
        self.events.append("password")
        if r.password != "right":
            return r.answer(REJECT, [(REPLY_MESSAGE, "Authentication failed.")])
        if self.after_password == "accept":
            return r.answer(ACCEPT, [(USER_NAME, r.user.lower())])
        answer = self.challenge(r, "Enter the 6 digits", (PROMPT, bytes([0, 0, 0, 1])))
        self.asked[list(self.challenges)[-1]] = "code"
        return answer

    def typed(self, r):
        what = self.asked.pop(r.state)
        self.events.append(what)
        good = r.password == ("123456" if what == "code" else "right")
        return r.answer(ACCEPT if good else REJECT, [(USER_NAME, r.user.lower())] if good else [
            (REPLY_MESSAGE, "Authentication failed (reference K7-4822).")])

    def signed(self, r):
        challenge, login = self.challenges.pop(r.state), r.user.lower()
        after_password = self.asked.pop(r.state, None) == "code"
        fault = self.fault(r, challenge, login)
        self.events.append(fault or "signed")
        if fault:
            return r.answer(REJECT, [(REPLY_MESSAGE, "Authentication failed (reference K7-4821).")])
        if after_password or self.flags[-1] & UV:
            return r.answer(ACCEPT, [(USER_NAME, login)])
        state = os.urandom(12).hex().encode()
        self.asked[state] = "password after key"
        return r.answer(ACCESS_CHALLENGE, [(STATE, state), (PROMPT, bytes(4))] + (
            [(REPLY_MESSAGE, self.says)] if self.says else []))

    def fault(self, r, challenge, login):
        """As WebAuthn 7.2 has it, apart from the code under test."""
        if r.ours(SCHEME) != [b"fido2"]:
            return "scheme"
        by_id = {hashlib.sha256(c.id).digest(): c for c in self.keys.get(login, [])}
        key = by_id.get(r.ours(KEY_ID)[0])
        if key is None:
            return "unknown key"
        data = joined(r, AUTH_DATA)
        digest = hashlib.sha256(octets("login", self.server_id, self.client_id, login,
                                       challenge)).digest()
        if not key.verify(data, digest, r.signature):
            return "wrong signature"
        if len(data) < 37 or data[:32] != hashlib.sha256(self.rp.encode()).digest():
            return "wrong rp"
        flags, counter = data[32], struct.unpack("!I", data[33:37])[0]
        self.flags.append(flags)
        if flags & AT or (len(data) != 37 and not flags & ED):
            return "malformed"
        if not flags & UP:
            return "no presence"
        if self.verify == "required" and not flags & UV:
            return "no verification"
        if bool(flags & BE) != key.backup_eligible or (flags & BS and not flags & BE):
            return "backup changed"
        last = self.counters.get(key.id, 0)
        if (counter or last) and counter <= last:
            return "counter"
        self.counters[key.id] = counter
        return None
