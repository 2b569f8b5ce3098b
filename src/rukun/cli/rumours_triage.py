"""`rukun rumours triage`: which rumour first, and which not to answer in public."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from rukun.cli import options as o


def triage(
    messages: Annotated[
        Path,
        typer.Argument(metavar="MESSAGES", help="Messages: CSV or Parquet with id, message, and perhaps date, area."),
    ],
    out: Annotated[Path, typer.Option(help="One row for each rumour: .csv or .parquet.", show_default=False)],
    groups: Annotated[
        Path | None,
        typer.Option(
            help="Which messages are one rumour, as `rukun rumours group` writes it. Without: each is its own."
        ),
    ] = None,
    places: Annotated[
        Path | None, typer.Option(help="State of the villages: area, and forecast and/or index from 0 to 1.")
    ] = None,
    now: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
            help="The moment of the triage, in --time-zone. Without: that of the last message.",
        ),
    ] = None,
    voting_day: Annotated[
        dt.datetime | None, typer.Option(formats=o.DATES, help="Until when rumours about voting can be answered.")
    ] = None,
    threshold: Annotated[
        float,
        typer.Option(min=0.001, help="Sightings per hour above which an answer in public is worth its attention."),
    ] = 0.25,
    time_zone: Annotated[str, typer.Option(help="Of dates that name none.")] = "Asia/Makassar",
    columns: Annotated[
        str, typer.Option("--map", metavar="NAME=COLUMN,...", help="The files' own columns, such as message=isi.")
    ] = "",
    language: Annotated[o.Tongue, typer.Option(help="Language of the explanations.")] = o.Tongue.INDONESIAN,
    as_json: o.AsJson = False,
) -> None:
    """Put rumours in the order in which they should be looked at; every priority is a sum that adds up.

    It never says what is true, and publishes nothing: its advice is to answer in public or only to watch.

    [bold]Example:[/bold] rukun rumours triage messages.csv --groups groups.csv --out triage.csv
    """
    from rukun.cli.screen import Steps, show_json, show_table
    from rukun.io.outputs import check_output, write_frame
    from rukun.io.rumour_triage import triaged
    from rukun.io.rumours import read_groups, read_messages, read_places, zone_named

    check_output(out)
    named = o.columns(columns)
    zone = zone_named(time_zone)
    with Steps() as step:
        step("reading")
        read = read_messages(messages, named, zone.key)
        group = read_groups(groups, read, named) if groups else read.id
        state = read_places(places, named) if places else {}
        step("weighing")
        day = voting_day.date() if voting_day else None
        table = triaged(read, group, state, now, zone, day, threshold, language.value)
        write_frame(table, out, exercise=read.exercise)
    mark = "EXERCISE (simulated). " if read.exercise else ""
    count = table["priority"].value_counts()
    told = {name: int(count.get(name, 0)) for name in ("high", "medium", "low")}
    publish = int((table["advice"] == "publish").sum())
    if as_json:
        show_json(
            {
                "exercise": read.exercise,
                "messages": len(read),
                "rumours": len(table),
                **told,
                "publish": publish,
                "out": str(out),
            }
        )
        return
    head = ("group", "priority", "hours", "advice", "harm", "sightings", "explanation")
    rows = [tuple(str(value) for value in row) for row in table[list(head)].head(5).itertuples(index=False)]
    show_table(
        f"{mark}First to look at, of {len(table):,} rumours in {len(read):,} messages",
        head,
        rows,
        ("group", "explanation"),
    )
    typer.echo(f"Written: {out} ({len(table):,} rows)")
