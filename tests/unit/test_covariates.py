"""Calendars as shares of days, series as means carried forward, holidays against the almanac."""

from __future__ import annotations

import numpy as np
import pytest

from rukun.core.areas import AreaTable, parent_code
from rukun.core.covariates import Calendar, Series, calendar_covariates, indonesian_holidays, series_covariates
from rukun.core.periods import Window, period_number

CODES = ["74.71.01.1001", "74.71.02.1001", "75.01.01.1001"]
AREAS = AreaTable(np.array(CODES), np.array(CODES), np.array([parent_code(code) for code in CODES]))
WEEKS = Window(int(period_number([np.datetime64("2024-01-01")], "week")[0]), 3)


def day(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


def calendar(*rows: tuple[str, str, str, str]) -> Calendar:
    first, last, name, area = zip(*rows, strict=True)
    return Calendar(day(*first), day(*last), np.array(name), np.array(area))


def test_a_calendar_is_the_share_of_days_covered() -> None:
    spans = calendar(("2024-01-03", "2024-01-09", "campaign", ""), ("2024-01-05", "2024-01-06", "campaign", ""))
    (covariate,) = calendar_covariates(spans, AREAS, "week", WEEKS, 2)
    assert covariate.name == "campaign" and covariate.known_ahead
    assert covariate.values.tolist() == [[5 / 7, 2 / 7, 0, 0, 0]], "overlapping spans count once"
    assert covariate.group.tolist() == [0, 0, 0]


def test_a_span_of_an_area_counts_below_it() -> None:
    spans = calendar(
        ("2024-01-01", "2024-01-07", "vote", "74"),
        ("2024-01-08", "2024-01-14", "vote", "74.71.02"),
        ("2024-01-15", "2024-01-21", "vote", ""),
    )
    (covariate,) = calendar_covariates(spans, AREAS, "week", WEEKS, 0)
    assert covariate.values[covariate.group].tolist() == [[1, 0, 1], [1, 1, 1], [0, 0, 1]]


def test_months_differ_in_length() -> None:
    window = Window(int(period_number([np.datetime64("2024-02-01")], "month")[0]), 2)
    (covariate,) = calendar_covariates(calendar(("2024-02-29", "2024-03-01", "x", "")), AREAS, "month", window, 0)
    assert covariate.values.tolist() == [[1 / 29, 1 / 31]]


def series(*rows: tuple[str, str, str, float]) -> Series:
    days, area, name, value = zip(*rows, strict=True)
    return Series(day(*days), np.array(area), np.array(name), np.array(value, dtype=float))


def test_a_series_is_the_mean_of_a_period_then_the_last_known() -> None:
    rows = series(("2024-01-08", "", "rice", 10), ("2024-01-10", "", "rice", 20), ("2024-01-30", "", "rice", 99))
    (covariate,), missing = series_covariates(rows, AREAS, "week", WEEKS, 2)
    assert covariate.values.tolist() == [[15, 15, 15, 15, 15]], "backwards to the first, and nothing after the window"
    assert not covariate.known_ahead and covariate.lead == 0 and missing == {}


def test_a_lag_moves_what_is_known_ahead() -> None:
    rows = series(*[(f"2024-01-{1 + 7 * week:02d}", "", "rice", float(week)) for week in range(3)])
    (covariate,), _ = series_covariates(rows, AREAS, "week", WEEKS, 3, lag=2)
    assert covariate.values.tolist() == [[0, 0, 0, 1, 2, 2]] and covariate.lead == 2
    (short,), _ = series_covariates(rows, AREAS, "week", WEEKS, 1, lag=2)
    assert short.values.tolist() == [[0, 0, 0, 1]] and short.lead == 1


def test_change_against_a_year_before() -> None:
    window = Window(int(period_number([np.datetime64("2023-01-01")], "month")[0]), 14)
    prices = [100.0] * 12 + [110.0, 121.0]
    rows = series(
        *[(f"{2023 + month // 12}-{month % 12 + 1:02d}-15", "", "rice", prices[month]) for month in range(14)]
    )
    (covariate,), _ = series_covariates(rows, AREAS, "month", window, 0, "year")
    assert covariate.values[0, :12].tolist() == [0] * 12, "no year before, no change"
    assert covariate.values[0, 12:] == pytest.approx(np.log([1.1, 1.21]))


def test_areas_read_the_nearest_series_above_them() -> None:
    rows = series(("2024-01-01", "74", "x", 1), ("2024-01-01", "74.71.02", "x", 2), ("2024-01-01", "75", "x", 3))
    (covariate,), _ = series_covariates(rows, AREAS, "week", WEEKS, 0)
    assert covariate.values[covariate.group, 0].tolist() == [1, 2, 3]
    none, missing = series_covariates(series(("2024-01-01", "74", "x", 1)), AREAS, "week", WEEKS, 0)
    assert none == () and missing == {"x": "area 75.01.01.1001"}
    none, missing = series_covariates(series(("2025-01-01", "", "x", 1)), AREAS, "week", WEEKS, 0)
    assert none == () and missing == {"x": "values"}


def test_holidays_move_with_the_moon() -> None:
    holidays = indonesian_holidays(np.datetime64("2024-01-01"), np.datetime64("2024-12-31"))
    spans = {
        (str(name), str(first), str(last))
        for name, first, last in zip(holidays.name, holidays.first, holidays.last, strict=True)
    }
    # Idulfitri 1445 H was on 10 April 2024, Iduladha on 17 June, Maulid on 16 September
    assert ("idul_fitri", "2024-04-10", "2024-04-16") in spans
    assert ("ramadan", "2024-03-11", "2024-04-09") in spans
    assert ("idul_adha", "2024-06-17", "2024-06-20") in spans
    assert ("islamic_holiday", "2024-09-16", "2024-09-16") in spans
    assert ("national_holiday", "2024-08-17", "2024-08-17") in spans
    assert not any(first == "2024-02-14" for _, first, _ in spans), "election days belong in a calendar file"
    years = {str(first)[:4] for name, first, _ in spans if name == "idul_fitri"}
    assert years == {"2024"}


def test_holidays_are_known_years_ahead() -> None:
    ahead = indonesian_holidays(np.datetime64("2026-11-01"), np.datetime64("2030-12-31"))
    assert (ahead.name == "idul_fitri").sum() == 4
