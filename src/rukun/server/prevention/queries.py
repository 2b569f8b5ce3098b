"""Reading tasks and outcomes, always by the scope of who asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from rukun.server.again import Again
from rukun.server.people.models import Posting, Role, User
from rukun.server.people.scope import Scope
from rukun.server.prevention.models import OPEN, Outcome, Task


def posted(on: dt.date) -> QuerySet[Posting]:
    """Postings of village officers that are in force on a day, of accounts that are open."""
    in_force = Q(ends=None) | Q(ends__gt=on)
    return Posting.objects.filter(in_force, begins__lte=on, role=Role.VILLAGE_OFFICER, user__is_active=True)


def holding(on: dt.date) -> Exists:
    """Whether a task is in the hands of an officer: one who is posted to its village on that day.

    Worked out when it is read: when a posting ends, its open tasks wait for somebody from that day on, whoever ended
    it, without the rooms below having to know of tasks.
    """
    return Exists(posted(on).filter(user=OuterRef("assigned"), villages=OuterRef("village")))


def officers_of(village: int, on: dt.date) -> QuerySet[User]:
    """Officers who are posted to a village on a day, by name."""
    return User.objects.filter(pk__in=posted(on).filter(villages=village).values("user")).order_by("username")


def tasks(
    scope: Scope, *, status: str = "", village: str = "", overdue: bool = False, waiting: bool = False
) -> QuerySet[Task]:
    """Tasks in scope, the first due first, each with `held` (see `holding`).

    overdue: open and past their day; waiting: open and in nobody's hands.
    """
    found = Task.objects.visible_to(scope).select_related("village", "assigned").annotate(held=holding(scope.on))
    if status:
        found = found.filter(status=status)
    if village:
        found = found.filter(Q(village__code=village) | Q(village__code__startswith=f"{village}."))
    if overdue:
        found = found.filter(status__in=OPEN, due__lt=timezone.localdate())
    if waiting:
        found = found.filter(status__in=OPEN, held=False)
    return found.order_by("due", "id")


@dataclass(frozen=True)
class OwnKey:
    """An open task of an officer, in short: enough to tell whether their device knows it as it is."""

    id: UUID
    version: int
    assigned: int | None
    village: int


def _keys(where: Q) -> QuerySet[Task, tuple[Any, ...]]:
    """What an `OwnKey` holds, of the open tasks of some villages, the first due first."""
    found = Task.objects.filter(where, status__in=OPEN).order_by("due", "id")
    return found.values_list("pk", "version", "assigned", "village")


_of_posting = Again(lambda posting: _keys(Q(village__postings=posting)), (-1, -2))


def own_keys(scope: Scope) -> list[OwnKey]:
    """Open tasks of an officer's villages that are theirs or wait for somebody, the first due first.

    Every turn of every field app asks for these: who holds what is asked only where a colleague has a task.
    """
    if not scope.own_villages or scope.user is None:
        return []
    me, postings = scope.user.pk, scope.as_officer
    own = _of_posting(postings[0]) if len(postings) == 1 else _keys(Q(village__in=scope.own_villages))
    found = [OwnKey(*row) for row in own]
    colleagues = {key.assigned for key in found} - {me, None}
    if not colleagues:
        return found
    at = posted(scope.on).filter(user__in=colleagues, villages__in=scope.own_villages)
    held = set(at.values_list("user", "villages"))
    return [key for key in found if key.assigned == me or (key.assigned, key.village) not in held]


def whole(keys: Sequence[OwnKey]) -> list[Task]:
    """The tasks of these keys with their villages, in their order."""
    found = Task.objects.select_related("village").in_bulk([key.id for key in keys])
    return [found[key.id] for key in keys if key.id in found]


def ended_tasks(scope: Scope, since: dt.datetime) -> QuerySet[Task]:
    """Tasks that were assigned to who asks and were done, removed or given up since a moment, oldest first."""
    mine = Task.objects.filter(assigned=scope.user, village__in=scope.own_villages, changed_at__gte=since)
    return mine.exclude(status__in=OPEN).order_by("changed_at", "id")


def outcomes(scope: Scope, *, village: str = "", action: str = "") -> QuerySet[Outcome]:
    """Outcomes in scope, newest first, with their village, author and parties."""
    found = Outcome.objects.visible_to(scope).select_related("village", "author").prefetch_related("parties")
    if village:
        found = found.filter(Q(village__code=village) | Q(village__code__startswith=f"{village}."))
    if action:
        found = found.filter(action=action)
    return found.order_by("-at", "-id")
