"""`rukun init`, `serve`, `doctor`, `training`: running the system of record."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from rukun.cli.installed import FOUND_WRONG, ready
from rukun.cli.options import AsJson


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
    ready()
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
    ready()
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

    ready()
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


def training(seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same exercise.")] = 1) -> None:
    """Fill an empty installation with an exercise: territory, units, accounts, two years of a simulated city, a
    forecast.

    [bold]Example:[/bold] RUKUN_HOME=latihan rukun training --seed 1
    """
    from rukun.server.config import from_environment, make_key

    if not os.environ.get("RUKUN_SECRET_KEY"):
        make_key(from_environment().home)
    ready()
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
