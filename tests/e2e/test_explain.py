# SPDX-License-Identifier: GPL-2.0-or-later
"""card-admin policy explain says what a login then gets: the same rules over
the same ground, in every situation that a door makes."""

import time

import pytest
from sekisho import Sekisho, run, wait_for
from test_doors import Ward
from test_races import during


@pytest.fixture(scope="module")
def ward():
    s = Sekisho("explain")
    ward = Ward(s)
    ward.range = s.client("range", "127.0.0.25", "terminal", True, "--zone", "W3")
    s.sql("UPDATE sekisho.client SET address = '127.0.0.24/30' WHERE name = 'range'", check=False)
    yield ward
    s.close()


def explain(ward, p, client):
    return ward.s.admin("policy", "explain", p.login, client, "--why", "試験")


def agree(ward, p, client="bed", where=None):
    """What is said and what a login gets; the reason that both gave."""
    said = explain(ward, p, client)["ways"][0]
    reply = (where or getattr(ward, client)).login(p.login, p.password)
    assert reply.name == {"accept": "accept", "ask": "challenge", "refuse": "reject"}[said["then"]], said
    if said["then"] != "ask":
        assert ward.s.audit(p.login, kind="login")[-1]["reason"] == said["reason"], said
    if said["then"] == "accept":
        carried = ward.s.audit(p.login, kind="login")[-1]["evidence"]
        assert [(e["category"], e["method"], e.get("event")) for e in carried] == [
            (e["category"], e["method"], e.get("event")) for e in said["evidence"]]
    return said["reason"]


def test_no_entry(ward):
    assert agree(ward, ward.s.person(token=False)) == "no_presence"
    assert agree(ward, ward.s.person()) == "first_factor"


def test_an_entry_an_exit_and_another_zone(ward):
    p = ward.inside()
    assert agree(ward, p) == "door_and_terminal"
    assert agree(ward, p, "lab") == "no_second_factor" or agree(ward, p, "lab") == "no_presence"
    ward.event("leave", p)
    assert agree(ward, p) == "no_presence"


def test_expired_by_shift(ward):
    p = ward.s.person(token=False)
    ward.event("enter", p, 70)
    ward.ask("zone_set('W3', p_shift_minutes => 1)")
    assert explain(ward, p, "bed")["presence"]["fault"] == "expired"
    assert agree(ward, p) == "no_presence"
    ward.ask("zone_set('W3', p_shift_minutes => 720)")
    assert agree(ward, p) == "door_and_terminal"


def test_silent_source_and_alarm(ward):
    p = ward.inside()
    ward.s.sql("UPDATE sekisho.door_source SET heard_at = heard_at - interval '2 minutes'")
    assert explain(ward, p, "bed")["presence"]["fault"] == "source_silent"
    assert agree(ward, p) == "no_presence"
    ward.beat()
    ward.event("fire")
    assert explain(ward, p, "bed")["presence"]["fault"] == "zone_alarm"
    assert agree(ward, p) == "no_presence"
    ward.event("fire_over")
    assert agree(ward, p) == "door_and_terminal"


def test_vpn(ward):
    """It hides the first factor, so the refusal comes after a code."""
    p = ward.inside()
    said = explain(ward, p, "gate")
    assert said["ways"][0]["then"] == "refuse" and not said["client"]["show_first"]
    first = ward.vpn.login(p.login, p.password)
    assert first.name == "challenge"
    assert ward.vpn.login(p.login, "123456", first.state).name == "reject"


def test_many_terminals_behind_one_address(ward):
    p = ward.inside()
    assert not explain(ward, p, "range")["client"]["one_address"]
    assert agree(ward, p, "range") == "no_second_factor"


def test_second_terminal(ward):
    p, q = ward.inside(), ward.inside()
    assert agree(ward, p) == "door_and_terminal"
    assert agree(ward, p, "desk") == "presence_in_use"
    assert explain(ward, p, "desk")["presence"]["in_use_at"] == ["bed"]
    # where somebody has a second factor it is asked for
    ward.s.token(q)
    assert agree(ward, q) == "door_and_terminal"
    first = ward.desk.login(q.login, q.password)
    assert explain(ward, q, "desk")["ways"][0] == {"with": "password", "then": "ask",
                                                   "reason": "first_factor", "ask": ["totp"]}
    assert ward.desk.login(q.login, q.code(), first.state).name == "accept"


