"""The endemic-epidemic model: known fits, simulated truth, odd data, forecasts and their reasons."""

import numpy as np
import pytest

from panels import ODD, make_panel, reference_panel, simulate
from rukun.core.forecast.endemic_epidemic import EndemicEpidemic, Settings
from rukun.core.forecast.explain import Explanation, reason, split_product
from rukun.core.forecast.interface import Forecaster, TooLittleData
from rukun.core.panel import Covariate

#: The structure of the reference fits (R surveillance, hhh4): maximum likelihood, one lag, no shrinkage.
PLAIN = dict(
    shrinkage=0, area_effects=(), dispersion="global", dispersion_harmonics=0, growth=0, lags=1, population_in=(),
    season_period=52, trend=False, surroundings=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("measlesWeserEms", dict(neighbour_law="equal", max_order=1, normalise=False, harmonics=(1, 0, 0)), -971.7596),
        ("measlesWeserEms", dict(max_order=5, harmonics=(1, 0, 0)), -965.1294),
        ("fluBYBW", dict(neighbour_law="equal", max_order=1, harmonics=(3, 0, 0), trend=True), -19365.3807),
    ],
)
def test_maximised_likelihood_equals_the_reference(name, more, expected):
    fit = EndemicEpidemic(Settings(**{**PLAIN, **more})).fit(reference_panel(name))
    assert fit.estimate.converged
    assert fit.estimate.log_likelihood == pytest.approx(expected, abs=0.01)


def test_simulated_truth_is_recovered():
    counts, effect = simulate(n=60, periods=300)
    fit = EndemicEpidemic(Settings(growth=0, lags=1, dispersion="global")).fit(make_panel(counts))
    p = fit.estimate.parameters
    own, around = np.exp(
        [p.beta[k] for k, column in enumerate(fit.frame.design.columns) if column.kind == "baseline"][1:]
    )
    assert own == pytest.approx(0.3, abs=0.05)
    assert around == pytest.approx(0.25, abs=0.06)
    assert np.exp(-p.log_psi[0]) == pytest.approx(2.0, rel=0.25)
    assert np.corrcoef(p.effects[:, 0], effect)[0, 1] > 0.9
    assert p.covariance[0, 0] == pytest.approx(0.25, rel=0.5)


def test_no_epidemic_is_found_where_there_is_none():
    counts, _ = simulate(own=0.0, around=0.0, periods=260)
    path = EndemicEpidemic().fit(make_panel(counts)).path(1)
    assert path.parts[1:].sum() < 0.2 * path.mean.sum()


def test_forecast_means_are_those_of_simulated_paths():
    counts, _ = simulate(n=6, periods=120)
    settings = Settings(growth=0, parameter_uncertainty=False, lags=2)
    fit = EndemicEpidemic(settings).fit(make_panel(counts))
    path = fit.path(3)
    reach = fit.frame.cells.spread.weights(fit.estimate.parameters.log_decay)[0].toarray()
    from rukun.core.forecast.endemic_epidemic.fit import dispersion_factors
    from rukun.core.forecast.endemic_epidemic.lags import lag_weights

    u = lag_weights(2, fit.estimate.parameters.persistence)[0]
    rho, _ = dispersion_factors(fit.frame, fit.estimate.parameters)
    rng, draws = np.random.default_rng(0), 40_000
    history = [np.repeat(counts[:, -2 + q][None], draws, axis=0).astype(float) for q in range(2)]
    psi_1 = 1.0 / fit.path(1).size[0]
    for h in range(3):
        load = u[0] * history[-1] + u[1] * history[-2]
        c = path.coefficient[:, h]
        mean = c[0] + c[1] * load + c[2] * (load @ reach)
        assert path.mean[h] == pytest.approx(mean.mean(axis=0), rel=0.02)
        size = np.broadcast_to(1.0 / psi_1 if h == 0 else _later_size(fit, h), mean.shape)
        drawn = rng.negative_binomial(size, size / (size + mean))
        variance = path.mean[h] + path.mean[h] ** 2 / path.size[h]
        assert variance == pytest.approx(drawn.var(axis=0), rel=0.12)
        history.append(drawn.astype(float))
    assert (rho < 5).all()


