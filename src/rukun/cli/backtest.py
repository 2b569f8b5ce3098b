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
        typer.Option("--from", formats=o.DATES, help="First period that is forecast.", rich_help_panel=o.WORK),
    ],
    out: Annotated[
        Path, typer.Option(help="Scores: .csv or .parquet.", rich_help_panel=o.RESULT, show_default=False)
    ],
    areas: o.Areas = None,
    neighbours: o.Neighbours = None,
    grid: o.Grid = None,
    every: o.Every = o.Period.WEEK,
    last: Annotated[
        dt.datetime | None,
        typer.Option("--to", formats=o.DATES, help="Last period that is forecast.", rich_help_panel=o.WORK),
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, max=53, help="Periods ahead.", rich_help_panel=o.WORK)] = 1,
    refit: Annotated[
        int,
        typer.Option(min=1, help="Refit every so many periods; the newest counts are always used.", rich_help_panel=o.WORK),
    ] = 4,
    models: Annotated[
        str, typer.Option(help="Models, separated by commas.", rich_help_panel=o.WORK)
    ] = "mean,smoothing,kernel,near_repeat,endemic_epidemic,ensemble",
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
    engine: Annotated[o.Engine, typer.Option(help="What runs the models.", rich_help_panel=o.WORK)] = o.Engine.JOBLIB,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of the Dask scheduler.", rich_help_panel=o.WORK)
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes at a time.", rich_help_panel=o.WORK)] = 2,
    report: Annotated[
        Path | None, typer.Option(help="Report: one HTML page that needs nothing else.", rich_help_panel=o.RESULT)
    ] = None,
    language: o.Language = o.Tongue.INDONESIAN,
    as_json: o.AsJson = False,
) -> None:
    """Test models from a rolling origin: each forecast knows only what was known by then.

    [bold]Example:[/bold] rukun backtest events.csv --areas villages.geojson --from 2024-01-01 --out scores.csv --report report.html
    """
    from rukun.cli.screen import Steps, say, show_json
    from rukun.cli.tables import scores_summary, show_scores
    from rukun.core.forecast.backtest import backtest as run_backtest
    from rukun.core.forecast.backtest import score_table
    from rukun.core.forecast.interface import TooLittleData
    from rukun.core.forecast.table import origins_between
    from rukun.io.dataset import load_dataset
    from rukun.io.outputs import check_output, check_text, write_frame, write_text
    from rukun.io.report import render
    from rukun.io.report_evidence import best_model, failures_of, report_of

    check_output(out)
    if report is not None:
        check_text(report)
    chosen = {model.name: model for model in o.models(models)}
    o.check_engine(engine, scheduler)
    request = o.request(context.params, horizon)
    with Steps() as step:
        dataset = load_dataset(request, step)
        (panel,) = dataset.panels.values()
        origins = origins_between(panel, first.date(), None if last is None else last.date())
        result = run_backtest(
            panel, list(chosen.values()), *origins, horizon=horizon, refit_every=refit, engine=engine.value,
            scheduler=scheduler, jobs=jobs, progress=step,
        )  # fmt: skip
        scores = score_table(result)
        notes = [*dataset.notes, *failures_of(result)]
        best = best_model(scores)
        if best is None:
            raise TooLittleData("\n".join(["no model could forecast:", *failures_of(result)]))
        page = None
        if report is not None:
            step("writing the report", None)
            shown = report_of(result, scores, chosen[best], events.name, notes, language.value)
            page = render(shown)
        written = [write_frame(scores, out, exercise=panel.exercise)]
        if report is not None and page is not None:
            written.append(write_text(page, report))
    if as_json:
        show_json(scores_summary(scores, notes, panel.exercise, written))
        return
    say(notes)
    show_scores(scores, panel.exercise)
    typer.echo("Written: " + ", ".join(str(path) for path in written))
