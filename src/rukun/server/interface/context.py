"""What every page is told."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from rukun.server.people.models import Role
from rukun.server.people.scope import scope_of
from rukun.server.territory.models import Area


def page(request: HttpRequest) -> dict[str, Any]:
    """Scope and roles of who looks, and whether anything here is an exercise."""
    scope = scope_of(getattr(request, "user", None))
    return {
        "scope": scope,
        "roles": scope.roles,
        "role_names": [Role(role).label for role in sorted(scope.roles)],
        "exercise": Area.objects.filter(exercise=True).exists() if scope.roles else False,
    }
