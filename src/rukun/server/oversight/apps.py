"""What the auditor sees."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Pages and endpoints of oversight; the trail itself lies lower, in audit, where every app can write to it."""

    name = "rukun.server.oversight"
    label = "oversight"
