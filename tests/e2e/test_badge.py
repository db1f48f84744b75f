# SPDX-License-Identifier: GPL-2.0-or-later
"""A card with a number and nothing else: it fills in a name at a terminal,
tells a guesser nothing, and counts as nothing."""

import re
import time

import pytest
import radius
from cards import Rig
from radius import Client
from sekisho import Sekisho, run
from softcard import CAN, LOGIN, vendor, vsa
from terminal import STACK, Terminal

BADGE = 11
NUMBER = "012e4c119a0733f0"


def ask(client, number, *extra, user="", password=None, state=None, **more):
    more.setdefault("timeout", 2.0)
    return client.login(user, password, state, extra=[
        vsa(BADGE, bytes.fromhex(number)), *extra], **more)


def whose(client, number):
    reply = ask(client, number)
    assert reply.name == "reject", "a badge is never an answer to anything"
    return (vendor(reply, LOGIN) or b"").decode()


def reasons(s):
    return s.sql("SELECT string_agg(DISTINCT reason, ' ' ORDER BY reason) FROM "
                 "sekisho.refusal_tally WHERE login = '(badge)'")


@pytest.fixture(scope="module")
def s():
    s = Sekisho("badge")
    s.terminal = s.client("terminal", "127.0.0.1", "terminal")
    yield s
    s.close()


@pytest.fixture(scope="module")
def nurse(s):
    p = s.person()
    s.admin("badge", "add", p.login, "--number", "01:2E:4C:11-9a 07 33 F0")
    return p


def test_a_terminal_is_told_the_name_and_nothing_else(s, nurse):
    reply = ask(s.terminal, NUMBER)
    assert reply.name == "reject"
    assert [n for n, _ in reply.attributes] == [radius.MESSAGE_AUTHENTICATOR, radius.VENDOR], reply.text
    assert vendor(reply, LOGIN).decode() == nurse.login
    # who has no such number: nothing at all, not even a reference
    reply = ask(s.terminal, "012e4c119a0733f1")
    assert reply.name == "reject"
    assert [n for n, _ in reply.attributes] == [radius.MESSAGE_AUTHENTICATOR]
    # nor does a person who cannot log in have a name
    s.sql(f"UPDATE sekisho.person SET status = 'suspended' WHERE login = '{nurse.login}'")
    assert whose(s.terminal, NUMBER) == ""
    s.sql(f"UPDATE sekisho.person SET status = 'active' WHERE login = '{nurse.login}'")
    assert whose(s.terminal, NUMBER) == nurse.login
    assert reasons(s) == "badge_unknown"
    assert NUMBER not in s.log() + s.log("radius.log")


def test_c13_a_badge_is_no_factor(s, nurse):
    first = s.terminal.login(nurse.login, nurse.password)
    assert first.name == "challenge"
    # beside a password, a State or a signature it is malformed
    assert ask(s.terminal, NUMBER, user=nurse.login, password=nurse.password,
               timeout=1).name == "silence"
    assert ask(s.terminal, NUMBER, user=nurse.login, state=first.state, timeout=1).name == "silence"
    # what is left of the login needs the code as ever
    assert s.terminal.login(nurse.login, nurse.code(), first.state).name == "accept"
    assert s.sql("SELECT count(*) FROM sekisho.audit WHERE evidence::text LIKE '%badge%'") == "0"
    # a badge after which nothing comes has begun nothing
    before = s.sql("SELECT count(*) FROM sekisho.login")
    assert whose(s.terminal, NUMBER) == nurse.login
    assert ask(s.terminal, NUMBER, CAN, user=nurse.login).name == "reject"
    assert s.sql("SELECT count(*) FROM sekisho.login") == before


def test_only_terminals_may_ask(s, nurse):
    vpn = s.client("vpn", "127.0.0.2", "vpn")
    assert whose(vpn, NUMBER) == ""
    assert "badge_not_here" in reasons(s)
    s.sql("UPDATE sekisho.client SET no_ma_until = now() + interval '1 h', no_ma_reason = 'old', "
          "version = version + 1 WHERE name = 'vpn'")
    time.sleep(6)
    assert ask(vpn, NUMBER, ma=False, timeout=1).name == "silence"


@pytest.mark.parametrize("number", ["", "0102", "01" * 11, "01" * 33])
def test_what_is_no_number(s, nurse, number):
    reply = ask(s.terminal, number, timeout=1)
    assert reply.name in ("silence", "reject") and vendor(reply, LOGIN) is None


def test_who_tries_numbers_out_soon_learns_nothing(s, nurse):
    guesser = s.client("guesser", "127.0.0.3", "terminal")
    assert whose(guesser, NUMBER) == nurse.login
    for n in range(25):
        assert whose(guesser, f"04a1b2{n:02x}") == ""
    assert whose(guesser, NUMBER) == "", "not even what is right"
    assert "badge_too_many" in reasons(s)
    assert whose(s.terminal, NUMBER) == nurse.login, "other terminals do not notice"
    # one row a client, however many were tried
    assert s.sql("SELECT count(*) FROM sekisho.refusal_tally WHERE login = '(badge)' "
                 "AND reason = 'badge_unknown' AND client_id = (SELECT id FROM sekisho.client "
                 "WHERE name = 'guesser')") == "1"


