"""`rukun territory`: the areas that an installation knows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from rukun.cli.installed import ready
from rukun.cli.options import DATES

territory = typer.Typer(help="Provinces, regencies, subdistricts and villages.", no_args_is_help=True)


@territory.command("import")
def territory_import(
    files: Annotated[list[Path], typer.Argument(help="CSV and GeoJSON files of areas, taken together.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would change.")] = False,
) -> None:
    """Import areas by code; done twice it changes nothing more. Nothing is imported when any file has a problem.

    [bold]Example:[/bold] rukun territory import areas.csv villages.geojson --dry-run
    """
    ready()
    from rukun.server.audit.services import SYSTEM
    from rukun.server.territory.importing import import_areas

    result = import_areas(files, SYSTEM, dry_run=dry_run)
    if dry_run:
        for one in result.changes:
            typer.echo(str(one))
    for said in result.otherwise:
        typer.echo(f"spelled differently: {said}")
    for code in result.repaired:
        typer.echo(f"repaired: the polygon of {code} was invalid")
    for code in result.shapeless:
        typer.echo(f"without a polygon: {code}")
    new = sum(one.new for one in result.changes)
    verb = "would be" if dry_run else "were"
    typer.echo(
        f"{new:,} {verb} made, {len(result.changes) - new:,} {verb} altered, {result.unchanged:,} are so already."
    )


@territory.command("succeed")
def territory_succeed(
    before: Annotated[list[str], typer.Option(help="Code of a village that ends, or that goes on in part.")],
    after: Annotated[list[str], typer.Option(help="Code of a village that takes its place; import it first.")],
    on: Annotated[dt.datetime, typer.Option(formats=DATES, help="First day of what follows.")],
) -> None:
    """Villages split or merge: record what follows what, with the units and officers that answer for it.

    A village named both before and after goes on.

    [bold]Example:[/bold] rukun territory succeed --before 74.01.01.1001 --after 74.01.01.1001 --after 74.01.01.1009
    --on 2026-01-01
    """
    ready()
    from rukun.server.people.services import Refused, succeed_villages
    from rukun.server.territory.models import Area, Level

    areas = {area.code: area for area in Area.objects.filter(code__in=[*before, *after], level=Level.VILLAGE)}
    unknown = sorted({*before, *after} - set(areas))
    if unknown:
        raise typer.BadParameter(f"there is no village {', '.join(unknown)}: import it first")
    try:
        done = succeed_villages(None, [areas[c] for c in before], [areas[c] for c in after], on.date())
    except Refused as wrong:
        raise typer.BadParameter(str(wrong)) from None
    typer.echo(f"{', '.join(before)} > {', '.join(after)} on {on:%Y-%m-%d}" + ("" if done else ": known already"))
