# SPDX-License-Identifier: GPL-2.0-or-later
"""Assertions by FIDO2 keys, through the real FreeRADIUS. The key is one in the
test's memory, which sends what real ones never would; tests/e2e/test_fido2_*.py
have libfido2 and a key in software."""

import time

import pytest
import radius
import softcard
from radius import Client
from sekisho import run
from softcard import vendor, vsa
from softfido import (AT, AUTH_DATA, BE, BS, CAN, ED, RP, UP, UV, VERIFICATION, RP_ID, SoftFido,
                      begin, credentials, finish, login)
from test_card_login import reason


@pytest.fixture(scope="module")
def ward(shared):
    shared.sql(f"SELECT sekisho.setting_set('fido2.rp_id', '{RP}')")
    yield shared
    shared.sql("SELECT sekisho.setting_set('fido2.rp_id', '')")


@pytest.fixture
def p(ward):
    return ward.person(token=False)


def state_of(s, key):
    return s.sql(f"SELECT state || ' ' || sign_count FROM sekisho.fido2_key WHERE token_id = '{key.token}'")


@pytest.mark.parametrize("kind", ["es256", "eddsa", "es384"])
def test_c13_key_that_verifies_its_user_is_two_factors(ward, p, kind):
    key = SoftFido(kind).enrol(ward, p.login, label="blue one")
    first = begin(ward.terminal, p.login.upper())
    assert first.name == "challenge"
    assert credentials(first) == [key.id]
    assert vendor(first, RP_ID) == RP.encode() and vendor(first, VERIFICATION) == b"preferred"
    assert vendor(first, softcard.LOGIN) == p.login.encode()
    assert finish(ward.terminal, p.login, key, first).name == "accept"
    row = ward.last(p.login)
    assert [(e["category"], e["method"], e["token"], e["label"]) for e in row["evidence"]] == [
        ("possession", "fido2", key.token, "blue one"), ("knowledge", "uv", key.token, "blue one")]
    assert state_of(ward, key) == f"active {key.counter}"


def test_a_finger_is_inherence(ward, p):
    key = SoftFido(verifies="fingerprint").enrol(ward, p.login)
    assert login(ward.terminal, p.login, key).name == "accept"
    assert {e["category"] for e in ward.last(p.login)["evidence"]} == {"possession", "inherence"}


def test_d5_touch_alone_is_possession_only(ward, p):
    key = SoftFido().enrol(ward, p.login)
    second = login(ward.terminal, p.login, key, flags=UP)
    assert second.name == "challenge" and second.get(radius.PROMPT) == [b"\0\0\0\0"]
    assert state_of(ward, key) == f"active {key.counter}", "its counter is known at once"
    assert ward.terminal.login(p.login, p.password, second.state).name == "accept"
    assert [e["method"] for e in ward.last(p.login)["evidence"]] == ["fido2", "password"]


def test_password_then_key_is_two_and_not_three(ward, p):
    key = SoftFido(verifies="fingerprint").enrol(ward, p.login)
    first = ward.terminal.login(p.login, p.password, extra=[CAN])
    assert first.name == "challenge" and credentials(first) == [key.id]
    assert finish(ward.terminal, p.login, key, first).name == "accept"
    assert [e["method"] for e in ward.last(p.login)["evidence"]] == ["password", "fido2"]


def test_any_of_several_keys(ward, p):
    keys = [SoftFido(length=384).enrol(ward, p.login) for _ in range(8)]
    first = begin(ward.terminal, p.login)
    assert len(credentials(first)) == 8, "a packet holds all of them"
    assert credentials(first)[0] == keys[-1].id, "the newest first"
    for key in keys:
        assert login(ward.terminal, p.login, key).name == "accept"
    with pytest.raises(AssertionError, match="fido2_too_many"):
        ward.sql(f"SELECT sekisho.fido2_begin('{p.login}', 10)")