def test_the_office(s):
    p, other = s.person(token=False), s.person(token=False)
    refused = s.admin("badge", "add", p.login, "--number", "08010203", check=False)
    assert refused.returncode == 2, "a telephone"
    assert s.admin("badge", "add", p.login, "--number", "xy", check=False).returncode == 2
    assert s.admin("badge", "add", p.login, "--number", "04112233445566")["number"] == "04112233445566"
    taken = s.admin("badge", "add", other.login, "--number", "04112233445566", check=False)
    assert taken.returncode == 1 and "badge_taken" in taken.stdout
    assert [b["login"] for b in s.admin("badge", "list", "--login", p.login)] == [p.login]
    assert s.admin("badge", "remove", "--number", "04112233445566")["login"] == p.login
    assert s.admin("badge", "remove", "--number", "04112233445566", check=False).returncode == 1
    assert [r["reason"] for r in s.audit(p.login) if r["reason"].startswith("badge")] == [
        "badge_add", "badge_remove"]


class Ward:
    def __init__(self, s):
        self.s, self.rig = s, Rig()
        self.terminal = None
        try:
            s.env["PCSCLITE_CSOCK_NAME"] = self.rig.env["PCSCLITE_CSOCK_NAME"]
            client = s.client("ward-3", "127.0.0.1", "terminal", True, "--lang", "en")
            host, port = s.server
            self.terminal = Terminal(
                f"{host}:{port}", client.secret.decode(), timeout_ms=8000, card=True, badge=True,
                client_id=s.admin("client", "show", "ward-3")["id"], language="en",
                pcsc_socket=self.rig.env["PCSCLITE_CSOCK_NAME"])
            self.terminal.stack(STACK)
        except BaseException:
            self.close()
            raise

    def close(self):
        for part in (self.terminal, self.rig):
            if part:
                part.close()


@pytest.fixture(scope="module")
def ward():
    s = Sekisho("badgeward")
    try:
        w = Ward(s)
    except BaseException:
        s.close()
        raise
    yield w
    w.close()
    s.close()


def login(w, user, *answers, **more):
    return w.terminal.login(user, list(answers), actions=("authenticate", "acct_mgmt"), **more)


def test_at_a_terminal_it_fills_in_the_name(ward):
    p, other = ward.s.person(lang="en"), ward.s.person(lang="en")
    card = ward.rig.card("felica", kind="badge", number="0139bb2a10c57e04").insert(0)
    try:
        added = ward.s.admin("badge", "add", p.login)
        assert added["number"] == "0139bb2a10c57e04", "read from the card itself"
        code, seen = login(ward, "", (f"Password of {p.login}: ", p.password), ("app: ", p.code()))
        assert code == 0, (seen, ward.terminal.logged())
        row = ward.s.last(p.login)
        assert [(e["category"], e["method"]) for e in row["evidence"]] == [
            ("knowledge", "password"), ("possession", "totp")]
        # the password alone is not enough, and a wrong one is a wrong one
        code, seen = login(ward, "", (f"Password of {p.login}: ", "wrong"))
        assert code != 0
        # somebody else may log in beside that card
        code, seen = login(ward, "", (f"Password of {p.login}: ", ""), ("login:", other.login),
                           ("Password: ", other.password), ("app: ", other.code()))
        assert code == 0, (seen, ward.terminal.logged())
        assert ward.s.last(other.login)["outcome"] == "accept"
        # whoever is named already is asked as if there were no card
        code, seen = login(ward, other.login, ("Password: ", other.password), ("app: ", other.code()))
        assert code == 0 and p.login not in seen
    finally:
        card.remove()


def test_at_a_terminal_an_unknown_one_is_like_any_card_without_a_key(ward):
    p = ward.s.person(lang="en")
    card = ward.rig.card("visitor", kind="badge", number="04a1b2c3d4e5f6").insert(0)
    answers = (("has no key for logging in", None), ("login:", p.login), ("Password: ", p.password))
    try:
        shown = []
        for badge in (True, False):
            ward.terminal.set(badge=badge)
            code, seen = login(ward, "", *answers, ("app: ", p.code()))
            assert code == 0, (seen, ward.terminal.logged())
            shown.append(re.sub("[0-9]{6}", "CODE", seen.replace(p.login, "")))
        assert shown[0] == shown[1]
        # where badges are not wanted, nobody is asked about a number
        ward.s.admin("badge", "add", p.login)
        code, seen = login(ward, "", *answers, ("app: ", p.code()))
        assert code == 0 and "Password of" not in seen
    finally:
        ward.terminal.set(badge=True)
        card.remove()


def test_a_shared_terminal_waits_for_a_badge_too(ward):
    p = ward.s.person(lang="en")
    card = ward.rig.card("mifare", kind="badge", number="04a1b2c3")
    ward.s.admin("badge", "add", p.login, "--number", "04a1b2c3")
    ward.terminal.set(wait_card_s=20)
    try:
        code, seen = login(ward, "", ("Insert your staff card", lambda: card.insert(0) and None),
                           (f"Password of {p.login}: ", p.password), ("app: ", p.code()))
        assert code == 0, (seen, ward.terminal.logged())
    finally:
        ward.terminal.set(wait_card_s=0)
        card.remove()
