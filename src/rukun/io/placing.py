"""Where events fall: the areas of the panel, the row of each event, and who is whose neighbour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from rukun.core.areas import (
    MAX_ORDER,
    AreaTable,
    IntArray,
    Neighbours,
    chosen_areas,
    distance_neighbours,
    dotted_code,
    grid_neighbours,
    isolated,
    joined_to_nearest,
    orders_from_borders,
    panel_rows,
    parent_code,
    tree_neighbours,
    usual_reach,
)
from rukun.core.geometry import (
    Grid,
    GridError,
    border_pairs,
    local_projection,
    locate,
    locate_in_grid,
    measured,
    projected,
    square_grid,
)
from rukun.io.areas import AreaFile
from rukun.io.events import RawEvents
from rukun.io.notes import Note, counted, listed, many
from rukun.io.problems import shown
from rukun.io.report_words import localised
from rukun.io.tables import Table


@dataclass(frozen=True)
class Placed:
    """The panel's areas, the row of each event ((m,) int, -1 for none), and the grid where there is one."""

    areas: AreaTable
    place: IntArray
    grid: Grid | None = None


def place_by_code(raw: RawEvents, table: Table, area_file: AreaFile | None, notes: list[Note]) -> Placed | None:
    """Rows of events by the codes of their areas; None where codes are unknown, which is reported."""
    if area_file is None:
        return _named_by_events(raw, notes)
    full = area_file.table
    row_of = {str(code): row for row, code in enumerate(full.code)}
    rows = np.array([_row(str(code), row_of) for code in raw.codes], dtype=np.int64)
    used = np.unique(raw.code[raw.code >= 0])
    if raw.window is None:
        blank = raw.codes[used] == ""
        used = used[~blank]
        unknown = used[rows[used] < 0]
        events = np.bincount(raw.code, weights=raw.count, minlength=len(raw.codes)).astype(np.int64)
        first = np.full(len(raw.codes), np.iinfo(np.int64).max)
        np.minimum.at(first, raw.code, raw.row)
        whats = [
            f"area {shown(raw.codes[index])} is not in {area_file.file} ({many(int(events[index]), 'event')})"
            for index in unknown[:1000]
        ]
        table.report(first[unknown], "area", whats, f"its codes look like {full.code[-1]}")
    else:
        used = np.arange(len(raw.codes))
        for index in np.flatnonzero(rows < 0):
            what = f"column {shown(raw.codes[index])} is not the code of an area in {area_file.file}"
            table.report_header(what, f"its codes look like {full.code[-1]}")
    if (rows[used] < 0).any():
        return None
    chosen = panel_rows(full, rows[used])
    inside = np.isin(rows[used], chosen)
    for index in used[~inside]:
        what = f"area {shown(raw.codes[index])} lies above the areas of the other events"
        where = raw.code == index
        at = raw.row[where][:1] if where.any() else np.array([0])
        table.report(at, "area", [what], "count all events in areas of one level")
    if not inside.all():
        return None
    if raw.window is not None and len(used) < len(chosen):
        without = np.setdiff1d(chosen, rows[used])
        codes = full.code[without].tolist()
        notes.append(
            Note(
                f"Left out: {many(len(codes), 'area')} of {area_file.file} without a column in {table.file}: "
                f"{listed(codes)}.",
                f"Tidak dihitung: {counted(len(codes))} wilayah di {area_file.file} tanpa kolom di {table.file}: "
                f"{listed(codes, language='id')}.",
            )
        )
        chosen = np.sort(rows[used])
    to_panel = np.full(len(full) + 1, -1, dtype=np.int64)
    to_panel[chosen] = np.arange(len(chosen))
    place = to_panel[rows[raw.code]] if len(raw.codes) else raw.code
    return Placed(chosen_areas(full, chosen), place)


def _row(code: str, row_of: dict[str, int]) -> int:
    return row_of.get(code, row_of.get(dotted_code(code), -1))


def _named_by_events(raw: RawEvents, notes: list[Note]) -> Placed:
    # a matrix keeps the order of its columns; rows of events come in any order
    kept = np.flatnonzero(raw.codes != "")
    order = kept if raw.window is not None else kept[np.argsort(raw.codes[kept])]
    code = raw.codes[order]
    to_panel = np.full(len(raw.codes) + 1, -1, dtype=np.int64)
    to_panel[order] = np.arange(len(order))
    if raw.window is None:
        notes.append(
            Note(
                f"No area file: {many(len(code), 'area')} with an event taken for all; areas without any event are "
                "missing.",
                f"Tidak ada daftar wilayah: {counted(len(code))} wilayah yang ada kejadiannya dianggap semuanya; "
                "wilayah tanpa kejadian tidak ikut.",
            )
        )
    centroid = None
    if raw.longitude is not None and raw.latitude is not None:
        centroid = np.full((len(code), 2), np.nan)
        known = np.isfinite(raw.longitude) & np.isfinite(raw.latitude)
        if known.any():
            longitude, latitude, place = raw.longitude[known], raw.latitude[known], to_panel[raw.code[known]]
            points = projected(longitude, latitude, local_projection(longitude, latitude))
            weight = np.bincount(place[place >= 0], minlength=len(code))
            for axis in (0, 1):
                total = np.bincount(place[place >= 0], weights=points[place >= 0, axis], minlength=len(code))
                centroid[:, axis] = np.where(weight > 0, total / np.maximum(weight, 1), np.nan)
            notes.append(
                Note(
                    "The middle of each area is the mean of its events' coordinates, as there are no shapes.",
                    "Titik tengah tiap wilayah adalah rata-rata koordinat kejadiannya, karena tidak ada poligon.",
                )
            )
    areas = AreaTable(
        code=code,
        name=code,
        parent=np.array([parent_code(str(one)) for one in code], dtype=str),
        centroid=centroid,
    )
    return Placed(areas, to_panel[raw.code])


