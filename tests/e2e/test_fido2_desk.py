# SPDX-License-Identifier: GPL-2.0-or-later
"""The security office and its FIDO2 keys: the real card-admin and libfido2, a
key in software (tests/rigs/fido2key)."""

import json
import os
import signal
import subprocess
import threading
import time

import pytest

from keyward import PIN
from sekisho import run, wait_for
from softfido import RP, begin, credentials
from softkey import SoftKey


@pytest.fixture(scope="module")
def office(shared):
    shared.admin("setting", "set", "fido2.rp_id", RP)
    yield shared
    for name, value in (("fido2.rp_id", ""), ("fido2.attestation", "none"), ("fido2.syncable", "refuse")):
        shared.admin("setting", "set", name, value)


@pytest.fixture
def p(office):
    return office.person(token=False)


@pytest.fixture
def make():
    keys = []

    def make(**options):
        keys.append(SoftKey(**options))
        return keys[-1]

    yield make
    for key in keys:
        key.close()


def enrol(s, p, key, *more, input=PIN + "\n", check=True):
    return s.admin("fido2", "enrol", p.login, "--device", key.path, *more, input=input, check=check)


def refused(done, code, text):
    assert done.returncode == code, (done.returncode, done.stderr)
    assert text in done.stderr, done.stderr


def test_enrol_and_its_life(office, p, make):
    key = make(pin=PIN)
    made = enrol(office, p, key, "--label", "blue")
    assert made["uv"] == "pin" and made["attestation"] == "self" and made["label"] == "blue"
    assert made["counts"] and made["origin"] == "usb" and not made["backup_eligible"]
    first = begin(office.terminal, p.login)
    assert credentials(first) == [bytes.fromhex(made["credential"])]
    # the same key again
    refused(enrol(office, p, key, check=False), 1, "enrolled already")
    # for somebody else it is another credential
    other = office.person(token=False)
    assert enrol(office, other, key)["credential"] != made["credential"]
    s = office
    assert s.admin("fido2", "rename", p.login, "blue", "on the ring")["label"] == "on the ring"
    assert s.admin("fido2", "suspend", p.login, made["id"][:8], "--why", "test")["state"] == "suspended"
    refused(s.admin("fido2", "suspend", p.login, "on the ring", check=False), 1, "suspended already")
    assert begin(s.terminal, p.login) and credentials(begin(s.terminal, p.login)) != credentials(first)
    assert s.admin("fido2", "resume", p.login, "on the ring")["state"] == "active"
    assert s.admin("fido2", "lost", p.login, "on the ring")["state"] == "lost"
    assert s.admin("fido2", "resume", p.login, "on the ring", "--why", "found")["state"] == "active"
    assert s.admin("fido2", "revoke", p.login, "on the ring")["state"] == "revoked"
    refused(s.admin("fido2", "resume", p.login, made["id"][:8], check=False), 1, "revoked for good")
    refused(s.admin("fido2", "show", p.login, "nothing", check=False), 1, "has no key")
    assert [k["state"] for k in s.admin("fido2", "list", p.login)] == ["revoked"]
    words = [r["reason"] for r in s.audit(p.login) if r["reason"].startswith("fido2")]
    assert words == ["fido2_begin", "fido2_enrol", "fido2_begin", "fido2_rename", "fido2_suspended",
                     "fido2_resume", "fido2_lost", "fido2_resume", "fido2_revoked"], words


def test_a_new_key_gets_a_pin(office, p, make):
    key = make(uv="pin")
    for bad, text in (("123456", "counts up"), ("12", "6 to 8"), ("111111", "")):
        done = enrol(office, p, key, input=bad + "\n", check=False)
        assert done.returncode in (1, 2) and text in done.stderr, done.stderr
    assert enrol(office, p, key, input=PIN + "\n")["uv"] == "pin"
    assert enrol(office, office.person(token=False), key)["uv"] == "pin", "it has that PIN now"


def test_fingers_and_plain_keys(office, p, make):
    assert enrol(office, p, make(uv="fingerprint", pin=PIN), input="")["uv"] == "fingerprint"
    plain = make(uv="none")
    refused(enrol(office, p, plain, "--uv", "required", input="", check=False), 1, "neither PIN nor finger")
    assert enrol(office, p, plain, "--uv", "none", input="")["uv"] == "none"
    assert enrol(office, p, make(alg="eddsa", pin=PIN))["algorithm"] == -8


def test_what_goes_wrong_at_the_key(office, p, make):
    key = make(pin=PIN)
    refused(enrol(office, p, key, input="999999\n", check=False), 4, "wrong")
    key.fault("removed", 1)
    done = enrol(office, p, key, check=False)
    assert done.returncode == 4 and done.stderr, done.stderr
    key.insert()
    key.fault("garbage", 1)
    assert enrol(office, p, key, check=False).returncode == 4
    key.fault("clear")
    key.fault("blocked")
    done = enrol(office, p, key, check=False)
    assert done.returncode == 4 and "block" in done.stderr.lower(), done.stderr
    absent = make(pin=PIN, absent=True)
    refused(enrol(office, p, absent, check=False), 4, "no key is plugged in")
    assert office.admin("fido2", "list", p.login) == []


@pytest.mark.parametrize("fault", ["wrong-signature", "no-uv-flag", "wrong-rp", "truncated"])
def test_a_key_that_says_something_wrong(office, p, make, fault):
    key = make(pin=PIN, fault=fault)
    done = enrol(office, p, key, check=False)
    assert done.returncode in (1, 4) and done.stderr, done.stderr
    assert office.admin("fido2", "list", p.login) == []


