"""Devices of the field app: tokens that speak for a person until they are revoked or run out."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator

from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from rukun.core.text.redact import redact
from rukun.server.again import Again
from rukun.server.audit.services import Trail, change
from rukun.server.people.models import DeviceToken, Role, User
from rukun.server.people.refusals import NotAllowed
from rukun.server.people.scope import Scope

#: How long a device keeps its token without being asked to sign in again.
TOKEN_LIFE = dt.timedelta(days=90)
_MOST_NAME = 80


def register_device(user: User, name: str) -> tuple[DeviceToken, str]:
    """A new token for a field app and the secret that is shown this once."""
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    # people name their phones after themselves and their numbers
    called = redact(name).text[:_MOST_NAME]
    with change(user.actor) as trail:
        token = DeviceToken.objects.create(
            user=user, name=called, digest=digest_of_token(secret), made_at=now, ends_at=now + TOKEN_LIFE
        )
        trail.add("device.registered", f"device:{token.pk}", user=user.pk)
    return token, secret


def revoke_device(scope: Scope, token: DeviceToken) -> None:
    """A token ends at once: by its owner, or by an administrator when a phone is lost. Raises NotAllowed."""
    if token.user != scope.user and not scope.has(Role.ADMINISTRATOR):
        raise NotAllowed(
            "only its owner or an administrator may revoke a device",
            "Hanya pemiliknya atau administrator yang dapat mencabut perangkat.",
        )
    with change(scope.actor) as trail:
        if DeviceToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            trail.add("device.revoked", f"device:{token.pk}", user=token.user_id)


def revoke_all(user: User, trail: Trail) -> None:
    """Every token of an account ends, as part of a change."""
    held = list(DeviceToken.objects.filter(user=user, revoked_at=None).values_list("pk", flat=True))
    DeviceToken.objects.filter(pk__in=held).update(revoked_at=timezone.now())
    for token in held:
        trail.add("device.revoked", f"device:{token}", user=user.pk)


_DAY = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
#: The token of a digest, if it holds at a moment, with its user.
_holding = Again(
    lambda digest, now: DeviceToken.objects.select_related("user").filter(
        digest=digest, revoked_at=None, ends_at__gt=now, user__is_active=True
    ),
    ("a", "b"),
    (_DAY, _DAY + TOKEN_LIFE),
)


def user_of_token(secret: str) -> User | None:
    """Whose token it is, or None when there is none that holds."""
    now = timezone.now()
    found = _holding(digest_of_token(secret), now)
    if not found:
        return None
    token: DeviceToken = found[0]
    # a date and not a moment: one write a day, and no trace of anybody's hours
    today = timezone.localdate(now)
    if token.seen_on != today:
        # a note that can't be made (the disk is full, another process holds the database) turns no reader away
        with contextlib.suppress(OperationalError), _without_waiting(), transaction.atomic():
            DeviceToken.objects.filter(pk=token.pk).filter(Q(seen_on=None) | Q(seen_on__lt=today)).update(seen_on=today)
    return token.user


@contextlib.contextmanager
def _without_waiting() -> Iterator[None]:
    """SQLite, held by another process, says so at once and not after the patience that a report is worth."""
    if connection.vendor != "sqlite":
        yield
        return
    patience = int(1000 * connection.settings_dict["OPTIONS"].get("timeout", 5))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")


def digest_of_token(secret: str) -> str:
    """What is kept of a token; it is long and random, so a plain hash does."""
    return hashlib.sha256(secret.encode()).hexdigest()
