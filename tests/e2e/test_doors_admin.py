# SPDX-License-Identifier: GPL-2.0-or-later
"""Doors, presence and the map of zones as the security office sees them. Events
come as a feed brings them; what they are worth at a terminal is tested
elsewhere."""

import json
import os
import pwd
import re
import stat
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import pytest

from sekisho import open_way
from test_card_admin import BUILD, DONE, PROJECT, REFUSED, USAGE, Office

JAPANESE = {"LANGUAGE": "ja"}
TOMORROW = time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400))


class Ward(Office):
    """An office with a ward: its zone, a door of each kind, and a feed."""

    def __init__(self, folder):
        super().__init__(folder)
        self.run("zone", "add", "W3")
        self.run("zone", "add", "server")
        self.run("door", "add", "east", "--to", "W3", "--out", "card")
        self.run("door", "add", "old", "--to", "W3", "--in", "uid")
        self.run("door", "source-add", "wing", "--silent-after", "3600")
        self.n = 0

    def feed(self, kind, door="east", ago=1.0, **more):
        """One event, as the feed's own role brings it."""
        self.n += 1
        event = {"event": f"e{self.n}", "kind": kind, "door": door, "at": time.time() - ago, **more}
        text = json.dumps([event], ensure_ascii=False).replace("'", "''")
        user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        done = subprocess.run(
            ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-U", user, "-c",
             "SET SESSION AUTHORIZATION sekisho_door_feed", "-c",
             f"SELECT sekisho.door_events('wing', '{text}', NULL)"],
            env=self.env, check=True, capture_output=True, text=True,
        )
        return json.loads(done.stdout)

    def person(self, name="鈴木花子"):
        self.n += 1
        self.run("person", "add", f"suzuki{self.n}", "--name", name)
        return f"suzuki{self.n}"

    def asked(self, login, reason):
        return [e for e in self.ask("audit", "show", "--login", login) if e["reason"] == reason]


