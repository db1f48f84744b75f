# SPDX-License-Identifier: GPL-2.0-or-later
"""The card CA: its key in a PKCS#11 token (SoftHSM), certificates and CRLs
that OpenSSL takes, and what happens when it goes away."""

import base64
import hashlib
import json
import os
import pathlib
import signal
import struct
import subprocess
import time
import uuid

import pytest
from sekisho import BUILD, Sekisho, run, wait_for

REALM = "hospital.example"
SID = "S-1-5-21-397955417-626881126-188441444-1010"


def openssl(*args, input=None, check=True):
    done = subprocess.run(["openssl", *[str(a) for a in args]], input=input,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if check and done.returncode != 0:
        raise AssertionError(f"openssl {args}: {done.stderr.decode()}")
    return done


class Key:
    """A key of a card, here in software: what openssl makes."""

    def __init__(self, folder, kind="P-256"):
        self.path = folder / f"{uuid.uuid4()}.pem"
        if kind.startswith("P-"):
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{kind}",
                    "-out", self.path)
        else:
            openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{kind}",
                    "-out", self.path)
        self.kind = kind
        self.spki = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER").stdout
        self.id = hashlib.sha256(self.spki).digest()

    def csr(self):
        return openssl("req", "-new", "-key", self.path, "-subj", "/CN=mallory", "-addext",
                       "basicConstraints=critical,CA:TRUE", "-outform", "DER").stdout

    def sign(self, octets):
        return openssl("dgst", "-sha256", "-sign", self.path, input=octets).stdout

    def proof(self, octets):
        signature = self.sign(octets)
        scheme = 0 if self.kind.startswith("P-") else 1
        return self.id + bytes([scheme]) + struct.pack("!H", len(signature)) + signature


class Card:
    """What card-admin records of a card, put there as the owner of the database."""

    def __init__(self, s, login, state="new", status="pending"):
        self.s, self.login, self.token = s, login, str(uuid.uuid4())
        s.sql(f"INSERT INTO sekisho.token (id, person_id, method, status) SELECT '{self.token}', id, "
              f"'card', '{status}' FROM sekisho.person WHERE login = '{login}'")
        s.sql(f"INSERT INTO sekisho.card (token_id, origin, state) VALUES "
              f"('{self.token}', 'issued', '{state}')")

    def challenge(self, seconds=300):
        challenge = os.urandom(32)
        self.s.sql(f"UPDATE sekisho.card SET challenge = '\\x{challenge.hex()}', challenge_until = "
                   f"clock_timestamp() + interval '{seconds} s' WHERE token_id = '{self.token}'")
        return challenge

    def octets(self, challenge, purpose="enrolment", server="sekisho"):
        out = b"SEKISHO-v1\0"
        for field in (purpose.encode(), server.encode(), self.token.encode(), self.login.encode(),
                      challenge):
            out += struct.pack("!I", len(field)) + field
        return out

    def order(self, kind, args):
        return order(self.s, kind, args, self.token)

    def certificate(self, key, slot="9a"):
        status, reason, answer = self.order("card_certificate", slot.ljust(4).encode() + key.csr())
        assert (status, reason) == ("done", ""), (status, reason)
        return answer

    def prove(self, *keys):
        octets = self.octets(self.challenge())
        return self.order("card_prove", b"".join(k.proof(octets) for k in keys))[:2]

    def row(self):
        return self.s.sql("SELECT k.status, c.state FROM sekisho.token k JOIN sekisho.card c ON "
                          f"c.token_id = k.id WHERE k.id = '{self.token}'")


def seal(s, order_id, args):
    """crypto_box_seal to the keyring, as card-admin does, by its own unit's words."""
    import ctypes
    sodium = ctypes.CDLL("libsodium.so.23")
    sodium.sodium_init()
    version, key = s.sql("SELECT version, encode(public_key, 'hex') FROM sekisho.keyring_key "
                         "WHERE status = 'current'").split("|")
    plain = b"SEKISHO-BOX-v1\0"
    for field in (b"order", order_id.encode(), args):
        plain += struct.pack("!I", len(field)) + field
    box = ctypes.create_string_buffer(len(plain) + 48)
    assert sodium.crypto_box_seal(box, plain, ctypes.c_ulonglong(len(plain)), bytes.fromhex(key)) == 0
    return version, box.raw


