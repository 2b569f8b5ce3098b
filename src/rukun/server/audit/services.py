"""Writing the trail: in the same transaction as the change, or neither."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from rukun.server.audit.models import Entry, Head

SYSTEM = "system"
#: What the first entry follows.
ROOT = "0" * 64


@dataclass
class Trail:
    """The entries of one change, until its end."""

    actor: str
    pending: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def add(self, action: str, subject: str, **details: Any) -> None:
        """Note that `action` was done to `subject` ("kind:identity"); details must be JSON and hold no free text.

        Raises TypeError for fractions: databases give them back in other digits, and the digest would no longer fit.
        """
        if _has_fraction(details):
            raise TypeError(f"{action}: details hold whole numbers, text, lists and mappings only")
        self.pending.append((action, subject, details))


@contextmanager
def change(actor: str) -> Iterator[Trail]:
    """A transaction whose entries are chained at its end: all of it happens, or nothing.

    The chain is locked last and for a moment only, so that changes of different things don't wait for one another.
    """
    with transaction.atomic():
        trail = Trail(actor)
        yield trail
        _chain(trail)


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


def _chain(trail: Trail) -> None:
    if not trail.pending:
        return
    head = Head.objects.select_for_update().get(only=1)
    number, previous = head.number, head.digest
    now = timezone.now()
    entries = []
    for action, subject, details in trail.pending:
        number += 1
        # as the database gives it back: what JSON makes of tuples and keys is what is hashed
        plain = json.loads(json.dumps(details))
        digest = digest_of(number, now, trail.actor, action, subject, plain, previous)
        entries.append(
            Entry(
                number=number,
                at=now,
                actor=trail.actor,
                action=action,
                subject=subject,
                details=plain,
                previous=previous,
                digest=digest,
            )
        )
        previous = digest
    Entry.objects.bulk_create(entries)
    Head.objects.filter(only=1).update(number=number, digest=previous)
