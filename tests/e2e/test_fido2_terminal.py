# SPDX-License-Identifier: GPL-2.0-or-later
"""A FIDO2 key at a terminal: the real PAM module, helpers and libfido2, a key
in software, and the server's side in Python."""

import os
import signal
import subprocess
import threading
import time

import pytest

from fakeradius import CAPABILITY
from keyrounds import ED, UP, UV
from keyward import (ASKS, PIN, finger_key, pin_key, plain_key, ward)  # noqa: F401 (a fixture)
from sekisho import wait_for
from terminal import STACK

TOUCH = "Touch your security key when it blinks"


def test_pin_and_touch(ward):
    w = ward(pin_key())
    code, seen = w.login("sato", [(ASKS, PIN), (TOUCH, None)], actions=("authenticate", "acct_mgmt"))
    log = w.terminal.logged()
    assert code == 0, (seen, log)
    assert w.events == ["challenge", "signed"] and w.rounds.flags == [UP | UV]
    assert PIN not in seen and PIN not in log and "Password" not in seen
    first, second = w.server.requests
    assert first.ours(CAPABILITY) == [b"fido2"] and first.password is None
    assert not second.ours(CAPABILITY) and second.password is None


@pytest.mark.parametrize("options", [
    {"alg": "eddsa"}, {"pin_protocols": "1"}, {"pin_protocols": "2"}, {"id_length": 16},
    {"id_length": 384}, {"no_counter": True}, {"syncable": True}],
    ids=lambda o: "-".join(f"{k}-{v}" for k, v in o.items()))
def test_other_keys(ward, options):
    w = ward(pin_key(**options))
    for _ in range(2):
        code, seen = w.login("sato", [(ASKS, PIN)])
        assert code == 0, (seen, w.events, w.terminal.logged())


def test_eight_keys_are_more_than_one_attribute(ward):
    """Of the eight that sato has, this is the last in the list."""
    key = pin_key(id_length=384)
    w = ward(key)
    mine = w.rounds.keys["sato"]
    for _ in range(7):
        mine.insert(0, key.credential(b"x" * 16, rp="elsewhere.example"))
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0, (seen, w.terminal.logged())


def test_the_name_is_asked_for_first(ward):
    w = ward(pin_key())
    w.terminal.stack(STACK)
    code, seen = w.login("", [("login:", "SATO"), (ASKS, PIN)], actions=("authenticate", "acct_mgmt"))
    assert code == 0, (seen, w.terminal.logged())


def test_a_key_that_knows_nobody_is_followed_by_the_password(ward):
    w = ward(plain_key())
    code, seen = w.login("sato", [(TOUCH, None), ("Enter your password: ", "right")])
    assert code == 0, (seen, w.terminal.logged())
    assert ASKS not in seen and w.rounds.flags == [UP]
    assert w.events == ["challenge", "signed", "password after key"]
    code, seen = w.login("sato", [("Enter your password: ", "wrong")])
    assert code != 0 and "reference K7-4822" in seen
    w.rounds.says = ""  # a server without words asks for no code
    code, seen = w.login("sato", [("Password: ", "right")])
    assert code == 0, (seen, w.terminal.logged())


def test_a_fingerprint_is_enough(ward):
    w = ward(finger_key())
    code, seen = w.login("sato", [("Put your finger on your security key", None)])
    assert code == 0 and ASKS not in seen and w.rounds.flags == [UP | UV], (
        seen, w.terminal.logged())


def test_a_finger_that_does_not_match(ward):
    key = finger_key()
    w = ward(key)
    key.fault("wrong-finger", 1)
    code, seen = w.login("sato", [("does not match. 4 more", None)])
    assert code == 0, (seen, w.terminal.logged())
    key.fault("wrong-finger")
    code, seen = w.login("sato", [])
    assert code != 0 and seen.count("does not match") == 3 and "Authentication failed" in seen
    # the fifth in all: it takes its PIN then, which says more than a finger
    key.fault("wrong-finger", 2)
    code, seen = w.login("sato", [("takes no more fingerprints", None), (ASKS, PIN)])
    assert code == 0 and w.rounds.flags[-1] == UP | UV, (seen, w.terminal.logged())
    code, seen = w.login("sato", [(ASKS, PIN)])  # from the start
    assert code == 0, (seen, w.terminal.logged())


