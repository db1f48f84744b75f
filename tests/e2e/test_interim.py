# SPDX-License-Identifier: GPL-2.0-or-later
"""Interim updates through the real FreeRADIUS, many at once: the process that
takes them in one statement loses none, holds up none, and is nobody else's."""

import os
import pwd
import subprocess
import threading
import time

import pytest
from accounting import INTERIM, SECONDS, START, STOP, Accounting, number
from sekisho import Sekisho, run, wait_for


@pytest.fixture(scope="module")
def net():
    s = Sekisho("interim")
    s.client_one = s.client("vpn", "127.0.0.1", "vpn")
    yield s
    s.close()


def teller(s):
    return Accounting(s, s.client_one.secret)


def begin(s, names):
    account = teller(s)
    for name in names:
        assert account.tell(START, name, "nobody")


def seconds(s, prefix):
    rows = s.sql(f"SELECT acct, seconds FROM sekisho.session WHERE acct LIKE '{prefix}%' AND ended_at IS NULL")
    return {acct: int(value) for acct, value in (row.split("|") for row in rows.splitlines())}


def everybody(s, names, values, took):
    """Each session by a thread of its own; what was acknowledged goes to took."""
    def tell(name):
        account = teller(s)
        for value in values:
            if account.tell(INTERIM, name, "nobody", extra=[(SECONDS, number(value))]):
                took.setdefault(name, []).append(value)
    threads = [threading.Thread(target=tell, args=(name,)) for name in names]
    for t in threads:
        t.start()
    return threads


def test_many_at_once(net):
    names = [f"many{n}" for n in range(24)]
    begin(net, names)
    took = {}
    for t in everybody(net, names, range(1, 31), took):
        t.join()
    assert took == {name: list(range(1, 31)) for name in names}
    assert seconds(net, "many") == dict.fromkeys(names, 30)


def test_updates_of_nothing_known(net):
    """Nothing but the update is known of it: it is a session all the same."""
    account = teller(net)
    assert account.tell(INTERIM, "lost1", "nobody", extra=[(SECONDS, number(77))])
    assert seconds(net, "lost") == {"lost1": 77}
    assert account.tell(STOP, "lost1", "nobody")
    assert account.tell(INTERIM, "lost1", "nobody", extra=[(SECONDS, number(78))])
    assert seconds(net, "lost") == {}, "an end stays an end"


def test_killed_between_two(net):
    """What was acknowledged is there; logins notice nothing."""
    p = net.person()
    net.client_one.login(p.login, p.password)
    names = [f"kill{n}" for n in range(8)]
    begin(net, names)
    took = {}
    threads = everybody(net, names, range(1, 200), took)
    before = net.processes("account")
    for _ in range(4):
        time.sleep(0.3)
        for pid in net.processes("account"):
            net.kill(pid)
        assert net.client_one.login(p.login, p.password, timeout=5).name == "challenge"
    for t in threads:
        t.join()
    there = seconds(net, "kill")
    assert all(there[name] >= max(took[name]) for name in names), (there, took)
    assert wait_for(lambda: len(net.processes("account")) == 1) and net.processes("account") != before
    assert teller(net).tell(INTERIM, "kill1", "nobody", extra=[(SECONDS, number(500))])
    assert seconds(net, "kill1") == {"kill1": 500}


def test_a_statement_that_fails_costs_nobody_his(net):
    begin(net, ["fail1", "fail2"])
    net.sql("REVOKE EXECUTE ON FUNCTION sekisho.account_continue(jsonb) FROM sekisho_authd")
    try:
        took = {}
        for t in everybody(net, ["fail1", "fail2"], (5, 6), took):
            t.join()
        assert took == {"fail1": [5, 6], "fail2": [5, 6]}
        assert seconds(net, "fail") == {"fail1": 6, "fail2": 6}
        assert "tried one by one" in net.log()
    finally:
        net.sql("GRANT EXECUTE ON FUNCTION sekisho.account_continue(jsonb) TO sekisho_authd")


def test_database_away(net):
    begin(net, ["away1"])
    net.instance("stop", "pg")
    try:
        assert not teller(net).tell(INTERIM, "away1", "nobody", extra=[(SECONDS, number(9))], timeout=2)
    finally:
        net.instance("start", "pg")
    wait_for(lambda: teller(net).tell(INTERIM, "away1", "nobody", extra=[(SECONDS, number(10))], timeout=2), 20)
    assert seconds(net, "away") == {"away1": 10}


CONNECT = """
import os, socket, sys
os.setgid({gid}); os.setuid({uid})
held = []
for n in range({n}):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.connect({path!r})
    try:
        if {octets!r}:
            sock.send({octets!r})
    except BrokenPipeError:
        pass
    held.append(sock)
print("there", flush=True)
for sock in held:
    sock.settimeout(10)
    try:
        answer = sock.recv(100)
    except ConnectionResetError:
        answer = b""
    print(answer, flush=True)
"""


def connect(s, user, n, octets=b""):
    who = pwd.getpwnam(user)
    script = CONNECT.format(uid=who.pw_uid, gid=who.pw_gid, n=n, path=str(s.dir / "run/account.sock"), octets=octets)
    return subprocess.Popen(["/usr/bin/python3", "-c", script], stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to take other users' place")
def test_who_says_nothing_holds_up_nobody(net):
    """As the plugin's user, all connections that are taken at a time, and silent."""
    begin(net, ["hold1"])
    silent = connect(net, "freerad", 70)
    assert silent.stdout.readline() == "there\n"
    assert teller(net).tell(INTERIM, "hold1", "nobody", extra=[(SECONDS, number(3))], timeout=6)
    assert set(silent.communicate(timeout=20)[0].splitlines()) == {"b''"}, "all are let go after a second"
    assert seconds(net, "hold") == {"hold1": 3}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to take other users' place")
def test_who_else_is_not_heard(net):
    asked = b"SK\1\x0b\x0a\x24" + b"0" * 36
    assert set(connect(net, "root", 1, asked).communicate(timeout=20)[0].splitlines()) == {"there", "b''"}
    wait_for(lambda: "not the plugin's user" in net.log())
    for octets in (b"S", b"SK\1\x0b\xff\xff", b"SK\1\1", b"SK\2\x0b", b"SK\1\x0b" + os.urandom(9000), asked):
        out = connect(net, "freerad", 1, octets).communicate(timeout=20)[0].splitlines()
        assert out == ["there", "b''"], octets
    assert teller(net).tell(START, "else1", "nobody")


def test_nothing_but_the_database_behind_it(net):
    """It has neither the keyring's sockets nor the hashers', nor the workers' listener."""
    (pid,) = net.processes("account")
    names = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    sockets = [name for name in names if name.startswith("socket:")]
    # the listener and the database; the plugin's connections come and go
    assert len(sockets) <= 4, names
    listening = [line for line in run("ss", "-xlp").stdout.splitlines() if f"pid={pid}," in line]
    assert len(listening) == 1 and "account.sock" in listening[0], listening
