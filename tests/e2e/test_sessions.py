# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions through the real FreeRADIUS: what clients tell of them is kept, and
what ends them reaches the client."""

import threading
import time

import pytest
from accounting import (ACK, CAUSE, CLASS, INTERIM, NAK, NAS_PORT, ON, SECONDS, START, STOP, Accounting, Nas,
                        number)
from sekisho import Sekisho, run, wait_for
from test_doors import Ward


class Sessions(Ward):
    """A ward whose terminals tell of their sessions."""

    def __init__(self, s):
        super().__init__(s)
        self.account = {c: Accounting(s, c.secret, c.sock.getsockname()[0])
                        for c in (self.bed, self.desk, self.lab, self.vpn)}

    def list(self, *args):
        return self.s.admin("session", "list", *args)

    def rows(self, acct):
        out = self.s.sql("SELECT coalesce(json_agg(sekisho.session_json(s) ORDER BY s.id), '[]') "
                         f"FROM sekisho.session s WHERE acct = '{acct}'")
        import json
        return json.loads(out)

    def row(self, acct):
        rows = self.rows(acct)
        assert len(rows) == 1, rows
        return rows[0]

    def begin(self, p, acct, client=None, reply=None):
        """An accept by door and terminal, and its session."""
        client = client or self.bed
        reply = reply or client.login(p.login, p.password)
        assert reply.name == "accept", (reply, self.s.last(p.login))
        (class_,) = reply.get(CLASS)
        assert len(class_) == 16
        assert self.account[client].tell(START, acct, p.login, class_, extra=[(NAS_PORT, number(7))])
        return class_


@pytest.fixture(scope="module")
def ward():
    s = Sekisho("sessions")
    yield Sessions(s)
    s.close()


def test_accounting_is_kept(ward):
    p = ward.inside()
    class_ = ward.begin(p, "k1")
    row = ward.row("k1")
    assert row["login"] == p.login and row["client"] == "bed" and row["state"] == "open", row
    assert row["accepted"] and row["nas_port"] == 7 and row["nas"] == "127.0.0.21"
    assert {e["method"] for e in row["evidence"]} == {"password", "door"} and row["door_event"] > 0
    account = ward.account[ward.bed]
    # the same octets again are answered by FreeRADIUS, a new packet by the database
    packet = account.build(START, "k1", p.login, class_)
    assert account.exchange(packet) and account.exchange(packet)
    assert account.tell(INTERIM, "k1", p.login, class_, extra=[(SECONDS, number(60)), (42, number(5)), (52, number(1))])
    assert ward.row("k1")["octets_in"] == 2**32 + 5
    assert account.tell(STOP, "k1", p.login, class_, extra=[(SECONDS, number(90)), (CAUSE, number(1))])
    row = ward.row("k1")
    assert row["state"] == "ended" and row["cause"] == "user_request" and row["seconds"] == 90
    # another client cannot end it, nor begin one on it
    ward.begin(p, "k2")
    assert ward.account[ward.lab].tell(STOP, "k2", p.login, class_)
    assert [r["state"] for r in ward.rows("k2")] == ["open", "ended"]
    assert [r["accepted"] for r in ward.rows("k2")] == [True, False]
    assert account.tell(STOP, "k2")


def test_the_same_start_at_once(ward):
    p = ward.inside()
    reply = ward.bed.login(p.login, p.password)
    (class_,) = reply.get(CLASS)
    many = [Accounting(ward.s, ward.bed.secret, "127.0.0.21") for _ in range(8)]
    took = []
    threads = [threading.Thread(target=lambda a=a, n=n: took.append(
        a.tell(START if n < 6 else STOP, "o1", p.login, class_))) for n, a in enumerate(many)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert took == [True] * 8
    assert ward.row("o1")["state"] == "ended", "whichever was first"


def test_accounting_that_is_not_believed(ward):
    account = ward.account[ward.bed]
    assert not account.exchange(account.build(START, "w1", "x", secret=b"wrong"), 1)
    assert not account.tell(START, None, "x", timeout=1), "without Acct-Session-Id"
    packet = bytearray(account.build(START, "w1", "x"))
    packet[-1] ^= 1
    assert not account.exchange(bytes(packet), 1), "one octet altered"
    assert account.tell(9, "w1", "x"), "tunnels (RFC 2867) are acknowledged, and nothing is kept"
    assert account.tell(START, b"w\xff\x00\\1", b"\xffx"), "whatever octets they are"
    assert ward.rows("w1") == []
    assert ward.row("w\\xff\\x00\\x5c1")["user_sent"] == "\\xffx"
    assert account.tell(STOP, b"w\xff\x00\\1", b"\xffx")


def test_database_away_at_the_stop(ward):
    p = ward.inside()
    class_ = ward.begin(p, "s1")
    account = ward.account[ward.bed]
    ward.s.instance("stop", "pg")
    assert not account.tell(STOP, "s1", p.login, class_, timeout=1), "nothing is acknowledged that is not kept"
    ward.s.instance("start", "pg")
    wait_for(lambda: account.tell(STOP, "s1", p.login, class_, timeout=1, extra=[(41, number(3))]), 20)
    assert ward.row("s1")["state"] == "ended"
    ward.beat()
