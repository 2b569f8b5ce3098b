"""Signing in and out, failures, locks and second factors in the trail: who and when, never from which address."""

from __future__ import annotations

from typing import Any

from allauth.mfa import signals as mfa
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from rukun.server.audit.services import change
from rukun.server.people.models import User

#: Who acts before anybody has signed in.
ANONYMOUS = "anonymous"


def listen() -> None:
    """Note from now on what the libraries signal."""
    user_logged_in.connect(_signed_in, dispatch_uid="rukun.trail")
    user_logged_out.connect(_signed_out, dispatch_uid="rukun.trail")
    user_login_failed.connect(_failed, dispatch_uid="rukun.trail")
    user_locked_out.connect(_locked, dispatch_uid="rukun.trail")
    mfa.authenticator_added.connect(_added, dispatch_uid="rukun.trail")
    mfa.authenticator_removed.connect(_removed, dispatch_uid="rukun.trail")
    mfa.authenticator_reset.connect(_renewed, dispatch_uid="rukun.trail")
    mfa.authentication_failed.connect(_code_failed, dispatch_uid="rukun.trail")


def _signed_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    _note(user.actor, "session.began", user.actor)


def _signed_out(sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        _note(user.actor, "session.ended", user.actor)


def _failed(sender: Any, credentials: dict[str, Any], **_: Any) -> None:
    _note(ANONYMOUS, "session.refused", _named(credentials.get("username")))


def _locked(sender: Any, request: HttpRequest, username: str | None, **_: Any) -> None:
    # axes says it again at every attempt while the lock holds: the one that closed it is what happened
    if getattr(request, "axes_failures_since_start", None) == settings.AXES_FAILURE_LIMIT:
        _note(ANONYMOUS, "session.locked", _named(username))


def _added(sender: Any, user: User, authenticator: Any, **_: Any) -> None:
    _note(user.actor, "second_factor.added", user.actor, kind=str(authenticator.type))


def _removed(sender: Any, user: User, authenticator: Any, **_: Any) -> None:
    _note(user.actor, "second_factor.removed", user.actor, kind=str(authenticator.type))


def _renewed(sender: Any, user: User, authenticator: Any, **_: Any) -> None:
    _note(user.actor, "second_factor.renewed", user.actor, kind=str(authenticator.type))


def _code_failed(sender: Any, user: User, **_: Any) -> None:
    _note(ANONYMOUS, "second_factor.refused", user.actor)


def _named(username: Any) -> str:
    """The account of that name; what was typed isn't kept where there is none: it may be a password in the wrong
    field.
    """
    known = None
    if isinstance(username, str) and "\0" not in username:
        known = User.objects.filter(username__iexact=username[:150]).first()
    return "user:unknown" if known is None else known.actor


def _note(actor: str, action: str, subject: str, **details: Any) -> None:
    with change(actor) as trail:
        trail.add(action, subject, **details)
