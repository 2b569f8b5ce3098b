"""Reading forecasts, and when the next is due; without the models that make them, which take seconds to load."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone


def next_due(now: dt.datetime | None = None) -> dt.datetime:
    """When the next forecast is due: the coming Monday, when the week before it is whole, at the night's time."""
    local = timezone.localtime(now)
    monday = local.date() - dt.timedelta(days=local.weekday())
    due = dt.datetime.combine(monday, settings.RUKUN_NIGHT, local.tzinfo)
    return due if local < due else due + dt.timedelta(days=7)
