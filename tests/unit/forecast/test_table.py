import datetime as dt
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from rukun.core.areas import AreaTable, no_neighbours
from rukun.core.forecast.distribution import CountForecast, pool
from rukun.core.forecast.explain import Explanation
from rukun.core.forecast.interface import TooLittleData
from rukun.core.forecast.reasons import history, reasons_of
from rukun.core.forecast.table import COLUMNS, forecast_table, known_before, ranks
from rukun.core.panel import Panel


def a_panel(n=3, periods=20, every="week"):
    code = np.array([f"A{i}" for i in range(n)])
    starts = np.datetime64("2024-01-01") + 7 * np.arange(periods)
    if every == "month":
        starts = (np.datetime64("2024-01") + np.arange(periods)).astype("datetime64[D]")
    counts = np.tile(np.arange(n, dtype=np.int32)[:, None], (1, periods))
    return Panel(AreaTable(code, code, np.full(n, "")), no_neighbours(n, "none"), every, starts, counts, np.ones(n))


@dataclass(frozen=True)
class Level:
    """A fitted model whose forecast is the same in all periods."""

    mean: tuple[float, ...]
    name: str = "level"

    def forecast(self, horizon):
        return CountForecast.of(np.tile(self.mean, (horizon, 1)), 2.0)


@dataclass(frozen=True)
class Parted(Level):
    """The same, of which a quarter is recent and the rest baseline."""

    name: str = "parted"

    def explain(self, horizon):
        mean = np.tile(self.mean, (horizon, 1))
        nobody = np.zeros(0, dtype=np.int64), np.zeros(0)
        names = tuple(f"A{i}" for i in range(len(self.mean)))
        shares = np.stack([0.75 * mean, 0.25 * mean])
        return Explanation(("baseline", "recent"), shares, names, "week", lambda _h, _i: nobody)


@dataclass(frozen=True)
class Pool:
    members: tuple
    weight: np.ndarray
    name: str = "ensemble"

    def forecast(self, horizon):
        return pool([member.forecast(horizon) for _, member in self.members], self.weight)


def table_of(fitted, panel, horizon=2, **options):
    forecast = fitted.forecast(horizon)
    return forecast_table(panel, forecast, reasons_of(fitted, forecast, panel), **options)


def test_table_has_the_columns_and_the_distribution_in_the_order_of_the_ranks():
    table = table_of(Level((0.5, 3.0, 1.0)), a_panel())
    assert tuple(table.columns) == COLUMNS
    assert COLUMNS[:6] == ("origin", "period_start", "area", "category", "mean", "p_any")
    assert COLUMNS[6:] == ("q05", "q25", "q50", "q75", "q95", "rank", "reason")
    assert table["area"].tolist() == ["A1", "A2", "A0"] * 2
    assert table["rank"].tolist() == [1, 2, 3] * 2
    assert set(table["origin"]) == {np.datetime64("2024-05-20")}
    assert sorted(set(table["period_start"].astype(str))) == ["2024-05-20", "2024-05-27"]
    # size 2 and mean 3: scipy's negative binomial with n = 2, p = 2 / 5
    known = stats.nbinom(2, 2 / 5)
    first = table.iloc[0]
    assert first["p_any"] == pytest.approx(1 - known.pmf(0))
    assert [first[q] for q in ("q05", "q25", "q50", "q75", "q95")] == [
        known.ppf(p) for p in (0.05, 0.25, 0.5, 0.75, 0.95)
    ]


def test_ranks_count_each_area_once_and_equal_ones_in_order():
    assert ranks(np.array([[1.0, 3.0, 1.0, 2.0]])).tolist() == [[3, 1, 4, 2]]


def test_shares_of_any_model_sum_to_the_mean():
    panel = a_panel()
    models = (
        Level((0.5, 3.0, 1.0)),
        Parted((0.5, 3.0, 1.0)),
        Pool((("parted", Parted((0.5, 3.0, 1.0))), ("kernel", Level((1.0, 1.0, 1.0)))), np.array([0.7, 0.3])),
    )
    for fitted in models:
        table = table_of(fitted, panel, shares=True)
        shares = table[[column for column in table.columns if column.startswith("share_")]]
        assert np.abs(shares.sum(axis=1) - table["mean"]).max() < 1e-9, fitted.name
    assert list(shares.columns) == ["share_baseline", "share_recent", "share_model:kernel"]


def test_sentence_of_an_ensemble_speaks_of_its_own_mean_in_the_parts_of_its_member():
    fitted = Pool((("kernel", Level((4.0,))), ("parted", Parted((2.0,)))), np.array([0.5, 0.5]))
    forecast = fitted.forecast(1)
    reasons = reasons_of(fitted, forecast, a_panel(1))
    said = reasons.sentence(0, 0, "en")
    assert "Expected 3.0 events a week" in said
    assert "75 %" in said
    assert "25 %" in said


def test_model_without_parts_tells_the_history():
    panel = a_panel(n=3, periods=20)
    assert history(panel, 1.25, 2, "en") == (
        "Expected 1.2 events a week: an average of 2.0 over the last 12 weeks, 2.0 since the data begin."
    )
    said = table_of(Level((0.5, 3.0, 1.0)), panel)["reason"][0]
    assert said == "Perkiraan 3,0 kejadian per minggu: rata-rata 1,0 dalam 12 minggu terakhir, 1,0 sejak awal data."


class TestKnownBefore:
    @pytest.mark.parametrize(
        ("origin", "last"),
        [
            ("2024-05-20", "2024-05-13"),
            ("2024-05-26", "2024-05-13"),
            ("2024-05-19", "2024-05-06"),
            ("2024-01-08", "2024-01-01"),
        ],
    )
    def test_the_period_of_the_origin_is_the_first_that_is_not_known(self, origin, last):
        known = known_before(a_panel(), dt.date.fromisoformat(origin))
        assert str(known.starts[-1]) == last

    @pytest.mark.parametrize("origin", ["2024-05-27", "2023-12-31", "2024-01-01", "2024-01-07", "2030-01-01"])
    def test_an_origin_that_the_data_do_not_reach_is_refused_with_the_dates_that_they_do(self, origin):
        with pytest.raises(TooLittleData, match=r"from 2024-01-08 to 2024-05-26"):
            known_before(a_panel(), dt.date.fromisoformat(origin))

    def test_months(self):
        panel = a_panel(periods=5, every="month")
        assert str(known_before(panel, dt.date(2024, 6, 30)).starts[-1]) == "2024-05-01"
        with pytest.raises(TooLittleData):
            known_before(panel, dt.date(2024, 7, 1))