def test_nobody_can_tell_who_has_a_key(ward, p):
    """Who has none is offered one that does not exist, always the same."""
    for name in p.login, "nobody-at-all":
        one, two = (credentials(begin(ward.terminal, name)) for _ in range(2))
        assert one == two and len(one) == 1 and len(one[0]) == 64
    # also behind a wrong password, where that is not told
    ward.terminal.login(p.login, p.password, extra=[CAN])
    key = SoftFido().enrol(ward, p.login)
    right = ward.vpn.login(p.login, p.password, extra=[CAN])
    wrong = ward.vpn.login(p.login, "wrong-One-1!", extra=[CAN])
    assert right.name == wrong.name == "challenge"
    assert credentials(right) == credentials(wrong) == [key.id]
    assert right.text == wrong.text
    # and a touch behind a wrong password is a touch alone
    second = finish(ward.vpn, p.login, key, wrong, flags=UP)
    assert second.name == "challenge" and second.get(radius.PROMPT) == [b"\0\0\0\0"]
    assert ward.count(p.login, "two_factors") == 0


def test_clients_that_know_no_keys_see_none(ward, p):
    SoftFido().enrol(ward, p.login)
    first = ward.terminal.login(p.login, None, extra=[softcard.CAN])
    assert first.name == "challenge" and vendor(first, RP_ID) is None and credentials(first) == []


def test_off(ward, p):
    key = SoftFido().enrol(ward, p.login)
    ward.sql("SELECT sekisho.setting_set('fido2.rp_id', '')")
    try:
        first = begin(ward.terminal, p.login)
        assert first.name == "challenge" and vendor(first, RP_ID) is None
        assert finish(ward.terminal, p.login, key, first).name == "reject"
        assert reason(ward, p.login) == "fido2_rp_changed"
    finally:
        ward.sql(f"SELECT sekisho.setting_set('fido2.rp_id', '{RP}')")


def test_an_assertion_cannot_be_carried_elsewhere(ward, p):
    key = SoftFido().enrol(ward, p.login)
    other = ward.person(token=False)
    others = SoftFido().enrol(ward, other.login)
    t = ward.terminal
    for field in ({"purpose": b"entry"}, {"server": b"elsewhere"},
                  {"client": b"00000000-0000-0000-0000-000000000000"},
                  {"login": other.login.encode()}, {"challenge": bytes(32)}):
        first = begin(t, p.login)
        assert finish(t, p.login, key, first, **field).name == "reject", field
        assert reason(ward, p.login) == "fido2_wrong_signature"
        assert finish(t, p.login, key, first).name == "reject", "the State is spent with it"
    assert login(t, p.login, others).name == "reject"
    assert reason(ward, p.login) == "fido2_of_another"
    assert login(t, p.login, SoftFido()).name == "reject"
    assert reason(ward, p.login) == "fido2_unknown"
    assert login(t, p.login, key, rp="elsewhere.example").name == "reject"
    assert reason(ward, p.login) == "fido2_other_rp"
    # the answer to another terminal, and to another login
    first = begin(ward.vpn, p.login)
    assert finish(t, p.login, key, first).name == "reject"
    one, two = begin(t, p.login), begin(t, p.login)
    assert t.login(p.login, None, two.state, extra=[CAN] + key.answer(one)).name == "reject"
    # a card's key id and a FIDO2 key's are different things
    first = begin(t, p.login)
    answer = [a for a in key.answer(first) if a[1][4] != AUTH_DATA]
    answer[1] = vsa(softcard.SCHEME, b"ecdsa-sha256")
    assert t.login(p.login, None, first.state, extra=[CAN] + answer).name == "reject"
    assert reason(ward, p.login) == "card_unknown"
    # twice
    first = begin(t, p.login)
    answer = key.answer(first)
    assert t.login(p.login, None, first.state, extra=[CAN] + answer).name == "accept"
    assert t.login(p.login, None, first.state, extra=[CAN] + answer).name == "reject"
    assert ward.sql("SELECT count(*) FROM sekisho.throttle t JOIN sekisho.person x ON x.id = t.subject "
                    f"WHERE x.login = '{p.login}'") == "0", "a signature cannot be guessed"


