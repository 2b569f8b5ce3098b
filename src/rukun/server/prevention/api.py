"""Endpoints of tasks and outcomes."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from rukun.server.people.asking import scope
from rukun.server.people.scope import Scope
from rukun.server.prevention import actions, assigning, outcomes, progress, queries
from rukun.server.prevention.schemas import (
    Action,
    OfficerOut,
    OutcomeIn,
    OutcomeOut,
    OutcomePage,
    Reassign,
    Remove,
    TaskDone,
    TaskIn,
    TaskOut,
    TaskPage,
    TaskStatusIn,
    TaskStatusName,
)
from rukun.server.problems import ERRORS, Problem
from rukun.server.reports.api import Paging
from rukun.server.reports.queries import page_by_day, page_of
from rukun.server.reports.schemas import Filed

router = Router()
CONFLICT: dict[int, Any] = {**ERRORS, 409: Problem}
Code = Annotated[str, Field(max_length=13)]


@router.get("/actions", response={200: dict[str, Any], **ERRORS})
def get_actions(request: HttpRequest) -> Any:
    """Actions, results and roles of parties, in Indonesian and English. None of the actions is coercive."""
    return actions.everything()


@router.get("/tasks", response={200: TaskPage, **ERRORS})
def list_tasks(
    request: HttpRequest,
    paging: Query[Paging],
    status: TaskStatusName | None = None,
    village: Code = "",
    overdue: bool = False,
    waiting: bool = False,
) -> TaskPage:
    """Tasks in scope, the first due first; overdue: past their day; waiting: open and in nobody's hands."""
    found = queries.tasks(scope(request), status=status or "", village=village, overdue=overdue, waiting=waiting)
    page = page_by_day(found, "due", paging.cursor, paging.size)
    return TaskPage(items=[TaskOut.of(task) for task in page.items], next=page.next)


@router.post("/tasks", response={200: TaskDone, 201: TaskDone, **CONFLICT})
def assign_task(request: HttpRequest, given: TaskIn) -> Any:
    """Assign an action in a village that you command, once: the same again answers 200."""
    done = assigning.assign(scope(request), given.given())
    return Status(
        201 if done.stored else 200, TaskDone(id=done.record.pk, stored=done.stored, version=done.record.version)
    )


@router.get("/tasks/{uuid:task_id}", response={200: TaskOut, **ERRORS})
def get_task(request: HttpRequest, response: HttpResponse, task_id: UUID) -> TaskOut:
    """One task as it is."""
    task = _task(scope(request), task_id)
    response["ETag"] = f'"{task.version}"'
    return task


@router.post("/tasks/{uuid:task_id}/assign", response={200: TaskOut, **CONFLICT})
def reassign_task(request: HttpRequest, task_id: UUID, given: Reassign) -> TaskOut:
    """Give a task to another officer of its village, or leave it open; 409 with the task when it was changed."""
    assigning.reassign(scope(request), task_id, given.version, given.assigned, given.reason)
    return _task(scope(request), task_id)


@router.post("/tasks/{uuid:task_id}/remove", response={200: TaskOut, **CONFLICT})
def remove_task(request: HttpRequest, task_id: UUID, given: Remove) -> TaskOut:
    """Take a task back, with a reason; 409 with the task when it was changed."""
    assigning.remove(scope(request), task_id, given.version, given.reason)
    return _task(scope(request), task_id)


@router.post("/tasks/{uuid:task_id}/status", response={200: TaskDone, **CONFLICT})
def tell_status(request: HttpRequest, task_id: UUID, given: TaskStatusIn) -> TaskDone:
    """Begin an own task, or say that it can't be done; 409 with the task when somebody else changed it."""
    if given.task != task_id:
        raise assigning.Refused(
            "the task in the address is another than in the body",
            "task",
            "Tugas di alamat berbeda dengan tugas di isi kiriman.",
        )
    done = progress.tell_status(scope(request), given.given())
    return TaskDone(id=given.id, stored=done.stored, version=done.record.version)


@router.get("/villages/{code}/officers", response={200: list[OfficerOut], **ERRORS})
def list_officers(request: HttpRequest, code: Code) -> Any:
    """Officers who are posted to a village that you command today: a task there can be assigned to them."""
    asking = scope(request)
    village = assigning.commanded_village(asking, code)
    found = queries.officers_of(village.pk, asking.on)
    return [OfficerOut(id=user.pk, name=user.first_name or user.username) for user in found]


@router.get("/outcomes", response={200: OutcomePage, **ERRORS})
def list_outcomes(
    request: HttpRequest, paging: Query[Paging], village: Code = "", action: Action | None = None
) -> OutcomePage:
    """Outcomes in scope, newest first."""
    found = queries.outcomes(scope(request), village=village, action=action or "")
    page = page_of(found, "at", paging.cursor, paging.size)
    return OutcomePage(items=[OutcomeOut.of(outcome) for outcome in page.items], next=page.next)


@router.post("/outcomes", response={200: Filed, 201: Filed, **CONFLICT})
def file_outcome(request: HttpRequest, given: OutcomeIn) -> Any:
    """File what came of an action, once; its task is done then."""
    done = outcomes.file_outcome(scope(request), given.given())
    answer = Filed(id=done.record.pk, stored=done.stored, version=done.record.version, masked=dict(done.masked))
    return Status(201 if done.stored else 200, answer)


def _task(asking: Scope, task_id: UUID) -> TaskOut:
    return TaskOut.of(queries.tasks(asking).get(pk=task_id))