def _later_size(fit, h):
    """Size of the conditional distribution h periods ahead: that of a one-step forecast whose design reaches there."""
    from dataclasses import replace

    from rukun.core.forecast.endemic_epidemic.design import build_design
    from rukun.core.forecast.endemic_epidemic.fit import dispersion_factors

    design = build_design(fit.panel, fit.frame.settings, fit.scale, fit.past.sum(axis=0), h + 1, fit.level)
    rho, tau = dispersion_factors(replace(fit.frame, design=design), fit.estimate.parameters)
    return np.exp(-(rho + tau[fit.panel.n_periods + h]))


def test_uncertain_estimates_widen_the_forecast_and_leave_its_mean():
    counts, _ = simulate(n=10, periods=40)
    sure = EndemicEpidemic(Settings(parameter_uncertainty=False)).fit(make_panel(counts)).path(2)
    unsure = EndemicEpidemic(Settings(parameter_uncertainty=True)).fit(make_panel(counts)).path(2)
    assert unsure.mean == pytest.approx(sure.mean)
    assert (unsure.size < sure.size).all()


@pytest.mark.parametrize("panel_name", ["measlesWeserEms", "made"])
def test_shares_sum_to_the_mean(panel_name):
    panel = make_panel(simulate()[0]) if panel_name == "made" else reference_panel(panel_name)
    fit = EndemicEpidemic().fit(panel)
    explanation = fit.explain(4)
    mean = fit.forecast(4).mean[0]
    assert np.abs(explanation.mean - mean).max() < 1e-9
    for i in range(0, panel.n_areas, 5):
        _, shares = explanation.neighbours(2, i)
        assert shares.sum() == pytest.approx(
            explanation.shares[explanation.labels.index("neighbours"), 2, i], abs=1e-12
        )
        assert (np.diff(shares) <= 0).all()


def test_a_product_splits_into_shares_that_add_up_whatever_the_order():
    rng = np.random.default_rng(2)
    base, exponents = np.exp(rng.normal(0, 2, (3, 5))), rng.normal(0, 1, (4, 3, 5))
    exponents[:, 0, 0] = 0.0
    shares = split_product(base, exponents)
    assert base + shares.sum(axis=0) == pytest.approx(base * np.exp(exponents.sum(axis=0)), rel=1e-12)
    assert split_product(base, exponents[::-1])[::-1] == pytest.approx(shares)
    assert (np.sign(shares) == np.sign(exponents)).all()


def test_reasons_are_sentences_with_names_in_both_languages():
    counts = np.zeros((5, 60), dtype=np.int32) + (np.arange(60) % 7 == 0)
    counts[1, -3:] = 6
    explanation = EndemicEpidemic().fit(make_panel(counts)).explain(1)
    said = {language: reason(explanation, 0, 1, language) for language in ("id", "en")}
    assert said["id"].startswith("Perkiraan ") and "kejadian baru-baru ini di sini" in said["id"]
    assert said["en"].startswith("Expected ") and "recent events here" in said["en"] and "a week" in said["en"]
    assert "Area 1" in reason(explanation, 0, 2, "en"), "a neighbour that drives the forecast is named"
    assert "," in said["id"].split("kejadian")[0] and "." in said["en"].split("events")[0], (
        "decimal comma, decimal point"
    )


def test_what_lowers_a_forecast_is_said_by_what_it_takes_off():
    def none(h, i):
        return np.empty(0, dtype=int), np.empty(0)

    shares = np.array([3.0, -2.0, 0.01]).reshape(3, 1, 1)
    low = Explanation(("baseline", "season", "recent"), shares, ("A",), "week", none)
    assert (
        reason(low, 0, 0, "en")
        == "Expected 1.0 events a week: the usual level here 100 %; the season lowers it by 66 %."
    )
    assert reason(low, 0, 0, "id").endswith(": tingkat dasar di sini 100 %; musim menurunkannya 66 %.")
    assert reason(Explanation(("baseline",), np.zeros((1, 1, 1)), ("A",), "week", none), 0, 0, "en") == (
        "Expected < 0.01 events a week."
    )


@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("model", [EndemicEpidemic(), EndemicEpidemic(Settings(**{**PLAIN, "harmonics": (1, 1, 1)}))])
def test_odd_data_gives_a_sane_forecast(case, model):
    counts, every = ODD[case]
    fit = model.fit(make_panel(counts, every=every))
    forecast = fit.forecast(4)
    assert np.isfinite(forecast.mean).all() and (forecast.mean > 0).all() and (forecast.size > 0).all()
    assert forecast.mean.max() < 20 * max(counts.max(), 1)
    assert np.isfinite(fit.explain(2).shares).all()


