# SPDX-License-Identifier: GPL-2.0-or-later
"""A reader at a door and a virtual PIV card, through the real FreeRADIUS:
who is let in is inside, and nobody else is (guideline D.5)."""

import hashlib
import os
import signal
import threading
import time

import pytest
from doorreader import CALL_CHECK, ENTRY, KEYS, DoorReader, Entries, answer, ask, enrol, enter
from fakeradius import FakeServer
from pivcard import Readers, der
from radius import CALLED_STATION_ID, CALLING_STATION_ID, Client
from sekisho import Sekisho, run, wait_for
from softcard import CAN, KEY_ID, PURPOSE, VENDOR_SPECIFIC, SoftCard, begin, finish, vsa


class Ward:
    def __init__(self):
        self.s = s = Sekisho("door-reader")
        self.ask("zone_add('W3')", "door_add('W3 main', NULL, 'W3', 'card', 'card')",
                 "door_add('server', NULL, 'W3', 'card_pin', '')",
                 "door_add('bicycles', NULL, 'W3', 'uid', 'uid')",
                 "policy_set('terminal', p_methods => '{password,totp,card,pin,door}')")
        # the program sends from this address
        self.door = s.client("main", "127.0.0.1", "door", True)
        self.other = s.client("other", "127.0.0.32", "door", False)
        self.bed = s.client("bed", "127.0.0.21", "terminal", False, "--zone", "W3")
        self.ask("door_reader_add('W3 main', 'W3-in', 'main', 'in')",
                 "door_reader_add('W3 main', 'W3-out', 'main', 'out')",
                 "door_reader_add('W3 main', 'W3-in', 'other', 'in')",
                 "door_add('told', NULL, 'W3', 'card', '', p_reports_opened => true)",
                 "door_reader_add('told', 'told-in', 'main')",
                 "door_reader_add('server', 'srv', 'other')",
                 "door_reader_add('bicycles', 'bike-in', 'other')")
        for client in (self.other, self.bed):
            s.await_client(client)
        self.client_id = s.admin("client", "show", "main")["id"]
        self.n = 0

    def ask(self, *calls):
        return run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1",
                   *[w for c in calls for w in ("-c", f"SELECT sekisho.{c}")], env=self.s.env).stdout

    def program(self, rig, **settings):
        self.n += 1
        host, port = self.s.server
        return DoorReader(self.s.root / f"door{self.n}", rig, settings.pop("servers", f"{host}:{port}"),
                          self.door.secret.decode(), settings.pop("client_id", self.client_id), **settings)

    def holder(self, slot="9e", pin="none"):
        p = self.s.person(token=False)
        return p, SoftCard().enrol(self.s, p.login, slot=slot, pin=pin)

    def reason(self, login):
        return self.s.last(login)["reason"]

    def events(self, login):
        return self.s.sql(f"""SELECT string_agg(e.kind || ' ' || e.method, ', ' ORDER BY e.id)
            FROM sekisho.door_event e JOIN sekisho.person p ON p.id = e.person_id WHERE p.login = '{login}'""")


@pytest.fixture(scope="module")
def ward():
    w = Ward()
    yield w
    w.s.close()


@pytest.fixture(scope="module")
def rig():
    r = Readers()
    yield r
    r.close()


@pytest.fixture(scope="module")
def sato(ward, rig):
    """A person with a card in the rig's hand."""
    p = ward.s.person(token=False)
    p.public = rig.make("sato", slot="9e")
    p.token = enrol(ward.s, p.login, p.public)
    rig.remove("sato")
    return p