def test_a_number_with_and_without_acceptance(ward):
    ward.ask("door_add('W3 old', NULL, 'W3', 'uid', '')")
    p = ward.s.person(token=False)
    ward.event("enter", p, 1, door="W3 old")
    assert explain(ward, p, "bed")["presence"]["fault"] == "no_factor"
    assert agree(ward, p) == "no_presence"
    ward.ask("door_set('W3 old', p_uid_until => current_date + 2, p_uid_why => 'test')")
    assert agree(ward, p) == "door_and_terminal"


def test_who_cannot_log_in_at_all(ward):
    p = ward.inside()
    ward.s.admin("person", "suspend", p.login)
    assert agree(ward, p) == "person_unusable"
    q = ward.inside()
    ward.s.sql(f"UPDATE sekisho.verifier SET must_change = true FROM sekisho.person p "
               f"WHERE p.id = person_id AND p.login = '{q.login}'")
    assert agree(ward, q) == "password_change_asked"
    ward.s.admin("client", "set", "bed", "--codes", "append")
    ward.s.await_client(ward.bed)
    assert agree(ward, q) == "password_must_change"
    ward.s.admin("client", "set", "bed", "--codes", "either")
    ward.s.await_client(ward.bed)
    r = ward.inside()
    assert ward.bed.login(r.login, "guess").name == "reject"
    said = explain(ward, r, "bed")
    assert said["ways"][0]["reason"] == "delay_running" and 0 < said["ways"][0]["wait"] <= 5
    assert agree(ward, r) == "delay_running"


def test_d5_grace(ward):
    """Off until a policy says so; then the same person at the same terminal."""
    ward.s.admin("policy", "set", "desk", "--grace", "30")
    ward.s.admin("client", "set", "desk", "--policy", "desk")
    ward.s.await_client(ward.desk)
    p, q = ward.s.person(), ward.s.person()
    wait_for(lambda: ward.desk.login(p.login, p.password, tries=1).name == "challenge")
    assert agree(ward, p, "desk") == "first_factor"
    first = ward.desk.login(p.login, p.password)
    assert ward.desk.login(p.login, p.code(), first.state).name == "accept"
    assert agree(ward, p, "desk") == "proven_here_before"
    assert "password alone, because what was proven here (one-time code, " in shown(ward, p, "desk")
    last = ward.s.audit(p.login, kind="login")[-1]
    (piece,) = [e for e in last["evidence"] if e["method"] == "totp"]
    whole = [r for r in ward.s.audit(p.login, kind="login") if r["reason"] == "two_factors"][-1]
    assert piece["earlier"] == whole["id"] and piece["client"] == "desk"
    assert agree(ward, p) == "first_factor", "nowhere else"
    assert ward.desk.login(p.login, "guess").name == "reject", "nor without the password"
    # every change of user needs both
    first = ward.desk.login(q.login, q.password)
    assert ward.desk.login(q.login, q.code(), first.state).name == "accept"
    wait_for(lambda: explain(ward, p, "desk")["ways"][0]["reason"] != "delay_running")
    assert agree(ward, p, "desk") == "first_factor"
    # and so does whoever was logged in elsewhere meanwhile
    assert agree(ward, q, "desk") == "proven_here_before"
    first = ward.bed.login(q.login, q.password)
    assert ward.bed.login(q.login, q.code(), first.state).name == "accept"
    assert agree(ward, q, "desk") == "first_factor"


def test_d5_grace_ends_while_the_login_is_decided(ward):
    p = ward.s.person()
    first = ward.desk.login(p.login, p.password)
    assert ward.desk.login(p.login, p.code(), first.state).name == "accept"
    reply = during(ward.s, ward.desk, p.login, p.password, lambda: ward.event("leave", p))
    assert reply.name == "reject"
    assert ward.s.audit(p.login, kind="login")[-1]["reason"] == "proven_here_ended"


def test_d5_operator_inserts_an_entry(ward):
    """Two people, marked manual, never a factor."""
    p = ward.s.person(token=False)
    second = ward.s.officer("second", "sekisho_approval")
    order = ward.s.admin("presence", "enter", p.login, "W3 main", "--why", "reader broken")
    assert order["status"] == "waiting" and order["entry"]["zone"] == "W3"
    assert ward.s.admin("order", "approve", order["id"], "--digest", order["digest_shown"],
                        check=False).returncode != 0, "not by who asked"
    assert agree(ward, p) == "no_presence"
    done = run("card-admin", "order", "approve", order["id"][:8], "--digest", order["digest_shown"], env=second)
    assert "done" in done.stdout
    assert [(w["counts"], w["fault"]) for w in ward.s.admin("presence", "who", "W3")
            if w["login"] == p.login] == [(False, "by_hand")]
    assert agree(ward, p) == "no_presence"
    assert "entered by hand, which is never a factor" in shown(ward, p, "bed")
    ward.s.admin("presence", "leave", p.login, "--why", "went home")
    assert ward.s.admin("presence", "where", p.login, "--why", "x")["zone"] is None
    # an exit by hand ends an entry that counted
    q = ward.inside()
    assert agree(ward, q) == "door_and_terminal"
    ward.s.admin("presence", "leave", q.login, "--why", "went home")
    assert agree(ward, q) == "no_presence"


