"""What a backtest report shows, apart from how it shows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rukun.core.areas import AreaTable, FloatArray
from rukun.core.forecast.explain import Language
from rukun.core.forecast.scores import PairedDifference
from rukun.core.panel import Every

#: The model that every other has to beat.
PLAIN_MEAN = "mean"


@dataclass(frozen=True)
class ModelEvidence:
    """How one model did, one period ahead.

    pit: (bins,) shares of the randomised PIT values, summing to 1; pit_p: p-value of the calibration test, or None.
    expected, observed: (b,) mean forecast and observed share of "at least one event" in b groups of forecasts; size:
        (b,) their number.
    surface, hit: (f,) share of the surface with the highest forecasts, and the share of events in it; pai = hit /
        surface.
    difference: mean difference of the log score to the plain mean's, a period and area; None for the plain mean itself.
    no_better: (n_areas,) bool, where its own mean log score isn't below the plain mean's, or None.
    """

    name: str
    pit: FloatArray
    pit_p: float | None
    expected: FloatArray
    observed: FloatArray
    size: FloatArray
    surface: FloatArray
    hit: FloatArray
    difference: PairedDifference | None = None
    no_better: npt.NDArray[np.bool_] | None = None


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

    events: name of the events file; exercise: True where they are simulated.
    first, last: first and last origin (first day forecast) of the backtest; origins: their number.
    scores: the rows of scores.csv; evidence: one per model, horizon 1; best: the model whose forecast is shown.
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
    notes: tuple[str, ...] = ()
    language: Language = "id"
