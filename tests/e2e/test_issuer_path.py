# SPDX-License-Identifier: GPL-2.0-or-later
"""A card that another authority issued: when its holder proves the key, the
certificate's path is validated against the issuer that we trust."""

import os
import uuid

import pytest
from authority import Card, Key, OtherCA, openssl
from sekisho import run
from test_ca import ca  # noqa: F401


FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


def certify(authority, key, serial, *more):
    """What that authority issued for a key."""
    csr = authority.folder / f"{serial}.csr"
    csr.write_bytes(key.csr())
    out = authority.folder / f"{serial}.der"
    openssl("x509", "-req", "-inform", "DER", "-in", csr, "-CA", authority.path, "-CAkey",
            authority.key.path, "-set_serial", f"0x{serial}", *(more or ("-days", "100")),
            "-outform", "DER", "-out", out)
    return out.read_bytes()


class Bound:
    """A card whose key is bound and has yet to prove itself."""

    def __init__(self, s, folder, revocation="crl", *more):
        self.s, self.authority = s, OtherCA(folder)
        self.issuer = f"hpki-{uuid.uuid4().hex[:6]}"
        s.admin("issuer", "add", self.issuer, "--certificate", self.authority.path,
                "--revocation", revocation, *more)
        self.person, self.key = s.person(token=False), Key(folder)
        self.card = Card(s, self.person.login)

    def load_crl(self):
        self.s.admin("issuer", "crl", self.issuer, self.authority.crl())

    def bind(self, certificate, serial):
        self.s.sql(
            "INSERT INTO sekisho.card_key (token_id, slot, key_id, spki, pin, certificate, issuer_id, "
            f"serial, valid_from, valid_until) SELECT '{self.card.token}', '01', "
            f"'\\x{self.key.id.hex()}', '\\x{self.key.spki.hex()}', 'enforced', "
            f"'\\x{certificate.hex()}', id, '\\x{serial}', now() - interval '1 day', "
            f"now() + interval '90 days' FROM sekisho.issuer WHERE name = '{self.issuer}'")

    def prove(self):
        return self.card.prove(self.key)


def test_a_valid_path_counts(ca, tmp_path):  # noqa: F811
    b = Bound(ca, tmp_path)
    b.load_crl()
    b.bind(certify(b.authority, b.key, "1001"), "1001")
    assert b.prove() == ("done", "")
    assert b.card.row() == "active|active"


def test_with_a_responder_it_is_proven_and_then_asked_about(ca, tmp_path):  # noqa: F811
    """Proving needs no answer; what gates each login is the answer about the key."""
    b = Bound(ca, tmp_path, "ocsp", "--url", "http://127.0.0.1:9/")
    b.bind(certify(b.authority, b.key, "1001"), "1001")
    assert b.prove() == ("done", "")
    assert b.card.row() == "active|active"
    assert ca.sql("SELECT sekisho.card_fault(t, c, k, i, now()) FROM sekisho.card_key k JOIN sekisho.card c "
                  "USING (token_id) JOIN sekisho.token t ON t.id = k.token_id JOIN sekisho.issuer i ON "
                  f"i.id = k.issuer_id WHERE t.id = '{b.card.token}'") == "status_stale"
    report = ca.admin("issuer", "refresh", b.issuer, check=False)
    assert report.returncode == 3, "nobody is there"


@pytest.mark.parametrize("why", ["crl_missing", "cert_revoked", "cert_expired", "cert_not_yet_valid",
                                 "path_untrusted", "path_signature", "path_malformed"])
def test_paths_that_do_not_count(ca, tmp_path, why):  # noqa: F811
    b = Bound(ca, tmp_path)
    more = {"cert_expired": ("-days", "-1"), "cert_not_yet_valid": ("-days", "10")}.get(why, ())
    signer = OtherCA(tmp_path, "Somebody Else") if why == "path_untrusted" else b.authority
    if why == "cert_not_yet_valid":
        # openssl x509 knows no beginning: made in twenty days
        csr, out = tmp_path / "later.csr", tmp_path / "later.der"
        csr.write_bytes(b.key.csr())
        run("openssl", "x509", "-req", "-inform", "DER", "-in", str(csr), "-CA", str(signer.path),
            "-CAkey", str(signer.key.path), "-set_serial", "0x1002", "-days", "20", "-outform", "DER",
            "-out", str(out), env={**os.environ, "LD_PRELOAD": FAKETIME, "FAKETIME": "+20d"})
        certificate = out.read_bytes()
    else:
        certificate = certify(signer, b.key, "1002", *more)
    if why == "path_signature":
        certificate = certificate[:-1] + bytes([certificate[-1] ^ 1])
    if why == "path_malformed":
        certificate = certificate[:-1]
    b.bind(certificate, "1003")  # a record that does not know of the revocation
    if why == "cert_revoked":
        b.authority.revoke("1002")
    if why != "crl_missing":
        b.load_crl()
    got = b.prove()
    assert got[0] == "refused"
    expected = {"path_malformed": ("path_malformed", "path_untrusted")}.get(why, (why,))
    assert got[1] in expected
    assert b.card.row() == "pending|new", "nothing half-valid is left"
