# SPDX-License-Identifier: GPL-2.0-or-later
"""What bench measures of doors: the feed, logins by an entry, and questions to a
long history. The feed is the real program, spoken to over mutual TLS, and an
event counts from its acknowledgement, which follows the commit."""
import json
import os
import pathlib
import socket
import ssl
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
PERSONS, DOORS, ZONES = 5000, 300, 12
EVENTS_A_RUN = 45000
WARD = "zone 2"  # door 1 leads into it, with cards on both sides
ADDRESS = "127.0.0.2"
CONF = """
source = "bench";
database: {{ connect = "user=sekisho_door_feed"; }};
input: {{ from = "tls"; listen = "127.0.0.1:{port}"; ca = "{dir}/ca.pem";
          certificate = "{dir}/server.pem"; key = "{dir}/server.key";
          peers = "doors.example"; acknowledge = true; }};
format = "json";
map: {{ event = "id"; time = "at"; time_format = "epoch"; door = "door"; person = "who"; kind = "what"; }};
doors = ( ("D", "door 1") );
kinds = ( ("in", "enter"), ("out", "leave") );
"""
# Milliseconds of each call, the median. Times of the last hours: there both
# histories are alike, and what differs is their length.
ASK = """
SET search_path = sekisho;
SELECT setseed(0.5);
CREATE TEMP TABLE took (what text, ms float8);
DO $$
DECLARE
    v_logins text[] := (SELECT array_agg(login) FROM (SELECT login FROM person ORDER BY login LIMIT {persons}) x);
    v_login text;
    v_begun timestamptz;
    v_zone text;
    v_at timestamptz;
BEGIN
    FOR i IN 1 .. 40 LOOP
        v_zone := 'zone ' || 1 + i % {zones};
        v_at := now() - random() * interval '6 hours';
        v_login := v_logins[1 + floor(random() * {persons})];
        v_begun := clock_timestamp();
        PERFORM presence_who(v_zone, v_at);
        INSERT INTO took VALUES ('who', extract(epoch FROM clock_timestamp() - v_begun) * 1000);
        v_at := now() - random() * interval '{days} days';
        v_begun := clock_timestamp();
        PERFORM presence_who(v_zone, v_at);
        INSERT INTO took VALUES ('who_any', extract(epoch FROM clock_timestamp() - v_begun) * 1000);
        v_begun := clock_timestamp();
        PERFORM presence_where(v_login, 'benchmark');
        INSERT INTO took VALUES ('where', extract(epoch FROM clock_timestamp() - v_begun) * 1000);
        v_begun := clock_timestamp();
        PERFORM presence_history(v_login, 'benchmark', now() - interval '12 hours', now());
        INSERT INTO took VALUES ('history', extract(epoch FROM clock_timestamp() - v_begun) * 1000);
    END LOOP;
END
$$;
SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FROM took GROUP BY what;
"""


def fill(instance, events, newest, run):
    """Returns seconds and MiB."""
    begun = time.monotonic()
    run("psql", "-XqAt", "-h", instance.host, "-p", "5432", "-U", instance.user, "-d",
        "sekisho", "-v", f"events={events}", "-v", f"newest={newest}", "-v",
        f"persons={PERSONS}", "-v", f"doors={DOORS}", "-v", f"zones={ZONES}",
        "-f", HERE / "history.sql")
    size = instance.sql("SELECT pg_total_relation_size('sekisho.door_event')")
    return time.monotonic() - begun, int(size) / 2**20


def certificates(folder, run):
    """A CA, and both ends of a connection by it."""
    (folder / "req.conf").write_text("[req]\ndistinguished_name = dn\n[dn]\n")
    common = ["openssl", "req", "-x509", "-config", folder / "req.conf", "-newkey", "ec",
              "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    run(*common, "-subj", "/CN=bench", "-keyout", folder / "ca.key", "-out", folder / "ca.pem",
        "-addext", "basicConstraints=critical,CA:TRUE")
    for name, dns, usage in ("server", "feed.example", "serverAuth"), \
            ("peer", "doors.example", "clientAuth"):
        run(*common, "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-subj", "/CN=bench",
            "-addext", "basicConstraints=critical,CA:FALSE", "-addext", f"extendedKeyUsage={usage}",
            "-addext", f"subjectAltName=DNS:{dns}", "-keyout", folder / f"{name}.key",
            "-out", folder / f"{name}.pem")
        (folder / f"{name}.key").chmod(0o600)


