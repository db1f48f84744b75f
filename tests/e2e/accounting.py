# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounting (RFC 2866) and Disconnects (RFC 5176), apart from the code under
test: a client that tells of sessions, and one that is told to end them."""

import hashlib
import hmac
import os
import select
import socket
import struct
import threading
import time

from radius import MESSAGE_AUTHENTICATOR, USER_NAME, attribute

START, STOP, INTERIM, ON, OFF = 1, 2, 3, 7, 8
NAS_PORT, CLASS, CALLING, STATUS, DELAY, SESSION, SECONDS, CAUSE = 5, 25, 31, 40, 41, 44, 46, 49
EVENT_TIMESTAMP, ERROR_CAUSE = 55, 101
REQUEST, RESPONSE, DISCONNECT, ACK, NAK = 4, 5, 40, 41, 42


def number(value):
    return struct.pack("!I", value)


def parse(packet):
    attributes, at = [], 20
    while at < len(packet):
        size = packet[at + 1]
        assert size >= 2 and at + size <= len(packet)
        attributes.append((packet[at], packet[at + 2 : at + size]))
        at += size
    return attributes


def signed(code, ident, body, secret):
    """A request that its Request Authenticator proves (RFC 2866 3)."""
    head = struct.pack("!BBH", code, ident, 20 + len(body))
    return head + hashlib.md5(head + bytes(16) + body + secret).digest() + body


def answer(code, request, body, secret):
    head = struct.pack("!BBH", code, request[1], 20 + len(body))
    return head + hashlib.md5(head + request[4:20] + body + secret).digest() + body


def proven(packet, request, secret):
    head = packet[:4] + request[4:20] + packet[20:]
    return hashlib.md5(head + secret).digest() == packet[4:20]


class Accounting:
    """Tells of sessions from an address; True if it was acknowledged."""

    def __init__(self, sekisho, secret, source="127.0.0.1"):
        host, port = sekisho.env["SEKISHO_ACCT"].split(":")
        self.server = (host, int(port))
        self.secret = secret if isinstance(secret, bytes) else secret.encode()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((source, 0))
        self.id = 0
        self.lock = threading.Lock()  # a Nas tells of ends by the same socket

    def build(self, status, session=None, user=None, class_=None, extra=(), event=None, secret=None):
        body = attribute(STATUS, number(status))
        if session is not None:
            body += attribute(SESSION, session.encode() if isinstance(session, str) else session)
        if user is not None:
            body += attribute(USER_NAME, user.encode() if isinstance(user, str) else user)
        if class_ is not None:
            body += attribute(CLASS, class_)
        body += attribute(EVENT_TIMESTAMP, number(int(time.time()) if event is None else event))
        for n, value in extra:
            body += attribute(n, value)
        self.id = (self.id + 1) % 256
        return signed(REQUEST, self.id, body, secret or self.secret)

    def exchange(self, packet, timeout=10.0):
        with self.lock:
            return self.exchange_alone(packet, timeout)

    def exchange_alone(self, packet, timeout):
        self.sock.sendto(packet, self.server)
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if not select.select([self.sock], [], [], max(0, until - time.monotonic()))[0]:
                break
            data = self.sock.recv(4096)
            if data[1] == packet[1]:
                assert data[0] == RESPONSE and proven(data, packet, self.secret)
                return True
        return False

    def tell(self, *args, timeout=10.0, **more):
        return self.exchange(self.build(*args, **more), timeout)


class Nas:
    """Takes Disconnect-Requests at an address and does with each what it is
    told to: a function of the request's attributes gives the answer's code and
    Error-Cause, or None."""

    def __init__(self, secret, then=lambda a: (ACK, 0), address="127.0.0.1", code=DISCONNECT):
        self.code, self.peers = code, []
        self.secret = secret if isinstance(secret, bytes) else secret.encode()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((address, 0))
        self.port = self.sock.getsockname()[1]
        self.then, self.seen, self.packets, self.closed = then, [], [], False
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while not self.closed:
            if not select.select([self.sock], [], [], 0.2)[0]:
                continue
            packet, peer = self.sock.recvfrom(4096)
            self.packets.append(packet)
            self.peers.append(peer)
            assert packet[0] == self.code
            zeroed = packet[:4] + bytes(16) + packet[20:]
            attributes = parse(packet)
            assert hashlib.md5(zeroed + self.secret).digest() == packet[4:20], "Request Authenticator"
            first = attributes[0]
            assert first[0] == MESSAGE_AUTHENTICATOR
            plain = zeroed[:22] + bytes(16) + zeroed[38:]
            assert hmac.new(self.secret, plain, "md5").digest() == first[1], "Message-Authenticator"
            self.seen.append(dict(attributes))
            then = self.then(dict(attributes))
            if then is not None:
                self.reply(packet, peer, *then)

    def reply(self, packet, peer, code, cause, secret=None):
        body = attribute(ERROR_CAUSE, number(cause)) if cause else b""
        self.sock.sendto(answer(code, packet, body, secret or self.secret), peer)

    def close(self):
        self.closed = True
        time.sleep(0.25)
        self.sock.close()

    def sessions(self):
        return [a[SESSION].decode() for a in self.seen]


def disconnect(secret, session, event=None, ident=1, ma=True, user="", code=DISCONNECT, extra=b""):
    """A Disconnect-Request as octets."""
    secret = secret if isinstance(secret, bytes) else secret.encode()
    body = attribute(MESSAGE_AUTHENTICATOR, bytes(16)) if ma else b""
    if user:
        body += attribute(USER_NAME, user.encode())
    body += attribute(SESSION, session.encode())
    if event != 0:
        body += attribute(EVENT_TIMESTAMP, number(int(time.time()) if event is None else event))
    body += extra
    if ma:
        head = struct.pack("!BBH", code, ident, 20 + len(body)) + bytes(16)
        body = body[:2] + hmac.new(secret, head + body, "md5").digest() + body[18:]
    return signed(code, ident, body, secret)
