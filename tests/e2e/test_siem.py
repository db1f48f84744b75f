# SPDX-License-Identifier: GPL-2.0-or-later
"""The audit for a SIEM: every event once and in order, as JSON and as RFC 5424, read
back by a real rsyslog."""

import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from sekisho import PROJECT, Sekisho, free_port, run, wait_for

# RFC 5424 6, of what we write
WORD = r"[\x21-\x7e]+"
VALUE = r'(?:[^"\\\]\x00-\x1f]|\\["\\\]])*'
LINE = re.compile(rf'<(\d+)>1 ({WORD}) ({WORD}) sekisho - ({WORD}) \[audit@32473((?: [a-z]+="{VALUE}")*)\] \ufeff(.*)')


@pytest.fixture(scope="module")
def s():
    s = Sekisho("siem")
    s.terminal = s.client("terminal", "127.0.0.1", "terminal")
    yield s
    s.close()


def forward(s, state, *args, check=True):
    return run("card-admin", "audit", "forward", "--state", state, "--once", *args,
               env=dict(s.env, PGUSER="sekisho_auditor"), check=check)


def parse(line):
    m = LINE.fullmatch(line)
    assert m, line
    fields = {k: re.sub(r'\\(["\\\]])', r"\1", v) for k, v in re.findall(rf'([a-z]+)="({VALUE})"', m[5])}
    return int(m[1]), m[4], fields, json.loads(m[6])


def ids(s):
    return [int(n) for n in s.sql("SELECT id FROM sekisho.audit ORDER BY id").split()]


def until_all(s, state, *args):
    lines = []

    def all_there():
        lines.extend(forward(s, state, *args).stdout.splitlines())
        return lines and json.loads(lines[-1][lines[-1].index("{"):])["id"] == ids(s)[-1]

    wait_for(all_there, 40)
    return lines


NASTY = 'a"b]c\\d[e]=山田🙂'


def test_every_event_as_rfc_5424(s, tmp_path):
    p = s.person()
    assert s.terminal.login(p.login, p.password + p.code()).name == "accept"
    s.terminal.login(NASTY, "wrong-A-1!")
    lines = until_all(s, tmp_path / "at", "--format", "rfc5424")
    events = [parse(line) for line in lines]
    assert [e[2]["id"] for e in events] == [str(n) for n in ids(s)], "once each, in order"
    for pri, kind, fields, whole in events:
        assert pri >> 3 == 10 and kind == whole["kind"] and fields["outcome"] == whole["outcome"]
        assert fields.get("login", "") == (whole["login"] or "")
    (accept,) = [e for e in events if e[2]["outcome"] == "accept"]
    assert accept[0] == 86 and accept[2]["evidence"] == "knowledge:password,possession:totp"
    assert accept[2]["client"] == "terminal" and accept[3]["evidence"][1]["method"] == "totp"
    nasty = [e for e in events if e[2].get("login") == NASTY]
    assert nasty and nasty[0][0] == 85, "what somebody typed ends no field and no line"
    assert forward(s, tmp_path / "at").stdout == "", "nothing twice"


def test_json_lines_and_where_it_begins(s, tmp_path):
    lines = until_all(s, tmp_path / "json")
    assert [json.loads(line)["id"] for line in lines] == ids(s)
    # without a state from now on
    now = run("card-admin", "audit", "forward", "--once", env=s.env).stdout
    assert now == ""


def test_killed_again_and_again(s, tmp_path):
    state, out = tmp_path / "at", tmp_path / "out"
    stop = time.monotonic() + 12
    n = 0
    with open(out, "ab") as f:
        while time.monotonic() < stop:
            done = subprocess.Popen(["card-admin", "audit", "forward", "--state", state], env=s.env, stdout=f)
            for _ in range(5):
                s.terminal.login(f"killed-{n}", "wrong-A-1!")
                n += 1
            time.sleep(os.urandom(1)[0] / 256)
            done.send_signal(signal.SIGKILL)
            done.wait()
    with open(out, "ab") as f:
        wait_for(lambda: f.write(forward(s, state).stdout.encode()) + (f.flush() or 0) >= 0 and
                 int(state.read_text()) == ids(s)[-1], 40)
    seen = [json.loads(line)["id"] for line in out.read_text().splitlines() if line.endswith("}")]
    assert set(seen) == set(ids(s)), "none is missing"
    assert sum(1 for a, b in zip(seen, seen[1:]) if b < a) <= 12, "what comes again is what came last"


def test_what_cannot_be_read_or_written_stops_it(s, tmp_path):
    bad = tmp_path / "bad"
    bad.write_text("x\n")
    done = forward(s, bad, check=False)
    assert done.returncode == 2 and "does not say how far" in done.stderr and bad.read_text() == "x\n"
    done = forward(s, tmp_path / "no/such/folder/at", check=False)
    assert done.returncode in (2, 3)
    full = run("sh", "-c", f"card-admin audit forward --once --state {tmp_path}/full >/dev/full", env=s.env, check=False)
    assert full.returncode == 3 and not (tmp_path / "full").exists(), "what nobody took comes again"
    night = run("card-admin", "audit", "forward", "--once", env=dict(s.env, PGUSER="sekisho_night"), check=False)
    assert night.returncode == 1, "for auditors and operators"


def test_a_real_rsyslog_hands_it_on_and_reads_it(s, tmp_path):
    """The shipped configuration, and another rsyslog as the SIEM."""
    s.terminal.login(NASTY, "wrong-B-2!")
    port = free_port(socket.SOCK_STREAM)
    log, got = tmp_path / "audit.log", tmp_path / "got.json"
    shipped = (PROJECT / "deploy/siem/rsyslog-sekisho.conf").read_text()
    shipped = shipped.replace("siem.hospital.example\" port=\"6514", f"127.0.0.1\" port=\"{port}") \
        .replace("/var/log/sekisho-siem/audit.log", str(log))
    assert str(port) in shipped and str(log) in shipped
    (tmp_path / "from.conf").write_text(f'global(workDirectory="{tmp_path}")\n' + shipped)
    (tmp_path / "to.conf").write_text(f'''global(workDirectory="{tmp_path}" maxMessageSize="64k")
module(load="imptcp")
template(name="read" type="list" option.jsonf="on") {{
  property(outname="pri" name="pri" format="jsonf") property(outname="app" name="app-name" format="jsonf")
  property(outname="msgid" name="msgid" format="jsonf") property(outname="sd" name="structured-data" format="jsonf")
  property(outname="msg" name="msg" format="jsonf") }}
input(type="imptcp" address="127.0.0.1" port="{port}")
action(type="omfile" file="{got}" template="read")
''')
    servers = [subprocess.Popen(["rsyslogd", "-n", "-i", tmp_path / f"{n}.pid", "-f", tmp_path / f"{n}.conf"])
               for n in ("to", "from")]
    try:
        log.write_text("\n".join(until_all(s, tmp_path / "at", "--format", "rfc5424")) + "\n")
        count = len(ids(s))
        wait_for(lambda: got.exists() and len(got.read_text().splitlines()) >= count - 1, 30)
        read = [json.loads(line) for line in got.read_text().splitlines() if line.startswith("{")]
        assert all(r["app"] == "sekisho" and r["sd"].startswith("[audit@32473 id=") for r in read)
        nasty = [r for r in read if NASTY in (json.loads(r["msg"].lstrip().lstrip("\ufeff")).get("login") or "")]
        assert nasty and nasty[0]["msgid"] == "login"
    finally:
        for server in servers:
            server.terminate()
            server.wait()
