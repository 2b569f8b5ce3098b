from dataclasses import dataclass

import numpy as np
import pytest

from panels import make_panel
from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.ensemble import Ensemble, FittedEnsemble, learn_weights
from rukun.core.forecast.interface import Forecaster, TooLittleData


@dataclass(frozen=True)
class Constant:
    """Always the same Poisson mean."""

    mean: float
    name: str = "constant"

    def fit(self, panel, previous=None):
        if self.mean < 0:
            raise TooLittleData("wants more")
        return FittedConstant(self.mean, panel.n_areas)


@dataclass(frozen=True)
class FittedConstant:
    mean: float
    n: int

    def forecast(self, horizon):
        return CountForecast.of(np.full((horizon, self.n), self.mean), np.inf)

    def update(self, panel):
        return self


def poisson_log_densities(y, means):
    from scipy.stats import poisson

    return np.array([poisson.logpmf(y, mean) for mean in means])


def test_weights_go_to_the_member_that_is_right():
    y = np.random.default_rng(0).poisson(2.0, (30, 40))
    weight = learn_weights(poisson_log_densities(y, [2.0, 6.0, 0.2]))
    assert weight.sum() == pytest.approx(1) and weight[0] > 0.9


def test_weights_maximise_the_log_score_of_the_pool():
    rng = np.random.default_rng(1)
    y = np.where(rng.random((60, 50)) < 0.7, rng.poisson(1.0, (60, 50)), rng.poisson(9.0, (60, 50)))
    density = poisson_log_densities(y, [1.0, 9.0])
    weight = learn_weights(density)
    assert weight[0] == pytest.approx(0.7, abs=0.04)
    grid = np.linspace(0.01, 0.99, 99)
    score = [np.log(w * np.exp(density[0]) + (1 - w) * np.exp(density[1])).mean() for w in grid]
    assert weight[0] == pytest.approx(grid[int(np.argmax(score))], abs=0.02)


def test_without_a_past_or_without_differences_weights_are_equal():
    assert learn_weights(np.zeros((3, 0, 5))) == pytest.approx([1 / 3] * 3)
    assert learn_weights(np.full((2, 4, 5), -1.3)) == pytest.approx([0.5, 0.5])
    assert learn_weights(np.full((2, 4, 5), -1e9)) == pytest.approx([0.5, 0.5])


def test_recent_origins_count_more():
    y = np.concatenate([np.full((50, 10), 6), np.full((10, 10), 1)])
    density = poisson_log_densities(y, [1.0, 6.0])
    recency = Ensemble((), half_life=4.0).recency(60)
    assert learn_weights(density, recency)[0] > 0.6 > 0.3 > learn_weights(density)[0]


def test_the_ensemble_is_a_forecaster_that_pools_its_fitted_members():
    panel = make_panel(np.random.default_rng(2).poisson(3.0, (6, 60)))
    ensemble = Ensemble((Constant(3.0, "right"), Constant(0.5, "wrong")))
    fitted = ensemble.fit(panel)
    assert isinstance(ensemble, Forecaster) and isinstance(fitted, FittedEnsemble)
    assert dict(zip([name for name, _ in fitted.members], fitted.weight, strict=True))["right"] > 0.9
    forecast = fitted.forecast(3)
    assert forecast.total_mean == pytest.approx(np.full((3, 6), fitted.weight @ [3.0, 0.5]))


def test_a_member_that_refuses_is_left_out_and_all_refusing_is_a_refusal():
    panel = make_panel(np.ones((3, 30)))
    fitted = Ensemble((Constant(1.0, "able"), Constant(-1.0, "unable"))).fit(panel)
    assert [name for name, _ in fitted.members] == ["able"] and fitted.weight == pytest.approx([1.0])
    with pytest.raises(TooLittleData, match="unable: wants more"):
        Ensemble((Constant(-1.0, "unable"),)).fit(panel)
