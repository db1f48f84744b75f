# SPDX-License-Identifier: GPL-2.0-or-later
"""A wired port: open after an accept, shut after a Disconnect, looked at by what
gets through; and sessions taken up again until what carries them ends."""

import time

import pytest
from authority import Card, Key
from sekisho import wait_for
from wired import Port


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    p = Port(tmp_path_factory.mktemp("wired"))
    yield p
    p.close()


@pytest.fixture(autouse=True)
def unplugged(port):
    yield
    if port.supplicant in port.children:
        port.unplug()
    port.s.admin("policy", "set", "ports", "--registered-stations", "no", "--resume", "480")


class Holder:
    def __init__(self, port):
        self.p = port.s.person(token=False)
        self.login, self.card, self.key = self.p.login, Card(port.s, self.p.login), Key(port.folder)
        door = Key(port.folder)
        self.certificate = self.card.certificate(self.key, "9a")
        self.card.certificate(door, "9e")
        assert self.card.prove(self.key, door) == ("done", "")


def reasons(port, login):
    return [row["reason"] for row in port.s.audit(login, kind="login")]


def sessions(port, login):
    return port.s.admin("session", "list", "--person", login, "--since", "1h")


def test_d6_open_after_an_accept_shut_after_the_card_is_lost(port):
    h = Holder(port)
    assert not port.traffic(), "nothing before"
    port.plug_certificate(h.login, h.certificate, h.key)
    port.open()
    row = wait_for(lambda: [s for s in sessions(port, h.login) if s["state"] == "open"], 10)[0]
    assert row["accepted"] and row["calling"].replace("-", ":").lower() == port.mac
    port.s.sql(f"SELECT sekisho.card_lost('{h.card.token}', 'on the train')")
    port.shut()
    assert wait_for(lambda: sessions(port, h.login)[-1]["state"] == "ended", 20)
    assert sessions(port, h.login)[-1]["end_why"] == "card_lost"
    port.again()
    time.sleep(3)
    assert not port.traffic(), "and it stays shut"
    assert reasons(port, h.login)[-1] == "card_lost"


def test_c16_a_machine_that_is_retired_does_not_stay_connected(port):
    h = Holder(port)
    port.s.admin("station", "add", "desk", "--mac", port.mac)
    port.s.admin("policy", "set", "ports", "--registered-stations", "yes")
    port.plug_certificate(h.login, h.certificate, h.key)
    port.open()
    row = wait_for(lambda: [s for s in sessions(port, h.login) if s["state"] == "open"], 10)[0]
    assert row["station"] == "desk"
    assert port.s.admin("station", "retire", "desk", "--why", "test")["sessions_ending"] == 1
    port.shut()
    port.again()
    time.sleep(2)
    assert not port.traffic() and reasons(port, h.login)[-1] == "station_retired"


def test_a_session_taken_up_again_until_the_card_is_lost(port):
    h = Holder(port)
    port.plug_certificate(h.login, h.certificate, h.key)
    port.open()
    before = len(reasons(port, h.login))
    port.again()
    wait_for(lambda: len(reasons(port, h.login)) > before, 10)
    assert "tls_session_reused=1" in port.cli("status"), port.cli("status")
    assert reasons(port, h.login)[-1] == "two_factors"
    # ended in our records alone, not by a Disconnect: the resumption finds out
    port.s.sql(f"UPDATE sekisho.card_key SET revoked_at = now() WHERE token_id = '{h.card.token}'")
    port.again()
    port.shut()
    assert reasons(port, h.login)[-1] == "card_revoked"


@pytest.mark.parametrize("outer, inner", [("TTLS", "PAP"), ("PEAP", "GTC")])
def test_a_tunnel_taken_up_again_until_the_password_is_another(port, outer, inner):
    p = port.s.person()
    port.plug_password(p.login, p.password + p.code(), outer, inner)
    port.open()
    # a code is spent, so whatever is accepted again was resumed
    for _ in range(2):
        before = reasons(port, p.login)
        port.again()
        wait_for(lambda: len(reasons(port, p.login)) > len(before), 10)
    assert reasons(port, p.login) == ["two_factors", "resumed", "resumed"]
    assert port.traffic()
    port.s.new_password(p.login, "k7mp-2xqd-9hvt!")
    port.again()
    port.shut()
    assert "resume_changed" in reasons(port, p.login)
    assert port.s.sql(f"SELECT count(*) FROM sekisho.throttle t JOIN sekisho.person x ON x.id = t.subject WHERE "
                      f"x.login = '{p.login}' AND t.hard IS NOT NULL") == "0", "a supplicant that repeats locks nobody"


def test_c15_an_unknown_machine_stays_outside(port):
    p = port.s.person()
    port.s.admin("policy", "set", "ports", "--registered-stations", "yes")
    port.plug_password(p.login, p.password + p.code())
    wait_for(lambda: reasons(port, p.login), 10)
    assert reasons(port, p.login)[-1] in ("station_random", "station_unknown", "station_retired")
    assert not port.traffic()
