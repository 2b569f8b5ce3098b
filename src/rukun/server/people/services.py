"""Units, accounts, postings and devices: everything that changes them."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from rukun.server.audit.services import SYSTEM, change
from rukun.server.people.models import LEVEL_OF_ROLE, Coverage, DeviceToken, Posting, Role, Unit, UnitLevel, User
from rukun.server.people.scope import Scope
from rukun.server.territory.models import Area, Level

#: How long a device keeps its token without being asked to sign in again.
TOKEN_LIFE = dt.timedelta(days=90)


class NotAllowed(PermissionError):
    """They may not do that; the message says who may."""


class Refused(ValueError):
    """It can't be done as asked; the message says why and what to do. field: which part of the input, or ""."""

    def __init__(self, message: str, field: str = "") -> None:
        """With its reason."""
        super().__init__(message)
        self.field = field


def require_administrator(scope: Scope | None) -> str:
    """The actor's name for the trail; `None` is the system itself (the command line on the server). Raises
    NotAllowed.
    """
    if scope is None:
        return SYSTEM
    if not scope.has(Role.ADMINISTRATOR):
        raise NotAllowed("only an administrator may change units and accounts")
    return scope.actor


def make_unit(scope: Scope | None, code: str, name: str, level: UnitLevel, parent: Unit | None = None) -> Unit:
    """A new unit under `parent`, one level below it. Raises Refused, NotAllowed."""
    actor = require_administrator(scope)
    if (parent is None) != (level == UnitLevel.PROVINCE) or (parent is not None and parent.level != level - 1):
        raise Refused(f"a {UnitLevel(level).label} can't stand there: Polda > Polres > Polsek", "parent")
    if Unit.objects.filter(code=code).exists():
        raise Refused(f"there is a unit {code} already", "code")
    with change(actor) as trail:
        unit = Unit.objects.create(code=code, name=name, level=level, parent=parent)
        trail.add("unit.made", f"unit:{code}", level=int(level), parent=parent.code if parent else None)
    return unit


def cover(scope: Scope | None, unit: Unit, villages: Iterable[Area]) -> int:
    """Let a unit answer for villages, whichever did before; how many changed hands. Raises Refused, NotAllowed."""
    actor = require_administrator(scope)
    wanted = list(villages)
    for area in wanted:
        if area.level != Level.VILLAGE:
            raise Refused(f"{area} is no village", "villages")
    held = dict(Coverage.objects.filter(village__in=wanted).values_list("village_id", "unit_id"))
    moved = [area for area in wanted if held.get(area.pk) != unit.pk]
    with change(actor) as trail:
        Coverage.objects.filter(village__in=moved).delete()
        Coverage.objects.bulk_create([Coverage(unit=unit, village=area) for area in moved])
        if moved:
            trail.add("unit.covers", f"unit:{unit.code}", villages=[area.code for area in moved])
    return len(moved)


def make_user(scope: Scope | None, username: str, password: str, name: str = "") -> User:
    """A new account, which may do nothing before it is posted. Raises Refused for a weak password or a name in use."""
    actor = require_administrator(scope)
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(f"there is an account {username} already", "username")
    user = User(username=username, first_name=name)
    try:
        User.username_validator(username)
        validate_password(password, user)
    except ValidationError as wrong:
        raise Refused(" ".join(wrong.messages), "password") from wrong
    user.set_password(password)
    with change(actor) as trail:
        user.save()
        trail.add("user.made", user.actor)
    return user


def post(
    scope: Scope | None, user: User, role: Role, unit: Unit, begins: dt.date, villages: Iterable[Area] = ()
) -> Posting:
    """Post a person to a role at a unit; a village officer with villages of that unit's coverage.

    Raises Refused where role and unit don't go together or a village lies outside; NotAllowed.
    """
    actor = require_administrator(scope)
    wanted = LEVEL_OF_ROLE.get(role, UnitLevel.PROVINCE)
    if unit.level != wanted:
        raise Refused(
            f"{Role(role).label} is held at a {wanted.label}, and {unit} is a {UnitLevel(unit.level).label}", "unit"
        )
    own = list(villages)
    if own and role != Role.VILLAGE_OFFICER:
        raise Refused("only a village officer has villages; others have what their unit covers", "villages")
    outside = set(own) - set(Area.objects.filter(coverage__unit=unit, pk__in=[area.pk for area in own]))
    if outside:
        raise Refused(f"{unit} doesn't cover {', '.join(sorted(map(str, outside)))}", "villages")
    if Posting.objects.filter(user=user, role=role, unit=unit, ends=None).exists():
        raise Refused(f"{user} is {Role(role).label} at {unit} already", "user")
    with change(actor) as trail:
        posting = Posting.objects.create(user=user, role=role, unit=unit, begins=begins)
        posting.villages.set(own)
        trail.add(
            "posting.began",
            user.actor,
            role=str(role),
            unit=unit.code,
            begins=begins.isoformat(),
            villages=[a.code for a in own],
        )
    return posting


def end_posting(scope: Scope | None, posting: Posting, ends: dt.date) -> None:
    """A posting ends; `ends` is the first day without it. Raises Refused, NotAllowed."""
    actor = require_administrator(scope)
    with change(actor) as trail:
        held = Posting.objects.select_for_update().get(pk=posting.pk)
        if held.ends is not None:
            raise Refused(f"that posting ended on {held.ends}", "ends")
        if ends < held.begins:
            raise Refused(f"it began on {held.begins} only", "ends")
        held.ends = ends
        held.save(update_fields=["ends"])
        trail.add("posting.ended", held.user.actor, role=held.role, unit=held.unit.code, ends=ends.isoformat())


def transfer(scope: Scope | None, posting: Posting, unit: Unit, on: dt.date, villages: Iterable[Area] = ()) -> Posting:
    """One posting ends and the same role begins elsewhere on that day."""
    actor = require_administrator(scope)
    with change(actor):
        end_posting(scope, posting, on)
        return post(scope, posting.user, Role(posting.role), unit, on, villages)


def register_device(user: User, name: str) -> tuple[DeviceToken, str]:
    """A new token for a field app and the secret that is shown this once."""
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    with change(user.actor) as trail:
        token = DeviceToken.objects.create(
            user=user, name=name[:80], digest=digest_of_token(secret), made_at=now, ends_at=now + TOKEN_LIFE
        )
        trail.add("device.registered", f"device:{token.pk}", user=user.pk)
    return token, secret


def revoke_device(scope: Scope, token: DeviceToken) -> None:
    """A token ends at once: by its owner, or by an administrator when a phone is lost. Raises NotAllowed."""
    if token.user != scope.user and not scope.has(Role.ADMINISTRATOR):
        raise NotAllowed("only its owner or an administrator may revoke a device")
    with change(scope.actor) as trail:
        if DeviceToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            trail.add("device.revoked", f"device:{token.pk}", user=token.user_id)


def user_of_token(secret: str) -> User | None:
    """Whose token it is, or None when there is none that holds."""
    now = timezone.now()
    token = (
        DeviceToken.objects.select_related("user")
        .filter(digest=digest_of_token(secret), revoked_at=None, ends_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    # a date and not a moment: one write a day, and no trace of anybody's hours
    today = timezone.localdate(now)
    if token.seen_on != today:
        DeviceToken.objects.filter(pk=token.pk).filter(Q(seen_on=None) | Q(seen_on__lt=today)).update(seen_on=today)
    return token.user


def digest_of_token(secret: str) -> str:
    """What is kept of a token; it is long and random, so a plain hash does."""
    return hashlib.sha256(secret.encode()).hexdigest()
