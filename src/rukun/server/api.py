"""The API under /api/v1: who may call it, how it says no, and where its parts are."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.security import HttpBearer, SessionAuth

from rukun.server.limits import PerAccount
from rukun.server.people.models import User
from rukun.server.people.second_factor import on_the_way
from rukun.server.people.services import NotAllowed, Refused, user_of_token
from rukun.server.problems import not_found, problem
from rukun.server.reports.queries import BadCursor
from rukun.server.reports.refusals import problem_of


class DeviceAuth(HttpBearer):
    """Token of a field app: `Authorization: Bearer ...`."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Its owner; None, which is 401, when it doesn't hold."""
        user = user_of_token(token)
        if user is not None:
            request.user = user
        return user


class WebAuth(SessionAuth):
    """The session of a signed-in browser, with its CSRF token; with a password of one's own, and a second factor where
    the role asks for one.
    """

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The user; None, which is 401, where nobody is signed in or something is missing on the way in."""
        user = request.user
        return user if isinstance(user, User) and user.is_active and not on_the_way(user) else None


class Api(NinjaAPI):
    """With errors described by the type they have."""

    def get_openapi_schema(self, *arguments: Any, **named: Any) -> Any:
        """The description, in which errors are application/problem+json."""
        schema = super().get_openapi_schema(*arguments, **named)
        for methods in schema["paths"].values():
            for operation in methods.values():
                for status, response in operation.get("responses", {}).items():
                    content = response.get("content", {})
                    if int(status) >= 400 and "application/json" in content:
                        content["application/problem+json"] = content.pop("application/json")
        return schema


api = Api(
    title="Rukun",
    version="1",
    description="Reports, visits and review of a community-policing unit. Places and claims, never persons.",
    auth=[DeviceAuth(), WebAuth()],
    throttle=[PerAccount(settings.RUKUN_API_RATE)],
    urls_namespace="api",
    docs_url=None,
    openapi_url="/openapi.json",
)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    status, kind, more = problem_of(refused)
    return problem(status, kind, str(refused), said=refused.said, field=refused.field, **more)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    # what was sent isn't sent back: it may hold what would have been masked
    errors = [{"where": [str(step) for step in e.get("loc", ())], "what": str(e.get("msg", ""))} for e in wrong.errors]
    return problem(422, "invalid", "some parts of the input are missing or of another form", errors=errors)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, wrong: HttpError) -> HttpResponse:
    return problem(wrong.status_code, "request", str(wrong))


@api.exception_handler(Throttled)
def _throttled(request: HttpRequest, wrong: Throttled) -> HttpResponse:
    answer = problem(429, "too-many", "wait for as long as Retry-After says")
    answer["Retry-After"] = str(wrong.wait or 60)
    return answer


api.exception_handler(NotAllowed)(lambda request, wrong: problem(403, "not-allowed", str(wrong), said=wrong.said))
api.exception_handler(BadCursor)(lambda request, wrong: problem(422, "cursor", str(wrong), field="cursor"))
api.exception_handler(AuthenticationError)(lambda request, wrong: problem(401, "sign-in"))
api.exception_handler(RequestDataTooBig)(lambda request, wrong: problem(413, "too-big"))
api.exception_handler(ObjectDoesNotExist)(not_found)
api.exception_handler(Http404)(not_found)

api.add_router("", "rukun.server.people.api.router", tags=["people"])
api.add_router("", "rukun.server.people.unit_api.router", tags=["people"])
api.add_router("", "rukun.server.people.village_api.router", tags=["territory"])
api.add_router("", "rukun.server.reports.api.router", tags=["reports"])
api.add_router("", "rukun.server.prevention.api.router", tags=["prevention"])
api.add_router("", "rukun.server.rumours.api.router", tags=["rumours"])
api.add_router("", "rukun.server.field.api.router", tags=["field app"])
api.add_router("", "rukun.server.oversight.api.router", tags=["audit"])
