# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireless with the key in the card: wpa_supplicant's eapol_test logs in by
EAP-TLS at a FreeRADIUS of the test's own; 9A signs in OpenSC."""

import os
import subprocess

import pytest

from cards import CA, OPENSC, Rig
from sekisho import free_port, run, wait_for

pytestmark = pytest.mark.rig
ENGINE = "/usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so"
SERVER = """
prefix = /usr
libdir = /usr/lib/freeradius
logdir = {dir}
run_dir = {dir}
pidfile = {dir}/radiusd.pid
max_requests = 1024
security {{ allow_core_dumps = no }}
client test {{ ipaddr = 127.0.0.1, secret = testing, require_message_authenticator = yes }}
modules {{
    eap {{
        default_eap_type = tls
        tls-config ours {{
            private_key_file = {dir}/server.key
            certificate_file = {dir}/server.pem
            ca_file = {dir}/ca.pem
            tls_min_version = "{tls}"
            tls_max_version = "{tls}"
            ecdh_curve = ""
        }}
        tls {{ tls = ours }}
    }}
}}
server default {{
    listen {{ type = auth, ipaddr = 127.0.0.1, port = {port} }}
    authorize {{
        eap
    }}
    authenticate {{
        eap
    }}
}}
"""
CLIENT = """
pkcs11_engine_path={engine}
pkcs11_module_path={opensc}
network={{
    key_mgmt=WPA-EAP
    eap=TLS
    identity="alice"
    ca_cert="{dir}/ca.pem"
    client_cert="{certificate}"
    engine=1
    engine_id="pkcs11"
    key_id="pkcs11:id=%01;type=private"
    pin="{pin}"
    phase1="tls_disable_tlsv1_3=0"
}}
"""


@pytest.fixture(scope="module")
def rig():
    r = Rig()
    yield r
    r.close()


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def card(rig):
    c = rig.card("w" + os.urandom(4).hex())
    yield c.insert()
    c.remove()


class Server:
    def __init__(self, directory, ca, tls):
        self.port = free_port()
        key = directory / "server.key"
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-out", key)
        public = run("openssl", "pkey", "-in", key, "-pubout").stdout
        (directory / "server.pem").write_text(ca.issue(public, "server").read_text())
        (directory / "ca.pem").write_text(ca.certificate.read_text())
        (directory / "radiusd.conf").write_text(
            SERVER.format(dir=directory, port=self.port, tls=tls))
        self.log = directory / "log"
        self.process = subprocess.Popen(
            ["freeradius", "-fxx", "-l", "stdout", "-n", "radiusd", "-d", str(directory)],
            stdin=subprocess.DEVNULL, stdout=open(self.log, "wb"), stderr=subprocess.STDOUT)
        wait_for(lambda: "Ready to process requests" in self.log.read_text()
                 or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()

    def close(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def login(rig, card, ca, tmp_path):
    """Called with an algorithm and a version of TLS; gives what logs in."""
    servers = []

    def make(algorithm, tls):
        certificate = card.personalise(ca, "alice", s9a=algorithm)["9a"]
        servers.append(Server(tmp_path, ca, tls))

        def attempt(pin="123456", seconds=20):
            conf = tmp_path / "wpa.conf"
            conf.write_text(CLIENT.format(engine=ENGINE, opensc=OPENSC, dir=tmp_path, pin=pin,
                                          certificate=certificate))
            return rig.run("eapol_test", "-c", conf, "-a", "127.0.0.1", "-p",
                           str(servers[0].port), "-s", "testing", "-t", str(seconds), check=False)
        return attempt
    yield make
    for server in servers:
        server.close()


@pytest.mark.parametrize("algorithm, tls", [("ECCP256", "1.2"), ("ECCP256", "1.3"),
                                            ("ECCP384", "1.3"), ("RSA2048", "1.2"),
                                            ("RSA2048", "1.3")])
def test_the_key_in_the_card_logs_in(card, login, algorithm, tls):
    done = login(algorithm, tls)()
    assert done.returncode == 0, done.stdout[-3000:]
    assert card.counters()["signatures"] > 0


def test_what_does_not_log_in(card, login):
    attempt = login("ECCP256", "1.3")
    assert attempt().returncode == 0
    card.fault("flip-signature", "100")
    assert attempt(seconds=4).returncode != 0
    card.fault("clear")
    assert attempt("000000", seconds=4).returncode != 0
    assert card.counters()["pin_tries"] < 3
    card.remove()
    assert attempt(seconds=4).returncode != 0
