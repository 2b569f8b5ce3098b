"""Photos, reports and visits whose time is over: counts by village, week, category and level stay."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from rukun.server.keeping import Before, Kept, Tally, tally
from rukun.server.reports.models import Merge, Photo, Report, ReviewStep, Status, Visit, VisitContact, WeeklyCount

BATCH = 500
_UNREVIEWED = (Status.SUBMITTED, Status.RETURNED)


def due_photos(before: Before) -> QuerySet[Photo]:
    """Photos past their own time or their report's."""
    return Photo.objects.filter(Q(received_at__lt=before["photos"]) | Q(report__in=due_reports(before).values("pk")))


def due_reports(before: Before) -> QuerySet[Report]:
    """Reports both seen and received before that moment; one that others were merged into waits for them."""
    moment = before["reports"]
    later = Report.objects.filter(merged_into=OuterRef("pk")).filter(
        Q(observed_at__gte=moment) | Q(received_at__gte=moment)
    )
    return Report.objects.filter(~Exists(later), observed_at__lt=moment, received_at__lt=moment)


def due_visits(before: Before) -> QuerySet[Visit]:
    """Visits both made and received before that moment."""
    return Visit.objects.filter(started_at__lt=before["visits"], received_at__lt=before["visits"])


def _photos_due(before: Before) -> Tally:
    return tally(photos=due_photos(before).count())


def _delete_photos(before: Before) -> Tally:
    batch = list(due_photos(before).order_by("received_at", "pk")[:BATCH])
    # files first: a row that is left finds nothing to delete the next time, a file that is left would never be found
    for photo in batch:
        with contextlib.suppress(FileNotFoundError):
            (Path(settings.MEDIA_ROOT) / photo.path).unlink()
    Photo.objects.filter(pk__in=[photo.pk for photo in batch]).delete()
    return tally(photos=len(batch))


def _reports_due(before: Before) -> Tally:
    due = due_reports(before)
    unreviewed = due.filter(status__in=_UNREVIEWED, merged_into=None)
    return tally(reports=due.count(), reports_never_reviewed=unreviewed.count())


def _delete_reports(before: Before) -> Tally:
    # those merged into another go before it does; locked, so that two runs at once count nothing twice and a review
    # that is under way ends first
    inside = Report.objects.filter(merged_into=OuterRef("pk"))
    found = due_reports(before).filter(~Exists(inside)).order_by("observed_at", "pk")
    batch = list(found.select_for_update(of=("self",))[:BATCH])
    counted = [r for r in batch if r.status == Status.VERIFIED and r.merged_into_id is None]
    count_weekly("report", ((r.village_id, r.observed_at, r.category, r.level, r.exercise) for r in counted))
    Report.objects.filter(pk__in=[report.pk for report in batch]).delete()
    unreviewed = sum(r.status in _UNREVIEWED and r.merged_into_id is None for r in batch)
    return tally(reports=len(batch), reports_never_reviewed=unreviewed)


def _visits_due(before: Before) -> Tally:
    return tally(visits=due_visits(before).count())


def _delete_visits(before: Before) -> Tally:
    batch = list(due_visits(before).order_by("started_at", "pk").select_for_update(of=("self",))[:BATCH])
    count_weekly("visit", ((v.village_id, v.started_at, "", "", v.exercise) for v in batch))
    Visit.objects.filter(pk__in=[visit.pk for visit in batch]).delete()
    return tally(visits=len(batch))


def count_weekly(kind: str, records: Iterable[tuple[int, dt.datetime, str, str, bool]]) -> None:
    """Add records (village, when, what, level, exercise) to the counts that stay, by the Monday of their local week."""
    counts: Counter[tuple[int, dt.date, str, str, bool]] = Counter()
    for village, moment, what, level, exercise in records:
        day = timezone.localdate(moment)
        counts[village, day - dt.timedelta(days=day.weekday()), what, level, exercise] += 1
    for (village, week, what, level, exercise), number in sorted(counts.items()):
        same = {"village_id": village, "week": week, "kind": kind, "what": what, "level": level, "exercise": exercise}
        kept, new = WeeklyCount.objects.get_or_create(**same, defaults={"number": number})
        if not new:
            WeeklyCount.objects.filter(pk=kept.pk).update(number=F("number") + number)


KEPT = (
    Kept("photos", _photos_due, _delete_photos, (Photo,)),
    Kept("reports", _reports_due, _delete_reports, (Report, ReviewStep, Merge)),
    Kept("visits", _visits_due, _delete_visits, (Visit, VisitContact)),
)
