# SPDX-License-Identifier: GPL-2.0-or-later
"""A staff card at a terminal: real pcscd, real OpenSC, the real helpers, and
the server's side of the two card rounds in Python."""

import hashlib
import json
import socket
import subprocess
import threading
import time

import pytest
from cryptography import x509

from cardward import ASKS, CLIENT, readers, sato, unblock, ward  # noqa: F401 (fixtures)
from pivcard import PIN, der
from sekisho import run, wait_for
from terminal import BUILD, STACK


def test_the_right_pin(ward):
    w = ward()
    code, seen = w.login("sato", [(ASKS, PIN)], actions=("authenticate", "acct_mgmt"))
    assert code == 0, (seen, w.terminal.logged())
    assert w.events == ["challenge", "good"]
    assert PIN not in seen and "sato" not in seen  # nobody needs to be told who he is


def test_a_wrong_pin_says_how_many_tries_are_left(ward, readers):
    w = ward()
    code, seen = w.login("sato", [(ASKS, "111111"), (ASKS, PIN)])
    assert code == 0, (seen, w.terminal.logged())
    assert "After 2 more wrong tries" in seen and "call 1234" in seen
    assert w.events == ["challenge", "good"]
    w.terminal.set(language="ja")
    code, seen = w.login("sato", [("暗証番号(PIN)を入力してください", "111111"),
                                  ("暗証番号(PIN)を入力してください", PIN)])
    assert code == 0 and "PINが違います。あと2回で職員証が使えなくなります。不明なときは入力せず、内線1234へ" in seen


def test_the_last_try_is_named_and_then_the_card_is_blocked(ward, readers):
    w = ward()
    try:
        # an empty answer at the last try spends nothing and asks for a password
        code, seen = w.login("sato", [(ASKS, "111111"), (ASKS, "222222"), (ASKS, ""),
                                      ("Password: ", "right")])
        assert code == 0 and seen.count("THIS IS THE LAST TRY") == 1, seen
        assert "After 1 more" in seen and seen.index("After 1 more") < seen.index("THIS IS THE LAST")
        # the last try is announced before it is asked for, also in a new login
        code, seen = w.login("sato", [("THIS IS THE LAST TRY", None), (ASKS, "333333"),
                                      ("Password: ", "wrong")])
        assert code != 0 and "is blocked after too many" in seen
        code, seen = w.login("sato", [("is blocked after too many", None), ("Password: ", "right")])
        assert code == 0 and ASKS not in seen
    finally:
        unblock(readers)


def test_what_no_card_would_take_spends_nothing(ward, readers):
    w = ward()
    code, seen = w.login("sato", [(ASKS, "1"), (ASKS, "1" * 17), (ASKS, PIN)])
    assert code == 0 and seen.count("Nothing was sent to the card") == 2


def test_the_card_asks_for_its_owner(ward):
    w = ward()
    w.terminal.stack(STACK)
    code, seen = w.login("", [("PIN of your staff card, sato: ", PIN)],
                         actions=("authenticate", "acct_mgmt"))
    assert code == 0, (seen, w.terminal.logged())
    assert w.server.requests[0].user == "sato"


def test_without_a_card_the_password_is_asked_for(ward, readers):
    w = ward()
    readers.remove()
    code, seen = w.login("sato", [("Password: ", "right")])
    assert code == 0 and ASKS not in seen and w.events == ["password"]


def test_a_shared_terminal_waits_for_the_next_card(ward, readers):
    w = ward(wait_card_s=15)
    readers.remove()
    code, seen = w.login("", [("Insert your staff card", lambda: readers.insert("sato")),
                              ("PIN of your staff card, sato: ", PIN)])
    assert code == 0, (seen, w.terminal.logged())


@pytest.mark.parametrize("algorithm", ["ECCP384", "RSA2048"])
def test_other_keys(ward, readers, algorithm):
    readers.remove()
    key = readers.make("card-" + algorithm.lower(), algorithm, cn="tanaka")
    w = ward(keys={"tanaka": key})  # puts the other card in as well
    readers.remove()
    readers.insert("card-" + algorithm.lower())
    code, seen = w.login("", [("PIN of your staff card, tanaka: ", PIN)])
    assert code == 0, (seen, w.terminal.logged())
    assert w.events == ["challenge", "good"]
    assert w.rounds.schemes == ["rsa-pkcs1-sha256" if algorithm == "RSA2048" else "ecdsa-sha256"]


