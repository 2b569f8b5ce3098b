"""Heads and all beside or above them sign in with a second factor: without one they can only set it up."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from rukun.server.people.models import SECOND_FACTOR, User
from rukun.server.people.scope import scope_of

#: What can be reached on the way to a second factor.
_OPEN = ("/accounts/", "/static/", "/health")


def lacks_second_factor(user: User) -> bool:
    """Whether one of their roles asks for a second factor that they haven't set up."""
    return scope_of(user).has(*SECOND_FACTOR) and not is_mfa_enabled(user)


class SecondFactor:
    """Sends those who lack it to the page where it is set up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Around every view."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, or the way to the set-up page; the API answers for itself."""
        user = request.user
        away = request.path.startswith(_OPEN) or request.path.startswith("/api/")
        if isinstance(user, User) and not away and lacks_second_factor(user):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)
