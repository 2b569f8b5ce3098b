"""The auditor's page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rukun.server.oversight.queries import entries
from rukun.server.people.asking import scope
from rukun.server.people.services import NotAllowed


@login_required
def trail(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first."""
    before = request.GET.get("before", "")
    try:
        items, following = entries(
            scope(request),
            int(before) if before.isdigit() and len(before) < 18 else None,
            request.GET.get("subject", "")[:200],
            request.GET.get("actor", "")[:80],
        )
    except NotAllowed as wrong:
        raise PermissionDenied(wrong.said) from wrong
    return render(request, "oversight/trail.html", {"entries": items, "next": following})
