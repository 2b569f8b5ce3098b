"""Forecasts as they were made; they stay, so that they can be scored against what came."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language

from rukun.server.people.scope import ScopedQuerySet
from rukun.server.territory.models import Area


class ForecastRun(models.Model):
    """One run. origin: first day of the first week forecast; nothing from this day on was known.

    notes: what the user should know, such as what was left out, each a sentence by language ("id", "en"); status:
    running, done or refused (notes say why).
    """

    made_at = models.DateTimeField()
    origin = models.DateField(null=True)
    model = models.CharField(max_length=30)
    horizon = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=8, choices=[(s, s) for s in ("running", "done", "refused")], default="running")
    notes = models.JSONField(default=list)
    exercise = models.BooleanField(default=False)

    class Meta:
        """Newest first."""

        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=models.Q(status__in=("running", "done", "refused")), name="run_status"),
            models.CheckConstraint(condition=models.Q(horizon__gte=1, horizon__lte=53), name="run_horizon"),
        )

    def __str__(self) -> str:
        return f"{self.model} {self.origin}"

    @property
    def notes_said(self) -> list[str]:
        """Its notes in the reader's language."""
        language = "en" if (get_language() or "id").startswith("en") else "id"
        return [note[language] for note in self.notes]


class Forecast(models.Model):
    """The predictive distribution of one village and week, with its reason."""

    run = models.ForeignKey(ForecastRun, models.CASCADE, related_name="forecasts")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+")
    period_start = models.DateField()
    mean = models.FloatField()
    p_any = models.FloatField()
    q05 = models.PositiveIntegerField()
    q25 = models.PositiveIntegerField()
    q50 = models.PositiveIntegerField()
    q75 = models.PositiveIntegerField()
    q95 = models.PositiveIntegerField()
    rank = models.PositiveIntegerField()
    reason_id = models.TextField()
    reason_en = models.TextField()

    objects: ClassVar = ScopedQuerySet.as_manager()

    class Meta:
        """By week and rank."""

        ordering = ("period_start", "rank")
        constraints = (
            models.UniqueConstraint(fields=("run", "village", "period_start"), name="forecast_once"),
            models.CheckConstraint(condition=models.Q(mean__gte=0, p_any__gte=0, p_any__lte=1), name="forecast_range"),
        )

    def __str__(self) -> str:
        return f"{self.period_start} {self.village_id} {self.mean:.2f}"
