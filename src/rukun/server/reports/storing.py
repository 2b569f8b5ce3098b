"""Storing what was filed: each once, by the id that its client made, and many in as few queries as one."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, models, transaction
from django.utils import timezone

from rukun.server.again import Again
from rukun.server.audit.services import Trail
from rukun.server.people.scope import Scope
from rukun.server.people.services import Refused
from rukun.server.reports.models import Filed as FiledRecord
from rukun.server.territory.models import Area


class OtherContent(Refused):
    """The same id was filed before with another content."""


@dataclass(frozen=True)
class Draft:
    """A record that was checked and masked and waits to be stored.

    parts: rows that refer to it; masked: kinds of personal data that were masked, with how many; action, subject,
    details: what the trail will say.
    """

    record: Any
    masked: Mapping[str, int]
    action: str
    subject: str
    details: Mapping[str, Any]
    parts: Sequence[models.Model] = ()


@dataclass(frozen=True)
class Filed:
    """stored: False where it had been stored before; masked: kinds of personal data that were masked, with how many."""

    record: Any
    stored: bool
    masked: Mapping[str, int] = field(default_factory=dict)


def new_record(
    table: type[FiledRecord], scope: Scope, key: UUID, village: Area, kept: Mapping[str, Any], parts: Any = None
) -> Any:
    """An unsaved record of who asks, with its digest. parts: content of other tables that belongs to it, as JSON."""
    now = timezone.now()
    return table(
        id=key,
        village=village,
        author=scope.user,
        received_at=now,
        changed_at=now,
        digest=digest_of(village.code, kept, parts),
        exercise=village.exercise,
        **kept,
    )


def digest_of(village: str, kept: Mapping[str, Any], parts: Any = None) -> str:
    """Of the content as it is stored: what was masked leaves no trace here either."""
    said: dict[str, Any] = {"village": village}
    for name, value in kept.items():
        moment = isinstance(value, dt.datetime)
        said[name] = value.astimezone(dt.UTC).isoformat() if moment else None if value is None else str(value)
    if parts is not None:
        said["parts"] = parts
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def store(scope: Scope, drafts: Sequence[Draft], trail: Trail) -> list[Filed | Refused]:
    """Store drafts of one table inside a change that is under way; in their order, what became of each.

    One that was stored before is answered as it was then, or with OtherContent; one that the database can't hold is
    refused and doesn't hold up the others. The number of queries doesn't grow with the number of drafts.
    """
    if not drafts:
        return []
    table = type(drafts[0].record)
    known = _known(table, drafts)
    fresh = _fresh(drafts, known)
    failed = _insert(table, fresh)
    if failed:
        # another request stored some between the look and the write: those are known now
        known = _known(table, drafts)
        fresh = _fresh(drafts, known)
        failed = _insert_apart(table, fresh)
    new = {draft.record.pk: draft for draft in fresh if draft.record.pk not in failed}
    if failed:
        known = _known(table, drafts)
    _insert_parts(new.values())
    answers: list[Filed | Refused] = []
    for draft in drafts:
        key = draft.record.pk
        if new.get(key) is draft:
            trail.add(draft.action, draft.subject, **draft.details)
            answers.append(Filed(draft.record, True, draft.masked))
        elif key in new or key in known:
            before = new[key].record if key in new else known[key]
            answers.append(_repeated(before, draft, scope))
        else:
            answers.append(
                Refused(
                    "the database can't hold this: file it anew, and tell your administrator",
                    "",
                    "Data ini tidak dapat disimpan: buat yang baru, dan beri tahu administrator.",
                )
            )
    return answers


def store_one(scope: Scope, draft: Draft, trail: Trail) -> Filed:
    """Store one draft (see `store`). Raises Refused, OtherContent among them."""
    (answer,) = store(scope, [draft], trail)
    if isinstance(answer, Refused):
        raise answer
    return answer


def _known(table: type[Any], drafts: Sequence[Draft]) -> dict[UUID, Any]:
    keys = {draft.record.pk for draft in drafts}
    if len(keys) == 1:
        return {each.pk: each for each in _one_known(table)(*keys)}
    return {each.pk: each for each in table.objects.filter(pk__in=keys).only(*_KNOWN_BY)}


_KNOWN_BY = ("author_id", "digest", "version")


@cache
def _one_known(table: type[Any]) -> Again:
    """The record of an id: a phone with signal sends one at a time."""
    return Again(lambda key: table.objects.filter(pk=key).only(*_KNOWN_BY), (UUID(int=1), UUID(int=2)))


def _fresh(drafts: Sequence[Draft], known: Mapping[UUID, Any]) -> list[Draft]:
    """The first of each id that isn't stored yet; always in the same order, so that two requests with the same ids
    wait for one another and don't block one another.
    """
    first: dict[UUID, Draft] = {}
    for draft in drafts:
        if draft.record.pk not in known:
            first.setdefault(draft.record.pk, draft)
    return [first[key] for key in sorted(first)]


def _insert(table: type[Any], drafts: Sequence[Draft]) -> set[UUID]:
    """Store all or none; the keys of those that weren't stored."""
    if not drafts:
        return set()
    try:
        with transaction.atomic():
            table.objects.bulk_create([draft.record for draft in drafts])
    except (IntegrityError, DataError, OverflowError):
        return {draft.record.pk for draft in drafts}
    return set()


def _insert_apart(table: type[Any], drafts: Sequence[Draft]) -> set[UUID]:
    """Store what can be stored: by halves, so that one bad row among many costs few queries."""
    failed = _insert(table, drafts)
    if not failed or len(drafts) == 1:
        return failed
    middle = len(drafts) // 2
    return _insert_apart(table, drafts[:middle]) | _insert_apart(table, drafts[middle:])


def _insert_parts(drafts: Iterable[Draft]) -> None:
    parts: dict[type[models.Model], list[models.Model]] = {}
    for draft in drafts:
        for part in draft.parts:
            parts.setdefault(type(part), []).append(part)
    for table, rows in parts.items():
        table._default_manager.bulk_create(rows)


def _repeated(record: Any, draft: Draft, scope: Scope) -> Filed | OtherContent:
    """The answer to what was filed before under this id: the same, if it is the same."""
    if record.author_id != getattr(scope.user, "pk", None):
        # whose it is stays unsaid: ids of others can't be felt for
        return OtherContent(
            "this id is taken: file it again under a new one",
            "id",
            "Nomor ini sudah dipakai: buka formulir baru, lalu kirim lagi.",
        )
    if record.digest != draft.record.digest:
        return OtherContent(
            "this id was filed before with other content: change that record, or file anew under a new id",
            "id",
            "Formulir ini sudah terkirim dengan isi lain: ubah yang sudah tersimpan, atau buka formulir baru.",
        )
    return Filed(record, False, draft.masked)


def store_each(
    scope: Scope, given: Sequence[tuple[Any, Area]], draft: Callable[[Scope, Any, Area], Draft], trail: Trail
) -> list[Filed | Refused]:
    """Draft each item of a batch in its village and store those that can be; in their order, what became of each."""
    answers: list[Any] = []
    for item, village in given:
        try:
            answers.append(draft(scope, item, village))
        except Refused as wrong:
            answers.append(wrong)
    drafts = [answer for answer in answers if isinstance(answer, Draft)]
    stored = iter(store(scope, drafts, trail))
    return [next(stored) if isinstance(answer, Draft) else answer for answer in answers]
