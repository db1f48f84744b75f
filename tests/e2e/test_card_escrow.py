# SPDX-License-Identifier: GPL-2.0-or-later
"""A PUK or management key out of escrow: asked by one officer, approved by
another, collected once. Real clerk and keyring; the card itself is not needed."""

import json
import os
import secrets
import subprocess

import pytest
from cards import Rig
from sekisho import Sekisho, run, wait_for

PIN = "402917"
DONE, REFUSED, USAGE, UNREACHED = 0, 1, 2, 3
WHY = ("--why", "goes to the maker")


class Office:
    def __init__(self):
        self.s = Sekisho("office", ca=True)
        self.rig = None
        try:
            self.rig = Rig()
            self.s.admin("ca", "init", "--name", "Test CA")
            self.s.env["PCSCLITE_CSOCK_NAME"] = self.rig.env["PCSCLITE_CSOCK_NAME"]
            self.asker = self.s.officer("asker", "sekisho_operator", "sekisho_enrolment")
            self.second = self.s.officer("second", "sekisho_approval")
            self.third = self.s.officer("third", "sekisho_operator", "sekisho_approval")
            for name in ("asker", "second", "third"):
                home = self.s.root / name
                home.mkdir()
                getattr(self, name).update(HOME=str(home), XDG_STATE_HOME="")
            self.s.admin("person", "add", "suzuki", "--name", "鈴木 花子")
            self.card = self.rig.card("one").insert()
            run("card-admin", "card", "issue", "suzuki", "--number", "417", input=PIN + "\n",
                env=self.s.env)
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.rig:
            self.rig.close()
        self.s.close()

    def run(self, who, *words, status=DONE, **more):
        done = run("card-admin", *words, env=dict(who, **more), check=False)
        self.said = done.stderr
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def ask(self, who, *words, **more):
        return json.loads(self.run(who, *words, "--json", **more))

    def escrow(self, *words):
        return self.ask(self.asker, "card", "escrow", "417", *WHY, *words)

    def keys(self):
        folder = self.s.root / "asker/.local/state/sekisho/orders"
        return sorted(folder.glob("*")) if folder.exists() else []

    def done(self, order):
        wait_for(lambda: self.ask(self.asker, "order", "show", order["id"])["status"] == "done")


@pytest.fixture(scope="module")
def office():
    o = Office()
    yield o
    o.close()


