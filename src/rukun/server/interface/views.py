"""The first page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rukun.server.people.asking import scope
from rukun.server.reports import queries


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What waits for whoever signs in."""
    asking = scope(request)
    page = {
        "postings": asking.postings,
        "villages": asking.villages.count(),
        "waiting": queries.to_review(asking).count(),
        "newest": queries.reports(asking)[:10],
    }
    return render(request, "interface/home.html", page)
