"""Calendars and series aligned to the periods and areas of a panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import holidays
import numpy as np

from rukun.core.areas import AreaTable, FloatArray, IntArray, StrArray, ancestry, nearest_listed
from rukun.core.panel import Covariate
from rukun.core.periods import Days, Every, Window, period_number, period_start

#: Periods in the year that a yearly change looks back; whole, so that like is compared with like.
YEAR_BACK: dict[str, int] = {"day": 365, "week": 52, "month": 12}

_ISLAMIC = ("Isra' and Mi'raj", "Islamic New Year", "Prophet's Birthday")


@dataclass(frozen=True)
class Calendar:
    """Named spans of days.

    first, last: (m,) datetime64[D], both included; name: (m,) str; area: (m,) str code, "" for all areas.
    """

    first: Days
    last: Days
    name: StrArray
    area: StrArray


@dataclass(frozen=True)
class Series:
    """Measured values.

    day: (m,) datetime64[D]; area: (m,) str code, "" for all areas; name: (m,) str; value: (m,) float, finite.
    """

    day: Days
    area: StrArray
    name: StrArray
    value: FloatArray


def calendar_covariates(
    calendar: Calendar, areas: AreaTable, every: Every, window: Window, ahead: int
) -> tuple[Covariate, ...]:
    """One covariate per name: the share of each period's days that one of its spans covers, from 0 to 1; known ahead.

    A span of an area counts for the areas under it as well. Names in alphabetical order.
    """
    edges = period_start(np.arange(window.first, window.first + window.periods + ahead + 1), every)
    opens = (edges - edges[0]).astype(np.int64)
    lineage = ancestry(areas)
    return tuple(
        _calendar_covariate(str(name), calendar, calendar.name == name, lineage, edges[0], opens)
        for name in np.unique(calendar.name)
    )


def _calendar_covariate(
    name: str, calendar: Calendar, of_name: np.ndarray, lineage: StrArray, origin: np.datetime64, opens: IntArray
) -> Covariate:
    spans = np.flatnonzero(of_name)
    codes, which = np.unique(calendar.area[spans], return_inverse=True)
    # (n_areas, codes): whether the code is the area's own or one above it
    under = np.stack(
        [np.full(len(lineage), True) if code == "" else (lineage == code).any(axis=1) for code in codes], 1
    )
    patterns, group = np.unique(under, axis=0, return_inverse=True)
    length = np.diff(opens)
    values = np.empty((len(patterns), len(length)))
    first = np.clip((calendar.first[spans] - origin).astype(np.int64), 0, opens[-1])
    after = np.clip((calendar.last[spans] - origin).astype(np.int64) + 1, 0, opens[-1])
    for row, pattern in enumerate(patterns):
        here = pattern[which]
        steps = np.zeros(opens[-1] + 1, dtype=np.int64)
        np.add.at(steps, first[here], 1)
        np.add.at(steps, after[here], -1)
        covered = np.cumsum(steps)[:-1] > 0
        values[row] = np.add.reduceat(covered.astype(np.float64), opens[:-1]) / length
    return Covariate(name, values, group.ravel().astype(np.int64), known_ahead=True)


def series_covariates(
    series: Series,
    areas: AreaTable,
    every: Every,
    window: Window,
    ahead: int,
    change: Literal["none", "year"] = "none",
    lag: int = 0,
) -> tuple[tuple[Covariate, ...], dict[str, str]]:
    """One covariate per name, each area with the series of the nearest area at or above it.

    A period has the mean of its values; one without values has the last before it, one before all values the first.
    change: "year" takes the logarithm's change against a year before (0 until there is one); values must be > 0.
    lag: periods by which it is delayed. What is measured after the window isn't used.
    Returns the covariates, names in alphabetical order, and what is missing by name: areas without any series above
    them ("area CODE"), or values before the window's end ("values"); those have no covariate.
    """
    made: list[Covariate] = []
    missing: dict[str, str] = {}
    end = window.first + window.periods
    period = period_number(series.day, every)
    for name in np.unique(series.name):
        chosen = (series.name == name) & (period < end)
        if not chosen.any():
            missing[str(name)] = "values"
            continue
        codes, row = np.unique(series.area[chosen], return_inverse=True)
        group = nearest_listed(areas, codes)
        if (group < 0).any():
            missing[str(name)] = f"area {areas.code[int(np.argmin(group))]}"
            continue
        begin = min(int(period[chosen].min()), window.first) - lag
        means = _means(row, period[chosen] - begin, series.value[chosen], len(codes), end - begin)
        known = np.isfinite(means)
        values = _carried(means)
        if change == "year":
            values = _yearly_change(values, known, YEAR_BACK[every])
        first = window.first - begin - lag
        values = values[:, first : first + window.periods + lag]
        still = np.repeat(values[:, -1:], max(ahead - lag, 0), axis=1)
        values = np.concatenate((values, still), axis=1)[:, : window.periods + ahead]
        used, group = np.unique(group, return_inverse=True)
        lead = min(lag, ahead)
        made.append(Covariate(str(name), np.ascontiguousarray(values[used]), group, known_ahead=False, lead=lead))
    return tuple(made), missing


def _means(row: IntArray, period: IntArray, value: FloatArray, rows: int, periods: int) -> FloatArray:
    cell = row * periods + period
    number = np.bincount(cell, minlength=rows * periods)
    total = np.bincount(cell, weights=value, minlength=rows * periods)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan).reshape(rows, periods)


def _carried(means: FloatArray) -> FloatArray:
    """Gaps filled with the last value before them, or the first after."""
    known = np.isfinite(means)
    last = np.maximum.accumulate(np.where(known, np.arange(means.shape[1]), -1), axis=1)
    source = np.where(last < 0, known.argmax(axis=1)[:, None], last)
    return np.take_along_axis(means, source, axis=1)


def _yearly_change(values: FloatArray, known: np.ndarray, back: int) -> FloatArray:
    log = np.log(values)
    change = np.zeros_like(log)
    change[:, back:] = log[:, back:] - log[:, :-back]
    since = known.argmax(axis=1)[:, None] + back
    return np.where(np.arange(values.shape[1]) >= since, change, 0.0)


def indonesian_holidays(first: np.datetime64, last: np.datetime64) -> Calendar:
    """Indonesia's moving and fixed holidays between two days, from the package `holidays`, as five names.

    ramadan: the thirty days before Idulfitri; idul_fitri: its week, from the feast on; idul_adha: the feast and the
    three days of tasyrik; islamic_holiday: the other Islamic holidays; national_holiday: all other public ones, without
    election days, which belong in a calendar file. Years that aren't announced yet are the package's estimate.
    """
    years = range(int(str(first)[:4]) - 1, int(str(last)[:4]) + 2)
    begin: list[np.datetime64] = []
    finish: list[np.datetime64] = []
    names: list[str] = []

    def span(name: str, since: np.datetime64, until: np.datetime64) -> None:
        if since <= last and until >= first:
            names.append(name)
            begin.append(since)
            finish.append(until)

    for date, joined in sorted(holidays.country_holidays("ID", years=years, language="en_US").items()):
        day = np.datetime64(date, "D")
        for said in joined.split("; "):
            name = said.removesuffix(" (estimated)")
            if name == "Eid al-Fitr":
                span("ramadan", day - np.timedelta64(30, "D"), day - np.timedelta64(1, "D"))
                span("idul_fitri", day, day + np.timedelta64(6, "D"))
            elif name == "Eid al-Adha":
                span("idul_adha", day, day + np.timedelta64(3, "D"))
            elif name in _ISLAMIC:
                span("islamic_holiday", day, day)
            elif not name.startswith("Eid al-Fitr") and "Election" not in name:
                span("national_holiday", day, day)
    return Calendar(
        np.array(begin, dtype="datetime64[D]"),
        np.array(finish, dtype="datetime64[D]"),
        np.array(names, dtype=str),
        np.full(len(names), ""),
    )
