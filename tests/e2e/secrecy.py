# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks for the secrets of an instance where none may be."""

import base64
import os


def search(folder, needles):
    """Files below folder that contain one of the needles (octets)."""
    found = []
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            if not os.path.isfile(path) or os.path.islink(path):
                continue
            try:
                with open(path, "rb") as f:
                    data = f.read()
            except OSError:
                continue
            found += [(path, n) for n in needles if n in data]
    return found


def needles_of(s):
    needles = [x.encode() for x in s.secrets]
    for x in s.secrets:
        if len(x) == 32 and x.isupper():
            needles.append(base64.b32decode(x))
    return needles


def none_left(s, seen_arguments):
    """Guideline C.14 (3): what was secret in instance s stands in no log, no
    configuration, no process's arguments, and not in clear in the database."""
    needles = needles_of(s)
    s.sql("CHECKPOINT")
    assert search(s.dir, [b"rlm_sekisho"]), "the search finds what is there"
    for place in (s.dir / d for d in ("log", "etc", "raddb", "run", "pg")):
        assert search(place, needles) == [], place
    seen = b"\n".join(seen_arguments)
    assert b"sekisho-authd" in seen, "the arguments were watched"
    assert [n for n in needles if n in seen] == []
