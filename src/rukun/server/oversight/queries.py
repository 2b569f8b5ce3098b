"""The trail for who may read it."""

from __future__ import annotations

from rukun.server.audit.models import Entry
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed

PAGE = 100


def entries(scope: Scope, before: int | None, subject: str = "", actor: str = "") -> tuple[list[Entry], int | None]:
    """Up to a page of entries below number `before`, newest first, and where the next page begins.

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
        found = found.filter(actor=actor)
    items = list(found[: PAGE + 1])
    return items[:PAGE], items[PAGE - 1].number if len(items) > PAGE else None
