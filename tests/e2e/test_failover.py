# SPDX-License-Identifier: GPL-2.0-or-later
"""A gateway that does not hear its answer asks its second server the same: no
code is burnt by it, and nothing else gets in that way."""

import pytest
from radius import CALLING_STATION_ID, Client
from sekisho import Sekisho

SESSION, PORT = 44, 5
CLASS = 25


@pytest.fixture(scope="module")
def pair():
    a = Sekisho("node-a", conf=["workers = 8;", "hash_waiters = 4;"])
    b = Sekisho("node-b", share=a, conf=["workers = 8;", "hash_waiters = 4;"])
    first = a.client("vpn", kind="vpn")
    second = Client(b.server, first.secret)
    b.await_client(second)
    yield a, first, second
    b.close()
    a.close()


def extra(session=b"8f3a", calling=b"203.0.113.9", port=7):
    return [(SESSION, session)] * bool(session) + [(CALLING_STATION_ID, calling), (PORT, bytes((0, 0, 0, port)))]


def accepts(s, p):
    return s.count(p.login, "two_factors")


def test_appended_code_at_the_second_server(pair):
    s, first, second = pair
    p = s.person()
    credential = p.password + p.code()
    said = first.login(p.login, credential, extra=extra())
    again = second.login(p.login, credential, extra=extra())
    assert (said.name, again.name) == ("accept", "accept"), (said, again)
    assert said.get(CLASS) == again.get(CLASS) and accepts(s, p) == 1, "it counts as one"
    assert first.login(p.login, credential, extra=extra()).name == "accept", "or at the first, as another packet"
    assert accepts(s, p) == 1


def test_code_by_prompt_at_the_second_server(pair):
    s, first, second = pair
    p = s.person()
    asked = first.login(p.login, p.password, extra=extra())
    code = p.code()
    said = first.login(p.login, code, asked.state, extra=extra())
    again = second.login(p.login, code, asked.state, extra=extra())
    assert (said.name, again.name) == ("accept", "accept") and said.get(CLASS) == again.get(CLASS)
    assert accepts(s, p) == 1


def test_both_servers_at_once(pair):
    s, first, second = pair
    for appended in True, False:
        for _ in range(4):
            p = s.person()
            state = None if appended else first.login(p.login, p.password, extra=extra()).state
            credential = (p.password if appended else "") + p.code()
            packets = [(c, c.build(p.login, credential, state, extra=extra())) for c in (first, second)]
            for c, packet in packets:
                c.send(packet)
            answers = [c.receive(packet, 8) for c, packet in packets]
            assert {a.name for a in answers} <= {"accept", "silence"}, answers
            assert len({a.get(CLASS)[0] for a in answers if a.name == "accept"}) == 1 and accepts(s, p) == 1


@pytest.mark.parametrize("how, other", [
    ("another session", {"session": b"8f3b"}), ("another caller", {"calling": b"203.0.113.10"}),
    ("another port", {"port": 8}), ("no session", {"session": b""})])
def test_anything_else_is_a_code_that_is_spent(pair, how, other):
    s, first, second = pair
    p = s.person()
    credential = p.password + p.code()
    assert first.login(p.login, credential, extra=extra()).name == "accept"
    assert second.login(p.login, credential, extra=extra(**other)).name == "reject", how
    assert s.last(p.login)["reason"] == "code_spent"


def test_without_a_session_nothing_is_repeated(pair):
    s, first, second = pair
    p = s.person()
    credential = p.password + p.code()
    assert first.login(p.login, credential, extra=extra(session=b"")).name == "accept"
    assert second.login(p.login, credential, extra=extra(session=b"")).name == "reject"


def test_another_clients_request(pair):
    s, first, second = pair
    other = s.client("vpn-2", address="127.0.0.22", kind="vpn")
    p = s.person()
    credential = p.password + p.code()
    assert first.login(p.login, credential, extra=extra()).name == "accept"
    assert other.login(p.login, credential, extra=extra()).name == "reject"


def test_ten_seconds_and_no_change(pair):
    s, first, second = pair
    p, q = s.person(), s.person()
    for x in p, q:
        x.credential = x.password + x.code()
        assert first.login(x.login, x.credential, extra=extra()).name == "accept"
    s.admin("person", "suspend", q.login)
    assert second.login(q.login, q.credential, extra=extra()).name != "accept", "suspended meanwhile"
    s.sql("UPDATE sekisho.answer SET at = at - interval '11 seconds'")
    assert second.login(p.login, p.credential, extra=extra()).name == "reject"
    assert s.last(p.login)["reason"] == "code_spent"


def test_nothing_of_it_is_kept(pair):
    s, first, _ = pair
    p = s.person()
    credential = p.password + p.code()
    assert first.login(p.login, credential, extra=extra()).name == "accept"
    assert credential not in s.sql("SELECT * FROM sekisho.answer") and p.password not in s.sql("SELECT * FROM sekisho.answer")
    s.sql("UPDATE sekisho.answer SET at = at - interval '2 minutes'")
    s.sql("SELECT sekisho.housekeeping()")
    assert s.sql("SELECT count(*) FROM sekisho.answer") == "0"
