import numpy as np
import pandas as pd
import pytest
from test_ensemble import Constant

from panels import make_panel
from rukun.core.forecast.backtest import COLUMNS, backtest, compare, score_errors, score_table
from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.endemic_epidemic import EndemicEpidemic, Settings
from rukun.core.forecast.ensemble import Ensemble
from rukun.core.forecast.scores import score_cells


@pytest.fixture(scope="module")
def panel():
    return make_panel(np.random.default_rng(3).poisson(1.5, (8, 70)))


QUICK = EndemicEpidemic(Settings(harmonics=(0, 0, 0), growth=0, dispersion_harmonics=0))


def test_scores_are_those_of_each_forecast_against_what_happened(panel):
    result = backtest(panel, [Constant(1.5), QUICK], 60, horizon=2, engine="serial")
    table = score_table(result)
    assert list(table.columns) == list(COLUMNS) and len(table) == 4
    first = table.iloc[0]
    slow = score_cells(CountForecast.of(np.full((10, 8), 1.5), np.inf), panel.counts[:, 60:].T)
    assert first["n"] == 80 and first["log_score"] == pytest.approx(slow.log_score.mean())
    assert first["crps"] == pytest.approx(slow.crps.mean())
    second = table[(table.model == "constant") & (table.horizon == 2)].iloc[0]
    assert second["n"] == 72, "the last origin has no second period to be scored on"
    assert (result.observed(2) == panel.counts[:, 61:].T).all()
    assert result.starts[0] == panel.starts[60] and len(result.starts) == 10


def test_between_refits_the_newest_counts_are_used(panel):
    result = backtest(panel, [QUICK], 55, horizon=1, refit_every=5, engine="serial")
    fit = QUICK.fit(panel.until(55))
    for origin in (55, 57, 59):
        expected = fit.update(panel.until(origin)).forecast(1).total_mean
        assert result.forecasts(QUICK.name, 1)[origin - 55].total_mean == pytest.approx(expected, rel=1e-12)
    refitted = QUICK.fit(panel.until(60), fit).forecast(1).total_mean
    assert result.forecasts(QUICK.name, 1)[5].total_mean == pytest.approx(refitted, rel=1e-12)


class Stumbling:
    """Fails at every third origin."""

    name = "stumbling"

    def fit(self, panel, previous=None):
        if panel.n_periods % 3 == 0:
            raise ZeroDivisionError("odd data")
        return Constant(1.0).fit(panel)


class Helpless:
    name = "helpless"

    def fit(self, panel, previous=None):
        raise RuntimeError("never")


def test_failures_are_recorded_and_compared_on_common_origins(panel):
    result = backtest(panel, [Constant(1.5), Stumbling(), Helpless()], 60, engine="serial")
    assert {reason for _, reason in result.runs["stumbling"].failures} == {"ZeroDivisionError: odd data"}
    assert [origin for origin, _ in result.runs["stumbling"].failures] == [60, 63, 66, 69]
    table = score_table(result).set_index("model")
    assert table.loc["constant", "n"] == table.loc["stumbling", "n"] == 6 * 8
    assert table.loc["helpless", "n"] == 0 and np.isnan(table.loc["helpless", "log_score"])
    with pytest.raises(ValueError, match="RuntimeError: never"):
        result.forecasts("helpless", 1)


def test_an_ensemble_learns_from_its_members_earlier_forecasts(panel):
    members = (Constant(1.5, "right"), Constant(6.0, "wrong"))
    result = backtest(panel, [*members, Ensemble(members)], 50, engine="serial")
    weights = [forecast.weight[0, 0] for forecast in result.forecasts("ensemble", 1)]
    assert weights[0] > 0.6 and weights[-1] > 0.9, "origins before the first were learnt from"
    table = score_table(result).set_index("model")
    assert table.loc["ensemble", "log_score"] < table.loc["wrong", "log_score"]
    difference = compare(result, "ensemble", "wrong")
    assert difference.low <= difference.mean <= difference.high < 0
    assert set(score_errors(result).columns) == {"model", "horizon", "log_score_error", "crps_error"}


@pytest.mark.parametrize("known", [40, 55])
def test_no_forecast_moves_when_the_future_does(panel, known):
    rng = np.random.default_rng(known)
    changed = panel.counts.copy()
    changed[:, known:] = rng.poisson(20.0, changed[:, known:].shape)
    ensemble = Ensemble((QUICK, Constant(2.0)))
    was = backtest(panel, [QUICK, ensemble], known - 5, known, horizon=2, refit_every=2, engine="serial")
    now = backtest(make_panel(changed), [QUICK, ensemble], known - 5, known, horizon=2, refit_every=2, engine="serial")
    for model in was.runs:
        for a, b in zip(was.runs[model].forecasts, now.runs[model].forecasts, strict=True):
            assert (a.mean == b.mean).all() and (a.size == b.size).all() and (a.weight == b.weight).all()


def equal_tables(a, b):
    drop = ["fit_seconds"]
    pd.testing.assert_frame_equal(a.drop(columns=drop), b.drop(columns=drop), check_exact=True)


def test_processes_give_the_result_of_one_process(panel):
    told = []
    models = [QUICK, Constant(1.5), Ensemble((QUICK, Constant(1.5)))]
    serial = backtest(panel, models, 60, horizon=2, engine="serial", progress=lambda name, share: told.append(share))
    parallel = backtest(panel, models, 60, horizon=2, engine="joblib", jobs=2)
    equal_tables(score_table(serial), score_table(parallel))
    assert told == sorted(told) and told[-1] == 1.0


@pytest.mark.slow
def test_a_cluster_of_two_workers_gives_the_result_of_one_process(panel):
    distributed = pytest.importorskip("distributed")
    models = [QUICK, EndemicEpidemic(Settings(lags=1), name="one lag")]
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        result = backtest(panel, models, 62, engine="dask", scheduler=cluster.scheduler_address)
    equal_tables(score_table(result), score_table(backtest(panel, models, 62, engine="serial")))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(first_origin=0), "origins 0"),
        (dict(first_origin=70), "don't fit the data"),
        (dict(first_origin=60, last_origin=50), "don't fit the data"),
        (dict(first_origin=60, horizon=0), "counted from 1"),
        (dict(first_origin=60, engine="dask"), "address of a scheduler"),
    ],
)
def test_impossible_backtests_are_refused(panel, arguments, message):
    with pytest.raises(ValueError, match=message):
        backtest(panel, [Constant(1.0)], **arguments)


def test_models_of_one_name_are_refused(panel):
    with pytest.raises(ValueError, match="only once"):
        backtest(panel, [Constant(1.0), Constant(2.0)], 60)
    with pytest.raises(ValueError, match="names of their own"):
        backtest(panel, [Constant(1.0), Ensemble((Constant(2.0),))], 60)
