# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrations made in a real browser, and its assertions, judged by our code."""

import base64
import json
import os

import pytest

from browser import Browser
from sekisho import BUILD, run


@pytest.fixture(scope="module")
def page(shared):
    b = Browser()
    shared.admin("setting", "set", "fido2.rp_id", "localhost")
    shared.admin("setting", "set", "fido2.origins", b.origin)
    yield b
    for name in "fido2.rp_id", "fido2.origins":
        shared.admin("setting", "set", name, "")
    b.close()


@pytest.fixture
def key(page):
    ids = []

    def key(**more):
        ids.append(page.authenticator(**more))
        return ids[-1]

    yield key
    for each in ids:
        page.tell("WebAuthn.removeVirtualAuthenticator", authenticatorId=each)


@pytest.fixture
def p(shared):
    return shared.person(token=False)


def take(s, p, answer, *more, check=True):
    return s.admin("fido2", "import", p.login, *more, input=answer, check=check)


def refused(done, text):
    assert done.returncode == 1 and text in done.stderr, (done.returncode, done.stderr)


def b64(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def test_registration_and_assertion(shared, page, key, p):
    key()
    options = shared.admin("fido2", "invite", p.login)
    answer = page.create(options)
    made = take(shared, p, answer, "--label", "from the page")
    assert made["uv"] == "pin" and made["origin"] == "import" and made["counts"]
    assert made["format"] in ("packed", "none") and made["rp_id"] == "localhost"
    challenge = os.urandom(32)
    id = json.loads(answer)["id"]
    public = shared.sql("SELECT encode(public_key, 'hex') FROM sekisho.fido2_key "
                        f"WHERE token_id = '{made['id']}'")
    asked = {"challenge": b64(challenge), "rpId": "localhost", "userVerification": "required",
             "allowCredentials": [{"type": "public-key", "id": id}]}
    signed = page.get(asked)

    def check(answer=signed, rp="localhost", origin=page.origin, challenge=challenge):
        return run(BUILD / "tests/rigs/webauthn-check", rp, origin, challenge.hex(), str(made["algorithm"]),
                   public, input=answer, check=False)

    done = check()
    assert done.returncode == 0 and "right" in done.stdout, done.stderr
    assert check(rp="sekisho.example").returncode == 1
    assert "another origin" in check(origin="https://localhost").stderr
    assert "another challenge" in check(challenge=bytes(32)).stderr
    other = json.loads(signed)
    sig = bytearray(base64.urlsafe_b64decode(other["response"]["signature"] + "=="))
    sig[-1] ^= 1
    other["response"]["signature"] = b64(bytes(sig))
    assert "signature is wrong" in check(answer=json.dumps(other)).stderr
    other["response"]["signature"], other["response"]["clientDataJSON"] = \
        json.loads(signed)["response"]["signature"], json.loads(answer)["response"]["clientDataJSON"]
    assert "another type" in check(answer=json.dumps(other)).stderr
    # an answer is good once, and for one person
    refused(take(shared, p, answer, check=False), "no invitation")
    # the page is told which keys there are already
    again = shared.admin("fido2", "invite", p.login)
    assert [c["id"] for c in again["excludeCredentials"]] == [id]


def test_whose_invitation_it_was(shared, page, key, p):
    key()
    other = shared.person(token=False)
    answer = page.create(shared.admin("fido2", "invite", p.login))
    shared.admin("fido2", "invite", other.login)
    refused(take(shared, other, answer, check=False), "another challenge")
    options = shared.admin("fido2", "invite", p.login)
    foreign = dict(options, challenge=b64(os.urandom(32)))
    refused(take(shared, p, page.create(foreign), check=False), "another challenge")
    assert take(shared, p, answer)["counts"], "its own is still good"


def test_where_it_was_made(shared, page, key, p):
    key()
    answer = page.create(shared.admin("fido2", "invite", p.login))
    shared.admin("setting", "set", "fido2.origins", "https://elsewhere.example")
    try:
        refused(take(shared, p, answer, check=False), "another origin")
    finally:
        shared.admin("setting", "set", "fido2.origins", page.origin)
    changed = json.loads(answer)
    object = bytearray(base64.urlsafe_b64decode(changed["response"]["attestationObject"] + "=="))
    at = object.index(b"authData")
    object[at + 12] ^= 1  # in the relying party's hash
    changed["response"]["attestationObject"] = b64(bytes(object))
    refused(take(shared, p, json.dumps(changed), check=False), "not right")
    assert take(shared, p, answer)["counts"], "nothing was spent"


def test_synced_passkeys_are_refused(shared, page, key, p):
    key(defaultBackupEligibility=True, defaultBackupState=True, hasResidentKey=True)
    answer = page.create(shared.admin("fido2", "invite", p.login))
    refused(take(shared, p, answer, check=False), "copied")
    assert shared.admin("fido2", "list", p.login) == []


def test_a_key_without_verification(shared, page, key, p):
    key(hasUserVerification=False, isUserVerified=False)
    assert take(shared, p, page.create(shared.admin("fido2", "invite", p.login)))["uv"] == "none"