def test_too_few_periods_are_refused_with_a_reason():
    with pytest.raises(TooLittleData, match="3 periods are too few"):
        EndemicEpidemic().fit(make_panel(np.ones((4, 3))))


def test_an_area_without_events_among_busy_ones_has_a_low_mean_and_not_a_wild_dispersion():
    counts, _ = simulate(n=12, spread=0.2)
    counts[4] = 0
    mean = EndemicEpidemic().fit(make_panel(counts)).forecast(1).mean[0, 0]
    assert 0 < mean[4] < 0.3 * np.delete(mean, 4).min()


def test_update_conditions_on_newer_counts_with_the_same_estimates():
    counts, _ = simulate()
    panel = make_panel(counts)
    fit = EndemicEpidemic().fit(panel.until(150))
    later = fit.update(panel)
    assert later.estimate is fit.estimate
    assert not np.allclose(later.forecast(1).mean, fit.forecast(1).mean)
    assert later.update(panel.until(150)).forecast(2).mean == pytest.approx(fit.forecast(2).mean, rel=1e-12)


@pytest.mark.parametrize(
    ("every", "cuts"), [("week", (50, 77, 79, 130)), ("month", (17, 19, 31)), ("day", (26, 29, 60))]
)
def test_a_fit_serves_cuts_on_which_it_would_have_had_other_columns(every, cuts):
    counts, _ = simulate(n=4, periods=200)
    panel = make_panel(counts, every=every)
    for fitted_at in cuts:
        fit = EndemicEpidemic().fit(panel.until(fitted_at))
        for cut in cuts:
            assert np.isfinite(fit.update(panel.until(cut)).forecast(3).mean).all()


def test_a_warm_start_ends_where_a_cold_one_does():
    panel = make_panel(simulate()[0])
    model = EndemicEpidemic(Settings(tolerance=1e-9))
    cold = model.fit(panel)
    warm = model.fit(panel, model.fit(panel.until(140)))
    assert warm.forecast(2).mean == pytest.approx(cold.forecast(2).mean, rel=0.02)


def test_a_calendar_is_learnt_and_known_ahead():
    periods = 160
    market = np.tile(np.arange(periods + 4) % 9 == 0, (1, 1)).astype(float)
    factor = np.exp(1.2 * market[:, :periods]) * np.ones((20, 1))
    counts, _ = simulate(n=20, periods=periods, own=0.1, around=0.1, factor=factor)
    calendar = Covariate("market", market, np.zeros(20, dtype=np.int64), known_ahead=True)
    fit = EndemicEpidemic().fit(make_panel(counts, covariates=(calendar,)))
    k = [c.name for c in fit.frame.design.columns].index("market")
    assert fit.estimate.parameters.beta[k] == pytest.approx(1.2, abs=0.25)
    ahead = np.flatnonzero(market[0, periods:])[0]
    explanation = fit.explain(4)
    share = explanation.shares[explanation.labels.index("calendar:market"), :, 0]
    assert share[ahead] > 0.3 * explanation.mean[ahead, 0] and np.delete(share, ahead) == pytest.approx(0)


def test_area_series_by_group_are_learnt():
    rng, n, periods = np.random.default_rng(4), 24, 200
    price = np.cumsum(rng.normal(0, 0.3, (2, periods + 4)), axis=1)
    group = np.repeat([0, 1], n // 2)
    standard = (price - price[:, :periods].mean()) / price[:, :periods].std()
    counts, _ = simulate(n=n, periods=periods, own=0.1, around=0.1, factor=np.exp(0.6 * standard[group, :periods]))
    series = Covariate("rice", price, group, known_ahead=False)
    fit = EndemicEpidemic(Settings(trend=False)).fit(make_panel(counts, covariates=(series,)))
    k = [c.name for c in fit.frame.design.columns].index("rice")
    assert fit.estimate.parameters.beta[k] == pytest.approx(0.6, abs=0.2)


def test_the_model_is_a_forecaster_and_states_its_name():
    assert isinstance(EndemicEpidemic(), Forecaster) and EndemicEpidemic().name == "endemic_epidemic"


@pytest.mark.parametrize(("more", "message"), [(dict(lags=-1), "lags"), (dict(shrinkage=-1), "shrinkage")])
def test_impossible_settings_are_refused(more, message):
    with pytest.raises(ValueError, match=message):
        Settings(**more)
