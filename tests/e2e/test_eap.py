# SPDX-License-Identifier: GPL-2.0-or-later
"""802.1X: EAP-TLS with the certificates of cards that our CA issued, and
passwords with the code appended inside TTLS and PEAP."""

import functools
import os

import pytest
from authority import Card, Key, OtherCA, pem, revoke
from eap import CARD, MODULES, Network
from sekisho import run


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    n = Network(tmp_path_factory.mktemp("eap"), resume=0)
    yield n
    n.close()


class Holder:
    """Somebody with a card that counts; its keys are in files."""

    def __init__(self, net, kind="P-256"):
        self.p = net.s.person(token=False)
        self.login, self.card = self.p.login, Card(net.s, self.p.login)
        self.key, self.door = Key(net.folder, kind), Key(net.folder)
        self.certificate = self.card.certificate(self.key, "9a")
        self.of_door = self.card.certificate(self.door, "9e")
        assert self.card.prove(self.key, self.door) == ("done", "")


@pytest.fixture
def holder(net):
    return Holder(net)


@pytest.mark.parametrize("kind, old", [("P-256", 0), ("P-256", 1), ("P-384", 0), ("2048", 1)])
def test_c13_a_card_is_two_factors(net, kind, old):
    h = Holder(net, kind)
    assert net.by_certificate(h.login, h.certificate, h.key, old=old), net.said[-3000:]
    row = net.s.audit(h.login, kind="login")[-1]
    assert [(e["category"], e["method"], e["token"]) for e in row["evidence"]] == [
        ("possession", "card", h.card.token), ("knowledge", "pin", h.card.token)]
    assert row["reason"] == "two_factors"
    accept = net.said[net.said.index("code=2 (Access-Accept)"):]
    assert accept.index("Attribute 80 (Message-Authenticator)") < accept.index("Attribute 25 (Class)")


def test_names_as_windows_sends_them(net, holder):
    for name in f"{holder.login}@hospital.example", f"HOSPITAL\\{holder.login}", holder.login.upper():
        assert net.by_certificate(name, holder.certificate, holder.key), (name, net.said[-2000:])
    assert net.s.audit(holder.login, kind="login")[-1]["login"] == holder.login
    assert not net.by_certificate(f"{holder.login}@clinic.example", holder.certificate, holder.key)
    p = net.s.person()
    assert net.by_password(f"{p.login}@hospital.example", p.password + p.code())
    assert net.reason(p.login) == "two_factors"


def test_the_certificate_of_somebody_else(net, holder):
    other = Holder(net)
    assert not net.by_certificate(other.login, holder.certificate, holder.key)
    assert net.reason(other.login) == "card_of_another"
    # RFC 3579 2.6.5: nothing beside EAP speaks to the user
    assert "(Access-Reject)" in net.said and "Reply-Message" not in net.said
    assert not net.by_certificate("nobody-at-all", holder.certificate, holder.key)


def test_a_card_that_asks_for_no_pin_is_one_factor(net, holder):
    assert not net.by_certificate(holder.login, holder.of_door, holder.door, seconds=4)
    assert net.s.audit(holder.login, kind="login") == [], "made for doors: TLS does not take it"
    net.s.sql(f"UPDATE sekisho.card_key SET pin = 'none' WHERE token_id = '{holder.card.token}' AND slot = '9a'")
    assert not net.by_certificate(holder.login, holder.certificate, holder.key)
    assert net.reason(holder.login) == "certificate_alone"


def test_another_key_than_the_certificates(net, holder):
    assert not net.by_certificate(holder.login, holder.certificate, Key(net.folder), seconds=4)
    assert net.s.audit(holder.login, kind="login") == []


def test_revoked_at_once(net, holder):
    assert net.by_certificate(holder.login, holder.certificate, holder.key)
    net.s.sql(f"SELECT sekisho.card_lost('{holder.card.token}', 'on the train')")
    assert not net.by_certificate(holder.login, holder.certificate, holder.key)
    assert net.reason(holder.login) == "card_lost"


