# SPDX-License-Identifier: GPL-2.0-or-later
"""Cards that are taken out, slow, or broken; readers that go; pcscd that is
restarted; a rig that leaves nothing behind. Real programs see each as they
would with real plastic."""

import hashlib
import os
import pathlib
import signal
import subprocess
import threading
import time

import pytest

from cards import CA, CARD_RIG, OPENSC, Rig, SELECT_PIV
from sekisho import BUILD, run, wait_for
from test_rig import log_in, sign, verify

pytestmark = pytest.mark.rig
PIV_ATR = "3b8d800180fba000000308000010000100cd"


@pytest.fixture(scope="module")
def rig():
    r = Rig()
    yield r
    r.close()


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def issued(rig, ca):
    """A card with a key in 9A, and its certificate."""
    card = rig.card("issued").insert()
    certificate = card.personalise(ca, s9a="ECCP256", s9e="ECCP256")["9a"]
    card.remove()
    return card, certificate


@pytest.fixture
def card(issued):
    c = issued[0].insert()
    yield c
    c.fault("clear")
    c.insert()
    c.piv_tool("-a", "verify-pin", "-P", "123456")  # all tries again
    c.remove()


def error_of(done):
    """CKR_... that a call of pkcs11-tool ended with."""
    assert done.returncode != 0
    return done.stderr.split("rv = ")[1].split()[0] if "rv = " in done.stderr else done.stderr


def test_the_card_leaves_in_the_signature(rig, card, tmp_path):
    card.fault("remove-in-signature")
    done = sign(rig, "9a", "ECCP256", b"data", tmp_path, check=False)
    assert error_of(done).startswith("CKR_")
    assert not card.inserted() and not (tmp_path / "sig").exists()
    wait_for(lambda: set(rig.readers().values()) == {None})


def test_the_card_leaves_at_every_command_of_a_login(rig, card, issued, tmp_path):
    """Before and after the answer, at each command until the signature is made."""
    before = len(card.commands())
    sign(rig, "9a", "ECCP256", b"data", tmp_path)
    commands = len([c for c in card.commands()[before:] if c[0] == ">"])
    assert commands > 20
    for when in ("before", "after"):
        for n in range(1, commands + 1, 3):
            card.fault("remove-at", n, when)
            done = sign(rig, "9a", "ECCP256", b"data", tmp_path, check=False)
            signed = (tmp_path / "sig").exists() and (tmp_path / "sig").stat().st_size > 0
            assert signed == (done.returncode == 0)
            assert not signed or verify(issued[1], b"data", tmp_path / "sig", tmp_path)
            card.fault("clear")
            card.insert()
    assert card.counters()["pin_tries"] >= 2  # it lost a try at most between check and answer


def test_a_slow_card(rig, card, issued, tmp_path):
    card.fault("slow", "30")
    begun = time.monotonic()
    sign(rig, "9a", "ECCP256", b"data", tmp_path)
    assert time.monotonic() - begun > 0.6
    assert verify(issued[1], b"data", tmp_path / "sig", tmp_path)


def test_a_slow_card_is_taken_out_while_one_waits(rig, card, tmp_path):
    card.fault("slow", "60000")
    done = []
    thread = threading.Thread(target=lambda: done.append(
        sign(rig, "9a", "ECCP256", b"data", tmp_path, check=False)))
    begun = time.monotonic()
    before = card.counters()["apdus"]
    thread.start()
    wait_for(lambda: card.counters()["apdus"] > before)
    card.remove()
    thread.join(20)
    assert done and done[0].returncode != 0 and time.monotonic() - begun < 20


def test_one_bit_of_the_signature_is_wrong(rig, card, issued, tmp_path):
    card.fault("flip-signature", "1")
    sign(rig, "9a", "ECCP256", b"data", tmp_path)
    assert not verify(issued[1], b"data", tmp_path / "sig", tmp_path)
    sign(rig, "9a", "ECCP256", b"data", tmp_path)
    assert verify(issued[1], b"data", tmp_path / "sig", tmp_path)


