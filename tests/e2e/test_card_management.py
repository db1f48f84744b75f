# SPDX-License-Identifier: GPL-2.0-or-later
"""Cards whose management key is AES from the factory, as new ones are."""

import pytest
from test_card import OTHER_PIN, PIN, PROOF, READER, Desk, works
from sekisho import run


@pytest.fixture(scope="module")
def desk():
    d = Desk()
    yield d
    d.close()


@pytest.fixture(autouse=True)
def empty_readers(desk):
    yield
    desk.rig.ask("remove")


def cipher(card):
    return card.state()["mgm"]["alg"]


@pytest.mark.parametrize("kind", ["aes128", "aes192", "aes256", "3des"])
def test_issue(desk, kind):
    login, card = desk.person(), desk.card(mgm_alg=kind)
    maker = card.state()["mgm"]["key"]
    desk.run("issue", login)
    assert len(desk.counts(login)) == 1
    works(desk, card, PIN)
    # a key of its own, of the card's kind as far as it has our length
    assert card.state()["mgm"]["key"] != maker
    assert cipher(card) == (0x03 if kind == "3des" else 0x0A)
    # ours out of escrow opens it again
    desk.run("renew", login)
    assert len(desk.counts(login)) == 1


def test_not_new(desk):
    login, card = desk.person(), desk.card(mgm_alg="aes192", mgm="aa" * 24)
    desk.run("issue", login, status=READER)
    assert "not a new card" in desk.said
    assert "0047" not in "".join(card.commands())


@pytest.mark.parametrize("n", range(3, 24, 3))
def test_interrupted(desk, n):
    login, card = desk.person(), desk.card(mgm_alg="aes192")
    card.fault("remove-at", n, "after")
    run("card-admin", "card", "issue", login, input=PIN + "\n", check=False, env=desk.s.env)
    card.fault("clear")
    card.insert()
    desk.run("issue", login, typed=OTHER_PIN + "\n")
    works(desk, card, OTHER_PIN)


def test_used_again_and_handed_out(desk):
    login, other, card = desk.person(), desk.person(), desk.card(mgm_alg="aes192")
    desk.run("issue", login)
    desk.run("return", login)
    desk.run("prepare")
    desk.run("activate", other, *PROOF)
    assert len(desk.counts(other)) == 1 and cipher(card) == 0x0A
    desk.run("unblock", other, *PROOF, typed=OTHER_PIN + "\n")
    works(desk, card, OTHER_PIN)


def test_keys_are_not_in_the_log(desk):
    login, card = desk.person(), desk.card(mgm_alg="aes192")
    desk.run("issue", login)
    assert card.state()["mgm"]["key"] not in "".join(card.commands()).lower().replace(" ", "")
