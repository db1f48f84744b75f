# SPDX-License-Identifier: GPL-2.0-or-later
"""FIDO2 from the desk to the terminal: the real card-admin, pam_sekisho, helpers
and libfido2, FreeRADIUS, authd and PostgreSQL; the key alone is software."""

import pytest

from keyward import ASKS, PIN
from softfido import RP
from softkey import SoftKey
from terminal import Terminal
from test_card_login import reason

TOUCH = "Touch your security key when it blinks"


@pytest.fixture(scope="module")
def ward(shared):
    shared.admin("setting", "set", "fido2.rp_id", RP)
    yield shared
    shared.admin("setting", "set", "fido2.rp_id", "")


@pytest.fixture
def at(ward):
    """at(key, ...): a terminal with these keys; enrolled for somebody new."""
    made = []

    def make(*keys, enrol=True, input=PIN + "\n", **settings):
        person = ward.person(token=False)
        if enrol:
            for key in keys:
                ward.admin("fido2", "enrol", person.login, "--device", key.path, input=input)
        t = Terminal(":".join(map(str, ward.server)), ward.terminal.secret.decode(), **dict(dict(
            fido2=True, client_id=ward.admin("client", "show", "terminal")["id"], server_id="sekisho",
            fido2_user="nobody", language="en", timeout_ms=9000,
            fido2_devices=[k.path for k in keys]), **settings))
        made.append((t, keys))
        return person, t

    yield make
    for t, keys in made:
        t.close()
        for key in keys:
            key.close()


def test_pin_and_touch(ward, at):
    p, t = at(SoftKey(pin=PIN))
    for _ in range(2):
        code, seen = t.login(p.login, [(ASKS, PIN), (TOUCH, None)], actions=("authenticate", "acct_mgmt"))
        assert code == 0, (seen, t.logged(), ward.log()[-2000:])
    assert [e["method"] for e in ward.last(p.login)["evidence"]] == ["fido2", "uv"]
    assert PIN not in ward.log() and PIN not in t.logged()


@pytest.mark.parametrize("options", [{"alg": "eddsa", "pin": PIN}, {"uv": "fingerprint", "pin": PIN},
                                     {"pin": PIN, "no_counter": True}], ids=str)
def test_other_keys(ward, at, options):
    p, t = at(SoftKey(**options))
    answers = [("Put your finger", None)] if options.get("uv") == "fingerprint" else [(ASKS, PIN), (TOUCH, None)]
    for _ in range(2):
        code, seen = t.login(p.login, answers)
        assert code == 0, (seen, t.logged(), ward.log()[-2000:])


def test_touch_and_password(ward, at):
    p, t = at(SoftKey(uv="none"), input="")
    code, seen = t.login(p.login, [(TOUCH, None), ("パスワード", p.password)])
    assert code == 0, (seen, t.logged(), ward.log()[-2000:])
    assert [e["method"] for e in ward.last(p.login)["evidence"]] == ["fido2", "password"]


def test_without_the_key_or_with_anothers(ward, at):
    p, t = at(SoftKey(pin=PIN), enrol=False)
    q = ward.person()
    # the key that is there is nobody's: the password is asked for, and a code
    code, seen = t.login(q.login, [("Password:", q.password), ("数字", q.code())])
    assert code == 0, (seen, t.logged(), ward.log()[-2000:])
    code, seen = t.login(p.login, [("Password:", p.password), ("数字", "000000")])
    assert code > 0, "nothing opens with a password alone"


def test_a_copy_is_noticed(ward, at):
    key = SoftKey(pin=PIN)
    p, t = at(key)
    assert t.login(p.login, [(ASKS, PIN)])[0] == 0
    key.fault("counter-back")
    code, seen = t.login(p.login, [(ASKS, PIN)])
    assert code != 0 and reason(ward, p.login) == "fido2_counter", seen
    assert ward.admin("fido2", "list", p.login)[0]["state"] == "suspended"
    code, seen = t.login(p.login, [("Password:", p.password), ("数字", "000000")])
    assert code > 0, seen


def test_lost_at_night(ward, at):
    p, t = at(SoftKey(pin=PIN))
    assert t.login(p.login, [(ASKS, PIN)])[0] == 0
    key = ward.admin("fido2", "list", p.login)[0]
    ward.admin("fido2", "lost", p.login, key["id"][:8], "--why", "on the train")
    code, seen = t.login(p.login, [("Password:", p.password), ("数字", "000000")])
    assert code > 0, seen
