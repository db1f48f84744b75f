# SPDX-License-Identifier: GPL-2.0-or-later
"""card-admin issuer refresh: CRLs by HTTP and OCSP responders of other
authorities, and what becomes of logins with the cards they issued."""

import json
import os
import time
import uuid

import pytest
import softcard
from responder import Authority, Server, openssl
from sekisho import run
from softcard import SoftCard
from test_card_login import reason


@pytest.fixture
def server():
    s = Server()
    yield s
    s.close()


class House:
    """An issuer, its server, and a person with a card of its."""

    def __init__(self, s, server, revocation="ocsp", bind=True):
        self.s, self.server, self.authority = s, server, Authority()
        self.name = f"hpki-{uuid.uuid4().hex[:6]}"
        server.post = self.authority.answer
        server.get = lambda path: self.authority.crl()
        s.admin("issuer", "add", self.name, "--certificate", self.authority.certificate,
                "--revocation", revocation, "--url", f"{server.url}/x")
        if bind:
            self.person, self.card, self.serial = self.bind("4711")

    def bind(self, serial):
        person = self.s.person(token=False)
        card = SoftCard().enrol(self.s, person.login)
        der = self.authority.issue(card.spki, serial)
        self.s.sql(f"UPDATE sekisho.card_key SET certificate = '\\x{der.hex()}', serial = "
                   f"'\\x{serial}', issuer_id = (SELECT id FROM sekisho.issuer WHERE name = "
                   f"'{self.name}') WHERE token_id = '{card.token}'")
        return person, card, serial

    def refresh(self, code=0):
        done = run("card-admin", "issuer", "refresh", self.name, "--json", env=self.s.env, check=False)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        report = json.loads(done.stdout)
        report["said"] = done.stderr
        return report

    def login(self):
        """accept, or why not."""
        got = softcard.login(self.s.terminal, self.person.login, self.card).name
        return got if got == "accept" else reason(self.s, self.person.login)

    def key(self, columns):
        return self.s.sql(f"SELECT {columns} FROM sekisho.card_key WHERE token_id = "
                          f"'{self.card.token}'")

    def version(self):
        return int(self.s.sql("SELECT version FROM sekisho.person WHERE login = "
                              f"'{self.person.login}'"))

    def seconds(self):
        return float(self.key("extract(epoch FROM status_until - now())") or 0)


@pytest.fixture
def house(shared, server):
    return House(shared, server)


COUNTS = ("checked", "good", "revoked", "unknown", "unreachable")


def counts(report):
    return tuple(report[c] for c in COUNTS)


def test_good_until_it_is_revoked(house):
    assert house.login() == "status_stale", "never asked about: does not count"
    assert counts(house.refresh()) == (1, 1, 0, 0, 0)
    assert house.login() == "accept"
    assert 86000 < house.seconds() <= 86400, "without nextUpdate: a day"
    version = house.version()
    house.authority.revoke(house.serial)
    assert counts(house.refresh()) == (1, 0, 1, 0, 0)
    assert house.login() == "card_revoked"
    assert house.version() == version + 1
    assert house.key("revoked_why") == "issuer"
    assert house.s.count(house.person.login, "card_key_revoked") == 1
    assert counts(house.refresh()) == (0, 0, 0, 0, 0), "nothing is left to ask about"
    # and it is not to be bound again
    assert house.s.sql("SELECT count(*) FROM sekisho.issuer_revoked r JOIN sekisho.issuer i ON i.id = "
                       f"r.issuer_id WHERE i.name = '{house.name}'") == "1"


def test_stale_fails_closed(house):
    house.server.post = lambda r: house.authority.answer(r, "-nmin", "30")
    house.refresh()
    assert 1700 < house.seconds() <= 1800, "its nextUpdate"
    assert house.login() == "accept"
    # the responder goes away, and the half hour passes
    house.server.post = lambda _: 503
    report = house.refresh(3)
    assert counts(report) == (1, 0, 0, 0, 1) and "503" in report["why"]
    assert house.login() == "accept", "no answer changes nothing"
    house.s.sql("UPDATE sekisho.card_key SET status_until = now() - interval '1 second' WHERE "
                f"token_id = '{house.card.token}'")
    assert house.login() == "status_stale"
    house.server.post = lambda r: house.authority.answer(r, "-ndays", "30")
    house.refresh()
    assert house.login() == "accept"
    assert 6.9 * 86400 < house.seconds() <= 7 * 86400, "never longer than a week"


