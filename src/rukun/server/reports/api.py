"""Endpoints of reports, visits and review."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Query, Router, Schema, Status
from ninja.files import UploadedFile

from rukun.core.text.lawful import read
from rukun.io.streams import FORMATS
from rukun.server.audit.services import change
from rukun.server.people.asking import scope
from rukun.server.problems import ERRORS, Problem
from rukun.server.reports import export, filing, photos, queries, review, storing, taxonomy
from rukun.server.reports.export import REPORT_FORMATS, VISIT_FORMATS
from rukun.server.reports.models import Report
from rukun.server.reports.schemas import (
    Filed,
    Masked,
    MergeIn,
    ReportAmended,
    ReportDetail,
    ReportIn,
    ReportOut,
    ReportPage,
    ReviewIn,
    StatusName,
    TextIn,
    VisitIn,
    VisitOut,
    VisitPage,
)


def as_files(forms: tuple[str, ...]) -> dict[str, Any]:
    """For the description of the API: the answer is a file of one of these formats."""
    types = sorted({FORMATS[form].type.partition(";")[0] for form in forms})
    content = {
        kind: {"schema": {"type": "object"} if kind.endswith("json") else {"type": "string", "format": "binary"}}
        for kind in types
    }
    return {"responses": {200: {"description": "OK", "content": content}}}


router = Router()
CONFLICT: dict[int, Any] = {**ERRORS, 409: Problem}


class Paging(Schema):
    """Where in a list, and how much of it."""

    cursor: str = ""
    size: int = queries.PAGE


class PhotoOut(Schema):
    """A photo as stored."""

    id: UUID
    size: int
    sha256: str


@router.get("/taxonomy", response={200: dict[str, dict[str, dict[str, str]]], **ERRORS})
def get_taxonomy(request: HttpRequest) -> Any:
    """Categories, levels, sources and grades, in Indonesian and English."""
    return taxonomy.everything()


@router.post("/mask", response={200: Masked, **ERRORS})
def mask(request: HttpRequest, given: TextIn) -> Masked:
    """What would be stored of a text; nothing of it is kept."""
    text, masked = filing.preview(given.text)
    return Masked(text=text, masked=masked, lawful=read(text).only_lawful)


@router.get("/reports", response={200: ReportPage, **ERRORS})
def list_reports(
    request: HttpRequest,
    paging: Query[Paging],
    status: StatusName | None = None,
    category: str = "",
    village: str = "",
) -> ReportPage:
    """Reports in scope, newest first."""
    found = queries.reports(scope(request), status=status or "", category=category, village=village)
    page = queries.page_of(found, "observed_at", paging.cursor, paging.size)
    return ReportPage(items=[ReportOut.of(report) for report in page.items], next=page.next)


@router.get("/reports/export", response={200: Any, **ERRORS}, openapi_extra=as_files(REPORT_FORMATS))
def export_reports(
    request: HttpRequest,
    format: Literal[*REPORT_FORMATS] = "csv",  # type: ignore[valid-type]
    status: StatusName | None = None,
    category: str = "",
    village: str = "",
) -> Any:
    """Every report that the list shows, as a file; that it was taken is noted in the trail."""
    return export.export_reports(scope(request), format, status=status or "", category=category, village=village)


@router.get("/review", response={200: ReportPage, **ERRORS})
def list_review(request: HttpRequest, paging: Query[Paging]) -> ReportPage:
    """Reports that wait for this head, newest first."""
    page = queries.page_of(queries.to_review(scope(request)), "observed_at", paging.cursor, paging.size)
    return ReportPage(items=[ReportOut.of(report) for report in page.items], next=page.next)


@router.post("/reports", response={200: Filed, 201: Filed, **CONFLICT})
def file_report(request: HttpRequest, given: ReportIn) -> Any:
    """File a report, once: the same again answers 200, another content under the same id 409."""
    filed = filing.file_report(scope(request), given.given())
    return Status(201 if filed.stored else 200, _filed(filed))


@router.get("/reports/{uuid:report_id}", response={200: ReportDetail, **ERRORS})
def get_report(request: HttpRequest, response: HttpResponse, report_id: UUID) -> ReportDetail:
    """One report with its review. Reading it is noted in the trail."""
    asking = scope(request)
    with change(asking.actor) as trail:
        found = Report.objects.visible_to(asking).select_related("village").prefetch_related("steps", "photos")
        report = found.get(pk=report_id)
        trail.add("report.read", f"report:{report.pk}")
    response["ETag"] = f'"{report.version}"'
    return ReportDetail.of(report)


@router.put("/reports/{uuid:report_id}", response={200: ReportOut, **CONFLICT})
def amend_report(request: HttpRequest, report_id: UUID, given: ReportAmended) -> ReportOut:
    """Mend an own report that is submitted or returned."""
    if given.id != report_id:
        raise review.Refused(
            "the id in the address is another than in the report",
            "id",
            "Nomor di alamat berbeda dengan nomor di laporan.",
        )
    return ReportOut.of(review.amend(scope(request), given.given(), given.version))


@router.post("/reports/{uuid:report_id}/review", response={200: ReportOut, **CONFLICT})
def review_report(request: HttpRequest, report_id: UUID, given: ReviewIn) -> ReportOut:
    """Verify, return or drop a report; 409 with the record as it is when somebody else was faster."""
    return ReportOut.of(review.review(scope(request), report_id, given.version, given.after(), given.reason))


@router.post("/reports/{uuid:report_id}/merge", response={200: ReportOut, **ERRORS})
def merge_reports(request: HttpRequest, report_id: UUID, given: MergeIn) -> ReportOut:
    """Another report speaks of the same event as this one: it counts no longer."""
    done = review.merge(scope(request), report_id, given.merged, given.reason)
    return ReportOut.of(Report.objects.select_related("village").get(pk=done.kept_id))


@router.post("/reports/{uuid:report_id}/unmerge", response={200: ReportOut, **ERRORS})
def unmerge_report(request: HttpRequest, report_id: UUID) -> ReportOut:
    """Take back that this report was merged into another."""
    return ReportOut.of(review.unmerge(scope(request), report_id))


@router.post("/reports/{uuid:report_id}/photos/{uuid:photo_id}", response={200: PhotoOut, **CONFLICT, 413: Problem})
def add_photo(request: HttpRequest, report_id: UUID, photo_id: UUID, photo: File[UploadedFile]) -> PhotoOut:
    """Attach a photo to an own report; what the file holds beside the picture is not kept."""
    content = photo.read(photos.MOST_BYTES + 1)
    stored = photos.add_photo(scope(request), report_id, photo_id, content)
    return PhotoOut(id=stored.pk, size=stored.size, sha256=stored.sha256)


@router.get("/visits", response={200: VisitPage, **ERRORS})
def list_visits(request: HttpRequest, paging: Query[Paging], village: str = "") -> VisitPage:
    """Visits in scope, newest first."""
    page = queries.page_of(queries.visits(scope(request), village=village), "started_at", paging.cursor, paging.size)
    return VisitPage(items=[VisitOut.of(visit) for visit in page.items], next=page.next)


@router.get("/visits/export", response={200: Any, **ERRORS}, openapi_extra=as_files(VISIT_FORMATS))
def export_visits(
    request: HttpRequest,
    format: Literal[*VISIT_FORMATS] = "csv",  # type: ignore[valid-type]
    village: str = "",
) -> Any:
    """Every visit that the list shows, as a file; that it was taken is noted in the trail."""
    return export.export_visits(scope(request), format, village=village)


@router.post("/visits", response={200: Filed, 201: Filed, **CONFLICT})
def file_visit(request: HttpRequest, given: VisitIn) -> Any:
    """File a visit, once."""
    filed = filing.file_visit(scope(request), given.given())
    return Status(201 if filed.stored else 200, _filed(filed))


def _filed(filed: storing.Filed) -> Filed:
    return Filed(id=filed.record.pk, stored=filed.stored, version=filed.record.version, masked=dict(filed.masked))
