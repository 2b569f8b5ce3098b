"""`rukun rumours`: messages that circulate, as a file in and a file out."""

from __future__ import annotations

import typer

rumours = typer.Typer(help="Group messages, match them to fact checks, put the urgent first.", no_args_is_help=True)