def test_unknown_is_not_good(house):
    house.refresh()
    version = house.version()
    house.authority.forget(house.serial)
    assert counts(house.refresh()) == (1, 0, 0, 1, 0)
    assert house.login() == "status_stale"
    assert house.version() == version + 1
    house.refresh()
    assert house.s.count(house.person.login, "card_key_unknown") == 1, "news once"


def test_a_delegated_responder(house):
    house.authority.signer = house.authority.delegate("99")
    assert counts(house.refresh()) == (1, 1, 0, 0, 0)
    assert house.login() == "accept"


def test_answers_that_do_not_count(house):
    a, twin, stranger = house.authority, Authority(), Authority("Stranger")
    old, recorded = a.answer, []

    def record(request):
        recorded.append(old(request, "-ndays", "30"))
        return b"x"

    def another(request):
        a.issue(a_key, "0815")
        der = a.dir / "another.der"
        der.write_bytes(openssl("ocsp", "-issuer", a.certificate, "-serial", "0x0815", "-reqout", "-",
                                "-no_nonce"))
        return old(der.read_bytes())

    a_key = SoftCard().spki
    house.server.post = record
    assert house.refresh(3)["why"] == "ocsp_malformed"
    for why, post in (
            ("ocsp_nonce", lambda r: recorded[0]),
            ("ocsp_signer", lambda r: old(r, signer=a.delegate("a1", "keyUsage = digitalSignature\n"))),
            ("ocsp_signer", lambda r: old(r, signer=a.delegate(
                "a2", "extendedKeyUsage = clientAuth\n"))),
            ("ocsp_signer", lambda r: old(r, signer=twin.delegate("a3"))),
            ("ocsp_signer", lambda r: old(r, signer=stranger.signer)),
            ("ocsp_signature", lambda r: old(r, signer=twin.signer)),
            ("ocsp_signature", lambda r: old(r, "-rmd", "sha1")),
            ("ocsp_signature", lambda r: old(r, "-badsig")),
            ("ocsp_another", another),
            ("ocsp_no_answer", lambda r: bytes.fromhex("30030a0103")),
            ("ocsp_malformed", lambda r: old(r) + b"\0"),
            ("ocsp_malformed", lambda r: old(r)[:-1])):
        house.server.post = post
        report = house.refresh(3)
        assert counts(report) == (1, 0, 0, 0, 1) and report["why"] == why, (why, report)
    assert house.key("status_until") == "" and house.login() == "status_stale"


def test_an_old_answer_played_again(house):
    """From stock, without a nonce: it ages from when it was made."""
    requests = []
    house.server.post = lambda r: requests.append(r) or 500
    house.refresh(3)
    bare = openssl("ocsp", "-issuer", house.authority.certificate, "-serial", "0x4711", "-reqout", "-",
                   "-no_nonce")
    stock = house.authority.answer(bare, "-ndays", "30")
    house.server.post = lambda _: stock
    assert counts(house.refresh()) == (1, 1, 0, 0, 0)
    house.server.post = house.authority.answer
    house.authority.forget(house.serial)
    time.sleep(1.1)  # the next answer is of a later second
    assert counts(house.refresh()) == (1, 0, 0, 1, 0)
    house.server.post = lambda _: stock
    assert counts(house.refresh(3)) == (1, 0, 0, 0, 1), "older than what is known"
    assert house.login() == "status_stale"
    # made eight days ago
    house.s.sql(f"UPDATE sekisho.card_key SET status_this = NULL WHERE token_id = '{house.card.token}'")
    env = dict(os.environ, LD_PRELOAD="/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
               FAKETIME="-8d")
    req, out = house.authority.dir / "old.req", house.authority.dir / "old.resp"
    req.write_bytes(bare)
    run("openssl", "ocsp", "-index", house.authority.index, "-CA", house.authority.certificate,
        "-rsigner", house.authority.certificate, "-rkey", house.authority.key, "-reqin", req,
        "-respout", out, "-ndays", "30", env=env)
    house.server.post = lambda _: out.read_bytes()
    assert house.refresh(3)["why"] == "ocsp_stale"


