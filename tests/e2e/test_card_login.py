# SPDX-License-Identifier: GPL-2.0-or-later
"""A signature by a card as one gesture and two factors, through the real
FreeRADIUS. The card here is a key in memory: what a real card and OpenSC do is
tested with the virtual card; this file sends what they never would."""

import hashlib
import time

import pytest
import radius
import softcard
from softcard import CAN, SoftCard, begin, finish, vendor, vsa


def reason(s, login):
    """Why, from sums that are still growing and from the audit."""
    return s.sql("SELECT reason FROM (SELECT reason, last_at AS at FROM sekisho.refusal_tally "
                 f"WHERE login = '{login}' UNION ALL SELECT reason, at FROM sekisho.audit "
                 f"WHERE login = '{login}' AND kind = 'login') x ORDER BY at DESC LIMIT 1")


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa2048", "rsa3072"])
def test_c13_card_and_pin_are_two_factors(shared, person, kind):
    card = SoftCard(kind).enrol(shared, person.login)
    first = begin(shared.terminal, person.login.upper())
    assert first.name == "challenge" and "PIN" in first.text
    assert len(vendor(first, softcard.CHALLENGE)) == 32
    assert vendor(first, softcard.PURPOSE) == b"login"
    assert vendor(first, softcard.LOGIN) == person.login.encode()
    assert vendor(first, softcard.SERVER_ID) == b"sekisho"
    assert finish(shared.terminal, person.login, card, first).name == "accept"
    row = shared.last(person.login)
    assert [(e["category"], e["method"], e["token"], e["label"]) for e in row["evidence"]] == [
        ("possession", "card", card.token, "card 0042"),
        ("knowledge", "pin", card.token, "card 0042")]
    if kind.startswith("rsa"):
        reply = begin(shared.terminal, person.login)
        answer = card.attributes(card.answer(reply, pss=True), scheme=b"rsa-pss-sha256")
        assert shared.terminal.login(person.login, None, reply.state,
                                     extra=[CAN] + answer).name == "accept"


def test_d5_card_without_pin_is_possession_only(shared, person):
    card = SoftCard().enrol(shared, person.login, pin="none", slot="9e")
    first = softcard.login(shared.terminal, person.login, card)
    assert first.name == "challenge", "a card without PIN opens no terminal by itself"
    assert first.get(radius.PROMPT) == [b"\0\0\0\0"], "a password is not shown"
    wrong = shared.terminal.login(person.login, "not the password", first.state)
    assert wrong.name == "reject"
    assert shared.last(person.login)["reason"] == "wrong_password"
    time.sleep(5.2)
    first = softcard.login(shared.terminal, person.login, card)
    # a code is possession again: the same category twice is one
    assert shared.terminal.login(person.login, person.code(), first.state).name == "reject"
    shared.admin("unlock", person.login)
    first = softcard.login(shared.terminal, person.login, card)
    assert shared.terminal.login(person.login, person.password, first.state).name == "accept"
    assert {e["method"] for e in shared.last(person.login)["evidence"]} == {"card", "password"}


def test_d5_unknown_protection_counts_as_none(shared, person):
    card = SoftCard().enrol(shared, person.login, pin="unknown")
    assert softcard.login(shared.terminal, person.login, card).name == "challenge"


def test_password_then_card(shared):
    p = shared.person(token=False)
    card = SoftCard().enrol(shared, p.login, pin="none")
    first = shared.terminal.login(p.login, p.password, extra=[CAN])
    assert first.name == "challenge"
    assert finish(shared.terminal, p.login, card, first).name == "accept"


