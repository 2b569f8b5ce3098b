"""How often somebody may ask, counted over all web processes of this machine.

Counts lie in a small file of their own and not in the database: a request that is turned away costs the database
nothing, and one that is let through no second write. When the file can't be written, requests are let through: the
database then says what is wrong.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

log = logging.getLogger("rukun.limits")
_local = threading.local()
_COUNT = """INSERT INTO hits (ends, key, number) VALUES (?, ?, 1)
ON CONFLICT (ends, key) DO UPDATE SET number = number + 1 RETURNING number"""


def hit(key: str, most: int, seconds: int = 60) -> int:
    """Count one request under this key: 0 when it may go on, else after how many seconds to come back.

    Windows are fixed (each begins at a multiple of `seconds`), so that up to twice `most` may pass around an edge.
    """
    now = time.time()
    ends = (int(now // seconds) + 1) * seconds
    try:
        number = _connection().execute(_COUNT, (ends, key)).fetchone()[0]
        if number == 1:
            _connection().execute("DELETE FROM hits WHERE ends < ?", (now,))
    except sqlite3.Error as fault:
        log.warning("requests can't be counted: %s", fault)
        _local.connection = None
        return 0
    return 0 if number <= most else max(1, int(ends - now) + 1)


def clear() -> None:
    """Forget every count."""
    _connection().execute("DELETE FROM hits")


def address_of(request: HttpRequest) -> str:
    """The address a request came from; behind a proxy the one that the proxy itself saw, which nobody can invent."""
    seen = str(request.META.get("REMOTE_ADDR", ""))
    if settings.RUKUN_BEHIND_PROXY:
        return str(request.META.get("HTTP_X_FORWARDED_FOR", seen)).rpartition(",")[2].strip() or seen
    return seen


class PerAccount(BaseThrottle):
    """A limit of requests a minute for each account, whichever device or browser it asks from."""

    def __init__(self, most: int) -> None:
        """most: requests a minute."""
        self.most = most
        self.later = threading.local()

    def allow_request(self, request: HttpRequest) -> bool:
        """Whether this one may go on."""
        self.later.seconds = hit(self.key(request), self.most)
        return not self.later.seconds

    def wait(self) -> float:
        """Seconds until the next may."""
        return float(self.later.seconds)

    def key(self, request: HttpRequest) -> str:
        """Whom to count it for."""
        pk = getattr(request.user, "pk", None)
        return f"account:{pk}" if pk is not None else f"address:{address_of(request)}"


class PerAddress(PerAccount):
    """A limit of requests a minute for each address: for signing in."""

    def key(self, request: HttpRequest) -> str:
        """Its address."""
        return f"sign-in:{address_of(request)}"


def _connection() -> sqlite3.Connection:
    known: sqlite3.Connection | None = getattr(_local, "connection", None)
    if known is None:
        path = Path(settings.HOME) / "limits.sqlite3"
        known = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
        # counts of a minute: not worth waiting for a disk
        known.execute("PRAGMA journal_mode=WAL")
        known.execute("PRAGMA synchronous=OFF")
        known.execute(
            "CREATE TABLE IF NOT EXISTS hits (ends INTEGER, key TEXT, number INTEGER, PRIMARY KEY (ends, key))"
        )
        _local.connection = known
    return known
