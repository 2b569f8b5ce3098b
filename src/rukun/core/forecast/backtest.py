"""Rolling-origin backtests: what each model would have said, knowing only what was known."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import Parallel, delayed

from rukun.core.areas import FloatArray, IntArray
from rukun.core.forecast.distribution import CountForecast, pool
from rukun.core.forecast.ensemble import Ensemble, learn_weights, update_or_refit
from rukun.core.forecast.hotspot_scores import hit_rate, pai_difference
from rukun.core.forecast.interface import FittedModel, Forecaster
from rukun.core.forecast.scores import (
    CellScores,
    PairedDifference,
    coverage,
    paired_difference,
    score_cells,
    standard_error,
)
from rukun.core.panel import Panel, starts_after

Engine = Literal["serial", "joblib", "dask"]
#: Told which model has forecast how large a share (0 to 1) of its origins.
Progress = Callable[[str, float], None]
#: Origins before the first that is scored from which an ensemble already learns.
BURN_IN = 13


@dataclass(frozen=True)
class ModelRun:
    """Forecasts of one model, and why there are none where there are none.

    forecasts: by origin, None where the model failed; failures: (origin, reason); fit_seconds: mean time of a fit.
    """

    name: str
    forecasts: tuple[CountForecast | None, ...]
    failures: tuple[tuple[int, str], ...]
    fit_seconds: float


@dataclass(frozen=True)
class BacktestResult:
    """Forecasts of several models from the same origins.

    panel: the data, whole; origins: (o,) numbers of known periods, so that origin t forecasts periods t, t + 1, ...;
    runs: by model name, in the order asked for.
    """

    panel: Panel
    origins: IntArray
    horizon: int
    runs: dict[str, ModelRun]

    @property
    def starts(self) -> npt.NDArray[np.datetime64]:
        """(o,) first day forecast from each origin."""
        starts = np.append(self.panel.starts, starts_after(self.panel.starts, self.panel.every, 1))
        return np.asarray(starts[self.origins])

    def common_origins(self, step: int) -> IntArray:
        """Positions of the origins from which every model forecast and whose period `step` ahead (1 is the next) is
        known."""
        known = self.origins + step <= self.panel.n_periods
        done = [all(run.forecasts[o] is not None for run in self._scored()) for o in range(len(self.origins))]
        return np.flatnonzero(known & np.array(done, dtype=bool))

    def _scored(self) -> list[ModelRun]:
        """Runs that forecast at all: a model that refused everywhere doesn't empty the comparison of the others."""
        return [run for run in self.runs.values() if any(f is not None for f in run.forecasts)]

    def observed(self, step: int) -> npt.NDArray[np.int32]:
        """(common origins, n_areas) counts of the period `step` ahead."""
        return np.ascontiguousarray(self.panel.counts[:, self.origins[self.common_origins(step)] + step - 1].T)

    def forecasts(self, model: str, step: int) -> list[CountForecast]:
        """Forecasts of one model of the period `step` ahead, from each common origin, each (1, n_areas).

        Raises KeyError for a model that wasn't run, ValueError for one that never forecast.
        """
        run = self.runs[model]
        if all(forecast is None for forecast in run.forecasts):
            raise ValueError(f"{model} made no forecast: {run.failures[0][1] if run.failures else 'no origin'}")
        chosen = (run.forecasts[o] for o in self.common_origins(step))
        return [forecast.step(step) for forecast in chosen if forecast is not None]

    def means(self, model: str, step: int) -> FloatArray:
        """(common origins, n_areas) means."""
        return np.array([f.total_mean[0] for f in self.forecasts(model, step)]).reshape(-1, self.panel.n_areas)

    def p_any(self, model: str, step: int) -> FloatArray:
        """(common origins, n_areas) probabilities of at least one event."""
        return np.array([f.p_any[0] for f in self.forecasts(model, step)]).reshape(-1, self.panel.n_areas)

    def scores(self, model: str, step: int) -> CellScores:
        """Scores of one model's forecasts `step` ahead, arrays of (common origins, n_areas)."""
        cells = [
            score_cells(forecast, y[None])
            for forecast, y in zip(self.forecasts(model, step), self.observed(step), strict=True)
        ]
        shape = (-1, self.panel.n_areas)
        return CellScores(
            *(np.array([getattr(c, name)[0] for c in cells]).reshape(shape) for name in CellScores.__dataclass_fields__)
        )

    @property
    def surface(self) -> FloatArray:
        """(n_areas,) surface of each area in km2, or ones where it isn't known."""
        surface = self.panel.areas.surface
        return np.ones(self.panel.n_areas) if surface is None else np.maximum(surface, 1e-9)


