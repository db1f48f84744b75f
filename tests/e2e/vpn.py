# SPDX-License-Identifier: GPL-2.0-or-later
"""VPN gateways with the files that are shipped: the real ocserv and OpenVPN, their
clients in a namespace of their own, and something behind them to be reached."""

import pathlib
import shutil
import subprocess
import tempfile

from radsec import Issuer
from sekisho import PROJECT, Sekisho, run, wait_for
from wired import Namespace

NETWORK = PROJECT / "deploy/network"
NAME = "vpn-gw.hospital.example"
GATEWAY, CALLER, INSIDE = "203.0.113.1", "203.0.113.9", "10.7.0.1"


def shipped(name, folder, *changes):
    """A shipped file with what each installation changes."""
    text = (NETWORK / name).read_text()
    for old, new in changes:
        assert str(old) in text, (name, old)
        text = text.replace(str(old), str(new))
    path = folder / name
    path.write_text(text)
    return path


class Site:
    """The gateway's machine, which is the server's as well; its loopback is its
    own. Behind it an address to be reached."""

    def __init__(self):
        # not below pytest's own: a gateway's workers are other users
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-vpn-", dir="/tmp"))
        folder.chmod(0o755)
        self.folder, self.children, self.s = folder, [], None
        self.gate, self.home = Namespace("gate"), Namespace("home")
        try:
            run("ip", "link", "add", "wan0", "netns", self.gate.name, "type", "veth", "peer", "name", "wan0",
                "netns", self.home.name)
            for ns, ip in (self.gate, GATEWAY), (self.home, CALLER):
                ns.run("ip", "address", "add", f"{ip}/24", "dev", "wan0")
                ns.run("ip", "link", "set", "wan0", "up")
            self.gate.run("ip", "address", "add", f"{INSIDE}/32", "dev", "lo")
            self.s = Sekisho("vpn", radsec=True, within=("ip", "netns", "exec", self.gate.name))
            self.issuer = Issuer(self.s.dir / "radsec")
            self.pem, self.key = self.issuer.issue(folder / "gw", NAME)
            self.server_pem, self.server_key = self.issuer.issue(folder / "server", "gateway.example", "serverAuth")
            self.s.admin("policy", "set", "vpn", "--session", "28800", "--idle", "3600")
            self.s.admin("client", "add", "vpn-gw", "--address", "127.0.0.1/32", "--kind", "vpn", "--policy", "vpn",
                         "--tls-name", NAME, "--coa-port", "0", "--lang", "en", "--secret-stdin",
                         input="nobody-uses-this-one\n")
        except BaseException:
            self.close()
            raise

    def radsec(self):
        return self.s.env["SEKISHO_RADSEC"]

    def start(self, where, name, *args):
        child = where.start(self.folder / f"{name}.log", *args)
        self.children.append(child)
        return child

    def said(self, name):
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def reached(self):
        """Whether what is behind the gateway answers, through the tunnel."""
        route = self.home.run("ip", "route", "get", INSIDE, check=False).stdout
        return "tun" in route and self.home.run("ping", "-c", "1", "-W", "1", INSIDE, check=False).returncode == 0

    def end(self, child, seconds=10):
        child.terminate()
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child in self.children:
            self.children.remove(child)

    def close(self):
        for child in reversed(self.children[:]):
            self.end(child)
        if self.s:
            self.s.close()
        self.home.close()
        self.gate.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Ocserv(Site):
    def __init__(self):
        super().__init__()
        folder = self.folder
        try:
            (folder / "radcli-servers").write_text("127.0.0.1 radsec\n")
            radcli = shipped("radcli.conf", folder, ("radius.hospital.example:2083", self.radsec()),
                             ("/etc/sekisho/radsec/ca.pem", self.issuer.ca), ("/etc/sekisho/radsec/vpn-gw.pem", self.pem),
                             ("/etc/sekisho/radsec/vpn-gw.key", self.key),
                             ("/etc/ocserv/radcli-servers", folder / "radcli-servers"))
            conf = shipped("ocserv.conf", folder, ("/etc/ocserv/radcli.conf", radcli),
                           ("/etc/ocserv/server-cert.pem", self.server_pem), ("/etc/ocserv/server-key.pem", self.server_key),
                           ("/run/ocserv-socket", folder / "socket"), ("/run/ocserv.pid", folder / "ocserv.pid"),
                           ("stats-report-time = 300", "stats-report-time = 60"))
            self.start(self.gate, "ocserv", "ocserv", "-f", "-d", "2", "-c", conf)
            wait_for(lambda: "listening (TCP)" in self.said("ocserv"), 15)
        except BaseException:
            self.close()
            raise

    def call(self, login, *answers, seconds=25):
        """openconnect; the answers are typed as they are asked for."""
        fingerprint = run("openssl", "x509", "-in", self.server_pem, "-noout", "-pubkey").stdout
        pin = run("bash", "-c", "openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64",
                  input=fingerprint).stdout.strip()
        self.client = subprocess.Popen(
            ["ip", "netns", "exec", self.home.name, "openconnect", "--protocol=anyconnect", "--user", login, "--no-dtls",
             "--servercert", f"pin-sha256:{pin}", "--passwd-on-stdin" if len(answers) == 1 else "--non-inter",
             "--script", "/usr/share/vpnc-scripts/vpnc-script", f"https://{GATEWAY}:443"]
            if len(answers) == 1 else
            ["ip", "netns", "exec", self.home.name, "openconnect", "--protocol=anyconnect", "--user", login, "--no-dtls",
             "--servercert", f"pin-sha256:{pin}", "--script", "/usr/share/vpnc-scripts/vpnc-script",
             f"https://{GATEWAY}:443"],
            stdin=subprocess.PIPE, stdout=open(self.folder / "openconnect.log", "w"), stderr=subprocess.STDOUT, text=True)
        self.children.append(self.client)
        self.client.stdin.write("".join(f"{a}\n" for a in answers))
        self.client.stdin.flush()
        try:
            wait_for(lambda: self.client.poll() is not None or self.reached(), seconds)
        except AssertionError:
            return False
        return self.client.poll() is None

    def hang_up(self):
        if self.client in self.children:
            self.end(self.client)


