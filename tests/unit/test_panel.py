"""Counting events, spreading coarse ones, cutting panels at what was known."""

from __future__ import annotations

import numpy as np
import pytest

from rukun.core.areas import AreaTable, no_neighbours
from rukun.core.panel import (
    Covariate,
    EventTable,
    Panel,
    count_events,
    exposure_of,
    is_coarse,
    spread_counts,
    starts_after,
    sum_by_period,
    window_starts,
)
from rukun.core.periods import Window, period_number

JANUARY = np.datetime64("2024-01-01")  # a Monday


def events(*rows: tuple[str, str, int, int]) -> EventTable:
    """Events of (first, last, place, count)."""
    first, last, place, count = zip(*rows, strict=True)
    number = len(rows)
    return EventTable(
        np.array(first, dtype="datetime64[D]"),
        np.array(last, dtype="datetime64[D]"),
        np.array(place),
        np.zeros(number, dtype=np.int64),
        np.array(count),
        np.arange(number),
    )


def weeks(number: int) -> Window:
    return Window(int(period_number(JANUARY, "week")), number)


def test_events_are_counted_where_and_when_they_were() -> None:
    table = events(
        ("2024-01-01", "2024-01-01", 1, 2),
        ("2024-01-07", "2024-01-07", 1, 1),
        ("2024-01-08", "2024-01-08", 0, 4),
        ("2024-02-08", "2024-02-08", 0, 8),
        ("2023-12-31", "2023-12-31", 0, 16),
    )
    counts, outside = count_events(table, 2, "week", weeks(3))
    assert counts.tolist() == [[0, 4, 0], [3, 0, 0]] and outside == 24
    assert counts.dtype == np.int32 and counts.flags.c_contiguous


def test_an_event_within_one_period_is_not_coarse() -> None:
    table = events(("2024-01-01", "2024-01-07", 0, 1), ("2024-01-07", "2024-01-08", 0, 1))
    assert is_coarse(table, "week").tolist() == [False, True]
    assert is_coarse(table, "month").tolist() == [False, False]


def test_spread_events_stay_whole_and_even() -> None:
    # ten events in four weeks: 2.5 a week, running totals 2.5 5 7.5 10 rounded half up
    counts, outside = count_events(events(("2024-01-01", "2024-01-28", 0, 10)), 1, "week", weeks(4))
    assert counts.tolist() == [[3, 2, 3, 2]] and outside == 0


def test_one_event_of_a_long_span_falls_in_its_middle() -> None:
    counts, _ = count_events(events(("2024-01-01", "2024-03-03", 0, 1)), 1, "week", weeks(9))
    assert counts.tolist() == [[0, 0, 0, 0, 1, 0, 0, 0, 0]]


def test_shares_follow_the_days() -> None:
    # one day in the first week, six in the second: of seven events, one and six
    counts, _ = count_events(events(("2024-01-07", "2024-01-13", 0, 7)), 1, "week", weeks(2))
    assert counts.tolist() == [[1, 6]]


def test_what_is_spread_beyond_the_window_is_left_out() -> None:
    counts, outside = count_events(events(("2023-12-25", "2024-01-07", 0, 10)), 1, "week", weeks(2))
    assert counts.tolist() == [[5, 0]] and outside == 5


def test_spreading_nothing_gives_nothing() -> None:
    table = events(("2024-01-01", "2024-01-01", 0, 1))
    cell, number = spread_counts(table.where(np.array([False])), "week", weeks(2))
    assert len(cell) == 0 and len(number) == 0


def test_no_event_without_a_place_is_counted() -> None:
    with pytest.raises(ValueError, match="without a place"):
        count_events(events(("2024-01-01", "2024-01-01", -1, 1)), 1, "week", weeks(1))
    with pytest.raises(ValueError, match="2,147,483,647"):
        count_events(events(*[("2024-01-01", "2024-01-01", 0, 2**31 - 1)] * 2), 1, "week", weeks(1))


def test_effort_is_summed() -> None:
    days = JANUARY + np.array([0, 3, 7, 400])
    total = sum_by_period(np.array([0, 0, 1, 1]), days, np.array([1.5, 2, 3, 4]), 2, "week", weeks(2))
    assert total.tolist() == [[3.5, 0], [0, 3]]


def test_exposure_has_mean_one() -> None:
    code = np.array(["a", "b"])
    assert exposure_of(AreaTable(code, code, code)).tolist() == [1, 1]
    assert exposure_of(AreaTable(code, code, code, population=np.array([1.0, 3.0]))).tolist() == [0.5, 1.5]


def panel(*covariates: Covariate) -> Panel:
    code = np.array(["a", "b"])
    return Panel(
        AreaTable(code, code, np.array(["", ""])),
        no_neighbours(2, "none"),
        "week",
        window_starts(weeks(4), "week"),
        np.arange(8, dtype=np.int32).reshape(2, 4),
        np.ones(2),
        covariates=covariates,
    )


def test_until_forgets_what_was_not_known() -> None:
    values = np.arange(6.0)[None]
    group = np.zeros(2, dtype=np.int64)
    calendar = Covariate("feast", values, group, known_ahead=True)
    measured = Covariate("price", values, group, known_ahead=False)
    lagged = Covariate("lagged", values, group, known_ahead=False, lead=1)
    cut = panel(calendar, measured, lagged).until(3)
    assert cut.n_periods == 3 and cut.counts.tolist() == [[0, 1, 2], [4, 5, 6]]
    assert [covariate.values[0].tolist() for covariate in cut.covariates] == [
        [0, 1, 2, 3, 4, 5],
        [0, 1, 2, 2, 2, 2],
        [0, 1, 2, 3, 3, 3],
    ]
    assert values.tolist() == [[0, 1, 2, 3, 4, 5]], "the panel itself is untouched"
    with pytest.raises(ValueError, match="can't be cut at 5"):
        panel().until(5)


def test_periods_that_follow() -> None:
    assert [str(day) for day in starts_after(panel().starts, "week", 2)] == ["2024-01-29", "2024-02-05"]
    months = np.array(["2024-11-01", "2024-12-01"], dtype="datetime64[D]")
    assert [str(day) for day in starts_after(months, "month", 2)] == ["2025-01-01", "2025-02-01"]
