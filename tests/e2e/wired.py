# SPDX-License-Identifier: GPL-2.0-or-later
"""A wired port with 802.1X: the real hostapd and wpa_supplicant at the two ends
of a veth pair, in namespaces of their own, with the files that are shipped. The
server runs in the switch's namespace, as its loopback is its own."""

import itertools
import os
import re
import subprocess

from eap import Network, TLS, tunnel
from sekisho import PROJECT, run, wait_for
from authority import pem

SHIPPED = PROJECT / "deploy/network"
SWITCH_IP, STATION_IP = "198.51.100.1", "198.51.100.2"


class Namespace:
    count = itertools.count()

    def __init__(self, name):
        self.name = f"sk-{name}-{os.getpid()}-{next(Namespace.count)}"
        run("ip", "netns", "add", self.name)
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *args, **more):
        return run("ip", "netns", "exec", self.name, *args, **more)

    def start(self, log, *args):
        return subprocess.Popen(["ip", "netns", "exec", self.name, *map(str, args)], stdin=subprocess.DEVNULL,
                                stdout=open(log, "a"), stderr=subprocess.STDOUT)

    def close(self):
        run("ip", "netns", "del", self.name, check=False)


class Port(Network):
    """A switch with one port, and the server behind it."""

    def __init__(self, folder, resume=None):
        self.switch, self.desk = Namespace("switch"), Namespace("desk")
        self.children = []
        try:
            # short: an interface's name has 15 octets
            self.name, peer = f"p{os.getpid()}a", f"p{os.getpid()}b"
            run("ip", "link", "add", self.name, "netns", self.switch.name, "type", "veth", "peer", "name", peer,
                "netns", self.desk.name)
            self.station = "eth0"
            self.desk.run("ip", "link", "set", peer, "name", self.station)
            for ns, link, ip in (self.switch, self.name, SWITCH_IP), (self.desk, self.station, STATION_IP):
                ns.run("ip", "address", "add", f"{ip}/24", "dev", link)
                ns.run("ip", "link", "set", link, "up")
            self.mac = self.desk.run("cat", f"/sys/class/net/{self.station}/address").stdout.strip()
            super().__init__(folder, resume, within=("ip", "netns", "exec", self.switch.name))
            self.s.admin("policy", "set", "ports", "--session", "3600")
            self.s.admin("client", "set", "ap", "--policy", "ports", "--codes", "append")
            self.start_switch()
        except BaseException:
            self.close()
            raise

    def start_switch(self):
        text = (SHIPPED / "hostapd-wired.conf").read_text()
        port = self.s.server[1]
        for old, new in (("interface=port1", f"interface={self.name}"), ("/run/hostapd", self.folder / "hostapd"),
                         ("own_ip_addr=192.0.2.50", "own_ip_addr=127.0.0.1"), ("192.0.2.10", "127.0.0.1"),
                         ("replace-this-secret", self.secret), ("auth_server_port=1812", f"auth_server_port={port}"),
                         ("acct_server_port=1813", f"acct_server_port={port + 1}"),
                         ("interval=300", "interval=60")):
            assert str(old) in text, old
            text = text.replace(str(old), str(new))
        self.conf = self.folder / "hostapd.conf"
        self.conf.write_text(text)
        self.switch.run(SHIPPED / "sekisho-port", self.name, "shut")
        self.children.append(self.switch.start(self.folder / "hostapd.log", "hostapd", self.conf))
        wait_for(lambda: (self.folder / "hostapd" / self.name).exists(), 10)
        self.children.append(self.switch.start(self.folder / "action.log", "hostapd_cli", "-p",
                                               self.folder / "hostapd", "-i", self.name, "-a",
                                               SHIPPED / "sekisho-port"))

    def plug(self, identity, how):
        """wpa_supplicant begins to ask."""
        text = (SHIPPED / "wpa_supplicant-wired.conf").read_text()
        head = text[:text.index("pkcs11_engine_path")].replace("/run/wpa_supplicant", str(self.folder / "wpa"))
        path = self.folder / "wpa.conf"
        path.write_text(head + f"network={{\n key_mgmt=IEEE8021X\n eapol_flags=0\n identity=\"{identity}\"\n"
                        f" ca_cert=\"{self.s.dir}/eap/ca.pem\"\n{how}}}\n")
        self.supplicant = self.desk.start(self.folder / "wpa.log", "wpa_supplicant", "-D", "wired", "-i", self.station,
                                          "-c", path)
        self.children.append(self.supplicant)

    def plug_certificate(self, identity, certificate, key):
        path = self.folder / "desk.pem"
        path.write_text(pem(certificate, "CERTIFICATE"))
        self.plug(identity, TLS.format(certificate=path, key=key.path))

    def plug_password(self, identity, password, outer="TTLS", inner="PAP"):
        self.plug(identity, tunnel(outer, password, inner))

    def unplug(self):
        self.supplicant.terminate()
        self.supplicant.wait(10)
        self.children.remove(self.supplicant)
        # the cable is out: the switch forgets whom it has just refused
        self.switch.run("hostapd_cli", "-p", self.folder / "hostapd", "-i", self.name, "deauthenticate", self.mac)

    def cli(self, *words):
        return self.desk.run("wpa_cli", "-p", self.folder / "wpa", "-i", self.station, *words).stdout

    def state(self):
        found = re.search(r"^suppPortStatus=(\w+)", self.cli("status"), re.M)
        return found.group(1) if found else "none"

    def again(self):
        """Asks once more, as a machine does that roams."""
        self.cli("reauthenticate")

    def traffic(self):
        """Whether anything gets through the port."""
        return self.desk.run("ping", "-c", "1", "-W", "1", SWITCH_IP, check=False).returncode == 0

    def open(self, seconds=15):
        wait_for(self.traffic, seconds)

    def shut(self, seconds=15):
        wait_for(lambda: not self.traffic(), seconds)

    def close(self):
        for child in reversed(self.children):
            child.terminate()
            child.wait(10)
        if hasattr(self, "s"):
            super().close()
        self.desk.close()
        self.switch.close()
