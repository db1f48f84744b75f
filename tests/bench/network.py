# SPDX-License-Identifier: GPL-2.0-or-later
"""What networks ask for: EAP-TLS beside FreeRADIUS alone, accounting beside its
rlm_sql, and whether a million stations and a hundred thousand open sessions
cost what a few do."""
import hashlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
PGBIN = pathlib.Path("/usr/lib/postgresql/15/bin")
CORES = os.sysconf("SC_NPROCESSORS_ONLN")
ROOT = os.geteuid() == 0
PEERS, TIMES = 4, 60
FEW, STATIONS, SESSIONS = 100, 1000000, 100000
ROWS = [
    ("EAP-TLS authentications, in full, certificate of a card", "eap", "/s"),
    ("the same by FreeRADIUS alone", "eap_alone", "/s"),
    ("accounting updates (interim)", "interim", "/s"),
    ("the same by FreeRADIUS rlm_sql, same PostgreSQL", "interim_sql", "/s"),
    (f"updates inside PostgreSQL, {FEW} open sessions", "update_few", "/s"),
    (f"the same, {SESSIONS} open sessions", "update_many", "/s"),
    (f"devices by address inside PostgreSQL, {FEW} stations", "admit_few", "/s"),
    (f"the same, {STATIONS} stations", "admit_many", "/s"),
]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Net:
    def __init__(self, instance, small, baseline, load, folder, secret, run):
        self.instance, self.small, self.baseline = instance, small, baseline
        self.load, self.folder, self.secret, self.run, self.process = load, folder / "net", secret, run, None
        self.folder.mkdir()
        self.scripts = {}
        for where, many in (small, False), (instance, True):
            self.fill(where, many)
        self.certificates()
        self.alone()
        people = self.folder / "sessions"
        people.write_text("".join(f"net{i:06d} - MZXW6YTBOI======\n" for i in range(4000)), encoding="ascii")
        self.people = people
        # each knows the sessions before they go on; ours are as accepts carry them
        instance.sql("""
            INSERT INTO sekisho.session (client_id, acct, login, nas, started_at, heard_at, accept_id, accept_at)
            SELECT c.id, 'net' || lpad(i::text, 6, '0'), 'net' || lpad(i::text, 6, '0'), '127.0.0.1', now(), now(),
                   1000000 + i, now()
              FROM generate_series(0, 3999) i, sekisho.client c WHERE c.name = 'bench';
            VACUUM ANALYZE sekisho.session;""")
        load(baseline.acct, people, "start", sockets=2, count=4000, plain=True)

    @staticmethod
    def acct_of(server):
        host, port = server.split(":")
        return f"{host}:{int(port) + 1}"

    def fill(self, where, many):
        """Stations and sessions: a few that are asked for, and the rest."""
        where.sql("""
            SET search_path = sekisho;
            SELECT keyring_publish(1, decode(repeat('00', 32), 'hex')) WHERE NOT EXISTS (SELECT FROM keyring_key);
            SELECT policy_set('net', p_devices => 'mac');
            SELECT client_add('00000000-0000-4000-8000-00000000000e', 'net', '127.0.0.9/32', 'wlan', 'box',
                (SELECT min(version) FROM keyring_key), p_policy => 'net');""")
        stations, sessions = (STATIONS, SESSIONS) if many else (FEW, FEW)
        where.sql(f"""
            SET search_path = sekisho;
            INSERT INTO station (kind, name, mac, grants)
            SELECT 'device', 'd' || i, ('001bc5' || lpad(to_hex(i), 6, '0'))::macaddr, '[{{"attribute": "filter-id",
                "value": "x", "vendor": 0, "number": 11, "octets": "78"}}]'
              FROM generate_series(1, {stations}) i;
            INSERT INTO session (client_id, acct, nas, started_at, heard_at, accept_id)
            SELECT '00000000-0000-4000-8000-00000000000e', 's' || i, '127.0.0.9', now(), now(), i
              FROM generate_series(1, {sessions}) i;
            VACUUM ANALYZE station; VACUUM ANALYZE session;""")
        client = "'00000000-0000-4000-8000-00000000000e'"
        version = where.sql("SELECT version FROM sekisho.client WHERE name = 'net'").strip()
        self.scripts[where] = {
            "update": f"\\set n random(1, {FEW})\n\\set k random(1, 1000000)\n"
                      f"SELECT sekisho.account_continue(jsonb_build_array(jsonb_build_object('client', {client}, 'version', {version}, "
                      "'session', 's' || :n::int, 'seconds', :k::bigint, 'octets_in', :k::bigint, 'octets_out', :k::bigint)));\n",
            "admit": f"\\set n random(1, {FEW})\n"
                     f"SELECT outcome FROM sekisho.station_admit({client}, {version}, true, false, "
                     "('001bc5' || lpad(to_hex(:n::int), 6, '0'))::macaddr, NULL, '', "
                     f"{client}, 'K7-0000', 'bench');\n"}

    def inside(self, where, what):
        script = self.folder / f"{what}.sql"
        script.write_text(self.scripts[where][what], encoding="ascii")
        out = self.run(PGBIN / "pgbench", "-h", where.host, "-p", "5432", "-U", where.user, "-n", "-M", "prepared",
                       "-f", script, "-c", 8, "-j", CORES, "-T", 3, "sekisho")
        return float(next(line.split()[2] for line in out.splitlines() if line.startswith("tps")))

    def certificates(self):
        """A CA that both believe, and cards of some persons by it, whose keys are files."""
        run, at = self.run, self.folder
        (at / "req.conf").write_text("[req]\ndistinguished_name = dn\n[dn]\n")
        common = ["openssl", "req", "-x509", "-config", at / "req.conf", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        run(*common, "-subj", "/CN=Bench Card CA", "-keyout", at / "ca.key", "-out", at / "ca.pem", "-addext",
            "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        env = {**os.environ, **self.instance.env, "LC_ALL": "C.UTF-8"}
        run(self.instance.dir / "bin/card-admin", "issuer", "add", "bench-cards", "--certificate", at / "ca.pem",
            "--revocation", "none", env=env)
        self.logins = [f"staff{i:06d}" for i in range(PEERS)]
        for i, login in enumerate(self.logins):
            run(*common, "-CA", at / "ca.pem", "-CAkey", at / "ca.key", "-subj", f"/CN={login}", "-keyout",
                at / f"{i}.key", "-out", at / f"{i}.pem", "-set_serial", str(7000 + i), "-addext",
                "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature", "-addext",
                "extendedKeyUsage=clientAuth")
            der = subprocess.run(["openssl", "pkey", "-in", at / f"{i}.key", "-pubout", "-outform", "DER"],
                                 capture_output=True, check=True).stdout
            whole = subprocess.run(["openssl", "x509", "-in", at / f"{i}.pem", "-outform", "DER"],
                                   capture_output=True, check=True).stdout
            self.instance.sql(f"""
                SET search_path = sekisho;
                WITH t AS (INSERT INTO token (id, person_id, method, status)
                    SELECT gen_random_uuid(), id, 'card', 'active' FROM person WHERE login = '{login}' RETURNING id),
                c AS (INSERT INTO card (token_id, number, device, origin, state)
                    SELECT id, 'net-{i}', '', 'bound', 'active' FROM t RETURNING token_id)
                INSERT INTO card_key (token_id, slot, key_id, spki, pin, certificate, issuer_id, serial, valid_from,
                    valid_until, proven_at)
                SELECT c.token_id, '9a', '\\x{hashlib.sha256(der).hexdigest()}', '\\x{der.hex()}', 'enforced',
                    '\\x{whole.hex()}', i.id, '\\x{7000 + i:04x}', now() - interval '1 day', now() + interval '1 day', now()
                  FROM c, issuer i WHERE i.name = 'bench-cards';""")
        eap = self.instance.dir / "eap"
        with open(eap / "anchors.pem", "a", encoding="ascii") as out:
            out.write((at / "ca.pem").read_text(encoding="ascii"))
        for word in "stop", "start":
            run(self.instance.tool, word, self.instance.dir, "radius")
        for i, login in enumerate(self.logins):
            (at / f"{i}.conf").write_text(f"""fast_reauth=0
network={{
    key_mgmt=WPA-EAP
    eap=TLS
    identity="{login}"
    ca_cert="{eap}/ca.pem"
    client_cert="{at}/{i}.pem"
    private_key="{at}/{i}.key"
}}
""")

    def alone(self):
        """FreeRADIUS with the same TLS and nobody behind it."""
        at = self.folder / "alone"
        (at / "run/tls").mkdir(parents=True)
        (at / "tls").mkdir()
        for name in "server.pem", "server.key", "anchors.pem":
            (at / "tls" / name).write_bytes((self.instance.dir / "eap" / name).read_bytes())
        port = free_port()
        text = (HERE / "eap-baseline.conf.in").read_text(encoding="utf-8")
        for name, value in {"DIR": at, "PORT": port, "USER": self.instance.user, "SECRET": self.secret,
                            "TLS": at / "tls"}.items():
            text = text.replace(f"@{name}@", str(value))
        (at / "radiusd.conf").write_text(text, encoding="utf-8")
        (at / "dictionary").write_text("$INCLUDE /usr/share/freeradius/dictionary\n", encoding="utf-8")
        if ROOT:
            self.run("chown", "-R", self.instance.user, at)
        at.chmod(0o750)
        self.process = subprocess.Popen(["freeradius", "-f", "-d", str(at)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.alone_port = str(port)
        for _ in range(200):
            log = at / "radius.log"
            if log.exists() and "Ready to process" in log.read_text(errors="replace"):
                return
            time.sleep(0.05)
        raise SystemExit("bench: FreeRADIUS alone did not come up")

    def eap(self, port):
        """Authentications a second: several stations, each one after the other."""
        begun = time.monotonic()
        peers = [subprocess.Popen(["eapol_test", "-c", self.folder / f"{i}.conf", "-a", "127.0.0.1", "-p", str(port),
                                   "-s", self.secret, "-r", str(TIMES - 1), "-t", "60"],
                                  stdout=open(self.folder / f"{i}.log", "w", encoding="utf-8"),
                                  stderr=subprocess.DEVNULL) for i in range(PEERS)]
        ended = [p.wait() for p in peers]
        took = time.monotonic() - begun
        if any(ended):
            raise SystemExit(f"bench: EAP-TLS did not succeed each time: {ended}")
        full = sum(len(re.findall("EAP-TLS: Done", (self.folder / f"{i}.log").read_text(errors="replace")))
                   for i in range(PEERS))
        if full < PEERS * TIMES:
            raise SystemExit(f"bench: of {PEERS * TIMES} authentications {full} were done")
        return PEERS * TIMES / took

    def measure(self, note, seconds):
        for _ in range(2):  # in turn, twice
            note("eap", self.eap(self.instance.server.split(":")[1]))
            note("eap_alone", self.eap(self.alone_port))
        for _ in range(2):
            for name, server in ("interim", self.acct_of(self.instance.server)), ("interim_sql", self.baseline.acct):
                load = self.load(server, self.people, "interim", sockets=2, seconds=seconds, warmup=0.5, plain=True)
                if load["outcomes"]["accept"] != load["done"]:
                    raise SystemExit(f"bench: accounting was not answered: {load['outcomes']}")
                note(name, load["per_second"])
        for what in "update", "admit":
            for _ in range(2):
                note(f"{what}_few", self.inside(self.small, what))
                note(f"{what}_many", self.inside(self.instance, what))

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)


def ratios(median):
    return [
        ("eap_tls_per_freeradius_alone", median("eap") / median("eap_alone"), "≥", 0.9),
        ("accounting_per_rlm_sql", median("interim") / median("interim_sql"), "≥", 1.5),
        ("accounting_100000_sessions", median("update_many") / median("update_few"), "±", 0.10),
        ("devices_1000000_stations", median("admit_many") / median("admit_few"), "±", 0.10),
    ]
