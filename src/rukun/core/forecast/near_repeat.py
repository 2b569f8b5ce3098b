"""The self-exciting near-repeat model: an event makes more of them likely here and near, for a while.

Sources: Mohler et al. 2011, JASA 106, 100 (self-exciting point processes of crime); in discrete time as in
Reinhart 2018, Statistical Science 33, 299, section 2. For area i and period t

    mean = background_i + (own * R_it + near * (K R)_it),  R_t = decay * R_(t-1) + (1 - decay) * Y_(t-1),

with K the kernel of first neighbours. The three parameters and the weight of the background maximise the likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from rukun.core.areas import FloatArray
from rukun.core.forecast.dispersion import fit_size, thin
from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.hotspot import FittedKernel, KernelDensity
from rukun.core.forecast.interface import FittedModel
from rukun.core.forecast.kernel import kernel_matrix, usable_bandwidths
from rukun.core.panel import Panel


@dataclass(frozen=True)
class NearRepeat:
    """Forecaster with a kernel-density background and a geometric memory of recent events here and near."""

    name: str = "near_repeat"

    def fit(self, panel: Panel, previous: FittedModel | None = None) -> FittedNearRepeat:
        """Fit the background, then own, near, decay and the background's weight by maximum likelihood."""
        density = KernelDensity().fit(panel)
        near = _near(panel)
        around = np.asarray(near @ panel.counts, dtype=np.float32)
        level = float(panel.counts.sum(axis=0, dtype=np.float64).mean()) + 0.5 / panel.n_periods
        base = density.share * level

        def split(x: FloatArray) -> tuple[float, float, float, float]:
            # background weight > 0; own and near >= 0 with own + near < 1, so that every cascade dies out
            scale = np.exp(np.append(x[:2], 0.0) - max(x[0], x[1], 0.0))
            own, beside = (0.98 * scale[:2] / scale.sum()).tolist()
            return float(np.exp(x[2])), own, beside, float(1.0 / (1.0 + np.exp(-x[3])))

        def loss(x: FloatArray) -> float:
            return -float(_likelihood(panel.counts, around, base, *split(x)))

        corner = np.array([-1.5, -2.5, -0.3, 1.0])
        simplex = np.vstack([corner, corner + np.diag([1.5, 1.5, 0.5, 1.5])])
        options: Any = {"initial_simplex": simplex, "xatol": 0.02, "fatol": 1e-2, "maxfev": 160}
        best = optimize.minimize(loss, corner, method="Nelder-Mead", options=options)
        weight, own, beside, decay = split(best.x)
        fitted = FittedNearRepeat(panel, density, near, weight, own, beside, decay, 1.0, self.name)
        means = _means(panel.counts, around, base, weight, own, beside, decay)
        late = max(1, panel.n_periods // 4)
        kept = thin(means[:, late:].size)
        return replace(fitted, size=fit_size(panel.counts[:, late:].ravel()[kept], means[:, late:].ravel()[kept]))


@dataclass(frozen=True)
class FittedNearRepeat:
    """weight: of the background; own, near: expected offspring of one event here and beside; decay: of the memory a
    period; reach: (n, n) kernel of first neighbours."""

    panel: Panel
    density: FittedKernel
    reach: sparse.csr_array
    weight: float
    own: float
    near: float
    decay: float
    size: float
    name: str = "near_repeat"

    def forecast(self, horizon: int) -> CountForecast:
        """Means with the expected offspring of what is expected before."""
        counts = self.panel.counts
        level = float(counts.sum(axis=0, dtype=np.float64).mean()) + 0.5 / self.panel.n_periods
        memory = _memory(counts, self.decay)
        means = np.empty((horizon, self.panel.n_areas))
        for h in range(horizon):
            excited = self.own * memory + self.near * (self.reach @ memory)
            means[h] = np.maximum(self.weight * self.density.share * level + excited, 1e-9)
            memory = self.decay * memory + (1.0 - self.decay) * means[h]
        return CountForecast.of(means, self.size)

    def update(self, panel: Panel) -> FittedNearRepeat:
        """The same parameters after newer events."""
        return replace(self, panel=panel, density=self.density.update(panel))


def _near(panel: Panel) -> sparse.csr_array:
    """Kernel of the nearest neighbours without the area itself, columns of sum 1 (0 where there is no neighbour)."""
    widths = [b for b in usable_bandwidths(panel) if 0.5 <= b <= 1.0]
    if not widths:
        return sparse.csr_array((panel.n_areas, panel.n_areas), dtype=np.float64)
    kernel = sparse.lil_array(kernel_matrix(panel, widths[-1]))
    kernel.setdiag(0.0)
    near = sparse.csr_array(kernel)
    near.eliminate_zeros()
    total = np.asarray(near.sum(axis=0))
    return sparse.csr_array(near / np.where(total > 0, total, 1.0)[None, :])


@nb.njit(cache=True, nogil=True)
def _likelihood(
    counts: npt.NDArray[np.int32],
    around: npt.NDArray[np.float32],
    base: FloatArray,
    weight: float,
    own: float,
    near: float,
    decay: float,
) -> float:
    """Poisson log-likelihood, without log y!, of all periods after the first."""
    n, periods = counts.shape
    total = 0.0
    for i in range(n):
        here, beside = 0.0, 0.0
        for t in range(1, periods):
            here = decay * here + (1.0 - decay) * counts[i, t - 1]
            beside = decay * beside + (1.0 - decay) * around[i, t - 1]
            mean = weight * base[i] + own * here + near * beside
            total -= mean
            if counts[i, t] > 0:
                total += counts[i, t] * np.log(mean + 1e-12)
    return total


@nb.njit(cache=True, nogil=True)
def _means(
    counts: npt.NDArray[np.int32],
    around: npt.NDArray[np.float32],
    base: FloatArray,
    weight: float,
    own: float,
    near: float,
    decay: float,
) -> FloatArray:
    n, periods = counts.shape
    means = np.empty((n, periods))
    for i in range(n):
        here, beside = 0.0, 0.0
        for t in range(periods):
            if t:
                here = decay * here + (1.0 - decay) * counts[i, t - 1]
                beside = decay * beside + (1.0 - decay) * around[i, t - 1]
            means[i, t] = weight * base[i] + own * here + near * beside + 1e-12
    return means


@nb.njit(cache=True, nogil=True)
def _memory(counts: npt.NDArray[np.int32], decay: float) -> FloatArray:
    n, periods = counts.shape
    memory = np.zeros(n)
    for i in range(n):
        for t in range(periods):
            memory[i] = decay * memory[i] + (1.0 - decay) * counts[i, t]
    return memory
