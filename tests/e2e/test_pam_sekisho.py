# SPDX-License-Identifier: GPL-2.0-or-later
"""pam_sekisho at a terminal: passwords and codes through a real server, and
whom it believes."""

import socket

import pytest

from fakeradius import FakeServer
from radius import ACCEPT, CHALLENGE, PROMPT, REJECT, REPLY_MESSAGE, STATE, USER_NAME
from sekisho import run, wait_for
from terminal import BUILD, STACK, Terminal

SECRET = "a-secret-of-the-test"
ECHO, NO_ECHO = b"\0\0\0\1", b"\0\0\0\0"


@pytest.fixture
def terminal():
    made = []

    def make(servers, secret=SECRET, **settings):
        made.append(Terminal(servers, secret, **settings))
        return made[-1]

    yield make
    for t in made:
        t.close()


@pytest.fixture
def server():
    made = []

    def make(handler, secret=SECRET, address="127.0.0.1"):
        made.append(FakeServer(secret, handler, address))
        return made[-1]

    yield make
    for s in made:
        s.close()


@pytest.fixture(scope="module")
def real(shared):
    client = shared.client("pam-sekisho", "127.0.0.9", "terminal", True, "--lang", "en")
    return shared, client


def at_real(real, terminal, **settings):
    """The shared server hears the terminal as 127.0.0.1: its own client."""
    s, _ = real
    host, port = s.server
    return terminal(f"{host}:{port}", s.terminal.secret.decode(), timeout_ms=8000, **settings)


def test_password_and_code(real, terminal):
    s, _ = real
    t = at_real(real, terminal)
    p = s.person(lang="en")
    code, seen = t.login(p.login, [("Password: ", p.password), ("authenticator app: ", p.code())],
                         actions=("authenticate", "acct_mgmt", "setcred", "open_session", "close_session"))
    assert code == 0, (seen, t.logged())
    row = s.last(p.login)
    assert row["outcome"] == "accept" and row["client"] == "terminal"
    # the code may be seen, the password not
    assert p.password not in seen


def test_wrong_password_and_wrong_code(real, terminal):
    s, _ = real
    t = at_real(real, terminal)
    p = s.person(lang="ja")
    code, seen = t.login(p.login, [("Password: ", p.password), (": ", p.wrong_code())])
    assert code != 0 and s.last(p.login)["reason"] == "wrong_code"
    p = s.person(lang="en")
    code, seen = t.login(p.login, [("Password: ", "not it at all")])
    assert code != 0 and "Authentication failure" in seen
    row = s.last(p.login)
    assert row["reason"] == "wrong_password"
    # the server's words, with the reference that the help desk looks up
    assert row["ref"] in seen


def test_japanese_by_the_environment_and_by_the_file(server, terminal):
    t = terminal(server(lambda r: [r.answer(REJECT)]).address)
    for env in (("LC_ALL", "ja_JP.UTF-8"),), ():
        code, seen = t.login("sato", [("パスワード: ", "x")], env=env)
        assert code != 0 and "認証に失敗しました。" in seen
        t.set(language="ja")
    t.set(language="en")
    code, seen = t.login("sato", [("Password: ", "x")], env=[("LC_ALL", "ja_JP.UTF-8")])
    assert "Authentication failed." in seen


def test_silence_never_falls_through(terminal):
    gone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    gone.bind(("127.0.0.1", 0))  # hears, and says nothing
    t = terminal("127.0.0.1:%d" % gone.getsockname()[1], timeout_ms=300)
    code, seen = t.login("sato", [("Password: ", "x")])
    assert code != 0 and "does not answer" in seen and "call 1234" in seen
    assert "Authentication service cannot retrieve" in seen
    assert len(gone.recv(4096)) > 20
    gone.close()
    code, seen = t.login("sato", [("Password: ", "x")])  # now there is no port
    assert code != 0 and "does not answer" in seen
    assert "a server does not answer" in t.logged()


