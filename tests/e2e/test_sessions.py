# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions through the real FreeRADIUS: what clients tell of them is kept, and
what ends them reaches the client."""

import hmac
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time

import pytest
from accounting import (ACK, CAUSE, CLASS, INTERIM, NAK, NAS_PORT, SECONDS, START, STOP, Accounting, Nas,
                        number)
from sekisho import BUILD, Sekisho, free_port, open_way, run, wait_for
from terminal import PRIVATE, STACK, Terminal
from test_doors import Ward


class Sessions(Ward):
    """A ward whose terminals tell of their sessions."""

    def __init__(self, s):
        super().__init__(s)
        self.account = {c: Accounting(s, c.secret, c.sock.getsockname()[0])
                        for c in (self.bed, self.desk, self.lab, self.vpn)}
        self.devices = {}
        # a real terminal, whose people have accounts here
        self.port = free_port()
        self.pam = s.client("pam", "127.0.0.1", "terminal", False, "--zone", "W3", "--lang", "en",
                            "--tls-name", "pam.hospital.example", "--coa-port", str(self.port))
        self.terminals = []
        for name, client in (("bed", self.bed), ("desk", self.desk)):
            self.devices[client] = Nas(client.secret, lambda a: None, client.sock.getsockname()[0])
            s.admin("client", "set", name, "--coa-port", str(self.devices[client].port))
        s.admin("client", "set", "lab", "--coa-port", "0")
        # the clients were changed: FreeRADIUS looks them up again in a moment
        for client in (self.bed, self.desk, self.lab, self.pam):
            s.await_client(client)

    def list(self, *args):
        return self.s.admin("session", "list", *args)

    def rows(self, acct):
        out = self.s.sql("SELECT coalesce(json_agg(sekisho.session_json(s) ORDER BY s.id), '[]') "
                         f"FROM sekisho.session s WHERE acct = '{acct}'")
        return json.loads(out)

    def row(self, acct):
        rows = self.rows(acct)
        assert len(rows) == 1, rows
        return rows[0]

    def begin(self, p, acct, client=None, reply=None):
        """An accept by door and terminal, and its session."""
        client = client or self.bed
        reply = reply or client.login(p.login, p.password)
        assert reply.name == "accept", (reply, self.s.last(p.login))
        (class_,) = reply.get(CLASS)
        assert len(class_) == 16
        assert self.account[client].tell(START, acct, p.login, class_, extra=[(NAS_PORT, number(7))])
        return class_

    def nas(self, client, then):
        """What the client does when it is told to end a session."""
        nas = self.devices[client]
        nas.then = then
        nas.seen.clear()
        nas.packets.clear()
        return nas

    def obedient(self, client):
        """One that ends its sessions, and tells so."""
        def then(a):
            self.account[client].tell(STOP, a[44], a.get(1), extra=[(CAUSE, number(6))])
            return ACK, 0
        return self.nas(client, then)

    def terminal(self, place, **settings):
        """pam_sekisho, and sekisho-disconnect beside it; a session is held
        open until place/end is there."""
        settings = {"servers": "%s:%d" % self.s.server, "accounting": True, "interim_s": 1,
                    "on_removal": f"/usr/bin/touch {place}/locked", **settings}
        t = Terminal(settings.pop("servers"), self.pam.secret.decode(), **settings)
        self.terminals.append(t)
        open_way(place)
        place.chmod(0o777)  # commands run as the session's user
        hold = t.root / "hold"
        hold.write_text(HOLD.format(place=place))
        hold.chmod(0o755)
        t.stack(STACK + f"session required pam_exec.so {hold}\n")
        t.daemon = subprocess.Popen(["unshare", "-m", "sh", "-ec", PRIVATE, "sh", BUILD / "libexec/sekisho-disconnect",
                                     "-c", t.conf, "-l", f"127.0.0.1:{self.port}"],
                                    env=dict(os.environ, D=str(t.root)))
        wait_for(lambda: f"127.0.0.1:{self.port} " in run("ss", "-Hlnu").stdout)
        time.sleep(0.1)
        assert t.daemon.poll() is None, "somebody else has its port"
        return t

    def close(self):
        for t in self.terminals:
            self.end_terminal(t)
        for nas in self.devices.values():
            nas.close()
        self.s.close()


    def end_terminal(self, t):
        if t.daemon.poll() is None:
            t.daemon.terminate()
            t.daemon.wait(10)
            t.close()


HOLD = """#!/bin/sh
# holds the session open until the test has seen enough
[ "$PAM_TYPE" = open_session ] || exit 0
touch {place}/open
while [ ! -e {place}/end ]; do sleep 0.05; done
"""


@pytest.fixture(scope="module")
def ward():
    w = Sessions(Sekisho("sessions", radsec=True))
    yield w
    w.close()


def test_accounting_is_kept(ward):
    p = ward.inside()
    class_ = ward.begin(p, "k1")
    row = ward.row("k1")
    assert row["login"] == p.login and row["client"] == "bed" and row["state"] == "open", row
    assert row["accepted"] and row["nas_port"] == 7 and row["nas"] == "127.0.0.21"
    assert {e["method"] for e in row["evidence"]} == {"password", "door"} and row["door_event"] > 0
    account = ward.account[ward.bed]
    # the same octets again are answered by FreeRADIUS, a new packet by the database
    packet = account.build(START, "k1", p.login, class_)
    assert account.exchange(packet) and account.exchange(packet)
    assert account.tell(INTERIM, "k1", p.login, class_, extra=[(SECONDS, number(60)), (42, number(5)), (52, number(1))])
    assert ward.row("k1")["octets_in"] == 2**32 + 5
    assert account.tell(STOP, "k1", p.login, class_, extra=[(SECONDS, number(90)), (CAUSE, number(1))])
    row = ward.row("k1")
    assert row["state"] == "ended" and row["cause"] == "user_request" and row["seconds"] == 90
    # another client cannot end it, nor begin one on it
    ward.begin(p, "k2")
    assert ward.account[ward.lab].tell(STOP, "k2", p.login, class_)
    assert [r["state"] for r in ward.rows("k2")] == ["open", "ended"]
    assert [r["accepted"] for r in ward.rows("k2")] == [True, False]
    assert account.tell(STOP, "k2")


def test_the_same_start_at_once(ward):
    p = ward.inside()
    reply = ward.bed.login(p.login, p.password)
    (class_,) = reply.get(CLASS)
    many = [Accounting(ward.s, ward.bed.secret, "127.0.0.21") for _ in range(8)]
    took = []
    threads = [threading.Thread(target=lambda a=a, n=n: took.append(
        a.tell(START if n < 6 else STOP, "o1", p.login, class_))) for n, a in enumerate(many)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert took == [True] * 8
    assert ward.row("o1")["state"] == "ended", "whichever was first"


def answers_status(ward):
    packet = ward.bed.build(None, None)
    packet = b"\x0c" + packet[1:22] + bytes(16) + packet[38:]
    packet = packet[:22] + hmac.new(ward.bed.secret, packet, "md5").digest() + packet[38:]
    account = ward.account[ward.bed]
    account.sock.sendto(packet, account.server)
    return select.select([account.sock], [], [], 5)[0] and account.sock.recv(4096)[0] == 5


def test_accounting_that_is_not_believed(ward):
    account = ward.account[ward.bed]
    assert not account.exchange(account.build(START, "w1", "x", secret=b"wrong"), 1)
    assert not account.tell(START, None, "x", timeout=1), "without Acct-Session-Id"
    packet = bytearray(account.build(START, "w1", "x"))
    packet[-1] ^= 1
    assert not account.exchange(bytes(packet), 1), "one octet altered"
    assert answers_status(ward), "Status-Server at the port of accounting"
    assert account.tell(9, "w1", "x"), "tunnels (RFC 2867) are acknowledged, and nothing is kept"
    assert account.tell(START, b"w\xff\x00\\1", b"\xffx"), "whatever octets they are"
    assert ward.rows("w1") == []
    assert ward.row("w\\xff\\x00\\x5c1")["user_sent"] == "\\xffx"
    assert account.tell(STOP, b"w\xff\x00\\1", b"\xffx")


def test_database_away_at_the_stop(ward):
    p = ward.inside()
    class_ = ward.begin(p, "s1")
    account = ward.account[ward.bed]
    ward.s.instance("stop", "pg")
    assert not account.tell(STOP, "s1", p.login, class_, timeout=1), "nothing is acknowledged that is not kept"
    ward.s.instance("start", "pg")
    wait_for(lambda: account.tell(STOP, "s1", p.login, class_, timeout=1, extra=[(41, number(3))]), 20)
    assert ward.row("s1")["state"] == "ended"
    ward.beat()


def test_d2_own_exit_ends_the_session(ward):
    nas = ward.obedient(ward.bed)
    p, q = ward.inside(), ward.inside()
    ward.begin(p, "x1")
    ward.begin(q, "x2")
    ward.event("leave", p)
    row = wait_for(lambda: ward.row("x1")["state"] == "ended" and ward.row("x1"))
    assert row["end_why"] == "left_zone" and row["cause"] == "admin_reset"
    asked = nas.seen[-1]
    assert asked[44] == b"x1" and asked[1] == p.login.encode() and asked[NAS_PORT] == number(7)
    assert abs(int.from_bytes(asked[55], "big") - time.time()) < 30
    ended = ward.s.last(p.login)
    assert ended["reason"] == "session_ended" and ended["detail"]["how"] == "stop"
    assert ward.row("x2")["state"] == "open" and nas.sessions().count("x2") == 0
    # before its start has been told of
    r = ward.inside()
    (class_,) = ward.bed.login(r.login, r.password).get(CLASS)
    ward.event("leave", r)
    assert ward.account[ward.bed].tell(START, "x3", r.login, class_)
    wait_for(lambda: ward.row("x3")["state"] == "ended")
    assert ward.account[ward.bed].tell(STOP, "x2")


def test_d2_move_to_another_zone_ends_the_session(ward):
    ward.ask("door_add('lab door', NULL, 'elsewhere', 'card', 'card')")
    nas = ward.obedient(ward.bed)
    p = ward.inside()
    ward.begin(p, "m1")
    ward.event("enter", p, door="lab door")
    row = wait_for(lambda: ward.row("m1")["state"] == "ended" and ward.row("m1"))
    assert row["end_why"] == "moved_zone"


def test_d2_nothing_else_empties_the_screens(ward):
    nas = ward.obedient(ward.bed)
    p, q = ward.inside(), ward.inside()
    ward.begin(p, "n1")
    ward.begin(q, "n2")
    for kind in ("fire", "forced", "held", "duress", "passback"):
        ward.event(kind, p if kind in ("duress", "passback") else None)
    ward.s.sql("UPDATE sekisho.door_source SET heard_at = heard_at - interval '1 hour'")
    ward.ask("zone_set('W3', p_shift_minutes => 1, p_clear_at => to_char(now() AT TIME ZONE 'Asia/Tokyo', 'HH24:MI'))")
    ward.s.sql("SELECT sekisho.housekeeping()")
    # whoever would have been told, would have been told before this one
    ward.event("leave", q)
    wait_for(lambda: ward.row("n2")["state"] == "ended")
    assert set(nas.sessions()) == {"n2"}
    assert ward.row("n1")["state"] == "open"
    ward.ask("zone_set('W3', p_shift_minutes => 720, p_clear_at => '', p_alarm_over => true)")
    ward.account[ward.bed].tell(STOP, "n1")


def test_card_admin_ends_sessions(ward):
    nas = ward.obedient(ward.bed)
    p = ward.inside()
    ward.begin(p, "c1")
    (row,) = ward.list("--person", p.login)
    assert row["session"] == "c1" and row["state"] == "open"
    assert ward.s.admin("session", "show", str(row["id"]))["evidence"] == row["evidence"]
    (ended,) = ward.s.admin("session", "end", str(row["id"]), "--why", "a test")
    assert ended["state"] == "ended" and ended["end_why"] == "operator: a test"
    assert ward.list("--person", p.login) == []
    (ended,) = ward.list("--person", p.login, "--since", "1h")
    assert ended["cause"] == "admin_reset"
    assert ward.s.admin("session", "end", str(row["id"]), check=False).returncode == 1
    assert ward.s.admin("session", "end", "--person", p.login) == []
    text = run("card-admin", "session", "list", "--since", "1h", env=ward.s.env).stdout
    assert "a test" in text and "over" in text
    # a person who is suspended
    ward.begin(p, "c2")
    ward.s.admin("person", "suspend", p.login, "--reason", "a test")
    wait_for(lambda: ward.row("c2")["state"] == "ended")
    # a client that has no such session
    q = ward.inside()
    ward.begin(q, "c3")
    nas.then = lambda a: (NAK, 503)
    (gone,) = ward.s.admin("session", "end", "--person", q.login)
    assert gone["state"] == "ended" and gone["cause"] == "not_found"


def test_a_client_that_never_answers(ward):
    """It is named, and holds up nobody else."""
    ward.ask("setting_set('session.end_tries', '2')")
    deaf = ward.nas(ward.desk, lambda a: None)
    nas = ward.obedient(ward.bed)
    p = ward.inside()
    reply = ward.desk.login(p.login, p.password)
    class_ = ward.begin(p, "d0", ward.desk, reply)
    for n in range(1, 12):
        assert ward.account[ward.desk].tell(START, f"d{n}", p.login, class_)
    q = ward.inside()
    ward.begin(q, "q1")
    ward.event("leave", p)
    wait_for(lambda: len(deaf.seen) >= 4)
    assert len(set(deaf.sessions())) == 4, "so many of one client at once"
    ward.event("leave", q)
    wait_for(lambda: ward.row("q1")["state"] == "ended")
    named = wait_for(lambda: [r for r in ward.s.audit(p.login) if r["reason"] == "session_cannot_end"], 30)
    assert named[0]["client"] == "desk" and named[0]["detail"]["answer"] == "silent"
    done = run("card-admin", "session", "end", "--person", p.login, "--wait", "0", env=ward.s.env, check=False)
    assert done.returncode == 3 and "the client does not answer" in done.stdout, done
    # it wakes up
    deaf.then = lambda a: (NAK, 503)
    ward.s.sql("UPDATE sekisho.session SET end_next = now() WHERE ended_at IS NULL AND end_next IS NOT NULL")
    wait_for(lambda: ward.list("--person", p.login) == [], 20)
    ward.ask("setting_set('session.end_tries', '8')")


def test_a_client_that_takes_no_disconnects(ward):
    p = ward.s.person()
    first = ward.lab.login(p.login, p.password)
    ward.begin(p, "l1", ward.lab, ward.lab.login(p.login, p.code(), first.state))
    done = run("card-admin", "session", "end", "--person", p.login, "--json", env=ward.s.env, check=False)
    assert done.returncode == 3
    (row,) = json.loads(done.stdout)
    assert row["state"] == "cannot" and row["end_answer"] == "no_coa"
    assert ward.account[ward.lab].tell(STOP, "l1")


def test_answers_that_are_not_proven(ward):
    """Whoever forges an ACK or a NAK gains nothing by being early."""
    nas = ward.nas(ward.bed, lambda a: None)
    p = ward.inside()
    ward.begin(p, "v1")
    ward.event("leave", p)
    wait_for(lambda: nas.packets)
    # the clerk's port; its answer may come from the client's address alone
    clerk = [line.split()[3] for line in run("ss", "-Hlnup").stdout.splitlines() if "sekisho-clerk" in line]
    ports = {int(c.rsplit(":", 1)[1]) for c in clerk}
    assert ports
    for port in ports:
        nas.reply(nas.packets[-1], ("127.0.0.1", port), NAK, 503, secret=b"wrong")
    other = Nas(ward.bed.secret, address="127.0.0.99")
    for port in ports:
        other.reply(nas.packets[-1], ("127.0.0.1", port), NAK, 503)
    other.close()
    assert ward.row("v1")["state"] == "ending"
    wait_for(lambda: "not proven to be the client's" in ward.s.log())
    # an answer that is late, but proven, to a request that was given up
    old, late = nas.packets[-1], len(nas.packets)
    wait_for(lambda: len(nas.packets) > late, 15)
    for port in ports:
        nas.reply(old, ("127.0.0.1", port), NAK, 503)
    time.sleep(0.3)
    nas.then = lambda a: (NAK, 503)
    wait_for(lambda: ward.row("v1")["state"] == "ended", 20)


def test_clerk_killed_before_the_confirmation(ward):
    nas = ward.nas(ward.bed, lambda a: None)
    p = ward.inside()
    ward.begin(p, "z1")
    ward.event("leave", p)
    wait_for(lambda: nas.packets)
    nas.then = lambda a: (ACK, 0)
    for pid in ward.s.processes("clerk"):
        ward.s.kill(pid, signal.SIGKILL)
    sent = len(nas.packets)
    wait_for(lambda: len(nas.packets) > sent, 20)
    wait_for(lambda: ward.row("z1")["end_answer"] == "ack")
    assert ward.row("z1")["state"] == "ending", "an ACK is a promise"
    sent = len(nas.packets)
    wait_for(lambda: len(nas.packets) > sent, 20)
    assert ward.account[ward.bed].tell(STOP, "z1", p.login)
    assert ward.row("z1")["state"] == "ended"
    assert len(set(nas.sessions())) == 1


def test_two_nodes_one_asks(ward, own):
    other = own("second", share=ward.s)
    nas = ward.obedient(ward.bed)
    p = ward.inside()
    ward.begin(p, "t1")
    ward.event("leave", p)
    wait_for(lambda: ward.row("t1")["state"] == "ended")
    assert nas.sessions() == ["t1"]
    # the elected one's node goes away: the other one's clerk goes on
    for pid in ward.s.processes("clerk"):
        os.kill(pid, signal.SIGSTOP)
    stopped = ward.s.processes("clerk")
    ward.s.sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7365 AND objid = 1 AND granted")
    wait_for(lambda: "clerk: elected" in other.log(), 20)
    q = ward.inside()
    ward.begin(q, "t2")
    ward.event("leave", q)
    wait_for(lambda: ward.row("t2")["state"] == "ended")
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
