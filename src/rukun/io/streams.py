"""Tables out as CSV, HXL-tagged CSV, GeoJSON and XLSX, as a stream that holds a few rows at a time."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | None
Row: TypeAlias = Mapping[str, Value]
#: Columns in their order, each with its HXL tag (hxlstandard.org 1.1); what has no standard tag is a plain #meta.
Columns: TypeAlias = Mapping[str, str]

#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Format:
    """type: content type; ending: of the file; write: columns and rows to bytes."""

    type: str
    ending: str
    write: Callable[[Columns, Iterable[Row]], Iterator[bytes]]


def write_csv(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """CSV in UTF-8 (RFC 4180 with line feeds), without a byte order mark: programs would take it for part of a name."""
    return _csv(columns, rows, tagged=False)


def write_hxl(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """The same with the row of HXL tags right under the names."""
    return _csv(columns, rows, tagged=True)


def write_geojson(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """A FeatureCollection (RFC 7946): points from `longitude` and `latitude`, a null geometry where they are None."""
    yield b'{"type": "FeatureCollection", "features": [\n'
    first = True
    for row in rows:
        point = None
        if row["latitude"] is not None:
            point = {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]}
        properties = {name: row[name] for name in columns if name not in ("latitude", "longitude")}
        feature = {"type": "Feature", "id": row["id"], "geometry": point, "properties": properties}
        yield (b"" if first else b",\n") + json.dumps(feature, ensure_ascii=False, allow_nan=False).encode()
        first = False
    yield b"\n]}\n"


def write_xlsx(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """One sheet of a workbook."""
    from openpyxl import Workbook

    # a workbook is a zip, which is whole only at its end: rows go to a file as they come, and then that is streamed
    book = Workbook(write_only=True)
    sheet = book.create_sheet("data")
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_plain(_printable(_said(row[name]))) for name in columns])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


FORMATS: Mapping[str, Format] = {
    "csv": Format("text/csv; charset=utf-8", "csv", write_csv),
    "hxl": Format("text/csv; charset=utf-8", "hxl.csv", write_hxl),
    "geojson": Format("application/geo+json", "geojson", write_geojson),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", write_xlsx),
}


def _csv(columns: Columns, rows: Iterable[Row], tagged: bool) -> Iterator[bytes]:
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(columns)
    if tagged:
        writer.writerow(columns.values())
    for row in rows:
        writer.writerow([_plain(_said(row[name])) for name in columns])
        if held.tell() > _BLOCK:
            yield held.getvalue().encode()
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode()


def _said(value: Value) -> Value:
    """Truth values as every program reads them."""
    return ("true" if value else "false") if isinstance(value, bool) else value


def _plain(value: Value) -> Value:
    """Text that a spreadsheet won't run: an apostrophe before what looks like a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _printable(value: Value) -> Value:
    """Without the characters that no cell can hold."""
    return "".join(c for c in value if c in "\n\t" or c.isprintable()) if isinstance(value, str) else value
