"""The cells of the likelihood: all of them where counts are many, only the active ones where they are rare.

A cell is *active* when it, or its own or a neighbour's last periods, hold a count; everywhere else the mean is the
endemic part alone, and `quiet.py` sums those without visiting them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt
from scipy import sparse

from rukun.core.areas import FloatArray, IntArray
from rukun.core.forecast.endemic_epidemic.lags import Loads, Spread, lag_weights, mix

#: Below this many cells visiting all is cheap enough.
FEW_CELLS = 400_000
#: Above this share of active cells listing them saves nothing.
MANY_ACTIVE = 0.35
EMPTY: FloatArray = np.empty(0)


@dataclass(frozen=True)
class Cells:
    """Cells in the order of areas, then periods.

    start: (n + 1,) first cell of each area; period: (m,) index into the panel's periods; y: (m,) counts;
    detection: (m,) factor on the mean, empty when effort isn't corrected for; first: first period of the likelihood;
    complete: every area has every period from `first` on. past: (n, periods) counts as the loads see them, None when
    not complete, where `events` lists them instead.
    """

    start: IntArray
    period: IntArray
    y: FloatArray
    detection: FloatArray
    first: int
    n_periods: int
    lags: int
    spread: Spread | None
    complete: bool
    past: FloatArray | None = None
    events: Events | None = None

    def loads(self, log_decay: float | None, persistence: float, derivatives: bool = True) -> Loads:
        """Loads of every cell at these decays."""
        weights, slopes = lag_weights(self.lags, persistence)
        spread, by_decay = (None, None) if self.spread is None else self.spread.weights(log_decay)
        lagged = derivatives and self.lags > 1
        if self.past is not None:
            own = mix(self.past, weights, self.first)
            around = spread_load(spread, own)
            own_slope = mix(self.past, slopes, self.first) if lagged else None
            return Loads(
                own.ravel(),
                around.ravel(),
                spread_load(by_decay, own).ravel() if derivatives and by_decay is not None else EMPTY,
                EMPTY if own_slope is None else own_slope.ravel(),
                EMPTY if own_slope is None else spread_load(spread, own_slope).ravel(),
            )
        assert self.events is not None  # cells that aren't complete list their events
        e = self.events
        none = sparse.csr_array((len(self.start) - 1,) * 2, dtype=np.float64)
        reach = none if spread is None else spread
        slope = np.zeros(len(reach.data)) if by_decay is None else by_decay.data
        own, around, around_by_decay, own_by_lag, around_by_lag = _scatter(
            e.area, e.period, e.lag, e.count, self.position(), reach.indptr, reach.indices, reach.data, slope, weights,
            slopes, len(self.y),
        )  # fmt: skip
        return Loads(
            own,
            around,
            around_by_decay if derivatives and by_decay is not None else EMPTY,
            own_by_lag if lagged else EMPTY,
            around_by_lag if lagged else EMPTY,
        )

    def position(self) -> npt.NDArray[np.int32]:
        """(n, periods) index of each listed cell, -1 elsewhere."""
        assert self.events is not None
        return self.events.position


@dataclass(frozen=True)
class Events:
    """Past counts that load a later cell: (k,) each of area, the period loaded, the lag (0 is one period) and the
    count."""

    area: IntArray
    period: IntArray
    lag: IntArray
    count: FloatArray
    position: npt.NDArray[np.int32]


def spread_load(weights: sparse.csr_array | None, load: FloatArray) -> FloatArray:
    """What arrives from the neighbours: weights (senders, receivers), load (senders,) or (senders, periods)."""
    if weights is None:
        return np.zeros_like(load)
    n = weights.shape[0]
    if weights.nnz > 0.2 * n * n:  # a dense product is faster than a sparse one that is nearly full
        return np.asarray(weights.toarray().T @ load)
    return np.asarray(weights.T @ load)


def list_cells(
    counts: npt.NDArray[np.int32],
    past: FloatArray | None,
    detection: FloatArray | None,
    spread: Spread | None,
    lags: int,
    first: int,
    may_be_sparse: bool,
) -> Cells:
    """Cells of a panel; past: (n, periods) corrected counts that load the epidemic parts, None for the counts
    themselves."""
    n, periods = counts.shape
    m = periods - first
    if may_be_sparse and past is None and detection is None and n * m > FEW_CELLS:
        sparse_cells = _list_active(counts, spread, lags, first)
        if sparse_cells is not None:
            return sparse_cells
    return Cells(
        start=np.arange(0, n * m + 1, m, dtype=np.int64),
        period=np.tile(np.arange(first, periods), n),
        y=np.ascontiguousarray(counts[:, first:], dtype=np.float64).ravel(),
        detection=EMPTY if detection is None else np.ascontiguousarray(detection[:, first:]).ravel(),
        first=first,
        n_periods=periods,
        lags=lags,
        spread=spread,
        complete=True,
        past=counts.astype(np.float64) if past is None else past,
    )


def _list_active(counts: npt.NDArray[np.int32], spread: Spread | None, lags: int, first: int) -> Cells | None:
    n, periods = counts.shape
    area, when = np.nonzero(counts)
    value = counts[area, when].astype(np.float64)
    lag = np.tile(np.arange(lags), len(area))
    loaded_area, loaded_count = np.repeat(area, lags), np.repeat(value, lags)
    loaded = np.repeat(when, lags) + 1 + lag
    inside = (loaded >= first) & (loaded < periods)
    loaded_area, loaded_count, loaded, lag = (x[inside] for x in (loaded_area, loaded_count, loaded, lag))
    order = sparse.csr_array((n, n)) if spread is None else spread.order
    position = np.full((n, periods), -1, dtype=np.int32)
    late = when >= first
    position[area[late], when[late]] = 0
    _mark(loaded_area, loaded, position, order.indptr, order.indices)
    active = position >= 0
    per_area = active.sum(axis=1)
    m = int(per_area.sum())
    if m > MANY_ACTIVE * n * (periods - first):
        return None
    position[active] = np.arange(m, dtype=np.int32)
    where, period = np.nonzero(active)
    return Cells(
        start=np.concatenate([[0], np.cumsum(per_area)]).astype(np.int64),
        period=period.astype(np.int64),
        y=counts[where, period].astype(np.float64),
        detection=EMPTY,
        first=first,
        n_periods=periods,
        lags=lags,
        spread=spread,
        complete=False,
        events=Events(loaded_area, loaded, lag, loaded_count, position),
    )


@nb.njit(cache=True)
def _mark(
    area: IntArray,
    period: IntArray,
    position: npt.NDArray[np.int32],
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
) -> None:
    for e in range(len(area)):
        j, t = area[e], period[e]
        position[j, t] = 0
        for k in range(indptr[j], indptr[j + 1]):
            position[indices[k], t] = 0


@nb.njit(cache=True)
def _scatter(
    area: IntArray,
    period: IntArray,
    lag: IntArray,
    count: FloatArray,
    position: npt.NDArray[np.int32],
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    weight: FloatArray,
    slope: FloatArray,
    lag_weight: FloatArray,
    lag_slope: FloatArray,
    cells: int,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    own, around, by_decay = np.zeros(cells), np.zeros(cells), np.zeros(cells)
    own_by_lag, around_by_lag = np.zeros(cells), np.zeros(cells)
    for e in range(len(area)):
        j, t = area[e], period[e]
        load, load_slope = count[e] * lag_weight[lag[e]], count[e] * lag_slope[lag[e]]
        own[position[j, t]] += load
        own_by_lag[position[j, t]] += load_slope
        for k in range(indptr[j], indptr[j + 1]):
            c = position[indices[k], t]
            around[c] += weight[k] * load
            by_decay[c] += slope[k] * load
            around_by_lag[c] += weight[k] * load_slope
    return own, around, by_decay, own_by_lag, around_by_lag