def test_a_wrong_pin_says_how_many_tries_are_left(ward):
    w = ward(pin_key())
    code, seen = w.login("sato", [(ASKS, "111111"), ("After 7 more wrong tries", None), (ASKS, PIN)])
    assert code == 0, (seen, w.terminal.logged())
    assert w.events == ["challenge", "signed"]
    w.terminal.set(language="ja", contact="1234")
    asks = "セキュリティキーの暗証番号(PIN)を入力してください: "
    code, seen = w.login("sato", [(asks, "111111"), (asks, PIN)])
    assert code == 0, (seen, w.terminal.logged())
    assert "PINが違います。あと7回間違えるとセキュリティキーが使えなくなります" in seen
    assert "内線1234へ" in seen and "セキュリティキーが光ったら" in seen
    assert "111111" not in w.terminal.logged()


def test_three_in_a_row_and_it_must_be_pulled_out(ward):
    key = pin_key()
    w = ward(key)
    code, seen = w.login("sato", [(ASKS, "111111"), (ASKS, "222222"), (ASKS, "333333"),
                                  ("Pull it out, plug it in again", None)])
    assert code != 0 and "Password" not in seen, (seen, w.terminal.logged())
    code, seen = w.login("sato", [(ASKS, PIN), ("Pull it out, plug it in again", None)])
    assert code != 0 and key.counters()["retries"] == 5
    key.remove()
    key.insert()
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0 and key.counters()["retries"] == 8, (seen, w.terminal.logged())


def test_the_last_try_is_named_and_then_it_is_blocked_for_good(ward):
    key = pin_key()
    w = ward(key)
    for tries in (7, 5, 3):
        for _ in range(2):
            code, seen = w.login("sato", [(ASKS, "111111"), (f"After {tries}", None), (ASKS, ""),
                                          ("Password: ", "wrong")])
            assert code != 0, (seen, w.terminal.logged())
            tries -= 1
        key.remove()
        key.insert()
    assert key.counters()["retries"] == 2
    code, seen = w.login("sato", [(ASKS, "111111"), ("THIS IS THE LAST TRY", None), (ASKS, "")] +
                         [("Password: ", "wrong")])
    assert code != 0 and "After 1 more" in seen
    code, seen = w.login("sato", [("THIS IS THE LAST TRY", None), (ASKS, "111111"),
                                  ("blocked for good", None), ("Password: ", "right"),
                                  ("Enter the 6 digits: ", "123456")])
    assert code == 0, (seen, w.terminal.logged())
    code, seen = w.login("sato", [("blocked for good", None), ("Password: ", "wrong")])
    assert code != 0 and ASKS not in seen


def test_what_no_key_would_take_spends_nothing(ward):
    key = pin_key()
    w = ward(key)
    code, seen = w.login("sato", [(ASKS, "123"), (ASKS, "1" * 64), (ASKS, PIN)])
    assert code == 0 and seen.count("Nothing was sent to the key") == 2
    # characters, not octets: of three there are nine
    code, seen = w.login("sato", [(ASKS, "暗証番"), ("Nothing was sent", None), (ASKS, PIN)])
    assert code == 0 and key.counters()["pins"] == 2


def test_without_a_key_the_password_is_asked_for(ward):
    key = pin_key(absent=True)
    w = ward(key)
    code, seen = w.login("sato", [("Password: ", "right"), ("Enter the 6 digits: ", "123456")])
    assert code == 0 and "security key" not in seen
    assert w.events == ["password", "code"]
    assert w.server.requests[0].ours(CAPABILITY) == [b"fido2"]


def test_a_reader_that_fails_leaves_the_key(ward):
    """Of card and key the card goes first; the server hears of both."""
    w = ward(pin_key(), card=True, pcsc_socket="/nowhere/pcscd.comm")
    code, seen = w.login("sato", [("card reader does not work", None), (ASKS, PIN)])
    assert code == 0, (seen, w.terminal.logged())
    assert w.server.requests[0].ours(CAPABILITY) == [b"card", b"fido2"]