def test_d5_door_and_terminal(ward, rig, sato):
    with ward.program(rig) as door:
        door.begin()
        assert ward.bed.login(sato.login, sato.password).name == "reject"
        rig.insert("sato", 0)
        wait_for(lambda: door.told("opened"))
        rig.remove("sato")
        assert door.told("opened") == ["W3-in"]
        row = ward.s.last(sato.login)
        assert (row["kind"], row["purpose"], row["outcome"]) == ("entry", "entry", "accept")
        assert row["reason"] == "card_accepted" and row["detail"]["reader"] == "W3-in"
        assert [e["method"] for e in row["evidence"]] == ["card"]
        reply = ward.bed.login(sato.login, sato.password)
        assert reply.name == "accept", reply.text
        assert ward.reason(sato.login) == "door_and_terminal"
        rig.insert("sato", 1)
        wait_for(lambda: len(door.told("opened")) == 2)
        rig.remove("sato")
        assert door.told("opened") == ["W3-in", "W3-out"]
        assert ward.bed.login(sato.login, sato.password).name == "reject"
        assert ward.reason(sato.login) == "no_presence"
        assert door.end() == 0
        assert door.said("opens", "card_ms", "server_ms", "all_ms") == 2
        assert sato.login not in door.text()


# What the server must refuse.


def test_d5_replayed_entry(ward):
    p, card = ward.holder()
    challenge = ask(ward.door, "W3-in")
    extra = [CALL_CHECK, ENTRY, (CALLED_STATION_ID, b"W3-in")] + card.attributes(card.answer(challenge))
    packet = ward.door.build("W3-in", None, challenge.state, extra=extra)
    assert ward.door.exchange(packet).name == "accept"
    again = Client(ward.s.server, ward.door.secret)
    assert again.exchange(packet).name == "reject", "the same packet from another socket"
    assert answer(ward.door, "W3-in", card, challenge).name == "reject", "the same State"
    assert ward.events(p.login) == "enter card"
    # a challenge is for its reader and its client
    challenge = ask(ward.door, "W3-in")
    assert answer(ward.door, "W3-out", card, challenge).name == "reject"
    assert answer(ward.other, "W3-in", card, challenge).name == "reject"
    assert answer(ward.door, "W3-in", card, challenge).name == "accept", "where it is still good"
    assert ward.events(p.login) == "enter card, enter card"


def test_d5_two_at_once(ward):
    """One State on two sockets at the same moment opens once."""
    p, card = ward.holder()
    challenge = ask(ward.door, "W3-in")
    names, clients = [], [Client(ward.s.server, ward.door.secret) for _ in range(6)]
    threads = [threading.Thread(target=lambda c=c: names.append(answer(c, "W3-in", card, challenge).name))
               for c in clients]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert names.count("accept") == 1 and ward.events(p.login) == "enter card", names


@pytest.mark.parametrize("other", [
    {"purpose": b"login"}, {"login": b"W3-out"}, {"server": b"elsewhere"},
    {"client": b"37b0332c-1bbe-4920-9b02-4d56b53aab42"}, {"challenge": bytes(32)}])
def test_signature_for_something_else(ward, other):
    p, card = ward.holder()
    reply = enter(ward.door, "W3-in", card, **other)
    assert reply.name == "reject" and reply.ref in reply.text
    row = ward.s.last(p.login)
    assert row["reason"] == "wrong_signature" and row["purpose"] == "entry" and row["ref"] == reply.ref
    assert ward.events(p.login) == ""


def test_which_key(ward):
    p, card = ward.holder("9a", "enforced")
    assert enter(ward.other, "srv", card).name == "accept"
    assert ward.events(p.login) == "enter card_pin"
    q, card = ward.holder()
    refused = enter(ward.other, "srv", card)
    assert refused.name == "reject" and ward.reason(q.login) == "door_asks_pin"
    assert enter(ward.other, "bike-in", card).name == "reject"
    assert ward.reason(q.login) == "door_method_other"
    unknown = enter(ward.door, "W3-in", SoftCard())
    assert unknown.name == "reject"
    assert ward.s.log().count("card_unknown") >= 1
    # from outside all look alike, but for the reference
    assert refused.text.replace(refused.ref, "") == unknown.text.replace(unknown.ref, "")


def test_d5_card_lost(ward):
    p, card = ward.holder()
    assert enter(ward.door, "W3-in", card).name == "accept"
    assert ward.bed.login(p.login, p.password).name == "accept"
    ward.s.sql(f"SELECT sekisho.card_change('{card.token}', 'lost', 'suspended', 'lost')")
    reply = enter(ward.door, "W3-in", card)
    assert reply.name == "reject"
    row = ward.s.last(p.login)
    assert row["reason"] == "card_lost" and row["purpose"] == "entry" and row["ref"] == reply.ref
    assert ward.bed.login(p.login, p.password).name == "reject", "what it opened before is over"
    assert f'login="{p.login}"' in [line for line in ward.s.log().splitlines() if "card_lost" in line][-1]


