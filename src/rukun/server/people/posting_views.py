"""Pages on which administrators post, transfer and end."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from rukun.server.people import services
from rukun.server.people.forms import EndForm, PostAtUnitForm, PostingForm, VillagesForm
from rukun.server.people.models import LEVEL_OF_ROLE, Posting, Role, Unit, UnitLevel, User
from rukun.server.people.views import administrator, done
from rukun.server.territory.models import Area


@login_required
def post_account(request: HttpRequest, user_id: int) -> HttpResponse:
    """Post an account at a unit that was chosen on its page (?unit=CODE)."""
    asking = administrator(request)
    held = get_object_or_404(User, pk=user_id)
    unit = _chosen(request)
    form = PostingForm(unit, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        act = lambda: services.post(asking, held, given["role"], unit, given["begins"], given["villages"])  # noqa: E731
        if done(request, act, form=form):
            return redirect("account", user_id)
    title = f"Tugaskan {held.first_name or held.username} di {unit}"
    return render(request, "people/form.html", {"form": form, "title": title, "send": "Tugaskan"})


@login_required
def post_at_unit(request: HttpRequest, unit_code: str) -> HttpResponse:
    """Post an account that is named, from the page of a unit."""
    asking = administrator(request)
    unit = get_object_or_404(Unit, code=unit_code)
    form = PostAtUnitForm(unit, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        act = lambda: services.post(  # noqa: E731
            asking, given["user"], given["role"], unit, given["begins"], given["villages"]
        )
        if done(request, act, form=form):
            return redirect("unit", unit_code)
    return render(request, "people/form.html", {"form": form, "title": f"Tugaskan di {unit}", "send": "Tugaskan"})


@login_required
def posting(request: HttpRequest, posting_id: int) -> HttpResponse:
    """One posting: end it, or give an officer other villages."""
    asking = administrator(request)
    held = get_object_or_404(Posting.objects.select_related("user", "unit"), pk=posting_id)
    act = request.POST.get("act", "")
    choices = Area.objects.filter(Q(coverage__unit=held.unit) | Q(postings=held)).distinct()
    choices = choices.defer("geometry").order_by("code")
    own = {"villages": list(held.villages.values_list("code", flat=True))}
    villages = VillagesForm(choices, request.POST if act == "villages" else None, initial=own)
    end = EndForm(request.POST if act == "end" else None)
    if act == "villages" and villages.is_valid():
        given = villages.cleaned_data
        change = lambda: services.set_villages(asking, held, given["villages"], given["on"])  # noqa: E731
        if done(request, change, form=villages):
            return redirect("account", held.user_id)
    if act == "end" and end.is_valid():
        ends: dt.date = end.cleaned_data["ends"]
        if done(request, lambda: services.end_posting(asking, held, ends), "Penugasan berakhir.", end):
            return redirect("account", held.user_id)
    level = LEVEL_OF_ROLE.get(Role(held.role), UnitLevel.PROVINCE)
    page: dict[str, Any] = {
        "posting": held,
        "villages": villages if held.role == Role.VILLAGE_OFFICER else None,
        "end": end,
        "units": Unit.objects.filter(level=level),
        "open": held.ends is None,
    }
    return render(request, "people/posting.html", page)


@login_required
def transfer(request: HttpRequest, posting_id: int) -> HttpResponse:
    """The same role at another unit (?unit=CODE), from a day on."""
    asking = administrator(request)
    held = get_object_or_404(Posting.objects.select_related("user", "unit"), pk=posting_id)
    unit = _chosen(request)
    form = PostingForm(unit, request.POST or None, role=held.role)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        act = lambda: services.transfer(asking, held, unit, given["begins"], given["villages"])  # noqa: E731
        if done(request, act, form=form):
            return redirect("account", held.user_id)
    title = f"Pindahkan {held.user} dari {held.unit} ke {unit}"
    return render(request, "people/form.html", {"form": form, "title": title, "send": "Pindahkan"})


def _chosen(request: HttpRequest) -> Unit:
    """The unit that was chosen on the page before; there is no page without one."""
    return get_object_or_404(Unit, code=request.GET.get("unit", "").replace("\0", "")[:40])