def place(s, kind, args, token=None):
    order_id = str(uuid.uuid4())
    version, box = seal(s, order_id, args)
    person = f"(SELECT person_id FROM sekisho.token WHERE id = '{token}')" if token else "NULL"
    token = f"'{token}'" if token else "NULL"
    s.sql("INSERT INTO sekisho.order_ (id, kind, person_id, token_id, args, key_version) VALUES "
          f"('{order_id}', '{kind}', {person}, {token}, '\\x{box.hex()}', {version}); "
          "NOTIFY sekisho_order")
    return order_id


def ended(s, order_id):
    row = s.sql("SELECT status, reason, encode(answer, 'hex') FROM sekisho.order_ WHERE id = "
                f"'{order_id}' AND status <> 'new'")
    if not row:
        return None
    status, reason, answer = row.split("|")
    return status, reason, bytes.fromhex(answer)


def order(s, kind, args, token=None, seconds=20):
    order_id = place(s, kind, args, token)
    return wait_for(lambda: ended(s, order_id), seconds)


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


def pem(der, label):
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n"


def text_of(der):
    return openssl("x509", "-inform", "DER", "-noout", "-text", input=der).stdout.decode()


def verify(root, der, folder, *more, check=True):
    path = folder / f"{uuid.uuid4()}.pem"
    path.write_text(pem(der, "CERTIFICATE"))
    return openssl("verify", "-x509_strict", "-CAfile", root, *more, path, check=check)


def test_the_whole_way(ca, root):
    p = ca.person(token=False)
    ca.admin("person", "set-sid", p.login, SID)
    card, key, auth = Card(ca, p.login), Key(ca.keys), Key(ca.keys, "2048")
    der = card.certificate(key, "9a")
    verify(root, der, ca.keys, "-purpose", "sslclient")
    text = text_of(der)
    assert f"CN = 試験 太郎" in text or "CN = \\E8" in text
    assert f"serialNumber = {p.login}" in text
    assert "mallory" not in text and "CA:TRUE" not in text
    assert "TLS Web Client Authentication, Microsoft Smartcard Login" in text
    assert "http://pki.hospital.example/card.crl" in text
    assert f"{p.login}@{REALM}".encode() in der and SID.encode() in der
    cak = card.certificate(auth, "9e")
    verify(root, cak, ca.keys)
    assert SID.encode() not in cak and REALM.encode() not in cak.replace(b"pki." + REALM.encode(), b"")
    assert card.row() == "pending|new"
    assert ca.sql(f"SELECT count(*) FROM sekisho.card_key WHERE token_id = '{card.token}' "
                  "AND proven_at IS NULL") == "2"
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


def crl_number(s):
    return int(s.sql("SELECT crl_number FROM sekisho.issuer WHERE kind = 'own' AND status = 'active'"))


def revoke(s, card, why="lost"):
    s.sql("UPDATE sekisho.card_key SET revoked_at = clock_timestamp(), "
          f"revoked_why = '{why}' WHERE token_id = '{card.token}' AND revoked_at IS NULL")


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


def test_a_crl_at_its_hour(ca):
    before = crl_number(ca)
    ca.sql("UPDATE sekisho.issuer SET crl_this = crl_this - interval '25 hours' WHERE kind = 'own'")
    wait_for(lambda: crl_number(ca) > before, 10)
    hours = ca.sql("SELECT extract(epoch FROM crl_next - crl_this) / 3600 FROM sekisho.issuer "
                   "WHERE kind = 'own'")
    assert float(hours) == 72


# escrow

def box(s, kind, owner, payload):
    import ctypes
    sodium = ctypes.CDLL("libsodium.so.23")
    version, key = s.sql("SELECT version, encode(public_key, 'hex') FROM sekisho.keyring_key "
                         "WHERE status = 'current'").split("|")
    plain = b"SEKISHO-BOX-v1\0"
    for field in (kind.encode(), owner.encode(), payload):
        plain += struct.pack("!I", len(field)) + field
    out = ctypes.create_string_buffer(len(plain) + 48)
    sodium.crypto_box_seal(out, plain, ctypes.c_ulonglong(len(plain)), bytes.fromhex(key))
    return version, out.raw.hex()


