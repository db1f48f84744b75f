# SPDX-License-Identifier: GPL-2.0-or-later
"""Passwords by rule: changed by their owner through challenges, expired,
given out, and what must not come of it. Guideline C.14 (2), (4), (5)."""

import base64
import hashlib
import json
import os
import re
import threading

import pytest

import softcard
from secrecy import none_left
from sekisho import Sekisho, run, wait_for
from softcard import CAN, PURPOSE, SoftCard, vsa
from terminal import Terminal
from test_doors import Ward

WANTED = [vsa(PURPOSE, b"password-change")]


@pytest.fixture(scope="module")
def s(seen_arguments):
    s = Sekisho("passwords")
    s.terminal = s.client("terminal", "127.0.0.1", "terminal")
    s.other = s.client("other", "127.0.0.2", "terminal")
    s.append = s.client("append", "127.0.0.3", "terminal", True, "--codes", "append")
    s.vpn = s.client("vpn", "127.0.0.4", "vpn")
    s.english = s.client("english", "127.0.0.5", "terminal", True, "--lang", "en")
    s.admin("policy", "password", "monthly", "--class", "b")
    yield s
    try:
        none_left(s, seen_arguments)
    finally:
        s.close()


def fresh(s):
    password = base64.b32encode(os.urandom(9)).decode().rstrip("=") + "-k7?"
    s.secrets.add(password)
    return password


def slip_of(s, p, *more):
    """Resets as an officer does; the password that stands on the paper."""
    path = s.root / f"slip-{p.login}-{os.urandom(3).hex()}.pdf"
    s.admin("password", "reset", p.login, "--how", "in-person", "--documents", "運転免許証",
            "--slip", path, *more)
    text = run("pdftotext", path, "-").stdout
    path.unlink()
    secret = re.search(r"^([a-z2-9]{4}-){3}[a-z2-9]{4}$", text, re.M)[0]
    s.secrets.add(secret)
    return secret


def aged(s, p, days, hours=0):
    s.sql(f"UPDATE sekisho.verifier SET set_at = (date_trunc('day', now() AT TIME ZONE 'Asia/Tokyo')"
          f" - interval '{days} days' + interval '{hours} hours') AT TIME ZONE 'Asia/Tokyo'"
          f" FROM sekisho.person p WHERE person_id = p.id AND p.login = '{p.login}' AND verifier.status = 'active'")


def asked(s, p, client=None, password=None, **more):
    """Both factors, to where a new password is asked for."""
    client = client or s.terminal
    first = client.login(p.login, password or p.password, **more)
    assert first.name == "challenge", first
    reply = client.login(p.login, p.code(), first.state, **more)
    assert reply.name == "challenge", (reply, s.last(p.login))
    return reply


def typed(s, p, reply, new, client=None, again=None):
    client = client or s.terminal
    reply = client.login(p.login, new, reply.state)
    if reply.name != "challenge" or "もう一度" not in reply.text:
        return reply
    return client.login(p.login, again or new, reply.state)


def test_c14_2_given_out_and_changed_at_the_first_login(s):
    p = s.person()
    old, p.password = p.password, slip_of(s, p)
    assert s.terminal.login(p.login, old).name == "reject"
    s.admin("unlock", p.login)
    reply = asked(s, p)
    assert "お渡ししたパスワード" in reply.text and "8文字以上" in reply.text
    new = fresh(s)
    reply = typed(s, p, reply, new)
    assert reply.name == "accept" and "変更しました" in reply.text
    row = s.last(p.login)
    assert row["reason"] == "password_changed" and row["kind"] == "system"
    login = s.audit(p.login, kind="login")[-1]
    assert login["outcome"] == "accept" and login["reason"] == "password_changed"
    assert {e["method"] for e in login["evidence"]} == {"password", "totp"}
    # the slip is worth nothing now, and the new one is as any other
    assert s.terminal.login(p.login, p.password + p.code()).name == "reject"
    s.admin("unlock", p.login)
    assert s.terminal.login(p.login, new + p.code()).name == "accept"
    shown = s.admin("person", "show", p.login)["password"]
    assert shown["set_by"] == p.login and not shown["must_change"]


