"""Exponential smoothing of each area's counts, with the region's season."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
from scipy import optimize

from rukun.core.areas import FloatArray, IntArray
from rukun.core.forecast.dispersion import fit_size, shrunk_rates
from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.interface import FittedModel
from rukun.core.panel import PERIODS_PER_YEAR, Panel, starts_after

_BOUNDS = (np.log(1e-4), np.log(0.9))


@dataclass(frozen=True)
class Smoothing:
    """Each area's level follows its counts (simple exponential smoothing) and is drawn back to its long-run rate.

    The forecast is level * season: level = pull * long-run rate + (1 - pull) * smoothed counts / season. The smoothing
    constant and the pull are shared by all areas and maximise the likelihood of one-step forecasts (Hyndman, Koehler,
    Ord & Snyder
    2008, Forecasting with Exponential Smoothing, ch. 2, with counts in the place of normal errors).
    """

    name: str = "smoothing"

    def fit(self, panel: Panel, previous: FittedModel | None = None) -> FittedSmoothing:
        """Estimate season, smoothing constant, pull and dispersion."""
        season = _season(panel)
        rate = _long_run(panel, season)
        counts = np.ascontiguousarray(panel.counts)
        phase = _phase(panel, panel.n_periods)
        warm = min(panel.n_periods // 4, 26)

        def loss(x: FloatArray) -> float:
            return float(_loss(counts, season, phase, rate, np.exp(x[0]), _squash(x[1]), warm))

        corner = np.array([np.log(0.15), 0.0])
        simplex = np.vstack([corner, corner + np.diag([1.0, 1.5])])
        options: Any = {"initial_simplex": simplex, "xatol": 0.02, "fatol": 1e-2, "maxfev": 60}
        best = optimize.minimize(loss, corner, method="Nelder-Mead", bounds=[_BOUNDS, (-6.0, 6.0)], options=options)
        alpha, pull = float(np.exp(best.x[0])), float(_squash(best.x[1]))
        means, level = _one_step(counts, season, phase, rate, alpha, pull)
        size = fit_size(counts[:, warm:], means[:, warm:])
        return FittedSmoothing(panel, season, rate, alpha, pull, size, level, self.name)


@dataclass(frozen=True)
class FittedSmoothing:
    """season: (phases,) factors with mean 1; rate, level: (n_areas,); alpha, pull in (0, 1)."""

    panel: Panel
    season: FloatArray
    rate: FloatArray
    alpha: float
    pull: float
    size: float
    level: FloatArray
    name: str = "smoothing"

    def forecast(self, horizon: int) -> CountForecast:
        """Level times season; the level is the same for every period ahead."""
        phase = _phase(self.panel, self.panel.n_periods + horizon)[-horizon:]
        mean = self.pull * self.rate + (1.0 - self.pull) * self.level
        return CountForecast.of(np.maximum(mean * self.season[phase][:, None], 1e-9), self.size)

    def update(self, panel: Panel) -> FittedSmoothing:
        """The levels after newer counts, with the same constants."""
        counts, phase = np.ascontiguousarray(panel.counts), _phase(panel, panel.n_periods)
        _, level = _one_step(counts, self.season, phase, self.rate, self.alpha, self.pull)
        return FittedSmoothing(panel, self.season, self.rate, self.alpha, self.pull, self.size, level, self.name)


def _squash(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-x)))


def _phases(panel: Panel) -> int:
    return 12 if panel.every == "month" else 26


def _phase(panel: Panel, periods: int) -> IntArray:
    """(periods,) phase of the year of each period, the panel's and those ahead."""
    starts = np.concatenate([panel.starts, starts_after(panel.starts, panel.every, max(0, periods - panel.n_periods))])
    days = (starts - starts.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    return np.asarray(np.minimum(days * _phases(panel) // 366, _phases(panel) - 1)[:periods])


def _season(panel: Panel) -> FloatArray:
    """(phases,) of the region's counts, smoothed over three neighbours and shrunk to 1; ones with under two years."""
    phases = _phases(panel)
    if panel.n_periods < 2 * PERIODS_PER_YEAR[panel.every]:
        return np.ones(phases)
    phase, totals = _phase(panel, panel.n_periods), panel.counts.sum(axis=0, dtype=np.float64)
    number = np.bincount(phase, minlength=phases).astype(np.float64)
    overall = totals.mean() + 1e-9
    index = (np.bincount(phase, totals, minlength=phases) / overall + 1.0) / (number + 1.0)
    index = (np.roll(index, 1) + 2.0 * index + np.roll(index, -1)) / 4.0
    return np.asarray(np.maximum(index, 0.02) / np.maximum(index, 0.02).mean())


def _long_run(panel: Panel, season: FloatArray) -> FloatArray:
    at_risk = panel.exposure * float(season[_phase(panel, panel.n_periods)].sum())
    return panel.exposure * shrunk_rates(panel.counts.sum(axis=1, dtype=np.float64), at_risk)


@nb.njit(cache=True, nogil=True)
def _one_step(
    counts: npt.NDArray[np.int32], season: FloatArray, phase: IntArray, rate: FloatArray, alpha: float, pull: float
) -> tuple[FloatArray, FloatArray]:
    """One-step means (n, periods) and the levels after the last period (n,)."""
    n, periods = counts.shape
    means, levels = np.empty((n, periods)), np.empty(n)
    for i in range(n):
        level = rate[i]
        for t in range(periods):
            s = season[phase[t]]
            means[i, t] = max((pull * rate[i] + (1.0 - pull) * level) * s, 1e-9)
            # where little is expected a count says little of the level: the step shrinks with the season
            level += alpha * min(s, 1.0) * (counts[i, t] / max(s, 0.2) - level)
        levels[i] = level
    return means, levels


@nb.njit(cache=True, nogil=True)
def _loss(
    counts: npt.NDArray[np.int32],
    season: FloatArray,
    phase: IntArray,
    rate: FloatArray,
    alpha: float,
    pull: float,
    warm: int,
) -> float:
    """Minus the log-likelihood of one-step forecasts, geometric-like (size 1): robust, and needs no gamma function."""
    n, periods = counts.shape
    total = 0.0
    for i in range(n):
        level = rate[i]
        for t in range(periods):
            s = season[phase[t]]
            mean = max((pull * rate[i] + (1.0 - pull) * level) * s, 1e-9)
            y = counts[i, t]
            if t >= warm:
                total += (y + 1.0) * np.log1p(mean)
                if y > 0:
                    total -= y * np.log(mean)
            level += alpha * min(s, 1.0) * (y / max(s, 0.2) - level)
    return total
