"""The page of the newest forecast."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rukun.server.forecasts.models import Forecast, ForecastRun
from rukun.server.forecasts.queries import next_due
from rukun.server.people.asking import scope
from rukun.server.people.models import HEADS, Role


@login_required
def newest(request: HttpRequest) -> HttpResponse:
    """The highest villages in scope of the newest run, for its first week."""
    asking = scope(request)
    if not asking.has(Role.VILLAGE_OFFICER, *HEADS):
        raise PermissionDenied("Prakiraan dibaca oleh bhabinkamtibmas dan pimpinan.")
    run = ForecastRun.objects.filter(status="done").first()
    shown = (
        Forecast.objects.visible_to(asking).filter(run=run, period_start=run.origin) if run else Forecast.objects.none()
    )
    # while there is none: whether one is under way, or why the last was refused
    other = ForecastRun.objects.exclude(status="done").first() if run is None else None
    page = {
        "run": run,
        "other": other,
        "forecasts": shown.select_related("village").defer("village__geometry")[:50],
        "next_due": next_due() if asking.has(*HEADS) else None,
    }
    return render(request, "forecasts/newest.html", page)
