"""Empirical-Bayes estimation: penalised Fisher scoring for effects, Laplace's method for their variances.

The expected information has the shape of an arrow: one small block per area (its effects touch only its own cells) and
a border of fixed effects, so a Newton step costs as much as the areas are many, not their square. Variances of area
effects are updated in the same iterations from the posterior means and variances (the EM step for the Laplace
approximation; Breslow & Clayton 1993, JASA 88, 9), with a prior of two pseudo-areas of small variance that keeps them
off 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from rukun.core.areas import FloatArray, IntArray
from rukun.core.forecast.endemic_epidemic.cells import Cells
from rukun.core.forecast.endemic_epidemic.design import Design
from rukun.core.forecast.endemic_epidemic.kernels import N_PARTS, N_TERMS
from rukun.core.forecast.endemic_epidemic.lags import Loads
from rukun.core.forecast.endemic_epidemic.settings import ENDEMIC, Settings
from rukun.core.forecast.endemic_epidemic.sums import Factors, sum_derivatives, sum_value

#: Prior of the decays (log power of the order, logit of the lag decay): mean and standard deviation.
DECAY_PRIOR = (np.log(1.6), 1.0)
LAG_PRIOR = (-1.0, 1.5)
#: Prior of log psi: mean and standard deviation, so that data without over-dispersion gives a small psi and no
#: infinite one.
DISPERSION_PRIOR = (-1.0, 3.0)
_PSEUDO_AREAS, _PSEUDO_VARIANCE = 2.0, (0.1, 0.02, 0.02)
_LONGEST_JUMP = 1.0
#: An area without events would be explained as well by a huge dispersion as by a low mean; the low mean is the sane
#: answer.
_LARGEST_PSI_EFFECT = 1.2
_PSEUDO_UNITS, _PSEUDO_PSI_VARIANCE = 10.0, 0.1
#: Iterations before dispersion may differ between units, so that means settle first.
_MEANS_FIRST = 4
_LEAST_DECAY_STEP = 2e-4
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

    block: (n, r, r) inverse of each area's block; reach: (n, r, p) block @ border; fixed: (p, p) covariance of the
    fixed effects.
    """

    block: FloatArray
    reach: FloatArray
    fixed: FloatArray


@dataclass(frozen=True)
class Estimate:
    """log_likelihood: of the counts given all effects, with its constant; penalised: less the penalties, without the
    constant."""

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
    return np.asarray(np.exp(np.clip(log_factor, -50.0, 50.0)))


def dispersion_factors(frame: Frame, p: Parameters) -> tuple[FloatArray, FloatArray]:
    """(n,) and (periods,) addends of log psi."""
    rho = np.full(len(frame.exposure), p.log_psi[0])
    if len(p.psi_effects):
        rho += p.psi_effects[frame.psi_unit]
    return np.clip(rho, *_LOG_PSI_RANGE), frame.design.dispersion @ p.log_psi[1:]


def factors(frame: Frame, p: Parameters) -> Factors:
    """All factors of the mean and the dispersion at these parameters."""
    rho, tau = dispersion_factors(frame, p)
    return Factors(area_factors(frame, p), frame.design.group, period_factors(frame.design, p.beta), rho, tau)


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
    effects: FloatArray = np.asarray(np.linalg.inv(p.covariance)) if p.covariance.size else np.zeros((0, 0))
    return _Prior(np.array(mean), np.array(precision), effects)


