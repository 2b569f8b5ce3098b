"""Burglaries in a 250 m grid, week by week: the places with the highest forecasts against a kernel density's."""

from pathlib import Path

import pytest

from rukun.core.forecast.backtest import backtest, compare, compare_pai, score_table
from rukun.core.forecast.registry import model_named
from rukun.io.dataset import DatasetRequest, load_dataset

pytestmark = pytest.mark.bench
EVENTS = Path(__file__).parents[3] / "shared" / "data" / "events" / "cincinnati_burglary.csv"
SINGLE = ("endemic_epidemic", "kernel", "near_repeat", "smoothing", "seasonal", "boosting", "mean")


def test_hot_spots():
    if not EVENTS.exists():
        pytest.skip(f"{EVENTS} is absent: the reference data is not part of the repository")
    panel = load_dataset(DatasetRequest(EVENTS, grid_metres=250, columns={"date": "offense_date"})).panels["all"]
    models = [model_named(model) for model in ("ensemble", *SINGLE)]
    result = backtest(panel, models, panel.n_periods - 52, refit_every=13, engine="joblib", jobs=2)
    table = score_table(result).set_index("model")
    print(f"\n{panel.n_areas} squares, {panel.n_periods} weeks, the last 52 forecast, refitted every 13")
    print(table[["log_score", "crps", "cover90", "pai_1", "pai_5", "pei_1", "hit_5"]].round(4).to_string())
    for other in SINGLE:
        pai, log_score = compare_pai(result, "ensemble", other), compare(result, "ensemble", other)
        print(
            f"ensemble less {other}: PAI at 1 % {pai.mean:+.2f} ({pai.low:+.2f} to {pai.high:+.2f}), "
            f"log score {log_score.mean:+.5f} ({log_score.low:+.5f} to {log_score.high:+.5f})"
        )
    singles = table.loc[list(SINGLE)]
    # which single model is best isn't known beforehand: as good means no worse than chance can tell
    best = compare_pai(result, "ensemble", str(singles["pai_1"].idxmax()))
    assert best.high >= 0 and table.loc["ensemble", "pai_1"] >= singles["pai_1"].max() - 0.1
    assert table.loc["ensemble", "pai_1"] >= table.loc["kernel", "pai_1"]
    assert table.loc["ensemble", "log_score"] <= singles["log_score"].min()
    assert table.loc[["ensemble", "endemic_epidemic"], "cover90"].between(0.87, 0.93).all()
