"""Reporting effort: where officers look more, more is found, and the forecast must not mistake one for the other.

A count is detected with a factor that rises with effort e (visits in the area and period):

    detection(e) = floor + (1 - floor) * (1 - exp(-s e / reference)) / (1 - exp(-s)),

which is 1 at the reference effort (the mean over all areas and periods), `floor` where nobody looked (residents
report by
themselves) and saturates the faster the larger s is. The observed mean is the underlying mean times it, so the model
estimates, and forecasts, the rate as it would be seen at the same effort everywhere. Why: Ensign et al. 2018, PMLR
81, 160.

floor and s are estimated from how counts vary *within* an area: given an area's total, its counts over the periods are
multinomial with probabilities proportional to detection * season, which is free of the area's level and so of the
choice to look more where more is expected. Counts of the period before are conditioned on as well, since officers go
back to where something happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
from scipy import optimize

from rukun.core.areas import FloatArray, IntArray

#: Periods whose common level is one parameter: short enough for a season, long enough not to absorb effort.
BLOCK = 13
#: Pseudo-periods by which an area's underlying mean is shrunk to the share its exposure gives.
PSEUDO_PERIODS = 4.0
_SWEEPS = 3


@dataclass(frozen=True)
class Detection:
    """floor in [0, 1]; saturation > 0; reference: effort at which detection is 1."""

    floor: float
    saturation: float
    reference: float

    def factor(self, effort: FloatArray) -> FloatArray:
        """Detection factor at each effort, same shape, >= 0."""
        rise = -np.expm1(-self.saturation * effort / self.reference) / -np.expm1(-self.saturation)
        return np.asarray(self.floor + (1.0 - self.floor) * rise)


def estimate_detection(counts: npt.NDArray[np.int32], effort: FloatArray) -> Detection:
    """Fit floor and saturation to counts and effort, both (n, periods). Raises ValueError where effort is nowhere >
    0."""
    reference = float(effort.mean())
    if not reference > 0.0:
        raise ValueError("the effort file holds no visit: leave it out, or add the visits that were made")
    rows = counts.sum(axis=1) > 0
    y, e = counts[rows].astype(np.float64), effort[rows]
    if not len(y):
        return Detection(0.5, 1.0, reference)
    before = np.zeros_like(y)
    before[:, 1:] = np.log1p(y[:, :-1])
    block = np.arange(y.shape[1]) // BLOCK
    seen_unvisited = bool(y[e == 0.0].sum() > 0)

    def detection(x: FloatArray) -> Detection:
        floor = 1.0 / (1.0 + np.exp(-x[0]))
        return Detection(max(floor, 1e-4) if seen_unvisited else floor, float(np.exp(x[1])), reference)

    def loss(x: FloatArray) -> float:
        weight = detection(x).factor(e) * np.exp(x[2] * before)
        value = _conditional(y, weight, block.astype(np.int64), int(block[-1]) + 1, _SWEEPS)
        prior = (x[0] / 3.0) ** 2 + (x[1] / 1.5) ** 2 + x[2] ** 2  # normal, weak for the curve, unit for the memory
        return -value + 0.5 * float(prior)

    best = None
    for first in (-2.0, 1.5):
        corner = np.array([first, -0.5, 0.2])
        simplex = np.vstack([corner, corner + np.diag([1.0, 1.0, -0.2])])
        options: Any = {"xatol": 0.005, "fatol": 0.005, "initial_simplex": simplex}
        result = optimize.minimize(loss, corner, method="Nelder-Mead", options=options)
        if best is None or result.fun < best.fun:
            best = result
    assert best is not None  # there are two starts
    return detection(best.x)


@nb.njit(cache=True)
def _conditional(y: FloatArray, weight: FloatArray, block: IntArray, blocks: int, sweeps: int) -> float:
    """Multinomial log-likelihood of each area's counts given its total, with the level of each block fitted by
    sweeps."""
    n, periods = y.shape
    level = np.ones(blocks)
    observed = np.ones(blocks)  # one pseudo-count a block keeps an empty block from a level of 0
    for i in range(n):
        for t in range(periods):
            observed[block[t]] += y[i, t]
    value = 0.0
    for sweep in range(sweeps + 1):
        expected = np.zeros(blocks)
        value = 0.0
        for i in range(n):
            total = 0.0
            count = 0.0
            for t in range(periods):
                total += weight[i, t] * level[block[t]]
                count += y[i, t]
            if total <= 0.0:
                return -np.inf
            for t in range(periods):
                w = weight[i, t] * level[block[t]]
                expected[block[t]] += count * w / total
                if y[i, t] > 0.0:
                    if w <= 0.0:
                        return -np.inf
                    value += y[i, t] * np.log(w / total)
        if sweep < sweeps:
            for b in range(blocks):
                level[b] *= observed[b] / (expected[b] + 1.0)
    return value


def underlying_counts(counts: npt.NDArray[np.int32], factor: FloatArray, exposure: FloatArray) -> FloatArray:
    """Past counts as they would have been at the reference effort, (n, periods).

    Where detection was below 1 the expected missing counts are added (unbiased, and calmer than dividing by a small
    factor); where it was above, the counts are divided by it.
    """
    y = counts.astype(np.float64)
    rate = y.sum() / float((exposure[:, None] * factor).sum())
    mean = (y.sum(axis=1) + PSEUDO_PERIODS * rate * exposure) / (factor.sum(axis=1) + PSEUDO_PERIODS)
    return np.asarray(np.where(factor < 1.0, y + (1.0 - factor) * mean[:, None], y / np.maximum(factor, 1.0)))
