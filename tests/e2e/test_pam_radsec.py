# SPDX-License-Identifier: GPL-2.0-or-later
"""RADIUS over TLS from the terminal to FreeRADIUS: who is heard as whom, and
what becomes of servers and terminals that are not what they should be."""

import hmac
import os
import shutil
import socket
import ssl
import time

import pytest

from cards import Rig
from fakeradius import FakeServer
from radius import ACCEPT, USER_NAME
from radsec import Issuer, Listener, tls_server
from sekisho import BUILD, Sekisho, run, wait_for
from terminal import Terminal

NAME, PIN = "ward-3.hospital.example", "402917"
ASK = "PIN of your staff card: "


class Ward:
    """One node that listens for TLS, a client that may come over it, and the
    certificates of both ends."""

    def __init__(self):
        self.s = Sekisho("radsec", ca=True, radsec=True)
        self.issuer = Issuer(self.s.dir / "radsec")
        self.address = self.s.env["SEKISHO_RADSEC"]
        self.made = []
        self.s.client("ward-3", "127.0.0.1", "terminal", True, "--lang", "en", "--tls-name", NAME)
        self.files = self.s.root / "terminal"
        self.files.mkdir()
        self.pem, self.key = self.issuer.issue(self.files / "good", NAME)

    def terminal(self, servers=None, **settings):
        settings = {"radsec_name": "localhost", "radsec_ca": str(self.issuer.ca),
                    "radsec_certificate": str(self.pem), "radsec_key": str(self.key),
                    "secret_file": "/nonexistent", "timeout_ms": 4000, "tries": 2, **settings}
        t = Terminal(servers or self.address, "not used over TLS", **settings)
        self.made.append(t)
        return t

    def close(self):
        for t in self.made:
            t.close()
        self.s.close()


@pytest.fixture(scope="module")
def ward():
    w = Ward()
    yield w
    w.close()


def by_password(terminal, person, **more):
    return terminal.login(person.login, [("Password: ", person.password),
                                         ("authenticator app: ", person.code())], **more)


def is_silence(terminal, begun, seconds, *logged, asked=True):
    """The login came to nothing, in time, and the log says why."""
    t = terminal
    code, seen = t.login("sato", [("Password: ", "x")] if asked else [])
    took, lines = time.monotonic() - begun, t.logged()
    assert code != 0 and "does not answer" in seen and "cannot retrieve" in seen, (seen, lines)
    assert took < seconds, (took, lines)
    for words in logged:
        assert words in lines, lines
    return lines


def test_password_and_code(ward):
    t, p = ward.terminal(), ward.s.person(lang="en")
    code, seen = by_password(t, p, actions=("authenticate", "acct_mgmt"))
    assert code == 0, (seen, t.logged(), ward.s.log(), ward.s.log("radius.log"))
    row = ward.s.last(p.login)
    assert row["outcome"] == "accept" and row["client"] == "ward-3"
    p = ward.s.person(lang="en")
    code, seen = t.login(p.login, [("Password: ", "not it at all")])
    assert code != 0 and ward.s.last(p.login)["ref"] in seen


def test_by_card(ward):
    rig = Rig()
    try:
        ward.s.env["PCSCLITE_CSOCK_NAME"] = rig.env["PCSCLITE_CSOCK_NAME"]
        ward.s.admin("ca", "init", "--name", "Ward CA")
        p, card = ward.s.person(lang="en"), rig.card("ward").insert(0)
        run("card-admin", "card", "issue", p.login, "--number", "00001", input=PIN + "\n",
            env=ward.s.env)
        t = ward.terminal(card=True, client_id=ward.s.admin("client", "show", "ward-3")["id"],
                          server_id="sekisho", pcsc_socket=rig.env["PCSCLITE_CSOCK_NAME"])
        code, seen = t.login(p.login, [(ASK, PIN)])
        assert code == 0, (seen, t.logged())
        assert [e["method"] for e in ward.s.last(p.login)["evidence"]] == ["card", "pin"]
        card.remove()
    finally:
        rig.close()


