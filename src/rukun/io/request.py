"""What a data set is asked for, and the files it names, opened together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rukun.core.panel import Every
from rukun.io.areas import FeatureFile, open_areas
from rukun.io.problems import InputProblems, ProblemLog, shown
from rukun.io.tables import Table, unused_columns

Coarse = Literal["refuse", "spread", "exclude"]


@dataclass(frozen=True)
class DatasetRequest:
    """Which files to read and how to make panels of them.

    events: CSV or Parquet with `date` and `area` or `latitude`, `longitude`, optionally `date_end`, `precision` (day,
        week, month, year), `category`, `count`, `exercise`; or a matrix of counts: `t` or `date`, then one per area.
    areas: CSV or GeoJSON with `code`, optionally `name`, `parent`, `population`, `latitude`, `longitude`; or one row of
        populations below codes; None: the areas that the events name, or a grid.
    neighbours: CSV of `area`, `neighbour`, `order`, or a square matrix of orders; None: borders, else distance,
        else the tree.
    grid_metres: edge of square cells for events with coordinates: those that touch the shapes of `areas` or, without
        them, the points' convex hull.
    calendar: CSV of `date` or `from`, `to`, with `name` and optionally `area`; holidays: Indonesia's, moving ones
        included.
    series: CSV of `date`, `name`, `value`, optionally `area` (or one above it); series_change: "year" for the change of
        the logarithm against a year before; series_lag: periods by which a series is delayed.
    effort: CSV of `date`, `area`, `visits`.
    columns: the file's own column for each name above; "series.value" speaks of one file only, "value" of every file
        that has that column.
    coarse: what becomes of events whose dates cover more than one period: "refuse" reports them, "spread" spreads
        them over the periods by days (see `rukun.core.panel.spread_counts`), "exclude" leaves them out.
    partial: "drop" leaves out a first or last period that the record covers in part only (see
        `rukun.core.periods.observed_window`), "keep" keeps it and says so.
    start, end: first and last day; `start` is also the date of t = 1 in a matrix. Events outside are counted in
        the notes.
    categories: None makes one panel per category, "all" their sum, a tuple only those named.
    ahead: periods after the last for which covariates are continued.
    max_order: how far neighbourhoods reach; None: as far as a file of orders gives them, else to the end among up to
        500 areas, 5 among more and in a grid, 2 in the tree.
    """

    events: str | Path
    areas: str | Path | None = None
    neighbours: str | Path | None = None
    grid_metres: float | None = None
    every: Every = "week"
    calendar: str | Path | None = None
    holidays: bool = False
    series: str | Path | None = None
    series_change: Literal["none", "year"] = "none"
    series_lag: int = 0
    effort: str | Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    coarse: Coarse = "refuse"
    partial: Literal["drop", "keep"] = "drop"
    start: dt.date | None = None
    end: dt.date | None = None
    categories: Literal["all"] | tuple[str, ...] | None = None
    ahead: int = 53
    max_order: int | None = None


@dataclass
class OpenFiles:
    """The open files of a request."""

    events: Table
    areas: Table | FeatureFile | None
    tables: dict[str, Table]

    def stop_if_any(self, log: ProblemLog) -> None:
        """Raise `InputProblems` with all problems found so far, on their lines, when there are any."""
        for table in self.tables.values():
            table.settle()
        log.stop_if_any()


def check_request(request: DatasetRequest, log: ProblemLog) -> None:
    """Report what no files could make right."""
    if request.every not in ("day", "week", "month"):
        log.add("", f"every {shown(request.every)} is not a period", "choose day, week or month")
    if request.coarse not in ("refuse", "spread", "exclude"):
        log.add("", f"coarse {shown(request.coarse)} is not known", "choose refuse, spread or exclude")
    if request.grid_metres is not None and not 0 < request.grid_metres < 1e7:
        log.add("", f"a grid of {request.grid_metres:g} m can't be made", "choose an edge such as 250m or 1km")
    if request.start is not None and request.end is not None and request.end < request.start:
        log.add("", f"the end {request.end} is before the start {request.start}", "swap them")
    if request.series_lag < 0 or request.ahead < 0:
        log.add("", "series_lag and ahead can't be negative", "choose 0 or more periods")
    if request.max_order is not None and request.max_order < 1:
        log.add("", "neighbourhoods can't reach less than order 1", "choose a max_order of 1 or more")


def open_files(request: DatasetRequest, log: ProblemLog) -> OpenFiles:
    """Open every file, so that what can't be read at all is reported together."""
    tables: dict[str, Table] = {}
    areas: Table | FeatureFile | None = None
    for role in ("events", "areas", "neighbours", "calendar", "series", "effort"):
        path = getattr(request, role)
        if path is None:
            continue
        try:
            if role == "areas":
                areas = open_areas(path, request.columns, log)
            else:
                tables[role] = Table(path, role, request.columns, log)
        except InputProblems as found:
            log.problems.extend(found.problems)
    log.stop_if_any()
    named = [*tables.values(), *([areas] if areas is not None else [])]
    unused_columns(request.columns, named, log)
    log.stop_if_any()
    return OpenFiles(tables["events"], areas, tables)