def test_replay_at_a_second_node(own):
    a = own("node-a")
    a.sql(f"SELECT sekisho.setting_set('fido2.rp_id', '{RP}')")
    a.terminal = a.client()
    b = own("node-b", share=a)
    at_b = Client(b.server, a.terminal.secret)
    b.await_client(at_b)
    q = a.person(token=False)
    key = SoftFido().enrol(a, q.login)
    assert credentials(begin(a.terminal, "nobody")) == credentials(begin(at_b, "nobody")), \
        "the decoy is the same everywhere"
    first = begin(a.terminal, q.login)
    answer = [CAN] + key.answer(first)
    packet = a.terminal.build(q.login, None, first.state, extra=answer)
    assert a.terminal.exchange(packet).name == "accept"
    assert at_b.exchange(packet).name == "reject"
    assert at_b.login(q.login, None, first.state, extra=answer).name == "reject"
    # begun at one node, ended at the other
    first = begin(a.terminal, q.login)
    assert finish(at_b, q.login, key, first).name == "accept"


def test_what_the_key_must_say(ward, p):
    key = SoftFido().enrol(ward, p.login)
    t = ward.terminal

    def refused(why, **more):
        assert login(t, p.login, key, **more).name == "reject", why
        assert reason(ward, p.login) == why

    refused("fido2_presence_missing", flags=0)
    refused("fido2_presence_missing", flags=UV)
    refused("fido2_backup_changed", flags=UP | UV | BE)
    refused("fido2_malformed", flags=UP | UV | BS)
    refused("fido2_malformed", flags=UP | UV | AT)
    refused("fido2_malformed", flags=UP | UV | 0x02)
    refused("fido2_malformed", flags=UP | UV | 0x20)
    refused("fido2_malformed", flags=UP | UV | ED)
    refused("fido2_malformed", flags=UP | UV | ED, tail=b"\xa0\x00")
    refused("fido2_malformed", flags=UP | UV | ED, tail=b"\xbf\xff")                # indefinite
    refused("fido2_malformed", flags=UP | UV | ED, tail=b"\xa2\x61a\x01\x61a\x02")    # twice
    refused("fido2_malformed", flags=UP | UV | ED, tail=b"\xa1\x61a" + b"\x81" * 200 + b"\x01")
    refused("fido2_malformed", flags=UP | UV | ED, tail=b"\xa1\x61a\x9b" + b"\xff" * 8)
    refused("fido2_malformed", tail=b"\0")
    refused("fido2_malformed", data=key.data()[:-1])
    refused("fido2_malformed", data=key.data(flags=UP | UV | ED, tail=b"\xa1\x61a\x59\x03\xff" + bytes(977)))
    for bit in 0, 9, 8 * 33 + 1, 8 * 36:
        refused("fido2_wrong_signature" if bit >= 8 * 33 else "fido2_other_rp",
                change=lambda d, s, b=bit: (bytes(x ^ (1 << b % 8) if i == b // 8 else x
                                                  for i, x in enumerate(d)), s))
    refused("fido2_wrong_signature", change=lambda d, s: (d, s[:-1] + bytes([s[-1] ^ 1])))
    # with an extension that is well formed
    assert login(t, p.login, key, flags=UP | UV | ED, tail=b"\xa1\x61a\x01").name == "accept"
    assert state_of(ward, key).startswith("active"), "nothing of this was its fault"


