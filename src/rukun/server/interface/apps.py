"""What pages share: the frame, the style, the words."""

from django.apps import AppConfig


class InterfaceConfig(AppConfig):
    """Templates and static files."""

    name = "rukun.server.interface"
    label = "interface"
