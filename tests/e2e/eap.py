# SPDX-License-Identifier: GPL-2.0-or-later
"""A network that asks by 802.1X: eapol_test of wpa_supplicant in the place of
station and access point, in front of the real FreeRADIUS with our plugin."""

import itertools

from authority import pem
from cards import OPENSC
from sekisho import Sekisho, run

TLS = """
    eap=TLS
    client_cert="{certificate}"
    private_key="{key}"
"""
CARD = """
    eap=TLS
    client_cert="{certificate}"
    engine=1
    engine_id="pkcs11"
    key_id="pkcs11:id=%01;type=private"
    pin="{pin}"
"""
MODULES = """pkcs11_engine_path=/usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so
pkcs11_module_path={opensc}
"""
TUNNEL = """
    eap={outer}
    anonymous_identity="anonymous"
    password="{password}"
    phase2="{auth}={inner}"
"""
NETWORK = """network={{
    key_mgmt=WPA-EAP
    identity="{identity}"
    ca_cert="{ca}"
    phase1="tls_disable_tlsv1_3={old}"
{how}}}
"""


def tunnel(outer, password, inner):
    auth = "autheap" if (outer, inner) == ("TTLS", "GTC") else "auth"
    return TUNNEL.format(outer=outer, password=password, inner=inner, auth=auth)


class Network:
    def __init__(self, folder, resume=None, within=()):
        """resume: for how many hours; 0: never, and TLS 1.3."""
        self.s = Sekisho("eap", ca=True, eap=True, resume=resume, within=within, conf=['realms = "Hospital.Example HOSPITAL";'])
        self.folder, self.count = folder, itertools.count()
        self.s.admin("ca", "init", "--name", "Test Card CA")
        self.s.admin("issuer", "anchors", self.s.dir / "eap/anchors.pem")
        self.restart()
        self.secret = "a-secret-of-the-access-point"
        self.s.admin("client", "add", "ap", "--address", "127.0.0.1/32", "--kind", "wlan",
                     "--secret-stdin", input=self.secret + "\n")

    def trust(self, *certificates):
        with open(self.s.dir / "eap/anchors.pem", "a") as f:
            for der in certificates:
                f.write(pem(der, "CERTIFICATE"))
        self.restart()

    def restart(self):
        self.s.instance("stop", "radius")
        self.s.instance("start", "radius")

    def log(self):
        return (self.s.dir / "log/authd.log").read_text()

    def reason(self, login):
        return self.s.audit(login, kind="login")[-1]["reason"]

    def attempt(self, identity, how, old=0, seconds=15, secret=None, head="", runs=run, more=()):
        """True if let in; self.said is what the access point saw."""
        path = self.folder / f"wpa-{next(self.count)}.conf"
        path.write_text(head + NETWORK.format(identity=identity, ca=self.s.dir / "eap/ca.pem", old=old, how=how))
        done = runs("eapol_test", "-c", path, "-a", self.s.server[0], "-p", str(self.s.server[1]),
                   "-s", secret or self.secret, "-t", str(seconds), *more, check=False)
        self.said = done.stdout
        assert (done.returncode == 0) == ("\nSUCCESS" in done.stdout), done.stdout[-2000:]
        return done.returncode == 0

    def by_certificate(self, identity, certificate, key, **more):
        path = self.folder / f"cert-{next(self.count)}.pem"
        path.write_text(pem(certificate, "CERTIFICATE"))
        return self.attempt(identity, TLS.format(certificate=path, key=key.path), **more)

    def by_card(self, identity, certificate, rig, pin, **more):
        """With the key in a card of this rig, through OpenSC."""
        return self.attempt(identity, CARD.format(certificate=certificate, pin=pin), runs=rig.run,
                            head=MODULES.format(opensc=OPENSC), **more)

    def by_password(self, identity, password, outer="TTLS", inner="PAP", **more):
        return self.attempt(identity, tunnel(outer, password, inner), **more)

    def close(self):
        self.s.close()
