# SPDX-License-Identifier: GPL-2.0-or-later
"""Guideline D.4 under parallel attack: what counts, whom it delays, and that
nobody else notices."""

import multiprocessing
import threading
import time

from radius import Client, storm
from sekisho import Sekisho, wait_for


def parallel_clients(s, n, source="127.0.0.1", like=None):
    like = like or s.terminal
    return [Client(s.server, like.secret, source) for _ in range(n)]


def elsewhere(work, *args):
    """Starts work(stop, *args) in a process of its own, so that attackers and
    honest people do not share one interpreter; call the result to end it."""
    ctx = multiprocessing.get_context("fork")
    stop, result = ctx.Event(), ctx.SimpleQueue()
    process = ctx.Process(target=lambda: result.put(work(stop, *args)))
    process.start()

    def end(wait=False):
        if not wait:
            stop.set()
        value = result.get()
        process.join()
        return value

    return end


def test_d4_1_delay_then_evaluated_again(own):
    s = own()
    s.terminal = s.client()
    p = s.person()
    s.throttle("inside", "knowledge", delay=2)
    assert s.terminal.login(p.login, "wrong-one-1!").name == "reject"
    inside = s.terminal.login(p.login, p.password + p.code())
    assert inside.name == "reject"
    assert s.last(p.login)["reason"] == "delay_running"
    time.sleep(2.1)
    assert s.terminal.login(p.login, p.password + p.code()).name == "accept"
    # and the attempt inside was neither counted nor did it prolong the delay
    assert s.sql("SELECT failures FROM sekisho.throttle t JOIN sekisho.person p ON p.id = t.subject "
                 f"WHERE p.login = '{p.login}' AND category = 'knowledge'") == "0"


def test_d4_2_lock_survives_restart_of_everything(own):
    s = own()
    s.terminal = s.client()
    p = s.person()
    s.throttle("inside", "knowledge", delay=0, lock_after=3, lock_for=600)
    for n in range(3):
        assert s.terminal.login(p.login, f"wrong-{n}-A!").name == "reject"
    s.instance("stop")
    s.instance("start")
    s.await_client(s.terminal)
    assert s.terminal.login(p.login, p.password + p.code()).name == "reject"
    assert s.last(p.login)["reason"] == "delay_running"
    s.admin("unlock", p.login)
    assert s.terminal.login(p.login, p.password + p.code()).name == "accept"


def test_d4_2_operator_stop_and_rebinding(own):
    s = own()
    s.terminal = s.client()
    p = s.person()
    s.throttle("inside", "knowledge", delay=0, lock_after=100, stop_after=4, replace_after=6)
    for n in range(5):
        s.terminal.login(p.login, f"wrong-{n}-A!")
    assert s.last(p.login)["reason"] == "delay_running"
    s.admin("unlock", p.login)
    for n in range(2):
        s.terminal.login(p.login, f"again-{n}-A!")
    refused = s.admin("unlock", p.login, check=False)
    assert refused.returncode == 1, "past the limit only a new password helps"
    assert s.terminal.login(p.login, p.password + p.code()).name == "reject"
    s.new_password(p.login, "k7mp-2xqd-9hvt!")
    assert s.terminal.login(p.login, "k7mp-2xqd-9hvt!" + p.code()).name == "accept"


def test_same_wrong_secret_counts_once(own):
    s = own()
    s.terminal = s.client()
    p = s.person()
    for category in ("knowledge", "possession"):
        s.throttle("inside", category, delay=0)
    for _ in range(12):
        assert s.terminal.login(p.login, "old-password-7").name == "reject"
    assert s.count(p.login, "wrong_password") == 1
    assert s.count(p.login, "wrong_password_again") == 11
    guess = p.wrong_code()
    for _ in range(3):
        first = s.terminal.login(p.login, p.password)
        assert s.terminal.login(p.login, guess, first.state).name == "reject"
    assert s.count(p.login, "wrong_code") == 1
    assert s.terminal.login(p.login, p.password + p.code()).name == "accept"