def test_purposes_never_mix(ward):
    p, card = ward.holder("9a", "enforced")
    # nobody logs in at a door
    assert ward.door.login(p.login, p.password).name == "reject"
    assert ward.s.last(p.login)["reason"] == "door_no_login"
    assert ward.door.login(p.login, None, extra=[CAN], timeout=1).name == "silence"
    # no entry at a terminal
    reply = ask(ward.bed, "W3-in")
    assert reply.name == "reject"
    assert ward.s.audit("(door)", kind="entry")[-1]["reason"] == "entry_not_here"
    # a login's challenge is worth nothing for an entry, nor its State
    challenge = begin(ward.bed, p.login)
    assert answer(ward.bed, "W3-in", card, challenge).name == "reject"
    assert answer(ward.door, "W3-in", card, challenge).name == "reject"
    assert finish(ward.bed, p.login, card, challenge, purpose=b"entry").name == "reject"
    assert ward.reason(p.login) == "wrong_signature"
    # and an entry's is none for a login
    challenge = ask(ward.door, "W3-in")
    assert finish(ward.bed, p.login, card, challenge).name == "reject"
    assert finish(ward.bed, "W3-in", card, challenge, purpose=b"login").name == "reject"
    assert finish(ward.door, p.login, card, challenge, purpose=b"login").name == "reject"
    assert ward.events(p.login) == ""


def test_malformed(ward):
    p, card = ward.holder()
    door = ward.door
    assert ask(door, "W3-in", ma=False, timeout=1).name == "silence"
    assert door.login("W3-in", None, extra=[CALL_CHECK, ENTRY, CAN]).name == "reject", "no reader"
    assert ask(door, "nowhere").name == "reject"
    assert ask(door, "W3\n-in").name == "reject"
    assert ask(door, "x" * 200).name == "reject"
    assert ask(door, "W3-in", can=False).name == "reject", "no word of a card"
    assert ask(door, "W3-in", state=b"x" * 32).name == "reject"
    assert door.login("W3-in", "secret", extra=[CALL_CHECK, ENTRY, (CALLED_STATION_ID, b"W3-in")],
                      timeout=1).name == "silence", "a password beside it"
    challenge = ask(door, "W3-in")
    cut = ask(door, "W3-in", state=challenge.state, can=False, extra=card.attributes(card.answer(challenge)[:-1]))
    assert cut.name == "reject" and ward.events(p.login) == ""
    assert ward.reason(p.login) in ("wrong_signature", "signature_malformed")
    assert enter(door, "W3-in", card).name == "accept", "and it goes on"


# Doors that speak RADIUS themselves.


def number(client, octets, *, where="called", reader=b"bike-in", password=None, **more):
    extra = [CALL_CHECK] + ([(CALLED_STATION_ID, reader)] if reader else [])
    if where == "called":
        extra.append((CALLING_STATION_ID, octets))
    return client.login(octets.decode() if where == "user" else "door", password, extra=extra, **more)


def test_d5_cloned_number(ward):
    p = ward.s.person(token=False)
    ward.s.admin("badge", "add", p.login, "--number", "04a1b2c3")
    reply = number(ward.other, b"04:A1:B2:C3")
    assert reply.name == "accept" and reply.get(1) == []
    assert ward.events(p.login) == "enter uid" and ward.reason(p.login) == "card_number"
    assert ward.bed.login(p.login, p.password).name == "reject", "a number is no factor"
    assert number(ward.other, b"04a1b2c3", where="user", password="04a1b2c3").name == "accept", "as many send it"
    ward.ask("door_set('bicycles', p_uid_until => current_date + 9, p_uid_why => 'replaced in spring')")
    assert ward.bed.login(p.login, p.password).name == "accept", "unless somebody accepts that"
    # never where cards must sign, and no code that nobody checks
    assert number(ward.other, b"04a1b2c3", reader=b"W3-in").name == "reject"
    assert number(ward.other, b"04a1b2c3", reader=b"srv").name == "reject"
    assert number(ward.other, b"04a1b2c3", reader=None).name == "reject", "of three readers none is named"
    assert number(ward.other, b"04a1b2c3", password="1234").name == "reject"
    assert ward.other.login("door", "1234", extra=[CALL_CHECK, (CALLED_STATION_ID, b"bike-in")]).name == "reject"
    assert number(ward.other, b"04a1b2c3", ma=False, timeout=1).name == "silence"
    assert number(ward.bed, b"04a1b2c3").name == "reject", "a terminal is no door"
    assert ward.events(p.login) == "enter uid, enter uid"


