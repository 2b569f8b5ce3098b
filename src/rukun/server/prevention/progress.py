"""What an officer tells of tasks: begun, or it can't be done (done is told by an outcome, see `outcomes`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from rukun.server.audit.services import Trail, change
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.prevention.models import Task, TaskStatus, TaskStep
from rukun.server.prevention.moves import MOST_REASON, OFFICERS, Move, TaskChanged, move, save_moves
from rukun.server.prevention.queries import holding
from rukun.server.reports.checks import masked_text
from rukun.server.reports.storing import Filed, OtherContent


@dataclass(frozen=True)
class StatusIn:
    """An officer's word on a task. id: made by the client; version: of the task that they saw."""

    id: UUID
    task: UUID
    version: int
    status: str
    reason: str = ""


def tell_status(scope: Scope, given: StatusIn) -> Filed:
    """Take an officer's word on a task, once.

    Raises Task.DoesNotExist outside the own villages, NotAllowed, Refused (OtherContent among them), TaskChanged.
    """
    if not scope.has(Role.VILLAGE_OFFICER):
        raise NotAllowed(
            "only the officer of a task begins it or says that it can't be done",
            "Hanya petugas tugas ini yang memulainya atau menyatakan tidak dapat dilaksanakan.",
        )
    with change(scope.actor) as trail:
        (answer,) = take_statuses(scope, [given], trail)
        if isinstance(answer, Exception):
            raise answer
    return answer


def take_statuses(scope: Scope, given: Sequence[StatusIn], trail: Trail) -> list[Filed | Exception]:
    """Take many inside a change that is under way: each by itself, in their order, in a fixed number of queries.

    An offline app can't know which version its own earlier word made: only what others changed since the version that
    was seen is a conflict.
    """
    tasks = locked(scope, {each.task for each in given})
    # looked up after the lock: a request with the same ids has stored its own by now, or waits
    known = {step.pk: step for step in TaskStep.objects.filter(pk__in=[each.id for each in given])}
    by_others: dict[UUID, int] = {}
    others = TaskStep.objects.filter(task__in=tasks).exclude(by=scope.user)
    for task_id, version in others.order_by("version").values_list("task_id", "version"):
        by_others[task_id] = version
    made: dict[UUID, TaskStep] = {}
    answers: list[Filed | Exception] = []
    for each in given:
        try:
            answers.append(_take(scope, each, tasks, {**known, **made}, by_others, made, trail))
        except (Refused, NotAllowed, ObjectDoesNotExist) as wrong:
            answers.append(wrong)
    save_moves(made.values())
    return answers


def locked(scope: Scope, keys: Iterable[UUID]) -> dict[UUID, Any]:
    """Tasks of the own villages by their keys, each with `held`, locked in one order until the change is over."""
    wanted = set(keys)
    if not wanted:
        return {}
    found = Task.objects.filter(pk__in=wanted, village__in=scope.own_villages).order_by("pk")
    rows = found.annotate(held=holding(scope.on)).select_related("village", "assigned").select_for_update(of=("self",))
    return {task.pk: task for task in rows}


def in_other_hands(scope: Scope, task: Any) -> bool:
    """Whether a locked task is another officer's."""
    return bool(task.held and task.assigned_id != getattr(scope.user, "pk", None))


def _take(
    scope: Scope,
    given: StatusIn,
    tasks: dict[UUID, Any],
    known: dict[UUID, TaskStep],
    by_others: dict[UUID, int],
    made: dict[UUID, TaskStep],
    trail: Trail,
) -> Filed:
    assert scope.user is not None
    task = tasks.get(given.task)
    if task is None:
        raise Task.DoesNotExist("there is no such task in your villages")
    if given.status not in (TaskStatus.IN_PROGRESS, TaskStatus.NOT_EXECUTABLE):
        raise Refused(
            "an officer tells in_progress or not_executable; done is told by an outcome",
            "status",
            "Nyatakan tugas dikerjakan atau tidak dapat dilaksanakan; tugas selesai dengan mencatat hasilnya.",
        )
    before = known.get(given.id)
    if before is not None:
        words, _ = masked_text("reason", given.reason, MOST_REASON)
        if (before.by_id, before.task_id, before.after) != (scope.user.pk, task.pk, given.status):
            raise OtherContent(
                "this id is taken: send it again under a new one",
                "id",
                "Nomor ini sudah dipakai: muat ulang halaman ini, lalu kirim lagi.",
            )
        if before.reason != words:
            raise OtherContent(
                "this id was sent before with another reason: send it under a new one",
                "id",
                "Pernyataan ini sudah terkirim dengan alasan lain: muat ulang halaman ini, lalu kirim lagi.",
            )
        return Filed(task, False)
    if by_others.get(task.pk, 1) > given.version or given.version > task.version:
        raise TaskChanged(task)
    if in_other_hands(scope, task):
        raise NotAllowed(
            "this task is another officer's: ask your head to assign it to you",
            "Tugas ini dipegang petugas lain: minta pimpinan mengalihkannya kepada Anda.",
        )
    mine = task.assigned_id == scope.user.pk
    if given.status == task.status == TaskStatus.IN_PROGRESS and mine:
        return Filed(task, False)
    step = move(scope, task, Move(TaskStatus(given.status), scope.user.pk, given.reason, given.id), OFFICERS, trail)
    task.held = True
    made[step.pk] = step
    return Filed(task, True)
