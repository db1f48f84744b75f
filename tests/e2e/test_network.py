# SPDX-License-Identifier: GPL-2.0-or-later
"""What networks ask for beside a login: which stations may ask, what an accept
grants, devices that come in alone, and TLS sessions that are taken up again."""

import re
import struct

import pytest
from authority import Card, Key, OtherCA
from eap import Network
from radius import CALLING_STATION_ID, SERVICE_TYPE, USER_NAME, VENDOR, Client
from sekisho import run

CART, PUMP, MADE_UP = "00:1b:c5:04:40:a2", "00-1B-C5-04-41-07", "02:1b:c5:04:40:a2"
RESUMED = ("-r", "1")


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    n = Network(tmp_path_factory.mktemp("network"))
    n.s.admin("policy", "set", "wlan")
    n.s.admin("client", "set", "ap", "--policy", "wlan")
    yield n
    n.close()


@pytest.fixture(autouse=True)
def plain(net):
    yield
    net.s.admin("policy", "set", "wlan", "--registered-stations", "no", "--devices", "none", "--resume", "480")
    for attribute in "vlan", "filter-id", "termination-action", "Cisco-AVPair":
        net.s.admin("policy", "grant", "wlan", attribute)


def granted(text):
    """Attributes of the last accept by their numbers, as eapol_test shows them: the
    value, or where it knows none by that number its length in octets."""
    accept = text[text.rindex("code=2 (Access-Accept)"):]
    return {number: value or int(length) for number, length, value in
            re.findall(r"Attribute (\d+) \([^)]*\) length=(\d+)(?:\n +Value: (.+))?", accept)}


def station(net, mac):
    return ("-M", mac.replace("-", ":").lower())


def test_grants_of_a_policy(net):
    p = net.s.person()
    net.s.admin("policy", "grant", "wlan", "vlan", "120")
    net.s.admin("policy", "grant", "wlan", "filter-id", "staff")
    net.s.admin("policy", "grant", "wlan", "termination-action", "reauthenticate")
    net.s.admin("policy", "grant", "wlan", "Cisco-AVPair", "ip:inacl#1=permit ip any any")
    net.s.admin("policy", "set", "wlan", "--session", "3600", "--idle", "600")
    assert net.by_password(p.login, p.password + p.code()), net.said[-2000:]
    got = granted(net.said)
    assert got["64"] == "0000000d" and got["65"] == "00000006", got  # Tunnel-Type VLAN, medium 802
    assert "313230" in got["81"] or got["81"] == "'120'", got  # RFC 3580 3.31
    assert got["11"] == 2 + len("staff") and got["29"] == "1", got
    assert got["27"] == "3600" and got["28"] == "600", got
    # by PEAP and with a card as well
    assert net.by_password(p.login, p.password + p.code(), outer="PEAP", inner="GTC"), net.said[-2000:]
    assert granted(net.said)["11"] == 2 + len("staff")
    holder = net.s.person(token=False)
    card, key = Card(net.s, holder.login), Key(net.folder)
    door = Key(net.folder)
    certificate = card.certificate(key, "9a")
    card.certificate(door, "9e")
    assert card.prove(key, door) == ("done", "")
    assert net.by_certificate(holder.login, certificate, key), net.said[-2000:]
    assert granted(net.said)["11"] == 2 + len("staff") and granted(net.said)["64"] == "0000000d"
    net.s.admin("policy", "set", "wlan", "--session", "0", "--idle", "0")


@pytest.mark.parametrize("attribute, value, why", [
    ("vlan", "4095", "no VLAN"), ("vlan", "0", "no VLAN"), ("vlan", "x" * 33, "no VLAN"),
    ("filter-id", "", "1 to 253"), ("termination-action", "maybe", "reauthenticate or end"),
    ("Class", "0x00", "cannot be granted"), ("State", "0x00", "cannot be granted"),
    ("MS-MPPE-Send-Key", "0x00", "cannot be granted"), ("Tunnel-Password", "x", "cannot be granted"),
    ("Session-Timeout", "5", "cannot be granted"), ("Auth-Type", "Accept", "cannot be granted"),
    ("No-Such-Thing", "5", "neither"), ("Framed-IP-Address", "300.1.1.1", "no value of it")])
