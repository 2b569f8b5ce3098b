"""One week ahead from a rolling origin on reference counts, against the best of the peer's models."""

import time

import pytest
from peer import peer_figures

from panels import reference_panel
from rukun.core.forecast.backtest import backtest, compare, score_table
from rukun.core.forecast.registry import model_named

pytestmark = pytest.mark.bench

#: Data, origins, what log score and RPS must be at the most, and the labels of the peer's rolling forecasts.
CASES = {
    "flu": ("fluBYBW", 312, 415, (0.545, 0.425), "flu"),
    "measles": ("measlesWeserEms", 52, 103, (0.6300, 0.5071), "measles"),
}
MODELS = ("endemic_epidemic", "ensemble", "smoothing", "kernel", "near_repeat", "seasonal", "boosting", "mean")


@pytest.mark.parametrize("label", CASES)
def test_rolling(label):
    name, first, last, (most_log, most_rps), peer_label = CASES[label]
    panel = reference_panel(name)
    backtest(panel, [model_named("endemic_epidemic")], first, first + 1, engine="serial")  # kernels compiled and cached
    started = time.perf_counter()
    backtest(panel, [model_named("endemic_epidemic")], first, last, engine="serial")
    alone = time.perf_counter() - started
    started = time.perf_counter()
    result = backtest(panel, [model_named(model) for model in MODELS], first, last, engine="joblib", jobs=2)
    together = time.perf_counter() - started
    table = score_table(result).set_index("model")
    print(f"\n{label}, one week ahead, {last - first + 1} rolling origins, refitted at each")
    print(table[["log_score", "crps", "cover50", "cover90", "fit_seconds"]].round(4).to_string())
    print(f"endemic_epidemic alone {alone:.1f} s; all models and the ensemble {together:.1f} s on two cores")
    against = compare(result, "ensemble", "endemic_epidemic")
    print(f"ensemble less endemic_epidemic: {against.mean:+.4f} ({against.low:+.4f} to {against.high:+.4f})")
    peer = peer_figures()
    theirs = {} if isinstance(peer, str) else {k: v for k, v in peer.rolling.items() if k.startswith(peer_label)}
    for their_label, (log_score, rps, seconds) in theirs.items():
        print(f"peer, {their_label}: {log_score:.4f} / {rps:.4f}, {seconds:.0f} s")
    if isinstance(peer, str):
        print(peer)
    for model in ("endemic_epidemic", "ensemble"):
        row = table.loc[model]
        assert row["log_score"] <= min([most_log, *(log_score for log_score, _, _ in theirs.values())])
        assert row["crps"] <= min([most_rps, *(rps for _, rps, _ in theirs.values())])
        assert 0.87 <= row["cover90"] <= 0.93
    assert alone <= 60 and together <= 60
