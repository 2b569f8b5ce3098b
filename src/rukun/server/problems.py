"""Errors as problem details (RFC 9457): one shape for everything that the API refuses."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found
from ninja import Schema
from pydantic import Field


class Problem(Schema):
    """What was wrong, and what to do about it (RFC 9457)."""

    type: str = Field(examples=["/problems/refused"])
    title: str
    status: int
    detail: str = ""
    said: str = Field(
        "", description="the detail in Indonesian, for the person at the field app; absent where there is none"
    )
    field: str = Field("", description="the part of the input that it is about")
    errors: list[dict[str, Any]] = Field(default_factory=list, description="every part of the input that was wrong")
    current: dict[str, Any] | None = Field(None, description="the record as it is now, where somebody else changed it")


TITLES = {
    400: "The request can't be read",
    401: "Sign in, or send a device token",
    403: "That isn't yours to do",
    404: "There is no such thing, or it isn't yours to see",
    409: "It was changed or filed with other content",
    411: "It must say how long it is",
    413: "That is too big",
    422: "It can't be done as asked",
    429: "Too many requests: wait a little",
    503: "The server can't do it just now",
    507: "The server has no room left",
}
#: What every endpoint may answer besides its own: for the description of the API.
ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 413, 422, 429, 503, 507), Problem)


def problem(status: int, kind: str, detail: str = "", **more: Any) -> JsonResponse:
    """A response with problem details."""
    body = {
        "type": f"/problems/{kind}",
        "title": TITLES.get(status, "Something went wrong"),
        "status": status,
        "detail": detail,
    }
    body |= {name: value for name, value in more.items() if value}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def not_found(request: HttpRequest, _: Exception) -> JsonResponse:
    """404 for what isn't there and what isn't in scope, alike: nobody can feel for the ids of others."""
    return problem(404, "not-found")


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for addresses that there are not (Django's handler404): of the API in the API's form, else as a page."""
    if request.path.startswith("/api/"):
        return not_found(request, exception)
    return page_not_found(request, exception)


def not_offered(request: HttpRequest) -> HttpResponse:
    """What a library has an address for and Rukun doesn't do."""
    raise Http404
