# SPDX-License-Identifier: GPL-2.0-or-later
"""A reader at a door whose server takes its word back, whose commands hang
and whose card or sensor does not do as it should."""

import hashlib
import signal
import time

from pivcard import der
from sekisho import run, wait_for
from test_door_reader import fake, rig, sato, ward  # noqa: F401


def at_reader(rig, door, said, word="stays shut"):
    """The card at the first reader, until it was judged once more."""
    before = door.said(word)
    rig.insert("sato", 0)
    wait_for(lambda: door.said(word) > before)
    wait_for(said)
    rig.remove("sato")


def test_a_refusal_is_believed(fake, rig, sato):
    """A list does not outlive the server's own word."""
    mine = hashlib.sha256(der(sato.public)).digest()
    entries, door = fake(when_lost="list", heartbeat_s=3600)
    entries.keys = [mine]

    def fresh():
        entries.silent, entries.known, entries.lists, entries.accept = False, True, True, True
        entries.keys = [mine]
        door.end()
        before = door.said("list", 'keys="1"')
        door.begin()
        wait_for(lambda: door.said("list", 'keys="1"') == before + 2)

    def shut_without_server():
        entries.silent = True
        before, opened = door.said("not in the list"), len(door.told("opened"))
        at_reader(rig, door, lambda: door.said("not in the list") > before)
        assert len(door.told("opened")) == opened

    # the card is refused: the list is asked for at once, and it is not in it
    fresh()
    entries.accept, entries.keys = False, [hashlib.sha256(b"another").digest()]
    before = door.said("list", 'keys="1"')
    at_reader(rig, door, lambda: door.said("list", 'keys="1"') == before + 1)
    shut_without_server()
    # there is no list any more
    fresh()
    entries.accept, entries.lists = False, False
    at_reader(rig, door, lambda: door.said("the list is given up") == 1)
    shut_without_server()
    # the reader is not known any more
    fresh()
    entries.known = False
    at_reader(rig, door, lambda: door.said("the list is given up") == 2)
    shut_without_server()


def test_open_is_told_to_end(ward, rig, sato):
    """What it opened it can shut: after its time, and when the program is killed."""
    with ward.program(rig) as door:
        door.set(open=["/bin/sh", "-c", f"trap 'echo $SEKISHO_READER >> {door.scratch}/shut; exit 0' TERM; "
                       f"echo $SEKISHO_READER >> {door.scratch}/opened; sleep 60 & wait"], open_timeout_ms=400)
        door.begin()
        rig.insert("sato", 0)
        wait_for(lambda: door.said("a command failed", "took too long"))
        assert door.told("shut") == ["W3-in"] == door.told("opened")
        rig.remove("sato")
        door.end()
        door.set(open_timeout_ms=30000)
        door.begin()
        rig.insert("sato", 1)
        wait_for(lambda: door.told("opened") == ["W3-in", "W3-out"])
        door.end(signal.SIGKILL)
        wait_for(lambda: door.told("shut") == ["W3-in", "W3-out"])
        rig.remove("sato")
    # one that does not listen is killed all the same
    with ward.program(rig, open=["/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.7321; done"],
                      open_timeout_ms=300) as door:
        door.begin()
        rig.insert("sato", 0)
        wait_for(lambda: door.said("a command failed", "took too long"))
        assert run("pgrep", "-f", "^sleep 0.7321$", check=False).stdout == ""
        rig.remove("sato")


def test_a_card_that_never_ends_its_answer(fake, rig, sato):
    """The library would ask for more of it for ever."""
    entries, door = fake()
    for ins in ("cb", "c0"):
        rig.tell("sato", "fault", "sw", ins, "6101", "1000000")
    rig.insert("sato", 0)
    # the other reader is none the worse
    wait_for(lambda: door.said("a process ended and is started again", "W3-in") == 1, 30)
    rig.tell("sato", "fault", "clear")
    rig.remove("sato")
    time.sleep(1)  # pcscd looks every 0.4 s
    rig.insert("sato", 0)
    wait_for(lambda: door.told("opened") == ["W3-in"])
    assert door.said("a process ended and is started again", "W3-out") == 0


def test_a_sensor_that_ends_within_a_line(ward, fake):
    mark = ward.s.root / "sensor-mark"
    mark.mkdir()
    mark.chmod(0o777)
    entries, door = fake(sensor=["/bin/sh", "-c", f"mkdir {mark}/once && {{ printf '%0300d' 0; exit; }} 2>/dev/null; "
                                 "echo opened; exec sleep 1000"])
    wait_for(lambda: [a[:2] for a in entries.accounted] == [(1, "W3-in")])
    assert door.said("not understood") == 0
