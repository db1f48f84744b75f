# SPDX-License-Identifier: GPL-2.0-or-later
"""Cards from stock to shredder, as the security office does it: card-admin, a
real pcscd with virtual cards, the real clerk and card CA."""

import json
import os
import subprocess
import time

import pytest
from cards import CA, KEY_ID, Rig
from sekisho import Sekisho, run, wait_for

PIN, OTHER_PIN = "402917", "739105"
DONE, REFUSED, USAGE, UNREACHED, READER = 0, 1, 2, 3, 4
PROOF = ("--identity-proof", "passport, seen by Sato")


class Desk:
    """The security office's PC with its two readers."""

    def __init__(self, s=None):
        self.s = s or Sekisho("desk", ca=True)
        try:
            self.rig = Rig()
        except BaseException:
            self.s.close()
            raise
        self.n = 0
        if s is None:
            self.s.admin("ca", "init", "--name", "Test CA")
        self.s.env["PCSCLITE_CSOCK_NAME"] = self.rig.env["PCSCLITE_CSOCK_NAME"]

    def close(self):
        self.rig.close()
        self.s.close()

    def person(self):
        self.n += 1
        login = f"holder{chr(97 + self.n // 26)}{chr(97 + self.n % 26)}"
        self.s.admin("person", "add", login, "--name", "試験 花子")
        return login

    def card(self, reader=0, **options):
        self.n += 1
        return self.rig.card(f"c{self.n}", **options).insert(reader)

    def run(self, *words, typed=PIN + "\n", status=DONE, env=None):
        done = run("card-admin", "card", *words, input=typed, check=False,
                   env=dict(self.s.env, **(env or {})))
        self.said = done.stderr
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def ask(self, *words, **more):
        return json.loads(self.run(*words, "--json", **more))

    def show(self, what):
        return self.ask("show", what)[0]

    def start(self, *words, typed=PIN + "\n"):
        process = subprocess.Popen(["card-admin", "card", *words], env=self.s.env, text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdin.write(typed)
        process.stdin.close()
        process.stdin = None
        return process

    def counts(self, login):
        """Cards of a person that a login would take."""
        return [c for c in self.ask("list", "--login", login) if c["status"] == "active"]


@pytest.fixture(scope="module")
def desk():
    d = Desk()
    yield d
    d.close()


@pytest.fixture(autouse=True)
def empty_readers(desk):
    yield
    desk.rig.ask("remove")


def works(desk, card, pin):
    """The card signs with this PIN, and no other secret is the maker's."""
    card.piv_tool("-a", "verify-pin", "-P", pin, "-a", "test-signature", "-s", "9a",
                  "-i", certificate(desk, card, "9a"), check=True)
    before = card.counters()["puk_tries"]
    assert card.piv_tool("-a", "change-puk", "-P", "12345678", "-N", "12345678",
                         check=False).returncode != 0
    assert card.counters()["puk_tries"] == before - 1
    assert card.piv_tool("-a", "set-chuid", check=False).returncode != 0


def certificate(desk, card, slot):
    path = desk.rig.dir / f"{card.name}-{slot}.pem"
    path.write_text(card.piv_tool("-a", "read-certificate", "-s", slot).stdout)
    return path


@pytest.mark.parametrize("algorithm", ["p256", "p384", "rsa2048"])
def test_issue(desk, algorithm):
    login, card = desk.person(), desk.card()
    issued = desk.ask("issue", login, "--number", f"77{desk.n:05d}", "--algorithm", algorithm)
    assert (issued["state"], issued["status"], issued["login"]) == ("active", "active", login)
    keys = {k["slot"]: k for k in issued["keys"]}
    assert set(keys) == {"9a", "9e"} and all(k["proven_at"] for k in keys.values())
    assert (keys["9a"]["pin"], keys["9e"]["pin"]) == ("enforced", "none")
    assert keys["9a"]["pin_known_by"].startswith("refused before PIN")
    assert desk.show(f"77{desk.n:05d}")["id"] == issued["id"]
    text = run("openssl", "x509", "-in", certificate(desk, card, "9a"), "-noout", "-subject").stdout
    assert login in text and "試験 花子" in text or "\\" in text
    works(desk, card, PIN)
    if algorithm == "p256":  # what terminals use takes it, too
        signed = desk.rig.pkcs11("--login", "--pin", PIN, "--list-objects", "--type", "privkey")
        assert f"ID:         {KEY_ID['9a']}" in signed.stdout
    # said again, it does nothing
    assert desk.ask("issue", login)["id"] == issued["id"]
    audit = [a["reason"] for a in desk.s.audit(login)]
    assert "card_begin" in audit and "card_prove" in audit


def test_neither_pin_nor_secrets_are_shown(desk):
    login, card = desk.person(), desk.card()
    out = desk.run("issue", login, "--verbose")
    assert PIN not in out + desk.said and "ms" in desk.said
    assert PIN not in "\n".join(card.commands())


@pytest.mark.parametrize("pin", ["123456", "000000", "121212", "147258", "19870412", "870412",
                                 "12345", "123456789", "40291a", "654321", "112233"])
def test_a_pin_that_anybody_would_try(desk, pin):
    login, card = desk.person(), desk.card()
    desk.run("issue", login, typed=pin + "\n", status=REFUSED)
    assert desk.ask("list", "--login", login) == []
    assert "0047" not in "".join(card.commands())


def test_a_pin_that_is_the_staff_number(desk):
    desk.card()
    desk.s.admin("person", "add", "n402917", "--name", "x")
    desk.run("issue", "n402917", typed="402917\n", status=REFUSED)
    desk.run("issue", "n402917", typed="719204\n", status=REFUSED)


@pytest.mark.parametrize("options", [{"mgm": "aa" * 24}, {"puk": "87654321"}])
def test_a_card_that_is_not_new(desk, options):
    login, card = desk.person(), desk.card(**options)
    desk.run("issue", login, status=READER)
    assert "not a new card" in desk.said
    assert desk.ask("list", "--login", login) == []
    assert "0047" not in "".join(card.commands())


def test_no_card_two_cards_and_no_person(desk):
    login = desk.person()
    desk.run("issue", login, status=READER)
    desk.card(0), desk.card(1)
    desk.run("issue", login, status=READER)
    assert desk.rig.reader(0) in desk.said and desk.rig.reader(1) in desk.said
    desk.run("issue", login, "--reader", "no such", status=READER)
    desk.run("issue", "nobody-at-all", status=REFUSED)
    desk.run("issue", login, "--reader", desk.rig.reader(1))


def interrupted(desk, n, when):
    """Issues a card that leaves at its n-th command; then once more."""
    login, card = desk.person(), desk.card()
    card.fault("remove-at", n, when)
    done = run("card-admin", "card", "issue", login, input=PIN + "\n", check=False, env=desk.s.env)
    if done.returncode == DONE:  # taken out when it was over, or never
        assert len(desk.counts(login)) == 1
        return False
    assert done.returncode == READER, (n, when, done.stderr)
    assert desk.counts(login) == [], (n, when)
    assert not any(k["proven_at"] for c in desk.ask("list", "--login", login) for k in c["keys"])
    card.fault("clear")
    card.insert()
    desk.run("issue", login, typed=OTHER_PIN + "\n")
    assert len(desk.counts(login)) == 1, (n, when)
    assert len(desk.ask("list", "--login", login)) == 1, (n, when)
    works(desk, card, OTHER_PIN)
    card.remove()
    return True


def test_issue_interrupted_at_a_command(desk):
    """One in five, before or after; with SEKISHO_ALL=1 each, before and after."""
    every = bool(os.environ.get("SEKISHO_ALL"))
    n, when = (1, "before") if every else (desk.n % 5 + 1, "after")
    while interrupted(desk, n, when):
        desk.rig.ask("remove")
        if every and when == "before":
            when = "after"
            continue
        when = "after" if when == "before" else "before"
        n += 1 if every else 5
        assert n < 200
    assert n > 30, "there is more to a card than that"


def test_issue_killed(desk):
    login, card = desk.person(), desk.card()
    card.fault("slow", 100)
    for seconds in (0.5, 1.0, 1.5):
        process = desk.start("issue", login)
        time.sleep(seconds)
        process.kill()
        process.communicate()
        assert desk.counts(login) == []
    card.fault("clear")
    desk.run("issue", login)
    assert len(desk.counts(login)) == 1
    works(desk, card, PIN)


def test_issue_without_its_server(desk):
    login, card = desk.person(), desk.card()
    desk.s.instance("stop", "authd")
    try:
        desk.run("issue", login, status=UNREACHED)
        assert desk.counts(login) == []
    finally:
        desk.s.instance("start", "authd")
    wait_for(lambda: desk.s.processes("clerk"))
    desk.run("issue", login)
    works(desk, card, PIN)


def test_two_operators_at_once(desk):
    people, cards = [desk.person(), desk.person()], [desk.card(0), desk.card(1)]
    both = [desk.start("issue", p, "--reader", desk.rig.reader(i)) for i, p in enumerate(people)]
    for process in both:
        process.communicate(timeout=60)
        assert process.returncode == DONE
    assert all(len(desk.counts(p)) == 1 for p in people)
    for card in cards:
        works(desk, card, PIN)
    # the same number for both: one of them has it
    desk.rig.ask("remove")
    desk.card(0), desk.card(1)
    both = [desk.start("issue", p, "--reader", desk.rig.reader(i), "--number", "555")
            for i, p in enumerate(people)]
    [p.communicate(timeout=60) for p in both]
    assert sorted(p.returncode for p in both) == [DONE, REFUSED]


def test_two_operators_at_one_reader(desk):
    login, other, card = desk.person(), desk.person(), desk.card()
    card.fault("slow", 120)
    first = desk.start("issue", login)
    wait_for(lambda: len(card.commands()) > 12)
    desk.run("issue", other, status=READER)
    first.communicate(timeout=60)
    assert first.returncode == DONE
    card.fault("clear")
    desk.run("issue", other, status=REFUSED)
    assert login in desk.said


def test_lost_and_found(desk):
    login, _ = desk.person(), desk.card()
    number = f"88{desk.n:05d}"
    desk.run("issue", login, "--number", number)
    version = desk.s.admin("person", "show", login)["version"]
    lost = desk.ask("lost", number, "--why", "left in the train")
    assert lost["took_ms"] < 2000 and lost["status"] == "suspended"
    assert desk.s.admin("person", "show", login)["version"] > version
    assert desk.counts(login) == []
    desk.run("lost", number, status=REFUSED)
    desk.run("resume", number, status=REFUSED)
    desk.run("found", number, status=USAGE)
    desk.run("found", number, "--identity-proof", " ", status=REFUSED)
    desk.run("found", number, *PROOF)
    assert len(desk.counts(login)) == 1
    # one that was suspended stays so
    desk.run("suspend", login)
    desk.run("lost", login)
    desk.run("found", login, *PROOF)
    assert desk.show(number)["state"] == "suspended"
    desk.run("resume", login)
    # not found: over after its days, with its certificates
    desk.run("lost", login)
    desk.s.sql(f"UPDATE sekisho.card SET lost_at = lost_at - interval '15 days' "
               f"WHERE number = '{number}'")
    desk.s.sql("SELECT sekisho.housekeeping()")
    card = desk.show(number)
    assert card["state"] == "revoked" and all(k["revoked_at"] for k in card["keys"])
    desk.run("found", number, *PROOF, status=REFUSED)


def test_revoked_returned_and_issued_again(desk):
    login, other, card = desk.person(), desk.person(), desk.card()
    desk.run("issue", login)
    desk.run("issue", other, typed=OTHER_PIN + "\n", status=REFUSED)
    desk.run("revoke", login, "--why", "stolen")
    desk.run("revoke", login, status=REFUSED)
    assert desk.counts(login) == []
    desk.run("return", login)
    desk.run("issue", other, typed=OTHER_PIN + "\n")
    assert len(desk.counts(other)) == 1
    works(desk, card, OTHER_PIN)


def test_unblock(desk):
    login, card = desk.person(), desk.card()
    desk.run("issue", login)
    for _ in range(3):
        card.piv_tool("-a", "verify-pin", "-P", "999999", check=False)
    assert card.counters()["pin_tries"] == 0
    desk.run("pin-change", typed=f"{PIN}\n{OTHER_PIN}\n", status=REFUSED)
    desk.run("unblock", login, typed=OTHER_PIN + "\n", status=USAGE)
    desk.run("unblock", desk.person(), *PROOF, typed=OTHER_PIN + "\n", status=REFUSED)
    # interrupted at each of the last commands, it still ends well
    for n in (12, 13, 14, 15, 16):
        card.fault("remove-at", n, "after")
        run("card-admin", "card", "unblock", login, *PROOF, input=OTHER_PIN + "\n", check=False,
            env=desk.s.env)
        card.fault("clear")
        card.insert()
    desk.run("unblock", login, *PROOF, typed=OTHER_PIN + "\n")
    works(desk, card, OTHER_PIN)
    asked = [a for a in desk.s.audit(login) if a["reason"] == "card_puk_asked"]
    assert asked and PROOF[1] in json.dumps(asked[-1]["detail"])


def test_pin_change(desk):
    login, card = desk.person(), desk.card()
    desk.run("issue", login)
    desk.run("pin-change", typed=f"999999\n{OTHER_PIN}\n", status=REFUSED)
    assert "2" in desk.said
    desk.run("pin-change", typed=f"{PIN}\n121212\n", status=REFUSED)
    desk.run("pin-change", typed=f"{PIN}\n{OTHER_PIN}\n")
    works(desk, card, OTHER_PIN)


def test_prepare_and_activate(desk):
    login, card = desk.person(), desk.card()
    prepared = desk.ask("prepare", "--number", f"66{desk.n:05d}")
    assert (prepared["state"], prepared["status"], prepared["login"]) == ("prepared", "pending", None)
    assert desk.ask("prepare")["id"] == prepared["id"]
    for pin in ("123456", "000000"):
        assert card.piv_tool("-a", "verify-pin", "-P", pin, check=False).returncode != 0
    desk.run("issue", login, status=REFUSED)
    desk.run("activate", login, status=USAGE)
    card.fault("remove-at", 20)
    desk.run("activate", login, *PROOF, status=READER)
    assert desk.counts(login) == []
    card.fault("clear")
    card.insert()
    desk.run("activate", desk.person(), *PROOF, status=REFUSED)
    desk.run("activate", login, *PROOF)
    assert len(desk.counts(login)) == 1
    works(desk, card, PIN)
    assert any(PROOF[1] in json.dumps(a["detail"]) for a in desk.s.audit(login))


def test_temporary(desk):
    login, card = desk.person(), desk.card()
    desk.run("issue", login)
    card.remove()
    desk.card()
    desk.run("temporary", login, *PROOF, "--until", "2099-01-01", status=REFUSED)
    desk.run("prepare")
    desk.run("temporary", login, *PROOF, "--until", "2099-01-01", status=REFUSED)
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + 3600))
    handed = desk.ask("temporary", login, *PROOF, "--until", until)
    assert handed["temporary_until"] and len(desk.counts(login)) == 2
    desk.s.sql(f"SELECT sekisho.card_temporary_end((SELECT id FROM sekisho.person "
               f"WHERE login = '{login}'))")
    assert [c["temporary_until"] for c in desk.counts(login)] == [None]
    # the plastic goes back into the stock, and out again until its time is over
    desk.run("prepare")
    handed = desk.ask("temporary", login, *PROOF, "--until", until)
    desk.s.sql(f"UPDATE sekisho.card SET temporary_until = clock_timestamp() "
               f"WHERE token_id = '{handed['id']}'")
    desk.s.sql("SELECT sekisho.housekeeping()")
    assert len(desk.counts(login)) == 1


