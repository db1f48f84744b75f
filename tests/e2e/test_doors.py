# SPDX-License-Identifier: GPL-2.0-or-later
"""Door and terminal as two factors (guideline D.5), through the real
FreeRADIUS: each row of the attacks on it that a login can show."""

import json
import threading
import time

import pytest
from sekisho import Sekisho, run
from test_races import during


class Ward:
    """A zone with a door, terminals in it and elsewhere, and a feed."""

    def __init__(self, s):
        self.s, self.n = s, 0
        self.ask("zone_add('W3')", "zone_add('elsewhere')", "door_add('W3 main', NULL, 'W3', 'card', 'card')",
                 "door_source_add('feed')",
                 "policy_set('terminal', p_methods => '{password,totp,card,pin,door}')",
                 "policy_set('vpn', p_methods => '{password,totp,card,pin,door}')")
        self.bed = s.client("bed", "127.0.0.21", "terminal", True, "--zone", "W3")
        self.desk = s.client("desk", "127.0.0.22", "terminal", True, "--zone", "W3")
        self.lab = s.client("lab", "127.0.0.23", "terminal", True, "--zone", "elsewhere")
        self.vpn = s.client("gate", "127.0.0.24", "vpn", True, "--zone", "W3")
        self.beat()

    def ask(self, *calls):
        return run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1",
                   *[w for c in calls for w in ("-c", f"SELECT sekisho.{c}")], env=self.s.env).stdout

    def feed(self, *events):
        text = json.dumps(events).replace("'", "''")
        out = run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "sekisho_door_feed", "-c",
                  f"SELECT sekisho.door_events('feed', '{text}', NULL)", env=self.s.env).stdout
        return json.loads(out)

    def beat(self):
        self.feed()

    def event(self, kind, person=None, ago=0.0, **more):
        self.n += 1
        who = {"login": person.login} if person else {}
        took = self.feed({"event": f"e{self.n}", "kind": kind, "door": "W3 main",
                          "at": time.time() - ago, **who, **more})
        assert took["taken"] == 1, took

    def inside(self, **more):
        p = self.s.person(token=False, **more)
        self.event("enter", p, 1)
        return p


@pytest.fixture(scope="module")
def ward():
    s = Sekisho("doors")
    yield Ward(s)
    s.close()


def reason(ward, p):
    return ward.s.last(p.login)["reason"]


def test_d5_door_and_terminal(ward):
    p = ward.inside()
    reply = ward.bed.login(p.login, p.password)
    assert reply.name == "accept", reply.text
    row = ward.s.last(p.login)
    assert row["reason"] == "door_and_terminal" and row["client"] == "bed"
    door = [e for e in row["evidence"] if e["method"] == "door"][0]
    assert door["category"] == "possession" and door["label"] == "W3 main" and door["event"] > 0
    assert {e["category"] for e in row["evidence"]} == {"knowledge", "possession"}
    # a wrong password inside is a wrong password
    q = ward.inside()
    assert ward.bed.login(q.login, "guess").name == "reject"
    assert reason(ward, q) == "wrong_password"


def test_d5_no_entry_is_said_to_who_knows_the_password(ward):
    p = ward.s.person(token=False)
    reply = ward.bed.login(p.login, p.password)
    assert reply.name == "reject" and "入口で職員証の記録がありません" in reply.text
    assert reason(ward, p) == "no_presence" and reply.ref in reply.text
    q = ward.s.person(token=False)
    assert "入口" not in ward.bed.login(q.login, "guess").text
    assert "入口" not in ward.bed.login("nobody-at-all", "guess").text


def test_d5_outside_the_zone(ward):
    p = ward.inside()
    reply = ward.lab.login(p.login, p.password)
    assert reply.name == "reject"
    assert reason(ward, p) == "no_presence"


