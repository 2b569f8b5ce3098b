"""What goes along with events: calendars, series and reporting effort."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rukun.core.areas import FloatArray, IntArray, StrArray
from rukun.core.covariates import Calendar, Series
from rukun.core.periods import Days
from rukun.io.problems import shown
from rukun.io.tables import Batch, Table
from rukun.io.values import coded, days, numbers, truths, words


@dataclass(frozen=True)
class Effort:
    """Visits: day: (m,) datetime64[D]; area: (m,) int index of `codes`; visits: (m,) float >= 0; row: (m,) int."""

    day: Days
    area: IntArray
    codes: StrArray
    visits: FloatArray
    row: IntArray


def read_calendar(table: Table, known: frozenset[str]) -> tuple[Calendar, bool] | None:
    """The spans of a calendar and whether any is marked as exercise; None, with reports, where a column is missing.

    known: codes of areas and of those above them.
    """
    single = table.name("date") is not None
    missing = [column for column in ("name",) if table.name(column) is None]
    if not single:
        missing += [column for column in ("from", "to") if table.name(column) is None]
    for column in missing:
        table.lacks(column, " (nor date)" if column != "name" else "")
    if missing:
        return None
    ends = ["date"] if single else ["from", "to"]
    batch = table.read([*ends, "name", *_there(table, "area", "exercise")])
    first, last, good = days(batch, ends[0], table)
    if not single:
        _, last, ended = days(batch, "to", table)
        early = np.flatnonzero(good & ended & (last < first))
        table.report(batch.row[early], "to", ["ends before it begins"] * len(early), "check the two dates")
        good &= ended
    name = np.array(words(batch, "name").to_pylist(), dtype=str)
    blank = np.flatnonzero(name == "")
    table.report(batch.row[blank], "name", ["the name is missing"] * len(blank), "name every entry")
    area = _areas(batch, table, known)
    return Calendar(first[good], last[good], name[good], area[good]), _simulated(batch, table)


def read_series(table: Table, known: frozenset[str], positive: bool) -> tuple[Series, bool] | None:
    """The values of series and whether any is marked as exercise; None, with reports, where a column is missing.

    A file without `name` holds one series, called "series". positive: values must be above 0, as logarithms are taken.
    """
    missing = [column for column in ("date", "value") if table.name(column) is None]
    for column in missing:
        table.lacks(column)
    if missing:
        return None
    batch = table.read(["date", "value", *_there(table, "name", "area", "exercise")])
    day, _, good = days(batch, "date", table)
    # blank values are periods without a measurement; the last one before them stands
    value, fine = numbers(batch, "value", table, "allowed", low=np.finfo(float).tiny if positive else -np.inf)
    name = np.full(len(day), "series")
    if "name" in batch.columns:
        name = np.array(words(batch, "name").to_pylist(), dtype=str)
        blank = np.flatnonzero(name == "")
        table.report(batch.row[blank], "name", ["the name is missing"] * len(blank), "name every series")
    area = _areas(batch, table, known)
    usable = good & fine
    return Series(day[usable], area[usable], name[usable], value[usable]), _simulated(batch, table)


def read_effort(table: Table) -> tuple[Effort, bool] | None:
    """Visits by day and area, and whether any is marked as exercise; None, with reports, where a column is missing."""
    missing = [column for column in ("date", "area", "visits") if table.name(column) is None]
    for column in missing:
        table.lacks(column)
    if missing:
        return None
    batch = table.read(["date", "area", "visits", *_there(table, "exercise")])
    day, _, good = days(batch, "date", table)
    visits, fine = numbers(batch, "visits", table, low=0)
    codes, where = coded(batch, "area")
    usable = good & fine
    effort = Effort(day[usable], where[usable], codes, visits[usable], batch.row[usable])
    return effort, _simulated(batch, table)


def _there(table: Table, *wanted: str) -> list[str]:
    return [column for column in wanted if table.name(column) is not None]


def _areas(batch: Batch, table: Table, known: frozenset[str]) -> StrArray:
    if "area" not in batch.columns:
        return np.full(len(batch.row), "")
    names, where = coded(batch, "area")
    strange = np.array([name != "" and str(name) not in known for name in names], dtype=bool)[where]
    wrong = np.flatnonzero(strange)
    whats = [f"{shown(names[where[row]])} is not the code of an area or of one above it" for row in wrong[:1000]]
    table.report(batch.row[wrong], "area", whats, "use the codes of the area file, or leave it blank for all areas")
    return names[where]


def _simulated(batch: Batch, table: Table) -> bool:
    return "exercise" in batch.columns and bool(truths(batch, "exercise", table).any())
