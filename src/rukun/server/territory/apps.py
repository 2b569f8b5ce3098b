"""Provinces, regencies, subdistricts and villages, as they were and are."""

from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    """The civil areas; police units aren't part of that tree (see people)."""

    name = "rukun.server.territory"
    label = "territory"
    verbose_name = "Wilayah"
    default_auto_field = "django.db.models.BigAutoField"
