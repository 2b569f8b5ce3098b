"""The auditor's page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rukun.server.oversight.queries import entries, names_of
from rukun.server.people.asking import scope
from rukun.server.people.services import NotAllowed

#: What the trail can be searched by, with the most letters of each.
_FILTERS = {"actor": 80, "subject": 200, "action": 80}


@login_required
def trail(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first, all of it or what was asked for."""
    before = request.GET.get("before", "")
    sought = {
        name: request.GET.get(name, "").replace("\0", "").strip()[:most].strip() for name, most in _FILTERS.items()
    }
    try:
        found, following = entries(
            scope(request), int(before) if before.isdecimal() and len(before) < 18 else None, **sought
        )
    except NotAllowed as wrong:
        raise PermissionDenied(wrong.said) from wrong
    names = names_of(found)
    page = {
        "entries": [(entry, names.get(entry.actor, ""), names.get(entry.subject, "")) for entry in found],
        "next": following,
        "sought": sought,
        "filters": urlencode({name: value for name, value in sought.items() if value}),
    }
    return render(request, "oversight/trail.html", page)