def test_c14_5_every_refusal_says_why(s):
    p = s.person(kana="しけん たろう", birth="昭和60年4月3日", **{"staff-number": "A10482"})
    p.password = slip_of(s, p)
    reply = asked(s, p)
    for new, why in (("Ab3-", "短すぎます"), ("abcdefghij", "混ぜて"), ("Kx7-tarou-Qz9!w", "お名前"),
                     ("Kx7!1985-04-03#Qz", "生年月日")):
        reply = typed(s, p, reply, new)
        assert reply.name == "challenge" and why in reply.text, (new, reply)
    new = fresh(s)
    assert typed(s, p, reply, new).name == "accept"


def test_c14_5_none_of_before_and_none_like_the_old_one(s):
    p = s.person()
    before = p.password
    for _ in range(2):
        reply = asked(s, p, extra=WANTED)
        if p.password == before:
            like = before[:-1] + "?"
            s.secrets.add(like)
            reply = typed(s, p, reply, like)
            assert "似ています" in reply.text, reply
        else:
            reply = typed(s, p, reply, before)
            assert "以前に使った" in reply.text, reply
        new = fresh(s)
        assert typed(s, p, reply, new).name == "accept"
        p.password = new


def test_typed_twice_or_not_at_all(s):
    p = s.person()
    p.password = slip_of(s, p)
    reply = asked(s, p)
    new, other = fresh(s), fresh(s)
    reply = typed(s, p, reply, new, again=other)
    assert reply.name == "challenge" and "一致しません" in reply.text
    assert typed(s, p, reply, new).name == "accept"


def test_five_that_will_not_do_are_enough(s):
    p = s.person()
    reply = asked(s, p, extra=WANTED)
    for _ in range(4):
        reply = typed(s, p, reply, "Password1!")
        assert reply.name == "challenge" and "推測" in reply.text
    reply = typed(s, p, reply, "Password1!")
    assert reply.name == "reject" and s.last(p.login)["reason"] == "password_change_given_up"
    # nobody is charged, and what was the password still is
    assert s.terminal.login(p.login, p.password + p.code()).name == "accept"


def test_c14_4b_warns_from_day_45_and_expires_at_59(s):
    for days, hours, word in ((44, 23, None), (45, 0, "あと14日"), (58, 23, "あと1日")):
        p = s.person(passwords="monthly")
        aged(s, p, days, hours)
        reply = s.terminal.login(p.login, p.password + p.code())
        assert reply.name == "accept", (days, reply)
        assert (word in reply.text) if word else reply.text == "", (days, reply)
    p = s.person(passwords="monthly")
    aged(s, p, 59)
    # used it cannot be, whichever way it comes
    assert s.append.login(p.login, p.password + p.code()).name == "reject"
    assert s.last(p.login)["reason"] == "password_must_change"
    reply = s.terminal.login(p.login, p.password + p.code())
    assert reply.name == "challenge" and "期限が切れました" in reply.text
    new = fresh(s)
    reply = typed(s, p, reply, new)
    assert reply.name == "accept"
    assert s.terminal.login(p.login, new + p.code()).text == ""
    assert s.admin("person", "show", p.login)["password"]["change"] == 0


def test_c14_4c_never_alone_and_a_stricter_rule_asks_for_another(s):
    p = s.person(token=False)
    assert s.terminal.login(p.login, p.password).name == "reject"
    assert s.last(p.login)["reason"] == "no_second_factor"
    # nor can it be changed by who has only it
    assert s.terminal.login(p.login, p.password, extra=WANTED).name == "reject"
    q = s.person()
    s.admin("policy", "password", "strict", "--class", "a", "--characters", "16")
    s.admin("person", "set", q.login, "--passwords", "strict")
    reply = asked(s, q)
    assert "決まりが変わりました" in reply.text and "16文字以上" in reply.text
    assert "短すぎます" in typed(s, q, reply, "Vb3!xqTz-mmp94k").text


