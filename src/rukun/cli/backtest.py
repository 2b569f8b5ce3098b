"""`rukun backtest`: how good the forecasts would have been."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from rukun.cli import options as o


def backtest(
    context: typer.Context,
    events: o.Events,
    first: Annotated[
        dt.datetime,
        typer.Option(
            "--from",
            formats=o.DATES,
            help="First origin: the period of this day is the first forecast.",
            rich_help_panel=o.RESULT,
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="Scores: .csv or .parquet.", rich_help_panel=o.RESULT, show_default=False),
    ],
    to: Annotated[
        dt.datetime | None,
        typer.Option(
            "--to", formats=o.DATES, help="Last origin. Without: the last with an outcome.", rich_help_panel=o.RESULT
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Report: one HTML file that works offline.", rich_help_panel=o.RESULT)
    ] = None,
    areas: o.Areas = None,
    neighbours: o.Neighbours = None,
    grid: o.Grid = None,
    every: o.Every = o.Period.WEEK,
    horizon: Annotated[int, typer.Option(min=1, max=53, help="Periods ahead.", rich_help_panel=o.RESULT)] = 1,
    refit: Annotated[
        int, typer.Option(min=1, help="Refit every so many origins; newest counts between.", rich_help_panel=o.WORK)
    ] = 1,
    models: Annotated[
        str, typer.Option(help="Models, separated by commas.", rich_help_panel=o.WORK)
    ] = "ensemble,endemic_epidemic,smoothing,kernel,near_repeat,seasonal,mean",
    calendar: o.Calendar = None,
    holidays: o.Holidays = False,
    series: o.Series = None,
    series_change: o.SeriesChange = o.Change.NONE,
    series_lag: o.SeriesLag = 0,
    effort: o.Effort = None,
    category: o.OneCategory = "all",
    columns: o.Map = "",
    coarse: o.Coarse = o.CoarseDates.REFUSE,
    start: o.Start = None,
    until: o.Until = None,
    keep_partial: o.KeepPartial = False,
    engine: Annotated[o.Engine, typer.Option(help="What runs the refits.", rich_help_panel=o.WORK)] = o.Engine.JOBLIB,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of the Dask scheduler.", rich_help_panel=o.WORK)
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes at once.", rich_help_panel=o.WORK)] = 2,
    language: o.Language = o.Tongue.INDONESIAN,
    as_json: o.AsJson = False,
) -> None:
    """Forecast again and again as if it were then, and score what was said against what came.

    [bold]Example:[/bold] rukun backtest events.csv --areas villages.geojson --from 2024-01-01 --out scores.csv
    --report report.html
    """
    from rukun.cli.screen import Steps, say, show_json
    from rukun.cli.tables import scores_summary, show_scores
    from rukun.core.forecast.backtest import backtest as run_backtest
    from rukun.core.forecast.backtest import score_table
    from rukun.core.forecast.table import known_before
    from rukun.io.dataset import load_dataset
    from rukun.io.outputs import check_output, write_frame, write_text
    from rukun.io.report import render
    from rukun.io.report_evidence import best_model, failures_of, report_of

    check_output(out)
    o.check_report(report)
    o.check_engine(engine, scheduler)
    chosen = o.models(models)
    request = o.request(context.params, horizon)
    with Steps() as step:
        dataset = load_dataset(request, step)
        panel = next(iter(dataset.panels.values()))
        first_origin = known_before(panel, first.date()).n_periods
        last_origin = panel.n_periods - 1
        if to is not None:
            last_origin = min(known_before(panel, to.date()).n_periods, last_origin)
        result = run_backtest(
            panel,
            chosen,
            first_origin,
            last_origin,
            horizon=horizon,
            refit_every=refit,
            engine=engine.value,
            scheduler=scheduler,
            jobs=jobs,
            progress=lambda name, share: step(f"backtest: {name}", share),
        )
        scores = score_table(result)
        notes = [*dataset.notes, *o.left_out(chosen), *failures_of(result)]
        files = [out]
        write_frame(scores, out, dataset.areas, panel.exercise)
        best = best_model(scores)
        if report is not None and best is not None:
            step("writing the report", None)
            winner = next(model for model in chosen if model.name == best)
            write_text(render(report_of(result, scores, winner, events.name, notes, language.value)), report)
            files.append(report)
    if as_json:
        show_json(scores_summary(scores, notes, panel.exercise, files))
        return
    say(notes)
    show_scores(scores, panel.exercise)
    typer.echo(f"Written: {', '.join(str(path) for path in files)}")
