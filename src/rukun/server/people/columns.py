"""Files of units, coverage and postings as rows, with the line of each at hand for what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from django.db import transaction

from rukun.io.problems import ProblemLog, shown
from rukun.io.tables import Batch, Table
from rukun.io.values import days, words
from rukun.server.people.models import Role, UnitLevel
from rukun.server.people.refusals import Refused

_LEVELS = {level.label.lower(): level for level in UnitLevel} | {str(level.value): level for level in UnitLevel}
_ROLES = {role.value: role for role in Role} | {role.label.lower(): role for role in Role}
#: What tells a kind of file: the columns that only it has, and those that it needs.
KINDS = {
    "postings": ("username", "role", "unit", "begins"),
    "units": ("code", "name", "level", "parent"),
    "coverage": ("unit", "village"),
}
_OPTIONAL = {"postings": ("name", "villages", "ends"), "units": (), "coverage": ()}


@dataclass(frozen=True)
class UnitRow:
    """row: from 0 below the header; parent: code of the unit above, "" for a Polda."""

    row: int
    code: str
    name: str
    level: UnitLevel
    parent: str


@dataclass(frozen=True)
class CoverageRow:
    """A unit answers for a village, both by code."""

    row: int
    unit: str
    village: str


@dataclass(frozen=True)
class PostingRow:
    """A person holds a role; villages: their codes; ends: the first day without it, or None."""

    row: int
    username: str
    name: str
    role: Role
    unit: str
    begins: dt.date
    villages: tuple[str, ...]
    ends: dt.date | None


@dataclass
class PeopleFile:
    """The rows of one file, of the kind that it is."""

    table: Table
    units: list[UnitRow] = field(default_factory=list)
    coverage: list[CoverageRow] = field(default_factory=list)
    postings: list[PostingRow] = field(default_factory=list)

    def report(self, row: int, column: str | None, what: str, fix: str) -> None:
        """Something is wrong with a row."""
        self.table.report(np.array([row], dtype=np.int64), column, [what], fix)

    def attempt(self, row: int, column: Callable[[str], str | None], act: Callable[[], object]) -> bool:
        """Do something for a row; what is refused is reported and undone, so that the rows after it are tried, too.

        column: the file's column of the field that was refused.
        """
        try:
            with transaction.atomic():
                act()
        except Refused as wrong:
            self.report(row, column(wrong.field), str(wrong), "correct the row, or leave it out")
            return False
        return True

    def settle(self) -> None:
        """Send what was reported to the log, with lines."""
        self.table.settle()


def read_people(path: Path, log: ProblemLog) -> PeopleFile:
    """The rows of a file; what is wrong with it goes to the log. Raises `InputProblems` where it is no table."""
    table = Table(path, "people", {}, log)
    file = PeopleFile(table)
    kind = next((k for k, columns in KINDS.items() if table.name(columns[0]) and table.name(columns[1])), None)
    if kind is None:
        choices = "; or ".join(", ".join((*columns, *_OPTIONAL[k])) for k, columns in KINDS.items())
        table.report_header("is neither units nor coverage nor postings", f"expected the columns {choices}")
        return file
    missing = [column for column in KINDS[kind] if table.name(column) is None]
    for column in missing:
        table.report_header(f'no column "{column}"', f"{kind} need {', '.join(KINDS[kind])}")
    if missing:
        return file
    wanted = [*KINDS[kind], *(column for column in _OPTIONAL[kind] if table.name(column) is not None)]
    batch = table.read(wanted)
    {"units": _units, "coverage": _coverage, "postings": _postings}[kind](file, batch)
    file.settle()
    return file


def _units(file: PeopleFile, batch: Batch) -> None:
    seen: set[str] = set()
    rows = zip(batch.row.tolist(), *(words(batch, c).to_pylist() for c in KINDS["units"]), strict=True)
    for row, code, name, level, parent in rows:
        if level.lower() not in _LEVELS:
            file.report(row, "level", f"{shown(level)} is no level", "write Polda, Polres or Polsek")
        elif _new(file, row, "code", code, seen):
            file.units.append(UnitRow(row, code, name, _LEVELS[level.lower()], parent))


def _coverage(file: PeopleFile, batch: Batch) -> None:
    seen: set[str] = set()
    rows = zip(batch.row.tolist(), *(words(batch, c).to_pylist() for c in KINDS["coverage"]), strict=True)
    for row, unit, village in rows:
        if _new(file, row, "village", village, seen):
            file.coverage.append(CoverageRow(row, unit, village))


def _postings(file: PeopleFile, batch: Batch) -> None:
    seen: set[str] = set()
    plain = {
        c: words(batch, c).to_pylist() if c in batch.columns else [""] * len(batch.row)
        for c in ("username", "name", "role", "unit", "villages")
    }
    begins, last, good = days(batch, "begins", file.table)
    has_end = "ends" in batch.columns
    ends, last_end, ended = (
        days(batch, "ends", file.table, blank="allowed") if has_end else (begins, last, good & False)
    )
    for at, row in enumerate(batch.row.tolist()):
        role = _ROLES.get(plain["role"][at].lower())
        if role is None:
            file.report(row, "role", f"{shown(plain['role'][at])} is no role", f"write one of {', '.join(Role.values)}")
        coarse = False
        for column, first, until, there in (("begins", begins, last, good), ("ends", ends, last_end, ended)):
            if there[at] and first[at] != until[at]:
                coarse = True
                file.report(row, column, f"{first[at]} to {until[at]} isn't one day", "expected YYYY-MM-DD")
        username, unit = plain["username"][at], plain["unit"][at]
        key = f"{username.lower()}, {role}, {unit}, {begins[at]}"
        if username and not _first(file, row, "username", key, seen):
            continue
        if not username:
            file.report(row, "username", "the name of the account is missing", "give every posting its account")
        if role is None or coarse or not good[at] or not username:
            continue
        villages = tuple(dict.fromkeys(plain["villages"][at].replace(";", " ").split()))
        end = ends[at].item() if ended[at] else None
        name = plain["name"][at]
        file.postings.append(PostingRow(row, username, name, role, unit, begins[at].item(), villages, end))


def _new(file: PeopleFile, row: int, column: str, said: str, seen: set[str]) -> bool:
    if not said:
        file.report(row, column, "the code is missing", "fill it in")
        return False
    return _first(file, row, column, said, seen)


def _first(file: PeopleFile, row: int, column: str, said: str, seen: set[str]) -> bool:
    if said in seen:
        file.report(row, column, f"{shown(said)} is there more than once", "keep one row")
        return False
    seen.add(said)
    return True