def estimate(frame: Frame, start: Parameters) -> Estimate:
    """Maximise the penalised likelihood and the variances; from `start`, usually an earlier fit."""
    s = frame.settings
    p, loads = start, frame.cells.loads(start.log_decay, start.persistence)
    before, change, iteration, converged = -np.inf, np.inf, 0, False
    recent: list[FloatArray] = []
    pace = np.array([0.5, 0.7])
    last_decays = np.zeros(2)
    for iteration in range(1, s.max_iterations + 1):
        prior = _prior(frame, p)
        system = _system(frame, p, loads, prior)
        step_effects, step_fixed, curvature = _solve(system, p, prior)
        was = p
        p, loads, moved = _search(frame, p, loads, prior, system.value, step_fixed, step_effects, pace)
        decays = np.array([(p.log_decay or 0.0) - (was.log_decay or 0.0), p.persistence - was.persistence])
        # the decays enter non-linearly and the expected information can overstep them: a turn back halves their pace
        pace = np.where(decays * last_decays < 0.0, pace / 3.0, np.minimum(pace * 1.5, 0.7))
        last_decays = decays
        p, change = _update_variances(frame, p, curvature)
        p = _extrapolate_variances(_update_dispersion(frame, p, system, iteration > _MEANS_FIRST), recent)
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
    design, part = frame.design, frame.design.part
    sums = sum_derivatives(frame.cells, loads, factors(frame, p), design.values, part)
    score_area, info_area, cross = sums.score_area, sums.info_area, sums.cross
    score_period, info_period = sums.score_period, sums.info_period
    k, extra = len(part), _extra_columns(frame, p)
    size = k + len(extra)
    score, information = np.zeros(size), np.zeros((size, size))
    for j in range(k):
        score[j] = np.sum(design.values[:, :, j] * score_period[:, :, part[j]])
        for m in range(j, k):
            information[j, m] = information[m, j] = np.sum(
                design.values[:, :, j] * design.values[:, :, m] * info_period[:, :, part[j], part[m]]
            )
    effects = list(frame.settings.area_effects)
    border = np.empty((len(frame.exposure), len(effects), size))
    border[:, :, :k] = cross[:, effects, :]
    for j, (column, term) in enumerate(extra, start=k):
        score[j] = column @ score_area[:, term]
        information[j, :k] = information[:k, j] = (
            column @ cross[:, term, :]
            if term < N_PARTS
            else [np.sum(design.values[:, :, m] * info_period[:, :, part[m], term]) for m in range(k)]
        )
        for m, (other, other_term) in enumerate(extra, start=k):
            information[j, m] = np.sum(column * other * info_area[:, term, other_term])
        border[:, :, j] = info_area[:, effects, term] * column[:, None]
    score -= prior.precision * (_fixed(p, size) - prior.mean)
    information += np.diag(prior.precision)
    blocks = info_area[:, effects, :][:, :, effects]
    score_effects = score_area[:, effects] - p.effects @ prior.effects
    return _System(
        sums.value - prior.penalty(p), score, information, score_effects, blocks, border, sums.psi_area, sums.psi_period
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
    block: FloatArray = np.asarray(np.linalg.inv(system.blocks + prior.effects)) if r else np.zeros((n, 0, 0))
    reach = block @ system.border
    flat = (n * r, size)
    schur = system.information - system.border.reshape(flat).T @ reach.reshape(flat)
    own = np.einsum("irs,is->ir", block, system.score_effects)
    right = system.score_fixed - np.einsum("irp,ir->p", system.border, own)
    # a column that the data say nothing of has no information and no prior: a tiny ridge leaves it where it is
    diagonal = np.diag(schur)
    schur = schur + np.diag(
        1e-10 * np.maximum(diagonal, 0.0) + 1e-10 * max(1.0, float(diagonal.max())) * (diagonal <= 0)
    )
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
    pace: FloatArray,
) -> tuple[Parameters, Loads, bool]:
    """Halve the Newton step until the penalised likelihood doesn't fall; the third result says whether any step was
    taken."""
    k, a = len(p.beta), len(p.gamma)
    largest = max(
        1.0, float(np.abs(step_fixed).max(initial=0.0)) / 4.0, float(np.abs(step_effects).max(initial=0.0)) / 4.0
    )
    scale = 1.0 / largest
    for _ in range(14):
        decay, persistence, at = p.log_decay, p.persistence, k + a
        if decay is not None:
            decay = _paced(decay, scale * step_fixed[at], pace[0], (-4.0, 3.0))
            at += 1
        if frame.cells.lags > 1:
            persistence = _paced(persistence, scale * step_fixed[at], pace[1], (-7.0, 5.0))
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
        if sum_value(frame.cells, trial_loads, factors(frame, trial)) - prior.penalty(trial) >= value - 1e-9 * abs(
            value
        ):
            return trial, trial_loads, True
        scale /= 2.0
    return p, loads, False


