"""Repair, joins, borders and grids on shapes small enough to check by eye."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from rukun.core.geometry import (
    GridError,
    border_pairs,
    local_projection,
    locate,
    locate_in_grid,
    measured,
    projected,
    repaired,
    square_grid,
)


def shapes(*polygons: object) -> np.ndarray:
    return np.array(polygons, dtype=object)


def test_a_bow_tie_is_repaired_and_lines_are_dropped() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    spike = shapely.Polygon([(0, 0), (1, 0), (1, 1), (1, 0), (0, 0)])
    fine = shapely.box(0, 0, 1, 1)
    fixed, bad = repaired(shapes(bow, fine, None, shapely.Point(0, 0), spike, shapely.Polygon()))
    assert bad.tolist() == [0, 4]
    assert shapely.is_valid(fixed[[0, 1]]).all() and fixed[0].area == pytest.approx(2.0)
    assert [one is None for one in fixed] == [False, False, True, True, True, True]


def test_surface_and_centroid_in_metres() -> None:
    # a degree square at the equator: 111.32 km by 110.57 km
    metric, centroid, surface = measured(shapes(shapely.box(122, 0, 123, 1), None, shapely.box(123, 0, 124, 1)))
    assert surface[0] == pytest.approx(12308, rel=2e-3) and np.isnan(surface[1])
    assert np.linalg.norm(centroid[2] - centroid[0]) == pytest.approx(111_320, rel=2e-3)
    assert metric[1] is None
    with pytest.raises(ValueError, match="no polygon"):
        measured(shapes(None))


def test_projection_is_utm_nearby_and_equal_area_far() -> None:
    assert local_projection(np.array([122.5]), np.array([-4.0])).to_epsg() == 32751
    assert local_projection(np.array([-84.5]), np.array([39.1])).to_epsg() == 32616
    assert local_projection(np.array([179.9, -179.9]), np.array([10.0, 10.0])).to_epsg() in (32660, 32601)
    wide = local_projection(np.array([95.0, 141.0]), np.array([-5.0, 5.0]))
    assert wide.to_epsg() is None and "Lambert Azimuthal Equal Area" in wide.to_wkt()


def test_points_on_borders_go_to_the_first_shape() -> None:
    squares = shapes(shapely.box(0, 0, 1, 1), None, shapely.box(1, 0, 2, 1), shapely.box(0.5, 0, 1.5, 1))
    longitude = np.array([0.2, 1.0, 1.8, 5.0, 0.7, 1.2])
    latitude = np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.0])
    assert locate(longitude, latitude, squares).tolist() == [0, 0, 2, -1, 0, 2]
    assert locate(longitude[::-1], latitude[::-1], squares).tolist() == [2, 0, -1, 2, 0, 0]


def test_slivers_neither_part_nor_join() -> None:
    left, gap, overlap, far = (shapely.box(x, 0, x + 1000, 1000) for x in (0, 1001, 1990, 3100))
    pairs = border_pairs(shapes(left, gap, overlap, far, None))
    rows = np.repeat(np.arange(5), np.diff(pairs.start))
    assert list(zip(rows.tolist(), pairs.index.tolist(), strict=True)) == [(0, 1), (1, 0), (1, 2), (2, 1)]


def test_every_point_has_a_cell_and_the_corners_of_the_box_have_none() -> None:
    rng = np.random.default_rng(3)
    angle, radius = rng.uniform(0, 2 * np.pi, 400), 0.05 * np.sqrt(rng.uniform(0, 1, 400))
    longitude, latitude = 122.5 + radius * np.cos(angle), -4 + radius * np.sin(angle)
    grid = square_grid(longitude, latitude, 500.0)
    place = locate_in_grid(longitude, latitude, 500.0, grid)
    assert (place >= 0).all()
    across = np.ptp(grid.column) + 1, np.ptp(grid.row) + 1
    assert len(grid.areas) < 0.9 * across[0] * across[1]
    assert grid.areas.surface is not None and (grid.areas.surface == 0.25).all()
    # the cell's shape holds the point as well (the edges of a square in metres are all but straight in degrees)
    cells = np.asarray(grid.areas.shapes.values)[place]
    assert shapely.dwithin(cells, shapely.points(longitude, latitude), 1e-7).all()
    assert len(set(grid.areas.code.tolist())) == len(grid.areas)


def test_codes_of_cells_stay_when_a_point_is_added() -> None:
    longitude, latitude = np.array([122.5, 122.6]), np.array([-4.0, -4.1])
    before = square_grid(longitude, latitude, 250.0)
    after = square_grid(np.append(longitude, 122.9), np.append(latitude, -4.3), 250.0)
    first = before.areas.code[locate_in_grid(longitude, latitude, 250.0, before)]
    assert first.tolist() == after.areas.code[locate_in_grid(longitude, latitude, 250.0, after)].tolist()


def test_a_grid_within_shapes_covers_them_alone() -> None:
    island = shapely.box(122.0, -4.0, 122.1, -3.9)
    grid = square_grid(np.array([122.05, 123.0]), np.array([-3.95, -3.0]), 1000.0, shapes(island, None))
    place = locate_in_grid(np.array([122.05, 123.0]), np.array([-3.95, -3.0]), 1000.0, grid)
    assert place[0] >= 0 and place[1] == -1
    assert 11 * 11 <= len(grid.areas) <= 13 * 13


def test_a_point_at_the_other_end_of_the_world_is_named() -> None:
    with pytest.raises(GridError) as raised:
        square_grid(np.array([122.0, 10.0, 122.1]), np.array([-4.0, 50.0, -4.1]), 250.0)
    assert raised.value.far == 1


def test_one_point_is_one_cell() -> None:
    grid = square_grid(np.array([122.0]), np.array([-4.0]), 250.0)
    assert len(grid.areas) == 1
    assert np.isfinite(projected(np.array([122.0]), np.array([-4.0]), grid.projection)).all()