#: Columns of a score table; see `score_table`.
COLUMNS = (
    "model", "horizon", "n", "log_score", "crps", "dss", "brier_any", "cover50", "cover90", "pai_1", "pai_5", "pei_1",
    "hit_5", "fit_seconds",
)  # fmt: skip


def score_table(result: BacktestResult) -> pd.DataFrame:
    """One row per model and horizon with the columns `COLUMNS`, models in the order they were run.

    n: forecasts scored; scores: means over them (lower is better); cover50, cover90: mean coverage by randomised PIT;
    pai, pei, hit: at 1 and 5 % of the surface, pooled over origins; fit_seconds: mean time of a fit. A model that
    never forecast has n = 0 and no scores.
    """
    rows = []
    for name, run in result.runs.items():
        for step in range(1, result.horizon + 1):
            row: dict[str, Any] = {"model": name, "horizon": step, "n": 0, "fit_seconds": run.fit_seconds}
            if any(f is not None for f in run.forecasts) and len(result.common_origins(step)):
                row |= _score_row(result, name, step)
            rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _score_row(result: BacktestResult, model: str, step: int) -> dict[str, Any]:
    cells, observed = result.scores(model, step), result.observed(step)
    means, surface = result.means(model, step), result.surface
    one, five = hit_rate(means, observed, surface, 0.01), hit_rate(means, observed, surface, 0.05)
    return {
        "n": observed.size,
        "log_score": float(cells.log_score.mean()),
        "crps": float(cells.crps.mean()),
        "dss": float(cells.dss.mean()),
        "brier_any": float(cells.brier_any.mean()),
        "cover50": float(coverage(cells.pit_low, cells.pit_high, 0.5).mean()),
        "cover90": float(coverage(cells.pit_low, cells.pit_high, 0.9).mean()),
        "pai_1": one.pai,
        "pai_5": five.pai,
        "pei_1": one.pei,
        "hit_5": five.hit,
    }


def score_errors(result: BacktestResult) -> pd.DataFrame:
    """Standard errors over origins of the log score and the CRPS, by model and horizon: log_score_error, crps_error."""
    rows = []
    for name, run in result.runs.items():
        for step in range(1, result.horizon + 1):
            if any(f is not None for f in run.forecasts) and len(result.common_origins(step)):
                cells = result.scores(name, step)
                errors = [standard_error(s.mean(axis=1)) for s in (cells.log_score, cells.crps)]
                rows.append({"model": name, "horizon": step, "log_score_error": errors[0], "crps_error": errors[1]})
    return pd.DataFrame(rows, columns=["model", "horizon", "log_score_error", "crps_error"])


def compare(result: BacktestResult, model: str, reference: str, step: int = 1) -> PairedDifference:
    """Mean difference of the log scores of two models over the same origins, with its 95 % interval; below 0 is
    better."""
    ours, theirs = (result.scores(name, step).log_score.mean(axis=1) for name in (model, reference))
    return paired_difference(ours, theirs)


def compare_pai(
    result: BacktestResult, model: str, reference: str, share: float = 0.01, step: int = 1
) -> PairedDifference:
    """Difference of the PAI of two models at one share of the surface, with its 95 % interval; above 0 is better."""
    ours, theirs = (result.means(name, step) for name in (model, reference))
    return pai_difference(ours, theirs, result.observed(step), result.surface, share)


