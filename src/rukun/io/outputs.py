"""Frames written to CSV, Parquet or GeoJSON, whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from rukun.core.areas import AreaTable
from rukun.io.problems import InputProblems, Problem

FORMATS = (".csv", ".parquet", ".geojson")
#: Digits of a written coordinate: a tenth of a metre.
_PRECISION = 1e-6


def write_frame(frame: pd.DataFrame, path: str | Path, areas: AreaTable | None = None, exercise: bool = False) -> Path:
    """Write `frame` in the format that the ending of `path` names, and return the path.

    areas: gives the shape of each row's `area` to a GeoJSON; exercise: adds a column `exercise` that is true, and to a
    GeoJSON a member of that name. The file appears whole under its name or not at all.
    Raises `InputProblems` when the ending names no format, the disk is full, or shapes are missing.
    """
    target = check_output(path)
    marked = frame.assign(exercise=True) if exercise else frame
    ending = target.suffix.lower()
    if ending == ".geojson":
        shaped = _with_shapes(marked, target, areas)
        return _whole(target, lambda part: _write_geojson(shaped, part, exercise))
    if ending == ".parquet":
        return _whole(target, lambda part: marked.to_parquet(part, index=False))
    return _whole(target, lambda part: marked.to_csv(part, index=False, encoding="utf-8", lineterminator="\n"))


def write_text(text: str, path: str | Path) -> Path:
    """Write a text file (a report) whole or not at all, and return the path. Raises `InputProblems`."""
    target = _writable(Path(path))
    return _whole(target, lambda part: _write_bytes(part, text.encode("utf-8")))


def check_output(path: str | Path) -> Path:
    """Check, before anything is computed, that a frame can be written there. Raises `InputProblems`."""
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        what = f'the ending "{target.suffix}" names no format' if target.suffix else "has no ending that names a format"
        raise InputProblems([Problem(str(target), None, None, what, f"end it in {', '.join(FORMATS)}")])
    return _writable(target)


def _writable(target: Path) -> Path:
    folder = target.parent
    if target.is_dir():
        raise InputProblems([Problem(str(target), None, None, "is a folder", "name a file in it")])
    if not folder.is_dir():
        raise InputProblems([Problem(str(target), None, None, f"there is no folder {folder}", "make it first")])
    if not os.access(folder, os.W_OK):
        fix = "choose another folder, or ask for permission"
        raise InputProblems([Problem(str(target), None, None, f"nothing may be written to {folder}", fix)])
    return target


def _whole(target: Path, write: Callable[[Path], object]) -> Path:
    """Write under another name in the same folder, then rename: a reader never sees half a file."""
    try:
        with _part_of(target) as part:
            write(part)
            _flush(part)
            part.chmod(_mode(target))
            part.replace(target)
    except OSError as error:
        what = f"can't be written: {error.strerror or error}"
        fix = "free some space or choose another disk; nothing was left behind"
        raise InputProblems([Problem(str(target), None, None, what, fix)]) from None
    return target


@contextlib.contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _flush(part: Path) -> None:
    # a rename can reach the disk before the bytes do; then a power cut would leave an empty file
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _mode(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _with_shapes(frame: pd.DataFrame, target: Path, areas: AreaTable | None) -> gpd.GeoDataFrame:
    if "area" not in frame.columns:
        raise InputProblems([Problem(str(target), None, None, "needs a column area", "write it as CSV")])
    if areas is None or areas.shapes is None:
        what = "can't be written: the areas have no shapes"
        raise InputProblems([Problem(str(target), None, None, what, "give areas as GeoJSON, or write a CSV")])
    row_of = {str(code): row for row, code in enumerate(areas.code)}
    rows = np.array([row_of.get(str(code), -1) for code in frame["area"]], dtype=np.int64)
    shapes = np.append(np.asarray(areas.shapes.values, dtype=object), [None])[rows]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=4326))


def _write_geojson(frame: gpd.GeoDataFrame, part: Path, exercise: bool) -> None:
    shapes = np.asarray(frame.geometry.values, dtype=object)
    unique, where = np.unique([id(shape) for shape in shapes], return_inverse=True)
    first = np.full(len(unique), -1, dtype=np.int64)
    first[where[::-1]] = np.arange(len(shapes))[::-1]
    # rounding may make a sliver invalid; set_precision mends it
    drawn = shapely.to_geojson(shapely.set_precision(shapes[first], _PRECISION))
    properties = pd.DataFrame(frame.drop(columns="geometry"))
    records = json.loads(properties.to_json(orient="records", date_format="iso", double_precision=12))
    for column in properties.select_dtypes("datetime").columns:
        days = properties[column].dt.strftime("%Y-%m-%d").tolist()
        for record, day in zip(records, days, strict=True):
            record[column] = day
    mark = '"exercise":true,' if exercise else ""
    with part.open("w", encoding="utf-8") as file:
        file.write(f'{{"type":"FeatureCollection",{mark}"features":[')
        for number, (record, shape) in enumerate(zip(records, where, strict=True)):
            said = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            file.write(",\n" if number else "\n")
            file.write(f'{{"type":"Feature","properties":{said},"geometry":{drawn[shape] or "null"}}}')
        file.write("\n]}\n")


def _write_bytes(part: Path, content: bytes) -> None:
    part.write_bytes(content)
