"""From files to panels: the one call behind the command line and the notebook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rukun.core.areas import AreaTable
from rukun.core.panel import Panel, exposure_of, window_starts
from rukun.io.aligning import covariates_of, effort_of, neighbours_of
from rukun.io.areas import AreaFile, read_areas
from rukun.io.counting import count_panels, cut_matrix, events_to_count, window_of
from rukun.io.events import RawEvents, is_matrix, read_events, read_matrix
from rukun.io.notes import Note, counted, listed, many
from rukun.io.placing import Placed, nothing_drawn, place_by_code, place_by_point
from rukun.io.problems import InputProblems, Problem, ProblemLog
from rukun.io.request import Coarse, DatasetRequest, OpenFiles, check_request, open_files

__all__ = ["Coarse", "Dataset", "DatasetRequest", "InputProblems", "Problem", "Progress", "load_dataset"]

#: Told now and then what is being done and which share of it is done (0 to 1, or None when that isn't known).
Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Dataset:
    """Panels and what a user should know about how they came to be.

    panels: by category, at least one ("all" where events have none); notes: in both languages; areas: those that the
    panels share.
    """

    panels: dict[str, Panel]
    notes: list[Note]
    areas: AreaTable


def load_dataset(request: DatasetRequest, progress: Progress | None = None) -> Dataset:
    """Read the files of `request` and make a panel of each category.

    Raises `InputProblems` with everything found wrong in the files; nothing is half-imported.
    """
    tell: Progress = progress or (lambda _what, _share: None)
    log = ProblemLog()
    check_request(request, log)
    log.stop_if_any()
    files = open_files(request, log)
    tell("reading areas", None)
    notes: list[Note] = []
    area_file = None
    if files.areas is not None:
        area_file = read_areas(files.areas, request.columns, log)
    raw = _read_events(request, files, area_file, log, tell)
    files.stop_if_any(log)
    assert raw is not None
    if area_file is not None:
        _note_shapes(area_file, notes)
    tell("placing events", None)
    placed = _place(request, files, raw, area_file, notes)
    files.stop_if_any(log)
    assert placed is not None
    events = events_to_count(request, files, raw, placed, notes)
    files.stop_if_any(log)
    assert events is not None
    window = raw.window or window_of(request, files, events, log, notes)
    files.stop_if_any(log)
    assert window is not None
    if raw.window is not None:
        window = cut_matrix(request, files, raw.window, log)
    tell("finding neighbours", None)
    neighbours = neighbours_of(request, files, placed, area_file, notes)
    covariates, simulated = covariates_of(request, files, placed.areas, area_file, window, log, notes)
    effort, effort_simulated = effort_of(request, files, placed.areas, window, notes)
    files.stop_if_any(log)
    assert neighbours is not None
    tell("counting events", None)
    exercise = raw.simulated > 0 or simulated or effort_simulated
    if exercise:
        notes.append(
            Note(
                "Part of the input is marked as exercise: everything made from it is marked as exercise.",
                "Sebagian data bertanda latihan: semua yang dibuat darinya bertanda latihan.",
            )
        )
    base = Panel(
        areas=placed.areas,
        neighbours=neighbours,
        every=request.every,
        starts=window_starts(window, request.every),
        counts=np.zeros((len(placed.areas), 0), dtype=np.int32),
        exposure=exposure_of(placed.areas),
        covariates=covariates,
        effort=effort,
        exercise=exercise,
    )
    panels = count_panels(request, files, base, events, window, log, notes)
    files.stop_if_any(log)
    return Dataset(panels, notes, placed.areas)


def _read_events(
    request: DatasetRequest, files: OpenFiles, area_file: AreaFile | None, log: ProblemLog, tell: Progress
) -> RawEvents | None:
    table = files.events
    start = None if request.start is None else np.datetime64(request.start, "D")
    if is_matrix(table) and request.grid_metres is None:
        return read_matrix(table, request.every, start, log)
    size = max(table.path.stat().st_size, 1)

    def tick(rows: int) -> None:
        # 40 bytes is a usual row; the share only moves a progress bar
        tell(f"reading {table.file}", min(rows * 40 / size, 0.99))

    raw = read_events(table, request.grid_metres is not None, tick)
    if raw is not None and table.clean and len(raw.first) == 0 and raw.total:
        log.add(table.file, f"none of its {raw.total:,} events has a place", "fill in areas or coordinates")
    elif raw is not None and not (raw.by_code or area_file is None or not nothing_drawn(area_file)):
        what = "has coordinates but no areas, and the area file has no shapes"
        log.add(table.file, what, "give the areas as GeoJSON, or name the column of area codes with --map area=COLUMN")
    elif raw is not None and not raw.by_code and area_file is None and request.grid_metres is None and not files.areas:
        what = "has coordinates, and there are no areas to count them in"
        log.add(table.file, what, "give areas as GeoJSON, or a grid as in --grid 250m")
    return raw


def _place(
    request: DatasetRequest, files: OpenFiles, raw: RawEvents, area_file: AreaFile | None, notes: list[Note]
) -> Placed | None:
    if raw.unplaced:
        notes.append(
            Note(
                f"Left out: {raw.unplaced:,} of {many(raw.total, 'event')}, without a place in {files.events.file}.",
                f"Tidak dihitung: {counted(raw.unplaced)} dari {counted(raw.total)} kejadian, tanpa tempat di "
                f"{files.events.file}.",
            )
        )
    if request.grid_metres is None and raw.by_code:
        return place_by_code(raw, files.events, area_file, notes)
    return place_by_point(raw, files.events, area_file, request.grid_metres, notes)


def _note_shapes(area_file: AreaFile, notes: list[Note]) -> None:
    if area_file.repaired:
        codes = list(area_file.repaired)
        notes.append(
            Note(
                f"Repaired: {many(len(codes), 'invalid polygon')} in {area_file.file}: {listed(codes, 20)}.",
                f"Diperbaiki: {counted(len(codes))} poligon yang salah di {area_file.file}: {listed(codes, 20, 'id')}.",
            )
        )
    if area_file.shapeless:
        codes = list(area_file.shapeless)
        notes.append(
            Note(
                f"Without a polygon: {many(len(codes), 'area')} of {area_file.file}: {listed(codes, 20)}.",
                f"Tanpa poligon: {counted(len(codes))} wilayah di {area_file.file}: {listed(codes, 20, 'id')}.",
            )
        )
