# SPDX-License-Identifier: GPL-2.0-or-later
"""A card that the security office issues opens the wireless network, until it
is reported lost: card-admin, pcscd, OpenSC, wpa_supplicant, FreeRADIUS, clerk."""

import pytest
from eap import Network
from test_card import PIN, Desk, certificate

pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    n = Network(tmp_path_factory.mktemp("eap"))
    yield n
    n.close()


@pytest.fixture(scope="module")
def desk(net):
    d = Desk(net.s)
    yield d
    d.rig.close()


@pytest.mark.parametrize("algorithm", ["p256", "rsa2048"])
def test_c13_from_the_desk_to_the_network_and_lost(net, desk, algorithm):
    login, card = desk.person(), desk.card()
    number = f"55{desk.n:05d}"
    desk.run("issue", login, "--number", number, "--algorithm", algorithm)
    path = certificate(desk, card, "9a")
    assert net.by_card(login, path, desk.rig, PIN), net.said[-3000:]
    assert net.reason(login) == "two_factors"
    assert {e["label"] for e in net.s.audit(login, kind="login")[-1]["evidence"]} == {number}
    # neither without the PIN nor in somebody else's name
    before = len(net.s.audit(login, kind="login"))
    assert not net.by_card(login, path, desk.rig, "000000", seconds=4)
    other = desk.person()
    assert not net.by_card(other, path, desk.rig, PIN)
    assert net.reason(other) == "card_of_another" and len(net.s.audit(login, kind="login")) == before
    # from the moment it is reported
    desk.run("lost", number, "--why", "on the train")
    assert not net.by_card(login, path, desk.rig, PIN)
    assert net.reason(login) == "card_lost"
    desk.rig.ask("remove")


def test_revoked_at_the_desk(net, desk):
    """At once, and not with the next CRL."""
    login, card = desk.person(), desk.card()
    desk.run("issue", login, "--number", f"55{desk.n:05d}")
    old = certificate(desk, card, "9a")
    kept = old.rename(old.with_suffix(".old"))
    assert net.by_card(login, kept, desk.rig, PIN), net.said[-2000:]
    desk.run("revoke", login, "--why", "replaced")
    assert not net.by_card(login, kept, desk.rig, PIN)
    assert net.reason(login) == "card_revoked"
    desk.rig.ask("remove")