def test_off_as_delivered(ward):
    w = ward(pin_key(), fido2=None)
    code, seen = w.login("sato", [("Password: ", "right"), ("Enter the 6 digits: ", "123456")])
    assert code == 0 and not w.server.requests[0].ours(CAPABILITY)
    w.terminal.set(fido2=True, client_id=None)
    code, seen = w.login("sato", [("Password: ", "right"), ("Enter the 6 digits: ", "123456")])
    assert code == 0 and "client_id is not set: no FIDO2 key" in w.terminal.logged()


def test_somebody_elses_key(ward):
    other = pin_key()
    w = ward(others=[other])
    other.credential(b"k" * 16)
    for name in ("sato", "nobody-at-all"):  # both are answered alike
        code, seen = w.login(name, [("is not registered for you", None), ("Password: ", "wrong")])
        assert code != 0 and ASKS not in seen
    # its own person's credentials for another relying party do not count either
    w.rounds.keys["sato"] = [other.credential(b"s" * 16, rp="elsewhere.example")]
    code, seen = w.login("sato", [("is not registered for you", None), ("Password: ", "wrong")])
    assert code != 0 and other.counters()["touches"] == 0


def test_a_foreign_key_beside_the_own_one(ward):
    own, other = pin_key(), pin_key()
    other.credential(b"k" * 16)
    w = ward(own, others=[other])
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0 and "Touch the one" not in seen, (seen, w.terminal.logged())
    assert other.counters()["touches"] == 0


def test_pulled_out_while_it_waits_for_the_touch(ward):
    key = pin_key()
    w = ward(key)
    key.fault("removed", 1)
    code, seen = w.login("sato", [(ASKS, PIN), ("pulled out too early", None)])
    assert code != 0 and "Password" not in seen, (seen, w.terminal.logged())
    key.insert()
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0, (seen, w.terminal.logged())
    # and while its PIN is typed
    code, seen = w.login("sato", [(ASKS, lambda: key.remove() or PIN), ("pulled out", None)])
    assert code != 0, (seen, w.terminal.logged())


def test_never_touched(ward):
    key = pin_key(touch="never")
    w = ward(key, fido2_touch_s=5)
    began = time.monotonic()
    code, seen = w.login("sato", [(ASKS, PIN), ("Nobody touched", None), ("Password: ", "wrong")])
    assert code != 0 and 4.5 < time.monotonic() - began < 14, (seen, w.terminal.logged())
    assert not key.counters()["blinks"] and key.counters()["signatures"] == 0
    # touched late
    thread = threading.Thread(target=lambda: (time.sleep(1.5), key.touch_when_it_blinks()))
    thread.start()
    code, seen = w.login("sato", [(ASKS, PIN)])
    thread.join()
    assert code == 0, (seen, w.terminal.logged())


def test_who_goes_away_leaves_no_key_blinking(ward):
    key = plain_key(touch="never")
    w = ward(key)

    def leave():
        wait_for(lambda: key.counters()["blinks"], 10)
        found = subprocess.run(["pgrep", "-f", f"pamtester.*sekisho-test.*sato-{key.dir.name}"],
                               text=True, capture_output=True).stdout.split()
        for pid in found:
            os.kill(int(pid), signal.SIGKILL)
        assert found

    w.rounds.keys[f"sato-{key.dir.name}"] = w.rounds.keys["sato"]
    code, _ = w.login(f"sato-{key.dir.name}", [(TOUCH, leave)])
    assert code != 0
    wait_for(lambda: not key.counters()["blinks"], 5)


def test_the_first_touched_of_two_wins_and_the_other_stops_blinking(ward):
    first, second = plain_key(touch="never"), plain_key(touch="never")
    w = ward(first, second)
    thread = threading.Thread(target=second.touch_when_it_blinks)
    thread.start()
    code, seen = w.login("sato", [("Enter your password: ", "right")])
    thread.join()
    assert code == 0, (seen, w.terminal.logged())
    assert second.counters()["signatures"] == 1
    assert first.counters()["signatures"] == 0
    assert not first.counters()["blinks"] and first.counters()["cancels"] == 1
    # one that is pulled out leaves the other
    first.fault("removed", 1)
    thread = threading.Thread(target=second.touch_when_it_blinks)
    thread.start()
    code, seen = w.login("sato", [("Enter your password: ", "right")])
    thread.join()
    assert code == 0, (seen, w.terminal.logged())


