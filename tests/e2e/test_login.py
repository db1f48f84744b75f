# SPDX-License-Identifier: GPL-2.0-or-later
"""The two factors, round by round, through the real FreeRADIUS."""

import base64
import time

import pytest
import radius
from sekisho import totp, wait_for


def test_c13_password_then_code(shared, person):
    first = shared.terminal.login(person.login, person.password)
    assert first.name == "challenge"
    assert len(first.state) == 32
    assert first.get(radius.PROMPT) == [b"\0\0\0\1"]
    assert "6桁" in first.text
    second = shared.terminal.login(person.login, person.code(), first.state)
    assert second.name == "accept"
    assert second.get(radius.SESSION_TIMEOUT)
    row = shared.last(person.login)
    assert row["outcome"] == "accept" and row["client"] == "terminal"
    assert {e["category"] for e in row["evidence"]} == {"knowledge", "possession"}
    assert {e["method"] for e in row["evidence"]} == {"password", "totp"}


def test_c13_code_appended(shared, person):
    reply = shared.terminal.login(person.login, person.password + person.code())
    assert reply.name == "accept"
    assert shared.last(person.login)["reason"] == "two_factors"


def test_c13_password_alone_is_refused(shared):
    p = shared.person(token=False)
    reply = shared.terminal.login(p.login, p.password)
    assert reply.name == "reject"
    row = shared.last(p.login)
    assert row["reason"] == "no_second_factor" and row["ref"] == reply.ref
    assert reply.ref in reply.text


def test_d5_used_code_is_refused_everywhere(shared, person):
    code = person.code()
    assert shared.terminal.login(person.login, person.password + code).name == "accept"
    assert shared.terminal.login(person.login, person.password + code).name == "reject"
    assert shared.last(person.login)["reason"] == "code_spent"
    first = shared.terminal.login(person.login, person.password)
    assert first.name == "challenge", "a used code charges nobody"
    assert shared.terminal.login(person.login, code, first.state).name == "reject"
    # an older step is spent too
    older = totp(person.seed, person.last - 1)
    assert shared.terminal.login(person.login, person.password + older).name == "reject"
    assert shared.terminal.login(person.login, person.password + person.code()).name == "accept"


def test_full_width_digits_and_names(shared, person):
    first = shared.terminal.login(person.login.upper(), person.password)
    assert first.name == "challenge"
    wide = "".join(chr(ord(c) + 0xFEE0) for c in person.code())
    assert shared.terminal.login(person.login, wide[:3] + " " + wide[3:], first.state).name == "accept"


def test_state_is_bound_and_spent_once(shared, person):
    other = shared.person()
    first = shared.terminal.login(person.login, person.password)
    code = person.code()
    flipped = bytes([first.state[0] ^ 1]) + first.state[1:]
    assert shared.terminal.login(person.login, code, flipped).name == "reject"
    assert shared.terminal.login(other.login, other.code(), first.state).name == "reject"
    assert shared.vpn.login(person.login, code, first.state).name == "reject"
    assert shared.terminal.login(person.login, code, first.state[:-1]).name == "reject"
    assert shared.terminal.login(person.login, code, first.state).name == "accept"
    assert shared.terminal.login(person.login, code, first.state).name == "reject"
    charged = shared.sql("SELECT count(*) FROM sekisho.throttle t JOIN sekisho.person p "
                         f"ON p.id = t.subject WHERE p.login IN ('{person.login}', '{other.login}')")
    assert charged == "0", "none of these is the person's fault"


def test_state_expires(own):
    s = own()
    s.terminal = s.client()
    s.admin("policy", "set", "terminal", "--answer-within", "10")
    p = s.person()
    first = s.terminal.login(p.login, p.password)
    time.sleep(10.5)
    assert s.terminal.login(p.login, p.code(), first.state).name == "reject"
    # and what was proven without being finished is worth knowing
    wait_for(lambda: any(r["outcome"] == "abandoned" for r in s.audit(p.login)), 25)


def test_two_states_are_refused(shared, person):
    first = shared.terminal.login(person.login, person.password)
    reply = shared.terminal.login(person.login, person.code(), first.state,
                                  extra=[(radius.STATE, first.state)])
    assert reply.name == "reject"
    assert shared.last(person.login)["reason"] == "state_malformed"


def test_retransmission_is_answered_alike_and_charged_once(shared, person):
    packet = shared.terminal.build(person.login, "wrong-password-1!")
    replies = [shared.terminal.exchange(packet) for _ in range(4)]
    assert {r.name for r in replies} == {"reject"}
    assert len({r.text for r in replies}) == 1
    assert shared.count(person.login, "wrong_password") == 1
    assert shared.count(person.login, "delay_running") == 0
    shared.admin("unlock", person.login)


def test_wrong_first_factor_is_not_shown_to_the_vpn(shared, person):
    wrong = shared.vpn.login(person.login, "not-it-at-all-9")
    unknown = shared.vpn.login("nobody-here", "not-it-at-all-9")
    shared.admin("unlock", person.login)
    right = shared.vpn.login(person.login, person.password)
    tokenless = shared.person(token=False)
    bare = shared.vpn.login(tokenless.login, tokenless.password)
    replies = [wrong, unknown, right, bare]
    assert {r.name for r in replies} == {"challenge"}
    assert len({r.text for r in replies}) == 1, "nothing tells them apart"
    code = person.code()
    assert shared.vpn.login(person.login, code, wrong.state).name == "reject"
    assert shared.vpn.login("nobody-here", "123456", unknown.state).name == "reject"
    assert shared.vpn.login(tokenless.login, "123456", bare.state).name == "reject"
    assert shared.vpn.login(person.login, code, right.state).name == "accept"


