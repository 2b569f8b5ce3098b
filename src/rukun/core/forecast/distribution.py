"""Predictive distributions of counts: mixtures of negative binomials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from rukun.core.areas import FloatArray

#: At and above this size a negative binomial is computed as a Poisson: they differ by less than mean**2 / 1e9.
POISSON_SIZE = 1e9


@dataclass(frozen=True)
class CountForecast:
    """Mixture of negative binomials for each period ahead and area.

    weight: (k,) >= 0, sums to 1; mean: (k, horizon, n_areas) > 0; size: (k, horizon, n_areas) > 0, variance of a part =
    mean + mean**2 / size, with inf for a Poisson. A single model gives k = 1; an ensemble one part per member.
    """

    weight: FloatArray
    mean: FloatArray
    size: FloatArray

    @classmethod
    def of(cls, mean: npt.ArrayLike, size: npt.ArrayLike) -> CountForecast:
        """One negative binomial: mean (horizon, n_areas); size broadcast to it. Raises ValueError unless finite and > 0."""
        means = np.asarray(mean, dtype=np.float64)
        sizes = np.broadcast_to(np.asarray(size, dtype=np.float64), means.shape).copy()
        if not (np.isfinite(means).all() and (means > 0).all() and (sizes > 0).all()):
            raise ValueError("a count forecast needs finite means > 0 and sizes > 0")
        return cls(np.ones(1), means[None], sizes[None])
