# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions at a real terminal: pam_sekisho's own accounting, its own
Disconnects, and what becomes of a session whose helpers are harmed."""

import os
import select
import signal
import socket
import subprocess
import time

from accounting import ACK, NAK, disconnect, parse, proven
from radsec import Issuer
from sekisho import run, wait_for
from terminal import PRIVATE
from test_sessions import ward  # noqa: F401

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