def place_by_point(
    raw: RawEvents, table: Table, area_file: AreaFile | None, edge: float | None, notes: list[Note]
) -> Placed | None:
    """Rows of events by their coordinates, in a grid of `edge` metres or among shapes; problems are reported."""
    assert raw.longitude is not None and raw.latitude is not None
    shapes = None
    if area_file is not None and area_file.table.shapes is not None:
        lowest = panel_rows(area_file.table)
        shapes = np.asarray(area_file.table.shapes.values, dtype=object)[lowest]
    grid: Grid | None = None
    if edge is not None:
        try:
            grid = square_grid(raw.longitude, raw.latitude, edge, shapes)
        except GridError as error:
            what = (
                f"a grid of {edge:g} m would have {error.cells:,.0f} cells; this point is the furthest from the others"
            )
            table.report(raw.row[[error.far]], None, [what], "check the point, choose larger cells, or give areas")
            return None
        areas, place = grid.areas, locate_in_grid(raw.longitude, raw.latitude, edge, grid)
        around, touched = (
            (f"the shapes of {area_file.file}", f"poligon {area_file.file}")
            if area_file is not None and shapes is not None
            else ("the convex hull of the points", "selubung cembung titik-titiknya")
        )
        notes.append(
            Note(
                f"Grid: {many(len(areas), 'cell')} of {edge:g} m that touch {around}; what lies outside isn't "
                "counted as surface at risk.",
                f"Petak: {counted(len(areas))} petak {localised(f'{edge:g}', 'id')} m yang menyentuh {touched}; di "
                "luarnya tidak dihitung sebagai luas berisiko.",
            )
        )
    elif area_file is not None and shapes is not None:
        areas, place = chosen_areas(area_file.table, lowest), locate(raw.longitude, raw.latitude, shapes)
    else:
        return None
    outside = int(raw.count[place < 0].sum())
    if outside and outside == int(raw.count.sum()):
        swapped = locate(raw.latitude, raw.longitude, shapes) if shapes is not None else np.full(1, -1)
        fix = (
            "latitude and longitude seem to be swapped"
            if (swapped >= 0).any()
            else "check the areas and the coordinates"
        )
        table.report(raw.row[:1], None, [f"all {outside:,} events lie outside the areas"], fix)
        return None
    if outside:
        notes.append(
            Note(
                f"Left out: {outside:,} of {many(raw.total, 'event')}, outside all areas.",
                f"Tidak dihitung: {counted(outside)} dari {counted(raw.total)} kejadian, di luar semua wilayah.",
            )
        )
    return Placed(areas, place, grid)


def find_neighbours(placed: Placed, max_order: int | None, notes: list[Note]) -> Neighbours:
    """Neighbours of the panel's areas where no file gives them: rings of a grid, borders, centroids, or the tree."""
    areas = placed.areas
    reach = MAX_ORDER if max_order is None else max_order
    if placed.grid is not None:
        return grid_neighbours(placed.grid.column, placed.grid.row, reach)
    if len(areas) == 1:
        return grid_neighbours(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), 1)
    if areas.shapes is not None:
        metric, centroid, _ = measured(np.asarray(areas.shapes.values, dtype=object))
        first = border_pairs(metric)
        islands = isolated(first)
        if len(islands):
            first = joined_to_nearest(first, islands, centroid)
            known = islands[np.isfinite(centroid[islands]).all(axis=1)]
            codes = areas.code[known].tolist()
            notes.append(
                Note(
                    f"Without a shared border: {many(len(codes), 'area')}, each taken for a neighbour of the area "
                    f"with the nearest centroid: {listed(codes)}.",
                    f"Tanpa batas bersama: {counted(len(codes))} wilayah, masing-masing dianggap bertetangga dengan "
                    f"wilayah yang titik tengahnya terdekat: {listed(codes, language='id')}.",
                )
            )
        return orders_from_borders(first, usual_reach(len(areas)) if max_order is None else max_order)
    if areas.centroid is not None:
        notes.append(
            Note(
                "Neighbours are the nearest by distance between centroids, as there are no shapes.",
                "Tetangga adalah yang titik tengahnya terdekat, karena tidak ada poligon.",
            )
        )
        return distance_neighbours(areas.centroid)
    neighbours = tree_neighbours(areas, min(reach, 2) if max_order is None else reach)
    if len(neighbours.index):
        notes.append(
            Note(
                "Neighbours are the areas of the same parent (order 1) or grandparent (order 2), as there are no "
                "shapes.",
                "Tetangga adalah wilayah dengan induk yang sama (orde 1) atau induk dari induk yang sama (orde 2), "
                "karena tidak ada poligon.",
            )
        )
    else:
        notes.append(
            Note(
                "No neighbours are known: the forecast's part from neighbours is off.",
                "Tetangga tidak diketahui: bagian prakiraan dari tetangga tidak dipakai.",
            )
        )
    return neighbours


def nothing_drawn(area_file: AreaFile) -> bool:
    """Whether an area file has no shapes, so that points can't be placed in it."""
    return area_file.table.shapes is None or bool(shapely.is_missing(np.asarray(area_file.table.shapes.values)).all())
