# SPDX-License-Identifier: GPL-2.0-or-later
"""VPN gateways with the files that are shipped: the real ocserv, OpenVPN and strongSwan, their
clients in a namespace of their own, and something behind them to be reached."""

import itertools
import pathlib
import shutil
import subprocess
import tempfile

from authority import pem
from radsec import Issuer
from sekisho import PROJECT, Sekisho, free_port, run, wait_for
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

    NAME = "vpn-gw"  # of the client

    def __init__(self, **options):
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
            self.s = Sekisho("vpn", radsec=True, within=("ip", "netns", "exec", self.gate.name), **options)
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


CHARON = """
charon-systemd {{
	load_modular = yes
	# Test machines' kernels have no ESP: it is done by the daemon itself.
	plugins {{
		include /etc/strongswan.d/charon/*.conf
		include {plugins}
		kernel-libipsec {{
			load = yes
		}}
		vici {{
			socket = unix://{folder}/vici
		}}
	}}
	syslog {{
		daemon {{
			default = -1
		}}
		auth {{
			default = -1
		}}
	}}
	filelog {{
		out {{
			path = {folder}/charon.log
			default = 1
			tls = 2
			flush_line = yes
		}}
	}}
}}
"""
CALLS = """
connections {{
	office {{
		version = 2
		remote_addrs = {gateway}
		vips = 0.0.0.0
		local {{
			auth = {auth}
			{certs}
			eap_id = {login}
			aaa_id = {server}
		}}
		remote {{
			auth = pubkey
			id = {name}
		}}
		children {{
			office {{
				remote_ts = {inside}/32
			}}
		}}
	}}
}}
secrets {{
	eap-mine {{
		id = {login}
		secret = "{password}"
	}}
}}
"""


class Charon:
    """One strongSwan daemon, in a namespace and a folder of its own."""

    def __init__(self, site, where, name, plugins):
        self.site, self.where, self.folder = site, where, site.folder / name
        for part in "x509", "x509ca", "private":
            (self.folder / part).mkdir(parents=True)
        conf = self.folder / "strongswan.conf"
        conf.write_text(CHARON.format(plugins=plugins, folder=self.folder))
        self.env = ["env", f"STRONGSWAN_CONF={conf}", f"SWANCTL_DIR={self.folder}"]
        self.child = site.start(where, name, *self.env, "charon-systemd")
        wait_for(lambda: (self.folder / "vici").exists(), 15)

    def swanctl(self, *args, check=True):
        return self.where.run(*self.env, "swanctl", *args, "--uri", f"unix://{self.folder}/vici", check=check)

    def put(self, part, path, name=None):
        shutil.copy(path, self.folder / part / (name or pathlib.Path(path).name))

    def said(self):
        path = self.folder / "charon.log"
        return path.read_text(errors="replace") if path.exists() else ""


class StrongSwan(Site):
    """The server's certificates of EAP and the gateway's are of the same authority."""

    NAME, SERVER = "gate", "localhost"

    def __init__(self):
        super().__init__(eap=True, ca=True, conf=['realms = "hospital.example";'])
        secret = "between-these-two-alone"
        try:
            self.s.admin("ca", "init", "--name", "Test Card CA")
            # strongSwan finds its certificate by a name in it, here the UPN
            self.s.admin("setting", "set", "card.realm", "hospital.example")
            self.s.admin("issuer", "anchors", self.s.dir / "eap/anchors.pem")
            for word in "stop", "start":
                self.s.instance(word, "radius")
            self.s.admin("client", "remove", "vpn-gw")
            self.dae = free_port()
            self.s.admin("client", "add", "gate", "--address", "127.0.0.1/32", "--kind", "vpn", "--policy", "vpn", "--codes",
                         "append", "--coa-port", str(self.dae), "--lang", "en", "--secret-stdin", input=secret + "\n")
            host, port = self.s.env["SEKISHO_RADIUS"].split(":")
            plugins = shipped("eap-radius.conf", self.folder, ("192.0.2.10", host), ("auth_port = 1812", f"auth_port = {port}"),
                              ("acct_port = 1813", f"acct_port = {self.s.env['SEKISHO_ACCT'].split(':')[1]}"),
                              ("replace-this-secret", secret), ("port = 3799", f"port = {self.dae}"))
            self.gateway = Charon(self, self.gate, "gateway", plugins)
            shipped("swanctl.conf", self.gateway.folder, ("vpn-gw.pem", self.server_pem.name),
                    ("id = vpn-gw.hospital.example", "id = gateway.example"), ("dns = 192.0.2.53", "dns = 10.7.0.53"))
            self.gateway.put("x509", self.server_pem)
            self.gateway.put("private", self.server_key)
            self.gateway.swanctl("--load-all", "--file", self.gateway.folder / "swanctl.conf")
            self.count = itertools.count()
            self.caller = Charon(self, self.home, "caller", "/dev/null")
            self.caller.put("x509ca", self.issuer.ca, "gateway-ca.pem")
            self.caller.put("x509ca", self.s.dir / "eap/ca.pem", "eap-ca.pem")
        except BaseException:
            self.close()
            raise

    def call(self, login, password="", certificate=None, key=None):
        """By password and code (EAP-TTLS with GTC), or by the certificate (EAP-TLS)."""
        certs = ""
        if certificate:
            mine = f"mine-{next(self.count)}.pem"
            (self.caller.folder / "x509" / mine).write_text(pem(certificate, "CERTIFICATE"))
            self.caller.put("private", key.path, mine)
            certs, login = f"certs = {mine}", f"{login}@hospital.example"
        (self.caller.folder / "swanctl.conf").write_text(CALLS.format(
            gateway=GATEWAY, name="gateway.example", login=login, password=password, inside=INSIDE, certs=certs,
            auth="eap-tls" if certificate else "eap-ttls", server=self.SERVER))
        self.caller.swanctl("--load-all", "--clear", "--file", self.caller.folder / "swanctl.conf")
        done = self.caller.swanctl("--initiate", "--child", "office", "--timeout", "30", check=False)
        return done.returncode == 0

    def reached(self):
        route = self.home.run("ip", "route", "get", INSIDE, check=False).stdout
        return "ipsec0" in route and self.home.run("ping", "-c", "1", "-W", "1", INSIDE, check=False).returncode == 0

    def hang_up(self):
        self.caller.swanctl("--terminate", "--ike", "office", "--timeout", "10", check=False)
