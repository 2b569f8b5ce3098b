"""Empirical-Bayes estimation: penalised Fisher scoring for effects, Laplace's method for their variances.

The expected information has the shape of an arrow: one small block per area (its effects touch only its own cells) and
a border of fixed effects, so a Newton step costs as much as the areas are many, not their square. Variances of area
effects are updated in the same iterations from the posterior means and variances (the EM step for the Laplace
approximation; Breslow & Clayton 1993, JASA 88, 9), with a prior of two pseudo-areas of variance 0.01 that keeps them off 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from rukun.core.areas import FloatArray, IntArray
from rukun.core.forecast.endemic_epidemic.cells import EMPTY, Cells
from rukun.core.forecast.endemic_epidemic.design import Design
from rukun.core.forecast.endemic_epidemic.kernels import N_TERMS, accumulate, log_likelihood
from rukun.core.forecast.endemic_epidemic.lags import Loads
from rukun.core.forecast.endemic_epidemic.quiet import quiet_sums, quiet_value
from rukun.core.forecast.endemic_epidemic.settings import ENDEMIC, Settings

#: Prior of the decays (log power of the order, logit of the lag decay): mean and standard deviation.
DECAY_PRIOR = (np.log(1.6), 1.0)
LAG_PRIOR = (-1.0, 1.5)
#: Prior of log psi: mean and standard deviation, so that data without over-dispersion gives a small psi and no infinite one.
DISPERSION_PRIOR = (-1.0, 3.0)
_PSEUDO_AREAS, _PSEUDO_VARIANCE = 2.0, 0.01
_LOG_PSI_RANGE = (-18.0, 7.0)


@dataclass(frozen=True)
class Parameters:
    """Estimates. beta: (k,) columns by period; gamma: (a,) columns by area; log_decay: None without a power law;
    persistence: logit of the lag decay; effects: (n, r) area effects in `Settings.area_effects`; covariance: (r, r);
    log_psi: (1 + d,) level and columns of log psi; psi_effects: (units,) and their variance."""

    beta: FloatArray
    gamma: FloatArray
    log_decay: float | None
    persistence: float
    effects: FloatArray
    covariance: FloatArray
    log_psi: FloatArray
    psi_effects: FloatArray
    psi_variance: float


@dataclass(frozen=True)
class Frame:
    """What is fixed while parameters move: cells, design, exposure (n,), area columns (n, a) and the part of each (a,),
    the unit of dispersion of each area (n,) and the settings."""

    cells: Cells
    design: Design
    exposure: FloatArray
    area_columns: FloatArray
    area_part: IntArray
    psi_unit: IntArray
    settings: Settings


@dataclass(frozen=True)
class Curvature:
    """Inverse information in arrow form, for the uncertainty of forecasts.

    block: (n, r, r) inverse of each area's block; reach: (n, r, p) block @ border; fixed: (p, p) covariance of the fixed effects.
    """

    block: FloatArray
    reach: FloatArray
    fixed: FloatArray


@dataclass(frozen=True)
class Estimate:
    """log_likelihood: of the counts given all effects, with its constant; penalised: less the penalties, without the constant."""

    parameters: Parameters
    curvature: Curvature
    log_likelihood: float
    penalised: float
    iterations: int
    converged: bool


def starting_values(frame: Frame) -> Parameters:
    """A flat start: priors of the fixed effects, no area effects."""
    s, d = frame.settings, frame.design
    r = len(s.area_effects)
    return Parameters(
        beta=np.array([column.prior_mean for column in d.columns]),
        gamma=np.zeros(frame.area_columns.shape[1]),
        log_decay=DECAY_PRIOR[0] if s.neighbour_law == "power" and frame.cells.spread is not None else None,
        persistence=LAG_PRIOR[0],
        effects=np.zeros((len(frame.exposure), r)),
        covariance=np.eye(r) * 0.3,
        log_psi=np.concatenate([[-0.5], np.zeros(d.dispersion.shape[1])]),
        psi_effects=np.zeros(int(frame.psi_unit.max()) + 1 if s.dispersion != "global" else 0),
        psi_variance=0.1,
    )


def area_factors(frame: Frame, p: Parameters) -> FloatArray:
    """(n, 3) exponentials of the area effects and area columns, the endemic one times the exposure."""
    log_factor = np.zeros((len(frame.exposure), 3))
    for j, part in enumerate(frame.settings.area_effects):
        log_factor[:, part] += p.effects[:, j]
    for j, part in enumerate(frame.area_part):
        log_factor[:, part] += p.gamma[j] * frame.area_columns[:, j]
    factor = np.exp(np.clip(log_factor, -30.0, 30.0))
    factor[:, ENDEMIC] *= frame.exposure
    return np.asarray(factor)


def period_factors(design: Design, beta: FloatArray) -> FloatArray:
    """(groups, periods, 3) exponentials of the columns by period."""
    log_factor = np.zeros((*design.values.shape[:2], 3))
    for k, column in enumerate(design.columns):
        log_factor[:, :, column.part] += beta[k] * design.values[:, :, k]
    return np.exp(np.clip(log_factor, -50.0, 50.0))


def dispersion_factors(frame: Frame, p: Parameters) -> tuple[FloatArray, FloatArray]:
    """(n,) and (periods,) addends of log psi."""
    rho = np.full(len(frame.exposure), p.log_psi[0])
    if len(p.psi_effects):
        rho += p.psi_effects[frame.psi_unit]
    return np.clip(rho, *_LOG_PSI_RANGE), frame.design.dispersion @ p.log_psi[1:]


def _value(frame: Frame, p: Parameters, loads: Loads, prior: _Prior) -> float:
    c, factor, by_period = frame.cells, area_factors(frame, p), period_factors(frame.design, p.beta)
    rho, tau = dispersion_factors(frame, p)
    group = frame.design.group
    value = log_likelihood(
        c.start, c.period, c.y, loads.own, loads.around, c.detection, factor, group, by_period, rho, tau, not c.complete
    )
    if not c.complete:
        value += quiet_value(factor[:, 0], group, by_period[:, c.first : c.n_periods, 0], rho, tau[c.first : c.n_periods])
    return float(value) - prior.penalty(p)


@dataclass(frozen=True)
class _Prior:
    """Normal priors of the fixed effects, in the order beta, gamma, decay, persistence, and of the area effects."""

    mean: FloatArray
    precision: FloatArray
    effects: FloatArray

    def penalty(self, p: Parameters) -> float:
        fixed = _fixed(p, len(self.mean))
        return 0.5 * float(np.sum(self.precision * (fixed - self.mean) ** 2)) + 0.5 * float(
            np.einsum("ir,rs,is->", p.effects, self.effects, p.effects)
        )


def _fixed(p: Parameters, length: int) -> FloatArray:
    """Fixed effects as one vector; the persistence takes part only where there is more than one lag."""
    tail = ([] if p.log_decay is None else [p.log_decay]) + [p.persistence]
    return np.concatenate([p.beta, p.gamma, tail])[:length]


def _prior(frame: Frame, p: Parameters) -> _Prior:
    keep = frame.settings.shrinkage
    columns = frame.design.columns
    mean = [c.prior_mean for c in columns] + [0.0] * len(p.gamma)
    precision = [c.precision for c in columns] + [keep] * len(p.gamma)
    if p.log_decay is not None:
        mean.append(DECAY_PRIOR[0])
        precision.append(keep / DECAY_PRIOR[1] ** 2)
    if frame.cells.lags > 1:
        mean.append(LAG_PRIOR[0])
        precision.append(keep / LAG_PRIOR[1] ** 2)
    effects = np.linalg.inv(p.covariance) if p.covariance.size else np.zeros((0, 0))
    return _Prior(np.array(mean), np.array(precision), effects)


def estimate(frame: Frame, start: Parameters) -> Estimate:
    """Maximise the penalised likelihood and the variances; from `start`, usually an earlier fit."""
    s = frame.settings
    p, loads = start, frame.cells.loads(start.log_decay, start.persistence)
    before, change, iteration, converged = -np.inf, np.inf, 0, False
    for iteration in range(1, s.max_iterations + 1):
        prior = _prior(frame, p)
        system = _system(frame, p, loads, prior)
        step_effects, step_fixed, curvature = _solve(system, p, prior)
        p, loads, moved = _search(frame, p, loads, prior, system.value, step_fixed, step_effects)
        p, change = _update_variances(frame, p, curvature)
        p = _update_dispersion(frame, p, system)
        settled = abs(system.value - before) < s.tolerance * abs(system.value) and change < 2e-3
        before = system.value
        if iteration > 3 and (settled or not moved):
            converged = settled
            break
    prior = _prior(frame, p)
    system = _system(frame, p, loads, prior)
    _, _, curvature = _solve(system, p, prior)
    constant = float(special.gammaln(frame.cells.y + 1.0).sum())
    likelihood = system.value + prior.penalty(p) - constant
    return Estimate(p, curvature, likelihood, system.value, iteration, converged)


@dataclass(frozen=True)
class _System:
    """Score and information at one point. border: (n, r, p); blocks: (n, r, r) without the prior."""

    value: float
    score_fixed: FloatArray
    information: FloatArray
    score_effects: FloatArray
    blocks: FloatArray
    border: FloatArray
    psi_area: FloatArray
    psi_period: FloatArray


def _system(frame: Frame, p: Parameters, loads: Loads, prior: _Prior) -> _System:
    c, design, s = frame.cells, frame.design, frame.settings
    factor, by_period = area_factors(frame, p), period_factors(design, p.beta)
    rho, tau = dispersion_factors(frame, p)
    part = design.part
    value, score_area, info_area, score_period, info_period, cross, psi_area, psi_period = accumulate(
        c.start, c.period, c.y, loads.own, loads.around, loads.around_by_decay, loads.own_by_lag, loads.around_by_lag,
        c.detection, factor, design.group, by_period, rho, tau, design.values, part, not c.complete,
    )  # fmt: skip
    if not c.complete:
        seen = slice(c.first, c.n_periods)
        endemic = np.flatnonzero(part == ENDEMIC)
        quiet = quiet_sums(
            factor[:, 0], design.group, by_period[:, seen, 0], rho, tau[seen], design.values[:, seen, :][:, :, endemic]
        )
        value += quiet.value
        score_area[:, 0] -= quiet.share
        info_area[:, 0, 0] += quiet.share
        cross[:, 0, endemic] += quiet.cross
        score_period[:, seen, 0] -= quiet.share_period
        info_period[:, seen, 0, 0] += quiet.share_period
        psi_area += quiet.psi_area
        psi_period[seen] += quiet.psi_period
    k, extra = len(part), _extra_columns(frame, p)
    size = k + len(extra)
    score, information = np.zeros(size), np.zeros((size, size))
    for j in range(k):
        score[j] = np.sum(design.values[:, :, j] * score_period[:, :, part[j]])
        for m in range(j, k):
            information[j, m] = information[m, j] = np.sum(
                design.values[:, :, j] * design.values[:, :, m] * info_period[:, :, part[j], part[m]]
            )
    effects = list(s.area_effects)
    border = np.empty((len(factor), len(effects), size))
    border[:, :, :k] = cross[:, effects, :]
    for j, (column, term) in enumerate(extra, start=k):
        score[j] = column @ score_area[:, term]
        information[j, :k] = information[:k, j] = column @ cross[:, term, :]
        for m, (other, other_term) in enumerate(extra, start=k):
            information[j, m] = np.sum(column * other * info_area[:, term, other_term])
        border[:, :, j] = info_area[:, effects, term] * column[:, None]
    score -= prior.precision * (_fixed(p, size) - prior.mean)
    information += np.diag(prior.precision)
    blocks = info_area[:, effects, :][:, :, effects]
    score_effects = score_area[:, effects] - p.effects @ prior.effects
    return _System(
        float(value) - prior.penalty(p), score, information, score_effects, blocks, border, psi_area, psi_period
    )


def _extra_columns(frame: Frame, p: Parameters) -> list[tuple[FloatArray, int]]:
    """Fixed effects that aren't columns by period: (value by area, term they multiply)."""
    extra = [(frame.area_columns[:, j], int(part)) for j, part in enumerate(frame.area_part)]
    ones = np.ones(len(frame.exposure))
    if p.log_decay is not None:
        extra.append((ones, N_TERMS - 2))
    if frame.cells.lags > 1:
        extra.append((ones, N_TERMS - 1))
    return extra


