"""A forecast as a table: one row per period ahead and area, ranked, with its reason."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from rukun.core.areas import IntArray
from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.explain import Language
from rukun.core.forecast.interface import TooLittleData
from rukun.core.forecast.reasons import Reasons
from rukun.core.panel import Panel, starts_after

QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
#: What a forecast table has, apart from shares.
COLUMNS = ("origin", "period_start", "area", "category", "mean", "p_any", *QUANTILES, "rank", "reason")
#: Before the label of a share in the name of its column.
SHARE = "share_"


def known_before(panel: Panel, origin: dt.date) -> Panel:
    """The panel as it was known when the period that holds `origin` began, so that this period is the first forecast.

    Raises TooLittleData where the data ends before that period's beginning or begins after it.
    """
    starts = np.append(panel.starts, starts_after(panel.starts, panel.every, 2))
    known = int(np.searchsorted(starts, np.datetime64(origin), side="right")) - 1
    if not 1 <= known <= panel.n_periods:
        last = starts[-1] - np.timedelta64(1, "D")
        raise TooLittleData(
            f"a forecast can't start at {origin}: with these data it can start from {starts[1]} to {last}"
        )
    return panel.until(known)


def origins_between(panel: Panel, first: dt.date, last: dt.date | None) -> tuple[int, int]:
    """First and last number of known periods from which the periods that begin from `first` to `last` are forecast.

    last: None for the end of the data.

    Raises TooLittleData where the data has no such period, or none before it.
    """
    low = int(np.searchsorted(panel.starts, np.datetime64(first), side="left"))
    high = panel.n_periods if last is None else int(np.searchsorted(panel.starts, np.datetime64(last), side="right"))
    if not 1 <= low < high:
        begin, end = panel.starts[min(1, panel.n_periods - 1)], panel.starts[-1]
        until = "" if last is None else f" to {last}"
        raise TooLittleData(
            f"no {panel.every} begins from {first}{until} with data before it: these data can be tested from {begin} "
            f"to {end}"
        )
    return low, high - 1


def ranks(mean: np.ndarray) -> IntArray:
    """Rank of each area in each period, 1 for the highest mean, equal ones in the order of the areas; like mean."""
    order = np.argsort(-mean, axis=-1, kind="stable")
    rank = np.empty(mean.shape, dtype=np.int64)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(1, mean.shape[-1] + 1), mean.shape), axis=-1)
    return rank


def forecast_table(
    panel: Panel, forecast: CountForecast, reasons: Reasons, language: Language = "id", shares: bool = False
) -> pd.DataFrame:
    """One row per period ahead and area, by period and rank, with the columns of `COLUMNS`.

    origin: the first day that isn't known, the same in all rows; mean: events a period; p_any: probability of at least
    one; q05 ... q95: quantiles in counts; rank: 1 for the highest mean of its period. With `shares` one more column per
    label of `reasons`, which sum to mean.
    """
    mean = forecast.total_mean
    horizon, n = mean.shape
    starts = starts_after(panel.starts, panel.every, horizon)
    rank = ranks(mean)
    columns = {
        "origin": np.full(horizon * n, starts[0]),
        "period_start": np.repeat(starts, n),
        "area": np.tile(panel.areas.code, horizon),
        "category": panel.category,
        "mean": mean.ravel(),
        "p_any": forecast.p_any.ravel(),
        **{name: forecast.quantile(level).ravel() for name, level in QUANTILES.items()},
        "rank": rank.ravel(),
        "reason": [reasons.sentence(h, i, language) for h in range(horizon) for i in range(n)],
    }
    if shares:
        columns |= {SHARE + label: part.ravel() for label, part in zip(reasons.labels, reasons.shares, strict=True)}
    table = pd.DataFrame(columns)
    return table.sort_values(["period_start", "rank"], kind="stable", ignore_index=True)
