# SPDX-License-Identifier: GPL-2.0-or-later
"""Cards that are pulled, overlooked or slow, at a terminal with real pcscd and
OpenSC: nobody waits without a word, and the next login works."""

import json
import subprocess
import time

from cardward import ASKS, readers, sato, ward  # noqa: F401 (fixtures)
from pivcard import PIN


def test_pulled_at_every_command_of_a_login(ward, readers):
    """Before and after the card has answered, from the first look to the last
    reset, among them the PIN's VERIFY: each time the person is told what to
    do within seconds, and the same card logs in the next time."""
    w = ward()
    ask = ASKS + ": "
    trace = readers.dir / "cards/sato.apdu"
    before = len(trace.read_text().splitlines())
    assert w.login("sato", [(ask, PIN)])[0] == 0
    commands = [c for c in trace.read_text().splitlines()[before:] if c[0] == ">"]
    verify = 1 + [c.startswith("> 0020008008") for c in commands].index(True)
    assert verify > 20 and len(commands) > verify
    told = []
    for n in range(1, len(commands) + 1):
        # after one is before the next, but for what the card has done already
        for when in ("before", "after") if n % 5 == 0 or abs(n - verify) < 2 else ("before",):
            readers.tell("sato", "fault", "remove-at", str(n), when)
            begun, good = time.monotonic(), w.events.count("good")
            code, seen = w.login("sato", {ask: PIN, "Password: ": "wrong"})
            took = time.monotonic() - begun
            where = (n, when, took, seen, w.terminal.logged())
            assert took < 10, where
            # let in if the signature had left the card, and only then
            assert (code == 0) == (w.events.count("good") > good), where
            told.append("in" if code == 0 else "gone" if "taken out too early" in seen
                        else "password" if "Password: " in seen else seen)
            readers.tell("sato", "fault", "clear")
            readers.insert("sato")
            code, seen = w.login("sato", [(ask, PIN)])
            assert code == 0, (where, seen, w.terminal.logged())
    # missed at the first look it is no card; after the PIN it was taken out
    assert sorted(set(told), key=told.index) == ["password", "gone", "in"], told
    assert told.index("gone") < told.index("in") and "password" not in told[told.index("gone"):]
    # a try may be lost between check and answer; the right PIN gave it back
    assert counters(readers)["pin_tries"] == 3


def counters(readers):
    return json.loads(readers.tell("sato", "counters"))


BLIND = r"""
import ctypes, socket, sys
lib = ctypes.CDLL("libpcsclite.so.1")
def tell(words):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.connect(sys.argv[1])
        s.send(words.encode())
        return s.recv(100)
context, card, protocol = ctypes.c_long(), ctypes.c_long(), ctypes.c_ulong()
assert lib.SCardEstablishContext(2, None, None, ctypes.byref(context)) == 0
assert lib.SCardConnect(context, b"Virtual PCD 00 00", 2, 3, ctypes.byref(card), ctypes.byref(protocol)) == 0
tell("remove")
assert lib.SCardReconnect(card, 2, 3, 1, ctypes.byref(protocol)) != 0
tell("insert 35963")
lib.SCardDisconnect(card, 0)
"""


def test_a_card_that_pcscd_does_not_see(ward, readers):
    """It left while it was reset, and was back before pcscd looked: pcscd
    says "no card" until it is taken out again. We look for ourselves."""
    w = ward()
    subprocess.run(["/usr/bin/python3", "-c", BLIND, readers.dir / "cards/sato.sock"],
                   env=readers.env, check=True)
    time.sleep(1)
    assert set(json.loads(readers.rig("readers")).values()) == {None}, "pcscd sees it by itself"
    code, seen = w.login("sato", [(ASKS, PIN)])
    assert code == 0, (seen, w.terminal.logged())
    assert any(json.loads(readers.rig("readers")).values())


def test_a_slow_card_is_said_to_be_read(ward, readers):
    """And one that takes longer than card_timeout_ms is given up, with words."""
    w = ward(card_timeout_ms=5000)
    readers.tell("sato", "fault", "slow", "60000")
    begun = time.monotonic()
    code, seen = w.login("sato", [("Please leave it in the reader", None),
                                  ("does not work as it should", None), ("Password: ", "right")])
    took = time.monotonic() - begun
    readers.tell("sato", "fault", "clear")
    assert code == 0 and 5 < took < 15, (took, seen, w.terminal.logged())
    assert "hangs" in w.terminal.logged()
    # and no answer of the past is taken for one of the present
    readers.remove()
    readers.insert("sato")
    assert w.login("sato", [(ASKS, PIN)])[0] == 0
