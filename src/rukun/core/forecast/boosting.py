"""Gradient boosting of Poisson means on lags, neighbours and season (LightGBM, optional: the extra `boosting`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from rukun.core.areas import FloatArray, IntArray
from rukun.core.forecast.dispersion import fit_size
from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.interface import FittedModel, TooLittleData
from rukun.core.panel import PERIODS_PER_YEAR, Panel, starts_after

FloatColumn = npt.NDArray[np.float32]
#: Rows a model is trained on at the most: all with a count, and a sample of the others that stands for all of them.
MOST_ROWS = 1_000_000
#: Fewer than this tell a tree nothing.
LEAST_PERIODS, LEAST_EVENTS = 20, 20


@dataclass(frozen=True)
class Boosting:
    """One boosted model per period ahead, each of what was known that long before."""

    trees: int = 120
    learning_rate: float = 0.06
    leaves: int = 15
    seed: int = 1
    name: str = "boosting"

    def fit(self, panel: Panel, previous: FittedModel | None = None) -> FittedBoosting:
        """Train the model of one period ahead; those of more are trained when they are first asked for.

        Raises TooLittleData with few periods or events, ImportError with what to install where LightGBM is absent.
        """
        try:
            import lightgbm  # noqa: F401
        except ImportError as missing:
            raise ImportError("the model 'boosting' needs the extra: pip install 'rukun[boosting]'") from missing
        events = int(panel.counts.sum(dtype=np.int64))
        if panel.n_periods < LEAST_PERIODS or events < LEAST_EVENTS:
            raise TooLittleData(
                f"boosting needs {LEAST_PERIODS} periods and {LEAST_EVENTS} events or more; "
                f"here are {panel.n_periods} and {events}"
            )
        return FittedBoosting(self, panel, panel, {1: _train(self, panel, 1)}, self.name)


@dataclass(frozen=True)
class FittedBoosting:
    """trained: the panel that models learn from; panel: the one they forecast from; models: by period ahead."""

    settings: Boosting
    trained: Panel
    panel: Panel
    models: dict[int, tuple[Any, float]]
    name: str = "boosting"

    def forecast(self, horizon: int) -> CountForecast:
        """Means of the trees, with a dispersion fitted to the rows they learnt from."""
        means, sizes = [], []
        for step in range(1, horizon + 1):
            if step not in self.models:
                self.models[step] = _train(self.settings, self.trained, step)
            model, size = self.models[step]
            period = self.panel.n_periods + step - 1
            rows = np.arange(self.panel.n_areas) * (period + 1) + period
            columns, start = _features(self.panel, step, period + 1, rows)
            means.append(np.maximum(np.exp(start) * model.predict(columns), 1e-9))
            sizes.append(np.full(self.panel.n_areas, size))
        return CountForecast.of(np.array(means), np.array(sizes))

    def update(self, panel: Panel) -> FittedBoosting:
        """The same trees on newer counts."""
        return replace(self, panel=panel)


def _train(settings: Boosting, panel: Panel, step: int) -> tuple[Any, float]:
    import lightgbm

    counts = panel.counts.ravel()
    first = min(panel.n_periods // 3, round(PERIODS_PER_YEAR[panel.every])) + step
    period = np.tile(np.arange(panel.n_periods), panel.n_areas)
    usable = np.flatnonzero(period >= first)
    rows, weight = _sample(counts, usable, settings.seed)
    columns, start = _features(panel, step, panel.n_periods, rows)
    y = counts[rows].astype(np.float64)
    data = lightgbm.Dataset(columns, y, weight=weight, init_score=start, free_raw_data=False)
    parameters = {
        "objective": "poisson", "learning_rate": settings.learning_rate, "num_leaves": settings.leaves,
        "min_data_in_leaf": 40, "feature_fraction": 0.7, "lambda_l2": 1.0, "seed": settings.seed,
        "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1,
    }  # fmt: skip
    model = lightgbm.train(parameters, data, num_boost_round=settings.trees)
    mean = np.exp(start) * np.asarray(model.predict(columns))
    # in-sample means follow the counts too closely: a fifth of the spread they explain is given back
    honest = mean * 0.8 + 0.2 * float(np.average(y, weights=weight))
    return model, fit_size(y, honest)


def _sample(counts: npt.NDArray[np.int32], usable: IntArray, seed: int) -> tuple[IntArray, FloatArray]:
    """Rows to learn from and their weights: all, or all with a count and a sample of the zeros."""
    if len(usable) <= MOST_ROWS:
        return usable, np.ones(len(usable))
    some, none = usable[counts[usable] > 0], usable[counts[usable] == 0]
    room = max(MOST_ROWS - len(some), MOST_ROWS // 4)
    drawn = np.sort(np.random.default_rng(seed).choice(none, room, replace=False))
    rows = np.concatenate([some, drawn])
    return rows, np.concatenate([np.ones(len(some)), np.full(len(drawn), len(none) / room)])


def _features(panel: Panel, step: int, periods: int, rows: IntArray) -> tuple[FloatColumn, FloatArray]:
    """(rows, k) columns known `step` periods before each row, and the log of the area's own mean by then, (rows,).

    rows: flat indices into (n_areas, periods), periods up to the panel's and one forecast.
    """
    area, period = rows // periods, rows % periods
    known = np.minimum(period - step, panel.n_periods - 1)  # the last period that could be known
    columns = [column for column in _known_columns(panel, area, known)]
    events = np.zeros((panel.n_areas, panel.n_periods + 1), dtype=np.float32)
    np.cumsum(panel.counts, axis=1, out=events[:, 1:], dtype=np.float32)
    total = events.sum(axis=0, dtype=np.float64)
    share = panel.exposure / panel.exposure.sum()
    seen = known + 1.0
    overall = (total[known + 1] + 0.5) * share[area] / seen
    own = events[area, known + 1]
    # three periods' worth of the region's rate stand in for what an area hasn't shown yet
    mean = (own + 3.0 * overall + 1e-6) / (seen + 3.0)
    columns += [np.log(mean), np.log(panel.exposure[area])]
    ahead = max(0, periods - panel.n_periods)
    starts = np.concatenate([panel.starts, starts_after(panel.starts, panel.every, ahead)]) if ahead else panel.starts
    year = starts.astype(np.int64) / 365.2425
    for k in (1, 2):
        columns += [np.sin(2 * np.pi * k * year)[period], np.cos(2 * np.pi * k * year)[period]]
    for covariate in panel.covariates:
        at = np.minimum(period if covariate.known_ahead else known, covariate.values.shape[1] - 1)
        columns.append(covariate.values[covariate.group[area], at])
    return np.column_stack(columns).astype(np.float32), np.log(mean)


def _known_columns(panel: Panel, area: IntArray, known: IntArray) -> Iterator[FloatArray]:
    """Lags and averages of the counts here, around and of the region, at the last known period of each row."""
    counts = panel.counts.astype(np.float32)
    rows = np.repeat(np.arange(panel.n_areas), np.diff(panel.neighbours.start))
    for table, lags, spans in (
        (counts, 4, (8, 26)),
        (_around(panel, counts, rows, 1.0), 2, (4,)),
        (_around(panel, counts, rows, 2.0), 1, (4,)),
    ):
        for lag in range(lags):
            yield np.where(known >= lag, table[area, np.maximum(known - lag, 0)], 0.0)
        sums = np.concatenate([np.zeros((len(table), 1), np.float32), np.cumsum(table, axis=1)], axis=1)
        for span in spans:
            begin = np.maximum(known + 1 - span, 0)
            yield (sums[area, known + 1] - sums[area, begin]) / np.maximum(known + 1 - begin, 1)
    total = counts.sum(axis=0, dtype=np.float64)
    floor = max(3.0, 0.05 * float(total.mean()))
    level = np.log(total + floor)
    yield level[known]
    yield level[known] - level[np.maximum(known - 1, 0)]
    yield level[known] - level[np.maximum(known - 3, 0)]
    year = round(PERIODS_PER_YEAR[panel.every])
    yield np.where(known >= year, counts[area, np.maximum(known - year + 1, 0)], 0.0)


def _around(panel: Panel, counts: FloatColumn, rows: IntArray, order: float) -> FloatColumn:
    """(n, periods) mean count of the neighbours up to an order."""
    near = panel.neighbours.order <= order
    n = panel.n_areas
    tie = sparse.csr_array((np.ones(int(near.sum()), np.float32), (rows[near], panel.neighbours.index[near])), (n, n))
    number = np.maximum(np.asarray(tie.sum(axis=1)), 1.0)
    return np.asarray((tie @ counts) / number[:, None], dtype=np.float32)