def test_signature_cannot_be_carried_elsewhere(shared, person):
    card = SoftCard().enrol(shared, person.login)
    other = shared.person()
    others = SoftCard().enrol(shared, other.login)
    t = shared.terminal
    for field in ({"purpose": b"entry"}, {"server": b"elsewhere"},
                  {"client": b"00000000-0000-0000-0000-000000000000"},
                  {"login": other.login.encode()}, {"challenge": bytes(32)}):
        first = begin(t, person.login)
        assert finish(t, person.login, card, first, **field).name == "reject", field
        assert reason(shared, person.login) == "wrong_signature"
        # and the State is spent with it
        assert finish(t, person.login, card, first).name == "reject"
    # another person's card
    assert softcard.login(t, person.login, others).name == "reject"
    assert reason(shared, person.login) == "card_of_another"
    # the answer of another terminal, and of an earlier login
    first = begin(shared.vpn, person.login)
    assert finish(t, person.login, card, first).name == "reject"
    one, two = begin(t, person.login), begin(t, person.login)
    extra = [CAN] + card.attributes(card.answer(one))
    assert t.login(person.login, None, two.state, extra=extra).name == "reject"
    first = begin(t, person.login)
    assert finish(t, person.login, card, first).name == "accept"
    assert finish(t, person.login, card, first).name == "reject", "once"
    for login in person.login, other.login:
        assert shared.sql("SELECT count(*) FROM sekisho.throttle t JOIN sekisho.person p "
                          f"ON p.id = t.subject WHERE p.login = '{login}'") == "0"


def test_malformed_signatures(shared, person):
    card = SoftCard().enrol(shared, person.login)
    rsa = SoftCard("rsa2048").enrol(shared, person.login)
    t = shared.terminal

    def refused(make, why, signer=card, scheme=None):
        first = begin(t, person.login)
        answer = signer.attributes(make(signer.answer(first)), scheme=scheme)
        assert t.login(person.login, None, first.state, extra=[CAN] + answer).name == "reject"
        assert reason(shared, person.login) in why.split("|"), why

    for bit in (0, 7, 8 * 20 + 3, 8 * 60):
        refused(lambda s, b=bit: bytes(x ^ (1 << b % 8) if i == b // 8 else x
                                       for i, x in enumerate(s)),
                "signature_malformed|wrong_signature")
    refused(lambda s: s + b"\0", "signature_malformed")
    refused(lambda s: s[:-1], "signature_malformed")
    refused(lambda s: bytes.fromhex("30080202000002020000"), "signature_malformed")
    refused(lambda s: bytes.fromhex("3006020100020100"), "signature_malformed|wrong_signature")
    refused(lambda s: s, "signature_malformed", scheme=b"rsa-pkcs1-sha256")
    refused(lambda s: s, "signature_malformed", scheme=b"none")
    refused(lambda s: s[:-1] + bytes([s[-1] ^ 1]), "wrong_signature", signer=rsa)
    refused(lambda s: bytes(255), "signature_malformed|wrong_signature", signer=rsa)


def test_attributes_that_do_not_fit_get_no_answer(shared, person):
    card = SoftCard("rsa2048").enrol(shared, person.login)
    t = shared.terminal

    def silent(change):
        first = begin(t, person.login)
        extra = [CAN] + change(card.attributes(card.answer(first)))
        assert t.login(person.login, None, first.state, extra=extra, timeout=1).name == "silence"
        # it was not understood, so nothing is spent
        assert finish(t, person.login, card, first).name == "accept"

    silent(lambda a: a[:-1])                        # the last piece is missing
    silent(lambda a: a[:2] + a[:1:-1])              # in another order
    silent(lambda a: a + a[-1:])                    # one twice
    silent(lambda a: a + [a[0]])                    # two keys
    silent(lambda a: a + [vsa(softcard.SIGNATURE, b"\1")])
    silent(lambda a: [a[0], a[1], vsa(softcard.SIGNATURE, b"\1\1")])
    first = begin(t, person.login)                  # a password beside it
    reply = t.login(person.login, person.password, first.state, timeout=1,
                    extra=[CAN] + card.attributes(card.answer(first)))
    assert reply.name == "silence"


def test_signature_without_a_challenge(shared, person):
    card = SoftCard().enrol(shared, person.login)
    t = shared.terminal
    extra = [CAN] + card.attributes(card.sign(hashlib.sha256(b"").digest()))
    assert t.login(person.login, None, extra=extra).name == "reject"
    assert t.login(person.login, None, b"A" * 32, extra=extra).name == "reject"
    assert reason(shared, person.login) == "state_unknown"
    first = begin(t, person.login)
    assert t.login(person.login, None, first.state, extra=[CAN]).name == "reject"


