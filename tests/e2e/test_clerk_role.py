# SPDX-License-Identifier: GPL-2.0-or-later
"""The clerk's own role in the database, and an installation from before it."""

from sekisho import run, wait_for


def who(s):
    """Roles of authd's connections, with how many each has."""
    rows = s.sql("SELECT usename, count(*) FROM pg_stat_activity WHERE usename IN "
                 "('sekisho_authd', 'sekisho_clerk') GROUP BY usename").splitlines()
    return {r.split("|")[0]: int(r.split("|")[1]) for r in rows}


def test_the_clerk_is_nobody_else(own):
    s = own("clerk")
    # forty workers and the accountant
    wait_for(lambda: who(s) == {"sekisho_authd": 41, "sekisho_clerk": 1})
    assert "workers' role" not in s.log()
    s.person()  # a code token is confirmed by the clerk


def test_an_installation_from_before(own):
    """Its database lets nobody connect as sekisho_clerk; everything goes on."""
    s = own("old")
    s.instance("stop", "authd")
    ident = s.dir / "pg/pg_ident.conf"
    new = ident.read_text()
    ident.write_text("".join(l for l in new.splitlines(True) if "sekisho_clerk" not in l))
    s.sql("SELECT pg_reload_conf()")
    s.sql("GRANT sekisho_clerk TO sekisho_authd")  # as the migration does for it
    s.instance("start", "authd")
    wait_for(lambda: "let it connect as sekisho_clerk" in s.log() and
             "REVOKE sekisho_clerk FROM sekisho_authd" in s.log())
    s.person()
    assert "sekisho_clerk" not in who(s)
    # without the right the clerk does nothing, and logins go on
    s.sql("REVOKE sekisho_clerk FROM sekisho_authd")
    s.instance("stop", "authd")
    s.instance("start", "authd")
    wait_for(lambda: "permission denied" in s.log())
    # as soon as it can connect it works again
    ident.write_text(new)
    s.sql("SELECT pg_reload_conf()")
    wait_for(lambda: who(s).get("sekisho_clerk") == 1, 30)
    s.person()


def test_a_configured_connection_is_the_only_one(own):
    s = own("configured", conf=["clerk_database = \"host=/nowhere user=sekisho_clerk\";"])
    wait_for(lambda: "no database" in s.log())
    assert "workers' role" not in s.log() and "sekisho_clerk" not in who(s)
    done = run("card-admin", "person", "list", env=s.env)
    assert done.returncode == 0