class OpenVPN(Site):
    def __init__(self):
        super().__init__()
        folder = self.folder
        try:
            self.s.admin("client", "set", "vpn-gw", "--codes", "append")
            host, port = self.radsec().split(":")
            secret = "between-these-two-alone"
            proxy = shipped("radsecproxy.conf", folder, ("x-syslog:///LOG_DAEMON", f"file://{folder}/x.log"),
                            ("/etc/sekisho/radsec/ca.pem", self.issuer.ca), ("/etc/sekisho/radsec/vpn-gw.pem", self.pem),
                            ("/etc/sekisho/radsec/vpn-gw.key", self.key), ("replace-this-secret", secret),
                            ("192.0.2.10", host), ("2083", port), (r"/^radius\.hospital\.example$/", "/^localhost$/"))
            self.start(self.gate, "proxy", "radsecproxy", "-f", "-c", proxy)
            wait_for(lambda: "TLS connection to sekisho" in self.said("proxy"), 15)
            conf = folder / "openvpn-server.conf"
            plugin = shipped("radiusplugin.cnf", folder, ("replace-this-secret", secret), ("/etc/openvpn/server.conf", conf))
            shipped("openvpn-server.conf", folder, ("/etc/openvpn/ca.pem", self.issuer.ca), ("/etc/openvpn/server.pem", self.server_pem),
                    ("/etc/openvpn/server.key", self.server_key), ("/etc/openvpn/radiusplugin.cnf", plugin),
                    ("/run/openvpn-status.log", folder / "status"))
            self.start(self.gate, "server", "openvpn", "--config", conf)
            wait_for(lambda: "Initialization Sequence Completed" in self.said("server"), 15)
            self.machine = self.issuer.issue(folder / "machine", "note.hospital.example")
        except BaseException:
            self.close()
            raise

    def call(self, login, password, seconds=25):
        asked = self.folder / "credentials"
        asked.write_text(f"{login}\n{password}\n")
        asked.chmod(0o600)
        (self.folder / "client.log").write_text("")
        self.client = self.start(self.home, "client", "openvpn", "--client", "--dev", "tun", "--proto", "udp", "--remote",
                                 GATEWAY, "1194", "--ca", self.issuer.ca, "--cert", self.machine[0], "--key",
                                 self.machine[1], "--remote-cert-tls", "server", "--auth-user-pass", asked, "--nobind",
                                 "--verb", "3")
        try:
            wait_for(lambda: self.client.poll() is not None or self.reached(), seconds)
        except AssertionError:
            return False
        return self.client.poll() is None

    def hang_up(self):
        if self.client in self.children:
            self.end(self.client)
