"""Several models as one: a linear pool whose weights are learnt from how the members did before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rukun.core.areas import FloatArray
from rukun.core.forecast.distribution import CountForecast, pool
from rukun.core.forecast.interface import FittedModel, Forecaster, TooLittleData
from rukun.core.forecast.scores import LEAST_LOG_PROBABILITY
from rukun.core.panel import Panel

#: The prior counts as much as this many cells that tell the members wholly apart: it matters only at the start. It
#: isn't counted in all cells, since most cells of rare counts tell nothing.
PRIOR_CELLS = 2.0
_NEWTON_STEPS = 100


def learn_weights(log_density: FloatArray, recency: FloatArray | None = None) -> FloatArray:
    """Weights of a linear pool that maximise its log score on past origins.

    log_density: (members, origins, cells) log-probabilities that each member gave to what happened; recency: (origins,)
    weight of each origin, ones by default. Returns (members,) >= 0 with sum 1; equal weights without origins.
    Newton steps on the concave posterior of mixture proportions, with a Dirichlet prior worth `PRIOR_CELLS` cells at
    equal weights that keeps every member in (Boyd & Vandenberghe 2004, Convex Optimization, section 10.2).
    """
    members, origins, cells = log_density.shape
    weight = np.full(members, 1.0 / members)
    if origins == 0 or members == 1:
        return weight
    share = np.ones(origins) if recency is None else recency
    flat = np.maximum(log_density, LEAST_LOG_PROBABILITY).reshape(members, -1)
    density = np.exp(flat - flat.max(axis=0))
    per_cell = np.repeat(share, cells)
    # cells in which all members say nearly the same tell nothing: they only slow the steps down
    telling = density.min(axis=0) < 1.0 - 1e-9
    density, per_cell = density[:, telling], per_cell[telling]
    prior = PRIOR_CELLS / members
    value = _log_posterior(weight, density, per_cell, prior)
    for _ in range(_NEWTON_STEPS):
        relative = density / (weight @ density)
        gradient = relative @ per_cell + prior / weight
        curvature = (relative * per_cell) @ relative.T + np.diag(prior / weight**2)
        # the step that keeps the sum: curvature's inverse on the gradient, less its projection on the constraint
        toward = np.linalg.solve(curvature, np.column_stack([gradient, np.ones(members)]))
        step = toward[:, 0] - toward[:, 1] * toward[:, 0].sum() / toward[:, 1].sum()
        gain = float(gradient @ step)
        if gain < 1e-9:
            break
        falling = step < 0.0
        length = min(1.0, 0.9 * float(np.min(-weight[falling] / step[falling])))
        while length > 1e-12:
            moved = weight + length * step
            reached = _log_posterior(moved, density, per_cell, prior)
            if reached >= value + 1e-4 * length * gain:
                weight, value = moved / moved.sum(), reached
                break
            length *= 0.5
        else:
            break
    return weight


def _log_posterior(weight: FloatArray, density: FloatArray, per_cell: FloatArray, prior: float) -> float:
    return float(per_cell @ np.log(weight @ density) + prior * np.log(weight).sum())


@dataclass(frozen=True)
class Ensemble:
    """Linear pool of its members, itself a forecaster.

    Its fit forecasts the last `learn_origins` origins of the panel with each member, refitted every `refit_every`,
    learns the
    weights from them, and fits the members to everything. In a backtest the members' own forecasts of earlier origins
    serve instead. half_life: origins after which an earlier one counts half.
    """

    members: tuple[Forecaster, ...]
    learn_origins: int = 16
    refit_every: int = 8
    half_life: float = 52.0
    name: str = "ensemble"

    def fit(self, panel: Panel, previous: FittedModel | None = None) -> FittedEnsemble:
        """Learn weights and fit members; a member that refuses the data is left out.

        Raises TooLittleData when all do.
        """
        earlier = dict(previous.members) if isinstance(previous, FittedEnsemble) else {}
        fitted: list[tuple[str, FittedModel]] = []
        refused: list[str] = []
        kept: list[Forecaster] = []
        for member in self.members:
            try:
                fitted.append((member.name, member.fit(panel, earlier.get(member.name))))
                kept.append(member)
            except TooLittleData as refusal:
                refused.append(f"{member.name}: {refusal}")
        if not fitted:
            raise TooLittleData("no member of the ensemble can use these data: " + "; ".join(refused))
        weight = self.weights_at_end(panel, kept)
        return FittedEnsemble(tuple(fitted), weight, self.name)

    def weights_at_end(self, panel: Panel, members: Sequence[Forecaster]) -> FloatArray:
        """(members,) weights learnt on the last origins of the panel, one period ahead."""
        last = panel.n_periods - 1
        first = max(panel.n_periods - self.learn_origins, panel.n_periods // 2)
        densities: list[FloatArray] = []
        fits: list[FittedModel] = []
        for step, origin in enumerate(range(first, last + 1)):
            known = panel.until(origin)
            try:
                if step % self.refit_every == 0 or not fits:
                    fits = [m.fit(known, fits[k] if fits else None) for k, m in enumerate(members)]
                else:
                    fits = [update_or_refit(m, f, known) for m, f in zip(members, fits, strict=True)]
            except TooLittleData:
                continue
            y = panel.counts[None, :, origin]
            densities.append(np.array([np.log(np.maximum(f.forecast(1).pmf(y)[0], 1e-300)) for f in fits]))
        if not densities:
            return np.full(len(members), 1.0 / len(members))
        return learn_weights(np.stack(densities, axis=1), self.recency(len(densities)))

    def recency(self, origins: int) -> FloatArray:
        """(origins,) weights of past origins, the newest last."""
        return np.asarray(0.5 ** (np.arange(origins)[::-1] / self.half_life))


@dataclass(frozen=True)
class FittedEnsemble:
    """members: names and fitted members; weight: (members,)."""

    members: tuple[tuple[str, FittedModel], ...]
    weight: FloatArray
    name: str = "ensemble"

    def forecast(self, horizon: int) -> CountForecast:
        """The pool of the members' forecasts, one part (or more) per member."""
        forecasts = [fitted.forecast(horizon) for _, fitted in self.members]
        return pool(forecasts, np.repeat(self.weight[:, None], horizon, axis=1))


def update_or_refit(model: Forecaster, fitted: FittedModel, panel: Panel) -> FittedModel:
    """The fit conditioned on the newer counts of `panel`: by its own `update` where it has one, else by a refit."""
    update = getattr(fitted, "update", None)
    if update is None:
        return model.fit(panel, fitted)
    updated: FittedModel = update(panel)
    return updated
