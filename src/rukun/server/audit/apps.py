"""The trail of who did what, which nobody can change."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Lowest of the apps: every other writes into it."""

    name = "rukun.server.audit"
    label = "audit"
    verbose_name = "Jejak audit"
    default_auto_field = "django.db.models.BigAutoField"