def test_the_vpn_asks_as_well_and_in_english(s):
    p = s.person()
    p.password = slip_of(s, p)
    assert "新しいパスワード" in asked(s, p, s.vpn).text
    p = s.person(lang="en")
    p.password = slip_of(s, p)
    reply = asked(s, p, s.english)
    assert reply.text.startswith("The password you were given has to be changed now.")
    reply = s.english.login(p.login, "short", reply.state)
    assert reply.text.startswith("That is too short.")
    new = fresh(s)
    reply = s.english.login(p.login, new, reply.state)
    assert "once more" in reply.text
    reply = s.english.login(p.login, new, reply.state)
    assert reply.name == "accept" and reply.text == "Your password has been changed."


def test_a_state_of_a_change_is_as_any_other(s):
    p, q = s.person(), s.person()
    p.password = slip_of(s, p)
    reply = asked(s, p)
    new = fresh(s)
    # from elsewhere, for somebody else, altered, and twice
    assert s.other.login(p.login, new, reply.state).name == "reject"
    assert s.terminal.login(q.login, new, reply.state).name == "reject"
    bad = bytes([reply.state[0] ^ 1]) + reply.state[1:]
    assert s.terminal.login(p.login, new, bad).name == "reject"
    again = s.terminal.login(p.login, new, reply.state)
    assert again.name == "challenge"
    assert s.terminal.login(p.login, new, reply.state).name == "reject"
    assert s.terminal.login(p.login, new, again.state).name == "accept"
    assert s.terminal.login(p.login, new, again.state).name == "reject"


def test_two_that_finish_at_once(s):
    p = s.person()
    p.password = slip_of(s, p)
    reply = asked(s, p)
    new = fresh(s)
    again = s.terminal.login(p.login, new, reply.state)
    # the same State from the same client, in two packets on the way together
    packets = [s.terminal.build(p.login, new, again.state) for _ in range(2)]
    for packet in packets:
        s.terminal.send(packet)
    s.terminal.receive(packets[1], 8)
    count = s.sql("SELECT count(*) FROM sekisho.verifier v JOIN sekisho.person p ON p.id = v.person_id "
                  f"WHERE p.login = '{p.login}' AND v.status = 'active'").strip()
    assert count == "1"
    assert [r["reason"] for r in s.audit(p.login, kind="system")].count("password_changed") == 1


def test_a_reset_in_between_ends_the_change(s):
    p = s.person()
    p.password = slip_of(s, p)
    reply = asked(s, p)
    s.admin("password", "leaked", p.login, "--why", "試験")
    assert s.terminal.login(p.login, fresh(s), reply.state).name == "reject"
    assert s.terminal.login(p.login, p.password + p.code()).name == "reject"
    assert s.last(p.login)["reason"] == "no_password"


def test_killed_in_between(s):
    p = s.person()
    p.password = slip_of(s, p)
    reply = asked(s, p)
    for pid in s.workers():
        s.kill(pid)
    wait_for(lambda: s.terminal.login("nobody", "x", timeout=1).code is not None)
    new = fresh(s)
    assert typed(s, p, reply, new).name == "accept"


def test_what_a_round_carries_nobody_reads(s):
    p = s.person()
    reply = asked(s, p, extra=WANTED)
    new = fresh(s)
    s.terminal.login(p.login, new, reply.state)
    rows = s.sql("SELECT encode(carried, 'hex') FROM sekisho.login WHERE carried IS NOT NULL "
                 f"AND login = '{p.login}'").split()
    assert len(rows) == 1
    octets = bytes.fromhex(rows[0])
    for secret in (new, p.password):
        assert secret.encode() not in octets
    # moved to another login it opens nothing
    q = s.person()
    other = asked(s, q, extra=WANTED)
    s.sql(f"UPDATE sekisho.login SET carried = '\\x{rows[0]}' WHERE login = '{q.login}'")
    assert s.terminal.login(q.login, fresh(s), other.state).name == "reject"
    assert s.last(q.login)["reason"] == "state_unknown"


