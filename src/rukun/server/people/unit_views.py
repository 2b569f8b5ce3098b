"""Pages of units: administrators run them, heads read their own and those below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from rukun.server.people import services
from rukun.server.people.asking import scope
from rukun.server.people.forms import CodesForm, UnitForm
from rukun.server.people.models import Role
from rukun.server.people.queries import counted, in_force, postings, units, vacancies
from rukun.server.people.views import administrator, done
from rukun.server.territory.models import Area

_MOST_LISTED = 200


@login_required
def unit_list(request: HttpRequest) -> HttpResponse:
    """Units in scope with what they cover, and what is vacant."""
    asking = scope(request)
    seen = units(asking)
    if not seen.exists():
        raise PermissionDenied("Hanya administrator dan pimpinan yang melihat satuan.")
    empty = vacancies(asking)
    page = {
        "units": counted(seen, asking.on),
        "headless": empty.headless,
        "without_officer": empty.without_officer.count(),
        "uncovered": empty.uncovered[:_MOST_LISTED],
        "uncovered_number": empty.uncovered.count(),
        "may_change": asking.has(Role.ADMINISTRATOR),
    }
    return render(request, "people/units.html", page)


@login_required
def unit_new(request: HttpRequest) -> HttpResponse:
    """Make a unit."""
    asking = administrator(request)
    form = UnitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if done(request, lambda: services.make_unit(asking, **given), "Satuan dibuat.", form):
            return redirect("unit", given["code"])
    return render(request, "people/form.html", {"form": form, "title": "Satuan baru", "send": "Buat satuan"})


@login_required
def unit(request: HttpRequest, unit_code: str) -> HttpResponse:
    """One unit: who is posted there, what it covers, which villages have no officer."""
    asking = scope(request)
    held = get_object_or_404(units(asking), code=unit_code)
    form = CodesForm()
    if request.method == "POST":
        asking = administrator(request)
        act = request.POST.get("act", "")
        if act == "rename":
            done(request, lambda: services.rename_unit(asking, held, request.POST.get("name", "")))
            return redirect("unit", unit_code)
        acts: dict[str, Callable[..., Any]] = {"cover": services.cover, "uncover": services.uncover}
        form = CodesForm(request.POST)
        if act in acts and form.is_valid():
            villages = form.cleaned_data["codes"]
            if done(request, lambda: acts[act](asking, held, villages), form=form):
                return redirect("unit", unit_code)
    here = postings(asking).filter(unit=held)
    empty = vacancies(asking, held)
    page = {
        "unit": held,
        "below": counted(units(asking).filter(parent=held), asking.on),
        "now": here.filter(in_force(asking.on)),
        "other": here.exclude(in_force(asking.on))[:50],
        "covered": Area.objects.filter(coverage__unit=held).defer("geometry").order_by("code"),
        "without_officer": empty.without_officer[:_MOST_LISTED],
        "without_officer_number": empty.without_officer.count(),
        "headless": empty.headless,
        "form": form,
        "may_change": asking.has(Role.ADMINISTRATOR),
    }
    return render(request, "people/unit.html", page)
