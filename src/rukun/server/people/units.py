"""Police units and what they cover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils import timezone

from rukun.server.audit.services import change
from rukun.server.people.models import Coverage, Posting, Role, Unit, UnitLevel
from rukun.server.people.postings import release, set_villages
from rukun.server.people.refusals import Refused, checked_name, require_administrator
from rukun.server.people.scope import Scope
from rukun.server.territory.models import Area, Level
from rukun.server.territory.succession import succeed

_MOST_CODE, _MOST_NAME = 40, 120


def make_unit(scope: Scope | None, code: str, name: str, level: UnitLevel, parent: Unit | None = None) -> Unit:
    """A new unit under `parent`, one level below it. Raises Refused, NotAllowed."""
    actor = require_administrator(scope)
    if (parent is None) != (level == UnitLevel.PROVINCE) or (parent is not None and parent.level != level - 1):
        raise Refused(
            f"a {UnitLevel(level).label} can't stand there: Polda > Polres > Polsek",
            "parent",
            f"{UnitLevel(level).label} tidak dapat berada di situ: Polda > Polres > Polsek.",
        )
    try:
        validate_slug(code)
    except ValidationError as wrong:
        raise Refused(
            f'"{code}" is no code: letters, digits, - and _',
            "code",
            "Kode terdiri atas huruf, angka, tanda - dan _.",
        ) from wrong
    if len(code) > _MOST_CODE:
        raise Refused(f"a code has at most {_MOST_CODE} letters", "code", f"Kode paling panjang {_MOST_CODE} huruf.")
    called = _name(name)
    if Unit.objects.filter(code=code).exists():
        raise Refused(f"there is a unit {code} already", "code", f"Satuan {code} sudah ada.")
    with change(actor) as trail:
        unit = Unit.objects.create(code=code, name=called, level=level, parent=parent)
        trail.add("unit.made", f"unit:{code}", level=int(level), parent=parent.code if parent else None)
    return unit


def rename_unit(scope: Scope | None, unit: Unit, name: str) -> None:
    """A unit is called otherwise; its code stays. Raises Refused, NotAllowed."""
    actor = require_administrator(scope)
    called = _name(name)
    with change(actor) as trail:
        held = Unit.objects.select_for_update().get(pk=unit.pk)
        if held.name != called:
            trail.add("unit.renamed", f"unit:{held.code}", before=held.name, after=called)
            Unit.objects.filter(pk=held.pk).update(name=called)
    unit.name = called


def cover(scope: Scope | None, unit: Unit, villages: Iterable[Area]) -> int:
    """Let a unit answer for villages, whichever did before; how many changed hands.

    Officers of the unit that covered them before lose them on this day. Raises Refused, NotAllowed.
    """
    actor = require_administrator(scope)
    wanted = list(villages)
    if unit.level != UnitLevel.SUBDISTRICT:
        raise Refused(
            f"{unit} is a {UnitLevel(unit.level).label}: it covers what the units below it do",
            "unit",
            f"{unit} adalah {UnitLevel(unit.level).label}: wilayahnya mengikuti satuan di bawahnya.",
        )
    for area in wanted:
        if area.level != Level.VILLAGE:
            raise Refused(f"{area} is no village", "villages", f"{area} bukan desa/kelurahan.")
    with change(actor) as trail:
        held = dict(
            Coverage.objects.select_for_update().filter(village__in=wanted).values_list("village_id", "unit_id")
        )
        moved = [area for area in wanted if held.get(area.pk) != unit.pk]
        Coverage.objects.filter(village__in=moved).delete()
        Coverage.objects.bulk_create([Coverage(unit=unit, village=area) for area in moved])
        if moved:
            trail.add("unit.covers", f"unit:{unit.code}", villages=[area.code for area in moved])
            release(scope, moved, timezone.localdate(), keep=unit)
    return len(moved)


def uncover(scope: Scope | None, unit: Unit, villages: Iterable[Area]) -> int:
    """A unit no longer answers for villages, and its officers lose them on this day; how many it did answer for."""
    actor = require_administrator(scope)
    wanted = list(villages)
    with change(actor) as trail:
        held = Coverage.objects.select_for_update(of=("self",)).filter(unit=unit, village__in=wanted)
        gone = [coverage.village for coverage in held.select_related("village")]
        Coverage.objects.filter(unit=unit, village__in=gone).delete()
        if gone:
            trail.add("unit.uncovered", f"unit:{unit.code}", villages=sorted(area.code for area in gone))
            release(scope, gone, timezone.localdate())
    return len(gone)


def change_coverage(scope: Scope | None, unit: Unit, add: Iterable[Area], remove: Iterable[Area]) -> None:
    """`cover` and `uncover` at once: both or neither. Raises Refused where a village is in both, NotAllowed."""
    actor = require_administrator(scope)
    gained, lost = list(add), list(remove)
    both = ", ".join(str(area) for area in gained if area in lost)
    if both:
        raise Refused(f"{both} is both added and removed", "add", f"{both} ditambahkan sekaligus dikeluarkan.")
    with change(actor):
        uncover(scope, unit, lost)
        cover(scope, unit, gained)


def succeed_villages(scope: Scope | None, before: Iterable[Area], after: Iterable[Area], on: dt.date) -> bool:
    """Villages split or merge on a day, and who answered for them answers for what follows; False where that is known.

    A village that is in `before` and `after` goes on.

    What follows falls to the unit of its predecessors where they had one only and nobody covers it yet; the officers of
    that unit go on with it. What isn't clear stays vacant, and is seen as such. Raises Refused, NotAllowed.
    """
    actor = require_administrator(scope)
    ended, begun = list(before), list(after)
    with change(actor):
        try:
            if not succeed(ended, begun, on, actor):
                return False
        except ValueError as wrong:
            raise Refused(str(wrong), "before") from wrong
        units = list(Unit.objects.filter(coverage__village__in=ended).distinct())
        kept = {area.pk for area in begun}
        gone = [area for area in ended if area.pk not in kept]
        if len(units) == 1:
            cover(scope, units[0], [area for area in begun if not area.coverage.exists()])
        affected = Posting.objects.filter(role=Role.VILLAGE_OFFICER, villages__in=ended).exclude(ends__lte=on)
        for posting in list(affected.distinct()):
            own = [area for area in posting.villages.all() if area not in gone]
            new = Area.objects.filter(pk__in=kept, coverage__unit=posting.unit)
            set_villages(scope, posting, {area.pk: area for area in [*own, *new]}.values(), on)
    return True


def _name(name: str) -> str:
    called = checked_name(name, _MOST_NAME)
    if not called:
        raise Refused("a unit has a name", "name", "Satuan harus bernama.")
    return called