def test_servers_that_misbehave(house, tmp_path):
    secret = tmp_path / "answer"
    house.server.post = lambda r: secret.write_bytes(house.authority.answer(r)) and (
        "to", f"file://{secret}")
    assert "302" in house.refresh(3)["why"]
    house.server.post = lambda r: b"\x30" * (65 * 1024)
    assert "exceeded" in house.refresh(3)["why"], "as announced"
    house.server.post = lambda r: bytearray(5000)
    assert "too large" in house.refresh(3)["why"], "or not"
    house.server.post = lambda r: b""
    assert "empty" in house.refresh(3)["why"]
    house.server.post = house.server.silence
    house.bind("4712"), house.bind("4713"), house.bind("4714"), house.bind("4715")
    n = len(house.server.asked)
    report = house.refresh(3)
    assert counts(report) == (5, 0, 0, 0, 5) and len(house.server.asked) - n == 3, \
        "who is silent three times is not asked again"
    house.server.http.shutdown()
    house.server.http.server_close()
    assert counts(house.refresh(3)) == (5, 0, 0, 0, 5)


def test_crl(shared, server):
    h = House(shared, server, "crl")
    assert h.login() == "crl_stale"
    assert counts(h.refresh()) == (1, 1, 0, 0, 0)
    assert h.login() == "accept"
    h.authority.revoke(h.serial)
    assert counts(h.refresh()) == (1, 0, 1, 0, 0)
    assert h.login() == "card_revoked"
    known = h.authority.crl()
    # what does not arrive changes nothing; what is wrong neither
    for answer, code in (((lambda _: 404), 3), ((lambda _: ("to", "file:///etc/hostname")), 3),
                         ((lambda _: b"no CRL"), 3), ((lambda _: b"\x30" * ((16 << 20) + 1)), 3),
                         ((lambda _: bytearray(1 << 16)), 3), ((lambda _: Authority().crl()), 1)):
        h.server.get = answer
        report = h.refresh(code)
        assert report["unreachable"] == 1 and report["why"]
    h.server.get = lambda p: known if p == "/there" else ("to", "/there")
    assert counts(h.refresh()) == (0, 0, 0, 0, 0), "a redirection to http is followed"
    der = openssl("crl", "-outform", "DER", input=known)
    h.server.get = lambda p: der
    h.refresh()


def test_all_of_them(shared, server):
    """One that is away does not keep the others from being asked."""
    h = House(shared, server)
    away = House(shared, Server(), "ocsp")
    away.server.close()
    done = run("card-admin", "issuer", "refresh", "--json", env=shared.env, check=False)
    report = {line["issuer"]: counts(line) for line in json.loads(done.stdout)}
    assert done.returncode == 3
    assert report[h.name] == (1, 1, 0, 0, 0) and report[away.name] == (1, 0, 0, 0, 1)
    listed = {i["name"]: i for i in shared.admin("issuer", "list")}
    assert listed[h.name]["keys_good"] == 1 and listed[away.name]["keys_good"] == 0
    text = run("card-admin", "issuer", "refresh", h.name, env=shared.env).stdout
    assert h.name in text and "UNREACHABLE" in text
    shared.admin("issuer", "retire", away.name)
    done = run("card-admin", "issuer", "refresh", away.name, env=shared.env, check=False)
    assert done.returncode == 1 and "retired" in done.stderr
    shared.admin("issuer", "retire", h.name)


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ldap://x/y", "http:///x"])
def test_addresses_that_are_refused(shared, url):
    a = Authority()
    done = run("card-admin", "issuer", "add", "x", "--certificate", a.certificate,
               "--revocation", "ocsp", *(["--url", url] if url else []), "--json", env=shared.env,
               check=False)
    assert done.returncode == 1 and json.loads(done.stdout)["refused"] == "issuer_url"


def test_the_role_that_asks_may_do_nothing_else(house):
    env = dict(house.s.env, PGUSER="sekisho_refresh")
    done = run("card-admin", "issuer", "refresh", house.name, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert house.login() == "accept"
    for words in (("person", "list"), ("audit", "show"), ("issuer", "retire", house.name)):
        assert run("card-admin", *words, env=env, check=False).returncode != 0
