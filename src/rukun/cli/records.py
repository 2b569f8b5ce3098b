"""`rukun import`: taking over records from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rukun.cli.installed import ready

importing = typer.Typer(help="Taking over records from elsewhere.", no_args_is_help=True)


@importing.callback()
def about() -> None:
    """Taking over records from elsewhere."""


@importing.command("odk")
def import_odk(
    file: Annotated[Path, typer.Argument(help="CSV export of ODK Central or KoboToolbox.")],
    mapping: Annotated[Path, typer.Option(help="TOML file: which column is what (docs/formats.md).")],
    username: Annotated[str, typer.Option("--as", help="Account that files them: an officer or an administrator.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")] = False,
) -> None:
    """Import reports or visits gathered with ODK or KoboToolbox; done twice it stores once. Nothing is imported when
    any row has a problem.

    [bold]Example:[/bold] rukun import odk laporan.csv --mapping laporan.toml --as officer --dry-run
    """
    ready()
    from rukun.server.people.models import User
    from rukun.server.people.scope import scope_of
    from rukun.server.people.services import NotAllowed
    from rukun.server.reports.odk import import_submissions

    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise typer.BadParameter(f"there is no open account {username}", param_hint="--as")
    try:
        done = import_submissions(file, mapping, scope_of(user), dry_run=dry_run)
    except NotAllowed as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--as") from None
    verb = "would be" if dry_run else "were"
    typer.echo(f"{done.stored:,} {done.kind}s {verb} stored, {done.known:,} are stored already.")
    if done.masked:
        typer.echo("Masked: " + ", ".join(f"{number:,} {kind}" for kind, number in sorted(done.masked.items())))
