"""What holds for every model: odd data, repeatability, no look ahead, sizes and names."""

import importlib

import numpy as np
import pytest

from panels import ODD, make_panel, simulate
from rukun.core.forecast import registry
from rukun.core.forecast.ensemble import Ensemble
from rukun.core.forecast.interface import Forecaster, TooLittleData
from rukun.core.forecast.registry import MEMBERS, MODELS, UnknownModelError, missing_library, model_named
from rukun.core.panel import Covariate

INSTALLED = [name for name in MODELS if missing_library(name) is None]


@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("name", INSTALLED)
def test_odd_data_gives_a_sane_forecast_or_a_stated_refusal(name, case):
    counts, every = ODD[case]
    panel = make_panel(counts, every=every)
    try:
        forecast = model_named(name).fit(panel).forecast(4)
    except TooLittleData as refusal:
        assert name == "boosting" and len(str(refusal)) > 40, "only trees may ask for more than this"
        return
    mean, p_any = forecast.total_mean, forecast.p_any
    assert mean.shape == (4, panel.n_areas) and np.isfinite(mean).all() and (mean > 0).all()
    assert ((p_any > 0) & (p_any <= 1)).all()
    assert mean.max() < 20 * max(counts.max(), 1)
    low, high = (forecast.quantile(q) for q in (0.05, 0.95))
    assert (low <= high).all()


@pytest.mark.parametrize("name", INSTALLED)
def test_the_same_data_gives_the_same_forecast_and_the_future_changes_nothing(name):
    counts, _ = simulate(n=8, periods=80)
    changed = counts.copy()
    changed[:, 60:] = np.random.default_rng(5).poisson(30, (8, 20))
    forecasts = [model_named(name).fit(make_panel(c).until(60)).forecast(3).total_mean for c in (counts, changed)]
    assert (forecasts[0] == forecasts[1]).all()


@pytest.mark.parametrize("name", [n for n in INSTALLED if n != "ensemble"])
def test_newer_counts_move_what_follows_them(name):
    counts, _ = simulate(n=8, periods=90)
    panel = make_panel(counts)
    fitted = model_named(name).fit(panel.until(80))
    before, after = fitted.forecast(2), fitted.update(panel).forecast(2)
    assert after.total_mean.shape == before.total_mean.shape
    assert not np.allclose(before.total_mean, after.total_mean)
    same = fitted.update(panel.until(80)).forecast(2)
    assert same.total_mean == pytest.approx(before.total_mean, rel=1e-12), "nothing new changes nothing"


@pytest.mark.parametrize("name", INSTALLED)
def test_the_level_of_a_steady_region_is_found(name):
    counts = np.random.default_rng(8).poisson(3.0, (12, 160))
    mean = model_named(name).fit(make_panel(counts)).forecast(2).total_mean
    assert mean.mean() == pytest.approx(3.0, rel=0.15)


def test_each_model_is_a_forecaster_of_its_name():
    for name in MODELS:
        model = model_named(name)
        assert isinstance(model, Forecaster) and model.name == name and model == model_named(name)
    with pytest.raises(UnknownModelError, match="there are mean,"):
        model_named("oracle")


def test_the_ensemble_does_without_a_member_whose_library_is_missing(monkeypatch):
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    ensemble = model_named("ensemble")
    assert isinstance(ensemble, Ensemble)
    assert [member.name for member in ensemble.members] == [m for m in MEMBERS if m != "boosting"]
    assert missing_library("boosting") == "pip install 'rukun[boosting]'" and missing_library("kernel") is None


def test_boosting_without_its_library_says_what_to_install(monkeypatch):
    real = importlib.import_module
    monkeypatch.setitem(__import__("sys").modules, "lightgbm", None)
    with pytest.raises(ImportError, match=r"rukun\[boosting\]"):
        real("rukun.core.forecast.boosting").Boosting().fit(make_panel(np.ones((3, 30))))


def test_trees_learn_a_calendar_known_ahead():
    pytest.importorskip("lightgbm")
    market = (np.arange(163) % 9 == 0).astype(float)
    counts, _ = simulate(n=20, own=0.0, around=0.0, spread=0.1, factor=np.exp(1.5 * market[:160]) * np.ones((20, 1)))
    series = Covariate("market", market[None], np.zeros(20, dtype=np.int64), known_ahead=True)
    mean = model_named("boosting").fit(make_panel(counts, covariates=(series,))).forecast(3).total_mean.mean(axis=1)
    assert market[160:].tolist() == [0, 0, 1] and mean[2] > 2.0 * mean[:2].max()


def test_trees_of_a_sample_of_the_zeros_keep_the_level(monkeypatch):
    pytest.importorskip("lightgbm")
    from rukun.core.forecast import boosting

    counts = np.random.default_rng(2).poisson(0.05, (200, 120))
    whole = boosting.Boosting().fit(make_panel(counts, np.eye(200))).forecast(1).total_mean.mean()
    monkeypatch.setattr(boosting, "MOST_ROWS", 8_000)
    thinned = boosting.Boosting().fit(make_panel(counts, np.eye(200))).forecast(1).total_mean.mean()
    assert thinned == pytest.approx(whole, rel=0.1)


def test_the_seasonal_model_has_the_season_and_no_memory():
    counts, _ = simulate(n=20, periods=208, own=0.0, around=0.0)
    panel = make_panel(counts)
    fitted = model_named("seasonal").fit(panel)
    spiked = counts.copy()
    spiked[:, -1] += 40
    assert fitted.update(make_panel(spiked)).forecast(4).total_mean == pytest.approx(fitted.forecast(4).total_mean)
    year = fitted.forecast(52).total_mean.mean(axis=1)
    assert year.max() / year.min() == pytest.approx(np.exp(1.0), rel=0.25)
    explanation = fitted.explain(3)
    assert explanation.mean == pytest.approx(fitted.forecast(3).total_mean, abs=1e-9)
    assert (
        "neighbours" not in explanation.labels or not explanation.shares[explanation.labels.index("neighbours")].any()
    )