def test_stopped_before_the_touch(office, p, make):
    key = make(pin=PIN, touch="never")
    process = subprocess.Popen(["card-admin", "fido2", "enrol", p.login, "--device", key.path],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env=office.env,
                               # a shell's job in the background has it ignored
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    process.stdin.write(PIN + "\n")
    process.stdin.flush()
    wait_for(lambda: key.counters()["blinks"])
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode != 0
    assert office.admin("fido2", "list", p.login) == []
    key.touch(0)
    assert enrol(office, p, key)["counts"], "and again, to the end"


def test_database_gone_in_the_middle(own, make):
    s = own()
    s.admin("setting", "set", "fido2.rp_id", RP)
    q = s.person(token=False)
    key = make(pin=PIN, touch="never")
    done = []
    thread = threading.Thread(target=lambda: done.append(enrol(s, q, key, check=False)))
    thread.start()
    wait_for(lambda: key.counters()["blinks"])
    s.instance("stop", "pg")
    key.touch()
    thread.join(60)
    assert done and done[0].returncode == 3, done
    s.instance("start", "pg")
    key.touch(0)
    wait_for(lambda: s.admin("fido2", "list", q.login, check=False) == [])
    assert enrol(s, q, key)["counts"]


def test_rules_of_the_house(office, p, make):
    s = office
    cloud = make(pin=PIN, syncable=True)
    refused(enrol(s, p, cloud, check=False), 1, "copied")
    s.admin("setting", "set", "fido2.syncable", "accept")
    assert enrol(s, p, cloud)["backup_eligible"]
    s.admin("setting", "set", "fido2.syncable", "refuse")
    key = make(pin=PIN, aaguid="112233445566778899aabbccddeeff00")
    s.admin("setting", "set", "fido2.attestation", "listed")
    try:
        refused(enrol(s, p, key, check=False), 1, "11223344-5566-7788-99aa-bbccddeeff00")
        s.admin("fido2", "model-add", "11223344-5566-7788-99aa-bbccddeeff00", "--name", "Demo key")
        refused(enrol(s, p, key, check=False), 1, "could not prove")
        assert [m["name"] for m in s.admin("fido2", "model-list")] == ["Demo key"]
        s.admin("fido2", "model-remove", "11223344-5566-7788-99aa-bbccddeeff00")
        refused(s.admin("fido2", "model-remove", "11223344-5566-7788-99aa-bbccddeeff00", check=False), 1, "not listed")
        refused(s.admin("fido2", "model-add", "nonsense", "--name", "x", check=False), 2, "AAGUID")
    finally:
        s.admin("setting", "set", "fido2.attestation", "none")
    s.admin("setting", "set", "fido2.rp_id", "")
    refused(enrol(s, p, key, check=False), 1, "fido2.rp_id")
    s.admin("setting", "set", "fido2.rp_id", RP)
    for name, value in (("fido2.rp_id", "https://x"), ("fido2.origins", "ftp://x"), ("fido2.syncable", "yes"),
                        ("fido2.attestation", "some")):
        assert s.admin("setting", "set", name, value, check=False).returncode == 1


def test_two_officers_at_once(office, p, make):
    """The eighth key is the last, whoever enrols it."""
    for _ in range(7):
        enrol(office, p, make(pin=PIN))
    keys, done = [make(pin=PIN), make(pin=PIN)], []
    threads = [threading.Thread(target=lambda k=k: done.append(enrol(office, p, k, check=False))) for k in keys]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    good = [d for d in done if isinstance(d, dict)]
    assert len(good) == 1 and len(office.admin("fido2", "list", p.login)) == 8
    bad = [d for d in done if not isinstance(d, dict)]
    refused(bad[0], 1, "eight keys")


def test_challenges_are_ours_and_good_once(office, p):
    other = office.person(token=False)
    options = office.admin("fido2", "invite", p.login)
    assert options["rp"]["id"] == RP and options["pubKeyCredParams"][0]["alg"] == -7
    assert options["attestation"] == "direct"
    for text in ("", "{", "[]", json.dumps({"type": "public-key"}), "x" * 70000):
        done = office.admin("fido2", "import", p.login, input=text, check=False)
        assert done.returncode == 2 and done.stderr, done
    answer = {"type": "public-key", "id": "AAAAAAAAAAAAAAAAAAAAAA", "rawId": "AAAAAAAAAAAAAAAAAAAAAA",
              "response": {"clientDataJSON": "e30", "attestationObject": "oA"}}
    refused(office.admin("fido2", "import", other.login, input=json.dumps(answer), check=False), 1, "no invitation")
    refused(office.admin("fido2", "import", p.login, input=json.dumps(answer), check=False), 1, "incomplete")


def test_officers_at_night_and_auditors(office, p, make):
    made = enrol(office, p, make(pin=PIN), "--label", "k")
    for role, verb, right in (("sekisho_auditor", "list", True), ("sekisho_auditor", "lost", False),
                              ("sekisho_night", "list", True), ("sekisho_night", "revoke", False)):
        call = {"list": "sekisho.fido2_list(NULL)", "lost": f"sekisho.fido2_lost('{made['id']}')",
                "revoke": f"sekisho.fido2_change('{made['id']}', 'revoked')"}[verb]
        try:
            office.sql(f"SET ROLE {role}; SELECT {call}")
            assert right, (role, verb)
        except AssertionError as e:
            assert not right and "permission denied" in str(e), (role, verb, e)
