"""What a head does with tasks: assign, assign anew, remove."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from rukun.server.audit.services import change
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.prevention import actions, queries
from rukun.server.prevention.models import Task, TaskStatus
from rukun.server.prevention.moves import HEADS, Move, TaskChanged, move, save_moves
from rukun.server.reports.checks import among, masked_text
from rukun.server.reports.models import Report
from rukun.server.reports.storing import Draft, Filed, new_record, store_one
from rukun.server.territory.models import Area

MOST_WHY = 1000
_FURTHEST = dt.timedelta(days=366)


@dataclass(frozen=True)
class TaskIn:
    """A task as a head assigns it. due: its last day (Sunday, for a week's); assigned: key of an officer, or None to
    leave it to whoever is posted there; report: the one that it answers, or None.
    """

    id: UUID
    village: str
    action: str
    due: dt.date
    assigned: int | None = None
    why: str = ""
    report: UUID | None = None


def assign(scope: Scope, given: TaskIn) -> Filed:
    """A new task for a village that a head commands, once.

    Raises NotAllowed for villages that aren't theirs, Refused (storing.OtherContent among them).
    """
    village = commanded_village(scope, given.village)
    among("action", given.action, actions.ACTIONS)
    today = timezone.localdate()
    if not today <= given.due <= today + _FURTHEST:
        raise Refused(
            "the last day of a task lies between today and a year from now",
            "due",
            "Hari terakhir tugas paling cepat hari ini dan paling lambat setahun lagi.",
        )
    why, masked = masked_text("why", given.why, MOST_WHY)
    if given.report is not None and not Report.objects.commanded_by(scope).filter(pk=given.report).exists():
        raise Refused("there is no such report in your command", "report", "Laporan itu tidak ada di wilayah Anda.")
    with change(scope.actor) as trail:
        _require_posted(scope, village.pk, given.assigned)
        kept = {
            "action": given.action,
            "due": given.due,
            "assigned_id": given.assigned,
            "why": why,
            "report_id": given.report,
        }
        task = new_record(Task, scope, given.id, village, kept)
        details = {"village": village.code, "asks_for": given.action, "assigned": given.assigned, "masked": masked}
        return store_one(scope, Draft(task, masked, "task.assigned", f"task:{task.pk}", details), trail)


def reassign(scope: Scope, task_id: UUID, version: int, assigned: int | None, reason: str = "") -> Task:
    """Give a task that isn't done to another officer of its village, or (None) to whoever is posted there.

    Raises Task.DoesNotExist out of scope, NotAllowed, Refused, and TaskChanged where `version` isn't the newest.
    """
    return _move(scope, task_id, version, Move(TaskStatus.PENDING, assigned, reason))


def remove(scope: Scope, task_id: UUID, version: int, reason: str) -> Task:
    """Take a task back, with a reason. Raises as `reassign`."""
    return _move(scope, task_id, version, Move(TaskStatus.REMOVED, None, reason))


def commanded_village(scope: Scope, code: str) -> Area:
    """The village of that code, if they command it. Raises NotAllowed, for those that don't exist too."""
    found = Area.objects.filter(scope.commanded, code=code) if scope.commanded is not None else Area.objects.none()
    village = found.defer("geometry").first()
    if village is None:
        raise NotAllowed(
            f"{code} is not among the villages that you command",
            f"{code} bukan desa/kelurahan di wilayah satuan Anda.",
        )
    return village


def _move(scope: Scope, task_id: UUID, version: int, to: Move) -> Task:
    with change(scope.actor) as trail:
        seen = queries.tasks(scope).select_for_update(of=("self",))
        task: Task = seen.get(pk=task_id)
        if not Task.objects.commanded_by(scope).filter(pk=task_id).exists():
            raise NotAllowed(
                "only a head of this village assigns and removes tasks",
                "Hanya pimpinan satuan desa/kelurahan ini yang menugaskan dan membatalkan tugas.",
            )
        if task.version != version:
            raise TaskChanged(task)
        _require_posted(scope, task.village_id, to.assigned)
        if to.after == TaskStatus.REMOVED:
            # whose it was stays on it, so that their device is told why it is gone
            to = Move(to.after, task.assigned_id, to.reason)
        save_moves([move(scope, task, to, HEADS, trail)])
    return task


def _require_posted(scope: Scope, village: Any, officer: int | None) -> None:
    if officer is not None and not queries.officers_of(village, scope.on).filter(pk=officer).exists():
        raise Refused(
            "that officer isn't posted to this village: choose one who is, or leave it open",
            "assigned",
            "Petugas itu tidak bertugas di desa/kelurahan ini: pilih yang bertugas, atau biarkan terbuka.",
        )
