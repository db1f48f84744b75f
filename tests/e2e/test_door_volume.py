# SPDX-License-Identifier: GPL-2.0-or-later
"""A thousand door events a second for a minute: none is lost, none comes twice,
all in their order, though the feed is killed in the middle; and who logs in
meanwhile, by one of these doors, is answered as ever.

Paced by the clock: a machine that lags may lag, it may lose nothing. Runs by
itself, on the release build."""

import threading
import time

import pytest
from doorfeed import Feed, line
from sekisho import Sekisho, wait_for

pytestmark = pytest.mark.release
RATE, SECONDS, WALKERS, INSIDE = 1000, 60, 400, 6
MAP = """
map: { event = "id"; time = "at"; time_format = "epoch"; door = "door"; person = "who"; kind = "what"; };
doors = ( ("D1", "%s"), ("D2", "gate") );
kinds = ( ("in", "enter"), ("out", "leave") );
"""


class Writer:
    """The access-control system: it writes whether or not anybody reads."""

    def __init__(self, path):
        self.path, self.n = path, 0
        self.last = {}  # walker: what he did last

    def write(self, count):
        with open(self.path, "a") as f:
            for _ in range(count):
                who, turn = self.n % WALKERS, self.n // WALKERS
                what = "out" if (turn + who) % 2 else "in"
                f.write(line(0, id=f"v{self.n:06d}", who=f"walker{who}", what=what,
                             door="D1" if who % 3 else "D2"))
                self.last[who] = what
                self.n += 1

    def run(self):
        begun = time.monotonic()
        while self.n < RATE * SECONDS:
            due = min(RATE * SECONDS, int((time.monotonic() - begun) * RATE))
            self.write(due - self.n)
            time.sleep(0.02)


@pytest.fixture
def s():
    s = Sekisho("volume")
    yield s
    s.close()


def test_a_thousand_a_second(s):
    s.sql(f"INSERT INTO sekisho.person (login, name) SELECT 'walker' || n, 'walker' "
          f"FROM generate_series(0, {WALKERS - 1}) n")
    s.admin("policy", "set", "terminal", "--methods", "password,totp,card,pin,door")
    s.admin("zone", "add", "yard")
    s.sql("SELECT sekisho.door_add('gate', p_to => 'yard', p_method_out => 'card')")
    people = [s.person(token=False) for _ in range(INSIDE)]
    outside = s.person(token=False)
    with Feed(s, 'from = "file"; path = "/nonexistent";', mapping=MAP) as feed:
        s.sql(f"SELECT sekisho.door_set('{feed.door}', p_method_out => 'card')")
        bed = s.client("bed", "127.0.0.31", "terminal", True, "--zone", feed.zone)
        path = feed.folder / "doors.log"
        feed.conf.write_text(feed.conf.read_text().replace("/nonexistent", str(path)))
        path.write_text("".join(line(0, id=f"own{n}", who=p.login) for n, p in enumerate(people)))
        feed.begin()
        wait_for(lambda: len(feed.events()) == INSIDE)

        writer = Writer(path)
        thread = threading.Thread(target=writer.run)
        thread.start()
        killed, logins, wrong, begun = False, 0, [], time.monotonic()
        while thread.is_alive():
            p = people[logins % INSIDE]
            reply = bed.login(p.login, p.password, tries=3)
            logins += 1
            if reply.name != "accept":
                wrong.append((logins, reply.name, s.last(p.login)["reason"]))
            if logins % 10 == 0:
                refused = bed.login(outside.login, outside.password, tries=3)
                assert refused.name == "reject" and s.last(outside.login)["reason"] == "no_presence"
            if not killed and time.monotonic() - begun > SECONDS / 2:
                assert writer.n > 0
                feed.kill()
                feed.begin(wait=False)
                killed = True
            thread.join(0.3)
        assert killed and not wrong and logins >= 10, wrong

        total = RATE * SECONDS
        count = "count(*) || ' ' || count(DISTINCT event) || ' ' || count(*) FILTER (WHERE quarantine <> '')"
        try:
            wait_for(lambda: feed.ask(count) == f"{total + INSIDE} {total + INSIDE} 0", 120, 0.5)
        except AssertionError:
            raise AssertionError(f"{feed.ask(count)} of {total + INSIDE}\n" + feed.log.read_text()[-3000:])
        # in their order, of which nothing is missing
        assert s.sql("SELECT count(*) FROM (SELECT event, row_number() OVER (ORDER BY id) - 1 AS n "
                     "FROM sekisho.door_event WHERE event LIKE 'v%') e "
                     "WHERE event <> 'v' || to_char(n, 'FM000000')") == "0"
        # everybody is where the last line left him
        there = {p["login"] for zone in (feed.zone, "yard") for p in s.admin("presence", "who", zone)}
        assert there == {f"walker{w}" for w, what in writer.last.items() if what == "in"} \
            | {p.login for p in people}
        # the cursor is behind the last: it begins again with nothing
        repeats = feed.own("repeats")
        wait_for(lambda: f"{path.stat().st_size}" in feed.own("cursor"))
        feed.kill()
        feed.begin()
        with open(path, "a") as f:
            f.write(line(0, id="after", who="walker0"))
        wait_for(lambda: feed.ask("count(*)", "event = 'after'") == "1")
        # at most what was on its way when it was killed
        assert feed.own("repeats") == repeats and int(repeats) <= 1000, feed.log.read_text()
        assert feed.ask("count(*)") == f"{total + INSIDE + 1}"
        assert feed.said("error:") == 0, feed.log.read_text()
