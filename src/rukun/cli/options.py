"""Options that several verbs share, and how their text is read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rukun.core.forecast.interface import Forecaster
    from rukun.io.dataset import DatasetRequest

DATES = ["%Y-%m-%d"]


class Period(StrEnum):
    """Lengths of a period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class CoarseDates(StrEnum):
    """What becomes of dates that cover more than one period."""

    REFUSE = "refuse"
    SPREAD = "spread"
    EXCLUDE = "exclude"


class Change(StrEnum):
    """How a series enters the model."""

    NONE = "none"
    YEAR = "year"


class Tongue(StrEnum):
    """Languages of reasons and reports."""

    INDONESIAN = "id"
    ENGLISH = "en"


class Engine(StrEnum):
    """What runs the refits of a backtest."""

    JOBLIB = "joblib"
    DASK = "dask"


def grid_metres(said: str) -> float:
    """Metres of "250m", "0.5km" or "250". Raises typer.BadParameter otherwise."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(m|km)?\s*", said, re.IGNORECASE)
    metres = float(match[1]) * (1000 if (match[2] or "m").lower() == "km" else 1) if match else 0.0
    if metres <= 0:
        raise typer.BadParameter(f'"{said}" is not the edge of a square: write 250m or 0.5km')
    return metres


def columns(said: str) -> dict[str, str]:
    """Columns by name of "date=offense_date,area=lsoa_code". Raises typer.BadParameter where a pair has no "="."""
    pairs: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in said.split(","))):
        name, equals, column = (part.strip() for part in pair.partition("="))
        if not (name and equals and column):
            raise typer.BadParameter(f'"{pair}" is not NAME=COLUMN, as in date=offense_date')
        pairs[name] = column
    return pairs


def request(params: Mapping[str, Any], ahead: int) -> DatasetRequest:
    """The data that the options of `rukun forecast` and `rukun backtest` ask for.

    params: values of the options by name; ahead: periods forecast. Raises typer.BadParameter where one can't be read.
    """
    from rukun.io.dataset import DatasetRequest

    chosen = params["category"]
    categories = tuple(chosen) if isinstance(chosen, list | tuple) else (chosen,) if chosen else ()
    if "all" in categories and len(categories) > 1:
        raise typer.BadParameter("the category all is the sum of all and stands alone")
    return DatasetRequest(
        events=params["events"],
        areas=params["areas"],
        neighbours=params["neighbours"],
        grid_metres=None if params["grid"] is None else grid_metres(params["grid"]),
        every=Period(params["every"]).value,
        calendar=params["calendar"],
        holidays=params["holidays"],
        series=params["series"],
        series_change=Change(params["series_change"]).value,
        series_lag=params["series_lag"],
        effort=params["effort"],
        columns=columns(params["columns"]),
        coarse=CoarseDates(params["coarse"]).value,
        partial="keep" if params["keep_partial"] else "drop",
        start=_day(params["start"]),
        end=_day(params["until"]),
        categories="all" if categories == ("all",) else categories or None,
        ahead=max(ahead, 53),
    )


def check_report(report: Path | None) -> None:
    """Raise, before anything is computed, where a report can't be written there."""
    from rukun.io.outputs import check_output

    if report is not None and (report.is_dir() or not report.name):
        raise typer.BadParameter(f"{report} is a folder: name a file in it for the report")
    if report is not None:
        # what holds for the folder of a table holds for that of a report
        check_output(report.with_suffix(".csv"))


def check_engine(engine: Engine, scheduler: str | None) -> None:
    """Raise typer.BadParameter where the engine and the address don't go together."""
    if engine is Engine.DASK and not scheduler:
        raise typer.BadParameter("--engine dask needs --scheduler ADDRESS, such as tcp://127.0.0.1:8786")
    if scheduler and engine is not Engine.DASK:
        raise typer.BadParameter("--scheduler is for --engine dask")


def one_model(name: str) -> Forecaster:
    """The model of that name. Raises typer.BadParameter where there is none, or its library isn't installed."""
    from rukun.core.forecast.registry import UnknownModelError, missing_library, model_named

    wanted = missing_library(name.strip())
    if wanted is not None:
        raise typer.BadParameter(f'the model "{name.strip()}" needs a library that isn\'t installed: {wanted}')
    try:
        return model_named(name.strip())
    except UnknownModelError as error:
        raise typer.BadParameter(str(error)) from None


