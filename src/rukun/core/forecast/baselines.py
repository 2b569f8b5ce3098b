"""The mandatory baseline: the mean of all history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rukun.core.areas import FloatArray
from rukun.core.forecast.dispersion import fit_size, shrunk_rates, thin
from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.interface import FittedModel
from rukun.core.panel import Panel


@dataclass(frozen=True)
class HistoricalMean:
    """Every period is forecast as the average of all before it, area by area, shrunk a little to the rate of all."""

    name: str = "mean"

    def fit(self, panel: Panel, previous: FittedModel | None = None) -> FittedMean:
        """Count, shrink, and fit one dispersion."""
        mean = mean_of(panel)
        counts = panel.counts.ravel()[thin(panel.counts.size)]
        means = np.repeat(mean, panel.n_periods)[thin(panel.counts.size)]
        return FittedMean(mean, fit_size(counts, means), self.name)


@dataclass(frozen=True)
class FittedMean:
    """mean: (n_areas,) counts a period; size: of the negative binomial."""

    mean: FloatArray
    size: float
    name: str = "mean"

    def forecast(self, horizon: int) -> CountForecast:
        """The same for every period ahead."""
        return CountForecast.of(np.repeat(self.mean[None], horizon, axis=0), self.size)

    def update(self, panel: Panel) -> FittedMean:
        """The mean of the newer counts with the same dispersion."""
        return FittedMean(mean_of(panel), self.size, self.name)


def mean_of(panel: Panel) -> FloatArray:
    """(n_areas,) shrunk means of all counts a period, > 0."""
    events = panel.counts.sum(axis=1, dtype=np.float64)
    return np.asarray(panel.exposure * shrunk_rates(events, panel.exposure * panel.n_periods))