def test_cards_that_do_not_count(shared, person):
    def tried(card):
        assert softcard.login(shared.terminal, person.login, card).name == "reject"
        return reason(shared, person.login)

    assert tried(SoftCard()) == "card_unknown"
    assert tried(SoftCard().enrol(shared, person.login, status="pending")) == "card_pending"
    assert tried(SoftCard().enrol(shared, person.login, status="suspended")) == "card_suspended"
    assert tried(SoftCard().enrol(shared, person.login, status="revoked")) == "card_revoked"
    assert tried(SoftCard().enrol(shared, person.login,
                                  valid_until="now() - interval '1 s'")) == "card_expired"
    assert tried(SoftCard().enrol(shared, person.login, valid_from="now() + interval '1 h'")
                 ) == "card_not_yet_valid"
    card = SoftCard().enrol(shared, person.login)
    shared.sql(f"UPDATE sekisho.card_key SET proven_at = NULL WHERE token_id = '{card.token}'")
    assert tried(card) == "card_pending"
    card = SoftCard().enrol(shared, person.login)
    shared.sql(f"UPDATE sekisho.card_key SET revoked_at = now() WHERE token_id = '{card.token}'")
    assert tried(card) == "card_revoked"


def test_stale_revocation_data_fails_closed(shared, person):
    card = SoftCard().enrol(shared, person.login)
    name = f"authority of {person.login}"
    shared.sql(f"""
        INSERT INTO sekisho.issuer (name, kind, certificate, revocation, crl_next)
        VALUES ('{name}', 'other', decode(repeat('00', 64), 'hex'), 'crl', now() + interval '1 h');
        UPDATE sekisho.card_key SET issuer_id = (SELECT id FROM sekisho.issuer WHERE name = '{name}')
         WHERE token_id = '{card.token}'""")
    assert softcard.login(shared.terminal, person.login, card).name == "accept"
    for then, why in (("crl_next = now() - interval '1 s'", "crl_stale"),
                      ("crl_next = NULL", "crl_stale"),
                      ("crl_next = now() + interval '1 h', status = 'retired'", "issuer_retired")):
        shared.sql(f"UPDATE sekisho.issuer SET {then} WHERE name = '{name}'")
        assert softcard.login(shared.terminal, person.login, card).name == "reject"
        assert reason(shared, person.login) == why


def test_a_locked_password_never_blocks_a_card(shared, person):
    card = SoftCard().enrol(shared, person.login)
    for _ in range(2):
        shared.terminal.login(person.login, "wrong " + str(time.time()))
    assert shared.terminal.login(person.login, person.password).name == "reject", "refusal time"
    failures = "SELECT sum(failures) FROM sekisho.throttle t JOIN sekisho.person p " \
               f"ON p.id = t.subject WHERE p.login = '{person.login}'"
    before = shared.sql(failures)
    assert softcard.login(shared.terminal, person.login, card).name == "accept"
    assert shared.sql(failures) == before != "0", "a card forgives no guesses at the password"


def test_unknown_names_are_asked_alike(shared, person):
    card = SoftCard().enrol(shared, person.login)
    replies = {}
    for name in person.login, "nobody.here":
        first = begin(shared.terminal, name)
        last = finish(shared.terminal, name, card, first) if name != person.login else \
            finish(shared.terminal, name, SoftCard(), first)
        shape = [(n, len(v) if n != radius.VENDOR else v[4]) for n, v in first.attributes]
        replies[name] = (first.name, first.text, shape, last.name, len(last.attributes))
    assert replies[person.login] == replies["nobody.here"]


def test_policy_may_count_no_cards(own):
    s = own()
    s.terminal = s.client("terminal", "127.0.0.1", "terminal")
    p = s.person()
    card = SoftCard().enrol(s, p.login)
    s.sql("UPDATE sekisho.policy SET methods = '{password,totp}', version = version + 1")
    assert softcard.login(s.terminal, p.login, card).name == "reject"
    s.sql("UPDATE sekisho.policy SET methods = '{password,card}', version = version + 1")
    first = softcard.login(s.terminal, p.login, card)
    assert first.name == "challenge", "possession only"
    # the PIN does not count here, so it is not what the password would repeat
    assert s.terminal.login(p.login, p.password, first.state).name == "accept"
    assert s.sql("SELECT count(*) FROM sekisho.throttle") == "0", "nothing was wrong"


