"""What the night, and the hours of the day, have seen to."""

from __future__ import annotations

from django.db import models


class Nightly(models.Model):
    """One job of the night. night: the last one for which it was put in the queue."""

    job = models.CharField(max_length=40, primary_key=True)
    night = models.DateField()

    class Meta:
        """By name."""

        ordering = ("job",)

    def __str__(self) -> str:
        return f"{self.job} {self.night}"


class Often(models.Model):
    """One job of every few minutes or hours. at: the last time for which it was looked at."""

    job = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        """By name."""

        ordering = ("job",)

    def __str__(self) -> str:
        return f"{self.job} {self.at:%Y-%m-%d %H:%M}"