def test_locked_password_leaves_other_scope_and_category_alone(own):
    s = own()
    s.terminal = s.client()
    vpn = s.client("vpn", "127.0.0.2", "vpn")
    p = s.person()
    s.throttle("outside", "knowledge", delay=0, lock_after=2)
    for n in range(4):
        vpn.login(p.login, f"outsider-{n}-A")
    assert s.count(p.login, "delay_running") >= 1
    assert s.terminal.login(p.login, p.password + p.code()).name == "accept", \
        "nobody outside locks a nurse out of her ward"
    # and the accept inside did not open the lock outside
    first = vpn.login(p.login, p.password)
    assert vpn.login(p.login, p.code(), first.state).name == "reject"
    assert s.count(p.login, "two_factors") == 1


def test_parallel_guesses_at_one_person(own):
    """2,000 guesses from 8 sockets, the right password among the late ones."""
    s = own()
    s.terminal = s.client()
    victim = s.person()
    others = [s.person() for _ in range(6)]
    guessers = parallel_clients(s, 8)

    def guess(turn, n):
        c = n % 8
        late_and_right = n >= 1500 and n % 50 == 0
        password = victim.password + victim.code_of() if late_and_right else f"guess-{turn}-{n}-Aa!"
        return c, guessers[c].build(victim.login, password)

    pause = 2 * hash_seconds(s, others[0])  # a quarter of what two cores hash

    def honest(done, logins, which):
        mine = parallel_clients(s, 1)[0]
        turn = which
        while not done.is_set():
            p = others[turn % len(others)]
            turn += 3
            begun = time.monotonic()
            logins.append(mine.login(p.login, p.password, timeout=8).name)
            time.sleep(max(0.0, 3 * pause - (time.monotonic() - begun)))
        mine.close()

    def rate_while(work):
        done, logins = threading.Event(), []
        threads = [threading.Thread(target=honest, args=(done, logins, n)) for n in range(3)]
        begun = time.monotonic()
        for t in threads:
            t.start()
        result = work()
        took = time.monotonic() - begun
        done.set()
        for t in threads:
            t.join()
        assert set(logins) == {"challenge"}, logins
        return len(logins) / took, result

    def attack(_stop, turn):
        begun = time.monotonic()
        results = storm(guessers, [guess(turn, n) for n in range(2000)], timeout=3.0)
        return {r.name for r, _ in results}, time.monotonic() - begun

    def attacked(turn):
        result = elsewhere(attack, turn)(wait=True)
        time.sleep(max(0.0, 5 - result[1]))
        return result

    # Two noisy cores: one of three tries must keep to the bound; what really
    # holds others up holds them up each time.
    allowed, tries = 0, []
    for turn in range(3):
        quiet, _ = rate_while(lambda: time.sleep(5))
        loud, (names, took) = rate_while(lambda: attacked(turn))
        allowed += 1 + int(took // 5)
        assert names <= {"reject", "silence"}
        tries.append((quiet, loud))
        if loud >= 0.9 * quiet:
            break
    else:
        raise AssertionError(tries)
    counted = s.count(victim.login, "wrong_password")
    assert 1 <= counted <= allowed, (counted, allowed)
    assert s.count(victim.login, "two_factors") == 0
    # evaluated: what was counted and at most one more on this node
    evaluated = counted + s.count(victim.login, "wrong_password_again")
    assert evaluated <= counted + 1
    for c in guessers:
        c.close()


def test_flood_of_unknown_names_from_one_source(own):
    """Everybody else keeps at least nine tenths of their rate."""
    s = own()
    s.terminal = s.client()
    flood = s.client("flood", "127.0.0.3", "terminal")
    people = [s.person() for _ in range(8)]
    cost = hash_seconds(s, people[0])
    threads = 4
    pause = threads * cost * 2  # together a quarter of what two cores can hash

    def rate(seconds):
        done = []

        def one(which):
            mine = parallel_clients(s, 1)[0]
            until, turn = time.monotonic() + seconds, which
            while time.monotonic() < until:
                p = people[turn % len(people)]
                turn += threads
                begun = time.monotonic()
                if mine.login(p.login, p.password, timeout=4).name == "challenge":
                    done.append(1)
                time.sleep(max(0.0, pause - (time.monotonic() - begun)))
            mine.close()

        each = [threading.Thread(target=one, args=(n,)) for n in range(threads)]
        for t in each:
            t.start()
        for t in each:
            t.join()
        return len(done) / seconds

    def attack(stop):
        sockets = parallel_clients(s, 3, "127.0.0.3", flood)
        n = 0
        while not stop.is_set():
            packets = []
            for _ in range(200):
                n += 1
                c = n % 3
                packets.append((c, sockets[c].build(f"nobody-{n}", f"x-{n}-Aa!")))
            storm(sockets, packets, timeout=1.0)

    tries = []
    for _ in range(3):  # as above: two noisy cores
        quiet = rate(5)
        end = elsewhere(attack)
        time.sleep(1)
        loud = rate(8)
        end()
        tries.append((quiet, loud))
        if loud >= 0.9 * quiet:
            return
    raise AssertionError(tries)


def hash_seconds(s, p):
    mine = parallel_clients(s, 1)[0]
    times = []
    for _ in range(5):
        begun = time.monotonic()
        assert mine.login(p.login, p.password).name == "challenge"
        times.append(time.monotonic() - begun)
    return sorted(times)[2]


def test_flood_from_outside_while_logging_in_inside(own):
    s = own()
    s.terminal = s.client()
    vpn = s.client("vpn", "127.0.0.2", "vpn")
    p = s.person()
    def attack(stop):
        sockets = parallel_clients(s, 4, "127.0.0.2", vpn)
        n = 0
        while not stop.is_set():
            packets = []
            for _ in range(100):
                n += 1
                packets.append((n % 4, sockets[n % 4].build(p.login, f"outside-{n}-Aa!")))
            storm(sockets, packets, timeout=1.0)

    end = elsewhere(attack)
    time.sleep(0.5)
    names = []
    for _ in range(10):
        names.append(s.terminal.login(p.login, p.password).name)
    final = s.terminal.login(p.login, p.password + p.code()).name
    end()
    assert names == ["challenge"] * 10 and final == "accept", names


def test_unknown_names_look_like_persons(shared, person):
    """Same texts, same delays, about the same time."""
    for login in (person.login, "who-is-this"):
        first = shared.terminal.login(login, "wrong-first-1!")
        second = shared.terminal.login(login, "wrong-second-1!")
        assert first.name == second.name == "reject"
        assert first.text.replace(first.ref, "") == second.text.replace(second.ref, "")
    shared.admin("unlock", person.login)
    times = {"known": [], "unknown": []}
    for n in range(12):
        p = shared.person(token=True)
        for kind, login in (("known", p.login), ("unknown", f"stranger-{n}-{p.login}")):
            begun = time.monotonic()
            shared.terminal.login(login, f"wrong-{n}-Aa!")
            times[kind].append(time.monotonic() - begun)
    known, unknown = sorted(times["known"])[6], sorted(times["unknown"])[6]
    assert 0.5 < known / unknown < 2.0, (known, unknown)


def test_refusals_inside_a_delay_are_summed_up(own):
    s = own()
    s.terminal = s.client()
    s.admin("setting", "set", "tally_seconds", "2")
    p = s.person()
    s.throttle("inside", "knowledge", delay=60)
    refs = set()
    s.terminal.login(p.login, "wrong-0-Aa!")
    for n in range(300):
        refs.add(s.terminal.login(p.login, f"wrong-{n}-Aa!").ref)
    assert len(refs) == 1, "one reference for one flood"
    ref = refs.pop()
    wait_for(lambda: sum(r["count"] for r in s.admin("audit", "show", "--ref", ref)) == 300)
    wait_for(lambda: s.sql("SELECT count(*) FROM sekisho.refusal_tally") == "0", 25)
    rows = s.admin("audit", "show", "--ref", ref)
    assert sum(r["count"] for r in rows) == 300
    assert {r["reason"] for r in rows} == {"delay_running"}
    assert int(s.sql("SELECT count(*) FROM sekisho.audit WHERE kind = 'login'")) < 10
