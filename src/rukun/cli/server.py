"""`rukun init`, `serve`, `doctor`, `backup`, `restore`, `audit`, `retention`, `territory`: running the system of
record.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from rukun.cli.options import AsJson

#: Exit status of a command that worked but found something wrong.
FOUND_WRONG = 1

audit = typer.Typer(help="The audit trail.", no_args_is_help=True)
retention = typer.Typer(help="What is kept for how long.", no_args_is_help=True)
territory = typer.Typer(help="Provinces, regencies, subdistricts and villages.", no_args_is_help=True)


def _ready() -> None:
    """Django, set up; or why not, with exit status 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rukun.server.settings")
    try:
        import django
    except ModuleNotFoundError:
        raise typer.BadParameter("the server isn't installed: pip install 'rukun[server]'") from None
    from rukun.server.config import ConfigurationError

    try:
        django.setup()
    except ConfigurationError as wrong:
        raise typer.BadParameter(str(wrong)) from None


def init(
    administrator: Annotated[str, typer.Option(help="Name of the first administrator's account.")] = "admin",
    unit: Annotated[str, typer.Option(help="Name of the province's unit.")] = "Polda",
    password_file: Annotated[
        Path | None, typer.Option(help="File with the password; without it, it is asked for.", show_default=False)
    ] = None,
) -> None:
    """Make an installation: its key, its database, its first administrator. Again, it only brings the database up to
    date.

    [bold]Example:[/bold] RUKUN_HOME=/srv/rukun rukun init --unit "Polda Sulawesi Tenggara"
    """
    from rukun.server.config import from_environment, make_key

    config = from_environment()
    if not os.environ.get("RUKUN_SECRET_KEY") and make_key(config.home):
        typer.echo(f"Made {config.home / 'secret-key'}: keep a copy apart from the backups.")
    _ready()
    from rukun.server.installation import make_administrator, needs_administrator, prepare_database
    from rukun.server.people.services import Refused

    prepare_database()
    if not needs_administrator():
        typer.echo("The database is up to date.")
        return

    def password() -> str:
        if password_file is not None:
            return password_file.read_text().strip()
        return str(typer.prompt(f"Password of {administrator}", hide_input=True, confirmation_prompt=True))

    try:
        make_administrator(administrator, password, unit)
    except Refused as wrong:
        raise typer.BadParameter(str(wrong)) from None
    typer.echo(f"{administrator} is the administrator of {unit}. Start with: rukun serve")


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; TLS is the matter of a proxy in front.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Web processes.")] = 2,
    threads: Annotated[int, typer.Option(min=1, help="Requests at once in each.")] = 4,
) -> None:
    """Serve pages, the API and the jobs until stopped.

    [bold]Example:[/bold] rukun serve --port 8000
    """
    _ready()
    from django.conf import settings

    from rukun.server.serving import serve as run

    if settings.CONFIG.plain_http and host not in ("127.0.0.1", "::1", "localhost"):
        raise typer.BadParameter(
            "RUKUN_PLAIN_HTTP is for a machine that only talks to itself: listen on 127.0.0.1, or unset it"
        )
    typer.echo(f"Rukun is at http://{host}:{port} (stop with Ctrl+C)")
    raise typer.Exit(run(host, port, workers, threads))


def doctor(as_json: AsJson = False) -> None:
    """Check configuration, database, jobs, clock, disk, accounts and photos, and say what to do. Exit status 1:
    something is wrong.

    [bold]Example:[/bold] rukun doctor
    """
    from rukun.cli.screen import show_json

    _ready()
    from rukun.server.doctor import examine

    findings = examine()
    if as_json:
        show_json({"findings": [vars(finding) for finding in findings]})
    else:
        for finding in findings:
            mark = {"fine": "ok     ", "warning": "warning", "wrong": "WRONG  "}[finding.level]
            typer.echo(f"{mark} {finding.what}: {finding.said}" + (f"\n        > {finding.fix}" if finding.fix else ""))
    if any(finding.level == "wrong" for finding in findings):
        raise typer.Exit(FOUND_WRONG)


def backup(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write every record and photo to one file, whole or not at all, while the server runs. The key isn't in it.

    [bold]Example:[/bold] rukun backup /mnt/backup/rukun-2026-11-24.tar.gz
    """
    _ready()
    from rukun.server.backup import write_backup

    typer.echo(f"Written: {file} ({write_backup(file)})")


def restore(file: Annotated[Path, typer.Argument(help="A file that `rukun backup` wrote.")]) -> None:
    """Restore a backup into an empty installation, all of it or nothing. A file that is cut or altered is refused.

    [bold]Example:[/bold] RUKUN_HOME=/srv/rukun-new rukun init && rukun restore rukun-2026-11-24.tar.gz
    """
    from rukun.server.config import from_environment, make_key

    config = from_environment()
    if not os.environ.get("RUKUN_SECRET_KEY") and make_key(config.home):
        typer.echo(
            f"Made {config.home / 'secret-key'}. Put the old installation's key there, "
            "or second factors must be set up anew."
        )
    _ready()
    from rukun.server.backup import BackupError, restore_backup
    from rukun.server.installation import prepare_database

    prepare_database()
    try:
        contents = restore_backup(file)
    except BackupError as wrong:
        raise typer.BadParameter(f"{wrong}\nNothing was restored.") from None
    typer.echo(f"Restored: {contents}")


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
    _ready()
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
    """Delete photos, reports and visits whose time is over, for good; counts by village and week stay.

    [bold]Example:[/bold] rukun retention run --dry-run
    """
    _ready()
    from rukun.server.reports.retention import run_retention

    due = run_retention(dry_run=dry_run)
    typer.echo(f"{'Due' if dry_run else 'Deleted'}: {due}")


@territory.command("import")
def territory_import(
    files: Annotated[list[Path], typer.Argument(help="CSV and GeoJSON files of areas, taken together.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would change.")] = False,
) -> None:
    """Import areas by code; done twice it changes nothing more. Nothing is imported when any file has a problem.

    [bold]Example:[/bold] rukun territory import areas.csv villages.geojson --dry-run
    """
    _ready()
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


def training(seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same exercise.")] = 1) -> None:
    """Fill an empty installation with an exercise: territory, units, accounts, two years of a simulated city, a
    forecast.

    [bold]Example:[/bold] RUKUN_HOME=latihan rukun training --seed 1
    """
    from rukun.server.config import from_environment, make_key

    if not os.environ.get("RUKUN_SECRET_KEY"):
        make_key(from_environment().home)
    _ready()
    from rukun.server.forecasts.tasks import forecast
    from rukun.server.installation import prepare_database
    from rukun.server.people.services import Refused
    from rukun.server.training import load_exercise

    prepare_database()
    try:
        made, accounts = load_exercise(seed)
    except Refused as wrong:
        raise typer.BadParameter(str(wrong)) from None
    forecast.enqueue()
    typer.echo("EXERCISE, all simulated: " + ", ".join(f"{number:,} {kind}" for kind, number in made.items()))
    typer.echo("The forecast is made as a job once `rukun serve` runs. Accounts, shown this once:")
    for account in accounts:
        codes = f"   second factor: {' or '.join(account.codes)} (each once)" if account.codes else ""
        typer.echo(f"  {account.username:12} {account.password}   {account.role}{codes}")
