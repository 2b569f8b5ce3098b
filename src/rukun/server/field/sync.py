"""A field app's turn with the server: its batch goes in, each item for itself; what is new comes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from pydantic import TypeAdapter, ValidationError

from rukun.server.audit.services import change
from rukun.server.field.schemas import Changes, Result, StatusChange, SyncOut, Village
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports import taxonomy
from rukun.server.reports.filing import Lawful, OtherContent, add_report, add_visit
from rukun.server.reports.models import Report, ReviewStep
from rukun.server.reports.queries import BadCursor
from rukun.server.reports.schemas import ReportItem, VisitItem
from rukun.server.territory.models import Area

_ITEMS: dict[str, TypeAdapter[Any]] = {"report": TypeAdapter(ReportItem), "visit": TypeAdapter(VisitItem)}
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
    until = changes_until(scope, since) if changes.more else started - _OVERLAP
    return SyncOut(results=results, changes=changes, cursor=f"{_FORM}.{_posted(scope)}.{until.timestamp():.6f}")


def _take(scope: Scope, items: Sequence[dict[str, Any]]) -> list[Result]:
    codes = {item["village"] for item in items if isinstance(item.get("village"), str)}
    villages = {v.code: v for v in Area.objects.filter(pk__in=scope.own_villages, code__in=codes).defer("geometry")}
    with change(scope.actor) as trail:
        return [_take_one(scope, item, villages, trail) for item in items]


def _take_one(scope: Scope, item: dict[str, Any], villages: dict[str, Area], trail: Any) -> Result:
    said = str(item.get("id", ""))[:64]
    kind = item.get("kind")
    adapter = _ITEMS.get(kind) if isinstance(kind, str) else None
    if adapter is None:
        return _refusal(said, 422, "invalid", f"kind must be one of {', '.join(_ITEMS)}", "kind")
    try:
        given = (
            adapter.validate_python(item) if not isinstance(item.get("id"), str) else adapter.validate_json(_json(item))
        )
    except ValidationError as wrong:
        errors = [
            {"where": [str(step) for step in e["loc"]], "what": e["msg"]}
            for e in wrong.errors(include_input=False, include_url=False)
        ]
        field = ".".join(errors[0]["where"]) if errors else ""
        return _refusal(said, 422, "invalid", errors[0]["what"] if errors else "invalid", field, errors=errors)
    village = villages.get(given.village)
    if village is None:
        return _refusal(said, 403, "not-allowed", f"{given.village} is not among your villages", "village")
    try:
        add: Any = add_report if kind == "report" else add_visit
        filed = add(scope, given.given(), trail, village)
    except OtherContent as wrong:
        return _refusal(said, 409, "other-content", str(wrong), wrong.field)
    except Lawful as wrong:
        return _refusal(said, 422, "lawful", str(wrong), wrong.field)
    except Refused as wrong:
        return _refusal(said, 422, "refused", str(wrong), wrong.field)
    status = "stored" if filed.stored else "known"
    return Result(id=str(filed.record.pk), status=status, version=filed.record.version, masked=dict(filed.masked))


def _json(item: dict[str, Any]) -> bytes:
    import json

    return json.dumps(item).encode()


def _refusal(said: str, status: int, kind: str, detail: str, field: str, **more: Any) -> Result:
    problem = {"type": f"/problems/{kind}", "status": status, "detail": detail, "field": field, **more}
    return Result(id=said, status="refused", problem=problem)


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


def _changed(scope: Scope, since: tuple[str, dt.datetime] | None) -> Any:
    mine = Report.objects.filter(author=scope.user).exclude(version=1)
    if since is not None:
        mine = mine.filter(changed_at__gte=since[1])
    return mine.order_by("changed_at", "pk")


def _posted(scope: Scope) -> str:
    """A short word that changes when the officer's villages do."""
    import hashlib

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
