# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands between gateways and the server: radsecproxy, a firewall; and the
report of those that cannot do what protects them."""

import subprocess

import pytest
from radius import CALLING_STATION_ID, PROXY_STATE, Client
from radsec import Issuer
from sekisho import PROJECT, Sekisho, free_port, run, wait_for
from wired import Namespace

NETWORK = PROJECT / "deploy/network"
NAME = "vpn-gw.hospital.example"


@pytest.fixture(scope="module")
def s():
    instance = Sekisho("gateway", radsec=True)
    yield instance
    instance.close()


class Proxy:
    """radsecproxy with the file that is shipped."""

    def __init__(self, s, folder):
        self.port, self.secret = free_port(), "between-these-two-alone"
        issuer = Issuer(s.dir / "radsec")
        pem, key = issuer.issue(folder / "gw", NAME)
        host, port = s.env["SEKISHO_RADSEC"].split(":")
        text = (NETWORK / "radsecproxy.conf").read_text()
        for old, new in (("ListenUDP\t\t127.0.0.1:1812\n", f"ListenUDP\t\t127.0.0.1:{self.port}\n"),
                         ("ListenUDP\t\t127.0.0.1:1813\n", ""), ("/etc/sekisho/radsec/ca.pem", issuer.ca), ("/etc/sekisho/radsec/vpn-gw.pem", pem),
                         ("/etc/sekisho/radsec/vpn-gw.key", key), ("replace-this-secret", self.secret),
                         ("192.0.2.10", host), ("2083", port), (r"/^radius\.hospital\.example$/", "/^localhost$/")):
            assert str(old) in text, old
            text = text.replace(str(old), str(new))
        path = folder / "radsecproxy.conf"
        path.write_text(text)
        self.log = folder / "proxy.out"  # what -f says
        self.process = subprocess.Popen(["radsecproxy", "-f", "-c", path], stdin=subprocess.DEVNULL,
                                        stdout=open(self.log, "w"), stderr=subprocess.STDOUT)
        self.client = Client(("127.0.0.1", self.port), self.secret)
        try:
            wait_for(lambda: "TLS connection to sekisho" in self.log.read_text(), 15)
        except AssertionError:
            self.close()
            raise

    def close(self):
        self.client.close()
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def proxy(s, tmp_path):
    s.admin("client", "add", "vpn-gw", "--address", "127.0.0.1/32", "--kind", "vpn", "--tls-name", NAME,
            "--secret-stdin", input="nobody-uses-this-one\n")
    p = Proxy(s, tmp_path)
    yield p
    p.close()
    s.admin("client", "remove", "vpn-gw")


def test_radsecproxy_for_who_speaks_udp_only(s, proxy):
    p = s.person()
    first = proxy.client.login(p.login, p.password, extra=[(CALLING_STATION_ID, b"203.0.113.9")])
    assert first.name == "challenge", proxy.log.read_text()
    assert proxy.client.login(p.login, p.code(), first.state).name == "accept"
    q = s.person()
    assert proxy.client.login(q.login, q.password + q.code()).name == "accept", "appended"
    assert proxy.client.login(q.login, "wrong").name in ("challenge", "reject")
    # of who leaves Message-Authenticator out, too: over TLS nobody forges (RFC 6614 3)
    q = s.person()
    assert proxy.client.login(q.login, q.password + q.code(), ma=False).name == "accept"


@pytest.mark.parametrize("shape", ["none", "with proxy-state", "at the end", "wrong", "twice", "short"])
def test_blastradius_shapes(s, shape):
    """CVE-2024-3596: whatever an attacker needs of a request gets no answer."""
    client = s.client(f"b-{shape.replace(' ', '-')}", "127.0.0.31", "vpn")
    p = s.person()
    state = [(PROXY_STATE, b"x" * 60)]
    if shape == "none":
        packet = client.build(p.login, p.password, ma=False)
    elif shape == "with proxy-state":
        packet = client.build(p.login, p.password, ma=False, extra=state * 3)
    elif shape == "at the end":  # whoever shapes the front of a packet has it behind
        packet = client.build(p.login, p.password, ma=False, extra=state + [(80, bytes(16))])
    elif shape == "wrong":
        packet = bytearray(client.build(p.login, p.password, extra=state))
        packet[30] ^= 1
        packet = bytes(packet)
    elif shape == "twice":
        packet = client.build(p.login, p.password, extra=state + [(80, bytes(16))])
    else:
        packet = client.build(p.login, p.password, ma=False, extra=state + [(80, bytes(15))])
    assert client.exchange(packet, 1.5).name == "silence"
    assert s.audit(p.login) == [] or all(r["outcome"] != "accept" for r in s.audit(p.login))
    # with it, the same is answered, and by what comes first in the answer (radius.py looks)
    assert client.login(p.login, p.password, extra=state).name == "challenge"
    s.admin("client", "remove", f"b-{shape.replace(' ', '-')}")


def test_report_exposure(s):
    before = s.admin("report", "exposure")
    s.client("old-vpn", "127.0.0.41", "vpn", False, "--no-message-authenticator-until", "2027-03-31", "--reason",
             "firmware 4.1 is due in March")
    s.admin("client", "add", "floor", "--address", "192.0.2.0/24", "--kind", "wlan", "--secret-stdin",
            input="one-secret-for-a-floor\n")
    s.admin("policy", "set", "wards", "--devices", "mac")
    s.admin("client", "add", "switch", "--address", "192.0.3.1/32", "--kind", "wlan", "--policy", "wards",
            "--coa-port", "0", "--secret-stdin", input="a-secret-of-the-switch\n")
    found = [(r["client"], r["exposure"]) for r in s.admin("report", "exposure") if r not in before]
    assert found == [("old-vpn", "no_message_authenticator"), ("switch", "cannot_end"), ("floor", "many_hosts"),
                     ("switch", "devices_by_address")]
    said = run("card-admin", "report", "exposure", env=s.env).stdout
    assert "firmware 4.1 is due in March" in said and "CVE-2024-3596" in said and "radsecproxy" in said
    for name in "old-vpn", "floor", "switch":
        s.admin("client", "remove", name)
    assert s.admin("report", "exposure") == before


def test_d3_a_firewall_that_lets_in_exactly_the_clients(s, tmp_path):
    """The rules as make-nft prints them, in front of listeners in a namespace."""
    for name, address in ("in-4", "198.51.100.2/32"), ("in-6", "2001:db8::/64"):
        s.admin("client", "add", name, "--address", address, "--kind", "vpn", "--secret-stdin",
                input="a-secret-for-the-gateway\n")
    s.admin("client", "add", "tls-4", "--address", "198.51.100.3/32", "--kind", "vpn", "--tls-name", "tls-4.example",
            "--secret-stdin", input="a-secret-for-the-gateway\n")
    rules = run(NETWORK / "make-nft", "--radsec-port", "2083", env=s.env).stdout
    assert "198.51.100.2" in rules and "2001:db8::/64" in rules
    (tmp_path / "sekisho.nft").write_text(rules)
    server, gate = Namespace("fw"), Namespace("gw")
    listener = None
    try:
        run("ip", "link", "add", "fw0", "netns", server.name, "type", "veth", "peer", "name", "gw0", "netns", gate.name)
        server.run("ip", "address", "add", "198.51.100.1/24", "dev", "fw0")
        for ip in "198.51.100.2", "198.51.100.3", "198.51.100.4":
            gate.run("ip", "address", "add", f"{ip}/24", "dev", "gw0")
        for ns, link, ip in (server, "fw0", "2001:db8::1"), (gate, "gw0", "2001:db8::2"):
            ns.run("ip", "address", "add", f"{ip}/64", "dev", link, "nodad")
            ns.run("ip", "link", "set", link, "up")
        server.run("nft", "-f", tmp_path / "sekisho.nft")
        server.run("nft", "-f", tmp_path / "sekisho.nft")  # written again
        listener = server.start(tmp_path / "listener.log", "/usr/bin/python3", "-u", "-c", """
