"""`rukun exercise`: a simulated province."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from rukun.cli.options import DATES, AsJson


def exercise(
    outdir: Annotated[
        Path, typer.Argument(metavar="OUTDIR", help="Folder for the files; it is made where it isn't there.")
    ],
    areas: Annotated[
        Path | None,
        typer.Option(help="Areas to simulate in: CSV or GeoJSON. Without: a made province.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same exercise.")] = 1,
    weeks: Annotated[int, typer.Option(min=1, help="Weeks of events.")] = 208,
    start: Annotated[dt.datetime, typer.Option(formats=DATES, help="First day, a Monday.")] = dt.datetime(2021, 1, 4),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an exercise that is there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Simulate a province for demos and training: events, effort, calendar, prices and the truth behind them.

    Every row is marked as exercise, and so is everything made from it.

    [bold]Example:[/bold] rukun exercise latihan --areas villages.geojson --seed 7
    """
    from rukun.cli.screen import Steps, say, show_json
    from rukun.exercise.make import make_exercise, write_exercise
    from rukun.exercise.scenario import Scenario

    try:
        scenario = Scenario(start=start.date(), weeks=weeks)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with Steps() as step:
        step("simulating")
        made = make_exercise(seed, scenario, areas)
        step("writing")
        written = write_exercise(made, outdir, overwrite)
    simulation = made.simulation
    recorded = int((simulation.reported + simulation.discovered).sum())
    if as_json:
        summary = {
            "exercise": True,
            "seed": seed,
            "areas": len(made.areas),
            "weeks": weeks,
            "incidents": int(simulation.incidents.sum()),
            "recorded": recorded,
            "files": [str(path) for path in written],
            "notes": list(made.notes),
        }
        show_json(summary)
        return
    say(made.notes)
    typer.echo(
        f"EXERCISE, all simulated: {simulation.incidents.sum():,} incidents in {len(made.areas):,} areas "
        f"and {weeks} weeks, of which {recorded:,} are recorded."
    )
    typer.echo("Written: " + ", ".join(str(path) for path in written))
