"""Reports and visits out as files: streamed, in scope, noted in the trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from rukun.io.streams import FORMATS, Row
from rukun.server.audit.services import change
from rukun.server.people.scope import Scope
from rukun.server.reports import queries, taxonomy
from rukun.server.reports.models import Report, Visit

_CHUNK: Final = 2000
_PLACE: Final = {"adm4_code": "#adm4+code", "adm4_name": "#adm4+name"}
REPORTS: Final = {
    "id": "#meta+id",
    **_PLACE,
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
VISITS: Final = {
    "id": "#meta+id",
    **_PLACE,
    "started_at": "#date+start",
    "received_at": "#date+reported",
    "minutes": "#activity+minutes+num",
    **{f"met_{kind}": f"#reached+{kind}" for kind in taxonomy.CONTACTS},
    "topics": "#description+topics",
    "needs": "#description+needs",
    "exercise": "#meta+exercise",
}
#: What each can be had as; a visit has no point.
REPORT_FORMATS: Final = tuple(FORMATS)
VISIT_FORMATS: Final = tuple(form for form in FORMATS if form != "geojson")


@dataclass(frozen=True)
class _Kind:
    name: str
    said: str
    columns: dict[str, str]
    row: Callable[[Any], Row]


def export_reports(scope: Scope, form: str, **filters: str) -> StreamingHttpResponse:
    """Every report that the list shows the same person with these filters, oldest first, as a file of that format.

    That somebody takes it is in the trail before the first byte goes out. Raises KeyError for another format.
    """
    found = queries.reports(scope, **filters).order_by("observed_at", "id")
    return _export(scope, _Kind("report", "laporan", REPORTS, _report), form, found, filters)


def export_visits(scope: Scope, form: str, **filters: str) -> StreamingHttpResponse:
    """Every visit that the list shows, as `export_reports`."""
    found = queries.visits(scope, **filters).order_by("started_at", "id")
    return _export(scope, _Kind("visit", "sambang", VISITS, _visit), form, found, filters)


def _export(
    scope: Scope, kind: _Kind, form: str, found: QuerySet[Any], filters: dict[str, str]
) -> StreamingHttpResponse:
    chosen = FORMATS[form]
    with change(scope.actor) as trail:
        # what is asked for is cut: it is what anybody typed
        asked = {name: value[:40] for name, value in filters.items() if value}
        trail.add(f"{kind.name}.exported", f"{kind.name}:many", format=form, number=found.count(), **asked)
    marked = "-latihan" if found.filter(exercise=True).exists() else ""
    name = f"rukun-{kind.said}{marked}-{timezone.localdate():%Y%m%d}.{chosen.ending}"
    return StreamingHttpResponse(
        chosen.write(kind.columns, _rows(kind, found)),
        headers={"Content-Type": chosen.type, "Content-Disposition": f'attachment; filename="{name}"'},
    )


def _rows(kind: _Kind, found: QuerySet[Any]) -> Iterator[Row]:
    for record in found.defer("village__geometry").iterator(chunk_size=_CHUNK):
        yield {
            "id": str(record.pk),
            "adm4_code": record.village.code,
            "adm4_name": record.village.name,
            "received_at": record.received_at.isoformat(),
            "exercise": record.exercise,
            **kind.row(record),
        }


def _report(report: Report) -> Row:
    return {
        "observed_at": report.observed_at.isoformat(),
        "category": report.category,
        "level": report.level,
        "status": report.status,
        "source": report.source,
        "source_reliability": report.source_reliability,
        "information_reliability": report.information_reliability,
        "latitude": None if report.latitude is None else float(report.latitude),
        "longitude": None if report.longitude is None else float(report.longitude),
        "text": report.text,
        "merged_into": None if report.merged_into_id is None else str(report.merged_into_id),
    }


def _visit(visit: Visit) -> Row:
    met = {contact.kind: contact.number for contact in visit.contacts.all()}
    return {
        "started_at": visit.started_at.isoformat(),
        "minutes": visit.minutes,
        **{f"met_{kind}": met.get(kind, 0) for kind in taxonomy.CONTACTS},
        "topics": visit.topics,
        "needs": visit.needs,
    }
