"""Kernel-density hot spots: where events were, smeared over what is near.

Source: Chainey, Tompson & Uhlig 2008, Security Journal 21, 4 (kernel density as the common hot-spot method).
Bandwidth and
recency are chosen by the likelihood of held-out periods inside the training data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from rukun.core.areas import FloatArray
from rukun.core.forecast.dispersion import fit_size, thin
from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.interface import FittedModel
from rukun.core.forecast.kernel import kernel_matrix, usable_bandwidths
from rukun.core.panel import PERIODS_PER_YEAR, Panel

#: Half-lives of events tried, in years; the last is "never forgotten".
HALF_LIVES = (0.25, 0.5, 1.0, 2.0, 1e9)
#: Share of the intensity that follows exposure alone, so that no area has none.
EVENLY = 0.02
#: Smoothing constant of the region's total.
LEVEL_STEP = 0.1


@dataclass(frozen=True)
class KernelDensity:
    """Gaussian kernel density of past events over area centroids, or over neighbourhood orders where there are none."""

    name: str = "kernel"

    def fit(self, panel: Panel, previous: FittedModel | None = None) -> FittedKernel:
        """Choose bandwidth and half-life on the last fifth of the periods, then use all."""
        split = max(1, panel.n_periods - max(1, panel.n_periods // 5))
        held_out = panel.counts[:, split:].sum(axis=1, dtype=np.float64)
        best, chosen = -np.inf, (0.0, HALF_LIVES[-1])
        recent = {life: _recent(panel, life, split) for life in HALF_LIVES}
        for bandwidth in usable_bandwidths(panel):
            reach = kernel_matrix(panel, bandwidth)
            for life, events in recent.items():
                intensity = _intensity(panel, reach, events)
                value = float(held_out @ np.log(intensity))
                if value > best + 1e-9:
                    best, chosen = value, (bandwidth, life)
        reach = kernel_matrix(panel, chosen[0])
        share = _intensity(panel, reach, _recent(panel, chosen[1], panel.n_periods))
        level = _level(panel)
        # dispersion of the held-out periods around what was known before them
        before = _intensity(panel, reach, _recent(panel, chosen[1], split))
        totals = panel.counts[:, split:].sum(axis=0, dtype=np.float64)
        means = np.outer(before, np.maximum(totals, 0.5)).ravel()
        size = fit_size(panel.counts[:, split:].ravel()[thin(means.size)], means[thin(means.size)])
        return FittedKernel(reach, chosen[0], chosen[1], share, level, size, self.name)


@dataclass(frozen=True)
class FittedKernel:
    """reach: (n, n) kernel, columns of sum 1; bandwidth in distances to the nearest neighbour; half_life in years;
    share: (n_areas,) of the region's events, sum 1; level: the region's events a period."""

    reach: sparse.csr_array
    bandwidth: float
    half_life: float
    share: FloatArray
    level: float
    size: float
    name: str = "kernel"

    def forecast(self, horizon: int) -> CountForecast:
        """Share times level, the same for every period ahead."""
        return CountForecast.of(np.repeat(self.share[None] * self.level, horizon, axis=0), self.size)

    def update(self, panel: Panel) -> FittedKernel:
        """The density of the newer events with the same kernel and dispersion."""
        share = _intensity(panel, self.reach, _recent(panel, self.half_life, panel.n_periods))
        return FittedKernel(self.reach, self.bandwidth, self.half_life, share, _level(panel), self.size, self.name)


def _recent(panel: Panel, half_life: float, until: int) -> FloatArray:
    """(n_areas,) events of the first `until` periods, halved for every half-life they are old."""
    age = np.arange(until)[::-1] / PERIODS_PER_YEAR[panel.every]
    return np.asarray(panel.counts[:, :until] @ 0.5 ** (age / half_life))


def _intensity(panel: Panel, reach: sparse.csr_array, events: FloatArray) -> FloatArray:
    """(n_areas,) shares of the region's events, > 0, sum 1."""
    exposure = panel.exposure / panel.exposure.sum()
    total = float(events.sum())
    if total <= 0.0:
        return np.asarray(exposure)
    # with few events the even part is larger: it counts as one event more
    even = max(EVENLY, 1.0 / (1.0 + total))
    return np.asarray((1.0 - even) * (reach @ events) / total + even * exposure)


def _level(panel: Panel) -> float:
    """Events of the region a period: exponential smoothing of the totals, started at their mean."""
    totals = panel.counts.sum(axis=0, dtype=np.float64)
    level = float(totals.mean())
    for total in totals:
        level += LEVEL_STEP * (float(total) - level)
    return max(level, 0.5 / panel.n_periods)