def backtest(
    panel: Panel,
    models: Sequence[Forecaster],
    first_origin: int,
    last_origin: int | None = None,
    *,
    horizon: int = 1,
    refit_every: int = 1,
    engine: Engine = "joblib",
    scheduler: str | None = None,
    jobs: int = 2,
    progress: Progress | None = None,
) -> BacktestResult:
    """Forecast from every origin with every model, each knowing only `panel.until(origin)`.

    An origin is a number of known periods. Models are refitted every `refit_every` origins and conditioned on the
    newest
    counts between. An `Ensemble` among the models learns, at each origin, from its members' forecasts of origins whose
    outcome was known by then, beginning `BURN_IN` origins before the first.
    engine: "serial"; "joblib" runs models in parallel processes; "dask" on the cluster at `scheduler`. The chain of
    fits
    of one model is never split, so all engines give the same result.
    Raises ValueError where origins, horizon or models make no sense; a model's failure is recorded in its run.
    """
    last = panel.n_periods - 1 if last_origin is None else last_origin
    _check(panel, models, first_origin, last, horizon, refit_every)
    ensembles = [model for model in models if isinstance(model, Ensemble)]
    single: dict[str, Forecaster] = {}
    for model in [*models, *(member for ensemble in ensembles for member in ensemble.members)]:
        if not isinstance(model, Ensemble) and single.setdefault(model.name, model) != model:
            raise ValueError(f"two different models are called {model.name}: give them names of their own")
    earliest = max(first_origin - BURN_IN, min(first_origin, 2)) if ensembles else first_origin
    # refits fall on the same origins with and without an ensemble
    earliest = first_origin - (first_origin - earliest) // refit_every * refit_every if refit_every > 1 else earliest
    origins = np.arange(earliest, last + 1)
    runs = _run_all(panel, list(single.values()), origins, horizon, refit_every, engine, scheduler, jobs, progress)
    for ensemble in ensembles:
        runs[ensemble.name] = _pool_runs(panel, ensemble, runs, origins, horizon)
    skip = first_origin - earliest
    kept = {model.name: _from(runs[model.name], skip, first_origin) for model in models}
    return BacktestResult(panel, origins[skip:], horizon, kept)


def _check(panel: Panel, models: Sequence[Forecaster], first: int, last: int, horizon: int, refit_every: int) -> None:
    if not models:
        raise ValueError("a backtest needs at least one model")
    if len({model.name for model in models}) < len(models):
        raise ValueError("each model may be asked for only once")
    if horizon < 1 or refit_every < 1:
        raise ValueError(f"horizon and refits are counted from 1, not {min(horizon, refit_every)}")
    if not 1 <= first <= last < panel.n_periods:
        raise ValueError(
            f"origins {first} to {last} don't fit the data: with {panel.n_periods} periods they can go from 1 to "
            f"{panel.n_periods - 1}"
        )


def _from(run: ModelRun, skip: int, first_origin: int) -> ModelRun:
    failures = tuple(failure for failure in run.failures if failure[0] >= first_origin)
    return ModelRun(run.name, run.forecasts[skip:], failures, run.fit_seconds)


def _run_all(
    panel: Panel,
    models: list[Forecaster],
    origins: IntArray,
    horizon: int,
    refit_every: int,
    engine: Engine,
    scheduler: str | None,
    jobs: int,
    progress: Progress | None,
) -> dict[str, ModelRun]:
    if engine == "dask":
        return _run_on_dask(panel, models, origins, horizon, refit_every, scheduler, progress)
    if engine == "joblib" and jobs > 1 and len(models) > 1:
        runs = Parallel(n_jobs=jobs, return_as="generator_unordered")(
            delayed(run_model)(panel, model, origins, horizon, refit_every) for model in models
        )
        done: dict[str, ModelRun] = {}
        for run in runs:
            done[run.name] = run
            if progress is not None:
                progress(run.name, len(done) / len(models))
        return {model.name: done[model.name] for model in models}
    result = {}
    for number, model in enumerate(models):

        def tell(share: float, number: int = number, name: str = model.name) -> None:
            if progress is not None:
                progress(name, (number + share) / len(models))

        result[model.name] = run_model(panel, model, origins, horizon, refit_every, tell)
    return result


