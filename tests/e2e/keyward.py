# SPDX-License-Identifier: GPL-2.0-or-later
"""A terminal with FIDO2 keys and the server's side of the rounds."""

import uuid

import pytest

from fakeradius import FakeServer
from keyrounds import KeyRounds
from softkey import SoftKey
from terminal import Terminal

SECRET = "a-secret-of-the-test"
CLIENT = "37b0332c-1bbe-4920-9b02-4d56b53aab42"
PIN = "483920"
ASKS = "PIN of your security key"
SATO = uuid.UUID("0b4c8a3e-4a52-4f6f-9f5e-1f0d3b1a7c11")


class Ward:
    """A terminal with its server; keys are plugged in."""

    def __init__(self, keys, owners, **settings):
        self.keys = keys
        self.rounds = KeyRounds(CLIENT, {})
        for login, key in owners:
            self.rounds.keys.setdefault(login, []).append(key.credential(SATO.bytes))
        self.server = FakeServer(SECRET, self.rounds)
        self.terminal = Terminal(
            self.server.address, SECRET, **dict(
                dict(fido2=True, client_id=CLIENT, fido2_user="nobody", language="en",
                     fido2_devices=[k.path for k in keys]), **settings))
        self.login = self.terminal.login

    @property
    def events(self):
        return self.rounds.events

    def close(self):
        self.terminal.close()
        self.server.close()
        for key in self.keys:
            key.close()


@pytest.fixture
def ward():
    """ward(key, ..., settings): keys that are sato's; others=[key]: nobody's."""
    made = []

    def make(*keys, others=(), **settings):
        made.append(Ward([*keys, *others], [("sato", k) for k in keys], **settings))
        return made[-1]

    yield make
    for w in made:
        w.close()


def pin_key(**options):
    return SoftKey(pin=PIN, **options)


def plain_key(**options):
    return SoftKey(uv="none", **options)


def finger_key(**options):
    return SoftKey(uv="fingerprint", pin=PIN, **options)
