# SPDX-License-Identifier: GPL-2.0-or-later
"""The virtual PIV card behaves as cards do, in the eyes of real programs:
OpenSC, yubico-piv-tool, OpenSSL's PKCS#11 engine."""

import hashlib
import os
import random

import pytest

from cards import CA, KEY_ID, OPENSC, Rig, SELECT_PIV
from sekisho import run

pytestmark = pytest.mark.rig
DEFAULT_MGM = "010203040506070801020304050607080102030405060708"
KINDS = {"ECCP256": "ECDSA", "ECCP384": "ECDSA", "RSA2048": "SHA256-RSA-PKCS"}


@pytest.fixture(scope="module")
def rig():
    r = Rig()
    yield r
    r.close()


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def card(rig):
    """A card of the test's own, in reader 0."""
    c = rig.card("c" + os.urandom(4).hex())
    yield c.insert()
    c.fault("clear")
    c.remove()


def verify(certificate, data, signature, tmp):
    """openssl's opinion of a signature over data."""
    (tmp / "data").write_bytes(data)
    (tmp / "pub").write_text(run("openssl", "x509", "-in", certificate, "-noout", "-pubkey").stdout)
    return run("openssl", "dgst", "-sha256", "-verify", tmp / "pub", "-signature", signature,
               tmp / "data", check=False).returncode == 0


def sign(rig, slot, algorithm, data, tmp, pin="123456", check=True):
    """By pkcs11-tool and OpenSC. EC keys get the digest, RSA keys the data."""
    ec = algorithm.startswith("ECC")
    (tmp / "in").write_bytes(hashlib.sha256(data).digest() if ec else data)
    (tmp / "sig").unlink(missing_ok=True)
    return rig.pkcs11("--login", "--pin", pin, "--sign", "-m", KINDS[algorithm],
                      "--id", KEY_ID[slot], "-i", tmp / "in", "-o", tmp / "sig",
                      *(["--signature-format", "openssl"] if ec else []), check=check)


def log_in(rig, pin="123456"):
    """The return value of C_Login, as pkcs11-tool names it; None if it went well."""
    done = rig.pkcs11("--login", "--pin", pin, "-O", check=False)
    said = [line for line in done.stderr.splitlines() if "C_Login" in line]
    return said[0].split("rv = ")[1].split()[0] if said else None


def pin_flags(rig):
    return rig.pkcs11("--list-slots").stdout.split("token flags")[1].splitlines()[0]


# keys and signatures


@pytest.mark.parametrize("algorithm", KINDS)
@pytest.mark.parametrize("slot", ["9a", "9c", "9e"])
def test_opensc_signs(rig, card, ca, tmp_path, slot, algorithm):
    certificate = card.personalise(ca, **{f"s{slot}": algorithm})[slot]
    sign(rig, slot, algorithm, b"data", tmp_path)
    assert verify(certificate, b"data", tmp_path / "sig", tmp_path)
    assert not verify(certificate, b"other", tmp_path / "sig", tmp_path)
    assert card.counters()["signatures"] == 1


def test_opensc_signs_rsa_pss(rig, card, ca, tmp_path):
    certificate = card.personalise(ca, s9a="RSA2048")["9a"]
    (tmp_path / "in").write_bytes(hashlib.sha256(b"data").digest())
    rig.pkcs11("--login", "--pin", "123456", "--sign", "-m", "RSA-PKCS-PSS", "--hash-algorithm",
               "SHA256", "--mgf", "MGF1-SHA256", "--salt-len", "32", "--id", "01",
               "-i", tmp_path / "in", "-o", tmp_path / "sig")
    (tmp_path / "data").write_bytes(b"data")
    (tmp_path / "pub").write_text(
        run("openssl", "x509", "-in", certificate, "-noout", "-pubkey").stdout)
    run("openssl", "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt",
        "rsa_pss_saltlen:32", "-verify", tmp_path / "pub", "-signature", tmp_path / "sig",
        tmp_path / "data")


