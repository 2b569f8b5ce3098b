"""Days, weeks and months against the calendar; partial periods against the plain rule."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rukun.core.periods import Every, coded_by_month, observed_window, period_number, period_start, period_starts

EVERY: list[Every] = ["day", "week", "month"]
dates = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


@given(dates, st.sampled_from(EVERY))
def test_a_day_lies_in_its_period(date: dt.date, every: Every) -> None:
    day = np.datetime64(date, "D")
    number = period_number([day], every)
    start, after = period_start([number[0], number[0] + 1], every)
    assert start <= day < after
    assert period_number([start], every)[0] == number[0] and period_number([after], every)[0] == number[0] + 1
    first: dt.date = start.astype(object)
    assert {"day": first == date, "week": first.isoweekday() == 1, "month": first.day == 1}[every]


@given(dates, dates)
def test_two_days_share_a_week_as_in_the_iso_calendar(one: dt.date, other: dt.date) -> None:
    numbers = period_number([one, other], "week")
    assert (numbers[0] == numbers[1]) == (one.isocalendar()[:2] == other.isocalendar()[:2])


def test_starts_are_consecutive_mondays_and_months() -> None:
    week = int(period_number(days("2001-01-03"), "week")[0])
    assert period_starts(week, 2, "week").tolist() == [dt.date(2001, 1, 1), dt.date(2001, 1, 8)]
    month = int(period_number(days("2001-11-30"), "month")[0])
    assert [str(day) for day in period_starts(month, 3, "month")] == ["2001-11-01", "2001-12-01", "2002-01-01"]


def test_a_dense_record_that_stops_midweek_loses_its_last_week() -> None:
    # Monday 2024-01-01 to Wednesday 2024-03-06, five events a day
    record = np.arange(days("2024-01-01")[0], days("2024-03-07")[0])
    window = observed_window(record, np.full(len(record), 5), "week")
    assert window.dropped == ("last",) and window.cut_last and not window.cut_first
    assert str(period_start([window.first + window.periods], "week")[0]) == "2024-03-04"
    kept = observed_window(record, np.full(len(record), 5), "week", keep_partial=True)
    assert kept.periods == window.periods + 1 and kept.cut_last and kept.dropped == ()


def test_a_sparse_record_keeps_its_ends() -> None:
    record = days("2024-01-04", "2024-02-10", "2024-03-06")
    window = observed_window(record, np.ones(3, dtype=np.int64), "week")
    assert not window.cut_first and not window.cut_last and window.periods == 10


def test_the_chance_is_counted_as_said() -> None:
    # two weeks from a Monday to a Thursday: L = 11, g = 3, so (11 / 14)^(n - 1) < 0.05 from n = 14 on
    record = days("2024-01-01", "2024-01-11")
    for events, cut in ((13, False), (14, True)):
        assert (11 / 14) ** (events - 1) < 0.05 or not cut
        window = observed_window(record, np.array([1, events - 1]), "week")
        assert window.cut_last is cut


def test_a_start_or_end_inside_a_period_cuts_it_for_certain() -> None:
    record = days("2024-01-10", "2024-01-20")
    start, end = np.datetime64("2024-01-03"), np.datetime64("2024-01-30")
    window = observed_window(record, np.ones(2, dtype=np.int64), "week", start, end)
    assert window.dropped == ("first", "last") and window.periods == 3
    assert str(period_start([window.first], "week")[0]) == "2024-01-08"


def test_dates_coded_by_period_are_whole_periods() -> None:
    record = days(*[f"2022-{month:02d}-01" for month in range(1, 13)])
    window = observed_window(record, np.full(12, 400), "month")
    assert window.periods == 12 and window.dropped == ()
    assert coded_by_month(record, np.full(12, 400))
    assert not coded_by_month(record[:2], np.full(2, 400)) and not coded_by_month(record + 1, np.full(12, 400))


def test_one_partial_period_is_kept_and_an_impossible_window_refused() -> None:
    record = days("2024-01-03")
    window = observed_window(record, np.ones(1, dtype=np.int64), "week", start=np.datetime64("2024-01-03"))
    assert window.periods == 1 and window.cut_first and window.dropped == ()
    with pytest.raises(ValueError, match="before"):
        observed_window(record, np.ones(1, dtype=np.int64), "week", end=np.datetime64("2024-01-01"))
