"""Reports out as CSV, GeoJSON, XLSX and HXL-tagged CSV: streamed, in scope, noted in the trail."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from rukun.server.audit.services import change
from rukun.server.people.scope import Scope
from rukun.server.reports import queries
from rukun.server.reports.models import Report

#: Columns with their HXL tags (hxlstandard.org 1.1); what has no standard tag is a plain #meta.
COLUMNS = {
    "id": "#meta+id",
    "adm4_code": "#adm4+code",
    "adm4_name": "#adm4+name",
    "observed_at": "#date+occurred",
    "received_at": "#date+reported",
    "category": "#event+type",
    "level": "#severity",
    "status": "#status",
    "source": "#meta+source",
    "source_reliability": "#meta+source+reliability",
    "information_reliability": "#meta+information+reliability",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "text": "#description",
    "merged_into": "#meta+merged",
    "exercise": "#meta+exercise",
}
#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CHUNK = 2000


@dataclass(frozen=True)
class Format:
    """type: content type; ending: of the file; write: records to bytes."""

    type: str
    ending: str
    write: Callable[[Iterable[dict[str, Any]]], Iterator[bytes]]


def export(scope: Scope, form: str, **filters: str) -> StreamingHttpResponse:
    """Every report in scope as a file of that format, oldest first; that somebody took it is in the trail first.

    The rows are those of the list that the same person sees. Raises KeyError for another format.
    """
    chosen = FORMATS[form]
    found = queries.reports(scope, **filters).order_by("observed_at", "id")
    with change(scope.actor) as trail:
        trail.add("report.exported", "report:many", format=form, number=found.count(), **filters)
    response = StreamingHttpResponse(chosen.write(_records(found)), content_type=chosen.type)
    marked = "-latihan" if found.filter(exercise=True).exists() else ""
    name = f"rukun-laporan{marked}-{timezone.localdate():%Y%m%d}.{chosen.ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _records(found: Any) -> Iterator[dict[str, Any]]:
    report: Report
    for report in found.defer("village__geometry").iterator(chunk_size=_CHUNK):
        yield {
            "id": str(report.pk),
            "adm4_code": report.village.code,
            "adm4_name": report.village.name,
            "observed_at": report.observed_at.isoformat(),
            "received_at": report.received_at.isoformat(),
            "category": report.category,
            "level": report.level,
            "status": report.status,
            "source": report.source,
            "source_reliability": report.source_reliability,
            "information_reliability": report.information_reliability,
            "latitude": None if report.latitude is None else float(report.latitude),
            "longitude": None if report.longitude is None else float(report.longitude),
            "text": report.text,
            "merged_into": "" if report.merged_into_id is None else str(report.merged_into_id),
            "exercise": "true" if report.exercise else "false",
        }


def _csv(records: Iterable[dict[str, Any]], tags: bool = False) -> Iterator[bytes]:
    held = io.StringIO()
    writer = csv.DictWriter(held, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    if tags:
        writer.writerow(COLUMNS)
    for record in records:
        writer.writerow({name: _plain(value) for name, value in record.items()})
        if held.tell() > 1 << 16:
            yield held.getvalue().encode()
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode()


def _plain(value: Any) -> Any:
    """Text that a spreadsheet won't run: an apostrophe before what looks like a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _hxl(records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    return _csv(records, tags=True)


def _geojson(records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    yield b'{"type": "FeatureCollection", "features": [\n'
    first = True
    for record in records:
        point = None
        if record["latitude"] is not None:
            point = {"type": "Point", "coordinates": [record["longitude"], record["latitude"]]}
        properties = {name: value for name, value in record.items() if name not in ("latitude", "longitude")}
        feature = {"type": "Feature", "geometry": point, "properties": properties}
        yield (b"" if first else b",\n") + json.dumps(feature, ensure_ascii=False).encode()
        first = False
    yield b"\n]}\n"


def _xlsx(records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    import tempfile

    from openpyxl import Workbook

    # a spreadsheet is a zip, which is whole only at its end: rows go to a file as they come, and then that is streamed
    book = Workbook(write_only=True)
    sheet = book.create_sheet("laporan")
    sheet.append(list(COLUMNS))
    for record in records:
        sheet.append([_plain(_printable(value)) for value in record.values()])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while block := file.read(1 << 16):
            yield block


def _printable(value: Any) -> Any:
    """Without the characters that no cell can hold."""
    return "".join(c for c in value if c in "\n\t" or c.isprintable()) if isinstance(value, str) else value


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", "csv", _csv),
    "hxl": Format("text/csv; charset=utf-8", "hxl.csv", _hxl),
    "geojson": Format("application/geo+json", "geojson", _geojson),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", _xlsx),
}
