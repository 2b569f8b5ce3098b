"""What is kept for how long; then only counts by village and week are left."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from rukun.server.audit.services import SYSTEM, change
from rukun.server.reports.models import Photo, Report, Status, Visit, WeeklyCount

_BATCH = 500


@dataclass(frozen=True)
class Due:
    """How many of each are past their time."""

    photos: int
    reports: int
    visits: int

    def __str__(self) -> str:
        return f"{self.photos:,} photos, {self.reports:,} reports, {self.visits:,} visits"


def run_retention(now: dt.datetime | None = None, *, dry_run: bool = False) -> Due:
    """Delete photos, reports and visits whose time is over, for good; counts stay. A dry run only counts.

    In batches, each a transaction with its entry in the trail: what is interrupted goes on the next time.
    """
    at = now or timezone.now()
    days = settings.RUKUN_RETENTION_DAYS
    before = {kind: at - dt.timedelta(days=number) for kind, number in days.items()}
    photos = Photo.objects.filter(received_at__lt=before["photos"])
    # one into which others were merged goes after them
    reports = Report.objects.filter(observed_at__lt=before["reports"], received_at__lt=before["reports"])
    visits = Visit.objects.filter(started_at__lt=before["visits"], received_at__lt=before["visits"])
    due = Due(photos.count(), reports.count(), visits.count())
    if not dry_run:
        while _delete_photos(photos):
            pass
        while _delete_filed(reports.filter(merged=None), "report"):
            pass
        while _delete_filed(visits, "visit"):
            pass
    return due


def _delete_photos(due: QuerySet[Photo]) -> int:
    with change(SYSTEM) as trail:
        batch = list(due.order_by("received_at", "pk")[:_BATCH])
        if batch:
            trail.add("retention.photos", "photo:many", number=len(batch))
            # files first: a row that is left finds nothing to delete the next time, a file that is left would never
            # be found
            _unlink(batch)
            Photo.objects.filter(pk__in=[photo.pk for photo in batch]).delete()
    return len(batch)


def _delete_filed(due: QuerySet[Any], kind: str) -> int:
    when = "observed_at" if kind == "report" else "started_at"
    with change(SYSTEM) as trail:
        batch = list(due.order_by(when, "pk")[:_BATCH])
        if not batch:
            return 0
        keys = [record.pk for record in batch]
        _count(batch, kind, when)
        if kind == "report":
            _unlink(Photo.objects.filter(report__in=keys))
        type(batch[0]).objects.filter(pk__in=keys).delete()
        trail.add(f"retention.{kind}s", f"{kind}:many", number=len(batch))
    return len(batch)


def _count(batch: list[Any], kind: str, when: str) -> None:
    counts: Counter[tuple[int, dt.date, str, str, bool]] = Counter()
    for record in batch:
        counted = kind == "visit" or (record.status == Status.VERIFIED and record.merged_into_id is None)
        if counted:
            day = timezone.localdate(getattr(record, when))
            what, level = (record.category, record.level) if kind == "report" else ("", "")
            counts[record.village_id, day - dt.timedelta(days=day.weekday()), what, level, record.exercise] += 1
    for (village, week, what, level, exercise), number in sorted(counts.items()):
        kept, new = WeeklyCount.objects.get_or_create(
            village_id=village,
            week=week,
            kind=kind,
            what=what,
            level=level,
            exercise=exercise,
            defaults={"number": number},
        )
        if not new:
            WeeklyCount.objects.filter(pk=kept.pk).update(number=F("number") + number)


def _unlink(photos: Any) -> None:
    for photo in photos:
        with contextlib.suppress(FileNotFoundError):
            (Path(settings.MEDIA_ROOT) / photo.path).unlink()