def _solve(system: _System, p: Parameters, prior: _Prior) -> tuple[FloatArray, FloatArray, Curvature]:
    """Newton step of the arrow system: area effects (n, r), fixed effects (p,), and the curvature."""
    n, r = p.effects.shape
    size = len(system.score_fixed)
    block = np.linalg.inv(system.blocks + prior.effects) if r else np.zeros((n, 0, 0))
    reach = block @ system.border
    flat = (n * r, size)
    schur = system.information - system.border.reshape(flat).T @ reach.reshape(flat)
    own = np.einsum("irs,is->ir", block, system.score_effects)
    right = system.score_fixed - np.einsum("irp,ir->p", system.border, own)
    # a column that the data say nothing of has no information and no prior: a tiny ridge leaves it where it is
    diagonal = np.diag(schur)
    schur = schur + np.diag(1e-10 * np.maximum(diagonal, 0.0) + 1e-10 * max(1.0, float(diagonal.max())) * (diagonal <= 0))
    schur += np.eye(size) * 1e-12
    fixed = np.linalg.pinv(schur, hermitian=True)
    step = fixed @ right
    return own - np.einsum("irp,p->ir", reach, step), step, Curvature(block, reach, fixed)


def _search(
    frame: Frame,
    p: Parameters,
    loads: Loads,
    prior: _Prior,
    value: float,
    step_fixed: FloatArray,
    step_effects: FloatArray,
) -> tuple[Parameters, Loads, bool]:
    """Halve the Newton step until the penalised likelihood doesn't fall; the third result says whether any step was taken."""
    k, a = len(p.beta), len(p.gamma)
    largest = max(1.0, float(np.abs(step_fixed).max(initial=0.0)) / 4.0, float(np.abs(step_effects).max(initial=0.0)) / 4.0)
    scale = 1.0 / largest
    for _ in range(14):
        decay, persistence, at = p.log_decay, p.persistence, k + a
        if decay is not None:
            decay = float(np.clip(decay + np.clip(scale * step_fixed[at], -0.5, 0.5), -4.0, 3.0))
            at += 1
        if frame.cells.lags > 1:
            persistence = float(np.clip(persistence + np.clip(scale * step_fixed[at], -0.7, 0.7), -7.0, 5.0))
        trial = replace(
            p,
            beta=p.beta + scale * step_fixed[:k],
            gamma=p.gamma + scale * step_fixed[k : k + a],
            effects=p.effects + scale * step_effects,
            log_decay=decay,
            persistence=persistence,
        )
        same = decay == p.log_decay and persistence == p.persistence
        trial_loads = loads if same else frame.cells.loads(decay, persistence)
        if _value(frame, trial, trial_loads, prior) >= value - 1e-9 * abs(value):
            return trial, trial_loads, True
        scale /= 2.0
    return p, loads, False


