"""Polygons, points and square grids: repair, measure, join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from rukun.core.areas import AreaTable, FloatArray, IntArray, Neighbours, neighbours_of_pairs

Shapes = npt.NDArray[Any]

#: Metres by which two polygons may miss each other and still share a border: gaps and overlaps between drawn edges.
BORDER_TOLERANCE = 2.0
#: Cells of a grid beyond which a request is taken for a mistake.
MOST_CELLS = 2_000_000


class GridError(ValueError):
    """A grid that would have more than `MOST_CELLS` cells; far: row of the point furthest from the middle of all."""

    def __init__(self, cells: float, far: int) -> None:
        """Of so many cells."""
        self.cells = cells
        self.far = far
        super().__init__(f"a grid of {cells:,.0f} cells")


@dataclass(frozen=True)
class Grid:
    """Square cells: their areas, the column and row of each counted in edges from the projection's origin, and that."""

    areas: AreaTable
    column: IntArray
    row: IntArray
    projection: pyproj.CRS


def local_projection(longitude: FloatArray, latitude: FloatArray) -> pyproj.CRS:
    """A metric projection that hardly bends distances around these points (degrees, WGS84).

    Within six degrees of longitude and 80 degrees of latitude the UTM zone of the median point, which stays the same
    when a few points are added; beyond, Lambert's equal-area projection centred on a whole multiple of five degrees.
    """
    turn = np.deg2rad(longitude)
    middle = float(np.rad2deg(np.angle(np.exp(1j * turn).mean())))
    around = (longitude - middle + 180.0) % 360.0 - 180.0
    centre = (middle + float(np.median(around)) + 180.0) % 360.0 - 180.0
    level = float(np.median(latitude))
    if around.max() - around.min() <= 6.0 and np.abs(latitude).max() < 80.0:
        zone = min(int((centre + 180.0) // 6.0) + 1, 60)
        return pyproj.CRS.from_epsg((32600 if level >= 0 else 32700) + zone)
    return pyproj.CRS.from_proj4(
        f"+proj=laea +lat_0={5 * round(level / 5)} +lon_0={5 * round(centre / 5)} +datum=WGS84 +units=m +no_defs"
    )


def projected(longitude: FloatArray, latitude: FloatArray, projection: pyproj.CRS) -> FloatArray:
    """Points in metres of `projection`, (n, 2); nan where they can't be projected."""
    x, y = pyproj.Transformer.from_crs(4326, projection, always_xy=True).transform(longitude, latitude)
    points = np.column_stack((x, y)).astype(np.float64)
    points[~np.isfinite(points)] = np.nan
    return points


def repaired(shapes: Shapes) -> tuple[Shapes, IntArray]:
    """The polygons made valid, and the rows that weren't; empty, missing and other geometries become None.

    Of a repaired polygon only the parts with a surface stay.
    """
    whole = np.array(shapes, dtype=object)
    kinds = shapely.get_type_id(whole)
    whole[~np.isin(kinds, (3, 6)) | shapely.is_empty(whole)] = None
    bad = np.flatnonzero(~shapely.is_valid(whole) & ~shapely.is_missing(whole))
    for row in bad:
        parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(whole[row])))
        surfaces = parts[shapely.get_type_id(parts) == 3]
        whole[row] = shapely.union_all(surfaces) if len(surfaces) else None
    return whole, bad.astype(np.int64)


def measured(shapes: Shapes) -> tuple[Shapes, FloatArray, FloatArray]:
    """Shapes in a local metric projection, centroids ((n, 2) m), surfaces ((n,) km2).

    shapes: (n,) polygons in degrees (WGS84) or None, which gives nan. Raises ValueError when all are None.
    """
    there = ~shapely.is_missing(shapes)
    if not there.any():
        raise ValueError("no polygon among the shapes")
    west, south, east, north = shapely.bounds(shapes[there]).T
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    corners_x, corners_y = np.concatenate((west, middle_x, east)), np.concatenate((south, middle_y, north))
    transformer = pyproj.Transformer.from_crs(4326, local_projection(corners_x, corners_y), always_xy=True)
    metric = shapely.transform(shapes, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))
    centre = shapely.centroid(metric)
    return metric, np.column_stack((shapely.get_x(centre), shapely.get_y(centre))), shapely.area(metric) / 1e6


def border_pairs(metric: Shapes, tolerance: float = BORDER_TOLERANCE) -> Neighbours:
    """Areas that share a border: polygons within `tolerance` metres of each other, so that slivers don't part them.

    metric: (n,) valid polygons in metres, or None.
    """
    tree = shapely.STRtree(metric)
    one, other = tree.query(metric, predicate="dwithin", distance=tolerance)
    once = one < other
    return neighbours_of_pairs(len(metric), one[once], other[once], np.ones(int(once.sum())), "order", "shared borders")


