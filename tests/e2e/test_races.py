# SPDX-License-Identifier: GPL-2.0-or-later
"""What changes between the evaluation and the recording counts; two servers
on one database are one; clocks may step."""

import threading
import time

import pytest
from radius import Client
from sekisho import Sekisho, totp, wait_for

HOLD = 5364551  # the advisory lock that a build with test hooks waits for


class Held:
    """Holds every attempt between evaluation and recording."""

    def __init__(self, s):
        self.s = s
        import subprocess
        user = "postgres"
        self.psql = subprocess.Popen(["psql", "-X", "-q", "-At", "-U", user], env=s.env, text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.psql.stdin.write(f"SELECT 'held', pg_advisory_lock({HOLD});\n")
        self.psql.stdin.flush()
        assert self.psql.stdout.readline().startswith("held")

    def wait(self):
        """Until an attempt is held."""
        wait_for(lambda: self.s.sql(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
            f"AND objid = {HOLD}") != "0")

    def release(self):
        self.psql.stdin.close()
        self.psql.wait()


def during(s, client, user, password, change, state=None):
    """The answer to an attempt during whose evaluation `change` happens."""
    held = Held(s)
    answer = []
    thread = threading.Thread(target=lambda: answer.append(
        client.login(user, password, state, timeout=12)))
    thread.start()
    try:
        held.wait()
        change()
    finally:
        held.release()
    thread.join()
    return answer[0]


@pytest.fixture(scope="module")
def s():
    s = Sekisho("races")
    s.terminal = s.client()
    yield s
    s.close()


def refused_uncharged(s, p, reply):
    assert reply.name == "reject"
    assert s.last(p.login)["reason"] == "changed_meanwhile" or \
        any(r["reason"] in ("changed_meanwhile", "state_spent") for r in s.audit(p.login)[-2:])
    assert s.count(p.login, "two_factors") == 0
    assert s.sql("SELECT count(*) FROM sekisho.throttle t JOIN sekisho.person p ON p.id = t.subject "
                 f"WHERE p.login = '{p.login}'") == "0"


def test_person_suspended_meanwhile(s):
    p = s.person()
    reply = during(s, s.terminal, p.login, p.password + p.code(),
                   lambda: s.admin("person", "suspend", p.login))
    refused_uncharged(s, p, reply)


def test_password_reset_meanwhile(s):
    p = s.person()
    reply = during(s, s.terminal, p.login, p.password + p.code(),
                   lambda: s.new_password(p.login, "k7mp-2xqd-9hvt!"))
    refused_uncharged(s, p, reply)


def test_token_revoked_meanwhile(s):
    p = s.person()
    reply = during(s, s.terminal, p.login, p.password + p.code(),
                   lambda: s.admin("totp", "revoke", p.login, p.token))
    refused_uncharged(s, p, reply)


def test_policy_tightened_meanwhile(s):
    p = s.person()
    reply = during(s, s.terminal, p.login, p.password + p.code(),
                   lambda: s.admin("policy", "set", "terminal", "--answer-within", "90"))
    refused_uncharged(s, p, reply)


def test_client_removed_meanwhile(s):
    p = s.person()
    spare = s.client("spare", "127.0.0.9", "terminal")
    reply = during(s, spare, p.login, p.password + p.code(),
                   lambda: s.admin("client", "remove", "spare"))
    refused_uncharged(s, p, reply)


def test_affiliation_ended_meanwhile(s):
    p = s.person()
    affiliation = s.admin("person", "show", p.login)["affiliations"][0]["id"]
    reply = during(s, s.terminal, p.login, p.password + p.code(),
                   lambda: s.admin("person", "unaffiliate", p.login, affiliation))
    refused_uncharged(s, p, reply)


def test_suspended_between_the_rounds(s):
    p = s.person()
    first = s.terminal.login(p.login, p.password)
    reply = during(s, s.terminal, p.login, p.code(),
                   lambda: s.admin("person", "suspend", p.login), first.state)
    refused_uncharged(s, p, reply)


def test_client_changed_between_the_rounds(s):
    """FreeRADIUS knows the change already: the login is begun again, not lost in silence."""
    p = s.person()
    spare = s.client("moved", "127.0.0.10", "terminal")
    first = spare.login(p.login, p.password)
    assert first.name == "challenge"
    s.admin("client", "set", "moved", "--lang", "en")
    other = s.person()  # until FreeRADIUS has looked the client up again
    wait_for(lambda: spare.login(other.login, other.password, timeout=1).name == "challenge", 20)
    assert spare.login(p.login, p.code(), first.state).name == "reject"
    assert s.last(p.login)["reason"] == "state_unknown"


def test_right_password_inside_a_delay_that_began_meanwhile(s):
    """Another node records a failure while this one evaluates the truth."""
    p = s.person()
    reply = during(s, s.terminal, p.login, p.password + p.code(), lambda: s.sql(
        f"""INSERT INTO sekisho.throttle_head SELECT id FROM sekisho.person WHERE login = '{p.login}';
        SELECT sekisho.throttle_fail(id, 'inside', 'knowledge', 'x', clock_timestamp())
        FROM sekisho.person WHERE login = '{p.login}'"""))
    assert reply.name == "reject"
    assert s.last(p.login)["reason"] == "delay_running"


def test_same_code_at_once_through_two_servers(own):
    """Two FreeRADIUS and authd on one database: one accept, every time."""
    a = own("node-a", conf=["workers = 8;", "hash_waiters = 4;"])
    a.terminal = a.client()
    b = own("node-b", share=a, conf=["workers = 8;", "hash_waiters = 4;"])
    other = Client(b.server, a.terminal.secret)
    b.await_client(other)
    for _ in range(6):
        p = a.person()
        firsts = [a.terminal.login(p.login, p.password), other.login(p.login, p.password)]
        assert [f.name for f in firsts] == ["challenge"] * 2
        code = p.code()
        packets = [c.build(p.login, code, f.state) for c, f in zip((a.terminal, other), firsts)]
        for c, packet in zip((a.terminal, other), packets):
            c.send(packet)
        names = sorted(c.receive(k, 8).name for c, k in zip((a.terminal, other), packets))
        assert names == ["accept", "reject"], names
        assert a.count(p.login, "two_factors") == 1
    # and one State at both
    for _ in range(4):
        p = a.person()
        first = a.terminal.login(p.login, p.password)
        code = p.code()
        packets = [c.build(p.login, code, first.state) for c in (a.terminal, other)]
        for c, packet in zip((a.terminal, other), packets):
            c.send(packet)
        names = [c.receive(k, 8).name for c, k in zip((a.terminal, other), packets)]
        assert names.count("accept") == 1, names
    # a round begun at one server is finished at the other
    p = a.person()
    first = a.terminal.login(p.login, p.password)
    assert other.login(p.login, p.code(), first.state).name == "accept"
    # failures count together
    for n in range(2):
        (a.terminal, other)[n].login(p.login, f"wrong-{n}-Aa!")
    assert a.last(p.login)["reason"] == "delay_running"


def test_guesses_through_two_servers_at_once(own):
    a = own("node-a", conf=["workers = 8;", "hash_waiters = 4;"])
    a.terminal = a.client()
    b = own("node-b", share=a, conf=["workers = 8;", "hash_waiters = 4;"])
    other = Client(b.server, a.terminal.secret)
    b.await_client(other)
    p = a.person()
    begun = time.monotonic()
    sockets = [Client(s.server, a.terminal.secret) for s in (a, b) for _ in range(4)]
    sent = []
    for n in range(200):
        c = sockets[n % 8]
        packet = c.build(p.login, f"guess-{n}-Aa!")
        c.send(packet)
        sent.append((c, packet))
    time.sleep(3)
    took = time.monotonic() - begun
    counted = a.count(p.login, "wrong_password")
    assert counted <= 1 + took // 5, counted
    evaluated = counted + a.count(p.login, "wrong_password_again")
    assert evaluated <= counted + 2


def test_clock_stepping_back_and_forth(own, tmp_path):
    """The database's clock is the one that counts; it is stepped under load."""
    moment = tmp_path / "offset"
    moment.write_text("+0\n")
    tmp_path.chmod(0o755)
    moment.chmod(0o644)
    for parent in tmp_path.parents[:3]:
        if parent.name.startswith(("pytest", "popen-gw")):
            parent.chmod(0o755)
    s = own(pg_env=["LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
                    f"FAKETIME_TIMESTAMP_FILE={moment}", "FAKETIME_NO_CACHE=1",
                    "DONT_FAKE_MONOTONIC=1"])
    s.terminal = s.client()
    p = s.person(**{"from": "2020-01-01"})

    def clock():
        return int(float(s.sql("SELECT extract(epoch FROM clock_timestamp())")))

    def step(seconds):
        moment.write_text(f"{seconds:+d}\n")
        wait_for(lambda: abs(clock() - time.time() - seconds) < 3)

    now = clock() // 30
    spent = totp(p.seed, now)
    assert s.terminal.login(p.login, p.password + spent).name == "accept"
    s.terminal.login(p.login, "wrong-one-Aa1!")
    begun = time.monotonic()
    step(-7200)
    assert s.terminal.login(p.login, p.password).name == "reject", "the delay goes on"
    wait_for(lambda: s.terminal.login(p.login, p.password).name == "challenge", 12, 0.5)
    assert time.monotonic() - begun < 12, "but costs what it cost, not two hours"
    # codes of the past hours are not accepted again, whatever the clock says
    early = totp(p.seed, clock() // 30)
    assert s.terminal.login(p.login, p.password + early).name == "reject"
    step(0)
    s.admin("unlock", p.login)
    assert s.terminal.login(p.login, p.password + spent).name == "reject"
    step(7200)
    s.admin("unlock", p.login)
    assert s.terminal.login(p.login, p.password + totp(p.seed, clock() // 30)).name == "accept"