def test_renew_and_replace(desk):
    login, card = desk.person(), desk.card()
    desk.run("issue", login)
    old = {k["key_id"] for k in desk.counts(login)[0]["keys"]}
    desk.s.sql("UPDATE sekisho.card_key SET valid_until = clock_timestamp() + interval '30 days'")
    assert login in {c["login"] for c in desk.ask("list", "--expires-within", "90d")}
    desk.run("renew", login, typed="999999\n", status=REFUSED)
    desk.run("renew", login)
    new = {k["key_id"] for k in desk.counts(login)[0]["keys"] if not k["revoked_at"]}
    assert len(new) == 2 and not new & old
    assert login not in {c["login"] for c in desk.ask("list", "--expires-within", "90d")}
    works(desk, card, PIN)
    first = desk.counts(login)[0]["id"]
    card.remove()
    desk.card()
    desk.run("replace", login, "--why", "worn", typed=OTHER_PIN + "\n")
    assert [c["id"] for c in desk.counts(login)] != [first] and len(desk.counts(login)) == 1
    assert desk.show(first)["state"] == "revoked"


def test_import(desk, tmp_path):
    login, card = desk.person(), desk.card()
    begun = len(desk.ask("list", "--state", "new"))
    serial = int.from_bytes(bytes.fromhex(card.state()["card"]["serial"]), "big")
    path = tmp_path / "cards.csv"
    rows = [f"9{n:06d},YubiKey {n + 2 ** 31},\r\n" for n in range(300)]
    path.write_text("number,device,login\r\n" + "".join(rows) +
                    f"4711,YubiKey {serial},{login}\r\n4712,YubiKey 7,nobody-at-all\r\n,,\r\n")
    dry = desk.ask("import", str(path), "--dry-run", status=REFUSED)
    assert [r["outcome"] for r in dry].count("would_add") == 301
    assert len(desk.ask("list", "--state", "new")) == begun
    real = desk.ask("import", str(path), status=REFUSED)
    assert [r["outcome"] for r in real].count("added") == 301
    assert [r["line"] for r in real if r["outcome"] == "refused"] == [303, 304]
    again = desk.ask("import", str(path), status=REFUSED)
    assert [r["outcome"] for r in again].count("same") == 301
    assert desk.counts(login) == []
    desk.run("issue", desk.person(), status=REFUSED)
    desk.run("issue", login)
    assert desk.show("4711")["login"] == login
    assert desk.ask("inventory")["states"]["new"] == begun + 300