def test_opensc_agrees_on_a_key_with_9d(rig, card, ca, tmp_path):
    certificate = card.personalise(ca, s9d="ECCP256")["9d"]
    peer, peer_pub, ours = (tmp_path / n for n in ("peer", "peer.der", "ours.pem"))
    run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", peer)
    run("openssl", "pkey", "-in", peer, "-pubout", "-outform", "DER", "-out", peer_pub)
    ours.write_text(run("openssl", "x509", "-in", certificate, "-noout", "-pubkey").stdout)
    rig.pkcs11("--login", "--pin", "123456", "--derive", "-m", "ECDH1-COFACTOR-DERIVE",
               "--id", "03", "-i", peer_pub, "-o", tmp_path / "there")
    run("openssl", "pkeyutl", "-derive", "-inkey", peer, "-peerkey", ours,
        "-out", tmp_path / "here")
    assert (tmp_path / "there").read_bytes() == (tmp_path / "here").read_bytes()


def test_9e_signs_without_a_pin(rig, card, ca, tmp_path):
    """OpenSSL's engine, since pkcs11-tool always logs in to sign."""
    certificate = card.personalise(ca, s9e="ECCP256")["9e"]
    (tmp_path / "in").write_bytes(hashlib.sha256(b"data").digest())
    rig.run("openssl", "pkeyutl", "-engine", "pkcs11", "-keyform", "engine",
            "-inkey", "pkcs11:id=%04;type=private", "-sign", "-in", tmp_path / "in",
            "-out", tmp_path / "sig", env={"PKCS11_MODULE_PATH": OPENSC})
    assert verify(certificate, b"data", tmp_path / "sig", tmp_path)
    assert not [c for c in card.commands() if c.startswith("> 0020008008")]


def test_9a_is_hidden_until_login_and_9e_is_not(rig, card, ca):
    card.personalise(ca, s9a="ECCP256", s9e="ECCP256")
    before = rig.pkcs11("-O").stdout
    after = rig.pkcs11("--login", "--pin", "123456", "-O").stdout
    assert "CARD AUTH key" in before and "PIV AUTH key" not in before
    assert "CARD AUTH key" in after and "PIV AUTH key" in after
    assert "Virtual PCD 00 00" in rig.pkcs11("--list-slots").stdout


def test_9c_wants_the_pin_immediately_before(rig, card, ca):
    card.personalise(ca, s9c="ECCP256")
    pin = "0020008008" + b"123456\xff\xff".hex()
    signature = "0087119c267c2482008120" + "11" * 32 + "00"
    answers = rig.apdu(SELECT_PIV, pin, signature, signature, pin, "00cb3fff035c017e00", signature)
    assert [a[-4:] for a in answers] == ["9000", "9000", "9000", "6982", "9000", "9000", "6982"]


# PIN and PUK


def test_wrong_pins_block_and_the_puk_unblocks(rig, card, ca):
    card.personalise(ca, s9a="ECCP256")
    assert log_in(rig, "111111") == "CKR_PIN_INCORRECT"
    assert card.counters()["pin_tries"] == 2
    assert log_in(rig) is None and card.counters()["pin_tries"] == 3  # the right one gives all back
    for _ in range(2):
        assert log_in(rig, "111111") == "CKR_PIN_INCORRECT"
    assert "final user PIN try" in pin_flags(rig)
    assert log_in(rig, "111111") in ("CKR_PIN_INCORRECT", "CKR_PIN_LOCKED")
    assert "user PIN locked" in pin_flags(rig)
    assert log_in(rig) == "CKR_PIN_LOCKED" and card.counters()["pin_tries"] == 0
    rig.run("pkcs15-tool", "--unblock-pin", "--auth-id", "01", "--puk", "12345678",
            "--new-pin", "654321")
    assert log_in(rig, "654321") is None and card.counters()["puk_tries"] == 3


