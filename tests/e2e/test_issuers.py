# SPDX-License-Identifier: GPL-2.0-or-later
"""Other issuers, and what their CRLs do: made and signed by openssl ca."""

import json
import uuid

import pytest
from authority import Card, Key, OtherCA, pem
from sekisho import Sekisho, run


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    s = Sekisho("issuers", ca=True)
    s.keys = tmp_path_factory.mktemp("keys")
    s.admin("ca", "init", "--name", "Test Card CA")
    yield s
    s.close()


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


def test_held_and_released(ca, tmp_path):
    """certificateHold suspends a key until a CRL comes without it."""
    other, name = OtherCA(tmp_path), f"hold-{uuid.uuid4().hex[:6]}"
    ca.admin("issuer", "add", name, "--certificate", other.path, "--revocation", "crl")
    p, key = ca.person(token=False), Key(tmp_path)
    card = Card(ca, p.login, state="active", status="active")
    ca.sql("INSERT INTO sekisho.card_key (token_id, slot, key_id, spki, pin, issuer_id, serial, valid_from, "
           f"valid_until, proven_at) SELECT '{card.token}', '01', '\\x{key.id.hex()}', "
           f"'\\x{key.spki.hex()}', 'enforced', id, '\\x77', now(), now() + interval '1 year', now() "
           f"FROM sekisho.issuer WHERE name = '{name}'")

    def fault():
        return ca.sql("SELECT sekisho.card_fault(t, c, k, i, clock_timestamp()) FROM sekisho.card_key k "
                      "JOIN sekisho.token t ON t.id = k.token_id JOIN sekisho.card c ON c.token_id = t.id "
                      f"JOIN sekisho.issuer i ON i.id = k.issuer_id WHERE k.token_id = '{card.token}'")

    def load():
        done = ca.admin("issuer", "crl", name, other.crl())
        return done["listed"], done["revoked"], done["held"], done["released"]

    assert load() == (0, 0, 0, 0) and fault() == ""
    other.revoke("77", "certificateHold")
    assert load() == (1, 0, 1, 0) and fault() == "card_suspended"
    shown = run("card-admin", "card", "show", p.login, env=ca.env).stdout
    assert "suspended by its issuer" in shown
    assert load() == (1, 0, 0, 0)
    other.release("77")
    assert load() == (0, 0, 0, 1) and fault() == ""
    assert [a["reason"] for a in ca.audit(p.login) if a["reason"].startswith("card_key_")] == \
        ["card_key_held", "card_key_released"]
    other.revoke("77", "certificateHold")
    load()
    other.release("77")
    other.revoke("77", "keyCompromise")
    assert load() == (1, 1, 0, 0) and fault() == "card_revoked"
    other.release("77")
    assert load() == (0, 0, 0, 0) and fault() == "card_revoked"
    # an entry that takes another back is none
    other.revoke("78", "removeFromCRL")
    assert load()[0] == 0


def test_another_address(ca, tmp_path):
    other, name = OtherCA(tmp_path), f"moved-{uuid.uuid4().hex[:6]}"
    ca.admin("issuer", "add", name, "--certificate", other.path, "--revocation", "crl", "--url",
             "http://127.0.0.1:9/old")
    assert ca.admin("issuer", "set", name, "--url", "http://127.0.0.1:9/new")["url"].endswith("/new")
    assert ca.admin("issuer", "show", name)["url"].endswith("/new")
    assert refused(ca, "issuer", "set", name, "--url", "file:///etc/passwd") == "issuer_url"
    assert ca.admin("issuer", "set", name, check=False).returncode == 2
    assert ca.admin("issuer", "set", name, "--url", "")["url"] == ""


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