def test_grants_that_cannot_be(net, attribute, value, why):
    done = net.s.admin("policy", "grant", "wlan", attribute, value, check=False)
    assert done.returncode in (1, 2) and why in done.stderr, done.stderr


def test_c15_unknown_stations_before_any_password(net):
    p, owner = net.s.person(), net.s.person()
    net.s.admin("station", "add", "cart", "--mac", CART)
    net.s.admin("policy", "set", "wlan", "--registered-stations", "yes")
    assert net.by_password(p.login, p.password + p.code(), more=station(net, CART)), net.said[-2000:]
    for mac, reason in (PUMP, "station_unknown"), (MADE_UP, "station_random"):
        assert not net.by_password(p.login, "wrong", more=station(net, mac))
        assert net.reason(p.login) == reason
    assert net.s.sql(f"SELECT count(*) FROM sekisho.throttle t JOIN sekisho.person p ON p.id = t.subject"
                     f" WHERE p.login = '{p.login}'") == "0", "nothing was looked at, nothing is charged"
    net.s.admin("station", "set", "cart", "--owner", owner.login)
    assert not net.by_password(p.login, p.password + p.code(), more=station(net, CART))
    assert net.reason(p.login) == "station_of_another"
    assert net.by_password(owner.login, owner.password + owner.code(), more=station(net, CART))
    net.s.admin("station", "retire", "cart", "--why", "test")
    assert not net.by_password(owner.login, owner.password + owner.code(), more=station(net, CART))
    assert net.reason(owner.login) == "station_retired"


def test_c16_a_device_by_its_address(net):
    s = net.s
    s.admin("device", "add", "pump", "--mac", PUMP, "--vlan", "210", "--filter-id", "to-image-server",
            "--maker", "Example", "--risk", "low", "--until", "2031-03-31")
    s.admin("device", "grant", "pump", "Cisco-AVPair", "ip:inacl#1=permit ip any host 10.2.0.7")
    access_point = Client(s.server, net.secret)

    def mab(name="001bc5044107", password=None, calling=PUMP, **more):
        """MAC authentication, as access points do it for those that speak no 802.1X."""
        extra = [(CALLING_STATION_ID, calling.encode())]
        extra += [(SERVICE_TYPE, struct.pack("!I", 10))] if more.get("check") else []
        return access_point.login(name, password or name, extra=extra)

    assert mab().name == "reject"
    assert s.last("pump")["reason"] == "station_not_alone"
    s.admin("policy", "set", "wlan", "--devices", "mac")
    answer = mab()
    assert answer.name == "accept", answer
    # RFC 3580 3.31, RFC 2865
    assert answer.get(64) == [b"\0\0\0\x0d"] and answer.get(65) == [b"\0\0\0\x06"] and answer.get(81) == [b"210"]
    assert answer.get(11) == [b"to-image-server"] and answer.get(USER_NAME) == [b"pump"]
    pair = b"ip:inacl#1=permit ip any host 10.2.0.7"
    assert answer.get(VENDOR) == [struct.pack("!IBB", 9, 1, len(pair) + 2) + pair]
    # as Call-Check, with the address written in another way
    assert mab("001b.c504.4107", "whatever", check=True).name == "accept"
    # who says one and comes from another is a login of nobody
    assert mab(calling=CART).name in ("challenge", "reject")
    assert mab(calling="not an address").name in ("challenge", "reject")
    assert s.count("pump", "device_mac") == 2
    added = run("card-admin", "device", "add", "pump-2", "--mac", MADE_UP, env=s.env)
    assert "made up" in added.stderr
    assert mab(MADE_UP, calling=MADE_UP).name == "reject"
    assert s.last("pump-2")["reason"] == "station_no_network"
    done = s.admin("device", "retire", "pump", "--why", "faulty")
    assert done["status"] == "retired" and done["retired_why"] == "faulty"
    assert mab().name == "reject"
    access_point.close()


