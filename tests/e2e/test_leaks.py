# SPDX-License-Identifier: GPL-2.0-or-later
"""Ten thousand requests through one worker, which then ends and has
LeakSanitizer look at what is left (builds with sanitizers only)."""

import pytest
from radius import Client, storm
from sekisho import BUILD, wait_for


@pytest.mark.skipif("asan" not in str(BUILD), reason="LeakSanitizer is in the asan build")
def test_no_leak_after_ten_thousand_requests(own):
    s = own(conf=["workers = 3;", "hashes = 1;", "hash_waiters = 1;", "worker_requests = 10000;"])
    s.terminal = s.client()
    s.throttle("inside", "possession", delay=0, lock_after=100, stop_after=100, replace_after=100)
    people = [s.person() for _ in range(6)]
    before = set(s.workers())
    sockets = [Client(s.server, s.terminal.secret) for _ in range(2)]
    states = {p.login: s.terminal.login(p.login, p.password).state for p in people}
    sent = 0
    while before <= set(s.workers()) and sent < 60000:
        packets = []
        for n in range(500):
            c, p = n % 2, people[(sent + n) % len(people)]
            kind = (sent + n) % 50
            if kind == 0:
                packets.append((c, sockets[c].build(p.login, p.password + p.code_of())))
            elif kind == 1:
                packets.append((c, sockets[c].build(p.login, p.wrong_code(n), states[p.login])))
            elif kind == 2:
                packets.append((c, sockets[c].build("nobody-%d" % sent, "x-A-1")))
            elif kind == 3:
                packets.append((c, sockets[c].build(p.login, b"\xff\0", None)))
            else:
                packets.append((c, sockets[c].build(p.login, "123456", b"x" * 32)))
        storm(sockets, packets, timeout=0.7)
        sent += len(packets)
    wait_for(lambda: not before <= set(s.workers()), 10)
    log = s.log()
    assert "LeakSanitizer" not in log and "AddressSanitizer" not in log, log[-3000:]
    assert "runtime error" not in log
