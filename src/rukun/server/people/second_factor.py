"""The way in: a one-time password is changed first; then heads and all beside or above them set up a second factor.

Until then nothing else is open to them.
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from rukun.server.people.models import SECOND_FACTOR, User
from rukun.server.people.scope import scope_of

#: What can be reached on the way to an own password, and then to a second factor.
_OPEN_BEFORE = ("/accounts/password/change/", "/accounts/logout/", "/static/", "/health", "/api/")
_OPEN = ("/accounts/", "/static/", "/health")


def lacks_second_factor(user: User) -> bool:
    """Whether one of their roles asks for a second factor that they haven't set up."""
    return scope_of(user).has(*SECOND_FACTOR) and not is_mfa_enabled(user)


def on_the_way(user: User) -> bool:
    """Whether something must be done before anything else is open to them."""
    return user.must_change_password or lacks_second_factor(user)


class SecondFactor:
    """Sends those with a one-time password to where it is changed, those who lack a second factor to where it is set
    up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Around every view."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, or the way to the set-up page; the API answers for itself."""
        user = request.user
        if isinstance(user, User) and user.must_change_password and not request.path.startswith(_OPEN_BEFORE):
            return HttpResponseRedirect(reverse("account_change_password"))
        away = request.path.startswith(_OPEN) or request.path.startswith("/api/")
        if isinstance(user, User) and not away and lacks_second_factor(user):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)