def test_which_factor_was_wrong_is_not_shown_to_the_vpn(own):
    """Not by the text, not by the wait, not by what comes next."""
    s = own()
    vpn = s.client("vpn", "127.0.0.2", "vpn")

    def rounds(p, password, n):
        seen = []
        for i in range(n):
            first = vpn.login(p.login, password(i))
            again = vpn.login(p.login, password(i) + "x")
            second = vpn.login(p.login, p.wrong_code(i), first.state)
            seen.append((first.name, first.text, again.name, second.name,
                         second.text.replace(second.ref, "")))
        return seen

    knows, guesses = s.person(), s.person()
    right = rounds(knows, lambda i: knows.password, 4)
    wrong = rounds(guesses, lambda i: f"guess-{i}-Aa!", 4)
    assert right == wrong
    assert s.count(guesses.login, "two_factors") == 0
    # and the real person is delayed, then comes in
    s.admin("unlock", knows.login)
    first = vpn.login(knows.login, knows.password)
    assert vpn.login(knows.login, knows.code(), first.state).name == "accept"


def test_several_tokens(shared, person):
    first_seed, first_last = person.seed, person.last
    shared.token(person)
    assert shared.terminal.login(person.login, person.password + person.code()).name == "accept"
    person.seed, person.last = first_seed, first_last
    assert shared.terminal.login(person.login, person.password + person.code()).name == "accept"


@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256", "SHA512"])
@pytest.mark.parametrize("digits,period", [(6, 60), (8, 30)])
def test_every_kind_of_token(shared, algorithm, digits, period):
    p = shared.person(token=False)
    made = shared.admin("totp", "enrol", p.login, "--algorithm", algorithm,
                        "--digits", str(digits), "--period", str(period))
    seed = base64.b32decode(made["secret_base32"] + "=" * (-len(made["secret_base32"]) % 8))
    now = int(time.time()) // period
    code = lambda step: totp(seed, step, digits, algorithm.lower())  # noqa: E731
    shared.admin("totp", "confirm", p.login, input=code(now - 1) + "\n")
    first = shared.terminal.login(p.login, p.password)
    assert f"{digits}桁" in first.text
    assert shared.terminal.login(p.login, code(now), first.state).name == "accept"
    assert shared.terminal.login(p.login, p.password + code(now + 1)).name == "accept"


def test_pending_token_is_inert(shared):
    p = shared.person(token=False)
    made = shared.admin("totp", "enrol", p.login)
    p.seed = base64.b32decode(made["secret_base32"])
    assert shared.terminal.login(p.login, p.password + totp(p.seed, int(time.time()) // 30)).name == "reject"
    bad = shared.admin("totp", "confirm", p.login, input=p.wrong_code() + "\n", check=False)
    assert bad.returncode == 1
    p.last = int(time.time()) // 30 - 1
    shared.admin("unlock", p.login)
    shared.admin("totp", "confirm", p.login, input=totp(p.seed, p.last) + "\n")
    assert shared.terminal.login(p.login, p.password + p.code()).name == "accept"


def test_resynchronisation_is_an_order(shared, person):
    ahead = int(time.time()) // 30 + 40
    assert shared.terminal.login(person.login, person.password + totp(person.seed, ahead)).name == "reject"
    shared.admin("unlock", person.login)
    shared.admin("totp", "resync", person.login,
                 input=totp(person.seed, ahead) + "\n" + totp(person.seed, ahead + 1) + "\n")
    next_code = totp(person.seed, int(time.time()) // 30 + 42)
    assert shared.terminal.login(person.login, person.password + next_code).name == "accept"


def test_drift_is_learnt(shared, person):
    # a token that runs one step ahead, and then two: in reach because learnt
    now = int(time.time()) // 30
    assert shared.terminal.login(person.login, person.password + totp(person.seed, now + 1)).name == "accept"
    assert shared.terminal.login(person.login, person.password + totp(person.seed, now + 2)).name == "accept"
    drift = shared.admin("totp", "list", person.login)[0]["drift"]
    assert drift in (1, 2)


def test_rehash_when_the_cost_changes(own):
    s = own()
    terminal = s.client()
    p = s.person()
    s.admin("setting", "set", "password.opslimit", "3")
    assert terminal.login(p.login, p.password + p.code()).name == "accept"
    wait_for(lambda: s.sql("SELECT opslimit FROM sekisho.verifier WHERE status = 'active'") == "3")
    assert terminal.login(p.login, p.password + p.code()).name == "accept"
    assert any(r["reason"] == "password_rehashed" for r in s.admin("audit", "show", "--kind", "system"))


def test_affiliation_bounds_everything(shared):
    late = shared.person(until="2020-01-02", **{"from": "2020-01-01"})
    assert shared.terminal.login(late.login, late.password + late.code()).name == "reject"
    assert shared.last(late.login)["reason"] == "person_unusable"


def test_suspended_and_resumed(shared, person):
    shared.admin("person", "suspend", person.login)
    assert shared.terminal.login(person.login, person.password + person.code()).name == "reject"
    shared.admin("person", "resume", person.login)
    shared.admin("unlock", person.login)
    assert shared.terminal.login(person.login, person.password + person.code()).name == "accept"
