"""From a backtest to what its report shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rukun.core.forecast.backtest import BacktestResult, compare
from rukun.core.forecast.explain import Language
from rukun.core.forecast.hotspot_scores import hit_curve
from rukun.core.forecast.interface import Forecaster
from rukun.core.forecast.reasons import Reasons, reasons_of
from rukun.core.forecast.scores import calibration_test, pit_histogram, reliability
from rukun.core.panel import starts_after
from rukun.io.report_data import PLAIN_MEAN, AreaShares, ModelEvidence, Report

#: Shares of the surface of the PAI curve.
CURVE = np.array([0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2])
#: Areas whose reasons are shown.
TOP = 10


def best_model(scores: pd.DataFrame) -> str | None:
    """The model with the lowest log score one period ahead; None where none has a score."""
    first = scores[(scores["horizon"] == 1) & scores["log_score"].notna()]
    return None if first.empty else str(first["model"].iloc[int(first["log_score"].to_numpy().argmin())])


def evidence_of(result: BacktestResult, model: str) -> ModelEvidence:
    """How one model did one period ahead. Raises ValueError for a model that never forecast."""
    cells, observed = result.scores(model, 1), result.observed(1)
    expected, seen, size = reliability(result.p_any(model, 1), observed > 0)
    difference, no_better = None, None
    plain = result.runs.get(PLAIN_MEAN)
    if model != PLAIN_MEAN and plain is not None and any(f is not None for f in plain.forecasts):
        difference = compare(result, model, PLAIN_MEAN)
        mine, means = cells.log_score.mean(axis=0), result.scores(PLAIN_MEAN, 1).log_score.mean(axis=0)
        no_better = mine >= means
    return ModelEvidence(
        name=model,
        pit=pit_histogram(cells.pit_low, cells.pit_high),
        pit_p=calibration_test(cells.crps, cells.expected_crps),
        expected=expected,
        observed=seen,
        size=size,
        surface=CURVE,
        hit=hit_curve(result.means(model, 1), observed, result.surface, CURVE),
        difference=difference,
        no_better=no_better,
    )


def failures_of(result: BacktestResult) -> list[str]:
    """A sentence for each model that couldn't forecast from some origins."""
    return [
        f"{run.name} made no forecast from {len(run.failures):,} of {len(result.origins):,} origins: "
        f"{run.failures[0][1].partition(': ')[2] or run.failures[0][1]}"
        for run in result.runs.values()
        if run.failures
    ]


def report_of(
    result: BacktestResult,
    scores: pd.DataFrame,
    best: Forecaster,
    events: str,
    notes: Sequence[str] = (),
    language: Language = "id",
) -> Report:
    """The report of a backtest; best: the model that is fitted to all data for the map and its reasons.

    scores: the backtest's score table; events: name of the events file; notes: on the data.
    """
    panel = result.panel
    fitted = best.fit(panel)
    forecast = fitted.forecast(1)
    mean, p_any = forecast.total_mean[0], forecast.p_any[0]
    reasons = reasons_of(fitted, forecast, panel)
    scored = result.starts[result.common_origins(1)].astype("datetime64[D]")
    return Report(
        events=events,
        category=panel.category,
        every=panel.every,
        exercise=panel.exercise,
        n_areas=panel.n_areas,
        n_periods=panel.n_periods,
        n_events=int(panel.counts.sum(dtype=np.int64)),
        first=scored[0].item(),
        last=scored[-1].item(),
        origins=len(scored),
        scores=scores,
        evidence=tuple(
            evidence_of(result, name)
            for name, run in result.runs.items()
            if any(forecast is not None for forecast in run.forecasts)
        ),
        best=best.name,
        ahead=starts_after(panel.starts, panel.every, 1)[0].astype("datetime64[D]").item(),
        areas=panel.areas,
        mean=mean,
        p_any=p_any,
        top=_top(reasons, p_any, language),
        notes=tuple(notes),
        language=language,
    )


def _top(reasons: Reasons, p_any: np.ndarray, language: Language) -> tuple[AreaShares, ...]:
    mean, areas = reasons.mean[0], reasons.panel.areas
    parted = reasons.explanation is not None
    return tuple(
        AreaShares(
            code=str(areas.code[i]),
            name=str(areas.name[i]),
            mean=float(mean[i]),
            p_any=float(p_any[i]),
            labels=reasons.labels if parted else (),
            shares=reasons.shares[:, 0, i] if parted else np.zeros(0),
            reason=reasons.sentence(0, i, language),
        )
        for i in np.argsort(-mean, kind="stable")[:TOP].tolist()
    )