import selectors, socket
s = selectors.DefaultSelector()
for port in 1812, 1813, 1814:
    u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); u.bind(("::", port)); s.register(u, 1, "udp")
for port in 2083, 2084:
    t = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True); s.register(t, 1, "tcp")
print("ready")
while True:
    for key, _ in s.select():
        if key.data == "udp":
            data, peer = key.fileobj.recvfrom(100); key.fileobj.sendto(data, peer)
        else:
            key.fileobj.accept()[0].close()
""")
        wait_for(lambda: "ready" in (tmp_path / "listener.log").read_text(), 10)

        def reaches(kind, source, target, port):
            code = f"""
import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in "{target}" else socket.AF_INET, socket.SOCK_{kind})
s.settimeout(1); s.bind(("{source}", 0))
try:
    s.connect(("{target}", {port}))
    if "{kind}" == "DGRAM":
        s.send(b"x"); s.recv(10)
except OSError:
    sys.exit(1)
"""
            return gate.run("/usr/bin/python3", "-c", code, check=False).returncode == 0

        four, six = "198.51.100.1", "2001:db8::1"
        assert reaches("DGRAM", "198.51.100.2", four, 1812) and reaches("DGRAM", "198.51.100.2", four, 1813)
        assert reaches("DGRAM", "2001:db8::2", six, 1812)
        assert reaches("STREAM", "198.51.100.3", four, 2083)
        assert not reaches("DGRAM", "198.51.100.4", four, 1812) and not reaches("STREAM", "198.51.100.4", four, 2083)
        assert not reaches("DGRAM", "198.51.100.3", four, 1812), "TLS alone"
        assert not reaches("STREAM", "198.51.100.2", four, 2083)
        assert reaches("DGRAM", "198.51.100.4", four, 1814) and reaches("STREAM", "198.51.100.4", four, 2084), \
            "nothing else is its business"
    finally:
        if listener:
            listener.terminate()
            listener.wait(10)
        server.close()
        gate.close()
        for name in "in-4", "in-6", "tls-4":
            s.admin("client", "remove", name)