def test_of_two_with_a_pin_the_touched_one_is_asked(ward):
    first, second = pin_key(touch="never"), pin_key(touch="never")
    w = ward(first, second)

    def touch_twice():
        second.touch_when_it_blinks()
        wait_for(lambda: not second.counters()["blinks"])
        second.touch_when_it_blinks()

    thread = threading.Thread(target=touch_twice)
    thread.start()
    code, seen = w.login("sato", [("Touch the one you want to use", None), (ASKS, PIN)])
    thread.join()
    assert code == 0, (seen, w.terminal.logged())
    assert first.counters()["pins"] == 0 and first.counters()["cancels"] == 1
    assert second.counters()["signatures"] == 1


@pytest.mark.parametrize("fault, found", [
    ("wrong-signature", "wrong signature"), ("counter-back", "counter"),
    ("counter-still", "counter"), ("no-up-flag", "no presence"), ("be-flag", "backup changed"),
    ("bs-flag", "backup changed"), ("wrong-rp", "wrong rp"), ("trailing", "malformed")])
def test_what_the_server_refuses_is_refused(ward, fault, found):
    key = pin_key()
    w = ward(key)
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0, (seen, w.terminal.logged())
    key.fault(fault, 1)
    code, seen = w.login("sato", [(ASKS, PIN)])
    if fault.startswith("counter") and w.events[-1] == "signed":
        # the fault was the look's, which is nothing that the server sees
        key.fault(fault)
        code, seen = w.login("sato", [(ASKS, PIN)])
    assert code != 0 and w.events[-1] == found, (seen, w.events, w.terminal.logged())
    assert "reference K7-4821" in seen and "Password" not in seen


def test_an_extension_is_the_servers_to_judge(ward):
    key = pin_key()
    w = ward(key)
    key.fault("extension")
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0 and w.rounds.flags == [UP | UV | ED], (seen, w.terminal.logged())


def test_verification_that_is_demanded(ward):
    key, plain = pin_key(), plain_key()
    w = ward(key)
    w.rounds.verify = "required"
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0, (seen, w.terminal.logged())
    key.fault("no-uv-flag", 1)
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code != 0 and w.events[-1] == "no verification"
    v = ward(plain)
    v.rounds.verify = "required"
    code, seen = v.login("sato", [("has no PIN and no fingerprint", None), ("Password: ", "wrong")])
    assert code != 0 and plain.counters()["touches"] == 0
    code, seen = v.login("sato", [("Password: ", "wrong")])
    v.rounds.verify = "sometimes"  # a word of a later version: the reply is not taken
    code, seen = v.login("sato", [], timeout=40)
    assert code != 0 and "a word that this terminal does not know" in v.terminal.logged()


@pytest.mark.parametrize("fault", ["garbage", "truncated", "sequence", "wrong-credential"])
def test_a_key_that_lies_signs_nothing(ward, fault):
    key = plain_key()
    w = ward(key)
    key.fault(fault)
    code, seen = w.login("sato", [("does not work as it should", None), ("Password: ", "wrong")])
    assert code != 0 and "a FIDO2 key did not do its part" in w.terminal.logged(), seen
    assert "signed" not in w.events
    key.fault("clear")
    code, seen = w.login("sato", [("Enter your password: ", "right")])
    assert code == 0, (seen, w.terminal.logged())


def test_a_key_that_hangs_holds_nobody_up(ward):
    key = plain_key()
    w = ward(key)
    key.fault("silent")
    began = time.monotonic()
    code, seen = w.login("sato", [("does not work as it should", None), ("Password: ", "right"),
                                  ("Enter the 6 digits: ", "123456")], timeout=60)
    assert code == 0 and time.monotonic() - began < 25, (seen, w.terminal.logged())
    key.fault("clear")
    key.fault("slow", 700)  # each answer; that is slow, and no fault
    code, seen = w.login("sato", [("Enter your password: ", "right")])
    assert code == 0, (seen, w.terminal.logged())