def test_rsa_pss_where_the_token_offers_it(ward, readers):
    """OpenSC pads for a card that can only do raw RSA; a module may want the
    digest or make it itself, or not know PSS, or get the salt wrong."""
    readers.remove()
    key = readers.make("pss", "RSA2048", upn="tanaka@hospital.example")
    w = ward(keys={"tanaka": key}, rsa_padding="pss")
    readers.remove()
    readers.insert("pss")
    bad = str(BUILD / "tests/rigs/libbadmodule.so")
    for settings, scheme in (({}, "rsa-pss-sha256"),
                             ({"opensc_conf": "/bad/pss-hashes-itself"}, "rsa-pss-sha256"),
                             ({"opensc_conf": "/bad/no-pss"}, "rsa-pkcs1-sha256")):
        w.terminal.set(**(dict(settings, module=bad) if settings else {}))
        code, seen = w.login("tanaka", [(ASKS, PIN)])
        assert code == 0, (settings, seen, w.terminal.logged())
        assert w.rounds.schemes.pop() == scheme
    w.terminal.set(opensc_conf="/bad/pss-short-salt")
    code, seen = w.login("tanaka", [(ASKS, PIN), ("Password: ", "right")])
    assert code == 0 and "wrong signature" in w.terminal.logged()
    assert w.events == ["challenge", "good"] * 3 + ["challenge", "password"]
    # keys of other kinds are signed with as ever
    readers.remove()
    readers.insert("sato")
    w.rounds.keys["sato"] = None
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code != 0 and w.rounds.schemes == ["ecdsa-sha256"]


def test_a_key_that_wants_its_pin_for_each_signature(ward, readers):
    """9C (CKA_ALWAYS_AUTHENTICATE), chosen by id, and by label and issuer."""
    readers.remove()
    key = readers.make("signing", slot="9c", cn="tanaka")
    w = ward(keys={"tanaka": key}, certificate_id="02")
    readers.remove()
    readers.insert("signing", 1)  # in the other reader, for once
    code, seen = w.login("tanaka", [(ASKS, PIN)])
    assert code == 0, (seen, w.terminal.logged())
    w.terminal.set(certificate_id="", certificate_issuer="/CN=Test Card CA",
                   certificate_label="Certificate for Digital Signature")
    code, seen = w.login("", [("PIN of your staff card, tanaka: ", PIN)])
    assert code == 0, (seen, w.terminal.logged())
    w.terminal.set(certificate_issuer="/CN=Another CA")
    code, seen = w.login("tanaka", [(ASKS, PIN), ("Password: ", "right")])
    assert code == 0 and "has no key for logging in" in seen
    assert w.events == ["challenge", "good"] * 2 + ["challenge", "password"]
    readers.remove()


def test_a_my_number_card_says_few_and_last(ward, readers):
    """Not a PIV card: only the module's flags tell of tries."""
    readers.remove()
    readers.rig("create", "jpki", "--kind", "jpki", "--ca", readers.dir / "ca.pem")
    readers.insert("jpki")
    pem = run("pkcs15-tool", "--read-certificate", "01", env=readers.env).stdout
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    w = ward(keys={"tanaka": key})
    readers.remove()
    readers.insert("jpki")
    code, seen = w.login("tanaka", [(ASKS, "1234")])
    assert code == 0, (seen, w.terminal.logged())
    code, seen = w.login("tanaka", [(ASKS, "0000"), (ASKS, "0001"), ("THIS IS THE LAST TRY", None),
                                    (ASKS, ""), ("Password: ", "right")])
    assert code == 0 and "After a few more wrong tries" in seen, seen
    code, seen = w.login("tanaka", [("THIS IS THE LAST TRY", None), (ASKS, "1234")])
    assert code == 0, (seen, w.terminal.logged())
    readers.remove()


def test_a_key_that_is_possession_alone_is_followed_by_the_password(ward):
    """What the card's PIN is worth is for the server to say."""
    w = ward()
    w.rounds.possession_only = True
    code, seen = w.login("sato", [(ASKS, PIN), ("Enter your password: ", "right")])
    assert code == 0, (seen, w.terminal.logged())
    assert w.events == ["challenge", "good", "password"]
    assert "failed" not in seen
    code, seen = w.login("sato", [(ASKS, PIN), ("Enter your password: ", "wrong")])
    assert code != 0 and "reference K7-4822" in seen
    w.rounds.ask = ""  # a server without words asks for no code
    w.terminal.stack(STACK)
    code, seen = w.login("", [("PIN of your staff card, sato: ", PIN), ("Password: ", "right")],
                         actions=("authenticate", "acct_mgmt"))
    assert code == 0, (seen, w.terminal.logged())


