# SPDX-License-Identifier: GPL-2.0-or-later
"""The sealed audit: whether sealing costs logins anything, and how fast an export
is verified, beside SHA-256 alone."""
import json
import os
import pathlib
import signal
import subprocess
import time

ROWS = [
    ("logins by door + password while the audit is sealed", "sealing", "/s"),
    ("the same while it is not (the clerk is stopped)", "unsealed", "/s"),
    ("events of an export verified by sekisho-audit, one core", "verify", "/s"),
    ("the same lines by SHA-256 alone, one core", "sha256", "/s"),
]
SECONDS = 12  # a clerk seals every ten


def clerk(supervisor):
    for child in pathlib.Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split():
        if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "sekisho-clerk":
            return int(child)
    raise SystemExit("bench: there is no clerk")


def sealing(number, note, supervisor, logins):
    """In turn, and each first every other round."""
    order = ["sealing", "unsealed"]
    for name in order if number % 2 == 0 else reversed(order):
        pid = clerk(supervisor)
        if name == "unsealed":
            os.kill(pid, signal.SIGSTOP)
        try:
            note(name, logins(SECONDS))
        finally:
            os.kill(pid, signal.SIGCONT)


def verify(build, note, events):
    """Generated while it is verified: the other core's work, as reading a disk is."""
    tool = build / "tests/bench/bench-audit"
    bare = subprocess.run([tool, "--hash", "-n", "1000000"], capture_output=True, check=True, text=True)
    note("sha256", json.loads(bare.stdout)["per_second"])
    key = subprocess.run([tool, "-n", "1"], capture_output=True, check=True, text=True).stderr.strip()
    begun = time.monotonic()
    with subprocess.Popen([tool, "-n", str(events)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as export:
        done = subprocess.run([build / "bin/sekisho-audit", "verify", "--json", "--key", key], stdin=export.stdout,
                              capture_output=True, check=False, text=True)
    took = time.monotonic() - begun
    result = json.loads(done.stdout.splitlines()[-1])
    if done.returncode != 0 or result["events"] != events:
        raise SystemExit(f"bench: the export was not verified: {result}")
    note("verify", events / took)


def ratios(median):
    return [
        ("logins_sealing_per_not", median("sealing") / median("unsealed"), "≥", 0.99),
        ("verified_events_per_sha256", median("verify") / median("sha256"), "", None),
    ]