def release(card, kind):
    import ctypes
    sodium = ctypes.CDLL("libsodium.so.23")
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    sodium.crypto_box_keypair(public, secret)
    status, reason, answer = card.order(kind, public.raw)
    if status != "done":
        return reason
    plain = ctypes.create_string_buffer(len(answer) - 48)
    assert sodium.crypto_box_seal_open(plain, answer, ctypes.c_ulonglong(len(answer)), public, secret) == 0
    return plain.raw


def escrow(s, card, kind, owner, payload):
    version, octets = box(s, kind, owner, payload)
    s.sql(f"UPDATE sekisho.card SET {kind} = '\\x{octets}', {kind}_version = {version} "
          f"WHERE token_id = '{card.token}'")


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


# when it goes away

def test_killed_it_comes_back(ca):
    card = Card(ca, ca.person(token=False).login)
    for _ in range(3):
        pid = ca.processes("ca")[0]
        ca.kill(pid)
        wait_for(lambda: ca.processes("ca") not in ([], [pid]))
        key = Key(ca.keys)
        wait_for(lambda: card.order("card_certificate", b"9a  " + key.csr())[:2] == ("done", ""), 30, 1)


def test_a_clerk_that_dies_over_an_order(ca):
    """It is executed by the next one, once."""
    card, key = Card(ca, ca.person(token=False).login), Key(ca.keys)
    authority = ca.processes("ca")[0]
    os.kill(authority, signal.SIGSTOP)
    try:
        waiting = place(ca, "card_certificate", b"9a  " + key.csr(), card.token)
        time.sleep(1.5)
        ca.kill(ca.processes("clerk")[0])
    finally:
        os.kill(authority, signal.SIGCONT)
    assert wait_for(lambda: ended(ca, waiting), 20)[:2] == ("done", "")
    time.sleep(1)
    assert ca.sql(f"SELECT count(*) FROM sekisho.card_key WHERE token_id = '{card.token}'") == "1"
    assert ca.count(card.login, "card_certificate") == 1


