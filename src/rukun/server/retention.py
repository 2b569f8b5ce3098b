"""What is kept for how long; then it is deleted for good, and only counts by village and week are left."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from rukun.server.audit.models import Entry
from rukun.server.audit.services import SYSTEM, change
from rukun.server.erasing import erase
from rukun.server.keeping import Kept, Tally, of_which_nothing_stays
from rukun.server.people.retention import KEPT as PEOPLE
from rukun.server.prevention.retention import KEPT as PREVENTION
from rukun.server.reports.retention import KEPT as REPORTS
from rukun.server.rumours.retention import KEPT as RUMOURS

#: In an order in which what belongs to a record goes before it.
KEPT: tuple[Kept, ...] = (
    *RUMOURS,
    *PREVENTION,
    *REPORTS,
    *PEOPLE,
    of_which_nothing_stays("jobs", (DBTaskResult,), lambda moment: Q(finished_at__lt=moment)),
)
DONE = "retention.done"


@dataclass(frozen=True)
class Swept:
    """counts: how many of what are due or were deleted; erased: whether the database's files hold them no more."""

    counts: Mapping[str, int]
    erased: bool

    def __str__(self) -> str:
        """In words."""
        return ", ".join(f"{number:,} {what}" for what, number in self.counts.items()) or "nothing"


def run_retention(now: dt.datetime | None = None, *, dry_run: bool = False) -> Swept:
    """Delete what is past its time, then write the tables anew so that no file of the database holds it any longer.

    In batches, each a transaction with its entry in the trail: what is interrupted goes on the next time. A dry run
    only counts, and counts the same. Mustn't run inside a transaction.
    """
    at = now or timezone.now()
    before = {kind: at - dt.timedelta(days=days) for kind, days in settings.RUKUN_RETENTION_DAYS.items()}
    counts: Tally = Counter()
    if dry_run:
        for kept in KEPT:
            counts += kept.due(before)
        return Swept(counts, False)
    unfinished = _unfinished()
    for kept in KEPT:
        while batch := _delete(kept, before):
            counts += batch
    erased = erase([model for kept in KEPT for model in kept.models]) if counts or unfinished else True
    if erased:
        with change(SYSTEM) as trail:
            trail.add(DONE, "retention:all", **{what.replace(" ", "_"): number for what, number in counts.items()})
    return Swept(counts, erased)


def _delete(kept: Kept, before: Mapping[str, dt.datetime]) -> Tally:
    with change(SYSTEM) as trail:
        batch = kept.delete(before)
        if batch:
            said = {what.replace(" ", "_"): number for what, number in batch.items()}
            trail.add(f"retention.{kept.kind}", f"{kept.kind}:many", **said)
    return batch


def _unfinished() -> bool:
    """Whether an earlier run deleted something and was stopped before the files were written anew."""
    newest = Entry.objects.filter(action__startswith="retention.").first()
    return newest is not None and newest.action != DONE
