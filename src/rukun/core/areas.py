"""Areas, the tree they stand in, and how far they are from each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy import sparse, spatial

if TYPE_CHECKING:
    import geopandas as gpd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
StrArray = npt.NDArray[Any]

#: How far neighbourhoods reach where nobody says, among more areas than these; fewer are followed to the end.
MAX_ORDER = 5
FEW_AREAS = 500
#: Neighbours by distance where nobody says: enough for a power law to fade in.
NEAREST = 24
#: Pairs kept in a tree distance; a level that would exceed it is left out.
_TREE_PAIRS = 40_000_000
_KEMENDAGRI = re.compile(r"\d{2}(\.\d{2}){1,2}(\.\d{4})?|\d{2}")


@dataclass(frozen=True)
class AreaTable:
    """The areas of one panel, in the order of its rows.

    code: (n,) str, unique; name: (n,) str; parent: (n,) str, "" where there is none (a code one level up, whether or
    not that code is itself a row); population: (n,) > 0, or None when it isn't known.
    centroid: (n, 2) metres in a local metric projection, or None; surface: (n,) km2, or None.
    shapes: (n,) row-aligned GeoSeries in WGS84, or None.
    above: parent of codes that are not rows, where they are known and don't follow from the code.
    """

    code: StrArray
    name: StrArray
    parent: StrArray
    population: FloatArray | None = None
    centroid: FloatArray | None = None
    surface: FloatArray | None = None
    shapes: gpd.GeoSeries | None = None
    above: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of areas."""
        return len(self.code)


@dataclass(frozen=True)
class Neighbours:
    """Which areas are near which, as a sparse symmetric matrix in CSR form without the diagonal.

    start: (n + 1,) int; index: (m,) int, the neighbours of area i are index[start[i]:start[i + 1]], ascending;
    order: (m,) float >= 1: neighbourhood order (1 shares a border, 2 is a neighbour's neighbour, ...) or, with
    kind "distance", distance divided by the median distance to the nearest neighbour, floored at 1, so that a power law
    reads both.
    kind: "order" | "distance" | "tree"; source: in words, for reports ("given", "shared borders", ...).
    """

    start: IntArray
    index: IntArray
    order: FloatArray
    kind: str = "order"
    source: str = "given"

    def __len__(self) -> int:
        """Number of areas."""
        return len(self.start) - 1


def parent_code(code: str) -> str:
    """The Kemendagri code one level up ("74.71.01" of "74.71.01.1001"), or "" where there is none."""
    return code.rpartition(".")[0] if _KEMENDAGRI.fullmatch(code) else ""


def dotted_code(code: str) -> str:
    """A Kemendagri code written without dots with its dots ("7471011001" gives "74.71.01.1001"); others unchanged."""
    if not code.isdecimal() or len(code) not in (4, 6, 10):
        return code
    return ".".join(part for part in (code[:2], code[2:4], code[4:6], code[6:]) if part)