def test_a_client_is_its_certificate_and_its_address(ward):
    """Never NAS-Identifier, never one of the two alone; and out at once."""
    p = ward.s.person(lang="en")
    stranger = ward.issuer.issue(ward.files / "stranger", "ward-4.hospital.example")
    t = ward.terminal(radsec_certificate=str(stranger[0]), radsec_key=str(stranger[1]),
                      nas_identifier=NAME, timeout_ms=1000, tries=1)
    is_silence(t, time.monotonic(), 10, "a server does not answer")
    assert "ward-4.hospital.example" in ward.s.log()
    # the name of a client that stands elsewhere
    ward.s.admin("client", "add", "ward-4", "--address", "127.0.0.4/32", "--kind", "terminal",
                 "--tls-name", "ward-4.hospital.example", input="")
    is_silence(t, time.monotonic(), 10, "a server does not answer")
    # several names: the one that is a client counts, in any case
    many = ward.issuer.issue(ward.files / "many", ["w3-07.hospital.example", NAME.upper()])
    t = ward.terminal(radsec_certificate=str(many[0]), radsec_key=str(many[1]),
                      nas_identifier="ward-4")
    assert by_password(t, p)[0] == 0
    assert ward.s.last(p.login)["client"] == "ward-3"
    ward.s.admin("client", "set", "ward-3", "--tls-name", "")
    try:
        t.set(timeout_ms=1000, tries=1)
        is_silence(t, time.monotonic(), 10, "a server does not answer")
    finally:
        ward.s.admin("client", "set", "ward-3", "--tls-name", NAME)
    t.set(timeout_ms=4000)
    assert by_password(t, ward.s.person(lang="en"))[0] == 0
    # a refusal of authd's own is no reason for another server, nor for UDP
    assert ward.s.admin("client", "show", "ward-3")["tls_name"] == NAME


def test_the_server_must_prove_its_name(ward):
    t = ward.terminal(radsec_name="radius.hospital.example", timeout_ms=1000)
    is_silence(t, time.monotonic(), 8, "has not proved its name", "mismatch")
    # a name in the subject alone, or a pattern, proves nothing
    pattern = ward.issuer.issue(ward.files / "pattern", "*.hospital.example", "serverAuth")
    server = tls_server(*pattern, ward.issuer.ca, lambda listener, tls: tls.recv(4096))
    t = ward.terminal(server.address, radsec_name="radius.hospital.example", timeout_ms=1000)
    is_silence(t, time.monotonic(), 8, "has not proved its name")
    server.close()


def test_the_server_must_be_of_the_ca(ward, tmp_path):
    other = Issuer(tmp_path, new=True)
    t = ward.terminal(radsec_ca=str(other.ca), timeout_ms=1000)
    is_silence(t, time.monotonic(), 8, "has not proved its name", "self-signed certificate in")


def test_a_client_certificate_is_no_servers(ward):
    """Else one terminal could play the server for the next."""
    theirs = ward.issuer.issue(ward.files / "theirs", "localhost", "clientAuth")
    server = tls_server(*theirs, ward.issuer.ca, lambda listener, tls: tls.recv(4096))
    t = ward.terminal(server.address, timeout_ms=1000)
    is_silence(t, time.monotonic(), 8, "has not proved its name", "purpose")
    server.close()


def test_the_terminal_must_be_of_the_ca_and_of_today(ward, tmp_path):
    old = ward.issuer.issue(ward.files / "old", NAME, faked="-400d")
    t = ward.terminal(radsec_certificate=str(old[0]), radsec_key=str(old[1]), timeout_ms=1500)
    refused = "a server does not answer", "the server closed the connection"
    is_silence(t, time.monotonic(), 12, *refused)
    foreign = Issuer(tmp_path, new=True).issue(tmp_path / "foreign", NAME)
    t = ward.terminal(radsec_certificate=str(foreign[0]), radsec_key=str(foreign[1]),
                      timeout_ms=1500)
    is_silence(t, time.monotonic(), 12, *refused)
    # nor one that was made for a server
    wrong = ward.issuer.issue(ward.files / "wrong", NAME, "serverAuth")
    t = ward.terminal(radsec_certificate=str(wrong[0]), radsec_key=str(wrong[1]), timeout_ms=1500)
    is_silence(t, time.monotonic(), 12, *refused)


