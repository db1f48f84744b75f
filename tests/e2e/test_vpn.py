# SPDX-License-Identifier: GPL-2.0-or-later
"""VPN: through real gateways and their real clients, with data through the
tunnel. ocserv asks for the code; OpenVPN takes it appended."""

import pytest
from sekisho import wait_for
from vpn import CALLER, OpenVPN, Ocserv


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


def sessions(site, login):
    return site.s.admin("session", "list", "--person", login, "--since", "1h")


def told(site, p):
    """The session as the gateway tells of it: of this login, from this caller."""
    row = wait_for(lambda: sessions(site, p.login), 15)[-1]
    assert row["accepted"] and row["client"] == "vpn-gw" and row["state"] == "open", row
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
