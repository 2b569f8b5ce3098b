"""Compiled sums over the active cells: log-likelihood, score and expected information of the endemic-epidemic model.

Notation of one cell (area i, period t), as in Paul & Held 2011 (Stat Med 30, 1118-1136):
mean = detection * (endemic + own + neighbours), each part = area factor * period factor * load, where the load is the
exposure (endemic) or the weighted past counts (own, neighbours). The counts are negative binomial with variance
mean + psi * mean**2 and psi = exp(rho_i + tau_t).

Only products of an area factor and a period factor occur, so no exponential is taken in a cell; the expected
information of two parameters is a weighted sum of products of at most five *terms* (`N_TERMS`): endemic, own,
neighbours, derivative by the decay in space, derivative by the decay in time.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from rukun.core.areas import FloatArray, IntArray

#: endemic, own, neighbours, d mean / d space decay, d mean / d lag decay
N_TERMS = 5
N_PARTS = 3


@nb.njit(cache=True, nogil=True)
def _log_likelihood_terms(y: float, mean: float, psi: float) -> tuple[float, float, float]:
    """Log-likelihood of one count without log y!, and its first and second derivative by log psi."""
    x = psi * mean
    log1 = math.log1p(x)
    r = 1.0 / psi
    # d/d psi of -(y + 1/psi) log(1 + psi mean) and of sum_k log(1 + k psi), the latter from y log psi + log rising(r)
    value = -(y + r) * log1
    share = mean / (1.0 + x)
    first = r * r * log1 - (y + r) * share
    second = -2.0 * r * r * r * log1 + 2.0 * r * r * share + (y + r) * share * share
    if x < 1e-4:  # series: the closed forms cancel
        m2 = mean * mean
        first = m2 * (0.5 - 2.0 * x / 3.0) - y * share
        second = m2 * mean * (-2.0 / 3.0 + 1.5 * x) + y * share * share
        value = -y * log1 - mean * (1.0 - 0.5 * x + x * x / 3.0)
    if y > 0.0:
        value += y * math.log(mean)
        if y <= 200.0:
            product = 1.0
            for k in range(1, int(y)):
                a = 1.0 + k * psi
                product *= a
                if product > 1e200:
                    value += math.log(product)
                    product = 1.0
                q = k / a
                first += q
                second -= q * q
            value += math.log(product)
        else:
            value += y * math.log(psi) + math.lgamma(y + r) - math.lgamma(r)
            # sum_{k<y} k/(1+k psi) and of its square by the midpoint rule of Euler-Maclaurin beyond the first 200 terms
            for k in range(1, 200):
                q = k / (1.0 + k * psi)
                first += q
                second -= q * q
            lo, hi = 199.5, y - 0.5
            a, b = 1.0 + lo * psi, 1.0 + hi * psi
            log_ba = math.log(b / a)
            integral = (hi - lo) * r - r * r * log_ba
            integral2 = r * r * ((hi - lo) - 2.0 * r * log_ba - r * (1.0 / b - 1.0 / a))
            if psi * hi < 1e-3:
                integral = 0.5 * (hi * hi - lo * lo) - psi * (hi**3 - lo**3) / 3.0
                integral2 = (hi**3 - lo**3) / 3.0
            first += integral
            second -= integral2
    # from psi to log psi
    return value, psi * first, psi * first + psi * psi * second


@nb.njit(cache=True, nogil=True)
def log_likelihood(
    start: IntArray,
    period: IntArray,
    y: FloatArray,
    own: FloatArray,
    around: FloatArray,
    detection: FloatArray,
    area_factor: FloatArray,
    group: IntArray,
    period_factor: FloatArray,
    rho: FloatArray,
    tau: FloatArray,
    beyond_quiet: bool,
) -> float:
    """Log-likelihood of the listed cells, without the constant sum of log y!; -inf where a mean is 0 under a positive
    count.

    With beyond_quiet, what `quiet.quiet_value` counted for the same cells is taken off.
    """
    total = 0.0
    has_detection = len(detection) > 0
    for i in range(len(start) - 1):
        g = group[i]
        for c in range(start[i], start[i + 1]):
            t = period[c]
            mean = (
                area_factor[i, 0] * period_factor[g, t, 0]
                + area_factor[i, 1] * period_factor[g, t, 1] * own[c]
                + area_factor[i, 2] * period_factor[g, t, 2] * around[c]
            )
            if has_detection:
                mean *= detection[c]
            if mean <= 0.0:
                if y[c] > 0.0:
                    return -np.inf
                continue
            if not mean < 1e300:
                return -np.inf
            psi = math.exp(rho[i] + tau[t])
            x = psi * mean
            count = y[c]
            if beyond_quiet:
                total += math.log1p(psi * area_factor[i, 0] * period_factor[g, t, 0]) / psi
            if x < 1e-4:
                total += -count * math.log1p(x) - mean * (1.0 - 0.5 * x + x * x / 3.0)
            else:
                total += -(count + 1.0 / psi) * math.log1p(x)
            if count > 0.0:
                total += count * math.log(mean)
                if count <= 200.0:
                    product = 1.0
                    for k in range(1, int(count)):
                        product *= 1.0 + k * psi
                        if product > 1e200:
                            total += math.log(product)
                            product = 1.0
                    total += math.log(product)
                else:
                    r = 1.0 / psi
                    if r > 1e7:
                        total += psi * count * (count - 1.0) / 2.0
                    else:
                        total += count * math.log(psi) + math.lgamma(count + r) - math.lgamma(r)
    return total


@nb.njit(cache=True, nogil=True)
def accumulate(
    start: IntArray,
    period: IntArray,
    y: FloatArray,
    own: FloatArray,
    around: FloatArray,
    around_by_decay: FloatArray,
    own_by_lag: FloatArray,
    around_by_lag: FloatArray,
    detection: FloatArray,
    area_factor: FloatArray,
    group: IntArray,
    period_factor: FloatArray,
    rho: FloatArray,
    tau: FloatArray,
    features: FloatArray,
    part: IntArray,
    beyond_quiet: bool,
) -> tuple[float, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Sums over the listed cells.

    features: (groups, periods, k) columns by period; part: (k,) the term (0, 1, 2) that each column multiplies.
    Returns log-likelihood; score by area (n, 5); information by area (n, 5, 5); score by group and period (g, t, 5);
    information by group and period (g, t, 5, 5); cross information of the parts by area and the period columns (n, 3,
    k);
    score and curvature by log psi: by area (n, 2), by period (t, 2).
    With beyond_quiet, what `quiet.quiet_sums` counted for the same cells is taken off.
    """
    n = len(start) - 1
    n_groups, n_periods, k_features = features.shape
    total = 0.0
    score_area = np.zeros((n, N_TERMS))
    info_area = np.zeros((n, N_TERMS, N_TERMS))
    score_period = np.zeros((n_groups, n_periods, N_TERMS))
    info_period = np.zeros((n_groups, n_periods, N_TERMS, N_TERMS))
    cross = np.zeros((n, N_PARTS, k_features))
    psi_area = np.zeros((n, 2))
    psi_period = np.zeros((n_periods, 2))
    has_detection = len(detection) > 0
    has_decay = len(around_by_decay) > 0
    has_lag = len(own_by_lag) > 0
    term = np.zeros(N_TERMS)
    for i in range(n):
        g = group[i]
        for c in range(start[i], start[i + 1]):
            t = period[c]
            a1 = area_factor[i, 1] * period_factor[g, t, 1]
            a2 = area_factor[i, 2] * period_factor[g, t, 2]
            term[0] = area_factor[i, 0] * period_factor[g, t, 0]
            term[1] = a1 * own[c]
            term[2] = a2 * around[c]
            term[3] = a2 * around_by_decay[c] if has_decay else 0.0
            term[4] = a1 * own_by_lag[c] + a2 * around_by_lag[c] if has_lag else 0.0
            if has_detection:
                for r in range(N_TERMS):
                    term[r] *= detection[c]
            mean = term[0] + term[1] + term[2]
            if mean <= 0.0:
                if y[c] > 0.0:
                    total = -np.inf
                continue
            psi = math.exp(rho[i] + tau[t])
            value, d1, d2 = _log_likelihood_terms(y[c], mean, psi)
            total += value
            psi_area[i, 0] += d1
            psi_area[i, 1] += d2
            psi_period[t, 0] += d1
            psi_period[t, 1] += d2
            if beyond_quiet:
                quiet, d1, d2 = _log_likelihood_terms(0.0, term[0], psi)
                total -= quiet
                psi_area[i, 0] -= d1
                psi_area[i, 1] -= d2
                psi_period[t, 0] -= d1
                psi_period[t, 1] -= d2
                share = term[0] / (1.0 + psi * term[0])
                score_area[i, 0] += share
                score_period[g, t, 0] += share
                info_area[i, 0, 0] -= share
                info_period[g, t, 0, 0] -= share
                for k in range(k_features):
                    if part[k] == 0:
                        cross[i, 0, k] -= share * features[g, t, k]
            weight = 1.0 / (mean * (1.0 + psi * mean))
            score = (y[c] - mean) * weight
            for r in range(N_TERMS):
                score_area[i, r] += score * term[r]
                score_period[g, t, r] += score * term[r]
                wr = weight * term[r]
                if wr == 0.0:
                    continue
                for s in range(r, N_TERMS):
                    product = wr * term[s]
                    info_area[i, r, s] += product
                    info_period[g, t, r, s] += product
                if r < N_PARTS:
                    for k in range(k_features):
                        cross[i, r, k] += wr * term[part[k]] * features[g, t, k]
    for i in range(n):
        for r in range(N_TERMS):
            for s in range(r):
                info_area[i, r, s] = info_area[i, s, r]
    for g in range(n_groups):
        for t in range(n_periods):
            for r in range(N_TERMS):
                for s in range(r):
                    info_period[g, t, r, s] = info_period[g, t, s, r]
    return total, score_area, info_area, score_period, info_period, cross, psi_area, psi_period
