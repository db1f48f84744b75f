# SPDX-License-Identifier: GPL-2.0-or-later
"""The card CA goes away: killed, stopped, hanging, locked, or on another node."""

import os
import pathlib
import signal
import time
import uuid

import pytest
from authority import Card, Key, crl_number, ended, place, revoke
from sekisho import BUILD, Sekisho, wait_for


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    s = Sekisho("away", ca=True)
    s.keys = tmp_path_factory.mktemp("keys")
    s.admin("ca", "init", "--name", "Test Card CA")
    yield s
    s.close()


def test_killed_it_comes_back(ca):
    card = Card(ca, ca.person(token=False).login)
    for _ in range(3):
        pid = ca.processes("ca")[0]
        ca.kill(pid)
        wait_for(lambda: ca.processes("ca") not in ([], [pid]))
        key = Key(ca.keys)
        wait_for(lambda: card.order("card_certificate", b"9a  " + key.csr())[:2] == ("done", ""), 30, 1)


def test_a_clerk_that_dies_over_an_order(ca):
    """It is executed by the next one, once."""
    card, key = Card(ca, ca.person(token=False).login), Key(ca.keys)
    authority = ca.processes("ca")[0]
    os.kill(authority, signal.SIGSTOP)
    try:
        waiting = place(ca, "card_certificate", b"9a  " + key.csr(), card.token)
        time.sleep(1.5)
        ca.kill(ca.processes("clerk")[0])
    finally:
        os.kill(authority, signal.SIGCONT)
    assert wait_for(lambda: ended(ca, waiting), 20)[:2] == ("done", "")
    time.sleep(1)
    assert ca.sql(f"SELECT count(*) FROM sekisho.card_key WHERE token_id = '{card.token}'") == "1"
    assert ca.count(card.login, "card_certificate") == 1


def test_what_does_not_answer_holds_nobody_up(ca):
    card, key = Card(ca, ca.person(token=False).login), Key(ca.keys)
    authority = ca.processes("ca")[0]
    os.kill(authority, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert card.order("card_certificate", b"9a  " + key.csr())[:2] == ("refused", "ca_unavailable")
        assert time.monotonic() - begun < 9, "while card-admin still waits"
        begun = time.monotonic()
        assert ca.person().token  # its first code is an order as well
        assert time.monotonic() - begun < 5, "what needs no CA goes on"
        assert card.order("card_certificate", b"9a  " + key.csr())[:2] == ("refused", "ca_unavailable")
    finally:
        os.kill(authority, signal.SIGCONT)
    wait_for(lambda: card.order("card_certificate", b"9a  " + key.csr())[:2] == ("done", ""), 40, 1)


def test_a_module_that_hangs(own, tmp_path):
    trouble = pathlib.Path("/tmp") / f"sekisho-slow-{uuid.uuid4()}"
    os.environ["SLOW_MODULE"] = str(trouble)
    try:
        module = BUILD.resolve() / "tests/rigs/libslow_module.so"
        s = own("slow", ca=True)
        conf = s.dir / "etc/authd.conf"
        conf.write_text(conf.read_text().replace("/usr/lib/softhsm/libsofthsm2.so", str(module)))
        s.instance("stop", "authd")
        s.instance("start", "authd")
        s.admin("ca", "init", "--name", "Slow")
        wait_for(lambda: crl_number(s) == 1, 10)
        card, key = Card(s, s.person(token=False).login), Key(tmp_path)
        pid = s.processes("ca")
        trouble.write_text("hang")
        trouble.chmod(0o644)
        assert card.order("card_certificate", b"9a  " + key.csr())[:2] == ("refused", "ca_unavailable")
        wait_for(lambda: s.processes("ca") not in ([], pid), 15)
        trouble.write_text("fail")
        wait_for(lambda: "the token failed" in s.log() or card.order(
            "card_certificate", b"9a  " + key.csr())[0] == "never", 40, 1)
        trouble.unlink()
        wait_for(lambda: card.order("card_certificate", b"9a  " + key.csr())[:2] == ("done", ""), 60, 1)
    finally:
        del os.environ["SLOW_MODULE"]
        trouble.unlink(missing_ok=True)


def test_a_wrong_pin_is_tried_once(own, tmp_path):
    s = own("pin", ca=True)
    s.admin("ca", "init", "--name", "PIN")
    pin = (s.dir / "ca/pin").read_text()
    (s.dir / "ca/pin").write_text("wrong")
    os.kill(s.supervisor(), signal.SIGHUP)
    wait_for(lambda: "ca: cannot log in" in s.log())
    card, key = Card(s, s.person(token=False).login), Key(tmp_path)
    assert card.order("card_certificate", b"9a  " + key.csr())[:2] == ("refused", "ca_unavailable")
    time.sleep(6)
    assert s.log().count("ca: cannot log in") == 1, "tokens lock themselves"
    (s.dir / "ca/pin").write_text(pin)
    os.kill(s.supervisor(), signal.SIGHUP)
    wait_for(lambda: card.order("card_certificate", b"9a  " + key.csr())[:2] == ("done", ""), 40, 1)
    assert pin not in s.log()


def test_two_nodes(own, tmp_path):
    a = own("a", ca=True)
    b = own("b", share=a, ca=True)
    own("c", share=a)  # without a CA
    a.admin("ca", "init", "--name", "Two nodes")
    card = Card(a, a.person(token=False).login)
    card.certificate(Key(tmp_path))
    frozen = a.processes("ca")[0]
    os.kill(frozen, signal.SIGSTOP)
    try:
        def goes():
            return card.order("card_certificate", b"9a  " + Key(tmp_path).csr())[:2] == ("done", "")
        wait_for(goes, 60, 1)
    finally:
        os.kill(frozen, signal.SIGCONT)
    revoke(a, card)

    def both_have_the_newest():
        newest = f'number="{crl_number(a)}"'
        return crl_number(a) >= 2 and all(
            newest in node.log().split("CRL published")[-1] for node in (a, b)) and \
            (a.dir / "crl/card.crl").read_bytes() == (b.dir / "crl/card.crl").read_bytes()
    wait_for(both_have_the_newest, 30)  # a further one may come meanwhile
    # only a node without a CA is left
    for node in (a, b):
        node.instance("stop", "authd")
    left = Card(a, card.login).order("card_certificate", b"9a  " + Key(tmp_path).csr())
    assert left[:2] == ("refused", "ca_unavailable")
