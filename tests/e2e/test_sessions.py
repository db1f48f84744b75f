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
                        disconnect, number, parse, proven)
from radsec import Issuer
from sekisho import BUILD, Sekisho, open_way, run, wait_for
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


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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


# A real terminal: pam_sekisho's own accounting, and its own Disconnects.

ALL = ("authenticate", "open_session", "close_session")


def account_of(ward, login):
    """Somebody who has an account on this machine, inside, with a session."""
    p = ward.s.person(token=False, login=login, lang="en")
    ward.event("enter", p, 1)
    return p


def unlock(t, p):
    """As a screen locker does: a login, and no session."""
    done = subprocess.run(["unshare", "-m", "sh", "-ec", PRIVATE, "sh", "pamtester", "sekisho-test", p.login,
                           "authenticate"], input=p.password + "\n", text=True, timeout=30,
                          env=dict(os.environ, D=str(t.root)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def ask(ward, packet, source="127.0.0.1", timeout=3.0):
    """The answer to a packet that was sent to the terminal, or None."""
    # the kernel queues eleven lines; then whoever logs waits for a reader
    for t in ward.terminals:
        while t.daemon.poll() is None and select.select([t.log], [], [], 0)[0]:
            t.take_line()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((source, 0))
        sock.sendto(packet, ("127.0.0.1", ward.port))
        if not select.select([sock], [], [], timeout)[0]:
            return None
        answer = sock.recv(4096)
    assert proven(answer, packet, ward.pam.secret)
    return answer[0], {n: int.from_bytes(v, "big") for n, v in parse(answer) if n == 101}.get(101, 0)


def test_d2_the_terminal_locks_when_its_user_leaves(ward, tmp_path):
    t = ward.terminal(tmp_path)
    p = account_of(ward, "games")
    secret, seen = ward.pam.secret, {}

    def session():
        wait_for((tmp_path / "open").exists)
        (row,) = wait_for(lambda: ward.list("--person", p.login))
        assert row["client"] == "pam" and row["accepted"] and row["door_event"] > 0, row
        wait_for(lambda: ward.list("--person", p.login)[0]["seconds"] >= 1)
        name = row["session"]
        now = int(time.time())
        # who is not the server, or not proven to be, or of another time
        assert ask(ward, disconnect(secret, name), "127.0.0.77", 0.3) is None
        for packet in (disconnect(b"guess", name), disconnect(secret, name, ma=False),
                       disconnect(secret, name, event=now - 301), disconnect(secret, name, event=now + 400),
                       disconnect(secret, name, event=0), disconnect(secret, name, code=43),
                       disconnect(secret, name)[:-1], b"", b"(" * 30):
            assert ask(ward, packet, timeout=0.2) is None
        # who is, but means another
        for other in ("0" * 32, name[:-1], name + "0", "../" + name, "/etc/passwd", ".", name.upper() + "Z"):
            assert ask(ward, disconnect(secret, other)) == (NAK, 503), other
        assert ask(ward, disconnect(secret, name, user="mail")) == (NAK, 503)
        assert not (tmp_path / "locked").exists()
        assert ward.row(name)["state"] == "open"
        ward.event("leave", p)
        wait_for((tmp_path / "locked").exists)
        assert (tmp_path / "locked").owner() == "games"
        ended = wait_for(lambda: ward.row(name)["state"] == "ended" and ward.row(name))
        assert ended["end_why"] == "left_zone" and ended["cause"] == "admin_reset"
        # once more: there is no such session now, and nothing happens
        (tmp_path / "locked").unlink()
        again = disconnect(secret, name)
        assert ask(ward, again) == (NAK, 503) and ask(ward, again) == (NAK, 503)
        assert not (tmp_path / "locked").exists()
        # back in the zone: who unlocks the screen logs in, and that is watched as well
        ward.event("enter", p)
        code, out = unlock(t, p)
        assert code == 0, out
        (row,) = wait_for(lambda: ward.list("--person", p.login))
        assert row["session"] != name and row["accepted"] and row["accept"] > ended["accept"]
        seen["name"] = row["session"]
        ward.event("leave", p)
        wait_for((tmp_path / "locked").exists)
        wait_for(lambda: ward.row(row["session"])["state"] == "ended")
        (tmp_path / "end").touch()

    code, out = t.login(p.login, [("Password: ", p.password), ("successfully authenticated", session)], ALL, timeout=90)
    assert code == 0, (out, t.logged())
    assert ward.row(seen["name"])["cause"] == "admin_reset", "its end changes nothing any more"
    logged = t.logged()
    assert "not one of the servers" in logged and "result=ended" in logged.replace('"', ""), logged
    ward.end_terminal(t)


def processes(t, program):
    """Those of a terminal, by the configuration that they were given."""
    found = []
    for name in os.listdir("/proc"):
        try:
            words = open(f"/proc/{name}/cmdline", "rb").read().split(b"\0") if name.isdigit() else []
        except OSError:
            continue
        if len(words) > 2 and os.path.basename(words[0]).decode() == program and words[2].decode() == str(t.conf):
            found.append(int(name))
    return found


def in_session(ward, t, place, login, then, timeout=60):
    """One login and its session, in which then(row) is called."""
    p = account_of(ward, login)

    def session():
        try:
            wait_for((place / "open").exists)
            then(p, wait_for(lambda: ward.list("--person", p.login))[0]["session"])
        finally:
            (place / "end").touch()

    code, out = t.login(p.login, [("Password: ", p.password), ("successfully authenticated", session)], ALL,
                        timeout=timeout)
    assert code == 0, (out, t.logged())
    return p


def test_a_helper_that_was_killed(ward, tmp_path):
    """The screen is locked by the watcher, who is left alone; and until that
    is known for sure nobody books the session as ended."""
    t = ward.terminal(tmp_path)

    def then(p, name):
        (helper,) = processes(t, "sekisho-session-helper")
        os.kill(helper, signal.SIGKILL)
        wait_for((tmp_path / "locked").exists)
        assert (tmp_path / "locked").owner() == "uucp"
        wait_for(lambda: processes(t, "sekisho-card-watch") == [])
        # the socket is there, and nobody at it; again it is the same
        for n in range(2):
            assert ask(ward, disconnect(ward.pam.secret, name, event=int(time.time()) + n)) == (NAK, 504)
        run("card-admin", "session", "end", "--person", p.login, "--wait", "1", env=ward.s.env, check=False)
        assert ward.row(name)["end_answer"] == "nak_504" and ward.row(name)["state"] != "ended"
        # a folder that others can write to says nothing of what is in it
        sessions = t.root / "sessions"
        assert ask(ward, disconnect(ward.pam.secret, "0" * 32)) == (NAK, 503)
        sessions.chmod(0o755)
        assert ask(ward, disconnect(ward.pam.secret, "1" * 32)) == (NAK, 504)
        sessions.chmod(0o700)
        sessions.rename(t.root / "away")
        assert ask(ward, disconnect(ward.pam.secret, "2" * 32)) == (NAK, 504)
        (t.root / "away").rename(sessions)

    in_session(ward, t, tmp_path, "uucp", then)
    ward.end_terminal(t)


def test_a_full_queue_says_nothing(ward, tmp_path):
    """A helper that does not get to its callers is not one that is gone."""
    t = ward.terminal(tmp_path)

    def then(p, name):
        (helper,) = processes(t, "sekisho-session-helper")
        os.kill(helper, signal.SIGSTOP)
        callers = []
        try:
            for _ in range(16):
                caller = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                caller.setblocking(False)
                callers.append(caller)
                if caller.connect_ex(str(t.root / "sessions" / name)) != 0:
                    break
            assert ask(ward, disconnect(ward.pam.secret, name)) == (NAK, 504)
        finally:
            for caller in callers:
                caller.close()
            os.kill(helper, signal.SIGCONT)
        wait_for(lambda: ask(ward, disconnect(ward.pam.secret, name)) == (ACK, 0))

    in_session(ward, t, tmp_path, "backup", then)
    ward.end_terminal(t)


def test_a_watcher_that_answers_late(ward, tmp_path):
    """Its lock counts when it is told of, and it goes on being the watcher."""
    t = ward.terminal(tmp_path)

    def then(p, name):
        (watcher,) = processes(t, "sekisho-card-watch")
        os.kill(watcher, signal.SIGSTOP)
        try:
            assert ask(ward, disconnect(ward.pam.secret, name), timeout=7) == (NAK, 504)
            assert ward.row(name)["state"] != "ended" and not (tmp_path / "locked").exists()
        finally:
            os.kill(watcher, signal.SIGCONT)
        wait_for((tmp_path / "locked").exists)
        wait_for(lambda: ward.row(name)["state"] == "ended")
        assert ward.row(name)["cause"] == "admin_reset"
        (tmp_path / "locked").unlink()
        code, out = unlock(t, p)
        assert code == 0, out
        (row,) = wait_for(lambda: ward.list("--person", p.login))
        assert row["session"] != name
        assert ask(ward, disconnect(ward.pam.secret, row["session"])) == (ACK, 0)
        assert (tmp_path / "locked").exists() and processes(t, "sekisho-card-watch") == [watcher]

    in_session(ward, t, tmp_path, "list", then)
    ward.end_terminal(t)


def test_a_helper_that_is_told_to_end(ward, tmp_path):
    """As at a shutdown: the server hears of it, and the session is locked,
    for nobody could end it from afar any more."""
    t = ward.terminal(tmp_path)

    def then(p, name):
        (helper,) = processes(t, "sekisho-session-helper")
        os.kill(helper, signal.SIGTERM)
        row = wait_for(lambda: ward.row(name)["state"] == "ended" and ward.row(name))
        assert row["cause"] == "admin_reboot"
        wait_for((tmp_path / "locked").exists)
        wait_for(lambda: processes(t, "sekisho-session-helper") + processes(t, "sekisho-card-watch") == [])

    in_session(ward, t, tmp_path, "man", then)
    ward.end_terminal(t)


def test_an_end_that_is_orderly_locks_nothing(ward, tmp_path):
    t = ward.terminal(tmp_path)
    in_session(ward, t, tmp_path, "lp", lambda p, name: None)
    wait_for(lambda: processes(t, "sekisho-session-helper") + processes(t, "sekisho-card-watch") == [])
    assert not (tmp_path / "locked").exists()
    ward.end_terminal(t)


def test_a_lock_that_is_stopped_is_not_done(ward, tmp_path):
    lock = tmp_path / "lock"
    lock.write_text("#!/bin/sh\nkill -STOP $$\n")
    lock.chmod(0o755)
    t = ward.terminal(tmp_path, on_removal=str(lock))

    def then(p, name):
        assert ask(ward, disconnect(ward.pam.secret, name), timeout=7) == (NAK, 504)
        for pid in os.listdir("/proc"):
            try:
                if pid.isdigit() and str(lock).encode() in open(f"/proc/{pid}/cmdline", "rb").read():
                    os.kill(int(pid), signal.SIGKILL)
            except OSError:
                continue

    in_session(ward, t, tmp_path, "daemon", then)
    ward.end_terminal(t)


def test_a_session_that_nothing_locks(ward, tmp_path):
    """Pamtester's is no graphical one: loginctl would say that all is well."""
    t = ward.terminal(tmp_path, on_removal="/usr/bin/loginctl lock-session")
    said = []

    def then(p, name):
        assert ask(ward, disconnect(ward.pam.secret, name)) == (NAK, 504)
        wait_for(lambda: said.append(t.logged()) or "is not graphical" in "".join(said))

    in_session(ward, t, tmp_path, "sync", then)
    ward.end_terminal(t)


def test_an_end_has_its_own_command(ward, tmp_path):
    t = ward.terminal(tmp_path, on_removal="/bin/false", on_end=f"/usr/bin/touch {tmp_path}/over")

    def then(p, name):
        assert ask(ward, disconnect(ward.pam.secret, name)) == (ACK, 0)
        assert (tmp_path / "over").exists()

    in_session(ward, t, tmp_path, "bin", then)
    ward.end_terminal(t)


def test_d5_card_lost_locks_every_terminal(ward, tmp_path):
    """Whatever carried the session."""
    t = ward.terminal(tmp_path)
    p = account_of(ward, "mail")
    ward.s.sql("INSERT INTO sekisho.token (id, person_id, method, status) SELECT gen_random_uuid(), id, 'card', "
               f"'active' FROM sekisho.person WHERE login = '{p.login}'")
    ward.s.sql("INSERT INTO sekisho.card (token_id, origin, number, state) SELECT t.id, 'issued', '00417', 'active' "
               f"FROM sekisho.token t JOIN sekisho.person p ON p.id = t.person_id WHERE p.login = '{p.login}'")

    def session():
        wait_for((tmp_path / "open").exists)
        wait_for(lambda: len(ward.list("--person", p.login)) == 1)
        lost = ward.s.admin("card", "lost", "00417", "--why", "a test")
        assert [x["ending"] for x in lost["sessions"] if x["session"]] == [True]
        wait_for((tmp_path / "locked").exists)
        wait_for(lambda: ward.list("--person", p.login) == [])
        (tmp_path / "end").touch()

    code, out = t.login(p.login, [("Password: ", p.password), ("successfully authenticated", session)], ALL, timeout=60)
    assert code == 0, (out, t.logged())
    ward.end_terminal(t)


def test_a_lock_that_fails_is_said(ward, tmp_path):
    t = ward.terminal(tmp_path, on_removal="/bin/false")
    p = account_of(ward, "news")

    def session():
        wait_for((tmp_path / "open").exists)
        (row,) = wait_for(lambda: ward.list("--person", p.login))
        done = run("card-admin", "session", "end", str(row["id"]), "--wait", "1", "--json", env=ward.s.env, check=False)
        assert done.returncode == 3
        wait_for(lambda: ward.row(row["session"])["end_answer"] == "nak_504")
        assert ask(ward, disconnect(ward.pam.secret, row["session"])) == (NAK, 504)
        (tmp_path / "end").touch()

    code, out = t.login(p.login, [("Password: ", p.password), ("successfully authenticated", session)], ALL, timeout=60)
    assert code == 0, (out, t.logged())
    wait_for(lambda: ward.list("--person", p.login) == [])
    ward.end_terminal(t)


def test_the_server_is_away_when_the_session_ends(ward, tmp_path):
    t = ward.terminal(tmp_path)
    p = account_of(ward, "irc")

    def session():
        wait_for((tmp_path / "open").exists)
        wait_for(lambda: ward.list("--person", p.login))
        ward.s.instance("stop", "authd")
        (tmp_path / "end").touch()

    code, out = t.login(p.login, [("Password: ", p.password), ("successfully authenticated", session)], ALL, timeout=60)
    assert code == 0, (out, t.logged())
    ward.s.instance("start", "authd")
    (row,) = wait_for(lambda: [r for r in ward.list("--person", p.login, "--since", "1h") if r["ended_at"]], 40)
    assert row["cause"] == "user_request"
    ward.end_terminal(t)


def test_a_session_over_tls(ward, tmp_path):
    """Accounting goes the way that authentication went; Disconnects still
    need the secret of the file, not the one that everybody knows."""
    issuer = Issuer(ward.s.dir / "radsec")
    pem, key = issuer.issue(ward.s.root / "pam", "pam.hospital.example")
    t = ward.terminal(tmp_path, servers=ward.s.env["SEKISHO_RADSEC"], radsec_name="localhost",
                      radsec_ca=str(issuer.ca), radsec_certificate=str(pem), radsec_key=str(key))
    p = account_of(ward, "proxy")

    def session():
        wait_for((tmp_path / "open").exists)
        (row,) = wait_for(lambda: ward.list("--person", p.login))
        assert row["client"] == "pam" and row["accepted"]
        assert ask(ward, disconnect(b"radsec", row["session"]), timeout=0.3) is None
        ward.event("leave", p)
        wait_for((tmp_path / "locked").exists)
        wait_for(lambda: ward.row(row["session"])["state"] == "ended")
        (tmp_path / "end").touch()

    code, out = t.login(p.login, [("Password: ", p.password), ("successfully authenticated", session)], ALL, timeout=60)
    assert code == 0, (out, t.logged())
    ward.end_terminal(t)
