"""Event files: rows of events, or a matrix of counts by period and area."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rukun.core.areas import FloatArray, IntArray, StrArray
from rukun.core.periods import Days, Every, Window, period_number, period_start
from rukun.io.problems import InputProblems, Problem, ProblemLog, shown
from rukun.io.tables import Batch, Table
from rukun.io.values import coded, counts, days, numbers, truths, words

#: Rows held before those alike are summed up, so that a huge file needs little memory.
_COMPACT_AT = 4_000_000
#: Rows that differ beyond which they would fill the memory of an ordinary machine.
_MOST_ROWS = 60_000_000
_PRECISION: dict[str, Every | str] = {
    **dict.fromkeys(("", "d", "day", "hari"), "day"),
    **dict.fromkeys(("w", "week", "minggu"), "week"),
    **dict.fromkeys(("m", "month", "bulan"), "month"),
    **dict.fromkeys(("y", "year", "tahun"), "year"),
}
#: Names of the first column of a matrix of counts that isn't a date.
_COUNTERS = ("t", "", "period", "week", "month", "day", "periode", "minggu", "bulan")
NO_CATEGORY = "uncategorised"
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?|NA|")


@dataclass(frozen=True)
class RawEvents:
    """Events as read, before they have a place among the panel's areas; those alike are one row.

    first, last: (m,) datetime64[D]; code: (m,) int index of `codes`, or -1 where there are only points; longitude,
    latitude: (m,) degrees, or None where there are only codes; category: (m,) int index of `categories`;
    count, row: (m,) int. total: events read, those without a place among them.
    by_code: they name their areas; unplaced: events without a place in the file; simulated: events marked as exercise.
    window: the periods of a matrix of counts, or None.
    """

    first: Days
    last: Days
    code: IntArray
    codes: StrArray
    longitude: FloatArray | None
    latitude: FloatArray | None
    category: IntArray
    categories: tuple[str, ...]
    count: IntArray
    row: IntArray
    total: int
    by_code: bool = True
    unplaced: int = 0
    simulated: int = 0
    window: Window | None = None


def is_matrix(table: Table) -> bool:
    """Whether the file is a matrix of counts: periods down, areas across."""
    named = ("area", "latitude", "longitude", "category", "count", "date_end", "precision")
    if any(table.name(wanted) is not None for wanted in named) or len(table.names) < 2:
        return False
    counter = table.names[0]
    if counter.lower() not in _COUNTERS and counter != table.name("date"):
        return False
    # what isn't a number in most of the first row is a column of something else
    return sum(_NUMBER.fullmatch(field) is not None for field in table.first_row()[1:]) * 2 >= len(table.names) - 1


def read_events(table: Table, points: bool, tick: Callable[[int], None] | None = None) -> RawEvents | None:
    """The events of a long file; problems are reported to the table, None when a column is missing.

    points: take coordinates where both they and codes are there. tick: told the rows read so far.
    """
    located = table.name("latitude") is not None and table.name("longitude") is not None
    by_code = table.name("area") is not None and not (points and located)
    if table.name("date") is None:
        table.lacks("date")
    if points and not located:
        for wanted in ("latitude", "longitude"):
            if table.name(wanted) is None:
                table.lacks(wanted, ", which a grid or a join with shapes needs")
    elif not by_code and not located:
        table.lacks("area", " and no latitude and longitude")
    if table.name("date") is None or (points and not located) or not (by_code or located):
        return None
    optional = [column for column in ("date_end", "precision", "category", "count", "exercise") if table.name(column)]
    place = (["area"] if by_code else []) + (["latitude", "longitude"] if located else [])
    return _Reader(table, by_code, located).read(["date", *place, *optional], tick)


class _Reader:
    """Batches of events gathered into arrays, with the distinct codes and categories met so far."""

    def __init__(self, table: Table, by_code: bool, located: bool) -> None:
        self.table = table
        self.by_code = by_code
        self.located = located
        self.codes: dict[str, int] = {}
        self.categories: dict[str, int] = {}
        self.held: list[pd.DataFrame] = []
        self.total = self.unplaced = self.simulated = 0

    def read(self, wanted: list[str], tick: Callable[[int], None] | None) -> RawEvents:
        waiting = 0
        for batch in self.table.batches(wanted):
            self.held.append(self.events_of(batch))
            waiting += len(self.held[-1])
            # the more there is that can't be summed up, the more rows are awaited before it is tried again
            if waiting > max(_COMPACT_AT, len(self.held[0])):
                self.held = [_compact(self.held)]
                waiting = 0
                if len(self.held[0]) > _MOST_ROWS:
                    what = f"has more than {_MOST_ROWS:,} events at different places and times"
                    fix = "count them by day and area first, with a column count"
                    raise InputProblems([Problem(self.table.file, None, None, what, fix)])
            if tick is not None:
                tick(self.table.rows)
        frame = _compact(self.held) if self.held else pd.DataFrame()
        columns = {name: frame[name].to_numpy() for name in frame}

        def whole(name: str) -> IntArray:
            return np.asarray(columns.get(name, np.empty(0)), dtype=np.int64)

        def real(name: str) -> FloatArray | None:
            return np.asarray(columns.get(name, np.empty(0)), dtype=np.float64) if self.located else None

        return RawEvents(
            first=whole("first").astype("datetime64[D]"),
            last=whole("last").astype("datetime64[D]"),
            code=whole("code"),
            codes=np.array(list(self.codes), dtype=str),
            longitude=real("longitude"),
            latitude=real("latitude"),
            category=whole("category"),
            categories=tuple(self.categories) or ("all",),
            count=whole("count"),
            row=whole("row"),
            total=self.total,
            by_code=self.by_code,
            unplaced=self.unplaced,
            simulated=self.simulated,
        )

    def events_of(self, batch: Batch) -> pd.DataFrame:
        table = self.table
        first, last, good = days(batch, "date", table)
        if "date_end" in batch.columns:
            _, end_last, ended = days(batch, "date_end", table, "allowed")
            early = np.flatnonzero(good & ended & (end_last < first))
            table.report(batch.row[early], "date_end", ["ends before it begins"] * len(early), "check the two dates")
            last = np.where(ended, np.maximum(last, end_last), last)
        if "precision" in batch.columns:
            first, last = self.widened(batch, first, last)
        number, counted = counts(batch, "count", table) if "count" in batch.columns else _ones(len(first))
        category = np.zeros(len(first), dtype=np.int64)
        if "category" in batch.columns:
            category = _indexed(batch, "category", self.categories, NO_CATEGORY)
        columns: dict[str, npt.NDArray[np.generic]] = {
            "first": first.astype(np.int64),
            "last": last.astype(np.int64),
            "code": np.full(len(first), -1, dtype=np.int64),
            "category": category,
        }
        placed = np.zeros(len(first), dtype=bool)
        if self.by_code:
            code = _indexed(batch, "area", self.codes, "")
            columns["code"] = code
            placed = code != self.codes.get("", -1)
        if self.located:
            latitude, north = numbers(batch, "latitude", table, "allowed", -90, 90)
            longitude, east = numbers(batch, "longitude", table, "allowed", -180, 180)
            # 0, 0 is what forms send when they have no position; it lies in the sea off Africa
            known = north & east & ~((latitude == 0) & (longitude == 0))
            columns["longitude"] = np.where(known, longitude, np.nan)
            columns["latitude"] = np.where(known, latitude, np.nan)
            placed = placed if self.by_code else known
        usable = good & counted
        self.total += int(number[usable].sum())
        self.unplaced += int(number[usable & ~placed].sum())
        if "exercise" in batch.columns:
            self.simulated += int(truths(batch, "exercise", table).sum())
        columns["count"] = number
        columns["row"] = batch.row
        return pd.DataFrame(columns)[usable & placed]

    def widened(self, batch: Batch, first: Days, last: Days) -> tuple[Days, Days]:
        said, where = coded(batch, "precision")
        precision = [_PRECISION.get(str(one).lower()) for one in said]
        wrong = np.flatnonzero(np.array([one is None for one in precision], dtype=bool)[where])
        whats = [f"{shown(said[where[row]])} is not a precision" for row in wrong[:1000]]
        self.table.report(batch.row[wrong], "precision", whats, "write day, week, month or year")
        for index, one in enumerate(precision):
            here = where == index
            if one == "year":
                year = first[here].astype("datetime64[Y]")
                until = (last[here].astype("datetime64[Y]") + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
                first[here], last[here] = year.astype("datetime64[D]"), until
            elif one in ("week", "month"):
                every: Every = "week" if one == "week" else "month"
                until = period_start(period_number(last[here], every) + 1, every) - np.timedelta64(1, "D")
                first[here], last[here] = period_start(period_number(first[here], every), every), until
        return first, last


def read_matrix(table: Table, every: Every, start: np.datetime64 | None, log: ProblemLog) -> RawEvents | None:
    """The counts of a matrix: a column t = 1, 2, ... (`start`: first day of t = 1) or of dates, then one per area."""
    counter, areas = table.names[0], table.names[1:]
    batch = table.read(table.names)
    if table.name("date") == counter:
        first, _, good = days(batch, counter, table)
        period = period_number(first, every)
    else:
        said, good = numbers(batch, counter, table)
        if start is None:
            what = f'periods are numbered ("{counter}"), so the date of the first is needed'
            log.add(table.file, what, "say the first day of period 1, as in --start 2001-01-01", column=counter or None)
            return None
        period = np.where(good, said, 0).astype(np.int64) - 1 + period_number(np.array([start]), every)[0]
    if len(period) == 0 or not good.all():
        return None
    step = np.flatnonzero(np.diff(period) != 1) + 1
    said_as = words(batch, counter)
    whats = [f"{said_as[int(row)].as_py()} doesn't follow the period of the row above" for row in step[:1000]]
    table.report(batch.row[step], counter, whats, f"one row for each {every}, in order and without gaps")
    blank = [number for number, name in enumerate(areas, start=2) if not name]
    if blank:
        log.add(table.file, f"column {blank[0]} has no name", "head each column with the code of its area", line=1)
    if len(step) or blank:
        return None
    matrix = np.stack([counts(batch, name, table)[0] for name in areas], axis=1)
    row, column = np.nonzero(matrix)
    day = period_start(period[row], every)
    return RawEvents(
        first=day,
        last=day,
        code=column.astype(np.int64),
        codes=np.array(areas, dtype=str),
        longitude=None,
        latitude=None,
        category=np.zeros(len(row), dtype=np.int64),
        categories=("all",),
        count=matrix[row, column],
        row=batch.row[row],
        total=int(matrix.sum()),
        window=Window(int(period[0]), len(period)),
    )


def _ones(size: int) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    return np.ones(size, dtype=np.int64), np.ones(size, dtype=bool)


def _indexed(batch: Batch, column: str, known: dict[str, int], blank: str) -> IntArray:
    names, where = coded(batch, column)
    index = [known.setdefault(str(name) or blank, len(known)) for name in names]
    return np.array(index, dtype=np.int64)[where]


def _compact(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """One row for events alike: their counts summed, the first of their rows kept."""
    frame = pd.concat(frames, ignore_index=True)
    key = [name for name in frame if name not in ("count", "row")]
    return frame.groupby(key, sort=False, dropna=False, as_index=False).agg({"count": "sum", "row": "min"})
