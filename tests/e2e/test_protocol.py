# SPDX-License-Identifier: GPL-2.0-or-later
"""What arrives from the network and at the socket: odd, malformed, forged."""

import hmac
import os

import struct
import time

import pytest
import radius
from radius import Client, attribute
from sekisho import wait_for


def alive(s, p):
    assert s.terminal.login(p.login, p.password).name == "challenge"


@pytest.mark.parametrize("name", [
    b"", b"a" * 253, b"nul\0inside", b"\xff\xfe\x80", b"\xe4\xbd", b"with blank", b"tab\tbed",
    b"line\nfeed level=info: accept", "​".encode(), "é́́".encode(), b"'; DROP TABLE person; --",
])
def test_odd_user_names(shared, person, name):
    reply = shared.terminal.login(name, "whatever-1-Aa")
    assert reply.name == "reject"
    alive(shared, person)
    for line in shared.log().splitlines():
        assert line.startswith("2"), "no client forges a line of the log"


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 127, 128])
def test_password_lengths(shared, person, length):
    reply = shared.terminal.login(person.login, b"a" * length)
    assert reply.name == "reject"
    reason = shared.last(person.login)["reason"]
    assert reason in ("wrong_password", "no_credential", "delay_running")
    shared.admin("unlock", person.login)


def test_password_of_128_octets_is_never_truncated(shared):
    p = shared.person(token=False)
    long = "ぬ夢凪帆鯨鶴杏苔" * 5 + "Aq7!" + "xvz0"
    assert len(long.encode()) == 128
    shared.new_password(p.login, long)
    shared.token(p)
    assert shared.terminal.login(p.login, long).name == "challenge"
    assert shared.terminal.login(p.login, long[:-1]).name == "reject"
    shared.admin("unlock", p.login)
    too_long = shared.admin("password", "set", p.login, input=long + "Z\n", check=False)
    assert too_long.returncode in (1, 2)


def test_password_in_another_unicode_form(shared):
    p = shared.person(token=False)
    shared.new_password(p.login, "Pézqwörv-2027-が")
    shared.token(p)
    import unicodedata
    decomposed = unicodedata.normalize("NFD", "Pézqwörv-2027-が")
    assert shared.terminal.login(p.login, decomposed).name == "challenge"


@pytest.mark.parametrize("password", [b"nul\0in-it", b"\xff\xfe\xfd", b"\xe3\x81"])
def test_malformed_passwords_charge_nobody(shared, person, password):
    assert shared.terminal.login(person.login, password).name == "reject"
    assert shared.last(person.login)["reason"] == "credential_malformed"
    alive(shared, person)


@pytest.mark.parametrize("number", [radius.STATE, radius.CALLING_STATION_ID, 30, 32, 44, 4, 61, 26])
@pytest.mark.parametrize("size", [0, 253])
def test_attributes_of_length_0_and_253(shared, person, number, size):
    packet = shared.terminal.build(person.login, person.password, extra=[(number, b"A" * size)])
    reply = shared.terminal.exchange(packet, timeout=3)
    assert reply.name in ("challenge", "reject", "silence")
    alive(shared, person)


def test_chap_and_mschap_are_refused_in_clear_words(shared, person):
    chap = shared.terminal.build(person.login, None, extra=[(radius.CHAP_PASSWORD, os.urandom(17))])
    assert shared.terminal.exchange(chap).name == "reject"
    assert shared.last(person.login)["reason"] == "scheme_chap"
    vsa = lambda n, v: struct.pack("!IBB", 311, n, len(v) + 2) + v  # noqa: E731
    mschap = shared.terminal.build(person.login, None, extra=[
        (radius.VENDOR, vsa(11, os.urandom(16))), (radius.VENDOR, vsa(25, os.urandom(50)))])
    assert shared.terminal.exchange(mschap).name == "reject"
    assert shared.last(person.login)["reason"] == "scheme_mschap"
    assert "need a recoverable password" in shared.log()
    alive(shared, person)


def test_bits_flipped_on_the_way(shared, person):
    packet = bytearray(shared.terminal.build(person.login, person.password))
    for at in range(4, len(packet), 7):
        altered = bytearray(packet)
        altered[at] ^= 4
        shared.terminal.send(bytes(altered))
    time.sleep(1)
    assert shared.count(person.login, "wrong_password") == 0
    alive(shared, person)


def test_message_authenticator_is_required(shared, person):
    packet = shared.terminal.build(person.login, person.password, ma=False)
    assert shared.terminal.exchange(packet, timeout=1.5).name == "silence"


def test_message_authenticator_is_first_in_every_reply(shared, person):
    """radius.parse() asserts it for each reply; this names them all."""
    names = {shared.terminal.login(person.login, person.password).name,
             shared.terminal.login(person.login, person.password + person.code()).name,
             shared.terminal.login(person.login, "wrong-one-A1").name}
    assert names == {"challenge", "accept", "reject"}
    status = shared.terminal
    auth = os.urandom(16)
    body = attribute(radius.MESSAGE_AUTHENTICATOR, bytes(16))
    packet = struct.pack("!BBH", 12, 7, 20 + len(body)) + auth + body
    mac = hmac.new(status.secret, packet, "md5").digest()
    packet = packet[:22] + mac
    assert status.exchange(packet).name == "accept"
    shared.admin("unlock", person.login)


