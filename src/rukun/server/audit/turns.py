"""Writers of the embedded database take turns.

SQLite lets one write at a time, and whoever finds it busy sleeps and looks again: under load a few go on and the
others sleep for seconds. A lock of the operating system wakes the next one instead.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_local = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Wait until no other writer of this installation is at it; at once with PostgreSQL, and inside a transaction."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    file = _file(f"{connection.settings_dict['NAME']}-turn")
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _file(path: str) -> int:
    """This thread's own opening of the file, as threads that share one would not keep each other out."""
    known: dict[str, int] = _local.__dict__.setdefault("files", {})
    if path not in known:
        known[path] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return known[path]
