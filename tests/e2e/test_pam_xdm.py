# SPDX-License-Identifier: GPL-2.0-or-later
"""A real display manager: xdm and its greeter on a screen of their own, typed
at as by hand. Its debug output says what it was asked to show, and how."""

import os
import pathlib
import random
import re
import signal
import subprocess
import time

import pytest

from fakeradius import FakeServer
from pivcard import PIN, CardRounds, Readers
from radius import ACCEPT, CHALLENGE, PROMPT, REJECT, REPLY_MESSAGE, STATE, USER_NAME
from sekisho import run, wait_for
from terminal import PRIVATE, STACK, Terminal

SECRET = "a-secret-of-the-test"
CLIENT = "37b0332c-1bbe-4920-9b02-4d56b53aab42"
CODE = "Enter the 6 digits shown in your authenticator app"
REFUSED = "Authentication failed. Please try again in 10 seconds (reference K7-4821)."
ECHO = b"\0\0\0\1"
OFF, ON, ERROR = "PAM_PROMPT_ECHO_OFF (1)", "PAM_PROMPT_ECHO_ON (2)", "PAM_ERROR_MSG (3)"

CONFIG = """DisplayManager.authDir: {dir}
DisplayManager.errorLogFile: {dir}/log
DisplayManager.pidFile: {dir}/pid
DisplayManager.keyFile:
DisplayManager.servers: {dir}/servers
DisplayManager.accessFile: {dir}/access
DisplayManager.requestPort: 0
DisplayManager*authorize: true
DisplayManager*resources: {dir}/resources
DisplayManager*session: {dir}/session
DisplayManager*setup:
DisplayManager*startup:
DisplayManager*reset:
"""
SESSION = """#!/bin/sh
id -un >{place}/user
while [ ! -e {place}/end ]; do sleep 0.1; done
rm -f {place}/user {place}/end
"""


class Screen:
    def __init__(self, terminal):
        self.dir = pathlib.Path(terminal.root / "xdm")
        self.place = self.dir / "session.d"
        self.place.mkdir(parents=True)
        self.place.chmod(0o777)  # the session is the user's
        number = random.choice([n for n in range(100, 1000)
                                if not os.path.exists(f"/tmp/.X{n}-lock")])
        self.display, self.at = f":{number}", 0
        for name, text in {
                "config": CONFIG.format(dir=self.dir), "access": "",
                "servers": f"{self.display} local /usr/bin/Xvfb {self.display} "
                           "-screen 0 1280x800x24 -nolisten tcp\n",
                "resources": "xlogin*width: 1100\n",
                "session": SESSION.format(place=self.place)}.items():
            (self.dir / name).write_text(text)
        (self.dir / "session").chmod(0o755)
        self.out = self.dir / "out"
        self.process = subprocess.Popen(
            ["unshare", "-mp", "--fork", "--kill-child", "sh", "-ec", PRIVATE, "sh", "xdm",
             "-nodaemon", "-debug", "1", "-config", str(self.dir / "config")],
            env=dict(os.environ, D=str(terminal.root), LC_ALL="C.UTF-8"), stdin=subprocess.DEVNULL,
            stdout=open(self.out, "wb"), stderr=subprocess.STDOUT)

    def close(self):
        self.process.send_signal(signal.SIGKILL)  # the kernel ends the rest
        self.process.wait()
        lock = f"/tmp/.X{self.display[1:]}-lock"
        for path in (lock, f"/tmp/.X11-unix/X{self.display[1:]}"):
            pathlib.Path(path).unlink(missing_ok=True)

    def said(self):
        """What xdm and its greeter have written."""
        return "".join(path.read_text(errors="replace") for path in (self.out, self.dir / "log")
                       if path.exists())

    def shown(self):
        """Messages of the conversation so far: (style, text)."""
        return re.findall(r"pam_msg: (\S+ \(\d\)): '(.*?)'\n", self.said(), re.S)

    def await_shown(self, style, text):
        def found():
            for i, (s, t) in enumerate(self.shown()[self.at:]):
                if s == style and text in t:
                    return self.at + i + 1
            return None
        try:
            self.at = wait_for(found, 20)
        except AssertionError:
            raise AssertionError((style, text, self.shown(), self.said()[-2000:])) from None

    def tool(self, *words):
        authority = next(self.dir.glob("authdir/authfiles/A*"))
        return run(*words, env=dict(os.environ, DISPLAY=self.display, XAUTHORITY=str(authority)))

    def answer(self, style, prompt, text):
        """Types as a person does: when the question is on the screen."""
        self.await_shown(style, prompt)
        time.sleep(0.4)  # the greeter draws, and grabs the keyboard
        self.tool("xdotool", "type", "--delay", "20", text)
        self.tool("xdotool", "key", "Return")

    def session(self):
        """Whose session there is."""
        wait_for((self.place / "user").exists, 15)
        return wait_for(lambda: (self.place / "user").read_text().strip())

    def end_session(self):
        (self.place / "end").touch()


