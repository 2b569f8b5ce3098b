"""A seasonal negative-binomial regression: area effects, a trend and harmonics of the year, and no memory of events."""

from __future__ import annotations

from dataclasses import dataclass

from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.endemic_epidemic import EndemicEpidemic, FittedEndemicEpidemic, Settings
from rukun.core.forecast.explain import Explanation
from rukun.core.forecast.interface import FittedModel
from rukun.core.panel import Panel

#: Without lags there are no epidemic parts: events here and around drive nothing but the area's long-run level.
_SETTINGS = Settings(lags=0)


@dataclass(frozen=True)
class Seasonal:
    """The endemic part of the endemic-epidemic model alone."""

    name: str = "seasonal"

    def fit(self, panel: Panel, previous: FittedModel | None = None) -> FittedSeasonal:
        """Fit area effects, trend, season, calendars and covariates; refusals as of the endemic-epidemic model."""
        earlier = previous.inner if isinstance(previous, FittedSeasonal) else None
        return FittedSeasonal(EndemicEpidemic(_SETTINGS).fit(panel, earlier), self.name)


@dataclass(frozen=True)
class FittedSeasonal:
    """inner: the fit of the endemic part."""

    inner: FittedEndemicEpidemic
    name: str = "seasonal"

    def forecast(self, horizon: int) -> CountForecast:
        """Predictive distributions of the next periods."""
        return self.inner.forecast(horizon)

    def explain(self, horizon: int) -> Explanation:
        """Shares of the means: baseline, trend, season, calendars and covariates."""
        return self.inner.explain(horizon)

    def update(self, panel: Panel) -> FittedSeasonal:
        """The same estimates; newer counts change nothing but the periods that lie ahead."""
        return FittedSeasonal(self.inner.update(panel), self.name)
