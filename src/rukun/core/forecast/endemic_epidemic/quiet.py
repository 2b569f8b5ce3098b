"""Sums over cells whose mean is the endemic part alone and whose count is 0, without visiting each.

In a quiet cell mean = E_i S_t and psi = R_i Q_t, so with x = R_i E_i * Q_t S_t the log-likelihood is -log(1 + x) /
psi and
all its derivatives are combinations, divided by psi, of log(1 + x), x / (1 + x) and their squares: functions of
log x = u_i + v_t. Such a function, summed over periods, is a smooth function of u_i alone. It is evaluated at Chebyshev
nodes of short intervals of u and interpolated at each area; the transposed interpolation gives the sums over areas for
each period. The singularities nearest to the real axis are at log x = +-i pi, so on intervals of half-width 1 the error
falls as (pi + sqrt(1 + pi**2))**-nodes, below 1e-14 with `NODES` = 18 (Trefethen, Approximation Theory and
Approximation Practice, ch. 8). Cost: areas x nodes instead of areas x periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rukun.core.areas import FloatArray, IntArray

NODES = 18
_ANGLE = (2 * np.arange(NODES) + 1) * np.pi / (2 * NODES)
_CHEBYSHEV = np.cos(_ANGLE)
_BARYCENTRIC = (-1.0) ** np.arange(NODES) * np.sin(_ANGLE)


@dataclass(frozen=True)
class QuietSums:
    """As `kernels.accumulate` returns, for the endemic term alone: score = -information * ... of counts of 0.

    value: log-likelihood; share: (n,) sum of mean / (1 + x), which is both the information of the area's log level and
    minus its score; cross: (n, k) the same times each endemic period column; share_period: (groups, periods);
    psi_area: (n, 2), psi_period: (periods, 2) first and second derivative by log psi.
    """

    value: float
    share: FloatArray
    cross: FloatArray
    share_period: FloatArray
    psi_area: FloatArray
    psi_period: FloatArray


def quiet_value(
    endemic: FloatArray, group: IntArray, period_factor: FloatArray, rho: FloatArray, tau: FloatArray
) -> float:
    """Log-likelihood of zero counts in all areas (n,) and periods; period_factor: (groups, periods)."""
    total = 0.0
    for g, members in _by_group(group):
        v = np.log(period_factor[g]) + tau
        scale = np.exp(-rho[members])
        for rows, node, basis in _pieces(np.log(endemic[members]) + rho[members]):
            log1 = np.log1p(np.exp(node[:, None] + v)) @ np.exp(-tau)
            total -= float(scale[rows] @ (basis @ log1))
    return total


def quiet_sums(
    endemic: FloatArray,
    group: IntArray,
    period_factor: FloatArray,
    rho: FloatArray,
    tau: FloatArray,
    columns: FloatArray,
) -> QuietSums:
    """Sums over all areas and periods; columns: (groups, periods, k) endemic columns by period."""
    n, (n_groups, periods, k) = len(endemic), columns.shape
    value = 0.0
    share, cross, psi_area = np.zeros(n), np.zeros((n, k)), np.zeros((n, 2))
    share_period, psi_period = np.zeros((n_groups, periods)), np.zeros((periods, 2))
    inverse = np.exp(-tau)
    for g, members in _by_group(group):
        v = np.log(period_factor[g]) + tau
        scale = np.exp(-rho[members])
        for rows, node, basis in _pieces(np.log(endemic[members]) + rho[members]):
            x = np.exp(node[:, None] + v)
            log1 = np.log1p(x) * inverse
            ratio = x / (1.0 + x)
            first = log1 - ratio * inverse
            second = ratio**2 * inverse - first
            by_area = basis @ np.column_stack(
                [log1.sum(1), ratio @ inverse, first.sum(1), second.sum(1), (ratio * inverse) @ columns[g]]
            )
            by_area *= scale[rows, None]
            areas = members[rows]
            value -= float(by_area[:, 0].sum())
            share[areas], psi_area[areas], cross[areas] = by_area[:, 1], by_area[:, 2:4], by_area[:, 4:]
            weight = scale[rows] @ basis
            share_period[g] += weight @ (ratio * inverse)
            psi_period[:, 0] += weight @ first
            psi_period[:, 1] += weight @ second
    return QuietSums(value, share, cross, share_period, psi_area, psi_period)


def _by_group(group: IntArray) -> list[tuple[int, IntArray]]:
    order = np.argsort(group, kind="stable")
    distinct, first = np.unique(group[order], return_index=True)
    return list(zip(distinct.tolist(), np.split(order, first[1:]), strict=True))


def _pieces(u: FloatArray) -> list[tuple[IntArray, FloatArray, FloatArray]]:
    """Intervals of half-width 1 that hold `u`: rows in it, its nodes, and the (rows, NODES) interpolation matrix."""
    piece = np.floor((u - u.min()) / 2.0).astype(np.int64)
    pieces = []
    for p in np.unique(piece):
        rows = np.flatnonzero(piece == p)
        centre = u.min() + 2.0 * p + 1.0
        difference = (u[rows] - centre)[:, None] - _CHEBYSHEV
        exact = difference == 0.0
        difference[exact] = 1.0
        basis = _BARYCENTRIC / difference
        basis /= basis.sum(axis=1, keepdims=True)
        on_node = exact.any(axis=1)
        basis[on_node] = exact[on_node]
        pieces.append((rows, centre + _CHEBYSHEV, basis))
    return pieces
