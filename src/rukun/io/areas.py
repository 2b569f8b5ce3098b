"""Area files: CSV, Parquet and GeoJSON to an `AreaTable` of every level they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from rukun.core.areas import AreaTable, FloatArray, StrArray, parent_code
from rukun.core.geometry import local_projection, measured, projected, repaired
from rukun.io.problems import InputProblems, Problem, ProblemLog, shown
from rukun.io.tables import Table
from rukun.io.textfile import check_text, kind_of, opened
from rukun.io.values import numbers, words

#: A GeoJSON is read whole; above this it would fill the memory of an ordinary machine.
_MOST_BYTES = 600 << 20


@dataclass(frozen=True)
class FeatureFile:
    """A GeoJSON's features: names of their properties, the properties, and shapes ((n,) in degrees or None)."""

    file: str
    role: str
    names: tuple[str, ...]
    properties: list[dict[str, Any]]
    shapes: Any


@dataclass(frozen=True)
class AreaFile:
    """An area file as read: its table (all levels), codes of the polygons repaired and of areas without one."""

    file: str
    table: AreaTable
    repaired: tuple[str, ...] = ()
    shapeless: tuple[str, ...] = ()


def open_areas(path: str | Path, columns: Mapping[str, str], log: ProblemLog) -> Table | FeatureFile:
    """Open an area file of any of its formats. Raises `InputProblems` when it is none of them."""
    where = Path(path)
    return _features(where) if kind_of(where) == "geojson" else Table(where, "areas", columns, log)


def read_areas(source: Table | FeatureFile, columns: Mapping[str, str], log: ProblemLog) -> AreaFile | None:
    """The areas of an open file; None, with the problems in the log, where there are any."""
    before = len(log.problems)
    if isinstance(source, FeatureFile):
        area_file = _of_features(source, columns, log)
    elif source.name("code") is None and _is_wide(source):
        area_file = _of_wide(source, log)
    else:
        area_file = _of_rows(source, log)
    if isinstance(source, Table):
        source.settle()
    return area_file if len(log.problems) == before else None


def _of_rows(table: Table, log: ProblemLog) -> AreaFile | None:
    if table.name("code") is None:
        table.lacks("code")
        return None
    optional = ("name", "parent", "population", "latitude", "longitude")
    wanted = ["code", *(column for column in optional if table.name(column) is not None)]
    batch = table.read(wanted)
    code = np.array(words(batch, "code").to_pylist(), dtype=str)
    blank = np.flatnonzero(code == "")
    table.report(batch.row[blank], "code", ["the code is missing"] * len(blank), "give every area its code")
    later = _repeats(code)
    whats = [f"the code {shown(code[row])} is there more than once" for row in later]
    table.report(batch.row[later], "code", whats, "keep one row for each area")
    population = None
    if "population" in wanted:
        population, _ = numbers(batch, "population", table, low=np.finfo(float).tiny)
    centroid = None
    if "latitude" in wanted and "longitude" in wanted:
        latitude, _ = numbers(batch, "latitude", table, "allowed", -90, 90)
        longitude, _ = numbers(batch, "longitude", table, "allowed", -180, 180)
        centroid = _centroids(longitude, latitude)
    named = {
        column: np.array(words(batch, column).to_pylist(), dtype=str) for column in wanted if column in optional[:2]
    }
    table_of = _assembled(code, named.get("name"), named.get("parent"), population, centroid)
    return AreaFile(table.file, table_of)


def _is_wide(table: Table) -> bool:
    """One row of numbers below codes: populations in the form of a matrix's margin."""
    first = next(table.batches(table.names), None)
    table.rows = 0
    if first is None or len(first.row) != 1 or "" in table.names:
        return False
    try:
        return all(float(words(first, name)[0].as_py()) > 0 for name in table.names)
    except ValueError:
        return False


def _of_wide(table: Table, log: ProblemLog) -> AreaFile:
    batch = table.read(table.names)
    values = [numbers(batch, name, table, low=np.finfo(float).tiny)[0][0] for name in table.names]
    return AreaFile(table.file, _assembled(np.array(table.names, dtype=str), None, None, np.array(values), None))


