"""The trail for who may read it."""

from __future__ import annotations

from collections.abc import Iterable

from rukun.server.audit.models import Entry
from rukun.server.people.models import Role, User
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed

PAGE = 100


def entries(
    scope: Scope, before: int | None, subject: str = "", actor: str = "", action: str = ""
) -> tuple[list[Entry], int | None]:
    """Up to a page of entries below number `before`, newest first, and where the next page begins.

    subject, action: as they stand in the trail; actor: too, or the name of an account.

    Raises NotAllowed for who isn't an auditor.
    """
    if not scope.has(Role.AUDITOR):
        raise NotAllowed("only an auditor reads the trail", "Hanya pengawas yang membaca jejak audit.")
    found = Entry.objects.all()
    if before is not None:
        found = found.filter(number__lt=before)
    if subject:
        found = found.filter(subject=subject)
    if actor:
        found = found.filter(actor__in=_actors(actor))
    if action:
        found = found.filter(action=action)
    items = list(found[: PAGE + 1])
    return items[:PAGE], items[PAGE - 1].number if len(items) > PAGE else None


def names_of(entries: Iterable[Entry]) -> dict[str, str]:
    """Names of the accounts that did something in these entries or of which they speak, by how the trail names them.

    In one query, however many there are.
    """
    users: set[int] = set()
    for said in {each for entry in entries for each in (entry.actor, entry.subject)}:
        of, _, number = said.partition(":")
        if of == "user" and number.isdecimal() and len(number) < 18:
            users.add(int(number))
    return {f"user:{pk}": name for pk, name in User.objects.filter(pk__in=users).values_list("pk", "username")}


def _actors(said: str) -> list[str]:
    """How the trail names whom somebody looks for: as said, and an account of that name."""
    return [said, *(user.actor for user in User.objects.filter(username__iexact=said))]