@pytest.fixture(scope="module")
def readers():
    r = Readers()
    yield r
    r.close()


@pytest.fixture
def desk(readers):
    """A terminal with a screen, at which nobody may log in with code or card."""
    key = readers.make("nobody", upn="nobody@hospital.example")
    readers.remove()
    rounds = CardRounds(CLIENT, {"nobody": key})

    def handler(r):
        if r.state == b"code":
            good = r.password == "123456"
            return [r.answer(ACCEPT, [(USER_NAME, "nobody")]) if good else
                    r.answer(REJECT, [(REPLY_MESSAGE, REFUSED)])]
        if r.password == "right":
            return [r.answer(CHALLENGE, [(STATE, "code"), (PROMPT, ECHO), (REPLY_MESSAGE, CODE)])]
        if r.password is not None:
            return [r.answer(REJECT, [(REPLY_MESSAGE, REFUSED)])]
        return rounds(r)

    server = FakeServer(SECRET, handler)
    terminal = Terminal(server.address, SECRET, card=True, client_id=CLIENT, language="en",
                        pcsc_socket=str(readers.socket), on_removal="")
    terminal.stack(STACK, "xdm")
    screen = Screen(terminal)
    yield screen, server, rounds
    screen.close()
    terminal.close()
    server.close()
    readers.remove()


def test_at_a_display_manager(desk, readers):
    screen, server, rounds = desk
    # a refusal, which stays until it has been read
    screen.answer(ON, "ogin", "nobody")
    screen.answer(OFF, "Password: ", "wrong")
    screen.await_shown(ERROR, "reference K7-4821")
    # xdm draws it only while it asks; else its own words would be all that is seen
    screen.await_shown(ON, "Press Enter: ")
    time.sleep(1)
    assert "pam_authenticate failure" not in screen.said()
    screen.at -= 1
    screen.answer(ON, "Press Enter: ", "")
    wait_for(lambda: "pam_authenticate failure" in screen.said(), 15)
    # password and code: two questions of different kinds
    screen.answer(ON, "ogin", "nobody")
    screen.answer(OFF, "Password: ", "right")
    screen.answer(ON, CODE, "123456")
    assert screen.session() == "nobody"
    # a card says whose it is: a wrong PIN with its warning, then the right one
    readers.insert("nobody")
    screen.end_session()
    screen.answer(OFF, "PIN of your staff card, nobody: ", "999999")
    screen.await_shown(ERROR, "After 2 more wrong tries")
    screen.answer(OFF, "PIN of your staff card", PIN)
    assert screen.session() == "nobody"
    assert rounds.events == ["challenge", "good"]
    assert [r.password for r in server.requests if r.password] == ["wrong", "right", "123456"]
    for secret in ("wrong", "right", "999999", PIN):
        assert f"'{secret}'" not in screen.said()
