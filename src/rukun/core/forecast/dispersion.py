"""The dispersion that all simpler models share: one negative-binomial size by maximum likelihood."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize

from rukun.core.areas import FloatArray
from rukun.core.forecast.distribution import log_pmf

#: Bounds of log size: below, a count is either 0 or huge; above, it is a Poisson for all that data can tell.
_LOG_SIZE = (np.log(1e-3), np.log(1e6))


def fit_size(observed: npt.ArrayLike, mean: npt.ArrayLike) -> float:
    """Negative-binomial size that maximises the likelihood of counts given their means, any one shape.

    Returns inf where the counts aren't over-dispersed. Means of 0 under a count of 0 say nothing and are passed over.
    """
    y, m = (np.asarray(a, dtype=np.float64).ravel() for a in (observed, mean))
    told = m > 0
    y, m = y[told], m[told]
    if not len(y) or float(((y - m) ** 2 - y).sum()) <= 0.0:  # moment condition: no variance beyond a Poisson's
        return float("inf")
    some = y > 0

    def loss(log_size: float) -> float:
        size = np.exp(log_size)
        # counts of 0 need no gamma function, and most counts are 0
        return float((size * np.log1p(m[~some] / size)).sum() - log_pmf(y[some], m[some], size).sum())

    best = optimize.minimize_scalar(loss, bounds=_LOG_SIZE, method="bounded", options={"xatol": 1e-3})
    return float("inf") if best.x > _LOG_SIZE[1] - 0.1 else float(np.exp(best.x))


def thin(cells: int, most: int = 2_000_000) -> slice:
    """A step through that many cells that leaves at most about `most`, for a dispersion that needn't see them all."""
    return slice(None, None, max(1, cells // most))


def shrunk_rates(events: FloatArray, at_risk: FloatArray) -> FloatArray:
    """Empirical-Bayes rates per unit at risk, (n,): a gamma prior fitted to all areas, posterior mean for each.

    events: (n,) totals; at_risk: (n,) > 0. Moments as in Clayton & Kaldor 1987, Biometrics 43, 671, with the prior's
    strength kept between a thousandth and a thousand times the average information, so that no rate is 0 or infinite.
    """
    overall = (float(events.sum()) + 0.5) / float(at_risk.sum())
    expected = overall * at_risk
    # variance of the true relative rates: what varies beyond Poisson noise
    beyond = float(((events - expected) ** 2 - expected).sum()) / float((expected**2).sum())
    strength = 1.0 / np.clip(beyond, 1e-3, 1e3)
    return np.asarray(overall * (events + strength) / (expected + strength))
