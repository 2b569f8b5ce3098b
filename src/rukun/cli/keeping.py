"""`rukun backup`, `restore`, `audit`, `retention`: keeping what there is, and proving that it is whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from rukun.cli.installed import FOUND_WRONG, ready

audit = typer.Typer(help="The audit trail.", no_args_is_help=True)
retention = typer.Typer(help="What is kept for how long.", no_args_is_help=True)


def backup(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write every record and photo to one file, whole or not at all, while the server runs. The key isn't in it.

    [bold]Example:[/bold] rukun backup /mnt/backup/rukun-2026-11-24.tar.gz
    """
    ready()
    from rukun.server.backup import write_backup

    try:
        contents = write_backup(file)
    except OSError as wrong:
        raise typer.BadParameter(f"{file} can't be written: {wrong.strerror}. Nothing is left of it.") from None
    typer.echo(f"Written: {file} ({contents})")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `rukun backup` wrote.")],
    keep_devices: Annotated[
        bool,
        typer.Option("--keep-devices", help="Let the tokens of field apps hold; without it they sign in anew."),
    ] = False,
) -> None:
    """Restore a backup into an empty installation, all of it or nothing. A file that is cut or altered is refused.

    [bold]Example:[/bold] RUKUN_HOME=/srv/rukun-new rukun restore rukun-2026-11-24.tar.gz
    """
    from rukun.server.config import from_environment, make_key

    config = from_environment()
    if not os.environ.get("RUKUN_SECRET_KEY") and make_key(config.home):
        typer.echo(
            f"Made {config.home / 'secret-key'}. Put the old installation's key there, "
            "or second factors must be set up anew."
        )
    ready()
    from rukun.server.backup import BackupError, restore_backup
    from rukun.server.installation import prepare_database

    prepare_database()
    try:
        contents = restore_backup(file, keep_devices=keep_devices)
    except (BackupError, OSError) as wrong:
        raise typer.BadParameter(f"{wrong}\nNothing was restored.") from None
    typer.echo(f"Restored: {contents}")
    typer.echo(
        "Accounts that were closed, passwords that were changed and postings that ended since then are as they were: "
        "look through them."
    )


@audit.command("verify")
def audit_verify(
    anchor: Annotated[
        str | None, typer.Option(help="number:digest of an earlier verification, from outside this machine.")
    ] = None,
) -> None:
    """Read the whole trail and find any entry that was altered, removed, inserted or moved. Exit status 1: it was
    touched.

    [bold]Example:[/bold] rukun audit verify --anchor 1289:9f2c...
    """
    ready()
    from rukun.server.audit.queries import verify

    try:
        found = verify(anchor)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None
    for fault in found.faults:
        typer.echo(f"WRONG   {fault}")
    if found.faults:
        raise typer.Exit(FOUND_WRONG)
    typer.echo(
        f"{found.entries:,} entries, none altered, removed or moved. Write this anchor down elsewhere:\n{found.head}"
    )


@retention.command("run")
def retention_run(dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what is due.")] = False) -> None:
    """Delete what is past its time, for good; counts by village and week stay. `rukun serve` does it every night.
    Exit status 1: it is deleted, but the database's files couldn't be written anew.

    [bold]Example:[/bold] rukun retention run --dry-run
    """
    ready()
    from rukun.server.retention import run_retention

    swept = run_retention(dry_run=dry_run)
    typer.echo(f"{'Due' if dry_run else 'Deleted'}: {swept}")
    if not dry_run and not swept.erased:
        typer.echo("The database was in use for too long to be written anew: run this again, or leave it to the night.")
        raise typer.Exit(FOUND_WRONG)
