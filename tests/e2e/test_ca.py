# SPDX-License-Identifier: GPL-2.0-or-later
"""The card CA: its key in a PKCS#11 token (SoftHSM), certificates and CRLs
that OpenSSL takes."""

import base64
import json
import os
import pathlib
import signal

import pytest
from authority import (REALM, SID, Card, Key, crl_number, escrow, openssl, order, pem, release, revoke,
                       text_of, verify)
from sekisho import BUILD, Sekisho, run, wait_for


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    s = Sekisho("ca", ca=True)
    s.keys = tmp_path_factory.mktemp("keys")
    s.admin("ca", "init", "--name", "Test Card CA")
    s.admin("setting", "set", "card.realm", REALM)
    s.admin("setting", "set", "card.crl_url", "http://pki.hospital.example/card.crl")
    yield s
    s.close()


@pytest.fixture
def root(ca):
    path = ca.keys / "root.pem"
    path.write_text(pem(base64.b64decode(ca.admin("ca", "show")["certificate"]), "CERTIFICATE"))
    return path


def test_the_whole_way(ca, root):
    p = ca.person(token=False)
    ca.admin("person", "set-sid", p.login, SID)
    card, key, auth = Card(ca, p.login), Key(ca.keys), Key(ca.keys, "2048")
    der = card.certificate(key, "9a")
    verify(root, der, ca.keys, "-purpose", "sslclient")
    text = text_of(der)
    assert "CN = 試験 太郎" in text or "CN = \\E8" in text
    assert f"serialNumber = {p.login}" in text
    assert "mallory" not in text and "CA:TRUE" not in text
    assert "TLS Web Client Authentication, Microsoft Smartcard Login" in text
    assert "http://pki.hospital.example/card.crl" in text
    assert f"{p.login}@{REALM}".encode() in der and SID.encode() in der
    cak = card.certificate(auth, "9e")
    verify(root, cak, ca.keys)
    # it is read without a PIN, so it names the card and nobody
    shown = text_of(cak)
    assert p.login not in shown and "試験" not in shown and "\\E8" not in shown
    assert f"CN = {card.token}" in shown
    ca.sql(f"UPDATE sekisho.card SET number = '00417' WHERE token_id = '{card.token}'")
    assert "Subject: CN = 00417\n" in text_of(card.certificate(Key(ca.keys), "9e"))
    auth = Key(ca.keys, "2048")
    cak = card.certificate(auth, "9e")
    assert SID.encode() not in cak and REALM.encode() not in cak.replace(b"pki." + REALM.encode(), b"")
    assert card.row() == "pending|new"
    assert ca.sql(f"SELECT count(*) FROM sekisho.card_key WHERE token_id = '{card.token}' "
                  "AND proven_at IS NULL AND revoked_at IS NULL") == "2"
    assert card.prove(key, auth) == ("done", "")
    assert card.row() == "active|active"
    assert ca.sql(f"SELECT string_agg(slot || pin, ' ' ORDER BY slot) FROM sekisho.card_key WHERE "
                  f"token_id = '{card.token}' AND proven_at IS NOT NULL") == "9aenforced 9enone"


def test_init_is_done_once(ca):
    done = ca.admin("ca", "init", "--name", "Another", check=False)
    assert done.returncode == 1 and json.loads(done.stdout)["refused"] == "ca_exists"
    assert order(ca, "ca_init", b"P-256 20 Another")[:2] == ("refused", "ca_exists")
    assert ca.sql("SELECT count(*) FROM sekisho.issuer WHERE kind = 'own'") == "1"
    shown = openssl("x509", "-inform", "DER", "-noout", "-text", input=base64.b64decode(
        ca.admin("ca", "show")["certificate"])).stdout.decode()
    assert "CN = Test Card CA" in shown and "ecdsa-with-SHA384" in shown
    assert "CA:TRUE, pathlen:0" in shown and "Certificate Sign, CRL Sign" in shown


@pytest.mark.parametrize("why, make", [
    ("order_malformed", lambda k: b"9a"),
    ("order_malformed", lambda k: b"9A  " + k.csr()),
    ("slot_unknown", lambda k: b"9b  " + k.csr()),
    ("request_unacceptable", lambda k: b"9a  " + k.csr()[:-1]),
    ("request_unacceptable", lambda k: b"9a  " + k.csr() + b"\0"),
    ("wrong_signature", lambda k: b"9a  " + k.csr().replace(b"mallory", b"malloRy")),
    ("request_unacceptable", lambda k: b"9a  " + Key(k.path.parent, "1024").csr()),
])
def test_requests_that_are_refused(ca, why, make):
    card = Card(ca, ca.person(token=False).login)
    assert card.order("card_certificate", make(Key(ca.keys)))[:2] == ("refused", why)
    assert ca.sql(f"SELECT count(*) FROM sekisho.card_key WHERE token_id = '{card.token}'") == "0"