def test_wrong_puks_block_for_good(card):
    for left in (2, 1, 0):
        done = card.piv_tool("-a", "unblock-pin", "-P", "00000000", "-N", "654321", check=False)
        assert done.returncode != 0 and card.counters()["puk_tries"] == left
    done = card.piv_tool("-a", "unblock-pin", "-P", "12345678", "-N", "654321", check=False)
    assert done.returncode != 0
    card.remove()
    card.insert()
    assert card.counters()["puk_tries"] == 0


def test_pin_and_puk_are_changed(rig, card):
    card.piv_tool("-a", "change-pin", "-P", "123456", "-N", "654321")
    card.piv_tool("-a", "change-puk", "-P", "12345678", "-N", "87654321")
    assert card.piv_tool("-a", "verify-pin", "-P", "123456", check=False).returncode != 0
    card.piv_tool("-a", "verify-pin", "-P", "654321")
    card.piv_tool("-a", "unblock-pin", "-P", "87654321", "-N", "222222")
    card.piv_tool("-a", "verify-pin", "-P", "222222")


def test_a_pin_of_the_wrong_form_costs_no_try(rig, card):
    short, holed = b"12345\xff\xff\xff".hex(), b"12\xff34567".hex()
    old = b"123456\xff\xff".hex()
    answers = rig.apdu(SELECT_PIV, "0024008010" + old + short, "0024008010" + old + holed,
                       "0020008006313233343536")
    assert [a[-4:] for a in answers[1:]] == ["6a80"] * 3
    assert card.counters()["pin_tries"] == 3


# the management key


def test_management_key(card, ca):
    new = "a1" * 8 + "b2" * 8 + "c3" * 8
    card.piv_tool("-a", "set-mgm-key", "-n", new)
    refused = card.piv_tool("-a", "generate", "-s", "9a", "-A", "ECCP256", check=False)
    assert refused.returncode != 0 and "9a" not in card.state().get("keys", {})
    card.mgm = new
    card.personalise(ca, s9a="ECCP256")


def manage(rig, tmp, algorithm, cipher, key):
    """Single authentication: the host encrypts the card's challenge. The answer
    to that, and what it leaves to be sent again."""
    challenge = rig.apdu(SELECT_PIV, f"0087{algorithm}9b047c02810000")[1]
    assert challenge[-4:] == "9000"
    n = int(challenge[6:8], 16)
    assert challenge[:8] == f"7c{n + 2:02x}81{n:02x}"
    (tmp / "c").write_bytes(bytes.fromhex(challenge[8:-4]))
    run("openssl", "enc", f"-{cipher}", "-nopad", "-K", key, "-in", tmp / "c", "-out", tmp / "r")
    response = f"0087{algorithm}9b{n + 4:02x}7c{n + 2:02x}82{n:02x}" + (tmp / "r").read_bytes().hex()
    return rig.apdu(response)[0][-4:], response


def test_management_key_in_one_direction(rig, card, tmp_path):
    put = "00db3fff075c035fc1025300"
    for key, said in (("11" * 24, "6982"), (DEFAULT_MGM, "9000")):
        got, response = manage(rig, tmp_path, "03", "des-ede3-ecb", key)
        assert got == said
        assert rig.apdu(put) == [said]
        assert rig.apdu(response) == ["6a80"]  # a challenge is good once


def test_management_key_of_aes(rig, card, tmp_path):
    """yubico-piv-tool 2.2 knows 3DES only."""
    new = "0123456789abcdef" * 3
    assert manage(rig, tmp_path, "03", "des-ede3-ecb", DEFAULT_MGM)[0] == "9000"
    assert rig.apdu("00ffffff1b0a9b18" + new) == ["9000"]
    card.remove()
    card.insert()
    assert rig.apdu(SELECT_PIV, "0087039b047c02810000")[1] == "6a86"  # no longer 3DES
    assert manage(rig, tmp_path, "0a", "aes-192-ecb", new)[0] == "9000"
    assert rig.apdu("00db3fff075c035fc1025300") == ["9000"]


# the vendor's commands