@pytest.mark.parametrize("algorithm", ["ECCP256", "RSA2048"])
def test_bind(desk, tmp_path, algorithm):
    """A card that another authority issued, through OpenSC."""
    login, card = desk.person(), desk.card()
    card.personalise(CA(tmp_path), subject="somebody", s9a=algorithm, s9e="ECCP256")
    desk.run("bind", login, "--module", "/nonexistent.so", typed="123456\n", status=READER)
    desk.run("bind", login, typed="123456\n", status=REFUSED)
    desk.run("bind", login, "--object", "01", typed="999999\n", status=REFUSED)
    assert desk.counts(login) == []
    desk.run("bind", login, "--object", "01", typed="123456\n", status=REFUSED)
    assert "--acceptance" in desk.said and desk.counts(login) == []
    accepted = ("--acceptance", "Tanaka, 2026-11")
    bound = desk.ask("bind", login, "--object", "01", *accepted, typed="123456\n")
    (key,) = bound["keys"]
    assert (bound["origin"], bound["status"]) == ("bound", "active")
    assert (key["pin"], key["pin_known_by"]) == ("enforced", "the PIV card refused before PIN")
    # a year at most, and another after it has signed again
    days = ("SELECT round(extract(epoch FROM valid_until - now()) / 86400) FROM sekisho.card_key "
            f"WHERE token_id = '{bound['id']}'")
    assert int(desk.s.sql(days)) <= 365
    desk.s.sql(f"UPDATE sekisho.card_key SET valid_until = now() + interval '1 day' WHERE token_id = '{bound['id']}'")
    again = desk.ask("bind", login, "--object", "01", *accepted, typed="123456\n")
    assert again["id"] == bound["id"] and len(desk.counts(login)) == 1
    assert int(desk.s.sql(days)) > 3  # as long as its certificate
    other = desk.person()
    desk.run("bind", other, "--object", "01", *accepted, typed="123456\n", status=REFUSED)
    assert login in desk.said and desk.counts(other) == []
    desk.run("lost", login)
    assert desk.counts(login) == []


