"""Making an exercise: a province, what happens in it, and the files that tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rukun.core.areas import AreaTable, Neighbours, chosen_areas, panel_rows
from rukun.exercise.files import area_features, tables
from rukun.exercise.province import made_province
from rukun.exercise.scenario import Scenario
from rukun.exercise.simulate import Simulation, simulate
from rukun.io.areas import open_areas, read_areas
from rukun.io.outputs import write_frame, write_text
from rukun.io.placing import Placed, find_neighbours
from rukun.io.problems import InputProblems, Problem, ProblemLog

#: What is written; areas only where they are made as well.
NAMES = ("events.csv", "effort.csv", "calendar.csv", "series.csv", "truth.csv")
AREAS = "areas.geojson"


@dataclass(frozen=True)
class Exercise:
    """A made province; made_areas: whether its areas are made too."""

    areas: AreaTable
    neighbours: Neighbours
    simulation: Simulation
    scenario: Scenario
    seed: int
    made_areas: bool
    notes: tuple[str, ...]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Its tables by file name without ending; see `files.tables`."""
        return tables(self.areas, self.simulation, self.scenario, self.seed)


def make_exercise(seed: int, scenario: Scenario, areas: str | Path | None = None) -> Exercise:
    """Simulate the scenario in the areas of a file, at its lowest level, or else in a made province.

    Raises `InputProblems` where the file is not as it should be.
    """
    notes: list[str] = []
    table = made_province(seed) if areas is None else _lowest(areas)
    neighbours = find_neighbours(Placed(table, table.code), None, notes)
    simulation = simulate(table, neighbours, scenario, seed)
    return Exercise(table, neighbours, simulation, scenario, seed, areas is None, tuple(notes))


def write_exercise(exercise: Exercise, folder: Path, overwrite: bool = False) -> list[Path]:
    """Write the exercise's files into a folder, made where it isn't there; returns their paths.

    Raises `InputProblems` where one of them is there already, unless `overwrite`.
    """
    there = [name for name in (*NAMES, AREAS) if (folder / name).exists()]
    if there and not overwrite:
        what = f"holds {', '.join(there)} already"
        raise InputProblems([Problem(str(folder), None, None, what, "choose another folder, or add --overwrite")])
    if folder.exists() and not folder.is_dir():
        raise InputProblems([Problem(str(folder), None, None, "is a file", "name a folder")])
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"can't be made: {error.strerror or error}"
        raise InputProblems([Problem(str(folder), None, None, what, "choose another folder")]) from None
    written = [write_frame(table, folder / f"{name}.csv") for name, table in exercise.tables().items()]
    if exercise.made_areas:
        written.append(write_text(area_features(exercise.areas), folder / AREAS))
    elif (folder / AREAS).exists():
        # areas of an earlier exercise don't belong to these events
        (folder / AREAS).unlink()
    return written


def _lowest(areas: str | Path) -> AreaTable:
    log = ProblemLog()
    source = open_areas(areas, {}, log)
    log.stop_if_any()
    read = read_areas(source, {}, log)
    log.stop_if_any()
    assert read is not None
    return chosen_areas(read.table, panel_rows(read.table))