def _update_variances(frame: Frame, p: Parameters, curvature: Curvature) -> tuple[Parameters, float]:
    n, r = p.effects.shape
    if r == 0:
        return p, 0.0
    through = curvature.reach @ curvature.fixed
    posterior = curvature.block.sum(axis=0) + np.einsum("irp,isp->rs", through, curvature.reach)
    covariance = p.effects.T @ p.effects + posterior + _PSEUDO_AREAS * _PSEUDO_VARIANCE * np.eye(r)
    covariance /= n + _PSEUDO_AREAS
    if not frame.settings.correlated:
        covariance = np.diag(np.diag(covariance))
    change = float(np.abs(covariance - p.covariance).max())
    return replace(p, covariance=covariance), change


def _update_dispersion(frame: Frame, p: Parameters, system: _System) -> Parameters:
    """One damped Newton step for log psi: its level and columns, then its effects by unit."""
    columns = np.column_stack([np.ones(len(frame.design.dispersion)), frame.design.dispersion])
    keep = frame.settings.shrinkage
    precision = np.full(columns.shape[1], keep / 1.0)
    precision[0] = keep / DISPERSION_PRIOR[1] ** 2
    mean = np.zeros(columns.shape[1])
    mean[0] = DISPERSION_PRIOR[0]
    curvature = columns.T @ (columns * system.psi_period[:, 1:2]) - np.diag(precision)
    score = columns.T @ system.psi_period[:, 0] - precision * (p.log_psi - mean)
    values, vectors = np.linalg.eigh(curvature)
    # the log-likelihood needn't be concave in log psi: |curvature| keeps the step uphill, the clip keeps it sane
    step = vectors @ ((vectors.T @ score) / np.maximum(np.abs(values), 0.5))
    log_psi = p.log_psi + np.clip(step, -1.0, 1.0)
    log_psi[0] = np.clip(log_psi[0], *_LOG_PSI_RANGE)
    if not len(p.psi_effects):
        return replace(p, log_psi=log_psi)
    units = len(p.psi_effects)
    first = np.bincount(frame.psi_unit, system.psi_area[:, 0], minlength=units)
    second = np.bincount(frame.psi_unit, system.psi_area[:, 1], minlength=units)
    information = np.maximum(-second, 0.0) + 1.0 / p.psi_variance
    effects = p.psi_effects + np.clip((first - p.psi_effects / p.psi_variance) / information, -1.0, 1.0)
    effects = np.clip(effects, -4.0, 4.0)
    variance = float(np.sum(effects**2 + 1.0 / information) + _PSEUDO_AREAS * _PSEUDO_VARIANCE) / (units + _PSEUDO_AREAS)
    return replace(p, log_psi=log_psi, psi_effects=effects, psi_variance=variance)