def test_a_wrong_status_word(rig, card, tmp_path):
    card.fault("sw", "87", "6f00", "1")
    sign(rig, "9a", "ECCP256", b"data", tmp_path)  # OpenSC tries a second time
    card.fault("sw", "87", "6f00", "4")  # and pkcs11-tool once more, by C_SignFinal
    assert error_of(sign(rig, "9a", "ECCP256", b"data", tmp_path, check=False)).startswith("CKR_")
    sign(rig, "9a", "ECCP256", b"data", tmp_path)
    card.fault("sw", "20", "6983", "1000")
    assert log_in(rig) == "CKR_PIN_LOCKED"
    card.fault("clear")
    assert log_in(rig) is None


def test_faults_that_are_none(card):
    for words in (["sw", "87"], ["sw", "187", "6f00"], ["slow", "-1"], ["slow", "x"], ["dance"],
                  ["remove-at", "1", "never"], ["clear", "now"], ["slow", "99999999999999999999"]):
        with pytest.raises(AssertionError, match="fault: "):
            card.fault(*words)


def test_power_is_forgotten_and_memory_is_not(rig, card):
    pin = "0020008008" + b"123456\xff\xff".hex()
    wrong = "0020008008" + b"000000\xff\xff".hex()
    assert rig.apdu(SELECT_PIV, pin, "00200080")[1:] == ["9000", "9000"]
    card.remove()
    card.insert()
    assert rig.apdu(SELECT_PIV, "00200080", wrong)[1:] == ["63c3", "63c2"]
    key = card.state()["keys"]["9a"]
    card.remove()
    card.insert(1)
    assert rig.apdu(SELECT_PIV, "00200080", reader=1)[1:] == ["63c2"]
    assert card.state()["keys"]["9a"] == key
    card.remove()


def test_two_readers_and_two_cards(rig, card, ca, issued, tmp_path):
    other = rig.card("second").insert(1)
    certificate = other.personalise(ca, s9a="RSA2048")["9a"]
    slots = rig.pkcs11("--list-slots").stdout
    assert "Virtual PCD 00 00" in slots and "Virtual PCD 01 00" in slots
    serials = {c.state()["card"]["serial"] for c in (card, other)}
    assert len(serials) == 2
    (tmp_path / "in").write_bytes(b"data")
    rig.pkcs11("--slot-index", "1", "--login", "--pin", "123456", "--sign", "-m",
               "SHA256-RSA-PKCS", "--id", "01", "-i", tmp_path / "in", "-o", tmp_path / "sig")
    assert verify(certificate, b"data", tmp_path / "sig", tmp_path)
    with pytest.raises(AssertionError, match="is in reader 0"):
        other.insert(0)
    other.remove()
    assert card.inserted()


def test_pcscd_is_restarted(rig, card, issued, tmp_path):
    rig.pcscd("stop")
    assert sign(rig, "9a", "ECCP256", b"data", tmp_path, check=False).returncode != 0
    rig.pcscd("start")
    sign(rig, "9a", "ECCP256", b"data", tmp_path)
    rig.pcscd("restart")
    sign(rig, "9a", "ECCP256", b"data", tmp_path)
    assert verify(issued[1], b"data", tmp_path / "sig", tmp_path)


def test_a_reader_is_unplugged(rig, card, issued, tmp_path):
    other = rig.card("beside").insert(1)
    rig.unplug(0)
    assert list(rig.readers().values()) == [PIV_ATR]
    assert sign(rig, "9a", "ECCP256", b"data", tmp_path, check=False).returncode != 0
    with pytest.raises(AssertionError, match="is unplugged"):
        card.insert()
    rig.replug(0)
    assert list(rig.readers().values()) == [PIV_ATR] * 2
    sign(rig, "9a", "ECCP256", b"data", tmp_path)
    assert verify(issued[1], b"data", tmp_path / "sig", tmp_path)
    other.remove()


