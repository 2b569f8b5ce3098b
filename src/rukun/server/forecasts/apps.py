"""Forecasts of the system of record's own reports."""

from django.apps import AppConfig


class ForecastsConfig(AppConfig):
    """Runs of the forecast, each kept with what it knew."""

    name = "rukun.server.forecasts"
    label = "forecasts"
    verbose_name = "Prakiraan"
    default_auto_field = "django.db.models.BigAutoField"
