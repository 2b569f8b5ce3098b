"""Reading units, accounts and postings, always by the scope of who asks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from rukun.server.people.models import HEADS, LEVEL_OF_ROLE, Posting, Role, Unit, User
from rukun.server.people.refusals import NotAllowed
from rukun.server.people.scope import Scope
from rukun.server.territory.models import Area, Level
from rukun.server.territory.queries import villages as villages_on

#: The role of a unit's head by its level; the directorate heads the province.
HEAD_OF_LEVEL = {LEVEL_OF_ROLE[role]: role for role in HEADS if role in LEVEL_OF_ROLE}


@dataclass(frozen=True)
class Vacancies:
    """What nobody answers for on a day: units without their head, covered villages without an officer, villages that no
    unit covers.
    """

    headless: QuerySet[Unit]
    without_officer: QuerySet[Area]
    uncovered: QuerySet[Area]


def in_force(on: dt.date) -> Q:
    """Postings that hold on a day, of accounts that are open."""
    return Q(begins__lte=on, user__is_active=True) & (Q(ends=None) | Q(ends__gt=on))


def accounts(scope: Scope, sought: str = "") -> QuerySet[User]:
    """Accounts whose name, or name of the person, holds these letters. Raises NotAllowed for all but administrators."""
    if not scope.has(Role.ADMINISTRATOR):
        raise NotAllowed("only an administrator sees accounts", "Hanya administrator yang melihat akun.")
    found = User.objects.all()
    if sought:
        found = found.filter(Q(username__icontains=sought) | Q(first_name__icontains=sought))
    held = Posting.objects.filter(in_force(scope.on)).select_related("unit")
    return found.prefetch_related(Prefetch("postings", held, to_attr="current"))


def units(scope: Scope) -> QuerySet[Unit]:
    """Units that they administer or command: all of them, or the own and those below; none for others."""
    found = Unit.objects.select_related("parent")
    if scope.has(Role.ADMINISTRATOR, Role.DIRECTORATE):
        return found
    own = [posting.unit_id for posting in scope.postings if posting.role in HEADS]
    return found.filter(Q(pk__in=own) | Q(parent__in=own) | Q(parent__parent__in=own))


def counted(found: QuerySet[Unit], on: dt.date) -> QuerySet[Unit]:
    """Units with numbers: villages covered, people posted."""
    people = Posting.objects.filter(in_force(on), unit=OuterRef("pk")).order_by().values("unit")
    return found.annotate(
        villages=Count("coverage"),
        people=people.annotate(number=Count("pk")).values("number"),
    )


def postings(scope: Scope) -> QuerySet[Posting]:
    """Postings at the units in scope, ended ones too."""
    return (
        Posting.objects.filter(unit__in=units(scope).order_by().values("pk"))
        .select_related("user", "unit")
        .prefetch_related(Prefetch("villages", Area.objects.defer("geometry")))
    )


def vacancies(scope: Scope, unit: Unit | None = None) -> Vacancies:
    """What nobody answers for today, of the units in scope or of one of them and those below."""
    seen = units(scope)
    if unit is not None:
        seen = seen.filter(Q(pk=unit.pk) | Q(parent=unit) | Q(parent__parent=unit))
    headed = Posting.objects.filter(in_force(scope.on), unit=OuterRef("pk"))
    lacking = Q(pk__in=[])
    for level, role in HEAD_OF_LEVEL.items():
        lacking |= Q(level=level) & ~Exists(headed.filter(role=role))
    officers = Posting.objects.filter(in_force(scope.on), role=Role.VILLAGE_OFFICER, villages=OuterRef("pk"))
    now = villages_on(scope.on).defer("geometry").order_by("code")
    covered = now.filter(coverage__unit__in=seen.order_by().values("pk"))
    everything = unit is None and scope.has(Role.ADMINISTRATOR, Role.DIRECTORATE)
    return Vacancies(
        headless=seen.filter(lacking),
        without_officer=covered.filter(~Exists(officers)),
        uncovered=now.filter(coverage=None) if everything else now.none(),
    )


def villages_of_codes(said: str) -> tuple[list[Area], list[str]]:
    """Villages of codes set apart by blanks, commas or semicolons, and the codes that are none.

    The code of a subdistrict, regency or province stands for all villages below it that exist still.
    """
    codes = list(dict.fromkeys(part.rstrip(".") for part in said.replace(",", " ").replace(";", " ").split()))
    found: dict[int, Area] = {}
    unknown = []
    for code in codes:
        here = Area.objects.filter(level=Level.VILLAGE).defer("geometry")
        below = here.filter(code__startswith=f"{code}.", valid_to=None)
        those = list(here.filter(code=code) if code.count(".") == Level.VILLAGE - 1 else below)
        if not those:
            unknown.append(code)
        found |= {area.pk: area for area in those}
    return list(found.values()), unknown
