"""The verbs of the command."""

from __future__ import annotations

from typing import Annotated

import typer

from rukun import __version__
from rukun.cli.backtest import backtest
from rukun.cli.exercise import exercise
from rukun.cli.forecast import forecast
from rukun.cli.keeping import audit, backup, restore, retention
from rukun.cli.people import people
from rukun.cli.records import importing
from rukun.cli.rumours import rumours
from rukun.cli.server import doctor, init, serve, training
from rukun.cli.territory import territory

app = typer.Typer(
    name="rukun",
    help="Early warning for community policing: forecasts of disturbances by place, never by person.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(forecast)
app.command()(backtest)
app.command()(exercise)
app.add_typer(rumours, name="rumours")
for _verb in (init, serve, doctor, backup, restore, training):
    app.command(rich_help_panel="The system of record")(_verb)
_GROUPS = {
    "territory": territory,
    "people": people,
    "import": importing,
    "audit": audit,
    "retention": retention,
}
for _name, _verbs in _GROUPS.items():
    app.add_typer(_verbs, name=_name, rich_help_panel="The system of record")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rukun {__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Early warning for community policing: forecasts of disturbances by place, never by person."""
