"""Neighbours, covariates and effort, aligned to the areas and periods of a panel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rukun.core.areas import (
    AreaTable,
    FloatArray,
    Neighbours,
    ancestry,
    isolated,
    orders_from_borders,
    parent_code,
    usual_reach,
)
from rukun.core.covariates import calendar_covariates, indonesian_holidays, series_covariates
from rukun.core.panel import Covariate, Every, sum_by_period
from rukun.core.periods import Days, Window, period_start
from rukun.io.alongside import read_calendar, read_effort, read_series
from rukun.io.areas import AreaFile
from rukun.io.neighbours import read_neighbours
from rukun.io.notes import PERIODS, Note, counted, listed, many
from rukun.io.placing import Placed, find_neighbours
from rukun.io.problems import ProblemLog, shown
from rukun.io.request import DatasetRequest, OpenFiles
from rukun.io.tables import Table


def neighbours_of(
    request: DatasetRequest, files: OpenFiles, placed: Placed, area_file: AreaFile | None, notes: list[Note]
) -> Neighbours | None:
    """Neighbours as a file gives them, or as the areas lie; None where problems were reported."""
    if "neighbours" not in files.tables:
        return find_neighbours(placed, request.max_order, notes)
    known = frozenset(area_file.table.code.tolist()) if area_file is not None else frozenset()
    table = files.tables["neighbours"]
    neighbours = read_neighbours(table, placed.areas.code, known, request.max_order)
    if neighbours is None:
        return None
    if len(neighbours.order) and (neighbours.order == 1).all() and request.max_order != 1:
        reach = usual_reach(len(neighbours)) if request.max_order is None else request.max_order
        neighbours = orders_from_borders(neighbours, reach)
        notes.append(
            Note(
                f"{table.file} names neighbours of order 1 only; higher orders are counted from them.",
                f"{table.file} hanya menyebut tetangga orde 1; orde yang lebih tinggi dihitung darinya.",
            )
        )
    if len(alone := isolated(neighbours)):
        codes = placed.areas.code[alone].tolist()
        notes.append(
            Note(
                f"Without a neighbour in {table.file}: {many(len(alone), 'area')}: {listed(codes)}.",
                f"Tanpa tetangga di {table.file}: {counted(len(alone))} wilayah: {listed(codes, language='id')}.",
            )
        )
    return neighbours


def covariates_of(
    request: DatasetRequest,
    files: OpenFiles,
    areas: AreaTable,
    area_file: AreaFile | None,
    window: Window,
    log: ProblemLog,
    notes: list[Note],
) -> tuple[tuple[Covariate, ...], bool]:
    """Holidays, calendar and series as covariates, and whether any of it is marked as exercise."""
    known = set(np.unique(ancestry(areas)).tolist()) | (set(area_file.table.code.tolist()) if area_file else set())
    made: list[Covariate] = []
    simulated = False
    if request.holidays:
        span = period_start([window.first, window.first + window.periods + request.ahead], request.every)
        holidays = indonesian_holidays(span[0], span[1])
        made.extend(calendar_covariates(holidays, areas, request.every, window, request.ahead))
    if "calendar" in files.tables:
        read = read_calendar(files.tables["calendar"], frozenset(known))
        if read is not None:
            made.extend(calendar_covariates(read[0], areas, request.every, window, request.ahead))
            simulated |= read[1]
    if "series" in files.tables:
        table = files.tables["series"]
        read_values = read_series(table, frozenset(known), request.series_change == "year")
        if read_values is not None:
            series, exercise = read_values
            simulated |= exercise
            aligned, missing = series_covariates(
                series, areas, request.every, window, request.ahead, request.series_change, request.series_lag
            )
            made.extend(aligned)
            for name, what in missing.items():
                if what == "values":
                    log.add(table.file, f"series {shown(name)} has no value before the last event", "check its dates")
                else:
                    fix = "give the series for each area or for one above all"
                    log.add(table.file, f"series {shown(name)} has no value for {what} or above it", fix)
            _note_late(series.day, table, window, request.every, notes)
    names = [covariate.name for covariate in made]
    for name in sorted({name for name in names if names.count(name) > 1}):
        log.add("", f"two covariates are called {shown(name)}", "rename one in its file")
    return tuple(made), simulated


def _note_late(day: Days, table: Table, window: Window, every: Every, notes: list[Note]) -> None:
    first = period_start(window.first, every)
    if len(day) and day.min() >= period_start(window.first + 1, every):
        notes.append(
            Note(
                f"{table.file} begins {day.min()}, after the first {every} ({first}): its first value stands before.",
                f"{table.file} mulai {day.min()}, sesudah {PERIODS[every]} pertama ({first}): nilai pertamanya dipakai "
                "untuk waktu sebelumnya.",
            )
        )


def effort_of(
    request: DatasetRequest, files: OpenFiles, areas: AreaTable, window: Window, notes: list[Note]
) -> tuple[FloatArray | None, bool]:
    """Visits by area and period; those of areas below the panel's are added up."""
    if "effort" not in files.tables:
        notes.append(
            Note(
                "No effort file: the correction for reporting effort is off.",
                "Tidak ada data sambang: koreksi atas rajin tidaknya melapor tidak dipakai.",
            )
        )
        return None, False
    table = files.tables["effort"]
    read = read_effort(table)
    if read is None:
        return None, False
    effort, simulated = read
    row_of = {str(code): row for row, code in enumerate(areas.code)}
    rows = np.array([_climb(str(code), row_of, areas.above) for code in effort.codes], dtype=np.int64)
    for index in np.flatnonzero(rows < 0):
        where = effort.area == index
        what = f"area {shown(effort.codes[index])} is not one of the areas of the forecast or below one"
        table.report(effort.row[where][:1], "area", [what], "use the codes of the area file")
    if (rows < 0).any() or len(rows) == 0:
        return None, simulated
    place = rows[effort.area]
    total = sum_by_period(place, effort.day, effort.visits, len(areas), request.every, window)
    if not total.any():
        notes.append(
            Note(
                f"{table.file} has no visit in the periods of the events: the correction for reporting effort is off.",
                f"{table.file} tidak memuat sambang pada waktu kejadian: koreksi atas rajin tidaknya melapor tidak "
                "dipakai.",
            )
        )
        return None, simulated
    return total, simulated


def _climb(code: str, row_of: Mapping[str, int], above: Mapping[str, str]) -> int:
    for _ in range(16):
        if code in row_of:
            return row_of[code]
        code = above.get(code) or parent_code(code)
        if not code:
            break
    return -1
