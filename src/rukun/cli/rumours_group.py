"""`rukun rumours group`: which messages are one rumour."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rukun.cli import options as o


def group(
    messages: Annotated[Path, typer.Argument(help="Messages: id, message. CSV or Parquet.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Groups: .csv or .parquet.", rich_help_panel=o.RESULT, show_default=False)],
    similar: Annotated[
        float,
        typer.Option(
            min=0.2, max=1.0, help="Share of the shorter message that must be common.", rich_help_panel=o.RESULT
        ),
    ] = 0.5,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes that read messages.")] = 1,
    columns: o.Map = "",
    as_json: o.AsJson = False,
) -> None:
    """Group messages into rumours: copies of one claim share a group, a changed number or place is another.

    [bold]Example:[/bold] rukun rumours group messages.csv --out groups.csv
    """
    import numpy as np
    import pandas as pd

    from rukun.cli.screen import Steps, show_json
    from rukun.core.text.similar import group_messages
    from rukun.io.outputs import check_output, write_frame
    from rukun.io.rumours import read_messages

    check_output(out)
    with Steps() as step:
        step("reading")
        given = read_messages(messages, o.columns(columns))
        step(f"grouping {len(given):,} messages")
        placed = group_messages(given.text, jobs, similar)
        # a group is called by its first message
        first = np.unique(placed.group, return_index=True)[1] if len(given) else np.zeros(0, dtype=np.int64)
        names = np.array(given.id, dtype=object)[first[placed.group]] if len(given) else []
        rows = pd.DataFrame({"id": given.id, "group": names, "similarity": placed.similarity.round(4)})
        step(f"writing {out}")
        write_frame(rows, out, exercise=given.exercise)
    several = int((np.bincount(placed.group) > 1).sum()) if len(given) else 0
    if as_json:
        show_json({"messages": len(given), "groups": len(first), "of_several": several, "written": str(out)})
        return
    typer.echo(f"{len(given):,} messages in {len(first):,} groups, {several:,} of them of more than one message.")
    typer.echo(f"Written: {out} ({len(rows):,} rows)")
