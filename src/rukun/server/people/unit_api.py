"""Endpoints of units and postings: heads read those in scope, administrators write."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from rukun.server.people import services
from rukun.server.people.asking import scope
from rukun.server.people.models import Posting, Role, Unit, UnitLevel, User
from rukun.server.people.queries import postings, units
from rukun.server.people.refusals import Refused
from rukun.server.people.scope import Scope
from rukun.server.problems import ERRORS
from rukun.server.territory.models import Area, Level

router = Router()
PAGE, MOST_PAGE, MOST_VILLAGES = 100, 500, 5000
Key = Annotated[int, Field(ge=1, le=2**31 - 1)]
Slug = Annotated[str, Field(pattern=r"^[-a-zA-Z0-9_]{1,40}$")]
VillageCode = Annotated[str, Field(pattern=r"^\d{2}\.\d{2}\.\d{2}\.\d{4}$")]
Villages = Annotated[list[VillageCode], Field(max_length=MOST_VILLAGES)]
#: Postgres has no zero bytes in text.
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")]
Username = Annotated[str, Field(pattern=r"^[\w.@+-]{1,150}$")]
Day = Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2100, 1, 1))]


class Strict(Schema):
    """Input without unknown fields."""

    model_config = ConfigDict(extra="forbid")


class Paging(Schema):
    """after: `next` of the page before; size: how many."""

    after: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    size: Annotated[int, Field(ge=1, le=MOST_PAGE)] = PAGE


class UnitIn(Strict):
    """A new unit; parent: code of the unit above, "" for a Polda."""

    code: Slug
    name: Name
    level: UnitLevel
    parent: Annotated[str, Field(pattern=r"^[-a-zA-Z0-9_]{0,40}$")] = ""


class Rename(Strict):
    """What a unit is called from now on."""

    name: Name


class Cover(Strict):
    """Villages that a unit answers for from now on, and those that it no longer does."""

    add: Villages = Field(default_factory=list)
    remove: Villages = Field(default_factory=list)


class UnitOut(Schema):
    """A unit; villages: codes of those it covers itself, without those of units below."""

    code: str
    name: str
    level: int
    parent: str | None
    villages: list[str]

    @classmethod
    def of(cls, unit: Unit) -> UnitOut:
        """Of a unit with its coverage at hand."""
        covered = sorted(one.village.code for one in unit.coverage.all())
        parent = None if unit.parent is None else unit.parent.code
        return cls(code=unit.code, name=unit.name, level=unit.level, parent=parent, villages=covered)


class UnitPage(Schema):
    """next: send it as `after` for the following page; None at the end."""

    items: list[UnitOut]
    next: int | None


class PostingIn(Strict):
    """A person holds a role at a unit from a day on."""

    username: Username
    role: Role
    unit: Slug
    begins: Day
    villages: Villages = Field(default_factory=list)


class EndIn(Strict):
    """ends: the first day without the posting."""

    ends: Day


class TransferIn(Strict):
    """The same role at another unit from a day on."""

    unit: Slug
    on: Day
    villages: Villages = Field(default_factory=list)


class VillagesIn(Strict):
    """A village officer's villages from a day on."""

    villages: Villages
    on: Day


class PostingOut(Schema):
    """Who holds which role where, from `begins` until the day before `ends`."""

    id: int
    username: str
    name: str
    role: str
    unit: str
    begins: dt.date
    ends: dt.date | None
    villages: list[str]

    @classmethod
    def of(cls, posting: Posting) -> PostingOut:
        """Of a posting with user, unit and villages at hand."""
        return cls(
            id=posting.pk,
            username=posting.user.username,
            name=posting.user.first_name,
            role=posting.role,
            unit=posting.unit.code,
            begins=posting.begins,
            ends=posting.ends,
            villages=sorted(area.code for area in posting.villages.all()),
        )


class PostingPage(Schema):
    """next: send it as `after` for the following page; None at the end."""

    items: list[PostingOut]
    next: int | None


@router.get("/units", response={200: UnitPage, **ERRORS})
def list_units(request: HttpRequest, paging: Query[Paging]) -> UnitPage:
    """Units in scope, oldest first."""
    items, following = _page(_units(scope(request)), paging)
    return UnitPage(items=[UnitOut.of(unit) for unit in items], next=following)


@router.post("/units", response={201: UnitOut, **ERRORS})
def make_unit(request: HttpRequest, given: UnitIn) -> Any:
    """Make a unit; for administrators."""
    asking = scope(request)
    services.require_administrator(asking)
    parent = Unit.objects.get(code=given.parent) if given.parent else None
    unit = services.make_unit(asking, given.code, given.name, given.level, parent)
    return Status(201, UnitOut.of(unit))


