"""What goes over the wire about tasks and outcomes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from rukun.server.prevention import actions
from rukun.server.prevention.assigning import MOST_WHY
from rukun.server.prevention.assigning import TaskIn as TaskGiven
from rukun.server.prevention.models import Outcome
from rukun.server.prevention.moves import MOST_REASON
from rukun.server.prevention.outcomes import OutcomeIn as OutcomeGiven
from rukun.server.prevention.progress import StatusIn
from rukun.server.reports.schemas import Strict, Text, VillageCode

Action = Literal[*actions.ACTIONS]  # type: ignore[valid-type]
ResultName = Literal[*actions.RESULTS]  # type: ignore[valid-type]
Party = Literal[*actions.PARTIES]  # type: ignore[valid-type]
TaskStatusName = Literal["pending", "in_progress", "done", "removed", "not_executable"]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Reason = Annotated[str, Field(max_length=MOST_REASON)]


class TaskIn(Strict):
    """A task as a head assigns it; due: its last day; assigned: an officer of that village, or null: left open."""

    id: UUID
    village: VillageCode
    action: Action
    due: dt.date
    assigned: Number | None = None
    why: Annotated[str, Field(max_length=MOST_WHY)] = ""
    report: UUID | None = None

    def given(self) -> TaskGiven:
        """As the service takes it."""
        return TaskGiven(**{name: getattr(self, name) for name in TaskIn.model_fields})


class Reassign(Strict):
    """To whom (null: whoever is posted there), and the version that was looked at."""

    version: Number
    assigned: Number | None = None
    reason: Reason = ""


class Remove(Strict):
    """Why, and the version that was looked at."""

    version: Number
    reason: Annotated[str, Field(min_length=1, max_length=MOST_REASON)]


class TaskStatusIn(Strict):
    """An officer's word on a task: begun, or it can't be done (with a reason). Done is told by an outcome.

    id: made by the client, so that sending twice changes once; version: of the task that was seen.
    """

    id: UUID
    task: UUID
    version: Number
    status: Literal["in_progress", "not_executable"]
    reason: Reason = ""

    def given(self) -> StatusIn:
        """As the service takes it."""
        return StatusIn(**{name: getattr(self, name) for name in TaskStatusIn.model_fields})


class TaskStatusItem(TaskStatusIn):
    """An officer's word on a task in a batch."""

    kind: Literal["task_status"]


class OutcomeIn(Strict):
    """What came of an action; parties: roles, no names. Text is masked before it is stored."""

    id: UUID
    village: VillageCode
    action: Action
    at: AwareDatetime
    minutes: Annotated[int, Field(ge=1, le=1440)]
    result: ResultName
    agreement: bool
    task: UUID | None = None
    follow_up: dt.date | None = None
    parties: Annotated[list[Party], Field(max_length=len(actions.PARTIES))] = Field(default_factory=list)
    text: Text = ""

    def given(self) -> OutcomeGiven:
        """As the service takes it."""
        plain = {name: getattr(self, name) for name in OutcomeIn.model_fields}
        return OutcomeGiven(**(plain | {"parties": tuple(self.parties)}))


class OutcomeItem(OutcomeIn):
    """An outcome in a batch."""

    kind: Literal["outcome"]


class OwnTask(Schema):
    """A task as its officer's device holds it; mine: False while it waits for somebody posted there."""

    id: UUID
    village: str
    action: Action
    due: dt.date
    why: str
    report: UUID | None
    status: TaskStatusName
    reason: str
    mine: bool
    version: int

    @classmethod
    def of(cls, task: Any, mine: bool) -> OwnTask:
        """Of a task with its village."""
        plain = {name: getattr(task, name) for name in ("id", "action", "due", "why", "status", "reason", "version")}
        return cls(**plain, village=task.village.code, report=task.report_id, mine=mine)


class TaskOut(Schema):
    """A task as it is. assigned: key of the officer; waits: open, and in nobody's hands (never assigned, or the
    officer's posting to the village is over).
    """

    id: UUID
    village: str
    village_name: str
    action: Action
    due: dt.date
    why: str
    report: UUID | None
    status: TaskStatusName
    reason: str
    assigned: int | None
    assigned_name: str
    waits: bool
    overdue: bool
    version: int
    exercise: bool

    @classmethod
    def of(cls, task: Any) -> TaskOut:
        """Of a task with its village, officer and `held`."""
        names = ("id", "action", "due", "why", "status", "reason", "overdue", "version", "exercise")
        officer = task.assigned
        return cls(
            **{name: getattr(task, name) for name in names},
            village=task.village.code,
            village_name=task.village.name,
            report=task.report_id,
            assigned=task.assigned_id,
            assigned_name=(officer.first_name or officer.username) if officer else "",
            waits=task.is_open and not task.held,
        )


class TaskPage(Schema):
    """A page of tasks; next: cursor of the following page."""

    items: list[TaskOut]
    next: str | None


class TaskDone(Schema):
    """stored: False where it had been stored before."""

    id: UUID
    stored: bool
    version: int


class OfficerOut(Schema):
    """An officer to whom a task of a village can be assigned."""

    id: int
    name: str


class OutcomeOut(Schema):
    """An outcome as it is stored."""

    id: UUID
    village: str
    village_name: str
    action: Action
    at: dt.datetime
    received_at: dt.datetime
    minutes: int
    result: ResultName
    agreement: bool
    task: UUID | None
    follow_up: dt.date | None
    parties: list[str]
    text: str
    version: int
    exercise: bool

    @classmethod
    def of(cls, outcome: Outcome) -> OutcomeOut:
        """Of an outcome with its village and parties."""
        named = ("village", "village_name", "task", "parties")
        plain: dict[str, Any] = {name: getattr(outcome, name) for name in cls.model_fields if name not in named}
        return cls(
            **plain,
            village=outcome.village.code,
            village_name=outcome.village.name,
            task=outcome.task_id,
            parties=[party.role for party in outcome.parties.all()],
        )


class OutcomePage(Schema):
    """A page of outcomes; next: cursor of the following page."""

    items: list[OutcomeOut]
    next: str | None
