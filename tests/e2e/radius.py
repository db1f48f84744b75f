# SPDX-License-Identifier: GPL-2.0-or-later
"""A small RADIUS client for tests that radclient cannot do: many requests at
once, malformed attributes, altered bits. It checks every Response
Authenticator and that Message-Authenticator is valid and comes first."""

import hashlib
import hmac
import os
import select
import socket
import struct
import time

ACCEPT, REJECT, CHALLENGE = 2, 3, 11
NAMES = {ACCEPT: "accept", REJECT: "reject", CHALLENGE: "challenge", None: "silence"}
USER_NAME, USER_PASSWORD, CHAP_PASSWORD, STATE = 1, 2, 3, 24
REPLY_MESSAGE, SESSION_TIMEOUT, VENDOR = 18, 27, 26
CALLING_STATION_ID, PROXY_STATE, PROMPT, MESSAGE_AUTHENTICATOR = 31, 33, 76, 80
SERVICE_TYPE, CALLED_STATION_ID = 6, 30


def hide(password, secret, authenticator):
    """User-Password, RFC 2865 5.2."""
    padded = password + b"\0" * (-len(password) % 16 or (0 if password else 16))
    out, last = b"", authenticator
    for i in range(0, len(padded), 16):
        pad = hashlib.md5(secret + last).digest()
        last = bytes(a ^ b for a, b in zip(padded[i : i + 16], pad))
        out += last
    return out


def attribute(number, value):
    return struct.pack("BB", number, len(value) + 2) + value


class Reply:
    def __init__(self, code, attributes=()):
        self.code = code
        self.attributes = list(attributes)

    @property
    def name(self):
        return NAMES[self.code]

    def get(self, number):
        return [v for n, v in self.attributes if n == number]

    @property
    def state(self):
        return b"".join(self.get(STATE)) or None

    @property
    def text(self):
        return b"".join(self.get(REPLY_MESSAGE)).decode()

    @property
    def ref(self):
        for value in self.get(VENDOR):
            if struct.unpack("!I", value[:4])[0] == 32473 and value[4] == 1:
                return value[6:].decode()
        return None

    def __repr__(self):
        return f"<{self.name} {self.text!r}>"


def parse(packet, request_authenticator, secret):
    """Raises AssertionError for an answer that must not be believed."""
    code, _, length = struct.unpack("!BBH", packet[:4])
    assert length == len(packet), "length"
    expected = hashlib.md5(packet[:4] + request_authenticator + packet[20:] + secret)
    assert expected.digest() == packet[4:20], "Response Authenticator"
    attributes, at = [], 20
    while at < length:
        n, size = packet[at], packet[at + 1]
        assert size >= 2 and at + size <= length, "attribute length"
        attributes.append((n, packet[at + 2 : at + size]))
        at += size
    assert attributes and attributes[0][0] == MESSAGE_AUTHENTICATOR, "not first"
    zeroed = packet[:4] + request_authenticator + packet[20:22] + bytes(16) + packet[38:]
    mac = hmac.new(secret, zeroed, "md5").digest()
    assert mac == attributes[0][1], "Message-Authenticator"
    return Reply(code, attributes)


class Client:
    """One socket. source is the loopback address to send from."""

    def __init__(self, server, secret, source="127.0.0.1"):
        self.server = server
        self.secret = secret if isinstance(secret, bytes) else secret.encode()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((source, 0))
        self.next_id = 0

    def close(self):
        self.sock.close()

    def build(self, user, password, state=None, extra=(), ma=True, raw_password=None):
        """A request packet; extra is a list of (number, value)."""
        auth = os.urandom(16)
        body = b""
        if ma:
            body += attribute(MESSAGE_AUTHENTICATOR, bytes(16))
        if user is not None:
            body += attribute(USER_NAME, user.encode() if isinstance(user, str) else user)
        if raw_password is not None:
            body += attribute(USER_PASSWORD, raw_password)
        elif password is not None:
            value = password.encode() if isinstance(password, str) else password
            body += attribute(USER_PASSWORD, hide(value, self.secret, auth))
        if state is not None:
            body += attribute(STATE, state)
        for number, value in extra:
            body += attribute(number, value)
        self.next_id = (self.next_id + 1) % 256
        head = struct.pack("!BBH", 1, self.next_id, 20 + len(body)) + auth
        packet = head + body
        if ma:
            mac = hmac.new(self.secret, packet, "md5").digest()
            packet = packet[:22] + mac + packet[38:]
        return packet

    def send(self, packet):
        self.sock.sendto(packet, self.server)

    def receive(self, packet, timeout):
        """The answer to this packet, or silence."""
        until = time.monotonic() + timeout
        while True:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return Reply(None)
            data = self.sock.recv(4096)
            if data[1] == packet[1]:
                return parse(data, packet[4:20], self.secret)

    def exchange(self, packet, timeout=8.0, tries=1):
        for _ in range(tries):
            self.send(packet)
            reply = self.receive(packet, timeout)
            if reply.code is not None:
                return reply
        return Reply(None)

    def login(self, user, password, state=None, timeout=8.0, tries=1, **more):
        return self.exchange(self.build(user, password, state, **more), timeout, tries)


def storm(clients, packets, timeout=8.0, outstanding=16):
    """Sends every packet (client index, bytes), at most `outstanding` unanswered
    per socket and one chance each; yields (index, reply or silence, seconds)."""
    queue = list(enumerate(packets))[::-1]
    waiting = [dict() for _ in clients]
    results = {}
    while queue or any(waiting):
        held = []
        while queue:
            index, (c, packet) = queue.pop()
            if len(waiting[c]) >= outstanding or packet[1] in waiting[c]:
                held.append((index, (c, packet)))
                if len(held) > 4 * len(clients):
                    break
                continue
            clients[c].send(packet)
            waiting[c][packet[1]] = (index, packet, time.monotonic())
        queue.extend(held[::-1])
        ready = select.select([c.sock for c in clients], [], [], 0.02)[0]
        for c, client in enumerate(clients):
            if client.sock in ready:
                data = client.sock.recv(4096)
                entry = waiting[c].pop(data[1], None)
                if entry is not None:
                    index, packet, begun = entry
                    reply = parse(data, packet[4:20], client.secret)
                    results[index] = (reply, time.monotonic() - begun)
            now = time.monotonic()
            for key, (index, packet, begun) in list(waiting[c].items()):
                if now - begun > timeout:
                    del waiting[c][key]
                    results[index] = (Reply(None), timeout)
    return [results[i] for i in range(len(packets))]
