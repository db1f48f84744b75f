# SPDX-License-Identifier: GPL-2.0-or-later
"""Who leaves (guideline 6.6 C.2), as the office does it and as he sees it."""

from sekisho import run


def test_person_leaves(shared):
    """In one act, with a receipt that people can file."""
    p = shared.person()
    assert shared.terminal.login(p.login, p.password).name == "challenge"
    done = run("card-admin", "person", "leave", p.login, "--why", "retired", env=shared.env)
    assert "retired" in done.stdout and "revoked" in done.stdout and p.login in done.stdout
    assert "1" in done.stdout[done.stdout.index("logins in progress"):].splitlines()[0]
    assert shared.terminal.login(p.login, p.password).name == "reject"
    assert shared.audit(p.login, kind="login")[-1]["outcome"] == "reject"
    again = run("card-admin", "person", "leave", p.login, env=shared.env, check=False)
    assert again.returncode == 1, again


def test_it_is_for_good(shared):
    p = shared.person()
    receipt = shared.admin("person", "leave", p.login)
    assert receipt["password"] is True and len(receipt["tokens"]) == 1 and receipt["role"] is False
    for verb in "resume", "suspend", "leave":
        assert run("card-admin", "person", verb, p.login, env=shared.env, check=False).returncode == 1, verb
    assert shared.terminal.login(p.login, p.password).name == "reject"
