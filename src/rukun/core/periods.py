"""Days, ISO weeks and months as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Every = Literal["day", "week", "month"]
Days = npt.NDArray[np.datetime64]
Numbers = npt.NDArray[np.int64]

#: Monday 1969-12-29, the first day of week 0, is three days before the epoch.
_MONDAY = 3
#: A period is taken to be observed in part where its empty days would be a chance below this.
_CHANCE = 0.05


def period_number(days: npt.ArrayLike, every: Every) -> Numbers:
    """Number of the period that holds each day, counted from the one of 1970-01-01; days: (n,) datetime64[D]."""
    day = np.asarray(days, dtype="datetime64[D]")
    if every == "month":
        return np.asarray(day.astype("datetime64[M]").astype(np.int64))
    number = day.astype(np.int64)
    return np.asarray(number if every == "day" else (number + _MONDAY) // 7)


def period_start(number: npt.ArrayLike, every: Every) -> Days:
    """First day of each period (Monday for weeks), the inverse of `period_number`; datetime64[D]."""
    whole = np.asarray(number, dtype=np.int64)
    if every == "month":
        return np.asarray(whole.astype("datetime64[M]").astype("datetime64[D]"))
    return np.asarray((whole if every == "day" else whole * 7 - _MONDAY).astype("datetime64[D]"))


def period_starts(first: int, periods: int, every: Every) -> Days:
    """First days of `periods` consecutive periods from number `first`; (periods,) datetime64[D]."""
    return period_start(np.arange(first, first + periods), every)


@dataclass(frozen=True)
class Window:
    """The periods of a panel: `periods` of them from number `first`, and what is known of its ends.

    cut_first, cut_last: the record begins or stops inside that period; dropped: those of the two that were left out.
    """

    first: int
    periods: int
    cut_first: bool = False
    cut_last: bool = False
    dropped: tuple[Literal["first", "last"], ...] = ()


def observed_window(
    days: Days,
    count: npt.NDArray[np.int64],
    every: Every,
    start: np.datetime64 | None = None,
    end: np.datetime64 | None = None,
    keep_partial: bool = False,
) -> Window:
    """Which periods the events cover, without a first or last one that they cover in part only (unless `keep_partial`).

    days: (n,) datetime64[D] of events, n >= 1; count: (n,) events on each; start, end: first and last day observed.
    A `start` or `end` inside a period cuts it. Without them the first and last event tell: where the n events of the
    nearest L days (70, or 310 with months) would all but one miss the g days at the edge by a chance below 1 in 20,
    (L / (L + g))^(n - 1), the record must begin or stop there. Dates that only ever name the first
    day of a period are coded by period: nothing is cut.
    Raises ValueError when no period is left.
    """
    first_day = days.min() if start is None else start
    last_day = days.max() if end is None else end
    if last_day < first_day:
        raise ValueError("the last day is before the first")
    first = int(period_number(first_day, every))
    last = int(period_number(last_day, every))
    gap_before = int((first_day - period_start(first, every)).astype(np.int64))
    gap_after = int((period_start(last + 1, every) - last_day).astype(np.int64)) - 1
    coded = bool((days == period_start(period_number(days, every), every)).all()) and every != "day"
    cut_first = gap_before > 0 and (start is not None or not coded)
    cut_last = gap_after > 0 and (end is not None or not coded)
    span = np.timedelta64(310 if every == "month" else 70, "D")
    if cut_first and start is None:
        cut_first = _chance(days, count, first_day, min(first_day + span, last_day), gap_before) < _CHANCE
    if cut_last and end is None:
        cut_last = _chance(days, count, max(last_day - span, first_day), last_day, gap_after) < _CHANCE
    dropped: list[Literal["first", "last"]] = []
    if not keep_partial:
        if cut_first and first < last:
            first += 1
            dropped.append("first")
        if cut_last and first < last:
            last -= 1
            dropped.append("last")
    return Window(first, last - first + 1, cut_first, cut_last, tuple(dropped))


def _chance(days: Days, count: Numbers, since: np.datetime64, until: np.datetime64, gap: int) -> float:
    """That all events from `since` to `until`, but the one at the edge, miss `gap` days more, at a steady rate."""
    length = int((until - since).astype(np.int64)) + 1
    others = max(int(count[(days >= since) & (days <= until)].sum()) - 1, 0)
    return float((length / (length + gap)) ** others)


def coded_by_month(days: Days, count: npt.NDArray[np.int64]) -> bool:
    """Whether the dates are precise to the month only: all on the first of a month, in three or more."""
    months = days.astype("datetime64[M]")
    return bool((days == months.astype("datetime64[D]")).all() and count.sum() >= 12 and len(np.unique(months)) >= 3)
