# SPDX-License-Identifier: GPL-2.0-or-later
"""Killed here, killed there: no accept without its audit row, no row lost,
no answer instead of a wrong one, and service back by itself."""

import os
import pathlib
import shutil
import signal
import threading
import time

import pytest
from radius import Client
from sekisho import Sekisho, run, totp, wait_for


class Load:
    """Logs people in, one after another per thread, and keeps what it saw."""

    running = []

    def __init__(self, s, people, threads=4):
        self.s, self.stop = s, threading.Event()
        self.running.append(self)
        self.accepts, self.rejects, self.silences = [], [], 0
        self.lock = threading.Lock()
        share = [people[i::threads] for i in range(threads)]
        self.threads = [threading.Thread(target=self.work, args=(p,)) for p in share]
        for t in self.threads:
            t.start()

    def work(self, people):
        client = Client(self.s.server, self.s.terminal.secret)
        turn = 0
        while not self.stop.is_set():
            p = people[turn % len(people)]
            turn += 1
            first = client.login(p.login, p.password, timeout=1.0, tries=3)
            if first.name != "challenge":
                with self.lock:
                    if first.name == "reject":
                        self.rejects.append((p.login, first.text))
                    else:
                        self.silences += 1
                continue
            step = max(int(time.time()) // 30 - 1, p.last + 1)
            if step > int(time.time()) // 30 + 1:
                time.sleep(0.05)
                continue
            p.last = step
            second = client.login(p.login, totp(p.seed, step), first.state, timeout=1.0, tries=3)
            with self.lock:
                if second.name == "accept":
                    self.accepts.append(p.login)
                elif second.name == "reject":
                    self.rejects.append((p.login, second.text))
                else:
                    self.silences += 1
        client.close()

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join()


def accepted_in_audit(s):
    rows = s.sql("SELECT login, count(*) FROM sekisho.audit "
                 "WHERE outcome = 'accept' AND reason = 'two_factors' GROUP BY login")
    return {r.split("|")[0]: int(r.split("|")[1]) for r in rows.splitlines()}


def check_books(s, load):
    """Every accept that a client saw stands in the audit; a crash may leave an
    accept that nobody saw, never one that nobody wrote. Nobody was charged."""
    wait_for(lambda: s.sql("SELECT 1", check=False) == "1", 30)
    books = accepted_in_audit(s)
    for login in set(load.accepts):
        assert books.get(login, 0) >= load.accepts.count(login), login
    assert load.accepts, "the load never got through"
    charged = s.sql("SELECT count(*) FROM sekisho.audit WHERE reason IN ('wrong_password', 'wrong_code')")
    assert charged == "0", "a crash is not a mismatch"


@pytest.fixture(scope="module")
def staffed():
    s = Sekisho("loaded", conf=["workers = 12;", "hash_waiters = 6;"])
    s.terminal = s.client()
    yield s, [s.person() for _ in range(24)]
    s.close()


@pytest.fixture
def loaded(staffed):
    """The same staff for each test, with all their codes fresh again."""
    s, people = staffed
    s.sql("UPDATE sekisho.token SET last_step = 0, drift = 0")
    for p in people:
        p.last = 0
    yield s, people
    for load in Load.running:
        load.end()  # a test that failed must not disturb the next
    Load.running.clear()


def recovers(s, p=None):
    def logged_in():
        return s.terminal.login(p.login, p.password, timeout=1).name == "challenge"
    wait_for(logged_in, 30, 0.2)


def test_worker_killed(loaded):
    s, people = loaded
    load = Load(s, people)
    for _ in range(15):
        time.sleep(0.2)
        workers = s.workers()
        if workers:
            try:
                s.kill(workers[int(time.time() * 1000) % len(workers)])
            except ProcessLookupError:
                pass
    time.sleep(1)
    load.end()
    check_books(s, load)
    recovers(s, people[0])
    assert wait_for(lambda: len(s.workers()) == 12)


def test_keyring_killed(loaded):
    s, people = loaded
    load = Load(s, people)
    for _ in range(5):
        time.sleep(0.5)
        s.kill(s.keyring())
    time.sleep(1)
    load.end()
    check_books(s, load)
    recovers(s, people[0])


def test_hashers_killed(loaded):
    s, people = loaded
    load = Load(s, people)
    for _ in range(6):
        time.sleep(0.5)
        for pid in s.processes("hasher"):
            try:
                s.kill(pid)
            except ProcessLookupError:
                pass
    time.sleep(1)
    load.end()
    check_books(s, load)
    recovers(s, people[0])


def test_authd_killed(loaded):
    s, people = loaded
    load = Load(s, people)
    for _ in range(3):
        time.sleep(1)
        pid = s.supervisor()
        if pid:
            s.kill(pid)
            # nothing of it lives on and answers
            wait_for(lambda: not pathlib.Path(f"/proc/{pid}").exists())
    time.sleep(2)
    load.end()
    check_books(s, load)
    recovers(s, people[0])


def test_postgresql_killed(loaded):
    s, people = loaded
    load = Load(s, people)
    for _ in range(2):
        time.sleep(1.5)
        backend = int(wait_for(lambda: s.sql(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'sekisho_authd' LIMIT 1", check=False), 30))
        os.kill(backend, signal.SIGKILL)  # the server restarts every session
        time.sleep(1.5)
    postmaster = s.postmaster()
    sessions = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    os.kill(postmaster, signal.SIGKILL)
    time.sleep(1)
    silent = s.terminal.login(people[0].login, people[0].password, timeout=2)
    assert silent.name == "silence", "no answer instead of a wrong one"
    for pid in sessions:  # one that is busy holds the new server up
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            pass
    said = []

    def started():
        said.append(s.instance("start", "pg", check=False))
        return said[-1].returncode == 0
    try:
        wait_for(started, 60, 0.5)
    except AssertionError:
        raise AssertionError(said[-1].stderr + (s.dir / "log/postgresql.log").read_text()[-3000:])
    time.sleep(2)
    load.end()
    check_books(s, load)
    recovers(s, people[0])


def test_database_away_does_not_hold_freeradius_up(own):
    s = own()
    s.terminal = s.client()
    p = s.person()
    s.instance("stop", "pg")
    time.sleep(1)
    begun = time.monotonic()
    clients = [Client(s.server, s.terminal.secret) for _ in range(10)]
    packets = [c.build(p.login, p.password) for c in clients]
    for c, packet in zip(clients, packets):
        c.send(packet)
    assert all(c.receive(k, 1.0).name == "silence" for c, k in zip(clients, packets))
    assert time.monotonic() - begun < 12
    s.instance("start", "pg")
    # the very packet that was not answered is, once there is an answer
    wait_for(lambda: clients[0].exchange(packets[0], timeout=1).name == "challenge", 30)


def test_worker_killed_while_hashing_gives_its_turn_back(own):
    s = own(conf=["hashes = 1;", "workers = 6;", "hash_waiters = 3;"])
    s.terminal = s.client()
    people = [s.person() for _ in range(4)]
    clients = [Client(s.server, s.terminal.secret) for _ in range(4)]
    for round_ in range(5):
        for c, p in zip(clients, people):
            c.send(c.build(p.login, p.password))
        time.sleep(0.01 * round_)
        for pid in s.workers():
            try:
                s.kill(pid)
            except ProcessLookupError:
                pass
        wait_for(lambda: len(s.workers()) == 6)
    recovers(s, people[0])


def test_keys_rotated_while_people_log_in(loaded):
    s, people = loaded
    load = Load(s, people)
    time.sleep(1)
    run(s.dir / "bin/sekisho-authd", "-c", s.dir / "etc/authd.conf", "keys", "rotate")
    s.kill(s.supervisor(), signal.SIGHUP)
    wait_for(lambda: s.sql("SELECT count(*) FROM sekisho.verifier WHERE key_version = 1 AND status = 'active'") == "0", 40)
    wait_for(lambda: s.sql("SELECT count(*) FROM sekisho.token WHERE key_version = 1 AND status <> 'revoked'") == "0", 40)
    wait_for(lambda: s.sql("SELECT count(*) FROM sekisho.client WHERE key_version = 1") == "0", 40)
    load.end()
    check_books(s, load)
    # the old key can go
    run(s.dir / "bin/sekisho-authd", "-c", s.dir / "etc/authd.conf", "keys", "retire", "2")
    s.kill(s.supervisor(), signal.SIGHUP)
    recovers(s, people[0])


def test_reload_finishes_what_is_under_way(loaded):
    s, people = loaded
    load = Load(s, people)
    for _ in range(4):
        time.sleep(0.7)
        s.kill(s.supervisor(), signal.SIGHUP)
    time.sleep(0.5)
    load.end()
    check_books(s, load)
    assert "not taken over" not in s.log()


def test_full_disk_under_postgresql(own):
    """The cluster's own file system, filled to the last block."""
    s = own()
    s.terminal = s.client()
    p = s.person()
    s.instance("stop", "pg")
    image = s.root / "disk"
    with open(image, "wb") as f:
        f.truncate(160 << 20)
    run("mkfs.ext4", "-q", "-F", "-m", "0", image)
    small = s.root / "small"
    small.mkdir()
    run("mount", "-o", "loop", image, small)
    try:
        run("cp", "-a", s.dir / "pg", small)
        shutil.move(s.dir / "pg", s.root / "aside")
        (s.dir / "pg").mkdir()
        shutil.copystat(small / "pg", s.dir / "pg")
        run("chown", "--reference", small / "pg", s.dir / "pg")
        run("mount", "--bind", small / "pg", s.dir / "pg")
        try:
            s.instance("start", "pg")
            s.await_client(s.terminal)
            recovers(s, p)
            seen_before = accepted_in_audit(s)
            with open(small / "filler", "wb") as f:
                try:
                    while True:
                        f.write(b"\0" * 65536)
                except OSError:
                    pass
            names = set()
            for n in range(400):
                reply = s.terminal.login(f"nobody-{n}", "x-Aa-1!", timeout=0.3)
                names.add(reply.name)
                if reply.name == "silence" and n > 20:
                    break
            assert "accept" not in names
            (small / "filler").unlink()
            wait_for(lambda: s.instance("start", "pg", check=False).returncode == 0, 30, 0.5)
            recovers(s, p)
            assert s.terminal.login(p.login, p.password + p.code(), tries=3, timeout=3).name == "accept"
            assert sum(accepted_in_audit(s).values()) == sum(seen_before.values()) + 1
        finally:
            def let_go():
                s.instance("stop", "pg", check=False)
                return run("umount", s.dir / "pg", check=False).returncode == 0
            wait_for(let_go, 60, 0.5)
            (s.dir / "pg").rmdir()
            shutil.move(s.root / "aside", s.dir / "pg")
    finally:
        run("umount", small)