@pytest.fixture(scope="module")
def ward(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ward")
    open_way(folder)
    ward = Ward(folder / "instance")
    yield ward
    ward.close()


def test_a_zone_has_a_shift_and_a_nightly_clear(ward):
    ward.run("zone", "add", "ER")
    (before,) = [z for z in ward.ask("zone", "list") if z["name"] == "ER"]
    assert (before["shift_minutes"], before["clear_at"], before["alarm"]) == (720, None, "")
    after = ward.ask("zone", "set", "ER", "--shift", "8h", "--clear-at", "04:00")
    assert (after["shift_minutes"], after["clear_at"]) == (480, "04:00")
    assert ward.ask("zone", "set", "ER", "--shift", "90m")["clear_at"] == "04:00"
    assert ward.ask("zone", "set", "ER", "--clear-at", "never")["clear_at"] is None
    assert ward.ask("zone", "set", "ER", "--single-file-required", "yes")["single_file"] is True
    assert ward.ask("zone", "set", "ER", "--single-file-required", "no")["single_file"] is False
    assert re.search(r"^ER +90m +- +no +- +- +-$", ward.run("zone", "list"), re.M)
    for wrong in (["--shift", "0h"], ["--shift", "25h"], ["--shift", "12"], ["--shift", "h"],
                  ["--shift", "1441m"], ["--shift", "12hm"], ["--clear-at", "24:00"],
                  ["--clear-at", "4:00"], ["--clear-at", "04:60"], ["--clear-at", "noon"], []):
        ward.run("zone", "set", "ER", *wrong, status=USAGE)
    assert ward.ask("zone", "set", "ER", "--alarm-over")["shift_minutes"] == 90
    ward.run("zone", "remove", "ER")


def test_a_zone_lists_its_doors_and_stays_for_their_history(ward):
    (w3,) = [z for z in ward.ask("zone", "list") if z["name"] == "W3"]
    assert w3["doors"] == ["east", "old"]
    shown = ward.run("zone", "list")
    assert re.search(r"^W3 +12h +- +no +- +- +east$", shown, re.M)
    assert re.search(r"^ +old$", shown, re.M)
    assert ward.ask("zone", "remove", "W3", status=REFUSED)["refused"] == "zone_has_doors"


def test_doors(ward):
    door = ward.ask("door", "add", "東口", "--from", "W3", "--to", "server", "--in", "card_pin",
                    "--reports-opened", "--single-file")
    assert set(door) == {"name", "from", "to", "method_in", "method_out", "reports_opened",
                         "single_file", "uid_until", "uid_why"}
    assert (door["from"], door["to"], door["method_in"], door["method_out"]) == (
        "W3", "server", "card_pin", "")
    assert door["reports_opened"] and door["single_file"]
    shown = ward.run("door", "list")
    assert re.search(r"^東口 +W3 +server +card and PIN +nobody is identified +yes +yes +-$", shown, re.M)
    assert re.search(r"^east +outside the zones +W3 +card +card +no +no +-$", shown, re.M)
    after = ward.ask("door", "set", "東口", "--out", "biometric", "--single-file", "no")
    assert (after["method_in"], after["method_out"]) == ("card_pin", "biometric")
    assert after["reports_opened"] and not after["single_file"]
    assert ward.ask("door", "set", "東口", "--out", "none")["method_out"] == ""
    ward.run("door", "set", "東口", status=USAGE)
    ward.run("door", "set", "東口", "--in", "key", status=USAGE)
    ward.run("door", "add", "x", status=USAGE)
    ward.run("door", "add", "扉" * 65, "--to", "W3", status=USAGE)
    ward.run("door", "add", "扉" * 64, "--to", "W3")
    ward.run("door", "remove", "扉" * 64)
    assert ward.ask("door", "remove", "東口") == {"name": "東口"}
    assert "東口" not in {d["name"] for d in ward.ask("door", "list")}


@pytest.mark.parametrize("key,words", [
    ("door_exists", ["door", "add", "east", "--to", "W3"]),
    ("zone_unknown", ["door", "add", "x", "--to", "nowhere"]),
    ("zone_unknown", ["zone", "set", "nowhere", "--shift", "1h"]),
    ("zone_unknown", ["presence", "who", "nowhere"]),
    ("zone_unknown", ["presence", "watch", "nowhere"]),
    ("zone_has_doors", ["zone", "remove", "server"]),
    ("door_same_zone", ["door", "add", "x", "--from", "W3", "--to", "W3"]),
    ("door_unknown", ["door", "set", "nowhere", "--in", "card"]),
    ("door_unknown", ["door", "remove", "nowhere"]),
    ("uid_too_long", ["door", "accept-number", "old", "--until", "2999-01-01", "--why", "x"]),
    ("uid_why_missing", ["door", "accept-number", "old", "--until", TOMORROW]),
    ("source_exists", ["door", "source-add", "wing"]),
    ("source_unknown", ["door", "source-remove", "nowhere"]),
    ("role_unknown", ["door", "source-add", "x", "--role", "nobody"]),
    ("source_unknown", ["door", "source-set", "nowhere", "--silent-after", "60"]),
    ("client_unknown", ["door", "reader-add", "east", "x", "--client", "nobody"]),
    ("door_unknown", ["door", "reader-add", "nowhere", "x", "--client", "nobody"]),
    ("reader_unknown", ["door", "reader-remove", "east", "x"]),
    ("person_unknown", ["presence", "where", "nobody", "--why", "x"]),
])
def test_refusals_have_a_key_and_a_sentence(ward, key, words):
    if key == "zone_has_doors":
        ward.run("door", "add", "rack", "--from", "W3", "--to", "server")
    assert ward.ask(*words, status=REFUSED)["refused"] == key
    assert key not in ward.said and "refused by a rule" not in ward.said
    ward.run(*words, status=REFUSED, **JAPANESE)
    assert re.search("[ぁ-ん]", ward.said) and key not in ward.said
    if key == "zone_has_doors":
        ward.run("door", "remove", "rack")


def test_every_refusal_that_doors_know_has_a_sentence():
    known = (PROJECT / "cardtools" / "words.c").read_text()
    keys = set()
    for name in ("operator/door_*", "operator/presence_*", "operator/zone_*",
                 "common/door_*", "common/zone_*"):
        for path in (PROJECT / "sql" / "functions").glob(name + ".sql"):
            keys |= set(re.findall(r"refuse\('([a-z_]+)'", path.read_text()))
    assert len(keys) >= 12
    assert [k for k in sorted(keys) if f'{{"{k}",' not in known] == []


def test_what_makes_presence_void_has_words():
    known = (PROJECT / "cardtools" / "door_words.c").read_text()
    common = PROJECT / "sql" / "functions" / "common"
    keys = set(re.findall(r"THEN '([a-z_]+)'", (common / "presence_judge.sql").read_text()))
    keys |= set(re.findall(r"(?:THEN|:=) '([a-z]+_[a-z_]+)'",
                           (common / "door_events_take.sql").read_text()))
    keys -= {"possession", "inherence", "card_pin"}
    assert {"late", "no_factor", "zone_alarm", "from_the_future"} <= keys
    assert [k for k in sorted(keys) if f'{{"{k}",' not in known] == []


def test_a_number_that_can_be_copied_is_accepted_by_name(ward):
    login = ward.person()
    ward.feed("enter", "old", login=login)
    (one,) = [p for p in ward.ask("presence", "who", "W3") if p["login"] == login]
    assert (one["counts"], one["fault"]) == (False, "no_factor")
    ward.run("door", "accept-number", "old", "--why", "x", status=USAGE)
    for wrong in ("tomorrow", "2027-02-30", "2h", "2027-3-1", "20:30:2027"):
        ward.run("door", "accept-number", "old", "--until", wrong, "--why", "x", status=USAGE)
    words = ["door", "accept-number", "old", "--why", "Dr Mori", "--until",
             time.strftime("%Y-%m-%d", time.localtime(time.time() + 5 * 86400))]
    said = ward.run(*words)
    assert "copy" in said and "log in" in said and "your name" in said
    assert "as yet" not in said
    assert "複製" in ward.run(*words, **JAPANESE)
    door = ward.ask(*words)
    assert door["uid_why"] == "Dr Mori" and door["uid_until"] is not None
    (one,) = [p for p in ward.ask("presence", "who", "W3") if p["login"] == login]
    assert (one["counts"], one["fault"]) == (True, None)
    # a door that knows better gains nothing
    assert "as yet" in ward.run(*["east" if w == "old" else w for w in words])
    ward.run("door", "accept-number", "old", "--until", "2026-01-01", "--why", "over")
    (one,) = [p for p in ward.ask("presence", "who", "W3") if p["login"] == login]
    assert one["counts"] is False
    events = [e for e in ward.ask("audit", "show", "--kind", "admin") if e["reason"] == "door_set"]
    assert events[-1]["actor"] == "sekisho_operator"


def test_sources(ward):
    ward.run("door", "source-add", "west", "--silent-after", "10")
    (west,) = [s for s in ward.ask("door", "source-list") if s["name"] == "west"]
    assert (west["silent_after"], west["silent"], west["heard_at"]) == (10, True, None)
    assert set(west) >= {"repeats", "last_seq"}
    assert re.search(r"^west +SILENT +- +10 +- +0$", ward.run("door", "source-list"), re.M)
    ward.run("door", "source-add", "x", "--silent-after", "9", status=USAGE)
    ward.run("door", "source-remove", "west")
    assert {s["name"] for s in ward.ask("door", "source-list")} == {"wing"}
    ward.feed("closed")
    assert re.search(r"^wing +heard +20", ward.run("door", "source-list"), re.M)


def test_events_that_were_not_believed(ward):
    ward.feed("enter", "nowhere", login="nobody")
    ward.feed("enter", login=ward.person(), ago=-3600)
    late, unknown = ward.ask("door", "quarantine", "--limit", "2")
    assert set(late) >= {"at", "received_at", "source", "event", "kind", "door", "reason"}
    assert [e["reason"] for e in (unknown, late)] == ["door_unknown", "from_the_future"]
    shown = ward.run("door", "quarantine", "--limit", "1")
    assert "later than now" in shown and "door unknown" not in shown
    assert "未来" in ward.run("door", "quarantine", **JAPANESE)


def test_who_where_and_history(ward):
    login = ward.person("佐藤 花子")
    ward.feed("enter", login=login, ago=100)
    (one,) = [p for p in ward.ask("presence", "who", "W3") if p["login"] == login]
    assert set(one) == {"login", "name", "since", "until", "door", "method", "counts", "fault"}
    assert (one["name"], one["door"], one["method"], one["counts"]) == (
        "佐藤 花子", "east", "card", True)
    assert re.search(rf"^{login} +佐藤 花子 +20.* east +card +yes$",
                     ward.run("presence", "who", "W3"), re.M)
    assert login not in ward.run("presence", "who", "W3", "--at", "2h")
    where = ward.ask("presence", "where", login, "--why", "the roll call")
    assert (where["login"], where["zone"], where["counts"]) == (login, "W3", True)
    shown = ward.run("presence", "where", login, "--why", "the roll call")
    assert "W3" in shown and "east" in shown
    ward.feed("leave", login=login)
    shown = ward.run("presence", "where", login, "--why", "the roll call")
    assert "none that is known" in shown and "W3" not in shown
    assert login not in ward.run("presence", "who", "W3")
    assert login in ward.run("presence", "who", "W3", "--at", "90s")
    history = ward.ask("presence", "history", login, "--why", "incident 14")
    assert [(e["kind"], e["door"], e["zone"]) for e in history] == [
        ("enter", "east", "W3"), ("leave", "east", None)]
    assert len(ward.ask("presence", "history", login, "--why", "x", "--from", "30s")) == 1
    assert ward.ask("presence", "history", login, "--why", "x", "--to", "2026-01-01") == []
    shown = ward.run("presence", "history", login, "--why", "x")
    assert re.search(r"came in +east +W3 +card$", shown, re.M)
    assert re.search(r"went out +east +outside the zones +card$", shown, re.M)


def test_who_asks_after_a_person_says_why(ward):
    login = ward.person()
    for verb in ("where", "history"):
        for why in ([], ["--why", ""], ["--why", "  "]):
            assert ward.ask("presence", verb, login, *why, status=REFUSED) == {
                "refused": "why_missing", "detail": login}
        assert ward.asked(login, f"presence_{verb}") == []
        ward.run("presence", verb, login, "--why", "点呼に応答がない")
        (event,) = ward.asked(login, f"presence_{verb}")
        assert event["actor"] == "sekisho_operator"
        assert event["detail"]["why"] == "点呼に応答がない"
        ward.run("presence", verb, login, "--why", "x", status=REFUSED, PGUSER="sekisho_auditor")
    ward.run("presence", "who", "W3", PGUSER="sekisho_auditor")
    status, shown = ward.on_terminal("presence", "where", login, answers=["the roll call\n"])
    assert status == DONE and "recorded" in shown
    assert ward.asked(login, "presence_where")[-1]["detail"]["why"] == "the roll call"
    status, shown = ward.on_terminal("presence", "where", login, answers=["\n"])
    assert status == REFUSED and "--why" in shown


def test_an_alarm_stands_until_somebody_has_looked(ward):
    login = ward.person()
    ward.feed("enter", login=login, ago=5)
    ward.feed("forced")
    (w3,) = [z for z in ward.ask("zone", "list") if z["name"] == "W3"]
    assert w3["alarm"] == "forced" and w3["alarm_at"].startswith("20")
    assert re.search(r"^W3 +12h +- +no +door forced \(20", ward.run("zone", "list"), re.M)
    shown = ward.run("presence", "who", "W3")
    assert re.search(rf"^{login} .* no: an alarm stands in the zone$", shown, re.M)
    assert "ALARM: door forced" in ward.run("zone", "map")
    assert ward.ask("zone", "set", "W3", "--alarm-over")["alarm"] == ""
    (one,) = [p for p in ward.ask("presence", "who", "W3") if p["login"] == login]
    assert one["counts"] is True
    assert "ALARM" not in ward.run("zone", "map")


class Watching:
    def __init__(self, ward, *words):
        self.process = subprocess.Popen(
            [BUILD / "bin" / "card-admin", "presence", "watch", *words],
            env=ward.env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)

    def line(self, login):
        """The next one about a person; pytest's own patience ends a wait for ever."""
        for line in self.process.stdout:
            if login in line:
                return line
        raise AssertionError("it ended")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()


def test_watching_a_zone(ward):
    first, second = ward.person("先"), ward.person("後")
    ward.feed("enter", login=first, ago=30)
    with Watching(ward, "W3", "--json") as json_lines, Watching(ward, "W3") as lines:
        here = json.loads(json_lines.line(f'"{first}"'))
        assert here["event"] == "here" and here["door"] == "east"
        assert set(here) == {"at", "event", "login", "name", "since", "until", "door", "method",
                             "counts", "fault"}
        assert re.search(rf"is here +{first} +先 +east +card$", lines.line(first))
        ward.feed("enter", login=second)
        assert json.loads(json_lines.line(f'"{second}"'))["event"] == "came"
        assert re.search(rf"came in +{second} +後 +east", lines.line(second))
        ward.feed("fire")
        void = json.loads(json_lines.line(f'"{second}"'))
        assert (void["event"], void["fault"]) == ("void", "zone_alarm")
        assert "counts no more" in lines.line(second)
        ward.feed("fire_over", ago=0)
        assert json.loads(json_lines.line(f'"{second}"'))["event"] == "counts"
        assert re.search(r" counts +", lines.line(second))
        ward.feed("leave", login=second, ago=0)
        assert json.loads(json_lines.line(f'"{second}"'))["event"] == "went"
        assert re.search(rf"went out +{second} ", lines.line(second))


EVIL = ['"; z9 [label="x', "a\\nb\\", "<b>&lt;&amp;", "三階東 ㊙", "{a|b}"]


def svg_texts(svg):
    root = ElementTree.fromstring(svg)
    return ["".join(t.itertext()).replace("\xa0", " ")
            for t in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_map_shows_names_as_they_are(ward, tmp_path):
    for name in EVIL:
        ward.run("zone", "add", name)
        ward.run("door", "add", "door " + name, "--from", "W3", "--to", name, "--in", "code")
    try:
        file = tmp_path / "図.svg"
        file.write_text("before")
        answer = ward.ask("zone", "map", "--output", str(file))
        zones, doors = ward.ask("zone", "list"), ward.ask("door", "list")
        assert answer == {"output": str(file), "zones": len(zones), "doors": len(doors)}
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert [p.name for p in tmp_path.iterdir()] == ["図.svg"]
        texts = svg_texts(file.read_text())
        for name in EVIL:
            assert texts.count(name) == 1 and texts.count("door " + name) == 2
        graph = ward.run("zone", "map")
        assert ward.ask("zone", "map")["dot"].splitlines()[3:] == graph.splitlines()[3:]
        plain = subprocess.run(["dot", "-Tplain"], input=graph, capture_output=True, text=True,
                               check=True).stdout.splitlines()
        assert sum(l.startswith("node") for l in plain) == len(zones) + 1  # and outside
        assert sum(l.startswith("edge") for l in plain) == 2 * len(doors)
    finally:
        for name in EVIL:
            ward.run("door", "remove", "door " + name)


def test_the_map_tells_doors_apart_without_colours(ward):
    until = time.strftime("%Y-%m-%d", time.localtime(time.time() + 5 * 86400))
    way = lambda graph, words: re.search(rf'label="old\\n{words}.*style=("[a-z,]+"|[a-z]+)', graph)[1]
    graph = ward.run("zone", "map")
    assert re.search(r'label="east\\nin: card", style=solid', graph)
    assert re.search(r'label="east\\nout: card", style=solid', graph)
    assert way(graph, "out: nobody is identified") == "dotted"
    assert way(graph, r"in: number of a card\\n\(no factor\)") == "dashed"
    ward.run("door", "accept-number", "old", "--until", until, "--why", "x")
    assert way(ward.run("zone", "map"), r"in: number of a card\\naccepted until 20") == '"bold,dashed"'
    ward.run("door", "accept-number", "old", "--until", "2026-01-01", "--why", "over")
    assert "カードの番号のみ" in ward.run("zone", "map", **JAPANESE)


def test_a_map_that_cannot_be_drawn_leaves_the_old_one(ward, tmp_path):
    file = tmp_path / "map.svg"
    file.write_text("before")
    ward.run("zone", "map", "--output", str(file), status=USAGE, PATH="/nonexistent")
    assert "graphviz" in ward.said and file.read_text() == "before"
    ward.run("zone", "map", "--output", str(tmp_path / "none" / "map.svg"), status=USAGE)
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "dot").write_text("#!/bin/sh\nprintf half\nexit 1\n")
    (broken / "dot").chmod(0o755)
    ward.run("zone", "map", "--output", str(file), status=3, PATH=f"{broken}:/usr/bin:/bin")
    assert file.read_text() == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bin", "map.svg"]


def test_a_policy_may_count_doors(ward):
    policy = ward.ask("policy", "set", "ward", "--methods", "password,totp,card,pin,door")
    assert policy["methods"] == ["password", "totp", "card", "pin", "door"]
    assert policy["door_terminals"] == 1
    assert ward.ask("policy", "set", "ward", "--door-terminals", "3")["door_terminals"] == 3
    assert re.search(r"^ward .* \+ door .* 3 +0$", ward.run("policy", "list"), re.M)
    assert re.search(r"^terminal .* - +0$", ward.run("policy", "list"), re.M)
    assert ward.ask("policy", "set", "ward", "--grace", "60")["grace_minutes"] == 60
    for wrong in (["--grace", "481"], ["--door-terminals", "0"], ["--door-terminals", "17"], ["--methods", "password,doors"],
                  ["--methods", "password,doo"]):
        ward.run("policy", "set", "ward", *wrong, status=USAGE)


def complete(ward, *words):
    """What bash offers for the last word."""
    script = ('source <("$1" completion bash); shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
              '_card_admin "$1"; printf "%s\\n" "${COMPREPLY[@]}"')
    admin = str(BUILD / "bin" / "card-admin")
    done = subprocess.run(["bash", "-c", script, "bash", admin, admin, *words], env=ward.env,
                          capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    return set(done.stdout.split("\n")) - {""}


def test_completion_knows_zones_and_doors(ward):
    ward.run("door", "add", "east 2", "--to", "W3")
    assert {"door", "presence", "zone"} <= complete(ward, "")
    assert complete(ward, "presence", "") >= {"who", "where", "history", "watch"}
    assert complete(ward, "presence", "who", "W") == {"W3"}
    assert complete(ward, "presence", "who", "--") == {"--at", "--json", "--help"}
    assert complete(ward, "door", "set", "ea") == {"east", "east 2"}
    assert complete(ward, "door", "set", "east\\ ") == {"east 2"}
    assert complete(ward, "door", "add", "x", "--to", "se") == {"server"}
    assert complete(ward, "client", "set", "c", "--zone", "W") == {"W3"}
    assert complete(ward, "door", "add", "x", "--in", "card") == {"card", "card_pin"}
    assert complete(ward, "door", "add", "ea") == set()  # a new name
    assert ward.ask("completion", "doors") == ["east", "east 2", "old"]
    assert "W3\n" in ward.run("completion", "zones")
    ward.run("door", "remove", "east 2")


def test_help_has_examples_in_both_languages(ward):
    for noun, verb in (("zone", "set"), ("zone", "map"), ("door", "add"), ("door", "set"),
                       ("door", "accept-number"), ("door", "source-add"), ("door", "quarantine"),
                       ("presence", "who"), ("presence", "where"), ("presence", "history"),
                       ("presence", "watch")):
        assert f"\n  card-admin {noun} {verb}" in ward.run(noun, verb, "--help")
        shown = ward.run(noun, verb, "--help", **JAPANESE)
        assert f"\n  card-admin {noun} {verb}" in shown and re.search("[ぁ-ん]", shown)


def test_readers(ward):
    ward.run("client", "add", "main", "--address", "192.0.2.41", "--kind", "door", "--secret-stdin",
             typed="a-long-enough-secret-of-a-door\n")
    reader = ward.ask("door", "reader-add", "east", "E-in", "--client", "main")
    assert reader == {"door": "east", "name": "E-in", "client": "main", "side": "in"}
    assert ward.ask("door", "reader-add", "east", "E-in", "--client", "main", status=REFUSED)["refused"] == "reader_exists"
    assert ward.ask("door", "reader-add", "old", "O-out", "--client", "main", "--side", "out",
                    status=REFUSED)["refused"] == "door_side_without_card"
    shown = ward.run("door", "reader-list")
    assert re.search(r"^east +E-in +coming in +card +main +SILENT +-$", shown, re.M)
    assert ward.ask("door", "reader-list", "--door", "old") == []
    assert ward.ask("door", "source-set", "main", "--silent-after", "3600")["silent_after"] == 3600
    (main,) = [s for s in ward.ask("door", "source-list") if s["name"] == "main"]
    assert main["client"] and main["silent_after"] == 3600
    assert ward.ask("door", "source-remove", "main", status=REFUSED)["refused"] == "source_unknown"
    ward.run("door", "reader-add", "east", "x", status=USAGE)
    ward.run("door", "source-set", "main", status=USAGE)
    ward.ask("door", "reader-remove", "east", "E-in")
    assert ward.ask("door", "reader-list") == []
    ward.run("client", "remove", "main")
    assert "main" not in {s["name"] for s in ward.ask("door", "source-list")}
