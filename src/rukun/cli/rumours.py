"""`rukun rumours`: messages that circulate, as a file in and a file out."""

from __future__ import annotations

import typer

from rukun.cli.rumours_group import group
from rukun.cli.rumours_import import import_messages
from rukun.cli.rumours_match import match
from rukun.cli.rumours_triage import triage

rumours = typer.Typer(help="Group messages, match them to fact checks, put the urgent first.", no_args_is_help=True)
rumours.command()(group)
rumours.command()(match)
rumours.command()(triage)
rumours.command("import", rich_help_panel="The system of record")(import_messages)
