"""The rumour desk: from a message that circulates to a sourced, signed clarification."""

from django.apps import AppConfig


class RumoursConfig(AppConfig):
    """Sightings, rumours, fact checks, clarifications."""

    name = "rukun.server.rumours"
    label = "rumours"
    verbose_name = "Meja hoaks"
    default_auto_field = "django.db.models.BigAutoField"