def test_the_second_server_is_asked_when_the_first_is_silent(server, terminal):
    silent = server(lambda r: [])
    good = server(lambda r: [r.answer(ACCEPT, [(USER_NAME, r.user)])])
    t = terminal(f"{silent.address}, {good.address}", timeout_ms=300)
    code, seen = t.login("sato", [("Password: ", "x")])
    assert code == 0, seen
    first = silent.requests
    # the same octets again, so that the server knows a repetition
    assert len(first) == 2 and first[0].data == first[1].data
    assert good.requests[0].authenticator != first[0].authenticator
    assert good.requests[0].password == "x"


FORGED = {
    "no Message-Authenticator": lambda r, _: r.answer(ACCEPT, [(USER_NAME, r.user)], ma=False),
    "wrong Message-Authenticator": lambda r, _: r.answer(ACCEPT, [(USER_NAME, r.user)], ma="wrong"),
    "wrong Response Authenticator": lambda r, _: r.answer(
        ACCEPT, [(USER_NAME, r.user)], authenticator=False),
    "another secret": lambda r, _: r.answer(ACCEPT, [(USER_NAME, r.user)], secret=b"guessed"),
    "another id": lambda r, _: r.answer(ACCEPT, [(USER_NAME, r.user)], id=(r.id + 1) % 256),
    "another source": lambda r, other: (other, r.answer(ACCEPT, [(USER_NAME, r.user)])),
    "not an answer": lambda r, _: r.answer(5, [(USER_NAME, r.user)]),
    "cut off": lambda r, _: r.answer(ACCEPT, [(USER_NAME, r.user)])[:30],
    "empty": lambda r, _: b"",
}


@pytest.mark.parametrize("how", FORGED)
def test_forged_replies_are_silence(server, terminal, how):
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind(("127.0.0.66", 0))
    fake = server(lambda r: [FORGED[how](r, other)])
    t = terminal(fake.address, timeout_ms=300)
    code, seen = t.login("sato", [("Password: ", "x")])
    assert code != 0 and "does not answer" in seen, seen
    assert "cannot retrieve" in seen
    logged = t.logged()
    assert "a reply was dropped" in logged or how == "another source", logged
    other.close()


def test_a_forged_reply_does_not_hide_the_real_one(server, terminal):
    def handler(r):
        return [r.answer(REJECT, ma=False), r.answer(REJECT, authenticator=False), b"x",
                r.answer(ACCEPT, [(USER_NAME, r.user)])]
    code, seen = terminal(server(handler).address).login("sato", [("Password: ", "x")])
    assert code == 0, seen


def test_an_accept_is_for_whom_it_names(server, terminal):
    name = ["tanaka"]
    t = terminal(server(lambda r: [r.answer(ACCEPT, [(USER_NAME, n) for n in name])]).address)
    code, seen = t.login("sato", [("Password: ", "x")])
    assert code != 0 and "the server accepted tanaka, but sato was asked for" in t.logged()
    name.clear()
    code, seen = t.login("sato", [("Password: ", "x")])
    assert code != 0 and "without saying whom" in t.logged()


def test_prompts_echo_and_texts(server, terminal):
    def handler(r):
        if r.state == b"":
            return [r.answer(CHALLENGE, [(STATE, "one"), (PROMPT, NO_ECHO),
                                         (REPLY_MESSAGE, "first\x1b[2J\nlin"), (REPLY_MESSAGE, "e")])]
        if r.state == b"one":
            return [r.answer(CHALLENGE, [(STATE, "two"), (PROMPT, ECHO)])]
        return [r.answer(REJECT, [(REPLY_MESSAGE, "no\x07 \x9b and no".encode("latin-1"))])]
    fake = server(handler)
    t = terminal(fake.address)
    code, seen = t.login("sato", [("Password: ", "secret-one"), ("first[2J line: ", "secret-two"),
                                  ("Code: ", "seen-three")])
    assert code != 0 and "no  and no" in seen
    assert "secret-one" not in seen and "secret-two" not in seen and "seen-three" in seen
    assert [r.password for r in fake.requests] == ["secret-one", "secret-two", "seen-three"]
    assert fake.requests[0].get(32) == b"ward-3"


