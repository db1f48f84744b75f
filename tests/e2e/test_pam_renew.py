# SPDX-License-Identifier: GPL-2.0-or-later
"""The holder of a card that soon ends renews it at a terminal: one question,
one PIN, the same keys. Every part is real but the plastic."""

import datetime
import hashlib
import os
import time

import pytest
import softcard
from cards import OBJECT
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from sekisho import run, wait_for
from softcard import (CHALLENGE, CLIENT_ID, KEY_ID, LOGIN, PURPOSE, SERVER_ID, SoftCard, pieces,
                      to_sign, vendor, vsa)
from test_ward import ASK, PIN, Ward

PUBLIC_KEY, PROOF, RENEWAL = 12, 13, 14
OFFER = "Renew it now?"
RENEW = vsa(PURPOSE, b"renewal")


@pytest.fixture(scope="module")
def ward():
    w = Ward()
    w.s.sql("UPDATE sekisho.setting SET value = '20' WHERE name = 'card.validity_days'")
    yield w
    w.close()


@pytest.fixture
def holder(ward):
    """With a card that ends in 20 days."""
    person, card, number = ward.holder()
    ward.s.sql("UPDATE sekisho.setting SET value = '1095' WHERE name = 'card.validity_days'")
    yield person, card, number
    ward.s.sql("UPDATE sekisho.setting SET value = '20' WHERE name = 'card.validity_days'")
    card.fault("clear")
    if card.inserted():
        card.remove()


def certificates(ward):
    out = {}
    for slot in "9a", "9e":
        pem = run("yubico-piv-tool", "-r", "Virtual", "-a", "read-certificate", "-s", slot,
                  env=ward.rig.env).stdout
        out[slot] = x509.load_pem_x509_certificate(pem.encode())
    return out


def days_left(certificate):
    return (certificate.not_valid_after - datetime.datetime.utcnow()).days


def keys(ward, number):
    return ward.s.admin("card", "show", number)[0]["keys"]


def login(ward, p, *more, **kwargs):
    return ward.terminal.login(p.login, [(ASK, PIN), *more], **kwargs)


def test_one_question_one_pin(ward, holder):
    p, card, number = holder
    before = certificates(ward)
    assert days_left(before["9a"]) < 21
    code, seen = login(ward, p, (OFFER, ""))
    assert code == 0 and "is renewed" in seen, (seen, ward.terminal.logged(), ward.s.log())
    assert PIN not in seen and seen.count("PIN") == 1
    after = certificates(ward)
    for slot in after:
        assert days_left(after[slot]) > 1000
        assert after[slot].public_key().public_numbers() == \
            before[slot].public_key().public_numbers(), "the same key"
        assert after[slot].serial_number != before[slot].serial_number
        assert after[slot].subject == before[slot].subject
    rows = keys(ward, number)
    assert len(rows) == 4
    for row in rows:
        assert (row["revoked_why"] == "superseded") == (row["revoked_at"] is not None)
        assert row["proven_at"], "it counted all the time"
    assert {r["pin"] for r in rows if r["slot"] == "9a"} == {"enforced"}
    # nothing is asked the next time; and the card is as good as before
    code, seen = login(ward, p)
    assert code == 0 and OFFER not in seen, seen
    assert [(e["category"], e["method"]) for e in ward.s.last(p.login)["evidence"]] == [
        ("possession", "card"), ("knowledge", "pin")]
    row = [r for r in ward.s.audit(p.login, kind="order") if r["reason"] == "card_renew"][-1]
    assert row["outcome"] == "done" and row["detail"]["client"] == "ward-3"
    # the office's list has it no more, and the old certificates are on the CRL
    expiring = ward.s.admin("card", "list", "--expires-within", "90d")
    assert number not in [c["number"] for c in expiring]
    wait_for(lambda: all(r["revoked_at"] is None or ward.s.sql(
        f"SELECT crl_listed IS NOT NULL FROM sekisho.card_key WHERE serial = '\\x{r['serial']}'") == "t"
        for r in keys(ward, number)), 30)


