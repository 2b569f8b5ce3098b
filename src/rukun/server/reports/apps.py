"""What officers see and do: reports and visits, their review, and how long they are kept."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports, visits, review."""

    name = "rukun.server.reports"
    label = "reports"
    verbose_name = "Laporan dan sambang"
    default_auto_field = "django.db.models.BigAutoField"
