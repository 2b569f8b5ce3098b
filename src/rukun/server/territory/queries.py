"""Reading the territory."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from rukun.server.territory.models import Area, Level


def villages(on: dt.date | None = None) -> QuerySet[Area]:
    """Villages that exist on a day, or that ever did."""
    found = Area.objects.filter(level=Level.VILLAGE)
    if on is None:
        return found
    return found.filter(Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_to=None) | Q(valid_to__gt=on))


def beneath(code: str) -> QuerySet[Area]:
    """The area of that code and all below it."""
    return Area.objects.filter(Q(code=code) | Q(code__startswith=f"{code}."))


def of_name(name: str) -> QuerySet[Area]:
    """Areas whose name or code holds these letters, whatever their case."""
    return Area.objects.filter(Q(name__icontains=name) | Q(code__startswith=name))
