"""How good forecasts of counts were: proper scores, coverage, calibration.

Sources: Gneiting & Raftery 2007, JASA 102, 359 (proper scores); Czado, Gneiting & Held 2009, Biometrics 65, 1254
(counts);
Wei & Held 2014, TEST 23, 787 (calibration tests). All but coverage: lower is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numba as nb
import numpy as np
import numpy.typing as npt
from scipy import integrate, stats

from rukun.core.areas import FloatArray
from rukun.core.forecast.distribution import POISSON_SIZE, CountForecast, cdf, log_pmf

#: No count is scored as less likely than this: one impossible surprise would otherwise decide a whole comparison.
LEAST_LOG_PROBABILITY = -700.0
_LONGEST_SUM = 3e6


@dataclass(frozen=True)
class CellScores:
    """Scores of single forecasts, arrays of one shape (any).

    log_score; crps: in counts (the ranked probability score); dss: Dawid-Sebastiani; brier_any: of "at least one
    event";
    pit_low, pit_high: P(Y < y) and P(Y <= y); expected_crps: what the forecast itself expects its CRPS to be.
    """

    log_score: FloatArray
    crps: FloatArray
    dss: FloatArray
    brier_any: FloatArray
    pit_low: FloatArray
    pit_high: FloatArray
    expected_crps: FloatArray


def score_cells(forecast: CountForecast, observed: npt.ArrayLike) -> CellScores:
    """Score forecasts against observed counts (horizon, n_areas).

    Raises ValueError on a negative or fractional count or another shape.
    """
    y = np.asarray(observed, dtype=np.float64)
    if y.shape != forecast.mean.shape[1:]:
        raise ValueError(f"observed counts have shape {y.shape}, the forecast {forecast.mean.shape[1:]}")
    if (y < 0).any() or (y != np.floor(y)).any():
        raise ValueError("observed counts must be whole numbers >= 0")
    with np.errstate(divide="ignore"):
        log_weight = np.log(forecast.weight)[:, :, None]
    log_p = np.logaddexp.reduce(log_weight + log_pmf(y[None], forecast.mean, forecast.size), axis=0)
    mean, variance = forecast.total_mean, forecast.variance
    high = forecast.cdf(y)
    low = np.maximum(high - np.exp(log_p), 0.0)
    crps, expected = _crps(forecast, y)
    return CellScores(
        log_score=-np.maximum(log_p, LEAST_LOG_PROBABILITY),
        crps=crps,
        dss=(y - mean) ** 2 / variance + np.log(variance),
        brier_any=(forecast.p_any - (y > 0)) ** 2,
        pit_low=low,
        pit_high=high,
        expected_crps=expected,
    )


def coverage(pit_low: FloatArray, pit_high: FloatArray, level: float) -> FloatArray:
    """Probability that the randomised PIT value lies in the central interval of this level; like the inputs.

    The randomised PIT value is uniform on [pit_low, pit_high]; its probability of lying inside is the share of that
    interval inside, so nothing has to be drawn. Its mean over well-calibrated forecasts of counts is `level`, which the
    coverage of an interval of whole counts isn't.
    """
    a, b = 0.5 - level / 2, 0.5 + level / 2
    length = pit_high - pit_low
    inside = np.clip(np.minimum(pit_high, b) - np.maximum(pit_low, a), 0.0, None)
    at_point = ((pit_high > a) & (pit_high < b)).astype(float)
    return np.asarray(np.where(length > 1e-15, inside / np.where(length > 1e-15, length, 1.0), at_point))


def pit_histogram(pit_low: FloatArray, pit_high: FloatArray, bins: int = 10) -> FloatArray:
    """(bins,) shares of the non-randomised PIT (Czado et al. 2009, section 2.1); flat for calibrated forecasts."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    low, length = pit_low.ravel(), np.maximum((pit_high - pit_low).ravel(), 1e-15)
    below = [float(np.clip((edge - low) / length, 0.0, 1.0).mean()) for edge in edges]
    below[0], below[-1] = 0.0, 1.0
    return np.diff(below)


def calibration_test(crps: FloatArray, expected_crps: FloatArray) -> float:
    """Two-sided p-value of "the CRPS is what the forecasts themselves expect", both (origins, cells).

    The statistic is that of Wei & Held 2014 (section 3.2), but its variance is taken from the differences between
    origins (Newey-West), since forecasts of one origin aren't independent. 1.0 where there is nothing to test.
    """
    difference = (crps - expected_crps).reshape(len(crps), -1).mean(axis=1)
    error = standard_error(difference)
    if len(difference) < 3 or not error > 0:
        return 1.0
    return float(2.0 * stats.norm.sf(abs(difference.mean()) / error))


def standard_error(series: FloatArray) -> float:
    """Standard error of the mean of a series of origins that may be correlated.

    Newey & West 1987, Econometrica 55, 703, with floor(n ** (1/3)) lags. nan for fewer than two values.
    """
    n = len(series)
    if n < 2:
        return float("nan")
    centred = series - series.mean()
    lags = min(int(n ** (1 / 3)), n - 1)
    variance = float(centred @ centred) / n
    for lag in range(1, lags + 1):
        variance += 2.0 * (1.0 - lag / (lags + 1)) * float(centred[lag:] @ centred[:-lag]) / n
    return float(np.sqrt(max(variance, 0.0) / (n - 1)))


