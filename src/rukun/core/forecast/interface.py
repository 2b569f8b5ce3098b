"""What every forecasting model offers, so that backtests, ensembles and reports treat all alike."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from rukun.core.forecast.distribution import CountForecast
from rukun.core.panel import Panel


@runtime_checkable
class FittedModel(Protocol):
    """A model fitted to a panel."""

    def forecast(self, horizon: int) -> CountForecast:
        """Predictive distributions of the `horizon` periods after the panel's last, as of its end."""
        ...


@runtime_checkable
class Forecaster(Protocol):
    """A model that can be fitted. Immutable: settings only, so that it can be sent to other processes."""

    @property
    def name(self) -> str:
        """Name in tables and on the command line."""
        ...

    def fit(self, panel: Panel, previous: FittedModel | None = None) -> FittedModel:
        """Fit to all periods of `panel`; a fit of the same model to an earlier cut of it, `previous`, may speed it up.

        Raises `TooLittleData` when the panel doesn't hold enough for this model: a stated refusal, never a guess.
        """
        ...


class TooLittleData(ValueError):
    """A stated refusal: the message says what is missing and what would be enough."""