def test_exported_after_approval(office):
    order = office.escrow()
    (key,) = office.keys()
    assert (key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert order["status"] == "waiting" and key.name == order["id"] + ".key"
    office.run(office.asker, "order", "collect", order["id"], status=REFUSED)
    office.run(office.asker, "order", "approve", order["id"], "--digest", order["digest_shown"],
               status=REFUSED)  # without the right
    office.run(office.second, "order", "approve", order["id"], status=USAGE)
    office.run(office.second, "order", "approve", order["id"], "--digest", "0000 0000 0000 0000 0000",
               status=REFUSED)
    shown = office.run(office.second, "order", "show", order["id"][:8])
    assert order["digest_shown"] in shown and "goes to the maker" in shown and "asker" in shown
    assert "417" in office.run(office.second, "order", "list")
    office.run(office.second, "order", "approve", order["id"][:8], "--digest", order["digest_shown"])
    office.done(order)
    # for who asked alone, on the PC where it was asked
    office.run(office.third, "order", "collect", order["id"], status=REFUSED)
    office.run(office.asker, "order", "collect", order["id"], status=REFUSED,
               XDG_STATE_HOME=str(office.s.root / "elsewhere"))
    key.chmod(0o640)
    office.run(office.asker, "order", "collect", order["id"], status=UNREACHED)
    key.chmod(0o600)
    puk = office.run(office.asker, "order", "collect", order["id"]).strip()
    assert puk.isdigit() and len(puk) == 8
    assert office.keys() == []
    office.run(office.asker, "order", "collect", order["id"], status=REFUSED)
    # it is the card's
    office.card.piv_tool("-a", "unblock-pin", "-P", puk, "-N", PIN, check=True)
    # both names, and every step
    audit = {a["reason"]: a for a in office.s.audit("suzuki")}
    assert audit["escrow_puk_asked"]["actor"] == "asker"
    assert audit["order_approved"]["actor"] == "second"
    assert audit["order_approved"]["detail"]["asked_by"] == "asker"
    assert audit["escrow_puk"]["detail"]["approved_by"] == ["second"]
    assert audit["escrow_puk"]["detail"]["asked_by"] == "asker"
    assert audit["escrow_collected"]["actor"] == "asker"
    assert puk not in json.dumps(office.s.audit("suzuki"))


def test_the_management_key(office):
    order = office.escrow("--secret", "management")
    office.run(office.third, "order", "approve", order["id"], "--digest", order["digest_shown"])
    office.done(order)
    answer = office.ask(office.asker, "order", "collect", order["id"])
    assert answer["kind"] == "escrow_management" and len(answer["secret"]) == 48
    office.card.mgm = answer["secret"]
    try:
        office.card.piv_tool("-a", "set-ccc", check=True)
    finally:
        office.card.mgm = None


def test_not_without_a_reason_or_the_right(office):
    office.run(office.asker, "card", "escrow", "417", status=USAGE)
    office.run(office.asker, "card", "escrow", "417", "--why", " ", status=REFUSED)
    office.s.sql("REVOKE sekisho_enrolment FROM sekisho_operator")
    try:
        office.run(office.third, "card", "escrow", "417", *WHY, status=REFUSED)
    finally:
        office.s.sql("GRANT sekisho_enrolment TO sekisho_operator")
    office.run(office.second, "card", "escrow", "417", *WHY, status=REFUSED)
    assert office.keys() == []


def test_nobody_approves_his_own(office):
    order = office.ask(office.s.env, "card", "escrow", "417", *WHY)
    office.s.sql("GRANT sekisho_approval TO sekisho_operator")
    try:
        office.run(office.s.env, "order", "approve", order["id"], "--digest", order["digest_shown"],
                   status=REFUSED)
        assert "your own" in office.said
    finally:
        office.s.sql("REVOKE sekisho_approval FROM sekisho_operator")
    office.run(office.s.env, "order", "refuse", order["id"])
    office.run(office.second, "order", "approve", order["id"], "--digest", order["digest_shown"],
               status=REFUSED)


def test_refused_and_too_late(office):
    order = office.escrow()
    office.run(office.second, "order", "refuse", order["id"], "--why", "ask her first")
    office.run(office.asker, "order", "collect", order["id"], status=REFUSED)
    assert "another officer" in office.said and office.keys() == []
    order = office.escrow()
    office.s.sql(f"UPDATE sekisho.order_ SET expires_at = clock_timestamp() WHERE id = '{order['id']}'")
    office.run(office.second, "order", "approve", order["id"], "--digest", order["digest_shown"],
               status=REFUSED)
    office.s.sql("SELECT sekisho.housekeeping()")
    office.run(office.asker, "order", "collect", order["id"], status=REFUSED)
    assert "in time" in office.said and office.keys() == []


def test_an_order_that_was_changed_on_its_way(office):
    """Somebody writes the database: the answer would go to his key."""
    order = office.escrow()
    office.s.sql(f"UPDATE sekisho.order_ SET args = '\\x{secrets.token_bytes(100).hex()}' "
                 f"WHERE id = '{order['id']}'")
    changed = office.ask(office.second, "order", "show", order["id"])
    assert changed["digest"][:20] != order["digest_shown"].replace(" ", "")
    office.run(office.second, "order", "approve", order["id"], "--digest", order["digest_shown"],
               status=REFUSED)
    # and after the approval the clerk does not take it
    order = office.escrow()
    office.s.instance("stop", "authd")
    try:
        office.run(office.second, "order", "approve", order["id"], "--digest", order["digest_shown"])
        office.s.sql(f"UPDATE sekisho.order_ SET args = '\\x{secrets.token_bytes(100).hex()}' "
                     f"WHERE id = '{order['id']}'")
    finally:
        office.s.instance("start", "authd")
    wait_for(lambda: office.s.processes("clerk"))
    fresh = office.escrow()
    office.run(office.second, "order", "approve", fresh["id"], "--digest", fresh["digest_shown"])
    office.done(fresh)
    assert office.ask(office.asker, "order", "show", order["id"])["status"] == "new"


def test_work_at_the_desk_waits_where_that_is_demanded(office):
    """card unblock asks for the PUK and waits while another officer agrees."""
    rules = {r["kind"]: r["approvals"] for r in office.ask(office.third, "order", "rules")}
    assert (rules["card_puk"], rules["escrow_puk"]) == (0, 1)
    office.run(office.third, "order", "demand", "card_puk", "--approvals", "1")
    office.run(office.third, "order", "demand", "card_puk", "--approvals", "0", status=REFUSED)
    office.run(office.third, "order", "demand", "escrow_puk", "--approvals", "0", status=REFUSED)
    try:
        process = subprocess.Popen(
            ["card-admin", "card", "unblock", "suzuki", "--identity-proof", "passport"], text=True,
            env=office.s.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write("739105\n")
        process.stdin.close()
        process.stdin = None
        waiting = wait_for(lambda: [o for o in office.ask(office.second, "order", "list")
                                    if o["kind"] == "card_puk" and o["status"] == "waiting"])
        digest = waiting[0]["digest"][:20]
        office.run(office.second, "order", "approve", waiting[0]["id"], "--digest", digest)
        _, err = process.communicate(timeout=60)
        assert process.returncode == DONE, err
        assert " ".join(digest[i:i + 4] for i in range(0, 20, 4)) in err
    finally:
        office.s.sql("SELECT sekisho.order_rule_set('card_puk', 0)")


def test_no_key_is_made_where_it_cannot_be_kept(office):
    (office.s.root / "full").write_text("")
    before = len(office.ask(office.second, "order", "list"))
    office.run(office.asker, "card", "escrow", "417", *WHY, status=UNREACHED,
               XDG_STATE_HOME=str(office.s.root / "full"))
    assert len(office.ask(office.second, "order", "list")) == before
    assert os.access(office.s.root / "full", os.R_OK)
