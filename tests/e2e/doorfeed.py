# SPDX-License-Identifier: GPL-2.0-or-later
"""sekisho-doorfeed as tests run it: its source and door in the database, its
configuration, its process, and who speaks to it over TLS."""

import json
import signal
import socket
import ssl
import subprocess
import time

from sekisho import BUILD, run, wait_for

PROGRAM = BUILD / "libexec/sekisho-doorfeed"
MAP = """
map: { event = "id"; time = "at"; time_format = "epoch"; door = "door"; person = "who"; kind = "what"; };
doors = ( ("D1", "%s") );
kinds = ( ("in", "enter"), ("out", "leave"), ("noise", "ignore") );
"""


def line(n, **more):
    return json.dumps(dict({"id": f"e{n}", "at": time.time(), "door": "D1", "what": "in",
                            "who": "sato"}, **more)) + "\n"


class Feed:
    """One source with a door of its own."""

    count = 0

    def __init__(self, s, input, format="json", mapping=MAP, silent_after=90, more=""):
        Feed.count += 1
        self.s, self.source = s, f"source{Feed.count}"
        self.door = f"door{Feed.count}"
        self.zone = f"ward{Feed.count}"
        self.folder = s.root / self.source
        self.folder.mkdir(mode=0o700)
        s.admin("zone", "add", self.zone)
        s.sql(f"SELECT sekisho.door_add('{self.door}', p_to => '{self.zone}')")
        s.sql(f"SELECT sekisho.door_source_add('{self.source}', {silent_after})")
        self.conf = self.folder / "doorfeed.conf"
        self.conf.write_text(
            f'source = "{self.source}";\ndatabase: {{ connect = "user=sekisho_door_feed"; }};\n'
            f"input: {{ {input} }};\nformat = \"{format}\";\n"
            + (mapping % self.door if "%s" in mapping else mapping) + more)
        self.log = self.folder / "log"
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def begin(self, wait=True, **more):
        at = self.said("ready")
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([PROGRAM, "-c", self.conf], env=self.s.env, stderr=log,
                                            **more)
        if wait:
            wait_for(lambda: self.said("ready") > at or self.process.poll() is not None)
            assert self.process.poll() is None, self.log.read_text()
        return self

    def kill(self, number=signal.SIGKILL):
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(number)
            code = self.process.wait(15)
            self.process = None
            return code
        return None

    def said(self, text):
        return self.log.read_text().count(text) if self.log.exists() else 0

    def ask(self, what, where="true"):
        return self.s.sql(f"SELECT {what} FROM sekisho.door_event e JOIN sekisho.door_source s "
                          f"ON s.id = e.source_id WHERE s.name = '{self.source}' AND {where}")

    def events(self):
        return [e for e in self.ask("event", "true ORDER BY e.id").splitlines() if e]

    def own(self, column):
        return self.s.sql(f"SELECT {column} FROM sekisho.door_source WHERE name = '{self.source}'")

    def exactly(self, names, seconds=30):
        """All of them once, and nothing else."""
        names = set(names)
        try:
            wait_for(lambda: len(self.events()) >= len(names), seconds)
        except AssertionError:
            raise AssertionError(f"lost: {sorted(names - set(self.events()))[:10]}\n"
                                 + self.log.read_text()[-3000:])
        time.sleep(0.5)
        got = self.events()
        assert len(got) == len(set(got)) and set(got) == names, set(got) ^ names


class Held:
    """The source's row, locked: whoever brings events waits in the middle."""

    def __init__(self, feed):
        self.feed = feed

    def __enter__(self):
        env = dict(self.feed.s.env, PGUSER="postgres", PGAPPNAME="held")
        self.psql = subprocess.Popen(["psql", "-X", "-q"], env=env, text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.psql.stdin.write(f"BEGIN; SELECT 1 FROM sekisho.door_source WHERE name = "
                              f"'{self.feed.source}' FOR UPDATE;\n")
        self.psql.stdin.flush()
        wait_for(lambda: self.feed.s.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'held' "
            "AND state = 'idle in transaction'") == "1")
        return self

    def waiting(self):
        """Somebody's events are in the database's hands."""
        wait_for(lambda: self.feed.s.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'sekisho_door_feed' "
            "AND wait_event_type = 'Lock'") != "0")

    def __exit__(self, *_):
        self.psql.stdin.close()
        self.psql.wait(10)


class Peer:
    """A controller that speaks TLS, or tries to."""

    def __init__(self, port, ca, pem=None, key=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(ca)
        if pem:
            context.load_cert_chain(pem, key)
        self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10))
        self.socket.settimeout(20)
        self.read = b""

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def acknowledged(self, n):
        """Reads until so many lines are said to be committed."""
        while not self.read.endswith(b"\n") or int(self.read.split()[-1]) < n:
            more = self.socket.recv(4096)
            assert more, "closed"
            self.read += more
        return int(self.read.split()[-1])

    def refused(self):
        """In TLS 1.3 a client learns of it when it reads."""
        try:
            self.send("x\n")
            return self.socket.recv(1) == b""
        except OSError:
            return True

    def close(self):
        self.socket.close()


def check(feed, *args, **more):
    return run(PROGRAM, "-c", feed.conf, *args, env=feed.s.env, **more)