def test_c16_never_in_the_network_of_people(net):
    net.s.admin("device", "add", "ct", "--mac", "00:1b:c5:04:41:99", "--vlan", "211")
    net.s.admin("policy", "grant", "wlan", "vlan", "120")
    for words in (("device", "grant", "ct", "vlan", "120"), ("policy", "grant", "wlan", "vlan", "211"),
                  ("device", "add", "ct-3", "--mac", "00:1b:c5:04:41:9a", "--vlan", "120"),
                  ("policy", "grant", "wlan", "vlan", "120", "--to-devices")):
        done = net.s.admin(*words, check=False)
        assert done.returncode == 1 and "networks of their own" in done.stderr, words


def test_d6_a_device_by_its_certificate(net):
    other, key = OtherCA(net.folder, "machines"), Key(net.folder)
    net.s.admin("issuer", "add", "machines", "--certificate", other.path, "--revocation", "none")
    der = other.issue(key, "ward-pc")
    net.trust(other.der)
    path = net.folder / "ward-pc.der"
    path.write_bytes(der)
    net.s.admin("station", "add", "ward-pc", "--mac", "00:1b:c5:04:42:01")
    assert not net.by_certificate("host/ward-pc", der, key)
    assert "certificate_unknown" in net.log()
    net.s.admin("station", "certificate-add", "ward-pc", path)
    assert not net.by_certificate("host/ward-pc", der, key), "no policy lets it in alone"
    net.s.admin("policy", "set", "wlan", "--devices", "certificate")
    assert not net.by_certificate("host/ward-pc", der, key)
    assert net.s.last("ward-pc")["reason"] == "station_no_network"
    net.s.admin("policy", "grant", "wlan", "vlan", "900", "--to-devices")
    for name in "host/ward-pc", "ward-pc", "HOST/ward-pc@hospital.example":
        assert net.by_certificate(name, der, key), net.said[-2000:]
        assert "393030" in granted(net.said)["81"] or granted(net.said)["81"] == "'900'"
    row = net.s.audit("ward-pc", kind="station")[-1]
    assert row["reason"] == "device_certificate" and row["evidence"] == [], "no factor of anybody's"
    p = net.s.person()
    assert not net.by_certificate(p.login, der, key), "nor anybody else's"
    net.s.admin("station", "certificate-revoke", "ward-pc", "--why", "reinstalled")
    assert not net.by_certificate("host/ward-pc", der, key), "at once"
    net.s.admin("policy", "grant", "wlan", "vlan", "--to-devices")


@pytest.mark.parametrize("outer, inner, old", [("TTLS", "PAP", 0), ("TTLS", "PAP", 1), ("PEAP", "GTC", 0), ("PEAP", "GTC", 1)])
def test_a_session_taken_up_again(net, outer, inner, old):
    p = net.s.person()
    assert net.by_password(p.login, p.password + p.code(), outer=outer, inner=inner, old=old, more=RESUMED), net.said[-3000:]
    reasons = [row["reason"] for row in net.s.audit(p.login, kind="login")]
    assert reasons == ["two_factors", "resumed"], (reasons, net.said[-6000:])


def test_a_session_taken_up_again_where_nobody_may(net):
    p = net.s.person()
    net.s.admin("policy", "set", "wlan", "--resume", "0")
    # the login itself is let in; the session that is taken up again right after it not
    assert not net.by_password(p.login, p.password + p.code(), old=1, more=RESUMED)
    assert net.said.count("(Access-Accept)") == 1 and "(Access-Reject)" in net.said
    assert [row["reason"] for row in net.s.audit(p.login, kind="login")] == ["two_factors", "resume_expired"]
