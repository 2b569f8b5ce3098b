"""Endpoints of accounts and devices."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from rukun.server.limits import PerAddress
from rukun.server.people import services
from rukun.server.people.asking import scope
from rukun.server.people.models import DeviceToken, User
from rukun.server.people.second_factor import lacks_second_factor
from rukun.server.problems import ERRORS, problem

router = Router()
NUMBER = 2**31 - 1


class SignIn(Schema):
    """Name and password of the officer, code of the second factor where they have one, and what the device is
    called.
    """

    model_config = ConfigDict(extra="forbid")
    username: Annotated[str, Field(min_length=1, max_length=150)]
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(max_length=12)] = ""
    device: Annotated[str, Field(min_length=1, max_length=80)]


class Token(Schema):
    """token: shown this once; send it as `Authorization: Bearer`."""

    id: int
    token: str
    ends_at: dt.datetime


class Device(Schema):
    """A device with a token."""

    id: int
    name: str
    made_at: dt.datetime
    ends_at: dt.datetime
    seen_on: dt.date | None
    revoked_at: dt.datetime | None


class Me(Schema):
    """Who is signed in: roles, and how many villages are in sight."""

    username: str
    name: str
    roles: list[str]
    villages: int


@router.post(
    "/devices",
    auth=None,
    throttle=[PerAddress(20)],
    response={201: Token, **ERRORS},
)
def sign_in_device(request: HttpRequest, given: SignIn) -> Any:
    """Sign in on a device and get its token. Repeated failures lock the name out for a while."""
    found = authenticate(request, username=given.username, password=given.password)
    if not isinstance(found, User):
        return problem(
            401, "sign-in", "name or password are wrong, or there were too many attempts: wait a quarter of an hour"
        )
    if found.must_change_password:
        return problem(403, "one-time-password", "that password is for one sign-in on the web: choose your own there")
    if lacks_second_factor(found):
        return problem(403, "second-factor", "this role needs a second factor: sign in on the web once and set it up")
    if is_mfa_enabled(found) and not _code_holds(found, given.code):
        # counted like a wrong password: who has the password mustn't try all codes
        user_login_failed.send(__name__, credentials={"username": found.username}, request=request)
        return problem(401, "second-factor", "send the code of the second factor, too")
    token, secret = services.register_device(found, given.device)
    return Status(201, Token(id=token.pk, token=secret, ends_at=token.ends_at))


@router.get("/devices", response={200: list[Device], **ERRORS})
def list_devices(request: HttpRequest) -> Any:
    """One's own devices."""
    user = scope(request).user
    return [Device.from_orm(token) for token in DeviceToken.objects.filter(user=user)]


@router.delete("/devices/{int:device_id}", response={204: None, **ERRORS})
def revoke_device(request: HttpRequest, device_id: Annotated[int, Field(ge=1, le=NUMBER)]) -> Any:
    """Revoke an own device; an administrator can revoke anybody's."""
    asking = scope(request)
    tokens = DeviceToken.objects.all() if asking.has("administrator") else DeviceToken.objects.filter(user=asking.user)
    services.revoke_device(asking, tokens.get(pk=device_id))
    return Status(204, None)


@router.get("/me", response={200: Me, **ERRORS})
def me(request: HttpRequest) -> Me:
    """Who is signed in and what for."""
    asking = scope(request)
    assert asking.user is not None
    return Me(
        username=asking.user.username,
        name=asking.user.first_name,
        roles=sorted(asking.roles),
        villages=asking.villages.count(),
    )


def _code_holds(user: User, code: str) -> bool:
    kinds: dict[str, Any] = {Authenticator.Type.TOTP: TOTP, Authenticator.Type.RECOVERY_CODES: RecoveryCodes}
    held = Authenticator.objects.filter(user=user, type__in=kinds)
    return bool(code) and any(kinds[one.type](one).validate_code(code) for one in held)
