"""Whatever the events: none is lost, none is made, and spreading is even to a half."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rukun.core.panel import EventTable, count_events, is_coarse
from rukun.core.periods import Every, Window, period_number, period_start

DAYS = 400
ORIGIN = np.datetime64("2023-11-15")

rows = st.lists(
    st.tuples(st.integers(0, DAYS), st.integers(0, 120), st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=30
)


def table(drawn: list[tuple[int, int, int, int]]) -> EventTable:
    first, length, place, count = np.array(drawn).T
    number = len(drawn)
    begin = ORIGIN + first
    return EventTable(begin, begin + length, place, np.zeros(number, dtype=np.int64), count, np.arange(number))


def whole_window(events: EventTable, every: Every) -> Window:
    numbers = period_number(np.array([events.first.min(), events.last.max()]), every)
    return Window(int(numbers[0]), int(numbers[1] - numbers[0]) + 1)


@settings(max_examples=150, deadline=None)
@given(rows, st.sampled_from(["day", "week", "month"]))
def test_totals_of_areas_are_kept(drawn: list[tuple[int, int, int, int]], every: Every) -> None:
    events = table(drawn)
    counts, outside = count_events(events, 4, every, whole_window(events, every))
    assert outside == 0 and (counts >= 0).all()
    assert counts.sum(axis=1).tolist() == np.bincount(events.place, weights=events.count, minlength=4).tolist()


@settings(max_examples=100, deadline=None)
@given(rows, st.sampled_from(["week", "month"]))
def test_running_totals_are_off_by_a_half_at_most(drawn: list[tuple[int, int, int, int]], every: Every) -> None:
    events = table(drawn)
    events = events.where(is_coarse(events, every))
    if not len(events):
        return
    window = whole_window(events, every)
    counts, _ = count_events(events, 4, every, window)
    expected = np.zeros((4, window.periods))
    for begin, end, place, count in zip(events.first, events.last, events.place, events.count, strict=True):
        span = np.arange(begin, end + 1)
        for number in period_number(span, every) - window.first:
            expected[place, number] += count / len(span)
    assert np.abs(np.cumsum(counts, axis=1) - np.cumsum(expected, axis=1)).max() <= 0.5 + 1e-6


@settings(max_examples=60, deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(drawn: list[tuple[int, int, int, int]], shuffler: object) -> None:
    events = table(drawn)
    window = whole_window(events, "week")
    again = list(drawn)
    shuffler.shuffle(again)  # type: ignore[attr-defined]
    assert (count_events(events, 4, "week", window)[0] == count_events(table(again), 4, "week", window)[0]).all()


@given(st.integers(-3000, 3000), st.integers(1, 40))
def test_a_window_cuts_without_changing_exact_counts(first: int, periods: int) -> None:
    starts = period_start(np.arange(first, first + periods), "week")
    events = EventTable(
        starts,
        starts,
        np.zeros(periods, dtype=np.int64),
        np.zeros(periods, dtype=np.int64),
        np.arange(periods),
        np.arange(periods),
    )
    counts, outside = count_events(events, 1, "week", Window(first + 1, periods))
    assert counts[0].tolist() == [*range(1, periods), 0] and outside == 0
