"""A field app's turn with the server: its batch goes in, each item for itself; what is new comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from pydantic import ValidationError

from rukun.server.audit.services import change
from rukun.server.field.changes import changes_since, read_cursor
from rukun.server.field.kinds import KINDS
from rukun.server.field.schemas import Result, SyncOut
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports.filing import not_own
from rukun.server.reports.refusals import problem_of
from rukun.server.reports.storing import Filed
from rukun.server.territory.models import Area


def synchronise(scope: Scope, items: Sequence[dict[str, Any]], cursor: str | None) -> SyncOut:
    """Store what of a batch can be stored, and tell of each item what became of it.

    All that is stored is stored when this returns. Raises NotAllowed for who isn't a village officer, BadCursor.
    """
    if not scope.has(Role.VILLAGE_OFFICER):
        raise NotAllowed(
            "only village officers file reports, visits and outcomes",
            "Hanya bhabinkamtibmas yang mengirim laporan, sambang, dan hasil.",
        )
    since = read_cursor(cursor)
    started = timezone.now()
    villages = scope.own_areas
    results = _take(scope, items, {village.code: village for village in villages}) if items else []
    changes, until = changes_since(scope, since, villages, started)
    return SyncOut(results=results, changes=changes, cursor=str(until), at=started)


def _take(scope: Scope, items: Sequence[dict[str, Any]], villages: dict[str, Area]) -> list[Result]:
    results: list[Any] = [None] * len(items)
    waiting: dict[str, list[tuple[int, Any, Any]]] = {}
    elsewhere: dict[str, list[tuple[int, Any]]] = {}
    for place, item in enumerate(items):
        given = _read(item)
        if isinstance(given, Result):
            results[place] = given
        elif KINDS[item["kind"]].table is None:
            waiting.setdefault(item["kind"], []).append((place, given, None))
        elif (village := villages.get(given.village)) is not None:
            waiting.setdefault(item["kind"], []).append((place, given, village))
        else:
            elsewhere.setdefault(item["kind"], []).append((place, given))
    for name, placed in elsewhere.items():
        for place, result in _elsewhere(scope, name, placed):
            results[place] = result
    if not waiting:
        return results
    with change(scope.actor) as trail:
        for name, kind in KINDS.items():
            of_kind = waiting.get(name, [])
            answers = kind.take(scope, [(given, village) for _, given, village in of_kind], trail) if of_kind else []
            for (place, given, _), answer in zip(of_kind, answers, strict=True):
                results[place] = _result(given.id, answer)
    return results


def _elsewhere(scope: Scope, name: str, placed: Sequence[tuple[int, Any]]) -> list[tuple[int, Result]]:
    """Items of villages that aren't the officer's: refused, but for those that they filed while it was theirs and
    whose answer was lost on the way. Those are known, or a device would send them for ever.
    """
    table = KINDS[name].table
    assert table is not None
    filed = table.objects.filter(pk__in=[given.id for _, given in placed], author=scope.user)
    versions = dict(filed.values_list("pk", "version"))
    results = []
    for place, given in placed:
        if given.id in versions:
            result = Result(id=str(given.id), status="known", version=versions[given.id])
        else:
            result = _result(given.id, not_own(given.village), "village")
        results.append((place, result))
    return results


def _read(item: dict[str, Any]) -> Any:
    """What a service takes of an item; a Result where the item hasn't its form."""
    said = item.get("kind")
    kind = KINDS.get(said) if isinstance(said, str) else None
    if kind is None:
        return _refused(item.get("id", ""), 422, "invalid", f"kind must be one of {', '.join(KINDS)}", "kind")
    try:
        return kind.form.validate_python(item).given()
    except ValidationError as wrong:
        # what was sent isn't sent back: it may hold what would have been masked
        errors = [
            {"where": [str(step) for step in e["loc"]], "what": e["msg"]}
            for e in wrong.errors(include_input=False, include_url=False)
        ]
        field = ".".join(errors[0]["where"])
        return _refused(item.get("id", ""), 422, "invalid", errors[0]["what"], field, errors=errors)


def _result(key: Any, answer: Filed | Exception, field: str = "") -> Result:
    if isinstance(answer, Filed):
        status = "stored" if answer.stored else "known"
        return Result(id=str(key), status=status, version=answer.record.version, masked=dict(answer.masked))
    if isinstance(answer, Refused):
        number, kind, more = problem_of(answer)
        return _refused(key, number, kind, str(answer), answer.field, said=answer.said, **more)
    if isinstance(answer, NotAllowed):
        return _refused(key, 403, "not-allowed", str(answer), field, said=answer.said)
    if isinstance(answer, ObjectDoesNotExist):
        return _refused(key, 404, "not-found", str(answer), field, said="Itu tidak ada di desa/kelurahan Anda.")
    raise answer


def _refused(key: Any, status: int, kind: str, detail: str, field: str, **more: Any) -> Result:
    problem = {"type": f"/problems/{kind}", "status": status, "detail": detail, "field": field, **more}
    return Result(id=str(key)[:64], status="refused", problem=problem)
