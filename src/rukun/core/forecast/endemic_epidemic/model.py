"""The endemic-epidemic model as a forecaster.

Sources: Held, Hoehle & Hofmann 2005 (Stat Modelling 5, 187); Paul & Held 2011 (Stat Med 30, 1118); Meyer & Held 2014
(Ann Appl Stat 8, 1612); Bracher & Held 2020 (Int J Forecast 36, 1221). New here: growth of the region's total in the
epidemic parts, dispersion by area and season, and the correction for reporting effort.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from rukun.core.areas import FloatArray
from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.endemic_epidemic.cells import list_cells
from rukun.core.forecast.endemic_epidemic.design import Scale, build_design, scale_of
from rukun.core.forecast.endemic_epidemic.effort import Detection, estimate_detection, underlying_counts
from rukun.core.forecast.endemic_epidemic.fit import Estimate, Frame, Parameters, estimate, starting_values
from rukun.core.forecast.endemic_epidemic.lags import Spread
from rukun.core.forecast.endemic_epidemic.parts import explain_path
from rukun.core.forecast.endemic_epidemic.predict import Path, forecast_path
from rukun.core.forecast.endemic_epidemic.settings import AROUND, ENDEMIC, NEIGHBOURS_PER_AREA, OWN, Settings
from rukun.core.forecast.endemic_epidemic.surroundings import LEAST_SURROUNDED, log_rate_around
from rukun.core.forecast.explain import Explanation
from rukun.core.forecast.interface import FittedModel, TooLittleData
from rukun.core.panel import PERIODS_PER_YEAR, Panel

#: Fewer periods than this tell nothing of change.
LEAST_PERIODS = 4
#: A trend is told from a season only by several years.
YEARS_FOR_TREND = 3.0
#: Growth rates need some history before they are worth two coefficients a part.
PERIODS_FOR_GROWTH = 26
#: Four of each day.
PERIODS_FOR_WEEKDAYS = 28
#: Neighbour pairs at the most when `max_order` is left open: with more the power law's tail costs more than it tells.
MOST_PAIRS = 2_000_000


@dataclass(frozen=True)
class EndemicEpidemic:
    """Forecaster with the endemic-epidemic negative-binomial model; see `Settings` for what can be chosen."""

    settings: Settings = field(default_factory=Settings)
    name: str = "endemic_epidemic"

    def fit(self, panel: Panel, previous: FittedModel | None = None) -> FittedEndemicEpidemic:
        """Fit to all periods of the panel; a previous fit of an earlier cut gives the start.

        Raises TooLittleData with fewer than LEAST_PERIODS periods.
        """
        if panel.n_periods < LEAST_PERIODS:
            raise TooLittleData(
                f"{panel.n_periods} periods are too few for the endemic-epidemic model: it needs {LEAST_PERIODS} or "
                "more; use shorter periods or the model 'mean'"
            )
        settings, spread = _resolve(self.settings, panel)
        detection = None if panel.effort is None else estimate_detection(panel.counts, panel.effort)
        frame, past, scale = _frame(panel, settings, spread, detection, ahead=0)
        start = starting_values(frame)
        if isinstance(previous, FittedEndemicEpidemic):
            start = _carry_over(previous, frame, start)
        return FittedEndemicEpidemic(panel, frame, past, scale, estimate(frame, start), detection, self.name)


@dataclass(frozen=True)
class FittedEndemicEpidemic:
    """A fitted model. past: (n, periods) counts as the epidemic parts see them; detection: None without effort."""

    panel: Panel
    frame: Frame
    past: FloatArray
    scale: Scale
    estimate: Estimate
    detection: Detection | None
    name: str = "endemic_epidemic"

    def forecast(self, horizon: int) -> CountForecast:
        """Predictive distributions of the next periods at the reference effort; see `predict.forecast_path`."""
        path = self.path(horizon)
        return CountForecast.of(path.mean, path.size)

    def explain(self, horizon: int) -> Explanation:
        """The means of the next periods, split into shares that add up to them."""
        return explain_path(self.panel, self.frame, self.estimate.parameters, self.path(horizon))

    def path(self, horizon: int) -> Path:
        """The same with its parts. Raises ValueError unless horizon >= 1."""
        if horizon < 1:
            raise ValueError(f"a forecast needs a horizon of 1 period or more, not {horizon}")
        design = build_design(self.panel, self.frame.settings, self.scale, self.past.sum(axis=0), horizon, self.level)
        frame = replace(self.frame, design=design)
        curvature = self.estimate.curvature if self.frame.settings.parameter_uncertainty else None
        return forecast_path(frame, self.estimate.parameters, curvature, self.past, self.scale.total_floor, horizon)

    @property
    def level(self) -> float:
        """Centre of the endemic prior that the fit used."""
        return self.frame.design.columns[0].prior_mean

    def update(self, panel: Panel) -> FittedEndemicEpidemic:
        """The same estimates, with the counts (and calendars) of `panel`, a longer or shorter cut of the same areas."""
        detection = self.detection
        factor = None if detection is None or panel.effort is None else detection.factor(panel.effort)
        past = _past(panel, factor)
        return replace(self, panel=panel, past=past)


def _resolve(settings: Settings, panel: Panel) -> tuple[Settings, Spread | None]:
    """Settings that this panel can carry: what it can't tell apart is left out."""
    years = panel.n_periods / PERIODS_PER_YEAR[panel.every]
    spread = None
    if settings.lags and panel.n_areas > 1 and len(panel.neighbours.index):
        max_order = settings.max_order if settings.max_order is not None else _affordable_order(panel)
        spread = Spread.of(panel.neighbours, max_order, settings.normalise)
    endemic, own, around = settings.harmonics
    seasons = round(years)  # less than a year has no season to learn
    gone = (OWN, AROUND) if settings.lags == 0 else () if spread is not None else (AROUND,)
    # one area has nothing to differ from; two can differ in level, and more in how they react
    few = () if panel.n_areas == 1 else (ENDEMIC,) if panel.n_areas == 2 else (ENDEMIC, OWN, AROUND)
    return (
        replace(
            settings,
            lags=min(settings.lags, max(1, panel.n_periods // 4)),
            harmonics=(min(endemic, seasons), min(own, seasons), min(around, seasons)),
            dispersion_harmonics=min(settings.dispersion_harmonics, seasons),
            weekdays=settings.weekdays and panel.n_periods >= PERIODS_FOR_WEEKDAYS,
            trend=settings.trend and (years >= YEARS_FOR_TREND or settings.shrinkage == 0),
            growth=settings.growth if settings.lags and panel.n_periods >= PERIODS_FOR_GROWTH else 0,
            area_effects=tuple(a for a in settings.area_effects if a not in gone and a in few),
            population_in=tuple(
                a for a in settings.population_in if a not in gone and panel.n_areas >= 3 and np.ptp(panel.exposure) > 0
            ),
            surroundings=settings.surroundings
            and ENDEMIC in settings.area_effects
            and panel.n_areas >= LEAST_SURROUNDED,
            dispersion=settings.dispersion if panel.n_areas >= 3 else "global",
        ),
        spread,
    )


def _affordable_order(panel: Panel) -> float:
    order = panel.neighbours.order
    limit = min(NEIGHBOURS_PER_AREA * panel.n_areas, MOST_PAIRS)
    if len(order) <= limit:
        return float(order.max())
    kept = np.sort(order)[int(limit)]
    inside = order[order < kept]
    return float(inside.max()) if len(inside) else float(order.min())


def _past(panel: Panel, factor: FloatArray | None) -> FloatArray:
    if factor is None:
        return panel.counts.astype(np.float64)
    return underlying_counts(panel.counts, factor, panel.exposure)


def _frame(
    panel: Panel, settings: Settings, spread: Spread | None, detection: Detection | None, ahead: int
) -> tuple[Frame, FloatArray, Scale]:
    factor = None if detection is None or panel.effort is None else detection.factor(panel.effort)
    past = _past(panel, factor)
    totals = past.sum(axis=0)
    scale = scale_of(panel, totals)
    # half the mean count per unit of exposure: what a region with as much epidemic as endemic activity would have
    endemic_share = 0.5 if settings.lags else 1.0
    level = float(np.log(endemic_share * (totals.sum() + 0.5) / (panel.exposure.sum() * panel.n_periods)))
    design = build_design(panel, settings, scale, totals, ahead, level)
    first = settings.lags if settings.first is None else settings.first
    cells = list_cells(
        panel.counts,
        None if factor is None else past,
        factor,
        spread,
        settings.lags,
        first,
        may_be_sparse=design.values.shape[0] <= max(1, panel.n_areas // 50),
    )
    by_area = [(part, np.log(panel.exposure)) for part in settings.population_in]
    if settings.surroundings:
        by_area.append((ENDEMIC, log_rate_around(panel, past.sum(axis=1))))
    unit = np.zeros(panel.n_areas, dtype=np.int64)
    if settings.dispersion == "area":
        unit = np.arange(panel.n_areas)
    elif settings.dispersion == "group":
        unit = np.unique(panel.areas.parent.astype(str), return_inverse=True)[1].astype(np.int64)
    frame = Frame(
        cells=cells,
        design=design,
        exposure=panel.exposure,
        area_columns=np.column_stack([values for _, values in by_area] or [np.zeros((panel.n_areas, 0))]),
        area_part=np.array([part for part, _ in by_area], dtype=np.int64),
        psi_unit=unit,
        settings=settings,
    )
    return frame, past, scale


def _carry_over(previous: FittedEndemicEpidemic, frame: Frame, start: Parameters) -> Parameters:
    """Start from the earlier estimates where the same effect is still in the model."""
    old, was = previous.estimate.parameters, previous.frame
    if was.settings.area_effects != frame.settings.area_effects or len(old.effects) != len(start.effects):
        return start
    known = {(c.name, c.kind, c.part): value for c, value in zip(was.design.columns, old.beta, strict=True)}
    beta = np.array(
        [known.get((c.name, c.kind, c.part), b) for c, b in zip(frame.design.columns, start.beta, strict=True)]
    )
    log_psi = start.log_psi.copy()
    shared = min(len(log_psi), len(old.log_psi))
    log_psi[:shared] = old.log_psi[:shared]
    return replace(
        start,
        beta=beta,
        gamma=old.gamma if len(old.gamma) == len(start.gamma) else start.gamma,
        log_decay=old.log_decay if start.log_decay is not None and old.log_decay is not None else start.log_decay,
        persistence=old.persistence,
        effects=old.effects,
        covariance=old.covariance,
        log_psi=log_psi,
        psi_effects=old.psi_effects if len(old.psi_effects) == len(start.psi_effects) else start.psi_effects,
        psi_variance=old.psi_variance,
    )


__all__ = ["AROUND", "ENDEMIC", "OWN", "EndemicEpidemic", "FittedEndemicEpidemic", "Settings"]
