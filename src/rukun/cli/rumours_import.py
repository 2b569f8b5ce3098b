"""`rukun rumours import`: messages of a file into the desk of the system of record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rukun.cli import options as o
from rukun.cli.installed import ready


def import_messages(
    messages: Annotated[
        Path,
        typer.Argument(metavar="MESSAGES", help="CSV or Parquet with id, message, and perhaps date, area (a village)."),
    ],
    columns: Annotated[
        str, typer.Option("--map", metavar="NAME=COLUMN,...", help="The file's own columns, such as message=isi.")
    ] = "",
) -> None:
    """Take the messages of a file as sightings, masked and without whatever else it says; done twice it adds nothing.

    [bold]Example:[/bold] rukun rumours import messages.csv --map message=isi,date=tanggal
    """
    ready()
    from rukun.server.rumours.intake.files import import_messages as take

    taken = take(messages, o.columns(columns))
    typer.echo(f"{taken.stored:,} sightings stored, {taken.known:,} known already.")
    for why, number in taken.refused.most_common():
        typer.echo(f"{number:,} left out: {why}", err=True)
    if taken.stored:
        typer.echo("The server sorts them into rumours as soon as it runs.")
