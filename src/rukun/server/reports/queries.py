"""Reading reports and visits, always by the scope of who asks."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from rukun.server.again import Again
from rukun.server.people.scope import Scope
from rukun.server.reports.models import Report, Status, Visit
from rukun.server.reports.taxonomy import CATEGORIES

PAGE = 50
MOST_PAGE = 200
#: Reports of one event lie within this much time, and villages whose points lie within about this many km are near.
SAME_TIME = dt.timedelta(days=3)
SAME_KM = 5.0
MOST_SAME = 20
_KM_PER_DEGREE = 111.2


class BadCursor(ValueError):
    """A cursor that wasn't given out by this server."""


@dataclass(frozen=True)
class Page:
    """items: records of this page; next: cursor of the following page, or None at the end."""

    items: Sequence[Any]
    next: str | None


def reports(scope: Scope, *, status: str = "", category: str = "", village: str = "") -> QuerySet[Report]:
    """Reports in scope, newest first, with their village and author."""
    found = Report.objects.visible_to(scope).select_related("village", "author")
    if status:
        found = found.filter(status=status)
    if category:
        found = found.filter(category=category)
    if village:
        found = found.filter(Q(village__code=village) | Q(village__code__startswith=f"{village}."))
    return found.order_by("-observed_at", "-id")


def to_review(scope: Scope) -> QuerySet[Report]:
    """Reports that wait for a head of this scope, newest first."""
    waiting = Report.objects.commanded_by(scope).filter(status=Status.SUBMITTED, merged_into=None)
    return waiting.select_related("village", "author").order_by("-observed_at", "-id")


def possibly_same(scope: Scope, report: Report) -> list[Report]:
    """Reports that may tell of the same event and could be merged into this one, nearest in time first, with village.

    Those that the reader commands, of the same subdistrict or of a village near by, observed within three days; not
    dropped, not an own one, not part of a merge. At most 20, in two queries.
    """
    village = report.village
    around = Q(village__parent=village.parent_id)
    if village.latitude is not None and village.longitude is not None:
        up = SAME_KM / _KM_PER_DEGREE
        across = up / max(math.cos(math.radians(village.latitude)), 0.01)
        around |= Q(
            village__latitude__range=(village.latitude - up, village.latitude + up),
            village__longitude__range=(village.longitude - across, village.longitude + across),
        )
    found = Report.objects.commanded_by(scope).filter(around, merged_into=None, exercise=report.exercise)
    found = found.exclude(pk=report.pk).exclude(status=Status.DROPPED).exclude(author=scope.user)
    found = found.filter(~Exists(Report.objects.filter(merged_into=OuterRef("pk"))))
    found = found.select_related("village").defer("village__geometry")
    # databases don't agree on how far two moments lie apart: the nearest before and after, and of these the nearest
    at = report.observed_at
    before = found.filter(observed_at__range=(at - SAME_TIME, at)).order_by("-observed_at", "id")[:MOST_SAME]
    after = found.filter(observed_at__gt=at, observed_at__lte=at + SAME_TIME).order_by("observed_at", "id")[:MOST_SAME]
    near = sorted([*before, *after], key=lambda other: (abs(other.observed_at - at), other.pk))
    return near[:MOST_SAME]


def merged_into(scope: Scope, report: Report) -> QuerySet[Report]:
    """Reports in scope that were merged into this one, oldest first, with their village."""
    found = Report.objects.visible_to(scope).filter(merged_into=report)
    return found.select_related("village").defer("village__geometry").order_by("observed_at", "id")


def visits(scope: Scope, *, village: str = "") -> QuerySet[Visit]:
    """Visits in scope, newest first, with their village, author and contacts."""
    found = Visit.objects.visible_to(scope).select_related("village", "author").prefetch_related("contacts")
    if village:
        found = found.filter(Q(village__code=village) | Q(village__code__startswith=f"{village}."))
    return found.order_by("-started_at", "-id")


def verified() -> QuerySet[Report]:
    """What counts in forecasts: verified reports of actual disturbances that aren't merged into another."""
    return Report.objects.filter(status=Status.VERIFIED, merged_into=None, level="actual", category__in=CATEGORIES)


def newest_change() -> dt.datetime | None:
    """When a report last came in or changed, as its `changed_at` says; None where there is none."""
    newest = _newest_change()
    return newest[0] if newest else None


_newest_change = Again(lambda: Report.objects.order_by("-changed_at").values_list("changed_at", flat=True)[:1])


def moment_of_change() -> dt.datetime:
    """Now, but after every change there was: a field app asks for what came after the last one it was told of, and
    would miss one whose moment lies before it because the clock was put back.
    """
    now, newest = timezone.now(), newest_change()
    return now if newest is None else max(now, newest + dt.timedelta(microseconds=1))


def page_of(found: QuerySet[Any], when: str, cursor: str | None, size: int = PAGE) -> Page:
    """One page of records ordered by -`when`, -id, after the cursor. Raises BadCursor.

    By position and not by number: a page costs the same however deep, and what arrives meanwhile shifts nothing.
    """
    size = max(1, min(size, MOST_PAGE))
    if cursor:
        moment, key = _read_cursor(cursor)
        found = found.filter(
            Q(**{f"{when}__lt": moment}) | Q(**{when: moment, "id__lt": key}), **{f"{when}__lte": moment}
        )
    items = list(found[: size + 1])
    more = len(items) > size
    last = items[size - 1] if more else None
    following = None if last is None else _write_cursor(getattr(last, when), str(last.pk))
    return Page(items[:size], following)


def page_by_day(found: QuerySet[Any], when: str, cursor: str | None, size: int = PAGE) -> Page:
    """One page of records ordered by a date upwards (`when`, id), after the cursor, as `page_of`. Raises BadCursor."""
    size = max(1, min(size, MOST_PAGE))
    if cursor:
        moment, key = _read_cursor(cursor)
        day = moment.date()
        found = found.filter(Q(**{f"{when}__gt": day}) | Q(**{when: day, "id__gt": key}), **{f"{when}__gte": day})
    items = list(found[: size + 1])
    last = items[size - 1] if len(items) > size else None
    if last is None:
        return Page(items[:size], None)
    day = getattr(last, when)
    return Page(items[:size], _write_cursor(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC), str(last.pk)))


def _write_cursor(moment: dt.datetime, key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([moment.isoformat(), key]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[dt.datetime, str]:
    import uuid

    try:
        moment, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        read = dt.datetime.fromisoformat(moment)
        uuid.UUID(key)
    except (ValueError, TypeError, binascii.Error, AttributeError) as wrong:
        raise BadCursor("this cursor wasn't given out here: start from the first page") from wrong
    if read.tzinfo is None:
        raise BadCursor("this cursor wasn't given out here: start from the first page")
    return read, key
