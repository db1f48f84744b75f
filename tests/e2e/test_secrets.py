# SPDX-License-Identifier: GPL-2.0-or-later
"""Guideline C.14 (3): what was secret in this run stands in no log, no
configuration, no process's arguments, and not in clear in the database."""

import os
import subprocess
import time

from secrecy import needles_of, none_left, search
from sekisho import run, wait_for


def test_c14_3_no_secret_of_this_run_anywhere(shared, seen_arguments):
    for _ in range(8):
        p = shared.person()
        assert shared.terminal.login(p.login, p.password + p.code()).name == "accept"
        shared.terminal.login(p.login, "Zettai-chigau-1!")
    shared.secrets.add("Zettai-chigau-1!")
    assert len(needles_of(shared)) > 20, "the run has used secrets"
    none_left(shared, seen_arguments)


def test_c14_3_nothing_in_the_logs_at_the_highest_level(own):
    """authd at debug, FreeRADIUS at -xx: the most that may be switched on."""
    s = own(conf=['log_level = "debug";'])
    s.terminal = s.client()
    p = s.person()
    s.instance("stop", "radius")
    log = s.root / "debug.log"
    radius = subprocess.Popen(["freeradius", "-fxx", "-l", str(log), "-d", str(s.dir / "raddb")])
    try:
        s.await_client(s.terminal)
        first = s.terminal.login(p.login, p.password)
        code = p.code()
        assert s.terminal.login(p.login, code, first.state).name == "accept"
        appended = p.code()
        assert s.terminal.login(p.login, p.password + appended).name == "accept"
        assert s.terminal.login(p.login, "Wrong-word-1234").name == "reject"
        wait_for(lambda: "User-Name" in log.read_text(errors="replace"))
        time.sleep(0.5)
        needles = needles_of(s) + [f'"{c}"'.encode() for c in (code, appended)]
        needles += [b"Wrong-word-1234", appended.encode() + b'"']
        assert search(s.dir / "log", needles) == []
        text = log.read_bytes()
        assert [n for n in needles if n in text] == []
    finally:
        radius.terminate()
        radius.wait()


def test_no_core_and_no_peeking(own):
    """Workers and the keyring leave no core and show nobody their memory."""
    if "asan" in os.environ.get("SEKISHO_BUILD", "asan"):
        import pytest
        pytest.fail("belongs to the release run")
    s = own()
    for pid in s.children():
        assert run("cat", f"/proc/{pid}/limits").stdout.split("Max core file size")[1].split()[0] == "0"
        environ = subprocess.run(["setpriv", "--reuid", "_sekisho", "--clear-groups", "cat",
                                  f"/proc/{pid}/environ"], capture_output=True)
        assert environ.returncode != 0


test_no_core_and_no_peeking.pytestmark = [__import__("pytest").mark.release]