def ancestry(areas: AreaTable) -> StrArray:
    """Each area's own code and those above it: (n, levels) str, "" above the top."""
    levels = [areas.code, areas.parent]
    seen = 0
    while (levels[-1] != "").any() and seen < 16:  # a circle among given parents must not run for ever
        codes, where = np.unique(levels[-1], return_inverse=True)
        above = np.array([areas.above.get(str(code), parent_code(str(code))) for code in codes], dtype=str)
        levels.append(above[where])
        seen += 1
    width = max(level.dtype.itemsize // 4 for level in levels[:-1]) if len(levels) > 1 else 1
    return np.stack([level.astype(f"<U{max(width, 1)}") for level in levels[:-1]], axis=1)


def nearest_listed(areas: AreaTable, codes: StrArray) -> IntArray:
    """For each area the row of `codes` that names it or else the nearest area above it; (n,) int, -1 for none.

    A row "" of `codes` stands above all.
    """
    row = {str(code): number for number, code in enumerate(codes)}
    found = np.full(len(areas), -1, dtype=np.int64)
    for level in ancestry(areas).T:
        names, where = np.unique(level, return_inverse=True)
        rows = np.array([row.get(str(name), -1) if name else -1 for name in names], dtype=np.int64)[where]
        found = np.where(found < 0, rows, found)
    return np.where(found < 0, row.get("", -1), found)


def panel_rows(areas: AreaTable, used: IntArray | None = None) -> IntArray:
    """Rows of the areas that a panel is made of: those without others below them, or the one level that events use.

    used: rows that events name. Where all of them stand on one level that isn't the lowest, that level's rows.
    """
    lowest = ~np.isin(areas.code, areas.parent)
    if used is None or len(used) == 0 or lowest[used].all():
        return np.flatnonzero(lowest).astype(np.int64)
    depth = (ancestry(areas) != "").sum(axis=1)
    if (depth[used] == depth[used[0]]).all():
        return np.flatnonzero(depth == depth[used[0]]).astype(np.int64)
    return np.flatnonzero(lowest).astype(np.int64)


def chosen_areas(areas: AreaTable, rows: IntArray) -> AreaTable:
    """The areas of these rows; the parents of all others stay known."""
    left = np.ones(len(areas), dtype=bool)
    left[rows] = False
    parents = dict(zip(areas.code[left].tolist(), areas.parent[left].tolist(), strict=True))
    return AreaTable(
        code=areas.code[rows],
        name=areas.name[rows],
        parent=areas.parent[rows],
        population=None if areas.population is None else areas.population[rows],
        centroid=None if areas.centroid is None else areas.centroid[rows],
        surface=None if areas.surface is None else areas.surface[rows],
        shapes=None if areas.shapes is None else areas.shapes.iloc[rows].reset_index(drop=True),
        above={**areas.above, **parents},
    )


def usual_reach(n_areas: int) -> int:
    """Highest neighbourhood order that is followed where nobody says."""
    return MAX_ORDER if n_areas > FEW_AREAS else max(n_areas, 1)


def neighbours_of_pairs(
    n_areas: int, one: npt.ArrayLike, other: npt.ArrayLike, order: npt.ArrayLike, kind: str, source: str
) -> Neighbours:
    """Neighbours from pairs of rows, in one or both directions; the least order of a repeated pair counts.

    one, other: (m,) int rows below n_areas; order: (m,) float >= 1.
    """
    first, second = np.asarray(one, dtype=np.int64), np.asarray(other, dtype=np.int64)
    apart = first != second
    rank = np.asarray(order, dtype=np.float64)[apart]
    row = np.concatenate((first[apart], second[apart]))
    column = np.concatenate((second[apart], first[apart]))
    rank = np.concatenate((rank, rank))
    ranked = np.lexsort((rank, column, row))
    row, column, rank = row[ranked], column[ranked], rank[ranked]
    fresh = np.ones(len(row), dtype=bool)
    fresh[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    start = np.concatenate(([0], np.cumsum(np.bincount(row[fresh], minlength=n_areas)))).astype(np.int64)
    return Neighbours(start, column[fresh], rank[fresh], kind, source)


def no_neighbours(n_areas: int, source: str) -> Neighbours:
    """Areas of which none is near another."""
    return Neighbours(np.zeros(n_areas + 1, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0), "order", source)


def up_to_order(neighbours: Neighbours, max_order: float) -> Neighbours:
    """The same without the pairs of an order above `max_order`."""
    row = np.repeat(np.arange(len(neighbours)), np.diff(neighbours.start))
    near = neighbours.order <= max_order
    return neighbours_of_pairs(
        len(neighbours), row[near], neighbours.index[near], neighbours.order[near], neighbours.kind, neighbours.source
    )


def isolated(neighbours: Neighbours) -> IntArray:
    """Rows of the areas without any neighbour."""
    return np.flatnonzero(np.diff(neighbours.start) == 0).astype(np.int64)


def orders_from_borders(first: Neighbours, max_order: int = MAX_ORDER) -> Neighbours:
    """Neighbourhood orders up to `max_order`: the least number of borders from one area to another.

    first: pairs of order 1. Breadth-first over all areas at once, as products of sparse matrices.
    """
    n = len(first)
    border: Any = sparse.csr_array((np.ones(len(first.index), dtype=np.int32), first.index, first.start), shape=(n, n))
    reached = (border + sparse.eye_array(n, dtype=np.int32, format="csr")).astype(bool)
    frontier = border
    rows, columns, orders = [border.tocoo().row], [border.tocoo().col], [np.ones(border.nnz)]
    for order in range(2, max_order + 1):
        candidates = (frontier @ border).astype(bool)
        fresh = (candidates > reached).tocoo()
        if fresh.nnz == 0:
            break
        rows.append(fresh.row)
        columns.append(fresh.col)
        orders.append(np.full(fresh.nnz, float(order)))
        frontier = sparse.csr_array((np.ones(fresh.nnz, dtype=np.int32), (fresh.row, fresh.col)), shape=(n, n))
        reached = (reached + fresh.tocsr()).astype(bool)
    return neighbours_of_pairs(
        n, np.concatenate(rows), np.concatenate(columns), np.concatenate(orders), "order", first.source
    )


def joined_to_nearest(neighbours: Neighbours, rows: IntArray, centroid: FloatArray) -> Neighbours:
    """The same, with each of `rows` (islands) a neighbour of order 1 of the area whose centroid is nearest.

    centroid: (n, 2) metres, nan where unknown.
    """
    if len(rows) == 0 or len(centroid) < 2:
        return neighbours
    nearest = _tree(centroid).query(np.nan_to_num(centroid[rows]), k=2)[1]
    other = np.where(nearest[:, 0] == rows, nearest[:, 1], nearest[:, 0])
    # an area without a shape has no centroid: it can't be near anything
    known = np.isfinite(centroid[rows]).all(axis=1) & np.isfinite(centroid[other]).all(axis=1)
    row = np.repeat(np.arange(len(neighbours)), np.diff(neighbours.start))
    return neighbours_of_pairs(
        len(neighbours),
        np.concatenate((row, rows[known])),
        np.concatenate((neighbours.index, other[known])),
        np.concatenate((neighbours.order, np.ones(int(known.sum())))),
        neighbours.kind,
        neighbours.source,
    )


def distance_neighbours(centroid: FloatArray, nearest: int = NEAREST, radius: float | None = None) -> Neighbours:
    """The `nearest` areas of each by distance between centroids (both ways), or all within `radius` metres.

    centroid: (n, 2) metres, nan where unknown. Order is distance over the median distance to the nearest, floored at 1.
    """
    n = len(centroid)
    known = np.flatnonzero(np.isfinite(centroid).all(axis=1))
    if len(known) < 2:
        return no_neighbours(n, "distance between centroids")
    tree = _tree(centroid[known])
    far, near = tree.query(centroid[known], k=min(nearest + 1, len(known)))
    positive = np.where(far > 0, far, np.inf).min(axis=1)
    unit = float(np.median(positive[np.isfinite(positive)])) if np.isfinite(positive).any() else 1.0
    if radius is None:
        one, other, metres = np.repeat(np.arange(len(known)), near.shape[1]), near.ravel(), far.ravel()
    else:
        pairs = tree.query_pairs(radius, output_type="ndarray")
        one, other = pairs[:, 0], pairs[:, 1]
        metres = np.linalg.norm(centroid[known[one]] - centroid[known[other]], axis=1)
    order = np.maximum(metres / unit, 1.0)
    return neighbours_of_pairs(n, known[one], known[other], order, "distance", "distance between centroids")


def tree_neighbours(areas: AreaTable, max_order: int = 2) -> Neighbours:
    """Distance in the area tree: 1 with the same parent, 2 with the same grandparent, and so on up to `max_order`.

    A level that would make more than 40 million pairs is left out, with those above it.
    """
    one: list[IntArray] = []
    other: list[IntArray] = []
    order: list[FloatArray] = []
    levels = ancestry(areas).T[1 : max_order + 1]
    for rank, level in enumerate(levels, start=1):
        members = np.flatnonzero(level != "")
        if len(members) == 0:
            continue
        _, group = np.unique(level[members], return_inverse=True)
        size = np.bincount(group)
        if int((size.astype(np.int64) ** 2).sum()) > _TREE_PAIRS:
            break
        ranked = members[np.argsort(group, kind="stable")]
        begin = np.concatenate(([0], np.cumsum(size)[:-1]))
        repeats = np.repeat(size, size)
        one.append(np.repeat(ranked, repeats))
        offset = np.arange(int(repeats.sum())) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        other.append(ranked[np.repeat(np.repeat(begin, size), repeats) + offset])
        order.append(np.full(len(one[-1]), float(rank)))
    if not one:
        return no_neighbours(len(areas), "area tree")
    return neighbours_of_pairs(
        len(areas), np.concatenate(one), np.concatenate(other), np.concatenate(order), "tree", "area tree"
    )


def grid_neighbours(column: IntArray, row: IntArray, max_order: int = MAX_ORDER) -> Neighbours:
    """Cells of a square grid around each other: order k is the k-th ring (Chebyshev); column, row: (n,) int."""
    width = int(column.max() - column.min()) + 2 * max_order + 1
    key = (row - row.min()) * width + (column - column.min())
    ranked = np.argsort(key)
    lookup = key[ranked]
    one: list[IntArray] = []
    other: list[IntArray] = []
    order: list[FloatArray] = []
    for down in range(max_order + 1):
        for right in range(-max_order, max_order + 1):
            if down == 0 and right <= 0:  # the other half of the plane follows by symmetry
                continue
            wanted = key + down * width + right
            place = np.minimum(np.searchsorted(lookup, wanted), len(lookup) - 1)
            hit = np.flatnonzero(lookup[place] == wanted)
            one.append(hit)
            other.append(ranked[place[hit]])
            order.append(np.full(len(hit), float(max(down, abs(right)))))
    return neighbours_of_pairs(
        len(key), np.concatenate(one), np.concatenate(other), np.concatenate(order), "order", "grid"
    )


def _tree(centroid: FloatArray) -> Any:
    return spatial.KDTree(np.where(np.isfinite(centroid), centroid, 1e12))
