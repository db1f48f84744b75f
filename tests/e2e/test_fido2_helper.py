# SPDX-License-Identifier: GPL-2.0-or-later
"""sekisho-fido2-helper alone, asked by the test in the login helper's place."""

import hashlib
import os
import socket
import subprocess

import pytest

from keyrounds import listed
from keyward import CLIENT, PIN, finger_key, pin_key, plain_key, ward  # noqa: F401 (a fixture)
from pivcard import octets
from sekisho import BUILD


def frame(kind, *fields):
    return b"ST\1" + bytes([kind]) + b"".join(len(f).to_bytes(2, "big") + f for f in fields)


def fields(octets):
    out, at = [], 4
    while at < len(octets):
        size = int.from_bytes(octets[at : at + 2], "big")
        out.append(octets[at + 2 : at + 2 + size])
        at += 2 + size
    return out


LOOK, SEEN, CHOOSE, CHOSEN, ASSERT, SIGNED = range(40, 46)
OK, NONE, FOREIGN, OTHER_CLIENT, FAILED = 0, 1, 2, 10, 11


class Helper:
    """sekisho-fido2-helper, asked by somebody who has taken over the login
    helper."""

    def __init__(self, w):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(30)
        self.process = subprocess.Popen([BUILD / "libexec/sekisho-fido2-helper", "-c",
                                         w.terminal.conf], stdin=theirs)
        theirs.close()

    def ask(self, kind, *texts):
        self.socket.send(frame(kind, *(t if isinstance(t, bytes) else str(t).encode()
                                       for t in texts)))
        answer = self.socket.recv(8192)
        return (answer[3], fields(answer)) if answer else None

    def close(self):
        self.socket.close()
        assert self.process.wait(20) == 0


@pytest.fixture
def helper():
    made = []

    def start(w):
        made.append(Helper(w))
        return made[-1]

    yield start
    for h in made:
        h.close()


def signed_fields(client=CLIENT, purpose="login", pin=b"", challenge=bytes(32), server="s.example"):
    return [server, client, purpose, "sato", challenge, "sekisho.example", pin]


def test_what_the_helper_answers(ward, helper):
    key, plain = pin_key(), plain_key()
    other = finger_key()
    w = ward(key, plain, others=[other])
    ids = [c.id for c in w.rounds.keys["sato"]]
    h = helper(w)
    assert h.ask(LOOK, "", "") == (SEEN, [b"0", b"3", b""])
    kind, got = h.ask(LOOK, "sekisho.example", listed([os.urandom(64), *ids]))
    assert kind == SEEN and got == [b"0", b"3", b"", key.path.encode(), ids[0], b"1", b"8",
                                    plain.path.encode(), ids[1], b"0", b"99"]
    assert h.ask(LOOK, "elsewhere.example", listed(ids))[1][0] == str(FOREIGN).encode()
    kind, got = h.ask(ASSERT, *signed_fields(pin=PIN.encode()), key.path, ids[0], "1")
    assert kind == SIGNED and got[0] == b"0" and got[3] == ids[0], got
    digest = hashlib.sha256(octets("login", "s.example", CLIENT, "sato", bytes(32))).digest()
    assert w.rounds.keys["sato"][0].verify(got[4], digest, got[5])
    assert h.ask(CHOOSE, plain.path) == (CHOSEN, [b"0", b"0", b""])
    for k in (key, plain, other):
        k.remove()
    assert h.ask(LOOK, "sekisho.example", listed(ids)) == (SEEN, [b"1", b"0", b""])


def test_the_helper_signs_nothing_else(ward, helper):
    key, second = pin_key(), pin_key()
    w = ward(key, second)
    one, two = (c.id for c in w.rounds.keys["sato"])
    h = helper(w)
    pin = PIN.encode()
    for wrong, outcome in (
            (signed_fields("11111111-1bbe-4920-9b02-4d56b53aab42", pin=pin), OTHER_CLIENT),
            (signed_fields(purpose="operator", pin=pin), OTHER_CLIENT),
            (signed_fields(purpose="entry", pin=pin), OTHER_CLIENT),
            (signed_fields(client="no UUID", pin=pin), FAILED),
            (signed_fields(challenge=bytes(31), pin=pin), FAILED),
            (signed_fields(server="", pin=pin), FAILED),
            (signed_fields(), FAILED),  # it says by a PIN, and there is none
            (signed_fields(pin=b"1" * 64), FAILED),
            (signed_fields(pin=b"12\x0034"), FAILED)):
        kind, got = h.ask(ASSERT, *wrong, key.path, one, "1")
        assert kind == SIGNED and got[0] == str(outcome).encode() and len(got) == 3, (wrong, got)
    # one PIN is never tried at two keys
    kind, got = h.ask(ASSERT, *signed_fields(pin=pin), key.path, one, "1", second.path, two, "1")
    assert got[0] == str(FAILED).encode()
    for wrong in ([key.path, one], [key.path, b"short", "0"], [key.path, one, "3"], []):
        assert h.ask(ASSERT, *signed_fields(), *wrong)[1][0] == str(FAILED).encode()
    for k in (key, second):
        assert k.counters()["pins"] == 0 and k.counters()["touches"] == 0
    for wrong in (["sekisho.example", b"\0\x40too short"], ["x" * 300, ""], ["only one"]):
        assert h.ask(LOOK, *wrong)[1][0] == str(FAILED).encode()
    assert h.ask(CHOOSE)[1][0] == str(FAILED).encode()
    assert h.ask(33, "a card's") is None  # and ends


def test_the_helper_is_nothing_to_start_by_hand():
    done = subprocess.run([BUILD / "libexec/sekisho-fido2-helper"], stdin=subprocess.DEVNULL,
                          text=True, capture_output=True, timeout=20)
    assert done.returncode == 2 and "sekisho-login-helper" in done.stderr
