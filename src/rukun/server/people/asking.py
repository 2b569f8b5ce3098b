"""Who asks, for endpoints and pages alike."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from rukun.server.people.scope import Scope, scope_of


def scope(request: HttpRequest) -> Scope:
    """The scope of who asks, worked out once for each request."""
    known = getattr(request, "rukun_scope", None)
    if known is None:
        known = scope_of(getattr(request, "user", AnonymousUser()))
        request.rukun_scope = known  # type: ignore[attr-defined]
    return known
