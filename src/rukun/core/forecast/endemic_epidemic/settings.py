"""What can be chosen about the endemic-epidemic model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ENDEMIC, OWN, AROUND = 0, 1, 2
PARTS = ("endemic", "own history", "neighbours")


@dataclass(frozen=True)
class Settings:
    """Structure and priors; the defaults are those of `rukun forecast`.

    lags: how many past periods the epidemic parts use, with geometric weights whose decay is estimated (1: the last
    only; 0: no epidemic parts).
    neighbour_law: "power" estimates the decay of order**-decay; "equal" weighs all neighbours up to `max_order` alike.
    max_order: farthest neighbourhood order used; None takes the largest with at most `NEIGHBOURS_PER_AREA` neighbours
    on average.
    normalise: weights of one sending area sum to 1. population_in: parts in which log exposure has a coefficient.
    harmonics: of the year, in the endemic, own and neighbour parts, fewer where the data is shorter than that many
    years;
    season_period: periods in a year, None for the calendar's own; dispersion_harmonics: the same in log psi.
    weekdays: of daily counts, in the endemic part. trend: linear in time in the endemic part.
    growth: how many past growth rates of the region's total drive the epidemic parts.
    surroundings: the endemic part leans on the rate around an area, where there are enough areas (`surroundings.py`).
    area_effects: parts with area effects; correlated: whether their covariance is full.
    dispersion: one psi for all, one per group of areas with the same parent, or one per area (groups and areas shrunk).
    shrinkage: multiplies the precision of the weakly informative priors on fixed effects; 0 is maximum likelihood.
    parameter_uncertainty: widen forecasts by the uncertainty of the estimates.
    first: first period of the likelihood, None for the first with all its lags; models to be compared need the same.
    """

    lags: int = 3
    neighbour_law: Literal["power", "equal"] = "power"
    max_order: float | None = None
    normalise: bool = True
    population_in: tuple[int, ...] = (AROUND,)
    harmonics: tuple[int, int, int] = (2, 1, 1)
    season_period: float | None = None
    dispersion_harmonics: int = 2
    weekdays: bool = True
    trend: bool = True
    growth: int = 2
    surroundings: bool = True
    area_effects: tuple[int, ...] = (ENDEMIC, OWN, AROUND)
    correlated: bool = True
    dispersion: Literal["global", "group", "area"] = "area"
    shrinkage: float = 1.0
    parameter_uncertainty: bool = True
    first: int | None = None
    max_iterations: int = 200
    tolerance: float = 1e-6

    def __post_init__(self) -> None:
        """Raises ValueError on lags < 0 or a negative shrinkage."""
        if self.lags < 0:
            raise ValueError(f"lags must be 0 or more, not {self.lags}")
        if self.shrinkage < 0:
            raise ValueError(f"shrinkage must be 0 or more, not {self.shrinkage}")


#: Average neighbours an area at the most when `max_order` is left open: beyond, weights are tiny and work is not.
NEIGHBOURS_PER_AREA = 160.0
