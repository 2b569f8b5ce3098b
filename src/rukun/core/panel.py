"""Counts per area and period, and what is aligned to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from rukun.core.areas import AreaTable, FloatArray, IntArray, Neighbours

Every = Literal["day", "week", "month"]
#: Mean length of a year in periods.
PERIODS_PER_YEAR: dict[str, float] = {"day": 365.2425, "week": 365.2425 / 7, "month": 12.0}


@dataclass(frozen=True)
class Covariate:
    """A series by period and group of areas.

    values: (groups, n_periods + ahead) float, finite; group: (n_areas,) int row of `values` of each area.
    known_ahead: a calendar is known for the future and keeps its values there; a measured series isn't: what lies
    behind the last known period is carried forward, and `Panel.until` forgets what had not been measured by then.
    """

    name: str
    values: FloatArray
    group: IntArray
    known_ahead: bool


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
        return self.counts.shape[0]

    @property
    def n_periods(self) -> int:
        """Number of observed periods."""
        return self.counts.shape[1]

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
    if covariate.known_ahead or n_periods >= covariate.values.shape[1]:
        return covariate
    values = covariate.values.copy()
    values[:, n_periods:] = values[:, n_periods - 1 : n_periods]
    return replace(covariate, values=values)


def starts_after(starts: npt.NDArray[np.datetime64], every: Every, periods: int) -> npt.NDArray[np.datetime64]:
    """First days of the `periods` periods that follow the last of `starts`; (periods,) datetime64[D]."""
    last = starts[-1]
    if every == "month":
        months = last.astype("datetime64[M]") + np.arange(1, periods + 1)
        return months.astype("datetime64[D]")
    step = 7 if every == "week" else 1
    return np.asarray(last + np.arange(1, periods + 1) * np.timedelta64(step, "D"))
