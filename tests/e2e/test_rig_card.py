# SPDX-License-Identifier: GPL-2.0-or-later
"""virtual-card alone: its command line, its file, and a reader that the test
plays itself."""

import json
import os
import socket
import struct
import subprocess

import pytest

from cards import SELECT_PIV
from sekisho import BUILD, run, wait_for

pytestmark = pytest.mark.rig
CARD = BUILD / "tests/rigs/virtual-card"
ATR = bytes.fromhex("3b8d800180fba000000308000010000100cd")
ON, RESET, GET_ATR = b"\1", b"\2", b"\4"


class Reader:
    """vpcd's side of the connection."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(10)
        self.port = self.listener.getsockname()[1]
        self.card = None

    def accept(self):
        self.card, _ = self.listener.accept()
        self.card.settimeout(10)

    def send(self, message):
        self.card.sendall(struct.pack("!H", len(message)) + message)

    def receive(self):
        """One message, or None if the card was taken out."""
        got = b""
        while len(got) < 2 or len(got) < 2 + struct.unpack("!H", got[:2])[0]:
            more = self.card.recv(65536)
            if not more:
                return None
            got += more
        return got[2:]

    def apdu(self, command):
        self.send(bytes.fromhex(command) if isinstance(command, str) else command)
        answer = self.receive()
        return answer if answer is None else answer.hex()

    def close(self):
        for s in (self.card, self.listener):
            if s:
                s.close()


@pytest.fixture
def reader():
    r = Reader()
    yield r
    r.close()


@pytest.fixture
def card(tmp_path, reader):
    """Called with options: a new card in that reader, powered."""
    started = []

    def start(*options):
        state = tmp_path / "card.json"
        if not state.exists():
            run(CARD, "--create", "--state", state)
        process = subprocess.Popen([CARD, "--state", state, "--insert", "--port",
                                    str(reader.port), "--control", tmp_path / "s", *options],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        started.append(process)
        reader.accept()
        reader.send(ON)
        reader.send(GET_ATR)
        assert reader.receive() == ATR
        return process

    yield start
    for process in started:
        if process.poll() is None:
            assert tell(tmp_path, "quit") == "ok"
        assert process.wait(10) == 0, process.stderr.read()


def tell(directory, words):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(10)
        s.connect(str(directory / "s"))
        s.send(words.encode())
        return s.recv(65536).decode()


def test_messages_in_pieces_and_together(reader, card):
    card()
    select = bytes.fromhex(SELECT_PIV)
    whole = struct.pack("!H", len(select)) + select
    for octet in whole:
        reader.card.sendall(bytes([octet]))
    assert reader.receive().hex().endswith("9000")
    reader.card.sendall(whole + struct.pack("!H", 1) + GET_ATR)
    seen = b""
    while not seen.endswith(ATR):
        seen += reader.card.recv(4096)
    assert seen.count(b"\x90\x00") == 1


def test_messages_of_every_size(reader, card):
    """Nothing, controls that are none, and the longest that there is."""
    card()
    for message in (b"", b"\x00", b"\x03", b"\xff"):
        reader.send(message)  # none of these is answered
    reader.send(ON)
    for n in (2, 3, 4, 5, 6, 7, 8, 260, 261, 262, 4096, 65535):
        answer = reader.apdu(b"\0\xa4\4\0" + b"\xff" * (n - 4) if n > 3 else b"\0" * n)
        assert len(answer) >= 4, n
    assert reader.apdu(SELECT_PIV)[-4:] == "9000"


def test_faults_from_the_start(reader, card, tmp_path):
    process = card("--fault", "remove-at 2 after")
    assert reader.apdu(SELECT_PIV)[-4:] == "9000"
    assert reader.apdu(SELECT_PIV)[-4:] == "9000"
    assert reader.receive() is None
    assert process.poll() is None  # it is out, not gone
    assert tell(tmp_path, f"insert {reader.port}") == "ok"
    reader.accept()


def test_a_reader_that_is_restarted_finds_the_card_again(reader, card):
    card()
    reader.card.close()
    reader.accept()
    reader.send(ON)
    assert reader.apdu(SELECT_PIV)[-4:] == "9000"


def test_a_reset_clears_the_pin(reader, card):
    card()
    for command in (SELECT_PIV, "0020008008" + b"123456\xff\xff".hex(), "00200080"):
        assert reader.apdu(command)[-4:] == "9000"
    reader.send(RESET)
    assert [reader.apdu(c)[-4:] for c in ("00200080", SELECT_PIV, "00200080")] == [
        "6985", "9000", "63c3"]


def test_a_try_is_on_the_disk_before_the_answer(reader, card, tmp_path):
    card("--fault", "remove-at 2 before")
    reader.apdu(SELECT_PIV)
    assert reader.apdu("0020008008" + "30" * 8) is None
    assert json.loads((tmp_path / "card.json").read_text())["pin"]["tries"] == 2


def test_what_is_kept_from_the_log(reader, card, tmp_path):
    card("--apdu-log", tmp_path / "log")
    for command in (SELECT_PIV, "0020008008" + b"123456\xff\xff".hex(),
                    "0024008010" + (b"123456\xff\xff" + b"777777\xff\xff").hex(),
                    "002c008010" + b"12345678888888\xff\xff".hex()):
        assert reader.apdu(command)[-4:] == "9000"
    log = (tmp_path / "log").read_text()
    assert SELECT_PIV in log and "0020008008..." in log
    for pin in (b"123456", b"777777", b"12345678", b"888888"):
        assert pin.hex() not in log


def test_control_takes_commands_only(card, tmp_path):
    card()
    assert json.loads(tell(tmp_path, "counters").removeprefix("ok "))["inserted"]
    for words in ("insert 0", "insert 65536", "insert 1 2", "insert x", "dance", "fault",
                  "fault ", "x" * 511, "counters x"):
        assert tell(tmp_path, words).startswith("error: "), words
    assert os.stat(tmp_path / "s").st_mode & 0o077 == 0
    assert os.stat(tmp_path / "card.json").st_mode & 0o077 == 0


@pytest.mark.parametrize("options, why", [
    ([], "--state: missing"),
    (["--dance"], "--dance: unknown option"),
    (["--state", "here", "there"], "there: not understood"),
    (["--state", "missing"], "missing: not found"),
    (["--state", "empty"], "empty: malformed"),
    (["--state", "list"], "list: malformed"),
    (["--state", "odd"], "odd: malformed"),
    (["--state", "flat"], "flat: malformed"),
    (["--state", "huge"], "huge: malformed"),
    (["--state", "kind"], "kind: malformed"),
    (["--state", "new", "--create", "--kind", "credit"], "no such kind"),
    (["--state", "new", "--create", "--pin", "12345"], "malformed"),
    (["--state", "new", "--create", "--puk", "123456789"], "malformed"),
    (["--state", "new", "--create", "--mgm", "xx"], "malformed"),
    (["--state", "new", "--create", "--ca", "empty"], "empty: "),
    (["--state", "no/where/new", "--create"], "No such file"),
    (["--state", "list", "--create"], "there is a card already"),
    (["--state", "good", "--fault", "dance"], "--fault: remove-at"),
    (["--state", "good", "--insert", "--port", "70000"], "--port"),
    (["--state", "good", "--insert", "--host", "localhost"], "--host"),
    (["--state", "good", "--control", "x" * 200], "too long for a socket"),
])
def test_errors_are_clear(tmp_path, options, why):
    (tmp_path / "empty").write_text("")
    (tmp_path / "list").write_text("[]")
    (tmp_path / "odd").write_text('{"keys": {"9a": ["x"]}}')
    (tmp_path / "flat").write_text('{"card": "piv"}')
    (tmp_path / "huge").write_text('{"pin": {"tries": 4294967296}}')
    (tmp_path / "kind").write_text('{"card": {"kind": "x"}}')
    run(CARD, "--create", "--state", tmp_path / "good")
    done = subprocess.run([CARD, *options], cwd=tmp_path, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=10)
    assert done.returncode == 2 and why in done.stderr, done.stderr
    assert not (tmp_path / "new").exists()
