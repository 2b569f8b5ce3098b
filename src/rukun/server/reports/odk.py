"""Taking over what was gathered with ODK or KoboToolbox: every row through the same rules as if it were filed here."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from rukun.io.mapping import FormMapping, read_mapping
from rukun.io.problems import ProblemLog, shown
from rukun.io.submissions import Submission, read_submissions
from rukun.server.audit.services import change
from rukun.server.people.models import Role, User
from rukun.server.people.scope import Scope, scope_of
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports import taxonomy
from rukun.server.reports.filing import ReportIn, VisitIn, draft_report, draft_visit
from rukun.server.reports.storing import Draft, store
from rukun.server.territory.models import Area

#: What `draft_report` and `draft_visit` can't do without and a row may have left blank.
_NEEDED = {
    "report": ("id", "village", "observed_at", "category", "level", "text", "source"),
    "visit": ("id", "village", "started_at", "minutes"),
}
_BATCH = 500


@dataclass(frozen=True)
class Imported:
    """stored: new ones; known: those that had been stored before; masked: kinds of personal data, with how many."""

    kind: str
    stored: int
    known: int
    masked: Mapping[str, int]


def import_submissions(path: Path, mapping_path: Path, asking: Scope, *, dry_run: bool = False) -> Imported:
    """Store every row of an export as a report or visit: all of them or none, and each once however often it is done.

    A village officer's rows are their own, in the villages they have today. An administrator's are those of the officer
    whom the mapped column names, in the villages that officer had on the day. Raises `InputProblems` with all that is
    wrong, by line and column; NotAllowed for anybody else. A dry run does all and keeps nothing.
    """
    mapping = read_mapping(mapping_path, taxonomy.CONTACTS, settings.TIME_ZONE)
    if not asking.has(Role.ADMINISTRATOR, Role.VILLAGE_OFFICER):
        raise NotAllowed("only village officers, for themselves, and administrators, for officers, import records")
    log = ProblemLog()
    if not asking.has(Role.VILLAGE_OFFICER) and not {"officer"} & {*mapping.columns, *mapping.defaults}:
        fix = "name the column with the officer's account, or give [defaults] officer = ..."
        log.add(mapping_path.name, "nothing says who filed these", fix, column="columns.officer")
        log.stop_if_any()
    rows = read_submissions(path, mapping, log)
    with transaction.atomic():
        done = _take(path.name, mapping, rows, asking, log)
        # inside, so that nothing is left of it
        log.stop_if_any()
        transaction.set_rollback(dry_run)
    return done


def _take(file: str, mapping: FormMapping, rows: Sequence[Submission], asking: Scope, log: ProblemLog) -> Imported:
    kind = mapping.kind
    codes = {row.fields.get("village") for row in rows}
    villages = {area.code: area for area in Area.objects.filter(code__in=codes).defer("geometry")}
    authors = _Authors(asking, {row.fields["officer"] for row in rows if "officer" in row.fields})
    waiting: dict[User, list[tuple[Submission, Draft]]] = {}

    def wrong(row: Submission, field: str, what: str, fix: str = "") -> None:
        column = next(iter(mapping.columns.get(field, ())), None)
        log.add(file, what, fix, row.line, column)

    for row in rows:
        missing = [name for name in _NEEDED[kind] if name not in row.fields]
        for name in missing:
            wrong(row, name, f"there is no {name}", f"fill it in, or give [defaults] {name} = ...")
        if missing:
            continue
        given = {name: value for name, value in row.fields.items() if name != "officer"}
        when = given["observed_at" if kind == "report" else "started_at"]
        try:
            author = authors.of(row.fields.get("officer", ""), timezone.localdate(when))
        except NotAllowed as refusal:
            wrong(row, "officer", str(refusal))
            continue
        village = villages.get(given["village"])
        if village is None or village.pk not in author.own_villages:
            assert author.user is not None
            what = f"{shown(given['village'])} was not a village of {author.user.username} on {author.on}"
            wrong(row, "village", what, "correct the code, or post the officer there first")
            continue
        try:
            if kind == "report":
                draft = draft_report(author, ReportIn(**given), village)
            else:
                draft = draft_visit(author, VisitIn(**given), village)
        except Refused as refusal:
            wrong(row, refusal.field, str(refusal))
            continue
        waiting.setdefault(draft.record.author, []).append((row, draft))
    return _store(kind, waiting, asking, wrong)


def _store(kind: str, waiting: Mapping[User, list[tuple[Submission, Draft]]], asking: Scope, wrong: Any) -> Imported:
    stored = known = 0
    masked: Counter[str] = Counter()
    for user, drafts in waiting.items():
        for begin in range(0, len(drafts), _BATCH):
            batch = drafts[begin : begin + _BATCH]
            with change(asking.actor) as trail:
                answers = store(Scope(user, timezone.localdate()), [draft for _, draft in batch], trail)
                new = sum(not isinstance(answer, Refused) and answer.stored for answer in answers)
                trail.add(f"{kind}.imported", user.actor, number=new)
            for (row, draft), answer in zip(batch, answers, strict=True):
                if isinstance(answer, Refused):
                    wrong(row, answer.field, str(answer))
                elif answer.stored:
                    stored += 1
                    masked.update(draft.masked)
                else:
                    known += 1
    return Imported(kind, stored, known, dict(masked))


class _Authors:
    """Whose each row is, with what they had in their hands on its day; each looked up once."""

    def __init__(self, asking: Scope, names: set[str]) -> None:
        """Of the accounts that an administrator's file names; an officer files for themselves only."""
        self._asking = asking
        self._own = asking.has(Role.VILLAGE_OFFICER)
        self._users = {} if self._own else {user.username: user for user in User.objects.filter(username__in=names)}
        self._scopes: dict[tuple[str, dt.date], Scope] = {}

    def of(self, name: str, day: dt.date) -> Scope:
        """The scope of that account on that day. Raises NotAllowed."""
        if self._own:
            assert self._asking.user is not None
            if name and name != self._asking.user.username:
                raise NotAllowed(f"{shown(name)} is somebody else: an administrator can import this")
            return self._asking
        user = self._users.get(name)
        if user is None:
            raise NotAllowed(f"there is no account {shown(name)}" if name else "no officer is named")
        if (name, day) not in self._scopes:
            self._scopes[name, day] = scope_of(user, day)
        scope = self._scopes[name, day]
        if not scope.has(Role.VILLAGE_OFFICER):
            raise NotAllowed(f"{shown(name)} was no village officer on {day}, or the account is closed")
        return scope
