# SPDX-License-Identifier: GPL-2.0-or-later
"""A terminal: pam_sekisho in a service of its own, under pamtester, with a
private /etc/pam.d and a private /dev/log in which the test reads."""

import os
import pathlib
import pty
import select
import shutil
import socket
import tempfile
import time

from sekisho import BUILD

STACK = """auth [success=done default=die] {so} conf={conf} helpers={helpers}
auth sufficient pam_permit.so
account required {so}
session required {so} conf={conf} helpers={helpers}
"""

# A private /dev, so that /dev/log is the test's.
PRIVATE = """
mount --bind "$D/pam.d" /etc/pam.d
[ ! -e "$D/sudoers" ] || mount --bind "$D/sudoers" /etc/sudoers
[ ! -d "$D/run" ] || { mount -t tmpfs tmpfs /run; mkdir -m 755 /run/sshd; }
mkdir -p "$D/dev"; mount -t tmpfs tmpfs "$D/dev"
cp -a /dev/null /dev/zero /dev/random /dev/urandom /dev/tty "$D/dev"
mkdir "$D/dev/pts"; mount --rbind /dev/pts "$D/dev/pts"
ln -s "$D/log" "$D/dev/log"
mount --move "$D/dev" /dev
exec "$@"
"""


class Terminal:
    def __init__(self, servers, secret, **settings):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="terminal-", dir="/tmp"))
        self.root.chmod(0o755)
        self.conf = self.root / "pam_sekisho.conf"
        self.secret_file = self.root / "secret"
        self.secret_file.write_text(secret + "\n")
        self.secret_file.chmod(0o600)
        self.settings = dict(
            servers=servers, secret_file=str(self.secret_file), timeout_ms=1500, tries=2,
            nas_identifier="ward-3", contact="1234", card=False, accounting=False, user="nobody",
            card_user="nobody", dictionary=str(BUILD / "share/terminal"),
            opensc_conf=str(BUILD / "share/terminal/opensc.conf"),
            helpers=str(BUILD / "libexec"), session_dir=str(self.root / "sessions"))
        self.set(**settings)
        (self.root / "pam.d").mkdir()
        self.stack(STACK)
        self.log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.log.bind(str(self.root / "log"))
        os.chmod(self.root / "log", 0o666)
        self.lines = []

    def close(self):
        self.log.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def set(self, **settings):
        """Changes settings in the file; None takes one out."""
        self.settings.update(settings)
        lines = []
        for name, value in self.settings.items():
            if value is None:
                continue
            if isinstance(value, (list, tuple)):
                value = ", ".join(f'"{one}"' for one in value)
                lines.append(f"{name} = [ {value} ];\n")
                continue
            text = str(value).lower() if isinstance(value, bool) else \
                str(value) if isinstance(value, int) else '"%s"' % value
            lines.append(f"{name} = {text};\n")
        self.conf.write_text("".join(lines))
        self.conf.chmod(0o644)

    def stack(self, text, service="sekisho-test"):
        (self.root / "pam.d" / service).write_text(text.format(
            so=BUILD / "cardtools/terminal/pam_sekisho.so", conf=self.conf,
            helpers=BUILD / "libexec"))

    def logged(self):
        """Lines that came since the last time."""
        while select.select([self.log], [], [], 0.1)[0]:
            self.take_line()
        lines, self.lines = self.lines, []
        return "\n".join(lines)

    def take_line(self):
        self.lines.append(self.log.recv(65536).decode(errors="replace"))

    def login(self, user, answers, actions=("authenticate",), pamtester=(), **more):
        return self.run(["pamtester", *pamtester, "sekisho-test", user, *actions], answers, **more)

    def run(self, program, answers, env=(), timeout=30):
        """Answers are (words to wait for, line), or (words, function) that
        is called and may give a line; or a dict of such words and lines, for
        whatever is asked. Returns exit code, all that was seen."""
        command = ["unshare", "-m", "sh", "-ec", PRIVATE, "sh", *program]
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update({"D": str(self.root), "LC_ALL": "C.UTF-8", **dict(env)})
            os.execvp(command[0], command)
        any_order = answers if isinstance(answers, dict) else {}
        seen, at, pending = "", 0, [] if any_order else list(answers)
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            # the kernel queues eleven lines; then whoever logs waits for a reader
            ready = select.select([fd, self.log], [], [], 0.2)[0]
            if self.log in ready:
                self.take_line()
            if fd in ready:
                try:
                    data = os.read(fd, 4096)
                except OSError:
                    break
                if not data:
                    break
                seen += data.decode(errors="replace")
            for words, line in any_order.items():
                if seen[at:].endswith(words):
                    at = len(seen)
                    os.write(fd, (line + "\n").encode())
            while pending and pending[0][0] in seen[at:]:
                at = seen.index(pending[0][0], at) + len(pending[0][0])
                line = pending.pop(0)[1]
                if callable(line):
                    line = line()
                if line is not None:
                    os.write(fd, (line + "\n").encode())
        else:
            os.kill(pid, 9)
        _, status = os.waitpid(pid, 0)
        os.close(fd)
        assert not pending, (pending, seen, self.logged())
        return os.waitstatus_to_exitcode(status), seen