def test_a_key_belongs_to_one_card(ca):
    p, key = ca.person(token=False), Key(ca.keys)
    first, other = Card(ca, p.login), Card(ca, p.login)
    first.certificate(key)
    assert other.order("card_certificate", b"9a  " + key.csr())[:2] == ("refused", "key_known")
    assert first.order("card_certificate", b"9c  " + key.csr())[:2] == ("refused", "key_known")
    first.certificate(key)  # the same key in the same slot again


def test_not_longer_than_its_person(ca, root):
    p = ca.person(token=False, until="2027-03-31")
    der = Card(ca, p.login).certificate(Key(ca.keys))
    assert "Not After : Mar 31 23:59:59 2027" in text_of(der) or \
        "Not After : Mar 31 14:59:59 2027" in text_of(der), "the last second of the last day"
    ca.sql(f"UPDATE sekisho.person SET status = 'suspended' WHERE login = '{p.login}'")
    assert Card(ca, p.login).order("card_certificate", b"9a  " + Key(ca.keys).csr())[:2] == \
        ("refused", "person_not_active")


def test_names_that_are_hard_to_write(ca, root):
    """A login that PrintableString does not have, a name longer than X.509's."""
    login = f"佐藤_{os.urandom(2).hex()}"
    ca.person(token=False, login=login)
    ca.sql(f"UPDATE sekisho.person SET name = repeat('寿', 200) WHERE login = '{login}'")
    der = Card(ca, login).certificate(Key(ca.keys, "P-384"))
    verify(root, der, ca.keys)
    assert "serialNumber" not in text_of(der) and f"{login}@{REALM}".encode() in der
    assert der.count("寿".encode()) == 64


def test_proofs_that_are_refused(ca):
    card = Card(ca, ca.person(token=False).login)
    key, second, stranger = Key(ca.keys), Key(ca.keys), Key(ca.keys)
    card.certificate(key, "9a")
    card.certificate(second, "9c")

    def prove(args):
        return card.order("card_prove", args)[:2]

    assert prove(b"x" * 100) == ("refused", "challenge_ended"), "none was asked"
    octets = card.octets(card.challenge())
    both = key.proof(octets) + second.proof(octets)
    assert prove(b"") == ("refused", "order_malformed")
    assert prove(both[:-1]) == ("refused", "order_malformed")
    assert prove(key.proof(octets)) == ("refused", "keys_missing")
    assert prove(both + stranger.proof(octets)) == ("refused", "key_unknown")
    for wrong in (card.octets(os.urandom(32)), octets + b"\0"):
        assert prove(key.proof(wrong) + second.proof(octets)) == ("refused", "wrong_signature")
    challenge = card.challenge()
    for more in ({"purpose": "login"}, {"server": "another"}):
        octets = card.octets(challenge, **more)
        assert prove(key.proof(octets) + second.proof(octets)) == ("refused", "wrong_signature")
    octets = card.octets(card.challenge(-1))
    assert prove(key.proof(octets) + second.proof(octets)) == ("refused", "challenge_ended")
    assert card.row() == "pending|new"
    octets = card.octets(card.challenge())
    both = key.proof(octets) + second.proof(octets)
    assert prove(both) == ("done", "")
    assert prove(both) == ("refused", "challenge_ended"), "once"
    assert card.row() == "active|active"


def test_a_prepared_card_stays_inert(ca):
    card, key = Card(ca, ca.person(token=False).login, state="prepared"), Key(ca.keys)
    card.certificate(key)
    assert card.prove(key) == ("done", "")
    assert card.row() == "pending|prepared"


def test_four_rsa_keys_fit(ca):
    card = Card(ca, ca.person(token=False).login)
    keys = [Key(ca.keys, "2048") for _ in range(4)]
    for key, slot in zip(keys, ("9a", "9c", "9d", "9e")):
        card.certificate(key, slot)
    assert card.prove(*keys) == ("done", "")


def test_revoked_is_in_the_crl(ca, root):
    folder = ca.dir / "crl"
    card, good = Card(ca, ca.person(token=False).login), Card(ca, ca.person(token=False).login)
    der, fine = card.certificate(Key(ca.keys)), good.certificate(Key(ca.keys))
    revoke(ca, card, "lost in the ward")
    wait_for(lambda: ca.sql("SELECT count(*) FROM sekisho.card_key k JOIN sekisho.issuer i ON i.id = "
                            f"k.issuer_id WHERE k.token_id = '{card.token}' AND k.crl_listed <= i.crl_number")
             == "1", 10)
    wait_for(lambda: f'CRL published number="{crl_number(ca)}"' in ca.log(), 10)
    crl = openssl("crl", "-inform", "DER", "-in", folder / "card.crl", "-CAfile", root, "-noout", "-text")
    assert b"verify OK" in crl.stderr
    serial = openssl("x509", "-inform", "DER", "-noout", "-serial", input=der).stdout.decode()
    text = crl.stdout.decode()
    assert serial.strip().split("=")[1] in text and "Key Compromise" in text
    # card.pem is all that a RADIUS server's ca_file needs
    refused = verify(folder / "card.pem", der, ca.keys, "-crl_check", check=False)
    assert refused.returncode != 0 and b"certificate revoked" in refused.stderr
    verify(folder / "card.pem", fine, ca.keys, "-crl_check")
    assert sorted(os.listdir(folder)) == ["card.crl", "card.pem"], "nothing half done lies about"
    assert (folder / "card.pem").stat().st_mode & 0o777 == 0o644
    out = ca.keys / "out.pem"
    ca.admin("ca", "crl", "--out", out)
    assert openssl("crl", "-in", out, "-outform", "DER").stdout == (folder / "card.crl").read_bytes()