def test_later_is_later_and_the_login_stands(ward, holder):
    p, card, number = holder
    for answer in "n", "later":
        code, seen = login(ward, p, (OFFER, answer))
        assert code == 0 and "is renewed" not in seen
    assert len(keys(ward, number)) == 2
    ward.terminal.set(renew_days=0)
    try:
        code, seen = login(ward, p)
        assert code == 0 and OFFER not in seen
    finally:
        ward.terminal.set(renew_days=None)
    # where the office says that nobody renews here, nobody is asked
    ward.s.admin("setting", "set", "card.renew_days", "0")
    try:
        code, seen = login(ward, p)
        assert code == 0 and OFFER not in seen
    finally:
        ward.s.admin("setting", "set", "card.renew_days", "60")
    ward.terminal.set(language="ja")
    try:
        code, seen = ward.terminal.login(p.login, [
            ("暗証番号(PIN)を入力してください: ", PIN), ("今すぐ更新しますか?", "n")])
        assert code == 0
    finally:
        ward.terminal.set(language=None)


def test_interrupted_it_is_offered_again(ward, holder):
    """Taken out while it is written: the server has the new certificates, the
    card one of them or none."""
    p, card, number = holder
    before = certificates(ward)
    card.fault("sw", "db", "6581")  # PUT DATA fails once
    code, seen = login(ward, p, (OFFER, ""))
    assert code == 0 and "could not be renewed" in seen and "You are logged in" in seen
    assert certificates(ward)["9a"] == before["9a"]
    card.fault("clear")
    code, seen = login(ward, p, (OFFER, "y"))
    assert code == 0 and "is renewed" in seen, (seen, ward.terminal.logged(), ward.s.log())
    assert all(days_left(c) > 1000 for c in certificates(ward).values())
    code, seen = login(ward, p)
    assert code == 0 and OFFER not in seen


def test_taken_out_at_the_question(ward, holder):
    p, card, number = holder
    code, seen = login(ward, p, (OFFER, lambda: card.remove() or ""))
    assert code == 0 and "could not be renewed" in seen, seen
    card.insert(0)
    assert len(keys(ward, number)) == 2
    code, seen = login(ward, p, (OFFER, "n"))
    assert code == 0


def test_a_server_without_its_ca(ward, holder):
    p, card, number = holder
    ward.s.sql("UPDATE sekisho.issuer SET status = 'retired' WHERE kind = 'own'")
    ward.s.sql("UPDATE sekisho.card_key SET issuer_id = NULL WHERE token_id = (SELECT token_id "
               f"FROM sekisho.card WHERE number = '{number}')")
    try:
        code, seen = login(ward, p)
        assert code == 0 and OFFER not in seen, "a key that is not our CA's is not renewed here"
    finally:
        ward.s.sql("UPDATE sekisho.issuer SET status = 'active' WHERE kind = 'own'")


# What a terminal, or who has taken one over, could send.


@pytest.fixture
def soft(ward):
    """A card in memory, as if it had been issued, and a one-time key."""
    p = ward.s.person(token=False)
    card = SoftCard().enrol(ward.s, p.login, valid_until="now() + interval '10 days'")
    box = ward.s.sql("SELECT management_version FROM sekisho.card WHERE management IS NOT NULL LIMIT 1")
    ward.s.sql(f"""
        UPDATE sekisho.card SET management = decode(repeat('00', 100), 'hex'),
               management_version = {box} WHERE token_id = '{card.token}';
        UPDATE sekisho.card_key SET serial = '\\x{os.urandom(8).hex()}', issuer_id =
               (SELECT id FROM sekisho.issuer WHERE kind = 'own') WHERE token_id = '{card.token}'""")
    return p, card


def ask(ward, p, *extra, state=None, **more):
    client = ward.client()
    return client.login(p.login, None, state, extra=[RENEW, *extra], **more)


def begin(ward, p, card):
    return ask(ward, p, vsa(KEY_ID, card.key_id))


def proof(card, challenge, public, **other):
    bound = hashlib.sha256(b"SEKISHO-renewal\0" + vendor(challenge, CHALLENGE) + public).digest()
    fields = {"purpose": b"renewal", "server": vendor(challenge, SERVER_ID),
              "client": vendor(challenge, CLIENT_ID), "login": vendor(challenge, LOGIN),
              "challenge": bound}
    fields.update(other)
    signature = card.sign(to_sign(**fields))
    return card.key_id + b"\0" + len(signature).to_bytes(2, "big") + signature


def place(ward, p, card, challenge, public, made):
    return ask(ward, p, vsa(KEY_ID, card.key_id), vsa(PUBLIC_KEY, public),
               *[vsa(PROOF, piece) for piece in pieces(made)], state=challenge.state)


def end_of(ward, p, reply):
    """How an order that was placed ended: reason, or done."""
    order = reply.state.decode()
    return wait_for(lambda: (lambda s: s if not s.startswith("new") else None)(ward.s.sql(
        f"SELECT status || ' ' || reason FROM sekisho.order_ WHERE id = '{order}'")), 20)


