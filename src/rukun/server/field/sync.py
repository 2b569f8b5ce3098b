"""A field app's turn with the server: its batch goes in, each item for itself; what is new comes out."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from pydantic import ValidationError

from rukun.server.audit.services import change
from rukun.server.field.kinds import KINDS
from rukun.server.field.schemas import Changes, Result, StatusChange, SyncOut, Village
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports import taxonomy
from rukun.server.reports.models import Report, ReviewStep
from rukun.server.reports.queries import BadCursor, newest_change
from rukun.server.reports.refusals import problem_of
from rukun.server.reports.storing import Filed
from rukun.server.territory.models import Area

#: A change that was under way when the last answer was made can't be missed: cursors lie this far back, and an app
#: takes a change it knows (the version tells) for what it is.
_OVERLAP = dt.timedelta(minutes=2)
_MOST_CHANGES = 200
_FORM = 1


def synchronise(scope: Scope, items: Sequence[dict[str, Any]], cursor: str | None) -> SyncOut:
    """Store what of a batch can be stored, and tell of each item what became of it.

    All that is stored is stored when this returns. Raises NotAllowed for who isn't a village officer, BadCursor.
    """
    if not scope.has(Role.VILLAGE_OFFICER):
        raise NotAllowed("only village officers file reports and visits")
    since = _read_cursor(cursor)
    started = timezone.now()
    results = _take(scope, items) if items else []
    changes = changes_since(scope, since)
    # where there is more, the next turn begins at the last change that was told
    until = changes_until(scope, since) if changes.more else _all_told(started)
    return SyncOut(results=results, changes=changes, cursor=f"{_FORM}.{_posted(scope)}.{until.timestamp():.6f}")


def _take(scope: Scope, items: Sequence[dict[str, Any]]) -> list[Result]:
    codes = {item["village"] for item in items if isinstance(item.get("village"), str)}
    villages = {v.code: v for v in Area.objects.filter(pk__in=scope.own_villages, code__in=codes).defer("geometry")}
    results: list[Any] = [None] * len(items)
    waiting: dict[str, list[tuple[int, Any, Area]]] = {}
    for place, item in enumerate(items):
        read = _read(item, villages)
        if isinstance(read, Result):
            results[place] = read
        else:
            waiting.setdefault(item["kind"], []).append((place, *read))
    if not waiting:
        return results
    with change(scope.actor) as trail:
        for name, kind in KINDS.items():
            of_kind = waiting.get(name, [])
            answers = kind.take(scope, [(given, village) for _, given, village in of_kind], trail) if of_kind else []
            for (place, _, _), answer in zip(of_kind, answers, strict=True):
                results[place] = _result(items[place], answer)
    return results


def _read(item: dict[str, Any], villages: dict[str, Area]) -> tuple[Any, Area] | Result:
    """An item in its form, and its village; or why it can't be taken."""
    said = item.get("kind")
    kind = KINDS.get(said) if isinstance(said, str) else None
    if kind is None:
        return _refused(item, 422, "invalid", f"kind must be one of {', '.join(KINDS)}", "kind")
    try:
        given = kind.form.validate_python(item)
    except ValidationError as wrong:
        # what was sent isn't sent back: it may hold what would have been masked
        errors = [
            {"where": [str(step) for step in e["loc"]], "what": e["msg"]}
            for e in wrong.errors(include_input=False, include_url=False)
        ]
        return _refused(item, 422, "invalid", errors[0]["what"], ".".join(errors[0]["where"]), errors=errors)
    village = villages.get(given.village)
    if village is None:
        return _refused(item, 403, "not-allowed", f"{given.village} is not among your villages", "village")
    return given.given(), village


def _result(item: dict[str, Any], answer: Filed | Refused) -> Result:
    if isinstance(answer, Refused):
        status, kind, more = problem_of(answer)
        return _refused(item, status, kind, str(answer), answer.field, **more)
    status = "stored" if answer.stored else "known"
    return Result(id=str(item["id"]), status=status, version=answer.record.version, masked=dict(answer.masked))


def _refused(item: dict[str, Any], status: int, kind: str, detail: str, field: str, **more: Any) -> Result:
    problem = {"type": f"/problems/{kind}", "status": status, "detail": detail, "field": field, **more}
    return Result(id=str(item.get("id", ""))[:64], status="refused", problem=problem)


def changes_since(scope: Scope, since: tuple[str, dt.datetime] | None) -> Changes:
    """What is new for an officer: what became of own reports; villages and words where they may have changed."""
    changed = _changed(scope, since)
    last = ReviewStep.objects.filter(report=OuterRef("pk")).order_by("-at", "-pk").values("reason")[:1]
    found = list(changed.annotate(reason=Subquery(last))[: _MOST_CHANGES + 1])
    reports = [
        StatusChange(id=r.pk, status=r.status, version=r.version, reason=r.reason or "", merged_into=r.merged_into_id)
        for r in found[:_MOST_CHANGES]
    ]
    anew = since is None or since[0] != _posted(scope)
    villages = None
    if anew:
        own = Area.objects.filter(pk__in=scope.own_villages).defer("geometry")
        villages = [Village(code=v.code, name=v.name, latitude=v.latitude, longitude=v.longitude) for v in own]
    words = taxonomy.everything() if anew else None
    return Changes(reports=reports, villages=villages, taxonomy=words, more=len(found) > _MOST_CHANGES)


def changes_until(scope: Scope, since: tuple[str, dt.datetime] | None) -> dt.datetime:
    """When the last change was made that `changes_since` told of."""
    told = list(_changed(scope, since).values_list("changed_at", flat=True)[:_MOST_CHANGES])
    # at least one step on, or many changes of one moment would be told for ever
    return max(told[-1], told[0] + dt.timedelta(microseconds=1))


def _all_told(started: dt.datetime) -> dt.datetime:
    """From when on the next turn asks. Never after the newest change: a clock that ran ahead and was put back would
    otherwise hide what changes until then.
    """
    newest = newest_change()
    return dt.datetime.fromtimestamp(0, dt.UTC) if newest is None else min(started, newest) - _OVERLAP


def _changed(scope: Scope, since: tuple[str, dt.datetime] | None) -> Any:
    mine = Report.objects.filter(author=scope.user).exclude(version=1)
    if since is not None:
        mine = mine.filter(changed_at__gte=since[1])
    return mine.order_by("changed_at", "pk")


def _posted(scope: Scope) -> str:
    """A short word that changes when the officer's villages do."""
    return hashlib.sha256(",".join(map(str, sorted(scope.own_villages))).encode()).hexdigest()[:8]


def _read_cursor(cursor: str | None) -> tuple[str, dt.datetime] | None:
    if not cursor:
        return None
    form, _, rest = cursor.partition(".")
    posted, _, moment = rest.partition(".")
    try:
        if form != str(_FORM) or len(posted) != 8:
            raise ValueError
        return posted, dt.datetime.fromtimestamp(float(moment), dt.UTC)
    except (ValueError, OverflowError, OSError) as wrong:
        raise BadCursor("this cursor wasn't given out here: leave it out to start anew") from wrong
