# SPDX-License-Identifier: GPL-2.0-or-later
"""What cards attest of their keys, and whose word about that is believed."""

import json

import pytest
from cards import CA
from sekisho import run
from test_card import PROOF, REFUSED, USAGE, Desk


@pytest.fixture(scope="module")
def desk():
    d = Desk()
    yield d
    d.close()


@pytest.fixture(autouse=True)
def empty_readers(desk):
    yield
    desk.rig.ask("remove")


@pytest.fixture
def makers(desk):
    """Trusts nobody before and after."""
    def forget():
        desk.s.admin("setting", "set", "card.attestation", "0")
        for root in desk.s.admin("attestation", "list"):
            desk.s.admin("attestation", "remove", root["name"])
    yield lambda name, path: desk.s.admin("attestation", "add", name, path)
    forget()


def test_attested_by_a_maker_that_is_trusted(desk, makers):
    root = desk.rig.dir / "attestation.pem"
    login = desk.person()
    card = desk.card(ca=root)
    makers("virtual", root)
    issued = desk.ask("issue", login)
    keys = {k["slot"]: k["pin_known_by"] for k in issued["keys"]}
    assert keys["9a"] == "attestation" and keys["9e"] != "attestation"
    assert "statement" not in json.dumps(issued)
    # new keys, new statements; without the maker they are what they were before
    desk.run("renew", login)
    assert all(k["pin_known_by"] == "attestation" for k in desk.show(login)["keys"]
               if k["slot"] == "9a" and not k["revoked_at"])
    card.remove()
    desk.card(ca=root)
    desk.run("prepare")
    desk.run("activate", desk.person(), *PROOF)


def test_a_chain_to_nobody(desk, makers, tmp_path):
    """Another maker's root of the same name, and a card that lies."""
    root, other = desk.rig.dir / "attestation.pem", CA(tmp_path, "Virtual test CA")
    makers("other", other.certificate)
    login = desk.person()
    desk.card(ca=root)
    desk.run("issue", login, status=REFUSED)
    assert "no maker that is trusted" in desk.said and desk.counts(login) == []
    makers("virtual", root)
    desk.run("issue", login)
    assert len(desk.counts(login)) == 1
    # what card-admin says is not believed, only what is signed
    done = desk.s.sql("SELECT count(*) FROM sekisho.card_attestation")
    assert int(done) > 0


def test_an_attestation_of_another_key(desk, makers):
    """Statements exchanged in the database: each is about its own key only."""
    makers("virtual", desk.rig.dir / "attestation.pem")
    login = desk.person()
    card = desk.card(ca=desk.rig.dir / "attestation.pem")
    desk.s.sql("CREATE FUNCTION sekisho.swap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
               "NEW.statement := (SELECT a.statement FROM sekisho.card_attestation a "
               "WHERE a.token_id <> NEW.token_id AND a.slot = NEW.slot LIMIT 1); RETURN NEW; END $$")
    desk.s.sql("CREATE TRIGGER swap BEFORE INSERT ON sekisho.card_attestation FOR EACH ROW "
               "EXECUTE FUNCTION sekisho.swap()")
    try:
        desk.run("issue", login, status=REFUSED)
        assert "not about these keys" in desk.said and desk.counts(login) == []
    finally:
        desk.s.sql("DROP FUNCTION sekisho.swap() CASCADE")
    card.insert()
    desk.run("issue", login)


def test_attestation_demanded(desk, makers):
    done = run("card-admin", "setting", "set", "card.attestation", "1", check=False, env=desk.s.env)
    assert done.returncode == REFUSED and "add a maker first" in done.stderr
    makers("virtual", desk.rig.dir / "attestation.pem")
    desk.s.admin("setting", "set", "card.attestation", "1")
    login = desk.person()
    card = desk.card()  # attests nothing
    desk.run("issue", login, status=REFUSED)
    assert "card.attestation demands it" in desk.said and desk.counts(login) == []
    card.remove()
    desk.card(ca=desk.rig.dir / "attestation.pem")
    desk.run("issue", login)
    assert len(desk.counts(login)) == 1


def test_what_is_no_maker(desk, makers, tmp_path):
    card = desk.card()
    ca = CA(tmp_path)
    leaf = card.personalise(ca, s9a="ECCP256")["9a"]
    for path in (leaf, tmp_path / "nothing"):
        done = run("card-admin", "attestation", "add", "x", path, check=False, env=desk.s.env)
        assert done.returncode == USAGE
    makers("one", ca.certificate)
    done = run("card-admin", "attestation", "add", "two", ca.certificate, check=False, env=desk.s.env)
    assert done.returncode == REFUSED
    assert "one" in run("card-admin", "attestation", "list", env=desk.s.env).stdout