def _run_on_dask(
    panel: Panel,
    models: list[Forecaster],
    origins: IntArray,
    horizon: int,
    refit_every: int,
    scheduler: str | None,
    progress: Progress | None,
) -> dict[str, ModelRun]:
    try:
        from dask.distributed import Client, as_completed
    except ImportError as missing:
        raise ValueError("the engine dask needs the extra: pip install 'rukun[dask]'") from missing
    if scheduler is None:
        raise ValueError("the engine dask needs the address of a scheduler, such as tcp://127.0.0.1:8786")
    with Client(scheduler) as client:  # type: ignore[no-untyped-call]
        shared = client.scatter(panel, broadcast=True)
        futures = [
            client.submit(run_model, shared, model, origins, horizon, refit_every, pure=False) for model in models
        ]
        for number, future in enumerate(as_completed(futures), start=1):  # type: ignore[no-untyped-call]
            if progress is not None:
                progress(future.result().name, number / len(models))
        return {model.name: future.result() for model, future in zip(models, futures, strict=True)}


def run_model(
    panel: Panel,
    model: Forecaster,
    origins: IntArray,
    horizon: int,
    refit_every: int = 1,
    tell: Callable[[float], None] | None = None,
) -> ModelRun:
    """Forecasts of one model from ascending origins; what it fails on is recorded and doesn't stop the others."""
    forecasts: list[CountForecast | None] = []
    failures: list[tuple[int, str]] = []
    seconds: list[float] = []
    fitted: FittedModel | None = None
    for step, origin in enumerate(origins):
        known = panel.until(int(origin))
        try:
            if fitted is None or step % refit_every == 0:
                started = time.perf_counter()
                fitted = model.fit(known, fitted)
                seconds.append(time.perf_counter() - started)
            else:
                fitted = update_or_refit(model, fitted, known)
            forecasts.append(fitted.forecast(horizon))
        except Exception as failure:  # whatever a model stumbles over is a result of the comparison
            forecasts.append(None)
            failures.append((int(origin), f"{type(failure).__name__}: {failure}"))
            fitted = None
        if tell is not None:
            tell((step + 1) / len(origins))
    return ModelRun(model.name, tuple(forecasts), tuple(failures), float(np.mean(seconds)) if seconds else 0.0)


def _pool_runs(
    panel: Panel, ensemble: Ensemble, runs: dict[str, ModelRun], origins: IntArray, horizon: int
) -> ModelRun:
    """The ensemble's forecasts from its members': at each origin and step, weights from outcomes known by then."""
    members = [runs[member.name] for member in ensemble.members]
    members = [run for run in members if any(f is not None for f in run.forecasts)]
    if not members:
        reason = "no member made a forecast: " + "; ".join(r.failures[0][1] for r in runs.values() if r.failures)
        return ModelRun(ensemble.name, (None,) * len(origins), ((int(origins[0]), reason),), 0.0)
    started = time.perf_counter()
    # log-probabilities of what happened, (members, origins, n) by step; nan where there is no forecast
    density = [_log_densities(panel, members, origins, step) for step in range(1, horizon + 1)]
    forecasts: list[CountForecast | None] = []
    failures: list[tuple[int, str]] = []
    for position, origin in enumerate(origins):
        here = [run.forecasts[position] for run in members]
        able = [m for m, forecast in enumerate(here) if forecast is not None]
        if not able:
            forecasts.append(None)
            failures.append((int(origin), "no member made a forecast"))
            continue
        weights = np.empty((len(able), horizon))
        for step in range(1, horizon + 1):
            past = np.flatnonzero(origins[:position] + step <= origin)
            usable = past[~np.isnan(density[step - 1][able][:, past]).any(axis=(0, 2))]
            weights[:, step - 1] = learn_weights(density[step - 1][able][:, usable], ensemble.recency(len(usable)))
        forecasts.append(pool([forecast for forecast in here if forecast is not None], weights))
    seconds = (time.perf_counter() - started) / len(origins) + sum(run.fit_seconds for run in members)
    return ModelRun(ensemble.name, tuple(forecasts), tuple(failures), seconds)


def _log_densities(panel: Panel, members: list[ModelRun], origins: IntArray, step: int) -> FloatArray:
    density = np.full((len(members), len(origins), panel.n_areas), np.nan)
    for m, run in enumerate(members):
        for position, forecast in enumerate(run.forecasts):
            target = int(origins[position]) + step - 1
            if forecast is not None and target < panel.n_periods:
                probability = forecast.step(step).pmf(panel.counts[None, :, target])[0]
                density[m, position] = np.log(np.maximum(probability, 1e-300))
    return density