def _update_variances(frame: Frame, p: Parameters, curvature: Curvature) -> tuple[Parameters, float]:
    n, r = p.effects.shape
    if r == 0:
        return p, 0.0
    through = curvature.reach @ curvature.fixed
    posterior = curvature.block.sum(axis=0) + np.einsum("irp,isp->rs", through, curvature.reach)
    pseudo = np.array([_PSEUDO_VARIANCE[part] for part in frame.settings.area_effects])
    squares = p.effects.T @ p.effects + _PSEUDO_AREAS * np.diag(pseudo)
    count = n + _PSEUDO_AREAS
    covariance = (squares + posterior) / count
    stepped = np.diag(covariance)
    stretch = np.sqrt(_faster(np.diag(p.covariance), stepped, np.diag(squares), count) / stepped)
    covariance = covariance * stretch[:, None] * stretch
    if not frame.settings.correlated:
        covariance = np.diag(np.diag(covariance))
    change = float(np.abs(covariance - p.covariance).max())
    return replace(p, covariance=covariance), change


def _paced(value: float, step: float, pace: float, bounds: tuple[float, float]) -> float:
    """A step no longer than the pace and inside the bounds; none at all where it wouldn't be seen, which spares the
    loads."""
    moved = float(np.clip(value + np.clip(step, -pace, pace), *bounds))
    return value if abs(moved - value) < _LEAST_DECAY_STEP else moved


def _extrapolate_variances(p: Parameters, recent: list[FloatArray]) -> Parameters:
    """Every third step, move each log variance to where its last steps were converging (Aitken's delta-squared
    process).

    recent: log variances after the last steps, kept by the caller. Correlations stay, so the covariance stays
    positive definite.
    """
    recent.append(np.log(np.append(np.diag(p.covariance), p.psi_variance)))
    if len(recent) < 3:
        return p
    first, second, third = recent
    recent.clear()
    before, last = second - first, third - second
    shrinks = (before * last > 0.0) & (np.abs(last) < np.abs(before))
    move = np.where(shrinks, last * last / np.where(shrinks, before - last, 1.0), 0.0)
    move = np.clip(move, -_LONGEST_JUMP, _LONGEST_JUMP)
    stretch = np.exp(0.5 * move[:-1])
    return replace(
        p, covariance=p.covariance * stretch[:, None] * stretch, psi_variance=float(p.psi_variance * np.exp(move[-1]))
    )


def _faster(now: FloatArray, stepped: FloatArray, squares: FloatArray, count: float) -> FloatArray:
    """Variances after MacKay's fixed-point step, which ends where the EM step ends but gets there when data is thin.

    now: variances before, stepped: after the EM step, squares: sums of squared effects (with their prior), all (r,).
    At the fixed point variance = squares / determined, where determined = count - (posterior variances) / variance is
    the
    number of effects that the data determine (MacKay 1992, Neural Computation 4, 415, eq. 4.9). Bounded by factors of
    3.
    """
    determined = count - (count * stepped - squares) / now
    proposed = squares / np.maximum(determined, 1e-6 * count)
    return np.asarray(stepped * np.clip(proposed / stepped, 1.0 / 3.0, 3.0))


def _update_dispersion(frame: Frame, p: Parameters, system: _System, by_unit: bool) -> Parameters:
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
    if not (by_unit and len(p.psi_effects)):
        return replace(p, log_psi=log_psi)
    units = len(p.psi_effects)
    first = np.bincount(frame.psi_unit, system.psi_area[:, 0], minlength=units)
    second = np.bincount(frame.psi_unit, system.psi_area[:, 1], minlength=units)
    information = np.maximum(-second, 0.0) + 1.0 / p.psi_variance
    effects = p.psi_effects + np.clip((first - p.psi_effects / p.psi_variance) / information, -1.0, 1.0)
    effects = np.clip(effects, -_LARGEST_PSI_EFFECT, _LARGEST_PSI_EFFECT)
    squares, count = np.sum(effects**2) + _PSEUDO_UNITS * _PSEUDO_PSI_VARIANCE, units + _PSEUDO_UNITS
    stepped = np.array([(squares + np.sum(1.0 / information)) / count])
    variance = float(_faster(np.array([p.psi_variance]), stepped, np.array([squares]), count)[0])
    return replace(p, log_psi=log_psi, psi_effects=effects, psi_variance=variance)