def status(ward, version, *certificate):
    """The answer to a Status-Server over TLS; None if there is none."""
    context = ssl.create_default_context(cafile=ward.issuer.ca)
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    if certificate:
        context.load_cert_chain(*certificate)
    packet = b"\x0c\x01\x00\x26" + os.urandom(16) + b"\x50\x12"
    mac = hmac.new(b"radsec", packet + bytes(16), "md5").digest()
    host, port = ward.address.split(":")
    try:
        with socket.create_connection((host, int(port)), 5) as s, \
                context.wrap_socket(s, server_hostname="localhost") as tls:
            tls.sendall(packet + mac)
            return tls.recv(4096)[:1] or None
    except OSError:
        return None


def test_without_a_certificate_nobody_is_heard(ward):
    today, yesterday = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ssl.TLSVersion.TLSv1_1
    for version in today:
        assert status(ward, version, ward.pem, ward.key) == b"\x02"
        assert status(ward, version) is None
    assert status(ward, yesterday, ward.pem, ward.key) is None
    # a certificate that is nobody's, and a server that cannot say it is well for it
    other = ward.issuer.issue(ward.files / "nobody", "nobody.hospital.example")
    assert status(ward, today[1], *other) is None
    # plain RADIUS to that port: closed without a word
    host, port = ward.address.split(":")
    with socket.create_connection((host, int(port)), 5) as s:
        s.send(b"\x01\x01\x00\x14" + bytes(16))
        s.settimeout(10)
        try:
            assert s.recv(100) == b""
        except ConnectionResetError:
            pass
    assert by_password(ward.terminal(), ward.s.person(lang="en"))[0] == 0, "and it lives on"


def test_who_connects_and_says_half_a_word_holds_nobody_up(ward):
    host, port = ward.address.split(":")
    idle = [socket.create_connection((host, int(port)), 5) for _ in range(60)]
    for i, s in enumerate(idle):
        s.send(b"\x16\x03\x01\x02\x00\x01\x00"[: i % 8])
    begun = time.monotonic()
    assert by_password(ward.terminal(), ward.s.person(lang="en"))[0] == 0
    assert time.monotonic() - begun < 10
    for s in idle:
        s.close()


def test_radsec_is_no_secret_over_udp(ward):
    """The secret that everybody knows opens nothing but TLS."""
    udp = ward.terminal(f"{ward.s.server[0]}:{ward.s.server[1]}", radsec_name=None, radsec_ca=None,
                        radsec_certificate=None, radsec_key=None, timeout_ms=500)
    secret = udp.root / "udp-secret"
    secret.write_text("radsecradsec\n")
    secret.chmod(0o600)
    udp.set(secret_file=str(secret))
    is_silence(udp, time.monotonic(), 8, "a server does not answer")


@pytest.mark.parametrize("how", ["silent", "after the handshake", "half a packet", "plain text",
                                 "closes", "another's answer", "drips"])
