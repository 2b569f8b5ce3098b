"""Attention that follows the forecast, 1,000 days: naive counting runs away, the effort-corrected forecast doesn't."""

import numpy as np
import pytest

from rukun.core.forecast.endemic_epidemic import EndemicEpidemic
from rukun.exercise.feedback import feedback_panel, naive_allocation, simulate_feedback

pytestmark = pytest.mark.bench


class Forecast:
    """Attention in proportion to the forecast, warm-started from the one before."""

    def __init__(self):
        self.fit = None

    def __call__(self, found, visits):
        self.fit = EndemicEpidemic().fit(feedback_panel(found, visits), self.fit)
        return self.fit.forecast(1).mean[0, 0]


CASES = {
    "two areas, true share 0.60": (np.array([1.2, 0.8]), 1, 28, 50),
    "two areas, true share 0.50": (np.array([1.0, 1.0]), 1, 28, 50),
    "fifty areas": (np.random.default_rng(0).gamma(2.0, 0.25, 50), 25, 84, 50),
}


@pytest.mark.parametrize("label", CASES)
def test_feedback(label):
    rates, visits, every, seeds = CASES[label]
    true = rates / rates.sum()
    ours = np.array(
        [simulate_feedback(rates, Forecast(), 1000, visits, s, every=every).share(500) for s in range(seeds)]
    )
    naive = np.array([simulate_feedback(rates, naive_allocation, 1000, visits, s).share(500) for s in range(seeds)])
    off, naive_off = np.abs(ours - true).max(axis=1), np.abs(naive - true).max(axis=1)
    bias = np.abs(ours.mean(axis=0) - true).max()
    print(
        f"\n{label}, {seeds} seeds, last 500 of 1,000 days, farthest area from its true share: "
        f"ours mean {off.mean():.3f}, worst seed {off.max():.3f}, mean over seeds {bias:.3f}; "
        f"naive mean {naive_off.mean():.3f}, worst {naive_off.max():.3f}"
    )
    assert bias <= 0.02
    assert off.max() <= 0.05
    assert naive_off.mean() > 2.5 * off.mean()
