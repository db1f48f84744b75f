# SPDX-License-Identifier: GPL-2.0-or-later
"""The sealed audit: what the database's owner does to it afterwards is found by
sekisho-audit, which has nothing but an export and the public key."""

import hashlib
import json
import os
import signal
import subprocess
import time

import pytest
from sekisho import BUILD, Sekisho, run, wait_for

AUDIT = BUILD / "bin/sekisho-audit"
EVENTS = 30
PATIENCE = 40


class Sealed:
    def __init__(self, name="sealed", **more):
        self.s = Sekisho(name, **more)
        self.key = run(self.s.dir / "bin/sekisho-authd", "-c", self.s.dir / "etc/authd.conf", "keys", "audit").stdout.strip()
        self.anchor = self.s.dir / "anchor/audit.jsonl"

    def events(self, n=EVENTS, text="INSERT INTO sekisho.audit (kind, login, outcome, reason) "
                                    "SELECT 'system', 'e' || i, 'done', 'test' FROM generate_series(1, {n}) i"):
        self.s.sql(text.format(n=n))
        return int(self.s.sql("SELECT max(id) FROM sekisho.audit"))

    def last(self):
        return int(self.s.sql("SELECT coalesce(max(last_id), 0) FROM sekisho.audit_seal"))

    def sealed(self, upto=None):
        """A clerk that begins does all its jobs at once; the others wait ten seconds."""
        upto = upto or int(self.s.sql("SELECT max(id) FROM sekisho.audit"))
        for pid in self.s.processes("clerk"):
            self.s.kill(pid, signal.SIGTERM)
        wait_for(lambda: self.last() >= upto, PATIENCE)

    def export(self, *args):
        done = run("card-admin", "audit", "export", *args, env=self.s.env)
        return done.stdout

    def verify(self, text=None, *args, key=None):
        text = self.export() if text is None else text
        done = run(AUDIT, "verify", "--json", "--key", key or self.key, *args, input=text, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.returncode == (0 if lines and lines[-1]["intact"] else 1) or not lines, done
        return done.returncode, lines[:-1], lines[-1] if lines else done.stderr

    def owner(self, statement):
        """As the owner of everything, past the triggers."""
        self.s.sql(f"SET session_replication_role = replica; {statement}")

    def close(self):
        self.s.close()


@pytest.fixture(scope="module")
def sealed():
    a = Sealed()
    yield a
    a.close()


@pytest.fixture
def fresh(sealed):
    """Ids of new events, in a batch that is sealed."""
    top = sealed.events()
    sealed.sealed(top)
    return list(range(top - EVENTS + 1, top + 1))


def seals(lines):
    """Which lines of an export are batches."""
    return [i for i, line in enumerate(lines) if "statement" in json.loads(line)]


def test_sealed_and_verified(sealed, fresh):
    code, found, result = sealed.verify(None, "--anchor", sealed.anchor)
    assert code == 0 and found == [] and result["intact"], (found, result)
    assert result["batches"][0] == 1 and result["events"] == int(sealed.s.sql("SELECT count(*) FROM sekisho.audit WHERE id <= "
                                                                            f"{sealed.last()}"))
    words = run(AUDIT, "verify", "--key", sealed.key, "--anchor", sealed.anchor, input=sealed.export(),
                check=False)
    assert words.returncode == 0 and words.stdout.endswith(": intact\n"), words
    # a part of it says that it is one
    code, _, result = sealed.verify(sealed.export("--from-batch", "2"))
    assert code == 0 and result["batches"][0] == 2
    # the log has what the anchor file has
    assert result["batches"][1] <= sealed.s.log().count("clerk: audit sealed")


def test_nobody_elses_key(sealed, fresh):
    code, found, _ = sealed.verify(key="ab" * 32)
    assert code == 1 and {f["finding"] for f in found} == {"signature"}


@pytest.mark.parametrize("what", ["outcome = 'reject'", "login = NULL", "detail = '{\"x\": 1}'", "at = at + interval '1 microsecond'",
                                  "actor = 'somebody else'", "evidence = '[{}]'", "count = 2"])
def test_altered(sealed, fresh, what):
    event = fresh[7]
    sealed.owner(f"CREATE TABLE kept AS SELECT * FROM sekisho.audit WHERE id = {event}; "
                 f"UPDATE sekisho.audit SET {what} WHERE id = {event}")
    try:
        code, found, _ = sealed.verify()
        assert code == 1 and [(f["finding"], f["event"]) for f in found] == [("altered", event)]
    finally:
        sealed.owner(f"DELETE FROM sekisho.audit WHERE id = {event}; "
                     "INSERT INTO sekisho.audit OVERRIDING SYSTEM VALUE SELECT * FROM kept; DROP TABLE kept")
    assert sealed.verify()[0] == 0, "and as it was it is intact again"


def test_taken_away_put_in_and_exchanged(sealed, fresh):
    a, b = fresh[3], fresh[9]
    sealed.owner(f"CREATE TABLE kept AS SELECT * FROM sekisho.audit WHERE id IN ({a}, {b})")
    try:
        sealed.owner(f"DELETE FROM sekisho.audit WHERE id = {a}")
        assert [(f["finding"], f["event"]) for f in sealed.verify()[1]] == [("missing", a)]
        # two events exchanged: each is not what was sealed there
        sealed.owner(f"DELETE FROM sekisho.audit WHERE id = {b}; "
                     f"UPDATE kept SET id = {a + b} - id; "
                     "INSERT INTO sekisho.audit OVERRIDING SYSTEM VALUE SELECT * FROM kept")
        assert [(f["finding"], f["event"]) for f in sealed.verify()[1]] == [("altered", a), ("altered", b)]
        # one that was never there, where an id is free
        sealed.owner(f"DELETE FROM sekisho.audit WHERE id IN ({a}, {b}); UPDATE kept SET id = {a + b} - id; "
                     "INSERT INTO sekisho.audit OVERRIDING SYSTEM VALUE SELECT * FROM kept")
        assert sealed.verify()[0] == 0
    finally:
        sealed.owner("DROP TABLE kept")


def test_inserted_at_an_id_that_nobody_used(sealed):
    """A transaction that was rolled back leaves a gap."""
    sealed.s.sql("BEGIN; INSERT INTO sekisho.audit (kind, outcome, reason) VALUES ('system', 'done', 'test'); ROLLBACK")
    gap = int(sealed.s.sql("SELECT last_value FROM sekisho.audit_id_seq"))
    sealed.sealed(sealed.events(3))
    assert sealed.verify()[0] == 0
    sealed.owner("INSERT INTO sekisho.audit (id, kind, outcome, reason) OVERRIDING SYSTEM VALUE "
                 f"VALUES ({gap}, 'system', 'done', 'test')")
    assert [(f["finding"], f["event"]) for f in sealed.verify()[1]] == [("inserted", gap)]
    sealed.owner(f"DELETE FROM sekisho.audit WHERE id = {gap}")
    assert sealed.verify()[0] == 0


def test_reordered_in_the_export(sealed, fresh):
    lines = sealed.export().splitlines()
    n = next(i for i, line in enumerate(lines) if f'"id": {fresh[4]}' in line)
    lines[n], lines[n + 1] = lines[n + 1], lines[n]
    found = [(f["finding"], f["event"]) for f in sealed.verify("\n".join(lines) + "\n")[1]]
    assert ("reordered", fresh[4]) in found, found
    twice = lines[: n + 1] + lines[n:]
    assert "reordered" in {f["finding"] for f in sealed.verify("\n".join(twice))[1]}


def test_the_seals_themselves(sealed, fresh):
    """Who also makes the list of hashes fit is told by the signature; who makes a
    batch anew has no key."""
    sealed.sealed(sealed.events(EVENTS))
    sealed.sealed(sealed.events(EVENTS))
    good = sealed.export().splitlines()
    at = seals(good)
    where = at[-1]
    seal = json.loads(good[where])
    batch = int(seal["statement"].split("\n")[1].split()[1])

    def with_seal(**changes):
        lines = good[:]
        lines[where] = json.dumps({**seal, **changes})
        return sealed.verify("\n".join(lines) + "\n")

    def kinds(result):
        return {f["finding"] for f in result[1]}

    flipped = seal["signature"][:-1] + ("0" if seal["signature"][-1] != "0" else "1")
    assert kinds(with_seal(signature=flipped)) == {"signature"}
    assert "list" in kinds(with_seal(leaves=seal["leaves"][:-80]))
    other = seal["leaves"][:-1] + ("0" if seal["leaves"][-1] != "0" else "1")
    assert kinds(with_seal(leaves=other)) == {"list"}, "the events themselves are what was signed"
    for old, new in (("at 2", "at 3"), (f"batch {batch}", f"batch {batch + 1}"), ("leaves 30", "leaves 29")):
        assert {"signature"} <= kinds(with_seal(statement=seal["statement"].replace(old, new, 1))), old
    # more events than ids: no statement of ours
    assert "statement" in kinds(with_seal(statement=seal["statement"].replace("leaves 30", "leaves 31", 1)))
    assert "statement" in kinds(with_seal(statement=seal["statement"] + "x"))
    # an altered event with a list that was adapted to it
    lines = good[:]
    lines[where + 1] = lines[where + 1].replace('"done"', '"dome"')
    leaf = hashlib.sha256(b"\0" + lines[where + 1].encode()).hexdigest()
    lines[where] = json.dumps({**seal, "leaves": seal["leaves"][:16] + leaf + seal["leaves"][80:]})
    assert kinds(sealed.verify("\n".join(lines) + "\n")) == {"list", "root"}
    # a batch left out in the middle
    assert len(at) >= 3
    lines = good[: at[-2]] + good[at[-1]:]
    assert kinds(sealed.verify("\n".join(lines) + "\n")) == {"chain"}


def test_cut_off_and_written_anew(sealed, fresh):
    good = sealed.export().splitlines()
    at = seals(good)
    cut = "\n".join(good[: at[-1]]) + "\n"
    assert sealed.verify(cut)[0] == 0, "by itself nobody can tell"
    code, found, _ = sealed.verify(cut, "--anchor", sealed.anchor)
    batches = len(at)
    assert code == 1 and [(f["finding"], f["batch"]) for f in found] == [("cut", batches)], found
    # everything truncated
    assert run(AUDIT, "verify", "--key", sealed.key, input="", check=False).returncode == 3
    code, found, _ = sealed.verify("", "--anchor", sealed.anchor)
    assert code == 1 and len(found) == batches
    # anchors that nobody signed are nobody's word
    forged = sealed.s.root / "forged"
    forged.write_text(sealed.anchor.read_text().replace("leaves ", "leaves 1"))
    assert sealed.verify(None, "--anchor", forged)[0] == 0
    forged.write_text("nonsense\n")
    done = run(AUDIT, "verify", "--key", sealed.key, "--anchor", forged, input=sealed.export(), check=False)
    assert done.returncode == 3 and "line 1" in done.stderr


def test_one_event_alone(sealed, fresh):
    proof = run(AUDIT, "prove", "--event", fresh[5], input=sealed.export()).stdout
    done = run(AUDIT, "check", "--key", sealed.key, input=proof)
    assert json.loads(done.stdout)["id"] == fresh[5] and json.loads(proof)["event"] == done.stdout.strip()
    for key, value in (("index", 0), ("event", json.loads(proof)["event"].replace("e6", "e7")), ("path", [])):
        bad = {**json.loads(proof), key: value}
        assert run(AUDIT, "check", "--key", sealed.key, input=json.dumps(bad), check=False).returncode == 1, key
    assert run(AUDIT, "check", "--key", "ab" * 32, input=proof, check=False).returncode == 1
    for text in ("", "{}", "[]", "null", '{"event": "x"}', proof[:-20]):
        assert run(AUDIT, "check", "--key", sealed.key, input=text, check=False).returncode == 3, text
    assert run(AUDIT, "prove", "--event", 10**12, input=sealed.export(), check=False).returncode == 3


def test_what_may_still_come_before_is_not_sealed(sealed):
    """An open transaction that has drawn an id holds the seal up; another does not."""
    sealed.sealed()
    time.sleep(11)  # its clerk seals by its clock alone from here on
    reader = subprocess.Popen(["psql", "-XqAt", "sekisho"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env=psql_env(sealed))
    writer = subprocess.Popen(["psql", "-XqAt", "sekisho"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env=psql_env(sealed))
    try:
        reader.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM sekisho.audit;\n")
        reader.stdin.flush()
        reader.stdout.readline()
        writer.stdin.write("BEGIN; INSERT INTO sekisho.audit (kind, outcome, reason) VALUES ('system', 'done', 'late') "
                           "RETURNING id;\n")
        writer.stdin.flush()
        late = int(writer.stdout.readline())
        top = sealed.events(5)
        time.sleep(13)
        assert sealed.last() < late
        writer.stdin.write("COMMIT;\n")
        writer.stdin.flush()
        wait_for(lambda: sealed.last() >= top, PATIENCE)
    finally:
        for p in reader, writer:
            p.stdin.close()
            p.wait(10)
    assert sealed.verify()[0] == 0
    assert sealed.s.sql(f"SELECT reason FROM sekisho.audit WHERE id = {late}") == "late"


def psql_env(sealed):
    out = sealed.s.instance("env").stdout
    env = dict(os.environ, LC_ALL="C.UTF-8")
    env.update(line.split("=", 1) for line in out.splitlines() if line.startswith("PGHOST") or line.startswith("PGPORT"))
    env["PGUSER"] = "postgres" if os.geteuid() == 0 else os.environ["USER"]
    return env


def test_clerk_killed_again_and_again(sealed):
    """At whichever step: each event is in one batch, each batch in the anchor."""
    begun = time.monotonic()
    while time.monotonic() - begun < 12:
        sealed.events(200)
        for pid in sealed.s.processes("clerk"):
            sealed.s.kill(pid, signal.SIGKILL)
        time.sleep(0.05 + (time.monotonic() * 1000 % 700) / 1000)
    sealed.sealed()
    code, found, result = sealed.verify(None, "--anchor", sealed.anchor)
    assert code == 0, found
    anchored = {json.loads(line)["statement"].split("\n")[1] for line in sealed.anchor.read_text().splitlines()}
    assert len(anchored) >= result["batches"][1] - 1, "but the newest, which the next clerk anchors"
    assert int(sealed.s.sql("SELECT count(*) FROM sekisho.audit")) >= result["events"]


def test_two_sealers(sealed, own):
    other = own("second", share=sealed.s)
    anchors = ["--anchor", sealed.anchor]
    sealed.events(100)
    for _ in range(6):
        for s in sealed.s, other:
            for pid in s.processes("clerk"):
                s.kill(pid, signal.SIGKILL)
        sealed.events(50)
        time.sleep(1)
    sealed.sealed()
    if (other.dir / "anchor/audit.jsonl").exists():
        anchors += ["--anchor", other.dir / "anchor/audit.jsonl"]
    code, found, _ = sealed.verify(None, *anchors)
    assert code == 0, found


def test_append_only_for_the_owner_too(sealed, fresh):
    for statement in ("UPDATE sekisho.audit_seal SET node = 'x'", "DELETE FROM sekisho.audit_seal", "TRUNCATE sekisho.audit_seal"):
        with pytest.raises(AssertionError, match="append only"):
            sealed.s.sql(statement)


def test_without_a_key_it_says_so(own):
    """As an installation from before: nothing is sealed, and it is told what to do."""
    s = own("old")
    s.instance("stop", "authd")
    (s.dir / "keys/audit.key").unlink()
    s.sql("INSERT INTO sekisho.audit (kind, outcome, reason) VALUES ('system', 'done', 'test')")
    s.instance("start", "authd")
    wait_for(lambda: "the audit is not sealed" in s.log(), 20)
    before = int(s.sql("SELECT count(*) FROM sekisho.audit_seal"))
    run(s.dir / "bin/sekisho-authd", "-c", s.dir / "etc/authd.conf", "keys", "audit")
    s.kill(s.supervisor(), signal.SIGHUP)
    wait_for(lambda: int(s.sql("SELECT count(*) FROM sekisho.audit_seal")) > before, 30)


def test_wrong_use_teaches():
    for args, code, words in (((), 2, "verify, prove or check"), (("verify",), 2, "--key"), (("verify", "--key", "xyz"), 2, "64"),
                              (("nonsense",), 2, "see --help"), (("verify", "--key", "ab" * 32, "/nonexistent"), 3, "No such file"),
                              (("--nonsense",), 2, "--nonsense")):
        done = run(AUDIT, *args, input="", check=False)
        assert done.returncode == code and words in done.stderr, (args, done)
    for text in ("x\n", "{}\n", '{"id": 0}\n', '{"id": 5}\n', '{"statement": 5}\n', "\n", '{"statement": "x", "signature": "00"}\n'):
        done = run(AUDIT, "verify", "--key", "ab" * 32, input=text, check=False)
        assert done.returncode == 3 and "line 1" in done.stderr, (text, done)
    assert "verify" in run(AUDIT, "--help").stdout
