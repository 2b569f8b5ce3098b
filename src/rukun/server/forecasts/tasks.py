"""Jobs: what takes longer than a page may."""

from __future__ import annotations

from django_tasks import task

from rukun.server.forecasts import services


@task()
def forecast(model: str = "ensemble", horizon: int = 4) -> int:
    """Make a forecast; the key of its run."""
    return int(services.make_forecast(model, horizon).pk)