def test_c14_2_a_leak_ends_the_password_first(s):
    p = s.person()
    first = s.terminal.login(p.login, p.password)
    secret = slip_of(s, p, "--suspected-leak")
    assert s.terminal.login(p.login, p.code(), first.state).name == "reject"
    reasons = [r["reason"] for r in s.audit(p.login, kind="admin")]
    assert reasons.index("password_leaked") < reasons.index("identity_proof") < reasons.index("password_reset")
    p.password = secret
    assert "お渡ししたパスワード" in asked(s, p).text


def test_c14_2_a_code_that_works_beside_the_card_alone(s):
    p = s.person()
    proof = ["--how", "call-back", "--documents", "内線 1234"]
    done = s.admin("password", "reset", p.login, *proof, "--with-card", check=False)
    assert done.returncode == 1 and "no card" in done.stderr
    card = SoftCard().enrol(s, p.login, pin="none", slot="9e")
    code = s.admin("password", "reset", p.login, *proof, "--with-card")["code"]
    s.secrets.add(code)
    # without it the code is nothing, with whatever else
    assert s.terminal.login(p.login, code + p.code()).name == "reject"
    assert s.last(p.login)["reason"] == "password_with_card"
    s.admin("unlock", p.login)
    first = softcard.login(s.terminal, p.login, card)
    reply = s.terminal.login(p.login, code, first.state)
    assert reply.name == "challenge" and "お渡しした" in reply.text
    new = fresh(s)
    assert typed(s, p, reply, new).name == "accept"
    row = s.audit(p.login, kind="login")[-1]
    assert row["reason"] == "password_changed" and {e["method"] for e in row["evidence"]} == {"card", "password"}
    assert s.terminal.login(p.login, new + p.code()).name == "accept", "the new one counts as any"


def test_c14_4c_card_and_pin_need_none_and_may_choose_one(s):
    p = s.person(token=False, passwords="monthly")
    card = SoftCard().enrol(s, p.login)
    aged(s, p, 90)
    assert softcard.login(s.terminal, p.login, card).name == "accept", "waived with card and PIN"
    s.admin("password", "leaked", p.login)
    first = s.terminal.login(p.login, None, extra=[CAN, *WANTED])
    reply = s.terminal.login(p.login, None, first.state,
                             extra=[*WANTED, *card.attributes(card.answer(first))])
    assert reply.name == "challenge" and "新しいパスワード" in reply.text
    assert "推測" in typed(s, p, reply, "Kangoshi-26!").text


def test_d5_an_entry_and_an_expired_password(s):
    """Door and terminal are two factors, and let nobody use an expired password."""
    ward = Ward(s)
    p = ward.inside(passwords="monthly")
    aged(s, p, 60)
    reply = ward.bed.login(p.login, p.password)
    assert reply.name == "challenge" and "期限が切れました" in reply.text
    new = fresh(s)
    reply = ward.bed.login(p.login, new, reply.state)
    # who has left meanwhile has one factor
    ward.event("leave", p)
    refused = ward.bed.login(p.login, new, reply.state)
    assert refused.name == "reject", refused
    ward.event("enter", p)
    reply = ward.bed.login(p.login, p.password)
    reply = typed(s, p, reply, new, ward.bed)
    assert reply.name == "accept", (reply, s.last(p.login))
    row = s.audit(p.login, kind="login")[-1]
    assert {e["method"] for e in row["evidence"]} == {"password", "door"} and row["detail"]["equivalence"] == "D.5"
    # and it opens one terminal, as any entry
    assert ward.desk.login(p.login, new).name == "reject"