def test_d5_replayed_number(ward):
    p = ward.s.person(token=False)
    ward.s.admin("badge", "add", p.login, "--number", "04a1b2c4")
    packet = ward.other.build("door", None, extra=[CALL_CHECK, (CALLED_STATION_ID, b"bike-in"),
                                                   (CALLING_STATION_ID, b"04a1b2c4")])
    assert ward.other.exchange(packet).name == "accept"
    again = Client(ward.s.server, ward.other.secret, "127.0.0.32")
    assert again.exchange(packet).name == "reject"
    assert ward.reason(p.login) == "request_repeated" and ward.events(p.login) == "enter uid"


def test_numbers_are_not_guessed(ward):
    replies = [number(ward.other, b"04%06x" % n) for n in range(24)]
    assert {r.name for r in replies} == {"reject"}
    reasons = {r["reason"]: r["count"] for r in ward.s.audit("(door)", kind="entry") if r["client"] == "other"}
    assert reasons["badge_unknown"] == 20 and reasons["badge_too_many"] == 4, reasons


# What the program must not do.


@pytest.fixture
def fake(ward, rig):
    made = []

    def make(says=(), **settings):
        entries = Entries(ward.client_id)
        entries.says.update(says)
        server = FakeServer(ward.door.secret.decode(), entries)
        door = ward.program(rig, servers=server.address, accounting_port=int(server.address.split(":")[1]),
                            **{"timeout_ms": 300, **settings})
        made.append((server, door))
        return entries, door.begin()

    yield make
    rig.remove()
    for server, door in made:
        door.end(signal.SIGKILL)
        server.close()


@pytest.mark.parametrize("says, why", [
    ({"client": "37b0332c-1bbe-4920-9b02-4d56b53aab42"}, "another client"),
    ({"server": "elsewhere.example"}, "another server"),
    ({"purpose": "login"}, "not an entry"), ({"login": "W3-back"}, "another reader")])
def test_nothing_is_signed_for_others(fake, rig, sato, says, why):
    entries, door = fake(says, server_id="sekisho.example")
    rig.insert("sato", 0)
    wait_for(lambda: door.said("stays shut"))
    assert door.said(why) and entries.signatures == [] and door.told("opened") == []
    wait_for(lambda: door.told("refused") == ["W3-in"])


def test_server_is_silent(fake, rig, sato):
    entries, door = fake()
    entries.silent = True
    rig.insert("sato", 0)
    wait_for(lambda: door.said("no server: the door stays shut"))
    wait_for(lambda: door.told("refused"))
    rig.remove("sato")
    # it dies between challenge and answer
    entries.silent, entries.mute_second = False, True
    rig.insert("sato", 1)
    wait_for(lambda: door.said("no server: the door stays shut") == 2)
    assert entries.signatures and door.told("opened") == []
    rig.remove("sato")
    # and is back
    entries.mute_second = False
    rig.insert("sato", 0)
    wait_for(lambda: door.told("opened") == ["W3-in"])