def test_status_and_objects_of_the_vendors_tool(card, ca):
    card.personalise(ca, s9a="ECCP256", s9e="RSA2048")
    said = card.piv_tool("-a", "status").stdout
    assert "Slot 9a" in said and "Slot 9e" in said and "RSA2048" in said
    assert "CHUID:\tNo data" not in said and "PIN tries left:\t3" in said


def test_attestation(rig, card, ca, tmp_path):
    c = rig.card("attesting", ca=rig.dir / "attestation.pem")
    card.remove()
    c.insert()
    certificate = c.personalise(ca, s9a="ECCP256")["9a"]
    (tmp_path / "att").write_text(c.piv_tool("-a", "attest", "-s", "9a").stdout)
    (tmp_path / "f9").write_text(c.piv_tool("-a", "read-certificate", "-s", "f9").stdout)
    run("openssl", "verify", "-CAfile", rig.dir / "attestation.pem", "-untrusted",
        tmp_path / "f9", tmp_path / "att")
    keys = [run("openssl", "x509", "-in", f, "-noout", "-pubkey").stdout
            for f in (certificate, tmp_path / "att")]
    assert keys[0] == keys[1]
    text = run("openssl", "x509", "-in", tmp_path / "att", "-noout", "-text").stdout
    assert "1.3.6.1.4.1.41482.3.3" in text and "1.3.6.1.4.1.41482.3.8" in text
    assert c.piv_tool("-a", "attest", "-s", "9c", check=False).returncode != 0  # no key there
    c.remove()


def test_a_card_without_the_vendors_commands(rig, card, ca, tmp_path):
    c = rig.card("plain", standard_only=True)
    card.remove()
    c.insert()
    for command in ("00fd000000", "00f8000000", "00f99a0000", "00f7009a00", "00ffffff"):
        assert rig.apdu(SELECT_PIV, command)[1] == "6d00"
    c.remove()


def test_retries_and_reset(rig, card, ca):
    card.personalise(ca, s9a="ECCP256")
    card.piv_tool("-a", "verify-pin", "-P", "123456", "-a", "pin-retries", "--pin-retries", "5",
                  "--puk-retries", "4")
    counters = card.counters()
    assert (counters["pin_tries"], counters["puk_tries"]) == (5, 4)
    assert card.piv_tool("-a", "reset", check=False).returncode != 0  # not while a PIN works
    pin, puk = "0020008008" + "00" * 8, "002c008010" + "00" * 8 + b"123456\xff\xff".hex()
    rig.apdu(SELECT_PIV, *[pin] * 5, *[puk] * 4)
    card.piv_tool("-a", "reset")
    assert card.counters()["pin_tries"] == 3
    assert "keys" not in card.state() or "9a" not in card.state()["keys"]


# the protocol, command by command


def test_answers_come_in_the_pieces_that_were_asked_for(rig, card, ca):
    card.personalise(ca, s9a="RSA2048")
    get = "00cb3fff055c035fc105"
    first, *rest = rig.apdu(SELECT_PIV, get + "08", "00c0000010", "00c0000000", "00c0000000",
                            "00c0000000")[1:]
    assert len(first) == 2 * 8 + 4 and first[-4:] == "6100"  # more than 255 are left
    assert len(rest[0]) == 2 * 16 + 4
    assert rest[-1] == "6985"  # nothing left
    whole = first[:-4] + "".join(r[:-4] for r in rest)
    assert whole.startswith("5382") and len(whole) == 2 * (int(whole[4:8], 16) + 4)
    assert rig.apdu(get + "08", "00cb3fff035c017e08")[1][-4:] == "610c"  # the rest is dropped
    # an extended Le gets all of it at once
    assert rig.apdu("00cb3fff0000055c035fc1050000")[0] == whole + "9000"


def test_chains(rig, card):
    assert rig.apdu(SELECT_PIV, "10db3fff045c035fc1", "0020008000")[2] == "6883"
    assert rig.apdu("10db3fff045c035fc1", "00db3fff01aa")[1] == "6982"  # whole, but not allowed
    long = "10db3ffff0" + "00" * 240
    answers = [a[-4:] for a in rig.apdu(*[long] * 40)]
    assert answers[0] == "9000" and "6700" in answers


