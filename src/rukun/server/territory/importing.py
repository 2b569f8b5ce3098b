"""Territory from files: what an import would change, and the change.

An import is the same whether it is done once or twice. It never removes an area: one that is no longer is given its
last day.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from rukun.io.areas import AreaFile, open_areas, read_areas
from rukun.io.problems import ProblemLog
from rukun.server.audit.services import change
from rukun.server.territory.models import Area, Level, Succession

_CODE = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?")
_KINDS = {Level.PROVINCE: "provinsi", Level.SUBDISTRICT: "kecamatan"}
#: Decimals of degrees kept of polygons: about a metre.
_DECIMALS = 5
_FIELDS = ("name", "kind", "population", "latitude", "longitude", "geometry", "valid_from", "valid_to")


@dataclass(frozen=True)
class Change:
    """One area that an import makes or alters; fields: name of the field -> (before, after), polygons as "polygon"."""

    code: str
    name: str
    new: bool
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    def __str__(self) -> str:
        """A line of a dry run."""
        if self.new:
            return f"+ {self.code} {self.name}"
        said = ", ".join(f"{name}: {before} > {after}" for name, (before, after) in self.fields.items())
        return f"~ {self.code} {self.name}: {said}"


@dataclass(frozen=True)
class ImportResult:
    """changes: what was, or with a dry run would be, changed; unchanged: areas that are so already.

    repaired: codes of polygons that were invalid and were repaired; shapeless: codes of villages that have no polygon
    now.
    """

    changes: tuple[Change, ...]
    unchanged: int
    repaired: tuple[str, ...]
    shapeless: tuple[str, ...]


def import_areas(
    paths: Iterable[str | Path], actor: str, *, dry_run: bool = False, exercise: bool = False
) -> ImportResult:
    """Take up the areas of CSV and GeoJSON files together; nothing is changed when any has a problem.

    Raises `InputProblems` with every problem of every file.
    """
    log = ProblemLog()
    given: dict[str, dict[str, Any]] = {}
    repaired: list[str] = []
    for path in paths:
        source = open_areas(path, {}, log)
        found = read_areas(source, {}, log)
        if found is not None:
            _merge(given, found, log)
            repaired += found.repaired
    log.stop_if_any()
    for record in given.values():
        record.setdefault("kind", kind_of_area(record["code"], record.get("name", "")))
    return take_up(given, log, actor, dry_run=dry_run, exercise=exercise, repaired=tuple(repaired))


def take_up(
    given: Mapping[str, Mapping[str, Any]],
    log: ProblemLog,
    actor: str,
    *,
    dry_run: bool = False,
    exercise: bool = False,
    repaired: tuple[str, ...] = (),
) -> ImportResult:
    """Take up areas by code, each with some of name, kind, population, latitude, longitude, geometry.

    Raises `InputProblems` for codes of another form and for areas whose parent is neither given nor known.
    """
    known = {area.code: area for area in Area.objects.filter(code__in=_with_ancestors(given))}
    for code in given:
        above = code.rpartition(".")[0]
        if not _CODE.fullmatch(code):
            log.add("", f'the code "{code}" isn\'t of the form 74, 74.71, 74.71.01 or 74.71.01.1001', "correct it")
        elif above and above not in given and above not in known:
            log.add("", f"{code} lies in {above}, which isn't known", "import that area too, or first")
        elif code not in known and not given[code].get("name"):
            log.add("", f"{code} is new and has no name", "give it a name")
    log.stop_if_any()
    changes: list[Change] = []
    with change(actor) as trail:
        # parents before children: a code sorts after every code it begins with
        for code in sorted(given):
            record = {name: value for name, value in given[code].items() if name in _FIELDS and value is not None}
            area = known.get(code)
            if area is None:
                changes.append(Change(code, record["name"], new=True))
                if not dry_run:
                    above = known.get(code.rpartition(".")[0])
                    level = Level(code.count(".") + 1)
                    known[code] = Area(code=code, level=level, parent=above, exercise=exercise, **record)
                    known[code].save(force_insert=True)
                continue
            altered = {n: (getattr(area, n), v) for n, v in record.items() if getattr(area, n) != v}
            if not altered:
                continue
            said = {
                n: (("a polygon" if b else None, "another polygon") if n == "geometry" else (b, a))
                for n, (b, a) in altered.items()
            }
            changes.append(Change(code, record.get("name", area.name), new=False, fields=said))
            if not dry_run:
                for name, (_, value) in altered.items():
                    setattr(area, name, value)
                area.save(update_fields=list(altered))
        if not dry_run and changes:
            made = sum(c.new for c in changes)
            trail.add("territory.imported", "territory:all", made=made, altered=len(changes) - made)
    here = Area.objects.filter(level=Level.VILLAGE, geometry=None, code__in=[c for c in given if c.count(".") == 3])
    shapeless = () if dry_run else tuple(here.order_by("code").values_list("code", flat=True))
    return ImportResult(tuple(changes), len(given) - len(changes), repaired, shapeless)


def succeed(before: Iterable[Area], after: Iterable[Area], on: dt.date, actor: str) -> None:
    """Villages `before` end on a day and `after` take their place: a split, a merger or both.

    Raises ValueError where one of them doesn't exist on that day.
    """
    ended, begun = list(before), list(after)
    for area in ended:
        if (area.valid_to is not None and area.valid_to <= on) or (
            area.valid_from is not None and area.valid_from >= on
        ):
            raise ValueError(f"{area} doesn't exist before {on}")
    with change(actor) as trail:
        for old in ended:
            if all(old.pk != new.pk for new in begun):
                Area.objects.filter(pk=old.pk).update(valid_to=on)
            for new in begun:
                if new.pk != old.pk:
                    Succession.objects.get_or_create(before=old, after=new, defaults={"on": on})
        Area.objects.filter(pk__in=[a.pk for a in begun if all(a.pk != b.pk for b in ended)]).update(valid_from=on)
        trail.add(
            "territory.succeeded",
            "territory:all",
            before=[a.code for a in ended],
            after=[a.code for a in begun],
            on=on.isoformat(),
        )


def kind_of_area(code: str, name: str) -> str:
    """What an area is by its code: of regencies the third and fourth digits from 71 are cities, of villages 1 begins
    a kelurahan.

    Source: form of Kemendagri's codes (Permendagri 58/2021): PP.KK.CC.DDDD, villages 1xxx kelurahan, 2xxx desa.
    """
    level = Level(code.count(".") + 1)
    if level == Level.REGENCY:
        return "kota" if code[3:5].isdigit() and int(code[3:5]) >= 71 else "kabupaten"
    if level == Level.VILLAGE:
        return "kelurahan" if code.rpartition(".")[2].startswith("1") else "desa"
    return _KINDS[level]


def _merge(given: dict[str, dict[str, Any]], found: AreaFile, log: ProblemLog) -> None:
    table = found.table
    for row, code in enumerate(table.code.tolist()):
        record = given.setdefault(code, {"code": code})
        name = str(table.name[row])
        # a file without names repeats the codes; its names say nothing
        if name and name != code:
            if record.get("name", name) != name:
                log.add(found.file, f'{code} is "{name}" here and "{record["name"]}" in another file', "let them agree")
            record["name"] = name
        if table.population is not None and np.isfinite(table.population[row]):
            record["population"] = round(float(table.population[row]))
        shape = None if table.shapes is None else table.shapes.iloc[row]
        if shape is not None and not shape.is_empty:
            inside = shape.representative_point()
            record["latitude"], record["longitude"] = round(inside.y, _DECIMALS), round(inside.x, _DECIMALS)
            rounded = shapely.transform(shape, lambda xy: np.round(xy, _DECIMALS))
            record["geometry"] = json.loads(shapely.to_geojson(rounded))


def _with_ancestors(codes: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for code in codes:
        while code:
            found.add(code)
            code = code.rpartition(".")[0]
    return found
