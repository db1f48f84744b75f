# SPDX-License-Identifier: GPL-2.0-or-later
"""VPN: through real gateways and their real clients, with data through the
tunnel. ocserv asks for the code; OpenVPN takes it appended; strongSwan passes EAP
through, and takes Disconnects."""

import pytest
from sekisho import wait_for
from test_eap import Holder
from vpn import CALLER, OpenVPN, Ocserv, StrongSwan


@pytest.fixture(scope="module")
def ocserv():
    site = Ocserv()
    yield site
    site.close()


@pytest.fixture(scope="module")
def openvpn():
    site = OpenVPN()
    yield site
    site.close()


@pytest.fixture(scope="module")
def strongswan():
    site = StrongSwan()
    yield site
    site.close()


def sessions(site, login):
    return site.s.admin("session", "list", "--person", login, "--since", "1h")


def told(site, p):
    """The session as the gateway tells of it: of this login, from this caller."""
    row = wait_for(lambda: sessions(site, p.login), 15)[-1]
    assert row["accepted"] and row["client"] == site.NAME and row["state"] == "open", row
    assert row["calling"] == CALLER, row
    return row


def test_ocserv_password_then_code(ocserv):
    p = ocserv.s.person()
    assert ocserv.call(p.login, p.password, p.code()), (ocserv.said("openconnect"), ocserv.said("ocserv")[-3000:])
    assert ocserv.s.last(p.login)["reason"] == "two_factors"
    told(ocserv, p)
    ocserv.hang_up()
    wait_for(lambda: sessions(ocserv, p.login)[-1]["state"] == "ended", 20)
    assert not ocserv.reached()


def test_ocserv_code_appended(ocserv):
    p = ocserv.s.person()
    assert ocserv.call(p.login, p.password + p.code()), (ocserv.said("openconnect"), ocserv.said("ocserv")[-3000:])
    ocserv.hang_up()


def test_ocserv_a_password_alone_and_a_wrong_one(ocserv):
    p = ocserv.s.person()
    assert not ocserv.call(p.login, p.password, "000000", seconds=12)
    ocserv.hang_up()
    assert ocserv.s.audit(p.login, kind="login")[-1]["reason"] == "wrong_code"
    q = ocserv.s.person()
    assert not ocserv.call(q.login, "Not-the-password-1", q.code(), seconds=12)
    ocserv.hang_up()
    assert all(row["outcome"] != "accept" for row in ocserv.s.audit(q.login, kind="login"))


def test_openvpn_code_appended(openvpn):
    p = openvpn.s.person()
    assert openvpn.call(p.login, p.password + p.code()), (openvpn.said("client")[-2000:], openvpn.said("server")[-3000:])
    assert openvpn.s.last(p.login)["reason"] == "two_factors"
    told(openvpn, p)
    openvpn.hang_up()
    assert not openvpn.reached()


def test_openvpn_without_a_code(openvpn):
    p = openvpn.s.person()
    assert not openvpn.call(p.login, p.password, seconds=12)
    openvpn.hang_up()
    assert openvpn.s.audit(p.login, kind="login")[-1]["reason"] == "code_missing"


def test_strongswan_password_and_code_inside_its_tunnel(strongswan):
    p = strongswan.s.person()
    assert strongswan.call(p.login, p.password + p.code()), (strongswan.caller.said()[-3000:], strongswan.gateway.said()[-2000:])
    assert strongswan.reached()
    assert strongswan.s.last(p.login)["reason"] == "two_factors"
    assert told(strongswan, p)["framed_ip"].startswith("10.250.1.")
    strongswan.hang_up()
    wait_for(lambda: sessions(strongswan, p.login)[-1]["state"] == "ended", 20)
    assert not strongswan.reached()


def test_strongswan_without_a_code(strongswan):
    p = strongswan.s.person()
    assert not strongswan.call(p.login, p.password)
    assert not strongswan.reached()
    assert strongswan.s.audit(p.login, kind="login")[-1]["reason"] == "code_missing"


def test_d6_strongswan_a_card_that_is_lost_ends_the_tunnel(strongswan):
    """EAP-TLS with the certificate of a card; its loss closes the tunnel by a Disconnect."""
    h = Holder(strongswan)
    assert strongswan.call(h.login, certificate=h.certificate, key=h.key), (
        strongswan.caller.said()[-3000:], strongswan.gateway.said()[-2000:])
    assert strongswan.reached()
    row = strongswan.s.audit(h.login, kind="login")[-1]
    assert row["reason"] == "two_factors" and {e["method"] for e in row["evidence"]} == {"card", "pin"}
    told(strongswan, h)
    strongswan.s.admin("card", "lost", h.login)
    wait_for(lambda: not strongswan.reached(), 15)
    row = wait_for(lambda: [r for r in sessions(strongswan, h.login) if r["state"] == "ended"], 20)[-1]
    assert row["end_why"] == "card_lost" and row["end_tries"] == 1 and row["end_cannot_at"] is None, row
    assert not strongswan.call(h.login, certificate=h.certificate, key=h.key)
    assert not strongswan.reached()
