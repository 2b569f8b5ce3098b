"""Correction for reporting effort: the detection curve, the underlying rate, and the feedback loop."""

import numpy as np
import pytest
from scipy.stats import multinomial

from panels import make_panel
from rukun.core.forecast.endemic_epidemic import EndemicEpidemic
from rukun.core.forecast.endemic_epidemic.effort import (
    Detection,
    _conditional,
    estimate_detection,
    underlying_counts,
)
from rukun.exercise.feedback import feedback_panel, naive_allocation, simulate_feedback


def test_detection_is_one_at_the_reference_and_the_floor_without_effort():
    detection = Detection(floor=0.2, saturation=1.5, reference=3.0)
    factor = detection.factor(np.array([0.0, 3.0, 6.0, 1e9]))
    assert factor[:2] == pytest.approx([0.2, 1.0])
    assert 1 < factor[2] < factor[3] == pytest.approx(0.2 + 0.8 / (1 - np.exp(-1.5)))


def visits_and_counts(floor, saturation=0.5, n=40, periods=150, seed=2):
    rng = np.random.default_rng(seed)
    level = np.exp(rng.normal(0, 0.7, n))
    visits = rng.poisson(2.0 * level[:, None], (n, periods)).astype(float)  # more visits where more happens
    factor = Detection(floor, saturation, visits.mean()).factor(visits)
    return rng.poisson(level[:, None] * factor).astype(np.int32), visits, level


@pytest.mark.parametrize("floor", [0.0, 0.3, 0.7, 1.0])
def test_the_detection_curve_is_recovered_though_visits_go_where_more_happens(floor):
    counts, visits, _ = visits_and_counts(floor)
    found = estimate_detection(counts, visits)
    grid = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
    truth = Detection(floor, 0.5, visits.mean()).factor(grid)
    assert found.factor(grid) == pytest.approx(truth, abs=0.12, rel=0.15)


def test_forecasts_are_of_the_underlying_rate_not_of_what_was_looked_at():
    rng = np.random.default_rng(1)
    n, periods = 20, 120
    busy = np.arange(n) < n // 2
    visits = rng.poisson(np.where(busy, 6.0, 1.0)[:, None], (n, periods)).astype(float)
    factor = Detection(0.1, 0.3, visits.mean()).factor(visits)
    counts = rng.poisson(1.5 * factor).astype(np.int32)  # the same rate everywhere
    corrected = EndemicEpidemic().fit(make_panel(counts, effort=visits)).forecast(1).mean[0, 0]
    naive = EndemicEpidemic().fit(make_panel(counts)).forecast(1).mean[0, 0]
    assert naive[busy].mean() / naive[~busy].mean() > 3
    assert corrected[busy].mean() / corrected[~busy].mean() == pytest.approx(1.0, abs=0.25)
    assert corrected.mean() == pytest.approx(1.5, rel=0.2)


def test_equal_effort_everywhere_changes_nothing_but_noise():
    counts, _, _ = visits_and_counts(1.0, n=15, periods=100)
    even = make_panel(counts, effort=np.full(counts.shape, 3.0))
    with_effort = EndemicEpidemic().fit(even).forecast(1).mean
    assert with_effort == pytest.approx(EndemicEpidemic().fit(make_panel(counts)).forecast(1).mean, rel=1e-3)


def test_effort_without_any_visit_is_refused():
    with pytest.raises(ValueError, match="no visit"):
        estimate_detection(np.ones((2, 5), np.int32), np.zeros((2, 5)))


def test_the_conditional_likelihood_is_multinomial():
    rng = np.random.default_rng(0)
    y, weight = rng.poisson(2.0, (3, 8)).astype(float), rng.uniform(0.2, 2.0, (3, 8))
    block = np.zeros(8, dtype=np.int64)
    value = _conditional(y, weight, block, 1, 0)
    expected = sum(
        multinomial.logpmf(y[i], y[i].sum(), weight[i] / weight[i].sum())
        - multinomial.logpmf(y[i], y[i].sum(), np.full(8, 1 / 8))
        - y[i].sum() * np.log(8)
        for i in range(3)
    )
    assert value == pytest.approx(expected, rel=1e-10)


def test_underlying_counts_are_unbiased():
    rng = np.random.default_rng(6)
    factor = rng.uniform(0.0, 1.6, (200, 60))
    rate = np.repeat([0.5, 2.0], 100)[:, None]
    past = underlying_counts(rng.poisson(rate * factor).astype(np.int32), factor, np.ones(200))
    assert past[:100].mean() == pytest.approx(0.5, rel=0.1)
    assert past[100:].mean() == pytest.approx(2.0, rel=0.1)


class _Forecast:
    """Attention in proportion to the effort-corrected forecast, warm-started from the one before."""

    def __init__(self):
        self.fit = None

    def __call__(self, found, visits):
        self.fit = EndemicEpidemic().fit(feedback_panel(found, visits), self.fit)
        return self.fit.forecast(1).mean[0, 0]


@pytest.mark.parametrize("rates", [(0.6, 0.4), (0.5, 0.5)])
def test_attention_that_follows_the_forecast_does_not_run_away(rates):
    rates = np.array(rates)
    true = rates / rates.sum()
    ours = np.array([simulate_feedback(rates, _Forecast(), 1000, 1, seed, every=50).share(500) for seed in range(6)])
    naive = np.array([simulate_feedback(rates, naive_allocation, 1000, 1, seed).share(500) for seed in range(6)])
    assert np.abs(ours - true).max() < 0.06
    assert np.abs(ours.mean(axis=0) - true).max() < 0.02
    # the naive loop ends wherever its first finds sent it: the spread of its outcomes is the runaway
    assert np.abs(naive - true).max() > 3 * np.abs(ours - true).max()


def test_fifty_areas_keep_their_share():
    rates = np.random.default_rng(0).gamma(2.0, 0.25, 50)
    run = simulate_feedback(rates, _Forecast(), 1000, 25, seed=3, every=200)
    naive = simulate_feedback(rates, naive_allocation, 1000, 25, seed=3)
    true = rates / rates.sum()
    assert np.abs(run.share(300) - true).max() < 0.02
    assert np.abs(naive.share(300) - true).max() > 0.1
