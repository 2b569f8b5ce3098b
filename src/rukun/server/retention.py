"""What is kept for how long; then it is deleted for good, and only counts by village and week are left."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from rukun.server.audit.models import Entry
from rukun.server.audit.services import SYSTEM, change
from rukun.server.keeping import Kept, Tally, of_which_nothing_stays
from rukun.server.people.retention import KEPT as PEOPLE
from rukun.server.prevention.retention import KEPT as PREVENTION
from rukun.server.reports.retention import KEPT as REPORTS

#: In an order in which what belongs to a record goes before it.
KEPT: tuple[Kept, ...] = (
    *PREVENTION,
    *REPORTS,
    *PEOPLE,
    of_which_nothing_stays("jobs", (DBTaskResult,), lambda moment: Q(finished_at__lt=moment)),
)
DONE = "retention.done"
_LOCK_WAITS = "20s"


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
    erased = erase(KEPT) if counts or unfinished else True
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


def erase(kinds: tuple[Kept, ...] = KEPT) -> bool:
    """Write anew what holds deleted rows: a deleted row is otherwise only marked so, and stays in the file for long.

    Readers go on. False, to be tried again the next night, where somebody else held the database for too long.
    SQLite overwrites what is deleted (secure_delete), but not the copies that moving rows about leaves inside pages.
    """
    if connection.in_atomic_block:
        raise RuntimeError("files can't be written anew inside a transaction: call run_retention outside of one")
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                # what VACUUM writes beside the database is as large as it: on the disk and not in memory
                cursor.execute("PRAGMA temp_store=FILE")
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA temp_store=MEMORY")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return not cursor.fetchone()[0]
            cursor.execute(f"SET lock_timeout = '{_LOCK_WAITS}'")
            try:
                for table in dict.fromkeys(model._meta.db_table for kept in kinds for model in kept.models):
                    cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
            finally:
                cursor.execute("RESET lock_timeout")
    except OperationalError:
        return False
    return True
