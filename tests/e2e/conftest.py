# SPDX-License-Identifier: GPL-2.0-or-later
import os
import pathlib
import sys
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from secrecy import none_left  # noqa: E402
from sekisho import BUILD, Sekisho  # noqa: E402

os.environ.setdefault("SEKISHO_TEMPLATE", str(BUILD.resolve() / "template"))


@pytest.fixture(scope="session", autouse=True)
def seen_arguments():
    """Every command line and environment seen on the machine meanwhile."""
    seen, looked, stop = set(), {}, threading.Event()

    def watch():
        # A process may still have its parent's arguments when it is first seen,
        # but not for long.
        while not stop.wait(0.05):
            pids = [name for name in os.listdir("/proc") if name.isdecimal()]
            for pid in pids:
                if looked.get(pid, 0) < 4:
                    try:
                        seen.add(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
                    except OSError:
                        pass
            for pid in looked.keys() - pids:
                del looked[pid]
            for pid in pids:
                looked[pid] = looked.get(pid, 0) + 1

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield seen
    stop.set()
    thread.join()


@pytest.fixture(scope="session")
def shared(seen_arguments):
    """One instance for all tests of a process that leave it as they found it.
    At the end none of their secrets is found where none may be."""
    s = Sekisho("shared")
    s.terminal = s.client("terminal", "127.0.0.1", "terminal")
    s.vpn = s.client("vpn", "127.0.0.2", "vpn")
    yield s
    try:
        none_left(s, seen_arguments)
    finally:
        s.close()


@pytest.fixture
def own(request):
    """An instance of the test's own, made by calling it with options."""
    made = []

    def make(name="own", **options):
        s = Sekisho(name, **options)
        made.append(s)
        return s

    yield make
    for s in reversed(made):
        s.close()


@pytest.fixture
def person(shared):
    return shared.person()
