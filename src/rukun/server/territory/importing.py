"""Territory from files: what an import would change, and the change.

An import is the same whether it is done once or twice. It never removes an area: one that is no longer is given its
last day.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from rukun.io.areas import AreaFile, open_areas, read_areas
from rukun.io.problems import ProblemLog
from rukun.server.audit.services import Trail, change
from rukun.server.territory.columns import KINDS, read_more
from rukun.server.territory.models import Area, Level

_CODE = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?")
_BATCH = 500
#: Codes in one entry of the trail.
_CODES_OF_ENTRY = 200
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
    now; otherwise: names that a later file spells otherwise than the one before it, in words.
    """

    changes: tuple[Change, ...]
    unchanged: int
    repaired: tuple[str, ...]
    shapeless: tuple[str, ...]
    otherwise: tuple[str, ...] = ()


def import_areas(
    paths: Iterable[str | Path], actor: str, *, dry_run: bool = False, exercise: bool = False
) -> ImportResult:
    """Take up the areas of CSV and GeoJSON files together; nothing is changed when any has a problem.

    Areas are known by their codes: where files spell a name differently the first file's holds. Beside code, name,
    population and polygon they may have kind, valid_from and valid_to (YYYY-MM-DD, the day after the last). Raises
    `InputProblems` with every problem of every file.
    """
    log = ProblemLog()
    given: dict[str, dict[str, Any]] = {}
    repaired: list[str] = []
    otherwise: list[str] = []
    for path in paths:
        source = open_areas(path, {}, log)
        found = read_areas(source, {}, log)
        if found is not None:
            otherwise += _merge(given, found)
            for code, more in read_more(source, log).items():
                given.get(code, {}).update(more)
            repaired += found.repaired
    log.stop_if_any()
    result = take_up(given, log, actor, dry_run=dry_run, exercise=exercise)
    return replace(result, repaired=tuple(repaired), otherwise=tuple(otherwise))


def take_up(
    given: Mapping[str, Mapping[str, Any]],
    log: ProblemLog,
    actor: str,
    *,
    dry_run: bool = False,
    exercise: bool = False,
) -> ImportResult:
    """Take up areas by code, each with some of name, kind, population, latitude, longitude, geometry, valid_from,
    valid_to; of a new one the kind may be missing.

    Raises `InputProblems` for codes of another form, for areas whose parent is neither given nor known, for kinds that
    don't go with the level, and for a last day before the first.
    """
    known = {area.code: area for area in Area.objects.filter(code__in=_with_ancestors(given))}
    for code, record in given.items():
        _check(code, record, given, known, log)
    log.stop_if_any()
    changes: list[Change] = []
    made: dict[Level, list[Area]] = {}
    altered: list[tuple[Area, list[str]]] = []
    for code in sorted(given):
        record = {name: value for name, value in given[code].items() if name in _FIELDS and value is not None}
        area = known.get(code)
        if area is None:
            changes.append(Change(code, record["name"], new=True))
            level = Level(code.count(".") + 1)
            record.setdefault("kind", kind_of_area(code, record["name"]))
            made.setdefault(level, []).append(Area(code=code, level=level, exercise=exercise, **record))
            continue
        fields = {n: (getattr(area, n), v) for n, v in record.items() if getattr(area, n) != v}
        if fields:
            shown = {
                n: (("a polygon" if b else None, "another polygon") if n == "geometry" else (b, a))
                for n, (b, a) in fields.items()
            }
            changes.append(Change(code, record.get("name", area.name), new=False, fields=shown))
            for name, (_, value) in fields.items():
                setattr(area, name, value)
            altered.append((area, list(fields)))
    if changes and not dry_run:
        with change(actor) as trail:
            # parents before children
            for level in sorted(made):
                for area in made[level]:
                    area.parent = known.get(area.code.rpartition(".")[0])
                Area.objects.bulk_create(made[level], batch_size=_BATCH)
                known |= {area.code: area for area in made[level]}
            for area, names in altered:
                # one by one: in bulk a missing polygon would become a JSON null, which isn't a missing one
                area.save(update_fields=names)
            _note(trail, changes)
    shapeless = [
        code
        for code, record in given.items()
        if code.count(".") + 1 == Level.VILLAGE
        and not record.get("geometry")
        and (code not in known or known[code].geometry is None)
    ]
    return ImportResult(tuple(changes), len(given) - len(changes), (), tuple(sorted(shapeless)))


def _check(
    code: str, record: Mapping[str, Any], given: Mapping[str, Any], known: Mapping[str, Area], log: ProblemLog
) -> None:
    above = code.rpartition(".")[0]
    if not _CODE.fullmatch(code):
        log.add("", f'the code "{code}" isn\'t of the form 74, 74.71, 74.71.01 or 74.71.01.1001', "correct it")
        return
    area = known.get(code)
    if above and above not in given and above not in known:
        log.add("", f"{code} lies in {above}, which isn't known", "import that area too, or first")
    elif area is None and not record.get("name"):
        log.add("", f"{code} is new and has no name", "give it a name")
    kind, kinds = record.get("kind"), KINDS[Level(code.count(".") + 1)]
    if kind is not None and kind not in kinds:
        log.add("", f'{code} is of the kind "{kind}"', f"write {' or '.join(kinds)}")
    first = record.get("valid_from") or (area.valid_from if area else None)
    last = record.get("valid_to") or (area.valid_to if area else None)
    if first and last and last <= first:
        log.add("", f"{code} ends on {last} and begins on {first}", "correct valid_from or valid_to")


def _note(trail: Trail, changes: list[Change]) -> None:
    """Every code goes into the trail, in entries of a size that a page can show: made ones by their codes, altered ones
    with the names of the fields. A province of 2,500 areas takes 13 entries of 3 KB; what they were is in backups.
    """
    for start in range(0, len(changes), _CODES_OF_ENTRY):
        part = changes[start : start + _CODES_OF_ENTRY]
        trail.add(
            "territory.imported",
            "territory:all",
            made=[c.code for c in part if c.new],
            altered={c.code: sorted(c.fields) for c in part if not c.new},
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
    return KINDS[level][0]


def _merge(given: dict[str, dict[str, Any]], found: AreaFile) -> list[str]:
    """Add a file's areas; returns which names it spells otherwise than a file before it."""
    table, otherwise = found.table, []
    for row, code in enumerate(table.code.tolist()):
        record = given.setdefault(code, {"code": code})
        name = str(table.name[row])
        # a file without names repeats the codes; its names say nothing
        if name and name != code and record.setdefault("name", name) != name:
            otherwise.append(f'{code} is "{record["name"]}"; {found.file} has "{name}"')
        if table.population is not None and np.isfinite(table.population[row]):
            record["population"] = round(float(table.population[row]))
        shape = None if table.shapes is None else table.shapes.iloc[row]
        if shape is not None and not shape.is_empty:
            inside = shape.representative_point()
            record["latitude"], record["longitude"] = round(inside.y, _DECIMALS), round(inside.x, _DECIMALS)
            rounded = shapely.transform(shape, lambda xy: np.round(xy, _DECIMALS))
            record["geometry"] = json.loads(shapely.to_geojson(rounded))
    return otherwise


def _with_ancestors(codes: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for code in codes:
        while code:
            found.add(code)
            code = code.rpartition(".")[0]
    return found
