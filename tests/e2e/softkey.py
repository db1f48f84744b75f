# SPDX-License-Identifier: GPL-2.0-or-later
"""FIDO2 keys, as tests/rigs/fido2key has them: a SoftKey is a process of its
own that libfido2 takes for a key, by way of a path that begins with socket:"""

import json
import pathlib
import shutil
import socket
import subprocess
import tempfile

from sekisho import BUILD, wait_for

PROGRAM = BUILD / "tests/rigs/fido2key"
RP = "sekisho.example"
ALGORITHMS = {-7: "es256", -8: "eddsa"}


class SoftKey:
    """One key. Its memory outlives being pulled out."""

    def __init__(self, *, absent=False, touch=0, fault=None, user=None, **options):
        """touch: milliseconds, or "never". options: uv, pin, alg, attestation,
        aaguid, pin_protocols, id_length, syncable=True, no_counter=True, ca."""
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fido2key-", dir="/tmp"))
        self.dir.chmod(0o755)
        if user:
            shutil.chown(self.dir, user)
        self.socket, self.control = self.dir / "key", self.dir / "control"
        self.path = f"socket:{self.socket}"
        self.state_file = self.dir / "state.json"
        self.pin, self.syncable = options.get("pin"), options.get("syncable", False)
        command = [PROGRAM, "--socket", self.socket, "--state", self.state_file,
                   "--control", self.control]
        command += ["--touch", "never"] if touch == "never" else ["--touch-ms", str(touch)]
        command += ["--absent"] if absent else []
        command += ["--fault", fault] if fault else []
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
        self.log = open(self.dir / "log", "ab")
        self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        try:
            wait_for(self.ready, 15)
        except AssertionError:
            log = self.close()
            raise AssertionError("the key did not start: " + log) from None

    def ready(self):
        assert self.process.poll() is None, (self.dir / "log").read_text()
        return self.control.exists() and self.tell("counters")

    def tell(self, *words):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.settimeout(10)
            try:
                s.connect(str(self.control))
            except ConnectionRefusedError:
                return None
            s.send(" ".join(str(w) for w in words).encode())
            answer = s.recv(4096).decode()
        assert answer.startswith("ok"), f"{words}: {answer}"
        return json.loads(answer[3:]) if answer[3:] else True

    def insert(self):
        self.tell("insert")
        return self

    def remove(self):
        self.tell("remove")

    def touch(self, *when):
        """Now; or from now on so many milliseconds after it began to blink,
        or "never"."""
        self.tell("touch", *when)

    def touch_when_it_blinks(self, seconds=15):
        wait_for(lambda: self.counters()["blinks"], seconds, 0.02)
        self.touch()

    def fault(self, *words):
        """removed, wrong-signature, counter-back, ..., slow MS, blocked,
        clear; a number of times, or for good."""
        self.tell("fault", *words)

    def counters(self):
        return self.tell("counters")

    def credential(self, user, rp=RP):
        """A new one, as a registration would leave it. user: its handle."""
        made = self.tell("credential", rp, bytes(user).hex())
        return Credential(bytes.fromhex(made["id"]), made["alg"], bytes.fromhex(made["cose"]),
                          self.syncable)

    def close(self):
        """What it had to say. It ends when it is told to, and only clean."""
        if self.process.poll() is None:
            try:
                self.tell("quit")
            except (OSError, AssertionError):
                pass
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.log.close()
        log = (self.dir / "log").read_text()
        shutil.rmtree(self.dir, ignore_errors=True)
        if code != 0:
            raise AssertionError(f"the key ended with {code}: {log}")
        return log


class Credential:
    """id; algorithm as COSE numbers it; public_key as libfido2 takes it."""

    def __init__(self, id, algorithm, cose, backup_eligible=False):
        self.id, self.algorithm, self.cose = id, algorithm, cose
        self.backup_eligible = backup_eligible
        # two or one coordinates of 32 octets, at the end, each behind two
        self.public_key = cose[-32:] if algorithm == -8 else cose[-67:-35] + cose[-32:]

    def verify(self, auth_data, digest, signature):
        """False for a wrong signature; apart from the code under test."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519

        signed = auth_data + digest
        try:
            if self.algorithm == -8:
                ed25519.Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, signed)
            else:
                ec.EllipticCurvePublicKey.from_encoded_point(
                    ec.SECP256R1(), b"\4" + self.public_key).verify(
                        signature, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True
