# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Chromium without a screen, driven over its debugging pipe, with a
virtual authenticator of its own: the second one beside tests/rigs/fido2key, made
by other people."""

import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>keys</title>")

    def log_message(self, *args):
        pass


class Browser:
    """One page at http://localhost:PORT."""

    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://localhost:{self.server.server_port}"
        self.dir = tempfile.mkdtemp(prefix="chromium-", dir="/tmp")
        to_browser, self.out = os.pipe()
        self.into, from_browser = os.pipe()

        def fds():  # 3 and 4, as --remote-debugging-pipe has them
            os.dup2(to_browser, 200)
            os.dup2(from_browser, 201)
            os.dup2(200, 3)
            os.dup2(201, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--disable-background-networking", "--disable-extensions",
             f"--user-data-dir={self.dir}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=fds, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ, HOME=self.dir))
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number = b"", 0
        target = self.tell("Target.createTarget", url=self.origin)["targetId"]
        self.session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.tell("WebAuthn.enable")
        self.wait("document.readyState === 'complete' && location.href.startsWith('http')")

    session = None

    def tell(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.buffer:
                more = os.read(self.into, 65536)
                assert more, "the browser has ended"
                self.buffer += more
            line, self.buffer = self.buffer.split(b"\0", 1)
            answer = json.loads(line)
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]

    def run(self, script):
        """What an expression comes to; an exception becomes its text."""
        done = self.tell("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def wait(self, script):
        for _ in range(200):
            if self.run(script):
                return
            threading.Event().wait(0.05)
        raise AssertionError(script)

    def authenticator(self, **more):
        return self.tell("WebAuthn.addVirtualAuthenticator", options=dict(
            dict(protocol="ctap2", transport="usb", hasResidentKey=False, hasUserVerification=True,
                 isUserVerified=True, automaticPresenceSimulation=True), **more))["authenticatorId"]

    def create(self, options):
        return self.run(f"""
            navigator.credentials.create({{publicKey:
                PublicKeyCredential.parseCreationOptionsFromJSON({json.dumps(options)})}})
            .then(c => JSON.stringify(c.toJSON()))""")

    def get(self, options):
        return self.run(f"""
            navigator.credentials.get({{publicKey:
                PublicKeyCredential.parseRequestOptionsFromJSON({json.dumps(options)})}})
            .then(c => JSON.stringify(c.toJSON()))""")

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.into)
        self.server.shutdown()
        shutil.rmtree(self.dir, ignore_errors=True)
