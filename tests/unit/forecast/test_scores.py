import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.hotspot_scores import caught, hit_curve, hit_rate, most_catchable
from rukun.core.forecast.scores import (
    calibration_test,
    coverage,
    paired_difference,
    pit_histogram,
    reliability,
    score_cells,
    standard_error,
)


def drawn(mean, size, n=20_000, seed=0, horizon=20):
    """Counts that do follow their forecasts."""
    rng = np.random.default_rng(seed)
    means = np.exp(rng.normal(np.log(mean), 0.8, (horizon, n // horizon)))
    return CountForecast.of(means, size), rng.negative_binomial(size, size / (size + means))


@pytest.mark.parametrize(("mean", "size"), [(0.05, 0.4), (2.0, 1.5), (60.0, 8.0), (900.0, 0.8)])
def test_scores_are_those_of_scoringrules(mean, size):
    forecast, y = drawn(mean, size, n=400)
    cells = score_cells(forecast, y)
    m, r = forecast.mean[0], forecast.size[0]
    if size > 1:  # for smaller sizes scoringrules 0.10 gives inf
        assert cells.log_score == pytest.approx(scoringrules.logs_negbinom(y, r, r / (r + m)), rel=1e-8)
    assert cells.log_score == pytest.approx(-nbinom.logpmf(y, r, r / (r + m)), rel=1e-9)
    assert cells.crps == pytest.approx(scoringrules.crps_negbinom(y, r, r / (r + m)), rel=1e-6, abs=1e-9)


def test_poisson_scores_are_those_of_scoringrules():
    y, mean = np.array([[0, 1, 4, 30]]), np.array([[0.01, 2.0, 4.0, 10.0]])
    cells = score_cells(CountForecast.of(mean, np.inf), y)
    assert cells.crps == pytest.approx(scoringrules.crps_poisson(y, mean), rel=1e-6)
    assert cells.log_score == pytest.approx(scoringrules.logs_poisson(y, mean), rel=1e-9)


@given(
    mean=st.floats(1e-10, 1e6),
    size=st.floats(1e-3, 1e7),
    y=st.integers(0, 10_000),
)
def test_every_score_of_every_forecast_is_finite(mean, size, y):
    cells = score_cells(CountForecast.of([[mean]], size), [[y]])
    assert all(np.isfinite(getattr(cells, name)).all() for name in vars(cells))
    assert cells.crps[0, 0] >= 0 and 0 <= cells.pit_low[0, 0] <= cells.pit_high[0, 0] <= 1 + 1e-12


def test_crps_of_a_mixture_is_its_slow_sum():
    forecast = CountForecast(np.array([[0.4], [0.6]]), np.array([[[3.0]], [[11.0]]]), np.array([[[2.0]], [[np.inf]]]))
    k = np.arange(4000)
    distribution = np.array([forecast.cdf([[v]])[0, 0] for v in k])
    for y in (0, 5, 60):
        cells = score_cells(forecast, [[y]])
        assert cells.crps[0, 0] == pytest.approx(((distribution - (y <= k)) ** 2).sum(), rel=1e-9)
        assert cells.expected_crps[0, 0] == pytest.approx((distribution * (1 - distribution)).sum(), rel=1e-8)


def test_crps_of_huge_counts_agrees_with_the_closed_form():
    y, mean, size = np.array([[900_000.0, 0.0, 7e6]]), np.full((1, 3), 1e6), 3.0
    expected = scoringrules.crps_negbinom(y, size, size / (size + mean))
    assert score_cells(CountForecast.of(mean, size), y).crps == pytest.approx(expected, rel=1e-6)


def test_known_values():
    cells = score_cells(CountForecast.of([[2.0]], 2.0), [[2]])  # p0 = 1/4, p1 = 1/4, p2 = 3/16, variance 4
    assert cells.log_score[0, 0] == pytest.approx(-np.log(3 / 16))
    assert cells.dss[0, 0] == pytest.approx(np.log(4.0))
    assert cells.brier_any[0, 0] == pytest.approx((0.75 - 1) ** 2)
    assert (cells.pit_low[0, 0], cells.pit_high[0, 0]) == pytest.approx((1 / 2, 11 / 16))
    assert coverage(cells.pit_low, cells.pit_high, 0.5)[0, 0] == pytest.approx(1.0)
    assert coverage(np.array([0.0]), np.array([0.9]), 0.9)[0] == pytest.approx(0.85 / 0.9)


@pytest.mark.parametrize("mean", [0.02, 0.5, 20.0])
def test_forecasts_that_hold_are_covered_flat_and_pass_the_test(mean):
    forecast, y = drawn(mean, 1.2)
    cells = score_cells(forecast, y)
    for level in (0.5, 0.9):
        assert coverage(cells.pit_low, cells.pit_high, level).mean() == pytest.approx(level, abs=0.015)
    assert pit_histogram(cells.pit_low, cells.pit_high) == pytest.approx(np.full(10, 0.1), abs=0.012)
    assert calibration_test(cells.crps, cells.expected_crps) > 0.01


def test_overconfident_forecasts_fail_the_test_and_cover_too_little():
    forecast, y = drawn(6.0, 1.2)
    cells = score_cells(CountForecast.of(forecast.mean[0], np.inf), y)
    assert coverage(cells.pit_low, cells.pit_high, 0.9).mean() < 0.75
    assert calibration_test(cells.crps, cells.expected_crps) < 1e-4


def test_coverage_equals_that_of_drawn_pit_values():
    forecast, y = drawn(0.8, 2.0)
    cells = score_cells(forecast, y)
    u = np.random.default_rng(1).random(y.shape)
    pit = cells.pit_low + u * (cells.pit_high - cells.pit_low)
    inside = (np.abs(pit - 0.5) < 0.45).mean()
    assert coverage(cells.pit_low, cells.pit_high, 0.9).mean() == pytest.approx(inside, abs=0.004)


@pytest.mark.parametrize("constant", [0, 1])
def test_the_calibration_test_never_fails_on_tiny_or_constant_forecasts(constant):
    cells = score_cells(CountForecast.of(np.full((8, 5), 1e-12), 1.0), np.full((8, 5), constant))
    assert 0 <= calibration_test(cells.crps, cells.expected_crps) <= 1


def test_standard_errors_know_of_correlation():
    rng = np.random.default_rng(3)
    noise = rng.normal(size=4000)
    assert standard_error(noise) == pytest.approx(1 / np.sqrt(4000), rel=0.1)
    smooth = np.convolve(rng.normal(size=4000), np.ones(8) / 8, mode="valid")
    assert standard_error(smooth) > 2 * smooth.std() / np.sqrt(len(smooth))
    assert np.isnan(standard_error(np.array([1.0])))


def test_the_interval_of_a_paired_difference_covers_the_truth():
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(300):
        difference = paired_difference(rng.normal(1.0, 1.0, 80), rng.normal(0.7, 1.0, 80))
        inside += difference.low <= 0.3 <= difference.high
    assert inside / 300 > 0.9


def test_reliability_groups_hold_equal_numbers_and_the_truth():
    rng = np.random.default_rng(5)
    p = rng.random(50_000)
    expected, observed, number = reliability(p, rng.random(50_000) < p)
    assert len(number) == 10 and number.sum() == 50_000
    assert observed == pytest.approx(expected, abs=0.03)
    assert reliability(np.full(100, 0.2), np.zeros(100))[2].tolist() == [100]


def test_hit_rates_of_known_values():
    mean, observed = np.array([[4.0, 3.0, 2.0, 1.0]]), np.array([[5, 0, 3, 2]])
    surface = np.array([1.0, 1.0, 2.0, 4.0])
    rate = hit_rate(mean * surface, observed, surface, 0.25)  # the first two of eight square kilometres
    assert (rate.hit, rate.pai) == pytest.approx((0.5, 2.0))
    assert rate.pei == pytest.approx(5 / 6.5)  # the oracle takes area 0 and half of area 2
    assert hit_rate(mean * surface, observed, surface, 0.0625).hit == pytest.approx(0.25), "half of the first area"
    assert hit_curve(mean * surface, observed, surface, np.array([0.25, 1.0])) == pytest.approx([0.5, 1.0])
    assert np.isnan(hit_rate(mean, np.zeros((1, 4)), surface, 0.1).pai)


def test_equal_forecasts_catch_their_share_whatever_the_order():
    rng = np.random.default_rng(6)
    observed, surface = rng.poisson(1.0, 200).astype(float), np.ones(200)
    expected = 0.05 * observed.sum()
    assert caught(np.ones(200), observed, surface, 0.05) == pytest.approx(expected)
    order = rng.permutation(200)
    mean = np.round(rng.random(200), 1)
    assert caught(mean, observed, surface, 0.13) == pytest.approx(caught(mean[order], observed[order], surface, 0.13))


@given(st.integers(0, 10_000), st.floats(0.01, 0.9))
def test_no_ranking_beats_the_oracle(seed, share):
    rng = np.random.default_rng(seed)
    observed, surface = rng.poisson(0.5, 30).astype(float), rng.uniform(0.1, 3.0, 30)
    assert caught(rng.random(30), observed, surface, share) <= most_catchable(observed, surface, share) + 1e-9


@pytest.mark.parametrize(("y", "message"), [([[1.5]], "whole"), ([[-1]], "whole"), ([[1, 2]], "shape")])
def test_impossible_observations_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        score_cells(CountForecast.of([[1.0]], 1.0), y)
