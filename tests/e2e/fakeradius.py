# SPDX-License-Identifier: GPL-2.0-or-later
"""A RADIUS server that answers as a test tells it to, rightly or forged: what
a terminal must believe, and what not."""

import hashlib
import hmac
import os
import select
import socket
import struct
import threading

from radius import MESSAGE_AUTHENTICATOR, VENDOR, attribute

SEKISHO = 32473
REF, CAPABILITY, CHALLENGE, SERVER_ID, CLIENT_ID, PURPOSE, LOGIN, KEY_ID, SIGNATURE, SCHEME = range(1, 11)


def ours(number, value):
    """An attribute of our own, as (number, value) of the packet."""
    value = value.encode() if isinstance(value, str) else value
    return VENDOR, struct.pack("!IBB", SEKISHO, number, len(value) + 2) + value


def unhide(hidden, secret, authenticator):
    """User-Password, RFC 2865 5.2."""
    out, last = b"", authenticator
    for i in range(0, len(hidden), 16):
        pad = hashlib.md5(secret + last).digest()
        out += bytes(a ^ b for a, b in zip(hidden[i : i + 16], pad))
        last = hidden[i : i + 16]
    return out.rstrip(b"\0").decode()


class Request:
    def __init__(self, data, secret):
        self.data, self.secret = data, secret
        self.code, self.id, length = struct.unpack("!BBH", data[:4])
        assert length == len(data)
        self.authenticator = data[4:20]
        self.attributes, at = [], 20
        while at < length:
            n, size = data[at], data[at + 1]
            self.attributes.append((n, data[at + 2 : at + size]))
            at += size
        if self.code == 4:  # RFC 2866 3
            signed = hashlib.md5(data[:4] + bytes(16) + data[20:] + secret).digest()
            assert signed == self.authenticator, "Request Authenticator"
            return
        assert self.attributes[0][0] == MESSAGE_AUTHENTICATOR, "not first"
        zeroed = data[:22] + bytes(16) + data[38:]
        assert hmac.new(secret, zeroed, "md5").digest() == data[22:38], "Message-Authenticator"

    def get(self, number):
        return b"".join(v for n, v in self.attributes if n == number)

    def ours(self, number):
        """Values of our own attribute, in order."""
        return [v[6:] for n, v in self.attributes
                if n == VENDOR and struct.unpack("!IB", v[:5]) == (SEKISHO, number)]

    @property
    def user(self):
        return self.get(1).decode()

    @property
    def state(self):
        return self.get(24)

    @property
    def password(self):
        hidden = self.get(2)
        return unhide(hidden, self.secret, self.authenticator) if hidden else None

    @property
    def signature(self):
        """Put together again; None unless index and total fit."""
        pieces = self.ours(SIGNATURE)
        if [p[0] for p in pieces] != list(range(1, len(pieces) + 1)) or \
                any(p[1] != len(pieces) for p in pieces):
            return None
        return b"".join(p[2:] for p in pieces)

    def answer(self, code, attributes=(), secret=None, ma=True, authenticator=True, id=None):
        """The reply, or one that is wrong in the way that is asked for."""
        secret = secret or self.secret
        body = attribute(MESSAGE_AUTHENTICATOR, bytes(16)) if ma else b""
        for number, value in attributes:
            value = value.encode() if isinstance(value, str) else value
            body += attribute(number, value)
        head = struct.pack("!BBH", code, self.id if id is None else id, 20 + len(body))
        if ma:
            mac = hmac.new(secret, head + self.authenticator + body, "md5").digest()
            if ma == "wrong":
                mac = os.urandom(16)
            body = body[:2] + mac + body[18:]
        signed = hashlib.md5(head + self.authenticator + body + secret).digest()
        return head + (signed if authenticator else os.urandom(16)) + body


class FakeServer:
    """handler(request) gives datagrams: bytes, or (socket, bytes)."""

    def __init__(self, secret, handler, address="127.0.0.1", port=0):
        self.secret, self.handler = secret.encode(), handler
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((address, port))
        self.address = "%s:%d" % self.sock.getsockname()
        self.requests, self.fault = [], None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stop.is_set():
            if not select.select([self.sock], [], [], 0.1)[0]:
                continue
            data, source = self.sock.recvfrom(4096)
            try:
                request = Request(data, self.secret)
                self.requests.append(request)
                for out in self.handler(request) or ():
                    sock, octets = out if isinstance(out, tuple) else (self.sock, out)
                    sock.sendto(octets, source)
            except Exception as fault:  # shown by the test
                self.fault = fault

    def close(self):
        self.stop.set()
        self.thread.join()
        self.sock.close()
        if self.fault:
            raise self.fault
