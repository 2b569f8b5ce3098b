"""The sums behind the fit, against slow and obvious versions of themselves."""

import numpy as np
import pytest
from scipy.stats import nbinom

from panels import line_order, neighbours_of
from rukun.core.forecast.endemic_epidemic.cells import list_cells
from rukun.core.forecast.endemic_epidemic.lags import Spread, lag_weights
from rukun.core.forecast.endemic_epidemic.quiet import quiet_sums, quiet_value
from rukun.core.forecast.endemic_epidemic.sums import Factors, sum_derivatives, sum_value

N, PERIODS, FIRST, GROUPS, COLUMNS = 7, 30, 3, 2, 4
DECAY, PERSISTENCE = 0.3, -0.4


@pytest.fixture
def case():
    rng = np.random.default_rng(5)
    counts = rng.poisson(1.5, (N, PERIODS)).astype(np.int32)
    counts[:, 20] = [0, 3, 45, 250, 0, 1, 900]  # each branch of the rising product
    factors = Factors(
        by_area=np.exp(rng.normal(0, 0.5, (N, 3))),
        group=np.arange(N) % GROUPS,
        by_period=np.exp(rng.normal(-0.5, 0.4, (GROUPS, PERIODS, 3))),
        rho=rng.normal(-0.5, 0.5, N),
        tau=rng.normal(0, 0.3, PERIODS),
    )
    columns, part = rng.normal(0, 1, (GROUPS, PERIODS, COLUMNS)), np.array([0, 0, 1, 2])
    detection = rng.uniform(0.3, 1.5, (N, PERIODS))
    spread = Spread.of(neighbours_of(line_order(N)), 4, normalise=True)
    cells = list_cells(counts, counts.astype(float), detection, spread, lags=3, first=FIRST, may_be_sparse=False)
    return counts, factors, columns, part, detection, spread, cells


def slow_mean(counts, f, detection, spread, log_decay, persistence):
    """Endemic, own and neighbour means cell by cell, straight from the formula."""
    order, u = spread.order.toarray(), lag_weights(3, persistence)[0]
    weight = np.where(order > 0, np.where(order > 0, order, 1.0) ** -np.exp(log_decay), 0.0)
    weight /= weight.sum(axis=1, keepdims=True)
    means = np.zeros((N, PERIODS))
    for i in range(N):
        for t in range(FIRST, PERIODS):
            own = sum(u[q] * counts[i, t - 1 - q] for q in range(3))
            around = sum(weight[j, i] * u[q] * counts[j, t - 1 - q] for j in range(N) for q in range(3))
            means[i, t] = detection[i, t] * (f.by_area[i] * f.by_period[f.group[i], t]) @ [1.0, own, around]
    return means[:, FIRST:]


def slow_value(counts, f, detection, spread, log_decay=DECAY, persistence=PERSISTENCE):
    mean = slow_mean(counts, f, detection, spread, log_decay, persistence)
    size = np.exp(-(f.rho[:, None] + f.tau[None, FIRST:]))
    y = counts[:, FIRST:]
    from scipy.special import gammaln

    return (nbinom.logpmf(y, size, size / (size + mean)) + gammaln(y + 1)).sum()


def test_the_value_is_the_negative_binomial_log_likelihood(case):
    counts, f, _, _, detection, spread, cells = case
    value = sum_value(cells, cells.loads(DECAY, PERSISTENCE), f)
    assert value == pytest.approx(slow_value(counts, f, detection, spread), rel=1e-10)


def test_scores_are_derivatives_of_the_value(case):
    counts, f, columns, part, detection, spread, cells = case
    loads = cells.loads(DECAY, PERSISTENCE)
    sums = sum_derivatives(cells, loads, f, columns, part)
    assert sums.value == pytest.approx(sum_value(cells, loads, f), rel=1e-12)

    def moved(step, **changed):
        return slow_value(counts, Factors(**{**vars(f), **changed}), detection, spread)

    h = 1e-5
    for i, c in [(0, 0), (3, 1), (6, 2)]:
        up, down = f.by_area.copy(), f.by_area.copy()
        up[i, c] *= np.exp(h)
        down[i, c] *= np.exp(-h)
        slope = (moved(h, by_area=up) - moved(h, by_area=down)) / (2 * h)
        assert sums.score_area[i, c] == pytest.approx(slope, rel=1e-5, abs=1e-4)
    for t in (FIRST, 20):
        up, down = f.tau.copy(), f.tau.copy()
        up[t] += h
        down[t] -= h
        slope = (moved(h, tau=up) - moved(h, tau=down)) / (2 * h)
        assert sums.psi_period[t, 0] == pytest.approx(slope, rel=1e-4, abs=1e-4)
    slopes = [
        (
            slow_value(counts, f, detection, spread, DECAY + a, PERSISTENCE + b)
            - slow_value(counts, f, detection, spread, DECAY - a, PERSISTENCE - b)
        )
        / (2 * h)
        for a, b in [(h, 0), (0, h)]
    ]
    assert sums.score_area[:, 3].sum() == pytest.approx(slopes[0], rel=1e-5)
    assert sums.score_area[:, 4].sum() == pytest.approx(slopes[1], rel=1e-5)