def test_a_key_without_a_pin_is_followed_by_the_password(ward, readers):
    """9E, for card authentication: one question, the password's."""
    readers.remove()
    key = readers.make("free", slot="9e", cn="tanaka")
    w = ward(keys={"tanaka": key}, certificate_id="04", card_pin=False)
    w.rounds.possession_only = True
    readers.remove()
    readers.insert("free")
    code, seen = w.login("", [("Enter your password: ", "right")])
    assert code == 0 and "PIN" not in seen, (seen, w.terminal.logged())
    assert w.events == ["challenge", "good", "password"]
    assert pin_state(readers) == "63c3"  # no try was spent on it
    # the PIN may be asked for all the same; and what was set up wrongly opens nothing
    w.terminal.set(card_pin=True)
    code, seen = w.login("tanaka", [(ASKS, PIN), ("Enter your password: ", "wrong")])
    assert code != 0 and w.events[3:] == ["challenge", "good", "password"]
    readers.remove()
    readers.insert("sato")
    w.terminal.set(certificate_id="01", card_pin=False)
    code, seen = w.login("sato", [("Password: ", "wrong")])
    assert code != 0 and "has no key for logging in" in seen
    assert w.events[6:] == ["challenge", "password"]


def test_somebody_elses_card(ward):
    w = ward()
    code, seen = w.login("suzuki", [(ASKS, PIN)])
    assert code != 0 and w.events == ["challenge", "bad"]
    assert "Authentication failed (reference K7-4821)." in seen


def test_nothing_is_signed_for_another_client(ward, readers):
    w = ward()
    before = readers.tell("sato", "counters")
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
    assert w.events == ["challenge"] * 3


def test_who_comes_from_afar_is_not_asked_for_the_card_here(ward):
    w = ward()
    code, seen = w.login("sato", [("Password: ", "right")], pamtester=("-I", "rhost=192.0.2.7"))
    assert code == 0 and ASKS not in seen and w.events == ["password"]
    assert w.server.requests[0].get(31) == b"192.0.2.7"


def frame(kind, *fields):
    return b"ST\1" + bytes([kind]) + b"".join(len(f).to_bytes(2, "big") + f for f in fields)


def fields(octets):
    out, at = [], 4
    while at < len(octets):
        size = int.from_bytes(octets[at : at + 2], "big")
        out.append(octets[at + 2 : at + 2 + size])
        at += 2 + size
    return out


def test_the_card_helper_itself_signs_for_this_terminal_alone(ward, readers):
    w = ward()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(30)
    helper = subprocess.Popen([BUILD / "libexec/sekisho-card-helper", "-c", w.terminal.conf],
                              stdin=theirs, env=readers.env)
    theirs.close()
    try:
        key_id = hashlib.sha256(der(w.rounds.keys["sato"])).hexdigest()

        def sign(client=CLIENT, purpose="login", pin=PIN, challenge=bytes(32), key=key_id,
                 events=0):
            ours.send(frame(33, b"Virtual PCD 00 00", pin.encode(), b"sekisho.example",
                            client.encode(), purpose.encode(), b"sato", challenge,
                            key.encode(), str(events).encode()))
            return fields(ours.recv(8192))
        assert sign()[0] == b"0"
        assert sign(client="11111111-1bbe-4920-9b02-4d56b53aab42")[0] == b"6"
        assert sign(purpose="operator")[0] == b"6"
        assert sign(challenge=bytes(31))[0] == b"7"
        assert sign(pin="")[0] == b"7"
        assert sign(pin="654321")[:2] == [b"3", b"2"]
        assert sign()[0] == b"0"
        # nor with another card than the one that was seen, whose try it would be
        assert sign(pin="654321", key="0" * 64)[:2] == [b"5", b"3"]
        ours.send(frame(32, b"0", b"0"))
        seen = fields(ours.recv(8192))
        assert seen[4] == b"", "a short look knows no key, but what came and went"
        assert sign(key="", events=int(seen[7]))[0] == b"0"
        assert sign(pin="654321", key="", events=int(seen[7]) + 1)[0] == b"5"
        ours.send(frame(32, b"0", b"1"))
        seen = fields(ours.recv(8192))
        assert seen[:4] == [b"0", b"Virtual PCD 00 00", b"sato", b"3"]
        assert seen[4].decode() == hashlib.sha256(der(w.rounds.keys["sato"])).hexdigest()
        # anything else ends it
        ours.send(b"nonsense")
        assert ours.recv(10) == b""
        assert helper.wait(5) == 0
    finally:
        helper.kill()
        helper.wait()
        ours.close()


