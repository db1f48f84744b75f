# SPDX-License-Identifier: GPL-2.0-or-later
"""Smart cards and their readers, as tests/rigs/card-rig has them: a Rig is a
pcscd of its own with two readers, a Card lies in one of them or nowhere."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from sekisho import BUILD, PROJECT, run, wait_for

CARD_RIG = PROJECT / "tests/rigs/card-rig"
SELECT_PIV = "00a4040005a000000308"
OPENSC = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
OBJECT = {"9a": "5fc105", "9c": "5fc10a", "9d": "5fc10b", "9e": "5fc101"}
KEY_ID = {"9a": "01", "9c": "02", "9d": "03", "9e": "04"}  # in OpenSC


class Card:
    """One piece of plastic. Its memory outlives its insertions."""

    def __init__(self, rig, name, **options):
        self.rig, self.name = rig, name
        self.pin, self.puk = options.get("pin", "123456"), options.get("puk", "12345678")
        self.mgm = options.get("mgm")
        self.state_file = rig.dir / f"cards/{name}.json"
        args = []
        for key, value in options.items():
            args += [f"--{key.replace('_', '-')}"] + ([] if value is True else [str(value)])
        rig.ask("create", name, *args)

    def insert(self, reader=0):
        self.rig.ask("insert", self.name, str(reader))
        return self

    def remove(self):
        self.rig.ask("remove", self.name)

    def tell(self, *words):
        return self.rig.ask("tell", self.name, *[str(w) for w in words])

    def fault(self, *words):
        """remove-at N [before|after], remove-in-signature, slow MS,
        sw INS SW [COUNT], flip-signature [COUNT], clear"""
        self.tell("fault", *words)

    def counters(self):
        return self.tell("counters")

    def inserted(self):
        return self.counters()["inserted"]

    def state(self):
        return json.loads(self.state_file.read_text())

    def commands(self):
        """What it was sent and what it answered, without PINs."""
        path = self.rig.dir / f"cards/{self.name}.apdu"
        return path.read_text().splitlines() if path.exists() else []

    def piv_tool(self, *args, check=True, input=None):
        reader = ["-r", self.rig.reader_of(self.name)]
        key = ["-k" + self.mgm] if self.mgm else []
        return self.rig.run("yubico-piv-tool", *reader, *key, *args, check=check, input=input)

    def personalise(self, ca, subject="test", identified=True, **slots):
        """Keys made on the card and certificates of the CA: s9a="ECCP256".
        Returns {slot: certificate}."""
        certificates = {}
        if identified:
            self.piv_tool("-a", "set-chuid", "-a", "set-ccc")
        for slot, algorithm in slots.items():
            slot = slot.removeprefix("s")
            public = self.piv_tool("-a", "generate", "-s", slot, "-A", algorithm).stdout
            certificates[slot] = ca.issue(public, f"{subject} {slot}")
            self.piv_tool("-a", "import-certificate", "-s", slot,
                          "-i", certificates[slot])
        return certificates


class Rig:
    def __init__(self, build=BUILD, user=None):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="rig-", dir="/tmp"))
        self.dir.chmod(0o755)
        as_user = ["setpriv", f"--reuid={user}", "--regid=65534", "--clear-groups"] if user else []
        if user:
            shutil.chown(self.dir, user)
        # it ends when we do: then its standard input does
        self.process = subprocess.Popen(
            [*as_user, CARD_RIG, "run", self.dir, "--build", build], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=open(self.dir / "rig.log", "ab"))
        self.env = dict(os.environ, LC_ALL="C.UTF-8",
                        PCSCLITE_CSOCK_NAME=f"{self.dir}/run/pcscd.comm")
        self.cards, self.in_reader = {}, {}
        try:
            wait_for(self.ready, 30)
        except AssertionError:
            log = (self.dir / "rig.log").read_text()
            self.close()
            raise AssertionError("the rig did not start: " + log) from None

    def ready(self):
        assert self.process.poll() is None, (self.dir / "rig.log").read_text()
        try:
            return self.ask("ready")
        except OSError:
            return False

    def ask(self, *words):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.settimeout(60)
            s.connect(str(self.dir / "rig.sock"))
            s.send(json.dumps(words).encode())
            answer = json.loads(s.recv(1 << 20))
        assert "error" not in answer, f"{words}: {answer['error']}"
        return answer["ok"]

    def close(self):
        failed = None
        try:
            self.ask("stop")
        except OSError:
            pass  # it never began, or is gone
        except AssertionError as e:
            logs = [p.read_text() for p in (self.dir / "cards").glob("*.log")]
            failed = AssertionError(f"{e}\n" + "\n".join(logs))
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
        if failed:
            raise failed

    def card(self, name, **options):
        """A new card, in no reader. kind, pin, puk, mgm, standard_only=True, ..."""
        return Card(self, name, **options)

    def readers(self):
        """{name: ATR or None}, as pcscd sees them."""
        return self.ask("readers")

    def reader(self, number=0):
        """Its name for clients; another after it was unplugged, perhaps."""
        return self.ask("name", str(number))

    def reader_of(self, name):
        return self.reader(self.ask("where", name))

    def apdu(self, *commands, reader=0):
        """Raw commands over one connection; the answers, in hexadecimal."""
        return self.ask("apdu", str(reader), *commands)

    def unplug(self, reader=0):
        """Off the USB, as pcscd sees it, with the card in it."""
        self.ask("unplug", str(reader))

    def replug(self, reader=0):
        self.ask("replug", str(reader))

    def pcscd(self, what):
        """stop, start or restart"""
        self.ask("pcscd", what)

    def run(self, *args, **more):
        """A program that sees the rig's readers and no others."""
        return run(*args, env=dict(self.env, **more.pop("env", {})), **more)

    def pkcs11(self, *args, module=OPENSC, **more):
        return self.run("pkcs11-tool", "--module", module, *args, **more)


class CA:
    """A certification authority of openssl's, for certificates of tests."""

    def __init__(self, directory, name="test CA"):
        self.dir = pathlib.Path(directory)
        self.key, self.certificate = self.dir / "ca.key", self.dir / "ca.pem"
        self.n = 0
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", self.key, "-out", self.certificate, "-subj", f"/CN={name}",
            "-days", "30")

    def issue(self, public, subject, days=7, *more):
        """A certificate for a public key in PEM; its path."""
        self.n += 1
        pub, cert = self.dir / f"{self.n}.pub", self.dir / f"{self.n}.pem"
        pub.write_text(public)
        run("openssl", "x509", "-new", "-force_pubkey", pub, "-subj", f"/CN={subject}",
            "-CA", self.certificate, "-CAkey", self.key, "-days", str(days), "-out", cert, *more)
        return cert
