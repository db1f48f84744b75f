# SPDX-License-Identifier: GPL-2.0-or-later
"""A login service as hospitals have them: pam_radius with a challenge. It
never sends Message-Authenticator, so its client needs the dated exception."""

import os
import pty
import select
import time

PAM = """auth required pam_radius_auth.so conf={conf} prompt=Password
account required pam_permit.so
"""


def converse(command, answers, timeout=20):
    """Runs a command on a terminal of its own; answers are (words, line)."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    seen, pending, until = "", list(answers), time.monotonic() + timeout
    at = 0
    while time.monotonic() < until:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                data = os.read(fd, 4096)
            except OSError:
                break
            if not data:
                break
            seen += data.decode(errors="replace")
        if pending and pending[0][0] in seen[at:]:
            at = len(seen)
            os.write(fd, (pending.pop(0)[1] + "\n").encode())
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), seen


def test_pam_radius_through_a_challenge(own):
    s = own()
    client = s.client("pam", "127.0.0.8", "terminal", True, "--lang", "en",
                      "--no-message-authenticator-until", "2027-01-31",
                      "--reason", "pam_radius 2.0.0 cannot send it")
    p = s.person(lang="en")
    conf, services = s.root / "pam_radius.conf", s.root / "pam.d"
    services.mkdir()
    host, port = s.server
    conf.write_text(f"{host}:{port} {client.secret.decode()} 9 127.0.0.8\n")
    conf.chmod(0o600)
    (services / "sekisho-test").write_text(PAM.format(conf=conf))
    command = ["unshare", "-m", "sh", "-c",
               f"mount --bind {services} /etc/pam.d && exec pamtester sekisho-test {p.login} authenticate"]
    code, seen = converse(command, [("Password", p.password), ("authenticator app", p.code())])
    assert code == 0, seen
    assert "successfully authenticated" in seen
    row = s.last(p.login)
    assert row["outcome"] == "accept" and row["client"] == "pam"
    code, seen = converse(command, [("Password", p.password), ("authenticator app", p.wrong_code())])
    assert code != 0, seen
    assert s.last(p.login)["reason"] == "wrong_code"
