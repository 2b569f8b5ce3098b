"""Deadlines that have passed: the directorate is told, once for each."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from rukun.server.audit.services import SYSTEM, change
from rukun.server.rumours.models import Rumour
from rukun.server.rumours.states import OPEN


def passed(now: dt.datetime) -> QuerySet[Rumour]:
    """Open rumours whose deadline is over and of which the directorate wasn't told."""
    return Rumour.objects.filter(status__in=OPEN, merged_into=None, deadline__lt=now, escalated_at=None)


def escalate(now: dt.datetime | None = None) -> int:
    """Mark what wasn't answered in time: it stands first on the directorate's list from now on. How many.

    A deadline that is set anew (another priority, or a rumour that is taken up again) can pass anew.
    """
    moment = now or timezone.now()
    with change(SYSTEM) as trail:
        late = list(passed(moment).select_for_update(of=("self",)).order_by("deadline", "pk")[:500])
        for rumour in late:
            hours = int((moment - rumour.deadline).total_seconds() // 3600)
            trail.add("rumour.escalated", f"rumour:{rumour.pk}", priority=rumour.priority, hours_late=hours)
        # not a change that an editor must notice: no version
        Rumour.objects.filter(pk__in=[rumour.pk for rumour in late]).update(escalated_at=moment)
    return len(late)