def test_silence_is_known_before_a_pin_is_spent(ward, readers):
    w = ward(timeout_ms=300)
    w.server.handler = lambda r: []
    code, seen = w.login("sato", [])
    assert code != 0 and "does not answer" in seen and ASKS not in seen


def test_taken_out_before_and_during_the_signature(ward, readers):
    w = ward()
    code, seen = w.login("sato", [(ASKS, lambda: readers.remove() and None or PIN)])
    assert code != 0 and "taken out too early" in seen, seen
    readers.insert("sato")
    readers.tell("sato", "fault", "remove-in-signature")
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code != 0 and "taken out too early" in seen, (seen, w.terminal.logged())
    assert w.events == ["challenge", "challenge"]
    readers.insert("sato")
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0, (seen, w.terminal.logged())


@pytest.mark.parametrize("user", ["sato", ""])
def test_the_next_person_is_quicker_than_the_pin(ward, readers, user):
    """A card that took the place of the one that was asked about is not
    given its PIN: that would cost its owner a try."""
    w = ward(keys={"suzuki": readers.make_other("quick", "suzuki")})
    prompt = ASKS + ("" if user else ", sato")

    def exchange():
        readers.remove()
        readers.insert("quick")
        return "918273"  # sato's, and not that card's
    code, seen = w.login(user, [(prompt, exchange)])
    assert code != 0 and "taken out too early" in seen, seen
    assert pin_state(readers) == "63c3", "nobody has lost a try"
    # and the next login is the next person's
    code, seen = w.login("", [("PIN of your staff card, suzuki: ", PIN)])
    assert code == 0, (seen, w.terminal.logged())
def test_a_card_that_signs_wrongly(ward, readers):
    w = ward()
    readers.tell("sato", "fault", "flip-signature", "1")
    code, seen = w.login("sato", [(ASKS, PIN), ("Password: ", "right")])
    assert code == 0 and "does not work as it should" in seen
    assert "wrong signature" in w.terminal.logged() and w.events == ["challenge", "password"]


