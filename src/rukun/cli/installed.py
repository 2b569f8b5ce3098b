"""What every verb of the system of record begins with."""

from __future__ import annotations

import os

import typer

#: Exit status of a command that worked but found something wrong.
FOUND_WRONG = 1


def ready() -> None:
    """Django, set up; or why not, with exit status 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rukun.server.settings")
    try:
        import django
    except ModuleNotFoundError:
        raise typer.BadParameter("the server isn't installed: pip install 'rukun[server]'") from None
    from rukun.server.config import ConfigurationError

    try:
        django.setup()
    except ConfigurationError as wrong:
        raise typer.BadParameter(str(wrong)) from None