def test_d5_outside_the_zone_whatever_the_request_calls_itself(ward):
    """The terminal is who knows its secret, not who its attributes say."""
    p = ward.inside()
    named = [(32, b"bed"), (30, b"bed"), (4, bytes([127, 0, 0, 21]))]
    assert ward.lab.login(p.login, p.password, extra=named).name == "reject"
    assert reason(ward, p) == "no_presence"


def test_d5_same_category_twice(ward):
    """A shared code at the door and a password: both are knowledge, at most."""
    ward.ask("door_add('W3 code', NULL, 'W3', 'code', '')")
    p = ward.s.person(token=False)
    ward.event("enter", p, 1, door="W3 code")
    assert ward.bed.login(p.login, p.password).name == "reject"
    assert reason(ward, p) == "no_presence"


def test_d5_remote_while_inside(ward):
    p = ward.inside()
    first = ward.vpn.login(p.login, p.password)
    assert first.name != "accept"
    if first.name == "challenge":
        assert ward.vpn.login(p.login, "123456", first.state).name == "reject"


def test_d5_someone_elses_password(ward):
    inside, other = ward.inside(), ward.s.person(token=False)
    assert ward.bed.login(other.login, other.password).name == "reject"
    assert ward.bed.login(inside.login, other.password).name == "reject"


def test_d5_several_terminals(ward):
    p = ward.inside()
    assert ward.bed.login(p.login, p.password).name == "accept"
    assert ward.desk.login(p.login, p.password).name == "reject"
    assert reason(ward, p) == "presence_in_use"
    assert ward.bed.login(p.login, p.password).name == "accept", "at its own it goes on"
    # a second one at once, before anything is written
    q = ward.inside()
    replies = []
    threads = [threading.Thread(target=lambda c=c: replies.append(c.login(q.login, q.password, tries=3)))
               for c in (ward.bed, ward.desk)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert [r.name for r in replies].count("accept") == 1, [r.name for r in replies]


def test_d5_leaves(ward):
    p = ward.inside()
    assert ward.bed.login(p.login, p.password).name == "accept"
    ward.event("leave", p)
    assert ward.bed.login(p.login, p.password).name == "reject"
    assert reason(ward, p) == "no_presence"
    ward.event("enter", p)
    assert ward.bed.login(p.login, p.password).name == "accept"


def test_d5_late_event(ward):
    p = ward.s.person(token=False)
    ward.event("enter", p, 200)
    assert ward.bed.login(p.login, p.password).name == "reject"


def test_d5_cloned_number(ward):
    p = ward.s.person(token=False)
    ward.event("enter", p, 1, method="uid")
    assert ward.bed.login(p.login, p.password).name == "reject"
    assert reason(ward, p) == "no_presence"


def test_d5_silent_feed(ward):
    p = ward.inside()
    ward.s.sql("UPDATE sekisho.door_source SET heard_at = heard_at - interval '2 minutes'")
    assert ward.bed.login(p.login, p.password).name == "reject"
    ward.beat()
    assert ward.bed.login(p.login, p.password).name == "accept"


def test_d5_alarm(ward):
    p = ward.inside()
    ward.event("fire")
    assert ward.bed.login(p.login, p.password).name == "reject"
    ward.event("fire_over")
    assert ward.bed.login(p.login, p.password).name == "accept"


def test_d5_without_presence_two_factors_go_on(ward):
    """Where presence falls away the answer is ordinary two-factor login."""
    p = ward.s.person()
    first = ward.bed.login(p.login, p.password)
    assert first.name == "challenge"
    assert ward.bed.login(p.login, p.code(), first.state).name == "accept"
    assert reason(ward, p) == "two_factors"


def test_d5_exit_while_the_login_is_decided(ward):
    p = ward.inside()
    reply = during(ward.s, ward.bed, p.login, p.password, lambda: ward.event("leave", p))
    assert reply.name == "reject"
    assert reason(ward, p) in ("changed_meanwhile", "presence_ended")