def test_a_reader_is_unplugged_in_the_signature(rig, card, tmp_path):
    card.fault("slow", "60000")
    done = []
    thread = threading.Thread(target=lambda: done.append(
        sign(rig, "9a", "ECCP256", b"data", tmp_path, check=False)))
    before = card.counters()["apdus"]
    thread.start()
    wait_for(lambda: card.counters()["apdus"] > before)
    rig.unplug()
    thread.join(20)
    assert done and done[0].returncode != 0
    card.fault("clear")
    rig.replug()


def test_readers_that_come_and_go(rig, card, tmp_path):
    """In another order, without any, and with a pcscd that begins without any."""
    rig.unplug(0)
    rig.unplug(1)
    assert rig.readers() == {}
    rig.replug(1)
    rig.replug(0)
    assert rig.reader(1) == "Virtual PCD 00 00"  # pcscd counts anew
    assert rig.readers() == {"Virtual PCD 00 00": None, "Virtual PCD 01 00": PIV_ATR}
    sign(rig, "9a", "ECCP256", b"data", tmp_path)
    rig.unplug(0)
    rig.unplug(1)
    rig.pcscd("restart")
    assert rig.readers() == {}
    rig.replug(0)
    rig.replug(1)
    assert rig.reader(0) == "Virtual PCD 00 00"
    sign(rig, "9a", "ECCP256", b"data", tmp_path)


# the rig itself


def living(directory):
    """Processes that know of a directory."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(directory).encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            pass
    return found


def test_nothing_is_left_when_its_parent_dies(tmp_path):
    script = ("import sys, time; sys.path.insert(0, sys.argv[1]); from cards import Rig\n"
              "r = Rig(); r.card('a').insert(); print(r.dir, flush=True); time.sleep(600)")
    parent = subprocess.Popen(["/usr/bin/python3", "-c", script, os.path.dirname(__file__)],
                              stdout=subprocess.PIPE, text=True)
    directory = parent.stdout.readline().strip()
    assert len(living(directory)) >= 3  # unshare, card-rig, pcscd, virtual-card
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_for(lambda: not living(directory))
    run("rm", "-rf", directory)


def test_nothing_is_left_when_it_is_killed(rig):
    other = Rig()
    try:
        other.card("a").insert()
        assert len(living(other.dir)) >= 3
        other.process.kill()
        other.process.wait()
        wait_for(lambda: not living(other.dir))
    finally:
        other.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="is an ordinary user already")
def test_an_ordinary_user_has_a_rig_too():
    r = Rig(user="nobody")
    try:
        r.card("a").insert()
        assert r.apdu(SELECT_PIV)[0][-4:] == "9000"
    finally:
        r.close()
    assert not living(r.dir)


def test_from_the_shell(tmp_path):
    directory = f"/tmp/rig-{os.urandom(4).hex()}"
    rig = lambda *words, **more: run(CARD_RIG, words[0], directory, *words[1:], **more)
    try:
        key, value = rig("start", "--build", BUILD).stdout.strip().split("=")
        assert key == "PCSCLITE_CSOCK_NAME"
        assert rig("env").stdout == f"{key}={value}\n"
        assert rig("start", check=False).returncode == 1  # it runs
        rig("insert", "alice")
        said = run("opensc-tool", "-n", env=dict(os.environ, **{key: value}))
        assert "Personal Identity Verification" in said.stdout
        assert '"pin_tries": 3' in rig("tell", "alice", "counters").stdout
        rig("remove")
        assert rig("insert", "../alice", check=False).returncode == 1
        assert rig("insert", "alice", "7", check=False).returncode == 1
        assert rig("create", "alice", check=False).returncode == 1
    finally:
        rig("stop")
    assert not living(directory)
    assert rig("insert", "alice", check=False).stderr == f"card-rig: no rig runs in {directory}\n"
    run("rm", "-rf", directory)