def test_c14_4a_door_and_terminal_need_thirteen_characters(ward):
    twelve, thirteen = ward.inside(password="Ab3-mxqvtzkw"), ward.inside(password="Ab3-éxqvtzkwñ")
    assert ward.s.admin("person", "show", twelve.login)["password"]["min_chars"] == 8
    assert ward.s.admin("person", "show", thirteen.login)["password"]["min_chars"] == 13
    assert agree(ward, twelve) == "password_too_short_for_door"
    assert agree(ward, thirteen) == "door_and_terminal"
    assert "too short" in shown(ward, twelve, "bed")
    assert [r["fits_door"] for r in ward.s.admin("report", "no-fallback") if r["login"] == thirteen.login] == [True]
    # with a second factor it is asked for, and eight are enough
    ward.s.token(twelve)
    assert agree(ward, twelve) == "first_factor"
    first = ward.bed.login(twelve.login, twelve.password)
    assert ward.bed.login(twelve.login, twelve.code(), first.state).name == "accept"
    # set anew by a program that does not say, it is of no known length
    ward.s.sql(f"UPDATE sekisho.verifier SET min_chars = NULL FROM sekisho.person p "
               f"WHERE p.id = person_id AND p.login = '{thirteen.login}'")
    assert agree(ward, thirteen) == "password_too_short_for_door"


def test_d5_reports(ward):
    p = ward.inside()
    assert agree(ward, p) == "door_and_terminal"
    ward.event("leave", p)
    assert agree(ward, p) == "no_presence"
    report = ward.s.admin("report", "door-terminal", "--month", time.strftime("%Y-%m"))
    (mine,) = [a for a in report["accepts"] if a["login"] == p.login]
    assert mine["client"] == "bed" and mine["category"] == "possession"
    assert (mine["entry"]["door"], mine["entry"]["zone"], mine["entry"]["source"]) == ("W3 main", "W3", "feed")
    (bed,) = [t for t in report["terminals"] if t["client"] == "bed"]
    assert bed["accepts"] >= 1 and bed["refused"]["no_presence"] >= 1
    label = ward.s.audit(p.login, kind="login")[0]["detail"]
    assert label == {"equivalence": "D.5", "entry": mine["entry"]["event"]}
    assert p.login in {r["login"] for r in ward.s.admin("report", "no-fallback")}
    text = run("card-admin", "report", "door-terminal", env=ward.s.env).stdout
    assert "guideline D.5" in text and "bed" in text
    text = run("card-admin", "report", "no-fallback", env=ward.s.env).stdout
    assert p.login in text and "card-admin totp enrol" in text
    assert ward.s.admin("report", "door-terminal", "--month", "2027-3", check=False).returncode == 1


def test_it_needs_a_reason_and_is_written_down(ward):
    p = ward.inside()
    done = ward.s.admin("policy", "explain", p.login, "bed", check=False)
    assert done.returncode == 1 and '"why_missing"' in done.stdout
    assert ward.s.admin("policy", "explain", p.login, "nowhere", "--why", "x", check=False).returncode == 1
    explain(ward, p, "bed")
    (row,) = [r for r in ward.s.audit(p.login) if r["reason"] == "policy_explain"]
    assert row["detail"] == {"why": "試験", "client": "bed"}


def shown(ward, p, client, **env):
    return run("card-admin", "policy", "explain", p.login, client, "--why", "x",
               env=dict(ward.s.env, **env)).stdout


def test_it_is_said_in_words(ward):
    p, q = ward.inside(), ward.s.person()
    text = shown(ward, p, "bed")
    assert "password alone, because the entry at door W3 main (" in text and "counts until" in text
    text = shown(ward, q, "bed")
    assert "password and one-time code (entry: none: nobody saw this person come in" in text
    assert "does not count: only at terminals" in shown(ward, p, "gate")
    assert "入室記録" in shown(ward, p, "bed", LANGUAGE="ja")
