"""What is done so that nothing happens: tasks for villages, and what came of them."""

from django.apps import AppConfig


class PreventionConfig(AppConfig):
    """Actions, tasks, outcomes."""

    name = "rukun.server.prevention"
    label = "prevention"
    verbose_name = "Pencegahan"
    default_auto_field = "django.db.models.BigAutoField"