def test_a_helper_that_is_gone_leaves_the_password(ward):
    w = ward(plain_key(), fido2_user="nobody-of-that-name")
    code, seen = w.login("sato", [("Password: ", "right"), ("Enter the 6 digits: ", "123456")])
    assert code == 0 and "no FIDO2 helper" in w.terminal.logged()


def test_nothing_is_signed_for_another_client(ward):
    key = pin_key()
    w = ward(key)
    for field, value in (("told_client_id", "11111111-1bbe-4920-9b02-4d56b53aab42"),
                         ("purpose", "operator")):
        old = getattr(w.rounds, field)
        setattr(w.rounds, field, value)
        code, seen = w.login("sato", [])
        assert code != 0 and "not set up correctly" in seen and ASKS not in seen
        assert "nothing was signed: the challenge is not for this terminal" in w.terminal.logged()
        setattr(w.rounds, field, old)
    w.terminal.set(server_id="another.example")
    code, seen = w.login("sato", [])
    assert code != 0 and "nothing was signed" in w.terminal.logged()
    assert key.counters()["messages"] == 0


def test_who_comes_from_afar_is_not_asked_for_the_key_here(ward):
    key = pin_key()
    w = ward(key)
    code, seen = w.login("sato", [("Password: ", "right"), ("Enter the 6 digits: ", "123456")],
                         pamtester=("-I", "rhost=192.0.2.7"))
    assert code == 0 and key.counters()["messages"] == 0
    assert not w.server.requests[0].ours(CAPABILITY)


def test_a_key_in_place_of_the_code(ward):
    """It is plugged in only when the code is asked for."""
    key = pin_key(absent=True)
    w = ward(key)
    code, seen = w.login("sato", [("Password: ", lambda: key.insert() and "right")])
    assert code == 0, (seen, w.terminal.logged())
    assert w.events == ["password", "signed"] and w.rounds.flags == [UP]  # and no PIN
    assert ASKS not in seen and "6 digits" not in seen
    # on demand it verifies; who presses Enter is asked for the code
    key.remove()
    w.rounds.verify = "required"
    code, seen = w.login("sato", [("Password: ", lambda: key.insert() and "right"), (ASKS, PIN)])
    assert code == 0 and w.rounds.flags[-1] == UP | UV, (seen, w.terminal.logged())
    key.remove()
    code, seen = w.login("sato", [("Password: ", lambda: key.insert() and "right"), (ASKS, ""),
                                  ("Enter the 6 digits: ", "123456")])
    assert code == 0 and w.events[-2:] == ["password", "code"], (seen, w.terminal.logged())


def test_in_place_of_the_code_nothing_is_said_of_others_keys(ward):
    other = plain_key(absent=True)
    w = ward(others=[other])
    code, seen = w.login("sato", [("Password: ", lambda: other.insert() and "right"),
                                  ("Enter the 6 digits: ", "123456")])
    assert code == 0 and "security key" not in seen, (seen, w.terminal.logged())


def test_an_untouched_key_leaves_the_code(ward):
    key = plain_key(absent=True, touch="never")
    w = ward(key, fido2_touch_s=5)
    code, seen = w.login("sato", [("Password: ", lambda: key.insert() and "right"), (TOUCH, None),
                                  ("Nobody touched", None), ("Enter the 6 digits: ", "123456")])
    assert code == 0 and w.events == ["password", "code"], (seen, w.terminal.logged())


def test_whose_key_was_declined_is_asked_for_the_code_at_once(ward):
    key = pin_key()
    w = ward(key)
    code, seen = w.login("sato", [(ASKS, ""), ("Password: ", "right"),
                                  ("Enter the 6 digits: ", "123456")])
    assert code == 0 and seen.count(ASKS) == 1, (seen, w.terminal.logged())
    assert key.counters()["pins"] == 0