def test_silence_has_an_end(ward, how):
    """And is never a reason to try something weaker."""
    pem, key = ward.s.dir / "radsec/server.pem", ward.s.dir / "radsec/server.key"

    def half(listener, tls):
        tls.recv(4096)
        tls.send(b"\x02\x01\x01")
        time.sleep(30)

    def others(listener, tls):
        tls.recv(4096)
        tls.send(b"\x02\x01\x00\x14" + bytes(16))
        time.sleep(30)

    def drips(listener, tls):
        tls.recv(4096)
        tls.send(b"\x02\x01\x10\x00")
        while True:
            tls.send(b"x")
            time.sleep(0.05)

    server = {
        "silent": lambda: Listener(lambda listener, c: time.sleep(30)),
        "plain text": lambda: Listener(lambda listener, c: c.send(b"\x02\x01\x00\x14" + bytes(16))),
        "closes": lambda: Listener(lambda listener, c: c.close()),
        "after the handshake": lambda: tls_server(pem, key, ward.issuer.ca,
                                                  lambda listener, tls: time.sleep(30)),
        "half a packet": lambda: tls_server(pem, key, ward.issuer.ca, half),
        "another's answer": lambda: tls_server(pem, key, ward.issuer.ca, others),
        "drips": lambda: tls_server(pem, key, ward.issuer.ca, drips),
    }[how]()
    # beside it, over UDP at the same port, somebody who accepts everybody
    host, port = server.address.split(":")
    weak = FakeServer("radsec", lambda r: [r.answer(ACCEPT, [(USER_NAME, r.user)])],
                      host, int(port))
    begun = time.monotonic()
    t = ward.terminal(server.address, timeout_ms=1000, tries=2)
    is_silence(t, begun, 7)
    waits = how not in ("plain text", "closes", "another's answer")
    assert (time.monotonic() - begun > 2) == waits
    assert weak.requests == []
    server.close()
    weak.close()


def test_the_next_server_is_asked(ward):
    gone = socket.create_server(("127.0.0.1", 0))
    address = "127.0.0.1:%d" % gone.getsockname()[1]
    gone.close()
    t, p = ward.terminal(f"{address}, {ward.address}"), ward.s.person(lang="en")
    code, seen = by_password(t, p)
    assert code == 0 and "Connection refused" in t.logged(), (seen, ward.s.audit(p.login))


def test_what_the_terminal_reads(ward):
    """The key is nobody else's; what cannot be used is said by -n."""
    def said(**settings):
        t = ward.terminal(**settings)
        done = run(BUILD / "libexec/sekisho-login-helper", "-n", "-c", t.conf, check=False)
        return t, done.returncode, done.stderr

    assert said()[1:] == (0, "")
    key = ward.files / "open.key"
    shutil.copy(ward.key, key)
    key.chmod(0o640)
    t, code, text = said(radsec_key=str(key))
    assert code == 1 and "chmod 600" in text
    out, seen = t.login("sato", [])
    assert out != 0 and "not set up correctly" in seen and "chmod 600" in t.logged()
    for settings, words in (
            ({"radsec_key": "/nonexistent"}, "No such file"),
            ({"radsec_ca": "/nonexistent"}, "radsec_ca /nonexistent"),
            ({"radsec_certificate": str(ward.key)}, "has no certificate"),
            ({"radsec_key": str(ward.issuer.dir / "ca.key")}, "is not the key of"),
            ({"radsec_name": "*.hospital.example"}, "without wildcards")):
        assert said(**settings)[1] == 1 and words in said(**settings)[2], (settings, said(**settings))
    sealed = ward.files / "sealed.key"
    run("openssl", "pkcs8", "-topk8", "-in", ward.key, "-out", sealed, "-passout", "pass:x")
    sealed.chmod(0o600)
    assert "encrypted" in said(radsec_key=str(sealed))[2]


def test_the_application_is_gone(ward):
    """Nobody waits on for a server when nobody waits for us."""
    server = Listener(lambda listener, c: time.sleep(60))
    t = ward.terminal(server.address, timeout_ms=20000, tries=1)

    def end():
        run("pkill", "-9", "-f", f"pamtester sekisho-test {t.root.name}")
    t.login(t.root.name, [("Password: ", "x"), ("\n", lambda: (time.sleep(0.5), end())[1])])
    wait_for(lambda: run("pgrep", "-f", str(t.conf), check=False).returncode == 1, 5)
    server.close()
