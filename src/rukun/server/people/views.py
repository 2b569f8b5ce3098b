"""Pages of accounts, for administrators: who there is, what they are posted as, and what is done when a password or a
phone is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from rukun.server.people import services
from rukun.server.people.asking import scope
from rukun.server.people.forms import AccountForm
from rukun.server.people.models import DeviceToken, Role, Unit, User
from rukun.server.people.passwords import one_time_password
from rukun.server.people.queries import accounts, vacancies
from rukun.server.people.refusals import NotAllowed, Refused
from rukun.server.people.scope import Scope


def administrator(request: HttpRequest) -> Scope:
    """The scope of an administrator. Raises PermissionDenied for others."""
    asking = scope(request)
    if not asking.has(Role.ADMINISTRATOR):
        raise PermissionDenied("Hanya administrator yang mengelola satuan dan akun.")
    return asking


def done(request: HttpRequest, act: Callable[[], Any], said: str = "Tersimpan.", form: Any = None) -> bool:
    """Whether `act` went well; what was refused is said on the form, or above the page."""
    try:
        act()
    except (Refused, NotAllowed) as wrong:
        field = getattr(wrong, "field", "")
        if form is None:
            messages.error(request, wrong.said)
        else:
            form.add_error(field if field in form.fields else None, wrong.said)
        return False
    messages.success(request, said)
    return True


@login_required
def people(request: HttpRequest) -> HttpResponse:
    """Accounts, to be searched, and what is vacant."""
    asking = administrator(request)
    sought = request.GET.get("q", "").replace("\0", "").strip()[:80]
    found = accounts(asking, sought)
    if request.GET.get("state") == "closed":
        found = found.filter(is_active=False)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    empty = vacancies(asking)
    numbers = {
        "headless": empty.headless.count(),
        "without_officer": empty.without_officer.count(),
        "uncovered": empty.uncovered.count(),
    }
    return render(request, "people/list.html", {"page": page, "q": sought, "vacant": numbers})


@login_required
@never_cache
@sensitive_variables("password")
def account_new(request: HttpRequest) -> HttpResponse:
    """Make an account; its one-time password is shown this once."""
    asking = administrator(request)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = one_time_password()
        made: list[User] = []

        def make() -> None:
            given = form.cleaned_data
            made.append(services.make_user(asking, given["username"], password, given["name"], one_time=True))

        if done(request, make, "Akun dibuat.", form):
            return render(request, "people/password.html", {"account": made[0], "password": password})
    return render(request, "people/form.html", {"form": form, "title": "Akun baru", "send": "Buat akun"})


@login_required
@never_cache
@sensitive_variables("passwords")
def account(request: HttpRequest, user_id: int) -> HttpResponse:
    """One account: postings now and before, devices, and what an administrator does for it."""
    asking = administrator(request)
    held = get_object_or_404(User, pk=user_id)
    passwords: list[str] = []
    if request.method == "POST":
        act = request.POST.get("act", "")
        acts: dict[str, Callable[[], Any]] = {
            "password": lambda: passwords.append(services.set_password(asking, held)),
            "second_factor": lambda: passwords.append(services.reset_second_factor(asking, held)),
            "close": lambda: services.close_account(asking, held),
            "reopen": lambda: passwords.append(services.reopen_account(asking, held)),
            "rename": lambda: services.rename_user(asking, held, request.POST.get("name", "")),
            "revoke": lambda: _revoke(asking, held, request.POST.get("device", "")),
        }
        if act in acts and done(request, acts[act]) and passwords:
            return render(request, "people/password.html", {"account": held, "password": passwords[0]})
        return redirect("account", user_id)
    page = {
        "account": held,
        "postings": held.postings.select_related("unit").prefetch_related("villages"),
        "devices": held.devices.all(),
        "has_second_factor": is_mfa_enabled(held),
        "units": Unit.objects.all(),
        "today": asking.on,
    }
    return render(request, "people/account.html", page)


@login_required
def devices(request: HttpRequest) -> HttpResponse:
    """One's own devices, each with a button that ends it."""
    asking = scope(request)
    assert asking.user is not None
    if request.method == "POST":
        done(request, lambda: _revoke(asking, asking.user, request.POST.get("device", "")), "Perangkat dicabut.")
        return redirect("devices")
    return render(request, "people/devices.html", {"devices": DeviceToken.objects.filter(user=asking.user)})


def _revoke(asking: Scope, owner: User | None, said: str) -> None:
    token = (
        DeviceToken.objects.filter(user=owner, pk=int(said)).first() if said.isdecimal() and len(said) < 18 else None
    )
    if token is None:
        raise Refused("there is no such device", "device", "Perangkat itu tidak ada.")
    services.revoke_device(asking, token)
