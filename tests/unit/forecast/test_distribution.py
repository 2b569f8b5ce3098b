import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from rukun.core.forecast.distribution import CountForecast, cdf, log_pmf, pool

MEANS = st.floats(1e-12, 1e6)
SIZES = st.one_of(st.floats(1e-3, 1e8), st.just(np.inf))


def test_negative_binomial_and_poisson_are_those_of_scipy():
    y = np.array([0, 1, 3, 40, 200])
    for mean, size in [(0.3, 0.5), (7.0, 2.0), (150.0, 30.0), (5.0, 5_000.0)]:
        assert log_pmf(y, mean, size) == pytest.approx(nbinom.logpmf(y, size, size / (size + mean)), rel=1e-9)
        assert cdf(y, mean, size) == pytest.approx(nbinom.cdf(y, size, size / (size + mean)), rel=1e-9)
    assert log_pmf(y, 4.0, np.inf) == pytest.approx(poisson.logpmf(y, 4.0), rel=1e-12)
    assert cdf(y, 4.0, np.inf) == pytest.approx(poisson.cdf(y, 4.0), rel=1e-12)
    assert cdf(-1, 4.0, 2.0) == 0


def test_a_large_size_approaches_the_poisson_without_losing_digits():
    y = np.arange(30)
    for size in (1e6, 1e8, 0.99e9):
        assert log_pmf(y, 9.0, size) == pytest.approx(poisson.logpmf(y, 9.0), abs=2e3 / size + 1e-9)


@given(mean=MEANS, size=SIZES, y=st.integers(0, 2000))
def test_probabilities_are_finite_and_between_0_and_1(mean, size, y):
    forecast = CountForecast.of(np.array([[mean]]), size)
    values = [forecast.pmf([[y]]), forecast.cdf([[y]]), forecast.p_any]
    assert all(np.isfinite(v).all() and (v >= 0).all() and (v <= 1 + 1e-12).all() for v in values)
    assert forecast.p_any[0, 0] == pytest.approx(1 - forecast.pmf([[0]])[0, 0], abs=1e-12)


@given(mean=MEANS, size=SIZES, level=st.floats(0.001, 0.999))
def test_a_quantile_is_the_smallest_count_that_reaches_its_level(mean, size, level):
    forecast = CountForecast.of(np.array([[mean]]), size)
    q = forecast.quantile(level)
    assert forecast.cdf(q)[0, 0] >= level - 1e-12
    assert q[0, 0] == 0 or forecast.cdf(q - 1)[0, 0] < level + 1e-12


def test_a_pool_mixes_its_members_period_by_period():
    a, b = CountForecast.of([[1.0], [2.0]], 3.0), CountForecast.of([[5.0], [0.1]], np.inf)
    mixed = pool([a, b], np.array([[0.25, 1.0], [0.75, 0.0]]))
    assert mixed.total_mean[:, 0] == pytest.approx([0.25 * 1 + 0.75 * 5, 2.0])
    y = np.array([[2], [2]])
    assert mixed.pmf(y)[0] == pytest.approx(0.25 * a.pmf(y)[0] + 0.75 * b.pmf(y)[0])
    assert mixed.step(2).cdf([[3]]) == pytest.approx(a.step(2).cdf([[3]]))
    rng = np.random.default_rng(0)
    draws = np.where(rng.random(400_000) < 0.25, rng.negative_binomial(3, 3 / 4, 400_000), rng.poisson(5, 400_000))
    assert mixed.variance[0, 0] == pytest.approx(draws.var(), rel=0.02)
    assert mixed.quantile(0.92)[0, 0] == np.quantile(draws, 0.92)


def test_many_quantiles_of_mixtures_match_the_obvious_search():
    rng = np.random.default_rng(1)
    forecast = CountForecast(
        np.repeat([[0.3], [0.7]], 3, axis=1), np.exp(rng.normal(0, 2, (2, 3, 40))), np.exp(rng.normal(0, 1, (2, 3, 40)))
    )
    grid = np.arange(3000)
    table = np.stack([forecast.cdf(np.full((3, 40), k)) for k in grid])
    for level in (0.05, 0.5, 0.95):
        assert (forecast.quantile(level) == (table >= level).argmax(axis=0)).all()


@pytest.mark.parametrize("mean", [0.0, -1.0, np.nan, np.inf])
def test_impossible_means_are_refused(mean):
    with pytest.raises(ValueError, match="means"):
        CountForecast.of([[mean]], 1.0)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5])
def test_impossible_levels_are_refused(level):
    with pytest.raises(ValueError, match="level"):
        CountForecast.of([[1.0]], 1.0).quantile(level)
