"""Rates, dispersion, kernels and the models made of them, against slow restatements and known truth."""

import numpy as np
import pytest
from scipy import stats

from panels import line_order, make_panel
from rukun.core.areas import AreaTable
from rukun.core.forecast.baselines import HistoricalMean
from rukun.core.forecast.dispersion import fit_size, shrunk_rates, thin
from rukun.core.forecast.endemic_epidemic import EndemicEpidemic, Settings
from rukun.core.forecast.endemic_epidemic.surroundings import LEAST_SURROUNDED, log_rate_around
from rukun.core.forecast.hotspot import KernelDensity
from rukun.core.forecast.hotspot_scores import hit_rate, pai_difference
from rukun.core.forecast.kernel import BANDWIDTHS, MOST_IN_REACH, kernel_matrix, spacing, usable_bandwidths
from rukun.core.forecast.near_repeat import NearRepeat, _means
from rukun.core.forecast.smoothing import Smoothing, _one_step
from rukun.core.panel import Panel


def on_a_map(counts, at) -> Panel:
    """A panel of areas with these centroids, in metres."""
    plain = make_panel(counts)
    code = plain.areas.code
    areas = AreaTable(code, code, np.full(len(code), ""), centroid=np.asarray(at, float))
    return Panel(areas, plain.neighbours, plain.every, plain.starts, plain.counts, plain.exposure)


def grid(side):
    return np.array([(100.0 * x, 100.0 * y) for x in range(side) for y in range(side)])


@pytest.mark.parametrize(("size", "mean"), [(0.3, 0.5), (2.0, 4.0), (20.0, 10.0)])
def test_the_size_of_simulated_counts_is_found(size, mean):
    means = np.full(40_000, mean) * np.random.default_rng(0).uniform(0.5, 1.5, 40_000)
    y = np.random.default_rng(1).negative_binomial(size, size / (size + means))
    found = fit_size(y, means)
    assert found == pytest.approx(size, rel=0.15)
    best = stats.nbinom.logpmf(y, found, found / (found + means)).sum()
    for other in (0.9 * found, 1.1 * found):
        assert stats.nbinom.logpmf(y, other, other / (other + means)).sum() < best


def test_counts_without_extra_variance_are_poisson_and_empty_means_say_nothing():
    assert fit_size(np.full(50, 3), np.full(50, 3.0)) == np.inf
    assert fit_size(np.zeros(0), np.zeros(0)) == np.inf
    y, m = np.array([0, 9, 0, 2, 0, 0, 14, 1]), np.full(8, 3.0)
    assert fit_size(np.append(y, [0, 0]), np.append(m, [0.0, 0.0])) == pytest.approx(fit_size(y, m))


def test_thinning_keeps_the_ends_in_reach_of_the_limit():
    assert len(np.arange(10)[thin(10)]) == 10
    assert 2_000_000 <= len(range(5_000_000)[thin(5_000_000)]) <= 2_500_000


def test_rates_lean_on_the_region_the_more_the_less_was_seen():
    events, at_risk = np.array([0.0, 10.0, 1000.0, 0.0]), np.array([1.0, 10.0, 500.0, 500.0])
    rate = shrunk_rates(events, at_risk)
    overall = (events.sum() + 0.5) / at_risk.sum()
    assert (rate > 0).all()
    assert rate[2] == pytest.approx(2.0, rel=0.01) and rate[3] < 0.01
    assert abs(rate[0] - overall) < abs(rate[3] - overall), "one quiet period says less than five hundred"
    assert shrunk_rates(np.zeros(3), np.ones(3)) == pytest.approx(np.full(3, 0.5 / 3), rel=1e-3)


def test_the_plain_mean_is_the_mean():
    counts = np.random.default_rng(3).poisson([[0.5], [2.0], [9.0]], (3, 400))
    mean = HistoricalMean().fit(make_panel(counts)).forecast(3).total_mean
    assert (mean == mean[0]).all() and mean[0] == pytest.approx(counts.mean(axis=1), rel=0.02)


def test_a_kernel_is_gaussian_in_distance_and_each_event_counts_once():
    at = grid(9)
    panel = on_a_map(np.ones((81, 5)), at)
    assert spacing(at) == 100.0
    matrix = kernel_matrix(panel, 1.0).toarray()
    distance = np.linalg.norm(at[:, None] - at[None], axis=2) / 100.0
    slow = np.where(distance <= 3.0, np.exp(-0.5 * distance**2), 0.0)
    assert matrix == pytest.approx(slow / slow.sum(axis=0), abs=1e-12)
    assert (kernel_matrix(panel, 0.0).toarray() == np.eye(81)).all()