def test_status_words(rig, card):
    for command, said in (
            ("00a4040007a0000001510000", "6a82"), ("00a4040009a0000003974254465900", "6a82"),
            ("00a4000005a000000308", "6a81"), ("00cadf3005", "6d00"), ("80cb3fff035c017e00", "6e00"),
            ("00cb3fff035c017f00", "6a82"), ("00cb3fff055c035fc10900", "6982"),
            ("00cb3fff025c0100", "6a80"), ("00cb0000035c017e00", "6a86"),
            ("00200080", "63c3"), ("0020008000", "63c3"), ("0020008108" + "31" * 8, "6a88"),
            ("0020ff80", "9000"), ("0024008210" + "31" * 16, "6a88"),
            ("0047009a05ac0380011100", "6982"), ("00db3fff075c035fc1025300", "6982"),
            ("0087119a0a7c0882008104ffffffff00", "6982"), ("0087119a00", "6a80"),
            ("0087059b047c02800000", "6a86"), ("0087039b047c02820000", "6a80")):
        assert rig.apdu(SELECT_PIV, command)[1][-4:] == said, command
    assert card.counters()["pin_tries"] == 3


def test_before_it_is_selected(rig, card):
    assert rig.apdu("00cb3fff035c017e00", "00200080", "0047009a05ac03800111") == ["6985"] * 3


def test_objects_are_written_and_deleted(rig, card, tmp_path):
    rig.apdu(SELECT_PIV)
    assert manage(rig, tmp_path, "03", "des-ede3-ecb", DEFAULT_MGM)[0] == "9000"
    value = "53820200" + "ab" * 512
    put = "5c035fc102" + value
    pieces = [put[i:i + 400] for i in range(0, len(put), 400)]
    chain = [f"{'00' if p is pieces[-1] else '10'}db3fff{len(p) // 2:02x}{p}" for p in pieces]
    assert set(rig.apdu(*chain)) == {"9000"}
    get = "00cb3fff0000055c035fc1020000"
    assert rig.apdu(get) == [value + "9000"]
    card.remove()
    card.insert()
    assert rig.apdu(SELECT_PIV, get)[1] == value + "9000"
    assert manage(rig, tmp_path, "03", "des-ede3-ecb", DEFAULT_MGM)[0] == "9000"
    assert rig.apdu("00db3fff075c035fc1025300", get) == ["9000", "6a82"]
    assert rig.apdu("00db3fff057e03000000")[0] == "6a80"  # Discovery is the card's own
    assert rig.apdu("00db3fff085c035fc102530200")[0] == "6a80"  # cut short


def test_nonsense(rig, card, tmp_path):
    """Whatever comes, the card answers (and AddressSanitizer watches it)."""
    chance = random.Random(4)
    rig.apdu(SELECT_PIV)
    for _ in range(40):
        manage(rig, tmp_path, "03", "des-ede3-ecb", DEFAULT_MGM)
        commands = []
        for _ in range(25):
            head = [chance.choice([0, 0, 0, 0x10, 0x80]),
                    chance.choice([0xA4, 0xCB, 0xDB, 0x20, 0x24, 0x87, 0x87, 0x47, 0xF7, 0xF9, 0xFF]),
                    chance.choice([0, 3, 7, 0x11, 0x14, 0x3F, 0xFF]),
                    chance.choice([0, 0x80, 0x9A, 0x9B, 0x9C, 0x9E, 0xFF])]
            body = bytes(chance.choice([0, 1, 2, 3, 0x53, 0x5C, 0x7C, 0x80, 0x81, 0x82, 0x83, 0xAC,
                                        0xFF, chance.randrange(256)])
                         for _ in range(chance.choice([0, 1, 3, 5, 9, 20, 200])))
            commands.append((bytes(head) + bytes([len(body)] if body else []) + body).hex())
        assert all(len(a) >= 4 for a in rig.apdu(*commands))
    assert card.inserted()
