# SPDX-License-Identifier: GPL-2.0-or-later
"""One private instance (deploy/instance) as the tests see it: its servers,
its operators, its staff."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

from radius import Client

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SEKISHO_BUILD", PROJECT / "build/asan"))


def run(*args, input=None, env=None, check=True, timeout=120):
    done = subprocess.run(
        [str(a) for a in args], input=input, env=env, text=True, timeout=timeout,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{args}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def open_way(folder):
    """The instance's own users may pass through the folder and those above,
    of which another run of pytest may have closed the uppermost since."""
    for each in (folder, *folder.parents):
        if not each.stat().st_mode & 0o001:
            each.chmod(each.stat().st_mode | 0o011)


def wait_for(what, seconds=15.0, every=0.05):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        result = what()
        if result:
            return result
        time.sleep(every)
    raise AssertionError(f"did not happen within {seconds} s: {what}")


def free_port(kind=socket.SOCK_DGRAM):
    """One that no kernel gives away meanwhile: below those, and below deploy/instance's."""
    while True:
        port = random.randrange(12000, 20000)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def totp(seed, step, digits=6, algorithm="sha1"):
    """RFC 6238, apart from the code under test."""
    mac = hmac.new(seed, struct.pack("!q", step), algorithm).digest()
    at = mac[-1] & 15
    number = struct.unpack("!I", mac[at : at + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


class Person:
    """A person with a token; keeps track of which steps it has used."""

    def __init__(self, login, password, seed=None, token=None, last=0):
        self.login, self.password = login, password
        self.seed, self.token, self.last = seed, token, last

    def code(self):
        """A fresh code: the next step that has not been used."""
        while True:
            now = int(time.time()) // 30
            step = max(now, self.last + 1)
            if step <= now + 1:
                break
            time.sleep(0.2)
        self.last = step
        return totp(self.seed, step)

    def code_of(self, _=None):
        """The code of this moment, used or not."""
        return totp(self.seed, int(time.time()) // 30)

    def wrong_code(self, n=0):
        """A code that is none of the near steps'."""
        now = int(time.time()) // 30
        near = {totp(self.seed, now + d) for d in range(-6, 7)}
        guess = n
        while f"{guess:06d}" in near:
            guess += 1000
        return f"{guess:06d}"


class Sekisho:
    def __init__(self, name="s", conf=(), share=None, pg=(), pg_env=(), prefix=None, ca=False,
                 radsec=False, eap=False, resume=None, within=()):
        """within: what its processes are started by, as for another namespace."""
        self.within = within
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-", dir="/tmp"))
        self.root.chmod(0o711)
        self.dir = self.root / name
        self.shared = share
        args = []
        for line in conf:
            args += ["--conf", line]
        for line in pg:
            args += ["--pg", line]
        for line in pg_env:
            args += ["--pg-env", line]
        if share:
            args += ["--share", share.dir]
        if ca:
            args += ["--ca"]
        if radsec:
            args += ["--radsec"]
        if eap:
            args += ["--eap"]
        if resume is not None:
            args += ["--eap-resume", str(resume)]
        if prefix:
            args += ["--authd-prefix", prefix]
        try:
            self.instance("create", "--build", BUILD, *args)
            self.instance("start")
        except AssertionError:
            self.instance("destroy", check=False)  # nothing is left running
            raise
        self.env = dict(os.environ, LC_ALL="C.UTF-8")
        for line in self.instance("env").stdout.splitlines():
            key, value = line.split("=", 1)
            self.env[key] = value.replace("$PATH", os.environ["PATH"])
        host, port = self.env["SEKISHO_RADIUS"].split(":")
        self.server = (host, int(port))
        self.secrets = set()
        self.n_people = 0

    def instance(self, command, *args, check=True):
        return run(*self.within, PROJECT / "deploy/instance", command, self.dir, *args, check=check)

    def close(self):
        self.instance("destroy")
        shutil.rmtree(self.root, ignore_errors=True)

    # operators

    def admin(self, *args, input="", check=True):
        done = run("card-admin", *args, "--json", input=input, env=self.env, check=check)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else done

    def client(self, name="terminal", address="127.0.0.1", kind="terminal", wait=True, *more):
        secret = base64.urlsafe_b64encode(os.urandom(18)).decode()
        self.secrets.add(secret)
        self.admin("client", "add", name, "--address", f"{address}/32", "--kind", kind,
                   "--secret-stdin", *more, input=secret + "\n")
        client = Client(self.server, secret, address)
        if wait:
            self.await_client(client)
        return client

    def await_client(self, client):
        """FreeRADIUS remembers an unknown address for five seconds."""
        def known():
            return client.exchange(client.build("", None), timeout=0.5).code is not None
        wait_for(known, 20)

    def person(self, token=True, login=None, password=None, **more):
        self.n_people += 1
        login = login or f"p{self.n_people:04d}-{os.urandom(2).hex()}"
        # of class a, so that an entry through a door is enough with it
        password = password or base64.b64encode(os.urandom(9)).decode() + "-a1!"
        self.admin("person", "add", login, "--name", "試験 太郎",
                   *[a for k, v in more.items() for a in (f"--{k}", v)])
        self.admin("password", "set", login, input=password + "\n")
        self.secrets.add(password)
        person = Person(login, password)
        if token:
            self.token(person)
        return person

    def new_password(self, login, password, check=True):
        """Chosen at the desk by somebody who has had one before."""
        self.secrets.add(password)
        return self.admin("password", "set", login, "--how", "known", "--documents", "職員証 0042",
                          input=password + "\n", check=check)

    def token(self, person):
        made = self.admin("totp", "enrol", person.login)
        person.seed = base64.b32decode(made["secret_base32"] + "=" * (-len(made["secret_base32"]) % 8))
        person.token = made["id"]
        self.secrets.add(made["secret_base32"])
        # not beside the step's end: a code two steps old would teach a drift
        wait_for(lambda: time.time() % 30 < 28)
        step = int(time.time()) // 30 - 1
        self.admin("totp", "confirm", person.login, input=totp(person.seed, step) + "\n")
        person.last = step

    def throttle(self, scope, category, **numbers):
        args = [a for k, v in numbers.items() for a in (f"--{k.replace('_', '-')}", str(v))]
        return self.admin("policy", "throttle", scope, category, *args)

    def audit(self, login, **more):
        args = [a for k, v in more.items() for a in (f"--{k}", str(v))]
        return self.admin("audit", "show", "--login", login, "--limit", "10000", *args)

    def last(self, login):
        return self.audit(login)[-1]

    def count(self, login, reason):
        return sum(r["count"] for r in self.audit(login) if r["reason"] == reason)

    # the database, as its owner

    def sql(self, statement, check=True):
        user = "postgres" if os.geteuid() == 0 else self.env.get("USER", "postgres")
        done = run("psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-U", user, "-c", statement,
                   env=self.env, check=check)
        return done.stdout.strip()

    def officer(self, name, *roles):
        """Another operator's own role; the environment in which to be it."""
        self.sql(f"CREATE ROLE {name} LOGIN" + (f" IN ROLE {', '.join(roles)}" if roles else ""))
        with open(self.dir / "pg/pg_ident.conf", "a") as f:
            f.write(f'sekisho "{pwd.getpwuid(os.geteuid()).pw_name}" {name}\n')
        self.sql("SELECT pg_reload_conf()")
        env = dict(self.env, PGUSER=name)
        wait_for(lambda: run("psql", "-X", "-c", "", env=env, check=False).returncode == 0)
        return env

    # the processes

    def log(self, name="authd.log"):
        return (self.dir / "log" / name).read_text(errors="replace")

    def conf(self, line):
        with open(self.dir / "etc/authd.conf", "a") as f:
            f.write(line + "\n")

    def supervisor(self):
        wrapper = int((self.dir / "run/authd.pid").read_text().split()[0])
        done = run("pgrep", "-P", str(wrapper), "-x", "sekisho-authd", check=False)
        return int(done.stdout.split()[0]) if done.stdout else None

    def children(self):
        pid = self.supervisor()
        if pid is None:
            return []
        done = run("pgrep", "-P", str(pid), check=False)
        return sorted(int(p) for p in done.stdout.split())

    def processes(self, name):
        """Of one kind: keyring, clerk, account, hasher, worker."""
        done = run("pgrep", "-P", str(self.supervisor() or 0), "-x", f"sekisho-{name}",
                   check=False)
        return sorted(int(p) for p in done.stdout.split())

    def keyring(self):
        return self.processes("keyring")[0]

    def workers(self):
        return self.processes("worker")

    def kill(self, pid, number=signal.SIGKILL):
        os.kill(pid, number)

    def postmaster(self):
        return int((self.dir / "pg/postmaster.pid").read_text().split()[0])


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()
