# SPDX-License-Identifier: GPL-2.0-or-later
"""How authd is started, checked, reloaded and stopped."""

import os
import socket

import pytest
from accounting import INTERIM, START, Accounting
from sekisho import BUILD, run, wait_for

AUTHD = BUILD / "authd/sekisho-authd"


def check_conf(tmp_path, text):
    conf = tmp_path / "authd.conf"
    conf.write_text(text)
    return run(AUTHD, "-c", conf, "-n", check=False)


@pytest.fixture
def good(tmp_path):
    me = "root" if os.geteuid() == 0 else os.environ["USER"]
    user = 'user = "_sekisho";\n' if os.geteuid() == 0 else ""
    return f'words = "{BUILD}/words";\nplugin_user = "{me}";\n{user}keys = "{tmp_path}/keys";\n'


def test_n_checks_everything_and_says_where(tmp_path, good):
    assert check_conf(tmp_path, good).returncode != 0, "there are no keys yet"
    run(AUTHD, "-c", tmp_path / "authd.conf", "keys", "init")
    assert check_conf(tmp_path, good).returncode == 0
    for bad, words in (
        (f'socket = "/{"x" * 96}/s";', "account.sock"),
        ("workers = 1;\n", "workers is 1, must be 2 to 200"),
        ("workers = \"many\";\n", "must be a whole number"),
        ("wrokers = 40;\n", "wrokers is not a setting"),
        ("workers = 10;\n", "must be more than hash_waiters"),
        ("contact = ;\n", "syntax error"),
        ('house_words = "/nonexistent/list";\n', "/nonexistent/list"),
        ('plugin_user = "no-such-user";\n', "there is no user"),
        ('log_level = "loud";\n', "log_level must be"),
    ):
        done = check_conf(tmp_path, bad + ("" if "plugin" in bad else good))
        assert done.returncode != 0 and words in done.stderr, (bad, done.stderr)
        assert "authd.conf" in done.stderr


def test_keys_are_for_nobody_else(tmp_path, good):
    check_conf(tmp_path, good)
    conf = tmp_path / "authd.conf"
    shown = run(AUTHD, "-c", conf, "keys", "init").stdout
    again = run(AUTHD, "-c", conf, "keys", "init", check=False)
    assert again.returncode != 0, "keys are never overwritten"
    for name in os.listdir(tmp_path / "keys"):
        assert os.stat(tmp_path / "keys" / name).st_mode & 0o777 == 0o400
    run(AUTHD, "-c", conf, "keys", "rotate")
    both = run(AUTHD, "-c", conf, "keys", "show").stdout.splitlines()
    assert len(both) == 2 and both[0].split("\t")[1] == shown.split("\t")[1]
    assert both[1].endswith("current")
    os.chmod(tmp_path / "keys/key-0001", 0o444)
    assert "others may read it" in run(AUTHD, "-c", conf, "-n", check=False).stderr


def test_unknown_option_teaches(tmp_path):
    done = run(AUTHD, "--nonsense", check=False)
    assert done.returncode == 2 and "--nonsense" in done.stderr
    assert "keys init|rotate|show" in run(AUTHD, "--help").stdout


def test_systemd_socket_and_notify(own):
    """The sockets come from the service manager, readiness goes to it."""
    s = own()
    s.terminal = s.client()
    p = s.person()
    s.instance("stop", "authd")
    # in any order: they are known by their paths
    paths = [str(s.dir / "run" / name) for name in ("account.sock", "authd.sock")]
    listeners = []
    for path in paths:
        listeners.append(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        if os.path.exists(path):
            os.unlink(path)
        listeners[-1].bind(path)
        listeners[-1].listen(256)
        run("chmod", "0660", path)
        if os.geteuid() == 0:
            run("chgrp", "freerad", path)
    inodes = [os.stat(path).st_ino for path in paths]
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(str(s.dir / "run/notify"))
    notify.settimeout(15)

    env = dict(os.environ, LISTEN_FDS="2", NOTIFY_SOCKET=str(s.dir / "run/notify"))
    pid = os.fork()
    if pid == 0:
        for fd, listener in enumerate([os.dup(x.fileno()) for x in listeners]):
            os.dup2(listener, 3 + fd)
        log = os.open(str(s.dir / "log/authd.log"), os.O_WRONLY | os.O_APPEND)
        os.dup2(log, 2)
        env["LISTEN_PID"] = str(os.getpid())
        os.execve(str(AUTHD), [str(AUTHD), "-c", str(s.dir / "etc/authd.conf")], env)
    try:
        assert notify.recv(4096) == b"READY=1"
        assert s.terminal.login(p.login, p.password, tries=3, timeout=2).name == "challenge"
        account = Accounting(s, s.terminal.secret)
        assert account.tell(START, "unit1", "nobody") and account.tell(INTERIM, "unit1", "nobody")
        os.kill(pid, 1)
        assert notify.recv(4096) == b"RELOADING=1"
        assert notify.recv(4096) == b"READY=1"
        wait_for(lambda: s.terminal.login(p.login, p.password, timeout=2).name == "challenge")
        os.kill(pid, 15)
        assert notify.recv(4096) == b"STOPPING=1"
        assert os.waitpid(pid, 0)[1] == 0
        pid = None
        assert [os.stat(path).st_ino for path in paths] == inodes, "the sockets are the service manager's"
    finally:
        if pid:
            os.kill(pid, 9)
            os.waitpid(pid, 0)


def test_reload_takes_over_what_it_can_and_refuses_the_rest(own):
    s = own(conf=["workers = 8;", "hash_waiters = 4;"])
    s.terminal = s.client("en", "127.0.0.1", "terminal", True, "--lang", "en")
    conf = s.dir / "etc/authd.conf"
    text = conf.read_text()
    conf.write_text(text + 'contact = "5678";\n')
    s.kill(s.supervisor(), 1)
    wait_for(lambda: "call 5678" in s.terminal.login("nobody", "x-1-A", timeout=2).text)
    conf.write_text(text + "workers = 9;\n")
    s.kill(s.supervisor(), 1)
    wait_for(lambda: "configuration not taken over" in s.log())
    wait_for(lambda: s.terminal.login("nobody", "x-1-A", timeout=2).name == "reject")


def test_install_tree(tmp_path):
    """What a package would hold, and that its scripts find each other there."""
    env = dict(os.environ, DESTDIR=str(tmp_path))
    run("cmake", "--install", BUILD, "--prefix", "/usr", env=env)
    for path in ("sbin/sekisho-authd", "bin/card-admin", "sbin/sekisho-migrate",
                 "share/sekisho/sql/migrations/0001_roles.sql", "share/sekisho/raddb/make-raddb",
                 "share/man/man8/sekisho-authd.8", "share/man/man1/card-admin.1",
                 "lib/systemd/system/sekisho-authd.service",
                 "share/bash-completion/completions/card-admin",
                 "share/locale/ja/LC_MESSAGES/sekisho.mo"):
        assert (tmp_path / "usr" / path).exists(), path
    # and that its programs find their libraries where Debian has them
    programs = 0
    for path in sorted((tmp_path / "usr").rglob("*")):
        if path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF":
            programs += 1
            linked = run("ldd", path).stdout
            assert "not found" not in linked, (path, linked)
    assert programs >= 10
    assert "usage" in run(tmp_path / "usr/bin/card-admin", "--help", env={"PATH": os.environ["PATH"]}).stdout
    help_ = run(tmp_path / "usr/sbin/sekisho-migrate", "--help").stdout
    assert "usage: sekisho-migrate" in help_