def test_a_kernel_without_a_map_uses_the_orders_of_neighbours():
    panel = make_panel(np.ones((7, 5)))
    distance = line_order(7)
    slow = np.where(distance <= 2.25, np.exp(-0.5 * (distance / 0.75) ** 2), 0.0)
    assert kernel_matrix(panel, 0.75).toarray() == pytest.approx(slow / slow.sum(axis=0), abs=1e-12)


def test_bandwidths_that_reach_everywhere_are_not_tried():
    panel = on_a_map(np.ones((625, 2)), grid(25))
    usable = usable_bandwidths(panel)
    assert usable[0] == 0.0 and set(usable) < set(BANDWIDTHS)
    for bandwidth in usable:
        assert (kernel_matrix(panel, bandwidth).toarray() > 0).sum(axis=0).mean() <= MOST_IN_REACH
    assert usable_bandwidths(make_panel(np.ones((1, 4)))) == [0.0]
    together = on_a_map(np.ones((4, 6)), np.zeros((4, 2)))
    assert np.isfinite(kernel_matrix(together, 1.0).toarray()).all(), "areas at one point"


def test_the_kernel_finds_the_width_of_a_cluster_and_beats_the_plain_mean_near_it():
    at = grid(15)
    rate = 0.01 + 0.6 * np.exp(-0.5 * (np.linalg.norm(at - [700.0, 700.0], axis=1) / 150.0) ** 2)
    rng = np.random.default_rng(4)
    fitted = KernelDensity().fit(on_a_map(rng.poisson(rate[:, None], (225, 60)), at))
    assert fitted.bandwidth > 0
    mean = fitted.forecast(1).total_mean[0]
    assert mean.sum() == pytest.approx(rate.sum(), rel=0.2)
    assert np.corrcoef(mean, rate)[0, 1] > 0.95
    plain = HistoricalMean().fit(on_a_map(rng.poisson(rate[:, None], (225, 60)), at)).forecast(1).total_mean[0]
    assert ((mean - rate) ** 2).sum() < ((plain - rate) ** 2).sum()


def test_a_hot_spot_that_moved_is_forgotten_where_it_was():
    counts = np.zeros((10, 200))
    counts[1, :100], counts[8, 100:] = 5, 5
    fitted = KernelDensity().fit(make_panel(counts))
    assert fitted.half_life < 1.0
    mean = fitted.forecast(1).total_mean[0]
    assert mean.argmax() == 8 and mean[8] > 4 * mean[1]


def near_repeat_counts(own=0.35, near=0.3, decay=0.5, background=0.15, n=60, periods=300):
    rng = np.random.default_rng(6)
    counts, memory = np.zeros((n, periods)), np.zeros(n)
    ties = line_order(n) == 1
    reach = ties / ties.sum(axis=0)
    for t in range(periods):
        counts[:, t] = rng.poisson(background + own * memory + near * reach @ memory)
        memory = decay * memory + (1 - decay) * counts[:, t]
    return counts


def test_offspring_of_events_are_estimated_and_passed_on():
    panel = make_panel(near_repeat_counts())
    fitted = NearRepeat().fit(panel)
    assert fitted.own == pytest.approx(0.35, abs=0.1) and fitted.near == pytest.approx(0.3, abs=0.12)
    assert fitted.own + fitted.near < 1
    quiet = np.zeros((60, 300))
    quiet[:, ::7] = 1
    spiked = quiet.copy()
    spiked[30, -1] = 12
    rise = (
        fitted.update(make_panel(spiked)).forecast(4).total_mean
        - fitted.update(make_panel(quiet)).forecast(4).total_mean
    )
    assert rise[0].argmax() == 30 and (rise[0, [29, 31]] > rise[0, [20, 40]] + 0.05).all()
    assert (np.diff(rise[:, 30]) < 0).all(), "it dies out"


def test_the_recursion_of_the_near_repeat_model_is_its_definition():
    counts = np.random.default_rng(7).poisson(0.8, (4, 12)).astype(np.int32)
    around = np.random.default_rng(8).random((4, 12)).astype(np.float32)
    base = np.array([0.1, 0.2, 0.3, 0.4])
    got = _means(counts, around, base, 0.7, 0.3, 0.2, 0.6)
    for i in range(4):
        for t in range(12):
            here = sum(0.4 * 0.6 ** (t - 1 - s) * counts[i, s] for s in range(t))
            beside = sum(0.4 * 0.6 ** (t - 1 - s) * float(around[i, s]) for s in range(t))
            assert got[i, t] == pytest.approx(0.7 * base[i] + 0.3 * here + 0.2 * beside, abs=1e-9)


