# SPDX-License-Identifier: GPL-2.0-or-later
"""What only the build that goes into service shows: the system-call filters
and no test hook. Logins go through it as they do through the others."""

import pathlib

import pytest
from sekisho import BUILD, run, wait_for

pytestmark = pytest.mark.release


@pytest.fixture(scope="module")
def s():
    from sekisho import Sekisho
    s = Sekisho("release")
    s.terminal = s.client()
    s.vpn = s.client("vpn", "127.0.0.2", "vpn")
    yield s
    s.close()


def status(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def test_every_process_is_locked_in(s):
    children = s.children()
    import os
    kinds = {kind: len(s.processes(kind)) for kind in ("keyring", "clerk", "account", "hasher", "worker")}
    assert kinds == {"keyring": 1, "clerk": 1, "account": 1, "hasher": min(os.cpu_count(), 64), "worker": 40}
    assert len(children) == sum(kinds.values())
    for pid in children:
        st = status(pid)
        assert st["Seccomp"] == "2", "filtered"
        assert st["NoNewPrivs"] == "1"
        if os.geteuid() == 0:
            assert st["Uid"].split()[0] != "0"
            assert int(st["CapEff"], 16) == 0


def test_every_path_works_inside_the_filters(s):
    p = s.person()
    first = s.terminal.login(p.login, p.password)
    assert s.terminal.login(p.login, p.code(), first.state).name == "accept"
    assert s.terminal.login(p.login, p.password + p.code()).name == "accept"
    assert s.vpn.login(p.login, "wrong-A-1").name == "challenge"
    assert s.terminal.login("nobody", "wrong-A-1").name == "reject"
    assert s.terminal.login(p.login, "wrong-A-1").name == "reject"
    s.admin("unlock", p.login)
    # a new password: lists of words, zxcvbn, what was used before, all inside them
    r = s.person()
    s.sql(f"UPDATE sekisho.verifier SET must_change = true FROM sekisho.person p WHERE p.id = person_id "
          f"AND p.login = '{r.login}'")
    reply = s.terminal.login(r.login, r.password + r.code())
    for new, word in (("Kangoshi-26!", "推測"), (r.password, "似ています"), ("k7mp-2xqd-9hvt!", "もう一度")):
        reply = s.terminal.login(r.login, new, reply.state)
        assert reply.name == "challenge" and word in reply.text, reply
    assert s.terminal.login(r.login, "k7mp-2xqd-9hvt!", reply.state).name == "accept"
    s.admin("setting", "set", "password.opslimit", "3")
    assert s.terminal.login(p.login, p.password).name == "challenge"
    q = s.person()
    s.admin("setting", "set", "password.opslimit", "2")
    assert s.terminal.login(q.login, q.password + q.code()).name == "accept"
    wait_for(lambda: any(r["reason"] == "password_rehashed"
                         for r in s.admin("audit", "show", "--kind", "system")))
    run(s.dir / "bin/sekisho-authd", "-c", s.dir / "etc/authd.conf", "keys", "rotate")
    s.kill(s.supervisor(), 1)
    wait_for(lambda: s.sql("SELECT count(*) FROM sekisho.client WHERE key_version = 1") == "0", 40)
    wait_for(lambda: s.terminal.login(p.login, p.password, timeout=2).name == "challenge", 20)
    assert "system-call filter" not in s.log()


def test_no_test_hook_in_what_goes_into_service():
    binary = (BUILD / "authd/sekisho-authd").read_bytes()
    assert b"test_hold" not in binary and b"pg_advisory_lock_shared" not in binary