def test_endless_challenges_end(server, terminal):
    fake = server(lambda r: [r.answer(CHALLENGE, [(STATE, "s")])])
    answers = [("Password: ", "x")] + [("Code: ", "x")] * 7
    code, seen = terminal(fake.address).login("sato", answers)
    assert code != 0 and len(fake.requests) == 8


def test_the_secret_file_is_read_by_nobody_else(server, terminal):
    fake = server(lambda r: [r.answer(ACCEPT, [(USER_NAME, r.user)])])
    t = terminal(fake.address)
    t.secret_file.chmod(0o640)
    code, seen = t.login("sato", [])
    assert code != 0 and "not set up correctly" in seen
    assert "can be read or written by others: chmod 600" in t.logged()
    done = run(BUILD / "libexec/sekisho-login-helper", "-n", "-c", t.conf, check=False)
    assert done.returncode == 1 and "chmod 600" in done.stderr
    t.secret_file.chmod(0o600)
    assert run(BUILD / "libexec/sekisho-login-helper", "-n", "-c", t.conf).returncode == 0
    code, seen = t.login("sato", [("Password: ", "x")])
    assert code == 0
    t.set(unknown="x")
    code, seen = t.login("sato", [])
    assert code != 0 and "unknown is not a setting" in t.logged()
    assert fake.requests[0].user == "sato"


def test_a_missing_helper_lets_nobody_in(terminal):
    t = terminal("127.0.0.1:9")
    t.stack("auth [success=done default=die] {so} conf={conf} helpers=/nonexistent\n"
            "auth sufficient pam_permit.so\n")
    code, seen = t.login("sato", [])
    assert code != 0 and "cannot be started" in t.logged()
    t.stack("auth [success=done default=die] {so} konf={conf}\nauth sufficient pam_permit.so\n")
    code, seen = t.login("sato", [])
    assert code != 0 and "no such option: konf=" in t.logged()


def test_a_helper_that_is_killed_lets_nobody_in(server, terminal):
    t = terminal(server(lambda r: [r.answer(ACCEPT, [(USER_NAME, r.user)])]).address)

    def kill():
        pids = run("pgrep", "-f", f"sekisho-login-helper -c {t.conf}").stdout.split()
        assert len(pids) == 1
        run("kill", "-9", *pids)
        return "x"

    code, seen = t.login("sato", [("Password: ", kill)])
    assert code != 0 and "cannot retrieve" in seen
    assert "the login helper" in t.logged()
    # and the other way round: the application is killed, and nothing stays
    def end():
        run("pkill", "-9", "-f", f"pamtester sekisho-test {t.root.name}")
    t.login(t.root.name, [("Password: ", end)])
    wait_for(lambda: run("pgrep", "-f", str(t.conf), check=False).returncode == 1, 5)


def test_what_was_told_last_is_acknowledged_where_it_would_vanish(server, terminal):
    fake = server(lambda r: [r.answer(ACCEPT if r.password == "right" else REJECT,
                                      [(USER_NAME, r.user)])])
    t = terminal(fake.address)
    code, seen = t.login("sato", [("Password: ", "x"), ("Press Enter: ", "")],
                         pamtester=("-I", "tty=:0"))
    assert code != 0 and seen.index("Authentication failed.") < seen.index("Press Enter")
    code, seen = t.login("sato", [("Password: ", "x")], pamtester=("-I", "tty=/dev/tty1"))
    assert code != 0 and "Press Enter" not in seen
    # nobody has to acknowledge that he is in
    code, seen = t.login("sato", [("Password: ", "right")], pamtester=("-I", "tty=:0"))
    assert code == 0 and "Press Enter" not in seen
    for word, tty in (("no", ":0"), ("yes", "/dev/tty1")):
        t.stack(STACK.replace("helpers={helpers}\nauth", f"helpers={{helpers}} acknowledge={word}\nauth"))
        answers = [("Password: ", "x")] + [("Press Enter: ", "")] * (word == "yes")
        code, seen = t.login("sato", answers, pamtester=("-I", "tty=" + tty))
        assert code != 0 and ("Press Enter" in seen) == (word == "yes")
    t.stack(STACK.replace("helpers={helpers}\nauth", "helpers={helpers} acknowledge=perhaps\nauth"))
    code, seen = t.login("sato", [])
    assert code != 0 and "no such option: acknowledge=perhaps" in t.logged()