def test_no_pin_is_left_in_the_card(ward, readers):
    """Neither ours for others, nor others' for us."""
    w = ward()
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0
    assert pin_state(readers) == "63c3"
    # somebody verifies the PIN, and goes without logging out
    holder = subprocess.Popen(["/usr/bin/python3", "-c", HOLDER], env=readers.env, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline().strip() == "9000"
        code, seen = w.login("sato", [(ASKS, "999999"), (ASKS, "")
                                      , ("Password: ", "wrong")])
        assert code != 0 and "After 2 more wrong tries" in seen
        assert "good" not in w.events[2:]
        assert pin_state(readers) == "63c2"
    finally:
        holder.stdin.close()
        holder.wait(10)
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0


@pytest.mark.parametrize("killed", [False, True])
def test_no_pin_is_left_by_a_module_that_hangs_with_it(ward, readers, killed):
    """Also when nobody of ours is left to reset the card."""
    w = ward(module=str(BUILD / "tests/rigs/libbadmodule.so"), opensc_conf="/bad/hang-in-sign",
             card_timeout_ms=20000 if killed else 4000)

    def verified():
        return json.loads(readers.tell("sato", "counters"))["pin_verified"]

    def give_pin():
        if killed:
            threading.Thread(target=kill).start()
        return PIN

    def kill():
        wait_for(verified, 15)
        run("pkill", "-9", "-f", str(w.terminal.conf))

    code, seen = w.login("sato", [(ASKS, give_pin)] + ([] if killed else [("Password: ", "right")]))
    assert (code != 0) == killed and w.events == ["challenge"] + ["password"] * (not killed)
    wait_for(lambda: not verified(), 5)
    assert ("hangs" in w.terminal.logged()) != killed


APDU = r"""
import ctypes, sys
lib = ctypes.CDLL("libpcsclite.so.1")
class Io(ctypes.Structure):
    _fields_ = [("protocol", ctypes.c_ulong), ("length", ctypes.c_ulong)]
context, card, protocol = ctypes.c_long(), ctypes.c_long(), ctypes.c_ulong()
assert lib.SCardEstablishContext(2, None, None, ctypes.byref(context)) == 0
assert lib.SCardConnect(context, b"Virtual PCD 00 00", 2, 3, ctypes.byref(card), ctypes.byref(protocol)) == 0
def send(apdu):
    out, n = ctypes.create_string_buffer(300), ctypes.c_ulong(300)
    io = Io(protocol.value, 16)
    assert lib.SCardTransmit(card, ctypes.byref(io), apdu, len(apdu), None, out, ctypes.byref(n)) == 0
    return out.raw[:n.value][-2:].hex()
send(bytes.fromhex("00a4040005a00000030800"))
"""
HOLDER = APDU + """
print(send(bytes.fromhex("0020008008313233343536ffff")), flush=True)
sys.stdin.read()
"""


def pin_state(readers):
    """As any other program finds it, without a reset of its own."""
    return subprocess.run(["/usr/bin/python3", "-c", APDU + 'print(send(bytes.fromhex("00200080")))'],
                          env=readers.env, text=True, capture_output=True, check=True).stdout.strip()


HOLD = """#!/bin/sh
# holds the session open until the test has seen enough
touch {place}/open
while [ ! -e {place}/end ]; do sleep 0.1; done
"""


def test_the_session_is_watched(ward, readers, tmp_path):
    """Removal acts within a second, the same card's return too, another
    card's does not; after the session nobody watches."""
    readers.remove()
    key = readers.make("watched", upn="nobody@hospital.example")
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.name.startswith(("test_", "pytest", "popen-gw")):
            folder.chmod(0o755)
    place = tmp_path / "events"
    place.mkdir()
    place.chmod(0o777)  # the commands run as the session's user
    removed, back = place / "removed", place / "back"
    w = ward(keys={"nobody": key}, on_removal=f"/usr/bin/touch {removed}",
             on_insert=f"/usr/bin/touch {back}")
    hold = tmp_path / "hold"
    hold.write_text(HOLD.format(place=place))
    hold.chmod(0o755)
    w.terminal.stack(STACK + f"session required pam_exec.so {hold}\n")
    readers.remove()
    readers.insert("watched")
    seconds = []

    def session():
        until(place / "open")
        readers.remove()
        seconds.append(until(removed))
        assert removed.owner() == "nobody"
        removed.unlink()
        readers.insert("sato")  # not the one that went away
        time.sleep(3)
        assert not back.exists()
        readers.remove()
        until(removed)
        readers.insert("watched")
        until(back)
        removed.unlink()
        (place / "end").touch()

    code, seen = w.login("nobody", [(ASKS, PIN), ("successfully authenticated", session)],
                         actions=("authenticate", "open_session", "close_session"), timeout=60)
    assert code == 0, (seen, w.terminal.logged())
    assert seconds[0] < 1
    time.sleep(0.5)
    readers.remove()
    time.sleep(1.5)
    assert not removed.exists()


def until(path):
    begun = time.monotonic()
    while not path.exists():
        assert time.monotonic() < begun + 10, path
        time.sleep(0.02)
    return time.monotonic() - begun


@pytest.mark.parametrize("fault, words", [
    ("hang", "hangs"), ("hang-in-initialize", "hangs"), ("crash", "ended its process"),
    ("crash-in-initialize", "ended its process"), ("exit", "ended its process"),
    ("spoil", "spoilt the answer"), ("endless-slots", "more slots than any reader has"),
    ("endless-signature", "wrong signature"), ("wrong-signature", "wrong signature"),
    ("already", "C_Login")])
def test_a_bad_module_harms_nobody(ward, fault, words):
    w = ward(module=str(BUILD / "tests/rigs/libbadmodule.so"), opensc_conf="/bad/" + fault,
             card_timeout_ms=4000)
    begun = time.monotonic()
    code, seen = w.login("sato", [(ASKS, PIN), ("Password: ", "right")])
    logged = w.terminal.logged()
    assert code == 0, (seen, logged)
    assert time.monotonic() - begun < 15
    assert "does not work as it should" in seen, (seen, logged)
    assert words in logged, logged
    assert w.events == ["challenge", "password"]


def test_an_endless_certificate_is_no_certificate(ward):
    w = ward(module=str(BUILD / "tests/rigs/libbadmodule.so"),
             opensc_conf="/bad/endless-certificate")
    code, seen = w.login("sato", [(ASKS, PIN), ("Password: ", "right")])
    assert code == 0 and "impossible length" in w.terminal.logged()


@pytest.mark.parametrize("fault", ["hang-in-finalize", "crash-in-finalize"])
def test_a_module_that_does_not_let_go(ward, readers, fault):
    """The signature counts; its process is ended, and the card is reset."""
    w = ward(module=str(BUILD / "tests/rigs/libbadmodule.so"), opensc_conf="/bad/" + fault)
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0 and w.events == ["challenge", "good"]
    assert pin_state(readers) == "63c3"
