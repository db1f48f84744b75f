# SPDX-License-Identifier: GPL-2.0-or-later
"""The virtual My Number card, in the eyes of OpenSC's jpki driver."""

import os

import pytest

from cards import Rig
from sekisho import run
from test_rig import verify

pytestmark = pytest.mark.rig
ATR = "3be000ff8131fe4514"
AUTH, SIGN = "0", "1"  # slots of one card


@pytest.fixture(scope="module")
def rig():
    r = Rig()
    yield r
    r.close()


@pytest.fixture
def card(rig):
    c = rig.card("j" + os.urandom(4).hex(), kind="jpki", ca=rig.dir / "ca.pem")
    yield c.insert()
    c.remove()


def certificate(rig, number, tmp, *pin):
    """By pkcs15-tool; its path, or None if the card refuses."""
    path = tmp / f"{number}.pem"
    done = rig.run("pkcs15-tool", "--read-certificate", number, "-o", path, *pin, check=False)
    return path if done.returncode == 0 and path.stat().st_size else None


def sign(rig, slot, key, pin, tmp, check=True):
    (tmp / "in").write_bytes(b"data")
    return rig.pkcs11("--slot-index", slot, "--login", "--pin", pin, "--sign", "-m",
                      "SHA256-RSA-PKCS", "--id", key, "-i", tmp / "in", "-o", tmp / "sig",
                      check=check)


def test_two_slots_and_their_objects(rig, card):
    assert rig.readers()[rig.reader(0)] == ATR
    assert rig.run("opensc-tool", "-n").stdout == "jpki\n"
    slots = rig.pkcs11("--list-slots").stdout
    assert "User Authentication PIN" in slots and "Digital Signature PIN" in slots
    objects = rig.pkcs11("--slot-index", AUTH, "--login", "--pin", "1234", "-O").stdout
    assert "User Authentication Key" in objects and "User Authentication Certificate" in objects


def test_both_keys_sign(rig, card, tmp_path):
    cert = certificate(rig, "01", tmp_path)
    run("openssl", "verify", "-CAfile", rig.dir / "ca.pem", cert)
    run("openssl", "verify", "-CAfile", certificate(rig, "03", tmp_path), cert)
    sign(rig, AUTH, "01", "1234", tmp_path)
    assert verify(cert, b"data", tmp_path / "sig", tmp_path)
    sign(rig, SIGN, "02", "ABC123", tmp_path)
    assert not verify(cert, b"data", tmp_path / "sig", tmp_path)
    signer = certificate(rig, "02", tmp_path, "--verify-pin", "--auth-id", "02", "--pin", "ABC123")
    assert verify(signer, b"data", tmp_path / "sig", tmp_path)


def test_the_signers_certificate_wants_its_pin(rig, card):
    """It holds name and address."""
    ap, sign_cert, auth_cert = (
        "00a4040c0ad392f000260100000001", "00a4020c020001", "00a4020c02000a")
    read = "00b0000004"
    answers = rig.apdu(ap, sign_cert, read, "00a4020c020018", "0020008004" + b"1234".hex(),
                       sign_cert, read, auth_cert, read, "00a4020c02001b",
                       "0020008006" + b"ABC123".hex(), sign_cert, read)
    said = [a[-4:] for a in answers]
    assert said[2] == "6982" and said[6] == "6982"  # the other PIN is not enough
    assert said[8] == "9000" and said[12] == "9000" and answers[12].startswith("3082")


@pytest.mark.parametrize("slot, name, tries, right", [
    (AUTH, "auth", 3, "1234"), (SIGN, "sign", 5, "ABC123")])
def test_wrong_pins_lock_one_pin_only(rig, card, tmp_path, slot, name, tries, right):
    wrong = right[::-1]
    for left in reversed(range(tries)):
        assert sign(rig, slot, f"0{int(slot) + 1}", wrong, tmp_path, check=False).returncode != 0
        assert card.counters()[f"{name}_tries"] == left
    assert sign(rig, slot, f"0{int(slot) + 1}", right, tmp_path, check=False).returncode != 0
    card.remove()
    card.insert()
    assert sign(rig, slot, f"0{int(slot) + 1}", right, tmp_path, check=False).returncode != 0
    other, pin = (SIGN, "ABC123") if slot == AUTH else (AUTH, "1234")
    sign(rig, other, f"0{int(other) + 1}", pin, tmp_path)


def test_a_card_is_made_as_asked(rig):
    for options, why in (({"kind": "jpki", "pin": "12345"}, "a card of these options"),
                         ({"kind": "credit"}, "no such kind"),
                         ({"pin": "12345"}, "a card of these options"),
                         ({"mgm": "00"}, "a card of these options")):
        with pytest.raises(AssertionError, match=why):
            rig.card("refused", **options)
    assert not list(rig.dir.glob("cards/refused*"))
