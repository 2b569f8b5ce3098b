"""What came of an action: filed once, masked; it finishes the task that asked for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from rukun.server.audit.services import Trail, change
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.prevention import actions
from rukun.server.prevention.models import Outcome, OutcomeParty, TaskStatus, TaskStep
from rukun.server.prevention.moves import OFFICERS, Move, move, save_moves
from rukun.server.prevention.progress import in_other_hands, locked
from rukun.server.reports.checks import among, in_time, masked_text
from rukun.server.reports.filing import own_village
from rukun.server.reports.storing import Draft, Filed, new_record, store_each
from rukun.server.territory.models import Area


@dataclass(frozen=True)
class OutcomeIn:
    """An outcome as the officer files it. task: the one that asked for it, or None; parties: roles, no names."""

    id: UUID
    village: str
    action: str
    at: dt.datetime
    minutes: int
    result: str
    agreement: bool
    task: UUID | None = None
    follow_up: dt.date | None = None
    parties: tuple[str, ...] = ()
    text: str = ""


def file_outcome(scope: Scope, given: OutcomeIn) -> Filed:
    """Store an outcome in one of the officer's own villages, once, and mark its task done.

    Raises NotAllowed outside the own villages, Refused (storing.OtherContent among them) naming the field.
    """
    if not scope.has(Role.VILLAGE_OFFICER):
        raise NotAllowed("only village officers file outcomes", "Hanya bhabinkamtibmas yang mencatat hasil.")
    with change(scope.actor) as trail:
        (answer,) = take_outcomes(scope, [(given, own_village(scope, given.village))], trail)
        if isinstance(answer, Exception):
            raise answer
    return answer


def take_outcomes(scope: Scope, given: Sequence[tuple[OutcomeIn, Area]], trail: Trail) -> list[Filed | Exception]:
    """Store many inside a change that is under way: each by itself, in their order, in a fixed number of queries."""
    tasks = locked(scope, {each.task for each, _ in given if each.task is not None})

    def draft(scope: Scope, each: OutcomeIn, village: Area) -> Draft:
        return _draft(scope, each, village, tasks)

    answers: list[Filed | Exception] = list(store_each(scope, given, draft, trail))
    steps: list[TaskStep] = []
    for (each, _), answer in zip(given, answers, strict=True):
        task = tasks.get(each.task) if each.task is not None else None
        if task is None or not isinstance(answer, Filed) or not answer.stored:
            continue
        # what was done was done, also where a head removed or moved the task meanwhile: then it stays as the head
        # left it, and the outcome is kept with it
        if task.is_open and not in_other_hands(scope, task):
            assert scope.user is not None
            steps.append(move(scope, task, Move(TaskStatus.DONE, scope.user.pk), OFFICERS, trail))
            task.held = True
    save_moves(steps)
    return answers


def _draft(scope: Scope, given: OutcomeIn, village: Area, tasks: dict[UUID, Any]) -> Draft:
    among("action", given.action, actions.ACTIONS)
    among("result", given.result, actions.RESULTS)
    for role in given.parties:
        among("parties", role, actions.PARTIES)
    in_time("at", given.at)
    if not 1 <= given.minutes <= 1440:
        raise Refused("an action takes between 1 and 1440 minutes", "minutes", "Lama tindakan antara 1 dan 1440 menit.")
    if given.result == "refused" and given.agreement:
        raise Refused(
            "where the parties refused there is no agreement",
            "agreement",
            "Bila para pihak menolak, tidak ada kesepakatan: kosongkan tandanya atau ganti hasilnya.",
        )
    if given.follow_up is not None:
        day = timezone.localdate(given.at)
        if not day <= given.follow_up <= day + dt.timedelta(days=366):
            raise Refused(
                "the next step lies between the action and a year after it",
                "follow_up",
                "Tindak lanjut paling cepat pada hari tindakan dan paling lambat setahun sesudahnya.",
            )
    if given.task is not None:
        task = tasks.get(given.task)
        if task is None or task.village_id != village.pk:
            raise Refused("there is no such task in this village", "task", "Tugas itu tidak ada di desa/kelurahan ini.")
        if task.action != given.action:
            raise Refused(
                f"that task asks for {task.action}: file this without a task",
                "action",
                f"Tugas itu meminta {actions.said('actions', task.action)}: catat hasil ini tanpa tugas.",
            )
    text, masked = masked_text("text", given.text)
    parties = sorted(set(given.parties))
    kept = {
        "action": given.action,
        "at": given.at,
        "minutes": given.minutes,
        "result": given.result,
        "agreement": given.agreement,
        "task_id": given.task,
        "follow_up": given.follow_up,
        "text": text,
    }
    outcome = new_record(Outcome, scope, given.id, village, kept, {"parties": parties})
    details = {"village": village.code, "done": given.action, "result": given.result, "masked": masked}
    if given.task is not None:
        details["task"] = str(given.task)
    rows = [OutcomeParty(outcome=outcome, role=role) for role in parties]
    return Draft(outcome, masked, "outcome.filed", f"outcome:{outcome.pk}", details, rows)