def test_attributes_that_do_not_fit_get_no_answer(ward, p):
    key = SoftFido().enrol(ward, p.login)
    t = ward.terminal

    def silent(change):
        first = begin(t, p.login)
        extra = change(key.answer(first, flags=UP | UV | ED, tail=b"\xa1\x61a\x59\x01\xf4" + bytes(500)))
        assert t.login(p.login, None, first.state, extra=[CAN] + extra, timeout=1).name == "silence"
        assert finish(t, p.login, key, first).name == "accept", "nothing is spent"

    silent(lambda a: a[:-1])                      # the last piece
    silent(lambda a: a[:-2] + a[-1:])             # one in the middle
    silent(lambda a: a + a[-1:])                  # twice
    silent(lambda a: a[:-2] + [a[-1], a[-2]])     # moved
    silent(lambda a: a + [vsa(softcard.KEY_ID, bytes(32))])
    silent(lambda a: [x for x in a if x[1][4] != AUTH_DATA] +
           [vsa(AUTH_DATA, piece) for piece in softcard.pieces(bytes(1025))])
    first = begin(t, p.login)
    answer = [x for x in key.answer(first) if x[1][4] != AUTH_DATA]
    assert t.login(p.login, None, first.state, extra=[CAN] + answer).name == "reject"
    assert reason(ward, p.login) == "signature_malformed"
    # 4,000 octets of nothing in particular
    first = begin(t, p.login)
    junk = [vsa(AUTH_DATA, bytes([i + 1, 15]) + bytes(245)) for i in range(14)]
    assert t.login(p.login, None, first.state, extra=[CAN] + junk, timeout=1).name in ("silence", "reject")
    assert finish(t, p.login, key, begin(t, p.login)).name == "accept"


@pytest.mark.parametrize("step", [0, -1, -5])
def test_counter_that_does_not_grow(ward, p, step):
    key = SoftFido(counter=100).enrol(ward, p.login)
    assert login(ward.terminal, p.login, key).name == "accept"
    assert login(ward.terminal, p.login, key, counter=101 + step).name == "reject"
    assert reason(ward, p.login) == "fido2_counter"
    assert state_of(ward, key) == "suspended 101"
    alert = [r for r in ward.audit(p.login) if r["reason"] == "fido2_copied"]
    assert len(alert) == 1 and alert[0]["detail"]["known"] == 101, alert
    assert login(ward.terminal, p.login, key).name == "reject"
    assert reason(ward, p.login) == "fido2_suspended"
    assert len([r for r in ward.audit(p.login) if r["reason"] == "fido2_copied"]) == 1


def test_keys_that_do_not_count(ward, p):
    key = SoftFido(counter=0).enrol(ward, p.login)
    for _ in range(2):
        assert login(ward.terminal, p.login, key, counter=0).name == "accept"
    # one that begins to count goes on counting
    assert login(ward.terminal, p.login, key, counter=7).name == "accept"
    assert login(ward.terminal, p.login, key, counter=0).name == "reject"
    assert state_of(ward, key) == "suspended 7"


def test_the_copy_and_the_key_at_once(ward, p):
    """Of two with the same counter one is accepted, whoever comes first."""
    key = SoftFido(counter=5).enrol(ward, p.login)
    firsts = [begin(ward.terminal, p.login) for _ in range(2)]
    clients = [Client(ward.server, ward.terminal.secret) for _ in firsts]
    packets = [c.build(p.login, None, f.state, extra=[CAN] + key.answer(f, counter=6))
               for c, f in zip(clients, firsts)]
    for c, packet in zip(clients, packets):
        c.send(packet)
    names = sorted(c.receive(packet, 8).name for c, packet in zip(clients, packets))
    assert names in (["accept", "reject"], ["accept", "silence"]), names
    assert ward.count(p.login, "two_factors") == 1


@pytest.mark.parametrize("state, why", [("suspended", "fido2_suspended"), ("lost", "fido2_lost"),
                                        ("revoked", "fido2_revoked")])
def test_what_the_office_ends(ward, p, state, why):
    key = SoftFido().enrol(ward, p.login)
    second = login(ward.terminal, p.login, key, flags=UP)
    started = begin(ward.terminal, p.login)
    assert second.name == "challenge"
    ward.sql(f"SELECT sekisho.fido2_change('{key.token}', '{state}', 'test')")
    # not in logins that had begun
    assert ward.terminal.login(p.login, p.password, second.state).name == "reject"
    assert finish(ward.terminal, p.login, key, started).name == "reject"
    first = begin(ward.terminal, p.login)
    assert key.id not in credentials(first), "nor is it asked for"
    assert finish(ward.terminal, p.login, key, first).name == "reject"
    assert reason(ward, p.login) == why
    if state != "revoked":
        ward.sql(f"SELECT sekisho.fido2_change('{key.token}', 'active', 'found')")
        assert login(ward.terminal, p.login, key).name == "accept"


