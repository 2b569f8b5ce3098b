"""Counts per area and period, and what is aligned to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rukun.core.areas import AreaTable, FloatArray, IntArray, Neighbours
from rukun.core.periods import Days, Every, Numbers, Window, period_number, period_start, period_starts

__all__ = [
    "PERIODS_PER_YEAR",
    "Covariate",
    "EventTable",
    "Every",
    "Panel",
    "count_events",
    "exposure_of",
    "is_coarse",
    "spread_counts",
    "starts_after",
    "sum_by_period",
    "window_starts",
]

#: Mean length of a year in periods.
PERIODS_PER_YEAR: dict[str, float] = {"day": 365.2425, "week": 365.2425 / 7, "month": 12.0}


@dataclass(frozen=True)
class Covariate:
    """A series by period and group of areas.

    values: (groups, n_periods + ahead) float, finite; group: (n_areas,) int row of `values` of each area.
    known_ahead: a calendar is known for the future and keeps its values there; a measured series isn't: what lies
    behind the last known period is carried forward, and `Panel.until` forgets what had not been measured by then.
    lead: periods after the last for which a measured series is known all the same, because it enters with that lag.
    """

    name: str
    values: FloatArray
    group: IntArray
    known_ahead: bool
    lead: int = 0


@dataclass(frozen=True)
class Panel:
    """Counts of one category per area and period, with all that a forecast may use.

    counts: (n_areas, n_periods) int32 >= 0, C order; starts: (n_periods,) datetime64[D], the first day of each period
    (Monday for weeks); exposure: (n_areas,) > 0 with mean 1 (population share, or ones);
    effort: (n_areas, n_periods) >= 0, or None when it wasn't recorded.
    exercise: True where the events are simulated; it goes into every output.
    """

    areas: AreaTable
    neighbours: Neighbours
    every: Every
    starts: npt.NDArray[np.datetime64]
    counts: npt.NDArray[np.int32]
    exposure: FloatArray
    category: str = "all"
    covariates: tuple[Covariate, ...] = ()
    effort: FloatArray | None = None
    exercise: bool = False

    @property
    def n_areas(self) -> int:
        """Number of areas."""
        return int(self.counts.shape[0])

    @property
    def n_periods(self) -> int:
        """Number of observed periods."""
        return int(self.counts.shape[1])

    def until(self, n_periods: int) -> Panel:
        """The panel as it was known after its first `n_periods` periods: nothing later is in it.

        Calendars keep their future; measured covariates are cut and their last value carried forward.
        Raises ValueError unless 1 <= n_periods <= self.n_periods.
        """
        if not 1 <= n_periods <= self.n_periods:
            raise ValueError(f"a panel of {self.n_periods} periods can't be cut at {n_periods}")
        return replace(
            self,
            starts=self.starts[:n_periods],
            counts=np.ascontiguousarray(self.counts[:, :n_periods]),
            effort=None if self.effort is None else np.ascontiguousarray(self.effort[:, :n_periods]),
            covariates=tuple(_known_after(covariate, n_periods) for covariate in self.covariates),
        )


def _known_after(covariate: Covariate, n_periods: int) -> Covariate:
    known = n_periods + covariate.lead
    if covariate.known_ahead or known >= covariate.values.shape[1]:
        return covariate
    values = covariate.values.copy()
    values[:, known:] = values[:, known - 1 : known]
    return replace(covariate, values=values)


def starts_after(starts: npt.NDArray[np.datetime64], every: Every, periods: int) -> npt.NDArray[np.datetime64]:
    """First days of the `periods` periods that follow the last of `starts`; (periods,) datetime64[D]."""
    last = starts[-1]
    if every == "month":
        months = last.astype("datetime64[M]") + np.arange(1, periods + 1)
        return np.asarray(months.astype("datetime64[D]"))
    step = 7 if every == "week" else 1
    return np.asarray(last + np.arange(1, periods + 1) * np.timedelta64(step, "D"))


@dataclass(frozen=True)
class EventTable:
    """Events by place, first and last day, and category, before they are counted.

    first, last: (m,) datetime64[D], equal where the day is known; place: (m,) int row of the panel's areas, or -1;
    category: (m,) int index of `categories`; count: (m,) int >= 0 events alike; row: (m,) int a row of their file.
    """

    first: Days
    last: Days
    place: IntArray
    category: IntArray
    count: IntArray
    row: IntArray
    categories: tuple[str, ...] = ("all",)

    def __len__(self) -> int:
        """Number of rows; each may stand for several events."""
        return len(self.first)

    def where(self, chosen: npt.NDArray[np.bool_]) -> EventTable:
        """The events of which `chosen` ((m,) bool) is true."""
        return replace(
            self,
            first=self.first[chosen],
            last=self.last[chosen],
            place=self.place[chosen],
            category=self.category[chosen],
            count=self.count[chosen],
            row=self.row[chosen],
        )


def is_coarse(events: EventTable, every: Every) -> npt.NDArray[np.bool_]:
    """(m,) bool: the dates of the event cover more than one period."""
    return np.asarray(period_number(events.first, every) != period_number(events.last, every))


def count_events(events: EventTable, n_areas: int, every: Every, window: Window) -> tuple[npt.NDArray[np.int32], int]:
    """Counts per area and period of the events of one category; coarse ones are spread.

    Returns (n_areas, window.periods) int32 in C order, and the number of events outside the window (of spread ones, the
    part outside). Raises ValueError where a cell overflows 32 bits or an event has no place.
    """
    if len(events) and events.place.min() < 0:
        raise ValueError("events without a place can't be counted")
    counts = np.zeros(n_areas * window.periods, dtype=np.int64)
    coarse = is_coarse(events, every)
    exact = events.where(~coarse)
    period = period_number(exact.first, every) - window.first
    inside = (period >= 0) & (period < window.periods)
    np.add.at(counts, exact.place[inside] * window.periods + period[inside], exact.count[inside])
    if coarse.any():
        cell, number = spread_counts(events.where(coarse), every, window)
        np.add.at(counts, cell, number)
    if len(counts) and counts.max() > np.iinfo(np.int32).max:
        raise ValueError("more than 2,147,483,647 events in one area and period")
    outside = int(events.count.sum() - counts.sum())
    return np.ascontiguousarray(counts.reshape(n_areas, window.periods).astype(np.int32)), outside


def spread_counts(events: EventTable, every: Every, window: Window) -> tuple[IntArray, IntArray]:
    """Events of coarse date spread over the periods they cover, by days, as whole counts and without chance.

    Within an area each event gives every period its share of the days. The running total over time of these shares is
    rounded half up, and each period gets the step of the rounded total: counts stay whole, the total of an area is
    exact where all days lie in the window, and no running total is off by more than a half.
    Returns cells (area * window.periods + period), possibly repeated, and the counts to add there.
    """
    first = period_number(events.first, every)
    spans = period_number(events.last, every) - first + 1
    event = np.repeat(np.arange(len(events)), spans)
    number = np.repeat(first, spans) + _counting(spans)
    begin = np.maximum(period_start(number, every), events.first[event])
    finish = np.minimum(period_start(number + 1, every), events.last[event] + np.timedelta64(1, "D"))
    days = (events.last - events.first).astype(np.int64) + 1
    share = events.count[event] * (finish - begin).astype(np.float64) / days[event]
    period = number - window.first
    inside = (period >= 0) & (period < window.periods)
    cell, where = np.unique(events.place[event][inside] * window.periods + period[inside], return_inverse=True)
    expected = np.bincount(where, weights=share[inside], minlength=len(cell))
    area = cell // window.periods
    opens = np.concatenate(([True], area[1:] != area[:-1]))[: len(cell)]
    total = np.cumsum(expected)
    before = np.maximum.accumulate(np.where(opens, total - expected, -np.inf))
    # 1e-9 keeps sums of shares such as 3 x 1/6 from falling just short of the half that they are
    rounded = np.floor(total - before + 0.5 + 1e-9).astype(np.int64)
    previous = np.concatenate(([0], rounded[:-1]))[: len(cell)]
    return cell, rounded - np.where(opens, 0, previous)


def _counting(lengths: Numbers) -> Numbers:
    """0, 1, ... up to each length, one after the other: [2, 3] gives [0, 1, 0, 1, 2]."""
    ends = np.cumsum(lengths)
    return np.asarray(np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths))


def exposure_of(areas: AreaTable) -> FloatArray:
    """Population with mean 1, or ones where it isn't known; (n,) > 0."""
    if areas.population is None:
        return np.ones(len(areas))
    return np.asarray(areas.population / areas.population.mean())


def sum_by_period(
    place: IntArray, days: Days, value: FloatArray, n_areas: int, every: Every, window: Window
) -> FloatArray:
    """Sums per area and period, (n_areas, window.periods); days outside the window are left out."""
    period = period_number(days, every) - window.first
    inside = (period >= 0) & (period < window.periods)
    cell = place[inside] * window.periods + period[inside]
    total = np.bincount(cell, weights=value[inside], minlength=n_areas * window.periods)
    return np.asarray(total, dtype=np.float64).reshape(n_areas, window.periods)


def window_starts(window: Window, every: Every) -> Days:
    """First days of the window's periods; (window.periods,) datetime64[D]."""
    return period_starts(window.first, window.periods, every)