def test_what_is_proven_and_what_not(ward, soft):
    p, card = soft
    public = os.urandom(32)
    other = os.urandom(32)
    before = ward.s.sql("SELECT count(*) FROM sekisho.card_key")

    def tried(**fields):
        first = begin(ward, p, card)
        assert first.name == "challenge" and vendor(first, PURPOSE) == b"renewal"
        signed = proof(card, first, fields.pop("signed_for", public), **fields)
        reply = place(ward, p, card, first, public, signed)
        return end_of(ward, p, reply) if reply.name == "challenge" else reply.name

    assert tried(signed_for=other) == "refused wrong_signature", "another's one-time key"
    assert tried(purpose=b"login") == "refused wrong_signature"
    assert tried(client=b"00000000-0000-0000-0000-000000000000") == "refused wrong_signature"
    ward.s.sql("DELETE FROM sekisho.order_ WHERE kind = 'card_renew'")
    # a login's signature is no renewal, and a renewal's no login
    first = softcard.begin(ward.client(), p.login)
    made = card.answer(first)
    again = begin(ward, p, card)
    reply = place(ward, p, card, again, public,
                  card.key_id + b"\0" + len(made).to_bytes(2, "big") + made)
    assert end_of(ward, p, reply) == "refused wrong_signature"
    first = softcard.begin(ward.client(), p.login)
    assert softcard.finish(ward.client(), p.login, card, first, purpose=b"renewal").name == "reject"
    # what is right releases nothing that does not open
    assert tried() == "refused escrow_does_not_open"
    assert ward.s.sql("SELECT count(*) FROM sekisho.card_key") == before, "nothing was renewed"
    # five a quarter of an hour
    ward.s.sql("DELETE FROM sekisho.order_ WHERE kind = 'card_renew'")
    ends = [tried(purpose=b"login") for _ in range(6)]
    assert ends == ["refused wrong_signature"] * 5 + ["reject"]


def test_whose_card_and_where(ward, soft):
    p, card = soft
    other = ward.s.person(token=False)
    assert begin(ward, other, card).name == "reject"
    assert begin(ward, p, SoftCard()).name == "reject"
    vpn = ward.s.client("vpn-renew", "127.0.0.2", "vpn")
    extra = [RENEW, vsa(KEY_ID, card.key_id)]
    assert vpn.login(p.login, None, extra=extra).name == "reject"
    for line, why in (("card_key SET valid_until = now() + interval '100 days'", "not due"),
                      ("card_key SET valid_until = now() - interval '1 s'", "over"),
                      ("card SET temporary_until = now() + interval '1 h'", "lent"),
                      ("card SET origin = 'bound'", "not ours"),
                      ("card SET management = NULL", "no escrow")):
        ward.s.sql(f"BEGIN; UPDATE sekisho.card_key SET valid_until = now() + interval '10 days' "
                   f"WHERE token_id = '{card.token}'; COMMIT")
        assert begin(ward, p, card).name == "challenge", why
        ward.s.sql(f"UPDATE sekisho.{line} WHERE token_id = '{card.token}'")
        assert begin(ward, p, card).name == "reject", why
        ward.s.sql("UPDATE sekisho.card SET temporary_until = NULL, origin = 'issued', management = "
                   f"decode(repeat('00', 100), 'hex') WHERE token_id = '{card.token}'")
    # a credential beside it is malformed; so is a proof that is not whole
    ward.s.sql("UPDATE sekisho.card_key SET valid_until = now() + interval '10 days' "
               f"WHERE token_id = '{card.token}'")
    assert ward.client().login(p.login, p.password, extra=extra, timeout=1).name == "silence"
    assert ward.client().login(p.login, None, extra=extra, ma=False, timeout=1).name == "silence"
    first = begin(ward, p, card)
    assert ask(ward, p, vsa(KEY_ID, card.key_id), vsa(PUBLIC_KEY, bytes(32)), vsa(PROOF, b"\1\2x"),
               state=first.state, timeout=1).name == "silence"
    # an order that nobody placed
    assert ask(ward, p, state=b"00000000-0000-4000-8000-000000000000").name == "reject"
    assert ask(ward, p, state=b"A" * 32).name == "reject"
    # another challenge than the server's
    public, second = os.urandom(32), begin(ward, p, card)
    made = proof(card, first, public)
    assert place(ward, p, card, first, public, made).name == "reject", "a newer one was asked for"
    reply = place(ward, p, card, second, public, made)
    assert end_of(ward, p, reply) == "refused wrong_signature"
