"""Likelihood sums over all cells of a panel: the listed ones by compiled kernels, the quiet ones by interpolation."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from rukun.core.areas import FloatArray, IntArray
from rukun.core.forecast.endemic_epidemic.cells import Cells
from rukun.core.forecast.endemic_epidemic.kernels import accumulate, log_likelihood
from rukun.core.forecast.endemic_epidemic.lags import Loads
from rukun.core.forecast.endemic_epidemic.quiet import quiet_sums, quiet_value
from rukun.core.forecast.endemic_epidemic.settings import ENDEMIC

#: From this many cells on, two threads are worth starting (the kernels release the interpreter's lock).
CELLS_FOR_THREADS = 300_000
_THREADS = 2


@dataclass(frozen=True)
class Factors:
    """The mean and the dispersion in factors: by area (n, 3), group (n,), period (groups, periods, 3), and the
    addends of
    log psi, rho (n,) and tau (periods,)."""

    by_area: FloatArray
    group: IntArray
    by_period: FloatArray
    rho: FloatArray
    tau: FloatArray


@dataclass(frozen=True)
class Sums:
    """What `kernels.accumulate` returns, for all cells; shapes as there."""

    value: float
    score_area: FloatArray
    info_area: FloatArray
    score_period: FloatArray
    info_period: FloatArray
    cross: FloatArray
    psi_area: FloatArray
    psi_period: FloatArray


def sum_value(cells: Cells, loads: Loads, f: Factors) -> float:
    """Log-likelihood without the constant sum of log y!."""
    parts = _in_chunks(
        cells,
        lambda a, b: log_likelihood(
            cells.start[a : b + 1], cells.period, cells.y, loads.own, loads.around, cells.detection, f.by_area[a:b],
            f.group[a:b], f.by_period, f.rho[a:b], f.tau, not cells.complete,
        ),
    )  # fmt: skip
    value = float(sum(parts))
    if not cells.complete:
        seen = slice(cells.first, cells.n_periods)
        value += quiet_value(f.by_area[:, ENDEMIC], f.group, f.by_period[:, seen, ENDEMIC], f.rho, f.tau[seen])
    return value


def sum_derivatives(cells: Cells, loads: Loads, f: Factors, columns: FloatArray, part: IntArray) -> Sums:
    """Log-likelihood, scores and information; columns: (groups, periods, k) and the part (k,) that each multiplies."""
    chunks = _in_chunks(
        cells,
        lambda a, b: accumulate(
            cells.start[a : b + 1], cells.period, cells.y, loads.own, loads.around, loads.around_by_decay,
            loads.own_by_lag, loads.around_by_lag, cells.detection, f.by_area[a:b], f.group[a:b], f.by_period,
            f.rho[a:b], f.tau, columns, part, not cells.complete,
        ),
    )  # fmt: skip
    value, score_area, info_area, score_period, info_period, cross, psi_area, psi_period = zip(*chunks, strict=True)
    sums = Sums(
        float(sum(value)),
        np.concatenate(score_area),
        np.concatenate(info_area),
        np.sum(score_period, axis=0),
        np.sum(info_period, axis=0),
        np.concatenate(cross),
        np.concatenate(psi_area),
        np.sum(psi_period, axis=0),
    )
    return sums if cells.complete else _with_quiet(sums, cells, f, columns, part)


def _with_quiet(sums: Sums, cells: Cells, f: Factors, columns: FloatArray, part: IntArray) -> Sums:
    seen = slice(cells.first, cells.n_periods)
    endemic = np.flatnonzero(part == ENDEMIC)
    quiet = quiet_sums(
        f.by_area[:, ENDEMIC],
        f.group,
        f.by_period[:, seen, ENDEMIC],
        f.rho,
        f.tau[seen],
        columns[:, seen, :][:, :, endemic],
    )
    sums.score_area[:, ENDEMIC] -= quiet.share
    sums.info_area[:, ENDEMIC, ENDEMIC] += quiet.share
    sums.cross[:, ENDEMIC, endemic] += quiet.cross
    sums.score_period[:, seen, ENDEMIC] -= quiet.share_period
    sums.info_period[:, seen, ENDEMIC, ENDEMIC] += quiet.share_period
    sums.psi_area[:] += quiet.psi_area
    sums.psi_period[seen] += quiet.psi_period
    return Sums(sums.value + quiet.value, *(getattr(sums, name) for name in list(Sums.__dataclass_fields__)[1:]))


def _in_chunks(cells: Cells, work: Callable[[int, int], Any]) -> list[Any]:
    """Results of work(a, b) on runs of areas with about as many cells each, in their order."""
    n = len(cells.start) - 1
    if len(cells.y) < CELLS_FOR_THREADS or n < _THREADS:
        return [work(0, n)]
    shares = np.arange(1, _THREADS) * len(cells.y) // _THREADS
    bounds = [0, *(int(b) for b in np.clip(np.searchsorted(cells.start, shares), 1, n - 1)), n]
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(work, bounds[:-1], bounds[1:]))
