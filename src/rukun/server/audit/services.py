"""Writing the trail: in the same transaction as the change, or neither."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from rukun.server.audit.models import Entry
from rukun.server.audit.turns import turn

SYSTEM = "system"
#: What the first entry follows.
ROOT = "0" * 64


@dataclass
class Trail:
    """The entries of one change, until its end: who did what to what, and details."""

    actor: str
    pending: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)

    def add(self, action: str, subject: str, **details: Any) -> None:
        """Note that `action` was done to `subject` ("kind:identity"); details must be JSON and hold no free text.

        Raises TypeError for fractions: databases give them back in other digits, and the digest would no longer fit.
        """
        if _has_fraction(details):
            raise TypeError(f"{action}: details hold whole numbers, text, lists and mappings only")
        self.pending.append((self.actor, action, subject, details))


#: The change that is under way in this thread.
_outer: ContextVar[Trail | None] = ContextVar("rukun_change", default=None)


@contextmanager
def change(actor: str) -> Iterator[Trail]:
    """A transaction whose entries are chained at its end: all of it happens, or nothing.

    The chain is locked last and for a moment only, so that changes of different things don't wait for one another. A
    change within a change leaves its entries to the outer one, in their order; what the outer one survives of it, such
    as a refusal that it catches, leaves no entry.
    """
    outer, trail = _outer.get(), Trail(actor)
    within = _outer.set(trail)
    try:
        with turn(), transaction.atomic():
            yield trail
            if outer is None:
                _chain(trail)
    finally:
        _outer.reset(within)
    if outer is not None:
        outer.pending += trail.pending


def _has_fraction(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_fraction, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_fraction, value))
    return isinstance(value, float)


def digest_of(number: int, at: dt.datetime, actor: str, action: str, subject: str, details: Any, previous: str) -> str:
    """SHA-256, in hex, of an entry and the digest before it."""
    moment = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    said = [number, moment, actor, action, subject, details, previous]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


#: Every change ends here, one after the other: the statements are made once and not by the ORM each time, which would
#: take three times as long and keep the others waiting.
_LOCK = 'SELECT number, digest FROM audit_head WHERE "only" = 1'
_FIELDS = tuple(Entry._meta.concrete_fields)
_INSERT = (
    f"INSERT INTO audit_entry ({', '.join(field.column for field in _FIELDS)}) "
    f"VALUES ({', '.join(['%s'] * len(_FIELDS))})"
)
_FORWARD = 'UPDATE audit_head SET number = %s, digest = %s WHERE "only" = 1'


def _chain(trail: Trail) -> None:
    if not trail.pending:
        return
    with connection.cursor() as cursor:
        # SQLite's transactions hold the whole database from their beginning
        cursor.execute(_LOCK + (" FOR UPDATE" if connection.features.has_select_for_update else ""))
        number, previous = cursor.fetchone()
        now = timezone.now()
        rows = []
        for actor, action, subject, details in trail.pending:
            number += 1
            # as the database gives it back: what JSON makes of tuples and keys is what is hashed
            plain = json.loads(json.dumps(details))
            digest = digest_of(number, now, actor, action, subject, plain, previous)
            entry = Entry(number, now, actor, action, subject, plain, previous, digest)
            rows.append([field.get_db_prep_save(getattr(entry, field.attname), connection) for field in _FIELDS])
            previous = digest
        # one entry is the rule, and many at once take preparations that aren't worth it for one
        if len(rows) == 1:
            cursor.execute(_INSERT, rows[0])
        else:
            cursor.executemany(_INSERT, rows)
        cursor.execute(_FORWARD, [number, previous])
