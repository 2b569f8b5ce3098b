"""Predictive distributions of counts: mixtures of negative binomials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from rukun.core.areas import FloatArray, IntArray

#: At and above this size a negative binomial is computed as a Poisson: they differ by less than mean**2 / 1e9.
POISSON_SIZE = 1e9


def log_pmf(y: npt.ArrayLike, mean: npt.ArrayLike, size: npt.ArrayLike) -> FloatArray:
    """Log-probabilities of counts y under negative binomials (variance = mean + mean**2 / size), broadcast."""
    y, mean, size = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (y, mean, size)))
    r = np.minimum(size, POISSON_SIZE)
    poisson = y * np.log(mean) - mean - special.gammaln(y + 1)
    # log (mean / (r + mean))**y * (r / (r + mean))**r * gamma(y + r) / gamma(r) / y!
    choose = _log_rising(y, r) - special.gammaln(y + 1)
    negative = choose + y * (np.log(mean) - np.log(r + mean)) - r * np.log1p(mean / r)
    return np.asarray(np.where(size >= POISSON_SIZE, poisson, np.where(y == 0, -r * np.log1p(mean / r), negative)))


def _log_rising(y: FloatArray, r: FloatArray) -> FloatArray:
    """log gamma(y + r) - log gamma(r); by Stirling's series for large r, where the difference would cancel."""
    large = np.maximum(r, 1e3)
    series = (large - 0.5) * np.log1p(y / large) + y * (np.log(y + large) - 1.0)
    series += 1.0 / (12.0 * (y + large)) - 1.0 / (12.0 * large)
    return np.asarray(np.where(r > 1e3, series, special.gammaln(y + r) - special.gammaln(r)))


def cdf(y: npt.ArrayLike, mean: npt.ArrayLike, size: npt.ArrayLike) -> FloatArray:
    """P(Y <= y) under negative binomials, broadcast; 0 for y < 0."""
    y, mean, size = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (y, mean, size)))
    below = y < 0
    k = np.where(below, 0.0, y)
    r = np.minimum(size, POISSON_SIZE)
    negative = special.betainc(r, k + 1.0, r / (r + mean))
    result = np.where(size >= POISSON_SIZE, special.gammaincc(k + 1.0, mean), negative)
    return np.asarray(np.where(below, 0.0, result))


@dataclass(frozen=True)
class CountForecast:
    """Mixture of negative binomials for each period ahead and area.

    weight: (k, horizon) >= 0, each column sums to 1; mean: (k, horizon, n_areas) > 0; size: (k, horizon, n_areas) >
    0, variance of a part =
    mean + mean**2 / size, with inf for a Poisson. A single model gives k = 1; an ensemble one part per member.
    """

    weight: FloatArray
    mean: FloatArray
    size: FloatArray

    @classmethod
    def of(cls, mean: npt.ArrayLike, size: npt.ArrayLike) -> CountForecast:
        """One negative binomial: mean (horizon, n_areas); size broadcast to it.

        Raises ValueError unless all means are finite and > 0 and all sizes > 0.
        """
        means = np.asarray(mean, dtype=np.float64)
        sizes = np.broadcast_to(np.asarray(size, dtype=np.float64), means.shape).copy()
        if not (np.isfinite(means).all() and (means > 0).all() and (sizes > 0).all()):
            raise ValueError("a count forecast needs finite means > 0 and sizes > 0")
        return cls(np.ones((1, len(means))), means[None], sizes[None])

    @property
    def total_mean(self) -> FloatArray:
        """(horizon, n_areas) means of the mixture."""
        return np.asarray(np.einsum("kh,khn->hn", self.weight, self.mean))

    @property
    def variance(self) -> FloatArray:
        """(horizon, n_areas) variances of the mixture."""
        second = self.mean + self.mean**2 / self.size + self.mean**2
        return np.asarray(np.einsum("kh,khn->hn", self.weight, second) - self.total_mean**2)

    @property
    def p_any(self) -> FloatArray:
        """(horizon, n_areas) probabilities of at least one event."""
        r = np.minimum(self.size, POISSON_SIZE)
        none = np.where(self.size >= POISSON_SIZE, self.mean, r * np.log1p(self.mean / r))
        return np.asarray(np.einsum("kh,khn->hn", self.weight, -np.expm1(-none)))

    def pmf(self, y: npt.ArrayLike) -> FloatArray:
        """Probabilities of counts y (horizon, n_areas)."""
        parts = np.exp(log_pmf(np.asarray(y)[None], self.mean, self.size))
        return np.asarray(np.einsum("kh,khn->hn", self.weight, parts))

    def cdf(self, y: npt.ArrayLike) -> FloatArray:
        """P(Y <= y) for y (horizon, n_areas)."""
        return np.asarray(np.einsum("kh,khn->hn", self.weight, cdf(np.asarray(y)[None], self.mean, self.size)))

    def quantile(self, level: float) -> IntArray:
        """(horizon, n_areas) smallest counts with P(Y <= count) >= level. Raises ValueError unless 0 < level < 1."""
        if not 0.0 < level < 1.0:
            raise ValueError(f"a quantile needs a level between 0 and 1, not {level}")
        shape = self.mean.shape[1:]
        result = np.zeros(shape, dtype=np.int64)
        # most cells of rare counts end here: the probability of none is enough
        rest = np.flatnonzero((1.0 - self.p_any).ravel() < level)
        if not len(rest):
            return result
        mean, size = (a.reshape(len(self.weight), -1)[:, rest] for a in (self.mean, self.size))
        weight = self.weight[:, rest // shape[1]]

        def below(y: IntArray) -> npt.NDArray[np.bool_]:
            return np.asarray((weight * cdf(y[None], mean, size)).sum(axis=0) < level)

        low = np.zeros(len(rest), dtype=np.int64)  # P(Y <= low) < level
        high = np.ceil(mean.max(axis=0) + 1.0).astype(np.int64)
        short = below(high)
        while short.any():
            low[short] = high[short]
            high[short] *= 2
            short = below(high)
        while (open_cells := high - low > 1).any():
            middle = (low + high) // 2
            under = below(middle)
            low = np.where(open_cells & under, middle, low)
            high = np.where(open_cells & ~under, middle, high)
        result.ravel()[rest] = high
        return result

    def step(self, step: int) -> CountForecast:
        """The forecast of one period ahead alone, 1 for the next; horizon 1."""
        at = slice(step - 1, step)
        return CountForecast(self.weight[:, at], self.mean[:, at], self.size[:, at])


def pool(forecasts: Sequence[CountForecast], weight: FloatArray) -> CountForecast:
    """Linear pool of forecasts of the same periods and areas; weight: (members, horizon) >= 0, columns with sum 1."""
    return CountForecast(
        np.concatenate([w * f.weight for w, f in zip(weight, forecasts, strict=True)]),
        np.concatenate([f.mean for f in forecasts]),
        np.concatenate([f.size for f in forecasts]),
    )
