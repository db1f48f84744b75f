# SPDX-License-Identifier: GPL-2.0-or-later
"""A terminal with a card reader and the server's side of the card rounds."""

import pytest

from fakeradius import FakeServer
from pivcard import PIN, PUK, CardRounds, Readers
from terminal import Terminal

SECRET = "a-secret-of-the-test"
CLIENT = "37b0332c-1bbe-4920-9b02-4d56b53aab42"
ASKS = "PIN of your staff card"


@pytest.fixture(scope="module")
def readers():
    r = Readers()
    yield r
    r.close()


@pytest.fixture(scope="module")
def sato(readers):
    key = readers.make("sato", upn="sato@hospital.example")
    readers.remove()
    return key


class Ward:
    """A terminal with its server."""

    def __init__(self, readers, keys, **settings):
        self.rounds = CardRounds(CLIENT, keys)
        self.server = FakeServer(SECRET, self.rounds)
        self.terminal = Terminal(self.server.address, SECRET, card=True, client_id=CLIENT,
                                 pcsc_socket=str(readers.socket), language="en", **settings)
        self.login = self.terminal.login

    @property
    def events(self):
        return self.rounds.events

    def close(self):
        self.terminal.close()
        self.server.close()


@pytest.fixture
def ward(readers, sato):
    made = []

    def make(keys=None, **settings):
        made.append(Ward(readers, keys or {"sato": sato}, **settings))
        return made[-1]

    readers.insert("sato")
    yield make
    readers.remove()
    for w in made:
        w.close()


def unblock(readers):
    """Three tries again."""
    readers.tool("-a", "unblock-pin", "-P", PUK, "-N", PIN)