def left_out(chosen: Sequence[Forecaster]) -> list[str]:
    """A note for each member that an ensemble among the chosen has to do without."""
    from rukun.core.forecast.registry import ENSEMBLE, MEMBERS, missing_library

    if all(model.name != ENSEMBLE for model in chosen):
        return []
    wanted = {member: missing_library(member) for member in MEMBERS}
    return [f"The ensemble does without {name}: {install}" for name, install in wanted.items() if install]


def models(said: str) -> list[Forecaster]:
    """Models of "mean,ensemble", each once. Raises typer.BadParameter where there is none of a name, or no name."""
    chosen = [one_model(name) for name in dict.fromkeys(part.strip() for part in said.split(",")) if name]
    if not chosen:
        raise typer.BadParameter("name a model")
    return chosen


def _day(said: dt.datetime | None) -> dt.date | None:
    """The date of an option, or None."""
    return None if said is None else said.date()


EVENTS, ALONGSIDE, RESULT, WORK = "What happened", "What goes with it", "What comes out", "How it is worked out"

Events = Annotated[
    Path,
    typer.Argument(
        metavar="EVENTS",
        help="Events: CSV or Parquet with date and area (or latitude, longitude), or a matrix of counts.",
    ),
]
Areas = Annotated[
    Path | None,
    typer.Option(
        help="Areas: CSV or GeoJSON with code, name, parent, population.", rich_help_panel=EVENTS, show_default=False
    ),
]
Grid = Annotated[
    str | None,
    typer.Option(help="Square cells of this edge instead of areas, such as 250m.", rich_help_panel=EVENTS),
]
Every = Annotated[Period, typer.Option(help="Length of a period; weeks start on Mondays.", rich_help_panel=EVENTS)]
Category = Annotated[
    list[str] | None,
    typer.Option(help="Only this category; repeat for more. 'all' is the sum of all.", rich_help_panel=EVENTS),
]
OneCategory = Annotated[
    str, typer.Option(help="The category that is tested; 'all' is the sum of all.", rich_help_panel=EVENTS)
]
Map = Annotated[
    str,
    typer.Option(
        "--map",
        metavar="NAME=COLUMN,...",
        help="The files' own columns, such as date=offense_date,area=lsoa_code; series.value=price for one file only.",
        rich_help_panel=EVENTS,
    ),
]
Coarse = Annotated[
    CoarseDates, typer.Option(help="Events whose date covers more than one period.", rich_help_panel=EVENTS)
]
Start = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=DATES, help="First day used; of a matrix of counts the date of t = 1.", rich_help_panel=EVENTS
    ),
]
Until = Annotated[dt.datetime | None, typer.Option(formats=DATES, help="Last day used.", rich_help_panel=EVENTS)]
KeepPartial = Annotated[
    bool,
    typer.Option(
        "--keep-partial", help="Keep a first or last period that the events cover only in part.", rich_help_panel=EVENTS
    ),
]
Neighbours = Annotated[
    Path | None,
    typer.Option(
        help="Pairs area,neighbour,order or a square matrix of orders. Without: borders, else distance, else the tree.",
        rich_help_panel=ALONGSIDE,
    ),
]
Calendar = Annotated[
    Path | None,
    typer.Option(help="Calendar: date (or from, to) and name, such as election stages.", rich_help_panel=ALONGSIDE),
]
Holidays = Annotated[
    bool, typer.Option("--holidays", help="Add Indonesia's holidays, moving ones too.", rich_help_panel=ALONGSIDE)
]
Series = Annotated[
    Path | None,
    typer.Option(help="Series such as prices: date, name, value and perhaps area.", rich_help_panel=ALONGSIDE),
]
SeriesChange = Annotated[
    Change, typer.Option(help="Series as they are, or their change against a year before.", rich_help_panel=ALONGSIDE)
]
SeriesLag = Annotated[int, typer.Option(min=0, help="Periods by which series are delayed.", rich_help_panel=ALONGSIDE)]
Effort = Annotated[
    Path | None,
    typer.Option(
        help="Visits: date, area, visits. Forecasts are then corrected for where officers look.",
        rich_help_panel=ALONGSIDE,
    ),
]
Model = Annotated[
    str,
    typer.Option(
        help="mean, seasonal, smoothing, kernel, near_repeat, boosting, endemic_epidemic or ensemble.",
        rich_help_panel=WORK,
    ),
]
Language = Annotated[Tongue, typer.Option(help="Language of reasons and reports.", rich_help_panel=RESULT)]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print a summary for machines instead of a table.", rich_help_panel=RESULT)
]
