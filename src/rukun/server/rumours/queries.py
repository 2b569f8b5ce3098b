"""Reading rumours and sightings, always by the scope of who asks."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from rukun.server.people.scope import Scope
from rukun.server.rumours.models import FactCheck, Rumour, Sighting, Source
from rukun.server.rumours.models.rumours import DESK
from rukun.server.rumours.states import OPEN


def rumours(
    scope: Scope, *, status: str = "", priority: str = "", open_only: bool = False, overdue: bool = False
) -> QuerySet[Rumour]:
    """Rumours that aren't merged into another, the first due first and those without a deadline last.

    Each with `seen` (its sightings) and `places` (villages among them), those merged into it included.
    """
    found = Rumour.objects.visible_to(scope).filter(merged_into=None).annotate(seen=_seen(), places=_places())
    if status:
        found = found.filter(status=status)
    if priority:
        found = found.filter(priority=priority)
    if open_only:
        found = found.filter(status__in=OPEN)
    if overdue:
        found = found.filter(deadline__lt=timezone.now())
    return found.select_related("claimed_by", "triaged_by").order_by(F("deadline").asc(nulls_last=True), "id")


def newest_rumours(scope: Scope, *, status: str = "", priority: str = "", overdue: bool = False) -> QuerySet[Rumour]:
    """The same, the last seen first (-last_seen, -id)."""
    return rumours(scope, status=status, priority=priority, overdue=overdue).order_by("-last_seen", "-id")


def rumour(scope: Scope, rumour_id: UUID) -> Rumour:
    """One rumour, merged or not, as `rumours`. Raises Rumour.DoesNotExist out of scope."""
    found: Rumour = (
        Rumour.objects.visible_to(scope)
        .annotate(seen=_seen(), places=_places())
        .select_related("claimed_by", "triaged_by")
        .get(pk=rumour_id)
    )
    return found


def sightings(scope: Scope, *, village: str = "", channel: str = "", waiting: bool = False) -> QuerySet[Sighting]:
    """Sightings in scope, newest first: of one's villages, the desk's all. waiting: those of no rumour yet."""
    found = Sighting.objects.visible_to(scope).select_related("village")
    if village:
        found = found.filter(Q(village__code=village) | Q(village__code__startswith=f"{village}."))
    if channel:
        found = found.filter(channel=channel)
    if waiting:
        found = found.filter(rumour=None)
    return found.order_by("-at", "-id")


def sightings_of(rumour: Rumour) -> QuerySet[Sighting]:
    """Sightings of a rumour and of what was merged into it, newest first. The rumour was found in scope."""
    both = Sighting.objects.filter(Q(rumour=rumour) | Q(rumour__merged_into=rumour))
    return both.select_related("village").order_by("-at", "-id")


def times_of(rumour: Rumour) -> list[dt.datetime]:
    """When a rumour was seen, oldest first, with what was merged into it."""
    return list(sightings_of(rumour).order_by("at").values_list("at", flat=True))


def fact_checks(scope: Scope, *, words: str = "") -> QuerySet[FactCheck]:
    """Fact checks, newest first: they are public, and shown to the desk."""
    found = FactCheck.objects.all() if scope.has(*DESK) else FactCheck.objects.none()
    for word in words.split()[:10]:
        found = found.filter(Q(title__icontains=word) | Q(claim__icontains=word))
    return found.order_by("-received_at", "-id")


def sources(scope: Scope) -> QuerySet[Source]:
    """Addresses that are read, for the desk."""
    return Source.objects.all() if scope.has(*DESK) else Source.objects.none()


def _seen() -> Coalesce:
    return Coalesce(_counted(Count("pk")), 0)


def _places() -> Coalesce:
    return Coalesce(_counted(Count("village", distinct=True)), 0)


def _counted(what: Count) -> Subquery:
    inside = Q(rumour=OuterRef("pk")) | Q(rumour__merged_into=OuterRef("pk"))
    # the same for each of them, so that they are one group
    every = Sighting.objects.filter(inside).order_by().annotate(whole=OuterRef("pk")).values("whole")
    return Subquery(every.annotate(n=what).values("n"))