@router.get("/units/{unit_code}", response={200: UnitOut, **ERRORS})
def get_unit(request: HttpRequest, unit_code: Slug) -> UnitOut:
    """One unit in scope."""
    return UnitOut.of(_units(scope(request)).get(code=unit_code))


@router.patch("/units/{unit_code}", response={200: UnitOut, **ERRORS})
def rename_unit(request: HttpRequest, unit_code: Slug, given: Rename) -> UnitOut:
    """Call a unit otherwise; for administrators."""
    asking = scope(request)
    services.rename_unit(asking, units(asking).get(code=unit_code), given.name)
    return get_unit(request, unit_code)


@router.post("/units/{unit_code}/villages", response={200: UnitOut, **ERRORS})
def change_coverage(request: HttpRequest, unit_code: Slug, given: Cover) -> UnitOut:
    """Let a unit answer for villages, or no longer; for administrators. Sent twice it changes nothing more."""
    asking = scope(request)
    services.require_administrator(asking)
    services.change_coverage(
        asking, units(asking).get(code=unit_code), _villages(given.add, "add"), _villages(given.remove, "remove")
    )
    return get_unit(request, unit_code)


@router.get("/postings", response={200: PostingPage, **ERRORS})
def list_postings(
    request: HttpRequest,
    paging: Query[Paging],
    unit: Annotated[str, Field(pattern=r"^[-a-zA-Z0-9_]{0,40}$")] = "",
    username: Annotated[str, Field(pattern=r"^[\w.@+-]{0,150}$")] = "",
    on: Day | None = None,
) -> PostingPage:
    """Postings at units in scope, oldest first; of one unit, one account, or in force on one day."""
    asking = scope(request)
    found = postings(asking)
    if unit:
        found = found.filter(unit__code=unit)
    if username:
        found = found.filter(user__username=username)
    if on is not None:
        found = found.filter(begins__lte=on).exclude(ends__lte=on)
    items, following = _page(found, paging)
    return PostingPage(items=[PostingOut.of(posting) for posting in items], next=following)


@router.get("/postings/{posting_id}", response={200: PostingOut, **ERRORS})
def get_posting(request: HttpRequest, posting_id: Key) -> PostingOut:
    """One posting at a unit in scope."""
    return PostingOut.of(postings(scope(request)).get(pk=posting_id))


@router.post("/postings", response={201: PostingOut, **ERRORS})
def post(request: HttpRequest, given: PostingIn) -> Any:
    """Post a person; for administrators."""
    asking = scope(request)
    services.require_administrator(asking)
    user = User.objects.get(username=given.username)
    unit = Unit.objects.get(code=given.unit)
    made = services.post(asking, user, given.role, unit, given.begins, _villages(given.villages, "villages"))
    return Status(201, PostingOut.of(made))


@router.post("/postings/{posting_id}/end", response={200: PostingOut, **ERRORS})
def end_posting(request: HttpRequest, posting_id: Key, given: EndIn) -> PostingOut:
    """End a posting; for administrators."""
    asking = scope(request)
    services.end_posting(asking, postings(asking).get(pk=posting_id), given.ends)
    return get_posting(request, posting_id)


@router.post("/postings/{posting_id}/transfer", response={201: PostingOut, **ERRORS})
def transfer(request: HttpRequest, posting_id: Key, given: TransferIn) -> Any:
    """End a posting and begin the same role at another unit on that day; for administrators."""
    asking = scope(request)
    services.require_administrator(asking)
    held, unit = postings(asking).get(pk=posting_id), Unit.objects.get(code=given.unit)
    made = services.transfer(asking, held, unit, given.on, _villages(given.villages, "villages"))
    return Status(201, PostingOut.of(made))


@router.put("/postings/{posting_id}/villages", response={200: PostingOut, **ERRORS})
def set_villages(request: HttpRequest, posting_id: Key, given: VillagesIn) -> PostingOut:
    """Give a village officer these villages from a day on; for administrators. The posting that has them is another
    where the old one had begun before that day.
    """
    asking = scope(request)
    services.require_administrator(asking)
    held = postings(asking).get(pk=posting_id)
    return PostingOut.of(services.set_villages(asking, held, _villages(given.villages, "villages"), given.on))


def _units(asking: Scope) -> QuerySet[Unit]:
    return units(asking).prefetch_related("coverage__village")


def _page(found: QuerySet[Any], paging: Paging) -> tuple[list[Any], int | None]:
    items = list(found.filter(pk__gt=paging.after).order_by("pk")[: paging.size + 1])
    return items[: paging.size], items[paging.size - 1].pk if len(items) > paging.size else None


def _villages(codes: list[str], field: str) -> list[Area]:
    found = list(Area.objects.filter(level=Level.VILLAGE, code__in=codes).defer("geometry"))
    unknown = sorted(set(codes) - {area.code for area in found})
    if unknown:
        raise Refused(f"there is no village {', '.join(unknown[:10])}", field)
    return found
