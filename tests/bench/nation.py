"""A made nation of villages: clustered points, their nearest as neighbours, rare incidents that spread a little."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from rukun.core.areas import AreaTable, Neighbours
from rukun.core.panel import Panel


def made_nation(areas: int = 83_762, periods: int = 260, share: float = 0.002, seed: int = 1) -> Panel:
    """Weekly counts with about `share` of the cells above 0; neighbours of first and second order."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, 1e6, (areas // 100, 2))
    at = centres[rng.integers(0, len(centres), areas)] + rng.normal(0, 6e3, (areas, 2))
    nearest = cKDTree(at).query(at, 7)[1][:, 1:]
    rows = np.repeat(np.arange(areas), 6)
    tie = sparse.csr_array((np.ones(len(rows)), (rows, nearest.ravel())), (areas, areas))
    tie = ((tie + tie.T) > 0).astype(float)
    second = ((tie @ tie) > 0).astype(float)
    order = sparse.csr_array(tie + 2.0 * (second - second.multiply(tie)))
    order.setdiag(0)
    order.eliminate_zeros()
    order.sort_indices()
    population = rng.lognormal(0.0, 0.8, areas)
    base = population * np.exp(rng.normal(0, 0.9, areas))
    base *= 0.62 * share / base.mean()
    reach = sparse.csr_array(tie / tie.sum(axis=1)[:, None]).T
    counts = np.zeros((areas, periods), dtype=np.int32)
    for t in range(periods):
        mean = base * np.exp(0.4 * np.sin(2 * np.pi * t / 52.18))
        if t:
            mean = mean + 0.25 * counts[:, t - 1] + 0.15 * (reach @ counts[:, t - 1])
        counts[:, t] = rng.negative_binomial(2, 2 / (2 + mean))
    code = np.array([f"{i:06d}" for i in range(areas)])
    starts = np.datetime64("2020-01-06") + np.arange(periods) * np.timedelta64(7, "D")
    return Panel(
        AreaTable(code, code, np.full(areas, ""), population=population, centroid=at),
        Neighbours(order.indptr.astype(np.int64), order.indices.astype(np.int64), order.data),
        "week",
        starts,
        counts,
        population / population.mean(),
        exercise=True,
    )
