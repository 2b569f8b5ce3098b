"""From estimates to predictive distributions: exact means, matched variances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rukun.core.areas import FloatArray
from rukun.core.forecast.endemic_epidemic.cells import spread_load
from rukun.core.forecast.endemic_epidemic.design import growth_column
from rukun.core.forecast.endemic_epidemic.fit import (
    Curvature,
    Frame,
    Parameters,
    area_factors,
    dispersion_factors,
)
from rukun.core.forecast.endemic_epidemic.lags import lag_weights
from rukun.core.forecast.endemic_epidemic.settings import AROUND, ENDEMIC, OWN

#: A mean is never below this: a forecast of exactly nothing could not be scored, and nothing is known that well.
LEAST_MEAN = 1e-12


@dataclass(frozen=True)
class Path:
    """Forecast of the periods ahead. parts: (3, horizon, n) means by part, summing to mean; size: (horizon, n).

    own_load, around_load: (horizon, n) loads that the epidemic parts were driven by; coefficient: (3, horizon, n) the
    factor
    on each load; lagged: (horizon, n) weighted counts of the sending area; beta as used, with growth as forecast in
    `values`.
    """

    parts: FloatArray
    size: FloatArray
    coefficient: FloatArray
    lagged: FloatArray
    values: FloatArray

    @property
    def mean(self) -> FloatArray:
        """(horizon, n) means."""
        return np.asarray(np.maximum(self.parts.sum(axis=0), LEAST_MEAN))


def forecast_path(
    frame: Frame, p: Parameters, curvature: Curvature | None, past: FloatArray, total_floor: float, horizon: int
) -> Path:
    """Forecast the `horizon` periods after the last column of `past` (n, periods); the frame's design reaches that far.

    Means are exact: the model is linear in past counts, and unknown ones are replaced by their means (growth columns,
    which
    are not linear, by their values at the forecast totals). Variances follow the same recursion by the law of total
    variance,
    with counts of different areas taken as independent given the past (Bracher & Held 2020, section 3.3); the
    distribution is the negative binomial with that mean and variance. With `curvature`, the variance of the mean by
    the uncertainty of
    the estimates (delta method) is added.
    """
    n, seen = past.shape
    lags = frame.cells.lags
    weights, _ = lag_weights(lags, p.persistence)
    reach = None if frame.cells.spread is None else frame.cells.spread.weights(p.log_decay)[0]
    squared = None if reach is None else reach.power(2)
    factor = area_factors(frame, p)
    rho, tau = dispersion_factors(frame, p)
    values = frame.design.values.copy()
    counts = np.concatenate([past[:, max(0, seen - lags) :], np.zeros((n, horizon))], axis=1)
    offset = counts.shape[1] - horizon
    totals = past.sum(axis=0)
    covariance = np.zeros((horizon, horizon, n))
    parts, coefficient = np.zeros((3, horizon, n)), np.zeros((3, horizon, n))
    size, lagged = np.zeros((horizon, n)), np.zeros((horizon, n))
    for h in range(horizon):
        t = seen + h
        for k in frame.design.growth:
            column = frame.design.columns[k]
            lag = int(column.name.split()[1]) - 1
            values[:, t, k] = growth_column(totals, total_floor, lag, t + 1)[t]
        by_period = np.exp(np.clip(_period_log_factor(frame, p, values, t), -50.0, 50.0))[frame.design.group]
        coefficient[:, h] = (factor * by_period).T
        own = np.zeros(n)
        for q in range(min(lags, offset + h)):
            own += weights[q] * counts[:, offset + h - 1 - q]
        lagged[h] = own
        around = spread_load(reach, own)
        parts[ENDEMIC, h] = coefficient[ENDEMIC, h]
        parts[OWN, h] = coefficient[OWN, h] * own
        parts[AROUND, h] = coefficient[AROUND, h] * around
        mean = np.maximum(parts[:, h].sum(axis=0), LEAST_MEAN)
        variance_of_mean, spread_variance = np.zeros(n), np.zeros(n)
        for q in range(min(lags, h)):
            for r in range(min(lags, h)):
                both = weights[q] * weights[r] * covariance[h - 1 - q, h - 1 - r]
                variance_of_mean += coefficient[OWN, h] ** 2 * both
                spread_variance += both
            for earlier in range(h):
                covariance[h, earlier] += coefficient[OWN, h] * weights[q] * covariance[h - 1 - q, earlier]
        covariance[:h, h] = covariance[h, :h]
        if squared is not None and h:
            variance_of_mean += coefficient[AROUND, h] ** 2 * np.asarray(squared.T @ spread_variance)
        if curvature is not None:
            variance_of_mean += _estimation_variance(
                frame, p, curvature, parts[:, h], coefficient[:, h], own, around, values, t
            )
        psi = np.exp(np.clip(rho + tau[t], -18.0, 9.0))
        variance = mean + psi * (mean**2 + variance_of_mean) + variance_of_mean
        covariance[h, h] = variance
        size[h] = mean**2 / np.maximum(variance - mean, 1e-12 * mean**2)
        counts[:, offset + h] = mean
        totals = np.append(totals, mean.sum())
    return Path(parts, size, coefficient, lagged, values)


def _period_log_factor(frame: Frame, p: Parameters, values: FloatArray, t: int) -> FloatArray:
    log_factor = np.zeros((values.shape[0], 3))
    for k, column in enumerate(frame.design.columns):
        log_factor[:, column.part] += p.beta[k] * values[:, t, k]
    return log_factor


def _estimation_variance(
    frame: Frame,
    p: Parameters,
    curvature: Curvature,
    parts: FloatArray,
    coefficient: FloatArray,
    own: FloatArray,
    around: FloatArray,
    values: FloatArray,
    t: int,
) -> FloatArray:
    """(n,) variance of the mean: J V J' with V in arrow form (see `fit.Curvature`), never larger than the squared
    mean."""
    part, group = frame.design.part, frame.design.group
    columns = [parts[part[k]] * values[group, t, k] for k in range(len(part))]
    columns += [parts[area_part] * frame.area_columns[:, j] for j, area_part in enumerate(frame.area_part)]
    spread = frame.cells.spread
    if p.log_decay is not None and spread is not None:
        columns.append(coefficient[AROUND] * spread_load(spread.weights(p.log_decay)[1], own))
    if frame.cells.lags > 1:
        columns.append(np.zeros(len(own)))  # the lag decay moves weight between past counts: second order here
    gradient = np.column_stack(columns)
    effects = parts[list(frame.settings.area_effects)].T
    variance = np.zeros(len(own))
    if effects.shape[1]:
        variance += np.einsum("ir,irs,is->i", effects, curvature.block, effects)
        gradient = gradient - np.einsum("irp,ir->ip", curvature.reach, effects)
    variance += np.einsum("ip,pq,iq->i", gradient, curvature.fixed, gradient)
    return np.asarray(np.clip(variance, 0.0, parts.sum(axis=0) ** 2))
