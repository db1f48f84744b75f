# SPDX-License-Identifier: GPL-2.0-or-later
"""sekisho-door-reader as tests run it: a door with a zone behind it, its
client, its configuration, its process; and a door's requests in Python."""

import hashlib
import json
import os
import signal
import subprocess
import uuid

from fakeradius import CHALLENGE, CLIENT_ID, KEY_ID, LOGIN, SERVER_ID, ours
from pivcard import der
from radius import ACCEPT, CALLED_STATION_ID, REJECT, SERVICE_TYPE, STATE
from radius import CHALLENGE as ACCESS_CHALLENGE
from sekisho import BUILD, wait_for
from softcard import CAN, PURPOSE, pieces, vsa

PROGRAM = BUILD / "libexec/sekisho-door-reader"
KEYS = 15
CALL_CHECK = (SERVICE_TYPE, bytes([0, 0, 0, 10]))
ENTRY = vsa(PURPOSE, b"entry")
READERS = ("Virtual PCD 00 00", "Virtual PCD 01 00")


def enrol(s, login, public, slot="9e"):
    """The rows that issuing a card leaves behind; the token."""
    spki, token = der(public), str(uuid.uuid4())
    s.sql(f"""
        INSERT INTO sekisho.token (id, person_id, method, label, status)
        SELECT '{token}', id, 'card', 'card of {login}', 'active' FROM sekisho.person WHERE login = '{login}';
        INSERT INTO sekisho.card (token_id, origin, state) VALUES ('{token}', 'issued', 'active');
        INSERT INTO sekisho.card_key (token_id, slot, key_id, spki, pin, valid_from, valid_until, proven_at)
        VALUES ('{token}', '{slot}', '\\x{hashlib.sha256(spki).hexdigest()}', '\\x{spki.hex()}',
            '{"none" if slot == "9e" else "enforced"}', now() - interval '1 day', now() + interval '1 year', now());""")
    return token


def ask(client, reader, *, state=None, extra=(), can=True, **more):
    """A request of a door for a reader."""
    return client.login(reader, None, state, extra=[CALL_CHECK, ENTRY, (CALLED_STATION_ID, reader.encode())]
                        + ([CAN] if can else []) + list(extra), **more)


def answer(client, reader, card, challenge, /, **other):
    return ask(client, reader, state=challenge.state, can=False,
               extra=card.attributes(card.answer(challenge, **other)))


def enter(client, reader, card, /, **other):
    challenge = ask(client, reader)
    assert challenge.name == "challenge", challenge
    return answer(client, reader, card, challenge, **other)


class Entries:
    """The handler of a FakeServer that knows everybody: what it says of
    itself, and what it got for it."""

    def __init__(self, client_id, **says):
        self.says = dict(client=client_id, server="sekisho.example", purpose="entry", login=None, **says)
        self.silent, self.mute_second, self.accept = False, False, True
        self.signatures, self.beats, self.accounted = [], 0, []
        self.keys, self.seconds = [], 3600
        self.known, self.lists = True, True

    def __call__(self, r):
        if r.code == 4:
            if self.silent:
                return []
            self.accounted.append((r.get(40)[3], r.get(CALLED_STATION_ID).decode(), r.get(44).decode(),
                                   int.from_bytes(r.get(41), "big"), r.get(31).decode()))
            return [r.answer(5, ma=False)]
        if self.silent:
            return []
        if not self.known:
            return [r.answer(REJECT)]
        if r.ours(PURPOSE) == [b"entry-keys"]:
            if not self.lists:
                return [r.answer(REJECT)]
            after = b"".join(r.ours(KEY_ID))
            page = sorted(k for k in self.keys if k > after)[:96]
            value = self.seconds.to_bytes(4, "big") + b"".join(page)
            return [r.answer(REJECT, [ours(KEYS, p) for p in pieces(value)])]
        if not r.state:
            reader = r.get(CALLED_STATION_ID).decode()
            return [r.answer(ACCESS_CHALLENGE, [
                (STATE, os.urandom(12).hex().encode()), ours(CHALLENGE, os.urandom(32)),
                ours(SERVER_ID, self.says["server"]), ours(CLIENT_ID, self.says["client"]),
                ours(PURPOSE, self.says["purpose"]), ours(LOGIN, self.says["login"] or reader)])]
        if not r.signature:
            self.beats += 1
            return [r.answer(REJECT)]
        self.signatures.append(r.signature)
        if self.mute_second:
            return []
        return [r.answer(ACCEPT if self.accept else REJECT)]


class DoorReader:
    """The program, at the readers of a rig."""

    def __init__(self, folder, rig, server, secret, client_id, names=("W3-in", "W3-out"), **settings):
        self.folder, self.process = folder, None
        folder.mkdir(mode=0o755)
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.scratch.chmod(0o777)
        (folder / "secret").write_text(secret + "\n")
        (folder / "secret").chmod(0o600)
        self.log, self.conf = folder / "log", folder / "door-reader.conf"
        self.settings = dict(
            servers=server, secret_file=str(folder / "secret"), client_id=client_id, user="nobody",
            pcsc_socket=str(rig.socket), dictionary=str(BUILD / "share/terminal"), timeout_ms=1500,
            open=self.writes("opened"), refused=self.writes("refused"), open_timeout_ms=2000)
        self.names = names
        self.set(**settings)

    def writes(self, word):
        return ["/bin/sh", "-c", f'echo "$SEKISHO_READER" >> {self.scratch}/{word}']

    def set(self, **settings):
        self.settings.update(settings)
        lines = ["readers = ( " + ", ".join(f'("{r}", "{n}")' for r, n in zip(READERS, self.names)) + " );\n"]
        for name, value in self.settings.items():
            if value is None:
                continue
            lines.append(f"{name} = {json.dumps(value)};\n")
        self.conf.write_text("".join(lines))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end(signal.SIGKILL)

    def begin(self, *args):
        self.process = subprocess.Popen([PROGRAM, "-v", "-c", self.conf, *args],
                                        stderr=open(self.log, "ab"), stdin=subprocess.DEVNULL)
        wait_for(lambda: self.said("heartbeat") + self.said("does not hear") >= len(self.names))
        return self

    def end(self, number=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(number)
        code = self.process.wait(10)
        self.process = None
        return code

    def text(self):
        return self.log.read_text() if self.log.exists() else ""

    def said(self, *words):
        """Lines that have all the words."""
        return sum(all(w in line for w in words) for line in self.text().splitlines())

    def told(self, word):
        """The readers at which a command has run."""
        path = self.scratch / word
        return path.read_text().split() if path.exists() else []
