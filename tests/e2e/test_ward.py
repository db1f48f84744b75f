# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole way of a card, every part real but the plastic: issued by the
security office, used at a ward's terminal through PAM and FreeRADIUS, and dead from the moment it is reported lost."""

import time

import pytest
from cards import Rig
from sekisho import Sekisho, run, wait_for
from terminal import STACK, Terminal

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

    def holder(self, pin=PIN, login=None):
        """A person and the card that was just issued to her, in reader 0."""
        self.n += 1
        p = self.s.person(login=login or f"nurse{chr(96 + self.n)}", lang="en")
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


SESSION = """#!/bin/sh
# what a desktop would be: it lasts until its screen is to be locked
[ "$PAM_TYPE" = open_session ] || exit 0
echo "$PAM_USER" >> {place}/log
rm -f {place}/locked
touch {place}/open
n=0
while [ ! -e {place}/locked ] && [ $n -lt 200 ]; do sleep 0.1; n=$((n + 1)); done
rm -f {place}/open
"""


def test_a_shared_terminal_changes_hands(ward, tmp_path):
    """As a display manager drives it: it names nobody. The card says who, the
    PIN opens, taking it out locks; the next card is the next person's, and
    whose card comes back comes back."""
    one, first, _ = ward.holder(login="games")
    first.remove()
    two, second, _ = ward.holder(login="news")
    second.remove()
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.name.startswith(("test_", "pytest", "popen-gw")):
            folder.chmod(0o755)
    place = tmp_path / "desktop"
    place.mkdir()
    place.chmod(0o777)  # the command runs as the session's user
    script = tmp_path / "session"
    script.write_text(SESSION.format(place=place))
    script.chmod(0o755)
    ward.terminal.set(wait_card_s=30, on_removal=f"/usr/bin/touch {place}/locked")
    ward.terminal.stack(STACK + f"session required pam_exec.so {script}\n")
    try:
        for person, card in ((one, first), (two, second), (one, first)):
            def session(card=card):
                wait_for((place / "open").exists)
                time.sleep(1)  # pcscd 1.9 overlooks a card that leaves while it is reset
                card.remove()
                wait_for((place / "locked").exists, 5)
            code, seen = ward.terminal.login(
                "", [("Insert your staff card", lambda: card.insert(0) and None),
                     (f"PIN of your staff card, {person.login}: ", PIN),
                     ("successfully authenticated", session)],
                actions=("authenticate", "acct_mgmt", "open_session", "close_session"), timeout=60)
            assert code == 0, (seen, ward.terminal.logged())
        assert (place / "log").read_text().split() == [one.login, two.login, one.login]
        assert [r["outcome"] for r in ward.s.audit(one.login) if r["kind"] == "login"] == ["accept"] * 2
        # a locked screen that names its owner takes the owner's card alone
        second.insert(0)
        code, seen = ward.terminal.login(one.login, [(ASK, PIN)])
        assert code != 0, "somebody else's card"
        assert ward.s.sql("SELECT reason FROM sekisho.refusal_tally WHERE login = 'games'") == \
            "card_of_another"
        second.remove()
        first.insert(0)
        assert ward.terminal.login(one.login, [(ASK, PIN)])[0] == 0
    finally:
        ward.terminal.set(wait_card_s=0, on_removal=None)
        ward.terminal.stack(STACK)
        for card in (first, second):
            if card.inserted():
                card.remove()