def test_an_old_certificate_of_a_key_that_still_counts(net, holder):
    """It is the certificate that was recorded, and not only its key."""
    net.s.sql(f"UPDATE sekisho.card_key SET revoked_at = clock_timestamp(), revoked_why = 'superseded' "
              f"WHERE token_id = '{holder.card.token}' AND slot = '9a'")
    newer = holder.card.certificate(holder.key, "9a")
    net.s.sql(f"UPDATE sekisho.card_key SET proven_at = clock_timestamp() WHERE token_id = "
              f"'{holder.card.token}' AND slot = '9a' AND revoked_at IS NULL")
    assert net.by_certificate(holder.login, newer, holder.key), net.said[-2000:]
    assert not net.by_certificate(holder.login, holder.certificate, holder.key)
    assert net.reason(holder.login) == "card_revoked"


def test_who_has_not_proven_the_card(net):
    p = net.s.person(token=False)
    card, key = Card(net.s, p.login), Key(net.folder)
    certificate = card.certificate(key, "9a")
    assert not net.by_certificate(p.login, certificate, key)
    assert net.reason(p.login) == "card_pending"


def test_an_issuer_that_is_trusted_and_a_certificate_that_nobody_recorded(net, holder):
    other = OtherCA(net.folder)
    net.trust(other.der)
    stranger = Key(net.folder)
    certificate = other.issue(stranger, holder.login)
    assert not net.by_certificate(holder.login, certificate, stranger)
    assert net.reason(holder.login) == "certificate_unknown"
    # nor with the serial number of one that was
    serial = net.s.sql("SELECT encode(serial, 'hex') FROM sekisho.card_key WHERE token_id = "
                       f"'{holder.card.token}' AND slot = '9a'")
    certificate = other.issue(stranger, holder.login, serial=serial)
    assert not net.by_certificate(holder.login, certificate, stranger)
    assert net.reason(holder.login) == "certificate_unknown"


def test_an_issuer_that_nobody_trusts(net, holder):
    other = OtherCA(net.folder, "Test Card CA")
    stranger = Key(net.folder)
    assert not net.by_certificate(holder.login, other.issue(stranger, holder.login), stranger, seconds=4)
    assert net.s.audit(holder.login, kind="login") == []


def test_a_person_who_may_not(net, holder):
    net.s.sql(f"UPDATE sekisho.person SET status = 'suspended' WHERE login = '{holder.login}'")
    assert not net.by_certificate(holder.login, holder.certificate, holder.key)
    assert net.reason(holder.login) in ("person_unusable", "card_suspended")


@pytest.mark.parametrize("outer, inner", [("TTLS", "PAP"), ("TTLS", "GTC"), ("PEAP", "GTC")])
def test_password_with_the_code_appended(net, outer, inner):
    p = net.s.person()
    assert net.by_password(p.login, p.password + p.code(), outer, inner), net.said[-3000:]
    assert net.reason(p.login) == "two_factors"
    assert not net.by_password(p.login, p.password, outer, inner)
    assert not net.by_password(p.login, "wrong" + p.wrong_code(), outer, inner)
    assert p.password not in net.log()


def test_no_password_outside_a_tunnel(net):
    p = net.s.person()
    assert not net.by_password(p.login, p.password + p.code(), "GTC", "none", seconds=4)
    assert not net.by_password(p.login, p.password + p.code(), "MD5", "none", seconds=4)
    assert net.s.audit(p.login, kind="login") == []


def test_mschap_is_refused_with_what_to_do(net):
    p = net.s.person()
    assert not net.by_password(p.login, p.password, "TTLS", "MSCHAPV2", seconds=5)
    assert "TTLS/PAP" in net.log()


def test_authd_away(net, holder):
    """No decision, no answer: the access point asks its next server."""
    net.s.instance("stop", "authd")
    try:
        assert not net.by_certificate(holder.login, holder.certificate, holder.key, seconds=4)
        assert "EAP: Status notification: completion (param=failure)" not in net.said
    finally:
        net.s.instance("start", "authd")
    assert net.by_certificate(holder.login, holder.certificate, holder.key)


