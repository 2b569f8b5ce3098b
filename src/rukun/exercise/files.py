"""An exercise as files: the formats of the real thing, every row of them marked."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from rukun.core.areas import AreaTable
from rukun.exercise.scenario import Scenario
from rukun.exercise.simulate import PRICE_YEAR, Simulation

PRICE_SERIES = "rice"


def tables(areas: AreaTable, simulation: Simulation, scenario: Scenario, seed: int) -> dict[str, pd.DataFrame]:
    """The exercise as tables by file name without ending: events, effort, calendar, series and truth.

    Every row has `exercise` = true; the readers of `rukun.io` take all but truth as they are. The day within the week
        of each event is random.
    """
    made = {
        "events": _events(areas, simulation, scenario, np.random.default_rng([seed, 4])),
        "effort": _effort(areas, simulation),
        "calendar": pd.DataFrame(
            [(stage.first, stage.last, stage.name) for stage in scenario.stages()], columns=["from", "to", "name"]
        ),
        "series": _series(simulation),
        "truth": _truth(areas, simulation, scenario),
    }
    return {name: table.assign(exercise="true") for name, table in made.items()}


def _events(areas: AreaTable, simulation: Simulation, scenario: Scenario, rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for source, counts in (("reported", simulation.reported), ("discovered", simulation.discovered)):
        kind, area, week = np.nonzero(counts)
        times = counts[kind, area, week]
        day = np.repeat(simulation.starts[week], times) + rng.integers(0, 7, int(times.sum()))
        names = np.array([k.name for k in scenario.kinds], dtype=object)
        parts.append(
            pd.DataFrame(
                {
                    "date": day.astype("datetime64[D]").astype(str),
                    "area": np.repeat(areas.code[area], times),
                    "category": np.repeat(names[kind], times),
                    "source": source,
                }
            )
        )
    return pd.concat(parts).sort_values(["date", "area", "category", "source"], kind="stable", ignore_index=True)


def _effort(areas: AreaTable, simulation: Simulation) -> pd.DataFrame:
    """All areas and weeks, those without a visit too: no row would mean that nobody knows."""
    n, weeks = simulation.visits.shape
    return pd.DataFrame(
        {
            "date": np.tile(simulation.starts.astype(str), n),
            "area": np.repeat(areas.code, weeks),
            "visits": simulation.visits.ravel(),
        }
    )


def _series(simulation: Simulation) -> pd.DataFrame:
    """The price of each week from a year before the first on, the same everywhere, so that it names no area."""
    first = simulation.starts[0] - 7 * PRICE_YEAR
    week = first + 7 * np.arange(len(simulation.price))
    return pd.DataFrame(
        {"date": week.astype(str), "name": PRICE_SERIES, "value": simulation.price.round(0).astype(int)}
    )


def _truth(areas: AreaTable, simulation: Simulation, scenario: Scenario) -> pd.DataFrame:
    """What no real file could tell: the rate of incidents a week, and how many there were, seen or not."""
    kinds, n, weeks = simulation.rate.shape
    return pd.DataFrame(
        {
            "date": np.tile(simulation.starts.astype(str), kinds * n),
            "area": np.tile(np.repeat(areas.code, weeks), kinds),
            "category": np.repeat(np.array([k.name for k in scenario.kinds], dtype=object), n * weeks),
            "rate": simulation.rate.ravel().round(6),
            "incidents": simulation.incidents.ravel(),
        }
    )


def area_features(areas: AreaTable) -> str:
    """A made province's areas as GeoJSON; only for areas that are themselves made."""
    assert areas.shapes is not None and areas.population is not None
    properties = {"code": areas.code, "name": areas.name, "parent": areas.parent, "exercise": True}
    frame = gpd.GeoDataFrame(properties | {"population": areas.population.astype(int)}, geometry=areas.shapes)
    return str(frame.to_json(drop_id=True, separators=(",", ":")))