def test_c14_2_no_reset_without_method_verifier_and_subject(s):
    p = s.person()
    slip = s.root / "never.pdf"
    for wrong in ([], ["--how", "in-person"], ["--documents", "運転免許証"],
                  ["--how", "in-person", "--documents", " "], ["--how", "in-person", "--documents", "x"]):
        done = s.admin("password", "reset", p.login, "--slip", slip, *wrong, check=False)
        assert done.returncode in (1, 2), wrong
        assert not slip.exists()
    for wrong in (["--how", "in-person", "--documents", "運転免許証"],
                  ["--how", "in-person", "--documents", "運転免許証", "--slip", slip, "--with-card"]):
        assert s.admin("password", "reset", p.login, *wrong, check=False).returncode == 2
    done = s.admin("password", "reset", "nobody-here", "--slip", slip, "--how", "in-person", "--documents",
                   "運転免許証", check=False)
    assert done.returncode == 1 and not slip.exists()
    assert s.terminal.login(p.login, p.password + p.code()).name == "accept", "nothing was changed"


def test_c14_2_an_entry_serves_once(s):
    p, q = s.person(), s.person()
    entry = str(s.admin("proof", "add", p.login, "--how", "video", "--documents", "職員証 0042")["id"])
    slip = s.root / "once.pdf"
    assert s.admin("password", "reset", q.login, "--proof", entry, "--slip", slip, check=False).returncode == 1
    assert s.admin("password", "reset", p.login, "--proof", entry, "--slip", slip)["login"] == p.login
    slip.unlink()
    done = s.admin("password", "reset", p.login, "--proof", entry, "--slip", slip, check=False)
    assert done.returncode == 1 and "--documents" in done.stderr and not slip.exists()
    old = str(s.admin("proof", "add", p.login, "--how", "video", "--documents", "職員証 0042")["id"])
    # a day later it is nothing to rest on
    s.sql("ALTER TABLE sekisho.identity_proof DISABLE TRIGGER append_only; UPDATE sekisho.identity_proof "
          f"SET at = at - interval '25 hours' WHERE id = {old}; "
          "ALTER TABLE sekisho.identity_proof ENABLE TRIGGER append_only")
    assert s.admin("password", "reset", p.login, "--proof", old, "--slip", slip, check=False).returncode == 1


def test_c14_2_the_ledger_keeps_copies_and_finds_them_changed(s, tmp_path):
    p = s.person()
    copy = tmp_path / "運転免許証.pdf"
    copy.write_bytes(os.urandom(300_000))
    entry = s.admin("proof", "add", p.login, "--how", "in-person", "--documents", "運転免許証 第123号",
                    "--copy", copy, "--second", "yamada", "--note", "=HYPERLINK(1)")
    digest = hashlib.sha256(copy.read_bytes()).hexdigest()
    assert entry["copies"][0]["sha256"] == digest and entry["copies"][0]["name"] == copy.name
    assert s.last(p.login)["detail"]["copies"][0]["sha256"] == digest, "the audit knows it as well"
    out = tmp_path / "out.pdf"
    number = str(entry["copies"][0]["id"])
    assert s.admin("proof", "copy", number, out, check=False).returncode == 1, "without saying why"
    s.admin("proof", "copy", number, out, "--why", "監査")
    assert out.read_bytes() == copy.read_bytes() and out.stat().st_mode & 0o077 == 0
    assert s.last(p.login)["reason"] == "identity_copy"
    assert s.admin("proof", "copy", number, out, "--why", "監査", check=False).returncode == 2, "never over a file"
    # found by what stands in it
    assert [e["id"] for e in s.admin("proof", "list", "第123号")] == [entry["id"]]
    assert s.admin("proof", "list", "第124号") == []
    fixed = s.admin("proof", "correct", str(entry["id"]), "--how", "video", "--documents", "運転免許証 第125号")
    assert fixed["corrects"] == entry["id"] and fixed["used_at"]
    assert s.admin("proof", "show", str(entry["id"]))["documents"] == "運転免許証 第123号"
    table = tmp_path / "ledger.csv"
    run("card-admin", "proof", "export", table, env=s.env)
    text = table.read_text("utf-8-sig")
    assert digest in text and '"\'=HYPERLINK(1)"' in text
    # not even the owner changes it by the way
    for what in ("UPDATE sekisho.identity_proof SET documents = 'x'", "DELETE FROM sekisho.identity_copy",
                 "TRUNCATE sekisho.identity_proof CASCADE", "UPDATE sekisho.identity_proof SET used_at = NULL"):
        with pytest.raises(AssertionError, match="append only"):
            s.sql(what)
    # and who gets around that is found out
    s.sql("ALTER TABLE sekisho.identity_copy DISABLE TRIGGER append_only; UPDATE sekisho.identity_copy SET "
          f"octets = 'another' WHERE id = {number}; ALTER TABLE sekisho.identity_copy ENABLE TRIGGER append_only")
    out.unlink()
    done = s.admin("proof", "copy", number, out, "--why", "監査", check=False)
    assert done.returncode == 1 and "digest is another" in done.stderr and not out.exists()