def test_an_account_is_good_only_for_whom_this_module_has_authenticated(server, terminal):
    t = terminal(server(lambda r: [r.answer(ACCEPT, [(USER_NAME, r.user)])]).address)
    code, seen = t.login("sato", [], actions=("acct_mgmt",))
    assert code != 0
    code, seen = t.login("sato", [("Password: ", "x")], actions=("authenticate", "acct_mgmt"))
    assert code == 0


def test_login_and_su_as_they_are(server, terminal):
    """Two programs that were not written for tests: one that knows nobody yet
    and forks a session, one that has settled on a name."""
    fake = server(lambda r: [r.answer(ACCEPT if r.password == "right" else REJECT,
                                      [(USER_NAME, r.user.lower())])])
    t = terminal(fake.address)
    t.stack(STACK, "login")
    t.stack(STACK, "su")
    code, seen = t.run(["login"], [("login: ", "NOBODY"), ("Password: ", "right")])
    assert "account is currently not available" in seen, (seen, t.logged())
    assert fake.requests[-1].user == "NOBODY"  # and the session was nobody's
    code, seen = t.run(["su", "nobody", "-s", "/bin/sh", "-c", "id -un"], [("Password: ", "right")])
    assert code == 0 and "nobody" in seen.split("Password: ")[1], (seen, t.logged())
    code, seen = t.run(["su", "nobody", "-s", "/bin/sh", "-c", "id -un"], [("Password: ", "wrong")])
    assert code != 0 and "Authentication failure" in seen


def test_sudo_as_it_is(server, terminal):
    fake = server(lambda r: [r.answer(ACCEPT if r.password == "right" else REJECT,
                                      [(USER_NAME, r.user)])])
    t = terminal(fake.address)
    t.stack(STACK, "sudo")
    (t.root / "sudoers").write_text("nobody ALL=(ALL) ALL\n")
    (t.root / "sudoers").chmod(0o440)
    sudo = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups",
            "sudo", "-k", "id", "-un"]
    # it puts its own words in the place of "Password:", as it does for others
    asks = "password for nobody: "
    code, seen = t.run(sudo, [(asks, "wrong"), (asks, "right")])
    assert code == 0 and seen.strip().endswith("root"), (seen, t.logged())
    assert fake.requests[-1].user == "nobody"


SSHD = """UsePAM yes
KbdInteractiveAuthentication yes
PasswordAuthentication no
PubkeyAuthentication no
HostKey {root}/host_key
PidFile none
"""


def test_sshd_as_it_is(server, terminal):
    """Keyboard-interactive through a challenge; sshd asks in one process and
    opens the session in another."""
    def handler(r):
        if r.state == b"":
            return [r.answer(CHALLENGE, [(STATE, "one"), (PROMPT, ECHO), (REPLY_MESSAGE, "Six digits")])]
        return [r.answer(ACCEPT if r.password == "123456" else REJECT, [(USER_NAME, r.user)])]
    fake = server(handler)
    t = terminal(fake.address, card=True, client_id="37b0332c-1bbe-4920-9b02-4d56b53aab42")
    t.stack(STACK, "sshd")
    (t.root / "sshd_config").write_text(SSHD.format(root=t.root))
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", t.root / "host_key")
    (t.root / "run").mkdir()
    ssh = ["ssh", "-F", "none", "-o", f"ProxyCommand=/usr/sbin/sshd -i -f {t.root}/sshd_config",
           "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
           "-o", "PreferredAuthentications=keyboard-interactive", "-o", "NumberOfPasswordPrompts=1",
           "nobody@terminal"]
    code, seen = t.run(ssh, [("Password: ", "x"), ("Six digits: ", "123456")])
    assert "account is currently not available" in seen, (seen, t.logged())
    # nobody from afar is asked for a card: the first request had a password
    assert fake.requests[0].password == "x" and len(fake.requests) == 2
    code, seen = t.run(ssh, [("Password: ", "x"), ("Six digits: ", "000000")])
    assert code == 255 and "Permission denied" in seen and "Authentication failed." in seen
