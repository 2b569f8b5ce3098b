"""Putting the night's jobs in the queue: each once, however many servers look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from rukun.server.forecasts.tasks import forecast
from rukun.server.night.models import Nightly, Often
from rukun.server.night.tasks import retention
from rukun.server.rumours import tasks as rumours


@dataclass(frozen=True)
class Job:
    """every: days between two of its nights; a weekly one is due in the night to a Monday, when a week is whole."""

    name: str
    task: Any
    every: int = 1


JOBS = (Job("retention", retention), Job("forecast", forecast, every=7))


def enqueue_due(now: dt.datetime | None = None) -> list[str]:
    """Put in the queue what is due and isn't yet; the names of those jobs.

    What was missed while no server ran is done once, late. The first time that a job is looked at, only the past night
    is noted: an installation that was just made has nothing to do yet.
    """
    moment = now or timezone.now()
    put = []
    for job in JOBS:
        due = _last_night(moment, job.every)
        with transaction.atomic():
            _, new = Nightly.objects.get_or_create(job=job.name, defaults={"night": due})
            # one statement, so that of two servers one does it; a night far ahead was noted by a clock that was wrong
            other = Q(night__lt=due) | Q(night__gt=due + dt.timedelta(days=job.every))
            if not new and Nightly.objects.filter(other, job=job.name).update(night=due):
                job.task.enqueue()
                put.append(job.name)
    return put


@dataclass(frozen=True)
class OftenJob:
    """minutes: between two looks; needed: whether there is anything to do, so that an idle desk fills no queue."""

    name: str
    task: Any
    minutes: int
    needed: Callable[[], bool]


OFTEN = (
    OftenJob("rumour_sources", rumours.read_sources, 60, rumours.has_sources),
    OftenJob("rumour_proposals", rumours.propose, 60, rumours.has_open),
    OftenJob("rumour_mail", rumours.read_mail, 10, rumours.has_mail),
    OftenJob("rumour_deadlines", rumours.escalate, 5, rumours.has_passed),
    # what was filed is sorted at once; this finds what a worker that ended left behind
    OftenJob("rumour_sorting", rumours.sort, 10, rumours.has_waiting),
)


def enqueue_often(now: dt.datetime | None = None) -> list[str]:
    """Put in the queue what is looked at during the day, is due and has something to do; the names of those jobs."""
    moment = now or timezone.now()
    put = []
    for job in OFTEN:
        length = 60 * job.minutes
        due = dt.datetime.fromtimestamp(moment.timestamp() // length * length, dt.UTC)
        with transaction.atomic():
            _, new = Often.objects.get_or_create(job=job.name, defaults={"at": due})
            other = Q(at__lt=due) | Q(at__gt=due + dt.timedelta(seconds=length))
            mine = new or Often.objects.filter(other, job=job.name).update(at=due)
            if mine and job.needed() and rumours.soon(job.task):
                put.append(job.name)
    return put


def _last_night(now: dt.datetime, every: int) -> dt.date:
    """The date of the newest of a job's nights that has come, in local time."""
    local = timezone.localtime(now)
    date = local.date() if local.time() >= settings.RUKUN_NIGHT else local.date() - dt.timedelta(days=1)
    return date - dt.timedelta(days=date.weekday()) if every == 7 else date