def test_who_has_had_a_password_gets_another_only_by_the_ledger(s):
    p = s.person()
    new = fresh(s)
    done = s.admin("password", "set", p.login, input=new + "\n", check=False)
    assert done.returncode == 2 and "--documents" in done.stderr
    s.admin("password", "set", p.login, "--how", "known", "--documents", "職員証 0042", input=new + "\n")
    assert s.terminal.login(p.login, new + p.code()).name == "accept"


def test_passwd_at_a_terminal(s):
    """pam_sekisho's chauthtok: both factors, then the new password twice."""
    host, port = s.server
    t = Terminal(f"{host}:{port}", s.terminal.secret.decode(), timeout_ms=8000)
    try:
        t.stack("auth required {so} conf={conf} helpers={helpers} lang=ja\n"
                "password required {so} conf={conf} helpers={helpers} lang=ja\n")
        p = s.person()
        new = fresh(s)
        code, seen = t.login(p.login, [("パスワード", p.password), ("6桁", p.code),
                                       ("新しいパスワード", "Password1!"), ("推測", new), ("もう一度", new)],
                             actions=("chauthtok",), timeout=100)
        assert code == 0, seen
        assert "変更しました" in seen
        assert s.terminal.login(p.login, new + p.code()).name == "accept"
        assert not any(w in seen for w in (new, p.password))
        # a wrong one changes nothing
        p.password = new
        code, seen = t.login(p.login, [("パスワード", "wrong")], actions=("chauthtok",))
        assert code != 0
        s.admin("unlock", p.login)
        assert s.terminal.login(p.login, new + p.code()).name == "accept"
        # and at a login that finds it expired
        p = s.person(passwords="monthly")
        aged(s, p, 70)
        newer = fresh(s)
        code, seen = t.login(p.login, [("パスワード", p.password), ("6桁", p.code),
                                       ("期限が切れました", newer), ("もう一度", newer)], timeout=100)
        assert code == 0 and "変更しました" in seen, seen
    finally:
        t.close()


def test_c14_4_confirmed_as_a_whole(s):
    assert s.admin("policy", "confirm")["due"] is True
    assert "Nobody has confirmed" in run("card-admin", "policy", "confirm", env=s.env).stdout
    done = s.admin("policy", "confirm", "--note", "区分c、カード併用。不応時間は既定値")
    assert done["due"] is False and done["officer"] == "sekisho_operator"
    s.admin("setting", "set", "password.guess_bits", "30")
    assert s.admin("policy", "confirm")["due"] is True
    text = run("card-admin", "policy", "confirm", env=s.env).stdout
    assert "password.guess_bits" in text and "To do" in text
    s.admin("setting", "set", "password.guess_bits", "36")
