"""Passwords and second factors: given by an administrator, chosen by their owner."""

from __future__ import annotations

import secrets

from allauth.mfa.models import Authenticator
from axes.utils import reset

from rukun.server.audit.services import change
from rukun.server.people.devices import revoke_all
from rukun.server.people.models import User
from rukun.server.people.refusals import Refused, require_administrator
from rukun.server.people.scope import Scope


def one_time_password() -> str:
    """Sixteen random hexadecimal digits (64 bits) in groups that can be read out over a bad line."""
    return "-".join(secrets.token_hex(2) for _ in range(4))


def set_password(scope: Scope | None, user: User) -> str:
    """A new one-time password, which is returned and kept nowhere: the person must change it at the next sign-in.

    Every session and device of the account ends, and a lock after failed sign-ins. Raises Refused for closed accounts
    and for an administrator's own, NotAllowed.
    """
    actor = require_administrator(scope)
    if scope is not None and scope.user == user:
        # who finds an administrator's open browser mustn't get the account with it
        raise Refused(
            "change your own password on the page for it: it asks for the old one",
            "user",
            "Ganti kata sandi sendiri di halamannya: kata sandi lama akan ditanyakan.",
        )
    if not user.is_active:
        raise Refused(f"the account {user} is closed: reopen it", "user", f"Akun {user} ditutup: buka kembali dahulu.")
    password = one_time_password()
    with change(actor) as trail:
        user.set_password(password)
        user.must_change_password = True
        # sessions hold a digest of the password's hash, so that they end with it
        user.save(update_fields=["password", "must_change_password"])
        revoke_all(user, trail)
        reset(username=user.username)
        trail.add("password.given", user.actor)
    return password


def reset_second_factor(scope: Scope | None, user: User) -> str:
    """The second factor of a lost phone is taken away, and a one-time password given, which is returned.

    The password goes, too: the lost phone may hold it, and would now be enough. Raises Refused, NotAllowed.
    """
    actor = require_administrator(scope)
    with change(actor) as trail:
        password = set_password(scope, user)
        Authenticator.objects.filter(user=user).delete()
        trail.add("second_factor.reset", user.actor)
    return password


def change_own(user: User, password: str) -> None:
    """A person chooses a password; the other sessions of the account end with the old one."""
    with change(user.actor) as trail:
        user.set_password(password)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        trail.add("password.changed", user.actor)
