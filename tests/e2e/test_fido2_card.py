# SPDX-License-Identifier: GPL-2.0-or-later
"""A card in the reader and a FIDO2 key plugged in: the card goes first."""

import pytest

from cardward import ASKS as CARD_ASKS
from cardward import readers, sato, ward  # noqa: F401 (fixtures)
from fakeradius import CAPABILITY
from keyrounds import UP, UV, KeyRounds
from keyward import ASKS, CLIENT, SATO, pin_key
from keyward import PIN as KEY_PIN
from pivcard import PIN

pytestmark = pytest.mark.rig


class Both:
    """A server that takes either."""

    def __init__(self, cards, keys):
        self.cards, self.keys = cards, keys

    def __call__(self, r):
        if r.state in self.keys.challenges:
            return self.keys(r)
        if r.state:
            return self.cards(r)
        if b"card" not in r.ours(CAPABILITY):
            return self.keys(r)
        # both kinds of challenge under one State, as authd has it
        answer = self.keys.challenge(r, "")
        state = list(self.keys.challenges)[-1]
        self.cards.challenges[state] = self.keys.challenges[state]
        return [answer]


def test_the_card_goes_first_and_the_key_is_next(ward):
    key = pin_key()
    try:
        w = ward(fido2=True, fido2_user="nobody", fido2_devices=[key.path])
        keys = KeyRounds(CLIENT, {"sato": [key.credential(SATO.bytes)]})
        w.server.handler = Both(w.rounds, keys)
        code, seen = w.login("sato", [(CARD_ASKS, "")] + [(ASKS, KEY_PIN)])
        assert code == 0 and keys.flags == [UP | UV], (seen, w.terminal.logged())
        assert w.server.requests[0].ours(CAPABILITY) == [b"card", b"fido2"]
        keys.challenges.clear()  # a signature is the card's now
        w.server.handler = w.rounds
        code, seen = w.login("sato", [(CARD_ASKS, PIN)])
        assert code == 0 and ASKS not in seen, (seen, w.terminal.logged())
    finally:
        key.close()
