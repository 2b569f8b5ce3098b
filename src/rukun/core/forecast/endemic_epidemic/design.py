"""Columns by period and by area that the three parts of the mean are built from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rukun.core.areas import FloatArray, IntArray
from rukun.core.forecast.endemic_epidemic.settings import AROUND, ENDEMIC, OWN, Settings
from rukun.core.panel import Panel, starts_after

#: Growth of the region's total is cut at a factor of e**2 a period: beyond, it is a start from nearly nothing.
LARGEST_GROWTH = 2.0


@dataclass(frozen=True)
class Column:
    """One fixed effect by period: what it is, the part it belongs to, and its prior (normal, precision 0 is flat)."""

    name: str
    kind: str  # baseline | trend | season | weekday | calendar | series | growth
    part: int
    prior_mean: float
    precision: float


@dataclass(frozen=True)
class Scale:
    """What the columns were scaled by at the first fit, so that later cuts of the panel keep the same meaning.

    total_floor: counts added to the region's totals before growth is taken; shift, spread: (covariates,) of measured
    series.
    """

    origin: int
    total_floor: float
    shift: tuple[float, ...]
    spread: tuple[float, ...]


@dataclass(frozen=True)
class Design:
    """values: (groups, periods, k) for the k `columns`; group: (n,) row of each area; dispersion: (periods, d)
    columns of log psi."""

    columns: tuple[Column, ...]
    values: FloatArray
    group: IntArray
    dispersion: FloatArray
    growth: tuple[int, ...]  # positions in `columns` that depend on the counts

    @property
    def part(self) -> IntArray:
        """(k,) part of each column."""
        return np.array([column.part for column in self.columns], dtype=np.int64)


def scale_of(panel: Panel, totals: FloatArray) -> Scale:
    """Scales from a panel and its (corrected) totals by period."""
    shift, spread = [], []
    for covariate in panel.covariates:
        seen = covariate.values[:, : panel.n_periods]
        measured = not covariate.known_ahead
        shift.append(float(seen.mean()) if measured else 0.0)
        spread.append(float(seen.std()) or 1.0 if measured else 1.0)
    return Scale(panel.n_periods, max(3.0, 0.05 * float(totals.mean())), tuple(shift), tuple(spread))


def build_design(
    panel: Panel, settings: Settings, scale: Scale, totals: FloatArray, ahead: int, level: float
) -> Design:
    """Columns for the panel's periods and `ahead` more.

    Which columns there are depends on the settings alone, never on the counts or how many periods there are, so that a
    fit can be used on later cuts of the panel.
    totals: (periods,) counts of all areas; level: log of a mean count per unit of exposure, centre of the endemic
    prior.
    The growth columns of the periods ahead are zero but for the first, which the known totals give.
    """
    periods = panel.n_periods + ahead
    starts = np.concatenate([panel.starts, starts_after(panel.starts, panel.every, ahead)]) if ahead else panel.starts
    keep = settings.shrinkage
    columns: list[Column] = []
    shared: list[FloatArray] = []

    def add(name: str, kind: str, part: int, values: FloatArray, prior_mean: float, sd: float) -> None:
        columns.append(Column(name, kind, part, prior_mean, keep / sd**2))
        shared.append(values)

    one = np.ones(periods)
    add("level", "baseline", ENDEMIC, one, level, 3.0)
    if settings.trend:
        add("trend", "trend", ENDEMIC, (np.arange(periods) - (scale.origin - 1)) / 100.0, 0.0, 1.0)
    phase = _phase(panel, settings, starts)
    for part, wanted in zip((ENDEMIC, OWN, AROUND), settings.harmonics, strict=True):
        if part != ENDEMIC and settings.lags == 0:
            continue
        if part != ENDEMIC:
            add("level", "baseline", part, one, (-1.2, -1.6)[part - 1], 2.0)
        for k in range(1, wanted + 1):
            add(f"season sin {k}", "season", part, np.sin(2 * np.pi * k * phase), 0.0, 2.0)
            add(f"season cos {k}", "season", part, np.cos(2 * np.pi * k * phase), 0.0, 2.0)
    if panel.every == "day" and settings.weekdays:
        weekday = (starts.astype("datetime64[D]").astype(np.int64) + 3) % 7
        for day in range(6):  # sum-to-zero contrasts: the level stays the level
            add(f"weekday {day}", "weekday", ENDEMIC, (weekday == day) * 1.0 - (weekday == 6) * 1.0, 0.0, 1.0)
    growth = []
    for lag in range(settings.growth):
        values = growth_column(totals, scale.total_floor, lag, periods)
        for part in (OWN, AROUND):
            growth.append(len(columns))
            add(f"growth {lag + 1}", "growth", part, values, 0.0, 1.0)
    group, profiles = _profiles(panel, scale, periods)
    values = np.empty((profiles.shape[0], periods, len(columns) + len(panel.covariates)))
    values[:, :, : len(columns)] = np.column_stack(shared)
    values[:, :, len(columns) :] = profiles
    for covariate in panel.covariates:
        kind = "calendar" if covariate.known_ahead else "series"
        columns.append(Column(covariate.name, kind, ENDEMIC, 0.0, keep / 1.0))
    d = settings.dispersion_harmonics
    dispersion = np.column_stack(
        [wave(2 * np.pi * k * phase) for k in range(1, d + 1) for wave in (np.sin, np.cos)] or [np.zeros((periods, 0))]
    )
    return Design(tuple(columns), np.ascontiguousarray(values), group, dispersion, tuple(growth))


def growth_column(totals: FloatArray, floor: float, lag: int, periods: int) -> FloatArray:
    """Log growth of the totals `lag` + 1 periods before each period; (periods,), 0 where it isn't known."""
    column = np.zeros(periods)
    level = np.log(totals + floor)
    known = np.clip(np.diff(level), -LARGEST_GROWTH, LARGEST_GROWTH)
    known = known[: max(0, periods - 2 - lag)]
    column[2 + lag : 2 + lag + len(known)] = known
    return column


def _phase(panel: Panel, settings: Settings, starts: npt.NDArray[np.datetime64]) -> FloatArray:
    if settings.season_period is not None:
        return np.asarray((np.arange(len(starts)) + 1) / settings.season_period)
    if panel.every == "month":
        return np.asarray(starts.astype("datetime64[M]").astype(np.int64) / 12.0)
    return np.asarray(starts.astype("datetime64[D]").astype(np.int64) / 365.2425)


def _profiles(panel: Panel, scale: Scale, periods: int) -> tuple[IntArray, FloatArray]:
    """Areas with the same covariates share a profile: group of each area, and (groups, periods, covariates)."""
    if not panel.covariates:
        return np.zeros(panel.n_areas, dtype=np.int64), np.zeros((1, periods, 0))
    keys = np.column_stack([covariate.group for covariate in panel.covariates])
    distinct, group = np.unique(keys, axis=0, return_inverse=True)
    profiles = np.empty((len(distinct), periods, len(panel.covariates)))
    for k, covariate in enumerate(panel.covariates):
        values = covariate.values
        if values.shape[1] < periods:
            values = np.pad(values, ((0, 0), (0, periods - values.shape[1])), mode="edge")
        profiles[:, :, k] = (values[distinct[:, k], :periods] - scale.shift[k]) / scale.spread[k]
    return group.reshape(-1).astype(np.int64), profiles
