"""Accounts: made, renamed, closed and opened again; never deleted, for the trail and the records speak of them."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from rukun.server.audit.services import change
from rukun.server.people.devices import revoke_all
from rukun.server.people.models import Role, User
from rukun.server.people.passwords import set_password
from rukun.server.people.postings import end_all, lock_administrators, require_lasting_administrator
from rukun.server.people.refusals import Refused, checked_name, require_administrator
from rukun.server.people.scope import Scope

_MOST_NAME = 150


def make_user(
    scope: Scope | None, username: str, password: str, name: str = "", *, one_time: bool = False, encoded: str = ""
) -> User:
    """A new account, which may do nothing before it is posted. Raises Refused for a weak password or a name in use.

    one_time: the password must be changed at the first sign-in; encoded: the hash of `password`, where it was made
    ahead because a transaction mustn't last as long as many hashes take.
    """
    actor = require_administrator(scope)
    taken = Refused(f"there is an account {username} already", "username", f"Akun {username} sudah ada.")
    if User.objects.filter(username__iexact=username).exists():
        raise taken
    if not username or len(username) > _MOST_NAME:
        raise Refused(
            f"the name of an account has 1 to {_MOST_NAME} letters",
            "username",
            f"Nama akun terdiri atas 1 sampai {_MOST_NAME} huruf.",
        )
    user = User(username=username, first_name=checked_name(name, _MOST_NAME), must_change_password=one_time)
    try:
        User.username_validator(username)
    except ValidationError as wrong:
        raise Refused(" ".join(wrong.messages), "username") from wrong
    try:
        validate_password(password, user)
    except ValidationError as wrong:
        raise Refused(" ".join(wrong.messages), "password") from wrong
    user.password = encoded or make_password(password)
    with change(actor) as trail:
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError as taken:
            # somebody made it between the look and the write
            raise Refused(
                f"there is an account {username} already", "username", f"Akun {username} sudah ada."
            ) from taken
        trail.add("user.made", user.actor)
    return user


def rename_user(scope: Scope | None, user: User, name: str) -> None:
    """What a person is called; the name of the account stays. Raises Refused, NotAllowed."""
    actor = require_administrator(scope)
    called = checked_name(name, _MOST_NAME)
    with change(actor) as trail:
        if User.objects.filter(pk=user.pk).exclude(first_name=called).update(first_name=called):
            trail.add("user.renamed", user.actor)
    user.first_name = called


def close_account(scope: Scope | None, user: User) -> None:
    """An account is closed: its postings end, its sessions and devices too; what it did stays.

    Its password is gone: opened again it gets a new one. Raises Refused for the last administrator, NotAllowed.
    """
    actor = require_administrator(scope)
    with change(actor) as trail:
        lock_administrators()
        held = User.objects.select_for_update().get(pk=user.pk)
        if not held.is_active:
            raise Refused(f"the account {user} is closed already", "user", f"Akun {user} sudah ditutup.")
        administers = held.postings.filter(role=Role.ADMINISTRATOR, ends=None).exists()
        end_all(held, trail, timezone.localdate())
        held.is_active = False
        held.set_unusable_password()
        held.save(update_fields=["is_active", "password"])
        revoke_all(held, trail)
        trail.add("user.closed", held.actor)
        if administers:
            require_lasting_administrator()
    user.is_active = False


def reopen_account(scope: Scope | None, user: User) -> str:
    """A closed account is opened, without postings; returns its one-time password. Raises Refused, NotAllowed."""
    actor = require_administrator(scope)
    with change(actor) as trail:
        if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            raise Refused(f"the account {user} is open", "user", f"Akun {user} tidak ditutup.")
        user.is_active = True
        trail.add("user.reopened", user.actor)
        return set_password(scope, user)