def test_person_without_affiliation(shared):
    p = shared.person()
    card = SoftCard().enrol(shared, p.login)
    shared.sql(f"UPDATE sekisho.person SET status = 'suspended' WHERE login = '{p.login}'")
    assert softcard.login(shared.terminal, p.login, card).name == "reject"
    assert reason(shared, p.login) == "person_unusable"


def test_a_temporary_card_ends_when_the_own_one_is_used(shared, person):
    own = SoftCard().enrol(shared, person.login)
    lent = SoftCard().enrol(shared, person.login)
    shared.sql(f"UPDATE sekisho.card SET temporary_until = now() + interval '8 h' WHERE token_id = '{lent.token}'")
    assert softcard.login(shared.terminal, person.login, lent).name == "accept"
    assert softcard.login(shared.terminal, person.login, lent).name == "accept"
    assert softcard.login(shared.terminal, person.login, own).name == "accept"
    assert softcard.login(shared.terminal, person.login, lent).name == "reject"
    assert reason(shared, person.login) == "card_revoked"
    late = SoftCard().enrol(shared, person.login)
    shared.sql(f"UPDATE sekisho.card SET temporary_until = now() - interval '1 s' WHERE token_id = '{late.token}'")
    assert softcard.login(shared.terminal, person.login, late).name == "reject"
    assert reason(shared, person.login) == "card_expired"


def test_a_card_that_ends_between_two_rounds(shared, person):
    """A key without PIN signed; before the password comes, it ends."""
    for end in ("UPDATE sekisho.card_key SET revoked_at = now() WHERE token_id = '{}'",
                "UPDATE sekisho.card_key SET valid_until = now() WHERE token_id = '{}'",
                "UPDATE sekisho.token SET status = 'revoked' WHERE id = '{}'"):
        card = SoftCard().enrol(shared, person.login, pin="none", slot="9e")
        first = softcard.login(shared.terminal, person.login, card)
        assert first.name == "challenge"
        shared.sql(end.format(card.token))
        assert shared.terminal.login(person.login, person.password, first.state).name == "reject"
        assert reason(shared, person.login) == "state_unknown"


def test_references_do_not_tell_names_apart(shared, person):
    known, unknown = SoftCard().enrol(shared, shared.person().login), SoftCard()
    refs = {}
    for name in person.login, "nobody.else":
        refs[name] = [softcard.login(shared.terminal, name, card).ref for card in (unknown, known)]
    # two reasons, two sums: for a name that somebody has and for one that nobody has
    assert len(set(refs[person.login])) == len(set(refs["nobody.else"])) == 2


def test_two_logins_at_once_while_a_card_is_lent(shared, person):
    own, lent = SoftCard().enrol(shared, person.login), SoftCard().enrol(shared, person.login)
    for _ in range(6):
        shared.sql("UPDATE sekisho.card SET temporary_until = now() + interval '8 h', state = 'active' "
                   f"WHERE token_id = '{lent.token}'; UPDATE sekisho.token SET status = 'active' "
                   f"WHERE id = '{lent.token}'")
        packets = []
        for client in shared.terminal, shared.vpn:
            first = begin(client, person.login)
            packets.append(client.build(person.login, None, first.state,
                                        extra=[CAN] + own.attributes(own.answer(first))))
        for client, packet in zip((shared.terminal, shared.vpn), packets):
            client.send(packet)
        got = [c.receive(p, 6).name for c, p in zip((shared.terminal, shared.vpn), packets)]
        assert "silence" not in got and "accept" in got, got


def test_a_challenge_needs_message_authenticator(own):
    s = own()
    s.terminal = s.client("terminal", "127.0.0.1", "terminal")
    s.sql("UPDATE sekisho.client SET no_ma_until = now() + interval '1 h', no_ma_reason = 'old', "
          "version = version + 1")
    time.sleep(6)
    assert begin(s.terminal, "nobody").name == "challenge"
    assert s.terminal.login("nobody", None, extra=[CAN], ma=False, timeout=1).name == "silence"