def locate(longitude: FloatArray, latitude: FloatArray, shapes: Shapes) -> IntArray:
    """Row of the shape that holds each point, (n,) int, -1 for none; the first of several.

    longitude, latitude: (n,) degrees; shapes: (m,) polygons in degrees, or None.
    """
    points, where = np.unique(np.column_stack((longitude, latitude)), axis=0, return_inverse=True)
    found = np.full(len(points), len(shapes), dtype=np.int64)
    # the tree holds the points, so that each shape, which may have many corners, is prepared once
    placed: Shapes = np.asarray(shapely.points(points), dtype=object)
    shape, point = shapely.STRtree(placed).query(shapes, predicate="intersects")
    np.minimum.at(found, point, shape)
    return np.where(found == len(shapes), -1, found)[where.ravel()]


def square_grid(longitude: FloatArray, latitude: FloatArray, edge: float, within: Shapes | None = None) -> Grid:
    """Square cells of `edge` metres in a local projection: those that touch the points' convex hull, or `within`.

    The box around the points isn't all at risk (sea, the next county), so cells outside the hull are left out: with
    them every count of surface at risk, and every hit rate by surface, would flatter the forecast.
    Codes such as E02856N17322 count cells from the projection's origin, so they stay when points are added.
    longitude, latitude: (n,) degrees, n >= 1; within: polygons in degrees, or None. Raises `GridError`.
    """
    projection = local_projection(longitude, latitude)
    points = projected(longitude, latitude, projection)
    if within is None:
        extent = shapely.convex_hull(shapely.multipoints(points))
    else:
        transformer = pyproj.Transformer.from_crs(4326, projection, always_xy=True)
        known = within[~shapely.is_missing(within)]
        extent = shapely.transform(
            shapely.union_all(known), lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))
        )
    low = np.floor(np.array(shapely.bounds(extent)[:2]) / edge)
    high = np.floor(np.array(shapely.bounds(extent)[2:]) / edge)
    cells = float(np.prod(high - low + 1))
    if not cells <= 8 * MOST_CELLS:
        raise GridError(cells, int(np.nanargmax(np.linalg.norm(points - np.nanmedian(points, axis=0), axis=1))))
    column, row = (
        part.ravel().astype(np.int64)
        for part in np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
    )
    squares = shapely.box(column * edge, row * edge, (column + 1) * edge, (row + 1) * edge)
    shapely.prepare(extent)
    kept = np.atleast_1d(shapely.intersects(extent, squares))
    if within is None:  # a point on the upper edge of a cell belongs to the next one, which the hull only touches
        kept |= np.isin(_key(column, row), _key(*np.floor(points / edge).astype(np.int64).T))
    if int(kept.sum()) > MOST_CELLS:
        raise GridError(float(kept.sum()), int(np.argmax(np.linalg.norm(points - points.mean(axis=0), axis=1))))
    return _grid(column[kept], row[kept], edge, projection)


def _grid(column: IntArray, row: IntArray, edge: float, projection: pyproj.CRS) -> Grid:
    back = pyproj.Transformer.from_crs(projection, 4326, always_xy=True)
    squares = shapely.box(column * edge, row * edge, (column + 1) * edge, (row + 1) * edge)
    shapes = shapely.transform(squares, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))
    digits = max(len(str(int(np.abs(np.concatenate((column, row))).max()))), 4)
    code = np.array([f"E{x:0{digits}d}N{y:0{digits}d}" for x, y in zip(column.tolist(), row.tolist(), strict=True)])
    areas = AreaTable(
        code=code,
        name=code,
        parent=np.full(len(code), ""),
        centroid=np.column_stack((column + 0.5, row + 0.5)) * edge,
        surface=np.full(len(code), edge * edge / 1e6),
        shapes=gpd.GeoSeries(shapes, crs=4326),
    )
    return Grid(areas, column, row, projection)


def locate_in_grid(longitude: FloatArray, latitude: FloatArray, edge: float, grid: Grid) -> IntArray:
    """Row of the cell that holds each point, (n,) int, -1 for none; a cell holds its lower and left edge."""
    points = projected(longitude, latitude, grid.projection)
    known = np.asarray(np.isfinite(points).all(axis=1))
    cell = np.floor(np.where(known[:, None], points, 0.0) / edge).astype(np.int64)
    key = _key(grid.column, grid.row)
    ranked = np.argsort(key)
    wanted = _key(cell[:, 0], cell[:, 1])
    place = np.minimum(np.searchsorted(key[ranked], wanted), len(key) - 1)
    return np.where(known & (np.take(key[ranked], place) == wanted), ranked[place], -1)


def _key(column: IntArray, row: IntArray) -> IntArray:
    return np.asarray(row * np.int64(2**31) + column)
