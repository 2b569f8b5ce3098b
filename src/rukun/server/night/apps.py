"""What is done every night without anybody asking."""

from django.apps import AppConfig


class NightConfig(AppConfig):
    """The night's jobs."""

    name = "rukun.server.night"
    label = "night"
    default_auto_field = "django.db.models.BigAutoField"