def test_bind_a_card_whose_pin_nobody_can_see(desk, tmp_path):
    """The key of card authentication signs without a PIN: no knowledge."""
    login, card = desk.person(), desk.card()
    card.personalise(CA(tmp_path), s9a="ECCP256", s9e="ECCP256")
    bound = desk.ask("bind", login, "--object", "04", "--acceptance", "Tanaka", typed="123456\n")
    assert bound["keys"][0]["pin"] == "unknown"


def test_the_night(desk):
    """What the night may do it can do with its own rights, and the day sees it."""
    night = {"PGUSER": "sekisho_night"}
    login, card = desk.person(), desk.card()
    desk.run("issue", login)
    desk.run("lost", login, env=night)
    desk.run("found", login, *PROOF, env=night)
    for words in (["revoke", login], ["suspend", login], ["list"], ["issue", desk.person()],
                  ["review"]):
        desk.run(*words, status=REFUSED, env=night)
    card.remove()
    desk.card()
    desk.run("prepare")
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + 3600))
    desk.run("temporary", login, *PROOF, "--until", until, env=night)
    assert len(desk.counts(login)) == 2
    done = run("card-admin", "unlock", login, env=dict(desk.s.env, **night))
    assert done.returncode == DONE
    acts = [a for a in desk.ask("review") if a["login"] == login]
    assert [a["reason"] for a in acts if not a["reason"].endswith("_asked")] == \
        ["card_lost", "card_found", "card_temporary", "unlock"]
    assert desk.ask("review", "--seen", str(acts[-1]["id"])) == []


def test_a_card_that_attests(desk):
    """What the card says of its keys is checked against its own chain and kept."""
    login = desk.person()
    desk.card(ca=desk.rig.dir / "attestation.pem")
    issued = desk.ask("issue", login)
    for slot, policy in (("9a", 2), ("9e", 1)):
        said = issued["attestation"][slot]
        assert said["chain"] == "own" and said["pin_policy"] == policy
        assert f"YubiKey {said['serial']}" == issued["device"]
    assert issued["keys"][0]["pin_known_by"] == "refused before PIN, attested"


def test_a_card_of_the_standard_only(desk):
    """Its management key cannot be changed, so it is not taken."""
    login = desk.person()
    desk.card(standard_only=True)
    desk.run("issue", login, status=READER)
    assert "bind" in desk.said and desk.ask("list", "--login", login) == []
