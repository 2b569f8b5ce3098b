"""Outcomes and tasks whose time is over: counts of outcomes by village, week, action and result stay."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from rukun.server.keeping import Before, Kept, Tally, tally
from rukun.server.prevention.models import Outcome, OutcomeParty, Task, TaskStep
from rukun.server.reports.retention import BATCH, count_weekly


def due_outcomes(before: Before) -> QuerySet[Outcome]:
    """Outcomes of actions both taken and received before that moment."""
    return Outcome.objects.filter(at__lt=before["outcomes"], received_at__lt=before["outcomes"])


def due_tasks(before: Before) -> QuerySet[Task]:
    """Tasks that ended before that moment, and those that nobody has touched since though their day was before it."""
    moment = before["tasks"]
    forgotten = Q(ended_at=None, due__lt=moment.date(), changed_at__lt=moment)
    return Task.objects.filter(Q(ended_at__lt=moment) | forgotten)


def _outcomes_due(before: Before) -> Tally:
    return tally(outcomes=due_outcomes(before).count())


def _delete_outcomes(before: Before) -> Tally:
    batch = list(due_outcomes(before).order_by("at", "pk").select_for_update(of=("self",))[:BATCH])
    count_weekly("outcome", ((o.village_id, o.at, o.action, o.result, o.exercise) for o in batch))
    Outcome.objects.filter(pk__in=[outcome.pk for outcome in batch]).delete()
    return tally(outcomes=len(batch))


def _tasks_due(before: Before) -> Tally:
    due = due_tasks(before)
    return tally(tasks=due.count(), tasks_never_ended=due.filter(ended_at=None).count())


def _delete_tasks(before: Before) -> Tally:
    batch = list(due_tasks(before).order_by("due", "pk").select_for_update(of=("self",))[:BATCH])
    Task.objects.filter(pk__in=[task.pk for task in batch]).delete()
    return tally(tasks=len(batch), tasks_never_ended=sum(task.ended_at is None for task in batch))


KEPT = (
    Kept("outcomes", _outcomes_due, _delete_outcomes, (Outcome, OutcomeParty)),
    Kept("tasks", _tasks_due, _delete_tasks, (Task, TaskStep)),
)
