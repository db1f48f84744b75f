# SPDX-License-Identifier: GPL-2.0-or-later
"""Gateways that write in other characters than UTF-8, and those that end a
session by a change of it (CoA) instead of a Disconnect."""

import socket
import time

import pytest
from accounting import CLASS, START, STOP, Accounting, Nas, answer
from radius import VENDOR
from sekisho import Sekisho, wait_for

COA, COA_ACK, COA_NAK = 43, 44, 45


@pytest.fixture(scope="module")
def s():
    instance = Sekisho("old")
    yield instance
    instance.close()


@pytest.mark.parametrize("charset, login", [("utf-8", "佐藤花子"), ("cp932", "表示太郎"), ("cp932", "ﾔﾏﾀﾞ"),
                                            ("cp932", "髙橋①"), ("iso-8859-1", "müller"), ("cp932", "plain-ascii")])
def test_names_and_passwords_in_the_clients_characters(s, charset, login):
    name = f"gw-{charset}"
    address = {"utf-8": "127.0.0.51", "cp932": "127.0.0.52", "iso-8859-1": "127.0.0.53"}[charset]
    client = getattr(test_names_and_passwords_in_the_clients_characters, name, None)
    if client is None:
        client = s.client(name, address, "vpn", False)
        s.admin("client", "set", name, "--charset", charset, "--codes", "append")
        s.await_client(client)
        setattr(test_names_and_passwords_in_the_clients_characters, name, client)
    p = s.person(login=login)
    password = {"utf-8": "夏ひまわり-鯨の帆7", "cp932": "夏ひまわり-鯨の帆7", "iso-8859-1": "Grüße-vq7-öäüzk"}[charset]
    s.new_password(p.login, password)
    sent = login.encode(charset), (password + p.code()).encode(charset)
    reply = client.login(*sent)
    assert reply.name == "accept", s.audit(p.login)
    # the answer's name is canonical, in UTF-8 (RFC 2865 5)
    assert reply.get(1)[0].decode() == s.admin("person", "show", p.login)["login"]


def test_other_characters_than_the_clients(s):
    client = s.client("gw-plain", "127.0.0.54", "vpn")
    before = s.sql("SELECT count(*) FROM sekisho.audit WHERE outcome = 'accept'")
    assert client.login("佐藤花子".encode("cp932"), "x" * 12).name == "reject"
    other = s.client("gw-strict", "127.0.0.55", "vpn", False)
    s.admin("client", "set", "gw-strict", "--charset", "cp932")
    s.await_client(other)
    assert other.login(b"\x81", "x" * 12).name == "reject", "half a character"
    assert other.login(b"\xff\xfe\xfd", b"\x81" * 20).name == "reject"
    assert before == s.sql("SELECT count(*) FROM sekisho.audit WHERE outcome = 'accept'")


class Port:
    """A session at a client that ends it by a change."""

    def __init__(self, s, address, then):
        self.s, self.name = s, f"sw-{address}"
        self.client = s.client(self.name, address, "vpn", False)
        self.nas = Nas(self.client.secret, then, address, code=COA)
        s.admin("client", "set", self.name, "--coa-port", str(self.nas.port), "--end-by",
                "Cisco-AVPair=subscriber:command=disable-host-port", "--codes", "append")
        s.await_client(self.client)
        self.account = Accounting(s, self.client.secret, address)
        self.p = s.person()
        reply = self.client.login(self.p.login, self.p.password + self.p.code())
        assert reply.name == "accept"
        assert self.account.tell(START, "one", self.p.login, reply.get(CLASS)[0])

    def state(self):
        return self.s.admin("session", "list", "--person", self.p.login, "--since", "1h")[-1]

    def close(self):
        self.nas.close()
        self.client.close()


def test_coa_ends_a_session_once_its_stop_is_told(s):
    port = Port(s, "127.0.0.61", lambda a: (COA_ACK, 0))
    try:
        s.admin("person", "suspend", port.p.login)
        wait_for(lambda: port.nas.seen, 10)
        change = port.nas.seen[0][VENDOR]
        assert change == b"\0\0\0\x09\x01\x26subscriber:command=disable-host-port", change
        assert port.state()["state"] == "ending", "an ACK is not an end"
        wait_for(lambda: len(port.nas.seen) >= 2, 15)  # sent again until the stop confirms it
        assert port.account.tell(STOP, "one", port.p.login)
        wait_for(lambda: port.state()["state"] == "ended", 10)
        assert port.state()["end_why"] == "person_suspended"
    finally:
        port.close()


def test_coa_lost_refused_late_and_forged(s):
    answers = [None, (COA_NAK, 404)]
    port = Port(s, "127.0.0.62", lambda a: answers.pop(0) if answers else None)
    try:
        s.admin("session", "end", "--person", port.p.login, "--wait", "0", check=False)
        wait_for(lambda: len(port.nas.packets) >= 2, 15)  # lost, then refused
        wait_for(lambda: port.state()["end_answer"] not in ("", "silent"), 10)
        refused = port.state()["end_answer"]
        wait_for(lambda: len(port.nas.packets) >= 3, 20)
        packet, peer = port.nas.packets[-1], port.nas.peers[-1]
        # from elsewhere, with another secret, or of another kind: not believed
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.63", 0))
            stranger.sendto(answer(COA_ACK, packet, b"", port.nas.secret), peer)
        port.nas.reply(packet, peer, COA_ACK, 0, secret=b"not-the-secret")
        port.nas.reply(packet, peer, 41, 0)  # a Disconnect-ACK
        time.sleep(0.5)
        assert (port.state()["state"], port.state()["end_answer"]) == ("ending", refused)
        # late, but right: an ACK, and still no end
        port.nas.reply(packet, peer, COA_ACK, 0)
        wait_for(lambda: port.state()["end_answer"] == "ack", 5)
        assert port.state()["state"] == "ending"
        assert port.account.tell(STOP, "one", port.p.login)
        wait_for(lambda: port.state()["state"] == "ended", 10)
    finally:
        port.close()


def test_what_a_change_may_be(s):
    s.client("sw-x", "127.0.0.64", "vpn", False)
    for wrong in "Acct-Session-Id=x", "User-Name=x", "MS-MPPE-Send-Key=0x00", "nonsense", "=x", "No-Such=1":
        assert s.admin("client", "set", "sw-x", "--end-by", wrong, check=False).returncode in (1, 2), wrong
    assert s.admin("client", "set", "sw-x", "--end-by", "Session-Timeout=1")["end_by"] == [
        {"attribute": "Session-Timeout", "value": "1"}]
    assert s.admin("client", "set", "sw-x", "--end-by", "disconnect")["end_by"] == []