def test_a_key_that_falls_under_suspicion_between_two_rounds(ward, p):
    key = SoftFido(counter=10).enrol(ward, p.login)
    second = login(ward.terminal, p.login, key, flags=UP)
    assert login(ward.terminal, p.login, key, counter=3).name == "reject"
    assert ward.terminal.login(p.login, p.password, second.state).name == "reject"
    assert ward.count(p.login, "two_factors") == 0


def explained(s, login, client):
    (way,) = [w for w in s.admin("policy", "explain", login, client, "--why", "試験")["ways"] if w["with"] == "fido2"]
    return way


@pytest.mark.parametrize("verifies, flags, words", [
    ("pin", UP | UV, "and its PIN"), ("fingerprint", UP | UV, "and the finger"), ("none", UP, "and the password")])
def test_explained_as_it_is_decided(ward, p, verifies, flags, words):
    key = SoftFido(verifies=verifies).enrol(ward, p.login, label="青い鍵")
    way = explained(ward, p.login, "terminal")
    reply = login(ward.terminal, p.login, key, flags=flags)
    assert (reply.name, way["label"]) == ({"accept": "accept", "ask": "challenge"}[way["then"]], "青い鍵")
    if way["then"] == "accept":
        assert [(e["category"], e["method"]) for e in way["evidence"]] == [
            (e["category"], e["method"]) for e in ward.last(p.login)["evidence"]]
    said = run("card-admin", "policy", "explain", p.login, "terminal", "--why", "x", env=ward.env).stdout
    assert "FIDO2 key 青い鍵 " + words in " ".join(said.split()), said
    ward.admin("fido2", "suspend", p.login, key.token, "--why", "x")
    way = explained(ward, p.login, "terminal")
    assert login(ward.terminal, p.login, key, flags=flags).name == "reject"
    assert way["then"] == "refuse" and way["reason"] == reason(ward, p.login) == "fido2_suspended"


def test_policy_demands_verification(own):
    s = own()
    s.sql(f"SELECT sekisho.setting_set('fido2.rp_id', '{RP}'), "
          "sekisho.policy_set('strict', p_fido2_uv => 'required'), "
          "sekisho.policy_set('held', p_methods => '{password,fido2}')")
    s.terminal = s.client("terminal", "127.0.0.1", "terminal", True, "--policy", "strict")
    held = s.client("held", "127.0.0.3", "terminal", True, "--policy", "held")
    q = s.person(token=False)
    key = SoftFido().enrol(s, q.login)
    first = begin(s.terminal, q.login)
    assert vendor(first, VERIFICATION) == b"required"
    assert finish(s.terminal, q.login, key, first, flags=UP).name == "reject"
    assert reason(s, q.login) == "fido2_uv_missing"
    assert login(s.terminal, q.login, key).name == "accept"
    assert explained(s, q.login, "terminal")["then"] == "accept"
    assert explained(s, q.login, "held")["then"] == "ask"
    plain = s.person(token=False)
    SoftFido(verifies="none").enrol(s, plain.login)
    assert explained(s, plain.login, "terminal")["reason"] == "fido2_uv_missing"
    # where uv does not count, the password is asked for
    second = login(held, q.login, key)
    assert second.name == "challenge"
    assert held.login(q.login, q.password, second.state).name == "accept"
    # and where fido2 does not, it opens nothing
    s.sql("SELECT sekisho.policy_set('held', p_methods => '{password,totp}')")
    time.sleep(0.1)
    first = begin(held, q.login)
    assert vendor(first, RP_ID) is None
    assert finish(held, q.login, key, first).name == "reject"


def test_a_person_who_may_not(ward, p):
    key = SoftFido().enrol(ward, p.login)
    ward.admin("person", "suspend", p.login)
    first = begin(ward.terminal, p.login)
    assert len(credentials(first)) == 1 and credentials(first)[0] != key.id
    assert finish(ward.terminal, p.login, key, first).name == "reject"
    assert reason(ward, p.login) == "person_unusable"
    ward.admin("person", "resume", p.login)
    assert login(ward.terminal, p.login, key).name == "accept"