def test_a_new_key_in_the_slot_revokes_the_old(ca):
    card, old, new = Card(ca, ca.person(token=False).login), Key(ca.keys), Key(ca.keys)
    card.certificate(old)
    assert card.prove(old) == ("done", "")
    version = ca.sql(f"SELECT version FROM sekisho.person WHERE login = '{card.login}'")
    card.certificate(new)
    assert ca.sql("SELECT string_agg(revoked_why, ',' ORDER BY created_at) FROM sekisho.card_key WHERE "
                  f"token_id = '{card.token}'") == "superseded,"
    assert int(ca.sql(f"SELECT version FROM sekisho.person WHERE login = '{card.login}'")) > int(version)
    assert card.row() == "active|active"
    assert card.prove(new) == ("done", "")


def test_a_crl_of_many(own, tmp_path):
    s = own("many", ca=True)
    s.admin("ca", "init", "--name", "Many")
    card = Card(s, s.person(token=False).login)
    s.sql("INSERT INTO sekisho.card_key (token_id, slot, key_id, spki, pin, issuer_id, serial, valid_from, "
          f"valid_until, revoked_at, revoked_why) SELECT '{card.token}', '9a', sha256(n::text::bytea), "
          "repeat('k', 64)::bytea, 'none', i.id, substring(sha256(n::text::bytea) FOR 16), now(), "
          "now() + interval '1 year', now(), 'left' FROM sekisho.issuer i, generate_series(1, 20000) n")
    wait_for(lambda: 'revoked="20000"' in s.log(), 30)
    wait_for(lambda: (s.dir / "crl/card.crl").stat().st_size > 20000 * 30, 20)
    text = openssl("crl", "-inform", "DER", "-in", s.dir / "crl/card.crl", "-noout", "-text").stdout
    assert text.count(b"Affiliation Changed") == 20000
    assert s.log().count("ended and is replaced") == 0


def test_a_crl_at_its_hour(ca):
    before = crl_number(ca)
    ca.sql("UPDATE sekisho.issuer SET crl_this = crl_this - interval '25 hours' WHERE kind = 'own'")
    wait_for(lambda: crl_number(ca) > before, 10)
    hours = ca.sql("SELECT extract(epoch FROM crl_next - crl_this) / 3600 FROM sekisho.issuer "
                   "WHERE kind = 'own'")
    assert float(hours) == 72


def test_escrow_is_released_to_who_asked(ca):
    card = Card(ca, ca.person(token=False).login)
    assert release(card, "card_puk") == "nothing_in_escrow"
    escrow(ca, card, "puk", card.token, b"87654321")
    escrow(ca, card, "management", card.token, bytes(range(24)))
    assert release(card, "card_puk") == b"87654321"
    assert release(card, "card_management") == bytes(range(24))
    assert ca.count(card.login, "card_puk") == 1
    assert card.order("card_puk", b"short")[:2] == ("refused", "order_malformed")
    other = Card(ca, card.login)
    escrow(ca, other, "puk", card.token, b"87654321")
    assert release(other, "card_puk") == "escrow_does_not_open", "another card's"
    ca.sql(f"UPDATE sekisho.card SET management = puk, management_version = puk_version "
           f"WHERE token_id = '{card.token}'")
    assert release(card, "card_management") == "escrow_does_not_open", "another kind's"


def test_escrow_is_sealed_anew(own):
    """When the keyring's key is renewed, each box by itself."""
    s = own("rotate", ca=True)
    card = Card(s, s.person(token=False).login)
    escrow(s, card, "puk", card.token, b"87654321")
    escrow(s, card, "management", card.token, bytes(range(24)))
    run(s.dir / "bin/sekisho-authd", "-c", s.dir / "etc/authd.conf", "keys", "rotate")
    os.kill(s.supervisor(), signal.SIGHUP)
    wait_for(lambda: s.sql("SELECT puk_version || ' ' || management_version FROM sekisho.card WHERE "
                           f"token_id = '{card.token}'") == "2 2", 30)
    assert release(card, "card_puk") == b"87654321"
    assert release(card, "card_management") == bytes(range(24))


def test_its_process_has_little(ca):
    pid = ca.processes("ca")[0]
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    if os.geteuid() == 0:
        assert "Uid:\t0" not in status
        files = [os.readlink(f) for f in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
        assert sum(f.startswith("socket:") for f in files) == 1, "one socket, to the clerk"
    if BUILD.name != "asan":
        assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status
