"""The area tree and adjacency, against slow obvious counts."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rukun.core.areas import (
    AreaTable,
    Neighbours,
    ancestry,
    chosen_areas,
    distance_neighbours,
    dotted_code,
    grid_neighbours,
    isolated,
    joined_to_nearest,
    nearest_listed,
    neighbours_of_pairs,
    orders_from_borders,
    panel_rows,
    parent_code,
    tree_neighbours,
    up_to_order,
)


def table(*codes: str, parents: list[str] | None = None) -> AreaTable:
    code = np.array(codes)
    return AreaTable(code, code, np.array(parents or [parent_code(one) for one in codes]))


def dense(neighbours: Neighbours) -> np.ndarray:
    n = len(neighbours)
    matrix = np.zeros((n, n))
    for row in range(n):
        for place in range(neighbours.start[row], neighbours.start[row + 1]):
            matrix[row, neighbours.index[place]] = neighbours.order[place]
    return matrix


def check_form(neighbours: Neighbours) -> None:
    """CSR, ascending, symmetric, no diagonal, orders from 1."""
    matrix = dense(neighbours)
    assert (matrix == matrix.T).all() and not matrix.diagonal().any()
    assert (neighbours.order >= 1).all() and neighbours.start[-1] == len(neighbours.index) == (matrix > 0).sum()
    for row in range(len(neighbours)):
        inside = neighbours.index[neighbours.start[row] : neighbours.start[row + 1]]
        assert (np.diff(inside) > 0).all()


def test_codes_of_the_ministry() -> None:
    assert [parent_code(code) for code in ("74.71.01.1001", "74.71.01", "74.71", "74")] == [
        "74.71.01",
        "74.71",
        "74",
        "",
    ]
    assert [parent_code(code) for code in ("8336", "E0100N0200", "a.b", "1.2")] == ["", "", "", ""]
    assert [dotted_code(code) for code in ("7471011001", "747101", "7471", "74", "8336x", "03401")] == [
        "74.71.01.1001",
        "74.71.01",
        "74.71",
        "74",
        "8336x",
        "03401",
    ]


def test_ancestry_follows_given_parents_then_codes() -> None:
    villages = table("74.71.01.1001", "74.01.01.2001")
    assert ancestry(villages).tolist()[0] == ["74.71.01.1001", "74.71.01", "74.71", "74"]
    named = AreaTable(np.array(["a", "b"]), np.array(["a", "b"]), np.array(["x", ""]), above={"x": "y"})
    assert ancestry(named).tolist() == [["a", "x", "y"], ["b", "", ""]]
    circle = AreaTable(np.array(["a"]), np.array(["a"]), np.array(["b"]), above={"b": "c", "c": "b"})
    assert ancestry(circle).shape[0] == 1, "a circle of parents ends"


def test_the_nearest_listed_ancestor_wins() -> None:
    villages = table("74.71.01.1001", "74.71.02.1001", "75.01.01.1001")
    assert nearest_listed(villages, np.array(["74", "74.71.01"])).tolist() == [1, 0, -1]
    assert nearest_listed(villages, np.array(["", "74.71.02.1001"])).tolist() == [0, 1, 0]


def test_rows_of_a_panel_are_one_level() -> None:
    full = table("74", "74.71", "74.71.01", "74.71.01.1001", "74.71.01.1002", "74.72")
    assert full.code[panel_rows(full)].tolist() == ["74.71.01.1001", "74.71.01.1002", "74.72"]
    assert full.code[panel_rows(full, np.array([1, 5]))].tolist() == ["74.71", "74.72"]
    assert full.code[panel_rows(full, np.array([1, 3]))].tolist() == full.code[panel_rows(full)].tolist()
    chosen = chosen_areas(full, np.array([3, 4]))
    assert chosen.above["74.71.01"] == "74.71" and len(chosen) == 2


def test_pairs_become_symmetric_with_the_least_order() -> None:
    neighbours = neighbours_of_pairs(4, [0, 1, 2, 3], [1, 0, 0, 3], [2.0, 1.0, 3.0, 1.0], "order", "given")
    check_form(neighbours)
    assert dense(neighbours).tolist() == [[0, 1, 3, 0], [1, 0, 0, 0], [3, 0, 0, 0], [0, 0, 0, 0]]
    assert isolated(neighbours).tolist() == [3]
    assert dense(up_to_order(neighbours, 2)).max() == 1


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11))), st.integers(1, 6))
def test_orders_are_the_least_number_of_borders(n: int, edges: list[tuple[int, int]], max_order: int) -> None:
    kept = [(one, other) for one, other in edges if one < n and other < n]
    first = neighbours_of_pairs(n, [a for a, _ in kept], [b for _, b in kept], np.ones(len(kept)), "order", "x")
    orders = orders_from_borders(first, max_order)
    check_form(orders)
    matrix, adjacent = dense(orders), dense(first) > 0
    for source in range(n):
        away = {source: 0}
        queue = deque([source])
        while queue:
            here = queue.popleft()
            for there in np.flatnonzero(adjacent[here]):
                if there not in away:
                    away[int(there)] = away[here] + 1
                    queue.append(int(there))
        for other in range(n):
            expected = away.get(other, 0)
            assert matrix[source, other] == (expected if expected <= max_order else 0)


def test_islands_get_the_nearest_area() -> None:
    centroid = np.array([[0.0, 0], [1, 0], [10, 0], [np.nan, np.nan]])
    first = neighbours_of_pairs(4, [0], [1], [1.0], "order", "shared borders")
    joined = joined_to_nearest(first, isolated(first), centroid)
    check_form(joined)
    assert dense(joined)[2].tolist() == [0, 1, 0, 0], "the nearest of area 2 is area 1"
    assert isolated(joined).tolist() == [3], "an area without a place is near nothing"


def test_distance_in_units_of_the_median_nearest() -> None:
    centroid = np.array([[0.0, 0], [100, 0], [200, 0], [1000, 0], [np.nan, 0]])
    neighbours = distance_neighbours(centroid)
    check_form(neighbours)
    assert neighbours.kind == "distance"
    expected = [[0, 1, 2, 10, 0], [1, 0, 1, 9, 0], [2, 1, 0, 8, 0], [10, 9, 8, 0, 0], [0] * 5]
    assert dense(neighbours).tolist() == expected
    assert dense(distance_neighbours(centroid, radius=150)).tolist()[1][:3] == [1, 0, 1]
    assert len(distance_neighbours(centroid, nearest=1).index) == 6, "nearest of each, both ways"


def test_places_that_coincide_have_distance_one() -> None:
    neighbours = distance_neighbours(np.zeros((3, 2)))
    assert (dense(neighbours) + np.eye(3) == 1).all()


def test_distance_in_the_tree() -> None:
    villages = table("74.71.01.1001", "74.71.01.1002", "74.71.02.1001", "74.01.01.1001", "xx")
    matrix = dense(tree_neighbours(villages))
    assert matrix.tolist() == [[0, 1, 2, 0, 0], [1, 0, 2, 0, 0], [2, 2, 0, 0, 0], [0] * 5, [0] * 5]
    assert dense(tree_neighbours(villages, 3))[0].tolist() == [0, 1, 2, 3, 0]
    assert len(tree_neighbours(table("a", "b")).index) == 0, "no parents, no relation"


@settings(max_examples=40, deadline=None)
@given(st.sets(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=40), st.integers(1, 4))
def test_grid_rings_are_chebyshev_distances(cells: set[tuple[int, int]], max_order: int) -> None:
    column, row = np.array(sorted(cells)).T
    neighbours = grid_neighbours(column, row, max_order)
    check_form(neighbours)
    ring = np.maximum(np.abs(column[:, None] - column), np.abs(row[:, None] - row))
    assert (dense(neighbours) == np.where(ring <= max_order, ring, 0)).all()


def test_tens_of_thousands_of_areas_take_seconds() -> None:
    side = 290
    column, row = (part.ravel() for part in np.meshgrid(np.arange(side), np.arange(side)))
    rings = grid_neighbours(column, row, 2)
    assert len(rings) == side * side and len(rings.index) == pytest.approx(24 * side * side, rel=0.03)
