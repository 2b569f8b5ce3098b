"""From what to what a task may go, and how a change of it is noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from rukun.server.audit.services import Trail
from rukun.server.people.scope import Scope
from rukun.server.people.services import Refused
from rukun.server.prevention.models import OPEN, Task, TaskStatus, TaskStep
from rukun.server.reports.checks import masked_text
from rukun.server.reports.review import Changed

MOST_REASON = 1000
#: What an officer may make of a task: begin it (or take it over), finish it, or say that it can't be done.
OFFICERS: dict[str, tuple[TaskStatus, ...]] = dict.fromkeys(
    OPEN, (TaskStatus.IN_PROGRESS, TaskStatus.DONE, TaskStatus.NOT_EXECUTABLE)
)
#: What a head may make of it: assign it (anew), or remove it. What is done or removed stays so.
HEADS: dict[str, tuple[TaskStatus, ...]] = dict.fromkeys(
    (*OPEN, TaskStatus.NOT_EXECUTABLE), (TaskStatus.PENDING, TaskStatus.REMOVED)
)


class TaskChanged(Changed):
    """Somebody else changed the task in the meantime. record: as it is now."""

    @property
    def current(self) -> dict[str, Any]:
        """The task as the API shows it."""
        from rukun.server.prevention.schemas import TaskOut

        return TaskOut.of(self.record).model_dump(mode="json")


@dataclass(frozen=True)
class Move:
    """What becomes of a task; assigned: key of the officer who holds it then."""

    after: TaskStatus
    assigned: int | None
    reason: str = ""
    id: UUID | None = None


def move(scope: Scope, task: Task, to: Move, allowed: dict[str, tuple[TaskStatus, ...]], trail: Trail) -> TaskStep:
    """Take a locked task one step on; both are still to be saved (`save_moves`). Raises Refused."""
    if to.after not in allowed.get(task.status, ()):
        raise Refused(
            f"a task that is {task.status} can't become {to.after}",
            "status",
            f"Tugas yang {TaskStatus(task.status).label} tidak dapat menjadi {to.after.label}.",
        )
    words, _ = masked_text("reason", to.reason, MOST_REASON)
    if to.after in (TaskStatus.REMOVED, TaskStatus.NOT_EXECUTABLE) and not words:
        raise Refused(
            "say why, so that the plan can learn from it",
            "reason",
            "Tuliskan alasannya, agar rencana berikutnya dapat belajar darinya.",
        )
    now = timezone.now()
    before, task.status, task.assigned_id = task.status, to.after, to.assigned
    task.version, task.changed_at = task.version + 1, now
    task.reason = words if to.after in (TaskStatus.REMOVED, TaskStatus.NOT_EXECUTABLE) else ""
    task.ended_at = None if to.after in OPEN else now
    trail.add(
        f"task.{to.after}", f"task:{task.pk}", before=str(before), assigned=to.assigned, version=int(task.version)
    )
    return TaskStep(
        id=to.id or uuid4(),
        task=task,
        at=now,
        by=scope.user,
        before=before,
        after=to.after,
        assigned_id=to.assigned,
        reason=words,
        version=task.version,
    )


def save_moves(steps: Iterable[TaskStep]) -> None:
    """Store steps and the tasks that they changed, in two queries."""
    made = list(steps)
    if made:
        changed = {step.task_id: step.task for step in made}
        Task.objects.bulk_update(
            changed.values(), ["status", "assigned", "version", "changed_at", "reason", "ended_at"], batch_size=100
        )
        TaskStep.objects.bulk_create(made)
