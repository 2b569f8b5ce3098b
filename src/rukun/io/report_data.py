"""What a backtest report shows, apart from how it shows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from rukun.core.areas import AreaTable, FloatArray
from rukun.core.forecast.explain import Language
from rukun.core.panel import Every

#: The model that every other has to beat.
PLAIN_MEAN = "mean"


@dataclass(frozen=True)
class Difference:
    """Mean difference of the log score to the plain mean's, a period and area, with its 95 % interval; below 0 is
    better.

    no_better: (n_areas,) bool, where the model's own mean log score isn't below the plain mean's, or None when unknown.
    """

    mean: float
    low: float
    high: float
    no_better: FloatArray | None = None

    @property
    def better(self) -> bool:
        """Whether the interval lies below 0."""
        return self.high < 0


@dataclass(frozen=True)
class ModelEvidence:
    """How one model did, one period ahead.

    pit: (bins,) shares of the randomised PIT values, summing to 1; pit_p: p-value of the calibration test, or None.
    expected, observed: (b,) mean forecast and observed share of "at least one event" in b groups of forecasts; size:
        (b,) their number.
    surface, hit: (f,) share of the surface with the highest forecasts, and the share of events in it; pai = hit /
        surface.
    difference: to the plain mean; None for the plain mean itself.
    """

    name: str
    pit: FloatArray
    pit_p: float | None
    expected: FloatArray
    observed: FloatArray
    size: FloatArray
    surface: FloatArray
    hit: FloatArray
    difference: Difference | None = None


@dataclass(frozen=True)
class AreaShares:
    """Why one area's forecast is what it is.

    labels, shares: as in `Explanation`, counts that sum to the mean of the model with parts; reason: the sentence.
    """

    code: str
    name: str
    mean: float
    p_any: float
    labels: tuple[str, ...]
    shares: FloatArray
    reason: str


@dataclass(frozen=True)
class Report:
    """All that a report shows.

    events: name of the events file; exercise: True where they are simulated; first, last: origins (first days
        forecast) of the backtest;
    scores: the rows of scores.csv; evidence: one per model, horizon 1; best: the model whose forecast is shown;
    areas, mean, p_any: that forecast of the period from `ahead`, after all data, (n,) each; top: the ten highest areas;
    notes: what a reader should know of the data.
    """

    events: str
    category: str
    every: Every
    exercise: bool
    n_areas: int
    n_periods: int
    n_events: int
    first: dt.date
    last: dt.date
    origins: int
    scores: pd.DataFrame
    evidence: tuple[ModelEvidence, ...]
    best: str
    ahead: dt.date
    areas: AreaTable
    mean: FloatArray
    p_any: FloatArray
    top: tuple[AreaShares, ...]
    top_model: str
    notes: tuple[str, ...] = ()
    language: Language = "id"
