# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole way of a card, every part real but the plastic: issued by the
security office, used at a ward's terminal through PAM and FreeRADIUS, and dead from the moment it is reported lost."""

import time

import pytest
from cards import Rig
from sekisho import Sekisho, run
from terminal import Terminal

PIN, WRONG = "402917", "846203"
ASK = "PIN of your staff card: "


class Ward:
    def __init__(self):
        self.s = Sekisho("ward", ca=True)
        self.rig = self.terminal = None
        try:
            self.rig = Rig()
            self.s.env["PCSCLITE_CSOCK_NAME"] = self.rig.env["PCSCLITE_CSOCK_NAME"]
            self.s.admin("ca", "init", "--name", "Ward CA")
            self.radius = client = self.s.client("ward-3", "127.0.0.1", "terminal", True, "--lang",
                                                 "en")
            host, port = self.s.server
            self.terminal = Terminal(
                f"{host}:{port}", client.secret.decode(), timeout_ms=8000, card=True,
                client_id=self.s.admin("client", "show", "ward-3")["id"], server_id="sekisho",
                pcsc_socket=self.rig.env["PCSCLITE_CSOCK_NAME"])
        except BaseException:
            self.close()
            raise
        self.n = 0

    def close(self):
        for part in (self.terminal, self.rig, self.s):
            if part:
                part.close()

    def client(self):
        """The terminal's own place on the network, for what it would never send."""
        return self.radius

    def holder(self, pin=PIN):
        """A person and the card that was just issued to her, in reader 0."""
        self.n += 1
        p = self.s.person(login=f"nurse{chr(96 + self.n)}", lang="en")
        card = self.rig.card(f"ward{self.n}").insert(0)
        run("card-admin", "card", "issue", p.login, "--number", f"0{self.n:04d}", input=pin + "\n",
            env=self.s.env)
        return p, card, f"0{self.n:04d}"

    def login(self, person, *typed, **more):
        return self.terminal.login(person.login, [(ASK, line) for line in typed], **more)


@pytest.fixture(scope="module")
def ward():
    w = Ward()
    yield w
    w.close()


@pytest.fixture
def holder(ward):
    person, card, number = ward.holder()
    yield person, card, number
    card.fault("clear")
    if card.inserted():
        card.remove()


def test_c13_d5_one_gesture_two_factors(ward, holder):
    p, _, number = holder
    code, seen = ward.login(p, PIN)
    assert code == 0, seen
    row = ward.s.last(p.login)
    assert [(e["category"], e["method"], e["label"]) for e in row["evidence"]] == [
        ("possession", "card", number), ("knowledge", "pin", number)]
    assert PIN not in seen and PIN not in ward.terminal.logged() + ward.s.log()


def test_a_wrong_pin_is_the_cards_affair(ward, holder):
    p, card, _ = holder
    code, seen = ward.login(p, WRONG, PIN)
    assert code == 0 and "After 2 more wrong tries" in seen
    assert ward.s.audit(p.login) and all(r["outcome"] != "reject" for r in ward.s.audit(p.login)
                                         if r["kind"] == "login")


def test_d5_a_key_without_a_pin_and_the_password(ward, holder):
    """The key for card authentication that every issued card has."""
    p, _, number = holder
    ward.terminal.set(certificate_id="04", card_pin=False)
    try:
        code, seen = ward.terminal.login(p.login, [("Enter your password: ", "not it")])
        assert code != 0 and "Authentication failed." in seen
        time.sleep(5.2)
        code, seen = ward.terminal.login(p.login, [("Enter your password: ", p.password)])
        assert code == 0, (seen, ward.terminal.logged())
    finally:
        ward.terminal.set(certificate_id="01", card_pin=True)
    assert [(e["category"], e["method"]) for e in ward.s.last(p.login)["evidence"]] == [
        ("possession", "card"), ("knowledge", "password")]


def test_without_a_card_it_is_password_and_code(ward, holder):
    p, card, _ = holder
    card.remove()
    code, seen = ward.terminal.login(p.login, [("Password: ", p.password), ("app: ", p.code())])
    assert code == 0, seen
    card.insert(0)


def test_d5_lost_is_dead_at_once_and_found_again(ward, holder):
    p, _, number = holder
    begun = time.monotonic()
    lost = ward.s.admin("card", "lost", number, "--why", "handbag")
    took = time.monotonic() - begun
    code, seen = ward.login(p, PIN)
    assert code != 0 and "Authentication failed." in seen
    assert took < 5, lost
    # a person's other factors are untouched
    ward.s.admin("card", "found", number, "--identity-proof", "seen by the office")
    code, seen = ward.login(p, PIN)
    assert code == 0, seen


def test_lost_while_the_pin_is_typed(ward, holder):
    p, _, number = holder

    def typed():
        ward.s.admin("card", "lost", number, "--why", "handbag")
        return PIN

    code, seen = ward.login(p, typed)
    assert code != 0, "a login in progress ends with the card"
    ward.s.admin("card", "revoke", number, "--why", "stolen")
    assert ward.login(p, PIN)[0] != 0


def test_somebody_elses_card(ward, holder):
    p, _, _ = holder
    other = ward.s.person(lang="en")
    code, seen = ward.login(other, PIN)
    assert code != 0 and "Authentication failed." in seen
    assert ward.login(p, PIN)[0] == 0, "and nobody is the worse for it"