class Doors:
    """A ward in a hospital of which much is known, its feed and its terminal."""

    def __init__(self, instance, small, folder, build, events, secret, run):
        self.instance, self.small, self.events, self.n = instance, small, events, 0
        self.env = {**os.environ, **instance.env, "LC_ALL": "C.UTF-8"}
        self.seconds, self.mib = fill(instance, events, events, run)
        fill(small, events, 10000, run)
        admin = [instance.dir / "bin/card-admin"]
        run(*admin, "policy", "set", "ward", "--methods", "password,totp,card,pin,door",
            env=self.env)
        run(*admin, "client", "add", "ward", "--address", f"{ADDRESS}/32", "--kind", "terminal",
            "--zone", WARD, "--policy", "ward", text=secret + "\n", env=self.env)
        run(*admin, "door", "source-add", "bench", env=self.env)
        self.admin, self.run = admin, run
        certificates(folder, run)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        conf = folder / "doorfeed.conf"
        conf.write_text(CONF.format(port=port, dir=folder))
        with open(folder / "doorfeed.log", "w") as log:
            self.process = subprocess.Popen([build / "libexec/sekisho-doorfeed", "-c", conf],
                                            env=self.env, stderr=log)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(folder / "ca.pem")
        context.load_cert_chain(folder / "peer.pem", folder / "peer.key")
        for _ in range(100):
            try:
                plain = socket.create_connection(("127.0.0.1", port), 60)
                break
            except OSError:
                time.sleep(0.05)
        self.peer, self.sent, self.read = context.wrap_socket(plain), 0, b""

    def stop(self):
        self.peer.close()
        self.process.terminate()
        self.process.wait(20)

    def take_in(self, people):
        """Whose entries and logins are measured."""
        self.people = people
        self.inside = [line.split(" ")[0] for line in people.read_text(encoding="ascii").splitlines()]

    def logins(self, load, seconds):
        """By door + password: all are let in first, and one entry opens one terminal once."""
        self.tell((login, "in") for login in self.inside)
        return load(self.instance.server, self.people, "password", sockets=1, outstanding=4 * os.cpu_count(),
                    seconds=seconds, warmup=1, **{"from": ADDRESS})

    def tell(self, events):
        """Sends (login, kind); returns seconds until the last is acknowledged."""
        lines, now = [], time.time()
        for login, kind in events:
            lines.append(json.dumps({"id": f"b{self.n:09d}", "at": now + self.n % 1000000 / 1e6,
                                     "door": "D", "who": login, "what": kind}) + "\n")
            self.n += 1
        data = "".join(lines).encode()
        self.sent += len(lines)
        begun = time.monotonic()
        self.peer.sendall(data)
        while not self.read.endswith(b"\n") or int(self.read.split()[-1]) < self.sent:
            more = self.peer.recv(4096)
            if not more:
                raise SystemExit("bench: the feed closed the connection")
            self.read = (self.read + more)[-64:]
        return time.monotonic() - begun

    def feed(self, logins):
        """Events a second: each goes in and out, and is in at the end."""
        count = EVENTS_A_RUN // len(logins) // 2 * 2 + 1
        events = [(login, "out" if turn % 2 else "in") for turn in range(count) for login in logins]
        return len(events) / self.tell(events)

    def check(self):
        """All that was acknowledged is there, and none of it in quarantine."""
        found = self.instance.sql(
            "SELECT count(*) || ' ' || count(*) FILTER (WHERE quarantine = '') FROM sekisho.door_event "
            "WHERE source_id = (SELECT id FROM sekisho.door_source WHERE name = 'bench')").strip()
        if found != f"{self.n} {self.n}":
            raise SystemExit(f"bench: of {self.n} events there are {found}")

    def ask(self, note):
        """Each question to both histories, in turn."""
        for _ in range(3):
            for instance, length in (self.small, "10k"), (self.instance, "all"):
                days = 720 if length == "all" else 0.25
                text = instance.sql(ASK.format(persons=PERSONS, zones=ZONES, days=days))
                for row in text.strip().splitlines():
                    if "|" in row:
                        what, ms = row.split("|")
                        note(f"{what} {length}", float(ms))
        begun = time.monotonic()
        self.run(*self.admin, "presence", "who", WARD, "--at",
                 time.strftime("%Y-%m-%d 12:00", time.localtime(time.time() - 200 * 86400)),
                 "--json", env=self.env)
        note("who command", (time.monotonic() - begun) * 1000)


def ratios(median):
    found = [
        ("door_logins_per_hash", median("door") / median("hash"), "≥", 0.90),
        ("feed_events_per_insert", median("feed") / median("pgbench"), "≥", 1.0),
    ]
    for what in "who", "where", "history":
        found.append((f"{what}_all_per_10k_events", median(f"{what} all") / median(f"{what} 10k"),
                      "", None))
    return found


ROWS = [
    ("logins by door + password, one round", "door", "/s"),
    ("events of doors by the feed over TLS, acknowledged", "feed", "/s"),
    ("who is in a zone, at a time of the last hours, 10,000 events", "who 10k", "ms"),
    ("the same, whole history", "who all", "ms"),
    ("who was in a zone, at any time of the whole history", "who_any all", "ms"),
    ("the same as a command, card-admin presence who --at", "who command", "ms"),
    ("where somebody is, 10,000 events", "where 10k", "ms"),
    ("the same, whole history", "where all", "ms"),
    ("somebody's movements of twelve hours, 10,000 events", "history 10k", "ms"),
    ("the same, whole history", "history all", "ms"),
]


def section(doors):
    return f"""
## Doors

The whole history is {doors.events:,} events of two years, by {PERSONS:,} persons at
{DOORS} doors of {ZONES} zones (`tests/bench/history.sql`); it takes {doors.mib:.0f} MiB with its
indexes and was made in {doors.seconds:.0f} s. It is there during all measurements. The other
is its last 10,000 events, in a cluster of its own. The feed is
`sekisho-doorfeed`, one process for one source; its peer speaks mutual TLS and
counts what is acknowledged, which is what is committed. Milliseconds are those
of the function, asked in one session, but for the command.
"""
