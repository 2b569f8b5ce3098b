"""Plain pages of tasks and outcomes."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from rukun.server.people.asking import scope
from rukun.server.people.scope import Scope
from rukun.server.people.services import UNREADABLE, NotAllowed, Refused
from rukun.server.prevention import assigning, outcomes, progress, queries
from rukun.server.prevention.forms import OutcomeForm, TaskForm, officer_choices
from rukun.server.prevention.models import Task, TaskStatus
from rukun.server.reports.filing import preview
from rukun.server.reports.models import Report
from rukun.server.reports.queries import BadCursor, page_by_day, page_of


@login_required
def task_list(request: HttpRequest) -> HttpResponse:
    """Tasks in scope, filtered by status, those past their day, or those that wait for somebody."""
    asking = scope(request)
    which = request.GET.get("status", "")
    found = queries.tasks(
        asking,
        status=which if which in TaskStatus.values else "",
        overdue=which == "overdue",
        waiting=which == "waiting",
    )
    if asking.own_villages and request.GET.get("of") == "me":
        found = found.filter(assigned=asking.user)
    try:
        page = page_by_day(found, "due", request.GET.get("cursor"))
    except BadCursor:
        page = page_by_day(found, "due", None)
    choices = [*TaskStatus.choices, ("overdue", "lewat waktu"), ("waiting", "menunggu petugas")]
    shown = {"page": page, "which": which, "choices": choices, "of": request.GET.get("of", "")}
    return render(request, "prevention/tasks.html", shown)


@login_required
def task_page(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One task, its steps, and what can be done with it."""
    asking = scope(request)
    task: Any = queries.tasks(asking).select_related("report").filter(pk=task_id).first()
    if task is None:
        raise Http404
    form = OutcomeForm(task, request.POST if request.POST.get("act") == "outcome" else None)
    if request.method == "POST":
        if request.POST.get("act") != "outcome":
            _act(request, asking, task_id)
            return redirect("task", task_id)
        if _file(request, asking, form):
            return redirect("task", task_id)
    commands = Task.objects.commanded_by(asking).filter(pk=task_id).exists()
    shown = {
        "task": task,
        "steps": task.steps.select_related("by", "assigned"),
        "outcomes": queries.outcomes(asking).filter(task=task),
        "commands": commands,
        "officers": officer_choices(task.village, asking.on) if commands else [],
        "is_own": task.village_id in asking.own_villages and not progress.in_other_hands(asking, task),
        "form": form,
        "step_id": uuid4(),
    }
    return render(request, "prevention/task.html", shown)


@login_required
def task_new(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Assign a task that answers a report."""
    asking = scope(request)
    report: Any = Report.objects.visible_to(asking).select_related("village").filter(pk=report_id).first()
    if report is None:
        raise Http404
    if not Report.objects.commanded_by(asking).filter(pk=report_id).exists():
        raise PermissionDenied("Hanya pimpinan yang memberi tugas.")
    form = TaskForm(asking, report.village, report.category, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = assigning.assign(asking, form.given(report.village.code, report.pk))
        except (Refused, NotAllowed) as wrong:
            _say(form, wrong)
        else:
            messages.success(request, "Tersimpan.")
            return redirect("task", done.record.pk)
    return render(request, "prevention/new.html", {"form": form, "report": report})


@login_required
def outcome_list(request: HttpRequest) -> HttpResponse:
    """Outcomes in scope."""
    found = queries.outcomes(scope(request))
    try:
        page = page_of(found, "at", request.GET.get("cursor"))
    except BadCursor:
        page = page_of(found, "at", None)
    return render(request, "prevention/outcomes.html", {"page": page})


def _file(request: HttpRequest, asking: Scope, form: OutcomeForm) -> bool:
    """File an outcome; what is masked is shown once before it is sent, and sending it again confirms it."""
    if not form.is_valid():
        return False
    typed = form.cleaned_data["text"]
    shown = preview(typed)[0]
    if shown != typed and request.POST.get("seen") != "yes":
        form.shown = shown  # type: ignore[attr-defined]
        return False
    try:
        outcomes.file_outcome(asking, form.given())
    except (Refused, NotAllowed) as wrong:
        _say(form, wrong)
        return False
    messages.success(request, "Tersimpan.")
    return True


def _act(request: HttpRequest, asking: Scope, task_id: UUID) -> None:
    sent = request.POST
    try:
        version = int(sent.get("version", ""))
        if sent.get("act") == "assign":
            chosen = sent.get("assigned", "")
            assigning.reassign(asking, task_id, version, int(chosen) if chosen else None, sent.get("reason", ""))
        elif sent.get("act") == "remove":
            assigning.remove(asking, task_id, version, sent.get("reason", ""))
        else:
            told = progress.StatusIn(
                UUID(sent.get("id", "")), task_id, version, sent.get("act", ""), sent.get("reason", "")
            )
            progress.tell_status(asking, told)
        messages.success(request, "Tersimpan.")
    except Task.DoesNotExist as gone:
        raise Http404 from gone
    except (Refused, NotAllowed) as wrong:
        messages.error(request, wrong.said)
    except (ValueError, OverflowError):
        messages.error(request, UNREADABLE)


def _say(form: Any, wrong: Refused | NotAllowed) -> None:
    field = getattr(wrong, "field", "")
    form.add_error(field if field in form.fields else None, wrong.said)