def test_information_is_the_weighted_product_of_gradients(case):
    counts, f, columns, part, detection, spread, cells = case
    sums = sum_derivatives(cells, cells.loads(DECAY, PERSISTENCE), f, columns, part)
    h = 1e-6
    mean = slow_mean(counts, f, detection, spread, DECAY, PERSISTENCE)
    psi = np.exp(f.rho[:, None] + f.tau[None, FIRST:])
    weight = 1.0 / (mean * (1.0 + psi * mean))

    def gradient(part_index):
        changed = f.by_period.copy()
        changed[:, :, part_index] *= 1 + h
        g = Factors(**{**vars(f), "by_period": changed})
        return (slow_mean(counts, g, detection, spread, DECAY, PERSISTENCE) - mean) / h

    gradients = [gradient(r) for r in range(3)]
    for r in range(3):
        for s in range(3):
            product = weight * gradients[r] * gradients[s]
            assert sums.info_area[:, r, s] == pytest.approx(product.sum(axis=1), rel=1e-4)
        for k in range(COLUMNS):
            x = columns[f.group][:, FIRST:, k]
            expected = (weight * gradients[r] * gradients[part[k]] * x).sum(axis=1)
            assert sums.cross[:, r, k] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_curvature_by_log_psi_matches_differences(case):
    _, f, columns, part, _, _, cells = case
    loads, h = cells.loads(DECAY, PERSISTENCE), 1e-4

    def score(shift):
        moved = Factors(**{**vars(f), "rho": f.rho + shift})
        return sum_derivatives(cells, loads, moved, columns, part).psi_area[:, 0]

    curvature = sum_derivatives(cells, loads, f, columns, part).psi_area[:, 1]
    assert curvature == pytest.approx((score(h) - score(-h)) / (2 * h), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("log_psi", [-17.0, -8.0, -1.0, 2.0])
def test_quiet_cells_are_summed_as_if_visited(log_psi):
    rng = np.random.default_rng(8)
    n, periods = 300, 60
    endemic, group = np.exp(rng.normal(-3, 2, n)), rng.integers(0, 3, n)
    by_period = np.exp(rng.normal(0, 0.6, (3, periods)))
    rho, tau = log_psi + rng.normal(0, 0.4, n), rng.normal(0, 0.4, periods)
    columns = rng.normal(0, 1, (3, periods, 2))
    mean = endemic[:, None] * by_period[group]
    psi = np.exp(rho[:, None] + tau)
    x = psi * mean
    share = mean / (1 + x)
    sums = quiet_sums(endemic, group, by_period, rho, tau, columns)
    assert sums.value == pytest.approx(-(np.log1p(x) / psi).sum(), rel=1e-13)
    assert quiet_value(endemic, group, by_period, rho, tau) == pytest.approx(sums.value, rel=1e-13)
    assert sums.share == pytest.approx(share.sum(axis=1), rel=1e-12)
    assert sums.cross == pytest.approx(np.einsum("it,itk->ik", share, columns[group]), rel=1e-10, abs=1e-12)
    for g in range(3):
        assert sums.share_period[g] == pytest.approx(share[group == g].sum(axis=0), rel=1e-12)
    if log_psi > -10:  # below, the derivative by psi is a difference of nearly equal numbers, in either way of summing
        first = np.log1p(x) / psi - share
        assert sums.psi_area[:, 0] == pytest.approx(first.sum(axis=1), rel=1e-7, abs=1e-9)
        assert sums.psi_period[:, 0] == pytest.approx(first.sum(axis=0), rel=1e-7, abs=1e-9)


def test_active_and_quiet_cells_together_are_all_cells(monkeypatch):
    monkeypatch.setattr("rukun.core.forecast.endemic_epidemic.cells.FEW_CELLS", 0)
    rng = np.random.default_rng(3)
    n, periods = 60, 80
    counts = rng.poisson(0.02, (n, periods)).astype(np.int32)
    spread = Spread.of(neighbours_of(line_order(n)), 2, normalise=True)
    dense = list_cells(counts, None, None, spread, lags=2, first=2, may_be_sparse=False)
    thin = list_cells(counts, None, None, spread, lags=2, first=2, may_be_sparse=True)
    assert dense.complete and not thin.complete and len(thin.y) < 0.35 * len(dense.y)
    f = Factors(
        np.exp(rng.normal(-3, 0.5, (n, 3))),
        np.zeros(n, dtype=np.int64),
        np.exp(rng.normal(0, 0.3, (1, periods, 3))),
        rng.normal(0, 0.3, n),
        rng.normal(0, 0.3, periods),
    )
    columns, part = rng.normal(0, 1, (1, periods, 5)), np.array([0, 0, 1, 2, 0])
    a = sum_derivatives(dense, dense.loads(DECAY, PERSISTENCE), f, columns, part)
    b = sum_derivatives(thin, thin.loads(DECAY, PERSISTENCE), f, columns, part)
    assert sum_value(thin, thin.loads(DECAY, PERSISTENCE), f) == pytest.approx(a.value, rel=1e-12)
    for name in vars(a):
        assert getattr(b, name) == pytest.approx(getattr(a, name), rel=1e-9, abs=1e-11), name


def test_decays_move_the_weights_as_their_derivatives_say():
    h = 1e-6
    weights, slope = lag_weights(4, 0.7)
    assert weights.sum() == pytest.approx(1) and (np.diff(weights) < 0).all()
    assert slope == pytest.approx((lag_weights(4, 0.7 + h)[0] - lag_weights(4, 0.7 - h)[0]) / (2 * h), abs=1e-8)
    spread = Spread.of(neighbours_of(line_order(6)), 3, normalise=True)
    matrix, by_decay = spread.weights(0.2)
    assert matrix.sum(axis=1) == pytest.approx(np.ones(6))
    difference = (spread.weights(0.2 + h)[0] - spread.weights(0.2 - h)[0]).toarray() / (2 * h)
    assert by_decay.toarray() == pytest.approx(difference, abs=1e-8)
    assert matrix.toarray()[0, 2] / matrix.toarray()[0, 1] == pytest.approx(2 ** -np.exp(0.2))
