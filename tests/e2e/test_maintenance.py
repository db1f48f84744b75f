# SPDX-License-Identifier: GPL-2.0-or-later
"""Maintenance accounts (guideline 6.8 C.2), as the office, the vendor's man and the
auditor see them."""

import time

import pytest

from accounting import CLASS, START, Accounting
from sekisho import Sekisho, run, wait_for


@pytest.fixture(scope="module")
def s():
    s = Sekisho("maintenance")
    s.terminal = s.client("ct-console", "127.0.0.1", "terminal")
    s.ward = s.client("ward", "127.0.0.2", "terminal")
    s.second = s.officer("second", "sekisho_operator")
    yield s
    s.close()


def vendor(s):
    return s.person(kind="maintenance", pledge="2026-04-01", training=time.strftime("%Y-%m-%d"))


def window(s, p, until, clients="ct-console", check=True):
    return s.admin("maintenance", "request", p.login, "--ticket", "T-17", "--plan", "CT の更新", "--clients",
                   clients, "--until", until, check=check)


def soon(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() + seconds))


def approve(s, work):
    return run("card-admin", "maintenance", "approve", str(work["id"]), "--json", env=s.second, check=False)


def test_c6_8_from_the_ticket_to_its_end(s):
    p = vendor(s)
    assert s.terminal.login(p.login, p.password).name == "reject"
    assert s.last(p.login)["reason"] == "person_unusable"
    s.admin("unlock", p.login)
    work = window(s, p, soon(3600))
    assert work["status"] == "requested" and work["clients"] == ["ct-console"]
    own = s.admin("maintenance", "approve", str(work["id"]), check=False)
    assert own.returncode == 1 and "does not approve" in own.stderr
    assert approve(s, work).returncode == 0
    reply = s.terminal.login(p.login, p.password + p.code())
    assert reply.name == "accept"
    assert s.ward.login(p.login, p.password + p.code()).name == "reject", "at no other client"
    shown = s.admin("maintenance", "show", str(work["id"]))
    assert shown["status"] == "open" and shown["logins"] == 1
    # not closed without the three
    number = str(work["id"])
    for args in ([], ["--personal-data", "no"], ["--work", "x"], ["--personal-data", "yes", "--work", "更新した"]):
        assert s.admin("maintenance", "close", number, *args, check=False).returncode in (1, 2), args
    done = s.admin("maintenance", "close", number, "--personal-data", "yes", "--whose", "3西の患者",
                   "--work", "更新した")
    assert done["status"] == "closed" and done["whose"] == "3西の患者"
    s.admin("unlock", p.login)
    assert s.terminal.login(p.login, p.password + p.code()).name == "reject"
    reasons = [r["reason"] for r in s.audit(p.login, kind="admin")]
    done = [r for r in reasons if r.startswith("maintenance_")]
    assert done == ["maintenance_requested", "maintenance_approved", "maintenance_closed"]


def test_c6_8_it_ends_by_itself_with_its_sessions(s):
    p = vendor(s)
    work = window(s, p, soon(6))
    assert approve(s, work).returncode == 0
    reply = s.terminal.login(p.login, p.password + p.code())
    assert reply.name == "accept"
    seconds = int.from_bytes(reply.get(27)[0], "big")
    assert 0 < seconds <= 6, "the client is told when it is over"
    assert Accounting(s, s.terminal.secret).tell(START, "m-1", p.login, reply.get(CLASS)[0])
    wait_for(lambda: s.admin("session", "list", "--person", p.login))
    wait_for(lambda: s.admin("session", "list", "--person", p.login)[0].get("end_why") == "maintenance_over", 30)
    assert s.terminal.login(p.login, p.password).name == "reject"
    wait_for(lambda: s.count(p.login, "maintenance_over") == 1)
    other = window(s, p, soon(3600), check=False)
    assert other.returncode == 1 and "nobody closed" in other.stderr
    assert [w["id"] for w in s.admin("maintenance", "list", "--open") if w["login"] == p.login] == [work["id"]]


def test_c6_8_what_is_no_window(s):
    p = vendor(s)
    for until, clients, word in ((soon(25 * 3600 + 60), "ct-console", "max_hours"), (soon(-60), "ct-console", "window"),
                                 (soon(3600), "nowhere", "no client")):
        done = window(s, p, until, clients, check=False)
        assert done.returncode == 1 and word in done.stderr, (until, clients, done.stderr)
    q = s.person()
    assert window(s, q, soon(3600), check=False).returncode == 1, "not of staff"
    r = s.person(kind="maintenance")
    assert "pledge" in window(s, r, soon(3600), check=False).stderr
