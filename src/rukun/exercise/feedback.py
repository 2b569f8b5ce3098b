"""The feedback experiment: attention follows the forecast, and what is found follows attention.

Areas have true rates that never change. Every day a number of visits is allotted to areas at random, in proportion to
the
current forecast; incidents are seen only where a visit was. A forecast that takes what was found for what happened
sends
ever more visits to where it happened to send the first (Ensign et al. 2018, PMLR 81, 160; Lum & Isaac 2016,
Significance 13, 14). Everything here is simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rukun.core.areas import AreaTable, FloatArray, Neighbours
from rukun.core.panel import Panel

#: From the found counts and the visits so far, both (areas, days), to positive scores of the areas (areas,).
Allocation = Callable[[npt.NDArray[np.int32], FloatArray], FloatArray]


@dataclass(frozen=True)
class FeedbackRun:
    """attention: (areas, days) probability that a visit goes to each area; found, visits: (areas, days)."""

    attention: FloatArray
    found: npt.NDArray[np.int32]
    visits: FloatArray

    def share(self, last_days: int) -> FloatArray:
        """(areas,) mean attention over the last days."""
        return np.asarray(self.attention[:, -last_days:].mean(axis=1))


def simulate_feedback(
    rates: FloatArray, allocate: Allocation, days: int, visits_per_day: int, seed: int, every: int = 7, start: int = 14
) -> FeedbackRun:
    """Run the loop: the allocation is asked anew every `every` days, after `start` days of equal attention.

    rates: (areas,) incidents that one visit finds on average. A visit's finds are Poisson; two visits in a day find
    twice
    as many. Raises ValueError when an allocation isn't positive and finite.
    """
    rng = np.random.default_rng(seed)
    n = len(rates)
    found, visits, attention = np.zeros((n, days), np.int32), np.zeros((n, days)), np.zeros((n, days))
    share = np.full(n, 1.0 / n)
    for day in range(days):
        if day >= start and (day - start) % every == 0:
            scores = np.asarray(allocate(found[:, :day], visits[:, :day]), dtype=np.float64)
            if not (np.isfinite(scores).all() and (scores > 0).all()):
                raise ValueError(f"day {day}: an allocation must be positive and finite for every area")
            share = scores / scores.sum()
        attention[:, day] = share
        visits[:, day] = rng.multinomial(visits_per_day, share)
        found[:, day] = rng.poisson(rates * visits[:, day])
    return FeedbackRun(attention, found, visits)


def naive_allocation(found: npt.NDArray[np.int32], visits: FloatArray) -> FloatArray:
    """Attention in proportion to everything found so far (one pseudo-count an area): the mistake the experiment
    shows."""
    return np.asarray(found.sum(axis=1) + 1.0)


def feedback_panel(found: npt.NDArray[np.int32], visits: FloatArray) -> Panel:
    """The run so far as a daily panel with effort, on areas that don't touch, marked as exercise."""
    n, days = found.shape
    code = np.array([f"L{i:03d}" for i in range(n)])
    none = np.zeros(0, dtype=np.int64)
    return Panel(
        areas=AreaTable(code, np.array([f"Latihan {i}" for i in range(n)]), np.full(n, "")),
        neighbours=Neighbours(
            np.zeros(n + 1, dtype=np.int64), none, np.zeros(0), source="none: areas of an experiment"
        ),
        every="day",
        starts=np.datetime64("2024-01-01") + np.arange(days) * np.timedelta64(1, "D"),
        counts=np.ascontiguousarray(found),
        exposure=np.ones(n),
        effort=np.ascontiguousarray(visits),
        exercise=True,
    )