def test_card_pulled(fake, rig, sato):
    entries, door = fake()
    rig.tell("sato", "fault", "remove-in-signature")
    rig.insert("sato", 0)
    wait_for(lambda: door.said("taken away"))
    assert door.told("opened") == [] and door.told("refused") == [] and not entries.signatures
    time.sleep(0.5)  # pcscd looks every 0.4 s
    rig.tell("sato", "fault", "clear")
    rig.insert("sato", 0)
    wait_for(lambda: door.told("opened") == ["W3-in"])
    rig.remove("sato")
    # a signature that is not the key's is the card's fault
    rig.tell("sato", "fault", "flip-signature", "9")
    rig.insert("sato", 1)
    wait_for(lambda: door.said("not by its key") or door.said("a card cannot be used"))
    rig.tell("sato", "fault", "clear")
    assert len(entries.signatures) == 1 and door.told("opened") == ["W3-in"]


def test_open_command_hangs_or_fails(ward, rig, sato):
    with ward.program(rig, open=["/bin/sleep", "60"], open_timeout_ms=300) as door:
        door.begin()
        before = ward.events(sato.login)
        rig.insert("sato", 0)
        wait_for(lambda: door.said("a command failed", "took too long"))
        assert run("pgrep", "-f", "^/bin/sleep 60$", check=False).stdout == ""
        rig.remove("sato")
        assert ward.events(sato.login) == before + ", enter card", "the entry stands"
        door.end()
    with ward.program(rig, open=["/bin/false"]) as door:
        door.begin()
        rig.insert("sato", 1)
        wait_for(lambda: door.said("a command failed", "exit code", 'code="1"'))
        rig.remove("sato")
        door.end()
    assert ward.events(sato.login) == before + ", enter card, leave card"


def test_two_cards_at_two_readers(ward, rig, sato):
    p = ward.s.person(token=False)
    enrol(ward.s, p.login, rig.make("suzuki", slot="9e"))
    rig.remove("suzuki")
    with ward.program(rig) as door:
        door.begin()
        rig.tell("sato", "fault", "slow", "150")
        both = [threading.Thread(target=rig.insert, args=a) for a in (("sato", 0), ("suzuki", 1))]
        for t in both:
            t.start()
        for t in both:
            t.join()
        wait_for(lambda: sorted(door.told("opened")) == ["W3-in", "W3-out"])
        rig.remove()
        rig.tell("sato", "fault", "clear")
    assert ward.events(p.login) == "leave card"
    assert ward.events(sato.login).endswith("enter card")


# Without a server, by the list: history, never presence.


def keys(client, reader, after=None, **more):
    """A page of the list, as the real server gives it."""
    reply = client.login(reader, None, extra=[CALL_CHECK, vsa(PURPOSE, b"entry-keys"),
                                              (CALLED_STATION_ID, reader.encode())]
                         + ([vsa(KEY_ID, after)] if after else []), **more)
    found = [v[6:] for v in reply.get(VENDOR_SPECIFIC) if v[4] == KEYS]
    value = b"".join(p[2:] for p in found)
    return reply, int.from_bytes(value[:4], "big"), [value[i:i + 32] for i in range(4, len(value), 32)]


def test_list_of_keys(ward):
    p, card = ward.holder()
    q, never = ward.holder()
    assert enter(ward.door, "W3-in", card).name == "accept"
    reply, seconds, found = keys(ward.door, "W3-in")
    assert reply.name == "reject" and seconds == 12 * 3600
    assert card.key_id in found and never.key_id not in found and found == sorted(found)
    assert card.key_id not in keys(ward.door, "W3-in", card.key_id)[2], "in pages"
    ward.s.sql(f"SELECT sekisho.card_change('{card.token}', 'lost', 'suspended', 'lost')")
    assert card.key_id not in keys(ward.door, "W3-in")[2], "d5_card_lost"
    assert keys(ward.other, "srv")[2] == [], "where a PIN is asked for there is none"
    assert keys(ward.bed, "W3-in")[2] == [] and keys(ward.other, "W3-out")[2] == []
    assert keys(ward.door, "W3-in", ma=False, timeout=1)[0].name == "silence"