def test_a_wrong_secret(net, holder):
    assert not net.by_certificate(holder.login, holder.certificate, holder.key, seconds=3, secret="another")


def test_names_in_a_certificate_open_nothing(net, holder):
    """A SAN that ends early for who reads it as a text of C, and a subject that is
    somebody else's: whose it is was recorded, and nothing else is asked."""
    other, key = OtherCA(net.folder, "Names CA"), Key(net.folder)
    net.trust(other.der)
    name = b"\x16" + bytes((len(holder.login) + 6,)) + holder.login.encode() + b"\0.evil"
    dns, upn = b"\x82" + name[1:], b"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03\xa0" + bytes((len(name),)) + name
    san = dns + b"\xa0" + bytes((len(upn),)) + upn
    der = other.issue(key, holder.login, san=b"\x30" + bytes((len(san),)) + san)
    assert f"{holder.login}\0.evil".encode() in der
    assert not net.by_certificate(holder.login, der, key)
    assert net.reason(holder.login) == "certificate_unknown"
    # nor can it be recorded: a name with a NUL cannot be shown without doubt
    net.s.admin("issuer", "add", "names", "--certificate", other.path, "--revocation", "none")
    net.s.admin("station", "add", "named-pc", "--mac", "00:1b:c5:04:43:01")
    path = net.folder / "nul.der"
    path.write_bytes(der)
    done = net.s.admin("station", "certificate-add", "named-pc", path, check=False)
    assert done.returncode == 2, done.stderr
    assert net.s.admin("station", "show", "named-pc")["certificates"] == []


def test_an_intermediate_that_has_expired(net):
    root, key = OtherCA(net.folder, "Root of old"), Key(net.folder)
    good, old = root.under("Intermediate of now"), root.under("Intermediate of old", faked="-400d")
    net.trust(root.der, good.der, old.der)
    for name, ca in ("issuer-now", good), ("issuer-old", old):
        # recorded as it would be, whoever signed it
        p = net.s.person(token=False)
        assert not net.by_certificate(p.login, ca.issue(key, p.login), key, seconds=4), "nobody recorded it"
        reached = net.s.audit(p.login, kind="login")
        assert bool(reached) == (ca is good), f"{name}: FreeRADIUS lets no path through that has expired"


def test_a_key_in_softhsm(net, holder):
    """Another PKCS#11 module than OpenSC, as an HSM or a TPM has."""
    at, module = net.folder / "softhsm", "/usr/lib/softhsm/libsofthsm2.so"
    (at / "tokens").mkdir(parents=True)
    (at / "conf").write_text(f"directories.tokendir = {at}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    env = dict(os.environ, SOFTHSM2_CONF=str(at / "conf"))
    run("softhsm2-util", "--init-token", "--free", "--label", "desk", "--so-pin", "98765432", "--pin", "274913", env=env)
    run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", holder.key.path, "-out", at / "key.pem")
    run("softhsm2-util", "--import", at / "key.pem", "--token", "desk", "--label", "9a", "--id", "01", "--pin", "274913",
        env=env)
    certificate = at / "cert.pem"
    certificate.write_text(pem(holder.certificate, "CERTIFICATE"))
    how = CARD.format(certificate=certificate, pin="274913")
    assert net.attempt(holder.login, how, runs=functools.partial(run, env=env), head=MODULES.format(opensc=module)), \
        net.said[-3000:]
    assert net.reason(holder.login) == "two_factors"
    wrong = CARD.format(certificate=certificate, pin="000000")
    before = len(net.s.audit(holder.login, kind="login"))
    assert not net.attempt(holder.login, wrong, seconds=4, runs=functools.partial(run, env=env),
                           head=MODULES.format(opensc=module))
    assert len(net.s.audit(holder.login, kind="login")) == before