def test_blastradius_exception(own):
    """Without Message-Authenticator: dated, for one address, Proxy-State
    dropped, and whatever anyone forges delays the person there alone."""
    s = own()
    s.terminal = s.client()
    p = s.person()
    bad = s.admin("client", "add", "net", "--address", "127.0.1.0/24", "--kind", "vpn",
                  "--secret-stdin", "--no-message-authenticator-until", "2027-01-31",
                  "--reason", "old firmware", input="0123456789abcdef01\n", check=False)
    assert bad.returncode in (1, 2), "only a fixed address"
    old = s.client("old-vpn", "127.0.0.5", "vpn", True, "--no-message-authenticator-until",
                   "2027-01-31", "--reason", "old firmware")
    plain = old.build(p.login, p.password, ma=False)
    assert old.exchange(plain).name == "challenge"
    shaped = old.build(p.login, p.password, ma=False, extra=[(radius.PROXY_STATE, b"x" * 200)])
    assert old.exchange(shaped, timeout=1.5).name == "silence"
    for n in range(3):
        old.exchange(old.build(p.login, f"forged-{n}-Aa", ma=False))
    second = old.exchange(old.build(p.login, p.password, ma=False))
    assert old.login(p.login, p.code(), second.state).name == "reject", "the delay runs there"
    vpn = s.client("vpn", "127.0.0.2", "vpn")
    first = vpn.login(p.login, p.password)
    assert vpn.login(p.login, p.code(), first.state).name == "accept"


def test_wrong_secret_and_unknown_sources(shared, person):
    wrong = Client(shared.server, "not-the-secret-at-all")
    assert wrong.login(person.login, person.password, timeout=1.5).name == "silence"
    nobody = Client(shared.server, "not-the-secret-at-all", "127.0.0.77")
    assert nobody.login(person.login, person.password, timeout=1.5).name == "silence"
    assert shared.count(person.login, "wrong_password") == 0


def test_clients_come_and_go_within_seconds(own):
    s = own()
    s.terminal = s.client()
    p = s.person()
    begun = time.monotonic()
    extra = s.client("extra", "127.0.0.6", "terminal")
    assert time.monotonic() - begun < 10
    assert extra.login(p.login, p.password).name == "challenge"
    s.admin("client", "remove", "extra")
    assert extra.login(p.login, p.password, timeout=1.5).name == "silence", "at once"
    # the same address again with another secret
    again = s.client("extra", "127.0.0.6", "terminal", False)
    wait_for(lambda: again.login(p.login, p.password, timeout=1).name == "challenge", 20)
    assert extra.login(p.login, p.password, timeout=1.5).name == "silence"


def test_spoofed_sources_do_not_stall_the_others(shared, person):
    strangers = [Client(shared.server, "x" * 16, f"127.1.{n // 250}.{n % 250 + 1}") for n in range(300)]
    packets = [c.build("x", "y") for c in strangers]
    slowest = 0.0
    for turn in range(3):
        for c, packet in zip(strangers, packets):
            c.send(packet)
        begun = time.monotonic()
        # a burst may overflow the kernel's buffer: a client sends again
        assert shared.terminal.login(person.login, person.password, timeout=1.5,
                                     tries=3).name == "challenge"
        slowest = max(slowest, time.monotonic() - begun)
    for c in strangers:
        c.close()
    assert slowest < 3.5, slowest


def test_texts_follow_the_language(own):
    s = own()
    english = s.client("en", "127.0.0.1", "terminal", True, "--lang", "en")
    s.terminal = english
    p = s.person(lang="en")
    first = english.login(p.login, p.password)
    assert first.text == "Enter the 6 digits shown in your authenticator app"
    assert "Authentication failed" in english.login("nobody", "x-1-Aa").text


# The local socket

def talk(s, octets, uid=None, wait=2.0):
    """Sends octets to authd's socket as FreeRADIUS' user would, or as another;
    the answer, b"" for a closed connection."""
    path = str(s.dir / "run/authd.sock")
    script = f"""
import os, socket, sys
uid = {uid!r}
if uid is not None and os.geteuid() == 0:
    os.setgid(uid[1]); os.setuid(uid[0])
sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
sock.settimeout({wait})
sock.connect({path!r})
try:
    sock.send({octets!r})
    sys.stdout.buffer.write(sock.recv(65536))
except (socket.timeout, ConnectionResetError, BrokenPipeError):
    pass
"""
    import subprocess
    return subprocess.run(["/usr/bin/python3", "-c", script], stdout=subprocess.PIPE, check=True).stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to take other users' place")
def test_messages_at_the_socket(shared, person):
    import pwd
    freerad = pwd.getpwnam("freerad")
    me = (freerad.pw_uid, freerad.pw_gid)
    for octets in (b"", b"S", b"SK", b"SK\1", b"SK\2\1" + b"x" * 10, b"SK\1\x09abc", b"XX\1\1abc",
                   b"SK\1\1" + b"\xff" * 500, b"SK\1\1" + os.urandom(15000),
                   b"SK\1\5\x08\1\x12\0", b"SK\1\2", b"SK\1\3\x0a\x03abc"):
        assert talk(shared, octets or b"S", me, 1.0) == b""
    # root itself is not the plugin
    good = b"SK\1\3\x0a\x04\x7f\0\0\1"
    assert talk(shared, good, None, 1.0) == b""
    assert "not the plugin's user" in shared.log()
    assert talk(shared, good, me, 2.0).startswith(b"SK\1\4")
    alive(shared, person)
