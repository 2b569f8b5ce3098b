"""`rukun territory`: the areas that an installation knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rukun.cli.installed import ready

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
    for code in result.repaired:
        typer.echo(f"repaired: the polygon of {code} was invalid")
    for code in result.shapeless:
        typer.echo(f"without a polygon: {code}")
    new = sum(one.new for one in result.changes)
    verb = "would be" if dry_run else "were"
    typer.echo(
        f"{new:,} {verb} made, {len(result.changes) - new:,} {verb} altered, {result.unchanged:,} are so already."
    )