def test_smoothing_without_a_season_is_simple_exponential_smoothing():
    counts = np.random.default_rng(9).poisson(4, (3, 30)).astype(np.int32)
    rate = np.array([3.0, 4.0, 5.0])
    means, levels = _one_step(counts, np.ones(26), np.zeros(30, dtype=np.int64), rate, 0.3, 0.25)
    for i in range(3):
        level = rate[i]
        for t in range(30):
            assert means[i, t] == pytest.approx(0.25 * rate[i] + 0.75 * level)
            level = 0.3 * counts[i, t] + 0.7 * level
        assert levels[i] == pytest.approx(level)


def test_smoothing_follows_a_lasting_change_and_not_noise():
    rng = np.random.default_rng(10)
    steady = Smoothing().fit(make_panel(rng.poisson(4, (10, 150))))
    jumped = rng.poisson(np.where(np.arange(150) < 120, 2, 9), (10, 150))
    assert (1 - steady.pull) * steady.alpha < 0.05
    assert Smoothing().fit(make_panel(jumped)).forecast(1).total_mean.mean() > 6.5


def test_smoothing_knows_the_season_of_two_years():
    t = np.arange(156)
    counts = np.random.default_rng(11).poisson(4 * np.exp(np.sin(2 * np.pi * t / 52.18)), (15, 156))
    ahead = Smoothing().fit(make_panel(counts)).forecast(52).total_mean.mean(axis=1)
    truth = 4 * np.exp(np.sin(2 * np.pi * (156 + np.arange(52)) / 52.18))
    assert np.corrcoef(ahead, truth)[0, 1] > 0.95


def test_the_rate_around_an_area_leaves_out_its_own():
    rng = np.random.default_rng(12)
    at = grid(8)
    level = np.where(at[:, 0] < 400, 0.2, 2.0)
    panel = on_a_map(rng.poisson(level[:, None], (64, 80)), at)
    events = panel.counts.sum(axis=1).astype(float)
    around = log_rate_around(panel, events)
    assert around[at[:, 0] > 500].min() > around[at[:, 0] < 200].max()
    moved = events.copy()
    moved[27] += 5
    changed = log_rate_around(panel, moved) - around
    assert changed[27] < 0, "its own events only raise the region's rate"
    assert changed[[26, 28, 19, 35]].min() > 0
    assert (log_rate_around(panel, np.zeros(64)) == 0).all()


def test_an_area_unseen_until_now_is_forecast_like_its_surroundings():
    rng = np.random.default_rng(13)
    at = grid(9)
    level = np.where(at[:, 0] < 400, 0.03, 0.6)
    counts = rng.poisson(level[:, None], (81, 60))
    counts[[22, 67]] = 0  # one in the quiet half, one in the busy half
    panel = on_a_map(counts, at)
    mean = {on: EndemicEpidemic(Settings(surroundings=on)).fit(panel).forecast(1).total_mean[0] for on in (True, False)}
    assert mean[True][67] / mean[True][22] > 2 * mean[False][67] / mean[False][22]
    few = make_panel(counts[: LEAST_SURROUNDED - 1])
    names = [column.name for column in EndemicEpidemic().fit(few).frame.design.columns]
    assert not any("around" in name or "surround" in name for name in names)


def test_the_difference_of_two_pais_is_paired_by_origin():
    rng = np.random.default_rng(14)
    surface = np.ones(50)
    rate = rng.gamma(0.5, 1.0, 50)
    observed = rng.poisson(rate, (80, 50))
    good, blind = np.tile(rate, (80, 1)), rng.random((80, 50))
    difference = pai_difference(good, blind, observed, surface, 0.1)
    each = [hit_rate(mean, observed, surface, 0.1).pai for mean in (good, blind)]
    assert difference.mean == pytest.approx(each[0] - each[1]) and difference.low > 0
    assert difference.low < difference.mean < difference.high
    same = pai_difference(good, good, observed, surface, 0.1)
    assert same.mean == 0 == same.low == same.high
    draws = rng.integers(0, 80, (400, 80))
    again = [pai_difference(good[d], blind[d], observed[d], surface, 0.1).mean for d in draws]
    assert difference.high - difference.low == pytest.approx(2 * 1.96 * np.std(again), rel=0.35), "as a bootstrap says"
    assert np.isnan(pai_difference(good, blind, np.zeros((80, 50)), surface, 0.1).mean)
