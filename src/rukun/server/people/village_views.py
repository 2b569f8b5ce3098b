"""Pages of the territory."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rukun.server.people.asking import scope
from rukun.server.people.models import Role
from rukun.server.territory.models import Area
from rukun.server.territory.queries import of_name


@login_required
def territory(request: HttpRequest) -> HttpResponse:
    """Villages in scope, or all areas for an administrator, with unit and officer: vacant ones are seen as such."""
    asking = scope(request)
    if not asking.postings:
        raise PermissionDenied("nothing is in your scope")
    sought = request.GET.get("q", "").strip()[:80]
    found = of_name(sought) if sought else Area.objects.all()
    if not asking.has(Role.ADMINISTRATOR):
        found = found.filter(pk__in=asking.villages.values("pk"))
    shown = found.defer("geometry").order_by("code").prefetch_related("coverage__unit", "postings__user")
    page = Paginator(shown, 100).get_page(request.GET.get("page"))
    on = asking.on
    for area in page:
        area.officers = [p.user for p in area.postings.all() if p.begins <= on and (p.ends is None or p.ends > on)]
    return render(request, "people/villages.html", {"page": page, "q": sought})
