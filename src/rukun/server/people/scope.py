"""Who may see what: the one mechanism that every query of records goes through.

A village officer sees the own villages, a head the unit's coverage and all units below, the directorate everything. The
auditor sees the trail, the rumour desk its desk, the administrator territory, units and accounts; nobody else sees
anything.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from rukun.server.again import Again
from rukun.server.people.models import HEADS, Coverage, Posting, Role, User
from rukun.server.territory.models import Area, Level

#: Postings of a user that are in force on a day, with their units.
_in_force = Again(
    lambda user, on: Posting.objects.filter(Q(ends=None) | Q(ends__gt=on), user=user, begins__lte=on).select_related(
        "unit"
    ),
    (-1, -2),
    (dt.date(2000, 1, 1), dt.date(2000, 1, 2)),
)
#: The villages of a posting.
_of_posting = Again(lambda posting: Area.objects.filter(postings=posting).defer("geometry").order_by("code"), (-1, -2))


@dataclass(frozen=True)
class Scope:
    """What one person may see on one day. `user` None (nobody signed in) sees nothing."""

    user: User | None
    on: dt.date

    @cached_property
    def postings(self) -> list[Posting]:
        """Those in force."""
        if self.user is None or not self.user.is_active:
            return []
        return _in_force(self.user.pk, self.on)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles held."""
        return frozenset(posting.role for posting in self.postings)

    def has(self, *roles: str) -> bool:
        """Whether one of these roles is held."""
        return not self.roles.isdisjoint(roles)

    @property
    def actor(self) -> str:
        """How the audit trail names them."""
        return self.user.actor if self.user is not None else "anonymous"

    @property
    def as_officer(self) -> list[int]:
        """Keys of the postings as village officer: one as a rule."""
        return [posting.pk for posting in self.postings if posting.role == Role.VILLAGE_OFFICER]

    @cached_property
    def own_areas(self) -> list[Area]:
        """A village officer's villages, in the order of their codes, without their polygons."""
        held = self.as_officer
        if not held:
            return []
        if len(held) == 1:
            return _of_posting(held[0])
        # two postings may share a village
        return list(Area.objects.filter(postings__in=held).defer("geometry").order_by("code").distinct())

    @cached_property
    def own_villages(self) -> frozenset[int]:
        """Keys of a village officer's villages."""
        return frozenset(area.pk for area in self.own_areas)

    @cached_property
    def commanded(self) -> Q | None:
        """Villages of a head as a condition on an area; None without that role."""
        if Role.DIRECTORATE in self.roles:
            return Q(level=Level.VILLAGE)
        units = [posting.unit_id for posting in self.postings if posting.role in HEADS]
        if not units:
            return None
        at = Q(unit__in=units) | Q(unit__parent__in=units) | Q(unit__parent__parent__in=units)
        return Q(pk__in=Coverage.objects.filter(at).values("village"))

    @cached_property
    def villages(self) -> QuerySet[Area]:
        """Villages whose records they may see."""
        condition = Q(pk__in=self.own_villages) if self.own_villages else None
        if self.commanded is not None:
            condition = self.commanded if condition is None else condition | self.commanded
        return Area.objects.none() if condition is None else Area.objects.filter(condition)

    @property
    def sees_everything(self) -> bool:
        """Whether every village is in sight, so that no condition is needed."""
        return Role.DIRECTORATE in self.roles


def scope_of(user: Any, on: dt.date | None = None) -> Scope:
    """The scope of a person (or of nobody) today or on another day."""
    return Scope(user if isinstance(user, User) else None, on or timezone.localdate())


class ScopedQuerySet(models.QuerySet[Any]):
    """Records of villages, of which each person sees those in scope."""

    def visible_to(self, scope: Scope) -> Self:
        """Those that they may see."""
        if scope.sees_everything:
            return self
        if not scope.roles.intersection((Role.VILLAGE_OFFICER, *HEADS)):
            return self.none()
        return self.filter(village__in=scope.villages.order_by().values("pk"))

    def commanded_by(self, scope: Scope) -> Self:
        """Those that they command, such as for review."""
        if scope.sees_everything:
            return self
        if scope.commanded is None:
            return self.none()
        return self.filter(village__in=Area.objects.filter(scope.commanded).order_by().values("pk"))
