"""`rukun forecast`: what may happen where, and why."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from rukun.cli import options as o


def forecast(
    context: typer.Context,
    events: o.Events,
    out: Annotated[
        Path,
        typer.Option(help="Forecast file: .csv, .parquet or .geojson.", rich_help_panel=o.RESULT, show_default=False),
    ],
    areas: o.Areas = None,
    neighbours: o.Neighbours = None,
    grid: o.Grid = None,
    every: o.Every = o.Period.WEEK,
    horizon: Annotated[int, typer.Option(min=1, max=53, help="Periods ahead.", rich_help_panel=o.RESULT)] = 4,
    origin: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=o.DATES,
            help="Forecast from the period of this day on, knowing only what was before. Without: after all data.",
            rich_help_panel=o.RESULT,
        ),
    ] = None,
    calendar: o.Calendar = None,
    holidays: o.Holidays = False,
    series: o.Series = None,
    series_change: o.SeriesChange = o.Change.NONE,
    series_lag: o.SeriesLag = 0,
    effort: o.Effort = None,
    category: o.Category = None,
    columns: o.Map = "",
    coarse: o.Coarse = o.CoarseDates.REFUSE,
    start: o.Start = None,
    until: o.Until = None,
    keep_partial: o.KeepPartial = False,
    model: o.Model = "ensemble",
    explain: Annotated[
        bool, typer.Option("--explain", help="Add the shares that sum to the mean.", rich_help_panel=o.RESULT)
    ] = False,
    language: o.Language = o.Tongue.INDONESIAN,
    as_json: o.AsJson = False,
) -> None:
    """Forecast disturbances by area and period: a distribution, a rank and a reason for each.

    [bold]Example:[/bold] rukun forecast events.csv --areas villages.geojson --holidays --horizon 4 --out forecast.csv
    """
    import pandas as pd

    from rukun.cli.screen import Steps, say, show_json
    from rukun.cli.tables import forecast_summary, show_highest
    from rukun.core.forecast.reasons import reasons_of
    from rukun.core.forecast.table import forecast_table, known_before
    from rukun.io.dataset import load_dataset
    from rukun.io.outputs import check_output, write_frame

    check_output(out)
    forecaster = o.one_model(model)
    request = o.request(context.params, horizon)
    tables = []
    with Steps() as step:
        dataset = load_dataset(request, step)
        notes = [*dataset.notes, *o.left_out([forecaster])]
        for number, (name, whole) in enumerate(dataset.panels.items()):
            step(f"fitting {model} to {name}", number / len(dataset.panels))
            panel = whole if origin is None else known_before(whole, origin.date())
            fitted = forecaster.fit(panel)
            ahead = fitted.forecast(horizon)
            tables.append(forecast_table(panel, ahead, reasons_of(fitted, ahead, panel), language.value, explain))
        table = pd.concat(tables, ignore_index=True)
        simulated = any(panel.exercise for panel in dataset.panels.values())
        step(f"writing {out}")
        write_frame(table, out, dataset.areas, simulated)
    if as_json:
        show_json(forecast_summary(table, model, notes, simulated, out))
        return
    say(notes)
    show_highest(table, dataset.areas, simulated)
    typer.echo(f"Written: {out} ({len(table):,} rows)")