def test_what_does_not_answer_holds_nobody_up(ca):
    card, key = Card(ca, ca.person(token=False).login), Key(ca.keys)
    authority = ca.processes("ca")[0]
    os.kill(authority, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert card.order("card_certificate", b"9a  " + key.csr())[:2] == ("refused", "ca_unavailable")
        assert time.monotonic() - begun < 9, "while card-admin still waits"
        begun = time.monotonic()
        assert ca.person().token  # its first code is an order as well
        assert time.monotonic() - begun < 5, "what needs no CA goes on"
        assert card.order("card_certificate", b"9a  " + key.csr())[:2] == ("refused", "ca_unavailable")
    finally:
        os.kill(authority, signal.SIGCONT)
    wait_for(lambda: card.order("card_certificate", b"9a  " + key.csr())[:2] == ("done", ""), 40, 1)


def test_a_module_that_hangs(own, tmp_path):
    trouble = pathlib.Path("/tmp") / f"sekisho-slow-{uuid.uuid4()}"
    os.environ["SLOW_MODULE"] = str(trouble)
    try:
        module = BUILD.resolve() / "tests/rigs/libslow_module.so"
        s = own("slow", ca=True)
        conf = s.dir / "etc/authd.conf"
        conf.write_text(conf.read_text().replace("/usr/lib/softhsm/libsofthsm2.so", str(module)))
        s.instance("stop", "authd")
        s.instance("start", "authd")
        s.admin("ca", "init", "--name", "Slow")
        wait_for(lambda: crl_number(s) == 1, 10)
        card, key = Card(s, s.person(token=False).login), Key(tmp_path)
        pid = s.processes("ca")
        trouble.write_text("hang")
        trouble.chmod(0o644)
        assert card.order("card_certificate", b"9a  " + key.csr())[:2] == ("refused", "ca_unavailable")
        wait_for(lambda: s.processes("ca") not in ([], pid), 15)
        trouble.write_text("fail")
        wait_for(lambda: "the token failed" in s.log() or card.order(
            "card_certificate", b"9a  " + key.csr())[0] == "never", 40, 1)
        trouble.unlink()
        wait_for(lambda: card.order("card_certificate", b"9a  " + key.csr())[:2] == ("done", ""), 60, 1)
    finally:
        del os.environ["SLOW_MODULE"]
        trouble.unlink(missing_ok=True)


def test_a_wrong_pin_is_tried_once(own, tmp_path):
    s = own("pin", ca=True)
    s.admin("ca", "init", "--name", "PIN")
    pin = (s.dir / "ca/pin").read_text()
    (s.dir / "ca/pin").write_text("wrong")
    os.kill(s.supervisor(), signal.SIGHUP)
    wait_for(lambda: "ca: cannot log in" in s.log())
    card, key = Card(s, s.person(token=False).login), Key(tmp_path)
    assert card.order("card_certificate", b"9a  " + key.csr())[:2] == ("refused", "ca_unavailable")
    time.sleep(6)
    assert s.log().count("ca: cannot log in") == 1, "tokens lock themselves"
    (s.dir / "ca/pin").write_text(pin)
    os.kill(s.supervisor(), signal.SIGHUP)
    wait_for(lambda: card.order("card_certificate", b"9a  " + key.csr())[:2] == ("done", ""), 40, 1)
    assert pin not in s.log()


def test_two_nodes(own, tmp_path):
    a = own("a", ca=True)
    b, c = own("b", share=a, ca=True), own("c", share=a)
    a.admin("ca", "init", "--name", "Two nodes")
    card = Card(a, a.person(token=False).login)
    card.certificate(Key(tmp_path))
    frozen = a.processes("ca")[0]
    os.kill(frozen, signal.SIGSTOP)
    try:
        def goes():
            return card.order("card_certificate", b"9a  " + Key(tmp_path).csr())[:2] == ("done", "")
        wait_for(goes, 60, 1)
    finally:
        os.kill(frozen, signal.SIGCONT)
    revoke(a, card)
    for node in (a, b):
        wait_for(lambda: crl_number(a) >= 2 and
                 f'number="{crl_number(a)}"' in node.log().split("CRL published")[-1], 30)
    assert (a.dir / "crl/card.crl").read_bytes() == (b.dir / "crl/card.crl").read_bytes()
    # only a node without a CA is left
    for node in (a, b):
        node.instance("stop", "authd")
    c_order = Card(a, card.login).order("card_certificate", b"9a  " + Key(tmp_path).csr())
    assert c_order[:2] == ("refused", "ca_unavailable")


# other issuers

class OtherCA:
    def __init__(self, folder, name="Other CA"):
        self.folder, self.name = folder / f"other-{uuid.uuid4()}", name
        self.folder.mkdir()
        (self.folder / "index.txt").write_text("")
        (self.folder / "crlnumber").write_text("05\n")
        (self.folder / "ca.cnf").write_text(f"""[ca]
default_ca = c
[c]
database = {self.folder}/index.txt
crlnumber = {self.folder}/crlnumber
default_md = sha256
crl_extensions = x
[x]
authorityKeyIdentifier = keyid
""")
        self.key = Key(self.folder)
        self.path = self.folder / "ca.pem"
        openssl("req", "-x509", "-new", "-key", self.key.path, "-subj", f"/CN={name}", "-days", "300",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", self.path)

    def revoke(self, serial):
        with open(self.folder / "index.txt", "a") as f:
            f.write(f"R\t301231235959Z\t261101000000Z\t{serial}\tunknown\t/CN=x{serial}\n")

    def crl(self, *more):
        path = self.folder / f"{uuid.uuid4()}.crl"
        openssl("ca", "-config", self.folder / "ca.cnf", "-gencrl", "-keyfile", self.key.path, "-cert",
                self.path, "-out", path, *(more or ("-crldays", "7")))
        return path


def refused(s, *args):
    done = s.admin(*args, check=False)
    assert not isinstance(done, dict) and done.returncode == 1, done
    return json.loads(done.stdout)["refused"] if done.stdout else done.stderr


def counts(s, name):
    return {i["name"]: i["counts"] for i in s.admin("issuer", "list")}[name]


def test_another_issuer(ca, tmp_path):
    other, name = OtherCA(tmp_path), f"hpki-{uuid.uuid4().hex[:6]}"
    ca.admin("issuer", "add", name, "--certificate", other.path, "--revocation", "crl")
    assert refused(ca, "issuer", "add", name, "--certificate", ca.keys / "../" / other.path,
                   "--revocation", "crl") == "issuer_exists"
    assert not counts(ca, name), "before its CRL is loaded nothing of it counts"
    p, key = ca.person(token=False), Key(tmp_path)
    card = Card(ca, p.login, state="active", status="active")
    ca.sql("INSERT INTO sekisho.card_key (token_id, slot, key_id, spki, pin, issuer_id, serial, valid_from, "
           f"valid_until, proven_at) SELECT '{card.token}', '01', '\\x{key.id.hex()}', "
           f"'\\x{key.spki.hex()}', 'enforced', id, '\\xabcd', now(), now() + interval '1 year', now() "
           f"FROM sekisho.issuer WHERE name = '{name}'")
    first = other.crl()
    assert ca.admin("issuer", "crl", name, first)["revoked"] == 0
    assert counts(ca, name)
    version = int(ca.sql(f"SELECT version FROM sekisho.person WHERE login = '{p.login}'"))
    other.revoke("00ABCD")
    other.revoke("1234")
    done = ca.admin("issuer", "crl", name, other.crl())
    assert (done["listed"], done["revoked"]) == (2, 1)
    assert ca.sql(f"SELECT revoked_why FROM sekisho.card_key WHERE token_id = '{card.token}'") == "issuer"
    assert int(ca.sql(f"SELECT version FROM sekisho.person WHERE login = '{p.login}'")) == version + 1
    assert ca.count(p.login, "card_key_revoked") == 1
    assert refused(ca, "issuer", "crl", name, first) == "crl_older"
    # what is revoked cannot be bound either
    late = ca.sql("INSERT INTO sekisho.card_key (token_id, slot, key_id, spki, pin, issuer_id, serial, "
                  f"valid_from, valid_until) SELECT '{card.token}', '02', sha256('x'), '\\x{key.spki.hex()}', "
                  "'none', id, '\\x1234', now(), now() + interval '1 day' FROM sekisho.issuer "
                  f"WHERE name = '{name}' RETURNING id", check=False)
    assert late == ""
    # stale: closed
    ca.sql(f"UPDATE sekisho.issuer SET crl_next = now() - interval '1 second' WHERE name = '{name}'")
    assert not counts(ca, name)
    ca.admin("issuer", "retire", name)
    assert refused(ca, "issuer", "crl", name, other.crl()) == "issuer_without_crl"


def test_crls_that_are_refused(ca, tmp_path):
    other, twin, name = OtherCA(tmp_path), OtherCA(tmp_path), f"x-{uuid.uuid4().hex[:6]}"
    ca.admin("issuer", "add", name, "--certificate", other.path, "--revocation", "crl")
    assert "signature" in refused(ca, "issuer", "crl", name, twin.crl()), "same name, another key"
    stranger = OtherCA(tmp_path, "Stranger")
    assert "not a CRL of this issuer" in refused(ca, "issuer", "crl", name, stranger.crl())
    past = other.crl("-crl_lastupdate", "20250101000000Z", "-crl_nextupdate", "20250201000000Z")
    assert refused(ca, "issuer", "crl", name, past) == "crl_expired"
    future = other.crl("-crl_lastupdate", "20300101000000Z", "-crl_nextupdate", "20300201000000Z")
    assert refused(ca, "issuer", "crl", name, future) == "crl_early"
    assert not counts(ca, name)
    assert ca.admin("issuer", "crl", name, other.path, check=False).returncode == 2
    bare = f"bare-{uuid.uuid4().hex[:6]}"
    ca.admin("issuer", "add", bare, "--certificate", stranger.path, "--revocation", "none")
    assert counts(ca, bare)
    assert refused(ca, "issuer", "crl", bare, stranger.crl()) == "issuer_without_crl"
    leaf = tmp_path / "leaf.pem"
    leaf.write_text(pem(Card(ca, ca.person(token=False).login).certificate(Key(tmp_path)), "CERTIFICATE"))
    assert ca.admin("issuer", "add", "leaf", "--certificate", leaf, "--revocation", "none",
                    check=False).returncode == 2


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
    assert "NoNewPrivs:\t1" in status
    if os.geteuid() == 0:
        assert "Uid:\t0" not in status
        files = [os.readlink(f) for f in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
        assert sum(f.startswith("socket:") for f in files) == 1, "one socket, to the clerk"
    if BUILD.name != "asan":
        assert "Seccomp:\t2" in status
