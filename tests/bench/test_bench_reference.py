"""The same models as the peer's: equal maximised likelihoods, and the time they take."""

import time

import pytest
from peer import peer_figures

from panels import reference_panel
from rukun.core.forecast.endemic_epidemic import EndemicEpidemic, Settings

pytestmark = pytest.mark.bench

PLAIN = dict(
    shrinkage=0, area_effects=(), dispersion="global", dispersion_harmonics=0, growth=0, lags=1, population_in=(),
    season_period=52, trend=False, surroundings=False,
)  # fmt: skip
FLU = {**PLAIN, "neighbour_law": "equal", "max_order": 1, "harmonics": (3, 0, 0), "trend": True}
CASES = {
    "measles, first-order neighbours": (
        "measlesWeserEms",
        {**PLAIN, "neighbour_law": "equal", "max_order": 1, "normalise": False, "harmonics": (1, 0, 0)},
        -971.7596,
    ),
    "measles, power-law neighbours": ("measlesWeserEms", {**PLAIN, "max_order": 5, "harmonics": (1, 0, 0)}, -965.1294),
    "flu, fixed effects": ("fluBYBW", FLU, -19365.3807),
    "flu, correlated random effects": ("fluBYBW", {**FLU, "area_effects": (0, 1, 2), "shrinkage": 0}, None),
}
#: How many times faster than the peer a fit must be.
FASTER = {"flu, fixed effects": 1.0, "flu, correlated random effects": 20.0}


@pytest.mark.parametrize("label", CASES)
def test_fit(label):
    name, structure, expected = CASES[label]
    panel, model = reference_panel(name), EndemicEpidemic(Settings(**structure))
    model.fit(panel)  # kernels compiled and cached
    started = time.perf_counter()
    fit = model.fit(panel)
    seconds = time.perf_counter() - started
    peer = peer_figures()
    print(f"\n{label}: ours {seconds:.3f} s, log-likelihood {fit.estimate.log_likelihood:.4f}", end="")
    if expected is not None:
        print(f", peer's published {expected:.4f}", end="")
        assert fit.estimate.log_likelihood == pytest.approx(expected, abs=0.01)
    if isinstance(peer, str):
        print(f"; {peer}")
        return
    ratio = peer.seconds[label] / seconds
    print(f"; peer {peer.seconds[label]:.2f} s, {peer.log_likelihood[label]:.4f}: ours {ratio:.0f} times faster")
    if label in FASTER:
        assert ratio >= FASTER[label]