def _of_features(source: FeatureFile, columns: Mapping[str, str], log: ProblemLog) -> AreaFile | None:
    def property_of(wanted: str) -> str | None:
        mapped = columns.get(f"areas.{wanted}", columns.get(wanted))
        return mapped if mapped in source.names else wanted if wanted in source.names else None

    key = property_of("code")
    if key is None:
        there = ", ".join(f'"{name}"' for name in source.names[:30]) or "no properties"
        log.add(source.file, 'no property "code"', f"the features have {there}; say which with --map code=PROPERTY")
        return None
    code = np.array([_said(feature.get(key)) for feature in source.properties], dtype=str)
    for row in np.flatnonzero(code == ""):
        log.add(source.file, "the code is missing", "give every area its code", int(row) + 1, key)
    for row in _repeats(code):
        what = f"the code {shown(code[row])} is there more than once"
        log.add(source.file, what, "keep one feature for each area", int(row) + 1, key)
    shapes, bad = repaired(source.shapes)
    drawn = ~shapely.is_missing(shapes)
    if not drawn.any():
        log.add(source.file, "no feature is a polygon", "give areas as Polygon or MultiPolygon")
        return None
    west, south, east, north = shapely.total_bounds(shapes[drawn])
    if west < -180.001 or east > 180.001 or south < -90.001 or north > 90.001:
        what = f"coordinates reach from {west:g}, {south:g} to {east:g}, {north:g}: these aren't degrees"
        log.add(source.file, what, "export it in WGS84 (EPSG:4326)")
        return None
    columns_of: dict[str, StrArray] = {}
    for wanted in ("name", "parent"):
        if (named := property_of(wanted)) is not None:
            columns_of[wanted] = np.array([_said(feature.get(named)) for feature in source.properties], dtype=str)
    population = _populations(source, property_of("population"), log)
    _, centroid, surface = measured(shapes)
    table = _assembled(code, columns_of.get("name"), columns_of.get("parent"), population, centroid)
    table = AreaTable(
        table.code,
        table.name,
        table.parent,
        table.population,
        table.centroid,
        surface,
        gpd.GeoSeries(shapes, crs=4326),
        table.above,
    )
    return AreaFile(source.file, table, tuple(code[bad].tolist()), tuple(code[~drawn].tolist()))


def _populations(source: FeatureFile, key: str | None, log: ProblemLog) -> FloatArray | None:
    if key is None:
        return None
    values = np.full(len(source.properties), np.nan)
    for row, feature in enumerate(source.properties):
        try:
            values[row] = float(feature.get(key))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            values[row] = np.nan
        if not (np.isfinite(values[row]) and values[row] > 0):
            what = f"population {shown(feature.get(key))} is not a number above 0"
            log.add(source.file, what, "leave the property out of all features if it isn't known", row + 1, key)
    return values


def _assembled(
    code: StrArray,
    name: StrArray | None,
    parent: StrArray | None,
    population: FloatArray | None,
    centroid: FloatArray | None,
) -> AreaTable:
    derived = np.array([parent_code(str(one)) for one in code], dtype=str)
    above = derived if parent is None else np.where(parent == "", derived, parent)
    return AreaTable(
        code=code,
        name=code if name is None else np.where(name == "", code, name),
        parent=above,
        population=population,
        centroid=centroid,
    )


def _centroids(longitude: FloatArray, latitude: FloatArray) -> FloatArray | None:
    known = np.isfinite(longitude) & np.isfinite(latitude)
    if not known.any():
        return None
    centroid = np.full((len(longitude), 2), np.nan)
    projection = local_projection(longitude[known], latitude[known])
    centroid[known] = projected(longitude[known], latitude[known], projection)
    return centroid


def _repeats(code: StrArray) -> Any:
    """Rows whose code stands in an earlier row."""
    first = np.zeros(len(code), dtype=bool)
    first[np.unique(code, return_index=True)[1]] = True
    return np.flatnonzero(~first & (code != ""))


def _features(path: Path) -> FeatureFile:
    if path.stat().st_size > _MOST_BYTES:
        what = f"is {path.stat().st_size / 2**30:.1f} GB; a GeoJSON is read whole, and this fills the memory"
        raise InputProblems(
            [Problem(path.name, None, None, what, "simplify its shapes, or cut it to the areas you need")]
        )
    check_text(path)
    with opened(path) as file:
        text = file.read().decode("utf-8-sig")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        # said as text: a broken JSON has lines, not features
        what = f"isn't whole JSON at line {error.lineno}, character {error.colno}: {error.msg}"
        raise InputProblems([Problem(path.name, None, None, what, "export it again")]) from None
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        fix = 'expected {"type": "FeatureCollection", "features": [...]}'
        raise InputProblems([Problem(path.name, None, None, "is JSON but not GeoJSON", fix)])
    if not features:
        raise InputProblems([Problem(path.name, None, None, "has no features", "export at least one area")])
    properties = [feature.get("properties") or {} for feature in features]
    names = tuple(dict.fromkeys(name for feature in properties for name in feature))
    return FeatureFile(path.name, "areas", names, properties, _shapes(path, content, features))


def _shapes(path: Path, content: dict[str, Any], features: list[dict[str, Any]]) -> Any:
    said = [json.dumps(feature["geometry"]) if feature.get("geometry") else None for feature in features]
    shapes = shapely.from_geojson(np.array(said, dtype=object), on_invalid="ignore")
    broken = [
        Problem(path.name, row + 1, "geometry", "is not a GeoJSON geometry", "export the feature again")
        for row, (one, shape) in enumerate(zip(said, shapes, strict=True))
        if one is not None and shape is None
    ]
    if broken:
        raise InputProblems(broken[:1000], max(len(broken) - 1000, 0))
    shapes = shapely.force_2d(shapes)
    crs = ((content.get("crs") or {}).get("properties") or {}).get("name")
    if crs is None or "CRS84" in str(crs):
        return shapes
    try:
        return np.asarray(gpd.GeoSeries(shapes, crs=crs).to_crs(4326).values, dtype=object)
    except Exception:  # pyproj and geopandas raise several kinds for a name they don't know
        what = f"its coordinate system {shown(crs)} isn't known"
        raise InputProblems([Problem(path.name, None, "crs", what, "export it in WGS84 (EPSG:4326)")]) from None


def _said(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
