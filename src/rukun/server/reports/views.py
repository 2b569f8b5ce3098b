"""Plain pages of reports, visits and review."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from rukun.server.audit.services import change
from rukun.server.people.asking import scope
from rukun.server.people.models import Role
from rukun.server.people.services import UNREADABLE, NotAllowed, Refused
from rukun.server.reports import filing, queries, review
from rukun.server.reports.export import REPORT_FORMATS, VISIT_FORMATS
from rukun.server.reports.forms import ReportForm, VisitForm
from rukun.server.reports.models import Photo, Report, Status


@login_required
def report_list(request: HttpRequest) -> HttpResponse:
    """Reports in scope."""
    filters = {
        "status": _one_of(request.GET.get("status", ""), Status.values),
        "village": request.GET.get("village", "")[:13],
    }
    page = _page(request, queries.reports(scope(request), **filters), "observed_at")
    shown = {"page": page, "title": "Laporan", "filters": _asked(filters), "formats": REPORT_FORMATS}
    return render(request, "reports/list.html", shown)


@login_required
def review_list(request: HttpRequest) -> HttpResponse:
    """Reports that wait for a head."""
    asking = scope(request)
    if asking.commanded is None:
        raise PermissionDenied("Hanya pimpinan yang meninjau laporan.")
    page = _page(request, queries.to_review(asking), "observed_at")
    return render(request, "reports/list.html", {"page": page, "title": "Menunggu tinjauan"})


@login_required
def visit_list(request: HttpRequest) -> HttpResponse:
    """Visits in scope."""
    filters = {"village": request.GET.get("village", "")[:13]}
    page = _page(request, queries.visits(scope(request), **filters), "started_at")
    shown = {"page": page, "filters": _asked(filters), "formats": VISIT_FORMATS}
    return render(request, "reports/visits.html", shown)


@login_required
def report_page(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """One report, its steps, and what can be done with it. Reading it is noted."""
    asking = scope(request)
    if request.method == "POST":
        _act(request, report_id)
        return redirect("report", report_id)
    with change(asking.actor) as trail:
        found = Report.objects.visible_to(asking).select_related("village", "author")
        report = found.prefetch_related("steps__by", "photos").filter(pk=report_id).first()
        if report is None:
            raise Http404
        trail.add("report.read", f"report:{report.pk}")
    turn, may = "", False
    try:
        review.require_reviewer(asking, report)
        may = True
    except NotAllowed as wrong:
        turn = wrong.said
    shown = {
        "report": report,
        "may_review": may,
        "turn": turn,
        "merged": queries.merged_into(asking, report),
        "same": queries.possibly_same(asking, report) if may and _takes_others(report) else [],
    }
    return render(request, "reports/report.html", shown)


@login_required
def report_new(request: HttpRequest) -> HttpResponse:
    """File a report: typed, shown as it will be stored, then sent."""
    return _new(request, ReportForm, filing.file_report, "Laporan baru", "reports")


@login_required
def visit_new(request: HttpRequest) -> HttpResponse:
    """File a visit."""
    return _new(request, VisitForm, filing.file_visit, "Sambang baru", "visits")


@login_required
def photo(request: HttpRequest, report_id: UUID, photo_id: UUID) -> HttpResponse:
    """A photo of a report in scope."""
    asking = scope(request)
    seen = Report.objects.visible_to(asking).filter(pk=report_id)
    kept = Photo.objects.filter(pk=photo_id, report__in=seen).first()
    if kept is None:
        raise Http404
    with change(asking.actor) as trail:
        trail.add("photo.read", f"report:{report_id}", photo=str(photo_id))
    try:
        return FileResponse((Path(settings.MEDIA_ROOT) / kept.path).open("rb"), content_type="image/jpeg")
    except FileNotFoundError as gone:
        raise Http404 from gone


def _new(request: HttpRequest, kind: type[Any], file: Callable[..., Any], title: str, after: str) -> HttpResponse:
    asking = scope(request)
    if not asking.has(Role.VILLAGE_OFFICER):
        raise PermissionDenied("Hanya bhabinkamtibmas yang membuat laporan dan sambang.")
    form = kind(asking, request.POST or None)
    shown: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("text", "topics", "needs") if form.cleaned_data.get(name)}
        shown = {name: filing.preview(words)[0] for name, words in typed.items()}
        # what is masked is shown once before it is sent; sending again confirms it
        changed = {name: words for name, words in shown.items() if words != typed[name]}
        if not changed or request.POST.get("seen") == "yes":
            try:
                file(asking, form.given())
            except (Refused, NotAllowed) as wrong:
                field = getattr(wrong, "field", "")
                form.add_error(field if field in form.fields else None, wrong.said)
            else:
                messages.success(request, "Tersimpan.")
                return redirect(after)
        shown = changed
    return render(request, "reports/new.html", {"form": form, "title": title, "shown": shown})


def _takes_others(report: Report) -> bool:
    return report.merged_into_id is None and report.status != Status.DROPPED


def _act(request: HttpRequest, report_id: UUID) -> None:
    asking = scope(request)
    version = request.POST.get("version", "")
    after = _one_of(request.POST.get("status", ""), Status.values)
    try:
        if request.POST.get("act") == "unmerge":
            # of this report, or of one that was merged into it
            review.unmerge(asking, UUID(request.POST.get("merged") or str(report_id)))
        elif request.POST.get("act") == "merge":
            review.merge(asking, report_id, UUID(request.POST.get("merged", "")), request.POST.get("reason", ""))
        else:
            review.review(asking, report_id, int(version), Status(after), request.POST.get("reason", ""))
        messages.success(request, "Tersimpan.")
    except Report.DoesNotExist as gone:
        raise Http404 from gone
    except (Refused, NotAllowed) as wrong:
        messages.error(request, wrong.said)
    except ValueError:
        messages.error(request, UNREADABLE)


def _page(request: HttpRequest, found: Any, when: str) -> queries.Page:
    try:
        return queries.page_of(found, when, request.GET.get("cursor"))
    except queries.BadCursor:
        return queries.page_of(found, when, None)


def _asked(filters: dict[str, str]) -> str:
    """The filters of a list as the end of an address, for its next page and its files."""
    given = {name: value for name, value in filters.items() if value}
    return f"&{urlencode(given)}" if given else ""


def _one_of(value: str, allowed: list[str]) -> str:
    return value if value in allowed else ""
