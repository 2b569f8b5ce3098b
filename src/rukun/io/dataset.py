"""From files to panels: the one call behind the command line and the notebook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rukun.core.areas import AreaTable
from rukun.core.panel import Every, Panel

Coarse = Literal["refuse", "spread", "exclude"]
#: Told now and then what is being done and which share of it is done (0 to 1, or None when that isn't known).
Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class DatasetRequest:
    """Which files to read and how to make panels of them.

    events: CSV or Parquet with `date` and `area` or `latitude`, `longitude`, optionally `date_end`, `precision`
        (day, week, month, year), `category`, `count`, `exercise`; or a wide matrix of counts: `t` (1, 2, ...) or `date`, then one column per area.
    areas: CSV or GeoJSON with `code`, optionally `name`, `parent`, `population`, `latitude`, `longitude`; None: the areas that the events name, or a grid.
    neighbours: CSV of `area`, `neighbour`, `order`, or a square matrix of orders; None: borders, else distance, else the tree.
    grid_metres: edge of square cells for events with coordinates; with `areas` the cells that touch them, else those that touch the points' hull.
    calendar: CSV of `date` or `from`, `to`, with `name` and optionally `area`; holidays: Indonesia's, moving ones included.
    series: CSV of `date`, `name`, `value`, optionally `area` (or one above it); series_change: "year" for the change of the logarithm
        against a year before; series_lag: periods by which a series is delayed.
    effort: CSV of `date`, `area`, `visits`.
    columns: the file's own column for each name above; "series.value" speaks of one file only, "value" of every file that has that column.
    coarse: what becomes of events whose dates cover more than one period: "refuse" reports them, "spread" spreads them over the
        periods by days (see `rukun.core.panel.spread_counts`), "exclude" leaves them out, counted in the notes.
    partial: "drop" leaves out a first or last period which the events cover in part only, "keep" keeps it and says so.
    start, end: first and last day; `start` is also the date of t = 1 in a wide matrix. Events outside are counted in the notes.
    categories: None makes one panel per category, "all" their sum, a tuple only those named.
    ahead: periods after the last for which covariates are continued. max_order: how far neighbourhoods reach; None: as given, or 5.
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


@dataclass(frozen=True)
class Dataset:
    """Panels by category (at least one; "all" where events have no category), the areas they share, and what a user should know about how they came to be."""

    panels: dict[str, Panel]
    notes: list[str]
    areas: AreaTable


def load_dataset(request: DatasetRequest, progress: Progress | None = None) -> Dataset:
    """Read the files of `request` and make a panel of each category.

    Raises `InputProblems` with everything found wrong in the files; nothing is half-imported.
    """
    raise NotImplementedError
