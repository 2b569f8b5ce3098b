"""The civil areas and how they follow one another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Level(models.IntegerChoices):
    """Levels of the civil tree, from the top; also the number of parts of a code."""

    PROVINCE = 1, "provinsi"
    REGENCY = 2, "kabupaten/kota"
    SUBDISTRICT = 3, "kecamatan"
    VILLAGE = 4, "desa/kelurahan"


class Area(models.Model):
    """A civil area by its Kemendagri code.

    kind: provinsi, kabupaten, kota, kecamatan, desa, kelurahan; latitude, longitude: a point inside, in degrees (WGS
    84);
    geometry: GeoJSON of the polygon, or null; valid_from (first day), valid_to (day after the last): null is without
    end.
    """

    code = models.CharField(max_length=13, unique=True)
    name = models.CharField(max_length=120)
    level = models.PositiveSmallIntegerField(choices=Level)
    kind = models.CharField(max_length=12)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    population = models.PositiveIntegerField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    geometry = models.JSONField(null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    exercise = models.BooleanField(default=False)

    class Meta:
        """In the order of codes."""

        ordering = ("code",)
        constraints = (
            models.CheckConstraint(condition=Q(level__in=Level.values), name="area_level"),
            models.CheckConstraint(
                condition=Q(level=1, parent=None) | Q(level__gt=1, parent__isnull=False), name="area_parent"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")), name="area_validity"
            ),
            models.CheckConstraint(
                condition=Q(latitude=None) | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="area_point",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Succession(models.Model):
    """`after` took over all or part of `before` on a day: villages split and merge."""

    before = models.ForeignKey(Area, models.PROTECT, related_name="successors")
    after = models.ForeignKey(Area, models.PROTECT, related_name="predecessors")
    on = models.DateField()

    class Meta:
        """Once for each pair."""

        constraints = (
            models.UniqueConstraint(fields=("before", "after"), name="succession_once"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="succession_of_another"),
        )

    def __str__(self) -> str:
        return f"{self.before_id} > {self.after_id} ({self.on})"
