"""The administrator's page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rukun.server.people.asking import scope
from rukun.server.people.models import Posting, Role, Unit


@login_required
def people(request: HttpRequest) -> HttpResponse:
    """Units and postings, ended ones too; for administrators only."""
    if not scope(request).has(Role.ADMINISTRATOR):
        raise PermissionDenied("only an administrator sees units and accounts")
    held = Posting.objects.select_related("user", "unit").prefetch_related("villages")
    page = Paginator(held, 100).get_page(request.GET.get("page"))
    return render(request, "people/list.html", {"page": page, "units": Unit.objects.select_related("parent")})