def test_in_the_list(ward, fake, rig, sato):
    mine = hashlib.sha256(der(sato.public)).digest()
    entries, door = fake(when_lost="list", heartbeat_s=5)
    entries.keys = [hashlib.sha256(b"%d" % n).digest() for n in range(200)] + [mine]
    door.end()
    door.begin()
    wait_for(lambda: door.said("list", 'keys="201"') == 2)
    entries.silent = True
    rig.insert("sato", 0)
    wait_for(lambda: door.told("opened") == ["W3-in"])
    rig.remove("sato")
    assert door.said("no server: let in by the list", mine.hex()) == 1, "nothing else may be left of it"
    assert entries.signatures == [] and entries.accounted == []
    # with a server again it is told, and marked
    entries.silent = False
    wait_for(lambda: entries.accounted, 20)
    status, reader, session, delay, key = entries.accounted[0]
    assert (status, reader, key) == (1, "W3-in", mine.hex())
    ward.s.sql(f"""SELECT sekisho.door_account('{ward.client_id}', '{{"status": "start", "session": "{session}",
        "called": "W3-in", "calling": "{key}", "delay": {delay}}}')""")
    assert ward.events(sato.login).endswith("enter card")
    assert ward.bed.login(sato.login, sato.password).name == "reject", "d5_late_event: history, however soon"
    # no list, no entry: its time is over, or it is not in it
    entries.seconds = 0
    door.end()
    door.begin()
    wait_for(lambda: door.said("list", 'keys="201"') == 4)
    entries.silent = True
    rig.insert("sato", 0)
    wait_for(lambda: door.said("no server: the door stays shut", "not in the list"))
    assert door.told("opened") == ["W3-in"]


def test_a_reader_process_falls(fake, rig, sato):
    entries, door = fake()
    parent = door.process.pid
    for child in run("pgrep", "-P", str(parent)).stdout.split():
        os.kill(int(child), signal.SIGKILL)
    wait_for(lambda: door.said("started again") == 2)
    rig.insert("sato", 0)
    wait_for(lambda: door.told("opened") == ["W3-in"])
    children = run("pgrep", "-P", str(parent)).stdout.split()
    assert len(children) == 2 and door.end() == 0
    assert not any(os.path.exists(f"/proc/{child}") for child in children)


def test_opened_is_told(ward, fake):
    pipe = ward.s.root / "sensor"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    entries, door = fake(sensor=["/bin/cat", str(pipe)])
    with open(pipe, "w") as sensor:
        sensor.write("opened\nclosed\nopened W3-out\nopened nowhere\nopen\n")
        sensor.flush()
        wait_for(lambda: len(entries.accounted) == 3)
        start, stop, out = entries.accounted
        assert start[:2] == (1, "W3-in") and stop[:2] == (2, "W3-in") and out[:2] == (1, "W3-out")
        assert start[2] == stop[2] != out[2] and start[3] == 0
        wait_for(lambda: door.said("not understood") == 2)
        # no server: told later, with how long ago it was
        entries.silent = True
        sensor.write("closed W3-out\n")
        sensor.flush()
        time.sleep(1.3)
        entries.silent = False
        wait_for(lambda: len(entries.accounted) == 4)
        late = entries.accounted[3]
        assert late[:3] == (2, "W3-out", out[2]) and late[3] >= 1


def test_d5_tailgating(ward, rig, sato):
    """Who was let in and did not open the door is not inside."""
    pipe = ward.s.root / "contact"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    with ward.program(rig, names=("told-in",), sensor=["/bin/cat", str(pipe)]) as door:
        door.begin()
        contact = open(pipe, "w")
        rig.insert("sato", 0)
        wait_for(lambda: door.told("opened") == ["told-in"])
        rig.remove("sato")
        assert ward.bed.login(sato.login, sato.password).name == "reject"
        assert ward.reason(sato.login) == "no_presence"
        contact.write("opened\n")
        contact.flush()
        wait_for(lambda: door.said("opened", "told_after_ms"))
        assert ward.bed.login(sato.login, sato.password).name == "accept"
        contact.write("closed\n")
        contact.flush()
        wait_for(lambda: door.said("closed", "told_after_ms"))
        assert door.end() == 0
        contact.close()
    told = ward.s.sql("SELECT string_agg(kind, ' ' ORDER BY id) FROM sekisho.door_event WHERE kind IN ('opened', 'closed')")
    assert told == "opened closed"
