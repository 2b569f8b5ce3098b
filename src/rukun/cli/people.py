"""`rukun people`: units, coverage and postings from files, and a new password for who is locked out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rukun.cli.installed import ready

people = typer.Typer(help="Units, accounts and postings.", no_args_is_help=True)


@people.command("import")
def people_import(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Units (code,name,level,parent), coverage (unit,village), "
            "postings (username,name,role,unit,begins,villages,ends): taken together."
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would change.")] = False,
    passwords: Annotated[
        Path | None,
        typer.Option(help="New file for the one-time passwords of new accounts; only its owner may read it."),
    ] = None,
) -> None:
    """Import units, coverage and postings; done twice it changes nothing more. Nothing is imported when any row has a
    problem.

    [bold]Example:[/bold] rukun people import units.csv coverage.csv postings.csv --passwords new.csv --dry-run
    """
    ready()
    from rukun.server.people.importing import import_people

    if passwords is not None and passwords.exists():
        raise typer.BadParameter(f"{passwords} is there already: name a new file for the passwords")
    result = import_people(files, passwords=passwords, dry_run=dry_run)
    if dry_run:
        for said in result.changes:
            typer.echo(said)
    typer.echo(f"{len(result.changes):,} changes {'would be' if dry_run else 'were'} made.")
    if result.accounts and passwords is not None and not dry_run:
        typer.echo(
            f"One-time passwords of {len(result.accounts):,} new accounts: {passwords}. Hand them out, delete it."
        )


@people.command("password")
def people_password(
    username: Annotated[str, typer.Argument(help="Name of the account.")],
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Take the second factor away, too: the phone is lost.")
    ] = False,
) -> None:
    """Give an account a one-time password and show it this once; its sessions and devices end.

    [bold]Example:[/bold] rukun people password admin --second-factor
    """
    ready()
    from rukun.server.people.models import User
    from rukun.server.people.services import Refused, reset_second_factor, set_password

    user = User.objects.filter(username__iexact=username).first()
    if user is None:
        raise typer.BadParameter(f"there is no account {username}")
    try:
        password = (reset_second_factor if second_factor else set_password)(None, user)
    except Refused as wrong:
        raise typer.BadParameter(str(wrong)) from None
    typer.echo(f"{user.username}: {password}\nIt opens only the page where it is changed.")