@dataclass(frozen=True)
class PairedDifference:
    """Mean difference of two models' scores over the same origins, with its 95 % interval."""

    mean: float
    low: float
    high: float


def paired_difference(ours: FloatArray, theirs: FloatArray) -> PairedDifference:
    """ours - theirs, each (origins,) mean scores; the interval is normal with the Newey-West standard error."""
    difference = np.asarray(ours) - np.asarray(theirs)
    mean, error = float(difference.mean()), standard_error(difference)
    half = 1.96 * error if np.isfinite(error) else float("inf")
    return PairedDifference(mean, mean - half, mean + half)


def reliability(
    p_any: FloatArray, occurred: npt.ArrayLike, groups: int = 10
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Forecast and observed share of "at least one event" in groups of equally many forecasts, and their numbers.

    p_any, occurred: any one shape. Equal forecasts stay together, so there may be fewer groups. (b,) each.
    """
    p, seen = p_any.ravel(), np.asarray(occurred, dtype=np.float64).ravel()
    cuts = np.unique(np.quantile(p, np.linspace(0, 1, groups + 1)[1:-1]))
    index = np.searchsorted(cuts, p, side="right")
    number = np.bincount(index, minlength=len(cuts) + 1).astype(np.float64)
    kept = number > 0
    expected = np.bincount(index, p, minlength=len(number))[kept] / number[kept]
    observed = np.bincount(index, seen, minlength=len(number))[kept] / number[kept]
    return expected, observed, number[kept]


def _crps(forecast: CountForecast, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """CRPS = sum_k (F(k) - 1{y <= k})**2 and its expectation sum_k F(k) (1 - F(k)), in the shape of y."""
    k = len(forecast.weight)
    mean, size = forecast.mean.reshape(k, -1), forecast.size.reshape(k, -1)
    flat = y.ravel()
    weight = np.repeat(forecast.weight, y.shape[1], axis=1)
    deviation = np.sqrt(mean + mean**2 / size)
    # a negative binomial's right tail falls like exp(-y / (1 + mean / size)), its left tail faster than a normal one
    low = np.floor(np.min(np.maximum(mean - 9.0 * deviation, 0.0), axis=0))
    high = np.max(mean + 9.0 * deviation + 30.0 * (1.0 + mean / size), axis=0)
    length = np.maximum(high, flat) - low
    crps, expected = np.zeros(len(flat)), np.zeros(len(flat))
    short = length <= _LONGEST_SUM
    first = np.exp(log_pmf(low[short][None], mean[:, short], size[:, short]))
    before = cdf(low[short][None] - 1.0, mean[:, short], size[:, short])
    crps[short], expected[short] = _sum_crps(
        weight[:, short],
        mean[:, short],
        np.minimum(size[:, short], POISSON_SIZE),
        flat[short],
        low[short],
        first,
        before,
    )
    for c in np.flatnonzero(~short):
        # sums of millions of terms: F is smooth there, and the sum is an integral over unit steps (midpoint rule)
        ends = (low[c] - 0.5, min(flat[c], max(high[c], low[c])) - 0.5, max(high[c], flat[c] + 1.0) + 0.5)
        for side, (a, b) in enumerate(pairwise(ends)):
            if b <= a:
                continue
            x = np.linspace(a, b, 20_001)
            f = weight[:, c] @ cdf(np.maximum(x, 0.0)[None], mean[:, c : c + 1], size[:, c : c + 1])
            crps[c] += integrate.simpson((f - side) ** 2, x=x)
            expected[c] += integrate.simpson(f * (1.0 - f), x=x)
        crps[c] += max(low[c] - flat[c], 0.0)
    return crps.reshape(y.shape), expected.reshape(y.shape)


@nb.njit(cache=True, nogil=True)
def _sum_crps(
    weight: FloatArray,
    mean: FloatArray,
    size: FloatArray,
    y: FloatArray,
    low: FloatArray,
    first: FloatArray,
    before: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Sums over the support by the recursion of the probabilities, from `low` until nothing is left."""
    parts, cells = mean.shape
    crps, expected = np.zeros(cells), np.zeros(cells)
    p, ratio = np.zeros(parts), np.zeros(parts)
    for c in range(cells):
        distribution = 0.0
        for j in range(parts):
            p[j] = first[j, c]
            ratio[j] = mean[j, c] / (size[j, c] + mean[j, c])
            distribution += weight[j, c] * before[j, c]
        k = low[c]
        total, own = max(low[c] - y[c], 0.0), 0.0
        while True:
            for j in range(parts):
                distribution += weight[j, c] * p[j]
                if size[j, c] >= POISSON_SIZE:
                    p[j] *= mean[j, c] / (k + 1.0)
                else:
                    p[j] *= (k + size[j, c]) / (k + 1.0) * ratio[j]
            if distribution > 1.0:
                distribution = 1.0
            difference = distribution - (1.0 if y[c] <= k else 0.0)
            total += difference * difference
            own += distribution * (1.0 - distribution)
            if k >= y[c] and 1.0 - distribution < 1e-11:
                break
            if k > y[c] and k - low[c] > 4e6:
                break
            k += 1.0
        crps[c], expected[c] = total, own
    return crps, expected
