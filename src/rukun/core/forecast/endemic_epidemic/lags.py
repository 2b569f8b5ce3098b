"""Weighted past counts, here and around: the loads of the two epidemic parts and their derivatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from rukun.core.areas import FloatArray, Neighbours


def lag_weights(lags: int, persistence: float) -> tuple[FloatArray, FloatArray]:
    """Geometric lag weights u_q proportional to w**(q - 1), q = 1..lags, summing to 1, with w = 1 / (1 +
    exp(-persistence)).

    Returns (lags,) weights and (lags,) derivatives by `persistence`. Source: Bracher & Held 2020, Int J Forecast 36,
    1221.
    """
    if lags == 0:
        return np.zeros(0), np.zeros(0)
    w = 1.0 / (1.0 + np.exp(-persistence))
    power = np.arange(lags)
    raw = w**power
    slope = power * raw * (1.0 - w)  # d w**k / d persistence = k w**k (1 - w)
    total = raw.sum()
    weights = raw / total
    return weights, slope / total - weights * slope.sum() / total


@dataclass(frozen=True)
class Spread:
    """How past counts of an area spread to its neighbours: weight of order o is o**-decay, normalised over the
    receivers.

    order: (n, n) CSR of neighbourhood orders; normalise: the weights of each sending area sum to 1 (Meyer & Held
    2014, eq. 4).
    """

    order: sparse.csr_array
    normalise: bool

    @classmethod
    def of(cls, neighbours: Neighbours, max_order: float, normalise: bool) -> Spread:
        """The neighbours up to `max_order`."""
        n = len(neighbours)
        keep = neighbours.order <= max_order
        rows = np.repeat(np.arange(n), np.diff(neighbours.start))[keep]
        order = sparse.csr_array((neighbours.order[keep], (rows, neighbours.index[keep])), shape=(n, n))
        return cls(order, normalise)

    def weights(self, log_decay: float | None) -> tuple[sparse.csr_array, sparse.csr_array | None]:
        """Sender-by-receiver weights and their derivative by log_decay; without a decay all neighbours weigh the
        same."""
        order = self.order
        if log_decay is None:
            raw = np.ones_like(order.data)
            slope = None
        else:
            decay = np.exp(log_decay)
            log_order = np.log(order.data)
            raw = np.exp(-decay * log_order)
            slope = -decay * log_order * raw
        if self.normalise:
            n = order.shape[0]
            rows = np.repeat(np.arange(n), np.diff(order.indptr))
            total = np.bincount(rows, raw, minlength=n)[rows]
            weight = raw / total
            if slope is not None:
                slope = slope / total - weight * np.bincount(rows, slope, minlength=n)[rows] / total
            raw = weight

        def matrix(values: FloatArray) -> sparse.csr_array:
            return sparse.csr_array((values, order.indices, order.indptr), shape=order.shape)

        return matrix(raw), None if slope is None else matrix(slope)


@dataclass(frozen=True)
class Loads:
    """Loads of the epidemic parts in each cell and their derivatives, (m,) each; derivatives are empty when not asked
    for."""

    own: FloatArray
    around: FloatArray
    around_by_decay: FloatArray
    own_by_lag: FloatArray
    around_by_lag: FloatArray


def mix(past: FloatArray, weights: FloatArray, first: int) -> FloatArray:
    """Weighted sum of lags: past (n, periods); column j of the result belongs to period first + j, first >=
    len(weights)."""
    periods = past.shape[1]
    total = np.zeros((past.shape[0], periods - first))
    for q, weight in enumerate(weights, start=1):
        total += weight * past[:, first - q : periods - q]
    return total
